"""Dates, numbers and small words as a French reader expects them. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from mappings.dispatch import Basis, Precision
from search.moments import LOCALE, NBSP, NNBSP, UNKNOWN_DATE, dated, day, hour, month, when

__all__ = ["LOCALE", "NBSP", "NNBSP", "UNKNOWN_DATE", "dated", "day", "hour", "month", "when"]

# How the missing part of a date was found, to end "La date de cette dépêche est incertaine : ...".
BASIS_WORDS: dict[Basis, str] = {
    "stated": "elle est écrite dans la dépêche",
    "weekday": "elle est déduite du jour de la semaine",
    "reference": "elle est complétée d’après la date de référence du chargement",
    "neighbour": "elle est complétée d’après une dépêche voisine",
    "file": "elle est complétée d’après le fichier",
    "unknown": "son origine n’est pas connue",
}


def number(value: int) -> str:
    """`12345` -> "12 345", with narrow no-break spaces."""
    written: str = format_decimal(value, locale=LOCALE)
    return written


def counted(value: int, one: str, many: str = "") -> str:
    """`2, "dépêche"` -> "2 dépêches"; in French, 0 and 1 are singular."""
    return f"{number(value)}{NBSP}{one if value < 2 else many or one + 's'}"


def stamp(moment: datetime | None, precision: Precision, timezone: str) -> str | None:
    """The `datetime` of a `<time>`, as precise as the instant is; None where it is not."""
    if moment is None or precision == "unknown":
        return None
    local = moment.astimezone(ZoneInfo(timezone)).isoformat(timespec="minutes")
    lengths: dict[Precision, int] = {"minute": len(local), "day": 10, "month": 7, "year": 4}
    return local[: lengths[precision]]


def is_uncertain(moment: datetime | None, precision: Precision, basis: Basis) -> bool:
    """Whether a reader should check the date before quoting it. An unknown date says so by itself."""
    if moment is None or precision == "unknown":
        return False
    return precision not in ("minute", "day") or basis not in ("stated", "weekday")


def _hours(start: date | None, end: date | None) -> str:
    """A period at least one end of which is a minute."""
    # "14:59" included is until 15 h.
    after = end + timedelta(minutes=1) if isinstance(end, datetime) else end
    if isinstance(start, datetime) and isinstance(end, datetime) and isinstance(after, datetime):
        if start.date() == end.date():
            until = "minuit" if after.date() > end.date() else hour(after)
            return f"{day(start)} de {hour(start)} à {until}{_season(start)}"
        if after.date() == end.date():
            return f"du {_at(start)} au {_at(after)}"
    if start is None:
        return f"jusqu’au {_at(after)}"
    return f"du {_at(start)} au {_at(after)}" if after else f"depuis le {_at(start)}"


def _at(bound: date | None) -> str:
    """ "8 août 2022 à 14 h", "8 août 2022"."""
    assert bound
    return f"{day(bound)} à {hour(bound)}" if isinstance(bound, datetime) else day(bound)


def _season(moment: datetime) -> str:
    """Which of the two, for the hour that comes twice when clocks go back."""
    twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
    if not twice or moment.tzinfo is None:
        return ""
    return f" (heure d’{'été' if moment.dst() else 'hiver'})"


def period(start: date | None, end: date | None) -> str:
    """A period of whole days, or minutes, inclusive, in the shortest exact words.

    "2022", "2015 à 2019", "août 2022", "juillet à septembre 2022", "8 août 2022", "du 8 au 14 août 2022",
    "depuis le 8 août 2022", "jusqu’au 8 août 2022"; of minutes "8 août 2022 de 14 h à 15 h".

    Args:
        start, end: days, or instants in the archive's zone.
    """
    if isinstance(start, datetime) or isinstance(end, datetime):
        return _hours(start, end)
    if start is None:
        return f"jusqu’au {day(end)}" if end else "toutes les dates"
    if end is None:
        return f"depuis le {day(start)}"
    if start == end:
        return day(start)
    whole_months = start.day == 1 and (end == date.max or (end + timedelta(days=1)).day == 1)
    if whole_months and start.month == 1 and end.month == 12:
        return str(start.year) if start.year == end.year else f"{start.year} à {end.year}"
    if whole_months:
        if (start.year, start.month) == (end.year, end.month):
            return month(start)
        first = month(start) if start.year != end.year else format_date(start, "MMMM", locale=LOCALE)
        return f"{first} à {month(end)}"
    if (start.year, start.month) == (end.year, end.month):
        return f"du {'1er' if start.day == 1 else start.day} au {day(end)}"
    return f"du {day(start, year=start.year != end.year)} au {day(end)}"


_BEFORE_WIDE = re.compile(r" (?=:(?:\s|$))|(?<=«) | (?=»)")
_BEFORE_NARROW = re.compile(r" (?=[;!?])")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


def typeset(text: str) -> str:
    """Our own messages with French spacing and apostrophes. Never for a dispatch: it is shown as the agency wrote it.

    "Qu'est-ce : « ici » ?" -> the same with no-break spaces and ’.
    """
    return _APOSTROPHE.sub("’", _BEFORE_NARROW.sub(NNBSP, _BEFORE_WIDE.sub(NBSP, text)))


def continuation(title: str, lead: str) -> str:
    """What a list shows under a title cut from the lead: the lead from there on, else the lead.

    ("Wang Yi a rencontré…", "Wang Yi a rencontré vendredi M. Lavrov.") -> "… vendredi M. Lavrov."; ", absent" -> "…, absent".
    """
    start = title.rstrip(" .…")
    if not start or not lead.startswith(start):
        return lead
    rest = lead[len(start) :].lstrip(" .…")
    if rest.startswith(","):
        return f"…{rest}"
    return f"…{NBSP}{rest}" if rest else ""
