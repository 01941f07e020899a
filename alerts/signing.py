"""The secret with which this archive signs addresses: made once, kept in the database, the same for all its processes."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.models import Secret
from engine.database import Database, insert

NAME = "links"


def key(database: Database) -> bytes:
    """The secret, made when there is none. Raises: DatabaseError."""
    with database.reading() as session:
        found = _read(session)
    if found is None:
        with database.writing() as session:
            found = _make(session, database.now(session))
    return bytes.fromhex(found)


def _read(session: Session) -> str | None:
    return session.scalars(select(Secret.value).where(Secret.name == NAME)).one_or_none()


def _make(session: Session, now: datetime) -> str:
    """Two processes may come at once: the first is right."""
    row = insert(session, Secret).values(name=NAME, value=secrets.token_hex(32), created=now)
    session.execute(row.on_conflict_do_nothing())
    return session.scalars(select(Secret.value).where(Secret.name == NAME)).one()
