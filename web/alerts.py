"""The pages of alerts: make one of a search, see what it announced and how it is delivered, change, pause, delete it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as Redirect

from access.gate import user_id
from access.scopes import needs
from alerts import hits, outbox, saved, state
from alerts.announced import announced
from alerts.api import desk, writing
from alerts.models import Channel, SavedSearch
from alerts.params import canonical, check, request_of
from alerts.preview import DAYS, Preview, preview
from alerts.saved import Wanted
from alerts.schedule import due
from alerts.schemas import LAST_ID, feed_link, params_of
from alerts.start import start
from alerts.state import Sent, Standing
from alerts.wanted import LONGEST_NAME, channel_of, name_of, question_of
from engine.errors import (
    BadParameter,
    ConflictError,
    DatabaseError,
    DepechesError,
    QuerySyntaxError,
    RequestError,
    http_status,
)
from engine.http import public_root
from search.api import archive
from search.request import LONGEST_QUERY
from search.titles import title
from web import alert_form, csrf, urls, wording
from web.alert_form import FREQUENCY_WORDS, WEEKDAYS, Filled, filter_words, when_words
from web.pages import blueprint, error_page, form_of, item_of
from web.refine import Link
from web.sentences import EVERYTHING
from web.sentences import told as in_words
from web.taking import followed
from web.texts import gettext as _
from web.told import told_of
from web.urls import Pairs

# Announcements of a page.
SIZE = 20

# Days of which the list tells how many dispatches were found.
LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Mine:
    """A saved search as the list shows it."""

    id: str
    name: str
    asked: str
    paused: bool
    why: str | None
    told: tuple[str, ...]
    wrong: tuple[str, ...]
    failed: int


@dataclass(frozen=True, slots=True)
class Way:
    """A channel as the page of an alert shows it: where it sends, when, how it went.

    `next`: when it sends again; `wrong`: what did not go; `dead`: whether some of it was given up and may be sent again;
    `secret`: signs a webhook's.
    """

    id: str
    target: str
    when: str
    told: str
    next: str | None
    wrong: str | None
    dead: bool
    closed: bool
    secret: str | None


# -- making one ------------------------------------------------------------------------------------------------------


@blueprint.get("/alertes/nouvelle")
@needs("alerts")
def new_alert_page() -> Response:
    """An alert to be made of the search whose parameters these are."""
    pairs = urls.clean(request.args.items(multi=True))
    params = canonical(followed(pairs))
    try:
        name = title(archive().canonical(request_of(params)))[:LONGEST_NAME]
    except RequestError:
        name = dict(pairs).get("q", "")[:LONGEST_NAME]
    return _form_page(alert_form.new(name, params))


@blueprint.post("/alertes/nouvelle")
@needs("alerts")
def make_alert() -> Response | Redirect:
    csrf.check()
    filled = alert_form.sent(request.form)
    if "preview" in request.form:
        return _form_page(filled)
    try:
        wanted = _wanted(filled)
        owner, begins = user_id(), start(archive(), wanted.params)
        with writing() as (session, now):
            made = saved.create(session, owner, wanted, start=begins, now=now)
    except (RequestError, ConflictError) as error:
        return _form_page(filled, error=error)
    return redirect(url_for("web.alert_page", id=made.id), 303)


# -- changing it -----------------------------------------------------------------------------------------------------


@blueprint.get("/alertes/<id>/modifier")
@needs("alerts")
def change_alert_page(id: str) -> Response:
    return _form_page(alert_form.of_saved(_mine(id)), id=id)


@blueprint.post("/alertes/<id>/modifier")
@needs("alerts")
def change_alert(id: str) -> Response | Redirect:
    csrf.check()
    before = _mine(id)
    filled = alert_form.sent(request.form)
    if "preview" in request.form:
        return _form_page(filled, id=id)
    try:
        wanted = _wanted(filled, before)
        owner, begins = user_id(), start(archive(), wanted.params)
        with writing() as (session, now):
            saved.change(session, owner, id, wanted, start=begins, now=now, revision=filled.revision)
    except (RequestError, ConflictError) as error:
        return _form_page(filled, id=id, error=error)
    return redirect(url_for("web.alert_page", id=id), 303)


@blueprint.post("/alertes/<id>/pause")
@needs("alerts")
def pause_alert(id: str) -> Redirect:
    csrf.check()
    owner = user_id()
    with writing() as (session, now):
        saved.pause(session, owner, id, now=now)
    return _back(id)


@blueprint.post("/alertes/<id>/reprise")
@needs("alerts")
def resume_alert(id: str) -> Redirect:
    csrf.check()
    owner, begins = user_id(), start(archive(), _mine(id).params)
    with writing() as (session, now):
        saved.resume(session, owner, id, start=begins, now=now)
    return _back(id)


@blueprint.post("/alertes/<id>/fil")
@needs("alerts")
def renew_alert_feed(id: str) -> Redirect:
    csrf.check()
    owner = user_id()
    with writing() as (session, now):
        saved.renew_feed(session, owner, id, now=now)
    return redirect(url_for("web.alert_page", id=id), 303)


@blueprint.post("/alertes/<id>/envois/reprise")
@needs("alerts")
def replay_alert(id: str) -> Redirect:
    """Send again what of it was given up."""
    csrf.check()
    owner = user_id()
    with writing() as (session, now):
        saved.read(session, owner, id)
        outbox.replay(session, now, owner=owner, saved_search=id)
    return _back(id)


@blueprint.post("/alertes/<id>/canaux/<channel>/ouverture")
@needs("alerts")
def reopen_channel(id: str, channel: str) -> Redirect:
    csrf.check()
    owner = user_id()
    with writing() as (session, now):
        saved.reopen(session, owner, id, channel, now=now)
    return _back(id)


@blueprint.get("/alertes/<id>/supprimer")
@needs("alerts")
def delete_alert_page(id: str) -> Response:
    return _page("alerts_delete.html", saved=_mine(id))


@blueprint.post("/alertes/<id>/supprimer")
@needs("alerts")
def delete_alert(id: str) -> Redirect:
    csrf.check()
    owner = user_id()
    with writing() as (session, _):
        saved.delete(session, owner, id)
    return redirect(url_for("web.alerts_page"), 303)


# -- seeing it -------------------------------------------------------------------------------------------------------


@blueprint.get("/alertes")
@needs("alerts")
def alerts_page() -> Response:
    """All the reader's alerts, the latest made first."""
    owner = user_id()
    with desk().database.reading() as session:
        every = saved.every(session, owner)
        standings = state.standings(session, owner, desk().database.now(session) - LATELY)
    rows = [_row(each, standings.get(each.id, Standing())) for each in every]
    return _page("alerts_list.html", rows=rows)


