"""What other names add to a search for a name, and what they cost: `python -m bench.widening [--data FOLDER] [--copies 40]`

Every name of the authorities that has others is sought in 571 articles of Wikinews (WiNER-fr), as typed and with its other
names (search/widening.py). Printed: how many names find something, how many dispatches as typed and with the others, those
that gain most and through which name. Then the time of both searches, asked in turn, of the names that find something, as a
multiple: medians over an archive of so many copies of the articles.

The data is for measuring and is not part of the repository: `--data`, or a folder `shared/data` beside the clone.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from authorities.loader import load_authorities
from bench.learn_names import DEFAULT_DATA
from bench.relevance import Body, dispatch, index, timed
from bench.relevance_sets import known_items
from engine.client import Engine
from engine.config import Settings
from engine.node import engine_for
from mappings.dispatch import to_document
from mappings.fields import mapping
from mappings.french import ANALYSIS
from search.compile import compile_query, required
from search.language import parse
from search.naming import Naming
from search.tokens import OPERATORS
from search.tree import Named, Phrase, Query
from search.widening import Widening

# Counted in one request; rows shown; searches timed.
AT_ONCE, SHOWN, TIMED = 100, 15, 150


@dataclass(frozen=True, slots=True)
class Sought:
    """A name as typed, and the same with its other names."""

    typed: Query
    widened: Query

    @property
    def others(self) -> tuple[str, ...]:
        (node,) = self.widened.nodes
        assert isinstance(node, Named)
        return node.others


def sought() -> Iterator[Sought]:
    naming = Naming(load_authorities())
    widening = Widening(naming)
    for names in naming.meanings.values():
        # A name that holds a sign of the language ("ou" in capitals) is typed small.
        text = " ".join(word.lower() if word in OPERATORS else word for word in names[0].text.split())
        typed = replace(parse(text), asks="all")
        widened = widening.widen(typed)
        if len(widened.nodes) == 1 and isinstance(widened.nodes[0], Named):
            yield Sought(typed, widened)


def counts(engine: Engine, name: str, queries: Sequence[Query]) -> list[int]:
    found: list[int] = []
    for start in range(0, len(queries), AT_ONCE):
        some = queries[start : start + AT_ONCE]
        filters = {str(number): {"bool": {"filter": required(query)}} for number, query in enumerate(some)}
        body = {"size": 0, "track_total_hits": False, "aggs": {"each": {"filters": {"filters": filters}}}}
        buckets = engine.search(body, index=name)["aggregations"]["each"]["buckets"]
        found += [buckets[str(number)]["doc_count"] for number in range(len(some))]
    return found


def found(engine: Engine, name: str, names: Sequence[Sought]) -> list[Sought]:
    """Prints what is found, and gives back the names that find something."""
    typed = counts(engine, name, [each.typed for each in names])
    widened = counts(engine, name, [each.widened for each in names])
    rows = [row for row in zip(names, typed, widened, strict=True) if row[2]]
    fresh = sum(not before for _, before, _ in rows)
    more = sum(after > before for _, before, after in rows)
    print(f"{len(names)} names have others; {len(rows)} find something: {fresh} of them nothing as typed, {more} more")
    print(
        f"dispatches of a name that finds some, mean: as typed {statistics.mean(typed):.2f}, with the others {statistics.mean(widened):.2f}"
    )
    for each, before, after in sorted(rows, key=lambda row: row[1] - row[2])[:SHOWN]:
        own = counts(engine, name, [Query((Phrase(other, 0, 1),)) for other in each.others])
        told = ", ".join(f"{other} {count}" for other, count in zip(each.others, own, strict=True) if count)
        print(f"  {each.typed}: {before} -> {after} ({told})")
    return [each for each, _, _ in rows]


def cost(engine: Engine, name: str, names: Sequence[Sought]) -> None:
    """Prints the time of a page of results for both, asked in turn."""
    times: dict[str, list[float]] = {"as typed": [], "with the others": []}
    for number, each in enumerate(names):
        ways = [("as typed", each.typed), ("with the others", each.widened)]
        for told, query in ways if number % 2 else reversed(ways):
            body: Body = {"query": compile_query(query)}
            times[told].append(timed(engine, name, body).ms)
    typed, widened = (statistics.median(each) for each in times.values())
    print(f"ms: as typed {typed:.2f}, with the others {widened:.2f}, ratio {widened / typed:.2f}")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=DEFAULT_DATA)
@click.option("--copies", default=40)
def main(data: Path, copies: int) -> None:
    texts = known_items(data)[1].texts
    documents = [to_document(dispatch(number, text)) for number, text in enumerate(texts)]
    with engine_for(Settings.from_env()) as engine:
        with index(engine, {"analysis": ANALYSIS}, mapping(), documents) as name:
            names = found(engine, name, list(sought()))
        with index(engine, {"analysis": ANALYSIS}, mapping(), documents * copies) as name:
            cost(engine, name, names[:: max(1, len(names) // TIMED)])


if __name__ == "__main__":
    main()
