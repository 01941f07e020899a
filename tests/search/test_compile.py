"""Requests become bodies: exact dicts, and what no text may ever do."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import QuerySyntaxError
from search.compile import MOST_PAIRS, compile_query, compile_request, day_range, order, required
from search.language import parse
from search.request import FacetFilter, SearchRequest

READINGS = ["readings_1", "readings_2", "readings_3"]
STEMMED = ["title^3", "lead^1.5", "body^1", "title_readings^3", *(f"{name}^1" for name in READINGS)]
EXACT = [f"{name}.exact^{boost}" for name, _, boost in (field.partition("^") for field in STEMMED)]


def words(text: str, fields: list[str]) -> dict[str, Any]:
    return {"combined_fields": {"query": text, "fields": fields, "operator": "and"}}


def quotation(text: str) -> dict[str, Any]:
    return {"multi_match": {"query": text, "type": "phrase", "fields": EXACT}}


@pytest.mark.parametrize(
    ("q", "clauses"),
    [
        ("", []),
        ("Lavrov ASEAN", [words("Lavrov ASEAN", STEMMED)]),
        ("« la Route »", [quotation("la Route")]),
        ('Chine "la Route" Russie', [words("Chine Russie", STEMMED), quotation("la Route")]),
        ("à la une", [words("à la une", EXACT)]),
        ("c'est", [words("c'est", EXACT)]),  # nothing but stop words: only `.exact` keeps them
        ("de la", [words("de la", EXACT)]),
    ],
)
def test_what_must_be_met(q: str, clauses: list[dict[str, Any]]) -> None:
    assert required(parse(q)) == clauses


def either(name: str, asked: Any, fields: list[str]) -> dict[str, Any]:
    """The same of every field, the best counting."""
    pairs = (field.partition("^")[::2] for field in fields)
    return {
        "dis_max": {"queries": [{name: {field: {**asked(field), "boost": float(boost)}}} for field, boost in pairs]}
    }


TITLES = ["title^3", "title_readings^3"]


def one(text: str) -> dict[str, Any]:
    return words(text, STEMMED)


def match(text: str) -> dict[str, Any]:
    return {"match": {"query": text, "max_gaps": 0, "ordered": True}}


def near(gaps: int, *texts: str) -> dict[str, Any]:
    asked = {"all_of": {"intervals": [match(text) for text in texts], "max_gaps": gaps}}
    return either("intervals", lambda field: asked, STEMMED)


@pytest.mark.parametrize(
    ("q", "clauses"),
    [
        ("Lavrov ET ASEAN", [words("Lavrov ASEAN", STEMMED)]),
        ("guerre OU paix", [{"bool": {"should": [one("guerre"), one("paix")], "minimum_should_match": 1}}]),
        ("paix SAUF guerre", [one("paix"), {"bool": {"must_not": [one("guerre")]}}]),
        ("SAUF guerre", [{"bool": {"must_not": [one("guerre")]}}]),
        ("SAUF (a b)", [{"bool": {"must_not": [{"bool": {"must": [words("a b", STEMMED)]}}]}}]),
        ("titre:Lavrov", [words("Lavrov", TITLES)]),
        ("Indus*", [either("prefix", lambda field: {"value": "indus"}, EXACT)]),
        ("l'Éner*", [either("prefix", lambda field: {"value": "ener"}, EXACT)]),
        ("chaînes PRES/5 Chine", [near(5, "chaînes", "Chine")]),
        ("chaînes PARA Chine", [near(999, "chaînes", "Chine")]),
        ("agence:AFP", [{"bool": {"filter": [{"terms": {"agency.fold": ["AFP"]}}]}}]),
        (
            "date:2022-08-08",
            [
                {
                    "bool": {
                        "filter": [
                            {
                                "range": {
                                    "published": {"gte": "2022-08-08T00:00:00+00:00", "lt": "2022-08-09T00:00:00+00:00"}
                                }
                            }
                        ]
                    }
                }
            ],
        ),
    ],
)
def test_operators(q: str, clauses: list[dict[str, Any]]) -> None:
    assert required(parse(q)) == clauses


def body_of(request: SearchRequest) -> dict[str, Any]:
    return compile_request(request, parse(request.q), "Europe/Paris")


def keys_of(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for child in value.values() for key in keys_of(child)}
    return {key for child in value for key in keys_of(child)} if isinstance(value, list) else set()


def readable(text: str) -> bool:
    try:
        parse(text)
    except QuerySyntaxError:
        return False
    return True


TYPED = st.text(max_size=300).filter(readable)


@given(TYPED)
def test_text_is_never_parsed_by_the_engine(text: str) -> None:
    used = keys_of(body_of(SearchRequest(q=text)))
    assert not used & {"query_string", "simple_query_string", "regexp", "script", "fuzzy"}


@pytest.mark.parametrize(
    "text", ["lav?ov", "lav*ov", "/lav.*/", "lavrov~2", "titre^3", "a&&b", "+a !b", "[a TO b]", "_id:1"]
)
def test_signs_of_other_query_languages_are_text(text: str) -> None:
    assert required(parse(text)) == [words(text, STEMMED)]


@given(TYPED)
def test_the_same_request_gives_the_same_body(text: str) -> None:
    request = SearchRequest(q=text, filters={"actor": FacetFilter(any=("ONU",))})
    assert json.dumps(body_of(request)) == json.dumps(body_of(request))


def test_filters_follow_the_counts_and_narrow_the_search_when_nothing_is_counted() -> None:
    filters = {"actor": FacetFilter(any=("ONU",))}
    counted, bare = body_of(SearchRequest(filters=filters)), body_of(SearchRequest(filters=filters, facets=()))
    assert "post_filter" in counted
    assert "post_filter" not in bare
    assert "aggs" not in bare
    assert {"bool": {"filter": [{"terms": {"actors.fold": ["ONU"]}}]}} in bare["query"]["bool"]["filter"]


@pytest.mark.parametrize(
    ("start", "end", "bounds"),
    [
        (None, None, None),
        ("2022-08-08", "2022-08-08", {"gte": "2022-08-07T22:00:00+00:00", "lt": "2022-08-08T22:00:00+00:00"}),
        # The day the clocks change has 23 hours.
        ("2022-03-27", "2022-03-27", {"gte": "2022-03-26T23:00:00+00:00", "lt": "2022-03-27T22:00:00+00:00"}),
        ("2022-08-08", None, {"gte": "2022-08-07T22:00:00+00:00"}),
        ("0001-01-01", "9999-12-31", {"gte": "0001-01-01T00:00:00+00:00", "lt": "9999-12-30T23:00:00+00:00"}),
    ],
)
def test_a_period_is_whole_days_of_the_archives_zone(
    start: str | None, end: str | None, bounds: dict[str, str] | None
) -> None:
    days = (date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None)
    assert day_range(*days, "Europe/Paris") == ([{"range": {"published": bounds}}] if bounds else [])


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_backward_is_the_exact_reverse(sort: Any) -> None:
    flip = {"asc": "desc", "desc": "asc", "_last": "_first"}
    for forward, backward in zip(order(sort), order(sort, backward=True), strict=True):
        ((name, spec),) = forward.items()
        assert backward == {name: {key: flip[value] for key, value in spec.items()}}


@pytest.mark.parametrize(
    ("q", "pairs"),
    [
        ("Lavrov", []),
        ("Lavrov ASEAN paix", ["Lavrov ASEAN", "ASEAN paix"]),
        ("ministre de la paix", ["ministre paix"]),
        ("la paix", []),
        (" ET ".join(f"m{n}" for n in range(40)), [f"m{n} m{n + 1}" for n in range(MOST_PAIRS)]),
    ],
)
def test_neighbours_in_the_query_count_more_as_neighbours(q: str, pairs: list[str]) -> None:
    better = compile_query(parse(q))["bool"]["should"]
    assert [each["multi_match"]["query"] for each in better if "multi_match" in each] == pairs
