"""A query and, under it, the place where it cannot be read."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len

# Characters shown before the place when the query is longer than the screen.
BEFORE = 0.6


def pointed(q: str, at: int, width: int) -> tuple[str, str]:
    """The query on one line of at most `width` columns, and the line to print under it: a caret under character `at`.

    Columns are a terminal's: an ideograph takes two, a combining accent none, and the caret stands under the letter that
    bears it. What has no width or would move the cursor is shown as a space.
    """
    shown = [_seen(char) for char in q]
    at = min(max(at, 0), len(shown))
    while 0 < at < len(shown) and not cell_len(shown[at]):
        at -= 1
    start, end = 0, len(shown)
    while start < at and cell_len("".join(shown[start:at])) > width * BEFORE and _too_wide(shown[start:end], width):
        start += 1
    while start < len(shown) and start and not cell_len(shown[start]):  # never an accent without its letter
        start += 1
    while end > at + 1 and _too_wide(shown[start:end], width - (start > 0)):
        end -= 1
    cut, more = "…" * (start > 0), "…" * (end < len(shown))
    before = cut + "".join(shown[start:at])
    return f"{before}{''.join(shown[at:end])}{more}", " " * cell_len(before) + "^"


def _too_wide(chars: list[str], width: int) -> bool:
    return cell_len("".join(chars)) >= width


def _seen(char: str) -> str:
    category = unicodedata.category(char)
    return " " if category in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn") else char
