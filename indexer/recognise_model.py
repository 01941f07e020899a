"""The tagger: weights of clues, and the best tags of tokens side by side (a linear chain read with Viterbi).

The weights of a clue for all tags are one integer, 16 bits a tag: adding integers adds them all at once, in C.
What a group of clues adds up to is remembered by its key, so a word met again costs one look-up.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from operator import add, getitem
from pathlib import Path
from typing import Any, NamedTuple

from indexer.recognise_clues import GROUPS, PARTED, Groups, Lists, keys
from indexer.recognise_text import Text
from indexer.recognise_words import HEADS

_WEIGHTS = Path(__file__).parent / "data" / "recogniser.tsv"

TAGS = ("O", "BP", "IP", "BL", "IL", "BO", "IO")
OUT = 0
INSIDE = (2, 4, 6)  # each follows its own beginning, one before it, or itself
BITS = 16
# Weights are letters: "P" is 0, "Q" 1, "O" -1. 46 steps each way keep them printable.
ZERO = ord("P")
STEPS = 46
_NOTHING = int.from_bytes((chr(ZERO) * len(TAGS)).encode("utf-16-le"), "little")
RAISED = 1 << (BITS - 1)
_LIFT = sum(RAISED << (BITS * at) for at in range(len(TAGS)))  # makes every tag's sum positive to unpack it
PACKED = len(TAGS) * BITS // 8  # bytes
_unpack = struct.Struct(f"<{len(TAGS)}H").unpack
# Keys remembered per group; a group that holds more is emptied, which costs one slow dispatch.
KEPT = 15_000
BARRED = -1_000_000


class Weights(NamedTuple):
    """`clues`: packed weights; `moves[a][b]`: the weight of tag a after tag b."""

    clues: Mapping[str, int]
    moves: tuple[tuple[int, ...], ...]


def pack(row: str) -> int:
    """The weights written as letters, one a tag, as one integer."""
    return int.from_bytes(row.encode("utf-16-le"), "little") - _NOTHING


def scores(packed: int) -> list[int]:
    """The sum of each tag."""
    return [part - RAISED for part in raised_scores(packed)]


def raised_scores(packed: int) -> tuple[int, ...]:
    """The sum of each tag, and `RAISED` more: as much for all tags, so that it decides nothing between them."""
    return _unpack((packed + _LIFT).to_bytes(PACKED, "little"))


def parse(lines: Sequence[str]) -> Weights:
    """The model file: comments (#), a row of moves a tag (>), then a clue and its letters a line."""
    moves = tuple(tuple(map(int, line.split("\t")[1].split(" "))) for line in lines if line.startswith(">"))
    rows = (line.partition("\t") for line in lines if line[0] not in "#>")
    return Weights({clue: pack(row) for clue, _, row in rows}, moves)


@cache
def shipped() -> Weights:
    """The weights that come with the archive, read once."""
    return parse(_WEIGHTS.read_text("utf-8").splitlines())


class _Sums(dict[Any, int]):
    """What the clues of a key add up to, worked out when the key is first met and remembered."""

    def __init__(self, of_key: Callable[[Any], int]) -> None:
        super().__init__()
        self._of_key = of_key

    def __missing__(self, key: Any) -> int:
        if len(self) >= KEPT:
            self.clear()
        self[key] = added = self._of_key(key)
        return added


def _sums(weights: Weights, groups: Groups) -> list[_Sums]:
    """The sums of each of `GROUPS`."""
    weight = weights.clues.get

    def summed(clues: Callable[[Any], list[str]]) -> Callable[[Any], int]:
        return lambda key: sum([weight(clue, 0) for clue in clues(key)])

    def parted(of_word: _Sums, here: Callable[[Any], int]) -> Callable[[Any], int]:
        return lambda key: of_word[key[0]] + here(key)

    found = []
    for name in GROUPS:
        if name in PARTED:
            word, here = (summed(getattr(groups, part)) for part in PARTED[name])
            found.append(_Sums(parted(_Sums(word), here)))
        else:
            found.append(_Sums(summed(getattr(groups, name))))
    return found


class Tagger:
    """Tags tokens; built once from weights and lists."""

    def __init__(self, weights: Weights, lists: Lists) -> None:
        self._lists = lists
        self._moves = weights.moves
        self._onward = tuple(zip(*weights.moves, strict=True))
        self._sums = _sums(weights, Groups(lists))

    def tag(self, text: Text, *, known: bool = True) -> Iterator[tuple[int, list[int], list[int]]]:
        """For each run of open tokens that holds a name: where it begins, its tags, and for each token by how much
        the best reading beats the best one that tags it otherwise.

        Not `known`: runs with no capital but those of the authorities' names are passed over, half of them; but for
        "armée syrienne", a head and what the authorities know.
        """
        for start, stop in text.runs():
            if not known and not _may_be_new(text, start, stop):
                continue
            emitted = [
                raised_scores(sum(map(getitem, self._sums, key))) for key in keys(text, start, stop, self._lists)
            ]
            path, ahead = best_path(emitted, self._moves)
            if any(path):
                yield start, path, self._margins(path, emitted, ahead)

    def _margins(
        self, path: Sequence[int], emitted: Sequence[Sequence[int]], ahead: Sequence[Sequence[int]]
    ) -> list[int]:
        """`ahead`: the best sums up to each token, by its tag."""
        behind = [0] * len(TAGS)  # the best sums after it
        margins = []
        for at in range(len(emitted) - 1, -1, -1):
            through = list(map(add, ahead[at], behind))
            chosen = through[path[at]]
            through[path[at]] = BARRED * 10
            margins.append(chosen - max(through))
            if at:
                out, person, in_person, place, in_place, body, in_body = map(add, emitted[at], behind)
                behind = [
                    max(move[0] + out, move[1] + person, move[3] + place, move[5] + body) for move in self._onward
                ]
                for begun, inside in ((1, in_person), (3, in_place), (5, in_body)):
                    within = begun + 1
                    behind[begun] = max(behind[begun], self._moves[within][begun] + inside)
                    behind[within] = max(behind[within], self._moves[within][within] + inside)
        return margins[::-1]


def _may_be_new(text: Text, start: int, stop: int) -> bool:
    tagged = headed = False
    for at in range(start, stop):
        if text.tags[at]:
            tagged = True
        elif text.capital[at]:
            return True
        elif text.lower[at] in HEADS:
            headed = True
    return tagged and headed


def best_path(emitted: Sequence[Sequence[int]], moves: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    """The best tags of tokens side by side, and the best sums up to each token by its tag (Viterbi).

    `emitted` are scores by token and tag, `moves` as in `Weights`.
    """
    best = [score + move[OUT] for score, move in zip(emitted[0], moves, strict=True)]
    for inside in INSIDE:
        best[inside] = BARRED
    sums = [best]
    back: list[list[int]] = []
    for row in emitted[1:]:
        came = [0] * len(TAGS)
        after = [0] * len(TAGS)
        for tag in (0, 1, 3, 5):
            over = list(map(add, best, moves[tag]))
            top = max(over)
            came[tag] = over.index(top)
            after[tag] = top + row[tag]
        for tag in INSIDE:
            begun, gone_on = best[tag - 1] + moves[tag][tag - 1], best[tag] + moves[tag][tag]
            if begun >= gone_on:
                came[tag], after[tag] = tag - 1, begun + row[tag]
            else:
                came[tag], after[tag] = tag, gone_on + row[tag]
        best = after
        sums.append(best)
        back.append(came)
    tag = best.index(max(best))
    path = [tag]
    for came in reversed(back):
        tag = came[tag]
        path.append(tag)
    return path[::-1], sums
