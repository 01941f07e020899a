"""Where alerts are, for whoever runs the archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts import outbox, watermarks
from alerts.match import WATERMARK
from alerts.models import Channel, Delivery, Hit, SavedSearch, State

# Shown of what is paused or given up; the numbers are of all.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Status:
    """What is saved, found, sent, and what is wrong.

    Args:
        saved, paused, hits: how many.
        broken: saved searches paused because they cannot be asked, the latest first: id, name, reason.
        closed: channels to which nothing is sent any more, the latest first: target, reason.
        deliveries: how many in each state.
        dead: messages given up, the latest first.
        late: for how long the message that waits longest has been due; by type, of those due by now.
        mark: the `ingest_seq` up to which everything was matched; 0 before the first.
    """

    saved: int
    paused: int
    hits: int
    broken: tuple[tuple[str, str, str], ...]
    closed: tuple[tuple[str, str], ...]
    deliveries: dict[State, int]
    dead: tuple[Delivery, ...]
    late: dict[str, timedelta]
    mark: int


def status(session: Session, now: datetime) -> Status:
    """Where alerts are now, by the database's clock."""
    return Status(
        saved=_count(session, SavedSearch.id),
        paused=session.scalars(select(func.count()).where(SavedSearch.paused.is_not(None))).one(),
        hits=_count(session, Hit.id),
        broken=tuple((row[0], row[1], row[2] or "") for row in session.execute(_BROKEN)),
        closed=tuple((row[0], row[1] or "") for row in session.execute(_CLOSED)),
        deliveries=outbox.counts(session),
        dead=tuple(_dead(session)),
        late={row[0]: now - row[1] for row in session.execute(_DUE.where(Delivery.due <= now, outbox.OPEN)) if row[1]},
        mark=watermarks.read(session, WATERMARK),
    )


_BROKEN = (
    select(SavedSearch.id, SavedSearch.name, SavedSearch.pause_reason)
    .where(SavedSearch.pause_reason.is_not(None))
    .order_by(SavedSearch.paused.desc())
    .limit(SHOWN)
)
_CLOSED = (
    select(Channel.target, Channel.disabled_reason)
    .where(Channel.disabled.is_not(None))
    .order_by(Channel.disabled.desc())
    .limit(SHOWN)
)
_DUE = select(Delivery.type, func.min(Delivery.due, type_=Delivery.due.type)).group_by(Delivery.type)


def _count(session: Session, column: object) -> int:
    return session.scalars(select(func.count(column))).one()  # type: ignore[arg-type]


def _dead(session: Session) -> Sequence[Delivery]:
    given_up = select(Delivery).where(Delivery.state == "dead").order_by(Delivery.ended.desc()).limit(SHOWN)
    return session.scalars(given_up).all()
