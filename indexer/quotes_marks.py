"""What stands between quotation marks, and where sentences end when marks are minded.

    « », “ ”, „ “, " ", with blanks of any width inside them or none; of marks inside marks the outer ones count.

Guillemets lost on the way and not given back are read where a pair of them begins a sentence and a comma follows:
`?Un pont ne se juge qu'après la crue?, a-t-il conclu`; a question ("Qui paiera ? a-t-il demandé") stays one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MARK = re.compile('[«»“”„"]|<<|>>')
# One of these stands where there is a mark or one that was lost.
MARKS = ("?", "«", '"', "“", "”", "»", "„", "<<", ">>")
STRAIGHT, OPENING = '"', ("«", "“", "„", "<<")
BLANKS = " \t\u00a0\u202f\u2009"
# After these a straight mark opens: « d'"assoiffer le désert" », « ("sic") ».
BEFORE_OPENING = BLANKS + "'’([-–—:/"

LOST = re.compile(rf"(?:^|(?<=[{BLANKS}]))\?[{BLANKS}]?(?=[^\W\d_])([^?\n]{{1,600}}?)[{BLANKS}]?\?(?=[{BLANKS}]?[,.])")

# An end of sentence, marks or parentheses that close after it, then what a sentence may begin with.
SENTENCE_END = re.compile(rf"[.!?…]{{1,5}}(?:[{BLANKS}]?[»”\")])?[{BLANKS}]+(?=[^\W\d_a-zà-öø-ÿœ]|[\d«“\"„(/?])")
# "M. Wang", "J. Dupont", "12 janv. 2021", "100 pc.": no end of sentence
NOT_AN_END = re.compile(
    r"(?:\b(?:M|MM|Me|Mgr|Dr|Pr|St|Ste|art|av|bd|env|etc|ex|fig|vol|cf|janv|févr|fév|avr|juil|sept|oct|nov|déc|[A-ZÀ-Þ]))\.$"
)


@dataclass(slots=True)
class Marked:
    """`text[start:end]` is what the marks hold, `opens` and `closes` are around the marks themselves.

    `closed` is False where the paragraph ends first: a quotation of several paragraphs.
    """

    start: int
    end: int
    opens: int
    closes: int
    closed: bool = True


def marked(text: str, continues: bool = False) -> list[Marked]:
    """The outermost pairs of marks of a paragraph, in order.

    A mark that is never closed counts where it opens the paragraph or the next one goes on with the quotation
    (`continues`); elsewhere it is a stray and passed over.
    """
    if not any(map(text.__contains__, MARKS)):
        return []
    pairs: list[tuple[int, int, int, int]] = []  # opening mark, its end, closing mark, its end
    stack: list[tuple[int, int]] = []
    for match in MARK.finditer(text):
        at, after, mark = match.start(), match.end(), match[0]
        if mark in STRAIGHT:
            opens = _begins(text, at, after) and not (stack and _blank_around(text, at, after))
        else:
            opens = mark in OPENING
            if mark == "“" and stack and text[stack[-1][0]] == "„":
                opens = False
        if opens:
            stack.append((at, after))
        elif stack:
            pairs.append((*stack.pop(), at, after))
    unclosed = None
    if stack and (continues or not text[: stack[0][0]].strip()):
        unclosed = stack[0][0]
        pairs = [pair for pair in pairs if pair[0] < unclosed]
        pairs.append((*stack[0], len(text), len(text)))
    found: list[Marked] = []
    for opens_at, start, end, closes in sorted(pairs):
        if found and opens_at < found[-1].closes:
            continue
        start, end = _trimmed(text, start, end)
        if start < end:
            found.append(Marked(start, end, opens_at, closes, closed=opens_at != unclosed))
    if not found and "?" in text:
        found = [
            Marked(*_trimmed(text, match.start(1), match.end(1)), match.start(), match.end())
            for match in LOST.finditer(text)
        ]
    return found


def _begins(text: str, at: int, after: int) -> bool:
    """Whether a straight mark opens, by what is around it."""
    before = at == 0 or text[at - 1] in BEFORE_OPENING
    if not before or after >= len(text) or text[after] in ",.;:)!":
        return False
    return text[after] not in BLANKS or at == 0 or text[at - 1] in BLANKS


def _blank_around(text: str, at: int, after: int) -> bool:
    return at > 0 and text[at - 1] in BLANKS and (after >= len(text) or text[after] in BLANKS)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in BLANKS:
        start += 1
    while end > start and text[end - 1] in BLANKS:
        end -= 1
    return start, end


def sentences(text: str, marks: Sequence[Marked], start: int = 0) -> Iterator[tuple[int, int]]:
    """(start, end) of the sentences after `start`; what marks hold is never cut.

    `« Je suis prêt. » Il a ajouté` is two; `"Signez, on verra plus tard." J'ai refusé", a-t-il dit` one.
    """
    inside = iter(marks)
    held = next(inside, None)
    for match in SENTENCE_END.finditer(text, start):
        at = match.start()
        while held and held.closes <= at:
            held = next(inside, None)
        if held and held.opens <= at and match.end() < held.closes:
            continue
        if text[at] == "." and NOT_AN_END.search(text, max(start, at - 5), at + 1):
            continue
        yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)
