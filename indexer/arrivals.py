"""Which files of a watched folder are complete, the oldest first.

A file is complete when its size and time have not changed for a while (`quiet`), seen by our own clock: those of a file
server may differ. Files under a passing name (`.part`, hidden ones) wait for their real one; a file that a process of this
machine still holds open for writing waits for its end. Folders are read again at each look: that works on every file
system, NFS too, where no notice of changes can be had.
"""

from __future__ import annotations

import heapq
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from indexer.sources import NOTES, display

# What rsync, scp clients, browsers and FTP servers call a file until it is whole; rsync's own begin with a dot.
PASSING_SUFFIXES = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".upload", ".swp", "~")

# Files looked at together, so that memory is flat with 100,000 waiting; half of them are taken before the next look, so
# that the other half has been quiet by then.
WINDOW = 10_000

# An empty file is most often one whose first bytes are late: it waits this many times longer.
EMPTY_PATIENCE = 15


@dataclass(frozen=True, slots=True, order=True)
class Arrival:
    """A file as it was when looked at. The oldest comes first, then by name.

    Args:
        changed: nanoseconds of the epoch. name: from the watched folder on.
    """

    changed: int
    name: str
    folder: Path = field(compare=False)
    size: int = field(compare=False)
    inode: int = field(compare=False)

    @property
    def path(self) -> Path:
        return self.folder / self.name

    @property
    def shown(self) -> str:
        """How readers of its dispatches see it: from the watched folder, not from the root."""
        return display(Path(self.folder.name, self.name))

    @property
    def state(self) -> tuple[int, int, int]:
        """What differs once it was written to, or once another file came in its place."""
        return self.changed, self.size, self.inode

    def unchanged(self) -> bool:
        """Whether it is still there, and the same."""
        try:
            now = self.path.lstat()
        except OSError:
            return False
        return self.same(now)

    def same(self, now: os.stat_result) -> bool:
        return (now.st_mtime_ns, now.st_size, now.st_ino) == self.state


Trouble = Callable[[Path, OSError], None]


class Arrivals:
    """The files that come into some folders.

    Args:
        quiet: seconds without change after which a file is complete. now: a clock that only grows, in seconds.
        done: whether a file that is still there was dealt with. trouble: hears of folders that cannot be read.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        *,
        quiet: float,
        now: Callable[[], float],
        done: Callable[[Arrival], bool],
        trouble: Trouble,
    ) -> None:
        self._folders = tuple(folders)
        self._quiet = quiet
        self._now = now
        self._done = done
        self._trouble = trouble
        self._seen: dict[Path, tuple[Arrival, float]] = {}

    def complete(self) -> list[Arrival]:
        """The complete files, oldest first; at most half a window of them."""
        waiting = (arrival for folder in self._folders for arrival in walk(folder, self._trouble))
        oldest = heapq.nsmallest(WINDOW, (arrival for arrival in waiting if not self._done(arrival)))
        now = self._now()
        written = open_for_writing(self._folders) if oldest else frozenset()
        before, self._seen = self._seen, {}
        ready = []
        for arrival in oldest:
            path = arrival.path
            known, since = before.get(path, (None, now))
            if known is None or known.state != arrival.state or os.fspath(path) in written:
                since = now
            self._seen[path] = arrival, since
            if now - since >= self._quiet * (1 if arrival.size else EMPTY_PATIENCE):
                ready.append(arrival)
        return ready[: WINDOW // 2]


def walk(folder: Path, trouble: Trouble) -> Iterator[Arrival]:
    """The files under a folder that have their real names; links are not followed, they may lead anywhere."""
    waiting = [""]
    while waiting:
        inner = waiting.pop()
        try:
            with os.scandir(folder / inner) as entries:
                for entry in entries:
                    name = os.path.join(inner, entry.name)
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(name)
                    elif entry.is_file(follow_symlinks=False) and not is_passing(entry.name):
                        arrival = _look(folder, name, entry)
                        if arrival:
                            yield arrival
        except OSError as error:
            trouble(folder / inner, error)


def _look(folder: Path, name: str, entry: os.DirEntry[str]) -> Arrival | None:
    try:
        now = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # renamed or taken away in between
        return None
    if not stat.S_ISREG(now.st_mode):
        return None
    return Arrival(now.st_mtime_ns, name, folder, now.st_size, now.st_ino)


def is_passing(name: str) -> bool:
    """Whether a file is not to be read under this name: it will have another, or is a note to people.

    "a.xml.part", "notes.txt~", "README.md"; not "part.xml".
    """
    small = name.lower()
    return small.endswith(PASSING_SUFFIXES) or Path(small).stem in NOTES


def open_for_writing(folders: Iterable[Path]) -> frozenset[str]:
    """The files under these folders that a process of this machine may still write to.

    As far as /proc shows: every process to root, else our own account's. On a file server the writer is elsewhere, and
    only the quiet time tells.
    """
    roots = tuple(f"{folder.resolve()}{os.sep}" for folder in folders)
    named = {f"{folder.resolve()}{os.sep}": f"{folder}{os.sep}" for folder in folders}
    found = set()
    for process in _numbers("/proc"):
        for number in _numbers(f"/proc/{process}/fd"):
            try:
                target = os.readlink(f"/proc/{process}/fd/{number}")
                if target.startswith(roots) and _writes(f"/proc/{process}/fdinfo/{number}"):
                    root = next(root for root in roots if target.startswith(root))
                    found.add(named[root] + target[len(root) :])
            except OSError:  # closed, ended, or another account's
                continue
    return frozenset(found)


def _numbers(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.isdigit()]
    except OSError:
        return []


def _writes(fdinfo: str) -> bool:
    """Whether a descriptor was opened for writing: its flags, in octal (proc(5))."""
    with open(fdinfo, encoding="ascii") as lines:
        flags = next((int(line.split()[1], 8) for line in lines if line.startswith("flags:")), 0)
    return flags & os.O_ACCMODE != os.O_RDONLY
