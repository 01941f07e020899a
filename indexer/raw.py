"""What a reader gives: one dispatch as received, or why there is none. `read = loaded + unchanged + rejected` counts these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.errors import InputRejected
from mappings.dispatch import Source


@dataclass(frozen=True, slots=True)
class RawDispatch:
    """One dispatch as received.

    Args:
        raw: its bytes, exactly; text: what they say, decoded by `encoding`, nothing mended.
        position: its place in the file, from 0.
        file_time: when the file was last changed (aware), or None.
    """

    raw: bytes
    text: str
    encoding: str
    source: Source
    position: int = 0
    file_time: datetime | None = None

    @property
    def where(self) -> str:
        return f"{self.source.file or 'entrée standard'}" + (f" (n° {self.position + 1})" if self.position else "")


@dataclass(frozen=True, slots=True)
class Rejection:
    """One item that did not become a dispatch. `raw` is kept when there is some and it is not too large."""

    where: str
    error: InputRejected
    raw: bytes = b""
    position: int = 0


Item = RawDispatch | Rejection
