"""What `bench/relevance.py` asks, of which texts: question sets, known items, and the same typed otherwise.

Of a known item the reader remembers words: a title (WiNER-fr, the article without it), two rare words of an article, two
words that stand side by side in it. Deterministic: the same data gives the same questions.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wordfreq import zipf_frequency

from mappings.french import fold, only_stop_words

# A rare word: in so many articles of the 571, at least and at most.
RARE = (2, 20)

# Pairs of each sort taken from an article.
PAIRS = 2

# A word of the other number is one that French has: in wordfreq's list, at this Zipf frequency.
KNOWN = 2.0

# A slip of the hand is put into a word of so many letters.
SLIPPED = 5

_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Text:
    """`title` is empty where the text has none."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is typed, the number of the text that answers, and of which half its article is."""

    typed: str
    answer: int
    half: int


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    texts: list[Text]
    asked: list[Asked]


def piaf(data: Path) -> Task:
    """1,740 questions to 344 passages of Wikipedia."""
    texts: list[Text] = []
    asked: list[Asked] = []
    for article in json.loads((data / "piaf" / "piaf_dev.json").read_text("utf-8"))["data"]:
        for passage in article["paragraphs"]:
            asked += [Asked(qa["question"], len(texts), _half(article["title"])) for qa in passage["qas"]]
            texts.append(Text("", (passage["context"],)))
    return Task("PIAF", texts, asked)


def afriqa(data: Path) -> Task:
    """Questions asked in Fon, translated, to passages of Wikipedia; both parts, those with a passage."""
    numbers: dict[str, int] = {}
    asked: list[Asked] = []
    for part in ("dev", "train"):
        lines = (data / "afriqa-fr" / f"gold_span_passages.fon.fr.{part}.json").read_text("utf-8").splitlines()
        for row in map(json.loads, lines):
            if row["context"]:
                number = numbers.setdefault(row["context"], len(numbers))
                asked.append(Asked(row["question_translated"], number, _half(row["title"])))
    return Task("AfriQA", [Text("", _paragraphs(context)) for context in numbers], asked)


def known_items(data: Path) -> list[Task]:
    """Titles, rare pairs and pairs side by side, of the same 571 articles."""
    lines = (data / "winer-fr-2016" / "winer_fr_2016.jsonl").read_text("utf-8").splitlines()
    articles = [json.loads(line) for line in lines]
    bodies = [_paragraphs(article["text"].removeprefix(article["title"])) for article in articles]
    halves = [_half(article["id"]) for article in articles]
    titles = [Asked(article["title"], number, halves[number]) for number, article in enumerate(articles)]
    whole = [Text(article["title"], body) for article, body in zip(articles, bodies, strict=True)]
    return [
        Task("titres", [Text("", body) for body in bodies], titles),
        Task("mots rares", whole, _pairs(whole, halves, _rare)),
        Task("mots voisins", whole, _pairs(whole, halves, _beside)),
    ]


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("\n") if part.strip())


def _half(article: str) -> int:
    return hashlib.md5(article.encode(), usedforsecurity=False).digest()[0] % 2


def _pairs(
    texts: Sequence[Text], halves: Sequence[int], pick: Callable[[Text, Counter[str]], list[tuple[str, str]]]
) -> list[Asked]:
    counts = Counter(word for text in texts for word in {fold(word) for word in _words(text)})
    chance = random.Random(1)
    asked: list[Asked] = []
    for number, text in enumerate(texts):
        found = pick(text, counts)
        for pair in chance.sample(found, min(PAIRS, len(found))):
            asked.append(Asked(" ".join(pair), number, halves[number]))
    return asked


def _words(text: Text) -> list[str]:
    return [word for part in (text.title, *text.paragraphs) for word in _WORD.findall(part)]


def _is_rare(word: str, counts: Counter[str]) -> bool:
    return RARE[0] <= counts[fold(word)] <= RARE[1] and not only_stop_words(word)


def _rare(text: Text, counts: Counter[str]) -> list[tuple[str, str]]:
    """Any two rare words."""
    words = sorted({word for word in _words(text) if _is_rare(word, counts)})
    chance = random.Random(len(words))
    chance.shuffle(words)
    return list(zip(words[::2], words[1::2], strict=False))


def _beside(text: Text, counts: Counter[str]) -> list[tuple[str, str]]:
    """Words side by side in a sentence, neither in many articles."""
    pairs = [
        (first, second)
        for part in text.paragraphs
        for first, second in re.findall(r"(?<!\w)([^\W\d_]{4,}) (?=([^\W\d_]{4,}))", part)
        if all(counts[fold(word)] <= 4 * RARE[1] and not only_stop_words(word) for word in (first, second))
    ]
    return sorted(set(pairs))


# -- the same, typed otherwise ---------------------------------------------------------------------


def capitals(typed: str, chance: random.Random) -> str:
    return typed.upper()


def no_accents(typed: str, chance: random.Random) -> str:
    split = unicodedata.normalize("NFD", typed)
    return unicodedata.normalize("NFC", "".join(char for char in split if not unicodedata.combining(char)))


def apostrophe(typed: str, chance: random.Random) -> str:
    """The other apostrophe."""
    return typed.translate(str.maketrans("'’", "’'"))


def number(typed: str, chance: random.Random) -> str:
    """Every word in the other number, where French has it: with an s or without."""
    return re.sub(r"[^\W\d_]{4,}", lambda found: _other_number(found[0]), typed)


def _other_number(word: str) -> str:
    other = word[:-1] if word.endswith("s") else f"{word}s"
    return other if word.islower() and zipf_frequency(other, "fr") >= KNOWN else word


def slip(typed: str, chance: random.Random) -> str:
    """One letter of one word wrong, left out, doubled or exchanged with the next; never its first."""
    words = [found for found in re.finditer(r"[^\W\d_]+", typed) if len(found[0]) >= SLIPPED]
    if not words:
        return typed
    found = chance.choice(words)
    at = found.start() + chance.randrange(1, len(found[0]) - 1)
    wrong = chance.choice("aeinorstul".replace(typed[at].lower(), ""))
    return chance.choice(
        [
            typed[:at] + wrong + typed[at + 1 :],
            typed[:at] + typed[at + 1 :],
            typed[:at] + typed[at] + typed[at:],
            typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :],
        ]
    )


VARIANTS: dict[str, Callable[[str, random.Random], str]] = {
    "CAPITALES": capitals,
    "sans accent": no_accents,
    "autre apostrophe": apostrophe,
    "autre nombre": number,
    "une faute": slip,
}
