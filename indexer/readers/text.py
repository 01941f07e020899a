"""Plain text: one dispatch a file, or several with separator lines. Streams; a 5 GB file takes no more memory than a small one."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, TextIO

from engine.errors import InputRejected, InputTooLarge, NoTextInput, UndecodableInput
from indexer.decode import sniff
from indexer.limits import LONGEST_DISPATCH
from indexer.parse import BREAKS, is_separator
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
    for piece in pieces(lines):
        if isinstance(piece, InputRejected):
            yield Rejection(name, piece, position=found)
        else:
            # In UTF-16 and UTF-32 the mark is needed to read a piece again.
            raw = (b"" if found and encoding == "utf-8" else mark) + piece.encode(encoding)
            yield _dispatch(raw, piece, encoding, name, found, changed)
        found += 1
    if not found:
        raise NoTextInput("Le fichier ne contient aucun texte de dépêche.")


def read_piece(raw: bytes, name: str, encoding: str) -> RawDispatch:
    """The dispatch of a piece whose encoding is known: a short one alone may look like another, or like no text.

    Raises UndecodableInput, NoTextInput.
    """
    try:
        piece = raw.decode(encoding).lstrip("\ufeff")
    except (UnicodeDecodeError, LookupError):
        raise UndecodableInput(f"Octets illisibles en {encoding}.") from None
    if not any(map(str.isalnum, piece)):
        raise NoTextInput("Ce texte reçu n'a ni lettre ni chiffre.")
    return _dispatch(raw, piece, encoding, name, 0, None)


def _dispatch(raw: bytes, piece: str, encoding: str, name: str, position: int, changed: datetime | None) -> RawDispatch:
    source = Source(file=name, format=FORMAT, checksum=hashlib.sha256(raw).hexdigest())
    return RawDispatch(raw, piece, encoding, source, position=position, file_time=changed)


@dataclass(slots=True)
class _Piece:
    """A text being put together; beyond the limit its length is counted and no more."""

    lines: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, line: str) -> None:
        self.length += len(line)
        if self.length <= LONGEST_DISPATCH:
            self.lines.append(line)

    def end(self) -> Iterator[str | InputRejected]:
        """The text, unless it has no letter or digit: then it is furniture of the file."""
        if self.length > LONGEST_DISPATCH:
            yield InputTooLarge(
                f"Dépêche de plus de {LONGEST_DISPATCH / 1e6:g} millions de caractères : "
                "ce fichier est-il bien un texte de dépêches, avec des lignes de séparation ?"
            )
        elif any(char.isalnum() for line in self.lines for char in line):
            yield "".join(self.lines)
        self.lines, self.length = [], 0


# What ends a dispatch wherever it stands in a line: form feed, ETX, EOT
_BREAK = re.compile(f"[{BREAKS}]")


def pieces(lines: TextIO) -> Iterator[str | InputRejected]:
    """The texts between separator lines, form feeds and ETX, as they stand."""
    piece = _Piece()
    while True:
        try:
            # A bounded read: a line of 50 MB comes in slices and is counted, not held.
            line = lines.readline(LONGEST_DISPATCH)
        except UnicodeDecodeError as error:
            yield UndecodableInput(f"Le texte n'est plus lisible en {error.encoding} (octet {error.start}).")
            return
        if not line or is_separator(line):
            yield from piece.end()
            if not line:
                return
            continue
        for number, part in enumerate(_BREAK.split(line)):
            if number:
                yield from piece.end()
            if not is_separator(part):
                piece.add(part)
