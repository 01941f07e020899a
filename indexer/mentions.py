"""Who and where is named in a text, each read as what it means there. Pure.

    names of the authorities -> meanings that fit the place -> people introduced -> short forms, titles -> spots in order

What decides between meanings:
- the longest name; a person or a body before a place ("Paris Saint-Germain", "Paris Hilton");
- a name within another name is none: "rue de Londres", "accord de Paris", "le Paris-Dakar";
- a capital is its state when it acts (indexer/acting.py), else the town;
- a town of several countries, and an adjective of several states ("congolais"), are those of the country the dispatch names;
- a surname, a courtesy title or an office ("M. Wang", "le président russe") is the one person of the dispatch it can mean.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from authorities.model import AMBIGUOUS, Authorities, fold
from indexer.acting import acts_for_state, is_followed_by_verb, state_acts
from indexer.functions import FUNCTIONS, Function, Gender, function_patterns
from indexer.names import Found, NameFinder, Pattern, comparable
from indexer.people import (
    COURTESY,
    LONGEST_COURTESY,
    NO_NAME,
    Introduced,
    Known,
    Led,
    PeopleFinder,
    Taken,
    Words,
    folded,
)
from indexer.running import RunningText

PLACE_KINDS = ("state", "region", "city")
# Names by which a place is named as a place.
PLACE_ROLES = ("label", "alias")

# "rue de Londres", "accord de Paris", "Coupe de France": a piece of another name
WITHIN_NAME = re.compile(
    r"\b(?:rues?|avenue|boulevard|bd|place|quai|porte|impasse|faubourg|chaussée|square|accords?|traités?|pacte|protocole|convention|charte|"
    r"Tour|Coupe|championnats?|club|indice|opéra|affaire)\s(?:de\s(?:la\s|l['’])?|du\s|des\s|d['’])$"
)
LONGEST_WITHIN = 24
# "à Luxembourg" is the town, "le Luxembourg" the state.
AT_TOWN = re.compile(r"(?:\b[àÀA]|[Vv]ille de|[Pp]rès de|[Mm]aire de|[Gg]are de|[Aa]éroport de)\s$")
# "le Suisse Reto" is a man of it, "la Suisse" the state.
MASCULINE = re.compile(r"(?:\b[Ll]e|\b[Uu]n|\bdu|\bau)\s$")
LOCATED = re.compile(r"\b(?:à|À|en|d['’]|de|dans|vers|depuis)\s?$")
SENTENCE_START = re.compile(r"(?:^|[.!?…:\n«\"“(]|--|[-–—])\s*[«\"“(]?\s*$")
# Surnames of public life that open sentences as words: only inside one are they that person.
_ORDINARY = """
    aspect ban bas barre bio blanc boisson bon bonne bout brin brun but cash chevalier civil conte cousin don droit
    dur désir fils fini frère germain grand hou jeune large le lien long loin lu ma mai mais marchand marin noir non
    nouvel page paradis petit pic pivot placé plante poisson portes rose sage sang si soleil son stock su sur to tout
    très val vallée vin
"""
ORDINARY = frozenset(fold(word) for word in _ORDINARY.split())
# Towns that are words too.
_ORDINARY_TOWNS = """
    nice tours sens lens laon gap die vienne fort bonn split bath cork lille angers orange
"""
ORDINARY_TOWNS = frozenset(_ORDINARY_TOWNS.split())
# Of one office or one surname: a text with more is no dispatch, and must not take long.
MOST_HOLDERS = 30
BARE_LENGTH = 3  # letters a surname has at least to be recognised on its own
LAST_WORD = re.compile(r"([\w-]+)\s$")
DEFINITE = re.compile(r"(?:\b[Ll]e\s|\b[Ll]a\s|\b[Ll]['’])$")
OF_SOMETHING = re.compile(r"\s(?:de|du|des|d['’]|à|au|chargé)")


# Bodies whose name begins with a common noun, which texts write small: "l'armée malienne", "la cour d'appel de Paris".
_SMALL = """
    agence armée académie assemblée banque bourse brigade centre chambre commission conseil cour direction école
    fédération fondation garde-côtes gendarmerie institut ligue marine musée ministère observatoire parlement parquet
    police préfecture syndicat tribunal université
