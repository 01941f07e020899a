"""The dispatches of a backup: a snapshot in a repository of the engine's, which shares with earlier ones all that did not change.

The repository is the one that `DEPECHES_BACKUP_REPOSITORY` names, registered by the operator (a bucket, a mounted folder), or
one of the archive's own under `path.repo`, registered here: then a folder copied to another machine is a repository there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from backup.manifest import Dispatches, Manifest
from engine.client import Engine
from engine.config import Settings
from engine.errors import (
    BackupDamaged,
    BackupFailed,
    EngineDenied,
    EngineError,
    EngineOverloaded,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    RepositoryMissing,
)

# Seconds between two looks at what the engine is doing, and how long it may be away meanwhile.
PAUSE = 0.2
PATIENCE = 120.0

# (what is going on, in French; bytes done, bytes in all)
Progress = Callable[[str, int, int], None]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Repository:
    """Where the engine keeps snapshots; `location`: the folder, where it is one."""

    name: str
    location: str


def of_archive(engine: Engine, settings: Settings) -> Repository:
    """Where the snapshots of this archive go; registered when it is not yet.

    Raises:
        RepositoryMissing: the engine has nowhere to keep them; says what to do.
    """
    if settings.backup_repository:
        return _named(engine, settings.backup_repository)
    return _own(engine, settings, settings.index_prefix)


def of_backup(engine: Engine, settings: Settings, kept: Dispatches, archive: str) -> Repository:
    """Where the snapshot of a backup is, on this machine, which may be another than the one that made it.

    Raises:
        RepositoryMissing. BackupDamaged: it is not there, or not whole.
    """
    if settings.backup_repository:
        found = _named(engine, settings.backup_repository)
        _check(engine, found, kept)
        return found
    found = _own(engine, settings, archive)
    try:
        _check(engine, found, kept)
    except (BackupDamaged, EngineError):
        # The engine may know the folder as it was before another was put in its place.
        engine.put_repository(found.name, found.location)
        _check(engine, found, kept)
    return found


def present(engine: Engine, made: Sequence[Manifest]) -> dict[str, bool]:
    """By name, whether the snapshot of each backup is in this engine, and whole. Raises: EngineError."""
    known = engine.repositories()
    there = {}
    for each in made:
        kept = each.dispatches
        snapshot = engine.snapshot(kept.repository, kept.snapshot) if kept.repository in known else None
        there[each.name] = snapshot is not None and snapshot["uuid"] == kept.uuid and snapshot["state"] == "SUCCESS"
    return there


def of_remains(engine: Engine, settings: Settings, name: str, archive: str) -> str | None:
    """The repository in which a backup that is to be removed has its snapshot; None when this engine cannot reach it."""
    if not name or name in engine.repositories():
        return name or None
    with suppress(RepositoryMissing):
        return _own(engine, settings, archive).name if name == archive else None
    return None


def _named(engine: Engine, name: str) -> Repository:
    there = engine.repositories()
    if name not in there:
        known = f"il connaît {', '.join(sorted(there))}" if there else "il n'en connaît aucun"
        raise RepositoryMissing(
            f"Le dépôt « {name} » (DEPECHES_BACKUP_REPOSITORY) n'existe pas à {engine.address.url} : {known}. "
            f"Enregistrez-le dans ce moteur (PUT _snapshot/{name})."
        )
    return Repository(name, str(there[name].get("settings", {}).get("location", "")))


def _own(engine: Engine, settings: Settings, archive: str) -> Repository:
    try:
        paths = engine.repository_paths()
        if not paths:
            raise RepositoryMissing(
                f"Elasticsearch ({engine.address.url}) n'a pas de dossier pour ses instantanés. Donnez-lui-en un : path.repo "
                "dans elasticsearch.yml de chaque nœud, puis redémarrez-les ; ou enregistrez-y un dépôt (S3, dossier partagé) "
                "et nommez-le par DEPECHES_BACKUP_REPOSITORY."
            )
        beside = str(settings.backup_index_dir)
        location = str(Path(beside if beside in paths else paths[0]) / archive)
        known = engine.repositories().get(archive, {}).get("settings", {}).get("location")
        if known != location:
            engine.put_repository(archive, location)
    except EngineDenied as error:
        raise RepositoryMissing(
            f"{error.detail}. Pour enregistrer un dépôt, la clé d'API doit avoir « manage » sur le serveur ; ou "
            "enregistrez-en un vous-même et nommez-le par DEPECHES_BACKUP_REPOSITORY (« create_snapshot » suffit alors)."
        ) from error
    except EngineRefused as error:
        raise RepositoryMissing(
            f"Elasticsearch ({engine.address.url}) ne prend pas {location} pour dépôt : {error.detail}. Le dossier doit pouvoir "
            "être écrit par le compte d'Elasticsearch et, s'il y a plusieurs nœuds, être le même pour tous."
        ) from error
    return Repository(archive, location)


def _check(engine: Engine, found: Repository, kept: Dispatches) -> None:
    snapshot = engine.snapshot(found.name, kept.snapshot)
    if snapshot is None or snapshot["uuid"] != kept.uuid:
        where = f" ({found.location})" if found.location else ""
        origin = f" de {kept.location}" if kept.location and kept.location != found.location else ""
        raise BackupDamaged(
            f"L'instantané {kept.snapshot} n'est pas dans le dépôt « {found.name} » de ce moteur{where} : copiez-y le "
            f"contenu{origin}, ou nommez par DEPECHES_BACKUP_REPOSITORY le dépôt qui l'a."
        )
    if snapshot["state"] != "SUCCESS":
        raise BackupDamaged(f"L'instantané {kept.snapshot} n'est pas entier ({snapshot['state']}).")


# -- taken, brought back -------------------------------------------------------------------------------


def take(
    engine: Engine, found: Repository, name: str, index: str, metadata: dict[str, Any], progress: Progress
) -> Dispatches:
    """Keep a generation as it is now. Raises: BackupFailed: it could not be kept whole. EngineError."""
    engine.refresh(index)
    body = {"size": 0, "aggs": {"last": {"max": {"field": "ingest_seq"}}}}
    last = int(engine.search(body, index=index)["aggregations"]["last"]["value"] or 0)
    count = engine.count(index)
    try:
        engine.start_snapshot(found.name, name, index, metadata)
    except EngineRefused as error:
        raise BackupFailed(f"L'instantané n'a pas pu être commencé : {error.detail}") from error
    while True:
        snapshot = _patiently(lambda: engine.snapshot(found.name, name))
        if snapshot is None:
            raise BackupFailed("L'instantané a été effacé pendant qu'il se faisait.")
        written, new, total = _patiently(lambda: engine.snapshot_bytes(found.name, name))
        progress("Dépêches", written, new)
        if snapshot["state"] != "IN_PROGRESS":
            break
        time.sleep(PAUSE)
    if snapshot["state"] != "SUCCESS":
        why = "; ".join(str(each.get("reason", "")) for each in snapshot.get("failures", ()))
        raise BackupFailed(
            f"L'instantané n'est pas entier ({snapshot['state']}) : {why or 'voyez le journal du moteur'}."
        )
    return Dispatches(
        repository=found.name,
        location=found.location,
        snapshot=name,
        uuid=snapshot["uuid"],
        engine=str(engine.info()["version"]["number"]),
        index=index,
        count=count,
        last=last,
        bytes=total,
        added=new,
    )


def bring_back(engine: Engine, found: Repository, kept: Dispatches, target: str, progress: Progress) -> int:
    """Fill a new index from a snapshot; the dispatches in it. Nothing reads it yet.

    Raises:
        BackupDamaged: the snapshot is not what was written (the engine compares every file); the index is deleted again.
        EngineError.
    """
    try:
        engine.start_restore(found.name, kept.snapshot, kept.index, target)
        while True:
            there, done, total = _patiently(lambda: engine.restored(target))
            progress("Dépêches", done, total)
            if there:
                break
            time.sleep(PAUSE)
        engine.refresh(target)
        count = engine.count(target)
        if count < kept.count:
            raise BackupDamaged(f"L'instantané {kept.snapshot} ne rend que {count} dépêches sur {kept.count}.")
    except EngineRefused as error:
        engine.delete_index(target)
        raise BackupDamaged(f"L'instantané {kept.snapshot} ne se laisse pas reprendre : {error.detail}") from error
    except BaseException:
        engine.delete_index(target)
        raise
    return count


def _patiently(look: Callable[[], _T]) -> _T:
    """What a look says, though the engine is away or busy for a while: its own work goes on."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return look()
        except (EngineUnavailable, EngineTimeout, EngineOverloaded):
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)
