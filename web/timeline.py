"""The timeline as shapes: where each bar and each label of the axis stands. Pure.

Horizontal measures are percentages of the drawing's width and vertical ones pixels, so that one drawing serves a phone
and a desk without its letters shrinking.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from search.result import Timeline
from web.french import LOCALE, counted, period

# Pixels, from top to bottom: the highest bar, a gap, the labels.
BARS_HEIGHT, AXIS_HEIGHT = 48, 20
HEIGHT = BARS_HEIGHT + AXIS_HEIGHT

# Pixels of a bar that counts something, however little, and of the mark of an empty period.
LEAST_BAR, EMPTY_BAR = 3.0, 1.0

# Share of its place a bar fills, and its greatest width in percent: three bars are not three walls.
BAR_SHARE, WIDEST_BAR = 0.78, 4.0

# "sept. 2022" is 60 px wide and a phone 360.
MOST_TICKS = 5

INTERVAL_WORDS = {"day": "par jour", "week": "par semaine", "month": "par mois", "quarter": "par trimestre"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One period. `left` and `width` are those of its place, in percent; `x` and `broad` those of the bar in it."""

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


def draw(timeline: Timeline | None, first: date | None = None, last: date | None = None) -> Drawing | None:
    """The shapes of a timeline; None where there is nothing to compare (fewer than two periods).

    Args:
        first, last: the days the search is limited to; the periods at its ends are cut there, so that what a bar
            counts is what its link finds.
    """
    if timeline is None or len(timeline.buckets) < 2:
        return None
    highest = max(1, *(bucket.count for bucket in timeline.buckets))
    place = 100 / len(timeline.buckets)
    broad = min(place * BAR_SHARE, WIDEST_BAR)
    bars = []
    for index, bucket in enumerate(timeline.buckets):
        start = max(bucket.start, first) if first else bucket.start
        end = min(bucket.end, last) if last else bucket.end
        height = max(LEAST_BAR, BARS_HEIGHT * bucket.count / highest) if bucket.count else EMPTY_BAR
        counts = counted(bucket.count, "dépêche") if bucket.count else "aucune dépêche"
        bars.append(
            Bar(
                start=start,
                end=end,
                count=bucket.count,
                label=f"{period(start, end)}\u00a0: {counts}",
                left=round(index * place, 3),
                width=round(place, 3),
                x=round((index + 0.5) * place - broad / 2, 3),
                broad=round(broad, 3),
                y=round(BARS_HEIGHT - height, 1),
                height=round(height, 1),
            )
        )
    return Drawing(tuple(bars), _ticks(timeline, place), _caption(timeline.interval), highest)


def _caption(interval: str) -> str:
    """ "month" -> "par mois", "year" -> "par an", "5 years" -> "par 5 ans"."""
    if interval in INTERVAL_WORDS:
        return INTERVAL_WORDS[interval]
    years = interval.split()[0]
    return f"par {years}\u00a0ans" if years.isdigit() and years != "1" else "par an"


def _ticks(timeline: Timeline, place: float) -> tuple[Tick, ...]:
    """Labels under some bars: years where the drawing spans two or more, else months or days, evenly thinned out."""
    starts = list(enumerate(bucket.start for bucket in timeline.buckets))
    by_month = timeline.interval in ("month", "quarter")
    januaries = [(index, start) for index, start in starts if start.month == 1]
    if by_month and len(januaries) > 1:
        starts = januaries
    starts = starts[:: -(-len(starts) // MOST_TICKS)]
    ticks = []
    year = 0
    for index, start in starts:
        if timeline.interval in ("day", "week"):
            # The year is said once, and again when it changes.
            text = _short_day(start) if start.year == year else f"{_short_day(start)} {start.year}"
        elif by_month and len(januaries) < 2:
            text = format_date(start, "MMM y", locale=LOCALE)
        else:
            text = str(start.year)
        year = start.year
        ticks.append(_tick((index + 0.5) * place, text))
    return tuple(ticks)


def _short_day(moment: date) -> str:
    """ "8 août", "15 déc.", "1er juin"."""
    return f"{'1er' if moment.day == 1 else moment.day}\u00a0{format_date(moment, 'MMM', locale=LOCALE)}"


def _tick(x: float, text: str) -> Tick:
    """A label, centred on its bar unless that would put it outside the drawing."""
    if x < 6:
        return Tick(0, text, "start")
    if x > 94:
        return Tick(100, text, "end")
    return Tick(round(x, 3), text, "middle")
