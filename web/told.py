"""One announcement of an alert as pages show it: on the alert's own page, and on the page of what a letter had no room for."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.announced import Announced
from alerts.models import Kind
from web import wording
from web.pages import Item, item_of
from web.texts import gettext as _
from web.texts import noted
from web.urls import Pairs

# In the language of whoever looks, with the instant.
KIND_WORDS: dict[Kind, str] = {
    "new": noted("Trouvée le %(when)s"),
    "correction": noted("Correction, trouvée le %(when)s"),
    "withdrawal": noted("Annulation, reçue le %(when)s"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What happened and when, and the dispatch; None when the archive has it no more."""

    words: str
    dispatch: str
    item: Item | None


def told_of(each: Announced, pairs: Pairs, timezone: str) -> Told:
    """`pairs`: the question of the alert, so that the dispatch is opened with its words marked."""
    words = _(KIND_WORDS[each.kind], when=wording.when(each.matched_at, "minute", timezone))
    return Told(words, each.dispatch, item_of(each.listed, pairs, timezone) if each.listed else None)
