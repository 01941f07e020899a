"""The clues to whether a token is part of a name, and of whose: words as the weights of the recogniser know them.

They come in groups. What a group says depends on its key alone, and keys return (a word, a few shapes in a row),
so the recogniser adds the weights of a group once per key and remembers the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from authorities.model import Authorities, fold
from indexer.recognise_text import Text
from indexer.recognise_words import announces, given_names, rank, shape

OUTSIDE = ""  # the word before the first and after the last
LOOK_BACK = 4  # tokens before a run of capitals among which an announcing word is looked for

Key = tuple[Any, ...]
Group = Callable[[Any], list[str]]


def _words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in fold(name).replace("'", " ").split())


@dataclass(frozen=True, slots=True)
class Lists:
    """Single folded words of names, from the authorities and the list of given names."""

    given: frozenset[str]  # given names of the authorities' people
    foreign: frozenset[str]  # given names of the list
    family: frozenset[str]
    bodies: frozenset[str]
    places: frozenset[str]

    @classmethod
    def of(cls, authorities: Authorities) -> Lists:
        people = [fold(person.label).split() for person in authorities.persons.values()]
        return cls(
            frozenset(words[0] for words in people if len(words) > 1),
            given_names(),
            frozenset(word for words in people for word in words[1:]),
            _words(name for body in authorities.organisations.values() for name in (body.label, *body.aliases)),
            _words(
                name
                for table in (authorities.cities, authorities.regions, authorities.states)
                for place in table.values()
                for name in (place.label, *place.aliases)
            ),
        )

    def known(self, word: str) -> str:
        """In which lists a word is: "gf" given name and family name."""
        folded = fold(word)
        letters = ((self.given, "g"), (self.foreign, "G"), (self.family, "f"), (self.bodies, "o"), (self.places, "l"))
        return "".join([letter for names, letter in letters if folded in names])

    def is_given(self, word: str) -> str:
        """Whether a word is a given name: "g" the authorities', "G" only the list's; of "Jean-Marc" the first part."""
        folded = fold(word)
        first = folded.split(" ")[0]
        if folded in self.given or first in self.given:
            return "g"
        return "G" if folded in self.foreign or first in self.foreign else ""


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of clues, each a function from its key."""

    lists: Lists

    def own(self, word: str) -> list[str]:
        """The token itself."""
        lower, form, common = word.lower(), shape(word), rank(word.lower())
        clues = [f"w={lower}", f"s={form}", f"f{common}", f"f{common}{form}", f"k{self.lists.known(word)}"]
        clues.append(f"t{announces(lower)}{form}")
        size = len(lower)
        clues += [f"z{lower[-n:]}" for n in (2, 3, 4) if size > n]
        clues += [f"a{lower[:n]}" for n in (2, 3, 4) if size > n]
        if "-" in lower:
            parts = lower.split("-")
            clues += [f"h{parts[0]}", f"hz{parts[-1]}", f"hg{self.lists.is_given(parts[0])}"]
        return clues

    def _beside(self, side: str, word: str) -> list[str]:
        lower, form = word.lower(), shape(word) if word else ""
        return [
            f"{side}w={lower}",
            f"{side}s={form}",
            f"{side}z{lower[-3:]}",
            f"{side}f{rank(lower)}{form}",
            f"{side}k{self.lists.known(word)}",
            f"{side}t{announces(lower)}",
        ]

    def left(self, word: str) -> list[str]:
        return self._beside("p", word)

    def right(self, word: str) -> list[str]:
        return self._beside("n", word)

    def far_left(self, word: str) -> list[str]:
        return [f"Pw={word.lower()}", f"Ps={shape(word) if word else ''}"]

    def far_right(self, word: str) -> list[str]:
        return [f"Nw={word.lower()}", f"Ns={shape(word) if word else ''}"]

    def form(self, key: Key) -> list[str]:
        """Shapes in a row and how common the word is, at a sentence's start."""
        before, form, after, first, common = key
        clues = ["always", f"SS{before}_{form}_{after}"]
        if first:
            clues += ["first", f"first{common}{form}", f"first_{after}{form}{common}"]
        return clues

    def known(self, key: Key) -> list[str]:
        """What the authorities say of the token and its neighbours."""
        before, tag, after, length, form, first = key
        return [f"G{tag}", f"Gp{before}", f"Gn{after}", f"G{tag}_{before}_{after}", f"G{tag}{length}{form}{first:d}"]

    def led(self, key: Key) -> list[str]:
        """The word before with the shape, and with what the authorities say."""
        before, form, tag = key
        return [f"L{tag}_{before}", f"ps{before}_{form}"]

    def followed(self, key: Key) -> list[str]:
        after, form = key
        return [f"ns{after}_{form}"]

    def words(self, key: Key) -> list[str]:
        """The authorities' tag with the word; the two words before."""
        tag, lower, before, far, form = key
        return [f"W{tag}_{lower}", f"pp{far}_{before}_{form}"] if tag else [f"pp{far}_{before}_{form}"]

    def chunk(self, key: Key) -> list[str]:
        """The run of capitals: where the token stands in it, its length, what comes before, its first word."""
        place, length, before, given, tag, announced = key
        return [
            f"C{min(4, length)}{place}",
            f"Cb{before}{place}",
            f"Cz{before[-3:]}{place}",
            f"Cg{given}{place}{min(3, length)}",
            f"Cg{given}{place}{tag}",
            f"Ct{announced}{place}",
            f"Ct{announced}{place}{min(3, length)}{given}",
            f"Ct{announced[:1]}{tag}",
        ]

    def ends(self, key: Key) -> list[str]:
        """What follows the run of capitals, its first and last words, the two words before it."""
        place, after, first, last, before, far = key
        return [f"Ca{after}{place}", f"Cf{first}", f"Cl{last}", f"Cbb{far}_{before}"]

    def document(self, key: Key) -> list[str]:
        """The same word elsewhere in the document."""
        often, small, first, named, titled, paired, pairing, place, length = key
        clues = [f"D{often}", f"Dl{small:d}{first:d}"]
        if named:
            clues += ["Dg", f"Dg{place}{length}"]
        if titled:
            clues.append(f"Dt{place}{length}")
        if paired:
            clues.append(f"Dp{first:d}")
        if pairing:
            clues.append("Dq")
        return clues


