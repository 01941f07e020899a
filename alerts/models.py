"""The tables of this room.

    users 1-n saved_searches 1-n channels
                    1-n hits
    deliveries 1-n delivery_hits n-1 (channel, hit)
    watermarks

A hit is a dispatch that meets a saved search; constraints keep it unique. A delivery is one message to send: what is
claimed, retried and done as a whole, because the receiver knows it by its id. It carries one hit (a webhook) or many (the
mail of a morning), each at most once a channel. Feeds read hits and need no delivery.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.tables import Base, Instant, Number

ChannelType = Literal["feed", "email", "webhook"]
Frequency = Literal["immediate", "hourly", "daily", "weekly"]
Kind = Literal["new", "correction", "withdrawal"]
State = Literal["pending", "claimed", "done", "dead"]

CHANNEL_TYPES: tuple[ChannelType, ...] = ("feed", "email", "webhook")
FREQUENCIES: tuple[Frequency, ...] = ("immediate", "hourly", "daily", "weekly")
KINDS: tuple[Kind, ...] = ("new", "correction", "withdrawal")
STATES: tuple[State, ...] = ("pending", "claimed", "done", "dead")

Id = String(16)  # 96 random bits in URL-safe base64


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


def _unique_where(name: str, condition: str) -> Index:
    """One hit a saved search and dispatch, of those that meet a condition."""
    where = text(condition)
    return Index(name, "saved_search_id", "dispatch", unique=True, postgresql_where=where, sqlite_where=where)


class SavedSearch(Base):
    """A question that is asked of every new dispatch.

    Args:
        params: the parameters of GET /api/v1/dispatches, each a list of texts as given; keys sorted.
        revision: counts changes; who changes must have seen the last one.
        paused: since when it is not matched; `pause_reason`: why, in French, None when its owner paused it.
        back_loads: also tell of old files loaded late, when the loader says so.
        feed_token: the secret in the address of its feed.
        after_seq: dispatches up to this `ingest_seq` are none of its business: they were there when it was saved, changed
            or resumed. So are those with the ids `had`, though they came later (`alerts/start.py`).
        analysis, required: for the matcher alone: under which analysis `required` was worked out, and the condition that
            a dispatch must meet, `alerts/conditions.py`. None: not worked out.
    """

    __tablename__ = "saved_searches"
    __table_args__ = (
        # Whether any was changed, without reading them (alerts/library.py).
        Index("ix_saved_searches_changes", "paused", "updated", "revision", "after_seq"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    params: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(Instant)
    updated: Mapped[datetime] = mapped_column(Instant)
    revision: Mapped[int]
    paused: Mapped[datetime | None] = mapped_column(Instant)
    pause_reason: Mapped[str | None] = mapped_column(Text)
    back_loads: Mapped[bool]
    feed_token: Mapped[str] = mapped_column(String(43), unique=True)
    after_seq: Mapped[int] = mapped_column(BigInteger)
    had: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    analysis: Mapped[str | None] = mapped_column(String(64))
    required: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))

    channels: Mapped[list[Channel]] = relationship(
        back_populates="saved_search", cascade="all, delete-orphan", order_by="Channel.position", lazy="selectin"
    )


class Channel(Base):
    """A way its owner hears of it.

    Args:
        position: its place in the owner's list, from 0.
        target: an address or a URL; empty for a feed.
        hour, weekday: of daily and weekly messages, in the archive's time zone; weekday 0 is Monday.
        secret: signs what a webhook gets; `old_secret` signs too until `old_secret_until`, while keys are changed.
        disabled: since when it gets nothing; `disabled_reason`: why, in French.
    """

    __tablename__ = "channels"
    __table_args__ = (
        _one_of("type", CHANNEL_TYPES),
        _one_of("frequency", FREQUENCIES),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        UniqueConstraint("saved_search_id", "type", "target"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    saved_search_id: Mapped[str] = mapped_column(ForeignKey("saved_searches.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    type: Mapped[ChannelType] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(1000))
    frequency: Mapped[Frequency] = mapped_column(String(16))
    hour: Mapped[int] = mapped_column(SmallInteger)
    weekday: Mapped[int] = mapped_column(SmallInteger)
    secret: Mapped[str | None] = mapped_column(String(100))
    old_secret: Mapped[str | None] = mapped_column(String(100))
    old_secret_until: Mapped[datetime | None] = mapped_column(Instant)
    created: Mapped[datetime] = mapped_column(Instant)
    disabled: Mapped[datetime | None] = mapped_column(Instant)
    disabled_reason: Mapped[str | None] = mapped_column(Text)

    saved_search: Mapped[SavedSearch] = relationship(back_populates="channels")


class Hit(Base):
    """A dispatch that meets a saved search.

    A dispatch's id is that of its content, so it names the version; `version` is its number when it was found, which
    changes when an earlier version arrives late, and makes no new hit. It is announced once when it arrives (new, or a
    correction of what was announced) and once more if it is withdrawn.
    """

    __tablename__ = "hits"
    __table_args__ = (
        _one_of("kind", KINDS),
        _unique_where("uq_hits_arrival", "kind <> 'withdrawal'"),
        _unique_where("uq_hits_withdrawal", "kind = 'withdrawal'"),
        # The newest of a saved search, for its feed and its page.
        Index("ix_hits_newest", "saved_search_id", "id"),
        # Who was told of a dispatch, when it is withdrawn.
        Index("ix_hits_dispatch", "dispatch"),
    )

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    saved_search_id: Mapped[str] = mapped_column(ForeignKey("saved_searches.id", ondelete="CASCADE"))
    dispatch: Mapped[str] = mapped_column(String(512))
    version: Mapped[int]
    kind: Mapped[Kind] = mapped_column(String(16))
    matched_at: Mapped[datetime] = mapped_column(Instant)


class Delivery(Base):
    """One message to send.

    Args:
        id: told to the receiver, the same at every attempt: who has seen it has had the message.
        bundle: digest of what its hits have in common (owner, type, target, the hour it is due): hits join it until
            then. None when it is complete from the start.
        due: when it may be taken: the next attempt of one that is pending, the end of the claim of one that is claimed;
            None of one that has ended, so that the index of `due` holds only what is still to do.
        attempts: how often it was taken, crashes included.
        claimed_by: the worker that has it, or had it last.
        error: what went wrong last, in French.
        ended: when it was done or given up.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        _one_of("state", STATES),
        _one_of("type", CHANNEL_TYPES),
        CheckConstraint("(due IS NULL) = (state IN ('done', 'dead'))", name="due"),
        CheckConstraint("(ended IS NULL) = (state IN ('pending', 'claimed'))", name="ended"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    type: Mapped[ChannelType] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(1000))
    bundle: Mapped[str | None] = mapped_column(String(64), unique=True)
    state: Mapped[State] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(SmallInteger)
    due: Mapped[datetime | None] = mapped_column(Instant, index=True)
    claimed_by: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[str | None] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(Instant)
    ended: Mapped[datetime | None] = mapped_column(Instant)


class DeliveryHit(Base):
    """A hit that a delivery carries for a channel. A hit goes out once a channel, whatever is inserted again."""

    __tablename__ = "delivery_hits"

    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True)
    hit_id: Mapped[int] = mapped_column(Number, ForeignKey("hits.id", ondelete="CASCADE"), primary_key=True, index=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)


class Watermark(Base):
    """How far a worker has read the archive: every dispatch up to this `ingest_seq`."""

    __tablename__ = "watermarks"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    updated: Mapped[datetime] = mapped_column(Instant)
