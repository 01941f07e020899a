"""Requests made without a socket come from nowhere; these come from this machine, as a program's here would."""

from __future__ import annotations

from typing import Any

from flask import Flask


def from_here(app: Flask) -> Flask:
    """The same application, a request without a peer taken for one of this machine."""
    inner = app.wsgi_app

    def outer(environ: dict[str, Any], start_response: Any) -> Any:
        environ.setdefault("REMOTE_ADDR", "127.0.0.1")
        return inner(environ, start_response)

    app.wsgi_app = outer  # type: ignore[method-assign]
    return app
