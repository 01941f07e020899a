"""Rows the tests of this room begin with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from access.models import User
from alerts import hits, saved
from alerts.hits import Found
from alerts.saved import Wanted, WantedChannel
from alerts.start import Start
from engine.database import Database

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
WEBHOOK = WantedChannel("webhook", "https://example.org/depeches")
MAIL = WantedChannel("email", "m.durand@example.org")


def user(database: Database, name: str = "m.durand") -> int:
    with database.writing() as session:
        row = User(name=name, email=None, created=NOW, disabled=None)
        session.add(row)
        session.flush()
        return row.id


def save(database: Database, owner: int, *channels: WantedChannel, name: str = "Lavrov", **wanted: object) -> str:
    """The id of a saved search of this owner's."""
    with database.writing() as session:
        asked = Wanted(name, {"q": ["lavrov"]}, channels, **wanted)  # type: ignore[arg-type]
        return saved.create(session, owner, asked, start=Start(0), now=NOW).id


def record(database: Database, found: Iterable[Found], now: datetime = NOW) -> list[int]:
    with database.writing() as session:
        return hits.record(session, found, now, PARIS)


def found(saved_search: str, count: int, first: int = 0) -> list[Found]:
    return [Found(saved_search, f"depeche-{number:05}", 1) for number in range(first, first + count)]


def later(**delay: float) -> datetime:
    return NOW + timedelta(**delay)


@contextmanager
def held(database: Database) -> Iterator[None]:
    """For the length of the block another has the tables of alerts to itself: nobody reads, nobody writes."""
    with database.writing() as session:
        if not database.is_sqlite:
            session.execute(text("LOCK TABLE saved_searches, deliveries, watermarks IN ACCESS EXCLUSIVE MODE"))
        yield
