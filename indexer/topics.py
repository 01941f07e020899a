"""What a dispatch is about: weighted triggers of the topics, and what led to each. Pure.

    words met (authorities/data/topics.tsv) + names mentioned -> scores with their evidence -> at most six paths

`TopicRules.decide` gives the topics with their scores and the words that led to them: the facet is their paths, and
what explains a facet value is the same result, computed again from the same text by the same code.

What counts:
- a trigger, twice at most, more in the title and the lead; a counter-trigger against; a name mentioned, once;
- not a trigger that is part of a longer name ("Observatoire syrien des droits de l'homme") or of an idiom;
- a word alone is not enough unless it is a strong one and stands in the title or the lead; nor are places alone:
  a book fair in Bamako is not about armed groups in the Sahel;
- what subjects of one parent have, too weak each, the parent has: a surgeon, a nurse and a ward are Santé.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from authorities.model import PATH_SEPARATOR, Authorities
from indexer.names import comparable
from indexer.topics_triggers import IDIOMS, family, forms, spelled
from mappings.dispatch import Dispatch, Mention

Kind = Literal["trigger", "negative", "entity"]

MOST_TOPICS = 6
# A topic is given from this score on: a strong trigger in the lead, or two ordinary ones of which one is there.
THRESHOLD = 3.0
# What is never said in title and lead must be said much: an eyewitness's trade in the last paragraph is no topic.
BODY_THRESHOLD = 8.0
# Beside what it is mostly about, a long dispatch touches on much else.
SHARE_OF_BEST = 0.2
# The same trigger again adds little: a dispatch that says "vaccin" ten times is not ten times about vaccines.
MOST_REPEATS = 2
# A trigger alone: from this weight on, once in the title; from the second on, in title or lead and once more.
STRONG, FIRM = 2.5, 2.0
# Less than this is a hint and no support; a place supports from the second on.
LEAST, FIRM_PLACE = 0.7, 1.0
# What a parent has of its children's scores, level by level.
FROM_CHILD = 0.7
# A trigger within the name of a body that hints at nothing itself ("Centre hospitalier de Guéret").
WITHIN_NAME = 0.5

# Where a word stands, and what that multiplies its weight by: one of the title says more of the subject than one of
# the tenth paragraph. The lead of a dispatch without a title of its own stands for it.
TITLE, LEAD, BODY, TAIL = range(4)
ZONE_WEIGHTS = (2.0, 2.0, 1.0, 0.5)
LEAD_LENGTH = 350  # characters: an agency's lead is one sentence, a column's first paragraph goes on
TAIL_BEGINS = 6  # paragraphs from this one on are background

PLACE_KINDS = frozenset({"state", "region", "city", "country", "place"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that count for a topic or against it: `body[paragraph][start:end]` is `surface` (paragraph -1: the title)."""

    paragraph: int
    start: int
    end: int
    surface: str
    weight: float  # what it added to the score; below 0 for what counts against
    kind: Kind


@dataclass(frozen=True, slots=True)
class TopicScore:
    """A topic of a dispatch, by its path ("Économie et finances > Banque"), with the words that led to it.

    The score is the sum of the evidence's weights; a parent's counts its children's, less at each level.
    """

    path: str
    score: float
    evidence: tuple[Evidence, ...]


class _Trigger(NamedTuple):
    """What meeting a pattern means: weight > 0 for the topic, < 0 against it."""

    topic: str
    weight: float
    family: str


class _Piece(NamedTuple):
    """A piece of evidence, by its place in the whole text."""

    start: int
    end: int
    paragraph: int
    zone: int  # TITLE, LEAD, BODY or TAIL
    weight: float  # with its place counted
    own: float  # as topics.tsv gives it
    family: str
    kind: Kind
    place: bool  # a place name: it supports a topic and makes none


# A name in the whole text: (start, end, mention).
_Span = tuple[int, int, Mention]


