"""Files received over HTTP are loaded within limits, and every item is accounted for to whoever sent it.

What is rejected is told in the answer and not kept in the dead letters: the sender has the item and now knows its fault,
and nobody else could mend it. A dispatch is known by its content, so sending again is always harmless: after a 503 or a
lost answer, what had entered is `unchanged`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from authorities.loader import load_authorities
from engine.client import Engine
from engine.config import Settings
from engine.errors import DepechesError
from indexer.build import Builder
from indexer.deadletters import DeadLetter, DeadLetters
from indexer.load import Loader, Watcher
from indexer.raw import Item, RawDispatch, Rejection
from indexer.readers import read_file
from indexer.sources import Skipped
from indexer.upload import UNNAMED, Received
from mappings.lifecycle import Family

# Items of one request: about 10 s of loading on 2 cores, and an answer of 2 MB if every one is rejected.
MOST_ITEMS = 10_000

# Seconds a request may take, sending and loading; nginx waits 60 for an answer unless told otherwise.
LONGEST_SECONDS = 55.0

# Seconds an engine that is away or busy is waited for. A blink is bridged; the sender is told of anything longer, and
# tries again: a thread that waits serves nobody.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Account:
    """What became of a request. Always: read = loaded + unchanged + len(rejected).

    Args:
        skipped: what is no dispatch and claims to be none: hidden members of archives, notes to people, photos.
        cut: why reading stopped before the end, or None; what was read until then is accounted for all the same.
    """

    read: int
    loaded: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    rejected: tuple[Rejection, ...]
    cut: str | None = None


class Intake:
    """Loads what is received into one archive. One per process, shared by its threads.

    A `Builder` is safe to share: its tables are made once, and its caches only ever hold what any thread would compute.
    """

    def __init__(
        self,
        engine: Engine,
        family: Family,
        settings: Settings,
        *,
        builder: Builder | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.engine = engine
        self.family = family
        self.settings = settings
        self._patience = patience
        self._making = threading.Lock()
        self._builder = builder

    def builder(self) -> Builder:
        """The builder, made at the first request (1 s): most processes that serve are never sent anything."""
        with self._making:
            if self._builder is None:
                self._builder = Builder(
                    load_authorities(own=self.settings.authorities_dir), timezone=self.settings.timezone
                )
            return self._builder

    def load(self, files: Iterable[Received], *, deadline: float) -> Account:
        """Load files; the index is refreshed, so that a search finds them when this returns.

        Args:
            deadline: on the monotonic clock, when to stop reading.

        Raises:
            EngineError: the engine is away or refuses. Some items may be in: sending all again is harmless.
        """
        rejected: list[Rejection] = []
        away: list[float] = []  # since when the engine is away, on the monotonic clock

        def waiting(error: DepechesError) -> None:
            away.append(time.monotonic())
            if away[-1] - away[0] >= self._patience:
                raise error

        skipped: list[Skipped] = []
        watcher = Watcher(rejected=rejected.append, skipped=skipped.append, waiting=waiting)
        # Beside the archive's dead letters lies the lock that its writers share.
        told = _Told(self.settings.data_dir / "dead-letters" / f"{self.family.prefix}.jsonl")
        loader = Loader(self.engine, self.family, self.builder(), told, watcher)
        reading = _Reading(files, deadline)
        tally = loader.load_items(reading.items())
        return Account(
            read=tally.read,
            loaded=tally.loaded,
            unchanged=tally.unchanged,
            skipped=tuple(skipped),
            rejected=tuple(rejected),
            cut=reading.cut,
        )


class _Told(DeadLetters):
    """Rejections that the answer tells: none is written down."""

    def add(self, rejection: Rejection, *, back_load: bool = False) -> DeadLetter:
        return DeadLetter.of(rejection, back_load=back_load)


class _Reading:
    """The items of the files, until a limit is met; `cut` then says which."""

    def __init__(self, files: Iterable[Received], deadline: float) -> None:
        self._files = files
        self._deadline = deadline
        self.cut: str | None = None

    def items(self) -> Iterator[Item | Skipped]:
        count = 0
        for file in self._files:
            if file.refused:
                yield Rejection(file.name, file.refused)
                continue
            for item in read_file(file.path, file.name, file.format):
                if count == MOST_ITEMS:
                    self.cut = f"La requête contient plus de {MOST_ITEMS} dépêches : la suite n'a pas été lue."
                elif time.monotonic() > self._deadline:
                    self.cut = f"La requête a pris plus de {LONGEST_SECONDS:g} secondes : la suite n'a pas été lue."
                if self.cut:
                    return
                count += 1
                yield _unnamed(item)


def _unnamed(item: Item | Skipped) -> Item | Skipped:
    """A dispatch of a body that had no name comes from no file, whatever its reader called it."""
    if isinstance(item, RawDispatch) and item.source.file == UNNAMED:
        return replace(item, source=replace(item.source, file=None), path=UNNAMED)
    return item
