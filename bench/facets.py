"""How well names are found: `python -m bench.facets [--data FOLDER] [--folds mixed|days]`.

On WiNER-fr 2016 (571 Wikinews articles, CC BY 4.0), cross-validated over documents in 5 folds: per document the set of
names of a kind, compared without case, accents, apostrophes, hyphens and article; precision, recall and F over all
documents. The authorities have never seen the articles. `mixed` deals the articles out one by one; `days` cuts the year
in five, so that no story is learnt in one fold and asked in another.

    authorities     the archive's lists and their rules
    md              spaCy's fr_core_news_md, where it is installed (an optional extra of the reader's own)
    model           the recogniser, the authorities being clues only
    shipped         authorities, and what the recogniser adds: what the archive does
    a+b             the names of both

"per s": texts of 3,000 characters a second on one core, all that the row needs included, and as a ratio to the first row.
"""

from __future__ import annotations

import argparse
import importlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from authorities.loader import load_authorities
from authorities.model import Authorities, fold
from bench.learn_names import DEFAULT_DATA, KINDS, Article, articles, authority_spans, learn, runs
from indexer.enrich import Enricher
from indexer.facets import Asked, Facets
from indexer.recognise import Name, Recogniser
from indexer.recognise_clues import Lists
from indexer.recognise_model import TAGS, Tagger
from indexer.recognise_text import Span, read

FOLDS = 5
DISPATCH = 3000  # characters
OF_KIND = {"person": "P", "organisation": "O", "place": "L", "state": "L", "region": "L", "city": "L"}
OF_SPACY = {"PER": "P", "LOC": "L", "ORG": "O"}
ARTICLE = re.compile(r"^(?:l'|d'|le |la |les )")
EDGES = " '\".,:;()«»"

Names = set[tuple[str, str]]  # (P, L or O; normalised name)
Found = Iterable[tuple[int, int, str]]


def normal(name: str) -> str:
    """ "L'État islamique" -> "etat islamique"."""
    return ARTICLE.sub("", fold(name).replace("' ", "'").strip(EDGES)).strip(EDGES)


def names(text: str, found: Found) -> Names:
    return {(kind, name) for start, end, kind in found if (name := normal(text[start:end]))}


class Tally:
    """Right, wrong and missed names by kind."""

    def __init__(self) -> None:
        self._right: Counter[str] = Counter()
        self._wrong: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()

    def add(self, gold: Names, said: Names) -> None:
        for count, some in ((self._right, gold & said), (self._wrong, said - gold), (self._missed, gold - said)):
            count.update(kind for kind, _ in some)
            count["all"] += len(some)

    def figures(self, kind: str) -> tuple[float, float, float]:
        """Precision, recall, F."""
        right, wrong, missed = self._right[kind], self._wrong[kind], self._missed[kind]
        return (
            right / max(1, right + wrong),
            right / max(1, right + missed),
            2 * right / max(1, 2 * right + wrong + missed),
        )

    def row(self, name: str, speed: str) -> str:
        cells = "  ".join("{:.3f} {:.3f} {:.3f}".format(*self.figures(kind)) for kind in (*KINDS.values(), "all"))
        return f"{name:<13}{cells}  {speed}"


def of_authorities(known: Iterable[Span]) -> list[tuple[int, int, str]]:
    """Adjectives ("syrien") are no names; a capital for a government ("Pékin a déclaré") is annotated as a place."""
    return [(span.start, span.end, OF_KIND[span.kind]) for span in known if span.role != "demonym"]


def shipped(known: Sequence[Span], new: Sequence[Name]) -> list[tuple[int, int, str]]:
    """What the archive keeps: the authorities' names but those replaced, and the new ones."""
    replaced = {span for name in new for span in name.replaces}
    return [
        *of_authorities(span for span in known if span not in replaced),
        *((name.start, name.end, OF_KIND[name.kind]) for name in new),
    ]


def tagged(tagger: Tagger, lists: Lists, article: Article) -> list[tuple[int, int, str]]:
    """The bare tags of the model."""
    text = read(article.text, article.known, lists.given | lists.foreign)
    found: list[tuple[int, int, str]] = []
    for start, path, _ in tagger.tag(text):
        for at, tag in enumerate(path, start):
            if tag and TAGS[tag][0] == "B":
                found.append((text.starts[at], text.ends[at], TAGS[tag][1]))
            elif tag:
                found[-1] = (found[-1][0], text.ends[at], found[-1][2])
    return found


