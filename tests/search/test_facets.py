"""Facets, pure: the aggregations a request asks for, and how an answer is read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from search.facets import aggregations, filters_in_force, read_facets, read_timeline, read_undated
from search.request import FacetFilter, SearchRequest

TICKED = SearchRequest(
    filters={"actor": FacetFilter(any=("ONU",), none=("Otan",)), "venue": FacetFilter(all=("Asie > Cambodge",))},
    facets=("actor", "venue", "agency"),
    versions="all",
)


def fields_filtered(agg: dict[str, Any]) -> set[str]:
    return {
        next(iter(next(iter(clause.values()))))
        for item in agg["filter"]["bool"]["filter"]
        for kind in ("filter", "must_not")
        for clause in item["bool"].get(kind, [])
    }


def test_a_facet_is_counted_under_every_filter_but_its_own() -> None:
    aggs = aggregations(TICKED, "Europe/Paris")
    assert fields_filtered(aggs["actor"]) == {"venue_names"}
    assert fields_filtered(aggs["venue"]) == {"actors.fold"}
    assert fields_filtered(aggs["agency"]) == {"actors.fold", "venue_names"}
    assert fields_filtered(aggs["timeline"]) == {"actors.fold", "venue_names"}


def test_current_versions_are_the_status_facets_own_filter() -> None:
    assert filters_in_force(SearchRequest())["status"].any == ("current",)
    assert "status" not in filters_in_force(SearchRequest(versions="all"))
    asked = SearchRequest(filters={"status": FacetFilter(any=("withdrawn",))})
    assert filters_in_force(asked)["status"].any == ("withdrawn",)


def counted(*buckets: tuple[str, int], other: int = 0, missing: int = 0, **selected: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "values": {"buckets": [{"key": key, "doc_count": n} for key, n in buckets], "sum_other_doc_count": other},
        "missing": {"doc_count": missing},
    }
    if selected:
        answer["selected"] = {"buckets": {key: {"doc_count": n} for key, n in selected.items()}}
    return answer


def test_a_selected_value_is_listed_at_zero() -> None:
    request = SearchRequest(filters={"actor": FacetFilter(any=("ONU",))}, facets=("actor",))
    (facet,) = read_facets(request, {"actor": counted(("Otan", 3), other=4, missing=2, ONU=0)})
    assert [(v.value, v.count, v.selected) for v in facet.values] == [("Otan", 3, False), ("ONU", 0, True)]
    assert (facet.other, facet.missing) == (4, 2)


def test_paths_are_read_as_a_tree_brothers_by_count() -> None:
    request = SearchRequest(facets=("venue",))
    (facet,) = read_facets(
        request,
        {
            "venue": counted(
                ("Asie", 5), ("Europe", 4), ("Europe > France", 3), ("Asie > Japon", 2), ("Asie > Chine", 3)
            )
        },
    )
    assert [(v.label, v.depth) for v in facet.values] == [
        ("Asie", 0),
        ("Chine", 1),
        ("Japon", 1),
        ("Europe", 0),
        ("France", 1),
    ]


def test_statuses_are_said_in_french() -> None:
    (facet,) = read_facets(SearchRequest(facets=("status",)), {"status": counted(("superseded", 1))})
    assert (facet.values[0].value, facet.values[0].label) == ("superseded", "remplacée")


def at(year: int, month: int, day: int, hour: int) -> float:
    return datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000


@pytest.mark.parametrize(
    ("code", "keys", "interval", "expected"),
    [
        # Midnight in Paris is 22 or 23 h UTC the day before.
        (
            "1d",
            [at(2022, 8, 7, 22), at(2022, 8, 8, 22)],
            "day",
            [("2022-08-08", "2022-08-08"), ("2022-08-09", "2022-08-09")],
        ),
        ("1M", [at(2021, 12, 31, 23)], "month", [("2022-01-01", "2022-01-31")]),
        ("3M", [at(2021, 12, 31, 23)], "quarter", [("2022-01-01", "2022-03-31")]),
        ("7d", [at(2022, 8, 7, 22)], "week", [("2022-08-08", "2022-08-14")]),
        ("5y", [at(2019, 12, 31, 23)], "5 years", [("2020-01-01", "2024-12-31")]),
    ],
)
def test_the_timeline_gives_days_in_the_archives_zone(
    code: str, keys: list[float], interval: str, expected: list[tuple[str, str]]
) -> None:
    answer = {"timeline": {"dates": {"interval": code, "buckets": [{"key": key, "doc_count": 1} for key in keys]}}}
    timeline = read_timeline(answer, "Europe/Paris")
    assert timeline is not None
    assert timeline.interval == interval
    assert [(b.start, b.end) for b in timeline.buckets] == [
        (date.fromisoformat(start), date.fromisoformat(end)) for start, end in expected
    ]


def test_dispatches_without_a_date_are_counted_beside_the_timeline() -> None:
    asked = aggregations(SearchRequest(), "Europe/Paris")["timeline"]["aggs"]
    assert asked["undated"] == {"missing": {"field": "published"}}
    assert read_undated({"timeline": {"undated": {"doc_count": 7}}}) == 7


def test_no_dates_no_timeline() -> None:
    assert read_timeline({"timeline": {"dates": {"interval": "1d", "buckets": []}}}, "Europe/Paris") is None
