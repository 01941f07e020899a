"""What a dispatch is about: weighted triggers of the topics, and what led to each. Pure.

    words met (authorities/data/topics.tsv) + names mentioned -> scores with their evidence -> at most six paths

`TopicRules.decide` gives the topics with their scores and the words that led to them: the facet is their paths, and
what explains a facet value is the same result, computed again from the same text by the same code.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from authorities.model import PATH_SEPARATOR, Authorities
from indexer.names import NameFinder, Pattern, comparable
from mappings.dispatch import Mention

# A topic is given from this score on: one strong trigger in the lead, or two ordinary ones in the body.
TOPIC_THRESHOLD = 3.0
MOST_TOPICS = 6
# A word of the title says more of the subject than one of the tenth paragraph.
TITLE_WEIGHT, LEAD_WEIGHT, BODY_WEIGHT = 2.0, 2.0, 1.0
# The same trigger again adds little: a dispatch that says "vaccin" ten times is not ten times about vaccines.
MOST_REPEATS = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that count for a topic or against it: `body[paragraph][start:end]` is `surface` (paragraph -1: the title)."""

    paragraph: int
    start: int
    end: int
    surface: str
    weight: float  # what it added to the score; below 0 for what counts against
    kind: Literal["trigger", "negative", "entity"]


@dataclass(frozen=True, slots=True)
class TopicScore:
    """A topic given to a dispatch, by its path ("Économie > Commerce"), with the words that led to it."""

    path: str
    score: float
    evidence: tuple[Evidence, ...]


class _Trigger(NamedTuple):
    """A topic's trigger (weight > 0) or counter-trigger (weight < 0)."""

    topic: str
    weight: float


class TopicRules:
    """Scores topics; built once from the authorities, then a function of the dispatch alone."""

    def __init__(self, authorities: Authorities) -> None:
        self._finder = NameFinder(_topic_patterns(authorities))
        self._paths = {label: authorities.topic_path(label) for label in authorities.topics}
        self._hints: dict[str, list[tuple[str, float]]] = {}
        for topic in authorities.topics.values():
            for label, weight in topic.entities:
                self._hints.setdefault(label, []).append((topic.label, weight))

    def decide(
        self, title: str, body: Sequence[str], mentions: Iterable[Mention], agency: str | None = None
    ) -> tuple[TopicScore, ...]:
        """The topics of a dispatch, best first, at most `MOST_TOPICS`.

        `title` is empty when it was derived (it repeats the lead); `mentions` are the names found in the same title
        and body; the agency signs, so its name is no hint.
        """
        starts, at = [], 0
        for part in (title, *body):
            starts.append(at)
            at += len(part) + 1
        text = "\n".join((title, *body))
        lowered = comparable(text)
        evidence: dict[str, list[Evidence]] = {}
        heard: Counter[tuple[str, str]] = Counter()
        for found in self._finder.find(text, lowered):
            for trigger in found.meanings:
                assert isinstance(trigger, _Trigger)
                heard[trigger.topic, lowered[found.start : found.end]] += 1
                if heard[trigger.topic, lowered[found.start : found.end]] > MOST_REPEATS:
                    continue
                paragraph = bisect_right(starts, found.start) - 2
                offset = found.start - starts[paragraph + 1]
                surface = text[found.start : found.end]
                weight = trigger.weight * _place_weight(paragraph)
                evidence.setdefault(trigger.topic, []).append(
                    Evidence(
                        paragraph,
                        offset,
                        offset + len(surface),
                        surface,
                        weight,
                        "trigger" if weight > 0 else "negative",
                    )
                )
        if evidence:
            signs = (agency or "").casefold()
            hinted: set[str] = set()
            for mention in mentions:
                if mention.label in self._hints and mention.label not in hinted and mention.label.casefold() != signs:
                    hinted.add(mention.label)
                    for topic, weight in self._hints[mention.label]:
                        evidence.setdefault(topic, []).append(
                            Evidence(mention.paragraph, mention.start, mention.end, mention.surface, weight, "entity")
                        )
        scored = [
            TopicScore(self._paths[topic], sum(word.weight for word in words), tuple(words))
            for topic, words in evidence.items()
        ]
        best = sorted(
            (topic for topic in scored if topic.score >= TOPIC_THRESHOLD), key=lambda topic: (-topic.score, topic.path)
        )
        # A subject says its parent already.
        leaves = [
            topic for topic in best if not any(other.path.startswith(topic.path + PATH_SEPARATOR) for other in best)
        ]
        return tuple(leaves[:MOST_TOPICS])


def _place_weight(paragraph: int) -> float:
    return TITLE_WEIGHT if paragraph == -1 else LEAD_WEIGHT if paragraph == 0 else BODY_WEIGHT


def _topic_patterns(authorities: Authorities) -> Iterable[Pattern]:
    for topic in authorities.topics.values():
        for phrase, weight in topic.triggers:
            for form in inflections(phrase):
                yield Pattern(form, _Trigger(topic.label, weight), proper=False)
        for phrase, weight in topic.negative:
            for form in inflections(phrase):
                yield Pattern(form, _Trigger(topic.label, -weight), proper=False)


def inflections(phrase: str) -> set[str]:
    """The regular plural and feminine of a phrase: "accord signé" -> "accords signés"; "vaccin" -> "vaccins".

    Forms that do not exist in French cost nothing: they are never met.
    """
    words = phrase.split(" ")
    if len(words) == 1:
        return {phrase, phrase + "s", phrase + "e", phrase + "es"}
    plural = " ".join(word if word.endswith(("s", "x")) or len(word) < 4 else word + "s" for word in words)
    first = " ".join([words[0] + "s", *words[1:]])
    last = " ".join([*words[:-1], words[-1] + "s"])
    return {phrase, plural, first, last}
