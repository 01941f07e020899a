"""Timestamps: what is read in a line, what is left, and where a stamp is placed in time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import dates
from indexer.dates import AGENCY_ZONES, Dated, Stamp, resolve, zone_of
from indexer.parse import parse

PARIS = "Europe/Paris"

# day, month, year, hour, minute, weekday, zone, kind
Read = tuple[int | None, int | None, int | None, int | None, int | None, int | None, str | None, str]

TAKES: list[tuple[str, Read]] = [
    ("Dernière mise à jour à 08h52 le 08/08", (8, 8, None, 8, 52, None, None, "updated")),
    ("Derni?re mise ? jour ? 08h52 le 08/08", (8, 8, None, 8, 52, None, None, "updated")),
    ("Derniere mise a jour a 08h52 le 08/08", (8, 8, None, 8, 52, None, None, "updated")),
    ("DERNIÈRE MISE À JOUR : 08/08/2022 - 08:52", (8, 8, 2022, 8, 52, None, None, "updated")),
    ("Mis à jour le 08-08-2022 à 15h08", (8, 8, 2022, 15, 8, None, None, "updated")),
    ("Mis à jour à 11h02", (None, None, None, 11, 2, None, None, "updated")),
    ("French.china.org.cn | Mis à jour le 08-08-2022", (8, 8, 2022, None, None, None, None, "updated")),
    ("Page actualisée : 23 mars 2016", (23, 3, 2016, None, None, None, None, "updated")),
    ("PÉKIN, 8 août (Xinhua) -- La Chine", (8, 8, None, None, None, None, None, "dateline")),
    ("PÉKIN, 8 août (Xinhua) --", (8, 8, None, None, None, None, None, "dateline")),
    ("PEKIN, 8 ao?t (Xinhua) -- La Chine", (8, 8, None, None, None, None, None, "dateline")),
    ("BEIJING, Aug. 8 (Xinhua) -- La Chine", (8, 8, None, None, None, None, None, "dateline")),
    ("BEIJING, 8 August (Xinhua) -- La Chine", (8, 8, None, None, None, None, None, "dateline")),
    ("PARIS, 12 janv 2021 (AFP) - La récolte", (12, 1, 2021, None, None, None, None, "dateline")),
    ("MENDE (Lozère), 16 juil 2022 (AFP) – L'Irlandais", (16, 7, 2022, None, None, None, None, "dateline")),
    ("IRKOUTSK, 4 février 2020. /TASS/. La route", (4, 2, 2020, None, None, None, None, "dateline")),
    ("ALGER, 15 fév 2021 (APS)- Le sommet", (15, 2, 2021, None, None, None, None, "dateline")),
    ("Charm El-Cheikh, 6 nov. 2022 (MAP) - La 27e", (6, 11, 2022, None, None, None, None, "dateline")),
    ("PARIS, 8 août 2022 - A 14h30, le président", (8, 8, 2022, None, None, None, None, "dateline")),
    (
        "10 décembre 2016 . – À 19 h 30 UTC samedi, deux explosions ont eu lieu",
        (10, 12, 2016, None, None, None, None, "dateline"),
    ),
    ("Paris, le 8 août 2022", (8, 8, 2022, None, None, None, None, "dateline")),
    ("1er janvier 2022 à 14h30 GMT", (1, 1, 2022, 14, 30, None, "UTC", "published")),
    ("Ier mai 2020", (1, 5, 2020, None, None, None, None, "published")),
    ("Publié le lundi 8 août 2022 à 10:15", (8, 8, 2022, 10, 15, 0, None, "published")),
    ("Par Jean Dupont - Publié le 8 août 2022 à 10h15", (8, 8, 2022, 10, 15, None, None, "published")),
    ("Publié en août 2022", (None, 8, 2022, None, None, None, None, "published")),
    ("Publié en 2022", (None, None, 2022, None, None, None, None, "published")),
    ("08/08/2022 08:52", (8, 8, 2022, 8, 52, None, None, "published")),
    ("03/04/2022", (3, 4, 2022, None, None, None, None, "published")),  # dd/mm, the French order
    ("2022-08-08T08:52:00+02:00", (8, 8, 2022, 8, 52, None, "+02:00", "published")),
    ("2022-04-03", (3, 4, 2022, None, None, None, None, "published")),
    ("2022-08-08T06:52:00Z", (8, 8, 2022, 6, 52, None, "UTC", "published")),
    ("20220808T065200Z", (8, 8, 2022, 6, 52, None, "UTC", "published")),
    ("Mon, 08 Aug 2022 08:52:00 +0200", (8, 8, 2022, 8, 52, 0, "+02:00", "published")),
    ("Date: Mon, 8 Aug 2022 08:52:00 GMT", (8, 8, 2022, 8, 52, 0, "UTC", "published")),
    ("(AFP) - 08.08.22 - 8H52", (8, 8, 2022, 8, 52, None, None, "published")),
    ("ats/clg/sbn - 27.06.2021, 00:12", (27, 6, 2021, 0, 12, None, None, "published")),
    ("lundi 8 août", (8, 8, None, None, None, 0, None, "published")),
    ("Mar. 8 mars 2022", (8, 3, 2022, None, None, 1, None, "published")),
    ("le 3 mars à midi", (3, 3, None, 12, 0, None, None, "published")),
    ("3 mars 2021, minuit", (3, 3, 2021, 0, 0, None, None, "published")),
    ("le 8/8/22 à 8 heures", (8, 8, 2022, 8, 0, None, None, "published")),
    ("8 août 22h30", (8, 8, None, 22, 30, None, None, "published")),
    ("31/12/85 23:59", (31, 12, 1985, 23, 59, None, None, "published")),
    ("15 aout 2021", (15, 8, 2021, None, None, None, None, "published")),
    ("1er f?vrier 2020 - 9h", (1, 2, 2020, 9, 0, None, None, "published")),
    ("12 d?cembre 2019", (12, 12, 2019, None, None, None, None, "published")),
    ("12 d\ufffdcembre 2019", (12, 12, 2019, None, None, None, None, "published")),
    ("12 dcembre 2019", (12, 12, 2019, None, None, None, None, "published")),
    ("12 de\u0301cembre 2019", (12, 12, 2019, None, None, None, None, "published")),
    ("3 FÉVR. 2020", (3, 2, 2020, None, None, None, None, "published")),
    ("29 février", (29, 2, None, None, None, None, None, "published")),
    ("8 août 2022, 14h30, heure de Pékin", (8, 8, 2022, 14, 30, None, "Asia/Shanghai", "published")),
    ("8 août 2022 14h30 (heure de Paris)", (8, 8, 2022, 14, 30, None, PARIS, "published")),
    ("8 août 2022 à 10h15 HAEC", (8, 8, 2022, 10, 15, None, "+02:00", "published")),
    ("8 janvier 2022 à 10h15 CET", (8, 1, 2022, 10, 15, None, "+01:00", "published")),
    ("8 août 2022 à 10h15 GMT+2", (8, 8, 2022, 10, 15, None, "+02:00", "published")),
    ("8 août 2022 à 10h15 TU", (8, 8, 2022, 10, 15, None, "UTC", "published")),
    ("8 août 2022 à 10h15, heure locale", (8, 8, 2022, 10, 15, None, None, "published")),
    ("8 août 2022 à 14h30 (12h30 GMT)", (8, 8, 2022, 14, 30, None, "+02:00", "published")),
    ("9 août 2022 à 01H30 locales (17H30 GMT)", (9, 8, 2022, 1, 30, None, "+08:00", "published")),
    ("8 août 2022 à 19h30 (23h30 GMT)", (8, 8, 2022, 19, 30, None, "-04:00", "published")),
]


def _read(stamp: Stamp) -> Read:
    return (stamp.day, stamp.month, stamp.year, stamp.hour, stamp.minute, stamp.weekday, stamp.zone, stamp.kind)


@pytest.mark.parametrize(("text", "expected"), TAKES)
def test_a_stamp_is_read_as_it_stands(text: str, expected: Read) -> None:
    assert [_read(stamp) for stamp in parse(text).stamps] == [expected]


LEAVES = [
    "",
    "Le 8 août, le ministre a dit qu'il partait.",
    "Le sommet aura lieu le 3 mars à midi.",
    "Publié le 8 août 2022, le rapport de la commission dénonce une dérive",
    "Berne, le 8 août, le Conseil fédéral a décidé",
    "31/02/2021 10:00",
    "30 février 2020",
    "29/02/2021",
    "Publié le 31 avril 2022",
    "VIII août 2022",
    "25h00",
    "3-2",
    "08/08",
    "12/20/2022",
    "2022",
    "Bilan, août 2022",
    "8 kilos 2022",
    "Selon lui, 8 août (Xinhua) -- La Chine",
    "192.168.1.10",
    "+33 1 40 41 46 46",
]


@pytest.mark.parametrize("text", LEAVES)
def test_a_date_that_is_no_stamp_is_left(text: str) -> None:
    assert parse(text).stamps == ()


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("PÉKIN, 8 août (Xinhua) -- La", "8 août"),
        ("\nDernière mise à jour à 08h52 le 08/08\nLe", "Dernière mise à jour à 08h52 le 08/08"),
        ("Titre\n\n  (AFP) - 08.08.22 - 8H52\n", "08.08.22 - 8H52"),
        ("8 août 2022 à 14h30 (12h30 GMT)", "8 août 2022 à 14h30 (12h30 GMT)"),
        ("Dernière mise à jour à 08h52 le 08/08 Le conseiller d'Etat", "Dernière mise à jour à 08h52 le 08/08"),
    ],
)
def test_a_span_is_that_of_the_text(text: str, span: str) -> None:
    (stamp,) = parse(text).stamps
    assert text[stamp.start : stamp.end] == span


def test_a_line_may_hold_two_stamps() -> None:
    line = "Publié le 8 août 2022 à 10:15 - Mis à jour le 9 août 2022 à 11:02"
    assert [(stamp.kind, stamp.day, stamp.hour) for stamp in parse(line).stamps] == [
        ("published", 8, 10),
        ("updated", 9, 11),
    ]


@pytest.mark.parametrize("month", ["janvier", "FÉVRIER", "mars", "avril", "mai", "juin"])
def test_months_come_in_any_case(month: str) -> None:
    (stamp,) = parse(f"5 {month} 2020").stamps
    assert stamp.month == ["janvier", "FÉVRIER", "mars", "avril", "mai", "juin"].index(month) + 1


# --- patterns ------------------------------------------------------------------------------------------------------

PATTERNS: list[tuple[re.Pattern[str], list[str], list[str]]] = [
    (dates.ISO_DATE, ["2022-08-08", "2022/8/8"], ["12022-08-08", "22-08-08"]),
    (dates.COMPACT_DATE, ["20220808T085200"], ["20220808"]),
    (dates.COMPACT_TIME, ["085200", "0852"], ["2552", "08"]),
    (dates.NUMERIC_DATE, ["08/08/2022", "08.08.22", "08/08", "27.06."], ["1.5.3.2", "192.168.1.10", "08/08/20221"]),
    (
        dates.WORD_DATE,
        ["8 août 2022", "1er janvier", "8 August", "12 janv. 2021", "Ier mai", "8-août-2022"],
        ["VIII août", "août", "8août"],
    ),
    (dates.ENGLISH_DATE, ["August 8, 2022", "Aug. 8", "Mar 8"], ["Mar 8 août", "8 Aug"]),
    (dates.MONTH_YEAR, ["août 2022", "janv. 2021"], ["août", "août 22"]),
    (dates.YEAR_ONLY, ["2022"], ["12022", "2022-08"]),
    (dates.CLOCK, ["08h52", "8H52", "8 h 52", "10:15:30", "14 heures", "8h52min"], ["25h00", "8h75x", "1:2"]),
    (dates.NOON, ["midi", "Minuit"], ["midinette"]),
    (dates.WEEKDAY, ["lundi", "lun.", "Mon"], ["l1"]),
    (dates.OFFSET, ["+02:00", "+0200", "GMT+2", "UTC-3"], ["-2022", "GMT"]),
    (dates.ZONE_NAME, ["GMT", "HAEC", "Z"], ["GMTXY"]),
    (dates.ZONE_PLACE, ["heure de Paris", "heures locales", "heure d'Alger", "locales"], ["localement", "14 heures"]),
    (
        dates.UPDATED_LABEL,
        ["Dernière mise à jour", "Mis à jour", "Actualisé", "MAJ", "Derni?re mise ? jour"],
        ["Remis à jour", "majeur", "Mise au jour"],
    ),
    (dates.PUBLISHED_LABEL, ["Publié le", "Mis en ligne", "Date :", "Diffusé", "Published"], ["Republié", "dater"]),
    (dates.SURE_LABEL, ["Dernière mise à jour"], ["Mis à jour", "La dernière mise à jour"]),
    (dates.PLACE_BEFORE, ["PÉKIN, 8", "Charm El-Cheikh, 8", "MENDE (Lozère), le 8"], ["8 août, le", "Le 8 août, "]),
    (dates.DATELINE_AFTER, [" (Xinhua) --", ". /TASS/.", " - Le"], [", le ministre", " à Paris"]),
    (dates.DATE_OPENS, [" - Le", " . – À"], [", le Conseil", "-2023"]),
    (dates.DASH, [" - ", " -- ", " – "], ["-", "porte-parole"]),
    (dates.SIGNED_BEFORE, ["(AFP) - ", "ats/clg/sbn - ", "Xinhua | ", "French.china.org.cn | "], ["- ", "«AFP»"]),
]


@pytest.mark.parametrize(("pattern", "takes", "leaves"), PATTERNS)
def test_a_pattern_takes_and_leaves_what_stands_beside_it(
    pattern: re.Pattern[str], takes: list[str], leaves: list[str]
) -> None:
    assert [text for text in takes if not pattern.match(text)] == []
    assert [text for text in leaves if pattern.match(text)] == []


@pytest.mark.parametrize("after", ["", " (AFP)", " - AFP", " par Jean Dupont", " | Temps de lecture : 3 min", " . –"])
def test_what_may_follow_a_stamp_on_its_line(after: str) -> None:
    assert dates.LINE_AFTER.fullmatch(after)
    assert len(parse("Publié le 8 août 2022" + after).stamps) == 1


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        ("PÉKIN", True),
        ("Charm El-Cheikh", True),
        ("Val d'Illiez", True),
        ("MENDE (Lozère)", True),
        ("PARIS/LONDRES", True),
        ("Le Caire", True),
        ("Selon lui", False),
        ("De Paris", False),
        ("Lundi", False),
        ("le ministre", False),
        ("", False),
    ],
)
def test_a_place_is_told_from_words(words: str, is_one: bool) -> None:
    assert dates.is_place(words) is is_one


# --- resolve -------------------------------------------------------------------------------------------------------


def stamp(
    day: int | None = 8,
    month: int | None = 8,
    year: int | None = None,
    clock: tuple[int, int] | None = None,
    *,
    weekday: int | None = None,
    zone: str | None = None,
    kind: str = "published",
) -> Stamp:
    hour, minute = clock or (None, None)
    return Stamp(day, month, year, hour, minute, weekday, zone, 0, 0, kind)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


UNKNOWN = Dated(None, "unknown", "unknown")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (stamp(year=2022, clock=(8, 52)), Dated(utc(2022, 8, 8, 6, 52), "minute", "stated")),
        (stamp(year=2022), Dated(utc(2022, 8, 8), "day", "stated")),
        (stamp(None, year=2022), Dated(utc(2022, 8, 1), "month", "stated")),
        (stamp(None, None, 2022), Dated(utc(2022, 1, 1), "year", "stated")),
        (stamp(year=2022, clock=(8, 52), zone="UTC"), Dated(utc(2022, 8, 8, 8, 52), "minute", "stated")),
        (stamp(year=2022, clock=(8, 52), zone="+08:00"), Dated(utc(2022, 8, 8, 0, 52), "minute", "stated")),
        (stamp(year=2022, clock=(20, 0), zone="-04:30"), Dated(utc(2022, 8, 9, 0, 30), "minute", "stated")),
        # a weekday that contradicts a whole date: the date wins
        (stamp(year=2022, weekday=4), Dated(utc(2022, 8, 8), "day", "stated")),
        # clocks go forward at 2h on 27 March 2022: 2h30 is 3h30
        (stamp(27, 3, 2022, (2, 30)), Dated(utc(2022, 3, 27, 1, 30), "minute", "stated")),
        # and back at 3h on 30 October 2022: the first 2h30 is in summer time
        (stamp(30, 10, 2022, (2, 30)), Dated(utc(2022, 10, 30, 0, 30), "minute", "stated")),
        (stamp(None, None, None, (8, 52)), UNKNOWN),
        (stamp(31, 2, 2022), UNKNOWN),
        (stamp(29, 2, 2021), UNKNOWN),
    ],
)
def test_a_stated_date_is_placed(said: Stamp, expected: Dated) -> None:
    assert resolve(said, zone=PARIS) == expected


def test_a_day_is_of_the_calendar_of_who_asks_and_a_minute_of_none() -> None:
    day, minute = Dated(utc(2022, 8, 8), "day", "stated"), Dated(utc(2022, 8, 8, 6), "minute", "stated")
    assert day.on_calendar(PARIS).moment == utc(2022, 8, 7, 22)
    assert day.on_calendar("Asia/Shanghai").moment == utc(2022, 8, 7, 16)
    assert minute.on_calendar(PARIS) == minute
    assert UNKNOWN.on_calendar(PARIS) == UNKNOWN


@pytest.mark.parametrize(
    ("said", "reference", "year", "basis"),
    [
        (stamp(), date(2022, 8, 10), 2022, "reference"),
        (stamp(), date(2022, 8, 6), 2022, "reference"),  # two days ahead of the reference: clocks and zones
        (stamp(), date(2022, 8, 5), 2021, "reference"),
        (stamp(31, 12), date(2022, 1, 1), 2021, "reference"),
        (stamp(1, 1), date(2021, 12, 31), 2022, "reference"),
        (stamp(29, 2), date(2023, 6, 1), 2020, "reference"),
        (stamp(29, 2), date(1903, 6, 1), 1896, "reference"),
        # 8 August is a Monday in 2022 only between 2019 and 2025
        (stamp(weekday=0), date(2022, 8, 10), 2022, "weekday"),
        (stamp(weekday=0), date(2024, 1, 1), 2022, "weekday"),
        # a Sunday in 2021 and 2027: the reference chooses
        (stamp(weekday=6), date(2024, 1, 1), 2021, "reference"),
        # 8 August is a Tuesday in 2023 only: the window reaches three years ahead
        (stamp(weekday=1), date(2022, 8, 10), 2023, "weekday"),
        # 29 February is a Sunday in no year of the window: the weekday is ignored
        (stamp(29, 2, weekday=6), date(2022, 8, 10), 2020, "reference"),
    ],
)
def test_a_missing_year_is_found_from_weekday_and_reference(
    said: Stamp, reference: date, year: int, basis: str
) -> None:
    found = resolve(said, zone="UTC", reference=reference)
    assert (found.moment and found.moment.year, found.basis) == (year, basis)


@pytest.mark.parametrize(
    ("said", "neighbours", "file_time", "year", "basis"),
    [
        (stamp(), (), None, None, "unknown"),
        (stamp(weekday=0), (), None, None, "unknown"),  # 8 August is a Monday in 1994, 2005, 2011, 2016, 2022, 2033
        (stamp(29, 2, weekday=4), (), None, 2008, "weekday"),  # once between 1990 and 2035
        (stamp(), [utc(2019, 8, 1)], None, 2019, "neighbour"),
        (stamp(31, 12), [utc(2020, 1, 2)], None, 2019, "neighbour"),
        (stamp(1, 1), [utc(2019, 12, 30), utc(2015, 6, 1)], None, 2020, "neighbour"),
        (stamp(29, 2), [utc(2022, 1, 1)], None, 2020, "neighbour"),
        (stamp(weekday=0), [utc(2015, 6, 1)], None, 2016, "neighbour"),  # among the years that fit
        (stamp(), [utc(2019, 8, 1)], utc(2022, 9, 1), 2019, "neighbour"),
        (stamp(), (), utc(2022, 9, 1), 2022, "file"),
        (stamp(), (), utc(2022, 8, 1), 2021, "file"),
        (stamp(weekday=0), (), utc(2023, 9, 1), 2022, "weekday"),
    ],
)
def test_a_missing_year_is_found_from_neighbours_and_file(
    said: Stamp, neighbours: list[datetime], file_time: datetime | None, year: int | None, basis: str
) -> None:
    found = resolve(said, zone="UTC", neighbours=neighbours, file_time=file_time)
    assert (found.moment and found.moment.year, found.basis) == (year, basis)


def test_the_reference_goes_before_neighbours_and_file() -> None:
    found = resolve(
        stamp(), zone="UTC", reference=date(2018, 1, 1), neighbours=[utc(2020, 8, 1)], file_time=utc(2022, 9, 1)
    )
    assert found == Dated(utc(2017, 8, 8), "day", "reference")


@pytest.mark.parametrize(
    ("kind", "weekdays", "year", "basis"),
    [
        ("dateline", [0], 2022, "weekday"),
        ("dateline", [0, 0], 2022, "weekday"),
        ("dateline", [0, 3], 2023, "file"),
        ("dateline", [2], 2023, "file"),  # 8 August is no Wednesday in these years
        ("updated", [0], 2023, "file"),  # an update may come days later
    ],
)
def test_a_weekday_of_the_sentences_helps_a_dateline_only(
    kind: str, weekdays: list[int], year: int, basis: str
) -> None:
    found = resolve(stamp(kind=kind), zone="UTC", file_time=utc(2023, 9, 1), weekdays_in_text=weekdays)
    assert (found.moment and found.moment.year, found.basis) == (year, basis)


def test_a_weekday_of_the_sentences_never_overrides_a_reference() -> None:
    # The seed: "a rencontré vendredi", updated on Monday 8 August 2022. 8 August is a Friday in 2025.
    found = resolve(stamp(kind="dateline"), zone="UTC", reference=date(2022, 8, 10), weekdays_in_text=[4])
    assert found == Dated(utc(2022, 8, 8), "day", "reference")


def test_the_day_of_a_file_is_that_of_the_zone() -> None:
    # 23h30 UTC on 31 December is 1 January in Paris: 3 January is two days later there, three days later in UTC.
    file_time = utc(2022, 12, 31, 23, 30)
    assert resolve(stamp(3, 1), zone=PARIS, file_time=file_time).moment == utc(2023, 1, 3)
    assert resolve(stamp(3, 1), zone="UTC", file_time=file_time).moment == utc(2022, 1, 3)


@pytest.mark.parametrize(
    ("agency", "zone"), [("AFP", PARIS), ("Xinhua", "Asia/Shanghai"), ("Reuters", "x"), (None, "x")]
)
def test_an_agency_writes_in_the_zone_of_its_desk(agency: str | None, zone: str) -> None:
    assert zone_of(agency, "x") == zone


@pytest.mark.parametrize("zone", sorted({*AGENCY_ZONES.values(), *dates._CITIES.values()}))
def test_every_zone_of_the_tables_exists(zone: str) -> None:
    assert ZoneInfo(zone).key == zone


# --- any text ------------------------------------------------------------------------------------------------------

SCRAPS = st.sampled_from(
    [text for text, _ in TAKES]
    + ["\n", " ", "8", " août", "/08", "h", "(", ")", "2022", "Publié le ", "?", "midi", "T"]
)


@given(st.one_of(st.text(), st.lists(SCRAPS, max_size=12).map("".join)))
def test_no_text_makes_reading_or_placing_fail(text: str) -> None:
    for found in parse(text).stamps:
        assert 0 <= found.start < found.end <= len(text)
        placed = resolve(found, zone=PARIS, reference=date(2022, 8, 10))
        assert (placed.moment is None) == (placed.precision == "unknown") == (placed.basis == "unknown")
        assert placed.moment is None or placed.moment.tzinfo is UTC


@given(st.dates(date(1950, 1, 1), date(2049, 12, 31)), st.dates(date(1950, 1, 1), date(2049, 12, 31)))
def test_a_year_from_the_reference_is_never_after_it(day: date, reference: date) -> None:
    found = resolve(stamp(day.day, day.month), zone="UTC", reference=reference)
    assert found.moment is not None
    assert -2 <= (reference - found.moment.date()).days <= 8 * 366
    assert (found.moment.month, found.moment.day) == (day.month, day.day)
