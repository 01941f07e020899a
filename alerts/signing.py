"""The secret with which this archive signs the addresses in its letters."""

from __future__ import annotations

from access.signing import secret
from engine.database import Database

NAME = "links"


def key(database: Database) -> bytes:
    """The secret, made when there is none. Raises: DatabaseError."""
    return secret(database, NAME)
