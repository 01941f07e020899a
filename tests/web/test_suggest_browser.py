"""Completion of the search box in a real Chromium: keys, pointer, and what assistive technology is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from search.suggest_api import EXTENSION
from search.suggest_follow import Follower
from tests.web.test_browser import address, browser, picture

__all__ = ["address", "browser"]

SCRIPT = Path(__file__).parent.parent.parent / "web" / "static" / "suggest.js"


@pytest.fixture
def page(app: Flask, browser: Browser, address: str) -> Iterator[Page]:
    follower: Follower = app.extensions[EXTENSION]
    follower.refresh()
    context = browser.new_context(base_url=address, locale="fr-FR", viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(30_000)
    refused: list[str] = []
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto("/")
    yield page
    context.close()
    assert refused == []


def type_in(page: Page, text: str) -> None:
    page.get_by_role("combobox", name="Chercher dans les dépêches").press_sequentially(text)


def proposals(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Propositions").get_by_role("option")


def test_the_script_is_light() -> None:
    assert len(SCRIPT.read_bytes()) < 4096


def test_a_name_is_picked_with_the_keys_and_becomes_a_filter(page: Page) -> None:
    box = page.get_by_role("combobox", name="Chercher dans les dépêches")
    expect(box).to_have_attribute("aria-expanded", "false")
    type_in(page, "lavrov phnom p")
    options = proposals(page)
    expect(options.first).to_contain_text("Phnom Penh (Cambodge)")
    expect(box).to_have_attribute("aria-expanded", "true")
    picture(page, "propositions")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "?")
    box.press("Enter")
    page.wait_for_url("**venue=*")
    expect(page.get_by_role("combobox", name="Chercher dans les dépêches")).to_have_value("lavrov")
    assert page.get_by_role("article").count() > 0


def test_a_word_goes_on_being_typed(page: Page) -> None:
    box = page.get_by_role("combobox", name="Chercher dans les dépêches")
    type_in(page, "(guerre OU minis")
    proposals(page).filter(has_text="mot").first.click()
    value = box.input_value()
    assert value.startswith("(guerre OU minis") and value.endswith(")")
    box.press_sequentially(" OU paix")
    assert box.input_value().endswith(" OU paix)")
    assert "q=" not in page.url


def test_escape_closes_and_enter_without_a_choice_searches_what_was_typed(page: Page) -> None:
    box = page.get_by_role("combobox", name="Chercher dans les dépêches")
    type_in(page, "lavr")
    expect(proposals(page).first).to_be_visible()
    box.press("Escape")
    expect(proposals(page)).to_have_count(0)
    expect(box).to_have_value("lavr")
    box.press("ArrowDown")
    expect(proposals(page).first).to_be_visible()
    box.press("Enter")
    page.wait_for_url("**q=lavr")


def test_the_arrows_go_round_by_the_box_itself(page: Page) -> None:
    box = page.get_by_role("combobox", name="Chercher dans les dépêches")
    type_in(page, "lavr")
    options = proposals(page)
    expect(options.first).to_be_visible()
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)


def test_fast_typing_asks_once_for_what_was_typed_last(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/suggest" in request.url else None)
    type_in(page, "lavrov")
    expect(proposals(page).first).to_be_visible()
    assert asked[-1].endswith("q=lavrov")
    assert len(asked) < len("lavrov")
