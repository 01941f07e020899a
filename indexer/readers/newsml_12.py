"""NewsML 1.0 to 1.2 (IPTC): one NewsItem a file, or several in one NewsML document.

A NewsItem inside another's components is a dispatch of its own. One whose main component holds a component a language
(Belga sends French and Dutch together) is a dispatch a language, their ids ending in `#fr`, `#nl`.
`raw` is the file as it is when it holds one NewsItem, else the NewsItem written out again by itself, in UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from lxml import etree

from engine.errors import NoTextInput
from indexer.dates import Dated
from indexer.raw import Item, NoDispatch, Stated
from indexer.readers import nitf
from indexer.readers.html_page import paragraphs_of
from indexer.readers.jsonl import language_of
from indexer.readers.ninjs import CORRECTS
from indexer.readers.xml import (
    XML_LANG,
    agency_of,
    attribute,
    author,
    find,
    first,
    instant,
    iptc_code,
    later,
    number,
    paragraphs,
    place_of,
    read_items,
    root_name,
    under,
    unique,
    unrepeated,
    usage_of,
    without,
    words,
)
from indexer.sources import Skipped

FORMAT = "newsml-1.2"

# Roles of components whose text is not that of the dispatch.
TITLE_ROLES = frozenset(("title", "headline"))
OTHER_ROLES = frozenset(("caption", "thumbnail", "preview", "quicklook", "keyword", "keywords", "copyright"))
TEXT_MEDIA = frozenset(("", "text", "complexdata"))

# Escaped HTML in a DataContent, and that which says where paragraphs end; leaves "3 < 4"
_MARKUP = re.compile(
    r"</?(?:p|br|div|b|i|em|strong|u|a|span|ul|ol|li|h\d|table|tr|td|blockquote)\b[^<>]*>", re.IGNORECASE
)
_BLOCK_MARKUP = re.compile(r"<(?:p|br|div|li|h\d|table|blockquote)\b", re.IGNORECASE)

# "urn:newsml:afp.com:20190121T104233Z:TX-PAR-RHO61:1N" -> ":1N"
_REVISION = re.compile(r":\d{1,9}[ANU]?$")


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` is NewsML 1: its root element is `NewsML`."""
    return root_name(head)[1] == "NewsML"


