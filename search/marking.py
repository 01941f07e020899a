"""What of a query is marked in a dispatch, and how the engine is asked where it stands. Pure.

The engine says where words stand, in whole paragraphs; which sentences are shown of them: `search/passages.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from mappings.dispatch import MOST_READINGS
from search.clauses import DOCUMENT, EXACT, Body, Place, all_of, form_of, visible
from search.language import Query
from search.marks import CLOSE, OPEN
from search.tree import Node, Phrase, Word

# Elasticsearch refuses to highlight longer fields unless told where to stop.
HIGHLIGHT_LIMIT = 900_000

# A reading stands where the damaged word stands in the text, and is marked there.
_READINGS = {
    "title": ("title_readings",),
    "body": tuple(f"readings_{rank + 1}" for rank in range(MOST_READINGS)),
}


@dataclass(frozen=True, slots=True)
class _Marks(Place):
    """A place in which words are marked, one by one.

    A loose quotation is found by its words and their nearness: the engine would mark all that stands between them.
    """

    def phrase(self, node: Phrase) -> Body:
        return self.loose(node) if node.slop else Place.phrase(self, node)

    def any_word(self, words: str) -> Body:
        """The words wherever they stand, whether or not the others are there."""
        asked = {"query": words, "operator": "or"}
        return _any([{"match": {f"{name}{form_of(words)}": asked}} for name, _ in self.fields])

    def loose(self, node: Phrase) -> Body:
        """As near as the slop says: in another order the words are at least one step farther apart, two words two."""
        steps = 2 if len(node.text.split()) == 2 else 1
        orders: list[Body] = [{"match": {"query": node.text, "max_gaps": node.slop, "ordered": True}}]
        if node.slop >= steps:
            orders.append({"match": {"query": node.text, "max_gaps": node.slop - steps, "ordered": False}})
        rule = {"any_of": {"intervals": orders}}
        return _any([{"intervals": {f"{name}{EXACT}": rule}} for name, _ in self.fields])


_MARKED = _Marks(DOCUMENT.fields)


def _any(queries: list[Body]) -> Body:
    return {"bool": {"should": queries}}


def marked(query: Query) -> list[Body]:
    """What can be seen of the query in a text, whoever says it: nothing of what must not be there, no facet, no date.

    Each clause is marked where it is met, also in a dispatch that does not meet the others: another version, say.
    """
    seen: tuple[Node, ...] = tuple(found for node in query.nodes if (found := visible(node)))
    words = " ".join(query.telling if query.asks != "all" else (node.text for node in seen if isinstance(node, Word)))
    others = [all_of((node,), _MARKED, query.timezone) for node in seen if not isinstance(node, Word)]
    return ([_MARKED.any_word(words)] if words else []) + [clause for clauses in others for clause in clauses]


def highlight(query: Query) -> Body | None:
    """The `highlight` of a search: every paragraph in which something is found, whole; None when nothing can be.

    Only what must be met is marked: the loose phrases that help the score would mark whole stretches between words.
    """
    clauses = marked(query)
    if not clauses:
        return None
    return {
        "highlight_query": _any(clauses),
        "encoder": "html",
        "pre_tags": [OPEN],
        "post_tags": [CLOSE],
        "max_analyzed_offset": HIGHLIGHT_LIMIT,
        "number_of_fragments": 0,
        "fields": {
            name: {"matched_fields": [f"{each}{form}" for each in (name, *readings) for form in ("", EXACT)]}
            for name, readings in _READINGS.items()
        },
    }
