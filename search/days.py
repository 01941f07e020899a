"""The days a reader means by `date:`, as typed. Pure: today is an argument.

"2022" a year, "2022-08" a month, "2022-08-08" a day, "2022-08-01..2022-08-31" from one to the other, either end may be
left out; "7j" the last seven days, today among them; "hier", "aujourd'hui"; "lundi" the latest Monday, today among them.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
TODAY, YESTERDAY = "aujourd'hui", "hier"

# "7j", "30J"; at most four digits: some 27 years
LAST = re.compile(r"([1-9][0-9]{0,3})j")

# "2022", "2022-8", "2022-08-08"
DAYS = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?")

# "8/8/2022", "08.08.2022", "08-08-2022": how French readers write a day
FRENCH = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")

Span = tuple[date | None, date | None]


def relative(told: str) -> str | None:
    """The canonical spelling of days told from today; None when they are not."""
    text = told.lower().replace("’", "'")
    known = text in (TODAY, YESTERDAY, *WEEKDAYS) or LAST.fullmatch(text)
    return text if known else None


def since(told: str, today: date) -> Span:
    """First and last of days told from today; `told` as `relative` spells it."""
    if told == TODAY:
        return today, today
    if told == YESTERDAY:
        return (today - timedelta(days=1),) * 2
    if told in WEEKDAYS:
        return (today - timedelta(days=(today.weekday() - WEEKDAYS.index(told)) % 7),) * 2
    return today - timedelta(days=int(told[:-1]) - 1), today


def absolute(told: str) -> Span | None:
    """First and last day meant; None when that is no date, or the end is before the beginning."""
    if ".." not in told:
        return _whole(told)
    before, _, after = told.partition("..")
    first, last = _whole(before), _whole(after)
    if (before and not first) or (after and not last) or not (first or last):
        return None
    span = first[0] if first else None, last[1] if last else None
    return None if span[0] and span[1] and span[0] > span[1] else span


def _whole(told: str) -> tuple[date, date] | None:
    found = DAYS.fullmatch(told)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    try:
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return (date(year, month, day),) * 2
    except ValueError:
        return None


def nearest(told: str) -> str:
    """What to type instead of what is no date: the same day as we read it, or an example."""
    french = FRENCH.fullmatch(told)
    if french:
        day = f"{french[3]}-{int(french[2]):02}-{int(french[1]):02}"
        if _whole(day):
            return day
    before, dots, after = told.partition("..")
    if dots and absolute(f"{after}..{before}"):
        return f"{after}..{before}"
    return "2022-08-01..2022-08-31" if dots else "2022-08-08"
