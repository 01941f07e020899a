"""Makes `indexer/data/recogniser.tsv`: how much each clue speaks for a token being part of a name, and of which kind.

`python -m bench.learn_names [--data FOLDER]` learns from WiNER-fr 2016 (CC BY 4.0): an averaged structured perceptron
(Collins 2002), several of them over other orders of the documents, averaged; in each step a share of the clues is
hidden, so that no name is learnt by heart. The same input gives the same file.
`--given-names` makes `recogniser.given.txt` instead, from the package Faker (MIT), which must be installed for it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import random
import re
import struct
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from authorities.loader import load_authorities
from authorities.model import Authorities, fold
from indexer.enrich import Enricher
from indexer.lexicon import french
from indexer.recognise import Rule
from indexer.recognise_clues import GROUPS, Groups, Lists, keys
from indexer.recognise_model import STEPS, TAGS, ZERO, Weights, best_path, parse
from indexer.recognise_text import Span, Text, read
from indexer.recognise_words import given_names

DATA_FOLDER = Path(__file__).resolve().parent.parent / "indexer" / "data"
TARGET = DATA_FOLDER / "recogniser.tsv"
GIVEN_TARGET = DATA_FOLDER / "recogniser.given.txt"
DEFAULT_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"

KINDS = {"Person": "P", "Location": "L", "Organization": "O"}
OURS = frozenset(get_args(Rule))  # rules of mentions that are the recogniser's own, no clue to itself

# Chosen on inner splits; see docs/decisions/0006-names.md.
ROUNDS = 10
HIDDEN = 0.3
MODELS = 4
SCALE = 3  # steps of the file per unit of weight; finer ones read no better
LEAST = 2  # a clue whose weights are all smaller, in steps, is left out of the file

FIELD = 64  # bits a tag while learning
UNIT = [1 << (FIELD * at) for at in range(len(TAGS))]
_LIFT = sum(UNIT) << (FIELD - 2)
_unpack = struct.Struct(f"<{len(TAGS)}Q").unpack
COMMON_WORD = 3e-5  # share of French from which a given name is a common word: "pierre" stays by the authorities


@dataclass(frozen=True, slots=True)
class Article:
    """An annotated text: gold names (start, end, P/L/O) and what the authorities find in it."""

    id: str
    text: str
    gold: tuple[tuple[int, int, str], ...]
    known: tuple[Span, ...]


# One run of open tokens: the clues of each token, and its gold tags.
Run = tuple[list[list[str]], list[int]]


def articles(data: Path, authorities: Authorities) -> list[Article]:
    """WiNER-fr 2016 in the order of its days."""
    enricher = Enricher(authorities)
    found = []
    with (data / "winer-fr-2016" / "winer_fr_2016.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            gold = tuple((e["start"], e["end"], KINDS[e["type"]]) for e in row["entities"] if e["type"] in KINDS)
            found.append(Article(row["id"], row["text"], gold, tuple(authority_spans(enricher, row["text"]))))
    return found


def authority_spans(enricher: Enricher, text: str) -> Iterator[Span]:
    """What the authorities and the rules find in a text, line by line."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for mention in enricher.enrich("", True, lines).mentions:
        if mention.rule not in OURS:
            start = starts[mention.paragraph]
            yield Span(start + mention.start, start + mention.end, mention.kind, mention.rule, mention.label)


def gold_tags(text: Text, gold: Sequence[tuple[int, int, str]]) -> list[int]:
    """The tags of the tokens, of names within names the outer one."""
    tags = [0] * len(text.words)
    for start, end, kind in sorted(gold, key=lambda name: (name[0] - name[1], name[0])):
        low, high = bisect_right(text.ends, start), bisect_left(text.starts, end)
        while low < high and text.lower[low] in ("l'", "d'", "l’", "d’", ":"):
            low += 1
        if low < high and not any(tags[low:high]):
            begin = TAGS.index("B" + kind)
            tags[low:high] = [begin] + [begin + 1] * (high - low - 1)
    return tags


def runs(article: Article, lists: Lists, memory: dict[tuple[int, Any], list[str]]) -> list[Run]:
    """What is learnt from an article; `memory` shares the clues of keys met before."""
    groups = Groups(lists)
    text = read(article.text, article.known, lists.given | lists.foreign)
    tags = gold_tags(text, article.gold)
    found: list[Run] = []
    for start, stop in text.runs():
        clues = []
        for found_keys in keys(text, start, stop, lists):
            token: list[str] = []
            for group, key in enumerate(found_keys):
                said = memory.get((group, key))
                if said is None:
                    said = memory[group, key] = getattr(groups, GROUPS[group])(key)
                token += said
            clues.append(token)
        found.append((clues, _begun(tags[start:stop])))
    return found


def _begun(tags: list[int]) -> list[int]:
    """A name cut by a closed token begins again: IP after O is BP."""
    previous, found = 0, []
    for tag in tags:
        if tag in (2, 4, 6) and previous not in (tag, tag - 1):
            tag -= 1
        found.append(tag)
        previous = tag
    return found


def learn(
    documents: Sequence[Sequence[Run]], models: int = MODELS, rounds: int = ROUNDS, hidden: float = HIDDEN
) -> Weights:
    """The weights, as the file has them."""
    return parse(rows(*_summed([_perceptron(documents, seed, rounds, hidden) for seed in range(models)])))


