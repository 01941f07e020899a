"""The pages of one dispatch: its text, and how it came to be what it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby, takewhile

from flask import Response, current_app, make_response, render_template, request, url_for

from engine.errors import DispatchNotFound, http_status
from mappings.dispatch import Dispatch, path_levels
from mappings.fields import FACET_FIELDS, FACETS, Facet
from search.api import archive
from search.export_api import place
from search.formats import FORMATS, citations
from search.history import History
from search.result import FacetValue
from search.schemas import links
from web import mentions, repairs, urls, wording
from web.alike import alike
from web.history import Story, anchor, story
from web.jump import numbered
from web.pages import (
    FORM_FIELDS,
    OFTEN_WITH,
    blueprint,
    error_page,
    flags_of,
    form_of,
    home_of,
    last_level,
    portrait_href,
    words_only,
)
from web.refine import Link, often_with
from web.texts import gettext as _
from web.texts import noted
from web.urls import FACET_PARAMETERS, KIND, UNDER, Pairs
from web.wording import number

# What else of a search a dispatch's address carries, to lead back to it.
CARRIED = ("dated", "size", "facets", "facet_size", "often_with", "highlight")

STATUS_BANNERS = {
    "superseded": noted("Cette dépêche a été remplacée par une version plus récente."),
    "corrected": noted("Cette dépêche a été corrigée depuis par l’agence."),
    "withdrawn": noted("Cette dépêche a été annulée par l’agence\u00a0: ne pas l’utiliser."),
}

# What reference managers and programs read of one dispatch, in the order offered; its citation is on the page.
TAKEN = ("ris", "csv", "jsonl")

# The passages of one speaker that are told one by one.
MOST_PASSAGES = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """A value of a facet of the dispatch: a link a level, its own page, and where it speaks in the text."""

    levels: tuple[Link, ...]
    name: str
    portrait: str | None
    passages: tuple[Link, ...] = ()
    under: bool = False  # the value before it names the levels above


@blueprint.get("/depeches/<id>")
def dispatch_page(id: str) -> Response:
    """One dispatch, whole, the words of `q` marked; the other parameters lead back to the search it was found by."""
    library = archive()
    try:
        dispatch, history = library.history(id, compare=False)
    except DispatchNotFound as error:
        return error_page(http_status(error), _("Dépêche introuvable"), error.detail)
    pairs = _carried_pairs()
    q = dict(pairs).get("q", "")
    in_title, in_body, total = numbered(*library.marked(dispatch, q))
    mended = repairs.of(dispatch)
    notes = repairs.notes(mended)
    at = place()
    return make_response(
        render_template(
            "dispatch.html",
            form=form_of(words_only(pairs), "relevance"),
            q=q,
            dispatch=dispatch,
            title=mentions.linked(dispatch.title, in_title, (), notes=notes.get(repairs.TITLE)),
            body=mentions.body(dispatch, in_body, lambda facet, value: home_of(((facet, value),)), notes),
            repairs=repairs.told(dispatch, mended),
            found=total,
            # Not with the search that led here: what is near need not meet it.
            alike=alike(library.similar(dispatch), lambda id: url_for("web.dispatch_page", id=id), library.timezone),
            flags=flags_of(
                dispatch.title_derived,
                wording.is_uncertain(dispatch.published, dispatch.date_precision, dispatch.date_basis),
                dispatch.status if dispatch.status not in STATUS_BANNERS else "current",
                repaired=bool(dispatch.repairs),
            ),
            doubt=_(wording.BASIS_WORDS[dispatch.date_basis])
            if wording.is_uncertain(dispatch.published, dispatch.date_precision, dispatch.date_basis)
            else None,
            banner=_(STATUS_BANNERS[dispatch.status]) if dispatch.status in STATUS_BANNERS else None,
            story=_story(dispatch, history, pairs),
            versions=urls.link(url_for("web.versions_page", id=dispatch.id), pairs, anchor(dispatch.id)),
            raw=f"{links(dispatch.id)['self']}/raw",
            embargo=wording.when(dispatch.embargo, "minute", library.timezone)
            if dispatch.embargo and dispatch.embargo > datetime.now(UTC)
            else None,
            date=wording.dated(dispatch.published, dispatch.date_precision, dispatch.date_text, library.timezone),
            stamp=wording.stamp(dispatch.published, dispatch.date_precision, library.timezone),
            zone=wording.zone(library.timezone) if dispatch.date_precision == "minute" else None,
            updated=wording.when(dispatch.updated, "minute", library.timezone)
            if dispatch.updated and dispatch.updated != dispatch.published
            else None,
            received=wording.when(dispatch.ingested_at, "minute", library.timezone) if dispatch.ingested_at else None,
            subjects=_subjects(dispatch),
            evidence=_evidence(dispatch),
            often_with=_often_with(dispatch),
            citation=citations.row(dispatch, at).strip(),
            permalink=at.link(dispatch.id),
            files=[Link(FORMATS[name].label, f"{links(dispatch.id)['self']}/export.{name}") for name in TAKEN],
            back=home_of(pairs),
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
        return error_page(http_status(error), _("Dépêche introuvable"), error.detail)
    pairs = _carried_pairs()
    return make_response(
        render_template(
            "versions.html",
            form=form_of(words_only(pairs), "relevance"),
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


def _subjects(dispatch: Dispatch) -> list[tuple[str, list[Subject]]]:
    """What the dispatch is about, facet by facet: each value as links, a path as one link a level."""
    return [
        (_(facet.label), _listed(_subject(dispatch, facet, value) for value in found))
        for name, facet in FACETS.items()
        # The agency and the status stand above the text.
        if not facet.single and (found := getattr(dispatch, FACET_FIELDS[name]))
    ]


def _listed(subjects: Iterable[Subject]) -> list[Subject]:
    """The values in order; of a path, not again what the one before it says: four subjects of one field name it once."""
    listed: list[Subject] = []
    before: tuple[Link, ...] = ()
    for each in subjects:
        pairs = zip(each.levels[:-1], before, strict=False)
        shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
        before = each.levels
        listed.append(replace(each, levels=each.levels[shared:], under=shared > 0))
    return listed


def _subject(dispatch: Dispatch, facet: Facet, value: str) -> Subject:
    levels = path_levels(value) if facet.hierarchical else [value]
    said = [rank for rank, quote in enumerate(dispatch.quotes) if quote.speaker == value and facet.name == "speaker"]
    return Subject(
        tuple(Link(last_level(level), home_of(((facet.name, level),))) for level in levels),
        last_level(value) if facet.hierarchical else value,
        portrait_href(facet.name, value),
        tuple(
            Link(number(count), f"#{mentions.quote_anchor(rank)}") for count, rank in enumerate(said[:MOST_PASSAGES], 1)
        ),
    )


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
    return values[0], often_with(found, ((OFTEN_WITH, values[0]),), home_of)
