"""An instant in the words an English reader expects: what `search/moments.py` is for a French one. Pure."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date

from search.moments import NBSP, Speech

# As the British press writes: the day before the month, the 24-hour clock.
LOCALE = "en_GB"


def day(moment: date, *, weekday: bool = False, year: bool = True) -> str:
    """ "8 August 2022", "Monday 8 August 2022", "8 August"."""
    written = f"{moment.day}{NBSP}{format_date(moment, 'MMMM', locale=LOCALE)}"
    if weekday:
        written = f"{format_date(moment, 'EEEE', locale=LOCALE)} {written}"
    return f"{written} {moment.year}" if year else written


def hour(moment: datetime) -> str:
    """ "08:52", "20:00"."""
    return f"{moment:%H:%M}"


ENGLISH = Speech(LOCALE, "date unknown", "{}, year unknown", "{} at {}", day, hour)
