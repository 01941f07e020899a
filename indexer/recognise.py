"""Names the authorities do not know: people, bodies and places found by how French announces and writes them. Pure.

    text and the authorities' names -> tokens (recognise_text) -> tags (recognise_model) -> names -> one label a bearer

What the authorities found is a clue, and stands: a new name never overlaps it, but for one that holds it whole and
shows that it meant something else ("Paris Hilton", "rue de Londres"). Such a name says what it replaces.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from authorities.model import Authorities, fold
from indexer.recognise_clues import Lists
from indexer.recognise_clues import folded_word as folded
from indexer.recognise_model import TAGS, Tagger, Weights, shipped
from indexer.recognise_text import ROLES, Span, Text, read
from indexer.recognise_words import FUNCTION_WORDS, SORTS, TITLES

__all__ = ["Name", "Recogniser", "Rule", "Span"]

NameKind = Literal["person", "organisation", "place"]
Rule = Literal["named", "short", "repeated"]
KINDS: dict[str, NameKind] = {"P": "person", "L": "place", "O": "organisation"}

# Confidence from the margin, in steps of the weights, over the best reading without the name; fitted on inner splits
# of the articles: of the names given with 0.5 half are right, with 0.8 some 80 %.
EVEN_MARGIN, MARGIN_SCALE = 20, 80.0
# Names less sure are not given: precision 0.825 -> 0.845 for recall 0.834 -> 0.817 on inner splits, F as it was.
LEAST_CONFIDENCE = 0.5
# A surname alone is taken for its bearer elsewhere in the text from this many letters on: not "Li", "Ba".
SURNAME = 3
EVENT = re.compile(r"cop-?\d+|euro-?\d+|jo-?\d+")
LONGEST = 14  # tokens of a name: the longest of WiNER-fr; more is a list without commas
# Nobody but a person follows these.
COURTESY = frozenset(("m.", "mm.", "mme", "mmes", "mlle"))
COURTESY_CONFIDENCE = 0.9
# Ways are named after places and people that are not there: "rue de Londres", "boulevard Victor-Hugo".
WAYS = frozenset(("rue", "avenue", "boulevard", "quai", "square", "faubourg", "impasse", "chaussée", "place"))
LINKS = frozenset(("de", "du", "des", "d'", "d’", "la", "l'", "l’"))
# "lac Ounianga", "le village de Kaldoura": what stands after these is a place, whatever it sounds like.
_SITES = "lac mont cap col île rivière fleuve village ville commune bourgade hameau province wilaya canton"
SITES = frozenset(_SITES.split())


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text that is not one of the authorities'.

    `label` is the fullest form of the name in this text, as written there: that of "M. Sokhonn" is "Prak Sokhonn".
    `text[start:end]` is what stands here. `rule`: `named` for a name found where it stands, `short` for one that
    is the end of a full name of the text, `repeated` for a surname found because someone of the text bears it.
    `replaces`: names of the authorities within it that it shows to be something else.
    """

    label: str
    kind: NameKind
    start: int
    end: int
    confidence: float  # LEAST_CONFIDENCE to 1
    rule: Rule
    replaces: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """Tokens `low` to `high` are a name."""

    low: int
    high: int
    kind: NameKind
    confidence: float
    rule: Rule = "named"


