"""An answer on the screen: dispatches with their passages, facets as a table, the timeline as small bars."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime

from rich.columns import Columns
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from authorities.model import PATH_SEPARATOR
from mappings.fields import STATUS_LABELS
from search.result import FacetResult, Hit, SearchResult, Timeline
from search.schemas import SOUGHT, params_of
from terminal.options import Pairs, command_line
from web import wording
from web.timeline import caption

MARK = "bold yellow"
QUIET = "dim"

# Heights of a bar of one character, the least that is something first.
BARS = "▁▂▃▄▅▆▇█"


def show(console: Console, result: SearchResult, typed: Pairs, timezone: str) -> None:
    """Print an answer, and the commands that lead on from it.

    Args:
        typed: what was asked for, as parameters of the API.
        timezone: the archive's.
    """
    for each in _rows(result, typed, timezone):
        # What goes to another program is not cut into lines of a screen, nor is a command: it is there to be copied.
        whole = not console.is_terminal or isinstance(each, Command)
        console.print(
            Text("  ").append_text(each.passage) if whole and isinstance(each, Passage) else each, soft_wrap=whole
        )


class Command(Text):
    """What to type next."""


class Passage(Padding):
    """A passage, set in from the margin."""

    def __init__(self, passage: Text) -> None:
        super().__init__(passage, (0, 0, 0, 2))
        self.passage = passage


def _rows(result: SearchResult, typed: Pairs, timezone: str) -> Iterator[RenderableType]:
    yield Text.assemble(
        (wording.number(result.total), "bold"), f" dépêche{'s' if result.total > 1 else ''}", _stories(result)
    )
    if result.says_more:
        yield Text(f"Compris comme : {result.understood}", QUIET)
    for name in result.widened:
        yield Text(f"Compris comme : {name.text} = {', '.join(name.others)}", QUIET)
    if result.as_typed:
        yield Command.assemble(("Seulement ce qui est tapé : ", QUIET), command_line(typed, q=result.as_typed))
    for warning in result.warnings:
        yield Text(warning, "yellow")
    yield from _ways(result, typed)
    for hit in result.hits:
        yield from _hit(hit, timezone)
    counted = [facet for facet in result.facets if facet.values]
    if counted:
        yield ""
        yield Columns([_facet(facet) for facet in counted], padding=(0, 3))
    if result.timeline:
        yield ""
        yield from _bars(result.timeline)
    if result.next:
        yield ""
        yield Command.assemble(("La suite : ", QUIET), command_line(typed, cursor=result.next))


def _stories(result: SearchResult) -> str:
    return f" en {wording.number(result.stories)} histoire{'s' if result.stories > 1 else ''}" if result.stories else ""


def _ways(result: SearchResult, typed: Pairs) -> Iterator[Text]:
    """Other searches the reader may have meant, each as the command to type."""
    if result.did_you_mean and not result.instead:
        yield Command.assemble("Vouliez-vous dire : ", (command_line(typed, q=result.did_you_mean), "bold"))
    for way in result.filters:
        told = f"{way.told}, {wording.counted(way.count, 'dépêche')} : "
        yield Command.assemble(told, (command_line([*typed, (way.facet, way.value)], q=way.q), "bold"))
    for other in result.instead:
        kept = [pair for pair in typed if pair[0] not in SOUGHT]
        sought = [(name, value) for name, values in params_of(other.request).items() for value in values]
        told = f"{other.label[:1].upper()}{other.label[1:]}, {wording.counted(other.count, 'dépêche')} : "
        yield Command.assemble(told, (command_line([*sought, *kept]), "bold"))


def _hit(hit: Hit, timezone: str) -> Iterator[RenderableType]:
    source = hit.source
    moment = datetime.fromisoformat(source["published"]) if source.get("published") else None
    about = [
        wording.dated(moment, source["date_precision"], source.get("date_text"), timezone),
        source.get("agency"),
        *(f"{PATH_SEPARATOR}".join(path.split(PATH_SEPARATOR)[-2:]) for path in source.get("venues", ())[:1]),
        STATUS_LABELS[source["status"]] if source["status"] != "current" else None,
        f"{wording.counted(hit.folded.count, 'dépêche')} dans cette histoire"
        if hit.folded and hit.folded.count > 1
        else None,
        hit.id,
    ]
    yield ""
    yield marked(hit.title_highlight, "bold") if hit.title_highlight else Text(source["title"], "bold")
    yield Text("  ".join(part for part in about if part), QUIET)
    for passage in hit.body_highlights:
        yield Passage(marked(passage))


def marked(passage: str, style: str = "") -> Text:
    """A passage of HTML as text, what is in `<mark>` in colour."""
    text = Text(style=style)
    for place, part in enumerate(passage.replace("</mark>", "<mark>").split("<mark>")):
        text.append(html.unescape(part), MARK if place % 2 else None)
    return text


def _facet(facet: FacetResult) -> Table:
    table = Table(
        title=facet.label, title_style="bold", title_justify="left", box=None, show_header=False, padding=(0, 1, 0, 0)
    )
    table.add_column(max_width=32, no_wrap=True, overflow="ellipsis")
    table.add_column(justify="right")
    for value in facet.values:
        label = Text("  " * value.depth + value.label, "bold" if value.selected else "")
        table.add_row(label, wording.number(value.count))
    for rest, count in (("autres", facet.other), ("aucun", facet.missing)):
        if count:
            table.add_row(Text(rest, QUIET), Text(wording.number(count), QUIET))
    return table


def _bars(timeline: Timeline) -> Iterator[Text]:
    """One character a period, the highest being the fullest; a period without dispatches is blank."""
    most = max(bucket.count for bucket in timeline.buckets) or 1
    bars = "".join(
        " " if not bucket.count else BARS[round((bucket.count / most) * (len(BARS) - 1))] for bucket in timeline.buckets
    )
    first, last = timeline.buckets[0], timeline.buckets[-1]
    yield Text.assemble(("Chronologie", "bold"), (f"  au plus {wording.counted(most, 'dépêche')}", QUIET))
    yield Text(f"{bars}▏", "green")
    yield Text(f"{wording.period(first.start, last.end)}, {caption(timeline.interval)}", QUIET)
