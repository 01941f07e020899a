"""Does the reader get the passage first? `python -m bench.relevance [--data FOLDER] [--only NAME]...`

Questions to passages and known items (bench/relevance_sets.py), against Elasticsearch as it comes: its `french` analyzer
and a `multi_match` over the same title, lead and body, words joined by OR (`et`: by AND), in the same run. Ours is the body
that search/compile.py makes of what is typed, over the archive's own mapping. Where nothing is found, ours is asked again
as the page proposes it, the words no dispatch has replaced by the nearest (search/typos.py).

- MRR and nDCG of the first ten, with the standard error; A, B: MRR by halves (articles are split by a hash of their
  names). A constant was kept where it served both halves; none was fitted to a decimal.
- ms: median of a search as the client sees it, the two asked in turn; ratio of the medians.
- Typed otherwise (`--variants`): how much of the first ten stays, and MRR over that of the words as they were.

The data is for measuring and is not part of the repository: `--data`, or a folder `shared/data` beside the clone.
"""

from __future__ import annotations

import math
import random
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from authorities.loader import load_authorities
from bench.learn_names import DEFAULT_DATA
from bench.relevance_sets import VARIANTS, Task, Text, afriqa, known_items, piaf
from engine.client import Engine
from engine.config import Settings
from engine.errors import QuerySyntaxError
from engine.node import engine_for
from indexer.parse import derive_title
from mappings.dispatch import Dispatch, to_document
from mappings.fields import mapping
from mappings.french import ANALYSIS
from search.compile import compile_query, order
from search.language import Query, parse
from search.meaning import settle
from search.names import Names
from search.tree import Word, within
from search.typos import nearest_words

Body = dict[str, Any]

RANKS = 10

# Questions of a task typed otherwise, evenly drawn: their overlap has a standard error below 1.5 points.
SAMPLE = 200

TODAY = date(2026, 1, 1)

FIELDS = ("title", "lead", "body")


@dataclass(frozen=True, slots=True)
class Answer:
    """The first ten, best first, and how long they took, in milliseconds."""

    ids: tuple[str, ...]
    ms: float

    def rank(self, answer: int) -> int | None:
        return self.ids.index(str(answer)) + 1 if str(answer) in self.ids else None


Way = Callable[[str], Answer]


def dispatch(number: int, text: Text) -> Dispatch:
    """As the loader makes one of a text: a title that is not there is cut from the lead."""
    lead = text.paragraphs[0]
    title = text.title or derive_title(lead)
    return Dispatch(str(number), text.paragraphs, title, not text.title, lead, b"", "utf-8")


@contextmanager
def index(engine: Engine, settings: Body, mappings: Body, documents: Sequence[Body]) -> Iterator[str]:
    name = f"bench-relevance-{uuid.uuid4().hex[:8]}"
    one = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"}
    engine.create_index(name, one | settings, mappings)
    try:
        actions = [
            {"_op_type": "create", "_index": name, "_id": str(number), "_source": document}
            for number, document in enumerate(documents)
        ]
        assert all(outcome.done for outcome in engine.bulk(actions))
        engine.refresh(name)
        yield name
    finally:
        engine.delete_index(name)


def baseline(engine: Engine, name: str, operator: str) -> Way:
    def ask(typed: str) -> Answer:
        query = {"multi_match": {"query": typed, "fields": list(FIELDS), "operator": operator}}
        return timed(engine, name, {"query": query})

    return ask


def ours(engine: Engine, name: str, names: Names) -> Way:
    """What is typed, as the page answers it; asked again as proposed where nothing is found."""

    def once(typed: str) -> Answer:
        query = settle(read(typed), names, TODAY, "Europe/Paris")
        return timed(engine, name, {"query": compile_query(query), "sort": order("relevance")})

    def ask(typed: str) -> Answer:
        found = once(typed)
        if found.ids:
            return found
        words = [each.text for node in read(typed).nodes for each in within(node) if isinstance(each, Word)]
        near = nearest_words(lambda body: engine.search(body, index=name), words)
        return once(" ".join(near.get(word, word) for word in typed.split())) if near else found

    return ask


def read(typed: str) -> Query:
    """What is typed, or what the page says to type instead: capitals make an operator of "ou"."""
    try:
        return parse(typed)
    except QuerySyntaxError as error:
        return parse(error.suggestion or "")


def timed(engine: Engine, name: str, body: Body) -> Answer:
    start = time.perf_counter()
    answer = engine.search(body | {"size": RANKS, "_source": False, "track_total_hits": True}, index=name)
    ms = 1000 * (time.perf_counter() - start)
    return Answer(tuple(hit["_id"] for hit in answer["hits"]["hits"]), ms)


@dataclass(frozen=True, slots=True)
class Ways:
    """The baseline, words joined by OR and by AND, and ours, over the same texts."""

    either: Way
    every: Way
    ours: Way


