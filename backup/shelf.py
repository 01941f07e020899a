"""The folder where backups are kept: which are there, which are whole, which a killed process left.

    <folder>/<archive>-2026-11-26-023000/            a whole one: its files and its manifest, nothing else's
    <folder>/<archive>-2026-11-26-023000.partial/    one that is being made, or was when its maker was killed
    <folder>/index/                                  the snapshots, where a local node keeps them
    <folder>/.late                                   snapshots that may still begin though nobody waits for them
    <folder>/.lock                                   held while one is made, brought back or removed

A backup gets its name by one rename, when all of it is on the disk; before one is removed, it loses it.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backup import manifest
from backup.manifest import Manifest
from engine.errors import BackupBusy, BackupDamaged, BackupError, BackupFailed, BackupNotFound

PARTIAL = ".partial"
VERIFIED = ".verified"
LATE = ".late"
LATEST = 24 * 3600.0  # seconds after which no engine begins any more what nobody waits for
_NAME = re.compile(r"(?P<archive>[a-z0-9-]+)-\d{4}-\d{2}-\d{2}-\d{6}(?:-\d+)?")


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in the folder.

    Args:
        manifest: what it holds; None when that cannot be read: `wrong` says why.
        wrong: what is wrong with it at first sight, in French; "" when nothing is.
        verified: when all of it was last found as it was written.
    """

    name: str
    folder: Path
    manifest: Manifest | None
    wrong: str
    verified: datetime | None

    @property
    def archive(self) -> str:
        found = _NAME.fullmatch(self.name.removesuffix(PARTIAL))
        return found["archive"] if found else ""

    def whole(self) -> Manifest:
        """Its manifest. Raises: BackupError: it is not whole; says why."""
        if self.name.endswith(PARTIAL):
            raise BackupDamaged(f"{self.name} n'a pas été menée à son terme : {_PARTIAL_CURE}")
        found = manifest.read(self.folder)
        if self.wrong:
            raise BackupDamaged(f"{self.name} : {self.wrong}.")
        return found


_PARTIAL_CURE = "depeches backup prune l'efface, ou la prochaine depeches backup create."


class Shelf:
    """One such folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self) -> None:
        """Make it, passable for the engine's account, closed to others. Raises: BackupFailed."""
        with _writing(self.folder):
            if not self.folder.exists():
                self.folder.mkdir(parents=True)
                self.folder.chmod(0o711)

    @contextmanager
    def alone(self, *, writing: bool = True) -> Iterator[None]:
        """While nobody else of this machine makes, brings back or removes a backup here.

        Args:
            writing: False where a folder that cannot be written to will do: nobody makes one there.

        Raises:
            BackupBusy, BackupFailed.
        """
        try:
            with _writing(self.folder):
                handle = os.open(self.folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        except BackupFailed:
            if writing:
                raise
            yield
            return
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BackupBusy(f"Une autre commande travaille dans {self.folder} : attendez sa fin.") from error
            yield
        finally:
            os.close(handle)

    def all(self) -> list[Kept]:
        """What looks like a backup, the oldest first; whatever else lies there is left out."""
        try:
            entries = sorted(path for path in self.folder.iterdir() if _NAME.fullmatch(_stem(path)) and path.is_dir())
        except OSError:
            return []
        # By their time, which ends the name: archives have names of their own.
        return sorted((self._kept(path) for path in entries), key=lambda kept: kept.name[len(kept.archive) :])

    def get(self, name: str) -> Kept:
        """Raises: BackupNotFound."""
        if _NAME.fullmatch(name.removesuffix(PARTIAL)) and (self.folder / name).is_dir():
            return self._kept(self.folder / name)
        there = [kept.name for kept in self.all() if not kept.wrong]
        known = f"Il y a {', '.join(there[-5:])}." if there else "Il n'y en a aucune d'entière."
        raise BackupNotFound(f"Aucune sauvegarde « {name} » dans {self.folder}. {known}")

    def remains(self) -> list[Kept]:
        """What killed processes left. To be called alone: one that is being made looks the same."""
        return [kept for kept in self.all() if kept.name.endswith(PARTIAL)]

    def begin(self, archive: str, now: datetime) -> Path:
        """A new folder to fill, under the name it will not keep."""
        stem = f"{archive}-{now.astimezone(UTC):%Y-%m-%d-%H%M%S}"
        # A name whose snapshot may still begin, though nobody waits for it, is nobody else's.
        taken = {_stem(path) for path in self.folder.iterdir()} | set(self.late())
        number = next(number for number in range(1, 10_000) if _numbered(stem, number) not in taken)
        draft = self.folder / (_numbered(stem, number) + PARTIAL)
        with _writing(self.folder):
            draft.mkdir(mode=0o700)
        return draft

    def finish(self, draft: Path) -> Path:
        """Give a filled folder its name, all of it being on the disk."""
        for path in (*(path for path in draft.rglob("*")), draft):
            _sync(path)
        done = draft.with_name(draft.name.removesuffix(PARTIAL))
        draft.rename(done)
        _sync(self.folder)
        return done

    def unname(self, kept: Kept) -> Path:
        """Take its name from one that is to be removed: it counts as whole no more."""
        if kept.name.endswith(PARTIAL):
            return kept.folder
        draft = kept.folder.with_name(kept.name + PARTIAL)
        kept.folder.rename(draft)
        return draft

    def remove(self, draft: Path) -> None:
        shutil.rmtree(draft)

    def late(self) -> dict[str, str]:
        """Snapshots that were not there when their backup was removed, by name, with their repository: what asked for one
        and was killed at once may be heard by a busy engine only now."""
        path = self.folder / LATE
        try:
            if time.time() - path.stat().st_mtime > LATEST:
                return {}
            found = json.loads(path.read_text(encoding="utf-8"))
            return {str(name): str(repository) for name, repository in found.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def note_late(self, late: dict[str, str]) -> None:
        draft = self.folder / f"{LATE}.tmp"
        draft.write_text(json.dumps(late), encoding="utf-8")
        draft.replace(self.folder / LATE)

    def note_verified(self, kept: Kept, now: datetime) -> None:
        """Remember that it was found whole; where nothing can be written, it is not remembered."""
        with suppress(OSError):
            (kept.folder / VERIFIED).write_text(json.dumps(now.isoformat()), encoding="utf-8")

    def _kept(self, folder: Path) -> Kept:
        if folder.name.endswith(PARTIAL):
            return Kept(folder.name, folder, None, "incomplète", None)
        try:
            found = manifest.read(folder)
        except BackupError as error:
            return Kept(folder.name, folder, None, error.detail.rstrip("."), None)
        wrong = next((said for file in found.files if (said := _missing(folder / file.name, file.bytes))), "")
        return Kept(folder.name, folder, found, wrong, _verified(folder))


def _missing(path: Path, size: int) -> str:
    try:
        there = path.stat().st_size
    except OSError:
        return f"{path.name} manque"
    return "" if there == size else f"{path.name} fait {there} octets au lieu de {size}"


def _verified(folder: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads((folder / VERIFIED).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _stem(path: Path) -> str:
    return path.name.removesuffix(PARTIAL)


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupFailed(
            f"Impossible d'écrire dans {folder} ({error.strerror}) : donnez-y les droits, ou un autre dossier par "
            "DEPECHES_BACKUP_DIR ou --to."
        ) from error
