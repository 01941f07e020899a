"""What it costs to search inside what somebody said, by how quotes are kept: `python -m bench.quotes_index [--count 20000]`.

    none      no quotes: what the rest costs
    flat      one text field, a value a quote that opens with a word for its speaker; the positions of two values are a
              thousand apart, so "the speaker's word and these words within one value" is an intervals query
    nested    a nested document a quote: speaker, text
    nested/s  a nested document a speaker: speaker, texts

Columns: dispatches/s into a fresh index (of 2 cores, with the making of bodies), megabytes, then milliseconds, the median of
searches, the shapes in turn: two words said by one speaker (20 results), the same with the facet of speakers, the
facet of speakers of an ordinary search, that of the whole archive, and an ordinary search of two words with the facet of
actors.
"""

from __future__ import annotations

import hashlib
import random
import statistics
import time
import uuid
from collections.abc import Iterator
from typing import Any

import click

from bench.corpus import Corpus
from engine.client import Engine
from engine.config import Settings
from engine.node import engine_for
from mappings.fields import PARAGRAPH_GAP, mapping
from mappings.lifecycle import settings as index_settings

QUOTES_A_DISPATCH = 4
SPEAKERS = 1500  # as many as persons.tsv had when measured
SEARCHES = 150
SHAPES = ("none", "flat", "nested", "nested/s")

Body = dict[str, Any]


def speaker_word(label: str) -> str:
    """The word that stands for a speaker in the flat field: no French word, and the same after analysis."""
    return "zq" + str(int(hashlib.sha256(label.encode()).hexdigest()[:12], 16))


def documents(count: int) -> Iterator[tuple[Body, list[tuple[str, str]]]]:
    """(document without quotes, its quotes as (speaker, text)): some speakers are quoted often, most seldom."""
    chance = random.Random(5)
    for number, text in enumerate(Corpus(seed=9).dispatches(count)):
        title, *body = [part for part in text.split("\n") if part]
        sentences = [sentence.strip() for paragraph in body for sentence in paragraph.split(". ") if len(sentence) > 60]
        main, other = (f"Nom{int(SPEAKERS * chance.random() ** 3)} Prénom" for _ in range(2))
        said = chance.sample(sentences, min(QUOTES_A_DISPATCH, len(sentences)))
        quotes = [(main if chance.random() < 0.7 else other, sentence) for sentence in said]
        actors = sorted({main, other})
        yield (
            {"id": str(number), "title": title, "lead": body[0], "body": body, "actors": actors, "status": "current"},
            quotes,
        )


def shaped(document: Body, quotes: list[tuple[str, str]], shape: str) -> Body:
    if shape == "none":
        return document
    speakers = sorted({speaker for speaker, _ in quotes})
    if shape == "flat":
        said = [f"{speaker_word(speaker)} {text}" for speaker, text in quotes]
        return {**document, "speakers": speakers, "said": said}
    if shape == "nested":
        return {**document, "quotes": [{"speaker": speaker, "text": text} for speaker, text in quotes]}
    return {
        **document,
        "quotes": [
            {"speaker": each, "text": [text for speaker, text in quotes if speaker == each]} for each in speakers
        ],
    }


def mapped(shape: str) -> Body:
    base = mapping()
    properties = dict(base["properties"])
    keyword = {"type": "keyword"}
    if shape == "flat":
        properties |= {"speakers": keyword, "said": properties["body"]}
    elif shape != "none":
        properties["quotes"] = {"type": "nested", "properties": {"speaker": keyword, "text": properties["body"]}}
    return {**base, "properties": properties}


def said_by(shape: str, speaker: str, words: list[str]) -> Body:
    """Dispatches where one quote of the speaker (one speaker's quotes, in `nested/s`) holds every word."""
    if shape == "flat":
        every = {"query": " ".join([speaker_word(speaker), *words]), "ordered": False, "max_gaps": PARAGRAPH_GAP - 1}
        near = {"intervals": {"said": {"match": every}}}
        # For the score.
        match = {"match": {"said": {"query": " ".join(words), "operator": "and"}}}
        return {"bool": {"filter": [{"term": {"speakers": speaker}}, near], "must": [match]}}
    inside = {
        "bool": {
            "filter": [{"term": {"quotes.speaker": speaker}}],
            "must": [{"match": {"quotes.text": {"query": " ".join(words), "operator": "and"}}}],
        }
    }
    return {"nested": {"path": "quotes", "score_mode": "max", "query": inside}}


