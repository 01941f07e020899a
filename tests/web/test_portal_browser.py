"""The element and the frame on the pages of another origin, in a real Chromium: allowed and refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, Route, expect

from access import keys, tokens, users
from access.signing import secret
from access.tokens import Token
from app import create_app
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from indexer.load import Tally
from tests.web.axe import violations
from tests.web.second_origin import Portal, listening, portal
from tests.web.test_browser import browser, picture

__all__ = ["browser"]


@dataclass(frozen=True, slots=True)
class World:
    """An archive beyond the machine, a portal it knows and one it does not."""

    archive: str
    intranet: Portal
    stranger: Portal
    database: Database
    key: str  # its handle
    shown_key: str

    def element(self, attributes: str = "", more: str = "") -> str:
        script = f'<script type="module" src="{self.archive}/portail/depeches-recherche.js"></script>'
        return f"{script}<main><h1>Intranet</h1><depeches-recherche {attributes}></depeches-recherche></main>{more}"

    def token(self, origin: str | None = None) -> str:
        return tokens.issue(self.database, origin or self.intranet.origin, self.key, 5).text

    def expired(self) -> str:
        past = datetime.now(UTC) - timedelta(minutes=1)
        return Token(self.intranet.origin, self.key, past).signed(secret(self.database, tokens.SECRET))


@pytest.fixture(scope="module")
def world(
    settings: Settings, engine: Engine, samples: Tally, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    base = f"sqlite:///{tmp_path_factory.mktemp('base') / 'base.sqlite3'}"
    database = Database(base)
    with database.writing() as session:
        now = database.now(session)
        key, shown_key = keys.create(session, users.find_or_make(session, "intranet", now), "x", ["search"], now=now)
        handle = key.handle
    with portal() as intranet, portal() as stranger:
        own = replace(
            settings,
            database_url=base,
            host="0.0.0.0",  # so that being at this machine opens nothing
            portal_origins=(intranet.origin,),
            frame_ancestors=(intranet.origin,),
        )
        with listening(create_app(own, engine, database)) as archive:
            yield World(archive, intranet, stranger, database, handle, shown_key)
    database.close()


@pytest.fixture(scope="module")
def open_archive(app: Flask, settings: Settings, engine: Engine, world: World) -> Iterator[str]:
    """The same dispatches, open to all who ask from anywhere; the portal alone may frame it."""
    own = replace(
        settings, host="0.0.0.0", anonymous_scopes=("search",), frame_ancestors=(world.intranet.origin,),
        portal_origins=(world.intranet.origin,),
    )  # fmt: skip
    with listening(create_app(own, engine, world.database)) as archive:
        yield archive


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR", viewport={"width": 1000, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def status(page: Page) -> Locator:
    return page.get_by_role("status")


def items(page: Page) -> Locator:
    return page.locator("depeches-recherche .item")


def test_search_narrow_open(page: Page, world: World) -> None:
    page.goto(world.intranet.page(world.element(f'token="{world.token()}" query="lavrov"')))
    expect(status(page)).to_contain_text("pour «\u00a0lavrov\u00a0»")
    assert items(page).locator("mark").count() > 0
    picture(page, "portail")
    # A facet: what is ticked stays where it is, with the focus on it.
    before = items(page).count()
    box = page.get_by_role("checkbox", name=re.compile("^Wang Yi"))
    box.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Retirer le filtre Acteurs\u00a0: Wang Yi")).to_be_visible()
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    assert 0 < items(page).count() < before
    page.get_by_role("button", name="Déplier Asie du Sud-Est").click()
    expect(page.get_by_role("checkbox", name=re.compile("^Cambodge"))).to_be_visible()
    expect(page.get_by_role("button", name="Replier Asie du Sud-Est")).to_be_focused()
    # Words: typed, announced, the focus kept.
    words = page.get_by_role("searchbox", name="Chercher dans les dépêches")
    words.fill("cambodge")
    words.press("Enter")
    expect(status(page)).to_contain_text("pour «\u00a0cambodge\u00a0»")
    expect(words).to_be_focused()
    # A filter taken off: the focus goes where the reader can go on.
    page.get_by_role("button", name="Retirer le filtre Acteurs\u00a0: Wang Yi").click()
    expect(words).to_be_focused()
    href = items(page).first.get_by_role("link").get_attribute("href") or ""
    assert href.startswith(f"{world.archive}/depeches/") and href.endswith("?q=cambodge")


def test_that_it_is_searching_is_said_and_what_came_late_is_not_shown(page: Page, world: World) -> None:
    held: list[Route] = []
    page.goto(world.intranet.page(world.element(f'token="{world.token()}" query="lavrov"')))
    expect(items(page).first).to_be_visible()
    page.route("**/api/v1/dispatches?*q=asean*", lambda route: held.append(route))
    words = page.get_by_role("searchbox")
    words.fill("asean")
    words.press("Enter")
    expect(status(page)).to_have_text("Recherche en cours…")
    expect(page.locator('depeches-recherche [aria-busy="true"]')).to_have_count(1)
    words.fill("cambodge")
    words.press("Enter")
    expect(status(page)).to_contain_text("cambodge")
    expect(page.locator("depeches-recherche [aria-busy]")).to_have_count(0)
    (late,) = held
    late.abort()
    expect(status(page)).to_contain_text("cambodge")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_more_is_added_and_the_focus_goes_there(page: Page, world: World) -> None:
    page.goto(world.intranet.page(world.element(f'token="{world.token()}" size="3" facets="none" sort="oldest"')))
    expect(items(page)).to_have_count(3)
    page.get_by_role("button", name="Afficher la suite").click()
    expect(items(page)).to_have_count(6)
    expect(items(page).nth(3).get_by_role("link")).to_be_focused()
    expect(status(page)).to_contain_text("6 affichées sur")


TOLD = """<script>
  const told = window.told = [];
  for (const name of ["search", "results", "open", "error"])
    document.addEventListener(`depeches-${name}`, (event) => told.push([name, event.detail]));