@blueprint.get("/alertes/<id>")
@needs("alerts")
def alert_page(id: str) -> Response:
    """What an alert announced, the newest first: exactly that, or what one message of it carried (`envoi`)."""
    owner, before, delivery = (
        user_id(),
        request.args.get("avant", type=_place),
        request.args.get("envoi", type=_printed),
    )
    with desk().database.reading() as session:
        one = saved.read(session, owner, id)
        found = hits.newest(session, id, limit=SIZE + 1, before=before, delivery=delivery)
        sent = state.sent(session, id)
        since = desk().database.now(session) - LATELY
        standing = state.standings(session, owner, since, only=id).get(id, Standing())
    here: Pairs = (("envoi", delivery),) if delivery else ()
    address = url_for("web.alert_page", id=id)
    pairs = _pairs(one)
    return _page(
        "alerts_one.html",
        saved=one,
        row=_row(one, standing),
        told=[told_of(each, pairs, archive().timezone) for each in announced(archive(), one, found[:SIZE])],
        delivery=delivery,
        search=urls.link(url_for("web.search_page"), pairs),
        feed=f"{public_root()}{feed_link(one)}",
        ways=[_way(each, sent.get(each.id, Sent())) for each in one.channels if each.type != "feed"],
        next=urls.link(address, (*here, ("avant", str(found[SIZE - 1].id)))) if len(found) > SIZE else None,
        first=urls.link(address, here) if before is not None else None,
        address=address,
    )


