"""The page in a real Chromium, as a journalist uses it: search, tick, untick, read, turn the page. No JavaScript needed.

Pictures go to `artefacts/`; the README's is `artefacts/page.png`, taken by `make picture`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.web.second_origin import listening

ARTEFACTS = Path(__file__).parent.parent.parent / "artefacts"

# Debian's; playwright's own download is not used.
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    with listening(app) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(
        base_url=address, locale="fr-FR", java_script_enabled=False, viewport={"width": 1280, "height": 1000}
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def picture(page: Page, name: str, *, full_page: bool = False) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    page.wait_for_load_state()  # a page that is about to be left cannot be taken
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=full_page)


def test_lavrov_in_phnom_penh(page: Page) -> None:
    page.goto("/")
    page.get_by_role("searchbox", name="Chercher dans les dépêches").fill("lavrov phnom penh")
    page.keyboard.press("Enter")
    first = page.get_by_role("article").first
    expect(first).to_contain_text("Lavrov")
    assert page.locator("mark").count() >= 2
    picture(page, "page")
    first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("mark").first).to_be_visible()
    picture(page, "depeche", full_page=True)


SEED = "/?q=« Phnom Penh » Lavrov ministre&from=2022-08-01&to=2022-08-31"


def test_from_one_word_found_to_the_next(page: Page) -> None:
    page.goto(SEED)
    page.get_by_role("article").first.get_by_role("link").first.click()
    found = page.get_by_role("link", name="occurrences")
    total = int(found.inner_text().split()[0])
    assert page.locator(".hit").count() == total > 3
    expect(page.locator(".jump:visible")).to_have_count(0)
    found.click()
    where = page.locator(".jump:visible")
    expect(where).to_contain_text(f"1\u00a0sur\u00a0{total}")
    where.get_by_role("link", name="Suivante").click()
    where.get_by_role("link", name="Suivante").click()
    expect(where).to_contain_text(f"3\u00a0sur\u00a0{total}")
    expect(page.locator("#hit-3 + mark, #hit-3 + a mark").first).to_be_in_viewport()
    picture(page, "occurrence")
    where.get_by_role("link", name="Précédente").click()
    where.get_by_role("link", name="Précédente").click()
    where.get_by_role("link", name="Précédente").click()
    expect(where).to_contain_text(f"{total}\u00a0sur\u00a0{total}")


def test_a_passage_leads_to_its_place(page: Page) -> None:
    page.goto("/?q=« Phnom Penh » Lavrov")
    passage = page.get_by_role("article").first.locator(".passage").last
    said = passage.locator("mark").first.inner_text()
    passage.get_by_role("link", name="Lire à cet endroit").click()
    target = page.locator(".hit:target")
    expect(target).to_be_attached()
    assert target.locator("xpath=following::mark[1]").inner_text() in said
    expect(target.locator("xpath=following::mark[1]")).to_be_in_viewport()


def test_from_one_word_found_to_the_next_by_keys(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, locale="fr-FR")
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(SEED)
    page.get_by_role("article").first.get_by_role("link").first.click()
    page.wait_for_url(re.compile("/depeches/"))
    expect(page.locator(".keys")).to_be_visible()
    total = page.locator(".hit").count()
    for key, number in (("n", 1), ("n", 2), ("p", 1), ("p", total), ("n", 1)):
        page.keyboard.press(key)
        expect(page.locator(".jump:visible")).to_contain_text(f"{number}\u00a0sur\u00a0{total}")
    page.get_by_role("combobox").first.focus()
    page.keyboard.type("nn")
    expect(page.locator(".jump:visible")).to_contain_text(f"1\u00a0sur\u00a0{total}")
    # One step back is the search, whatever was visited.
    page.go_back()
    expect(page.get_by_role("article").first).to_be_visible()
    assert "/depeches/" not in page.url
    assert not refused
    context.close()


def test_open_levels_tick_and_untick(page: Page) -> None:
    page.goto("/?q=lavrov")
    before = page.get_by_role("article").count()
    facets = page.get_by_role("region", name="Lieux", exact=True)
    expect(facets.get_by_role("link", name="Phnom Penh")).to_have_count(0)
    facets.get_by_role("link", name="Déplier Asie du Sud-Est").click()
    facets.get_by_role("link", name="Déplier Cambodge").click()
    expect(facets.get_by_role("link", name="Replier Cambodge")).to_be_visible()
    facets.get_by_role("link", name="Phnom Penh").first.click()
    assert 0 < page.get_by_role("article").count() < before
    assert "venue=" in page.url
    picture(page, "facette")
    facets.get_by_role("link", name="Retirer : Phnom Penh").click()
    assert page.get_by_role("article").count() == before
    assert "venue=" not in page.url


def test_look_inside_a_facet(page: Page) -> None:
    page.goto("/?q=lavrov")
    page.get_by_role("searchbox", name="Chercher dans la facette Acteurs").fill("nation")
    page.keyboard.press("Enter")
    facets = page.get_by_role("region", name="Acteurs")
    expect(facets.get_by_role("link", name="ONU").first).to_be_visible()
    expect(facets.get_by_role("link", name="Wang Yi")).to_have_count(0)
    facets.get_by_role("link", name="ONU").first.click()
    assert "prefix" not in page.url
    assert page.get_by_role("article").count() > 0


def test_turn_the_page_and_back(page: Page) -> None:
    page.goto("/?sort=oldest")
    first = page.get_by_role("article").first.inner_text()
    page.get_by_role("link", name="Suivant").click()
    assert page.get_by_role("article").first.inner_text() != first
    page.get_by_role("link", name="Précédent").click()
    assert page.get_by_role("article").first.inner_text() == first


def test_from_a_story_to_what_changed_in_it(page: Page) -> None:
    page.goto("/?q=Istanbul+délégations&versions=all")
    page.get_by_label("Regrouper par histoire").check()
    page.get_by_role("button", name="Appliquer").click()
    page.wait_for_url(re.compile("group=story"))
    picture(page, "histoires")
    page.get_by_role("link", name="dépêches dans cette histoire").first.click()
    expect(page.get_by_role("heading", level=2, name="Version 2")).to_be_visible()
    expect(page.locator("ins").first).to_be_visible()
    expect(page.locator("del").first).to_be_visible()
    picture(page, "versions", full_page=True)
    page.get_by_role("link", name="Version 1").click()
    expect(page.get_by_role("alert")).to_contain_text("version en vigueur")
    page.get_by_role("link", name="Lire la version en vigueur").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_bar_of_the_timeline(page: Page) -> None:
    page.goto("/")
    page.locator("svg a").first.click()
    assert "from=" in page.url
    assert "to=" in page.url
    assert page.get_by_role("article").count() > 0


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_phone_and_dark(browser: Browser, address: str, width: int, scheme: str) -> None:
    context = browser.new_context(
        base_url=address, color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.goto("/?q=lavrov")
    picture(page, f"page-{width}-{scheme}")
    # Nothing sticks out sideways.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
