"""What changed from one version of a dispatch to the next: paragraphs first, then the words of those rewritten. Pure.

align paragraphs -> set apart those that only moved -> pair the near-identical of a gap -> align their words
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from search.align import Block, Op, align, joined

# Distinct words two paragraphs share, of all their words, for one to be the other rewritten.
# Two paragraphs of the same news share about a third: articles, prepositions, names.
NEAR = 0.5

# Pairs of paragraphs compared in one gap; beyond, only those about as far into it on both sides are.
MOST_PAIRS = 2500
NEIGHBOURS = 10

# A kept stretch this short, without a word this long, is no rest for the eye between two changes: "de", ", le".
CRUMB_TOKENS, CRUMB_LETTERS = 2, 3

# A word or one sign, and the blanks after it.
TOKEN = re.compile(r"(\w+|[^\w\s])(\s*)")


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a rewritten paragraph: kept, added or taken out.

    Kept and added spans together are the new paragraph to the letter; kept and taken out, the old one.
    """

    op: Literal["equal", "insert", "delete"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """Paragraphs that stay, come, go, or were rewritten (`replace`: one on each side, and its `words`).

    `moved`: these paragraphs go here and come elsewhere, or come here and go elsewhere, unchanged.
    """

    op: Op
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    words: tuple[Span, ...] = ()
    moved: bool = False


def changes(before: Sequence[str], after: Sequence[str]) -> tuple[Change, ...]:
    """The difference between two bodies, in the order of the text.

    The `before` of all changes, one after the other, are the old body, and the `after` the new one.
    """
    blocks = align(before, after)
    gaps = [block for block in blocks if block.op != "equal"]
    gone = Counter(paragraph for gap in gaps for paragraph in before[gap.i : gap.j])
    come = Counter(paragraph for gap in gaps for paragraph in after[gap.k : gap.m])
    both = gone & come
    going, coming = _Moves(both), _Moves(both)
    found: list[Change] = []
    for block in blocks:
        old, new = before[block.i : block.j], after[block.k : block.m]
        if block.op == "equal":
            found.append(Change("equal", tuple(old), tuple(new)))
        else:
            found += _gap([(text, going.take(text)) for text in old], [(text, coming.take(text)) for text in new])
    return tuple(_merged(found))


class _Moves:
    """Paragraphs found on both sides, each to be counted as often as it is there."""

    def __init__(self, left: Counter[str]) -> None:
        self._left = Counter(left)

    def take(self, paragraph: str) -> bool:
        if not self._left[paragraph]:
            return False
        self._left[paragraph] -= 1
        return True


_Sided = Sequence[tuple[str, bool]]  # paragraphs, and whether each only moved


def _gap(old: _Sided, new: _Sided) -> Iterator[Change]:
    """The changes between two paragraphs that stay."""
    x = y = 0
    for to_x, to_y in [*_pairs(old, new), (len(old), len(new))]:
        yield from (Change("delete", before=(text,), moved=moved) for text, moved in old[x:to_x])
        yield from (Change("insert", after=(text,), moved=moved) for text, moved in new[y:to_y])
        if to_x < len(old):
            one, other = old[to_x][0], new[to_y][0]
            yield Change("replace", (one,), (other,), word_changes(one, other))
        x, y = to_x + 1, to_y + 1


def _pairs(old: _Sided, new: _Sided) -> list[tuple[int, int]]:
    """Which paragraph of `old` was rewritten as which of `new`: the most alike first, never crossing."""
    words = [
        [set(re.findall(r"\w+", text.lower())) if not moved else set() for text, moved in side] for side in (old, new)
    ]
    alike = sorted(
        (-likeness, x, y)
        for x, y in _compared(len(old), len(new))
        if (likeness := _likeness(words[0][x], words[1][y])) >= NEAR
    )
    taken: list[tuple[int, int]] = []
    for _, x, y in alike:
        at = bisect_left(taken, (x, y))
        if (at == 0 or _precedes(taken[at - 1], (x, y))) and (at == len(taken) or _precedes((x, y), taken[at])):
            taken.insert(at, (x, y))
    return taken


def _compared(old: int, new: int) -> Iterator[tuple[int, int]]:
    reach = new if old * new <= MOST_PAIRS else NEIGHBOURS
    for x in range(old):
        middle = x * new // old
        yield from ((x, y) for y in range(max(0, middle - reach), min(new, middle + reach + 1)))


def _precedes(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[0] and one[1] < other[1]


def _likeness(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _merged(found: Iterable[Change]) -> Iterator[Change]:
    """Neighbouring paragraphs to which the same happened, as one change."""
    for (op, moved), run in groupby(found, key=lambda change: (change.op, change.moved)):
        if op == "replace":
            yield from run
            continue
        together = list(run)
        yield Change(
            op,
            tuple(text for change in together for text in change.before),
            tuple(text for change in together for text in change.after),
            moved=moved,
        )


# -- words -----------------------------------------------------------------------------------------------------------


def word_changes(before: str, after: str) -> tuple[Span, ...]:
    """The difference between two texts, word by word and sign by sign."""
    old, new = _tokens(before), _tokens(after)
    spans: list[Span] = []
    for block in _without_crumbs(align([token for token, _ in old], [token for token, _ in new]), new):
        if block.op == "equal":
            for (token, blank_before), (_, blank_after) in zip(
                old[block.i : block.j], new[block.k : block.m], strict=True
            ):
                spans.append(Span("equal", token))
                spans += _blank(blank_before, blank_after)
        else:
            spans.append(Span("delete", _text(old[block.i : block.j])))
            spans.append(Span("insert", _text(new[block.k : block.m])))
    return tuple(_together(spans))


def _tokens(text: str) -> list[tuple[str, str]]:
    """Words and signs, each with the blanks after it; blanks at the beginning go with a token of no letters."""
    tokens = TOKEN.findall(text)
    start = text[: len(text) - len(text.lstrip())]
    return [("", start), *tokens]


def _text(tokens: Sequence[tuple[str, str]]) -> str:
    return "".join(token + blank for token, blank in tokens)


def _blank(before: str, after: str) -> list[Span]:
    if before == after:
        return [Span("equal", after)]
    return [Span("delete", before), Span("insert", after)]


def _without_crumbs(blocks: Sequence[Block], new: Sequence[tuple[str, str]]) -> list[Block]:
    """The blocks, the smallest kept stretches between two changes counted as changed."""
    kept: list[Block] = []
    for at, block in enumerate(blocks):
        between = 0 < at < len(blocks) - 1
        changed = block.op != "equal" or (between and _is_crumb(new[block.k : block.m]))
        if changed and kept and kept[-1].op != "equal":
            kept[-1] = joined(kept[-1], block)
        else:
            kept.append(block)
    return kept


def _is_crumb(tokens: Sequence[tuple[str, str]]) -> bool:
    return len(tokens) <= CRUMB_TOKENS and all(len(token) <= CRUMB_LETTERS for token, _ in tokens)


def _together(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans of one kind as one, what is taken out before what is added; empty ones dropped."""
    for kept, run in groupby((span for span in spans if span.text), key=lambda span: span.op == "equal"):
        stretch = list(run)
        for op in ("equal",) if kept else ("delete", "insert"):
            if text := "".join(span.text for span in stretch if span.op == op):
                yield Span(op, text)  # type: ignore[arg-type]
