"""What a page of stories costs, against the same page of dispatches, and whether the last page costs more than the second.

    python -m bench.folding [--count 60000] [--rounds 5]

Both kinds of page are asked for in turn, so that a noisy neighbour slows both; medians are printed, in milliseconds.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import click

from authorities.loader import load_authorities
from bench.load import drop, fill, fresh
from engine.config import Settings
from engine.node import engine_for
from mappings.dispatch import Dispatch
from search.request import Group, SearchRequest
from search.service import Archive

# How many dispatches stories have: most one, some a dozen.
SIZES = (1, 1, 1, 1, 2, 3, 4, 6, 12)
WORDS = [f"mot{rank}" for rank in range(5000)]
WEIGHTS = [1 / (rank + 1) for rank in range(5000)]
AGENCIES = ("AFP", "Reuters", "Xinhua")

# Pages turned in a round, after the first: as far as readers go.
PAGES = 4

SEARCHES = {
    "un mot, pertinence": SearchRequest(q="mot3", versions="all"),
    "un mot, pertinence, sans facettes": SearchRequest(q="mot3", versions="all", facets=()),
    "deux mots, plus récentes": SearchRequest(q="mot3 mot40", versions="all", sort="newest"),
    "tout, plus récentes": SearchRequest(versions="all"),
}


def dispatches(count: int) -> Iterator[Dispatch]:
    chance = random.Random(1)
    number = 0
    while number < count:
        start = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 500_000))
        story, size = f"h{number}", min(chance.choice(SIZES), count - number)
        for version in range(1, size + 1):
            yield Dispatch(
                id=f"d{number}",
                story=story,
                version=version,
                status="current" if version == size else "superseded",
                title=" ".join(chance.choices(WORDS, WEIGHTS, k=8)),
                title_derived=False,
                lead="",
                body=tuple(" ".join(chance.choices(WORDS, WEIGHTS, k=60)) for _ in range(4)),
                raw=b"",
                raw_encoding="utf-8",
                agency=chance.choice(AGENCIES),
                published=start + timedelta(minutes=30 * version),
            )
            number += 1


def pages(archive: Archive, request: SearchRequest, most: int) -> list[float]:
    """Milliseconds of each page from the first, at most so many."""
    taken: list[float] = []
    cursor: str | None = None
    while len(taken) < most and (cursor or not taken):
        started = time.perf_counter()
        cursor = archive.search(replace(request, cursor=cursor)).next
        taken.append(1000 * (time.perf_counter() - started))
    return taken


@click.command()
@click.option("--count", default=60_000, show_default=True)
@click.option("--rounds", default=5, show_default=True)
def main(count: int, rounds: int) -> None:
    groups: tuple[Group, ...] = ("none", "story")
    with engine_for(Settings.from_env()) as engine:
        family = fresh(engine)
        try:
            fill(engine, family, dispatches(count))
            archive = Archive(engine, family.read, load_authorities(), "Europe/Paris")
            for name, request in SEARCHES.items():
                firsts: dict[Group, list[float]] = {group: [] for group in groups}
                others: dict[Group, list[float]] = {group: [] for group in groups}
                for _ in range(rounds):
                    for group in groups:
                        first, *after = pages(archive, replace(request, group=group), 1 + PAGES)
                        firsts[group].append(first)
                        others[group] += after
                one, many = ([statistics.median(taken[group]) for group in groups] for taken in (firsts, others))
                print(
                    f"{name} : première page {one[0]:.0f} -> {one[1]:.0f} ms, suivantes {many[0]:.0f} -> {many[1]:.0f} ms "
                    f"({many[1] / many[0]:.1f} fois)"
                )
            request = replace(SEARCHES["un mot, pertinence, sans facettes"], group="story", size=100)
            taken = pages(archive, request, count)
            tenth = len(taken) // 10
            print(
                f"{len(taken)} pages de 100 histoires : médiane {statistics.median(taken):.0f} ms, dernier dixième "
                f"{statistics.median(taken[-tenth:]):.0f} ms, au plus {max(taken):.0f} ms"
            )
        finally:
            drop(engine, family)


if __name__ == "__main__":
    main()