GROUPS = (
    "own", "left", "right", "far_left", "far_right", "form", "known", "led", "followed", "words", "chunk", "ends", "document",
)  # fmt: skip


def keys(text: Text, at: int, lists: Lists) -> list[tuple[int, Any]]:
    """The groups that speak of a token, each with its key: (index in GROUPS, key)."""
    words, lower, tags = text.words, text.lower, text.tags
    last = len(words) - 1
    word, low, tag, first = words[at], lower[at], tags[at], text.first[at]
    before, after = (words[at - 1] if at else OUTSIDE), (words[at + 1] if at < last else OUTSIDE)
    far, beyond = (words[at - 2] if at > 1 else OUTSIDE), (words[at + 2] if at + 1 < last else OUTSIDE)
    low_before, low_far = (lower[at - 1] if at else OUTSIDE), (lower[at - 2] if at > 1 else OUTSIDE)
    form = shape(word)
    found: list[tuple[int, Any]] = [
        (0, word),
        (1, before),
        (2, after),
        (3, far),
        (4, beyond),
        (5, (shape(before) if at else "", form, shape(after) if at < last else "", first, rank(low) if first else 0)),
        (
            6,
            (tags[at - 1] if at else "", tag, tags[at + 1] if at < last else "", text.lengths[at], form, first),
        ),
        (7, (low_before, form, tag)),
        (8, (lower[at + 1] if at < last else OUTSIDE, form)),
        (9, (tag, low if tag else "", low_before, low_far, form)),
    ]
    if text.capital[at]:
        start, stop = text.chunks[at]
        place = f"{min(2, at - start)}{'e' if at == stop - 1 else ''}"
        length = stop - start
        ahead = lower[start - 1] if start else OUTSIDE
        head = words[start]
        found += [
            (10, (place, length, ahead, lists.is_given(head), tags[start], _announced(text, start))),
            (
                11,
                (
                    place,
                    lower[stop] if stop <= last else OUTSIDE,
                    lower[start],
                    lower[stop - 1],
                    ahead,
                    lower[start - 2] if start > 1 else OUTSIDE,
                ),
            ),
            (
                12,
                (
                    min(3, text.seen[word]),
                    low in text.small,
                    first,
                    word in text.named,
                    word in text.titled,
                    at < last and (word, after) in text.pairs,
                    at > 0 and (before, word) in text.pairs,
                    place,
                    min(4, length),
                ),
            ),
        ]
    return found


def _announced(text: Text, start: int) -> str:
    """What the nearest announcing word before a place says, and how far: "P2" for "ministre russe Sergueï"."""
    lower, first = text.lower, text.first
    for distance in range(1, LOOK_BACK + 1):
        at = start - distance
        if at < 0 or first[at + 1]:
            return ""
        said = announces(lower[at])
        if said:
            return f"{said}{min(3, distance)}"
    return ""
