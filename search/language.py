"""The query as typed becomes a tree: words and quotations, each with its place in the text.

Side by side means ET. `parole:Lavrov` or `parole:"Sergueï Lavrov"` asks for what that person said. Quotation marks are
" " or « » or “ ” or „ “; a quotation never closed is taken to the end, with a warning.
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


@dataclass(frozen=True, slots=True)
class Speaker:
    """`parole:` and a name: all the rest of the query must stand within one quote of that speaker."""

    text: str
    start: int
    end: int


Node = Word | Phrase | Speaker


@dataclass(frozen=True, slots=True)
class Query:
    """What was understood: the parts that must all be met, and what the reader should know.

    `said_by`: the labels the speaker's name may mean, found by `search/service.py`.
    """

    nodes: tuple[Node, ...]
    warnings: tuple[str, ...] = ()
    said_by: tuple[str, ...] = ()

    @property
    def speaker(self) -> str | None:
        return next((node.text for node in self.nodes if isinstance(node, Speaker)), None)

    @property
    def words(self) -> str:
        return " ".join(node.text for node in self.nodes if isinstance(node, Word))

    @property
    def phrases(self) -> tuple[str, ...]:
        return tuple(node.text for node in self.nodes if isinstance(node, Phrase))

    def __str__(self) -> str:
        """The canonical spelling; parsing it gives the same words and quotations."""
        return " ".join(map(_spelled, self.nodes))


def _spelled(node: Node) -> str:
    if isinstance(node, Word):
        return node.text
    # Marks of which the closing one does not stand in the quotation: those it was typed with, if no others.
    opening, closing = next((o, c) for o, c in CLOSING.items() if c not in node.text)
    quoted = f"{opening}{node.text}{closing}"
    return f"parole:{quoted}" if isinstance(node, Speaker) else quoted


CLOSING = {'"': '"', "«": "»", "“": "”", "„": "“", "”": "”"}

# A run without blanks or quotation marks. An apostrophe or hyphen inside belongs to the word; analysis decides on it.
WORD = re.compile(r'[^\s"«»“”„]+')

# "parole:Lavrov", 'parole:"Wang Yi"'; leaves "parole : donnée", "maparole:x"
SPEAKER = re.compile(r"(?<!\S)parole:(?=\S)", re.IGNORECASE)

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
        prefix = SPEAKER.match(text, at)
        start = at
        if prefix:
            at = prefix.end()
        char = text[at]
        if char in CLOSING:
            end = text.find(CLOSING[char], at + 1)
            if end < 0:
                end = len(text)
                warnings.append(
                    f"Guillemet ouvert jamais fermé : la citation va jusqu'à la fin ({text[at + 1 :].strip()})."
                )
            said, after = " ".join(_visible(text[at + 1 : end]).split()), min(end + 1, len(text))
            node: Node = Phrase(said, start, after)
        else:
            found = WORD.match(text, at)
            if found is None:
                at += 1
                continue
            said, after = _visible(found[0]), found.end()
            node = Word(said, start, after)
        at = after
        if not MEANINGFUL.search(said):
            continue
        if not prefix:
            nodes.append(node)
        elif any(isinstance(each, Speaker) for each in nodes):
            warnings.append(f"Une seule « parole: » par recherche : « {said} » n'est pas pris en compte.")
        else:
            nodes.append(Speaker(said, start, after))
    return Query(tuple(nodes), tuple(warnings))


# NUL and its like, lone surrogates, private use, unassigned.
CONTROLS = ("Cc", "Cs", "Co", "Cn")


def _visible(text: str) -> str:
    """The text without format characters: soft hyphen, zero width, direction marks."""
    return text if text.isascii() else "".join(char for char in text if unicodedata.category(char) != "Cf")
