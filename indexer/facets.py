"""The facets of a dispatch and what is said in it: made from its text alone, so on any core. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from authorities.model import Authorities
from indexer.enrich import Enricher
from indexer.quotes import find_quotes
from indexer.topics import MOST_TOPICS
from mappings.dispatch import Dispatch, Mention, Quote


class Asked(NamedTuple):
    """What facets are made from. Plain values: processes pass them on cheaply."""

    title: str
    title_derived: bool
    body: tuple[str, ...]
    dateline: str | None
    agency: str | None
    subjects: tuple[str, ...]

    @classmethod
    def of(cls, dispatch: Dispatch) -> Asked:
        return cls(
            dispatch.title,
            dispatch.title_derived,
            dispatch.body,
            dispatch.received.get("dateline"),
            dispatch.agency,
            dispatch.subjects,
        )


class Made(NamedTuple):
    """Facets, and the mentions and quotes they rest on."""

    actors: tuple[str, ...]
    venues: tuple[str, ...]
    places: tuple[str, ...]
    topics: tuple[str, ...]
    mentions: tuple[Mention, ...]
    quotes: tuple[Quote, ...]

    def on(self, dispatch: Dispatch) -> Dispatch:
        """The dispatch with these."""
        return replace(
            dispatch,
            actors=self.actors,
            venues=self.venues,
            places=self.places,
            topics=self.topics,
            mentions=self.mentions,
            quotes=self.quotes,
        )


class Facets:
    """Makes facets; built once from the authorities."""

    def __init__(self, authorities: Authorities) -> None:
        self.authorities = authorities
        self.enricher = Enricher(authorities)
        self._topics = {
            topic.code: authorities.topic_path(topic.label) for topic in authorities.topics.values() if topic.code
        }

    def of(self, dispatch: Dispatch) -> Dispatch:
        """The dispatch with its facets, as the authorities are now."""
        return self.made(Asked.of(dispatch)).on(dispatch)

    def made(self, asked: Asked) -> Made:
        """The facets. Topics that the agency stated by their IPTC codes come first."""
        found = self.enricher.enrich(
            asked.title, asked.title_derived, asked.body, dateline_place=asked.dateline, agency=asked.agency
        )
        stated = [self._topics[code] for code in asked.subjects if code in self._topics]
        return Made(
            found.actors,
            found.venues,
            found.places,
            tuple(dict.fromkeys((*stated, *found.topics)))[:MOST_TOPICS],
            found.mentions,
            find_quotes(asked.body, found.mentions),
        )
