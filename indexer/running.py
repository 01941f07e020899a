"""Title and paragraphs as one running text, and the way back from a place in it to a paragraph."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunningText:
    """Where each part begins in `text`: the title first, then the paragraphs, parted by a line end."""

    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, title: str, body: Sequence[str]) -> RunningText:
        starts, at = [], 0
        for part in (title, *body):
            starts.append(at)
            at += len(part) + 1
        return cls("\n".join((title, *body)), tuple(starts))

    def paragraph(self, offset: int) -> tuple[int, int]:
        """(paragraph, offset in it) of a place in the text; paragraph -1 is the title."""
        index = bisect_right(self.starts, offset) - 1
        return index - 1, offset - self.starts[index]

    def span(self, paragraph: int) -> tuple[int, int]:
        """Start and end of a paragraph in the text. IndexError when there is none of that number."""
        start = self.starts[paragraph + 1]
        following = paragraph + 2
        return start, self.starts[following] - 1 if following < len(self.starts) else len(self.text)
