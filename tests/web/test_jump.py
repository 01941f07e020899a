"""Going from one word found to the next, without any script."""

from __future__ import annotations

import re

import pytest

from search.marks import Marked
from web import jump
from web.jump import Found, numbered


def ways(anchor: str) -> tuple[str, list[str], str]:
    """The anchor's own name, where it leads, and what it says."""
    (own,) = re.findall(r'id="([^"]+)"', anchor)
    (said,) = re.findall(r"\d+\u00a0sur\u00a0[\d\u202f]+", anchor)
    return own, re.findall(r'href="([^"]+)"', anchor), said.replace("\u00a0", " ")


def test_numbers_go_on_from_text_to_text() -> None:
    body = [Marked("a b a", ((0, 1), (4, 5))), Marked("rien"), Marked("a", ((0, 1),))]
    title, paragraphs, total = numbered(Marked("un a", ((3, 4),)), body)
    assert (title.first, [found.first for found in paragraphs], total) == (1, [2, 4, 4], 4)
    assert numbered(None, ()) == (Found(), (), 0)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, ("hit-1", ["#hit-12", "#hit-2"], "1 sur 12")),
        (3, ("hit-3", ["#hit-2", "#hit-4"], "3 sur 12")),
        (12, ("hit-12", ["#hit-11", "#hit-1"], "12 sur 12")),
    ],
)
def test_an_anchor_leads_to_its_neighbours_and_round(number: int, expected: object) -> None:
    assert ways(Found(((0, 1),), first=number, total=12).anchor(0)) == expected


def test_one_find_leads_to_itself() -> None:
    assert ways(Found(((0, 1),), total=1).anchor(0)) == ("hit-1", ["#hit-1", "#hit-1"], "1 sur 1")


def test_a_thousand_anchors_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jump, "MOST_ANCHORS", 3)
    spans = tuple((at, at + 1) for at in range(5))
    found = Found(spans, total=5)
    assert ways(found.anchor(2)) == ("hit-3", ["#hit-2", "#hit-1"], "3 sur 5")
    assert ways(found.anchor(0)) == ("hit-1", ["#hit-3", "#hit-2"], "1 sur 5")
    assert found.anchor(3) == ""
