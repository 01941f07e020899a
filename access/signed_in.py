"""Which sessions are open: a row each, so that one can be ended, wherever its cookie may be by now.

Looked up at every request of who signed in: one row by its unique digest.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from access.models import SignedIn, User
from access.users import known_as

# What is kept of the browser's name, for its reader to know it again.
LONGEST_BROWSER = 200


def begin(
    session: Session, user: User, *, now: datetime, expires: datetime, browser: str, subject: str = "", sid: str = ""
) -> str:
    """A new one; the secret its cookie holds, of which a digest alone is kept. Those that are over go.

    Args:
        subject, sid: what the provider calls the person and its own session; blank when it does not say.
    """
    session.execute(delete(SignedIn).where(SignedIn.expires <= now))
    held = secrets.token_urlsafe(32)
    row = SignedIn(
        user_id=user.id, digest=_digest(held), opened=now, expires=expires, browser=_printable(browser),
        subject=subject or None, sid=sid or None,
    )  # fmt: skip
    session.add(row)
    return held


def find(session: Session, held: str) -> SignedIn | None:
    """The one whose cookie holds this secret; None: it was ended, or its user is disabled."""
    query = select(SignedIn).join(User).where(SignedIn.digest == _digest(held), User.disabled.is_(None))
    return session.scalars(query).one_or_none()


def every(session: Session, name: str, now: datetime) -> Sequence[SignedIn]:
    """A user's, the newest first. Raises: BadParameter: it is no name."""
    query = select(SignedIn).join(User).where(User.name == known_as(name), SignedIn.expires > now)
    return session.scalars(query.order_by(SignedIn.opened.desc(), SignedIn.id.desc())).all()


def end(session: Session, held: str) -> None:
    """The one whose cookie holds this secret, if it is open."""
    session.execute(delete(SignedIn).where(SignedIn.digest == _digest(held)))


def end_of(session: Session, name: str, *, number: int | None = None, but: int | None = None) -> int:
    """A user's: that number, or all, or all but that number; how many there were. Raises: BadParameter."""
    theirs = select(User.id).where(User.name == known_as(name)).scalar_subquery()
    ended = delete(SignedIn).where(SignedIn.user_id == theirs)
    if number is not None:
        ended = ended.where(SignedIn.id == number)
    if but is not None:
        ended = ended.where(SignedIn.id != but)
    return len(session.scalars(ended.returning(SignedIn.id)).all())


def end_all(session: Session) -> None:
    """Of everybody: those of a database that was brought back may have been ended since."""
    session.execute(delete(SignedIn))


def end_by_provider(session: Session, subject: str, sid: str) -> int:
    """What the provider says is over: its session, else all of a person's that it gave no name of its own; how many."""
    ended: Sequence[int] = ()
    if sid:
        ended = session.scalars(delete(SignedIn).where(SignedIn.sid == sid).returning(SignedIn.id)).all()
    if subject and not ended:
        theirs = delete(SignedIn).where(SignedIn.subject == subject)
        if sid:
            theirs = theirs.where(SignedIn.sid.is_(None))
        ended = session.scalars(theirs.returning(SignedIn.id)).all()
    return len(ended)


def _digest(held: str) -> str:
    return hashlib.sha256(held.encode()).hexdigest()


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:LONGEST_BROWSER]
