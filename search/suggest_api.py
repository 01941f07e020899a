"""`GET /api/v1/suggest`."""

from __future__ import annotations

from typing import cast

from flask import Response, current_app, json

from search.api import blueprint
from search.suggest import SAVED_EXTENSION, SavedSearches, Suggestion, suggest
from search.suggest_follow import Follower
from search.suggest_schemas import SuggestAnswer, SuggestArguments, suggest_json

# Where create_app puts the follower of the archive; one per process.
EXTENSION = "depeches-suggest"

# Seconds a browser may answer the same letters by itself: no longer than a new dispatch may stay unknown.
FRESH = 30


def suggestions(q: str, size: int) -> tuple[Suggestion, ...]:
    """What the end of `q` may become, in the archive of the running application, for the reader of the request in hand."""
    follower = cast(Follower, current_app.extensions[EXTENSION])
    follower.wake()
    saved = cast(SavedSearches, current_app.extensions.get(SAVED_EXTENSION, tuple))
    return suggest(q, follower.snapshot, size, saved())


@blueprint.route("/suggest")
@blueprint.arguments(SuggestArguments, location="query", as_kwargs=True)
@blueprint.response(200, SuggestAnswer)
def suggest_completions(q: str, size: int) -> Response:
    """Compléter ce qui est tapé : mots de l'archive, acteurs, lieux, sujets, recherches enregistrées."""
    body = json.dumps(suggest_json(q, suggestions(q, size)), ensure_ascii=False, sort_keys=False)
    return briefly_kept(Response(body, content_type="application/json"))


def briefly_kept(response: Response) -> Response:
    """Completions a browser may keep, for as long as the same reader types: some are their own saved searches."""
    response.headers["Cache-Control"] = f"private, max-age={FRESH}"
    response.vary.update(("Authorization", "Cookie"))
    return response
