"""`POST /api/v1/dispatches`: programs push dispatches, and are told what became of each."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any, cast

import marshmallow as ma
from flask import Response, current_app, json, request
from marshmallow import fields, validate

from access.scopes import needs
from engine.errors import EngineDenied, EngineError
from engine.http import API_PREFIX, PROBLEM, Blueprint, ProblemSchema, problem
from indexer.intake import LONGEST_SECONDS, MOST_ITEMS, Account, Intake
from indexer.readers import FORMATS
from indexer.upload import MEDIA_TYPES, MOST_FILES, MULTIPART, receive

blueprint = Blueprint("ingest", __name__, url_prefix=API_PREFIX, description="Chercher et lire des dépêches")

# Where create_app puts the intake; one per process.
EXTENSION = "depeches-intake"

# Sent back as it came: a dispatch is known by its content, so a retry is harmless with a key or without.
IDEMPOTENCY_KEY = "Idempotency-Key"


class PushArguments(ma.Schema):
    """Arguments of the query string."""

    format = fields.String(
        validate=validate.OneOf(FORMATS),
        metadata={"description": f"Force le format, parmi {', '.join(FORMATS)} ; sinon il est reconnu au contenu."},
    )


class RejectedSchema(ma.Schema):
    item = fields.String(required=True, metadata={"description": "Le fichier et la place dans ce fichier, à lire."})
    file = fields.String(required=True, metadata={"description": "Le nom du fichier ; « envoi » pour un corps simple."})
    position = fields.Integer(required=True, metadata={"description": "La place dans le fichier, depuis 1."})
    code = fields.String(required=True, metadata={"description": "Code stable de la raison, pour les programmes."})
    reason = fields.String(required=True, metadata={"description": "La raison, en français."})


class SkippedSchema(ma.Schema):
    item = fields.String(required=True, metadata={"description": "Le fichier et la place dans ce fichier, à lire."})
    file = fields.String(required=True, metadata={"description": "Le nom du fichier ; « envoi » pour un corps simple."})
    position = fields.Integer(required=True, metadata={"description": "La place dans le fichier, depuis 1."})
    reason = fields.String(required=True, metadata={"description": "La raison, en français."})


class AccountSchema(ma.Schema):
    """Toujours : read = loaded + unchanged + nombre de rejected."""

    read = fields.Integer(required=True, metadata={"description": "Dépêches lues."})
    loaded = fields.Integer(required=True, metadata={"description": "Entrées dans l'archive, déjà cherchables."})
    unchanged = fields.Integer(required=True, metadata={"description": "Déjà dans l'archive, telles quelles."})
    rejected = fields.List(fields.Nested(RejectedSchema), required=True)
    skipped = fields.List(
        fields.Nested(SkippedSchema),
        required=True,
        metadata={"description": "Ce qui n'est pas une dépêche et ne prétend pas l'être : photos, fichiers cachés…"},
    )


class AccountProblemSchema(ProblemSchema):
    """Un problème, et le compte de ce qui a été lu."""

    read = fields.Integer()
    loaded = fields.Integer()
    unchanged = fields.Integer()
    rejected = fields.List(fields.Nested(RejectedSchema))
    skipped = fields.List(fields.Nested(SkippedSchema))


_DISPATCH = {
    "type": "object",
    "description": "« text », ou « body » ; les autres clés, facultatives, sont dans docs/formats.md (jsonl).",
    "properties": {
        "text": {"type": "string", "description": "Le texte entier."},
        "body": {"type": ["array", "string"], "items": {"type": "string"}, "description": "Les paragraphes."},
        "id": {"type": ["string", "integer"], "description": "L'identifiant de l'agence."},
        "title": {"type": "string"},
        "published": {"type": "string", "description": "Une date avec son année, ISO 8601 de préférence."},
        "agency": {"type": "string"},
    },
}


def _schema(media: str) -> dict[str, Any]:
    """What a body of this media type looks like."""
    if media == "application/json":
        return {"oneOf": [_DISPATCH, {"type": "array", "items": _DISPATCH}]}
    if media == MULTIPART:
        files = {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}
        return {"type": "object", "properties": {"file": files}, "required": ["file"], "additionalProperties": False}
    return {"type": "string"} | ({} if MEDIA_TYPES[media] else {"format": "binary"})


_BODY = {
    "required": True,
    "description": f"Des dépêches : JSON, une par ligne, ou des fichiers de tout format lu. Au plus {MOST_ITEMS} dépêches et "
    f"{MOST_FILES} fichiers par requête.",
    "content": {media: {"schema": _schema(media)} for media in (*MEDIA_TYPES, MULTIPART)},
}


@blueprint.route("/dispatches", methods=["POST"])
@blueprint.arguments(PushArguments, location="query")
@blueprint.response(200, AccountSchema, description="Le compte de chaque dépêche reçue")
@blueprint.alt_response(400, schema=ProblemSchema, content_type=PROBLEM, description="Requête mal formée")
@blueprint.alt_response(401, schema=ProblemSchema, content_type=PROBLEM, description="Sans clé, hors du mode local")
@blueprint.alt_response(403, schema=ProblemSchema, content_type=PROBLEM, description="Clé sans la portée « ingest »")
@blueprint.alt_response(408, schema=ProblemSchema, content_type=PROBLEM, description="Corps trop lent à arriver")
@blueprint.alt_response(413, schema=AccountProblemSchema, content_type=PROBLEM, description="Lot trop grand : à couper")
@blueprint.alt_response(415, schema=ProblemSchema, content_type=PROBLEM, description="Type de contenu inconnu")
@blueprint.alt_response(
    422, schema=AccountProblemSchema, content_type=PROBLEM, description="Tout est rejeté ; le compte dit pourquoi"
)
@blueprint.alt_response(
    503, schema=ProblemSchema, content_type=PROBLEM, description="Moteur absent : renvoyer le même lot plus tard"
)
@blueprint.doc(requestBody=_BODY)
@needs("ingest")
def push_dispatches(arguments: dict[str, Any]) -> Response:
    """Charger des dépêches.

    Chaque dépêche reçue est comptée : chargée (et déjà cherchable), inchangée ou rejetée avec sa raison. Renvoyer le même
    lot ne change rien : après un 503 ou sans réponse, renvoyez-le tel quel. Un en-tête Idempotency-Key est accepté et
    renvoyé ; il n'est pas nécessaire. Demande la portée « ingest », ou le mode local.
    """
    intake = cast(Intake, current_app.extensions[EXTENSION])
    if request.mimetype != MULTIPART and request.mimetype not in MEDIA_TYPES:
        return problem(
            415,
            "type",
            f"Content-Type « {request.mimetype[:80]} » inconnu ; donnez {', '.join((*MEDIA_TYPES, MULTIPART))}.",
        )
    deadline = time.monotonic() + LONGEST_SECONDS
    limit = int(intake.settings.push_max_mb * 1e6)
    try:
        with tempfile.TemporaryDirectory(prefix="depeches-") as folder:
            files = receive(request, Path(folder), limit=limit, deadline=deadline, format=arguments.get("format"))
            account = intake.load(files, deadline=deadline)
    except EngineDenied:
        raise  # our key, which no retry mends
    except EngineError as error:
        return problem(
            503,
            error.code,
            f"{error.detail} Rien n'est perdu : renvoyez le même lot, ce qui est entré y sera « unchanged ».",
        )
    return _answer(account)


@blueprint.after_request
def _echo_key(response: Response) -> Response:
    if key := request.headers.get(IDEMPOTENCY_KEY):
        response.headers[IDEMPOTENCY_KEY] = key[:255]
    return response


def _answer(account: Account) -> Response:
    """200 with the account; a problem with the account when the batch is too large, or when nothing of it was taken."""
    body = account_json(account)
    if account.cut:
        return problem(
            413,
            "lot-trop-grand",
            f"{account.cut} Le compte dit ce qui est chargé ; coupez le lot et renvoyez-le.",
            **body,
        )
    if account.rejected and not account.loaded and not account.unchanged:
        return problem(422, "tout-rejete", f"Rien n'a pu être pris : {account.rejected[0].error.detail}", **body)
    return Response(json.dumps(body, ensure_ascii=False, sort_keys=False), content_type="application/json")


def account_json(account: Account) -> dict[str, Any]:
    """The account as the API gives it."""
    return {
        "read": account.read,
        "loaded": account.loaded,
        "unchanged": account.unchanged,
        "rejected": [
            _place(rejection.where, rejection.position)
            | {"code": rejection.error.code, "reason": rejection.error.detail}
            for rejection in account.rejected
        ],
        "skipped": [_place(skipped.name, skipped.position) | {"reason": skipped.reason} for skipped in account.skipped],
    }


def _place(file: str, position: int) -> dict[str, Any]:
    return {"item": f"{file}, n° {position + 1}", "file": file, "position": position + 1}
