"""The tables of the database are brought to the version this program knows: by one process, in one transaction.

Two processes may try at once. On PostgreSQL a lock of the transaction lets one pass, on SQLite the write lock does; the
other then finds nothing to do. A step that fails leaves the tables as they were: both databases undo definitions too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from engine.errors import MigrationMissing, MigrationTooNew

SCRIPTS = Path(__file__).parent / "migrations"

# The key of PostgreSQL's advisory lock: any number, ours alone in one database ("depeches" in hexadecimal, cut to fit).
LOCK = 0x6465706563686573

# Milliseconds the other process may take; the steps are definitions on small tables.
PATIENCE_MS = 120_000


@dataclass(frozen=True, slots=True)
class Status:
    """Where the tables are. `current`: the step they are at, None for no tables; `head`: the step this program needs.

    `known`: whether this program has that step.
    """

    current: str | None
    head: str
    known: bool

    @property
    def up_to_date(self) -> bool:
        return self.current == self.head

    def check(self) -> None:
        """Raises: MigrationMissing, MigrationTooNew: these tables are not those this program reads; says the cure."""
        if not self.known:
            raise MigrationTooNew(
                f"Les tables de la base viennent d'une version plus récente de Dépêches (étape {self.current}, "
                f"inconnue ici). Mettez Dépêches à jour, ou indiquez une autre base par DATABASE_URL."
            )
        if self.current is None:
            raise MigrationMissing("La base n'a pas encore ses tables : depeches database upgrade.")
        if not self.up_to_date:
            raise MigrationMissing(
                f"Les tables de la base sont d'une version antérieure (étape {self.current}, il faut {self.head}) : "
                "depeches database upgrade."
            )


def status(engine: Engine) -> Status:
    """Where the tables of this database are."""
    with engine.connect() as connection:
        return _status(connection)


def knows(step: str) -> bool:
    """Whether this program has that step."""
    scripts = ScriptDirectory.from_config(_config())
    return step in {each.revision for each in scripts.walk_revisions()}


def upgrade(engine: Engine, to: str = "head") -> Status:
    """Bring the tables to a step; returns where they were. Harmless when they are there.

    Args:
        engine: its transactions take the write lock at once (`engine.database` makes such).

    Raises:
        MigrationTooNew: a later version of this program made them.
    """
    return _move(engine, lambda config: command.upgrade(config, to))


def downgrade(engine: Engine, to: str) -> Status:
    """Bring the tables back to an earlier step (`base`: none), with what they hold. Returns where they were."""
    return _move(engine, lambda config: command.downgrade(config, to))


def _move(engine: Engine, steps: Callable[[Config], None]) -> Status:
    with engine.connect() as connection, _foreign_keys_later(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL statement_timeout = {PATIENCE_MS}"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        before = _status(connection)
        if not before.known:
            before.check()
        config = _config()
        config.attributes["connection"] = connection
        steps(config)
        return before


@contextmanager
def _foreign_keys_later(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew: dropping the old one must not delete what refers to it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys = ON")


def _status(connection: Connection) -> Status:
    scripts = ScriptDirectory.from_config(_config())
    head = scripts.get_current_head()
    assert head is not None
    current = MigrationContext.configure(connection).get_current_revision()
    return Status(current, head, known=current in {None, *(step.revision for step in scripts.walk_revisions())})


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config
