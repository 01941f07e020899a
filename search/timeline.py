"""The timeline: how dispatches are counted over time, and how the count is read back. Pure.

A period is shown by hours, days, weeks, months, quarters or years, whichever makes bars that tell something: a year by
its months, a month by its days, a day by its hours. Its extent is what was asked for, else what was found; periods
without a dispatch are there, at 0.

Months are counted at once, and quarters and years made of them. What is shorter is known to be wanted when the search
says from when to when, and else counted once more, over what was found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import BadParameter
from search.bounds import MINUTE, begins, ends
from search.request import INTERVALS, MOST_BUCKETS, TIMELINE_BUCKETS, Interval, SearchRequest
from search.result import Timeline, TimelineBucket

Body = dict[str, Any]

HOUR = timedelta(hours=1)

# The longest extent, in days, that each interval shows: three days are 72 bars, two months 62, half a year 26, five years
# 60, fifteen years 60. Longer ones are shown by years, or by several.
LONGEST: tuple[tuple[Interval, int], ...] = (
    ("hour", 3),
    ("day", 62),
    ("week", 184),
    ("month", 5 * 366),
    ("quarter", 15 * 366),
)

# How many years one bar may be.
YEARS = (1, 5, 10, 20, 50, 100, 200, 500, 1000)

# Days of an interval, about: to tell how many there would be.
ABOUT: Mapping[Interval, float] = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30.4, "quarter": 91, "year": 365}


@dataclass(frozen=True, slots=True)
class Chronology:
    """One way to count over time.

    Args:
        first, last: the ends asked for.
        forced: the interval asked for.
        counted: the interval by which the engine counts.
    """

    zone: ZoneInfo
    first: date | None
    last: date | None
    forced: Interval | None
    counted: Interval = "month"

    @classmethod
    def of(cls, request: SearchRequest, timezone: str) -> Chronology:
        """The way to count what a request finds.

        Raises:
            BadParameter: the interval asked for is too short for the period.
        """
        plain = cls(ZoneInfo(timezone), request.date_from, request.date_to, request.interval)
        if not (request.date_from and request.date_to):
            return plain
        return plain._by(plain._wanted(*plain._extent(None, None)))

    def counts(self, filters: Sequence[Body]) -> Body:
        """The aggregation that counts the dispatches that pass these filters, and those without a date."""
        histogram = {
            "field": "published",
            "calendar_interval": self.counted,
            "time_zone": self.zone.key,
            "min_doc_count": 1,
        }
        return {
            "filter": {"bool": {"filter": list(filters)}},
            "aggs": {
                "dates": {"date_histogram": histogram},
                "first": {"min": {"field": "published"}},
                "last": {"max": {"field": "published"}},
                "undated": {"missing": {"field": "published"}},
            },
        }

    def read(self, answer: Mapping[str, Any]) -> Timeline | Chronology | None:
        """The timeline; None when no dispatch found has a date; or how to count once more, by a shorter interval.

        Raises:
            BadParameter: the interval asked for is too short for the period.
        """
        if not answer["dates"]["buckets"]:
            return None
        extent = self._extent(*(_instant(answer[name]["value"]) for name in ("first", "last")))
        interval = self._wanted(*extent)
        finer = self._by(interval)
        if finer != self and INTERVALS.index(finer.counted) < INTERVALS.index(self.counted):
            return finer
        return self._timeline(answer["dates"]["buckets"], interval, *extent)

    def _by(self, interval: Interval) -> Chronology:
        return replace(self, counted=interval if INTERVALS.index(interval) < INTERVALS.index("month") else "month")

    def _extent(self, first: datetime | None, last: datetime | None) -> tuple[datetime, datetime]:
        """The first and last instants shown, in the archive's zone: those asked for, else those found."""
        start = begins(self.first, self.zone) if self.first else first
        end = ends(self.last, self.zone) - timedelta.resolution if self.last else last
        assert start and end
        return _local(start, self.zone), _local(max(start, end), self.zone)

    def _wanted(self, start: datetime, end: datetime) -> Interval:
        days = (end.date() - start.date()).days + 1
        if self.forced is None:
            return next((interval for interval, longest in LONGEST if days <= longest), "year")
        number = round(days / ABOUT[self.forced])
        if number > MOST_BUCKETS:
            raise BadParameter(
                f"« interval={self.forced} » donnerait {number} périodes ; le maximum est {MOST_BUCKETS} : resserrez la "
                "période (« from », « to ») ou prenez un intervalle plus long."
            )
        return self.forced

    def _timeline(
        self, buckets: Sequence[Mapping[str, Any]], interval: Interval, start: datetime, end: datetime
    ) -> Timeline:
        found: Counter[date] = Counter()
        years = _years(start, end) if interval == "year" and not self.forced else 1
        for bucket in buckets:
            moment = _local(datetime.fromtimestamp(bucket["key"] / 1000, UTC), self.zone)
            found[_period(moment, interval, years)] += bucket["doc_count"]
        name = interval if years == 1 else f"{years} years"
        return Timeline(
            name,
            tuple(
                TimelineBucket(*self._cut(first, last), found[period])
                for period, first, last in _periods(interval, years, start, end)
            ),
        )

    def _cut(self, start: date, end: date) -> tuple[date, date]:
        """The ends of a period, cut where the search is: what a bar counts is what they find."""
        if self.first and begins(self.first, self.zone) > begins(start, self.zone):
            start = self._like(self.first, start)
        if self.last and ends(self.last, self.zone) < ends(end, self.zone):
            end = self._like(self.last, end)
        return start, end

    def _like(self, bound: date, period: date) -> date:
        """An end asked for, in the archive's zone; a day where periods are hours is one of its minutes."""
        if isinstance(bound, datetime):
            return _local(begins(bound, self.zone), self.zone)
        return period if isinstance(period, datetime) else bound


