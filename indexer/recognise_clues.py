"""The clues to whether a token is part of a name, and of whose: words as the weights of the recogniser know them.

They come in groups. What a group says depends on its key alone, and keys return (a word, a few shapes in a row),
so the recogniser adds the weights of a group once per key and remembers the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from authorities.model import Authorities, fold
from indexer.recognise_text import Text
from indexer.recognise_words import WORDS_KEPT, announces, given_names, rank, shape

OUTSIDE = ""  # the word before the first and after the last
LOOK_BACK = 4  # tokens before a run of capitals among which an announcing word is looked for

Key = tuple[Any, ...]
Group = Callable[[Any], list[str]]


folded_word = lru_cache(WORDS_KEPT)(fold)


def _words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in fold(name).replace("'", " ").split())


@dataclass(frozen=True, slots=True)
class Lists:
    """Single folded words of names, from the authorities and the list of given names."""

    given: frozenset[str]  # given names of the authorities' people
    foreign: frozenset[str]  # given names of the list
    listed: Mapping[str, str]  # by word, in which lists it is: "gf" given name and family name

    @classmethod
    def of(cls, authorities: Authorities) -> Lists:
        people = [fold(person.label).split() for person in authorities.persons.values()]
        given = frozenset(words[0] for words in people if len(words) > 1)
        family = frozenset(word for words in people for word in words[1:])
        bodies = _words(name for body in authorities.organisations.values() for name in (body.label, *body.aliases))
        places = _words(
            name
            for table in (authorities.cities, authorities.regions, authorities.states)
            for place in table.values()
            for name in (place.label, *place.aliases)
        )
        listed: dict[str, str] = {}
        for words, letter in ((given, "g"), (given_names(), "G"), (family, "f"), (bodies, "o"), (places, "l")):
            for word in words:
                listed[word] = listed.get(word, "") + letter
        return cls(given, given_names(), listed)

    def known(self, word: str) -> str:
        """In which lists a word is: "gf" given name and family name."""
        return self.listed.get(folded_word(word), "")

    def is_given(self, word: str) -> str:
        """Whether a word is a given name: "g" the authorities', "G" only the list's; of "Jean-Marc" the first part."""
        folded = folded_word(word)
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

    def left(self, key: Key) -> list[str]:
        """The word before, with the shape and with what the authorities say."""
        return [*self.word_before(key[0]), *self.left_here(key)]

    def word_before(self, word: str) -> list[str]:
        return self._beside("p", word)

    def left_here(self, key: Key) -> list[str]:
        before, form, tag = key
        lower = before.lower()
        return [f"L{tag}_{lower}", f"ps{lower}_{form}"]

    def right(self, key: Key) -> list[str]:
        """The word after, with the shape."""
        return [*self.word_after(key[0]), *self.right_here(key)]

    def word_after(self, word: str) -> list[str]:
        return self._beside("n", word)

    def right_here(self, key: Key) -> list[str]:
        after, form = key
        return [f"ns{after.lower()}_{form}"]

    def far_left(self, key: Key) -> list[str]:
        """The two words before; the word with what the authorities say of it."""
        return [*self.word_far_before(key[0]), *self.far_left_here(key)]

    def word_far_before(self, word: str) -> list[str]:
        return [f"Pw={word.lower()}", f"Ps={shape(word) if word else ''}"]

    def far_left_here(self, key: Key) -> list[str]:
        far, before, form, tag, word = key
        pair = f"pp{far.lower()}_{before.lower()}_{form}"
        return [pair, f"W{tag}_{word.lower()}"] if tag else [pair]

    def far_right(self, word: str) -> list[str]:
        return [f"Nw={word.lower()}", f"Ns={shape(word) if word else ''}"]

    def scene(self, key: Key) -> list[str]:
        """Shapes in a row, what the authorities say of each, how common the word is at a sentence's start."""
        (shape_before, tag_before), (form, tag, length), (shape_after, tag_after), first, common = key
        clues = [
            "always",
            f"SS{shape_before}_{form}_{shape_after}",
            f"G{tag}",
            f"Gp{tag_before}",
            f"Gn{tag_after}",
            f"G{tag}_{tag_before}_{tag_after}",
            f"G{tag}{length}{form}{first:d}",
        ]
        if first:
            clues += ["first", f"first{common}{form}", f"first_{shape_after}{form}{common}"]
        return clues

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


GROUPS = ("own", "left", "right", "far_left", "far_right", "scene", "chunk", "ends", "document")
# Groups of which a part is the first word of the key alone, and so is met again more often than the whole key.
PARTED = {
    "left": ("word_before", "left_here"),
    "right": ("word_after", "right_here"),
    "far_left": ("word_far_before", "far_left_here"),
}


def keys(text: Text, start: int, stop: int, lists: Lists) -> Iterator[tuple[Any, ...]]:
    """The key of each of `GROUPS` for each token from `start` to `stop`; the last three speak of capitals only."""
    words, lower, tags, lengths = text.words, text.lower, text.tags, text.lengths
    count = len(words)
    far = words[start - 2] if start > 1 else OUTSIDE
    before, tag_before = (words[start - 1], tags[start - 1]) if start else (OUTSIDE, "")
    form_before = shape(before) if start else ""
    word, tag, form = words[start], tags[start], shape(words[start])
    begins = ends = -1  # the run of capitals last met
    for at in range(start, stop):
        if at + 1 < count:
            after, tag_after = words[at + 1], tags[at + 1]
            form_after = shape(after)
        else:
            after, tag_after, form_after = OUTSIDE, "", ""
        first = text.first[at]
        found = (
            word,
            (before, form, tag),
            (after, form),
            (far, before, form, tag, word if tag else ""),
            words[at + 2] if at + 2 < count else OUTSIDE,
            (
                (form_before, tag_before),
                (form, tag, lengths[at]),
                (form_after, tag_after),
                first,
                rank(lower[at]) if first else 0,
            ),
        )
        if text.capital[at]:
            if text.chunks[at] != (begins, ends):
                begins, ends = text.chunks[at]
                ahead = lower[begins - 1] if begins else OUTSIDE
                given, announced = lists.is_given(words[begins]), _announced(text, begins)
                beyond = lower[ends] if ends < count else OUTSIDE
                far_ahead = lower[begins - 2] if begins > 1 else OUTSIDE
            place = PLACES[at - begins if at - begins < 2 else 2][at == ends - 1]
            yield (
                *found,
                (place, ends - begins, ahead, given, tags[begins], announced),
                (place, beyond, lower[begins], lower[ends - 1], ahead, far_ahead),
                (
                    min(3, text.seen[word]),
                    lower[at] in text.met,
                    first,
                    word in text.named,
                    word in text.titled,
                    (word, after) in text.pairs,
                    (before, word) in text.pairs,
                    place,
                    min(4, ends - begins),
                ),
            )
        else:
            yield found
        far, before, tag_before, form_before = before, word, tag, form
        word, tag, form = after, tag_after, form_after


# Where a token stands in a run of capitals: first, second, later; "e" for the last.
PLACES = (("0", "0e"), ("1", "1e"), ("2", "2e"))


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
