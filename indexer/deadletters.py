"""What was rejected, why, and what it was: one JSON line each, kept until `replay` loads it.

The file is `data_dir/dead-letters/<archive>.jsonl`. A line is written before the loader goes on, so that a killed loader
has explained all it read. Loading the same bad file twice leaves one line: items are known by source and content.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from engine.errors import ConfigurationError
from indexer.raw import Rejection
from mappings.dispatch import pack_raw, unpack_raw

# The text of one rejected item that is kept; a larger one is named by its file, which is still there.
LARGEST_KEPT = 1_000_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One rejected item: its file, its place in it, the error's code and reason, and the bytes where they were kept.

    `format`, `columns`: how it was to be read, where that was told or is known. `back_load`: it came with old files.
    """

    key: str
    where: str
    position: int
    code: str
    reason: str
    at: str
    raw: bytes | None
    format: str | None = None
    columns: dict[str, str] | None = None
    back_load: bool = False

    @classmethod
    def of(cls, rejection: Rejection, *, back_load: bool = False) -> DeadLetter:
        raw = rejection.raw if 0 < len(rejection.raw) <= LARGEST_KEPT else None
        identity = f"{rejection.where}\0{rejection.position}\0{rejection.error.code}".encode() + rejection.raw
        return cls(
            key=hashlib.sha256(identity).hexdigest()[:20],
            where=rejection.where,
            position=rejection.position,
            code=rejection.error.code,
            reason=rejection.error.detail,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            raw=raw,
            format=rejection.format,
            columns=dict(rejection.columns) or None,
            back_load=back_load,
        )

    def line(self) -> str:
        fields: dict[str, Any] = {
            "key": self.key,
            "where": self.where,
            "position": self.position,
            "code": self.code,
            "reason": self.reason,
            "at": self.at,
            "format": self.format,
            "columns": self.columns,
            "back_load": self.back_load,
            "raw": pack_raw(self.raw, "utf-8") if self.raw is not None else None,
        }
        return json.dumps(fields, ensure_ascii=False) + "\n"


class DeadLetters:
    """The dead letters of one archive. Several loaders may write at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: set[str] | None = None

    def add(self, rejection: Rejection, *, back_load: bool = False) -> DeadLetter:
        """Write one, unless the same item was rejected for the same reason before."""
        letter = DeadLetter.of(rejection, back_load=back_load)
        with self._alone():
            if self._known is None:
                self._known = {known.key for known in self._read()}
            if letter.key not in self._known:
                self._known.add(letter.key)
                with self.path.open("a+b") as handle:
                    # A loader killed while writing may have left half a line; ours begins on a new one.
                    broken = handle.tell() and os.pread(handle.fileno(), 1, handle.tell() - 1) != b"\n"
                    handle.write((b"\n" if broken else b"") + letter.line().encode())
        return letter

    def all(self) -> list[DeadLetter]:
        with self._alone():
            return list({letter.key: letter for letter in self._read()}.values())

    def remove(self, keys: set[str]) -> None:
        """Forget items that were loaded since; the file is replaced in one step."""
        with self._alone():
            self._replace([letter for letter in self._read() if letter.key not in keys])

    @property
    def discarded(self) -> Path:
        """Where letters put aside go on being readable."""
        return self.path.with_name(f"{self.path.stem}-ecartes.jsonl")

    def discard(self, pattern: str) -> list[DeadLetter]:
        """Put aside those whose file fits a pattern ("*.png", "*/depot/*", "*"): they are tried no more."""
        with self._alone():
            letters = list(self._read())
            aside = [letter for letter in letters if fnmatchcase(letter.where, pattern)]
            with self.discarded.open("a", encoding="utf-8") as handle:
                handle.writelines(letter.line() for letter in aside)
            self._replace([letter for letter in letters if not fnmatchcase(letter.where, pattern)])
        return aside

    def _replace(self, letters: Iterable[DeadLetter]) -> None:
        draft = self.path.with_suffix(".tmp")
        draft.write_text("".join(letter.line() for letter in letters), encoding="utf-8")
        draft.replace(self.path)
        self._known = None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = self.path.with_suffix(".lock").open("w")
        except OSError as error:
            raise ConfigurationError(
                f"On ne peut pas écrire dans {self.path.parent} ({error.strerror}) : vérifiez DEPECHES_DATA_DIR, et que la "
                "commande est lancée sous le compte du service."
            ) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> Iterator[DeadLetter]:
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8", errors="replace") as handle:
            for line in handle:
                try:
                    fields = json.loads(line)
                except ValueError:
                    continue  # the half line of a killed loader: loading again rejects the item again
                raw = fields.pop("raw")
                yield DeadLetter(raw=unpack_raw(raw) if raw else None, **fields)
