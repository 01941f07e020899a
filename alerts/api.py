"""`/api/v1/saved-searches`: a reader saves searches, sees what they would bring, changes, pauses and deletes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from flask import Response, current_app, g, json, request, url_for
from sqlalchemy.orm import Session

from access.gate import user_id
from access.scopes import Caller, needs
from alerts import hits, saved
from alerts.announced import announced
from alerts.feed import ENTRIES, feed_of
from alerts.models import SavedSearch
from alerts.params import check
from alerts.preview import preview
from alerts.saved import MOST_SAVED, Wanted, WantedChannel
from alerts.schemas import (
    ChangeArguments,
    FeedArguments,
    HitsAnswer,
    HitsArguments,
    PreviewAnswer,
    PreviewArguments,
    SaveArguments,
    SavedAnswer,
    SavedListAnswer,
    feed_link,
    hits_json,
    params_of,
    preview_json,
    saved_json,
)
from alerts.start import BEGINNING, start
from alerts.wanted import channel_of, name_of, question_of
from engine.config import Settings
from engine.database import Database
from engine.errors import BadParameter, DatabaseError, SavedSearchNotFound
from engine.http import API_PREFIX, PROBLEM, Blueprint, ProblemSchema, public_root
from search.api import archive
from search.conditional import by_content
from search.export_api import place
from search.feeds import ATOM_TYPE, atom
from search.suggest import Saved

blueprint = Blueprint(
    "alerts", __name__, url_prefix=f"{API_PREFIX}/saved-searches", description="Recherches enregistrées"
)

# Where create_app puts them; one per process.
EXTENSION = "depeches-alerts"


@dataclass(frozen=True, slots=True)
class Desk:
    """What this room needs of the running application."""

    settings: Settings
    database: Database


def desk() -> Desk:
    return cast(Desk, current_app.extensions[EXTENSION])


def of_the_reader() -> Sequence[Saved]:
    """The saved searches of whoever makes the request in hand, for help while typing; none where nobody is named.

    Help is no reason to fail: without the database there is none of it.
    """
    caller = cast("Caller | None", g.get("caller"))
    if caller is None or not caller.name or "alerts" not in caller.scopes:
        return ()
    with suppress(DatabaseError), desk().database.reading() as session:
        return [Saved(name, params) for name, params in saved.named(session, caller.name)]
    return ()


def _problems(view: Any) -> Any:
    """The errors any of these addresses may answer, in the document."""
    for status, meaning in (
        (400, "Requête fausse : detail dit quelle partie, position où dans « q »"),
        (401, "Sans clé, hors du mode local"),
        (403, "Clé sans la portée « alerts »"),
        (503, "Base ou moteur absent"),
    ):
        view = blueprint.alt_response(status, schema=ProblemSchema, content_type=PROBLEM, description=meaning)(view)
    return view


def _of_one(view: Any) -> Any:
    view = blueprint.alt_response(404, schema=ProblemSchema, content_type=PROBLEM, description="Pas à vous")(view)
    return _problems(view)


def _changed(view: Any) -> Any:
    meaning = "Changée depuis la révision de If-Match"
    return blueprint.alt_response(412, schema=ProblemSchema, content_type=PROBLEM, description=meaning)(view)


@contextmanager
def writing() -> Iterator[tuple[Session, datetime]]:
    """A transaction that writes, and the database's clock."""
    with desk().database.writing() as session:
        yield session, desk().database.now(session)


@blueprint.route("")
@blueprint.response(200, SavedListAnswer)
@_problems
@needs("alerts")
def list_saved() -> Response:
    """Vos recherches enregistrées, la dernière d'abord."""
    owner = user_id()
    with desk().database.reading() as session:
        found = [saved_json(each) for each in saved.every(session, owner)]
    return _json({"saved_searches": found, "limit": MOST_SAVED})


