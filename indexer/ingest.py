"""Built dispatches enter the archive, with their stories: the one place that writes dispatches.

    known already? -> place (indexer/placing.py) -> create -> tell the others of their stories -> settled -> refresh

One writer at a time: a placement is true of the archive it was made from. A lock on this machine sees to that; a killed
writer lets go of it. Several machines load through one of them (`POST /api/v1/dispatches`).

A kill between two steps loses nothing. A dispatch is created with its own place, and as not `settled` when others must
be told of it; the next writer finds those and finishes. Entering the same dispatches again, in any order, changes nothing.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from engine.client import BulkOutcome, Engine
from engine.errors import (
    ConfigurationError,
    DepechesError,
    EngineOverloaded,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
)
from indexer.placing import Placed, Placer
from indexer.stories import Placement
from mappings.dispatch import Basis, Dispatch, from_document, instant, to_document
from mappings.lifecycle import Family

# HTTP status of a `create` whose id is there already: another machine was faster.
CONFLICT = 409

# How sure the year is, the surest first. The same text received twice keeps its surest date.
_SUREST: tuple[Basis, ...] = ("stated", "weekday", "reference", "neighbour", "file", "unknown")

# What a killed writer left: dispatches whose story does not know of them; also those of an archive without stories.
UNSETTLED: dict[str, Any] = {
    "bool": {"should": [{"term": {"settled": False}}, {"bool": {"must_not": [{"exists": {"field": "cluster"}}]}}]}
}
# Dispatches whose story is to be finished, taken up at once.
RECOVERED = 500

# How long a writer goes on trying an engine that is away, in seconds.
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a dispatch. `error` says why it was refused."""

    kind: Literal["loaded", "unchanged", "refused"]
    error: str = ""


