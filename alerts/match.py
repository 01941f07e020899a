"""New dispatches meet saved searches. The meaning of an alert is the meaning of a search: the same function compiles both.

    watermark -> windows of new dispatches -> what the index holds of them (alerts/window.py)
              -> what each saved search says of them (alerts/library.py, alerts/conditions.py)
              -> of what that leaves open, one search for hundreds at once, each a named query -> hits, in one transaction

What is found again is kept once, so that any part may be done twice: after a crash, or by two workers at a time. Dispatches
are read by `ingest_seq`, from a little before the mark, since those of one batch may become visible in any order.

A round asks one generation of the index, and of its copies one: what one look sees the next one sees too, though a rebuild
puts another in its place, or another copy is refreshed later.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from orjson import Fragment, loads

from alerts import hits, saved, watermarks
from alerts.clauses import Clauses
from alerts.conditions import TERM_FIELDS, VALUE_FIELDS
from alerts.handfuls import handfuls
from alerts.hits import Found
from alerts.library import Asked, Library
from alerts.preview import last_seq
from alerts.window import New, Window
from engine.client import Engine
from engine.database import Database
from engine.errors import DatabaseBusy, EngineOverloaded, EngineRefused, EngineTimeout, EngineUnavailable, RequestError
from mappings import lifecycle
from search.service import Archive

Body = dict[str, Any]

# The mark of the matcher in the database.
WATERMARK = "match"

# Dispatches read at a time, and matched at a time.
PAGE = 1_000
WINDOW = 200

# Named queries of one search: more take longer each, fewer more round trips (bench/alerts.py measures it).
NAMED = 500

# How far before the mark is read again, in steps of `ingest_seq`: microseconds. The dispatches of one batch follow each
# other and become visible within seconds; a minute is also what writers on two machines may be apart.
OVERLAP = 60_000_000

# How often one saved search may fail by itself, the engine being well, before it is paused.
TRIES = 3

_BEHIND = "Une copie de l'index est en retard sur une autre."

_SOURCE = ["id", "story", "version", "status", "ingest_seq", "status_seq", "back_load", "settled"]
_OF_MEMBERS = ["id", "story", "version", "status", "agency"]


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at the archive did: dispatches read for the first time, saved searches the engine was asked, new hits."""

    dispatches: int
    asked: int
    hits: int