@blueprint.route("", methods=["POST"])
@blueprint.arguments(SaveArguments)
@blueprint.response(201, SavedAnswer)
@blueprint.alt_response(409, schema=ProblemSchema, content_type=PROBLEM, description="Vous en avez autant qu'on peut")
@_problems
@needs("alerts")
def save(body: dict[str, Any]) -> Response:
    """Enregistrer une recherche."""
    wanted = Wanted(
        name_of(body["name"]),
        question_of(archive(), params_of(body["params"])),
        _channels(body.get("channels", [])),
        body.get("back_loads", False),
    )
    owner, begins = user_id(), start(archive(), wanted.params)
    with writing() as (session, now):
        made = saved.create(session, owner, wanted, start=begins, now=now)
    answer = _one(made, 201)
    answer.headers["Location"] = url_for("alerts.read", id=made.id)
    return answer


@blueprint.route("/preview", methods=["POST"])
@blueprint.arguments(PreviewArguments)
@blueprint.response(200, PreviewAnswer)
@_problems
@needs("alerts")
def preview_params(body: dict[str, Any]) -> Response:
    """Ce qu'une recherche donnerait, sans l'enregistrer : par jour ces 30 derniers jours, et les 5 plus récentes."""
    return _json(preview_json(preview(archive(), check(params_of(body["params"])))))


@blueprint.route("/<id>")
@blueprint.response(200, SavedAnswer)
@_of_one
@needs("alerts")
def read(id: str) -> Response:
    """Une recherche enregistrée."""
    return _one(_read(id))


@blueprint.route("/<id>", methods=["PATCH"])
@blueprint.arguments(ChangeArguments)
@blueprint.response(200, SavedAnswer)
@_changed
@_of_one
@needs("alerts")
def change(body: dict[str, Any], id: str) -> Response:
    """Changer une recherche enregistrée : ce qui est donné change, le reste demeure."""
    owner = user_id()
    changes: dict[str, Any] = {}
    if "name" in body:
        changes["name"] = name_of(body["name"])
    if "params" in body:
        changes["params"] = question_of(archive(), params_of(body["params"]))
    if "channels" in body:
        changes["channels"] = _channels(body["channels"])
    if "back_loads" in body:
        changes["back_loads"] = body["back_loads"]
    begins = start(archive(), changes["params"]) if "params" in body else BEGINNING
    with writing() as (session, now):
        wanted = replace(saved.wanted_of(saved.read(session, owner, id)), **changes)
        changed = saved.change(session, owner, id, wanted, start=begins, now=now, revision=_revision())
    return _one(changed)


@blueprint.route("/<id>", methods=["DELETE"])
@blueprint.response(204)
@_changed
@_of_one
@needs("alerts")
def delete(id: str) -> Response:
    """Supprimer une recherche enregistrée ; plus rien n'en est envoyé."""
    owner = user_id()
    with writing() as (session, _):
        saved.delete(session, owner, id, revision=_revision())
    return Response(status=204)


@blueprint.route("/<id>/pause", methods=["POST"])
@blueprint.response(200, SavedAnswer)
@_of_one
@needs("alerts")
def pause(id: str) -> Response:
    """Mettre en pause : plus d'alertes jusqu'à la reprise."""
    owner = user_id()
    with writing() as (session, now):
        paused = saved.pause(session, owner, id, now=now)
    return _one(paused)


@blueprint.route("/<id>/resume", methods=["POST"])
@blueprint.response(200, SavedAnswer)
@_of_one
@needs("alerts")
def resume(id: str) -> Response:
    """Reprendre, avec ce qui arrive désormais."""
    owner, begins = user_id(), start(archive(), _read(id).params)
    with writing() as (session, now):
        resumed = saved.resume(session, owner, id, start=begins, now=now)
    return _one(resumed)


@blueprint.route("/<id>/preview")
@blueprint.response(200, PreviewAnswer)
@_of_one
@needs("alerts")
def preview_saved(id: str) -> Response:
    """Ce qu'une recherche enregistrée donne : par jour ces 30 derniers jours, et les 5 plus récentes."""
    return _json(preview_json(preview(archive(), check(_read(id).params))))


