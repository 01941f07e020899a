"""A fresh database of each kind, its tables made; `database` runs a test once on each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.database import Database
from tests import postgresql
from tests.postgresql import Server

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    with postgresql.server() as found:
        yield found


@pytest.fixture(scope="session")
def postgresql_model(postgresql_server: Server) -> str:
    """A database with tables and no rows, to copy from."""
    name = postgresql_server.create()
    made = Database(postgresql_server.url(name))
    made.upgrade()
    made.close()
    return name


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'vide.sqlite3'}"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with tables and no rows."""
    if request.param == "sqlite":
        found = Database(f"sqlite:///{tmp_path / 'base.sqlite3'}")
        found.upgrade()
        yield found
        found.close()
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name = server.create(like=request.getfixturevalue("postgresql_model"))
    found = Database(server.url(name))
    yield found
    found.close()
    server.drop(name)
