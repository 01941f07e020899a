"""From the text of a query to its parts: (typed, words, quotations)."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from authorities.model import Authorities
from engine.errors import QuerySyntaxError
from search.compile import required
from search.days import relative, since
from search.language import Query, Word, parse
from search.meaning import settle
from search.names import Names
from search.tree import Speaker, within

CASES = [
    ("lavrov", "lavrov", ()),
    ("Lavrov  Phnom Penh", "Lavrov Phnom Penh", ()),
    ('"chaînes industrielles"', "", ("chaînes industrielles",)),
    ("« la Ceinture et la Route » Chine", "Chine", ("la Ceinture et la Route",)),
    ("“Wang Yi” l’ASEAN", "l’ASEAN", ("Wang Yi",)),
    ("„Wang Yi“", "", ("Wang Yi",)),
    ('a"b c"d', "a d", ("b c",)),
    ("Etats-Unis", "Etats-Unis", ()),
    ("aujourd'hui", "aujourd'hui", ()),
    ("", "", ()),
    ("  ?! -- ...  ", "", ()),
    ('"" « »', "", ()),
    ("paix\u200b \u202ejuste\x00", "paix juste", ()),
    ("coopé\u00adration", "coopération", ()),
    ("ÉNERGIE №5 北京", "ÉNERGIE №5 北京", ()),
]


@pytest.mark.parametrize(("typed", "words", "phrases"), CASES)
def test_parts(typed: str, words: str, phrases: tuple[str, ...]) -> None:
    query = parse(typed)
    assert (query.words, query.phrases, query.warnings) == (words, phrases, ())


def test_a_quotation_never_closed_goes_to_the_end_and_says_so() -> None:
    query = parse('Lavrov "Phnom Penh')
    assert (query.words, query.phrases) == ("Lavrov", ("Phnom Penh",))
    assert query.warnings == ("Guillemet ouvert jamais fermé : la citation va jusqu'à la fin (Phnom Penh).",)


def test_a_word_knows_its_place() -> None:
    assert parse("  wang yi").nodes == (Word("wang", 2, 6), Word("yi", 7, 9))


@pytest.mark.parametrize(
    ("typed", "speaker", "words", "phrases"),
    [
        ("parole:Lavrov hégémonie", "Lavrov", "hégémonie", ()),
        ('parole:"Sergueï Lavrov" « ordre mondial »', "Sergueï Lavrov", "", ("ordre mondial",)),
        ("chaînes PAROLE:Wang", "Wang", "chaînes", ()),
        ("parole : donnée", None, "parole donnée", ()),
        ("maparole:x", None, "maparole:x", ()),
        ("parole:", None, "parole:", ()),
    ],
)
def test_a_speaker(typed: str, speaker: str | None, words: str, phrases: tuple[str, ...]) -> None:
    query = parse(typed)
    assert (query.speaker, query.words, query.phrases) == (speaker, words, phrases)


def test_one_speaker_only() -> None:
    query = parse("parole:Lavrov parole:Wang")
    assert query.speaker == "Lavrov"
    assert "Wang" in query.warnings[0]


# -- operators -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("a ET b AND c", "a b c"),
        ("a b OU c d", "a b OU c d"),
        ("a OR b c", "a OU b c"),
        ("a (b OU c)", "a (b OU c)"),
        ("a SAUF b OU c", "a SAUF b OU c"),
        ('a -b -"c d"', 'a SAUF b SAUF "c d"'),
        ("NOT (a b)", "SAUF (a b)"),
        ("((a))", "a"),
        ("(a b) c", "a b c"),
        ("a et b ou c", "a et b ou c"),
        ("Etats-Unis --x - y", "Etats-Unis --x y"),
        ('"Wang"-Yi', '"Wang" Yi'),
        ("Chin* «a b»~5", 'Chin* "a b"~5'),
        ("a PRES/5 b PRÈS/3 c", "(a PRES/5 b) PRES/3 c"),
        ("a NEAR/5 (b OU c)", "a PRES/5 (b OU c)"),
        ("a PARA b c", "a PARA b c"),
        ("PRES pres/5 para", "PRES pres/5 para"),
        ("titre:Lavrov TITRE:(a OU b)", "titre:Lavrov titre:(a OU b)"),
        ("-titre:Lavrov", "SAUF titre:Lavrov"),
        ("acteur:ONU lieu:Laos sujet:paix agence:AFP", 'acteur:"ONU" lieu:"Laos" sujet:"paix" agence:"AFP"'),
        ("date:2022 date:2022-08", "date:2022-01-01..2022-12-31 date:2022-08-01..2022-08-31"),
        ("date:2022-08-08 date:2022-08-08..", "date:2022-08-08 date:2022-08-08.."),
        ("date:..2022 date:7J date:Aujourd’hui", "date:..2022-12-31 date:7j date:aujourd'hui"),
        ("https://a.fr 12:30 titre : x maparole:x", "https://a.fr 12:30 titre x maparole:x"),
        ("titre:date:2022", "titre:date:2022"),
        ("(parole:Lavrov paix) OU (parole:Wang paix)", 'parole:"Lavrov" paix OU parole:"Wang" paix'),
        ("a E\u200bT b", "a b"),
    ],
)
def test_canonical_spelling(typed: str, understood: str) -> None:
    assert str(parse(typed)) == understood


ERRORS = [
    ("(", 0, None),
    (")", 0, None),
    ("a (b (c", 5, "a (b (c))"),
    ("AND OR NOT", 0, "not"),
    ("(a b", 0, "(a b)"),
    ("a) b", 1, "a b"),
    ("a ET", 2, "a"),
    ("ET a", 0, "a"),
    ("a OU OU b", 2, "a OU b"),
    ("OR", 0, "or"),
    ("a (b SAUF)", 5, "a (b )"),
    ("a PRES/5", 2, "a"),
    ("a PRES/500 b", 2, "a PARA b"),
    ("a PARA -b", 2, "a -b"),
    ("a PARA titre:b", 2, "a ET titre:b"),
    ("a PRES/5 Chin*", 9, "a PRES/5 Chin"),
    ("a () b", 2, "a b"),
    ("a (?!)", 2, "a"),
    ("ab* c", 0, "ab c"),
    ("l'av*", 0, "l'av"),
    ("c *ab", 2, "c ab"),
    ('"a b"~500', 0, '"a b"~100'),
    ("acteur:(Wang Yi) a", 7, 'acteur:"Wang Yi" a'),
    ("a date:8/8/2022", 2, "a date:2022-08-08"),
    ("date:2022-13", 0, "date:2022-08-08"),
    ("date:2022-09..2022-08", 0, "date:2022-08..2022-09"),
    ("parole:Lavrov (paix OU acteur:ONU)", 23, None),
    ("(" * 13 + "a" + ")" * 13, 12, None),
    ("SAUF " * 13 + "a", 60, None),
    (" OU ".join("a" * 65), 0, None),
    ("a" * 1001, 1000, None),
]


@pytest.mark.parametrize(("typed", "at", "instead"), ERRORS)
def test_an_error_says_where_and_what_to_type_instead(typed: str, at: int, instead: str | None) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(typed)
    assert (caught.value.at, caught.value.suggestion) == (at, instead)
    if instead is not None:
        parse(instead)


@pytest.mark.parametrize("typed", ["(" * 12 + "a" + ")" * 12, "SAUF " * 12 + "a", " OU ".join("a" * 64), "a " * 500])
def test_as_much_as_is_allowed(typed: str) -> None:
    assert parse(str(parse(typed))) is not None


@pytest.mark.parametrize(
    ("told", "first", "last"),
    [
        ("aujourd'hui", "2022-08-10", "2022-08-10"),
        ("hier", "2022-08-09", "2022-08-09"),
        ("7j", "2022-08-04", "2022-08-10"),
        ("1j", "2022-08-10", "2022-08-10"),
        ("mercredi", "2022-08-10", "2022-08-10"),
        ("jeudi", "2022-08-04", "2022-08-04"),
    ],
)
def test_days_told_from_today(told: str, first: str, last: str) -> None:
    assert relative(told) == told
    assert since(told, date(2022, 8, 10)) == (date.fromisoformat(first), date.fromisoformat(last))


def test_names_and_days_are_settled(names: Names) -> None:
    query = settle(parse('SAUF (acteur:"nations unies" OU date:hier)'), names, date(2022, 8, 1), "Europe/Paris")
    assert str(query) == 'SAUF (acteur:"ONU" OU date:2022-07-31)'
    (speaker,) = settle(parse('parole:"nations unies"'), names, date(2022, 8, 1), "Europe/Paris").nodes
    assert isinstance(speaker, Speaker) and "ONU" in speaker.means


# -- any text ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def names(authorities: Authorities) -> Names:
    return Names(authorities)


PIECES = [
    *("a", "bcd", "ET", "OU", "SAUF", "-", "PRES/5", "PARA", "(", ")", '"', "«", "»", "“", "”", "„", "*", "~3", " ")
]
PIECES += [
    "titre:",
    "acteur:",
    "date:",
    "2022",
    "..",
    "hier",
    "parole:",
    "\u200b",
    "\x00",
    "\u202e",
    "北京",
    "'",
    "?!",
    "x*",
]
ANY = st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def outcome(text: str) -> Query | QuerySyntaxError:
    try:
        return parse(text)
    except QuerySyntaxError as error:
        return error


def shape(value: Any) -> Any:
    """A tree without its places."""
    if isinstance(value, tuple):
        return tuple(map(shape, value))
    if not is_dataclass(value):
        return value
    kept = [field.name for field in fields(value) if field.name not in ("start", "end", "warnings")]
    return (type(value).__name__, *(shape(getattr(value, name)) for name in kept))


@settings(max_examples=500)
@example("TITRE::-")
@given(ANY)
def test_any_text_is_a_query_that_its_canonical_spelling_gives_again_or_an_error_with_a_place(text: str) -> None:
    query = outcome(text)
    if isinstance(query, QuerySyntaxError):
        assert query.at is not None and 0 <= query.at < len(text)
        assert query.suggestion is None or parse(query.suggestion).nodes
        return
    assert shape(parse(str(query))) == shape(query)
    for each in (inner for node in query.nodes for inner in within(node)):
        assert 0 <= each.start < each.end <= len(text)


@given(text=ANY)
def test_what_is_read_can_be_asked(text: str, names: Names) -> None:
    query = outcome(text)
    if isinstance(query, Query):
        clauses = required(settle(query, names, date(2022, 8, 10), "Europe/Paris"))
        assert bool(clauses) is bool(query.nodes)


@given(st.sampled_from(PIECES), st.integers(1, 1000))
def test_one_piece_over_and_over_is_read_or_refused(piece: str, times: int) -> None:
    text = (piece * times)[:1000]
    read = outcome(text)
    assert isinstance(read, Query) or (read.at is not None and 0 <= read.at < len(text))
