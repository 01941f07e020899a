"""The words found in a dispatch, numbered, so that a reader can go from one to the next.

Each has an anchor, `#hit-3`, just before it. In it are the ways to the one before and the one after, which the style
sheet shows only there where the reader is (`:target`): no script is needed. `static/jump.js` adds the keys n and p.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from search.marks import Marked, Span
from web.texts import gettext as _
from web.texts import language
from web.wording import number

# A word in every line of a book: beyond so many, marks have no anchor. A page of a thousand has 250 KB of them.
MOST_ANCHORS = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one text of the page. `first`: the number of the first of `spans`; `total`: of all the page."""

    spans: tuple[Span, ...] = ()
    first: int = 1
    total: int = 0

    def anchor(self, at: int) -> str:
        """The anchor of the span at that place of `spans`, as HTML."""
        own = self.first + at
        reached = min(self.total, MOST_ANCHORS)
        if own > reached:
            return ""
        before, after = own - 1 or reached, own % reached + 1
        place = _("%(number)s\u00a0sur\u00a0%(total)s", number=number(own), total=number(self.total))
        # The text around it may be of another language.
        return (
            f'<span class="hit" id="hit-{own}"><span class="jump" lang="{language()}">'
            f'<a href="#hit-{before}" rel="prev" title="{_("Occurrence précédente")}"><span aria-hidden="true">↑</span>'
            f'<span class="hidden">{_("Précédente")}</span></a> {place} '
            f'<a href="#hit-{after}" rel="next" title="{_("Occurrence suivante")}"><span aria-hidden="true">↓</span>'
            f'<span class="hidden">{_("Suivante")}</span></a></span></span>'
        )


def numbered(title: Marked | None, body: Sequence[Marked]) -> tuple[Found, tuple[Found, ...], int]:
    """What was found in the title, in each paragraph, and in all: numbered in the order of the page."""
    texts = [title.found if title else (), *(paragraph.found for paragraph in body)]
    total = sum(map(len, texts))
    found: list[Found] = []
    first = 1
    for spans in texts:
        found.append(Found(spans, first, total))
        first += len(spans)
    return found[0], tuple(found[1:]), total
