"""Paths that open level by level, pure: what is asked, and how the answers are put together."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mappings.fields import FACETS
from search.levels import branches, level_counts, read_levels
from search.request import FacetFilter, SearchRequest

VENUE = FACETS["venue"]
ASIA, CAMBODIA, CAPITAL = "Asie", "Asie > Cambodge", "Asie > Cambodge > Phnom Penh"


@pytest.mark.parametrize(
    ("request_", "opened", "named"),
    [
        (SearchRequest(), (), ()),
        # What is opened opens all above it.
        (SearchRequest(under={"venue": (CAMBODIA,)}), (ASIA, CAMBODIA), (ASIA, CAMBODIA)),
        (SearchRequest(filters={"venue": FacetFilter(any=(ASIA,))}), (ASIA,), (ASIA,)),
        (SearchRequest(filters={"venue": FacetFilter(all=(CAMBODIA,))}), (ASIA, CAMBODIA), (ASIA, CAMBODIA)),
        # What is excluded is seen among its brothers.
        (SearchRequest(filters={"venue": FacetFilter(none=(CAMBODIA,))}), (ASIA,), (ASIA, CAMBODIA)),
        (SearchRequest(under={"topic": (ASIA,)}), (), ()),
    ],
)
def test_what_is_open(request_: SearchRequest, opened: tuple[str, ...], named: tuple[str, ...]) -> None:
    assert branches(request_, VENUE) == (opened, named)


@pytest.mark.parametrize(
    ("level", "inside", "outside"),
    [
        ("Asie", "Asie > Japon", "Asie > Japon > Tokyo"),
        ("Asie", "Asie > Viêt Nam", "Asie centrale > Ouzbékistan"),
        ("A.B (C)* [D] | E", "A.B (C)* [D] | E > F", "AxB (C)* [D] | E > F"),
        ('"@&<#~^$/-\\', '"@&<#~^$/-\\ > F', "@&<#~^$/-\\ > F"),
    ],
)
def test_a_level_is_asked_for_by_its_name_as_it_is(level: str, inside: str, outside: str) -> None:
    asked = level_counts(SearchRequest(under={"venue": (level,)}), VENUE)["under_0"]["terms"]["include"]
    assert re.fullmatch(asked, inside)
    assert not re.fullmatch(asked, outside)


def buckets(*counts: tuple[str, int], other: int = 0) -> dict[str, Any]:
    return {"buckets": [{"key": key, "doc_count": count} for key, count in counts], "sum_other_doc_count": other}


def filtered(**counts: int) -> dict[str, Any]:
    return {"buckets": {key: {"doc_count": count} for key, count in counts.items()}}


def test_every_level_has_its_own_rest() -> None:
    request = SearchRequest(under={"venue": (ASIA,)}, facet_size=2)
    values, other = read_levels(
        request,
        VENUE,
        {
            # Asia is not among the two most frequent: it is listed because it is open, and no longer among the others.
            "values": buckets(("Europe", 9), ("Afrique", 7), other=8),
            "values_inner": buckets(("Europe", 9)),
            "under_0": buckets(("Asie > Japon", 3), (CAMBODIA, 1), other=1),
            "under_0_inner": buckets((CAMBODIA, 1)),
            "named": filtered(Asie=6),
            "named_inner": filtered(Asie=5),
        },
    )
    assert [(value.value, value.count, value.depth, value.children) for value in values] == [
        ("Europe", 9, 0, True),
        ("Afrique", 7, 0, False),
        ("Asie", 6, 0, True),
        ("Asie > Japon", 3, 1, False),
        (CAMBODIA, 1, 1, True),
    ]
    assert other == 2
    assert [(v.value, v.inside.other, v.inside.missing) for v in values if v.inside] == [("Asie", 1, 1)]


def test_a_selected_value_is_listed_at_zero_and_one_the_archive_names_otherwise_by_its_count() -> None:
    request = SearchRequest(filters={"venue": FacetFilter(any=(CAPITAL, "Battambang"))})
    empty = {name: buckets() for number in range(5) for name in (f"under_{number}", f"under_{number}_inner")}
    values, _ = read_levels(
        request,
        VENUE,
        {
            **empty,
            "values": buckets(),
            "values_inner": buckets(),
            "named": filtered(**{ASIA: 0, CAMBODIA: 0, CAPITAL: 0, "Battambang": 0}),
            "named_inner": filtered(),
            "selected": filtered(**{CAPITAL: 0, "Battambang": 4}),
        },
    )
    assert {value.value: value.count for value in values if value.selected} == {CAPITAL: 0, "Battambang": 4}
    assert not any(value.inside for value in values)
