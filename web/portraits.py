"""The pages of actors, places and subjects: who or what it is, since when, with whom, and what was last said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.numbers import format_decimal
from flask import Response, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from authorities.model import PATH_SEPARATOR
from mappings.dispatch import path_levels
from mappings.fields import FACETS, KIND_LABELS
from search.api import archive
from search.bounds import written
from search.export_api import exports
from search.portrait import Portrait, Saying
from search.request import LONGEST_QUERY
from search.result import ONE_OF
from web import mentions, urls, wording
from web.pages import PORTRAITS, blueprint, form_of, home_of, last_level, portrait_href
from web.refine import Link, often_with
from web.searching import SVG
from web.taking import followed, taking
from web.texts import KINDS, language, noted, pgettext
from web.texts import gettext as _
from web.timeline import draw
from web.urls import Pairs

# Names proposed for one that nobody has.
MOST_PROPOSED = 8

# What sort of organisation, state or region, by the authorities' own words; others are not told.
NATURES: dict[str, str] = {
    "agency": noted("agence ou organisme public"),
    "alliance": noted("alliance"),
    "armed_group": noted("groupe armé"),
    "army": noted("armée"),
    "central_bank": noted("banque centrale"),
    "company": noted("entreprise"),
    "court": noted("juridiction"),
    "institution": noted("institution"),
    "international": noted("organisation internationale"),
    "media": noted("média"),
    "ministry": noted("ministère"),
    "ngo": noted("organisation non gouvernementale"),
    "parliament": noted("parlement"),
    "party": noted("parti politique"),
    "religion": noted("institution religieuse"),
    "sport": noted("organisation sportive"),
    "union": noted("syndicat ou union professionnelle"),
    "university": noted("université ou centre de recherche"),
    "territory": noted("territoire"),
    "canal": noted("canal"),
    "continent": noted("continent"),
    "disputed": noted("lieu disputé"),
    "gulf": noted("golfe"),
    "island": noted("île"),
    "mountain": noted("massif"),
    "peninsula": noted("péninsule"),
    "river": noted("fleuve ou rivière"),
    "sea": noted("mer"),
    "strait": noted("détroit"),
}


@dataclass(frozen=True, slots=True)
class Quoted:
    """Something said, as the page shows it; `href`: its place in the dispatch, `speaker`: who, where not the page's own."""

    text: str
    direct: bool
    href: str
    title: str
    agency: str | None
    date: str
    stamp: str | None
    speaker: Link | None


