"""Tables: CSV and TSV, one dispatch a row, columns named in the first row (French or English).

The delimiter (; , tab |) is the one that makes of the first row a header we know. Quoted cells may hold line ends and
delimiters. Columns with other names are passed over; `columns` names them where an export has its own.

`raw` is the header and the row, each byte for byte as in the file: a row alone would not say what its cells are.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from authorities.model import fold
from engine.errors import InputRejected, InputTooLarge, NoTextInput
from indexer.decode import sniff
from indexer.limits import LARGEST_ITEM, LONGEST_DISPATCH, MOST_COLUMNS
from indexer.raw import Item, RawDispatch, Rejection
from indexer.readers.jsonl import KEYS, decode_head, said
from mappings.dispatch import Source

FORMAT = "csv"

# Tried in this order; French spreadsheets write ";".
DELIMITERS = (";", ",", "\t", "|")

# The csv module's own limit, 131,072 characters a cell, is one for the whole process and below long dispatches.
csv.field_size_limit(LONGEST_DISPATCH)

# Usual names of columns, as `fold` gives them (no case, no accents, "_" and "-" as blanks).
NAMES: dict[str, str] = {
    **dict.fromkeys(("id", "identifiant", "guid", "reference", "ref", "numero", "no", "uri"), "id"),
    **dict.fromkeys(("version", "no version"), "version"),
    **dict.fromkeys(("titre", "title", "headline", "intitule"), "title"),
    **dict.fromkeys(
        ("texte", "text", "body", "corps", "contenu", "content", "depeche", "article", "texte integral", "full text"),
        "text",
    ),
    **dict.fromkeys(
        (
            "date",
            "published",
            "publie",
            "publie le",
            "date de publication",
            "date publication",
            "published at",
            "date heure",
        ),
        "published",
    ),
    **dict.fromkeys(
        ("updated", "updated at", "mis a jour", "mise a jour", "date de mise a jour", "modifie le", "date maj"),
        "updated",
    ),
    **dict.fromkeys(("agence", "agency", "source", "emetteur"), "agency"),
    **dict.fromkeys(("auteur", "author", "auteurs", "authors", "byline", "journaliste", "signature"), "author"),
    **dict.fromkeys(("lieu", "dateline", "place", "ville", "location"), "dateline"),
    **dict.fromkeys(("credit", "credits", "copyright"), "credits"),
    **dict.fromkeys(("langue", "language", "lang"), "language"),
    **dict.fromkeys(("url", "lien", "link", "adresse", "permalink"), "url"),
    **dict.fromkeys(
        ("sujet", "sujets", "subject", "subjects", "rubrique", "categorie", "themes", "theme", "topics"), "subjects"
    ),
    **dict.fromkeys(("slug", "slugline", "mots cles", "keywords", "vedette"), "slug"),
    **dict.fromkeys(("urgence", "urgency", "priorite", "priority"), "urgency"),
    **dict.fromkeys(("statut", "status", "etat"), "status"),
    **dict.fromkeys(("embargo",), "embargo"),
}

LANGUAGES = {"francais": "fr", "french": "fr", "anglais": "en", "english": "en", "espagnol": "es", "allemand": "de"}
_VALUES = re.compile(r"\s*[|;\n]\s*|\s*,\s+")
_WHOLE = re.compile(r"\d{1,10}")
# Excel's own first line: "sep=;"
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
# A quotation mark never closed takes the rows after it for its cell. They are read again, up to so many characters a file;
# beyond, what it took is rejected with it: an evil table must not cost the square of its size.
MOST_READ_AGAIN = 64_000_000


@dataclass(frozen=True, slots=True)
class _Header:
    """The columns of a table: for each, the key it is read as, or None; and how messages call the key."""

    delimiter: str
    keys: tuple[str | None, ...]
    called: Mapping[str, str]


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` is a table with a text and at least one other column that we know."""
    lines = _Lines(io.StringIO(decode_head(head), newline=""))
    try:
        header = _find_header(lines, None)
    except InputRejected:
        return False
    return sum(1 for key in header.keys if key) > 1


def read(
    stream: BinaryIO, name: str, changed: datetime | None, columns: Mapping[str, str] | None = None
) -> Iterator[Item]:
    """The dispatches of one table (see `indexer.readers`).

    Args:
        columns: names of columns of this file, and the key of `jsonl.KEYS` each is read as ({"Corps": "text"}).
    """
    encoding, mark = sniff(stream)
    stream.seek(len(mark))
    lines = _Lines(io.TextIOWrapper(stream, encoding=encoding, newline=""))
    header = _find_header(lines, columns)
    before = mark + "".join(lines.take()).encode(encoding)
    found = 0
    for row, written in _rows(lines, header.delimiter):
        raw = before + written.encode(encoding)
        try:
            if isinstance(row, InputRejected):
                raise row
            text, stated = said(_values(row, header), header.called)
        except InputRejected as error:
            yield Rejection(name, error, raw, found)
        else:
            source = Source(file=name, format=FORMAT, checksum=hashlib.sha256(raw).hexdigest(), url=stated.url)
            yield RawDispatch(raw, text, encoding, source, found, changed, stated)
        found += 1
    if not found:
        raise NoTextInput("Le tableau n'a que sa ligne de titres.")


class _TooLong(Exception):
    """A row is longer than any dispatch."""


