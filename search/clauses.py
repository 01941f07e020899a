"""How each node of a query becomes a clause of Elasticsearch. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from authorities.model import fold
from mappings.fields import FACETS, PARAGRAPH_GAP, SEARCHED
from mappings.french import only_stop_words
from search.bounds import begins, ends
from search.spelling import name_words
from search.tree import (
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
    Speaker,
    Word,
    children,
    of_texts,
)

Body = dict[str, Any]

EXACT = ".exact"

# What means something in a pattern of Lucene, and how long one may be: less than the engine's 1,000, and more than any name.
_OPERATORS = frozenset('.?+*|{}[]()"\\#@&<>~^$-')
_LONGEST_LITERAL = 900


def form_of(words: str) -> str:
    """Which fields answer these words: stemmed, but for stop words alone ("à la une"), which only `.exact` keeps."""
    return EXACT if only_stop_words(words) else ""


@dataclass(frozen=True, slots=True)
class Place:
    """Texts to look into: fields, each with its weight and with an `.exact` twin."""

    fields: tuple[tuple[str, float], ...]

    def words(self, words: str, form: str) -> Body:
        """All the words, wherever in the place."""
        if len(self.fields) == 1:
            return {"match": {f"{self.fields[0][0]}{form}": {"query": words, "operator": "and"}}}
        return {"combined_fields": {"query": words, "fields": self._weighted(form), "operator": "and"}}

    def any_words(self, words: str, form: str, boost: float) -> Body:
        """The same of any of the words: the more the better."""
        return {"combined_fields": {"query": words, "fields": self._weighted(form), "boost": boost}}

    def phrase(self, node: Phrase) -> Body:
        """The words as quoted, or as near to it as the slop says."""
        if len(self.fields) == 1:
            name = f"{self.fields[0][0]}{EXACT}"
            return {"match_phrase": {name: {"query": node.text, "slop": node.slop} if node.slop else node.text}}
        asked: Body = {"query": node.text, "type": "phrase", "fields": self._weighted(EXACT)}
        return {"multi_match": asked | ({"slop": node.slop} if node.slop else {})}

    def named(self, node: Named) -> Body:
        """The words as typed, or another name as it stands; a text that has several is found by its best."""
        others = (self.phrase(Phrase(other, node.start, node.end)) for other in node.others)
        return _best([self.words(node.text, form_of(node.text)), *others])

    def prefix(self, node: Prefix) -> Body:
        """A word that begins so; of several parts ("Etats-Un") the last, behind the others."""
        head, last = prefix_parts(node.text)
        if head:
            return self._intervals(node)
        return _best({"prefix": {f"{name}{EXACT}": {"value": last, "boost": boost}}} for name, boost in self.fields)

    def near(self, node: Near) -> Body:
        return self._intervals(node)

    def _intervals(self, node: Node) -> Body:
        # A rule that asks of the exact twin alone is asked of it: on the stemmed field its words would not be marked.
        form = EXACT if _exact_alone(node) else ""
        return _best(
            {"intervals": {f"{name}{form}": {**_interval(node, name), "boost": boost}}} for name, boost in self.fields
        )

    def _weighted(self, form: str) -> list[str]:
        return [f"{name}{form}^{boost:g}" for name, boost in self.fields]


def _best(queries: Iterable[Body]) -> Body:
    return {"dis_max": {"queries": list(queries)}}


DOCUMENT = Place(tuple((field.name, field.boost) for field in SEARCHED))
TITLE = Place(tuple((field.name, field.boost) for field in SEARCHED if field.name.startswith("title")))
QUOTE = Place((("quotes.text", 1.0),))


def all_of(nodes: tuple[Node, ...], place: Place, timezone: str) -> list[Body]:
    """The clauses that must all be met; the words side by side are one."""
    speaker = next((node for node in nodes if isinstance(node, Speaker)), None)
    if speaker is not None:
        told = tuple(node for node in nodes if next(of_texts(node), None) is not None)
        apart = [node for node in nodes if node is not speaker and node not in told]
        return [_said(speaker, told, timezone), *(_clause(node, place, timezone) for node in apart)]
    words = " ".join(node.text for node in nodes if isinstance(node, Word))
    found = [place.words(words, form_of(words))] if words else []
    return found + [_clause(node, place, timezone) for node in nodes if not isinstance(node, Word)]


def some_of(words: Sequence[str], least: int, place: Place) -> Body:
    """That many of the words, one at least."""
    return {"bool": {"should": [place.words(word, form_of(word)) for word in words], "minimum_should_match": least}}


def _clause(node: Node, place: Place, timezone: str) -> Body:
    match node:
        case Word(text=text):
            return place.words(text, form_of(text))
        case Phrase():
            return place.phrase(node)
        case Named():
            return place.named(node)
        case Prefix():
            return place.prefix(node)
        case Near():
            return place.near(node)
        case InTitle(node=inner):
            return _clause(inner, replace(place, fields=TITLE.fields), timezone)
        case Speaker():
            return _said(node, (), timezone)
        case FacetIs():
            return {"bool": {"filter": [_facet(node)]}}
        case Period(first=first, last=last):
            return {"bool": {"filter": day_range(first, last, timezone)}}
        case And(nodes=nodes):
            return {"bool": {"must": all_of(nodes, place, timezone)}}
        case Or(nodes=nodes):
            return {"bool": {"should": [_clause(each, place, timezone) for each in nodes], "minimum_should_match": 1}}
        case Not(node=inner):
            return {"bool": {"must_not": [_clause(inner, place, timezone)]}}
    raise ValueError(f"{node} depends on the day: search.meaning.settle comes first")


def visible(node: Node) -> Node | None:
    """What of a node can be seen in a text it meets; None: nothing."""
    match node:
        case Not() | FacetIs() | Period() | Speaker():
            return None
        case And(nodes=nodes) | Or(nodes=nodes):
            seen = tuple(found for each in nodes if (found := visible(each)))
            return replace(node, nodes=seen) if seen else None
        case InTitle(node=inner):
            below = visible(inner)
            return replace(node, node=below) if below else None
    return node


# -- nearness --------------------------------------------------------------------------------------


def _interval(node: Node, field: str) -> Body:
    """The rule of Elasticsearch's `intervals` for what may stand beside PRES and PARA, on a stemmed field."""
    match node:
        case Word(text=text):
            return _match(text, 0, f"{field}{EXACT}" if form_of(text) else "")
        case Phrase(text=text, slop=slop):
            return _match(text, slop, f"{field}{EXACT}")
        case Named(text=text, others=others):
            names = (_match(other, 0, f"{field}{EXACT}") for other in others)
            return {"any_of": {"intervals": [_interval(Word(text, node.start, node.end), field), *names]}}
        case Prefix(text=text):
            head, last = prefix_parts(text)
            begins: Body = {"prefix": {"prefix": last, "use_field": f"{field}{EXACT}"}}
            parts = [_match(head, 0, f"{field}{EXACT}"), begins]
            return {"all_of": {"intervals": parts, "ordered": True, "max_gaps": 0}} if head else begins
        case Near(left=left, right=right, distance=distance):
            # Paragraphs are PARAGRAPH_GAP apart: anything less is inside one.
            gaps = PARAGRAPH_GAP - 1 if distance is None else distance
            return {"all_of": {"intervals": [_interval(left, field), _interval(right, field)], "max_gaps": gaps}}
        case Or(nodes=nodes):
            return {"any_of": {"intervals": [_interval(each, field) for each in nodes]}}
    raise ValueError(f"{node} cannot be near anything: search.language refuses it")


