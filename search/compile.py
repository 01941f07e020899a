"""A request becomes the body Elasticsearch gets. Pure: the same request gives the same body, whoever asks.

The text a reader typed reaches only queries that analyse words or take them as they are, never a query parser of
Elasticsearch. How each node becomes a clause: `search/clauses.py`.
"""

from __future__ import annotations

from itertools import pairwise

from mappings.fields import FACETS, Facet
from mappings.french import only_stop_words
from search.clauses import DOCUMENT, EXACT, Body, all_of, day_range, form_of, some_of
from search.facets import aggregations, clauses, filters_in_force
from search.language import Query
from search.marking import highlight
from search.questions import least_of
from search.request import Dated, SearchRequest, Sort
from search.timeline import Chronology

__all__ = [
    "Body",
    "compile_inside",
    "compile_request",
    "compile_timeline",
    "day_range",
    "matching",
    "order",
    "required",
]

# Neighbours in the query that are neighbours in the dispatch, up to three words between: two words side by side in an
# article, MRR 0.866 without, 0.909 with (the whole query as one loose phrase of 8, in title and body: 0.897); three words
# 0.970, 0.977. Words that are no neighbours lose nothing (0.954). Of a longer query, the first pairs.
NEARNESS_SLOP = 3
NEARNESS_BOOST = 2.0
MOST_PAIRS = 8

# Of some words, those found as typed: PIAF 0.786 -> 0.794; with 1.0, AfriQA 0.792 -> 0.785.
EXACT_BOOST = 0.5

# The beginnings of words, so that "élire" is near "élection": questions PIAF 0.792 -> 0.798, AfriQA 0.775 -> 0.792.
ROOT = "body.root"

# What a list of results does not show; the dispatch itself is one request away.
NOT_LISTED = [
    *("raw", "body", "readings_*", "mentions", "repairs", "doubts", "*_levels", "*_names", "*_inner"),
    *(facet.of_kind(kind) for facet in FACETS.values() for kind in facet.told_apart),
    *("received", "cluster", "bands", "status_seq", "settled", "back_load"),
]


def required(query: Query) -> list[Body]:
    """What a dispatch must meet: the words, in any form, every quotation, as it stands, and what else is asked."""
    if query.asks != "all":
        words = query.telling
        return [some_of(words, least_of(len(words), query.asks), DOCUMENT)]
    return all_of(query.nodes, DOCUMENT, query.timezone)


def compile_query(query: Query) -> Body:
    """The scoring part of the body: what must be met, and what makes a dispatch that meets it better."""
    if not query.nodes:
        return {"match_all": {}}
    if query.speaker:
        return {"bool": {"must": required(query)}}
    if query.asks != "all":
        return _some_of_the_words(query)
    words = query.words
    better: list[Body] = []
    if words and form_of(words) != EXACT:
        # A word found as typed, accents apart, is worth more than another form of it (two rare words: 0.913 -> 0.954).
        better.append(DOCUMENT.words(words, EXACT))
    better += _neighbours([word for word in words.split() if not only_stop_words(word)])
    return {"bool": {"must": required(query), "should": better}}


def _neighbours(words: list[str]) -> list[Body]:
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    near: Body = {"type": "phrase", "fields": ["title", "body"], "slop": NEARNESS_SLOP, "boost": NEARNESS_BOOST}
    return [{"multi_match": {"query": pair, **near, "zero_terms_query": "none"}} for pair in pairs[:MOST_PAIRS]]


def _some_of_the_words(query: Query) -> Body:
    """What is asked in many words: near a dispatch's own, in the same form, of the same root.

    No loose phrase: few words of a question stand together (WiNER 0.903 -> 0.900).
    """
    words = " ".join(query.telling)
    as_typed = DOCUMENT.any_words(words, EXACT, EXACT_BOOST)
    return {"bool": {"must": required(query), "should": [as_typed, {"match": {ROOT: words}}]}}


def period(request: SearchRequest, timezone: str) -> list[Body]:
    """The filters of when a dispatch was published, and of whether that is known."""
    return day_range(request.date_from, request.date_to, timezone) + dated_filter(request.dated)


def dated_filter(dated: Dated | None) -> list[Body]:
    """The filter of dispatches whose date is known (`yes`), or is not (`no`)."""
    known: Body = {"exists": {"field": "published"}}
    if dated is None:
        return []
    return [known if dated == "yes" else {"bool": {"must_not": [known]}}]


# Ties are broken by id, so that a page is the same whichever shard or copy answers. An unknown date sorts last.
ORDERS: dict[Sort, list[Body]] = {
    "relevance": [
        {"_score": {"order": "desc"}},
        {"published": {"order": "desc", "missing": "_last"}},
        {"id": {"order": "asc"}},
    ],
    "newest": [{"published": {"order": "desc", "missing": "_last"}}, {"id": {"order": "asc"}}],
    "oldest": [{"published": {"order": "asc", "missing": "_last"}}, {"id": {"order": "asc"}}],
}

_FLIP = {"asc": "desc", "desc": "asc", "_last": "_first"}


def order(sort: Sort, *, backward: bool = False) -> list[Body]:
    """The `sort` of a search; `backward` is its exact reverse, to page towards the beginning."""
    if not backward:
        return ORDERS[sort]
    return [
        {name: {key: _FLIP[value] for key, value in spec.items()} for name, spec in clause.items()}
        for clause in ORDERS[sort]
    ]


def compile_request(request: SearchRequest, query: Query, timezone: str) -> Body:
    """The whole body, but for where a cursor says to go on.

    One more hit than asked is fetched: it says whether there is a next page.
    """
    filters = filters_in_force(request)
    body: Body = {
        "query": {
            "bool": {
                "must": [compile_query(query)],
                "filter": period(request, timezone),
            }
        },
        "post_filter": {"bool": {"filter": clauses(filters)}},
        "aggs": aggregations(request, timezone),
        "size": request.size + 1,
        "sort": order(request.order),
        "track_total_hits": True,
        "track_scores": True,
        "_source": {"excludes": NOT_LISTED},
    }
    if not request.facets:
        # Nothing is counted beside the filters: let them narrow the search itself, which is cheaper.
        body["query"]["bool"]["filter"] += body.pop("post_filter")["bool"]["filter"]
    if not body["aggs"]:
        del body["aggs"]
    if request.highlight and (marks := highlight(query)):
        body["highlight"] = marks
    return body


def matching(request: SearchRequest, query: Query, timezone: str, *, but: str | None = None) -> Body:
    """The filter of the dispatches that a whole search finds, leaving out what is asked of the facet named `but`."""
    return {
        "bool": {"filter": [*required(query), *period(request, timezone), *clauses(filters_in_force(request), but=but)]}
    }


def compile_inside(request: SearchRequest, query: Query, timezone: str, facet: Facet, aggs: Body) -> Body:
    """The body that counts values of one facet under the query and every filter but its own."""
    return {
        "query": matching(request, query, timezone, but=facet.name),
        "size": 0,
        "track_total_hits": False,
        "aggs": aggs,
    }


def compile_timeline(request: SearchRequest, query: Query, timezone: str, chronology: Chronology) -> Body:
    """The body that counts the dispatches a request finds over time, and nothing else."""
    return {
        "query": matching(request, query, timezone),
        "size": 0,
        "track_total_hits": False,
        "aggs": {"timeline": chronology.counts([])},
    }
