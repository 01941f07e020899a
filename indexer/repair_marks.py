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

from indexer.repair_clues import LOOKS, NBSP, SIGNS, Key, goes_on, keys, named, only_opens

GENUINE = LOOKS
KINDS = ("à", "À", "«", "»", "–", "—", "“", "”", "’", "…", "€", NBSP, GENUINE)
COLUMN = {kind: at for at, kind in enumerate(KINDS)}
WEIGHED = "".join(KINDS[:-1])  # what a lone mark may have been
OPENING = "«“"
_WEIGHTS = Path(__file__).parent / "data" / "marks.tsv"

# "12. Cf3?", "e4?", "Dd8??", "Txe5?!", "O-O?": chess, where `?` is a bad move
_CHESS = re.compile(r"(?:[RDTFCKQNB]?[a-h]?[1-8]?x?[a-h][1-8](?:=[DTFCQRNB])?[+#]?|O-O(?:-O)?)[?!]*$")
# "2016 . ?", "(AFP). ?", "Lille. ?", not "etc. ?"
_FULL_STOP = re.compile(r"(?:[ )\d]|[^\W\d_]{4})\.$")
# "(AFP) –" at the end of a line
_DATELINE = re.compile(r"(?:[ \d)A-Z]\.|[A-Z]\))$")
DATELINE = 80  # characters of the longest
_ELIDED_LETTER = re.compile(r"(?:^|[^\w])(?:[ldjmnstcLDJMNSTC]|[qQ]u|[jJ]usqu|[lL]orsqu|[pP]uisqu)$")
_THOUSANDS = re.compile(r"\d{3}(?!\d)")
_UNTIL = re.compile(r"(?<!\w)jusqu['’]$", re.IGNORECASE)

STARTS = ".!…:«“–—(" + SIGNS  # a sentence may begin after these
SPEAKS = "«\"“'(" + SIGNS  # and these may begin one
OPEN_LEFT = ("", " ", "(", "[", "'", "’", "–", NBSP)
CLOSED_RIGHT = ("", " ", NBSP, ",", ".", ";", ":", ")", "!", "]")
REACH = 40  # characters looked at on either side
# After these, what stands before them tells too: "jusqu'?", "(AFP) ?", '" ?', "??"
TELL_MORE = frozenset("'’\".)?")

UNCLOSED = 0.01  # a text that ends inside a quotation
CARRIED = 0.02  # a paragraph that does
NESTED = 0.01  # a quotation opened within another
ORPHAN = 0.001  # a closing guillemet without its opening
ASKED: frozenset[Key] = frozenset(["q1", "q2"])  # the clues of a sentence that asks
CAUTION = 23  # tenths added to a genuine mark there: ASCII false edits 34 -> 16 of 13,933, one « à » in 100 lost
TINY, HUGE = 1e-100, 1e100  # sums of weights are brought back to 1 beyond these
BRACKETED = 4.0  # "[?]": rather a cut than a doubt
UNDAMAGED = math.log(1000.0)  # genuine, when nothing else in the text is damaged
LINE_END = {"\n": 1.0}

# Scores are whole tenths: thirteen of them side by side in one number.
LINE = "\n"  # where a line begins or ends
LANE = 16
FULL = (1 << LANE) - 1
ZERO = sum(1 << LANE * at + LANE - 1 for at in range(len(KINDS)))  # keeps each above 0
FAINT = 120  # so far below the likeliest (e^-12), whatever guillemets stand around cannot make up for it
EXP = [math.exp(-tenths / 10) for tenths in range(FAINT)]
ROWS = 200_000  # keys remembered
_Scores = tuple[tuple[str, int, int], ...]  # what a mark may have been, its lane, what is known beforehand


@dataclass(frozen=True, slots=True)
class MarkScene:
    """What is known of the text a mark stands in."""

    lost: frozenset[str]  # those of `WEIGHED` that the channel loses
    damaged: bool  # something else in the text was certainly lost
    hard_spaces: bool  # hard spaces were lost too: "5?000", "??mot"
    certain: bool  # the sign is U+FFFD: never a genuine question mark


