"""What a reader gives: one dispatch as received, or why there is none. `read = loaded + unchanged + rejected` counts these."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from engine.errors import InputRejected
from indexer.dates import Dated
from mappings.dispatch import Precision, Source

# What an agency says may be done with a dispatch: publish it, hold it, or do not use it any more (kill).
Usage = Literal["usable", "withheld", "canceled"]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a format says outright, beside the text; nothing guessed. Instants are aware.

    Args:
        published, updated: of a day, a month or a year alone, its first midnight, and the precision says so.
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
    published_precision: Precision = "minute"
    updated: datetime | None = None
    updated_precision: Precision = "minute"
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

    def dated(self, published: Dated | None, updated: Dated | None = None) -> Stated:
        """The same, with these dates."""
        return replace(
            self,
            published=published.moment if published else None,
            published_precision=published.precision if published else "minute",
            updated=updated.moment if updated else None,
            updated_precision=updated.precision if updated else "minute",
        )

    @property
    def dates(self) -> tuple[Dated | None, Dated | None]:
        """(published, updated), each as a date that is stated, in UTC; None for one that is not."""
        return (
            _stated(self.published, self.published_precision),
            _stated(self.updated, self.updated_precision),
        )


def _stated(moment: datetime | None, precision: Precision) -> Dated | None:
    return Dated(moment.astimezone(UTC), precision, "stated") if moment else None


class NoDispatch(Exception):
    """An item that is no dispatch and claims to be none: a photo, a package. The argument is the reason, in French.

    Readers turn it into a `Skipped`; it goes no further.
    """

    @property
    def reason(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class RawDispatch:
    """One dispatch as received.

    Args:
        raw: its bytes, exactly; text: what they say, decoded by `encoding`, nothing mended.
        position: its place in the file, from 0.
        file_time: when the file was last changed (aware), or None.
        stated: what the format says beside the text.
        path: where it is read from on this machine, for messages to operators; readers of dispatches see `source`.
        columns: of a table whose columns were named by who loads it: each title, and the key it is read as.
    """

    raw: bytes
    text: str
    encoding: str
    source: Source
    position: int = 0
    file_time: datetime | None = None
    stated: Stated = field(default_factory=Stated)
    path: str = ""
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def where(self) -> str:
        return self.path or self.source.file or "entrée standard"


@dataclass(frozen=True, slots=True)
class Rejection:
    """One item that did not become a dispatch. `raw` is kept when there is some and it is not too large.

    Args:
        format, columns: how it was read, where that was told or is known: it is to be tried again in the same way.
    """

    where: str
    error: InputRejected
    raw: bytes = b""
    position: int = 0
    format: str | None = None
    columns: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, item: RawDispatch, error: InputRejected) -> Rejection:
        """What was read and makes no dispatch."""
        return cls(item.where, error, item.raw, item.position, item.source.format, item.columns)


Item = RawDispatch | Rejection


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside an item, to be read by its own format.

    Args:
        name: its own name alone. textual: it is text where no format is recognised in it.
        sent: when it was sent (aware), or None.
    """

    name: str
    raw: bytes
    textual: bool
    sent: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """An item with files of their own inside it: a message and its attachments. `own` is what it says itself."""

    own: Item
    attached: tuple[Attached, ...]
