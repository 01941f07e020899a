"""Files become dispatches in the index; every item ends loaded, unchanged or rejected.

    sources -> readers -> build (repair, parse, date) -> facets (indexer/enriching.py) -> ingest (stories, bulk) -> counted

A dispatch's id is its content, and it is created, never overwritten: loading again, in any order, after any
interruption, from two terminals at once, ends in the same archive.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from engine.client import Engine
from engine.errors import DepechesError, InputRejected, RefusedByEngine
from indexer import sources
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.enriching import Enriching
from indexer.ingest import Fate, Ingest, rank
from indexer.raw import Item, RawDispatch, Rejection
from indexer.readers import read_file, read_stream
from indexer.sources import Skipped
from mappings.dispatch import Dispatch
from mappings.lifecycle import Family

# Dispatches entered at once, and the bytes they may weigh: one lookup of neighbours, one refresh.
CHUNK = 500
CHUNK_BYTES = 8 * 1024 * 1024

# Dispatches at the head of a file that wait for one whose year is known.
MOST_WAITING = 200


@dataclass(slots=True)
class Tally:
    """What became of the input so far. Always: read = loaded + unchanged + rejected (+ what is on its way)."""

    read: int = 0
    loaded: int = 0
    unchanged: int = 0
    rejected: int = 0
    skipped: int = 0  # what is no dispatch and claims to be none (a photo, a hidden file): named, beside the account
    files: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who wants to hear of a load as it goes."""

    progress: Callable[[Tally], None] = lambda tally: None
    rejected: Callable[[Rejection], None] = lambda rejection: None
    skipped: Callable[[Skipped], None] = lambda skipped: None
    waiting: Callable[[DepechesError], None] = lambda error: None
    lost: Callable[[str], None] = lambda message: None  # a process died; the others do its work


# The path that means what is piped in.
STANDARD_INPUT = Path("-")


def writers_lock(dead_letters: DeadLetters) -> Path:
    """The file all writers to one archive lock: it lies beside the archive's dead letters."""
    return dead_letters.path.with_suffix(".writing")


# Dispatches by id, with what they were made of.
_Chunk = dict[str, tuple[Dispatch, RawDispatch]]


