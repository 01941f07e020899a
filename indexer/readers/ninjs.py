"""IPTC ninjs 1.x, 2.x and 3.x (https://iptc.org/standards/ninjs/): one item a file, a line, or an array of items.

Version 3 writes the same keys with capitals inside ("versionCreated"): keys are compared without case. What 1.x puts in
one key ("headline", "body_xhtml", "altids": {...}), 2.x and 3.x put in a list of objects with a role and a value.

`published` is when the first version was made where the item says so, else this one; `updated` is this one. The item's
`uri` is its id, the same for all its versions. Associated items (photos, links) are not dispatches of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from marshmallow import EXCLUDE, Schema

from indexer.dates import zone_of
from indexer.limits import LONGEST_VALUE, MOST_VALUES
from indexer.parse import agency_named
from indexer.raw import Item, NoDispatch, Stated
from indexer.readers.html_page import paragraphs_of
from indexer.readers.jsonl import (
    DEFAULT_ZONE,
    Identifier,
    Language,
    Status,
    Text,
    Whole,
    Words,
    check_text,
    decode_head,
    known_agency,
    load,
    moment,
    read_values,
)
from indexer.sources import Skipped

FORMAT = "ninjs"

# Keys, in lower case, that ninjs has and a plain dispatch in JSON (`jsonl.KEYS`) has not.
OWN_KEYS = frozenset(
    (
        "uri",
        "headline",
        "headlines",
        "bodies",
        "body_text",
        "body_xhtml",
        "body_html",
        "versioncreated",
        "firstcreated",
        "contentcreated",
        "embargoed",
        "pubstatus",
        "altids",
        "infosource",
        "infosources",
        "usageterms",
        "copyrightholder",
        "copyrightnotice",
        "ednote",
        "located",
        "slugline",
        "representationtype",
        "renditions",
        "associations",
    )
)
# One could be anybody's.
FEWEST_OWN_KEYS = 2

# A string, or a bracket: enough to see the keys of the first object, however long its values are.
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*+)"(\s*:)?|[{}\[\]]', re.S)


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` holds ninjs items: the keys of its first object say so."""
    return len({key.lower() for key in _first_keys(decode_head(head))} & OWN_KEYS) >= FEWEST_OWN_KEYS


def _first_keys(text: str) -> Iterator[str]:
    if not re.match(r"\s*(?:\[\s*)?\{", text):
        return
    depth = 0
    for token in _TOKEN.finditer(text, text.index("{")):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
            if not depth:
                return
        elif depth == 1 and token[2]:
            yield token[1]


def read(stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item | Skipped]:
    """The dispatches of one ninjs file (see `indexer.readers`)."""
    return read_values(stream, name, changed, FORMAT, said)


# --- one item ------------------------------------------------------------------------------------------------------


class _Keys(Schema):
    class Meta:
        unknown = EXCLUDE

    uri = Identifier(allow_none=True)
    version = Identifier(allow_none=True)
    type = Words(allow_none=True)
    pubstatus = Status(allow_none=True)
    urgency = Whole(1, 9)
    headline = Words(allow_none=True)
    title = Words(allow_none=True)
    byline = Words(allow_none=True)
    by = Words(allow_none=True)
    slugline = Words(allow_none=True)
    language = Language(allow_none=True)
    firstcreated = Words(allow_none=True)
    versioncreated = Words(allow_none=True)
    contentcreated = Words(allow_none=True)
    embargoed = Words(allow_none=True)
    copyrightholder = Words(allow_none=True)
    copyrightnotice = Words(allow_none=True)
    usageterms = Words(allow_none=True)
    ednote = Words(allow_none=True)
    body_text = Text(allow_none=True)


_SCHEMA = _Keys()

# What an editor's note says of a dispatch that corrects another: "CORRECTION du nombre de blessés", "Corrige l'âge",
# "RECTIFICATIF", "CORRECTS year in 3rd graf"; leaves "à ne pas corriger", "incorrect"
CORRECTS = re.compile(
    r"(?<![^\W_])(?:correction|correctif|corrige(?:ant)?|corrigée?|rectificatif|rectification|rectifie|corrects|corrected)(?![^\W_])",
    re.IGNORECASE,
)

# Media Topics (https://cv.iptc.org/newscodes/mediatopic/), by address, by code beside its scheme, as a QCode
_MEDIA_TOPIC = re.compile(r"(?:https?://cv\.iptc\.org/newscodes/mediatopic/|medtop:)(\d{8})/?", re.IGNORECASE)
_MEDIA_TOPICS = re.compile(r"(?:https?://cv\.iptc\.org/newscodes/mediatopic/?|medtop:?)", re.IGNORECASE)
_BARE_CODE = re.compile(r"\d{8}")

# Bodies: HTML says where paragraphs end; markup of other kinds (NITF...) is not read here.
_HTML_BODY = re.compile(r"html", re.IGNORECASE)
_OTHER_BODY = re.compile(r"xml|nitf|json|markdown|rtf", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:p|div|br|section|article|body|html)[\s/>]", re.IGNORECASE)