@contextmanager
def ways(engine: Engine, names: Names, texts: Sequence[Text]) -> Iterator[Ways]:
    documents = [to_document(dispatch(number, text)) for number, text in enumerate(texts)]
    plain = {"type": "text", "analyzer": "french"}
    bare = [{name: document[name] for name in FIELDS} for document in documents]
    with (
        index(engine, {}, {"properties": dict.fromkeys(FIELDS, plain)}, bare) as stock,
        index(engine, {"analysis": ANALYSIS}, mapping(), documents) as own,
    ):
        yield Ways(baseline(engine, stock, "or"), baseline(engine, stock, "and"), ours(engine, own, names))


# -- measures --------------------------------------------------------------------------------------


def reciprocal(rank: int | None) -> float:
    return 1 / rank if rank else 0.0


def gain(rank: int | None) -> float:
    """nDCG of one right answer."""
    return 1 / math.log2(rank + 1) if rank else 0.0


def overlap(one: Answer, other: Answer) -> float:
    """How much of the first ten of two answers is the same."""
    longest = max(len(one.ids), len(other.ids))
    return len(set(one.ids) & set(other.ids)) / longest if longest else 1.0


def row(name: str, task: Task, answers: Sequence[Answer], reference: Sequence[Answer]) -> str:
    ranks = [answer.rank(asked.answer) for answer, asked in zip(answers, task.asked, strict=True)]
    scores = [reciprocal(rank) for rank in ranks]
    error = statistics.stdev(scores) / math.sqrt(len(scores))
    halves = [
        statistics.mean(score for score, asked in zip(scores, task.asked, strict=True) if asked.half == half)
        for half in (0, 1)
    ]
    ms, base = (statistics.median(answer.ms for answer in each) for each in (answers, reference))
    return (
        f"{task.name:13}{name:10}{statistics.mean(scores):8.3f} ±{error:.3f}{halves[0]:8.3f}{halves[1]:8.3f}"
        f"{statistics.mean(map(gain, ranks)):8.3f}{ms:8.2f}{ms / base:7.2f}"
    )


def measure(task: Task, found: Ways) -> list[tuple[Answer, Answer]]:
    """Print the rows of one task; what the baseline and ours answered to each question."""
    turns = [(found.either(asked.typed), found.every(asked.typed), found.ours(asked.typed)) for asked in task.asked]
    either, every, own = (list(column) for column in zip(*turns, strict=True))
    for name, answers in (("french", either), ("french, et", every), ("nous", own)):
        print(row(name, task, answers, either), flush=True)
    return list(zip(either, own, strict=True))


def vary(task: Task, found: Ways, clean: Sequence[tuple[Answer, Answer]]) -> None:
    """Print how much stays when the same is typed otherwise, where that changes what is typed."""
    drawn = list(zip(task.asked, clean, strict=True))[:: max(1, len(clean) // SAMPLE)]
    for name, variant in VARIANTS.items():
        chance = random.Random(1)
        kept: list[tuple[float, float]] = []
        scores: list[tuple[float, float]] = []
        for asked, (stock, own) in drawn:
            other = variant(asked.typed, chance)
            if other != asked.typed:
                after = found.ours(other)
                kept.append((overlap(own, after), overlap(stock, found.either(other))))
                scores.append((reciprocal(own.rank(asked.answer)), reciprocal(after.rank(asked.answer))))
        if kept:
            same, stock_same = (100 * statistics.mean(column) for column in zip(*kept, strict=True))
            before, after_mrr = (statistics.mean(column) for column in zip(*scores, strict=True))
            print(
                f"{task.name:13}{name:18}{len(kept):6}{same:9.1f} %{after_mrr:9.3f}{100 * after_mrr / before:9.1f} %"
                f"{stock_same:12.1f} %",
                flush=True,
            )


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), default=DEFAULT_DATA)
@click.option("--only", multiple=True, help="PIAF, AfriQA, titres, mots rares, mots voisins")
@click.option("--variants/--no-variants", default=True)
def main(data: Path, only: tuple[str, ...], variants: bool) -> None:
    """Mesure à quel rang vient le bon passage, face à l'analyseur `french` d'origine."""
    tasks = [task for task in (piaf(data), afriqa(data), *known_items(data)) if not only or task.name in only]
    names = Names(load_authorities())
    with ExitStack() as stack:
        engine = stack.enter_context(engine_for(Settings.from_env()))
        opened = [(task, stack.enter_context(ways(engine, names, task.texts))) for task in tasks]
        print(f"{'':23}{'MRR@10':>8}{'':7}{'A':>8}{'B':>8}{'nDCG@10':>8}{'ms':>8}{'ratio':>7}")
        clean = [measure(task, found) for task, found in opened]
        if variants:
            print(f"\n{'':31}{'n':>6}{'mêmes 10':>11}{'MRR':>9}{'du net':>11}{'french, mêmes':>14}")
            for (task, found), answers in zip(opened, clean, strict=True):
                vary(task, found, answers)


if __name__ == "__main__":
    main()