class Recogniser:
    """Finds names; built once (0.2 s), then a function of the text and of what the authorities found in it."""

    def __init__(self, authorities: Authorities, weights: Weights | None = None) -> None:
        """`weights`: those that come with the archive when none are given."""
        self._lists = Lists.of(authorities)
        self._given = self._lists.given | self._lists.foreign
        self._tagger = Tagger(weights or shipped(), self._lists)
        self._places = {
            fold(name)
            for table in (authorities.cities, authorities.regions, authorities.states)
            for place in table.values()
            for name in (place.label, *place.aliases)
        }
        self._surnames = {person.label: fold(person.surname) for person in authorities.persons.values()}

    def names(self, text: str, known: Sequence[Span]) -> list[Name]:
        """The names of a text, in its order.

        `known` is what the authorities found, in any order; offsets are in characters of `text`.
        """
        known = sorted(known)
        reading = read(text, known, self._given)
        found = [_sited(reading, self._whole(reading, _trimmed(reading, name))) for name in self._tagged(reading)]
        found = [name for name in found if name.low < name.high and not self._refused(reading, name)]
        found += _courtesy(reading, found)
        found += _repeated(reading, found)
        labels = self._labels(reading, found, known)
        names = []
        for name in sorted(found, key=lambda name: name.low):
            start, end = reading.starts[name.low], reading.ends[name.high - 1]
            replaced = _replaced(text, name, start, end, known)
            if replaced is not None:
                label, rule = labels.get((name.low, name.high), (text[start:end], name.rule))
                names.append(Name(label, name.kind, start, end, name.confidence, rule, replaced))
        return names

    def _tagged(self, text: Text) -> list[_Found]:
        """What the tagger says, with what it would lose by saying something else."""
        found = []
        for start, path, margins in self._tagger.tag(text, known=False):
            at, stop = 0, len(path)
            while at < stop:
                tag = path[at]
                if not tag:
                    at += 1
                    continue
                end = at + 1
                while end < stop and path[end] == tag + 1:
                    end += 1
                kind = TAGS[tag][1]
                confidence = _confidence(min(margins[at], margins[end - 1]))
                if confidence >= LEAST_CONFIDENCE:
                    found.append(_Found(start + at, start + end, KINDS[kind], confidence))
                at = end
        return found

    def _refused(self, text: Text, name: _Found) -> bool:
        """Whether a name is none, or a place of the authorities, who saw another meaning: "accord de Paris"."""
        if name.high - name.low > LONGEST:
            return True
        if name.kind == "place" and not text.tags[name.low] and folded(_surface(text, name)) in self._places:
            return True
        return _says_nothing(text, name)

    def _whole(self, text: Text, name: _Found) -> _Found:
        """With the given names before it: "Fatoumata Binta Sow" where the tagger saw "Binta Sow"."""
        low = name.low
        while (
            name.kind == "person"
            and low
            and low < name.high
            and text.chunks[low - 1] == text.chunks[low]
            and text.capital[low - 1]
            and not text.tags[low - 1]
            and self._lists.is_given(text.words[low - 1])
        ):
            low -= 1
        return _Found(low, name.high, name.kind, name.confidence, name.rule)

    def _labels(
        self, text: Text, found: Sequence[_Found], known: Sequence[Span]
    ) -> dict[tuple[int, int], tuple[str, Rule]]:
        """For names that are a shorter form of another of the text: the fullest one, and by which rule."""
        full: dict[str, set[str]] = {}  # by folded surname, the people who bear it
        written: dict[tuple[str, NameKind], str] = {}
        for name in found:
            surface = _surface(text, name)
            key = folded(surface), name.kind
            if key not in written or (written[key].isupper() and not surface.isupper()):
                written[key] = surface
        for name in found:
            if name.kind == "person":
                parts = folded(_surface(text, name)).split(" ")
                for at in range(1, len(parts)):
                    full.setdefault(" ".join(parts[at:]), set()).add(written[" ".join(parts), "person"])
        for span in known:
            if span.kind == "person" and span.label:
                parts = folded(span.label).split(" ")
                for tail in {
                    self._surnames.get(span.label, ""),
                    *(" ".join(parts[at:]) for at in range(1, len(parts))),
                }:
                    full.setdefault(tail, set()).add(span.label)
        labels: dict[tuple[int, int], tuple[str, Rule]] = {}
        for name in found:
            folded_name = folded(_surface(text, name))
            label = written[folded_name, name.kind]
            bearers = full.get(folded_name, ()) if name.kind == "person" else ()
            if len(bearers) == 1:
                labels[name.low, name.high] = next(iter(bearers)), "short"
            else:
                labels[name.low, name.high] = label, name.rule
        return labels


def _surface(text: Text, name: _Found) -> str:
    return text.text[text.starts[name.low] : text.ends[name.high - 1]]


def _confidence(margin: int) -> float:
    return round(1.0 / (1.0 + math.exp((EVEN_MARGIN - min(margin, 500)) / MARGIN_SCALE)), 2)


