"""Cursors: what goes in comes out, and nothing else is believed."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadCursor
from search.cursor import Cursor, digest_of
from search.request import FacetFilter, SearchRequest

REQUEST = SearchRequest(q="lavrov", filters={"actor": FacetFilter(any=("ONU",))})


def test_round_trip() -> None:
    cursor = Cursor((12.5, 1659941520000, "abc"), "next", digest_of(REQUEST), "pit-id")
    assert Cursor.decode(cursor.encode(), REQUEST) == cursor


@pytest.mark.parametrize("change", [{"q": "wang"}, {"filters": {}}, {"sort": "oldest"}, {"versions": "all"}])
def test_a_cursor_of_another_search(change: dict[str, Any]) -> None:
    text = Cursor((1,), "next", digest_of(REQUEST)).encode()
    with pytest.raises(BadCursor, match="autre recherche"):
        Cursor.decode(text, replace(REQUEST, **change))


@pytest.mark.parametrize("change", [{"size": 5}, {"facets": ()}, {"highlight": False}, {"facet_size": 3}])
def test_what_does_not_change_the_hits_keeps_the_cursor(change: dict[str, Any]) -> None:
    text = Cursor((1,), "next", digest_of(REQUEST)).encode()
    assert Cursor.decode(text, replace(REQUEST, **change)).after == (1,)


def packed(payload: Any) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(payload).encode())).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "é" * 10,
        "A" * 9000,
        packed([1]),
        packed({"a": 1}),
        packed([2, "n", "d", [1], None]),
        packed([1, "x", "d", [1], None]),
        packed([1, "n", digest_of(REQUEST), [{"script": 1}], None]),
        packed([1, "n", digest_of(REQUEST), [1], {"id": 1}]),
        packed("x" * 200_000),
    ],
)
def test_what_is_no_cursor(text: str) -> None:
    with pytest.raises(BadCursor, match="curseur"):
        Cursor.decode(text, REQUEST)


@given(st.text(max_size=300))
def test_any_text_is_a_cursor_or_a_clear_error(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.decode(text, REQUEST)
