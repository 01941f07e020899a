"""What every page shares: the room's blueprint, the search form, a result in a list; the guide and the pages of errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from markupsafe import Markup

from access.scopes import Caller
from authorities.model import PATH_SEPARATOR
from engine.errors import DatabaseError, DepechesError, EngineError, EngineTimeout, ExportsBusy
from engine.http import API_PREFIX, retry_after
from engine.mount import mount
from mappings.dispatch import Precision
from mappings.fields import STATUS_LABELS
from search.api import archive
from search.bounds import local, read_bound
from search.request import LONGEST_QUERY, Sort
from search.result import Hit
from web import texts, urls, wording
from web.guide import guide
from web.refine import Link
from web.sentences import told
from web.texts import gettext as _
from web.texts import noted
from web.urls import Pairs

blueprint = Blueprint(
    "web", __name__, template_folder="templates", static_folder="static", static_url_path="/static/web"
)
blueprint.add_app_template_filter(wording.number, "number")
blueprint.add_app_template_filter(told, "typeset")
blueprint.add_app_template_filter(wording.quoted, "quoted")
blueprint.add_app_template_global(wording.counted, "counted")
for _word in (wording.clock, wording.mark, wording.lang_fr, wording.lang_page):
    blueprint.add_app_template_global(_word)
blueprint.record_once(lambda state: texts.install(state.app))

# What the form asks for in fields of its own, or what goes with them; the rest it carries along, hidden.
FORM_FIELDS = ("q", "from", "to", "interval", "sort", "versions", "group", "cursor")

SORT_LABELS: dict[Sort, str] = {
    "relevance": noted("pertinence"),
    "newest": noted("les plus récentes"),
    "oldest": noted("les plus anciennes"),
}

# Of which facet the pages say what is often with the dispatches found.
OFTEN_WITH = "actor"

# Beside what is proposed while typing, what it is.
SUGGESTED = {
    "word": noted("mot"),
    "saved": noted("recherche"),
    "actor": noted("acteur"),
    "speaker": noted("parole"),
    "venue": noted("lieu"),
    "topic": noted("sujet"),
    "agency": noted("agence"),
}

# What is shown by the box of how to write a query; the guide says it all.
EXAMPLES = (
    (noted("«\u00a0chaînes industrielles\u00a0»"), noted("ces mots-là, dans cet ordre")),
    (noted("Lavrov OU Blinken"), noted("l’un ou l’autre")),
    (noted("ASEAN SAUF communiqué"), noted("sans ce mot")),
    (noted("ministre PRES/5 Cambodge"), noted("à cinq mots l’un de l’autre, au plus")),
    ("diplom*", noted("tous les mots qui commencent ainsi")),
    ("titre:sommet", noted("dans le titre")),
    (noted("acteur:«\u00a0Wang Yi\u00a0» lieu:Cambodge"), noted("cet acteur, à cet endroit")),
    ("date:2022-08", noted("ce mois-là\u202f; date:7j, les sept derniers jours")),
)

# Title and advice of an error page, by status; the detail comes with the error.
ERROR_WORDS: dict[int, tuple[str, str]] = {
    400: (noted("Demande incomprise"), noted("Corrigez l’adresse, ou repartez de la recherche.")),
    401: (
        noted("Qui êtes-vous\u202f?"),
        noted("Connectez-vous par le portail, ou demandez un accès à l’exploitant de l’archive."),
    ),
    403: (noted("Accès refusé"), noted("Demandez cet accès à l’exploitant de l’archive.")),
    404: (noted("Page introuvable"), noted("Vérifiez l’adresse, ou retrouvez la dépêche par ses mots.")),
    405: (noted("Méthode refusée"), noted("Repartez de la recherche.")),
    429: (noted("Trop de demandes"), noted("Patientez quelques instants, puis rechargez la page.")),
    500: (
        noted("Erreur interne"),
        noted("Rechargez la page\u202f; si l’erreur revient, signalez-la avec l’heure et l’adresse."),
    ),
    503: (
        noted("Archive momentanément indisponible"),
        noted(
            "Rechargez la page dans quelques instants. Si cela dure, prévenez l’exploitant de l’archive\u00a0: "
            "la commande «\u00a0depeches doctor\u00a0» dit ce qui manque."
        ),
    ),
    504: (
        noted("Le moteur met trop de temps à répondre"),
        noted("Rechargez la page, ou réduisez la recherche\u00a0: une période plus courte, des mots plus précis."),
    ),
}

# What may have passed when the page is asked again.
PASSING = (429, 500, 503, 504)

# What a status alone does not say: who it is that does not answer.
WHO_FAILED: dict[type[DepechesError], str] = {
    EngineTimeout: noted("Le moteur met trop de temps à répondre"),
    EngineError: noted("Le moteur de recherche ne répond pas"),
    DatabaseError: noted("La base de données ne répond pas"),
    ExportsBusy: noted("Trop de fichiers en préparation"),
}


# -- what the templates show -----------------------------------------------------------------------------------------


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


# -- addresses and the form ------------------------------------------------------------------------------------------


# Where the pages of a facet's values are.
PORTRAITS = {"actor": "acteurs", "venue": "lieux", "topic": "sujets"}


def home_of(pairs: Pairs, fragment: str = "") -> str:
    """The address of a search. A page has two hundred of them: its path is looked up once."""
    if "search_path" not in g:
        g.search_path = url_for("web.search_page")
    return urls.link(g.search_path, pairs, fragment)


def portrait_href(facet: str, value: str) -> str | None:
    """Where the page of a value is; None for facets whose values have none."""
    if facet not in PORTRAITS:
        return None
    return url_for("web.portrait_page", place=PORTRAITS[facet], name=value.replace(PATH_SEPARATOR, "/"))


def words_only(pairs: Pairs) -> Pairs:
    return tuple(pair for pair in pairs if pair[0] == "q")


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
        sorts=tuple(("" if sort == default else sort, _(SORT_LABELS[sort]), sort == order) for sort in offered),
        all_versions=given.get("versions") == "all",
        by_story=given.get("group") == "story",
        hidden=tuple(pair for pair in pairs if pair[0] not in FORM_FIELDS),
    )


def _field_value(written: str, *, last: bool) -> str:
    """An end of the period as a field for days, or for minutes, holds it: in the archive's zone, without its name."""
    try:
        bound = local(read_bound(written, last=last), ZoneInfo(archive().timezone))
    except ValueError:
        return ""
    return f"{bound:%Y-%m-%dT%H:%M}" if isinstance(bound, datetime) else bound.isoformat()


