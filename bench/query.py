"""What the API adds to the engine: the same searches through the service, and their bodies sent to Elasticsearch directly.

    python -m bench.query [--count 100000] [--rounds 12] [--requests 96] [--clients 16] [--prefix KEPT]

The service runs as `depeches serve` runs it. Clients are processes of their own, each with one connection kept open, all
drawing from one pile of requests, and read answers without parsing them, so that their Python slows neither side.

Both sides answer the same searches in a round and take turns in going first, so that neither finds the other's caches more
often; rounds are short, so that a noisy neighbour is beside both. Directly means the search itself alone, as the service
asks it first: whatever else it asks for an answer counts against it. The service has settled before: what completes a
query is counted beside the first searches (decision 0012). Printed, by round and as the median of rounds: p50 and
p95 in milliseconds, requests a second, and the API's as multiples of the direct ones.

`--prefix` names the archive to fill and to keep, or to use again when it is there; without it one is made and deleted.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import random
import statistics
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from multiprocessing.sharedctypes import Synchronized
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import click
from werkzeug.datastructures import MultiDict

from authorities.loader import load_authorities
from authorities.model import Authorities
from bench import facet_api
from bench.corpus import Corpus
from bench.load import drop
from engine.client import Engine
from engine.config import Settings
from engine.node import engine_for
from mappings import lifecycle
from mappings.dispatch import Dispatch, to_document
from mappings.lifecycle import Family
from search.schemas import load_request
from search.service import Archive
from tests.indexer.served import served

# Dispatches from which the words, names and places of the searches are drawn.
SOURCE = 2_000

# The two answers asked for: the page's, with facets, timeline and passages, and a program's, results alone.
PAGE, BARE = "page", "facets=none"

Parameters = list[tuple[str, str]]


def dispatches(count: int, authorities: Authorities) -> Iterator[Dispatch]:
    """French words in Zipf's proportions, 40 to 470 of them, under the names and places of `bench.facet_api`."""
    chance = random.Random(2)
    for dispatch, text in zip(facet_api.dispatches(count, authorities), Corpus().dispatches(count), strict=True):
        title, *paragraphs = [part for part in text.split("\n") if part]
        body = tuple(paragraphs[: chance.choice((1, 2, 3, 4, 5, 6, 8, 10))])
        yield replace(dispatch, title=title, lead=body[0][:300], body=body)


def searches(authorities: Authorities, *, most: float = 1.0) -> Iterator[tuple[str, Parameters]]:
    """Searches without end, none twice in thousands: what is asked for, and the parameters.

    Args:
        most: the share of dispatches that may have the rarest of words side by side.
    """
    chance = random.Random(3)
    source = list(dispatches(SOURCE, authorities))
    found_in = Counter(word for each in source for word in set(" ".join(each.body).split()))

    def words(number: int) -> list[str]:
        """Side by side in some dispatch, without the smallest ones."""
        while True:
            text = chance.choice(chance.choice(source).body).split()
            at = chance.randrange(max(1, len(text) - number))
            found = [word.strip("(),.-") for word in text[at : at + number]]
            fit = len(found) == number and all(len(word) > 3 and word.isalpha() for word in found)
            if fit and min(map(found_in.__getitem__, found)) <= most * SOURCE:
                return found

    def day() -> str:
        moment = chance.choice(source).published
        assert moment
        return moment.date().isoformat()

    def value(facet: str) -> str:
        while True:
            values = getattr(chance.choice(source), f"{facet}s")
            if values:
                return str(chance.choice(values))

    shapes: tuple[Callable[[], Parameters], ...] = (
        lambda: [("q", words(1)[0])],
        lambda: [("q", " ".join(words(2)))],
        lambda: [("q", " ".join(words(3)))],
        lambda: [("q", f'"{" ".join(words(2))}"')],
        lambda: [("q", "({} OU {}) SAUF {}".format(*words(1), *words(1), *words(1)))],
        lambda: [("q", "{} PRES/5 {}".format(*words(2)))],
        lambda: [("q", f"{words(1)[0][:5].lower()}* {words(1)[0]}")],
        lambda: [("q", words(1)[0]), ("actor", value("actor"))],
        lambda: [("q", words(1)[0]), ("venue", value("venue")), ("sort", "newest")],
        lambda: [("q", words(1)[0]), ("topic", value("topic")), ("from", day())],
        lambda: [("actor", value("actor")), ("actor.not", value("actor"))],
        lambda: [("q", " OU ".join(words(1)[0] for _ in range(4))), ("from", day())],
    )
    while True:
        for shape in shapes:
            asked = shape()
            yield PAGE, asked
            yield BARE, [*shape(), ("facets", "none")]


