"""Where it happens: the towns, states, regions and seas that the lead of a dispatch tells of. Pure.

    dateline + first sentence -> places with what leads to them -> those where something happens -> paths

The rule (docs/decisions/0008): a place of the first sentence, in a phrase of place ("à Kharkiv", "dans l'est du Niger",
"a frappé le Népal"), after a word that says that something happened there. Else the dateline. Else the title. Else the first
phrase of place of the lead. Not what is only aimed at ("l'envoi de soldats en Pologne"), judged ("a condamné les violences en
Syrie"), told as background ("à la suite de..."), or where the news was learnt (", a-t-on appris à Niamey").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from authorities.model import PATH_SEPARATOR, Authorities, fold
from indexer.mentions import PLACE_KINDS, PLACE_ROLES, Spot
from indexer.running import RunningText

# --- phrases of place ----------------------------------------------------------------------------------------------

# They lead to a place: "à Kiev", "dans le Donbass", "près de Gao".
_PREPOSITIONS = """
    à en au aux dans sur sous devant près autour depuis hors
"""
PREPOSITIONS = frozenset(_PREPOSITIONS.split())
_OF = """
    de du des d' d’
"""
OF = frozenset(_OF.split())
_ARTICLES = """
    la le les l' l’ un une l'un
"""
ARTICLES = frozenset(_ARTICLES.split())
# Between a preposition and a place: "dans les rues de", "à la gare de", "au large de", "dans le sud-ouest du".
_NARROWING = """
    nord sud est ouest centre nord-est nord-ouest sud-est sud-ouest extrême-nord extrême-sud large frontière
    frontières confins près environs périphérie banlieue proximité abords
"""
NARROWING = frozenset(_NARROWING.split())
_PLACE_NOUNS = """
    aérodrome aéroport ambassade amphithéâtre arène arènes archipel assises autoroute baie base bassin bord bourse
    camp canton capitale caserne cathédrale centrale château chantier cité collège commune conférence comté cour côte
    côtes cœur coeur département détroit district église enclave entrée est exposition faubourg festival foire fleuve
    forêt gare golfe hippodrome hôpital hôtel île îles intérieur lac lycée mairie maison marché massif mines mine mont
    montagnes mosquée mostra musée opéra palais parc périphérie plage plaine place plateau pont port préfecture prison
    province quai quais quartier quartiers raffinerie région rive rives route rue rues salon secteur siège site sommet
    stade station synagogue temple territoire théâtre tribunal université usine vallée ville village villages villes
    zone parquet aux port zone ghetto localité localités agglomération métropole mer
"""
PLACE_NOUNS = NARROWING | frozenset(_PLACE_NOUNS.split())
# Verbs whose object is where it happens: "a frappé le Népal", "qui ravagent Los Angeles".
_STRIKING = """
    frappé frappe frappent touchent secouent dévastent visent balaient traversent inondent paralysent touché touche
    secoué secoue ravagé ravage ravagent dévasté dévaste balayé balaie endeuillé bombardé bombarde attaqué attaque
    visé vise inondé inonde traversé traverse paralysé paralyse quitté visité ébranlé incendié submergé assiégé repris
    pris atteint rejoint pilonné pilonne conquis envahi
"""
STRIKING = frozenset(_STRIKING.split())
_TIMES = """
    lundi mardi mercredi jeudi vendredi samedi dimanche matin soir midi nuit hier aujourd'hui la le dans violemment
    durement