def _place(text: str) -> int:
    """A place in the list; ValueError: what is none."""
    place = int(text)
    if not 0 <= place <= LAST_ID:
        raise ValueError(text)
    return place


def _printed(text: str) -> str:
    """What may be an id; ValueError: what no database can be asked."""
    if not text.isprintable():
        raise ValueError(text)
    return text


def _row(one: SavedSearch, standing: Standing) -> Mine:
    lately = wording.counted(standing.lately, "dépêche")
    told = [_("%(count)s en %(days)s\u00a0jours", count=lately, days=LATELY.days)]
    if standing.last:
        told.append(_("dernière le %(when)s", when=wording.when(standing.last, "minute", archive().timezone)))
    wrong = []
    if standing.failed:
        wrong.append(wording.counted(standing.failed, "envoi abandonné", "envois abandonnés"))
    if standing.closed:
        wrong.append(wording.counted(standing.closed, "canal fermé", "canaux fermés"))
    return Mine(
        one.id, one.name, _asked(one), bool(one.paused), one.pause_reason, tuple(told), tuple(wrong), standing.failed
    )


def _asked(one: SavedSearch) -> str:
    """The question in words; what is no parameter any more is told as it stands."""
    said = [value for name, value in _pairs(one) if name == "q"]
    return ", ".join([*said, *(words for name, value in _pairs(one) if (words := filter_words(name, value)))])


def _way(channel: Channel, sent: Sent) -> Way:
    told = [wording.counted(sent.done, "envoi fait", "envois faits")] if sent.done else []
    if sent.waiting:
        told.append(_("%(count)s en attente", count=wording.number(sent.waiting)))
    if sent.late:
        told.append(_("%(count)s à refaire", count=wording.number(sent.late)))
    if sent.failed:
        told.append(wording.counted(sent.failed, "abandonné"))
    wrong = in_words(sent.error) if sent.error else None
    if channel.disabled:
        reason = in_words(channel.disabled_reason) if channel.disabled_reason else _("plus rien n’y est envoyé")
        wrong = Markup(escape(_("Fermé\u00a0: %(reason)s"))) % {"reason": reason}
    return Way(
        id=channel.id,
        target=channel.target,
        when=when_words(channel.frequency, channel.hour, channel.weekday),
        told=", ".join(told) or _("aucun envoi encore"),
        next=None if channel.disabled else _next(channel, sent),
        wrong=wrong,
        dead=bool(sent.failed and not channel.disabled),
        closed=bool(channel.disabled),
        secret=channel.secret,
    )


def _next(channel: Channel, sent: Sent) -> str | None:
    """When what waits goes out, or is tried again; a letter of every day is announced although nothing waits for it yet."""
    moment = sent.next
    now = datetime.now(UTC)
    if moment is None and channel.frequency in ("daily", "weekly"):
        moment = due(channel.frequency, channel.hour, channel.weekday, now, ZoneInfo(archive().timezone))
        when = wording.when(moment, "minute", archive().timezone)
        return _("Prochain envoi le %(when)s, s’il y a du nouveau.", when=when)
    if moment is None:
        return None
    if moment <= now:
        return _("Prochain envoi dans un instant.")
    when = wording.when(moment, "minute", archive().timezone)
    if sent.late and not sent.waiting:
        return _("Nouvel essai le %(when)s.", when=when)
    return _("Prochain envoi le %(when)s.", when=when)


# -- what they share -------------------------------------------------------------------------------------------------


@blueprint.errorhandler(DatabaseError)
def database_away(error: DatabaseError) -> Response:
    return error_page(http_status(error), _("Les alertes sont indisponibles"), error.detail)