def folds(count: int, how: str) -> list[list[int]]:
    """The documents of each fold."""
    if how == "mixed":
        return [list(range(fold_, count, FOLDS)) for fold_ in range(FOLDS)]
    return [list(range(fold_ * count // FOLDS, (fold_ + 1) * count // FOLDS)) for fold_ in range(FOLDS)]


def texts_per_second(work: Callable[[Any], object], texts: Sequence[Any]) -> float:
    """The better of three passes, in processor time."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        for text in texts:
            work(text)
        best = min(best, time.process_time() - begun)
    return len(texts) / best


def enriched_per_second(authorities: Authorities, texts: Sequence[str]) -> str:
    """Names, recogniser, actors, venues, topics and quotes of half the texts: met for the first time, and again.

    In processor time. First the other half is read, as in a load that has begun: words repeat, texts do not.
    """
    facets = Facets(authorities)
    asked = [Asked("", True, tuple(filter(None, text.split("\n"))), None, None, ()) for text in texts]
    for each in asked[::2]:
        facets.made(each)
    begun = time.process_time()
    for each in asked[1::2]:
        facets.made(each)
    first = len(asked[1::2]) / (time.process_time() - begun)
    again = texts_per_second(facets.made, asked[1::2])
    return f"{first:.0f} texts a second met for the first time, {again:.0f} met before"


def dispatches(found: Sequence[Article]) -> list[str]:
    """The articles as texts of 3,000 characters, cut at lines."""
    texts, lines, size = [], [""], 0
    for line in "\n".join(article.text for article in found).split("\n"):
        lines.append(line)
        size += len(line) + 1
        if size >= DISPATCH:
            texts.append("\n".join(lines))
            lines, size = [], 0
    mean = sum(map(len, texts)) / len(texts)
    return texts[: int(len(texts) * mean / DISPATCH)]


def spacy_model() -> Any | None:
    try:
        return importlib.import_module("fr_core_news_md").load(
            disable=["morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer"]
        )
    except ImportError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--folds", choices=("mixed", "days"), default="mixed")
    args = parser.parse_args()
    authorities = load_authorities()
    lists = Lists.of(authorities)
    found = articles(args.data, authorities)
    memory: dict[tuple[int, Any], list[str]] = {}
    documents = [runs(article, lists, memory) for article in found]
    tallies = {
        name: Tally() for name in ("authorities", "model", "model+auth", "shipped", "md", "md+auth", "md+shipped")
    }
    spacy = spacy_model()
    recogniser = Recogniser(authorities)
    for held in folds(len(found), args.folds):
        apart = set(held)
        weights = learn([document for at, document in enumerate(documents) if at not in apart])
        tagger, recogniser = Tagger(weights, lists), Recogniser(authorities, weights)
        for at in held:
            article = found[at]
            gold, known = names(article.text, article.gold), of_authorities(article.known)
            bare = tagged(tagger, lists, article)
            ours = shipped(article.known, recogniser.names(article.text, article.known))
            said = {"authorities": known, "model": bare, "model+auth": [*bare, *known], "shipped": ours}
            if spacy:
                theirs = [
                    (ent.start_char, ent.end_char, OF_SPACY[ent.label_])
                    for ent in spacy(article.text).ents
                    if ent.label_ in OF_SPACY
                ]
                said |= {"md": theirs, "md+auth": [*theirs, *known], "md+shipped": [*theirs, *ours]}
            for name, some in said.items():
                tallies[name].add(gold, names(article.text, some))
    texts = dispatches(found)
    enricher = Enricher(authorities)

    def both(text: str) -> object:
        return recogniser.names(text, list(authority_spans(enricher, text)))

    print(f"enrichment, everything on, per core: {enriched_per_second(authorities, texts)}")
    base = texts_per_second(lambda text: list(authority_spans(enricher, text)), texts)
    speeds = {"authorities": base, "shipped": texts_per_second(both, texts)}
    if spacy:
        speeds["md"] = texts_per_second(spacy, texts[:20])
    print(f"{'':<13}{'person':<19}{'location':<19}{'organisation':<19}{'all':<19}per s")
    for name, tally in tallies.items():
        if spacy or not name.startswith("md"):
            speed = f"{speeds[name]:.0f} ({speeds[name] / base:.3f})" if name in speeds else ""
            print(tally.row(name, speed))
    if not spacy:
        print("md: not installed; its figures are in docs/decisions/0006-names.md")


if __name__ == "__main__":
    main()
