"""Matching saved searches with new dispatches: each in a search of its own, all as named queries, and decided by conditions.

    python -m bench.alerts [--count 100000] [--searches 1000,10000,100000] [--new 100] [--rounds 3]
        [--rarest 0.002] [--prefix KEPT]

The archive is that of `bench.query`, and so are the searches, of rarer words: who follows a word that every dispatch has
follows everything. By number of saved searches, the median seconds of the rounds:

    msearch   each search by itself, restricted to the new dispatches, a thousand in one request
    named     all of them as named queries, as many in one search as a worker asks
    ours      what a worker does: what changed, terms of the new dispatches, conditions, named queries of what they leave open
    Python    of these, the seconds the process worked; the rest is the engine's, and whoever else uses the machine
    writing   the hits, and where matching goes on: what each of the three would have to do besides
    hits      the pairs of a saved search and a dispatch that meets it; `here` were decided without the engine
    asked     the saved searches the engine was asked, and the pairs that were open; all others were decided

The three must find the same pairs, or the run fails. Beyond `--alone` saved searches msearch is left out, and named is asked in
the first round only. Ours and msearch are what is asked of the engine and of Python, both: compiling counts. The first reading of
all of them, once in a worker's life, and the first round, which compiles what it asks, are printed by themselves, with what the
process grew by a saved search, then, and after the rounds.
"""

from __future__ import annotations

import math
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import delete, insert

from access.models import User
from alerts.handfuls import handfuls
from alerts.hits import Found
from alerts.library import Asked
from alerts.match import NAMED, Matcher, over
from alerts.models import Hit, SavedSearch, Watermark
from alerts.params import canonical
from authorities.loader import load_authorities
from bench.load import drop, fill
from bench.query import dispatches, searches
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from engine.node import engine_for
from mappings import lifecycle
from mappings.dispatch import Dispatch
from mappings.lifecycle import Family
from search.service import Archive

T = TypeVar("T")
Pairs = set[tuple[str, str]]

# Bodies of one msearch request.
TOGETHER = 1_000

# The share of dispatches that may have the rarest word of a saved search: of an agency's thousand a day, two.
RAREST = 0.002


def numbered(made: Iterator[Dispatch]) -> Iterator[Dispatch]:
    for number, each in enumerate(made, start=1):
        yield replace(each, ingest_seq=number)


def save(database: Database, count: int, after_seq: int, rarest: float) -> None:
    """Saved searches of one owner, past what people may have."""
    now = datetime.now(UTC)
    with database.writing() as session:
        session.execute(delete(SavedSearch))
        session.execute(delete(Watermark))
        session.execute(delete(User))
        owner = User(name="banc", email=None, created=now, disabled=None)
        session.add(owner)
        session.flush()
        asked = (parameters for _, parameters in searches(load_authorities(), most=rarest))
        rows = [
            {
                "id": f"s{number:07}",
                "owner_id": owner.id,
                "name": "banc",
                "params": canonical([pair for pair in parameters if pair[0] not in ("facets", "sort")]),
                "created": now,
                "updated": now,
                "revision": 1,
                "paused": None,
                "pause_reason": None,
                "back_loads": False,
                "feed_token": f"t{number:07}",
                "after_seq": after_seq,
                "analysis": None,
                "required": None,
            }
            for number, parameters in enumerate(islice(asked, count))
        ]
        for some in handfuls(rows, 1_000):
            session.execute(insert(SavedSearch), list(some))


class Timed(Matcher):
    """A worker that knows how long it took to write what it found, and what it asked the engine."""

    wrote = worked = 0.0
    pairs = told = 0

    def _record(self, found: Sequence[Found], seq: int) -> int | None:
        began = time.process_time()
        taken, kept = timed(lambda: super(Timed, self)._record(found, seq))
        self.wrote += taken
        self.worked += time.process_time() - began
        return kept

    def _ask(self, ids: Sequence[str], chunk: Sequence[Asked]) -> Iterator[tuple[str, str]]:
        self.pairs += len(ids) * len(chunk)
        for pair in super()._ask(ids, chunk):
            self.told += 1
            yield pair


