"""Keeps a snapshot of what can be completed, beside the requests: counted in the background, new dispatches followed.

The values of facets are counted by the engine; words are read from the texts, of every dispatch in a small archive, of a
sample drawn at random in a large one. What has come since is read as it comes. Of the processes of a machine, one counts
for all of them (`search/suggest_kept.py`). docs/decisions/0012-suggest.md.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from engine.client import Engine
from engine.errors import DepechesError
from mappings.fields import FACETS
from search.facets import MOST_FREQUENT, clauses, filters_in_force
from search.request import SearchRequest
from search.suggest import FACETS_OF_WORDS
from search.suggest_kept import Counts, Kept
from search.suggest_snapshot import Aliases, Layer, Snapshot, layer
from search.suggest_typed import FIELDS
from search.suggest_words import WordCounts

log = structlog.get_logger()

Body = dict[str, Any]

# The facets of which values can be completed.
COMPLETED = tuple(dict.fromkeys((*FACETS_OF_WORDS, *FIELDS.values())))

# Seconds between two looks at what has come: twice in the minute in which a new dispatch must be known.
LOOK_EVERY = 20.0

# The same while another process counts what this one does not know yet.
LOOK_SOON = 1.0

# Seconds after which all is counted again where dispatches came or changed, and how many times what counting takes:
# beside a steady feed, it takes a fiftieth of one processor at most.
COUNT_AGAIN_AFTER, COUNT_AGAIN_TIMES = 600.0, 50

# Dispatches read one by one as they come; where more do, a bulk load, all is counted again instead.
MOST_RECENT = 5000

# Values kept of a facet, the most frequent: 50,000 actors are 30 MB.
MOST_VALUES = 50_000

# Dispatches in which words are counted, and words kept; figures in decision 0012.
SAMPLE, MOST_WORDS = 20_000, 60_000

# In a sample, a word seen once is as often a slip as a word.
LEAST_IN_SAMPLE = 2

PAGE = 500
KEEP_ALIVE = "2m"
SOURCE = ["title", "body", *(FACETS[name].levels for name in COMPLETED)]


@dataclass(frozen=True, slots=True)
class _State:
    """How many dispatches are in force, and the rank of entry of the latest."""

    total: int
    last: int


class Follower:
    """The snapshot of one archive; `snapshot` is read by any thread, at any time, and never waits.

    Args:
        index: the alias that is read.
        aliases: the other names of a value.
        kept: what processes of this machine counted; each counts for itself by default.
        edition: says which program counts; what another one counted is not taken over.
        sample: dispatches in which words are counted, at most.
    """

    def __init__(
        self,
        engine: Engine,
        index: str,
        aliases: Aliases,
        kept: Kept | None = None,
        *,
        edition: Callable[[], str] = lambda: "",
        sample: int = SAMPLE,
    ) -> None:
        self.snapshot = Snapshot()
        self._engine = engine
        self._index = index
        self._aliases = aliases
        self._kept = kept or Kept()
        self._edition = edition
        self._sample = sample
        self._base: _State | None = None
        self._seen: _State | None = None
        # When what is known was counted, by the clock that goes on evenly and by the one that processes share.
        self._counted_at = self._counted_on = self._took = 0.0
        self._values: dict[str, Counter[str]] = {}
        self._words = WordCounts()
        self._thread: threading.Thread | None = None
        self._waking, self._refreshing = threading.Lock(), threading.Lock()
        self._ending = threading.Event()

    def wake(self) -> None:
        """Start to follow, unless that is done; returns at once. A worker that was forked starts anew."""
        if self._thread and self._thread.is_alive():
            return
        with self._waking:
            if not (self._thread and self._thread.is_alive()):
                self._thread = threading.Thread(target=self._follow, name="suggest", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop to follow."""
        self._ending.set()
        if self._thread:
            self._thread.join()

    def _follow(self) -> None:
        failing = False
        while not self._engine.closed:
            try:
                self.refresh(pause=self._ending.wait)
                failing = False
            except DepechesError as error:
                # The engine is away, or its index: what is known goes on being answered. A closed one is wanted no more.
                if not failing and not self._engine.closed:
                    log.warning("suggestions", code=error.code, detail=error.detail)
                failing = True
            except Exception:
                if not self._engine.closed:
                    log.exception("suggestions")  # a surprise must not leave the snapshot behind for good
            waits = self._base is None and not failing
            if self._ending.wait(LOOK_SOON if waits else LOOK_EVERY):
                return

    def refresh(self, pause: Callable[[float], object] = lambda seconds: None) -> None:
        """Take in what changed since the last time.

        Args:
            pause: called with the seconds a stretch of work took, so that requests come first.

        Raises:
            EngineError: the engine is away, or its index is.
        """
        with self._refreshing:
            self._refresh(pause)

    def _refresh(self, pause: Callable[[float], object]) -> None:
        state = self._look()
        if self._must_count(state):
            with self._kept.turn() as ours:
                self._take_over(state)
                if self._must_count(state):
                    if ours:
                        self._count(pause)
                    elif self._base is None:
                        self._name_at_least()
                    return
        assert self._base
        if state != self._seen and self._came_since(self._base.last) <= MOST_RECENT:
            self._read_new(state, pause)

    def _must_count(self, state: _State) -> bool:
        """What is known is not to be mended by reading what came since."""
        base, elapsed = self._base, time.monotonic() - self._counted_at
        if base is None or state.last < base.last:
            return True
        # What was read one by one is counted again in the end: what a dispatch replaced is only then no longer counted.
        if state != base and elapsed > max(COUNT_AGAIN_AFTER, COUNT_AGAIN_TIMES * self._took):
            return True
        seldom = elapsed > COUNT_AGAIN_TIMES * self._took
        return seldom and state != self._seen and self._came_since(base.last) > MOST_RECENT

    def _look(self) -> _State:
        answer = self._engine.search(_in_force() | _LATEST, index=self._index)
        return _state(answer)

    def _came_since(self, last: int) -> int:
        return self._engine.count(self._index, _in_force(_after(last))["query"])

    # -- counting all --------------------------------------------------------------------------------

    def _count(self, pause: Callable[[float], object]) -> None:
        started = time.monotonic()
        moment = self._engine.open_point_in_time(self._index, KEEP_ALIVE)
        try:
            state = _state(self._at(moment, _in_force() | _LATEST))
            archive = self._archive()
            values = {name: self._values_of(name, moment) for name in COMPLETED}
            if self._base is None:
                # Names are there in no time; words follow.
                self.snapshot = Snapshot(layer(values, {}, self._aliases))
            words = WordCounts()
            for source in self._texts(moment, state.total, pause):
                _add(words, source)
        finally:
            self._engine.close_point_in_time(moment)
        exact = state.total <= self._sample
        counted = words.words(1 if exact else LEAST_IN_SAMPLE)
        share = 1.0 if exact else state.total / max(words.texts, 1)
        most = sorted(counted, key=lambda word: -counted[word])[:MOST_WORDS]
        estimates = {word: round(counted[word] * share) for word in most}
        took = time.monotonic() - started
        counts = Counts(archive, state.total, state.last, time.time(), took, exact, values, estimates)
        self._know(counts)
        self._kept.write(counts)

    def _know(self, counts: Counts) -> None:
        """Go on from these."""
        self.snapshot = Snapshot(layer(counts.values, counts.words, self._aliases), Layer(), counts.exact)
        self._base = self._seen = _State(counts.total, counts.last)
        self._values, self._words = {}, WordCounts()
        self._counted_on, self._took = counts.at, counts.took
        # A clock that was set back says nothing of how long ago.
        self._counted_at = time.monotonic() - max(0.0, time.time() - counts.at)

    def _take_over(self, state: _State) -> None:
        """Know what another process counted of this archive, if that is later than what is known here."""
        counts = self._kept.read(self._archive())
        if counts and counts.last <= state.last and (self._base is None or counts.at > self._counted_on):
            self._know(counts)

    def _archive(self) -> str:
        """Another index, made by a rebuild or on another server, is another archive."""
        indices = sorted(each["settings"]["index"]["uuid"] for each in self._engine.indices(self._index).values())
        return " ".join((*indices, self._edition(), str(self._sample)))

    def _name_at_least(self) -> None:
        """Names alone, until the process that counts is done with the words."""
        if not self.snapshot.base.shelves:
            self.snapshot = Snapshot(layer({name: self._values_of(name) for name in COMPLETED}, {}, self._aliases))

    def _at(self, moment: str, body: Body) -> Body:
        return self._engine.search(body | {"pit": {"id": moment, "keep_alive": KEEP_ALIVE}})

    def _values_of(self, facet: str, moment: str | None = None) -> dict[str, int]:
        terms = {"field": FACETS[facet].levels, "size": MOST_VALUES, "order": MOST_FREQUENT}
        body = _in_force() | {"size": 0, "aggs": {"values": {"terms": terms}}}
        answer = self._at(moment, body) if moment else self._engine.search(body, index=self._index)
        return {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["values"]["buckets"]}

    def _texts(self, moment: str, total: int, pause: Callable[[float], object]) -> Iterator[Mapping[str, Any]]:
        """Dispatches to read words in: all, or a sample drawn at random."""
        body: Body = _in_force() | {"size": PAGE, "_source": ["title", "body"], "track_total_hits": False}
        if total > self._sample:
            by_chance = {"random_score": {"seed": total, "field": "_seq_no"}, "boost_mode": "replace"}
            body |= {"query": {"function_score": {"query": body["query"], **by_chance}}}
            body["sort"] = [{"_score": "desc"}, {"_shard_doc": "asc"}]
        else:
            body["sort"] = [{"_shard_doc": "asc"}]
        read = 0
        while read < self._sample:
            hits = self._at(moment, body)["hits"]["hits"]
            started = time.monotonic()
            yield from (hit["_source"] for hit in hits)
            read += len(hits)
            if len(hits) < PAGE:
                return
            body["search_after"] = hits[-1]["sort"]
            pause(time.monotonic() - started)

    # -- what has come since -------------------------------------------------------------------------

    def _read_new(self, state: _State, pause: Callable[[float], object]) -> None:
        assert self._seen
        last = self._seen.last
        while True:
            body = _in_force(_after(last)) | {"size": PAGE, "sort": [{"ingest_seq": "asc"}], "_source": SOURCE}
            hits = self._engine.search(body, index=self._index)["hits"]["hits"]
            started = time.monotonic()
            for hit in hits:
                _add(self._words, hit["_source"])
                for name in COMPLETED:
                    found = hit["_source"].get(FACETS[name].levels) or ()
                    self._values.setdefault(name, Counter()).update([found] if isinstance(found, str) else found)
            if hits:
                last = hits[-1]["sort"][0]
            if len(hits) < PAGE:
                break
            pause(time.monotonic() - started)
        self._seen = _State(state.total, max(last, state.last))
        base = self.snapshot.base
        # A word is spelled as the archive spells it, not as the last dispatches do.
        words = {base.words.same(word) or word: count for word, count in self._words.words().items()}
        recent = layer(self._values, words, self._aliases)
        self.snapshot = Snapshot(base, recent, self.snapshot.exact_words)


def _add(words: WordCounts, source: Mapping[str, Any]) -> None:
    words.add("\n".join((source.get("title") or "", *(source.get("body") or ()))))


def _in_force(*further: Body) -> Body:
    """The dispatches that a search shows."""
    return {"query": {"bool": {"filter": [*clauses(filters_in_force(SearchRequest())), *further]}}}


def _after(last: int) -> Body:
    return {"range": {"ingest_seq": {"gt": last}}}


_LATEST: Body = {"size": 0, "track_total_hits": True, "aggs": {"last": {"max": {"field": "ingest_seq"}}}}


def _state(answer: Body) -> _State:
    return _State(answer["hits"]["total"]["value"], int(answer["aggregations"]["last"]["value"] or 0))
