"""Differences between versions: what a reader is told, and that nothing of either text is lost in telling it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.align import Block, align
from search.versions import Change, Span, changes, word_changes

MET = "Le ministre chinois Wang Yi a rencontré vendredi M. Lavrov à Phnom Penh."
MET_LATER = "Le ministre chinois Wang Yi a rencontré samedi M. Lavrov à Phnom Penh."
PHOTO = "Les deux hommes ont posé pour les photographes."
TAIWAN = "Pékin a protesté contre la visite d'une élue américaine à Taïwan."


def told(found: Sequence[Change]) -> list[tuple[str, int, int]]:
    """(operation, paragraphs before, paragraphs after); a move is "moved"."""
    return [
        (f"moved {change.op}" if change.moved else change.op, len(change.before), len(change.after)) for change in found
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [], []),
        ([MET], [MET], [("equal", 1, 1)]),
        ([], [MET], [("insert", 0, 1)]),
        ([MET, PHOTO], [MET], [("equal", 1, 1), ("delete", 1, 0)]),
        ([MET, PHOTO], [MET, TAIWAN, PHOTO], [("equal", 1, 1), ("insert", 0, 1), ("equal", 1, 1)]),
        ([MET, PHOTO], [MET_LATER, PHOTO], [("replace", 1, 1), ("equal", 1, 1)]),
        # Another paragraph in its place is no rewriting.
        ([MET, PHOTO], [TAIWAN, PHOTO], [("delete", 1, 0), ("insert", 0, 1), ("equal", 1, 1)]),
        # The rewritten one is found beside what was added before it.
        ([MET, PHOTO], [TAIWAN, MET_LATER, PHOTO], [("insert", 0, 1), ("replace", 1, 1), ("equal", 1, 1)]),
        ([MET, PHOTO, TAIWAN], [TAIWAN, MET, PHOTO], [("moved insert", 0, 1), ("equal", 2, 2), ("moved delete", 1, 0)]),
        # Once moved, once repeated: only one of the two was moved.
        (
            [PHOTO, MET, TAIWAN],
            [MET, TAIWAN, PHOTO, PHOTO],
            [("moved delete", 1, 0), ("equal", 2, 2), ("moved insert", 0, 1), ("insert", 0, 1)],
        ),
    ],
)
def test_paragraphs(before: list[str], after: list[str], expected: list[tuple[str, int, int]]) -> None:
    assert told(changes(before, after)) == expected


def spans(found: Sequence[Span]) -> str:
    """Spans in one line: `[-taken out-]{+added+}`."""
    marks = {"equal": ("", ""), "delete": ("[-", "-]"), "insert": ("{+", "+}")}
    return "".join(f"{marks[span.op][0]}{span.text}{marks[span.op][1]}" for span in found)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (MET, MET_LATER, "Le ministre chinois Wang Yi a rencontré [-vendredi -]{+samedi +}M. Lavrov à Phnom Penh."),
        ("Trois morts", "Trois morts, selon la police", "Trois morts{+, selon la police+}"),
        ("à Phnom Penh, vendredi", "à Phnom Penh. Vendredi", "à Phnom Penh[-, vendredi-]{+. Vendredi+}"),
        ("l'Etat chinois", "l'État chinois", "l'[-Etat -]{+État +}chinois"),
        # A little word between two changes is no rest for the eye.
        ("le chef de la police", "le préfet de l'Oise", "le [-chef de la police-]{+préfet de l'Oise+}"),
        ("deux  blancs", "deux blancs", "deux[-  -]{+ +}blancs"),
        ("", "nouveau", "{+nouveau+}"),
        ("pareil", "pareil", "pareil"),
    ],
)
def test_words(before: str, after: str, expected: str) -> None:
    assert spans(word_changes(before, after)) == expected


PARAGRAPHS = st.lists(st.sampled_from([MET, MET_LATER, PHOTO, TAIWAN, "a", "b c d", "b c e", ""]), max_size=8)
TEXTS = st.text(alphabet="ab ,.\n'é", max_size=60)


@given(PARAGRAPHS, PARAGRAPHS)
def test_no_paragraph_is_lost_and_none_is_made_up(before: list[str], after: list[str]) -> None:
    found = changes(before, after)
    assert [text for change in found for text in change.before] == before
    assert [text for change in found for text in change.after] == after
    for change in found:
        if change.op == "replace":
            assert len(change.before) == len(change.after) == 1
            check_spans(change.before[0], change.after[0], change.words)


@given(TEXTS, TEXTS)
def test_words_give_back_both_texts_to_the_letter(before: str, after: str) -> None:
    check_spans(before, after, word_changes(before, after))


def check_spans(before: str, after: str, found: Sequence[Span]) -> None:
    assert "".join(span.text for span in found if span.op != "insert") == before
    assert "".join(span.text for span in found if span.op != "delete") == after
    assert all(span.text for span in found)


@given(PARAGRAPHS, PARAGRAPHS)
def test_as_many_paragraphs_go_as_come_where_they_moved(before: list[str], after: list[str]) -> None:
    moved = [change for change in changes(before, after) if change.moved]
    gone = sorted(text for change in moved for text in change.before)
    assert gone == sorted(text for change in moved for text in change.after)


# Long enough to be cut at landmarks before difflib sees it.
LONG = [f"mot{number}" for number in range(2000)]


def test_a_long_stretch_is_cut_at_what_occurs_once() -> None:
    after = [word for number, word in enumerate(LONG) if number % 100]
    after[500:500] = ["nouveau"]
    blocks = align(LONG, after)
    assert sum(block.j - block.i for block in blocks if block.op == "equal") == len(after) - 1
    assert [after[block.k : block.m] for block in blocks if block.op == "insert"] == [["nouveau"]]


def is_whole(blocks: Sequence[Block], before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the blocks follow one another from both beginnings to both ends, and what they call equal is."""
    ends = [(0, 0), *((block.j, block.m) for block in blocks)]
    starts = [*((block.i, block.k) for block in blocks), (len(before), len(after))]
    equal = all(before[b.i : b.j] == after[b.k : b.m] for b in blocks if b.op == "equal")
    return starts == ends and equal and all(b.op != c.op for b, c in zip(blocks, blocks[1:], strict=False))


@pytest.mark.parametrize("seed", range(20))
def test_blocks_of_long_sequences_are_whole(seed: int) -> None:
    chance = random.Random(seed)
    words = [chance.choice(LONG[: 10 ** chance.randint(1, 3)]) for _ in range(3000)]
    other = [word if chance.random() < 0.8 else chance.choice(LONG) for word in words if chance.random() < 0.9]
    assert is_whole(align(words, other), words, other)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["x"] * 150_000, ["x", "y"] * 75_000),
        (["bla " * 75_000], ["bla " * 74_000 + "fin"]),
        ([" ".join(LONG * 20)], [" ".join(LONG[::-1] * 20)]),
    ],
    ids=["one letter a paragraph", "one word", "everything turned round"],
)
def test_no_text_of_300_000_characters_takes_the_square_of_its_length(before: list[str], after: list[str]) -> None:
    # With plain difflib each of these takes minutes, and the suite's timeout ends it.
    found = changes(before, after)
    assert [text for change in found for text in change.before] == before
    assert [text for change in found for text in change.after] == after
