"""A dispatch as it was received, over HTTP: which type its bytes are given as. Pure.

Text is plain text whatever its markup: a browser must show an agency's HTML or XML, never run it.
"""

from __future__ import annotations

import codecs

from mappings.dispatch import Dispatch

BYTES = "application/octet-stream"

# What the codecs of dispatches are called on the web (IANA's registry of character sets); others have one name.
CHARSETS = {
    "cp1252": "windows-1252",
    "mac-roman": "macintosh",
    "cp850": "IBM850",
    "cp437": "IBM437",
    "iso8859-1": "ISO-8859-1",
    "iso8859-15": "ISO-8859-15",
    "ascii": "US-ASCII",
}


def content_type(dispatch: Dispatch) -> str:
    """`text/plain` and its charset where the bytes are text, else `BYTES`."""
    try:
        name = codecs.lookup(dispatch.raw_encoding).name
        dispatch.raw.decode(name)
    except (LookupError, UnicodeError):
        return BYTES
    return f"text/plain; charset={CHARSETS.get(name, name)}"


def disposition(dispatch: Dispatch) -> str:
    """Text is shown in the browser; what is not is offered to be saved, under the dispatch's id."""
    name = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in dispatch.id)
    way = "attachment" if content_type(dispatch) == BYTES else "inline"
    extension = "bin" if way == "attachment" else "txt"
    return f'{way}; filename="{name}.{extension}"'
