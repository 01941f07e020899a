"""What the query string of a file or a feed may hold: a search's, but for where a page begins."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from search.export_feeds import newest
from search.request import SearchRequest
from search.schemas import SearchArguments, described

# Entries of a feed: readers poll it, and keep what they have read.
DEFAULT_ENTRIES, MOST_ENTRIES = 50, 500


class FileArguments(SearchArguments):  # type: ignore[valid-type,misc]
    """Those of a search, but for where a page begins: loads to a SearchRequest and how many dispatches are wanted."""

    class Meta:
        exclude = ("cursor",)

    size = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 1_000_000_000),
        metadata=described("Nombre de dépêches, les premières selon « sort » ; toutes par défaut."),
    )

    @ma.post_load
    def _request(self, data: dict[str, Any], **kwargs: Any) -> tuple[SearchRequest, int | None]:
        first = data.pop("size")
        return super()._request(data, **kwargs), first


class FeedArguments(SearchArguments):  # type: ignore[valid-type,misc]
    """Those of a search, but for where a page begins: loads to the SearchRequest of the newest dispatches."""

    class Meta:
        exclude = ("cursor",)

    size = fields.Integer(
        load_default=DEFAULT_ENTRIES,
        validate=validate.Range(1, MOST_ENTRIES),
        metadata=described(f"Nombre de dépêches, de 1 à {MOST_ENTRIES} ; {DEFAULT_ENTRIES} par défaut."),
    )

    @ma.post_load
    def _request(self, data: dict[str, Any], **kwargs: Any) -> SearchRequest:
        return newest(super()._request(data, **kwargs))
