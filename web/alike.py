"""Dispatches on the same matter, as the page of a dispatch lists them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from search.similar import Similar
from web import wording


@dataclass(frozen=True, slots=True)
class Alike:
    """One of them. `words`: by which it is one; `stamp`: the date for programs, None where it is unknown."""

    href: str
    title: str
    agency: str | None
    date: str
    stamp: str | None
    words: tuple[str, ...]


def alike(found: Sequence[Similar], href: Callable[[str], str], timezone: str) -> list[Alike]:
    """Those found. `href`: of an id, where its page is."""
    rows = []
    for each in found:
        source = each.hit.source
        moment = datetime.fromisoformat(source["published"]) if source.get("published") else None
        rows.append(
            Alike(
                href=href(each.hit.id),
                title=source["title"],
                agency=source.get("agency"),
                date=wording.dated(moment, source["date_precision"], source.get("date_text"), timezone),
                stamp=wording.stamp(moment, source["date_precision"], timezone),
                words=each.words,
            )
        )
    return rows
