"""Which sentences of a dispatch are shown as its passages. Pure.

    paragraphs with the words found -> the sentences that hold some -> the most telling, each for what it adds
    -> a short one with its neighbour, a very long one cut around its words -> in the order of the text

The engine only says where words stand: what it would cut itself begins after "M." and ends with the 220th character.
Figures and what was tried: docs/decisions/0013-passages.md.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mappings.french import fold
from search.marks import Marked, Span
from search.sentences import sentences

MOST_PASSAGES = 3

# Characters. A sentence has 100 in the median and 345 at the 99th percentile (WiNER-fr): few are cut.
LONGEST = 330

# A shorter sentence says too little by itself: the next one comes with it, or the one before where it is the last, as
# far as both are within `COMFORTABLE`. What is no more than a dateline ("PÉKIN, 5 août. /TASS/.") takes any it can.
SHORT, COMFORTABLE, DATELINE = 70, 220, 40

# A word that an earlier passage shows counts for this much in the next.
SHOWN_BEFORE = 0.2

# Marks read of one dispatch: a word that stands in every line of a book need not be seen everywhere to choose three.
MOST_READ = 200

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Passage:
    """`paragraphs[paragraph].text[start:end]`, whole sentences unless cut: then … stands where words are missing.

    `hit`: how many finds stand before it in the paragraphs.
    """

    paragraph: int
    start: int
    end: int
    hit: int
    cut_before: bool = False
    cut_after: bool = False

    def html(self, paragraphs: Sequence[Marked]) -> str:
        """The passage, escaped, the words found in `<mark>`."""
        told = paragraphs[self.paragraph].html(self.start, self.end)
        return f"{f'{ELLIPSIS} ' if self.cut_before else ''}{told}{f' {ELLIPSIS}' if self.cut_after else ''}"


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that holds words found: `words`, folded, each once."""

    paragraph: int
    number: int  # among the sentences of its paragraph
    start: int
    end: int
    hit: int
    words: frozenset[str]


def passages(paragraphs: Sequence[Marked], most: int = MOST_PASSAGES) -> list[Passage]:
    """The most telling passages, in the order of the text.

    Each time the one whose words say most that is not shown yet; the earlier of two alike.
    """
    cut: dict[int, list[Span]] = {}
    left = list(_holding(paragraphs, cut))
    # A word counts the more the fewer sentences hold it.
    common = Counter(word for sentence in left for word in sentence.words)
    shown: set[str] = set()
    found: list[Passage] = []
    while left and len(found) < most:
        best = max(left, key=lambda sentence: sum(_worth(word, common, shown) for word in sentence.words))
        passage = _bounded(paragraphs[best.paragraph], best, cut[best.paragraph], found)
        found.append(passage)
        shown |= best.words
        # Also what its neighbour took along.
        left = [sentence for sentence in left if sentence is not best and not _overlap(passage, sentence)]
    return sorted(found, key=lambda passage: (passage.paragraph, passage.start))


def _worth(word: str, common: Counter[str], shown: set[str]) -> float:
    return (1 + 1 / common[word]) * (SHOWN_BEFORE if word in shown else 1.0)


def _overlap(one: Passage | _Sentence, other: Passage | _Sentence) -> bool:
    return one.paragraph == other.paragraph and one.start < other.end and other.start < one.end


def _holding(paragraphs: Sequence[Marked], cut: dict[int, list[Span]]) -> Iterable[_Sentence]:
    """The sentences that hold words found; `cut` is filled with all sentences of the paragraphs read."""
    seen: set[str] = set()
    hit = 0
    for number, paragraph in enumerate(paragraphs):
        if hit >= MOST_READ:
            return
        if not paragraph.found:
            continue
        spans = cut[number] = sentences(paragraph.text)
        starts = [start for start, _ in spans]
        places: dict[int, list[Span]] = {}
        for found in paragraph.found:
            places.setdefault(max(0, bisect_right(starts, found[0]) - 1), []).append(found)
        for at, finds in places.items():
            # A quotation found may go on into the next sentence.
            last = bisect_right(starts, finds[-1][1] - 1) - 1
            start, end = spans[at][0], spans[last][1]
            text = paragraph.text[start:end]
            if text not in seen:
                seen.add(text)
                yield _Sentence(number, last, start, end, hit, frozenset(_words(paragraph.text, finds)))
            hit += len(finds)


