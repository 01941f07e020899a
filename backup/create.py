"""One command saves everything that cannot be made again, while loading, matching and sending go on.

    authorities, dead letters, what a watch dealt with -> the database -> the index -> the manifest -> its name

**What says that something was done is taken before what was done.** The index comes last, so that it holds all that anything
else in the backup speaks of:

- The database says up to which `ingest_seq` all was matched (W), from where on each saved search hears (`after_seq`), and
  which dispatches were told of (hits). A dispatch is matched only once it can be searched, and a snapshot holds all that could
  be searched when it began. So in a backup W is at most the highest number of the index, no hit speaks of a dispatch that is not
  there, and what entered between the two moments is above W: after a restore it is matched as new. Nobody misses it. It may have
  been announced already, after the database was taken: then it is announced again, which is what "at least once" says.
- The other way round, W could be above the index. What is loaded anew would be numbered from the highest in the index and
  the clock, so with a clock that is behind it would come below W and never be matched; hits would lead to nothing.
- A dead letter that is replayed meanwhile is in the index too, and replaying it again changes nothing. Taken after the index, it
  might be in neither. A file that a watch put away, or wrote down as loaded, is in the index; taken after, it might be nowhere.

A generation may be swapped meanwhile: the one in use is looked up after the database was taken, and what it loses to the next is
loaded after this backup.

A process that is killed leaves a folder whose name says that it is not whole, and perhaps a snapshot of the same name. Both
are removed by the next one that creates, or by `depeches backup prune`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from backup import manifest, parts, repository
from backup.manifest import Manifest
from backup.parts import Places
from backup.repository import Progress
from backup.shelf import PARTIAL, Kept, Shelf
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from mappings import lifecycle
from mappings.lifecycle import Family

# Names of killed backups whose snapshot is still looked for.
MOST_LATE = 20


def create(settings: Settings, engine: Engine, progress: Progress) -> Manifest:
    """Make a whole backup in the folder of the settings.

    Raises:
        BackupError, DatabaseError, EngineError: nothing of it is kept; says what to do.
    """
    shelf = Shelf(settings.backup_dir)
    shelf.prepare()
    with shelf.alone(), Database.opened(settings) as database:
        _sweep(shelf, engine)
        clear(shelf, engine, settings, shelf.remains())
        family = Family(settings.index_prefix)
        lifecycle.current(engine, family)  # before anything is done
        where = repository.of_archive(engine, settings)
        begun = datetime.now(UTC)
        draft = shelf.begin(settings.index_prefix, begun)
        name = draft.name.removesuffix(PARTIAL)
        _remember(draft, where.name)
        try:
            progress("Fichiers", 0, 0)
            parts.take_files(Places.of(settings), draft)
            progress("Base", 0, 0)
            rows = parts.take_rows(database, draft)
            progress("Dépêches", 0, 0)
            index = lifecycle.current(engine, family).name
            metadata = {"depeches": manifest.program_version(), "archive": settings.index_prefix}
            dispatches = repository.take(engine, where, name, index, metadata, progress)
            progress("Empreintes", 0, 0)
            (draft / REPOSITORY).unlink()
            made = Manifest(
                name=name,
                archive=settings.index_prefix,
                depeches=manifest.program_version(),
                begun=begun,
                ended=datetime.now(UTC),
                database=rows,
                dispatches=dispatches,
                files=manifest.files_of(draft),
            )
            manifest.write(draft, made)
            shelf.finish(draft)
        except BaseException:
            with suppress(Exception):
                _remove(shelf, engine, where.name, draft)
            raise
    return made


def prune(
    settings: Settings, engine: Engine, keep: int | None, hear: Callable[[str], None] = lambda name: None
) -> None:
    """Remove what killed processes left and, of this archive, all whole backups but the `keep` newest; None: all stay.

    Args:
        hear: gets the name of each that is gone.

    Raises:
        BackupError, EngineError.
    """
    shelf = Shelf(settings.backup_dir)
    shelf.prepare()
    with shelf.alone():
        _sweep(shelf, engine)
        doomed = shelf.remains()
        if keep is not None:
            whole = [kept for kept in shelf.all() if kept.archive == settings.index_prefix and not kept.wrong]
            doomed += whole[: len(whole) - keep] if keep else whole
        clear(shelf, engine, settings, doomed, hear)


def clear(
    shelf: Shelf,
    engine: Engine,
    settings: Settings,
    doomed: list[Kept],
    hear: Callable[[str], None] = lambda name: None,
) -> None:
    for kept in doomed:
        if kept.manifest:
            _remember(kept.folder, kept.manifest.dispatches.repository)
        draft = shelf.unname(kept)
        _remove(shelf, engine, repository.of_remains(engine, settings, _remembered(draft), kept.archive), draft)
        hear(kept.name)


def _remove(shelf: Shelf, engine: Engine, where: str | None, draft: Path) -> None:
    """The snapshot first: a folder that is still there says that there may be one."""
    name = draft.name.removesuffix(PARTIAL)
    if where and not engine.delete_snapshot(where, name):
        late = list((shelf.late() | {name: where}).items())
        shelf.note_late(dict(late[-MOST_LATE:]))
    shelf.remove(draft)


def _sweep(shelf: Shelf, engine: Engine) -> None:
    """Delete the snapshots that were begun after their backup was removed."""
    there = {kept.name for kept in shelf.all()}
    late = {name: where for name, where in shelf.late().items() if name not in there}
    if not late:
        return
    known = engine.repositories()
    left = {
        name: where for name, where in late.items() if where not in known or not engine.delete_snapshot(where, name)
    }
    if left != late:
        shelf.note_late(left)


# Of a folder that is not whole: in which repository its snapshot may be.
REPOSITORY = ".repository"


def _remember(draft: Path, where: str) -> None:
    (draft / REPOSITORY).write_text(where, encoding="utf-8")


def _remembered(draft: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return (draft / REPOSITORY).read_text(encoding="utf-8")
    return ""
