"""What counting all gave, kept in a file of the machine: processes that serve the same archive count once for all of them.

A process that starts reads in a second what took the one before it a minute, and reads what has come since; of several that
would count, one does. What cannot be read or written is as if it were not there. docs/decisions/0012-suggest.md.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import structlog

log = structlog.get_logger()

FORMAT = 1

# Values on a line: reading one holds the other threads up for a millisecond, reading the whole file would for a third of a second.
ON_A_LINE = 2000


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted, of which archive and when.

    Args:
        archive: another archive has another, and so has the same one counted by another program.
        total, last: how many dispatches were in force, and the rank of entry of the latest.
        at: seconds since 1970, by the clock of this machine.
        took: seconds that counting took.
        exact: words were counted in every dispatch.
    """

    archive: str
    total: int
    last: int
    at: float
    took: float
    exact: bool
    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    words: Mapping[str, int] = field(default_factory=dict)


class Kept:
    """The file of one archive; without a path, nothing is kept and everyone counts."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def read(self, archive: str) -> Counts | None:
        """What was counted last of this archive; None when that is not known."""
        if not self._path:
            return None
        try:
            with self._path.open(encoding="utf-8") as lines:
                return _read(lines, archive)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, counts: Counts) -> None:
        """Put these in the place of what was counted before, all at once."""
        if not self._path:
            return
        draft = self._path.with_suffix(f".{os.getpid()}")
        try:
            with open(draft, "w", encoding="utf-8", opener=_private) as file:
                file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in _lines(counts))
            draft.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            log.warning("suggestions", code="non-garde", detail=f"{self._path} : {error.strerror}")

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether it is ours to count: no other process of this machine is at it."""
        try:
            lock = self._lock()
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            if lock is not None:
                os.close(lock)

    def _lock(self) -> int | None:
        """A lock that ends with us, however we end; None where none can be had.

        Raises:
            BlockingIOError: another has it.
        """
        if not self._path:
            return None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = _private(str(self._path.with_suffix(".lock")), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            if isinstance(error, BlockingIOError):
                raise
            return None
        return lock


def _private(path: str, flags: int) -> int:
    """Words of dispatches are for those who may read them."""
    return os.open(path, flags, 0o600)


def _lines(counts: Counts) -> Iterator[dict[str, Any]]:
    yield {
        **{"format": FORMAT, "archive": counts.archive, "total": counts.total, "last": counts.last},
        **{"at": counts.at, "took": counts.took, "exact": counts.exact},
    }
    for facet, values in counts.values.items():
        for some in _handfuls(values):
            yield {"facet": facet, "counts": some}
    for some in _handfuls(counts.words):
        yield {"facet": None, "counts": some}
    yield {"end": True}


def _handfuls(counts: Mapping[str, int]) -> Iterator[dict[str, int]]:
    items = iter(counts.items())
    while some := dict(islice(items, ON_A_LINE)):
        yield some


def _read(lines: TextIO, archive: str) -> Counts | None:
    head = json.loads(next(lines, ""))
    if head["format"] != FORMAT or head["archive"] != archive:
        return None
    values: dict[str, dict[str, int]] = {}
    words: dict[str, int] = {}
    for text in lines:
        line = json.loads(text)
        if line.get("end"):
            told = {name: head[name] for name in ("archive", "total", "last", "at", "took", "exact")}
            return Counts(**told, values=values, words=words)
        (words if line["facet"] is None else values.setdefault(line["facet"], {})).update(line["counts"])
    return None  # a disk that filled up, a file cut by hand
