"""The caret stands under the character it is about, however wide the ones before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from terminal.place import pointed


@pytest.mark.parametrize(
    ("q", "at", "shown", "caret"),
    [
        ("(guerre", 0, "(guerre", "^"),
        ("guerre) x", 6, "guerre) x", "      ^"),
        ("guerre ET", 9, "guerre ET", "         ^"),
        ("", 0, "", "^"),
        ("東京 (a", 3, "東京 (a", "     ^"),  # an ideograph is two columns wide
        ("e\u0301te\u0301 (a", 6, "e\u0301te\u0301 (a", "    ^"),  # an accent of its own has no width
        ("e\u0301", 1, "e\u0301", "^"),  # the letter that bears it
        ("a\tb\nc\u202e\x1b[31m(", 11, "a b c  [31m(", "           ^"),  # nothing moves the cursor
    ],
)
def test_a_place(q: str, at: int, shown: str, caret: str) -> None:
    assert pointed(q, at, 40) == (shown, caret)


def test_a_long_query_is_cut_around_the_place() -> None:
    q = "mot " * 100 + "(guerre" + " mot" * 100
    shown, caret = pointed(q, 400, 40)
    assert shown.startswith("…") and shown.endswith("…") and "(guerre" in shown
    assert shown[len(caret) - 1] == "("


@given(st.text(max_size=200), st.integers(-5, 300), st.integers(20, 120))
def test_it_fits_and_points_into_the_query(q: str, at: int, width: int) -> None:
    shown, caret = pointed(q, at, width)
    assert "\n" not in shown and caret.lstrip(" ") == "^"
    assert cell_len(shown) <= width + 1
    assert cell_len(caret) <= cell_len(shown) + 1
