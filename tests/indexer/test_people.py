"""People whom no authority knows: (sentence, name, rule), and sentences that introduce nobody."""

from __future__ import annotations

import pytest

from authorities.model import Authorities
from indexer.mentions import MentionFinder
from indexer.people import Known, capitalised, gender_of_role, settled
from indexer.running import RunningText


@pytest.fixture(scope="module")
def finder(authorities: Authorities) -> MentionFinder:
    return MentionFinder(authorities)


INTRODUCED = [
    # a function, its complements, perhaps a comma
    ("Le ministre kényan de la Défense Juma Otieno a parlé.", "Juma Otieno", "function"),
    ("Le gouverneur de la région, Oleg Synegoubov, a parlé.", "Oleg Synegoubov", "function"),
    ("La directrice générale de Nordal, Ilse Vandamme, se tait.", "Ilse Vandamme", "function"),
    ("Le consul honoraire de France, Yvon Delattre, est là.", "Yvon Delattre", "function"),
    ("Son avocat, Me Claude Jaquier, a plaidé.", "Claude Jaquier", "function"),
    ("Me Ljuba Ńowak a plaidé.", "Ljuba Ńowak", "courtesy"),
    ("Le patron de Renault Nathalie Brossard.", "Nathalie Brossard", "function"),
    ("Le professeur Lu Chengzhi a écrit.", "Lu Chengzhi", "function"),
    ("Le sous-préfet Jean-Marc Poyet a parlé.", "Jean-Marc Poyet", "function"),
    ("L'expert danois Peter Ben Embarek doute.", "Peter Ben Embarek", "function"),
    ("Le capitaine Jean DUPONT est arrivé.", "Jean Dupont", "function"),
    ("Selon la porte-parole du comité, Ljuba Ńowak, rien.", "Ljuba Ńowak", "function"),
    # after the name
    ("Zdenek Horak, maire de Brno, a démissionné.", "Zdenek Horak", "apposition"),
    ("Zdenek Horak, ancien maire, se tait.", "Zdenek Horak", "apposition"),
    ("Tomasz Wrona, 46 ans, a été blessé.", "Tomasz Wrona", "apposition"),
    # nationality
    ("Le Qatari Nasser Al-Attiyah a gagné.", "Nasser Al-Attiyah", "nationality"),
    ("Le Suisse Reto Amstalden est arrivé.", "Reto Amstalden", "nationality"),
    ("Il devance son rival, l'Espagnol Iker Goñi.", "Iker Goñi", "function"),
    ("L'Autrichienne Romana Slavinec a chuté.", "Romana Slavinec", "nationality"),
    # courtesy and given names
    ("M. Zdenek Horak a parlé.", "Zdenek Horak", "courtesy"),
    ("Nathalie Brossard élève des abeilles.", "Nathalie Brossard", "given-name"),
    ("Selon Nathalie Brossard, il pleut.", "Nathalie Brossard", "given-name"),
    ("L’Allemand Stefan Schmidl court.", "Stefan Schmidl", "nationality"),
]


@pytest.mark.parametrize(("sentence", "name", "rule"), INTRODUCED)
def test_introduced(finder: MentionFinder, sentence: str, name: str, rule: str) -> None:
    assert [(p.name, p.rule) for p in finder.find(RunningText.of("", [sentence])).people] == [(name, rule)]


NOBODY = [
    "Le président de la République française a parlé.",
    "Le ministre des Affaires étrangères a parlé à Kiev.",
    "Le président de Boeing Commercial Airplanes se tait.",
    "Le directeur a visité Disney Land.",  # a verb between
    "Le patron de la société Formolink Systems se tait.",
    "Il habite avenue Nathalie Brossard.",
    "Le lycée Nathalie Brossard a fermé.",
    "La candidate de l'émission The Voice chante.",
    "Le chef du Parti Communiste.",
    "Lundi Matin est un journal.",
    "Le maire, la Banque Mondiale et le préfet.",
    "Le secrétaire général de l'Onu, Antonio Guterres, a parlé.",  # the authorities know him
]


@pytest.mark.parametrize("sentence", NOBODY)
def test_nobody(finder: MentionFinder, sentence: str) -> None:
    assert finder.find(RunningText.of("", [sentence])).people == ()


def test_kin_have_the_surname(finder: MentionFinder) -> None:
    found = finder.find(RunningText.of("", ["Nathalie Brossard et son mari Zdenek vivent là. M. Brossard rit."]))
    assert [(s.label, s.rule) for s in found.spots] == [
        ("Nathalie Brossard", "given-name"),
        ("Zdenek Brossard", "kin"),
        ("Zdenek Brossard", "courtesy"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L'Iran et d'Emmanuel", ["Iran", "Emmanuel"]),
        ("J. Dupont-Aignan, O'Neill", ["J.", "Dupont-Aignan", "O'Neill"]),
        ("N'Djamena, qu'Anne", ["N'Djamena"]),
        ("d’Österreich l’ONU", ["Österreich", "ONU"]),
        ("sous-Préfet", []),
    ],
)
def test_words_with_a_capital(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in capitalised(text)] == words


@pytest.mark.parametrize(
    ("role", "gender"),
    [
        ("présidente du Chili (2006-2010)", "f"),
        ("ministre française de la Santé", None),
        ("chancelier", "m"),
        ("actrice", "f"),
    ],
)
def test_the_gender_of_a_role(role: str, gender: str | None) -> None:
    assert gender_of_role(role) == gender


def test_given_names_are_those_of_the_authorities(authorities: Authorities) -> None:
    known = Known.of(authorities)
    assert known.is_given("Nathalie")
    assert known.is_given("Jean-Marc")
    assert not known.is_given("Xi")
    assert (known.gender("Nathalie Brossard"), known.gender("Paul Petit")) == ("f", "m")


@pytest.mark.parametrize(
    ("written", "shown"), [("Jean DUPONT", "Jean Dupont"), ("Peter O’Neill", "Peter O'Neill"), ("Li Na", "Li Na")]
)
def test_names_as_facets_show_them(written: str, shown: str) -> None:
    assert settled(written) == shown
