"""Finding names: boundaries, case, accents, the longest first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.names import NameFinder, Pattern, comparable

FINDER = NameFinder(
    [
        Pattern("Wang Yi", "wang-yi"),
        Pattern("Wang", "wang"),
        Pattern("États-Unis", "usa"),
        Pattern("mer de Chine", "mer"),
        Pattern("Chine", "chine"),
        Pattern("Côte d'Ivoire", "ci"),
        Pattern("Otan", "otan", acronym=True),
        Pattern("LE", "le", acronym=True),
        Pattern("Nice", "nice"),
        Pattern("vaccin", "santé", proper=False),
        Pattern("cœur", "cœur", proper=False),
    ]
)

CASES = [
    ("M. Wang Yi parle", ["Wang Yi"]),
    ("Wang Yibo chante", ["Wang"]),  # the longest fails at a boundary, the shorter one stands
    ("les Etats-Unis, les ÉTATS-UNIS, les Etats Unis", ["Etats-Unis", "ÉTATS-UNIS", "Etats Unis"]),
    ("les états-unis", []),  # a name has its capitals
    ("en mer de Chine méridionale", ["mer de Chine"]),
    ("la Chine et l'Indochine", ["Chine"]),
    ("Côte d’Ivoire", ["Côte d’Ivoire"]),
    ("l'OTAN, l'Otan, l'otan", ["OTAN", "Otan"]),
    ("Le chat", []),
    ("à Nice, un nice", ["Nice"]),
    ("Un VACCIN, des vaccins", ["VACCIN"]),
    ("un coeur, un cœur", ["coeur", "cœur"]),
    ("İstanbul et la Chine", ["Chine"]),  # a letter whose lower case is two characters moves nothing
]


@pytest.mark.parametrize(("text", "surfaces"), CASES)
def test_found(text: str, surfaces: list[str]) -> None:
    assert [text[found.start : found.end] for found in FINDER.find(text, comparable(text))] == surfaces


def test_a_name_that_ends_in_a_sign_ends_at_its_last_letter() -> None:
    finder = NameFinder([Pattern("BRICS+", "brics"), Pattern("Yahoo!", "yahoo")])
    text = "Le sommet des BRICS, puis celui des BRICS+. Yahoo a réagi."
    assert [text[found.start : found.end] for found in finder.find(text, comparable(text))] == [
        "BRICS",
        "BRICS",
        "Yahoo",
    ]


def test_layers_overlap_and_a_layer_does_not() -> None:
    finder = NameFinder(
        [
            Pattern("la Chine et la Russie", "sujet", proper=False, layer=1),
            Pattern("Chine", "c"),
            Pattern("Russie", "r"),
        ]
    )
    text = "la Chine et la Russie"
    assert [found.meanings for found in finder.find(text, text.lower())] == [("sujet",), ("c",), ("r",)]


@given(st.text(max_size=300))
def test_the_compared_text_has_the_places_of_the_text(text: str) -> None:
    assert len(comparable(text)) == len(text)


@given(st.text(alphabet="Wang YiÉtats-Uneo.', ", max_size=120))
def test_nothing_found_overlaps(text: str) -> None:
    found = FINDER.find(text, comparable(text))
    assert all(one.end <= other.start for one, other in zip(found, found[1:], strict=False))
