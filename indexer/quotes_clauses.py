"""How a verb of speech stands in its sentence, and what is said after it. Functions of a text and places in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from indexer.quotes_marks import Marked
from indexer.quotes_verbs import OF_ONESELF, Heard, Trigger

# --- around a verb -------------------------------------------------------------------------------------------------

_DAYS = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|hier|aujourd['’]hui)(?:\s(?:matin|midi|soir|dernier))?"
_ASIDE = (
    r"de (?:son|leur) côté|pour (?:sa|leur) part|quant à (?:lui|elle)|en outre|par ailleurs|également|aussi|encore|notamment|ensuite|"
    r"ainsi|enfin|toutefois|cependant|d['’]abord|à ce (?:propos|sujet)|à cet égard|à nouveau|de nouveau|au contraire|volontiers|"
    r"désormais|alors|déjà|même|lui aussi|elle aussi|lui|elle|eux|plus tard|dans la foulée|"
    r"en substance|a contrario|tout|bien|trop|vite|toujours|\w{3,}ment"
)
_HEARERS = (
    r"à la presse|à la barre|à l['’]audience|(?:à des|aux|devant des|devant les|devant la) (?:journalistes|députés|presse)|"
    r"à l['’][A-Z]\w+|à la [A-Z]{3,}|à (?:AFP|Reuters|Belga|Xinhua)|"
    r"(?:dans|par) (?:un|son) (?:communiqué|entretien|discours|tweet|message)|"
    r"dans une (?:déclaration|interview|allocution|lettre)(?: à la presse)?|"
    r"sur (?:X|Twitter|Facebook|France Info|franceinfo|BFMTV|RTL|CNN)|"
    r"en conférence de presse|lors d['’]une? [\w-]+(?: de presse| téléphonique)?"
)
_ADVERB = rf"(?:{_DAYS}|{_ASIDE}|{_HEARERS})"
# " jeudi à la presse", ", à ce propos,"
ADVERBS = re.compile(rf"(?:\s{{0,2}},?\s{{0,2}}{_ADVERB}(?!\w)(?:,(?=\s))?)*\s{{0,2}}", re.IGNORECASE)
ADVERBS_BEFORE = re.compile(rf"(?:[,\s]+{_ADVERB}(?=[,\s]))+[,\s]*$", re.IGNORECASE)

# "(il) ne lui a pas encore | dit", "(il) s'est, en outre, | félicité", "a-t-il | dit"
AUXILIARY = re.compile(
    r"(?:^|[\s,«\"“—–-]|(?<=['’]))(?P<all>(?P<clitics>(?:(?:ne|lui|leur|les|le|la|y|en|nous|se)\s|[nlmsy]['’])*)"
    r"(?P<verb>avait|avaient|aura|auront|ont|a|est|sont|était|étaient)(?:-(?:t-)?(?P<pronoun>ils|il|elles|elle|on))?"
    r"(?:\s*,[^,.;:!?]{2,40},)?(?P<adverbs>(?:\s(?:pas|jamais|plus|encore|déjà|aussi|également|toutefois|ensuite|ainsi|enfin|même|d['’]abord|"
    r"alors|bien|elle|lui|eux|tout|aussitôt|notamment|néanmoins|cependant|aussi|\w{3,}ment))*)\s)$",
    re.IGNORECASE,
)
# Characters an auxiliary is looked for in: "ne leur avait ", and with adverbs "s'est-elle, à l'issue de la rencontre, ".
NEAR, FAR = 16, 70
ADVERB_LAST = re.compile(
    r"(?:ment|,|encore|déjà|aussi|toutefois|ensuite|ainsi|enfin|bien|elle|lui|eux|tout|même|alors|abord|pas|jamais|plus)\s$"
)
# "(il) ne se | dit", "s' | emporte"
CLITICS = re.compile(r"(?:\b(?:(?:ne|lui|leur|les|le|la|y|en|nous|se)\s|[nlms]['’]))+$", re.IGNORECASE)
REFLEXIVE = re.compile(r"(?:\bse\s|\bs['’])", re.IGNORECASE)
NEGATED = re.compile(r"\b(?:pas|jamais|plus)\b")
# "dit | -il", "s'emporte | -t-elle"
PRONOUN_AFTER = re.compile(r"-(?:t-)?(il|elle|ils|elles|on)\b", re.IGNORECASE)
NEGATION_AFTER = re.compile(r"\s(?:pas|jamais|plus)\b")

# "et | assuré que", "mais | nié"; not ", | dit « le Sphinx »"
CARRIED_ON = re.compile(r"\b(?:et|mais|puis|ou)\s+$", re.IGNORECASE)
# "dit craindre un embrasement [et a] demandé": what an infinitive says ends there
NEXT_PREDICATE = re.compile(r"\s(?:et|mais)\s(?:a|ont|s['’]est|se sont)\s")
# ", | ajoutant", "tout en | jugeant"; "(Et) d' | ajouter", "avant de | conclure"
BEFORE_GERUND = re.compile(r"(?:[,»\"”]\s*|\b(?:et|mais|en|tout en)\s+|^\s*)$", re.IGNORECASE)
BEFORE_INFINITIVE = re.compile(r"(?:(?P<avant>,?\s*\bavant)|\bet)\s+d(?:e\s+|['’])$", re.IGNORECASE)
# "ont", "avaient"
PLURAL = re.compile(r"(?:ont|sont|aient|ent)$")
_SINGULAR = frozenset({"dément", "convient", "prévient", "maintient", "soutient", "souvient"})

# --- what follows a verb -------------------------------------------------------------------------------------------

# "| que la route", ", | qu'elle"; past a phrase, "(a rappelé) | à ses interlocuteurs que"
THAT = re.compile(r"(?:,\s)?qu(?:e\s+|['’]\s?)")
FAR_THAT = re.compile(
    r"(?:,\s*)?(?:à|au|aux|dans|lors|devant|en|sur|après|avant|depuis|pendant|par|chez)\b[^.;:!?«»\"“”]{1,90}?[\s,]qu(?:e\s+|['’]\s?)"
)
# "(a répondu) | aux députés : «"
COLON = re.compile(r"[^.;!?«»\"“”:]{0,120}:\s*$")
# No "le", "la", "l'" before it: "espère l'ouverture", "craint la mer" are none.
_INFINITIVE = r"(?:ne pas |ne plus |n['’]|s['’]|se |y |en |lui |leur )*[a-zà-ÿœ]+(?:er|ir|oir|dre|tre|vre|ire)\b"
INFINITIVE = re.compile(rf"(?!hier\b|dernier\b)(?:{_INFINITIVE})")
# "(a appelé) | les parties à la retenue"; "(a promis) | d'aller vite"; "(accuse) | Rome de protectionnisme"
TO = re.compile(r"(?:[^.;:!?,«»\"“”]{1,80}?\s)?(?:à|au|aux)\s")
OF_INFINITIVE = re.compile(rf"(?:[^.;:!?,«»\"“”]{{1,80}}?\s)?(?:de\s+|d['’])[«\"“]?\s?{_INFINITIVE}")
OF = re.compile(r"(?:[^.;:!?,«»\"“”]{1,80}?\s)?(?:de\s|d['’]|du\s|des\s)")
# "(a mis en garde) | contre", "(plaide) | pour", "(table) | sur"
AGAINST = re.compile(r"(?:contre|pour|sur)\s")
# "(s'est dit) | prêt à", "(s'est dite) | « surprise »"
ADJECTIVE = re.compile(r"[a-zà-ÿ«\"“]")
# "(a jugé) | ces explications | « insuffisantes »"; not across "que", "qui" or another verb
FRAGMENT = re.compile(r"[^.;:!?]{0,90}")
RELATIVE_CLAUSE = re.compile(r"\bqu(?:e\b|['’])|\bqui\b")
ANOTHER_VERB = re.compile(r"(?:^|\s)(?:a|ont|est|sont)\s")
# "(que « A ») | et que B": the marks hold one whole thing that is said
GOES_ON = re.compile(r"\s*(?:,|et\s)")
# Works, nicknames, operations: what their marks hold is a name and nobody's words.
NAME_BEFORE = re.compile(
    r"(?:film|roman|livre|ouvrage|album|chanson|pièce|tableau|essai|recueil|série|exposition|émission|article|revue|magazine|opération|programme|"
    r"initiative|projet|festival|label|thème|slogan|banderole|pancarte|titre|titrée?s?|intitulée?s?|surnommée?s?|baptisée?s?|rebaptisée?s?|appelée?s?|"
    r"surnom de|nom de|mot|terme|dite?s?|devise|auteure?|autrice|navire|bateau|satellite|mission|prix|concept de|principe)\s*"
    r"(?:d[eu]s?\s|d['’]|:\s)?$",
    re.IGNORECASE,
)
LAST_POINT = " \t\u00a0\u202f\u2009.;,"


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of speech as it stands: `start` is where its auxiliary and what clings to it begin."""

    trigger: Trigger
    start: int
    end: int
    inverted_pronoun: int | None  # where "il" of "a-t-il", "dit-il" stands
    reflexive: bool
    carried_on: bool
    plural: bool


