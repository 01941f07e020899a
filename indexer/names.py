"""Every name of the authorities in a text, at once: one Aho-Corasick pass, then word boundaries, case, longest first.

Case and accents: the text is compared in lower case, each name with its accents, without those of its capitals
("Etats-Unis") and without any ("ETATS UNIS"). What case must say is then asked of the text itself: "LE" is no "Le".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

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


class Found(NamedTuple):
    """`text[start:end]` is one of the patterns whose meanings are given.

    A tuple and not a dataclass: 30 are made per dispatch, and a frozen dataclass takes four times as long to make.
    """

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
    exact = comparable(text).strip()  # "BRICS+" is no "BRICS,"
    capitals = " ".join(without_accents(word[:1]) + word[1:] for word in exact.split(" "))
    return {exact, capitals, without_accents(exact), exact.replace("œ", "oe").replace("æ", "ae")}


class _Spelled(NamedTuple):
    """A pattern under one spelling, and what the text must be for the spelling to be that name.

    `capitals` are places that must hold one. `acronym` is its text, None for other patterns.
    """

    meaning: object
    layer: int
    capitals: tuple[int, ...]
    acronym: str | None

    @classmethod
    def of(cls, pattern: Pattern, spelling: str) -> _Spelled:
        """A proper name has a capital wherever it is written with one: "mer de Chine"; not "nice", not "la chine"."""
        # A ligature written in two letters moves what follows it: only the first letter is then asked for.
        aligned = len(spelling) == len(pattern.text)
        begins = [match.start() for match in WORD_START.finditer(pattern.text)] if aligned else [0]
        asked = pattern.proper and not pattern.acronym
        capitals = tuple(at for at in begins if pattern.text[at].isupper()) if asked else ()
        return cls(pattern.meaning, pattern.layer, capitals, pattern.text if pattern.acronym else None)


def _is_acronym(surface: str, acronym: str) -> bool:
    """As written, in capitals, or (4 letters or more) with one capital: "OTAN", "Otan"; not "otan", not "Le" for LE."""
    return surface == acronym or surface.isupper() or (len(surface) > 3 and surface[0].isupper())


WORD_START = re.compile(r"(?<!\w)\w")


class NameFinder:
    """Finds patterns in texts; built once."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        by_spelling: dict[str, list[_Spelled]] = {}
        for pattern in patterns:
            for spelling in spellings(pattern.text):
                if spelling.strip():
                    by_spelling.setdefault(spelling, []).append(_Spelled.of(pattern, spelling))
        self._spelled = [tuple(spelled) for spelled in by_spelling.values()]
        # Fenced by blanks, a pattern is met at word boundaries only: 30 times fewer matches to look at.
        self._automaton = AhoCorasick([f" {spelling} " for spelling in by_spelling], matchkind=MatchKind.Standard)

    def find(self, text: str, lowered: str) -> list[Found]:
        """What stands in the text (`lowered` is `comparable(text)`), leftmost and longest first."""
        matches = self._automaton.find_matches_as_indexes(f" {lowered} ", overlapping=True)
        # The blank before the text and the one before the pattern cancel out; so do those after.
        candidates = sorted([(start, 2 - end, index) for index, start, end in matches])
        found: list[Found] = []
        free: dict[int, int] = {}  # by layer, the first place not taken
        for start, negative_end, index in candidates:
            meanings = []
            for meaning, layer, capitals, acronym in self._spelled[index]:
                if start < free.get(layer, 0):
                    continue
                if acronym is not None and not _is_acronym(text[start:-negative_end], acronym):
                    continue
                for at in capitals:
                    if not text[start + at].isupper():
                        break
                else:
                    meanings.append((meaning, layer))
            if meanings:
                found.append(Found(start, -negative_end, tuple([meaning for meaning, _ in meanings])))
                for _, layer in meanings:
                    free[layer] = -negative_end
        return found
