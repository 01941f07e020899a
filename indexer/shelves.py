"""Where watched files go when they are dealt with: `.loaded/<day>/`, or `.rejected/` with the reason beside them.

Both are in the watched folder, so that moving is a rename. Nothing is ever overwritten: a name that is taken gets a number.
A file that changed since it was read is not moved. Files that stay where they are (`--keep`) are remembered in a journal.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from indexer.arrivals import Arrival
from indexer.raw import Rejection
from indexer.sources import display

LOADED = ".loaded"
REJECTED = ".rejected"
REASON = ".raison.txt"

# Reasons written beside one file; the dead letters have them all.
MOST_REASONS = 1_000


class Shelves:
    """The shelves of one watched folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        """Make them, if they are not there. Raises OSError: the folder is closed to us."""
        for name in (LOADED, REJECTED):
            (self.folder / name).mkdir(exist_ok=True)

    def planned(self, arrival: Arrival) -> Path:
        """Where it would lie if it were rejected now: what its dead letters name, so that `replay` finds it there."""
        wanted = self.folder / REJECTED / arrival.name
        return next(path for path in _numbered(wanted) if not _taken(path))

    def put_loaded(self, arrival: Arrival, day: date) -> bool:
        """Move a file that is loaded; False when it changed or went away meanwhile, and was left.

        Raises OSError: it cannot be moved.
        """
        return self._move(arrival, self.folder / LOADED / day.isoformat() / arrival.name, None) is not None

    def put_rejected(self, arrival: Arrival, why: str) -> bool:
        """The same for a file with rejected items; `why` is written beside it."""
        return self._move(arrival, self.folder / REJECTED / arrival.name, why) is not None

    def _move(self, arrival: Arrival, wanted: Path, why: str | None) -> Path | None:
        if not arrival.unchanged():
            return None
        target = _reserve(wanted)
        note = target.with_name(target.name + REASON)
        try:
            if why is not None:
                # Before the file: whoever finds it there finds out why.
                note.write_text(why, encoding="utf-8", errors="replace")
            os.rename(arrival.path, target)
        except OSError:
            target.unlink(missing_ok=True)
            with suppress(OSError):
                note.unlink()
            raise
        if not arrival.same(target.lstat()):
            # Written to, or replaced, in the instant between the look and the move: it goes back to be read again.
            os.rename(target, _reserve(arrival.path))
            with suppress(OSError):
                note.unlink()
            return None
        return target


def _numbered(path: Path) -> Iterable[Path]:
    """ "a.txt", "a-2.txt", "a-3.txt"..."""
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1


def _taken(path: Path) -> bool:
    return os.path.lexists(path) or os.path.lexists(path.with_name(path.name + REASON))


def _reserve(wanted: Path) -> Path:
    """The first free name, taken by an empty file that a rename then replaces: two of us never get the same one."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    for path in _numbered(wanted):
        if _taken(path):
            continue
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            continue
        return path
    raise AssertionError  # numbers do not end


def reasons(arrival: Arrival, read: int, rejections: Sequence[Rejection], count: int, now: datetime) -> str:
    """Why a file was rejected, for people: `rejections` are the first of `count`."""
    lines = [
        f"{display(Path(arrival.name))} : {count} rejet{'s' if count > 1 else ''} sur {read} "
        f"dépêche{'s' if read > 1 else ''} lue{'s' if read > 1 else ''}, le {now:%d/%m/%Y à %H:%M}.",
        "Le reste est dans l'archive. Corrigez ce fichier et redéposez-le : ce qui est déjà chargé ne changera pas.",
        "",
    ]
    for rejection in rejections:
        member = rejection.where.partition("!/")[2]
        place = f"{member}, n° {rejection.position + 1}" if member else f"n° {rejection.position + 1}"
        lines.append(f"{place} ({rejection.error.code}) : {rejection.error.detail}")
    if count > len(rejections):
        lines.append(f"… et {count - len(rejections)} autres : depeches replay --list")
    return "\n".join(lines) + "\n"


class Journal:
    """Which files were dealt with and left where they are, as they were then. SQLite: durable, and flat in memory.

    One per archive: what is in one archive is not in another.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS files "
            "(path BLOB PRIMARY KEY, changed INTEGER NOT NULL, size INTEGER NOT NULL) WITHOUT ROWID"
        )
        # Without --keep it is nearly always empty, and asked about every file at every look.
        self._empty = self._database.execute("SELECT 1 FROM files LIMIT 1").fetchone() is None

    def knows(self, arrival: Arrival) -> bool:
        if self._empty:
            return False
        row = self._database.execute(
            "SELECT 1 FROM files WHERE path = ? AND changed = ? AND size = ?",
            (os.fsencode(arrival.path), arrival.changed, arrival.size),
        ).fetchone()
        return row is not None

    def add(self, arrivals: Iterable[Arrival]) -> None:
        rows = [(os.fsencode(arrival.path), arrival.changed, arrival.size) for arrival in arrivals]
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", rows)
        self._database.execute("COMMIT")
        self._empty = False

    def forget(self) -> bool:
        """Forget all; whether there was something."""
        self._empty = True
        return self._database.execute("DELETE FROM files").rowcount > 0

    def close(self) -> None:
        self._database.close()
