"""Dispatches as JSON, one a line: each exactly what `GET /api/v1/dispatches/{id}` answers. Pure."""

from __future__ import annotations

from engine.http import encoded
from mappings.dispatch import Dispatch
from search.formats.place import Place
from search.schemas import DispatchAnswer, dispatch_json

FIELDS = tuple(name for name in DispatchAnswer().fields if name != "links")


def row(dispatch: Dispatch, place: Place) -> str:
    """One dispatch as one line."""
    return encoded(dispatch_json(dispatch)).decode() + "\n"
