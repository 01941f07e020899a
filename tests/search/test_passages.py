"""Which sentences are shown of a dispatch, and that what is shown is its text and nothing else."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.marks import Marked
from search.passages import LONGEST, MOST_PASSAGES, passages


def read(text: str) -> Marked:
    """A paragraph with brackets around what was found."""
    return Marked.read(escape(text).replace("[", "<mark>").replace("]", "</mark>"))


def shown(*paragraphs: str) -> list[str]:
    texts = [read(text) for text in paragraphs]
    return [unescape(passage.html(texts).replace("<mark>", "[").replace("</mark>", "]")) for passage in passages(texts)]


LONG = "Un premier paragraphe qui dit beaucoup de choses et qui n'en finit pas de les dire, comme souvent."


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        # A sentence, whole; "M. Wang" is no end.
        ([f"{LONG} Le ministre, M. [Wang], a parlé de tout avec ses homologues de l'[ASEAN] jeudi. {LONG}"],
         ["Le ministre, M. [Wang], a parlé de tout avec ses homologues de l'[ASEAN] jeudi."]),
        # A short one with the next.
        ([f"[Wang] a parlé. Il a dit oui, et bien d'autres choses encore que voici, toutes. {LONG}"],
         ["[Wang] a parlé. Il a dit oui, et bien d'autres choses encore que voici, toutes."]),
        # The last with the one before.
        (["Rien d'autre. Rien ici. [Wang] a parlé."], ["Rien ici. [Wang] a parlé."]),
        # Unless that is too long, or shown already.
        ([f"{LONG[:-1]}, {LONG[:-1]}, {LONG} [Wang] a parlé."], ["[Wang] a parlé."]),
        (["À Phnom Penh, [Wang] est venu, [Lavrov] est parti. [Wang] a parlé."],
         ["À Phnom Penh, [Wang] est venu, [Lavrov] est parti. [Wang] a parlé."]),
        # A dateline with what it is of, however long.
        ([f"[PÉKIN], 5 août. /TASS/. {LONG[:-1]}, {LONG} Fin."], [f"[PÉKIN], 5 août. /TASS/. {LONG[:-1]}, {LONG}"]),
        # Chosen by what they say, shown as they come.
        ([f"[Wang] est seul. {LONG}", f"{LONG} [Wang].", f"[Wang] et [Lavrov]. {LONG}", f"L'[ASEAN]. {LONG}"],
         [f"[Wang] est seul. {LONG}", f"[Wang] et [Lavrov]. {LONG}", f"L'[ASEAN]. {LONG}"]),
        # The same sentence is shown once.
        ([f"[Wang] a parlé hier. {LONG}", f"[Wang] a parlé hier. {LONG}"], [f"[Wang] a parlé hier. {LONG}"]),
        # A quotation over two sentences.
        ([f"Il s'oppose depuis toujours aux [puissances. La Chine] aussi, et bien d'autres avec elle. {LONG}"],
         ["Il s'oppose depuis toujours aux [puissances. La Chine] aussi, et bien d'autres avec elle."]),
        ([], []),
        (["Rien."], []),
    ],
)  # fmt: skip
def test_passages(paragraphs: list[str], expected: list[str]) -> None:
    assert shown(*paragraphs) == expected


CLAUSES = ", ".join(f"la proposition numéro {number} du ministre" for number in range(40))


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        (f"[Wang] propose {CLAUSES}.", "[Wang] propose la proposition", ", …"),
        (f"Il propose {CLAUSES} et [Wang] signe.", "… la proposition", "et [Wang] signe."),
        (f"Il propose {CLAUSES}, [Wang] signe, {CLAUSES}.", "… la proposition", ", …"),
        ("a" * 400 + " [Wang] " + "b" * 400, "… [Wang] b", "b …"),
        (f"[Wang] {CLAUSES} [Wang] et [Lavrov] {CLAUSES}", "… la proposition", ", …"),
    ],
)
def test_a_very_long_sentence_is_cut_around_its_words(text: str, begins: str, ends: str) -> None:
    (passage,) = shown(text)
    assert passage.startswith(begins)
    assert passage.endswith(ends)
    assert "[Wang]" in passage
    assert len(passage.strip("… ")) <= LONGEST + passage.count("[") * 2


def test_a_passage_says_how_many_finds_stand_before_it() -> None:
    texts = [read(f"[Wang] et [Wang]. {LONG}"), read(f"{LONG} [Wang], [Lavrov]. {LONG} [Wang]."), read("[ASEAN].")]
    assert [(passage.paragraph, passage.hit) for passage in passages(texts)] == [(0, 0), (1, 2), (2, 5)]


HOSTILE = st.text(
    alphabet="ab é.!?&<>\"'/;#xmark\u202e\u05d0\u0627\u00a0\u200f\U0001f600\U00020000\u0301\n…«»", max_size=60
)

# What the engine finds is words.
WORDS = st.text(alphabet="ab é?<&'\u05d0\u0627\U0001f600\U00020000\u0301m", max_size=9).map(lambda text: f"a{text}b")


@given(st.lists(st.lists(st.tuples(HOSTILE, WORDS), min_size=1, max_size=8), max_size=6))
@settings(max_examples=200, deadline=None)
def test_a_passage_is_a_part_of_its_paragraph(pieces: list[list[tuple[str, str]]]) -> None:
    """What the engine sends is the text, escaped, with marks: whatever is in it, a passage is that text and marks."""
    sent = ["".join(f"{escape(out)}<mark>{escape(found)}</mark>" for out, found in each) for each in pieces]
    texts = [Marked.read(each) for each in sent]
    assert [text.text for text in texts] == ["".join(out + found for out, found in each) for each in pieces]
    chosen = passages(texts)
    assert len(chosen) <= MOST_PASSAGES
    assert chosen == sorted(chosen, key=lambda passage: (passage.paragraph, passage.start))
    for passage in chosen:
        written = passage.html(texts)
        assert set(re.findall(r"<[^<>]*>", written)) <= {"<mark>", "</mark>"}
        assert re.sub("[^<>]", "", written) == "<></>".replace("/", "") * written.count("<mark>")
        plain = unescape(re.sub("</?mark>", "", written))
        plain = plain.removeprefix("… ") if passage.cut_before else plain
        plain = plain.removesuffix(" …") if passage.cut_after else plain
        assert plain in texts[passage.paragraph].text
        assert "<mark>" in written


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("<mark>Etats</mark>-<mark>Unis</mark>", ["Etats-Unis"]),
        ("<mark>Phnom</mark>\u00a0<mark>Penh</mark>", ["Phnom\u00a0Penh"]),
        ("<mark>a</mark>, <mark>b</mark>", ["a", "b"]),
        ("l&#x27;<mark>avocat</mark> &amp;lt; <mark>d</mark>", ["avocat", "d"]),
        ("rien", []),
        ("", []),
    ],
)
def test_what_the_engine_marked(sent: str, found: list[str]) -> None:
    marked = Marked.read(sent)
    assert [marked.text[start:end] for start, end in marked.found] == found
