"""Who, where and what about: the entries of the data files, and the questions other rooms ask of them. Pure.

An entry is known by its label, which is unique among its kind. "Luxembourg" is a state and a city: where a
label alone could mean both, a method takes `kind`, and without it answers for the wider one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

# Between the levels of a venue or a topic: "Asie du Sud-Est > Cambodge > Phnom Penh".
PATH_SEPARATOR = " > "

Kind = Literal["person", "organisation", "state", "region", "city", "topic"]
Role = Literal["label", "alias", "acronym", "demonym", "metonym", "surname"]

# In the notes of an entry: its label is also an everyday word or name ("Libération", "Dominique"), so only
# its other names are recognised in a text.
AMBIGUOUS = re.compile(r"\bambigu\b")

# A phrase or a label, and how much it counts: greater than 0, 1 for an ordinary one.
Weighted = tuple[str, float]


@dataclass(frozen=True, slots=True)
class State:
    """A state or a territory. `lat` and `lon`, here and below, in decimal degrees; here of its centre."""

    label: str
    code: str | None  # ISO 3166-1 alpha-2; None where the standard has none
    kind: str  # state | territory
    aliases: tuple[str, ...]
    demonyms: tuple[str, ...]  # adjectives, every gender and number
    capital: str | None  # a city's label
    metonyms: tuple[str, ...]  # what stands for its government: "Pékin", "Kremlin"
    region: str  # a region's label
    lat: float | None
    lon: float | None
    source: str
    notes: str
    line: int


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the world that is no state: continent, sea, strait, disputed land..."""

    label: str
    kind: str
    parent: str | None  # a region's label, else a state's
    aliases: tuple[str, ...]
    lat: float | None
    lon: float | None
    source: str
    notes: str
    line: int


@dataclass(frozen=True, slots=True)
class City:
    """A city. `line` is 0 for those that come from GeoNames at load time and stand in no file."""

    label: str
    country: str  # a state's label
    aliases: tuple[str, ...]
    lat: float | None
    lon: float | None
    population: int | None
    source: str
    notes: str
    line: int


@dataclass(frozen=True, slots=True)
class Person:
    """A person of public life."""

    label: str
    role: str
    country: tuple[str, ...]  # states' labels
    aliases: tuple[str, ...]
    surname: str  # what follows "M." or "Mme"
    born: str | None  # "1950" or "1950-03-21"
    notes: str
    line: int


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body that acts: institution, alliance, company, party, armed group..."""

    label: str
    kind: str
    acronym: tuple[str, ...]
    aliases: tuple[str, ...]
    country: tuple[str, ...]  # states' labels
    parent: str | None  # an organisation's label
    source: str
    notes: str
    line: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject, the words that speak of it, those that speak against it, and the names that hint at it."""

    label: str
    parent: str | None  # a topic's label
    code: str | None
    triggers: tuple[Weighted, ...]
    negative: tuple[Weighted, ...]
    entities: tuple[Weighted, ...]  # labels of persons, organisations and places
    source: str
    notes: str
    line: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """A name found in texts that documentalists decided is none."""

    label: str
    notes: str
    line: int


class Name(NamedTuple):
    """A string that can stand in a text, and the entry it names.

    A tuple and not a dataclass: there are 30,000, and a frozen dataclass takes three times as long to make.
    """

    text: str
    label: str
    kind: Kind
    role: Role


@dataclass(frozen=True, slots=True)
class Authorities:
    """Every entry by its label. `authorities.loader.load_authorities` makes it and has checked all links."""

    states: Mapping[str, State]
    regions: Mapping[str, Region]
    cities: Mapping[str, City]
    persons: Mapping[str, Person]
    organisations: Mapping[str, Organisation]
    topics: Mapping[str, Topic]
    rejected: frozenset[str] = frozenset()  # in the form `fold` gives

    def kind(self, label: str) -> Kind | None:
        """What a label is; actors before places, the wider place first; None when it is none of ours."""
        tables: tuple[tuple[Kind, Mapping[str, object]], ...] = (
            ("person", self.persons),
            ("organisation", self.organisations),
            ("state", self.states),
            ("region", self.regions),
            ("city", self.cities),
            ("topic", self.topics),
        )
        return next((kind for kind, table in tables if label in table), None)

    def venue_path(self, label: str, kind: str | None = None) -> str | None:
        """The path of a place, from its region down; None when it is no place of ours.

        "Phnom Penh" -> "Asie du Sud-Est > Cambodge > Phnom Penh". `kind` (state, region, city) chooses for a
        label that is both: "Luxembourg" -> "Europe de l'Ouest > Luxembourg", and as a city one level more.
        """
        if kind in (None, "state") and (state := self.states.get(label)):
            return self._below(self.venue_path(state.region, "region"), label)
        if kind in (None, "region") and (region := self.regions.get(label)):
            if region.parent is None:
                return label
            return self._below(
                self.venue_path(region.parent, "region") or self.venue_path(region.parent, "state"), label
            )
        if kind in (None, "city") and (city := self.cities.get(label)):
            return self._below(self.venue_path(city.country, "state"), label)
        return None

    def topic_path(self, label: str) -> str:
        """The path of a topic, from its root down. KeyError for a label that is no topic."""
        parent = self.topics[label].parent
        return label if parent is None else self._below(self.topic_path(parent), label)

    def names(self) -> Iterator[Name]:
        """Every string that can be recognised in a text; each once for an entry and a role.

        Topics have none: what announces them are triggers, not names.
        """
        for state in self.states.values():
            yield from _named(state, "state", metonym=state.metonyms, demonym=state.demonyms)
        for region in self.regions.values():
            yield from _named(region, "region")
        for city in self.cities.values():
            yield from _named(city, "city")
        for person in self.persons.values():
            yield from _named(person, "person", surname=(person.surname,))
        for body in self.organisations.values():
            yield from _named(body, "organisation", acronym=body.acronym)

    @staticmethod
    def _below(above: str | None, label: str) -> str:
        return label if above is None else f"{above}{PATH_SEPARATOR}{label}"


def _named(
    entry: State | Region | City | Person | Organisation, kind: Kind, **others: tuple[str, ...]
) -> Iterator[Name]:
    # "ONU" is label and acronym: the acronym's stricter rule for capitals is the one that must hold.
    hidden = AMBIGUOUS.search(entry.notes) or entry.label in others.get("acronym", ())
    roles = {"label": () if hidden else (entry.label,), "alias": entry.aliases, **others}
    for role, texts in roles.items():
        for text in dict.fromkeys(texts):
            yield Name(text, entry.label, kind, role)  # type: ignore[arg-type]  # the keywords above are roles


# Letters that Unicode does not decompose, as people type them; apostrophes and blanks of every kind as one.
_PLAIN = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ı": "i",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "-": " ",
        "‑": " ",
    }
)


class _Folded(dict[int, str]):
    """Each character as names are compared; what is not in the table is worked out when it is met."""

    def __missing__(self, code: int) -> str:
        plain = "".join(char for char in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(char))
        plain = plain.translate(_PLAIN)
        if code < MOST_FOLDED:
            self[code] = plain
        return plain


# Latin, Greek, Cyrillic, Arabic, punctuation: what a text holds beyond them is not remembered.
MOST_FOLDED = 0x2100
_FOLDED = _Folded()


def fold(text: str) -> str:
    """A name as names are compared: no case, no accents, hyphens as blanks. "États-Unis" -> "etats unis"."""
    lowered = text.casefold()
    if lowered.isascii() and lowered.isalnum():
        return lowered
    return " ".join(lowered.translate(_FOLDED).split())
