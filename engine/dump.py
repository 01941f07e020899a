"""A relational database becomes a file, and a file a database, while others use it: all of it as it was at one moment.

SQLite by its own online backup, which reads in one transaction: in WAL, writers go on meanwhile. PostgreSQL by its own
programs, `pg_dump`, `pg_restore` and `psql`, which must be there: only they know every version of the server.

A database is brought back in one transaction. Killed midway, it is as it was.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO

from engine.database import Database
from engine.errors import BackupDamaged, BackupFailed, DatabaseBusy

# Seconds a program of PostgreSQL may take: a night. What these tables hold takes minutes.
LONGEST = 8 * 3600.0

# Seconds to wait for those who hold the tables that are brought back.
PATIENCE = 60.0

# Where alembic writes at which step the tables are.
STEPS_TABLE = "alembic_version"

INSTALL = (
    "Les programmes de PostgreSQL manquent ici ({program}) : installez-les, de la version du serveur ou plus récents "
    "(Debian : apt-get install postgresql-client)."
)


def file_name(database: Database) -> str:
    """What its dump is called."""
    return "database.sqlite3" if database.is_sqlite else "database.dump"


def dump(database: Database, target: Path, tables: Sequence[str]) -> None:
    """Write these tables into a new file, readable by its owner alone, as they are at one moment; a SQLite file is written whole.

    Raises:
        BackupFailed: a program is missing or refuses; says the cure. DatabaseError.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    if database.is_sqlite:
        copy_sqlite(Path(str(database.url.database)), target)
        return
    chosen = [f"--table={table}" for table in (*tables, STEPS_TABLE)]
    # Into a pipe of ours: the program would make a new file, with rights of its own.
    with target.open("wb") as sink:
        options = ["--format=custom", "--no-owner", "--no-privileges", "--strict-names", "--no-password", *chosen]
        _run(["pg_dump", *options, f"--dbname={_address(database)}"], database, stdout=sink)


def check(source: Path) -> None:
    """Raises: BackupDamaged: the file is no dump, or not a whole one. BackupFailed: `pg_restore` is missing."""
    if source.suffix == ".sqlite3":
        try:
            with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as opened:
                (said,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.Error as error:
            said = str(error)
        if said != "ok":
            raise BackupDamaged(f"{source} n'est pas une base SQLite entière : {said}.")
        return
    listing = [_program("pg_restore"), "--list", str(source)]
    told = subprocess.run(listing, capture_output=True, text=True, timeout=LONGEST)
    if told.returncode:
        raise BackupDamaged(f"{source} n'est pas un fichier de pg_dump : {_last(told.stderr)}")


def restore(database: Database, source: Path, tables: Sequence[str]) -> None:
    """Put what a dump holds in the place of what these tables hold.

    Raises:
        BackupFailed: a program is missing or refuses; says the cure, and nothing was changed.
        DatabaseBusy: others hold the tables.
    """
    if database.is_sqlite:
        restore_sqlite(source, Path(str(database.url.database)))
    else:
        _restore_postgresql(database, source, tables)


# -- SQLite --------------------------------------------------------------------------------------------


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite file that is in use. Raises: BackupFailed."""
    try:
        with closing(sqlite3.connect(source, timeout=PATIENCE)) as used, closing(sqlite3.connect(target)) as copy:
            # All pages in one step: page by page, each write of another process would begin the copy anew.
            used.backup(copy, progress=_patience(source))
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, not three
    except sqlite3.Error as error:
        raise BackupFailed(f"La base {source} ne se laisse pas copier : {error}.") from error


def restore_sqlite(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    try:
        _copy_over(source, target)
    except sqlite3.DatabaseError as error:
        if "not a database" not in str(error) and "malformed" not in str(error):
            raise BackupFailed(f"La base {target} ne se laisse pas remplacer : {error}.") from error
        # What lies there is no database any more: it is put aside, for who wants to look at it.
        for path in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm"))):
            if path.exists():
                path.replace(path.with_name(f"{path.name}.illisible"))
        target.touch(mode=0o600)
        _copy_over(source, target)


def _copy_over(source: Path, target: Path) -> None:
    """One transaction of the target's: those who have it open see all of the new content, or all of the old."""
    reading = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
    with closing(reading) as kept, closing(sqlite3.connect(target, timeout=PATIENCE)) as used:
        used.execute("PRAGMA synchronous = FULL")
        kept.backup(used, progress=_patience(target))


def _patience(path: Path) -> Callable[[int, int, int], None]:
    """Heard at every try: raises when others have kept a file for too long."""
    deadline = time.monotonic() + PATIENCE

    def look(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise DatabaseBusy(f"D'autres gardent {path} occupé : arrêtez le service, les alertes et la veille.")

    return look


# -- PostgreSQL ----------------------------------------------------------------------------------------


def _restore_postgresql(database: Database, source: Path, tables: Sequence[str]) -> None:
    """`pg_restore` writes statements, `psql` does them, and only the last of all says COMMIT: what stops midway is undone.

    Tables are dropped before, with what refers to them: `pg_restore --clean` would stop at those of a later version.
    """
    names = ", ".join(f'"{table}"' for table in (*tables, STEPS_TABLE))
    reading = [_program("pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error", "--file=-", str(source)]
    doing = [_program("psql"), "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    with (
        tempfile.TemporaryFile() as read_said,
        tempfile.TemporaryFile() as done_said,
        subprocess.Popen(
            [*doing, f"--dbname={_address(database)}"],
            env=_environment(database),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=done_said,
        ) as done,
    ):
        assert done.stdin is not None
        whole = False
        try:
            with done.stdin as statements:
                statements.write(f"BEGIN;\nDROP TABLE IF EXISTS {names} CASCADE;\n".encode())
                with subprocess.Popen(reading, stdout=subprocess.PIPE, stderr=read_said) as read:
                    assert read.stdout is not None
                    shutil.copyfileobj(read.stdout, statements, 1 << 20)
                whole = read.returncode == 0
                if whole:
                    statements.write(b"COMMIT;\n")
        except BrokenPipeError:
            pass  # it stopped at a statement, and says which
        if done.wait(LONGEST) or not whole:
            why = _last(_text(done_said)) or _last(_text(read_said))
            raise BackupFailed(f"PostgreSQL n'a pas repris la base, qui n'a pas changé : {why}")


def _run(command: Sequence[str], database: Database, stdout: IO[bytes]) -> None:
    program, *rest = command
    path = _program(program)
    said = subprocess.run(
        [path, *rest], env=_environment(database), stdout=stdout, stderr=subprocess.PIPE, timeout=LONGEST
    )
    if said.returncode:
        text = said.stderr.decode(errors="replace")
        cure = f" {INSTALL.format(program=program)}" if "server version" in text else ""
        raise BackupFailed(f"{program} n'a pas copié la base {database.name} : {_last(text)}{cure}")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupFailed(INSTALL.format(program=name))
    return found


def _address(database: Database) -> str:
    """Without the password: every account of the machine may read a command."""
    return database.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _environment(database: Database) -> dict[str, str]:
    limits = f"-c lock_timeout={PATIENCE * 1000:.0f} -c statement_timeout=0"
    environment = os.environ | {"PGOPTIONS": limits, "PGCONNECT_TIMEOUT": "30", "LC_ALL": "C.UTF-8"}
    password = database.url.password
    return environment | ({"PGPASSWORD": str(password)} if password is not None else {})


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _last(said: str) -> str:
    """The line that says what is wrong, of all that a program said."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next(
        (line for line in lines if "error" in line.lower() or "fatal" in line.lower()), lines[-1] if lines else ""
    )
