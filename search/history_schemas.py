"""The JSON of a dispatch's history: versions, what changed between them, other agencies."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from mappings.dispatch import Dispatch, instant
from search.history import MOST_AFTER, MOST_BEFORE, MOST_OTHERS, History, Version
from search.schemas import LinksSchema, described, links
from search.versions import Change, Span


class SpanSchema(ma.Schema):
    op = fields.String(metadata=described("equal, insert ou delete.", enum=["equal", "insert", "delete"]))
    text = fields.String()


class ChangeSchema(ma.Schema):
    op = fields.String(
        metadata=described(
            "equal : gardés ; insert : ajoutés ; delete : retirés ; replace : un paragraphe récrit.",
            enum=["equal", "insert", "delete", "replace"],
        )
    )
    before = fields.List(fields.String(), metadata=described("Paragraphes de la version précédente."))
    after = fields.List(fields.String(), metadata=described("Paragraphes de cette version."))
    words = fields.List(
        fields.Nested(SpanSchema),
        metadata=described(
            "Pour replace : mot à mot ; equal et insert bout à bout donnent le nouveau paragraphe, equal et delete l'ancien."
        ),
    )
    moved = fields.Boolean(metadata=described("Ces paragraphes ont seulement changé de place."))


class BriefSchema(ma.Schema):
    id = fields.String()
    version = fields.Integer()
    status = fields.String()
    title = fields.String()
    published = fields.String(allow_none=True)
    updated = fields.String(allow_none=True)
    date_precision = fields.String()
    agency = fields.String(allow_none=True)
    links = fields.Nested(LinksSchema)


class VersionSchema(BriefSchema):
    current = fields.Boolean(metadata=described("C'est la dépêche demandée ; la version en vigueur se lit à status."))
    changes = fields.List(
        fields.Nested(ChangeSchema),
        allow_none=True,
        metadata=described("Depuis la version précédente ; null pour la première, et quand too_long."),
    )
    title_words = fields.List(
        fields.Nested(SpanSchema),
        allow_none=True,
        metadata=described("Le titre mot à mot depuis la version précédente ; null quand il n'a pas changé."),
    )
    too_long = fields.Boolean(metadata=described("Les textes sont trop longs, ensemble, pour être comparés."))


class LeftOutSchema(ma.Schema):
    earlier = fields.Integer(metadata=described(f"Versions plus anciennes que les {MOST_BEFORE} d'avant."))
    later = fields.Integer(metadata=described(f"Versions plus récentes que les {MOST_AFTER} d'après."))
    others = fields.Integer(metadata=described(f"Dépêches d'autres agences, au-delà de {MOST_OTHERS}."))


class HistoryAnswer(ma.Schema):
    id = fields.String()
    story = fields.String()
    in_force = fields.String(
        allow_none=True, metadata=described("Identifiant de la version en vigueur ; null si toutes sont annulées.")
    )
    versions = fields.List(
        fields.Nested(VersionSchema),
        metadata=described(
            "Les dépêches de la même histoire et de la même agence, de la plus ancienne à la plus récente."
        ),
    )
    others = fields.List(
        fields.Nested(BriefSchema),
        metadata=described("Les dépêches de la même histoire d'autres agences, sauf celles qu'elles ont remplacées."),
    )
    left_out = fields.Nested(LeftOutSchema, metadata=described("Ce que la réponse ne liste pas."))


def history_json(dispatch: Dispatch, history: History) -> dict[str, Any]:
    """The body of `/dispatches/{id}/versions`."""
    return {
        "id": dispatch.id,
        "story": dispatch.story,
        "in_force": history.in_force.id if history.in_force else None,
        "versions": [_version_json(version) for version in history.chain],
        "others": [_brief_json(other) for other in history.others],
        "left_out": {"earlier": history.earlier, "later": history.later, "others": history.further},
    }


def _brief_json(dispatch: Dispatch) -> dict[str, Any]:
    return {
        "id": dispatch.id,
        "version": dispatch.version,
        "status": dispatch.status,
        "title": dispatch.title,
        "published": instant(dispatch.published),
        "updated": instant(dispatch.updated),
        "date_precision": dispatch.date_precision,
        "agency": dispatch.agency,
        "links": links(dispatch.id),
    }


def _version_json(version: Version) -> dict[str, Any]:
    step = version.step
    return _brief_json(version.dispatch) | {
        "current": version.asked,
        "changes": [_change_json(change) for change in step.body] if step else None,
        "title_words": _words_json(step.title) if step and step.title else None,
        "too_long": version.too_long,
    }


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "op": change.op,
        "before": list(change.before),
        "after": list(change.after),
        "words": _words_json(change.words),
        "moved": change.moved,
    }


def _words_json(spans: tuple[Span, ...]) -> list[dict[str, str]]:
    return [{"op": span.op, "text": span.text} for span in spans]
