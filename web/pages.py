"""The pages: searching and reading, rendered whole by the server, as plain links and forms."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, g, make_response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from access.scopes import Caller
from authorities.model import PATH_SEPARATOR
from engine.errors import (
    BadCursor,
    DispatchNotFound,
    QuerySyntaxError,
    RequestError,
    http_status,
)
from engine.http import API_PREFIX, RETRY_AFTER
from mappings.dispatch import Dispatch, Precision, Repair, path_levels
from mappings.fields import FACET_FIELDS, FACETS, STATUS_LABELS
from search.api import archive
from search.bounds import local, read_bound
from search.export_api import exports
from search.history import History
from search.request import LONGEST_QUERY, FacetFilter, SearchRequest, Sort
from search.result import FacetValue, Hit, Instead, SearchResult
from search.schemas import SOUGHT, links, load_request, params_of
from web import french, mentions, texts, urls
from web.alike import alike
from web.guide import guide
from web.history import Story, anchor, story
from web.jump import numbered
from web.refine import Link, facet_lists, looked_for, often_with
from web.taking import followed, taking
from web.timeline import AXIS_HEIGHT, BARS_HEIGHT, HEIGHT, draw, wider
from web.urls import FACET_PARAMETERS, KIND, UNDER, Pairs

blueprint = Blueprint(
    "web", __name__, template_folder="templates", static_folder="static", static_url_path="/static/web"
)
blueprint.add_app_template_filter(french.number, "number")
blueprint.add_app_template_filter(french.typeset, "typeset")
blueprint.add_app_template_global(french.counted, "counted")
blueprint.record_once(lambda state: texts.install(state.app))

# Stories are counted exactly up to about this many; of more, the count is told as near.
EXACT_COUNT = 1000

# What the form asks for in fields of its own, or what goes with them; the rest it carries along, hidden.
FORM_FIELDS = ("q", "from", "to", "interval", "sort", "versions", "group", "cursor")

SORT_LABELS: dict[Sort, str] = {
    "relevance": "pertinence",
    "newest": "les plus récentes",
    "oldest": "les plus anciennes",
}

# Of which facet the pages say what is often with the dispatches found.
OFTEN_WITH = "actor"

# Other names told of each; the rest are a title away.
MOST_NAMES = 4

# What else of a search a dispatch's address carries, to lead back to it.
CARRIED = ("dated", "size", "facets", "facet_size", "often_with", "highlight")

PARAMETER_WORDS = {
    "q": "les mots",
    "from": "la date de début",
    "to": "la date de fin",
    "sort": "l’ordre",
    "size": "le nombre par page",
    "cursor": "la page",
    "versions": "le choix des versions",
    "group": "le regroupement par histoire",
    "dated": "le choix des dates connues",
}

STATUS_BANNERS = {
    "superseded": "Cette dépêche a été remplacée par une version plus récente.",
    "corrected": "Cette dépêche a été corrigée depuis par l’agence.",
    "withdrawn": "Cette dépêche a été annulée par l’agence\u00a0: ne pas l’utiliser.",
}

# Title and advice of an error page, by status; the detail comes with the error.
ERROR_WORDS: dict[int, tuple[str, str]] = {
    400: ("Demande incomprise", "Corrigez l’adresse, ou repartez de la recherche."),
    401: ("Qui êtes-vous\u00a0?", "Connectez-vous par le portail, ou demandez un accès à l’exploitant de l’archive."),
    403: ("Accès refusé", "Demandez cet accès à l’exploitant de l’archive."),
    404: ("Page introuvable", "Vérifiez l’adresse, ou retrouvez la dépêche par ses mots."),
    405: ("Méthode refusée", "Repartez de la recherche."),
    429: ("Trop de demandes", "Patientez quelques instants, puis rechargez la page."),
    500: (
        "Erreur interne",
        "Rechargez la page\u00a0; si l’erreur revient, signalez-la avec l’heure et l’adresse.",
    ),
    503: (
        "Le moteur ne répond pas",
        "Rechargez la page dans quelques instants. Si cela dure, prévenez l’exploitant de l’archive\u00a0: "
        "la commande «\u00a0depeches doctor\u00a0» dit ce qui manque.",
    ),
    504: (
        "Le moteur met trop de temps à répondre",
        "Rechargez la page, ou réduisez la recherche\u00a0: une période plus courte, des mots plus précis.",
    ),
}


# -- what the templates show -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force. `kind` is what it filters by ("Acteurs"), `href` the search without it."""

    kind: str
    text: str
    out: bool
    href: str
    full: str


