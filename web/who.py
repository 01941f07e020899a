"""On every page, who is signed in, and the way out: the portal's own, or ours when we let them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g

from access.gate import gate
from access.scopes import Caller
from web.pages import blueprint


@dataclass(frozen=True, slots=True)
class Who:
    """A reader's name, and where they sign out; None: nowhere we know."""

    name: str
    sign_out: str | None


@blueprint.app_context_processor
def _who() -> dict[str, Any]:
    return {"who": who()}


def who() -> Who | None:
    """Who reads the page in hand; None for nobody in particular, and in local mode, where it is whoever is there."""
    caller: Caller | None = g.get("caller")
    if caller is None or caller.by != "portal":
        return None
    return Who(caller.name, gate().settings.sign_out_url or None)
