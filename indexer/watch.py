"""`depeches load --watch DIR`: what arrives in a folder is loaded when it is complete, then put away.

    look -> complete files -> batches -> load -> each file to its shelf -> look again

A file is moved only after all its items are in the index or explained: a kill at any moment loses nothing, since loading
again changes nothing. While the engine is away nothing moves. Small files are loaded together, and each one's fate is known
by where its rejections come from.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.errors import ConfigurationError, DepechesError, InputRejected
from indexer.arrivals import Arrival, Arrivals
from indexer.load import Loader, Tally
from indexer.raw import Item, RawDispatch, Rejection
from indexer.readers import read_file
from indexer.shelves import MOST_REASONS, Journal, Shelves, reasons
from indexer.sources import Skipped, display
from mappings import lifecycle

# Seconds between two looks; a look that takes long is followed by a longer rest, so that a folder of 100,000 files that
# stay there takes a fifth of one core at most.
POLL = 1.0
REST = 4.0

# Seconds without change after which a file is complete: rsync and scp write without pause, FTP servers pause for less.
QUIET = 2.0

# Files, and bytes, loaded together: one wait for the index for all of them.
BATCH_FILES = 1_000
BATCH_BYTES = 32_000_000

# Seconds between tries while the engine is away: the first, and the longest.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class _Fate:
    """What became of one file so far; the first reasons are kept."""

    arrival: Arrival
    read: int = 0
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)

    def reject(self, rejection: Rejection) -> None:
        self.rejected += 1
        if len(self.rejections) < MOST_REASONS:
            self.rejections.append(rejection)


class FolderWatch:
    """Watches folders and loads what arrives.

    Args:
        loader: its watcher goes on hearing of progress, rejections and waits.
        journal: remembers files that stay where they are: all with `keep`, else those that cannot be moved.
        keep: leave everything in place, write nothing in the folders.
        format, columns: see `indexer.readers`. quiet: seconds without change after which a file is complete.
        told: hears, in French, of what needs a person: a closed folder, a file that cannot be moved.
        now: a clock that only grows, in seconds.
    """

    def __init__(
        self,
        loader: Loader,
        folders: Sequence[Path],
        journal: Journal,
        *,
        keep: bool = False,
        format: str | None = None,
        columns: Mapping[str, str] | None = None,
        quiet: float = QUIET,
        told: Callable[[str], None] = lambda message: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tally = Tally()
        self._folders = _distinct(folders)
        self._shelves = {folder: Shelves(folder) for folder in self._folders}
        self._loader = loader
        self._told_before: set[str] = set()
        self._told = told
        self._journal = journal
        self._keep = keep
        self._format = format
        self._columns = columns
        self._stopping = threading.Event()
        self._fates: dict[str, _Fate] = {}
        self._faulty: dict[Path, str] = {}
        self._ready = False
        self._arrivals = Arrivals(
            self._folders, quiet=quiet, now=now, done=self._dealt_with, trouble=self._closed_folder
        )
        self._heard = loader.watcher
        loader.watcher = replace(
            loader.watcher, progress=self._progress, rejected=self._rejected, waiting=self._waiting
        )

    # -- the loop ----------------------------------------------------------------------------------------------------

    def run(self) -> Tally:
        """Watch until `stop` is called; what was read by then.

        Raises:
            ConfigurationError: another watch has one of the folders, or it is closed to us.
        """
        with self.alone():
            while not self._stopping.is_set():
                started = time.monotonic()
                if not self.turn():
                    self._loader.rest()
                    self._stopping.wait(max(POLL, REST * (time.monotonic() - started)))
        return self.tally

    def stop(self) -> None:
        """End after the file in hand; may be called from a signal handler or another thread."""
        self._stopping.set()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While no other watch of this machine has these folders."""
        with ExitStack() as locks:
            for folder in self._folders:
                locks.enter_context(self._lock(folder))
                if not self._keep:
                    try:
                        self._shelves[folder].open()
                    except OSError as error:
                        raise ConfigurationError(
                            f"Impossible d'écrire dans {display(folder)} ({error.strerror}) : donnez-en les droits à ce "
                            "compte, ou laissez les fichiers en place par --keep."
                        ) from error
            yield

    @contextmanager
    def _lock(self, folder: Path) -> Iterator[None]:
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise ConfigurationError(f"{display(folder)} n'est pas un dossier lisible ({error.strerror}).") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno == errno.EWOULDBLOCK:
                os.close(handle)
                raise ConfigurationError(
                    f"{display(folder)} est déjà surveillé par un autre « depeches load --watch » ; arrêtez-le d'abord."
                ) from error
            # NFS locks no folders. Two watches there would do no harm, only the work twice.
            self._told(f"{display(folder)} ne peut pas être verrouillé ici : n'y lancez pas deux surveillances.")
        try:
            yield
        finally:
            os.close(handle)

    def turn(self) -> int:
        """One look: load what is complete. How many files were taken."""
        taken = 0
        for batch in _batches(self._arrivals.complete()):
            if self._stopping.is_set():
                break
            taken += len(batch)
            self._load(batch)
        return taken

    # -- one batch ---------------------------------------------------------------------------------------------------

    def _load(self, batch: Sequence[Arrival]) -> None:
        """Load a batch and put its files away, however long the engine is away."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                self._prepare()
                tally = self._load_once(batch)
                self._put_away()
                _add(self.tally, tally)
                self._faulty.clear()
                return
            except (DepechesError, OSError, sqlite3.Error) as error:
                self._ready = False
                self._heard.waiting(error if isinstance(error, DepechesError) else DepechesError(f"{error}"))
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception as error:
                # One file must not stop the rest for ever: it is found, rejected, and the others are loaded.
                if not self._faulty.keys().isdisjoint(arrival.path for arrival in batch):
                    raise
                self._find_faulty(batch, error)

    def _prepare(self) -> None:
        """The index, once. Files remembered as loaded into an archive that is empty now are to be loaded again."""
        if self._ready:
            return
        engine, family = self._loader.engine, self._loader.family
        lifecycle.create(engine, family)
        if engine.count(family.read) == 0 and self._journal.forget():
            self._told("L'archive est vide : les fichiers gardés en place sont rechargés.")
        self._ready = True

    def _load_once(self, batch: Sequence[Arrival]) -> Tally:
        self._fates = {}
        tally = Tally()
        self._loader.load_items(self._items(batch, tally), tally)
        return tally

    def _items(self, batch: Iterable[Arrival], tally: Tally) -> Iterator[Item | Skipped]:
        for arrival in batch:
            if self._stopping.is_set():
                return
            where = display(arrival.path if self._keep else self._shelves[arrival.folder].planned(arrival))
            # Gone or growing again: the next look will tell. Two names that no screen can tell apart: one at a time.
            if where in self._fates or not arrival.unchanged():
                continue
            fate = self._fates[where] = _Fate(arrival)
            tally.files += 1
            if arrival.path in self._faulty:
                fate.read = 1
                yield Rejection(where, InputRejected(self._faulty[arrival.path]))
                continue
            for item in read_file(arrival.path, arrival.shown, self._format, self._columns):
                if isinstance(item, Skipped):
                    yield replace(item, name=where + item.name.removeprefix(arrival.shown))
                    continue
                fate.read += 1
                if isinstance(item, RawDispatch):
                    yield replace(item, path=where)
                else:
                    yield replace(item, where=where + item.where.removeprefix(arrival.shown))

    def _find_faulty(self, batch: Sequence[Arrival], error: Exception) -> None:
        """Find the files of a batch that no reader survives. Raises `error` again when no file explains it."""
        for arrival in batch:
            fault = self._fault(arrival)
            if fault:
                self._faulty[arrival.path] = (
                    f"Erreur inattendue en lisant ce fichier ({type(fault).__name__}) ; signalez-la avec le fichier."
                )
        if self._faulty.keys().isdisjoint(arrival.path for arrival in batch):
            raise error

    def _fault(self, arrival: Arrival) -> Exception | None:
        """What goes wrong when a file is read and built, far from the engine."""
        try:
            for item in read_file(arrival.path, arrival.shown, self._format, self._columns):
                if isinstance(item, RawDispatch):
                    try:
                        self._loader.builder.build(item)
                    except InputRejected:
                        continue
        except Exception as error:
            return error
        return None

    # -- files put away ----------------------------------------------------------------------------------------------

    def _put_away(self) -> None:
        """Every file of the batch that was loaded goes to its shelf, or into the journal."""
        staying = []
        for fate in self._fates.values():
            if self._keep:
                staying.append(fate.arrival)
                continue
            shelves = self._shelves[fate.arrival.folder]
            try:
                if fate.rejected:
                    why = reasons(fate.arrival, fate.read, fate.rejections, fate.rejected, datetime.now().astimezone())
                    shelves.put_rejected(fate.arrival, why)
                else:
                    shelves.put_loaded(fate.arrival, datetime.now().astimezone().date())
            except OSError as error:
                staying.append(fate.arrival)
                self._tell(f"{display(fate.arrival.path)} est traité mais ne peut pas être rangé : {error.strerror}.")
        if staying:
            self._journal.add(staying)
        self._fates = {}

    def _dealt_with(self, arrival: Arrival) -> bool:
        return self._journal.knows(arrival)

    # -- what the loader says ----------------------------------------------------------------------------------------

    def _progress(self, tally: Tally) -> None:
        total = replace(self.tally, reasons=self.tally.reasons.copy())
        _add(total, tally)
        self._heard.progress(total)

    def _rejected(self, rejection: Rejection) -> None:
        fate = self._file_of(rejection.where)
        if fate:
            fate.reject(rejection)
        self._heard.rejected(rejection)

    def _file_of(self, where: str) -> _Fate | None:
        """The file an item came from: of a member "lots/a.zip!/b.txt", the container."""
        while where not in self._fates and "!/" in where:
            where = where.rpartition("!/")[0]
        return self._fates.get(where)

    def _waiting(self, error: DepechesError) -> None:
        if self._stopping.is_set():
            raise error
        self._heard.waiting(error)

    def _closed_folder(self, folder: Path, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError) or folder in self._shelves:
            self._tell(f"Le dossier {display(folder)} ne peut pas être lu : {error.strerror}.")

    def _tell(self, message: str) -> None:
        """Say it, once."""
        if message not in self._told_before:
            self._told_before.add(message)
            self._told(message)


def _distinct(folders: Sequence[Path]) -> tuple[Path, ...]:
    """The folders, absolute. Raises ConfigurationError: one is inside another."""
    absolute = [folder.absolute() for folder in folders]
    real = [folder.resolve() for folder in absolute]
    for number, folder in enumerate(real):
        for other in real[:number]:
            if folder.is_relative_to(other) or other.is_relative_to(folder):
                raise ConfigurationError(
                    f"{display(folder)} et {display(other)} sont l'un dans l'autre ; ne surveillez que le plus grand."
                )
    return tuple(absolute)


def _batches(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """Files to load together; a large one is alone or ends a batch."""
    batch: list[Arrival] = []
    weight = 0
    for arrival in arrivals:
        batch.append(arrival)
        weight += arrival.size
        if len(batch) >= BATCH_FILES or weight >= BATCH_BYTES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _add(total: Tally, more: Tally) -> None:
    total.read += more.read
    total.loaded += more.loaded
    total.unchanged += more.unchanged
    total.rejected += more.rejected
    total.skipped += more.skipped
    total.files += more.files
    total.reasons += more.reasons


def watch_folders(
    loader: Loader,
    folders: Sequence[Path],
    data_dir: Path,
    *,
    keep: bool = False,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    quiet: float = QUIET,
    told: Callable[[str], None] = lambda message: None,
) -> Tally:
    """Watch folders until SIGTERM or SIGINT, then end after the file in hand; what was read. Call it in the main thread.

    A second signal does not wait. The journal is in `data_dir`, one per archive.
    """
    journal = Journal(data_dir / "watch" / f"{loader.family.prefix}.sqlite3")
    watch = FolderWatch(loader, folders, journal, keep=keep, format=format, columns=columns, quiet=quiet, told=told)
    before: dict[int, Any] = {}

    def stop(number: int, frame: Any) -> None:
        for which, handler in before.items():
            signal.signal(which, handler)
        told("Arrêt après le fichier en cours…")
        watch.stop()

    for which in (int(signal.SIGTERM), int(signal.SIGINT)):
        before[which] = signal.signal(which, stop)
    try:
        return watch.run()
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
        journal.close()
