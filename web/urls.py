"""The state of a search as the pairs of its query string, and the links that change it. Pure.

A page without scripts is all links: each is this state with one thing changed. Every change forgets the cursor, since
a place in one list of results means nothing in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Literal
from urllib.parse import urlencode

from authorities.model import PATH_SEPARATOR
from mappings.fields import FACETS
from search.bounds import written
from search.request import DEFAULT_FACET_SIZE, DEFAULT_SIZE, SearchRequest

Pairs = tuple[tuple[str, str], ...]

# How a value of a facet takes part in a search: not, as one of several, as one of those required, or as excluded.
Role = Literal["off", "any", "all", "none"]

SUFFIXES: dict[Role, str] = {"any": "", "all": ".all", "none": ".not"}

# A facet's other parameters: the levels opened, the kind listed; of the pages alone, what is looked for in it.
UNDER, KIND, PREFIX = ".under", ".kind", ".prefix"

# Every parameter that filters by a facet.
FACET_PARAMETERS: frozenset[str] = frozenset(name + suffix for name in FACETS for suffix in SUFFIXES.values())


def clean(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """The pairs that say something: a form sends its empty fields too (`from=&to=&sort=`)."""
    return tuple((name, value) for name, value in pairs if value.strip())


def pairs_of(request: SearchRequest) -> Pairs:
    """The shortest query string that means `request`, in a fixed order: equal searches have equal addresses."""
    pairs: list[tuple[str, str]] = [("q", request.q.strip())]
    for name in FACETS:
        if wanted := request.filters.get(name):
            pairs += [(name, value) for value in wanted.any]
            pairs += [(f"{name}.all", value) for value in wanted.all]
            pairs += [(f"{name}.not", value) for value in wanted.none]
    pairs += [
        ("from", written(request.date_from) if request.date_from else ""),
        ("to", written(request.date_to) if request.date_to else ""),
        ("interval", request.interval or ""),
        ("dated", request.dated or ""),
        ("sort", request.sort or ""),
        ("versions", "" if request.versions == "current" else request.versions),
        ("group", "" if request.group == "none" else request.group),
        ("size", "" if request.size == DEFAULT_SIZE else str(request.size)),
        ("facets", "" if request.facets == tuple(FACETS) else ",".join(request.facets) or "none"),
        *((f"{name}{UNDER}", level) for name in FACETS for level in request.under.get(name, ())),
        *((f"{name}{KIND}", request.kinds.get(name, "")) for name in FACETS),
        ("often_with", request.often_with or ""),
        ("facet_size", "" if request.facet_size == DEFAULT_FACET_SIZE else str(request.facet_size)),
        ("highlight", "" if request.highlight else "false"),
        ("cursor", request.cursor or ""),
    ]
    return clean(pairs)


def link(path: str, pairs: Pairs, fragment: str = "") -> str:
    """An address: `link("/", (("q", "à la une"),))` -> "/?q=%C3%A0+la+une"."""
    query = f"?{'&'.join(_written(name, value) for name, value in pairs)}" if pairs else ""
    return f"{path}{query}{'#' + fragment if fragment else ''}"


@lru_cache(maxsize=8192)
def _written(name: str, value: str) -> str:
    """A pair as it stands in an address. A page has a thousand of them, most of them the same: 9 ms, now 1."""
    return urlencode(((name, value),))


def without(pairs: Pairs, *names: str) -> Pairs:
    """The pairs less these parameters, and less the cursor."""
    return tuple(pair for pair in pairs if pair[0] not in names and pair[0] != "cursor")


def changed(pairs: Pairs, changes: Mapping[str, str]) -> Pairs:
    """The pairs with these parameters set, each once; a blank value removes."""
    return clean((*without(pairs, *changes), *changes.items()))


def during(pairs: Pairs, first: date | None, last: date | None) -> Pairs:
    """The search between these ends, the timeline by what suits them; None: no such end."""
    ends = {"from": written(first) if first else "", "to": written(last) if last else ""}
    return changed(pairs, {**ends, "interval": ""})


def role(pairs: Pairs, facet: str, value: str) -> Role:
    """How a value takes part in the search."""
    for name, suffix in SUFFIXES.items():
        if (facet + suffix, value) in pairs:
            return name
    return "off"


def dropped(pairs: Pairs, facet: str, value: str) -> Pairs:
    """The search without this value of this facet, whatever its role."""
    names = {facet + suffix for suffix in SUFFIXES.values()}
    return tuple(pair for pair in without(pairs) if not (pair[0] in names and pair[1] == value))


def ticked(pairs: Pairs, facet: str, value: str) -> Pairs:
    """The search with this value as well: required where the others of its facet are required, else as one of them.

    In a path, a level takes the place of the levels above and below it that were ticked: "Cambodge" ticked under
    "Asie du Sud-Est" narrows, which both together would not.
    """
    kept = dropped(pairs, facet, value)
    if FACETS[facet].hierarchical:
        kept = tuple(pair for pair in kept if not (pair[0] == facet and _same_branch(pair[1], value)))
    parameters = {name for name, _ in kept}
    every = f"{facet}.all" in parameters and facet not in parameters
    return (*kept, (f"{facet}.all" if every else facet, value))


def together(pairs: Pairs, facet: str, value: str) -> Pairs:
    """The search of the dispatches that have this value too, whatever else of its facet is ticked."""
    return (*dropped(pairs, facet, value), (f"{facet}.all", value))


def opened(pairs: Pairs, facet: str, level: str) -> Pairs:
    """The same search, the level below this one listed as well."""
    name = facet + UNDER
    # What is open below opens all that is above it.
    kept = tuple(pair for pair in without(pairs) if not (pair[0] == name and _is_above(pair[1], level)))
    return (*kept, (name, level))


def closed(pairs: Pairs, facet: str, level: str) -> Pairs:
    """The same search, nothing below this level listed; where that leaves the level above open, it stays so."""
    name = facet + UNDER
    kept = tuple(pair for pair in without(pairs) if not (pair[0] == name and _is_above(level, pair[1])))
    above, separator, _ = level.rpartition(PATH_SEPARATOR)
    still_open = any(pair[0] == name and _is_above(above, pair[1]) for pair in kept)
    return (*kept, (name, above)) if separator and not still_open else kept


def excluded(pairs: Pairs, facet: str, value: str) -> Pairs:
    """The search without the dispatches that have this value."""
    return (*dropped(pairs, facet, value), (f"{facet}.not", value))


def required(pairs: Pairs, facet: str, *, every: bool) -> Pairs:
    """The same ticked values, now all required (`every`) or any of them enough."""
    old, new = (facet, f"{facet}.all") if every else (f"{facet}.all", facet)
    return tuple((new if name == old else name, value) for name, value in without(pairs))


def _same_branch(one: str, other: str) -> bool:
    return _is_above(one, other) or _is_above(other, one)


def _is_above(level: str, path: str) -> bool:
    """Whether a path is this level or goes through it."""
    return (path + PATH_SEPARATOR).startswith(level + PATH_SEPARATOR)
