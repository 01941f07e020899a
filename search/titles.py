"""What a search is called, where it leaves the archive: the title of its feed, the name of its file. Pure."""

from __future__ import annotations

import re
import unicodedata

from authorities.model import PATH_SEPARATOR
from mappings.fields import FACETS
from search.request import SearchRequest

# Names longer than this are cut: file systems take 255 bytes.
LONGEST_NAME = 80

# What file systems or headers refuse in a name, a leading dot (hidden) among it.
NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\\/:*?"<>|;%]+|^\.+')


def title(request: SearchRequest) -> str:
    """In the order of the form: "lavrov, Wang Yi, sauf Otan, depuis 2022-08-01"; blank for the whole archive."""
    parts = [request.q.strip()]
    for name in FACETS:
        if wanted := request.filters.get(name):
            parts += [_last(value) for value in (*wanted.any, *wanted.all)]
            parts += [f"sauf {_last(value)}" for value in wanted.none]
    if request.date_from and request.date_to:
        parts.append(f"du {request.date_from} au {request.date_to}")
    elif request.date_from or request.date_to:
        parts.append(f"depuis {request.date_from}" if request.date_from else f"jusqu’au {request.date_to}")
    return ", ".join(part for part in parts if part)


def file_name(request: SearchRequest, extension: str) -> str:
    """ "dépêches lavrov, Wang Yi.csv"."""
    return name_of(f"dépêches {title(request)}", extension)


def name_of(title: str, extension: str) -> str:
    """The name of a file of that title, without what file systems refuse."""
    name = " ".join(NOT_IN_NAMES.sub(" ", title).split())[:LONGEST_NAME].rstrip(" .,…")
    return f"{name or 'dépêche'}.{extension}"


def ascii_name(name: str) -> str:
    """The same name for clients that know no other letters: accents dropped."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return " ".join(plain.split())


def _last(value: str) -> str:
    return value.split(PATH_SEPARATOR)[-1]