class Loader:
    """Loads into one archive. Its writers' lock lies beside its dead letters.

    Args:
        back_load: what it loads is old, and alerts nobody.
        processes: how many make facets, this one among them. Those of a large load stay until `rest`.
    """

    def __init__(
        self,
        engine: Engine,
        family: Family,
        builder: Builder,
        dead_letters: DeadLetters,
        watcher: Watcher | None = None,
        *,
        back_load: bool = False,
        processes: int = 1,
    ) -> None:
        self.engine = engine
        self.family = family
        self.builder = builder
        self.dead_letters = dead_letters
        self.watcher = watcher or Watcher()
        self.back_load = back_load
        self._lock = writers_lock(dead_letters)
        self._enriching = Enriching(builder.facets, processes, lambda message: self.watcher.lost(message))

    def rest(self) -> None:
        """End the other processes, until there is work for them again."""
        self._enriching.close()

    def load_paths(
        self, paths: Iterable[Path], format: str | None = None, columns: Mapping[str, str] | None = None
    ) -> Tally:
        """Load files and folders, and `-` for standard input; see `indexer.readers` for `format` and `columns`.

        Raises EngineError only when the engine stays away; what was loaded stays loaded.
        """
        tally = Tally()
        return self.load_items(self.read(paths, tally, format, columns), tally)

    def load_items(self, items: Iterable[Item | Skipped], tally: Tally | None = None) -> Tally:
        """Load what readers gave; a search finds it from now on.

        While one chunk enters the index, the next is built.
        """
        tally = tally or Tally()
        ingest = Ingest(self.engine, self.family, self._lock, back_load=self.back_load, waiting=self.watcher.waiting)
        with ThreadPoolExecutor(1, thread_name_prefix="ingest") as entering:
            under_way: tuple[_Chunk, Future[dict[str, Fate]]] | None = None
            for chunk in self._chunks(items, tally):
                if under_way:
                    self._count(*under_way, tally)
                under_way = chunk, entering.submit(ingest.enter, [dispatch for dispatch, _ in chunk.values()])
            if under_way:
                self._count(*under_way, tally)
            else:
                ingest.recover()  # nothing new, but a killed loader may have left something to finish
        self.watcher.progress(tally)
        return tally

    def read(
        self,
        paths: Iterable[Path],
        tally: Tally,
        format: str | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> Iterator[Item | Skipped]:
        """The items of files and folders, one after the other; files are counted in `tally`."""
        for path in paths:
            if path == STANDARD_INPUT:
                tally.files += 1
                yield from read_stream(sys.stdin.buffer, "entrée standard", format, columns)
                continue
            for found in sources.find([path]):
                if not isinstance(found, sources.Found):
                    yield found
                    continue
                tally.files += 1
                where = sources.display(found.path)
                for item in read_file(found.path, found.name, format, columns):
                    if isinstance(item, RawDispatch):
                        yield replace(item, path=where)
                    elif isinstance(item, Rejection):
                        yield replace(item, where=_inside(where, item.where))
                    else:
                        yield replace(item, name=_inside(where, item.name))

    def _chunks(self, items: Iterable[Item | Skipped], tally: Tally) -> Iterator[_Chunk]:
        """Dispatches of `items` with what they are made of, each id once; rejections are written down on the way."""
        chunk: _Chunk = {}
        weight = 0
        for item, built in self._enriching.enriched(self._read(items, tally)):
            if isinstance(built, InputRejected):
                self._reject(Rejection.of(item, built), tally)
                continue
            twin = chunk.get(built.id)
            if twin:
                tally.unchanged += 1
            if twin is None or rank(built) < rank(twin[0]):
                chunk[built.id] = built, item
                weight += len(item.raw)
            if len(chunk) >= CHUNK or weight >= CHUNK_BYTES:
                yield chunk
                chunk, weight = {}, 0
        if chunk:
            yield chunk

    def _read(
        self, items: Iterable[Item | Skipped], tally: Tally
    ) -> Iterator[tuple[RawDispatch, Dispatch | InputRejected]]:
        """The dispatch each item makes, without its facets, or why it makes none.

        A dispatch without a year is of the days of its neighbours in the file: of the one before it that says its
        year, else of the first after it. Those that wait for that one are read again when it comes.
        """
        file: str | None = None
        near: tuple[datetime, ...] = ()
        waiting: list[tuple[RawDispatch, Dispatch]] = []
        for item in items:
            if isinstance(item, Skipped):
                tally.skipped += 1
                self.watcher.skipped(item)
                continue
            tally.read += 1
            if isinstance(item, Rejection):
                self._reject(item, tally)
                continue
            if _outermost(item.source.file) != file:
                yield from waiting
                file, near, waiting = _outermost(item.source.file), (), []
            try:
                dispatch = self.builder.read(item, near)
            except InputRejected as error:
                yield item, error
                continue
            if dispatch.published and dispatch.date_basis == "stated":
                near = (dispatch.published,)
                yield from [(early, self.builder.read(early, near)) for early, _ in waiting]
                waiting = []
            elif dispatch.date_text and dispatch.date_basis in ("file", "unknown") and len(waiting) < MOST_WAITING:
                waiting.append((item, dispatch))
                continue
            yield item, dispatch
        yield from waiting

    def _count(self, chunk: _Chunk, entered: Future[dict[str, Fate]], tally: Tally) -> None:
        for id, fate in entered.result().items():
            if fate.kind == "loaded":
                tally.loaded += 1
            elif fate.kind == "unchanged":
                tally.unchanged += 1
            else:
                error = RefusedByEngine(f"Elasticsearch refuse cette dépêche : {fate.error}")
                self._reject(Rejection.of(chunk[id][1], error), tally)
        self.watcher.progress(tally)

    def _reject(self, rejection: Rejection, tally: Tally) -> None:
        self.dead_letters.add(rejection, back_load=self.back_load)
        tally.rejected += 1
        tally.reasons[rejection.error.code] += 1
        self.watcher.rejected(rejection)
        self.watcher.progress(tally)


def _inside(where: str, name: str) -> str:
    """A member of a container, by the container's place on this machine: `/lots/a.zip!/b.txt`."""
    return where + "".join(name.partition("!/")[1:])


def _outermost(file: str | None) -> str | None:
    """The file on disk: members of an archive came together."""
    return file.partition("!/")[0] if file else None
