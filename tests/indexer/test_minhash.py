from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.minhash import Overlap, bands, minima, overlap, shingled, shingles, text_of, words

LEAD = (
    "Le ministre russe des Affaires étrangères Sergueï Lavrov est arrivé jeudi à Phnom Penh, où il doit prendre part "
    "aux réunions ministérielles de l’Association des nations de l’Asie du Sud-Est, a constaté une journaliste."
)
ARRIVAL = (
    "L'avion du ministre s'est posé peu après 17H00 locales à l'aéroport international de la capitale cambodgienne, "
    "où l'attendait une délégation du protocole conduite par le directeur adjoint des conférences."
)
MEETING = (
    "Plusieurs entretiens bilatéraux sont inscrits à son programme, notamment avec son homologue chinois Wang Yi, "
    "selon un agenda remis à la presse par les organisateurs, sans que l'horaire en soit précisé."
)
OSTRICH = (
    "Une autruche échappée d'un élevage de Gedinne a parcouru dix-sept kilomètres vendredi matin avant d'être ramenée "
    "chez elle dans un van à chevaux, a indiqué la zone de police, qui n'a relevé aucun dégât hormis une haie."
)


def _accents_lost(text: str) -> str:
    return text.encode("ascii", "replace").decode()


def _through_gbk(text: str) -> str:
    return text.encode("gb2312", "replace").decode("gb2312")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chaînes CHAINES cha?nes cha\ufffdnes", [b"hns"] * 4),
        ("l’État l'Etat l?Etat L'ÉTAT l?État", [b"ltt"] * 5),
        ("cœur, coeur et c?ur", [b"r", b"r", b"t", b"r"]),
        ("e\u0301tat", [b"tt"]),
        ("à où eau ?", []),
        ("Asie du Sud-Est", [b"s", b"d", b"sd", b"st"]),
        ("« 16H00 » (09H00 GMT).", [b"16h00", b"09h00", b"gmt"]),
        ("Goñi Goni", [b"gn", b"gn"]),
        ("мир 世界", []),
        ("", []),
    ],
)
def test_words_are_worn_down_to_what_nothing_changes(text: str, expected: list[bytes]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("damage", [str.upper, str.lower, _accents_lost, _through_gbk])
def test_bands_and_shingles_survive_capitals_and_lost_letters(damage: Callable[[str], str]) -> None:
    text = text_of([LEAD, ARRIVAL, MEETING])
    assert bands(damage(text)) == bands(text)
    assert shingled(damage(text)) == shingled(text)


def test_bands_are_the_same_on_every_machine() -> None:
    """They are stored in the index: another hash or another window needs a rebuild."""
    assert bands("Le typhon Malbec s'éloigne de Taïwan sans faire de victime.") == (
        "l3b5f3223",
        "l8b3918e5",
        "lc80e5206",
        "p64c7ae9d",
    )


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([LEAD], [LEAD, ARRIVAL, MEETING]),
        ([LEAD, ARRIVAL], [ARRIVAL, LEAD]),
        ([LEAD, MEETING], [OSTRICH, ARRIVAL, MEETING]),
        ([f"{LEAD} {ARRIVAL}"], [LEAD, ARRIVAL]),
        (
            ["Un séisme de magnitude 5,1 a été ressenti mardi, selon l'observatoire."],
            ["Un séisme de magnitude 5,1 a été ressenti en mer, ont dit les autorités.", MEETING, ARRIVAL],
        ),
    ],
    ids=["urgent", "moved", "one paragraph kept", "cut otherwise", "urgent reworded"],
)
def test_near_duplicates_share_a_band(a: list[str], b: list[str]) -> None:
    assert set(bands(text_of(a))) & set(bands(text_of(b)))


def test_strangers_share_no_band() -> None:
    assert set(bands(text_of([LEAD, ARRIVAL]))).isdisjoint(bands(text_of([OSTRICH, MEETING])))


def test_a_text_without_words_has_no_bands() -> None:
    assert bands("") == bands("« ? » à 世界") == ()


NUMBERS = st.lists(st.integers(0, 10**6), max_size=60)


@given(NUMBERS, st.integers(1, 12))
def test_minima_are_the_least_of_every_window(hashes: list[int], window: int) -> None:
    every = [hashes[at : at + window] for at in range(max(1, len(hashes) - window + 1))]
    assert minima(hashes, window) == {min(each) for each in every if each}


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.lists(st.integers(0, 10**6), min_size=8, max_size=20))
def test_texts_that_share_a_window_share_a_minimum(
    before: list[int], after: list[int], before_other: list[int], after_other: list[int], kept: list[int]
) -> None:
    assert minima([*before, *kept, *after], 8) & minima([*before_other, *kept, *after_other], 8)


def test_shingles_are_runs_of_words() -> None:
    found = words("Le typhon Malbec touche Taïwan")
    assert len(shingles(found, 3)) == 3
    assert shingles(found, 3)[1:] == shingles(found[1:], 3)
    assert len(shingles(found[:2], 3)) == 1
    assert shingles([], 3) == []


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([LEAD, ARRIVAL], [LEAD, ARRIVAL], (1.0, 1.0, 1.0)),
        ([LEAD], [LEAD, ARRIVAL, MEETING], (1.0, 0.35, 1.0)),
        ([MEETING], [LEAD, ARRIVAL, MEETING], (1.0, 0.31, 0.0)),
        ([LEAD, ARRIVAL], [LEAD, OSTRICH], (0.53, 0.33, 0.65)),
        ([LEAD], [OSTRICH], (0.0, 0.0, 0.0)),
        ([], [LEAD], (0.0, 0.0, 0.0)),
        ([], [], (0.0, 0.0, 0.0)),
    ],
)
def test_overlap(a: list[str], b: list[str], expected: tuple[float, float, float]) -> None:
    found = overlap(shingled(text_of(a)), shingled(text_of(b)))
    assert (found.contained, found.jaccard, found.lead) == pytest.approx(expected, abs=0.01)


def test_overlap_is_the_same_both_ways() -> None:
    a, b = shingled(text_of([LEAD, ARRIVAL])), shingled(text_of([ARRIVAL, OSTRICH, MEETING]))
    assert overlap(a, b) == overlap(b, a) != Overlap(0, 0.0, 0.0, 0.0)
