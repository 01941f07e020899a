"""`POST /api/v1/portal-tokens`: a portal's server, with its key, asks for a token its pages may show."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields, validate

from access import tokens
from access.gate import caller, gate
from access.scopes import needs
from engine.errors import BadParameter, NotAllowed
from engine.http import API_PREFIX, PROBLEM, Blueprint, ProblemSchema, encoded

blueprint = Blueprint("access", __name__, url_prefix=API_PREFIX, description="Jetons des portails")


class TokenArguments(ma.Schema):
    origin = fields.String(
        required=True,
        validate=validate.Length(min=1, max=300),
        metadata={
            "description": "Origine des pages qui montreront le jeton (https://intranet.exemple.fr), l'une de "
            "DEPECHES_PORTAL_ORIGINS."
        },
    )
    minutes = fields.Integer(
        load_default=tokens.DEFAULT_MINUTES,
        strict=True,
        validate=validate.Range(1, tokens.LONGEST_MINUTES),
        metadata={
            "description": f"Durée, de 1 à {tokens.LONGEST_MINUTES} minutes ; {tokens.DEFAULT_MINUTES} par défaut."
        },
    )


class TokenAnswer(ma.Schema):
    token = fields.String(metadata={"description": "À présenter comme une clé : Authorization: Bearer dpt_…"})
    origin = fields.String()
    expires = fields.String(metadata={"description": "Sa fin, instant UTC, ISO 8601."})
    expires_in = fields.Integer(metadata={"description": "Secondes jusqu'à sa fin."})


@blueprint.route("/portal-tokens", methods=["POST"])
@blueprint.arguments(TokenArguments)
@blueprint.response(201, TokenAnswer)
@blueprint.alt_response(400, schema=ProblemSchema, content_type=PROBLEM, description="Origine inconnue, durée fausse")
@blueprint.alt_response(401, schema=ProblemSchema, content_type=PROBLEM, description="Sans clé")
@blueprint.alt_response(403, schema=ProblemSchema, content_type=PROBLEM, description="Sans clé de portée « search »")
@blueprint.alt_response(503, schema=ProblemSchema, content_type=PROBLEM, description="Base absente")
@needs("search")
def make_token(body: dict[str, Any]) -> Response:
    """Demander un jeton pour les pages d'un portail : court, signé, lié à leur origine, pour chercher et lire seulement."""
    asker = caller()
    if asker.by != "key":
        raise NotAllowed(
            "Un jeton se demande avec une clé, que le serveur du portail garde pour lui : "
            "depeches keys create NOM --scope search."
        )
    origin = known_origin(body["origin"], gate().settings.portal_origins)
    token = tokens.issue(gate().database, origin, asker.key, body["minutes"])
    answer = {
        "token": token.text,
        "origin": origin,
        "expires": token.expires.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "expires_in": body["minutes"] * 60,
    }
    response = Response(encoded(answer), status=201, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def known_origin(origin: str, origins: tuple[str, ...]) -> str:
    """An origin whose pages may show the archive. Raises: BadParameter."""
    if origin in origins:
        return origin
    known = f" : {', '.join(origins)}" if origins else ", et aucune n'y est"
    raise BadParameter(
        f"« {origin[:300]} » n'est pas une origine dont les pages montrent cette archive. Elles sont dans "
        f"DEPECHES_PORTAL_ORIGINS{known}."
    )
