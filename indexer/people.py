"""People whom no authority knows, found by what introduces them. Pure.

    function       "le ministre cambodgien des Affaires étrangères Prak Sokhonn", "la patronne du comité, Sofia Martinez"
    apposition     "Jean Dupont, maire de Nice", "Leila Onofri, 46 ans"
    courtesy       "M. Jean Dupont", "Me Claude Jaquier"
    nationality    "Le Qatari Nasser Al-Attiyah"
    given-name     "Claire Petit": a given name of the authorities and one more name
    kin            "Nathalie Morel et son mari Kylian"

Each rule gives spans with the name in full; who is called by a shorter form later is for `indexer/mentions.py`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from authorities.model import Authorities, fold
from indexer.functions import FUNCTIONS, Function, Gender

# A word with a capital: "Sokhonn", "Jean-Marc", "O'Neill", "J."; the letter of an elision is left: "L'Iran" -> "Iran".
CAPITALISED = re.compile(r"(?<![\w-])[^\W\d_a-zß-öø-ÿœ](?:\.|\w*(?:[-'’]\w+)*)")
ELIDED = frozenset("LDQSJCMldqnsjcm")
APOSTROPHES = "'’"
# Between two words of a name. "de" is in names only after a given name: "Charles de Gaulle", not "sommet de Paris".
_PARTICLES = """
    al el ben bin bint ibn van von der den ter ten da das do dos di del della ould ag abou y
"""
PARTICLES = frozenset(_PARTICLES.split())
FRENCH_PARTICLES = frozenset({"de", "du", "des", "d'", "d’", "de la", "le", "la"})
GAP = re.compile(r"\s(?:([a-zA-Z]{1,4}|de la|van der|van den|von der)\s|(al-|el-|ben-|d['’]))?|-")
LONGEST_NAME = 5  # words
WIDEST_GAP = 9

# Names repeat: folded once, a word costs nothing. 64,000 are some 10 MB.
folded = lru_cache(maxsize=64_000)(fold)

# Words with a capital that are no part of a person's name; in the form `fold` gives.
_NO_NAME = """
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre lundi mardi mercredi jeudi
    vendredi samedi dimanche affaires etrangeres defense interieur economie finances sante justice culture agriculture
    education transports travail commerce energie environnement ecologie sports sport recherche industrie enseignement
    logement numerique budget cooperation armees armee transition ville europe interieure equipement amenagement
    territoires jeunesse famille solidarites tourisme mer outre-mer peche communication information plan climat
    immigration securite droits homme femmes republique etat etats royaume federation union conseil commission comite
    parlement assemblee senat congres chambre cour tribunal parquet haut haute grand grande premier premiere ministre
    president presidente ministere departement bureau agence institut institution universite ecole college academie
    musee theatre opera festival banque bourse groupe societe compagnie association fondation organisation mouvement
    parti front ligue alliance coalition syndicat confederation federal centre national nationale nationales
    international internationale mondial mondiale europeen europeenne nations unies coupe championnat ligue stade club
    tour prix palme or rue avenue boulevard place hotel gare aeroport port pont nord sud est ouest ile iles mont monts
    mer ocean golfe detroit canal fleuve saint sainte un une le la les l des du de il elle ils elles on ce cette ces
    son sa ses leur leurs notre nos vous nous je selon pour dans par sur sous avec sans mais ou et donc or ni car si
    quand comme lors apres avant depuis pendant entre vers chez contre malgre outre plusieurs deux trois quatre cinq
    six sept huit neuf dix cent mille quelque quelques certains tous toutes tout toute aucun aucune autre autres a au
    aux en y ainsi alors aussi cependant toutefois pourtant enfin ensuite puis hier aujourd'hui demain ici la-bas
    voici voila m mm mme mmes mlle me dr mgr pr sir lord general colonel capitaine maire docteur professeur monsieur
    madame maitre covid internet jeux olympiques olympique paralympiques constitution code loi traite accord charte
    convention noel paques ramadan the presse bad abu france voice news street king queen dame miss star open bible
    coran dieu afp reuters xinhua belga tass ats aps map photo archives
