"""Every page and state in English: what is ours is said in English, and what is the archive's is marked as French."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from lxml import html
from lxml.html import HtmlElement
from playwright.sync_api import Browser, ViewportSize, expect

from engine.client import Engine
from engine.config import Settings
from indexer.load import Tally
from tests.web.looks import unfit
from tests.web.test_browser import address, browser
from tests.web.visited import PHONE, STATES, State, Visited, visited
from web.texts import COOKIE

__all__ = ["address", "browser"]

DESK: ViewportSize = {"width": 1280, "height": 900}

# Words that stand in nearly every French sentence and label, and in no English one.
FRENCH = re.compile(
    r"\b(?:le|la|les|des|du|une?|et|ou|où|sauf|dans|pour|depuis|dépêches?|avec|sans|par|cette?|vous|est|sont|aucune?|toutes?|tous|jours?"
    r"|acteurs?|lieux?|sujets?|recherche|chercher|voir|lire|alertes?|au|aux|à|de|d’|l’|qui|que|ici|heure)\b",
    re.IGNORECASE,
)

# What is typed, quoted from a reader, or the name of this archive; a button that leads to French is in French.
NOT_OURS = ("script", "style", "code", "kbd", "q", "textarea")
NAMES = re.compile(r"\bDépêches\b")
# Of a tag; its title may be what an element of ours says of the archive.
READ = ("aria-label", "placeholder", "alt")


@pytest.fixture(scope="module")
def places(settings: Settings, engine: Engine, samples: Tally, tmp_path_factory: pytest.TempPathFactory) -> Visited:
    return visited(settings, engine, tmp_path_factory.mktemp("english"))


def ours(element: HtmlElement) -> Iterator[str]:
    """The texts of a page that are not marked as being of another language, those of attributes among them."""
    if not isinstance(element.tag, str) or element.tag in NOT_OURS or element.get("lang", "en") != "en":
        yield from (
            ours_again for child in element.iterchildren(tag=html.etree.Element) for ours_again in _english_in(child)
        )
        return
    yield from (element.get(name, "") for name in READ)
    yield element.text or ""
    for child in element:
        yield from ours(child)
        yield child.tail or ""


def _english_in(element: HtmlElement) -> Iterator[str]:
    """What is English again inside something French."""
    if element.get("lang") == "en":
        yield from ours(element)
        return
    for child in element.iterchildren(tag=html.etree.Element):
        yield from _english_in(child)


# The guide quotes French words at every turn; without scripts a page is the same.
READ_STATES = [state for state in STATES if state.scripts and state.name != "guide"]

# What stands on several pages of these samples and is neither ours nor marked: names that readers gave.
GIVEN = ("Le chef de la diplomatie russe", "La récolte de truffes")


@pytest.mark.parametrize("state", READ_STATES, ids=lambda state: state.name)
def test_a_page_says_nothing_of_ours_in_french(places: Visited, state: State) -> None:
    client = places.app.test_client()
    client.set_cookie(COOKIE, "en")
    answer = client.get(places.address(state), headers={"Accept": "text/html"})
    page = html.fromstring(answer.get_data(as_text=True))
    assert page.get("lang") == "en" and answer.headers["Content-Language"] == "en"
    found = []
    for text in ours(page.find("body")):
        text = NAMES.sub("", " ".join(text.split()))
        for given in GIVEN:
            text = text.replace(given, "")
        if FRENCH.search(text):
            found.append(text)
    assert not found


@pytest.fixture(scope="module")
def app(places: Visited) -> Flask:
    return places.app


def test_going_back_leads_to_pages_of_the_language_chosen_since(
    browser: Browser, address: str, places: Visited
) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto("/?q=lavrov")
    page.locator("a.value").first.click()
    expect(page).to_have_url(re.compile("actor="))
    page.goto(f"/depeches/{places.places['dispatch']}")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for _ in range(3):
        page.go_back()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.get_by_role("button", name="Search", exact=True)).to_be_visible()
    expect(page.locator("h1")).to_contain_text("dispatches")
    context.close()


def test_english_words_fit_on_a_phone_and_on_a_desk(browser: Browser, address: str, places: Visited) -> None:
    context = browser.new_context(base_url=address, locale="en-GB", reduced_motion="reduce")
    context.add_cookies([{"name": COOKIE, "value": "en", "url": address}])
    page = context.new_page()
    page.set_default_timeout(30_000)
    wrong = {}
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        for state in READ_STATES:
            page.goto(places.address(state))
            if found := unfit(page):
                wrong[state.name, size["width"]] = found
    context.close()
    assert not wrong
