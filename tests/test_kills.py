"""Nothing is lost when anything dies: loaders and the engine are killed (-9) at random moments, then loading goes on.

Each time the archive must come out as if nobody had died: every dispatch once, in its story, every rejection explained once.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from bench.corpus import Corpus
from engine.client import Engine
from engine.config import Settings
from engine.node import Node
from indexer.deadletters import DeadLetters
from mappings import lifecycle
from mappings.dispatch import Dispatch, from_document
from mappings.lifecycle import Family
from tests.loading import load
from tests.ports import free_port

SEPARATOR = "\n--------\n"
BAD = {"vide.txt": b"", "image.txt": b"\x89PNG\r\n\x1a\n" + bytes(200), "signature.txt": b"(Xinhua/Van Pov)\n"}

LOADERS = multiprocessing.get_context("forkserver")
LOADERS.set_forkserver_preload(["tests.loading"])


@dataclass(frozen=True, slots=True)
class Outcome:
    """An archive and its dead letters, but for what the clock says."""

    dispatches: dict[str, Dispatch]
    rejected: list[tuple[str, int, str]]


@pytest.fixture(scope="module")
def inputs() -> Iterator[Path]:
    """Lots of dispatches with their updates, an archive, and files that are none."""
    folder = Path(tempfile.mkdtemp(prefix="depeches-kills-"))
    chance = random.Random(4)
    texts = list(Corpus(seed=4).dispatches(120))
    updates = [f"{text}\n\n{chance.choice(texts).split('. ')[1]}." for text in chance.sample(texts, 30)]
    texts = chance.sample([*texts, *updates], len(texts) + len(updates))
    for number in range(20):
        (folder / f"lot-{number:02}.txt").write_text(SEPARATOR.join(texts[number::25]))
    with zipfile.ZipFile(folder / "lots.zip", "w") as archive:
        for number in range(20, 25):
            archive.writestr(f"lot-{number}.txt", SEPARATOR.join(texts[number::25]))
    for name, content in BAD.items():
        (folder / name).write_bytes(content)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def outcome(engine: Engine, family: Family, letters: DeadLetters) -> Outcome:
    engine.refresh(family.read)
    found = [from_document(hit["_source"]) for hit in engine.scan({"match_all": {}}, index=family.read)]
    lines = letters.path.read_text(encoding="utf-8").splitlines()
    kept = letters.all()
    assert len(lines) >= len(kept)  # half lines of killed loaders
    return Outcome(
        {each.id: replace(each, ingested_at=None, ingest_seq=0, status_seq=0) for each in found},
        sorted((Path(letter.where).name, letter.position, letter.code) for letter in kept),
    )


def loader(engine: Engine, family: Family, inputs: Path, letters: DeadLetters, processes: int = 1) -> BaseProcess:
    told = (engine.address.url, family.prefix, str(inputs), str(letters.path), processes)
    process = LOADERS.Process(target=load, args=told)
    process.start()
    return process


def run_to_the_end(engine: Engine, family: Family, inputs: Path, letters: DeadLetters) -> Outcome:
    process = loader(engine, family, inputs, letters)
    process.join(120)
    assert process.exitcode == 0
    return outcome(engine, family, letters)


@pytest.mark.timeout(600)
def test_loaders_killed_at_thirty_moments_lose_nothing_and_load_nothing_twice(
    engine: Engine, index_prefix: str, inputs: Path, tmp_path: Path
) -> None:
    undisturbed = Family(f"{index_prefix}-undisturbed")
    run_to_the_end(engine, undisturbed, inputs, DeadLetters(tmp_path / "first.jsonl"))  # the server of forks warms up
    engine.delete_index(lifecycle.current(engine, undisturbed).name)
    started = time.monotonic()
    expected = run_to_the_end(engine, undisturbed, inputs, DeadLetters(tmp_path / "undisturbed.jsonl"))
    whole = time.monotonic() - started
    assert len(expected.dispatches) == 150
    assert sum(each.status == "superseded" for each in expected.dispatches.values()) >= 20
    assert [code for _, _, code in expected.rejected] == ["binaire", "sans-texte", "vide"]
    chance = random.Random()
    for round in range(10):
        family, letters = Family(f"{index_prefix}-kill{round}"), DeadLetters(tmp_path / f"{round}.jsonl")
        for _ in range(3):
            process = loader(engine, family, inputs, letters)
            process.join(chance.uniform(0.02, 0.8) * whole)
            process.kill()
            process.join(10)
        assert run_to_the_end(engine, family, inputs, letters) == expected
        engine.delete_index(lifecycle.current(engine, family).name)


def children(pid: int | None) -> list[int]:
    """The processes a process has begun."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(status.parent.name))
    return found


