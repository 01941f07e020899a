"""A dispatch and the page of an actor in a real Chromium: what a script adds, what is shown on demand, what is printed."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.test_browser import address, browser, picture

__all__ = ["address", "browser"]

DAMAGED = f"/?q={quote('« M. Wang » chaînes industrielles')}"


def opened(browser: Browser, address: str, width: int = 1280, **more: object) -> Page:
    """A page of its own, with scripts; what the console says is an error."""
    context = browser.new_context(
        base_url=address,
        locale="fr-FR",
        viewport={"width": width, "height": 900},
        **more,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("console", lambda message: pytest.fail(message.text))
    return page


def read(page: Page, found_by: str = DAMAGED) -> None:
    page.goto(found_by)
    page.get_by_role("article").first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Citer cette dépêche")).to_be_visible()
    page.wait_for_load_state()  # with its styles: what is measured before has none


def test_what_was_received_appears_in_the_text_on_demand(browser: Browser, address: str) -> None:
    page = opened(browser, address, java_script_enabled=False)
    read(page)
    received = page.locator(".body .received")
    assert received.count() >= 3
    expect(received.first).to_be_hidden()
    page.locator("summary", has_text="Texte réparé").click()
    expect(received.first).to_be_visible()
    page.get_by_role("link", name="Sergueï", exact=True).first.click()
    expect(page.locator(".received:target")).to_be_in_viewport()
    picture(page, "depeche-reparee", full_page=True)
    page.context.close()


def test_a_line_is_read_at_a_glance(browser: Browser, address: str) -> None:
    """About 66 letters, whatever the serif: between 55 and 75, the last line of a paragraph apart."""
    page = opened(browser, address)
    read(page)
    lines = page.evaluate(
        """() => [...document.querySelectorAll(".body p")].flatMap((paragraph) => {
          const range = document.createRange(), lines = {};
          const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
          for (let text; (text = walker.nextNode()); ) {
            if (text.parentElement.closest(".received, .jump")) continue;
            for (let at = 0; at < text.length; at++) {
              range.setStart(text, at); range.setEnd(text, at + 1);
              const bottom = Math.round(range.getBoundingClientRect().bottom);
              lines[bottom] = (lines[bottom] ?? 0) + 1;
            }
          }
          return Object.values(lines).slice(0, -1);
        })"""
    )
    assert len(lines) > 10
    assert 55 <= sum(lines) / len(lines) <= 75
    page.context.close()


def test_a_reference_and_an_address_are_copied(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    read(page)
    page.get_by_role("button", name="Copier la référence").click()
    expect(page.get_by_role("status")).to_have_text("Copié")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#reference").inner_text().strip() and copied.startswith("Xinhua, «")
    page.get_by_role("button", name="Copier l’adresse").click()
    page.wait_for_function("(before) => navigator.clipboard.readText().then((now) => now !== before)", arg=copied)
    assert page.goto(page.evaluate("navigator.clipboard.readText()")).ok  # type: ignore[union-attr]
    page.context.close()


def test_where_a_browser_gives_no_clipboard_copying_works_all_the_same(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', {value: undefined})")
    read(page)
    page.get_by_role("button", name="Copier la référence").click()
    expect(page.get_by_role("status")).to_have_text("Copié")
    page.get_by_role("combobox").first.fill("")
    page.keyboard.press("Control+v")
    expect(page.get_by_role("combobox").first).to_have_value(page.locator("#reference").inner_text().strip())
    page.context.close()


def test_keys_that_act_alone_can_be_turned_off(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    read(page)
    expect(page.locator(".found .keys")).to_be_visible()  # they are listened to
    page.keyboard.press("n")
    expect(page.locator(".jump:visible")).to_contain_text("1\u00a0sur")
    page.get_by_role("button", name="Raccourcis clavier").click()
    expect(page.get_by_role("dialog")).to_contain_text("Occurrence suivante")
    page.get_by_label("Raccourcis d’une seule touche").uncheck()
    page.get_by_role("button", name="Fermer").click()
    expect(page.locator(".found .keys")).to_be_hidden()
    page.keyboard.press("n")
    page.keyboard.press("p")
    expect(page.locator(".jump:visible")).to_contain_text("1\u00a0sur")
    page.context.close()


def test_from_one_dispatch_of_a_list_to_the_next(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.goto("/?q=lavrov")
    titles = page.locator(".results h3").all_inner_texts()
    page.locator(".results h3 a").nth(1).click()
    place = page.locator(".neighbours .at")
    expect(place).to_have_text(f"2\u00a0sur\u00a0{len(titles)}")
    page.get_by_role("link", name="Dépêche suivante").click()
    expect(page).to_have_title(f"{titles[2]} – Dépêches")
    page.keyboard.press("k")
    expect(page).to_have_title(f"{titles[1]} – Dépêches")
    expect(place).to_be_visible()
    page.keyboard.press("k")
    expect(page).to_have_title(f"{titles[0]} – Dépêches")
    expect(page.get_by_role("link", name="Dépêche précédente")).to_have_count(0)
    page.get_by_role("link", name="Retour à la recherche").click()
    expect(page.locator(".results h3")).to_have_count(len(titles))
    # Come by an address of its own, it is of no list.
    page.goto("/")
    page.goto(page.get_by_role("article").first.get_by_role("link").first.get_attribute("href") or "")
    expect(page.locator(".neighbours")).to_be_hidden()
    page.context.close()


def test_on_paper_stand_title_date_source_and_address_and_no_control(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    read(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("article .about").first).to_contain_text("Xinhua")
    expect(page.locator("#reference")).to_contain_text("/depeches/")
    for control in page.locator("button, input, select, summary, nav, aside a, .jump").all():
        expect(control).to_be_hidden()
    picture(page, "depeche-imprimee", full_page=True)
    page.context.close()


def test_from_a_name_to_its_page_to_what_was_said(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    read(page)
    page.locator("aside li").filter(has_text="Wang Yi").first.hover()
    page.get_by_role("link", name="fiche : Wang Yi").first.click()
    expect(page.get_by_role("heading", level=1, name="Wang Yi")).to_be_visible()
    picture(page, "acteur", full_page=True)
    page.locator(".sayings figcaption a").first.click()
    expect(page.locator(".said:target")).to_be_in_viewport()
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_phone_and_dark(browser: Browser, address: str, width: int, scheme: str) -> None:
    page = opened(browser, address, width, color_scheme=scheme)
    read(page)
    page.locator(".repairs summary").click()
    picture(page, f"depeche-{width}-{scheme}", full_page=True)
    # Nothing sticks out sideways.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/acteurs/Wang Yi")
    picture(page, f"acteur-{width}-{scheme}", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