# -- a result --------------------------------------------------------------------------------------------------------


def item_of(hit: Hit, pairs: Pairs, timezone: str) -> Item:
    source = hit.source
    moment = datetime.fromisoformat(source["published"]) if source.get("published") else None
    precision: Precision = source["date_precision"]
    title, lead = source["title"], source.get("lead", "")
    folded = hit.folded if hit.folded and hit.folded.count > 1 else None
    # Few dispatches have versions, and an address takes a tenth of a millisecond.
    versions = urls.link(url_for("web.versions_page", id=hit.id), pairs) if folded or source["version"] > 1 else ""
    href = urls.link(url_for("web.dispatch_page", id=hit.id), pairs)
    return Item(
        href=href,
        title=Markup(hit.title_highlight) if hit.title_highlight else title,
        derived=source["title_derived"],
        passages=tuple(
            Link(Markup(said), f"{href}#hit-{place}")
            for passage, place in zip(hit.body_highlights, hit.body_places, strict=True)
            # A title cut from the text is not said twice.
            if (said := wording.continued(title, passage) if source["title_derived"] else passage)
        ),
        lead=wording.continuation(title, lead) if source["title_derived"] else lead,
        flags=flags_of(
            source["title_derived"],
            wording.is_uncertain(moment, precision, source["date_basis"]),
            source["status"],
            repaired=bool(source.get("repaired")),
        ),
        agency=source.get("agency"),
        date=wording.dated(moment, precision, source.get("date_text"), timezone),
        stamp=wording.stamp(moment, precision, timezone),
        venue=last_level(source["venues"][0]) if source.get("venues") else None,
        version=Link(_("version\u00a0%(number)s") % {"number": source["version"]}, versions)
        if source["version"] > 1
        else None,
        folded=Link(_("%(count)s dans cette histoire") % {"count": wording.counted(folded.count, "dépêche")}, versions)
        if folded
        else None,
    )


