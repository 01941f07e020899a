"""What a dispatch must be to meet a saved search, told by what the index holds of it, so that few are asked of the engine. Pure.

    tree and filters -> texts to analyse -> a condition -> decided in alerts/window.py

A condition is a mark, or a list whose first word says how the rest is meant:

    "text=ministr"                                          has this mark
    ["all", c, ...]  ["any", c, ...]  ["not", c]
    ["some", 2, c, ...]                                     two of them, or more
    ["begins", "text.exact", "indus"]                       has a word that begins so
    ["phrase", "text.exact=fil", 0, "text.exact=rouge", 1]  in one field, so far from each other
    ["near", 5, "text=paix", "text=guerr"]                  in one field, with so many words between at most
    ["published", 1659916800000, null]                      from this instant on, before that one; null: whenever
    ["holds", "actors.fold", "lavr"]                        has a value with this in it
    ["maybe", c]                                            what meets it meets c; whether it does, only the engine knows

A mark is a term of the index, in any text or in a title ("title=ministr"), or a facet's value ("actors.fold=onu"): both as the
index's own analysis made them, on either side. What is said without "maybe" is exactly what the engine finds for the same
clause of `search/clauses.py`, read beside it; `tests/alerts/test_conditions.py` has the engine judge thousands of pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from authorities.model import fold as fold_name
from mappings.fields import FACETS, PARAGRAPH_GAP
from search.bounds import begins, ends
from search.clauses import DOCUMENT, EXACT, TITLE, form_of, prefix_parts
from search.facets import filters_in_force
from search.language import parse
from search.questions import least_of
from search.request import FacetFilter, SearchRequest
from search.tree import (
    Ago,
    And,
    FacetIs,
    InTitle,
    Named,
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
    of_texts,
    within,
)

# As above; lists are tuples in memory.
Condition = str | tuple[Any, ...]

# A text and how the index is to take it: "" stemmed, ".exact" as it stands, ".fold" as the value of a facet.
Text = tuple[str, str]
FOLDED = ".fold"

# What the index makes of a text: at each of its places, which are numbered, any of some terms.
Terms = Sequence[tuple[int, Collection[str]]]
Said = Callable[[str, str], Terms]

# Where words are looked for, and in which form: the fields, in one order.
KINDS: dict[str, tuple[str, ...]] = {
    f"{name}{form}": tuple(f"{field}{form}" for field, _ in place.fields)
    for name, place in (("text", DOCUMENT), ("title", TITLE))
    for form in ("", EXACT)
}
TERM_FIELDS = (*KINDS["text"], *KINDS[f"text{EXACT}"])
# The fields that hold the values of facets as they are compared.
VALUE_FIELDS = tuple(dict.fromkeys(facet.folded for facet in FACETS.values()))

# Letters of a beginning by which those who ask for it are found; the language asks for three at least.
BEGINNING = 3

ALWAYS: Condition = ("all",)
NEVER: Condition = ("any",)

# Raised when what follows changes: what was worked out before is worked out again.
RULES = 2


def texts(query: Query, request: SearchRequest) -> list[Text]:
    """What the index is to analyse before `condition_of` can be told."""
    asked: dict[Text, None] = {}

    def note(form: str, text: str) -> Terms:
        asked[form, text] = None
        return ()

    _Reading(note, "UTC").whole(query, request)
    return list(asked)


def condition_of(query: Query, request: SearchRequest, analysed: Mapping[Text, Terms], timezone: str) -> Condition:
    """What a dispatch must be to be found by a search.

    Args:
        query, request: settled, and with canonical values.
        analysed: what the index makes of each of `texts`.
        timezone: the archive's, in which days begin.
    """
    return _Reading(lambda form, text: analysed[form, text], timezone).whole(query, request)


class _Reading:
    """Reads a tree as `search/clauses.py` does, node for node."""

    def __init__(self, said: Said, timezone: str) -> None:
        self._said = said
        self._zone = ZoneInfo(timezone)
        self._lasting = True

    def whole(self, query: Query, request: SearchRequest) -> Condition:
        # What is told from today is another period tomorrow, and a condition is kept.
        self._lasting = not (_holds(query, Period) and _holds(parse(request.q), Ago))
        asked = [*self._query(query), self._period(request.date_from, request.date_to)]
        if request.dated:
            known = ("published", None, None)
            asked.append(known if request.dated == "yes" else ("not", known))
        return _all([*asked, *self._filters(filters_in_force(request))])

    def _query(self, query: Query) -> Iterator[Condition]:
        if query.asks == "all":
            yield from self._all_of(query.nodes, "text")
            return
        words = query.telling
        yield ("some", least_of(len(words), query.asks), *(self._words(word, "text") for word in words))

    def _all_of(self, nodes: Sequence[Node], place: str) -> Iterator[Condition]:
        """What must all be met. What a `parole:` moves into a quote is left to the engine: a part of a text is analysed by
        itself."""
        if any(isinstance(node, Speaker) for node in nodes):
            nodes = [node for node in nodes if next(of_texts(node), None) is None]
        words = " ".join(node.text for node in nodes if isinstance(node, Word))
        if words:
            yield self._words(words, place)
        for node in nodes:
            if not isinstance(node, Word):
                yield self._one(node, place)

    def _one(self, node: Node, place: str) -> Condition:
        match node:
            case Word(text=text):
                return self._words(text, place)
            case Phrase(text=text, slop=slop):
                return self._phrase(text, slop, place)
            case Named(text=text, others=others):
                return _any([self._words(text, place), *(self._phrase(other, 0, place) for other in others)])
            case Prefix(text=text):
                return self._prefix(text, place)
            case Near():
                return self._near(node, place)
            case InTitle(node=inner):
                return self._one(inner, "title")
            case Speaker(text=text, means=means):
                return ("maybe", self._named("speaker", (*means, fold_name(text)), part=text))
            case FacetIs(facet=facet, text=text, whole=whole):
                return self._named(facet, (text,), part="" if whole or not FACETS[facet].told_apart else text)
            case Period(first=first, last=last):
                return self._period(first, last) if self._lasting else ("maybe", ALWAYS)
            case And(nodes=nodes):
                return _all(self._all_of(nodes, place))
            case Or(nodes=nodes):
                return _any(self._one(each, place) for each in nodes)
            case Not(node=inner):
                return ("not", self._one(inner, place))
        return ("maybe", ALWAYS)

    # -- words -------------------------------------------------------------------------------------

    def _words(self, text: str, place: str) -> Condition:
        form = form_of(text)
        return _words(f"{place}{form}", self._said(form, text))

    def _phrase(self, text: str, slop: int, place: str) -> Condition:
        kind, terms = f"{place}{EXACT}", self._said(EXACT, text)
        if len(terms) < 2:
            return _words(kind, terms)
        if slop or any(len(any_of) > 1 for _, any_of in terms):
            return ("maybe", _words(kind, terms))
        begin = terms[0][0]
        return ("phrase", *(part for at, (term,) in terms for part in (f"{kind}={term}", at - begin)))

    def _prefix(self, text: str, place: str) -> Condition:
        head, last = prefix_parts(text)
        kind = f"{place}{EXACT}"
        # Letters that the index folds and we do not: it may be that they begin nothing there.
        word: Condition = ("begins", kind, last) if last.isascii() else ("maybe", ALWAYS)
        return ("maybe", _all([self._loose(head, place), word])) if head else word

    def _near(self, node: Near, place: str) -> Condition:
        if isinstance(node.left, Word) and isinstance(node.right, Word):
            # Of one form alone: the two do not number a paragraph alike when the one before it ends in small words.
            forms = {form_of(node.left.text), form_of(node.right.text)}
            marks = {self._words(node.left.text, place), self._words(node.right.text, place)}
            if len(forms) == 1 and len(marks) == 2 and all(isinstance(mark, str) for mark in marks):
                # Paragraphs are PARAGRAPH_GAP apart: anything less is inside one.
                return ("near", PARAGRAPH_GAP - 1 if node.distance is None else node.distance, *sorted(map(str, marks)))
        return ("maybe", self._beside(node, place))

    def _beside(self, node: Node, place: str) -> Condition:
        """The words of what stands beside PRES and PARA."""
        match node:
            case Phrase(text=text):
                return self._loose(text, place)
            case Named(text=text, others=others):
                return _any([self._words(text, place), *(self._loose(other, place) for other in others)])
            case Near(left=left, right=right):
                return _all([self._beside(left, place), self._beside(right, place)])
            case Or(nodes=nodes):
                return _any(self._beside(each, place) for each in nodes)
        return self._one(node, place)

    def _loose(self, text: str, place: str) -> Condition:
        return _words(f"{place}{EXACT}", self._said(EXACT, text))

    # -- what is about the whole dispatch ----------------------------------------------------------

    def _period(self, first: date | None, last: date | None) -> Condition:
        if not (first or last):
            return ALWAYS
        start = _milliseconds(begins(first, self._zone)) if first else None
        return ("published", start, _milliseconds(ends(last, self._zone)) if last else None)

    def _filters(self, filters: Mapping[str, FacetFilter]) -> Iterator[Condition]:
        for name, wanted in filters.items():
            if wanted.any:
                yield self._named(name, wanted.any)
            for value in wanted.all:
                yield self._named(name, (value,))
            if wanted.none:
                yield ("not", self._named(name, wanted.none))

    def _named(self, facet: str, values: Iterable[str], *, part: str = "") -> Condition:
        """One of these values, or one that has `part` in it."""
        field = FACETS[facet].folded
        marks = [_all(f"{field}={term}" for term in self._one_term(value)) for value in values]
        if not part:
            return _any(marks)
        # A part is whole words, which only the engine tells; whoever has it has its letters.
        name = fold_name(part)
        inside = [("holds", field, term) for term in self._one_term(name) if not set(name) & set("*?\\")]
        return _any([*marks, ("maybe", _all(inside))])

    def _one_term(self, value: str) -> Sequence[str]:
        return [term for _, terms in self._said(FOLDED, value) for term in terms]


def _holds(query: Query, kind: type[Node]) -> bool:
    return any(isinstance(each, kind) for node in query.nodes for each in within(node))


def _words(kind: str, terms: Terms) -> Condition:
    """All of these words, wherever. Of nothing the engine finds nothing."""
    if not terms:
        return NEVER
    several = any(len(any_of) > 1 for _, any_of in terms)
    words = _all(_any(f"{kind}={term}" for term in any_of) for _, any_of in terms)
    return ("maybe", words) if several else words


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _all(conditions: Iterable[Condition]) -> Condition:
    """All of them, each once, marks first: they are decided by a look into a dictionary."""
    parts = [part for each in conditions for part in (each[1:] if each[0] == "all" else (each,))]
    parts = sorted(dict.fromkeys(parts), key=lambda part: not isinstance(part, str))
    return parts[0] if len(parts) == 1 else ("all", *parts)


def _any(conditions: Iterable[Condition]) -> Condition:
    parts = list(dict.fromkeys(conditions))
    return parts[0] if len(parts) == 1 else ("any", *parts)


# -- by what they are found ------------------------------------------------------------------------


def telling(condition: Condition) -> frozenset[str] | None:
    """Marks of which a dispatch that may meet it has one: the set that fewest dispatches meet; None where it needs none.

    The beginning of a word is a mark here, of three letters: "text.exact~ind".
    """
    if isinstance(condition, str):
        return frozenset({condition})
    match condition:
        case ("all", *parts):
            return _rarest(map(telling, parts))
        case ("any", *parts):
            return _of_any([telling(part) for part in parts])
        case ("some", least, *parts):
            # Whichever others are left out, one of the rest is met.
            sets = sorted((telling(part) for part in parts), key=_rarity, reverse=True)
            return _of_any(sets[: len(sets) - least + 1])
        case ("begins", kind, letters):
            return frozenset({f"{kind}~{letters[:BEGINNING]}"}) if len(letters) >= BEGINNING else None
        case ("phrase" | "near", *parts):
            return _rarest(frozenset({part}) for part in parts if isinstance(part, str))
        case ("maybe", part):
            return telling(part)
    return None


def _of_any(sets: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    told = [marks for marks in sets if marks is not None]
    return frozenset().union(*told) if len(told) == len(sets) else None


def _rarest(sets: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    return max(sets, key=_rarity, default=None)


def _rarity(marks: frozenset[str] | None) -> int:
    """Long words are rarer than short ones, and than the values of facets, which a name has in many dispatches."""
    if marks is None:
        return -1
    return min(
        (len(mark.partition("=")[2]) if mark.partition("=")[0] in KINDS else BEGINNING for mark in marks), default=99
    )
