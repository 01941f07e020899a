"""Facets and timeline: how each is counted, and how its count is read back. Pure.

A facet is counted under the query and every filter except its own, so that a ticked value can be compared with its
neighbours; values that are selected are always listed, also at 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from authorities.model import PATH_SEPARATOR
from mappings.fields import FACETS, STATUS_LABELS, Facet
from search.request import TIMELINE_BUCKETS, FacetFilter, SearchRequest
from search.result import FacetResult, FacetValue, Timeline, TimelineBucket

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
    """The `aggs` of a search: one per facet asked for, and the timeline."""
    filters = filters_in_force(request)
    aggs: Body = {}
    for name in request.facets:
        facet = FACETS[name]
        counts: Body = {
            "values": {
                "terms": {
                    "field": facet.levels,
                    "size": request.facet_size,
                    # Parents sort before their children at equal counts, so a list cut anywhere is still a tree.
                    "order": [{"_count": "desc"}, {"_key": "asc"}],
                }
            },
            "missing": {"missing": {"field": facet.levels}},
        }
        selected = request.filters.get(name, FacetFilter()).values
        if selected:
            counts["selected"] = {
                "filters": {"filters": {value: {"term": {facet.folded: value}} for value in selected}}
            }
        aggs[name] = {"filter": {"bool": {"filter": clauses(filters, but=name)}}, "aggs": counts}
    aggs["timeline"] = {
        "filter": {"bool": {"filter": clauses(filters)}},
        "aggs": {
            "dates": {
                "auto_date_histogram": {
                    "field": "published",
                    "buckets": TIMELINE_BUCKETS,
                    "time_zone": timezone,
                    "minimum_interval": "day",
                }
            },
            "undated": {"missing": {"field": "published"}},
        },
    }
    return aggs


def read_facets(request: SearchRequest, answer: Mapping[str, Any]) -> tuple[FacetResult, ...]:
    """The facets of Elasticsearch's answer, in the order asked for."""
    return tuple(_read_facet(request, FACETS[name], answer[name]) for name in request.facets)


def _read_facet(request: SearchRequest, facet: Facet, counts: Mapping[str, Any]) -> FacetResult:
    selected = request.filters.get(facet.name, FacetFilter()).values
    terms = counts["values"]
    values = [_value(facet, bucket["key"], bucket["doc_count"], selected) for bucket in terms["buckets"]]
    listed = {value.value for value in values}
    values += [
        _value(facet, value, bucket["doc_count"], selected)
        for value, bucket in counts.get("selected", {}).get("buckets", {}).items()
        if value not in listed
    ]
    if facet.hierarchical:
        values = _as_tree(values)
    return FacetResult(
        name=facet.name,
        label=facet.label,
        values=tuple(values),
        other=terms["sum_other_doc_count"],
        missing=counts["missing"]["doc_count"],
    )


def _value(facet: Facet, value: str, count: int, selected: Iterable[str]) -> FacetValue:
    parts = value.split(PATH_SEPARATOR) if facet.hierarchical else [value]
    label = STATUS_LABELS.get(value, value) if facet.name == "status" else parts[-1]
    return FacetValue(value, label, count, value in selected, depth=len(parts) - 1)


def _as_tree(values: list[FacetValue]) -> list[FacetValue]:
    """Children right under their parents, brothers by count: the order a tree is read in."""
    counts = {value.value: value.count for value in values}

    def place(value: FacetValue) -> list[tuple[int, str]]:
        parts = value.value.split(PATH_SEPARATOR)
        paths = [PATH_SEPARATOR.join(parts[: depth + 1]) for depth in range(len(parts))]
        return [(-counts.get(path, value.count), path) for path in paths]

    return sorted(values, key=place)


# What auto_date_histogram calls an interval, and what we do.
INTERVALS = {"1d": "day", "7d": "week", "1M": "month", "3M": "quarter", "1y": "year"}


def read_timeline(answer: Mapping[str, Any], timezone: str) -> Timeline | None:
    """The timeline, or None when no dispatch found has a date."""
    dates = answer["timeline"]["dates"]
    if not dates["buckets"]:
        return None
    code: str = dates["interval"]
    zone = ZoneInfo(timezone)
    starts = [datetime.fromtimestamp(bucket["key"] / 1000, zone).date() for bucket in dates["buckets"]]
    ends = [following - timedelta(days=1) for following in starts[1:]] + [_after(starts[-1], code) - timedelta(days=1)]
    return Timeline(
        INTERVALS.get(code, f"{code[:-1]} years"),
        tuple(
            TimelineBucket(start, end, bucket["doc_count"])
            for start, end, bucket in zip(starts, ends, dates["buckets"], strict=True)
        ),
    )


def read_undated(answer: Mapping[str, Any]) -> int:
    """How many of the dispatches found the timeline leaves out, their date unknown."""
    return int(answer["timeline"]["undated"]["doc_count"])


def _after(day: date, code: str) -> date:
    """The first day after the interval that begins on `day`."""
    number, unit = int(code[:-1]), code[-1]
    if unit == "d":
        return day + timedelta(days=number)
    months = number * (12 if unit == "y" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(min(year, 9999), month + 1, 1)
