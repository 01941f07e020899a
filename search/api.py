"""`GET /api/v1/dispatches`, `/api/v1/facets/{F}`, and `/api/v1/dispatches/{id}`, its versions and its bytes."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, current_app

from engine.http import API_PREFIX, PROBLEM, Blueprint, ProblemSchema, encoded
from search import conditional
from search.history_schemas import HistoryAnswer, history_json
from search.received import BYTES, content_type, disposition
from search.request import SearchRequest
from search.schemas import (
    ARGUMENTS,
    INSIDE_ARGUMENTS,
    DispatchAnswer,
    InsideAnswer,
    SearchAnswer,
    answer_json,
    dispatch_json,
    inside_json,
)
from search.service import Archive
from search.similar_schemas import SimilarAnswer, SimilarArguments, similar_json

blueprint = Blueprint("search", __name__, url_prefix=API_PREFIX, description="Chercher et lire des dépêches")

# Where create_app puts the archive; one per process.
EXTENSION = "depeches-archive"


UNCHANGED = "Rien n'a changé depuis l'ETag donné par If-None-Match."


def archive() -> Archive:
    """The archive of the running application."""
    return cast(Archive, current_app.extensions[EXTENSION])


def _json(body: dict[str, Any]) -> Response:
    # Not through a schema's `dump`, which takes 2.8 ms for 100 results.
    return Response(encoded(body), content_type="application/json")


@blueprint.route("/dispatches")
@blueprint.arguments(ARGUMENTS, location="query", as_kwargs=False)
@blueprint.response(200, SearchAnswer)
@blueprint.alt_response(304, description=UNCHANGED)
@blueprint.alt_response(503, schema=ProblemSchema, content_type=PROBLEM, description="Moteur absent")
def search_dispatches(request: SearchRequest) -> Response:
    """Chercher des dépêches, avec facettes et chronologie."""
    return conditional.of_search(archive(), request, lambda: _json(answer_json(archive().search(request))))


@blueprint.route("/facets/<facet>")
@blueprint.arguments(INSIDE_ARGUMENTS, location="query", as_kwargs=False)
@blueprint.response(200, InsideAnswer)
@blueprint.alt_response(304, description=UNCHANGED)
@blueprint.alt_response(503, schema=ProblemSchema, content_type=PROBLEM, description="Moteur absent")
def search_inside(asked: tuple[SearchRequest, str], facet: str) -> Response:
    """Chercher dans une facette, sous la même recherche et les mêmes filtres."""
    request, prefix = asked
    return conditional.of_search(
        archive(), request, lambda: _json(inside_json(archive().inside(request, facet, prefix))), prefix
    )


@blueprint.route("/dispatches/<id>/versions")
@blueprint.response(200, HistoryAnswer)
@blueprint.alt_response(404, schema=ProblemSchema, content_type=PROBLEM, description="Dépêche inconnue")
@blueprint.alt_response(304, description=UNCHANGED)
@blueprint.alt_response(503, schema=ProblemSchema, content_type=PROBLEM, description="Moteur absent")
def read_versions(id: str) -> Response:
    """Les versions d'une dépêche, ce qui change de l'une à l'autre, et les autres agences."""
    return conditional.by_content(_json(history_json(*archive().history(id, compare=True))))


@blueprint.route("/dispatches/<id>/similar")
@blueprint.arguments(SimilarArguments, location="query", as_kwargs=True)
@blueprint.response(200, SimilarAnswer)
@blueprint.alt_response(404, schema=ProblemSchema, content_type=PROBLEM, description="Dépêche inconnue")
@blueprint.alt_response(304, description=UNCHANGED)
@blueprint.alt_response(503, schema=ProblemSchema, content_type=PROBLEM, description="Moteur absent")
def read_similar(id: str, size: int) -> Response:
    """Les dépêches sur le même sujet, d'autres histoires, et les mots qui le disent."""
    return conditional.by_content(_json(similar_json(archive().similar(archive().get(id), size))))


@blueprint.route("/dispatches/<id>/raw")
@blueprint.doc(
    responses={
        200: {
            "description": "Les octets reçus, dans leur encodage d'origine.",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("text/plain", BYTES)},
        }
    }
)
@blueprint.alt_response(404, schema=ProblemSchema, content_type=PROBLEM, description="Dépêche inconnue")
@blueprint.alt_response(503, schema=ProblemSchema, content_type=PROBLEM, description="Moteur absent")
def read_raw(id: str) -> Response:
    """Le texte tel que reçu, octet pour octet."""
    dispatch = archive().get(id)
    response = Response(dispatch.raw, content_type=content_type(dispatch))
    response.headers["Content-Disposition"] = disposition(dispatch)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return conditional.by_content(response)


@blueprint.route("/dispatches/<id>")
@blueprint.response(200, DispatchAnswer)
@blueprint.alt_response(404, schema=ProblemSchema, content_type=PROBLEM, description="Dépêche inconnue")
@blueprint.alt_response(304, description=UNCHANGED)
@blueprint.alt_response(503, schema=ProblemSchema, content_type=PROBLEM, description="Moteur absent")
def read_dispatch(id: str) -> Response:
    """Lire une dépêche entière."""
    return conditional.by_content(_json(dispatch_json(archive().get(id))))