"""
NO_NAME = frozenset(_NO_NAME.split())
# A name after one of these, in small letters, is a street's, a school's, a ship's.
NAMED_AFTER = re.compile(
    r"\b(?:rues?|avenues?|boulevards?|places?|quais?|ponts?|lycée|collège|école|hôpital|aéroport|stade|gymnase|salle|prix|trophée|fondation|"
    r"université|institut|centre|porte-avions|frégate|navire|gare|station|square|impasse|allée|cité|tour|rond-point|opération|fonds|"
    r"tournoi|télescope|internationaux|studio|maison|galerie|musée|théâtre|loi|rapport|cabinet|groupe|ouragan|tempête|cyclone)\s(?:[a-zà-ÿ-]+\s){0,2}(?:de\s|d['’])?$"
)

# --- walking from a function to the name ---------------------------------------------------------------------------

TOKEN = re.compile(r"[\w.'’-]*\w['’]?|[^\w\s]")
LONGEST_TITLE = 170  # characters from a function to its name
MOST_TOKENS = 18
# A word that ends the title: a verb, a relative.
_STOP = """
    a ont est sont était étaient avait avaient sera seront fut qui que qu' qu’ dont où n' n’ ne se s' s’ ainsi puis
    mais car lui par selon lors après avant depuis pendant afin pour contre vers avec chez sans sous ayant étant
"""
STOP = frozenset(_STOP.split())
# After one of these, a name is a complement: "le président de Boeing", "l'ambassadeur à Moscou".
_COMPLEMENT = """
    de du des d' d’ la le les l' l’ à au aux en et ou un une sur dans entre
"""
# "le patron de la société Formolink Systems": the name is the company's.
_BODIES = """
    société groupe entreprise compagnie cabinet start-up startup fabricant club association ong parti fondation institut agence
    constructeur éditeur exploitant banque marque chaîne radio journal quotidien hebdomadaire magazine site équipe festival
"""
COMPLEMENT = frozenset([*_COMPLEMENT.split(), *_BODIES.split()])
AFTER_APPOSITION = re.compile(
    r",\s(?:(?:le|la|un|une|ancien|ancienne|actuel|actuelle|ex|vice|futur|future|nouveau|nouvelle|jeune)[\s-]|l['’]){0,3}$"
)
AGE = re.compile(r",\s\d{1,3}\sans\b")
COURTESY = re.compile(r"\b(?:(M\.)|(Mme|Mlle|Madame)|Me|Maître|Dr|Pr|Mgr|Sir|Lord|Monsieur)[\s\u00a0]$")
LONGEST_COURTESY = 10
KIN = re.compile(
    r"\s(?:et|avec)\s(?:(son)|sa)\s(mari|époux|compagnon|frère|fils|épouse|femme|compagne|sœur|soeur|fille)(?:,|\s)\s?"
    r"(?=[^\W\d_a-zß-öø-ÿœ])"
)
NATION = re.compile(r"(?:\b[Ll]es?\s|\b[Ll]a\s|\b[Ll]['’]|\b[UuDd]n?e?s?\s)$")

FEMALE_ENDS = (
    "a",
    "ie",
    "ine",
    "elle",
    "ette",
    "ise",
    "anne",
    "ène",
    "ille",
    "ance",
    "aire",
    "ice",
    "yse",
    "ude",
    "ole",
)
MALE_ENDS = (
    "o",
    "er",
    "ard",
    "ain",
    "ent",
    "ien",
    "ien",
    "ois",
    "ert",
    "aul",
    "ean",
    "ald",
    "ric",
    "cas",
    "mas",
    "las",
    "k",
    "ul",
    "an",
)


# Given names common in French that the people of the authorities may lack.
_GIVEN = """
    adrien adèle agathe agnès aimé alain albane albert alexandra alice aline alix amandine amélie anaïs andré andrée
    anne annick antoine antonin armelle arnaud arthur audrey aurélie aurélien aurore axel baptiste bastien béatrice
    benjamin benoît bernadette bernard bertrand blaise boris brice brigitte bruno camille carine carole caroline
    catherine cédric céline chantal charlotte christelle christian christiane christine christophe claire clara claude
    claudine clémence clément colette coralie corinne cyril damien daniel danielle david delphine denis denise diane
    didier dominique édith édouard élise élodie émile émilie emma emmanuelle éric estelle esther étienne eugène eva
    évelyne fabien fabienne fabrice fanny fatima félix florence florent florian franck françois françoise frédéric
    frédérique gabriel gabrielle gaël gaëlle geneviève georges gérald gérard germaine gilbert gilles ginette gisèle
    grégory guillaume gustave guy hélène henri henriette hervé hubert hugo hugues irène isabelle jacqueline jacques
    jean jeanne jeannine jérémy jérôme joël joëlle josette josiane juliette julie julien justine karim karine kevin
    laetitia laura laure laurence laurent léa léon liliane lionel loïc louis louise lucas lucie lucien lucienne
    ludovic lydie madeleine magali marc marcel marcelle margaux marguerite marianne marie marine marion marlène
    martial martine mathilde mathieu matthieu maud maxime mélanie michel michèle micheline mireille mohamed monique
    morgane muriel myriam nadège nadia nadine nathalie nicolas nicole noémie océane odette odile olivier pascal
    pascale patrice patricia patrick paul paulette pauline perrine philippe pierre pierrette quentin raphaël raymond
    raymonde régine régis rémi rené renée richard robert roger roland romain rose roxane sabine samuel sandrine sarah
    sébastien séverine serge simon simone solange sonia sophie stéphane stéphanie suzanne sylvain sylvie tanguy
    thérèse thibault thierry thomas tristan valentin valérie vanessa véronique victor vincent virginie viviane xavier
    yann yannick yasmine yolande yves yvette yvon yvonne zoé