"""
TIMES = frozenset(_TIMES.split())
# What a phrase of place does not reach over.
_NO_LINK = "vis-à-vis et ou qui que avec contre par pour mais où dont ont est sont"
NO_LINK = frozenset(_NO_LINK.split())
# "face à Wolfsbourg", "grâce à Lyon": no place
NOT_AT = frozenset({"face", "grâce", "quant", "opposé", "opposée", "due", "dû", "comparé", "rapport"})
LONGEST_PHRASE = 90  # characters before a place in which its phrase is looked for
MOST_CHAIN = 8  # words between the preposition and the place
TOKEN = re.compile(r"[\w-]+['’]?|[^\w\s]")

# --- what happens --------------------------------------------------------------------------------------------------

# Participles, in the masculine singular; their feminine and plural are added.
_HAPPENED = """
    abattu acclamé accompli accueilli acquitté adopté affronté agressé amarré annulé arraisonné arrêté arrivé
    assassiné assiégé atterri attribué attaqué battu blessé bombardé braqué brisé brûlé capturé célébré chaviré chuté
    commémoré commencé comparu conclu condamné couronné couru décapité déclaré_ouvert déclenché découvert décédé
    décerné décollé défilé dégradé démantelé déposé déraillé débarqué déployé détenu détruit disparu disputé donné
    éclaté écrasé échangé échoué effondré égorgé élu emporté emprisonné empoisonné enlevé enterré entamé entré
    entretenu enregistré entamé évacué exécuté expulsé exposé explosé exhumé fauché fermé fêté fini fondé formé frappé
    fusillé gagné heurté hospitalisé imposé inauguré incendié incarcéré inculpé inhumé installé intercepté interpellé
    interrogé jugé lancé lynché manifesté massacré mené mis_au_jour mobilisé mort mutiné noyé observé occupé ouvert
    ovationné parvenu passé péri perturbé pillé piraté placé poignardé présenté prêté_serment prononcé qualifié ravagé
    reçu reconnu rencontré rendu renversé remporté renvoyé repêché repris réuni réélu retrouvé réouvert sabordé
    saccagé saisi secouru secoué signé sorti suicidé survenu suspendu tenu terminé tiré tombé torpillé touché traversé
    trouvé tué vaincu vandalisé visité voté atteint conquis pris quitté rejoint ressenti mis_en_service bloqué
    rassemblé recueilli foudroyé contaminé confiné évadé libéré naufragé percuté projeté joué chanté récompensé sacré
    titré baptisé dévoilé exhibé vendu_aux_enchères
"""
_HAPPENING = """
    perdu incliné inclinée inclinés lieu tiendra tiendront ouvrira ouvriront meurt meurent tombe s'ouvre s'ouvrent
    s'achève s'achèvent explose éclate frappe ravage ravagent touche se_tient se_tiennent manifestent défilent
    affronte affrontent reçoit rencontre accueille accueillent fête fêtent célèbre célèbrent réunit réunissent tuer
    blesser tuant blessant faisant
"""
_EVENTS = """
    accident affrontement agression attaque attentat avalanche bagarre bombardement carambolage catastrophe cérémonie
    collision combats concert conférence congrès course crash crue cyclone défilé déraillement éboulement éclipse
    effondrement élection émeute empoisonnement enlèvement enterrement entretien épidémie éruption escale étape
    exécution exercice explosion fête feu finale forum foyer frappe fusillade glissement grève incendie incursion
    inondation intoxication match manifestation marche massacre meeting meurtre mort naufrage négociations noyade
    obsèques offensive opération ouragan ouverture perquisition pluies pourparlers procès prise_d'otages rallye
    rassemblement raid rencontre réunion rixe scrutin séance secousse séisme sommet symposium tempête tir tirs tornade
    tournoi tremblement tsunami tuerie typhon vague_de_chaleur veillée victoire visite vote
