"""Where the counts of `access.limits` are, the same for all processes of a service.

In the data folder, a SQLite file of its own: 12 µs a count, against 0.5 ms and a wait for the disk in the relational database;
nothing in it outlives a minute, so nothing is lost with it. Several machines count together in a Redis or a memcached
(`DEPECHES_LIMITS_STORE`), which the library `limits` speaks to. docs/decisions/0026-limites.md has the figures.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import urlsplit

from engine.config import Settings
from engine.errors import ConfigurationError

FILE = "limits.sqlite3"

# Seconds another process may keep the file, or another machine its answer; beyond, nobody is counted.
PATIENCE = 0.25

# Seconds between two looks for counts that are over.
SWEPT = 60

_TABLE = """
CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, count INTEGER NOT NULL, ends REAL NOT NULL) WITHOUT ROWID
"""

# One statement, so that two at once are two: a count that is over begins anew.
_COUNT = """
INSERT INTO counts VALUES (:key, 1, :now + :seconds)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN ends <= :now THEN 1 ELSE count + 1 END,
  ends = CASE WHEN ends <= :now THEN excluded.ends ELSE ends END
RETURNING count, ends
"""


class Counts(Protocol):
    """Where counts are."""

    def count(self, key: str, seconds: int) -> tuple[int, float]:
        """One more under this name, and since when it began, at most `seconds` ago; how many, and when (Unix time) it ends.

        Raises whatever the store raises when it cannot.
        """
        ...


def counts_of(settings: Settings) -> Counts:
    """Those of `DEPECHES_LIMITS_STORE`, else of a file in the data folder. Raises: ConfigurationError."""
    return Elsewhere(settings.limits_store) if settings.limits_store else InFile(settings.data_dir / FILE)


class InFile:
    """Counts of all processes of this machine that share the file. Safe to share between threads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._swept = 0.0

    def count(self, key: str, seconds: int) -> tuple[int, float]:
        now = time.time()
        with self._lock:
            try:
                connection = self._connection or self._opened()
                row = connection.execute(_COUNT, {"key": key, "now": now, "seconds": seconds}).fetchall()[0]
                if now - self._swept > SWEPT:
                    connection.execute("DELETE FROM counts WHERE ends <= ?", (now,))
                    self._swept = now
            except sqlite3.DatabaseError as error:
                self._close()
                if "malformed" in str(error) or "not a database" in str(error):  # a machine that lost its power
                    self._file.unlink(missing_ok=True)
                raise
        return int(row[0]), float(row[1])

    def _opened(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.touch(mode=0o600)
        connection = sqlite3.connect(self._file, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")  # what a power cut takes would be over before it is back
        connection.execute(_TABLE)
        self._connection = connection
        return connection

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


class Elsewhere:
    """Counts of all machines, in a Redis or a memcached. Raises: ConfigurationError: what speaks to it is not installed."""

    def __init__(self, address: str) -> None:
        from limits.errors import ConfigurationError as Missing
        from limits.storage import storage_from_string

        scheme = urlsplit(address).scheme
        waits = (
            {"connect_timeout": PATIENCE, "timeout": PATIENCE}
            if scheme == "memcached"
            else {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
        )
        try:
            self._storage = storage_from_string(address, **waits)
        except Missing as error:
            raise ConfigurationError(
                f"DEPECHES_LIMITS_STORE={scheme}://… demande une bibliothèque qui n'est pas installée : "
                "pip install 'depeches[limits]'."
            ) from error

    def count(self, key: str, seconds: int) -> tuple[int, float]:
        # The library types its stores as those of asyncio too.
        return cast(int, self._storage.incr(key, seconds)), cast(float, self._storage.get_expiry(key))
