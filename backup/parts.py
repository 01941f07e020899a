"""What of an archive cannot be made again beside its dispatches, and where it is on this machine: the database, the house's
own authorities, the dead letters, what a watch has dealt with.

Each is taken as it is at one moment while others use it, and put back so that one who is killed midway may begin again.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from access import signed_in, users
from alerts import status
from backup.manifest import Rows
from engine import dump
from engine.config import Settings
from engine.database import Database
from engine.errors import DatabaseError, MigrationMissing, MigrationTooNew
from engine.tables import Base

AUTHORITIES = "authorities"
LETTERS = "dead-letters.jsonl"
ASIDE = "dead-letters-aside.jsonl"
JOURNAL = "watch.sqlite3"

# Of the rooms that are imported above.
TABLES: Sequence[str] = tuple(Base.metadata.tables)


@dataclass(frozen=True, slots=True)
class Places:
    """Where they are.

    Args:
        letters, aside: the dead letters, and those put aside. writing: the lock of those who load.
        journal: what a watch has dealt with and left in place.
        begun: remembers which index a restore was filling, so that the next clears it away.
    """

    authorities: Path
    letters: Path
    aside: Path
    writing: Path
    journal: Path
    begun: Path

    @classmethod
    def of(cls, settings: Settings) -> Places:
        letters = settings.data_dir / "dead-letters" / f"{settings.index_prefix}.jsonl"
        return cls(
            authorities=settings.authorities_dir,
            letters=letters,
            aside=letters.with_name(f"{settings.index_prefix}-ecartes.jsonl"),
            writing=letters.with_suffix(".writing"),
            journal=settings.data_dir / "watch" / f"{settings.index_prefix}.sqlite3",
            begun=settings.data_dir / f"{settings.index_prefix}.restoring",
        )


# -- taken ---------------------------------------------------------------------------------------------


def take_rows(database: Database, folder: Path) -> Rows:
    """Dump the database into a folder. What is counted is counted before: rows of that minute may be in it too."""
    database.check()
    counted = rows(database)
    assert counted is not None
    dump.dump(database, folder / dump.file_name(database), TABLES)
    return counted


def take_files(places: Places, folder: Path) -> None:
    """Copy the files that are there."""
    for name in own_authorities(places):
        _write(folder / AUTHORITIES / name, (places.authorities / name).read_bytes())
    for path, name in ((places.letters, LETTERS), (places.aside, ASIDE)):
        if path.exists():
            _write(folder / name, path.read_bytes())
    if places.journal.exists():
        _write(folder / JOURNAL, b"")
        dump.copy_sqlite(places.journal, folder / JOURNAL)


def rows(database: Database) -> Rows | None:
    """What the database holds; None before it has tables."""
    try:
        with database.reading() as session:
            accounts = len(users.every(session))
            alerts = status.status(session, database.now(session))
    except MigrationMissing:
        return None
    kind = "sqlite" if database.is_sqlite else "postgresql"
    return Rows(kind, str(database.status().current), accounts, alerts.saved, alerts.hits)


def own_authorities(places: Places) -> list[str]:
    """The files of the house's authorities, by name."""
    if not places.authorities.is_dir():
        return []
    return sorted(path.name for path in places.authorities.iterdir() if path.is_file() and path.suffix != ".tmp")


# -- put back ------------------------------------------------------------------------------------------


def put_rows(database: Database, folder: Path) -> None:
    """Put the dump of a folder in the place of what the database holds, and bring it up to this version's tables.

    Readers sign in again: a session of the backup may have been ended since.
    """
    dump.restore(database, folder / dump.file_name(database), TABLES)
    if database.is_sqlite:
        as_its_folder(Path(str(database.url.database)))
    database.upgrade()
    with database.writing() as session:
        signed_in.end_all(session)


def put_files(places: Places, folder: Path) -> None:
    """Put the files of a backup in the place of those that are there.

    The authorities become those of the backup. Its dead letters are added to those that are there: what was rejected since
    is still explained, what was put aside since stays aside. What a watch has dealt with since is in no index any more: it
    is looked at again.
    """
    kept = folder / AUTHORITIES
    names = {path.name for path in kept.iterdir()} if kept.is_dir() else set()
    for name in sorted(names):
        _replace(places.authorities / name, (kept / name).read_bytes(), mode=0o644)
    for name in own_authorities(places):
        if name not in names:
            (places.authorities / name).unlink()
    with locked(places.letters.with_suffix(".lock")):
        aside = _lines(folder / ASIDE) | _lines(places.aside)
        waiting = {line: None for line in _lines(folder / LETTERS) | _lines(places.letters) if line not in aside}
        for path, lines in ((places.letters, waiting), (places.aside, aside)):
            if lines or path.exists():
                _replace(path, b"".join(line + b"\n" for line in lines), mode=0o600)
    _put_journal(places.journal, folder / JOURNAL)


def _lines(path: Path) -> dict[bytes, None]:
    """The lines of a file, in their order, each once; none where there is no file."""
    return dict.fromkeys(line for line in path.read_bytes().splitlines() if line) if path.exists() else {}


def _put_journal(journal: Path, kept: Path) -> None:
    if kept.exists():
        dump.restore_sqlite(kept, journal)
    elif journal.exists():
        with closing(sqlite3.connect(journal, timeout=dump.PATIENCE, isolation_level=None)) as opened:
            opened.execute("DELETE FROM files")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file alone, as those who write beside it do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# -- what would be lost --------------------------------------------------------------------------------


def found(database: Database) -> str:
    """What the database that is in place holds, in French; "" for nothing that could be lost."""
    try:
        now = rows(database)
    except MigrationTooNew as error:
        if database.is_sqlite:
            return f"la base en place, d'une version plus récente de Dépêches (étape {database.status().current})"
        raise MigrationTooNew(
            f"La base {database.name} a des tables d'une version plus récente, que celle-ci ne sait pas enlever : "
            "recréez-la vide (dropdb, createdb), puis relancez."
        ) from error
    except DatabaseError as error:
        # A file that is none any more is what backups are for; a server that is away is for its operator.
        if not database.is_sqlite:
            raise
        return f"la base en place, qui ne se lit pas ({error.detail})" if _holds(database) else ""
    if now is None or not (now.users or now.saved_searches):
        return ""
    return f"la base en place (comptes : {now.users} ; recherches enregistrées : {now.saved_searches} ; alertes : {now.hits})"


def _holds(database: Database) -> bool:
    path = Path(str(database.url.database))
    return path.exists() and path.stat().st_size > 0


def changed_authorities(places: Places, folder: Path) -> list[str]:
    """The files of authorities in place that are not those of the backup."""
    return [
        name
        for name in own_authorities(places)
        if not (folder / AUTHORITIES / name).is_file()
        or (folder / AUTHORITIES / name).read_bytes() != (places.authorities / name).read_bytes()
    ]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as sink:
        sink.write(content)


def _replace(path: Path, content: bytes, *, mode: int) -> None:
    """A file's new content in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.tmp")
    draft.write_bytes(content)
    draft.chmod(mode)
    as_its_folder(draft)
    draft.replace(path)


def as_its_folder(path: Path) -> None:
    """Give a file to who has its folder: root brings back what another account serves."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
