"""JSON: one dispatch a line (JSON lines), an array of dispatches, or objects one after the other.

    {"id": "afp-1", "title": "...", "body": ["...", "..."], "published": "2022-08-08T08:52:00+02:00", "agency": "AFP"}

All keys but the text are optional (`KEYS`); unknown ones are passed over. The file is cut into values first, each by its
exact bytes, and each value is then read strictly: a wrong one is refused with its reason and the next one is read.
`ninjs` and `csv_table` are read through the same functions.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, BinaryIO, Literal, NoReturn, cast
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from engine.errors import BadValue, InputRejected, InputTooLarge, MalformedInput, NoTextInput, UndecodableInput
from indexer.dates import Dated, read_moment, resolve, zone_of
from indexer.decode import MARKS, sniff
from indexer.limits import (
    DEEPEST_JSON,
    LARGEST_ITEM,
    LONGEST_DISPATCH,
    LONGEST_ID,
    LONGEST_VALUE,
    MOST_VALUES,
    SAMPLE_BYTES,
)
from indexer.parse import agency_named
from indexer.raw import Item, NoDispatch, RawDispatch, Rejection, Stated, Usage
from indexer.sources import Skipped
from mappings.dispatch import Source

FORMAT = "jsonl"

# Zone of a moment that states none, when its agency has none of its own: the archive's default.
DEFAULT_ZONE = "Europe/Paris"

# Moments outside are typing mistakes: Havas, the first agency, opened in 1835.
FIRST_YEAR, LAST_YEAR = 1800, 2100

# Characters read at a time when an array is cut into items.
SLICE = 1 << 16

# An object whose first key follows, or an array of such; leaves "{\rtf1" and "[AFP]".
_OPENS = re.compile(r"\s*(?:\[\s*)?(?:\{\s*(?:[\"}]|\Z)|\[\s*\])|\s*\[\s*\Z")


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` holds JSON objects. ninjs does too: ask `ninjs` first."""
    return bool(_OPENS.match(decode_head(head)))


def read(stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item | Skipped]:
    """The dispatches of one JSON file (see `indexer.readers`)."""
    return read_values(stream, name, changed, FORMAT, said)


def decode_head(head: bytes) -> str:
    """The beginning of a file as text, for recognising it only: broken places are passed over."""
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "ignore")
    return head.decode("utf-8", "ignore")


# --- values of a file ----------------------------------------------------------------------------------------------

Read = Callable[[Mapping[str, Any]], tuple[str, Stated]]


def read_values(
    stream: BinaryIO, name: str, changed: datetime | None, form: str, understand: Read
) -> Iterator[Item | Skipped]:
    """Every JSON object of a file, as `understand` reads it; what is wrong is a `Rejection` among the others.

    `raw` is the object's exact bytes; in UTF-16 and UTF-32, a byte order mark before them.
    """
    encoding = _encoding(stream)
    lines = io.TextIOWrapper(stream, encoding=encoding.outer, errors=encoding.errors, newline="\n")
    found = 0
    for piece in _lines(lines) if _by_line(stream, encoding) else _Slicer().slices(lines):
        if isinstance(piece, InputRejected):
            yield Rejection(name, piece, position=found)
        else:
            raw = piece.encode(encoding.outer, encoding.errors)
            yield _item(raw, encoding, name, changed, form, understand, found)
        found += 1
    if not found:
        raise NoTextInput("Le fichier JSON ne contient aucune dépêche.")


def _item(
    raw: bytes, encoding: _Encoding, name: str, changed: datetime | None, form: str, understand: Read, position: int
) -> Item | Skipped:
    try:
        written, table = encoding.decode(raw)
        value = load_json(written.strip("\ufeff\x1e \t\r\n"))
        if not isinstance(value, dict):
            raise MalformedInput(f"Une dépêche s'écrit comme un objet JSON {{...}}, et non comme {_kind(value)}.")
        text, stated = understand(value)
    except InputRejected as error:
        return Rejection(name, error, encoding.mark + raw, position)
    except NoDispatch as other:
        return Skipped(name, other.reason, position)
    kept = encoding.mark + raw
    source = Source(file=name, format=form, checksum=hashlib.sha256(kept).hexdigest(), url=stated.url)
    return RawDispatch(kept, text, table, source, position, changed, stated)