@dataclass(frozen=True, slots=True)
class Known:
    """Names known by others: each as typed, some of the others, all of them; `only` leads to the search as typed."""

    names: tuple[tuple[str, str, str], ...]
    only: Link


@dataclass(frozen=True, slots=True)
class Item:
    """One result. `title` and `passages` may hold `<mark>`; nothing else in them is HTML. A passage leads to its place.

    `version` and `folded` lead to the versions of the dispatch; None for a first version, a story of one.
    """

    href: str
    title: str
    derived: bool
    passages: tuple[Link, ...]
    lead: str
    flags: tuple[str, ...]
    agency: str | None
    date: str
    stamp: str | None
    venue: str | None
    version: Link | None
    folded: Link | None


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of the search form, and the parameters it carries along."""

    q: str
    date_from: str
    date_to: str
    sorts: tuple[tuple[str, str, bool], ...]  # value, label, whether selected
    all_versions: bool
    by_story: bool
    hidden: Pairs
    longest: int = LONGEST_QUERY


# -- searching -------------------------------------------------------------------------------------------------------


@blueprint.get("/")
def search_page() -> Response:
    """The search, its results, facets and timeline; without a query, the newest dispatches."""
    pairs, prefixes = looked_for(urls.clean(request.args.items(multi=True)))
    library = archive()
    try:
        # What the facets answer are canonical labels: links must speak of the same values.
        asked = library.canonical(load_request(MultiDict(pairs)))
        result = library.search(replace(asked, often_with=asked.often_with or OFTEN_WITH))
        inside = {facet: library.inside(asked, facet, prefix) for facet, prefix in prefixes.items()}
    except RequestError as error:
        return _refused(pairs, error)
    pairs = urls.pairs_of(asked)
    return make_response(
        render_template(
            "search.html",
            form=form_of(pairs, asked.order),
            q=asked.q.strip(),
            result=result,
            understood=result.understood if result.says_more else None,
            widened=_widened(pairs, result),
            stories=_stories(result),
            undated=_undated(pairs, asked, result),
            chips=_chips(pairs, asked),
            meant=_meant(pairs, result),
            proposed=_proposed(pairs, result),
            instead=_instead(pairs, result),
            items=[item_of(hit, pairs, library.timezone) for hit in result.hits],
            facets=facet_lists(result.facets, inside, pairs, asked, _home),
            often_with=often_with(result.often_with, pairs, _home),
            drawing=draw(result.timeline),
            bar_href=lambda bar: _home(urls.during(pairs, bar.start, bar.end)),
            wider=_wider(pairs, asked, library.timezone),
            svg={"height": HEIGHT, "bars": BARS_HEIGHT, "axis": AXIS_HEIGHT},
            clear_href=_home(_words_only(pairs)),
            home=_home(()),
            next=_home(urls.changed(pairs, {}) + (("cursor", result.next),)) if result.next else None,
            previous=_home(urls.changed(pairs, {}) + (("cursor", result.previous),)) if result.previous else None,
            first=_home(urls.without(pairs)) if asked.cursor else None,
            taking=taking(pairs, result.total, exports().most),
            alert=urls.link(url_for("web.new_alert_page"), followed(pairs)) if followed(pairs) else None,
        )
    )


def _home(pairs: Pairs, fragment: str = "") -> str:
    return urls.link(url_for("web.search_page"), pairs, fragment)


def _words_only(pairs: Pairs) -> Pairs:
    return tuple(pair for pair in pairs if pair[0] == "q")


def _refused(pairs: Pairs, error: RequestError) -> Response:
    """The page of a request that cannot be answered: why, and the searches that can, with the form ready to correct."""
    cures = _cures(pairs, error)
    sound = cures[0][1] if cures else _words_only(pairs)
    words = dict(pairs).get("q", "")
    ways = [Link(f"Chercher sans {_parameter_words(name)}", _home(kept)) for name, kept in cures]
    if isinstance(error, QuerySyntaxError) and error.suggestion:
        ways.insert(0, Link(f"Chercher {error.suggestion}", _home(urls.changed(pairs, {"q": error.suggestion}))))
    page = render_template(
        "refused.html",
        form=form_of((*urls.without(sound, "q"), *_words_only(pairs)), "relevance" if words else "newest"),
        q=words,
        error=error,
        ways=ways,
        home=_home(()),
    )
    return make_response(page, http_status(error))


def _parameter_words(name: str) -> str:
    return PARAMETER_WORDS.get(name) or f"«{french.NBSP}{name[:80]}{french.NBSP}»"


def _cures(pairs: Pairs, error: RequestError) -> list[tuple[str, Pairs]]:
    """The parameters without which the request could be read, each with what remains."""
    if isinstance(error, BadCursor):
        return [("cursor", urls.without(pairs))]
    found = []
    for name in dict.fromkeys(name for name, _ in pairs):
        kept = urls.without(pairs, name)
        try:
            load_request(MultiDict(kept))
        except RequestError:
            continue
        found.append((name, kept))
    return found


def form_of(pairs: Pairs, order: Sort) -> Form:
    """The form of a search. The sort in force by default has no value: it follows the query that is typed next."""
    given = dict(pairs)
    default: Sort = "relevance" if given.get("q") else "newest"
    offered = [sort for sort in SORT_LABELS if sort == default or sort != "relevance"]
    offered.sort(key=lambda sort: sort != default)
    return Form(
        q=given.get("q", ""),
        date_from=_field_value(given.get("from", ""), last=False),
        date_to=_field_value(given.get("to", ""), last=True),
        sorts=tuple(("" if sort == default else sort, SORT_LABELS[sort], sort == order) for sort in offered),
        all_versions=given.get("versions") == "all",
        by_story=given.get("group") == "story",
        hidden=tuple(pair for pair in pairs if pair[0] not in FORM_FIELDS),
    )


def _widened(pairs: Pairs, result: SearchResult) -> Known | None:
    """The names sought under other names too, and the search without those."""
    if result.as_typed is None:
        return None
    names = []
    for name in result.widened:
        more = len(name.others) - MOST_NAMES
        told = ", ".join(name.others[:MOST_NAMES]) + (
            f" et {french.counted(more, 'autre nom', 'autres noms')}" if more > 0 else ""
        )
        names.append((name.text, told, ", ".join(name.others)))
    only = f"«{french.NBSP}{names[0][0]}{french.NBSP}»" if len(names) == 1 else "ce qui est tapé"
    return Known(tuple(names), Link(f"Chercher seulement {only}", _home(urls.changed(pairs, {"q": result.as_typed}))))


def _field_value(written: str, *, last: bool) -> str:
    """An end of the period as a field for days, or for minutes, holds it: in the archive's zone, without its name."""
    try:
        bound = local(read_bound(written, last=last), ZoneInfo(archive().timezone))
    except ValueError:
        return ""
    return f"{bound:%Y-%m-%dT%H:%M}" if isinstance(bound, datetime) else bound.isoformat()