"""
SMALL = tuple(word + " " for word in _SMALL.split())
# A body whose name is a word too ("Orange") is named when it stands like a subject: its role, and the rule of its mention.
AS_SUBJECT = "subject"
SUBJECT_KINDS = frozenset({"company", "party", "media"})
SURNAME_LAYER = 1  # "usines de France" names a state, whoever is called "de France"


class Name(NamedTuple):
    """An authority's name as a pattern's meaning."""

    label: str
    kind: str  # person | organisation | state | region | city
    role: str  # label | alias | acronym | demonym | metonym | surname


class Spot(NamedTuple):
    """`text[start:end]` names `label`. `rule` is the role of the name, or what found it (indexer/people.py, "title").

    `acts`: whether a state acts there, by its name or, called by an adjective, by what that qualifies.
    """

    start: int
    end: int
    label: str
    kind: str
    rule: str
    acts: bool = False


@dataclass(frozen=True, slots=True)
class Spots:
    """What is named, in order; `people`: those introduced whom no authority knows, each once, under its fullest name."""

    spots: tuple[Spot, ...]
    people: tuple[Introduced, ...]


@dataclass(slots=True)
class _Cast:
    """The people of one dispatch and what they may be called."""

    genders: dict[str, Gender | None] = field(default_factory=dict)
    bare: dict[str, set[str]] = field(default_factory=dict)  # folded short form -> labels
    courteous: dict[str, set[str]] = field(default_factory=dict)  # only after "M.", "Mme"
    holding: dict[str, list[str]] = field(default_factory=dict)  # function, masculine -> labels, some at most
    countries: dict[str, set[str]] = field(default_factory=dict)
    told: dict[str, set[str]] = field(default_factory=dict)  # label -> functions this dispatch gives

    def holds(self, label: str, function: str) -> None:
        labels = self.holding.setdefault(function, [])
        if label not in labels and len(labels) < MOST_HOLDERS:
            labels.append(label)

    def called(self, short: str, courtesy: re.Match[str] | None) -> str | None:
        """The one person a short form means; a courtesy title tells a wife from a husband."""
        labels = self.bare.get(short, set())
        if courtesy:
            labels = labels | self.courteous.get(short, set())
            asked = "m" if courtesy[1] else "f" if courtesy[2] else None
            if asked:
                fitting = {label for label in labels if self.genders[label] == asked}
                unknown = {label for label in labels if self.genders[label] is None}
                labels = fitting or unknown
        return next(iter(labels)) if len(labels) == 1 else None

    def holder(self, function: Function, country: str) -> str | None:
        """The one person of the dispatch who holds an office of a state."""
        holders = [
            label
            for label in self.holding.get(function.masculine, ())
            if country in self.countries.get(label, ())
            and (function.gender is None or self.genders[label] in (None, function.gender))
        ]
        told = [label for label in holders if function.masculine in self.told.get(label, ())]
        for few in (holders, told):
            if len(few) == 1:
                return few[0]
        return None

    def bearer(self, function: Function) -> str | None:
        """The one person whom this dispatch introduced by a function: "la ministre"."""
        bearers = [
            label
            for label in self.holding.get(function.masculine, ())
            if function.masculine in self.told.get(label, ())
            and (function.gender is None or self.genders[label] in (None, function.gender))
        ]
        return bearers[0] if len(bearers) == 1 else None


class MentionFinder:
    """Finds who and where is named; built once from the authorities."""

    def __init__(self, authorities: Authorities) -> None:
        self._authorities = authorities
        self._finder = NameFinder([*_name_patterns(authorities), *function_patterns()])
        self._people = PeopleFinder(Known.of(authorities))
        self._person_names = {
            fold(name): person.label
            for person in authorities.persons.values()
            for name in (person.label, *person.aliases)
        }
        self._homonyms: dict[str, list[str]] = {}
        for city in authorities.cities.values():
            base, parenthesis, _ = city.label.partition(" (")
            if parenthesis and base in authorities.cities:
                self._homonyms.setdefault(base, []).append(city.label)

    def find(self, running: RunningText, compared: str | None = None) -> Spots:
        """Every name of the text that means somebody or some place, in order.

        `compared` is `comparable` of the text, where the caller has it already.
        """
        text = running.text
        named: list[tuple[Found, list[Name]]] = []
        surnames: list[tuple[int, int]] = []
        functions: list[tuple[int, int, Function]] = []
        for found in self._finder.find(text, comparable(text) if compared is None else compared):
            names = []
            for meaning in found.meanings:
                if isinstance(meaning, Function):
                    functions.append((found.start, found.end, meaning))
                elif isinstance(meaning, Name) and meaning.role == "surname":
                    surnames.append((found.start, found.end))
                elif isinstance(meaning, Name) and (
                    meaning.role != AS_SUBJECT or self._is_body(text, found, meaning.label)
                ):
                    names.append(meaning)
            if names and not _within_name(text, found) and not _is_word(text, found):
                named.append((found, names))
        chosen = self._choose(text, named)
        words = Words(text, self._people.known)
        chosen += self._spelled_otherwise(words, chosen)
        chosen.sort()
        taken = Taken(
            {
                spot.start: spot.end
                for spot in chosen
                if spot.rule != "demonym" and not self._is_given_name(words, spot)
            },
            frozenset(spot.start for spot in chosen if spot.kind == "person"),
        )
        nations = [(spot.start, spot.end, spot.label) for spot in chosen if spot.rule == "demonym"]
        nations += [
            (spot.start, spot.end, spot.label) for spot in chosen if spot.kind == "state" and spot.rule in PLACE_ROLES
        ]
        introduced, led = self._people.find(words, functions, nations, taken)
        introduced = [
            person
            for person in introduced
            if text[person.start - 1 : person.start] != "/" and folded(person.name) not in self._authorities.rejected
        ]
        inside = _Spans((person.start, person.end) for person in introduced)
        chosen = [spot for spot in chosen if not inside.touch(spot.start, spot.end)]
        # "Harrison Ford est venu. Ford a dit": he, not the company
        surname_of = {folded(self._authorities.persons[spot.label].surname) for spot in chosen if spot.kind == "person"}
        surname_of |= {folded(person.name.split(" ")[-1]) for person in introduced}
        chosen = [s for s in chosen if s.rule != AS_SUBJECT or folded(text[s.start : s.end]) not in surname_of]
        labels = self._labels(introduced)
        people = [Spot(person.start, person.end, labels[person.name], "person", person.rule) for person in introduced]
        cast = self._cast(chosen, introduced, labels, led)
        spots = [*chosen, *people]
        spots += self._short_forms(text, words, surnames, spots, cast)
        spots = self._titles(text, spots, led, cast)
        spots = _apart(spots)
        fullest = {
            labels[person.name]: person
            for person in reversed(introduced)
            if labels[person.name] not in self._authorities.persons
        }
        return Spots(
            tuple(spots),
            tuple([person._replace(name=label) for label, person in fullest.items()]),
        )

    # --- meanings ---------------------------------------------------------------------------------------------------

    def _choose(self, text: str, named: Sequence[tuple[Found, list[Name]]]) -> list[Spot]:
        """One meaning for each name, in order."""
        countries: Counter[str] = Counter()
        for _, names in named:
            if len({name.label for name in names if name.kind in PLACE_KINDS}) == 1 and names[0].kind in PLACE_KINDS:
                country = self._country(names[0])
                if country and not (names[0].kind == "city" and names[0].label in self._homonyms):
                    countries[country] += 1
        spots = []
        for found, names in named:
            name = self._meaning(text, found, names, countries)
            if name.kind == "person" and text[found.start - 1 : found.start] == "/":
                continue  # "(Xinhua/Van Pov)"
            acts = name.role == "demonym" and acts_for_state(text, found.start)
            spots.append(Spot(found.start, found.end, name.label, name.kind, name.role, acts))
        return spots

    def _meaning(self, text: str, found: Found, names: list[Name], countries: Counter[str]) -> Name:
        if len(names) == 1 and names[0].kind != "city":
            return names[0]
        before = text[max(0, found.start - 20) : found.start]
        adjectives = [name for name in names if name.role == "demonym"]
        if adjectives and MASCULINE.search(before):
            return adjectives[0]
        for name in names:
            if name.kind == "person":
                return name
        bodies = [name for name in names if name.kind == "organisation"]
        towns = [name for name in names if name.kind in PLACE_KINDS and name.role in PLACE_ROLES]
        metonyms = [name for name in names if name.role == "metonym"]
        if bodies and not (towns and AT_TOWN.search(before)):
            # A seat of power is its state: "le Kremlin", "la Maison-Blanche", "le Saint-Siège".
            return metonyms[0] if metonyms and not towns else bodies[0]
        if metonyms and (not towns or state_acts(text, found.start, found.end)):
            elsewhere = [self._elsewhere(name, countries) for name in towns]
            if not any(elsewhere):
                return metonyms[0]
        if towns:
            order = ("city", "state", "region") if AT_TOWN.search(before) else ("state", "region", "city")
            town = min(towns, key=lambda name: order.index(name.kind))
            return self._elsewhere(town, countries) or town
        return max(adjectives or names, key=lambda name: countries[name.label])

    def _elsewhere(self, town: Name, countries: Counter[str]) -> Name | None:
        """Another town of that name, in a country the dispatch names, when it does not name that of the usual one."""
        others = self._homonyms.get(town.label) if town.kind == "city" else None
        if not others or countries[self._authorities.cities[town.label].country]:
            return None
        best = max(others, key=lambda label: countries[self._authorities.cities[label].country])
        return Name(best, "city", town.role) if countries[self._authorities.cities[best].country] else None

    def _country(self, name: Name) -> str | None:
        if name.kind == "state":
            return name.label
        if name.kind == "city":
            return self._authorities.cities[name.label].country
        region = self._authorities.regions[name.label]
        return region.parent if region.parent in self._authorities.states else None

    def _spelled_otherwise(self, words: Words, chosen: Sequence[Spot]) -> list[Spot]:
        """People of the authorities with accents these do not write: "Tsaï Ing-wen" for Tsai Ing-wen."""
        found: list[Spot] = []
        inside: _Spans | None = None
        free = 0
        for number, (start, end) in enumerate(words.spans):
            if words.text[start:end].isascii() or start < free:
                continue
            inside = inside or _Spans((spot.start, spot.end) for spot in chosen)
            for first in range(max(0, number - 2), number + 1):
                at, last = words.spans[first][0], words.run(first)
                stop = words.spans[last - 1][1]
                label = self._person_names.get(folded(words.text[at:stop])) if last > number else None
                if label and at >= free and not inside.touch(at, stop):
                    found.append(Spot(at, stop, label, "person", "alias"))
                    free = stop
                    break
        return found

    def _is_body(self, text: str, found: Found, label: str) -> bool:
        """Whether a name that is also a word is a company's here: "Orange a publié"; not "Marianne a ri", "DUPONT est là"."""
        surface = text[found.start : found.end]
        return surface == label and is_followed_by_verb(text, found.end) and not self._people.known.is_given(surface)

    def _is_given_name(self, words: Words, spot: Spot) -> bool:
        """Whether a town is rather the given name of somebody unknown: "la procureure Petra Dewulf", not "à Florence"."""
        number = words.number.get(spot.start)
        if number is None or spot.kind != "city":
            return False
        led = LAST_WORD.search(words.text[max(0, spot.start - 24) : spot.start])
        if not (self._people.known.is_given(words.word(number)) or (led and led[1] in FUNCTIONS)):
            return False
        if (
            LOCATED.search(words.text[max(0, spot.start - 7) : spot.start])
            or words.text[spot.start : spot.end].isupper()
        ):
            return False
        return words.run(number) > number + 1

    # --- people -----------------------------------------------------------------------------------------------------

    def _labels(self, introduced: Sequence[Introduced]) -> dict[str, str]:
        """Name as written -> its label: that of the authorities, else the fullest form in this dispatch."""
        labels: dict[str, str] = {}
        by_surname: dict[str, list[str]] = {}
        for name in sorted(
            {person.name for person in introduced}, key=lambda name: (-len(name.split()), -len(name), name)
        ):
            known = self._person_names.get(fold(name))
            if known:
                labels[name] = known
                continue
            folded = fold(name)
            fuller = by_surname.setdefault(folded.split(" ")[-1], [])
            labels[name] = next((full for full in fuller if _same_person(folded, fold(full))), name)
            if labels[name] == name and len(fuller) < MOST_HOLDERS:
                fuller.append(name)
        return labels

    def _cast(
        self, chosen: Iterable[Spot], introduced: Sequence[Introduced], labels: dict[str, str], led: Sequence[Led]
    ) -> _Cast:
        cast = _Cast()
        at_start: dict[int, str] = {}
        for spot in chosen:
            if spot.kind != "person":
                continue
            at_start[spot.start] = spot.label
            if spot.label not in cast.genders:
                self._enter(cast, spot.label)
        for person in introduced:
            label = labels[person.name]
            at_start[person.start] = label
            if label not in cast.genders:
                self._enter(cast, label, person)
            if person.country:
                cast.countries.setdefault(label, set()).add(person.country)
            if person.function:
                cast.holds(label, person.function)
                cast.told.setdefault(label, set()).add(person.function)
        for each in led:
            if each.name is not None and each.name in at_start:
                label = at_start[each.name]
                cast.told.setdefault(label, set()).add(each.function.masculine)
                cast.holds(label, each.function.masculine)
                if each.country:
                    cast.countries.setdefault(label, set()).add(each.country)
                if each.function.gender and cast.genders[label] is None:
                    cast.genders[label] = each.function.gender
        return cast

    def _enter(self, cast: _Cast, label: str, introduced: Introduced | None = None) -> None:
        known = self._authorities.persons.get(label)
        words = fold(label).split(" ")
        surname = fold(known.surname) if known else words[-1]
        cast.genders[label] = introduced.gender if introduced else self._people.known.gender(label)
        cast.bare.setdefault(surname, set()).add(label)
        if not known and len(words) > 2:
            cast.bare.setdefault(" ".join(words[-2:]), set()).add(label)
        for word in (words[0], words[-1]):
            if word != surname:
                cast.courteous.setdefault(word, set()).add(label)
        if known:
            cast.countries[label] = set(known.country)
            for office in _offices(known.role):
                cast.holds(label, office)

    def _short_forms(
        self, text: str, words: Words, surnames: Sequence[tuple[int, int]], spots: Sequence[Spot], cast: _Cast
    ) -> list[Spot]:
        """ "M. Wang", "Lavrov": names shorter than those the dispatch gave in full."""
        if not cast.genders:
            return []
        inside = _Spans(
            (spot.start, spot.end) for spot in spots if spot.kind == "person" or spot.rule not in PLACE_ROLES
        )
        found: dict[int, Spot] = {}
        candidates = {**dict(words.spans), **dict(surnames)}  # of two that begin together, the surname of several words
        shorts = cast.bare.keys() | cast.courteous.keys()
        for start, end in candidates.items():
            short = folded(text[start:end])
            if short not in shorts or inside.touch(start, end):
                continue
            courtesy = COURTESY.search(text[max(0, start - LONGEST_COURTESY) : start])
            if not courtesy and not self._stands_alone(text, words, start, end, short):
                continue
            label = cast.called(short, courtesy)
            if label:
                found[start] = Spot(start, end, label, "person", "courtesy" if courtesy else "surname")
        return list(found.values())

    @staticmethod
    def _stands_alone(text: str, words: Words, start: int, end: int, short: str) -> bool:
        """A surname on its own: not "Trump Tower"; not "Petit" where a sentence begins."""
        if len(short) < BARE_LENGTH:
            return False
        if short in ORDINARY and SENTENCE_START.search(text[max(0, start - 8) : start]):
            return False
        number = words.number.get(start)
        if number is None:
            return True
        if (
            number
            and words.spans[number - 1][1] + 1 == start
            and text[start - 1] == " "
            and not words.word(number - 1).endswith(".")  # "O. Synegoubov"
            and folded(words.word(number - 1)) not in NO_NAME
        ):
            return False
        last = number
        while last + 1 < len(words.spans) and words.spans[last + 1][0] < end:
            last += 1
        follows = last + 1 < len(words.spans) and words.spans[last + 1][0] == end + 1 and text[end] == " "
        return not follows

    def _titles(self, text: str, spots: list[Spot], led: Sequence[Led], cast: _Cast) -> list[Spot]:
        """Offices without a name: "le président russe" is whoever holds it in this dispatch, else his state acts."""
        at = {spot.start: number for number, spot in enumerate(spots) if spot.rule == "demonym"}
        ends = {spot.end for spot in spots if spot.kind == "person"}
        added: list[Spot] = []
        consumed = _Spans((each.start, each.name) for each in led if each.name is not None)
        for number in at.values():  # "le chef de la diplomatie russe, Sergueï Lavrov": he acts
            spot = spots[number]
            if spot.acts and consumed.touch(spot.start, spot.start + 1):
                spots[number] = spot._replace(acts=False)
        for each in led:
            if each.name is not None:
                continue
            adjective = at.get(each.end + 1)
            if _after_name(text, each.start, ends):
                continue
            if adjective is not None:
                spot = spots[adjective]
                holder = cast.holder(each.function, spot.label)
                if holder:
                    added.append(Spot(each.start, spot.end, holder, "person", "title"))
                    spots[adjective] = spot._replace(acts=False)
                else:
                    spots[adjective] = spot._replace(acts=each.function.of_state)
            elif DEFINITE.search(text[max(0, each.start - 3) : each.start]) and not OF_SOMETHING.match(text, each.end):
                bearer = cast.bearer(each.function)
                if bearer:
                    added.append(Spot(each.start, each.end, bearer, "person", "title"))
        for number, spot in enumerate(spots):  # "l'émir du Qatar Tamim ben Hamad al-Thani": he acts
            if spot.kind == "state" and spot.rule in PLACE_ROLES:
                acts = not consumed.touch(spot.start, spot.end) and state_acts(text, spot.start, spot.end)
                spots[number] = spot._replace(acts=acts)
        return [*spots, *added]


