"""RSS (0.9x, 1.0, 2.0) and Atom feeds: each entry a dispatch, its full text when the feed has it, else its summary.

The file is cut into entries by the safe parser of `indexer.readers.xml`; feedparser reads each in a feed of its own, so
that all the ways in which feeds say a date or an author are known. HTML in an entry becomes paragraphs of plain text.
`raw` is the file as it is when it holds one entry, else the entry's element written out again by itself, in UTF-8.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO

import feedparser  # type: ignore[import-untyped]
from lxml import etree

from engine.errors import NoTextInput
from indexer.dates import Dated
from indexer.parse import agency_named
from indexer.raw import Item, Stated
from indexer.readers.html_page import paragraphs_of
from indexer.readers.jsonl import DEFAULT_ZONE, WEB_ADDRESS, language_of, read_dated
from indexer.readers.xml import (
    XML_LANG,
    attribute,
    author,
    find,
    first,
    iptc_code,
    later,
    local,
    namespace,
    read_items,
    root_of,
    unique,
    without,
    words,
)
from indexer.sources import Skipped

FORMAT = "feed"

ATOM = "http://www.w3.org/2005/Atom"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# Namespaces of RSS 0.90 and 1.0 (purl.org/rss/1.0/spec): other RDF is no feed.
RSS_RDF = frozenset(("http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"))
ATOM_VERSIONS = frozenset((ATOM, "http://purl.org/atom/ns#"))

# A feed around one entry, by the root of the file it comes from.
_AROUND = {
    "rss": (b'<rss version="2.0"><channel>', b"</channel></rss>"),
    "RDF": (b'<rdf:RDF xmlns:rdf="' + RDF.encode() + b'">', b"</rdf:RDF>"),
    "feed": (b'<feed xmlns="' + ATOM.encode() + b'">', b"</feed>"),
}

_BLANK_LINES = re.compile(r"\n[ \t\r]*\n")
_TAG = re.compile(r"<[a-zA-Z/!]")
# "AFP - Monde", "Dépêches | Belga": what agencies call their feeds
_TITLE_PARTS = re.compile(r"\s+[-–—|:]\s+|\s*[|:]\s+")


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` is a feed: its root element is `rss`, Atom's `feed`, or the RDF of RSS."""
    root = root_of(head)
    if root is None:
        return False
    name, space = local(root), namespace(root)
    if name == "RDF":
        return space == RDF and not RSS_RDF.isdisjoint(root.nsmap.values())
    return name == "rss" or (name == "feed" and space in ATOM_VERSIONS)


def read(stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item | Skipped]:
    """The dispatches of one feed (see `indexer.readers`)."""
    yield from read_items(stream, name, changed, form=FORMAT, tags=("{*}item", "{*}entry"), understand=said)


def said(element: etree._Element) -> list[tuple[str, Stated]]:
    """(text, what is stated) of an entry; NoTextInput when it has neither content nor summary."""
    root = element.getroottree().getroot()
    opening, closing = _AROUND[_kind(root)]
    alone = opening + etree.tostring(element, encoding="utf-8", with_tail=False) + closing
    # A stream, not bytes: feedparser takes bytes that look like an address or a path for one.
    entries = feedparser.parse(io.BytesIO(alone), resolve_relative_uris=False).entries
    entry: Mapping[str, Any] = entries[0] if entries else {}
    title = " ".join(_paragraphs(entry.get("title_detail"))) or None
    body = without(_body(entry), title)
    if not body:
        raise NoTextInput("Cette entrée du flux n'a ni contenu ni résumé.")
    channel = first(root, "channel") if local(root) != "feed" else root
    person = _person(entry)
    agency = _agency(entry, channel, person)
    published, updated = _moment(entry, "published"), _moment(entry, "updated")
    url = next((link for link in (entry.get("link"), entry.get("id")) if link and WEB_ADDRESS.fullmatch(link)), None)
    return [
        (
            "\n".join(body),
            Stated(
                id=entry.get("id") or url,
                title=title,
                paragraphs=body,
                agency=agency,
                byline=person if person and agency_named(person) is None else None,
                credits=unique(str(one.get("content") or "").strip() for one in entry.get("media_credit") or ()),
                language=_language(element, channel),
                url=url,
                subjects=_subjects(entry),
            ).dated(published or updated, later(updated, published) if published else None),
        )
    ]


def _kind(root: etree._Element) -> str:
    """Of which kind of feed an entry is, by the root of its file: the feed, or the entry itself, kept alone."""
    if local(root) in _AROUND:
        return local(root)
    if namespace(root) in ATOM_VERSIONS:
        return "feed"
    return "RDF" if namespace(root) in RSS_RDF else "rss"


def _paragraphs(detail: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The paragraphs of a text of feedparser's: of HTML by its tags, of plain text by its blank lines."""
    value = str((detail or {}).get("value") or "")
    pieces = [value] if _TAG.search(value) else _BLANK_LINES.split(value)
    return tuple(line for piece in pieces for line in paragraphs_of(piece))


def _body(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The content that says most, else the summary."""
    contents = [_paragraphs(content) for content in entry.get("content") or ()]
    longest = max(contents, key=lambda content: sum(map(len, content)), default=())
    return longest or _paragraphs(entry.get("summary_detail"))


def _person(entry: Mapping[str, Any]) -> str | None:
    """The author: "Jean Dupont" of "desk@exemple.fr (Jean Dupont)"."""
    detail = entry.get("author_detail") or {}
    told = " ".join(str(detail.get("name") or entry.get("author") or "").split())
    return author(told) if told and "@" not in told else None


def _agency(entry: Mapping[str, Any], channel: etree._Element | None, person: str | None) -> str | None:
    """A known agency that the entry or the feed names as publisher, source, author or title; else the publisher."""
    source = entry.get("source") or {}
    publisher = entry.get("publisher")
    names = [publisher, source.get("title"), person]
    for path in ("publisher", "creator", "author/name", "author", "title"):
        names += [name for one in find(channel, path) for name in _TITLE_PARTS.split(words(one) or "")]
    known = (agency_named(name) for name in names if name)
    return next((name for name in known if name), None) or publisher or source.get("title") or None


def _moment(entry: Mapping[str, Any], name: str) -> Dated | None:
    """A moment of the entry; ISO dates without a zone are of the archive's, others as feedparser reads them."""
    # `in` and not `get`: feedparser gives the date of publication for an update that is not there.
    if name not in entry:
        return None
    said, parsed = str(entry[name] or ""), entry.get(f"{name}_parsed")
    if found := read_dated(said, DEFAULT_ZONE):
        return found
    if not parsed:
        return None
    # feedparser gives midnight to a day alone; only a time of day has a colon.
    return Dated(datetime.fromtimestamp(timegm(parsed), UTC), "minute" if ":" in said else "day", "stated")


def _language(element: etree._Element, channel: etree._Element | None) -> str | None:
    tags = [attribute(element, XML_LANG), words(first(element, "language"))]
    tags += [attribute(content, XML_LANG) for content in find(element, "content")]
    tags.append(words(first(channel, "language")))
    tags += [attribute(parent, XML_LANG) for parent in element.iterancestors()]
    return next((language for tag in tags if (language := language_of(tag))), None)


def _subjects(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Categories: Media Topics by their codes, others by their names."""
    told: list[str | None] = []
    for tag in entry.get("tags") or ():
        term, scheme = str(tag.get("term") or "").strip(), str(tag.get("scheme") or "")
        code = iptc_code(f"{scheme.rstrip('/')}/{term}") or iptc_code(term if ":" in term else None)
        told.append(code or str(tag.get("label") or "").strip() or term)
    return unique(told)
