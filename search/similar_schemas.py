"""The HTTP contract of `GET /api/v1/dispatches/{id}/similar`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from search.schemas import HitSchema, described, hit_json
from search.similar import DEFAULT_SIZE, LARGEST_SIZE, MOST_TOLD, Similar


class SimilarArguments(ma.Schema):
    size = fields.Integer(
        load_default=DEFAULT_SIZE,
        validate=validate.Range(1, LARGEST_SIZE),
        metadata=described(f"Dépêches au plus, de 1 à {LARGEST_SIZE}."),
    )


class SharedSchema(ma.Schema):
    actors = fields.List(fields.String())
    venues = fields.List(fields.String())
    topics = fields.List(fields.String())


class SimilarSchema(HitSchema):
    nearness = fields.Float(metadata=described("De 0 (rien de commun) à 1 (tout)."))
    words = fields.List(
        fields.String(),
        metadata=described(
            f"Les mots communs, tels que la dépêche demandée les écrit, du plus parlant au moins parlant ; au plus {MOST_TOLD}."
        ),
    )
    shared = fields.Nested(SharedSchema, metadata=described("Acteurs, lieux et sujets communs."))


class SimilarAnswer(ma.Schema):
    results = fields.List(
        fields.Nested(SimilarSchema),
        metadata=described("De la plus proche à la moins proche ; vide quand aucune ne l'est assez."),
    )


def similar_json(found: Sequence[Similar]) -> dict[str, Any]:
    return {
        "results": [
            {
                **hit_json(each.hit),
                "nearness": round(each.nearness, 3),
                "words": list(each.words),
                "shared": {name: list(values) for name, values in each.shared.items()},
            }
            for each in found
        ]
    }
