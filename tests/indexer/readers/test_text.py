"""Plain text: one dispatch a file, or several with separator lines."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.raw import RawDispatch
from indexer.readers import text

TWO = "PÉKIN, 8 août (Xinhua) -- L'été.\n--------\nLa forêt, où ça ?\n"


def parted(written: str) -> list[str]:
    return [piece for piece in text.pieces(io.StringIO(written, newline="")) if isinstance(piece, str)]


@pytest.mark.parametrize(
    ("written", "pieces"),
    [
        ("Une.\n--------\nDeux.\n", ["Une.\n", "Deux.\n"]),
        ("Une.\nNNNN\nDeux.", ["Une.\n", "Deux."]),
        ("Une.\x0cDeux.", ["Une.", "Deux."]),
        ("Une.\n\x03Deux.\nNNNN\x03", ["Une.\n", "Deux.\n"]),
        ("Une.\x03\x04Deux.\x0c\nTrois.", ["Une.", "Deux.", "\nTrois."]),
        ("----\n----\nUne.\n----\n--\n====\n", ["Une.\n"]),
        ("Une.\r\n\r\nDeux.", ["Une.\r\n\r\nDeux."]),
        ("", []),
        ("« … »\n", []),
    ],
)
def test_dispatches_are_parted(written: str, pieces: list[str]) -> None:
    assert parted(written) == pieces


@given(
    st.lists(st.sampled_from(["Une.", "\n", "\x0c", "\x03", "----\n", "NNNN", " ", "é", "=====", "\r\n"]), max_size=20)
)
def test_the_pieces_of_a_text_are_in_it(scraps: list[str]) -> None:
    written, at = "".join(scraps), 0
    for piece in parted(written):
        at = written.index(piece, at) + len(piece)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman", "cp850"])
def test_every_piece_can_be_read_again_by_itself(encoding: str) -> None:
    items = list(text.read(io.BytesIO(TWO.encode(encoding)), "lot.txt", None))
    assert [item.text for item in items if isinstance(item, RawDispatch)] == TWO.split("--------\n")
    for item in items:
        assert isinstance(item, RawDispatch)
        (again,) = text.read(io.BytesIO(item.raw), "lot.txt", None)
        assert isinstance(again, RawDispatch)
        assert again.text == item.text


def test_memory_is_flat() -> None:
    stream = io.BytesIO(TWO.encode() * 100_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in text.read(stream, "grand", None)) == 100_001
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()