@dataclass(frozen=True, slots=True)
class _Encoding:
    """How a file is cut (`outer`) and how its values are decoded: UTF-8, else `table` where there is one.

    A file put together from others may have both; cutting with `surrogateescape` gives every byte back exactly.
    """

    outer: str
    mark: bytes
    skip: int
    table: str | None

    @property
    def errors(self) -> str:
        return "strict" if self.mark else "surrogateescape"

    def decode(self, raw: bytes) -> tuple[str, str]:
        if self.mark:
            return raw.decode(self.outer), self.outer
        try:
            return raw.decode("utf-8"), "utf-8"
        except UnicodeDecodeError as error:
            if self.table is None:
                raise UndecodableInput(f"Octets illisibles en UTF-8 (octet {error.start} de cette dépêche).") from None
        try:
            return raw.decode(self.table), self.table
        except UnicodeDecodeError as error:
            raise UndecodableInput(f"Octets illisibles en UTF-8 et en {self.table} (octet {error.start}).") from None


def _encoding(stream: BinaryIO) -> _Encoding:
    """Reads the stream once and leaves it after its byte order mark."""
    table = None
    try:
        encoding, mark = sniff(stream)
        table = encoding if encoding != "utf-8" else None
    except InputRejected:
        # Text of several encodings, or a control character: in JSON one line is wrong and not the file.
        stream.seek(0)
        head = stream.read(SAMPLE_BYTES)
        if any(head.startswith(mark) for mark, name in MARKS if name != "utf-8") or not looks_like(head):
            raise
        encoding, mark = "utf-8", next((mark for mark, _ in MARKS if head.startswith(mark)), b"")
    stream.seek(len(mark))
    if encoding.startswith(("utf-16", "utf-32")):
        return _Encoding(encoding, mark, len(mark), None)
    return _Encoding("utf-8", b"", len(mark), table)


def _by_line(stream: BinaryIO, encoding: _Encoding) -> bool:
    """One value a line, rather than an array or objects over several lines. Leaves the stream where it was."""
    head = stream.read(SAMPLE_BYTES).decode(encoding.outer, "ignore")
    stream.seek(encoding.skip)
    lines = [line.strip("\ufeff\x1e \t\r") for line in head.split("\n")]
    first, second, *_ = [*filter(None, lines), "", ""]
    if first.startswith("["):
        return False
    whole = _Slicer().is_whole(first)
    # "{"a":" and "{"a": {"b": 1}" are first lines of an object over several lines; "{"a": "b" is a broken one.
    goes_on = not whole and first.endswith((":", ",", "[", "{"))
    return not second or (second.startswith("{") and not goes_on) or (first.endswith("}") and whole)


def _too_large() -> InputTooLarge:
    return InputTooLarge(
        f"Plus de {LARGEST_ITEM / 1e6:g} Mo d'un seul tenant : une dépêche par ligne est attendue, ou un tableau [...]."
    )


def _lines(lines: io.TextIOWrapper) -> Iterator[str | InputRejected]:
    """The lines that hold something, without their end."""
    while line := lines.readline(LARGEST_ITEM):
        if len(line) == LARGEST_ITEM and not line.endswith("\n"):
            while (rest := lines.readline(LARGEST_ITEM)) and not rest.endswith("\n"):
                pass
            yield _too_large()
        elif line.strip("\ufeff\x1e \t\r\n"):
            yield line.rstrip("\r\n")


# The next character that is something, between two values.
_BEGINS = re.compile(r"[^\s,\ufeff\x1e]")
_OUTSIDE = re.compile(r'["{}\[\]]')
# The rest of a string. It ends with its line, which no JSON string does: after a lost quotation mark the rest of the
# file is not taken for text.
_INSIDE = re.compile(r'[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+')
# What is no object and no list goes to the end of its line.
_JUNK = re.compile(r"[\n{\]]")
_PAIRS = {"}": "{", "]": "["}
# More open brackets than that and this is no data.
_MOST_OPEN = 10_000


