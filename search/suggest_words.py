"""The words of texts as readers may go on typing them, and how many dispatches hold each. Pure.

A word is counted whatever its case and accents, and spelled as most dispatches spell it: "événement", "Zaporijjia".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from authorities.model import fold
from mappings.french import APOSTROPHES, STOP_WORDS
from search.tokens import OPERATORS

# "porte-parole", "aujourd'hui", "G20", "Covid-19"; no numbers
WORD = re.compile(r"[^\W\d_][^\W_]*(?:['-][^\W_]+)*")

# What stands before a word and is none of it: "l'Asie" -> "Asie"; "aujourd'hui", "N'Djamena" and "M'Bow" stay.
ELIDED = re.compile(r"(?:[cdjlst]|(?:jus|lors|puis|quoi)?qu|[mn](?='[^\W\dbcdfgjklmnpqrstvwxz]))'(?=\w)", re.IGNORECASE)

# What stands behind a verb: "a-t-il", "est-ce", "celui-ci"; "rendez-vous" stays.
BEHIND = re.compile(r"-(?:t-)?(?:ils?|elles?|on|je|tu|ce|ci|là)$", re.IGNORECASE)

SHORTEST_WORD = 2
LONGEST_WORD = 60

# A spelling in small letters, or not all in capitals, wins from this share on: words at the beginning of a sentence and
# in datelines are capitalised, whatever they are.
SMALLER_LETTERS = 0.2


class WordCounts:
    """How many of the texts read so far hold each word, and how it is spelled there."""

    def __init__(self) -> None:
        self.texts = 0
        self._holding: Counter[str] = Counter()  # by folded word
        self._spelled: Counter[str] = Counter()
        self._read: dict[str, tuple[str, str] | None] = {}

    def add(self, text: str) -> None:
        """Read one more text."""
        self.texts += 1
        for apostrophe in APOSTROPHES:  # `translate` takes ten times as long
            text = text.replace(apostrophe, "'")
        words = [word for found in set(WORD.findall(text)) if (word := self._read.get(found) or self._word(found))]
        self._spelled.update({spelling for spelling, _ in words})
        self._holding.update({folded for _, folded in words})

    def _word(self, found: str) -> tuple[str, str] | None:
        try:
            return self._read[found]
        except KeyError:
            word = word_in(found)
            self._read[found] = (word, fold(word)) if word else None
            return self._read[found]

    def words(self, least: int = 1) -> dict[str, int]:
        """Each word in its best spelling, and in how many texts it stands; those in `least` of them and more."""
        spellings: dict[str, dict[str, int]] = {}
        for spelling, count in self._spelled.items():
            folded = fold(spelling)
            if self._holding[folded] >= least:
                spellings.setdefault(folded, {})[spelling] = count
        return {best_spelling(each): self._holding[folded] for folded, each in spellings.items()}


def word_in(found: str) -> str | None:
    """The word of a run of letters, hyphens and straight apostrophes; None where nobody would look for it.

    "l'Asie" -> "Asie"; "déclare-t-il" -> "déclare"; "les" -> None.
    """
    elided = ELIDED.match(found)
    word = BEHIND.sub("", found[elided.end() :] if elided else found)
    if not SHORTEST_WORD <= len(word) <= LONGEST_WORD or fold(word) in STOP_WORDS:
        return None
    return word.lower() if word in OPERATORS else word


def best_spelling(spellings: Mapping[str, int]) -> str:
    """The most frequent of them, small letters preferred: {"Selon": 60, "selon": 40} -> "selon"."""
    total = sum(spellings.values())

    def most(some: Iterable[str]) -> str | None:
        kept = list(some)
        if sum(spellings[each] for each in kept) < SMALLER_LETTERS * total:
            return None
        return max(kept, key=lambda each: (spellings[each], each), default=None)

    return (
        most(each for each in spellings if each.islower())
        or most(each for each in spellings if not each.isupper())
        or max(spellings, key=lambda each: (spellings[each], each))
    )
