"""Which words of a query, side by side, are a name of the authorities: the longest are. Pure.

Case and accents are ignored, hyphens are blanks, an acronym may have its dots, and what is elided before a name is none
of it ("l'ONU"). A surname is a name of all who bear it, in each of its spellings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from authorities.model import Authorities, Name
from search.spelling import name_words
from search.tree import Node, Word

# "U.S.A." and "U.S.A" are USA
DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]\.?")
# "l'ONU", "qu’Israël": what stands before the name
ELIDED = re.compile(r"(?:[cdjlmnst]|(?:jus|lors|puis|quoi|pres)?qu)['’]", re.IGNORECASE)

# By which an entry is named; not the adjectives of a state, nor what stands for its government.
ROLES = ("label", "alias", "acronym", "surname")

# Surnames as other alphabets give them differ by few letters: "Zelensky" and "Zelenskyy", not "Blair" and "Booth".
SHORTEST_SURNAME = 4
LETTERS_PER_EDIT = 3


@dataclass(frozen=True, slots=True)
class Found:
    """`nodes[at : at + used]` of a query are words that are a name: `text` as typed, without what is elided before it."""

    at: int
    used: int
    text: str
    key: str


class Naming:
    """The names of the authorities; built once, in a third of a second.

    `meanings`: by what `key_of` makes of a name, the names that are so, each of another entry.
    `surname_of`: the key of the surname of each person; `adjectives`: of the adjectives of states.
    """

    def __init__(self, authorities: Authorities) -> None:
        surnames = _surnames(authorities)
        self.surname_of = {person.label: key_of(person.surname) for person in authorities.persons.values()}
        self.adjectives = frozenset(key_of(word) for state in authorities.states.values() for word in state.demonyms)
        found: dict[str, dict[tuple[str, str], Name]] = defaultdict(dict)
        for name in _names(authorities, surnames):
            key = key_of(name.text)
            if len(key) > 1:
                found[key].setdefault((name.kind, name.label), name)
        self.meanings: dict[str, tuple[Name, ...]] = {key: tuple(names.values()) for key, names in found.items()}
        # By the first word of a name, how many words such names have at most.
        self._longest: dict[str, int] = {}
        for key in self.meanings:
            first, *others = key.split(" ")
            self._longest[first] = max(self._longest.get(first, 0), len(others) + 1)

    def find(self, nodes: Sequence[Node]) -> list[Found]:
        """The names among the nodes that are side by side, from left to right, the longest first, none within another."""
        found: list[Found] = []
        parts: dict[str, list[str]] = {}
        at = 0
        while at < len(nodes):
            name = self._beginning(nodes, at, parts)
            if name:
                found.append(name)
            at += name.used if name else 1
        return found

    def _beginning(self, nodes: Sequence[Node], at: int, parts: dict[str, list[str]]) -> Found | None:
        """The longest name that begins at a node. `parts`: those of the words met so far."""
        first = nodes[at]
        if not isinstance(first, Word):
            return None
        # An elided word is before the name, but for names that begin so: "L'Oréal".
        for bare in dict.fromkeys((first.text, ELIDED.sub("", first.text, count=1))):
            own = _known_parts(bare, parts)
            longest = self._longest.get(own[0], 0) if own else 0
            if not longest:
                continue
            runs = [own]
            for node in nodes[at + 1 : at + longest]:
                if not isinstance(node, Word) or len(runs[-1]) >= longest:
                    break
                runs.append([*runs[-1], *_known_parts(node.text, parts)])
            for number in reversed(range(len(runs))):
                key = " ".join(runs[number])
                if key in self.meanings:
                    rest = (node.text for node in nodes[at + 1 : at + number + 1] if isinstance(node, Word))
                    return Found(at, number + 1, " ".join((bare, *rest)), key)
        return None


def key_of(name: str) -> str:
    """A name as names are compared: "O.N.U." -> "onu"; "États-Unis" -> "etats unis"."""
    return " ".join(chain.from_iterable(map(_parts, name.split())) if "." in name else name_words(name))


def _parts(word: str) -> list[str]:
    return name_words(word.replace(".", "")) if DOTTED.fullmatch(word) else name_words(word)


def _known_parts(word: str, known: dict[str, list[str]]) -> list[str]:
    parts = known.get(word)
    if parts is None:
        parts = known[word] = _parts(word)
    return parts


def _names(authorities: Authorities, surnames: dict[str, dict[str, str]]) -> Iterator[Name]:
    for name in authorities.names():
        if name.role == "surname":
            for text in surnames[key_of(name.text)].values():
                yield name._replace(text=text)
        elif name.role in ROLES:
            yield name
    for topic in authorities.topics:
        yield Name(topic, topic, "topic", "label")


def _surnames(authorities: Authorities) -> dict[str, dict[str, str]]:
    """By surname, its spellings in the aliases of those who bear it: "zelensky" -> "Zelensky", "Zelenskyy"..."""
    found: dict[str, dict[str, str]] = {}
    for person in authorities.persons.values():
        surname, label = key_of(person.surname), key_of(person.label)
        spellings = found.setdefault(surname, {surname: person.surname})
        if len(surname) < SHORTEST_SURNAME or not label.endswith(surname):
            continue
        given = len(label.split(" ")) - len(surname.split(" "))
        for alias in person.aliases:
            text = " ".join(alias.split(" ")[-len(person.surname.split(" ")) :])
            key = key_of(text)
            if len(key_of(alias).split(" ")) - len(key.split(" ")) == given and _is_spelling(surname, key):
                spellings.setdefault(key, text)
    return found


def _is_spelling(one: str, other: str) -> bool:
    return one != other and one[:1] == other[:1] and _edits(one, other) <= len(one) // LETTERS_PER_EDIT


def _edits(one: str, other: str) -> int:
    """Letters to add, drop or change (Levenshtein)."""
    row = list(range(len(other) + 1))
    for number, char in enumerate(one, start=1):
        before, row = row, [number]
        for at, letter in enumerate(other, start=1):
            row.append(min(before[at] + 1, row[-1] + 1, before[at - 1] + (char != letter)))
    return row[-1]
