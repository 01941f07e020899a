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
from itertools import accumulate, compress
from operator import ne
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


# "O.N.U." is a token, and "M.", "J.", "l'", "pro-", "Sainte-Rita", "d'Haïti" two; a lost letter stays in its word.
# Small-letter words come first: nine tokens in ten are tried against nothing else; blanks are tried against none.
TOKEN = re.compile(
    r"(?=\S)([a-zß-öø-ÿœ]+(?=[ ,\n])"
    r"|(?:[dDlLnNsSmMjJcCtT]|[qQ]u|[jJ]usqu|[lL]orsqu|[pP]uisqu)['’](?=\w)"
    r"|(?:[pP]ro|[aA]nti|[eE]x|[nN]on)-(?=[A-ZÀ-Þ])"
    r"|[^\W\d_]\.(?:[^\W\d_]\.)+"
    r"|(?:MM?|Mmes?|Mlles?|Me|Dr|Pr|St|Ste|Jr|Mgr|[A-Z])\.(?!\w)"
    r"|\w+(?:[-'’.&?\ufffd]\w+)*"
    r"|\S)"
)
# What a role is to the clues; what is not here was found by a rule ("le ministre Untel"), for which "r" stands.
ROLES = {"label": "", "alias": "", "demonym": "d", "metonym": "m", "surname": "s", "courtesy": "s", "acronym": "a"}
# Of Latin letters: names in other scripts are left alone.
CAPITALS = frozenset(chr(code) for code in range(ord(LATIN_END)) if chr(code).isupper())
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
    line: frozenset[int]  # tokens that begin a line
    capital: list[bool]
    capitals: list[int]  # tokens with a capital
    open: list[bool]  # may be part of a name
    tags: list[str]  # what the authorities say: "" or B/I, kind, role: "Bp", "Is", "Bsd"
    lengths: list[int]  # tokens of the authorities' name, at most 3; 0 outside
    chunks: list[tuple[int, int]]  # the run of capitals a token is in; (0, 0) outside
    seen: Counter[str]  # capitalised words and how often
    met: frozenset[str]  # every word
    pairs: frozenset[tuple[str, str]] = field(default=frozenset())  # capitals side by side within a sentence
    named: frozenset[str] = field(default=frozenset())  # capitals after a given name
    titled: frozenset[str] = field(default=frozenset())  # capitals after "M.", "Mme"

    def runs(self) -> list[tuple[int, int]]:
        """Where open tokens stand side by side; a line ends a run."""
        found: list[tuple[int, int]] = []
        start = stop = -1
        for at in compress(range(len(self.words)), self.open):
            if at != stop or at in self.line:
                if stop > start:
                    found.append((start, stop))
                start = at
            stop = at + 1
        if stop > start:
            found.append((start, stop))
        return found


def read(text: str, known: Sequence[Span], given: frozenset[str]) -> Text:
    """The tokens of a text. `given`: given names, lower case; `known`: by place."""
    as_cased = cased(text)
    # Blanks and tokens in turn. Whole lists are made at once, in C: this is read for every word of a dispatch.
    pieces = TOKEN.split(as_cased)
    words = pieces[1::2]
    bounds = list(accumulate(map(len, pieces)))
    starts, ends = bounds[:-1:2], bounds[1::2]
    lower = list(map(str.lower, words))
    count = len(words)
    capital = [False] * count
    capitals = []
    for at in compress(range(count), map(ne, words, lower)):
        word = words[at]
        if word[0] in CAPITALS or ("-" in word and ARABIC_ARTICLE.match(word)):
            capital[at] = True
            capitals.append(at)
    line = _lines(as_cased, starts)
    first = [True, *map(SENTENCE_END.__contains__, words[:-1])] if words else []
    for at in line:
        first[at] = True
    tags, lengths = _tags(starts, count, known)
    opened = _opened(lower, capital, capitals, tags)
    for match in CREDIT.finditer(as_cased):
        for at in range(bisect_left(starts, match.start()), bisect_left(starts, match.end())):
            opened[at] = False
    named, titled, pairs = set(), set(), set()
    for at in capitals:
        if at:
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
        capitals,
        opened,
        tags,
        lengths,
        _chunks(lower, capital, capitals, first),
        Counter([words[at] for at in capitals]),
        frozenset(words),
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


def _lines(text: str, starts: list[int]) -> frozenset[int]:
    """The tokens that begin a line."""
    found = {0} if starts else set()
    at = text.find("\n")
    while at >= 0:
        token = bisect_left(starts, at)
        if token < len(starts):
            found.add(token)
            at = text.find("\n", starts[token])
        else:
            break
    return frozenset(found)


def _opened(lower: list[str], capital: list[bool], capitals: list[int], tags: list[str]) -> list[bool]:
    count = len(lower)
    opened = list(map(bool, tags))
    for at in capitals:
        word = lower[at]
        # "Le ministre": an article before a small letter is no name.
        opened[at] = word not in NO_NAMES and not (word in STARTERS and not (at + 1 < count and capital[at + 1]))
    for at in compress(range(count), map(HEADS.__contains__, lower)):
        opened[at] = True
        for beyond in range(at + 1, min(count, at + 1 + REACH)):
            if not lower[beyond][0].isalpha() or lower[beyond] in HEADS:
                break
            if not capital[beyond]:
                opened[beyond] = True
    for at in list(compress(range(count), opened)):
        beyond = at + 1
        while beyond < count and not opened[beyond] and not capital[beyond] and lower[beyond] in FUNCTION_WORDS:
            opened[beyond] = True
            beyond += 1
    return opened


def _chunks(lower: list[str], capital: list[bool], capitals: list[int], first: list[bool]) -> list[tuple[int, int]]:
    """For each token the run of capitals it is in, particles between them included: "Ursula von der Leyen"."""
    count = len(lower)
    chunks = [(0, 0)] * count
    reached = 0
    for at in capitals:
        if at < reached:
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
        chunks[at:stop] = [(at, stop)] * (stop - at)
        reached = stop
    return chunks
