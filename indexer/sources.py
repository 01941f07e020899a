"""Which files are read: those named, and in folders all but hidden ones and notes to people."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import UnreadableInput
from indexer.raw import Rejection


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read. `name` is what readers of its dispatches see: from the folder that was named, not from the root."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """What is named and not loaded, for it is no dispatch: a hidden file, a note to people, a photo, a package.

    Args:
        name: of the file, or of the file it is an item of. reason: for people, in French.
        position: its place in that file, from 0.
    """

    name: str
    reason: str = "Fichier caché, ou note à l'intention des lecteurs du dossier."
    position: int = 0


# Notes to people, in folders only: a README named on the command line is read.
NOTES = ("readme", "lisezmoi", "licence", "license")


def display(path: Path) -> str:
    """A path as text that any file or screen can hold: a name of an old disk may be in no encoding at all."""
    return os.fsencode(path).decode("utf-8", "replace")


def find(paths: Iterable[Path]) -> Iterator[Found | Skipped | Rejection]:
    """The files under `paths`, sorted within each folder, so that two loads of the same folder go the same way."""
    for path in paths:
        try:
            folder = path.is_dir()
        except OSError as error:  # a folder above it is closed to us
            yield Rejection(display(path), UnreadableInput(f"Illisible : {error.strerror}. Vérifiez les droits."))
            continue
        if folder:
            yield from _walk(path, path.absolute().parent)
        elif path.exists():
            yield Found(path, display(Path(path.name)))
        else:
            yield Rejection(display(path), UnreadableInput("Ce fichier n'existe pas."))


def _walk(folder: Path, above: Path) -> Iterator[Found | Skipped | Rejection]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Rejection(display(folder), UnreadableInput(f"Dossier illisible : {error.strerror}. Vérifiez ses droits."))
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith(".") or (entry.is_file() and path.stem.lower() in NOTES):
            yield Skipped(display(path))
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(path, above)
        elif entry.is_file():
            yield Found(path, display(path.absolute().relative_to(above)))
        else:
            yield Rejection(display(path), UnreadableInput("Ni fichier ni dossier (lien rompu, tube ou périphérique)."))
