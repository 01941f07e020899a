"""Dates, numbers and small words in the reader's language."""

from __future__ import annotations

import html
import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal
from markupsafe import Markup

from mappings.dispatch import Basis, Precision
from mappings.french import fold
from search.moments import FRENCH, NBSP, NNBSP, Speech, is_uncertain
from web.english import ENGLISH
from web.texts import gettext as _
from web.texts import language, ngettext, noted

__all__ = ["NBSP", "NNBSP", "is_uncertain"]

# How the missing part of a date was found, to end "La date de cette dépêche est incertaine : ...".
BASIS_WORDS: dict[Basis, str] = {
    "stated": noted("elle est écrite dans la dépêche"),
    "weekday": noted("elle est déduite du jour de la semaine"),
    "reference": noted("elle est complétée d’après la date de référence du chargement"),
    "neighbour": noted("elle est complétée d’après une dépêche voisine"),
    "file": noted("elle est complétée d’après le fichier"),
    "unknown": noted("son origine n’est pas connue"),
}


_SPEECHES: Final = {"fr": FRENCH, "en": ENGLISH}


def _said() -> Speech:
    return _SPEECHES[language()]


def day(moment: date, *, weekday: bool = False, year: bool = True) -> str:
    """ "8 août 2022", "lundi 8 août 2022", "8 août"; "8 August 2022"."""
    return _said().day(moment, weekday=weekday, year=year)


def hour(moment: datetime) -> str:
    """ "8 h 52", "20 h"; "08:52", "20:00"."""
    return _said().hour(moment)


def clock(of_day: int) -> str:
    """An hour of the day: `7` -> "7 h", "07:00"."""
    return hour(datetime(2000, 1, 1, of_day))


def month(moment: date) -> str:
    """ "août 2022"; "August 2022"."""
    return _said().month(moment)


def short_day(moment: date) -> str:
    """ "8 août", "15 déc.", "1er juin"; "8 Aug"."""
    first = moment.day == 1 and language() == "fr"
    return f"{'1er' if first else moment.day}{NBSP}{format_date(moment, 'MMM', locale=_said().locale)}"


def short_month(moment: date) -> str:
    """ "déc. 2022"; "Dec 2022"."""
    return format_date(moment, "MMM y", locale=_said().locale)


def when(moment: datetime | None, precision: Precision, timezone: str) -> str:
    """An instant in words, no more precise than it is; `timezone` is the archive's."""
    return _said().when(moment, precision, timezone)


def dated(moment: datetime | None, precision: Precision, written: str | None, timezone: str) -> str:
    """The date of a dispatch in words: as `when` has it, else as it is written there, year unknown."""
    return _said().dated(moment, precision, written, timezone)


def zone(timezone: str) -> str:
    """Whose hour an hour is: "Europe/Paris" -> "heure de Paris", "Paris time"; "UTC" stays."""
    if "/" not in timezone or timezone.startswith("Etc/"):
        return timezone.rpartition("/")[2]
    city = get_timezone_location(timezone, locale=_said().locale, return_city=True)
    return _("heure d’%(city)s", city=city) if fold(city)[0] in "aeiou" else _("heure de %(city)s", city=city)


def number(value: float) -> str:
    """`12345` -> "12 345", with narrow no-break spaces; "12,345"."""
    return _number(value, _said().locale)


@lru_cache(maxsize=4096)
def _number(value: float, locale: str) -> str:
    written: str = format_decimal(value, locale=locale)
    return written


def counted(value: int, one: str, many: str = "") -> str:
    """`2, "dépêche"` -> "2 dépêches", "2 dispatches"; in French, 0 and 1 are singular."""
    return f"{number(value)}{NBSP}{ngettext(one, many or one + 's', value)}"


def mark(sign: str) -> str:
    """A sign after words, with the space that French sets before it: ":" -> "\u00a0:", ";" -> "\u202f;"."""
    return sign if language() != "fr" else f"{NBSP if sign == ':' else NNBSP}{sign}"


def quoted(text: str) -> str:
    """A text in quotation marks: "«\u00a0Wang Yi\u00a0»", "“Wang Yi”"."""
    return f"«{NBSP}{text}{NBSP}»" if language() == "fr" else f"“{text}”"


def lang_fr() -> Markup:
    """The attribute of an element whose words are of the archive, where the page around it is not French."""
    return Markup("") if language() == "fr" else Markup(' lang="fr"')


def of_archive(text: str) -> str:
    """Words of the archive among ours, marked as French where ours are not."""
    return text if language() == "fr" else Markup('<span lang="fr">{}</span>').format(text)


def lang_page() -> Markup:
    """The attribute of an element whose words are ours, inside one of the archive."""
    return Markup("") if language() == "fr" else Markup(' lang="{}"').format(language())


