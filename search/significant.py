"""The words that tell what a dispatch is about, as it writes them. Pure.

terms of its body, as the engine counts them -> the rare ones it says often -> each as it stands in the text
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from mappings.french import fold

# 15 find less (precision@5 on PIAF 0.53, 30 find 0.71), 60 no more (bench/similar.py).
MOST_WORDS = 30

# Said in every report of a day or of an agency, whatever it is about; folded.
_OF_THE_DAY = (
    "lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre "
    "octobre novembre decembre matin soir afp reuters xinhua belga ats aps map tass "
    "dit ajoute declare indique annonce precise souligne rappele estime affirme explique"
)
_NOT_TELLING = frozenset(_OF_THE_DAY.split())

# "18h00"
_HOUR = re.compile(r"\d+h\d*")

# Between two words of one name: "Phnom Penh", "Etats-Unis".
_JOINTS = (" ", "-", "\u00a0")


@dataclass(frozen=True, slots=True)
class Place:
    """An occurrence: the rank of the word in the field, and `text[start:end]`."""

    position: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Significant:
    """A word by which a dispatch is known. `term`: as the index has it; `often`: how much its repetition says, from 1."""

    term: str
    often: float
    places: tuple[Place, ...]


def whole_text(body: Sequence[str]) -> str:
    """The body as one text, in which the engine's places are places: it puts one character between two paragraphs."""
    return "\n".join(body)


def significant(vectors: Mapping[str, Any], text: str, most: int = MOST_WORDS) -> list[Significant]:
    """The most significant words first: said often here, by few dispatches elsewhere, but by one other at least.

    Args:
        vectors: what `Engine.term_vectors` answers; text: what was analysed.
    """
    if not vectors:
        return []
    documents = vectors["field_statistics"]["doc_count"]
    weighed: list[tuple[float, Significant]] = []
    at = _places_in(text)
    for term, told in vectors["terms"].items():
        held = told.get("doc_freq", 0)
        if held < 2:
            continue
        places = tuple(
            Place(each["position"], at(each["start_offset"]), at(each["end_offset"])) for each in told["tokens"]
        )
        if not _tells(fold(text[places[0].start : places[0].end])):
            continue
        often = 1 + log(told["term_freq"])
        # The idf of BM25, which never is negative.
        weighed.append((often * log(1 + (documents - held + 0.5) / (held + 0.5)), Significant(term, often, places)))
    weighed.sort(key=lambda pair: (-pair[0], pair[1].term))
    return [word for _, word in weighed[:most]]


def _tells(word: str) -> bool:
    """Whether a folded word says what a text is about: no number, no hour, no day."""
    return len(word) > 1 and any(map(str.isalpha, word)) and word not in _NOT_TELLING and not _HOUR.fullmatch(word)


def _places_in(text: str) -> Callable[[int], int]:
    """Turns the engine's offsets, which count a character beyond U+FFFF as two, into ours."""
    beyond = [at for at, char in enumerate(text) if char > "\uffff"]
    if not beyond:
        return int
    units = [at + before for before, at in enumerate(beyond)]
    return lambda offset: offset - sum(unit < offset for unit in units)


def written(words: Sequence[Significant], text: str) -> list[str]:
    """The words as the text has them, those that stand together as one: "Phnom Penh"; in the order given."""
    told: list[str] = []
    left = list(words)
    while left:
        chain = _chain(left[0], left, text)
        told.append(_surface(chain, text))
        left = [word for word in left if word not in chain]
    return told


def _chain(word: Significant, words: Collection[Significant], text: str) -> list[Significant]:
    """The word with those that mostly stand right before and after it."""
    chain = [word]
    while before := next((each for each in words if each not in chain and _together(each, chain[0], text)), None):
        chain.insert(0, before)
    while after := next((each for each in words if each not in chain and _together(chain[-1], each, text)), None):
        chain.append(after)
    return chain


def _together(one: Significant, other: Significant, text: str) -> bool:
    following = {place.position: place.start for place in other.places}
    pairs = sum(
        text[place.end : following[place.position + 1]] in _JOINTS
        for place in one.places
        if place.position + 1 in following
    )
    return 2 * pairs > max(len(one.places), len(other.places))


def _surface(chain: Sequence[Significant], text: str) -> str:
    """The commonest form of a chain of words; of two the one without capitals, of sentences' beginnings say."""
    first, last = chain[0], {place.position: place for place in chain[-1].places}
    forms: Counter[str] = Counter()
    for place in first.places:
        end = last.get(place.position + len(chain) - 1)
        if end:
            forms[_whole(text, place.start, end.end)] += 1
    if not forms:  # a chain of which no occurrence is whole
        return " ".join(_whole(text, word.places[0].start, word.places[0].end) for word in chain)
    return max(forms, key=lambda form: (forms[form] + sum(forms[o] for o in forms if o.lower() == form), form))


def _whole(text: str, start: int, end: int) -> str:
    """What stands between two places, with what a hyphen ties to it: "rendez-vous"."""
    while start > 1 and text[start - 1] == "-" and text[start - 2].isalpha():
        start -= 1
        while start and text[start - 1].isalpha():
            start -= 1
    while text[end : end + 1] == "-" and text[end + 1 : end + 2].isalpha():
        end += 1
        while text[end : end + 1].isalpha():
            end += 1
    return " ".join(text[start:end].split())
