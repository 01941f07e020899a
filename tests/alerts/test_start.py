"""A search saved while a batch becomes visible hears of all that could not be found yet, and of nothing that could."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from alerts import saved
from alerts.match import Matcher
from alerts.params import request_of
from alerts.saved import Wanted
from alerts.start import BEGINNING, Start, start
from engine.client import Engine
from engine.database import Database
from indexer.ingest import Ingest
from mappings.dispatch import Dispatch
from mappings.lifecycle import Family
from search.service import Archive
from tests.alerts.archive import PEACE, WAR, dispatch, put, told

PARAMS = {"q": ["paix"]}
BEFORE, NOW = datetime(2026, 11, 26, 9, tzinfo=UTC), datetime(2026, 11, 26, 10, tzinfo=UTC)


def save(database: Database, owner: int, begins: Start) -> str:
    with database.writing() as session:
        return saved.create(session, owner, Wanted("Paix", PARAMS), start=begins, now=database.now(session)).id


def batch(moment: datetime, first: int, *texts: str) -> list[Dispatch]:
    return [replace(dispatch(f"d{seq}", seq, text), ingested_at=moment) for seq, text in enumerate(texts, start=first)]


def test_an_empty_archive_is_heard_from_its_beginning(archive: Archive) -> None:
    assert start(archive, PARAMS) == BEGINNING


def test_it_begins_before_the_newest_batch_without_what_it_finds_there(
    matcher: Matcher, engine: Engine, archive: Archive, family: Family, database: Database, owner: int
) -> None:
    put(engine, family, *batch(BEFORE, 50, PEACE))
    rest, [war, seen] = batch(NOW, 101, PEACE, PEACE), batch(NOW, 103, WAR, PEACE)
    put(engine, family, war, seen)
    begins = start(archive, PARAMS)
    assert begins == Start(50, ("d104",))
    id = save(database, owner, begins)
    put(engine, family, *rest)
    matcher.once()
    Matcher(engine, archive, database).once()
    assert told(database) == {(id, "d101", "new"), (id, "d102", "new")}


def test_one_that_can_no_longer_be_asked_begins_all_the_same(archive: Archive, engine: Engine, family: Family) -> None:
    put(engine, family, *batch(BEFORE, 50, PEACE), *batch(NOW, 101, PEACE))
    assert start(archive, {"acteur": ["x"]}) == Start(50)


def test_one_that_asks_for_a_state_begins_after_what_is_in_it_already(
    matcher: Matcher, engine: Engine, archive: Archive, family: Family, database: Database, owner: int, tmp_path: Path
) -> None:
    """Whether the withdrawal was of the newest batch or of an older one, and whatever joins the story later."""
    ingest = Ingest(engine, family, tmp_path / "lock")
    title = "Le ministre parle de la paix"

    def enter(id: str, title: str, text: str, minute: int) -> None:
        published = BEFORE.replace(minute=minute)
        ingest.enter([dispatch(id, 0, text, title=title, agency="AFP", published=published, date_precision="minute")])

    def save_now() -> str:
        params = {"q": ["paix"], "status": ["withdrawn"]}
        begins = start(archive, params)
        with database.writing() as session:
            return saved.create(session, owner, Wanted("Paix", params), start=begins, now=database.now(session)).id

    enter("v1", title, PEACE, 1)
    before = save_now()
    enter("kill", f"ANNULATION - {title}", "Annulation.", 2)
    at_once = save_now()
    enter("other", "Une autruche parcourt la plaine", WAR, 3)
    later = save_now()
    enter("v2", title, WAR, 4)
    matcher.once()
    Matcher(engine, archive, database).once()
    assert told(database) == {(before, "v1", "withdrawal")}
    assert {at_once, later}.isdisjoint(search for search, _, _ in told(database))


@dataclass(frozen=True, slots=True)
class Saved:
    """A search, and what could be found just before it was saved, and just after."""

    id: str
    before: frozenset[str]
    after: frozenset[str]


def repeat(work: Callable[[], object], over: threading.Event) -> None:
    while not over.is_set():
        work()


def test_whoever_saves_while_batches_come_misses_none_and_is_told_of_none_again(
    matcher: Matcher, engine: Engine, archive: Archive, family: Family, database: Database, owner: int, tmp_path: Path
) -> None:
    """Loading, matching and saving at once. A batch is written in two halves, and refreshes show either first."""
    batches = [
        [dispatch(f"{turn}-{number:03}", 0, WAR if number % 10 else PEACE) for number in range(500)]
        for turn in range(2)
    ]
    over = threading.Event()

    def load() -> None:
        ingest = Ingest(engine, family, tmp_path / "lock")
        try:
            for some in batches:
                ingest.enter(some)
        finally:
            over.set()

    def refresh() -> None:
        engine.refresh(family.read)

    def found() -> frozenset[str]:
        return frozenset(hit["_id"] for hit in engine.scan(archive.criteria(request_of(PARAMS)), index=family.read))

    made: list[Saved] = []
    with ThreadPoolExecutor(3) as others:
        works = [others.submit(load), *(others.submit(repeat, work, over) for work in (refresh, matcher.once))]
        while not over.is_set():
            before = found()
            id = save(database, owner, start(archive, PARAMS))
            made.append(Saved(id, before, found()))
    for work in works:
        work.result()
    matcher.once()
    everything, hits = found(), told(database)
    assert len(everything) == 100
    assert any(len(each.before) % 500 > 0 for each in made)  # saved while a batch was half there
    for each in made:
        heard = {dispatch for search, dispatch, _ in hits if search == each.id}
        assert everything - each.after <= heard
        assert not heard & each.before
