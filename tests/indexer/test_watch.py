"""A watched folder, for real: complete files only, each dispatch once, nothing moved that is not loaded or explained."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import pytest

from authorities.model import Authorities
from engine.client import Address, Engine
from engine.errors import ConfigurationError, DepechesError
from indexer import arrivals
from indexer import watch as watching
from indexer.arrivals import Arrival, Arrivals, is_passing, walk
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.load import Loader, Watcher
from indexer.raw import RawDispatch
from indexer.replay import replay
from indexer.shelves import Journal, Shelves
from indexer.watch import FolderWatch
from mappings.dispatch import Dispatch, from_document
from mappings.lifecycle import Family
from tests.indexer.cutting_proxy import cutting_proxy

ROOT = Path(__file__).parent.parent.parent


def text(number: int) -> str:
    """Texts that begin alike and are no near-duplicates."""
    words = " ".join(f"{number * 31 + place:x}o" for place in range(30))
    return f"PARIS, 8 août 2022 (AFP) - Le ministre a visité l'usine de Roubaix. {words}.\n"


class Clock:
    """Goes when told."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@dataclass
class Depot:
    """A folder, its watch, and the clock the watch goes by."""

    folder: Path
    watch: FolderWatch
    clock: Clock
    told: list[str]

    def look(self, after: float = 0.0) -> int:
        """One look, some seconds later; the files taken."""
        self.clock.time += after
        return self.watch.turn()

    def load(self) -> None:
        """See what is there, then load it."""
        self.look()
        self.look(after=3)

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


Opener = Callable[..., Depot]


@pytest.fixture
def open_depot(loader: Loader, tmp_path: Path) -> Iterator[Opener]:
    journals = []
    (tmp_path / "depot").mkdir()

    def make(**options: object) -> Depot:
        journal = Journal(tmp_path / "watch" / "journal.sqlite3")
        journals.append(journal)
        clock, told = Clock(), list[str]()
        # Each watch wraps its loader's watcher, so each has a loader of its own, as each process has.
        own = Loader(loader.engine, loader.family, loader.builder, loader.dead_letters)
        watch = FolderWatch(own, [tmp_path / "depot"], journal, now=clock, told=told.append, **options)  # type: ignore[arg-type]
        return Depot(tmp_path / "depot", watch, clock, told)

    yield make
    for journal in journals:
        journal.close()


@pytest.fixture
def depot(open_depot: Opener) -> Depot:
    return open_depot()


def loaded_names(depot: Depot) -> list[str]:
    """What lies on the shelf of loaded files, whatever the day."""
    return [name.split("/", 2)[2] for name in depot.files() if name.startswith(".loaded/")]


def archived(engine: Engine, family: Family) -> list[Dispatch]:
    engine.refresh(family.read)
    hits = engine.search({"query": {"match_all": {}}, "size": 1000}, index=family.read)["hits"]["hits"]
    return [from_document(hit["_source"]) for hit in hits]


# -- complete --------------------------------------------------------------------------------------------------------


def test_a_file_that_grows_is_left_until_it_is_complete(depot: Depot, engine: Engine, family: Family) -> None:
    path = depot.folder / "a.txt"
    path.write_text(text(1)[:60])
    assert depot.look() == 0
    path.write_text(text(1)[:90])
    assert depot.look(after=3) == 0  # it changed since the last look
    path.write_text(text(1))
    assert depot.look(after=3) == 0
    assert depot.look(after=1.5) == 0
    assert depot.files() == ["a.txt"]
    assert depot.look(after=1) == 1
    (dispatch,) = archived(engine, family)
    assert dispatch.raw == text(1).encode()
    assert dispatch.source.file == "depot/a.txt"  # as `depeches load depot` calls it
    assert loaded_names(depot) == ["a.txt"]
    assert depot.watch.tally.loaded == 1


@pytest.fixture
def writer(depot: Depot) -> Iterator[BinaryIO]:
    with (depot.folder / "a.txt").open("wb", buffering=0) as handle:
        yield handle


