"""What a query says, as a tree: its nodes, each with its place in the text, and their canonical spelling.

Word, Phrase, Named and Prefix are looked for in texts; Near binds them; InTitle keeps them to titles. Speaker, FacetIs, Period
and Ago are about the whole dispatch. And, Or and Not combine all of them. `text[start:end]` of the query is the node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from search.questions import Asks, asks_of, telling


@dataclass(frozen=True, slots=True)
class Word:
    """One word as typed; it may hold hyphens or apostrophes."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """A quotation, without its marks: these words, in these forms; `slop` 0: in this order, with nothing between."""

    text: str
    start: int
    end: int
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """Words that are a name of the authorities, as typed, and the other names of the entry `means`, each a quotation.

    Made by `search/widening.py`, never typed.
    """

    text: str
    means: str
    others: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word, without its star."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Near:
    """Both, in either order, with `distance` words between at most; None: in the same paragraph."""

    left: Node
    right: Node
    distance: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class InTitle:
    """`titre:`: what is looked for in texts is looked for in titles."""

    node: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Speaker:
    """`parole:` and a name: what is side by side with it must stand within one quote of that speaker.

    `means`: the labels the name may mean, found by `search/meaning.py`.
    """

    text: str
    start: int
    end: int
    means: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetIs:
    """`acteur:`, `lieu:`, `sujet:`, `agence:` and a name. `whole`: the name is known, not a part of one."""

    facet: str
    text: str
    start: int
    end: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """`date:` and days, both included; None: no bound on that side."""

    first: date | None
    last: date | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Ago:
    """`date:` and days told from today: "7j", "hier", "lundi"; `search/meaning.py` makes it a Period."""

    told: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class And:
    nodes: tuple[Node, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Or:
    nodes: tuple[Node, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Not:
    node: Node
    start: int
    end: int


Node = Word | Phrase | Named | Prefix | Near | InTitle | Speaker | FacetIs | Period | Ago | And | Or | Not

# The field prefix of each facet that has one.
FACET_PREFIXES = {"acteur": "actor", "lieu": "venue", "sujet": "topic", "agence": "agency"}
PREFIX_OF = {facet: prefix for prefix, facet in FACET_PREFIXES.items()}

# Quotation marks, each with the one that closes it.
CLOSING = {'"': '"', "«": "»", "“": "”", "„": "“", "”": "”"}


@dataclass(frozen=True, slots=True)
class Query:
    """What was understood: the parts that must all be met, and what the reader should know.

    `timezone`: that of the days, an IANA name. `asks`: of plain words and nothing else, how much of them must be met;
    unless it is all, no single word is required.
    """

    nodes: tuple[Node, ...]
    warnings: tuple[str, ...] = ()
    timezone: str = "UTC"
    asks: Asks = "all"

    @property
    def speaker(self) -> str | None:
        return next((node.text for node in self.nodes if isinstance(node, Speaker)), None)

    @property
    def words(self) -> str:
        return words_of(self.nodes)

    @property
    def telling(self) -> tuple[str, ...]:
        """Where not all words are asked for: those that count."""
        return telling([node.text for node in self.nodes if isinstance(node, Word)])

    @property
    def phrases(self) -> tuple[str, ...]:
        return tuple(node.text for node in self.nodes if isinstance(node, Phrase))

    def __str__(self) -> str:
        """The canonical spelling; parsing it gives the same tree."""
        if len(self.nodes) < 2:
            return "".join(map(spelled, self.nodes))
        parts = [_as_part(node) for node in self.nodes]
        plain = asks_of(parts) if all(isinstance(node, Word) for node in self.nodes) else self.asks
        if plain == self.asks:
            return " ".join(parts)
        # ET between words asks for all of them, a mark makes them a question.
        return " ET ".join(parts) if self.asks == "all" else f"{' '.join(parts)} ?"


def words_of(nodes: tuple[Node, ...]) -> str:
    """The words that stand side by side, names among them as typed."""
    return " ".join(node.text for node in nodes if isinstance(node, Word | Named))


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case And(nodes=nodes) | Or(nodes=nodes):
            return nodes
        case Not(node=inner) | InTitle(node=inner):
            return (inner,)
        case Near(left=left, right=right):
            return (left, right)
    return ()


def within(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in children(node):
        yield from within(child)


def binds_speaker(node: Node) -> bool:
    """Whether a `parole:` is side by side with the node's parts."""
    return isinstance(node, And) and any(isinstance(each, Speaker) for each in node.nodes)


def of_texts(node: Node) -> Iterator[Node]:
    """What in the node a `parole:` beside it moves into the quote; a `parole:` of its own is not."""
    if isinstance(node, Word | Phrase | Named | Prefix | Near):
        yield node
    elif not isinstance(node, InTitle) and not binds_speaker(node):
        for child in children(node):
            yield from of_texts(child)


def of_dispatch(node: Node) -> Iterator[Node]:
    """What in the node is about the whole dispatch."""
    if isinstance(node, Speaker | FacetIs | Period | Ago | InTitle) or binds_speaker(node):
        yield node
    else:
        for child in children(node):
            yield from of_dispatch(child)


def spelled(node: Node) -> str:
    """The canonical spelling of a node: ET is not written, and no parentheses but those it takes."""
    match node:
        case Word(text=text):
            return text
        case Phrase(text=text, slop=slop):
            return quoted(text) + (f"~{slop}" if slop else "")
        case Named(text=text, others=others):
            return " OU ".join((text, *map(quoted, others)))
        case Prefix(text=text):
            return f"{text}*"
        case Near(left=left, right=right, distance=distance):
            operator = "PARA" if distance is None else f"PRES/{distance}"
            return f"{_as_operand(left)} {operator} {_as_operand(right)}"
        case InTitle(node=inner):
            simple = isinstance(inner, Word | Phrase | Prefix)
            return f"titre:{spelled(inner)}" if simple else f"titre:({spelled(inner)})"
        case Speaker(text=text):
            return f"parole:{quoted(text)}"
        case FacetIs(facet=facet, text=text):
            return f"{PREFIX_OF[facet]}:{quoted(text)}"
        case Period(first=first_day, last=last_day):
            if first_day == last_day and first_day:
                return f"date:{first_day.isoformat()}"
            return f"date:{first_day.isoformat() if first_day else ''}..{last_day.isoformat() if last_day else ''}"
        case Ago(told=told):
            return f"date:{told}"
        case And(nodes=nodes):
            return " ".join(map(_as_part, nodes))
        case Or(nodes=nodes):
            return " OU ".join(map(spelled, nodes))
        case Not(node=inner):
            return f"SAUF {_as_part(inner)}"


def _as_operand(node: Node) -> str:
    return f"({spelled(node)})" if isinstance(node, Near) else _as_part(node)


def _as_part(node: Node) -> str:
    return f"({spelled(node)})" if isinstance(node, And | Or | Named) else spelled(node)


def quoted(text: str) -> str:
    """The text between marks of which the closing one does not stand in it: there is one for each way it was typed."""
    opening, closing = next((o, c) for o, c in CLOSING.items() if c not in text)
    return f"{opening}{text}{closing}"