def speaker_facet(shape: str) -> Body:
    if shape == "flat":
        return {"speakers": {"terms": {"field": "speakers", "size": 20}}}
    counted = {"terms": {"field": "quotes.speaker", "size": 20}, "aggs": {"dispatches": {"reverse_nested": {}}}}
    return {"quotes": {"nested": {"path": "quotes"}, "aggs": {"speakers": counted}}}


def search_ms(engine: Engine, index: str, body: Body) -> tuple[float, int]:
    """Milliseconds of one search, and how many dispatches it found."""
    started = time.perf_counter()
    answer = engine.search({"size": 20, "track_total_hits": True, "_source": ["title"], **body}, index=index)
    return (time.perf_counter() - started) * 1000, answer["hits"]["total"]["value"]


def asked(count: int) -> list[tuple[str, list[str]]]:
    """Speakers, and two words one of their quotes holds."""
    chance = random.Random(3)
    quotes = [quote for _, some in documents(min(count, 3000)) for quote in some]
    pairs = []
    for speaker, text in chance.sample(quotes, SEARCHES):
        words = sorted({word.strip(",.").lower() for word in text.split() if len(word) > 5 and word.islower()})
        pairs.append((speaker, chance.sample(words, min(2, len(words))) or ["ministre"]))
    return pairs


def load(engine: Engine, name: str, shape: str, made: list[tuple[Body, list[tuple[str, str]]]]) -> tuple[float, float]:
    """(dispatches/s, megabytes) of a fresh index."""
    engine.create_index(name, index_settings(), mapped(shape))
    actions = (
        {"_op_type": "create", "_index": name, "_id": doc["id"], "_source": shaped(doc, quotes, shape)}
        for doc, quotes in made
    )
    started = time.perf_counter()
    done = sum(outcome.done for outcome in engine.bulk(actions))
    rate = done / (time.perf_counter() - started)
    engine.refresh(name)
    return rate, engine.index_sizes(name)[name] / 1e6


def searches(shape: str, number: int, speaker: str, words: list[str]) -> dict[str, Body]:
    """The searches of the columns; in the last but one each leaves another dispatch out, so that no cache answers."""
    ordinary: Body = {"match": {"body": {"query": " ".join(words), "operator": "and"}}}
    plain = {"query": ordinary, "aggs": {"actors": {"terms": {"field": "actors", "size": 20}}}}
    if shape == "none":
        return {"ordinary": plain}
    said, facet = said_by(shape, speaker, words), speaker_facet(shape)
    everything: Body = {"bool": {"must_not": {"term": {"id": str(number)}}}}
    return {
        "said": {"query": said},
        "+facet": {"query": said, "aggs": facet},
        "facet": {"query": ordinary, "aggs": facet},
        "all": {"query": everything, "aggs": facet},
        "ordinary": plain,
    }


@click.command(help=__doc__)
@click.option("--count", type=int, default=20_000)
def main(count: int) -> None:
    made = list(documents(count))
    pairs = asked(count)
    run = uuid.uuid4().hex[:8]
    names = {shape: f"bench-quotes-{run}-{number}" for number, shape in enumerate(SHAPES)}
    with engine_for(Settings.from_env()) as engine:
        try:
            loaded = {shape: load(engine, names[shape], shape, made) for shape in SHAPES}
            took: dict[tuple[str, str], list[float]] = {}
            found = dict.fromkeys(SHAPES, 0)
            # Shapes take turns search by search, so that whatever else the machine does weighs on all alike.
            for turn in ("warm up", "measure"):
                for number, (speaker, words) in enumerate(pairs):
                    for shape in SHAPES:
                        for column, body in searches(shape, number, speaker, words).items():
                            milliseconds, hits = search_ms(engine, names[shape], body)
                            if turn == "measure":
                                took.setdefault((shape, column), []).append(milliseconds)
                                found[shape] += hits if column == "said" else 0
        finally:
            for name in names.values():
                engine.delete_index(name)
    columns = ("said", "+facet", "facet", "all", "ordinary")
    click.echo(f"{'':9}{'docs/s':>8}{'MB':>8}" + "".join(f"{column:>10}" for column in columns))
    for shape, (rate, size) in loaded.items():
        medians = [statistics.median(took[shape, column]) if (shape, column) in took else None for column in columns]
        cells = "".join(f"{'' if median is None else round(median, 2):>10}" for median in medians)
        click.echo(f"{shape:9}{rate:8.0f}{size:8.0f}{cells}   {found[shape]} found")


if __name__ == "__main__":
    main()
