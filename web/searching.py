"""The page of a search: its results, facets and timeline as plain links and forms, whole or the part that changes.

Where scripts run, `static/search.js` asks for what changes by htmx; everything it asks for is the address of a page
that can be had, kept and sent without any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from flask import Response, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from engine.errors import RequestError, http_status
from mappings.fields import FACETS, STATUS_LABELS
from search.api import archive
from search.bounds import local, written
from search.export_api import exports
from search.request import FacetFilter, SearchRequest
from search.result import ONE_OF, Instead, SearchResult
from search.schemas import SOUGHT, load_request, params_of
from web import urls, wording
from web.broken import Refused, mended
from web.pages import (
    OFTEN_WITH,
    PART_HEADERS,
    PORTRAITS,
    blueprint,
    form_of,
    home_of,
    is_part,
    item_of,
    last_level,
    portrait_href,
    words_only,
)
from web.refine import FacetList, Link, facet_lists, looked_for, often_with
from web.sentences import plain
from web.taking import followed, taking
from web.texts import gettext as _
from web.timeline import AXIS_HEIGHT, BARS_HEIGHT, HEIGHT, draw, wider
from web.urls import Pairs

# Stories are counted exactly up to about this many; of more, the count is told as near.
EXACT_COUNT = 1000

# Other names told of each; the rest are a title away.
MOST_NAMES = 4

# Filters named in the title of the window.
MOST_IN_TAB = 3

# The element that holds the values of a facet: what is asked for in its place is that facet alone.
LIST_ID = "valeurs-"

SVG = {"height": HEIGHT, "bars": BARS_HEIGHT, "axis": AXIS_HEIGHT}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force. `kind` is what it filters by ("Acteurs"), `href` the search without it.

    `ours`: the words are the page's, not the archive's.
    """

    kind: str
    text: str
    out: bool
    href: str
    full: str
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """Names known by others: each as typed, some of the others, all of them; `only` leads to the search as typed."""

    names: tuple[tuple[str, str, str], ...]
    only: Link


@blueprint.get("/")
def search_page() -> Response:
    """The search, its results, facets and timeline; without a query, the newest dispatches.

    Where something of it cannot be read: what was wrong, and the page of the rest.
    """
    pairs, prefixes = looked_for(urls.clean(request.args.items(multi=True)))
    facet = request.headers.get("HX-Target", "").removeprefix(LIST_ID)
    try:
        if is_part() and facet in FACETS:
            return _facet_alone(pairs, facet, prefixes)
        return _searched(pairs, prefixes)
    except RequestError as error:
        refused = mended(pairs, error, home_of)
    response = _mended(refused)
    if is_part():
        response.headers["HX-Push-Url"] = home_of((*pairs, *_prefix_pairs(prefixes)))
    return response


def _mended(refused: Refused) -> Response:
    """What was wrong, and the page of the rest where there is any."""
    if refused.rest is None:
        return _refused(refused)
    try:
        return _searched(refused.rest, {}, refused)
    except RequestError:
        return _refused(refused)


def _searched(pairs: Pairs, prefixes: Mapping[str, str], refused: Refused | None = None) -> Response:
    library = archive()
    # What the facets answer are canonical labels: links must speak of the same values.
    asked = library.canonical(load_request(MultiDict(pairs)))
    result = library.search(replace(asked, often_with=asked.often_with or OFTEN_WITH))
    inside = {facet: library.inside(asked, facet, prefix) for facet, prefix in prefixes.items()}
    pairs = urls.pairs_of(asked)
    chips = _chips(pairs, asked)
    follow = followed(pairs)
    form = form_of(pairs, asked.order)
    response = _page(
        "search.html",
        http_status(refused.error) if refused else 200,
        refused=refused,
        form=replace(form, q=refused.typed) if refused else form,
        q=asked.q.strip(),
        tab=_tab(asked.q.strip(), chips),
        result=result,
        understood=result.understood if result.says_more else None,
        widened=_widened(pairs, result),
        stories=_stories(result),
        undated=_undated(pairs, asked, result),
        chips=chips,
        portraits=_portraits(asked),
        meant=_meant(pairs, result),
        proposed=_proposed(pairs, result),
        instead=_instead(pairs, result),
        items=[item_of(hit, pairs, library.timezone) for hit in result.hits],
        facets=facet_lists(result.facets, inside, pairs, asked, home_of),
        often_with=often_with(result.often_with, pairs, home_of),
        drawing=draw(result.timeline),
        bar_href=lambda bar: home_of(urls.during(pairs, bar.start, bar.end)),
        wider=_wider(pairs, asked, library.timezone),
        svg=SVG,
        written=written,
        clear_href=home_of(words_only(pairs)),
        next=home_of(urls.changed(pairs, {}) + (("cursor", result.next),)) if result.next else None,
        previous=home_of(urls.changed(pairs, {}) + (("cursor", result.previous),)) if result.previous else None,
        first=home_of(urls.without(pairs)) if asked.cursor else None,
        taking=taking(pairs, result.total, exports().most),
        alert=urls.link(url_for("web.new_alert_page"), follow) if follow else None,
    )
    if is_part() and not refused:
        # The shortest address that means this search, whatever led here.
        response.headers["HX-Push-Url"] = home_of((*pairs, *_prefix_pairs(prefixes)))
    return response


