"""Names as readers write them, and as the archive does: a filter may say "Nations unies" or "Phnom Penh"."""

from __future__ import annotations

from collections.abc import Mapping

from authorities.model import Authorities

from mappings.dispatch import PATH_SEPARATOR
from mappings.fields import FACETS
from search.request import FacetFilter


def canonical_filters(filters: Mapping[str, FacetFilter], authorities: Authorities) -> dict[str, FacetFilter]:
    """The same filters with canonical values where the authorities know them; others stay as typed.

    `venue=Cambodge` -> "Asie du Sud-Est > Cambodge"; `actor=Nations unies` -> "ONU"; `actor=M. Personne` stays.
    """
    return {
        name: FacetFilter(
            any=_canonical(name, wanted.any, authorities),
            all=_canonical(name, wanted.all, authorities),
            none=_canonical(name, wanted.none, authorities),
        )
        for name, wanted in filters.items()
    }


def _canonical(facet: str, values: tuple[str, ...], authorities: Authorities) -> tuple[str, ...]:
    return tuple(dict.fromkeys(canonical_value(facet, value.strip(), authorities) for value in values if value.strip()))


def canonical_value(facet: str, value: str, authorities: Authorities) -> str:
    """The facet value a reader means by `value`."""
    if FACETS[facet].hierarchical and PATH_SEPARATOR in value:
        return value
    if facet == "venue":
        label = authorities.label_of(value, kinds=("region", "state", "city"))
        return (label and authorities.venue_path(label)) or value
    if facet == "topic":
        label = authorities.label_of(value, kinds=("topic",))
        return authorities.topic_path(label) if label else value
    if facet in ("actor", "place"):
        return authorities.label_of(value) or value
    return value
