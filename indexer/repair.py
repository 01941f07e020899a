"""Gives a damaged dispatch its lost letters back: `cha?nes` -> chaînes, `? l'espoir ?` -> « l'espoir ».

Agencies' texts went through encodings that hold only some of French; each letter or mark the encoding lacks
became `?` (or U+FFFD). The passes, each on the result of the one before:

    mojibake    UTF-8 read in another encoding ("Ã©")                        repair_mojibake.py
    bytes       UTF-8 whose every byte became `?` ("d??put??")               repair_bytes.py
    channel     which encoding lost what, from what survived                 channels.py
    words       damaged words that can be one thing only, wherever they are  repair_words.py, lexicon.py
    context     words that need a look around: doubles, names, capitals      repair_context.py
    marks       each `?` that stands alone: guillemet, dash, « à », question mark  repair_marks.py

Every repair says by which rule and with what confidence. Where confidence is too low nothing is changed; the
likely readings are given to the caller instead. Links and addresses are left alone.
Figures and what could have been done otherwise: `docs/decisions/0003-lost-letters.md`, `bench/repair.py`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

from indexer.channels import ChannelName, Codec, holds, narrowest, widest, witnesses
from indexer.lexicon import LOST
from indexer.repair_bytes import Folded, fold
from indexer.repair_clues import NBSP
from indexer.repair_context import (
    DOUBLES,
    REPLACEMENT,
    SAME_SENTENCE,
    Decider,
    Scene,
    capital_inside,
    certain,
    opens_sentence,
)
from indexer.repair_marks import LINE_END, WEIGHED, MarkScene, decode, intact, weigh
from indexer.repair_mojibake import unmojibake
from indexer.repair_words import Words

MOJIBAKE_CONFIDENCE = 0.99
MARK_THRESHOLD = 0.5  # which mark it was, once a genuine question mark is ruled out
GENUINE_LIMIT = 0.03  # probability of a genuine question mark over which a mark is left alone
INTACT_LIMIT = 1e-5  # probability that all marks of a text are genuine, under which it counts as damaged

# "http://x.fr/a?b=c", "www.x.fr/?p=1", "x.fr/a?b", "a?b@x.fr", looked for in what stands between two spaces
PROTECTED = re.compile(r"(?:https?|ftp)://\S+|www\.\S+|\S+@\S+\.\S+|[\w.-]+\.[a-z]{2,4}/\S+", re.IGNORECASE)
PROTECTED_SIGNS = ("/", "@", "www.")
SPACE = re.compile(r"\s")
# "Churyumov?Gerasimenko": a dash between two names, not a letter; but "d?Alep", "qu?Alep"
JOINED = re.compile(r"(?!(?:[ldjmnstcLDJMNSTC]|[Qq]u)\?)[^\W\d_]*[a-zà-ÿ]\?[A-Z][^\W\d_]+")
# Where no question mark can stand: first in a line, after a colon, a comma, an opening bracket, "un".
# Looked for only around the marks: over a whole text it takes ten times as long as all the rest.
IMPOSSIBLE = re.compile(
    r"(?:^|[:«(\[] ?|[;,] )\?(?! ?[)\]])(?=.)|[ )\d]\. \?|[^\W\d_]{4}\. \?(?= ?\w)"
    r"|(?<!\w)(?:un|une|le|la|les|des|du|de|ce|cette|au|aux|et|est|d['’]|l['’]|qu['’]) ?\? ?\w",
    re.MULTILINE,
)
# Hard spaces were lost too: "mot?:", "5?000", "??mot"
HARD_SPACES = re.compile(r"(?<=\w)[?\ufffd][:;%]|(?<=\d)[?\ufffd]\d{3}|(?<!\S)[?\ufffd]{2}\w")


class TextRepair(NamedTuple):
    """`restored` stands at `offset` of the repaired text where the source had `lost`; confidence in 0..1.

    `rule`: mojibake, name, word, mixed (the letter survives elsewhere), elision, spelling (no listed word) or
    mark. A tuple and not a dataclass: there are a hundred to a dispatch, made in a third of the time.
    """

    offset: int
    lost: str
    restored: str
    confidence: float
    rule: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A damaged place left alone, at `offset`; `start:end` is its word in the repaired text.

    `readings`: what the word may have been, the likeliest first, four at most, each as long as the word (shorter
    only where each byte of a letter became `?`). A `?` at its end may also be a genuine question mark.
    """

    offset: int
    start: int
    end: int
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text after repair. Putting every `lost` back in place of its `restored` gives the source."""

    text: str
    repairs: tuple[TextRepair, ...]
    doubts: tuple[Doubt, ...]
    channel: ChannelName


_Found = tuple[list[TextRepair], list[Doubt]]


class Repairer:
    """Repairs dispatches. Tables are read once per process: French on the first damaged text
    (0.5 s), other languages on the first word that neither French nor a name explains (1 s).

    Args:
        names: proper names as they should be written ("Sergueï Lavrov"); they win over words of the list.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._words = Words(names, DOUBLES)
        self._decider = Decider(self._words)

    def repair(self, text: str) -> Repaired:
        """Repair one dispatch (paragraphs joined by a newline); the number of newlines never changes."""
        text, changes = unmojibake(text)
        given = [TextRepair(at, lost, new, MOJIBAKE_CONFIDENCE, "mojibake") for at, lost, new in changes]
        sign = REPLACEMENT if REPLACEMENT in text else LOST
        if sign not in text:
            return Repaired(text, tuple(given), (), "mojibake" if given else "intact")
        if not given and (folded := fold(text)):
            return self._unfold(folded)
        survivors = witnesses(text)
        repairs, doubts = self._by_channel(text, survivors, sign)
        if sign == REPLACEMENT and LOST in text:
            # What U+FFFD stood for had survived the channel that made the `?`: "D\ufffdj\ufffd re?u"
            halfway = _filled(text, sorted(repairs, key=attrgetter("offset")))
            others, unsure = self._by_channel(halfway, witnesses(halfway), LOST)
            repairs, doubts = repairs + others, doubts + unsure
        if not repairs:
            return Repaired(text, tuple(given), tuple(doubts), "mojibake" if given else "intact")
        channel = narrowest(survivors, frozenset([repair.restored for repair in repairs]))
        repairs = sorted(given + repairs, key=attrgetter("offset"))
        return Repaired(_filled(text, repairs), tuple(repairs), tuple(doubts), "mixed" if given else channel or "mixed")

    def _unfold(self, folded: Folded) -> Repaired:
        """The repair of a text that lost its characters byte by byte, in the offsets of the repaired text."""
        found, unsure = self._by_channel(folded.text, frozenset(), REPLACEMENT)
        repaired = {repair.offset: repair for repair in found}
        parts: list[str] = []
        repairs: list[TextRepair] = []
        grown: list[int] = []  # how many characters the signs left alone have added, and where
        done = 0
        for at, piece in folded.pieces.items():
            parts.append(folded.text[done:at])
            done = at + 1
            repair = repaired.get(at)
            if repair is None:
                parts.append(piece)
                grown += [at] * (len(piece) - 1)
            else:
                parts.append(repair.restored)
                offset = at + bisect_left(grown, at)
                repairs.append(TextRepair(offset, piece, repair.restored, repair.confidence, repair.rule))
        parts.append(folded.text[done:])

        def moved(at: int) -> int:
            return at + bisect_left(grown, at)

        doubts = tuple(Doubt(moved(d.offset), moved(d.start), moved(d.end), d.readings) for d in unsure)
        return Repaired("".join(parts), tuple(repairs), doubts, "mixed" if repairs else "intact")

    def _by_channel(self, text: str, survivors: frozenset[str], sign: str) -> _Found:
        """Repairs and doubts under the channel that explains the text, or paragraph by paragraph."""
        if sign == REPLACEMENT:
            return self._mend(text, "ascii", sign)
        codec = widest(survivors)
        found = self._mend(text, codec, sign)
        rules = {repair.rule for repair in found[0]}
        if codec and "elision" in rules and holds(codec, "’"):
            # "l?homme" beside « é »: Latin-1, not GBK
            found = self._mend(text, narrowest(survivors, frozenset("’")), sign)
            rules = {repair.rule for repair in found[0]}
        if "mixed" in rules:
            return self._by_line(text, sign)
        return found

    def _by_line(self, text: str, sign: str) -> _Found:
        """Repairs and doubts of a text whose paragraphs came by different channels, each read on its own."""
        repairs: list[TextRepair] = []
        doubts: list[Doubt] = []
        low = 0
        for line in text.split("\n"):
            if sign in line:
                found, unsure = self._mend(line, widest(witnesses(line)), sign)
                repairs += [TextRepair(r.offset + low, r.lost, r.restored, r.confidence, r.rule) for r in found]
                doubts += [Doubt(d.offset + low, d.start + low, d.end + low, d.readings) for d in unsure]
            low += len(line) + 1
        return repairs, doubts

    def _mend(self, text: str, codec: Codec | None, sign: str) -> _Found:
        """Repairs and doubts of a text that came by one channel. Each repair puts one character for one."""
        words = self._words
        repairs: list[TextRepair] = []
        doubts: list[Doubt] = []
        later: list[tuple[int, str]] = []  # chunks that need to know their surroundings
        alone: list[int] = []  # marks
        damaged = sign == REPLACEMENT
        for start, chunk in _chunks(text, sign):
            if chunk == LOST:
                alone.append(start)
                continue
            if chunk[0] == LOST and not chunk.strip(LOST):
                alone.extend(range(start, start + len(chunk)))
                continue
            plain = words.plain(chunk, codec)
            if plain is None and JOINED.fullmatch(chunk):
                alone.append(start + chunk.index(LOST))
                continue
            if plain is None or plain.ends and not SAME_SENTENCE.match(text, start + len(chunk)):
                later.append((start, chunk))
                damaged = damaged or certain(chunk, words, codec)
                continue
            damaged = True
            if plain.headed:
                later.append((start, chunk))
                continue
            for at, letter in plain.letters:
                repairs.append(TextRepair(start + at, sign, letter, plain.confidence, plain.rule))
        if not later and not alone:
            return repairs, doubts
        text = _filled(text, repairs)
        suspects = alone + [start for start, _ in later]
        scene = Scene(text, codec, sign, damaged or any(_impossible(text, at) for at in suspects))
        settled = len(repairs)
        for start, chunk in later:
            end = start + len(chunk)
            plain = words.plain(chunk, codec)
            if plain and plain.headed and not (plain.ends and not SAME_SENTENCE.match(text, end)):
                for at, letter in plain.letters:
                    restored = _head(text, start, plain.word) if at == 0 else letter
                    repairs.append(TextRepair(start + at, sign, restored, plain.confidence, plain.rule))
                continue
            decision = self._decider.decide(scene, start, chunk)
            for at, letter in decision.letters:
                repairs.append(TextRepair(start + at, sign, letter, decision.confidence, decision.rule))
            alone += [start + at for at in decision.marks]
            if decision.readings:
                doubts.append(Doubt(start + chunk.index(LOST), start, end, decision.readings))
        if alone:
            text = _filled(text, sorted(repairs[settled:], key=attrgetter("offset")))
            repairs += _marks(text, sorted(alone), scene)
        return repairs, doubts