def read(stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item | Skipped]:
    """The dispatches of one NewsML 1 file (see `indexer.readers`)."""
    yield from read_items(stream, name, changed, form=FORMAT, tags=("{*}NewsItem",), understand=said)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One ContentItem: plain text, or paragraphs, and the NITF document they come from."""

    role: str
    plain: str = ""
    paragraphs: tuple[str, ...] = ()
    document: nitf.Content | None = None

    @property
    def size(self) -> int:
        return len(self.plain) + sum(map(len, self.paragraphs))

    @property
    def lines(self) -> tuple[str, ...]:
        return self.paragraphs or tuple(line for raw in self.plain.splitlines() if (line := " ".join(raw.split())))


def said(item: etree._Element) -> list[tuple[str, Stated]]:
    """(text, what is stated) of a NewsItem, one for each of its languages.

    Raises:
        NoTextInput: one has no text. NoDispatch: it is a photo, a video, or only names other items.
    """
    main = first(item, "NewsComponent")
    stories = _by_language(main)
    if len(stories) < 2:
        return [_story(item, [main] if main is not None else [], None)]
    return [_story(item, [part, main], language) for language, part in stories.items() if main is not None]


def _by_language(main: etree._Element | None) -> dict[str, etree._Element]:
    """The components under the main one that each tell the story in a language of their own; none when two share one."""
    found: dict[str, etree._Element] = {}
    for part in find(main, "NewsComponent"):
        language = language_of(attribute(part, XML_LANG))
        if language and _pieces(part):
            if language in found:
                return {}
            found[language] = part
    return found


# --- content -------------------------------------------------------------------------------------------------------


def _pieces(part: etree._Element, role: str = "") -> list[_Piece]:
    """What a component says; of its parts that say the same (EquivalentsList), the one that says most."""
    role = (attribute(first(part, "Role"), "FormalName") or role).lower()
    own = [piece for content in find(part, "ContentItem") if (piece := _piece(content, role)) and piece.size]
    inner = [pieces for child in find(part, "NewsComponent") if (pieces := _pieces(child, role))]
    if (attribute(part, "EquivalentsList") or "").lower() == "yes":
        inner = sorted(inner, key=lambda pieces: -sum(piece.size for piece in pieces))[:1]
    return [*own, *(piece for pieces in inner for piece in pieces)]


def _piece(content: etree._Element, role: str) -> _Piece | None:
    media = (attribute(first(content, "MediaType"), "FormalName") or "").lower()
    data = first(content, "DataContent")
    if data is None or media not in TEXT_MEDIA or role in OTHER_ROLES:
        return None
    document = first(data, "nitf")
    if document is not None:
        told = nitf.content(document)
        return _Piece(role, paragraphs=told.paragraphs, document=told)
    if len(data):
        return _Piece(role, paragraphs=paragraphs(data))
    text = data.text or ""
    if _BLOCK_MARKUP.search(text):
        return _Piece(role, paragraphs=paragraphs_of(text))
    if _MARKUP.search(text):
        return _Piece(role, paragraphs=tuple(line for raw in text.splitlines() for line in paragraphs_of(raw)))
    return _Piece(role, plain=text.strip())


def _text(
    pieces: list[_Piece], subtitles: list[str], title: str | None, slug: str | None
) -> tuple[str, tuple[str, ...] | None]:
    """(text, paragraphs); no paragraphs for plain text, which says by its lines alone where they end."""
    if len(pieces) == 1 and pieces[0].plain and not subtitles:
        return pieces[0].plain, None
    body: tuple[str, ...] = ()
    for piece in reversed(pieces):
        # A lead that the text repeats is in the text.
        lines = piece.document.body(title, slug) if piece.document else without(piece.lines, title)
        body = (*(unrepeated(lines, body) if piece.role == "lead" else lines), *body)
    if body:
        body = (*unrepeated(subtitles, body, title, slug), *body)
    return "\n".join(body), body


# --- what is stated ------------------------------------------------------------------------------------------------


def _everywhere(parts: list[etree._Element], path: str) -> list[etree._Element]:
    """The elements at a path under the first of some components that has one that says something, or those in them."""
    inside = (inner for part in parts[:1] for inner in under(part, "NewsComponent"))
    for component in (*parts, *inside):
        found = [one for one in find(component, path) if words(one) or any(inner.attrib for inner in one.iter("*"))]
        if found:
            return found
    return []


def _line(parts: list[etree._Element], name: str) -> str | None:
    return next((line for one in _everywhere(parts, f"NewsLines/{name}") if (line := words(one))), None)


def _lines(parts: list[etree._Element], name: str) -> list[str]:
    return [line for one in _everywhere(parts, f"NewsLines/{name}") if (line := words(one))]


def _values(parts: list[etree._Element], path: str, *names: str) -> list[str]:
    """The values of the properties of those names at a path."""
    return [
        value
        for one in _everywhere(parts, path)
        if attribute(one, "FormalName") in names and (value := attribute(one, "Value"))
    ]


def _story(item: etree._Element, parts: list[etree._Element], language: str | None) -> tuple[str, Stated]:
    pieces = _pieces(parts[0]) if parts else []
    content = [piece for piece in pieces if piece.role not in TITLE_ROLES]
    inner = next((piece.document for piece in content if piece.document), None)
    titles = (line for piece in pieces if piece.role in TITLE_ROLES for line in piece.lines)
    title = _line(parts, "HeadLine") or next(titles, None) or (inner.title if inner else None)
    slug = _slug(item, parts)
    management = first(item, "NewsManagement")
    status = attribute(first(management, "Status"), "FormalName")
    text, body = _text(content, _lines(parts, "SubHeadLine"), title, slug)
    if not text:
        if reason := _no_dispatch(parts):
            raise NoDispatch(reason)
        if usage_of(status) != "canceled":
            raise NoTextInput(_missing(parts))
        body = unique((title,))
        text = "\n".join(body)
    identifier = first(item, "Identification/NewsIdentifier")
    agency = _agency(identifier, parts, inner)
    published = _published(item, management, identifier, agency)
    held = (status or "").lower() == "embargoed"
    embargo = instant(words(first(management, "StatusWillChange/DateAndTime")), agency) if held else None
    return (
        text,
        Stated(
            id=_id(identifier, language if len(parts) > 1 else None),
            version=number(words(first(identifier, "RevisionId")), 0, 10**9),
            title=title,
            paragraphs=body,
            agency=agency,
            byline=_byline(parts, agency) or (inner.byline if inner else None),
            dateline=_dateline(parts) or (inner.dateline if inner else None),
            credits=unique(
                (
                    *(line for line in _lines(parts, "CreditLine") if agency_of((line,)) != agency),
                    *_lines(parts, "CopyrightLine"),
                    *(inner.credits if inner else ()),
                )
            ),
            language=language or _language(item, parts),
            subjects=_subjects(parts),
            slug=slug,
            urgency=_urgency(management),
            # An embargo without an end: it is not to be published until the agency says so.
            usage="withheld" if held and embargo is None else usage_of(status),
            embargo=embargo.moment if embargo else None,
            corrects=_corrects(management, parts),
        ).dated(published, later(instant(words(first(management, "ThisRevisionCreated")), agency), published)),
    )


def _no_dispatch(parts: list[etree._Element]) -> str | None:
    """Why a NewsItem without text is none: all it has is pictures, sounds, or names of other items."""
    if not parts:
        return None
    media = unique(attribute(one, "FormalName") for one in under(parts[0], "MediaType"))
    if media and not TEXT_MEDIA & {name.lower() for name in media}:
        return f"Contenu de type {', '.join(media)} : seuls les textes entrent dans l'archive."
    if next(under(parts[0], "NewsItemRef"), None) is not None and next(under(parts[0], "ContentItem"), None) is None:
        return "Ce NewsItem ne fait que renvoyer à d'autres, qui sont lus s'ils sont dans le fichier."
    return None


def _missing(parts: list[etree._Element]) -> str:
    if not parts:
        return "Le NewsItem n'a pas de NewsComponent : il n'y a pas de texte."
    return "Aucun DataContent de texte dans ce NewsItem."


def _id(identifier: etree._Element | None, language: str | None) -> str | None:
    """What identifies a NewsItem through its revisions: provider, date, id (NewsML 1.2, section 5.5.1).

    Not the PublicIdentifier: it names the revision, and some agencies write the same one into every item.
    """
    names = [words(first(identifier, name)) for name in ("ProviderId", "DateId", "NewsItemId")]
    if names[0] and names[2]:
        found = ":".join(name for name in ("urn:newsml", *names) if name)
    else:
        public = words(first(identifier, "PublicIdentifier"))
        if not public or public.count(":") < 4:
            return None
        found = _REVISION.sub("", public)
    return f"{found}#{language}" if language else found


def _published(
    item: etree._Element, management: etree._Element | None, identifier: etree._Element | None, agency: str | None
) -> Dated | None:
    envelope = first(item.getroottree().getroot(), "NewsEnvelope")
    told = (
        first(management, "FirstCreated"),
        first(management, "ThisRevisionCreated"),
        first(identifier, "DateId"),
        first(envelope, "DateAndTime"),
    )
    return next((moment for one in told if (moment := instant(words(one), agency))), None)


def _agency(identifier: etree._Element | None, parts: list[etree._Element], inner: nitf.Content | None) -> str | None:
    """Of the provider, the source, the credit line, the provider's domain, the first that is a known agency."""
    parties = [
        one for role in ("Provider", "Source") for one in _everywhere(parts, f"AdministrativeMetadata/{role}/Party")
    ]
    return agency_of(
        (
            *(attribute(party, "FormalName") for party in parties),
            *_lines(parts, "CreditLine"),
            inner.distributor if inner else None,
            words(first(identifier, "ProviderId")),
        )
    )


