"""What came with a dispatch beside its text, as JSON kept in the document: with `raw`, enough to read it anew.

What a container or a feed said of all its items is in no item's own bytes, nor are the file's time and the day it was
received: without these, reading again would lose dates and agencies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from typing import Any

from indexer.raw import RawDispatch, Stated
from mappings.dispatch import Dispatch

# The body as paragraphs is in the document already.
_NOT_KEPT = frozenset({"paragraphs"})
_MOMENTS = frozenset({"published", "updated", "embargo"})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a missing year is found from: the day of reception, moments nearby in the batch."""

    reference: date | None = None
    neighbours: tuple[datetime, ...] = ()


def keep(item: RawDispatch, around: Circumstances, dateline: str | None = None) -> dict[str, Any]:
    """The JSON to keep; what says nothing is left out.

    `dateline`: the place it is dated from, stated or read in the text: a line of its own is no part of the body.
    """
    kept: dict[str, Any] = {
        "stated": _json(item.stated),
        "file_time": item.file_time.isoformat() if item.file_time else None,
        "reference": around.reference.isoformat() if around.reference else None,
        "neighbours": [moment.isoformat() for moment in around.neighbours],
        "columns": dict(item.columns),
        "dateline": dateline,
    }
    return {name: value for name, value in kept.items() if value}


def circumstances_of(kept: Mapping[str, Any]) -> Circumstances:
    """The circumstances that were kept."""
    reference = kept.get("reference")
    return Circumstances(
        date.fromisoformat(reference) if reference else None,
        tuple(datetime.fromisoformat(moment) for moment in kept.get("neighbours", ())),
    )


def stated_of(kept: Mapping[str, Any]) -> Stated:
    """What the format stated, as far as it was kept."""
    return Stated(**{name: _value(name, value) for name, value in kept.get("stated", {}).items()})


def reread(dispatch: Dispatch, again: RawDispatch) -> RawDispatch:
    """A dispatch of the archive as the reader gives it `again`, with what only its envelope or its file said.

    The reader has the last word: it may have learnt to read what it overlooked.
    """
    kept = stated_of(dispatch.received)
    told = {each.name: getattr(again.stated, each.name) for each in fields(Stated)}
    for each in fields(Stated):
        # A precision goes with its date.
        dated = each.name.removesuffix("_precision")
        if told[dated] == getattr(Stated(), dated):
            told[each.name] = getattr(kept, each.name)
    file_time = dispatch.received.get("file_time")
    return RawDispatch(
        raw=dispatch.raw,
        text=again.text,
        encoding=again.encoding,
        source=dispatch.source,
        file_time=datetime.fromisoformat(file_time) if file_time else None,
        stated=Stated(**told),
        columns=again.columns,
    )


def _json(stated: Stated) -> dict[str, Any]:
    values = {each.name: getattr(stated, each.name) for each in fields(Stated) if each.name not in _NOT_KEPT}
    defaults = {each.name: each.default for each in fields(Stated) if each.default is not MISSING}
    return {
        name: value.isoformat() if isinstance(value, datetime) else list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value != defaults.get(name)
    }


def _value(name: str, value: Any) -> Any:
    if name in _MOMENTS:
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