def _impossible(text: str, at: int) -> bool:
    """Whether no question mark can stand at `at`, so that the text is damaged."""
    return IMPOSSIBLE.search(text, max(0, at - 9), at + 4) is not None


def _head(text: str, start: int, word: str) -> str:
    """The lost first letter of `word`, small or capital: "d'?gypte" -> É, "il ?tait" -> é."""
    upper = word[0].upper()
    if len(upper) > 1 or not (opens_sentence(text, start) or capital_inside(text, start, start + len(word), word)):
        return word[0]
    return upper


def _marks(text: str, places: list[int], scene: Scene) -> list[TextRepair]:
    """Repairs of the marks that stand alone."""
    codec, sign = scene.codec, scene.sign
    lost = frozenset(char for char in WEIGHED if codec is not None and not holds(codec, char))
    hard = any(HARD_SPACES.match(text, at) for at in places)
    marks = MarkScene(lost, True, hard, sign == REPLACEMENT)
    choices = _weighed(text, places, marks)
    if not scene.damaged and intact(choices) > INTACT_LIMIT:
        choices = _weighed(text, places, replace(marks, damaged=False))
    sure = {
        place: reading
        for place, reading in zip(places, decode(choices), strict=True)
        if reading.confidence >= MARK_THRESHOLD and reading.genuine <= GENUINE_LIMIT
    }
    return [
        TextRepair(place, sign, reading.restored, round(reading.confidence, 4), "mark")
        for place, reading in sure.items()
        # "mot??" before a question mark left alone: it may be two of them
        if reading.restored != NBSP or place + 1 in sure or not text.startswith(sign, place + 1)
    ]


