"""Names in a query find the entry's other names too: "ONU" also "Nations unies". Pure.

    authorities -> names that mean one entry alone -> the longest of them in words side by side -> `Named` nodes

Only names of the same entry, word for word: labels, aliases, acronyms, and the spellings of a surname; what stands for a
government ("Pékin") is no name of its state. What is quoted is left as quoted. The canonical spelling of a widened query
is the query that asks the same without widening.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from authorities.model import Name
from mappings.french import STOP_WORDS
from search.naming import ELIDED, Naming
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
    """The names that have others to be sought; built once, from all there are."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._known = dict(_known(naming))

    def widen(self, query: Query) -> Query:
        """The same query, every name that has others a `Named`; those beyond `MOST_ADDED` are told and left as typed."""
        words = [each.text for node in query.nodes for each in within(node) if isinstance(each, Word)]
        if not words:
            return query
        reader = _Reader(self._naming, self._known, shouted=len(words) > 1 and " ".join(words).isupper())
        nodes = tuple(reader.side_by_side(query.nodes))
        if not reader.left_out:
            return replace(query, nodes=nodes)
        warning = (
            f"Trop de noms dans cette recherche : « {reader.left_out[0]} » n'est pas cherché sous ses autres noms"
            f"{', ni les suivants' if len(reader.left_out) > 1 else ''}."
        )
        return replace(query, nodes=nodes, warnings=(*query.warnings, warning))

    def whole(self, query: Query) -> Query | None:
        """The query as a name and nothing else, however long: all its words are asked for then; None where it is none."""
        widened = self.widen(replace(query, asks="all"))
        return widened if len(widened.nodes) == 1 and isinstance(widened.nodes[0], Named) else None


class _Reader:
    """One query read; counts what it adds."""

    def __init__(self, naming: Naming, known: dict[str, _Known], *, shouted: bool) -> None:
        self._naming, self._known, self._shouted = naming, known, shouted
        self._added = 0
        self.left_out: list[str] = []

    def side_by_side(self, nodes: Sequence[Node]) -> Iterator[Node]:
        at = 0
        for found in self._naming.find(nodes):
            known = self._known.get(found.key)
            if known and self._fits(known, found.text):
                yield from map(self._below, nodes[at : found.at])
                at = found.at + found.used
                yield from self._named(nodes[found.at : at], found.text, known)
        yield from map(self._below, nodes[at:])

    def _below(self, node: Node) -> Node:
        match node:
            case And(nodes=nodes):
                read = tuple(self.side_by_side(nodes))
                return replace(node, nodes=read) if len(read) > 1 else read[0]
            case Or(nodes=nodes):
                quoted = {each.text for each in nodes if isinstance(each, Phrase)}
                return replace(node, nodes=tuple(self._one_of(each, quoted) for each in nodes))
            case Not(node=inner) | InTitle(node=inner):
                return replace(node, node=self._alone(inner))
            case Near(left=left, right=right):
                return replace(node, left=self._alone(left), right=self._alone(right))
        return node

    def _alone(self, node: Node) -> Node:
        return next(iter(self.side_by_side((node,))))

    def _one_of(self, node: Node, quoted: set[str]) -> Node:
        """One side of an OU; a name beside its other names is widened already."""
        read = self._alone(node)
        return node if isinstance(read, Named) and quoted.issuperset(read.others) else read

    def _named(self, words: Sequence[Node], text: str, known: _Known) -> Iterator[Node]:
        if self._added + len(known.others) > MOST_ADDED:
            self.left_out.append(text)
            yield from words
            return
        self._added += len(known.others)
        typed = " ".join(each.text for each in words if isinstance(each, Word))
        yield Named(typed, known.means, known.others, words[0].start, words[-1].end)

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

# A kind and a label; a surname is a group of its own, whoever bears it.
_Group = tuple[str, str]
SURNAME = "surname"


class _Own(NamedTuple):
    """A name that means one entry alone: its words, folded, in order and as a set."""

    key: str
    said: frozenset[str]
    name: Name


def _known(naming: Naming) -> Iterator[tuple[str, _Known]]:
    """Every name that means one entry alone and has others to add."""
    words_too = ORDINARY | naming.adjectives
    for own in _groups(naming).values():
        if len(own) < 2:
            continue
        words = {each.key for each in own if each.key in words_too or each.said <= STOP_WORDS}
        for each in own:
            others = tuple(other.name.text for other in own if other.key not in words and _adds(other.said, each.said))
            if others:
                word = each.key in words
                yield each.key, _Known(each.name.label, others, word, word and each.name.role == "acronym")


def _adds(other: frozenset[str], said: frozenset[str]) -> bool:
    """Whether another name finds more of the same: not what the words typed find, nor one of them alone ("Rio")."""
    return not other >= said and not (len(other) == 1 and other < said)


def _groups(naming: Naming) -> dict[_Group, list[_Own]]:
    """The names of each entry that are nobody else's."""
    groups: dict[_Group, list[_Own]] = defaultdict(list)
    for key, meanings in naming.meanings.items():
        names = {
            (SURNAME, naming.surname_of[name.label]) if name.role == SURNAME else (name.kind, name.label): name
            for name in meanings
            if name.kind != "topic"
        }
        if len(names) > 1:
            # A label is itself before it is somebody's surname.
            names = {group: name for group, name in names.items() if group[0] != SURNAME}
            if any(name.role != "label" for name in names.values()):
                continue
        if len(names) == 1:
            (group, name) = next(iter(names.items()))
            groups[group].append(_Own(key, frozenset(key.split(" ")), name))
    return groups
