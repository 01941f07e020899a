"""What other searches cost beside a search, as a multiple of the same without: `python -m bench.otherwise --prefix KEPT`

`--prefix` names an archive that `python -m bench.query --prefix KEPT` has filled. Searches with and without what
search/otherwise.py offers are asked in turn, never the same twice; medians in milliseconds, and the multiple of a plain one.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

import click

from authorities.loader import load_authorities
from authorities.model import Authorities
from bench.corpus import Corpus
from engine.config import Settings
from engine.node import engine_for
from mappings.lifecycle import Family
from search.otherwise import Offered, Otherwise
from search.request import FacetFilter, SearchRequest
from search.service import Archive

SOURCE = 300


class Nothing(Otherwise):
    """Offers nothing and asks nothing."""

    def offered(self, *asked: object) -> Offered:
        return Offered()


def shapes(authorities: Authorities) -> dict[str, Callable[[], SearchRequest]]:
    chance = random.Random(5)
    words = [word for text in Corpus().dispatches(SOURCE) for word in text.split() if word.isalpha() and len(word) > 4]
    persons, states = list(authorities.persons), list(authorities.states)

    def word() -> str:
        return chance.choice(words)

    def slip() -> str:
        typed = word()
        at = chance.randrange(1, len(typed) - 1)
        return typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :]

    excluding = {"actor": FacetFilter(any=("Personne",)), "agency": FacetFilter(any=("AFP",))}
    return {
        "two words": lambda: SearchRequest(q=f"{word()} {word()}"),
        "a name": lambda: SearchRequest(q=chance.choice((chance.choice(persons), chance.choice(states)))),
        "a name and a word": lambda: SearchRequest(q=f"{chance.choice(states)} {word()}"),
        "nothing: a word": lambda: SearchRequest(q=f"{word()} {word()} zzyzx"),
        "nothing: a slip": lambda: SearchRequest(q=f"{slip()} {word()}"),
        "nothing: filters": lambda: SearchRequest(q=f"{word()} {word()}", filters=excluding),
    }


@click.command()
@click.option("--prefix", required=True)
@click.option("--rounds", default=60)
def main(prefix: str, rounds: int) -> None:
    authorities = load_authorities()
    with engine_for(Settings.from_env()) as engine:
        archives = {
            name: Archive(engine, Family(prefix).read, authorities, "Europe/Paris") for name in ("with", "without")
        }
        archives["without"]._otherwise = Nothing(engine.search, archives["without"].names, lambda query: query, "")
        plain = 0.0
        for shape, make in shapes(authorities).items():
            times: dict[str, list[float]] = {name: [] for name in archives}
            for number in range(rounds):
                for name in archives if number % 2 else reversed(archives):
                    start = time.perf_counter()
                    archives[name].search(make())
                    times[name].append(1000 * (time.perf_counter() - start))
            used, unused = (statistics.median(times[name]) for name in archives)
            plain = plain or unused
            print(f"{shape:18} {used:7.1f} / {unused:7.1f}  x {used / unused:.2f}, of two words x {used / plain:.2f}")


if __name__ == "__main__":
    main()