@blueprint.route("/<id>/hits")
@blueprint.arguments(HitsArguments, location="query")
@blueprint.response(200, HitsAnswer)
@_of_one
@needs("alerts")
def list_hits(arguments: dict[str, Any], id: str) -> Response:
    """Ce qu'elle a trouvé, le dernier d'abord."""
    owner, size = user_id(), arguments["size"]
    with desk().database.reading() as session:
        one = saved.read(session, owner, id)
        found = hits.newest(session, id, limit=size + 1, before=arguments["before"], delivery=arguments["delivery"])
    return _json(hits_json(announced(archive(), one, found[:size]), size, more=len(found) > size))


@blueprint.route("/<id>/feed.atom")
@blueprint.arguments(FeedArguments, location="query")
@blueprint.doc(
    responses={
        200: {
            "description": "Ce qu'elle a annoncé, le dernier d'abord, en Atom.",
            "content": {"application/atom+xml": {"schema": {"type": "string"}}},
        },
        304: {"description": "Rien de nouveau depuis l'ETag donné par If-None-Match."},
    },
    security=[],
)
@blueprint.alt_response(404, schema=ProblemSchema, content_type=PROBLEM, description="Secret faux ou remplacé")
@blueprint.alt_response(503, schema=ProblemSchema, content_type=PROBLEM, description="Base ou moteur absent")
@needs("nothing")
def feed(arguments: dict[str, Any], id: str) -> Response:
    """Suivre ses alertes par un fil Atom ; le secret de l'adresse (`links.feed`) suffit, sans clé."""
    with desk().database.reading() as session:
        one = saved.opened_by(session, id, arguments["token"])
        found = hits.newest(session, id, limit=ENTRIES) if one else ()
    if one is None:
        raise SavedSearchNotFound("Ce fil n'existe pas, ou son adresse a été renouvelée.")
    shown = feed_of(one, announced(archive(), one, found), place(), f"{public_root()}{feed_link(one)}")
    return by_content(Response(atom(shown), content_type=ATOM_TYPE))


@blueprint.route("/<id>/feed-token", methods=["POST"])
@blueprint.response(200, SavedAnswer)
@_of_one
@needs("alerts")
def renew_feed(id: str) -> Response:
    """Renouveler l'adresse secrète de son fil ; l'ancienne n'ouvre plus rien."""
    owner = user_id()
    with writing() as (session, now):
        renewed = saved.renew_feed(session, owner, id, now=now)
    return _one(renewed)


@blueprint.route("/<id>/channels/<channel>/secret", methods=["POST"])
@blueprint.response(200, SavedAnswer)
@_of_one
@needs("alerts")
def renew_secret(id: str, channel: str) -> Response:
    """Renouveler le secret d'un webhook ; l'ancien signe encore un jour, le temps que le destinataire change."""
    owner = user_id()
    with writing() as (session, now):
        saved.rotate_secret(session, owner, id, channel, now=now)
        changed = saved.read(session, owner, id)
    return _one(changed)


def _read(id: str) -> SavedSearch:
    owner = user_id()
    with desk().database.reading() as session:
        return saved.read(session, owner, id)


def _channels(wanted: list[WantedChannel]) -> tuple[WantedChannel, ...]:
    """The channels, their targets in one spelling. Raises: BadParameter: says which channel and why."""
    return tuple(_channel(place, each) for place, each in enumerate(wanted))


def _channel(place: int, wanted: WantedChannel) -> WantedChannel:
    try:
        return channel_of(wanted, desk().settings)
    except BadParameter as error:
        raise BadParameter(f"channels[{place}].target : {error.detail}") from error


def _revision() -> int | None:
    """The revision a change is of, by `If-Match`; None: whatever it is.

    Raises:
        BadParameter: it is no revision of ours.
    """
    told = request.headers.get("If-Match", "").strip()
    if told in ("", "*"):
        return None
    number = told.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise BadParameter('If-Match : la valeur d\'ETag reçue, par exemple "3".')
    return int(number)


def _one(row: SavedSearch, status: int = 200) -> Response:
    answer = _json(saved_json(row), status)
    answer.headers["ETag"] = f'"{row.revision}"'
    return answer


def _json(body: dict[str, Any], status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False, sort_keys=False)
    answer = Response(text, status=status, content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"  # the address of a feed is its secret
    return answer
