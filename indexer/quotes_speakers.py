"""Who it is that speaks: a name, "M. Wang", "la ministre", "il", each read as the mention it stands for, or as nobody.

Nobody is always an answer: a quote under a wrong name is worse than a quote that is missing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mappings.dispatch import Mention

Gender = Literal["m", "f"]

# --- words for people and bodies -----------------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What a person may be called, masculine/feminine where they differ.
PEOPLE = """
    acteur/actrice actionnaire agriculteur/agricultrice ambassadeur/ambassadrice analyste apiculteur/apicultrice
    architecte archevêque artiste athlète auteur/autrice avocat/avocate biologiste bourgmestre
    candidat/candidate capitaine cardinal champion/championne chancelier/chancelière chanteur/chanteuse
    chef/cheffe chercheur/chercheuse climatologue colonel comédien/comédienne concepteur/conceptrice
    commandant/commandante commissaire conseiller/conseillère coordinateur/coordinatrice coureur/coureuse curé
    cycliste cinéaste député/députée dirigeant/dirigeante diplomate directeur/directrice docteur/docteure
    dramaturge économiste écrivain/écrivaine élu/élue émissaire enseignant/enseignante entraîneur/entraîneuse
    envoyé/envoyée épidémiologiste évêque expert/experte facilitateur/facilitatrice fondateur/fondatrice
    général/générale gouverneur/gouverneure géologue historien/historienne homologue imam infectiologue
    ingénieur/ingénieure initiateur/initiatrice intéressé/intéressée joueur/joueuse journaliste juge juriste
    lauréat/lauréate leader maire magistrat/magistrate médaillé/médaillée médecin médiateur/médiatrice
    meneur/meneuse militant/militante ministre monarque musicien/musicienne navigateur/navigatrice
    négociateur/négociatrice notaire observateur/observatrice opposant/opposante pape participant/participante
    patron/patronne plénipotentiaire physicien/physicienne pilote politologue porte-parole prélat préfet/préfète
    premier/première président/présidente prévenu/prévenue prince/princesse producteur/productrice
    procureur/procureure professeur/professeure propriétaire psychologue réalisateur/réalisatrice
    recteur/rectrice rapporteur/rapporteure représentant/représentante responsable romancier/romancière
    roi/reine scientifique secrétaire sélectionneur/sélectionneuse sénateur/sénatrice sociologue
    sous-préfet/sous-préfète sportif/sportive syndicaliste skieur/skieuse tennisman/tenniswoman urgentiste
    vainqueur/vainqueure vétérinaire volcanologue virologue metteur/metteuse municipal/municipale
    officiel/officielle confrère/consœur collègue héritier/héritière trentenaire quadragénaire quinquagénaire
    septuagénaire octogénaire milliardaire homme/femme coprésident/coprésidente vice-président/vice-présidente
    vigneron/vigneronne sismologue astronome astronaute spationaute botaniste glaciologue
