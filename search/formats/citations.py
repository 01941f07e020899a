"""Dispatches as references to quote, one a line, as French readers write them. Pure.

AFP, « Titre », dépêche, lundi 8 août 2022 à 8 h 52, identifiant abc, https://depeches.example/depeches/abc
"""

from __future__ import annotations

import re

from mappings.dispatch import Dispatch
from mappings.fields import STATUS_LABELS
from search.formats.place import Place
from search.moments import NBSP, UNKNOWN_DATE, when

FIELDS = ("id", "status", "title", "agency", "author", "published", "date_precision", "date_text")

# Guillemets within guillemets are written “ ” (Imprimerie nationale).
INNER = str.maketrans({"«": "“", "»": "”"})


def row(dispatch: Dispatch, place: Place) -> str:
    """One dispatch as one line."""
    parts = (
        dispatch.agency,
        dispatch.author,
        f"«{NBSP}{inner(dispatch.title)}{NBSP}»",
        "dépêche",
        date_words(dispatch, place),
        f"[{STATUS_LABELS[dispatch.status]}]" if dispatch.status != "current" else None,
        f"identifiant {one_line(dispatch.id)}",
        place.link(dispatch.id),
    )
    return ", ".join(one_line(part) for part in parts if part) + "\n"


def date_words(dispatch: Dispatch, place: Place) -> str:
    """ "lundi 8 août 2022 à 8 h 52"; with no year known, "date inconnue, 08h52 le 08/08"."""
    told = when(dispatch.published, dispatch.date_precision, place.timezone)
    return f"{told}, {dispatch.date_text}" if told == UNKNOWN_DATE and dispatch.date_text else told


def inner(title: str) -> str:
    """A title as it stands between guillemets: "Il dit « non »" -> "Il dit “non”"."""
    text = title.translate(INNER)
    for blank in (" ", NBSP, "\u202f"):
        text = text.replace(f"“{blank}", "“").replace(f"{blank}”", "”")
    return text


# Line ends, tabs and other controls.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def one_line(text: str) -> str:
    """The text without line ends or control characters; no-break spaces stay."""
    return CONTROL.sub(" ", text).strip()