def test_a_writer_that_holds_a_file_open_is_waited_for(depot: Depot, writer: BinaryIO) -> None:
    writer.write(text(1).encode())
    depot.look()
    assert [depot.look(after=10) for _ in range(5)] == [0] * 5
    writer.close()
    assert depot.look(after=1) == 0
    assert depot.look(after=2) == 1


def test_a_reader_that_holds_a_file_open_is_not(depot: Depot) -> None:
    path = depot.folder / "a.txt"
    path.write_text(text(1))
    with path.open():
        depot.load()
    assert loaded_names(depot) == ["a.txt"]


def test_an_empty_file_waits_longer_for_its_first_bytes(depot: Depot) -> None:
    (depot.folder / "a.txt").touch()
    depot.look()
    assert depot.look(after=29) == 0
    assert depot.look(after=1) == 1
    assert ".rejected/a.txt" in depot.files()


def test_a_file_under_a_passing_name_is_left_until_it_is_renamed(depot: Depot) -> None:
    names = ["a.txt.part", ".b.txt.Xy12", "c.filepart", "d.TMP"]
    for name in names:
        (depot.folder / name).write_text(text(1))
    depot.load()
    assert depot.files() == sorted(names)
    (depot.folder / "a.txt.part").rename(depot.folder / "a.txt")
    depot.load()
    assert loaded_names(depot) == ["a.txt"]


@pytest.mark.parametrize("name", ["a.part", "A.FILEPART", "x.tmp", "x.txt~", "README.md", "lisezmoi", "x.crdownload"])
def test_passing_names(name: str) -> None:
    assert is_passing(name)


@pytest.mark.parametrize("name", ["part.xml", "a.txt", "tmp", "temp.txt", "lecture.md", "sans-extension"])
def test_names_that_are_read(name: str) -> None:
    assert not is_passing(name)


def test_new_subfolders_are_followed_and_links_are_not(depot: Depot, tmp_path: Path) -> None:
    (tmp_path / "ailleurs").mkdir()
    (tmp_path / "ailleurs" / "secret.txt").write_text(text(9))
    (depot.folder / "lien").symlink_to(tmp_path / "ailleurs")
    (depot.folder / "secret.txt").symlink_to(tmp_path / "ailleurs" / "secret.txt")
    (depot.folder / "afp" / "2022").mkdir(parents=True)
    (depot.folder / "afp" / "2022" / "a.txt").write_text(text(1))
    os.mkfifo(depot.folder / "tube")
    depot.load()
    assert loaded_names(depot) == ["afp/2022/a.txt"]
    assert depot.watch.tally.read == 1


def noted(folder: Path, clock: Clock) -> Arrivals:
    return Arrivals([folder], quiet=2, now=clock, done=lambda arrival: False, trouble=lambda path, error: None)


def test_the_oldest_comes_first_then_by_name(tmp_path: Path) -> None:
    for name, changed in (("c", 100), ("b", 300), ("a", 300), ("d", 200)):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (changed, changed))
    clock = Clock()
    seen = noted(tmp_path, clock)
    seen.complete()
    clock.time += 2
    assert [arrival.name for arrival in seen.complete()] == ["c", "d", "a", "b"]


def test_however_many_wait_few_are_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "WINDOW", 10)
    for number in range(40):
        (tmp_path / f"{number:02}").write_text("x")
        os.utime(tmp_path / f"{number:02}", (number, number))
    clock = Clock()
    seen = noted(tmp_path, clock)
    assert seen.complete() == []
    clock.time += 2
    assert [arrival.name for arrival in seen.complete()] == ["00", "01", "02", "03", "04"]
    assert len(seen._seen) == 10


# -- each file's fate ------------------------------------------------------------------------------------------------