"""
# What is only aimed at, sold to, made in, lived in: "l'envoi de soldats en Pologne", "les voitures produites en Chine".
_AIMED = """
    envoi départ retour retrait déploiement livraison livraisons exportations exportation importations importation
    ventes vente aide investissement investissements investir voyage déplacement expulsion extradition renvoi
    transfert implantation projet projets plan produit fabriqué installé basé né vivant résidant établi implanté
    construit cultivé réfugié envoyer livrer vendre exporter importer acheter achète achètera vendra livrera enverra
    expédier déployer rapatrier extrader rendre rendra rend retourner revenir intervenir investira présence influence
    rôle intérêts situation guerre conflit ambassadeur ambassade ambassadrice émissaire correspondant
    représentant politique réfugiés ressortissants expatriés demande croissance consommation filiale filiales usine
    usines activités opérations chiffre demander poursuivre mettre prolonger tourné coopération première contre pour
    vers afin entrer arriver aller ira iront partir partira recours
"""
# "une réunion sur la coopération en": talks, and how near "sur" is to the place it speaks of.
_TALKS = """
    assises colloque concertation conférence consultations débat débats dialogue discussion discussions entretien
    entretiens forum négociations pourparlers rapport résolution réunion réunions séance séminaire sommet
"""
TALKS = frozenset(_TALKS.split())
MATTER_WORDS, TALK_WORDS = 4, 12
# Verbs that judge what happens elsewhere.
_JUDGED = """
    condamné condamne dénoncé dénonce appelé appelle demandé demande exigé exige proposé propose souhaité souhaite
    salué salue regretté regrette déploré déplore menacé menace promis promet jugé estimé évoqué réaffirmé réclamé
    plaidé envisage prévoit prépare réfléchit étudie craint redoute espère autorisé approuvé sanctionné critiqué
