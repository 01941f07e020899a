"""How well dispatches on the same matter are found, against Elasticsearch's `more_like_this`: `python -m bench.similar`.

Three sets of texts of which somebody else has said what belongs together:

    PIAF      passages of Wikipedia; on the same matter: of the same article (three passages or more)
    halves    WiNER-fr articles cut in two in the middle; on the same matter: the other half alone
    WiNER     whole articles; on the same matter: two named entities in common that at most ten articles have

Columns: precision@5 (of what could be found: of two others, both found are 1), and the reciprocal rank of the first
right one, over the even texts (weights and the threshold were chosen on those of PIAF and the halves) and the odd ones.
Then, by nearness, how many of the five found are right; and milliseconds of both, in turn, medians.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from authorities.loader import load_authorities
from bench.load import drop, fill, fresh
from engine.client import Engine
from engine.config import Settings
from engine.node import engine_for
from indexer.build import Builder
from indexer.raw import RawDispatch
from mappings.dispatch import Dispatch, Source
from search.significant import MOST_WORDS, significant, whole_text
from search.similar import NEAR_ENOUGH, Weights, itself, others

DEFAULT_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
FOUND = 5
RAREST = 10  # articles that have an entity, at most, for it to tell what an article is about
SHORTEST_HALF = 400  # characters
NEARNESSES = (0.0, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 1.0)

Body = dict[str, Any]
Search = Callable[[Dispatch], Body]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Texts by id, and which others each should find."""

    name: str
    texts: Mapping[str, str]
    right: Mapping[str, frozenset[str]]


def piaf(data: Path) -> Shelf:
    texts: dict[str, str] = {}
    right: dict[str, frozenset[str]] = {}
    for number, article in enumerate(json.loads((data / "piaf" / "piaf_dev.json").read_text())["data"]):
        own = {f"{number}-{at}": passage["context"] for at, passage in enumerate(article["paragraphs"])}
        texts |= own
        if len(own) >= 3:
            right |= {id: frozenset(own) - {id} for id in own}
    return Shelf("PIAF", texts, right)


def articles(data: Path) -> Iterator[dict[str, Any]]:
    with (data / "winer-fr-2016" / "winer_fr_2016.jsonl").open() as lines:
        yield from map(json.loads, lines)


def halves(data: Path) -> Shelf:
    texts: dict[str, str] = {}
    for article in articles(data):
        _, *paragraphs = article["text"].split("\n\n")
        middle = len(paragraphs) // 2
        two = ["\n\n".join(paragraphs[:middle]), "\n\n".join(paragraphs[middle:])]
        if min(map(len, two)) >= SHORTEST_HALF:
            texts |= {f"{article['id']}/{side}": text for side, text in zip("12", two, strict=True)}
    other = {"1": "2", "2": "1"}
    return Shelf("halves", texts, {id: frozenset({id[:-1] + other[id[-1]]}) for id in texts})


def winer(data: Path) -> Shelf:
    texts, named = {}, {}
    for article in articles(data):
        texts[article["id"]] = article["text"]
        told = (entity for entity in article["entities"] if entity["type"] not in ("Date", "Hour"))
        named[article["id"]] = {entity["text"].lower() for entity in told}
    common = Counter(name for names in named.values() for name in names)
    rare = {id: {name for name in names if common[name] <= RAREST} for id, names in named.items()}
    right = {id: frozenset(o for o in rare if o != id and len(rare[id] & rare[o]) >= 2) for id in rare}
    return Shelf("WiNER", texts, {id: found for id, found in right.items() if len(found) >= 2})


def dispatches(shelf: Shelf, builder: Builder) -> list[Dispatch]:
    """Every text as it would enter, each a story of its own."""
    built = (
        (id, builder.build(RawDispatch(text.encode(), text, "utf-8", Source()))) for id, text in shelf.texts.items()
    )
    return [replace(dispatch, id=id, story=id) for id, dispatch in built]


def stock(index: str, **options: Any) -> Search:
    """`more_like_this` of title and body."""

    def search(dispatch: Dispatch) -> Body:
        like = [{"_index": index, "_id": dispatch.id}]
        return {"query": {"more_like_this": {"fields": ["title", "body"], "like": like, **options}}, "size": FOUND}

    return search


def ours(engine: Engine, index: str, weights: Weights, most: int = MOST_WORDS) -> Search:
    def search(dispatch: Dispatch) -> Body:
        words = significant(engine.term_vectors(index, dispatch.id, "body"), whole_text(dispatch.body), most)
        return others(dispatch, words, FOUND, weights)

    return search