class _Lines:
    """The lines of a table, remembered since the last `take`, so that a row can be given back as it is written."""

    def __init__(self, source: io.TextIOBase) -> None:
        self._source = source
        self._again: list[str] = []
        self._taken: list[str] = []
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._source.readline(LARGEST_ITEM)
        if not line:
            raise StopIteration
        self._taken.append(line)
        self._size += len(line)
        if self._size >= LARGEST_ITEM:
            raise _TooLong
        return line

    def take(self) -> list[str]:
        """The lines since the last time."""
        taken, self._taken, self._size = self._taken, [], 0
        return taken

    def give_back(self, lines: Sequence[str]) -> None:
        self._again.extend(reversed(lines))

    def end_line(self, line: str) -> None:
        """Pass over the rest of a line that was too long to be read whole."""
        while line and not line.endswith(("\n", "\r")):
            line = self._source.readline(LARGEST_ITEM)


def _rows(lines: _Lines, delimiter: str) -> Iterator[tuple[list[str] | InputRejected, str]]:
    """Every row that is not empty: its cells, or why there are none, and its text as written.

    Quotation marks are read strictly, so that one left open is seen at the next one, or at the end of the file; a row
    that is wrong only in that is then read by itself, as spreadsheets do.
    """
    left = MOST_READ_AGAIN
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        row: list[str] | InputRejected
        try:
            row = next(reader)
            taken = lines.take()
        except StopIteration:
            return
        except (_TooLong, csv.Error):
            taken = lines.take()
            row = InputRejected("Guillemet ouvert et jamais fermé dans cette ligne.")
            size = sum(map(len, taken))
            if len(taken) == 1:
                lines.end_line(taken[0])
            elif size <= left:
                left -= size
                lines.give_back(taken[1:])
                taken = taken[:1]
            if max(map(len, taken), default=0) >= LONGEST_DISPATCH:
                row = InputTooLarge(f"Ligne de plus de {LONGEST_DISPATCH / 1e6:g} millions de caractères.")
            elif len(taken) == 1 and taken[0].count('"') % 2 == 0:
                alone = next(csv.reader(taken, delimiter=delimiter), [])
                # A line end inside a cell: a quotation mark is still open there.
                row = row if alone and alone[-1].endswith(("\n", "\r")) else alone
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        if isinstance(row, InputRejected) or any(cell.strip() for cell in row):
            yield row, "".join(taken)


def _find_header(lines: _Lines, columns: Mapping[str, str] | None) -> _Header:
    """The header: the first line that is not empty, cut by the delimiter that makes the most of it.

    Raises:
        InputRejected: no column is known to hold the text.
    """
    if columns and (wrong := sorted(set(columns.values()) - set(KEYS))):
        raise InputRejected(f"Colonnes inconnues de l'archive : {', '.join(wrong)}. Elle lit : {', '.join(KEYS)}.")
    named = NAMES | {fold(name.replace("_", " ")): key for name, key in (columns or {}).items()}
    first = ""
    delimiters: tuple[str, ...] = DELIMITERS
    try:
        for first in lines:
            if found := _SEPARATOR_LINE.fullmatch(first.lstrip("\ufeff")):
                delimiters = (found[1],)
            elif first.strip():
                break
    except _TooLong:
        raise InputTooLarge("La première ligne est trop longue pour être celle des titres de colonnes.") from None
    best: tuple[str | None, ...] = ()
    cells: list[str] = []
    delimiter = delimiters[0]
    for candidate in delimiters:
        try:
            read = next(csv.reader([first.lstrip("\ufeff")], delimiter=candidate), [])
        except csv.Error:
            continue
        keys = tuple(named.get(fold(cell.replace("_", " ").strip(" :."))) for cell in read[:MOST_COLUMNS])
        if len(set(filter(None, keys))) > len(set(filter(None, best))):
            best, cells, delimiter = keys, read, candidate
    if not {"text", "body"} & set(best):
        titles = ", ".join(f"« {cell.strip()[:40]} »" for cell in cells[:12]) or "aucune n'est connue"
        raise InputRejected(
            f"Aucune colonne de texte dans la première ligne ({titles}) : nommez-la « texte », ou dites laquelle c'est."
        )
    if len(cells) > MOST_COLUMNS:
        raise InputTooLarge(f"Tableau de {len(cells)} colonnes, {MOST_COLUMNS} au plus.")
    # Of two columns with one meaning, the first.
    once = tuple(key if key and best.index(key) == number else None for number, key in enumerate(best))
    called = {key: cell.strip() for key, cell in zip(once, cells, strict=False) if key}
    return _Header(delimiter, once, called)


def _values(row: list[str], header: _Header) -> dict[str, Any]:
    """A row as an object with the keys of `jsonl.KEYS`; empty cells are left out.

    Raises:
        InputRejected: more or fewer cells than columns: a delimiter in a text without quotation marks, a row cut short.
    """
    width = len(header.keys)
    if len(row) < width or any(cell.strip() for cell in row[width:]):
        raise InputRejected(
            f"{len(row)} cellules pour {width} colonnes : une cellule contient-elle « {_shown(header.delimiter)} » "
            "sans être entre guillemets ?"
        )
    values: dict[str, Any] = {}
    for key, cell in zip(header.keys, row, strict=False):
        if not key or not cell.strip():
            continue
        value: Any = cell
        if key in ("version", "urgency") and _WHOLE.fullmatch(cell.strip()):
            value = int(cell)
        elif key in ("subjects", "credits"):
            value = [part for part in _VALUES.split(cell) if part.strip()]
        elif key == "language":
            value = LANGUAGES.get(fold(cell), cell)
        elif key == "corrects":
            value = {"oui": True, "vrai": True, "true": True, "1": True}.get(fold(cell), False)
        values[key] = value
    return values


def _shown(delimiter: str) -> str:
    return "tabulation" if delimiter == "\t" else delimiter