def said(value: Mapping[str, Any]) -> tuple[str, Stated]:
    """(text, what is stated) of one item.

    Raises:
        BadValue: a key has a value it cannot take; NoTextInput: it has no text; NoDispatch: it is a photo, a plan.
    """
    # Of two spellings of a key, the first.
    item: dict[str, Any] = {}
    for key, content in value.items():
        item.setdefault(key.lower(), content)
    found = load(_SCHEMA, item)
    title = found.get("headline") or _main(item.get("headlines")) or found.get("title")
    paragraphs, text = _body(item, found)
    if title and paragraphs and len(paragraphs) > 1 and paragraphs[0] == title:
        paragraphs = paragraphs[1:]
        text = "\n".join(paragraphs)
    kind = found.get("type") or "text"
    if not text and kind != "text" and (kind != "composite" or item.get("associations")):
        raise NoDispatch(
            f"Élément ninjs de type « {kind} » : il n'a pas de texte, seuls les textes entrent dans l'archive."
        )
    check_text(text, "Élément ninjs sans « body_text », « body_xhtml » ni « bodies » : il n'a pas de texte.")
    agency = _agency(item, found)
    zone = zone_of(agency, DEFAULT_ZONE)
    version = moment(found, "versioncreated", zone)
    first = moment(found, "firstcreated", zone) or version or moment(found, "contentcreated", zone)
    embargo = moment(found, "embargoed", zone)
    note = found.get("ednote") or ""
    stated = Stated(
        id=found.get("uri") or _other_id(item.get("altids")),
        version=_number(found.get("version")),
        title=title,
        paragraphs=paragraphs,
        agency=agency,
        byline=found.get("byline") or found.get("by"),
        dateline=_located(item),
        credits=tuple(filter(None, (found.get("copyrightnotice"), found.get("usageterms")))),
        language=found.get("language"),
        subjects=_subjects(item),
        slug=found.get("slugline"),
        urgency=found.get("urgency"),
        usage=found.get("pubstatus") or "usable",
        embargo=embargo.moment if embargo else None,
        corrects=bool(CORRECTS.search(note)) or any(CORRECTS.search(name) for name in _names(item, "genre", "genres")),
    )
    return text, stated.dated(first, version if version != first else None)


def _objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list, keys in lower case; the list's other values are none of the standard's."""
    listed = value if isinstance(value, list) else [value]
    return [{key.lower(): one for key, one in each.items()} for each in listed[:MOST_VALUES] if isinstance(each, dict)]


def _words(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) and len(value) <= LONGEST_VALUE else None


def _main(headlines: object) -> str | None:
    """The headline whose role is "main" or none, else the first."""
    listed = [(_words(one.get("role")), _words(one.get("value"))) for one in _objects(headlines)]
    told = [(role, words) for role, words in listed if words]
    return next((words for role, words in told if role in (None, "main")), told[0][1] if told else None)


def _body(item: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[tuple[str, ...] | None, str]:
    """(paragraphs, text): of the first HTML body that has some; else no paragraphs, and the plain text."""
    html: list[str] = []
    plain: list[str] = [found["body_text"]] if found.get("body_text") else []
    for key, value in item.items():
        if key.startswith("body_") and key != "body_text" and isinstance(value, str):
            (html if _HTML_BODY.search(key) else [] if _OTHER_BODY.search(key) else plain).append(value)
    for body in _objects(item.get("bodies")):
        value = body.get("value")
        kind = f"{body.get('contenttype') or ''} {body.get('role') or ''}"
        if isinstance(value, str):
            is_html = _HTML_BODY.search(kind) or (not kind.strip() and _MARKUP.search(value))
            (html if is_html else [] if _OTHER_BODY.search(kind) else plain).append(value)
    for value in html:
        if paragraphs := paragraphs_of(value):
            return paragraphs, "\n".join(paragraphs)
    return None, next((value for value in plain if value.strip()), "")


def _names(item: Mapping[str, Any], *keys: str) -> list[str]:
    """The names (else the literals) of the objects under those keys."""
    found = (_words(one.get("name")) or _words(one.get("literal")) for key in keys for one in _objects(item.get(key)))
    return [name for name in found if name]


def _agency(item: Mapping[str, Any], found: Mapping[str, Any]) -> str | None:
    """The first source or holder of rights that is a known agency; else the first source, as written."""
    sources = _names(item, "infosource", "infosources")
    holder = found.get("copyrightholder")
    known = (agency_named(words) for words in (*sources, holder) if words)
    return next((name for name in known if name), None) or known_agency(next(iter(sources), holder))


def _located(item: Mapping[str, Any]) -> str | None:
    """The place it was written at: a text, or objects with a name."""
    for key in ("located", "locations", "location"):
        value = item.get(key)
        if words := _words(value) or next(iter(_names(item, key)), None):
            return words
        if isinstance(value, list) and value and (words := _words(value[0])):
            return words
    return None


def _subjects(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Media Topics by their codes, other subjects by their names."""
    told: list[str] = []
    for key in ("subject", "subjects"):
        for one in _objects(item.get(key)):
            if words := _media_topic(one) or _words(one.get("name")) or _words(one.get("literal")):
                told.append(words)
    return tuple(dict.fromkeys(told))


def _media_topic(subject: Mapping[str, Any]) -> str | None:
    for key in ("uri", "code", "literal"):
        if (words := _words(subject.get(key))) and (found := _MEDIA_TOPIC.fullmatch(words)):
            return f"medtop:{found[1]}"
    scheme, code = _words(subject.get("scheme")), _words(subject.get("code"))
    if scheme and code and _MEDIA_TOPICS.fullmatch(scheme) and _BARE_CODE.fullmatch(code):
        return f"medtop:{code}"
    return None


def _other_id(altids: object) -> str | None:
    """The first alternative id: of an object (1.x), else of a list of roles and values."""
    if isinstance(altids, dict):
        return next((words for value in altids.values() if (words := _words(value))), None)
    return next((words for one in _objects(altids) if (words := _words(one.get("value")))), None)


def _number(version: str | None) -> int | None:
    """A version that is a whole number; ninjs takes any text ("1.2", a date), which orders nothing here."""
    return int(version) if version and version.isascii() and version.isdigit() and len(version) < 10 else None
