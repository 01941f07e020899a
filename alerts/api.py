"""`/api/v1/saved-searches`: a reader saves searches, sees what they would bring, changes, pauses and deletes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from flask import Response, current_app, json, request, url_for
from sqlalchemy.orm import Session

from access.gate import user_id
from access.scopes import needs
from alerts import hits, saved, targets
from alerts.models import SavedSearch
from alerts.params import check
from alerts.preview import alone, last_seq, preview
from alerts.saved import MOST_SAVED, Wanted, WantedChannel
from alerts.schemas import (
    ChangeArguments,
    HitsAnswer,
    HitsArguments,
    PreviewAnswer,
    PreviewArguments,
    SaveArguments,
    SavedAnswer,
    SavedListAnswer,
    hits_json,
    params_of,
    preview_json,
    saved_json,
)
from engine.config import Settings
from engine.database import Database
from engine.errors import BadParameter
from engine.http import API_PREFIX, PROBLEM, Blueprint, ProblemSchema
from search.api import archive

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
def _writing() -> Iterator[tuple[Session, datetime]]:
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
        _name(body["name"]), _asked(body["params"]), _channels(body.get("channels", [])), body.get("back_loads", False)
    )
    owner, seq = user_id(), last_seq(archive())
    with _writing() as (session, now):
        made = saved.create(session, owner, wanted, after_seq=seq, now=now)
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
        changes["name"] = _name(body["name"])
    if "params" in body:
        changes["params"] = _asked(body["params"])
    if "channels" in body:
        changes["channels"] = _channels(body["channels"])
    if "back_loads" in body:
        changes["back_loads"] = body["back_loads"]
    seq = last_seq(archive()) if "params" in body else 0
    with _writing() as (session, now):
        wanted = replace(saved.wanted_of(saved.read(session, owner, id)), **changes)
        changed = saved.change(session, owner, id, wanted, after_seq=seq, now=now, revision=_revision())
    return _one(changed)


@blueprint.route("/<id>", methods=["DELETE"])
@blueprint.response(204)
@_changed
@_of_one
@needs("alerts")
def delete(id: str) -> Response:
    """Supprimer une recherche enregistrée ; plus rien n'en est envoyé."""
    owner = user_id()
    with _writing() as (session, _):
        saved.delete(session, owner, id, revision=_revision())
    return Response(status=204)


@blueprint.route("/<id>/pause", methods=["POST"])
@blueprint.response(200, SavedAnswer)
@_of_one
@needs("alerts")
def pause(id: str) -> Response:
    """Mettre en pause : plus d'alertes jusqu'à la reprise."""
    owner = user_id()
    with _writing() as (session, now):
        paused = saved.pause(session, owner, id, now=now)
    return _one(paused)


@blueprint.route("/<id>/resume", methods=["POST"])
@blueprint.response(200, SavedAnswer)
@_of_one
@needs("alerts")
def resume(id: str) -> Response:
    """Reprendre, avec ce qui arrive désormais."""
    owner, seq = user_id(), last_seq(archive())
    with _writing() as (session, now):
        resumed = saved.resume(session, owner, id, after_seq=seq, now=now)
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
        saved.read(session, owner, id)
        found = hits.newest(session, id, limit=size + 1, before=arguments["before"])
    return _json(hits_json(found, size))


def _read(id: str) -> SavedSearch:
    owner = user_id()
    with desk().database.reading() as session:
        return saved.read(session, owner, id)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or not name.isprintable():
        raise BadParameter("name : un nom, de 1 à 200 caractères imprimables.")
    return name


def _asked(given: dict[str, Any]) -> dict[str, list[str]]:
    """Parameters that the archive can answer, and by which new dispatches can be told apart."""
    params = params_of(given)
    archive().search(alone(check(params)))
    return params


def _channels(wanted: list[WantedChannel]) -> tuple[WantedChannel, ...]:
    """The channels, their targets in one spelling. Raises: BadParameter: says which channel and why."""
    return tuple(_channel(place, each) for place, each in enumerate(wanted))


def _channel(place: int, wanted: WantedChannel) -> WantedChannel:
    try:
        if wanted.type == "email":
            return replace(wanted, target=targets.email(wanted.target))
        if wanted.type == "webhook":
            return replace(wanted, target=targets.webhook(wanted.target, desk().settings).url)
        if wanted.target:
            raise BadParameter("un canal « feed » n'a pas d'adresse : la sienne est donnée par l'archive.")
    except BadParameter as error:
        raise BadParameter(f"channels[{place}].target : {error.detail}") from error
    return wanted


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
    answer.headers["Cache-Control"] = "no-store"  # it holds secrets
    return answer


def _json(body: dict[str, Any], status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False, sort_keys=False)
    return Response(text, status=status, content_type="application/json")