_WORD = re.compile(r"\w+")


def _words(text: str, finds: Iterable[Span]) -> Iterable[str]:
    """The words found, folded; of plurals in -s and -x the singular, which is near enough to tell words apart."""
    for start, end in finds:
        for word in _WORD.findall(fold(text[start:end])):
            yield word.rstrip("sx") if len(word) > 3 else word


def _bounded(paragraph: Marked, sentence: _Sentence, spans: Sequence[Span], found: Sequence[Passage]) -> Passage:
    """A sentence neither too short to say something nor too long to be read at a glance, apart from those found."""
    start, end = sentence.start, sentence.end
    if end - start > LONGEST:
        start, end = _around(paragraph, start, end)
        return _passage(paragraph, sentence, start, end, start > sentence.start, end < sentence.end)
    following, before = spans[sentence.number + 1 :], spans[: bisect_left(spans, (start, 0))]
    for _, stop in following:
        if end - start >= SHORT or stop - start > (LONGEST if end - start < DATELINE else COMFORTABLE):
            break
        end = stop
    if end - start < SHORT and not following and before and end - before[-1][0] <= COMFORTABLE:
        start = before[-1][0]
    whole = _passage(paragraph, sentence, start, end)
    if any(_overlap(whole, each) for each in found):
        return _passage(paragraph, sentence, sentence.start, sentence.end)
    return whole


def _passage(
    paragraph: Marked, sentence: _Sentence, start: int, end: int, cut_before: bool = False, cut_after: bool = False
) -> Passage:
    first, last = sorted((start, sentence.start))
    between = len(paragraph.within(first, last))
    hit = sentence.hit + (between if start > sentence.start else -between)
    return Passage(sentence.paragraph, start, end, hit, cut_before, cut_after)


# Where a long sentence is best cut: before a clause.
_CLAUSE = re.compile(r"(?<=[,;:»)])\s+(?=\S)|\s+(?=[«(–—])")
_BLANK = re.compile(r"\s+")


def _around(paragraph: Marked, start: int, end: int) -> Span:
    """`LONGEST` characters of a sentence that hold the most words found, cut between clauses, at least between words."""
    text = paragraph.text
    first, last = _densest(paragraph.within(start, end))
    begin = start
    if last - start > LONGEST:
        # What stands before the words makes them understood: a third of the room.
        earliest = max(start, first - (LONGEST - (last - first)) // 3)
        begin = next((found.end() for found in _cuts(text, earliest, first)), first)
    latest = begin + LONGEST
    if latest >= end:
        return begin, end
    late = max(last, latest - LONGEST // 3)
    stops = [*_BLANK.finditer(text, late, latest), *_CLAUSE.finditer(text, late, latest)]
    return begin, stops[-1].start() if stops else latest


def _cuts(text: str, start: int, end: int) -> Iterable[re.Match[str]]:
    """Where a passage may begin between two places, the best first."""
    yield from _CLAUSE.finditer(text, start, end)
    yield from _BLANK.finditer(text, start, end)


def _densest(finds: Sequence[Span]) -> Span:
    """The stretch of at most `LONGEST` characters that holds the most finds, the earliest of them."""
    best, best_count = (finds[0][0], finds[0][0] + LONGEST), 0
    for at, (first, end) in enumerate(finds):
        last, count = end, 0
        for _, stop in finds[at:]:
            if stop - first > LONGEST:
                break
            last, count = stop, count + 1
        if count > best_count:
            best, best_count = (first, last), count
    return best