</script>"""


def told(page: Page, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = page.evaluate(
        "name => told.filter(each => each[0] === name).map(each => each[1])", name
    )
    return found


def test_the_page_around_is_told_and_may_open_by_itself(page: Page, world: World) -> None:
    stop = "<script>document.addEventListener('depeches-open', (event) => event.preventDefault())</script>"
    page.goto(
        world.intranet.page(
            TOLD + stop + world.element(f'token="{world.token()}" query="lavrov" filters="actor=Wang+Yi"')
        )
    )
    items(page).first.get_by_role("link").click()
    (opened,) = told(page, "open")
    assert str(opened["url"]).startswith(world.archive) and page.url == f"{world.intranet.origin}/"
    assert told(page, "search") == [{"q": "lavrov", "filters": "actor=Wang+Yi"}]
    (results,) = told(page, "results")
    assert results["total"] == items(page).count()


def test_an_expired_token_is_renewed_unseen(page: Page, world: World) -> None:
    given = [world.expired(), world.token()]
    asked: list[str] = []

    def endpoint() -> bytes:
        asked.append(given[min(len(asked), 1)])
        return json.dumps({"token": asked[-1]}).encode()

    world.intranet.pages["/jeton"] = endpoint
    page.goto(world.intranet.page(TOLD + world.element('token-endpoint="/jeton" query="lavrov"')))
    expect(items(page).first).to_be_visible()
    assert asked == given and told(page, "error") == []


@pytest.mark.parametrize("kind", ["forged", "expired", "of another", "none"])
def test_without_a_good_token_nothing_is_shown(page: Page, world: World, kind: str) -> None:
    forged = Token(world.intranet.origin, world.key, datetime.now(UTC) + timedelta(minutes=5)).signed(b"x" * 32)
    shown = {
        "forged": forged,
        "expired": world.expired(),
        "of another": world.token("https://ailleurs.exemple"),
        "none": "",
    }
    page.goto(world.intranet.page(TOLD + world.element(f'token="{shown[kind]}"')))
    expect(page.get_by_role("alert")).to_contain_text("Cette page n’a pas accès à l’archive.")
    expect(page.get_by_role("button", name="Réessayer")).to_be_visible()
    (error,) = told(page, "error")
    assert (error["status"], error["code"]) == (401, "jeton-expire" if kind == "expired" else "non-identifie")
    assert items(page).count() == 0


def test_a_page_of_an_origin_not_named_reads_nothing(page: Page, world: World, open_archive: str) -> None:
    """Neither the element, which the browser does not even load, nor the answers of an archive that is open to all."""
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(world.stranger.page(world.element(f'token="{world.token()}"')))
    expect(page.locator("depeches-recherche")).to_be_attached()
    assert page.evaluate("customElements.get('depeches-recherche')") is None
    assert any("CORS policy" in text for text in refused)
    read = "url => fetch(url).then(() => 'lu', () => 'refusé')"
    for archive in (world.archive, open_archive):
        assert page.evaluate(read, f"{archive}/api/v1/dispatches") == "refusé"
    page.goto(world.intranet.page(""))
    assert page.evaluate(read, f"{open_archive}/api/v1/dispatches") == "lu"
    assert page.evaluate(read, f"{open_archive}/api/v1/export.csv") == "refusé"
    assert (
        page.evaluate(
            "url => fetch(url, {credentials: 'include'}).then(() => 'lu', () => 'refusé')",
            f"{open_archive}/api/v1/dispatches",
        )
        == "refusé"
    )


def test_under_the_strictest_policy_of_its_page(page: Page, world: World) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    world.intranet.policy = (
        f"default-src 'none'; script-src {world.archive}; connect-src {world.archive}; "
        "require-trusted-types-for 'script'"
    )
    try:
        page.goto(world.intranet.page(world.element(f'token="{world.token()}" query="lavrov"')))
        expect(items(page).first).to_be_visible()
        assert items(page).first.evaluate("node => getComputedStyle(node).borderBottomWidth") == "1px"
    finally:
        world.intranet.policy = None
    assert [text for text in said if "favicon" not in text] == []


def test_what_goes_wrong_says_what_to_do(page: Page, world: World) -> None:
    page.goto(
        world.intranet.page(TOLD + world.element(f'token="{world.token()}" query="(lavrov" filters="actor=Wang+Yi"'))
    )
    message = page.get_by_role("alert")
    expect(message).to_contain_text("parenthèse", ignore_case=True)
    assert told(page, "error")[0]["code"] == "syntaxe"
    picture(page, "portail-erreur")
    message.get_by_role("button", name=re.compile("^Chercher ")).click()
    expect(items(page).first).to_be_visible()
    expect(message).to_be_hidden()
    # Nothing found: other searches that find.
    words = page.get_by_role("searchbox")
    words.fill("lavrov xyzzyx")
    words.press("Enter")
    expect(status(page)).to_have_text("Aucune dépêche ne répond à cette recherche.")
    page.locator('[part="instead"]').get_by_role("button").first.click()
    expect(items(page).first).to_be_visible()
    # The archive away, then back.
    page.context.set_offline(True)
    words.fill("cambodge")
    words.press("Enter")
    expect(message).to_contain_text("L’archive ne répond pas.")
    page.context.set_offline(False)
    message.get_by_role("button", name="Réessayer").click()
    expect(status(page)).to_contain_text("cambodge")


def test_too_many_searches_wait_and_go_on_by_themselves(page: Page, world: World) -> None:
    refused: list[Route] = []

    def refuse(route: Route) -> None:
        """The next search, as the archive refuses it; those that come after pass."""
        if refused:
            route.fallback()
            return
        refused.append(route)
        route.fulfill(
            status=429,
            headers={
                "Access-Control-Allow-Origin": world.intranet.origin,
                "Access-Control-Expose-Headers": "Retry-After",
                "Retry-After": "1",
            },
            json={"code": "trop-de-requetes", "detail": "Trop de demandes en une minute.", "status": 429},
        )

    page.goto(world.intranet.page(world.element(f'token="{world.token()}" query="lavrov"')))
    expect(items(page).first).to_be_visible()
    before = items(page).count()
    page.route("**/api/v1/dispatches?*q=cambodge*", refuse)
    words = page.get_by_role("searchbox")
    words.fill("cambodge")
    words.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(
        "Trop de recherches à la fois.La recherche reprend d’elle-même dans 1\u00a0seconde."
    )
    assert items(page).count() == before  # what was there can be read meanwhile
    expect(status(page)).to_contain_text("pour «\u00a0cambodge\u00a0»")
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(words).to_be_focused()


def test_in_english(page: Page, world: World) -> None:
    page.goto(world.intranet.page(world.element(f'lang="en" token="{world.token()}" query="lavrov"')))
    expect(status(page)).to_have_text(re.compile(r"^\d+ dispatches for “lavrov”$"))
    expect(page.get_by_role("group", name="Actors")).to_be_visible()
    page.locator("depeches-recherche").evaluate("node => node.lang = 'fr'")
    expect(page.get_by_role("group", name="Acteurs")).to_be_visible()


HOSTILE = {
    "title": "<img src=x onerror=hurt()><b>&amp;</b>",
    "highlights": {
        "title": None,
        "body": [
            "a <mark>&lt;script&gt;hurt()&lt;/script&gt;</mark> <img src=x onerror=hurt()> &#x27;&amp;lt; <mark>b</mark>"
        ],
    },
    "agency": "<i>x</i>",
}


def test_what_comes_from_the_archive_is_text(page: Page, world: World) -> None:
    """Even from an archive that escaped nothing."""

    def tampered(route: Route) -> None:
        response = route.fetch()
        answer = response.json()
        answer["results"] = [answer["results"][0] | HOSTILE]
        answer["facets"]["actor"]["values"] = [
            answer["facets"]["actor"]["values"][0] | {"label": "<b>x</b>", "value": "<b>x</b>"}
        ]
        route.fulfill(response=response, json=answer)

    page.route("**/api/v1/dispatches?*", tampered)
    page.goto(
        world.intranet.page(
            "<script>window.hurt = () => { window.hit = true }</script>"
            + world.element(f'token="{world.token()}" query="lavrov"')
        )
    )
    expect(items(page)).to_have_count(1)
    assert items(page).get_by_role("link").inner_text() == HOSTILE["title"]
    assert items(page).locator("mark").all_inner_texts() == ["<script>hurt()</script>", "b"]
    assert "<img src=x onerror=hurt()> '&lt;" in items(page).locator(".passage").inner_text()
    assert page.locator("depeches-recherche").locator("img, b, i, script").count() == 0
    assert page.evaluate("window.hit") is None


def test_a_page_that_styles_all_its_elements_does_not_style_these(page: Page, world: World) -> None:
    loud = """<style>* { color: #c00 !important; font: italic 20px/1 cursive !important; text-transform: uppercase; white-space: pre;
      letter-spacing: 3px; word-spacing: 20px; text-indent: 40px; text-align: right; visibility: visible; cursor: crosshair }</style>"""
    page.goto(world.intranet.page(loud + world.element(f'token="{world.token()}" query="lavrov"')))
    passage = items(page).first.locator(".passage").first
    expect(passage).to_be_visible()
    styled = passage.evaluate(
        "node => { const s = getComputedStyle(node); return [s.color, s.fontStyle, s.textTransform, s.whiteSpace, "
        "s.letterSpacing, s.wordSpacing, s.textIndent, s.textAlign, s.cursor] }"
    )
    assert styled == ["rgb(31, 30, 27)", "normal", "none", "normal", "normal", "0px", "0px", "start", "auto"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "portail-bruyant")


def test_themed_and_narrow(page: Page, world: World) -> None:
    theme = """<style>
      body { margin: 0; background: #10243e; padding: 24px; font-family: sans-serif }
      depeches-recherche { --depeches-accent: #a4262c; --depeches-paper: #fff; --depeches-tint: #fde7a9; --depeches-font: Georgia, serif;
        --depeches-radius: 0; max-width: 760px; margin: 0 auto; border-radius: 12px }
      depeches-recherche::part(button) { text-transform: uppercase; letter-spacing: .06em }
      depeches-recherche::part(title) { font-size: 1.35rem }
    </style>"""
    page.goto(world.intranet.page(theme + world.element(f'token="{world.token()}" query="lavrov"')))
    expect(items(page).first).to_be_visible()
    button = page.get_by_role("button", name="Chercher", exact=True)
    assert button.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(164, 38, 44)"
    assert button.evaluate("node => getComputedStyle(node).textTransform") == "uppercase"
    picture(page, "portail-theme")
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(world.intranet.page(world.element(f'token="{world.token()}" query="lavrov" theme="dark"')))
    expect(items(page).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    refine = page.get_by_role("button", name="Affiner")
    expect(page.get_by_role("checkbox").first).to_be_hidden()
    refine.click()
    expect(page.get_by_role("checkbox").first).to_be_visible()
    expect(refine).to_have_attribute("aria-expanded", "true")
    picture(page, "portail-telephone")


def test_axe_finds_nothing(page: Page, world: World, open_archive: str) -> None:
    element = page.locator("depeches-recherche")
    page.emulate_media(reduced_motion="reduce")
    page.goto(world.intranet.page(world.element()))
    expect(page.get_by_role("alert")).to_be_visible()
    found = {"refused": violations(page)}
    element.evaluate("(node, token) => Object.entries({token, query: 'lavrov', filters: 'actor=Wang+Yi'}).forEach("
                     "pair => node.setAttribute(...pair))", world.token())  # fmt: skip
    expect(page.get_by_role("button", name="Déplier Asie du Sud-Est")).to_be_visible()
    expect(element.locator("[aria-busy]")).to_have_count(0)
    for theme in ("light", "dark"):
        element.evaluate("(node, theme) => node.setAttribute('theme', theme)", theme)
        found[f"results, {theme}"] = violations(page)
    element.evaluate("node => node.search('lavrov xyzzyx')")
    expect(status(page)).to_have_text("Aucune dépêche ne répond à cette recherche.")
    found["nothing"] = violations(page)
    page.set_viewport_size({"width": 360, "height": 800})
    element.evaluate("node => node.search('lavrov', '')")
    page.get_by_role("button", name="Affiner").click()
    expect(page.get_by_role("checkbox").first).to_be_visible()
    found["phone"] = violations(page)
    for query in ("q=lavrov", "q=(lavrov"):
        page.goto(f"{open_archive}/portail/cadre?{query}")
        found[query] = violations(page)
    assert {state: each for state, each in found.items() if each} == {}


# -- the frame ---------------------------------------------------------------------------------------------------------


def test_the_frame_where_it_is_allowed(page: Page, world: World, open_archive: str) -> None:
    page.goto(
        world.intranet.page(
            f'<iframe title="Dépêches" width="420" height="700" src="{open_archive}/portail/cadre?q=lavrov&amp;size=4"></iframe>'
        )
    )
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("listitem")).to_have_count(4)
    picture(page, "portail-cadre")
    frame.get_by_role("link", name="Page suivante").click()
    expect(frame.get_by_role("link", name="Page précédente")).to_be_visible()
    frame.get_by_role("searchbox").fill("(lavrov")
    frame.get_by_role("searchbox").press("Enter")
    expect(frame.get_by_role("alert")).to_contain_text("parenthèse", ignore_case=True)
    frame.get_by_role("link", name="Chercher").click()
    expect(frame.get_by_role("listitem").first).to_be_visible()
    with page.expect_popup() as opened:
        frame.get_by_role("listitem").first.get_by_role("link").click()
    assert opened.value.url.startswith(f"{open_archive}/depeches/")
    assert page.context.cookies(open_archive) == []


@pytest.mark.parametrize("path", ["/portail/cadre?q=lavrov", "/?q=lavrov"])
def test_the_frame_where_it_is_not(page: Page, world: World, open_archive: str, path: str) -> None:
    """On a site not named, the frame; anywhere, the other pages."""
    where = world.stranger if "cadre" in path else world.intranet
    with page.expect_console_message(
        lambda message: "frame-ancestors" in message.text or "refused" in message.text.lower()
    ):
        page.goto(where.page(f'<iframe title="x" src="{open_archive}{path}"></iframe>'))
    assert page.frame_locator("iframe").get_by_role("listitem").count() == 0
