"""A dispatch found, as an entry of a feed. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from authorities.model import PATH_SEPARATOR
from mappings.fields import STATUS_LABELS
from search.feeds import GENERATOR, Entry, tag
from search.formats.place import Place
from search.result import Hit

# Of a dispatch that tells no instant at all; an archive dates everything it takes in.
NO_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


def entry_of(hit: Hit, place: Place) -> Entry:
    """Its title says so where the agency withdrew or replaced it: readers of feeds keep what they were given."""
    source = hit.source
    published, updated, ingested = (_instant(source.get(name)) for name in ("published", "updated", "ingested_at"))
    status = source["status"]
    flag = "" if status == "current" else f"[{STATUS_LABELS[status].capitalize()}] "
    subjects = (path.split(PATH_SEPARATOR)[-1] for path in (*source.get("topics", ()), *source.get("venues", ())))
    return Entry(
        id=tag("depeche", hit.id),
        title=flag + source["title"],
        link=place.link(hit.id),
        updated=updated or published or ingested or NO_INSTANT,
        published=published,
        author=source.get("agency") or source.get("author") or GENERATOR,
        summary=source.get("lead") or source["title"],
        categories=tuple(dict.fromkeys((*subjects, *source.get("actors", ())))),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
