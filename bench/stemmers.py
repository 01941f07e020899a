"""Which stemmer finds best, and what it costs, against Elasticsearch's stock `french` analyzer in the same run.

    python bench/stemmers.py [--data ../shared/data] [--rounds 5]

Every candidate shares our characters, elision, folding and stop words; only the stemmer differs. Two tasks:
question -> passage (PIAF, 1,740 questions, 344 passages) and title -> article without its title (WiNER-fr, 571
articles), words joined by OR, BM25 as it comes, mean reciprocal rank of the first ten.
Speed is documents/s of articles of 3 KB into one text field, as a ratio to the stock analyzer; rounds alternate.
"""

from __future__ import annotations

import json
import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from engine.client import Engine
from engine.config import Settings
from engine.node import engine_for
from mappings.french import ANALYSIS

RANKS = 10

# The stemming part of each candidate; `None` is the stock analyzer, whole.
IRREGULAR = "fr_irregular"
INFLECTION = ["reverse", "fr_inflection", "reverse"]
CANDIDATES: dict[str, list[str] | None] = {
    "stock french": None,
    "no stemmer": [],
    "minimal_french": ["minimal"],
    "light_french": ["light"],
    "snowball french": ["snowball"],
    "irregular, light_french": [IRREGULAR, "light"],
    "inflection, light_french": [IRREGULAR, *INFLECTION, "light"],
    "inflection, snowball": [IRREGULAR, *INFLECTION, "snowball"],
    "inflection (ours)": [IRREGULAR, *INFLECTION],
}
STEMMERS = {
    "minimal": {"type": "stemmer", "language": "minimal_french"},
    "light": {"type": "stemmer", "language": "light_french"},
    "snowball": {"type": "stemmer", "language": "french"},
}


@dataclass(frozen=True, slots=True)
class Task:
    """Texts, and questions with the number of the text that answers each."""

    name: str
    texts: list[str]
    questions: list[tuple[str, int]]


def piaf(data: Path) -> Task:
    texts: list[str] = []
    questions: list[tuple[str, int]] = []
    for article in json.loads((data / "piaf" / "piaf_dev.json").read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            questions += [(qa["question"], len(texts)) for qa in paragraph["qas"]]
            texts.append(paragraph["context"])
    return Task("PIAF", texts, questions)


def winer(data: Path) -> Task:
    lines = (data / "winer-fr-2016" / "winer_fr_2016.jsonl").read_text("utf-8").splitlines()
    articles = [json.loads(line) for line in lines]
    texts = [article["text"].removeprefix(article["title"]) for article in articles]
    return Task("WiNER", texts, [(article["title"], number) for number, article in enumerate(articles)])


def analysis(stemmer: list[str] | None) -> tuple[dict[str, Any], str]:
    """Index analysis with this stemmer, and the analyzer's name."""
    if stemmer is None:
        return {}, "french"
    ours = ANALYSIS["analyzer"]["fr"]
    before = [name for name in ours["filter"] if name not in (IRREGULAR, *INFLECTION)]
    return {
        "char_filter": ANALYSIS["char_filter"],
        "filter": {**ANALYSIS["filter"], **STEMMERS},
        "analyzer": {"candidate": {**ours, "filter": [*before, *stemmer]}},
    }, "candidate"


def create(engine: Engine, stemmer: list[str] | None) -> str:
    name = f"bench-french-{uuid.uuid4().hex[:8]}"
    settings, analyzer = analysis(stemmer)
    engine.create_index(
        name,
        {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1", "analysis": settings},
        {"properties": {"text": {"type": "text", "analyzer": analyzer, "index_options": "offsets"}}},
    )
    return name


def fill(engine: Engine, index: str, texts: list[str], copies: int = 1) -> float:
    """Index the texts; documents/s."""
    actions: Iterator[dict[str, Any]] = (
        {"_op_type": "create", "_index": index, "_id": f"{copy}-{number}", "_source": {"text": text}}
        for copy in range(copies)
        for number, text in enumerate(texts)
    )
    start = time.perf_counter()
    done = sum(outcome.done for outcome in engine.bulk(actions))
    return done / (time.perf_counter() - start)


def reciprocal_rank(engine: Engine, task: Task, stemmer: list[str] | None) -> float:
    index = create(engine, stemmer)
    try:
        fill(engine, index, task.texts)
        engine.refresh(index)
        total = 0.0
        for question, answer in task.questions:
            body = {"query": {"match": {"text": question}}, "size": RANKS, "_source": False}
            hits = engine.search(body, index=index)["hits"]["hits"]
            ranks = [rank for rank, hit in enumerate(hits, 1) if hit["_id"] == f"0-{answer}"]
            total += 1 / ranks[0] if ranks else 0.0
        return total / len(task.questions)
    finally:
        engine.delete_index(index)


def speed(engine: Engine, texts: list[str], stemmer: list[str] | None) -> float:
    index = create(engine, stemmer)
    try:
        return fill(engine, index, texts, copies=6)
    finally:
        engine.delete_index(index)


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), default=Path("../shared/data"))
@click.option("--rounds", type=int, default=5)
def main(data: Path, rounds: int) -> None:
    """Mesure chaque racinisation : rang moyen de la bonne réponse, vitesse rapportée à l'analyseur d'origine."""
    tasks = [piaf(data), winer(data)]
    with ExitStack() as stack:
        engine = stack.enter_context(engine_for(Settings.from_env()))
        texts = tasks[1].texts
        rates: dict[str, list[float]] = {name: [] for name in CANDIDATES}
        for turn in range(rounds + 1):
            for name, stemmer in CANDIDATES.items():
                rate = speed(engine, texts, stemmer)
                if turn:  # the first round warms the server up
                    rates[name].append(rate)
        base = rates["stock french"]
        print(f"{'':26}{'PIAF':>8}{'WiNER':>8}{'docs/s':>9}{'ratio':>8}")
        for name, stemmer in CANDIDATES.items():
            found = [reciprocal_rank(engine, task, stemmer) for task in tasks]
            ratio = statistics.median(rate / reference for rate, reference in zip(rates[name], base, strict=True))
            print(f"{name:26}{found[0]:8.3f}{found[1]:8.3f}{statistics.median(rates[name]):9.0f}{ratio:8.2f}")


if __name__ == "__main__":
    main()