class Matcher:
    """Matches one archive. Of one thread; several may run, in one process or many."""

    def __init__(
        self,
        engine: Engine,
        archive: Archive,
        database: Database,
        *,
        window: int = WINDOW,
        named: int = NAMED,
        overlap: int = OVERLAP,
    ) -> None:
        self._engine = engine
        self._archive = archive
        self._database = database
        self._zone = ZoneInfo(archive.timezone)
        self._window, self._named, self._overlap = window, named, overlap
        self.library = Library(engine, archive, database)
        self._clauses = Clauses(archive, lambda: datetime.now(self._zone).date())
        # What was matched already, of what is read again: by id the `ingest_seq`, and whether it was settled then.
        self._seen: dict[str, tuple[int, bool]] = {}
        # The mark as it was last seen: it only rises, but where a backup of the database was brought back.
        self._reached = 0
        self._index = archive.index
        self._copy = uuid4().hex

    def once(self) -> Round:
        """Match all that is new.

        Raises:
            EngineError, DatabaseError: one is away. Nothing is lost: the mark stays where it was.
        """
        self._index = lifecycle.in_use(self._engine, self._archive.index)
        mark = self._mark()
        self._seen = {id: (seq, settled) for id, (seq, settled) in self._seen.items() if seq > mark - self._overlap}
        total = Round(0, 0, 0)
        for page in self.since(mark - self._overlap):
            fresh = [each for each in page if self._seen.get(each.id) != (each.seq, each.settled)]
            if fresh:
                # Now that they are read: who saved a search before they could be found hears of them.
                self.library.refresh(self._index)
            for window in handfuls(fresh, self._window):
                asked, found = self._match(window)
                seen = self._seen | {each.id: (each.seq, each.settled) for each in window}
                # What is not settled is read until it is, by whoever goes on from the mark.
                unsettled = min((seq for seq, settled in seen.values() if not settled), default=None)
                reached = max(each.seq for each in window)
                upto = reached if unsettled is None else min(reached, unsettled - 1)
                while (kept := self._record(found, upto)) is None:
                    self.library.refresh(self._index)
                    asked, found = self._match(window)
                self._seen = seen
                total = Round(total.dispatches + len(window), total.asked + asked, total.hits + kept)
        return total

    def forget(self) -> None:
        """Read what is read again as if it had never been: what was matched since the mark is matched once more."""
        self._seen.clear()

    def _mark(self) -> int:
        """Where matching goes on; at first, where the first search was saved, or at the end of the archive."""
        with self._database.reading() as session:
            known = watermarks.read(session, WATERMARK)
            mark = known or saved.earliest(session)
        if known < self._reached:
            self.forget()  # what was found since is in that database no more
        self._reached = known
        if mark is not None:
            return mark
        last = last_seq(self._archive)
        with self._database.writing() as session:
            # One may have been saved meanwhile, before something that `last` is past.
            first = saved.earliest(session)
            if first is not None:
                return first
            return watermarks.advance(session, WATERMARK, last, self._database.now(session))

    def since(self, seq: int) -> Iterator[list[New]]:
        """The dispatches that entered after one, in order, as they are read."""
        for page in self._pages({"range": {"ingest_seq": {"gt": seq}}}):
            yield [_new(hit) for hit in page]

    def _pages(self, query: Body) -> Iterator[list[Body]]:
        body: Body = {
            "query": query,
            "sort": [{"ingest_seq": "asc"}, {"id": "asc"}],
            "size": PAGE,
            "track_total_hits": False,
            "_source": _SOURCE,
            "docvalue_fields": [*VALUE_FIELDS, {"field": "published", "format": "epoch_millis"}],
            "version": True,
        }
        while True:
            found = self._search(body)["hits"]["hits"]
            yield found
            if len(found) < body["size"]:
                return
            body["search_after"] = found[-1]["sort"]

    def _search(self, body: Body) -> Body:
        return self._engine.search(body, index=self._index, preference=self._copy)

    # -- one window --------------------------------------------------------------------------------

    def _match(self, window: Sequence[New]) -> tuple[int, list[Found]]:
        """How many saved searches the engine was asked about a window, and what was found."""
        with _collector_at_rest():
            asked, found = self._meet(window)
            return asked, self._with_changes(window, found)

    def _meet(
        self, dispatches: Sequence[New], of: Callable[[Asked], bool] = lambda asked: True
    ) -> tuple[int, list[Found]]:
        """The same, of some saved searches alone, whatever becomes of other dispatches."""
        window = self.window_of(dispatches)
        found: list[Found] = []
        left: list[tuple[Asked, int]] = []
        for asking, sure, may in self.library.may_meet(window):
            for asked in filter(of, asking):
                told = window.told_to(asked.after_seq, asked.had, back_loads=asked.back_loads)
                found += [Found(asked.id, new.id, new.version) for new in window.members(sure & told)]
                if open := may & ~sure & told:
                    left.append((asked, open))
        left.sort(key=_fewest_first)
        for chunk in handfuls(left, self._named):
            open_of = {asked.id: open for asked, open in chunk}
            ids = [new.id for new in window.members(reduce(or_, open_of.values()))]
            for dispatch, search in self._ask(ids, [asked for asked, _ in chunk]):
                if window.bit_of[dispatch] & open_of[search]:
                    found.append(Found(search, dispatch, window.of_id[dispatch].version))
        return len(left), found

    def window_of(self, dispatches: Sequence[New]) -> Window:
        """Some dispatches, with what the index holds of them. Raises: EngineUnavailable: a copy has not all of them yet."""
        ids = [each.id for each in dispatches]
        terms = self._engine.terms_of(self._index, ids, TERM_FIELDS, preference=self._copy)
        if len(terms) < len(ids):
            raise EngineUnavailable(_BEHIND)
        return Window(dispatches, terms)

    def _ask(self, ids: Sequence[str], chunk: Sequence[Asked]) -> Iterator[tuple[str, str]]:
        """Which dispatches meet which saved searches. One that breaks the rest is found by halves, and paused."""
        named = []
        for each in chunk:
            try:
                named.append((each, self._clauses.of(each)))
            except RequestError as error:
                self.library.pause_unreadable(each.id, error)
        yield from self._ask_named(ids, named)

    def _ask_named(self, ids: Sequence[str], named: Sequence[tuple[Asked, Fragment]]) -> Iterator[tuple[str, str]]:
        if not named:
            return
        try:
            answer = self._search(over(ids, [clause for _, clause in named]))
        except (EngineRefused, EngineOverloaded, EngineTimeout):
            if len(named) > 1:
                half = len(named) // 2
                yield from self._ask_named(ids, named[:half])
                yield from self._ask_named(ids, named[half:])
                return
            answer = self._alone(ids, *named[0])
        if len(answer["hits"]["hits"]) < len(ids):
            raise EngineUnavailable(_BEHIND)  # it finds them all, whatever they meet
        for hit in answer["hits"]["hits"]:
            for search in hit.get("matched_queries", ()):
                yield hit["_id"], search

    def _alone(self, ids: Sequence[str], asked: Asked, clause: Fragment) -> Body:
        """The answer to one saved search that failed; none, and it is paused, where the engine is well and it fails again.

        Raises:
            EngineError: it is the engine that is not well.
        """
        detail = ""
        for _ in range(TRIES):
            self._search(over(ids, [{"match_none": {}}]))
            try:
                return self._search(over(ids, [clause]))
            except (EngineRefused, EngineOverloaded, EngineTimeout) as error:
                detail = error.detail
        self.library.pause(asked.id, f"Le moteur ne peut pas répondre à cette recherche : {detail}")
        return self._search(over(ids, [{"match_none": {}}]))

    # -- versions ----------------------------------------------------------------------------------

    def _with_changes(self, window: Sequence[New], found: Sequence[Found]) -> list[Found]:
        """The hits, and for those who were told of a dispatch that is corrected or withdrawn by now, that it is.

        One that is withdrawn when it arrives is told once, as that, to those who ask for such (`versions=all`): whether it
        was read before and after, or in one look, changes nothing. One that becomes it later is new to who asks for it.
        """
        if restated := list(self._restated(window)):
            met = {(each.saved_search, each.dispatch) for each in found}
            found = [*found, *(each for each in restated if (each.saved_search, each.dispatch) not in met)]
        stories = sorted({each.story for each in window if not each.back_load})
        members = [hit["_source"] for hit in self._of_stories(stories)]
        changed = [member for member in members if member["status"] in ("withdrawn", "corrected")]
        if not changed:
            return list(found)
        with self._database.reading() as session:
            told = hits.announced(session, [member["id"] for member in changed])
        asks = defaultdict[str, set[str]](set, {id: set(searches) for id, searches in told.items()})
        for each in found:
            asks[each.dispatch].add(each.saved_search)
        changes: dict[tuple[str, str], Found] = {}
        for member in changed:
            for search in sorted(asks[member["id"]]):
                if member["status"] == "withdrawn":
                    changes[search, member["id"]] = Found(search, member["id"], member["version"], "withdrawal")
                elif now := _in_force(member, members):
                    changes[search, now["id"]] = Found(search, now["id"], now["version"], "correction")
        return [*changes.values(), *(each for each in found if (each.saved_search, each.dispatch) not in changes)]

    def _restated(self, window: Sequence[New]) -> Iterator[Found]:
        """Who asks for a state, and would find by now what a dispatch of the window gave another state.

        Whoever had it in the state it had has its hit already, and it stays one.
        """
        by = {each.seq: each for each in window}
        for page in self._pages({"terms": {"status_seq": sorted(by)}}):
            withdrawn = {hit["_id"] for hit in page if hit["_source"]["status"] == "withdrawn"}
            for some in handfuls((_as_changed(hit, by) for hit in page), self._window):
                _, found = self._meet(some, _asks_for_states)
                for each in found:
                    gone = each.dispatch in withdrawn
                    yield Found(each.saved_search, each.dispatch, each.version, "withdrawal") if gone else each

    def _of_stories(self, stories: Sequence[str]) -> Iterable[Body]:
        if not stories:
            return ()
        query = {"terms": {"story": stories}}
        return self._engine.scan(query, index=self._index, source=_OF_MEMBERS, preference=self._copy)

    def _record(self, found: Sequence[Found], seq: int) -> int | None:
        """Keep what was found and go on from there: both, or neither. How many hits are new.

        None: an owner changed a question while it was asked, and what was found met the one before.
        """
        asked = self.library.revisions(each.saved_search for each in found)
        with self._database.writing() as session:
            if watermarks.read(session, WATERMARK) < self._reached:
                raise DatabaseBusy("La base est celle d'une sauvegarde : ce qu'elle ne sait pas est suivi de nouveau.")
            if hits.changed(session, asked):
                return None
            now = self._database.now(session)
            kept = hits.record(session, found, now, self._zone)
            self._reached = watermarks.advance(session, WATERMARK, seq, now)
        return len(kept)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """What is made for one window is freed by count; the collector would look through every saved search as well, at each
    window (0.5 s of 100,000)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def over(ids: Sequence[str], clauses: Sequence[Body | Fragment]) -> Body:
    """The body that tells which of these dispatches meet which named clauses.

    It finds these dispatches whatever they meet, since no clause need be met; what each meets is looked up when they are
    read. With one clause that must be met, every clause would be asked twice, and in every segment of the index (2,700
    clauses, 18 segments: 1.2 s against 4.0 s).
    """
    meets = {"filter": [{"terms": {"id": list(ids)}}], "should": list(clauses), "minimum_should_match": 0}
    return {
        "query": {"constant_score": {"filter": {"bool": meets}}},
        "size": len(ids),
        "sort": ["_doc"],
        "_source": False,
        "track_total_hits": False,
    }


def _fewest_first(candidate: tuple[Asked, int]) -> tuple[int, int]:
    """Those that may be met by one dispatch beside others of the same, so that few are asked of many dispatches: the engine
    tries each named query on each dispatch of a search."""
    _, dispatches = candidate
    return dispatches.bit_count(), dispatches


def _in_force(member: Body, members: Sequence[Body]) -> Body | None:
    """The version that replaced one: the latest in force of its story and agency."""
    later = [
        each
        for each in members
        if each["story"] == member["story"]
        and each.get("agency") == member.get("agency")
        and each["version"] > member["version"]
        and each["status"] == "current"
    ]
    return max(later, key=lambda each: int(each["version"]), default=None)


def _asks_for_states(asked: Asked) -> bool:
    return any(name.partition(".")[0] == "status" for name in loads(asked.params))


def _as_changed(hit: Body, by: Mapping[int, New]) -> New:
    """A dispatch as if it had entered with the one that changed its state."""
    cause = by[hit["_source"]["status_seq"]]
    return replace(_new(hit), seq=cause.seq, back_load=cause.back_load)


def _new(hit: Body) -> New:
    source, values = hit["_source"], dict(hit.get("fields", {}))
    published = values.pop("published", None)
    return New(
        id=source["id"],
        story=source["story"],
        version=source["version"],
        seq=source["ingest_seq"],
        back_load=source.get("back_load", False),
        settled=source.get("settled", True),
        values=values,
        published=int(published[0]) if published else None,
        written=hit["_version"],
    )