"""


class Introduced(NamedTuple):
    """A person the text names in full: where, as written, and what is said of them."""

    start: int
    end: int
    name: str
    rule: str
    function: str | None  # masculine: "ministre"
    country: str | None  # a state's label
    gender: Gender | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the authorities say of given names."""

    given: frozenset[str]  # folded first words of names
    genders: Mapping[str, Gender]

    @classmethod
    def of(cls, authorities: Authorities) -> Known:
        """Given names are the first words of the people of the authorities; their gender is that of their functions."""
        given: set[str] = set()
        counts: dict[str, int] = {}
        for person in authorities.persons.values():
            first, _, rest = person.label.partition(" ")
            if not rest or len(first) < 3 or not first[0].isupper() or not first.replace("-", "").isalpha():
                continue
            if fold(person.surname) == fold(first):  # "Wang Yi": the surname is first
                continue
            given.add(fold(first))
            gender = gender_of_role(person.role)
            if gender:
                counts[fold(first)] = counts.get(fold(first), 0) + (1 if gender == "m" else -1)
        genders: dict[str, Gender] = {name: "m" if count > 0 else "f" for name, count in counts.items() if count}
        given.update(map(fold, _GIVEN.split()))
        return cls(frozenset(given - NO_NAME), genders)

    def gender(self, name: str) -> Gender | None:
        first = folded(name).split(" ")[0]
        known = self.genders.get(first)
        if known:
            return known
        if first.endswith(FEMALE_ENDS):
            return "f"
        return "m" if first.endswith(MALE_ENDS) else None

    def is_given(self, word: str) -> bool:
        plain = folded(word)
        return plain in self.given or (" " in plain and plain.partition(" ")[0] in self.given)  # "Jean-Marc"


def gender_of_role(role: str) -> Gender | None:
    """ "présidente du Chili (2006-2010)" -> f; None when its words are anybody's."""
    for word in re.findall(r"[\w-]+", role)[:4]:
        function = FUNCTIONS.get(word) or FUNCTIONS.get(word.lower())
        if function and function.gender:
            return function.gender
        if word.endswith(("euse", "trice", "ienne", "ière")):
            return "f"
        if word.endswith(("eur", "teur", "ien", "ier")):
            return "m"
    return None


