"""The HTTP contract of saved searches: what a body may hold, and the JSON that answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
from marshmallow import fields, validate

from alerts.announced import Announced
from alerts.models import CHANNEL_TYPES, FREQUENCIES, Channel, SavedSearch
from alerts.params import Params, canonical
from alerts.preview import DAYS, LATEST, Preview
from alerts.saved import MOST_CHANNELS, WantedChannel
from alerts.targets import LONGEST_TARGET
from engine.errors import BadParameter
from engine.http import API_PREFIX
from engine.mount import mount
from mappings.dispatch import instant
from search.schemas import HighlightsSchema, HitSchema, described, hit_json, links

_CHANNEL = (
    f"Jusqu'à {MOST_CHANNELS} canaux, chacun un objet : type ({', '.join(CHANNEL_TYPES)}), target (l'adresse, ou l'URL du webhook ; "
    f"rien pour feed), frequency ({', '.join(FREQUENCIES)}), hour (0 à 23, heure de l'archive) et weekday (0 lundi à 6 dimanche)."
)


class ChannelArguments(ma.Schema):
    type = fields.String(
        required=True, validate=validate.OneOf(CHANNEL_TYPES), metadata=described("feed, email ou webhook.")
    )
    target = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_TARGET),
        metadata=described("L'adresse électronique ou l'URL du webhook ; vide pour feed."),
    )
    frequency = fields.String(
        load_default="immediate",
        validate=validate.OneOf(FREQUENCIES),
        metadata=described("immediate (par défaut), hourly, daily ou weekly."),
    )
    hour = fields.Integer(
        strict=True,
        load_default=7,
        validate=validate.Range(0, 23),
        metadata=described("Heure d'un envoi quotidien ou hebdomadaire, dans le fuseau de l'archive ; 7 par défaut."),
    )
    weekday = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, 6),
        metadata=described("Jour d'un envoi hebdomadaire, de 0 (lundi, par défaut) à 6."),
    )

    @ma.post_load
    def _channel(self, data: dict[str, Any], **kwargs: Any) -> WantedChannel:
        return WantedChannel(**data)


def _params(*, required: bool) -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        required=required,
        metadata=described(
            "Les paramètres de GET /dispatches, par nom : un texte, ou une liste de textes pour ceux qui se répètent."
        ),
    )


class PreviewArguments(ma.Schema):
    params = _params(required=True)


class _Changes(ma.Schema):
    name = fields.String(validate=validate.Length(1, 200), metadata=described("Son nom, de 1 à 200 caractères."))
    params = _params(required=False)
    channels = fields.List(
        fields.Nested(ChannelArguments), validate=validate.Length(max=MOST_CHANNELS), metadata=described(_CHANNEL)
    )
    back_loads = fields.Boolean(
        metadata=described(
            "true : prévenir aussi des vieux fichiers chargés après coup, quand le chargement le demande."
        )
    )


class ChangeArguments(_Changes):
    """PATCH: what is given changes, the rest stays."""


class SaveArguments(_Changes):
    name = fields.String(
        required=True, validate=validate.Length(1, 200), metadata=described("Son nom, de 1 à 200 caractères.")
    )
    params = _params(required=True)


# The highest number a row may have.
LAST_ID = 2**63 - 1


class HitsArguments(ma.Schema):
    size = fields.Integer(
        load_default=20, validate=validate.Range(1, 100), metadata=described("De 1 à 100 ; 20 par défaut.")
    )
    before = fields.Integer(
        load_default=None,
        validate=validate.Range(0, LAST_ID),
        metadata=described("Suite d'une réponse précédente : la valeur de page.next, telle quelle."),
    )
    delivery = fields.String(
        load_default=None,
        # As JSON Schema writes patterns: they are not anchored, and have no \Z.
        validate=validate.Regexp(r"^[0-9a-f-]{1,36}$(?!\n)"),
        metadata=described("Seulement ce que cet envoi a porté : son identifiant, dans le courrier ou le webhook."),
    )


class FeedArguments(ma.Schema):
    token = fields.String(
        load_default="", validate=validate.Length(max=200), metadata=described("Le secret du fil, dans links.feed.")
    )


# What JSON can write and neither a database nor a search can hold: NUL, and halves of surrogate pairs.
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


def params_of(given: Mapping[str, Any]) -> dict[str, list[str]]:
    """The parameters as the query string would have them.

    Raises:
        BadParameter: a value that no query string could hold; says which.
    """
    pairs = []
    for name, value in given.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, bool):
                each = str(each).lower()
            if not isinstance(each, str | int):
                raise BadParameter(f"params.{name[:80]} : un texte, ou une liste de textes.")
            if _UNWRITABLE.search(text := str(each)):
                raise BadParameter(
                    f"params.{name[:80]} : un caractère n'en est pas un (U+0000, ou la moitié d'une paire)."
                )
            pairs.append((name, text))
    return canonical(pairs)


# -- answers ---------------------------------------------------------------------------------------------------------


class ChannelAnswer(ma.Schema):
    id = fields.String()
    type = fields.String()
    target = fields.String()
    frequency = fields.String()
    hour = fields.Integer()
    weekday = fields.Integer()
    secret = fields.String(allow_none=True, metadata=described("Signe les envois d'un webhook (Standard Webhooks)."))
    disabled = fields.String(allow_none=True, metadata=described("Depuis quand plus rien n'y est envoyé."))
    disabled_reason = fields.String(allow_none=True)


class SavedLinks(ma.Schema):
    self = fields.String()
    html = fields.String(metadata=described("La même recherche, à lire."))
    page = fields.String(metadata=described("Ce qu'elle a annoncé, à lire."))
    hits = fields.String()
    feed = fields.String(metadata=described("Son fil Atom : une adresse secrète, qui s'ouvre sans clé."))


class SavedAnswer(ma.Schema):
    id = fields.String()
    name = fields.String()
    params = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    channels = fields.List(fields.Nested(ChannelAnswer))
    back_loads = fields.Boolean()
    created = fields.String()
    updated = fields.String()
    revision = fields.Integer(metadata=described("Compte les changements ; aussi dans l'en-tête ETag."))
    paused = fields.String(allow_none=True, metadata=described("Depuis quand elle est en pause."))
    pause_reason = fields.String(allow_none=True, metadata=described("Pourquoi l'archive l'a mise en pause."))
    links = fields.Nested(SavedLinks)


class SavedListAnswer(ma.Schema):
    saved_searches = fields.List(fields.Nested(SavedAnswer))
    limit = fields.Integer(metadata=described("Combien on peut en avoir."))


class DayAnswer(ma.Schema):
    day = fields.String()
    count = fields.Integer()


class PreviewAnswer(ma.Schema):
    days = fields.List(
        fields.Nested(DayAnswer),
        metadata=described(f"Les {DAYS} derniers jours : dépêches de chaque jour qui y répondent."),
    )
    count = fields.Integer(metadata=described("Leur somme."))
    per_day = fields.Float(metadata=described("Par jour, en moyenne."))
    latest = fields.List(fields.Nested(HitSchema), metadata=described(f"Les {LATEST} plus récentes, de tout temps."))
    warnings = fields.List(fields.String())


# Of a result, what has no meaning where nothing is ranked or folded, and what stands beside it.
NOT_ANNOUNCED = ("highlights", "folded", "score")


class AnnouncedSchema(HitSchema):
    class Meta:
        exclude = NOT_ANNOUNCED


class FoundAnswer(ma.Schema):
    dispatch = fields.String()
    version = fields.Integer()
    kind = fields.String(metadata=described("new, correction ou withdrawal (annulation)."))
    matched_at = fields.String()
    highlights = fields.Nested(
        HighlightsSchema, allow_none=True, metadata=described("Les passages trouvés ; null si la dépêche n'y est plus.")
    )
    result = fields.Nested(
        AnnouncedSchema,
        allow_none=True,
        metadata=described("La dépêche, comme dans une recherche ; null si l'archive ne l'a plus."),
    )
    links = fields.Dict(keys=fields.String(), values=fields.String())


class FoundPage(ma.Schema):
    size = fields.Integer()
    next = fields.Integer(allow_none=True)


class HitsAnswer(ma.Schema):
    hits = fields.List(fields.Nested(FoundAnswer))
    page = fields.Nested(FoundPage)


def saved_links(saved: SavedSearch) -> dict[str, str]:
    """Where a saved search is in the archive, but for its feed, whose address is a secret."""
    address = f"{API_PREFIX}/saved-searches/{saved.id}"
    return {
        "self": address,
        "html": f"/?{urlencode(_pairs(saved.params))}",
        "page": f"/alertes/{saved.id}",
        "hits": f"{address}/hits",
    }


def saved_json(saved: SavedSearch) -> dict[str, Any]:
    return {
        "id": saved.id,
        "name": saved.name,
        "params": saved.params,
        "channels": [_channel_json(channel) for channel in saved.channels],
        "back_loads": saved.back_loads,
        "created": instant(saved.created),
        "updated": instant(saved.updated),
        "revision": saved.revision,
        "paused": instant(saved.paused),
        "pause_reason": saved.pause_reason,
        "links": {
            name: mount() + address for name, address in (saved_links(saved) | {"feed": feed_link(saved)}).items()
        },
    }


def feed_link(saved: SavedSearch) -> str:
    """The secret address of its feed in the archive."""
    return f"{API_PREFIX}/saved-searches/{saved.id}/feed.atom?{urlencode({'token': saved.feed_token})}"


def _channel_json(channel: Channel) -> dict[str, Any]:
    names = ("id", "type", "target", "frequency", "hour", "weekday", "secret")
    return {name: getattr(channel, name) for name in names} | {
        "disabled": instant(channel.disabled),
        "disabled_reason": channel.disabled_reason,
    }


def _pairs(params: Params) -> list[tuple[str, str]]:
    return [(name, value) for name, values in params.items() for value in values]


def preview_json(found: Preview) -> dict[str, Any]:
    return {
        "days": [{"day": day.isoformat(), "count": count} for day, count in found.days],
        "count": found.count,
        "per_day": round(found.count / len(found.days), 2),
        "latest": [hit_json(hit) for hit in found.latest],
        "warnings": list(found.warnings),
    }


def hits_json(found: Sequence[Announced], size: int, *, more: bool) -> dict[str, Any]:
    """A page of hits; `more`: there is another."""
    return {
        "hits": [_found_json(each) for each in found],
        "page": {"size": size, "next": found[-1].id if more else None},
    }


def _found_json(found: Announced) -> dict[str, Any]:
    result = hit_json(found.listed) if found.listed else None
    return {
        "dispatch": found.dispatch,
        "version": found.version,
        "kind": found.kind,
        "matched_at": instant(found.matched_at),
        "highlights": result["highlights"] if result else None,
        "result": {name: value for name, value in result.items() if name not in NOT_ANNOUNCED} if result else None,
        "links": links(found.dispatch),
    }
