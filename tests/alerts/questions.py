"""Random questions about given dispatches: every operator and field of the language, every facet, periods, versions.

What they ask is drawn from the dispatches, so that most find something, and few find all.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from mappings.dispatch import Dispatch
from mappings.fields import FACET_FIELDS, FACETS, STATUS_LABELS

# Names that are widened, words that are spelt in several ways, and one that nothing has.
KNOWN = ("ONU", "États-Unis", "Etats-Unis", "OTAN", "Chine", "l’Europe", "aujourd’hui", "à la une", "zyxabsent")

PREFIXES = {"acteur": "actor", "lieu": "venue", "sujet": "topic", "agence": "agency"}


class Questions:
    """Parameters of searches, without end."""

    def __init__(self, chance: random.Random, dispatches: Sequence[Dispatch], today: date) -> None:
        self._chance = chance
        self._dispatches = dispatches
        self._today = today
        self._operators: tuple[Callable[[], str], ...] = (
            self._word,
            lambda: f"{self._word()} {self._word()}",
            lambda: f"qui parle de {self._word()} et de {self._word()} ?",
            lambda: " ".join(self._words(6)),
            lambda: f'"{" ".join(self._words(2))}"',
            lambda: f"« {self._word()} »",
            lambda: f'"{" ".join(self._words(3)[::2])}"~{chance.randint(1, 9)}',
            lambda: f"{self._word()[: chance.randint(3, 6)]}*",
            lambda: f"{f' PRES/{chance.randint(1, 12)} '.join(self._words(3)[::2])}",
            lambda: f"{self._word()} PRES/9 ({self._word()} OU {self._word()})",
            lambda: " PARA ".join(self._words(5)[::4]),
            lambda: f"titre:{self._word_of(self._some().title)}",
            lambda: f"titre:({self._word()} OU {self._word_of(self._some().title)})",
            lambda: chance.choice(KNOWN),
            self._field,
            self._field,
            self._spoken,
            self._date,
            self._date,
        )

    def params(self) -> dict[str, list[str]]:
        """The parameters of one search that could be saved."""
        chance = self._chance
        given: dict[str, list[str]] = {}
        if chance.random() < 0.85:
            given["q"] = [self.query()]
        for _ in range(chance.choice((0, 0, 1, 1, 2)) if given else chance.choice((1, 2))):
            name = chance.choice(tuple(FACETS))
            way = chance.choice(("", "", ".all", ".not"))
            given[name + way] = [self._value(name) for _ in range(chance.choice((1, 1, 2, 3)))]
        if chance.random() < 0.15:
            first = self._day()
            given |= {"from": [first.isoformat()], "to": [(first + timedelta(days=chance.randint(0, 200))).isoformat()]}
        if chance.random() < 0.15:
            given["versions"] = ["all"]
        if chance.random() < 0.05:
            given["dated"] = [chance.choice(("yes", "no"))]
        return given

    def query(self, depth: int = 2) -> str:
        chance = self._chance
        if depth == 0 or chance.random() < 0.6:
            return chance.choice(self._operators)()
        left, right = self.query(depth - 1), self.query(depth - 1)
        return f"({left}) {chance.choice(('OU', 'OR', 'ET', 'AND', 'SAUF', 'NOT'))} ({right})"

    def _some(self) -> Dispatch:
        return self._chance.choice(self._dispatches)

    def _words(self, count: int) -> list[str]:
        """Side by side in some dispatch."""
        while True:
            text = self._chance.choice(self._some().body).split()
            at = self._chance.randrange(max(1, len(text) - count))
            words = [word.strip("().,«»") for word in text[at : at + count]]
            if len(words) == count and all(len(word) > 1 and word.isalpha() and word.islower() for word in words):
                return words

    def _word(self) -> str:
        return next(word for word in (self._words(1)[0] for _ in iter(int, 1)) if len(word) > 4)

    def _word_of(self, title: str) -> str:
        return max(title.split(), key=len).strip("():-").lower()

    def _value(self, facet: str) -> str:
        """A value that some dispatch has, or of a path its last part; any state, since they change."""
        if facet == "status":
            return self._chance.choice(tuple(STATUS_LABELS))
        for _ in range(100):
            found = getattr(self._some(), FACET_FIELDS[facet])
            values = (found,) if isinstance(found, str) else found
            if values:
                value = str(self._chance.choice(values))
                return value.rpartition(" > ")[2] if self._chance.random() < 0.3 else value
        return "zyxabsent"

    def _field(self) -> str:
        prefix, facet = self._chance.choice(tuple(PREFIXES.items()))
        return f'{prefix}:"{self._value(facet)}"'

    def _spoken(self) -> str:
        said = self._chance.choice([each for each in self._dispatches if each.quotes])
        quote = self._chance.choice(said.quotes)
        words = said.body[quote.paragraph][quote.start : quote.end].split()
        word = self._chance.choice([each.strip("«»,. ") for each in words if each.strip("«»,. ").isalpha()] or ["x"])
        return f'parole:"{quote.speaker}" {self._chance.choice(("", word))}'.strip()

    def _day(self) -> date:
        published = self._some().published
        return published.date() if published else self._today

    def _date(self) -> str:
        day = self._day()
        later = day + timedelta(days=self._chance.randint(0, 90))
        shapes = ("aujourd'hui", "hier", "lundi", "7j", "30j", f"{day:%Y}", f"{day:%Y-%m}", f"{day}", f"{day}..{later}")
        return f"date:{self._chance.choice((*shapes, f'{day}..', f'..{day}'))}"
