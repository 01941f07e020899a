"""Where the counts of `access.limits` are, the same for all processes of a service.

In the data folder, a SQLite file of its own, without waiting for the disk: nothing in it outlives a minute, so nothing is lost with
it. Several machines count together in a Redis or a memcached (`DEPECHES_LIMITS_STORE`), which the library `limits` speaks to. A process
tells what it counted a handful at a time (`Gathered`). docs/decisions/0026-limites.md has the figures.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from dataclasses import dataclass
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

# Handfuls in which the store hears of as many as there may be.
HANDFULS = 50

# Names a process remembers; what comes beyond is told one by one.
MOST_KNOWN = 20_000

_TABLE = """
CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, count INTEGER NOT NULL, ends REAL NOT NULL) WITHOUT ROWID
"""

# One statement, so that two at once are two: a count that is over begins anew.
_COUNT = """
INSERT INTO counts VALUES (:key, :more, :now + :seconds)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN ends <= :now THEN excluded.count ELSE count + excluded.count END,
  ends = CASE WHEN ends <= :now THEN excluded.ends ELSE ends END
RETURNING count, ends
"""


class Counts(Protocol):
    """Where counts are."""

    def count(self, key: str, seconds: int, more: int = 1) -> tuple[int, float]:
        """So many more under this name, in the `seconds` since its first; how many there are, and when (Unix time) they end.

        Raises whatever the store raises when it cannot.
        """
        ...


def counts_of(settings: Settings) -> Counts:
    """Those of `DEPECHES_LIMITS_STORE`, else of a file in the data folder. Raises: ConfigurationError."""
    return Elsewhere(settings.limits_store) if settings.limits_store else InFile(settings.data_dir / FILE)


@dataclass(slots=True)
class _Known:
    """What the store said of a name, and what was counted since that it does not know."""

    count: int
    ends: float
    untold: int = 0


class Gathered:
    """Counts of a store, which is told of them a handful at a time: of most requests it hears nothing.

    A process may so let pass a fiftieth of a limit that another one counted already; of a limit of a few, nothing.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def count(self, key: str, seconds: int, most: int) -> tuple[int, float]:
        """One more under this name, of which there may be `most`. Raises whatever the store raises when it cannot."""
        now = time.time()
        with self._lock:
            known = self._known.get(key)
            if known and known.ends > now:
                known.untold += 1
                if known.untold < most // HANDFULS:
                    return known.count + known.untold, known.ends
                more, known.count, known.untold = known.untold, known.count + known.untold, 0
            else:
                more = 1
        count, ends = self._counts.count(key, seconds, more)
        with self._lock:
            if len(self._known) >= MOST_KNOWN:
                self._known = {each: found for each, found in self._known.items() if found.ends > now}
            if len(self._known) < MOST_KNOWN:
                untold = known.untold if (known := self._known.get(key)) and known.ends > now else 0
                self._known[key] = _Known(count, ends, untold)
        return count, ends


class InFile:
    """Counts of all processes of this machine that share the file. Safe to share between threads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._swept = 0.0

    def count(self, key: str, seconds: int, more: int = 1) -> tuple[int, float]:
        now = time.time()
        with self._lock:
            try:
                connection = self._connection or self._opened()
                row = connection.execute(_COUNT, {"key": key, "now": now, "seconds": seconds, "more": more}).fetchall()[
                    0
                ]
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

    def count(self, key: str, seconds: int, more: int = 1) -> tuple[int, float]:
        # The library types its stores as those of asyncio too.
        return cast(int, self._storage.incr(key, seconds, more)), cast(float, self._storage.get_expiry(key))