def _chips(pairs: Pairs, asked: SearchRequest) -> list[Chip]:
    chips = []
    for name, facet in FACETS.items():
        wanted = asked.filters.get(name, FacetFilter())
        for value in wanted.values:
            chips.append(
                Chip(
                    kind=facet.label,
                    text=_last(value) if facet.hierarchical else _status_word(name, value),
                    out=value in wanted.none,
                    href=_home(urls.dropped(pairs, name, value)),
                    full=value,
                )
            )
    if asked.date_from or asked.date_to:
        words = french.period(*_asked_period(asked, archive().timezone))
        chips.append(Chip("Dates", words, False, _home(urls.without(pairs, "from", "to")), words))
    if asked.dated:
        words = "connues" if asked.dated == "yes" else "inconnues"
        chips.append(Chip("Dates", words, False, _home(urls.without(pairs, "dated")), words))
    if asked.versions == "all":
        words = "remplacées et annulées aussi"
        chips.append(Chip("Versions", words, False, _home(urls.without(pairs, "versions")), words))
    return chips


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
    return Link(f"Dézoomer{french.NBSP}: {found.label}", _home(urls.during(pairs, found.start, found.end)))


def _stories(result: SearchResult) -> str | None:
    """How many stories the dispatches found are: "en 12 histoires"."""
    if not result.stories:
        return None
    about = "environ " if result.stories > EXACT_COUNT else ""
    return f"en {about}{french.counted(result.stories, 'histoire')}"


