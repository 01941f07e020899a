"""The guide to writing a query as HTML, in the reader's language: `docs/requete.md`, every example a link that runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from search.tokens import OPERATORS
from web import urls, wording

_DOCS = Path(__file__).parent.parent / "docs"

# By language. In its table of what cannot be read, the second column is what the page says; what stands beside can be read.
GUIDES = {"fr": _DOCS / "requete.md", "en": _DOCS / "query.md"}
REFUSED = {"fr": "on lit", "en": "the page says"}


@cache
def guide(home: str, language: str) -> tuple[str, Markup]:
    """The title of the guide and its text as HTML; `home`: the address of the search page."""
    markdown = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable("table")
    if language != "fr":
        markdown.enable("smartquotes")
    tokens = markdown.parse(GUIDES[language].read_text(encoding="utf-8"))
    title, text = tokens[1].content, tokens[3:]
    _linked(text, lambda query: urls.link(home, (("q", query),)), REFUSED[language])
    numbers = count(1)
    for token in text:
        if token.type == "heading_open":
            token.attrSet("id", f"partie-{next(numbers)}")
        for child in token.children or ():
            if child.type == "text" and language == "fr":
                child.content = wording.typeset(child.content)
    return title, Markup(markdown.renderer.render(text, markdown.options, {}))  # html is off: nothing in it is not ours


def _linked(tokens: list[Token], href: Callable[[str], str], refused: str) -> None:
    """Make a link of every query in a table, but for those that the table says cannot be read."""
    headings: list[str] = []
    column = 0
    for place, token in enumerate(tokens):
        if token.type == "thead_open":
            headings = [each.content for each in tokens[place : place + 20] if each.type == "inline"]
        elif token.type == "tr_open":
            column = -1
        elif token.type in ("td_open", "th_open"):
            column += 1
        elif token.type == "inline" and tokens[place - 1].type == "td_open":
            if refused in headings and column < headings.index(refused):
                continue
            token.children = [part for child in token.children or () for part in _link(child, href)]


def _link(token: Token, href: Callable[[str], str]) -> Iterator[Token]:
    if token.type != "code_inline" or not _is_query(token.content):
        yield token
        return
    yield Token("link_open", "a", 1, attrs={"href": href(token.content)})
    yield token
    yield Token("link_close", "a", -1)


def _is_query(text: str) -> bool:
    """Whether this is more than an operator that is spoken of (`PRES/5`)."""
    return text.partition("/")[0] not in OPERATORS
