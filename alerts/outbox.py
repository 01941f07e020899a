"""The messages to send: taken by one worker at a time, done only when the other side accepted, or visibly given up.

    pending -> claimed -> done        accepted
       ^          |
       |          +-----> pending     failed; again after a delay that grows, `alerts.schedule.DELAYS`
       |          +-----> dead        failed too often, or for good
       +--- replay ---------+

A claim ends by itself (`due`): a worker that dies, or loses the database, leaves nothing taken for ever; another takes
the message again. So a message is sent at least once, always under the same id: who receives it twice can tell.
An answer counts even when the claim has ended meanwhile (`finish`); a failure counts only while nobody else has taken it.

PostgreSQL skips rows that others hold (SKIP LOCKED). SQLite does not know that: there the transaction that claims has the
file to itself (`Database.writing`), and one statement finds and takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, and_, exists, func, not_, select, update
from sqlalchemy.orm import Session, joinedload

from access.models import User
from alerts.models import Channel, ChannelType, Delivery, DeliveryHit, Hit, SavedSearch, State
from alerts.schedule import DELAYS, MOST_ATTEMPTS, delay

# Long enough for a batch of slow receivers, short enough that a crash delays nobody by much.
LEASE = timedelta(minutes=5)

# A message is told to nobody else while it is claimed, so a batch is what one worker sends within its lease.
BATCH = 50

LONGEST_ERROR = 1_000

# What is for a user who is disabled waits until they are not.
OPEN = Delivery.owner_id.not_in(select(User.id).where(User.disabled.is_not(None)))

CRASHED = "Le processus d'envoi s'est arrêté en cours d'envoi, plusieurs fois."


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send until `until`. `attempt` counts from 1; `id` goes to the receiver."""

    id: str
    owner: int
    type: ChannelType
    target: str
    attempt: int
    until: datetime
    worker: str


@dataclass(frozen=True, slots=True)
class Part:
    """A hit that a message carries, and for which channel."""

    delivery: str
    channel: Channel
    hit: Hit


