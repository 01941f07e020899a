"""What a reader asks: one frozen value, the same for the API, the page, the terminal and alerts.

Every limit of a request is here, and only here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from engine.errors import BadParameter
from mappings.fields import FACETS
from search.bounds import in_order

Sort = Literal["relevance", "newest", "oldest"]
Versions = Literal["current", "all"]
Group = Literal["story", "none"]
Dated = Literal["yes", "no"]
Interval = Literal["hour", "day", "week", "month", "quarter", "year"]

SORTS: tuple[Sort, ...] = ("relevance", "newest", "oldest")

# The shortest first.
INTERVALS: tuple[Interval, ...] = ("hour", "day", "week", "month", "quarter", "year")

# A page of results; 100 full passages are already 300 KB of JSON.
DEFAULT_SIZE, LARGEST_SIZE = 20, 100

# Values shown of a facet. 500 is a screenful of "search inside"; beyond, /facets/{F}?prefix= serves better.
DEFAULT_FACET_SIZE, LARGEST_FACET_SIZE = 10, 500

# A query longer than this is a pasted dispatch: "similar" answers that better.
LONGEST_QUERY = 1000

# Values one facet may filter by in one request.
MOST_FILTER_VALUES = 100

# Levels of paths opened in one request: each is counted by itself, in a seventh of the time of a page with facets.
MOST_OPEN = 20

# Bars of the timeline: what a page's width shows well.
TIMELINE_BUCKETS = 60

# Periods of a timeline whose interval is asked for: 90 KB of JSON.
MOST_BUCKETS = 1000


@dataclass(frozen=True, slots=True)
class FacetFilter:
    """What is asked of one facet: any of these, all of these, none of these. Values are as typed or canonical labels."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.any or self.all or self.none)

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.any, *self.all, *self.none)))


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search.

    Args:
        q: the query text, as typed.
        filters: by facet name (a key of `mappings.fields.FACETS`); absent means unfiltered.
        date_from, date_to: days, or instants to the minute; inclusive, in the archive's time zone (`search/bounds.py`).
        interval: of the timeline; None: as the period suggests.
        dated: only dispatches whose date is known, or only those whose date is not.
        group: "story" folds the dispatches found of one story into one result.
        cursor: what an earlier answer gave as `next` or `previous`.
        facets: names of the facets to count.
        under: by hierarchical facet, the levels whose next level is counted too.
        kinds: by facet whose values are told apart by kind, the only kind to list.
        often_with: the facet of which to tell what goes with the dispatches found more than with others.
    """

    q: str = ""
    filters: dict[str, FacetFilter] = field(default_factory=dict)
    date_from: date | None = None
    date_to: date | None = None
    interval: Interval | None = None
    dated: Dated | None = None
    sort: Sort | None = None
    size: int = DEFAULT_SIZE
    cursor: str | None = None
    facets: tuple[str, ...] = tuple(FACETS)
    facet_size: int = DEFAULT_FACET_SIZE
    under: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    often_with: str | None = None
    versions: Versions = "current"
    group: Group = "none"
    highlight: bool = True

    def __post_init__(self) -> None:
        """Check what no schema can: values against one another.

        Raises:
            BadParameter: says which parameter and what it may be.
        """
        if len(self.q) > LONGEST_QUERY:
            raise BadParameter(f"La recherche fait {len(self.q)} caractères ; le maximum est {LONGEST_QUERY}.")
        if self.date_from and self.date_to and not in_order(self.date_from, self.date_to):
            raise BadParameter(
                f"La période commence le {self.date_from:%d/%m/%Y}, après sa fin ({self.date_to:%d/%m/%Y}) : "
                "échangez « from » et « to »."
            )
        for name, wanted in self.filters.items():
            if name not in FACETS:
                raise BadParameter(f"La facette « {name} » n'existe pas ; les facettes sont {', '.join(FACETS)}.")
            if len(wanted.values) > MOST_FILTER_VALUES:
                raise BadParameter(f"Au plus {MOST_FILTER_VALUES} valeurs pour la facette « {name} ».")
        for name, levels in self.under.items():
            if len(levels) > MOST_OPEN:
                raise BadParameter(f"Au plus {MOST_OPEN} niveaux à déplier pour la facette « {name} ».")

    @property
    def order(self) -> Sort:
        """The sort in force: by relevance when there are words, else the newest first."""
        return self.sort or ("relevance" if self.q.strip() else "newest")
