"""Saved searches and their channels: made, read, changed, paused and deleted by their owner, and by nobody else.

Every function takes the session of a transaction, and the owner's id: what belongs to another is not there. Times are the
database's (`Database.now`).
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from access.models import User
from access.users import known_as
from alerts.models import Channel, ChannelType, Frequency, SavedSearch
from alerts.start import Start
from engine.errors import ChangedMeanwhile, LimitReached, SavedSearchNotFound

# A desk of thirty people follows some 200 subjects; more is a program that forgot to delete.
MOST_SAVED = 500

MOST_CHANNELS = 10

# The secret of a webhook that was replaced signs a while longer: its receiver changes when it can.
OLD_SECRET_STAYS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WantedChannel:
    """A channel as its owner asks for it. `hour` and `weekday` as in `alerts.models.Channel`."""

    type: ChannelType
    target: str = ""
    frequency: Frequency = "immediate"
    hour: int = 7
    weekday: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A saved search as its owner asks for it.

    Args:
        params: canonical and checked (`alerts.params`).
        channels: all it is to have; None: those it has, as they are.
        reopens: whether naming a channel that was closed opens it again, or only another rhythm does: a form names all.
    """

    name: str
    params: dict[str, list[str]]
    channels: tuple[WantedChannel, ...] | None = None
    back_loads: bool = False
    reopens: bool = True


def create(session: Session, owner: int, wanted: Wanted, *, start: Start, now: datetime) -> SavedSearch:
    """Save a search.

    Raises:
        LimitReached: its owner has `MOST_SAVED` already.
    """
    # Held until the end: two requests at once do not both have the last place.
    session.execute(select(User.id).where(User.id == owner).with_for_update())
    if count(session, owner) >= MOST_SAVED:
        raise LimitReached(f"Vous avez déjà {MOST_SAVED} recherches enregistrées, le maximum ; supprimez-en une.")
    saved = SavedSearch(
        id=_id(),
        owner_id=owner,
        name=wanted.name,
        params=wanted.params,
        created=now,
        updated=now,
        revision=1,
        paused=None,
        pause_reason=None,
        back_loads=wanted.back_loads,
        feed_token=secrets.token_urlsafe(32),
        channels=[],
    )
    _begin(saved, start)
    _set_channels(saved, wanted, now)
    session.add(saved)
    session.flush()
    return saved


def count(session: Session, owner: int) -> int:
    return session.scalars(select(func.count()).where(SavedSearch.owner_id == owner)).one()


def counts(session: Session) -> dict[int, int]:
    """How many each owner has, by the owner's id; those who have none are absent."""
    rows = session.execute(select(SavedSearch.owner_id, func.count()).group_by(SavedSearch.owner_id))
    return {row[0]: row[1] for row in rows}


def every(session: Session, owner: int) -> Sequence[SavedSearch]:
    """All of an owner's, the latest saved first."""
    mine = select(SavedSearch).where(SavedSearch.owner_id == owner)
    return session.scalars(mine.order_by(SavedSearch.created.desc(), SavedSearch.id)).all()


def read(session: Session, owner: int, id: str) -> SavedSearch:
    """Raises: SavedSearchNotFound: there is none, or it is another's."""
    return _owned(session, owner, id)


def by_feed_token(session: Session, token: str) -> SavedSearch | None:
    """The saved search whose feed has this secret address."""
    return session.scalars(select(SavedSearch).where(SavedSearch.feed_token == token)).one_or_none()


def opened_by(session: Session, id: str, token: str) -> SavedSearch | None:
    """The saved search of this id, if this is the secret of its feed. As long for a wrong secret as for the right one."""
    query = select(SavedSearch).join(User, User.id == SavedSearch.owner_id)
    query = query.where(SavedSearch.id == id, User.disabled.is_(None))
    saved = session.scalars(query).one_or_none() if id.isprintable() else None
    expected = saved.feed_token if saved else secrets.token_urlsafe(32)
    right = hmac.compare_digest(expected.encode(), token.encode(errors="replace"))
    return saved if right else None


