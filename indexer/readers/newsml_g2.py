"""NewsML-G2 (IPTC, 2.x): a newsItem alone, or a newsMessage of any number of items.

Every item of a message ends as a dispatch, as a rejection, or as skipped: packages, pictures, plans are no dispatches.
`raw` is the file as it is when it holds one item, else the item's element written out again by itself, in UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from lxml import etree

from engine.errors import NoTextInput
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
    local,
    number,
    paragraphs,
    place_of,
    read_items,
    root_name,
    under,
    unique,
    usage_of,
    without,
    words,
)
from indexer.sources import Skipped

FORMAT = "newsml-g2"

NAMESPACE = "http://iptc.org/std/nar/2006-10-01/"

# Items of the standard (section "Item types") that are no dispatches, and why.
OTHERS = {
    "packageItem": "Un packageItem ne fait que renvoyer à d'autres éléments, qui sont lus s'ils sont dans le fichier",
    "conceptItem": "Un conceptItem décrit une notion, ce n'est pas une dépêche",
    "knowledgeItem": "Un knowledgeItem décrit un vocabulaire, ce n'est pas une dépêche",
    "planningItem": "Un planningItem annonce une couverture, ce n'est pas une dépêche",
    "catalogItem": "Un catalogItem décrit des vocabulaires, ce n'est pas une dépêche",
}
TAGS = tuple(f"{{{NAMESPACE}}}{name}" for name in ("newsItem", *OTHERS))

# Kinds of things that subjects may be, beside topics (CV cpnature): who and where, which the archive finds in the text.
_NO_TOPICS = frozenset(("geoArea", "person", "organisation", "poi", "event", "object", "animal", "plant"))


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` is NewsML-G2: its root element is one of the standard's."""
    space, name = root_name(head)
    return space == NAMESPACE and (name in ("newsMessage", "newsItem") or name in OTHERS)


def read(stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item | Skipped]:
    """The dispatches of one NewsML-G2 file (see `indexer.readers`)."""
    yield from read_items(stream, name, changed, form=FORMAT, tags=TAGS, understand=said)


def said(item: etree._Element) -> list[tuple[str, Stated]]:
    """(text, what is stated) of an item.

    Raises:
        NoTextInput: it has no text and withdraws none. NoDispatch: it is none, but a package, a picture, a plan.
    """
    if reason := OTHERS.get(local(item)):
        raise NoDispatch(reason)
    meta, about = first(item, "itemMeta"), first(item, "contentMeta")
    language = _language(item, about)
    text, body, inner = _content(item)
    title = _headline(about, language) or words(first(meta, "title")) or (inner.title if inner else None)
    slug = words(first(about, "slugline"))
    if inner:
        body = inner.body(title, slug)
    elif body is not None:
        body = without(body, title)
    usage = usage_of(_code(first(meta, "pubStatus")))
    notes = unique(words(note) for note in find(meta, "edNote"))
    if body is not None:
        text = "\n".join(body)
    if not text:
        if other := _other_class(item, meta):
            raise NoDispatch(f"Élément de classe « {other} » : seuls les textes entrent dans l'archive.")
        if usage != "canceled":
            raise NoTextInput(_missing(item))
        body = notes or unique((title,))
        text = "\n".join(body)
    agency = _agency(meta, about, inner)
    version = instant(words(first(meta, "versionCreated")), agency)
    created = (words(first(meta, "firstCreated")), words(first(about, "contentCreated")))
    published = next((moment for told in created if (moment := instant(told, agency))), version)
    updated = later(instant(words(first(about, "contentModified")), agency), published) or later(version, published)
    embargoed = first(meta, "embargoed")
    embargo = instant(words(embargoed), agency)
    if embargoed is not None and embargo is None and usage == "usable":
        usage = "withheld"  # an embargo without an end
    return [
        (
            text,
            Stated(
                id=attribute(item, "guid"),
                version=number(attribute(item, "version"), 0, 10**9),
                title=title,
                paragraphs=body,
                agency=agency,
                byline=_byline(about, agency) or (inner.byline if inner else None),
                dateline=_dateline(about) or (inner.dateline if inner else None),
                credits=_credits(item, about, agency, inner),
                language=language,
                subjects=_subjects(about),
                slug=slug,
                urgency=number(words(first(about, "urgency")), 1, 9),
                usage=usage,
                embargo=embargo.moment if embargo else None,
                corrects=_corrects(meta, notes),
            ).dated(published, updated),
        )
    ]


def _code(element: etree._Element | None) -> str | None:
    return attribute(element, "qcode") or attribute(element, "uri") or attribute(element, "literal")


def _language(item: etree._Element, about: etree._Element | None) -> str | None:
    inline = next(find(item, "contentSet/inlineXML"), None)
    tags = (attribute(first(about, "language"), "tag"), attribute(inline, XML_LANG), attribute(item, XML_LANG))
    return next((language for tag in tags if (language := language_of(tag))), None)


def _headline(about: etree._Element | None, language: str | None) -> str | None:
    """The headline in the dispatch's language, else the first; the alternatives to the main one are passed over."""
    lines = [line for line in find(about, "headline") if words(line)]
    lines.sort(key=lambda line: number(attribute(line, "rank"), 0, 10**9) or 0)
    own = (line for line in lines if language_of(attribute(line, XML_LANG)) == language)
    return words(next(own, lines[0] if lines else None))


