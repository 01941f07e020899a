"""What a file of dispatches can be: one table, read by the API, its documentation, the pages and the terminal.

Each format is a module of two pure functions: what stands before the first dispatch, and what one dispatch is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mappings.dispatch import Dispatch
from search.formats import citations, csv_rows, json_lines, ris
from search.formats.place import Place


@dataclass(frozen=True, slots=True)
class Format:
    """One format of a file.

    Args:
        name: in the address, and the file's extension.
        label: to readers.
        media_type: of the file as HTTP sends it.
        fields: those of the document that a row is made of.
        head: what the file begins with.
        row: one dispatch; every line it ends is ended.
    """

    name: str
    label: str
    media_type: str
    fields: tuple[str, ...]
    head: str
    row: Callable[[Dispatch, Place], str]


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("csv", "CSV", "text/csv; charset=utf-8", csv_rows.FIELDS, csv_rows.HEAD, csv_rows.row),
        Format("jsonl", "JSON", "application/x-ndjson", json_lines.FIELDS, "", json_lines.row),
        Format("ris", "RIS", "application/x-research-info-systems; charset=utf-8", ris.FIELDS, "", ris.row),
        Format("txt", "citations", "text/plain; charset=utf-8", citations.FIELDS, "", citations.row),
    )
}
