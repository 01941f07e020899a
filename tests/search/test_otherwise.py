"""Other searches offered: facets for the names of a query, and the nearest searches where nothing is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authorities.model import Authorities
from engine.client import Engine
from engine.errors import QuerySyntaxError
from mappings.dispatch import Dispatch, Quote
from search.language import parse
from search.nearest import MOST_INSTEAD, ORDER
from search.request import FacetFilter, SearchRequest
from search.result import SearchResult
from search.schemas import params_of
from search.service import Archive
from tests.search.writing import archive_of

BASE = Dispatch("", (), "", False, "", b"", "utf-8")
SAID = "Les chaînes industrielles restent ouvertes"
PHNOM_PENH = "Asie du Sud-Est > Cambodge > Phnom Penh"
DIPLOMACY = "Politique > Relations internationales > Diplomatie"

DISPATCHES = (
    replace(
        BASE,
        id="lavrov",
        title="M. Lavrov à Phnom Penh",
        body=("Le ministre Sergueï Lavrov parle d’énergie au Cambodge.", "La paix viendra."),
        agency="AFP",
        actors=("Sergueï Lavrov", "Cambodge", "Sok Inconnu"),
        venues=(PHNOM_PENH,),
        topics=(DIPLOMACY,),
        published=datetime(2022, 8, 8, 8, tzinfo=UTC),
    ),
    replace(
        BASE,
        id="wang",
        title="Wang Yi et la Chine",
        body=(f"{SAID}, dit Wang Yi.", "L’ordre mondial change, dit aussi Sok Inconnu."),
        agency="Xinhua",
        actors=("Wang Yi", "Chine", "Sok Inconnu"),
        venues=("Asie de l'Est > Chine",),
        quotes=(Quote("Wang Yi", 0, 0, len(SAID), direct=False),),
        published=datetime(2022, 8, 9, 8, tzinfo=UTC),
    ),
    replace(
        BASE,
        id="wenbin",
        title="Une conférence à Pékin",
        body=("Wang Wenbin, porte-parole, évoque le ministre.",),
        actors=("Wang Wenbin", "Sergueï Lavrov"),
        venues=("Asie de l'Est > Chine > Pékin",),
        published=datetime(2022, 9, 1, 8, tzinfo=UTC),
    ),
    replace(BASE, id="vieux", title="Une version ancienne", body=("Le premier texte, remplacé.",), status="superseded"),
)


@pytest.fixture(scope="module")
def archive(engine: Engine, index_prefix: str, authorities: Authorities) -> Iterator[Archive]:
    with archive_of(engine, index_prefix, authorities, DISPATCHES) as filled:
        yield filled


def search(archive: Archive, q: str, **asked: Any) -> SearchResult:
    return archive.search(SearchRequest(q=q, **asked))


# -- names ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "proposed"),
    [
        ("wang yi", ["Acteur : Wang Yi, 1", "Parole de : Wang Yi, 1"]),
        ("LAVROV", ["Acteur : Sergueï Lavrov, 2"]),  # a surname; nothing he says
        ("Sergei Lavrov", ["Acteur : Sergueï Lavrov, 2"]),
        ("chine", ["Acteur : Chine, 1", "Lieu : Chine, 2"]),
        ("Pékin", ["Lieu : Pékin, 1"]),
        ("diplomatie", ["Sujet : Diplomatie, 1"]),
        ("wang", ["Acteur : Wang Yi, 1", "Acteur : Wang Wenbin, 1", "Parole de : Wang Yi, 1"]),
        # the words left are sought too
        ("Lavrov Phnom Penh", ["Acteur : Sergueï Lavrov, 1 | Phnom Penh", "Lieu : Phnom Penh, 1 | Lavrov"]),
        ("lavrov paix", ["Acteur : Sergueï Lavrov, 1 | paix"]),
        ("la Chine", ["Acteur : Chine, 1", "Lieu : Chine, 2"]),  # an article is no word left
        # names only this archive has
        ("sok inconnu", ["Acteur : Sok Inconnu, 2"]),
        ("ordre sok inconnu", ["Acteur : Sok Inconnu, 1 | ordre"]),
        # nothing named, or nothing found for it
        ("énergie", []),
        ("ministre", []),
        ("parole:wang chaînes", []),
        ("Où Lavrov parle-t-il de paix ?", []),
        ("acteur:Chine", []),
        ("", []),
    ],
)
def test_a_name_proposes_its_facet(archive: Archive, q: str, proposed: list[str]) -> None:
    told = [f"{way.told}, {way.count}{f' | {way.q}' if way.q else ''}" for way in search(archive, q).filters]
    assert told == proposed


def test_a_proposal_finds_what_it_counts(archive: Archive) -> None:
    for q in ("wang", "Lavrov Phnom Penh", "chine", "sok inconnu"):
        for way in search(archive, q).filters:
            filters = {way.facet: FacetFilter(any=(way.value,))}
            assert search(archive, way.q, filters=filters).total == way.count, way


def test_proposals_are_counted_under_the_other_filters_and_the_period(archive: Archive) -> None:
    (way,) = search(archive, "lavrov", date_from=date(2022, 9, 1)).filters
    assert (way.value, way.count) == ("Sergueï Lavrov", 1)
    assert search(archive, "lavrov", filters={"agency": FacetFilter(any=("Xinhua",))}).filters == ()


def test_what_is_filtered_by_already_is_not_proposed(archive: Archive) -> None:
    chosen = {"actor": FacetFilter(any=("Sergueï Lavrov",))}
    assert search(archive, "lavrov", filters=chosen).filters == ()


def test_nothing_is_counted_where_no_facet_is(archive: Archive) -> None:
    assert search(archive, "wang yi", facets=()).filters == ()


# -- nothing found ---------------------------------------------------------------------------------------


def instead(result: SearchResult) -> list[str]:
    return [f"{way.why}: {way.request.q}, {way.count}" for way in result.instead]


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("lavorv", "spelling: lavrov, 1"),
        ("énerige", "spelling: énergie, 1"),  # with the accents of the archive
        ("Lavorv Phnom Pehn", "spelling: Lavrov Phnom Penh, 1"),
        ("CAMBOGDE", "spelling: CAMBODGE, 1"),
        ("titre:lavorv", "spelling: titre:lavrov, 1"),
        ("zzyzx OU lavorv", "spelling: zzyzx OU lavrov, 1"),
        ("lavorv zzyzx", "word: lavrov, 1"),
        ('"ministre paix"', "quotes: ministre paix, 1"),
        ("ministre PRES/1 paix", "nearness: ministre paix, 1"),
        ("titre:énergie", "title: énergie, 1"),
        ("énergie zzyzx", "word: énergie, 1"),
        ("Wang Yi Phnom Penh", "word: Phnom Penh, 1"),
        ("énergie SAUF paix", "exclusion: énergie, 1"),
        ("acteur:Macron énergie", "filter: énergie, 1"),
        ("énergie date:1990", "period: énergie, 1"),
        ("parole:lavrov chaînes", "speaker: chaînes, 1"),
        ("industri", "beginning: industri*, 1"),
        ("lavorv lavorv", "spelling: lavrov lavrov, 1"),
        ("Mali énergie", "word: énergie, 1"),
        ("énergie mondial", "word: mondial, 1"),
        ("remplacé", "versions: remplacé, 1"),
    ],
)
def test_the_nearest_search_that_finds_something_comes_first(archive: Archive, q: str, first: str) -> None:
    result = search(archive, q)
    assert result.total == 0
    assert instead(result)[0] == first


@pytest.mark.parametrize(
    ("filters", "asked", "found"),
    [
        ({"actor": FacetFilter(any=("Macron",))}, {}, ["filter: énergie, 1"]),
        ({"actor": FacetFilter(none=("Cambodge",))}, {}, ["filter: énergie, 1"]),
        ({}, {"date_to": date(1990, 1, 1)}, ["period: énergie, 1"]),
        ({}, {"dated": "no"}, ["dated: énergie, 1"]),
        ({"agency": FacetFilter(any=("X",))}, {"date_to": date(1990, 1, 1)}, ["filters: énergie, 1"]),
    ],
)
def test_a_filter_to_drop(
    archive: Archive, filters: dict[str, FacetFilter], asked: dict[str, Any], found: list[str]
) -> None:
    assert instead(search(archive, "énergie", filters=filters, **asked)) == found


def test_filters_alone_that_exclude_one_another(archive: Archive) -> None:
    filters = {"actor": FacetFilter(any=("Wang Yi",)), "agency": FacetFilter(any=("AFP",))}
    ways = search(archive, "", filters=filters).instead
    assert {way.label for way in ways} == {"sans le filtre « Acteurs : Wang Yi »", "sans le filtre « Agence : AFP »"}


@pytest.mark.parametrize("q", ["lavorv paix", '"ministre paix"', "énergie mondial zzyzx", "wang phnom penh énergie"])
def test_every_other_search_finds_what_it_counts(archive: Archive, q: str) -> None:
    filters = {"agency": FacetFilter(any=("AFP",))}
    ways = search(archive, q, filters=filters).instead
    assert ways
    for way in ways:
        assert archive.search(way.request).total == way.count > 0, way


def test_did_you_mean_is_the_nearest_spelling(archive: Archive) -> None:
    assert search(archive, "Lavorv").did_you_mean == "Lavrov"
    assert search(archive, "Wang Yi").did_you_mean is None
    # not of a name that the authorities know, near as it is to "parle"
    assert search(archive, "Parlement européen").did_you_mean is None
    # one side of a choice finds something
    assert search(archive, "conférence OU cambogde").did_you_mean == "conférence OU cambodge"


def test_where_something_is_found_nothing_else_is_tried(archive: Archive) -> None:
    assert search(archive, "énergie").instead == ()


def test_what_nothing_is_near_has_no_other_search(archive: Archive) -> None:
    result = search(archive, "zzyzx")
    assert (result.did_you_mean, result.filters, result.instead) == (None, (), ())


def test_the_answer_says_the_whole_other_search() -> None:
    request = SearchRequest(
        q="énergie",
        filters={"actor": FacetFilter(any=("ONU",), none=("Chine",))},
        date_from=date(2022, 8, 1),
        versions="all",
        size=5,
    )
    assert params_of(request) == {
        "q": ["énergie"],
        "actor": ["ONU"],
        "actor.not": ["Chine"],
        "from": ["2022-08-01"],
        "versions": ["all"],
    }


PIECES = ["lavorv", "Phnom", "Penh", "énergie", '"', "(", ")", "OU", "SAUF", "PRES/3", "PARA", "titre:", "acteur:Wang", "parole:lavrov",
          "date:1990", "indus*", "de", "ONU", "zzyzx"]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(PIECES), max_size=12), agency=st.sampled_from(["", "AFP", "X"]))
def test_whatever_is_asked_is_answered(archive: Archive, words: list[str], agency: str) -> None:
    q = " ".join(words)
    try:
        parse(q)
    except QuerySyntaxError:
        return
    result = search(archive, q, filters={"agency": FacetFilter(any=(agency,))} if agency else {}, highlight=False)
    assert len(result.instead) <= MOST_INSTEAD and not (result.total and result.instead)
    assert [ORDER.index(way.why) for way in result.instead] == sorted(ORDER.index(way.why) for way in result.instead)
    for way in result.instead:
        parse(way.request.q)


@pytest.mark.parametrize(
    "q",
    [
        " OU ".join(f"m{n}" for n in range(64)),
        "zzyzx " * 160,
        "(aaa OU bbb " * 12 + ")" * 12,
        "a PARA b PARA zzyzx PARA c",
    ],
)
def test_the_largest_queries_are_answered(archive: Archive, q: str) -> None:
    assert search(archive, q).total == 0
