"""Where it happens: (title, paragraphs, dateline, paths); and the gold the rule was written with."""

from __future__ import annotations

import pytest

from authorities.model import Authorities
from bench.venues import TUNING, Counted, Reading, country, read_gold
from indexer.enrich import Enricher


@pytest.fixture(scope="module")
def enricher(authorities: Authorities) -> Enricher:
    return Enricher(authorities)


def venues(enricher: Enricher, *body: str, title: str = "", dateline: str | None = None) -> list[str]:
    """The last parts of the paths."""
    found = enricher.without_topics(title, not title, body, dateline_place=dateline)
    return [path.split(" > ")[-1] for path in found.venues]


# (lead, dateline, where)
LEADS = [
    # the lead says where: the dateline is only where it was written
    ("PARIS (AFP) - Un séisme a frappé mardi le Népal.", "PARIS", ["Népal"]),
    ("PARIS (AFP) - Cinq morts dans un incendie à Lyon.", "PARIS", ["Lyon"]),
    ("KIEV (AFP) - Une frappe sur un marché de Kharkiv a fait cinq morts.", "KIEV", ["Kharkiv"]),
    ("DUBAI (AFP) - Un navire a été arraisonné dans le détroit d'Ormuz.", "DUBAI", ["détroit d'Ormuz"]),
    ("ROME (AFP) - 106 migrants secourus en Méditerranée, au large de la Libye.", "ROME", ["Méditerranée"]),
    ("ANKARA (AFP) - Un cargo a quitté lundi le port d'Odessa.", "ANKARA", ["Odessa"]),
    ("ANKARA (AFP) - Il a été accueilli à l'aéroport international Atatürk d'Istanbul.", "ANKARA", ["Istanbul"]),
    ("PÉKIN (AFP) - La foire se tiendra à Xiamen.", "PÉKIN", ["Xiamen"]),
    # several places; a wider one that only says where the narrower lies
    ("BAGDAD (AFP) - Deux attentats ont fait 41 morts à Bagdad et à Mossoul.", "BAGDAD", ["Bagdad", "Mossoul"]),
    ("Des milliers de personnes ont défilé à Paris, Lyon et Marseille.", None, ["Paris", "Lyon", "Marseille"]),
    ("BAMAKO (AFP) - Trente morts dans une attaque à Gao, dans le nord du Mali.", "BAMAKO", ["Gao"]),
    # the state alone is where the dateline is, unless a part of it is meant
    ("PHNOM PENH (AFP) - Ils se sont réunis au Cambodge.", "PHNOM PENH", ["Phnom Penh"]),
    ("NIAMEY (AFP) - Six soldats tués dans l'est du Niger.", "NIAMEY", ["Niger"]),
    # what is announced, aimed at, judged, told in passing happens at the dateline
    ("VARSOVIE (AFP) - Le ministre a annoncé l'envoi de troupes en Ukraine.", "VARSOVIE", ["Varsovie"]),
    ("BRUXELLES (AFP) - Elle taxera les voitures produites en Chine.", "BRUXELLES", ["Bruxelles"]),
    ("NEW YORK (AFP) - L'ONU a condamné le massacre commis à Houla.", "NEW YORK", ["New York"]),
    ("LONDRES (AFP) - Ils partiront à la suite d'un meurtre à Salisbury.", "LONDRES", ["Londres"]),
    ("PARIS (AFP) - Des voix s'élèvent en Allemagne.", "PARIS", ["Paris"]),  # no word of happening
    ("NIAMEY (AFP) - Le train a déraillé, a-t-on appris à Niamey.", "NIAMEY", ["Niamey"]),
    ("LUGANO (AFP) - La conférence sur la paix en Ukraine s'est ouverte.", "LUGANO", ["Lugano"]),
    ("PARIS (AFP) - La défaite face à Wolfsbourg.", "PARIS", ["Paris"]),
    # with victims, what comes "après" is what happened
    ("PARIS (AFP) - Trois morts après l'effondrement d'un immeuble à Lille.", "PARIS", ["Lille"]),
    # datelines
    ("TOKYO/SEOUL (AFP) - Un missile a été tiré.", "TOKYO/SEOUL", ["Tokyo", "Séoul"]),
    ("LUXEMBOURG (AFP) - La cour a tranché.", "LUXEMBOURG", ["Luxembourg"]),
    ("ORANGE (AFP) - Le ténor a chanté au théâtre antique d'Orange.", "ORANGE", ["Orange"]),
    ("GEN?VE (AFP) - Un appel.", "GEN?VE", ["Genève"]),
    ("VALENCE (AFP) - Un arbre est tombé.", "VALENCE", ["Valence"]),
    ("VALENCE (AFP) - Un arbre est tombé en Espagne.", "VALENCE", ["Valence (Espagne)"]),
    # no dateline
    ("La justice a été saisie à Rennes.", None, ["Rennes"]),
    ("Les Etats-Unis se retireront de l'accord de Paris.", None, []),
    ("Le président a parlé. L'accident s'est produit à Lyon.", None, ["Lyon"]),
    ("Il vient, vis-à-vis de la Chine, de gagner.", None, []),
]


@pytest.mark.parametrize(("lead", "dateline", "expected"), LEADS)
def test_leads(enricher: Enricher, lead: str, dateline: str | None, expected: list[str]) -> None:
    assert venues(enricher, lead, dateline=dateline) == expected


TITLES = [
    ("Canada : fusillade dans une école", "Cinq personnes sont mortes.", None, ["Canada"]),
    ("France : mort d'un dessinateur", "Il est mort samedi à Bordeaux.", None, ["Bordeaux"]),
    ("Ukraine : des armes", "PARIS (AFP) - La France en promet.", "PARIS", ["Paris"]),  # a dateline says better
    ("Des attentats frappent Bruxelles", "Le bilan monte.", None, ["Bruxelles"]),
    ("L'avenir de la Chine", "Le bilan monte.", None, []),
]


@pytest.mark.parametrize(("title", "lead", "dateline", "expected"), TITLES)
def test_titles(enricher: Enricher, title: str, lead: str, dateline: str | None, expected: list[str]) -> None:
    assert venues(enricher, lead, title=title, dateline=dateline) == expected


def test_luxembourg_as_a_dateline_is_the_town(enricher: Enricher) -> None:
    found = enricher.without_topics("", True, ("LUXEMBOURG (AFP) - La cour a tranché.",), dateline_place="LUXEMBOURG")
    assert found.venues == ("Europe de l'Ouest > Luxembourg > Luxembourg",)


def test_the_gold_names_what_is_in_the_authorities(authorities: Authorities) -> None:
    for dispatch in read_gold():
        for path in dispatch.venues:
            label = path.split(" > ")[-1]
            assert path in {authorities.venue_path(label, kind) for kind in ("state", "region", "city")}, dispatch.id
        assert {label for label in dispatch.mentioned if authorities.kind(label) is None} == set(), dispatch.id


def test_the_half_rules_were_written_with(authorities: Authorities, enricher: Enricher) -> None:
    reading, counted = Reading(authorities), Counted()
    for dispatch in read_gold():
        if dispatch.half == TUNING:
            counted.add(dispatch, reading.facets(dispatch, enricher))
    assert counted.dispatches >= 40
    assert counted.venues / counted.dispatches >= 0.95
    right, found, expected = counted.names["actors"]
    assert (right / found >= 0.95, right / expected >= 0.95) == (True, True)


def test_countries_are_the_second_level() -> None:
    assert country("Europe de l'Ouest > France > Paris") == "Europe de l'Ouest > France"
