"""What is long done goes by handfuls; what waits, what was given up and what they carry stay. On both databases."""

from __future__ import annotations

from sqlalchemy import select

from alerts import old, outbox, watermarks
from alerts.match import WATERMARK
from alerts.models import Delivery, Hit
from engine.database import Database
from tests.alerts.rows import NOW, WEBHOOK, found, later, record, save, user


def left(database: Database) -> tuple[list[str], int]:
    """The states of what messages are left, and how many hits."""
    with database.reading() as session:
        states = session.scalars(select(Delivery.state).order_by(Delivery.state)).all()
        return [str(state) for state in states], len(session.scalars(select(Hit.id)).all())


def test_what_is_long_done_goes_and_what_is_not_done_stays(database: Database) -> None:
    record(database, found(save(database, user(database), WEBHOOK), 6))
    with database.writing() as session:
        sent, waiting, given_up = [outbox.claim(session, "w", NOW, limit=count) for count in (3, 1, 1)]
        outbox.finish(session, sent[:2], NOW)
        outbox.finish(session, sent[2:], later(days=20))
        outbox.bury(session, given_up[0], "Refusé.", NOW)
        outbox.release(session, waiting, NOW)
    assert old.forget(database, NOW) == 0
    before = later(days=10)
    assert [old.forget(database, before, limit=1) for _ in range(5)] == [1, 1, 1, 1, 0]
    assert left(database) == (["dead", "done", "pending", "pending"], 4)
    with database.reading() as session:
        assert outbox.counts(session) == {"dead": 1, "done": 1, "pending": 2}


def test_hits_of_a_feed_alone_go_too(database: Database) -> None:
    id = save(database, user(database))
    record(database, found(id, 3))
    record(database, found(id, 2, first=3), now=later(days=20))
    assert old.forget(database, later(days=10)) == 3
    assert left(database) == ([], 2)


def test_what_a_matcher_may_read_again_is_remembered(database: Database) -> None:
    """An archive that nothing entered for a year: its last dispatches are read anew when the worker starts again."""
    id = save(database, user(database))
    record(database, found(id, 3))
    record(database, found(id, 2, first=3), now=later(days=20))
    with database.writing() as session:
        watermarks.advance(session, WATERMARK, 1, later(days=20))
    assert old.forget(database, later(days=400)) == 3
    assert left(database) == ([], 2)
