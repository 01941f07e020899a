"""A reader stops letters by an address in one of them: channels are closed, saved searches stay. And what a letter carried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from access.models import User
from alerts.models import Channel, DeliveryHit, Hit, SavedSearch
from alerts.parcel import in_order

# What an address stops: one saved search's letters, or all that one letter was about.
Of = Literal["canal", "envoi"]

BY_LETTER = "Désabonné par le lien d'un courrier."


@dataclass(frozen=True, slots=True)
class Stop:
    """A saved search whose letters go, or went, to an address."""

    name: str
    target: str
    stopped: bool


def look(session: Session, of: Of, id: str) -> list[Stop]:
    """What such an address would stop; nothing when it is gone."""
    return _told(session, _which(of, id))


def stop(session: Session, of: Of, id: str, now: datetime) -> list[Stop]:
    """Close these channels; what waits for them is sent to nobody (`outbox.contents` leaves closed channels out)."""
    for channel in session.scalars(_which(of, id)):
        if channel.disabled is None:
            channel.disabled, channel.disabled_reason = now, BY_LETTER
    session.flush()
    return look(session, of, id)


def carried(session: Session, delivery: str, saved_search: str) -> list[Hit]:
    """The hits of a saved search that a letter announced, in its order; none of a user who is disabled by now."""
    its = select(DeliveryHit.hit_id).where(DeliveryHit.delivery_id == delivery)
    found = select(Hit).join(SavedSearch, SavedSearch.id == Hit.saved_search_id)
    found = found.join(User, User.id == SavedSearch.owner_id).where(User.disabled.is_(None))
    return in_order(session.scalars(found.where(Hit.id.in_(its), Hit.saved_search_id == saved_search)))


def _which(of: Of, id: str) -> Select[Channel]:
    if of == "canal":
        return select(Channel).where(Channel.id == id)
    its = select(DeliveryHit.channel_id).where(DeliveryHit.delivery_id == id)
    return select(Channel).where(Channel.id.in_(its))


def _told(session: Session, which: Select[Channel]) -> list[Stop]:
    channels: Sequence[Channel] = session.scalars(which).all()
    names = {each.saved_search_id: session.get_one(SavedSearch, each.saved_search_id).name for each in channels}
    found = [Stop(names[each.saved_search_id], each.target, each.disabled is not None) for each in channels]
    return sorted(found, key=lambda stop: stop.name.casefold())
