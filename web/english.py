"""An instant in the words an English reader expects: what `search/moments.py` is for a French one. Pure."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from mappings.dispatch import Precision
from search.moments import NBSP

# As the British press writes: the day before the month, the 24-hour clock.
LOCALE = "en_GB"

UNKNOWN_DATE = "date unknown"


def day(moment: date, *, weekday: bool = False, year: bool = True) -> str:
    """ "8 August 2022", "Monday 8 August 2022", "8 August"."""
    written = f"{moment.day}{NBSP}{format_date(moment, 'MMMM', locale=LOCALE)}"
    if weekday:
        written = f"{format_date(moment, 'EEEE', locale=LOCALE)} {written}"
    return f"{written} {moment.year}" if year else written


def hour(moment: datetime) -> str:
    """ "08:52", "20:00"."""
    return f"{moment:%H:%M}"


def month(moment: date) -> str:
    """ "August 2022"."""
    return format_date(moment, "MMMM y", locale=LOCALE)


def when(moment: datetime | None, precision: Precision, timezone: str) -> str:
    """An instant in words, no more precise than it is: "Monday 8 August 2022 at 08:52", "August 2022", "date unknown".

    Args:
        moment: an aware instant, in any zone.
        timezone: the archive's, in which it is written.
    """
    if moment is None or precision == "unknown":
        return UNKNOWN_DATE
    local = moment.astimezone(ZoneInfo(timezone))
    if precision == "year":
        return str(local.year)
    if precision == "month":
        return month(local)
    written = day(local, weekday=True)
    return f"{written} at {hour(local)}" if precision == "minute" else written


def dated(moment: datetime | None, precision: Precision, written: str | None, timezone: str) -> str:
    """The date of a dispatch in words: as `when` has it, else as it is written there, year unknown.

    (None, "unknown", "08h52 le 08/08") -> "08h52 le 08/08, year unknown".
    """
    if written and (moment is None or precision == "unknown"):
        return f"{written}, year unknown"
    return when(moment, precision, timezone)
