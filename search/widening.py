"""Names in a query find the entry's other names too: "ONU" also "Nations unies". Pure.

    authorities -> names that mean one entry alone -> the longest of them in words side by side -> `Named` nodes

Only names of the same entry, word for word: labels, aliases, acronyms, and the spellings of a surname; what stands for a
government ("Pékin") is no name of its state. What is quoted is left as quoted. The canonical spelling of a widened query
is the query that asks the same without widening.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from authorities.model import Authorities, Name
from mappings.french import STOP_WORDS
from search.spelling import name_words
from search.tree import And, InTitle, Named, Near, Node, Not, Or, Phrase, Query, Word, within

# Names that are also words: typed small they are the word, and the index, which ignores case, cannot tell them from it.
# Chosen by hand among the 2,600 names of one word that have others, by their frequency in French (wordfreq).
_ORDINARY = """
    acier agen aie aime amazone andes are as bal bale barre bayer bender berne bienne bigard bird bit bono boss
    bougie bourse bri brive caimans canaries canton cap cassel celebes central cercle cite clos coche cochin coe
    coire cologne como cor cote cour coupe cre crete dawn digne dome dover eden elan emirats equateur es est etat
    fans fez fie fig fil fina forum foi fuse gang gant gap genes gent globe globo golfe grenade gueules hermes
    hexagone ifs il ile intel ion ira ire is iter java jersey la las le lens les lie lions lis lit loir ma macon
    malines manche mars mas me media mer mere messine meta mir mit mode mon mormons muscat net nice nike nil nom
    none nord note occident on op or orange ordre os osa ours pal pam parade parlement parme pas pele pen pic pile
    pis pise plan pop port porto pose pro quai ras rat rayon reconquete ren res rien rite roma rose ruse sa sac sana
    sas se sec senat serre shell si sienne sol son sour spa sud suisse sur taliban talibans tana tas te telegram
    terre tir toi ton tour tours tu un union unis us vaux verite vers vie vienne vit vos vu
