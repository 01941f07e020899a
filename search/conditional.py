"""Answers that need not be given again: weak entity tags and 304 (RFC 9110, sections 8.8.3 and 13).

The tag of a search is made before it is answered, of all that decides the answer: the request and its query as they are
understood (names canonical, days those of today's calendar), what a search sees of the archive (`search/visible.py`),
the authorities, and this program. How long the search took is no part of it. A dispatch's is that of its content.

Whoever adds what else may change an answer, such as what a reader has the right to see, must put it into the request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import Response, request

from search.request import SearchRequest
from search.service import Archive

# Kept by the reader's own cache and by no other, and asked about every time.
CACHING = "private, no-cache"


def of_search(archive: Archive, asked: SearchRequest, make: Callable[[], Response], *further: str) -> Response:
    """The answer that `make` gives, marked with its tag; or 304, made of nothing, when the reader has it already.

    Args:
        further: what else the answer depends on, beside the path: what was typed, the archive's address.

    Raises:
        RequestError, EngineError: as the search itself.
    """
    if asked.cursor:
        # A page at a point in time of its own: the archive as it is says nothing of it.
        return _marked(make(), None)
    canonical = archive.canonical(asked)
    parts = (request.path, *further, repr(canonical), repr(archive.understood(asked.q)), archive.edition)
    conditional = bool(request.if_none_match)
    # The state first, then the answer: one that a refresh made newer than its tag is only asked for once more.
    tag = _digest(*parts, archive.visible.now() if conditional else archive.visible.lately())
    if conditional and _is_known(tag):
        return _marked(Response(status=304), tag)
    return _marked(make(), tag)


def by_content(response: Response) -> Response:
    """An answer that is whole in memory, marked with the digest of its bytes; or 304."""
    tag = _digest(response.get_data())
    return _marked(Response(status=304) if _is_known(tag) else response, tag)


def _is_known(tag: str) -> bool:
    """Whether `If-None-Match` names the tag, weakly compared, or is `*`: any."""
    return request.if_none_match.star_tag or request.if_none_match.contains_weak(tag)


def _marked(response: Response, tag: str | None) -> Response:
    if tag:
        response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = CACHING
    response.vary.add("Authorization")
    return response


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode()
        # The length first: ("ab", "c") is not ("a", "bc").
        digest.update(len(data).to_bytes(8) + data)
    return digest.hexdigest()[:32]
