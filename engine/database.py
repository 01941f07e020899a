"""The relational database: users, keys, saved searches, hits, deliveries. SQLite on this machine, or PostgreSQL.

Everything happens in a transaction: `with database.reading() as session` or `with database.writing() as session`, which
commits at the end of the block and undoes everything if it is left by an exception. Only this file turns the exceptions
of SQLAlchemy into ours.

A transaction that writes takes SQLite's write lock when it begins: one that reads first and writes later would be
refused at the first write when another wrote in between, whatever it waits.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from engine import migrate
from engine.config import Settings
from engine.errors import (
    ConfigurationError,
    DatabaseBusy,
    DatabaseRefused,
    DatabaseUnavailable,
    DepechesError,
)
from engine.tables import Base

FILE = "depeches.sqlite3"

# Connections a process keeps, and opens more when its eight threads and a worker all ask: PostgreSQL takes 100 by default.
KEPT, MORE = 4, 6

# The option of a connection whose transactions write.
WRITING = "depeches_writing"

# SQLSTATE classes and codes of PostgreSQL that pass: connection lost, too many, shutting down, out of room.
_AWAY = ("08", "53", "57P", "28", "3D")
# Deadlock, serialization failure, lock not had in time, statement cancelled by its time limit.
_BUSY = ("40", "55P03", "57014")


class Database:
    """One database; safe to share between threads, not between processes that fork.

    The first transaction looks at the tables: those of a SQLite file are brought up to date then, those of a PostgreSQL are
    the operator's (`depeches database upgrade`).

    Args:
        url: `postgresql://...` or `sqlite:///...`.
        timeout: seconds to wait for a connection, a lock or a statement.
    """

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        self.url = _url(url)
        self.timeout = timeout
        self._checked = False
        self._checking = threading.Lock()
        self._engine = _sqlite(self.url, timeout) if self.is_sqlite else _postgresql(self.url, timeout)
        self._writer = self._engine.execution_options(**{WRITING: True})

    @classmethod
    def from_settings(cls, settings: Settings) -> Database:
        """The database of `DATABASE_URL`, else a SQLite file in the data folder.

        Raises:
            ConfigurationError: the address is no address, or of another kind of database.
        """
        file = URL.create("sqlite", database=str(settings.data_dir / FILE))
        return cls(settings.database_url or file.render_as_string(), timeout=settings.database_timeout)

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings) -> Iterator[Database]:
        """The same, closed at the end of the block. Raises: ConfigurationError, as `from_settings`."""
        found = cls.from_settings(settings)
        try:
            yield found
        finally:
            found.close()

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def name(self) -> str:
        """What operators call it: the file, or the address without its password."""
        return str(self.url.database) if self.is_sqlite else self.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that reads: one state of the database throughout on SQLite, of each statement on PostgreSQL.

        Raises:
            DatabaseError: the database is away, busy, or its tables are not those of this version.
        """
        with self._translating():
            self._check()
            with Session(self._engine, expire_on_commit=False) as session:
                yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that writes; committed at the end of the block.

        Raises:
            DatabaseError: as `reading`; nothing was written.
        """
        with self._translating():
            self._check()
            with Session(self._writer, expire_on_commit=False) as session, session.begin():
                session.connection()  # begins now, not at the first statement
                yield session

    def now(self, session: Session) -> datetime:
        """The database's clock, UTC: the one clock of all workers, wherever they run."""
        if self.is_sqlite:
            return datetime.now(UTC)
        moment: datetime = session.scalars(select(func.clock_timestamp())).one()
        return moment.astimezone(UTC)

    def status(self) -> migrate.Status:
        """Where its tables are. Raises: DatabaseUnavailable."""
        with self._translating():
            return migrate.status(self._engine)

    def upgrade(self) -> migrate.Status:
        """Bring its tables up to date; where they were."""
        with self._translating():
            return migrate.upgrade(self._writer)

    def downgrade(self, to: str) -> migrate.Status:
        """Bring its tables back to an earlier step; where they were. What the later steps held is lost."""
        with self._translating():
            self._checked = False
            return migrate.downgrade(self._writer, to)

    def check(self) -> None:
        """Raises: DatabaseError: it does not answer, or its tables are not those of this version."""
        self._checked = False
        with self._translating():
            self._check()

    def close(self) -> None:
        self._engine.dispose()

    def _check(self) -> None:
        """Look at the tables, once it was well never again."""
        if self._checked:
            return
        with self._checking:
            if self._checked:
                return
            found = migrate.status(self._engine)
            if self.is_sqlite and found.known and not found.up_to_date:
                migrate.upgrade(self._writer)
            else:
                found.check()
            self._checked = True

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self._error(error) from error

    def _error(self, error: SQLAlchemyError) -> DepechesError:
        if isinstance(error, PoolTimeout):
            return DatabaseBusy(f"Toutes les connexions à {self.name} sont prises ; réessayez dans un instant.")
        if not isinstance(error, DBAPIError):
            return DatabaseRefused(f"La base {self.name} : {error}")
        said = next(iter(str(error.orig).strip().splitlines()), "")
        if self.is_sqlite:
            return self._sqlite_error(said)
        state = getattr(error.orig, "sqlstate", None) or ""
        if state.startswith(_BUSY):
            return DatabaseBusy(f"La base {self.name} est occupée ({said}) ; réessayez dans un instant.")
        if error.connection_invalidated or state.startswith(_AWAY) or (not state and _is_operational(error)):
            return DatabaseUnavailable(
                f"PostgreSQL ne répond pas à {self.name} ({said}). Vérifiez DATABASE_URL et que le serveur tourne."
            )
        return DatabaseRefused(f"PostgreSQL refuse une opération sur {self.name} : {said}")

    def _sqlite_error(self, said: str) -> DepechesError:
        if "locked" in said or "busy" in said:
            return DatabaseBusy(
                f"La base {self.name} est restée occupée {self.timeout:g} s par un autre processus ; réessayez."
            )
        if any(
            sign in said for sign in ("unable to open", "readonly", "full", "not a database", "malformed", "disk I/O")
        ):
            return DatabaseUnavailable(
                f"Le fichier {self.name} ne peut pas servir de base ({said}). Vérifiez le dossier, les droits et la "
                "place (DEPECHES_DATA_DIR), ou indiquez une base par DATABASE_URL."
            )
        return DatabaseRefused(f"SQLite refuse une opération sur {self.name} : {said}")


