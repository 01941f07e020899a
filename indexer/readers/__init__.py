"""Readers: the bytes of a file become raw dispatches, one module a format.

A reader has a name, `FORMAT`, knows its own by their first bytes, `looks_like(head)`, and reads them:

    read(stream, name, changed) -> Iterator[RawDispatch | Rejection | Skipped | Letter]

`stream` is binary, seekable and at its start; `name` is how the file is called in messages; `changed` is when it was last
changed (aware), or None. It yields what it finds as it goes, in flat memory. An item that is wrong is a `Rejection` among
the others, one that is no dispatch (a photo) a `Skipped`, a message with attachments a `Letter`; a file that is wrong as a
whole is an `InputRejected` raised, before or after some items.

Three doors lead to them, for a file, for bytes and for a stream that cannot go back; and one for the `raw` of a dispatch,
`read_again`. In all of them the format is found by content, not by name; `format` (a key of `FORMATS`) forces it, for
members of containers too. `columns` are titles of columns of tables, and the field each is read as (`csv_table.Table`).
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from engine.errors import (
    BadParameter,
    BinaryInput,
    EmptyInput,
    InputRejected,
    InputTooLarge,
    UndecodableInput,
    UnreadableInput,
)
from indexer import decode
from indexer.limits import (
    BLOCK_BYTES,
    DEEPEST_CONTAINER,
    LARGEST_ATTACHED_UNPACKED,
    LARGEST_ITEM,
    LARGEST_MEMBER,
    SAMPLE_BYTES,
    SPOOL_BYTES,
)
from indexer.raw import Attached, Item, Letter, RawDispatch, Rejection
from indexer.readers import (
    containers,
    csv_table,
    feeds,
    html_page,
    jsonl,
    mail,
    newsml_12,
    newsml_g2,
    ninjs,
    nitf,
    text,
)
from indexer.sources import Skipped


class Reader(Protocol):
    """What a reader module has."""

    @property
    def FORMAT(self) -> str: ...

    def looks_like(self, head: bytes) -> bool:
        """Whether a file that begins with these bytes (64 KB at most) is of this format."""

    def read(self, stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item | Skipped | Letter]:
        """The items of a file."""


# Asked in this order, the most particular first.
READERS: tuple[Reader, ...] = (newsml_g2, newsml_12, nitf, feeds, ninjs, jsonl, mail, html_page, csv_table, text)

FORMATS: dict[str, Reader] = {reader.FORMAT: reader for reader in READERS}

# Formats that say nowhere in which table they are encoded: a short piece of a file may look like another.
_UNDECLARED = frozenset((csv_table.FORMAT, jsonl.FORMAT, ninjs.FORMAT))


def read_file(
    path: Path, name: str, format: str | None = None, columns: Mapping[str, str] | None = None
) -> Iterator[Item | Skipped]:
    """The items of one file, or of every file in it when it is a container; reasons why there is none are among them."""
    reading = _Reading.of(format, columns)
    try:
        with path.open("rb") as stream:
            changed = datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC)
            yield from reading.told(stream, name, changed)
    except OSError as error:
        yield Rejection(name, UnreadableInput(f"Fichier illisible : {error.strerror}. Vérifiez ses droits."))


def read_bytes(
    raw: bytes, name: str, format: str | None = None, columns: Mapping[str, str] | None = None
) -> Iterator[Item | Skipped]:
    """The items of one file kept in memory; refused as a whole, it is in its rejection."""
    yield from _Reading.of(format, columns, keep=True).told(io.BytesIO(raw), name, None)


def read_stream(
    stream: BinaryIO, name: str, format: str | None = None, columns: Mapping[str, str] | None = None
) -> Iterator[Item | Skipped]:
    """The items of what comes through a pipe or a socket: it is kept in a temporary file until it is read.

    Refused as a whole, it is in its rejection when it is no larger than one item may be.
    """
    reading = _Reading.of(format, columns, keep=True)
    try:
        with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as held:
            size = 0
            while block := stream.read(BLOCK_BYTES):
                size += len(block)
                if size > LARGEST_MEMBER:
                    yield Rejection(
                        name, InputTooLarge(f"Plus de {LARGEST_MEMBER / 1e9:g} Go : envoyez-le en plusieurs fois.")
                    )
                    return
                held.write(block)
            held.seek(0)
            yield from reading.told(cast(BinaryIO, held), name, None)
    except OSError as error:
        yield Rejection(name, UnreadableInput(f"Lecture interrompue : {error.strerror or error}."))


def read_again(
    raw: bytes,
    name: str,
    format: str,
    *,
    encoding: str = "utf-8",
    id: str | None = None,
    language: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> RawDispatch | Rejection:
    """The one dispatch whose `raw` this is, as `format` reads it today; what its file or its envelope said is not known.

    Args:
        name, format: of its source. encoding: in which it was read.
        id, language: as stated; they tell apart the languages of one NewsML 1.2 item, which have their raw in common.
    """
    readable = raw
    try:
        if format == text.FORMAT:
            return text.read_piece(raw, name, encoding)
        if format in _UNDECLARED and not encoding.startswith("utf"):
            readable = raw.decode(encoding).encode()
        items = list(_Reading.of(format, columns).alone(readable, name))
    except InputRejected as error:
        return Rejection(name, error, raw)
    except (UnicodeDecodeError, LookupError):
        return Rejection(name, UndecodableInput(f"Octets illisibles en {encoding}."), raw)
    found = [item for item in items if isinstance(item, RawDispatch)]
    if len(found) > 1:
        same = [item for item in found if item.stated.id == id]
        found = same if len(same) == 1 else [item for item in same or found if item.stated.language == language]
    if len(found) == 1:
        again = found[0]
        source = replace(again.source, checksum=hashlib.sha256(raw).hexdigest())
        return replace(
            again, raw=raw, position=0, source=source, encoding=again.encoding if readable is raw else encoding
        )
    refused = next((item.error for item in items if isinstance(item, Rejection)), None)
    return Rejection(name, refused or UnreadableInput(f"Ce texte reçu n'est plus une dépêche au format {format}."), raw)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How files are read: by which readers, or by the only one that is forced.

    Args:
        keep: a file refused as a whole is kept in its rejection: there is none on the disk to read again.
    """

    readers: tuple[Reader, ...]
    forced: Reader | None
    keep: bool
    columns: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, format: str | None, columns: Mapping[str, str] | None, *, keep: bool = False) -> _Reading:
        """BadParameter for a format or a field that is none."""
        if format and format not in FORMATS:
            raise BadParameter(f"Format inconnu : « {format} ». Formats lus : {', '.join(FORMATS)}.")
        table: Reader = csv_table.Table(columns) if columns else csv_table
        readers = tuple(table if reader is csv_table else reader for reader in READERS)
        forced = next((reader for reader in readers if format == reader.FORMAT), None)
        return cls(readers, forced, keep, tuple(sorted((columns or {}).items())))

    def told(self, stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item | Skipped]:
        """The items of a file; those rejected say how they were to be read, where that was told."""
        format = self.forced.FORMAT if self.forced else None
        for item in self.open(stream, name, changed):
            yield replace(item, format=format, columns=self.columns) if isinstance(item, Rejection) else item

    def open(self, stream: BinaryIO, name: str, changed: datetime | None, depth: int = 1) -> Iterator[Item | Skipped]:
        """The items of a file, or of every file in it. `depth`: it is in so many others, itself counted."""
        head = stream.read(SAMPLE_BYTES)
        stream.seek(0)
        if medium := decode.medium(head, name):
            yield Skipped(name, f"Ni texte ni page ({medium}).")
            return
        if not containers.looks_like(head):
            yield from self._read(stream, name, changed, depth)
            return
        bounds = containers.DEFAULT_BOUNDS
        if depth > 1:
            bounds = replace(bounds, depth=DEEPEST_CONTAINER + 1 - depth, total=LARGEST_ATTACHED_UNPACKED)
        for entry in containers.open_container(stream, name, bounds):
            if isinstance(entry, Rejection | Skipped):
                yield entry
            else:
                yield from self._read(*entry, depth + 1)

    def alone(self, raw: bytes, name: str) -> Iterator[Item | Skipped]:
        """The items of a file by its forced reader, without the files inside them. Raises InputRejected."""
        assert self.forced
        for item in self.forced.read(io.BytesIO(raw), name, None):
            yield item.own if isinstance(item, Letter) else item

    def _read(self, stream: BinaryIO, name: str, changed: datetime | None, depth: int) -> Iterator[Item | Skipped]:
        try:
            head = stream.read(SAMPLE_BYTES)
            stream.seek(0)
            if not head:
                raise EmptyInput("Fichier vide.")
            for item in (self.forced or self._reader(head, name)).read(stream, name, changed):
                if isinstance(item, Letter):
                    yield from self._letter(item, name, depth)
                else:
                    yield item
        except InputRejected as error:
            yield Rejection(name, error, self._kept(stream) if self.keep else b"")

    def _reader(self, head: bytes, name: str = "") -> Reader:
        found = next(reader for reader in self.readers if reader.looks_like(head))
        if found is text and csv_table.says_so(head, name):
            return next(reader for reader in self.readers if reader.FORMAT == csv_table.FORMAT)
        return found

    def _kept(self, stream: BinaryIO) -> bytes:
        stream.seek(0)
        raw = stream.read(LARGEST_ITEM + 1)
        return raw if len(raw) <= LARGEST_ITEM else b""

    # --- attachments ---

    def _letter(self, letter: Letter, name: str, depth: int) -> Iterator[Item | Skipped]:
        """What a message says itself, then what its attachments say.

        One without text of its own is no failure when an attachment has some; else its rejection names them all.
        """
        own = letter.own
        carries_only = isinstance(own, Rejection) and own.error.code == "sans-texte"
        if not carries_only:
            yield own
        inside = f"{name}{containers.INSIDE}" + (f"{own.position + 1}/" if own.position else "")
        given = 0
        for attached in letter.attached:
            for item in self._attached(attached, inside + attached.name, depth + 1):
                given += not isinstance(item, Skipped)
                yield item
        if carries_only and given:
            yield Skipped(name, "Message sans autre texte que ses pièces jointes, qui sont lues.", own.position)
        elif isinstance(own, Rejection) and carries_only:
            names = ", ".join(f"« {one.name} »" for one in letter.attached[:MOST_NAMED])
            reason = f"{own.error.detail.rstrip('.')} : il n'a que des pièces jointes qui ne sont pas lues ({names})."
            yield replace(own, error=type(own.error)(reason))

    def _attached(self, attached: Attached, where: str, depth: int) -> Iterator[Item | Skipped]:
        raw = attached.raw
        head = raw[:SAMPLE_BYTES]
        if depth > DEEPEST_CONTAINER:
            reason = f"Fichiers dans des fichiers sur plus de {DEEPEST_CONTAINER} niveaux."
            yield Rejection(where, InputTooLarge(reason), raw)
            return
        found = _Reading(self.readers, None, True)  # a forced format is that of the message
        if not raw.strip():  # mailing lists attach blank lines
            yield Skipped(where, "Pièce jointe vide.")
        elif containers.looks_like(head):
            yield from found.open(io.BytesIO(raw), where, attached.sent, depth)
        elif found._reader(head) is text and not attached.textual:
            yield Skipped(where, f"Pièce jointe qui n'est pas un texte de dépêche{_kind_of(head)}.")
        else:
            yield from found._read(io.BytesIO(raw), where, attached.sent, depth)


# Attachments that a message names.
MOST_NAMED = 20


def _kind_of(head: bytes) -> str:
    """What it is instead, where its first bytes say so: " (PDF)"."""
    try:
        decode.refuse_binary(head)
    except BinaryInput as error:
        kind = error.detail.partition("(")[2].rpartition(")")[0]
        return f" ({kind})" if kind and "octets" not in kind else ""
    return ""
