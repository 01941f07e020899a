"""New dispatches together, as the index holds them, and what of a condition can be said of them. Pure.

Sets of dispatches are the bits of one integer, so that a condition is decided for all of them at once; of each it is said
which dispatches meet it for sure, and which may: those between, only the engine can tell.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from operator import or_
from typing import Any

from alerts.conditions import BEGINNING, KINDS, Condition
from engine.client import TermsOf
from search.clauses import EXACT

# Sets of dispatches: those that meet a condition for sure, those that may.
Decided = tuple[int, int]

_NONE: Decided = (0, 0)


@dataclass(frozen=True, slots=True)
class New:
    """A new dispatch, with what matching needs of it.

    Args:
        settled: the others of its story know of it. Until then, what it corrects or withdraws may look as before.
        values: by field of `VALUE_FIELDS`, its values, folded.
        published: in milliseconds since 1970.
        written: how often the engine had taken it when it was read.
    """

    id: str
    story: str
    version: int
    seq: int
    back_load: bool
    settled: bool
    values: Mapping[str, Sequence[str]]
    published: int | None
    written: int


class Window:
    """Some new dispatches, each by its place among them."""

    def __init__(self, dispatches: Sequence[New], terms: Mapping[str, TermsOf]) -> None:
        self.dispatches = dispatches
        self.of_id = {each.id: each for each in dispatches}
        self.bit_of = {each.id: 1 << place for place, each in enumerate(dispatches)}
        self._every = (1 << len(dispatches)) - 1
        self._terms = [terms[each.id] for each in dispatches]
        # Of what was written anew between the two readings, one says this and the other that: it is for the engine.
        self._torn = self._those(new.written != read.version for new, read in zip(dispatches, self._terms, strict=True))
        self._words = {kind: self._having(kind, fields) for kind, fields in KINDS.items()}
        self._sorted = {kind: sorted(self._words[kind]) for kind in filter(_is_exact, KINDS)}
        values: dict[str, int] = {}
        for place, new in enumerate(dispatches):
            for field, names in new.values.items():
                for name in names:
                    mark = f"{field}={name}"
                    values[mark] = values.get(mark, 0) | 1 << place
        self._values = values
        self.marks = values | {
            f"{kind}={term}": has for kind, words in self._words.items() for term, has in words.items()
        }
        for kind in filter(_is_exact, KINDS):
            for term, has in self._words[kind].items():
                beginning = f"{kind}~{term[:BEGINNING]}"
                self.marks[beginning] = self.marks.get(beginning, 0) | has
        self._published = _Ordered((new.published, 1 << place) for place, new in enumerate(dispatches))
        self._entered = _Ordered((new.seq, 1 << place) for place, new in enumerate(dispatches))
        self._kept: dict[Condition, Decided] = {}
        self._members: dict[int, tuple[New, ...]] = {}
        self._back_loads = self._those(each.back_load for each in dispatches)

    def _those(self, told: Iterable[bool]) -> int:
        return sum(1 << place for place, true in enumerate(told) if true)

    def _having(self, kind: str, fields: Sequence[str]) -> dict[str, int]:
        having: dict[str, int] = {}
        for place, terms in enumerate(self._terms):
            bit = 1 << place
            for term in set().union(*(terms.of(field) for field in fields)):
                having[term] = having.get(term, 0) | bit
        return having

    # -- of dispatches -----------------------------------------------------------------------------

    def members(self, dispatches: int) -> tuple[New, ...]:
        """The dispatches of a set, in their order."""
        found = self._members.get(dispatches)
        if found is None:
            found = tuple(each for place, each in enumerate(self.dispatches) if dispatches >> place & 1)
            self._members[dispatches] = found
        return found

    def told_to(self, after_seq: int, had: frozenset[str], *, back_loads: bool) -> int:
        """The dispatches that are the business of a saved search: see `alerts.models.SavedSearch`."""
        late = self._every & ~self._entered.before(after_seq + 1)
        if had:
            late &= ~self._those(each.id in had for each in self.dispatches)
        return late if back_loads else late & ~self._back_loads

    # -- of conditions -----------------------------------------------------------------------------

    def decide(self, condition: Condition) -> Decided:
        """The dispatches that meet a condition for sure, and those that may."""
        sure, may = self._decide(condition)
        return sure & ~self._torn, may

    def _decide(self, condition: Condition) -> Decided:
        if isinstance(condition, str):
            has = self.marks.get(condition, 0)
            return has, has
        return WAYS[condition[0]](self, condition)

    def _all(self, condition: tuple[Any, ...]) -> Decided:
        sure = may = self._every
        for part in islice(condition, 1, None):
            if isinstance(part, str):
                has = self.marks.get(part, 0)
                sure &= has
                may &= has
            else:
                meets = self._decide(part)
                sure &= meets[0]
                may &= meets[1]
            if not may:
                return _NONE
        return sure, may

    def _any(self, condition: tuple[Any, ...]) -> Decided:
        sure = may = 0
        for part in islice(condition, 1, None):
            meets = self._decide(part)
            sure |= meets[0]
            may |= meets[1]
        return sure, may

    def _not(self, condition: tuple[Any, ...]) -> Decided:
        sure, may = self._decide(condition[1])
        return self._every & ~may, self._every & ~sure

    def _some(self, condition: tuple[Any, ...]) -> Decided:
        least = condition[1]
        parts = [self._decide(part) for part in condition[2:]]
        return _at_least(least, (sure for sure, _ in parts)), _at_least(least, (may for _, may in parts))

    def _maybe(self, condition: tuple[Any, ...]) -> Decided:
        return 0, self._decide(condition[1])[1]

    def _begins(self, condition: tuple[Any, ...]) -> Decided:
        return self._once(condition, self._beginning)

    def _beginning(self, kind: str, letters: str) -> int:
        words, having, meets = self._sorted[kind], self._words[kind], 0
        for word in islice(words, bisect_left(words, letters), None):
            if not word.startswith(letters):
                break
            meets |= having[word]
        return meets

    def _holds(self, condition: tuple[Any, ...]) -> Decided:
        return self._once(condition, self._holding)

    def _holding(self, field: str, part: str) -> int:
        meets = 0
        for mark, has in self._values.items():
            name, _, value = mark.partition("=")
            if name == field and part in value:
                meets |= has
        return meets

    def _when(self, condition: tuple[Any, ...]) -> Decided:
        _, start, end = condition
        meets = self._published.before(end)
        if start is not None:
            meets &= ~self._published.before(start)
        return meets, meets

    def _phrase(self, condition: tuple[Any, ...]) -> Decided:
        marks, places = condition[1::2], condition[2::2]
        may = self._every
        for mark in marks:
            may &= self.marks.get(mark, 0)
        if not may:
            return _NONE
        kind = marks[0].partition("=")[0]
        terms = [mark.partition("=")[2] for mark in marks]
        return self._where(may, lambda read: any(_stand(read, field, terms, places) for field in KINDS[kind]))

    def _near(self, condition: tuple[Any, ...]) -> Decided:
        _, between, left, right = condition
        may = self.marks.get(left, 0) & self.marks.get(right, 0)
        if not may:
            return _NONE
        kind, _, one = left.partition("=")
        other = right.partition("=")[2]
        return self._where(may, lambda read: any(_close(read, field, one, other, between) for field in KINDS[kind]))

    def _where(self, dispatches: int, meets: Callable[[TermsOf], bool]) -> Decided:
        found = 0
        for place, read in enumerate(self._terms):
            if dispatches >> place & 1 and meets(read):
                found |= 1 << place
        return found, found

    def _once(self, condition: tuple[Any, ...], decide: Callable[..., int]) -> Decided:
        """What takes longer than a look into a dictionary, and is asked by many."""
        found = self._kept.get(condition)
        if found is None:
            meets = decide(*condition[1:])
            found = self._kept[condition] = (meets, meets)
        return found


class _Ordered:
    """Sets of dispatches by a number that some of them have."""

    def __init__(self, numbered: Iterable[tuple[int | None, int]]) -> None:
        told = sorted((number, bit) for number, bit in numbered if number is not None)
        self._numbers = [number for number, _ in told]
        self._sets: list[int] = [0, *accumulate((bit for _, bit in told), or_)]

    def before(self, number: int | None) -> int:
        """Those whose number is less; None: all that have one."""
        return self._sets[len(self._numbers) if number is None else bisect_left(self._numbers, number)]


WAYS: dict[str, Callable[[Window, tuple[Any, ...]], Decided]] = {
    "all": Window._all,
    "any": Window._any,
    "not": Window._not,
    "some": Window._some,
    "maybe": Window._maybe,
    "begins": Window._begins,
    "holds": Window._holds,
    "published": Window._when,
    "phrase": Window._phrase,
    "near": Window._near,
}


def _is_exact(kind: str) -> bool:
    """Whether beginnings are looked for in it."""
    return kind.endswith(EXACT)


def _at_least(least: int, sets: Iterable[int]) -> int:
    """Those that are in so many of the sets, or more."""
    counted = [-1] + [0] * least  # by number, those that are in as many
    for each in sets:
        for number in range(least, 0, -1):
            counted[number] |= counted[number - 1] & each
    return counted[least]


def _stand(read: TermsOf, field: str, terms: Sequence[str], places: Sequence[int]) -> bool:
    """Whether the terms stand somewhere in a field as far from each other as the places say."""
    begin: set[int] | None = None
    for term, offset in zip(terms, places, strict=True):
        here = {at - offset for at in read.places(field, term)}
        begin = here if begin is None else begin & here
        if not begin:
            return False
    return True


def _close(read: TermsOf, field: str, one: str, other: str, between: int) -> bool:
    """Whether two terms stand somewhere in a field with at most so many places between them."""
    others = read.places(field, other)
    if not others:
        return False
    for at in read.places(field, one):
        after = bisect_left(others, at)
        if after < len(others) and others[after] - at - 1 <= between:
            return True
        if after and at - others[after - 1] - 1 <= between:
            return True
    return False
