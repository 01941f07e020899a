"""The feed of a saved search: what it announced, the newest first. Pure.

An entry is an announcement, not a dispatch: a withdrawal is one of its own, so that a reader who had read the dispatch is
told. Its date is that of the announcement, which a feed reader sorts by; the dispatch's own is `published`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alerts.announced import Announced
from alerts.models import Kind, SavedSearch
from search.entries import entry_of
from search.feeds import GENERATOR, Entry, Feed, tag
from search.formats.place import Place

# Entries of a feed. A reader that asks every quarter of an hour misses nothing of 200 an hour.
ENTRIES = 50

# What is put before the title of what changes something announced before.
CHANGES: dict[Kind, str] = {"new": "", "correction": "Correction : ", "withdrawal": "Annulation : "}


def feed_of(saved: SavedSearch, found: Sequence[Announced], place: Place, address: str) -> Feed:
    """The feed of these announcements; `address`: its own, absolute, its secret included."""
    return Feed(
        id=tag("alerte", saved.id),
        title=f"Alerte : {saved.name}",
        link=f"{place.address}/alertes/{saved.id}",
        address=address,
        updated=saved.updated,
        entries=tuple(_entry(saved, each, place) for each in found),
    )


def _entry(saved: SavedSearch, announced: Announced, place: Place) -> Entry:
    id = tag("alerte", saved.id, announced.dispatch, announced.kind)
    if announced.listed is None:
        gone = "Cette dépêche n’est plus dans l’archive."
        title = f"{CHANGES[announced.kind]}dépêche {announced.dispatch}"
        link = place.link(announced.dispatch)
        return Entry(id, title, link, announced.matched_at, None, GENERATOR, gone)
    entry = entry_of(announced.listed, place)
    title = f"{CHANGES[announced.kind]}{announced.listed.source['title']}" if CHANGES[announced.kind] else entry.title
    return replace(entry, id=id, title=title, updated=announced.matched_at)
