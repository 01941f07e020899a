"""Makes `indexer/data/marks.tsv`: how much each clue around a lost mark speaks for what it may have been.

`python -m bench.learn_marks [--data FOLDER]` learns a conditional random field (AdaGrad on the likelihood, with
a penalty on large weights) from text damaged here: the even documents of WiNER-fr 2016 (CC BY 4.0), the passages
(CC BY-SA) and questions (MIT) of PIAF, those of AfriQA's part for training (CC BY 4.0). Straight quotation marks are
made guillemets in a copy of each text, since guillemets are few. Sequoia is kept apart. `--folds 4` writes nothing
and says how well each quarter is read by what the three others teach.
"""

from __future__ import annotations

import argparse
import math
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.repair import (
    DEFAULT_DATA,
    asked_in_afriqa,
    asked_in_piaf,
    passages,
    passages_of_afriqa,
    questions,
    through,
    winer,
)
from indexer.channels import Codec, holds
from indexer.repair import HARD_SPACES, in_link
from indexer.repair_clues import NBSP, keys, named
from indexer.repair_marks import GENUINE, KINDS, LINE_END, WEIGHED, MarkScene, beside_words, candidates, marginals

TARGET = Path(__file__).resolve().parent.parent / "indexer" / "data" / "marks.tsv"
CHANNELS: tuple[Codec, ...] = ("ascii", "gbk", "gb2312", "latin-1")
RARE = 3  # clues seen less often say nothing
ROUNDS = 8
RATE = 0.15
PENALTY = 0.01  # pull towards 0 per seen example, in units of 1/examples of the clue
FAINT = 0.15  # smaller weights are left out: half the file, the same readings
ASKED = 2500  # genuine question marks learnt from, per channel
STRAIGHT = re.compile(r'(?<!\w)"([^"\n]{2,300})"(?!\w)')
ALONE = re.compile(r"(?<!\w)[àÀ](?!\w)")

SPACED = re.compile(r"(?<=\w) (?=[;:!?%])|(?<=\d) (?=\d{3}(?!\d))")
PHRASE = re.compile(r"(?<=[.!?] )(?=[A-ZÀÉ])|(?<=\n)")
MARKED = re.compile("[«»“”–—]")
QUOTED = 0.08  # of the sentences without marks, in the marked copies
DASHED = 0.03
COPIES = 2
INNER = (*(" " * 6), NBSP, "")  # within guillemets

# Questions told within a sentence, which no passage holds.
TOLD = (
    "{} ? demande-t-il.",
    "{} ? a déclaré le ministre.",
    "{} ? s'interroge la presse, qui n'y croit pas.",
    "« {} ? » écrit le journal.",
    "« Non. {} ? Je l'ignore », dit-elle.",
)

# One mark: what it may have been, its clues, what it was. None between paragraphs.
Example = tuple[dict[str, float], list[str], str] | None


def styled(text: str, rng: random.Random) -> str:
    """The text with guillemets for straight quotation marks, spaced in one of the ways agencies space them."""
    inner = rng.choice(INNER)
    return spaced(STRAIGHT.sub(lambda m: f"«{inner}{m[1].strip()}{inner}»", text), inner)


def spaced(text: str, inner: str) -> str:
    """With hard spaces inside its guillemets, a text has them before ; : ! ? % and in numbers too."""
    return SPACED.sub(NBSP, text) if inner == NBSP else text


def marked(text: str, rng: random.Random) -> str:
    """The text with guillemets around phrases taken at random, and a dash for some commas.

    Guillemets and dashes leave a sentence what it was: nearly any words may stand on both sides, where « à »
    wants certain ones. A few hundred real pairs do not say so.
    """
    inner = rng.choice(INNER)
    dash = rng.choice((" –", " —"))
    pieces: list[str] = []
    for sentence in PHRASE.split(text):
        words = sentence.split(" ")
        if len(words) > 5 and rng.random() < QUOTED and not MARKED.search(sentence):
            first = rng.randrange(1, len(words) - 1)
            last = min(len(words) - 1, first + int(rng.expovariate(1 / 4)))
            if words[first][:1].isalnum() and words[last][-1:].isalnum():
                words[first] = f"«{inner}{words[first]}"
                words[last] += f"{inner}»"
        elif rng.random() < DASHED and not MARKED.search(sentence):
            words = [word[:-1] + dash if word[-1:] == "," and word[0].isalpha() else word for word in words]
        pieces.append(" ".join(words))
    return spaced("".join(pieces), inner)


