from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from werkzeug.datastructures import MultiDict

from search.request import FacetFilter, SearchRequest
from search.schemas import load_request
from web.urls import (
    Pairs,
    changed,
    clean,
    closed,
    dropped,
    during,
    excluded,
    link,
    opened,
    pairs_of,
    required,
    role,
    ticked,
    together,
    without,
)

ASIA = "Asie du Sud-Est"
CAMBODIA = f"{ASIA} > Cambodge"
CAPITAL = f"{CAMBODIA} > Phnom Penh"

FULL = SearchRequest(
    q="Lavrov « chaînes industrielles »",
    filters={
        "actor": FacetFilter(any=("ONU", "Wang Yi"), none=("OMS",)),
        "venue": FacetFilter(all=(CAMBODIA,)),
    },
    date_from=date(2022, 7, 1),
    date_to=datetime(2022, 8, 31, 14, 59, tzinfo=timezone(timedelta(hours=2))),
    interval="week",
    sort="oldest",
    size=50,
    cursor="abc",
    facets=("actor", "venue"),
    facet_size=25,
    versions="all",
    group="story",
    dated="yes",
    under={"venue": (CAMBODIA,)},
    kinds={"actor": "person"},
    often_with="actor",
    highlight=False,
)


def test_blank_fields_of_a_form_are_absent() -> None:
    assert clean([("q", " "), ("from", ""), ("sort", ""), ("actor", "ONU")]) == (("actor", "ONU"),)


def test_a_plain_request_needs_no_parameter() -> None:
    assert pairs_of(SearchRequest()) == ()


@pytest.mark.parametrize("request_", [SearchRequest(), FULL, SearchRequest(facets=())])
def test_pairs_mean_the_request_they_come_from(request_: SearchRequest) -> None:
    assert load_request(MultiDict(pairs_of(request_))) == request_


@pytest.mark.parametrize(
    ("pairs", "fragment", "expected"),
    [
        ((), "", "/"),
        ((("q", "à la une"),), "", "/?q=%C3%A0+la+une"),
        ((("actor", "R&D"), ("actor", "<b>")), "", "/?actor=R%26D&actor=%3Cb%3E"),
        ((("q", "a"),), "facette-actor", "/?q=a#facette-actor"),
    ],
)
def test_link(pairs: Pairs, fragment: str, expected: str) -> None:
    assert link("/", pairs, fragment) == expected


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ((), "ONU", (("actor", "ONU"),)),
        ((("actor", "OMS"),), "ONU", (("actor", "OMS"), ("actor", "ONU"))),
        ((("actor.all", "OMS"),), "ONU", (("actor.all", "OMS"), ("actor.all", "ONU"))),
        ((("actor.not", "ONU"),), "ONU", (("actor", "ONU"),)),
        ((("q", "a"), ("cursor", "x")), "ONU", (("q", "a"), ("actor", "ONU"))),
        # The same value in another facet is another matter.
        ((("place", "ONU"),), "ONU", (("place", "ONU"), ("actor", "ONU"))),
    ],
)
def test_ticked(before: Pairs, value: str, after: Pairs) -> None:
    assert ticked(before, "actor", value) == after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (((("venue", ASIA)),), CAMBODIA, ("venue", CAMBODIA)),
        (((("venue", CAPITAL)),), ASIA, ("venue", ASIA)),
    ],
)
def test_a_level_of_a_path_takes_the_place_of_those_above_and_below(
    before: Pairs, value: str, after: tuple[str, str]
) -> None:
    assert ticked(before, "venue", value) == (after,)


def test_a_level_of_a_path_leaves_other_branches_alone() -> None:
    before = (("venue", f"{ASIA} > Laos"), ("venue.not", CAPITAL))
    assert ticked(before, "venue", CAMBODIA) == (*before, ("venue", CAMBODIA))


def test_a_name_that_begins_another_is_not_above_it() -> None:
    assert ticked((("venue", "Afrique"),), "venue", "Afrique du Nord") == (
        ("venue", "Afrique"),
        ("venue", "Afrique du Nord"),
    )


