"""What a damaged word was, by what stands around it: names, true doubles, capitals, and marks glued to it.

"le march? de" is marché, "Il a bien march?" may be a question; "pays h?te" is hôte, "à la h?te" hâte;
"l'?tat d'urgence" is état, "le chef de l'?tat" État.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from authorities.model import fold
from indexer.channels import Codec, holds
from indexer.lexicon import LOST, NameWord, capitals, skeleton
from indexer.repair_clues import asks
from indexer.repair_words import (
    CACHE,
    DOUBT,
    LEADING_MARK,
    NAME_WEIGHT,
    SECOND_MARK,
    THRESHOLD,
    TRAILING_AT_END,
    TRAILING_AT_LINE_END,
    TRAILING_BEFORE_SIGN,
    TRAILING_CERTAIN,
    TRAILING_GENUINE,
    TRAILING_MARK,
    Reading,
    Words,
    inside,
)

REPLACEMENT = "\ufffd"
UNKNOWN_GLUED = 0.01  # "d?clar?" is déclaré, not a mark after a word nobody listed
READINGS = 4  # of a word left damaged
SPELLING_THRESHOLD = 0.6  # a small word nobody listed, by its letters: 90 % right there on held-out words
NEIGHBOUR_WEIGHT = 1e3  # the rest of a name stands beside it
TELLING = 4  # letters of a neighbour that tells: "Lavrov", not "de"
NAME_ALONE = 10.0  # a name of one word, where its capital tells it from a common word
NAME_PART = 0.01  # a part of a name, where it does not: "?le" is not Île of "Île-de-France"
CAPITAL_WEIGHT = 100.0  # "Gr?ce" inside a sentence: Grèce, not Grâce
CAPITAL_INSIDE = 0.02  # a capital inside a sentence, on no known proper name
DOUBLE_WEIGHT = 1e5  # a sign beside a double settles it: près is 1,000 times as frequent as prés

ELIDED_STEMS = frozenset(["l", "d", "j", "m", "n", "s", "t", "c", "qu", "jusqu", "lorsqu", "puisqu"])
# "l? Université", "d? Amnesty": an apostrophe, then a space; but "là où"
ELIDED_NEXT = re.compile(r" ?[AÀÂEÉÈÊIÎOÔUYH«]")
ELIDED_AT_END = 0.1
ELIDED_WEIGHT = 1e4
# What follows within a sentence: "zigzagu? sur", "inappliqu?. Celui-ci"
SAME_SENTENCE = re.compile(r" ?[^\W\d_A-ZÀ-Ý]|[,;:.'’-]")
# No mark ends the sentence before these: "n? en", "retrouv? 3", "cit? !"
GOES_ON = re.compile(r" *(?:[^\W_A-ZÀ-Ý]|['’–«(?-])| !")
NAMED_AT_END = 10.0  # "repérer par Chang?": a name and a question mark
STOPS = re.compile(r" ?(?:!|$)", re.MULTILINE)
SIGN_NEXT = re.compile(r" *[,;:.]")
INVERTED = re.compile(r"-(?:t-)?(?:il|elle|on|ils|elles|vous|nous|tu|je|ce|moi|toi|là)$")
SENTENCE_END = re.compile(r"[.!…:;«»“”()\"]|(?<= )\?(?= )")
FULL_STOP = re.compile(r"[.!…]")
SENTENCE_OPENS = re.compile(r"(?:^|\n|[.!…]|:(?= ?[«“\"?\ufffd]))[ \u00a0]?(?:[«“\"–—•?\ufffd-][ \u00a0]?)*$")

# What follows a capital: "États-Unis", "Île-de-France", "Église catholique"; not "était-il"
PLACE_AFTER = re.compile(
    r"-(?:(?:de|du|des|la|le|les|aux|en|sur|sous|d|l)(?: la|-la|-l)?['’-])?[^\W\d_a-zà-ÿ]"
    r"| (?:catholique|orthodoxe|anglicane|protestante|luthérienne)|(?<=ducation) nationale"
)
# What stands before one: "M. Édouard", "ministre délégué de l'Économie", "Moyen Âge", "Mille-Îles"
TITLE_BEFORE = re.compile(
    r"(?:\b(?:M|MM|Mme|Mlle|Dr|Me|St)\.? |\bMoyen |\b(?!Peut-)[A-ZÀ-Ý][^\W\d_]+-"
    r"|[Mm]inist(?:re|ère)s?(?: [^\W\d_]+)? (?:de la |de l['’?]|du |des ))$"
)
TITLE_ENDS = frozenset(["M", "MM", "Mme", "Mlle", "Dr", "Me", "St", "Moyen", "la", "du", "des"])
# "état d'urgence", "état de santé", "en état de", "mauvais état": a condition; else "État" is the nation.
STATE_OF = re.compile(
    r" (?:d['’?](?:urgence|esprit|alerte|ébriété|ivresse|avancement|une?\b)"
    r"|de (?:santé|siège|choc|guerre|fait|marche)"
    r"|des lieux|critique|grave|stable|stationnaire|actuel|général|civil|végétatif)"
)
IN_STATE = re.compile(
    r"\b(?:[Ee]n|[Ee]n l['’]|[Ff]ai(?:t|re|sait|sant)|font|tout|bon|mauvais|cet|son|leur|quel|tel|même|[Uu]n"
    r"|premier|dernier|moindre) ?$"
    r"|[àÀ] l['’]$"
)
# "un État membre", "un État de droit"
NATION = re.compile(r" (?:membre|de droit|souverain|indépendant|voyou|laïque|islamique|hébreu|fédéral|palestinien)")
# The word beside another; before it, read backwards.
WORD_BEFORE = re.compile(r"[ '-]*([^\W\d_?]*\??[^\W\d_?]+)")
WORD_AFTER = re.compile(r"[ '-]*([^\W\d_?]+\??[^\W\d_?]*)")
# A title within a sentence: "selon L'Équipe"
TITLED = re.compile(r"L['’]$")


def _after(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|\W)(?:{words}) ?$")


# True doubles: the same letters lost, both words common. What stands before decides: "pays h?te" -> hôte,
# "à la h?te" -> hâte. Without such a sign the more frequent counts, as for any other word.
DOUBLES: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "h?te": (
        (_after(r"pays|nation|ville|cité|un|cet|nouvel|même|notre|son|leur|équipe|club|l['’]"), "hôte"),
        (_after("la|en|a|ai|ont|avons|avait|sa|avec|grande|ma"), "hâte"),
    ),
    "h?tes": ((_after("tu"), "hâtes"), (_after("les|des|ses|leurs|nos"), "hôtes")),
    "p?le": (
        (_after("le|un|du|au|ce|son|grand|chaque|premier|nouveau"), "pôle"),
        (_after("plus|très|trop|teint|bleu|vert|si|bien|visage|toute?|aussi"), "pâle"),
    ),
    "p?les": (
        (_after("les|des|deux|ces|aux|trois"), "pôles"),
        (_after("plus|très|trop|si|bien|visages|tout"), "pâles"),
    ),
    "pr?s": ((_after("les|des|verts|ces|vastes"), "prés"),),
    "d?s": ((_after("les|des|aux|coup de|ces|deux|jeu de"), "dés"),),
    "p?che": ((_after("il"), "pèche"),),
    "m?le": ((_after("se|s['’]y"), "mêle"), (_after("le|un|du|au|jeune"), "mâle")),
    "?me": ((_after(r"\d+"), "ème"),),
    "c?ne": ((_after("la|dernière"), "cène"), (_after("le|un|du|au"), "cône")),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What one repair knows of its text."""

    text: str  # the words that are plain given back already
    codec: Codec | None
    sign: str  # what stands for a lost letter: "?" or U+FFFD
    damaged: bool  # a letter inside a word was lost, or a mark stands where no question mark can


