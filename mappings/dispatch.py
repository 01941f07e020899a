"""The noun of the archive: one dispatch, as loading makes it and reading gives it back.

`Dispatch` is a value; dicts exist only at the Elasticsearch edge (`to_document`, `from_document`).
What each field means is in `mappings/fields.py`; a test compares the two.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from authorities.model import PATH_SEPARATOR

Status = Literal["current", "superseded", "corrected", "withdrawn"]
Precision = Literal["minute", "day", "month", "year", "unknown"]
Basis = Literal["stated", "weekday", "reference", "neighbour", "file", "unknown"]

# What those who act, and places, may be: kinds of mentions.
ACTOR_KINDS = ("person", "organisation", "state")
PLACE_KINDS = ("state", "city", "region")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a dispatch came from. `checksum` is the SHA-256 of the raw bytes, in hex."""

    file: str | None = None
    format: str = "text"
    checksum: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in the text: `surface` is `body[paragraph][start:end]` (paragraph -1: the title)."""

    label: str
    kind: str  # person | organisation | state | region | country | city | place
    paragraph: int
    start: int
    end: int
    surface: str
    rule: str


@dataclass(frozen=True, slots=True)
class Repair:
    """One letter given back: `lost` stood at `offset` of paragraph `paragraph` of the *repaired* body.

    Paragraph -1 is the title; -2 all else (an author, a credit), by its offset in the whole text.

    `confidence` is in 0..1. Offsets are those of the text after every repair, so that a page can mark them.
    """

    paragraph: int
    offset: int
    lost: str
    restored: str
    confidence: float
    rule: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A damaged word left as it came: `body[paragraph][start:end]` (paragraph -1: the title).

    `readings`: what it may have been, the likeliest first.

    A reading is as long as the word, so that a search that finds a reading marks the word.
    """

    paragraph: int
    start: int
    end: int
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """`body[paragraph][start:end]` is what `speaker` (a canonical label) says.

    `direct`: in the very words, the inside of quotation marks; else the clause that reports them.
    """

    speaker: str
    paragraph: int
    start: int
    end: int
    direct: bool


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A dispatch ready to index. `body` is a tuple of paragraphs; instants are aware, in UTC.

    Args:
        date_text: the date as written, where its year is not.
        received: what came beside the text, as JSON values (`indexer/received.py`): with `raw`, enough to read it anew.
        cluster: the least id of all dispatches that likeness links to it; its story is decided with theirs.
        bands: keywords that near-duplicates have in common (`indexer/minhash.py`).
        status_seq: the `ingest_seq` of the dispatch that changed its status after it had entered; 0 when none did.
        settled: False while its story's other members have yet to be told of it.
        back_load: it entered with old files, which alerts pass over.
    """

    id: str
    body: tuple[str, ...]
    title: str
    title_derived: bool
    lead: str
    raw: bytes
    raw_encoding: str
    source: Source = field(default_factory=Source)
    story: str = ""
    version: int = 1
    status: Status = "current"
    agency: str | None = None
    agency_id: str | None = None
    slug: str | None = None
    urgency: int | None = None
    embargo: datetime | None = None
    subjects: tuple[str, ...] = ()
    author: str | None = None
    credits: tuple[str, ...] = ()
    language: str = "fr"
    published: datetime | None = None
    updated: datetime | None = None
    date_precision: Precision = "unknown"
    date_basis: Basis = "unknown"
    date_text: str | None = None
    ingested_at: datetime | None = None
    ingest_seq: int = 0
    actors: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    quotes: tuple[Quote, ...] = ()
    repairs: tuple[Repair, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    received: dict[str, Any] = field(default_factory=dict)
    cluster: str = ""
    bands: tuple[str, ...] = ()
    status_seq: int = 0
    settled: bool = True
    back_load: bool = False

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who is quoted, each once, in the order of the text."""
        return tuple(dict.fromkeys(quote.speaker for quote in self.quotes))


