"""Keys in both databases: shown once, good for what they say, until they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from access import keys, users
from access.keys import COARSE, KEY
from access.models import Key, User
from engine.database import Database
from engine.errors import BadParameter, NotAllowed, NotAuthenticated, NotFoundError

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def create(database: Database, *scopes: str, days: int | None = None) -> str:
    with database.writing() as session:
        owner = users.find_or_make(session, "Portail", NOW)
        expires = NOW + timedelta(days=days) if days else None
        return keys.create(session, owner, "test", scopes or ["search"], now=NOW, expires=expires)[1]


def verify(database: Database, text: str, now: datetime = NOW) -> keys.Verified:
    with database.reading() as session:
        return keys.verify(session, text, now)


def test_a_key_opens_what_it_says_and_its_secret_is_nowhere(database: Database) -> None:
    text = create(database, "ingest", "search", "search")
    assert KEY.fullmatch(text)
    found = verify(database, text)
    assert (found.user, sorted(found.scopes)) == ("portail", ["ingest", "search"])
    with database.reading() as session:
        row = session.scalars(select(Key)).one()
        assert text.split("_", 2)[2] not in repr(vars(row))  # a secret may hold "_"


@pytest.mark.parametrize(
    "altered",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: text.upper(),
        lambda text: text.replace("dep_", "dep_x", 1),
        lambda text: f"dep_aaaaaaaa_{text[13:]}",
        lambda text: "",
        lambda text: "é" * 56,
        lambda text: text[13:],
    ],
)
def test_anything_else_opens_nothing(database: Database, altered: object) -> None:
    text = create(database)
    with pytest.raises(NotAuthenticated):
        verify(database, altered(text))  # type: ignore[operator]


def test_a_key_ends_when_it_was_to(database: Database) -> None:
    text = create(database, days=7)
    assert verify(database, text, NOW + timedelta(days=7, seconds=-1))
    with pytest.raises(NotAuthenticated):
        verify(database, text, NOW + timedelta(days=7))


def test_a_revoked_key_opens_nothing_and_the_others_do(database: Database) -> None:
    text, other = create(database), create(database)
    with database.writing() as session:
        keys.revoke(session, text[:12], NOW)
    with pytest.raises(NotAuthenticated):
        verify(database, text)
    assert verify(database, other)
    with pytest.raises(NotFoundError, match="dep_inconnue"), database.writing() as session:
        keys.revoke(session, "dep_inconnue", NOW)


def test_the_keys_of_a_closed_account_open_nothing(database: Database) -> None:
    text = create(database)
    with database.writing() as session:
        session.scalars(select(User)).one().disabled = NOW
    with pytest.raises(NotAuthenticated):
        verify(database, text)
    with pytest.raises(NotAllowed, match="fermé"):
        create(database)


def test_the_hour_of_use_is_kept_and_no_more(database: Database) -> None:
    text = create(database)
    first = verify(database, text)
    assert first.stale
    with database.writing() as session:
        keys.used(session, first.id, NOW)
        keys.used(session, first.id, NOW + COARSE / 2)
        assert session.scalars(select(Key.last_used)).one() == NOW
    assert not verify(database, text, NOW + COARSE / 2).stale
    assert verify(database, text, NOW + COARSE).stale


@pytest.mark.parametrize("scopes", [(), ("lire",), ("search", "root")])
def test_unknown_scopes_are_refused(database: Database, scopes: tuple[str, ...]) -> None:
    with database.writing() as session:
        owner = users.find_or_make(session, "Portail", NOW)
        with pytest.raises(BadParameter, match="search, alerts, ingest, admin"):
            keys.create(session, owner, "x", scopes, now=NOW)


def test_a_name_is_one_user_however_it_is_written(database: Database) -> None:
    with database.writing() as session:
        ids = {users.find_or_make(session, name, NOW).id for name in ("M.Durand", " m.durand ", "m.DURAND")}
        accents = {users.find_or_make(session, name, NOW).id for name in ("Zo\u00e9", "zoe\u0301")}
    assert (len(ids), len(accents)) == (1, 1)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb", "a\x00"])
def test_what_is_no_name_is_refused(database: Database, name: str) -> None:
    with pytest.raises(BadParameter), database.writing() as session:
        users.find_or_make(session, name, NOW)
