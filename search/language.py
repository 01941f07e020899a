"""The query as typed becomes a tree: words and quotations, each with its place in the text.

Side by side means ET. Quotation marks are " " or « » or “ ” or „ “; a quotation never closed is taken to the end, with a warning.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One word as typed (it may hold hyphens or apostrophes); `text[start:end]` of the query."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """A quotation, without its marks: these words, in this order, in these forms."""

    text: str
    start: int
    end: int


Node = Word | Phrase


@dataclass(frozen=True, slots=True)
class Query:
    """What was understood: the parts that must all be met, and what the reader should know."""

    nodes: tuple[Node, ...]
    warnings: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return " ".join(node.text for node in self.nodes if isinstance(node, Word))

    @property
    def phrases(self) -> tuple[str, ...]:
        return tuple(node.text for node in self.nodes if isinstance(node, Phrase))

    def __str__(self) -> str:
        """The canonical spelling; parsing it gives the same words and quotations."""
        return " ".join(f'"{node.text}"' if isinstance(node, Phrase) else node.text for node in self.nodes)


CLOSING = {'"': '"', "«": "»", "“": "”", "„": "“", "”": "”"}

# A run without blanks or quotation marks. An apostrophe or hyphen inside belongs to the word; analysis decides on it.
WORD = re.compile(r'[^\s"«»“”„]+')

# Something an index could hold; "?!", "--" and the like are no search.
MEANINGFUL = re.compile(r"[^\W_]")


def parse(text: str) -> Query:
    """Read a query. Never fails: every text means something, if only the search for all.

    Characters no keyboard types on purpose mean nothing: controls are read as blanks, and what has no width (soft
    hyphens, direction marks) is dropped from words, as the index drops it.
    """
    text = "".join(" " if unicodedata.category(char) in CONTROLS else char for char in text)
    nodes: list[Node] = []
    warnings: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char in CLOSING:
            end = text.find(CLOSING[char], at + 1)
            if end < 0:
                end = len(text)
                warnings.append(
                    f"Guillemet ouvert jamais fermé : la citation va jusqu'à la fin ({text[at + 1 :].strip()})."
                )
            quoted = " ".join(_visible(text[at + 1 : end]).split())
            if MEANINGFUL.search(quoted):
                nodes.append(Phrase(quoted, at, min(end + 1, len(text))))
            at = end + 1
            continue
        found = WORD.match(text, at)
        if found is None:
            at += 1
            continue
        if MEANINGFUL.search(found[0]):
            nodes.append(Word(_visible(found[0]), found.start(), found.end()))
        at = found.end()
    return Query(tuple(nodes), tuple(warnings))


# NUL and its like, lone surrogates, private use, unassigned.
CONTROLS = ("Cc", "Cs", "Co", "Cn")


def _visible(text: str) -> str:
    """The text without format characters: soft hyphen, zero width, direction marks."""
    return text if text.isascii() else "".join(char for char in text if unicodedata.category(char) != "Cf")
