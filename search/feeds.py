"""Feeds: entries as Atom 1.0 (RFC 4287) or RSS 2.0. Pure: the same feed gives the same bytes.

Identifiers are tag URIs (RFC 4151) of a name that nobody owns (`.invalid`, RFC 2606) and not of the server's: an entry
keeps its identifier wherever the archive is served, so that a reader who moves with it is shown nothing twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, cast
from urllib.parse import quote

from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"

ATOM_TYPE = "application/atom+xml; charset=utf-8"
RSS_TYPE = "application/rss+xml; charset=utf-8"

TAG_AUTHORITY = "depeches.invalid,2026"

GENERATOR = "Dépêches"

# What XML 1.0 cannot hold, even escaped (section 2.2).
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One dispatch in a feed.

    Args:
        id: a tag URI, the same for ever.
        link: the absolute address of its page.
        updated, published: aware instants; `published` None where it is not known.
        author: who is named as its source: an agency.
        summary: plain text.
        categories: plain words.
    """

    id: str
    title: str
    link: str
    updated: datetime
    published: datetime | None
    author: str
    summary: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A list of entries, the newest first.

    Args:
        id: a tag URI, the same for ever.
        link: the absolute address of the same list as a page.
        address: the absolute address of the feed itself.
        updated: an aware instant, told when there is no entry to tell a later one.
    """

    id: str
    title: str
    link: str
    address: str
    updated: datetime
    entries: tuple[Entry, ...]

    @property
    def last_updated(self) -> datetime:
        return max((entry.updated for entry in self.entries), default=self.updated)


def tag(*path: str) -> str:
    """A tag URI: `tag("depeche", "d 1")` -> "tag:depeches.invalid,2026:depeche/d%201"."""
    return f"tag:{TAG_AUTHORITY}:{'/'.join(quote(part, safe='') for part in path)}"


def atom(feed: Feed) -> bytes:
    """The feed as an Atom document."""
    root = etree.Element(f"{{{ATOM}}}feed", {LANGUAGE: "fr"}, nsmap=cast("dict[str, str]", {None: ATOM}))
    _atom(root, "id", feed.id)
    _atom(root, "title", feed.title)
    _atom(root, "updated", _rfc3339(feed.last_updated))
    _atom(root, "link", "", rel="self", type="application/atom+xml", href=feed.address)
    _atom(root, "link", "", rel="alternate", type="text/html", href=feed.link)
    _atom(_atom(root, "author"), "name", GENERATOR)
    _atom(root, "generator", GENERATOR)
    for entry in feed.entries:
        node = _atom(root, "entry")
        _atom(node, "id", entry.id)
        _atom(node, "title", entry.title)
        _atom(node, "updated", _rfc3339(entry.updated))
        if entry.published:
            _atom(node, "published", _rfc3339(entry.published))
        _atom(_atom(node, "author"), "name", entry.author)
        _atom(node, "link", "", rel="alternate", type="text/html", href=entry.link)
        _atom(node, "summary", entry.summary, type="text")
        for category in entry.categories:
            _atom(node, "category", "", term=category)
    return _document(root)


def rss(feed: Feed) -> bytes:
    """The feed as an RSS document."""
    root = etree.Element("rss", {"version": "2.0"}, nsmap={"atom": ATOM, "dc": DUBLIN_CORE})
    channel = _child(root, "channel")
    _child(channel, "title", feed.title)
    _child(channel, "link", feed.link)
    _child(channel, "description", feed.title)
    _child(channel, "language", "fr")
    _child(channel, "lastBuildDate", _rfc822(feed.last_updated))
    _child(channel, "generator", GENERATOR)
    _atom(channel, "link", "", rel="self", type="application/rss+xml", href=feed.address)
    for entry in feed.entries:
        node = _child(channel, "item")
        _child(node, "title", entry.title)
        _child(node, "link", entry.link)
        # RSS takes a description for HTML: the text is escaped once for that, and once more by XML.
        _child(node, "description", _as_html(entry.summary))
        _child(node, "guid", entry.id, {"isPermaLink": "false"})
        if entry.published:
            _child(node, "pubDate", _rfc822(entry.published))
        _child(node, f"{{{DUBLIN_CORE}}}creator", entry.author)
        for category in entry.categories:
            _child(node, "category", category)
    return _document(root)


def _child(parent: Any, name: str, text: str = "", attributes: Mapping[str, str] | None = None) -> Any:
    node = etree.SubElement(parent, name, {key: _clean(value) for key, value in (attributes or {}).items()})
    if text:
        node.text = _clean(text)
    return node


def _atom(parent: Any, name: str, text: str = "", **attributes: str) -> Any:
    return _child(parent, f"{{{ATOM}}}{name}", text, attributes)


def _clean(text: str) -> str:
    return NOT_XML.sub(" ", text)


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def _document(root: Any) -> bytes:
    document: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return document