def _weighed(text: str, places: list[int], marks: MarkScene) -> list[dict[str, float]]:
    """What each mark may have been, paragraph after paragraph."""
    choices: list[dict[str, float]] = []
    first = 0
    while first < len(places):
        low = text.rfind("\n", 0, places[first]) + 1
        high = text.find("\n", places[first])
        high = len(text) if high < 0 else high
        end = bisect_left(places, high, first)
        if choices:
            choices.append(LINE_END)
        line = text[low:high].replace(REPLACEMENT, LOST)
        choices += weigh(line, [place - low for place in places[first:end]], marks)
        first = end
    return choices


def _chunks(text: str, sign: str) -> Iterator[tuple[int, str]]:
    """Runs of letters and lost marks with a lost mark in them, and where: "cha?nes", "?tats", "l??tat", "?".

    Grown from each mark: a regular expression that tries every letter takes four times as long.
    """
    linked = any(sign in text for sign in PROTECTED_SIGNS)
    at, size = text.find(sign), len(text)
    while at >= 0:
        start, end = at, at + 1
        while start and text[start - 1].isalpha():
            start -= 1
        while end < size and (text[end].isalpha() or text[end] == sign):
            end += 1
        if not (linked and in_link(text, at)):
            chunk = text[start:end]
            yield start, chunk if sign == LOST else chunk.replace(sign, LOST)
        at = text.find(sign, end)


def in_link(text: str, at: int) -> bool:
    """Whether `text[at]` is part of a link or an address."""
    low = at
    while low and not text[low - 1].isspace():
        low -= 1
    found = SPACE.search(text, at)
    token = text[low : found.start() if found else len(text)]
    if not any(sign in token for sign in PROTECTED_SIGNS):
        return False
    return any(match.start() <= at - low < match.end() for match in PROTECTED.finditer(token))


def _filled(text: str, repairs: list[TextRepair]) -> str:
    """The text with repairs made, given by offset; those of mojibake are in it already."""
    pieces: list[str] = []
    done = 0
    for repair in repairs:
        if repair.rule != "mojibake":
            pieces += (text[done : repair.offset], repair.restored)
            done = repair.offset + 1
    pieces.append(text[done:])
    return "".join(pieces)
