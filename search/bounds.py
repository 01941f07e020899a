"""The ends of a period, as `from` and `to` are written: days, or instants to the minute. Pure.

A day is a `date`. An instant is a `datetime`, in the archive's zone when it names none. As an end, either is included:
the whole day, the whole minute; of an hour ("2022-08-08T14"), the first minute as a beginning, the last as an end.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# "2022-08-08T14", "2022-08-08T14:30", "2022-08-08T14:30:00.000Z", "2022-08-08T14:30+02:00"; a "+" that no program
# escaped comes as a blank
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d)(?::(\d\d)(?::00(?:\.0{1,6})?)?)?(?:(Z)|([ +-]\d\d:\d\d))?")

MINUTE = timedelta(minutes=1)
LAST_MINUTE = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)


def read_bound(text: str, *, last: bool) -> date:
    """The end of a period: a day, or an instant to the minute.

    Args:
        last: it is the end, not the beginning.

    Raises:
        ValueError: it is neither, or there is no such day or hour.
    """
    if "T" not in text:
        return date.fromisoformat(text)
    found = INSTANT.fullmatch(text)
    if not found:
        raise ValueError(text)
    day, hour, minute, utc, offset = found.groups()
    minute = minute or ("59" if last else "00")
    zone = "+00:00" if utc else (offset or "").replace(" ", "+")
    return datetime.fromisoformat(f"{day}T{hour}:{minute}{zone}")


def written(bound: date) -> str:
    """As `read_bound` reads it: "2022-08-08", "2022-08-08T14:00+02:00"."""
    return bound.isoformat(timespec="minutes") if isinstance(bound, datetime) else bound.isoformat()


def begins(bound: date, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, of a period that begins so."""
    if isinstance(bound, datetime):
        return _utc(bound, zone)
    if bound.year <= 1:  # before year 1 in UTC
        return datetime.combine(bound, time(), UTC)
    return datetime.combine(bound, time(), zone).astimezone(UTC)


def ends(bound: date, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, after a period that ends so."""
    if isinstance(bound, datetime):
        start = _utc(bound, zone)
        return start + MINUTE if start < LAST_MINUTE else start
    return begins(bound + timedelta(days=1) if bound < date.max else bound, zone)


def local(bound: date, zone: ZoneInfo) -> date:
    """The same, an instant in the archive's zone."""
    return _utc(bound, zone).astimezone(zone) if isinstance(bound, datetime) else bound


def _utc(moment: datetime, zone: ZoneInfo) -> datetime:
    known = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return known.astimezone(UTC)
    except OverflowError:  # year 1, year 9999
        return known.replace(tzinfo=UTC)


def in_order(first: date, last: date) -> bool:
    """Whether a period that begins and ends so holds anything, as far as can be told without knowing the zone."""
    start = first if isinstance(first, datetime) else datetime.combine(first, time.min)
    end = last if isinstance(last, datetime) else datetime.combine(last, time.max)
    if start.tzinfo and end.tzinfo:
        return start <= end
    slack = timedelta(days=1) if start.tzinfo or end.tzinfo else timedelta()
    return start.replace(tzinfo=None) - end.replace(tzinfo=None) <= slack
