"""The reader's choice of a language, kept in a cookie; a form, as a link would let any page choose for the reader."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from access.scopes import needs
from engine.http import public_root
from engine.mount import mount
from web import texts
from web.back import ours
from web.pages import blueprint

_KEPT = timedelta(days=365)


@blueprint.post("/langue")
@needs("nothing")
def choose_language() -> Response:
    """Speak this language from now on, and show the page again that it was chosen on."""
    response = redirect(_own(request.form.get("page", "")), 303)
    chosen = request.form.get("langue", "")
    if chosen in texts.LANGUAGES:
        response.set_cookie(
            texts.COOKIE,
            chosen,
            max_age=_KEPT,
            path="/",
            secure=request.is_secure or public_root().startswith("https:"),
            httponly=True,
            samesite="Lax",
        )
    return response


def _own(page: str) -> str:
    """A path of ours ("/?q=lavrov"), or the search: what a form says of a page may have been written by another site."""
    return mount() + page if ours(page, "") else url_for("web.search_page")
