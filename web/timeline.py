"""The timeline as shapes: where each bar and each label of the axis stands. Pure.

Horizontal measures are percentages of the drawing's width and vertical ones pixels, so that one drawing serves a phone
and a desk without its letters shrinking.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from search.result import Timeline
from web.texts import gettext as _
from web.texts import noted
from web.wording import counted, hour, period, short_day, short_month

# Pixels, from top to bottom: the highest bar, a gap, the labels.
BARS_HEIGHT, AXIS_HEIGHT = 48, 20
HEIGHT = BARS_HEIGHT + AXIS_HEIGHT

# Pixels of a bar that counts something, however little, and of the mark of an empty period.
LEAST_BAR, EMPTY_BAR = 3.0, 1.0

# Share of its place a bar fills, and its greatest width in percent: three bars are not three walls.
BAR_SHARE, WIDEST_BAR = 0.78, 4.0

# "sept. 2022" is 60 px wide and a phone 360.
MOST_TICKS = 5

INTERVAL_WORDS = {
    "hour": noted("par heure"),
    "day": noted("par jour"),
    "week": noted("par semaine"),
    "month": noted("par mois"),
    "quarter": noted("par trimestre"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One period; its ends are days, or minutes of the archive's zone.

    `left` and `width` are those of its place, in percent; `x` and `broad` those of the bar in it.
    """

    start: date
    end: date
    count: int
    label: str
    left: float
    width: float
    x: float
    broad: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of the axis: `x` in percent; `anchor` is SVG's `text-anchor`."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A timeline ready to draw. `caption` says what a bar is: "par mois"."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    caption: str
    highest: int


def draw(timeline: Timeline | None) -> Drawing | None:
    """The shapes of a timeline; None where there is nothing to compare (fewer than two periods)."""
    if timeline is None or len(timeline.buckets) < 2:
        return None
    highest = max(1, *(bucket.count for bucket in timeline.buckets))
    place = 100 / len(timeline.buckets)
    broad = min(place * BAR_SHARE, WIDEST_BAR)
    bars = []
    for index, bucket in enumerate(timeline.buckets):
        start, end = bucket.start, bucket.end
        height = max(LEAST_BAR, BARS_HEIGHT * bucket.count / highest) if bucket.count else EMPTY_BAR
        counts = counted(bucket.count, "dépêche") if bucket.count else _("aucune dépêche")
        bars.append(
            Bar(
                start=start,
                end=end,
                count=bucket.count,
                label=_("%(period)s\u00a0: %(counts)s", period=period(start, end), counts=counts),
                left=round(index * place, 3),
                width=round(place, 3),
                x=round((index + 0.5) * place - broad / 2, 3),
                broad=round(broad, 3),
                y=round(BARS_HEIGHT - height, 1),
                height=round(height, 1),
            )
        )
    return Drawing(tuple(bars), _ticks(timeline, place), caption(timeline.interval), highest)


def caption(interval: str) -> str:
    """ "month" -> "par mois", "year" -> "par an", "5 years" -> "par 5 ans"."""
    if interval in INTERVAL_WORDS:
        return _(INTERVAL_WORDS[interval])
    years = interval.split()[0]
    return _("par %(years)s\u00a0ans", years=years) if years.isdigit() and years != "1" else _("par an")


def _ticks(timeline: Timeline, place: float) -> tuple[Tick, ...]:
    """Labels under some bars: years where the drawing spans two or more, else months or days, evenly thinned out."""
    starts = list(enumerate(bucket.start for bucket in timeline.buckets))
    by_month = timeline.interval in ("month", "quarter")
    januaries = [(index, start) for index, start in starts if start.month == 1]
    if by_month and len(januaries) > 1:
        starts = januaries
    starts = starts[:: -(-len(starts) // MOST_TICKS)]
    ticks = []
    year, day = 0, None
    for index, start in starts:
        if isinstance(start, datetime):
            # The day is said once, and again when it changes.
            text = hour(start) if start.date() == day else f"{short_day(start)}, {hour(start)}"
            day = start.date()
        elif timeline.interval in ("day", "week"):
            # The year is said once, and again when it changes.
            text = short_day(start) if start.year == year else f"{short_day(start)} {start.year}"
        elif by_month and len(januaries) < 2:
            text = short_month(start)
        else:
            text = str(start.year)
        year = start.year
        ticks.append(_tick((index + 0.5) * place, text))
    return tuple(ticks)


def _tick(x: float, text: str) -> Tick:
    """A label, centred on its bar unless that would put it outside the drawing."""
    if x < 6:
        return Tick(0, text, "start")
    if x > 94:
        return Tick(100, text, "end")
    return Tick(round(x, 3), text, "middle")


@dataclass(frozen=True, slots=True)
class Wider:
    """A longer period to look at; both ends None: all. `label`: "août 2022"."""

    start: date | None
    end: date | None
    label: str


def wider(first: date | None, last: date | None) -> Wider | None:
    """The day, month or year that a period is a part of, else all; None where there is none.

    Args:
        first, last: days, or instants in the archive's zone.
    """
    if first is None and last is None:
        return None
    if first and last:
        start, end = _day(first), _day(last)
        whole = not (isinstance(first, datetime) or isinstance(last, datetime))
        for low, high in (
            (start, start),
            (start.replace(day=1), _last_of_month(start)),
            (date(start.year, 1, 1), date(start.year, 12, 31)),
        ):
            if end <= high and not (whole and (low, high) == (start, end)):
                return Wider(low, high, period(low, high))
    return Wider(None, None, _("toute la période"))


def _day(bound: date) -> date:
    return bound.date() if isinstance(bound, datetime) else bound


def _last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
