"""How many messages a second the workers of alerts take and settle, on SQLite and on PostgreSQL.

    python -m bench.outbox [--messages 5000] [--rounds 3]

Each worker claims a batch in one transaction and settles it in another, as the deliverer does, without sending: what is left
is the database. The baseline of each run is a worker that takes one message at a time. Both databases write to the disk as
they do in production; PostgreSQL is started for the run from the machine's package, on a socket.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from access import users
from alerts import hits, outbox, saved
from alerts.hits import Found
from alerts.saved import Wanted, WantedChannel
from alerts.start import Start
from engine.database import Database
from tests import postgresql

NOW = datetime(2026, 1, 1, tzinfo=UTC)

# workers, messages a claim; the first is the baseline
WAYS = ((1, 1), (1, 10), (1, 50), (2, 50), (4, 50))


@click.command()
@click.option("--messages", default=5_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def main(messages: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="depeches-bench-") as folder, postgresql.server(durable=True) as server:
        name = server.create()
        for kind, url in (("SQLite", f"sqlite:///{Path(folder) / 'base.sqlite3'}"), ("PostgreSQL", server.url(name))):
            database = Database(url)
            database.upgrade()
            inserted: list[float] = []
            rates: dict[tuple[int, int], list[float]] = {way: [] for way in WAYS}
            for turn in range(rounds):
                for way in WAYS:
                    # A message at a time takes long enough with fewer.
                    count = messages // 10 if way == WAYS[0] else messages
                    inserted.append(_fill(database, count, f"{turn} {way}"))
                    rates[way].append(_run(url, count, *way))
            baseline = statistics.median(rates[WAYS[0]])
            click.echo(f"{kind}: {statistics.median(inserted):.0f} hits and messages inserted a second")
            for (workers, batch), found in rates.items():
                rate = statistics.median(found)
                click.echo(f"  {workers} worker(s), {batch} a claim: {rate:6.0f} messages/s ({rate / baseline:.1f})")
            database.close()


def _fill(database: Database, count: int, label: str) -> float:
    """Queue so many messages; how many a second."""
    with database.writing() as session:
        owner = users.find_or_make(session, "bench", NOW).id
        wanted = Wanted(label, {"q": [label]}, (WantedChannel("webhook", "https://example.org/"),))
        id = saved.create(session, owner, wanted, start=Start(0), now=NOW).id
    found = [Found(id, f"{label}-{number}", 1) for number in range(count)]
    started = time.perf_counter()
    for start in range(0, count, 500):
        with database.writing() as session:
            hits.record(session, found[start : start + 500], NOW, ZoneInfo("Europe/Paris"))
    return count / (time.perf_counter() - started)


def _run(url: str, count: int, workers: int, batch: int) -> float:
    """Have the queue emptied; messages a second."""
    context = get_context("spawn")
    ready, go = context.Barrier(workers + 1), context.Barrier(workers + 1)
    processes = [context.Process(target=_work, args=(url, f"w{n}", batch, ready, go)) for n in range(workers)]
    for process in processes:
        process.start()
    ready.wait()
    started = time.perf_counter()
    go.wait()
    for process in processes:
        process.join()
    spent = time.perf_counter() - started
    assert all(process.exitcode == 0 for process in processes)
    return count / spent


def _work(url: str, name: str, batch: int, ready: object, go: object) -> None:
    database = Database(url, timeout=60)
    database.check()
    ready.wait()  # type: ignore[attr-defined]
    go.wait()  # type: ignore[attr-defined]
    later = NOW + timedelta(seconds=1)
    while True:
        with database.writing() as session:
            claims = outbox.claim(session, name, later, limit=batch)
        if not claims:
            return
        with database.writing() as session:
            outbox.finish(session, claims, later)


if __name__ == "__main__":
    main()
