"""Signing in and out, where the service does it itself: to the provider, back from it, and out.

A page that nobody may see leads here by itself, and here leads to the provider: who is signed in there already sees the page they
asked for. Signing out ends the session here, and says how to end the provider's.
"""

from __future__ import annotations

from contextlib import suppress

import structlog
from flask import g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from access.gate import gate
from access.groups import known_among
from access.oidc import Provider
from access.scopes import needs
from access.sessions import Signed
from engine.errors import ProviderAway, SignInFailed, http_status
from engine.http import public_root
from engine.mount import mount
from web.pages import blueprint, error_page, form_of, home_of
from web.texts import gettext as _

log = structlog.get_logger()

# A page to come back to is an address of ours; longer than this, a cookie would not hold it.
LONGEST_BACK = 1000


def leads_to_sign_in() -> Response | None:
    """Where a page that asks who its reader is sends them; None: this service signs nobody in, or no reader is there."""
    if gate().provider is None or request.method != "GET":
        return None
    # A part of a page, or a program, can do nothing with a form of the provider's; a browser that opens a page asks for HTML.
    navigating = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    if not navigating or "HX-Request" in request.headers or "text/html" not in request.headers.get("Accept", ""):
        return None
    answer = redirect(url_for("web.sign_in", suite=mount() + request.full_path.rstrip("?")))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/connexion")
@needs("nothing")
def sign_in() -> Response:
    """To the provider's form."""
    provider = _provider()
    try:
        url, attempt = provider.begin(_returned_to(), _own(request.args.get("suite", "")))
    except (ProviderAway, SignInFailed) as error:
        return _failed(error)
    answer = redirect(url)
    gate().sessions.begin(request, answer, attempt)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/connexion/retour")
@needs("nothing")
def signed_in() -> Response:
    """Back from the provider: to the page the reader came from."""
    provider, sessions = _provider(), gate().sessions
    attempt = sessions.attempts(request).get(request.args.get("state", ""))
    if attempt is None:
        if sessions.reader(request):  # the back button, or a second tab
            return redirect(url_for("web.search_page"))
        return _failed(
            SignInFailed(
                "Cette connexion a commencé dans un autre navigateur, il y a trop longtemps, ou sans que celui-ci accepte les "
                "cookies de cette archive : recommencez."
            )
        )
    try:
        found = provider.finish(request.args, attempt, _returned_to())
    except (ProviderAway, SignInFailed) as error:
        return _failed(error)
    answer = redirect(attempt.back)
    sessions.end_attempts(answer)
    sessions.open(answer, Signed(found.name, known_among(found.groups, gate().settings)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/deconnexion")
@needs("nothing")
def sign_out() -> Response:
    """End the session here; by a link of another site, ask first."""
    provider, sessions = _provider(), gate().sessions
    ours = request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
    end = None
    with suppress(ProviderAway, SignInFailed):
        end = provider.end_url(f"{public_root()}/deconnexion")
    g.caller = None  # the page is nobody's any more
    page = render_template("signed_out.html", form=form_of((), "newest"), q="", home=home_of(()), out=ours, end=end)
    answer = make_response(page)
    if ours:
        sessions.close(answer)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _provider() -> Provider:
    provider = gate().provider
    if provider is None:
        raise NotFound
    return provider


def _returned_to() -> str:
    """The address the provider knows: never that of the request, which says whatever its Host header says."""
    return f"{public_root()}/connexion/retour"


def _own(page: str) -> str:
    """A page of ours ("/?q=lavrov"), or the search: an address that leads to us may have been written by anybody."""
    ours = page.startswith(f"{mount()}/") and not page.startswith("//") and "\\" not in page and page.isprintable()
    return page if ours and len(page) <= LONGEST_BACK else url_for("web.search_page")


def _failed(error: ProviderAway | SignInFailed) -> Response:
    log.warning("connexion", code=error.code, detail=error.detail, cause=str(error.__cause__ or ""))
    return error_page(http_status(error), _("Connexion impossible"), error.detail)
