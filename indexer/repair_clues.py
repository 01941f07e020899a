"""What stands around a lost mark: its neighbours, the spaces, the marks nearby, whether the sentence asks.

`keys` gives, for each mark of a line, a few keys; `named` turns a key into clues, short strings. `data/marks.tsv`
says how much each clue speaks for each mark, as learnt by `bench/learn_marks.py`. `repair_marks.py` adds them up, once
per key: words and shapes come again, so a mark costs nine look-ups, and a clue more in a key costs nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise

from indexer.lexicon import french

LOOKS = "?"
SIGNS = "?\ufffd"  # how a lost mark looks
NBSP = "\u00a0"
REACH = 40  # characters looked at on either side
SENTENCE_REACH = 300  # characters looked back for the words that ask

# "Où est-il", "Et pourquoi ...", "Dans quelle ville ...", "Viendra-t-il": the words before the mark ask.
# "Le président de la République", "qu'il vienne", "celui qui" do not.
_ASKS_FIRST = re.compile(
    r"(?:(?:et|mais|alors|donc|ou|or|car|bref|oui|non|à|de|d'|par|pour|dans|en|sur|avec|depuis|selon|sous|chez|vers|contre|jusqu'à|"
    r"jusqu'|après|avant|[?\ufffd])[ ,]*)*"
    r"(?:qui|que|qu|quoi|quel(?:le)?s?|lequel|laquelle|lesquels|lesquelles|auquel|o[ùu?\ufffd]|comment|pourquoi|combien|quand|est-ce)(?!\w)",
    re.IGNORECASE,
)
_ASKS_INSIDE = re.compile(
    r"(?:-t)?-(?:il|elle|on|ils|elles|vous|nous|tu|je|ce)(?!\w)"
    r"|(?<!\w)(?:est-ce que|n'est-ce pas|pourquoi|combien|comment|quel(?:le)?s?|quoi|à qui|de qui)(?!\w)",
    re.IGNORECASE,
)
# What asks within a sentence holds one of these; looked for first, in a tenth of the time.
_ASKING_WORDS = ("pourquoi", "combien", "comment", "quel", "quoi", "à qui", "de qui")
# A sentence begins after these, "H. Clinton" aside; a `?` between spaces may itself be a mark.
_STOP = re.compile("[.!…?\ufffd]")
# and what is said or added within one begins after these: "Il demande : où est-il", not "le \"mot\" où"
_PART_START = re.compile(r"[:;«“(]|\"(?<!\S\")(?=\w)")
# "Qui ? Quoi ? quel ...": a question in a word
_BARE_WORDS = frozenset(["qui", "quoi", "où", "comment", "pourquoi", "quand", "combien", "lequel"])
_BARE_QUESTION = re.compile(r"(?:^|[.!?\ufffd:«–—] ?)\w+$")
# "2016 . –", "30 UTC. –", "(AFP). –": what a dateline ends with
_DATE_BEFORE = re.compile(r"(?:\d|[A-Z)]) ?\.$")
# No « à » after a determiner or an elision ("un « montage »"), nor before a verb's pronoun or a preposition.
_NO_A_AFTER = re.compile(
    r"(?:le|la|les|une?|des?|ce|cet|cette|ces|du|aux?|son|sa|ses|leurs?|mon|ma|mes|notre|nos|votre|vos|que|(?:[ldjmnst]|qu)['’])"
)
_NO_A_BEFORE = re.compile(
    r"(?:et|a|ont|qui|dans|du|des|en|avec|par|pour|sur|selon|est|sont|était|que|mais|ou|où|les?|aux?|afin|dont|comme|après|avant"
    r"|depuis|sous|entre|avait|ainsi|ne|se|ils?|on|elles?|toujours|face|[ns]['’])"
)
# Nor a question after one of these: "un ? montage", "qu'? il", "ce ? qui"
_GOES_ON = re.compile(r"(?:une?|les?|la|des?|du|ce|cette|ces|aux?|et|est|[dl]['’]|qu['’])")
# and only a quotation begins after these: "un ? montage"; not "un ? un", "ce ? quoi"
_ONLY_OPENS = re.compile(r"(?:une?|les?|la|des|du|cette|ces|aux?|sa|ses|[dl]['’])")
# Two tokens on each side; those before are read backwards, from the mark.
_TOKEN = r"\s*(['’]?[^\W\d_]+|\d+|[^\w\s])"
_PREVIOUS = re.compile(_TOKEN + rf"(?:{_TOKEN})?")
_NEXT = re.compile(r"\s*([^\W\d_]+['’]?|\d+|[^\w\s])(?:\s*([^\W\d_]+['’]?|\d+|[^\w\s]))?")
_MAY_CLOSE = frozenset('A$»”"?)')  # what follows the end of a sentence

# A clue, or which clues and what they are made of.
Key = str | tuple[str, ...]


@lru_cache(maxsize=4096)
def asks(segment: str) -> bool:
    """Whether a piece of sentence is a question by its words."""
    segment = segment.replace("’", "'").strip()
    if _ASKS_FIRST.match(segment):
        return True
    lower = segment.lower()
    if "-" not in lower and not any(word in lower for word in _ASKING_WORDS):
        return False
    return _ASKS_INSIDE.search(segment) is not None


def asked(line: str, at: int) -> int:
    """How surely the sentence that ends at `at` is a question: its last part asks (2), its whole does (1), 0."""
    end = at
    while end and line[end - 1] in " .\u00a0\u202f":  # "selon Hubert et al. ?"
        end -= 1
    low = max(0, at - SENTENCE_REACH)
    stop = start = low
    for match in _STOP.finditer(line, low, end):
        place = match.start()
        sign = line[place]
        if sign == ".":
            if place and line[place - 1].isupper():
                continue
        elif sign in SIGNS:
            following = line[place + 1 : place + 4]
            if not (place and line[place - 1].isspace() and _begins(following)):
                continue
            start = place + 1
            continue
        stop = start = place + 1
    part = start
    for match in _PART_START.finditer(line, start, end):
        part = match.end()
    if asks(line[part:end]):
        return 2
    return 1 if part != stop and (asks(line[start:end]) or asks(line[stop:end])) else 0


def _begins(following: str) -> bool:
    """Whether a sentence may begin with what follows: a space, then a capital."""
    word = following.lstrip()
    return word != "" and word != following and word[0].isalpha() and not word[0].islower()


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


def _rarity(word: str) -> str:
    """How rare a word is in French: "3" for one in a thousand words, "9" for one nobody listed."""
    if not word[:1].isalpha():
        return "-"
    frequency = french().frequency.get(word)
    return str(int(-math.log10(frequency))) if frequency else "9"


@lru_cache(maxsize=65536)
def _before(piece: str) -> tuple[str, str, str, str | None]:
    """The last token of what stands between two spaces: small letters, kind, rarity; the token before it, if any."""
    found = _PREVIOUS.match(piece[::-1])
    if not found:
        return "", "$", "-", None if piece else ""
    token = found[1][::-1]
    lower = token.lower()
    return lower, _kind(token), _rarity(lower), found[2][::-1] if found[2] else None


@lru_cache(maxsize=4096)
def only_opens(word: str) -> bool:
    """Whether nothing but a quotation can begin after a word (small letters)."""
    return _ONLY_OPENS.fullmatch(word) is not None


@lru_cache(maxsize=4096)
def goes_on(word: str) -> bool:
    """Whether no question ends after a word (small letters)."""
    return _GOES_ON.fullmatch(word) is not None


@lru_cache(maxsize=65536)
def _after(piece: str) -> tuple[str, str, str, str | None]:
    """The first token of what stands between two spaces: as written, kind, rarity; the token after it, if any."""
    found = _NEXT.match(piece)
    if not found:
        return "", "$", "-", None if piece else ""
    token, later = found.groups()
    kind = _kind(token)
    return "^" + token.lower() if kind == "A" else token, kind, _rarity(token.lower()), later


@lru_cache(maxsize=4096)
def _touch(left: str, right: str) -> str:
    return _beside(left) + _beside(right)


@lru_cache(maxsize=4096)
def _shape(text: str) -> str:
    """A few characters by their kind: ", q" -> ",_a"."""
    return "".join(map(_kind_of_char, text))


def keys(line: str, places: Iterable[int]) -> list[list[Key]]:
    """What stands around each mark at `places` (in order), as keys for `named`."""
    signs: list[int] = []
    at = line.find(LOOKS)
    while at >= 0:
        signs.append(at)
        at = line.find(LOOKS, at + 1)
    touches = [_touch(line[at - 1 : at] if at else "", line[at + 1 : at + 2]) for at in signs]
    gaps = [_gap(line, *pair) for pair in pairwise(signs)]
    last = len(signs) - 1
    found: list[list[Key]] = []
    nth = -1
    for at in places:
        nth = signs.index(at, nth + 1)
        touch = touches[nth]
        near, kinds = _near(line, at, touch)
        found.append(near)
        if kinds[1] in _MAY_CLOSE:
            near.append(f"q{asked(line, at)}{touch}{kinds[1]}")
        elif near[0][2] in _BARE_WORDS and _BARE_QUESTION.search(line[max(0, at - REACH) : at].rstrip()):
            near.append("bare")
        if kinds[0] == ".":
            dated = _DATE_BEFORE.search(line[max(0, at - REACH) : at].rstrip()) is not None
            near.append(f"d{dated:d}{kinds[1]}")
        others = last - nth
        near.append(("i", touch, "012345"[min(nth, 5)], "012345"[min(others, 5)], "01"[nth % 2], "01"[others % 2]))
        if others:
            other = signs[nth + 1]
            near.append((">", touch, touches[nth + 1], gaps[nth], _shape(line[other + 1 : other + 3])))
        else:
            near.append((">", touch))
        if nth:
            other = signs[nth - 1]
            near.append(("<", touch, touches[nth - 1], gaps[nth - 1], _shape(line[max(0, other - 2) : other])))
        else:
            near.append(("<", touch))
    return found


def _near(line: str, at: int, touch: str) -> tuple[list[Key], str]:
    """The two words on both sides, and the kinds of the nearest."""
    head, tail = line[max(0, at - REACH) : at].split(), line[at + 1 : at + 1 + REACH].split()
    before, kind_before, rare_before, earlier = _before(head[-1] if head else "")
    after, kind_after, rare_after, later = _after(tail[0] if tail else "")
    if earlier is None:
        earlier, kind_earlier = _before(head[-2])[:2] if len(head) > 1 else ("", "$")
    else:
        kind_earlier = _kind(earlier)
    if later is None:
        later, kind_later = _after(tail[1])[:2] if len(tail) > 1 else ("", "$")
    else:
        kind_later = _kind(later)
    return [
        ("p", touch, before, kind_before, kind_after),
        ("n", touch, after, kind_before, kind_after),
        ("k", touch, kind_earlier, kind_before, kind_after, kind_later, rare_before, rare_after),
        f"P{earlier.lower()} {before}",
        f"N{after} {later.lower() if kind_later == 'a' else kind_later}",
    ], kind_before + kind_after


def _gap(line: str, low: int, high: int) -> str:
    """What is between two marks: how far apart they are, how many words, which signs."""
    between = line[low + 1 : high]
    size = high - low
    far = "0" if size < 4 else "1" if size < 25 else "2" if size < 80 else "3"
    signs = "".join([sign for sign in ".,:" if sign in between])
    return far + "012345678"[min(between.count(" "), 8)] + signs


def _named_before(touch: str, word: str, kind: str, kind_after: str) -> list[str]:
    names = ["p" + (word or "$")]
    if kind == "a":
        names.append("e" + word[-3:] + kind_after)
    if _NO_A_AFTER.fullmatch(word):
        names.append("no" + touch)
    return names


def _named_after(touch: str, word: str, kind_before: str, kind: str) -> list[str]:
    names = ["n" + word]
    if kind == "a":
        names.append("f" + word[-2:] + kind_before)
    if _NO_A_BEFORE.fullmatch(word):
        names.append("on" + touch)
    return names


def _named_kinds(
    touch: str, earlier: str, before: str, after: str, later: str, rare: str, rare_after: str
) -> list[str]:
    return [
        "t" + touch,
        "k" + touch + before + after,
        "K" + earlier + before + after + later,
        "z" + rare + rare_after,
        "y" + rare_after + after,
    ]


def _named_count(touch: str, earlier: str, others: str, odd: str, others_odd: str) -> list[str]:
    return ["i" + earlier + others + touch, "j" + odd + others_odd + touch]


def _named_next(touch: str, other: str = "", gap: str = "", shape: str = "") -> list[str]:
    if not gap:
        return ["r" + touch]
    return [f"r{touch}{other}{gap[0]}", f"w{touch}{gap[1]}", f"c{touch}{gap[2:]}", f"x{touch}{shape}"]


def _named_previous(touch: str, other: str = "", gap: str = "", shape: str = "") -> list[str]:
    if not gap:
        return ["l" + touch]
    return [f"l{touch}{other}{gap[0]}", f"W{touch}{gap[1]}", f"C{touch}{gap[2:]}", f"X{touch}{shape}"]


_NAMED: dict[str, Callable[..., list[str]]] = {
    "p": _named_before,
    "n": _named_after,
    "k": _named_kinds,
    "i": _named_count,
    ">": _named_next,
    "<": _named_previous,
}


def named(key: Key) -> list[str]:
    """The clues of a key; the same names as in `data/marks.tsv`."""
    return [key] if isinstance(key, str) else _NAMED[key[0]](*key[1:])
