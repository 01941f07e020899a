"""The side column: every facet as a list of links that tick, exclude, open and look inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from authorities.model import PATH_SEPARATOR
from mappings.fields import FACETS, KIND_LABELS, Facet
from search.inside import LONGEST_PREFIX
from search.request import DEFAULT_FACET_SIZE, LARGEST_FACET_SIZE, FacetFilter, SearchRequest
from search.result import FacetResult, FacetValue, InsideResult, OftenWith
from web import urls, wording
from web.texts import KINDS, noted, pgettext
from web.texts import gettext as _
from web.urls import KIND, PREFIX, UNDER, Pairs, Role

# Of pairs and a place in the page, the address.
Home = Callable[..., str]

# "n autres" shows this many times more values of every facet.
MORE_VALUES = 5

DEEPEST = 4

# What a value is, beside it: short, since ten stand under one another; the others are short in full.
KIND_MARKS: dict[str, str] = {
    "person": noted("pers."),
    "organisation": noted("org."),
}


@dataclass(frozen=True, slots=True)
class Link:
    """Words and where they lead; `current`: they say what is shown now."""

    text: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet: `href` ticks or unticks it, `except_href` excludes it (none where it is excluded).

    `fold` opens or closes the level below; None where there is none, or where what is ticked keeps it open.
    """

    label: str
    full: str
    above: str  # what its path has above it, where that is not seen
    count: int
    depth: int
    role: Role
    href: str
    except_href: str | None
    kind: str | None
    mark: str | None
    is_open: bool
    fold: str | None


@dataclass(frozen=True, slots=True)
class Rest:
    """What an open level holds besides the values listed."""

    depth: int
    other: int
    missing: int


@dataclass(frozen=True, slots=True)
class FacetList:
    """A facet in the side column; links that do not apply are None. `mode` makes ticked values required, or not.

    `searched` is what was looked for in it; then `values` are those found, and `clear_href` lists all again. `more`: more
    were found. `hidden` is the search that its form carries along, None where there is too little to look for.
    """

    name: str
    label: str
    values: tuple[Value | Rest, ...]
    kinds: tuple[Link, ...]
    other: int
    missing: int
    more_href: str | None
    less_href: str | None
    mode: Link | None
    hidden: Pairs | None
    searched: str | None = None
    clear_href: str | None = None
    more: bool = False
    tree: bool = False
    prefix_name: str = ""
    longest: int = LONGEST_PREFIX


def looked_for(pairs: Pairs) -> tuple[Pairs, dict[str, str]]:
    """The pairs of a search, and apart from them what is looked for in which facet."""
    names = {facet + PREFIX: facet for facet in FACETS}
    return (
        tuple(pair for pair in pairs if pair[0] not in names),
        {names[name]: value for name, value in pairs if name in names},
    )


def facet_lists(
    found: tuple[FacetResult, ...],
    inside: Mapping[str, InsideResult],
    pairs: Pairs,
    asked: SearchRequest,
    home: Home,
) -> list[FacetList]:
    """The facets to show: those that leave something to choose."""
    column = _Column(pairs, asked, home)
    lists = (
        column.looked_inside(facet, inside[facet.name]) if facet.name in inside else column.listed(facet)
        for facet in found
    )
    return [each for each in lists if each]


def often_with(found: OftenWith | None, pairs: Pairs, home: Home) -> list[tuple[Link, FacetValue]]:
    """What is often with the dispatches found, most often first, each a link to the dispatches that have it too."""
    if not found:
        return []
    values = sorted(found.values, key=lambda value: -value.count)
    return [(Link(value.label, home(urls.together(pairs, found.facet, value.value))), value) for value in values]


def _mark(kind: str) -> str:
    """What a value is, as it stands beside it."""
    return _(KIND_MARKS[kind]) if kind in KIND_MARKS else pgettext(KINDS, KIND_LABELS[kind][0])


