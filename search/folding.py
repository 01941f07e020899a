"""Stories as results: in what order they come, what is shown of each, and how a page of them is read.

A story stands where the best-placed of its dispatches found stands, its *first*; shown is the newest found. The first
page is Elasticsearch's `collapse`, which cannot be continued after a sort value. So the following ones are read round
by round, and nothing is remembered from page to page:

    dispatches after the cursor -> their stories -> the first of each (collapse) -> those firsts that are after the cursor

until the page is full. A round leaves out the stories known from earlier ones, so one of 10,000 dispatches costs no more than
another, and reads more than the last. A page that is not full after the last round is given as it is, with a cursor
to where reading stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import BadCursor
from search.compile import NOT_LISTED, ORDERS, Body, order
from search.facets import clauses, filters_in_force
from search.request import SearchRequest, Sort
from search.result import Folded

Ask = Callable[[Body], Body]

# Dispatches read for each result of the page in the first round, what each round reads of the one before, and the
# most a round may read (Elasticsearch's own limit). Five rounds read some 15,000 dispatches: only in the last pages of
# large archives sorted by relevance, where nearly every dispatch belongs to a story already seen, is that not enough.
READ_PER_RESULT, GROWTH, LARGEST_ROUND, MOST_ROUNDS = 3, 4, 10_000, 5

# The most Elasticsearch allows. Up to as many, stories are counted to within one in a thousand (17,467 for 17,465 when
# tried), beyond to within a few percent.
NEAR_STORIES = 40_000

# Agencies named of one story.
MOST_AGENCIES = 10

# Which dispatch of a story is the newest: of the same moment (often a day, where that is all that is known), the
# highest version.
NEWEST: list[Body] = [
    {"published": {"order": "desc", "missing": "_last"}},
    {"version": {"order": "desc"}},
    {"id": {"order": "asc"}},
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a story stands: the sort values of its first dispatch."""

    story: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The stories of one page, in order, and the answer of the engine that counts what was found.

    `start` and `end` are the sort values to go on from in either direction; None where nothing is known to follow.
    """

    places: tuple[Place, ...]
    answer: Body
    start: tuple[Any, ...] | None
    end: tuple[Any, ...] | None
    took_ms: int


def first_page(ask: Ask, request: SearchRequest, body: Body) -> Page:
    """The stories a list begins with. `body` is the compiled request."""
    answer = ask(_counting(request, body) | {"collapse": {"field": "story"}, "size": request.size + 1})
    places = [_place(hit) for hit in answer["hits"]["hits"]]
    shown = tuple(places[: request.size])
    return Page(shown, answer, None, shown[-1].values if len(places) > request.size else None, answer["took"])


def page_beside(
    ask: Ask, request: SearchRequest, body: Body, bare: Body, after: tuple[Any, ...], *, backward: bool
) -> Page:
    """The stories after (or before) these sort values.

    Args:
        body: the compiled request; bare: the same with nothing counted, its filters narrowing the search itself.

    Raises:
        BadCursor: `after` are no sort values of this order.
    """
    if not _are_sort_values(request.order, after):
        raise BadCursor("Ce curseur n'est pas valable : relancez la recherche depuis la première page.")
    reading = {"sort": order(request.order, backward=backward)}
    counted: Body | None = None
    known: dict[str, Place] = {}
    position, size, took = after, READ_PER_RESULT * (request.size + 1), 0
    for _ in range(MOST_ROUNDS):
        base = _counting(request, body) if counted is None else _without(_plain(bare), known)
        answer = ask(base | reading | {"size": size, "search_after": list(position)})
        counted = counted or answer
        hits = answer["hits"]["hits"]
        met = {_story(hit) for hit in hits} - set(known)
        took += answer["took"]
        if met:
            firsts = ask(_firsts(bare, request.order, met))
            known |= {place.story: place for place in map(_place, firsts["hits"]["hits"])}
            took += firsts["took"]
        position, ended = (tuple(hits[-1]["sort"]) if hits else position), len(hits) < size
        found = _between(request.order, known.values(), after, None if ended else position, backward=backward)
        if ended or len(found) > request.size:
            break
        size = min(size * GROWTH, LARGEST_ROUND)
    assert counted is not None
    places = tuple(found[: request.size])
    further = places[-1].values if len(found) > request.size else None if ended else position
    nearer = places[0].values if places else further
    if backward:
        return Page(places[::-1], counted, further, nearer, took)
    return Page(places, counted, nearer, further, took)


def shown(request: SearchRequest, bare: Body, stories: Iterable[str]) -> Body:
    """The body that asks for the newest dispatch found of each story, and what it stands for."""
    wanted = list(stories)
    return _only(bare, wanted) | {
        "collapse": {"field": "story"},
        "sort": NEWEST,
        "size": len(wanted),
        "track_total_hits": False,
        "_source": {"excludes": NOT_LISTED},
        "aggs": {
            "stories": {
                "terms": {"field": "story", "size": len(wanted)},
                "aggs": {"agencies": {"terms": {"field": "agency", "size": MOST_AGENCIES}}},
            }
        },
    }


def read_folded(answer: Mapping[str, Any]) -> dict[str, Folded]:
    """What each story's result stands for, from the answer to `shown`."""
    return {
        bucket["key"]: Folded(bucket["doc_count"], tuple(agency["key"] for agency in bucket["agencies"]["buckets"]))
        for bucket in answer["aggregations"]["stories"]["buckets"]
    }


