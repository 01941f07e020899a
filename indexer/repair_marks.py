"""What a lost mark that stands alone was: guillemet, dash, « à », hard space... or a genuine question mark.

Each mark of a paragraph gets a weight for everything it may have been, from what stands around it
(`repair_clues.py`, `data/marks.tsv`); then the whole text is read at once, because guillemets open and close
(two states, forward and backward sums: a conditional random field).
A genuine question mark must never be touched: it weighs far more in a text that shows no other damage.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from indexer.repair_clues import LOOKS, NBSP, SIGNS, clues

GENUINE = LOOKS
KINDS = ("à", "À", "«", "»", "–", "—", "“", "”", "’", "…", "€", NBSP, GENUINE)
COLUMN = {kind: at for at, kind in enumerate(KINDS)}
WEIGHED = "".join(KINDS[:-1])  # what a lone mark may have been
_WEIGHTS = Path(__file__).parent / "data" / "marks.tsv"

# "12. Cf3?", "e4?", "Dd8??", "Txe5?!", "O-O?": chess, where `?` is a bad move
_CHESS = re.compile(r"(?:[RDTFCKQNB]?[a-h]?[1-8]?x?[a-h][1-8](?:=[DTFCQRNB])?[+#]?|O-O(?:-O)?)[?!]*$")
# "(AFP) –" at the end of a line
_DATELINE = re.compile(r"(?:\.|[A-Z]\))$")
_ELIDED_LETTER = re.compile(r"(?:^|[^\w])(?:[ldjmnstcLDJMNSTC]|[qQ]u|[jJ]usqu|[lL]orsqu|[pP]uisqu)$")
_THOUSANDS = re.compile(r"\d{3}(?!\d)")
_UNTIL = re.compile(r"(?<!\w)jusqu['’]$", re.IGNORECASE)

STARTS = ".!…:«“–—(" + SIGNS  # a sentence may begin after these
SPEAKS = "«\"“'(" + SIGNS  # and these may begin one
OPEN_LEFT = ("", " ", "(", "[", "'", "’", "–", NBSP)
CLOSED_RIGHT = ("", " ", NBSP, ",", ".", ";", ":", ")", "!", "]")
REACH = 40  # characters looked at on either side

UNCLOSED = 0.01  # a text that ends inside a quotation
CARRIED = 0.02  # a paragraph that does
NESTED = 0.01  # a quotation opened within another
ORPHAN = 0.001  # a closing guillemet without its opening
ASKED = frozenset(["q1", "q2"])  # the clues of a sentence that asks
CAUTION = (
    2.3  # added to a genuine mark there: false edits in the ASCII channel 34 -> 16 of 13,933, one « à » in 100 lost
)
UNDAMAGED = math.log(1000.0)  # genuine, when nothing else in the text is damaged
LINE_END = {"\n": 1.0}


@dataclass(frozen=True, slots=True)
class MarkScene:
    """What is known of the text a mark stands in."""

    lost: frozenset[str]  # those of `WEIGHED` that the channel loses
    damaged: bool  # something else in the text was certainly lost
    hard_spaces: bool  # hard spaces were lost too: "5?000", "??mot"
    certain: bool  # the sign is U+FFFD: never a genuine question mark


@dataclass(frozen=True, slots=True)
class Reading:
    """What one mark most likely was, and with what probabilities."""

    restored: str
    confidence: float
    genuine: float  # probability that it was a genuine question mark


NOTHING = Reading(GENUINE, 0.0, 1.0)


@cache
def learnt() -> dict[str, tuple[float, ...]]:
    """How much each clue speaks for each of `KINDS`."""
    rows = (line.split("\t") for line in _WEIGHTS.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {row[0]: tuple(map(float, row[1:])) for row in rows}


def weigh(line: str, at: int, scene: MarkScene) -> dict[str, float]:
    """Relative weights of what the mark at `line[at]` may have been."""
    offsets = candidates(line, at, scene)
    if len(offsets) == 1:
        return dict.fromkeys(offsets, 1.0)
    table = learnt()
    found = clues(line, at)
    scores = _added(offsets, [table[clue] for clue in found if clue in table])
    if GENUINE in scores and not ASKED.isdisjoint(clue[:2] for clue in found):
        scores[GENUINE] += CAUTION
    top = max(scores.values())
    return {kind: math.exp(score - top) for kind, score in scores.items()}


def _added(scores: dict[str, float], rows: list[tuple[float, ...]]) -> dict[str, float]:
    """The scores with what each row says added."""
    if not rows:
        return scores
    columns = tuple(zip(*rows, strict=True))
    return {kind: score + sum(columns[COLUMN[kind]]) for kind, score in scores.items()}


class _Around(NamedTuple):
    """What stands around a mark: the text on both sides without spaces, and the very next characters."""

    line: str
    at: int
    before: str
    after: str
    left: str
    right: str

    @property
    def last(self) -> str:
        """The character before, spaces aside; "" at the start of a line."""
        return self.before[-1:]

    @property
    def next(self) -> str:
        """The character after, spaces aside; "" at the end of a line."""
        return self.after[:1]

    @property
    def opens(self) -> bool:
        """Whether a quotation may open here."""
        return self.left in OPEN_LEFT or self.left in SIGNS

    @property
    def closes(self) -> bool:
        """Whether a quotation may close here."""
        return self.right in CLOSED_RIGHT or self.right in SIGNS


def candidates(line: str, at: int, scene: MarkScene) -> dict[str, float]:
    """What the mark at `line[at]` may have been, each with the logarithm of what is known beforehand."""
    before, after = line[max(0, at - REACH) : at].rstrip(" "), line[at + 1 : at + 1 + REACH].lstrip(" ")
    around = _Around(line, at, before, after, line[at - 1 : at] if at else "", line[at + 1 : at + 2])
    if not scene.certain and _surely_genuine(around, scene):
        return {GENUINE: 0.0}
    if "à" in scene.lost and (around.left == around.right == "-" or _UNTIL.search(before)):
        return {"à": 0.0}  # "vis-?-vis", "c'est-?-dire", "jusqu'? dix"
    offsets = dict.fromkeys(_fitting(around, scene), 0.0) | _seldom(around, scene)
    if not scene.certain:
        offsets[GENUINE] = 0.0 if scene.damaged else UNDAMAGED
    return offsets or {GENUINE: 0.0}


def _surely_genuine(around: _Around, scene: MarkScene) -> bool:
    """ "(?)", "e4?", "Vraiment ?!", "Vraiment ??": signs no other mark makes."""
    if around.last == "(" and around.next == ")" or around.left.isalnum() and _CHESS.search(around.before):
        return True
    if LOOKS in (around.left, around.right):
        beyond = around.after.lstrip(SIGNS)[:1] if around.right == LOOKS else around.next
        apart = around.before.rstrip(SIGNS)[-1:] == " "  # "mot ??", but "?? mot"
        if not scene.hard_spaces or apart and not beyond.isalnum() and around.last != "":
            return around.last != ""
    return around.last != "" and around.right == "!"


def _fitting(around: _Around, scene: MarkScene) -> list[str]:
    """What was lost and can stand here."""
    left, right, last, following = around.left, around.right, around.last, around.next
    starts = not last or last in STARTS or around.before.strip() == '"'
    speaks = following.isalnum() or following != "" and following in SPEAKS
    fits = {
        "à": left in ("", " ", "(", "'", "’") and right == " " and following != "" and last != "",
        "À": left in ("", " ", "(", '"') and right == " " and following != "" and starts,
        "«": around.opens and following != "" and (following not in ",.;)!" or following in SIGNS),
        "»": around.closes and last != "",
        "–": left in ("", " ") and right in ("", " ") and _takes_dash(around),
        "—": left in ("", " ") and right == " " and speaks,
    }
    return [kind for kind, fit in fits.items() if fit and kind in scene.lost]


def _takes_dash(around: _Around) -> bool:
    """ "PARIS, 3 août. – Le", "(AFP) –"; not a closing mark: "Machin" ? »"""
    following = around.next
    return following.isalnum() or following != "" and following in '«"“(' or _DATELINE.search(around.before) is not None


def _seldom(around: _Around, scene: MarkScene) -> dict[str, float]:
    """Marks too rare to learn from, by the signs around alone."""
    left, right, last, following, lost = around.left, around.right, around.last, around.next, scene.lost
    weights: dict[str, float] = {}
    if "–" in lost and left.isdigit() and right.isdigit():
        weights["–"] = 5.0  # "10–11 juin", "2015–2016"
    elif "–" in lost and left.isalpha() and right.isupper():
        weights["–"] = 0.5  # "Churyumov–Gerasimenko"
    if "“" in lost and "«" not in lost:
        if around.opens and right.isalnum():
            weights["“"] = 1.0
        elif not around.opens and around.closes and last:
            weights["”"] = 1.0
    if "€" in lost and last.isdigit() and (following.islower() or following != "" and following in ",.;)"):
        weights["€"] = 0.02
    if "’" in lost and left.isalpha() and _ELIDED_LETTER.search(around.before):
        weights["’"] = 20.0
    if "…" in lost and left == "[" and right == "]":
        weights["…"] = 5.0
    elif "…" in lost and left.isalpha() and around.closes:
        weights["…"] = 0.1 if following.islower() else 0.01
    if scene.hard_spaces and (NBSP in lost or scene.certain):
        within_number = left.isdigit() and right.isalpha()  # "16?h"
        before_sign = left.isalnum() and right != "" and right in ":;!%" + SIGNS  # "mot?:"
        after_opening = left != "" and left in SIGNS and right.isalnum()  # "??mot"
        if within_number or before_sign or after_opening:
            weights[NBSP] = 2.0
        elif left.isdigit() and _THOUSANDS.match(around.after):
            weights[NBSP] = 50.0  # "5?000"
    return {kind: math.log(weight) for kind, weight in weights.items()}


def decode(choices: list[dict[str, float]]) -> list[Reading]:
    """The most probable reading of each mark of a text, all readings of the others summed over."""
    readings: list[Reading] = []
    for shares in marginals(choices):
        total = sum(shares.values())
        if not total:
            readings.append(NOTHING)
            continue
        best = max(shares, key=shares.__getitem__)
        readings.append(Reading(best, shares[best] / total, shares.get(GENUINE, 0.0) / total))
    return readings


def marginals(choices: list[dict[str, float]]) -> list[dict[str, float]]:
    """Weights of what each mark was, those of all the others summed over.

    `choices`: weights per mark, `LINE_END` between paragraphs. A mark opens a quotation, closes one, or does
    neither; quotations seldom nest, and seldom go on over a paragraph.
    """
    forward: list[tuple[float, float]] = [(1.0, 0.0)]  # outside, inside
    moves: list[tuple[float, float, float, float]] = []  # staying outside, staying inside, opening, closing
    for weights in choices:
        if weights is LINE_END:
            move = (1.0, CARRIED, 0.0, UNCLOSED)
        else:
            opening = weights.get("«", 0.0) + weights.get("“", 0.0)
            closing = weights.get("»", 0.0) + weights.get("”", 0.0)
            staying = sum(weights.values()) - opening - closing
            move = (staying + ORPHAN * closing, staying + NESTED * opening, opening, closing)
        moves.append(move)
        outside, inside = forward[-1]
        after = outside * move[0] + inside * move[3], inside * move[1] + outside * move[2]
        scale = sum(after) or 1.0
        forward.append((after[0] / scale, after[1] / scale))
    outside, inside = 1.0, UNCLOSED  # what follows, given the state
    passed: list[dict[str, float]] = []
    for at in range(len(choices) - 1, -1, -1):
        if choices[at] is not LINE_END:
            was_outside, was_inside = forward[at]
            stay = was_outside * outside + was_inside * inside
            factors = {
                "«": (was_outside + NESTED * was_inside) * inside,
                "»": (was_inside + ORPHAN * was_outside) * outside,
            }
            factors |= {"“": factors["«"], "”": factors["»"]}
            passed.append({kind: weight * factors.get(kind, stay) for kind, weight in choices[at].items()})
        move = moves[at]
        before = move[0] * outside + move[2] * inside, move[1] * inside + move[3] * outside
        scale = sum(before) or 1.0
        outside, inside = before[0] / scale, before[1] / scale
    return passed[::-1]