@dataclass(frozen=True, slots=True)
class Call:
    """One request as a client sends it: which answer is asked for, the method, the address, the body."""

    answer: str
    method: str
    path: str
    body: bytes | None = None


class _Asked(Exception):
    """What the engine would have been asked."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__()
        self.body = body


class _Overheard(Engine):
    """An engine that answers nothing, and so warms no cache: the first body it is asked ends the search."""

    def search(
        self, body: dict[str, Any], *, index: str | None = None, preference: str | None = None
    ) -> dict[str, Any]:
        raise _Asked(body)


def both_ways(archive: Archive, answer: str, parameters: Parameters) -> tuple[Call, Call]:
    """A search through the API, and the body the API asks the engine first."""
    through = Call(answer, "GET", f"/api/v1/dispatches?{urlencode(parameters)}")
    try:
        archive.search(load_request(MultiDict(parameters)))
    except _Asked as asked:
        body = json.dumps(asked.body, ensure_ascii=False).encode()
        return through, Call(answer, "POST", f"/{archive.index}/_search?allow_partial_search_results=false", body)
    raise AssertionError(parameters)


# -- the clients -----------------------------------------------------------------------------------------------------

# Of a client's process: the place of the next request on the pile, shared by all of them.
_next: Synchronized[int]


def _begin(counter: Synchronized[int]) -> None:
    global _next
    _next = counter


def _client(address: str, calls: Sequence[Call]) -> list[tuple[str, float]]:
    """Take requests from the pile until it is empty; which answer each asked for, and its seconds."""
    connection = http.client.HTTPConnection(address, timeout=120)
    taken: list[tuple[str, float]] = []
    while True:
        with _next.get_lock():
            at, _next.value = _next.value, _next.value + 1
        if at >= len(calls):
            break
        call = calls[at]
        started = time.perf_counter()
        connection.request(call.method, call.path, call.body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        taken.append((call.answer, time.perf_counter() - started))
        assert answer.status == 200, said[:500]
    connection.close()
    return taken


@dataclass(frozen=True, slots=True)
class Figures:
    """One side of one round."""

    seconds: tuple[tuple[str, float], ...]
    rate: float  # requests a second

    def quantile(self, of: int, answer: str | None = None) -> float:
        """The time under which `of` of 100 answers came, in milliseconds."""
        times = [seconds for kind, seconds in self.seconds if answer in (None, kind)]
        return 1000 * statistics.quantiles(times, n=100)[of - 1]


class Clients:
    """So many processes, started once."""

    def __init__(self, count: int) -> None:
        self._count = count
        context = multiprocessing.get_context("spawn")
        self._counter: Synchronized[int] = context.Value("i", 0)
        self._pool = context.Pool(count, _begin, (self._counter,))

    def ask(self, address: str, calls: Sequence[Call]) -> Figures:
        """All the requests, as fast as they are answered."""
        self._counter.value = 0
        started = time.perf_counter()
        taken = self._pool.starmap(_client, [(address, calls)] * self._count, chunksize=1)
        rate = len(calls) / (time.perf_counter() - started)
        return Figures(tuple(each for client in taken for each in client), rate)

    def close(self) -> None:
        self._pool.terminate()
        self._pool.join()


# -- the run ---------------------------------------------------------------------------------------------------------


def filled(engine: Engine, family: Family, authorities: Authorities, count: int) -> None:
    """An archive of so many dispatches; one that has them is left as it is."""
    lifecycle.create(engine, family)
    if engine.count(family.read) == count:
        return
    actions = (
        {"_op_type": "index", "_index": family.write, "_id": d.id, "_source": to_document(d)}
        for d in dispatches(count, authorities)
    )
    assert all(outcome.done for outcome in engine.bulk(actions))
    engine.refresh(family.write)


def summary(api: Sequence[Figures], direct: Sequence[Figures]) -> str:
    """Three lines: the medians of rounds on either side, and the median of each round's ratio."""

    def row(name: str, of: Callable[[Callable[[Figures], float]], float], digits: int) -> str:
        def cell(told: Callable[[Figures], float]) -> str:
            return f"{of(told):8.{digits}f}"

        kinds = [f"{kind} p50{cell(partial(Figures.quantile, of=50, answer=kind))}" for kind in (PAGE, BARE)]
        times = [f"p{of_} {cell(partial(Figures.quantile, of=of_))}" for of_ in (50, 95)]
        return "   ".join([f"{name:12}", *times, f"{cell(attrgetter('rate'))}/s", *kinds])

    return "\n".join(
        (
            row("API", lambda told: statistics.median(map(told, api)), 1),
            row("directement", lambda told: statistics.median(map(told, direct)), 1),
            row(
                "rapport",
                lambda told: statistics.median(told(a) / told(b) for a, b in zip(api, direct, strict=True)),
                2,
            ),
        )
    )