class Taken(NamedTuple):
    """Names the authorities know, found in the text: start -> end, and the starts of those that are people."""

    ends: Mapping[int, int]
    people: frozenset[int]


def capitalised(text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[tuple[int, int]]:
    """Where the words with a capital are, without the letter of an elision."""
    for match in CAPITALISED.finditer(text, start, end):
        first, last = match.span()
        if last - first > 2 and text[first + 1] in APOSTROPHES and text[first] in ELIDED:
            first += 2
            if not text[first].isupper():
                continue
        elif first and text[first - 1] in APOSTROPHES and text[first - 2 : first - 1] not in ELIDED:
            continue
        if last - first > 2 or text[first:last] != "M.":
            yield first, last


class Words:
    """The words with a capital of a text, and the runs they make."""

    def __init__(self, text: str, known: Known) -> None:
        self.text = text
        self._known = known
        self.spans = list(capitalised(text))
        self.number = {start: number for number, (start, _) in enumerate(self.spans)}
        self._runs: dict[int, int] = {}

    def run(self, number: int) -> int:
        """The number after the last word of the run that begins with a word: "Prak Sokhonn a" -> two more."""
        known = self._runs.get(number)
        if known is not None:
            return known
        spans, last = self.spans, number
        end = spans[last][1]
        for start, following in spans[number + 1 : number + LONGEST_NAME]:
            if start - end >= WIDEST_GAP:
                break
            gap = self.text[end:start]
            if gap != " " and not self._joins(gap, number):
                break
            last, end = last + 1, following
        self._runs[number] = last + 1
        return last + 1

    def _joins(self, gap: str, number: int) -> bool:
        """Whether what is between two words belongs to a name that begins with a word."""
        if "\n" in gap or not (gap.startswith(" ") or gap == "-"):
            return False
        particle = gap.strip().rstrip("-").lower()
        return (
            particle in PARTICLES
            or particle in ("van der", "van den", "von der")
            or (particle in FRENCH_PARTICLES and self._known.is_given(self.word(number)))
        )

    def word(self, number: int) -> str:
        start, end = self.spans[number]
        return self.text[start:end]

    def is_alone(self, number: int) -> bool:
        """Whether no other word with a capital touches it: "Petit", not "Petit Bateau"."""
        start, end = self.spans[number]
        before = number and self.spans[number - 1][1] + 1 == start and self.text[start - 1] == " "
        after = number + 1 < len(self.spans) and self.spans[number + 1][0] - 1 == end and self.text[end] == " "
        return not before and not after


def is_name(words: list[str]) -> bool:
    """Two to five words that may be a person's name: no institution's, no acronym; "Jean DUPONT" is one."""
    if not 2 <= len(words) <= LONGEST_NAME:
        return False
    for word in words:
        if folded(word).strip(".") in NO_NAME or (not word.isalpha() and any(map(str.isdigit, word))):
            return False
    if len(words[0]) > 1 and words[0].isupper() and not words[0].endswith("."):
        return False
    return len(words[-1]) > 1


def settled(name: str) -> str:
    """A name as facets show it: straight apostrophes, capitals only at the start: "Jean DUPONT" -> "Jean Dupont"."""
    words = name.replace("’", "'").split()
    return " ".join(
        "-".join(part.capitalize() for part in word.split("-"))
        if len(word) > 2 and word.isupper() and "'" not in word
        else word
        for word in words
    )


class Led(NamedTuple):
    """A function in the text, where the name begins that it leads to (None: to nobody), and the state it names."""

    start: int
    end: int
    function: Function
    name: int | None
    country: str | None


class PeopleFinder:
    """Finds introductions; built once."""

    def __init__(self, known: Known) -> None:
        self.known = known

    def find(
        self,
        words: Words,
        functions: Iterable[tuple[int, int, Function]],
        nations: Iterable[tuple[int, int, str]],
        taken: Taken,
    ) -> tuple[list[Introduced], list[Led]]:
        """People introduced, in order, and where each function leads.

        Args:
            functions: words of the table found, in order, (start, end, function).
            nations: adjectives and nouns of nationality found, (start, end, state).
        """
        text = words.text
        found: dict[int, Introduced] = {}
        led: list[Led] = []
        states = {start: label for start, _, label in nations}
        for start, end, function in functions:
            at, country = self._after(words, end, states, taken, found)
            if at is not None and at in words.number and at not in taken.ends and at not in found:
                self._add(found, words, at, "function", function, country)
            led.append(Led(start, end, function, at, country))
            self._before(found, words, start, function, taken, states, end)
        for start, end, label in nations:
            if text[start].isupper() and NATION.search(text[max(0, start - 4) : start]):
                at = end + 1
                if at in words.number and at not in taken.ends and at not in found:
                    self._add(found, words, at, "nationality", None, label)
        self._others(found, words, taken, states)
        return sorted(found.values()), led

    def _after(
        self,
        words: Words,
        end: int,
        states: Mapping[int, str],
        taken: Taken,
        found: Mapping[int, Introduced],
    ) -> tuple[int | None, str | None]:
        """Where the name begins that a function leads to, and the state on the way."""
        text = words.text
        country: str | None = None
        previous, comma, skip = "", False, end
        for count, token in enumerate(TOKEN.finditer(text, end, end + LONGEST_TITLE)):
            start, word = token.start(), token[0]
            if start < skip:
                continue
            if count > MOST_TOKENS or "\n" in text[skip:start]:
                return None, country
            if word == ",":
                if comma:
                    return None, country
                comma, previous = True, ","
                skip = token.end()
                continue
            if not (word[0].isalnum()) or word.lower() in STOP:
                return None, country
            country = states.get(start, country)
            at = start
            if word[0].lower() in "dl" and len(word) > 2 and word[1] in "'’":  # "d'Emmanuel"
                at, previous = start + 2, "d'"
                country = states.get(at, country)
            free = comma or previous.lower() not in COMPLEMENT
            if at in taken.ends or at in found:
                if free and (at in found or at in taken.people):
                    return at, country
                skip = max(taken.ends.get(at, 0), found[at].end if at in found else 0, token.end())
            elif at in words.number:
                number = words.number[at]
                last = words.run(number)
                while number < last and (folded(words.word(number)) in NO_NAME or words.spans[number][0] in states):
                    country = states.get(words.spans[number][0], country)
                    number += 1
                    free = True  # "de la Défense Hulusi Akar", "le coureur, l'Espagnol Iker"
                run = [words.word(each) for each in range(number, last)]
                begin = words.spans[number][0] if number < last else at
                if begin != at and (begin in found or begin in taken.people):
                    return begin, country
                if number == words.number[at] and previous[:1].isupper() and folded(previous) not in NO_NAME:
                    free = free and bool(run) and self.known.is_given(run[0])  # not "de Boeing Commercial Airplanes"
                if free and is_name(run) and not self._holds_taken(words, number, last, taken):
                    return begin, country
                if comma:
                    return None, country
                skip = words.spans[max(last, number + 1) - 1][1] if number < last else token.end()
                skip = max(skip, taken.ends.get(begin, 0))
            elif comma:
                return None, country
            else:
                skip = token.end()
            previous = word
        return None, country

    @staticmethod
    def _holds_taken(words: Words, number: int, last: int, taken: Taken) -> bool:
        """Whether one of the words begins a name the authorities know, after the first."""
        return any(words.spans[each][0] in taken.ends for each in range(number, last))

    def _before(
        self,
        found: dict[int, Introduced],
        words: Words,
        start: int,
        function: Function,
        taken: Taken,
        states: Mapping[int, str],
        end: int,
    ) -> None:
        """ "Jean Dupont, maire de Nice": the name before an apposition."""
        text = words.text
        comma = AFTER_APPOSITION.search(text[max(0, start - 24) : start])
        if comma is None:
            return
        name_end = max(0, start - 24) + comma.start()
        self._ending_at(found, words, name_end, "apposition", function, taken, states.get(end + 1))

    def _ending_at(
        self,
        found: dict[int, Introduced],
        words: Words,
        name_end: int,
        rule: str,
        function: Function | None,
        taken: Taken,
        country: str | None = None,
    ) -> None:
        text = words.text
        window = max(0, name_end - 60)
        first: int | None = None
        for start, _ in capitalised(text, window, name_end):
            number = words.number.get(start)
            if number is None:
                continue
            while folded(words.word(number)) in NO_NAME and number + 1 < len(words.spans):
                number += 1
            last = words.run(number)
            if words.spans[last - 1][1] == name_end:
                first = number
                break
        if first is None:
            return
        at = words.spans[first][0]
        if at in taken.ends or at in found or self._holds_taken(words, first, words.run(first), taken):
            return
        self._add(found, words, at, rule, function, country)

    def _add(
        self,
        found: dict[int, Introduced],
        words: Words,
        at: int,
        rule: str,
        function: Function | None,
        country: str | None,
        gender: Gender | None = None,
    ) -> None:
        number = words.number[at]
        last = words.run(number)
        run = [words.word(each) for each in range(number, last)]
        if not is_name(run):
            return
        end = words.spans[last - 1][1]
        name = settled(words.text[at:end])
        shown = gender or (function.gender if function else None) or self.known.gender(name)
        found[at] = Introduced(at, end, name, rule, function.masculine if function else None, country, shown)

    def _others(self, found: dict[int, Introduced], words: Words, taken: Taken, states: Mapping[int, str]) -> None:
        """Courtesy, age, given names, kin: by each run of words with a capital."""
        text = words.text
        number = 0
        while number < len(words.spans):
            at = words.spans[number][0]
            if at in found:
                number = max(number + 1, words.run(number))
                continue
            last = words.run(number)
            if last - number < 2:
                number += 1
                continue
            first = number
            while first < last and (folded(words.word(first)) in NO_NAME or words.spans[first][0] in states):
                first += 1
            number = last
            if last - first < 2:
                continue
            at, end = words.spans[first][0], words.spans[last - 1][1]
            if at in found:
                continue
            run = [words.word(each) for each in range(first, last)]
            inside = [words.spans[each][0] for each in range(first, last) if words.spans[each][0] in taken.ends]
            courtesy = COURTESY.search(text[max(0, at - LONGEST_COURTESY) : at])
            if not is_name(run):
                continue
            if courtesy and not inside:
                gender: Gender | None = "m" if courtesy[1] else "f" if courtesy[2] else None
                self._add(found, words, at, "courtesy", None, None, gender)
            elif not inside and AGE.match(text, end):
                self._add(found, words, at, "apposition", None, None)
            elif self.known.is_given(run[0]) and self._may_be_given(words, at, end, inside, taken):
                self._add(found, words, at, "given-name", None, None)
            if at in found:
                self._kin(found, words, found[at])

    @staticmethod
    def _may_be_given(words: Words, at: int, end: int, inside: list[int], taken: Taken) -> bool:
        """Not a street's name; of the words the authorities know, only a town that is a given name: "Sofia Martinez"."""
        if NAMED_AFTER.search(words.text[max(0, at - 45) : at].lower()):
            return False
        if not inside:
            return True
        led = words.text[max(0, at - 3) : at].lower()
        return inside == [at] and at not in taken.people and taken.ends[at] < end and not led.endswith(("à ", "en "))

    def _kin(self, found: dict[int, Introduced], words: Words, person: Introduced) -> None:
        kin = KIN.match(words.text, person.end)
        if kin is None or kin.end() not in words.number:
            return
        number = words.number[kin.end()]
        if words.run(number) != number + 1:
            return
        start, end = words.spans[number]
        surname = person.name.split(" ", 1)[1]
        gender: Gender = "m" if kin[2] in ("mari", "époux", "compagnon", "frère", "fils") else "f"
        found[start] = Introduced(start, end, f"{words.word(number)} {surname}", "kin", None, person.country, gender)
