"""Which elements of two sequences correspond: paragraphs of two versions, words of two paragraphs. Pure.

`difflib` where it is cheap. A long stretch is first cut at its landmarks, the elements that occur once on both sides,
in the same order (the idea of "patience" diffs), so that time grows with the length and not with its square.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

Op = Literal["equal", "insert", "delete", "replace"]

# Steps `difflib` may take in one pass over a stretch: one an element, one a pair of equal elements. At the very worst
# it makes a pass for each element: 30 million steps for the 50,000 words of 300,000 characters, about a second (the
# worst measured, on such texts: 0.3 s). A paragraph of 200 words stays below.
MOST_STEPS = 600

# What has no landmarks left after this many cuts is taken as rewritten.
MOST_CUTS = 4


@dataclass(frozen=True, slots=True)
class Block:
    """`before[i:j]` stays as, or becomes, `after[k:m]`."""

    op: Op
    i: int
    j: int
    k: int
    m: int


def align(before: Sequence[str], after: Sequence[str]) -> list[Block]:
    """What stays and what does not, in turn, from the beginning of both sequences to their ends."""
    blocks = _blocks(before, after, 0, len(before), 0, len(after), MOST_CUTS)
    filled = (block for block in blocks if block.i < block.j or block.k < block.m)
    return [_joined(list(run)) for _, run in groupby(filled, key=lambda block: block.op == "equal")]


def joined(first: Block, last: Block) -> Block:
    """One block from the beginning of `first` to the end of `last`, as something that changed."""
    i, j, k, m = first.i, last.j, first.k, last.m
    return Block("replace" if i < j and k < m else "delete" if i < j else "insert", i, j, k, m)


def _joined(run: Sequence[Block]) -> Block:
    first, last = run[0], run[-1]
    return Block("equal", first.i, last.j, first.k, last.m) if first.op == "equal" else joined(first, last)


def _blocks(a: Sequence[str], b: Sequence[str], i: int, j: int, k: int, m: int, cuts: int) -> Iterator[Block]:
    """The blocks of `a[i:j]` and `b[k:m]`; some may be empty."""
    head = _common(zip(a[i:j], b[k:m], strict=False))
    yield Block("equal", i, i + head, k, k + head)
    i, k = i + head, k + head
    tail = _common(zip(reversed(a[i:j]), reversed(b[k:m]), strict=False))
    j, m = j - tail, m - tail
    if i == j or k == m:
        yield Block("replace", i, j, k, m)
    elif _steps(a[i:j], b[k:m]) <= MOST_STEPS:
        for op, p, q, r, s in SequenceMatcher(None, a[i:j], b[k:m], autojunk=False).get_opcodes():
            yield Block(op, i + p, i + q, k + r, k + s)
    elif cuts and (landmarks := _landmarks(a[i:j], b[k:m])):
        starts = [(i, k), *((i + x, k + y) for x, y in landmarks)]
        for (p, r), (q, s) in zip(starts, [*starts[1:], (j, m)], strict=True):
            yield from _blocks(a, b, p, q, r, s, cuts - 1)
    else:
        yield Block("replace", i, j, k, m)
    yield Block("equal", j, j + tail, m, m + tail)


def _common(pairs: Iterable[tuple[str, str]]) -> int:
    """How many pairs are equal before the first that is not."""
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count


def _steps(a: Sequence[str], b: Sequence[str]) -> int:
    if len(a) > MOST_STEPS:
        return len(a)
    counts = Counter(b)
    return len(a) + sum(counts[element] for element in a)


def _landmarks(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the elements that occur once in `a` and once in `b`: the longest run of them in the same order."""
    in_a, in_b = Counter(a), Counter(b)
    places = {element: at for at, element in enumerate(b) if in_b[element] == 1}
    pairs = [(at, places[element]) for at, element in enumerate(a) if in_a[element] == 1 and element in places]
    # The longest rising run (Schensted's): `ends[n]` is the least place in `b` a run of n + 1 can end at.
    ends: list[int] = []
    last: list[int] = []  # pair that ends the best run of each length
    before: list[int] = []  # of each pair, the pair before it in its run
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [number]
        before.append(last[length - 1] if length else -1)
    run: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]
