"""Facets: how each is counted, and how its count is read back. Pure.

A facet is counted under the query and every filter except its own, so that a ticked value can be compared with its
neighbours; values that are selected are always listed, also at 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mappings.fields import FACETS, STATUS_LABELS, Facet
from search.levels import level_counts, read_levels
from search.request import FacetFilter, SearchRequest
from search.result import FacetResult, FacetValue
from search.timeline import Chronology
from search.together import MOST_CANDIDATES, candidates, read_candidates

Body = dict[str, Any]

# What `versions=current` shows. It acts as the status facet's own filter: its count still tells of the others.
CURRENT_STATUSES = ("current",)


def filters_in_force(request: SearchRequest) -> dict[str, FacetFilter]:
    """The request's filters and the one `versions=current` stands for."""
    filters = {name: wanted for name, wanted in request.filters.items() if wanted}
    if request.versions == "current" and "status" not in filters:
        filters["status"] = FacetFilter(any=CURRENT_STATUSES)
    return filters


def clause(facet: Facet, wanted: FacetFilter) -> Body:
    """The query clause of one facet's filter; case and accents are ignored by the field's normaliser."""
    parts: Body = {}
    if wanted.any:
        parts["filter"] = [{"terms": {facet.folded: list(wanted.any)}}]
    if wanted.all:
        parts["filter"] = [*parts.get("filter", []), *({"term": {facet.folded: value}} for value in wanted.all)]
    if wanted.none:
        parts["must_not"] = [{"terms": {facet.folded: list(wanted.none)}}]
    return {"bool": parts}


def clauses(filters: Mapping[str, FacetFilter], *, but: str | None = None) -> list[Body]:
    """The clauses of every filter, leaving out the facet named `but`."""
    return [clause(FACETS[name], wanted) for name, wanted in filters.items() if name != but]


def aggregations(request: SearchRequest, timezone: str) -> Body:
    """The `aggs` of a search: one per facet asked for, with them the timeline, and what is often with."""
    filters = filters_in_force(request)
    aggs: Body = {
        name: {
            "filter": {"bool": {"filter": clauses(filters, but=name)}},
            "aggs": _counts(request, FACETS[name]),
        }
        for name in request.facets
    }
    if request.facets:
        aggs["timeline"] = Chronology.of(request, timezone).counts(clauses(filters))
    if request.often_with and not _counted_as_facet(request):
        aggs["often_with"] = candidates(FACETS[request.often_with], clauses(filters))
    return aggs


def read_often_with(request: SearchRequest, answer: Mapping[str, Any]) -> dict[str, int]:
    """How often the most frequent values of the facet that `often_with` names are in the dispatches found."""
    assert request.often_with
    return read_candidates(answer[request.often_with if _counted_as_facet(request) else "often_with"])


def _counted_as_facet(request: SearchRequest) -> bool:
    """Whether the facet that `often_with` names is counted in the very dispatches found: one count then serves both."""
    name = request.often_with
    return name in request.facets and name not in request.kinds and name not in filters_in_force(request)


def _counts(request: SearchRequest, facet: Facet) -> Body:
    field = listed_field(request, facet)
    counts: Body = {"missing": {"missing": {"field": field}}}
    if facet.hierarchical:
        counts |= level_counts(request, facet)
    else:
        size = request.facet_size
        if facet.name == request.often_with and _counted_as_facet(request):
            size = max(size, MOST_CANDIDATES)
        counts["values"] = {"terms": {"field": field, "size": size, "order": MOST_FREQUENT}}
    selected = request.filters.get(facet.name, FacetFilter()).values
    if selected:
        counts["selected"] = {"filters": {"filters": {value: {"term": {facet.folded: value}} for value in selected}}}
    return counts


# Equal counts by name, so that a list cut anywhere is the same each time.
MOST_FREQUENT = [{"_count": "desc"}, {"_key": "asc"}]


def listed_field(request: SearchRequest, facet: Facet) -> str:
    """The field whose values are listed: of every kind, or of the one asked for."""
    kind = request.kinds.get(facet.name)
    return facet.of_kind(kind) if kind else facet.levels


def read_facets(request: SearchRequest, answer: Mapping[str, Any]) -> tuple[FacetResult, ...]:
    """The facets of Elasticsearch's answer, in the order asked for."""
    return tuple(_read_facet(request, FACETS[name], answer[name]) for name in request.facets)


def _read_facet(request: SearchRequest, facet: Facet, counts: Mapping[str, Any]) -> FacetResult:
    missing = counts["missing"]["doc_count"]
    if facet.hierarchical:
        levels, other = read_levels(request, facet, counts)
        return FacetResult(facet.name, facet.label, levels, other, missing)
    terms = counts["values"]
    selected = {value: bucket["doc_count"] for value, bucket in counts.get("selected", {}).get("buckets", {}).items()}
    buckets, beyond = terms["buckets"][: request.facet_size], terms["buckets"][request.facet_size :]
    values = {bucket["key"]: bucket["doc_count"] for bucket in buckets}
    besides = {value: count for value, count in selected.items() if value not in values}
    return FacetResult(
        name=facet.name,
        label=facet.label,
        values=tuple(
            FacetValue(value, value_label(facet, value), count, value in selected)
            for value, count in (values | besides).items()
        ),
        other=max(terms["sum_other_doc_count"] + sum(each["doc_count"] for each in beyond) - sum(besides.values()), 0),
        missing=missing,
    )


def value_label(facet: Facet, value: str) -> str:
    """What a reader sees of a value that is no path."""
    return STATUS_LABELS.get(value, value) if facet.name == "status" else value