def _facet_alone(pairs: Pairs, name: str, prefixes: Mapping[str, str]) -> Response:
    """The values of one facet, of those that begin as typed where something is: a third of the work of a whole page."""
    library = archive()
    asked = library.canonical(load_request(MultiDict(pairs)))
    only = replace(asked, facets=(name,), size=1, highlight=False, cursor=None, often_with=None)
    prefix = prefixes.get(name)
    inside = {name: library.inside(asked, name, prefix)} if prefix else {}
    pairs = urls.pairs_of(asked)
    lists: list[FacetList] = facet_lists(library.search(only).facets, inside, pairs, asked, home_of)
    response = _page("facet_part.html", 200, facet=lists[0] if lists else None)
    response.headers["HX-Replace-Url"] = home_of((*pairs, *_prefix_pairs(prefixes)))
    return response


def _prefix_pairs(prefixes: Mapping[str, str]) -> Pairs:
    return tuple((facet + urls.PREFIX, typed) for facet, typed in prefixes.items())


def _refused(refused: Refused) -> Response:
    """The page of a request of which nothing can be answered: why, and the searches that can, the form ready to correct."""
    typed = refused.typed
    form = form_of((*urls.without(refused.kept, "q"), ("q", typed)), "relevance" if typed else "newest")
    return _page("refused.html", http_status(refused.error), refused=refused, form=form, q=typed)


def _page(template: str, status: int, **shown: object) -> Response:
    layout = "part.html" if is_part() else "base.html"
    response = make_response(render_template(template, layout=layout, home=home_of(()), **shown), status)
    response.vary.update(PART_HEADERS)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


# -- what the page says of the search ----------------------------------------------------------------------------------


def _widened(pairs: Pairs, result: SearchResult) -> Known | None:
    """The names sought under other names too, and the search without those."""
    if result.as_typed is None:
        return None
    names = []
    for name in result.widened:
        more = len(name.others) - MOST_NAMES
        told = ", ".join(name.others[:MOST_NAMES])
        if more > 0:
            told = _("%(names)s et %(more)s") % {
                "names": told,
                "more": wording.counted(more, "autre nom", "autres noms"),
            }
        names.append((name.text, told, ", ".join(name.others)))
    only = (
        _("Chercher seulement «\u00a0%(name)s\u00a0»") % {"name": names[0][0]}
        if len(names) == 1
        else _("Chercher seulement ce qui est tapé")
    )
    return Known(tuple(names), Link(only, home_of(urls.changed(pairs, {"q": result.as_typed}))))


def _chips(pairs: Pairs, asked: SearchRequest) -> list[Chip]:
    chips = []
    for name, facet in FACETS.items():
        wanted = asked.filters.get(name, FacetFilter())
        for value in wanted.values:
            chips.append(
                Chip(
                    kind=_(facet.label),
                    text=last_level(value) if facet.hierarchical else _status_word(name, value),
                    out=value in wanted.none,
                    href=home_of(urls.dropped(pairs, name, value)),
                    full=value,
                    ours=name == "status",
                )
            )
    if asked.date_from or asked.date_to:
        words = wording.period(*_asked_period(asked, archive().timezone))
        chips.append(Chip(_("Dates"), words, False, home_of(urls.without(pairs, "from", "to")), words))
    if asked.dated:
        words = _("connues") if asked.dated == "yes" else _("inconnues")
        chips.append(Chip(_("Dates"), words, False, home_of(urls.without(pairs, "dated")), words))
    if asked.versions == "all":
        words = _("remplacées et annulées aussi")
        chips.append(Chip(_("Versions"), words, False, home_of(urls.without(pairs, "versions")), words))
    return chips


