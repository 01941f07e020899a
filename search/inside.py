"""Searching inside a facet: the values a reader means by the beginnings of their words. Pure.

Each word typed begins a word of the value, or all of them begin words of another name the authorities know it by.
Values are found by a regular expression on the counted field itself, which costs about what listing the facet costs and
needs no field of its own (docs/decisions/0010-facet-kinds.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authorities.model import PATH_SEPARATOR
from engine.errors import BadParameter
from mappings.fields import FACETS, Facet
from search.facets import MOST_FREQUENT, listed_field, value_label
from search.names import Names
from search.request import FacetFilter, SearchRequest
from search.result import FacetValue, InsideResult
from search.spelling import expression, is_whole, meets, typed_words

Body = dict[str, Any]

# Longer is no beginning of a name.
LONGEST_PREFIX = 100

# Values read when the engine was asked for less than what was typed, to find those that meet the rest.
READ_WHEN_CUT = 1000


@dataclass(frozen=True, slots=True)
class Inside:
    """What is looked for in a facet.

    Args:
        words: what was typed, folded; none: the most frequent values.
        aliased: values another name of which meets the words.
    """

    request: SearchRequest
    facet: Facet
    prefix: str
    words: tuple[str, ...]
    aliased: frozenset[str]

    @classmethod
    def of(cls, request: SearchRequest, facet: str, prefix: str, names: Names) -> Inside:
        """What these words ask for.

        Raises:
            BadParameter: no such facet, or what was typed is too long.
        """
        if facet not in FACETS:
            raise BadParameter(f"La facette « {facet[:80]} » n'existe pas ; les facettes sont {', '.join(FACETS)}.")
        if len(prefix) > LONGEST_PREFIX:
            raise BadParameter(f"« prefix » fait {len(prefix)} caractères ; le maximum est {LONGEST_PREFIX}.")
        words = typed_words(prefix)
        return cls(request, FACETS[facet], prefix, words, frozenset(names.aliased(FACETS[facet], words)))

    @property
    def _means_nothing(self) -> bool:
        """Signs alone begin no word."""
        return not self.words and bool(self.prefix.strip())

    def counts(self) -> Body:
        """The aggregations that count the values meant."""
        if self._means_nothing:
            return {}
        terms = {
            "field": listed_field(self.request, self.facet),
            "size": self.request.facet_size + 1,
            "order": MOST_FREQUENT,
        }
        # Statuses are read by other words than they are kept.
        if not self.words or self.facet.name == "status":
            return {"own": {"terms": terms}}
        own = terms | {"include": expression(self.words, path=self.facet.hierarchical)}
        if not is_whole(self.words):
            own["size"] = READ_WHEN_CUT
        return {"own": {"terms": own}} | (
            {"aliased": {"terms": terms | {"include": sorted(self.aliased)}}} if self.aliased else {}
        )

    def read(
        self, answer: Mapping[str, Any], with_kinds: Callable[[Sequence[FacetValue]], tuple[FacetValue, ...]]
    ) -> InsideResult:
        """The values of Elasticsearch's answer, the most frequent first."""
        counted = answer.get("aggregations", {})
        own = {key: count for key, count in _buckets(counted, "own") if meets(self.words, self._label(key))}
        found = sorted((own | dict(_buckets(counted, "aliased"))).items(), key=lambda each: (-each[1], each[0]))
        selected = self.request.filters.get(self.facet.name, FacetFilter()).values
        values = [
            FacetValue(value, self._label(value), count, value in selected, depth=self._parts(value) - 1)
            for value, count in found[: self.request.facet_size]
        ]
        more = len(found) > self.request.facet_size
        return InsideResult(
            self.facet.name, self.facet.label, self.prefix, with_kinds(values), more, int(answer["took"])
        )

    def _label(self, value: str) -> str:
        return value.split(PATH_SEPARATOR)[-1] if self.facet.hierarchical else value_label(self.facet, value)

    def _parts(self, value: str) -> int:
        return len(value.split(PATH_SEPARATOR)) if self.facet.hierarchical else 1


def _buckets(counted: Mapping[str, Any], name: str) -> list[tuple[str, int]]:
    return [(bucket["key"], bucket["doc_count"]) for bucket in counted.get(name, {}).get("buckets", ())]
