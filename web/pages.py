"""The page of a search, rendered whole by the server, as plain links and forms; help and errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from access.scopes import Caller
from authorities.model import PATH_SEPARATOR
from engine.errors import (
    BadCursor,
    QuerySyntaxError,
    RequestError,
    http_status,
)
from engine.http import API_PREFIX, RETRY_AFTER
from engine.mount import mount
from mappings.dispatch import Precision
from mappings.fields import FACETS, STATUS_LABELS
from search.api import archive
from search.bounds import local, read_bound
from search.export_api import exports
from search.request import LONGEST_QUERY, FacetFilter, SearchRequest, Sort
from search.result import Hit, Instead, SearchResult
from search.schemas import SOUGHT, load_request, params_of
from web import texts, urls, wording
from web.guide import guide
from web.refine import Link, facet_lists, looked_for, often_with
from web.sentences import told
from web.taking import followed, taking
from web.timeline import AXIS_HEIGHT, BARS_HEIGHT, HEIGHT, draw, wider
from web.urls import Pairs

blueprint = Blueprint(
    "web", __name__, template_folder="templates", static_folder="static", static_url_path="/static/web"
)
blueprint.add_app_template_filter(wording.number, "number")
blueprint.add_app_template_filter(told, "typeset")
blueprint.add_app_template_global(wording.counted, "counted")
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
            facets=facet_lists(result.facets, inside, pairs, asked, home_of),
            often_with=often_with(result.often_with, pairs, home_of),
            drawing=draw(result.timeline),
            bar_href=lambda bar: home_of(urls.during(pairs, bar.start, bar.end)),
            wider=_wider(pairs, asked, library.timezone),
            svg={"height": HEIGHT, "bars": BARS_HEIGHT, "axis": AXIS_HEIGHT},
            clear_href=home_of(words_only(pairs)),
            home=home_of(()),
            next=home_of(urls.changed(pairs, {}) + (("cursor", result.next),)) if result.next else None,
            previous=home_of(urls.changed(pairs, {}) + (("cursor", result.previous),)) if result.previous else None,
            first=home_of(urls.without(pairs)) if asked.cursor else None,
            taking=taking(pairs, result.total, exports().most),
            alert=urls.link(url_for("web.new_alert_page"), followed(pairs)) if followed(pairs) else None,
        )
    )


def home_of(pairs: Pairs, fragment: str = "") -> str:
    return urls.link(url_for("web.search_page"), pairs, fragment)


def words_only(pairs: Pairs) -> Pairs:
    return tuple(pair for pair in pairs if pair[0] == "q")


def _refused(pairs: Pairs, error: RequestError) -> Response:
    """The page of a request that cannot be answered: why, and the searches that can, with the form ready to correct."""
    cures = _cures(pairs, error)
    sound = cures[0][1] if cures else words_only(pairs)
    words = dict(pairs).get("q", "")
    ways = [Link(f"Chercher sans {_parameter_words(name)}", home_of(kept)) for name, kept in cures]
    if isinstance(error, QuerySyntaxError) and error.suggestion:
        ways.insert(0, Link(f"Chercher {error.suggestion}", home_of(urls.changed(pairs, {"q": error.suggestion}))))
    page = render_template(
        "refused.html",
        form=form_of((*urls.without(sound, "q"), *words_only(pairs)), "relevance" if words else "newest"),
        q=words,
        error=error,
        ways=ways,
        home=home_of(()),
    )
    return make_response(page, http_status(error))


def _parameter_words(name: str) -> str:
    return PARAMETER_WORDS.get(name) or f"«{wording.NBSP}{name[:80]}{wording.NBSP}»"


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
            f" et {wording.counted(more, 'autre nom', 'autres noms')}" if more > 0 else ""
        )
        names.append((name.text, told, ", ".join(name.others)))
    only = f"«{wording.NBSP}{names[0][0]}{wording.NBSP}»" if len(names) == 1 else "ce qui est tapé"
    return Known(tuple(names), Link(f"Chercher seulement {only}", home_of(urls.changed(pairs, {"q": result.as_typed}))))


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
                    text=last_level(value) if facet.hierarchical else _status_word(name, value),
                    out=value in wanted.none,
                    href=home_of(urls.dropped(pairs, name, value)),
                    full=value,
                )
            )
    if asked.date_from or asked.date_to:
        words = wording.period(*_asked_period(asked, archive().timezone))
        chips.append(Chip("Dates", words, False, home_of(urls.without(pairs, "from", "to")), words))
    if asked.dated:
        words = "connues" if asked.dated == "yes" else "inconnues"
        chips.append(Chip("Dates", words, False, home_of(urls.without(pairs, "dated")), words))
    if asked.versions == "all":
        words = "remplacées et annulées aussi"
        chips.append(Chip("Versions", words, False, home_of(urls.without(pairs, "versions")), words))
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
    return Link(f"Dézoomer{wording.NBSP}: {found.label}", home_of(urls.during(pairs, found.start, found.end)))


def _stories(result: SearchResult) -> str | None:
    """How many stories the dispatches found are: "en 12 histoires"."""
    if not result.stories:
        return None
    about = "environ " if result.stories > EXACT_COUNT else ""
    return f"en {about}{wording.counted(result.stories, 'histoire')}"


def _undated(pairs: Pairs, asked: SearchRequest, result: SearchResult) -> Link | None:
    """The dispatches whose date is unknown, where they are some of those found."""
    if asked.dated or not result.undated or result.undated == result.total:
        return None
    return Link(
        f"{wording.number(result.undated)}{wording.NBSP}sans date", home_of(urls.changed(pairs, {"dated": "no"}))
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
            f"{wording.typeset(way.told)}, {wording.counted(way.count, 'dépêche')}",
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
                f"Chercher {wording.typeset(way.label)}"
                if way.why == "spelling"
                else _capital(wording.typeset(way.label)),
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
        lead=wording.continuation(title, lead) if source["title_derived"] else lead,
        flags=flags_of(
            source["title_derived"],
            wording.is_uncertain(moment, precision, source["date_basis"]),
            source["status"],
        ),
        agency=source.get("agency"),
        date=wording.dated(moment, precision, source.get("date_text"), timezone),
        stamp=wording.stamp(moment, precision, timezone),
        venue=last_level(source["venues"][0]) if source.get("venues") else None,
        version=Link(f"version{wording.NBSP}{source['version']}", versions) if source["version"] > 1 else None,
        folded=Link(f"{wording.counted(folded.count, 'dépêche')} dans cette histoire", versions)
        if folded and folded.count > 1
        else None,
    )


def flags_of(title_derived: bool, date_uncertain: bool, status: str) -> tuple[str, ...]:
    flags = []
    if status != "current":
        flags.append(wording.typeset(STATUS_LABELS[status]))
    if title_derived:
        flags.append("titre reconstitué")
    if date_uncertain:
        flags.append("date incertaine")
    return tuple(flags)


def last_level(path: str) -> str:
    return path.split(PATH_SEPARATOR)[-1]


def _status_word(facet: str, value: str) -> str:
    return wording.typeset(STATUS_LABELS.get(value, value)) if facet == "status" else value


# -- help ------------------------------------------------------------------------------------------------------------


@blueprint.get("/aide/requete")
def guide_page() -> Response:
    """How to write a query."""
    title, text = guide(home_of(()), texts.language())
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
            home=home_of(()),
        ),
        status,
    )
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


@blueprint.app_context_processor
def _shared() -> dict[str, Any]:
    """What every page of this room shows."""
    api = mount() + API_PREFIX
    return {"openapi": f"{api}/openapi.json", "suggest": f"{api}/suggest", "may_alert": _may_alert()}


def _may_alert() -> bool:
    """Whether whoever asks has alerts of their own. An error may come before we know who that is."""
    caller: Caller | None = g.get("caller")
    return caller is not None and bool(caller.name) and "alerts" in caller.scopes