def _apart(spots: Iterable[Spot]) -> list[Spot]:
    """In order and without overlaps: the first, the longest, a person before a place.

    "président russe" is Vladimir Poutine and no adjective besides; a surname that is a town's is the person.
    """
    kept: list[Spot] = []
    free = 0
    for spot in sorted(spots, key=lambda spot: (spot.start, -spot.end, spot.kind != "person")):
        if spot.start >= free:
            kept.append(spot)
            free = spot.end
    return kept


class _Spans:
    """Stretches of the text that do not overlap, and whether another touches one of them."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._at: set[int] = set()
        for start, end in spans:
            self._at.update(range(start, end))

    def touch(self, start: int, end: int) -> bool:
        return start in self._at or end - 1 in self._at


def _within_name(text: str, found: Found) -> bool:
    """Whether a place is a piece of another name: a street's, an agreement's, a race's ("Paris-Dakar")."""
    kinds = {name.kind for name in found.meanings if isinstance(name, Name) and name.kind in PLACE_KINDS}
    if not kinds or text[found.start].islower():
        return False
    if WITHIN_NAME.search(text[max(0, found.start - LONGEST_WITHIN) : found.start]):
        return True
    if kinds == {"state"}:
        return False  # "Chine-Russie"
    if text[found.start - 1 : found.start] == "(" and text[found.end : found.end + 1] == ")":
        return text[found.start : found.end].isupper()  # an acronym: "(BATA)"
    if text[found.end : found.end + 1] == "-" and text[found.end + 1 : found.end + 2].isalpha():
        return True
    return text[found.start - 1 : found.start] == "-" and text[found.start - 2 : found.start - 1].isalpha()


