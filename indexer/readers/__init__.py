"""Readers: the bytes of a file become raw dispatches, one module a format.

A reader has a name, `FORMAT`, and one function:

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
from typing import BinaryIO

from engine.errors import EmptyInput, InputRejected, UnreadableInput
from indexer.raw import Item, Rejection
from indexer.readers import text


def read_file(path: Path, name: str) -> Iterator[Item]:
    """The items of one file, the reasons why it has none among them."""
    try:
        with path.open("rb") as stream:
            changed = datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC)
            yield from _read(stream, name, changed)
    except InputRejected as error:
        yield Rejection(name, error)
    except OSError as error:
        yield Rejection(name, UnreadableInput(f"Fichier illisible : {error.strerror}. Vérifiez ses droits."))


def read_bytes(raw: bytes, name: str) -> Iterator[Item]:
    """The same, from bytes kept in memory."""
    try:
        yield from _read(io.BytesIO(raw), name, None)
    except InputRejected as error:
        yield Rejection(name, error, raw)


def _read(stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item]:
    if not stream.read(1):
        raise EmptyInput("Fichier vide.")
    stream.seek(0)
    yield from text.read(stream, name, changed)