class TopicRules:
    """Scores topics; built once from the authorities, then a function of the dispatch alone."""

    def __init__(self, authorities: Authorities) -> None:
        self._paths = {label: authorities.topic_path(label) for label in authorities.topics}
        # The topics above each, the nearest first.
        self._above = {label: tuple(path.split(PATH_SEPARATOR)[-2::-1]) for label, path in self._paths.items()}
        self._hints: dict[str, tuple[tuple[str, float], ...]] = {}
        patterns: dict[str, list[_Trigger]] = {}
        capitals: dict[str, list[_Trigger]] = {}
        for topic in authorities.topics.values():
            for label, weight in topic.entities:
                self._hints[label] = (*self._hints.get(label, ()), (topic.label, weight))
            signed = (*topic.triggers, *((phrase, -weight) for phrase, weight in topic.negative))
            for phrase, weight in signed:
                trigger = _Trigger(topic.label, weight, family(phrase))
                for form in forms(phrase):
                    anyhow, shouted = spelled(form)
                    for spelling in anyhow:
                        patterns.setdefault(spelling, []).append(trigger)
                    for spelling in shouted:
                        capitals.setdefault(spelling, []).append(trigger)
        for idiom in IDIOMS:
            for form in forms(idiom):
                for spelling in spelled(form)[0]:
                    patterns.setdefault(spelling, [])
        self._triggers: list[tuple[tuple[_Trigger, ...], tuple[_Trigger, ...]]] = []
        spellings = patterns.keys() | capitals.keys()
        for spelling in spellings:
            self._triggers.append((_unique(patterns.get(spelling, ())), _unique(capitals.get(spelling, ()))))
        # Fenced by blanks: a pattern is met at word boundaries only.
        self._automaton = AhoCorasick([f" {spelling} " for spelling in spellings], matchkind=MatchKind.Standard)

    def decide(
        self,
        title: str,
        body: Sequence[str],
        mentions: Iterable[Mention],
        agency: str | None = None,
        *,
        compared: str | None = None,
    ) -> tuple[TopicScore, ...]:
        """The topics of a dispatch, best first, at most `MOST_TOPICS`.

        `title` is empty when it was derived (it repeats the lead); `mentions` are the names found in the same title
        and body; the agency signs, so its name is no hint. `compared` is `comparable` of title and paragraphs joined
        by line ends, where the caller has it already.
        """
        text = _Text.of(title, body, compared)
        pieces = self._pieces(text, mentions, agency)
        given = {topic: found for topic, found in self._handed_up(pieces).items() if _is_given(found)}
        if not given:
            return ()
        scores = {topic: sum([piece.weight for piece in found]) for topic, found in given.items()}
        # Beside the best by its own words: a root sums up a whole dispatch.
        own = max([sum([piece.weight for piece in pieces.get(topic, ())]) for topic in given])
        kept = {topic: found for topic, found in given.items() if scores[topic] >= SHARE_OF_BEST * own}
        # A subject says its parents already.
        said = {above for topic in kept for above in self._above[topic]}
        best = sorted(
            [topic for topic in kept if topic not in said],
            key=lambda topic: (-scores[topic], self._paths[topic]),
        )
        return tuple([self._score(text, topic, kept[topic]) for topic in _not_repeated(best, kept)[:MOST_TOPICS]])

    def explain(self, dispatch: Dispatch) -> tuple[TopicScore, ...]:
        """What led to the topics of a dispatch that is in the archive, by the same rules, from its own text and names.

        A topic its agency stated is not among them unless the words say it too; one that is no longer given
        (topics.tsv has changed since it was loaded) is not either.
        """
        title = "" if dispatch.title_derived else dispatch.title
        return self.decide(title, dispatch.body, dispatch.mentions, dispatch.agency)

    def scores(
        self, title: str, body: Sequence[str], mentions: Iterable[Mention], agency: str | None = None
    ) -> list[TopicScore]:
        """Every topic the dispatch has a word for or against, given or not, each by its own words alone."""
        text = _Text.of(title, body)
        return [self._score(text, topic, found) for topic, found in self._pieces(text, mentions, agency).items()]

    def _pieces(self, text: _Text, mentions: Iterable[Mention], agency: str | None) -> dict[str, list[_Piece]]:
        signs = (agency or "").casefold()
        starts = text.starts
        spans: list[_Span] = [
            (starts[mention.paragraph + 1] + mention.start, starts[mention.paragraph + 1] + mention.end, mention)
            for mention in mentions
        ]
        spans.sort(key=itemgetter(0))
        span_starts = [start for start, _, _ in spans]
        pieces: dict[str, list[_Piece]] = {}
        heard: dict[tuple[str, str], int] = {}
        for start, end, triggers in self._met(text):
            at = bisect_right(span_starts, start) - 1
            span = spans[at] if at >= 0 and spans[at][1] >= end else None
            paragraph = text.part(start)
            zone = text.zone(start, paragraph)
            factor = ZONE_WEIGHTS[zone]
            word = text.lowered[start:end]
            for topic, weight, stem in triggers:
                repeats = heard[topic, word] = heard.get((topic, word), 0) + 1
                if repeats > MOST_REPEATS:
                    continue
                if weight <= 0:
                    pieces.setdefault(topic, []).append(
                        _Piece(start, end, paragraph, zone, weight * factor, weight, stem, "negative", False)
                    )
                    continue
                share = self._share(span, start, end, topic)
                if not share:
                    continue
                place = span is not None and span[2].kind in PLACE_KINDS
                pieces.setdefault(topic, []).append(
                    _Piece(start, end, paragraph, zone, weight * factor * share, weight * share, stem, "trigger", place)
                )
        hinted: set[str] = set()
        for start, end, mention in spans:
            label = mention.label
            if label in hinted or label not in self._hints or label.casefold() == signs:
                continue
            hinted.add(label)
            zone = text.zone(start, mention.paragraph)
            factor = ZONE_WEIGHTS[zone]
            for topic, weight in self._hints[label]:
                pieces.setdefault(topic, []).append(
                    _Piece(
                        start,
                        end,
                        mention.paragraph,
                        zone,
                        weight * factor,
                        weight,
                        label,
                        "entity",
                        mention.kind in PLACE_KINDS,
                    )
                )
        return pieces

    def _met(self, text: _Text) -> Iterable[tuple[int, int, tuple[_Trigger, ...]]]:
        """Patterns met, leftmost and longest first, none overlapping another."""
        matches = self._automaton.find_matches_as_indexes(f" {text.lowered} ", overlapping=True)
        free = 0
        for start, negative_end, index in sorted([(start, 2 - end, index) for index, start, end in matches]):
            if start < free or text.part(start) != text.part(
                -negative_end - 1
            ):  # words of two parts are not side by side
                continue
            triggers, shouted = self._triggers[index]
            if shouted and text.text[start:-negative_end].isupper():
                triggers = triggers + shouted
            elif shouted and not triggers:
                continue
            free = -negative_end
            if triggers:
                yield start, free, triggers

    def _share(self, span: _Span | None, start: int, end: int, topic: str) -> float:
        """How much of a trigger counts, given the name it is in, if any."""
        if span is None:
            return 1.0
        name_start, name_end, mention = span
        hints = self._hints.get(mention.label, ())
        if name_start == start and name_end == end:
            return 0.0 if any(hinted == topic for hinted, _ in hints) else 1.0
        if mention.kind == "organisation":
            return 0.0 if hints else WITHIN_NAME
        return 0.0

    def _handed_up(self, pieces: dict[str, list[_Piece]]) -> dict[str, list[_Piece]]:
        """Each topic's pieces with those of the topics below it, worth less at each level, each word once.

        Of roots under which too little was met for any topic, nothing is handed back.
        """
        met: dict[str, float] = {}
        for topic, found in pieces.items():
            above = self._above[topic]
            root = above[-1] if above else topic
            met[root] = met.get(root, 0.0) + sum([piece.weight for piece in found if piece.weight > 0])
        handed: dict[str, dict[tuple[int, int, Kind], _Piece]] = {}
        for topic, found in pieces.items():
            above = self._above[topic]
            if met[above[-1] if above else topic] < THRESHOLD:
                continue
            own, *higher = [handed.setdefault(label, {}) for label in (topic, *above)]
            for piece in found:
                start, end, paragraph, zone, weight, alone, stem, kind, place = piece
                key = (start, end, kind)
                have = own.get(key)
                if have is None or have.weight < weight:
                    own[key] = piece
                if weight <= 0 or place:
                    continue
                share = FROM_CHILD
                for words in higher:
                    have = words.get(key)
                    if have is None or have.weight < weight * share:
                        words[key] = _Piece(
                            start, end, paragraph, zone, weight * share, alone * share, stem, kind, place
                        )
                    share *= FROM_CHILD
        return {topic: list(words.values()) for topic, words in handed.items()}

    def _score(self, text: _Text, topic: str, pieces: Sequence[_Piece]) -> TopicScore:
        return TopicScore(
            self._paths[topic],
            sum(piece.weight for piece in pieces),
            tuple([text.evidence(piece) for piece in sorted(pieces)]),
        )


