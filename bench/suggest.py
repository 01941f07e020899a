"""What completing costs in an archive of 100,000 dispatches: from the snapshot, and from the engine at every keystroke.

    python -m bench.suggest [--count 100000] [--rounds 15]

Keystrokes of journalists' queries, each way in turn, never the same twice for the engine's caches; medians in
milliseconds. `mémoire` is what we do, `par HTTP` the same with all that the service does around it, but for the network.
The others ask the engine for the same at every keystroke: values of facets by an expression on the counted field
(`termes`), words of the last texts that begin so (`préfixe`), and a `match_phrase_prefix` with the values of what it finds
(`phrase`), as many search boxes are made. Then: how long the first snapshot and following take, what memory it holds, and
how many of the archive's words a sample knows.
"""

from __future__ import annotations

import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from wordfreq import top_n_list, word_frequency

from app import create_app
from authorities.loader import load_authorities
from authorities.model import Authorities, fold
from bench.facet_api import dispatches as with_facets
from bench.load import drop, fill, fresh
from engine.client import Engine
from engine.config import Settings
from engine.node import engine_for
from mappings.dispatch import Dispatch, to_document
from mappings.fields import FACETS
from mappings.lifecycle import Family
from search.spelling import expression, typed_words
from search.suggest import FACETS_OF_WORDS, suggest
from search.suggest_aliases import Aliases
from search.suggest_api import EXTENSION
from search.suggest_follow import SAMPLE, Follower
from search.suggest_kept import Kept
from search.suggest_typed import typed
from search.suggest_words import WordCounts

VOCABULARY = 60_000

# As typed, letter by letter, from the second on.
TYPED = (
    "lavrov phnom p",
    "nations unies",
    "ministre des affai",
    "Etats-Unis",
    "évènements",
    "acteur:macr",
    "guerre ukrain",
)


def archive(count: int, authorities: Authorities) -> Iterator[Dispatch]:
    """Dispatches with facets, and French words in Zipf's proportions."""
    chance = random.Random(2)
    words = [word for word in top_n_list("fr", VOCABULARY) if word.isalpha()]
    weights = list(accumulate(word_frequency(word, "fr") for word in words))
    for number, dispatch in enumerate(with_facets(count, authorities)):
        body = tuple(" ".join(chance.choices(words, cum_weights=weights, k=120)) for _ in range(3))
        yield replace(dispatch, title=" ".join(body[0].split()[:8]), body=body, ingest_seq=number + 1)


def keystrokes() -> list[str]:
    return [text[:end] for text in TYPED for end in range(2, len(text) + 1) if not text[:end].endswith(" ")]


class Direct:
    """The same asked of the engine, at every keystroke."""

    def __init__(self, engine: Engine, index: str) -> None:
        self._engine = engine
        self._index = index
        self._chance = random.Random(3)

    def _in_force(self, *further: dict[str, Any]) -> dict[str, Any]:
        # Never twice the same: the engine would answer from its cache.
        day = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(seconds=self._chance.randrange(10**7))
        since = {"range": {"published": {"gte": day.isoformat()}}}
        return {"bool": {"filter": [{"term": {"status.fold": "current"}}, since, *further]}}

    def terms(self, q: str) -> None:
        """Facet values by an expression on the counted field."""
        aggs = {}
        for number, name in enumerate(typed(q).names):
            for facet in FACETS_OF_WORDS:
                include = expression(typed_words(" ".join(name.words)), path=FACETS[facet].hierarchical)
                aggs[f"{facet}{number}"] = {"terms": {"field": FACETS[facet].levels, "size": 8, "include": include}}
        if aggs:
            self._engine.search({"size": 0, "query": self._in_force(), "aggs": aggs}, index=self._index)

    def prefix(self, q: str) -> None:
        """Words of 50 dispatches that have one that begins so."""
        last = fold(q).split()[-1].split(":")[-1]
        if len(last) < 2:
            return
        query = self._in_force({"prefix": {"body.exact": last}})
        hits = self._engine.search({"size": 50, "query": query, "_source": ["body"]}, index=self._index)
        counts = WordCounts()
        for hit in hits["hits"]["hits"]:
            counts.add("\n".join(hit["_source"]["body"]))
        sorted((word for word in counts.words() if fold(word).startswith(last)), key=len)

    def phrase(self, q: str) -> None:
        """What dispatches are about in which the text typed begins."""
        query = self._in_force({"match_phrase_prefix": {"body.exact": {"query": q, "max_expansions": 50}}})
        aggs = {name: {"terms": {"field": FACETS[name].levels, "size": 8}} for name in FACETS_OF_WORDS}
        self._engine.search({"size": 0, "query": query, "aggs": aggs}, index=self._index)


