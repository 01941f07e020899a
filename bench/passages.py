"""What our passages cost and where they begin and end, against the fragments Elasticsearch cuts: `python -m bench.passages`.

Sentences: gold sentences of UD French Sequoia set one after the other, six a paragraph; ends found by ours and by
Java's break iterator (`boundary_scanner: sentence`, fr-FR), precision and recall.

Time: milliseconds of searches that show 20 dispatches of an archive of `--count`, ordinary ones (3 KB) and long ones
(60 KB), without passages, with the engine's and with ours, in turn and never the same words twice; medians, and the
ratio of ours to the engine's.
"""

from __future__ import annotations

import random
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click

from bench.corpus import Corpus
from bench.load import fill
from engine.client import Engine
from engine.config import Settings
from engine.node import engine_for
from mappings import lifecycle
from mappings.dispatch import Dispatch
from mappings.lifecycle import Family
from search.compile import compile_request
from search.language import parse
from search.marks import read_all
from search.passages import passages
from search.request import SearchRequest
from search.sentences import sentences

DEFAULT_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
SENTENCES_A_PARAGRAPH, SHORTEST_SENTENCE = 6, 20
LONG, LONG_OF = 200, 20  # long dispatches, each of so many ordinary ones
SHOWN = 20
LONG_MARK = "zorglub"  # a word of the long ones alone

Body = dict[str, Any]

# The engine's own: three fragments of about 220 characters, at what it takes for ends of sentences.
FRAGMENTS: Body = {"number_of_fragments": 3, "fragment_size": 220, "order": "score"}
SCANNER: Body = {"boundary_scanner": "sentence", "boundary_scanner_locale": "fr-FR"}


# -- sentences -------------------------------------------------------------------------------------


def gold(data: Path) -> list[list[str]]:
    """Paragraphs, each as its sentences; headings and lines of lists, which end with no sign, are left out."""
    told: list[str] = []
    for part in ("dev", "train"):
        lines = (data / "ud-fr-sequoia" / f"fr_sequoia-ud-{part}.conllu").read_text(encoding="utf-8").splitlines()
        told += [line.removeprefix("# text = ").strip() for line in lines if line.startswith("# text = ")]
    told = [text for text in told if text[-1] in '.!?…»"' and len(text) > SHORTEST_SENTENCE]
    return [told[at : at + SENTENCES_A_PARAGRAPH] for at in range(0, len(told), SENTENCES_A_PARAGRAPH)]


def ends_of(paragraph: Sequence[str]) -> set[int]:
    ends, at = set(), -1
    for sentence in paragraph:
        at += 1 + len(sentence)
        ends.add(at)
    return ends


def of_engine(engine: Engine, family: Family, paragraphs: Sequence[str]) -> Iterator[set[int]]:
    """Where the engine ends a fragment when every word is marked and each sentence may be one."""
    fill(engine, family, (dispatch(f"s{at}", "T", (text,)) for at, text in enumerate(paragraphs)))
    every = {"highlight_query": {"prefix": {"body.exact": ""}}, "pre_tags": [""], "post_tags": [""], **SCANNER}
    fields = {"body": {"matched_fields": ["body.exact"], "number_of_fragments": 1000, "fragment_size": 0}}
    for number, text in enumerate(paragraphs):
        body = {"query": {"term": {"id": f"s{number}"}}, "_source": False, "highlight": every | {"fields": fields}}
        (hit,) = engine.search(body, index=family.read)["hits"]["hits"]
        ends, at = set(), 0
        for fragment in hit["highlight"]["body"]:
            at = text.index(fragment.strip(), at) + len(fragment.strip())
            ends.add(at)
        yield ends


def scored(found: Sequence[set[int]], right: Sequence[set[int]]) -> str:
    good = sum(len(one & other) for one, other in zip(found, right, strict=True))
    precision, recall = good / sum(map(len, found)), good / sum(map(len, right))
    return f"précision {precision:.4f}, rappel {recall:.4f}"


def measure_sentences(engine: Engine, family: Family, data: Path) -> None:
    paragraphs = gold(data)
    texts, right = [" ".join(paragraph) for paragraph in paragraphs], list(map(ends_of, paragraphs))
    started = time.perf_counter()
    ours = [{end for _, end in sentences(text)} for text in texts]
    speed = sum(map(len, texts)) / (time.perf_counter() - started) / 1e6
    click.echo(f"{sum(map(len, right))} phrases")
    click.echo(f"  les nôtres : {scored(ours, right)} ({speed:.0f} millions de caractères/s)")
    click.echo(f"  le moteur  : {scored(list(of_engine(engine, family, texts)), right)}")


