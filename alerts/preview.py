"""What a saved search would bring, before it is saved: how many a day of late, and the newest found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from search.request import SearchRequest
from search.result import Hit
from search.service import Archive

DAYS = 30
LATEST = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """`days`: the last `DAYS` in the archive's time zone, the oldest first, and how many dispatches of each day meet it.

    `latest`: the newest that do, of any day.
    """

    days: tuple[tuple[date, int], ...]
    latest: tuple[Hit, ...]
    warnings: tuple[str, ...]

    @property
    def count(self) -> int:
        return sum(number for _, number in self.days)


def preview(archive: Archive, request: SearchRequest) -> Preview:
    """Raises: RequestError, EngineError: as the search does."""
    asked = alone(request)
    latest = archive.search(replace(asked, size=LATEST, sort="newest", highlight=True))
    today = datetime.now(ZoneInfo(archive.timezone)).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    counts = _by_day(archive, asked, days[0], days[-1])
    return Preview(tuple((day, counts[day]) for day in days), latest.hits, latest.warnings)


def alone(request: SearchRequest) -> SearchRequest:
    """The same question without what only a page of results shows: the cheapest way to ask it."""
    return replace(
        request, cursor=None, facets=(), under={}, kinds={}, often_with=None, group="none", highlight=False, size=1,
        sort="newest", interval=None,
    )  # fmt: skip


def last_seq(archive: Archive) -> int:
    """The highest `ingest_seq` of the archive: what comes after it is new."""
    body = {"size": 0, "aggs": {"last": {"max": {"field": "ingest_seq"}}}}
    return int(archive.engine.search(body, index=archive.index)["aggregations"]["last"]["value"] or 0)


def _by_day(archive: Archive, asked: SearchRequest, first: date, last: date) -> Counter[date]:
    low = asked.date_from if asked.date_from and _day(asked.date_from) > first else first
    high = asked.date_to if asked.date_to and _day(asked.date_to) < last else last
    if _day(low) > _day(high):
        return Counter()
    # The timeline is counted with the facets; this is the smallest of them.
    result = archive.search(replace(asked, date_from=low, date_to=high, facets=("status",), interval="day"))
    buckets = result.timeline.buckets if result.timeline else ()
    return Counter({_day(bucket.start): bucket.count for bucket in buckets})


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