def test_a_rejected_file_is_explained_beside_it_and_in_the_dead_letters(depot: Depot, loader: Loader) -> None:
    (depot.folder / "lots").mkdir()
    (depot.folder / "lots" / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (depot.folder / "bon.txt").write_text(text(1))
    depot.load()
    assert depot.files()[1:] == [".rejected/lots/image.txt", ".rejected/lots/image.txt.raison.txt"]
    assert loaded_names(depot) == ["bon.txt"]
    why = (depot.folder / ".rejected/lots/image.txt.raison.txt").read_text()
    assert "1 rejet sur 1 dépêche lue" in why
    assert "(binaire)" in why
    (letter,) = loader.dead_letters.all()
    assert letter.where == str(depot.folder / ".rejected/lots/image.txt")


def test_of_a_file_with_good_and_bad_items_the_good_are_loaded_and_the_bad_are_named(
    depot: Depot, engine: Engine, family: Family
) -> None:
    good = '{"text": "PARIS, 8 août 2022 (AFP) - Le ministre a visité Roubaix."}\n'
    (depot.folder / "lot.jsonl").write_text(good + "oups\n" + good.replace("Roubaix", "Lille") + '{"title": "Sans"}\n')
    depot.load()
    assert len(archived(engine, family)) == 2
    why = (depot.folder / ".rejected/lot.jsonl.raison.txt").read_text()
    assert "2 rejets sur 4 dépêches lues" in why
    assert "n° 2 (" in why
    assert "n° 4 (sans-texte)" in why


def test_a_member_of_an_archive_is_named_and_replay_finds_it_where_it_was_put(depot: Depot, loader: Loader) -> None:
    import zipfile

    with zipfile.ZipFile(depot.folder / "lot.zip", "w") as archive:
        archive.writestr("bon.txt", text(1))
        archive.writestr("vide.txt", "")
    depot.load()
    assert "vide.txt, n° 1 (vide)" in (depot.folder / ".rejected/lot.zip.raison.txt").read_text()
    (letter,) = loader.dead_letters.all()
    assert letter.where == str(depot.folder / ".rejected/lot.zip!/vide.txt")
    tally = replay(loader)
    assert (tally.read, tally.unchanged, tally.rejected) == (2, 1, 1)
    assert [again.code for again in loader.dead_letters.all()] == ["vide"]


def test_a_name_that_is_taken_gets_a_number_and_nothing_is_overwritten(depot: Depot, loader: Loader) -> None:
    for number in (1, 2, 3):
        (depot.folder / "a.txt").write_text(text(number))
        (depot.folder / "b.txt").write_bytes(b"\x00" * number)
        depot.load()
    assert loaded_names(depot) == ["a-2.txt", "a-3.txt", "a.txt"]
    rejected = [name for name in depot.files() if name.startswith(".rejected/")]
    assert rejected == sorted(
        f".rejected/{name}{note}" for name in ("b.txt", "b-2.txt", "b-3.txt") for note in ("", ".raison.txt")
    )
    # Each letter names its own file, where `replay` reads it again.
    assert {letter.where for letter in loader.dead_letters.all()} == {
        str(depot.folder / ".rejected" / name) for name in ("b.txt", "b-2.txt", "b-3.txt")
    }
    kept = {path.read_text() for path in depot.folder.glob(".loaded/*/a*.txt")}
    assert kept == {text(number) for number in (1, 2, 3)}


def test_a_file_that_changed_since_it_was_read_is_not_moved(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text(1))
    (seen,) = walk(tmp_path, lambda folder, error: None)
    path.write_text(text(1) + text(2))
    assert not Shelves(tmp_path).put_rejected(seen, "raison")
    assert [found.name for found in tmp_path.rglob("*") if found.is_file()] == ["a.txt"]


def test_a_file_written_to_while_it_is_moved_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text(1))

    class Late(Arrival):
        """Looked at before the last write, as when the write falls between the look and the move."""

        def unchanged(self) -> bool:
            return True

    (seen,) = walk(tmp_path, lambda folder, error: None)
    path.write_text(text(1) + text(2))
    late = Late(seen.changed, seen.name, seen.folder, seen.size, seen.inode)
    assert not Shelves(tmp_path).put_rejected(late, "raison")
    assert [found.name for found in tmp_path.rglob("*") if found.is_file()] == ["a.txt"]
    assert path.read_text() == text(1) + text(2)


