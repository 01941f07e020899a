"""Where on its server the archive is: at the root, or under a path of a portal ("https://portail.exemple.fr/depeches").

The path is that of `DEPECHES_PUBLIC_URL`, no header's: nobody who asks can move our links. The proxy in front passes addresses on
whole. One that cuts the path off would leave "/depeches/abc" with two meanings, a dispatch at the root and "/abc" under
the path; so what does not begin with the path is not found, and is told why.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import has_request_context, request

from engine.http import problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What watches the process speaks to it without the portal, and knows nothing of the path.
WATCHED = ("/healthz", "/readyz", "/metrics")


def mount() -> str:
    """The path the request in hand came under, without a slash at its end; blank at the root and outside a request."""
    return request.script_root if has_request_context() else ""


class Mounted:
    """An application under a path. `path`: "/depeches", without a slash at its end."""

    def __init__(self, application: WSGIApplication, path: str) -> None:
        self._application = application
        self._path = path

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        whole: str = environ.get("PATH_INFO", "")
        if whole == self._path or whole.startswith(f"{self._path}/"):
            inside = {"SCRIPT_NAME": self._path, "PATH_INFO": whole.removeprefix(self._path) or "/"}
            return self._application(environ | inside, start_response)
        if whole in WATCHED:
            return self._application(environ, start_response)
        refused = problem(
            404,
            "introuvable",
            f"Cette archive est sous {self._path}/ (DEPECHES_PUBLIC_URL) ; le mandataire doit passer les adresses entières.",
        )
        refused.headers.update({"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"})
        return refused(environ, start_response)
