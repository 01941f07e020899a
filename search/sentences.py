"""Where the sentences of a French press text end. Pure.

    ends of sentence are candidates -> those after "M.", initials, dotted acronyms, numbers of a list are none
    -> sentences of one quotation are put together again

Java's break iterator, which Elasticsearch cuts passages with, cuts after "M." and initials; figures in decision 0013.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# A quotation longer than this is told sentence by sentence, its marks apart.
LONGEST_QUOTATION = 300

_BLANKS = " \t\n\u00a0\u202f\u2009"

# What ends a sentence, marks and brackets that close behind it, and the blanks before the next; Chinese and Arabic
# signs, which foreign names and slogans bring with them, too. "fin.Le" ends one; "12.5", "lemonde.fr" and "U.S" do not.
_END = re.compile(
    "[.!?…؟。！？](?:"  # one character first, which the search skips to
    rf"(?<=[.!?…؟])[.!?…؟]{{0,5}}(?:[{_BLANKS}]?[»”\")\]’]){{0,3}}[{_BLANKS}]+"
    r"|(?<=[a-zà-öø-ÿœ]{2}\.)(?<!www\.)(?=[A-ZÀ-ÖØ-ÞŒ][a-zà-öø-ÿœ’'])"
    r"|(?<=[。！？])[。！？]*[」』”]?)"
)


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Before a name, never at an end: "M. Wang", "Mgr. Dupanloup", "St. Petersburg", "av. J.-C.", "cf. Le Monde", "n. 12".
_BEFORE_A_NAME = _listed(
    "m mm mr mrs ms mme mmes mlle mlles me mes mgr dr drs pr prof st ste sr gal gén gen cdt cne col cap capt lt sgt adj "
    "amb min sen sén rep rév rev hon av apr cf vs art chap vol fig p pp n no nos éd ed dir réf tél tel bd bld"
)

# Before what belongs to it, or at an end: what follows decides. "12 janv. 2021", "Apple Inc. Le titre", "etc. Il".
_SHORTENED = _listed(
    "jan janv fév févr avr juil sept oct nov déc lun mar mer jeu ven sam dim inc corp ltd co cie jr env ex al etc "
    "hab approx dept dép"
)

# What begins a sentence and seldom a name; "Le" and "La" begin names too ("J. Le Drian").
_ARTICLES = _listed("le la les l de du des d")
_STARTERS = _listed(
    "il elle ils elles on nous vous je tu ce cet cette ces cela c ça un une mais et ou or donc car ni en dans par pour "
    "sur sous avec sans selon après avant depuis pendant lors lorsque quand si comme alors ainsi aussi puis enfin "
    "cependant toutefois pourtant néanmoins ensuite quant au aux à son sa ses leur leurs notre votre mon ma mes qui que "
    "quel quelle tout tous toute toutes plusieurs certains certaines chaque aucun aucune deux trois plus parmi malgré "
    "outre grâce face interrogé interrogée interrogés dès voici voilà hier aujourd demain"
)

_BEGINNINGS = _STARTERS | _ARTICLES

# Not even before "Le": "cf. Le Monde", "Lens vs. Le Havre"; the others, without a capital, may be words: "5 min. Les".
_NEVER = frozenset(("m", "mm", "cf", "vs"))

_UNIT = re.compile(rf"[\d°][{_BLANKS}]?[A-Z]$")
_WORD_BEFORE = re.compile(r"(?:[^\W\d_]\.-?)*[^\W\d_]+$")
_LETTER = re.compile(r"[^\W_]")
_WORD_AFTER = re.compile(r"[^\W\d_]+")
_ACRONYM = re.compile(r"(?:[^\W\d_]\.-?)+[^\W\d_]$")
_LIST_NUMBER = re.compile(r"\s*\(?(?:\d{1,3}|[A-Za-z]|[IVX]{1,5})$")
_OPENERS = "«“\"„([-–—•*/'’"
_LOOK_BACK = 24

Span = tuple[int, int]


def sentences(text: str) -> list[Span]:
    """(start, end) of every sentence, without the blanks between them; together they hold every other character."""
    return list(_trimmed(text, _whole_quotations(text, _cut(text))))


def _cut(text: str) -> Iterator[Span]:
    start = 0
    for match in _END.finditer(text):
        if match.end() < len(text) and _ends(text, start, match):
            yield start, match.end()
            start = match.end()
    if start < len(text):
        yield start, len(text)


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    sign, after = text[match.start()], text[match.end()]
    if sign in "。！？":
        return True
    if not _LETTER.search(text, start, match.start()):
        return False  # "... Suite", "!! Urgent"
    # "« Vite ! » dit-il", "St-Malo vs. les autres", "Yahoo! est"
    if after.islower() or (not after.isalnum() and after not in _OPENERS and after.isascii()):
        return False
    before = text[max(start, match.start() - _LOOK_BACK) : match.start()]
    following = _WORD_AFTER.match(text, match.end())
    follower = following[0].lower() if following else ""
    if sign == "?":
        # "Sergue? Lavrov": a letter lost at the end of a name
        lost = before[-1:].isalpha() and _capital(_WORD_BEFORE.search(before))
        return not lost or not following or follower in _BEGINNINGS
    if sign != "." or not match[0].startswith(".") or match[0].startswith(".."):
        return True
    if _LIST_NUMBER.match(text, start, match.start()) and match.start() - start <= 5:
        return False  # "1. Le budget"
    found = _WORD_BEFORE.search(before)
    word = found[0] if found else ""
    if word.lower() in _BEFORE_A_NAME and not (word.islower() and word not in _NEVER and follower in _BEGINNINGS):
        return False
    if (len(word) == 1 and word.isupper()) or "-" in word:
        # "J. Le Drian", "J.-C. Le Drian", "plan B. Il", "25 °C. La"
        return follower in (_BEGINNINGS if _UNIT.search(before) else _STARTERS)
    if word.lower() in _SHORTENED or _ACRONYM.fullmatch(word):
        return follower in _BEGINNINGS  # "12 janv. 2021", "U.S. Army", "l'O.N.U. Le"
    return True


def _capital(word: re.Match[str] | None) -> bool:
    return word is not None and word[0][0].isupper()


def _whole_quotations(text: str, cut: Iterator[Span]) -> Iterator[Span]:
    """Sentences of one quotation as one, unless it is long: « Je suis prêt. Nous partons », a-t-il dit."""
    if "«" not in text:
        yield from cut
        return
    held: list[Span] = []
    for start, end in cut:
        held.append((start, end))
        opened = text.rfind("«", held[0][0], end)
        if opened > text.rfind("»", held[0][0], end) and end - held[0][0] <= LONGEST_QUOTATION:
            continue
        yield from [(held[0][0], end)] if end - held[0][0] <= LONGEST_QUOTATION else held
        held = []
    yield from held


def _trimmed(text: str, spans: Iterator[Span]) -> Iterator[Span]:
    for start, end in spans:
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end:
            yield start, end
