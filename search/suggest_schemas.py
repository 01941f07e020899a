"""The HTTP contract of `GET /api/v1/suggest`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from search.request import LONGEST_QUERY
from search.schemas import described
from search.suggest import DEFAULT_SUGGESTIONS, KINDS, MOST_SUGGESTIONS, Suggestion


class SuggestArguments(ma.Schema):
    q = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_QUERY),
        metadata=described(
            f"La recherche en train d'être tapée, jusqu'au curseur ; au plus {LONGEST_QUERY} caractères."
        ),
    )
    size = fields.Integer(
        load_default=DEFAULT_SUGGESTIONS,
        validate=validate.Range(1, MOST_SUGGESTIONS),
        metadata=described(f"Nombre de propositions, de 1 à {MOST_SUGGESTIONS} ; {DEFAULT_SUGGESTIONS} par défaut."),
    )


class SuggestionSchema(ma.Schema):
    kind = fields.String(metadata=described(f"Ce que c'est : {', '.join(KINDS)}."))
    text = fields.String(metadata=described("Le mot ou le nom."))
    label = fields.String(metadata=described("À montrer : « ONU (Nations unies) »."))
    count = fields.Integer(
        allow_none=True, metadata=described("Dépêches en vigueur qui l'ont ; null quand on ne le sait pas.")
    )
    exact = fields.Boolean(metadata=described("false : le compte est une estimation."))
    q = fields.String(metadata=described("La recherche complétée."))
    params = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata=described("Filtres à ajouter à ceux en vigueur, avec cette recherche ; vide pour un mot."),
    )
    spelled = fields.String(metadata=described("La même recherche, filtres compris, en langage de recherche."))


class SuggestAnswer(ma.Schema):
    q = fields.String(metadata=described("Ce qui a été tapé."))
    suggestions = fields.List(fields.Nested(SuggestionSchema))


def suggest_json(q: str, found: Iterable[Suggestion]) -> dict[str, Any]:
    """The body of an answer."""
    return {
        "q": q,
        "suggestions": [
            {
                "kind": each.kind,
                "text": each.text,
                "label": each.label,
                "count": each.count,
                "exact": each.exact,
                "q": each.q,
                "params": {name: list(values) for name, values in each.params.items()},
                "spelled": each.spelled,
            }
            for each in found
        ],
    }
