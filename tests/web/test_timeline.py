from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from search.result import Timeline, TimelineBucket
from web.timeline import BARS_HEIGHT, EMPTY_BAR, LEAST_BAR, MOST_TICKS, WIDEST_BAR, draw, wider

PARIS = ZoneInfo("Europe/Paris")


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2022, 8, day, hour, minute, tzinfo=PARIS)


def months(*counts: int, year: int = 2022, first: int = 1) -> Timeline:
    """A bucket a month, from `first` of `year`."""
    buckets = []
    for index, count in enumerate(counts):
        at, month = divmod(year * 12 + first - 1 + index, 12)
        after, next_month = divmod(year * 12 + first + index, 12)
        end = date(after, next_month + 1, 1) - timedelta(days=1)
        buckets.append(TimelineBucket(date(at, month + 1, 1), end, count))
    return Timeline("month", tuple(buckets))


def days(count: int, first: date = date(2022, 8, 8)) -> Timeline:
    starts = [first + timedelta(days=index) for index in range(count)]
    return Timeline("day", tuple(TimelineBucket(start, start, 1) for start in starts))


@pytest.mark.parametrize("timeline", [None, Timeline("day", ()), months(5)])
def test_nothing_to_compare_is_not_drawn(timeline: Timeline | None) -> None:
    assert draw(timeline) is None


def test_heights_are_in_proportion_and_stand_on_the_axis() -> None:
    drawing = draw(months(10, 5, 0))
    assert drawing is not None
    assert [bar.height for bar in drawing.bars] == [BARS_HEIGHT, BARS_HEIGHT / 2, EMPTY_BAR]
    assert {bar.y + bar.height for bar in drawing.bars} == {BARS_HEIGHT}
    assert drawing.highest == 10


def test_one_dispatch_beside_thousands_is_still_seen() -> None:
    drawing = draw(months(5000, 1))
    assert drawing is not None
    assert drawing.bars[1].height == LEAST_BAR


def test_places_fill_the_width_and_hold_their_bars() -> None:
    drawing = draw(months(*[1] * 60))
    assert drawing is not None
    last = drawing.bars[-1]
    assert last.left + last.width == pytest.approx(100, abs=0.01)
    assert all(bar.left <= bar.x and bar.x + bar.broad <= bar.left + bar.width for bar in drawing.bars)


def test_few_bars_are_not_walls() -> None:
    drawing = draw(months(1, 1))
    assert drawing is not None
    assert drawing.bars[0].broad == WIDEST_BAR


def test_labels_of_bars_are_sentences() -> None:
    drawing = draw(months(14, 1, 0, first=8))
    assert drawing is not None
    assert [bar.label for bar in drawing.bars] == [
        "août 2022\xa0: 14\xa0dépêches",
        "septembre 2022\xa0: 1\xa0dépêche",
        "octobre 2022\xa0: aucune dépêche",
    ]


def hours(first: datetime, count: int) -> Timeline:
    starts = [(first.astimezone(UTC) + timedelta(hours=n)).astimezone(PARIS) for n in range(count)]
    return Timeline("hour", tuple(TimelineBucket(start, start + timedelta(minutes=59), 1) for start in starts))


def test_hours_are_named_by_when_they_begin_and_end() -> None:
    drawing = draw(hours(datetime(2022, 10, 30, 1, tzinfo=PARIS), 24))
    assert drawing is not None
    assert drawing.caption == "par heure"
    assert [bar.label.partition("\xa0: ")[0].replace("\xa0", " ") for bar in drawing.bars[:4]] == [
        "30 octobre 2022 de 1 h à 2 h",
        "30 octobre 2022 de 2 h à 3 h (heure d’été)",
        "30 octobre 2022 de 2 h à 3 h (heure d’hiver)",
        "30 octobre 2022 de 3 h à 4 h",
    ]
    assert drawing.bars[-2].label.startswith("30\xa0octobre 2022 de 22\xa0h à 23\xa0h")
    assert drawing.bars[-1].label.startswith("30\xa0octobre 2022 de 23\xa0h à minuit")
    assert [tick.text.replace("\xa0", " ") for tick in drawing.ticks] == ["30 oct., 1 h", "5 h", "10 h", "15 h", "20 h"]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, None),
        (at(8, 14), at(8, 14, 59), ("2022-08-08", "2022-08-08", "8\xa0août 2022")),
        (at(8), at(8, 23, 59), ("2022-08-08", "2022-08-08", "8\xa0août 2022")),
        (at(8, 14), at(9, 14), ("2022-08-01", "2022-08-31", "août 2022")),
        (date(2022, 8, 8), date(2022, 8, 8), ("2022-08-01", "2022-08-31", "août 2022")),
        (date(2022, 8, 8), date(2022, 8, 14), ("2022-08-01", "2022-08-31", "août 2022")),
        (date(2022, 8, 1), date(2022, 8, 31), ("2022-01-01", "2022-12-31", "2022")),
        (date(2022, 7, 1), date(2022, 9, 30), ("2022-01-01", "2022-12-31", "2022")),
        (date(2022, 1, 1), date(2022, 12, 31), (None, None, "toute la période")),
        (date(2021, 12, 27), date(2022, 1, 2), (None, None, "toute la période")),
        (date(2022, 1, 1), None, (None, None, "toute la période")),
    ],
)
def test_a_wider_period(
    first: date | None, last: date | None, expected: tuple[str | None, str | None, str] | None
) -> None:
    found = wider(first, last)
    told = found and (found.start and found.start.isoformat(), found.end and found.end.isoformat(), found.label)
    assert told == expected


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("hour", "par heure"),
        ("day", "par jour"),
        ("week", "par semaine"),
        ("month", "par mois"),
        ("quarter", "par trimestre"),
        ("year", "par an"),
        ("5 years", "par 5\xa0ans"),
    ],
)
def test_caption(interval: str, expected: str) -> None:
    drawing = draw(Timeline(interval, months(1, 2).buckets))
    assert drawing is not None
    assert drawing.caption == expected


@pytest.mark.parametrize(
    ("timeline", "expected"),
    [
        (months(*[1] * 36, year=2020, first=6), ["2021", "2022", "2023"]),
        (months(1, 1, 1, first=7), ["juil. 2022", "août 2022", "sept. 2022"]),
        (days(3), ["8\xa0août 2022", "9\xa0août", "10\xa0août"]),
        (days(3, date(2021, 12, 31)), ["31\xa0déc. 2021", "1er\xa0janv. 2022", "2\xa0janv."]),
    ],
)
def test_ticks_name_what_tells_bars_apart(timeline: Timeline, expected: list[str]) -> None:
    drawing = draw(timeline)
    assert drawing is not None
    assert [tick.text for tick in drawing.ticks] == expected


@pytest.mark.parametrize("timeline", [days(60), months(*[1] * 23), months(*[1] * 120, year=2010)])
def test_ticks_leave_room_for_one_another(timeline: Timeline) -> None:
    drawing = draw(timeline)
    assert drawing is not None
    assert 2 <= len(drawing.ticks) <= MOST_TICKS


def test_ticks_stay_inside_the_drawing() -> None:
    drawing = draw(days(61))
    assert drawing is not None
    assert drawing.ticks[0].anchor == "start"
    assert all(tick.anchor == "middle" or tick.x in (0, 100) for tick in drawing.ticks)
