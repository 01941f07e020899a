"""Who, where, what about: the mentions of a dispatch and the facets that follow from them. Pure.

    names and people (indexer/mentions.py), names nobody listed (indexer/recognise.py)
    -> who acts (indexer/acting.py), where it happens (indexer/venues.py), every place, what about (indexer/topics.py)

docs/decisions/0008 says what an actor and a venue are, and how well they are found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from authorities.model import PATH_SEPARATOR, Authorities, fold
from indexer.acting import body_acts
from indexer.mentions import PLACE_ROLES, MentionFinder, Spot
from indexer.names import comparable
from indexer.people import Introduced, folded
from indexer.recognise import Recogniser
from indexer.recognise_text import Span
from indexer.running import RunningText
from indexer.topics import TopicRules
from indexer.venues import VenueRule
from mappings.dispatch import Mention

# Bodies through which their state acts too: "l'armée malienne" is Mali, "le ministère turc de la Défense" Turkey.
STATE_BODIES = frozenset({"army", "ministry"})
PLACE_KINDS = frozenset({"state", "region", "city"})
# What the recogniser says of a place, and what a body nobody listed is taken for.
UNLISTED_PLACE, UNLISTED_BODY = "place", "institution"
UNLISTED_RULES = frozenset({"named", "short", "repeated"})
AT_PLACE = re.compile(r"(?:\bà|\bde|\bd['’])\s?$")


@dataclass(frozen=True, slots=True)
class Enriched:
    """Facets and the mentions they rest on; `people` are those introduced whom no authority knows."""

    mentions: tuple[Mention, ...]
    actors: tuple[str, ...]
    venues: tuple[str, ...]
    places: tuple[str, ...]
    topics: tuple[str, ...]
    people: tuple[Introduced, ...] = ()


class Enricher:
    """Finds mentions and facets; built once from the authorities, then a function of the dispatch alone."""

    def __init__(self, authorities: Authorities) -> None:
        self._authorities = authorities
        self._mentions = MentionFinder(authorities)
        self._venues = VenueRule(authorities)
        self._topics = TopicRules(authorities)
        self._recogniser = Recogniser(authorities)
        self._agencies = {
            fold(name): body.label
            for body in authorities.organisations.values()
            if body.kind == "media"
            for name in (body.label, *body.acronym, *body.aliases)
        }

    def enrich(
        self,
        title: str,
        title_derived: bool,
        body: Sequence[str],
        *,
        dateline_place: str | None = None,
        agency: str | None = None,
    ) -> Enriched:
        """The facets of a dispatch.

        A derived title repeats the lead, so nothing is looked for in it; the agency signs and does not act.
        """
        shown = "" if title_derived else title
        running = RunningText.of(shown, body)
        compared = comparable(running.text)
        named = self._named(running, compared, dateline_place, agency)
        topics = self._topics.decide(shown, body, named.mentions, agency, compared=compared)
        return replace(named, topics=tuple([topic.path for topic in topics]))

    def without_topics(
        self,
        title: str,
        title_derived: bool,
        body: Sequence[str],
        *,
        dateline_place: str | None = None,
        agency: str | None = None,
    ) -> Enriched:
        """The same, but for what it is about."""
        running = RunningText.of("" if title_derived else title, body)
        return self._named(running, comparable(running.text), dateline_place, agency)

    def _named(self, running: RunningText, compared: str, dateline_place: str | None, agency: str | None) -> Enriched:
        found = self._mentions.find(running, compared)
        spots = self._with_unlisted(running.text, found.spots)
        spots = self._without_dateline_actors(running, spots, dateline_place)
        called = fold(agency or "")
        signs = {called, fold(self._agencies.get(called, ""))}
        venues = self._venues.venues(running, spots, dateline_place)
        places = [
            spot.label
            for spot in spots
            if spot.kind == UNLISTED_PLACE or (spot.kind in PLACE_KINDS and spot.rule in PLACE_ROLES)
        ]
        return Enriched(
            mentions=tuple([_mention(running, spot) for spot in spots]),
            actors=_by_frequency(label for label in self._acting(running.text, spots) if folded(label) not in signs),
            venues=venues,
            places=_by_frequency([*places, *(path.split(PATH_SEPARATOR)[-1] for path in venues)]),
            topics=(),
            people=found.people,
        )

    def _acting(self, text: str, spots: Iterable[Spot]) -> Iterator[str]:
        for spot in spots:
            if spot.rule in UNLISTED_RULES and spot.kind == "person" and " " not in spot.label:
                continue  # "Mme Wang": of whom nothing more is said, it may be anybody
            if spot.kind == "person" or spot.rule == "metonym":
                yield spot.label
            elif spot.kind == "organisation":
                body = self._authorities.organisations.get(spot.label)
                if body_acts(text, spot.start, spot.label, body.kind if body else UNLISTED_BODY):
                    yield spot.label
                    if body and body.kind in STATE_BODIES and len(body.country) == 1:
                        yield body.country[0]
            elif spot.kind == "state" and spot.acts:
                yield spot.label

    def _with_unlisted(self, text: str, spots: Sequence[Spot]) -> Sequence[Spot]:
        """With the names no authority has, but for those documentalists put aside; in the order of the text."""
        aside = self._authorities.rejected
        if aside:
            spots = [s for s in spots if folded(s.label) not in aside or self._authorities.kind(s.label) is not None]
        known = [Span(spot.start, spot.end, spot.kind, spot.rule, spot.label) for spot in spots]
        names = [
            name
            for name in self._recogniser.names(text, known)
            # "rue de Londres", "boulevard du Régent": addresses, by which nobody looks for a dispatch
            if folded(name.label) not in aside and not (name.kind == UNLISTED_PLACE and name.label[0].islower())
        ]
        if not names:
            return spots
        replaced = {(span.start, span.end) for name in names for span in name.replaces}
        kept = [spot for spot in spots if (spot.start, spot.end) not in replaced]
        return sorted([*kept, *(Spot(name.start, name.end, name.label, name.kind, name.rule) for name in names)])

    def _without_dateline_actors(
        self, running: RunningText, spots: Sequence[Spot], dateline: str | None
    ) -> Sequence[Spot]:
        """The town of the dateline is no company of that name, nor where the text goes on about it: "ORANGE", "à Orange"."""
        if not dateline:
            return spots
        town = self._venues.is_dateline_town(dateline)
        start, end = self._venues.dateline_end(running, dateline)
        kept = []
        for spot in spots:
            inside = start <= spot.start < end
            same = (
                town is not None
                and spot.kind in ("organisation", "state")
                and spot.end - spot.start == len(dateline)
                and fold(running.text[spot.start : spot.end]) == fold(dateline)
            )
            if same and _may_be_town(running.text, spot, inside):
                kept.append(spot._replace(label=town or spot.label, kind="city", rule="label"))
            elif not (inside and spot.kind == "organisation"):
                kept.append(spot)
        return kept


def _may_be_town(text: str, spot: Spot, inside: bool) -> bool:
    """ "ORANGE, 9 juillet" and "à Orange" are the town, "Orange a publié" the company; "MEXICO" is no state."""
    if inside:
        return spot.kind in ("organisation", "state")
    return spot.kind == "organisation" and AT_PLACE.search(text[max(0, spot.start - 6) : spot.start]) is not None


def _mention(running: RunningText, spot: Spot) -> Mention:
    paragraph, start = running.paragraph(spot.start)
    surface = running.text[spot.start : spot.end]
    return Mention(spot.label, spot.kind, paragraph, start, start + len(surface), surface, spot.rule)


def _by_frequency(labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(label for label, _ in Counter(labels).most_common())
