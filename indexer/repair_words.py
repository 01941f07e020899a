"""What a damaged word may have been, taken on its own: words of the list, names, elisions, likely spellings.

A damaged word is a run of letters and lost marks ("cha?nes", "?tats", "l??tat"). Its readings are weighed by
the frequency of the word in French; `indexer/repair_context.py` weighs them again by what stands around.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, zip_longest

from authorities.model import fold
from indexer.channels import Codec, holds
from indexer.lexicon import (
    LATIN_END,
    LOST,
    Contexts,
    NameWord,
    capitals,
    foreign,
    french,
    guess_letter,
    index_names,
    name_spelling,
    places,
    skeleton,
    surroundings,
)

THRESHOLD = 0.75

UNSEEN = 2e-8  # weight of the word nobody listed
DOUBT = 1e-9  # what is left to others when a single listed word fits; the rarest listed weigh 1e-8
NAME_WEIGHT = 1e-5  # a name of the caller's, against running words
MIXED_WEIGHT = 0.1  # a letter that survives elsewhere in the same text
ELISION_WEIGHT = 5.0  # times the frequencies of both words: "l’on", not Léon
COMMON = 1e-6  # frequency of a word that no name need explain: "?re" is ère, not Åre; "sant?" santé, not Santé
ELIDED_NAME = 1e-5  # "l?Ocado": what follows is no word of the list, but a capital
GLUED_WORD = 1e-6  # "?mission" in GBK: a mark before "mission"
GLUED_SPELLING = 1e-4  # so a spelling nobody listed is unlikely there

# A mark glued to a word, against a letter of that word.
LEADING_MARK = 1e-5
SECOND_MARK = 0.1  # "??mot": a guillemet and a hard space
TRAILING_MARK = 1e-4  # "march? de": a mark is not followed by a small letter
TRAILING_BEFORE_SIGN = 1e-3  # "fini?, dit-il"
TRAILING_AT_END = 0.01  # "march?" before a capital, in a text with other losses
TRAILING_AT_LINE_END = 1.0  # "son rappel?": at the end of a line, a listed word is asked rather than damaged
TRAILING_CERTAIN = 1e6
TRAILING_GENUINE = 1e3  # in a question, or in a text without other losses

# "l?homme" -> l’homme, "qu?il" -> qu’il, "jusqu??" -> jusqu’à; "m?me" -> même
ELIDED = re.compile(r"([ldjmnstc]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu)\?(?=[aàâæeéèêëiîïoôœuùûyh?])(.+)")
ELIDED_FIRST = frozenset("ldjmnstcqp")
NAMED = 0.5  # spelling of a capitalised word: half as in French, half as in names; 0.8 restores no more
GUESSED = 16  # spellings looked at to find four that differ by more than accents
FOREIGN_WEIGHT = 0.05  # of a word of another language, times its share there
LISTED = 3  # words of other languages among the readings
SPELLINGS = 4  # kept for each word
CACHE = 200_000  # damaged words remembered per channel


@dataclass(frozen=True, slots=True)
class Reading:
    """What a damaged word may have been: same length, letters in their case; `name` where a name says so."""

    word: str
    weight: float
    rule: str
    name: NameWord | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    """A word read the same way wherever it stands: letters to put back, by their place in it."""

    letters: tuple[tuple[int, str], ...]
    confidence: float
    rule: str
    word: str
    headed: bool  # its first letter is lost: small or capital by where it stands
    ends: bool  # its last letter is lost and may be a mark, unless the sentence goes on


def inside(chunk: str) -> bool:
    """Whether a letter is lost between two letters: never a genuine question mark."""
    return LOST in chunk.strip(LOST)


def latin(chunk: str) -> bool:
    """Whether a chunk is written in Latin letters; what Greek lost is left alone."""
    return max(chunk) < LATIN_END


def cased(damaged: str, word: str) -> str:
    """`word` (lower case) in the case of `damaged`; a letter lost among capitals is a capital.

    "R?PUBLIQUE" -> RÉPUBLIQUE, "?A" -> ÇA; "D?" -> Dû, "Gr?ce" -> Grèce
    """
    if damaged.isupper() and (damaged[0] == LOST or sum(map(str.isalpha, damaged)) > 1):
        upper = word.upper()
        return upper if len(upper) == len(word) else word
    return "".join(w if d == LOST else d for d, w in zip(damaged, word, strict=True))


class Words:
    """Readings of damaged words, remembered.

    Args:
        names: proper names as they should be written; each of their words is a reading of its own.
        doubles: damaged words (small letters) that only their surroundings settle.
    """

    def __init__(self, names: Iterable[str], doubles: Iterable[str] = ()) -> None:
        self._given = tuple(names)
        self._doubles = frozenset(doubles)
        self._read: dict[Codec | None, dict[str, tuple[Reading, ...]]] = {}
        self._plain: dict[Codec | None, dict[str, Plain | None]] = {}
        self._spelt: dict[tuple[str, Codec | None, str], dict[str, float]] = {}

    @cached_property
    def _names(self) -> dict[str, tuple[NameWord, ...]]:
        """Words of the names, read on the first damaged text."""
        return index_names((*self._given, *places()))

    @cached_property
    def _name_spelling(self) -> Contexts:
        return name_spelling(self._names)

    def readings(self, chunk: str, codec: Codec | None) -> tuple[Reading, ...]:
        """Every reading of a damaged word on its own, heaviest first."""
        cache = self._read.setdefault(codec, {})
        known = cache.get(chunk)
        if known is None:
            if len(cache) >= CACHE:
                cache.clear()
            found = self._listed(chunk, codec) if latin(chunk) else []
            if not found and latin(chunk):
                found = self.spelled(chunk, codec)
                if chunk[0].isupper() and inside(chunk):
                    found += self._named_abroad(chunk, codec)
            known = cache[chunk] = tuple(sorted(found, key=lambda r: (-r.weight, r.word)))
        return known

    def cores(self, core: str, codec: Codec | None) -> tuple[Reading, ...]:
        """Readings of a word, damaged or whole."""
        if LOST in core:
            return self.readings(core, codec)
        weight = french().frequency.get(core.lower(), UNSEEN / 10 if core[:1].isupper() else 0.0)
        return (Reading(core, weight, "whole"),) if weight else ()

    def plain(self, chunk: str, codec: Codec | None) -> Plain | None:
        """The reading of a chunk that needs no look around it, or None."""
        cache = self._plain.setdefault(codec, {})
        try:
            return cache[chunk]
        except KeyError:  # not `in`, then `[]`: another thread may clear it in between
            settled = self._settle(chunk, codec)
        if len(cache) >= CACHE:
            cache.clear()
        cache[chunk] = settled
        return settled

    def _settle(self, chunk: str, codec: Codec | None) -> Plain | None:
        readings = self.readings(chunk, codec)
        if not readings or chunk.lower() in self._doubles or any(r.name for r in readings):
            return None
        best = readings[0]
        confidence = best.weight / (sum(r.weight for r in readings) + DOUBT)
        if best.rule == "spelling" or confidence < THRESHOLD:
            return None
        if chunk[0].isupper() and len(readings) > 1 and any(r.word.lower() in capitals() for r in readings):
            return None  # "Gr?ce": Grèce or Grâce
        headed, ends = chunk[0] == LOST, False
        if best.rule == "elision" and (headed or chunk[best.word.find("’") + 1] == LOST):
            return None  # "l??tat": État or état
        if headed:
            rival = LEADING_MARK * sum(r.weight for r in self.cores(chunk.lstrip(LOST), codec))
            if rival * 100 > best.weight or best.word[0].isupper():
                return None
        if chunk[-1] == LOST:
            rival = 10 * sum(r.weight for r in self.cores(chunk.rstrip(LOST), codec))
            if rival * TRAILING_BEFORE_SIGN > best.weight:
                return None
            ends = rival * TRAILING_GENUINE > best.weight
        letters = tuple((at, b) for at, (a, b) in enumerate(zip(chunk, best.word, strict=True)) if a != b)
        return Plain(letters, round(confidence, 4), best.rule, best.word, headed, ends)

    def _listed(self, chunk: str, codec: Codec | None) -> list[Reading]:
        """Names, words of the list, elisions."""
        lexicon, lower = french(), chunk.lower()

        def survives(written: str) -> bool:
            if codec == "ascii":
                return False  # what a listed word lost is never ASCII
            pairs = zip(chunk, written, strict=True)
            return codec is None or any(left == LOST and holds(codec, letter) for left, letter in pairs)

        fitting = lexicon.fits(lower)
        common = max((lexicon.frequency[word] for word in fitting), default=0.0) > COMMON and not chunk[0].isupper()
        readings = [
            Reading(name.word, NAME_WEIGHT * (MIXED_WEIGHT if survives(name.word) else 1.0), "name", name)
            for name in self._names.get(skeleton(lower), ())
            if all(left in (LOST, letter) for left, letter in zip(chunk, name.word, strict=True))
            and not (common and (name.alone or name.word.lower() in fitting))
        ]
        for word in fitting:
            written, weight, rule = cased(chunk, word), lexicon.frequency[word], "word"
            head = written[0].upper()
            if chunk[0] == LOST and codec and holds(codec, written[0]) and not holds(codec, head):
                written = head + written[1:]  # "?tats" in GBK: « é » would have survived
            if survives(written):
                weight, rule = weight * MIXED_WEIGHT, "mixed"
            readings.append(Reading(written, weight, rule))
        return readings + self._elided(chunk, codec)

    def _elided(self, chunk: str, codec: Codec | None) -> list[Reading]:
        """Readings with a lost apostrophe: "l?homme", "l??tat", "aujourd?hui"."""
        frequency, lower = french().frequency, chunk.lower()
        factor = MIXED_WEIGHT if codec and holds(codec, "’") else 1.0
        if (whole := frequency.get(lower.replace(LOST, "'"))) is not None:
            return [Reading(chunk.replace(LOST, "’"), factor * whole, "elision")]
        if lower[0] not in ELIDED_FIRST or not (parts := ELIDED.fullmatch(lower)):
            return []
        at = len(parts[1])
        rest = chunk[at + 1 :]
        rests = self.cores(rest, codec)
        if rest[0].isupper() and LOST not in rest:
            rests = (Reading(rest, max(ELIDED_NAME, *(r.weight for r in rests), 0.0), "elision"),)
        share = factor * ELISION_WEIGHT * frequency.get(parts[1], 0.0)
        return [Reading(chunk[:at] + "’" + r.word, share * r.weight, "elision") for r in rests]

    def guesses(self, chunk: str, codec: Codec | None) -> Iterator[str]:
        """What a word left damaged may have been: words of other languages, then by its letters, as in French, as in
        names and as in other languages, in turn.

        One spelling of each as a search sees it, without accents: `M?ns` is Mâns (so Måns), Môns...
        """
        if not latin(chunk):
            return
        known = (cased(chunk, word) for word in self._foreign(chunk, codec))
        ways = [self.spelled(chunk, codec, sure=True, named=named, most=GUESSED) for named in (0.0, 1.0)]
        ways.append(self.spelled(chunk, codec, sure=True, named=1.0, most=GUESSED, tables=foreign().contexts))
        if chunk[0].isupper():
            ways = ways[1:] + ways[:1]
        in_turn = (guess.word for row in zip_longest(*ways) for guess in row if guess)
        seen: set[str] = set()
        for guess in chain(islice(known, LISTED), in_turn):
            plain = fold(guess)
            if plain not in seen and len(guess) == len(chunk):
                seen.add(plain)
                yield guess

    def _named_abroad(self, chunk: str, codec: Codec | None) -> list[Reading]:
        """Names that running text of other languages holds: Hašek, where letters alone would say Haïek.

        Where « é » was lost too they only raise a doubt: Véel is no Czech "včel".
        """
        frequency = foreign().frequency
        most = UNSEEN if codec in (None, "ascii") else 1.0
        return [
            Reading(cased(chunk, word), min(most, FOREIGN_WEIGHT * frequency[word]), "word")
            for word in self._foreign(chunk, codec)
        ]

    def _foreign(self, chunk: str, codec: Codec | None) -> Iterator[str]:
        """Words of other languages that fit, the most frequent first."""
        lower = chunk.lower()
        for word in foreign().by_skeleton.get(skeleton(lower), ()):
            pairs = list(zip(lower, word, strict=True))
            if all(left == letter or left == LOST and not (codec and holds(codec, letter)) for left, letter in pairs):
                yield word

    def spelled(
        self,
        chunk: str,
        codec: Codec | None,
        *,
        sure: bool = False,
        named: float = NAMED,
        most: int = SPELLINGS,
        tables: Contexts | None = None,
    ) -> list[Reading]:
        """The likeliest spellings of a word nobody listed, letter by letter.

        `sure`: it is one word. `named`: how far a word with a capital is spelled as names are, or by `tables` where
        they are given, and not as words are.
        """
        frequency, lower = french().frequency, chunk.lower()
        if (
            not sure
            and inside(chunk)
            and all(frequency.get(part, 0.0) > GLUED_WORD for part in lower.split(LOST) if part)
        ):
            return []  # "Pourquoi?Parce": two words
        glued = chunk[0] == LOST and frequency.get(lower.strip(LOST), 0.0) > GLUED_WORD
        spellings = [("", UNSEEN * (GLUED_SPELLING if glued else 1.0))]
        for at, char in enumerate(lower):
            if char == LOST:
                shares = self._letters(chunk, at, codec, named, tables)
                likeliest = sorted(shares.items(), key=lambda s: (-s[1], s[0]))[:most]
                spellings = [(word + c, weight * share) for word, weight in spellings for c, share in likeliest]
                spellings = sorted(spellings, key=lambda s: (-s[1], s[0]))[:most]
            else:
                spellings = [(word + char, weight) for word, weight in spellings]
        return [Reading(cased(chunk, word), weight, "spelling") for word, weight in spellings]

    def _letters(
        self, chunk: str, at: int, codec: Codec | None, named: float, tables: Contexts | None
    ) -> dict[str, float]:
        """Share of each letter lost at `chunk[at]`."""
        lower = chunk.lower()
        if named == 1.0:
            return self._shares(lower, at, codec, "abroad" if tables else "names", tables or self._name_spelling)
        shares = self._shares(lower, at, codec, "words", None)
        if not named or not chunk[0].isupper():
            return shares
        others = self._shares(lower, at, codec, "names", self._name_spelling)
        return {c: (1 - named) * shares.get(c, 0.0) + named * others.get(c, 0.0) for c in shares.keys() | others.keys()}

    def _shares(
        self, lower: str, at: int, codec: Codec | None, which: str, tables: Contexts | None
    ) -> dict[str, float]:
        """The same by one of the tables, remembered by the letters around."""
        key = which, codec, surroundings(lower, at)
        shares = self._spelt.get(key)
        if shares is None:

            def lost(letter: str) -> bool:
                return codec is None or not holds(codec, letter)

            if len(self._spelt) >= CACHE:
                self._spelt.clear()
            shares = self._spelt[key] = guess_letter(lower, at, lost, tables)
        return shares
