"""A saved HTML page: the article's paragraphs, its title, dates, author and address; one dispatch a page.

What the page says of itself is asked of, in this order: JSON-LD (schema.org NewsArticle), `meta`, the marks in its text
(`time`, `itemprop`, `rel`). The text is that of the article: navigation, scripts, forms, captions, comments of readers,
links to other articles are left out. Nothing of the page's markup gets any further than this module.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from selectolax.lexbor import LexborHTMLParser, LexborNode

from engine.errors import InputTooLarge, MalformedInput, UndecodableInput
from indexer.dates import Dated, resolve, stamps_of_line, zone_of
from indexer.decode import sniff
from indexer.limits import DEEPEST_HTML, LARGEST_ITEM, LONGEST_VALUE, MOST_HTML_COPIES
from indexer.parse import BYLINE, agency_named
from indexer.raw import Item, RawDispatch, Stated
from indexer.readers.jsonl import (
    DEFAULT_ZONE,
    WEB_ADDRESS,
    check_text,
    decode_head,
    language_of,
    read_dated,
)
from mappings.dispatch import Source

FORMAT = "html"

# What may stand before the first element: blanks, the prolog of XHTML, comments ("saved from url=..."), a doctype.
_PROLOG = re.compile(
    r"(?:\s+|\ufeff|<\?xml[^>]{0,300}\?>|<!--.{0,4000}?-->|<!doctype\s+html[^>]{0,300}>)*", re.I | re.S
)
_ROOT = re.compile(r"<(?:html|head|body|title|meta)[\s>]", re.I)
_DOCTYPE = re.compile(r"<!doctype\s+html[\s>]", re.I)


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` is an HTML page: its doctype, or its first element, is that of one."""
    text = decode_head(head)
    prolog = _PROLOG.match(text)
    end = prolog.end() if prolog else 0
    return bool(_ROOT.match(text, end) or _DOCTYPE.search(text, 0, end))


def read(stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item]:
    """The dispatch of one page (see `indexer.readers`)."""
    raw = stream.read(LARGEST_ITEM + 1)
    if len(raw) > LARGEST_ITEM:
        raise InputTooLarge(f"Page de plus de {LARGEST_ITEM / 1e6:g} Mo : enregistrez-la sans ses images.")
    encoding = encoding_of(raw)
    text, stated = article(raw.decode(encoding))
    source = Source(file=name, format=FORMAT, checksum=hashlib.sha256(raw).hexdigest(), url=stated.url)
    yield RawDispatch(raw, text, encoding, source, file_time=changed, stated=stated)


# --- encoding ------------------------------------------------------------------------------------------------------

# "<meta charset=gbk>", "<meta http-equiv=Content-Type content='text/html; charset=gbk'>", "<?xml encoding='gbk'?>"
_DECLARED = re.compile(
    rb"<(?:meta[^>]{1,400}?charset|\?xml[^>]{1,100}?encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,30})", re.I
)
# Tables that a page may declare; leaves "utf-7", "idna" and other names Python knows
_TABLE = re.compile(
    r"windows-125\d|cp125\d|iso-?8859-\d{1,2}|gb\w+|big5|koi8-[ru]|euc-\w+|shift_jis|mac(?:intosh|-roman)", re.I
)
# What browsers read under a name (WHATWG, Encoding, section 4.2): tables that hold more than the one declared.
_READ_AS = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "macintosh": "mac-roman",
}


def encoding_of(raw: bytes) -> str:
    """The encoding of a page: byte order mark, UTF-8 where it is that, the declared table, else as for any text.

    Raises:
        BinaryInput, UndecodableInput: see `indexer.decode.sniff`.
    """
    declared = _declared(raw)
    try:
        encoding, mark = sniff(io.BytesIO(raw))
    except UndecodableInput:
        if declared is None:
            raise
        return declared
    # A page that is UTF-8 through and through is UTF-8, whatever a server's template declares.
    return encoding if mark or encoding == "utf-8" or declared is None else declared


def _declared(raw: bytes) -> str | None:
    """The table a page declares, when all of it can be read so."""
    found = _DECLARED.search(raw[:8192])
    name = found[1].decode("ascii").lower() if found else ""
    if not _TABLE.fullmatch(name):
        return None
    name = _READ_AS.get(name, name)
    try:
        raw.decode(codecs.lookup(name).name)
    except (LookupError, UnicodeDecodeError):
        return None
    return codecs.lookup(name).name


# --- paragraphs ----------------------------------------------------------------------------------------------------