def _trimmed(text: Text, name: _Found) -> _Found:
    """Without "M." before it or small words and signs at its ends."""
    low, high = name.low, name.high
    if name.kind == "organisation" and high - low > 1 and text.lower[low] == "ong":
        low += 1
    while low < high and (text.lower[low] in TITLES or (text.lower[low] in FUNCTION_WORDS and not text.capital[low])):
        if text.lower[low] == "al":
            break
        low += 1
    while high > low and (text.lower[high - 1] in FUNCTION_WORDS or not text.words[high - 1][0].isalnum()):
        high -= 1
    return _Found(low, high, name.kind, name.confidence, name.rule)


def _sited(text: Text, name: _Found) -> _Found:
    """With the way that is named after it; a place when it follows a word for one."""
    low = name.low
    if name.high - low == 0 or name.kind == "organisation":
        return name
    at = low - 1
    while at >= 0 and text.lower[at] in LINKS:
        at -= 1
    before = text.lower[at] if at >= 0 and low - at < 4 and low not in text.line else ""
    linked = at < low - 1
    if before in WAYS and not (before == "place" and linked and name.kind == "person"):
        return _Found(at, name.high, "place", name.confidence, name.rule)
    if before in SITES and name.kind == "person" and name.high - low == 1:
        return _Found(low, name.high, "place", name.confidence, name.rule)
    return name


def _says_nothing(text: Text, name: _Found) -> bool:
    """Whether a name is a word for a sort of thing, an event ("COP27"), or one word of a line all in capitals."""
    word, lower = text.words[name.low], text.lower[name.low]
    if name.high - name.low > 1:
        # "le conseiller d'Etat chinois"; "Etat islamique" stays
        return lower in ("etat", "état") and text.tags[name.high - 1].endswith("d")
    if word != text.text[text.starts[name.low] : text.ends[name.low]]:
        return True
    if EVENT.fullmatch(lower):
        return True
    return lower in SORTS and not word.isupper()


def _courtesy(text: Text, found: Sequence[_Found]) -> list[_Found]:
    """Who follows "M." or "Mme", where the tagger passed them over."""
    if not text.titled:
        return []
    taken = {at for name in found for at in range(name.low, name.high)}
    more = []
    for at in text.capitals:
        if at and text.lower[at - 1] in COURTESY and at not in taken and text.open[at]:
            high = text.chunks[at][1]
            if taken.isdisjoint(range(at, high)) and not any(text.tags[at:high]):
                more.append(_Found(at, high, "person", COURTESY_CONFIDENCE))
    return more


def _repeated(text: Text, found: Sequence[_Found]) -> list[_Found]:
    """Surnames of people named in full elsewhere in the text, where the tagger passed them over."""
    taken = [False] * len(text.words)
    wholes: dict[str, _Found] = {}
    for name in found:
        taken[name.low : name.high] = [True] * (name.high - name.low)
        if name.kind == "person" and name.high - name.low > 1:
            wholes.setdefault(text.lower[name.high - 1], name)
    more: list[_Found] = []
    if not wholes:
        return more
    for at in text.capitals:
        word = text.lower[at]
        source = wholes.get(word)
        if source is None or taken[at] or text.tags[at] or not text.open[at]:
            continue
        start, stop = text.chunks[at]
        if stop - start == 1 and len(word) >= SURNAME and (not text.first[at] or word not in text.met):
            more.append(_Found(at, at + 1, source.kind, source.confidence, "repeated"))
    return more


def _replaced(text: str, name: _Found, start: int, end: int, known: Sequence[Span]) -> tuple[Span, ...] | None:
    """The authorities' names that a new one replaces; None when theirs stands and the new one does not."""
    replaced = []
    at = max(0, bisect_left(known, (start,)) - 1)
    for span in known[at:]:
        if span.start >= end:
            break
        if span.end <= start or span.role == "demonym":
            continue
        if (span.start, span.end) == (start, end):
            return None
        if span.role not in ROLES:  # found by a rule, as this one is by another
            replaced.append(span)
            continue
        if not (start <= span.start and span.end <= end) or span.kind == "person":
            return None
        before = text[start : span.start].lower().split()
        if name.kind == span.kind == "organisation" and span.end == end and SORTS.issuperset(before):
            return None  # "l'ONG Oxfam" is Oxfam
        of_way = before != [] and before[0] in WAYS
        if name.kind == "person" or of_way or (name.kind == "place" and span.kind != "organisation"):
            replaced.append(span)
    return tuple(replaced)
