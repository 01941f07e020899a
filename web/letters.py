"""Where the addresses in letters lead: what a letter announced beyond its length, and stopping it, without signing in.

Nothing is stopped by a look: programs that guard mailboxes follow every address. A POST stops, from the page's button or
from a mail program at once (RFC 8058).
"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, render_template, request, url_for

from access.scopes import needs
from alerts import signing, stops
from alerts.announced import Announced, announced
from alerts.api import desk
from alerts.links import genuine
from alerts.models import Kind, SavedSearch
from alerts.stops import Of
from engine.errors import LetterNotFound
from search.api import archive
from search.schemas import links
from web import wording
from web.texts import gettext as _
from web.texts import noted

blueprint = Blueprint("letters", __name__, url_prefix="/alertes")

# What an announcement says of a dispatch that was announced before.
CHANGES: dict[Kind, str] = {
    "correction": noted("Correction\u00a0: %(title)s"),
    "withdrawal": noted("Annulation\u00a0: %(title)s"),
}

# Dispatches of a page.
PAGE = 100


@blueprint.route("/arret/<any(canal, envoi):of>/<id>", methods=["GET", "POST"])
@needs("nothing")
def stop(of: Of, id: str) -> str:
    """Stop one saved search's letters, or all that a letter was about."""
    _check(of, id)
    database = desk().database
    if request.method == "POST":
        with database.writing() as session:
            found = stops.stop(session, of, id, database.now(session))
    else:
        with database.reading() as session:
            found = stops.look(session, of, id)
    if not found:
        raise LetterNotFound("Cette alerte n'existe plus : plus rien n'en est envoyé.")
    done = all(each.stopped for each in found)
    return render_template("stop.html", stops=found, done=done, address=request.full_path)


@blueprint.get("/envois/<delivery>/<saved_search>")
def rest(delivery: str, saved_search: str) -> str:
    """The dispatches a letter announced for a saved search, after those it shows."""
    _check("voir", delivery, saved_search)
    after = request.args.get("after", "0")
    first = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    with desk().database.reading() as session:
        saved = session.get(SavedSearch, saved_search)
        hits = stops.carried(session, delivery, saved_search)
    if saved is None or not hits:
        raise LetterNotFound("Cette recherche ou cet envoi n'existe plus.")
    shown = announced(archive(), saved, hits[first : first + PAGE])
    following = first + PAGE if first + PAGE < len(hits) else None
    return render_template(
        "letter_rest.html",
        name=saved.name,
        count=len(hits),
        first=first + 1,
        last=min(first + PAGE, len(hits)),
        items=[_item(each) for each in shown],
        next=following and url_for(".rest", delivery=delivery, saved_search=saved_search, after=following, s=_given()),
        page=url_for("web.alert_page", id=saved.id),
    )


def _check(*words: str) -> None:
    """Raises: LetterNotFound: the address is not one of ours."""
    if not genuine(signing.key(desk().database), _given(), *words):
        raise LetterNotFound("Cette adresse n'est pas entière : reprenez-la dans le courrier.")


def _given() -> str:
    return request.args.get("s", "")


def _item(each: Announced) -> dict[str, str]:
    listed = each.listed
    if listed is None:
        title, about, lead = _("Dépêche %(id)s", id=each.dispatch), "", _("Cette dépêche n’est plus dans l’archive.")
    else:
        source = listed.source
        published = datetime.fromisoformat(source["published"]) if source.get("published") else None
        when = wording.dated(published, source["date_precision"], source.get("date_text"), archive().timezone)
        title, about, lead = (
            source["title"],
            ", ".join(filter(None, (source.get("agency"), when))),
            source.get("lead", ""),
        )
    return {
        "title": _(CHANGES[each.kind], title=title) if each.kind in CHANGES else title,
        "about": about,
        "lead": lead,
        "href": links(each.dispatch)["html"],
    }