class Reading(NamedTuple):
    """What one mark most likely was, and with what probabilities."""

    restored: str
    confidence: float
    genuine: float  # probability that it was a genuine question mark


NOTHING = Reading(GENUINE, 0.0, 1.0)


@cache
def learnt() -> dict[str, int]:
    """How much each clue speaks for each of `KINDS`: tenths, packed into one number so that one addition adds all."""
    rows = (line.split("\t") for line in _WEIGHTS.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {row[0]: sum(round(10 * float(w)) << LANE * at for at, w in enumerate(row[1:])) for row in rows}


class _Rows(dict[Key, int]):
    """What the clues of a key add up to: each clue as learnt, and the keys met before."""

    def __missing__(self, key: Key) -> int:
        table = learnt()
        if not self:
            self.update(table)
            return self[key]
        if isinstance(key, str):
            return 0
        if len(self) - len(table) >= ROWS:
            self.clear()
            self.update(table)
        row = self[key] = sum([table.get(clue, 0) for clue in named(key)])
        return row


_rows = _Rows()
_fits: dict[MarkScene, dict[str, _Scores]] = {}  # candidates by the signs around


def weigh(line: str, places: list[int], scene: MarkScene) -> list[dict[str, float]]:
    """Relative weights of what each mark of a line may have been."""
    known = _fits.setdefault(scene, {})
    weighed: list[dict[str, float]] = []
    for at, around in zip(places, keys(line, places), strict=True):
        fitting = _scores(line, at, scene, known)
        if len(fitting) > 1 and (left := beside_words(around)):
            fitting = tuple([entry for entry in fitting if entry[0] in left]) or fitting
        if len(fitting) == 1:
            weighed.append({fitting[0][0]: 1.0})
            continue
        total = sum(map(_rows.__getitem__, around), ZERO)
        scores = [(total >> lane & FULL) + offset for _, lane, offset in fitting]
        if fitting[-1][0] == GENUINE and around[5][:2] in ASKED:
            scores[-1] += CAUTION
        top = max(scores)
        weighed.append(
            {entry[0]: EXP[top - score] for entry, score in zip(fitting, scores, strict=True) if top - score < FAINT}
        )
    return weighed


def beside_words(around: list[Key]) -> str:
    """What the words beside a mark leave room for, "" if for everything: "un ? montage", "est ? Paris"."""
    before, after = around[0], around[1]  # keys of the word before and of the word after
    if after[4] not in "aA0" or not goes_on(before[2]):
        return ""
    return OPENING if only_opens(before[2]) and after[2] != before[2] else WEIGHED


def _scores(line: str, at: int, scene: MarkScene, known: dict[str, _Scores]) -> _Scores:
    """`candidates` in tenths and by lane, remembered where the characters around the mark say it all."""
    left, right = line[at - 1 : at] if at else "", line[at + 1 : at + 2]
    last = left if left != " " else line[:at].rstrip(" ")[-1:]
    following = right if right != " " else line[at + 1 : at + 1 + REACH].lstrip(" ")[:1]
    signs = f"{left or LINE}{right or LINE}{last or LINE}{following}"
    found = known.get(signs)
    if found is None:
        offsets = candidates(line, at, scene)  # a genuine mark, where it may be one, is the last
        found = tuple((kind, LANE * COLUMN[kind], round(10 * offset)) for kind, offset in offsets.items())
        if not (left.isalnum() or last in TELL_MORE or right == LOOKS):
            if len(known) >= ROWS:
                known.clear()
            known[signs] = found
    return found


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
    if "’" in scene.lost and around.next.isalnum() and around.left.isalpha() and _ELIDED_LETTER.search(before):
        return {"’": 0.0}  # "l? OIM", "d?Alep"
    if "…" in scene.lost and around.left == "[" and around.right == "]":
        return {"…": BRACKETED} | ({} if scene.certain else {GENUINE: 0.0 if scene.damaged else UNDAMAGED})
    offsets = dict.fromkeys(_fitting(around, scene), 0.0) | _seldom(around, scene)
    if not scene.certain and not (offsets and impossible(around)):
        offsets[GENUINE] = 0.0 if scene.damaged else UNDAMAGED
    return offsets or {GENUINE: 0.0}


def impossible(around: _Around) -> bool:
    """Whether no question can end here: first in a line, after a colon, a comma, an opening sign, a full stop."""
    following, last = around.next, around.last
    if not last and around.right == LOOKS and around.after.lstrip(SIGNS)[:1].isalnum():
        return True  # "??C'est fini??": a guillemet and a hard space
    if not (following.isalnum() or following != "" and following in SPEAKS and following not in SIGNS):
        return False
    if last == ".":
        return around.left == " " and _FULL_STOP.search(around.before) is not None
    return last == "" or last in ":«([—–" or last in ";," and around.left == " "


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
    return (
        following.isalnum()
        or following != ""
        and following in '«"“('
        or (around.at < DATELINE and _DATELINE.search(around.before) is not None)
    )


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
    if "…" in lost and left.isalpha() and around.closes:
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


def intact(choices: list[dict[str, float]]) -> float:
    """Probability that every mark is a genuine question mark, and the text whole."""
    outside, inside, ratio = 1.0, 0.0, 1.0
    for weights in choices:
        if weights is LINE_END:
            outside, inside = outside + inside * UNCLOSED, inside * CARRIED
            continue
        total = sum(weights.values())
        opening = (weights.get("«", 0.0) + weights.get("“", 0.0)) / total
        closing = (weights.get("»", 0.0) + weights.get("”", 0.0)) / total
        staying = 1.0 - opening - closing
        ratio *= max(weights.get(GENUINE, 0.0), EXP[-1]) / total if GENUINE in weights or len(weights) > 1 else 0.0
        outside, inside = (
            outside * (staying + ORPHAN * closing) + inside * closing,
            inside * (staying + NESTED * opening) + outside * opening,
        )
        scale = outside + inside
        if not scale or not ratio:
            return 0.0
        outside, inside, ratio = outside / scale, inside / scale, ratio / scale
    return ratio / (outside + inside * UNCLOSED)


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
    outside, inside = 1.0, 0.0
    passed: list[tuple[float, float]] = []  # the state before each mark
    moves: list[tuple[float, float, float, float] | None] = []  # staying outside, staying inside, opening, closing
    for weights in choices:
        passed.append((outside, inside))
        if weights is LINE_END:
            moves.append(None)
            outside, inside = outside + inside * UNCLOSED, inside * CARRIED
        else:
            opening = weights.get("«", 0.0) + weights.get("“", 0.0)
            closing = weights.get("»", 0.0) + weights.get("”", 0.0)
            staying = sum(weights.values()) - opening - closing
            stays, goes = staying + ORPHAN * closing, staying + NESTED * opening
            moves.append((stays, goes, opening, closing))
            outside, inside = outside * stays + inside * closing, inside * goes + outside * opening
        scale = outside + inside
        if scale < TINY or scale > HUGE:
            outside, inside = outside / scale if scale else 0.0, inside / scale if scale else 0.0
    outside, inside = 1.0, UNCLOSED  # what follows, given the state
    found: list[dict[str, float]] = []
    for at in range(len(choices) - 1, -1, -1):
        move, (was_outside, was_inside) = moves[at], passed[at]
        if move is None:
            outside, inside = outside, outside * UNCLOSED + inside * CARRIED
            continue
        stays, goes, opening, closing = move
        weights = choices[at]
        if not opening and not closing:
            found.append(weights)
        else:
            stay = was_outside * outside + was_inside * inside
            opens = (was_outside + NESTED * was_inside) * inside
            closes = (was_inside + ORPHAN * was_outside) * outside
            factors = {"«": opens, "“": opens, "»": closes, "”": closes}
            found.append({kind: weight * factors.get(kind, stay) for kind, weight in weights.items()})
        outside, inside = stays * outside + opening * inside, goes * inside + closing * outside
        scale = outside + inside
        if scale < TINY or scale > HUGE:
            outside, inside = outside / scale if scale else 0.0, inside / scale if scale else 0.0
    return found[::-1]