def claim(
    session: Session,
    worker: str,
    now: datetime,
    *,
    limit: int = BATCH,
    lease: timedelta = LEASE,
    types: Sequence[ChannelType] = ("email", "webhook"),
    but: Iterable[str] = (),
    most: int = MOST_ATTEMPTS,
) -> list[Claim]:
    """Take messages that are due, the longest due first. Commit before sending: then nobody else has them.

    Args:
        worker: names this worker among all.
        but: targets to leave alone for now: slow ones, of which this worker has enough in hand.
        most: attempts; one whose last ended with its worker is given up.
    """
    session.execute(
        update(Delivery)
        .where(Delivery.state == "claimed", Delivery.due <= now, Delivery.attempts >= most)
        .values(state="dead", due=None, ended=now, error=func.coalesce(Delivery.error, CRASHED))
    )
    wanted = [Delivery.due <= now, Delivery.type.in_(types), OPEN]
    if left := sorted(set(but)):
        wanted.append(Delivery.target.not_in(left))
    # A common table expression is worked out once; PostgreSQL may ask a plain subquery again, and take more.
    picked = (
        select(Delivery.id)
        .where(*wanted)
        .order_by(Delivery.due)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    taken = (
        update(Delivery)
        .where(Delivery.id.in_(select(picked.c.id)))
        .values(state="claimed", claimed_by=worker, attempts=Delivery.attempts + 1, due=now + lease)
        .returning(Delivery.id, Delivery.owner_id, Delivery.type, Delivery.target, Delivery.attempts)
        .execution_options(synchronize_session=False)
    )
    return [Claim(*row, now + lease, worker) for row in session.execute(taken)]


def contents(session: Session, claims: Iterable[Claim]) -> dict[str, list[Part]]:
    """What each message carries, in the order it was found; nothing for channels disabled meanwhile.

    A message that has become empty is absent: finish it.
    """
    rows = (
        select(DeliveryHit.delivery_id, Channel, Hit)
        .join(Channel, Channel.id == DeliveryHit.channel_id)
        .join(Hit, Hit.id == DeliveryHit.hit_id)
        .where(DeliveryHit.delivery_id.in_([each.id for each in claims]), Channel.disabled.is_(None))
        .order_by(Hit.id)
        .options(joinedload(Channel.saved_search).lazyload(SavedSearch.channels))
    )
    parts: dict[str, list[Part]] = {}
    for delivery, channel, hit in session.execute(rows):
        parts.setdefault(delivery, []).append(Part(delivery, channel, hit))
    return parts


def finish(session: Session, claims: Iterable[Claim], now: datetime) -> int:
    """The other side accepted these. How many were not known to be done."""
    done = [each.id for each in claims]
    return _change(
        session, and_(Delivery.id.in_(done), Delivery.state != "done"), state="done", due=None, ended=now, error=None
    )


def fail(
    session: Session,
    claim: Claim,
    error: str,
    now: datetime,
    *,
    retry_after: timedelta | None = None,
    delays: Sequence[float] = DELAYS,
) -> State | None:
    """It could not be sent this time: again later, or given up. The state it is in; None when it is no longer ours.

    Args:
        error: what went wrong, in French, for its owner.
        retry_after: what the other side asked for; a longer delay of ours stands.
        delays: seconds from each attempt to the next; after the last it is given up.
    """
    wait = delay(claim.attempt, delays=delays)
    if wait is None:
        return bury(session, claim, error, now)
    later = now + max(wait, retry_after or wait)
    kept = _change(session, _ours(claim), state="pending", due=later, error=error[:LONGEST_ERROR])
    return "pending" if kept else None


def bury(session: Session, claim: Claim, error: str, now: datetime) -> State | None:
    """It can never be sent, or was tried often enough: visible, and replayable."""
    kept = _change(session, _ours(claim), state="dead", due=None, ended=now, error=error[:LONGEST_ERROR])
    return "dead" if kept else None


def release(session: Session, claims: Iterable[Claim], now: datetime) -> int:
    """Give back what was not tried: a worker that stops. No attempt is counted."""
    return sum(
        _change(session, _ours(each), state="pending", due=now, attempts=Delivery.attempts - 1) for each in claims
    )


def replay(
    session: Session,
    now: datetime,
    *,
    owner: int | None = None,
    saved_search: str | None = None,
    ids: Sequence[str] | None = None,
) -> int:
    """Try again what was given up: all of it, an owner's, what tells of one saved search, or these. How many.

    What no open channel carries stays given up: sent to nobody, it would be called done.
    """
    carried = exists().where(
        DeliveryHit.delivery_id == Delivery.id, DeliveryHit.channel_id == Channel.id, Channel.disabled.is_(None)
    )
    if saved_search is not None:
        carried = carried.where(Channel.saved_search_id == saved_search)
    dead = [Delivery.state == "dead", carried.correlate(Delivery)]
    if owner is not None:
        dead.append(Delivery.owner_id == owner)
    if ids is not None:
        dead.append(Delivery.id.in_(ids))
    return _change(session, and_(*dead), state="pending", attempts=0, due=now, ended=None)


def disable(session: Session, channel: str, reason: str, now: datetime) -> int:
    """Send nothing more on this channel, and say why; what waited for it alone is given up. How many messages."""
    session.execute(
        update(Channel)
        .where(Channel.id == channel, Channel.disabled.is_(None))
        .values(disabled=now, disabled_reason=reason)
    )
    its = select(DeliveryHit.delivery_id).where(DeliveryHit.channel_id == channel)
    others = (
        exists()
        .where(DeliveryHit.delivery_id == Delivery.id, DeliveryHit.channel_id == Channel.id, Channel.disabled.is_(None))
        .correlate(Delivery)
    )
    alone = and_(Delivery.id.in_(its), not_(others), Delivery.state == "pending")
    return _change(session, alone, state="dead", due=None, ended=now, error=reason[:LONGEST_ERROR])


def counts(session: Session) -> dict[State, int]:
    """How many messages are in each state that has any."""
    rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    return {row[0]: row[1] for row in rows}


def _ours(claim: Claim) -> ColumnElement[bool]:
    return and_(
        Delivery.id == claim.id,
        Delivery.state == "claimed",
        Delivery.claimed_by == claim.worker,
        Delivery.attempts == claim.attempt,
    )


def _change(session: Session, which: ColumnElement[bool], **values: object) -> int:
    statement = update(Delivery).where(which).values(**values).execution_options(synchronize_session=False)
    return cast("CursorResult[object]", session.execute(statement)).rowcount
