"""How far a worker has read: the mark only rises."""

from __future__ import annotations

from threading import Barrier, Thread

from alerts import watermarks
from engine.database import Database
from tests.alerts.rows import NOW


def advance(database: Database, seq: int, name: str = "match") -> int:
    with database.writing() as session:
        return watermarks.advance(session, name, seq, NOW)


def test_a_lower_mark_changes_nothing(database: Database) -> None:
    assert [advance(database, seq) for seq in (5, 3, 9, 9)] == [5, 5, 9, 9]


def test_each_worker_has_its_own(database: Database) -> None:
    advance(database, 5)
    with database.reading() as session:
        assert (watermarks.read(session, "match"), watermarks.read(session, "autre")) == (5, 0)


def test_two_at_once_end_at_the_higher(database: Database) -> None:
    together = Barrier(2)

    def rise(marks: range) -> None:
        together.wait()
        for seq in marks:
            advance(database, seq)

    threads = [Thread(target=rise, args=(marks,)) for marks in (range(1, 60, 2), range(60, 1, -2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert advance(database, 0) == 60
