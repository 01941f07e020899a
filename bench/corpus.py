"""Generated dispatches to measure with: French words in Zipf's proportions, real names, datelines, paragraphs.

Deterministic: the same number gives the same dispatches. About 3 KB each, as on the wire.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate

from wordfreq import top_n_list, word_frequency

from authorities.loader import load_authorities

MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
AGENCIES = ("AFP", "Xinhua", "Reuters", "Belga", "ATS", "APS", "MAP", "TASS")
VERBS = ["a déclaré", "a indiqué", "a estimé", "a annoncé", "a rappelé", "a souligné", "a ajouté"]
SENTENCE_WORDS = 22
SENTENCES = 20

# Words below this rank are rare enough to make documents differ, frequent enough to be French.
VOCABULARY = 30_000


class Corpus:
    """An endless supply of dispatches."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._words = [word for word in top_n_list("fr", VOCABULARY) if word.isalpha()]
        self._weights = list(accumulate(word_frequency(word, "fr") for word in self._words))
        authorities = load_authorities()
        self._persons = sorted(authorities.persons)
        self._organisations = sorted(authorities.organisations)
        self._cities = sorted(authorities.cities)[:400]

    def dispatches(self, count: int) -> Iterator[str]:
        """`count` dispatches as text files hold them."""
        for number in range(count):
            yield self._dispatch(number)

    def _dispatch(self, number: int) -> str:
        pick = self._random.choice
        day = datetime(2019, 1, 1) + timedelta(minutes=number * 47 % 3_000_000)
        agency = pick(AGENCIES)
        person, body = pick(self._persons), pick(self._organisations)
        # Each dispatch has a handful of names, used again and again, as real ones do.
        names = [person, person.split()[-1], body, pick(self._cities), pick(self._persons), pick(self._organisations)]
        city = pick(self._cities)
        lines = [self._words_of(9).capitalize(), ""]
        dateline = f"{city.upper()}, {day.day} {MONTHS[day.month - 1]} {day.year} ({agency}) - "
        paragraph: list[str] = []
        for place in range(SENTENCES):
            paragraph.append(self._sentence(names))
            if len(paragraph) == 2 or place == SENTENCES - 1:
                lines.append((dateline if len(lines) == 2 else "") + " ".join(paragraph))
                lines.append("")
                paragraph = []
        lines.append(f"{self._letters()}/{self._letters()}")
        return "\n".join(lines) + "\n"

    def _words_of(self, count: int) -> str:
        return " ".join(self._random.choices(self._words, cum_weights=self._weights, k=count))

    def _sentence(self, names: list[str]) -> str:
        half = SENTENCE_WORDS // 2
        name = self._random.choice(names)
        start = self._words_of(half).capitalize()
        return f"{start}, {self._random.choice(VERBS)} {name}, {self._words_of(half)}."

    def _letters(self) -> str:
        return "".join(self._random.choices("abcdefghjlmnpqrstv", k=3))
