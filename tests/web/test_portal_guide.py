"""docs/portail.md: every page it gives is shown by a real browser, from another origin; every program is run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import playwright
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.test_browser import browser
from tests.web.test_portal_browser import World, open_archive, world
from web.portal import FILE, element_file

__all__ = ["browser", "open_archive", "world"]

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "portail.md").read_text(encoding="utf-8")
SOURCE = FILE.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


PAGES = blocks("html")

# What runs each language, the program being a file; the browser driver brings a node of its own.
RUNS = {
    "python": [sys.executable],
    "php": ["php"],
    "js": [str(Path(playwright.__file__).parent / "driver" / "node")],
    "bash": ["bash", "-eu"],
}
ENDINGS = {"python": "py", "php": "php", "js": "mjs", "bash": "sh"}


def here(text: str, world: World, archive: str = "") -> str:
    """A passage of the guide, its hosts those of this test."""
    moved = text.replace("https://depeches.exemple.fr", archive or world.archive)
    return moved.replace("https://intranet.exemple.fr", world.intranet.origin)


def run(language: str, world: World, folder: Path) -> bytes:
    """What a program of the guide prints."""
    (program,) = blocks(language)
    file = folder / f"jeton.{ENDINGS[language]}"
    file.write_text(here(program, world), encoding="utf-8")
    environment = {**os.environ, "DEPECHES_KEY": world.shown_key, "NO_PROXY": "*"}
    done = subprocess.run([*RUNS[language], str(file)], env=environment, capture_output=True, timeout=60, check=True)
    return done.stdout


@pytest.fixture
def page(browser: Browser, world: World, tmp_path: Path) -> Iterator[Page]:
    """A page that fails the test when a script of it does."""
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    world.intranet.pages["/jeton-depeches"] = lambda: run("python", world, tmp_path)
    yield page
    context.close()
    assert wrong == []


@pytest.mark.parametrize("language", RUNS)
def test_a_program_gets_a_token_that_opens(page: Page, world: World, language: str, tmp_path: Path) -> None:
    token = json.loads(run(language, world, tmp_path))["token"]
    page.goto(world.intranet.page(world.element(f'token="{token}" query="lavrov"')))
    expect(page.locator("depeches-recherche .item").first).to_be_visible()


@pytest.mark.parametrize("place", range(len(PAGES)))
def test_a_page_is_shown(page: Page, world: World, open_archive: str, place: int) -> None:
    text = PAGES[place]
    archive = "" if "depeches-recherche.js" in text else open_archive
    page.goto(world.intranet.page(here(text, world, archive)))
    if "<iframe" in text:
        expect(page.frame_locator("iframe").get_by_role("listitem")).to_have_count(5)
    elif "<form" in text:
        page.get_by_role("searchbox").fill("lavrov")
        page.get_by_role("searchbox").press("Enter")
        expect(page.get_by_role("article").first).to_be_visible()
        assert page.url == f"{open_archive}/?q=lavrov"
    else:
        items = page.locator("depeches-recherche .item")
        expect(items.first).to_be_visible()
        if size := re.search(r'size="(\d+)"', text):
            expect(items).to_have_count(int(size[1]))
        if "compte" in text:
            expect(page.locator("#compte")).to_have_text(re.compile(r"^\d+ dépêches$"))
            with page.expect_popup() as opened:
                items.first.get_by_role("link").click()
            assert opened.value.url.startswith(f"{world.archive}/depeches/")
        if "--depeches-accent" in text:
            button = page.get_by_role("button", name="Chercher", exact=True)
            assert button.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(164, 38, 44)"


def test_the_digest_is_that_of_the_file(page: Page, world: World) -> None:
    """A page that asks for this very file has it; one that asks for another has none."""
    for integrity, works in ((element_file().integrity, True), (f"sha384-{'A' * 64}", False)):
        script = f'<script type="module" src="{world.archive}/portail/{FILE.name}" integrity="{integrity}"></script>'
        page.goto(world.intranet.page(script))
        assert page.evaluate("Boolean(customElements.get('depeches-recherche'))") == works


def words(pattern: str) -> list[str]:
    return sorted(set(re.findall(pattern, SOURCE)))


def test_what_a_page_may_set_or_hear_is_in_the_guide() -> None:
    names = [
        *words(r"var\((--depeches-[a-z-]+)"),
        *words(r'"(depeches-(?:search|results|open|error))"'),
        *words(r'this\.(?:get|has)Attribute\("([a-z-]+)"\)'),
        *(part for found in words(r'\bpart: "([a-z -]+)"') for part in found.split()),
        *re.findall(r'"([a-z-]+)"', SOURCE.partition("observedAttributes = [")[2].partition("]")[0]),
    ]
    assert len(names) > 60
    assert [name for name in names if f"`{name}`" not in GUIDE] == []


def test_what_the_guide_names_is_there() -> None:
    parts = GUIDE.partition("Parties (`::part`) :")[2].partition("\n\n")[0]
    assert [name for name in re.findall(r"`([a-z-]+)`", parts) if f'part: "{name}"' not in SOURCE] == []
    assert [name for name in re.findall(r"`(--depeches-[a-z-]+)`", GUIDE) if f"var({name}," not in SOURCE] == []
