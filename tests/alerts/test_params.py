"""The question of a saved search: one spelling, read as a search is, and refused when it would meet everything."""

from __future__ import annotations

import pytest

from alerts.params import canonical, check, request_of
from engine.errors import BadParameter, QuerySyntaxError, RequestError, UnknownParameter
from search.request import FacetFilter


def test_one_spelling_and_q_as_typed() -> None:
    pairs = [
        ("q", "  Lavrov  "),
        ("actor", "ONU"),
        ("cursor", "abc"),
        ("actor", "Wang Yi"),
        ("actor", "ONU"),
        ("from", ""),
    ]
    assert canonical(pairs) == {"actor": ["ONU", "Wang Yi"], "q": ["  Lavrov  "]}


def test_it_is_the_search_the_api_would_make() -> None:
    request = request_of({"q": ["lavrov"], "actor": ["ONU", "Wang Yi"], "from": ["2022-08-01"]})
    assert (request.q, request.filters) == ("lavrov", {"actor": FacetFilter(any=("ONU", "Wang Yi"))})


@pytest.mark.parametrize(
    "params",
    [
        {"q": ["lavrov"]},
        {"q": ["titre:lavrov SAUF wang"]},
        {"q": ["lavrov OU \"phnom penh\""]},
        {"q": ["acteur:ONU"]},
        {"q": ["date:7j lavrov"]},
        {"actor": ["ONU"]},
        {"topic.all": ["Diplomatie"], "q": ["SAUF wang"]},
    ],
)  # fmt: skip
def test_what_asks_for_something_is_taken(params: dict[str, list[str]]) -> None:
    assert check(params)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"q": [" "]},
        {"sort": ["newest"], "versions": ["all"]},
        {"q": ["date:7j"]},
        {"q": ["SAUF lavrov"]},
        {"q": ["lavrov OU SAUF wang"]},
        {"from": ["2022-08-01"], "to": ["2099-01-01"]},
        {"actor.not": ["ONU"]},
        {"status": ["current"]},
        {"dated": ["yes"]},
    ],
)
def test_what_would_meet_everything_is_refused_with_what_is_missing(params: dict[str, list[str]]) -> None:
    with pytest.raises(BadParameter, match="toutes les nouvelles dépêches"):
        check(params)


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"q": ["(lavrov"]}, QuerySyntaxError),
        ({"acteur": ["ONU"]}, UnknownParameter),
        ({"from": ["hier"]}, BadParameter),
        ({"q": ["x" * 1001]}, BadParameter),
    ],
)
def test_what_cannot_be_read_is_refused_as_the_search_refuses_it(
    params: dict[str, list[str]], error: type[RequestError]
) -> None:
    with pytest.raises(error):
        check(params)