class Capital(NamedTuple):
    """Whether a word that begins somewhere has a capital there: any word, "état", and if nothing forbids it."""

    opens: bool = False  # a sentence begins here
    other: bool = False
    state: bool = False
    barred: bool = False  # "-major"

    def inside(self, word: str) -> bool:
        """Whether `word` (small letters) has a capital here though no sentence begins."""
        if self.barred:
            return False
        return self.state if word == "état" else self.other or word in capitals()


class Place(NamedTuple):
    """All that a decision on a chunk takes from its surroundings, so that it is made once for each."""

    codec: Codec | None
    heads: tuple[Capital, ...]  # with 0, 1, 2 marks glued before the word
    elided: tuple[Capital | None, ...]  # the same behind a lost apostrophe
    doubles: tuple[tuple[str, str], ...]  # which of two true doubles what stands before asks for
    before: str  # the word before, where it may belong to a name
    after: str
    trailing: tuple[float, ...]  # weight of 0, 1, 2 marks glued to its end
    apostrophe: bool  # one follows
    goes_on: bool  # the sentence does
    stops: bool  # the line does, or "!" follows


class Decision(NamedTuple):
    """What a damaged word was: letters and marks by their place in it, or only likely readings."""

    letters: tuple[tuple[int, str], ...] = ()
    confidence: float = 0.0
    rule: str = ""
    marks: tuple[int, ...] = ()
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Profile:
    """What a chunk wants to know of its surroundings, and its cores: the word without glued marks."""

    cores: tuple[tuple[int, int, str, tuple[Reading, ...]], ...]  # marks before, marks behind, core, readings
    lead: int
    trail: int
    before: frozenset[str]  # words of names that tell
    after: frozenset[str]
    elisions: tuple[int | None, ...]  # where the word begins behind a lost apostrophe, for each head
    doubles: tuple[str, ...]
    cased: bool  # some reading may have a capital or not