def renew_feed(session: Session, owner: int, id: str, *, now: datetime) -> SavedSearch:
    """A new secret for its feed; the address with the one before opens nothing any more. Raises: SavedSearchNotFound."""
    saved = _owned(session, owner, id, hold=True)
    saved.feed_token = secrets.token_urlsafe(32)
    return _touched(session, saved, now)


def named(session: Session, owner: str) -> Sequence[tuple[str, dict[str, list[str]]]]:
    """The name and parameters of each of a user's, by the user's name: what help while typing needs, and no more."""
    query = select(SavedSearch.name, SavedSearch.params).join(User, User.id == SavedSearch.owner_id)
    rows = session.execute(query.where(User.name == known_as(owner)).order_by(SavedSearch.created.desc()))
    return [(name, params) for name, params in rows]


def change(
    session: Session, owner: int, id: str, wanted: Wanted, *, start: Start, now: datetime, revision: int | None = None
) -> SavedSearch:
    """Put this in place of what was saved. A new question is asked of dispatches from now on; the same goes on.

    Args:
        revision: the one its owner last saw; None: whatever it is.

    Raises:
        SavedSearchNotFound, ChangedMeanwhile.
    """
    saved = _owned(session, owner, id, revision, hold=True)
    if saved.params != wanted.params:
        saved.params = wanted.params
        _begin(saved, start)
        saved.analysis = saved.required = None
        if saved.pause_reason:
            # It was paused because its question could not be asked; this is another question.
            saved.paused = saved.pause_reason = None
    saved.name, saved.back_loads = wanted.name, wanted.back_loads
    if wanted.channels is not None:
        _set_channels(saved, wanted, now)
    return _touched(session, saved, now)


def delete(session: Session, owner: int, id: str, *, revision: int | None = None) -> None:
    """Delete it, its channels and its hits; what was about to be sent of it is not.

    Raises:
        SavedSearchNotFound, ChangedMeanwhile.
    """
    session.delete(_owned(session, owner, id, revision, hold=True))
    session.flush()


def pause(session: Session, owner: int, id: str, *, now: datetime) -> SavedSearch:
    """Ask it no more until it is resumed. Raises: SavedSearchNotFound."""
    saved = _owned(session, owner, id, hold=True)
    if saved.paused:
        return saved
    saved.paused = now
    return _touched(session, saved, now)


def resume(session: Session, owner: int, id: str, *, start: Start, now: datetime) -> SavedSearch:
    """Ask it again, of what comes from now on. Raises: SavedSearchNotFound."""
    saved = _owned(session, owner, id, hold=True)
    if not saved.paused:
        return saved
    saved.paused = saved.pause_reason = None
    _begin(saved, start)
    return _touched(session, saved, now)


def pause_broken(session: Session, id: str, reason: str, *, now: datetime) -> bool:
    """The matcher cannot ask it: paused with the reason, in French. False when it is gone, or paused already."""
    saved = session.get(SavedSearch, id, with_for_update=True)
    if saved is None or saved.paused:
        return False
    saved.paused, saved.pause_reason = now, reason
    _touched(session, saved, now)
    return True


def active(session: Session, *, after: str = "", limit: int = 1_000) -> Sequence[SavedSearch]:
    """Those to ask, whoever owns them, by id: a page of them, after the last of the page before."""
    unpaused = select(SavedSearch).where(SavedSearch.paused.is_(None), SavedSearch.id > after)
    return session.scalars(unpaused.order_by(SavedSearch.id).limit(limit)).all()


def earliest(session: Session) -> int | None:
    """The `ingest_seq` up to which no saved search is asked of anything; None when there is none."""
    return session.scalars(select(func.min(SavedSearch.after_seq)).where(SavedSearch.paused.is_(None))).one()