def _exact_alone(node: Node) -> bool:
    match node:
        case Word(text=text) | Named(text=text):
            return form_of(text) == EXACT
    return all(map(_exact_alone, children(node)))


def _match(text: str, slop: int, field: str) -> Body:
    rule: Body = {"query": text, "max_gaps": slop, "ordered": slop == 0}
    return {"match": rule | ({"use_field": field} if field else {})}


def prefix_parts(text: str) -> tuple[str, str]:
    """What stands before the part that the star ends, and that part, folded; an elided word is no part.

    "Etats-Un" -> ("Etats-", "un"); "l'avoc" -> ("", "avoc").
    """
    whole = unicodedata.normalize("NFC", text)
    at = max((place for place, char in enumerate(whole) if not char.isalnum()), default=-1) + 1
    head = whole[:at]
    return ("" if only_stop_words(head) else head), name_words(whole)[-1]


# -- what is about the whole dispatch --------------------------------------------------------------


def _said(speaker: Speaker, told: tuple[Node, ...], timezone: str) -> Body:
    """All within one quote of the speaker: of those the name means, or of whose name it is a part ("Wang", "Lavrov")."""
    name = fold(speaker.text)
    field = "quotes.speaker.fold"
    whose: list[Body] = [{"terms": {field: [*speaker.means, name]}}, *_as_part_of(field, name)]
    told_clauses = all_of(told, QUOTE, timezone)
    inside: Body = {"bool": {"filter": [{"bool": {"should": whose}}], "must": told_clauses}}
    return {"nested": {"path": "quotes", "score_mode": "max", "query": inside}}


def _facet(node: FacetIs) -> Body:
    """The value, or, of a name nobody knows, the values it is a part of: acteur:Lavrov."""
    facet = FACETS[node.facet]
    own: Body = {"terms": {facet.folded: [node.text]}}
    if node.whole or not facet.told_apart:
        return own
    return {"bool": {"should": [own, *_as_part_of(facet.folded, fold(node.text))]}}


def _as_part_of(field: str, name: str) -> list[Body]:
    """The values that hold these words, a surname in a name say.

    Not by `wildcard`: of "lavrov *" the engine normalizes "lavrov " by itself and drops the blank, so that Lavrovski is found.
    """
    literal = "".join(f"\\{char}" if char in _OPERATORS else char for char in name)
    if len(literal) > _LONGEST_LITERAL:
        return []
    patterns = (f"{literal} .+", f".+ {literal}", f".+ {literal} .+")
    return [{"regexp": {field: {"value": pattern, "flags": "NONE"}}} for pattern in patterns]


def day_range(start: date | None, end: date | None, timezone: str) -> list[Body]:
    """The filter of a period: whole days, or minutes, of the archive's time zone, inclusive."""
    bounds: Body = {}
    zone = ZoneInfo(timezone)
    if start:
        bounds["gte"] = begins(start, zone).isoformat()
    if end:
        bounds["lt"] = ends(end, zone).isoformat()
    return [{"range": {"published": bounds}}] if bounds else []
