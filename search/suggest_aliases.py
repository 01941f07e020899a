"""The other names of a facet's value, as the authorities write them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from authorities.model import PATH_SEPARATOR, Authorities, fold
from mappings.fields import FACETS


class Aliases:
    """From a value of a facet to what else it is called: ("actor", "ONU") -> ("Nations unies", ...)."""

    def __init__(self, authorities: Authorities) -> None:
        self._names: dict[tuple[str, str], list[str]] = {}
        for name in authorities.names():
            if name.role in ("alias", "acronym") and fold(name.text) != fold(name.label):
                self._names.setdefault((name.kind, name.label), []).append(name.text)

    def of(self, facet: str, value: str) -> Sequence[str]:
        """The other names, in no order that matters; none for a value the authorities do not know."""
        declared = FACETS[facet]
        label = value.split(PATH_SEPARATOR)[-1] if declared.hierarchical else value
        return [text for kind in declared.kinds for text in self._names.get((kind, label), ())]