def read_stories(answer: Mapping[str, Any]) -> int:
    """How many stories the dispatches found belong to; near, but never more than there are dispatches."""
    return min(int(answer["aggregations"]["stories"]["count"]["value"]), int(answer["hits"]["total"]["value"]))


def _place(hit: Body) -> Place:
    return Place(_story(hit), tuple(hit["sort"]))


def _story(hit: Body) -> str:
    return str(hit["fields"]["story"][0])


def _key(sort: Sort, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sort values as Python compares them. Where there is no date, Elasticsearch gives the number that sorts last.

    At a point in time it adds a value of its own, which is left out: ids tell all apart.
    """
    directions = (next(iter(clause.values()))["order"] for clause in ORDERS[sort])
    return tuple(-value if way == "desc" else value for value, way in zip(values, directions, strict=False))


def _are_sort_values(sort: Sort, values: tuple[Any, ...]) -> bool:
    """Whether these can be compared with what Elasticsearch sorts by: a text for the id, numbers for the rest."""
    kinds = [str if "id" in clause else int | float for clause in ORDERS[sort]]
    return len(values) >= len(kinds) and all(isinstance(*pair) for pair in zip(values, kinds, strict=False))


def _between(
    sort: Sort, places: Iterable[Place], after: tuple[Any, ...], position: tuple[Any, ...] | None, *, backward: bool
) -> list[Place]:
    """The places on the way from `after` to `position` (None: the end of the list), in the order of reading."""
    start, end = _key(sort, after), None if position is None else _key(sort, position)

    def is_passed(place: Place) -> bool:
        at = _key(sort, place.values)
        # Forward, the first of a story is never beyond a dispatch of it that was met; backward it may be.
        return (at < start and (end is None or at >= end)) if backward else at > start

    return sorted(filter(is_passed, places), key=lambda place: _key(sort, place.values), reverse=backward)


def _plain(body: Body) -> Body:
    """The body, to learn places only: nothing is shown or counted."""
    left = {name: part for name, part in body.items() if name != "highlight"}
    return left | {"_source": False, "docvalue_fields": ["story"], "track_total_hits": False}


def _counting(request: SearchRequest, body: Body) -> Body:
    """The body, to learn places and to count what was found."""
    count = {
        "filter": {"bool": {"filter": clauses(filters_in_force(request))}},
        "aggs": {"count": {"cardinality": {"field": "story", "precision_threshold": NEAR_STORIES}}},
    }
    return _plain(body) | {"track_total_hits": True, "aggs": {**body.get("aggs", {}), "stories": count}}


def _firsts(bare: Body, sort: Sort, stories: Iterable[str]) -> Body:
    wanted = sorted(stories)
    return _only(_plain(bare), wanted) | {"collapse": {"field": "story"}, "sort": order(sort), "size": len(wanted)}


def _only(body: Body, stories: list[str]) -> Body:
    asked = body["query"]["bool"]
    return body | {"query": {"bool": {**asked, "filter": [*asked["filter"], {"terms": {"story": stories}}]}}}


def _without(body: Body, stories: Iterable[str]) -> Body:
    return body | {"query": {"bool": {**body["query"]["bool"], "must_not": [{"terms": {"story": list(stories)}}]}}}