def measured(
    engine: Engine, index: str, asked: Sequence[Dispatch], right: Shelf, search: Search
) -> tuple[float, float]:
    """(precision@5, mean reciprocal rank)."""
    precisions, ranks = [], []
    for dispatch in asked:
        hits = engine.search(search(dispatch) | {"_source": False}, index=index)["hits"]["hits"]
        good = [hit["_id"] in right.right[dispatch.id] for hit in hits]
        precisions.append(sum(good) / min(FOUND, len(right.right[dispatch.id])))
        ranks.append(next((1 / (rank + 1) for rank, each in enumerate(good) if each), 0.0))
    return statistics.mean(precisions), statistics.mean(ranks)


def nearnesses(
    engine: Engine, index: str, asked: Sequence[Dispatch], shelf: Shelf
) -> Iterator[tuple[float, bool, bool]]:
    """(nearness, whether right, whether an actor, a venue or a topic is shared) of all that is found."""
    for dispatch in asked:
        words = significant(engine.term_vectors(index, dispatch.id, "body"), whole_text(dispatch.body))
        own, found = engine.search_all([itself(dispatch, words), others(dispatch, words, FOUND)], index=index)
        if not own["hits"]["hits"]:
            continue
        best = own["hits"]["hits"][0]["_score"]
        mine = {*dispatch.actors, *dispatch.venues, *dispatch.topics}
        for hit in found["hits"]["hits"]:
            theirs = {value for name in ("actors", "venues", "topics") for value in hit["_source"].get(name, ())}
            yield hit["_score"] / best, hit["_id"] in shelf.right.get(dispatch.id, ()), bool(mine & theirs)


def print_nearness(rows: Sequence[tuple[float, bool, bool]], title: str) -> None:
    click.echo(f"  {title}")
    for low, high in zip(NEARNESSES, NEARNESSES[1:], strict=False):
        cells = []
        for told, shared in (("sans valeur commune", False), ("avec", True)):
            inside = [good for nearness, good, both in rows if low <= nearness < high and both is shared]
            cells.append(
                f"{told} {sum(inside):4}/{len(inside):4}" + (f" = {sum(inside) / len(inside):.2f}" if inside else "")
            )
        click.echo(f"    {low:.2f} à {high:.2f}   " + "   ".join(f"{cell:38}" for cell in cells))
    kept = [good for nearness, good, _ in rows if nearness >= NEAR_ENOUGH]
    click.echo(f"    gardés : {len(kept)} sur {len(rows)}, justes {sum(kept) / len(kept):.2f}")


def times(engine: Engine, index: str, asked: Sequence[Dispatch], searches: Mapping[str, Search]) -> None:
    taken: dict[str, list[float]] = {name: [] for name in searches}
    for dispatch in asked[:200]:
        for name, search in searches.items():
            started = time.perf_counter()
            engine.search(search(dispatch), index=index)
            taken[name].append(1000 * (time.perf_counter() - started))
    click.echo("  ms : " + ", ".join(f"{name} {statistics.median(each):.1f}" for name, each in taken.items()))


def run(engine: Engine, shelf: Shelf, builder: Builder) -> None:
    family = fresh(engine)
    index = family.read
    try:
        loaded = dispatches(shelf, builder)
        fill(engine, family, loaded)
        asked = [dispatch for dispatch in loaded if dispatch.id in shelf.right]
        halved = {"pairs": asked[::2], "impairs": asked[1::2]}
        base = Weights()
        searches: dict[str, Search] = {
            "more_like_this": stock(index),
            "more_like_this, un mot suffit": stock(
                index, min_term_freq=1, min_doc_freq=2, minimum_should_match="10%", max_query_terms=MOST_WORDS
            ),
            "le nôtre": ours(engine, index, base),
            "  15 mots": ours(engine, index, base, 15),
            "  60 mots": ours(engine, index, base, 60),
            "  sans titre": ours(engine, index, replace(base, title=0)),
            "  titre double": ours(engine, index, replace(base, title=1)),
            "  sans valeurs": ours(engine, index, replace(base, actors=0, venues=0, topics=0)),
            "  valeurs doubles": ours(engine, index, replace(base, actors=2, venues=1, topics=1)),
        }
        click.echo(f"{shelf.name} : {len(loaded)} textes, {len(asked)} cherchent")
        for name, search in searches.items():
            cells = [measured(engine, index, some, shelf, search) for some in halved.values()]
            click.echo(f"  {name:32}" + "".join(f"{precision:9.3f}{rank:7.3f}" for precision, rank in cells))
        for name, start in (("pairs", 0), ("impairs", 1)):
            print_nearness(list(nearnesses(engine, index, loaded[start::2], shelf)), f"proximité, {name}")
        times(engine, index, asked, {name: searches[name] for name in ("more_like_this", "le nôtre")})
    finally:
        drop(engine, family)


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path), default=DEFAULT_DATA)
def main(data: Path) -> None:
    builder = Builder(load_authorities())
    with engine_for(Settings.from_env()) as engine:
        for shelf in (piaf(data), halves(data), winer(data)):
            run(engine, shelf, builder)


if __name__ == "__main__":
    main()
