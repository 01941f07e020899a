"""A link to a dispatch, as another program shows it: `/oembed` (oEmbed 1.0, oembed.com) gives a card, JSON alone.

Who may not read the dispatch may not have its card: a program shows its key, as everywhere, or the archive is open to all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from flask import Response, render_template, request

from engine.errors import BadParameter, DispatchNotFound
from engine.http import encoded, problem, public_root
from mappings.dispatch import Dispatch
from mappings.fields import STATUS_LABELS
from search.api import archive
from search.schemas import addresses
from web import wording
from web.pages import blueprint
from web.texts import gettext as _

# A card's width in pixels, where the page that shows it leaves more, and its height with all it holds.
WIDTH, HEIGHT = 550, 260

# Below this height a card is its title alone.
TITLE_ALONE = 160

# Letters of the lead in a card, and in what a chat shows of a link.
LEAD = 280

# Seconds a card may be kept: a dispatch can be corrected or withdrawn.
KEPT = 3600


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows of a dispatch."""

    address: str
    title: str
    agency: str | None
    date: str
    lead: str
    flag: str | None


@blueprint.get("/oembed")
def oembed() -> Response:
    """The card of the dispatch at `url`."""
    if request.args.get("format", "json").lower() != "json":
        return problem(501, "representation", "Seul le format json est proposé.")
    width, height = _pixels("maxwidth", WIDTH), _pixels("maxheight", HEIGHT)
    url = request.args.get("url", "")
    id = dispatch_of(url, public_root())
    if id is None:
        raise DispatchNotFound(
            f"« {url[:200]} » n'est pas l'adresse d'une dépêche de cette archive ({public_root()}/depeches/…)."
            if url
            else "Le paramètre « url » manque : l'adresse d'une dépêche."
        )
    dispatch = archive().get(id)
    card = card_of(dispatch)
    answer: dict[str, Any] = {
        "type": "rich",
        "version": "1.0",
        "title": dispatch.title,
        "provider_name": "Dépêches",
        "provider_url": public_root(),
        "cache_age": KEPT,
        "width": width,
        "height": height,
        "html": render_template(
            "card.html", card=card, width=width, height=height, whole=height >= TITLE_ALONE
        ).strip(),
    }
    if dispatch.agency:
        answer["author_name"] = dispatch.agency
    response = Response(encoded(answer), content_type="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Authorization")
    return response


def dispatch_of(url: str, root: str) -> str | None:
    """The id of the dispatch whose page is at this address; None when it is none of ours.

    Args:
        root: where the archive is, without a slash at the end.
    """
    try:
        given, ours = urlsplit(url), urlsplit(root)
    except ValueError:
        return None
    if given.scheme not in ("http", "https") or given.netloc.lower() != ours.netloc.lower():
        return None
    pattern = re.escape(ours.path + addresses("ID")["html"]).replace("ID", "([^/]+)")
    found = re.fullmatch(rf"{pattern}(?:/versions)?/?", given.path)
    return unquote(found[1]) if found else None


def card_of(dispatch: Dispatch) -> Card:
    """What is shown of a dispatch, and what a reader must know before quoting it."""
    timezone = archive().timezone
    flag = wording.typeset(_(STATUS_LABELS[dispatch.status])) if dispatch.status != "current" else None
    if dispatch.embargo and dispatch.embargo > datetime.now(UTC):
        flag = _("sous embargo jusqu’au %(when)s", when=wording.when(dispatch.embargo, "minute", timezone))
    lead = wording.continuation(dispatch.title, dispatch.lead) if dispatch.title_derived else dispatch.lead
    return Card(
        address=public_root() + addresses(dispatch.id)["html"],
        title=dispatch.title,
        agency=dispatch.agency,
        date=wording.dated(dispatch.published, dispatch.date_precision, dispatch.date_text, timezone),
        lead=lead if len(lead) <= LEAD else f"{lead[:LEAD].rpartition(' ')[0]}…",
        flag=flag,
    )


@blueprint.app_template_global("unfurled")
def unfurled(dispatch: Dispatch) -> tuple[Card, str]:
    """For the head of a dispatch's page: its card, and where its oEmbed is."""
    card = card_of(dispatch)
    return card, f"{public_root()}/oembed?{urlencode({'url': card.address, 'format': 'json'})}"


def _pixels(name: str, most: int) -> int:
    """A bound the page that shows the card gives. Raises: BadParameter."""
    given = request.args.get(name, "")
    if not given:
        return most
    if not re.fullmatch(r"[1-9][0-9]{0,5}", given):
        raise BadParameter(f"Paramètre « {name} » invalide : un nombre de pixels.")
    return min(int(given), most)
