"""What people come for, from end to end in a real Chromium: a journalist under deadline, a documentalist, an integrator.

With scripts and without, and once on a phone. Pictures of every stage go to `artefacts/`, to be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import feedparser  # type: ignore[import-untyped]
import pytest
from flask import Flask
from lxml import etree
from playwright.sync_api import Browser, Locator, Page, expect

from alerts.match import Matcher
from app import create_app
from authorities.model import Authorities
from cli import SAMPLES, SAMPLES_RECEIVED
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.load import Loader
from mappings import lifecycle
from mappings.lifecycle import Family
from search import api, suggest_api
from tests.web.second_origin import listening
from tests.web.test_browser import browser, picture

__all__ = ["browser"]

# Enough of the samples for all of this: Asia in the summer of 2022 and what came of it, a text with letters lost.
TOLD = ("depeches/2022-0*", "depeches/2023-0*", "depeches/2024-07-25*", "seed/*", "perdu-gbk/*")


@pytest.fixture(scope="module")
def archive(
    settings: Settings,
    engine: Engine,
    authorities: Authorities,
    index_prefix: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """An archive of its own, as dispatches arrive in it."""
    folder, family = tmp_path_factory.mktemp("parcours"), Family(f"{index_prefix}-parcours")
    lifecycle.create(engine, family)
    loader = Loader(engine, family, Builder(authorities, reference=SAMPLES_RECEIVED), DeadLetters(folder / "l"))
    loader.load_paths(sorted(path for pattern in TOLD for path in SAMPLES.glob(pattern)))
    own = replace(settings, index_prefix=family.prefix, database_url=f"sqlite:///{folder / 'base.sqlite3'}")
    app = create_app(own, engine)
    app.extensions[suggest_api.EXTENSION].refresh()
    yield app
    for name in engine.indices(family.pattern):
        engine.delete_index(name)


@pytest.fixture(scope="module")
def address(archive: Flask) -> Iterator[str]:
    with listening(archive) as found:
        yield found


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Opens a page in a context of its own; at the end none of its scripts may have failed."""
    contexts, failed = [], list[str]()

    def opened(**options: object) -> Page:
        wanted = {"viewport": {"width": 1280, "height": 1000}, "locale": "fr-FR", "base_url": address} | options
        context = browser.new_context(**wanted)  # type: ignore[arg-type]
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("console", lambda message: failed.append(message.text) if message.type == "error" else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not failed


def push(app: Flask, text: str) -> None:
    line = {"text": text, "published": datetime.now(UTC).isoformat()}
    answer = app.test_client().post("/api/v1/dispatches", json=[line])
    assert answer.get_json()["loaded"] == 1, answer.text


def search_for(page: Page, words: str) -> None:
    box = page.locator("#q")
    box.fill(words)
    box.press("Enter")


def results(page: Page) -> Locator:
    return page.locator(".results").get_by_role("article")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_everything_on_lavrov_in_phnom_penh_since_july(
    open_page: Open, archive: Flask, engine: Engine, scripts: bool
) -> None:
    page = open_page(java_script_enabled=scripts)
    seen, name = ("", "Lavrov en Asie") if scripts else ("-sans-script", "Lavrov")

    # A name misspelt, no accents: the search that was meant is a link away.
    page.goto("/")
    search_for(page, "lavrof phnom penh")
    expect(page.get_by_text("Aucune dépêche ne correspond.")).to_be_visible()
    picture(page, f"parcours-1-faute{seen}")
    page.get_by_role("link", name="« lavrov phnom penh »").click()
    expect(results(page)).to_have_count(4)

    # Not the communiqué of the ASEAN, which Reuters has; since July, by a bar of the timeline.
    agencies = page.get_by_role("region", name="Agence")
    agencies.get_by_role("link", name="Reuters").first.hover()
    agencies.get_by_role("link", name="sauf Reuters").click()
    expect(results(page)).to_have_count(3)
    expect(page.locator(".chips")).to_contain_text("Reuters")
    page.get_by_label("Du").fill("2022-07-01")
    if not scripts:  # with them, what is chosen applies
        page.get_by_role("button", name="Appliquer").click()
    page.wait_for_url(re.compile("from=2022-07-01"))
    expect(results(page)).to_have_count(3)
    picture(page, f"parcours-2-resultats{seen}")

    # The dispatch, read at the place where he is named, and back where the reader was.
    search = page.url
    last = results(page).last.get_by_role("link").first
    last.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    last.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name="occurrences").click()
    expect(page.locator(".jump:visible")).to_contain_text("1\u00a0sur")
    picture(page, f"parcours-3-depeche{seen}")
    expect(page.locator("#reference")).to_contain_text("Phnom Penh")
    if scripts:
        page.get_by_role("button", name="Copier la référence").click()
        expect(page.locator(".copied")).to_have_text("Copié")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.locator("#reference").inner_text()
    page.go_back()
    while "/depeches/" in page.url:
        page.go_back()
    expect(results(page)).to_have_count(3)
    assert page.url == search
    assert abs(page.evaluate("scrollY") - place) < 5

    # What became of the story: the version in force, and what changed in it.
    results(page).filter(has_text="CORRECTION").get_by_role("link").first.click()
    page.get_by_role("link", name="Ce qui change d’une version à l’autre").click()
    expect(page.get_by_role("heading", level=2, name="Version 3")).to_be_visible()
    assert page.locator("ins").count() > 0
    picture(page, f"parcours-4-versions{seen}")

    # Followed from now on, whatever the date.
    page.goto("/?q=lavrov")
    page.get_by_role("link", name="Créer une alerte").click()
    page.get_by_label("Nom").fill(name)
    page.get_by_role("button", name="Créer l’alerte").click()
    expect(page.get_by_text("Rien encore.")).to_be_visible()
    push(archive, f"PARIS (AFP) - M. Lavrov est attendu {'mardi' if scripts else 'jeudi'} à Jakarta, a-t-on appris.")
    database: Database = archive.extensions["depeches-alerts"].database
    Matcher(engine, archive.extensions[api.EXTENSION], database).once()
    page.get_by_role("link", name="Mes alertes").first.click()
    mine = page.locator("main li").filter(has=page.get_by_role("heading", name=name, exact=True))
    expect(mine).to_contain_text("1\u00a0dépêche en 30\u00a0jours")
    picture(page, f"parcours-5-alertes{seen}")
    mine.get_by_role("heading").get_by_role("link").click()
    expect(page.get_by_role("article")).to_contain_text("Jakarta")
    picture(page, f"parcours-6-alerte{seen}")
    page.get_by_role("link", name="Supprimer").click()
    page.get_by_role("button", name="Supprimer").click()
    expect(page.get_by_text("Vous n’avez pas d’alerte.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_damaged_text_what_was_repaired_and_what_was_received(open_page: Open, scripts: bool) -> None:
    page = open_page(java_script_enabled=scripts)
    page.goto("/")
    search_for(page, "chaines industrielles")
    found = results(page).filter(has_text="Wang Yi a rencontré")
    expect(found.locator("mark").first).to_have_text(re.compile("cha[iî]nes", re.IGNORECASE))
    found.get_by_role("link").first.click()
    expect(page.locator(".body")).to_contain_text(re.compile("chaînes (\\[.*?\\] )?industrielles"))
    page.locator("summary", has_text="Texte réparé").click()
    repaired = page.get_by_role("region", name="Passages réparés")
    expect(repaired.get_by_role("row").filter(has_text="cha?nes")).to_contain_text("chaînes")
    picture(page, f"parcours-documentaliste-1{'' if scripts else '-sans-script'}", full_page=True)
    received = page.request.get(page.get_by_role("link", name="octet pour octet").get_attribute("href") or "")
    assert b"cha?nes" in received.body()


def test_what_an_integrator_finds_from_the_page_on(open_page: Open, address: str) -> None:
    page = open_page()
    page.goto("/?q=lavrov")
    # What the page says of itself to browsers and readers of feeds.
    described = page.locator("link[rel=search]").get_attribute("href")
    description = etree.fromstring(page.request.get(described or "").body())
    templates = {each.get("type"): each.get("template") for each in description.iter("{*}Url")}
    page.goto(str(templates["text/html"]).replace("{searchTerms}", "lavrov").replace("{startPage?}", ""))
    expect(results(page).first).to_contain_text("Lavrov")
    feed = page.locator("link[type='application/atom+xml']").first.get_attribute("href")
    entries = feedparser.parse(page.request.get(feed or "").body()).entries
    assert entries and all(entry.link.startswith(f"{address}/depeches/") for entry in entries)
    # What the interface announces is what it does.
    page.goto("/?q=lavrov")
    openapi = page.request.get(page.get_by_role("link", name="OpenAPI").get_attribute("href") or "").json()
    assert openapi["openapi"].startswith("3.1")
    (path,) = [each for each in openapi["paths"] if each.endswith("/dispatches")]
    asked = {each["name"] for each in openapi["paths"][path]["get"]["parameters"] if "name" in each}
    assert {"q", "actor", "venue", "from", "to", "facets", "cursor"} <= asked
    answer = page.request.get(f"{path}?q=lavrov&venue=Phnom+Penh&facets=agency").json()
    assert answer["total"]["value"] == len(answer["results"]) > 0


def test_on_a_phone(open_page: Open) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2)
    page.goto("/")
    search_for(page, "lavrov")
    expect(results(page).first).to_be_visible()
    picture(page, "parcours-telephone-1")
    before = results(page).count()
    page.locator("summary", has_text="Affiner").tap()
    agency = page.get_by_role("region", name="Agence")
    agency.get_by_role("link", name="TASS").first.scroll_into_view_if_needed()
    picture(page, "parcours-telephone-2")
    agency.get_by_role("link", name="TASS").first.tap()
    page.wait_for_url(re.compile("agency=TASS"))
    page.get_by_role("link", name="Voir les résultats").tap()
    expect(results(page).first).to_be_visible()
    assert 0 < results(page).count() < before
    picture(page, "parcours-telephone-3")
    results(page).first.get_by_role("link").first.tap()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "parcours-telephone-4")
    page.go_back()
    expect(results(page).first).to_be_visible()
