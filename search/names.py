"""Names as readers write them, and as the archive does: a filter may say "Nations unies" or "Phnom Penh"."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from authorities.model import PATH_SEPARATOR, Authorities, fold
from mappings.fields import FACETS, Facet
from search.naming import Naming
from search.request import FacetFilter
from search.spelling import meets, name_words
from search.widening import Widening


class Names:
    """From any name of the authorities, case and accents ignored, to the facet value it means, and back."""

    def __init__(self, authorities: Authorities) -> None:
        self._authorities = authorities
        self._labels: dict[tuple[str, str], str] = {}
        # What an entry is called: by its kind and label, every name, folded; a person's surname too.
        self._called: dict[tuple[str, str], list[str]] = {}
        for name in authorities.names():
            # A label is itself before it is another's alias; adjectives and governments' towns name no value.
            folded = fold(name.text)
            if name.role == "label":
                self._labels[name.kind, folded] = name.label
            elif name.role in ("alias", "acronym"):
                self._labels.setdefault((name.kind, folded), name.label)
            if name.role in ("label", "alias", "acronym", "surname"):
                self._called.setdefault((name.kind, name.label), []).append(folded)
        for topic in authorities.topics:
            self._labels["topic", fold(topic)] = topic
        self._written: dict[str, _Written] = {}
        self.naming = Naming(authorities)
        self.widening = Widening(self.naming)

    def canonical(self, facet: str, value: str) -> str:
        """The value of a facet that a reader means; one the authorities do not know is left as typed.

        ("venue", "cambodge") -> "Asie du Sud-Est > Cambodge"; ("actor", "Nations unies") -> "ONU".
        """
        declared = FACETS[facet]
        name = value.split(PATH_SEPARATOR)[-1] if declared.hierarchical else value
        for kind in declared.kinds:
            label = self._labels.get((kind, fold(name)))
            if label is not None:
                meant = self._path(declared, label, kind)
                # A path is meant as it is written, but for case and accents.
                return meant if name == value or fold(meant) == fold(value) else value
        return value

    def value(self, facet: str, kind: str, label: str) -> str:
        """The value of a facet that an entry of a kind is."""
        return self._path(FACETS[facet], label, kind)

    def _path(self, facet: Facet, label: str, kind: str) -> str:
        if not facet.hierarchical:
            return label
        if kind == "topic":
            return self._authorities.topic_path(label)
        return self._authorities.venue_path(label, kind) or label

    def canonical_filters(self, filters: Mapping[str, FacetFilter]) -> dict[str, FacetFilter]:
        """The same filters, every value canonical."""
        return {
            facet: FacetFilter(
                any=self.canonical_values(facet, f.any),
                all=self.canonical_values(facet, f.all),
                none=self.canonical_values(facet, f.none),
            )
            for facet, f in filters.items()
        }

    def canonical_values(self, facet: str, values: Sequence[str]) -> tuple[str, ...]:
        """The same values, canonical, each once."""
        return tuple(dict.fromkeys(self.canonical(facet, value.strip()) for value in values if value.strip()))

    def kind(self, facet: Facet, value: str) -> str | None:
        """What a value of a facet is, as the authorities know it."""
        return next((kind for kind in facet.told_apart if (kind, value) in self._called), None)

    def aliased(self, facet: Facet, words: Sequence[str]) -> set[str]:
        """The values of a facet another name of which meets these words, and not their own: ("nation", "un") -> {"ONU"}."""
        # One letter begins a name of nearly everything.
        if not words or max(map(len, words)) == 1:
            return set()
        return {
            self._path(facet, label, kind)
            for kind in facet.kinds
            for label in self._of_kind(kind).meeting(words)
            if not meets(words, label)
        }

    def _of_kind(self, kind: str) -> _Written:
        if kind not in self._written:
            self._written[kind] = _Written((folded, label) for (k, folded), label in self._labels.items() if k == kind)
        return self._written[kind]

    def named_by(self, facet: Facet, value: str, words: Sequence[str]) -> bool:
        """Whether these folded words of a query name this value of a facet: ("lavrov", "asean") names "Sergueï Lavrov".

        A person is named by a surname; of one the authorities do not know, by the last word of the name.
        """
        said = set(words)
        kind = self.kind(facet, value)
        called = self._called[kind, value] if kind else [fold(value), fold(value.split()[-1])] if value.split() else []
        return any(said.issuperset(name_words(name)) for name in called)


class _Written:
    """Folded names as one text, a name a line: the names that may be meant are found at the speed of a text search."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._lines = list(names)
        self._text = "\n".join(folded for folded, _ in self._lines)
        self._starts: list[int] = []
        at = 0
        for folded, _ in self._lines:
            self._starts.append(at)
            at += len(folded) + 1

    def meeting(self, words: Sequence[str]) -> Iterator[str]:
        """The labels of the names that meet these words."""
        begins = re.compile(rf"(?<![^\W_]){re.escape(max(words, key=len))}")
        for found in begins.finditer(self._text):
            folded, label = self._lines[bisect_right(self._starts, found.start()) - 1]
            if meets(words, folded):
                yield label