def _tab(q: str, chips: list[Chip]) -> str:
    """What tells this search from others in a row of tabs and in a history: its words and its first filters."""
    said = [f"{_('sauf')} {chip.text}" if chip.out else chip.text for chip in chips if chip.kind != _("Versions")]
    parts = ([q] if q else []) + said[:MOST_IN_TAB]
    return ", ".join(parts) + ("…" if len(said) > MOST_IN_TAB else "")


def _portraits(asked: SearchRequest) -> list[Link]:
    """The pages of the actors, places and subjects that are asked for."""
    wanted = {facet: asked.filters.get(facet, FacetFilter()) for facet in PORTRAITS}
    return [
        Link(last_level(value), portrait_href(facet, value) or "")
        for facet, values in wanted.items()
        for value in dict.fromkeys((*values.any, *values.all))
    ]


def _asked_period(asked: SearchRequest, timezone: str) -> tuple[date | None, date | None]:
    """The ends of the period asked for, instants in the archive's zone."""
    zone = ZoneInfo(timezone)
    first, last = (local(bound, zone) if bound else None for bound in (asked.date_from, asked.date_to))
    return first, last


def _wider(pairs: Pairs, asked: SearchRequest, timezone: str) -> Link | None:
    """The same search in a longer period."""
    found = wider(*_asked_period(asked, timezone))
    if found is None:
        return None
    return Link(
        _("Dézoomer\u00a0: %(period)s") % {"period": found.label}, home_of(urls.during(pairs, found.start, found.end))
    )


def _stories(result: SearchResult) -> str | None:
    """How many stories the dispatches found are: "en 12 histoires"."""
    if not result.stories:
        return None
    said = _("en environ %(stories)s") if result.stories > EXACT_COUNT else _("en %(stories)s")
    return said % {"stories": wording.counted(result.stories, "histoire")}


def _undated(pairs: Pairs, asked: SearchRequest, result: SearchResult) -> Link | None:
    """The dispatches whose date is unknown, where they are some of those found."""
    if asked.dated or not result.undated or result.undated == result.total:
        return None
    return Link(
        _("%(number)s\u00a0sans date") % {"number": wording.number(result.undated)},
        home_of(urls.changed(pairs, {"dated": "no"})),
    )


def _meant(pairs: Pairs, result: SearchResult) -> Link | None:
    """The query the reader may have meant, where something was found for what was typed; where not, `_instead` has it."""
    if result.instead or not result.did_you_mean:
        return None
    return Link(result.did_you_mean, home_of(urls.changed(pairs, {"q": result.did_you_mean})))


def _proposed(pairs: Pairs, result: SearchResult) -> list[Link]:
    """The facets that what was typed names: "Acteur : Wang Yi, 12 dépêches"."""
    return [
        Link(
            _(
                "%(label)s\u00a0: %(value)s, %(count)s",
                label=_(ONE_OF.get(way.facet, FACETS[way.facet].label)),
                value=way.label,
                count=wording.counted(way.count, "dépêche"),
            ),
            home_of(urls.ticked(urls.changed(pairs, {"q": way.q}), way.facet, way.value)),
        )
        for way in result.filters
    ]


def _instead(pairs: Pairs, result: SearchResult) -> list[tuple[Link, str]]:
    """The nearest searches that find something, each with how many."""
    shown = tuple(pair for pair in urls.without(pairs) if pair[0] not in SOUGHT)
    return [
        (
            Link(
                _("Chercher %(query)s") % {"query": plain(way.label)}
                if way.why == "spelling"
                else _capital(plain(way.label)),
                home_of((*_sought(way), *shown)),
            ),
            wording.counted(way.count, "dépêche"),
        )
        for way in result.instead
    ]


def _sought(way: Instead) -> Pairs:
    return tuple((name, value) for name, values in params_of(way.request).items() for value in values)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _status_word(facet: str, value: str) -> str:
    return wording.typeset(_(STATUS_LABELS.get(value, value))) if facet == "status" else value
