"""Tables: CSV and TSV, one dispatch a row, columns named in the first row (French or English).

The delimiter (; , tab |) is the one that makes of the first row a header we know. Quoted cells may hold line ends and
delimiters. Columns with other names are passed over; where an export has its own, a `Table` is told them.

`raw` is the header and the row, each byte for byte as in the file: a row alone would not say what its cells are.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, ClassVar

from authorities.model import fold
from engine.errors import BadParameter, InputRejected, InputTooLarge, MalformedInput, NoTextInput, UnknownColumns
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
# Keys that hold the text.
_TEXT_KEYS = frozenset(("text", "body"))
# Characters of the title of a column; what is longer is a sentence.
LONGEST_TITLE = 60
# Titles of columns that a message names.
MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class _Header:
    """The columns of a table: their titles; for each, the key it is read as, or None; how messages call the key."""

    delimiter: str
    titles: tuple[str, ...]
    keys: tuple[str | None, ...]
    called: Mapping[str, str]

    @property
    def shown(self) -> str:
        return ", ".join(f"« {title.strip()[:40]} »" for title in self.titles[:MOST_SHOWN])


@dataclass(frozen=True, slots=True)
class Table:
    """The reader of tables whose columns may have names of their own.

    Args:
        columns: titles of columns, and the key of `jsonl.KEYS` each is read as: {"Corps de l'article": "text"}.

    Raises:
        BadParameter: one is to be read as what no dispatch has.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    FORMAT: ClassVar[str] = FORMAT

    def __post_init__(self) -> None:
        if wrong := sorted(set(self.columns.values()) - set(KEYS)):
            raise BadParameter(
                f"Champ inconnu : {', '.join(wrong)}. Une colonne peut être lue comme {', '.join(KEYS)}."
            )

    def looks_like(self, head: bytes) -> bool:
        """Whether a file begins with a table that has a text and another column we know; of a table whose columns were
        told, one of them is enough."""
        lines = _Lines(io.StringIO(decode_head(head), newline=""))
        try:
            header = _find_header(lines, self.columns)
        except InputRejected:
            return False
        known = sum(1 for key in header.keys if key)
        return known > 1 and not _TEXT_KEYS.isdisjoint(header.keys) if not self.columns else known > 0

    def read(self, stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item]:
        """The dispatches of one table (see `indexer.readers`)."""
        encoding, mark = sniff(stream)
        stream.seek(len(mark))
        lines = _Lines(io.TextIOWrapper(stream, encoding=encoding, newline=""))
        header = _find_header(lines, self.columns)
        _check_header(header, self.columns)
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
                columns = tuple(sorted(self.columns.items()))
                yield RawDispatch(raw, text, encoding, source, found, changed, stated, columns=columns)
            found += 1
        if not found:
            raise NoTextInput("Le tableau n'a que sa ligne de titres.")


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` is a table with a text and at least one other column that we know."""
    return Table().looks_like(head)


def says_so(head: bytes, name: str) -> bool:
    """Whether a file is a table by its name and its form, whatever its columns: taken for a text, it would be one dispatch.

    ("Cle;Chapo;Papier\\n1;a;b", "export.csv") -> True; a dispatch saved under such a name -> False.
    """
    if not name.lower().endswith((".csv", ".tsv")):
        return False
    lines = _Lines(io.StringIO(decode_head(head), newline=""))
    try:
        header = _find_header(lines, {})
        below = next((line for line in lines if line.strip()), "")
    except (InputRejected, _TooLong):
        return False
    titles = [title.strip() for title in header.titles]
    named = len(titles) > 1 and all(0 < len(title) <= LONGEST_TITLE for title in titles)
    # A cell between quotation marks may hold delimiters, and go on after the line.
    return named and ('"' in below or below.count(header.delimiter) == len(titles) - 1)


def read(stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item]:
    """The dispatches of one table (see `indexer.readers`)."""
    return Table().read(stream, name, changed)


def columns_of(told: Iterable[str]) -> dict[str, str]:
    """The columns told on a command line: "Titre de l'article=title", or "=titre", a usual name of the field.

    Raises:
        BadParameter: there is no "=", or no field of that name.
    """
    found: dict[str, str] = {}
    for one in told:
        title, equals, key = (part.strip() for part in one.rpartition("="))
        if not equals or not title:
            raise BadParameter(f"« {one} » : « titre de la colonne=champ » est attendu, par exemple « Corps=text ».")
        found[title] = key if key in KEYS else NAMES.get(_folded(key), key)
    return dict(Table(found).columns)


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
            row = MalformedInput("Guillemet ouvert et jamais fermé dans cette ligne.")
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


def _find_header(lines: _Lines, columns: Mapping[str, str]) -> _Header:
    """The header: the first line that is not empty, cut by the delimiter that makes the most of it.

    Raises:
        InputTooLarge: it is too long to be one.
    """
    # A column that was told stands alone for its key, whatever other columns are called.
    usual = {title: key for title, key in NAMES.items() if key not in columns.values()}
    named = usual | {_folded(title): key for title, key in columns.items()}
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
    most = 0
    for candidate in delimiters:
        try:
            read = next(csv.reader([first.lstrip("\ufeff")], delimiter=candidate), [])
        except csv.Error:
            continue
        keys = tuple(named.get(_folded(cell)) for cell in read[:MOST_COLUMNS])
        known = len(set(filter(None, keys)))
        # Where nothing is known, the columns are named in a message all the same.
        if (known, len(read)) > (most, len(cells)) and (known > most or not most):
            best, cells, delimiter, most = keys, read, candidate, known
    # Of two columns with one meaning, the first.
    once = tuple(key if key and best.index(key) == number else None for number, key in enumerate(best))
    called = {key: cell.strip() for key, cell in zip(once, cells, strict=False) if key}
    return _Header(delimiter, tuple(cells), once, called)


def _check_header(header: _Header, columns: Mapping[str, str]) -> None:
    """InputRejected when a column that was told is not there, when none holds the text, or there are too many."""
    there = {_folded(title) for title in header.titles}
    if missing := [title for title in columns if _folded(title) not in there]:
        raise UnknownColumns(
            f"Pas de colonne {', '.join(f'« {title} »' for title in missing)} dans ce tableau ; "
            f"il a {header.shown or 'une première ligne où rien ne se lit'}."
        )
    if _TEXT_KEYS.isdisjoint(header.keys):
        raise UnknownColumns(
            f"Aucune colonne de texte dans la première ligne ({header.shown or 'aucune n’est connue'}) : "
            'nommez-la « texte », ou dites laquelle c\'est (--column "Son titre=text").'
        )
    if len(header.titles) > MOST_COLUMNS:
        raise InputTooLarge(f"Tableau de {len(header.titles)} colonnes, {MOST_COLUMNS} au plus.")


def _folded(title: str) -> str:
    return fold(title.replace("_", " ").strip(" :.\ufeff"))


def _values(row: list[str], header: _Header) -> dict[str, Any]:
    """A row as an object with the keys of `jsonl.KEYS`; empty cells are left out.

    Raises:
        MalformedInput: more or fewer cells than columns: a delimiter in a text without quotation marks, a row cut short.
    """
    width = len(header.keys)
    if len(row) < width or any(cell.strip() for cell in row[width:]):
        raise MalformedInput(
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