def _undated(pairs: Pairs, asked: SearchRequest, result: SearchResult) -> Link | None:
    """The dispatches whose date is unknown, where they are some of those found."""
    if asked.dated or not result.undated or result.undated == result.total:
        return None
    return Link(f"{french.number(result.undated)}{french.NBSP}sans date", _home(urls.changed(pairs, {"dated": "no"})))


def _meant(pairs: Pairs, result: SearchResult) -> Link | None:
    """The query the reader may have meant, where something was found for what was typed; where not, `_instead` has it."""
    if result.instead or not result.did_you_mean:
        return None
    return Link(result.did_you_mean, _home(urls.changed(pairs, {"q": result.did_you_mean})))


def _proposed(pairs: Pairs, result: SearchResult) -> list[Link]:
    """The facets that what was typed names: "Acteur : Wang Yi, 12 dépêches"."""
    return [
        Link(
            f"{french.typeset(way.told)}, {french.counted(way.count, 'dépêche')}",
            _home(urls.ticked(urls.changed(pairs, {"q": way.q}), way.facet, way.value)),
        )
        for way in result.filters
    ]


def _instead(pairs: Pairs, result: SearchResult) -> list[tuple[Link, str]]:
    """The nearest searches that find something, each with how many."""
    shown = tuple(pair for pair in urls.without(pairs) if pair[0] not in SOUGHT)
    return [
        (
            Link(
                f"Chercher {french.typeset(way.label)}"
                if way.why == "spelling"
                else _capital(french.typeset(way.label)),
                _home((*_sought(way), *shown)),
            ),
            french.counted(way.count, "dépêche"),
        )
        for way in result.instead
    ]


def _sought(way: Instead) -> Pairs:
    return tuple((name, value) for name, values in params_of(way.request).items() for value in values)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def item_of(hit: Hit, pairs: Pairs, timezone: str) -> Item:
    source = hit.source
    moment = datetime.fromisoformat(source["published"]) if source.get("published") else None
    precision: Precision = source["date_precision"]
    title, lead = source["title"], source.get("lead", "")
    versions, folded = urls.link(url_for("web.versions_page", id=hit.id), pairs), hit.folded
    href = urls.link(url_for("web.dispatch_page", id=hit.id), pairs)
    return Item(
        href=href,
        title=Markup(hit.title_highlight) if hit.title_highlight else title,
        derived=source["title_derived"],
        passages=tuple(
            Link(Markup(passage), f"{href}#hit-{place}")
            for passage, place in zip(hit.body_highlights, hit.body_places, strict=True)
        ),
        lead=french.continuation(title, lead) if source["title_derived"] else lead,
        flags=_flags(
            source["title_derived"],
            french.is_uncertain(moment, precision, source["date_basis"]),
            source["status"],
        ),
        agency=source.get("agency"),
        date=french.dated(moment, precision, source.get("date_text"), timezone),
        stamp=french.stamp(moment, precision, timezone),
        venue=_last(source["venues"][0]) if source.get("venues") else None,
        version=Link(f"version{french.NBSP}{source['version']}", versions) if source["version"] > 1 else None,
        folded=Link(f"{french.counted(folded.count, 'dépêche')} dans cette histoire", versions)
        if folded and folded.count > 1
        else None,
    )