def read_undated(answer: Mapping[str, Any]) -> int:
    """How many of the dispatches found the timeline leaves out, their date unknown."""
    return int(answer["timeline"]["undated"]["doc_count"])


def _instant(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:  # year 1, year 9999
        return moment.replace(tzinfo=zone)


def _years(start: datetime, end: datetime) -> int:
    """How many years a bar is, so that there are not too many bars."""
    return next((years for years in YEARS if (end.year - start.year) / years < TIMELINE_BUCKETS), YEARS[-1])


def _period(moment: datetime, interval: Interval, years: int) -> date:
    """The beginning of the period an instant of the archive's zone is in: for hours an instant in UTC, else a day."""
    day = moment.date()
    match interval:
        case "hour":
            # In the archive's zone, the hour that comes twice in October would be one.
            return moment.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        case "day":
            return day
        case "week":
            return day - timedelta(days=min(day.weekday(), day.toordinal() - 1))
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, day.month - (day.month - 1) % 3, 1)
        case "year":
            return date(max(day.year - day.year % years, 1), 1, 1)


def _periods(interval: Interval, years: int, start: datetime, end: datetime) -> Iterator[tuple[date, date, date]]:
    """Every period from one instant to another: what `_period` calls it, its first and its last day, or minute."""
    period = _period(start, interval, years)
    if isinstance(period, datetime):
        while period <= end:
            yield period, period.astimezone(start.tzinfo), (period + HOUR - MINUTE).astimezone(start.tzinfo)
            period += HOUR
        return
    while period <= end.date():
        following = _following(period, interval, years)
        yield period, period, following - timedelta(days=1) if following else date.max
        if following is None:
            return
        period = following


def _following(day: date, interval: Interval, years: int) -> date | None:
    """The beginning of the next period; None at the end of the calendar."""
    try:
        if interval in ("day", "week"):
            return day + timedelta(days=1 if interval == "day" else 7)
        if interval == "year":
            return date(day.year - day.year % years + years, 1, 1)
        year, month = divmod(day.year * 12 + day.month - 1 + (1 if interval == "month" else 3), 12)
        return date(year, month + 1, 1)
    except (ValueError, OverflowError):
        return None