@dataclass(frozen=True, slots=True)
class _Text:
    """Title and paragraphs as one text, as it is and as it is compared; where each part begins."""

    text: str
    lowered: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, title: str, body: Sequence[str], compared: str | None = None) -> _Text:
        starts, at = [], 0
        for part in (title, *body):
            starts.append(at)
            at += len(part) + 1
        text = "\n".join((title, *body))
        return cls(text, comparable(text) if compared is None else compared, tuple(starts))

    def part(self, at: int) -> int:
        """The paragraph something is in; -1: the title."""
        return bisect_right(self.starts, at) - 2

    def zone(self, start: int, paragraph: int) -> int:
        if paragraph > 0:
            return BODY if paragraph < TAIL_BEGINS else TAIL
        if paragraph < 0:
            return TITLE
        if start - self.starts[1] > LEAD_LENGTH:
            return BODY
        return LEAD if self.starts[1] > 1 else TITLE

    def evidence(self, piece: _Piece) -> Evidence:
        offset = self.starts[piece.paragraph + 1]
        surface = self.text[piece.start : piece.end]
        return Evidence(
            piece.paragraph, piece.start - offset, piece.end - offset, surface, round(piece.weight, 2), piece.kind
        )


def _unique(triggers: Iterable[_Trigger]) -> tuple[_Trigger, ...]:
    """One a topic: two triggers of one topic may share a form ("avocat", "avocate"); the weightier counts."""
    by_topic: dict[tuple[str, bool], _Trigger] = {}
    for trigger in triggers:
        key = (trigger.topic, trigger.weight > 0)
        if key not in by_topic or abs(by_topic[key].weight) < abs(trigger.weight):
            by_topic[key] = trigger
    return tuple(by_topic.values())


def _is_given(pieces: Sequence[_Piece]) -> bool:
    """Whether the evidence is enough: its sum, where it stands, and how many different words it has."""
    score = sum([piece.weight for piece in pieces])
    if score < THRESHOLD:
        return False
    firm = [piece for piece in pieces if piece.weight > 0 and not piece.place]
    words = {piece.family for piece in firm if piece.own >= LEAST}
    if not words:
        return False
    if any(piece.zone <= LEAD and piece.own >= LEAST for piece in firm):
        places = any(piece.place and piece.own >= FIRM_PLACE for piece in pieces)
        best = max(piece.own for piece in firm)
        if len(words) > 1 or places or (best >= FIRM and len(firm) > 1):
            return True
        return best >= STRONG and firm[0].zone == TITLE
    return len(words) > 1 and score >= BODY_THRESHOLD


def _not_repeated(topics: Sequence[str], pieces: dict[str, list[_Piece]]) -> list[str]:
    """Topics, best first, without those that rest on words better ones have already."""
    used: set[tuple[int, int]] = set()
    kept = []
    for topic in topics:
        own = {(piece.start, piece.end) for piece in pieces[topic] if piece.weight > 0}
        if own - used:
            kept.append(topic)
            used |= own
    return kept
