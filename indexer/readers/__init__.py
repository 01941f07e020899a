"""Readers: the bytes of a file become raw dispatches, one module a format.

A reader has a name, `FORMAT`, knows its own by their first bytes, `looks_like(head)`, and reads them:

    read(stream, name, changed) -> Iterator[RawDispatch | Rejection]

`stream` is binary, seekable and at its start; `name` is how the file is called in messages; `changed` is when it was last
changed (aware), or None. It yields what it finds as it goes, in flat memory. An item that is wrong is a `Rejection` among
the others; a file that is wrong as a whole is an `InputRejected` raised, before or after some items.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from engine.errors import EmptyInput, InputRejected, UnreadableInput
from indexer.limits import SAMPLE_BYTES
from indexer.raw import Item, Rejection
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

    FORMAT: str

    def looks_like(self, head: bytes) -> bool:
        """Whether a file that begins with these bytes (64 KB at most) is of this format."""

    def read(self, stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item]:
        """The items of a file."""


# Asked in this order, the most particular first.
READERS: tuple[Reader, ...] = (newsml_g2, newsml_12, nitf, feeds, ninjs, jsonl, mail, html_page, csv_table, text)

FORMATS: dict[str, Reader] = {reader.FORMAT: reader for reader in READERS}


def read_file(path: Path, name: str, format: str | None = None) -> Iterator[Item | Skipped]:
    """The items of one file, or of every file in it when it is a container; reasons why there is none are among them.

    The format is found by content, not by name; `format` (a key of `FORMATS`) forces it, for members too.
    """
    try:
        with path.open("rb") as stream:
            changed = datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC)
            yield from _open(stream, name, changed, format)
    except OSError as error:
        yield Rejection(name, UnreadableInput(f"Fichier illisible : {error.strerror}. Vérifiez ses droits."))


def read_bytes(raw: bytes, name: str) -> Iterator[Item]:
    """The items of one file kept in memory."""
    yield from _read(io.BytesIO(raw), name, None, None, raw)


def _open(stream: BinaryIO, name: str, changed: datetime | None, format: str | None) -> Iterator[Item | Skipped]:
    head = stream.read(SAMPLE_BYTES)
    stream.seek(0)
    if not containers.looks_like(head):
        yield from _read(stream, name, changed, format)
        return
    for entry in containers.open_container(stream, name):
        if isinstance(entry, Rejection | Skipped):
            yield entry
        else:
            yield from _read(*entry, format)


def _read(
    stream: BinaryIO, name: str, changed: datetime | None, format: str | None, raw: bytes = b""
) -> Iterator[Item]:
    try:
        head = stream.read(SAMPLE_BYTES)
        stream.seek(0)
        if not head:
            raise EmptyInput("Fichier vide.")
        yield from _reader(head, format).read(stream, name, changed)
    except InputRejected as error:
        yield Rejection(name, error, raw)


def _reader(head: bytes, format: str | None) -> Reader:
    if format:
        return FORMATS[format]
    return next(reader for reader in READERS if reader.looks_like(head))