@dataclass(frozen=True, slots=True)
class _Column:
    pairs: Pairs
    asked: SearchRequest
    home: Home

    def listed(self, found: FacetResult) -> FacetList | None:
        """A facet as counted; None where it leaves nothing to choose."""
        facet, asked = FACETS[found.name], self.asked
        selected = any(value.selected for value in found.values)
        if facet.name == "status" and len(found.values) < 2 and not selected:
            return None
        if not found.values and facet.name not in asked.kinds:
            return None
        larger = min(LARGEST_FACET_SIZE, asked.facet_size * MORE_VALUES)
        # A level below may be cut where the top is not: "more" shows more of every level.
        cut = found.other or any(value.inside and value.inside.other for value in found.values)
        longer = asked.facet_size > DEFAULT_FACET_SIZE and len(found.values) > DEFAULT_FACET_SIZE
        return FacetList(
            name=facet.name,
            label=_(facet.label),
            values=tuple(self._rows(facet, found)),
            kinds=self._kinds(facet),
            other=found.other,
            missing=found.missing,
            more_href=self._here(facet, urls.changed(self.pairs, {"facet_size": str(larger)}))
            if cut and larger > asked.facet_size
            else None,
            less_href=self._here(facet, urls.without(self.pairs, "facet_size")) if longer else None,
            mode=self._mode(facet),
            hidden=urls.without(self.pairs) if cut or facet.hierarchical else None,
            tree=facet.hierarchical,
            prefix_name=facet.name + PREFIX,
        )

    def looked_inside(self, found: FacetResult, inside: InsideResult) -> FacetList:
        """A facet, of which only what was looked for is shown."""
        facet = FACETS[found.name]
        return FacetList(
            name=facet.name,
            label=_(facet.label),
            values=tuple(self._value(facet, value, alone=True) for value in inside.values),
            kinds=self._kinds(facet),
            other=0,
            missing=0,
            more_href=None,
            less_href=None,
            mode=None,
            hidden=urls.without(self.pairs),
            searched=inside.prefix,
            clear_href=self._here(facet, self.pairs),
            more=inside.more,
            prefix_name=facet.name + PREFIX,
        )

    def _here(self, facet: Facet, pairs: Pairs) -> str:
        return self.home(pairs, f"facette-{facet.name}")

    def _rows(self, facet: Facet, found: FacetResult) -> Iterator[Value | Rest]:
        """The values in order, and under those that are open, after all below them, what is left of that level."""
        waiting: list[FacetValue] = []
        for value in found.values:
            while waiting and waiting[-1].depth >= value.depth:
                yield from self._rest(waiting.pop())
            yield self._value(facet, value)
            if value.inside:
                waiting.append(value)
        while waiting:
            yield from self._rest(waiting.pop())

    def _rest(self, value: FacetValue) -> Iterator[Rest]:
        if value.inside and (value.inside.other or value.inside.missing):
            yield Rest(min(value.depth + 1, DEEPEST), value.inside.other, value.inside.missing)

    def _value(self, facet: Facet, value: FacetValue, *, alone: bool = False) -> Value:
        pairs = self.pairs
        role = urls.role(pairs, facet.name, value.value)
        change = urls.ticked if role == "off" else urls.dropped
        kind = pgettext(KINDS, KIND_LABELS[value.kind][0]) if value.kind else None
        return Value(
            label=wording.typeset(_(value.label)) if facet.name == "status" else value.label,
            full=value.value,
            above=" › ".join(value.value.split(PATH_SEPARATOR)[:-1]) if alone and facet.hierarchical else "",
            count=value.count,
            depth=0 if alone else min(value.depth, DEEPEST),
            role=role,
            href=self.home(change(pairs, facet.name, value.value)),
            except_href=None if role == "none" else self.home(urls.excluded(pairs, facet.name, value.value)),
            kind=kind,
            # Where one kind is listed, its heading says it.
            mark=_mark(value.kind) if value.kind and facet.name not in self.asked.kinds else None,
            is_open=value.inside is not None,
            fold=None if alone else self._fold(facet, value),
        )

    def _fold(self, facet: Facet, value: FacetValue) -> str | None:
        if not value.children:
            return None
        if not value.inside:
            return self._here(facet, urls.opened(self.pairs, facet.name, value.value))
        closed = urls.closed(self.pairs, facet.name, value.value)
        by_hand = any(name == facet.name + UNDER for name, _ in set(self.pairs) - set(closed))
        return self._here(facet, closed) if by_hand and not self._kept_open(facet, value.value) else None

    def _kept_open(self, facet: Facet, level: str) -> bool:
        """Whether something ticked on this level or below keeps it open."""
        wanted = self.asked.filters.get(facet.name, FacetFilter())
        return any((path + PATH_SEPARATOR).startswith(level + PATH_SEPARATOR) for path in wanted.values)

    def _kinds(self, facet: Facet) -> tuple[Link, ...]:
        if not facet.told_apart:
            return ()
        now = self.asked.kinds.get(facet.name)
        ways = [(None, _("tous")), *((kind, pgettext(KINDS, KIND_LABELS[kind][1])) for kind in facet.told_apart)]
        return tuple(
            Link(words, self._here(facet, urls.changed(self.pairs, {facet.name + KIND: kind or ""})), kind == now)
            for kind, words in ways
        )

    def _mode(self, facet: Facet) -> Link | None:
        wanted = self.asked.filters.get(facet.name, FacetFilter())
        if facet.single:
            return None
        if len(wanted.any) > 1:
            return Link(_("Exiger tout ce qui est coché"), self.home(urls.required(self.pairs, facet.name, every=True)))
        if len(wanted.all) > 1:
            return Link(_("Une valeur cochée suffit"), self.home(urls.required(self.pairs, facet.name, every=False)))
        return None