def flags_of(title_derived: bool, date_uncertain: bool, status: str, *, repaired: bool = False) -> tuple[str, ...]:
    """What a reader must know before quoting."""
    flags = []
    if status != "current":
        flags.append(wording.typeset(_(STATUS_LABELS[status])))
    if title_derived:
        flags.append(_("titre reconstitué"))
    if date_uncertain:
        flags.append(_("date incertaine"))
    if repaired:
        flags.append(_("texte réparé"))
    return tuple(flags)


def last_level(path: str) -> str:
    return path.split(PATH_SEPARATOR)[-1]


# -- help ------------------------------------------------------------------------------------------------------------


@blueprint.get("/aide/requete")
def guide_page() -> Response:
    """How to write a query."""
    title, text = guide(home_of(()), texts.language())
    return make_response(render_template("guide.html", form=form_of((), "newest"), q="", title=title, text=text))


# -- errors ----------------------------------------------------------------------------------------------------------


def error_page(status: int, title: str, detail: str, error: DepechesError | None = None) -> Response:
    """An error as a page: what happened and what to do. In the place of a part of a page, the same in a few lines.

    Args:
        status: the HTTP status; it gives the advice.
        title: blank for the usual one.
        detail: what happened, in French.
        error: what happened, where it is known better than by its status.
    """
    usual, advice = ERROR_WORDS.get(status) or ERROR_WORDS[500 if status >= 500 else 400]
    usual = next((words for kind, words in WHO_FAILED.items() if isinstance(error, kind)), usual)
    shown = {"status": status, "title": title or _(usual), "detail": detail, "advice": _(advice), "home": home_of(())}
    if is_part():
        # It stands above what was shown before, and the address stays that of what is shown.
        response = make_response(
            render_template("error_part.html", again=request.full_path.rstrip("?"), **shown), status
        )
        response.headers.update({"HX-Retarget": "#ennui", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"})
        response.vary.update(PART_HEADERS)
    else:
        # What was typed is not lost, and may be asked again where that helps.
        typed = request.args.get("q", "")[:LONGEST_QUERY] if request.method == "GET" else ""
        again = (
            request.full_path.rstrip("?") if request.method == "GET" and request.url_rule and status in PASSING else ""
        )
        form = form_of((("q", typed),) if typed else (), "newest")
        response = make_response(render_template("error.html", form=form, q="", again=again, **shown), status)
    if status in (429, 503):
        response.headers["Retry-After"] = str(retry_after(error))
    return response


# What decides whether a page is answered whole; a cache must not give a part for the whole.
PART_HEADERS = ("HX-Request", "HX-Target", "HX-History-Restore-Request")


def is_part() -> bool:
    """Whether the page in hand has the rest already: htmx asks for what changes. Back in history, it asks for all."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


@blueprint.app_context_processor
def _shared() -> dict[str, Any]:
    """What every page of this room shows."""
    api = mount() + API_PREFIX
    return {
        "openapi": f"{api}/openapi.json",
        "suggest": f"{api}/suggest",
        "suggest_kinds": "|".join(f"{kind}={_(words)}" for kind, words in SUGGESTED.items()),
        "examples": [(_(query), words, home_of((("q", _(query)),))) for query, words in EXAMPLES],
        "may_alert": _may_alert(),
    }


def _may_alert() -> bool:
    """Whether whoever asks has alerts of their own. An error may come before we know who that is."""
    caller: Caller | None = g.get("caller")
    return caller is not None and bool(caller.name) and "alerts" in caller.scopes
