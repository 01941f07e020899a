"""The pages and states of signing in, of being out and of being refused, asked what `test_accessible` asks of all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
from flask import Flask, Request, Response
from playwright.sync_api import Browser, Page, expect
from werkzeug.test import EnvironBuilder

from access.oidc import Identity
from access.sessions import SESSION, Sessions
from app import create_app
from engine.client import Engine
from engine.config import LIMITS, Settings
from engine.database import Database
from indexer.load import Tally
from tests.access.provider_server import CLIENT, SECRET, liar
from tests.web.second_origin import Portal, listening, portal
from tests.web.test_accessible import DESK, faults
from tests.web.test_browser import browser

__all__ = ["browser"]


@dataclass(frozen=True, slots=True)
class Doors:
    """Archives by who may come in, each at an address; a session's cookie; a page of another site."""

    archives: dict[str, str]
    cookie: str
    elsewhere: Portal


@pytest.fixture(scope="module")
def doors(
    settings: Settings, engine: Engine, samples: Tally, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("connexions")
    with ExitStack() as stack:
        provider = stack.enter_context(liar())
        own = replace(
            settings,
            data_dir=folder,
            database_url=f"sqlite:///{folder / 'base.sqlite3'}",
            public_url="http://localhost",
            oidc_issuer=provider.url,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
        )
        database = Database.from_settings(own)
        sessions, cookie = Sessions(own, database), ""
        for browser_ in ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0", "Mozilla/5.0 (iPhone) Mobile/15E148"):
            asked, answer = Request(EnvironBuilder("/").get_environ() | {"HTTP_USER_AGENT": browser_}), Response()
            sessions.open(asked, answer, Identity("m.durand", ()), ())
            cookie = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
        apps: dict[str, Flask] = {
            "signing": create_app(own, engine, database),
            "open": create_app(replace(own, anonymous_scopes=("search",)), engine, database),
            "away": create_app(replace(own, oidc_issuer="http://127.0.0.1:9"), engine, database),
            "keys": create_app(replace(own, oidc_issuer="", host="0.0.0.0"), engine, database),
            "busy": create_app(
                replace(
                    own, anonymous_scopes=("search",), oidc_issuer="", host="0.0.0.0",
                    limits=tuple((LIMITS | {"search": 1}).items()),
                ),
                engine,
                database,
            ),
        }  # fmt: skip
        archives = {name: stack.enter_context(listening(app)) for name, app in apps.items()}
        yield Doors(archives, cookie, stack.enter_context(portal()))


def plainly(page: Page, doors: Doors, address: str) -> None:
    page.goto(address)


def by_a_link(page: Page, doors: Doors, address: str) -> None:
    """From a page of another site."""
    page.goto(doors.elsewhere.page(f'<a href="{address}">Sortir</a>'))
    page.get_by_role("link").click()


def again_and_again(page: Page, doors: Doors, address: str) -> None:
    for _ in range(6):
        page.goto(address)


@dataclass(frozen=True, slots=True)
class Door:
    """Which archive, the page, what its heading says; whether one is signed in, and how one comes there."""

    archive: str
    path: str
    heading: str
    signed_in: bool = False
    come: Callable[[Page, Doors, str], None] = plainly


STATES = {
    "signed in": Door("signing", "/?q=lavrov", "", signed_in=True),
    "sessions": Door("signing", "/connexions", "Mes connexions", signed_in=True),
    "signing out, asked": Door("signing", "/deconnexion", "Se déconnecter ?", signed_in=True, come=by_a_link),
    "signed out": Door("signing", "/deconnexion", "Vous êtes déconnecté"),
    "not signed in": Door("signing", "/connexion/retour?state=x", "Connexion impossible"),
    "provider away": Door("away", "/connexion", "Connexion impossible"),
    "may sign in": Door("open", "/?q=lavrov", ""),
    "nobody": Door("keys", "/", "Qui êtes-vous ?"),
    "too much": Door("busy", "/?q=lavrov", "Trop de demandes", come=again_and_again),
}


@pytest.mark.parametrize("name", STATES)
def test_every_state(browser: Browser, doors: Doors, name: str) -> None:
    door = STATES[name]
    address = doors.archives[door.archive]
    context = browser.new_context(locale="fr-FR", viewport=DESK, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(30_000)
    if door.signed_in:
        context.add_cookies([{"name": SESSION, "value": doors.cookie, "url": address}])
    door.come(page, doors, f"{address}{door.path}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(door.heading.replace(" ?", "\u202f?") or "lavrov")
    wrong = faults(page)
    context.close()
    assert not wrong, "\n".join(wrong)