# Elements that hold no text of the article.
_LEFT_OUT = """
    head title script style noscript template nav aside form iframe svg math button select textarea input object embed
    canvas video audio map menu dialog figure figcaption footer -comment
"""
LEFT_OUT = frozenset(_LEFT_OUT.split())
# Elements that change letters only; those left open are opened again in the next paragraph (HTML, section 13.2.4.3).
_LETTERING = "a b big code em font i nobr s small strike strong tt u"
LETTERING = frozenset(_LETTERING.split())
# Elements that go on within a paragraph; any other begins one and ends one.
_INLINE = """
    abbr acronym bdi bdo cite data del dfn img ins kbd label mark meter q ruby samp span sub sup time var wbr td th
"""
INLINE = LETTERING | frozenset(_INLINE.split())
# What a class or an id that begins so announces: "comments-area", "share-buttons", "related_posts"; leaves "commentary"
NOISE = re.compile(
    r"(?:comments?|commentaires?|respond|share|sharing|partage[rs]?|social|related|lire-aussi|a-lire|newsletter|cookies?|"
    r"consent|breadcrumbs?|sidebar|menu|navbar|navigation|nav|promo|advert\w*|publicite|pub|ads?|sponsor\w*|footer|"
    r"pagination|tags)(?:$|[-_])",
    re.I,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_BLANKS = re.compile(r"[ \t\n\r\f]+")
# A line break, while a paragraph is put together; two of them with nothing between end it.
_BREAK = "\x00"
_BREAKS = re.compile(r"\x00(?:[ \t\n\r\f]*\x00)+")
# A short paragraph of links and little else is a way to another page.
_LINK_SHARE = 0.9
_LONGEST_LINK = 200

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Elements that the next of their kind closes, or that hold nothing.
_CLOSED = """
    p li td th tr dt dd option thead tbody tfoot colgroup
    area base br col embed hr img input link meta param source track wbr
"""
SELF_CLOSED = frozenset(_CLOSED.split())


@dataclass(slots=True)
class _Paragraph:
    """A paragraph being put together: its text, and how much of it is links."""

    pieces: list[str] = field(default_factory=list)
    linked: int = 0

    def take(self) -> Iterator[str]:
        whole = "".join(self.pieces)
        linked, self.linked = self.linked, 0
        self.pieces.clear()
        if len(whole) < _LONGEST_LINK and linked > _LINK_SHARE * len(whole.strip(" \n\r\t\f\x00")):
            return
        for part in _BREAKS.split(whole):
            if words := _BLANKS.sub(" ", part.replace(_BREAK, " ")).strip(" \ufeff\u200b"):
                yield words


def parse(html: str) -> LexborHTMLParser:
    """The tree of a page. MalformedInput for one that would take the parser minutes, or all memory."""
    _refuse_bomb(html)
    # Lexbor stops at a NUL, which HTML has not got; half a character cannot be handed over.
    return LexborHTMLParser(html.replace("\x00", "").encode("utf-8", "replace").decode("utf-8"))


def _refuse_bomb(html: str) -> None:
    depth = lettering = copies = 0
    for found in _TAG.finditer(html):
        name = found[2].lower()
        if name not in SELF_CLOSED:
            step = -1 if found[1] else 1
            depth = max(0, depth + step)
            if name in LETTERING:
                lettering = max(0, lettering + step)
        if not found[1] and name not in INLINE:
            copies += lettering
        if depth > DEEPEST_HTML or copies > MOST_HTML_COPIES:
            raise MalformedInput("HTML aux balises ouvertes sans fin : ce n'est pas une page que l'on puisse lire.")


def paragraphs_of(html: str) -> tuple[str, ...]:
    """The paragraphs of a piece of HTML (the body of a message, of a ninjs item), as plain text."""
    body = parse(html).body
    return tuple(_paragraphs(body, page=False)) if body else ()


def _paragraphs(top: LexborNode, *, page: bool) -> Iterator[str]:
    """The paragraphs under an element. `page`: what surrounds an article is left out too."""
    now = _Paragraph()
    links = verbatim = 0
    node: LexborNode | None = top.first_child
    while node is not None:
        tag = node.tag or ""
        if tag == "-text":
            words = node.text(deep=False) or ""
            now.pieces.append(words.replace("\n", _BREAK) if verbatim else words)
            now.linked += len(words.strip()) if links else 0
        elif tag == "br":
            now.pieces.append(_BREAK)
        elif tag not in LEFT_OUT and not _is_hidden(node, page=page):
            if tag in ("td", "th"):
                now.pieces.append(" ")
            elif tag not in INLINE:
                yield from now.take()
            links += tag == "a"
            verbatim += tag == "pre"
            if node.first_child is not None:
                node = node.first_child
                continue
            links -= tag == "a"
            verbatim -= tag == "pre"
        while node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == top.mem_id:
                yield from now.take()
                return
            links -= node.tag == "a"
            verbatim -= node.tag == "pre"
            if node.tag not in INLINE:
                yield from now.take()
        node = node.next if node is not None else None
    yield from now.take()


def _is_hidden(node: LexborNode, *, page: bool) -> bool:
    said = node.attributes
    if not said:
        return False
    if "hidden" in said or said.get("aria-hidden") == "true" or _HIDDEN.search(said.get("style") or ""):
        return True
    if not page or node.tag in ("html", "body", "main", "p"):
        return False
    names = [*(said.get("class") or "").split(), said.get("id") or "", said.get("role") or ""]
    # A "has-comments" around everything is no comment: what holds the headline or the body stays.
    return any(map(NOISE.match, names)) and not node.css_first("h1, [itemprop~=articleBody]")


# --- the article ---------------------------------------------------------------------------------------------------


def article(html: str) -> tuple[str, Stated]:
    """(text, what is stated) of a page. NoTextInput when there is no article in it."""
    tree = parse(html)
    told = _json_ld(tree)
    top = _container(tree)
    body = list(_paragraphs(top, page=True)) if top else []
    title = _title(tree, top, told)
    author, agency = _signed(tree, told)
    zone = zone_of(agency, DEFAULT_ZONE)
    published = _first_instant(zone, told.get("datePublished"), *_meta(tree, PUBLISHED), *_times(tree, top))
    updated = _first_instant(zone, told.get("dateModified"), *_meta(tree, UPDATED))
    kept: list[str] = []
    for words in body:
        if words == title:
            continue
        if stamps := stamps_of_line(words) if len(words) < _LONGEST_LINK else ():
            # The line says what the tags may say better; without a year it stays, to be placed in time later.
            for stamp in stamps:
                dated = resolve(stamp, zone=zone)
                if dated.moment is None:
                    continue
                if stamp.kind == "updated":
                    updated = updated or dated
                else:
                    published = published or dated
            if published or updated:
                continue
        if len(kept) < 3 and len(words) < _LONGEST_LINK and (found := BYLINE.fullmatch(words)):
            author = author or found["author"]
            continue
        kept.append(words)
    text = "\n".join(kept)
    check_text(text, "Page sans article : ni paragraphe ni texte en dehors de ses menus.")
    return text, Stated(
        title=title,
        paragraphs=tuple(kept),
        agency=agency,
        byline=author,
        language=_language(tree),
        url=_address(tree, html),
    ).dated(published, updated if updated != published else None)


def _container(tree: LexborHTMLParser) -> LexborNode | None:
    """The element that holds the article: as marked, else the one with the longest paragraphs."""
    marked = [(_weight(node), node) for node in tree.css("[itemprop~=articleBody]")]
    if marked and max(marked, key=_by_weight)[0]:
        return max(marked, key=_by_weight)[1]
    parents: dict[int, tuple[int, LexborNode]] = {}
    noisy: dict[int, bool] = {}
    for paragraph in tree.css("p"):
        parent = paragraph.parent
        if parent is not None and not _in_noise(parent, noisy):
            weight, _ = parents.get(parent.mem_id, (0, parent))
            parents[parent.mem_id] = (weight + len(paragraph.text(deep=True)), parent)
    if not parents:
        return tree.css_first("article") or tree.css_first("main, [role=main]") or tree.body
    best = max(parents.values(), key=_by_weight)[1]
    node: LexborNode | None = best
    around = None
    while node is not None:
        if node.tag == "article":
            return node
        if node.tag == "main" or node.attributes.get("role") == "main":
            around = node
        node = node.parent
    return around or best


def _by_weight(weighed: tuple[int, LexborNode]) -> int:
    return weighed[0]


def _weight(node: LexborNode) -> int:
    return len(node.text(deep=True).strip())


def _in_noise(node: LexborNode, known: dict[int, bool]) -> bool:
    """Whether the element or one around it is left out; `known` remembers, by node."""
    path: list[int] = []
    here: LexborNode | None = node
    found = False
    while here is not None:
        if (before := known.get(here.mem_id)) is not None:
            found = before
            break
        path.append(here.mem_id)
        if here.tag in LEFT_OUT or _is_hidden(here, page=True):
            found = True
            break
        here = here.parent
    known.update(dict.fromkeys(path, found))
    return found


# --- what the page says of itself ----------------------------------------------------------------------------------

# Names of `meta` elements (name, property, itemprop, http-equiv left out), in lower case, the surest first.
PUBLISHED = (
    "article:published_time",
    "datepublished",
    "dcterms.issued",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "sailthru.date",
    "parsely-pub-date",
    "pubdate",
    "publishdate",
    "date",
)
UPDATED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
)
AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author")
# Who sent it, where an agency is named as such.
SENDERS = ("source", "dc.source", "dcterms.source", "article:publisher", "dc.publisher", "og:site_name", "copyright")
ARTICLE_TYPES = re.compile(r"(?:\w*NewsArticle|Article|Report|BlogPosting|LiveBlogPosting)")
_MOST_LD = 2_000


