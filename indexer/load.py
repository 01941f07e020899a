"""Files become dispatches in the index; every item ends loaded, unchanged or rejected.

    sources -> readers -> build (repair, parse, date, enrich) -> bulk -> counted

A dispatch's id is its content, and it is created, never overwritten: loading again, in any order, after any
interruption, from two terminals at once, ends in the same archive.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.client import BulkOutcome, Engine
from engine.errors import DepechesError, InputRejected, RefusedByEngine
from indexer import sources
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.raw import Item, RawDispatch, Rejection
from indexer.readers import read_bytes, read_file
from mappings.dispatch import Dispatch, to_document
from mappings.lifecycle import Family

# HTTP status of a `create` whose id is there already: the same content was loaded before.
CONFLICT = 409


@dataclass(slots=True)
class Tally:
    """What became of the input so far. Always: read = loaded + unchanged + rejected (+ what is on its way)."""

    read: int = 0
    loaded: int = 0
    unchanged: int = 0
    rejected: int = 0
    skipped: int = 0  # hidden files and READMEs of folders: no input, named all the same
    files: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who wants to hear of a load as it goes."""

    progress: Callable[[Tally], None] = lambda tally: None
    rejected: Callable[[Rejection], None] = lambda rejection: None
    waiting: Callable[[DepechesError], None] = lambda error: None


class Loader:
    """Loads into one archive."""

    def __init__(
        self,
        engine: Engine,
        family: Family,
        builder: Builder,
        dead_letters: DeadLetters,
        watcher: Watcher | None = None,
    ) -> None:
        self.engine = engine
        self.family = family
        self.builder = builder
        self.dead_letters = dead_letters
        self.watcher = watcher or Watcher()

    def load_paths(self, paths: Iterable[Path], format: str | None = None) -> Tally:
        """Load files and folders, their format found by content unless it is given.

        Raises EngineError only when the engine stays away; what was loaded stays loaded.
        """
        tally = Tally()
        return self.load_items(self.read(paths, tally, format), tally)

    def load_items(self, items: Iterable[Item], tally: Tally | None = None) -> Tally:
        """Load what readers gave; the index is refreshed at the end, so that a search finds it."""
        tally = tally or Tally()
        pending: dict[str, RawDispatch] = {}
        actions = self._actions(items, tally, pending)
        for outcome in self.engine.bulk(actions, waiting=self.watcher.waiting):
            self._count(outcome, pending.pop(outcome.id), tally)
            self.watcher.progress(tally)
        self.engine.refresh(self.family.write)
        self.watcher.progress(tally)
        return tally

    def read(self, paths: Iterable[Path], tally: Tally, format: str | None = None) -> Iterator[Item]:
        """The items of files and folders, one after the other."""
        for found in sources.find(paths):
            if isinstance(found, sources.Skipped):
                tally.skipped += 1
            elif isinstance(found, Rejection):
                yield found
            else:
                tally.files += 1
                where = sources.display(found.path)
                for item in read_file(found.path, found.name, format):
                    if isinstance(item, sources.Skipped):
                        tally.skipped += 1
                    elif isinstance(item, RawDispatch):
                        yield replace(item, path=where)
                    else:
                        yield replace(item, where=_inside(where, item.where))

    def _actions(
        self, items: Iterable[Item], tally: Tally, pending: dict[str, RawDispatch]
    ) -> Iterator[dict[str, Any]]:
        """Bulk actions for the dispatches among `items`; rejections are written down on the way."""
        sequence = IngestSequence(self.engine, self.family)
        dated = _Neighbours()
        for item in items:
            tally.read += 1
            if isinstance(item, Rejection):
                self._reject(item, tally)
                continue
            try:
                dispatch = self.builder.build(item, dated.near(item))
            except InputRejected as error:
                self._reject(Rejection(item.where, error, item.raw, item.position), tally)
                continue
            dated.add(dispatch)
            if dispatch.id in pending:  # twice in the same chunk: the engine would answer one id for two items
                tally.unchanged += 1
                continue
            pending[dispatch.id] = item
            yield {
                "_op_type": "create",
                "_index": self.family.write,
                "_id": dispatch.id,
                "_source": to_document(stamp(dispatch, sequence)),
            }

    def _count(self, outcome: BulkOutcome, item: RawDispatch, tally: Tally) -> None:
        if outcome.done:
            tally.loaded += 1
        elif outcome.status == CONFLICT:
            tally.unchanged += 1
        else:
            error = RefusedByEngine(f"Elasticsearch refuse cette dépêche : {outcome.error}")
            self._reject(Rejection(item.where, error, item.raw, item.position), tally)

    def _reject(self, rejection: Rejection, tally: Tally) -> None:
        self.dead_letters.add(rejection)
        tally.rejected += 1
        tally.reasons[rejection.error.code] += 1
        self.watcher.rejected(rejection)
        self.watcher.progress(tally)


def _inside(where: str, name: str) -> str:
    """A member of a container, by the container's place on this machine: `/lots/a.zip!/b.txt`."""
    return where + "".join(name.partition("!/")[1:])


class _Neighbours:
    """The moments known in the file being read: a dispatch without a year is of the same days as its neighbours."""

    def __init__(self) -> None:
        self._file: str | None = None
        self._moments: tuple[datetime, ...] = ()

    def near(self, item: RawDispatch) -> tuple[datetime, ...]:
        if item.source.file != self._file:
            self._file, self._moments = item.source.file, ()
        return self._moments

    def add(self, dispatch: Dispatch) -> None:
        if dispatch.published and dispatch.date_basis == "stated":
            self._moments = (dispatch.published,)


class IngestSequence:
    """Numbers that only grow: microseconds of the clock, but never at or below the last one in the index.

    A clock set back thus cannot put a new dispatch before a watermark that alerts have passed.
    """

    def __init__(self, engine: Engine, family: Family) -> None:
        body = {"size": 0, "aggs": {"last": {"max": {"field": "ingest_seq"}}}}
        last = engine.search(body, index=family.read)["aggregations"]["last"]["value"]
        self._last = int(last or 0)

    def next(self) -> int:
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return self._last


def stamp(dispatch: Dispatch, sequence: IngestSequence) -> Dispatch:
    """The dispatch with its time and number of entry."""
    return replace(dispatch, ingested_at=datetime.now(UTC), ingest_seq=sequence.next())


def replay(loader: Loader) -> Tally:
    """Try every dead letter again: from the bytes kept with it, else from its file. Those loaded are forgotten.

    Returns the tally of this try; what is rejected again stays where it was.
    """
    tally = Tally()
    loaded: set[str] = set()
    try:
        for letter in loader.dead_letters.all():
            before = tally.rejected
            if letter.raw is not None:
                loader.load_items(read_bytes(letter.raw, Path(letter.where).name), tally)
            else:
                # A member of a container is read again with the whole container; the rest of it is unchanged.
                loader.load_items(loader.read([Path(letter.where.partition("!/")[0])], tally), tally)
            if tally.rejected == before:
                loaded.add(letter.key)
    finally:
        # Once, not after each: the file is written anew. A replay killed before this is harmless to repeat.
        loader.dead_letters.remove(loaded)
    return tally
