"""Where a page ends, as an opaque text: how the archive is read to its end, and back.

A cursor holds the sort values of the hit it stands beside, the direction, a digest of the request it belongs to, and,
from the second page on, a point in time, so that dispatches arriving meanwhile neither shift nor repeat results.
Opening a point in time for every first page would keep thousands of them open for readers who never turn it.
When a point in time has expired, the search goes on from the same sort values in a new one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from dataclasses import dataclass, replace
from typing import Any, Literal

from engine.errors import BadCursor
from search.request import SearchRequest

# Longer ones are no cursors of ours; a point in time's id is about 300 characters.
LONGEST_CURSOR = 8192

_TAMPERED = "Ce curseur n'est pas lisible : reprenez « next » ou « previous » tel quel dans la réponse précédente."


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list of results: go on `after` these sort values, in this direction."""

    after: tuple[Any, ...]
    direction: Literal["next", "previous"]
    digest: str
    point_in_time: str | None = None

    def encode(self) -> str:
        """The text given to clients (URL-safe)."""
        payload = json.dumps([1, self.direction[0], self.digest, self.after, self.point_in_time], separators=(",", ":"))
        return base64.urlsafe_b64encode(zlib.compress(payload.encode(), 6)).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, request: SearchRequest) -> Cursor:
        """The cursor a client gave back.

        Raises:
            BadCursor: not one of ours, or one of another search.
        """
        if len(text) > LONGEST_CURSOR:
            raise BadCursor(_TAMPERED)
        try:
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            inflater = zlib.decompressobj()
            payload = json.loads(inflater.decompress(packed, 4 * LONGEST_CURSOR))
            version, direction, digest, after, point_in_time = payload
        except (binascii.Error, zlib.error, ValueError, TypeError) as error:
            raise BadCursor(_TAMPERED) from error
        well_formed = (
            version == 1
            and direction in ("n", "p")
            and isinstance(digest, str)
            and isinstance(after, list)
            and all(isinstance(value, str | int | float) for value in after)
            and (point_in_time is None or isinstance(point_in_time, str))
        )
        if not well_formed:
            raise BadCursor(_TAMPERED)
        if digest != digest_of(request):
            raise BadCursor("Ce curseur appartient à une autre recherche : relancez celle-ci depuis la première page.")
        return cls(tuple(after), "next" if direction == "n" else "previous", digest, point_in_time)


def digest_of(request: SearchRequest) -> str:
    """What two requests share when a cursor of one may serve the other: everything that decides which hits, in what order."""
    same = replace(
        request,
        cursor=None,
        size=1,
        facets=(),
        facet_size=1,
        under={},
        kinds={},
        often_with=None,
        highlight=True,
        interval=None,
    )
    return hashlib.sha256(repr(same).encode()).hexdigest()[:16]
