"""What the agency's bytes said where letters were lost, beside what the archive reads there, and how sure it is. Pure.

repairs -> the words they stand in, each as received and as read -> a table, and a note after each word of the text
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import escape

from mappings.dispatch import Dispatch, Repair
from web.texts import gettext as _
from web.texts import language, noted

# The place of a title among paragraphs (`mappings.dispatch.Repair`).
TITLE = -1

# Words told one by one; a text that lost every accent has a thousand.
MOST_TOLD = 200

# How what was lost was found again; rules without words of ours are not told.
RULE_WORDS: dict[str, str] = {
    "mojibake": noted("texte relu dans son vrai codage"),
    "name": noted("nom connu de l’archive"),
    "word": noted("mot du français"),
    "mixed": noted("mot du français, bien que d’autres aient gardé cette lettre"),
    "elision": noted("apostrophe d’une élision"),
    "spelling": noted("mot absent des listes, écrit comme le français l’écrirait"),
    "mark": noted("ponctuation, d’après ce qui l’entoure"),
}

# Above this, a percentage without decimals would say "certain".
NEARLY_CERTAIN = 0.99

# A word with what an apostrophe or a hyphen ties to it: "l'Élysée", "peut-être".
_WORD = re.compile(r"[^\W_](?:[\w'’-]*[^\W_])?")


@dataclass(frozen=True, slots=True)
class Mended:
    """Words of a paragraph in which something was given back: `text[start:end]` is `read`, the bytes said `received`.

    `confidence`: of the least sure of its repairs, in 0..1; `rules`: of all of them, each once.
    """

    paragraph: int
    start: int
    end: int
    received: str
    read: str
    confidence: float
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One of them as the page tells it; `href`: its place in the text."""

    received: str
    read: str
    sure: str
    why: str
    href: str


@dataclass(frozen=True, slots=True)
class Left:
    """A damaged word left as it came, and what it may have been."""

    received: str
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What the page tells of all repairs; `further`: words beyond those in `rows`."""

    count: int
    rows: tuple[Row, ...]
    further: int
    left: tuple[Left, ...]


def mended(texts: Mapping[int, str], repairs: Iterable[Repair]) -> list[Mended]:
    """The words given back, in the order of the text.

    Args:
        texts: title and paragraphs, by number.
    """
    by_place: dict[int, list[Repair]] = {}
    for repair in repairs:
        text = texts.get(repair.paragraph)
        if text is not None and text.startswith(repair.restored, repair.offset):
            by_place.setdefault(repair.paragraph, []).append(repair)
    return [
        _mended(place, texts[place], start, end, inside)
        for place in sorted(by_place)
        for start, end, inside in _words(texts[place], sorted(by_place[place], key=lambda each: each.offset))
    ]


def _words(text: str, repairs: Sequence[Repair]) -> list[tuple[int, int, list[Repair]]]:
    """The stretches of a text that repairs stand in, those that touch as one."""
    found: list[tuple[int, int, list[Repair]]] = []
    words = [word.span() for word in _WORD.finditer(text)]
    for repair in repairs:
        start, end = _around(words, repair.offset, repair.offset + len(repair.restored))
        if found and start < found[-1][1]:
            before, until, inside = found[-1]
            found[-1] = before, max(until, end), [*inside, repair]
        else:
            found.append((start, end, [repair]))
    return found


def _around(words: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """The word that holds what was given back; for a mark that stands alone, up to the words on both sides of it."""
    holding = [word for word in words if word[0] < end and start < word[1]]
    if not holding:
        before = max((word for word in words if word[1] <= start), default=None)
        after = min((word for word in words if word[0] >= end), default=None)
        holding = [word for word in (before, after) if word]
    return min([start, *(word[0] for word in holding)]), max([end, *(word[1] for word in holding)])


def _mended(place: int, text: str, start: int, end: int, repairs: Sequence[Repair]) -> Mended:
    received, at = [], start
    for repair in repairs:
        received += [text[at : repair.offset], repair.lost]
        at = repair.offset + len(repair.restored)
    return Mended(
        paragraph=place,
        start=start,
        end=end,
        received="".join([*received, text[at:end]]),
        read=text[start:end],
        confidence=min(repair.confidence for repair in repairs),
        rules=tuple(dict.fromkeys(repair.rule for repair in repairs)),
    )


def of(dispatch: Dispatch) -> list[Mended]:
    """The words given back in a dispatch, title first."""
    return mended({TITLE: dispatch.title, **dict(enumerate(dispatch.body))}, dispatch.repairs)


def told(dispatch: Dispatch, words: Sequence[Mended]) -> Told | None:
    """What a page says of them; None where nothing was damaged."""
    texts = {TITLE: dispatch.title, **dict(enumerate(dispatch.body))}
    left = tuple(
        Left(texts[doubt.paragraph][doubt.start : doubt.end], doubt.readings)
        for doubt in dispatch.doubts
        if doubt.paragraph in texts
    )
    if not words and not left:
        return None
    rows = tuple(_row(rank, word) for rank, word in enumerate(words[:MOST_TOLD]))
    return Told(len(words), rows, len(words) - len(rows), left[:MOST_TOLD])


def _row(rank: int, word: Mended) -> Row:
    return Row(
        received=word.received,
        read=word.read,
        sure=sure(word.confidence),
        why=", ".join(_(RULE_WORDS[rule]) for rule in word.rules if rule in RULE_WORDS),
        href=f"#{anchor(rank)}",
    )


def sure(confidence: float) -> str:
    """ "97 %"; what is nearly certain is not told as certain: "plus de 99 %"."""
    if confidence > NEARLY_CERTAIN:
        return _("plus de 99\u00a0%")
    return _("%(count)s\u00a0%%", count=int(confidence * 100))


def anchor(rank: int) -> str:
    """The name of the place of a word given back, by its rank."""
    return f"reparation-{rank + 1}"


def notes(words: Sequence[Mended]) -> dict[int, dict[int, str]]:
    """By paragraph and place, what stands after each word as HTML: what was received there. Hidden until asked for."""
    written: dict[int, dict[int, str]] = {}
    for rank, word in enumerate(words):
        label = escape(_("reçu\u00a0:"))
        written.setdefault(word.paragraph, {})[word.end] = (
            f'<span class="received" id="{anchor(rank)}" lang="{language()}"> [<span class="hidden">{label} </span>'
            f"<code>{escape(word.received)}</code>]</span>"
        )
    return written
