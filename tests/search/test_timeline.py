"""The timeline: which periods, from where to where; counted by a real Elasticsearch, clocks changing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from authorities.model import Authorities
from engine.client import Engine
from engine.errors import BadParameter
from mappings.dispatch import Dispatch, to_document
from mappings.lifecycle import Family
from search.bounds import read_bound, written
from search.request import TIMELINE_BUCKETS, Interval, SearchRequest
from search.result import Timeline
from search.service import Archive
from search.timeline import Chronology, read_undated

Bars = list[tuple[str, str, int]]


def asked(first: str = "", last: str = "", interval: Interval | None = None) -> SearchRequest:
    return SearchRequest(
        date_from=read_bound(first, last=False) if first else None,
        date_to=read_bound(last, last=True) if last else None,
        interval=interval,
    )


def bars(timeline: Timeline | None) -> Bars:
    assert timeline is not None
    return [(written(b.start), written(b.end), b.count) for b in timeline.buckets]


def read(request: SearchRequest, *found: str) -> Timeline | Chronology | None:
    """A timeline of dispatches found at these instants, one each, as the engine would count them."""
    chronology = Chronology.of(request, "Europe/Paris")
    moments = sorted(datetime.fromisoformat(each).replace(tzinfo=chronology.zone) for each in found)
    buckets = [{"key": moment.timestamp() * 1000, "doc_count": 1} for moment in moments]
    ends = {name: {"value": at["key"]} for name, at in zip(("first", "last"), (buckets[0], buckets[-1]), strict=True)}
    return chronology.read({"dates": {"buckets": buckets}, **ends})


# -- pure --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "interval", "number"),
    [
        ("2022-08-08", "2022-08-08", "hour", 24),
        ("2022-08-08", "2022-08-10", "hour", 72),
        ("2022-08-08T14", "2022-08-08T16", "hour", 3),
        ("2022-08-08", "2022-08-14", "day", 7),
        ("2022-08-01", "2022-08-31", "day", 31),
        ("2022-07-01", "2022-09-30", "week", 14),
        ("2022-01-01", "2022-12-31", "month", 12),
        ("2018-01-01", "2022-12-31", "month", 60),
        ("2010-01-01", "2022-12-31", "quarter", 52),
        ("1990-01-01", "2022-12-31", "year", 33),
        ("1900-01-01", "2022-12-31", "5 years", 25),
        ("0001-01-01", "9999-12-31", "200 years", 50),
    ],
)
def test_a_period_is_shown_by_what_makes_readable_bars(first: str, last: str, interval: str, number: int) -> None:
    timeline = read(asked(first, last), f"{last[:10]}T15:30")
    assert isinstance(timeline, Timeline)
    assert (timeline.interval, len(timeline.buckets)) == (interval, number)
    assert sum(bucket.count for bucket in timeline.buckets) == 1
    assert number <= max(TIMELINE_BUCKETS, 72)


@pytest.mark.parametrize("day", ["2022-03-27", "2022-10-30", "2022-08-08"])
def test_a_day_has_the_hours_it_has(day: str) -> None:
    timeline = read(asked(day, day), f"{day}T12:00")
    hours = bars(timeline if isinstance(timeline, Timeline) else None)
    assert len(hours) == {"2022-03-27": 23, "2022-10-30": 25}.get(day, 24)
    assert hours[0][0][:16] == f"{day}T00:00"
    assert hours[-1][1][:16] == f"{day}T23:59"
    if day == "2022-10-30":
        assert [hour[0] for hour in hours[2:4]] == [f"{day}T02:00+02:00", f"{day}T02:00+01:00"]


@pytest.mark.parametrize(
    ("request_", "found", "expected"),
    [
        # No gaps; weeks from Monday; cut where the search is.
        (
            asked("2022-08-10", "2022-10-20"),
            ["2022-08-10T10:00", "2022-09-05T00:00"],
            [("2022-08-10", "2022-08-14", 1), ("2022-08-15", "2022-08-21", 0)],
        ),
        (asked("2020-02-10", "2022-12-31"), ["2020-02-10T10:00"], [("2020-02-10", "2020-02-29", 1)]),
        # Quarters are those of the calendar.
        (asked(), ["2010-02-10T10:00", "2022-03-31T23:00"], [("2010-01-01", "2010-03-31", 1)]),
        # Half known: the rest is what was found.
        (asked(first="2019-12-15"), ["2021-02-10T10:00"], [("2019-12-15", "2019-12-31", 0), ("2020-01-01", "2020-01-31", 0)]),
        (asked(interval="year"), ["2021-02-10T10:00", "2022-01-01T00:00"], [("2021-01-01", "2021-12-31", 1)]),
        (
            asked("2022-08-08T14:30", "2022-08-08T16:10"),
            ["2022-08-08T15:00"],
            [
                ("2022-08-08T14:30+02:00", "2022-08-08T14:59+02:00", 0),
                ("2022-08-08T15:00+02:00", "2022-08-08T15:59+02:00", 1),
                ("2022-08-08T16:00+02:00", "2022-08-08T16:10+02:00", 0),
            ],
        ),
    ],
)  # fmt: skip
def test_periods_fill_the_extent(request_: SearchRequest, found: list[str], expected: Bars) -> None:
    timeline = read(request_, *found)
    assert isinstance(timeline, Timeline)
    assert bars(timeline)[: len(expected)] == expected


@pytest.mark.parametrize(
    ("found", "counted"),
    [
        (["2022-08-08T10:00", "2022-08-10T23:00"], "hour"),
        (["2022-08-08T10:00", "2022-08-11T00:00"], "day"),
        (["2022-08-08T10:00", "2022-12-01T00:00"], "week"),
    ],
)
def test_what_is_found_close_together_is_counted_once_more(found: list[str], counted: str) -> None:
    finer = read(asked(), *found)
    assert isinstance(finer, Chronology)
    assert finer.counted == counted
    assert finer.counts([])["aggs"]["dates"]["date_histogram"]["calendar_interval"] == counted


def test_what_is_asked_for_from_when_to_when_is_counted_at_once() -> None:
    assert Chronology.of(asked("2022-08-08", "2022-08-08"), "Europe/Paris").counted == "hour"
    assert Chronology.of(asked("2022-08-08", "2022-12-01"), "Europe/Paris").counted == "week"
    assert Chronology.of(asked("2022-08-08"), "Europe/Paris").counted == "month"


def test_too_many_periods_are_refused() -> None:
    with pytest.raises(BadParameter, match="resserrez"):
        Chronology.of(asked("2022-01-01", "2022-12-31", "hour"), "Europe/Paris")
    with pytest.raises(BadParameter, match="resserrez"):
        read(asked(interval="day"), "2012-01-01T00:00", "2022-01-01T00:00")


def test_dispatches_without_a_date_are_counted_beside_the_timeline() -> None:
    counts = Chronology.of(asked(), "Europe/Paris").counts([])["aggs"]
    assert counts["undated"] == {"missing": {"field": "published"}}
    assert read_undated({"timeline": {"undated": {"doc_count": 7}}}) == 7


def test_no_dates_no_timeline() -> None:
    empty: dict[str, Any] = {"dates": {"buckets": []}, "first": {"value": None}, "last": {"value": None}}
    assert Chronology.of(asked(), "Europe/Paris").read(empty) is None


# -- in a real Elasticsearch -------------------------------------------------------------------------

BASE = Dispatch("", ("Texte.",), "Titre", False, "", b"", "utf-8", agency="AFP")

# UTC. In Paris clocks change on 27 March and 30 October 2022 at 01:00 UTC.
MOMENTS = (
    *("2022-03-26T23:30", "2022-03-27T00:30", "2022-03-27T01:30", "2022-03-27T21:59", "2022-03-27T22:00"),
    *("2022-10-29T22:30", "2022-10-30T00:30", "2022-10-30T01:30", "2022-10-30T22:59", "2022-10-30T23:00"),
    "2019-06-15T12:00",
)


@pytest.fixture
def archive(engine: Engine, family: Family, authorities: Authorities) -> Archive:
    actions = []
    for number, moment in enumerate(MOMENTS):
        published = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        document = to_document(replace(BASE, id=f"d{number}", published=published))
        actions.append({"_op_type": "create", "_index": family.write, "_id": f"d{number}", "_source": document})
    assert all(outcome.done for outcome in engine.bulk(actions))
    engine.refresh(family.write)
    return Archive(engine, family.read, authorities, "Europe/Paris")


@pytest.mark.parametrize(
    ("day", "hours", "found"),
    [
        ("2022-03-27", 23, {"00:00+01:00": 1, "01:00+01:00": 1, "03:00+02:00": 1, "23:00+02:00": 1}),
        ("2022-10-30", 25, {"00:00+02:00": 1, "02:00+02:00": 1, "02:00+01:00": 1, "23:00+01:00": 1}),
    ],
)
def test_hours_where_the_clocks_change(archive: Archive, day: str, hours: int, found: dict[str, int]) -> None:
    timeline = bars(archive.search(asked(day, day)).timeline)
    assert len(timeline) == hours
    assert {start[11:]: count for start, _, count in timeline if count} == found


@pytest.mark.parametrize(
    "request_",
    [
        asked(),
        asked("2022-03-20", "2022-04-02"),
        asked("2022-03-26", "2022-03-28"),
        asked("2022-10-01", "2022-12-31"),
        asked("2022-10-30", "2022-10-30"),
    ],
)
def test_a_bar_finds_what_it_counts(archive: Archive, request_: SearchRequest) -> None:
    result = archive.search(request_)
    assert result.timeline is not None
    assert sum(bucket.count for bucket in result.timeline.buckets) == result.total > 0
    for start, end, count in bars(result.timeline):
        if count:
            zoomed = archive.search(asked(start, end))
            assert zoomed.total == count


def test_results_of_one_day_are_shown_by_its_hours(archive: Archive) -> None:
    whole = archive.search(asked())
    assert whole.timeline is not None and whole.timeline.interval == "month"
    day = archive.search(replace(asked(first="2022-10-30"), date_to=None))
    assert day.timeline is not None and day.timeline.interval == "hour"
    assert [b.count for b in day.timeline.buckets if b.count] == [1, 1, 1, 1, 1]


def test_from_the_year_to_the_hour(client: FlaskClient) -> None:
    steps = []
    params: dict[str, Any] = {"q": "Lavrov", "from": "2022-01-01", "to": "2022-12-31", "size": 1}
    for _ in range(3):
        timeline = client.get("/api/v1/dispatches", query_string=params).get_json()["timeline"]
        steps.append(timeline["interval"])
        bucket = max(timeline["buckets"], key=lambda each: int(each["count"]))
        params |= {"from": bucket["from"], "to": bucket["to"]}
    assert steps == ["month", "day", "hour"]
