"""What `depeches export` writes: the same files and feeds as the API, from the same parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlencode

from engine.errors import BadParameter
from engine.http import API_PREFIX
from mappings.dispatch import Dispatch
from search.export_feeds import FEEDS, feed_of
from search.export_schemas import FeedArguments, FileArguments
from search.exporting import Reading, written
from search.formats import FORMATS
from search.formats.place import Place
from search.schemas import load
from search.service import Archive
from terminal.options import Pairs, arguments

# Dispatches between two looks at the progress.
STEP = 100

Progress = Callable[[int, int], None]


@contextmanager
def files_of(archive: Archive, name: str, typed: Pairs, place: Place, progress: Progress) -> Iterator[Iterable[bytes]]:
    """The chunks of the file, of any number of dispatches: a limit is for those who ask over HTTP.

    Args:
        name: of the format. progress: told how many dispatches of how many are written.

    Raises:
        RequestError, EngineError: as the API.
    """
    if name in FEEDS:
        _, _, write = FEEDS[name]
        address = f"{place.address}{API_PREFIX}/export.{name}?{urlencode(typed)}".rstrip("?")
        yield [write(feed_of(archive, load(FeedArguments(), arguments(typed)), typed, place, address))]
        return
    if name not in FORMATS:
        raise BadParameter(f"Format « {name} » inconnu ; les formats sont {', '.join((*FORMATS, *FEEDS))}.")
    request, first = load(FileArguments(), arguments(typed))
    with closing(archive.reading(request, FORMATS[name].fields, first=first)) as reading:
        yield written(FORMATS[name], _told(reading, progress), place)


def _told(reading: Reading, progress: Progress) -> Iterator[Dispatch]:
    for done, dispatch in enumerate(reading):
        if done % STEP == 0:
            progress(done, reading.total)
        yield dispatch
    progress(reading.total, reading.total)