def stamp(moment: datetime | None, precision: Precision, timezone: str) -> str | None:
    """The `datetime` of a `<time>`, as precise as the instant is; None where it is not."""
    if moment is None or precision == "unknown":
        return None
    local = moment.astimezone(ZoneInfo(timezone)).isoformat(timespec="minutes")
    lengths: dict[Precision, int] = {"minute": len(local), "day": 10, "month": 7, "year": 4}
    return local[: lengths[precision]]


def _hours(start: date | None, end: date | None) -> str:
    """A period at least one end of which is a minute."""
    # "14:59" included is until 15 h.
    after = end + timedelta(minutes=1) if isinstance(end, datetime) else end
    if isinstance(start, datetime) and isinstance(after, datetime) and end and start.date() == _day(end):
        until = _("minuit") if _day(after) > _day(end) else hour(after)
        return _("%(day)s de %(start)s à %(end)s", day=day(start), start=hour(start), end=until) + _season(start)
    if start is None:
        return _("jusqu’au %(day)s", day=_at(after))
    if after is None:
        return _("depuis le %(day)s", day=_at(start))
    return _("du %(first)s au %(last)s", first=_at(start), last=_at(after))


def _day(bound: date) -> date:
    return bound.date() if isinstance(bound, datetime) else bound


def _at(bound: date | None) -> str:
    """ "8 août 2022 à 14 h", "8 août 2022"."""
    assert bound
    return _("%(day)s à %(hour)s", day=day(bound), hour=hour(bound)) if isinstance(bound, datetime) else day(bound)


def _season(moment: datetime) -> str:
    """Which of the two, for the hour that comes twice when clocks go back."""
    twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
    if not twice or moment.tzinfo is None:
        return ""
    return " " + (_("(heure d’été)") if moment.dst() else _("(heure d’hiver)"))


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
        return _("jusqu’au %(day)s", day=day(end)) if end else _("toutes les dates")
    if end is None:
        return _("depuis le %(day)s", day=day(start))
    if start == end:
        return day(start)
    whole_months = start.day == 1 and (end == date.max or (end + timedelta(days=1)).day == 1)
    if whole_months and start.month == 1 and end.month == 12:
        years = str(start.year), str(end.year)
        return years[0] if years[0] == years[1] else _("%(first)s à %(last)s", first=years[0], last=years[1])
    if whole_months:
        if (start.year, start.month) == (end.year, end.month):
            return month(start)
        first = month(start) if start.year != end.year else format_date(start, "MMMM", locale=_said().locale)
        return _("%(first)s à %(last)s", first=first, last=month(end))
    if (start.year, start.month) == (end.year, end.month):
        number = "1er" if start.day == 1 and language() == "fr" else start.day
        return _("du %(number)s au %(last)s", number=number, last=day(end))
    return _("du %(first)s au %(last)s", first=day(start, year=start.year != end.year), last=day(end))


_BEFORE_WIDE = re.compile(r" (?=:(?:\s|$))|(?<=«) | (?=»)")
_BEFORE_NARROW = re.compile(r" (?=[;!?])")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


def typeset(text: str) -> str:
    """Our own messages in French with its spacing and apostrophes. Never for a dispatch: it is shown as the agency wrote it.

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
    return _on(lead[len(start) :])


def _on(rest: str) -> str:
    """What goes on, behind its dots, in a sentence of its own without them; blank where nothing does."""
    ended, rest = rest.startswith("."), rest.lstrip(" .…")
    if ended:
        return rest
    if rest.startswith(","):
        return f"…{rest}"
    return f"…{NBSP}{rest}" if rest else ""


# Of a marked text: a mark's ends, which have no width, and letters, one of them an entity or not.
_UNIT = re.compile(r"(?P<tag></?mark>)|&[^;\s]+;|.", re.DOTALL)


def continued(title: str, passage: str) -> str:
    """A passage, as HTML with `<mark>`, from where the title ends that was cut from it; whole where it was cut elsewhere.

    What an agency puts before the sentence (place, date, its name) is said above the passage already.

    ("Wang Yi a rencontré…", "PÉKIN -- Wang Yi a rencontré <mark>vendredi</mark> M. Lavrov.") ->
    "… <mark>vendredi</mark> M. Lavrov."; blank where the title says it all.
    """
    start = title.rstrip(" .…")
    units = list(_UNIT.finditer(passage))
    plain = "".join("" if unit["tag"] else html.unescape(unit[0]) for unit in units)
    at = plain.find(start)
    if not start or at < 0:
        return passage
    left, opened = at + len(start), False
    for unit in units:
        if not left and unit[0] != "</mark>":
            # A mark may go on behind the title: "Phnom | Penh".
            return _on(passage[unit.start() :]) if not opened else passage
        if unit["tag"]:
            opened = unit[0] == "<mark>"
        else:
            left -= 1
    return ""