class Decider:
    """Decides on damaged words by what stands around; each decision is remembered."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._profiles: dict[tuple[str, Codec | None], _Profile] = {}
        self._decided: dict[tuple[str, Place], Decision] = {}

    def decide(self, scene: Scene, start: int, chunk: str) -> Decision:
        """Read the chunk at `start`: which of its outer marks are letters, and which letters."""
        profile = self._profiles.get((chunk, scene.codec))
        if profile is None:
            profile = self._profile(chunk, scene.codec)
            if len(self._profiles) >= CACHE:
                self._profiles.clear()
            self._profiles[(chunk, scene.codec)] = profile
        key = (chunk, _place(scene, start, chunk, profile))
        decision = self._decided.get(key)
        if decision is None:
            decision = _decided(key[1], chunk, profile, self._words)
            if len(self._decided) >= CACHE:
                self._decided.clear()
            self._decided[key] = decision
        return decision

    def _profile(self, chunk: str, codec: Codec | None) -> _Profile:
        lead, trail = len(chunk) - len(chunk.lstrip(LOST)), len(chunk) - len(chunk.rstrip(LOST))
        cores: list[tuple[int, int, str, tuple[Reading, ...]]] = []
        for head in range(min(lead, 2) + 1):
            for tail in range(min(trail, 2) + 1):
                core = chunk[head : len(chunk) - tail]
                if core.strip(LOST):
                    cores.append((head, tail, core, self._words.cores(core, codec)))
        found = [reading for core in cores for reading in core[3]]
        names = [reading.name for reading in found if reading.name]
        elisions: list[int | None] = []
        for head in range(min(lead, 2) + 1):
            places = [
                r.word.find("’") for at, _, _, readings in cores if at == head for r in readings if r.rule == "elision"
            ]
            elisions.append(head + places[0] + 1 if places else None)
        return _Profile(
            tuple(cores),
            lead,
            trail,
            frozenset(name.before for name in names if len(name.before) >= TELLING),
            frozenset(name.after for name in names if len(name.after) >= TELLING),
            tuple(elisions),
            tuple(core.lower() for _, _, core, _ in cores if core.lower() in DOUBLES),
            lead > 0 or chunk[0].isupper(),
        )


def _place(scene: Scene, start: int, chunk: str, profile: _Profile) -> Place:
    """What stands around a chunk, as far as it matters there."""
    text, end = scene.text, start + len(chunk)
    doubles: tuple[tuple[str, str], ...] = ()
    if profile.doubles:
        before = text[max(0, start - 24) : start].rpartition("\n")[2].lower()
        doubles = tuple((core, word) for core in profile.doubles for sign, word in DOUBLES[core] if sign.search(before))
    sides = "", ""
    if profile.before or profile.after:
        sides = _sides(text, start, end)
    heads = range(min(profile.lead, 2) + 1)
    return Place(
        scene.codec,
        tuple([_capital(text, start + head, end, chunk[head:], profile.lead > 0) for head in heads])
        if profile.cased
        else UNCASED,
        tuple([None if at is None else _capital(text, start + at, end, chunk[at:], True) for at in profile.elisions]),
        doubles,
        sides[0] if sides[0] in profile.before else "",
        sides[1] if sides[1] in profile.after else "",
        (1.0, *[_trailing(scene, start, chunk, tail) for tail in range(1, min(profile.trail, 2) + 1)])
        if profile.trail
        else UNTRAILED,
        text.startswith(("'", "’"), end),
        profile.trail > 0 and SAME_SENTENCE.match(text, end) is not None,
        profile.trail > 0 and STOPS.match(text, end) is not None,
    )


def _capital(text: str, start: int, end: int, word: str, headed: bool) -> Capital:
    opens = opens_sentence(text, start)
    if not headed:
        return Capital(opens)
    return Capital(
        opens,
        capital_inside(text, start, end, ""),
        word.endswith("?tat") and capital_inside(text, start, end, "état"),
        text.startswith("-major", end),
    )


UNCASED = (Capital(), Capital(), Capital())
UNTRAILED = (1.0,)


def _decided(place: Place, chunk: str, profile: _Profile, words: Words) -> Decision:
    """The decision on a chunk in its place."""
    codec = place.codec
    options: list[tuple[float, int, int, Reading]] = []
    for head, tail, core, readings in profile.cores:
        factor = LEADING_MARK * SECOND_MARK ** (head - 1) if head else 1.0
        factor *= place.trailing[tail]
        if not tail and place.apostrophe and core.lower() in ELIDED_STEMS:
            factor *= ELIDED_WEIGHT  # "?C'est": a mark before C', not ÉC
        for reading in _in_place(place, head, core, readings):
            unknown = UNKNOWN_GLUED if reading.rule == "spelling" and (head or tail) else 1.0
            options.append((reading.weight * factor * unknown, head, tail, reading))
    if not options:
        guesses = words.guesses(chunk, codec) if inside(chunk) else ()  # "Ma?fa": "ma" and "fa" are words
        return Decision(readings=tuple(islice(guesses, READINGS)))
    _, head, tail, best = max(options, key=lambda option: option[0])
    spelled = best.rule == "spelling"
    total = sum(option[0] for option in options) + (0.0 if spelled else DOUBT)
    same = sum(o[0] for o in options if o[1:3] == (head, tail) and o[3].word.lower() == best.word.lower())
    confidence = same / total if total else 0.0  # whether île or Île: the word is sure
    changed = tuple((head + at, b) for at, (a, b) in enumerate(zip(chunk[head:], best.word, strict=False)) if a != b)
    if spelled and (codec is None or profile.trail > tail and not place.goes_on):
        confidence = 0.0  # "un hackathon?": as likely a question
    doubtful = place.stops or len(best.word) < TELLING and not place.goes_on  # "Ur? À titre"
    if best.name and profile.trail > tail and doubtful and best.weight <= NAME_WEIGHT * NAME_ALONE:
        confidence = 0.0  # "le colonel Buti?": a question, unless the rest of the name stands beside it
    if best.name and best.weight < NAME_WEIGHT and len(best.word) < TELLING:
        confidence = 0.0  # "Shu-S?n" is not Sơn, a part of another's name
    if confidence < (SPELLING_THRESHOLD if spelled and best.word[0].islower() else THRESHOLD):
        options.sort(key=lambda option: option[0], reverse=True)
        whole = (chunk[:h] + option.word + chunk[len(chunk) - t :] for _, h, t, option in options)
        likely = dict.fromkeys(word for word in whole if word != chunk)
        if inside(chunk):
            known = [] if spelled else list(likely)
            folded = set(map(fold, known))
            likely = dict.fromkeys(known + [g for g in words.guesses(chunk, codec) if fold(g) not in folded])
        return Decision(readings=tuple(islice(likely, READINGS)))
    marks = (*range(head), *range(len(chunk) - tail, len(chunk)))
    return Decision(changed, round(confidence, 4), best.rule, marks)


def _trailing(scene: Scene, start: int, chunk: str, tail: int) -> float:
    """Weight of `tail` marks glued to the end of a word, by what follows and what was asked."""
    text, end = scene.text, start + len(chunk)
    stem = chunk.strip(LOST).lower()
    if text.startswith("!", end) or stem in ELIDED_STEMS and STOPS.match(text, end):
        return TRAILING_CERTAIN  # "Franklin D?!"
    if chunk.endswith(LOST * 2) and STOPS.match(text, end):
        return TRAILING_CERTAIN if tail == 2 else 0.0  # "Qui tue Chang??"
    if stem in ELIDED_STEMS:  # "l? Oly": an apostrophe or a letter, never a question
        held = scene.codec is not None and holds(scene.codec, "’")
        return ELIDED_AT_END if not held and ELIDED_NEXT.match(text, end) else 0.0
    if scene.sign == REPLACEMENT or GOES_ON.match(text, end):
        return TRAILING_MARK
    if SIGN_NEXT.match(text, end):
        return TRAILING_BEFORE_SIGN
    line = text[max(text.rfind("\n", 0, start) + 1, start - 300) : start]
    if not scene.damaged or tail > 1 or INVERTED.search(line + stem):
        return TRAILING_GENUINE
    if any(map(asks, (SENTENCE_END.split(line)[-1], FULL_STOP.split(line)[-1]))):
        return TRAILING_GENUINE
    if end == len(text) or text[end] == "\n":
        return TRAILING_AT_LINE_END * (NAMED_AT_END if chunk[0].isupper() else 1.0)
    return TRAILING_AT_END


def _in_place(place: Place, head: int, core: str, readings: tuple[Reading, ...]) -> list[Reading]:
    """The readings of the word behind `head` marks, weighed and cased by its place; one of each spelling."""
    if LOST not in core:
        return list(readings)
    capital, elided = place.heads[head], place.elided[head]
    headed = core[0] == LOST
    opens = capital.opens
    lost = core.lower()
    double = next((word for damaged, word in place.doubles if damaged == lost), None)
    placed: dict[str, Reading] = {}
    for reading in readings:
        word, weight = reading.word, reading.weight
        lower = word.lower()
        if reading.name:
            weight *= _name_factor(place, reading.name, opens or headed)
        elif double:
            weight *= DOUBLE_WEIGHT if lower == double else 1.0
        elif reading.rule == "elision":
            at = word.find("’") + 1
            if core[at] == LOST and elided and elided.inside(lower[at:]):
                word = word[:at] + word[at].upper() + word[at + 1 :]
        elif headed:
            proper = opens or capital.inside(lower)
            if word[0].isupper():  # its small letter would have survived
                weight *= 1.0 if proper or word.isupper() else CAPITAL_INSIDE
            elif proper:
                word = word[0].upper() + word[1:]
        elif word[0].isupper() and lower in capitals() and not opens:
            weight *= CAPITAL_WEIGHT
        twin = placed.get(word)
        if twin is None or twin.weight < weight:
            placed[word] = Reading(word, weight + (twin.weight if twin else 0.0), reading.rule, reading.name)
        else:
            placed[word] = Reading(word, weight + twin.weight, twin.rule, twin.name)
    return list(placed.values())


def _name_factor(place: Place, name: NameWord, capital_says_nothing: bool) -> float:
    """How much more a word is that of a name, by the rest of the name beside it and by its capital."""
    if name.alone:
        return 1.0 if capital_says_nothing else NAME_ALONE
    if place.before and place.before == name.before or place.after and place.after == name.after:
        return NEIGHBOUR_WEIGHT
    return NAME_PART if capital_says_nothing or len(name.word) < TELLING else 1.0


def _sides(text: str, start: int, end: int) -> tuple[str, str]:
    """The words before and after a word, as skeletons of small letters; "" where more than a space is between."""
    before, after = WORD_BEFORE.match(text[max(0, start - 40) : start][::-1]), WORD_AFTER.match(text, end)
    return skeleton(before[1][::-1].lower()) if before else "", skeleton(after[1].lower()) if after else ""


def opens_sentence(text: str, at: int) -> bool:
    """Whether a sentence begins at `at`: start of line, or after . ! … and opening marks."""
    if at > 1 and text[at - 1] == " " and text[at - 2].isalpha():
        return False  # most often
    return at == 0 or SENTENCE_OPENS.search(text, max(0, at - 8), at) is not None


def capital_inside(text: str, start: int, end: int, word: str) -> bool:
    """Whether `word` has a capital inside a sentence: "Égypte", "États-Unis", "M. Édouard", "l'État"."""
    if text.startswith("-major", end):
        return False
    if word == "état":
        if NATION.match(text, end):
            return True
        return not (STATE_OF.match(text, end) or IN_STATE.search(text, max(0, start - 16), start))
    if TITLED.search(text, max(0, start - 2), start) and not opens_sentence(text, start - 2):
        return True
    if word in capitals() or PLACE_AFTER.match(text, end):
        return True
    if start > 1 and text[start - 1] == " " and text[start - 2].isalpha():  # most often, and not after a title
        low = max(text.rfind(" ", 0, start - 1), text.rfind("\n", 0, start - 1)) + 1
        if text[low : start - 1] not in TITLE_ENDS and "-" not in text[low : start - 1]:
            return False
    return TITLE_BEFORE.search(text, max(0, start - 36), start) is not None


def certain(chunk: str, words: Words, codec: Codec | None) -> bool:
    """Whether a chunk proves damage: a letter lost between letters, of a word that can be read."""
    return inside(chunk) and bool(words.readings(chunk, codec))
