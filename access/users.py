"""Users: made when first seen, told apart by name, disabled without losing what is theirs."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from access.models import SignedIn, User
from engine.database import insert
from engine.errors import BadParameter, NotAllowed, NotFoundError

# The one user of local mode.
LOCAL = "local"

LONGEST_NAME = 200


def known_as(name: str) -> str:
    """A user's name in the one spelling we keep: « M.Durand » and « m.durand » are the same person.

    Raises:
        BadParameter: no name, too long, or with characters no name has.
    """
    kept = unicodedata.normalize("NFC", name).strip().casefold()
    if not kept or len(kept) > LONGEST_NAME or not kept.isprintable():
        raise BadParameter(f"Un nom d'utilisateur a de 1 à {LONGEST_NAME} caractères imprimables.")
    return kept


def find(session: Session, name: str) -> User | None:
    return session.scalars(select(User).where(User.name == known_as(name))).one_or_none()


def every(session: Session) -> Sequence[User]:
    """All of them, by name."""
    return session.scalars(select(User).order_by(User.name)).all()


def disable(session: Session, name: str, now: datetime) -> bool:
    """Nothing is allowed to them any more; what is theirs stays, but their sessions end. False: it was so already.

    Raises:
        BadParameter: it is no name. NotFoundError: nobody has it.
    """
    user = _known(session, name)
    changed = user.disabled is None
    user.disabled = user.disabled or now
    session.execute(delete(SignedIn).where(SignedIn.user_id == user.id))
    return changed


def enable(session: Session, name: str) -> bool:
    """They may again. False: they might already. Raises: as `disable`."""
    user = _known(session, name)
    changed = user.disabled is not None
    user.disabled = None
    return changed


def disabled(session: Session) -> frozenset[str]:
    """The names of those to whom nothing is allowed."""
    return frozenset(session.scalars(select(User.name).where(User.disabled.is_not(None))).all())


def _known(session: Session, name: str) -> User:
    user = find(session, name)
    if user is None:
        raise NotFoundError(f"Aucun compte « {known_as(name)[:60]} » : depeches users list les donne.")
    return user


def find_or_make(session: Session, name: str, now: datetime, *, email: str | None = None) -> User:
    """The user of this name, made when there is none; two at once make one.

    Raises:
        NotAllowed: they are disabled.
    """
    row = {"name": known_as(name), "email": email, "created": now, "disabled": None}
    if find(session, name) is None:
        session.execute(insert(session, User).values(row).on_conflict_do_nothing(index_elements=[User.name]))
    user = session.scalars(select(User).where(User.name == row["name"])).one()
    if user.disabled:
        raise closed(user.name)
    return user


def closed(name: str) -> NotAllowed:
    return NotAllowed(f"Le compte « {name} » est fermé ; adressez-vous à l'exploitant de l'archive.")