def _is_word(text: str, found: Found) -> bool:
    """ "Nice to have", "Tours de garde" where a sentence begins: no town, unless a verb or a comma follows."""
    if folded(text[found.start : found.end]) not in ORDINARY_TOWNS or text[found.start : found.end].isupper():
        return False
    if not SENTENCE_START.search(text[max(0, found.start - 8) : found.start]):
        return False
    return text[found.end : found.end + 1] not in (",", "-", "/", "(") and not is_followed_by_verb(text, found.end)


def _after_name(text: str, start: int, ends: set[int]) -> bool:
    """Whether a function is an apposition to a person: "Hulusi Akar, ministre turc de la Défense"."""
    comma = text.rfind(",", max(0, start - 24), start)
    return comma in ends


def _same_person(short: str, full: str) -> bool:
    """Folded names with one surname: "o. synegoubov" and "oleg synegoubov"; not "claire petit" and "paul petit"."""
    ours, theirs = short.split(" "), full.split(" ")
    if set(ours) <= set(theirs):
        return True
    return ours[0].endswith(".") and theirs[0].startswith(ours[0][:-1])


@lru_cache(maxsize=8_000)  # every person of the authorities
def _offices(role: str) -> tuple[str, ...]:
    """The functions a role names: "ministre chinois des Affaires étrangères (2013-)" -> ministre."""
    found = []
    words = role.replace("l'", "l' ").replace("(", " ").replace(",", " ").split()
    at = 0
    while at < len(words):
        for size in (4, 3, 2, 1):
            piece = " ".join(words[at : at + size]).replace("l' ", "l'")
            function = FUNCTIONS.get(piece)
            if function:
                found.append(function.masculine)
                at += size - 1
                break
        at += 1
    return tuple(found)


def _says_whose(text: str, adjectives: frozenset[str]) -> bool:
    """ "armée malienne", "cour d'appel de Paris"; not "Gendarmerie nationale", which several states have."""
    rest = re.split(r"[ '-]", text)[1:]
    return rest[-1].lower() in adjectives or any(word[:1].isupper() for word in rest)


def _name_patterns(authorities: Authorities) -> Iterable[Pattern]:
    for body in authorities.organisations.values():
        if body.kind in SUBJECT_KINDS and AMBIGUOUS.search(body.notes):
            yield Pattern(body.label, Name(body.label, "organisation", AS_SUBJECT))
    adjectives = frozenset(word for state in authorities.states.values() for word in state.demonyms)
    for name in authorities.names():
        text = name.text
        if name.kind == "organisation" and text.lower().startswith(SMALL) and _says_whose(text, adjectives):
            text = text[0].lower() + text[1:]
        yield Pattern(
            text,
            Name(name.label, name.kind, name.role),
            proper=name.role != "demonym",
            acronym=name.role == "acronym",
            layer=SURNAME_LAYER if name.role == "surname" else 0,
        )
