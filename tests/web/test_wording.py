"""Dates, numbers and small words, in French and in English, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from mappings.dispatch import Basis, Precision
from web.texts import COOKIE
from web.wording import (
    continuation,
    continued,
    counted,
    dated,
    day,
    is_uncertain,
    number,
    period,
    short_day,
    short_month,
    typeset,
    when,
)

PARIS = "Europe/Paris"


@contextmanager
def read_in(language: str) -> Iterator[None]:
    with Flask("lecture").test_request_context(headers={"Cookie": f"{COOKIE}={language}"}):
        yield


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1000, "1\u202f000", "1,000"),
        (1234567, "1\u202f234\u202f567", "1,234,567"),
        (2.5, "2,5", "2.5"),
    ],
)
def test_number(value: float, french: str, english: str) -> None:
    assert number(value) == french
    with read_in("en"):
        assert number(value) == english


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (0, "0\xa0dépêche", "0\xa0dispatches"),
        (1, "1\xa0dépêche", "1\xa0dispatch"),
        (2, "2\xa0dépêches", "2\xa0dispatches"),
        (12345, "12\u202f345\xa0dépêches", "12,345\xa0dispatches"),
    ],
)
def test_counted(value: int, french: str, english: str) -> None:
    assert counted(value, "dépêche") == french
    with read_in("en"):
        assert counted(value, "dépêche") == english


def test_counted_with_an_irregular_plural() -> None:
    assert counted(3, "journal", "journaux") == "3\xa0journaux"


@pytest.mark.parametrize(
    ("moment", "french", "english"),
    [
        (date(2022, 8, 8), "lundi 8\xa0août 2022", "Monday 8\xa0August 2022"),
        (date(2023, 3, 1), "mercredi 1er\xa0mars 2023", "Wednesday 1\xa0March 2023"),
        (date(2021, 11, 21), "dimanche 21\xa0novembre 2021", "Sunday 21\xa0November 2021"),
    ],
)
def test_day(moment: date, french: str, english: str) -> None:
    assert day(moment, weekday=True) == french
    with read_in("en"):
        assert day(moment, weekday=True) == english


@pytest.mark.parametrize(
    ("moment", "french", "english"),
    [
        (date(2022, 8, 8), ("8\xa0août", "août 2022"), ("8\xa0Aug", "Aug 2022")),
        (date(2022, 9, 1), ("1er\xa0sept.", "sept. 2022"), ("1\xa0Sept", "Sept 2022")),
        (date(2022, 12, 15), ("15\xa0déc.", "déc. 2022"), ("15\xa0Dec", "Dec 2022")),
    ],
)
def test_short_names_of_days_and_months(moment: date, french: tuple[str, str], english: tuple[str, str]) -> None:
    assert (short_day(moment), short_month(moment)) == french
    with read_in("en"):
        assert (short_day(moment), short_month(moment)) == english


@pytest.mark.parametrize(
    ("moment", "precision", "french", "english"),
    [
        (
            datetime(2022, 8, 8, 6, 52, tzinfo=UTC),
            "minute",
            "lundi 8\xa0août 2022 à 8\xa0h\xa052",
            "Monday 8\xa0August 2022 at 08:52",
        ),
        (
            datetime(2022, 8, 8, 18, 0, tzinfo=UTC),
            "minute",
            "lundi 8\xa0août 2022 à 20\xa0h",
            "Monday 8\xa0August 2022 at 20:00",
        ),
        # In Paris it is already the next day, and winter time.
        (
            datetime(2022, 12, 31, 23, 5, tzinfo=UTC),
            "minute",
            "dimanche 1er\xa0janvier 2023 à 0\xa0h\xa005",
            "Sunday 1\xa0January 2023 at 00:05",
        ),
        (datetime(2022, 8, 7, 22, 0, tzinfo=UTC), "day", "lundi 8\xa0août 2022", "Monday 8\xa0August 2022"),
        (datetime(2022, 7, 31, 22, 0, tzinfo=UTC), "month", "août 2022", "August 2022"),
        (datetime(2021, 12, 31, 23, 0, tzinfo=UTC), "year", "2022", "2022"),
        (datetime(2022, 8, 8, tzinfo=UTC), "unknown", "date inconnue", "date unknown"),
        (None, "minute", "date inconnue", "date unknown"),
    ],
)
def test_when_is_no_more_precise_than_the_date(
    moment: datetime | None, precision: Precision, french: str, english: str
) -> None:
    assert when(moment, precision, PARIS) == french
    with read_in("en"):
        assert when(moment, precision, PARIS) == english


def test_a_date_without_its_year_is_told_as_it_is_written() -> None:
    assert dated(None, "unknown", "08h52 le 08/08", PARIS) == "08h52 le 08/08, année inconnue"
    with read_in("en"):
        assert dated(None, "unknown", "08h52 le 08/08", PARIS) == "08h52 le 08/08, year unknown"


@pytest.mark.parametrize(
    ("precision", "basis", "expected"),
    [
        ("minute", "stated", False),
        ("day", "weekday", False),
        ("minute", "reference", True),
        ("day", "file", True),
        ("month", "stated", True),
        ("unknown", "unknown", False),  # "date inconnue" says it already
    ],
)
def test_is_uncertain(precision: Precision, basis: Basis, expected: bool) -> None:
    assert is_uncertain(datetime(2022, 8, 8, tzinfo=UTC), precision, basis) is expected


@pytest.mark.parametrize(
    ("start", "end", "french", "english"),
    [
        (date(2022, 1, 1), date(2022, 12, 31), "2022", "2022"),
        (date(2015, 1, 1), date(2019, 12, 31), "2015 à 2019", "2015 to 2019"),
        (date(2022, 8, 1), date(2022, 8, 31), "août 2022", "August 2022"),
        (date(2024, 2, 1), date(2024, 2, 29), "février 2024", "February 2024"),
        (date(2022, 7, 1), date(2022, 9, 30), "juillet à septembre 2022", "July to September 2022"),
        (date(2022, 12, 1), date(2023, 1, 31), "décembre 2022 à janvier 2023", "December 2022 to January 2023"),
        (date(2022, 8, 8), date(2022, 8, 8), "8\xa0août 2022", "8\xa0August 2022"),
        (date(2022, 8, 8), date(2022, 8, 14), "du 8 au 14\xa0août 2022", "8–14\xa0August 2022"),
        (date(2022, 8, 1), date(2022, 8, 14), "du 1er au 14\xa0août 2022", "1–14\xa0August 2022"),
        (
            date(2022, 8, 29),
            date(2022, 9, 4),
            "du 29\xa0août au 4\xa0septembre 2022",
            "29\xa0August to 4\xa0September 2022",
        ),
        (
            date(2022, 12, 26),
            date(2023, 1, 1),
            "du 26\xa0décembre 2022 au 1er\xa0janvier 2023",
            "26\xa0December 2022 to 1\xa0January 2023",
        ),
        (date(2022, 8, 8), None, "depuis le 8\xa0août 2022", "since 8\xa0August 2022"),
        (None, date(2022, 8, 8), "jusqu’au 8\xa0août 2022", "up to 8\xa0August 2022"),
        (date(2022, 8, 1), date.max, "août 2022 à décembre 9999", "August 2022 to December 9999"),
    ],
)
def test_period(start: date | None, end: date | None, french: str, english: str) -> None:
    assert period(start, end) == french
    with read_in("en"):
        assert period(start, end) == english


@pytest.mark.parametrize(
    ("start", "end", "french", "english"),
    [
        (
            datetime(2022, 8, 8, 14),
            datetime(2022, 8, 8, 14, 59),
            "8 août 2022 de 14 h à 15 h",
            "8 August 2022, 14:00–15:00",
        ),
        (
            datetime(2022, 8, 8, 14, 30),
            datetime(2022, 8, 8, 16, 9),
            "8 août 2022 de 14 h 30 à 16 h 10",
            "8 August 2022, 14:30–16:10",
        ),
        (
            datetime(2022, 8, 8),
            datetime(2022, 8, 8, 23, 59),
            "8 août 2022 de 0 h à minuit",
            "8 August 2022, 00:00–midnight",
        ),
        (
            datetime(2022, 8, 8, 14),
            datetime(2022, 8, 9, 7, 59),
            "du 8 août 2022 à 14 h au 9 août 2022 à 8 h",
            "8 August 2022, 14:00 to 9 August 2022, 08:00",
        ),
        (datetime(2022, 8, 8, 14), None, "depuis le 8 août 2022 à 14 h", "since 8 August 2022, 14:00"),
        (None, datetime(2022, 8, 8, 13, 59), "jusqu’au 8 août 2022 à 14 h", "up to 8 August 2022, 14:00"),
        (
            datetime(2022, 8, 8, 14),
            date(2022, 8, 31),
            "du 8 août 2022 à 14 h au 31 août 2022",
            "8 August 2022, 14:00 to 31 August 2022",
        ),
    ],
)
def test_period_to_the_minute(start: date | None, end: date | None, french: str, english: str) -> None:
    assert period(start, end).replace("\xa0", " ") == french
    with read_in("en"):
        assert period(start, end).replace("\xa0", " ") == english


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L'adresse n'existe pas ; réessayez !", "L’adresse n’existe pas\u202f; réessayez\u202f!"),
        ("Vouliez-vous dire « from » ?", "Vouliez-vous dire «\xa0from\xa0»\u202f?"),
        ("Trois valeurs : a, b", "Trois valeurs\xa0: a, b"),
        ("http://127.0.0.1:9200", "http://127.0.0.1:9200"),
        ("12 'mots'", "12 'mots'"),
    ],
)
def test_typeset(text: str, expected: str) -> None:
    assert typeset(text) == expected


@pytest.mark.parametrize(
    ("title", "lead", "expected"),
    [
        ("Wang Yi a rencontré…", "Wang Yi a rencontré vendredi M. Lavrov.", "…\xa0vendredi M. Lavrov."),
        ("Wang Yi a rencontré M. Lavrov", "Wang Yi a rencontré M. Lavrov.", ""),
        ("Wang Yi a vu M. Lavrov", "Wang Yi a vu M. Lavrov. Il a souri.", "Il a souri."),
        ("Autre chose", "Wang Yi a rencontré M. Lavrov.", "Wang Yi a rencontré M. Lavrov."),
        ("Wang Yi absent…", "Wang Yi absent, M. Lavrov parle.", "…, M. Lavrov parle."),
        ("…", "Wang Yi.", "Wang Yi."),
    ],
)
def test_continuation(title: str, lead: str, expected: str) -> None:
    assert continuation(title, lead) == expected


@pytest.mark.parametrize(
    ("title", "passage", "expected"),
    [
        ("Wang a vu…", "Wang a vu vendredi <mark>M. Lavrov</mark>.", "…\xa0vendredi <mark>M. Lavrov</mark>."),
        ("Wang a vu…", "PÉKIN -- Wang a vu <mark>Lavrov</mark>.", "…\xa0<mark>Lavrov</mark>."),
        ("Wang a vu Lavrov…", "Wang a vu <mark>Lavrov</mark>, puis Blinken.", "…, puis Blinken."),
        ("A & B <b> ont dit…", "A &amp; B &lt;b&gt; ont dit &lt;non&gt;.", "…\xa0&lt;non&gt;."),
        ("Wang a vu Lavrov", "Wang a vu <mark>Lavrov</mark>.", ""),
        # The mark goes on: it is not cut.
        ("Wang a quitté Phnom…", "Wang a quitté <mark>Phnom Penh</mark>.", "Wang a quitté <mark>Phnom Penh</mark>."),
        ("Autre chose", "Wang a vu <mark>Lavrov</mark>.", "Wang a vu <mark>Lavrov</mark>."),
        ("…", "Wang.", "Wang."),
    ],
)
def test_a_title_cut_from_the_text_is_not_said_twice(title: str, passage: str, expected: str) -> None:
    assert continued(title, passage) == expected
