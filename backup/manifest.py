"""What a backup holds, in JSON beside it: written last, so that a folder with a manifest is a whole backup.

A manifest names every file with its digest, and carries its own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from engine.errors import BackupDamaged, BackupTooNew

FILE = "manifest.json"

# Raised when an earlier program could not read what this one writes.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class File:
    """A file of a backup: its name from the backup's folder on, its size and its SHA-256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The relational database: `sqlite` or `postgresql`, at which step its tables are, and how many rows that matter."""

    kind: str
    step: str
    users: int
    saved_searches: int
    hits: int


@dataclass(frozen=True, slots=True)
class Dispatches:
    """The snapshot of the archive.

    Args:
        repository, location: where the engine keeps it; the folder, when it is one.
        uuid: the snapshot's own: another of the same name is another.
        engine: version of the Elasticsearch that made it. index: the generation it is of.
        count: dispatches there were when it began; those that entered while it was made may be in it too.
        last: the highest `ingest_seq` then.
        bytes, added: of all its files, and of those no earlier backup had.
    """

    repository: str
    location: str
    snapshot: str
    uuid: str
    engine: str
    index: str
    count: int
    last: int
    bytes: int
    added: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A whole backup. `archive`: the index prefix; `depeches`: the version of this program; `begun`, `ended`: UTC."""

    name: str
    archive: str
    depeches: str
    begun: datetime
    ended: datetime
    database: Rows
    dispatches: Dispatches
    files: tuple[File, ...]

    @property
    def bytes(self) -> int:
        """Of its files; the snapshot apart."""
        return sum(file.bytes for file in self.files)

    def json(self) -> dict[str, Any]:
        """As it is written."""
        told = {"format": FORMAT} | asdict(self)
        told |= {"begun": self.begun.isoformat(), "ended": self.ended.isoformat()}
        told["files"] = [asdict(file) for file in self.files]
        return told | {"digest": _digest(told)}


def write(folder: Path, manifest: Manifest) -> None:
    path = folder / FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(manifest.json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read(folder: Path) -> Manifest:
    """The manifest of a folder.

    Raises:
        BackupTooNew: a later version wrote it. BackupDamaged: it is not there, or not as it was written.
    """
    path = folder / FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if int(told["format"]) > FORMAT:
            raise BackupTooNew(
                f"{folder.name} est au format {told['format']}, d'une version plus récente de Dépêches "
                f"({told.get('depeches', '?')}) ; celle-ci lit le format {FORMAT}. Mettez Dépêches à jour."
            )
        digest = told.pop("digest")
        if digest != _digest(told):
            raise BackupDamaged(f"{path} a été changé depuis qu'il a été écrit.")
        del told["format"]
        manifest = Manifest(
            **told
            | {
                "begun": datetime.fromisoformat(told["begun"]),
                "ended": datetime.fromisoformat(told["ended"]),
                "database": Rows(**told["database"]),
                "dispatches": Dispatches(**told["dispatches"]),
                "files": tuple(File(**file) for file in told["files"]),
            }
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupDamaged(f"{path} ne se lit pas ({type(error).__name__}).") from error
    for file in manifest.files:
        if not _inside(file.name):
            raise BackupDamaged(f"{path} nomme un fichier hors de la sauvegarde : {file.name}.")
    return manifest


def files_of(folder: Path) -> tuple[File, ...]:
    """Every file of a folder but its manifest."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != FILE)
    return tuple(File(path.relative_to(folder).as_posix(), path.stat().st_size, sha256(path)) for path in paths)


def check_files(folder: Path, files: Iterable[File]) -> None:
    """Raises: BackupDamaged: a file is missing, or not what was written."""
    for file in files:
        path = folder / file.name
        try:
            same = path.stat().st_size == file.bytes and sha256(path) == file.sha256
        except OSError as error:
            raise BackupDamaged(f"{path} manque ou ne se lit pas ({error.strerror}).") from error
        if not same:
            raise BackupDamaged(f"{path} est abîmé : ce n'est plus ce qui a été écrit. Prenez une autre sauvegarde.")


def sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def program_version() -> str:
    return version("depeches")


def numbers(text: str) -> tuple[int, ...]:
    """A version to compare: "9.4.3" -> (9, 4, 3), "1.0.0-rc1" -> (1, 0, 0)."""
    return tuple(int(part) for part in re.match(r"[\d.]*", text)[0].split(".") if part)  # type: ignore[index]


def _digest(told: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _inside(name: str) -> bool:
    return bool(name) and not Path(name).is_absolute() and ".." not in Path(name).parts
