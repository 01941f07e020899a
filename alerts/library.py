"""The saved searches that are to be asked, in memory, found by what a dispatch must hold to meet them.

A worker reads all of them once, then what changed since: every change has its revision. The condition of each is worked out
once, kept in the database, and worked out again when the index's analysis, the authorities or our rules are others.

Of a hundred thousand all is in memory: texts are held as they are read and once each, and tuples of texts, which Python's
collector need not look through (bench/alerts.py prints what one takes).
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

import orjson
import structlog
from sqlalchemy import bindparam, func, select, update

from alerts import saved
from alerts.conditions import FOLDED, RULES, Condition, Terms, Text, condition_of, telling, texts
from alerts.handfuls import handfuls
from alerts.models import SavedSearch
from alerts.params import request_of
from alerts.window import Window
from engine.client import Engine
from engine.database import Database
from engine.errors import RequestError
from mappings import lifecycle
from search.clauses import EXACT
from search.language import Query
from search.request import SearchRequest
from search.service import Archive

T = TypeVar("T")

log = structlog.get_logger()

# Rows read, analysed and written back at a time.
CHUNK = 500

# What analyses a text, by the form it is wanted in.
_ANALYZERS = {"": "fr", EXACT: "fr_exact", FOLDED: "fr_fold"}

# What no change leaves as it is, from an index alone: a twentieth of reading the revision of each (100,000). The clock may
# have been set back, so it is not believed alone: of two searches, one deleted and one saved, `after_seq` differs.
_TOLD = select(
    func.count(),
    func.sum(SavedSearch.revision),
    func.max(SavedSearch.updated),
    func.sum(SavedSearch.after_seq % 1_000_003),
).where(SavedSearch.paused.is_(None))


@dataclass(frozen=True, slots=True)
class Asked:
    """A saved search as the matcher knows it.

    Args:
        params: in JSON.
    """

    id: str
    revision: int
    params: bytes
    after_seq: int
    had: frozenset[str]
    back_loads: bool

    @property
    def request(self) -> SearchRequest:
        """What it asks. Raises: RequestError: this version does not take it."""
        return request_of(orjson.loads(self.params))


class Library:
    """All saved searches that are not paused. Of one thread."""

    def __init__(self, engine: Engine, archive: Archive, database: Database) -> None:
        self._engine = engine
        self._archive = archive
        self._database = database
        self._known: dict[str, tuple[Asked, Condition]] = {}
        # Those of one condition are decided together.
        self._asking: dict[Condition, tuple[Asked, ...]] = {}
        # By each of the marks of which a dispatch has one, and those that require none.
        self._anchored: dict[str, tuple[Condition, ...]] = {}
        self._always: tuple[Condition, ...] = ()
        # What their conditions were worked out under.
        self._analysis = ""
        # What `_TOLD` said when all of them were taken in.
        self._told: tuple[Any, ...] = ()

    def __len__(self) -> int:
        return len(self._known)

    def every(self) -> list[Asked]:
        """All of them."""
        return [asked for asked, _ in self._known.values()]

    def revisions(self, ids: Iterable[str]) -> dict[str, int]:
        """The revisions of those that are known, as they are asked."""
        return {id: self._known[id][0].revision for id in ids if id in self._known}

    def refresh(self, index: str | None = None) -> None:
        """Take in what was saved, changed, paused and deleted since the last time.

        One that can no longer be read is paused, and its owner told why.

        Args:
            index: the generation that is asked of: its analyzers say what is required; the one in use when left out.

        Raises:
            DatabaseError, EngineError.
        """
        index = index or lifecycle.in_use(self._engine, self._archive.index)
        with self._database.reading() as session:
            # First: what changes while the rest is read is seen as a change the next time.
            told = tuple(session.execute(_TOLD).one())
            if (told, self._analysis_of(index)) == (self._told, self._analysis):
                return
            rows = select(SavedSearch.id, SavedSearch.revision).where(SavedSearch.paused.is_(None))
            current = {row.id: row.revision for row in session.execute(rows)}
        if (analysis := self._analysis_of(index)) != self._analysis:
            for id in list(self._known):
                self._forget(id)
            self._analysis = analysis
        for id in [id for id in self._known if id not in current]:
            self._forget(id)
        changed = (
            id for id, revision in current.items() if id not in self._known or self._known[id][0].revision != revision
        )
        for ids in handfuls(changed, CHUNK):
            self._read(ids, index)
        self._told = told

    def may_meet(self, window: Window) -> Iterator[tuple[tuple[Asked, ...], int, int]]:
        """Those that some dispatch of a window may meet, with the dispatches that do for sure, and with those that may."""
        begun = set(self._always)
        for mark in window.marks.keys() & self._anchored.keys():
            begun.update(self._anchored[mark])
        for condition in begun:
            sure, may = window.decide(condition)
            if may:
                yield self._asking[condition], sure, may

    # -- reading -----------------------------------------------------------------------------------

    def _read(self, ids: Sequence[str], index: str) -> None:
        analysis = self._analysis
        columns = (
            SavedSearch.id,
            SavedSearch.revision,
            SavedSearch.params,
            SavedSearch.after_seq,
            SavedSearch.had,
            SavedSearch.back_loads,
            SavedSearch.analysis,
            SavedSearch.required,
        )
        with self._database.reading() as session:
            rows = session.execute(select(*columns).where(SavedSearch.id.in_(ids))).all()
        stale = [(row.id, row.params) for row in rows if row.analysis != analysis]
        worked_out = self._work_out(stale, index)
        self._keep({row.id: row.revision for row in rows}, worked_out, analysis)
        for row in rows:
            if row.analysis != analysis and row.id not in worked_out:
                self._forget(row.id)  # it was paused
                continue
            params, had = orjson.dumps(row.params), frozenset(row.had or ())
            asked = Asked(row.id, row.revision, params, row.after_seq, had, row.back_loads)
            self._take(asked, _kept(worked_out.get(row.id, row.required)))

    def _work_out(
        self, searches: Iterable[tuple[str, Mapping[str, Sequence[str]]]], index: str
    ) -> dict[str, Condition]:
        """The condition of each; those that cannot be read are paused, and not among them."""
        read: dict[str, tuple[Query, SearchRequest]] = {}
        for id, params in searches:
            try:
                request = self._archive.canonical(request_of(params))
                read[id] = self._archive.understood(request.q), request
            except RequestError as error:
                self.pause_unreadable(id, error)
        analysed = self._analysed((text for each in read.values() for text in texts(*each)), index)
        return {id: condition_of(*each, analysed, self._archive.timezone) for id, each in read.items()}

    def _analysed(self, wanted: Iterable[Text], index: str) -> dict[Text, Terms]:
        by_form = sorted(set(wanted))
        found: dict[Text, Terms] = {}
        for form, group in groupby(by_form, key=lambda text: text[0]):
            some = list(group)
            tokens = self._engine.analyze_all(
                index, _ANALYZERS[form], [text for _, text in some], normalizer=form == FOLDED
            )
            found |= {text: list(_places(each)) for text, each in zip(some, tokens, strict=True)}
        return found

    def _keep(self, revisions: Mapping[str, int], worked_out: Mapping[str, Condition], analysis: str) -> None:
        if not worked_out:
            return
        table = SavedSearch.__table__
        # One that was changed meanwhile is read again, by its revision.
        statement = (
            update(table)  # type: ignore[arg-type]
            .where(table.c.id == bindparam("of_id"), table.c.revision == bindparam("of_revision"))
            .values(analysis=bindparam("of_analysis"), required=bindparam("of_required"))
        )
        rows = [
            {
                "of_id": id,
                "of_revision": revisions[id],
                "of_analysis": analysis,
                "of_required": worked_out[id],
            }
            for id in sorted(worked_out)
        ]
        with self._database.writing() as session:
            session.connection().execute(statement, rows)

    def pause(self, id: str, reason: str) -> None:
        """Ask it no more, and tell its owner why."""
        with self._database.writing() as session:
            if saved.pause_broken(session, id, reason, now=self._database.now(session)):
                log.warning("alert-paused", saved_search=id, reason=reason)
        self._forget(id)

    def pause_unreadable(self, id: str, error: RequestError) -> None:
        """Ask no more one whose parameters this version does not take."""
        self.pause(id, f"Cette recherche ne peut plus être lue : {error.detail}")

    def _take(self, asked: Asked, condition: Condition) -> None:
        self._forget(asked.id)
        self._known[asked.id] = asked, condition
        if condition in self._asking:
            self._asking[condition] += (asked,)
            return
        self._asking[condition] = (asked,)
        marks = telling(condition)
        if marks is None:
            self._always += (condition,)
        for mark in marks or ():
            self._anchored[mark] = (*self._anchored.get(mark, ()), condition)

    def _forget(self, id: str) -> None:
        if id not in self._known:
            return
        asked, condition = self._known.pop(id)
        if left := _without(self._asking[condition], asked):
            self._asking[condition] = left
            return
        del self._asking[condition]
        self._always = _without(self._always, condition)
        for mark in telling(condition) or ():
            if left_there := _without(self._anchored[mark], condition):
                self._anchored[mark] = left_there
            else:
                del self._anchored[mark]

    def _analysis_of(self, index: str) -> str:
        """What a condition depends on, beside the search: the analysis, the authorities, where days begin, our rules."""
        told = f"{lifecycle.made_as(index)}\n{self._archive.edition}\n{self._archive.timezone}\n{RULES}"
        return hashlib.sha256(told.encode()).hexdigest()


def _places(tokens: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, frozenset[str]]]:
    """The places of a text, and the terms at each: where there are several, any of them is meant."""
    for place, group in groupby(tokens, key=lambda token: int(token["position"])):
        yield place, frozenset(str(token["token"]) for token in group)


def _without(values: tuple[T, ...], one: T) -> tuple[T, ...]:
    return tuple(value for value in values if value != one)


def _kept(told: Any) -> Condition:
    """A condition as it is held, from what the database holds of it."""
    if isinstance(told, str):
        return sys.intern(told)
    return tuple(_kept(part) if isinstance(part, str | list | tuple) else part for part in told)
