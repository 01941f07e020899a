"""What a file of dispatches costs: memory, of few and of many, and speed, against reading the same pages raw.

    python -m bench.exports [--few 1000] [--many 100000] [--rounds 3]

A file is written to nowhere by a process of its own, whose peak of resident memory is read from the kernel; the ratio of
many to few says whether memory grows with the file. Raw: the same bodies, page after page at a point in time, their
answers thrown away. Raw and formats take turns, so that a noisy neighbour slows all of them; medians are printed.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click

from authorities.loader import load_authorities
from bench.facet_api import dispatches
from bench.load import drop, fill, fresh
from engine.client import Address, Engine
from engine.config import Settings
from engine.node import engine_for
from mappings.lifecycle import Family
from search.exporting import KEEP_ALIVE, PAGE, written
from search.formats import FORMATS
from search.formats.place import Place
from search.request import SearchRequest
from search.service import Archive

PLACE = Place("https://depeches.example", "Europe/Paris")


def write(archive: Archive, name: str, first: int) -> int:
    """Write a file to nowhere; its bytes."""
    form = FORMATS[name]
    with closing(archive.reading(SearchRequest(), form.fields, first=first)) as reading:
        return sum(len(chunk) for chunk in written(form, reading, PLACE))


def read_raw(engine: Engine, index: str, name: str, first: int) -> int:
    """Read the same pages, and nothing more."""
    body = {
        "query": {"bool": {"filter": [{"term": {"status.fold": "current"}}]}},
        "sort": [{"published": {"order": "desc", "missing": "_last"}}, {"id": {"order": "asc"}}],
        "size": PAGE,
        "_source": list(FORMATS[name].fields),
        "track_total_hits": False,
    }
    point_in_time, read = engine.open_point_in_time(index, KEEP_ALIVE), 0
    try:
        while read < first:
            answer = engine.search(body | {"pit": {"id": point_in_time, "keep_alive": KEEP_ALIVE}})
            hits = answer["hits"]["hits"]
            if not hits:
                break
            read += len(hits)
            body["search_after"] = hits[-1]["sort"]
    finally:
        engine.close_point_in_time(point_in_time)
    return read


def memory(what: str) -> float:
    """This process's memory in MB: `VmRSS` now, `VmHWM` at its peak."""
    found = re.search(rf"{what}:\s*(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


def peak(url: str, prefix: str, name: str, first: int) -> tuple[float, float]:
    """The memory of a process, in MB: at its peak while it wrote a file, and how much more than before that is."""
    command = [sys.executable, "-m", "bench.exports", "--one", url, prefix, name, str(first)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return told["peak"], told["peak"] - told["before"]


@click.command()
@click.option("--few", default=1000, show_default=True)
@click.option("--many", default=100_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--one", nargs=4, type=str, hidden=True)
def main(few: int, many: int, rounds: int, one: tuple[str, str, str, str] | None) -> None:
    if one:
        url, prefix, name, first = one
        archive = Archive(Engine(Address(url)), prefix, load_authorities(), "Europe/Paris")
        write(archive, name, 1)
        # Loading the authorities takes more than writing a file: the peak is that from here on (proc(5)).
        Path("/proc/self/clear_refs").write_text("5")
        before = memory("VmRSS")
        write(archive, name, int(first))
        click.echo(json.dumps({"before": before, "peak": memory("VmHWM")}))
        return
    authorities = load_authorities()
    with engine_for(Settings.from_env()) as engine:
        family = fresh(engine)
        try:
            fill(engine, family, dispatches(many, authorities))
            archive = Archive(engine, family.read, authorities, "Europe/Paris")
            _memory(engine, family, few, many)
            _speed(archive, engine, family, many, rounds)
        finally:
            drop(engine, family)


def _memory(engine: Engine, family: Family, few: int, many: int) -> None:
    print(f"mémoire au plus haut, Mo (dont pour écrire) : {few} dépêches, {many}, rapport")
    for name in FORMATS:
        small, for_small = peak(engine.address.url, family.read, name, few)
        large, for_large = peak(engine.address.url, family.read, name, many)
        print(
            f"  {name:6} {small:6.0f} ({for_small:4.1f}) {large:6.0f} ({for_large:4.1f})   {large / small:.2f}",
            flush=True,
        )


def _speed(archive: Archive, engine: Engine, family: Family, many: int, rounds: int) -> None:
    taken: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for name in FORMATS:
            ways: dict[str, Callable[[], int]] = {
                "raw": lambda name=name: read_raw(engine, family.read, name, many),  # type: ignore[misc]
                "file": lambda name=name: write(archive, name, many),  # type: ignore[misc]
            }
            for way, run in ways.items():
                started = time.perf_counter()
                run()
                taken.setdefault((name, way), []).append(many / (time.perf_counter() - started))
    print("dépêches par seconde : pages brutes, fichier, rapport")
    for name in FORMATS:
        raw, file = (statistics.median(taken[name, way]) for way in ("raw", "file"))
        print(f"  {name:6} {raw:8.0f} {file:8.0f}   {file / raw:.2f}", flush=True)


if __name__ == "__main__":
    main()
