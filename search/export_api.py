"""`GET /api/v1/export.{csv,jsonl,ris,txt}`: what a search finds as a file; `.atom`, `.rss`: its newest as a feed.

One dispatch is a file too: `/api/v1/dispatches/{id}/export.ris`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast
from urllib.parse import quote

import structlog
from flask import Response, current_app, request
from werkzeug.urls import iri_to_uri

from engine.errors import DepechesError
from engine.http import API_PREFIX, PROBLEM, Blueprint, ProblemSchema, public_root
from search import conditional
from search.export_feeds import FEEDS, feed_of
from search.export_schemas import FeedArguments, FileArguments
from search.exporting import written
from search.exports import Exports, File
from search.formats import FORMATS, Format
from search.formats.place import Place
from search.request import SearchRequest
from search.titles import ascii_name, file_name, name_of

log = structlog.get_logger()

blueprint = Blueprint("export", __name__, url_prefix=API_PREFIX, description="Emporter des dépêches")

# Where create_app puts the files of the archive; one per process.
EXTENSION = "depeches-exports"

# Seconds a reader may take for one chunk before it is taken for gone.
STALLED = 60.0

TOTAL = "X-Total-Count"


def exports() -> Exports:
    """The files of the running application."""
    return cast(Exports, current_app.extensions[EXTENSION])


def place() -> Place:
    """The archive as the client addressed it."""
    return Place(public_root(), exports().archive.timezone)


# -- files -----------------------------------------------------------------------------------------------------------


def _file(form: Format, asked: SearchRequest, first: int | None) -> Response:
    if request.method == "HEAD":
        response = Response(iter(()))  # its length is not known
        total = exports().count(asked, first)
    else:
        file = exports().open(form, asked, place(), first)
        response, total = Response(_watched(form, file)), file.total
        # Called whatever happens: the end, an error, a reader who left, before the first byte or after it.
        response.call_on_close(file.close)
        _mind_stalling()
    response.content_type = form.media_type
    response.headers[TOTAL] = str(total)
    response.headers["Content-Disposition"] = _disposition(file_name(asked, form.name))
    response.headers["Cache-Control"] = "private, no-store"
    # nginx would keep the file back, and take a broken one for a whole one less clearly.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _watched(form: Format, file: File) -> Iterator[bytes]:
    """The chunks. An error in their midst goes on to the server, which then cuts the connection: no last chunk is
    sent, and no client takes what it has for the whole."""
    try:
        yield from file
    except DepechesError as error:
        log.error("export interrompu", format=form.name, code=error.code, detail=error.detail)
        raise


def _mind_stalling() -> None:
    """Let a reader who takes nothing for `STALLED` seconds go: it would hold a thread and a point in time for ever."""
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(STALLED)


def _disposition(name: str) -> str:
    """A name for those who know UTF-8 and one for those who do not (RFC 6266, section 5)."""
    return f"attachment; filename=\"{ascii_name(name)}\"; filename*=UTF-8''{quote(name, safe='')}"


def _route_of_files(form: Format) -> None:
    @blueprint.route(f"/export.{form.name}", endpoint=f"export_{form.name}")
    @blueprint.arguments(FileArguments, location="query", as_kwargs=False)
    @blueprint.doc(
        responses={
            200: {
                "description": f"Les dépêches trouvées, en {form.label}, d'un bout à l'autre.",
                "content": {form.media_type.partition(";")[0]: {"schema": {"type": "string"}}},
                "headers": {TOTAL: {"description": "Dépêches du fichier.", "schema": {"type": "integer"}}},
            }
        }
    )
    @blueprint.alt_response(503, schema=ProblemSchema, content_type=PROBLEM, description="Moteur absent")
    def export_file(asked: tuple[SearchRequest, int | None]) -> Response:
        return _file(form, *asked)

    export_file.__doc__ = f"Emporter les dépêches trouvées, en {form.label}."


def _one(form: Format, id: str) -> Response:
    dispatch = exports().archive.get(id)
    response = Response(b"".join(written(form, [dispatch], place())), content_type=form.media_type)
    response.headers["Content-Disposition"] = _disposition(name_of(dispatch.title, form.name))
    return conditional.by_content(response)


def _route_of_one(form: Format) -> None:
    @blueprint.route(f"/dispatches/<id>/export.{form.name}", endpoint=f"export_one_{form.name}")
    @blueprint.doc(
        responses={
            200: {
                "description": f"La dépêche, en {form.label}.",
                "content": {form.media_type.partition(";")[0]: {"schema": {"type": "string"}}},
            }
        }
    )
    @blueprint.alt_response(404, schema=ProblemSchema, content_type=PROBLEM, description="Dépêche inconnue")
    @blueprint.alt_response(304, description="Rien n'a changé depuis l'ETag donné par If-None-Match.")
    @blueprint.alt_response(503, schema=ProblemSchema, content_type=PROBLEM, description="Moteur absent")
    def export_one(id: str) -> Response:
        return _one(form, id)

    export_one.__doc__ = f"Emporter une dépêche, en {form.label}."


# -- feeds -----------------------------------------------------------------------------------------------------------


def _feed(kind: str, asked: SearchRequest) -> Response:
    _, media_type, write = FEEDS[kind]
    where = place()

    def make() -> Response:
        pairs = tuple(request.args.items(multi=True))
        feed = feed_of(
            exports().archive, asked, pairs, where, iri_to_uri(f"{public_root()}{request.full_path.rstrip('?')}")
        )
        return Response(write(feed), content_type=media_type)

    return conditional.of_search(exports().archive, asked, make, request.url)


def _route_of_feeds(kind: str) -> None:
    label, media_type, _ = FEEDS[kind]

    @blueprint.route(f"/export.{kind}", endpoint=f"export_{kind}")
    @blueprint.arguments(FeedArguments, location="query", as_kwargs=False)
    @blueprint.doc(
        responses={
            200: {
                "description": f"Les plus récentes des dépêches trouvées, en {label}.",
                "content": {media_type.partition(";")[0]: {"schema": {"type": "string"}}},
            },
            304: {"description": "Rien de nouveau depuis l'ETag donné par If-None-Match."},
        }
    )
    @blueprint.alt_response(503, schema=ProblemSchema, content_type=PROBLEM, description="Moteur absent")
    def export_feed(asked: SearchRequest) -> Response:
        return _feed(kind, asked)

    export_feed.__doc__ = f"Suivre une recherche par un fil {label}."


for _form in FORMATS.values():
    _route_of_files(_form)
    _route_of_one(_form)
for _kind in FEEDS:
    _route_of_feeds(_kind)