def _page(template: str, status: int = 200, **shown: Any) -> Response:
    page = make_response(
        render_template(template, form=form_of((), "newest"), q="", csrf=csrf.token(), **shown), status
    )
    # It holds addresses and secrets, and what it says passes.
    page.headers["Cache-Control"] = "no-store"
    return page


def _form_page(filled: Filled, *, id: str | None = None, error: DepechesError | None = None) -> Response:
    """The form, with what the question would bring, or why it cannot be asked."""
    found = None
    try:
        asked = request_of(filled.params)
        try:
            check(filled.params)
        except BadParameter:
            # The API's words name its parameters.
            raise BadParameter(EVERYTHING) from None
        found = preview(archive(), asked)
    except RequestError as refused:
        error = refused
    return _page(
        "alerts_form.html",
        http_status(error) if error else 200,
        filled=filled,
        id=id,
        error=error,
        at=error.at if isinstance(error, QuerySyntaxError) else None,
        drawn=_drawn(found) if found else None,
        latest=[item_of(hit, (*followed(_given(filled)),), archive().timezone) for hit in found.latest]
        if found
        else (),
        past=_past(filled),
        search=Link(_("Retour à la recherche"), urls.link(url_for("web.search_page"), _given(filled))),
        back=url_for("web.alert_page", id=id) if id else None,
        frequencies=FREQUENCY_WORDS,
        weekdays=WEEKDAYS,
        longest={"q": LONGEST_QUERY, "name": LONGEST_NAME},
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """How many a day: in words, and as bars, their heights in hundredths; no bars where there are none at all."""

    words: str
    bars: tuple[tuple[str, int], ...]


def _drawn(found: Preview) -> Drawn:
    if not found.count:
        words = _("Aucune dépêche ces %(days)s\u00a0derniers jours.", days=DAYS)
    else:
        mean = found.count / DAYS
        each = _("environ %(number)s", number=wording.number(round(mean, 1))) if mean >= 1 else _("moins d’une")
        words = _(
            "%(count)s ces %(days)s\u00a0derniers jours, soit %(each)s par jour.",
            count=wording.counted(found.count, "dépêche"),
            days=DAYS,
            each=each,
        )
    most = max(count for _, count in found.days)
    bars = [
        (
            _("%(period)s\u00a0: %(counts)s", period=wording.day(day), counts=wording.counted(count, "dépêche")),
            -(-100 * count // most),
        )
        for day, count in found.days
        if most
    ]
    return Drawn(words, tuple(bars))


def _past(filled: Filled) -> str | None:
    """That the question is of a period which is over."""
    try:
        end = request_of(filled.params).date_to
    except RequestError:
        return None
    if end is None or _day(end) >= datetime.now(UTC).date():
        return None
    return _(
        "La période demandée est finie depuis le %(day)s\u00a0: les nouvelles dépêches n’en seront pas.",
        day=wording.day(_day(end)),
    )


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _given(filled: Filled) -> Pairs:
    return tuple((name, value) for name, values in filled.params.items() for value in values)


def _pairs(one: SavedSearch) -> Pairs:
    return tuple((name, value) for name, values in one.params.items() for value in values)


def _wanted(filled: Filled, now: SavedSearch | None = None) -> Wanted:
    """What the form asks for; `now`: what it changes. A channel that was closed, or that its receiver unsubscribed from, is
    not opened again because another part of the form changed.

    Raises:
        RequestError: a part of it cannot be; says which and why.
    """
    same = now is not None and filled.channels == alert_form.of_saved(now).channels
    channels = None if same else tuple(channel_of(each, desk().settings) for each in filled.channels)
    question = question_of(archive(), params_of(filled.params))
    return Wanted(name_of(filled.name), question, channels, filled.back_loads, reopens=False)


def _mine(id: str) -> SavedSearch:
    owner = user_id()
    with desk().database.reading() as session:
        return saved.read(session, owner, id)


def _back(id: str) -> Redirect:
    """To the page the button was on."""
    return redirect(url_for("web.alerts_page") if "list" in request.form else url_for("web.alert_page", id=id), 303)
