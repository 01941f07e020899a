"""Pages of other origins: which of them a browser lets read our answers (CORS), and that the answer depends on who asks.

Closed until an origin is named (`DEPECHES_PORTAL_ORIGINS`), and then open for what a portal's pages show, to be read, without
cookies: what they may know, they prove by a token.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from flask import Flask, Response, request
from flask_cors import CORS

# What a page sends and reads beside what any page may.
SENT = ("Authorization", "If-None-Match")
READ = ("ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id")

# Seconds a browser remembers that it may ask: a renewed token costs no second question.
REMEMBERED = 600


def install(app: Flask, origins: Collection[str], endpoints: Collection[str]) -> None:
    """Let pages of these origins read the answers of these endpoints."""
    if not origins:
        return
    CORS(
        app,
        resources=[re.compile(_pattern(rule.rule)) for rule in app.url_map.iter_rules() if rule.endpoint in endpoints],
        # As patterns: the name of a text with a bracket, such as [::1], would be taken for one.
        origins=[re.compile(re.escape(origin) + r"\Z") for origin in origins],
        methods=["GET", "HEAD"],
        allow_headers=list(SENT),
        expose_headers=list(READ),
        max_age=REMEMBERED,
        supports_credentials=False,
        send_wildcard=False,
        always_send=False,  # else whoever sends no Origin is told all of them
        vary_header=False,  # said below, of the answers to other origins too
        intercept_exceptions=False,
    )

    @app.after_request
    def depends(response: Response) -> Response:
        if request.endpoint in endpoints:
            response.vary.add("Origin")
        return response


def _pattern(rule: str) -> str:
    """The paths of a rule: "/api/v1/dispatches/<id>" -> "/api/v1/dispatches/[^/]+"."""
    return re.sub(r"<[^>]+>", "[^/]+", re.escape(rule)) + r"\Z"
