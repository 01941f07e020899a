"""Keys of the API: shown once, kept as a digest, limited by scopes and time, revoked at once.

A key is `dep_<handle>_<secret>`. The handle finds it and is no secret; the secret is 256 random bits, so one round of SHA-256
keeps it as well as a slow hash would: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from access.models import Key, User
from access.scopes import SCOPES, Scope
from engine.errors import BadParameter, NotAuthenticated, NotFoundError

# "dep_k3v9x2m4_Zm9v..."
KEY = re.compile(r"dep_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is taken for another

# When a key was used is kept to the hour: not a write a request.
COARSE = timedelta(hours=1)

_WRONG = (
    "Cette clé n'ouvre rien : inconnue, expirée ou révoquée. Vérifiez-la, ou demandez-en une autre à l'exploitant "
    "(depeches keys create)."
)


@dataclass(frozen=True, slots=True)
class Verified:
    """A key that holds: its id and handle, whose it is, what it opens, and whether `last_used` should be written again."""

    id: int
    handle: str
    user: str
    scopes: frozenset[Scope]
    stale: bool


def create(
    session: Session, user: User, name: str, scopes: Iterable[str], *, now: datetime, expires: datetime | None = None
) -> tuple[Key, str]:
    """A new key, and its text, which is nowhere else and cannot be had again.

    Raises:
        BadParameter: no scope, an unknown one, or an end that is past.
    """
    wanted = sorted(set(scopes))
    if not wanted or any(scope not in SCOPES for scope in wanted):
        raise BadParameter(f"Les portées d'une clé sont parmi {', '.join(SCOPES)} ; une au moins.")
    if expires and expires <= now:
        raise BadParameter("La fin d'une clé doit être à venir.")
    handle = "".join(secrets.choice(_LETTERS) for _ in range(8))
    secret = secrets.token_urlsafe(32)
    key = Key(
        user=user, handle=handle, digest=_digest(secret), name=name, scopes=wanted, created=now, expires=expires,
        last_used=None, revoked=None,
    )  # fmt: skip
    session.add(key)
    session.flush()
    return key, f"dep_{handle}_{secret}"


def every(session: Session) -> Sequence[Key]:
    """All keys, the newest first."""
    return session.scalars(select(Key).order_by(Key.created.desc(), Key.id.desc())).all()


def revoke(session: Session, handle: str, now: datetime) -> Key:
    """It opens nothing from now on. `handle` as listed, with `dep_` or without. Raises: NotFoundError."""
    handle = handle_of(handle)
    key = session.scalars(select(Key).where(Key.handle == handle)).one_or_none()
    if key is None:
        raise NotFoundError(f"Aucune clé ne commence par « dep_{handle[:20]} » : depeches keys list.")
    key.revoked = key.revoked or now
    return key


def verify(session: Session, text: str, now: datetime) -> Verified:
    """Whom a key belongs to and what it opens. As long for a wrong secret as for the right one.

    Raises:
        NotAuthenticated: it opens nothing; why is not said, to whoever may be guessing.
    """
    found = KEY.fullmatch(text)
    key = session.scalars(select(Key).where(Key.handle == found[1])).one_or_none() if found else None
    expected = key.digest if key else _digest("")
    right = hmac.compare_digest(expected, _digest(found[2] if found else text))
    if not (key and right and is_open(key, now)):
        raise NotAuthenticated(_WRONG)
    stale = key.last_used is None or key.last_used <= now - COARSE
    return Verified(key.id, key.handle, key.user.name, _scopes(key), stale)


def holds(session: Session, handle: str, scope: Scope, now: datetime) -> bool:
    """Whether a key, known by its handle, opens this scope still."""
    key = session.scalars(select(Key).where(Key.handle == handle)).one_or_none()
    return key is not None and is_open(key, now) and scope in key.scopes


def handle_of(key: str) -> str:
    """What names a key, given as listed, with `dep_` or without, or whole."""
    return key.removeprefix("dep_").partition("_")[0]


def used(session: Session, id: int, now: datetime) -> None:
    """Write down that a key was used now, unless another process just did."""
    before = or_(Key.last_used.is_(None), Key.last_used <= now - COARSE)
    session.execute(update(Key).where(Key.id == id, before).values(last_used=now))


def count(session: Session) -> int:
    """Keys that are not revoked."""
    return session.scalars(select(func.count()).select_from(Key).where(Key.revoked.is_(None))).one()


def is_open(key: Key, now: datetime) -> bool:
    """Whether it opens anything: not revoked, not past its end, its user not disabled."""
    return not (key.revoked or key.user.disabled or (key.expires and key.expires <= now))


def _scopes(key: Key) -> frozenset[Scope]:
    return frozenset(scope for scope in SCOPES if scope in key.scopes)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
