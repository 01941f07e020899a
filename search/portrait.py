"""One actor, place or subject: since when, with whom, where, about what, what was last said. Pure.

    facet, value -> the body of one search, counts with it -> `Portrait`

All is counted among the dispatches in force that have the value: what a search for it finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authorities.model import PATH_SEPARATOR, fold
from mappings.dispatch import Precision, path_levels
from mappings.fields import FACET_FIELDS, FACETS, Facet
from search.facets import MOST_FREQUENT, clause
from search.known import Known
from search.request import FacetFilter, SearchRequest
from search.result import FacetValue, OftenWith, Timeline
from search.together import candidates

Body = dict[str, Any]

# The facets whose values have a page of their own, and those whose most frequent values it lists.
PORTRAYED = ("actor", "venue", "topic")
COUNTED = ("venue", "topic", "agency")

# Of whom it is told that they are often with the value.
COMPANY = "actor"

# Of each facet, the most frequent values: those of a dispatch, not the levels above them.
MOST_VALUES = 8

# The newest dispatches listed.
MOST_LATEST = 8

# What was said last: how many of it, and of one dispatch.
MOST_SAID, MOST_OF_A_DISPATCH = 6, 2

# Dispatches read to find it: of a story told by ten agencies each has the same words.
READ_FOR_SAYINGS = 30

# Shorter is a word held at a distance ("« opération spéciale »"), not a statement.
LEAST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody said in a dispatch. `rank`: which of its quotes, from 0; `direct`: in the very words."""

    speaker: str
    text: str
    direct: bool
    dispatch: str
    title: str
    rank: int
    agency: str | None
    published: datetime | None
    date_precision: Precision
    date_text: str | None


@dataclass(frozen=True, slots=True)
class Portrait:
    """What the archive has of one value.

    Args:
        kind: what it is; None where nobody says.
        known: what the authorities know of it; None where it was found in texts alone.
        total: dispatches in force that have it; undated: those of them without a date.
        company: actors that are with it more than with the rest of the archive.
        counted: by facet, the most frequent values with it.
        latest: the newest dispatches, as a list of results has their sources.
    """

    facet: str
    value: str
    kind: str | None
    known: Known | None
    total: int
    undated: int
    timeline: Timeline | None
    company: OftenWith
    counted: Mapping[str, tuple[FacetValue, ...]]
    said: tuple[Saying, ...]
    latest: tuple[Mapping[str, Any], ...]


def request_of(facet: str, value: str) -> SearchRequest:
    """The search that finds what is portrayed."""
    return SearchRequest(
        filters={facet: FacetFilter(any=(value,))},
        sort="newest",
        size=MOST_LATEST,
        facets=(),
        often_with=COMPANY,
        highlight=False,
    )


def counts(facet: str, value: str) -> Body:
    """What is counted beside the timeline."""
    others = {
        name: {"terms": {"field": FACET_FIELDS[name], "size": MOST_VALUES + 1, "order": MOST_FREQUENT}}
        for name in COUNTED
    }
    return others | {"company": candidates(FACETS[COMPANY], ()), "said": _sayings(facet, value)}


def _sayings(facet: str, value: str) -> Body:
    """The newest dispatches in which the value speaks; of a place or a subject, in which anybody does."""
    speakers = FACETS["speaker"]
    anybody: Body = {"exists": {"field": speakers.levels}}
    speaking = clause(speakers, FacetFilter(any=(value,))) if facet == "actor" else anybody
    fields = ["id", "story", "title", "agency", "published", "date_precision", "date_text", "quotes"]
    newest = {
        "size": READ_FOR_SAYINGS,
        "sort": [{"published": {"order": "desc", "missing": "_last"}}, {"id": {"order": "asc"}}],
        "_source": fields,
    }
    return {"filter": speaking, "aggs": {"newest": {"top_hits": newest}}}


def read_counted(counted: Mapping[str, Any], facet: str, value: str) -> dict[str, tuple[FacetValue, ...]]:
    """The most frequent values of every facet, but for the value itself and the levels above it."""
    own = {value, *path_levels(value)} if facet in COUNTED else set()
    return {
        name: tuple(
            FacetValue(bucket["key"], bucket["key"].split(PATH_SEPARATOR)[-1], bucket["doc_count"], selected=False)
            for bucket in counted[name]["buckets"]
            if name != facet or bucket["key"] not in own
        )[:MOST_VALUES]
        for name in COUNTED
    }


def read_sayings(counted: Mapping[str, Any], facet: str, value: str) -> tuple[Saying, ...]:
    """What was said last, the newest first: one dispatch of a story, nothing twice."""
    stories: set[str] = set()
    said: dict[str, Saying] = {}
    for hit in counted["said"]["newest"]["hits"]["hits"]:
        source = hit["_source"]
        if source["story"] in stories:
            continue
        of_it = [each for each in _said_in(source, value if facet == "actor" else None) if fold(each.text) not in said]
        # In the very words before what is reported, in the order of the text.
        chosen = sorted(
            sorted(of_it, key=lambda each: not each.direct)[:MOST_OF_A_DISPATCH], key=lambda each: each.rank
        )
        if chosen:
            stories.add(source["story"])
            said |= {fold(each.text): each for each in chosen}
    return tuple(said.values())[:MOST_SAID]


def _said_in(source: Mapping[str, Any], speaker: str | None) -> Iterator[Saying]:
    for rank, quote in enumerate(source.get("quotes", ())):
        if speaker is not None and fold(quote["speaker"]) != fold(speaker):
            continue
        if len(quote["text"].split()) < LEAST_WORDS:
            continue
        yield Saying(
            speaker=quote["speaker"],
            text=" ".join(quote["text"].split()),
            direct=quote["direct"],
            dispatch=source["id"],
            title=source["title"],
            rank=rank,
            agency=source.get("agency"),
            published=datetime.fromisoformat(source["published"]) if source.get("published") else None,
            date_precision=source["date_precision"],
            date_text=source.get("date_text"),
        )


def as_written(facet: Facet, value: str, sources: Sequence[Mapping[str, Any]]) -> str:
    """The value as dispatches have it, whatever the case and accents it was asked in; as asked where none has it."""
    wanted = fold(value)
    for source in sources:
        for written in source.get(FACET_FIELDS[facet.name], ()):
            for level in path_levels(written) if facet.hierarchical else [written]:
                if wanted in (fold(level), fold(level.split(PATH_SEPARATOR)[-1])):
                    return level
    return value
