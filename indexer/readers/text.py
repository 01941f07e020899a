"""Plain text: one dispatch a file, or several with separator lines. Streams; a 5 GB file takes no more memory than a small one."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from engine.errors import InputRejected, InputTooLarge, NoTextInput, UndecodableInput
from indexer.decode import sniff
from indexer.limits import LONGEST_DISPATCH
from indexer.parse import is_separator
from indexer.raw import Item, RawDispatch, Rejection
from mappings.dispatch import Source

FORMAT = "text"


def looks_like(head: bytes) -> bool:
    """Always: what is of no other format is text, or is refused as none when it is read."""
    return True


def read(stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item]:
    """The dispatches of one text (see `indexer.readers`)."""
    encoding, mark = sniff(stream)
    stream.seek(len(mark))
    # newline="": line ends are kept as they are, so that the bytes can be given back exactly.
    lines = io.TextIOWrapper(stream, encoding=encoding, newline="")
    found = 0
    for piece in _pieces(lines):
        if isinstance(piece, InputRejected):
            yield Rejection(name, piece, position=found)
        else:
            raw = (b"" if found else mark) + piece.encode(encoding)
            source = Source(file=name, format=FORMAT, checksum=hashlib.sha256(raw).hexdigest())
            yield RawDispatch(raw, piece, encoding, source, position=found, file_time=changed)
        found += 1
    if not found:
        raise NoTextInput("Le fichier ne contient aucun texte de dépêche.")


def _pieces(lines: io.TextIOWrapper) -> Iterator[str | InputRejected]:
    """Texts between separator lines; a piece without any letter or digit is furniture of the file and is passed over."""
    piece: list[str] = []
    length = 0
    while True:
        try:
            # A bounded read: a line of 50 MB comes in slices and is counted, not held.
            line = lines.readline(LONGEST_DISPATCH)
        except UnicodeDecodeError as error:
            yield UndecodableInput(f"Le texte n'est plus lisible en {error.encoding} (octet {error.start}).")
            return
        if line and not is_separator(line):
            length += len(line)
            if length <= LONGEST_DISPATCH:
                piece.append(line)
            continue
        if length > LONGEST_DISPATCH:
            yield InputTooLarge(
                f"Dépêche de plus de {LONGEST_DISPATCH / 1e6:g} millions de caractères : "
                "ce fichier est-il bien un texte de dépêches, avec des lignes de séparation ?"
            )
        elif any(char.isalnum() for text in piece for char in text):
            yield "".join(piece)
        if not line:
            return
        piece, length = [], 0