def measure(ways: dict[str, Callable[[str], object]], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every keystroke, the ways in turn."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for q in keystrokes():
            for name, way in ways.items():
                started = time.perf_counter()
                way(q)
                taken[name].append(1000 * (time.perf_counter() - started))
    return taken


def known(texts: list[str], sample: int) -> tuple[float, float]:
    """Of the words of all texts, the share a sample knows: of different words, and of the words as they are met."""
    counts, part = WordCounts(), WordCounts()
    chosen = set(random.Random(4).sample(range(len(texts)), min(sample, len(texts))))
    for number, text in enumerate(texts):
        counts.add(text)
        if number in chosen:
            part.add(text)
    every, some = counts.words(2), {fold(word) for word in part.words(2)}
    met = sum(count for word, count in every.items() if fold(word) in some)
    return sum(fold(word) in some for word in every) / len(every), met / sum(every.values())


@click.command()
@click.option("--count", default=100_000, show_default=True)
@click.option("--rounds", default=15, show_default=True)
def main(count: int, rounds: int) -> None:
    authorities = load_authorities()
    texts: list[str] = []
    with engine_for(Settings.from_env()) as engine:
        family = fresh(engine)
        try:
            fill(engine, family, archive(count, authorities))
            texts = ["\n".join((d.title, *d.body)) for d in archive(min(count, 40_000), authorities)]
            _measured(engine, family, authorities, count, rounds)
        finally:
            drop(engine, family)
    different, met = known(texts, SAMPLE * len(texts) // max(count, SAMPLE))
    print(f"un échantillon connaît {different:.1%} des mots, {met:.2%} des mots rencontrés")


def _measured_shared(engine: Engine, family: Family, authorities: Authorities, first: float) -> None:
    """A second process that starts, and what the first left for it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "suggest" / "archive.jsonl"
        aliases = Aliases(authorities).of
        counting = Follower(engine, family.read, aliases, Kept(path))
        counting.refresh()
        size = path.stat().st_size / 1e6
        started = time.perf_counter()
        later = Follower(engine, family.read, aliases, Kept(path))
        later.refresh()
        taken = time.perf_counter() - started
        assert all(suggest(q, later.snapshot) == suggest(q, counting.snapshot) for q in keystrokes())
    print(
        f"relevé repris d'un autre processus {taken:.2f} s ({first / taken:.0f} fois moins), fichier de {size:.1f} Mo"
    )


def _measured(engine: Engine, family: Family, authorities: Authorities, count: int, rounds: int) -> None:
    follower = Follower(engine, family.read, Aliases(authorities).of)
    started = time.perf_counter()
    follower.refresh()
    first = time.perf_counter() - started
    print(f"{count} dépêches ; premier relevé {first:.1f} s")
    _measured_shared(engine, family, authorities, first)
    tracemalloc.start()
    follower = Follower(engine, family.read, Aliases(authorities).of)
    follower.refresh()
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"mémoire tenue {held / 1e6:.0f} Mo, au plus {most / 1e6:.0f} Mo pendant le relevé")
    newest = replace(next(archive(1, authorities)), id="neuve", ingest_seq=count + 1)
    list(engine.bulk([{"_op_type": "create", "_index": family.write, "_id": "neuve", "_source": to_document(newest)}]))
    engine.refresh(family.write)
    started = time.perf_counter()
    follower.refresh()
    print(f"une dépêche de plus : {1000 * (time.perf_counter() - started):.0f} ms")
    direct = Direct(engine, family.read)
    app = create_app(replace(Settings.from_env(), index_prefix=family.prefix), engine)
    app.extensions[EXTENSION] = follower
    follower.wake = lambda: None  # type: ignore[method-assign]  # nothing runs beside what is measured
    client = app.test_client()
    ways: dict[str, Callable[[str], object]] = {
        "mémoire": lambda q: suggest(q, follower.snapshot),
        "par HTTP": lambda q: client.get("/api/v1/suggest", query_string={"q": q}),
        "termes": direct.terms,
        "préfixe": direct.prefix,
        "phrase": direct.phrase,
    }
    measure(ways, 1)
    taken = measure(ways, rounds)
    ours = statistics.median(taken["mémoire"])
    for name, times in taken.items():
        median, late = statistics.median(times), statistics.quantiles(times, n=100)[94]
        print(
            f"  {name:8} {median:8.2f} ms, 95 % sous {late:8.2f} ms, au plus {max(times):8.2f} ms  {median / ours:7.1f} fois"
        )


if __name__ == "__main__":
    main()
