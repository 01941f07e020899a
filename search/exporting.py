"""Every dispatch a search finds, read page after page at one point in time, in memory that does not grow with them.

    request -> Reading (a point in time, the first page, the count) -> dispatches -> search/formats -> chunks of bytes

The point in time and the first page are there before the first byte leaves, so that what is wrong is told as an error;
what goes wrong later is an exception in the middle of the iteration, never a shorter file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from engine.client import Body, Engine
from engine.errors import EngineError, ExportTooLarge
from mappings.dispatch import Dispatch, from_document
from search.formats import Format
from search.formats.place import Place

# Dispatches asked for at once. 100 to 1,000 are equally fast (bench/exports); a page is what memory holds.
PAGE = 250

# How long the point in time outlives the page read last: a reader slower than a page in this time is cut off.
KEEP_ALIVE = "5m"

# Bytes handed on at once: a slow reader's connection takes so many before it is looked at again.
CHUNK = 64 * 1024


class Reading:
    """The dispatches a body finds, in its order; iterate once, then `close`, which a reader who leaves must do too."""

    def __init__(
        self, engine: Engine, index: str, body: Body, fields: Sequence[str], *, first: int | None = None
    ) -> None:
        """Open a point in time and read the first page.

        Args:
            body: a search as `compile_request` makes it.
            fields: those of the document that are wanted.
            first: the number of dispatches wanted; None: all.

        Raises:
            EngineError: the engine is away, or its index is.
        """
        self._engine = engine
        self._body = {name: value for name, value in body.items() if name not in ("aggs", "highlight")} | {
            "size": PAGE,
            "_source": list(fields),
            "track_scores": False,
        }
        self._point_in_time: str | None = engine.open_point_in_time(index, KEEP_ALIVE)
        try:
            answer = self._ask(self._body | {"track_total_hits": True})
        except BaseException:
            self.close()
            raise
        self.found = int(answer["hits"]["total"]["value"])
        self.total = self.found if first is None else min(first, self.found)
        self._page = answer["hits"]["hits"]

    def __iter__(self) -> Iterator[Dispatch]:
        """`total` dispatches, never fewer.

        Raises:
            EngineError: the engine went away, or the point in time did: what came before is not the whole.
        """
        page, left = self._page, self.total
        self._page = []
        while left:
            if not page:
                raise EngineError(f"Il manque {left} dépêches à la fin de ce fichier.")
            after = page[-1]["sort"]
            for hit in page[:left]:
                yield from_document(hit["_source"])
            left -= min(left, len(page))
            if left:
                page = self._ask(self._body | {"track_total_hits": False, "search_after": after})["hits"]["hits"]

    def _ask(self, body: Body) -> Body:
        answer = self._engine.search(body | {"pit": {"id": self._point_in_time, "keep_alive": KEEP_ALIVE}})
        self._point_in_time = str(answer["pit_id"])
        return answer

    def close(self) -> None:
        """Free the point in time; more than once is no harm."""
        point_in_time, self._point_in_time = self._point_in_time, None
        if point_in_time:
            with suppress(EngineError):  # it ends by itself
                self._engine.close_point_in_time(point_in_time)


def check_size(total: int, most: int) -> None:
    """Refuse what is larger than this archive lets go at once; `most` 0: nothing is.

    Raises:
        ExportTooLarge: with how many there are and what to do.
    """
    if most and total > most:
        raise ExportTooLarge(
            f"Cette recherche trouve {total} dépêches ; un fichier en contient au plus {most}. "
            f"Restreignez-la (période, facettes), ou demandez les premières : size={most}."
        )


def written(form: Format, dispatches: Iterable[Dispatch], place: Place) -> Iterator[bytes]:
    """A file of these dispatches, in chunks of about `CHUNK` bytes."""
    rows, weight = [form.head.encode()], 0
    for dispatch in dispatches:
        row = form.row(dispatch, place).encode()
        rows.append(row)
        weight += len(row)
        if weight >= CHUNK:
            yield b"".join(rows)
            rows, weight = [], 0
    if last := b"".join(rows):
        yield last
