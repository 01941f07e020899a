"""A text as the recogniser reads it: tokens, where sentences begin, and which few words may be part of a name.

Names are looked for where they can stand: at capitals, at what the authorities found, and after the words that
open a name in small letters ("armée syrienne", "ministère de l'Intérieur"). Nine words in ten are passed over,
which is what makes reading fast.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from indexer.lexicon import LATIN_END
from indexer.recognise_words import (
    ARABIC_ARTICLE,
    CREDIT,
    FUNCTION_WORDS,
    HEADS,
    NO_NAMES,
    PARTICLES,
    STARTERS,
    TITLES,
    cased,
)


class Span(NamedTuple):
    """`text[start:end]` is a name of the authorities. `kind` and `role` as in `authorities.model`."""

    start: int
    end: int
    kind: str  # person | organisation | state | region | city
    role: str  # label, alias, acronym, demonym, metonym, surname, courtesy; else the rule that found it
    label: str = ""


# "O.N.U." is a token, and "M.", "J.", "l'", "pro-", "Sainte-Rita", "d'Haïti" two; a lost letter stays in its word
TOKEN = re.compile(
    r"[^\W\d_]\.(?:[^\W\d_]\.)+"
    r"|(?:pro|anti|ex|non)-(?=[A-ZÀ-Þ])"
    r"|(?:[dlnsmjct]|qu|jusqu|lorsqu|puisqu)['’](?=\w)"
    r"|(?:MM?|Mmes?|Mlles?|Me|Dr|Pr|St|Ste|Jr|Mgr|[A-Z])\.(?!\w)"
    r"|\w+(?:[-'’.&?\ufffd]\w+)*"
    r"|\S",
    re.IGNORECASE,
)
# What a role is to the clues; what is not here was found by a rule ("le ministre Untel"), for which "r" stands.
ROLES = {"label": "", "alias": "", "demonym": "d", "metonym": "m", "surname": "s", "courtesy": "s", "acronym": "a"}
SENTENCE_END = frozenset('.!?:…"«“-–—•*')
# How far after a head ("Cour administrative d'appel") small-letter words may belong to the name.
REACH = 6


@dataclass(frozen=True, slots=True)
class Text:
    """Tokens of a text and what is known of each; lists of the same length."""

    text: str
    words: list[str]
    lower: list[str]
    starts: list[int]
    ends: list[int]
    first: list[bool]  # begins a sentence or a line
    line: list[bool]  # begins a line
    capital: list[bool]
    open: list[bool]  # may be part of a name
    tags: list[str]  # what the authorities say: "" or B/I, kind, role: "Bp", "Is", "Bsd"
    lengths: list[int]  # tokens of the authorities' name, at most 3; 0 outside
    chunks: list[tuple[int, int]]  # the run of capitals a token is in; (0, 0) outside
    seen: Counter[str]  # capitalised words and how often
    small: frozenset[str]  # words also met in small letters
    pairs: frozenset[tuple[str, str]] = field(default=frozenset())  # capitals side by side within a sentence
    named: frozenset[str] = field(default=frozenset())  # capitals after a given name
    titled: frozenset[str] = field(default=frozenset())  # capitals after "M.", "Mme"

    def runs(self) -> list[tuple[int, int]]:
        """Where open tokens stand side by side; a line ends a run."""
        found = []
        at, end, opened = 0, len(self.words), self.open
        while at < end:
            if not opened[at]:
                at += 1
                continue
            stop = at + 1
            while stop < end and opened[stop] and not self.line[stop]:
                stop += 1
            found.append((at, stop))
            at = stop
        return found


def read(text: str, known: Sequence[Span], given: frozenset[str]) -> Text:
    """The tokens of a text. `given`: given names, lower case; `known`: by place."""
    as_cased = cased(text)
    places = [match.span() for match in TOKEN.finditer(as_cased)]
    words = [as_cased[start:end] for start, end in places]
    starts = [start for start, _ in places]
    ends = [end for _, end in places]
    lower = [word.lower() for word in words]
    capital = [(word[0].isupper() and word[0] < LATIN_END) or ARABIC_ARTICLE.match(word) is not None for word in words]
    count = len(words)
    line = [True] * min(1, count)
    line += [start - end > 0 and "\n" in as_cased[end:start] for end, start in zip(ends, starts[1:], strict=False)]
    first = [True] * min(1, count)
    first += [begins or word in SENTENCE_END for word, begins in zip(words, line[1:], strict=False)]
    tags, lengths = _tags(starts, count, known)
    opened = _opened(lower, capital, tags)
    for match in CREDIT.finditer(as_cased):
        for at in range(bisect_left(starts, match.start()), bisect_left(starts, match.end())):
            opened[at] = False
    named, titled, pairs = set(), set(), set()
    for at in range(1, count):
        if capital[at]:
            before = lower[at - 1]
            if capital[at - 1]:
                if not first[at - 1]:
                    pairs.add((words[at - 1], words[at]))
                if before in given:
                    named.add(words[at])
            if before in TITLES:
                titled.add(words[at])
    return Text(
        text,
        words,
        lower,
        starts,
        ends,
        first,
        line,
        capital,
        opened,
        tags,
        lengths,
        _chunks(lower, capital, first),
        Counter([word for word, is_capital in zip(words, capital, strict=True) if is_capital]),
        frozenset([word for word, is_capital in zip(words, capital, strict=True) if not is_capital]),
        frozenset(pairs),
        frozenset(named),
        frozenset(titled),
    )


def _tags(starts: list[int], count: int, known: Sequence[Span]) -> tuple[list[str], list[int]]:
    tags, lengths = [""] * count, [0] * count
    for start, end, kind, role, _ in known:
        low = max(0, bisect_right(starts, start) - 1)
        high = bisect_left(starts, end)
        what = kind[0] + ROLES.get(role, "r")
        for at in range(low, high):
            tags[at] = ("B" if at == low else "I") + what
            lengths[at] = min(3, high - low)
    return tags, lengths


def _opened(lower: list[str], capital: list[bool], tags: list[str]) -> list[bool]:
    count = len(lower)
    opened = [False] * count
    since = REACH + 1  # tokens since a head
    before = False
    for at, word in enumerate(lower):
        if word in HEADS:
            since, before = 0, True
        else:
            since += 1
            if capital[at]:
                # "Le ministre": an article before a small letter is no name.
                before = word not in NO_NAMES and not (word in STARTERS and not (at + 1 < count and capital[at + 1]))
            elif tags[at] or (since <= REACH and word[0].isalpha()):
                before = True
            else:
                if since <= REACH:
                    since = REACH + 1
                before = before and word in FUNCTION_WORDS
        opened[at] = before
    return opened


def _chunks(lower: list[str], capital: list[bool], first: list[bool]) -> list[tuple[int, int]]:
    """For each token the run of capitals it is in, particles between them included: "Ursula von der Leyen"."""
    count = len(lower)
    chunks = [(0, 0)] * count
    at = 0
    while at < count:
        if not capital[at]:
            at += 1
            continue
        stop = at + 1
        while stop < count and not first[stop]:
            if capital[stop]:
                stop += 1
            elif lower[stop] in PARTICLES:
                beyond = stop + 1
                while beyond < count and lower[beyond] in PARTICLES and not capital[beyond]:
                    beyond += 1
                if beyond >= count or not capital[beyond] or first[beyond]:
                    break
                stop = beyond
            else:
                break
        for inside in range(at, stop):
            chunks[inside] = (at, stop)
        at = stop
    return chunks
