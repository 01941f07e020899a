"""An alert in a real Chromium, without JavaScript: made of a search, it announces what arrives, on its page and in its feed.

Pictures go to `artefacts/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import feedparser  # type: ignore[import-untyped]
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from alerts.match import Matcher
from app import create_app
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from mappings.lifecycle import Family
from search.api import EXTENSION
from tests.web.second_origin import listening
from tests.web.test_browser import browser, picture

__all__ = ["browser"]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def archive(settings: Settings, engine: Engine, database: Database, family: Family) -> Flask:
    """A small archive of today: something on Lavrov, something else."""
    app = create_app(replace(settings, index_prefix=family.prefix), engine, database)
    push(app, "PARIS (AFP) - Le ministre Lavrov a rencontré son homologue chinois à Phnom Penh.")
    push(app, "PARIS (AFP) - La récolte de blé s'annonce bonne en Beauce cette année.")
    return app


def push(app: Flask, text: str) -> None:
    line = {"text": text, "published": datetime.now(UTC).isoformat()}
    answer = app.test_client().post("/api/v1/dispatches", json=[line])
    assert answer.get_json()["loaded"] == 1, answer.text


@pytest.fixture
def page(browser: Browser, archive: Flask) -> Iterator[Page]:
    with listening(archive) as address:
        context = browser.new_context(
            base_url=address, locale="fr-FR", java_script_enabled=False, viewport={"width": 1280, "height": 1000}
        )
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield page
        context.close()


def pictures(page: Page, name: str) -> None:
    """The page on a desk and on a phone, where nothing may stand out of the window."""
    wide = page.viewport_size
    picture(page, name, full_page=True)
    assert wide
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    picture(page, f"{name}-telephone", full_page=True)
    right = [box["x"] + box["width"] for each in page.locator("main *").all()[:200] if (box := each.bounding_box())]
    assert max(right) <= PHONE["width"] + 1
    page.set_viewport_size(wide)


def test_from_a_search_to_what_arrives(page: Page, archive: Flask, engine: Engine, database: Database) -> None:
    page.goto("/?q=lavrov")
    page.get_by_role("link", name="Créer une alerte").click()
    expect(page.get_by_text("1 dépêche ces 30")).to_be_visible()
    expect(page.get_by_label("le", exact=True).first).to_be_hidden()
    page.get_by_label("Courriel").fill("m.durand@example.org")
    page.get_by_label("Envoyer").first.select_option("chaque semaine")
    expect(page.get_by_label("le", exact=True).first).to_be_visible()
    page.get_by_label("Nom").fill("Le chef de la diplomatie russe")
    pictures(page, "alerte-nouvelle")
    page.get_by_role("button", name="Créer l’alerte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le chef de la diplomatie russe")
    expect(page.get_by_text("Rien encore.")).to_be_visible()
    alert, feed = page.url, page.get_by_label("Adresse du fil").input_value()

    push(archive, "PARIS (AFP) - M. Lavrov est arrivé mardi à Jakarta pour deux jours d'entretiens.")
    push(archive, "PARIS (AFP) - Les vendanges commencent demain en Alsace, sous un ciel clément.")
    assert Matcher(engine, archive.extensions[EXTENSION], database).once().hits == 1

    page.goto(alert)
    article = page.get_by_role("article")
    expect(article).to_have_count(1)
    expect(article).to_contain_text("Jakarta")
    expect(article.locator("mark").first).to_have_text("Lavrov")
    pictures(page, "alerte")
    entries = feedparser.parse(page.request.get(feed).body()).entries
    assert ["Jakarta" in entry.summary for entry in entries] == [True]

    page.get_by_role("link", name="Mes alertes").first.click()
    expect(page.get_by_text("1 dépêche en 30 jours")).to_be_visible()
    page.get_by_role("button", name="Mettre en pause").click()
    expect(page.get_by_text("En pause")).to_be_visible()
    pictures(page, "alertes")
    page.get_by_role("link", name="Supprimer").click()
    pictures(page, "alerte-supprimer")
    page.get_by_role("button", name="Supprimer").click()
    expect(page.get_by_text("Vous n’avez pas d’alerte.")).to_be_visible()
