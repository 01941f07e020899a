"""What a saved search announced, as the archive shows it today: the dispatch of each hit, its passages marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.models import Hit, Kind, SavedSearch
from search.result import Hit as Listed
from search.service import Archive


@dataclass(frozen=True, slots=True)
class Announced:
    """One hit. `listed` is None when the archive has the dispatch no more: what was announced is told all the same."""

    id: int
    dispatch: str
    version: int
    kind: Kind
    matched_at: datetime
    listed: Listed | None


def announced(archive: Archive, saved: SavedSearch, hits: Sequence[Hit]) -> tuple[Announced, ...]:
    """These hits, in their order. Raises: EngineError."""
    q = next(iter(saved.params.get("q", ())), "")
    listed = archive.listed(list(dict.fromkeys(hit.dispatch for hit in hits)), q)
    return tuple(
        Announced(hit.id, hit.dispatch, hit.version, hit.kind, hit.matched_at, listed.get(hit.dispatch)) for hit in hits
    )
