"""Signing in and out, where the service does it itself: to the provider, back from it, and out.

A page that nobody may see leads here by itself, and here leads to the provider: who is signed in there already sees the page they
asked for. Signing out ends the session here, and says how to end the provider's; signing out there ends it here too, where the
provider tells (back-channel logout). A reader sees where else they are signed in, and ends that.
"""

from __future__ import annotations

from contextlib import suppress

import structlog
from flask import g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from access import signed_in as open_sessions
from access.gate import gate
from access.groups import known_among
from access.oidc import Provider
from access.scopes import needs
from access.sessions import Signed
from engine.errors import ProviderAway, SignInFailed, http_status
from engine.http import problem_of, public_root
from engine.mount import mount
from web import csrf, wording
from web.back import ours
from web.pages import blueprint, error_page, form_of, home_of
from web.texts import gettext as _

log = structlog.get_logger()

# A page to come back to is an address of ours; longer than this, a cookie would not hold it.
LONGEST_BACK = 1000

# Letters of what a provider says to end a session.
LONGEST_TOKEN = 16_384


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
    sessions.open(request, answer, found, known_among(found.groups, gate().settings))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/deconnexion")
@needs("nothing")
def sign_out() -> Response:
    """End the session here, wherever its cookie may be; by a link of another site, ask first."""
    provider, sessions = _provider(), gate().sessions
    asked_here = request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
    out = asked_here or sessions.reader(request) is None  # back from the provider, where they signed out too
    end = None
    with suppress(ProviderAway, SignInFailed):
        end = provider.end_url(f"{public_root()}/deconnexion") if asked_here else None
    g.caller = None  # the page is nobody's any more
    page = render_template("signed_out.html", form=form_of((), "newest"), q="", home=home_of(()), out=out, end=end)
    answer = make_response(page)
    if asked_here:
        sessions.close(request, answer)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/connexion/fin")
@needs("nothing")
def provider_ends() -> Response:
    """The provider says that a session is over (OpenID Connect Back-Channel Logout 1.0)."""
    provider = _provider()
    try:
        told = provider.ended(request.form.get("logout_token", "")[:LONGEST_TOKEN])
    except SignInFailed as error:
        log.warning("deconnexion", code=error.code, detail=error.detail, cause=str(error.__cause__ or ""))
        answer: Response = problem_of(error)
        answer.status_code = 400
    else:
        with gate().database.writing() as session:
            open_sessions.end_by_provider(session, told.subject, told.sid)
        answer = make_response("", 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/connexions")
@needs("search")
def sessions_page() -> Response:
    """Where the reader is signed in."""
    mine, database = _mine(), gate().database
    with database.reading() as session:
        found = open_sessions.every(session, mine.name, database.now(session))
    shown = [
        (each.id, wording.when(each.opened, "minute", gate().settings.timezone), each.browser, each.id == mine.number)
        for each in found
    ]
    page = render_template("sessions.html", form=form_of((), "newest"), q="", sessions=shown, csrf=csrf.token())
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/connexions")
@needs("search")
def end_sessions() -> Response:
    """End one of the reader's sessions, or all but this one."""
    mine = _mine()
    csrf.check()
    wanted = request.form.get("numero", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else None
    with gate().database.writing() as session:
        open_sessions.end_of(session, mine.name, number=number, but=mine.number if number is None else None)
    return redirect(url_for("web.sessions_page"), 303)


def _mine() -> Signed:
    """The session of the request in hand. Raises: NotFound: whoever asks is known otherwise."""
    signed = gate().sessions.reader(request) if gate().provider and g.caller.by == "session" else None
    if signed is None:
        raise NotFound
    return signed


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
    return page if ours(page, mount()) and len(page) <= LONGEST_BACK else url_for("web.search_page")


def _failed(error: ProviderAway | SignInFailed) -> Response:
    log.warning("connexion", code=error.code, detail=error.detail, cause=str(error.__cause__ or ""))
    return error_page(http_status(error), _("Connexion impossible"), error.detail)