def instant(moment: datetime | None) -> str | None:
    """An aware datetime as ISO 8601 in UTC with milliseconds: `2022-08-08T00:52:00.000Z`."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def pack_raw(raw: bytes, encoding: str) -> dict[str, str]:
    """Bytes as a JSON object that gives them back exactly: as text where decoding is lossless, else base64."""
    try:
        text = raw.decode(encoding)
        if text.encode(encoding) == raw:
            return {"encoding": encoding, "text": text}
    except (UnicodeError, LookupError):
        pass
    return {"encoding": encoding, "base64": base64.b64encode(raw).decode("ascii")}


def unpack_raw(packed: Mapping[str, str]) -> bytes:
    """The bytes `pack_raw` was given."""
    if "base64" in packed:
        return base64.b64decode(packed["base64"])
    return packed["text"].encode(packed["encoding"])


def path_levels(path: str) -> list[str]:
    """Every level of a path, each as a path: `"A > B > C"` -> `["A", "A > B", "A > B > C"]`."""
    parts = path.split(PATH_SEPARATOR)
    return [PATH_SEPARATOR.join(parts[: depth + 1]) for depth in range(len(parts))]


def _path_fields(name: str, paths: tuple[str, ...]) -> dict[str, list[str]]:
    """`venues`, and what facets and filters need of them: every level as a path, those with another below, their names."""
    levels = list(dict.fromkeys(level for path in paths for level in path_levels(path)))
    return {
        f"{name}s": list(paths),
        f"{name}_levels": levels,
        f"{name}_inner": list(dict.fromkeys(level for path in paths for level in path_levels(path)[:-1])),
        # A filter may name a whole path or a last part: both are here.
        f"{name}_names": list(dict.fromkeys([*levels, *(level.split(PATH_SEPARATOR)[-1] for level in levels)])),
    }


def kind_fields(
    name: str, values: tuple[str, ...], kinds: tuple[str, ...], mentions: tuple[Mention, ...]
) -> dict[str, list[str]]:
    """`actors` by what they are, as their mentions say it: `actors_person`, and so on. Who is not mentioned is in none."""
    said: dict[str, Counter[str]] = {value: Counter() for value in values}
    for mention in mentions:
        if mention.label in said and mention.kind in kinds:
            said[mention.label][mention.kind] += 1
    fields: dict[str, list[str]] = {f"{name}_{kind}": [] for kind in kinds}
    for value, counts in said.items():
        if counts:
            fields[f"{name}_{counts.most_common(1)[0][0]}"].append(value)
    return fields


# Readings of one damaged word that can be searched for; each takes a field of its own (`mappings/fields.py`).
MOST_READINGS = 3


def readings_fields(title: str, body: tuple[str, ...], doubts: tuple[Doubt, ...]) -> dict[str, list[str]]:
    """Title and body once more, with damaged words as they may have been: `readings_1` by the likeliest, and so on.

    Of paragraphs without such a word only the length is kept, in blanks: what is found in these fields stands at the
    same place of `body`, and is marked there.
    """
    fields: dict[str, list[str]] = {}
    for rank in range(MOST_READINGS):
        told = [doubt for doubt in doubts if len(doubt.readings) > rank]
        doubtful = {doubt.paragraph for doubt in told}
        if -1 in doubtful:
            fields.setdefault("title_readings", []).append(_read(title, -1, told, rank))
        if doubtful - {-1}:
            fields[f"readings_{rank + 1}"] = [
                _read(text, at, told, rank) if at in doubtful else " " * len(text) for at, text in enumerate(body)
            ]
    return fields


def _read(text: str, paragraph: int, doubts: list[Doubt], rank: int) -> str:
    for doubt in doubts:
        if doubt.paragraph == paragraph:
            text = text[: doubt.start] + doubt.readings[rank] + text[doubt.end :]
    return text


def to_document(dispatch: Dispatch) -> dict[str, Any]:
    """The Elasticsearch document of a dispatch; absent values are left out, so that `missing` counts them."""
    document: dict[str, Any] = {
        "id": dispatch.id,
        "story": dispatch.story or dispatch.id,
        "version": dispatch.version,
        "status": dispatch.status,
        "title": dispatch.title,
        "title_derived": dispatch.title_derived,
        "lead": dispatch.lead,
        "body": list(dispatch.body),
        "agency": dispatch.agency,
        "agency_id": dispatch.agency_id,
        "slug": dispatch.slug,
        "urgency": dispatch.urgency,
        "embargo": instant(dispatch.embargo),
        "subjects": list(dispatch.subjects),
        "author": dispatch.author,
        "credits": list(dispatch.credits),
        "language": dispatch.language,
        "source": {
            "file": dispatch.source.file,
            "format": dispatch.source.format,
            "checksum": dispatch.source.checksum,
            "url": dispatch.source.url,
        },
        "published": instant(dispatch.published),
        "updated": instant(dispatch.updated),
        "date_precision": dispatch.date_precision,
        "date_basis": dispatch.date_basis,
        "date_text": dispatch.date_text,
        "ingested_at": instant(dispatch.ingested_at),
        "ingest_seq": dispatch.ingest_seq,
        "actors": list(dispatch.actors),
        **kind_fields("actors", dispatch.actors, ACTOR_KINDS, dispatch.mentions),
        **_path_fields("venue", dispatch.venues),
        **_path_fields("topic", dispatch.topics),
        "places": list(dispatch.places),
        **kind_fields("places", dispatch.places, PLACE_KINDS, dispatch.mentions),
        "mentions": [
            {
                "label": m.label,
                "kind": m.kind,
                "paragraph": m.paragraph,
                "start": m.start,
                "end": m.end,
                "surface": m.surface,
                "rule": m.rule,
            }
            for m in dispatch.mentions
        ],
        "speakers": list(dispatch.speakers),
        **kind_fields("speakers", dispatch.speakers, ACTOR_KINDS, dispatch.mentions),
        "quotes": [
            {
                "speaker": q.speaker,
                "text": dispatch.body[q.paragraph][q.start : q.end],
                "paragraph": q.paragraph,
                "start": q.start,
                "end": q.end,
                "direct": q.direct,
            }
            for q in dispatch.quotes
        ],
        "repairs": [
            {
                "paragraph": r.paragraph,
                "offset": r.offset,
                "from": r.lost,
                "to": r.restored,
                "confidence": r.confidence,
                "rule": r.rule,
            }
            for r in dispatch.repairs
        ],
        "repaired": bool(dispatch.repairs) or None,
        "doubts": [
            {"paragraph": d.paragraph, "start": d.start, "end": d.end, "readings": list(d.readings)}
            for d in dispatch.doubts
        ],
        **readings_fields(dispatch.title, dispatch.body, dispatch.doubts),
        "raw": pack_raw(dispatch.raw, dispatch.raw_encoding),
        "received": dispatch.received or None,
        "cluster": dispatch.cluster or None,
        "bands": list(dispatch.bands),
        "status_seq": dispatch.status_seq or None,
        "settled": dispatch.settled,
        "back_load": dispatch.back_load or None,
    }
    document["source"] = {k: v for k, v in document["source"].items() if v is not None}
    return {key: value for key, value in document.items() if value is not None and value != []}


def from_document(document: Mapping[str, Any]) -> Dispatch:
    """The dispatch a document holds; the inverse of `to_document`."""
    source = document.get("source", {})
    raw = document.get("raw", {"encoding": "utf-8", "text": ""})
    return Dispatch(
        id=document["id"],
        story=document.get("story", document["id"]),
        version=document.get("version", 1),
        status=document.get("status", "current"),
        title=document["title"],
        title_derived=document.get("title_derived", False),
        lead=document.get("lead", ""),
        body=tuple(document.get("body", ())),
        agency=document.get("agency"),
        agency_id=document.get("agency_id"),
        slug=document.get("slug"),
        urgency=document.get("urgency"),
        embargo=_moment(document.get("embargo")),
        subjects=tuple(document.get("subjects", ())),
        author=document.get("author"),
        credits=tuple(document.get("credits", ())),
        language=document.get("language", "fr"),
        source=Source(
            file=source.get("file"),
            format=source.get("format", "text"),
            checksum=source.get("checksum"),
            url=source.get("url"),
        ),
        published=_moment(document.get("published")),
        updated=_moment(document.get("updated")),
        date_precision=document.get("date_precision", "unknown"),
        date_basis=document.get("date_basis", "unknown"),
        date_text=document.get("date_text"),
        ingested_at=_moment(document.get("ingested_at")),
        ingest_seq=document.get("ingest_seq", 0),
        actors=tuple(document.get("actors", ())),
        venues=tuple(document.get("venues", ())),
        topics=tuple(document.get("topics", ())),
        places=tuple(document.get("places", ())),
        mentions=tuple(
            Mention(m["label"], m["kind"], m["paragraph"], m["start"], m["end"], m["surface"], m["rule"])
            for m in document.get("mentions", ())
        ),
        quotes=tuple(
            Quote(q["speaker"], q["paragraph"], q["start"], q["end"], q["direct"]) for q in document.get("quotes", ())
        ),
        repairs=tuple(
            Repair(r["paragraph"], r["offset"], r["from"], r["to"], r["confidence"], r["rule"])
            for r in document.get("repairs", ())
        ),
        doubts=tuple(
            Doubt(d["paragraph"], d["start"], d["end"], tuple(d["readings"])) for d in document.get("doubts", ())
        ),
        raw=unpack_raw(raw),
        raw_encoding=raw["encoding"],
        received=dict(document.get("received", {})),
        cluster=document.get("cluster", ""),
        bands=tuple(document.get("bands", ())),
        status_seq=document.get("status_seq", 0),
        settled=document.get("settled", True),
        back_load=document.get("back_load", False),
    )
