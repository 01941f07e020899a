"""Who said what, against the annotated dispatches of `tests/gold/quotes.txt`: `python -m bench.quotes [--held-out] [--show]`.

A quote counts when its speaker is right, `direct` agrees, and it overlaps the annotated one by half or more of what both
cover (intersection over union). The baseline, in the same run: every pair of marks and every "que" after a verb of
speech, under the name that stands last before it. Rules are written with one half; the other is shown with `--held-out` as totals
only, unless `--show` asks for what went wrong.
Speed: finding quotes on top of `Enricher.enrich`, dispatches of 3 KB, processor time, the best of rounds.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from authorities.loader import load_authorities
from authorities.model import Authorities, Organisation, Person
from indexer.enrich import Enricher
from indexer.quotes import find_quotes
from indexer.quotes_marks import marked, sentences
from indexer.quotes_verbs import listener
from mappings.dispatch import Mention, Quote

HERE = Path(__file__).resolve().parent.parent
GOLD = HERE / "tests" / "gold" / "quotes.txt"
SAMPLES = HERE / "samples"
ANNOTATED = re.compile(r"\{\{(?P<direct>[^:{}]+): (?P<words>.*?)\}\}|\[\[(?P<reported>[^:\[\]]+): (?P<clause>.*?)\]\]")
LEAST_OVERLAP = 0.5
DISPATCH_SIZE = 3000  # characters
ROUNDS = 7

Finding = Callable[[Sequence[str], Sequence[Mention]], Sequence[Quote]]


@dataclass(frozen=True, slots=True)
class Annotated:
    """A dispatch of the gold: its paragraphs without the annotation, and the quotes it holds."""

    name: str
    held_out: bool
    style: str
    persons: tuple[tuple[str, str], ...]  # name, surname
    organisations: tuple[str, ...]
    body: tuple[str, ...]
    quotes: tuple[Quote, ...]


def read_gold(text: str) -> list[Annotated]:
    """The dispatches of the gold file, which says at its head how it is written."""
    return [_annotated(part) for part in re.split(r"(?m)^=== ", text)[1:]]


def _annotated(part: str) -> Annotated:
    head, *lines = part.strip().split("\n")
    name, half, style = head.split(" ", 2)
    named: dict[str, list[str]] = {"personnes": [], "organisations": []}
    while lines and (key := lines[0].partition(": ")[0]) in named:
        named[key] = [each.strip() for each in lines.pop(0).partition(": ")[2].split(";")]
    body, quotes = read_annotated(list(filter(None, lines)))
    persons = []
    for person in named["personnes"]:
        full, _, surname = person.partition(" / ")
        persons.append((full, surname or full.split()[-1]))
    return Annotated(name, half == "réserve", style, tuple(persons), tuple(named["organisations"]), body, quotes)


def read_annotated(paragraphs: Sequence[str]) -> tuple[tuple[str, ...], tuple[Quote, ...]]:
    """Paragraphs without their annotation, and the quotes it gives."""
    body: list[str] = []
    quotes: list[Quote] = []
    for paragraph in paragraphs:
        plain, at = "", 0
        for match in ANNOTATED.finditer(paragraph):
            plain += paragraph[at : match.start()]
            words = match["words"] or match["clause"]
            speaker = match["direct"] or match["reported"]
            quotes.append(Quote(speaker, len(body), len(plain), len(plain) + len(words), match["direct"] is not None))
            plain += words
            at = match.end()
        body.append(plain + paragraph[at:])
    return tuple(body), tuple(quotes)


def with_names(authorities: Authorities, gold: Sequence[Annotated]) -> Authorities:
    """The authorities and the invented names, so that what is measured is who speaks and not who is known."""
    persons = dict(authorities.persons)
    organisations = dict(authorities.organisations)
    for dispatch in gold:
        for full, surname in dispatch.persons:
            persons[full] = Person(full, "", (), (), surname, None, "", 0)
        for label in dispatch.organisations:
            organisations[label] = Organisation(label, "company", (), (), (), None, "", "", 0)
    return replace(authorities, persons=persons, organisations=organisations)


def nearest_name(body: Sequence[str], mentions: Sequence[Mention]) -> list[Quote]:
    """The baseline: what marks hold, and what follows a verb of speech and "que", is said by who was named last."""
    found: list[Quote] = []
    acting = [
        m for m in mentions if m.kind in ("person", "organisation") or (m.kind == "state" and m.rule != "demonym")
    ]
    for paragraph, text in enumerate(body):
        marks = marked(text)
        spans = [(mark.start, mark.end, True) for mark in marks]
        ends = [end for _, end in sentences(text, marks)]
        for heard in listener().heard(text):
            that = re.compile(r"\s+qu(?:e\s+|['’])").match(text, heard.end)
            if that:
                end = next(end for end in ends if end > heard.start)
                spans.append((that.end(), len(text[:end].rstrip(" .")), False))
        for start, end, direct in spans:
            before = [m.label for m in acting if (m.paragraph, m.end) <= (paragraph, start)]
            if before:
                found.append(Quote(before[-1], paragraph, start, end, direct))
    return found


def same(found: Quote, gold: Quote) -> bool:
    if (found.speaker, found.paragraph, found.direct) != (gold.speaker, gold.paragraph, gold.direct):
        return False
    common = min(found.end, gold.end) - max(found.start, gold.start)
    covered = max(found.end, gold.end) - min(found.start, gold.start)
    return common >= LEAST_OVERLAP * covered


@dataclass(slots=True)
class Score:
    found: int = 0
    right: int = 0
    annotated: int = 0

    def add(self, found: Sequence[Quote], gold: Sequence[Quote]) -> tuple[list[Quote], list[Quote]]:
        """Counts a dispatch; what was found and is wrong, what is annotated and was missed."""
        missed, wrong = list(gold), []
        for quote in found:
            match = next((each for each in missed if same(quote, each)), None)
            if match:
                missed.remove(match)
            else:
                wrong.append(quote)
        self.found += len(found)
        self.right += len(gold) - len(missed)
        self.annotated += len(gold)
        return wrong, missed

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.annotated if self.annotated else 0.0

    def __str__(self) -> str:
        counts = f"{self.right} right, {self.found} found, {self.annotated} annotated"
        return f"precision {self.precision:.3f}  recall {self.recall:.3f}  ({counts})"


def measure(
    enricher: Enricher, gold: Sequence[Annotated], find: Finding
) -> Iterator[tuple[Annotated, list[Quote], list[Quote], Score]]:
    """Dispatch by dispatch: what is wrong, what is missed, the score so far."""
    score = Score()
    for dispatch in gold:
        mentions = enricher.enrich("", True, dispatch.body).mentions
        wrong, missed = score.add(find(dispatch.body, mentions), dispatch.quotes)
        yield dispatch, wrong, missed, score


def timed(work: Callable[[], object]) -> float:
    """Processor seconds, the best of rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def of_size(bodies: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Bodies one after the other until each has 3 KB."""
    made: list[tuple[str, ...]] = []
    body: list[str] = []
    for each in bodies:
        body += each
        if sum(map(len, body)) >= DISPATCH_SIZE:
            made.append(tuple(body))
            body = []
    return made


@click.command(help=__doc__)
@click.option("--held-out", is_flag=True, help="The half no rule was written with.")
@click.option("--show", is_flag=True, help="What is wrong and what is missed.")
def main(held_out: bool, show: bool) -> None:
    everything = read_gold(GOLD.read_text("utf-8"))
    gold = [dispatch for dispatch in everything if dispatch.held_out == held_out]
    enricher = Enricher(with_names(load_authorities(), everything))
    for name, find in (("rules", find_quotes), ("nearest name before", nearest_name)):
        for kind in (None, True, False):
            *_, (_, _, _, score) = measure(
                enricher,
                [
                    d if kind is None else replace(d, quotes=tuple(q for q in d.quotes if q.direct == kind))
                    for d in gold
                ],
                lambda body, mentions, find=find, kind=kind: [  # type: ignore[misc]
                    quote for quote in find(body, mentions) if kind is None or quote.direct == kind
                ],
            )
            label = {None: "all", True: "direct", False: "reported"}[kind]
            click.echo(f"{name:20} {label:9} {score}")
    if show:
        for dispatch, wrong, missed, _ in measure(enricher, gold, find_quotes):
            for sign, quotes in (("+", wrong), ("-", missed)):
                for quote in quotes:
                    words = dispatch.body[quote.paragraph][quote.start : quote.end]
                    click.echo(
                        f"{dispatch.name} {sign} {quote.speaker} {'direct' if quote.direct else 'reported'}: {words}"
                    )
    ordinary = [
        [part for block in file.read_text("utf-8").split("\n\n") if (part := " ".join(block.split()))]
        for file in sorted((SAMPLES / "depeches").glob("*.txt"))
    ]
    for name, texts in (("samples", of_size(ordinary)), ("gold, all speech", of_size([d.body for d in everything]))):
        click.echo(f"{name}: {cost(enricher, texts)}")


def cost(enricher: Enricher, bodies: Sequence[tuple[str, ...]]) -> str:
    """What quotes cost on top of enrichment."""
    mentions = [enricher.enrich("", True, body).mentions for body in bodies]
    pairs = list(zip(bodies, mentions, strict=True))
    said = sum(len(find_quotes(*pair)) for pair in pairs)
    enrichment = timed(lambda: [enricher.enrich("", True, body) for body in bodies]) * 1000 / len(bodies)
    quotes = timed(lambda: [find_quotes(*pair) for pair in pairs]) * 1000 / len(bodies)
    size = sum(len(paragraph) for body in bodies for paragraph in body) // len(bodies)
    return (
        f"{len(bodies)} dispatches of {size} characters, {said / len(bodies):.1f} quotes each: enrichment {enrichment:.2f} ms,"
        f" quotes {quotes:.2f} ms, together {(enrichment + quotes) / enrichment:.2f} times enrichment alone"
    )


if __name__ == "__main__":
    main()
