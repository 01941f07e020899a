"""The timeline, pure: what is asked, and how an answer is read."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from search.timeline import read_timeline, read_undated, timeline_counts


def at(year: int, month: int, day: int, hour: int) -> float:
    return datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000


@pytest.mark.parametrize(
    ("code", "keys", "interval", "expected"),
    [
        # Midnight in Paris is 22 or 23 h UTC the day before.
        (
            "1d",
            [at(2022, 8, 7, 22), at(2022, 8, 8, 22)],
            "day",
            [("2022-08-08", "2022-08-08"), ("2022-08-09", "2022-08-09")],
        ),
        ("1M", [at(2021, 12, 31, 23)], "month", [("2022-01-01", "2022-01-31")]),
        ("3M", [at(2021, 12, 31, 23)], "quarter", [("2022-01-01", "2022-03-31")]),
        ("7d", [at(2022, 8, 7, 22)], "week", [("2022-08-08", "2022-08-14")]),
        ("5y", [at(2019, 12, 31, 23)], "5 years", [("2020-01-01", "2024-12-31")]),
    ],
)
def test_the_timeline_gives_days_in_the_archives_zone(
    code: str, keys: list[float], interval: str, expected: list[tuple[str, str]]
) -> None:
    answer = {"timeline": {"dates": {"interval": code, "buckets": [{"key": key, "doc_count": 1} for key in keys]}}}
    timeline = read_timeline(answer, "Europe/Paris")
    assert timeline is not None
    assert timeline.interval == interval
    assert [(b.start, b.end) for b in timeline.buckets] == [
        (date.fromisoformat(start), date.fromisoformat(end)) for start, end in expected
    ]


def test_dispatches_without_a_date_are_counted_beside_the_timeline() -> None:
    asked = timeline_counts([], "Europe/Paris")["aggs"]
    assert asked["undated"] == {"missing": {"field": "published"}}
    assert read_undated({"timeline": {"undated": {"doc_count": 7}}}) == 7


def test_no_dates_no_timeline() -> None:
    assert read_timeline({"timeline": {"dates": {"interval": "1d", "buckets": []}}}, "Europe/Paris") is None
