"""The words of texts, counted and spelled."""

from __future__ import annotations

import pytest

from search.suggest_words import WordCounts, best_spelling


def words(*texts: str, least: int = 1) -> dict[str, int]:
    counts = WordCounts()
    for text in texts:
        counts.add(text)
    return counts.words(least)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("l'Asie du Sud-Est", {"Asie", "Sud-Est"}),
        ("Aujourd’hui, qu’une presqu'île", {"Aujourd'hui", "presqu'île"}),
        ("N'Djamena n'attend", {"N'Djamena", "attend"}),
        ("déclare-t-il, est-ce celui-ci ? rendez-vous", {"déclare", "rendez-vous"}),
        ("le G20, la Covid-19 et 30 000 euros en 2022", {"G20", "Covid-19", "euros"}),
        ("les des une", set()),
        ("LA LISTE AND SO", {"LISTE", "and", "SO"}),
    ],
)
def test_what_is_a_word(text: str, found: set[str]) -> None:
    assert set(words(text)) == found


def test_a_word_counts_once_a_text_whatever_its_case_and_accents() -> None:
    assert words("Un événement, des Evénement, ÉVÉNEMENT", "événement", "autre") == {"événement": 2, "autre": 1}


def test_rare_words_can_be_left_out() -> None:
    assert words("guerre paix", "guerre", least=2) == {"guerre": 2}


@pytest.mark.parametrize(
    ("spellings", "best"),
    [
        ({"événement": 5, "evenement": 1}, "événement"),
        ({"Selon": 60, "selon": 40}, "selon"),
        ({"Paris": 90, "PARIS": 200}, "Paris"),
        ({"ONU": 90, "Onu": 2}, "ONU"),
        ({"Zaporijjia": 9}, "Zaporijjia"),
        ({"Etats": 3, "États": 7}, "États"),
    ],
)
def test_the_best_spelling(spellings: dict[str, int], best: str) -> None:
    assert best_spelling(spellings) == best