def rotate_secret(session: Session, owner: int, id: str, channel: str, *, now: datetime) -> Channel:
    """A new secret for a webhook; the one before signs too for `OLD_SECRET_STAYS`. Raises: SavedSearchNotFound."""
    saved = _owned(session, owner, id, hold=True)
    found = next((each for each in saved.channels if each.id == channel and each.type == "webhook"), None)
    if found is None:
        raise SavedSearchNotFound(f"Cette recherche n'a pas de webhook « {channel[:40]} ».")
    found.old_secret, found.old_secret_until = found.secret, now + OLD_SECRET_STAYS
    found.secret = _secret()
    _touched(session, saved, now)
    return found


def reopen(session: Session, owner: int, id: str, channel: str, *, now: datetime) -> Channel:
    """Send again on a channel that was closed. Raises: SavedSearchNotFound."""
    saved = _owned(session, owner, id, hold=True)
    found = next((each for each in saved.channels if each.id == channel), None)
    if found is None:
        raise SavedSearchNotFound(f"Cette recherche n'a pas de canal « {channel[:40]} ».")
    found.disabled = found.disabled_reason = None
    _touched(session, saved, now)
    return found


def wanted_of(saved: SavedSearch) -> Wanted:
    """What its owner asked for, to change a part of it; its channels as they are."""
    return Wanted(saved.name, saved.params, back_loads=saved.back_loads)


def _owned(session: Session, owner: int, id: str, revision: int | None = None, *, hold: bool = False) -> SavedSearch:
    query = select(SavedSearch).where(SavedSearch.id == id, SavedSearch.owner_id == owner)
    # PostgreSQL has no NUL in its texts, and no text with one is an id.
    known = id.isprintable()
    saved = session.scalars(query.with_for_update() if hold else query).one_or_none() if known else None
    if saved is None:
        raise SavedSearchNotFound(f"Vous n'avez pas de recherche enregistrée « {id[:40]} ».")
    if revision is not None and saved.revision != revision:
        raise ChangedMeanwhile(
            f"Cette recherche a été modifiée depuis que vous l'avez lue (révision {saved.revision}, et non {revision}) : "
            "relisez-la, puis refaites votre changement."
        )
    return saved


def _begin(saved: SavedSearch, start: Start) -> None:
    saved.after_seq, saved.had = start.seq, list(start.had) or None


def _touched(session: Session, saved: SavedSearch, now: datetime) -> SavedSearch:
    saved.updated = now
    saved.revision += 1
    session.flush()
    return saved


def _set_channels(saved: SavedSearch, wanted: Wanted, now: datetime) -> None:
    """A channel that stays keeps its id and secret, and what waits for it; to ask for one again is to enable it."""
    asked = wanted.channels or ()
    if len(asked) > MOST_CHANNELS:
        raise LimitReached(f"Au plus {MOST_CHANNELS} canaux pour une recherche ; {len(asked)} sont demandés.")
    before = {(each.type, each.target): each for each in saved.channels}
    after = []
    # The last of two that differ only in when: one target is told once.
    for position, each in enumerate({(each.type, each.target): each for each in asked}.values()):
        channel = before.get((each.type, each.target)) or _channel(each, now)
        channel.position = position
        rhythm = (each.frequency, each.hour, each.weekday)
        if wanted.reopens or rhythm != (channel.frequency, channel.hour, channel.weekday):
            channel.disabled = channel.disabled_reason = None
        channel.frequency, channel.hour, channel.weekday = rhythm
        after.append(channel)
    saved.channels[:] = after


def _channel(wanted: WantedChannel, now: datetime) -> Channel:
    secret = _secret() if wanted.type == "webhook" else None
    return Channel(id=_id(), type=wanted.type, target=wanted.target, secret=secret, created=now)


def _id() -> str:
    return secrets.token_urlsafe(12)


def _secret() -> str:
    """As Standard Webhooks writes them: 24 to 64 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
