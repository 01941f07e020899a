"""Everything is really lost, and comes back: on the real engine, both databases, while all goes on, and whatever is killed."""

from __future__ import annotations

import json
import multiprocessing
import random
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from access import keys, signed_in, users
from access.signing import secret
from alerts.match import Matcher
from authorities.loader import load_authorities
from backup import manifest
from backup.create import create, prune
from backup.manifest import Manifest
from backup.parts import TABLES, Places
from backup.restore import restore, verify
from backup.shelf import Shelf
from bench.corpus import Corpus
from cli import _writing, main
from engine import dump
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from engine.errors import (
    BackupBusy,
    BackupDamaged,
    BackupFailed,
    BackupNotFound,
    BackupTooNew,
    ConfigurationError,
    DatabaseError,
    RepositoryMissing,
    WouldOverwrite,
)
from engine.node import Node
from engine.tables import Base
from indexer.candidates import reject
from indexer.deadletters import DeadLetters
from mappings import lifecycle
from mappings.lifecycle import Family
from search.service import Archive
from tests import backing, loading
from tests.alerts.archive import PEACE, ask, dispatch, put, told
from tests.alerts.rows import NOW, WEBHOOK, user

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.loading", "tests.backing"])

SEPARATOR = "\n--------\n"


def silent(what: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class House:
    """An archive with all that belongs to it, to be lost."""

    settings: Settings
    engine: Engine
    database: Database
    family: Family

    def create(self) -> Manifest:
        return create(self.settings, self.engine, silent)

    def restore(self, name: str, *only: str, force: bool = False) -> Any:
        return restore(self.settings, self.engine, name, only, force=force, progress=silent)

    def verify(self, name: str, *, whole: bool = False) -> Manifest:
        return verify(self.settings, self.engine, name, whole=whole, progress=silent)

    def documents(self) -> dict[str, Any]:
        self.engine.refresh(self.family.read)
        found = self.engine.scan({"match_all": {}}, index=self.family.read)
        return {hit["_id"]: hit["_source"] for hit in found}

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.database.reading() as session:
            return {
                name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
                for name, table in Base.metadata.tables.items()
            }

    def state(self) -> Any:
        """Documents and rows; None while the tables are being changed."""
        try:
            return self.documents(), self.rows()
        except DatabaseError:
            return None

    def files(self) -> dict[str, bytes]:
        """The authorities and the dead letters."""
        places = Places.of(self.settings)
        paths = [*places.authorities.iterdir(), places.letters, places.aside]
        return {path.name: path.read_bytes() for path in paths}

    def lose(self) -> None:
        """The indices, the database, the folders: all but the backups."""
        for name in self.engine.indices(self.family.pattern):
            self.engine.delete_index(name)
        self.database.close()
        if self.database.is_sqlite:
            for path in Path(str(self.database.url.database)).parent.glob("base.sqlite3*"):
                path.unlink()
        else:
            url = self.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public")
        shutil.rmtree(self.settings.data_dir)
        self.database._checked = False

    def matcher(self) -> Matcher:
        return Matcher(
            self.engine,
            Archive(self.engine, self.family.read, load_authorities(), self.settings.timezone),
            self.database,
        )

    def snapshots(self) -> set[str]:
        answer = self.engine._client.snapshot.get(repository=self.family.prefix, snapshot="*")
        return {each["snapshot"] for each in answer["snapshots"]}


@pytest.fixture
def house(settings: Settings, engine: Engine, family: Family, database: Database, tmp_path: Path) -> Iterator[House]:
    """An archive whose backups are in a folder of this test's, and their snapshots where the engine may write."""
    own = replace(
        settings,
        elasticsearch_url=engine.address.url,
        database_url=database.url.render_as_string(hide_password=False),
        data_dir=tmp_path / "data",
        authorities_dir=tmp_path / "data" / "authorities",
        backup_folder=tmp_path / "backups",
        index_prefix=family.prefix,
    )
    made = House(own, engine, database, family)
    yield made
    forget_repository(engine, family.prefix)


def forget_repository(engine: Engine, name: str) -> None:
    known = engine.repositories().get(name)
    if known is None:
        return
    for each in engine._client.snapshot.get(repository=name, snapshot="*")["snapshots"]:
        engine.delete_snapshot(name, each["snapshot"])
    engine._client.snapshot.delete_repository(name=name)
    shutil.rmtree(known["settings"]["location"], ignore_errors=True)


# What is the same whatever the database.
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def furnish(house: House) -> str:
    """A reader with a key, a secret, the house's own authorities, a dead letter; the key."""
    with house.database.writing() as session:
        owner = users.find_or_make(session, "m.durand", NOW)
        _, text = keys.create(session, owner, "agrégateur", ("search",), now=NOW)
    secret(house.database, "links")
    reject(house.settings.authorities_dir, "Faux Nom")
    return text


def told_by_all(house: House) -> set[tuple[str, str]]:
    return {(search, id) for search, id, _ in told(house.database)}


def without_clock(documents: dict[str, Any]) -> dict[str, Any]:
    return {
        id: {name: value for name, value in each.items() if name not in ("ingested_at", "ingest_seq")}
        for id, each in documents.items()
    }


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds
        time.sleep(0.02)


@pytest.mark.timeout(600)
def test_a_backup_made_under_load_and_one_made_in_peace_bring_back_everything(house: House, tmp_path: Path) -> None:
    key = furnish(house)
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    texts = list(Corpus(seed=9).dispatches(100))
    for number in range(10):
        (inputs / f"lot-{number:02}.txt").write_text(SEPARATOR.join(texts[number::10]))
    (inputs / "vide.txt").write_bytes(b"")
    (inputs / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    letters = DeadLetters(Places.of(house.settings).letters)
    owner = user(house.database, "d.martin")
    ask(house.database, owner, "de", WEBHOOK)
    ask(house.database, owner, "la OU le", WEBHOOK)

    stop, failed = threading.Event(), []

    def match_on() -> None:
        matcher = house.matcher()
        while not stop.is_set():
            try:
                matcher.once()
                stop.wait(0.1)
            except Exception as error:
                failed.append(error)
                return

    arguments = (house.engine.address.url, house.family.prefix, str(inputs), str(letters.path))
    loader = PROCESSES.Process(target=loading.load, args=arguments)
    matching = threading.Thread(target=match_on)
    loader.start()
    matching.start()
    wait_for(lambda: house.engine.count(house.family.read) >= 20)
    between = house.matcher()

    def going_on(what: str, done: int, total: int) -> None:
        """What enters, and is told of, before the database is taken and between it and the index."""
        if what in ("Base", "Dépêches") and house.engine.get(house.family.read, what) is None:
            put(house.engine, house.family, dispatch(what, time.time_ns() // 1000, PEACE, cluster=what))
            between.once()

    under_load = create(house.settings, house.engine, going_on)
    loader.join(120)
    assert loader.exitcode == 0
    stop.set()
    matching.join(60)
    assert failed == []
    house.matcher().once()
    documents, hits, rejected = house.documents(), told_by_all(house), sorted(each.code for each in letters.all())
    assert (len(documents), rejected) == (102, ["binaire", "vide"])
    assert {id for _, id in hits} == set(documents)

    house.lose()
    back = house.restore(under_load.name)
    assert (back.before, back.matches) == (None, True)
    assert 22 <= under_load.dispatches.count <= back.dispatches == len(house.documents())
    # Nothing in the database is ahead of the index: what it speaks of is there, and what comes next is above its mark.
    assert {"Base"} <= {id for _, id in told_by_all(house)} <= set(house.documents()) - {"Dépêches"}
    assert "Dépêches" in house.documents()
    with house.database.reading() as session:
        marks = session.execute(select(Base.metadata.tables["watermarks"].c.seq)).scalars().all()
    assert all(mark <= max(each["ingest_seq"] for each in house.documents().values()) for mark in marks)
    again = PROCESSES.Process(target=loading.load, args=arguments)
    again.start()
    again.join(120)
    assert again.exitcode == 0
    house.matcher().once()
    assert without_clock(house.documents()) == without_clock(documents)
    assert told_by_all(house) == hits
    assert sorted(each.code for each in letters.all()) == rejected

    with house.database.writing() as session:
        reader = users.find_or_make(session, "m.durand", NOW)
        signed_in.begin(session, reader, now=NOW, expires=NOW + timedelta(days=1), browser="Firefox")
    letters.discard("*/vide.txt")
    at_rest = house.create()
    whole = house.documents(), house.rows(), house.files()
    assert at_rest.database.saved_searches == 2
    for path in (house.settings.backup_dir / at_rest.name).rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    house.lose()
    # Under another name, too: an archive that moves.
    elsewhere = Family(f"{house.family.prefix}-b")
    moved = replace(house, settings=replace(house.settings, index_prefix=elsewhere.prefix), family=elsewhere)
    moved.restore(at_rest.name)
    # All but who had signed in: a session may have been ended since.
    assert len(whole[1]["sessions"]) == 1
    assert (moved.documents(), moved.rows()) == (whole[0], whole[1] | {"sessions": []})
    files = moved.files()
    assert {name: files[name] for name in files if name.endswith(".tsv")} == {
        name: content for name, content in whole[2].items() if name.endswith(".tsv")
    }
    for end in (".jsonl", "-ecartes.jsonl"):
        assert files[elsewhere.prefix + end] == whole[2][house.family.prefix + end]
    assert len(files[f"{elsewhere.prefix}-ecartes.jsonl"].splitlines()) == 1
    assert set(TABLES) == set(Base.metadata.tables)  # of every room, those that are read for other tests too
    with house.database.writing() as session:
        assert keys.verify(session, key, NOW).user == "m.durand"


@pytest.mark.timeout(600)
def test_whatever_is_killed_no_half_backup_counts_and_no_half_restore_serves(house: House) -> None:
    furnish(house)
    put(house.engine, house.family, *(dispatch(f"d{number}", number, PEACE) for number in range(1, 60)))
    started = time.monotonic()
    first = house.create()
    whole = time.monotonic() - started
    chance = random.Random()
    for _ in range(3):
        process = PROCESSES.Process(target=backing.create, args=(house.settings,))
        process.start()
        process.join(chance.uniform(0.05, 1.0) * whole)
        process.kill()
        process.join(10)
        for kept in Shelf(house.settings.backup_dir).all():
            if not kept.wrong:
                house.verify(kept.name)
    last = house.create()
    there = Shelf(house.settings.backup_dir).all()
    assert {each.name for each in there if each.wrong} == set()  # what was left is gone, and its snapshots
    # A busy engine may have heard only now of one that a killed process asked for.
    prune(house.settings, house.engine, None)
    assert house.snapshots() == {each.name for each in there}
    prune(house.settings, house.engine, 1)
    assert house.snapshots() == {last.name} != {first.name}

    expected = house.documents(), house.rows()
    put(house.engine, house.family, dispatch("since", 1000, PEACE))
    user(house.database, "venu.depuis")
    in_place = house.documents(), house.rows()
    for _ in range(3):
        process = PROCESSES.Process(target=backing.restore, args=(house.settings, last.name))
        process.start()
        process.join(chance.uniform(0.05, 1.0) * whole)
        process.kill()
        process.join(10)
        # Never a mixture of dispatches or of rows; and never the index of the backup with a database that is ahead of it.
        # PostgreSQL's program outlives who asked for it by a moment: its transaction ends, or is undone, in that.
        wait_for(lambda: house.state() in (in_place, expected, (in_place[0], expected[1])))
    house.restore(last.name, force=True)
    assert (house.documents(), house.rows()) == expected
    assert len(lifecycle.generations(house.engine, house.family)) <= 7
    assert not Places.of(house.settings).begun.exists()


@on_sqlite
def test_what_would_be_lost_is_told_and_the_index_before_is_kept(house: House) -> None:
    furnish(house)
    put(house.engine, house.family, dispatch("a", 1, PEACE))
    name = house.create().name
    put(house.engine, house.family, dispatch("b", 2, PEACE))
    reject(house.settings.authorities_dir, "Autre Nom")
    with pytest.raises(WouldOverwrite) as refused:
        house.restore(name)
    for said in ("dépêches : 2, depuis la sauvegarde : 1", "comptes : 1", "rejected.tsv", "--yes"):
        assert said in refused.value.detail
    assert set(house.documents()) == {"a", "b"}
    with pytest.raises(WouldOverwrite) as refused:
        house.restore(name, "fichiers")
    assert "comptes" not in refused.value.detail
    done = house.restore(name, "index", force=True)
    assert set(house.documents()) == {"a"}
    put(house.engine, house.family, dispatch("c", 3, PEACE))
    assert lifecycle.rollback(house.engine, house.family, silent) == done.before
    assert set(house.documents()) == {"a", "b", "c"}  # what was written since comes along


def test_a_matcher_that_goes_on_while_the_database_goes_back_misses_nothing(house: House, tmp_path: Path) -> None:
    owner = user(house.database)
    peace = ask(house.database, owner, "paix")
    put(house.engine, house.family, dispatch("a", 1, PEACE))
    matcher = house.matcher()
    matcher.once()
    copy = tmp_path / dump.file_name(house.database)
    dump.dump(house.database, copy, TABLES)
    put(house.engine, house.family, dispatch("b", 2, PEACE))
    matcher.once()
    after = told(house.database)
    dump.restore(house.database, copy, TABLES)
    assert told(house.database) == {(peace, "a", "new")}
    matcher.once()
    assert told(house.database) == after == {(peace, "a", "new"), (peace, "b", "new")}


@on_sqlite
def test_a_backup_that_is_not_what_was_written_is_refused(house: House) -> None:
    furnish(house)
    put(house.engine, house.family, *(dispatch(f"d{number}", number, PEACE) for number in range(1, 30)))
    made = house.create()
    folder = house.settings.backup_dir / made.name
    house.verify(made.name, whole=True)
    assert Shelf(house.settings.backup_dir).get(made.name).verified
    before = house.documents()
    blobs = Path(made.dispatches.location).glob("indices/*/0/__*")
    largest = max(blobs, key=lambda path: path.stat().st_size)
    for path in (*(folder / file.name for file in made.files), folder / manifest.FILE, largest):
        content = path.read_bytes()
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        with pytest.raises(BackupDamaged):
            house.restore(made.name, force=True)
        assert house.documents() == before
        path.write_bytes(content)
    assert [each.name for each in lifecycle.generations(house.engine, house.family) if not each.current] == []
    path = folder / made.files[0].name
    path.unlink()
    assert [kept.wrong for kept in Shelf(house.settings.backup_dir).all()] == [f"{path.name} manque"]


def changed(house: House, made: Manifest, **values: Any) -> None:
    manifest.write(house.settings.backup_dir / made.name, replace(made, **values))


def test_what_a_later_version_made_is_refused_and_says_of_what(house: House) -> None:
    furnish(house)
    made = house.create()
    for values, said in (
        ({"depeches": "99.1.0"}, "Dépêches 99.1.0"),
        ({"database": replace(made.database, step="9999")}, "étape 9999"),
        ({"dispatches": replace(made.dispatches, engine="99.0.0")}, "Elasticsearch 99.0.0"),
    ):
        changed(house, made, **values)
        with pytest.raises(BackupTooNew, match=said):
            house.restore(made.name, force=True)
    file = house.settings.backup_dir / made.name / manifest.FILE
    file.write_text(json.dumps({"format": 2, "depeches": "3.0"}))
    with pytest.raises(BackupTooNew, match="format 2"):
        house.restore(made.name, force=True)
    kind = "postgresql" if house.database.is_sqlite else "sqlite"
    changed(house, made, database=replace(made.database, kind=kind))
    with pytest.raises(ConfigurationError, match="--only"):
        house.restore(made.name, force=True)


@on_sqlite
def test_a_folder_full_of_other_things(house: House) -> None:
    shelf = house.settings.backup_dir
    assert Shelf(shelf).all() == []
    made = house.create()
    (shelf / "notes.txt").write_text("à garder")
    (shelf / "index").mkdir()
    (shelf / "vieux-dossier").mkdir()
    (shelf / "lien").symlink_to("/nowhere")
    bad = {
        "a-2026-01-01-000000": b"",
        "b-2026-01-02-000000": b"{}",
        "c-2026-01-03-000000": b"\xff\xfe[1]",
        "d-2026-01-04-000000": b'{"format": 1, "digest": "x", "files": []}',
        "e-2026-01-05-000000": json.dumps(
            made.json() | {"files": [{"name": "../x", "bytes": 1, "sha256": ""}]}
        ).encode(),
    }
    for name, content in bad.items():
        (shelf / name).mkdir()
        (shelf / name / manifest.FILE).write_bytes(content)
    (shelf / "f-2026-01-06-000000").mkdir()
    (shelf / "g-2026-01-07-000000.partial").mkdir()
    found = Shelf(shelf).all()
    assert [each.name for each in found if not each.wrong] == [made.name]
    assert len(found) == 8
    for name in (*bad, "f-2026-01-06-000000", "g-2026-01-07-000000.partial"):
        with pytest.raises(BackupDamaged):
            house.restore(name, force=True)
    for name in ("../data", "rien-2026-01-01-000000", "index"):
        with pytest.raises(BackupNotFound, match=made.name):
            house.restore(name, force=True)
    gone: list[str] = []
    prune(house.settings, house.engine, None, gone.append)
    assert gone == ["g-2026-01-07-000000.partial"]
    with Shelf(shelf).alone(), pytest.raises(BackupBusy):
        house.create()


def test_what_is_missing_is_said_with_its_cure(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = replace(house, settings=replace(house.settings, backup_repository="nulle-part"))
    with pytest.raises(RepositoryMissing, match="PUT _snapshot/nulle-part"):
        unknown.create()
    closed = replace(house, settings=replace(house.settings, backup_folder=Path("/proc/nowhere")))
    with pytest.raises(BackupFailed, match="DEPECHES_BACKUP_DIR"):
        closed.create()
    if not house.database.is_sqlite:
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(BackupFailed, match="postgresql-client"):
            house.create()
    # What failed left nothing.
    assert [kept.name for kept in Shelf(house.settings.backup_dir).all()] == []


@on_sqlite
def test_from_the_terminal(house: House) -> None:
    environment = {
        "ELASTICSEARCH_URL": house.engine.address.url,
        "DATABASE_URL": str(house.settings.database_url),
        "DEPECHES_INDEX_PREFIX": house.family.prefix,
        "DEPECHES_DATA_DIR": str(house.settings.data_dir),
        "DEPECHES_BACKUP_DIR": str(house.settings.backup_dir),
        "COLUMNS": "300",
    }

    def run(*words: str, status: int = 0, **more: str) -> str:
        result = CliRunner().invoke(main, words, env=environment | more, catch_exceptions=False)
        assert result.exit_code == status, result.output
        return result.output.replace("\u00a0", " ").replace("\u202f", " ")

    put(house.engine, house.family, dispatch("a", 1, PEACE, cluster="a"))
    assert "avis  sauvegarde Aucune sauvegarde entière" in run("doctor")
    assert "mal   sauvegarde Aucune sauvegarde entière" in run("doctor", status=1, HOST="0.0.0.0")
    assert "Aucune sauvegarde" in run("backup", "list")
    assert "1 dépêche" in run("backup", "create")
    again = run("backup", "create", "--keep", "1")
    (only,) = Shelf(house.settings.backup_dir).all()
    assert "effacée" in again
    assert only.name in run("backup", "list") and "entière" in run("backup", "list")
    (listed,) = json.loads(run("backup", "list", "--json"))
    assert (listed["whole"], listed["manifest"]["dispatches"]["count"]) == (True, 1)
    assert f"bien  sauvegarde {only.name}" in run("doctor")
    assert "depeches backup create" in run("doctor", status=1, HOST="0.0.0.0", DEPECHES_BACKUP_DAYS="0.0000001")
    assert "non vérifié" in run("backup", "list", ELASTICSEARCH_URL="http://127.0.0.1:9")
    assert "est entière ; ses dépêches se reprennent" in run("backup", "verify", only.name, "--index")
    assert "--yes" in run("backup", "restore", only.name, status=1)
    house.lose()
    assert "1 dépêches dans" in run("backup", "restore", only.name)
    assert set(house.documents()) == {"a"}
    places = Places.of(house.settings)
    assert (places.writing, places.aside) == (_writing(house.settings), DeadLetters(places.letters).discarded)


@on_sqlite
@pytest.mark.timeout(600)
def test_a_folder_is_carried_to_another_machine(house: House) -> None:
    furnish(house)
    put(house.engine, house.family, dispatch("a", 1, PEACE))
    made = house.create()
    whole = house.documents(), house.rows()
    machine = Path(tempfile.mkdtemp(prefix="depeches-machine-"))
    machine.chmod(0o755)
    settings = replace(
        house.settings,
        elasticsearch_url=None,
        database_url=None,
        data_dir=machine,
        authorities_dir=machine / "authorities",
        backup_folder=None,
        node_heap="512m",
        node_port=0,
    )
    try:
        # As an operator carries it: the folder of the backup, and beside it that of its snapshots.
        shutil.copytree(house.settings.backup_dir / made.name, settings.backup_dir / made.name)
        shutil.copytree(made.dispatches.location, settings.backup_index_dir / house.family.prefix)
        with Node(settings).use() as state, Database.opened(settings) as database:
            there = House(settings, Engine(state.address(), timeout=30), database, house.family)
            there.restore(made.name)
            assert (there.documents(), there.rows()) == whole
            again = there.create()
            assert Path(again.dispatches.location).is_relative_to(settings.backup_dir)
    finally:
        shutil.rmtree(machine, ignore_errors=True)
