"""Other searches the reader may have meant, with how many dispatches each finds: facets for names, and, where nothing is
found, the nearest searches that find something. The only part of them that asks the engine.

A search that finds something and names nobody asks nothing more. Names are counted by one request more; where nothing is
found, all other searches are counted by one, and what was mistyped by a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from authorities.model import fold
from engine.errors import EngineRefused
from search import typos
from search.clauses import DOCUMENT, EXACT
from search.compile import matching
from search.language import parse
from search.marking import highlight
from search.names import Names
from search.nearest import UNFILTERED, Way, changed, readable, told, ways
from search.proposals import Proposal, chosen, narrowed_by, propose
from search.request import SearchRequest
from search.result import FacetResult, Filter, Instead
from search.tree import Node, Not, Or, Phrase, Query, Word, children

Body = dict[str, Any]

# So few that one word may be at fault though something is found: OU finds what its other side has.
FEW = 3

MARKED = re.compile(r"<mark>(.*?)</mark>")
WORD = re.compile(r"[^\W\d_]+")

# A word that is the name of one of these is no slip; a surname or a small town may be one: "Chin" for "Chine".
SURE_KINDS = frozenset(("organisation", "state", "region"))

# Words looked up for their spelling; a pasted sentence has more, and is no slip.
MOST_LOOKED_UP = 12


@dataclass(frozen=True, slots=True)
class Offered:
    """What else may be searched. `did_you_mean`: a query; `instead`: whole searches, only where nothing was found."""

    did_you_mean: str | None = None
    filters: tuple[Filter, ...] = ()
    instead: tuple[Instead, ...] = ()


class Otherwise:
    """Asks the engine.

    Args:
        ask: sends a body, gives back the answer.
        settled: what a query as read means in this archive, today.
        timezone: the archive's.
    """

    def __init__(
        self, ask: Callable[[Body], Body], names: Names, settled: Callable[[Query], Query], timezone: str
    ) -> None:
        self._ask, self._names, self._settled, self._timezone = ask, names, settled, timezone

    def offered(self, request: SearchRequest, typed: Query, total: int, facets: Sequence[FacetResult]) -> Offered:
        """What to offer beside the first page of a search.

        Args:
            request: canonical.
            typed: its query as read, nothing settled.
            total: how many dispatches it found.
            facets: what it counted; where it counted none, names are not counted either, unless nothing was found.
        """
        if request.cursor:
            return Offered()
        proposals = propose(typed, request, self._names, facets) if request.facets or not total else ()
        try:
            return self._beside(request, typed, total, proposals) if total else self._nearest(request, typed, proposals)
        except EngineRefused:
            return Offered()  # a search at the limits of what the engine takes: what it asks was answered

    def _beside(self, request: SearchRequest, typed: Query, total: int, proposals: Sequence[Proposal]) -> Offered:
        counts = self._counted([narrowed_by(each, request) for each in proposals])
        respelled = self._respelled(request, typed) if total <= FEW and _has_choice(typed) else None
        return Offered(respelled, chosen(proposals, counts))

    def _nearest(self, request: SearchRequest, typed: Query, proposals: Sequence[Proposal]) -> Offered:
        tries = ways(typed, request, self._names)
        words = self._lookable(typed)
        searches = [*(way.request for way in tries), *(narrowed_by(each, request) for each in proposals)]
        body = self._counting(searches)
        if words:
            looked_up = _looked_up(words)
            body = {**body, **looked_up, "aggs": {**body["aggs"], **looked_up["aggs"]}}
        if not body["aggs"]:
            return Offered()
        answer = self._ask(body)
        counts = _counts(answer, len(searches))
        spelled = self._spelled(request, words, answer) if words else []
        found = [*spelled, *zip(tries, counts, strict=False)]
        instead = told([way for way, _ in found], [count for _, count in found])
        right = next((each.request.q for each in instead if each.why == "spelling"), None)
        return Offered(right, chosen(proposals, counts[len(tries) :]), instead)

    def _respelled(self, request: SearchRequest, typed: Query) -> str | None:
        """The query with its mistyped words put right, where it finds something."""
        words = self._lookable(typed)
        if not words:
            return None
        spelled = self._spelled(request, words, self._ask(_looked_up(words)))
        return next((way.request.q for way, count in spelled if count and way.why == "spelling"), None)

    def _spelled(self, request: SearchRequest, words: Sequence[Word], answer: Body) -> list[tuple[Way, int]]:
        """The searches for what may have been meant by words no dispatch has; where they find nothing, those near them.

        Args:
            answer: to what `_looked_up` asks.
        """
        texts = _texts(words)
        missing = set(typos.unknown(answer, texts))
        near = {text: found for text, found in typos.near(answer, texts).items() if text in missing}
        if not near:
            return []
        tries: list[Way] = []
        for rank in range(max(map(len, near.values()))):
            q = _put_right(request.q, words, near, rank)
            if readable(q):
                tries.append(Way(changed(request, q), "spelling", f"« {q} »"))
        if not tries:
            return []
        # Where that finds nothing either: what is near it.
        best = tries[0].request
        more = [_of_other_words(way, best.q) for way in ways(parse(best.q), best, self._names)]
        body = self._counting([way.request for way in (*tries, *more)])
        body["aggs"]["shown"] = _shown([option for options in near.values() for option in options])
        answer = self._ask(body)
        counts = _counts(answer, len(tries) + len(more))
        found = [*zip(tries, counts, strict=False)]
        if not any(counts[: len(tries)]):
            found += zip(more, counts[len(tries) :], strict=True)
        accents = _written(answer)
        return [(_as_written(way, accents), count) for way, count in found]

    def _lookable(self, typed: Query) -> list[Word]:
        """The words that may be mistyped: those left out are sought nowhere, those of a name are right."""
        meanings = self._names.naming.meanings
        right = {
            node
            for found in self._names.naming.find(typed.nodes)
            if found.used > 1 or any(name.kind in SURE_KINDS for name in meanings[found.key])
            for node in typed.nodes[found.at : found.at + found.used]
        }
        words = [
            each
            for node in typed.nodes
            for each in _sought(node)
            if isinstance(each, Word) and each not in right and typos.may_be_wrong(each.text)
        ]
        texts = list(dict.fromkeys(each.text for each in words))[:MOST_LOOKED_UP]
        return [each for each in words if each.text in texts]

    def _counted(self, searches: Sequence[SearchRequest]) -> list[int]:
        if not searches:
            return []
        return _counts(self._ask(self._counting(searches)), len(searches))

    def _counting(self, searches: Sequence[SearchRequest]) -> Body:
        """The body that counts what each of these searches finds, in one pass."""
        filters = {
            str(number): matching(each, self._settled(parse(each.q)), self._timezone)
            for number, each in enumerate(searches)
        }
        aggs = {"searches": {"filters": {"filters": filters}}} if filters else {}
        return {"size": 0, "track_total_hits": False, "aggs": aggs}


def _counts(answer: Body, number: int) -> list[int]:
    buckets = answer["aggregations"]["searches"]["buckets"] if number else {}
    return [buckets[str(each)]["doc_count"] for each in range(number)]


def _texts(words: Sequence[Word]) -> list[str]:
    return list(dict.fromkeys(word.text for word in words))


def _looked_up(words: Sequence[Word]) -> Body:
    """The body that asks which words no dispatch has, and what is near them."""
    texts = _texts(words)
    return typos.asked(texts) | {"aggs": typos.held(texts)["aggs"]}


def _sought(node: Node) -> Iterator[Node]:
    if not isinstance(node, Not):
        yield node
        for child in children(node):
            yield from _sought(child)


def _has_choice(typed: Query) -> bool:
    """Whether a word may be nowhere though something is found."""
    return typed.asks != "all" or any(isinstance(each, Or) for node in typed.nodes for each in _sought(node))


def _put_right(q: str, words: Sequence[Word], near: Mapping[str, Sequence[str]], rank: int) -> str:
    """The query with other words in the place of those, in their capitals."""
    for word in sorted(words, key=lambda each: -each.start):
        options = near.get(word.text)
        if options:
            q = q[: word.start] + _in_case_of(word.text, options[min(rank, len(options) - 1)]) + q[word.end :]
    return q


def _shown(words: Sequence[str]) -> Body:
    """The aggregation that shows each word in a dispatch, marked: there it has its accents."""
    filters = {str(number): DOCUMENT.words(word, EXACT) for number, word in enumerate(words)}
    marks = highlight(Query((Or(tuple(Phrase(word, 0, 0) for word in words), 0, 0),)))
    return {
        "filters": {"filters": filters},
        "aggs": {"one": {"top_hits": {"size": 1, "_source": False, "highlight": marks}}},
    }


def _written(answer: Body) -> dict[str, str]:
    """Words as the dispatches shown write them, by what folding makes of them."""
    shown = [
        hit for bucket in answer["aggregations"]["shown"]["buckets"].values() for hit in bucket["one"]["hits"]["hits"]
    ]
    texts = " ".join(text for hit in shown for field in hit.get("highlight", {}).values() for text in field)
    marked = unescape(" ".join(MARKED.findall(texts)))
    return {fold(word): word.lower() for word in WORD.findall(marked)}


def _of_other_words(way: Way, q: str) -> Way:
    """A way from a query put right, which says what it seeks where the words differ."""
    own = way.request.q
    if own == q:
        return replace(way, label=f"« {q} », {way.label}")
    return replace(way, label=f"« {own} »" + (f", {UNFILTERED}" if way.why == "both" else ""))


def _as_written(way: Way, written: Mapping[str, str]) -> Way:
    """The same way, its words with their accents."""

    def accented(found: re.Match[str]) -> str:
        return _in_case_of(found[0], written.get(found[0].lower(), found[0]))

    q = readable(WORD.sub(accented, way.request.q)) or way.request.q
    return replace(way, request=changed(way.request, q), label=way.label.replace(way.request.q, q))


def _in_case_of(typed: str, word: str) -> str:
    if typed.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if typed[:1].isupper() else word
