"""An instant in the words a French reader expects. Pure."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from mappings.dispatch import Precision

LOCALE = "fr"

# No-break spaces, wide and narrow: before « : » and inside guillemets the first, before ; ! ? and in numbers the second
# (Lexique des règles typographiques en usage à l'Imprimerie nationale).
NBSP = "\u00a0"
NNBSP = "\u202f"

UNKNOWN_DATE = "date inconnue"


def day(moment: date, *, weekday: bool = False, year: bool = True) -> str:
    """ "8 août 2022", "lundi 8 août 2022", "8 août"; the first of a month is "1er"."""
    written = "1er" if moment.day == 1 else str(moment.day)
    parts = [written, format_date(moment, "MMMM", locale=LOCALE)]
    if weekday:
        parts.insert(0, format_date(moment, "EEEE", locale=LOCALE))
    if year:
        parts.append(str(moment.year))
    # A number never stands alone at the end of a line.
    return " ".join(parts).replace(f"{written} ", f"{written}{NBSP}", 1)


def hour(moment: datetime) -> str:
    """ "8 h 52", "20 h"."""
    minutes = f"{NBSP}{moment.minute:02d}" if moment.minute else ""
    return f"{moment.hour}{NBSP}h{minutes}"


def month(moment: date) -> str:
    """ "août 2022"."""
    return format_date(moment, "MMMM y", locale=LOCALE)


def when(moment: datetime | None, precision: Precision, timezone: str) -> str:
    """An instant in words, no more precise than it is: "lundi 8 août 2022 à 8 h 52", "août 2022", "date inconnue".

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
    return f"{written} à {hour(local)}" if precision == "minute" else written


def dated(moment: datetime | None, precision: Precision, written: str | None, timezone: str) -> str:
    """The date of a dispatch in words: as `when` has it, else as it is written there, year unknown.

    (None, "unknown", "08h52 le 08/08") -> "08h52 le 08/08, année inconnue".
    """
    if written and (moment is None or precision == "unknown"):
        return f"{written}, année inconnue"
    return when(moment, precision, timezone)
