"""Names of a query and the other names they are sought under: what is widened, what is not, and what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authorities.model import Authorities, Organisation, Person
from engine.client import Engine
from engine.errors import QuerySyntaxError
from mappings.dispatch import Dispatch, Quote
from search.compile import required
from search.language import parse
from search.meaning import settle
from search.names import Names
from search.naming import Naming
from search.request import SearchRequest
from search.result import SearchResult
from search.service import Archive
from search.tree import Word
from search.widening import MOST_ADDED, Widened, Widening, narrowed, widened
from tests.search.writing import archive_of

UN = '"Nations unies" OU "Organisation des Nations unies"'


@pytest.fixture(scope="module")
def widening(authorities: Authorities) -> Widening:
    return Widening(Naming(authorities))


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("ONU", f"ONU OU {UN}"),
        ("onu réforme", f"(onu OU {UN}) réforme"),
        ("O.N.U.", f"O.N.U. OU {UN}"),
        ("l’ONU", f"l’ONU OU {UN}"),
        # what the words typed find already is not added: "Organisation des Nations unies"
        ("réforme des nations unies", 'réforme des (nations unies OU "ONU")'),
        ("Nations ET unies", 'Nations unies OU "ONU"'),
        (
            "Conseil de sécurité de l'ONU",
            'Conseil de sécurité de l\'ONU OU "Conseil de sécurité des Nations unies" OU "Conseil de sécurité onusien"',
        ),
        ("Serguei Lavrov", 'Serguei Lavrov OU "Sergei Lavrov" OU "Sergey Lavrov" OU "Serge Lavrov"'),
        ("Sergei Lavrov", 'Sergei Lavrov OU "Sergueï Lavrov" OU "Sergey Lavrov" OU "Serge Lavrov"'),
        ("Zelensky", 'Zelensky OU "Zelenskyy" OU "Zelenskiy" OU "Zelenski"'),
        ("netanyahu", 'netanyahu OU "Nétanyahou"'),  # several bear it
        ("etats-unis", 'etats-unis OU "USA" OU "Oncle Sam"'),
        ("Etats Unis", 'Etats Unis OU "USA" OU "Oncle Sam"'),
        ("Pékin", 'Pékin OU "Beijing" OU "Peking"'),  # the town; never what it stands for
        # wherever words may stand
        ("a OU onu", f"a OU onu OU {UN}"),
        ("paix SAUF onu", f"paix SAUF (onu OU {UN})"),
        ("titre:onu", f"titre:(onu OU {UN})"),
        ("onu PRES/5 paix", f"(onu OU {UN}) PRES/5 paix"),
        ("onu PARA (paix OU guerre)", f"(onu OU {UN}) PARA (paix OU guerre)"),
        ("parole:wang onu", f'parole:"wang" (onu OU {UN})'),
        ("a (b OU (onu c))", f"a (b OU (onu OU {UN}) c)"),
        # a name that is also a word, typed as a name
        ("IRA", 'IRA OU "Armée républicaine irlandaise"'),
        ("Bougie", 'Bougie OU "Béjaïa"'),
    ],
)
def test_what_is_widened(widening: Widening, typed: str, understood: str) -> None:
    query = widening.widen(parse(typed))
    assert str(query) == understood
    assert query.warnings == ()


@pytest.mark.parametrize(
    "typed",
    [
        '"ONU"',
        "« Nations unies »",
        "nations",
        "unies nations",
        "Lavrov",  # found in every longer name
        "ONU/OTAN",
        "ONU*",
        "acteur:ONU",
        "parole:ONU",
        "Rio de Janeiro",  # "Rio" would find Rio Tinto
        "Macron",  # no more than his wife
        "Blair",  # her other name is no spelling of his
        "washington",
        # words, in small letters or where all is in capitals
        "ira",
        "bougie",
        "suisse",
        "L'IRA VA BIEN",
        # of several entries
        "Luxembourg",
        "APN",
        "mer de Chine",  # no state
        "AFD",
        "Béjaïa",  # no candles
        f"ONU OU {UN}",  # widened by hand
    ],
)
def test_what_is_left_as_typed(widening: Widening, typed: str) -> None:
    query = parse(typed)
    assert widening.widen(query) == query


def test_the_longest_name_is_meant(widening: Widening) -> None:
    query = widening.widen(parse("Conseil de sécurité des Nations unies"))
    assert [name.means for name in widened(query)] == ["Conseil de sécurité de l'ONU"]


def test_a_long_name_asks_for_all_of_its_words(widening: Widening, names: Names) -> None:
    typed = parse("Organisation du traité d'interdiction complète des essais nucléaires")
    assert typed.asks == "half"
    query = settle(typed, names, date(2022, 8, 10), "Europe/Paris")
    assert (query.asks, query.warnings) == ("all", ())
    assert str(query).endswith('des essais nucléaires OU "Otice"')
    assert widening.whole(parse("l'ONU demande une longue réforme du Conseil de sécurité")) is None


def test_what_was_widened_is_told_once_without_its_article(widening: Widening) -> None:
    others = ("Nations unies", "Organisation des Nations unies")
    assert widened(widening.widen(parse("l'ONU paix OU l'ONU guerre"))) == (Widened("ONU", "ONU", others),)


@pytest.mark.parametrize(
    ("typed", "as_typed"),
    [
        ("nations unies date:7j", '"nations unies" date:7j'),
        ("-onu titre:(paix onu)", 'SAUF "onu" titre:(paix "onu")'),
        ("l'ONU PRES/3 (paix OU otan)", '"l\'ONU" PRES/3 (paix OU "otan")'),
    ],
)
def test_the_same_search_as_typed(widening: Widening, typed: str, as_typed: str) -> None:
    query = narrowed(widening.widen(parse(typed)))
    assert str(query) == as_typed
    assert widening.widen(parse(as_typed)) == parse(as_typed)


def _body(label: str, *acronyms: str, aliases: tuple[str, ...] = ()) -> Organisation:
    return Organisation(label, "party", acronyms, aliases, (), None, "", "", 1)


def _of(*bodies: Organisation, persons: tuple[Person, ...] = ()) -> Widening:
    people = {person.label: person for person in persons}
    return Widening(Naming(Authorities({}, {}, {}, people, {body.label: body for body in bodies}, {})))


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("LE", 'LE OU "Ligue écologiste"'),
        ("Le", "Le"),
        ("le", "le"),
        ("Ligue écologiste", "Ligue écologiste"),  # "le" would be everywhere
    ],
)
def test_an_acronym_that_is_a_word_is_in_capitals(typed: str, understood: str) -> None:
    assert str(_of(_body("Ligue écologiste", "LE")).widen(parse(typed))) == understood


def test_a_name_of_two_entries_means_neither() -> None:
    widening = _of(_body("Union des ouvriers", "UDX"), _body("Union des patrons", "UDX", aliases=("Les patrons",)))
    assert str(widening.widen(parse("UDX"))) == "UDX"
    assert str(widening.widen(parse("union des patrons"))) == 'union des patrons OU "Les patrons"'


def test_somebody_else_s_surname_is_nobody_s_other_name() -> None:
    person = Person("Anne Toledo", "", (), (), "Toledo", None, "", 1)
    assert (
        str(_of(_body("Ville de l’acier", aliases=("Toledo",)), persons=(person,)).widen(parse("toledo"))) == "toledo"
    )


def test_too_many_names_are_told(widening: Widening) -> None:
    query = widening.widen(parse(" ".join(["ONU"] * 200)))
    assert len(query.warnings) == 1 and "« ONU »" in query.warnings[0]
    assert sum(not isinstance(node, Word) for node in query.nodes) == MOST_ADDED // 2


PIECES = [
    "ONU",
    "l'ONU",
    "nations",
    "unies",
    "Sergueï",
    "Lavrov",
    "IRA",
    "ET",
    "OU",
    "SAUF",
    "PRES/5",
    "(",
    ")",
    '"',
    "titre:",
]


@given(st.lists(st.sampled_from([*PIECES, " ", " "]), max_size=30).map("".join))
def test_the_canonical_spelling_asks_the_same(widening: Widening, names: Names, typed: str) -> None:
    try:
        query = parse(typed)
    except QuerySyntaxError:
        return
    again = parse(str(widening.widen(query)))
    # Nothing is left to widen but what is widened by hand already.
    assert widened(widening.widen(again)) == ()
    assert bool(required(settle(query, names, date(2022, 8, 10), "Europe/Paris"))) is bool(query.nodes)


@pytest.fixture(scope="module")
def names(authorities: Authorities) -> Names:
    return Names(authorities)


# -- on the real engine --------------------------------------------------------------------------------

BASE = Dispatch("", (), "", False, "", b"", "utf-8")
SAID = "Les Nations unies doivent changer"
DISPATCHES = (
    replace(BASE, id="sigle", title="Une réforme", body=("L’ONU se réforme, dit-on à Pékin.",)),
    replace(BASE, id="long", title="Les Nations unies", body=("L’Organisation des Nations unies siège à Genève.",)),
    replace(BASE, id="mots", title="Rien", body=("Les nations du Sud sont unies contre la réforme.",)),
    replace(
        BASE,
        id="parole",
        title="Une parole",
        body=(f"{SAID}, dit Sergei Lavrov.", "La réforme attend."),
        quotes=(Quote("Sergueï Lavrov", 0, 0, len(SAID), direct=False),),
    ),
)


@pytest.fixture(scope="module")
def archive(engine: Engine, index_prefix: str, authorities: Authorities) -> Iterator[Archive]:
    with archive_of(engine, index_prefix, authorities, DISPATCHES) as filled:
        yield filled


def search(archive: Archive, q: str) -> SearchResult:
    return archive.search(SearchRequest(q=q, facets=()))


@pytest.mark.parametrize(
    ("q", "ids"),
    [
        ("ONU", "sigle long parole"),
        ('"ONU"', "sigle"),
        ("nations unies", "sigle long mots parole"),  # the words typed, wherever; the acronym besides
        ("onu réforme", "sigle parole"),
        ("réforme SAUF onu", "mots"),
        ("titre:onu", "long"),
        ("titre:(rien OU onu)", "mots long"),
        ("onu PRES/2 changer", "parole"),
        ("(onu OU pékin) PARA genève", "long"),
        ("parole:lavrov onu", "parole"),
        ("parole:lavrov onu réforme", ""),
        ("Serguei Lavrov", "parole"),
        ("Beijing", "sigle"),
        ("organisation des nations unies", "sigle long parole"),
    ],
)
def test_what_other_names_find(archive: Archive, q: str, ids: str) -> None:
    result = search(archive, q)
    assert {hit.id for hit in result.hits} == set(ids.split())
    assert {hit.id for hit in search(archive, result.understood).hits} == set(ids.split())


@pytest.mark.parametrize(
    ("q", "id", "marked"),
    [
        ("onu", "sigle", "L’<mark>ONU</mark>"),
        ("onu", "parole", "Les <mark>Nations unies</mark> doivent"),
        ("onu PRES/2 changer", "parole", "Les <mark>Nations unies</mark> doivent <mark>changer</mark>"),
        ("Sergueï Lavrov", "parole", "<mark>Sergei Lavrov</mark>"),
    ],
)
def test_the_name_a_text_has_is_marked(archive: Archive, q: str, id: str, marked: str) -> None:
    _, paragraphs = archive.marked(archive.get(id), q)
    assert marked in paragraphs[0].html()


def test_the_answer_tells_the_other_names_and_the_way_back(archive: Archive) -> None:
    result = search(archive, "onu réforme")
    assert result.widened == (Widened("onu", "ONU", ("Nations unies", "Organisation des Nations unies")),)
    assert result.as_typed == '"onu" réforme'
    assert {hit.id for hit in search(archive, '"onu" réforme').hits} == {"sigle"}


def test_nothing_widened_nothing_told(archive: Archive) -> None:
    result = search(archive, "réforme")
    assert (result.widened, result.as_typed, result.understood) == ((), None, "réforme")