class Said(NamedTuple):
    """`text[start:end]` is what is said; `mark` the pair it stands in, if any."""

    start: int
    end: int
    mark: Marked | None


def read_verb(text: str, begins: int, heard: Heard, trigger: Trigger) -> Verb | None:
    """The trigger as a verb of this sentence, or None where the word is none: "le dit accord", "déclaré coupable"."""
    back = max(begins, heard.start - 90)
    before = text[max(back, heard.start - FAR) : heard.start]
    back = heard.start - len(before)
    if trigger.form == "participle":
        auxiliary = _auxiliary(before)
        if auxiliary:
            back = heard.start - len(auxiliary.string)
            to_be = auxiliary["verb"].lower() in ("est", "sont", "était", "étaient")
            reflexive = REFLEXIVE.search(auxiliary["clitics"]) is not None
            if to_be != reflexive or NEGATED.search(auxiliary["adverbs"]):
                return None
            at = back + auxiliary.start("pronoun") if auxiliary["pronoun"] else None
            plural = PLURAL.search(auxiliary["verb"].lower()) is not None
            return _unless(trigger, back + auxiliary.start("all"), heard.end, at, reflexive, False, plural)
        if CARRIED_ON.search(before):
            return _unless(trigger, heard.start, heard.end, None, False, True, False)
        return None
    if trigger.form == "present":
        clitics = CLITICS.search(before)
        start = back + clitics.start() if clitics else heard.start
        reflexive = clitics is not None and REFLEXIVE.search(clitics[0]) is not None
        pronoun_after = PRONOUN_AFTER.match(text, heard.end)
        end = pronoun_after.end() if pronoun_after else heard.end
        if NEGATION_AFTER.match(text, end):
            return None
        if not clitics and _auxiliary(before):
            return None
        at = pronoun_after.start(1) if pronoun_after else None
        carried = CARRIED_ON.search(text[back:start]) is not None
        form = text[heard.start : heard.end].lower()
        return _unless(trigger, start, end, at, reflexive, carried, form.endswith("ent") and form not in _SINGULAR)
    if trigger.form == "gerund":
        clitics = CLITICS.search(before)
        start = back + clitics.start() if clitics else heard.start
        reflexive = clitics is not None and REFLEXIVE.search(clitics[0]) is not None
        if not BEFORE_GERUND.search(text[back:start]):
            return None
        return _unless(trigger, start, heard.end, None, reflexive, True, False)
    opening = BEFORE_INFINITIVE.search(before)
    if not opening:
        return None
    return _unless(trigger, back + opening.start(), heard.end, None, False, True, False)