class _Slicer:
    """Cuts arrays and sequences of objects into values, each as it is written, in flat memory."""

    def __init__(self) -> None:
        self._array = False
        self._kept: list[str] = []
        self._size = 0
        self._reset()

    def _reset(self) -> None:
        self._open: list[str] = []
        self._state: Literal["between", "value", "string", "escape", "junk"] = "between"

    def slices(self, text: io.TextIOWrapper) -> Iterator[str | InputRejected]:
        while chunk := text.read(SLICE):
            at = 0
            while at < len(chunk):
                if self._state == "between" and (at := self._begin(chunk, at)) == len(chunk):
                    break
                end, complete = self._scan(chunk, at)
                self._keep(chunk[at:end])
                at = end
                if complete:
                    yield self._take()
        if self._state == "junk":
            yield self._take()
        elif self._state != "between":
            # What is there of it is kept, so that it can be looked at.
            yield "".join(self._kept) if self._size <= LARGEST_ITEM else _too_large()

    def is_whole(self, line: str) -> bool:
        """Whether a line that begins with a value holds all of it."""
        self._state = "value"
        return self._scan(line, 0)[1]

    def _begin(self, chunk: str, at: int) -> int:
        """Where the next value begins, past commas and the brackets of the array; the end of the chunk without one."""
        while found := _BEGINS.search(chunk, at):
            at = found.start()
            if chunk[at] == ("]" if self._array else "["):
                self._array = not self._array
                at += 1
                continue
            self._state = "value" if chunk[at] in "{[" else "junk"
            return at
        return len(chunk)

    def _scan(self, chunk: str, at: int) -> tuple[int, bool]:
        """As far as this value goes in the chunk, and whether it ends there."""
        while at < len(chunk):
            if self._state == "junk":
                found = _JUNK.search(chunk, at + 1 if not self._size and not self._kept else at)
                return (found.start(), True) if found else (len(chunk), False)
            if self._state == "escape":
                self._state = "string"
                at += chunk[at] != "\n"
            elif self._state == "string":
                inside = _INSIDE.match(chunk, at)
                at = inside.end() if inside else at
                if at < len(chunk):
                    self._state = "escape" if chunk[at] == "\\" else "value"
                    at += 1
            else:
                found = _OUTSIDE.search(chunk, at)
                if not found:
                    return len(chunk), False
                at = found.end()
                if self._bracket(found[0]):
                    return at, True
        return at, False

    def _bracket(self, char: str) -> bool:
        """Whether `char` ends the value. Brackets that do not match end what they can, so that the next value is found."""
        if char == '"':
            self._state = "string"
        elif char in "{[":
            self._open.append(char)
            if len(self._open) > _MOST_OPEN:
                raise InputTooLarge(f"Plus de {_MOST_OPEN} crochets ouverts : ce fichier n'est pas fait de dépêches.")
        elif _PAIRS[char] in self._open:
            while self._open.pop() != _PAIRS[char]:
                pass
            return not self._open
        return False

    def _keep(self, piece: str) -> None:
        self._size += len(piece)
        if self._size <= LARGEST_ITEM:
            self._kept.append(piece)
        else:
            self._kept.clear()

    def _take(self) -> str | InputRejected:
        piece = "".join(self._kept)
        size, self._size = self._size, 0
        self._kept.clear()
        self._reset()
        return piece.rstrip() if size <= LARGEST_ITEM else _too_large()


# --- one value, strictly -------------------------------------------------------------------------------------------

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def load_json(text: str) -> Any:
    """A JSON value as RFC 8259 has it, and no more: no duplicate keys, NaN, infinite numbers or halves of characters.

    Raises:
        MalformedInput: it is not; says where.
    """
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        before, after = text[max(0, error.pos - 20) : error.pos], text[error.pos : error.pos + 20]
        near = f"{before}▸{after}".replace("\n", " ")
        raise MalformedInput(f"JSON invalide au caractère {error.pos + 1}, au signe ▸ de « {near} ».") from None
    except RecursionError:
        raise _too_deep() from None
    if text.count("{") + text.count("[") > DEEPEST_JSON or _SURROGATE_ESCAPE.search(text):
        _walk(value)
    return value


