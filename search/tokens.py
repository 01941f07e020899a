"""The query as typed becomes signs and terms, each with its place. Never fails.

Characters no keyboard types on purpose mean nothing: controls are read as blanks, and what has no width (soft hyphens,
direction marks) is dropped, as the index drops it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from search.tree import CLOSING, FACET_PREFIXES

Kind = Literal["word", "phrase", "field", "open", "close", "and", "or", "not", "near"]

OPERATORS: dict[str, Kind] = {
    "ET": "and",
    "AND": "and",
    "OU": "or",
    "OR": "or",
    "SAUF": "not",
    "NOT": "not",
    "PARA": "near",
}

# "PRES/5", "PRÈS/12", "NEAR/3"; "PRES" alone and "pres/5" are words
NEAR = re.compile(r"(?:PRES|PRÈS|NEAR)/([0-9]{1,4})")

# A run without blanks, quotation marks or parentheses. An apostrophe or hyphen inside belongs to the word.
WORD = re.compile(r'[^\s"«»“”„()]+')

# "titre:Lavrov", 'PAROLE:"Wang Yi"', "lieu:(" ; leaves "titre : x", "maparole:x", "https://a", "12:30"
FIELD = re.compile(rf"({'|'.join(('parole', 'titre', 'date', *FACET_PREFIXES))}):(?=[^\s)])", re.IGNORECASE)

# "-Lavrov", '-"Wang Yi"', "-(a b)"; leaves "--", "- Lavrov"
MINUS = re.compile(r'-(?=[^\W_]|["«“”„(])')

# '"a b"~5'
SLOP = re.compile(r"~([0-9]{1,4})")

# Something an index could hold; "?!", "--" and the like are no search.
MEANINGFUL = re.compile(r"[^\W_]")

# NUL and its like, lone surrogates, private use, unassigned.
CONTROLS = ("Cc", "Cs", "Co", "Cn")


@dataclass(frozen=True, slots=True)
class Token:
    """`number`: of `near` the words between (-1: the same paragraph), of a phrase its slop."""

    kind: Kind
    text: str
    start: int
    end: int
    number: int = 0
    unclosed: bool = False


def tokens(typed: str) -> Iterator[Token]:
    """The signs and terms of a text; what means nothing is left out, so that "a ?!" is "a"."""
    shown = [
        (" " if _control(char) else char, at) for at, char in enumerate(typed) if char.isascii() or not _bare(char)
    ]
    text = "".join(char for char, _ in shown)
    places = [*(at for _, at in shown), len(typed)]

    def token(kind: Kind, said: str, start: int, end: int, number: int = 0, unclosed: bool = False) -> Token:
        return Token(kind, said, places[start], places[end], number, unclosed)

    at = after_field = 0
    while at < len(text):
        start, char = at, text[at]
        is_value = start == after_field > 0
        if char in "()":
            at += 1
            yield token("open" if char == "(" else "close", char, start, at)
        elif char in CLOSING:
            close = text.find(CLOSING[char], at + 1)
            end = close if close >= 0 else len(text)
            said = " ".join(text[at + 1 : end].split())
            at = min(end + 1, len(text))
            slop = SLOP.match(text, at) if close >= 0 else None
            at = slop.end() if slop else at
            if MEANINGFUL.search(said):
                yield token("phrase", said, start, at, int(slop[1]) if slop else 0, unclosed=close < 0)
        elif not is_value and (found := MINUS.match(text, at)):
            at = found.end()
            # Glued to what is before ('"Wang"-Yi'), it is a hyphen and leaves nothing out.
            if start == 0 or text[start - 1].isspace() or text[start - 1] == "(":
                yield token("not", "-", start, at)
        elif not is_value and (found := FIELD.match(text, at)):
            at = after_field = found.end()
            yield token("field", found[1].lower(), start, at)
        elif found := WORD.match(text, at):
            at = found.end()
            said = found[0]
            near = NEAR.fullmatch(said)
            if near and not is_value:
                yield token("near", said, start, at, int(near[1]))
            elif said in OPERATORS and not is_value:
                yield token(OPERATORS[said], said, start, at, -1)
            elif MEANINGFUL.search(said):
                yield token("word", said, start, at)
        else:
            at += 1


def _control(char: str) -> bool:
    return unicodedata.category(char) in CONTROLS


def _bare(char: str) -> bool:
    """Format characters: soft hyphen, zero width, direction marks."""
    return unicodedata.category(char) == "Cf"
