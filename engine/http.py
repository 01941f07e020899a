"""What every room that speaks HTTP shares: strict arguments, `application/problem+json`, the OpenAPI document.

flask-smorest on its own lets unknown query parameters pass and documents errors as `application/json`; both are
changed here, once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, NoReturn

import flask_smorest
import marshmallow as ma
import orjson
from flask import Request, Response, current_app, json, request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

from engine.errors import BadParameter, DepechesError, TooManyRequests, UnknownParameter, http_status

PROBLEM = "application/problem+json"

# Seconds after which asking again makes sense, when the engine is away or busy.
RETRY_AFTER = 5

API_PREFIX = "/api/v1"


class ProblemSchema(ma.Schema):
    """RFC 9457, with our `code`, and for query errors `position` and `suggestion`."""

    type = ma.fields.String(required=True, metadata={"description": "Toujours « about:blank »."})
    title = ma.fields.String(required=True, metadata={"description": "Nom du statut HTTP."})
    status = ma.fields.Integer(required=True, metadata={"description": "Statut HTTP."})
    code = ma.fields.String(required=True, metadata={"description": "Code stable de l'erreur, pour les programmes."})
    detail = ma.fields.String(required=True, metadata={"description": "Ce qui ne va pas et que faire, en français."})
    position = ma.fields.Integer(metadata={"description": "Caractère de « q » où l'erreur se trouve, depuis 0."})
    suggestion = ma.fields.String(metadata={"description": "Ce qu'il faudrait écrire à la place."})


# What the framework itself refuses, said in French.
HTTP_DETAILS = {
    401: ("non-identifie", "Cette archive ne sait pas qui vous êtes."),
    403: ("non-autorise", "Cela ne vous est pas permis."),
    404: ("introuvable", "Cette adresse n'existe pas ; l'API est décrite à /api/v1/openapi.json."),
    405: ("methode", "Cette méthode HTTP n'est pas acceptée à cette adresse."),
    406: ("representation", "Cette représentation n'est pas proposée ; demandez application/json."),
    413: ("trop-gros", "La requête est trop volumineuse."),
    415: ("type", "Ce type de contenu n'est pas accepté."),
    429: ("trop-de-requetes", "Trop de requêtes ; réessayez plus tard."),
    500: ("erreur-interne", "Une erreur inattendue s'est produite ; elle est consignée dans le journal."),
}


def problem(status: int, code: str, detail: str, **extras: Any) -> Response:
    """A problem+json answer."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail}
    body |= {key: value for key, value in extras.items() if value is not None}
    # What was sent may be told back, and JSON can send half a surrogate pair, which no answer can hold.
    body = {
        key: value.encode(errors="replace").decode() if isinstance(value, str) else value for key, value in body.items()
    }
    response = Response(encoded(body), status=status, content_type=PROBLEM)
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_AFTER)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="depeches"'
    return response


def problem_of(error: DepechesError) -> Response:
    """The answer to one of our errors; its status is in `engine.errors.HTTP_STATUS`."""
    answer = problem(http_status(error), error.code, error.detail, position=error.at, suggestion=error.suggestion)
    if answer.status_code in (429, 503):
        answer.headers["Retry-After"] = str(retry_after(error))
    return answer


def retry_after(error: DepechesError | None) -> int:
    """Seconds after which asking again makes sense."""
    return error.retry_after if isinstance(error, TooManyRequests) else RETRY_AFTER


def problem_of_http(error: HTTPException) -> Response:
    """The answer to what the framework refuses (no such address, method, ...)."""
    status = error.code or 500
    code, detail = HTTP_DETAILS.get(status, ("requete", error.description or HTTPStatus(status).phrase))
    answer = problem(status, code, detail)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