def _too_deep() -> MalformedInput:
    return MalformedInput(f"JSON imbriqué sur plus de {DEEPEST_JSON} niveaux.")


def _walk(value: Any) -> None:
    waiting = [(value, 1)]
    while waiting:
        here, depth = waiting.pop()
        if isinstance(here, str):
            if lone := _SURROGATE.search(here):
                raise MalformedInput(f"Moitié de caractère sans l'autre (\\u{ord(lone[0]):04x}) dans un texte.")
        elif isinstance(here, (dict, list)):
            if depth > DEEPEST_JSON:
                raise _too_deep()
            inner = [*here.keys(), *here.values()] if isinstance(here, dict) else here
            waiting += ((one, depth + 1) for one in inner)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise MalformedInput(f"La clé « {_shown(twice)} » est donnée deux fois.")
    return found


def _refuse_constant(constant: str) -> NoReturn:
    raise MalformedInput(f"{constant} n'est pas une valeur JSON.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise MalformedInput(f"Nombre démesuré : {_shown(digits)}.")
    return number


def _whole(digits: str) -> int:
    if len(digits) > 30:  # beyond 64 bits by far; Python refuses 4,300 with another error
        raise MalformedInput(f"Nombre démesuré : {_shown(digits)}.")
    return int(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_no_duplicates, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole
)


def _shown(value: str) -> str:
    """A value as a message shows it: short, and in characters any screen can hold."""
    cut = value if len(value) <= 40 else value[:39] + "…"
    return cut.encode("utf-8", "replace").decode("utf-8")


# --- what the keys say ---------------------------------------------------------------------------------------------

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "vrai ou faux"),
    (str, "un texte"),
    (int, "un nombre"),
    (float, "un nombre"),
    (list, "une liste"),
    (dict, "un objet"),
)


def _kind(value: object) -> str:
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "null")


def _expected(what: str, value: object) -> ValidationError:
    shown = f"« {_shown(value)} »" if isinstance(value, str) else _kind(value)
    return ValidationError(f"{what} est attendu, et non {shown}")


def _checked(value: object, longest: int, what: str = "un texte") -> str:
    if not isinstance(value, str):
        raise _expected(what, value)
    if len(value) > longest:
        raise ValidationError(f"{len(value)} caractères, {longest} au plus")
    return value


class Words(fields.Field[str | None]):
    """A short text, blanks around it taken off; nothing when empty."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:
        return _checked(value, LONGEST_VALUE).strip() or None


class Identifier(fields.Field[str | None]):
    """A text or a whole number, of as many bytes as Elasticsearch takes."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        found = _checked(value, LONGEST_VALUE, "un texte ou un nombre entier").strip()
        if len(found.encode()) > LONGEST_ID:
            raise ValidationError(f"{LONGEST_ID} octets au plus")
        return found or None


class Whole(fields.Field[int | None]):
    """A whole number of a range."""

    def __init__(self, lowest: int, highest: int) -> None:
        super().__init__(allow_none=True)
        self.lowest, self.highest = lowest, highest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:
        if not isinstance(value, int) or isinstance(value, bool) or not self.lowest <= value <= self.highest:
            what = f"un nombre entier de {self.lowest} à {self.highest}"
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            raise _expected(what, str(value) if number else value)
        return value


class Flag(fields.Field[bool]):
    """true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise _expected("true ou false", value)
        return value


class WordList(fields.Field[tuple[str, ...]]):
    """A list of short texts; one text is a list of one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise _expected("une liste de textes", value if not isinstance(value, list) else "autre chose")
        if len(values) > MOST_VALUES:
            raise ValidationError(f"{len(values)} valeurs, {MOST_VALUES} au plus")
        return tuple(filter(None, (_checked(one, LONGEST_VALUE).strip() for one in values)))


