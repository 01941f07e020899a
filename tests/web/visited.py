"""Every page and state a reader can be shown, over the samples: what is accessible, and what is well set, is asked of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect
from sqlalchemy import select

from alerts import signing
from alerts.hits import Found
from alerts.links import Links
from alerts.models import Channel, Delivery
from alerts.place import place_of
from app import create_app
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from search.suggest_api import EXTENSION
from search.suggest_follow import Follower
from tests.alerts.rows import record

PHONE: ViewportSize = {"width": 390, "height": 844}


def nothing(page: Page) -> None:
    pass


def complete(page: Page) -> None:
    """The box with its proposals."""
    page.get_by_role("combobox").first.press_sequentially("lavr")
    expect(page.get_by_role("listbox", name="Propositions").get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")


def unfold(page: Page) -> None:
    for each in page.locator("summary").all():
        if each.is_visible():
            each.click()


def refine(page: Page) -> None:
    """The filters, where they are folded: on a phone."""
    page.set_viewport_size(PHONE)
    page.locator("summary", has_text="Affiner").click()
    expect(page.locator(".facets")).to_be_visible()
    # The way back to the results stands at the foot of the window, over values, until they all were seen.
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")


def press(name: str) -> Callable[[Page], None]:
    def pressed(page: Page) -> None:
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_load_state()

    return pressed


@dataclass(frozen=True, slots=True)
class State:
    """An address, with names of `Archive.places` in braces, and what is done there before the page is looked at."""

    name: str
    address: str
    do: Callable[[Page], None] = nothing
    scripts: bool = True


STATES = (
    State("everything", "/"),
    State("results", "/?q=lavrov"),
    State("without scripts", "/?q=lavrov", scripts=False),
    State("proposals", "/", complete),
    State("filters", "/?q=lavrov&actor=ONU&actor=Wang+Yi&venue.not=Japon&agency=Xinhua&from=2022-07-01&versions=all"),
    State("levels", "/?q=lavrov&venue.under=Asie+du+Sud-Est&venue=Cambodge&actor.prefix=nation"),
    State("stories", "/?q=Istanbul+délégations&versions=all&group=story"),
    State("help", "/", unfold),
    State("filters of a phone", "/?q=lavrov", refine),
    State("a mistake", "/?q=lavrof"),
    State("other names", "/?q=ONU"),
    State("a later page", "/?size=5&cursor={cursor}"),
    State("no results", "/?q=xyzzyxyzzy&actor=ONU"),
    State("refused words", "/?q=(lavrov"),
    State("refused parameter", "/?sizee=3&q=lavrov"),
    State("nowhere", "/nulle-part"),
    State("dispatch", "/depeches/{dispatch}?q=lavrov", unfold),
    State("dispatch, a word found", "/depeches/{dispatch}?q=lavrov#hit-2"),
    State("dispatch, damaged", "/depeches/{seed}", unfold),
    State("dispatch, replaced", "/depeches/{replaced}"),
    State("versions", "/depeches/{replaced}/versions", unfold),
    State("actor", "/acteurs/Wang Yi"),
    State("place", "/lieux/Asie du Sud-Est/Cambodge"),
    State("subject", "/sujets/Politique/Relations internationales"),
    State("actor, in no dispatch", "/acteurs/Jacques Chirac"),
    State("unknown name", "/acteurs/lavorv"),
    State("keys", "/", press("Raccourcis clavier")),
    State("in English", "/?q=lavrov", press("English")),
    State("guide", "/aide/requete"),
    State("frame", "/portail/cadre?q=lavrov"),
    State("frame, refused", "/portail/cadre?q=(lavrov"),
    State("alerts", "/alertes"),
    State("alert", "/alertes/{alert}"),
    State("alert, nothing yet", "/alertes/{quiet}"),
    State("alert, new", "/alertes/nouvelle?q=lavrov&actor=ONU", press("Voir ce qu’elle donnerait")),
    State("alert, refused", "/alertes/nouvelle?q=(lavrov", press("Créer l’alerte")),
    State("alert, changed", "/alertes/{alert}/modifier"),
    State("alert, deleted", "/alertes/{alert}/supprimer"),
    State("letter", "{rest}"),
    State("letter, stopped", "{stop}"),
)


@dataclass(frozen=True, slots=True)
class Visited:
    """The application, and the addresses of what is in it."""

    app: Flask
    places: dict[str, str]

    def address(self, state: State) -> str:
        return state.address.format_map(self.places)


def visited(settings: Settings, engine: Engine, folder: Path) -> Visited:
    """The samples, beside a database where one alert told of dispatches, by a letter too, and another of none."""
    own = replace(
        settings,
        database_url=f"sqlite:///{folder / 'visites.sqlite3'}",
        public_url="http://localhost",
        webhook_networks=(ip_network("127.0.0.0/8"),),
    )
    database = Database.from_settings(own)
    app = create_app(replace(own, public_url=""), engine, database)
    follower: Follower = app.extensions[EXTENSION]
    follower.refresh()
    client = app.test_client()

    def found(query: str) -> list[dict[str, Any]]:
        answer = client.get(f"/api/v1/dispatches?{query}&facets=none")
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.get_json()["results"]
        return results

    def saved(name: str, query: str, **more: object) -> str:
        answer = client.post("/api/v1/saved-searches", json={"name": name, "params": {"q": query}, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    channels = [
        {"type": "email", "target": "m.durand@example.org", "frequency": "daily"},
        {"type": "webhook", "target": "http://127.0.0.1:9/depeches", "frequency": "immediate"},
    ]
    lavrov = found("q=lavrov&size=5")
    alert = saved("Le chef de la diplomatie russe", "lavrov", channels=channels)
    quiet = saved("La récolte de truffes", "truffe récolte")
    client.post(f"/api/v1/saved-searches/{quiet}/pause")
    record(database, [Found(alert, each["id"], each["version"]) for each in lavrov])
    with database.reading() as session:
        channel = session.scalars(select(Channel.id).where(Channel.type == "email")).one()
        delivery = session.scalars(select(Delivery.id).where(Delivery.type == "email")).one()
    links = Links(place_of(own), signing.key(database))
    (seed,) = found("q=%C2%AB+M.+Wang+%C2%BB+cha%C3%AEnes+industrielles&size=1")
    replaced = next(each for each in found("q=istanbul&versions=all&size=50") if each["status"] == "superseded")
    answer = client.get("/api/v1/dispatches?size=5&facets=none").get_json()
    return Visited(
        app,
        {
            "dispatch": lavrov[0]["id"],
            "seed": seed["id"],
            "replaced": replaced["id"],
            "alert": alert,
            "quiet": quiet,
            "cursor": quote(answer["page"]["next"].split("cursor=")[-1].split("&")[0], safe="%"),
            "stop": links.stop_channel(channel).removeprefix("http://localhost"),
            "rest": links.announced(delivery, alert, 2).removeprefix("http://localhost"),
        },
    )