class StrictParser(FlaskParser):
    """Reads arguments by a marshmallow schema; an unknown one is an error that names the nearest valid one.

    What a field takes is said, in French, by its `metadata["description"]`: one text for errors and documentation.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE}
    DEFAULT_VALIDATION_STATUS = 400

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        raise argument_error(error, schema) from error

    def _handle_invalid_json_error(self, error: Any, req: Request, *args: Any, **kwargs: Any) -> NoReturn:
        where = f" (ligne {error.lineno}, caractère {error.colno})" if hasattr(error, "lineno") else ""
        raise BadParameter(f"Le corps de la requête n'est pas du JSON qui se lise{where}.") from error


def argument_error(error: ma.ValidationError, schema: ma.Schema) -> DepechesError:
    """Our error for arguments that do not fit a schema: the first that is wrong, and what it takes."""
    messages = error.normalized_messages()  # type: ignore[no-untyped-call]
    # webargs puts the messages under the name of the place they came from ("query").
    if len(messages) == 1 and next(iter(messages)) in ("query", "json", "form"):
        (messages,) = messages.values()
    name = str(next(iter(messages))) if isinstance(messages, dict) else ""
    known = {field.data_key or key: field for key, field in schema.load_fields.items()}
    if name not in known:
        return unknown_parameter(name, known)
    place, field = _inside(name, known[name], messages[name])
    if field is None:
        return UnknownParameter(f"« {place[:80]} » n'existe pas. {known[name].metadata.get('description', '')}".strip())
    return BadParameter(f"Paramètre « {place} » invalide. {field.metadata.get('description', '')}".strip())


def _inside(name: str, field: ma.fields.Field[Any], messages: Any) -> tuple[str, ma.fields.Field[Any] | None]:
    """The part of a list or object that is wrong ("channels[0].type"), and its field; None: there is none such."""
    place, found = name, field
    while isinstance(messages, dict):
        key, messages = next(iter(messages.items()))
        if isinstance(found, ma.fields.List) and isinstance(key, int):
            if not isinstance(found.inner, ma.fields.Nested):
                break  # a value by itself: what it may be is said of the list
            place, found = f"{place}[{key}]", found.inner
        elif isinstance(found, ma.fields.Nested) and isinstance(key, str) and key != "_schema":
            inner = {each.data_key or name: each for name, each in found.schema.load_fields.items()}
            place = f"{place}.{key}"
            if key not in inner:
                return place, None
            found = inner[key]
        else:
            break
    return place, found


def unknown_parameter(name: str, known: Iterable[str]) -> UnknownParameter:
    """The error for a parameter that does not exist."""
    nearest = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    hint = f" Vouliez-vous dire « {nearest[0]} » ?" if nearest else f" Les paramètres sont : {', '.join(known)}."
    return UnknownParameter(
        f"Le paramètre « {name[:80]} » n'existe pas.{hint}", suggestion=nearest[0] if nearest else None
    )


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A flask-smorest blueprint with strict arguments."""

    ARGUMENTS_PARSER = StrictParser()


# What every address may answer, beyond local mode.
LIMITED = {
    "description": "Trop de demandes en une minute ; « Retry-After » dit dans combien de secondes redemander",
    "headers": {"Retry-After": {"schema": {"type": "integer"}}},
    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The API and its OpenAPI 3.1 document, with errors as problems."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """None here: `app.py` decides, since pages answer errors as pages."""

    def document(self) -> dict[str, Any]:
        """The OpenAPI document, its error answers under their real media type."""
        spec: dict[str, Any] = self.spec.to_dict()
        for answer in spec.get("components", {}).get("responses", {}).values():
            content = answer.get("content", {})
            if "application/json" in content:
                content[PROBLEM] = content.pop("application/json")
        operations = [each for path in spec.get("paths", {}).values() for each in path.values() if "responses" in each]
        for operation in operations:
            operation["responses"].setdefault("429", LIMITED)
        return spec

    def _openapi_json(self) -> Response:
        return Response(json.dumps(self.document(), ensure_ascii=False, indent=1), content_type="application/json")


def encoded(body: Mapping[str, Any]) -> bytes:
    """An answer as it is sent: UTF-8 JSON, in the order it was made."""
    return orjson.dumps(body)


# Where the app keeps the address readers know the archive by; blank: that of each request.
PUBLIC_URL = "PUBLIC_URL"


def public_root() -> str:
    """The address readers know the archive by, without a slash at the end: "https://depeches.exemple.fr"."""
    known: str = current_app.config.get(PUBLIC_URL) or request.url_root
    return known.rstrip("/")


def wants_problem() -> bool:
    """Whether the request in hand is a program's: errors of the API are problems, those of pages are pages."""
    return request.path.startswith(("/api/", "/healthz", "/readyz", "/metrics", "/oembed"))
