"""Which encoding a file is in: declared -> UTF-8 -> cp1252 -> other tables that read as French.

A whole file has one encoding. Nothing is mended here: lost letters and double encoding are `repair`'s.
"""

from __future__ import annotations

import codecs
import mimetypes
import re
from collections.abc import Iterable
from typing import BinaryIO

from engine.errors import BinaryInput, UndecodableInput
from indexer.limits import BLOCK_BYTES, SAMPLE_BYTES

# Byte order marks, the longest first: UTF-32's begins with UTF-16's.
MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# First bytes of what people drop into a folder by mistake.
BINARY_MAGIC: dict[bytes, str] = {
    b"%PDF": "PDF",
    b"PK\x03\x04": "archive zip ou document Office",
    b"\x1f\x8b": "gzip",
    b"\x89PNG": "image PNG",
    b"\xff\xd8\xff": "image JPEG",
    b"GIF8": "image GIF",
    b"\xd0\xcf\x11\xe0": "document Office ancien",
    b"\x7fELF": "programme",
    b"Rar!": "archive rar",
    b"7z\xbc\xaf": "archive 7z",
    b"SQLite format 3": "base SQLite",
}

# Pictures, sounds and films, by their first bytes and where these stand: agencies send them beside their dispatches.
MEDIA_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    *((0, magic, kind) for magic, kind in BINARY_MAGIC.items() if kind.startswith("image")),
    *((0, magic, "image TIFF") for magic in (b"II*\x00", b"MM\x00*")),
    *((8, b"WEBP", "image WebP"), (8, b"WAVE", "son WAVE"), (8, b"AVI ", "vidéo AVI")),
    *((0, b"ID3", "son MP3"), (0, b"\xff\xfb", "son MP3"), (0, b"OggS", "son Ogg"), (0, b"fLaC", "son FLAC")),
    *((4, b"ftyp", "vidéo, son ou image MP4"), (0, b"\x1aE\xdf\xa3", "vidéo Matroska")),
)

# Controls that occur in wire text: tab, newlines, form feed, SOH STX ETX EOT (message framing), ESC, XON, XOFF.
WIRE_CONTROLS = frozenset(b"\t\n\x0b\x0c\r\x01\x02\x03\x04\x11\x13\x1a\x1b\x85")

# Single-byte tables tried after UTF-8, in this order at equal scores; cp1252 is what French newsrooms had.
TABLES = ("cp1252", "mac-roman", "cp850", "cp437", "iso8859-15")

# Letters French writes beside ASCII; a table that yields others was not the one used.
FRENCH = frozenset("àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ«»’‘“”–—…°€\u00a0\u202f")

# An accented letter between two ASCII letters or at a word's end, as French has them.
IN_WORD = re.compile(r"(?<=[a-zA-Z])[^\x00-\x7f]|[^\x00-\x7f](?=[a-zA-Z])")


def sniff(stream: BinaryIO) -> tuple[str, bytes]:
    """(encoding, byte order mark) of a whole file; reads it once from its start, in flat memory.

    Raises:
        BinaryInput: this is no text; says what it looks like.
        UndecodableInput: UTF-8 with broken places, or bytes no table reads as text.
    """
    head = stream.read(SAMPLE_BYTES)
    mark, encoding = next(((mark, name) for mark, name in MARKS if head.startswith(mark)), (b"", "utf-8"))
    if not mark:
        refuse_binary(head)
    stream.seek(0)
    broken = _first_failure(iter(lambda: stream.read(BLOCK_BYTES), b""), encoding)
    if broken is None:
        return encoding, mark
    if mark:
        raise UndecodableInput(f"Le fichier s'annonce en {encoding.upper()} mais ne l'est plus à l'octet {broken}.")
    stream.seek(0)
    sequences, strays = _count_utf8(iter(lambda: stream.read(BLOCK_BYTES), b""))
    # Text of another table hardly ever forms a valid UTF-8 sequence ("Ã©" in cp1252 is itself a sign of UTF-8).
    if sequences > strays:
        raise UndecodableInput(
            f"UTF-8 abîmé à l'octet {broken} ({strays} octets invalides) : réparez le fichier ou demandez-le de nouveau."
        )
    return _best_table(head), b""


def medium(head: bytes, name: str) -> str | None:
    """What picture, sound or film a file is, that says so by its name and by its first bytes: it claims to be no dispatch."""
    said = mimetypes.guess_type(name)[0] or ""
    if not said.startswith(("image/", "audio/", "video/")):
        return None
    return next((kind for at, magic, kind in MEDIA_MAGIC if head[at:].startswith(magic)), None)


def refuse_binary(head: bytes) -> None:
    """BinaryInput, which says what it looks like, for the first bytes of a file that is no text."""
    kind = next((kind for magic, kind in BINARY_MAGIC.items() if head.startswith(magic)), None)
    if kind:
        raise BinaryInput(f"Ce n'est pas du texte ({kind}).")
    controls = sum(1 for byte in head if byte < 32 and byte not in WIRE_CONTROLS)
    # One NUL is enough: no single-byte text has any. Other controls: more than 1 in 100 is no text.
    if b"\x00" in head or controls * 100 > len(head):
        raise BinaryInput("Ce n'est pas du texte (octets de contrôle).")


def _first_failure(blocks: Iterable[bytes], encoding: str) -> int | None:
    """The offset of the first byte that `encoding` cannot decode, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset = 0
    for block in blocks:
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            return offset + error.start
        offset += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return offset
    return None


# Multi-byte sequences of well-formed UTF-8 (RFC 3629, section 4, surrogates and overlong forms not told apart).
UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
HIGH = re.compile(rb"[\x80-\xff]")


def _count_utf8(blocks: Iterable[bytes]) -> tuple[int, int]:
    """(well-formed multi-byte sequences, bytes over 127 outside them)."""
    sequences = strays = 0
    for block in blocks:
        rest, found = UTF8_SEQUENCE.subn(b"", block)
        sequences += found
        strays += len(HIGH.findall(rest))
    return sequences, strays


def _best_table(head: bytes) -> str:
    """The single-byte table whose reading looks most French."""
    scores = {table: _french_score(head, table) for table in TABLES}
    best = max(TABLES, key=lambda table: scores[table])
    if scores[best] < 0:
        raise UndecodableInput(
            "Encodage inconnu : ni UTF-8, ni Windows-1252, ni un autre encodage où ce texte se lise comme du français."
        )
    return best


def _french_score(head: bytes, table: str) -> float:
    """Mean over non-ASCII characters: +1 for a French letter or mark, -1 for anything else; -1 when it cannot be read."""
    try:
        text = head.decode(table)
    except UnicodeDecodeError:
        return -1.0
    foreign = [char for char in text if ord(char) > 127]
    if not foreign:
        return 0.0
    plausible = sum(1 if char in FRENCH else -1 for char in foreign)
    inside = sum(1 for char in IN_WORD.findall(text) if char in FRENCH and char.isalpha())
    return (plausible + inside) / (2 * len(foreign))
