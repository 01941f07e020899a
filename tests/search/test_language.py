"""From the text of a query to its parts: (typed, words, quotations)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.language import Word, parse

CASES = [
    ("lavrov", "lavrov", ()),
    ("Lavrov  Phnom Penh", "Lavrov Phnom Penh", ()),
    ('"chaînes industrielles"', "", ("chaînes industrielles",)),
    ("« la Ceinture et la Route » Chine", "Chine", ("la Ceinture et la Route",)),
    ("“Wang Yi” l’ASEAN", "l’ASEAN", ("Wang Yi",)),
    ("„Wang Yi“", "", ("Wang Yi",)),
    ('a"b c"d', "a d", ("b c",)),
    ("Etats-Unis", "Etats-Unis", ()),
    ("aujourd'hui", "aujourd'hui", ()),
    ("", "", ()),
    ("  ?! -- ...  ", "", ()),
    ('"" « »', "", ()),
    ("paix\u200b \u202ejuste\x00", "paix juste", ()),
    ("coopé\u00adration", "coopération", ()),
    ("ÉNERGIE №5 北京", "ÉNERGIE №5 北京", ()),
]


@pytest.mark.parametrize(("typed", "words", "phrases"), CASES)
def test_parts(typed: str, words: str, phrases: tuple[str, ...]) -> None:
    query = parse(typed)
    assert (query.words, query.phrases, query.warnings) == (words, phrases, ())


def test_a_quotation_never_closed_goes_to_the_end_and_says_so() -> None:
    query = parse('Lavrov "Phnom Penh')
    assert (query.words, query.phrases) == ("Lavrov", ("Phnom Penh",))
    assert query.warnings == ("Guillemet ouvert jamais fermé : la citation va jusqu'à la fin (Phnom Penh).",)


def test_a_word_knows_its_place() -> None:
    assert parse("  wang yi").nodes == (Word("wang", 2, 6), Word("yi", 7, 9))


@pytest.mark.parametrize(
    ("typed", "speaker", "words", "phrases"),
    [
        ("parole:Lavrov hégémonie", "Lavrov", "hégémonie", ()),
        ('parole:"Sergueï Lavrov" « ordre mondial »', "Sergueï Lavrov", "", ("ordre mondial",)),
        ("chaînes PAROLE:Wang", "Wang", "chaînes", ()),
        ("parole : donnée", None, "parole donnée", ()),
        ("maparole:x", None, "maparole:x", ()),
        ("parole:", None, "parole:", ()),
    ],
)
def test_a_speaker(typed: str, speaker: str | None, words: str, phrases: tuple[str, ...]) -> None:
    query = parse(typed)
    assert (query.speaker, query.words, query.phrases) == (speaker, words, phrases)


def test_one_speaker_only() -> None:
    query = parse("parole:Lavrov parole:Wang")
    assert query.speaker == "Lavrov"
    assert "Wang" in query.warnings[0]


@given(st.text(max_size=200) | st.text(alphabet='parole:" «»ab', max_size=60))
def test_any_text_means_something_and_its_canonical_spelling_means_the_same(text: str) -> None:
    query = parse(text)
    again = parse(str(query))
    assert (again.words, again.phrases, again.speaker) == (query.words, query.phrases, query.speaker)
