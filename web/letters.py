"""Where the addresses in letters lead: what a letter announced beyond its length, and stopping it, without signing in.

Nothing is stopped by a look: programs that guard mailboxes follow every address. A POST stops, from the page's button or
from a mail program at once (RFC 8058).
"""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for

from access.scopes import needs
from alerts import signing, stops
from alerts.announced import announced
from alerts.api import desk
from alerts.links import genuine
from alerts.models import SavedSearch
from alerts.stops import Of
from engine.errors import LetterNotFound
from search.api import archive
from web.told import told_of

blueprint = Blueprint("letters", __name__, url_prefix="/alertes")


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
    pairs = tuple((name, value) for name, values in saved.params.items() for value in values)
    following = first + PAGE if first + PAGE < len(hits) else None
    return render_template(
        "letter_rest.html",
        name=saved.name,
        count=len(hits),
        first=first + 1,
        last=min(first + PAGE, len(hits)),
        told=[told_of(each, pairs, archive().timezone) for each in shown],
        next=following and url_for(".rest", delivery=delivery, saved_search=saved_search, after=following, s=_given()),
        page=url_for("web.alert_page", id=saved.id),
    )


def _check(*words: str) -> None:
    """Raises: LetterNotFound: the address is not one of ours."""
    if not genuine(signing.key(desk().database), _given(), *words):
        raise LetterNotFound("Cette adresse n'est pas entière : reprenez-la dans le courrier.")


def _given() -> str:
    return request.args.get("s", "")
