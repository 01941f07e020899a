"""Names as readers write them, and as the archive does: a filter may say "Nations unies" or "Phnom Penh"."""

from __future__ import annotations

from collections.abc import Mapping

from authorities.model import PATH_SEPARATOR, Authorities, fold
from mappings.fields import FACETS
from search.request import FacetFilter

# What kinds of entries a facet's values are, the first preferred where a name is of several ("Luxembourg").
KINDS: dict[str, tuple[str, ...]] = {
    "actor": ("person", "organisation", "state"),
    "venue": ("state", "city", "region"),
    "place": ("state", "city", "region"),
    "topic": ("topic",),
}


class Names:
    """From any name of the authorities, case and accents ignored, to the facet value it means."""

    def __init__(self, authorities: Authorities) -> None:
        self._authorities = authorities
        self._labels: dict[tuple[str, str], str] = {}
        for name in authorities.names():
            # A label is itself before it is another's alias; adjectives and governments' towns name no value.
            if name.role == "label":
                self._labels[name.kind, fold(name.text)] = name.label
            elif name.role in ("alias", "acronym"):
                self._labels.setdefault((name.kind, fold(name.text)), name.label)
        for topic in authorities.topics:
            self._labels["topic", fold(topic)] = topic

    def canonical(self, facet: str, value: str) -> str:
        """The value of a facet that a reader means; one the authorities do not know is left as typed.

        ("venue", "cambodge") -> "Asie du Sud-Est > Cambodge"; ("actor", "Nations unies") -> "ONU".
        """
        if FACETS[facet].hierarchical and PATH_SEPARATOR in value:
            return value
        for kind in KINDS.get(facet, ()):
            label = self._labels.get((kind, fold(value)))
            if label is not None:
                return self._path(facet, label)
        return value

    def _path(self, facet: str, label: str) -> str:
        if facet == "topic":
            return self._authorities.topic_path(label)
        if facet == "venue":
            return self._authorities.venue_path(label) or label
        return label

    def canonical_filters(self, filters: Mapping[str, FacetFilter]) -> dict[str, FacetFilter]:
        """The same filters, every value canonical."""

        def each(facet: str, values: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(self.canonical(facet, value.strip()) for value in values if value.strip()))

        return {
            facet: FacetFilter(any=each(facet, f.any), all=each(facet, f.all), none=each(facet, f.none))
            for facet, f in filters.items()
        }
