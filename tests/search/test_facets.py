"""Facets, pure: the aggregations a request asks for, and how an answer is read."""

from __future__ import annotations

from typing import Any

from search.facets import aggregations, filters_in_force, read_facets
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


def test_statuses_are_said_in_french() -> None:
    (facet,) = read_facets(SearchRequest(facets=("status",)), {"status": counted(("superseded", 1))})
    assert (facet.values[0].value, facet.values[0].label) == ("superseded", "remplacée")
