"""UTF-8 whose every byte beyond ASCII became `?`: "d??put??" is député, "l???tat" l’État.

Letters of French are two bytes, « and » too, ’ – … three. Each such run is made one sign a character, so that the
passes of `repair.py` read it as they read U+FFFD; what they leave alone gets its bytes back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from indexer.lexicon import LOST

SIGN = "\ufffd"
LETTERS = re.compile(r"(?<!\?)\?+(?=[a-z])")  # before a small letter: no question mark
LEAST = 2  # of these show it
OWN = re.compile(r" \?\?+(?=\s*$)", re.MULTILINE)  # "Vraiment ??": may be the author's own
RUN = re.compile(r"\?{2,}")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` with one sign for each lost character; `pieces`: what stood there, by offset in `text`."""

    text: str
    pieces: dict[int, str]


def fold(text: str) -> Folded | None:
    """The text with its runs of `?` made signs; None where it did not lose its characters byte by byte."""
    if not text.isascii() or "??" not in text:
        return None
    runs = 0
    for run in LETTERS.finditer(text):
        if run.end() - run.start() < 2:
            return None
        runs += 1
    if runs < LEAST:
        return None
    own = {match.end() for match in OWN.finditer(text)}
    done, written = 0, 0
    parts: list[str] = []
    pieces: dict[int, str] = {}
    for match in RUN.finditer(text):
        if match.end() in own:
            continue
        parts.append(text[done : match.start()])
        written += match.start() - done
        for piece in _characters(len(match.group())):
            pieces[written] = piece
            parts.append(SIGN)
            written += 1
        done = match.end()
    parts.append(text[done:])
    return Folded("".join(parts), pieces)


def _characters(size: int) -> list[str]:
    """A run cut into characters: pairs, the first of three when the number is odd ("l?????" is l’é...)."""
    if size % 2:
        return [LOST * 3] + [LOST * 2] * ((size - 3) // 2)
    return [LOST * 2] * (size // 2)
