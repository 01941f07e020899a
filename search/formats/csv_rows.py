"""Dispatches as rows of a table that a French spreadsheet opens with a double click. Pure.

Separated by semicolons, in UTF-8 with a byte order mark, every cell quoted, lines ended by CRLF: what Excel takes in a
French locale without asking. Days are written 2022-08-08 and hours 08:52, which Excel and LibreOffice read as such in any
locale; 08/08/2022 would be read by the reader's own settings.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable

from mappings.dispatch import Dispatch
from mappings.fields import STATUS_LABELS
from search.formats.place import Place
from search.moments import dated

FIELDS = (
    *("id", "story", "version", "status", "title", "title_derived", "lead", "body", "agency", "author", "language"),
    *("published", "date_precision", "date_text", "actors", "venues", "topics", "places"),
)

BYTE_ORDER_MARK = "\ufeff"

# Between the values of one cell.
VALUES = " | "

# Excel holds 32,767 characters in a cell and spills the rest into the next rows.
LONGEST_CELL = 32_767

# A cell that begins so, blanks before it or not, is a formula to Excel or LibreOffice: it may run a program or send the
# sheet away (OWASP, "CSV Injection"). The wide forms are those of Japanese keyboards, which Excel takes too.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")

# Control characters have no place in a cell, but for the end of a paragraph.
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def _date(dispatch: Dispatch, place: Place) -> str:
    if dispatch.published is None or dispatch.date_precision not in ("day", "minute"):
        return ""
    return f"{place.local(dispatch.published):%Y-%m-%d}"


def _hour(dispatch: Dispatch, place: Place) -> str:
    if dispatch.published is None or dispatch.date_precision != "minute":
        return ""
    return f"{place.local(dispatch.published):%H:%M}"


def _words(dispatch: Dispatch, place: Place) -> str:
    return dated(dispatch.published, dispatch.date_precision, dispatch.date_text, place.timezone)


COLUMNS: dict[str, Callable[[Dispatch, Place], str | Iterable[str]]] = {
    "identifiant": lambda dispatch, place: dispatch.id,
    "titre": lambda dispatch, place: dispatch.title,
    "titre reconstitué": lambda dispatch, place: "oui" if dispatch.title_derived else "non",
    "date": _date,
    "heure": _hour,
    "date en toutes lettres": _words,
    "agence": lambda dispatch, place: dispatch.agency or "",
    "auteur": lambda dispatch, place: dispatch.author or "",
    "état": lambda dispatch, place: STATUS_LABELS[dispatch.status],
    "version": lambda dispatch, place: str(dispatch.version),
    "histoire": lambda dispatch, place: dispatch.story,
    "langue": lambda dispatch, place: dispatch.language,
    "acteurs": lambda dispatch, place: dispatch.actors,
    "lieux": lambda dispatch, place: dispatch.venues,
    "sujets": lambda dispatch, place: dispatch.topics,
    "lieux cités": lambda dispatch, place: dispatch.places,
    "chapeau": lambda dispatch, place: dispatch.lead,
    "texte": lambda dispatch, place: "\n".join(dispatch.body),
    "adresse": lambda dispatch, place: place.link(dispatch.id),
}


def cell(text: str, more: str) -> str:
    """A text as one cell: no formula, no control character, no longer than a cell holds.

    "=1+1" -> "'=1+1"; "-5 °C" -> "'-5 °C"; "a=b" stays. `more`: where what is cut off can be read.
    """
    text = CONTROL.sub(" ", text.replace("\r\n", "\n"))
    if FORMULA.match(text):
        text = f"'{text}"
    if len(text) > LONGEST_CELL:
        rest = f" […] La suite : {more}"
        text = text[: LONGEST_CELL - len(rest)] + rest
    return text


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return written.getvalue()


HEAD = BYTE_ORDER_MARK + _line(COLUMNS)


def row(dispatch: Dispatch, place: Place) -> str:
    """One dispatch as one line of the table (a cell may hold line feeds)."""
    more = place.link(dispatch.id)
    values = (told(dispatch, place) for told in COLUMNS.values())
    return _line(cell(value if isinstance(value, str) else VALUES.join(value), more) for value in values)
