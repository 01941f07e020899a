"""Dead letters are tried again, after a correction of their files, of our readers or of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from indexer.deadletters import DeadLetter
from indexer.load import Loader, Tally
from indexer.raw import Item, RawDispatch, Rejection
from indexer.readers import read_bytes
from indexer.sources import Skipped

# What tells rejected items apart, this time and the last: their file and their place in it.
_Place = tuple[str, int]


def replay(loader: Loader) -> Tally:
    """Try every dead letter again: from the bytes kept with it, else from its file. Those loaded are forgotten.

    Returns the tally of this try; what is rejected again stays where it was.
    """
    letters = loader.dead_letters.all()
    refused: set[_Place] = set()

    def rejected(rejection: Rejection) -> None:
        refused.add((rejection.where, rejection.position))
        watcher.rejected(rejection)

    watcher, back_load = loader.watcher, loader.back_load
    loader.watcher = replace(watcher, rejected=rejected)
    tally = Tally()
    try:
        # What was new when it was rejected alerts as new; what came with old files stays silent.
        for loader.back_load in (False, True):
            came = [letter for letter in letters if letter.back_load == loader.back_load]
            loader.load_items(_items(came, loader, tally), tally)
    finally:
        loader.watcher, loader.back_load = watcher, back_load
    # Once all are in: a replay killed before this is harmless to repeat.
    loader.dead_letters.remove({letter.key for letter in letters if (letter.where, letter.position) not in refused})
    return tally


def _items(letters: Iterable[DeadLetter], loader: Loader, tally: Tally) -> Iterator[Item | Skipped]:
    """What the letters hold, each item under its letter's name and place; then their files, each once."""
    files: dict[Path, DeadLetter] = {}
    for letter in letters:
        if letter.raw is None:
            # A member of a container is read again with the whole container; the rest of it is unchanged.
            files.setdefault(Path(letter.where.partition("!/")[0]), letter)
            continue
        for item in read_bytes(letter.raw, Path(letter.where).name, letter.format, letter.columns):
            if isinstance(item, RawDispatch):
                yield replace(item, path=letter.where, position=letter.position)
            elif isinstance(item, Rejection):
                yield replace(item, where=letter.where, position=letter.position)
            else:
                yield item
    for path, letter in files.items():
        yield from loader.read([path], tally, letter.format, letter.columns)
