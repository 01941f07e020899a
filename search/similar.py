"""Dispatches on the same matter as another, but of other stories, and the words that say so. Pure.

significant words of the dispatch, its actors, venues and topics -> one search, each a named clause -> those near enough

Elasticsearch's `more_like_this` finds fewer and cannot say by which words: bench/similar.py, decision 0019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mappings.dispatch import Dispatch
from search.compile import NOT_LISTED, Body
from search.facets import CURRENT_STATUSES
from search.result import Hit
from search.significant import Significant, whole_text, written

DEFAULT_SIZE, LARGEST_SIZE = 5, 20

# How near two dispatches are: the score of one for the other's words, as a part of the other's own score for them. From
# here on more than half of what is found is on the same matter (bench/similar.py, measured on the even half of PIAF).
NEAR_ENOUGH = 0.15


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts beside a word of the body, which counts 1: the same word in the title, values that both have."""

    title: float = 0.5
    actors: float = 1.0
    venues: float = 0.5
    topics: float = 0.5


# Twice as much of all values, or of the title, or nothing of it: precision@5 within 0.025 (bench/similar.py). Without
# values 0.05 less on WiNER.
WEIGHTS = Weights()
SHARED = ("actors", "venues", "topics")

# Words and values. Of a dispatch of few words that others use, two are already a great part.
LEAST_IN_COMMON = 3

# Words told of one match.
MOST_TOLD = 6


@dataclass(frozen=True, slots=True)
class Similar:
    """A dispatch on the same matter. `words`: what both say, as the one asked about writes it, the most telling first.

    `nearness`: 0 nothing in common, 1 all. `shared`: values both have, by field (actors, venues, topics).
    """

    hit: Hit
    nearness: float
    words: tuple[str, ...]
    shared: dict[str, tuple[str, ...]]


def itself(dispatch: Dispatch, words: Sequence[Significant], weights: Weights = WEIGHTS) -> Body:
    """The search that says how high a dispatch scores for its own words."""
    return {
        "query": {"bool": {"should": _clauses(dispatch, words, weights), "filter": [{"term": {"id": dispatch.id}}]}},
        "size": 1,
        "_source": False,
        "track_total_hits": False,
    }


def others(dispatch: Dispatch, words: Sequence[Significant], size: int, weights: Weights = WEIGHTS) -> Body:
    """The search for the nearest dispatches in force of other stories, the nearest of each."""
    same: list[Body] = [{"term": {"id": dispatch.id}}, {"term": {"story": dispatch.story}}]
    if dispatch.cluster:
        same.append({"term": {"cluster": dispatch.cluster}})
    return {
        "query": {
            "bool": {
                "should": _clauses(dispatch, words, weights),
                "minimum_should_match": LEAST_IN_COMMON,
                "filter": [{"terms": {"status": list(CURRENT_STATUSES)}}],
                "must_not": same,
            }
        },
        "collapse": {"field": "story"},
        "size": size,
        "_source": {"excludes": NOT_LISTED},
        "track_total_hits": False,
    }


def _clauses(dispatch: Dispatch, words: Sequence[Significant], weights: Weights) -> list[Body]:
    told: list[Body] = [
        {
            "bool": {
                "should": [
                    {"term": {"body": {"value": word.term, "boost": word.often}}},
                    {"term": {"title": {"value": word.term, "boost": weights.title}}},
                ],
                "_name": word.term,
            }
        }
        for word in words
    ]
    # How rare a value is counts by itself: the score of a keyword is its idf.
    shared: list[Body] = [
        {"term": {name: {"value": value, "boost": getattr(weights, name)}}}
        for name in SHARED
        for value in getattr(dispatch, name)
    ]
    return told + shared


def read_similar(answer: Body, own: Body, dispatch: Dispatch, words: Sequence[Significant]) -> tuple[Similar, ...]:
    """Those found that are near enough, the nearest first. `own`: the answer to `itself`."""
    best = own["hits"]["hits"]
    if not best or not best[0]["_score"]:
        return ()
    text = whole_text(dispatch.body)
    found: list[Similar] = []
    for hit in answer["hits"]["hits"]:
        nearness = min(1.0, hit["_score"] / best[0]["_score"])
        if nearness < NEAR_ENOUGH:
            break
        met = set(hit.get("matched_queries", ()))
        told = written([word for word in words if word.term in met], text)[:MOST_TOLD]
        found.append(
            Similar(Hit(hit["_source"], hit["_score"], None, ()), nearness, tuple(told), _shared(dispatch, hit))
        )
    return tuple(found)


def _shared(dispatch: Dispatch, hit: Body) -> dict[str, tuple[str, ...]]:
    source: dict[str, Any] = hit["_source"]
    return {name: tuple(value for value in getattr(dispatch, name) if value in source.get(name, ())) for name in SHARED}
