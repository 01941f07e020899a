"""How well topics tell five sections apart, and what they cost: `python -m bench.topics [--data FOLDER] [--show N]`.

Two sets, each half looked at while the rules were written (development) and half only counted (held out):

    brèves     tests/gold/topics.txt: a hundred invented items, twenty a class
    Wikinews   articles of WiNER-fr 2016, classes given by hand (bench/topics_winer.tsv)

    top-1      the class whose topics' scores sum highest is the right one; no topic at all is wrong
    shown      items that get at least one topic of their class
    precision  topics given that belong to the item's class, of all given that belong to one of the five. A proxy: an
               article on a drug's price is of two classes, and is here given one

Beside the rules, in the same run: the plain sum of triggers they replaced (`PlainSum`: any form with -s or -e, every
trigger worth the same wherever it stands, names whether mentioned in passing or not) on the same topics.tsv, or on
another folder of authorities given by `--before`; and the class met most.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from authorities.loader import load_authorities
from authorities.model import PATH_SEPARATOR, Authorities
from bench.corpus import Corpus
from indexer.enrich import Enricher
from indexer.names import NameFinder, Pattern, comparable
from indexer.topics import TopicRules, TopicScore
from mappings.dispatch import Mention

DEFAULT_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
GOLD = Path(__file__).resolve().parent.parent / "tests" / "gold" / "topics.txt"
WINER_CLASSES = Path(__file__).resolve().parent / "topics_winer.tsv"

# The class of a topic is that of the nearest of these on its path. IPTC files by what a thing is, a newspaper by who
# reads it: taxes are politics to the first, économie to the second; medical research is science, and santé.
CLASSES = {
    "Économie et finances": "économie",
    "Social": "économie",
    "Fiscalité": "économie",
    "Politique économique": "économie",
    "Santé": "santé",
    "Recherche médicale": "santé",
    "Politique": "politique",
    "Sport": "sport",
    "Science et technologie": "technologie",
    "Piratage informatique": "technologie",
    "Réseaux sociaux": "technologie",
    "Jeux vidéo": "technologie",
}
WIKINEWS_DATE = re.compile(r"^\d{1,2}(?:er)? \w+ \d{4}\b")

SPEED_DISPATCHES = 300
HOSTILE = ("médecin ", "l'élection de ", "a" * 50 + " ", "é", "vaccin-vaccin", "banque\n")


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    label: str  # one of the five
    title: str
    body: tuple[str, ...]
    held_out: bool


Scorer = Callable[[Item], Sequence[TopicScore]]


def invented() -> Iterator[Item]:
    """The items of tests/gold/topics.txt; even ones of a class are held out."""
    ranks: Counter[str] = Counter()
    lines = [line for line in GOLD.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for block in "\n".join(lines).split("== ")[1:]:
        label, title, *body = [line for line in block.splitlines() if line]
        ranks[label] += 1
        yield Item(f"{label} {ranks[label]}", label, title, tuple(body), ranks[label] % 2 == 0)


def wikinews(data: Path) -> Iterator[Item]:
    """The articles of WiNER-fr that have a class; even ones of a class are held out."""
    articles = {}
    with (data / "winer-fr-2016" / "winer_fr_2016.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            articles[article["id"]] = article
    ranks: Counter[str] = Counter()
    with WINER_CLASSES.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader((line for line in table if not line.startswith("#")), delimiter="\t"):
            ranks[row["class"]] += 1
            title, *body = [part.strip() for part in articles[row["id"]]["text"].split("\n") if part.strip()]
            prose = tuple(part for part in body if not WIKINEWS_DATE.match(part))
            yield Item(row["id"], row["class"], title, prose, ranks[row["class"]] % 2 == 0)


def class_of(path: str) -> str | None:
    """The class of a topic; None for those of no section ("Météo")."""
    return next((CLASSES[label] for label in reversed(path.split(PATH_SEPARATOR)) if label in CLASSES), None)


def top(topics: Iterable[TopicScore]) -> str | None:
    """The class whose topics score highest together."""
    sums: Counter[str] = Counter()
    for topic in topics:
        label = class_of(topic.path)
        if label:
            sums[label] += topic.score  # type: ignore[assignment]  # a Counter adds floats as well
    best = sums.most_common(1)
    return best[0][0] if best and best[0][1] > 0 else None


class PlainSum:
    """The rules before: every trigger met twice at most, doubled in title and lead, names added once each."""

    def __init__(self, authorities: Authorities) -> None:
        patterns = []
        for topic in authorities.topics.values():
            for phrase, weight in (*topic.triggers, *((phrase, -weight) for phrase, weight in topic.negative)):
                for form in self._forms(phrase):
                    patterns.append(Pattern(form, (topic.label, weight), proper=False))
        self._finder = NameFinder(patterns)
        self._authorities = authorities

    def __call__(self, item: Item, mentions: Iterable[Mention]) -> list[TopicScore]:
        text = "\n".join((item.title, *item.body))
        lowered = comparable(text)
        double = len(item.title) + 1 + len(item.body[0] if item.body else "")
        scores: dict[str, float] = {}
        heard: Counter[tuple[str, str]] = Counter()
        for found in self._finder.find(text, lowered):
            for meaning in found.meanings:
                assert isinstance(meaning, tuple)
                topic, weight = meaning
                heard[topic, lowered[found.start : found.end]] += 1
                if heard[topic, lowered[found.start : found.end]] <= 2:
                    scores[topic] = scores.get(topic, 0.0) + weight * (2.0 if found.start < double else 1.0)
        labels = {mention.label for mention in mentions}
        for entry in self._authorities.topics.values():
            for label, weight in entry.entities:
                if scores and label in labels:
                    scores[entry.label] = scores.get(entry.label, 0.0) + weight
        return [TopicScore(self._authorities.topic_path(topic), score, ()) for topic, score in scores.items()]

    @staticmethod
    def given(topics: Sequence[TopicScore]) -> list[TopicScore]:
        best = sorted((topic for topic in topics if topic.score >= 3.0), key=lambda topic: -topic.score)
        return [t for t in best if not any(o.path.startswith(t.path + PATH_SEPARATOR) for o in best)][:6]

    @staticmethod
    def _forms(phrase: str) -> set[str]:
        words = phrase.split(" ")
        if len(words) == 1:
            return {phrase, phrase + "s", phrase + "e", phrase + "es"}
        plural = " ".join(word if word.endswith(("s", "x")) or len(word) < 4 else word + "s" for word in words)
        return {phrase, plural, " ".join([words[0] + "s", *words[1:]]), " ".join([*words[:-1], words[-1] + "s"])}


def report(name: str, items: Sequence[Item], scored: Scorer, given: Scorer, show: int) -> None:
    right, shown, of_class, of_five = 0, 0, 0, 0
    wrong = []
    for item in items:
        said = top(scored(item))
        right += said == item.label
        classes = [label for label in (class_of(topic.path) for topic in given(item)) if label]
        shown += item.label in classes
        of_class += classes.count(item.label)
        of_five += len(classes)
        if said != item.label:
            wrong.append((item, said))
    print(
        f"  {name:24} top-1 {right:3}/{len(items)} {right / len(items):5.1%}"
        f"   shown {shown / len(items):5.1%}   precision {of_class / max(1, of_five):5.1%}"
    )
    for item, said in wrong[:show]:
        print(f"      {item.name}: {said} « {item.title[:70]} »")
        for topic in sorted(scored(item), key=lambda topic: -topic.score)[:5]:
            words = ", ".join(f"{word.surface} {word.weight:+.1f}" for word in topic.evidence)
            print(f"          {topic.score:5.1f} {topic.path.split(PATH_SEPARATOR)[-1]}: {words}")


def quality(data: Path, before: Path | None, show: int) -> None:
    authorities = load_authorities()
    enricher, rules = Enricher(authorities), TopicRules(authorities)
    plain = PlainSum(load_authorities(before) if before else authorities)
    sets = {"brèves": list(invented()), "Wikinews": list(wikinews(data))}
    mentions = {
        item.name: enricher.enrich(item.title, False, item.body).mentions for items in sets.values() for item in items
    }
    for name, items in sets.items():
        for part, held in (("development", False), ("held out", True)):
            chosen = [item for item in items if item.held_out == held]
            most = Counter(item.label for item in chosen).most_common(1)[0]
            print(f"{name}, {part}: {len(chosen)}")
            print(
                f"  {'the class met most':24} top-1 {most[1]:3}/{len(chosen)} {most[1] / len(chosen):5.1%}   ({most[0]})"
            )
            report(
                "plain sum, before",
                chosen,
                lambda item: plain(item, mentions[item.name]),
                lambda item: plain.given(plain(item, mentions[item.name])),
                0,
            )
            report(
                "rules",
                chosen,
                lambda item: rules.scores(item.title, item.body, mentions[item.name]),
                lambda item: rules.decide(item.title, item.body, mentions[item.name]),
                0 if held else show,
            )


def speed() -> None:
    """What topics add to a dispatch of 3 KB, beside finding its names; and whether a hostile text grows linearly."""
    authorities = load_authorities()
    enricher, rules = Enricher(authorities), TopicRules(authorities)
    names = NameFinder(Pattern(name.text, name.label, proper=name.role != "demonym") for name in authorities.names())
    dispatches = []
    for text in Corpus().dispatches(SPEED_DISPATCHES):
        title, *body = [line for line in text.split("\n") if line]
        compared = comparable("\n".join((title, *body)))
        dispatches.append((title, body, compared, enricher.enrich(title, False, body).mentions))
    finding, deciding = [], []
    for _ in range(5):
        started = time.process_time()
        for title, body, _compared, _mentions in dispatches:
            text = "\n".join((title, *body))
            names.find(text, comparable(text))
        finding.append(time.process_time() - started)
        started = time.process_time()
        for title, body, compared, mentions in dispatches:  # as the enricher does
            rules.decide(title, body, mentions, compared=compared)
        deciding.append(time.process_time() - started)
    one = 1000 / len(dispatches)
    print(
        f"3 KB dispatch: names {min(finding) * one:.3f} ms, topics {min(deciding) * one:.3f} ms "
        f"(ratio {min(deciding) / min(finding):.2f})"
    )
    for piece in HOSTILE:
        took = []
        for size in (250_000, 1_000_000):
            body = [(piece * (size // len(piece) + 1))[:size]]
            started = time.process_time()
            rules.decide("", body, ())
            took.append(time.process_time() - started)
        print(f"  1 MB of {piece[:16]!r}: {took[1]:.2f} s, {took[1] / max(took[0], 1e-9):.1f} times 250 KB")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder that holds winer-fr-2016")
    options.add_argument("--before", type=Path, help="another folder of authorities for the plain sum")
    options.add_argument("--show", type=int, default=0, metavar="N", help="errors to show, of each development half")
    chosen = options.parse_args()
    quality(chosen.data, chosen.before, chosen.show)
    speed()


if __name__ == "__main__":
    main()