"""
ORDINARY = frozenset(_ORDINARY.split())

# Names added to one query: of ten each, those of sixteen entries; more would be a search of hundreds of phrases.
MOST_ADDED = 160

# Surnames as other alphabets give them differ by few letters: "Zelensky" and "Zelenskyy", not "Blair" and "Booth".
SHORTEST_SURNAME = 4
LETTERS_PER_EDIT = 3

# "U.S.A." and "U.S.A" are USA
DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]\.?")
# "l'ONU", "qu’Israël": what stands before the name
ELIDED = re.compile(r"(?:[cdjlmnst]|(?:jus|lors|puis|quoi|pres)?qu)['’]", re.IGNORECASE)

NAME_ROLES = ("label", "alias", "acronym")


@dataclass(frozen=True, slots=True)
class Widened:
    """A name of a query, as typed, the label of the entry it means, and the entry's other names, sought as well."""

    text: str
    means: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a name means; `capital`: only where it is typed with one, `acronym`: with nothing else."""

    means: str
    others: tuple[str, ...]
    capital: bool
    acronym: bool


class Widening:
    """The names of the authorities that have others; built once, in a third of a second."""

    def __init__(self, authorities: Authorities) -> None:
        self._known = dict(_known(authorities))
        # By the first word of a name, how many words such names have at most.
        self._longest: dict[str, int] = {}
        for key in self._known:
            first, *others = key.split(" ")
            self._longest[first] = max(self._longest.get(first, 0), len(others) + 1)

    def widen(self, query: Query) -> Query:
        """The same query, every name that has others a `Named`; those beyond `MOST_ADDED` are told and left as typed."""
        words = [each.text for node in query.nodes for each in within(node) if isinstance(each, Word)]
        reader = _Reader(self._known, self._longest, shouted=len(words) > 1 and " ".join(words).isupper())
        nodes = tuple(reader.side_by_side(query.nodes))
        if not reader.left_out:
            return replace(query, nodes=nodes)
        warning = (
            f"Trop de noms dans cette recherche : « {reader.left_out[0]} » n'est pas cherché sous ses autres noms"
            f"{', ni les suivants' if len(reader.left_out) > 1 else ''}."
        )
        return replace(query, nodes=nodes, warnings=(*query.warnings, warning))


class _Reader:
    """One query read; counts what it adds."""

    def __init__(self, known: dict[str, _Known], longest: dict[str, int], *, shouted: bool) -> None:
        self._known, self._longest, self._shouted = known, longest, shouted
        self._parts: dict[str, list[str]] = {}
        self._added = 0
        self.left_out: list[str] = []

    def side_by_side(self, nodes: Sequence[Node]) -> Iterator[Node]:
        at = 0
        while at < len(nodes):
            node = nodes[at]
            if not isinstance(node, Word):
                yield self._below(node)
                at += 1
                continue
            named, used = self._named(nodes, at)
            yield named or node
            at += used

    def _below(self, node: Node) -> Node:
        match node:
            case Word():
                return next(iter(self.side_by_side((node,))))
            case And(nodes=nodes):
                read = tuple(self.side_by_side(nodes))
                return replace(node, nodes=read) if len(read) > 1 else read[0]
            case Or(nodes=nodes):
                quoted = {each.text for each in nodes if isinstance(each, Phrase)}
                return replace(node, nodes=tuple(self._one_of(each, quoted) for each in nodes))
            case Not(node=inner) | InTitle(node=inner):
                return replace(node, node=self._below(inner))
            case Near(left=left, right=right):
                return replace(node, left=self._below(left), right=self._below(right))
        return node

    def _one_of(self, node: Node, quoted: set[str]) -> Node:
        """One side of an OU; a name beside its other names is widened already."""
        read = self._below(node)
        return node if isinstance(read, Named) and quoted.issuperset(read.others) else read

    def _named(self, nodes: Sequence[Node], at: int) -> tuple[Named | None, int]:
        """The longest name that begins at a word, and how many nodes it takes."""
        first = nodes[at]
        assert isinstance(first, Word)
        # An elided word is before the name, but for names that begin so: "L'Oréal".
        for bare in dict.fromkeys((first.text, ELIDED.sub("", first.text, count=1))):
            parts = self._parts_of(bare)
            longest = self._longest.get(parts[0], 0) if parts else 0
            for used, said in self._runs(nodes, at, parts, longest) if longest else ():
                known = self._known.get(" ".join(said))
                if known and self._fits(known, bare):
                    if self._added + len(known.others) > MOST_ADDED:
                        self.left_out.append(bare)
                        return None, 1
                    self._added += len(known.others)
                    last = nodes[at + used - 1]
                    typed = " ".join(each.text for each in nodes[at : at + used] if isinstance(each, Word))
                    return Named(typed, known.means, known.others, first.start, last.end), used
        return None, 1

    def _runs(self, nodes: Sequence[Node], at: int, first: list[str], longest: int) -> Iterator[tuple[int, list[str]]]:
        """The words side by side from here on, as many as the longest name has, then one less each time."""
        runs = [first]
        for node in nodes[at + 1 : at + longest]:
            if not isinstance(node, Word) or len(runs[-1]) >= longest:
                break
            runs.append([*runs[-1], *self._parts_of(node.text)])
        return ((count + 1, runs[count]) for count in reversed(range(len(runs))))

    def _parts_of(self, word: str) -> list[str]:
        parts = self._parts.get(word)
        if parts is None:
            parts = self._parts[word] = _parts(word)
        return parts

    def _fits(self, known: _Known, text: str) -> bool:
        if known.acronym:
            return text.isupper() and not self._shouted
        return not known.capital or (text[0].isupper() and not self._shouted)


def widened(query: Query) -> tuple[Widened, ...]:
    """What was widened in a query, each name once, in the order of the text."""
    found = {
        each.text: Widened(ELIDED.sub("", each.text, count=1), each.means, each.others)
        for node in query.nodes
        for each in within(node)
        if isinstance(each, Named)
    }
    return tuple(found.values())


def narrowed(query: Query) -> Query:
    """The query that seeks the names as typed, and no others: each in quotation marks."""

    def narrow(node: Node) -> Node:
        match node:
            case Named(text=text, start=start, end=end):
                return Phrase(text, start, end)
            case And(nodes=nodes) | Or(nodes=nodes):
                return replace(node, nodes=tuple(map(narrow, nodes)))
            case Not(node=inner) | InTitle(node=inner):
                return replace(node, node=narrow(inner))
            case Near(left=left, right=right):
                return replace(node, left=narrow(left), right=narrow(right))
        return node

    return replace(query, nodes=tuple(map(narrow, query.nodes)))


# -- what the authorities say ------------------------------------------------------------------------


def _parts(word: str) -> list[str]:
    """The words of a name, folded; an acronym with dots is one."""
    return name_words(word.replace(".", "")) if DOTTED.fullmatch(word) else name_words(word)


def _key(text: str) -> str:
    return " ".join(chain.from_iterable(map(_parts, text.split())) if "." in text else name_words(text))


def _known(authorities: Authorities) -> Iterator[tuple[str, _Known]]:
    """Every name that means one entry alone and has others to add."""
    groups, owners, labels = _groups(authorities)
    words_too = ORDINARY | {_key(word) for state in authorities.states.values() for word in state.demonyms}
    for group, names in groups.items():
        if len(names) < 2:
            continue
        own = [
            _Own(key, frozenset(key.split(" ")), name)
            for key, name in names.items()
            # A label is itself before it is somebody's surname.
            if owners[key] == {group} or (group in labels[key] and len(labels[key]) == 1)
        ]
        words = {each.key for each in own if each.key in words_too or each.said <= STOP_WORDS}
        for each in own:
            others = tuple(other.name.text for other in own if other.key not in words and not other.said >= each.said)
            if others:
                word = each.key in words
                acronym = word and each.name.role == "acronym"
                yield each.key, _Known(each.name.label, others, capital=word, acronym=acronym)


class _Own(NamedTuple):
    """A name that means one entry alone: its words, folded, in order and as a set."""

    key: str
    said: frozenset[str]
    name: Name


# A kind and a label; a surname is a group of its own, whoever bears it.
Group = tuple[str, str]
SURNAME = "surname"


def _groups(
    authorities: Authorities,
) -> tuple[dict[Group, dict[str, Name]], dict[str, set[Group]], dict[str, set[Group]]]:
    """The names of each entry by their key, and by key the entries that claim it, and those whose label it is."""
    groups: dict[Group, dict[str, Name]] = defaultdict(dict)
    owners: dict[str, set[Group]] = defaultdict(set)
    labels: dict[str, set[Group]] = defaultdict(set)
    for name in authorities.names():
        if name.role not in NAME_ROLES:
            continue
        key = _key(name.text)
        if len(key) < 2:
            continue
        group: Group = (name.kind, name.label)
        groups[group].setdefault(key, name)
        owners[key].add(group)
        if name.text == name.label:
            labels[key].add(group)
    for surname, spellings in _surnames(authorities).items():
        group = SURNAME, surname
        for key, text in spellings.items():
            groups[group].setdefault(key, Name(text, spellings[surname], "person", "surname"))
            owners[key].add(group)
    return groups, owners, labels


def _surnames(authorities: Authorities) -> dict[str, dict[str, str]]:
    """Every surname, with its other spellings in the aliases of those who bear it: "zelensky" -> "Zelenskyy"..."""
    found: dict[str, dict[str, str]] = {}
    for person in authorities.persons.values():
        surname = _key(person.surname)
        spellings = found.setdefault(surname, {surname: person.surname})
        size = len(surname.split(" "))
        given = len(_key(person.label).split(" ")) - size
        if len(surname) < SHORTEST_SURNAME or not _key(person.label).endswith(surname):
            continue
        for alias in person.aliases:
            words = alias.split(" ")
            text = " ".join(words[-len(person.surname.split(" ")) :])
            key = _key(text)
            if len(_key(alias).split(" ")) - len(key.split(" ")) == given and _is_spelling(surname, key):
                spellings.setdefault(key, text)
    return found


def _is_spelling(one: str, other: str) -> bool:
    return one != other and one[0] == other[0] and _edits(one, other) <= len(one) // LETTERS_PER_EDIT


def _edits(one: str, other: str) -> int:
    """Letters to add, drop or change (Levenshtein)."""
    row = list(range(len(other) + 1))
    for number, char in enumerate(one, start=1):
        before, row = row, [number]
        for at, letter in enumerate(other, start=1):
            row.append(min(before[at] + 1, row[-1] + 1, before[at - 1] + (char != letter)))
    return row[-1]
