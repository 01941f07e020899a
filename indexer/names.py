"""Every name of the authorities in a text, at once: one Aho-Corasick pass, then word boundaries, case, longest first.

Case and accents: the text is compared in lower case, each name with its accents, without those of its capitals
("Etats-Unis") and without any ("ETATS UNIS"). What case must say is then asked of the text itself: "LE" is no "Le".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

# Each replaced by one character, so that places in the compared text are places in the text.
SAME_LENGTH = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "-": " ", "‑": " ", "\u00a0": " ", "\u202f": " ", "\n": " "})


@dataclass(frozen=True, slots=True)
class Pattern:
    """A string to find, and what finding it means. `meaning` is the caller's; `proper` asks for capitals as written."""

    text: str
    meaning: object
    proper: bool = True
    acronym: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """`text[start:end]` is one of the patterns whose meanings are given."""

    start: int
    end: int
    meanings: tuple[object, ...]


def comparable(text: str) -> str:
    """The text as it is compared: same length, lower case, hyphens as blanks, one apostrophe."""
    lowered = text.lower()
    if len(lowered) != len(text):  # "İ" becomes two characters
        lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    return lowered.translate(SAME_LENGTH)


def without_accents(text: str) -> str:
    """é -> e, ç -> c; œ and æ become two letters, as people type them."""
    text = text.replace("œ", "oe").replace("æ", "ae").replace("Œ", "Oe").replace("Æ", "Ae")
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def spellings(text: str) -> set[str]:
    """How a name may stand in a text, in lower case: "états unis" -> "états unis", "etats unis"."""
    exact = comparable(text)
    capitals = " ".join(without_accents(word[:1]) + word[1:] for word in exact.split(" "))
    return {exact, capitals, without_accents(exact), exact.replace("œ", "oe").replace("æ", "ae")}


class NameFinder:
    """Finds patterns in texts. Building takes about a second for 100,000 spellings; finding, 0.1 ms for 3 KB."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        by_spelling: dict[str, list[Pattern]] = {}
        for pattern in patterns:
            for spelling in spellings(pattern.text):
                if spelling.strip():
                    by_spelling.setdefault(spelling, []).append(pattern)
        self._patterns = list(by_spelling.values())
        self._automaton = AhoCorasick(list(by_spelling), matchkind=MatchKind.Standard)

    def find(self, text: str) -> list[Found]:
        """What stands in the text, leftmost and longest first, no two overlapping."""
        lowered = comparable(text)
        last = len(lowered)
        candidates = [
            (start, start - end, index)
            for index, start, end in self._automaton.find_matches_as_indexes(lowered, overlapping=True)
            if (start == 0 or not lowered[start - 1].isalnum()) and (end == last or not lowered[end].isalnum())
        ]
        candidates.sort()
        found: list[Found] = []
        free = 0
        for start, negative_length, index in candidates:
            end = start - negative_length
            if start < free:
                continue
            surface = text[start:end]
            meanings = tuple(pattern.meaning for pattern in self._patterns[index] if _written_like(surface, pattern))
            if meanings:
                found.append(Found(start, end, meanings))
                free = end
        return found


def _written_like(surface: str, pattern: Pattern) -> bool:
    """Whether the capitals of the text allow the pattern.

    An acronym: as written, in capitals, or (4 letters or more) with one capital: "OTAN", "Otan"; not "otan", "Le".
    A proper name: a capital wherever the name has one: "mer de Chine"; not "nice", not "la chine" of a teapot.
    """
    if pattern.acronym:
        return surface == pattern.text or surface.isupper() or (len(surface) > 3 and surface[0].isupper())
    if not pattern.proper:
        return True
    return all(
        not wanted[:1].isupper() or given[:1].isupper()
        for wanted, given in zip(_words(pattern.text), _words(surface), strict=False)
    )


def _words(text: str) -> list[str]:
    return text.translate(SAME_LENGTH).replace("'", " ").split()