def examples(clean: str, codec: Codec) -> Iterator[Example]:
    """The marks of a text after a channel, with letters inside words given back already."""
    lost = frozenset(kind for kind in WEIGHED if not holds(codec, kind))
    passed = through(codec)(clean)
    alone = {match.start() for match in ALONE.finditer(clean)}
    damaged = "".join(
        c if c.isalpha() and at not in alone else d for at, (c, d) in enumerate(zip(clean, passed, strict=True))
    )
    damaged = re.sub(r"(?<=[^\W\d_])\?(?=[^\W\d_])", "’", damaged)
    hard = HARD_SPACES.search(damaged) is not None
    scene = MarkScene(lost, damaged=True, hard_spaces=hard, certain=False)
    low = 0
    for line in damaged.split("\n"):
        places = [at for at, char in enumerate(line) if char == GENUINE and not in_link(line, at)]
        for at, around in zip(places, keys(line, places), strict=True):
            offsets = candidates(line, at, scene)
            if len(offsets) > 1 and (left := beside_words(around)):
                offsets = {kind: offset for kind, offset in offsets.items() if kind in left} or offsets
            truth = clean[low + at].replace("\u202f", NBSP)
            yield offsets, [clue for key in around for clue in named(key)] if len(offsets) > 1 else [], truth
        if places:
            yield None
        low += len(line) + 1


class Field:
    """The weights while they are learnt."""

    def __init__(self) -> None:
        self.weights: dict[str, dict[str, float]] = {}
        self._steps: dict[str, dict[str, float]] = {}

    def read(self, document: list[Example]) -> list[dict[str, float]]:
        """Probabilities of what each mark of a document was."""
        choices = [LINE_END if example is None else self._weigh(example[0], example[1]) for example in document]
        return [_shared(shares) for shares in marginals(choices)]

    def _weigh(self, offsets: dict[str, float], names: list[str]) -> dict[str, float]:
        scores = dict(offsets)
        for name in names:
            row = self.weights.get(name)
            if row:
                for kind in scores:
                    scores[kind] += row.get(kind, 0.0)
        top = max(scores.values())
        return {kind: math.exp(score - top) for kind, score in scores.items()}

    def learn(self, document: list[Example], counts: Counter[str]) -> None:
        """One step towards the truth of a document."""
        marks = [example for example in document if example is not None]
        for (offsets, names, truth), shares in zip(marks, self.read(document), strict=True):
            if truth not in offsets:
                continue
            for name in names:
                seen = counts[name]
                if seen < RARE:
                    continue
                row = self.weights.setdefault(name, {})
                steps = self._steps.setdefault(name, {})
                for kind in offsets:
                    slope = (kind == truth) - shares[kind] - PENALTY * row.get(kind, 0.0) * min(1.0, 20 / seen)
                    if slope:
                        steps[kind] = steps.get(kind, 1.0) + slope * slope
                        row[kind] = row.get(kind, 0.0) + RATE * slope / math.sqrt(steps[kind])


def _shared(weights: dict[str, float]) -> dict[str, float]:
    total = sum(weights.values()) or 1.0
    return {kind: weight / total for kind, weight in weights.items()}


def corpus(articles: list[str], wiki: list[str], asked: list[str], seed: int) -> list[list[Example]]:
    """Documents to learn from: each text, its styled copy, and texts with genuine question marks."""
    rng = random.Random(seed)
    texts = articles + wiki
    texts = texts + [copy for text in texts if (copy := styled(text, rng)) != text]
    texts += [marked(text, rng) for text in articles + wiki for _ in range(COPIES)]
    texts += questions(asked, articles + wiki, seed, ASKED)
    texts += ["\n".join(rng.choice(TOLD).format(q.rstrip(" ?\u00a0")) for q in rng.sample(asked, 5)) for _ in range(50)]
    documents = [list(examples(text, codec)) for text in texts for codec in CHANNELS]
    return [document for document in documents if document]