def _flags(title_derived: bool, date_uncertain: bool, status: str) -> tuple[str, ...]:
    flags = []
    if status != "current":
        flags.append(STATUS_LABELS[status])
    if title_derived:
        flags.append("titre reconstitué")
    if date_uncertain:
        flags.append("date incertaine")
    return tuple(flags)


def _last(path: str) -> str:
    return path.split(PATH_SEPARATOR)[-1]


def _status_word(facet: str, value: str) -> str:
    return STATUS_LABELS.get(value, value) if facet == "status" else value


# -- reading ---------------------------------------------------------------------------------------------------------


@blueprint.get("/depeches/<id>")
def dispatch_page(id: str) -> Response:
    """One dispatch, whole, the words of `q` marked; the other parameters lead back to the search it was found by."""
    library = archive()
    try:
        dispatch, history = library.history(id, compare=False)
    except DispatchNotFound as error:
        return error_page(http_status(error), "Dépêche introuvable", error.detail)
    pairs = _carried_pairs()
    q = dict(pairs).get("q", "")
    in_title, in_body, total = numbered(*library.marked(dispatch, q))
    return make_response(
        render_template(
            "dispatch.html",
            form=form_of(_words_only(pairs), "relevance"),
            q=q,
            dispatch=dispatch,
            title=mentions.linked(dispatch.title, in_title, ()),
            body=mentions.body(dispatch, in_body, lambda facet, value: _home(((facet, value),))),
            found=total,
            # Not with the search that led here: what is near need not meet it.
            alike=alike(library.similar(dispatch), lambda id: url_for("web.dispatch_page", id=id), library.timezone),
            flags=_flags(
                dispatch.title_derived,
                french.is_uncertain(dispatch.published, dispatch.date_precision, dispatch.date_basis),
                dispatch.status if dispatch.status not in STATUS_BANNERS else "current",
            ),
            doubt=french.BASIS_WORDS[dispatch.date_basis]
            if french.is_uncertain(dispatch.published, dispatch.date_precision, dispatch.date_basis)
            else None,
            banner=STATUS_BANNERS.get(dispatch.status),
            story=_story(dispatch, history, pairs),
            versions=urls.link(url_for("web.versions_page", id=dispatch.id), pairs, anchor(dispatch.id)),
            raw=f"{links(dispatch.id)['self']}/raw",
            embargo=french.when(dispatch.embargo, "minute", library.timezone)
            if dispatch.embargo and dispatch.embargo > datetime.now(UTC)
            else None,
            date=french.dated(dispatch.published, dispatch.date_precision, dispatch.date_text, library.timezone),
            stamp=french.stamp(dispatch.published, dispatch.date_precision, library.timezone),
            updated=french.when(dispatch.updated, "minute", library.timezone)
            if dispatch.updated and dispatch.updated != dispatch.published
            else None,
            received=french.when(dispatch.ingested_at, "minute", library.timezone) if dispatch.ingested_at else None,
            subjects=_subjects(dispatch),
            evidence=_evidence(dispatch),
            often_with=_often_with(dispatch),
            restored=restored_words(dispatch.body, dispatch.repairs),
            back=_home(pairs),
            json=links(dispatch.id)["self"],
            canonical=url_for("web.dispatch_page", id=dispatch.id),
        )
    )


@blueprint.get("/depeches/<id>/versions")
def versions_page(id: str) -> Response:
    """The versions of a dispatch, what changed from one to the next, and what other agencies sent of the same story."""
    try:
        dispatch, history = archive().history(id, compare=True)
    except DispatchNotFound as error:
        return error_page(http_status(error), "Dépêche introuvable", error.detail)
    pairs = _carried_pairs()
    return make_response(
        render_template(
            "versions.html",
            form=form_of(_words_only(pairs), "relevance"),
            q=dict(pairs).get("q", ""),
            dispatch=dispatch,
            story=_story(dispatch, history, pairs),
            total=len(history.chain) + history.earlier + history.later,
            back=urls.link(url_for("web.dispatch_page", id=dispatch.id), pairs),
        )
    )


