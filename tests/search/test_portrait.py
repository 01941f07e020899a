"""One actor, place or subject, as the engine counts it: with whom, where, and what was said last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from authorities.model import Authorities
from engine.client import Engine
from mappings.dispatch import Dispatch, Mention, Quote
from mappings.fields import FACETS
from search.known import known
from search.request import FacetFilter, SearchRequest
from search.service import Archive
from tests.search.writing import archive_of

PHNOM_PENH = "Asie du Sud-Est > Cambodge > Phnom Penh"
SAID = "La paix ne se décrète pas un jeudi soir"
WORDS = f"M. Lavrov a dit : « {SAID} », puis : « non merci », et que la séance était levée depuis midi."

FIRST = datetime(2022, 8, 1, 12, tzinfo=UTC)


def told(number: int, *, days: int = 0, story: str = "", speaker: str = "Sergueï Lavrov", **more: object) -> Dispatch:
    """A dispatch in which somebody says one thing, two words, and something reported."""
    spans = [(WORDS.index(said), len(said), direct) for said, direct in (
        (SAID, True), ("non merci", True), ("la séance était levée depuis midi", False)
    )]  # fmt: skip
    dispatch = Dispatch(
        id=f"d{number}",
        story=story or f"s{number}",
        title=f"Titre {number}",
        title_derived=False,
        lead="",
        body=(WORDS,),
        raw=b"",
        raw_encoding="utf-8",
        agency="AFP",
        published=FIRST + timedelta(days=days or number),
        date_precision="minute",
        actors=("Sergueï Lavrov", "ASEAN"),
        venues=(PHNOM_PENH,),
        quotes=tuple(Quote(speaker, 0, start, start + length, direct) for start, length, direct in spans),
    )
    return replace(dispatch, **more)  # type: ignore[arg-type]


OTHER = "Le deuxième jour fut plus long que le premier, a dit le ministre."
SHELF = [
    told(1),
    # The same words from another agency, the same story once more, an older version of it.
    told(2, agency="TASS", story="s1"),
    told(3, title="Le lendemain", body=(OTHER,), quotes=(Quote("Sergueï Lavrov", 0, 0, 46, False),)),
    told(4, status="superseded"),
    # He is in it, but another speaks.
    told(5, speaker="Sok Vannarith", actors=("Sergueï Lavrov", "Sok Vannarith"),
         mentions=(Mention("Sok Vannarith", "person", 0, 0, 9, "M. Lavrov", "named"),)),
    told(6, published=None, date_precision="unknown", quotes=()),
    *(told(n, actors=("Chine",), venues=("Asie de l'Est > Japon > Tokyo",), quotes=()) for n in range(10, 60)),
]  # fmt: skip


@pytest.fixture(scope="module")
def archive(engine: Engine, index_prefix: str, authorities: Authorities) -> Iterator[Archive]:
    with archive_of(engine, index_prefix, authorities, SHELF) as filled:
        yield filled


def test_what_is_counted_is_what_a_search_finds(archive: Archive) -> None:
    found = archive.portrait("actor", "Sergueï Lavrov")
    assert found
    search = SearchRequest(filters={"actor": FacetFilter(any=("Sergueï Lavrov",))})
    assert found.total == archive.count(search) == 5
    assert found.undated == 1
    assert found.timeline and sum(bucket.count for bucket in found.timeline.buckets) == 4
    assert [value.value for value in found.company.values] == ["ASEAN"]
    assert [(value.value, value.label, value.count) for value in found.counted["venue"]] == [
        (PHNOM_PENH, "Phnom Penh", 5)
    ]
    assert [(value.value, value.count) for value in found.counted["agency"]] == [("AFP", 4), ("TASS", 1)]
    assert [source["id"] for source in found.latest] == ["d5", "d3", "d2", "d1", "d6"]


def test_the_last_words_of_one_are_told_once_the_newest_first(archive: Archive) -> None:
    found = archive.portrait("actor", "Sergueï Lavrov")
    assert found
    assert [(each.dispatch, each.rank, each.direct, each.text) for each in found.said] == [
        ("d3", 0, False, OTHER[:46].strip()),
        # Of two dispatches of a story the newest; two words held at a distance are no statement.
        ("d2", 0, True, SAID),
        ("d2", 2, False, "la séance était levée depuis midi"),
    ]


def test_in_a_place_anybody_speaks(archive: Archive) -> None:
    found = archive.portrait("venue", "Cambodge")
    assert found and found.value == "Asie du Sud-Est > Cambodge"
    assert found.total == 5
    # The newest first: what he said was said again under another name.
    assert [(each.speaker, each.dispatch) for each in found.said][:2] == [("Sok Vannarith", "d5")] * 2
    assert {value.value for value in found.counted["venue"]} == {PHNOM_PENH}
    below = archive.portrait("venue", PHNOM_PENH)
    assert below and below.counted["venue"] == ()


@pytest.mark.parametrize(
    ("facet", "name", "value"),
    [
        ("actor", "SERGUEI LAVROV", "Sergueï Lavrov"),
        ("actor", "Sergei Lavrov", "Sergueï Lavrov"),
        # Known from a text alone, and by what the text says of it.
        ("actor", "sok vannarith", "Sok Vannarith"),
        ("venue", "phnom penh", PHNOM_PENH),
        # In the authorities, and in no dispatch yet.
        ("actor", "otan", "Otan"),
        ("topic", "diplomatie", "Politique > Relations internationales > Diplomatie"),
        ("actor", "Lavrof", None),
        ("venue", "Nullepart", None),
        ("actor", "", None),
    ],
)
def test_any_name_in_any_case(archive: Archive, facet: str, name: str, value: str | None) -> None:
    found = archive.portrait(facet, name)
    assert (found.value if found else None) == value


def test_what_it_is(archive: Archive) -> None:
    kinds = {name: found.kind for name in ("Sergueï Lavrov", "ASEAN", "Chine", "Sok Vannarith")
             if (found := archive.portrait("actor", name))}  # fmt: skip
    assert kinds == {"Sergueï Lavrov": "person", "ASEAN": "organisation", "Chine": "state", "Sok Vannarith": "person"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Lavrov", "Sergueï Lavrov"),
        ("Lavorv", "Sergueï Lavrov"),
        ("M. Lavrov", "Sergueï Lavrov"),
        ("sok", "Sok Vannarith"),
    ],
)
def test_names_near_an_unknown_one(archive: Archive, name: str, meant: str) -> None:
    assert [value.value for value in archive.called("actor", name, 8)] == [meant]


def test_nothing_is_near_nonsense(archive: Archive) -> None:
    assert archive.called("actor", "xyzzy", 8) == ()
    assert archive.called("venue", " > ", 8) == ()


def test_what_the_authorities_know(authorities: Authorities) -> None:
    lavrov = known(authorities, FACETS["actor"], "Sergueï Lavrov")
    assert lavrov and (lavrov.kind, lavrov.country, lavrov.born) == ("person", ("Russie",), "1950")
    assert lavrov.role.startswith("ministre russe")
    nations = known(authorities, FACETS["actor"], "ONU")
    assert nations and nations.kind == "organisation" and "Nations unies" in nations.names
    assert "ONU" not in nations.names
    # A state and a city of one name are told apart by their paths.
    state = known(authorities, FACETS["venue"], "Europe de l'Ouest > Luxembourg")
    city = known(authorities, FACETS["venue"], "Europe de l'Ouest > Luxembourg > Luxembourg")
    assert state and city and (state.kind, city.kind, city.country) == ("state", "city", ("Luxembourg",))
    assert known(authorities, FACETS["venue"], "Ailleurs > Luxembourg") is None