def _byline(parts: list[etree._Element], agency: str | None) -> str | None:
    by = unique(map(author, _lines(parts, "ByLine")))
    creators = (attribute(one, "FormalName") for one in _everywhere(parts, "AdministrativeMetadata/Creator/Party"))
    people = (name for name in creators if name and agency_of((name,)) != agency)
    signed = _values(parts, "AdministrativeMetadata/Property", "author")
    return ", ".join(by or unique(people) or unique(signed)) or None


def _dateline(parts: list[etree._Element]) -> str | None:
    """The city it comes from, else the place of the dateline, else the city it is about."""
    cities = {
        attribute(place, "HowPresent") or "": value
        for place in reversed(_everywhere(parts, "DescriptiveMetadata/Location"))
        for one in find(place, "Property")
        if attribute(one, "FormalName") == "City" and (value := attribute(one, "Value"))
    }
    return cities.get("Origin") or place_of(_line(parts, "DateLine")) or next(iter(cities.values()), None)


def _language(item: etree._Element, parts: list[etree._Element]) -> str | None:
    stated = [attribute(one, "FormalName") for one in _everywhere(parts, "DescriptiveMetadata/Language")]
    lines = [attribute(one, XML_LANG) for one in _everywhere(parts, "NewsLines/HeadLine")]
    inside = [attribute(one, XML_LANG) for part in parts for one in (part, *under(part, "NewsComponent"))]
    tags = (*stated, *inside, *lines, attribute(item, XML_LANG))
    return next((language for tag in tags if (language := language_of(tag))), None)


def _subjects(parts: list[etree._Element]) -> tuple[str, ...]:
    levels = ("Subject", "SubjectMatter", "SubjectDetail", "SubjectQualifier")
    names = (
        attribute(level, "FormalName")
        for group in _everywhere(parts, "DescriptiveMetadata")
        for code in find(group, "SubjectCode")
        for level in under(code, *levels)
    )
    return unique(iptc_code(name) or name for name in names)


def _slug(item: etree._Element, parts: list[etree._Element]) -> str | None:
    return (
        _line(parts, "SlugLine")
        or words(first(item, "Identification/NameLabel"))
        or "-".join(_lines(parts, "KeywordLine"))
        or "-".join(_values(parts, "DescriptiveMetadata/Property", "Keyword"))
        or None
    )


def _urgency(management: etree._Element | None) -> int | None:
    urgency = first(management, "Urgency")
    return number(attribute(urgency, "FormalName") or words(urgency), 1, 9)


def _corrects(management: etree._Element | None, parts: list[etree._Element]) -> bool:
    """By what the agency's instruction, the kind of item or a line beside the title says."""
    marks = (*find(management, "Instruction"), *find(management, "NewsItemType"))
    told = (*(attribute(mark, "FormalName") for mark in marks), *_lines(parts, "NewsLine/NewsLineText"))
    return any(CORRECTS.search(line) for line in told if line)