class Ingest:
    """Enters dispatches into one archive.

    Args:
        lock: a file that all writers of this machine share.
        back_load: what enters is old, and alerts nobody.
        index: where to write and to look; the family's write alias when left out.
        waiting: hears of each try while the engine is away.
    """

    def __init__(
        self,
        engine: Engine,
        family: Family,
        lock: Path,
        *,
        back_load: bool = False,
        index: str | None = None,
        patience: float = PATIENCE,
        waiting: Callable[[DepechesError], None] = lambda error: None,
    ) -> None:
        self._engine = engine
        self._index = index or family.write
        self._lock = lock
        self._back_load = back_load
        self._patience = patience
        self._waiting = waiting
        self._placer = Placer(engine, self._index)
        self._recovered = False

    def enter(self, arrivals: Sequence[Dispatch]) -> dict[str, Fate]:
        """What became of each, by id; those loaded can be found from now on.

        Args:
            arrivals: each id once. `ingested_at` and `ingest_seq` are given here, unless they have them (a rebuild).

        Raises:
            EngineError: the engine stayed away. What was entered stays, and entering the rest again is harmless.
        """
        fates: dict[str, Fate] = {}
        self._persist(lambda: self._enter(arrivals, fates))
        return fates

    def recover(self) -> int:
        """Finish what a killed writer left: dispatches whose stories do not know of them yet. How many there were."""
        count = 0

        def finish() -> None:
            nonlocal count
            with self._alone():
                count += self._recover()

        self._persist(finish)
        return count

    def _persist(self, work: Callable[[], None]) -> None:
        """Do it, trying again while the engine is away or busy; it must be harmless to repeat."""
        deadline = time.monotonic() + self._patience
        pause = 0.5
        while True:
            try:
                return work()
            except (EngineUnavailable, EngineTimeout, EngineOverloaded) as error:
                if time.monotonic() > deadline:
                    raise
                self._recovered = False  # this very work may have been cut off midway
                self._waiting(error)
                time.sleep(pause)
                pause = min(pause * 2, 5.0)

    def _enter(self, arrivals: Sequence[Dispatch], fates: dict[str, Fate]) -> None:
        with self._alone():
            if not self._recovered:
                self._recover()
                self._recovered = True
            known = self._engine.get_many(self._index, [each.id for each in arrivals], source=_KNOWN)
            fresh = [each for each in arrivals if each.id not in known]
            better = [each for each in arrivals if each.id in known and rank(each) < _rank_of(known[each.id])]
            for id in known:
                fates.setdefault(id, Fate("unchanged"))  # an earlier try may have loaded it
            if fresh:
                self._create(self._stamped(fresh), fates)
            if better:
                self._correct([_since(each, known[each.id]) for each in better])

    def _create(self, fresh: Sequence[Dispatch], fates: dict[str, Fate]) -> None:
        placed = self._placer.place(fresh)
        refused = False
        for outcome in self._bulk([self._action(each, placed) for each in fresh]):
            if outcome.done:
                fates[outcome.id] = Fate("loaded")
            elif outcome.status == CONFLICT:
                fates[outcome.id] = Fate("unchanged")
            else:
                fates[outcome.id] = Fate("refused", outcome.error or "")
                refused = True
        self._engine.refresh(self._index)
        if refused:
            # The others were placed beside what is not there: place them again.
            there = [each.id for each in fresh if fates[each.id].kind != "refused"]
            self._settle([from_document(each) for each in self._engine.get_many(self._index, there).values()])
        elif placed.others:
            self._update(_told(placed, fresh))
            self._update({id: {"settled": True} for id in placed.unsettled})
            self._engine.refresh(self._index)

    def _correct(self, better: Sequence[Dispatch]) -> None:
        """Put dispatches in the place of the same ones, then place them anew: until then, they keep their place."""
        outcomes = list(
            self._bulk(
                {"_op_type": "index", "_index": self._index, "_id": each.id, "_source": to_document(each)}
                for each in better
            )
        )
        for outcome in outcomes:
            if not outcome.done:
                raise EngineRefused(f"Elasticsearch ne met pas à jour {outcome.id} : {outcome.error}")
        self._engine.refresh(self._index)
        self._settle(better)

    def _action(self, dispatch: Dispatch, placed: Placed) -> dict[str, Any]:
        placement = placed.arrivals[dispatch.id]
        dispatch = replace(
            dispatch,
            story=placement.story,
            version=placement.version,
            status=placement.status,
            cluster=placement.cluster,
            bands=placed.bands[dispatch.id],
            settled=dispatch.id not in placed.unsettled,
        )
        return {
            "_op_type": "create",
            "_index": self._index,
            "_id": dispatch.id,
            "_source": to_document(dispatch),
        }

    def _recover(self) -> int:
        """Settle what is not; also dispatches of an archive that knew no stories yet."""
        self._engine.refresh(self._index)
        count = 0
        while True:
            body = {"query": UNSETTLED, "size": RECOVERED, "sort": [{"id": "asc"}]}
            hits = self._engine.search(body, index=self._index)["hits"]["hits"]
            if not hits:
                return count
            self._settle([from_document(hit["_source"]) for hit in hits])
            count += len(hits)

    def _settle(self, dispatches: Sequence[Dispatch]) -> None:
        """Place dispatches of the archive anew, and tell all they touch."""
        placed = self._placer.place(dispatches, {dispatch.id for dispatch in dispatches})
        self._update(_told(placed, dispatches))
        self._update(
            {
                id: _fields(each) | {"bands": list(placed.bands[id]), "settled": True}
                for id, each in placed.arrivals.items()
            }
        )
        self._engine.refresh(self._index)

    def _update(self, fields: Mapping[str, dict[str, Any]]) -> None:
        """Change some fields of dispatches that are there.

        Raises:
            EngineRefused: one would not be changed; the next writer tries again.
        """
        actions = [
            {"_op_type": "update", "_index": self._index, "_id": id, "doc": changed, "retry_on_conflict": 3}
            for id, changed in fields.items()
        ]
        for outcome in self._bulk(actions):
            if not outcome.done:
                raise EngineRefused(f"Elasticsearch ne met pas à jour {outcome.id} : {outcome.error}")

    def _bulk(self, actions: Iterable[dict[str, Any]]) -> Iterator[BulkOutcome]:
        # Halves of a chunk: two senders keep both cores of the engine busy.
        return self._engine.bulk(actions, chunk_size=250, patience=self._patience, waiting=self._waiting)

    def _stamped(self, dispatches: Sequence[Dispatch]) -> list[Dispatch]:
        """With time and number of entry. The numbers only grow: microseconds of the clock, but above all in the index.
        Those of one call follow each other, and share their time.

        A clock set back thus cannot put a new dispatch before a watermark that alerts have passed; and since one writer
        writes at a time and makes what it wrote visible, what becomes visible later has a higher number.
        """
        body = {"size": 0, "aggs": {"last": {"max": {"field": "ingest_seq"}}}}
        last = int(self._engine.search(body, index=self._index)["aggregations"]["last"]["value"] or 0)
        now = datetime.now(UTC)
        last = max(last, time.time_ns() // 1000)
        stamped = []
        for dispatch in dispatches:
            if dispatch.ingested_at is None:
                last += 1
                dispatch = replace(dispatch, ingested_at=now, ingest_seq=last, back_load=self._back_load)
            stamped.append(dispatch)
        return stamped

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other writer of this machine writes."""
        try:
            self._lock.parent.mkdir(parents=True, exist_ok=True)
            handle = self._lock.open("w")
        except OSError as error:
            raise ConfigurationError(
                f"Impossible d'écrire {self._lock} ({error.strerror}) : les chargements de cette machine partagent ce "
                "verrou. Donnez les droits d'écriture sur DEPECHES_DATA_DIR au compte qui charge."
            ) from error
        with handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _told(placed: Placed, arrivals: Sequence[Dispatch]) -> dict[str, dict[str, Any]]:
    """What others are told of these arrivals, by id: their place, and where their status changed, by which of them."""
    last: dict[str, int] = {}
    for each in arrivals:
        cluster = placed.arrivals[each.id].cluster
        last[cluster] = max(last.get(cluster, 0), each.ingest_seq)
    # Of an arrival of its cluster, where it has one.
    any_of_them = max(last.values(), default=0)
    return {
        id: _fields(each) | ({"status_seq": last.get(each.cluster, any_of_them)} if id in placed.restated else {})
        for id, each in placed.others.items()
    }


def _fields(placement: Placement) -> dict[str, Any]:
    return {
        "story": placement.story,
        "version": placement.version,
        "status": placement.status,
        "cluster": placement.cluster,
    }


# After every file name: a text that was pushed says less of where it came from.
_NO_FILE = "\U0010ffff"
_Rank = tuple[int, str, str, str]


def rank(dispatch: Dispatch) -> _Rank:
    """Of the same dispatch received twice, the lesser stays: by the surest date, then the earliest, then by its file.

    Which came first does not matter, so that files loaded in any order give the same archive.
    """
    return (
        _SUREST.index(dispatch.date_basis),
        instant(dispatch.published) or "",
        dispatch.source.file or _NO_FILE,
        dispatch.source.checksum or "",
    )


def _rank_of(known: Mapping[str, Any]) -> _Rank:
    """The same, of a document."""
    source = known.get("source", {})
    return (
        _SUREST.index(known.get("date_basis", "unknown")),
        known.get("published") or "",
        source.get("file", _NO_FILE),
        source.get("checksum", ""),
    )


# What is asked of dispatches that are there: what their rank, their time of entry and their place are in.
_KNOWN = (
    *("date_basis", "published", "source", "ingested_at", "ingest_seq", "back_load"),
    *("story", "version", "status", "cluster", "bands", "status_seq"),
)


def _since(dispatch: Dispatch, known: Mapping[str, Any]) -> Dispatch:
    """A dispatch in the place of the same one received before: it entered when that did, and is to be placed anew."""
    entered = known.get("ingested_at")
    return replace(
        dispatch,
        ingested_at=datetime.fromisoformat(entered) if entered else None,
        ingest_seq=known.get("ingest_seq", 0),
        back_load=known.get("back_load", False),
        story=known.get("story", dispatch.id),
        version=known.get("version", 1),
        status=known.get("status", "current"),
        cluster=known.get("cluster", ""),
        bands=tuple(known.get("bands", ())),
        status_seq=known.get("status_seq", 0),
        settled=False,
    )
