"""RSS and Atom: what is read from which element."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputRejected, NoTextInput
from indexer.raw import Item, RawDispatch, Rejection
from indexer.readers import feeds
from indexer.sources import Skipped

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "formats"
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/"'
)


def read(raw: str) -> list[Item | Skipped]:
    return [*feeds.read(io.BytesIO(raw.encode()), "f.xml", None)]


def rss(item: str, channel: str = "") -> RawDispatch:
    (found,) = read(f'<rss version="2.0" {SPACES}><channel>{channel}<item>{item}</item></channel></rss>')
    assert isinstance(found, RawDispatch), found
    return found


def atom(entry: str, feed: str = "", attributes: str = "") -> RawDispatch:
    (found,) = read(f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}>{feed}<entry>{entry}</entry></feed>')
    assert isinstance(found, RawDispatch), found
    return found


def sample(name: str) -> list[RawDispatch]:
    with (SAMPLES / name).open("rb") as stream:
        return [item for item in feeds.read(stream, name, None) if isinstance(item, RawDispatch)]


def test_the_rss_sample_is_read_whole() -> None:
    first, second = sample("rss.xml")
    said = first.stated
    assert said.id == "belga-exemple-2023-0911"
    assert said.title == "Anvers: le port teste des remorqueurs à hydrogène"
    assert said.paragraphs is not None
    assert len(said.paragraphs) == 3
    assert said.paragraphs[2] == "Le coût de l’essai n’a pas été précisé."
    assert "publicité" not in first.text
    assert said.published == datetime(2023, 9, 11, 8, 12, tzinfo=UTC)
    assert (said.agency, said.byline, said.language) == ("Belga", "Wout Delcour", "fr")
    assert said.subjects == ("Transports", "medtop:20000337")
    assert said.credits == ("Belga/Dirk Vermaelen",)
    assert first.source.url == said.url == "https://exemple.invalid/economie/remorqueurs"
    assert second.stated.paragraphs is not None
    assert len(second.stated.paragraphs) == 2
    assert second.position == 1


def test_the_atom_sample_is_read_whole() -> None:
    first, second = sample("atom.xml")
    assert first.stated.published == datetime(2024, 11, 5, 14, 30, tzinfo=UTC)
    assert first.stated.updated == datetime(2024, 11, 5, 16, 45, tzinfo=UTC)
    assert (first.stated.agency, first.stated.byline) == ("APS", "Nadia Belhocine-Amrane")
    assert first.stated.subjects == ("medtop:20000002", "Conte")
    assert first.text.endswith("français;\nun atelier pour les écoles.")
    assert second.stated.title == "Tlemcen : la médiathèque Les Oliviers ouvre un fonds de partitions"
    assert second.stated.published == datetime(2024, 11, 4, 10, 0, tzinfo=UTC)
    assert second.stated.updated is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<rss version="2.0">', True),
        ('<?xml version="1.0"?>\n<!-- a -->\n<feed xmlns="http://www.w3.org/2005/Atom">', True),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">', True),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://xmlns.com/foaf/0.1/">', False),
        ("<feed>", False),
        ("<html>", False),
        ("<nitf>", False),
    ],
)
def test_it_knows_its_own(head: str, expected: bool) -> None:
    assert feeds.looks_like(head.encode()) is expected


def test_rss_1_is_read() -> None:
    found = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        f'{SPACES}><channel rdf:about="u"><title>TAP - Culture</title><dc:language>fr</dc:language></channel>'
        '<item rdf:about="https://exemple.invalid/1"><title>Titre</title><link>https://exemple.invalid/1</link>'
        "<description>Un texte.</description><dc:date>2022-08-08T12:00:00+02:00</dc:date></item></rdf:RDF>"
    )
    assert isinstance(found[0], RawDispatch)
    said = found[0].stated
    assert (said.title, said.paragraphs, said.agency) == ("Titre", ("Un texte.",), "TAP")
    assert said.published == datetime(2022, 8, 8, 10, 0, tzinfo=UTC)
    assert said.url == "https://exemple.invalid/1"


@pytest.mark.parametrize(
    ("item", "field", "expected"),
    [
        ("<title>AT&amp;amp;T &amp;eacute;t&amp;eacute;</title>", "title", "AT&T été"),
        ("<title>R &amp; D</title>", "title", "R & D"),
        ("<title>&lt;b&gt;Gras&lt;/b&gt;</title>", "title", "Gras"),
        ("<guid>1</guid>", "id", "1"),
        ("<link>https://exemple.invalid/1</link>", "id", "https://exemple.invalid/1"),
        ("<link>javascript:alert(1)</link>", "url", None),
        ("<pubDate>Mon, 08 Aug 2022 12:00:00 +0200</pubDate>", "published", datetime(2022, 8, 8, 10, 0, tzinfo=UTC)),
        ("<pubDate>Mon, 08 Aug 2022 10:00:00 GMT</pubDate>", "published", datetime(2022, 8, 8, 10, 0, tzinfo=UTC)),
        ("<pubDate>2022-08-08 12:00:00</pubDate>", "published", datetime(2022, 8, 8, 10, 0, tzinfo=UTC)),
        ("<pubDate>lundi dernier</pubDate>", "published", None),
        ("<author>desk@exemple.fr (Jean Dupont)</author>", "byline", "Jean Dupont"),
        ("<author>desk@exemple.fr</author>", "byline", None),
        ("<dc:creator>AFP</dc:creator>", "byline", None),
        ("<dc:creator>AFP</dc:creator>", "agency", "AFP"),
        ("<dc:publisher>Agence Belga</dc:publisher>", "agency", "Belga"),
        ("<dc:publisher>Gazette</dc:publisher>", "agency", "Gazette"),
        ("<category>Sport</category><category>Sport</category>", "subjects", ("Sport",)),
        ("<dc:language>nl</dc:language>", "language", "nl"),
    ],
)
def test_what_an_item_says(item: str, field: str, expected: Any) -> None:
    assert getattr(rss(item + "<description>Un texte.</description>").stated, field) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [("AFP - Monde", "AFP"), ("Dépêches | Belga", "Belga"), ("Reuters: monde", "Reuters"), ("Le Monde", None)],
)
def test_the_feeds_title_names_a_known_agency_only(title: str, expected: str | None) -> None:
    assert rss("<description>Un texte.</description>", f"<title>{title}</title>").stated.agency == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("<description>Un</description><content:encoded>&lt;p&gt;Deux&lt;/p&gt;</content:encoded>", ("Deux",)),
        ("<description>Un\n\nDeux</description>", ("Un", "Deux")),
        ("<description>Un&lt;br/&gt;&lt;br/&gt;Deux</description>", ("Un", "Deux")),
        ("<description><![CDATA[<p>L&rsquo;eau</p><script>x()</script>]]></description>", ("L’eau",)),
        ("<description><![CDATA[<p onclick='x()'>L&#146;eau</p>]]></description>", ("L’eau",)),
        ("<title>Titre</title><description>&lt;h1&gt;Titre&lt;/h1&gt;&lt;p&gt;Un&lt;/p&gt;</description>", ("Un",)),
        ("<description>C:\\temp</description>", ("C:\\temp",)),
    ],
)
def test_the_text(item: str, expected: tuple[str, ...]) -> None:
    found = rss(item)
    assert found.stated.paragraphs == expected
    assert found.text == "\n".join(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('<content type="text">3 &lt; 4</content>', ("3 < 4",)),
        ('<content type="html">&lt;p&gt;Un&lt;/p&gt;Deux</content>', ("Un", "Deux")),
        ('<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Un</p></div></content>', ("Un",)),
        ("<summary>Un</summary>", ("Un",)),
        ('<summary>Un</summary><content type="text">Deux</content>', ("Deux",)),
    ],
)
def test_the_text_of_an_atom_entry(content: str, expected: tuple[str, ...]) -> None:
    assert atom(content).stated.paragraphs == expected


def test_the_language_of_the_feed_is_that_of_its_entries() -> None:
    assert atom("<summary>Un</summary>", attributes='xml:lang="fr-FR"').stated.language == "fr"
    assert rss("<description>Un</description>", "<language>fr-be</language>").stated.language == "fr"


def test_the_only_entry_of_a_feed_keeps_its_bytes_others_are_by_themselves() -> None:
    raw = '<rss version="2.0"><channel><item><guid>é</guid><description>Un</description></item>\n</channel></rss>'
    (alone,) = read(raw)
    assert isinstance(alone, RawDispatch)
    assert alone.raw == raw.encode()
    first, second = read(raw.replace("\n", "<item><description>Deux</description></item>"))
    assert isinstance(first, RawDispatch)
    assert isinstance(second, RawDispatch)
    assert b"<guid>\xc3\xa9</guid>" in first.raw
    assert b"Deux" not in first.raw
    assert b"Un" not in second.raw


def test_an_entry_without_text_is_rejected_and_the_next_is_read() -> None:
    found = read(
        '<rss version="2.0"><channel><item><title>Titre seul</title></item>\n'
        "<item><description>Un</description></item></channel></rss>"
    )
    assert [type(item) for item in found] == [Rejection, RawDispatch]
    assert isinstance(found[0], Rejection)
    assert isinstance(found[0].error, NoTextInput)


def test_the_entries_before_a_break_are_read() -> None:
    found = read('<rss version="2.0"><channel><item><description>Un</description></item>\n<item><title>R & D</title>')
    assert isinstance(found[0], RawDispatch)
    assert isinstance(found[1], Rejection)
    assert "ligne 2" in found[1].error.detail


def test_entities_of_a_doctype_are_refused() -> None:
    with pytest.raises(InputRejected, match="DOCTYPE"):
        read(
            '<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><item><description>&a;</description></item></channel></rss>'
        )


@pytest.mark.parametrize(
    ("date", "precision"),
    [
        ("<pubDate>Mon, 08 Aug 2022 00:00:00 GMT</pubDate>", "minute"),
        ("<dc:date>2022-08-08</dc:date>", "day"),
        ("<dc:date>2022-08</dc:date>", "month"),
        ("<pubDate>Mon, 08 Aug 2022</pubDate>", "day"),
    ],
)
def test_how_much_of_a_date_is_said(date: str, precision: str) -> None:
    said = rss(f"<title>T</title><description>Un texte.</description>{date}").stated
    assert said.published is not None
    assert said.published_precision == precision
