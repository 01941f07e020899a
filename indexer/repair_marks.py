"""What a lost mark that stands alone was: guillemet, dash, « à », hard space... or a genuine question mark.

Each mark of a paragraph gets a weight for everything it may have been, from the words and signs around it
(counts in `data/marks.tsv`, made by `bench/learn_marks.py`); then the whole text is read at once, because
guillemets open and close (two states, forward and backward sums).
A genuine question mark must never be touched: it weighs more in a question, and far more in a text that shows
no other damage.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

GENUINE = LOOKS = "?"
LEARNT = ("à", "À", "«", "»", "–", "—", GENUINE)
NBSP = "\u00a0"
WEIGHED = "àÀ«»–—“”€’…" + NBSP  # what a lone mark may have been
SIGNS = "?\ufffd"  # how a lost mark looks
_COUNTS = Path(__file__).parent / "data" / "marks.tsv"

# "Où est-il", "Et pourquoi ...", "Dans quelle ville ...", "Viendra-t-il": the words before the mark ask.
# "Le président de la République", "qu'il vienne", "celui qui" do not.
_ASKS = re.compile(
    r"^(?:(?:et|mais|alors|donc|ou|or|car|bref|oui|non|à|de|d'|par|pour|dans|en|sur|avec|depuis|selon|sous|chez|vers|contre|jusqu'à|"
    r"jusqu'|après|avant|[?\ufffd])[ ,]*)*"
    r"(?:qui|que|qu|quoi|quel(?:le)?s?|lequel|laquelle|lesquels|lesquelles|auquel|o[ùu?\ufffd]|comment|pourquoi|combien|quand|est-ce)(?!\w)"
    r"|(?:-t)?-(?:il|elle|on|ils|elles|vous|nous|tu|je|ce)(?!\w)"
    r"|(?<!\w)(?:est-ce que|n'est-ce pas|pourquoi|combien|comment|quel(?:le)?s?|quoi|à qui|de qui)(?!\w)",
    re.IGNORECASE,
)
# A sentence begins after these; a `?` between spaces may itself be a mark.
_SENTENCE_START = re.compile(r"[.!…:;«»“”()\"]|(?<=\s)[?\ufffd](?=\s+[^\W\d_a-zà-ÿ])")
# "12. Cf3?", "e4?", "Dd8??", "Txe5?!", "O-O?": chess, where `?` is a bad move
_CHESS = re.compile(r"(?:[RDTFCKQNB]?[a-h]?[1-8]?x?[a-h][1-8](?:=[DTFCQRNB])?[+#]?|O-O(?:-O)?)[?!]*$")
# "Qui ? Quoi ? quel ...": a question in a word
_BARE_QUESTION = re.compile(
    r"(?:^|[.!?\ufffd:«–—] ?)(?:qui|quoi|où|comment|pourquoi|quand|combien|lequel)$", re.IGNORECASE
)
# "2016 . –", "30 UTC. –", "(AFP). –": what a dateline ends with
_DATE_BEFORE = re.compile(r"(?:\d|[A-Z)]) ?\.$")
# "2016 . –", "(AFP) –" at the end of a line
_DATELINE = re.compile(r"(?:\.|[A-Z]\))$")
_ELIDED_LETTER = re.compile(r"(?:^|[^\w])(?:[ldjmnstcLDJMNSTC]|[qQ]u|[jJ]usqu|[lL]orsqu|[pP]uisqu)$")
# Read backwards, from the mark: two tokens.
# No « à » after a determiner or an elision ("un « montage »"), nor before a verb's pronoun or a preposition.
_NO_A_AFTER = re.compile(
    r"(?:(?<!\w)(?:le|la|les|un|une|des|ce|cet|cette|ces|du|de|au|aux|son|sa|ses|leur|leurs|mon|ma|mes|notre|nos|votre|vos|que)"
    r"|(?<!\w)(?:[ldjmnst]|qu)['’])$",
    re.IGNORECASE,
)
_NO_A_BEFORE = re.compile(
    r"(?:et|a|ont|qui|dans|du|des|en|avec|par|pour|sur|selon|est|sont|était|que|mais|ou|où|le|les|au|aux|afin|dont|comme|après|avant"
    r"|depuis|sous|entre|avait|ainsi|ne|se|ils?|on|elles?|toujours|face)(?!\w)|[ns]['’]"
)
_THOUSANDS = re.compile(r"\d{3}(?!\d)")
_UNTIL = re.compile(r"(?<!\w)jusqu['’]$", re.IGNORECASE)
_PREVIOUS = re.compile(r"\s*(['’]?[^\W\d_]+|\d+|[^\w\s])\s*(['’]?[^\W\d_]+|\d+|[^\w\s])?")
_NEXT = re.compile(r"\s*([^\W\d_]+|\d+|[^\w\s])")

STARTS = ".!…:«“–—(" + SIGNS  # a sentence may begin after these
SPEAKS = "«\"“'(" + SIGNS  # and these may begin one
OPEN_LEFT = ("", " ", "(", "[", "'", "’", "–", NBSP)
CLOSED_RIGHT = ("", " ", NBSP, ",", ".", ";", ":", ")", "!", "]")

REACH = 40  # characters looked at on either side

# Found on the tuning half, learnt on one part and tried on the other: marks through GBK 88.7 % with smoothing
# 4, 92.9 with 20, 97.6 with 100; neighbouring words repeat each other's evidence.
TEMPER = 0.8
SMOOTHING = 100.0
UNCLOSED = 0.02  # a text that ends inside a quotation
CARRIED = 0.1  # a paragraph that does
LINE_END = {"\n": 1.0}
ORPHAN = 0.002  # a closing guillemet without its opening
ASKED = 300.0  # genuine, when the words before it ask
NOT_ASKED = 0.2
GENUINE_FLOOR = 0.01  # the counts know few genuine question marks
GENUINE_FLOOR_AT_END = 0.1
UNDAMAGED = 1000.0  # genuine, when nothing else in the text is damaged


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


@lru_cache(maxsize=4096)
def asks(segment: str) -> bool:
    """Whether a piece of sentence is a question by its words."""
    return _ASKS.search(segment.replace("’", "'").strip()) is not None


def _class(token: str) -> str:
    """What a neighbour is: end of line, number, mark, capital or small letter."""
    if not token:
        return "end"
    if token[0].isdigit():
        return "0"
    if not token[0].isalpha():
        return "?" if token[0] in SIGNS else token[0]
    return "A" if token[0].isupper() else "a"


def features(line: str, at: int) -> tuple[str, ...]:
    """What stands around `line[at]`: the words on both sides, their endings and kinds, and the spaces."""
    before_match = _PREVIOUS.match(line[max(0, at - REACH) : at][::-1])
    after_match = _NEXT.match(line, at + 1)
    before, earlier = (token[::-1] for token in before_match.groups("")) if before_match else ("", "")
    after = after_match.group(1) if after_match else ""
    left, right = line[at - 1 : at] if at else "", line[at + 1 : at + 2]
    b, a = before.lower().replace("’", "'"), after.lower()
    sign = "" if before[:1].isalpha() else _class(earlier) + _class(before)  # "2016 ." is not ". " after a word
    return (
        "p " + (sign or b),
        "n " + ((a if after[0].islower() else "^" + a) if a[:1].isalpha() else _class(after)),
        "pe " + (b[-3:] if not sign else "-"),
        "ne " + (a[-2:] if a[:1].isalpha() else "-"),
        "k " + (sign or _class(before)) + _class(after),
        "s " + ("_" if left in ("", " ") else "(" if left in "([" else "x") + ("_" if right in ("", " ") else "x"),
    )


@cache
def learnt() -> tuple[dict[str, tuple[float, ...]], tuple[float, ...]]:
    """Log-likelihood of each feature under each of `LEARNT`, and their log-priors."""
    rows = [line.split("\t") for line in _COUNTS.read_text("utf-8").splitlines() if not line.startswith("#")]
    counts = {row[0]: [int(count) for count in row[1:]] for row in rows}
    priors = counts.pop("prior")
    totals = counts.pop("total")
    everything = sum(totals)
    scores: dict[str, tuple[float, ...]] = {}
    for name, row in counts.items():
        share = sum(row) / everything
        scores[name] = tuple(
            TEMPER * math.log((count + SMOOTHING * share) / (total + SMOOTHING) / share)
            for count, total in zip(row, totals, strict=True)
        )
    return scores, tuple(math.log(prior) for prior in priors)


def _segment(line: str, at: int) -> str:
    """The sentence that ends at `at`."""
    start = 0
    for match in _SENTENCE_START.finditer(line, max(0, at - 300), at):
        start = match.end()
    return line[start:at]


@dataclass(frozen=True, slots=True)
class _Around:
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


def weigh(line: str, at: int, scene: MarkScene) -> dict[str, float]:
    """Relative weights of what the mark at `line[at]` may have been."""
    before, after = line[max(0, at - REACH) : at].rstrip(" "), line[at + 1 : at + 1 + REACH].lstrip(" ")
    around = _Around(line, at, before, after, line[at - 1 : at] if at else "", line[at + 1 : at + 2])
    if not scene.certain and _surely_genuine(around, scene):
        return {GENUINE: 1.0}
    if "à" in scene.lost and (around.left == around.right == "-" or _UNTIL.search(before)):
        return {"à": 1.0}  # "vis-?-vis", "c'est-?-dire", "jusqu'? dix"
    likely = _likelihoods(line, at)
    weights = _fitting(around, likely, scene) | _unlearnt(around, scene)
    if not scene.certain:
        weights[GENUINE] = _genuine(around, likely[GENUINE], scene)
    return weights or {GENUINE: 1.0}


def _surely_genuine(around: _Around, scene: MarkScene) -> bool:
    """ "(?)", "e4?", "Vraiment ?!", "Vraiment ??": signs no other mark makes."""
    if around.last == "(" and around.next == ")" or around.left.isalnum() and _CHESS.search(around.before):
        return True
    twins = LOOKS in (around.left, around.right) and not scene.hard_spaces
    return around.last != "" and (around.right == "!" or twins)


def _likelihoods(line: str, at: int) -> dict[str, float]:
    """Relative likelihood of each of `LEARNT`, the largest 1, by the counts."""
    tables, priors = learnt()
    scores = list(priors)
    for feature in features(line, at):
        for kind, score in enumerate(tables.get(feature, ())):
            scores[kind] += score
    top = max(scores)
    return {kind: math.exp(score - top) for kind, score in zip(LEARNT, scores, strict=True)}


def _fitting(around: _Around, likely: dict[str, float], scene: MarkScene) -> dict[str, float]:
    """The likelihoods of what was lost and can stand here."""
    left, right, last, following = around.left, around.right, around.last, around.next
    starts = not last or last in STARTS or around.before.strip() == '"'
    speaks = following.isalnum() or following != "" and following in SPEAKS
    fits = {
        "à": left in ("", " ", "(", "'", "’") and right == " " and following != "" and last != "",
        "À": left in ("", " ", "(", '"') and right == " " and following != "" and starts,
        "«": around.opens and following != "" and (following not in ",.;)!" or following in SIGNS),
        "»": around.closes and last != "",
        "–": left == " " and right in ("", " ") and last != "" and _takes_dash(around),
        "—": left in ("", " ") and right == " " and speaks,
    }
    weights = {kind: likely[kind] for kind, fit in fits.items() if fit and kind in scene.lost}
    if "à" in weights and (_NO_A_AFTER.search(around.before) or _NO_A_BEFORE.match(around.after)):
        weights["à"] *= 0.03
    if "À" in weights:
        if last and last in "«–—(" + SIGNS:
            weights["À"] *= 0.1  # "Elle appelle « à la reprise »"
        if _NO_A_BEFORE.match(around.after[:1].lower() + around.after[1:]):
            weights["À"] *= 0.03  # "? Ils furent"
    if "–" in weights and last == "." and not _DATE_BEFORE.search(around.before):
        weights["–"] *= 0.1
    if "—" in weights and not last:
        weights["—"] *= 0.3  # Wikinews signs its quotations so; others seldom begin a line with a dash
    if "»" in weights and left.isalnum():
        weights["»"] *= 0.1  # "apparence sec?": glued as a question mark may be
    return weights


def _takes_dash(around: _Around) -> bool:
    """ "PARIS, 3 août. – Le", "(AFP) –"; not a closing mark: "Machin" ? »"""
    following = around.next
    return following.isalnum() or following != "" and following in '«"“(' or _DATELINE.search(around.before) is not None


def _genuine(around: _Around, likely: float, scene: MarkScene) -> float:
    """The weight of a genuine question mark."""
    last, following = around.last, around.next
    may_end = not following or following.isupper() or following in '»”"' + SIGNS
    asked = asks(_segment(around.line, around.at)) if may_end else _BARE_QUESTION.search(around.before) is not None
    weight = max(likely, GENUINE_FLOOR_AT_END if may_end else GENUINE_FLOOR) * (ASKED if asked else NOT_ASKED)
    if last == "!" or following == "!":
        weight *= 10
    if not last or last in ":([«“":
        weight *= 0.01
    elif last in SIGNS and around.left == " ":
        weight *= 0.02  # "Qui vient ? ?": the second closes the quotation
    return weight if scene.damaged else (weight + 0.02) * UNDAMAGED


def _unlearnt(around: _Around, scene: MarkScene) -> dict[str, float]:
    """Weights of what the counts do not know, by the signs around alone."""
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
    return weights


def decode(choices: list[dict[str, float]]) -> list[Reading]:
    """The most probable reading of each mark of a text, all readings of the others summed over.

    `choices`: weights per mark, `LINE_END` between paragraphs. A mark opens a quotation, closes one, or does
    neither; quotations do not nest, and seldom go on over a paragraph.
    """
    forward: list[tuple[float, float]] = [(1.0, 0.0)]  # outside, inside
    moves: list[tuple[float, float, float, float]] = []  # staying outside, staying inside, opening, closing
    for weights in choices:
        if weights is LINE_END:
            move = (1.0, CARRIED, 0.0, 0.0)
        else:
            opening = weights.get("«", 0.0) + weights.get("“", 0.0)
            closing = weights.get("»", 0.0) + weights.get("”", 0.0)
            staying = sum(weights.values()) - opening - closing
            move = (staying + ORPHAN * closing, staying, opening, closing)
        moves.append(move)
        outside, inside = forward[-1]
        after = outside * move[0] + inside * move[3], inside * move[1] + outside * move[2]
        scale = sum(after) or 1.0
        forward.append((after[0] / scale, after[1] / scale))
    outside, inside = 1.0, UNCLOSED  # what follows, given the state
    readings: list[Reading] = []
    for at in range(len(choices) - 1, -1, -1):
        if choices[at] is not LINE_END:
            was_outside, was_inside = forward[at]
            stay = was_outside * outside + was_inside * inside
            passed = {"«": was_outside * inside, "»": (was_inside + ORPHAN * was_outside) * outside}
            passed |= {"“": passed["«"], "”": passed["»"]}
            shares = {kind: weight * passed.get(kind, stay) for kind, weight in choices[at].items()}
            best = max(shares, key=shares.__getitem__)
            total = sum(shares.values())
            genuine = shares.get(GENUINE, 0.0)
            readings.append(Reading(best, shares[best] / total, genuine / total) if total else NOTHING)
        move = moves[at]
        before = move[0] * outside + move[2] * inside, move[1] * inside + move[3] * outside
        scale = sum(before) or 1.0
        outside, inside = before[0] / scale, before[1] / scale
    return readings[::-1]
