"""What stands around a lost mark: its neighbours, the spaces, the marks nearby, whether the sentence asks.

`clues` gives these as short strings; `data/marks.tsv` says how much each speaks for each mark, as learnt by
`bench/learn_marks.py`. `repair_marks.py` adds them up.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from indexer.lexicon import french

LOOKS = "?"
SIGNS = "?\ufffd"  # how a lost mark looks
NBSP = "\u00a0"
REACH = 40  # characters looked at on either side
SENTENCE_REACH = 300  # characters looked back for the words that ask

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
# A sentence begins after these, "H. Clinton" aside; a `?` between spaces may itself be a mark.
_SENTENCE_START = re.compile(r"(?<![A-ZÀ-Ý])\.|[!…]|(?<=\s)[?\ufffd](?=\s+[^\W\d_a-zà-ÿ])")
# and what is said or added within one begins after these: "Il demande : où est-il", not "le \"mot\" où"
_PART_START = re.compile(r"[:;«“(]|(?:(?<=\s)|^)\"(?=\w)")
# "Qui ? Quoi ? quel ...": a question in a word
_BARE_QUESTION = re.compile(
    r"(?:^|[.!?\ufffd:«–—] ?)(?:qui|quoi|où|comment|pourquoi|quand|combien|lequel)$", re.IGNORECASE
)
# "2016 . –", "30 UTC. –", "(AFP). –": what a dateline ends with
_DATE_BEFORE = re.compile(r"(?:\d|[A-Z)]) ?\.$")
# No « à » after a determiner or an elision ("un « montage »"), nor before a verb's pronoun or a preposition.
_NO_A_AFTER = re.compile(
    r"(?:(?<!\w)(?:le|la|les|un|une|des|ce|cet|cette|ces|du|de|au|aux|son|sa|ses|leur|leurs|mon|ma|mes|notre|nos|votre|vos|que)"
    r"|(?<!\w)(?:[ldjmnst]|qu)['’])$",
    re.IGNORECASE,
)
_NO_A_BEFORE = re.compile(
    r"(?:et|a|ont|qui|dans|du|des|en|avec|par|pour|sur|selon|est|sont|était|que|mais|ou|où|le|les|au|aux|afin|dont|comme|après|avant"
    r"|depuis|sous|entre|avait|ainsi|ne|se|ils?|on|elles?|toujours|face)(?!\w)|[ns]['’]",
    re.IGNORECASE,
)
# Two tokens on each side; those before are read backwards, from the mark.
_TOKEN = r"\s*(['’]?[^\W\d_]+|\d+|[^\w\s])"
_PREVIOUS = re.compile(_TOKEN + rf"(?:{_TOKEN})?")
_NEXT = re.compile(r"\s*([^\W\d_]+['’]?|\d+|[^\w\s])(?:\s*([^\W\d_]+['’]?|\d+|[^\w\s]))?")


@lru_cache(maxsize=4096)
def asks(segment: str) -> bool:
    """Whether a piece of sentence is a question by its words."""
    return _ASKS.search(segment.replace("’", "'").strip()) is not None


def asked(line: str, at: int) -> int:
    """How surely the sentence that ends at `at` is a question: its last part asks (2), its whole does (1), 0."""
    end = at
    while end and line[end - 1] in " .\u00a0\u202f":  # "selon Hubert et al. ?"
        end -= 1
    low = max(0, at - SENTENCE_REACH)
    stop = start = low
    for match in _SENTENCE_START.finditer(line, low, end):
        start = match.end()
        if line[match.start()] not in SIGNS:
            stop = start
    part = start
    for match in _PART_START.finditer(line, start, end):
        part = match.end()
    if asks(line[part:end]):
        return 2
    return 1 if part != stop and (asks(line[start:end]) or asks(line[stop:end])) else 0


def _kind(token: str) -> str:
    """What a neighbour is: end of line, number, mark, capital or small letter."""
    if not token:
        return "$"
    first = token[0]
    if first.isalpha():
        return "A" if first.isupper() else "a"
    if first.isdigit():
        return "0"
    return "?" if first in SIGNS else "'" if first in "'’" else first


def _beside(char: str) -> str:
    """What touches a mark: nothing, a space, a letter or digit, or the sign itself."""
    if not char:
        return "$"
    if char in " \u00a0\u202f":
        return "_"
    return "x" if char.isalnum() else "?" if char in SIGNS else char


def _kind_of_char(char: str) -> str:
    """A letter by its case, a digit, a space, or the sign itself."""
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return "0" if char.isdigit() else "_" if char.isspace() else char


@lru_cache(maxsize=65536)
def _rarity(word: str) -> str:
    """How rare a word is in French: "3" for one in a thousand words, "9" for one nobody listed."""
    if not word[:1].isalpha():
        return "-"
    frequency = french().frequency.get(word)
    return str(int(-math.log10(frequency))) if frequency else "9"


def _far(distance: int) -> str:
    """How far the next mark is, in characters."""
    return "0" if distance < 4 else "1" if distance < 25 else "2" if distance < 80 else "3"


def _shape(text: str) -> str:
    """A few characters by their kind: ", q" -> ",_a"."""
    return "".join(map(_kind_of_char, text))


def clues(line: str, at: int) -> list[str]:
    """What stands around `line[at]`; the same names as in `data/marks.tsv`."""
    near = _near(line, at)
    return near + _far_off(line, at, near)


def _near(line: str, at: int) -> list[str]:
    """The two words on both sides, and what touches the mark (always first)."""
    touch = _beside(line[at - 1 : at] if at else "") + _beside(line[at + 1 : at + 2])
    head = line[max(0, at - REACH) : at]
    found = _PREVIOUS.match(head[::-1])
    before, earlier = (token[::-1] if token else "" for token in found.groups()) if found else ("", "")
    found = _NEXT.match(line, at + 1)
    after, later = found.groups("") if found else ("", "")
    b, a = before.lower(), after.lower()
    kb, ka, ke, kl = _kind(before), _kind(after), _kind(earlier), _kind(later)
    following = after if ka != "A" else "^" + a
    rare = _rarity(a)
    names = [
        "t" + touch,
        "k" + touch + kb + ka,
        "p" + (b or "$"),
        "n" + (following or "$"),
        "K" + ke + kb + ka + kl,
        "P" + earlier.lower() + " " + b,
        "N" + following + " " + (later.lower() if kl == "a" else kl),
        "z" + _rarity(b) + rare,
        "y" + rare + ka,
    ]
    if kb == "a":
        names.append("e" + b[-3:] + ka)
    if ka == "a":
        names.append("f" + a[-2:] + kb)
    if _NO_A_AFTER.search(head.rstrip()):
        names.append("no" + touch)
    elif after and _NO_A_BEFORE.match(after):
        names.append("on" + touch)
    return names


def _far_off(line: str, at: int, near: list[str]) -> list[str]:
    """Whether the sentence asks, and the other marks of the line. `near`: what `_near` said."""
    touch, kinds = near[0][1:], near[1][-2:]
    names: list[str] = []
    if kinds[1] in 'A$»”"?)':
        names.append(f"q{asked(line, at)}{touch}{kinds[1]}")
    elif _BARE_QUESTION.search(line[max(0, at - REACH) : at].rstrip()):
        names.append("bare")
    if kinds[0] == ".":
        names.append(f"d{_DATE_BEFORE.search(line[max(0, at - REACH) : at].rstrip()) is not None:d}{kinds[1]}")
    _pair(names, line, at, touch)
    return names


def _pair(names: list[str], line: str, at: int, touch: str) -> None:
    """Adds the marks before and after: how many, how they stand, how far, what is between. Guillemets pair."""
    earlier, others = line.count(LOOKS, 0, at), line.count(LOOKS, at + 1)
    names.append(f"i{min(earlier, 5)}{min(others, 5)}{touch}")
    names.append(f"j{earlier % 2}{others % 2}{touch}")
    if others:
        other = line.find(LOOKS, at + 1)
        between = line[at + 1 : other]
        sides = _beside(line[other - 1]) + _beside(line[other + 1 : other + 2])
        names.append(f"r{touch}{sides}{_far(other - at)}")
        names.append(f"w{touch}{min(between.count(' '), 8)}")
        names.append(f"c{touch}{_signs(between)}")
        names.append(f"x{touch}{_shape(line[other + 1 : other + 3])}")
    else:
        names.append("r" + touch)
    if earlier:
        other = line.rfind(LOOKS, 0, at)
        between = line[other + 1 : at]
        sides = _beside(line[other - 1 : other] if other else "") + _beside(line[other + 1])
        names.append(f"l{touch}{sides}{_far(at - other)}")
        names.append(f"W{touch}{min(between.count(' '), 8)}")
        names.append(f"C{touch}{_signs(between)}")
        names.append(f"X{touch}{_shape(line[max(0, other - 2) : other])}")
    else:
        names.append("l" + touch)


def _signs(between: str) -> str:
    """Which signs stand between two marks."""
    return "".join(sign for sign in ".,:" if sign in between)
