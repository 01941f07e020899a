"""A backup comes back: beside what is in service, which stays so until the end.

    is it ours to read? -> digests -> what would be lost -> the index, under a new name -> the database -> the files -> the aliases

Killed before the database was brought back: nothing has changed but for an index nobody reads, which the next restore clears
away. Killed after: the old index, if there is one, is in service with the database of the backup, which is the safe way
round (`backup/create.py`): what it does not know of is matched again. Begin again, and it ends as if nothing had been.

While the database and the aliases change, those who load from this machine wait. Matchers see that the database has gone back
(`alerts/match.py`); service, alerts and watch are better stopped, and started when it is done.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backup import manifest, parts, repository
from backup.manifest import Manifest, numbers
from backup.parts import Places
from backup.repository import Progress
from backup.shelf import Kept, Shelf
from engine import dump, migrate
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from engine.errors import BackupDamaged, BackupTooNew, ConfigurationError, IndexNotReady, WouldOverwrite
from mappings import lifecycle
from mappings.lifecycle import Family

# What may be brought back alone, as the terminal calls it.
INDEX, DATABASE, FILES = "index", "base", "fichiers"
PARTS = (INDEX, DATABASE, FILES)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: the generation, how many dispatches, and the generation that was in service before."""

    index: str | None
    dispatches: int
    before: str | None
    matches: bool


def restore(
    settings: Settings, engine: Engine, name: str, only: Collection[str], *, force: bool, progress: Progress
) -> Restored:
    """Bring a backup back, whole or some of its parts.

    Args:
        only: some of `PARTS`; empty: all.
        force: also where something is lost.

    Raises:
        WouldOverwrite: something would be lost; says what. BackupError, DatabaseError, EngineError: says what to do.
    """
    shelf = Shelf(settings.backup_dir)
    kept = shelf.get(name)
    only = only or PARTS
    places, family = Places.of(settings), Family(settings.index_prefix)
    with shelf.alone(writing=False), Database.opened(settings) as database:
        made = readable(kept, engine)
        if DATABASE in only:
            _check_kind(made, database)
        progress("Empreintes", 0, 0)
        _check_files(kept, made)
        lost = _lost(made, kept.folder, engine, family, database, places, only)
        if lost and not force:
            raise WouldOverwrite(f"{name} remplacerait {' ; '.join(lost)}. Pour le faire : --yes.")
        target, count = None, 0
        if INDEX in only:
            where = repository.of_backup(engine, settings, made.dispatches, made.archive)
            _clear(engine, family, places)
            target = lifecycle.name_for(engine, family, made.dispatches.index)
            _note(places, target)
            count = repository.bring_back(engine, where, made.dispatches, target, progress)
        before = None
        with parts.locked(places.writing):
            if DATABASE in only:
                progress("Base", 0, 0)
                parts.put_rows(database, kept.folder)
            if FILES in only:
                progress("Fichiers", 0, 0)
                parts.put_files(places, kept.folder)
            if target:
                before = lifecycle.adopt(engine, family, target)
        places.begun.unlink(missing_ok=True)
    matches = target is None or lifecycle.made_as(target) == lifecycle.made_as(family.name(0))
    return Restored(target, count, before, matches)


def verify(settings: Settings, engine: Engine, name: str, *, whole: bool, progress: Progress) -> Manifest:
    """Look whether a backup could be brought back: digests, database, snapshot.

    Args:
        whole: also bring its dispatches back, under a name nobody reads, count them and delete them again.

    Raises:
        BackupError: it could not; says why. EngineError.
    """
    shelf = Shelf(settings.backup_dir)
    kept = shelf.get(name)
    with shelf.alone(writing=False):
        made = readable(kept, engine)
        progress("Empreintes", 0, 0)
        _check_files(kept, made)
        where = repository.of_backup(engine, settings, made.dispatches, made.archive)
        if whole:
            family = Family(settings.index_prefix)
            target = f"{family.prefix}-verification"
            engine.delete_index(target)  # left by one that was killed
            repository.bring_back(engine, where, made.dispatches, target, progress)
            engine.delete_index(target)
        shelf.note_verified(kept, datetime.now(UTC))
    return made


def readable(kept: Kept, engine: Engine) -> Manifest:
    """The manifest of a backup that this program and this engine can read.

    Raises:
        BackupDamaged: it is not whole. BackupTooNew: a later version made it; says of what.
    """
    made = kept.whole()
    ours = manifest.program_version()
    if numbers(made.depeches) > numbers(ours):
        raise BackupTooNew(
            f"{kept.name} a été faite par Dépêches {made.depeches}, plus récent que celui-ci ({ours}). Mettez Dépêches à jour."
        )
    if not migrate.knows(made.database.step):
        raise BackupTooNew(
            f"{kept.name} a une base d'une version plus récente de Dépêches (étape {made.database.step}, inconnue ici). "
            "Mettez Dépêches à jour."
        )
    version = str(engine.info()["version"]["number"])
    if numbers(made.dispatches.engine) > numbers(version):
        raise BackupTooNew(
            f"{kept.name} a été faite par Elasticsearch {made.dispatches.engine} ; {engine.address.url} est un {version}, qui "
            "ne la lit pas. Mettez ce moteur à jour."
        )
    return made


def _check_kind(made: Manifest, database: Database) -> None:
    here = "sqlite" if database.is_sqlite else "postgresql"
    if made.database.kind != here:
        called = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise ConfigurationError(
            f"{made.name} a une base {called[made.database.kind]}, et DATABASE_URL mène à une base {called[here]} : indiquez-en "
            "une de la même sorte, ou reprenez le reste par --only."
        )


def _check_files(kept: Kept, made: Manifest) -> None:
    manifest.check_files(kept.folder, made.files)
    name = "database.sqlite3" if made.database.kind == "sqlite" else "database.dump"
    if name not in {file.name for file in made.files}:
        raise BackupDamaged(f"{kept.name} n'a pas de base ({name}).")
    dump.check(kept.folder / name)


def _lost(
    made: Manifest,
    folder: Path,
    engine: Engine,
    family: Family,
    database: Database,
    places: Places,
    only: Collection[str],
) -> list[str]:
    """What is in place and would be replaced, in French."""
    lost = []
    with suppress(IndexNotReady):
        if INDEX in only and (now := lifecycle.current(engine, family)).documents:
            after = {"range": {"ingest_seq": {"gt": made.dispatches.last}}}
            since = engine.count(now.name, after)
            lost.append(
                f"l'index en service (dépêches : {now.documents}, depuis la sauvegarde : {since} ; il est gardé pour depeches index "
                "rollback)"
            )
    if DATABASE in only and (there := parts.found(database)):
        lost.append(there)
    if FILES in only and (changed := parts.changed_authorities(places, folder)):
        lost.append(f"des fichiers d'autorité ({', '.join(changed)})")
    return lost


def _clear(engine: Engine, family: Family, places: Places) -> None:
    """Delete the index that a restore was filling when it was killed."""
    with suppress(OSError):
        left = places.begun.read_text(encoding="utf-8").strip()
        found = {each.name: each for each in lifecycle.generations(engine, family)}.get(left)
        if found and not found.current:
            engine.delete_index(left)


def _note(places: Places, target: str) -> None:
    places.begun.parent.mkdir(parents=True, exist_ok=True)
    places.begun.write_text(target, encoding="utf-8")
