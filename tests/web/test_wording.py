from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from mappings.dispatch import Basis, Precision
from web.wording import continuation, counted, day, is_uncertain, number, period, typeset, when

PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (999, "999"), (1000, "1\u202f000"), (1234567, "1\u202f234\u202f567")],
)
def test_number(value: int, expected: str) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0\xa0dépêche"), (1, "1\xa0dépêche"), (2, "2\xa0dépêches"), (12345, "12\u202f345\xa0dépêches")],
)
def test_counted(value: int, expected: str) -> None:
    assert counted(value, "dépêche") == expected


def test_counted_with_an_irregular_plural() -> None:
    assert counted(3, "journal", "journaux") == "3\xa0journaux"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (date(2022, 8, 8), "lundi 8\xa0août 2022"),
        (date(2023, 3, 1), "mercredi 1er\xa0mars 2023"),
        (date(2021, 11, 21), "dimanche 21\xa0novembre 2021"),
    ],
)
def test_day(moment: date, expected: str) -> None:
    assert day(moment, weekday=True) == expected


@pytest.mark.parametrize(
    ("moment", "precision", "expected"),
    [
        (datetime(2022, 8, 8, 6, 52, tzinfo=UTC), "minute", "lundi 8\xa0août 2022 à 8\xa0h\xa052"),
        (datetime(2022, 8, 8, 18, 0, tzinfo=UTC), "minute", "lundi 8\xa0août 2022 à 20\xa0h"),
        # In Paris it is already the next day, and winter time.
        (datetime(2022, 12, 31, 23, 5, tzinfo=UTC), "minute", "dimanche 1er\xa0janvier 2023 à 0\xa0h\xa005"),
        (datetime(2022, 8, 7, 22, 0, tzinfo=UTC), "day", "lundi 8\xa0août 2022"),
        (datetime(2022, 7, 31, 22, 0, tzinfo=UTC), "month", "août 2022"),
        (datetime(2021, 12, 31, 23, 0, tzinfo=UTC), "year", "2022"),
        (datetime(2022, 8, 8, tzinfo=UTC), "unknown", "date inconnue"),
        (None, "minute", "date inconnue"),
    ],
)
def test_when_is_no_more_precise_than_the_date(moment: datetime | None, precision: Precision, expected: str) -> None:
    assert when(moment, precision, PARIS) == expected


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
    ("start", "end", "expected"),
    [
        (date(2022, 1, 1), date(2022, 12, 31), "2022"),
        (date(2015, 1, 1), date(2019, 12, 31), "2015 à 2019"),
        (date(2022, 8, 1), date(2022, 8, 31), "août 2022"),
        (date(2024, 2, 1), date(2024, 2, 29), "février 2024"),
        (date(2022, 7, 1), date(2022, 9, 30), "juillet à septembre 2022"),
        (date(2022, 12, 1), date(2023, 1, 31), "décembre 2022 à janvier 2023"),
        (date(2022, 8, 8), date(2022, 8, 8), "8\xa0août 2022"),
        (date(2022, 8, 8), date(2022, 8, 14), "du 8 au 14\xa0août 2022"),
        (date(2022, 8, 1), date(2022, 8, 14), "du 1er au 14\xa0août 2022"),
        (date(2022, 8, 29), date(2022, 9, 4), "du 29\xa0août au 4\xa0septembre 2022"),
        (date(2022, 12, 26), date(2023, 1, 1), "du 26\xa0décembre 2022 au 1er\xa0janvier 2023"),
        (date(2022, 8, 8), None, "depuis le 8\xa0août 2022"),
        (None, date(2022, 8, 8), "jusqu’au 8\xa0août 2022"),
        (date(2022, 8, 1), date.max, "août 2022 à décembre 9999"),
    ],
)
def test_period(start: date | None, end: date | None, expected: str) -> None:
    assert period(start, end) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (datetime(2022, 8, 8, 14), datetime(2022, 8, 8, 14, 59), "8 août 2022 de 14 h à 15 h"),
        (datetime(2022, 8, 8, 14, 30), datetime(2022, 8, 8, 16, 9), "8 août 2022 de 14 h 30 à 16 h 10"),
        (datetime(2022, 8, 8), datetime(2022, 8, 8, 23, 59), "8 août 2022 de 0 h à minuit"),
        (datetime(2022, 8, 8, 14), datetime(2022, 8, 9, 7, 59), "du 8 août 2022 à 14 h au 9 août 2022 à 8 h"),
        (datetime(2022, 8, 8, 14), None, "depuis le 8 août 2022 à 14 h"),
        (None, datetime(2022, 8, 8, 13, 59), "jusqu’au 8 août 2022 à 14 h"),
        (datetime(2022, 8, 8, 14), date(2022, 8, 31), "du 8 août 2022 à 14 h au 31 août 2022"),
    ],
)
def test_period_to_the_minute(start: date | None, end: date | None, expected: str) -> None:
    assert period(start, end).replace("\xa0", " ") == expected


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
        ("Autre chose", "Wang Yi a rencontré M. Lavrov.", "Wang Yi a rencontré M. Lavrov."),
        ("Wang Yi absent…", "Wang Yi absent, M. Lavrov parle.", "…, M. Lavrov parle."),
        ("…", "Wang Yi.", "Wang Yi."),
    ],
)
def test_continuation(title: str, lead: str, expected: str) -> None:
    assert continuation(title, lead) == expected
