"""The tables of this room: users, their keys and sessions, and the secrets with which the archive signs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.tables import Base, Instant, Number


class User(Base):
    """Someone saved searches belong to.

    Args:
        name: as the portal names them, lower case; unique.
        email: where to write to, when it is known.
        disabled: since when nothing is allowed any more; None: they may.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    email: Mapped[str | None] = mapped_column(String(254))
    created: Mapped[datetime] = mapped_column(Instant)
    disabled: Mapped[datetime | None] = mapped_column(Instant)


class Key(Base):
    """A key of the API: `dep_<handle>_<secret>`, of which only a digest of the secret is kept.

    Args:
        handle: names the key to people and finds it here; no secret.
        digest: SHA-256 of the secret, in hexadecimal.
        scopes: what it opens.
        last_used: to the hour.
    """

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    handle: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(Instant)
    expires: Mapped[datetime | None] = mapped_column(Instant)
    last_used: Mapped[datetime | None] = mapped_column(Instant)
    revoked: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship(lazy="joined")


class SignedIn(Base):
    """A session of someone who signed in at the identity provider.

    Args:
        digest: SHA-256 of what its cookie holds, in hexadecimal.
        browser: how the browser calls itself.
        subject, sid: what the provider calls the person and its own session, where it says.
    """

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    opened: Mapped[datetime] = mapped_column(Instant)
    expires: Mapped[datetime] = mapped_column(Instant, index=True)
    browser: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(255), index=True)
    sid: Mapped[str | None] = mapped_column(String(255), index=True)

    user: Mapped[User] = relationship(lazy="joined")


class Secret(Base):
    """A secret of the archive's own, by what it is for; hexadecimal."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(String(100))
    created: Mapped[datetime] = mapped_column(Instant)
