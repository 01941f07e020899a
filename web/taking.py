"""What of a search can be taken away: its files, with how many dispatches they hold, and its feeds."""

from __future__ import annotations

from dataclasses import dataclass

from engine.http import API_PREFIX
from engine.mount import mount
from search.export_feeds import FEEDS
from search.formats import FORMATS
from web import urls, wording
from web.refine import Link
from web.texts import gettext as _
from web.urls import KIND, UNDER, Pairs

# What changes how results are shown, and not which dispatches are found.
SHOWN = ("size", "facets", "facet_size", "often_with", "highlight", "group")


@dataclass(frozen=True, slots=True)
class Taking:
    """`announced` says how many dispatches a file will hold; there are no `files` of a search that finds too many."""

    announced: str
    files: tuple[Link, ...]
    feeds: tuple[Link, ...]

    @property
    def feed(self) -> Link:
        """The one a browser or a reader is told of."""
        return self.feeds[0]


def taking(pairs: Pairs, total: int, most: int) -> Taking:
    """What can be taken of a search that finds `total` dispatches; `most` in one file, 0: any number."""
    kept = tuple(pair for pair in urls.without(pairs, *SHOWN) if not pair[0].endswith((UNDER, KIND)))
    feeds = tuple(Link(label, _address(name, urls.without(kept, "sort"))) for name, (label, _, _) in FEEDS.items())
    if most and total > most:
        counted = wording.counted(most, "dépêche")
        told = _("Un fichier contient au plus %(count)s\u00a0: affinez la recherche", count=counted)
        return Taking(told, (), feeds)
    told = (
        _("Exporter la dépêche") if total < 2 else _("Exporter les %(count)s", count=wording.counted(total, "dépêche"))
    )
    return Taking(told, tuple(Link(form.label, _address(name, kept)) for name, form in FORMATS.items()), feeds)


def followed(pairs: Pairs) -> Pairs:
    """What of a search decides which dispatches it finds: what an alert is asked by."""
    kept = urls.without(pairs, *SHOWN, "sort", "interval")
    return tuple(pair for pair in kept if not pair[0].endswith((UNDER, KIND)))


def _address(name: str, pairs: Pairs) -> str:
    return urls.link(f"{mount()}{API_PREFIX}/export.{name}", pairs)
