"""What a reader gives: one dispatch as received, or why there is none. `read = loaded + unchanged + rejected` counts these."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from engine.errors import InputRejected
from mappings.dispatch import Source

# What an agency says may be done with a dispatch: publish it, hold it, or do not use it any more (kill).
Usage = Literal["usable", "withheld", "canceled"]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a format says outright, beside the text; nothing guessed. Instants are aware.

    Args:
        id: the agency's own id of the dispatch, the same for all its versions.
        paragraphs: the body as paragraphs of plain text; None when the text must be taken apart (plain text).
        subjects: IPTC Media Topic codes (`medtop:20000065`) or subject names as written.
        slug: the agency's keyword line. byline: the author. dateline: the place, as written.
        urgency: 1 (flash) to 9. embargo: not to be published before.
        corrects: this dispatch corrects an earlier version (a correction notice).
    """

    id: str | None = None
    version: int | None = None
    title: str | None = None
    paragraphs: tuple[str, ...] | None = None
    published: datetime | None = None
    updated: datetime | None = None
    agency: str | None = None
    byline: str | None = None
    dateline: str | None = None
    credits: tuple[str, ...] = ()
    language: str | None = None
    url: str | None = None
    subjects: tuple[str, ...] = ()
    slug: str | None = None
    urgency: int | None = None
    usage: Usage = "usable"
    embargo: datetime | None = None
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class RawDispatch:
    """One dispatch as received.

    Args:
        raw: its bytes, exactly; text: what they say, decoded by `encoding`, nothing mended.
        position: its place in the file, from 0.
        file_time: when the file was last changed (aware), or None.
        stated: what the format says beside the text.
        path: where it is read from on this machine, for messages to operators; readers of dispatches see `source`.
    """

    raw: bytes
    text: str
    encoding: str
    source: Source
    position: int = 0
    file_time: datetime | None = None
    stated: Stated = field(default_factory=Stated)
    path: str = ""

    @property
    def where(self) -> str:
        return self.path or self.source.file or "entrée standard"


@dataclass(frozen=True, slots=True)
class Rejection:
    """One item that did not become a dispatch. `raw` is kept when there is some and it is not too large."""

    where: str
    error: InputRejected
    raw: bytes = b""
    position: int = 0


Item = RawDispatch | Rejection
