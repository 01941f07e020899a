"""XML from anywhere, read safely and in flat memory; paragraphs out of markup; what the formats of agencies say alike.

A DOCTYPE may name the standard's DTD, as NITF and NewsML files do, and between its brackets other files (parameter
entities, notations), as those of the ATS do: nothing of it is ever opened. Any other declaration is refused, for that is
where entities that swell are made; so is the use of an entity that stands for a file. libxml2's own limits stay on:
256 levels, 10 MB for one text, no swelling.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from html.entities import html5
from typing import Any, BinaryIO

from lxml import etree

from engine.errors import (
    BadValue,
    InputRejected,
    InputTooLarge,
    MalformedInput,
    NoTextInput,
    RefusedXml,
    UndecodableInput,
)
from indexer.dates import Dated, is_place, zone_of
from indexer.limits import LARGEST_ITEM, LONGEST_ID, LONGEST_VALUE, MOST_VALUES, SAMPLE_BYTES
from indexer.parse import agency_named
from indexer.raw import Item, NoDispatch, RawDispatch, Rejection, Stated, Usage
from indexer.readers.jsonl import DEFAULT_ZONE, check_text, decode_head, known_agency, read_dated
from indexer.sources import Skipped
from mappings.dispatch import Source

# (text, what is stated) of every dispatch of one item; InputRejected when it has none, NoDispatch when it claims none.
Read = Callable[[etree._Element], Sequence[tuple[str, Stated]]]

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# --- parsing -------------------------------------------------------------------------------------------------------

# Bytes given to the parser at a time; those of the prolog in smaller pieces: it is looked at before the rest is parsed.
FEED_BYTES = 1 << 16
PROLOG_BYTES = 1 << 12

_BLANK_BYTES = b" \t\r\n"


class _Nowhere(etree.Resolver):
    """Refuses whatever a document asks to open (lxml's `resolve_empty` lets libxml2 open it after all)."""

    def resolve(self, *asked: Any) -> Any:
        raise RefusedXml("Ce fichier demande d'en ouvrir un autre, ce qui est refusé par sécurité.")


def _parser(event: str, tags: tuple[str, ...] | None = None) -> Any:
    # `collect_ids` stays as it is: False makes lxml 6.1 (libxml2 2.14) open external DTDs and parameter entities in
    # spite of load_dtd=False; tests/indexer/readers/test_xml.py sees to it.
    parser = etree.XMLPullParser(
        events=(event,),  # type: ignore[arg-type]
        tag=tags,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
    )
    parser.resolvers.add(_Nowhere())
    return parser


def root_of(head: bytes) -> etree._Element | None:
    """The root element of a file that begins with `head`, with its attributes; None when it has none there."""
    try:
        return _prolog(head)
    except InputRejected:
        return None


def _prolog(head: bytes) -> etree._Element | None:
    parser = _parser("start")
    bare = head.lstrip(_BLANK_BYTES)
    for at in range(0, len(bare), PROLOG_BYTES):
        broken = _feed(parser, bare[at : at + PROLOG_BYTES], head.count(b"\n", 0, len(head) - len(bare)))
        for _, root in parser.read_events():
            found: etree._Element = root
            return found
        if broken:
            raise broken
    # A document of a few bytes is only parsed when the parser hears that it ends there.
    with suppress(etree.XMLSyntaxError):
        parser.close()
    return next((root for _, root in parser.read_events()), None)


# "<!DOCTYPE nitf SYSTEM": for files whose root cannot be reached
_DOCTYPE = re.compile(r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?<!DOCTYPE\s+([\w:.-]{1,40})[\s>\[]")


def root_name(head: bytes) -> tuple[str, str]:
    """(namespace, local name) of the root, by the DOCTYPE when it goes no further; ("", "") for what is no XML."""
    root = root_of(head)
    if root is not None:
        return namespace(root), local(root)
    declared = _DOCTYPE.match(decode_head(head))
    return "", declared[1].rpartition(":")[2] if declared else ""


_QUOTED = r"""(?:"[^"]*+"|'[^']*+')"""
_EXTERNAL = rf"(?:SYSTEM\s+{_QUOTED}|PUBLIC\s+{_QUOTED}(?:\s+{_QUOTED})?)"
# What a DOCTYPE may declare, as libxml2 writes it: files that nothing here opens, and comments.
_HARMLESS = re.compile(
    rf"<!ENTITY\s+%\s+\S+\s+{_EXTERNAL}\s*>|<!NOTATION\s+\S+\s+{_EXTERNAL}\s*>"
    rf"|<!ENTITY\s+(?P<file>[^\s%]+)\s+{_EXTERNAL}(?:\s+NDATA\s+\S+)?\s*>"
    r"|<!--(?:(?!-->).)*+-->|<\?(?:(?!\?>).)*+\?>|\s+",
    re.DOTALL,
)
# A DOCTYPE without brackets, in characters that no encoding reads as others (not the "+" of UTF-7, the "~" of HZ).
_PLAIN_DOCTYPE = re.compile(r"<!DOCTYPE[\w\s\"'/.:-]+>", re.ASCII)
_BEFORE_DOCTYPE = re.compile(r"(?:<!--(?:(?!-->).)*+-->|<\?(?:(?!\?>).)*+\?>|\s+)*+", re.DOTALL)


def _declared_files(root: etree._Element, head: bytes) -> frozenset[str]:
    """The names of the general entities that the DOCTYPE says are files. `head`: the first bytes of the file.

    Raises:
        RefusedXml: it declares what swells or changes the text: an entity with a text, attributes, elements.
    """
    tree: Any = root.getroottree()
    doctype = tree.docinfo.doctype
    if not doctype:
        return frozenset()
    # As the parser understood it, and not as it was written: nothing can be read one way here and another way there.
    written = etree.tostring(tree, encoding="unicode")
    before = _BEFORE_DOCTYPE.match(written)
    at = before.end() if before else 0
    opening = doctype.removesuffix(">")
    found: set[str] = set()
    # lxml does not write the DOCTYPE of another name than the root's ("rdf:RDF" is one: it has the prefix).
    if written.startswith(doctype, at) or (not written.startswith("<!DOCTYPE", at) and _is_plain(head)):
        return frozenset()
    if written.startswith(f"{opening} [", at):
        at += len(opening) + 2
        while declared := _HARMLESS.match(written, at):
            at = declared.end()
            if declared["file"]:
                found.add(declared["file"])
    if not written.startswith("]>", at):
        raise RefusedXml(
            "Le DOCTYPE de ce fichier contient ses propres déclarations (entre crochets), refusées par sécurité. "
            "Enlevez ce qui est entre [ et ], ou demandez le fichier sans DTD interne."
        )
    return frozenset(found)


def _is_plain(head: bytes) -> bool:
    text = decode_head(head).lstrip("\ufeff")
    before = _BEFORE_DOCTYPE.match(text)
    return bool(_PLAIN_DOCTYPE.match(text, before.end() if before else 0))


def _refuse_files(element: Any, files: Set[str]) -> None:
    """RefusedXml when the text of an element uses an entity that stands for a file."""
    if files and any(entity.name in files for entity in element.iter(etree.Entity)):
        raise RefusedXml("Ce fichier demande d'en ouvrir un autre (entité externe), ce qui est refusé par sécurité.")


def _without_entities(element: Any) -> None:
    """Puts the characters that entities stand for in their places, for an element that loses its DOCTYPE."""
    for parent in {entity.getparent() for entity in element.iter(etree.Entity)}:
        # Text is put together once for each stretch: adding a million entities one by one takes a million copies.
        before, pieces = None, [parent.text or ""]
        for child in list(parent):
            if isinstance(child, etree._Entity):
                pieces += (html5.get(f"{child.name};", child.text), child.tail or "")
                parent.remove(child)
            else:
                _set_text(parent, before, pieces)
                before, pieces = child, [child.tail or ""]
        _set_text(parent, before, pieces)


def _set_text(parent: Any, before: Any, pieces: list[str]) -> None:
    """The text of an element after one of its children, or at its beginning."""
    if len(pieces) == 1:
        return
    if before is None:
        parent.text = "".join(pieces)
    else:
        before.tail = "".join(pieces)


# What libxml2's commonest errors mean (xmlerror.h); others are only placed.
_MEANINGS = {
    4: "le fichier n'est pas du XML",
    5: "il y a quelque chose après la fin du document",
    9: "caractère interdit en XML",
    23: "« & » qui n'ouvre aucune entité",
    26: "entité que rien ne déclare",
    39: "valeur d'attribut sans guillemets",
    41: "attribut mal écrit",
    64: "la déclaration XML n'est pas au début",
    65: "espace manquant",
    68: "balise ou « & » mal écrit",
    73: "balise jamais fermée par « > »",
    76: "balise fermante qui ne répond à aucune ouvrante",
    77: "le fichier s'arrête avant sa fin",
    114: "éléments trop imbriqués ou contenu démesuré",
}
_ENCODING_ERRORS = frozenset((6, 31, 32, 81))


def _feed(parser: Any, block: bytes, skipped: int) -> InputRejected | None:
    """Give the parser a block; why it can go no further, where it cannot. `skipped`: lines before the first one."""
    try:
        parser.feed(block)
    except etree.XMLSyntaxError as error:
        return _malformed(parser, error, skipped)
    # An entity nobody declares stops the parser without an exception before the end.
    return _malformed(parser, None, skipped) if any(_fatal(parser)) else None


def _fatal(parser: Any) -> Iterator[Any]:
    return (entry for entry in parser.feed_error_log if entry.level == etree.ErrorLevels.FATAL)


def _malformed(parser: Any, error: etree.XMLSyntaxError | None, skipped: int) -> InputRejected:
    logged = next(_fatal(parser), None)
    line, column = error.position if error else (0, 0)
    code: int = getattr(error, "code", 0) or 0
    if logged is not None:
        code, line, column = logged.type, logged.line, logged.column
    where = f"ligne {(line or 1) + skipped}, colonne {column or 1}"
    if code in _ENCODING_ERRORS or code >= 6000:
        return UndecodableInput(f"Les octets ne sont pas dans l'encodage que déclare le XML ({where}).")
    meaning = _MEANINGS.get(code)
    return MalformedInput(f"XML mal formé, {where}{f' : {meaning}' if meaning else ''}.")


@dataclass(slots=True)
class _Elements:
    """The elements of some names in a file, one after the other, each only until the next one is asked for.

    Args:
        whole: the file's bytes as long as they may be those of one dispatch; None once they are too many.
    """

    stream: BinaryIO
    tags: tuple[str, ...]
    whole: bytearray | None = field(default_factory=bytearray)
    skipped: int = 0
    encoding: str = "utf-8"

    def __iter__(self) -> Iterator[etree._Element]:
        head = self.stream.read(SAMPLE_BYTES)
        self.stream.seek(0)
        root = _prolog(head)
        if root is None:
            raise MalformedInput("XML mal formé : aucun élément au début du fichier.")
        files = _declared_files(root, head)
        for element in self._parse():
            _refuse_files(element, files)
            yield element

    def _parse(self) -> Iterator[etree._Element]:
        parser = _parser("end", self.tags)
        done: etree._Element | None = None
        started = False
        since = 0
        while block := self.stream.read(FEED_BYTES):
            if self.whole is not None:
                self.whole += block
                if len(self.whole) > LARGEST_ITEM:
                    self.whole = None
            if not started:
                bare = block.lstrip(_BLANK_BYTES)
                self.skipped += block.count(b"\n", 0, len(block) - len(bare))
                block = bare
                started = bool(bare)
            broken = _feed(parser, block, self.skipped)
            since += len(block)
            for _, element in parser.read_events():
                if done is not None:
                    _drop(done)
                yield element
                # Taken away once the parser has gone on: lxml forbids it for the element being parsed.
                done = element
                since = 0
            if broken:
                raise broken
            if since > LARGEST_ITEM:
                raise InputTooLarge(
                    f"Plus de {LARGEST_ITEM / 1e6:g} Mo pour une seule dépêche : ce fichier en est-il bien un ?"
                )
        try:
            document: Any = parser.close()
        except etree.XMLSyntaxError as error:
            raise _malformed(parser, error, self.skipped) from None
        # Known at the end only: until then the parser says none.
        self.encoding = _codec(document.getroottree().docinfo.encoding)


def _drop(done: etree._Element) -> None:
    parent = done.getparent()
    if parent is not None:
        parent.remove(done)


def _codec(declared: str | None) -> str:
    """The codec that decodes the file's bytes as the parser did, by its Python name."""
    try:
        return codecs.lookup(declared or "utf-8").name
    except LookupError:
        return "utf-8"


def read_items(
    stream: BinaryIO, name: str, changed: datetime | None, *, form: str, tags: tuple[str, ...], understand: Read
) -> Iterator[Item | Skipped]:
    """The dispatches of an XML file: those of every element called one of `tags`, as `understand` reads it.

    `raw` is the file's exact bytes when it holds one such element; of several, each element written out again by
    itself, in UTF-8. `name` and `changed` are as in `indexer.readers`.

    Raises:
        InputRejected: the file is refused, or broken before its first item. Broken further on, it gives the items
            before the break, then a Rejection that names the line.
    """
    elements = _Elements(stream, tags)
    position = count = 0
    waiting: list[Item | Skipped] = []  # of the first element, until it is known whether it is the only one
    broken: InputRejected | None = None
    try:
        for element in elements:
            count += 1
            if count == 2:
                elements.whole = None
                yield from waiting
            items = _understood(element, understand, form, name, changed, position, elements.skipped)
            position += len(items)
            if count == 1:
                waiting = items
            else:
                yield from items
    except InputRejected as error:
        broken = error
    if count == 1:
        exact = None if broken or elements.whole is None else bytes(elements.whole)
        yield from (item if exact is None else _exactly(item, exact, elements.encoding) for item in waiting)
    if broken and not count:
        raise broken
    if broken:
        yield Rejection(name, broken, position=position)
    elif not count:
        raise NoTextInput(
            f"Ce fichier ne contient aucun élément {' ni '.join(tag.rpartition('}')[2] for tag in tags)}."
        )


def _understood(
    element: etree._Element,
    understand: Read,
    form: str,
    name: str,
    changed: datetime | None,
    position: int,
    skipped: int,
) -> list[Item | Skipped]:
    _without_entities(element)
    raw = etree.tostring(element, encoding="utf-8", xml_declaration=True, with_tail=False)
    started: Any = element.sourceline
    line = (started or 1) + skipped
    try:
        told = understand(element)
        for text, stated in told:
            if text or stated.usage != "canceled":  # a withdrawal may say no more than which dispatch it withdraws
                check_text(text, "Aucun texte de dépêche")
            _check_values(stated)
    except InputRejected as error:
        return [Rejection(name, type(error)(_placed(error.detail, element, line)), raw, position)]
    except NoDispatch as other:
        return [Skipped(name, _placed(other.reason, element, line), position)]
    checksum = hashlib.sha256(raw).hexdigest()
    return [
        RawDispatch(
            raw,
            text,
            "utf-8",
            Source(file=name, format=form, checksum=checksum, url=stated.url),
            position + number,
            changed,
            stated,
        )
        for number, (text, stated) in enumerate(told)
    ]


def _placed(reason: str, element: etree._Element, line: int) -> str:
    return f"{reason.rstrip('.')} (élément {local(element)}, ligne {line})."


def _exactly(item: Item | Skipped, raw: bytes, encoding: str) -> Item | Skipped:
    if isinstance(item, Skipped):
        return item
    if isinstance(item, Rejection):
        return replace(item, raw=raw)
    checksum = hashlib.sha256(raw).hexdigest()
    return replace(item, raw=raw, encoding=encoding, source=replace(item.source, checksum=checksum))


def _check_values(stated: Stated) -> None:
    if stated.id and len(stated.id.encode()) > LONGEST_ID:
        raise BadValue(f"Identifiant de plus de {LONGEST_ID} octets")
    short = (
        stated.title,
        stated.agency,
        stated.byline,
        stated.dateline,
        stated.slug,
        *stated.subjects,
        *stated.credits,
    )
    if any(len(value) > LONGEST_VALUE for value in short if value):
        raise BadValue(f"Titre, auteur ou sujet de plus de {LONGEST_VALUE} caractères")


# --- elements ------------------------------------------------------------------------------------------------------


def local(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace(element: etree._Element) -> str:
    return str(element.tag)[1:].partition("}")[0] if str(element.tag).startswith("{") else ""


def find(element: etree._Element | None, path: str) -> Iterator[etree._Element]:
    """The elements at a path of local names, in the order of the file: "itemMeta/provider"."""
    if element is None:
        return
    name, _, rest = path.partition("/")
    for child in element:
        if isinstance(child.tag, str) and local(child) == name:
            if rest:
                yield from find(child, rest)
            else:
                yield child


def first(element: etree._Element | None, path: str) -> etree._Element | None:
    return next(find(element, path), None)


def under(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The elements of those names anywhere under one, in the order of the file."""
    return (found for found in element.iterdescendants() if isinstance(found.tag, str) and local(found) in names)


def words(element: etree._Element | None) -> str | None:
    """All an element says, on one line; None when it says nothing."""
    return " ".join(paragraphs(element)) or None if element is not None else None


def attribute(element: etree._Element | None, name: str) -> str | None:
    value = element.get(name) if element is not None else None
    return value.strip() or None if value else None


# --- paragraphs ----------------------------------------------------------------------------------------------------

# Elements of XHTML and NITF that begin a paragraph and end one; any other goes on within it.
_BLOCKS = """
    p h1 h2 h3 h4 h5 h6 hl1 hl2 li ul ol dl dt dd blockquote bq block pre hr div section article aside main header footer
    nav figure figcaption address body html table thead tbody tfoot tr caption details summary fieldset form
    body.head body.content body.end hedline byline dateline abstract tagline bibliography media media-caption
    media-producer nitf-table credit fn note copyrite
"""
BLOCKS = frozenset(_BLOCKS.split())
CELLS = frozenset(("td", "th"))
# Elements whose text nobody reads.
_LEFT_OUT = """
    head script style noscript template iframe object embed svg math button select textarea nitf-table-metadata
    media-metadata media-object
"""
LEFT_OUT = frozenset(_LEFT_OUT.split())

CELL_MARK = " | "
# A line break, while a paragraph is put together: two of them with nothing between end it. XML has no NUL.
_BREAK = "\x00"
_BREAKS = re.compile(r"\x00(?:[ \t\n\r\f]*\x00)+")
# No-break spaces stay: they are French typography.
_BLANKS = re.compile(r"[ \t\n\r\f\x00]+")


def paragraphs(top: etree._Element, left_out: Iterable[etree._Element] = ()) -> tuple[str, ...]:
    """The paragraphs of an element's text, blanks collapsed; no text is lost but that of scripts and the like.

    "<p>L'<b>ONU</b> a</p>" is one paragraph, so are a heading, a point of a list, a row of a table ("Nice | 12").
    An entity that only the standard's DTD declares ("&eacute;") is the character HTML knows by that name.
    """
    found: list[str] = []
    pieces: list[str] = []
    passed_over = set(left_out)

    def end() -> None:
        for part in _BREAKS.split("".join(pieces)):
            if line := _BLANKS.sub(" ", part).strip(" \ufeff\u200b").removeprefix(CELL_MARK.strip()).strip():
                found.append(line)
        pieces.clear()

    rows = verbatim = 0

    def said(text: str | None) -> None:
        if text:
            pieces.append(text.replace("\n", _BREAK) if verbatim else text)

    said(top.text)
    # A stack, not recursion: 256 levels of elements would be as many of Python's.
    walk = [(top, iter(top))]
    while walk:
        element, inner = walk[-1]
        child = next(inner, None)
        if child is None:
            walk.pop()
            name = local(element).lower()
            rows -= _is_row(element, name)
            verbatim -= name == "pre"
            if name in BLOCKS:
                if rows:
                    pieces.append(" ")
                else:
                    end()
            if walk:
                said(element.tail)
            continue
        if not isinstance(child.tag, str):  # a comment, a processing instruction, an entity
            if isinstance(child, etree._Entity):
                said(html5.get(f"{child.name};", child.text))
            said(child.tail)
            continue
        name = local(child).lower()
        if name in LEFT_OUT or child in passed_over:
            said(child.tail)
            continue
        if name == "br":
            pieces.append(_BREAK)
        elif name in CELLS:
            pieces.append(CELL_MARK if rows else " ")
        elif name in BLOCKS:
            if rows:
                pieces.append(" ")
            else:
                end()
        rows += _is_row(child, name)
        verbatim += name == "pre"
        said(child.text)
        walk.append((child, iter(child)))
    end()
    return tuple(found)


def _is_row(element: etree._Element, name: str) -> bool:
    """Whether an element is a row of data; one of a single cell is a frame around paragraphs."""
    return name == "tr" and sum(1 for cell in element if isinstance(cell.tag, str) and local(cell) in CELLS) > 1


def without(found: Sequence[str], title: str | None) -> tuple[str, ...]:
    """Paragraphs without a first one that only repeats the title."""
    alike = " ".join((title or "").split()).casefold()
    return tuple(found[1:] if len(found) > 1 and " ".join(found[0].split()).casefold() == alike else found)


def unrepeated(lines: Iterable[str], body: Sequence[str], *known: str | None) -> tuple[str, ...]:
    """Those of some lines (subtitles, summaries) that neither the body nor `known` (title, slug) says already."""
    said = " ".join(body).casefold()
    seen = {words.casefold() for words in known if words}
    return tuple(line for line in dict.fromkeys(lines) if line.casefold() not in said and line.casefold() not in seen)


# --- what the formats of agencies say alike ------------------------------------------------------------------------

_DOMAIN = re.compile(r"(?:www\.)?([\w-]+)\.(?:com|fr|be|ch|org|net|cn|news|ru|dz|ma)", re.IGNORECASE)


def agency_of(candidates: Iterable[str | None]) -> str | None:
    """The first known agency among names, codes (`nprov:AFP`) and domains ("reuters.com"); else the first name."""
    names: list[str] = []
    for candidate in candidates:
        if candidate and "://" not in candidate:
            bare = candidate.rpartition(":")[2].strip()
            domain = _DOMAIN.fullmatch(bare)
            for name in (bare, domain[1] if domain else None):
                if name and (known := agency_named(name)):
                    return known
            names.append(bare)
    return known_agency(next((name for name in names if name), None))


def instant(said: str | None, agency: str | None) -> Dated | None:
    """A moment as these formats write it ("20190121T104233+0000", "2019-01-21"), None when it is none.

    One without a zone is in its agency's; a day alone is its midnight, and the precision says so.
    """
    return read_dated(said, zone_of(agency, DEFAULT_ZONE)) if said and said.strip() else None


def later(moment: Dated | None, than: Dated | None) -> Dated | None:
    """A moment that says more than another: an update at the moment of publication is none."""
    if moment is None or moment.moment is None or than is None or than.moment is None:
        return moment
    return moment if moment.moment > than.moment else None


# Words of pubStatus (NewsML-G2), Status (NewsML 1.2) and management-status (NITF).
_USAGES: dict[str, Usage] = {
    "withheld": "withheld",
    "canceled": "canceled",
    "cancelled": "canceled",
    "killed": "canceled",
}


def usage_of(status: str | None) -> Usage:
    """What may be done with a dispatch whose status is `stat:canceled`, `Withheld`...; usable unless it says not."""
    return _USAGES.get(re.split(r"[:/]", (status or "").strip())[-1].lower(), "usable")


def number(said: str | None, lowest: int, highest: int) -> int | None:
    """A whole number of a range, None for anything else."""
    bare = (said or "").strip()
    return (
        int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 10 and lowest <= int(bare) <= highest else None
    )


_MEDIA_TOPIC = re.compile(r"(?:https?://cv\.iptc\.org/newscodes/mediatopic/|medtop:)(\d{8})/?", re.IGNORECASE)
_SUBJECT_CODE = re.compile(r"(?:https?://cv\.iptc\.org/newscodes/subjectcode/|subj:)(\d{8})/?", re.IGNORECASE)


def iptc_code(code: str | None) -> str | None:
    """`medtop:20000065` or `subj:11017000` of a code or address of either list, or of eight digits alone.

    Subject Codes begin with 01 to 17, Media Topics with those or with 2.
    """
    bare = (code or "").strip()
    if found := _MEDIA_TOPIC.fullmatch(bare):
        return f"medtop:{found[1]}"
    if found := _SUBJECT_CODE.fullmatch(bare):
        return f"subj:{found[1]}"
    if re.fullmatch(r"[0-2]\d{7}", bare):
        return f"medtop:{bare}" if bare[0] == "2" else f"subj:{bare}"
    return None


def unique(values: Iterable[str | None]) -> tuple[str, ...]:
    """Those that say something, each once, as many as a dispatch may have."""
    return tuple(value for value in dict.fromkeys(values) if value)[:MOST_VALUES]


# "Paris, 21 jan 2019 (AFP) -" -> "Paris"; "Athènes (dpa) - " -> "Athènes"; "21 janvier" has none
_BEFORE = re.compile(r"[^,(/\d]+?(?=\s*(?:[,(/]|\d|[-–—]{1,2}\s*$|\.?$))")


def place_of(dateline: str | None) -> str | None:
    """The place that a dateline opens with, as written."""
    found = _BEFORE.match((dateline or "").strip())
    place = found[0].strip(" .-–—") if found else ""
    return place if place and is_place(place) else None


# "Par Jean Dupont" -> "Jean Dupont"
_BY = re.compile(r"(?:par|by)\s*:?\s+", re.IGNORECASE)


def author(said: str | None) -> str | None:
    """The author of a byline."""
    return _BY.sub("", said, count=1) or None if said and _BY.match(said) else said