@pytest.mark.parametrize("suffix", ["", ".all", ".not"])
def test_dropped_whatever_its_role(suffix: str) -> None:
    pairs = (("q", "a"), (f"actor{suffix}", "ONU"), ("actor", "OMS"), ("cursor", "x"))
    assert dropped(pairs, "actor", "ONU") == (("q", "a"), ("actor", "OMS"))


def test_excluded_is_no_longer_ticked() -> None:
    assert excluded((("actor", "ONU"), ("actor", "OMS")), "actor", "ONU") == (("actor", "OMS"), ("actor.not", "ONU"))


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ((("actor", "ONU"),), "any"),
        ((("actor.all", "ONU"),), "all"),
        ((("actor.not", "ONU"),), "none"),
        ((("place", "ONU"),), "off"),
    ],
)
def test_role(pairs: Pairs, expected: str) -> None:
    assert role(pairs, "actor", "ONU") == expected


def test_required_and_back() -> None:
    one_of = (("actor", "ONU"), ("actor", "OMS"), ("actor.not", "BCE"))
    every = (("actor.all", "ONU"), ("actor.all", "OMS"), ("actor.not", "BCE"))
    assert required(one_of, "actor", every=True) == every
    assert required(every, "actor", every=False) == one_of


def test_changed_sets_each_parameter_once_and_forgets_the_cursor() -> None:
    pairs = (("from", "2021-01-01"), ("q", "a"), ("to", "2021-12-31"), ("cursor", "x"))
    assert changed(pairs, {"from": "2022-08-01", "to": ""}) == (("q", "a"), ("from", "2022-08-01"))


def test_without() -> None:
    assert without((("from", "2022-01-01"), ("q", "a"), ("cursor", "x")), "from") == (("q", "a"),)


@pytest.mark.parametrize(
    ("before", "level", "after"),
    [
        ((), ASIA, (("venue.under", ASIA),)),
        # What opens below opens what is above.
        ((("venue.under", ASIA),), CAMBODIA, (("venue.under", CAMBODIA),)),
        ((("venue.under", "Europe"), ("cursor", "x")), ASIA, (("venue.under", "Europe"), ("venue.under", ASIA))),
    ],
)
def test_opened(before: Pairs, level: str, after: Pairs) -> None:
    assert opened(before, "venue", level) == after


@pytest.mark.parametrize(
    ("before", "level", "after"),
    [
        ((("venue.under", ASIA),), ASIA, ()),
        # All below it closes too; what is above stays open.
        ((("venue.under", CAMBODIA),), ASIA, ()),
        ((("venue.under", CAMBODIA),), CAMBODIA, (("venue.under", ASIA),)),
        ((("venue.under", ASIA), ("venue.under", CAMBODIA)), CAMBODIA, (("venue.under", ASIA),)),
        ((("venue.under", "Asie du Sud-Est"), ("q", "a")), "Asie", (("venue.under", "Asie du Sud-Est"), ("q", "a"))),
    ],
)
def test_closed(before: Pairs, level: str, after: Pairs) -> None:
    assert closed(before, "venue", level) == after


def test_together_narrows_whatever_is_ticked() -> None:
    assert together((("actor", "ONU"), ("cursor", "x")), "actor", "OMS") == (("actor", "ONU"), ("actor.all", "OMS"))
    assert together((("actor.not", "OMS"),), "actor", "OMS") == (("actor.all", "OMS"),)


def test_during_takes_the_place_of_the_period_and_of_its_interval() -> None:
    before = (("from", "2021-01-01"), ("q", "a"), ("interval", "day"), ("cursor", "x"))
    hour = datetime(2022, 8, 8, 14, tzinfo=timezone(timedelta(hours=2)))
    assert during(before, hour, hour + timedelta(minutes=59)) == (
        ("q", "a"),
        ("from", "2022-08-08T14:00+02:00"),
        ("to", "2022-08-08T14:59+02:00"),
    )
    assert during(before, None, None) == (("q", "a"),)