Table = dict[str, list[float]]
Moves = list[list[float]]


def _perceptron(documents: Sequence[Sequence[Run]], seed: int, rounds: int, hidden: float) -> tuple[Table, Moves]:
    rng = random.Random(seed)
    chance = rng.random
    sequences = [run for document in documents for run in document]
    names = dict.fromkeys(clue for clues, _ in sequences for token in clues for clue in token)
    weights, summed = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    size = len(TAGS)
    moves, moves_summed = [[0] * size for _ in TAGS], [[0] * size for _ in TAGS]
    step = 1
    for _ in range(rounds):
        rng.shuffle(sequences)
        for clues, gold in sequences:
            kept = [[clue for clue in token if chance() > hidden] for token in clues]
            said, _ = best_path([_scores(sum(map(weights.__getitem__, token))) for token in kept], moves)
            if said != gold:
                was, should = 0, 0
                for token, right, wrong in zip(kept, gold, said, strict=True):
                    if right != wrong:
                        change = UNIT[right] - UNIT[wrong]
                        for clue in token:
                            weights[clue] += change
                            summed[clue] += step * change
                    if (should, right) != (was, wrong):
                        moves[right][should] += 1
                        moves_summed[right][should] += step
                        moves[wrong][was] -= 1
                        moves_summed[wrong][was] -= step
                    should, was = right, wrong
            step += 1
    table = {
        clue: [now - sum_ / step for now, sum_ in zip(_scores(weights[clue]), _scores(summed[clue]), strict=True)]
        for clue in names
        if summed[clue]
    }
    return table, [
        [now - sum_ / step for now, sum_ in zip(row, total, strict=True)]
        for row, total in zip(moves, moves_summed, strict=True)
    ]


def _scores(packed: int) -> list[int]:
    return [part - (1 << (FIELD - 2)) for part in _unpack((packed + _LIFT).to_bytes(len(TAGS) * FIELD // 8, "little"))]


def _summed(learnt: list[tuple[Table, Moves]]) -> tuple[Table, Moves]:
    """The mean of several."""
    count = len(learnt)
    table: Table = {}
    for one, _ in learnt:
        for clue, row in one.items():
            total = table.get(clue)
            table[clue] = [value / count for value in row] if total is None else [
                before + value / count for before, value in zip(total, row, strict=True)
            ]  # fmt: skip
    size = range(len(TAGS))
    return table, [[sum(moves[a][b] for _, moves in learnt) / count for b in size] for a in size]


def rows(table: Table, moves: Moves, least: int = LEAST) -> list[str]:
    """The lines of the file."""
    found = [
        "# Weights of clues to names: learnt by bench/learn_names.py from WiNER-fr 2016 (CC BY 4.0).",
        f"# A letter a tag, {' '.join(TAGS)}: {chr(ZERO)} is 0, each letter after it one step more, before it one less.",
    ]
    found += [
        f">{tag}\t{' '.join(str(round(value * SCALE)) for value in row)}" for tag, row in zip(TAGS, moves, strict=True)
    ]
    for clue in sorted(table):
        steps = [round(value * SCALE) for value in table[clue]]
        if max(map(abs, steps)) >= least and "\t" not in clue and "\n" not in clue and clue[0] not in "#>":
            found.append(f"{clue}\t{_letters(steps)}")
    return found


def _letters(steps: Sequence[int]) -> str:
    return "".join(chr(ZERO + max(-STEPS, min(STEPS, step))) for step in steps)


def given_rows() -> list[str]:
    """The given names of Faker's locales that are written in Latin letters."""
    providers = importlib.import_module("faker.providers.person")
    frequency = french().frequency
    found: set[str] = set()
    for module in pkgutil.iter_modules(providers.__path__):
        if module.ispkg:
            provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
            for name in dir(provider):
                value = getattr(provider, name)
                if name.startswith("first_name") and isinstance(value, (dict, list, tuple)):
                    found.update(item for item in value if isinstance(item, str))
    usual = {
        fold(name)
        for name in found
        if re.fullmatch(r"[A-ZÀ-Þ][A-Za-zÀ-ɏ'’-]+", name) and frequency.get(name.lower(), 0.0) < COMMON_WORD
    }
    return [
        "# Given names, folded, of the locales of the Python package Faker (MIT licence); those that are also common",
        "# French words are left out. Made by bench/learn_names.py --given-names.",
        *sorted(usual),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--given-names", action="store_true")
    args = parser.parse_args()
    if args.given_names:
        GIVEN_TARGET.write_text("\n".join(given_rows()) + "\n", "utf-8")
        given_names.cache_clear()
        print(f"{len(given_names())} given names, {GIVEN_TARGET.stat().st_size} bytes")
        return
    begun = time.perf_counter()
    authorities = load_authorities()
    lists = Lists.of(authorities)
    memory: dict[tuple[int, Any], list[str]] = {}
    documents = [runs(article, lists, memory) for article in articles(args.data, authorities)]
    learnt = [_perceptron(documents, seed, ROUNDS, HIDDEN) for seed in range(MODELS)]
    lines = rows(*_summed(learnt))
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")
    kept = Counter(line[0] == "#" for line in lines)[False]
    print(f"{kept} rows, {TARGET.stat().st_size} bytes, {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