class Paragraphs(fields.Field[str | tuple[str, ...]]):
    """A list of paragraphs, or a whole text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | tuple[str, ...]:
        if isinstance(value, str):
            return value
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValidationError("une liste de paragraphes (textes) ou un texte est attendu")
        return tuple(one.strip() for one in value if one.strip())


class Text(fields.Field[str]):
    """A whole text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise _expected("un texte", value)
        return value


# "fr", "fr-FR", "zh-Hant"; leaves "français"
LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8}){0,4}")


class Language(fields.Field[str | None]):
    """A language tag (BCP 47); its first part is kept: "fr-FR" -> "fr"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:
        found = _checked(value, LONGEST_VALUE, "un code de langue (« fr »)").strip()
        if found and not LANGUAGE.fullmatch(found):
            raise _expected("un code de langue (« fr »)", found)
        return language_of(found)


def language_of(tag: str | None) -> str | None:
    """The language of a tag ("fr-FR" -> "fr"), None when it is no tag."""
    found = LANGUAGE.fullmatch(tag.strip()) if tag else None
    return found[1].lower() if found else None


# A page to open; leaves "javascript:...", "file:..." and anything with blanks or quotation marks in it.
WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]{3,2000}", re.IGNORECASE)


class Address(fields.Field[str | None]):
    """The address of a web page."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:
        found = _checked(value, LONGEST_VALUE, "une adresse http(s)").strip()
        if found and not WEB_ADDRESS.fullmatch(found):
            raise _expected("une adresse http(s)", found)
        return found or None


# What `status` may say: an agency's word, or the archive's own, as an export writes it.
USAGES: dict[str, Usage] = {
    "usable": "usable",
    "withheld": "withheld",
    "canceled": "canceled",
    "cancelled": "canceled",
    "current": "usable",
    "superseded": "usable",
    "corrected": "usable",
    "withdrawn": "canceled",
}


class Status(fields.Field[Usage]):
    """usable, withheld or canceled."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Usage:
        found = _checked(value, LONGEST_VALUE, "usable, withheld ou canceled").strip().lower()
        if found and found not in USAGES:
            raise _expected("usable, withheld ou canceled", value)
        return USAGES.get(found, "usable")


class _Keys(Schema):
    class Meta:
        unknown = EXCLUDE

    id = Identifier(allow_none=True)
    version = Whole(0, 2**31 - 1)
    title = Words(allow_none=True)
    body = Paragraphs(allow_none=True)
    text = Text(allow_none=True)
    published = Words(allow_none=True)
    updated = Words(allow_none=True)
    agency = Words(allow_none=True)
    author = Words(allow_none=True)
    dateline = Words(allow_none=True)
    credits = WordList(allow_none=True)
    language = Language(allow_none=True)
    url = Address(allow_none=True)
    subjects = WordList(allow_none=True)
    slug = Words(allow_none=True)
    urgency = Whole(1, 9)
    status = Status(allow_none=True)
    embargo = Words(allow_none=True)
    corrects = Flag(allow_none=True)


_SCHEMA = _Keys()
KEYS = tuple(_SCHEMA.fields)


def said(value: Mapping[str, Any], called: Mapping[str, str] | None = None) -> tuple[str, Stated]:
    """(text, what is stated) of an object with the keys of `KEYS`.

    Args:
        called: how messages call a key, where it is not by its name (the column of a table).

    Raises:
        BadValue: a key has a value it cannot take; NoTextInput: there is no text; InputTooLarge.
    """
    names = called or {}
    found = load(_SCHEMA, value, names)
    body = found.get("body")
    text = found.get("text")
    paragraphs = body if isinstance(body, tuple) and body else None
    if paragraphs is not None:
        text = "\n".join(paragraphs)
    elif isinstance(body, str) and body.strip():
        text = body
    check_text(text, "Ni « body » ni « text » : cette dépêche n'a pas de texte.")
    agency = known_agency(found.get("agency"))
    zone = zone_of(agency, DEFAULT_ZONE)
    embargo = moment(found, "embargo", zone, names)
    stated = Stated(
        id=found.get("id"),
        version=found.get("version"),
        title=found.get("title"),
        paragraphs=paragraphs,
        agency=agency,
        byline=found.get("author"),
        dateline=found.get("dateline"),
        credits=found.get("credits") or (),
        language=found.get("language"),
        url=found.get("url"),
        subjects=found.get("subjects") or (),
        slug=found.get("slug"),
        urgency=found.get("urgency"),
        usage=found.get("status") or "usable",
        embargo=embargo.moment if embargo else None,
        corrects=found.get("corrects") or False,
    )
    dates = (moment(found, key, zone, names) for key in ("published", "updated"))
    return cast(str, text), stated.dated(*dates)


def load(schema: Schema, value: Mapping[str, Any], called: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a schema reads in `value`; BadValue names every key that is wrong, and what it takes."""
    try:
        return cast(dict[str, Any], schema.load(value))
    except ValidationError as error:
        names = called or {}
        problems = cast(dict[str, object], error.messages)  # a schema's are by key
        told = (f"« {_shown(names.get(key, key))} » : {_first(problem)}" for key, problem in problems.items())
        raise BadValue("Valeurs incorrectes : " + " ; ".join(told) + ".") from None


