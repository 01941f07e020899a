"""What the counts of a search do not say by themselves, looked up after it: what a value is, and what is often with.

Both are look-ups of how many dispatches of the archive hold a value, which the engine knows without reading any.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mappings.fields import FACETS, Facet
from search.facets import value_label
from search.language import Query
from search.names import Names
from search.remembered import Remembered
from search.request import FacetFilter, SearchRequest
from search.result import FacetResult, FacetValue, OftenWith
from search.spelling import name_words
from search.together import in_archive, telling

Body = dict[str, Any]

# The name of a facet, and a value of it.
Named = tuple[str, str]

# Seconds for which a name is what most dispatches said it was when it was first met: loading more of them rarely changes
# it. Figures in decision 0014.
KNOWN_FOR = 600.0

# Names so known at once, in each worker: 15 MB.
MOST_KNOWN = 50_000


class Beside:
    """Asks the engine (`ask`: a body, answered) and the authorities."""

    def __init__(self, ask: Callable[[Body], Body], names: Names, now: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._names = names
        self._told: Remembered[Named, str | None] = Remembered(KNOWN_FOR, MOST_KNOWN, now)

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
        self, facet: Facet, values: Sequence[FacetValue], said: Mapping[Named, str | None]
    ) -> tuple[FacetValue, ...]:
        if not facet.told_apart:
            return tuple(values)
        return tuple(
            replace(value, kind=self._names.kind(facet, value.value) or said.get((facet.name, value.value)))
            for value in values
        )

    def _said(self, facets: Sequence[tuple[Facet, Sequence[FacetValue]]]) -> Mapping[Named, str | None]:
        """By facet and value, what the dispatches say of the values that the authorities do not know."""
        return self._told.get(
            (
                (facet.name, value.value)
                for facet, values in facets
                if facet.told_apart
                for value in values
                if self._names.kind(facet, value.value) is None
            ),
            self._look_up,
        )

    def _look_up(self, unknown: Sequence[Named]) -> dict[Named, str | None]:
        """What most dispatches say each of these is; None where none says."""
        names = {facet: [value for name, value in unknown if name == facet] for facet, _ in unknown}
        aggs = {
            f"{name}|{kind}": {
                "filters": {"filters": {value: {"term": {FACETS[name].of_kind(kind): value}} for value in values}}
            }
            for name, values in names.items()
            for kind in FACETS[name].told_apart
        }
        answer = self._ask({"size": 0, "track_total_hits": False, "aggs": aggs})["aggregations"]
        said: dict[Named, str | None] = {}
        for name, value in unknown:
            counts = {kind: answer[f"{name}|{kind}"]["buckets"][value]["doc_count"] for kind in FACETS[name].told_apart}
            most = max(counts, key=lambda kind: counts[kind])
            said[name, value] = most if counts[most] else None
        return said
