"""Saved pages: the article and nothing around it, and what the page says of itself."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import BinaryInput, InputRejected, InputTooLarge, NoTextInput, UndecodableInput
from indexer.limits import LARGEST_ITEM
from indexer.raw import RawDispatch, Stated
from indexer.readers import html_page

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "formats" / "page.html"


def read(raw: bytes) -> RawDispatch:
    (item,) = html_page.read(io.BytesIO(raw), "p.html", None)
    assert isinstance(item, RawDispatch)
    return item


def stated(head: str, body: str = "<p>Un texte.</p>") -> Stated:
    return html_page.article(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>")[1]


def test_the_sample() -> None:
    raw = SAMPLE.read_bytes()
    item = read(raw)
    assert (item.raw, item.encoding, item.source.format) == (raw, "utf-8", "html")
    assert item.source.url == "https://exemple.fr/depeches/horloge-besancon"
    assert item.stated.title == "Besançon remonte son horloge à la main"
    assert (item.stated.byline, item.stated.agency, item.stated.language) == ("Eulalie Tournebise", "AFP", "fr")
    assert item.stated.published == datetime(2023, 10, 28, 6, 15, tzinfo=UTC)
    assert item.stated.updated == datetime(2023, 10, 28, 8, 40, tzinfo=UTC)
    assert item.stated.paragraphs is not None
    assert [paragraph[:22] for paragraph in item.stated.paragraphs] == [
        "BESANÇON, 28 oct 2023 ",
        "Quinze volontaires se ",
        "«\u00a0On ne gagne pas de t",
        "Le passage à l'heure d",
    ]
    assert item.text == "\n".join(item.stated.paragraphs)


# --- paragraphs ----------------------------------------------------------------------------------------------------

PARAGRAPHS = [
    ("<p>a</p><p>b</p>", ["a", "b"]),
    ("<p>a<p>b", ["a", "b"]),
    ("a<b>b</b><i>c</i> d", ["abc d"]),
    ("<p>a\n  b\tc</p>", ["a b c"]),
    ("<p>a&nbsp;! &laquo;&#233;&raquo; &lt;b&gt;</p>", ["a\u00a0! «é» <b>"]),
    ("a<br>b", ["a b"]),
    ("a<br><br/>b<br> <br> <br>c", ["a", "b", "c"]),
    ("a<div>b<span>c</span></div>d", ["a", "bc", "d"]),
    ("<ul><li>a<li>b</ul>", ["a", "b"]),
    ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", ["a b", "c"]),
    ("<pre>a\nb\n\nc</pre>", ["a b", "c"]),
    ("a<!-- b --><script>c</script><style>d</style><template>e</template><noscript>f</noscript>", ["a"]),
    ("<p hidden>a</p><p style='display: none'>b</p><p aria-hidden=true>c</p>d", ["d"]),
    ("<figure>a<figcaption>b</figcaption></figure><nav>c</nav><form>d</form><aside>e</aside>f", ["f"]),
    ("<h2>a</h2>b<hr>c", ["a", "b", "c"]),
    ("<p>a <a href=x>b</a> c</p>", ["a b c"]),
    ("<p><a href=x>b</a></p><p>c</p>", ["c"]),
    ("<p><a href=x>" + "b" * 300 + "</a></p>", ["b" * 300]),
    ("a\x00b", ["ab"]),
    ("<script>document.write('<p>x</p>')</script>", []),
    ("<p><script>alert(1)</script>&lt;script&gt;</p>", ["<script>"]),
    ("", []),
    ("<p> \n&#8203;</p>", []),
]


@pytest.mark.parametrize(("html", "paragraphs"), PARAGRAPHS)
def test_paragraphs(html: str, paragraphs: list[str]) -> None:
    assert html_page.paragraphs_of(html) == tuple(paragraphs)


LONG = "Un paragraphe de l'article, assez long pour que l'on voie que c'en est un."
ARTICLES = [
    f"<div><a href=/>Accueil</a></div><article><p>{LONG}</p></article><div class='related'><p>Autre</p></div>",
    f"<main><p>{LONG}</p></main><footer><p>Mentions légales</p></footer>",
    f"<div id=menu><p>Menu</p></div><div id=texte><p>{LONG}</p></div><div><p>Abonnez-vous</p></div>",
    f"<div role=main><p>{LONG}</p><div class='share-buttons'>Partager</div></div>",
    f"<article><p>Brève</p></article><div><p>{LONG}</p></div><article><p>Autre brève</p></article>",
    f"<div itemprop=articleBody>{LONG}</div><p>{LONG} {LONG} dans un encadré</p>",
    f"<article>{LONG}</article>",
    f"<article><p>{LONG}</p></article><div id=comments><article><p>{LONG} Bravo ! {LONG}</p></article></div>",
    f"<div class='has-comments content'><article><p>{LONG}</p></article></div>",
    f"<div class='ad comments-open'><h1>T</h1><p>{LONG}</p></div>",
    f"<article><p>Par Jo Du</p><p>Publié le 8 août 2022 à 10h15</p><p>{LONG}</p></article>",
]


@pytest.mark.parametrize("body", ARTICLES)
def test_the_article_without_what_surrounds_it(body: str) -> None:
    assert html_page.article(f"<html><title>T</title><body>{body}")[0] == LONG


@pytest.mark.parametrize("body", ["", "<nav><p>Menu</p></nav>", "<p>--</p>", "<script>x</script>"])
def test_a_page_without_article(body: str) -> None:
    with pytest.raises(NoTextInput):
        html_page.article(f"<html><head><title>Titre</title></head><body>{body}</body></html>")


# --- what the page says of itself ----------------------------------------------------------------------------------

SAID = [
    ("<title>a</title>", "", "title", "a"),
    ("<title>a</title><meta property=og:title content='b'>", "", "title", "b"),
    ("<title>a</title>", "<h1>Un\n titre</h1>", "title", "Un titre"),
    ("<title>a</title>", "<h1>Le site</h1><h1>b</h1>", "title", "a"),
    ("<title>a</title>", "<article><h1>b</h1><p>Un article.</p></article><h1>d</h1>", "title", "b"),
    ('<script type="application/ld+json">{"@type": "NewsArticle", "headline": "b"}</script>', "", "title", "b"),
    ("<meta name=author content='Jo Du'>", "", "byline", "Jo Du"),
    ("<meta name=author content='AFP'>", "", "byline", None),
    ("<meta name=author content='AFP'>", "", "agency", "AFP"),
    ("<meta name=author content='https://exemple.fr/jo'>", "", "byline", None),
    ("<meta name=source content='Xinhua'>", "", "agency", "Xinhua"),
    ("<meta property=og:site_name content='Le Journal'>", "", "agency", None),
    ("", "<p>Par Jo Du</p>", "byline", "Jo Du"),
    ("", "<a rel=author>Jo Du</a>", "byline", "Jo Du"),
    ("<link rel=canonical href='https://exemple.fr/a'>", "", "url", "https://exemple.fr/a"),
    ("<link rel=canonical href='javascript:alert(1)'>", "", "url", None),
    (
        "<link rel=canonical href='/a'><meta property=og:url content='https://exemple.fr/b'>",
        "",
        "url",
        "https://exemple.fr/b",
    ),
    ("<!-- saved from url=(0020)https://exemple.fr/c -->", "", "url", "https://exemple.fr/c"),
]
EIGHT = datetime(2022, 8, 8, 6, 15, tzinfo=UTC)
DATES = [
    ("<meta property=article:published_time content='2022-08-08T08:15:00+02:00'>", "", EIGHT, None),
    ("<meta name=Date content='bientôt'><meta name=pubdate content='2022-08-08T06:15:00Z'>", "", EIGHT, None),
    ("", "<p><time datetime='2022-08-08T06:15:00Z'>hier</time> on</p>", EIGHT, None),
    ("", "<p>Publié le 8 août 2022 à 08h15</p>", EIGHT, None),
    ("", "<p>Mis à jour le 8 août 2022 à 08h15</p>", None, EIGHT),
    (
        '<script type="application/ld+json">[{"@type": "WebSite"}, {"@graph": [{"@type": ["Article"], '
        '"datePublished": "2022-08-08T06:15:00Z", "dateModified": "2022-08-08T06:15:00Z"}]}]</script>',
        "",
        EIGHT,
        None,
    ),
    (
        '<script type="application/ld+json">{pas du JSON</script>'
        "<meta property=article:published_time content='2022-08-08T06:15:00Z'>",
        "",
        EIGHT,
        None,
    ),
    ("<meta name=date content='2022-99-99'>", "", None, None),
]


@pytest.mark.parametrize(("head", "body", "field", "value"), SAID)
def test_what_the_page_says_of_itself(head: str, body: str, field: str, value: str | None) -> None:
    assert getattr(stated(head, body + "<p>Un texte.</p>"), field) == value


@pytest.mark.parametrize(("head", "body", "published", "updated"), DATES)
def test_dates(head: str, body: str, published: datetime | None, updated: datetime | None) -> None:
    said = stated(head, body + "<p>Un texte.</p>")
    assert (said.published, said.updated) == (published, updated)


def test_a_date_without_a_year_stays_in_the_text_to_be_placed_later() -> None:
    text, said = html_page.article("<p>Dernière mise à jour à 08h52 le 08/08</p><p>Un texte.</p>")
    assert text == "Dernière mise à jour à 08h52 le 08/08\nUn texte."
    assert (said.published, said.updated) == (None, None)


# --- encodings -----------------------------------------------------------------------------------------------------

TEXT = "L'été à Nîmes, où ça, forêt, Français, cœur"
ENCODINGS = [
    ("utf-8", "", "utf-8"),
    ("utf-8", "<meta charset=iso-8859-1>", "utf-8"),  # templates lie
    ("cp1252", "", "cp1252"),
    ("cp1252", "<meta charset=ISO-8859-1>", "cp1252"),
    ("cp1252", "<meta charset=utf-7>", "cp1252"),
    ("iso8859-15", '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">', "iso8859-15"),
    ("utf-16", "", "utf-16-le"),
]


@pytest.mark.parametrize(("written", "meta", "encoding"), ENCODINGS)
def test_encodings(written: str, meta: str, encoding: str) -> None:
    item = read(f"<html><head>{meta}</head><body><p>{TEXT}</p></body></html>".encode(written))
    assert (item.text, item.encoding) == (TEXT, encoding)


def test_a_page_in_gbk_that_says_so() -> None:
    text = "La Chine (中国) et la forêt à Pékin".replace("ê", "è")
    item = read(f"<meta charset=gb2312><p>{text}</p>".encode("gbk"))
    assert (item.text, item.encoding) == (text, "gb18030")


def test_broken_and_binary_pages() -> None:
    with pytest.raises(UndecodableInput):
        read("<p>été, forêt, où</p>".encode() + b"<p>\xe9</p>")
    with pytest.raises(BinaryInput):
        read(b"<p>a\x00b</p>")


# --- sizes ---------------------------------------------------------------------------------------------------------


def test_too_large() -> None:
    with pytest.raises(InputTooLarge):
        read(b"<p>" + b"x" * LARGEST_ITEM)


BOMBS = {
    "nested": "<div>" * 1_000_000 + "x",
    "copies": "".join(f"<font size={size}>" for size in range(300)) + "<p>x" * 100_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_pages_that_would_take_minutes_are_refused(bomb: str) -> None:
    with pytest.raises(InputRejected, match="balises ouvertes sans fin"):
        html_page.article(BOMBS[bomb])


HARMLESS = {
    "nested": "<div>" * 9_000 + "<p>texte",
    "broken tags": "<" * 500_000 + " texte",
    "comment without end": "<p>texte</p><!-- " + "- " * 500_000,
    "attributes": "<p " + "a=b " * 200_000 + ">texte</p>",
    "drawing": "<svg>" + "<path d='M0 0'/>" * 5_000 + "</svg><p>texte</p>",
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("page", HARMLESS)
def test_odd_pages_take_a_moment(page: str) -> None:
    assert "texte" in html_page.article(HARMLESS[page])[0]


# --- recognised by content -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (b"<!DOCTYPE html><html>", True),
        (b"\n  <html lang=fr>", True),
        (b"<!-- saved from url=(0020)https://exemple.fr/ -->\n<HTML>", True),
        (b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "x" "y">\n<html xmlns="z">', True),
        ("<html>".encode("utf-16"), True),
        (b"<body>", True),
        (b'<?xml version="1.0"?><newsItem><html>', False),
        (b"<nitf><head><title>", False),
        (b"<rss><channel>", False),
        (b"<p>Un texte</p>", False),
        (b"Un texte <html>", False),
        (b"<!-- sans fin", False),
        (b"", False),
    ],
)
def test_looks_like(head: bytes, known: bool) -> None:
    assert html_page.looks_like(head) is known


@pytest.mark.parametrize(
    ("head", "body", "precision"),
    [
        ("<meta name=date content='2022-08-08'>", "<p>Un texte.</p>", "day"),
        ("<meta name=date content='2022-08'>", "<p>Un texte.</p>", "month"),
        ("<meta name=date content='2022-08'><meta name=pubdate content='2022-08-08'>", "<p>Un texte.</p>", "day"),
        ("<meta name=date content='2022-08-08T10:00'>", "<p>Un texte.</p>", "minute"),
        ("", "<p>Publié le 8 août 2022</p><p>Un texte.</p>", "day"),
        ("", "<p>Publié le 8 août 2022 à 10h</p><p>Un texte.</p>", "minute"),
    ],
)
def test_how_much_of_a_date_is_said(head: str, body: str, precision: str) -> None:
    said = stated(head, body)
    assert said.published is not None
    assert said.published_precision == precision