def _content(item: etree._Element) -> tuple[str, tuple[str, ...] | None, nitf.Content | None]:
    """(plain text, paragraphs, NITF) of the rendition that says most: those of one contentSet say the same."""
    best: tuple[str, tuple[str, ...] | None, nitf.Content | None] = ("", (), None)
    size = 0
    for rendition in find(item, "contentSet/inlineXML"):
        for root in rendition.iterchildren("*"):
            inner = nitf.content(root) if local(root) == "nitf" else None
            body = inner.paragraphs if inner else _xhtml(root)
            if sum(map(len, body)) > size:
                size, best = sum(map(len, body)), ("", body, inner)
    for rendition in find(item, "contentSet/inlineData"):
        if (attribute(rendition, "encoding") or "").lower() == "base64":
            continue
        plain = "".join(str(piece) for piece in rendition.itertext())
        html = "html" in (attribute(rendition, "contenttype") or "")
        told = paragraphs_of(plain) if html else None
        length = sum(map(len, told)) if told is not None else len(plain.strip())
        if length > size:
            size, best = length, ("" if html else plain.strip("\r\n"), told, None)
    return best


def _xhtml(root: etree._Element) -> tuple[str, ...]:
    """The paragraphs of an XHTML document; its `header` with the title, dates and keywords is said by the item."""
    headers = [header for header in under(root, "header") if next(under(header, "h1"), None) is not None]
    return paragraphs(root, headers)


def _other_class(item: etree._Element, meta: etree._Element | None) -> str | None:
    """The class of an item that is no text ("picture", "video"; CV ninature), else that of its renditions."""
    kind = (_code(first(meta, "itemClass")) or "").rpartition(":")[2].rpartition("/")[2]
    if kind:
        return kind if kind not in ("text", "composite") else None
    # "image/jpeg" -> "image": a picture whose item does not say what it is
    media = [attribute(one, "contenttype") or "" for one in find(item, "contentSet/remoteContent")]
    kinds = {one.partition("/")[0] for one in media}
    return kinds.pop() if len(kinds) == 1 and kinds <= {"image", "video", "audio"} else None


def _missing(item: etree._Element) -> str:
    if first(item, "contentSet/remoteContent") is not None:
        return "Le contenu n'est pas dans le fichier (remoteContent) : il n'y a pas de texte."
    return "Ni inlineXML ni inlineData : il n'y a pas de texte."


def _agency(meta: etree._Element | None, about: etree._Element | None, inner: nitf.Content | None) -> str | None:
    """Of the provider, the sources, the credit line, the first that is a known agency; else the first named."""
    candidates: list[str | None] = []
    for party in (*find(meta, "provider"), *find(about, "infoSource")):
        candidates += (attribute(party, "qcode"), attribute(party, "literal"), *map(words, find(party, "name")))
        candidates.append((attribute(party, "uri") or "").rstrip("/").rpartition("/")[2])
    candidates.append(words(first(about, "creditline")))
    candidates.append(inner.distributor if inner else None)
    return agency_of(candidates)


def _byline(about: etree._Element | None, agency: str | None) -> str | None:
    """The `by` line, else the creators; an agency is no author."""
    by = unique(author(words(line)) for line in find(about, "by"))
    people = (
        words(first(creator, "name")) or attribute(creator, "literal") or words(creator)
        for creator in find(about, "creator")
    )
    named = by or unique(name for name in people if name and agency_of((name,)) != agency)
    return ", ".join(named) or None


def _dateline(about: etree._Element | None) -> str | None:
    located = first(about, "located")
    return place_of(words(first(about, "dateline"))) or words(first(located, "name")) or attribute(located, "literal")


def _credits(
    item: etree._Element, about: etree._Element | None, agency: str | None, inner: nitf.Content | None
) -> tuple[str, ...]:
    lines = (line for line in map(words, find(about, "creditline")) if line and agency_of((line,)) != agency)
    rights = map(words, find(item, "rightsInfo/copyrightNotice"))
    return unique((*lines, *(inner.credits if inner else ()), *rights))


def _subjects(about: etree._Element | None) -> tuple[str, ...]:
    """Media Topics by their codes; old Subject Codes by theirs and their names; other topics by their names."""
    told: list[str | None] = []
    for subject in find(about, "subject"):
        same = (_code(one) for one in find(subject, "sameAs"))
        codes = [code for said in (_code(subject), *same) if said and (code := iptc_code(said))]
        topics = [code for code in codes if code.startswith("medtop:")]
        kind = (attribute(subject, "type") or "").rpartition(":")[2]
        if topics:
            told.append(topics[0])
        elif kind not in _NO_TOPICS:
            told += (*codes[:1], words(first(subject, "name")) or attribute(subject, "literal"))
    return unique(told)


def _corrects(meta: etree._Element | None, notes: tuple[str, ...]) -> bool:
    """By its signal (CV signal: `sig:correction`), else by the editor's note."""
    signals = ((_code(signal) or "").rpartition(":")[2].rpartition("/")[2] for signal in find(meta, "signal"))
    return "correction" in signals or any(map(CORRECTS.search, notes))
