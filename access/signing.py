"""The secrets with which this archive signs: each made once, kept in the database, the same for all its processes."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.models import Secret
from engine.database import Database, insert


def secret(database: Database, name: str) -> bytes:
    """The secret of this name, made when there is none: 32 bytes. One a purpose, so that no proof serves for another.

    Raises:
        DatabaseError: the database is away.
    """
    with database.reading() as session:
        found = _read(session, name)
    if found is None:
        with database.writing() as session:
            found = _make(session, name, database.now(session))
    return bytes.fromhex(found)


def _read(session: Session, name: str) -> str | None:
    return session.scalars(select(Secret.value).where(Secret.name == name)).one_or_none()


def _make(session: Session, name: str, now: datetime) -> str:
    """Two processes may come at once: the first is right."""
    row = insert(session, Secret).values(name=name, value=secrets.token_hex(32), created=now)
    session.execute(row.on_conflict_do_nothing())
    return session.scalars(select(Secret.value).where(Secret.name == name)).one()
