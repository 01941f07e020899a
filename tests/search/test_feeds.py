"""Feeds as feed readers take them, and held against what their specifications require."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser  # type: ignore[import-untyped]
import pytest
from lxml import etree

from search.entries import entry_of
from search.feeds import ATOM, Entry, Feed, atom, rss, tag
from search.formats.place import Place
from search.result import Hit

ENTRY = Entry(
    id=tag("depeche", "d1"),
    title="Accord <signé> & publié",
    link="https://depeches.example/depeches/d1",
    updated=datetime(2022, 8, 8, 7, 0, tzinfo=UTC),
    published=datetime(2022, 8, 8, 6, 52, tzinfo=UTC),
    author="AFP",
    summary="5 < 6 & <script>alert(1)</script>",
    categories=("Diplomatie", "Wang Yi"),
)
FEED = Feed(
    id=tag("recherche", "q=wang"),
    title="Dépêches : wang",
    link="https://depeches.example/?q=wang",
    address="https://depeches.example/api/v1/export.atom?q=wang",
    updated=datetime(2022, 8, 9, tzinfo=UTC),
    entries=(ENTRY, replace(ENTRY, id=tag("depeche", "d2"), published=None)),
)
BOTH = pytest.mark.parametrize("write", [atom, rss])


def one(write: Callable[[Feed], bytes], entry: Entry) -> Any:
    parsed = feedparser.parse(write(replace(FEED, entries=(entry,))))
    assert not parsed.bozo
    (found,) = parsed.entries
    return found


@BOTH
def test_a_reader_sees_the_feed(write: Callable[[Feed], bytes]) -> None:
    parsed = feedparser.parse(write(FEED))
    assert not parsed.bozo
    assert (parsed.feed.title, parsed.feed.link) == (FEED.title, FEED.link)
    assert any(link.rel == "self" and link.href == FEED.address for link in parsed.feed.links)
    assert [entry.id for entry in parsed.entries] == [entry.id for entry in FEED.entries]


@BOTH
def test_a_reader_sees_an_entry(write: Callable[[Feed], bytes]) -> None:
    entry = one(write, ENTRY)
    assert (entry.link, entry.author) == (ENTRY.link, "AFP")
    assert entry.published_parsed[:5] == (2022, 8, 8, 6, 52)
    assert [category.term for category in entry.tags] == ["Diplomatie", "Wang Yi"]


def test_text_is_shown_as_it_is() -> None:
    entry = one(atom, ENTRY)
    assert entry.title_detail.type == entry.summary_detail.type == "text/plain"
    assert (entry.title, entry.summary) == (ENTRY.title, ENTRY.summary)


def test_text_is_no_markup_in_rss() -> None:
    item = etree.fromstring(rss(FEED)).find("channel/item/description")
    assert item is not None
    assert item.text == "5 &lt; 6 &amp; &lt;script&gt;alert(1)&lt;/script&gt;"


@BOTH
def test_an_unknown_date_is_left_out(write: Callable[[Feed], bytes]) -> None:
    assert "published" not in one(write, replace(ENTRY, published=None))


@BOTH
def test_what_xml_cannot_hold_is_no_error(write: Callable[[Feed], bytes]) -> None:
    assert one(write, replace(ENTRY, title="a\x00b\x0bc\ufffed")).title == "a b c d"


def test_atom_has_what_the_rfc_requires() -> None:
    root = etree.fromstring(atom(FEED))
    name = f"{{{ATOM}}}"
    for required in ("id", "title", "updated", "author"):
        assert len(root.findall(name + required)) == 1
    for entry in root.findall(f"{name}entry"):
        for required in ("id", "title", "updated", "author"):
            assert len(entry.findall(name + required)) == 1
        assert entry.find(f"{name}link[@rel='alternate']") is not None
    assert root.findtext(f"{name}updated") == "2022-08-08T07:00:00Z"


def test_rss_has_what_its_specification_requires() -> None:
    channel = etree.fromstring(rss(FEED)).find("channel")
    assert channel is not None
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    assert [guid.get("isPermaLink") for guid in channel.iterfind("item/guid")] == ["false", "false"]


@BOTH
def test_a_feed_of_nothing_is_a_feed(write: Callable[[Feed], bytes]) -> None:
    parsed = feedparser.parse(write(replace(FEED, entries=())))
    assert not parsed.bozo
    assert parsed.feed.updated_parsed[:3] == (2022, 8, 9)


def test_the_same_feed_is_the_same_bytes() -> None:
    assert atom(FEED) == atom(FEED)


@pytest.mark.parametrize(
    ("path", "expected"),
    [(("depeche", "d 1/é"), "tag:depeches.invalid,2026:depeche/d%201%2F%C3%A9"), (("recherche", ""), None)],
)
def test_a_tag_is_a_uri(path: tuple[str, ...], expected: str | None) -> None:
    assert tag(*path).isascii()
    assert expected is None or tag(*path) == expected


@pytest.mark.parametrize(
    ("status", "title"),
    [("current", "Titre"), ("withdrawn", "[Annulée par l'agence] Titre"), ("superseded", "[Remplacée] Titre")],
)
def test_an_entry_says_what_became_of_its_dispatch(status: str, title: str) -> None:
    source = {"id": "d1", "title": "Titre", "status": status, "ingested_at": "2022-08-08T00:00:00.000Z"}
    entry = entry_of(Hit(source, None, None, ()), Place("https://depeches.example", "Europe/Paris"))
    assert entry.title == title
    assert (entry.published, entry.updated) == (None, datetime(2022, 8, 8, tzinfo=UTC))
