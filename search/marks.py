"""Texts with the words found in them: what the engine marked, as places in the text, and those as HTML again. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape

# What the engine puts around a word found. It escapes the text, so neither can be part of it.
OPEN, CLOSE = "<mark>", "</mark>"

_MARK = re.compile(f"{OPEN}|{CLOSE}")

# Between two marks nothing but blanks, or one hyphen or apostrophe: to the eye they are one.
_NOTHING = re.compile(r"\s*|[-\u2010\u2011'’]")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and what was found in it: `text[start:end]` for each of `found`, in order, none touching another."""

    text: str
    found: tuple[Span, ...] = ()

    @classmethod
    def read(cls, marked: str) -> Marked:
        """What the engine marked. Words side by side are one find: "<mark>Etats</mark>-<mark>Unis</mark>" is Etats-Unis."""
        parts: list[str] = []
        found: list[Span] = []
        at = 0
        for number, piece in enumerate(_MARK.split(marked)):
            text = unescape(piece)
            # Pieces take turns: outside a mark, inside it.
            if number % 2:
                start = found.pop()[0] if found and _NOTHING.fullmatch(parts[-1]) else at
                found.append((start, at + len(text)))
            parts.append(text)
            at += len(text)
        return cls("".join(parts), tuple(found))

    def html(self, start: int = 0, end: int | None = None) -> str:
        """`text[start:end]`, escaped, the words found in `<mark>`."""
        end = len(self.text) if end is None else end
        written: list[str] = []
        at = start
        for begin, stop in self.within(start, end):
            written += [
                escape(self.text[at:begin], quote=False),
                OPEN,
                escape(self.text[begin:stop], quote=False),
                CLOSE,
            ]
            at = stop
        return "".join([*written, escape(self.text[at:end], quote=False)])

    def within(self, start: int, end: int) -> list[Span]:
        """What was found between two places, cut there."""
        return [(max(begin, start), min(stop, end)) for begin, stop in self.found if begin < end and stop > start]


def read_all(marked: Sequence[str]) -> list[Marked]:
    return [Marked.read(each) for each in marked]
