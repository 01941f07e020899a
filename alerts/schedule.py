"""When a message is due: the first time, and after a failure. Pure: the moment is an argument."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.models import Frequency

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# Seconds from a failed attempt to the next; after the last, the delivery is given up. As Standard Webhooks advises
# (its specification, "Retries"): three days in all, most of a weekend.
DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
MOST_ATTEMPTS = len(DELAYS) + 1

# Part of a delay that chance adds or takes, so that what failed together does not come back together.
JITTER = 0.2


def due(frequency: Frequency, hour: int, weekday: int, now: datetime, zone: ZoneInfo) -> datetime:
    """When a hit found now goes out, in UTC: at once, at the next full hour, at the owner's hour of the day or week.

    Always after now, unless at once. A local hour that a change of time leaves out is taken one later.
    """
    if frequency == "immediate":
        return now.astimezone(UTC)
    if frequency == "hourly":
        local = now.astimezone(zone)  # of some zones the full hours are none of UTC's
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return now.astimezone(UTC) - past + HOUR
    day = now.astimezone(zone).date()
    while True:
        moment = datetime.combine(day, time(hour), zone).astimezone(UTC)
        if moment > now and (frequency == "daily" or day.weekday() == weekday):
            return moment
        day += DAY


def delay(attempts: int, *, delays: Sequence[float] = DELAYS, chance: random.Random | None = None) -> timedelta | None:
    """How long to wait after the n-th attempt failed; None when there is no other."""
    if attempts > len(delays):
        return None
    seconds = delays[max(attempts, 1) - 1]
    return timedelta(seconds=seconds * (chance or random).uniform(1 - JITTER, 1 + JITTER))
