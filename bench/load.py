"""How fast `depeches load` is, against `parallel_bulk` of the same finished documents in the same run.

    python -m bench.load [--count 20000] [--rounds 3] [--processes 1 --processes 2]

The baseline does no reading, repairing, parsing or enriching: it sends documents that are ready. The ratio is what all
that costs. Building alone is in processor time: what one core does, whoever else uses the machine. Rounds alternate, so
that a noisy neighbour slows all alike; medians are printed.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

import click
from elasticsearch import Elasticsearch, helpers

from authorities.loader import load_authorities
from bench.corpus import Corpus
from engine.client import Engine
from engine.config import Settings
from engine.node import engine_for
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.load import Loader, Tally
from mappings import lifecycle
from mappings.dispatch import Dispatch, to_document
from mappings.lifecycle import Family

# Dispatches of one file, as an agency's daily file holds them.
LOT = 500
SEPARATOR = "\n--------\n"


def write_lots(folder: Path, count: int) -> float:
    """Write the corpus; the mean size of a dispatch in KB."""
    texts = list(Corpus().dispatches(count))
    for start in range(0, count, LOT):
        (folder / f"lot-{start:06}.txt").write_text(SEPARATOR.join(texts[start : start + LOT]), encoding="utf-8")
    return sum(len(text.encode()) for text in texts) / count / 1000


def fresh(engine: Engine) -> Family:
    family = Family(f"bench-{uuid.uuid4().hex[:8]}")
    lifecycle.create(engine, family)
    return family


def fill(engine: Engine, family: Family, dispatches: Iterable[Dispatch]) -> None:
    """Put finished dispatches into an archive that has none of them, and show them to searches."""
    actions = (
        {"_op_type": "create", "_index": family.write, "_id": each.id, "_source": to_document(each)}
        for each in dispatches
    )
    assert all(outcome.done for outcome in engine.bulk(actions))
    engine.refresh(family.write)


def drop(engine: Engine, family: Family) -> None:
    for name in engine.indices(family.pattern):
        engine.delete_index(name)


def timed_baseline(engine: Engine, documents: list[dict[str, object]]) -> float:
    family = fresh(engine)
    client = Elasticsearch(engine.address.url, request_timeout=60)
    actions = (
        {"_op_type": "create", "_index": family.write, "_id": document["id"], "_source": document}
        for document in documents
    )
    started = time.perf_counter()
    for ok, item in helpers.parallel_bulk(client, actions, thread_count=2, chunk_size=500):
        assert ok, item
    client.indices.refresh(index=family.write)
    seconds = time.perf_counter() - started
    assert engine.count(family.read) == len(documents)
    drop(engine, family)
    return seconds


def timed_load(engine: Engine, folder: Path, builder: Builder, count: int, processes: int) -> float:
    family = fresh(engine)
    loader = Loader(engine, family, builder, DeadLetters(folder.parent / "dead.jsonl"), processes=processes)
    started = time.perf_counter()
    tally: Tally = loader.load_paths([folder])
    seconds = time.perf_counter() - started
    loader.rest()
    assert (tally.loaded, tally.rejected) == (count, 0), tally
    drop(engine, family)
    return seconds


@click.command()
@click.option("--count", default=20_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--processes", multiple=True, default=(1, 2), show_default=True, help="How many load; repeat it.")
def main(count: int, rounds: int, processes: tuple[int, ...]) -> None:
    with engine_for(Settings.from_env()) as engine, tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "lots"
        folder.mkdir()
        size = write_lots(folder, count)
        builder = Builder(load_authorities())
        loader = Loader(engine, Family("unused"), builder, DeadLetters(Path(temporary) / "dead.jsonl"))
        started = time.process_time()
        documents = [to_document(builder.build(item)) for item in loader.read([folder], Tally())]  # type: ignore[arg-type]
        building = time.process_time() - started
        print(f"{count} dépêches de {size:.1f} Ko ; construire seul, par cœur : {count / building:.0f}/s")
        ratios: dict[int, list[float]] = {number: [] for number in processes}
        for _ in range(rounds):
            raw = timed_baseline(engine, documents)
            said = [f"parallel_bulk {count / raw:.0f}/s"]
            for number in processes:
                ours = timed_load(engine, folder, builder, count, number)
                ratios[number].append(raw / ours)
                said.append(f"depeches load, {number} processus : {count / ours:.0f}/s, rapport {raw / ours:.2f}")
            print("   ".join(said), flush=True)
        for number, found in ratios.items():
            print(f"{number} processus : rapport médian {statistics.median(found):.2f}")


if __name__ == "__main__":
    main()
