"""Questions and long runs of words ask for some of their words, whatever else asks for all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authorities.model import Authorities
from engine.client import Engine
from mappings.dispatch import Dispatch
from search.compile import compile_query, required
from search.language import parse
from search.meaning import settle
from search.names import Names
from search.questions import least_of, telling
from search.request import SearchRequest
from search.service import Archive
from tests.search.writing import archive_of

LONG = "sommet Phnom Penh ministre chinois chaînes industrielles"


@pytest.mark.parametrize(
    ("q", "asks"),
    [
        # questions: by their first words, or by their mark
        ("Qui dirige la diplomatie russe", "third"),
        ("quel ministre chinois", "third"),
        ("QUELLES CHAÎNES INDUSTRIELLES", "third"),
        ("où est Phnom Penh", "third"),
        ("Dans quelle ville est le sommet", "third"),
        ("À qui parle Lavrov", "third"),
        ("Qu’est-ce que l’ASEAN", "third"),
        ("Est-ce que Lavrov vient", "third"),
        ("Lavrov vient-il à Phnom Penh ?", "third"),
        ("Lavrov vient-il à Phnom Penh?", "third"),
        ("Combien d'employeurs", "third"),
        # five words or more that say something
        (LONG, "half"),
        ("le sommet de Phnom Penh et le ministre chinois des chaînes", "half"),
        # all in capitals, what looks like an operator is a word of a question or a headline
        ("OU VA LA CHINE OU LA RUSSIE ?", "third"),
        ("LE SOMMET DE PHNOM PENH ET LE MINISTRE CHINOIS DES CHAÎNES", "half"),
        ("GUERRE OU PAIX", "all"),
        ("QUI PARLE DE PAIX SAUF (GUERRE OU CONFLIT) ?", "all"),
        # fewer
        ("sommet Phnom Penh ministre chinois", "half"),
        ("sommet Phnom Penh ministre", "all"),
        ("sommet de la paix et de la guerre pour le gaz", "all"),
        # a question within the words is none
        ("le ministre qui parle", "all"),
        ("Lavrov ou Wang", "all"),
        ("qui", "all"),
        ("Lavrov ?", "all"),
        ("qui est-ce ?", "all"),  # nothing to look for but stop words
        ("", "all"),
        # anything but words asks for all
        (" ET ".join(LONG.split()), "all"),
        (LONG + " SAUF guerre", "all"),
        (LONG + " -guerre", "all"),
        (LONG + ' "Wang Yi"', "all"),
        (LONG + " agence:AFP", "all"),
        (LONG + " date:2022", "all"),
        (LONG + " industri*", "all"),
        (f"({LONG})", "all"),
        ("Qui OU quoi dirige ?", "all"),
    ],
)
def test_what_is_asked_for(q: str, asks: str) -> None:
    assert parse(q).asks == asks


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Combien de ministres a-t-il rencontrés ?", ["ministres", "rencontrés"]),
        ("Où la frontière s'étend-elle ?", ["frontière", "s'étend"]),
        ("Comment, pourquoi, quand", []),
        ("paix PAIX paix?", ["paix"]),
        ("F-16 vole-t-on rendez-vous", ["F-16", "vole", "rendez-vous"]),
    ],
)
def test_the_words_that_say_something(typed: str, words: list[str]) -> None:
    assert list(telling(typed.split())) == words


@pytest.mark.parametrize(
    ("counted", "third", "half"), [(1, 1, 1), (2, 1, 1), (3, 1, 2), (5, 1, 3), (6, 2, 3), (7, 2, 4), (9, 3, 5)]
)
def test_how_many_are_enough(counted: int, third: int, half: int) -> None:
    assert (least_of(counted, "third"), least_of(counted, "half")) == (third, half)


WORDS = st.lists(
    st.sampled_from([*LONG.split(), "qui", "quel", "dans", "de", "où", "a-t-il", "vient?", "?"]), max_size=12
)


@given(WORDS, st.sampled_from([" ", " ET "]))
def test_the_canonical_spelling_asks_the_same(words: list[str], between: str) -> None:
    query = parse(between.join(word for word in words if between == " " or word != "?"))
    again = parse(str(query))
    assert (again.asks, again.words) == (query.asks, query.words)


def test_some_of_the_words_must_be_met_the_others_help() -> None:
    query = parse("Quel ministre chinois parle des chaînes industrielles à Phnom Penh ?")
    (asked,) = required(query)
    assert asked["bool"]["minimum_should_match"] == 2
    assert [each["combined_fields"]["query"] for each in asked["bool"]["should"]] == [
        *("ministre", "chinois", "parle", "chaînes", "industrielles", "Phnom", "Penh"),
    ]
    better = compile_query(query)["bool"]["should"]
    assert better[1] == {"match": {"body.root": "ministre chinois parle chaînes industrielles Phnom Penh"}}


TEXTS = {
    "sommet": "Au sommet de Phnom Penh, Wang Yi appelle à l’ouverture des chaînes industrielles.",
    "penh": "Un marché a ouvert à Phnom Penh.",
    "gaz": "Le prix du gaz monte.",
}
DISPATCHES = tuple(Dispatch(id, (text,), "Sans titre", True, "", b"", "utf-8") for id, text in TEXTS.items())


@pytest.fixture(scope="module")
def archive(engine: Engine, index_prefix: str, authorities: Authorities) -> Iterator[Archive]:
    with archive_of(engine, index_prefix, authorities, DISPATCHES) as filled:
        yield filled


@pytest.mark.parametrize(
    ("q", "ids"),
    [
        ("Que dit le ministre Wang Yi des chaînes industrielles au sommet de Phnom Penh ?", ["sommet"]),
        ("Qui gouverne Phnom Penh ?", ["penh", "sommet"]),
        (f"{LONG} déclarées ouvertes", ["sommet"]),
        (" ET ".join(f"{LONG} déclarées ouvertes".split()), []),
        (f'{LONG} déclarées "ouvertes"', []),
    ],
)
def test_a_question_finds_what_has_enough_of_it(archive: Archive, q: str, ids: list[str]) -> None:
    result = archive.search(SearchRequest(q=q, facets=()))
    assert [hit.source["id"] for hit in result.hits] == ids
    assert result.total == len(ids)


def test_the_words_found_are_marked(archive: Archive) -> None:
    _, paragraphs = archive.marked(archive.get("sommet"), "Où parle-t-il des chaînes industrielles ? Combien ?")
    assert [each.text[start:end] for each in paragraphs for start, end in each.found] == ["chaînes industrielles"]


@pytest.mark.parametrize(
    ("q", "told"),
    [
        ("Qui dirige la Chine", "Question : un seul de ces mots suffit (dirige, Chine)"),
        (LONG, "Recherche longue : 4 de ces 7 mots suffisent (sommet, Phnom, Penh, ministre"),
        ("Combien d’employeurs", ""),
        ("sommet Phnom Penh", ""),
    ],
)
def test_the_reader_is_told(authorities: Authorities, q: str, told: str) -> None:
    warnings = settle(parse(q), Names(authorities), date(2022, 8, 8), "Europe/Paris").warnings
    assert "".join(warnings).startswith(told) and bool(warnings) is bool(told)
