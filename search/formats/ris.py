"""Dispatches in RIS, as reference managers (Zotero, EndNote, Mendeley) take them. Pure.

A record is lines of a tag, two blanks, a hyphen, a blank and a value, from TY to ER, ended by CRLF (Research Information
Systems, "RIS Format Specifications"). A date is YYYY/MM/DD/; the parts that are not known are left empty, and a date
that is not known at all is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from authorities.model import PATH_SEPARATOR
from mappings.dispatch import Dispatch
from mappings.fields import STATUS_LABELS
from search.formats.citations import one_line
from search.formats.place import Place

FIELDS = (
    *("id", "status", "title", "lead", "agency", "author", "language", "published", "date_precision", "date_text"),
    *("actors", "venues", "topics"),
)

# The parts of a date that each precision knows.
DATES = {"minute": "%Y/%m/%d/%H:%M", "day": "%Y/%m/%d/", "month": "%Y/%m//", "year": "%Y///"}


def row(dispatch: Dispatch, place: Place) -> str:
    """One dispatch as one record."""
    lines = (f"{tag}  - {one_line(value)}\r\n" for tag, value in _record(dispatch, place) if value)
    return f"TY  - NEWS\r\n{''.join(lines)}ER  - \r\n\r\n"


def _record(dispatch: Dispatch, place: Place) -> Iterator[tuple[str, str | None]]:
    yield "ID", dispatch.id
    yield "TI", dispatch.title
    yield "AU", dispatch.author
    yield "PB", dispatch.agency
    pattern = DATES.get(dispatch.date_precision)
    if dispatch.published and pattern:
        local = place.local(dispatch.published)
        yield "PY", f"{local:%Y}"
        yield "DA", local.strftime(pattern)
    elif dispatch.date_text:
        yield "N1", f"Date inconnue : {dispatch.date_text}"
    if dispatch.status != "current":
        yield "N1", f"Dépêche {STATUS_LABELS[dispatch.status]}"
    yield "AB", dispatch.lead
    for actor in dispatch.actors:
        yield "KW", actor
    for path in (*dispatch.venues, *dispatch.topics):
        yield "KW", path.split(PATH_SEPARATOR)[-1]
    yield "LA", dispatch.language
    yield "UR", place.link(dispatch.id)