# -- time ------------------------------------------------------------------------------------------


def dispatch(id: str, title: str, body: tuple[str, ...]) -> Dispatch:
    return Dispatch(id=id, title=title, title_derived=False, lead="", body=body, raw=b"", raw_encoding="utf-8")


def archive(count: int) -> Iterator[Dispatch]:
    """Ordinary dispatches, then the long ones."""
    texts = Corpus(seed=4).dispatches(count + LONG * LONG_OF)
    for number, text in enumerate(islice(texts, count)):
        title, *body = [part for part in text.split("\n") if part]
        yield dispatch(f"d{number}", title, tuple(body))
    for number in range(LONG):
        body = [part for text in islice(texts, LONG_OF) for part in text.split("\n") if part]
        yield dispatch(f"l{number}", "Dossier", (*body, LONG_MARK))


def engines(body: Body) -> Body:
    """The same search, the engine cutting passages itself."""
    marks = body["highlight"]
    fields = {**marks["fields"], "body": {**marks["fields"]["body"], **FRAGMENTS}}
    return body | {"highlight": {**marks, **SCANNER, "fields": fields}}


def shown(engine: Engine, index: str, body: Body) -> list[str]:
    """Every passage of an answer, cut by us."""
    hits = engine.search(body, index=index)["hits"]["hits"]
    marked = [read_all(hit.get("highlight", {}).get("body", ())) for hit in hits]
    return [passage.html(paragraphs) for paragraphs in marked for passage in passages(paragraphs)]


def measure_time(engine: Engine, index: str, rounds: int) -> None:
    chance = random.Random(7)
    words = [word for word in Corpus(seed=4)._words[100:3000] if len(word) > 4]
    kinds: tuple[tuple[str, Callable[[], str]], ...] = (
        ("ordinaires, un mot", lambda: chance.choice(words)),
        ("ordinaires, deux mots", lambda: " ".join(chance.sample(words[:600], 2))),
        ("longues, deux mots", lambda: f"{LONG_MARK} {chance.choice(words[:300])} {chance.choice(words[:300])}"),
    )
    for name, asked in kinds:
        taken: dict[str, list[float]] = {"sans": [], "du moteur": [], "les nôtres": []}
        for _ in range(rounds):
            request = SearchRequest(q=asked(), size=SHOWN, facets=())
            body = compile_request(request, parse(request.q), "Europe/Paris")
            ways: dict[str, Callable[[Body], object]] = {
                "sans": lambda body: engine.search({k: v for k, v in body.items() if k != "highlight"}, index=index),
                "du moteur": lambda body: engine.search(engines(body), index=index),
                "les nôtres": lambda body: shown(engine, index, body),
            }
            engine.search(body, index=index)  # warm: each way finds the same pages in memory
            for way in sorted(ways, key=lambda _: chance.random()):
                started = time.perf_counter()
                ways[way](body)
                taken[way].append(1000 * (time.perf_counter() - started))
        medians = {way: statistics.median(times) for way, times in taken.items()}
        ratio = statistics.median(
            ours / theirs for ours, theirs in zip(taken["les nôtres"], taken["du moteur"], strict=True)
        )
        cells = ", ".join(f"{way} {value:.1f} ms" for way, value in medians.items())
        click.echo(f"  {name:24} {cells} ; rapport {ratio:.2f}")


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path), default=DEFAULT_DATA)
@click.option("--count", default=100_000, show_default=True)
@click.option("--rounds", default=60, show_default=True)
def main(data: Path, count: int, rounds: int) -> None:
    with engine_for(Settings.from_env()) as engine:
        families = [Family(f"bench-{uuid.uuid4().hex[:8]}") for _ in range(2)]
        try:
            for family in families:
                lifecycle.create(engine, family)
            measure_sentences(engine, families[0], data)
            fill(engine, families[1], archive(count))
            click.echo(f"{count} dépêches et {LONG} longues, {SHOWN} montrées")
            measure_time(engine, families[1].read, rounds)
        finally:
            for family in families:
                for name in engine.indices(family.pattern):
                    engine.delete_index(name)


if __name__ == "__main__":
    main()