"""
# Words wider than a title: "le magistrat" may be one who was introduced as "procureur". * is anybody's.
WIDER: dict[str, frozenset[str]] = {
    "élu": frozenset(["maire", "député", "sénateur", "bourgmestre", "conseiller", "président", "municipal"]),
    "magistrat": frozenset(["procureur", "juge", "président"]),
    "diplomate": frozenset(
        ["ambassadeur", "émissaire", "négociateur", "représentant", "envoyé", "ministre", "chef", "facilitateur"]
    ),
    "chercheur": frozenset(
        ["biologiste", "physicien", "climatologue", "économiste", "historien", "sociologue", "géologue", "botaniste"]
    ),
    "scientifique": frozenset(["biologiste", "physicien", "climatologue", "chercheur", "géologue", "botaniste"]),
    "négociateur": frozenset(["chef", "émissaire"]),
}
ANYBODY = frozenset(["responsable", "dirigeant", "intéressé", "homme", "femme", "officiel"])
# Who was introduced as another's like may be called by the other's title: "son homologue gabonais" is "le ministre gabonais".
LIKES = frozenset({"homologue", "confrère", "collègue"})
BODIES = _words(
    """
    agence alliance armateur assureur avionneur association banque bloc club cabinet coalition collectif
    commission compagnie conseil constructeur centrale entreprise équipementier fabricant fédération firme
    fondation fonds formation groupe institut institution instance juridiction ministère motoriste mouvement
    multinationale organisation ong organisme parti sidérurgiste société syndicat tribunal université équipe
    """
)
# What bears a person's name and is none: "le comité Nobel", "la loi Macron", "le camp Trump".
NAMED_AFTER = _words(
    """
    affaire camp campagne clan collège comité doctrine entourage famille gouvernement loi lycée plan prix procès rapport stade théorie
    """
)
_PERSON: dict[str, tuple[str, Gender | None]] = {}
for _entry in PEOPLE.split():
    _masculine, _, _feminine = _entry.partition("/")
    _PERSON[_masculine] = (_masculine, "m" if _feminine else None)
    if _feminine:
        _PERSON[_feminine] = (_masculine, "f")
_PERSON |= {"homme": ("homme", "m"), "femme": ("femme", "f")}
PERSON_NOUNS = frozenset(_PERSON)

# --- how a subject begins ------------------------------------------------------------------------------------------

COURTESY = r"(?:M\.|MM\.|Mme|Mlle|Me|Maître|Dr|Pr|Mgr|[Ss]ir|[Ll]ord)[\s\u00a0]+"
DETERMINER = re.compile(r"(?:(le|la|les|ce|cet|cette|son|sa|ses|leur|notre|un|une|des)\s+|(l)['’]\s?)", re.IGNORECASE)
INDEFINITE = frozenset({"un", "une", "des"})
_GENDERS: dict[str, Gender] = {
    "le": "m",
    "un": "m",
    "ce": "m",
    "cet": "m",
    "la": "f",
    "une": "f",
    "cette": "f",
    "sa": "f",
}
MANY = frozenset({"les", "ses"})
BEFORE_NOUN = re.compile(
    r"(?:(?:même|ancien|ancienne|nouveau|nouvel|nouvelle|jeune|principal|principale|grand|petit|futur|future)\s+)*"
)
WORD = re.compile(r"(?:(?:vice|ex|sous|co)-)?([\w]+(?:-parole)?)")
PRONOUN = re.compile(
    r"(?:(il|lui|celui-ci|ce dernier)|(elle|celle-ci|cette dernière)|(ils|elles|ceux-ci|celles-ci|on|ces derni\w+))\b(?!-)",
    re.IGNORECASE,
)
# A pronoun, a determiner or a courtesy title opens with one of these; most places are told apart by it alone.
INITIALS = frozenset("ielcodsnumpILECODSNUMP")
LATTER = re.compile(r"(?:celui-ci|celle-ci|ce dernier|cette dernière)\b", re.IGNORECASE)
COURTEOUS = re.compile(COURTESY)
VOICE = re.compile(r"(?:porte-parole|communiqué)\b(?:\s\w+)?\s(?:de\s(?:la\s|l['’])?|du\s|d['’])")
# Between a determiner and the name it leads to, "le ministre russe de l'Agriculture Arkadi V.", or its title and a verb.
TITLE_GAP = re.compile(
    r"[^.;:!?«»\"“”()\n,]*(?:\([^()]{1,40}\)\s?)?(?:,\s?(?:(?:(?:le|la|son|sa)\s|l['’])[^.;:!?«»\"“”()\n,]{3,60})?)?"
)
NO_TITLE = re.compile(
    r"\b(?:qui|que|qu|a|ont|est|sont|était|avait|avaient|sera|avec|où|dont|lui|se|s|ne|n|par|selon|contre|après|depuis)\b"
)
COMPLEMENT = re.compile(
    rf"(?:\b(?:de|du|des|à|au|aux|avec|par|chez|pour|contre|sur|en|entre|vers|sans|feu|selon)\s+(?:la\s+|les?\s+)?|\bd['’]|\bl['’])(?:{COURTESY})?$"
)
LONGEST_TITLE = 160

# "Mais M. X", "De son côté, M. X", "Lors d'un point de presse, le ministre": what comes before a subject
CONJUNCTION = re.compile(r"(?:et|mais|or|puis|car|toutefois|cependant|pourtant|ainsi|enfin|ensuite)\s+", re.IGNORECASE)
UP_TO_COMMA = re.compile(r"[^.;:!?«»\"“”\n,]{2,120},\s+")

# Offices: another holder may be meant, so "le maire" is nobody where no mayor was introduced.
OFFICES = _words(
    """
    ministre président maire directeur préfet sous-préfet député sénateur gouverneur porte-parole secrétaire
    chef premier juge bourgmestre roi reine pape avocat procureur patron médecin entraîneur ambassadeur
    commissaire chancelier élu journaliste
    propriétaire commandant colonel général capitaine notaire évêque archevêque curé producteur actionnaire
    vétérinaire syndicaliste urgentiste agriculteur expert conseiller
    """
)
WORDS = re.compile(r"[\w-]+")
# What a title cannot reach over, looking back from a name.
TITLE_BREAK = re.compile(r"[.;:!?«»\"“”()\n]|,(?!\s*$)|" + NO_TITLE.pattern)
APPOSITION = re.compile(r"\s?[,(]\s?([^.;:!?«»\"“”()\n,]{3,90})[,).]")
# Characters before a name in which its title is looked for; "ministre délégué au Commerce extérieur" has 37.
BACK = 110
# "M." says more of a gender than a title near the name, which may be another's.
COURTESY_WEIGHT = 5


class Subject(NamedTuple):
    """Who a subject is (None: nobody one could name) and where its words end; `gender` of one nobody could name."""

    label: str | None
    end: int
    gender: Gender | None = None


class Sentence(NamedTuple):
    """`body[paragraph][start:end]`."""

    paragraph: int
    start: int
    end: int


@dataclass(slots=True)
class _About:
    """What a dispatch says of a person beside the name."""

    nouns: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    balance: int = 0  # of what speaks for a man (+) and for a woman (-)

    @property
    def gender(self) -> Gender | None:
        return "m" if self.balance > 0 else "f" if self.balance < 0 else None

    def counts(self, gender: Gender | None, weight: int = 1) -> None:
        self.balance += weight if gender == "m" else -weight if gender == "f" else 0


class Speakers:
    """Reads subjects of one dispatch.

    `said` tells it who spoke in which sentence, in order, so that "il" and "la ministre" find them.
    """

    def __init__(self, body: Sequence[str], mentions: Sequence[Mention], sentences: Sequence[Sentence]) -> None:
        self._body = body
        self._sentences = sentences
        self._named: list[list[Mention]] = [[] for _ in body]
        self._demonyms: dict[tuple[int, int], str] = {}
        for mention in mentions:
            if not 0 <= mention.paragraph < len(body):
                continue  # in the title
            if mention.kind in ("person", "organisation") or (mention.kind == "state" and mention.rule != "demonym"):
                self._named[mention.paragraph].append(mention)
            elif mention.kind == "state":
                self._demonyms[mention.paragraph, mention.start] = mention.label
        for named in self._named:
            named.sort(key=lambda mention: (mention.start, -mention.end))
        self._starts = [[mention.start for mention in named] for named in self._named]
        self._kinds = {mention.label: mention.kind for named in self._named for mention in named}
        self._people: dict[str, _About] = {}
        self._learnt = [0, 0]  # paragraph, number of its mentions
        self._spoke: list[tuple[int, str]] = []
        self._heads: dict[int, Subject | None] = {}

    def said(self, sentence: int, label: str) -> None:
        self._spoke.append((sentence, label))

    def is_person(self, label: str) -> bool:
        return self._kinds.get(label) == "person"

    def between(self, paragraph: int, start: int, end: int) -> list[Mention]:
        """Who is named in text[start:end]."""
        starts = self._starts[paragraph]
        return self._named[paragraph][bisect_left(starts, start) : bisect_left(starts, end)]

    def ending_at(self, paragraph: int, at: int) -> Mention | None:
        """Who is named right before a place."""
        index = bisect_left(self._starts[paragraph], at) - 1
        mention = self._named[paragraph][index] if index >= 0 else None
        return mention if mention and mention.end == at else None

    def _at(self, paragraph: int, at: int) -> Mention | None:
        index = bisect_left(self._starts[paragraph], at)
        named = self._named[paragraph]
        return named[index] if index < len(named) and named[index].start == at else None

    # --- subjects ---

    def subject(self, sentence: int, at: int, limit: int, replies: bool = False) -> Subject | None:
        """The subject that begins at a place of a sentence's paragraph; None where none begins.

        "M. Wang", "la ministre croate de l'Environnement, Ivana Horvatic", "l'OMS", "un porte-parole de l'OMS", "il",
        "le député"; of "une source", "des témoins", "l'avocat de M. Wang" the label is None. `replies`: whoever spoke
        last is not meant.
        """
        paragraph = self._sentences[sentence].paragraph
        text = self._body[paragraph]
        if at >= limit:
            return None
        mention = self._at(paragraph, at)
        if mention:
            return Subject(mention.label, mention.end)
        if text[at] not in INITIALS:
            return None
        pronoun = PRONOUN.match(text, at, limit)
        if pronoun:
            gender: Gender | None = "m" if pronoun[1] else "f" if pronoun[2] else None
            if gender is None:
                return Subject(None, pronoun.end())
            if LATTER.match(text, at, limit):
                return Subject(self._latter(sentence, at, gender), pronoun.end())
            return Subject(self._pronoun(sentence, at, gender), pronoun.end())
        courtesy = COURTEOUS.match(text, at, limit)
        mention = self._at(paragraph, courtesy.end()) if courtesy else None
        if mention:
            return Subject(mention.label, mention.end)
        determiner = DETERMINER.match(text, at, limit)
        if not determiner:
            return None
        begins = determiner.end()
        word = (determiner[1] or determiner[2]).lower()
        mention = self._at(paragraph, begins)
        if mention:
            return Subject(
                None if word in INDEFINITE and mention.kind != "organisation" else mention.label, mention.end
            )
        qualified = BEFORE_NOUN.match(text, begins, limit)
        noun_at = qualified.end() if qualified else begins
        noun = WORD.match(text, noun_at, limit)
        if not noun:
            return Subject(None, begins)
        if noun[1].lower() not in NAMED_AFTER and noun[1].lower() not in BODIES:
            introduced = self._introduced(paragraph, begins, min(limit, begins + LONGEST_TITLE))
            if introduced:
                return Subject(introduced.label, introduced.end)
        voice = VOICE.match(text, noun_at, limit)
        if voice:
            owner = self._at(paragraph, voice.end())
            if owner and owner.kind != "person":
                return Subject(owner.label, owner.end)
            of_it = WORD.match(text, voice.end(), limit)
            if of_it and of_it[1] in BODIES:
                return Subject(self._organisation(sentence, at), of_it.end())
        if word in INDEFINITE or word in MANY:
            return Subject(None, noun.end(), _GENDERS.get(word))
        named = _PERSON.get(noun[1].lower())
        if named:
            lemma, gender = named
            gender = "m" if word in ("le", "ce", "cet") else "f" if word in ("la", "cette") else gender
            state = self._demonyms.get((paragraph, noun.end() + 1))
            label = self._definite(lemma, gender, state, sentence, at, replies)
            end = noun.end() + 1 + _word_length(text, noun.end() + 1) if state else noun.end()
            return Subject(label, end, gender)
        if noun[1].lower() in BODIES and word in ("le", "la", "l"):
            return Subject(self._organisation(sentence, at), noun.end())
        return Subject(None, noun.end(), _GENDERS.get(word))

    def _introduced(self, paragraph: int, begins: int, limit: int) -> Mention | None:
        """Whom a title leads to: "(le) ministre wallon de la Mobilité Michel Trembloy"; not "(l')avocat de M. X"."""
        text = self._body[paragraph]
        for mention in self.between(paragraph, begins, limit):
            if mention.kind != "person":
                continue
            gap = text[begins : mention.start]
            courtesy = re.search(rf"{COURTESY}$", gap)
            if courtesy:
                gap = gap[: courtesy.start()]
            last_word = re.search(r"([\w-]+)\s$", gap)
            if last_word and (last_word[1] in BODIES or last_word[1] in NAMED_AFTER):
                continue  # "le directeur de la compagnie Vostotchny Gorizont, Vsevolod I."
            fits = TITLE_GAP.fullmatch(gap) and not NO_TITLE.search(gap) and not COMPLEMENT.search(gap)
            return mention if fits else None
        return None

    def head(self, sentence: int) -> Subject | None:
        """The subject a sentence opens with, past what stands before it: "De son côté, [M. Wang] a"."""
        if sentence not in self._heads:
            self._heads[sentence] = None  # what asks for itself finds nothing
            self._heads[sentence] = self._head(sentence)
        return self._heads[sentence]

    def _head(self, number: int) -> Subject | None:
        sentence = self._sentences[number]
        text = self._body[sentence.paragraph]
        at = sentence.start
        conjunction = CONJUNCTION.match(text, at, sentence.end)
        if conjunction:
            at = conjunction.end()
        unknown = None
        for _ in range(3):
            found = self.subject(number, at, sentence.end)
            if found and (found.label or at == sentence.start):
                return found
            unknown = unknown or found
            comma = UP_TO_COMMA.match(text, at, sentence.end)
            if not comma:
                break
            at = comma.end()
        return unknown

    # --- what stands for a name ---

    def _last_spoke(self, sentence: int, within: int) -> str | None:
        if self._spoke and sentence - self._spoke[-1][0] <= within:
            return self._spoke[-1][1]
        return None

    def _others_since(self, since: int, sentence: int, at: int, label: str) -> bool:
        """Whether anybody else was named after a sentence, up to a place of another."""
        for number in range(since + 1, sentence + 1):
            each = self._sentences[number]
            end = min(each.end, at) if number == sentence else each.end
            for mention in self.between(each.paragraph, each.start, end):
                if mention.kind == "person" and mention.label != label:
                    return True
        return False

    def _people_in(self, sentence: int, before: int | None = None) -> list[str]:
        each = self._sentences[sentence]
        end = each.end if before is None else before
        return [m.label for m in self.between(each.paragraph, each.start, end) if m.kind == "person"]

    def _agrees(self, label: str, gender: Gender | None) -> bool:
        about = self._people.get(label)
        return not about or not gender or not about.gender or about.gender == gender

    def _pronoun(self, sentence: int, at: int, gender: Gender) -> str | None:
        self._learn(sentence, at)
        candidates: list[str | None] = []
        own = self.head(sentence)
        if own and own.end < at:
            candidates.append(own.label)
        candidates.append(self._last_spoke(sentence, 1))
        before = self.head(sentence - 1) if sentence else None
        if before and before.label and self._first_named(sentence - 1, before):
            candidates.append(before.label)
        elif before and not before.label and not candidates[-1]:
            if before.gender == gender or not before.gender:
                return None  # "L'imam de la ville a condamné l'attentat. Il ajoute que": him, whoever he is
            since, label = self._spoke[-1] if self._spoke else (-9, "")
            paragraph = self._sentences[sentence - 1].paragraph
            apart = sentence - since > 3 or self._sentences[since].paragraph != paragraph
            if apart or self._others_since(since, sentence, at, label):
                return self._alone(sentence, gender) if gender == "f" else None
            candidates.append(label)
        elif sentence > 1 and not before and not self._people_in(sentence - 1):
            further = self.head(sentence - 2)
            candidates.append(self._last_spoke(sentence, 2) or (further.label if further else None))
        for candidate in candidates:
            if candidate and self._agrees(candidate, gender):
                return candidate
        if not any(candidates):
            return self._alone(sentence, gender)
        # The one of that gender, where the subject is known to be of the other.
        near = {
            label
            for number in range(max(0, sentence - 2), sentence)
            for label in self._people_in(number)
            if self._people[label].gender == gender
        }
        return near.pop() if len(near) == 1 else None

    def _first_named(self, sentence: int, subject: Subject) -> bool:
        """Whether nobody else is named before the subject: "Selon M. Weatherill, Elizabeth II devrait" leaves two."""
        each = self._sentences[sentence]
        named = self.between(each.paragraph, each.start, subject.end)
        return all(mention.label == subject.label for mention in named if mention.kind == "person")

    def _alone(self, sentence: int, gender: Gender | None) -> str | None:
        """The only person the sentence before names, where the gender is known and is that."""
        named = set(self._people_in(sentence - 1)) if sentence else set()
        label = named.pop() if len(named) == 1 else None
        return label if label and gender and self._people[label].gender == gender else None

    def _latter(self, sentence: int, at: int, gender: Gender) -> str | None:
        """ "Ce dernier" is the last one named."""
        self._learn(sentence, at)
        for number in (sentence, sentence - 1):
            named = self._people_in(number, at if number == sentence else None) if number >= 0 else []
            if named:
                return named[-1] if self._agrees(named[-1], gender) else None
        return None

    def _definite(
        self, noun: str, gender: Gender | None, state: str | None, sentence: int, at: int, replies: bool
    ) -> str | None:
        """The person that "la ministre", "le président russe", "le responsable" stands for."""
        self._learn(sentence, at)
        wider = WIDER.get(noun, frozenset())
        fitting = []
        for label, about in self._people.items():
            if gender and about.gender and about.gender != gender:
                continue
            if state and state not in about.states:
                continue
            by_name = noun in about.nouns or not wider.isdisjoint(about.nouns)
            if by_name or (state and (noun in ANYBODY or not LIKES.isdisjoint(about.nouns))):
                fitting.append(label)
        exact = [label for label in fitting if noun in self._people[label].nouns]
        if len(exact) == 1 and len(fitting) > 1:
            fitting = exact
        last = self._last_spoke(sentence, 2)
        if replies and len(fitting) > 1 and last in fitting:
            fitting.remove(last)
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            if last in fitting:
                return None if self._others_since(self._spoke[-1][0], sentence, at, last) else last
            own = self.head(sentence - 1) if sentence else None
            return own.label if own and own.label in fitting else None
        if state or replies:
            return None
        if not last:
            own = self.head(sentence - 1) if sentence else None
            if own and own.label and self.is_person(own.label) and noun not in OFFICES:
                return own.label if self._agrees(own.label, gender) else None
            return None if noun in OFFICES else self._alone(sentence, gender)
        if not self.is_person(last):
            return None
        if noun in OFFICES:
            return None
        if not self._agrees(last, gender) or self._others_since(self._spoke[-1][0], sentence, at, last):
            return None
        return last

    def _organisation(self, sentence: int, at: int) -> str | None:
        """The body that "le groupe", "l'organisation" stands for."""
        last = self._last_spoke(sentence, 2)
        if last and self._kinds.get(last) == "organisation":
            return last
        for number in range(sentence - 1, max(-1, sentence - 3), -1):
            head = self.head(number)
            if head and head.label and self._kinds.get(head.label) == "organisation":
                return head.label
        near = {
            mention.label
            for number in range(max(0, sentence - 2), sentence + 1)
            for mention in self.between(
                self._sentences[number].paragraph,
                self._sentences[number].start,
                at if number == sentence else self._sentences[number].end,
            )
            if mention.kind == "organisation"
        }
        return near.pop() if len(near) == 1 else None

    # --- what is said of people beside their names ---

    def _learn(self, sentence: int, at: int) -> None:
        """Titles and gender of everybody named before a place."""
        paragraph = self._sentences[sentence].paragraph
        while self._learnt[0] <= paragraph:
            number, index = self._learnt
            named = self._named[number]
            while index < len(named) and (number < paragraph or named[index].start < at):
                if named[index].kind == "person":
                    self._introduce(named[index], named[index - 1].end if index else 0)
                index += 1
            self._learnt[1] = index
            if number == paragraph:
                return
            self._learnt = [number + 1, 0]

    def _introduce(self, mention: Mention, free: int) -> None:
        text = self._body[mention.paragraph]
        about = self._people.setdefault(mention.label, _About())
        if about.nouns and about.balance:
            return
        start = max(0, free if free < mention.start else 0, mention.start - BACK)
        for stop in TITLE_BREAK.finditer(text, start, mention.start):
            if text[stop.start() : stop.end()] == "." and text[max(0, stop.start() - 1) : stop.start()] == "M":
                continue
            start = stop.end()
        before = text[start : mention.start]
        courtesy = text[max(0, mention.start - 5) : mention.start]
        if courtesy.rstrip().endswith(("Mme", "Mlle")):
            about.counts("f", COURTESY_WEIGHT)
        elif courtesy.rstrip().endswith("M."):
            about.counts("m", COURTESY_WEIGHT)
        self._entitle(about, mention.paragraph, start, before)
        apposition = APPOSITION.match(text, mention.end)
        if apposition:
            opening = WORDS.findall(apposition[1][:40].lower())[:3]
            if any(word.split("-")[-1] in _PERSON or word in _PERSON for word in opening):
                self._entitle(about, mention.paragraph, apposition.start(1), apposition[1])

    def _entitle(self, about: _About, paragraph: int, start: int, words: str) -> None:
        determiner = ""
        for match in WORDS.finditer(words.lower()):
            word = match[0]
            named = _PERSON.get(word) or _PERSON.get(word.rsplit("-", 1)[-1])
            if named:
                about.nouns.add(named[0])
                about.counts(named[1] or _GENDERS.get(determiner))
            state = self._demonyms.get((paragraph, start + match.start()))
            if state:  # "la Française X"
                about.states.add(state)
                about.counts(_GENDERS.get(determiner))
            determiner = word


def _word_length(text: str, at: int) -> int:
    word = WORDS.match(text, at)
    return len(word[0]) if word else 0
