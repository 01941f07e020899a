"""On every page, who is signed in, and the way out: the portal's own, or ours when we let them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for

from access.gate import gate
from access.scopes import Caller
from engine.mount import mount
from web.pages import blueprint


@dataclass(frozen=True, slots=True)
class Who:
    """A reader's name, blank for nobody in particular; where they sign out, or in, and see where they are; None: nowhere we know."""

    name: str
    sign_out: str | None = None
    sign_in: str | None = None
    sessions: str | None = None


@blueprint.app_context_processor
def _who() -> dict[str, Any]:
    return {"who": who()}


def who() -> Who | None:
    """Who reads the page in hand; None for nobody in particular, and in local mode, where it is whoever is there."""
    caller: Caller | None = g.get("caller")
    if caller is None:
        return None
    if caller.by == "portal":
        return Who(caller.name, sign_out=gate().settings.sign_out_url or None)
    if caller.by == "session":
        return Who(caller.name, sign_out=url_for("web.sign_out"), sessions=url_for("web.sessions_page"))
    if caller.by == "anonymous" and gate().provider:
        return Who("", sign_in=url_for("web.sign_in", suite=mount() + request.full_path.rstrip("?")))
    return None