"""
# Said in passing: what follows is not what the dispatch tells.
BACKGROUND = re.compile(
    r"\b(?:à la suite d|au lendemain d|en réaction|en réponse|en marge d|en raison d|à cause d|avant (?:de|d['’]|le|la|les|un|une)|"
    r"malgré|afin d|depuis\b|"
    r"en vue d|pour (?:son|sa|ses|leur|avoir)|accusée?s? d|soupçonnée?s? d|après (?:le|la|les|l['’]|un|une|des|son|sa|avoir|être))",
    re.IGNORECASE,
)
# With victims, what comes "après" is what happened: "trois morts après l'effondrement d'un immeuble à Lille".
VICTIMS = re.compile(
    r"\b(?:morts?|mortes?|tuée?s?|blessée?s?|péri|victimes?|disparus|noyée?s?|décédée?s?)\b", re.IGNORECASE
)
# Where the news was learnt or said: ", a-t-on appris lundi à Niamey", ", a annoncé le ministère à Paris", ", selon ..."
LEARNT = re.compile(
    r",\s(?:(?:a|ont)(?:-t-(?:on|il|elle))?\s\w+|(?:indique|annonce|rapporte|affirme|précise)(?:nt)?\b|selon\b|d['’]après\b|apprend-on)",
    re.IGNORECASE,
)
# In any sentence of the lead: "L'accident s'est produit à Lyon".
OCCURRED = re.compile(
    r"\b(?:s['’]est|se sont|s['’]était|s['’]étaient)\s(?:produite?s?|déroulée?s?|tenue?s?)\b|\b(?:a|ont) eu lieu\b|"
    r"\best survenue?\b|\bsont survenue?s\b"
)
SENTENCE_END = re.compile(
    r"(?<![\s.(]M)(?<![\s.(][A-Z])(?<!\bMM)(?<!\bMme)(?<!\bDr)[.!?…][\"»”)]?\s+(?=[\"«“(]?[^\W\d_a-zà-ÿ])"
)
# The end of a dateline: "PARIS, 14 mai (AFP) - ", "BRUXELLES 12/06 (BELGA) = ", "Genève (ats) ", "MOSCOU, 20 avril. /TASS/. "
DATELINE_END = re.compile(r"\)?\s(?:[-–—]{1,3}|=)\s|\)\s+(?=[\"«“]?[^\W\d_a-zà-ÿ])|/\.?\s")
TITLE_PLACE = re.compile(r"\s?:\s")
LONGEST_LEAD = 1500  # characters of a lead that are looked at; agencies write 250 to 600
LONGEST_DATELINE = 140
DATELINE_PARAGRAPHS = 4  # that may come before the one with the dateline
SEPARATORS = re.compile(r"\s*/\s*|\s+et\s+|\s*,\s*|\s*;\s*|\s+-\s+")
JOINED = re.compile(r"(?:,|,?\s(?:et|ou))\s(?:(?:à|en|au|aux|de)\s)?(?:la\s|les?\s|l['’])?")
ATTACKS = re.compile(r"\b(?:tir|frapp|bombard|missile|drone|raid|attaqu|roquette|obus|bombe)", re.IGNORECASE)
APPOSED = re.compile(r"\s?,\s(?:dans|sur|en|au|aux|à|près|non loin)\b[^,;.]*$")


def _with_forms(table: str) -> frozenset[str]:
    words = {word.replace("_", " ").split(" ")[0] for word in table.split()}
    return frozenset(words | {word + end for word in words for end in ("s", "e", "es") if not word.endswith("s")})


HAPPENED = (
    _with_forms(_HAPPENED)
    | _with_forms(_EVENTS)
    | frozenset(word.replace("_", " ").replace("s'", "").split(" ")[-1] for word in _HAPPENING.split())
)
AIMED = _with_forms(_AIMED)
PRESENT = frozenset(word for word in _JUDGED.split() if not word.endswith(("é", "u", "is")))
JUDGED = frozenset(_JUDGED.split())


class _Phrase(NamedTuple):
    """A place of the lead and the phrase that leads to it; `struck`: it is the object of "a frappé"."""

    spot: Spot
    start: int
    narrowed: bool
    struck: bool


class VenueRule:
    """Decides venues; built once from the authorities."""

    def __init__(self, authorities: Authorities) -> None:
        self._authorities = authorities
        # A dateline is a town's: "LUXEMBOURG", "MEXICO". Names that texts hide ("Orange", "Tours") are theirs there.
        self._datelines: dict[str, tuple[str, str]] = {}
        for city in authorities.cities.values():
            for name in (city.label, *city.aliases):
                self._datelines.setdefault(fold(name), (city.label, "city"))
        for state in authorities.states.values():
            for name in (state.label, *state.aliases):
                self._datelines.setdefault(fold(name), (state.label, "state"))
        for region in authorities.regions.values():
            for name in (region.label, *region.aliases):
                self._datelines.setdefault(fold(name), (region.label, "region"))
        self._continents = {region.label for region in authorities.regions.values() if region.kind == "continent"}
        self._homonyms: dict[str, list[str]] = {}
        for city in authorities.cities.values():
            base, parenthesis, _ = city.label.partition(" (")
            if parenthesis:
                self._homonyms.setdefault(base, []).append(city.label)
        self.damaged = lru_cache(maxsize=1000)(self._damaged)

    def venues(self, running: RunningText, spots: Sequence[Spot], dateline: str | None) -> tuple[str, ...]:
        """The paths of where it happens, in the order of the text; none when the text does not say."""
        start, end = self._lead(running, dateline)
        text = running.text
        sentence_end = SENTENCE_END.search(text, start, end)
        first = sentence_end.start() if sentence_end else end
        places = [spot for spot in spots if spot.kind in PLACE_KINDS and spot.rule in PLACE_ROLES]
        dated = self.dated(dateline, spots) if dateline else []
        phrases = _phrases(text, [spot for spot in places if start <= spot.start < end], start, first)
        events = [phrase for phrase in phrases if phrase.spot.start < first and _happens(text, start, phrase)]
        events += _occurred(text, phrases, first)
        if events:
            return _refined(self._located(text, events), dated)
        if dated:
            return tuple(dated)
        titled = [spot for spot in places if running.paragraph(spot.start)[0] == -1]
        for spot in titled[:1]:
            # "Canada : fusillade dans une école" says where; "Ukraine" alone or "Chine-Russie" says what about.
            if spot.start == 0 and TITLE_PLACE.match(text, spot.end) and (path := self._path(spot)):
                inside = [self._path(each.spot) for each in phrases if _may_happen(text, start, each)]
                return (next((narrow for narrow in inside if narrow and _is_within(narrow, path)), path),)
        titled_phrases = _phrases(text, titled, 0, running.span(-1)[1])
        plain = [each for each in phrases if each.spot.start < first and _may_happen(text, start, each)]
        plain = plain or [each for each in phrases if _happens(text, _sentence_start(text, start, each.start), each)]
        for few in (titled_phrases, plain):
            for kind in ("city", "state", "region"):
                for phrase in few:
                    if phrase.spot.kind == kind and (path := self._path(phrase.spot)):
                        return (path,)
        return ()

    def dated(self, dateline: str, spots: Sequence[Spot]) -> list[str]:
        """The paths of the towns of a dateline: "TOKYO/SEOUL" has two; a lost letter ("GEN?VE") is any letter."""
        whole = self._dateline_path(dateline, spots)
        if whole:
            return [whole]
        paths = [self._dateline_path(part, spots) for part in SEPARATORS.split(dateline)[:4]]
        return list(dict.fromkeys(path for path in paths if path))

    def is_dateline_town(self, dateline: str) -> str | None:
        """The label of the town that a dateline names, if any."""
        known = self._datelines.get(fold(dateline))
        return known[0] if known and known[1] == "city" else None

    def dateline_end(self, running: RunningText, dateline: str | None) -> tuple[int, int]:
        """Where the dateline begins and where the text goes on after it; the same place twice when there is none."""
        start, _ = running.span(0) if len(running.starts) > 1 else (0, 0)
        if not dateline:
            return start, start
        for paragraph in range(min(DATELINE_PARAGRAPHS, len(running.starts) - 1)):
            start, end = running.span(paragraph)
            if running.text.startswith(dateline, start):
                found = DATELINE_END.search(running.text, start + len(dateline), min(end, start + LONGEST_DATELINE))
                return start, found.end() if found else start + len(dateline)
        return running.span(0)[0], running.span(0)[0]

    def _lead(self, running: RunningText, dateline: str | None) -> tuple[int, int]:
        if len(running.starts) < 2:
            return 0, 0
        _, start = self.dateline_end(running, dateline)
        return start, min(running.span(running.paragraph(start)[0])[1], start + LONGEST_LEAD)

    def _dateline_path(self, words: str, spots: Sequence[Spot]) -> str | None:
        known = self._datelines.get(fold(words)) or ("?" in words and self.damaged(fold(words))) or None
        if not known:
            return None
        label, kind = known
        return self._authorities.venue_path(self._in_context(label, spots) if kind == "city" else label, kind)

    def _in_context(self, label: str, spots: Sequence[Spot]) -> str:
        """The town of that name in a country the text names, when it does not name that of the usual one."""
        others = self._homonyms.get(label)
        if not others:
            return label
        named = {spot.label for spot in spots if spot.kind == "state"}
        cities = self._authorities.cities
        if cities[label].country in named:
            return label
        return next((other for other in others if cities[other].country in named), label)

    def _damaged(self, folded: str) -> tuple[str, str] | None:
        """The one dateline a damaged name may be. Not cheap, so remembered: towns repeat."""
        pattern = re.compile(re.escape(folded).replace(r"\?", "[^ ]"))
        found = {known for name, known in self._datelines.items() if pattern.fullmatch(name)}
        return found.pop() if len(found) == 1 else None

    def _path(self, spot: Spot) -> str | None:
        return self._authorities.venue_path(spot.label, spot.kind)

    def _located(self, text: str, events: Iterable[_Phrase]) -> dict[str, bool]:
        """Path -> whether only a part of it is meant or all of it was struck, as against a mere "au Cambodge".

        Without what only says where the place before lies: "à Gao, dans le nord du Mali", "en Méditerranée, au large de la Libye".
        """
        located: dict[str, bool] = {}
        before: Spot | None = None
        for phrase in events:
            spot = phrase.spot
            apposed = before is not None and _is_apposed(before, spot, text[before.end : spot.start])
            before = spot
            path = self._path(spot)
            if path and not apposed:
                located[path] = located.get(path, False) or phrase.narrowed or phrase.struck
        return {
            path: part
            for path, part in located.items()
            if not any(_is_within(other, path) for other in located)
            and (path not in self._continents or located.keys() <= self._continents)
        }


def _refined(located: dict[str, bool], dated: Sequence[str]) -> tuple[str, ...]:
    """The dateline's town instead of its state, where the lead says no more than the state."""
    paths: list[str] = []
    for path, part in located.items():
        towns = [] if part else [town for town in dated if _is_within(town, path)]
        paths += towns or [path]
    return tuple(dict.fromkeys(paths))


