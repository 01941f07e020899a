"""When messages are due, row by row; and how long is waited after each failure."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.models import Frequency
from alerts.schedule import DELAYS, JITTER, MOST_ATTEMPTS, delay, due

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("frequency", "hour", "weekday", "now", "expected"),
    [
        ("immediate", 7, 0, "2026-11-26T10:30:00+01:00", "2026-11-26T09:30:00+00:00"),
        ("hourly", 7, 0, "2026-11-26T10:30:00+01:00", "2026-11-26T10:00:00+00:00"),
        ("hourly", 7, 0, "2026-11-26T10:00:00+01:00", "2026-11-26T10:00:00+00:00"),
        ("daily", 7, 0, "2026-11-26T06:59:59+01:00", "2026-11-26T06:00:00+00:00"),
        ("daily", 7, 0, "2026-11-26T07:00:00+01:00", "2026-11-27T06:00:00+00:00"),
        ("daily", 7, 0, "2026-11-26T23:30:00+00:00", "2026-11-27T06:00:00+00:00"),  # in Paris it is the 27th already
        ("weekly", 7, 0, "2026-11-26T10:30:00+01:00", "2026-11-30T06:00:00+00:00"),  # Thursday -> Monday
        ("weekly", 7, 3, "2026-11-26T06:30:00+01:00", "2026-11-26T06:00:00+00:00"),
        ("weekly", 7, 3, "2026-11-26T07:30:00+01:00", "2026-12-03T06:00:00+00:00"),
        # 29 March 2026, 2:00 does not exist in Paris; 25 October, it is twice.
        ("daily", 2, 0, "2026-03-29T00:30:00+01:00", "2026-03-29T01:00:00+00:00"),
        ("daily", 2, 0, "2026-10-24T23:00:00+02:00", "2026-10-25T00:00:00+00:00"),
        ("daily", 7, 0, "2026-03-28T12:00:00+01:00", "2026-03-29T05:00:00+00:00"),
        # The second 2:00 of that night sends nothing again, to the day nor to the week; every hour of it is an hour.
        ("daily", 2, 0, "2026-10-25T02:00:00+01:00", "2026-10-26T01:00:00+00:00"),
        ("weekly", 2, 6, "2026-10-25T02:00:00+02:00", "2026-11-01T01:00:00+00:00"),
        ("weekly", 2, 6, "2026-03-29T03:00:00+02:00", "2026-04-05T00:00:00+00:00"),
        ("hourly", 7, 0, "2026-10-25T02:30:00+02:00", "2026-10-25T01:00:00+00:00"),
        ("hourly", 7, 0, "2026-10-25T02:30:00+01:00", "2026-10-25T02:00:00+00:00"),
        ("hourly", 7, 0, "2026-03-29T01:30:00+01:00", "2026-03-29T01:00:00+00:00"),
    ],
)
def test_when_a_hit_goes_out(frequency: Frequency, hour: int, weekday: int, now: str, expected: str) -> None:
    assert due(frequency, hour, weekday, datetime.fromisoformat(now), PARIS) == datetime.fromisoformat(expected)


def test_a_full_hour_is_one_of_the_clocks_on_the_wall() -> None:
    kolkata, now = ZoneInfo("Asia/Kolkata"), datetime.fromisoformat("2026-11-26T10:40:00.5+05:30")
    assert due("hourly", 7, 0, now, kolkata) == datetime.fromisoformat("2026-11-26T11:00:00+05:30")


def test_delays_grow_around_those_advised_and_end() -> None:
    chance = random.Random(7)
    for attempt, seconds in enumerate(DELAYS, start=1):
        waits = [delay(attempt, chance=chance) for _ in range(100)]
        low, high = timedelta(seconds=seconds * (1 - JITTER)), timedelta(seconds=seconds * (1 + JITTER))
        assert all(wait is not None and low <= wait <= high for wait in waits)
        assert len(set(waits)) > 90
    assert delay(MOST_ATTEMPTS) is None
