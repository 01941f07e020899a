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
        # Where each token is more surely no name than by this, moves cannot make one of them.
        self._sway = 2 * (max(map(max, weights.moves)) - weights.moves[OUT][OUT])
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
            if all(score[OUT] - self._sway > max(score[1:]) for score in emitted):
                continue
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


def best_path(
    emitted: Sequence[Sequence[int]], moves: Sequence[Sequence[int]]
) -> tuple[list[int], list[tuple[int, ...]]]:
    """The best tags of tokens side by side, and the best sums up to each token by its tag (Viterbi).

    `emitted` are scores by token and tag, `moves` as in `Weights`. Tag by tag and not in loops: twice as fast.
    """
    to_out, to_p, to_ip, to_l, to_il, to_b, to_ib = moves
    (out0, out1, out2, out3, out4, out5, out6), (p0, p1, p2, p3, p4, p5, p6) = to_out, to_p
    (l0, l1, l2, l3, l4, l5, l6), (b0, b1, b2, b3, b4, b5, b6) = to_l, to_b
    ip1, ip2, il3, il4, ib5, ib6 = to_ip[1], to_ip[2], to_il[3], to_il[4], to_ib[5], to_ib[6]
    score = emitted[0]
    out, p, l, b = score[0] + out0, score[1] + p0, score[3] + l0, score[5] + b0  # noqa: E741
    ip = il = ib = BARRED
    sums: list[tuple[int, ...]] = [(out, p, ip, l, il, b, ib)]
    back: list[tuple[int, ...]] = []
    for score in emitted[1:]:
        over = (out + out0, p + out1, ip + out2, l + out3, il + out4, b + out5, ib + out6)
        over_p = (out + p0, p + p1, ip + p2, l + p3, il + p4, b + p5, ib + p6)
        over_l = (out + l0, p + l1, ip + l2, l + l3, il + l4, b + l5, ib + l6)
        over_b = (out + b0, p + b1, ip + b2, l + b3, il + b4, b + b5, ib + b6)
        gone_p, gone_l, gone_b = ip + ip2, il + il4, ib + ib6
        begun_p, begun_l, begun_b = p + ip1, l + il3, b + ib5
        top, top_p, top_l, top_b = max(over), max(over_p), max(over_l), max(over_b)
        came_p, came_l, came_b = begun_p < gone_p, begun_l < gone_l, begun_b < gone_b
        back.append(
            (
                over.index(top),
                over_p.index(top_p),
                1 + came_p,
                over_l.index(top_l),
                3 + came_l,
                over_b.index(top_b),
                5 + came_b,
            )
        )
        out, p, l, b = top + score[0], top_p + score[1], top_l + score[3], top_b + score[5]  # noqa: E741
        ip = (gone_p if came_p else begun_p) + score[2]
        il = (gone_l if came_l else begun_l) + score[4]
        ib = (gone_b if came_b else begun_b) + score[6]
        sums.append((out, p, ip, l, il, b, ib))
    tag = sums[-1].index(max(sums[-1]))
    path = [tag]
    for came in reversed(back):
        tag = came[tag]
        path.append(tag)
    return path[::-1], sums