@dataclass(frozen=True, slots=True)
class Latest:
    """A dispatch in the list of the newest."""

    href: str
    title: str
    agency: str | None
    date: str
    stamp: str | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A value often met with the one portrayed: its own page, the search for both, and how many that finds."""

    label: str
    above: str
    count: int
    href: str
    portrait: str | None


@blueprint.get("/<any(acteurs, lieux, sujets):place>/<path:name>")
def portrait_page(place: str, name: str) -> Response | Redirect:
    """One actor, place or subject, under the name the archive gives it."""
    library = archive()
    facet = next(facet for facet, where in PORTRAITS.items() if where == place)
    asked = name.strip("/ ").replace("/", PATH_SEPARATOR) if FACETS[facet].hierarchical else name.strip()
    portrait = library.portrait(facet, asked)
    if portrait is None:
        return _unknown(facet, asked)
    canonical = portrait_href(facet, portrait.value)
    assert canonical
    if portrait_href(facet, name.replace("/", PATH_SEPARATOR) if FACETS[facet].hierarchical else name) != canonical:
        return redirect(canonical, 302)
    pairs: Pairs = ((facet, portrait.value),)
    taken = taking(pairs, portrait.total, exports().most)
    return make_response(
        render_template(
            "portrait.html",
            form=form_of((), "newest"),
            q="",
            name=last_level(portrait.value) if FACETS[facet].hierarchical else portrait.value,
            facet=_(ONE_OF[facet]),
            above=[
                Link(last_level(level), portrait_href(facet, level) or "") for level in path_levels(portrait.value)[:-1]
            ]
            if FACETS[facet].hierarchical
            else [],
            kind=_what(portrait),
            facts=_facts(portrait),
            portrait=portrait,
            search=home_of(pairs),
            spoken=home_of((("speaker", portrait.value),)) if facet == "actor" else None,
            drawing=draw(portrait.timeline),
            bar_href=lambda bar: home_of(urls.during(pairs, bar.start, bar.end)),
            wider=None,
            undated=None,
            svg=SVG,
            written=written,
            company=often_with(portrait.company, pairs, home_of),
            company_portrait=lambda value: portrait_href("actor", value),
            counted_with=[
                (_(FACETS[other].label), [_counted(pairs, other, value.value, value.count) for value in values])
                for other, values in portrait.counted.items()
                if values
            ],
            said=[_quoted(each, library.timezone, facet) for each in portrait.said],
            latest=[_latest(source, library.timezone) for source in portrait.latest],
            feed=taken.feed,
            alert=urls.link(url_for("web.new_alert_page"), followed(pairs)),
            canonical=canonical,
        )
    )


def _unknown(facet: str, name: str) -> Response:
    """A name nobody has, and those it may have meant."""
    page = render_template(
        "unknown_name.html",
        form=form_of((), "newest"),
        q="",
        name=last_level(name)[:80],
        near=[
            (Link(value.label, portrait_href(facet, value.value) or ""), value.count)
            for value in archive().called(facet, name, MOST_PROPOSED)
        ],
        search=home_of((("q", last_level(name)[:LONGEST_QUERY]),)),
    )
    return make_response(page, 404)


def _what(portrait: Portrait) -> str:
    """ "État", "groupe armé", "ministre russe des Affaires étrangères (2004-)"; blank where nobody knows."""
    known = portrait.known
    if known and known.role:
        return wording.of_archive(known.role)
    if known and known.nature in NATURES:
        return _(NATURES[known.nature])
    return pgettext(KINDS, KIND_LABELS[portrait.kind][0]) if portrait.kind in KIND_LABELS else ""


def _facts(portrait: Portrait) -> list[tuple[str, list[Link]]]:
    """What the authorities tell of it: a word, and what stands under it; a link without address is text."""
    facts: list[tuple[str, list[Link]]] = []
    known = portrait.known
    if known is None:
        return facts
    if known.names:
        facts.append((_("Autres noms"), [Link(wording.of_archive(name), "") for name in known.names]))
    if known.country:
        facts.append(
            (_("Pays"), [Link(wording.of_archive(name), portrait_href("actor", name) or "") for name in known.country])
        )
    if known.parent:
        facts.append(
            (_("Dépend de"), [Link(wording.of_archive(known.parent), portrait_href("actor", known.parent) or "")])
        )
    if known.capital:
        facts.append(
            (_("Capitale"), [Link(wording.of_archive(known.capital), portrait_href("venue", known.capital) or "")])
        )
    if known.kind == "state":
        # A state acts, and is a place.
        label = last_level(portrait.value)
        acts = portrait.facet == "venue"
        other = Link(_("comme acteur"), portrait_href("actor", label) or "") if acts else _as_place(label)
        facts.append((_("Aussi"), [other]))
    if known.born:
        facts.append((_("Naissance"), [Link(known.born, "")]))
    if known.lat is not None and known.lon is not None:
        facts.append((_("Position"), [Link(_position(known.lat, known.lon), "")]))
    return facts


def _as_place(label: str) -> Link:
    return Link(_("comme lieu"), portrait_href("venue", archive().names.value("venue", "state", label)) or "")


def _position(lat: float, lon: float) -> str:
    """ "11,56° N, 104,92° E"."""
    north, east = (format_decimal(abs(angle), "0.##", locale=language()) for angle in (lat, lon))
    return (
        f"{north}°{wording.NBSP}{_('N') if lat >= 0 else _('S')}, {east}°{wording.NBSP}{_('E') if lon >= 0 else _('O')}"
    )


def _counted(pairs: Pairs, facet: str, value: str, count: int) -> Counted:
    levels = value.split(PATH_SEPARATOR)
    return Counted(
        label=levels[-1],
        above=" › ".join(levels[:-1]) if FACETS[facet].hierarchical else "",
        count=count,
        href=home_of(urls.together(pairs, facet, value)),
        portrait=portrait_href(facet, value),
    )


def _quoted(saying: Saying, timezone: str, facet: str) -> Quoted:
    speaker = Link(saying.speaker, portrait_href("actor", saying.speaker) or "") if facet != "actor" else None
    return Quoted(
        # What is reported begins in the midst of a sentence.
        text=f"…{wording.NBSP}{saying.text}" if saying.text[0].islower() and not saying.direct else saying.text,
        direct=saying.direct,
        href=f"{url_for('web.dispatch_page', id=saying.dispatch)}#{mentions.quote_anchor(saying.rank)}",
        title=saying.title,
        agency=saying.agency,
        date=wording.dated(saying.published, saying.date_precision, saying.date_text, timezone),
        stamp=wording.stamp(saying.published, saying.date_precision, timezone),
        speaker=speaker,
    )


def _latest(source: Mapping[str, Any], timezone: str) -> Latest:
    moment = datetime.fromisoformat(source["published"]) if source.get("published") else None
    return Latest(
        href=url_for("web.dispatch_page", id=source["id"]),
        title=source["title"],
        agency=source.get("agency"),
        date=wording.dated(moment, source["date_precision"], source.get("date_text"), timezone),
        stamp=wording.stamp(moment, source["date_precision"], timezone),
    )
