"""How fast dispatches are pushed, against `depeches load` of the same dispatches in the same run.

    python -m bench.ingest [--rounds 3]

The service runs as `depeches serve` runs it, gunicorn with 2 workers of 8 threads; a sender keeps its connection and waits
for each answer. Every figure is on a fresh archive, and an answer means searchable: one push is one wait for the index. The
baseline waits once for all.
"""

from __future__ import annotations

import http.client
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from authorities.loader import load_authorities
from bench.corpus import Corpus
from bench.load import drop, fresh
from engine.client import Engine
from engine.config import Settings
from engine.node import engine_for
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.load import Loader
from tests.indexer.served import served

URL = "/api/v1/dispatches"


@dataclass(frozen=True, slots=True)
class Way:
    """Dispatches a request, requests in all, and senders at once."""

    size: int
    requests: int
    senders: int = 1

    @property
    def dispatches(self) -> int:
        return self.size * self.requests


WAYS = (Way(1, 200), Way(1, 800, senders=8), Way(10, 100), Way(1000, 5), Way(1000, 8, senders=4))


def bodies(way: Way) -> list[bytes]:
    lines = [json.dumps({"text": text}, ensure_ascii=False).encode() for text in Corpus().dispatches(way.dispatches)]
    return [b"\n".join(lines[at : at + way.size]) for at in range(0, way.dispatches, way.size)]


def push(port: int, mine: Sequence[bytes], seconds: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    for body in mine:
        started = time.perf_counter()
        connection.request("POST", URL, body, {"Content-Type": "application/x-ndjson"})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        seconds.append(time.perf_counter() - started)
        assert answer.status == 200 and not said["rejected"], said
    connection.close()


def timed_pushes(port: int, way: Way) -> tuple[float, list[float]]:
    """Seconds in all, and of each request."""
    ready = bodies(way)
    seconds: list[float] = []
    threads = [
        threading.Thread(target=push, args=(port, ready[number :: way.senders], seconds))
        for number in range(way.senders)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started, seconds


def timed_load(engine: Engine, builder: Builder, way: Way, folder: Path) -> float:
    family = fresh(engine)
    (folder / "lot.jsonl").write_bytes(b"\n".join(bodies(way)))
    loader = Loader(engine, family, builder, DeadLetters(folder / f"{family.prefix}.jsonl"))
    started = time.perf_counter()
    tally = loader.load_paths([folder / "lot.jsonl"])
    seconds = time.perf_counter() - started
    assert tally.rejected == 0, tally
    drop(engine, family)
    return seconds


@contextmanager
def service(engine: Engine, settings: Settings, folder: Path) -> Iterator[int]:
    family = fresh(engine)
    with served(replace(settings, index_prefix=family.prefix, data_dir=folder), engine.address.url) as port:
        yield port
    drop(engine, family)


@click.command()
@click.option("--rounds", default=3, show_default=True)
def main(rounds: int) -> None:
    settings = Settings.from_env()
    with engine_for(settings) as engine, tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with service(engine, settings, folder) as port:
            first = [timed_pushes(port, Way(1, 1))[0] for _ in range(2)]
        print(f"premier envoi d'un service qui vient de démarrer : {max(first):.2f} s (visé : moins de 2 s)")
        builder = Builder(load_authorities())
        for way in WAYS:
            pushed, loaded, latencies = [], [], []
            for _ in range(rounds):
                with service(engine, settings, folder) as port:
                    timed_pushes(port, Way(1, 16, senders=8))  # both workers have their tables
                    total, seconds = timed_pushes(port, way)
                pushed.append(way.dispatches / total)
                latencies += seconds
                loaded.append(way.dispatches / timed_load(engine, builder, way, folder))
            ours, theirs = statistics.median(pushed), statistics.median(loaded)
            print(
                f"{way.size:5} par envoi, {way.senders} à la fois : {ours:6.0f} dépêches/s, {ours / way.size:5.1f} envois/s, "
                f"médiane {statistics.median(latencies) * 1000:5.0f} ms, pire {max(latencies) * 1000:5.0f} ms ; "
                f"depeches load {theirs:5.0f}/s, rapport {ours / theirs:.2f}"
            )


if __name__ == "__main__":
    main()
