"""When nothing is found: the nearest searches, one thing loosened or left out in each. Pure.

    request, query as read -> ways -> counted, all at once (`search/otherwise.py`) -> those that find something, the nearest first

A way is a whole search, and the words that say how it differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from engine.errors import QuerySyntaxError
from mappings.fields import FACETS
from mappings.french import only_stop_words
from search.facets import value_label
from search.language import parse
from search.names import Names
from search.questions import asks_of
from search.request import SearchRequest
from search.result import Instead
from search.tokens import OPERATORS
from search.tree import (
    Ago,
    And,
    FacetIs,
    InTitle,
    Near,
    Node,
    Not,
    Or,
    Period,
    Phrase,
    Prefix,
    Query,
    Speaker,
    Word,
    spelled,
)

Why = Literal[
    "spelling", "quotes", "nearness", "title", "filter", "period", "dated", "versions", "exclusion", "speaker", "word",
    "beginning", "filters", "any", "both",
]  # fmt: skip

# The nearest first: what keeps every word before what drops one, and what drops one before what drops all but one.
ORDER: tuple[Why, ...] = Why.__args__  # type: ignore[attr-defined]

# What is told of one sort, and in all; what is tried.
MOST_OF_A_SORT = 3
FEWER_OF: dict[Why, int] = {"any": 1, "both": 2}
MOST_INSTEAD = 8
MOST_TRIED = 32

# Parts of a query left out one by one; of a longer one, nobody reads which.
MOST_PARTS = 8

UNFILTERED = "sans aucun filtre"

# What is left out, where its spelling would say less.
LEFT_OUT: dict[Why, str] = {"period": "sans la période", "speaker": "qui que ce soit qui parle"}

# A shorter beginning says too little to be the word that was meant.
SHORTEST_BEGINNING = 4


@dataclass(frozen=True, slots=True)
class Way:
    """Another search: how it differs, in French, and why it may be meant."""

    request: SearchRequest
    why: Why
    label: str


def ways(typed: Query, request: SearchRequest, names: Names) -> tuple[Way, ...]:
    """The searches to try; none is the whole archive, none the same as the request.

    Args:
        typed: the query as read, nothing settled.
    """
    seen = {_asked(request)}
    found: list[Way] = []
    several = _less(typed, unfiltered(request), names) if _is_filtered(request) else ()
    filterless = (
        replace(way, why="both", label=f"{way.label}, {UNFILTERED}") for way in several if way.why != "beginning"
    )
    for way in (*_loosened(typed, request), *_unfiltered(request), *_less(typed, request, names), *filterless):
        asked = _asked(way.request)
        if asked not in seen and _asks(way.request):
            seen.add(asked)
            found.append(way)
    return tuple(found[:MOST_TRIED])


def told(found: Sequence[Way], counts: Sequence[int]) -> tuple[Instead, ...]:
    """The ways that find something, the nearest first; of one sort, what finds most."""
    instead: list[Instead] = []
    for why in ORDER:
        sort = [(count, way) for way, count in zip(found, counts, strict=True) if way.why == why and count]
        kept = 0
        for count, way in sorted(sort, key=lambda each: -each[0]):
            if kept < FEWER_OF.get(why, MOST_OF_A_SORT) and not _gains_nothing(way, count, instead):
                instead.append(Instead(way.request, why, way.label, count))
                kept += 1
    return tuple(instead[:MOST_INSTEAD])


def _gains_nothing(way: Way, count: int, nearer: Sequence[Instead]) -> bool:
    """Whether a nearer search finds as much: one of the words as any of them, without one filter as without any."""
    if way.why in ("any", "both"):
        return any(each.why in ("word", "both") and each.count == count for each in nearer)
    return way.why == "filters" and any(each.request.q == way.request.q and each.count == count for each in nearer)


def changed(request: SearchRequest, q: str) -> SearchRequest:
    """The same search for other words."""
    return replace(request, q=q, cursor=None)


def unfiltered(request: SearchRequest) -> SearchRequest:
    """The same words in the whole archive."""
    return replace(request, filters={}, date_from=None, date_to=None, dated=None, cursor=None)


def _asked(request: SearchRequest) -> tuple[object, ...]:
    filters = tuple((name, wanted) for name, wanted in request.filters.items() if wanted)
    return (request.q.strip(), filters, request.date_from, request.date_to, request.dated, request.versions)


def _asks(request: SearchRequest) -> bool:
    return bool(request.q.strip()) or _is_filtered(request)


def _is_filtered(request: SearchRequest) -> bool:
    return bool(any(request.filters.values()) or request.date_from or request.date_to or request.dated)


# -- the same words, more loosely --------------------------------------------------------------------


def _loosened(typed: Query, request: SearchRequest) -> Iterator[Way]:
    for why, loosen, label in LOOSENED:
        q = readable(_of(typed, [_through(node, loosen) for node in typed.nodes]))
        if q is not None:
            yield Way(changed(request, q), why, label)
    if request.versions == "current" and "status" not in request.filters:
        yield Way(replace(request, versions="all", cursor=None), "versions", "dans toutes les versions")


def _through(node: Node, loosen: Callable[[Node], Node]) -> Node:
    match node:
        case And(nodes=nodes) | Or(nodes=nodes):
            node = replace(node, nodes=tuple(_through(each, loosen) for each in nodes))
        case InTitle(node=inner):
            node = replace(node, node=_through(inner, loosen))
        case Near(left=left, right=right):
            node = replace(node, left=_through(left, loosen), right=_through(right, loosen))
    return loosen(node)


def _words_alone(node: Node) -> Node:
    """The words of a quotation; a sign of the language among them is a word."""
    if not isinstance(node, Phrase):
        return node
    words = [word.strip('()"«»“”„') for word in node.text.split()]
    words = [word.lower() if word in OPERATORS else word for word in words]
    return And(tuple(Word(word, node.start, node.end) for word in words if word), node.start, node.end)


def _side_by_side(node: Node) -> Node:
    return And((node.left, node.right), node.start, node.end) if isinstance(node, Near) else node


def _anywhere(node: Node) -> Node:
    return node.node if isinstance(node, InTitle) else node


LOOSENED: tuple[tuple[Why, Callable[[Node], Node], str], ...] = (
    ("quotes", _words_alone, "sans guillemets"),
    ("nearness", _side_by_side, "à n'importe quelle distance"),
    ("title", _anywhere, "dans tout le texte"),
)


# -- the same words, fewer filters -------------------------------------------------------------------


def _unfiltered(request: SearchRequest) -> Iterator[Way]:
    filters = {name: wanted for name, wanted in request.filters.items() if wanted}
    for name, wanted in filters.items():
        facet = FACETS[name]
        values = ", ".join(value_label(facet, value.split(" > ")[-1]) for value in wanted.values[:2])
        more = " …" if len(wanted.values) > 2 else ""
        without = {other: kept for other, kept in filters.items() if other != name}
        yield Way(
            replace(request, filters=without, cursor=None),
            "filter",
            f"sans le filtre « {facet.label} : {values}{more} »",
        )
    if request.date_from or request.date_to:
        yield Way(replace(request, date_from=None, date_to=None, cursor=None), "period", "sans la période")
    if request.dated:
        yield Way(replace(request, dated=None, cursor=None), "dated", "sans le choix des dates connues ou non")
    if len(filters) + bool(request.date_from or request.date_to) + bool(request.dated) > 1:
        yield Way(unfiltered(request), "filters", UNFILTERED)


# -- fewer words ---------------------------------------------------------------------------------------


def _less(typed: Query, request: SearchRequest, names: Names) -> Iterator[Way]:
    """The query without one of its parts; any of its words; the beginning of a word."""
    parts = _parts(typed, names)
    texts = [part for part in parts if _why_left_out(part) == "word" and not _says_nothing(part)]
    if len(parts) > MOST_PARTS:
        return
    if len(parts) > 1:
        for part in parts:
            if not _says_nothing(part):
                q = readable(_of(typed, [node for other in parts if other is not part for node in other]))
                if q is not None:
                    yield Way(
                        changed(request, q),
                        _why_left_out(part),
                        LEFT_OUT.get(_why_left_out(part)) or f"sans « {_spelled(part)} »",
                    )
    alone = [part[0] for part in texts if len(part) == 1]
    for begun in (*((word,) for word in alone), tuple(alone)):
        q = readable(_of(typed, [_beginning(node) if node in begun else node for node in typed.nodes]))
        if q is not None:
            told_as = " et ".join(f"« {spelled(node)} »" for node in begun)
            yield Way(changed(request, q), "beginning", f"mots commençant par {told_as}")
    if len(texts) > 1:
        any_of = Or(tuple(And(part, 0, 0) if len(part) > 1 else part[0] for part in texts), 0, 0)
        others = [node for part in parts if _why_left_out(part) != "word" for node in part]
        q = readable(_of(typed, [any_of, *others]))
        if q is not None:
            yield Way(changed(request, q), "any", "l'un ou l'autre de ces mots")


def _of(typed: Query, nodes: Sequence[Node]) -> Query:
    """A query of other parts, which asks for all of them where the first does, else for what so many words ask for."""
    words = [node.text for node in nodes if isinstance(node, Word)]
    plain = typed.asks != "all" and len(words) == len(nodes)
    return replace(typed, nodes=tuple(nodes), asks=asks_of(words) if plain else "all")


def _beginning(node: Node) -> Node:
    """A word as the beginning of others, where it is long enough."""
    if not isinstance(node, Word) or sum(map(str.isalpha, node.text)) < SHORTEST_BEGINNING:
        return node
    return Prefix(node.text, node.start, node.end)


def _parts(typed: Query, names: Names) -> list[tuple[Node, ...]]:
    """What a query asks for, part by part; the words of one name are one."""
    found = {each.at: each.used for each in names.naming.find(typed.nodes)}
    parts: list[tuple[Node, ...]] = []
    at = 0
    while at < len(typed.nodes):
        used = found.get(at, 1)
        parts.append(typed.nodes[at : at + used])
        at += used
    return parts


def _why_left_out(part: tuple[Node, ...]) -> Why:
    match part[0]:
        case FacetIs():
            return "filter"
        case Period() | Ago():
            return "period"
        case Not():
            return "exclusion"
        case Speaker():
            return "speaker"
    return "word"


def _says_nothing(part: tuple[Node, ...]) -> bool:
    return isinstance(part[0], Word) and only_stop_words(_spelled(part))


def _spelled(part: tuple[Node, ...]) -> str:
    return " ".join(map(spelled, part))


def readable(query: Query | str) -> str | None:
    """The spelling of a query, where it can be read."""
    q = str(query)
    try:
        return q if parse(q).nodes or not q else None
    except QuerySyntaxError:
        return None
