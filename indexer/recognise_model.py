"""The tagger: weights of clues, and the best tags of tokens side by side (a linear chain read with Viterbi).

The weights of a clue for all tags are one integer, 16 bits a tag: adding integers adds them all at once, in C.
What a group of clues adds up to is remembered by its key, so a word met again costs one look-up.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from indexer.recognise_clues import GROUPS, Groups, Lists, keys
from indexer.recognise_text import Text

_WEIGHTS = Path(__file__).parent / "data" / "recogniser.tsv"

TAGS = ("O", "BP", "IP", "BL", "IL", "BO", "IO")
OUT = 0
INSIDE = (2, 4, 6)  # each follows its own beginning, one before it, or itself
BITS = 16
# Weights are letters: "P" is 0, "Q" 1, "O" -1. 46 steps each way keep them printable.
ZERO = ord("P")
STEPS = 46
_NOTHING = int.from_bytes((chr(ZERO) * len(TAGS)).encode("utf-16-le"), "little")
_LIFT = sum(1 << (BITS * at + BITS - 1) for at in range(len(TAGS)))  # makes every tag's sum positive to unpack it
_unpack = struct.Struct(f"<{len(TAGS)}H").unpack
# Keys remembered per group; a group that holds more is emptied, which costs one slow dispatch.
KEPT = 15_000
BARRED = -1_000_000
# Which tags may stand before and after each.
_BEFORE = tuple((tag - 1, tag) if tag in INSIDE else tuple(range(7)) for tag in range(7))
_AFTER = tuple(tuple(after for after in range(7) if tag in _BEFORE[after]) for tag in range(7))


class Weights(NamedTuple):
    """`clues`: packed weights; `moves[a][b]`: the weight of tag b after tag a."""

    clues: Mapping[str, int]
    moves: tuple[tuple[int, ...], ...]


def pack(row: str) -> int:
    """The weights written as letters, one a tag, as one integer."""
    return int.from_bytes(row.encode("utf-16-le"), "little") - _NOTHING


def scores(packed: int) -> list[int]:
    """The sum of each tag."""
    return [part - 32768 for part in _unpack((packed + _LIFT).to_bytes(len(TAGS) * BITS // 8, "little"))]


def parse(lines: Sequence[str]) -> Weights:
    """The model file: comments (#), a row of moves a tag (>), then a clue and its letters a line."""
    moves = tuple(tuple(map(int, line.split("\t")[1].split(" "))) for line in lines if line.startswith(">"))
    rows = (line.partition("\t") for line in lines if line[0] not in "#>")
    return Weights({clue: pack(row) for clue, _, row in rows}, moves)


@cache
def shipped() -> Weights:
    """The weights that come with the archive, read once."""
    return parse(_WEIGHTS.read_text("utf-8").splitlines())


class Tagger:
    """Tags tokens; built once from weights and lists."""

    def __init__(self, weights: Weights, lists: Lists) -> None:
        self._lists = lists
        self._moves = weights.moves
        groups = Groups(lists)
        self._groups: list[Callable[[Any], list[str]]] = [getattr(groups, name) for name in GROUPS]
        self._sums: list[dict[Any, int]] = [{} for _ in GROUPS]
        self._weight = weights.clues.get

    def tag(self, text: Text) -> list[tuple[int, list[int], list[list[int]]]]:
        """For each run of open tokens: where it begins, its tags, the scores of each token."""
        found = []
        for start, stop in text.runs():
            emitted = [self._emit(text, at) for at in range(start, stop)]
            found.append((start, best_path(emitted, self._moves), emitted))
        return found

    def margins(self, path: Sequence[int], emitted: Sequence[Sequence[int]]) -> list[int]:
        """For each token of a run, by how much the best reading beats the best one that tags it otherwise."""
        moves, size = self._moves, len(TAGS)
        forward = [[score + move for score, move in zip(emitted[0], moves[OUT], strict=True)]]
        for inside in INSIDE:
            forward[0][inside] = BARRED
        for row in emitted[1:]:
            before = forward[-1]
            forward.append([max(before[a] + moves[a][tag] for a in _BEFORE[tag]) + row[tag] for tag in range(size)])
        backward = [0] * size
        found = []
        for at in range(len(emitted) - 1, -1, -1):
            through = [ahead + rest for ahead, rest in zip(forward[at], backward, strict=True)]
            chosen = through[path[at]]
            through[path[at]] = BARRED * 10
            found.append(chosen - max(through))
            row = emitted[at]
            backward = [
                max(moves[tag][after] + row[after] + backward[after] for after in _AFTER[tag]) for tag in range(size)
            ]
        return found[::-1]

    def _emit(self, text: Text, at: int) -> list[int]:
        total = 0
        sums = self._sums
        for group, key in keys(text, at, self._lists):
            known = sums[group]
            value = known.get(key)
            if value is None:
                if len(known) >= KEPT:
                    known.clear()
                value = known[key] = self._sum(group, key)
            total += value
        return scores(total)

    def _sum(self, group: int, key: Any) -> int:
        weight = self._weight
        return sum([weight(clue, 0) for clue in self._groups[group](key)])


def best_path(emitted: Sequence[Sequence[int]], moves: Sequence[Sequence[int]]) -> list[int]:
    """The best tags of tokens side by side, Viterbi: `emitted` are scores by token and tag."""
    from_outside = moves[OUT]
    best = [score + move for score, move in zip(emitted[0], from_outside, strict=True)]
    for inside in INSIDE:
        best[inside] = BARRED
    if len(emitted) == 1:
        return [best.index(max(best))]
    back: list[list[int]] = []
    for row in emitted[1:]:
        came = [0] * len(TAGS)
        after = [0] * len(TAGS)
        for tag in (0, 1, 3, 5):
            sums = [score + move[tag] for score, move in zip(best, moves, strict=True)]
            top = max(sums)
            came[tag] = sums.index(top)
            after[tag] = top + row[tag]
        for tag in INSIDE:
            begun, gone_on = best[tag - 1] + moves[tag - 1][tag], best[tag] + moves[tag][tag]
            if begun >= gone_on:
                came[tag], after[tag] = tag - 1, begun + row[tag]
            else:
                came[tag], after[tag] = tag, gone_on + row[tag]
        best = after
        back.append(came)
    tag = best.index(max(best))
    path = [tag]
    for came in reversed(back):
        tag = came[tag]
        path.append(tag)
    return path[::-1]
