"""What counting costs a search: the same searches through two services, one that counts and one that does not.

    python -m bench.limits [--count 20000] [--rounds 16] [--requests 96] [--clients 1] [--store URL] [--prefix KEPT]

Searches as programs ask them (results alone, the cheapest), open to all, so that nothing is looked up in the database; in rounds
that take turns in going first (`bench.query` has the archive, the searches and the clients). Then the count alone, from one process.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import uuid
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

import click

from access.counting import counts_of
from authorities.loader import load_authorities
from bench.load import drop
from bench.query import BARE, Call, Clients, Figures, filled, searches
from engine.config import Settings
from engine.node import engine_for
from mappings.lifecycle import Family
from tests.indexer.served import served

# What is aimed at: times the search that is not counted.
RATIO = 1.03


@click.command()
@click.option("--count", default=20_000, show_default=True)
@click.option("--rounds", default=16, show_default=True)
@click.option("--requests", default=96, show_default=True, help="Requests of a round, each way.")
@click.option("--clients", default=1, show_default=True)
@click.option("--store", default="", help="DEPECHES_LIMITS_STORE; by default a file.")
@click.option("--prefix", help="An archive to keep, or to use again.")
def main(count: int, rounds: int, requests: int, clients: int, store: str, prefix: str | None) -> None:
    settings, authorities = Settings.from_env(), load_authorities()
    family = Family(prefix or f"bench-{uuid.uuid4().hex[:8]}")
    with ExitStack() as stack:
        engine = stack.enter_context(engine_for(settings))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not prefix:
            stack.callback(drop, engine, family)
        filled(engine, family, authorities, count)
        asked = list(islice(searches(authorities), (rounds + 1) * requests))
        calls = [Call(BARE, "GET", f"/api/v1/dispatches?{urlencode([*each, ('facets', 'none')])}") for _, each in asked]
        ours = replace(settings, index_prefix=family.prefix, data_dir=folder, limits_store=store)
        beyond = {"HOST": "0.0.0.0", "DEPECHES_ANONYMOUS_SCOPES": "search", "DEPECHES_LIMITS_STORE": store}
        ports = {
            limits: stack.enter_context(
                served(ours, engine.address.url, environment=beyond | {"DEPECHES_LIMITS": limits})
            )
            for limits in ("search=1000000", "none")
        }
        crowd = Clients(clients)
        stack.callback(crowd.close)
        told: dict[str, list[Figures]] = {limits: [] for limits in ports}
        for round_ in range(rounds + 1):
            mine = calls[round_ * requests : (round_ + 1) * requests]
            crowd.ask(
                f"127.0.0.1:{ports['none']}", mine
            )  # who comes second finds the engine's caches warm: so does the first
            for limits, port in list(ports.items()) if round_ % 2 else reversed(ports.items()):
                figures = crowd.ask(f"127.0.0.1:{port}", mine)
                if round_:  # in the first everybody loads what they load once
                    told[limits].append(figures)
        print(f"médianes de {rounds} tours de {requests} recherches, {clients} clients, {count} dépêches")
        for limits, figures_ in told.items():
            p50 = statistics.median(each.quantile(50) for each in figures_)
            print(f"  DEPECHES_LIMITS={limits:<16} p50 {p50:6.2f} ms")
        ratio = statistics.median(
            a.quantile(50) / b.quantile(50) for a, b in zip(told["search=1000000"], told["none"], strict=True)
        )
        print(f"  rapport {ratio:.3f} (visé : {RATIO} au plus)")
        counts = counts_of(ours)
        times = []
        for number in range(2_000):
            started = time.perf_counter()
            counts.count(f"bench/{number % 50}", 60)
            times.append(time.perf_counter() - started)
        print(f"  un compte seul : {1e6 * statistics.median(times):.0f} µs")


if __name__ == "__main__":
    main()
