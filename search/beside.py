"""What the counts of a search do not say by themselves, looked up after it: what a value is, and what is often with.

Both are look-ups of how many dispatches of the archive hold a value, which the engine knows without reading any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mappings.fields import FACETS, Facet
from search.facets import value_label
from search.language import Query
from search.names import Names
from search.request import FacetFilter, SearchRequest
from search.result import FacetResult, FacetValue, OftenWith
from search.spelling import name_words
from search.together import in_archive, telling

Body = dict[str, Any]


class Beside:
    """Asks the engine (`ask`: a body, answered) and the authorities."""

    def __init__(self, ask: Callable[[Body], Body], names: Names) -> None:
        self._ask = ask
        self._names = names

    def facets_with_kinds(self, facets: Sequence[FacetResult]) -> tuple[FacetResult, ...]:
        """The same facets, every value with what it is."""
        said = self._said([(FACETS[facet.name], facet.values) for facet in facets])
        return tuple(replace(facet, values=self._kinded(FACETS[facet.name], facet.values, said)) for facet in facets)

    def with_kinds(self, facet: Facet, values: Sequence[FacetValue]) -> tuple[FacetValue, ...]:
        """The same values, each with what it is: as the authorities know it, else as most dispatches say it."""
        return self._kinded(facet, values, self._said([(facet, values)]))

    def often_with(self, request: SearchRequest, query: Query, counted: Mapping[str, int], total: int) -> OftenWith:
        """What goes with the dispatches found, but for what the query or the filters name.

        Args:
            counted: the most frequent values of the dispatches found.
            total: how many dispatches were found.
        """
        assert request.often_with
        facet = FACETS[request.often_with]
        selected, words = request.filters.get(facet.name, FacetFilter()).values, name_words(str(query))
        found = {
            value: count
            for value, count in counted.items()
            if value not in selected and not self._names.named_by(facet, value, words)
        }
        if not found:
            return OftenWith(facet.name, facet.label, ())
        answer = self._ask({"size": 0, "track_total_hits": True, "aggs": {"archive": in_archive(facet, found)}})
        archive = {value: each["doc_count"] for value, each in answer["aggregations"]["archive"]["buckets"].items()}
        values = [
            FacetValue(value, value_label(facet, value), found[value], selected=False)
            for value in telling(found, total, archive, answer["hits"]["total"]["value"])
        ]
        return OftenWith(facet.name, facet.label, self.with_kinds(facet, values))

    def _kinded(
        self, facet: Facet, values: Sequence[FacetValue], said: dict[tuple[str, str], str]
    ) -> tuple[FacetValue, ...]:
        if not facet.told_apart:
            return tuple(values)
        return tuple(
            replace(value, kind=self._names.kind(facet, value.value) or said.get((facet.name, value.value)))
            for value in values
        )

    def _said(self, facets: Sequence[tuple[Facet, Sequence[FacetValue]]]) -> dict[tuple[str, str], str]:
        """By facet and value, what the dispatches say of the values that the authorities do not know."""
        unknown = {
            facet.name: [value.value for value in values if self._names.kind(facet, value.value) is None]
            for facet, values in facets
            if facet.told_apart
        }
        aggs = {
            f"{name}|{kind}": {
                "filters": {"filters": {value: {"term": {FACETS[name].of_kind(kind): value}} for value in values}}
            }
            for name, values in unknown.items()
            if values
            for kind in FACETS[name].told_apart
        }
        if not aggs:
            return {}
        answer = self._ask({"size": 0, "track_total_hits": False, "aggs": aggs})["aggregations"]
        said: dict[tuple[str, str], str] = {}
        for name, values in unknown.items():
            for value in values:
                counts = {
                    kind: answer[f"{name}|{kind}"]["buckets"][value]["doc_count"] for kind in FACETS[name].told_apart
                }
                most = max(counts, key=lambda kind: counts[kind])
                if counts[most]:
                    said[name, value] = most
        return said