def _is_within(path: str, wider: str) -> bool:
    return path.startswith(wider + PATH_SEPARATOR)


def _is_apposed(first: Spot, second: Spot, between: str) -> bool:
    if not APPOSED.match(between):
        return False
    return first.kind != second.kind or between.strip(" ,").lower() not in ("à", "au", "en")


def _phrases(text: str, places: Iterable[Spot], start: int, end: int) -> list[_Phrase]:
    """The places that a phrase of place leads to, in order; those that "et" joins to one of them too."""
    found: list[_Phrase] = []
    for spot in places:
        phrase = _phrase(text, spot, start)
        if phrase is None and found:
            last = found[-1]
            if JOINED.fullmatch(text, last.spot.end, spot.start) and last.spot.kind == spot.kind:
                phrase = last._replace(spot=spot)
        if phrase:
            found.append(phrase)
    return found


def _phrase(text: str, spot: Spot, start: int) -> _Phrase | None:
    """The phrase of place that leads to a place, read backwards: "sur un marché de Kharkiv", "a frappé mardi le Népal"."""
    floor = max(start, spot.start - LONGEST_PHRASE)
    window = text[floor : spot.start]
    floor += window.rfind("\n") + 1
    tokens = [(match[0], match.start()) for match in TOKEN.finditer(text, floor, spot.start)]
    at = len(tokens) - 1
    if at >= 0 and tokens[at][0].lower() in ARTICLES:
        at -= 1
    if at < 0:
        return None
    word = tokens[at][0].lower()
    if word in PREPOSITIONS and word not in ("près", "autour"):
        if word == "à" and at and tokens[at - 1][0].lower() in NOT_AT:
            return None
        if word in ("sur", "sous") and spot.kind != "region" and not ATTACKS.search(text, start, tokens[at][1]):
            return None
        return _Phrase(spot, tokens[at][1], False, word == "sur" and spot.kind != "region")
    struck = _struck(tokens, at)
    if struck is not None:
        return _Phrase(spot, tokens[struck][1], False, True)
    if word not in OF and word not in ("port", "région"):
        return None
    return _chained(spot, tokens, at)


