"""Our own words in French, set as French printers set them: no-break spaces, ’, « », …; never a dispatch's words.

In the code, message by message, and on every page, where punctuation also stands beside what is put in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from lxml import html
from lxml.html import HtmlElement

from engine.client import Engine
from engine.config import Settings
from indexer.load import Tally
from tests.web.visited import STATES, State, Visited, visited
from web import wording
from web.extraction import messages

NBSP, NNBSP = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"

RULES = {
    # "quoi ?", "quoi?" -> "quoi\u202f?"; "?q=" and «\xa0?\xa0» stay
    "no narrow space": re.compile(rf"(?<![{NNBSP}!?])(?<!«{NBSP})[;!?](?=[\s»)]|$)"),
    # "date : hier", "date: hier" -> "date\xa0: hier"; "14:59", "lieu:Paris" and «\xa0lieu:\xa0» stay
    "no space before a colon": re.compile(rf"(?<!{NBSP}):(?=\s|$)(?!\s»)"),
    "no space in « »": re.compile(rf"«(?!{NBSP})|(?<!{NBSP})»"),
    "a straight apostrophe": re.compile(r"(?<=[^\W\d_])'(?=[\w«])"),
    "a straight quotation mark": re.compile(r'"\b|\b"'),  # “"” alone is a key to press
    "three points": re.compile(r"\.\.\."),
    "no space before %": re.compile(rf"(?<=\d)(?![{NBSP}{NNBSP}])\s?%"),
    "two dashes": re.compile(r"(?<!-)--(?!-)"),
}


def wrong(text: str, known: str = "") -> list[str]:
    """What is wrong in a text, unless the dispatches say it in these words: `known`."""
    found = []
    for name, rule in RULES.items():
        for at in rule.finditer(text):
            before, after = text[: at.end()].split(" "), re.split(f"[ {NBSP}]", text[at.end() :])
            # "Ukraine:" is known by itself, "l'agence" is not.
            said = " ".join(before[-1:] if ":" in at[0] else before[-2:]) + after[0]
            said = said.strip(f" «»[],.{NBSP}")
            if ":" not in at[0]:
                said = said.lstrip(f": {NBSP}")  # "fiche : N'Djamena"
            if not said or said not in known:
                found.append(f"{name}: …{text[max(0, at.start() - 40) : at.end() + 20]}…")
    return found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Vraiment\u202f? «\xa0Oui\xa0»\xa0: l’heure est 14:59; non\u202f!", 1),
        ("Vraiment ?", 1),
        ("« Oui »", 2),
        ("l'heure... 3 %", 3),
        ('lieu:Paris, "ici"', 2),
    ],
)
def test_what_is_wrong(text: str, count: int) -> None:
    assert len(wrong(text)) == count


# -- in the code -----------------------------------------------------------------------------------------------------

TAG = re.compile("<[^>]*>")

# What other rooms say is typed on one kind of keyboard, and set by `typeset` where it is shown.
SET_WHERE_SHOWN = ("sentences.py", "engine/http.py", "mappings/fields.py", "search/result.py")


def test_every_message() -> None:
    found = []
    for message in messages():
        for text in (unescape(TAG.sub("", each)) for each in (message.one, message.many or "")):
            said = wording.typeset(text) if message.file in SET_WHERE_SHOWN else text
            found += [f"{message.file}:{message.line} {each}" for each in wrong(said)]
    assert not found, "\n".join(found)


# -- on the pages ----------------------------------------------------------------------------------------------------

# What is typed, and what readers typed.
NOT_OURS = ("script", "style", "code", "kbd", "q")

BLOCKS = (
    "p",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "dt",
    "dd",
    "label",
    "legend",
    "option",
    "td",
    "button",
    "summary",
    "title",
)

SAID = ("aria-label", "title", "placeholder", "alt")


def is_apart(element: HtmlElement) -> bool:
    """Whether it is read by itself, though it stands in a line."""
    above = element.getparent()
    return "hidden" in element.classes or (above is not None and "about" in above.classes)


def lines(page: HtmlElement) -> Iterator[str]:
    """What a page says, block by block; X is said instead of what is typed."""
    for each in list(page.iter()):
        if not isinstance(each.tag, str):
            continue
        yield from (each.get(name, "") for name in SAID)
        if each.tag in NOT_OURS or each.xpath("self::dt[ancestor::details[@class='help']]"):
            tail = each.tail
            each.clear()
            each.text, each.tail = "X", tail
        if each.tag in BLOCKS or is_apart(each):
            each.text = f"\n{each.text or ''}"
            each.tail = f"\n{each.tail or ''}"
    yield from page.text_content().split("\n")


@pytest.fixture(scope="module")
def places(settings: Settings, engine: Engine, samples: Tally, tmp_path_factory: pytest.TempPathFactory) -> Visited:
    return visited(settings, engine, tmp_path_factory.mktemp("visites"))


@pytest.fixture(scope="module")
def known(places: Visited) -> str:
    """All that the dispatches say: their text and their names are shown as they are."""
    answer = places.app.test_client().get("/api/v1/export.jsonl?versions=all")
    assert answer.status_code == 200
    texts = "\n".join(_texts([json.loads(line) for line in answer.text.splitlines()]))
    return texts + texts.replace("’", "'")  # a name is one, however its apostrophe was typed


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_every_page(places: Visited, known: str, state: State) -> None:
    page = html.document_fromstring(places.app.test_client().get(places.address(state).partition("#")[0]).text)
    found = [each for line in lines(page) for each in wrong(line.strip(" \n"), known)]
    assert not found, "\n".join(dict.fromkeys(found))
