"""Every page and state, for whoever sees little, hears pages, has no mouse, no wide screen, or another choice of colours.

Beside axe (WCAG 2.2 A and AA, good habit): what only a browser can tell, as where the keyboard leads and what fits.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, expect

from engine.client import Engine
from engine.config import Settings
from indexer.load import Tally
from tests.web.axe import COLOURS, violations
from tests.web.looks import by_keyboard, larger, moving, spaced, unfit
from tests.web.test_browser import address, browser
from tests.web.visited import PHONE, STATES, State, Visited, visited

__all__ = ["address", "browser"]

DESK: ViewportSize = {"width": 1280, "height": 900}
# A window of 1280 at 400 %: WCAG 1.4.10.
NARROW: ViewportSize = {"width": 320, "height": 256}


@pytest.fixture(scope="module")
def places(settings: Settings, engine: Engine, samples: Tally, tmp_path_factory: pytest.TempPathFactory) -> Visited:
    return visited(settings, engine, tmp_path_factory.mktemp("visites"))


@pytest.fixture(scope="module")
def app(places: Visited) -> Flask:
    return places.app


@pytest.fixture(params=STATES, ids=lambda state: state.name)
def state(request: pytest.FixtureRequest) -> State:
    found: State = request.param
    return found


@pytest.fixture
def page(browser: Browser, address: str, state: State, places: Visited) -> Iterator[Page]:
    context = browser.new_context(
        base_url=address,
        locale="fr-FR",
        viewport=DESK,
        reduced_motion="reduce",
    )
    if not state.scripts:  # the page's; axe is one too
        context.route("**/*.js", lambda route: route.abort())
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(places.address(state))
    state.do(page)
    yield page
    context.close()


def faults(page: Page) -> list[str]:
    """All that is wrong with a page as it stands, for whoever cannot use it as it is meant."""
    wrong = violations(page) + [f"moves: {each}" for each in moving(page)]
    page.emulate_media(color_scheme="dark")
    wrong += [f"dark: {each}" for each in violations(page, *COLOURS)]
    page.set_viewport_size(PHONE)
    wrong += [f"phone: {each}" for each in violations(page)]
    page.set_viewport_size(NARROW)
    wrong += [f"narrow: {each}" for each in unfit(page)]
    page.set_viewport_size(DESK)
    spaced(page)
    wrong += [f"spaced: {each}" for each in unfit(page)]
    larger(page)
    wrong += [f"larger: {each}" for each in unfit(page)]
    return wrong


def test_every_state(page: Page, state: State) -> None:
    wrong = faults(page)
    assert not wrong, "\n".join(wrong)


def only(*names: str) -> pytest.MarkDecorator:
    chosen = [state for state in STATES if state.name in names]
    return pytest.mark.parametrize("state", chosen, ids=lambda state: state.name, indirect=True)


BY_KEYBOARD = ("results", "filters", "dispatch", "actor", "versions", "alert", "alert, new")


@only(*BY_KEYBOARD)
def test_everything_is_reached_by_the_keyboard_in_its_order_and_seen(page: Page, state: State) -> None:
    wrong = by_keyboard(page)
    assert not wrong, "\n".join(wrong)


@only("filters")
def test_forced_colours_keep_what_colour_told(page: Page, state: State) -> None:
    page.emulate_media(forced_colors="active")

    def style(selector: str, name: str) -> str:
        return str(page.locator(selector).first.evaluate(f"(e) => getComputedStyle(e).{name}"))

    assert style(".any .box", "backgroundColor") != style(".off .box", "backgroundColor")
    assert page.evaluate(
        "() => getComputedStyle(document.querySelector('.none .box'), '::after').backgroundColor"
    ) != style(".none .box", "backgroundColor")
    assert style(".kinds [aria-current]", "textDecorationLine") == "underline"
    assert style(".chips a", "borderTopStyle") == "solid"


@only("results")
def test_a_count_that_changes_is_said(page: Page, state: State) -> None:
    told = page.get_by_role("status").first
    page.get_by_role("region", name="Agence").get_by_role("link", name="Xinhua").first.click()
    expect(page.locator(".chips")).to_contain_text("Xinhua")
    expect(told).to_have_text(page.locator("h1").inner_text())
    assert page.evaluate("document.activeElement.textContent").startswith("Retirer")
