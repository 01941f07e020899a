"""A query that names somebody or some place proposes the facet: "wang yi" -> actor Wang Yi, 12 dispatches. Pure.

    words that are names -> values they may mean, the likeliest first -> counted with what is left of the query
                         -> those that have dispatches, some for each name

A value known only from the archive is proposed where the facets of the answer show it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from authorities.model import PATH_SEPARATOR
from mappings.fields import FACETS
from mappings.french import only_stop_words
from search.names import Names
from search.naming import Found, key_of
from search.request import FacetFilter, SearchRequest
from search.result import FacetResult, Filter
from search.tree import Query, Speaker, Word, words_of

# What is proposed of one query, and of one facet for one name: a surname may be several people's.
MOST_PROPOSED = 4
MOST_ALIKE = 2

# Values counted for one query: the bearers of a frequent surname are thirty.
MOST_COUNTED = 40

# The facets in which a name of a kind may stand, the likeliest first.
FACETS_OF = {
    "person": ("actor", "speaker"),
    "organisation": ("actor", "speaker"),
    "state": ("actor", "venue", "speaker"),
    "region": ("venue",),
    "city": ("venue",),
    "topic": ("topic",),
}

# Words of a name that the authorities do not know.
LONGEST_DISCOVERED = 6

# The facet of which the archive has values that the authorities do not know.
DISCOVERED = "actor"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value of a facet instead of the words that name it; `rest` is the query without them.

    `alike`: proposals for the same words in the same facet.
    """

    facet: str
    value: str
    rest: Query
    alike: tuple[int, str]


def propose(typed: Query, request: SearchRequest, names: Names, counted: Sequence[FacetResult]) -> tuple[Proposal, ...]:
    """What the words of a query may mean, the best first.

    Args:
        typed: the query as read, nothing settled.
        counted: the facets of the answer.
    """
    if typed.asks != "all" or any(isinstance(node, Speaker) for node in typed.nodes):
        return ()  # a question is no name; words beside a `parole:` are sought in quotes
    found = names.naming.find(typed.nodes)
    discovered = dict(_discovered(typed, found, counted))
    taken = {number for run in discovered for number in run}
    by_name = [list(_choices(each, typed, names)) for each in found if taken.isdisjoint(_run(each))]
    by_name += [[each] for each in discovered.values()]
    # For each name its best first, then for each its second best.
    turns = [each for turn in zip_longest(*by_name) for each in turn if each is not None]
    asked = {(facet, value) for facet, wanted in request.filters.items() for value in (*wanted.any, *wanted.all)}
    fresh = dict.fromkeys(each for each in turns if (each.facet, each.value) not in asked)
    return tuple(fresh)[:MOST_COUNTED]


def narrowed_by(proposal: Proposal, request: SearchRequest) -> SearchRequest:
    """The search that a proposal leads to."""
    old = request.filters.get(proposal.facet, FacetFilter())
    every = bool(old.all and not old.any)
    more = replace(old, all=(*old.all, proposal.value)) if every else replace(old, any=(*old.any, proposal.value))
    return replace(request, q=str(proposal.rest), filters={**request.filters, proposal.facet: more}, cursor=None)


def chosen(proposals: Sequence[Proposal], counts: Sequence[int]) -> tuple[Filter, ...]:
    """The proposals that have dispatches, some of each sort, in the order they were made."""
    ranks: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    for number, (each, count) in enumerate(zip(proposals, counts, strict=True)):
        if count:
            ranks[each.alike].append((-count, number))
    best = sorted(number for alike in ranks.values() for _, number in sorted(alike)[:MOST_ALIKE])
    return tuple(
        Filter(
            facet=proposals[number].facet,
            value=proposals[number].value,
            label=_label(proposals[number]),
            count=counts[number],
            q=str(proposals[number].rest),
        )
        for number in best[:MOST_PROPOSED]
    )


def _label(proposal: Proposal) -> str:
    return proposal.value.split(PATH_SEPARATOR)[-1] if FACETS[proposal.facet].hierarchical else proposal.value


def _choices(found: Found, typed: Query, names: Names) -> Iterator[Proposal]:
    """The values that a name may mean: what it is first, who says so last."""
    rest = _rest(typed, found.at, found.used)
    meanings = sorted(names.naming.meanings[found.key], key=lambda name: name.role == "surname")
    for turn in range(max(map(len, FACETS_OF.values()))):
        for name in meanings:
            facets = FACETS_OF[name.kind]
            if turn < len(facets):
                yield Proposal(
                    facets[turn], names.value(facets[turn], name.kind, name.label), rest, (found.at, facets[turn])
                )


def _discovered(
    typed: Query, found: Sequence[Found], counted: Sequence[FacetResult]
) -> Iterator[tuple[range, Proposal]]:
    """Values that stand whole among the words, and in which the authorities know a part at most."""
    values: Mapping[str, str] = {
        key_of(value.value): value.value for facet in counted if facet.name == DISCOVERED for value in facet.values
    }
    words = [key_of(node.text) if isinstance(node, Word) else None for node in typed.nodes]
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + LONGEST_DISCOVERED), at, -1):
            run = words[at:end]
            value = None if None in run else values.get(" ".join(word for word in run if word))
            if value and not any(each.used >= end - at and each.at in range(at, end) for each in found):
                yield range(at, end), Proposal(DISCOVERED, value, _rest(typed, at, end - at), (at, DISCOVERED))
                at = end - 1
                break
        at += 1


def _run(found: Found) -> range:
    return range(found.at, found.at + found.used)


def _rest(typed: Query, at: int, used: int) -> Query:
    """The query without some of its parts; articles alone are nothing."""
    nodes = (*typed.nodes[:at], *typed.nodes[at + used :])
    if all(isinstance(node, Word) for node in nodes) and only_stop_words(words_of(nodes)):
        nodes = ()
    return replace(typed, nodes=nodes)