def learn(documents: list[list[Example]], seed: int = 0) -> Field:
    """The weights after `ROUNDS` passes over the documents."""
    rng = random.Random(seed)
    documents = list(documents)
    counts = Counter(name for document in documents for example in document if example for name in example[1])
    field = Field()
    for _ in range(ROUNDS):
        rng.shuffle(documents)
        for document in documents:
            field.learn(document, counts)
    return field


def lines(field: Field) -> list[str]:
    """The rows of the file: a clue, then its weight for each kind."""
    rows = [
        "# Clues around lost marks: weights learnt by bench/learn_marks.py from WiNER-fr 2016 (CC BY 4.0) and from PIAF",
        "# and AfriQA train (passages of Wikipedia CC BY-SA, questions MIT and CC BY 4.0). Columns: clue, "
        + " ".join("nbsp" if k == NBSP else k for k in KINDS),
    ]
    for name in sorted(field.weights):
        row = [field.weights[name].get(kind, 0.0) for kind in KINDS]
        if max(map(abs, row)) >= FAINT:
            rows.append(name + "\t" + "\t".join(f"{round(value, 1) or 0.0:.1f}".removesuffix(".0") for value in row))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--folds", type=int, default=0)
    args = parser.parse_args()
    articles, wiki = winer(args.data)[0::2], passages(args.data) + passages_of_afriqa(args.data)
    asked = asked_in_piaf(args.data) + asked_in_afriqa(args.data, "train")
    if args.folds:
        for line in crossed(articles, wiki, asked, args.folds):
            print(line, flush=True)
        return
    rows = lines(learn(corpus(articles, wiki, asked, 1)))
    TARGET.write_text("\n".join(rows) + "\n", "utf-8")
    print(f"{len(rows) - 2} clues, {TARGET.stat().st_size} bytes")


def crossed(articles: list[str], wiki: list[str], asked: list[str], folds: int) -> Iterator[str]:
    """Marks read by what the other folds teach: right of all, and genuine marks changed at several limits."""
    limits = (0.5, 0.1, 0.05, 0.02, 0.01, 0.005)
    kinds: dict[Codec, Counter[str]] = {codec: Counter() for codec in CHANNELS}
    for fold in range(folds):

        def kept(items: list[str], fold: int = fold) -> list[str]:
            return [item for at, item in enumerate(items) if at % folds != fold]

        field = learn(corpus(kept(articles), kept(wiki), kept(asked), fold))
        held = articles[fold::folds] + wiki[fold::folds]
        held_asked = questions(asked[fold::folds], held, 100 + fold, 5000 // folds)
        for codec in CHANNELS:
            for text in held + held_asked:
                document = list(examples(text, codec))
                marks = [example for example in document if example is not None]
                for (_, _, truth), shares in zip(marks, field.read(document), strict=True):
                    best = max(shares, key=shares.__getitem__)
                    genuine = shares.get(GENUINE, 0.0)
                    count = kinds[codec]
                    if truth == GENUINE:
                        count["asked"] += 1
                        for limit in limits:
                            count[f"false {limit}"] += best != GENUINE and genuine <= limit and shares[best] >= 0.5
                    else:
                        kind = "à" if truth == "à" else "marks"
                        count[kind] += 1
                        for limit in limits:
                            right = best == truth and genuine <= limit and shares[best] >= 0.5
                            count[f"{kind} {limit}"] += right
    for codec, count in kinds.items():
        yield f"{codec}: {count['asked']} genuine, {count['à']} à, {count['marks']} other marks"
        for limit in limits:
            rest, grave = (100 * count[f"{k} {limit}"] / max(1, count[k]) for k in ("marks", "à"))
            yield f"  genuine at most {limit}: marks {rest:.2f} %, à {grave:.2f} %, false edits {count[f'false {limit}']}"


if __name__ == "__main__":
    main()
