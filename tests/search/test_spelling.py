"""Names by the beginnings of their words, and the same for the engine's regular expressions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.spelling import (
    EXPRESSED_LETTERS,
    EXPRESSED_WORDS,
    expression,
    is_whole,
    meets,
    typed_words,
)

MET = [
    ("lavr", "Sergueï Lavrov"),
    ("serg", "Sergueï Lavrov"),
    ("LAVR serg", "Sergueï Lavrov"),
    ("etats unis", "États-Unis"),
    ("ETATS-UNIS", "États-Unis"),
    ("états‑unis", "Etats-Unis"),
    ("oreal", "L’Oréal"),
    ("l'or", "L'Oréal"),
    ("oeuv", "Les Œuvres"),
    ("œuv", "Oeuvres"),
    ("cote d ivoire", "Côte d'Ivoire"),
    ("g20", "G20"),
    ("лавр", "Лавров"),
]
NOT_MET = [
    ("avrov", "Sergueï Lavrov"),
    ("lavr wang", "Sergueï Lavrov"),
    ("unis d'amerique", "États-Unis"),
    ("20", "G20"),
]


@pytest.mark.parametrize(("typed", "name"), MET)
def test_met(typed: str, name: str) -> None:
    assert meets(typed_words(typed), name)
    assert lets_through(typed, name)
    # In a path, the last name counts.
    assert lets_through(typed, f"Asie > {name}", path=True)
    assert not lets_through(typed, f"{name} > Zzz", path=True)


@pytest.mark.parametrize(("typed", "name"), NOT_MET)
def test_not_met(typed: str, name: str) -> None:
    assert not meets(typed_words(typed), name)


def lets_through(typed: str, name: str, *, path: bool = False) -> bool:
    """What the engine would let through: its `&` asks for both sides."""
    parts = expression(typed_words(typed), path=path).split("&")
    return all(re.fullmatch(part, name) for part in parts)


@given(st.text(max_size=60), st.text(max_size=30))
def test_whatever_is_typed_only_letters_and_digits_reach_the_expression(name: str, typed: str) -> None:
    words = typed_words(typed)
    assert all(word.isalnum() or re.fullmatch(r"[^\W_]+", word) for word in words)
    if words:
        re.compile(expression(words, path=False).replace("&", ""))


def test_the_engine_is_asked_for_a_bounded_part() -> None:
    typed = " ".join(f"{letter}" * 30 for letter in "abcdefgh")
    assert not is_whole(typed_words(typed))
    assert expression(typed_words(typed), path=False).count("&") == EXPRESSED_WORDS - 1
    short = expression(("a" * EXPRESSED_LETTERS,), path=False)
    assert expression(("a" * 90,), path=False) == short
    # Elasticsearch refuses expressions of more than 1,000 characters.
    assert max(len(expression((letter * 90, letter * 89), path=True)) for letter in "aeiouyncz") < 1000
