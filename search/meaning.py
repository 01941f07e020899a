"""What the names and days of a query mean in this archive, today. Pure: today is an argument."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from authorities.model import fold
from mappings.fields import FACETS
from search.days import since
from search.names import Names
from search.questions import least_of
from search.spelling import name_words
from search.tree import Ago, And, FacetIs, InTitle, Node, Not, Or, Period, Query, Speaker

# Labels one name of a speaker may mean ("parole:wang"), at most.
MOST_SPEAKERS = 200


def settle(query: Query, names: Names, today: date, timezone: str) -> Query:
    """The same query, its names canonical and known by their other names too, its days those of the calendar.

    Args:
        today, timezone: the day it is in the archive's time zone (an IANA name), and that zone.
    """
    if query.asks != "all":
        whole = names.widening.whole(query)
        if whole:
            return replace(whole, timezone=timezone)
        # Where some words do, another name of one is one word less found.
        return replace(query, warnings=(*query.warnings, *_told(query)), timezone=timezone)
    widened = names.widening.widen(query)
    return replace(widened, nodes=tuple(_settled(node, names, today) for node in widened.nodes), timezone=timezone)


def _told(query: Query) -> tuple[str, ...]:
    """What the reader should know of a query that does not ask for all of its words."""
    words = query.telling
    least = least_of(len(words), query.asks)
    if least == len(words):
        return ()
    kind = "Question" if query.asks == "third" else "Recherche longue"
    found = "un seul de ces mots suffit" if least == 1 else f"{least} de ces {len(words)} mots suffisent"
    return (
        f"{kind} : {found} ({', '.join(words)}), les dépêches les plus proches d'abord. ET entre les mots les demande tous.",
    )


def _settled(node: Node, names: Names, today: date) -> Node:
    match node:
        case Ago(told=told, start=start, end=end):
            return Period(*since(told, today), start, end)
        case FacetIs(facet=facet, text=text):
            value = names.canonical(facet, text)
            return replace(node, text=value, whole=names.kind(FACETS[facet], value) is not None)
        case Speaker(text=text):
            called = {names.canonical("speaker", text)}
            called |= names.aliased(FACETS["speaker"], name_words(fold(text)))
            return replace(node, means=tuple(sorted(called))[:MOST_SPEAKERS])
        case And(nodes=nodes) | Or(nodes=nodes):
            return replace(node, nodes=tuple(_settled(each, names, today) for each in nodes))
        case Not(node=inner) | InTitle(node=inner):
            return replace(node, node=_settled(inner, names, today))
    return node
