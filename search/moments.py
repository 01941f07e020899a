"""An instant in the words a reader expects: what a language says of it, and what French says. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from mappings.dispatch import Basis, Precision

# No-break spaces, wide and narrow: before « : » and inside guillemets the first, before ; ! ? and in numbers the second
# (Lexique des règles typographiques en usage à l'Imprimerie nationale).
NBSP = "\u00a0"
NNBSP = "\u202f"


@dataclass(frozen=True, slots=True)
class Speech:
    """What a language says of an instant.

    Args:
        unknown: of a date that nobody knows.
        undated: what is written in a dispatch, "{}", of which the year is unknown.
        minute: a day "{}" and an hour "{}".
        day: of a day, with or without its weekday and its year.
        hour: of the hour of an instant.
    """

    locale: str
    unknown: str
    undated: str
    minute: str
    day: Callable[..., str]
    hour: Callable[[datetime], str]

    def month(self, moment: date) -> str:
        """ "août 2022"."""
        return format_date(moment, "MMMM y", locale=self.locale)

    def when(self, moment: datetime | None, precision: Precision, timezone: str) -> str:
        """An instant in words, no more precise than it is: "lundi 8 août 2022 à 8 h 52", "août 2022", "date inconnue".

        Args:
            moment: an aware instant, in any zone.
            timezone: the archive's, in which it is written.
        """
        if moment is None or precision == "unknown":
            return self.unknown
        local = moment.astimezone(ZoneInfo(timezone))
        if precision == "year":
            return str(local.year)
        if precision == "month":
            return self.month(local)
        written = self.day(local, weekday=True)
        return self.minute.format(written, self.hour(local)) if precision == "minute" else written

    def dated(self, moment: datetime | None, precision: Precision, written: str | None, timezone: str) -> str:
        """The date of a dispatch in words: as `when` has it, else as it is written there, year unknown.

        (None, "unknown", "08h52 le 08/08") -> "08h52 le 08/08, année inconnue".
        """
        if written and (moment is None or precision == "unknown"):
            return self.undated.format(written)
        return self.when(moment, precision, timezone)


def day(moment: date, *, weekday: bool = False, year: bool = True) -> str:
    """ "8 août 2022", "lundi 8 août 2022", "8 août"; the first of a month is "1er"."""
    written = "1er" if moment.day == 1 else str(moment.day)
    parts = [written, format_date(moment, "MMMM", locale="fr")]
    if weekday:
        parts.insert(0, format_date(moment, "EEEE", locale="fr"))
    if year:
        parts.append(str(moment.year))
    # A number never stands alone at the end of a line.
    return " ".join(parts).replace(f"{written} ", f"{written}{NBSP}", 1)


def hour(moment: datetime) -> str:
    """ "8 h 52", "20 h"."""
    minutes = f"{NBSP}{moment.minute:02d}" if moment.minute else ""
    return f"{moment.hour}{NBSP}h{minutes}"


FRENCH = Speech("fr", "date inconnue", "{}, année inconnue", "{} à {}", day, hour)
UNKNOWN_DATE = FRENCH.unknown
month, when, dated = FRENCH.month, FRENCH.when, FRENCH.dated


def is_uncertain(moment: datetime | None, precision: Precision, basis: Basis) -> bool:
    """Whether a reader should check the date before quoting it. An unknown date says so by itself."""
    if moment is None or precision == "unknown":
        return False
    return precision not in ("minute", "day") or basis not in ("stated", "weekday")