def _struck(tokens: Sequence[tuple[str, int]], at: int) -> int | None:
    """Where the verb is whose object is the place: "a frappé mardi", "quitté lundi le port de"."""
    while at >= 0 and tokens[at][0].lower() in TIMES:
        at -= 1
    return at if at >= 0 and tokens[at][0].lower() in STRIKING else None


def _chained(spot: Spot, tokens: Sequence[tuple[str, int]], at: int) -> _Phrase | None:
    """ "dans l'est du", "à la gare de", "la région de" after "dévasté": back to the preposition or the verb."""
    noun = narrowed = False
    for count in range(MOST_CHAIN + 1):
        if at - count < 0:
            return None
        word = tokens[at - count][0].lower()
        if word in PLACE_NOUNS:
            noun = True
            narrowed = narrowed or word in NARROWING
            struck = _struck(tokens, at - count - 1)
            if struck is None and at - count - 1 >= 0 and tokens[at - count - 1][0].lower() in ARTICLES:
                struck = _struck(tokens, at - count - 2)
            if struck is not None:
                return _Phrase(spot, tokens[struck][1], narrowed, True)
        if word in ("près", "autour"):
            return _Phrase(spot, tokens[at - count][1], True, False)
        if word in PREPOSITIONS and noun and count:
            return _Phrase(spot, tokens[at - count][1], narrowed, False)
        if word in NO_LINK and word not in PLACE_NOUNS:
            return None
        if not word[0].isalpha():
            return None
    return None


