"""What a dispatch must hold to meet a saved search, in the words of the index: what lacks it need not be asked about. Pure.

    tree and filters -> texts to analyse -> marks: of each of several sets, a dispatch that meets the search has one

A mark is a term of the index ("fr=ministr", "exact=ministres"), the beginning of one ("exact~ind"), a facet's value
("actors.fold=onu") or a word of one ("actors.fold~lavrov"). A requirement may ask too little, never too much: what passes
is asked of the engine, and only the engine says what a search finds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from authorities.model import fold as fold_name
from mappings.fields import FACETS, SEARCHED
from mappings.french import fold
from search.clauses import EXACT, form_of, prefix_parts
from search.questions import least_of
from search.request import SearchRequest
from search.tree import (
    And,
    FacetIs,
    InTitle,
    Named,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Speaker,
    Word,
    of_texts,
)

M = TypeVar("M", bound=Collection[str])

Marks = frozenset[str]
Requirement = tuple[Marks, ...]

# A text and the form it is looked for in: "" stemmed, ".exact" as it stands.
Text = tuple[str, str]
# The terms the index makes of a text: at each of its places, any of some.
Said = Callable[[str, str], Sequence[Marks]]

# Letters of a beginning that are told apart; the language asks for three at least.
BEGINNING = 3

# The fields whose terms a dispatch is known by, and those that hold its facets' values as they are compared.
TERM_FIELDS = tuple(f"{field.name}{form}" for field in SEARCHED for form in ("", EXACT))
VALUE_FIELDS = tuple(dict.fromkeys(facet.folded for facet in FACETS.values()))

# Raised when what follows changes: what was worked out before is worked out again.
RULES = 1


def texts(query: Query) -> list[Text]:
    """What the index is to analyse before `requirement` can be told."""
    asked: dict[Text, None] = {}

    def note(form: str, text: str) -> Sequence[Marks]:
        asked[form, text] = None
        return ()

    list(_asked(query, note))
    return list(asked)


def requirement(query: Query, request: SearchRequest, analysed: Mapping[Text, Sequence[Iterable[str]]]) -> Requirement:
    """The sets of marks of a settled query and the filters beside it; none: nothing is known that it must have.

    Args:
        analysed: of each of `texts`, at each of its places the terms.
    """

    def said(form: str, text: str) -> Sequence[Marks]:
        kind = _kind(form)
        return [frozenset(f"{kind}={term}" for term in place) for place in analysed[form, text]]

    return tuple(dict.fromkeys((*_filters(request), *_asked(query, said))))


def marks_of(terms: Mapping[str, Iterable[str]], values: Mapping[str, Iterable[str]]) -> set[str]:
    """The marks of a dispatch.

    Args:
        terms: by field of `TERM_FIELDS`, its terms; values: by field of `VALUE_FIELDS`, its values, folded.
    """
    marks: set[str] = set()
    for field, found in terms.items():
        kind = _kind(EXACT if field.endswith(EXACT) else "")
        marks.update(f"{kind}={term}" for term in found)
        if field.endswith(EXACT):
            marks.update(f"{kind}~{term[:BEGINNING]}" for term in found)
    for field, names in values.items():
        marks.update(f"{field}={name}" for name in names)
        marks.update(f"{field}~{word}" for name in names for word in name.split())
    return marks


def _kind(form: str) -> str:
    return "exact" if form == EXACT else "fr"


def _asked(query: Query, said: Said) -> Iterator[Marks]:
    if query.asks == "all":
        yield from _all(query.nodes, said)
        return
    # Of so many words that many must be met, so that whichever others are left out, one of the rest is.
    words = query.telling
    choices = [said(form_of(word), word) for word in words]
    if all(choices):
        spare = least_of(len(words), query.asks) - 1
        told = sorted(map(telling, choices), key=_rarity, reverse=True)
        yield frozenset().union(*told[: len(told) - spare])


def _all(nodes: Sequence[Node], said: Said) -> Iterator[Marks]:
    """What must all be met. What a `parole:` moves into a quote is left out: a part of a text is analysed by itself."""
    if any(isinstance(node, Speaker) for node in nodes):
        nodes = [node for node in nodes if next(of_texts(node), None) is None]
    words = " ".join(node.text for node in nodes if isinstance(node, Word))
    if words:
        yield from said(form_of(words), words)
    for node in nodes:
        if not isinstance(node, Word):
            yield from _one(node, said)


def _one(node: Node, said: Said) -> Sequence[Marks]:
    match node:
        case Word(text=text):
            return said(form_of(text), text)
        case Phrase(text=text):
            return said(EXACT, text)
        case Named(text=text, others=others):
            return _any([said(form_of(text), text), *(said(EXACT, other) for other in others)])
        case Prefix(text=text):
            head, last = prefix_parts(text)
            begins = frozenset({f"exact~{last[:BEGINNING]}"})
            # A beginning of fewer letters ("Etats-U") is the beginning of no mark.
            return [*(said(EXACT, head) if head else ()), *([begins] if len(last) >= BEGINNING else ())]
        case Near(left=left, right=right):
            return [*_one(left, said), *_one(right, said)]
        case InTitle(node=inner):
            return _one(inner, said)
        case Speaker(text=text, means=means):
            return [_named(FACETS["speaker"].folded, (*means, text), part=text)]
        case FacetIs(facet=name, text=text, whole=whole):
            facet = FACETS[name]
            return [_named(facet.folded, (text,), part="" if whole or not facet.told_apart else text)]
        case And(nodes=nodes):
            return list(_all(nodes, said))
        case Or(nodes=nodes):
            return _any([_one(each, said) for each in nodes])
        case Not():
            return ()
    return ()


def _named(field: str, values: Iterable[str], *, part: str) -> Marks:
    """One of these values, or one that has `part` among its words."""
    marks = {f"{field}={fold(value)}" for value in values}
    first = fold_name(part).split()[:1]
    return frozenset(marks | {f"{field}~{word}" for word in first})


def _filters(request: SearchRequest) -> Iterator[Marks]:
    for name, wanted in request.filters.items():
        field = FACETS[name].folded
        if wanted.any:
            yield frozenset(f"{field}={fold(value)}" for value in wanted.any)
        for value in wanted.all:
            yield frozenset({f"{field}={fold(value)}"})


def _any(choices: Sequence[Sequence[Marks]]) -> Sequence[Marks]:
    """What any of several alternatives asks: one mark of the most telling set of each; nothing if one asks nothing."""
    if not all(choices):
        return ()
    return [frozenset().union(*(telling(choice) for choice in choices))]


def telling(sets: Sequence[M]) -> M:
    """Of several sets, the one that fewest dispatches meet: long words are rarer than short ones."""
    return max(sets, key=_rarity)


def _rarity(marks: Iterable[str]) -> int:
    return min(map(len, marks), default=0)
