"""A message and what it tells: the hits it carries, and their dispatches as the archive has them now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from alerts.models import Hit, Kind, SavedSearch
from alerts.outbox import Claim, Part
from search.result import Hit as Result

# What a message tells of a dispatch, of all that the index keeps.
FIELDS = (
    *(
        "id",
        "story",
        "version",
        "status",
        "title",
        "title_derived",
        "lead",
        "published",
        "date_precision",
        "date_basis",
    ),
    *("date_text", "agency", "actors", "venues", "topics"),
)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message in hand.

    Args:
        parts: its hits, in the order they were found; never empty.
        sources: by id, the fields of `FIELDS` of each dispatch that is still in the archive.
    """

    claim: Claim
    parts: tuple[Part, ...]
    sources: Mapping[str, Mapping[str, Any]]

    def result(self, dispatch: str) -> Result | None:
        """A dispatch as a search would list it; None when the archive has it no longer."""
        source = self.sources.get(dispatch)
        return Result(dict(source), None, None, ()) if source else None

    def by_search(self) -> list[tuple[SavedSearch, list[Part]]]:
        """Its hits by saved search, in the order of the searches' names."""
        groups: dict[str, list[Part]] = {}
        for part in self.parts:
            groups.setdefault(part.channel.saved_search_id, []).append(part)
        found = [(parts[0].channel.saved_search, parts) for parts in groups.values()]
        return sorted(found, key=lambda group: (group[0].name.casefold(), group[0].id))


# What must be known first: that something is not to be taken up, then that it has changed.
_FIRST: tuple[Kind, ...] = ("withdrawal", "correction", "new")


def in_order(hits: Iterable[Hit]) -> list[Hit]:
    """As a letter tells them, and the page that tells its rest: withdrawals, corrections, then the newest found first."""
    return sorted(hits, key=lambda hit: (rank(hit), -hit.id))


def rank(hit: Hit) -> int:
    """How soon a hit must be known, from 0."""
    return _FIRST.index(hit.kind)