def _unless(
    trigger: Trigger, start: int, end: int, pronoun: int | None, reflexive: bool, carried_on: bool, plural: bool
) -> Verb | None:
    """The verb, unless "se" is there and not asked for, or the other way round."""
    if reflexive != ("r" in trigger.takes) and not (reflexive and trigger.verb in OF_ONESELF):
        return None
    return Verb(trigger, start, end, pronoun, reflexive, carried_on, plural)


def _auxiliary(before: str) -> re.Match[str] | None:
    """The auxiliary a text ends with. Mostly it is the last word: the window is opened for adverbs only."""
    if not before or not before[-1].isspace():
        return None
    found = AUXILIARY.search(before[-NEAR:])
    if found or not ADVERB_LAST.search(before[-20:]):
        return found
    return AUXILIARY.search(before[-FAR:])


def said_after(text: str, verb: Verb, limit: int, mark: Marked | None) -> Said | None:
    """What follows a verb and is what it says; None where nothing of the kind does. `mark`: the next pair of marks."""
    takes = verb.trigger.takes
    at = after_adverbs(text, verb.end, limit)
    if mark and mark.opens >= limit:
        mark = None
    end = trimmed_end(text, at, limit)
    if verb.reflexive and verb.trigger.verb in OF_ONESELF:
        of_oneself = ADJECTIVE.match(text, at, limit) and not THAT.match(text, at, limit)
        return Said(at, end, None) if of_oneself else None
    if "q" in takes:
        that = (
            THAT.match(text, at, limit) or FAR_THAT.match(text, at, limit) or FAR_THAT.match(text, verb.end + 1, limit)
        )
        if that:
            if mark and mark.opens == that.end():
                rest = text[mark.closes : limit]
                if not rest.strip(LAST_POINT) or GOES_ON.match(rest):
                    return Said(mark.start, mark.end, mark)
            return Said(that.end(), end, None)
    if mark and COLON.fullmatch(text, verb.end, mark.opens):
        return None if NAME_BEFORE.search(text, verb.end, mark.opens) else Said(mark.start, mark.end, mark)
    predicate = NEXT_PREDICATE.search(text, at, end)
    if predicate:
        end = predicate.start()
    if "i" in takes and INFINITIVE.match(text, at, limit):
        return Said(at, end, None)
    if "a" in takes and TO.match(text, at, limit):
        return Said(at, end, None)
    if "d" in takes:
        of = OF if verb.trigger.verb == "accuser" else OF_INFINITIVE
        if of.match(text, at, limit):
            return Said(at, end, None)
    if "c" in takes and AGAINST.match(text, at, limit):
        return Said(at, end, None)
    nickname = verb.trigger.verb == "dire" and verb.trigger.form == "present"  # "X, dit « le Sphinx », a"
    if "f" in takes and mark and not nickname:
        between = text[verb.end : mark.opens]
        fits = FRAGMENT.fullmatch(between) and not RELATIVE_CLAUSE.search(between)
        if fits and not NAME_BEFORE.search(between) and not _another(text, verb.end, mark.opens):
            return Said(mark.start, mark.end, mark)
    return None


def _another(text: str, start: int, end: int) -> bool:
    """Whether a second verb begins in between: "a nié avoir dit « A »" is none of ours."""
    text = text[start:end]
    return AUXILIARY.search(text + " ") is not None or ANOTHER_VERB.search(text) is not None


def after_adverbs(text: str, at: int, limit: int) -> int:
    """Where "lundi à la presse", "de son côté", "à ce propos" and the like end."""
    found = ADVERBS.match(text, at, limit)
    return found.end() if found else at


def trimmed_end(text: str, start: int, end: int) -> int:
    """Without the blanks and the point at the end."""
    while end > start and text[end - 1] in LAST_POINT:
        end -= 1
    return end
