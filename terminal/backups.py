"""What `depeches backup` shows: how far it is, what there is, and for the doctor whether it is enough."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from backup import repository
from backup.manifest import Manifest
from backup.shelf import Kept, Shelf
from engine.config import Settings
from engine.errors import BackupOverdue
from web import wording


@contextmanager
def progressing(console: Console) -> Iterator[repository.Progress]:
    """Steps as they go; the bytes of the one that takes long."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("Préparation", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)


def made(manifest: Manifest) -> str:
    """What was just saved, in a line or two."""
    dispatches, rows = manifest.dispatches, manifest.database
    seconds = (manifest.ended - manifest.begun).total_seconds()
    return (
        f"[bold]{escape(manifest.name)}[/] : {_content(manifest)}.\n"
        f"{megabytes(manifest.bytes)} de fichiers et de base ({rows.kind}) ; dépêches : {megabytes(dispatches.bytes)}, dont "
        f"{megabytes(dispatches.added)} qu'aucune sauvegarde n'avait, dans le dépôt « {escape(dispatches.repository)} »"
        f"{f' ({escape(dispatches.location)})' if dispatches.location else ''}. {wording.number(round(seconds))} s."
    )


def table(found: Sequence[Kept], snapshots: Mapping[str, bool]) -> Table:
    """The backups of a folder, the oldest first.

    Args:
        snapshots: by name, whether its snapshot is there; left out where nobody could say.
    """
    shown = Table(box=box.SIMPLE, pad_edge=False)
    shown.add_column("sauvegarde", no_wrap=True)  # to be copied
    for title in ("quand", "dépêches", "recherches", "Mo", "vérifiée", "état"):
        shown.add_column(title)
    for kept in found:
        cells = ["", "", "", ""]
        if kept.manifest:
            of = kept.manifest
            numbers = (
                of.dispatches.count,
                of.database.saved_searches,
                round((of.bytes + of.dispatches.bytes) / 1e6, 1),
            )
            cells = [f"{of.begun.astimezone():%d/%m/%Y %H:%M}", *(wording.number(each) for each in numbers)]
        verified = f"{kept.verified.astimezone():%d/%m/%Y}" if kept.verified else ""
        shown.add_row(escape(kept.name), *cells, verified, escape(state(kept, snapshots)))
    return shown


def state(kept: Kept, snapshots: Mapping[str, bool]) -> str:
    """What may be expected of it, in a few words."""
    if kept.wrong:
        return kept.wrong if kept.manifest is None and kept.wrong == "incomplète" else f"abîmée : {kept.wrong}"
    if kept.name not in snapshots:
        return "entière ; instantané non vérifié, le moteur ne répond pas"
    return "entière" if snapshots[kept.name] else "sans instantané dans ce moteur"


def as_json(found: Sequence[Kept], snapshots: Mapping[str, bool]) -> str:
    """The same for programs: the manifest of each, and what was seen of it."""
    return json.dumps([_told(kept, snapshots) for kept in found], ensure_ascii=False, indent=1)


def _told(kept: Kept, snapshots: Mapping[str, bool]) -> dict[str, Any]:
    seen = {
        "name": kept.name,
        "folder": str(kept.folder),
        "whole": not kept.wrong and snapshots.get(kept.name) is not False,
        "wrong": kept.wrong or None,
        "snapshot_found": snapshots.get(kept.name),
        "verified": kept.verified.isoformat() if kept.verified else None,
    }
    return seen | {"manifest": kept.manifest.json() if kept.manifest else None}


def check(settings: Settings) -> str:
    """The line of `doctor`. Raises: BackupOverdue: there is none, or the last is old; says what to do."""
    if not settings.backup_days:
        return "non suivies (DEPECHES_BACKUP_DAYS)"
    there = Shelf(settings.backup_dir).all()
    whole = [
        kept.manifest for kept in there if kept.manifest and kept.archive == settings.index_prefix and not kept.wrong
    ]
    if not whole:
        raise BackupOverdue(
            f"Aucune sauvegarde entière dans {settings.backup_dir} : depeches backup create, et chaque nuit par "
            "depeches-backup.timer."
        )
    last = whole[-1]
    age = datetime.now(UTC) - last.begun
    if age > timedelta(days=settings.backup_days):
        raise BackupOverdue(
            f"La dernière sauvegarde entière, {last.name}, a {wording.counted(age.days, 'jour')} : depeches backup create ; "
            "si un minuteur la fait, voyez son journal (journalctl -u depeches-backup)."
        )
    return f"{last.name}, {_content(last)}"


def megabytes(size: int) -> str:
    return f"{wording.number(round(size / 1e6, 1))} Mo"


def _content(manifest: Manifest) -> str:
    return (
        f"{wording.counted(manifest.dispatches.count, 'dépêche')}, {wording.counted(manifest.database.users, 'compte')}, "
        f"{wording.counted(manifest.database.saved_searches, 'recherche enregistrée', 'recherches enregistrées')}"
    )
