"""NITF 3.x (IPTC): one dispatch a file, or the content of a NewsML item.

`raw` is the file as it is. The standard's DTD is not fetched: entities it declares ("&eacute;") are read as HTML does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from lxml import etree

from engine.errors import NoTextInput
from indexer.dates import Dated
from indexer.raw import Item, Stated
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

FORMAT = "nitf"


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` is NITF: its root element is `nitf`."""
    return root_name(head)[1] == "nitf"


def read(stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item | Skipped]:
    """The dispatch of one NITF file (see `indexer.readers`)."""
    yield from read_items(stream, name, changed, form=FORMAT, tags=("{*}nitf",), understand=said)


@dataclass(frozen=True, slots=True)
class Content:
    """What the `body` of a document says.

    Args:
        subtitles: lines under the title and summaries, in their order.
        credits: of its pictures. distributor: who sends it, as written.
    """

    title: str | None
    subtitles: tuple[str, ...]
    paragraphs: tuple[str, ...]
    byline: str | None
    dateline: str | None
    dated: str | None
    credits: tuple[str, ...]
    distributor: str | None

    def body(self, title: str | None, *known: str | None) -> tuple[str, ...]:
        """The paragraphs under `title`: subtitles that say something else first, then the text."""
        text = without(self.paragraphs, title)
        return (*unrepeated(self.subtitles, text, title, *known), *text)


def content(nitf: etree._Element) -> Content:
    """The content of a `nitf` element."""
    body = first(nitf, "body")
    head = first(body, "body.head")
    titles = [
        told for name in ("hl1", "hl2") for line in find(head, f"hedline/{name}") for told in (words(line),) if told
    ]
    abstract = [line for part in find(head, "abstract") for line in paragraphs(part)]
    dateline = first(head, "dateline")
    dated = [*under(dateline, "story.date")] if dateline is not None else []
    parts = [part for name in ("body.content", "body.end") for part in find(body, name)]
    if body is not None and first(body, "body.content") is None:
        parts = [body]
    outside = [head] if head is not None else []
    producers = [producer for part in parts for producer in under(part, "media-producer")]
    return Content(
        title=titles[0] if titles else None,
        subtitles=(*titles[1:], *abstract),
        paragraphs=tuple(line for part in parts for line in paragraphs(part, [*outside, *producers])),
        byline=_byline(head),
        dateline=_dateline(dateline, dated),
        dated=attribute(dated[0], "norm") if dated else None,
        credits=unique(words(producer) for producer in producers),
        distributor=words(first(head, "distributor")),
    )


def _byline(head: etree._Element | None) -> str | None:
    """The authors, without their functions (`byttl`)."""
    bylines = []
    for line in find(head, "byline"):
        told = " ".join(paragraphs(line, list(under(line, "byttl")))).strip(" ,;-")
        bylines.append(author(told))
    return ", ".join(told for told in bylines if told) or None


def _dateline(dateline: etree._Element | None, dated: list[etree._Element]) -> str | None:
    if dateline is None:
        return None
    location = first(dateline, "location")
    if location is not None and (place := words(first(location, "city")) or place_of(words(location))):
        return place
    return place_of(" ".join(paragraphs(dateline, dated)))


def said(nitf: etree._Element) -> list[tuple[str, Stated]]:
    """(text, what is stated) of a document; NoTextInput when it has no text and withdraws none."""
    document = first(nitf, "head/docdata")
    found = content(nitf)
    title = found.title or words(first(nitf, "head/title"))
    agency = agency_of(
        (
            found.distributor,
            attribute(first(document, "doc-id"), "regsrc"),
            attribute(first(document, "doc.copyright"), "holder"),
        )
    )
    status = attribute(document, "management-status")
    slug = _slug(document)
    body = found.body(title, slug)
    notes = unique(attribute(note, "info") or words(note) for note in find(document, "ed-msg"))
    if not found.paragraphs and usage_of(status) == "canceled":
        body = notes or unique((title,))
    elif not body:
        raise NoTextInput("Document NITF sans texte : ni body.content, ni body.end.")
    issued = instant(attribute(first(document, "date.issue"), "norm") or found.dated, agency)
    published = issued or instant(attribute(first(nitf, "head/pubdata"), "date.publication"), agency)
    release = instant(attribute(first(document, "date.release"), "norm"), agency)
    held = (status or "").lower() == "embargoed"
    revisions = (instant(attribute(one, "norm"), agency) for one in find(nitf, "head/revision-history"))
    revised = max((one for one in revisions if one), key=_moment, default=None)
    embargo = release if held else later(release, published) if published else None
    key = first(document, "du-key")
    return [
        (
            "\n".join(body),
            Stated(
                id=attribute(first(document, "doc-id"), "id-string"),
                version=number(attribute(key, "version"), 0, 10**9),
                title=title,
                paragraphs=body,
                agency=agency,
                byline=found.byline or _writer(nitf),
                dateline=found.dateline,
                credits=found.credits,
                language=language_of(_language(nitf)),
                subjects=_subjects(nitf),
                slug=slug,
                urgency=number(attribute(first(document, "urgency"), "ed-urg"), 1, 9),
                # An embargo without an end: it is not to be published until the agency says so.
                usage="withheld" if held and release is None else usage_of(status),
                embargo=embargo.moment if embargo else None,
                corrects=first(document, "correction") is not None or any(map(CORRECTS.search, notes)),
            ).dated(published or release, later(revised, published)),
        )
    ]


def _moment(dated: Dated) -> datetime:
    return dated.moment or datetime.min.replace(tzinfo=UTC)


def _language(nitf: etree._Element) -> str | None:
    places = (nitf, first(nitf, "body"))
    return next((tag for place in places if (tag := attribute(place, XML_LANG))), attribute(nitf, "baselang"))


def _writer(nitf: etree._Element) -> str | None:
    """Who wrote the first revision."""
    writers = (one for one in find(nitf, "head/revision-history") if attribute(one, "function") == "writer-author")
    return next((name for one in writers if (name := attribute(one, "name"))), None)


def _slug(document: etree._Element | None) -> str | None:
    key = attribute(first(document, "du-key"), "key")
    keywords = unique(attribute(keyword, "key") for keyword in find(document, "key-list/keyword"))
    return key or "-".join(keywords) or attribute(first(document, "fixture"), "fix-id")


def _subjects(nitf: etree._Element) -> tuple[str, ...]:
    """Codes of IPTC's lists; of a subject that has none, its name."""
    told: list[str | None] = []
    for subject in find(nitf, "head/tobject/tobject.subject"):
        owner = attribute(subject, "tobject.subject.ipr") or "IPTC"
        code = iptc_code(attribute(subject, "tobject.subject.refnum")) if owner.upper() == "IPTC" else None
        levels = (attribute(subject, f"tobject.subject.{level}") for level in ("detail", "matter", "type"))
        told.append(code or next(filter(None, levels), None))
    return unique(told)