def _story(dispatch: Dispatch, history: History, pairs: Pairs) -> Story:
    return story(
        dispatch,
        history,
        archive().timezone,
        href=lambda id: urls.link(url_for("web.dispatch_page", id=id), pairs),
        versions_href=lambda id: urls.link(url_for("web.versions_page", id=id), pairs),
    )


def _carried_pairs() -> Pairs:
    """The search a dispatch was found by, to be carried along."""
    return tuple(pair for pair in urls.clean(request.args.items(multi=True)) if _carried(pair[0]))


def _carried(name: str) -> bool:
    return name in FACET_PARAMETERS or name.endswith((UNDER, KIND)) or name in FORM_FIELDS or name in CARRIED


def restored_words(body: tuple[str, ...], repairs: Iterable[Repair]) -> list[str]:
    """The words in which lost letters were given back, in the order of the text, each once."""
    words: dict[str, None] = {}
    for repair in repairs:
        if not 0 <= repair.paragraph < len(body):
            continue
        for word in re.finditer(r"[\w'’-]+", body[repair.paragraph]):
            if word.start() <= repair.offset < word.end():
                words[word[0]] = None
    return list(words)


def _subjects(dispatch: Dispatch) -> list[tuple[str, list[list[Link]]]]:
    """What the dispatch is about, facet by facet: each value as links, a path as one link a level."""
    return [
        (
            facet.label,
            [
                [
                    Link(_last(level), _home(((name, level),)))
                    for level in (path_levels(value) if facet.hierarchical else [value])
                ]
                for value in found
            ],
        )
        for name, facet in FACETS.items()
        # The agency and the status stand above the text.
        if not facet.single and (found := getattr(dispatch, FACET_FIELDS[name]))
    ]


def _evidence(dispatch: Dispatch) -> list[tuple[str, list[mentions.Evidence]]]:
    """Why the dispatch has its facets, facet by facet."""
    further: mentions.Further | None = current_app.extensions.get(mentions.EXTENSION)
    found = mentions.evidence(dispatch, further(dispatch) if further else ())
    groups = [(label, list(values)) for label, values in groupby(found, key=lambda each: each.facet)]
    # Of what nothing is told at all, nobody was asked.
    return [(label, values) for label, values in groups if any(each.words for each in values)]


def _often_with(dispatch: Dispatch) -> tuple[str, list[tuple[Link, FacetValue]]] | None:
    """Who is often with the one who is most in the dispatch."""
    values = getattr(dispatch, FACET_FIELDS[OFTEN_WITH])
    found = archive().often_with(OFTEN_WITH, values[0]) if values else None
    if not found or not found.values:
        return None
    return values[0], often_with(found, ((OFTEN_WITH, values[0]),), _home)


# -- help ------------------------------------------------------------------------------------------------------------


@blueprint.get("/aide/requete")
def guide_page() -> Response:
    """How to write a query."""
    title, text = guide(_home(()))
    return make_response(render_template("guide.html", form=form_of((), "newest"), q="", title=title, text=text))


# -- errors ----------------------------------------------------------------------------------------------------------


def error_page(status: int, title: str, detail: str) -> Response:
    """An error as a page: what happened and what to do.

    Args:
        status: the HTTP status; it gives the advice.
        title: blank for the usual one of that status.
        detail: what happened, in French.
    """
    usual, advice = ERROR_WORDS.get(status) or ERROR_WORDS[500 if status >= 500 else 400]
    response = make_response(
        render_template(
            "error.html",
            form=form_of((), "newest"),
            q="",
            status=status,
            title=title or usual,
            detail=detail,
            advice=advice,
            home=_home(()),
        ),
        status,
    )
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


@blueprint.app_context_processor
def _shared() -> dict[str, Any]:
    """What every page of this room shows."""
    return {"openapi": f"{API_PREFIX}/openapi.json", "suggest": f"{API_PREFIX}/suggest", "may_alert": _may_alert()}


def _may_alert() -> bool:
    """Whether whoever asks has alerts of their own. An error may come before we know who that is."""
    caller: Caller | None = g.get("caller")
    return caller is not None and bool(caller.name) and "alerts" in caller.scopes