class Bench:
    """One archive, its new dispatches, and saved searches to ask of them."""

    def __init__(self, engine: Engine, archive: Archive, database: Database, new: Sequence[str]) -> None:
        self._engine, self._archive, self._database = engine, archive, database
        self._ids = new
        self._all: list[Asked] = []

    def read(self) -> Timed:
        """A worker that has read all saved searches."""
        matcher = Timed(self._engine, self._archive, self._database, overlap=0)
        matcher.library.refresh(lifecycle.in_use(self._engine, self._archive.index))
        self._all = matcher.library.every()
        return matcher

    def msearch(self) -> Pairs:
        found: Pairs = set()
        for some in handfuls(self._all, TOGETHER):
            bodies = [_one(self._ids, self._archive.criteria(each.request)) for each in some]
            for each, answer in zip(some, self._engine.search_all(bodies, index=self._archive.index), strict=True):
                found |= {(each.id, hit["_id"]) for hit in answer["hits"]["hits"]}
        return found

    def named(self) -> Pairs:
        found: Pairs = set()
        for some in handfuls(self._all, NAMED):
            clauses = []
            for each in some:
                clause = self._archive.criteria(each.request)
                clauses.append({"bool": {**clause["bool"], "_name": each.id}})
            answer = self._engine.search(over(self._ids, clauses), index=self._archive.index)
            found |= {(name, hit["_id"]) for hit in answer["hits"]["hits"] for name in hit.get("matched_queries", ())}
        return found

    def ours(self, matcher: Timed) -> tuple[float, float, float, int]:
        """Seconds of matching, those of it that the process worked, seconds of writing, and how many were asked."""
        self._forget()
        matcher.forget()
        matcher.wrote = matcher.worked = 0.0
        matcher.pairs = matcher.told = 0
        began = time.process_time()
        taken, done = timed(matcher.once)
        worked = time.process_time() - began - matcher.worked
        return taken - matcher.wrote, worked, matcher.wrote, done.asked

    def kept(self) -> Pairs:
        with self._database.reading() as session:
            return {(row.saved_search_id, row.dispatch) for row in session.query(Hit)}

    def _forget(self) -> None:
        """As before the new dispatches came."""
        with self._database.writing() as session:
            session.execute(delete(Hit))
            session.execute(delete(Watermark))


def _one(ids: Sequence[str], clause: dict[str, Any]) -> dict[str, Any]:
    """The body that tells which of these dispatches meet one clause."""
    met = {"bool": {"filter": [{"terms": {"id": list(ids)}}, clause]}}
    return over(ids, []) | {"query": {"constant_score": {"filter": met}}}


def memory() -> int:
    """Of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    answer = work()
    return time.perf_counter() - started, answer


@click.command()
@click.option("--count", default=100_000)
@click.option("--searches", "sizes", default="1000,10000,100000")
@click.option("--new", default=100)
@click.option("--rounds", default=3)
@click.option("--alone", default=20_000, help="As many saved searches at most are also asked one by one.")
@click.option(
    "--rarest", default=RAREST, help="The share of dispatches that have the rarest word of a search, at most."
)
@click.option("--prefix", default=None)
def main(count: int, sizes: str, new: int, rounds: int, alone: int, rarest: float, prefix: str | None) -> None:
    settings = Settings.from_env()
    authorities = load_authorities()
    family = Family(prefix or f"bench-{uuid.uuid4()}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engine = stack.enter_context(engine_for(settings))
        if prefix is None:
            stack.callback(drop, engine, family)
        if lifecycle.create(engine, family)[1]:
            fill(engine, family, numbered(dispatches(count + new, authorities)))
        archive = Archive(engine, family.read, authorities, settings.timezone)
        latest = [hit["_id"] for hit in engine.scan({"range": {"ingest_seq": {"gt": count}}}, index=family.read)]
        assert len(latest) == new, len(latest)
        database = Database(f"sqlite:///{folder / 'bench.sqlite3'}")
        database.upgrade()
        print(f"{count} dispatches, {new} new; seconds, median of {rounds}; load {os.getloadavg()[0]:.1f}")
        print(
            "searches  msearch    named     ours   Python  writing  msearch/ours  named/ours     hits     here   asked    pairs"
            "   first reading  first round   bytes a search, then, after"
        )
        for size in map(int, sizes.split(",")):
            save(database, size, count, rarest)
            bench = Bench(engine, archive, database, latest)
            archive.understood("lavrov")  # what every process reads once is no saved search's
            before = memory()
            reading, matcher = timed(bench.read)
            read = memory()
            first, *_ = bench.ours(matcher)
            times: dict[str, list[float]] = {"msearch": [], "named": [], "ours": [], "Python": [], "writing": []}
            for turn in range(rounds):
                matching, worked, writing, asked = bench.ours(matcher)
                times["ours"].append(matching)
                times["Python"].append(worked)
                times["writing"].append(writing)
                if size <= alone or not turn:
                    taken, together = timed(bench.named)
                    times["named"].append(taken)
                    assert together == bench.kept(), (len(together), len(bench.kept()))
                if size <= alone:
                    taken, by_one = timed(bench.msearch)
                    times["msearch"].append(taken)
                    assert by_one == bench.kept(), (len(by_one), len(bench.kept()))
            middle = {name: statistics.median(each) if each else math.nan for name, each in times.items()}
            ratios = {
                way: statistics.median(a / b for a, b in zip(times[way], times["ours"], strict=False))
                if times[way]
                else math.nan
                for way in ("msearch", "named")
            }
            hits = len(bench.kept())
            grown = [(each - before) / size for each in (read, memory())]
            print(
                f"{size:8} {middle['msearch']:8.2f} {middle['named']:8.2f} {middle['ours']:8.2f} {middle['Python']:8.2f}"
                f" {middle['writing']:8.2f} {ratios['msearch']:13.1f} {ratios['named']:11.1f} {hits:8} {hits - matcher.told:8}"
                f" {asked:7} {matcher.pairs:8} {reading:15.1f} {first:12.2f} {grown[0]:14.0f} {grown[1]:11.0f}"
                f"   (load {os.getloadavg()[0]:.1f})",
                flush=True,
            )
        database.close()


if __name__ == "__main__":
    main()
