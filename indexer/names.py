"""Every name of the authorities in a text, at once: one Aho-Corasick pass, then word boundaries, case, longest first.

Case and accents: the text is compared in lower case, each name with its accents, without those of its capitals
("Etats-Unis") and without any ("ETATS UNIS"). What case must say is then asked of the text itself: "LE" is no "Le".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

# All that is no letter or digit is a blank to the comparison: hyphens, apostrophes of any kind, dots, line ends.
NOT_WORD = re.compile(r"[^\w ]|_")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A string to find, and what finding it means (`meaning` is the caller's).

    `proper` asks for capitals as written. Patterns of one `layer` do not overlap; those of different layers may:
    "la Chine et la Russie" is a subject's trigger and still names two states.
    """

    text: str
    meaning: object
    proper: bool = True
    acronym: bool = False
    layer: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """`text[start:end]` is one of the patterns whose meanings are given."""

    start: int
    end: int
    meanings: tuple[object, ...]


def comparable(text: str) -> str:
    """The text as it is compared: same length, lower case, blanks for all but letters and digits."""
    lowered = text.lower()
    if len(lowered) != len(text):  # "İ" becomes two characters
        lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    return NOT_WORD.sub(" ", lowered)


def without_accents(text: str) -> str:
    """é -> e, ç -> c; œ and æ become two letters, as people type them."""
    text = text.replace("œ", "oe").replace("æ", "ae").replace("Œ", "Oe").replace("Æ", "Ae")
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def spellings(text: str) -> set[str]:
    """How a name may stand in a text, in lower case: "états unis" -> "états unis", "etats unis"."""
    exact = comparable(text)
    capitals = " ".join(without_accents(word[:1]) + word[1:] for word in exact.split(" "))
    return {exact, capitals, without_accents(exact), exact.replace("œ", "oe").replace("æ", "ae")}


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A pattern under one spelling: where the text must have capitals for the spelling to be that name."""

    pattern: Pattern
    capitals: tuple[int, ...]

    @classmethod
    def of(cls, pattern: Pattern, spelling: str) -> _Spelled:
        # A ligature written in two letters moves what follows it: only the first letter is then asked for.
        aligned = len(spelling) == len(pattern.text)
        begins = [match.start() for match in WORD_START.finditer(pattern.text)] if aligned else [0]
        return cls(pattern, tuple(at for at in begins if pattern.text[at].isupper()) if pattern.proper else ())

    def allows(self, surface: str) -> bool:
        """Whether the capitals of the text allow the pattern.

        An acronym: as written, in capitals, or (4 letters or more) with one capital: "OTAN", "Otan"; not "otan", "Le".
        A proper name: a capital wherever the name has one: "mer de Chine"; not "nice", not "la chine" of a teapot.
        """
        if self.pattern.acronym:
            return surface == self.pattern.text or surface.isupper() or (len(surface) > 3 and surface[0].isupper())
        return all(surface[at].isupper() for at in self.capitals)


WORD_START = re.compile(r"(?<!\w)\w")


class NameFinder:
    """Finds patterns in texts; built once."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        by_spelling: dict[str, list[_Spelled]] = {}
        for pattern in patterns:
            for spelling in spellings(pattern.text):
                if spelling.strip():
                    by_spelling.setdefault(spelling, []).append(_Spelled.of(pattern, spelling))
        self._spelled = list(by_spelling.values())
        # Fenced by blanks, a pattern is met at word boundaries only: 30 times fewer matches to look at.
        self._automaton = AhoCorasick([f" {spelling} " for spelling in by_spelling], matchkind=MatchKind.Standard)

    def find(self, text: str, lowered: str) -> list[Found]:
        """What stands in the text (`lowered` is `comparable(text)`), leftmost and longest first."""
        matches = self._automaton.find_matches_as_indexes(f" {lowered} ", overlapping=True)
        # The blank before the text and the one before the pattern cancel out; so do those after.
        candidates = [(start, 2 - end, index) for index, start, end in matches]
        candidates.sort()
        found: list[Found] = []
        free: dict[int, int] = {}  # by layer, the first place not taken
        for start, negative_end, index in candidates:
            surface = text[start:-negative_end]
            patterns = [
                spelled.pattern
                for spelled in self._spelled[index]
                if start >= free.get(spelled.pattern.layer, 0) and spelled.allows(surface)
            ]
            if patterns:
                found.append(Found(start, -negative_end, tuple([pattern.meaning for pattern in patterns])))
                for pattern in patterns:
                    free[pattern.layer] = -negative_end
        return found