def _json_ld(tree: LexborHTMLParser) -> dict[str, Any]:
    """The first article of the page's JSON-LD; empty without one. What is no JSON is passed over: pages are like that."""
    for script in tree.css('script[type="application/ld+json"]'):
        try:
            waiting = [json.loads(script.text(deep=True), strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(_MOST_LD):
            if not waiting:
                break
            here = waiting.pop(0)
            if isinstance(here, list):
                waiting += here[:_MOST_LD]
            elif isinstance(here, dict):
                kinds = here.get("@type")
                if any(isinstance(kind, str) and ARTICLE_TYPES.fullmatch(kind) for kind in _listed(kinds)):
                    return here
                waiting += [here[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in here]
    return {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _name(value: Any) -> str | None:
    """The name of a JSON-LD person or body: a text, an object with a name, or the first of a list."""
    for one in _listed(value):
        name = one.get("name") if isinstance(one, dict) else one
        if isinstance(name, str) and (words := _short(name)):
            return words
    return None


def _short(words: str | None) -> str | None:
    """Words on one line, None when there are none, or more than a name or a title has."""
    bare = _BLANKS.sub(" ", words or "").strip()
    return bare if 0 < len(bare) <= LONGEST_VALUE else None


def _meta(tree: LexborHTMLParser, names: tuple[str, ...]) -> list[str]:
    """The contents of the `meta` elements of those names, in the order of `names`."""
    found: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        said = node.attributes
        name = (said.get("property") or said.get("name") or said.get("itemprop") or "").lower()
        if name in names and (content := _short(said.get("content"))):
            found.setdefault(name, content)
    return [found[name] for name in names if name in found]


def _times(tree: LexborHTMLParser, top: LexborNode | None) -> list[str]:
    """Dates of `time` elements: those marked as the publication's, else the first of the article or of the page."""
    marked = tree.css("[itemprop~=datePublished], time[pubdate]")
    first = [
        node
        for node in (top.css_first("time[datetime]") if top else None, tree.css_first("article time[datetime]"))
        if node
    ]
    values = (node.attributes.get("datetime") or node.attributes.get("content") for node in (*marked, *first))
    return [value for value in values if value]


def _first_instant(zone: str, *values: object) -> Dated | None:
    """The first of them that is a day or more precise, else the first that is a month or a year."""
    texts = (value for value in values if isinstance(value, str))
    dates = [dated for value in texts if (dated := read_dated(value, zone))]
    return next((dated for dated in dates if dated.precision in ("minute", "day")), next(iter(dates), None))


def _title(tree: LexborHTMLParser, top: LexborNode | None, told: Mapping[str, Any]) -> str | None:
    """The headline: in the article, as told to machines, the page's only h1, else the page's title."""
    inside = top.css("h1") if top else []
    alone = tree.css("h1")
    candidates = (
        inside[0].text(deep=True) if len(inside) == 1 else None,
        _name(told.get("headline")),
        *(node.text(deep=True) for node in tree.css("[itemprop~=headline]")[:1]),
        *_meta(tree, ("og:title", "twitter:title")),
        alone[0].text(deep=True) if len(alone) == 1 else None,
        *(node.text(deep=True) for node in tree.css("title")[:1]),
    )
    return next((words for candidate in candidates if (words := _short(candidate))), None)


def _signed(tree: LexborHTMLParser, told: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """(author, agency). An agency that signs is the agency; a publisher is one only when it is known as such."""
    marked = tree.css_first("[itemprop~=author] [itemprop~=name], [itemprop~=author], [rel~=author]")
    candidates = (_name(told.get("author")), *_meta(tree, AUTHORS), _short(marked.text(deep=True)) if marked else None)
    authors = [words for words in candidates if words and not WEB_ADDRESS.match(words)]
    author = next((words for words in authors if not agency_named(words)), None)
    senders = (_name(told.get("sourceOrganization")), _name(told.get("publisher")), *_meta(tree, SENDERS))
    agency = next((name for words in (*authors, *senders) if words and (name := agency_named(words))), None)
    return author, agency


def _language(tree: LexborHTMLParser) -> str | None:
    root = tree.css_first("html")
    said = root.attributes if root else {}
    return language_of(said.get("lang") or said.get("xml:lang"))


# What browsers write at the top of a page they save: "<!-- saved from url=(0031)https://exemple.fr/page -->"
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+?)\s*-->")


def _address(tree: LexborHTMLParser, html: str) -> str | None:
    canonical = tree.css_first("link[rel~=canonical]")
    saved = _SAVED_FROM.search(html[:2000])
    candidates = (
        canonical.attributes.get("href") if canonical else None,
        *_meta(tree, ("og:url",)),
        saved[1] if saved else None,
    )
    return next((words for words in candidates if words and WEB_ADDRESS.fullmatch(words)), None)
