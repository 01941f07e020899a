"""What facets cost, as a multiple of the same search without any: counting, opening levels, looking inside, often with.

    python -m bench.facet_api [--count 100000] [--rounds 9]

All are asked for in turn, so that a noisy neighbour slows all of them, and never the same twice, so that no cache answers;
medians and the fastest are printed, in milliseconds, and how many times the plain search of the same run that is. Names
follow Zipf's law, with a long tail the authorities do not know.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

import click

from authorities.loader import load_authorities
from authorities.model import PATH_SEPARATOR, Authorities
from bench.load import drop, fill, fresh
from engine.config import Settings
from engine.node import engine_for
from mappings.dispatch import Dispatch, Mention
from search.request import FacetFilter, SearchRequest
from search.service import Archive

WORDS = [f"mot{rank}" for rank in range(5000)]
WEIGHTS = list(accumulate(1 / (rank + 1) for rank in range(5000)))
AGENCIES = ("AFP", "Reuters", "Xinhua", "ATS")

# Names the authorities do not know, and what a dispatch has of each sort.
UNKNOWN_NAMES = 60_000
ACTORS, TOPICS = 9, 2

SEARCHES = {"mot rare": "mot300", "mot fréquent": "mot3", "tout": ""}


class _World:
    """Who and where, drawn by Zipf's law. States come first, as on the wire."""

    def __init__(self, authorities: Authorities, chance: random.Random) -> None:
        known = [*authorities.persons, *authorities.organisations, *authorities.states]
        chance.shuffle(known)
        first = sorted({name.split()[0] for name in authorities.persons})
        last = sorted({name.split()[-1] for name in authorities.persons})
        unknown = [f"{chance.choice(first)} {chance.choice(last)}" for _ in range(UNKNOWN_NAMES)]
        self.names = list(dict.fromkeys([*list(authorities.states)[:120], *known, *unknown]))
        self.kinds = {name: authorities.kind(name) or "person" for name in self.names}
        cities = sorted(authorities.cities)
        chance.shuffle(cities)
        self.venues = [path for city in cities if (path := authorities.venue_path(city, "city"))]
        self.topics = [authorities.topic_path(topic) for topic in authorities.topics]
        chance.shuffle(self.topics)


def dispatches(count: int, authorities: Authorities) -> Iterator[Dispatch]:
    """Deterministic: the same number gives the same dispatches."""
    chance = random.Random(1)
    world = _World(authorities, chance)

    def draw(values: list[str], soft: int) -> Callable[[int], tuple[str, ...]]:
        weights = list(accumulate(1 / (rank + soft) for rank in range(len(values))))
        return lambda number: tuple(dict.fromkeys(chance.choices(values, cum_weights=weights, k=number)))

    names, venues, topics = draw(world.names, 20), draw(world.venues, 5), draw(world.topics, 3)
    for number in range(count):
        actors, where = names(ACTORS), venues(chance.choice((0, 1, 1, 1, 2)))
        yield Dispatch(
            id=f"d{number}",
            title=" ".join(chance.choices(WORDS, cum_weights=WEIGHTS, k=8)),
            title_derived=False,
            lead="",
            body=tuple(" ".join(chance.choices(WORDS, cum_weights=WEIGHTS, k=60)) for _ in range(3)),
            raw=b"",
            raw_encoding="utf-8",
            agency=chance.choice(AGENCIES),
            published=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=20 * number),
            actors=actors,
            venues=where,
            topics=topics(TOPICS),
            places=tuple(path.split(PATH_SEPARATOR)[-1] for path in where),
            mentions=tuple(Mention(name, world.kinds[name], 0, 0, 1, "m", "label") for name in actors),
        )


def asked(archive: Archive, q: str, round_: int) -> dict[str, Callable[[], object]]:
    """What is measured, the plain search first."""
    never_twice = date(2020, 1, 1) + timedelta(days=round_)
    plain = SearchRequest(q=q, date_from=never_twice, facets=(), highlight=False)
    page = replace(plain, facets=SearchRequest().facets)
    country = "Europe de l'Ouest"
    ticked = replace(page, filters={"actor": FacetFilter(any=("France",))})
    return {
        "sans facettes": lambda: archive.search(plain),
        "six facettes": lambda: archive.search(page),
        "six facettes, une sorte d'acteurs": lambda: archive.search(replace(page, kinds={"actor": "person"})),
        "six facettes, un niveau déplié": lambda: archive.search(replace(page, under={"venue": (country,)})),
        "six facettes, souvent avec": lambda: archive.search(replace(page, often_with="actor")),
        "un acteur coché": lambda: archive.search(ticked),
        "un acteur coché, souvent avec": lambda: archive.search(replace(ticked, often_with="actor")),
        "les acteurs": lambda: archive.search(replace(plain, size=1, facets=("actor",))),
        "dans les acteurs : lavr": lambda: archive.inside(plain, "actor", "lavr"),
        "dans les acteurs : serg lavr": lambda: archive.inside(plain, "actor", "serg lavr"),
        "dans les acteurs : a": lambda: archive.inside(plain, "actor", "a"),
        "dans les acteurs : nations un": lambda: archive.inside(plain, "actor", "nations un"),
        "dans les lieux : phn": lambda: archive.inside(plain, "venue", "phn"),
    }


@click.command()
@click.option("--count", default=100_000, show_default=True)
@click.option("--rounds", default=9, show_default=True)
def main(count: int, rounds: int) -> None:
    authorities = load_authorities()
    with engine_for(Settings.from_env()) as engine:
        family = fresh(engine)
        try:
            fill(engine, family, dispatches(count, authorities))
            archive = Archive(engine, family.read, authorities, "Europe/Paris")
            for name, q in SEARCHES.items():
                total = archive.search(SearchRequest(q=q, facets=(), size=1)).total
                taken: dict[str, list[float]] = {}
                for round_ in range(rounds):
                    for case, ask in asked(archive, q, round_).items():
                        started = time.perf_counter()
                        ask()
                        taken.setdefault(case, []).append(1000 * (time.perf_counter() - started))
                plain = taken["sans facettes"]
                print(f"{name} : {total} dépêches sur {count}")
                for case, times in taken.items():
                    median, fastest = statistics.median(times), min(times)
                    print(
                        f"  {case:36} {median:6.1f} ms ({fastest:6.1f})  {median / statistics.median(plain):5.1f} fois"
                        f" ({fastest / min(plain):.1f})"
                    )
        finally:
            drop(engine, family)


if __name__ == "__main__":
    main()
