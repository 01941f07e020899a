"""Timestamps of dispatches: read line by line as they stand (`stamps_of_line`), then placed in time (`resolve`).

A stamp is what a dispatch says of itself: a line that is nothing but a date, a labelled one ("Publié le ..."), the date
of a dateline ("PÉKIN, 8 août (Xinhua) --"). Dates that its sentences speak of are no stamps. Reading guesses nothing;
what a stamp leaves out (year, zone) is found in `resolve`, which says by what.

Which lines of a text are asked is `parse`'s to say. Every pattern is anchored and bounded: a line of a megabyte takes
less than a second.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from mappings.dispatch import Basis, Precision

# Zone of an agency's French wire when the stamp states none: that of the desk that writes it. Reuters and AP write
# from many desks, so theirs is the archive's.
AGENCY_ZONES: dict[str, str] = {
    "AFP": "Europe/Paris",
    "Xinhua": "Asia/Shanghai",  # the French service is edited in Beijing; all of China keeps one time
    "Belga": "Europe/Brussels",
    "ATS": "Europe/Zurich",
    "TASS": "Europe/Moscow",
    "APS": "Africa/Algiers",
    "MAP": "Africa/Casablanca",
    "TAP": "Africa/Tunis",
    "ANSA": "Europe/Rome",
    "DPA": "Europe/Berlin",
    "EFE": "Europe/Madrid",
    "Kyodo": "Asia/Tokyo",
    "Yonhap": "Asia/Seoul",
}


def zone_of(agency: str | None, default: str) -> str:
    """The IANA zone an agency's times are in when they state none; `default` (the archive's) for any other."""
    return AGENCY_ZONES.get(agency or "", default)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the text itself says; nothing guessed.

    Args:
        weekday: Monday is 0; zone: an IANA name or an offset "+02:00" when the text states one.
        start, end: its span in the text; kind: "updated" | "published" | "dateline".
    """

    day: int | None
    month: int | None
    year: int | None
    hour: int | None
    minute: int | None
    weekday: int | None
    zone: str | None
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A stamp placed in time. `moment` is aware, in UTC; None when unknown, never invented.

    A day, a month or a year is a page of the calendar and in no zone: it is written as its first midnight in UTC until
    `on_calendar` says whose calendar counts.
    """

    moment: datetime | None
    precision: Precision
    basis: Basis

    def on_calendar(self, zone: str) -> Dated:
        """The same day, month or year, from its first midnight in that zone (IANA); a minute is what it is."""
        if self.moment is None or self.precision == "minute":
            return self
        local = datetime.combine(self.moment.date(), time(), ZoneInfo(zone))
        return replace(self, moment=local.astimezone(UTC))


UNKNOWN = Dated(None, "unknown", "unknown")

# --- words ---------------------------------------------------------------------------------------------------------

_FRENCH_MONTHS = (
    ("janvier", "janv", "jan"),
    ("février", "févr", "fév"),
    ("mars",),
    ("avril", "avr"),
    ("mai",),
    ("juin",),
    ("juillet", "juil", "juill"),
    ("août",),
    ("septembre", "sept", "sep"),
    ("octobre", "oct"),
    ("novembre", "nov"),
    ("décembre", "déc"),
)
_ENGLISH_MONTHS = (
    ("january", "jan"),
    ("february", "feb"),
    ("march", "mar"),
    ("april", "apr"),
    ("may",),
    ("june", "jun"),
    ("july", "jul"),
    ("august", "aug"),
    ("september", "sept", "sep"),
    ("october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
_WEEKDAYS = (
    ("lundi", "lun", "monday", "mon"),
    ("mardi", "mar", "tuesday", "tue"),
    ("mercredi", "mer", "wednesday", "wed"),
    ("jeudi", "jeu", "thursday", "thu"),
    ("vendredi", "ven", "friday", "fri"),
    ("samedi", "sam", "saturday", "sat"),
    ("dimanche", "dim", "sunday", "sun"),
)


def _spellings(name: str) -> Iterator[str]:
    """`août` also as aout, ao?t, ao??t (both bytes lost), ao\ufffdt, and aot (the letter gone)."""
    yield name
    if not name.isascii():
        yield "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
        for lost in ("?", "??", "\ufffd", "\ufffd\ufffd"):
            yield "".join(c if c.isascii() else lost for c in name)
        if len(name) > 3:
            yield "".join(c for c in name if c.isascii())


_ENGLISH = {name: number for number, names in enumerate(_ENGLISH_MONTHS, 1) for name in names}
_MONTHS = _ENGLISH | {
    spelling: number
    for number, names in enumerate(_FRENCH_MONTHS, 1)
    for name in names
    for spelling in _spellings(name)
}
_DAYS = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}

# Zones as texts name them. Summer and winter names are offsets: "HAEC" is +02:00 whatever the date says.
_ZONES: dict[str, str] = {
    **dict.fromkeys(("gmt", "utc", "tu", "tuc", "z"), "UTC"),
    **dict.fromkeys(("haec", "cest", "hec", "mesz"), "+02:00"),
    **dict.fromkeys(("hnec", "cet", "mez"), "+01:00"),
    "bst": "+01:00",
    "eet": "+02:00",
    "eest": "+03:00",
    "msk": "Europe/Moscow",
    "est": "-05:00",
    "edt": "-04:00",
    "hne": "-05:00",
    "hae": "-04:00",
    "jst": "Asia/Tokyo",
}
# "heure de Pékin": the city, without accents, lower case.
_CITIES: dict[str, str] = {
    **dict.fromkeys(("paris", "france"), "Europe/Paris"),
    **dict.fromkeys(("pekin", "p?kin", "beijing", "chine", "shanghai"), "Asia/Shanghai"),
    "hong kong": "Asia/Hong_Kong",
    "taipei": "Asia/Taipei",
    "tokyo": "Asia/Tokyo",
    "seoul": "Asia/Seoul",
    "phnom penh": "Asia/Phnom_Penh",
    "hanoi": "Asia/Ho_Chi_Minh",
    "bangkok": "Asia/Bangkok",
    "singapour": "Asia/Singapore",
    "new delhi": "Asia/Kolkata",
    "teheran": "Asia/Tehran",
    "jerusalem": "Asia/Jerusalem",
    "moscou": "Europe/Moscow",
    "kiev": "Europe/Kyiv",
    "kyiv": "Europe/Kyiv",
    "ankara": "Europe/Istanbul",
    "istanbul": "Europe/Istanbul",
    "londres": "Europe/London",
    "bruxelles": "Europe/Brussels",
    "berlin": "Europe/Berlin",
    "rome": "Europe/Rome",
    "madrid": "Europe/Madrid",
    **dict.fromkeys(("geneve", "berne", "zurich", "suisse"), "Europe/Zurich"),
    "alger": "Africa/Algiers",
    "rabat": "Africa/Casablanca",
    "tunis": "Africa/Tunis",
    "dakar": "Africa/Dakar",
    "le caire": "Africa/Cairo",
    **dict.fromkeys(("new york", "washington"), "America/New_York"),
    **dict.fromkeys(("montreal", "ottawa", "quebec"), "America/Toronto"),
}

# --- patterns: each with what it takes and what it leaves ----------------------------------------------------------

_LETTER = r"[^\W\d_]|[?\ufffd\u0300-\u036f]"
_WORD = rf"(?:{_LETTER}){{3,14}}"

# "2022-08-08", "2022/8/8"; leaves "2022-13-01" (checked after), "12022-08-08"
ISO_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:18|19|20)\d\d)(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})(?!\d)"
)
# "20220808T085200"; leaves "20220808"
COMPACT_DATE = re.compile(r"(?<!\d)(?P<year>(?:18|19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?=T\d{4})")
# "T085200" after it
COMPACT_TIME = re.compile(r"(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?:[0-5]\d)?(?!\d)")
# "08/08/2022", "08.08.22", "08/08", "27.06."; leaves "1.5.3.2", "192.168.1.10"
NUMERIC_DATE = re.compile(
    r"(?<![\d.,])(?P<day>\d{1,2})(?P<sep>[/.-])(?P<month>\d{1,2})(?:(?P=sep)(?P<year>\d{4}|\d\d)(?![.,/-]?\d))?(?!\d|[/.,-]\d)"
)
# "8 août 2022", "1er janvier", "8 August", "12 janv. 2021", "Ier mai", "8-août-2022"; leaves "8 kilos", "VIII août"
WORD_DATE = re.compile(
    r"(?<!\w)(?:(?P<day>\d{1,2})(?:\s?(?:er|ER|ère|th|st|nd|rd)(?!\w))?|(?P<first>I\s?er|premier))[\s.-]{1,2}"
    rf"(?P<month>{_WORD})(?!\w)\.?"
    r"(?:[\s,-]{1,2}(?P<year>(?:18|19|20)\d\d|'?\d\d)(?!\d|\s?[hH:]|\s?heure))?"
)
# "August 8, 2022", "Aug. 8"; leaves "Mar 8 août" (mardi) and "août 8"
ENGLISH_DATE = re.compile(
    rf"(?<!\w)(?P<month>[A-Za-z]{{3,9}})\.?\s(?P<day>\d{{1,2}})(?:th|st|nd|rd)?(?!\w|\s(?:{_WORD})\b)"
    r"(?:,?\s(?P<year>(?:18|19|20)\d\d)(?!\d))?"
)
# "août 2022"; leaves "Airbus 2022" (no month)
MONTH_YEAR = re.compile(rf"(?<!\w)(?P<month>{_WORD})\.?\s(?P<year>(?:18|19|20)\d\d)(?!\d)")
# "2022", after "Publié en" only; leaves "12022"
YEAR_ONLY = re.compile(r"(?<!\d)(?P<year>(?:18|19|20)\d\d)(?![\d/.-])")
# "08h52", "8H52", "8 h 52", "10:15:30", "14 heures", "8h52min"; leaves "25h00", "8h75", "1:2"
CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-3])"
    r"(?:\s?(?:heures?|[hH])(?:\s?(?P<minute>[0-5]\d)(?:\s?(?:min|mn))?)?|:(?P<minutes>[0-5]\d)(?::[0-5]\d(?:[.,]\d{1,9})?)?)"
    r"(?![^\W_TZz])"
)
# "midi", "minuit" (0:00 of the day named); leaves "midinette"
NOON = re.compile(r"(?P<word>midi|minuit)(?!\w)", re.IGNORECASE)
# "lundi", "lun.", "Mon"; leaves "lundis" (checked after)
WEEKDAY = re.compile(r"(?P<name>[A-Za-z]{3,9})(?!\w)\.?")
# "+02:00", "+0200", "GMT+2", "UTC-3"; leaves "-2022"
OFFSET = re.compile(r"(?:GMT|UTC)?\s?(?P<sign>[+\u2212-])(?P<hours>0?\d|1[0-4])(?::?(?P<minutes>[0-5]\d))?(?![\d:/.-])")
# "GMT", "HAEC", "Z", "TU"; leaves "GMTX"
ZONE_NAME = re.compile(r"(?P<name>[A-Za-z]{1,4})(?!\w)")
# "heure de Paris", "heures locales", "heure d'Alger", "locales"; leaves "heure du crime" (no known city)
ZONE_PLACE = re.compile(
    r"(?:\(?(?:en )?heures?\s(?:(?P<local>locales?)|(?:de\s|d['’])?(?P<city>[^\W\d_](?:[^\W\d_]|[ ?\ufffd-]){1,20}))|"
    r"(?P<bare>locales?)(?!\w))",
    re.IGNORECASE,
)
# ", ", " à ", " le ", " - ", " | ", "T", the "?" that was an "à": what may stand between the parts of one moment
JOIN = re.compile(
    r"(?:[\s,;.:|()\[\]·•–—-]|(?:à|À|a|A|le|Le|LE|du|en|at|on|dès|vers|the)(?=[\s:])|T(?=\d\d)|[?\ufffd]{1,2}(?=\s)){0,16}"
)
_E = r"(?:[éèêÉÈÊeE?\ufffd]{1,2})"
_A = r"(?:[àÀaA?\ufffd]{1,2})"
# "Dernière mise à jour", "Mis à jour", "Actualisé", "MAJ", "Derni?re mise ? jour"; leaves "Remis à jour", "majeur"
UPDATED_LABEL = re.compile(
    rf"(?<!\w)(?:(?:derni{_E}re\s)?mise?s?\s{_A}\sjour|derni{_E}re\s(?:modification|actualisation)|"
    rf"(?:page\s)?actualis{_E}e?|modifi{_E}e?|m[aà]j|last\supdate[d]?|updated)(?![^\W_])(?:\s(?:le|on|du)(?!\w))?",
    re.IGNORECASE,
)
# "Publié le", "Mis en ligne", "Date :", "Diffusé", "Published"; leaves "Republié", "dater"
PUBLISHED_LABEL = re.compile(
    rf"(?<!\w)(?:publi{_E}e?s?|date\sde\spublication|publication|parue?|mise?\sen\sligne|cr{_E}{_E}e?|diffus{_E}e?|"
    rf"transmise?|{_E}mise?|re[çc?\ufffd]{{1,2}}ue?|date|published|posted)(?![^\W_])(?:\s(?:le|on|du|en)(?!\w))?",
    re.IGNORECASE,
)
# The label no sentence opens with, so that a text may follow on the same line
SURE_LABEL = re.compile(rf"derni{_E}re\smise\s{_A}\sjour(?!\w)(?:\sle(?!\w))?", re.IGNORECASE)
# A place before a date: "PÉKIN, ", "Charm El-Cheikh, ", "MENDE (Lozère), le "; leaves "Selon lui, ", "Le 8 août, "
PLACE_BEFORE = re.compile(r"(?P<place>[^\W\d_][^\d\n,;:!?\"«»]{1,60}?),\s(?:le\s)?(?=\d|[^\W\d_])")
# What may stand before a bare date on its line: "(AFP) - ", "ats/clg/sbn - ", "Xinhua | ", "French.china.org.cn | "
SIGNED_BEFORE = re.compile(
    r"(?:\([^()\n]{2,40}\)|[^\W_][\w.&-]{0,24}(?:/[\w.&-]{1,24}){0,5})\s?(?:[-–—|•·,:]|\s)\s?(?:le\s)?",
    re.IGNORECASE,
)
# What may stand after a stamp on its line: nothing, "(AFP)", "- AFP", "par Jean Dupont", "Temps de lecture : 3 min"
LINE_AFTER = re.compile(
    r"[\s|•·,.;:()\[\]–—-]*(?:(?:(?:par|by)\s[^\n.]{2,60}|(?:temps de )?lecture[^\n.]{0,24}|"
    r"\(?[^\W\d_][\w./&-]{1,24}\)?)[\s|•·,.;:()\[\]–—-]*)?",
    re.IGNORECASE,
)
# What follows the date of a dateline: "(Xinhua) --", ". /TASS/.", " - "; leaves ", le ministre", " à Paris"
DATELINE_AFTER = re.compile(r"\.?\s?(?:\([^\W\d_]|/[^\W\d_]|[-–—]{1,2}\s)|\s*:\s|\s*$")
# What follows a date that opens a text, without a place: " - ", " . – "; leaves ", le Conseil", "-2023"
DATE_OPENS = re.compile(r"\s?\.?\s?[-–—]{1,2}\s")
DASH = re.compile(r"\s[-–—]{1,2}\s")
# Small words inside a place name: "Charm el-Cheikh", "Val d'Illiez", "Boulogne sur Mer"
PLACE_PARTICLES = frozenset(
    ("de", "du", "des", "la", "le", "les", "l", "d", "sur", "en", "et", "el", "al", "a", "à", "aux", "sous", "lès")
)

# A timestamp line is short; a longer one is a paragraph.
LONGEST_LINE = 200
_HAS_TIME = re.compile(r"\d|midi|minuit", re.IGNORECASE)


# --- one moment ----------------------------------------------------------------------------------------------------


def _valid(day: int | None, month: int | None, year: int | None) -> bool:
    if month is None or day is None:
        return month is None or 1 <= month <= 12
    try:
        date(2000 if year is None else year, month, day)  # 2000: 29 février may be of some year
    except ValueError:
        return False
    return True


def _full_year(digits: str | None) -> int | None:
    """`22` is 2022 and `85` is 1985: no dispatch is from after 2049 or from before 1850."""
    if digits is None:
        return None
    value = int(digits.lstrip("'"))
    return value if value >= 100 else value + (2000 if value < 50 else 1900)


def _month(word: str, table: dict[str, int] = _MONTHS) -> int | None:
    return table.get(unicodedata.normalize("NFC", word).casefold())


def _read_date(text: str, at: int, *, labelled: bool) -> Stamp | None:
    """The date that begins at `at`, day first except in ISO order."""
    for pattern in (ISO_DATE, COMPACT_DATE, NUMERIC_DATE, WORD_DATE, ENGLISH_DATE, MONTH_YEAR, YEAR_ONLY):
        if pattern is YEAR_ONLY and not labelled:
            continue
        found = pattern.match(text, at)
        if found is None:
            continue
        parts = found.groupdict()
        if pattern in (WORD_DATE, ENGLISH_DATE, MONTH_YEAR):
            month = _month(parts["month"], _ENGLISH if pattern is ENGLISH_DATE else _MONTHS)
            if month is None:
                continue
        else:
            month = int(parts["month"]) if "month" in parts else None
        day = 1 if parts.get("first") else (int(parts["day"]) if parts.get("day") else None)
        year = _full_year(parts["year"])
        if not _valid(day, month, year) or (year is not None and not 1800 <= year < 2100):
            return None
        end = found.end()
        return Stamp(day, month, year, None, None, None, None, at, end, "")
    return None


def _read_clock(text: str, at: int) -> tuple[int, int, int] | None:
    """Hour, minute and end of the time that begins at `at`."""
    if at and text[at - 1] == "T":
        compact = COMPACT_TIME.match(text, at)
        if compact:
            return int(compact["hour"]), int(compact["minute"]), compact.end()
    clock = CLOCK.match(text, at)
    if clock:
        return int(clock["hour"]), int(clock["minute"] or clock["minutes"] or 0), clock.end()
    noon = NOON.match(text, at)
    if noon:
        return (12 if noon["word"].lower() == "midi" else 0), 0, noon.end()
    return None


def _offset_name(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


def _read_zone(text: str, at: int) -> tuple[str | None, int] | None:
    """The zone that begins at `at` and its end; "heure locale" is read and says nothing."""
    place = ZONE_PLACE.match(text, at)
    if place:
        if place["local"] or place["bare"]:
            return None, place.end("local") if place["local"] else place.end()
        words = re.split(r"([\s])", place["city"].strip())
        for count in (3, 1):  # "New York", then "Paris"
            name = "".join(words[:count])
            zone = _CITIES.get(_bare(name))
            if zone:
                return zone, place.start("city") + len(name)
    offset = OFFSET.match(text, at)
    if offset and (offset["minutes"] or offset[0][0] not in "+-\u2212"):
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        return _offset_name(minutes if offset["sign"] == "+" else -minutes), offset.end()
    name_found = ZONE_NAME.match(text, at)
    if name_found and (name_found["name"].isupper() or name_found["name"].lower() in ("gmt", "utc")):
        zone = _ZONES.get(name_found["name"].lower())
        if zone:
            return zone, name_found.end()
    return None


def read_moment(text: str, at: int = 0, *, labelled: bool = False) -> Stamp | None:
    """The date and time, in any order, that begin at `at` (blanks and small words passed), or None.

    `start` and `end` are those of its first and last part; `kind` is empty. A year or a time alone is a moment only
    after a label.
    """
    stamp = Stamp(None, None, None, None, None, None, None, -1, -1, "")
    dated = False
    zoned = False
    while True:
        joined = JOIN.match(text, at)
        here = joined.end() if joined else at
        if not dated and (found := _read_date(text, here, labelled=labelled)):
            dated = True
            stamp = replace(
                stamp,
                day=found.day,
                month=found.month,
                year=found.year,
                start=_first(stamp, here),
                end=found.end,
            )
        elif stamp.hour is None and (clock := _read_clock(text, here)):
            stamp = replace(stamp, hour=clock[0], minute=clock[1], start=_first(stamp, here), end=clock[2])
        elif (
            stamp.hour is not None
            and not zoned
            and (zone := _read_zone(text, at if text[at : at + 1] in "+-" else here))
        ):
            zoned = True
            stamp = replace(stamp, zone=zone[0], end=zone[1])
        elif stamp.hour is not None and stamp.zone is None and (other := _read_other_zone(text, here, stamp)):
            stamp = replace(stamp, zone=other[0], end=other[1])
        elif (
            stamp.weekday is None
            and (weekday := WEEKDAY.match(text, here))
            and (number := _DAYS.get(weekday["name"].lower())) is not None
        ):
            stamp = replace(stamp, weekday=number, start=_first(stamp, here), end=weekday.end())
        else:
            break
        at = stamp.end
    if text[stamp.end : stamp.end + 1] == ")" and "(" in text[max(stamp.start, 0) : stamp.end]:
        stamp = replace(stamp, end=stamp.end + 1)
    if (dated and stamp.month is not None) or (labelled and (dated or stamp.hour is not None)):
        return stamp
    return None


def _first(stamp: Stamp, here: int) -> int:
    return here if stamp.start < 0 else stamp.start


def _read_other_zone(text: str, at: int, stamp: Stamp) -> tuple[str, int] | None:
    """The offset between a local time and the same in GMT: "14h30 (12h30 GMT)" is at +02:00."""
    clock = _read_clock(text, at)
    if clock is None or stamp.hour is None or stamp.minute is None:
        return None
    joined = JOIN.match(text, clock[2])
    zone = _read_zone(text, joined.end() if joined else clock[2])
    if zone is None or zone[0] != "UTC":
        return None
    minutes = (stamp.hour - clock[0]) * 60 + stamp.minute - clock[1]
    minutes = (minutes + 10 * 60) % (24 * 60) - 10 * 60  # offsets in use go from -10:00 (Honolulu) to +13:45
    return _offset_name(minutes), zone[1]


# --- stamps of a line ----------------------------------------------------------------------------------------------


def stamps_of_line(line: str, at: int = 0) -> tuple[Stamp, ...]:
    """The stamps of a line that is nothing else (labels, agency, byline apart), moved by `at`; else none.

    Takes "Dernière mise à jour à 08h52 le 08/08", "(AFP) - 08.08.22 - 8H52", "Paris, le 8 août 2022",
    "ats/clg/sbn - 27.06.2021, 00:12"; leaves "Publié le 8 août 2022, le rapport dénonce".
    """
    if len(line) > LONGEST_LINE or not _HAS_TIME.search(line):
        return ()
    return tuple(_moved(stamp, at) for stamp in (_labelled(line) or _bare_line(line)))


def leading_stamp(line: str, at: int = 0) -> Stamp | None:
    """The stamp a line opens with when its text follows on: only after a label no sentence opens with."""
    opening = len(line) - len(line.lstrip())
    label = SURE_LABEL.match(line, opening)
    found = read_moment(line[: opening + LONGEST_LINE], label.end(), labelled=True) if label else None
    return _moved(replace(found, start=opening, kind="updated"), at) if found else None


def _moved(stamp: Stamp, by: int) -> Stamp:
    return replace(stamp, start=stamp.start + by, end=stamp.end + by)


def _labelled(line: str) -> list[Stamp]:
    stamps: list[Stamp] = []
    at = 0
    while len(stamps) < 4:
        labels = [
            (label.start(), label.end(), kind)
            for kind, pattern in (("updated", UPDATED_LABEL), ("published", PUBLISHED_LABEL))
            if (label := pattern.search(line, at))
        ]
        if not labels:
            break
        start, end, kind = min(labels, key=lambda label: (label[0], -label[1]))
        found = read_moment(line, end, labelled=True)
        between = line[at:start].rstrip()
        if found is None or (between.strip(" (|•·,;–—-") and not _prefix(between)):
            return []
        # "Publié le 8 août, mis à jour à 11h" : the second label brings a time of its own
        stamps.append(replace(found, start=start, kind=kind))
        at = found.end
    if stamps and LINE_AFTER.fullmatch(line, at):
        return stamps
    return []


def _prefix(between: str) -> bool:
    """What may stand before a label: a site, an agency, a byline, closed by a sign."""
    return len(between) <= 80 and (between[-1] in "|•·–—-)" or between.lower().startswith(("par ", "et", "puis")))


def _bare_line(line: str) -> list[Stamp]:
    opening = len(line) - len(line.lstrip())
    starts = [(opening, "published")]
    place = place_before(line, opening)
    if place and place[0] not in AGENCY_ZONES:
        starts.append((place[1], "dateline"))
    signed = SIGNED_BEFORE.match(line, opening)
    if signed:
        starts.append((signed.end(), "published"))
    for start, kind in starts:
        found = read_moment(line, start)
        if found is None or not LINE_AFTER.fullmatch(line, found.end) or not _says_enough(line, found):
            continue
        if start != opening and found.day is None:
            continue  # "Bilan, août 2022" is a title
        return [replace(found, kind=kind)]
    return []


def _says_enough(line: str, stamp: Stamp) -> bool:
    """ "08/08" or "3-2" alone may be anything; with a word, a year or a time it is a date."""
    in_words = any(c.isalpha() for c in line[stamp.start : stamp.end])
    return in_words or stamp.year is not None or stamp.hour is not None


def place_before(line: str, at: int = 0) -> tuple[str, int] | None:
    """The place a dateline opens with, as written, and where its date begins: "PÉKIN, 8 août" -> ("PÉKIN", 7)."""
    found = PLACE_BEFORE.match(line, at, at + 90)
    if found is None or not is_place(found["place"]):
        return None
    return found["place"], found.end()


def is_place(words: str) -> bool:
    """ "PÉKIN", "Charm El-Cheikh", "Val d'Illiez", "MENDE (Lozère)" are written as places; "Selon lui" is not."""
    outside = re.sub(r"\([^()]{0,40}\)", " ", words).strip()
    names = [word for word in re.split(r"[\s/'’-]+", outside) if word]
    return (
        0 < len(names) <= 6
        and names[0][0].isupper()
        and all(name[0].isupper() or name.lower() in PLACE_PARTICLES for name in names)
        and names[0].lower() not in PLACE_PARTICLES - {"la", "le", "les", "el", "al"}
        and names[0].lower() not in _DAYS
    )


def dateline_stamp(line: str, at: int = 0) -> tuple[str | None, Stamp] | None:
    """The place, if any, and the date of a dateline a line opens with; spans moved by `at`.

    Takes "PÉKIN, 8 août (Xinhua) -- ", "IRKOUTSK, 4 février 2020. /TASS/. ", "PARIS, 12 janv 2021 - ", "8 août 2022 - Le";
    leaves "Berne, le 8 août, le Conseil", "Le 8 août 2022, le Conseil", "8 août 2022-2023".
    """
    head = line[:160]
    opening = len(head) - len(head.lstrip())
    place = place_before(head, opening)
    if place:
        found = read_moment(before_dash(head, place[1]), place[1])
        if found and found.day and DATELINE_AFTER.match(head, found.end):
            return place[0], replace(_moved(found, at), kind="dateline")
        return None
    found = read_moment(before_dash(head, opening), opening)
    if found and found.start == opening and found.day and DATE_OPENS.match(head, found.end):
        return None, replace(_moved(found, at), kind="dateline")
    return None


def before_dash(head: str, at: int) -> str:
    """What comes before the dash that ends a dateline: a time after it belongs to the text."""
    dash = DASH.search(head, at)
    return head[: dash.start()] if dash else head


# --- placing in time -----------------------------------------------------------------------------------------------

# A stamp may be dated a little after the day it was received: zones, and clocks that were wrong.
AFTER_SLACK = 2
# Years looked at on each side of the reference, and when there is none.
WINDOW = 3
FIRST_YEAR, LAST_YEAR = 1990, 2035
# 29 February comes back after eight years at worst (1896, 1904).
FARTHEST_YEARS = 8


def resolve(
    stamp: Stamp,
    *,
    zone: str,
    reference: date | None = None,
    neighbours: Sequence[datetime] = (),
    file_time: datetime | None = None,
    weekdays_in_text: Sequence[int] = (),
) -> Dated:
    """Places a stamp in time.

    Args:
        zone: IANA name (or "+02:00") for a stamp that states none: see `zone_of`.
        reference: the day the input was received; neighbours: moments known in the same batch; file_time: when the
            file was last changed; weekdays_in_text: weekdays its sentences name (Monday 0).

    A missing year is found from, in this order: the weekday stated with the date, when one year only within `WINDOW` of
    the reference (or of the file time; else 1990 to 2035) fits; the latest such date not after the reference; the
    nearest neighbour; the latest such date not after the file time. Otherwise the moment is unknown. A stated weekday
    that fits several years narrows what follows it; one that fits none is ignored.

    A weekday of the sentences ("ont annoncé lundi") is weaker: in agency style the first one is the dateline's day in 90
    of 93 samples, in Wikinews 2016 a lone one is the day of the article in 66 of 181. So it only goes before the
    file time, for a dateline, when it is the only one named.

    A time that a change of clocks skips is read as one hour later; one that comes twice is the first.
    """
    zoned = _zone(stamp.zone or zone)
    if stamp.month is None and stamp.year is None:
        return UNKNOWN
    if stamp.year is not None:
        return _placed(stamp, stamp.year, zoned, "stated")
    year, basis = _find_year(
        stamp,
        reference=reference,
        neighbours=[_day(moment, zoned) for moment in neighbours],
        file_day=_day(file_time, zoned) if file_time else None,
        weekdays_in_text=weekdays_in_text,
    )
    return UNKNOWN if year is None else _placed(stamp, year, zoned, basis)


def _zone(name: str) -> tzinfo:
    if name[:1] in "+-" and name[3:4] == ":":
        minutes = int(name[1:3]) * 60 + int(name[4:6])
        return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))
    return ZoneInfo(name)


def _day(moment: datetime, zone: tzinfo) -> date:
    try:
        return moment.astimezone(zone).date() if moment.tzinfo else moment.date()
    except OverflowError:
        return moment.date()


def _placed(stamp: Stamp, year: int, zone: tzinfo, basis: Basis) -> Dated:
    precision: Precision = "minute"
    if stamp.month is None:
        precision = "year"
    elif stamp.day is None:
        precision = "month"
    elif stamp.hour is None:
        precision = "day"
    timed = precision == "minute"
    clock = time(stamp.hour or 0, stamp.minute or 0) if timed else time()
    try:
        local = datetime.combine(date(year, stamp.month or 1, stamp.day or 1), clock, zone if timed else UTC)
        return Dated(local.astimezone(UTC), precision, basis)
    except (ValueError, OverflowError):
        return UNKNOWN


def _find_year(
    stamp: Stamp,
    *,
    reference: date | None,
    neighbours: Sequence[date],
    file_day: date | None,
    weekdays_in_text: Sequence[int],
) -> tuple[int | None, Basis]:
    fits = _fitting(stamp, stamp.weekday, reference or file_day)
    if len(fits) == 1:
        return fits[0].year, "weekday"
    if reference and (year := _latest(stamp, reference, fits)):
        return year, "reference"
    if neighbours:
        near = fits or [
            day for year in {close.year for close in neighbours} for day in _dates(stamp, year - 1, year + 1)
        ]
        near = near or [
            day
            for close in neighbours
            for day in _dates(stamp, close.year - FARTHEST_YEARS, close.year + FARTHEST_YEARS)
        ]
        if near:
            return min((abs((day - close).days), day) for day in near for close in neighbours)[1].year, "neighbour"
    if file_day and not fits and stamp.kind == "dateline" and len(named := set(weekdays_in_text)) == 1:
        told = [day for day in _fitting(stamp, named.pop(), file_day) if _not_after(day, file_day)]
        if len(told) == 1:
            return told[0].year, "weekday"
    if file_day and (year := _latest(stamp, file_day, fits)):
        return year, "file"
    return None, "unknown"


def _dates(stamp: Stamp, first: int, last: int) -> list[date]:
    """The dates of a stamp's day and month in the years from `first` to `last`."""
    days = []
    for year in range(max(first, date.min.year), min(last, date.max.year) + 1):
        try:
            days.append(date(year, stamp.month or 1, stamp.day or 1))
        except ValueError:
            continue  # 29 February
    return days


def _fitting(stamp: Stamp, weekday: int | None, centre: date | None) -> list[date]:
    """The dates of the stamp that fall on that weekday, within the window."""
    if weekday is None or stamp.day is None:
        return []
    first, last = (centre.year - WINDOW, centre.year + WINDOW) if centre else (FIRST_YEAR, LAST_YEAR)
    return [day for day in _dates(stamp, first, last) if day.weekday() == weekday]


def _not_after(day: date, limit: date) -> bool:
    return day.toordinal() <= limit.toordinal() + AFTER_SLACK


def _latest(stamp: Stamp, limit: date, among: Sequence[date]) -> int | None:
    """The year of the latest date not after `limit`; among dates that fit, when any does."""
    for days in (among, _dates(stamp, limit.year - FARTHEST_YEARS, limit.year + 1)):
        known = [day for day in days if _not_after(day, limit)]
        if known:
            return max(known).year
    return None
