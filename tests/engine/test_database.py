"""The relational database on both kinds of server: transactions, tables brought up to date, what is said when it fails."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

import access.models
import alerts.models
from engine.config import Settings
from engine.database import Database
from engine.errors import (
    ConfigurationError,
    DatabaseBusy,
    DatabaseRefused,
    DatabaseUnavailable,
    MigrationMissing,
    MigrationTooNew,
)
from engine.tables import Base
from tests.postgresql import Server

ROOT = Path(__file__).parent.parent.parent
TABLES = {table.name for room in (access.models, alerts.models) for table in room.Base.metadata.tables.values()}


def insert(database: Database, name: str) -> None:
    with database.writing() as session:
        session.execute(
            text("INSERT INTO watermarks (name, seq, updated) VALUES (:name, 1, :now)"),
            {"name": name, "now": "2026-01-01 00:00:00"},
        )


def count(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("SELECT count(*) FROM watermarks")).scalar_one())


def differences(database: Database) -> list[object]:
    with database.reading() as session:
        connection = session.connection()
        return list(
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)
        )


def tables(database: Database) -> set[str]:
    with database.reading() as session:
        return set(inspect(session.connection()).get_table_names())


def test_migrations_make_the_tables_the_models_say(database: Database) -> None:
    assert differences(database) == []
    assert tables(database) == TABLES | {"alembic_version"}


def test_downgrade_leaves_nothing_and_upgrade_makes_it_again(database: Database) -> None:
    database.downgrade("base")
    assert database.status().current is None
    database.upgrade()
    assert differences(database) == []


def test_upgrade_keeps_rows(database: Database) -> None:
    insert(database, "a")
    assert database.upgrade().up_to_date
    assert count(database) == 1


UPGRADE = "import sys; from engine.database import Database; sys.stdin.readline(); Database(sys.argv[1]).upgrade()"


def test_processes_that_upgrade_at_once_all_end_well(database_url: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, database_url], cwd=ROOT, stdin=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write(b"\n")
        process.stdin.flush()
    assert [process.wait(60) for process in processes] == [0] * 4
    found = Database(database_url)
    assert differences(found) == []
    found.close()


def test_a_sqlite_file_gets_its_tables_at_first_use(tmp_path: Path) -> None:
    database = Database.from_settings(replace(Settings.from_env(), database_url=None, data_dir=tmp_path / "neuf"))
    insert(database, "a")
    assert count(database) == 1
    assert (tmp_path / "neuf" / "depeches.sqlite3").stat().st_mode & 0o077 == 0


def test_a_postgresql_without_tables_is_left_to_its_operator(postgresql_server: Server) -> None:
    name = postgresql_server.create()
    database = Database(postgresql_server.url(name))
    with pytest.raises(MigrationMissing, match="depeches database upgrade"):
        count(database)
    database.upgrade()
    assert count(database) == 0
    database.close()
    postgresql_server.drop(name)


def test_tables_of_a_later_version_are_not_touched(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    again = Database(database.url.render_as_string(hide_password=False))
    for use in (lambda: count(again), again.check, again.upgrade, lambda: again.downgrade("base")):
        with pytest.raises(MigrationTooNew, match="9999"):
            use()
    again.close()


def test_what_is_left_by_an_exception_is_undone(database: Database) -> None:
    def interrupted() -> None:
        with database.writing() as session:
            session.execute(text("INSERT INTO watermarks (name, seq, updated) VALUES ('a', 1, '2026-01-01 00:00:00')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert count(database) == 0


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(DatabaseRefused), database.writing() as session:
        session.execute(text("INSERT INTO delivery_hits (channel_id, hit_id, delivery_id) VALUES ('a', 1, 'b')"))


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("INSERT INTO watermarks (name, seq, updated) VALUES ('a', 1, '2026-01-01 00:00:00')"))
        assert count(database) == 0
    assert count(database) == 1


def test_a_second_writer_of_a_file_waits_no_longer_than_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'base.sqlite3'}"
    first, second = Database(url), Database(url, timeout=0.1)
    insert(first, "a")
    with first.writing(), pytest.raises(DatabaseBusy, match="occupée"):
        insert(second, "b")


def test_a_row_that_is_held_is_waited_for_no_longer_than_told(postgresql_server: Server) -> None:
    name = postgresql_server.create()
    first, second = (Database(postgresql_server.url(name), timeout=timeout) for timeout in (10, 0.1))
    first.upgrade()
    insert(first, "a")
    change = text("UPDATE watermarks SET seq = 2")
    with first.writing() as holding:
        holding.execute(change)
        with pytest.raises(DatabaseBusy), second.writing() as waiting:
            waiting.execute(change)
    first.close()
    second.close()
    postgresql_server.drop(name)


def test_a_server_that_restarts_is_found_again(postgresql_server: Server) -> None:
    name = postgresql_server.create()
    database = Database(postgresql_server.url(name))
    database.upgrade()
    assert count(database) == 0
    postgresql_server.do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    assert count(database) == 0
    database.close()
    postgresql_server.drop(name)


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("postgresql://nobody@127.0.0.1:9/x", DatabaseUnavailable, "DATABASE_URL"),
        ("postgresql://a:secret@127.0.0.1:9/x", DatabaseUnavailable, r"a:\*\*\*@"),
        ("sqlite:////proc/ici/base.sqlite3", DatabaseUnavailable, "DEPECHES_DATA_DIR"),
        ("sqlite:////etc/hostname", DatabaseUnavailable, "hostname"),
        ("mysql://localhost/x", ConfigurationError, "mysql"),
        ("sqlite://", ConfigurationError, "fichier"),
        ("base de données", ConfigurationError, "adresse"),
    ],
)
def test_what_cannot_be_used_says_why(url: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        Database(url, timeout=2).check()


def test_the_password_is_never_told() -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        Database("postgresql://a:secret@127.0.0.1:9/x", timeout=2).check()
    assert "secret" not in caught.value.detail