def _sentence_start(text: str, start: int, at: int) -> int:
    """Where the sentence of a place of the lead begins."""
    return max((match.end() for match in SENTENCE_END.finditer(text, start, at)), default=start)


def _happens(text: str, start: int, phrase: _Phrase) -> bool:
    """Whether something happened there, by the words before the phrase."""
    before = text[start : phrase.start]
    if not _is_told(before):
        return False
    tokens = [match[0].lower().strip("'’") for match in TOKEN.finditer(before)]
    governor = next(
        (at for at in range(len(tokens) - 1, -1, -1) if tokens[at] in HAPPENED or tokens[at] in AIMED), None
    )
    if phrase.struck:
        return not _is_judged(tokens)
    if governor is None or _is_subject_matter(tokens):
        return False
    if tokens[governor] in AIMED and not _came_about(tokens, governor):
        return False
    return not _is_judged(tokens[: governor + 1])


def _is_subject_matter(tokens: Sequence[str]) -> bool:
    """ "la conférence sur la paix [en Ukraine]": what is talked about there."""
    near = tokens[-MATTER_WORDS:]
    return "sur" in near and any(token in TALKS for token in tokens[-TALK_WORDS:])


def _came_about(tokens: Sequence[str], at: int) -> bool:
    """ "L'accident s'est produit", "se sont produites"; not "voitures produites"."""
    return tokens[at].startswith("produit") and at > 1 and tokens[at - 2] in ("s", "se")


def _may_happen(text: str, start: int, phrase: _Phrase) -> bool:
    """The same, where nothing better says where it happens: no word of happening is asked for."""
    before = text[start : phrase.start]
    if not _is_told(before):
        return False
    tokens = [match[0].lower().strip("'’") for match in TOKEN.finditer(before)]
    return not any(token in AIMED for token in tokens[-6:])


def _is_told(before: str) -> bool:
    """Whether the dispatch tells it, and not in passing or as the place where it was learnt."""
    if LEARNT.search(before):
        return False
    told = list(BACKGROUND.finditer(before))
    if not told:
        return True
    background = told[-1]
    if background.start() < 3 and "," in before[background.end() :]:
        return True  # "Après la défaite, ils ont manifesté à"
    return background[0].lower().startswith("après") and VICTIMS.search(before, 0, background.start()) is not None


def _is_judged(tokens: Sequence[str]) -> bool:
    """ "a condamné les violences", "dénonce": the subject speaks of what others do."""
    return any(
        token in JUDGED and (token in PRESENT or not at or tokens[at - 1] in ("a", "ont", "avait"))
        for at, token in enumerate(tokens)
    )


def _occurred(text: str, phrases: Iterable[_Phrase], first: int) -> list[_Phrase]:
    """Those of later sentences of the lead: "L'accident s'est produit à Lyon"."""
    found = []
    for phrase in phrases:
        if phrase.spot.start <= first:
            continue
        before = text[max(first, phrase.start - LONGEST_PHRASE) : phrase.start]
        sentence = before[max((match.end() for match in SENTENCE_END.finditer(before)), default=0) :]
        if OCCURRED.search(sentence):
            found.append(phrase)
    return found
