"""The timeline: how dispatches are counted over time, and how the count is read back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from search.request import TIMELINE_BUCKETS
from search.result import Timeline, TimelineBucket

Body = dict[str, Any]


def timeline_counts(filters: Sequence[Body], timezone: str) -> Body:
    """The aggregation that counts the dispatches that pass these filters, by day or longer, and those without a date."""
    return {
        "filter": {"bool": {"filter": list(filters)}},
        "aggs": {
            "dates": {
                "auto_date_histogram": {
                    "field": "published",
                    "buckets": TIMELINE_BUCKETS,
                    "time_zone": timezone,
                    "minimum_interval": "day",
                }
            },
            "undated": {"missing": {"field": "published"}},
        },
    }


# What auto_date_histogram calls an interval, and what we do.
INTERVALS = {"1d": "day", "7d": "week", "1M": "month", "3M": "quarter", "1y": "year"}


def read_timeline(answer: Mapping[str, Any], timezone: str) -> Timeline | None:
    """The timeline, or None when no dispatch found has a date."""
    dates = answer["timeline"]["dates"]
    if not dates["buckets"]:
        return None
    code: str = dates["interval"]
    zone = ZoneInfo(timezone)
    starts = [datetime.fromtimestamp(bucket["key"] / 1000, zone).date() for bucket in dates["buckets"]]
    ends = [following - timedelta(days=1) for following in starts[1:]] + [_after(starts[-1], code) - timedelta(days=1)]
    return Timeline(
        INTERVALS.get(code, f"{code[:-1]} years"),
        tuple(
            TimelineBucket(start, end, bucket["doc_count"])
            for start, end, bucket in zip(starts, ends, dates["buckets"], strict=True)
        ),
    )


def read_undated(answer: Mapping[str, Any]) -> int:
    """How many of the dispatches found the timeline leaves out, their date unknown."""
    return int(answer["timeline"]["undated"]["doc_count"])


def _after(day: date, code: str) -> date:
    """The first day after the interval that begins on `day`."""
    number, unit = int(code[:-1]), code[-1]
    if unit == "d":
        return day + timedelta(days=number)
    months = number * (12 if unit == "y" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(min(year, 9999), month + 1, 1)
