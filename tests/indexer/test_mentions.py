"""Who and where is named: (sentences, what each name means)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from authorities.model import Authorities
from bench.venues import read_gold
from indexer.mentions import MentionFinder, Spot
from indexer.running import RunningText


@pytest.fixture(scope="module")
def finder(authorities: Authorities) -> MentionFinder:
    return MentionFinder(authorities)


def spots(finder: MentionFinder, *body: str) -> tuple[str, tuple[Spot, ...]]:
    running = RunningText.of("", body)
    return running.text, finder.find(running).spots


def people(finder: MentionFinder, *body: str) -> list[tuple[str, str]]:
    """(as written, label) of the people named, without the offices that stand for them."""
    text, found = spots(finder, *body)
    return [(text[s.start : s.end], s.label) for s in found if s.kind == "person" and s.rule != "title"]


def labels(finder: MentionFinder, *body: str) -> list[tuple[str, str]]:
    """(label, kind) of places and bodies named."""
    return [(s.label, s.kind) for s in spots(finder, *body)[1] if s.kind != "person" and s.rule != "demonym"]


# (sentence, what is named but people)
MEANINGS = [
    # a piece of another name is no place
    ("Un piéton renversé rue de Londres.", []),
    ("L'avenue de la Grande-Bretagne est fermée.", []),
    ("L'accord de Paris sur le climat.", []),
    ("Il a gagné le Paris-Dakar.", []),
    ("La Haute-Loire est boisée.", []),
    ("Il vit rue de Londres, à Lille.", [("Lille", "city")]),
    ("Les tensions Chine-Inde.", [("Chine", "state"), ("Inde", "state")]),
    # the longest name, a person or a body before a place
    ("Le Paris Saint-Germain a gagné.", [("Paris SG", "organisation")]),
    ("L'université de Pékin recrute.", [("Université de Pékin", "organisation")]),
    ("La Banque de France a publié ses chiffres.", [("Banque de France", "organisation")]),
    ("Les usines de France.", [("France", "state")]),  # not Cécile de France
    # words
    ("Nice to have, dit-on.", []),
    ("Nice a battu Lens.", [("Nice", "city"), ("Lens", "city")]),
    ("Tours de garde.", []),
    ("Une émission (BATA) de la télévision.", []),
    # a capital that acts is its state
    ("Washington a annoncé des sanctions.", [("États-Unis", "state")]),
    ("Une réunion à Washington.", [("Washington", "city")]),
    ("Selon Séoul, c'est un missile.", [("Corée du Sud", "state")]),
    ("Kinshasa a accusé Kigali.", [("République démocratique du Congo", "state"), ("Rwanda", "state")]),
    ("Les relations entre Paris et Alger.", [("France", "state"), ("Algérie", "state")]),
    ("La route entre Paris et Lyon.", [("Paris", "city"), ("Lyon", "city")]),
    ("Il a demandé à Ankara de céder.", [("Turquie", "state")]),
    ("Le Kremlin et la Maison-Blanche.", [("Russie", "state"), ("États-Unis", "state")]),
    # a town with the name of its state
    ("Un sommet à Luxembourg.", [("Luxembourg", "city")]),
    ("Le Luxembourg vote.", [("Luxembourg", "state")]),
    ("Le Suisse a gagné, la Suisse aussi.", [("Suisse", "state")]),
    # a town of several countries
    ("Un naufrage au large de Tripoli.", [("Tripoli", "city")]),
    ("Un naufrage au large de Tripoli, au Liban.", [("Tripoli (Liban)", "city"), ("Liban", "state")]),
    ("Les inondations de Valence, en Espagne.", [("Valence (Espagne)", "city"), ("Espagne", "state")]),
    # bodies whose name begins with a common noun
    ("L'armée malienne avance.", [("Armée malienne", "organisation")]),
    ("La gendarmerie nationale enquête.", []),  # of several states
    # bodies whose name is a word too
    ("Orange a publié ses comptes.", [("Orange", "organisation")]),
    ("Une orange, Orange et des comptes.", []),
    ("Marianne a ri.", []),
]


@pytest.mark.parametrize(("sentence", "expected"), MEANINGS)
def test_meanings(finder: MentionFinder, sentence: str, expected: list[tuple[str, str]]) -> None:
    assert labels(finder, sentence) == expected


# (sentences, people as written and their labels)
PEOPLE = [
    # surnames after the full name, with and without a courtesy title
    (
        ("Wang Yi a reçu Sergueï Lavrov.", "M. Wang a salué Lavrov."),
        [
            ("Wang Yi", "Wang Yi"),
            ("Sergueï Lavrov", "Sergueï Lavrov"),
            ("Wang", "Wang Yi"),
            ("Lavrov", "Sergueï Lavrov"),
        ],
    ),
    (("M. Wang a parlé.",), []),  # nobody named in full
    (
        ("Donald Trump parle.", "La Trump Tower est fermée."),  # a piece of another name
        [("Donald Trump", "Donald Trump")],
    ),
    # a short form joins the fullest
    (
        ("Le ministre cambodgien Prak Sokhonn est venu.", "M. Prak est reparti, M. Sokhonn reviendra."),
        [("Prak Sokhonn", "Prak Sokhonn"), ("Prak", "Prak Sokhonn"), ("Sokhonn", "Prak Sokhonn")],
    ),
    (
        ("Le gouverneur Oleg Synegoubov a parlé.", "O. Synegoubov et M. Synegoubov."),
        [("Oleg Synegoubov", "Oleg Synegoubov"), ("Synegoubov", "Oleg Synegoubov"), ("Synegoubov", "Oleg Synegoubov")],
    ),
    # accents that the authorities do not write, accents that the text does not
    (("Tsaï Ing-wen est élue.",), [("Tsaï Ing-wen", "Tsai Ing-wen")]),
    (("SERGUEI LAVROV est venu.",), [("SERGUEI LAVROV", "Sergueï Lavrov")]),
    # a husband and a wife
    (
        ("Claire Petit tenait la caisse, Paul Petit signait.", "Mme Petit nie, M. Petit avoue, Petit se tait."),
        [
            ("Claire Petit", "Claire Petit"),
            ("Paul Petit", "Paul Petit"),
            ("Petit", "Claire Petit"),
            ("Petit", "Paul Petit"),
        ],
    ),
    # surnames that are words
    (
        ("Le maire Paul Petit parle.", "Petit à petit, Petit a gagné."),
        [("Paul Petit", "Paul Petit"), ("Petit", "Paul Petit")],
    ),
    # a town that is a given name
    (("La présidente du comité, Sofia Martinez.",), [("Sofia Martinez", "Sofia Martinez")]),
    (("La procureure Petra Dewulf.",), [("Petra Dewulf", "Petra Dewulf")]),
    (("Il vit à Florence Delattre le sait.",), []),
    # not the company
    (("Harrison Ford est venu.", "Ford a dit."), [("Harrison Ford", "Harrison Ford"), ("Ford", "Harrison Ford")]),
    # photo credits
    (("Une photo (Xinhua/Wang Yi).",), []),
]


@pytest.mark.parametrize(("sentences", "expected"), PEOPLE)
def test_people(finder: MentionFinder, sentences: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    assert people(finder, *sentences) == expected


# (sentences, what the office in them stands for: label, kind, whether it acts)
OFFICES = [
    (("Vladimir Poutine est venu.", "Le président russe est reparti."), ("président russe", "Vladimir Poutine")),
    (("Angela Merkel est venue.", "La chancelière allemande repart."), ("chancelière allemande", "Angela Merkel")),
    (("La ministre kényane Ann Otieno est là.", "La ministre repart."), ("ministre", "Ann Otieno")),
]


@pytest.mark.parametrize(("sentences", "expected"), OFFICES)
def test_an_office_is_who_holds_it(
    finder: MentionFinder, sentences: tuple[str, ...], expected: tuple[str, str]
) -> None:
    text, found = spots(finder, *sentences)
    assert [(text[s.start : s.end], s.label) for s in found if s.rule == "title"] == [expected]


NO_OFFICE = [
    "Le président russe est reparti.",  # nobody is named
    "Emmanuel Macron est venu. Le président russe est reparti.",  # another's office
    "Vladimir Poutine et la présidente russe.",  # a woman's
]


@pytest.mark.parametrize("sentence", NO_OFFICE)
def test_an_office_of_nobody_named_is_nobody(finder: MentionFinder, sentence: str) -> None:
    assert not [s for s in spots(finder, sentence)[1] if s.rule == "title"]


def test_those_introduced_come_with_what_is_said_of_them(finder: MentionFinder) -> None:
    text = "Le ministre kényan de la Défense Juma Otieno a parlé. M. Otieno est reparti, Juma Otieno aussi."
    (found,) = finder.find(RunningText.of("", [text])).people
    assert (found.name, found.function, found.country, found.rule) == ("Juma Otieno", "ministre", "Kenya", "function")


def test_no_two_names_overlap(finder: MentionFinder) -> None:
    for dispatch in read_gold():
        found = finder.find(RunningText.of(dispatch.title, dispatch.paragraphs)).spots
        assert all(one.end <= other.start for one, other in pairwise(found)), dispatch.id


def test_an_office_takes_its_adjective(finder: MentionFinder) -> None:
    _, found = spots(finder, "Vladimir Poutine est venu.", "Le président russe est reparti.")
    assert [(s.label, s.rule) for s in found] == [("Vladimir Poutine", "label"), ("Vladimir Poutine", "title")]


def test_spots_are_in_order_and_point_at_their_words(finder: MentionFinder) -> None:
    text, found = spots(finder, "À Kiev, l’Otan.", "Volodymyr Zelensky et M. Zelensky, président ukrainien.")
    assert list(found) == sorted(found)
    assert {text[s.start : s.end] for s in found} >= {"Kiev", "Otan", "Volodymyr Zelensky", "Zelensky", "ukrainien"}
