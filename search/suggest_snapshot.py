"""What can be completed, at one moment: values of facets and words, each with its count, found by their beginnings. Pure.

A snapshot never changes: it is read by all threads at once, and the next one takes its place. It has two layers, what was
counted last and the few dispatches that came since, so that following new ones costs next to nothing.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from authorities.model import PATH_SEPARATOR, fold
from mappings.fields import FACETS
from search.spelling import name_words

# Another name of a facet's value: (facet, value) -> ("Nations unies", "Organisation des Nations unies").
Aliases = Callable[[str, str], Sequence[str]]

# Beyond every letter: "lav" + LAST ends the words that begin with "lav".
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Found:
    """A value and its count. `alias`: the other name by which it was found."""

    value: str
    count: int
    alias: str | None = None


class Shelf:
    """The values of one facet, by the beginnings of the words of their names."""

    def __init__(self, counts: Mapping[str, int], aliases: Callable[[str], Sequence[str]], *, path: bool) -> None:
        self.counts = counts
        self._values = sorted(counts, key=lambda value: (-counts[value], value))
        # A form is one name of a value, folded, a blank before each word; forms stand in the order of their values.
        self._forms: list[str] = []
        self._owners = array("I")
        self._aliases: dict[int, str] = {}
        keyed: list[tuple[str, int]] = []
        for rank, value in enumerate(self._values):
            name = value.split(PATH_SEPARATOR)[-1] if path else value
            for text, alias in _names(name, aliases(value)):
                words = name_words(text)
                if alias:
                    self._aliases[len(self._forms)] = alias
                keyed += [(word, len(self._forms)) for word in dict.fromkeys(words)]
                self._forms.append(f" {' '.join(words)}")
                self._owners.append(rank)
        self._keys, self._places = _sorted(keyed)

    def meeting(self, words: Sequence[str]) -> Iterator[Found]:
        """The values of which all words begin words of one name, the most frequent first; no word: all."""
        if not words:
            yield from (Found(value, self.counts[value]) for value in self._values)
            return
        ranges = [(bisect_left(self._keys, word), bisect_left(self._keys, word + LAST)) for word in words]
        low, high = min(ranges, key=lambda each: each[1] - each[0])
        begun = [f" {word}" for word in words]
        last = -1
        for form in sorted(set(self._places[low:high])):
            rank = self._owners[form]
            if rank != last and all(begins in self._forms[form] for begins in begun):
                last = rank
                value = self._values[rank]
                yield Found(value, self.counts[value], self._aliases.get(form))


def _names(name: str, others: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Every name of a value, and what to show of it when it is another than its own; apostrophes may be left out."""
    for text, alias in [(name, None), *((other, other) for other in others)]:
        yield text, alias
        plain = fold(text)
        if "'" in plain:
            yield plain.replace("'", ""), alias


class Words:
    """Words by their beginnings."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = counts
        self._words = sorted(counts, key=lambda word: (-counts[word], word))
        keyed: list[tuple[str, int]] = []
        self._folded: dict[str, int] = {}
        for rank, word in enumerate(self._words):
            key = fold(word)
            self._folded.setdefault(key, rank)
            # "aujourdhui" and "portepar" begin "aujourd'hui" and "porte-parole" too.
            keyed += [(form, rank) for form in {key, key.replace("'", ""), key.replace(" ", "")}]
        self._keys, self._places = _sorted(keyed)

    def beginning(self, typed: str) -> Iterator[Found]:
        """The words that begin with a folded text, the most frequent first, but for itself."""
        low, high = bisect_left(self._keys, typed), bisect_left(self._keys, typed + LAST)
        for rank in sorted(set(self._places[low:high])):
            word = self._words[rank]
            if fold(word) != typed:
                yield Found(word, self.counts[word])

    def same(self, word: str) -> str | None:
        """How this word is spelled here."""
        rank = self._folded.get(fold(word))
        return None if rank is None else self._words[rank]


def _sorted(keyed: list[tuple[str, int]]) -> tuple[list[str], array[int]]:
    """Keys in order, and what each leads to. Sorted by first letters: sorting all at once would stop other threads."""
    shelves: dict[str, list[tuple[str, int]]] = {}
    for key, place in keyed:
        shelves.setdefault(key[:2], []).append((key, place))
    keys: list[str] = []
    places = array("I")
    for begins in sorted(shelves):
        shelf = sorted(shelves[begins])
        keys += [key for key, _ in shelf]
        places.extend(place for _, place in shelf)
    return keys, places


@dataclass(frozen=True, slots=True)
class Layer:
    """Values by facet, and words."""

    shelves: Mapping[str, Shelf] = field(default_factory=dict)
    words: Words = field(default_factory=lambda: Words({}))


def layer(values: Mapping[str, Mapping[str, int]], words: Mapping[str, int], aliases: Aliases) -> Layer:
    """A layer of these counts: by facet and value, and by word."""
    return Layer(
        {
            facet: Shelf(counts, partial(aliases, facet), path=FACETS[facet].hierarchical)
            for facet, counts in values.items()
        },
        Words(words),
    )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was counted last, and the dispatches since.

    Args:
        recent: its words are spelled as those of `base` where they are there.
        exact_words: words were counted in every dispatch, not in some of them.
    """

    base: Layer = field(default_factory=Layer)
    recent: Layer = field(default_factory=Layer)
    exact_words: bool = True

    def values(self, facet: str, words: Sequence[str], limit: int) -> list[Found]:
        """The values of a facet that meet these words, the most frequent first."""
        shelves = [each.shelves[facet] for each in (self.base, self.recent) if facet in each.shelves]
        return _merged([shelf.meeting(words) for shelf in shelves], [shelf.counts for shelf in shelves], limit)

    def words(self, typed: str, limit: int) -> list[Found]:
        """The words that begin with a folded text, the most frequent first."""
        kept = [self.base.words, self.recent.words]
        return _merged([words.beginning(typed) for words in kept], [words.counts for words in kept], limit)


def _merged(found: Sequence[Iterable[Found]], counts: Sequence[Mapping[str, int]], limit: int) -> list[Found]:
    """The most frequent of several lists, each in order, their counts added up."""
    kept: dict[str, Found] = {}
    for each in found:
        for value, _ in zip(each, range(limit), strict=False):
            kept.setdefault(value.value, value)
    totals = [
        Found(each.value, sum(known.get(each.value, 0) for known in counts), each.alias) for each in kept.values()
    ]
    return sorted(totals, key=lambda each: (-each.count, each.value))[:limit]
