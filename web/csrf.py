"""What a form must hold to change anything: proof that the page it stands on was ours, shown to the reader who sends it.

A cookie that scripts cannot read and other sites' requests do not carry (SameSite=Strict) holds a random key; the form
holds the reader's id signed by it. Who can only make a browser send requests knows neither. The gate asks besides for
`Sec-Fetch-Site` and `Origin` (access/local.py).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import Response, after_this_request, g, request

from access.gate import user_id
from engine.errors import NotAllowed
from engine.http import public_root

FIELD = "csrf"

COOKIE = "depeches-formulaire"


def token() -> str:
    """What the forms of the page in hand hold; the cookie is set with the page when the reader has none."""
    key = request.cookies.get(_name()) or g.get("csrf_key")
    if not key:
        key = g.csrf_key = secrets.token_urlsafe(32)
        after_this_request(_remember)
    return _signed(key)


def check() -> None:
    """Raises: NotAllowed: the form in hand is not of a page of ours that was shown to this reader."""
    key = request.cookies.get(_name(), "")
    shown = request.form.get(FIELD, "")
    if not key or not hmac.compare_digest(_signed(key).encode(), shown.encode(errors="replace")):
        raise NotAllowed(
            "Ce formulaire n'est plus valable, ou le navigateur n'accepte pas de cookie de cette archive : "
            "revenez à la page, rechargez-la et recommencez."
        )


def _signed(key: str) -> str:
    return hmac.new(key.encode(), str(user_id()).encode(), hashlib.sha256).hexdigest()


def _secure() -> bool:
    return request.is_secure or public_root().startswith("https:")


def _name() -> str:
    # With this prefix, browsers take the cookie from this very host over TLS and from no neighbour.
    return f"__Host-{COOKIE}" if _secure() else COOKIE


def _remember(response: Response) -> Response:
    response.set_cookie(_name(), g.csrf_key, path="/", secure=_secure(), httponly=True, samesite="Strict")
    return response