def insert(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what to do when the row is there already: both databases write it alike."""
    dialect = session.get_bind().dialect.name
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _url(text: str) -> URL:
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError(
            "DATABASE_URL n'est pas une adresse de base : postgresql://compte:motdepasse@serveur/base, ou sqlite:////chemin."
        ) from error
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite", database=str(Path(url.database).expanduser().absolute()))
    raise ConfigurationError(
        f"DATABASE_URL commence par « {url.drivername} » ; il faut PostgreSQL (postgresql://…) ou un fichier SQLite "
        "(sqlite:////chemin)."
    )


def _is_operational(error: DBAPIError) -> bool:
    return any(cls.__name__ in ("OperationalError", "InterfaceError") for cls in type(error.orig).__mro__)


def _postgresql(url: URL, timeout: float) -> Any:
    milliseconds = int(timeout * 1000)
    engine = create_engine(
        url,
        pool_size=KEPT,
        max_overflow=MORE,
        pool_timeout=timeout,
        # A connection that a firewall or a restart cut is replaced before it is used.
        pool_pre_ping=True,
        connect_args={"connect_timeout": max(2, round(timeout))},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        connection.execute(f"SET statement_timeout = {milliseconds}")
        connection.execute(f"SET lock_timeout = {milliseconds}")
        # A worker that hangs in a transaction gives its rows back.
        connection.execute("SET idle_in_transaction_session_timeout = '5min'")
        connection.autocommit = False

    return engine


def _sqlite(url: URL, timeout: float) -> Any:
    # NullPool would open the file for every transaction (0.4 ms of 0.5); a pooled connection goes from thread to thread.
    engine = create_engine(
        url, pool_size=KEPT, max_overflow=MORE, pool_timeout=timeout, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "do_connect")
    def prepare(_dialect: Any, _record: Any, _arguments: Any, _options: Any) -> None:
        file = Path(str(url.database))
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # It holds names, addresses and secrets of channels: readable by its owner alone.
            file.touch(mode=0o600)
        except OSError as error:
            raise DatabaseUnavailable(
                f"Le fichier {file} ne peut pas servir de base ({error.strerror}). Vérifiez le dossier et ses droits "
                "(DEPECHES_DATA_DIR), ou indiquez une base par DATABASE_URL."
            ) from error

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver's own idea of when a transaction begins leaves definitions of tables out of it.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(timeout * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")  # readers and a writer do not wait for each other
        connection.execute("PRAGMA synchronous = FULL")  # what was said to be saved survives a power cut
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
