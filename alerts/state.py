"""How saved searches fare: what they found of late, and what of it could not be delivered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, distinct, func, select
from sqlalchemy.orm import Session

from alerts.models import Channel, Delivery, DeliveryHit, Hit, SavedSearch, State


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one saved search: its hits of late, when the last came, the messages given up, the channels that are closed."""

    lately: int = 0
    last: datetime | None = None
    failed: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """Of one channel: messages accepted, waiting, waiting after a failure, given up; `error`: the last that is not mended.

    `next`: when the first of those that wait goes out, or is tried again.
    """

    done: int = 0
    waiting: int = 0
    late: int = 0
    failed: int = 0
    error: str | None = None
    next: datetime | None = None


def standings(session: Session, owner: int, since: datetime, *, only: str | None = None) -> dict[str, Standing]:
    """By id, how each saved search of an owner fares that has found anything, or has a closed channel.

    Args:
        since: from when on hits are of late.
        only: of this one alone. All of 500 that found a thousand each take a quarter of a second.
    """
    mine = SavedSearch.owner_id == owner
    if only is not None:
        mine = and_(mine, SavedSearch.id == only)
    lately = func.sum(case((Hit.matched_at >= since, 1), else_=0))
    found = session.execute(
        select(Hit.saved_search_id, lately, func.max(Hit.matched_at))
        .join(SavedSearch, SavedSearch.id == Hit.saved_search_id)
        .where(mine)
        .group_by(Hit.saved_search_id)
    )
    hits = {id: (int(count), last) for id, count, last in found}
    dead = session.execute(
        select(Channel.saved_search_id, func.count(distinct(Delivery.id)))
        .join(DeliveryHit, DeliveryHit.channel_id == Channel.id)
        .join(SavedSearch, SavedSearch.id == Channel.saved_search_id)
        .join(Delivery, Delivery.id == DeliveryHit.delivery_id)
        .where(mine, Delivery.state == "dead")
        .group_by(Channel.saved_search_id)
    )
    failed = {row[0]: row[1] for row in dead}
    shut = session.execute(
        select(Channel.saved_search_id, func.count())
        .join(SavedSearch, SavedSearch.id == Channel.saved_search_id)
        .where(mine, Channel.disabled.is_not(None))
        .group_by(Channel.saved_search_id)
    )
    closed = {row[0]: row[1] for row in shut}
    return {
        id: Standing(*hits.get(id, (0, None)), failed=failed.get(id, 0), closed=closed.get(id, 0))
        for id in {*hits, *failed, *closed}
    }


def sent(session: Session, saved_search: str) -> Mapping[str, Sent]:
    """By channel id, what became of the messages of a saved search; channels that carried none are absent."""
    of_channel = (
        select(DeliveryHit.channel_id, Delivery.state, Delivery.error, Delivery.created, Delivery.due, Delivery.id)
        .join(Channel, Channel.id == DeliveryHit.channel_id)
        .join(Delivery, Delivery.id == DeliveryHit.delivery_id)
        .where(Channel.saved_search_id == saved_search)
        .distinct()
        .subquery()
    )
    troubled = and_(of_channel.c.error.is_not(None), of_channel.c.state != "done")
    counted: dict[str, Counter[str]] = {}
    due = func.min(case((of_channel.c.state == "pending", of_channel.c.due)), type_=Delivery.due.type)
    rows = select(of_channel.c.channel_id, of_channel.c.state, troubled, func.count(), due)
    dues: dict[str, list[datetime]] = {}
    for channel, told, trouble, count, first in session.execute(
        rows.group_by(of_channel.c.channel_id, of_channel.c.state, troubled)
    ):
        dues.setdefault(channel, []).extend([first] if first else [])
        what = _ENDED.get(told) or ("late" if trouble else "waiting")
        counted.setdefault(channel, Counter())[what] += count
    last = select(of_channel.c.error).where(troubled).order_by(of_channel.c.created.desc(), of_channel.c.id).limit(1)
    return {
        channel: Sent(
            **each,
            error=session.scalars(last.where(of_channel.c.channel_id == channel)).one_or_none(),
            next=min(dues[channel], default=None),
        )
        for channel, each in counted.items()
    }


# What a message that has ended counts as.
_ENDED: dict[State, str] = {"done": "done", "dead": "failed"}
