"""A search as a feed: its newest dispatches, and what the feed calls itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from search.entries import entry_of
from search.feeds import ATOM_TYPE, RSS_TYPE, Feed, atom, rss, tag
from search.formats.place import Place
from search.request import FacetFilter, SearchRequest
from search.service import Archive
from search.titles import title

# By name: its label, the type HTTP sends it as, how it is written.
FEEDS: dict[str, tuple[str, str, Callable[[Feed], bytes]]] = {
    "atom": ("Atom", ATOM_TYPE, atom),
    "rss": ("RSS", RSS_TYPE, rss),
}


def newest(asked: SearchRequest) -> SearchRequest:
    """The request whose answer is a feed: the newest first, dispatches the agency withdrew among those in force.

    A reader that holds a dispatch must be told that it was withdrawn; one that is left out would only be forgotten.
    """
    filters = asked.filters
    if asked.versions == "current" and "status" not in filters:
        filters = {**filters, "status": FacetFilter(any=("current", "withdrawn"))}
    return replace(
        asked, filters=filters, sort="newest", facets=(), often_with=None, group="none", highlight=False, cursor=None
    )


def feed_of(
    archive: Archive, asked: SearchRequest, pairs: Iterable[tuple[str, str]], place: Place, address: str
) -> Feed:
    """The feed of a request that `newest` made.

    Args:
        pairs: the parameters as they were given: they are the feed's identity, and lead to the same list as a page.
        address: the absolute address of the feed.

    Raises:
        RequestError, EngineError: as a search.
    """
    pairs = [(name, value) for name, value in pairs if name != "size"]
    query = f"?{urlencode(pairs)}" if pairs else ""
    # Not the filter that `newest` added.
    name = title(replace(asked, filters={facet: each for facet, each in asked.filters.items() if facet != "status"}))
    return Feed(
        # The same search is the same feed, whatever the order of its parameters.
        id=tag("recherche", "&".join(f"{name}={value}" for name, value in sorted(pairs))),
        title=f"Dépêches : {name}" if name else "Dépêches",
        link=f"{place.address}/{query}",
        address=address,
        updated=datetime.now(UTC),
        entries=tuple(entry_of(hit, place) for hit in archive.search(asked).hits),
    )
