"""What the matcher found becomes hits and, in the same transaction, messages to send. Both once, whoever finds it again.

Two matchers that find the same at the same time are served one after the other by the constraints of the tables; rows
are written in one order, so that they never wait for each other.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from access.models import User
from alerts.handfuls import handfuls
from alerts.models import Channel, Delivery, DeliveryHit, Hit, Kind, SavedSearch
from alerts.schedule import due
from engine.database import insert

# Rows of one statement: SQLite takes 32,766 values, and a row has at most 13.
CHUNK = 1_000

# Hits of one call to a webhook, of some 1.2 KB each: many servers take a megabyte and no more. A letter shows what it can.
MOST_TOGETHER = 500


class Found(NamedTuple):
    """A dispatch that meets a saved search. A tuple: of 75,000, those compare in a tenth of the time of other objects."""

    saved_search: str
    dispatch: str
    version: int
    kind: Kind = "new"


@dataclass(frozen=True, slots=True)
class _Message:
    """A message to send, and the rows it carries. `bundle` as in `alerts.models.Delivery`."""

    row: dict[str, Any]
    channel: Channel
    hits: list[tuple[str, int]]  # channel, hit


def record(session: Session, found: Iterable[Found], now: datetime, zone: ZoneInfo) -> list[int]:
    """Keep what was found and queue what must be sent of it; the ids of the hits that are new.

    What a saved search had already is left out, and so is what one that is paused or deleted by now would have had.

    Args:
        now: the database's clock.
        zone: the archive's time zone, in which owners choose their hour.
    """
    found = sorted(set(found))
    owners = _live(session, {each.saved_search for each in found})
    fresh = list(_insert_hits(session, [each for each in found if each.saved_search in owners], now))
    _queue(session, fresh, owners, now, zone)
    return [id for id, _ in fresh]


def newest(
    session: Session, saved_search: str, *, limit: int, before: int | None = None, delivery: str | None = None
) -> Sequence[Hit]:
    """The hits of a saved search, the newest first.

    Args:
        before: only those with a lower id, to go on from; the newest come before, so that no page ever moves.
        delivery: only those that this message carried.
    """
    query = select(Hit).where(Hit.saved_search_id == saved_search).order_by(Hit.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Hit.id < before)
    if delivery is not None:
        query = query.where(Hit.id.in_(select(DeliveryHit.hit_id).where(DeliveryHit.delivery_id == delivery)))
    return session.scalars(query).all()


def announced(session: Session, dispatches: Iterable[str]) -> dict[str, list[str]]:
    """The saved searches that had a hit of each of these dispatches: who is told when it is corrected or withdrawn."""
    told: dict[str, list[str]] = {}
    for chunk in handfuls(sorted(set(dispatches)), CHUNK):
        rows = select(Hit.dispatch, Hit.saved_search_id).where(Hit.dispatch.in_(chunk), Hit.kind != "withdrawal")
        for dispatch, saved_search in session.execute(rows.order_by(Hit.saved_search_id)):
            told.setdefault(dispatch, []).append(saved_search)
    return told


def changed(session: Session, asked: Mapping[str, int]) -> bool:
    """Whether one of these saved searches, by its id, is no more of the revision in which it was asked."""
    for chunk in handfuls(sorted(asked), CHUNK):
        rows = select(SavedSearch.id, SavedSearch.revision)
        rows = rows.where(SavedSearch.id.in_(chunk), SavedSearch.paused.is_(None))
        if any(revision != asked[id] for id, revision in session.execute(rows)):
            return True
    return False


def _live(session: Session, ids: set[str]) -> dict[str, int]:
    """The owners of those that are there, not paused, and of a user who is not disabled; held until the end, so that they
    are not deleted under us."""
    live: dict[str, int] = {}
    for chunk in handfuls(sorted(ids), CHUNK):
        query = select(SavedSearch.id, SavedSearch.owner_id)
        query = query.join(User, User.id == SavedSearch.owner_id)
        query = query.where(SavedSearch.id.in_(chunk), SavedSearch.paused.is_(None), User.disabled.is_(None))
        held = query.order_by(SavedSearch.id).with_for_update(read=True, key_share=True, of=SavedSearch)
        live |= {row.id: row.owner_id for row in session.execute(held)}
    return live


def _told(session: Session, saved_searches: Iterable[str]) -> dict[str, list[Channel]]:
    """By saved search, the open channels on which messages are sent. A feed is read, nothing is sent to it."""
    told: dict[str, list[Channel]] = {}
    for chunk in handfuls(sorted(set(saved_searches)), CHUNK):
        opened = select(Channel).where(
            Channel.saved_search_id.in_(chunk), Channel.type != "feed", Channel.disabled.is_(None)
        )
        for channel in session.scalars(opened.order_by(Channel.position)):
            told.setdefault(channel.saved_search_id, []).append(channel)
    return told


def _insert_hits(session: Session, found: Sequence[Found], now: datetime) -> Iterator[tuple[int, str]]:
    """The id and saved search of each that was not there, in the order they were found."""
    table = Hit.__table__.c
    statement = insert(session, Hit).on_conflict_do_nothing().returning(table.id, table.saved_search_id)
    for chunk in handfuls(found, CHUNK):
        rows = [
            {
                "saved_search_id": each.saved_search,
                "dispatch": each.dispatch,
                "version": each.version,
                "kind": each.kind,
                "matched_at": now,
            }
            for each in chunk
        ]
        # The rows beside the statement, not in it: that would be compiled for each thousand (0.1 s of 0.15).
        made = session.connection().execute(statement, rows)
        yield from sorted((id, saved_search) for id, saved_search in made)


def _queue(
    session: Session, fresh: Sequence[tuple[int, str]], owners: dict[str, int], now: datetime, zone: ZoneInfo
) -> None:
    messages: dict[str, _Message] = {}
    told = _told(session, (saved_search for _, saved_search in fresh))
    for hit, saved_search in fresh:
        for channel in told.get(saved_search, ()):
            message = _message(owners[saved_search], channel, hit, now, zone)
            messages.setdefault(_together(message, hit), message).hits.append((channel.id, hit))
    whole = [message for message in messages.values() if message.row["bundle"] is None]
    for chunk in handfuls([message.row for message in whole], CHUNK):
        session.connection().execute(insert(session, Delivery), chunk)
    bundles = sorted((message for message in messages.values() if message.row["bundle"]), key=_bundle)
    parts = [part for message in bundles for part in _joined(session, message, now, zone)]
    carried = [
        {"channel_id": channel, "hit_id": hit, "delivery_id": id}
        for id, hits in [*parts, *((message.row["id"], message.hits) for message in whole)]
        for channel, hit in hits
    ]
    for rows in handfuls(carried, CHUNK):
        session.connection().execute(insert(session, DeliveryHit).on_conflict_do_nothing(), rows)


def _message(owner: int, channel: Channel, hit: int, now: datetime, zone: ZoneInfo) -> _Message:
    moment = due(channel.frequency, channel.hour, channel.weekday, now, zone)
    return _Message(_row(owner, channel, moment, now), channel, [])


def _row(owner: int, channel: Channel, moment: datetime, now: datetime, part: int = 0) -> dict[str, Any]:
    bundle = None
    if channel.frequency != "immediate":
        # A mail tells of all its reader's saved searches; a webhook is signed with a secret of its own.
        receiver = channel.target if channel.type == "email" else channel.id
        common = "\n".join((str(owner), channel.type, receiver, moment.isoformat(), *([str(part)] if part else ())))
        bundle = hashlib.sha256(common.encode()).hexdigest()
    return {
        "id": str(uuid.uuid4()),
        "owner_id": owner,
        "type": channel.type,
        "target": channel.target,
        "bundle": bundle,
        "state": "pending",
        "attempts": 0,
        "due": moment,
        "created": now,
    }


def _together(message: _Message, hit: int) -> str:
    """What hits of one call have in common when they go out in one message."""
    row = message.row
    if row["bundle"]:
        return str(row["bundle"])
    alone = f"{message.channel.id}\n{hit}"
    return f"{row['owner_id']}\n{row['target']}" if row["type"] == "email" else alone


def _bundle(message: _Message) -> str:
    return str(message.row["bundle"])


def _joined(
    session: Session, message: _Message, now: datetime, zone: ZoneInfo
) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """The ids of the messages these hits join, and which: of a webhook's digest as many as there are."""
    left, part = message.hits, 0
    while left:
        id = _join(session, message, part, now, zone)
        room = len(left)
        if message.channel.type == "webhook":
            its = select(func.count()).where(DeliveryHit.delivery_id == id)
            room = max(0, MOST_TOGETHER - session.scalars(its).one())
        if room:
            yield id, left[:room]
        left, part = left[room:], part + 1


def _join(session: Session, message: _Message, part: int, now: datetime, zone: ZoneInfo) -> str:
    """The id of the message hits join: the one that waits for its hour, made when there is none.

    One that was taken while we were coming is complete: they go with the next.
    """
    channel, row = message.channel, message.row
    if part:
        row = _row(row["owner_id"], channel, row["due"], now, part)
    while True:
        session.execute(insert(session, Delivery).values(row).on_conflict_do_nothing(index_elements=[Delivery.bundle]))
        waiting = select(Delivery.id).where(
            Delivery.bundle == row["bundle"], Delivery.state == "pending", Delivery.attempts == 0
        )
        if id := session.scalars(waiting.with_for_update()).one_or_none():
            return id
        later = due(channel.frequency, channel.hour, channel.weekday, row["due"], zone)
        row = _row(row["owner_id"], channel, later, now, part)
