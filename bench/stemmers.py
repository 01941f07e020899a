"""Which stemmer finds best, and what it costs, against Elasticsearch's stock `french` in the same run.

    python -m bench.stemmers [--data ../shared/data] [--rounds 5]

Every candidate shares our characters, elision, folding and stop words; only the stemmer differs. Columns:

- MEET, APART: the pairs of `tests/mappings/french_pairs.py` each candidate holds, in percent;
- PIAF: question -> passage (1,740 questions, 344 passages); WiNER: title -> article without its title (571);
  both with words joined by OR, BM25 as it comes: mean reciprocal rank of the first ten;
- ET: WiNER with words joined by AND, as the archive's search does: titles that find their article, in percent;
- speed of filling one text field with texts of about 3 KB, and its ratio to the stock analyzer; rounds alternate.
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
from tests.mappings.french_pairs import APART, MEET, analysed, meets

RANKS = 10

# Articles joined to make a text as long as a dispatch, and how often the whole is loaded in a round.
JOINED, COPIES = 3, 12

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


def ranks(engine: Engine, index: str, task: Task, operator: str) -> list[int | None]:
    """For each question the rank of its text, from 1; None when it is not among the first ten."""
    found: list[int | None] = []
    for question, answer in task.questions:
        body = {
            "query": {"match": {"text": {"query": question, "operator": operator}}},
            "size": RANKS,
            "_source": False,
        }
        ids = [hit["_id"] for hit in engine.search(body, index=index)["hits"]["hits"]]
        found.append(ids.index(f"0-{answer}") + 1 if f"0-{answer}" in ids else None)
    return found


def reciprocal(found: list[int | None]) -> float:
    return statistics.mean(1 / rank if rank else 0.0 for rank in found)


def held(engine: Engine, index: str, analyzer: str) -> tuple[float, float]:
    """Percentage of the pairs that meet, of those that stay apart."""
    texts = sorted({text for pair in (*MEET, *APART) for text in pair})
    words = analysed(engine, index, analyzer, texts)
    together = [meets(words[query], words[text]) for query, text in MEET]
    apart = [not meets(words[query], words[text]) for query, text in APART]
    return 100 * statistics.mean(together), 100 * statistics.mean(apart)


def quality(engine: Engine, tasks: list[Task], stemmer: list[str] | None) -> list[float]:
    """The columns before the speed."""
    row: list[float] = []
    for task in tasks:
        index = create(engine, stemmer)
        try:
            if not row:
                row += held(engine, index, analysis(stemmer)[1])
            fill(engine, index, task.texts)
            engine.refresh(index)
            row.append(reciprocal(ranks(engine, index, task, "or")))
            if task is tasks[-1]:
                found = ranks(engine, index, task, "and")
                row.append(100 * statistics.mean(rank is not None for rank in found))
        finally:
            engine.delete_index(index)
    return row


def speed(engine: Engine, texts: list[str], stemmer: list[str] | None) -> float:
    index = create(engine, stemmer)
    try:
        return fill(engine, index, texts, copies=COPIES)
    finally:
        engine.delete_index(index)


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), default=Path("../shared/data"))
@click.option("--rounds", type=int, default=5)
def main(data: Path, rounds: int) -> None:
    """Mesure chaque racinisation : ce qu'elle trouve, et sa vitesse rapportée à l'analyseur d'origine."""
    tasks = [piaf(data), winer(data)]
    with ExitStack() as stack:
        engine = stack.enter_context(engine_for(Settings.from_env()))
        texts = ["\n".join(tasks[1].texts[at : at + JOINED]) for at in range(0, len(tasks[1].texts), JOINED)]
        rates: dict[str, list[float]] = {name: [] for name in CANDIDATES}
        for turn in range(rounds + 1):
            for name, stemmer in CANDIDATES.items():
                rate = speed(engine, texts, stemmer)
                if turn:  # the first round warms the server up
                    rates[name].append(rate)
        base = rates["stock french"]
        print(f"{'':26}{'MEET':>6}{'APART':>7}{'PIAF':>8}{'WiNER':>8}{'ET':>7}{'docs/s':>9}{'ratio':>7}")
        for name, stemmer in CANDIDATES.items():
            together, apart, questions, titles, all_words = quality(engine, tasks, stemmer)
            ratio = statistics.median(rate / reference for rate, reference in zip(rates[name], base, strict=True))
            print(
                f"{name:26}{together:6.1f}{apart:7.1f}{questions:8.3f}{titles:8.3f}{all_words:7.1f}"
                f"{statistics.median(rates[name]):9.0f}{ratio:7.2f}"
            )


if __name__ == "__main__":
    main()