def _first(problem: object) -> str:
    while isinstance(problem, (list, dict)):
        problem = next(iter(problem.values() if isinstance(problem, dict) else problem))
    return str(problem)


def check_text(text: str | None, missing: str) -> None:
    """NoTextInput(`missing`) for a text without any letter or digit; InputTooLarge for one that is no dispatch."""
    if text is None or not any(char.isalnum() for char in text):
        raise NoTextInput(missing)
    if len(text) > LONGEST_DISPATCH:
        raise InputTooLarge(
            f"Texte de {len(text) / 1e6:.1f} millions de caractères, {LONGEST_DISPATCH / 1e6:g} au plus par dépêche."
        )


def known_agency(words: str | None) -> str | None:
    """The agency by the name the archive gives it, where it is known; else as written."""
    return (agency_named(words) or words) if words else None


def moment(found: Mapping[str, Any], key: str, zone: str, called: Mapping[str, str] | None = None) -> Dated | None:
    """The date written under `key`, or None without one. BadValue when it is no date."""
    words = found.get(key)
    if not words:
        return None
    read = read_dated(words, zone)
    if read is None:
        raise BadValue(
            f"« {(called or {}).get(key, key)} » : une date avec son année est attendue "
            f"(2022-08-08T08:52:00+02:00, 08/08/2022 08:52, 8 août 2022), et non « {_shown(words)} »."
        )
    return read


# "2022-08", "2022": ISO 8601, as Dublin Core and feeds write months; leaves "202208", which may be anything
_MONTH_OR_YEAR = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2}))?")


def read_dated(words: str, zone: str) -> Dated | None:
    """A moment in UTC: ISO 8601, else as French and English write it with the year; None when it is no date.

    A day, a month or a year alone is its first midnight, and the precision says so (see `Dated`). `zone` (IANA) is for
    moments that state none.
    """
    written = words.strip()
    if alone := _MONTH_OR_YEAR.fullmatch(written):
        year, month = int(alone["year"]), int(alone["month"] or 1)
        if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
            return None
        begins = datetime(year, month, 1, tzinfo=UTC)
        return Dated(begins, "month" if alone["month"] else "year", "stated")
    try:
        day = date.fromisoformat(written)
        return _within(Dated(datetime.combine(day, time(), UTC), "day", "stated"))
    except (ValueError, OverflowError):
        pass
    try:
        read = datetime.fromisoformat(written)
        if read.tzinfo is None:
            read = read.replace(tzinfo=ZoneInfo(zone))
        return _within(Dated(read.astimezone(UTC), "minute", "stated"))
    except (ValueError, OverflowError):
        pass
    stamp = read_moment(written) if len(written) <= 100 else None
    if stamp is None or stamp.year is None or stamp.start > 0 or stamp.end < len(written.rstrip(" .)")):
        return None
    return _within(resolve(stamp, zone=zone))


def _within(dated: Dated) -> Dated | None:
    """None for what is no moment, or a typing mistake."""
    return dated if dated.moment and FIRST_YEAR <= dated.moment.year <= LAST_YEAR else None