def lives(pid: int) -> bool:
    """Whether a process runs: one that ended stays a zombie where nobody asks how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds
        time.sleep(0.02)


@pytest.mark.timeout(600)
def test_of_a_loader_of_several_processes_any_may_be_killed(
    engine: Engine, index_prefix: str, inputs: Path, tmp_path: Path
) -> None:
    undisturbed = Family(f"{index_prefix}-alone")
    started = time.monotonic()
    expected = run_to_the_end(engine, undisturbed, inputs, DeadLetters(tmp_path / "alone.jsonl"))
    whole = time.monotonic() - started
    engine.delete_index(lifecycle.current(engine, undisturbed).name)
    chance = random.Random()
    family, letters = Family(f"{index_prefix}-several"), DeadLetters(tmp_path / "several.jsonl")
    process = loader(engine, family, inputs, letters, processes=3)
    wait_for(lambda: len(children(process.pid)) == 2 or not process.is_alive())
    helping = children(process.pid)
    process.join(chance.uniform(0, 0.8) * whole)
    process.kill()  # the loader itself: those that help see that nobody asks any more
    process.join(10)
    wait_for(lambda: not any(map(lives, helping)))
    process = loader(engine, family, inputs, letters, processes=3)
    wait_for(lambda: len(children(process.pid)) == 2 or not process.is_alive())
    process.join(chance.uniform(0, 0.8) * whole)
    for pid in children(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.join(120)
    assert process.exitcode == 0
    assert outcome(engine, family, letters) == expected
    engine.delete_index(lifecycle.current(engine, family).name)


@pytest.fixture
def own() -> Iterator[Node]:
    """A node of this test's own, at a port that stays the same when it is started again."""
    folder = Path(tempfile.mkdtemp(prefix="depeches-kills-node-"))
    folder.chmod(0o755)
    settings = replace(
        Settings.from_env(), elasticsearch_url=None, data_dir=folder, node_heap="512m", node_port=free_port()
    )
    node = Node(settings)
    yield node
    node.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(600)
def test_an_engine_killed_five_times_under_a_load_loses_nothing(own: Node, inputs: Path, tmp_path: Path) -> None:
    """The loader waits for the engine to come back and goes on where it was, or says that it is away; then loading again."""
    engine = Engine(own.start(keep=True).address(), timeout=10)
    undisturbed = Family("undisturbed")
    started = time.monotonic()
    expected = run_to_the_end(engine, undisturbed, inputs, DeadLetters(tmp_path / "undisturbed.jsonl"))
    whole = time.monotonic() - started
    chance = random.Random()
    for kill in range(5):
        family, letters = Family(f"kill{kill}"), DeadLetters(tmp_path / f"{kill}.jsonl")
        process = loader(engine, family, inputs, letters)
        process.join(chance.uniform(0.05, 0.9) * whole)
        running = own.running()
        assert running
        os.killpg(running.pid, signal.SIGKILL)
        while own.running():  # until the kernel has taken it away
            os.sched_yield()
        own.start(keep=True)
        process.join(120)
        assert process.exitcode is not None
        assert run_to_the_end(engine, family, inputs, letters) == expected
        engine.delete_index(lifecycle.current(engine, family).name)  # nor has the next start to recover it
