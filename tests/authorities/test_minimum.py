"""What the shipped files hold at least, so that a correction by hand cannot empty them unseen."""

from __future__ import annotations

import pytest

from authorities.model import Authorities, fold

# Governments whose town's name means something else in the press ("Bruxelles": the Union) or is the state's own.
NO_METONYM = {
    "Belgique",
    "Djibouti",
    "Guatemala",
    "Koweït",
    "Luxembourg",
    "Monaco",
    "Panama",
    "Saint-Marin",
    "Seychelles",
    "Singapour",
}


def test_every_state_has_adjectives_and_a_town_for_its_government(authorities: Authorities) -> None:
    states = [state for state in authorities.states.values() if state.kind == "state"]
    assert len(states) >= 195
    assert {state.label for state in states if not state.demonyms} == set()
    assert {state.label for state in states if not state.metonyms} == NO_METONYM


KINDS = {
    "international": 150,
    "alliance": 10,
    "court": 30,
    "ministry": 150,
    "company": 300,
    "party": 100,
    "media": 100,
    "army": 50,
}


def test_organisations_of_every_kind(authorities: Authorities) -> None:
    assert len(authorities.organisations) >= 600
    for kind, least in KINDS.items():
        assert len([body for body in authorities.organisations.values() if body.kind == kind]) >= least, kind


def test_ministries_say_whose_they_are(authorities: Authorities) -> None:
    ministries = [body for body in authorities.organisations.values() if body.label.startswith("ministère ")]
    assert len({body.country for body in ministries}) >= 50
    for body in ministries:
        assert len(body.country) == 1, body
        adjectives = authorities.states[body.country[0]].demonyms
        words = {word for name in (body.label, *body.aliases) for word in name.split(" ")}
        assert words & set(adjectives) or " " + body.country[0] in body.label, body


def test_people_have_a_role_and_a_country(authorities: Authorities) -> None:
    assert len(authorities.persons) >= 1_500
    assert not [person.label for person in authorities.persons.values() if not person.role or not person.country]


def test_regions_of_every_kind(authorities: Authorities) -> None:
    kinds = [region.kind for region in authorities.regions.values()]
    least = {"continent": 5, "region": 150, "sea": 20, "strait": 10, "peninsula": 5, "disputed": 20, "gulf": 5}
    assert {kind: number for kind, number in least.items() if kinds.count(kind) < number} == {}


def test_topics_of_iptc_and_of_the_archive(authorities: Authorities) -> None:
    coded = [topic for topic in authorities.topics.values() if topic.code]
    assert len(coded) >= 300
    assert len(authorities.topics) - len(coded) >= 60
    children = {topic.parent for topic in authorities.topics.values()}
    silent = [t.label for t in authorities.topics.values() if not (t.triggers or t.entities or t.label in children)]
    assert len(silent) <= 10, silent


SPELLINGS = [
    ("Sergei Lavrov", "Sergueï Lavrov"),
    ("Serguei Lavrov", "Sergueï Lavrov"),
    ("Sergey Lavrov", "Sergueï Lavrov"),
    ("Volodymyr Zelenskyy", "Volodymyr Zelensky"),
    ("Volodymyr Zelenskiy", "Volodymyr Zelensky"),
    ("Vladimir Putin", "Vladimir Poutine"),
    ("Benjamin Netanyahu", "Benyamin Nétanyahou"),
    ("Bashar al-Assad", "Bachar al-Assad"),
    ("Dmitry Medvedev", "Dmitri Medvedev"),
    ("Yevgeny Prigozhin", "Evgueni Prigojine"),
    ("Mohammed bin Salman", "Mohammed ben Salmane"),
    ("Osama bin Laden", "Oussama ben Laden"),
    ("Alexander Lukashenko", "Alexandre Loukachenko"),
    ("Mahmud Abbas", "Mahmoud Abbas"),
    ("Mikhail Gorbachev", "Mikhaïl Gorbatchev"),
]


@pytest.fixture(scope="module")
def people(authorities: Authorities) -> set[tuple[str, str]]:
    return {(fold(name.text), name.label) for name in authorities.names() if name.kind == "person"}


@pytest.mark.parametrize(("spelling", "label"), SPELLINGS)
def test_spellings_of_other_languages(people: set[tuple[str, str]], spelling: str, label: str) -> None:
    assert (fold(spelling), label) in people