def test_what_cannot_be_moved_is_told_once_and_not_loaded_again(depot: Depot) -> None:
    (depot.folder / ".loaded").write_text("un fichier à la place du dossier")
    (depot.folder / "a.txt").write_text(text(1))
    depot.load()
    depot.load()
    assert depot.watch.tally.read == 1
    assert [message for message in depot.told if "a.txt" in message] == depot.told[:1]
    with pytest.raises(ConfigurationError, match="--keep"), depot.watch.alone():
        pass


class Fragile(Builder):
    """A builder with a fault: it cannot stand one word."""

    def read(self, item: RawDispatch, *rest: object, **named: object) -> Dispatch:
        if "Roubaix" not in item.text:
            raise TypeError("boum")
        return super().read(item, *rest, **named)  # type: ignore[arg-type]


def test_a_file_that_no_reader_survives_is_rejected_and_the_others_are_loaded(
    depot: Depot, loader: Loader, authorities: Authorities
) -> None:
    depot.watch._loader.builder = Fragile(authorities)
    for number in range(5):
        (depot.folder / f"{number}.txt").write_text(text(number))
    (depot.folder / "2.txt").write_text("PARIS, 8 août 2022 (AFP) - Un mot de trop.")
    depot.load()
    assert loaded_names(depot) == ["0.txt", "1.txt", "3.txt", "4.txt"]
    assert "TypeError" in (depot.folder / ".rejected/2.txt.raison.txt").read_text()
    assert len(loader.dead_letters.all()) == 1


# -- left in place ---------------------------------------------------------------------------------------------------


def test_kept_files_stay_and_a_new_watch_does_not_load_them_again(open_depot: Opener) -> None:
    first = open_depot(keep=True)
    (first.folder / "a.txt").write_text(text(1))
    (first.folder / "vide.txt").write_bytes(b"\x00")
    with first.watch.alone():
        first.load()
    assert first.files() == ["a.txt", "vide.txt"]
    assert (first.watch.tally.loaded, first.watch.tally.rejected) == (1, 1)
    second = open_depot(keep=True)
    (second.folder / "b.txt").write_text(text(2))
    second.load()
    assert (second.watch.tally.read, second.watch.tally.loaded) == (1, 1)


def test_a_kept_file_that_changes_is_loaded_again(open_depot: Opener) -> None:
    depot = open_depot(keep=True)
    path = depot.folder / "lot.txt"
    path.write_text(text(1))
    depot.load()
    path.write_text(text(1) + "--------\n" + text(2))
    depot.load()
    assert (depot.watch.tally.loaded, depot.watch.tally.unchanged) == (2, 1)


def test_kept_files_are_loaded_again_into_an_archive_that_was_emptied(
    open_depot: Opener, engine: Engine, family: Family
) -> None:
    first = open_depot(keep=True)
    (first.folder / "a.txt").write_text(text(1))
    first.load()
    for name in engine.indices(family.pattern):
        engine.delete_index(name)
    second = open_depot(keep=True)
    second.load()  # finds nothing that is new
    (second.folder / "b.txt").write_text(text(2))
    second.load()
    second.load()
    assert len(archived(engine, family)) == 2


# -- two watches, the engine away, kills -----------------------------------------------------------------------------


def test_two_watches_do_not_share_a_folder(open_depot: Opener) -> None:
    first, second = open_depot(), open_depot()
    with first.watch.alone(), pytest.raises(ConfigurationError, match="déjà surveillé"), second.watch.alone():
        pass
    with second.watch.alone():
        pass


