"""The search page where scripts run, in a real Chromium: what changes in place, and what a reader must not lose by it.

What works without scripts is in `test_browser.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.test_browser import address, browser, picture

__all__ = ["address", "browser"]

FIRST_VIEW, CHANGE = 60 * 1024, 15 * 1024


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, locale="fr-FR", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text) if "Content Security" in told.text else None)
    yield page
    context.close()
    assert wrong == []


def opened(page: Page, path: str) -> None:
    """The page at a path, marked: a mark that is still there tells that the page was not loaded again."""
    page.goto(path)
    page.evaluate("window.opened = true")


def in_place(page: Page) -> bool:
    return bool(page.evaluate("window.opened === true"))


def count(page: Page) -> Locator:
    return page.locator("#compte strong")


def value(page: Page, facet: str, label: str) -> Locator:
    return page.locator(f"#facette-{facet} li", has=page.get_by_text(label, exact=True)).locator("a.value")


def settled(page: Page) -> None:
    expect(page.locator("#page")).not_to_have_attribute("aria-busy", "true")


def test_a_value_is_ticked_in_place_and_back_and_forward_are_right(page: Page) -> None:
    opened(page, "/?q=ministre")
    before = count(page).inner_text()
    ticked = value(page, "agency", "TASS")
    ticked.scroll_into_view_if_needed()
    scrolled, high = page.evaluate("scrollY"), ticked.bounding_box()
    assert scrolled > 300 and high
    with page.expect_response(re.compile("agency=TASS")) as answered:
        ticked.click()
    assert int(answered.value.all_headers()["content-length"]) < CHANGE
    settled(page)
    after = count(page).inner_text()
    assert in_place(page) and after != before
    assert page.url.endswith("/?q=ministre&agency=TASS")
    # The same value has the focus, where it was; who does not see the page is told the new count.
    expect(value(page, "agency", "TASS")).to_be_focused()
    now = value(page, "agency", "TASS").bounding_box()
    assert now and abs(now["y"] - high["y"]) < 2
    expect(page.get_by_role("status")).to_contain_text(after)
    expect(page.locator(".chips")).to_contain_text("TASS")
    page.go_back()
    expect(count(page)).to_have_text(before)
    page.wait_for_function(f"() => Math.abs(scrollY - {scrolled}) < 2")
    expect(value(page, "agency", "TASS")).to_be_focused()
    page.go_forward()
    expect(count(page)).to_have_text(after)
    assert in_place(page)
    # The address by itself is the whole page.
    page.reload()
    expect(count(page)).to_have_text(after)
    expect(page.locator("footer.site")).to_be_visible()


def test_back_from_a_dispatch_is_the_whole_page(page: Page) -> None:
    opened(page, "/?q=lavrov")
    value(page, "actor", "ASEAN").click()
    expect(page.locator(".chips")).to_contain_text("ASEAN")
    shown = count(page).inner_text()
    page.get_by_role("article").first.get_by_role("link").first.click()
    page.wait_for_url("**/depeches/**")
    page.go_back()
    expect(count(page)).to_have_text(shown)
    expect(page.locator("header.site")).to_be_visible()
    # A page that is not kept any more is asked for, whole, and the part of it is shown.
    page.evaluate("() => sessionStorage.removeItem('htmx-history-cache')")
    page.go_back()
    expect(page.locator(".chips")).to_have_count(0)
    expect(page.locator("header.site")).to_have_count(1)
    expect(page).to_have_title("lavrov – Dépêches")


def test_any_all_and_not_by_the_keyboard(page: Page) -> None:
    opened(page, "/?q=lavrov")
    value(page, "actor", "Wang Yi").focus()
    page.keyboard.press("Enter")
    expect(value(page, "actor", "Wang Yi")).to_have_attribute("aria-current", "true")
    value(page, "actor", "ASEAN").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**actor=Wang+Yi&actor=ASEAN")
    page.get_by_role("link", name="Exiger tout ce qui est coché").press("Enter")
    page.wait_for_url("**actor.all=Wang+Yi&actor.all=ASEAN")
    settled(page)
    value(page, "actor", "ASEAN").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**actor.not=ASEAN")
    expect(page.get_by_role("link", name="Ne plus exclure : ASEAN")).to_be_focused()
    # A filter that is gone leaves the focus to the next one.
    page.locator(".chips a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**q=lavrov&actor.not=ASEAN")
    expect(page.locator(".chips a")).to_be_focused()
    assert in_place(page)


def test_a_level_unfolds_and_a_kind_is_listed(page: Page) -> None:
    opened(page, "/?q=lavrov")
    page.get_by_role("link", name="Déplier Asie du Sud-Est").click()
    expect(page.get_by_role("link", name="Replier Asie du Sud-Est")).to_be_focused()
    page.locator("#facette-actor").get_by_role("link", name="personnes").click()
    expect(value(page, "actor", "ASEAN")).to_have_count(0)
    expect(value(page, "actor", "Wang Yi")).to_have_count(1)
    assert in_place(page)


def test_a_facet_is_searched_while_typing(page: Page) -> None:
    opened(page, "/?q=lavrov")
    results = page.locator(".results").element_handle()
    box = page.get_by_role("searchbox", name="Chercher dans la facette Acteurs")
    box.press_sequentially("nation")
    page.wait_for_url("**actor.prefix=nation")
    expect(value(page, "actor", "ONU")).to_be_visible()
    expect(value(page, "actor", "Wang Yi")).to_have_count(0)
    expect(box).to_be_focused()
    expect(box).to_have_value("nation")
    assert results and results.evaluate("results => results.isConnected")
    box.fill("")
    expect(value(page, "actor", "Wang Yi")).to_be_visible()
    assert in_place(page)


def test_the_form_and_its_options_search_in_place(page: Page) -> None:
    opened(page, "/?q=lavrov&actor=ASEAN")
    page.get_by_label("Trier par").focus()
    page.get_by_label("Trier par").select_option("oldest")
    page.wait_for_url("**sort=oldest")
    settled(page)
    expect(page.get_by_label("Trier par")).to_be_focused()
    page.get_by_label("Du", exact=True).fill("2022-08-01")
    page.wait_for_url("**from=2022-08-01**")
    box = page.get_by_role("combobox", name="Chercher dans les dépêches")
    box.fill("chine")
    box.press("Enter")
    page.wait_for_url("**q=chine**")
    assert "actor=ASEAN" in page.url and "sort=oldest" in page.url
    expect(page).to_have_title(re.compile(r"^chine, ASEAN, depuis le 1er\sao.t 2022 – Dépêches$"))
    page.go_back()
    expect(box).to_have_value("lavrov")
    assert in_place(page)


def test_the_next_page_is_read_from_its_top(page: Page) -> None:
    opened(page, "/?size=5")
    first = page.get_by_role("article").first.inner_text()
    page.get_by_role("link", name="Page suivante").click()
    expect(page.get_by_role("link", name="Première page")).to_be_attached()
    assert page.get_by_role("article").first.inner_text() != first
    assert page.evaluate("scrollY") == 0
    expect(page.locator("#compte")).to_be_focused()
    assert in_place(page)


def test_a_period_is_drawn_over_the_timeline(page: Page) -> None:
    opened(page, "/?q=ministre")
    box = page.locator(".timeline svg").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 20, steps=5)
    told = page.locator("#chronologie span").inner_text()
    picture(page, "brosse")
    page.mouse.up()
    page.wait_for_url(re.compile("from=.*&to="))
    settled(page)
    assert told.split()[-1] == count(page).inner_text().split()[0]
    page.get_by_role("link", name="Dézoomer").click()
    page.wait_for_url(re.compile(r"/\?q=ministre(&from=\d{4}-01-01&to=\d{4}-12-31)?$"))
    # A click is the bar itself.
    settled(page)
    page.locator(".timeline a").last.click()
    page.wait_for_url(re.compile("from="))
    assert in_place(page)


def test_a_period_is_chosen_with_the_keys(page: Page) -> None:
    opened(page, "/?q=ministre")
    bars = page.locator(".timeline svg a")
    expect(page.locator(".timeline svg [tabindex='0']")).to_have_count(1)
    bars.last.focus()
    page.keyboard.press("ArrowLeft")
    expect(bars.nth(bars.count() - 2)).to_be_focused()
    first = bars.nth(bars.count() - 3).get_attribute("href") or ""
    last = bars.nth(bars.count() - 2).get_attribute("href") or ""
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator(".timeline .brush")).to_be_attached()
    page.keyboard.press("Enter")
    wanted = first.split("&to=")[0].split("from=")[1], last.split("&to=")[1]
    page.wait_for_url(f"**from={wanted[0]}&to={wanted[1]}")
    assert in_place(page)


def test_keys_and_how_to_be_without_them(page: Page) -> None:
    opened(page, "/?q=lavrov")
    titles = page.locator(".results h3 a")
    page.keyboard.press("j")
    expect(titles.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(titles.nth(1)).to_be_focused()
    picture(page, "touches-j")
    page.keyboard.press("k")
    expect(titles.nth(0)).to_be_focused()
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Chercher dans les dépêches")
    expect(box).to_be_focused()
    page.keyboard.press("j")
    expect(box).to_have_value("j")
    page.locator("h1").focus()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Raccourcis clavier")
    expect(keys).to_be_visible()
    picture(page, "touches")
    keys.get_by_label("Raccourcis d’une seule touche").uncheck()
    page.keyboard.press("Escape")
    page.goto("/?q=lavrov")
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.keyboard.press("?")
    expect(keys).to_be_hidden()
    expect(titles.nth(0)).not_to_be_focused()
    page.get_by_role("button", name="Raccourcis clavier").click()
    keys.get_by_label("Raccourcis d’une seule touche").check()
    page.keyboard.press("Escape")
    page.locator("h1").focus()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/depeches/**")
    page.go_back()
    page.keyboard.press("s")
    page.wait_for_url("**/alertes/nouvelle?q=lavrov")


def test_the_last_asked_is_the_one_shown(page: Page) -> None:
    opened(page, "/?q=lavrov")
    steps = page.evaluate("history.length")
    page.evaluate(
        "() => { for (const name of ['ASEAN', 'Wang Yi']) [...document.querySelectorAll('#facette-actor .value')]"
        ".find((value) => value.textContent.includes(name)).click(); }"
    )
    page.wait_for_url("**actor=Wang+Yi")
    settled(page)
    expect(page.locator(".chips li")).to_have_count(1)
    assert page.evaluate("history.length") == steps + 1


def test_no_answer_is_told_where_the_reader_is_and_can_be_asked_for_again(page: Page) -> None:
    opened(page, "/?q=lavrov")
    before = count(page).inner_text()
    page.route("**/?q=lavrov&actor=*", lambda route: route.abort())
    value(page, "actor", "ASEAN").click()
    expect(page.get_by_role("alert")).to_contain_text("ne répond pas")
    expect(count(page)).to_have_text(before)
    assert page.url.endswith("/?q=lavrov")
    picture(page, "sans-reponse")
    page.unroute("**/?q=lavrov&actor=*")
    page.get_by_role("link", name="Réessayer").click()
    expect(page.locator(".chips")).to_contain_text("ASEAN")
    expect(page.locator("#ennui")).to_be_empty()


def test_what_cannot_be_read_is_told_and_the_rest_is_shown(page: Page) -> None:
    opened(page, "/?q=lavrov&from=2022-13-01")
    expect(page.locator("main [role=alert]")).to_contain_text("from")
    expect(page.get_by_role("article").first).to_contain_text("Lavrov")
    picture(page, "adresse-cassee")
    page.goto("/?q=lavrov&agency=AFP")
    page.evaluate("window.opened = true")
    box = page.get_by_role("combobox", name="Chercher dans les dépêches")
    box.fill("(lavrov <b onclick=alert(1)>🙂")
    box.press("Enter")
    expect(page.locator("main [role=alert]")).to_contain_text("Parenthèse")
    expect(box).to_have_value("(lavrov <b onclick=alert(1)>🙂")
    assert in_place(page) and "q=%28lavrov" in page.url
    assert page.locator("b").count() == 0


def test_the_first_view_is_light(page: Page) -> None:
    page.goto("/?q=lavrov", wait_until="networkidle")
    sizes = dict(
        page.evaluate(
            "() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
            ".map((entry) => [entry.name, entry.encodedBodySize])"
        )
    )
    assert len(sizes) >= 7
    assert sum(sizes.values()) < FIRST_VIEW, sizes


def test_a_phone_folds_its_filters(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto("/?q=lavrov")
    filters = page.locator("#affiner")
    expect(filters).to_be_hidden()
    picture(page, "telephone")
    page.get_by_text("Affiner").first.click()
    expect(filters).to_be_visible()
    value(page, "actor", "ASEAN").tap()
    expect(value(page, "actor", "ASEAN")).to_have_attribute("aria-current", "true")
    picture(page, "telephone-filtres")
    page.get_by_role("link", name="Voir les résultats").click()
    expect(filters).to_be_hidden()
    expect(page.get_by_role("article").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
