"""What a search answers, as values; `search/schemas.py` turns them into JSON, the page's templates into HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from mappings.fields import FACETS
from search.request import SearchRequest
from search.tree import quoted
from search.widening import Widened


@dataclass(frozen=True, slots=True)
class Folded:
    """What one result stands for in a list of stories: how many dispatches found, itself included, of which agencies."""

    count: int
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One dispatch found. `source` is the document without what a list does not show; highlights are HTML:
    the text escaped, hits in `<mark>`. `folded` is None unless stories are folded.

    `body_places`: of each passage, which of all the finds in title and body its first one is, from 1.
    """

    source: dict[str, Any]
    score: float | None
    title_highlight: str | None
    body_highlights: tuple[str, ...]
    folded: Folded | None = None
    body_places: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        return str(self.source["id"])


@dataclass(frozen=True, slots=True)
class Level:
    """The level below a value. `other`: counted under values not listed; `missing`: dispatches told no further."""

    other: int
    missing: int


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet. `value` is what a filter takes; `label` what a reader sees; `depth` is 0 but in paths.

    `kind` is one of the facet's kinds, None where unknown. `children`: some of the dispatches are told more exactly;
    `inside` is there when that level is listed too.
    """

    value: str
    label: str
    count: int
    selected: bool
    depth: int = 0
    kind: str | None = None
    children: bool = False
    inside: Level | None = None


@dataclass(frozen=True, slots=True)
class FacetResult:
    """A facet counted. `other`: dispatches counted under values not listed; `missing`: dispatches with no value."""

    name: str
    label: str
    values: tuple[FacetValue, ...]
    other: int
    missing: int


@dataclass(frozen=True, slots=True)
class InsideResult:
    """What a search inside a facet found, the most frequent first; `more` when it found more than it lists."""

    facet: str
    label: str
    prefix: str
    values: tuple[FacetValue, ...]
    more: bool
    took_ms: int


@dataclass(frozen=True, slots=True)
class OftenWith:
    """Values of a facet that go with the dispatches found more than with the others, the most telling first."""

    facet: str
    label: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class TimelineBucket:
    """`start` and `end` are days, or minutes where periods are hours, inclusive: they can be used as `from` and `to`."""

    start: date
    end: date
    count: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Dispatches over time, empty periods included. `interval`: hour, day, week, month, quarter, year, or N years."""

    interval: str
    buckets: tuple[TimelineBucket, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """A suggestion to use a facet instead of words: `actor=Wang Yi` for the query "wang yi"; `q`: the words left."""

    facet: str
    value: str
    label: str
    count: int
    q: str = ""

    @property
    def told(self) -> str:
        """ "Acteur : Wang Yi"."""
        return f"{ONE_OF.get(self.facet, FACETS[self.facet].label)} : {self.label}"


# A facet's label as one of its values is told.
ONE_OF = {"actor": "Acteur", "venue": "Lieu", "topic": "Sujet"}


@dataclass(frozen=True, slots=True)
class Instead:
    """Another search that finds something where this one finds nothing. `label` says, in French, how it differs; `why` is
    one of `search.nearest.ORDER`."""

    request: SearchRequest
    why: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The whole answer. `widened`: the names sought under their other names too; `as_typed`: the query without those,
    None where there is none. `total` counts dispatches and is exact; `stories` counts stories where they are folded.

    `undated`: how many of the dispatches have no known date; None when nothing is counted beside the results.
    """

    text: str
    understood: str
    widened: tuple[Widened, ...]
    as_typed: str | None
    warnings: tuple[str, ...]
    total: int
    stories: int | None
    undated: int | None
    hits: tuple[Hit, ...]
    facets: tuple[FacetResult, ...]
    timeline: Timeline | None
    often_with: OftenWith | None
    did_you_mean: str | None
    filters: tuple[Filter, ...]
    instead: tuple[Instead, ...]
    size: int
    next: str | None
    previous: str | None
    took_ms: int

    @property
    def says_more(self) -> bool:
        """Whether what was understood is worth telling: it differs by more than blanks, the shape of quotation marks, and
        the other names that are told apart."""
        understood = self.understood
        for name in self.widened:
            understood = understood.replace("".join(f" OU {quoted(other)}" for other in name.others), "")
        return _QUOTES_AND_BLANKS.sub(" ", self.text).strip() != _QUOTES_AND_BLANKS.sub(" ", understood).strip()


_QUOTES_AND_BLANKS = re.compile(r'[\s"«»“”„()]+')