@click.command()
@click.option("--count", default=100_000, show_default=True)
@click.option("--rounds", default=12, show_default=True)
@click.option("--requests", default=96, show_default=True, help="Requests of a round, each way.")
@click.option("--clients", default=16, show_default=True)
@click.option(
    "--settle", default=90.0, show_default=True, help="Seconds for which workers may make their tables first."
)
@click.option("--prefix", help="An archive to keep, or to use again.")
def main(count: int, rounds: int, requests: int, clients: int, settle: float, prefix: str | None) -> None:
    settings, authorities = Settings.from_env(), load_authorities()
    family = Family(prefix or f"bench-{uuid.uuid4().hex[:8]}")
    with ExitStack() as stack:
        engine = stack.enter_context(engine_for(settings))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        if not prefix:
            stack.callback(drop, engine, family)
        filled(engine, family, authorities, count)
        asked = list(islice(searches(authorities), (rounds + 1) * requests))
        archive = Archive(_Overheard(engine.address), family.read, authorities, settings.timezone)
        calls = [both_ways(archive, answer, parameters) for answer, parameters in asked]
        ours = replace(settings, index_prefix=family.prefix, data_dir=Path(folder))
        port = stack.enter_context(served(ours, engine.address.url, workers=settings.workers))
        settled = time.monotonic() + settle
        crowd = Clients(clients)
        stack.callback(crowd.close)
        api: list[Figures] = []
        direct: list[Figures] = []
        for round_ in range(rounds + 1):
            mine = calls[round_ * requests : (round_ + 1) * requests]
            ways = [
                (api, f"127.0.0.1:{port}", [through for through, _ in mine]),
                (direct, urlsplit(engine.address.url).netloc, [straight for _, straight in mine]),
            ]
            for into, address, pile in ways if round_ % 2 else reversed(ways):
                into.append(crowd.ask(address, pile))
            if not round_:  # everybody has loaded what they load once
                while time.monotonic() < settled:
                    crowd.ask(f"127.0.0.1:{port}", ways[0][2])
                api.clear()
                direct.clear()
                continue
            print(summary(api[-1:], direct[-1:]))
        print(f"\nmédianes de {rounds} tours de {requests} recherches, {clients} clients, {count} dépêches")
        print(summary(api, direct))
        print("(visé : p50 au plus 1,3 fois, débit au moins 0,75)")


if __name__ == "__main__":
    main()