def test_a_folder_inside_another_is_refused(loader: Loader, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    journal = Journal(tmp_path / "journal")
    with pytest.raises(ConfigurationError, match="l'un dans l'autre"):
        FolderWatch(loader, [tmp_path / "a", tmp_path / "a" / "b"], journal)
    journal.close()


def test_a_folder_that_is_not_there_is_refused(loader: Loader, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    with pytest.raises(ConfigurationError, match="dossier"), FolderWatch(loader, [tmp_path / "x"], journal).alone():
        pass
    journal.close()


def test_while_the_engine_is_away_nothing_moves_and_then_all_is_loaded(
    depot: Depot, engine: Engine, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "FIRST_PAUSE", 0.05)
    for number in range(3):
        (depot.folder / f"{number}.txt").write_text(text(number))
    waits: list[str] = []
    with cutting_proxy(engine.address.url) as proxy:

        def waiting(error: DepechesError) -> None:
            waits.append(error.code)
            assert depot.files() == ["0.txt", "1.txt", "2.txt"]
            if len(waits) == 3:
                proxy.mend()

        depot.watch._loader.engine = Engine(Address(proxy.url), timeout=10)
        depot.watch._heard = replace(depot.watch._heard, waiting=waiting)
        proxy.cut()
        depot.load()
    assert waits[:3] == ["moteur-injoignable"] * 3
    assert loaded_names(depot) == ["0.txt", "1.txt", "2.txt"]
    assert len(archived(engine, family)) == 3


def test_a_watch_is_stopped_while_the_engine_is_away(depot: Depot, loader: Loader) -> None:
    (depot.folder / "a.txt").write_text(text(1))
    depot.watch._loader.engine = Engine(Address("http://127.0.0.1:9"), timeout=1)
    depot.watch._heard = Watcher(waiting=lambda error: depot.watch.stop())
    depot.load()
    assert depot.files() == ["a.txt"]


def test_many_small_files_each_once_and_each_to_its_place(depot: Depot, engine: Engine, family: Family) -> None:
    count, bad = 700, {7, 577, 699}
    for number in range(count):
        (depot.folder / f"{number % 10}").mkdir(exist_ok=True)
        content = b"\x00" if number in bad else text(number).encode()
        (depot.folder / f"{number % 10}" / f"{number}.txt").write_bytes(content)
    depot.load()
    assert (depot.watch.tally.loaded, depot.watch.tally.rejected) == (count - len(bad), len(bad))
    assert engine.count(family.read) == count - len(bad)
    rejected = {path.stem for path in depot.folder.glob(".rejected/*/*.txt") if "raison" not in path.name}
    assert rejected == {str(number) for number in bad}
    assert len(loaded_names(depot)) == count - len(bad)


# The command's work without the command: it loads what is in the folder of its arguments.
WATCH = """
import sys
from pathlib import Path
from authorities.loader import load_authorities
from engine.client import Address, Engine
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.load import Loader
import indexer.load
from indexer.watch import watch_folders
from mappings.lifecycle import Family
indexer.load.CHUNK = 100
url, prefix, folder, data = sys.argv[1:]
loader = Loader(Engine(Address(url)), Family(prefix), Builder(load_authorities()), DeadLetters(Path(data) / "letters.jsonl"))
watch_folders(loader, [Path(folder)], Path(data), quiet=0.2)
"""


@pytest.fixture
def start(engine: Engine, family: Family, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def run(folder: Path, url: str = engine.address.url) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", WATCH, url, family.prefix, str(folder), str(tmp_path / "data")]
        started.append(subprocess.Popen(command, cwd=ROOT))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_killed_midway_and_started_again_each_dispatch_is_there_once(
    start: Callable[..., subprocess.Popen[bytes]], engine: Engine, family: Family, tmp_path: Path
) -> None:
    folder = tmp_path / "depot"
    folder.mkdir()
    files, each = 15, 30
    for number in range(files):
        lot = "--------\n".join(text(number * each + place) for place in range(each))
        (folder / f"{number}.txt").write_text(lot)

    with cutting_proxy(engine.address.url) as proxy:
        for bulk in (2, 3):
            proxy.keep_bulk(bulk)
            watch = start(folder, proxy.url)
            until(proxy.kept.is_set, watch)
            watch.kill()
            watch.wait()
            engine.refresh(family.read)
            assert 0 < engine.count(family.read) < files * each
    watch = start(folder)
    until(lambda: not list(folder.glob("*.txt")), watch)
    watch.send_signal(signal.SIGTERM)
    assert watch.wait(60) == 0
    assert engine.count(family.read) == files * each
    assert sum(path.is_file() for path in folder.glob(".loaded/*/*")) == files
    assert DeadLetters(tmp_path / "data" / "letters.jsonl").all() == []
