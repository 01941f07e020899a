"""Files on their way out: how large, how many at once, and what each holds open until it is closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from threading import BoundedSemaphore

from engine.errors import ExportsBusy
from search.exporting import check_size, written
from search.formats import Format
from search.formats.place import Place
from search.request import SearchRequest
from search.service import Archive

# Files one process sends at once: half of its threads (8, `depeches serve`), so that readers on slow lines, however
# many, leave the other half to searches.
AT_ONCE = 4


class Exports:
    """The files of an archive. `most`: dispatches in one of them; 0: any number."""

    def __init__(self, archive: Archive, most: int, *, at_once: int = AT_ONCE) -> None:
        self.archive = archive
        self.most = most
        self._room = BoundedSemaphore(at_once)

    def count(self, request: SearchRequest, first: int | None = None) -> int:
        """How many dispatches the file will hold.

        Raises:
            ExportTooLarge, RequestError, EngineError: as `open`.
        """
        found = self.archive.count(request)
        total = found if first is None else min(first, found)
        check_size(total, self.most)
        return total

    def open(self, form: Format, request: SearchRequest, place: Place, first: int | None = None) -> File:
        """A file, ready to be read: all that can be wrong with it before its first byte has been.

        Args:
            first: how many dispatches of those found; None: all.

        Raises:
            ExportTooLarge: more than `most`. ExportsBusy: too many at once. RequestError, EngineError: as a search.
        """
        if not self._room.acquire(blocking=False):
            raise ExportsBusy("D'autres exports sont en cours ; réessayez dans quelques instants.")
        with ExitStack() as held:
            held.callback(self._room.release)
            reading = self.archive.reading(request, form.fields, first=first)
            held.callback(reading.close)
            check_size(reading.total, self.most)
            return File(reading.total, written(form, reading, place), held.pop_all())


class File:
    """Chunks of bytes, once. The end, an error or `close` frees what it holds; a reader who leaves must `close`."""

    def __init__(self, total: int, chunks: Iterator[bytes], held: ExitStack) -> None:
        self.total = total
        self._chunks = chunks
        self._held = held

    def __iter__(self) -> Iterator[bytes]:
        with self:
            yield from self._chunks

    def close(self) -> None:
        self._held.close()

    def __enter__(self) -> File:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
