"""What one word says about names, whatever stands around it: lists, shapes, how common it is.

The lists are written for this archive. They say which words announce a person ("ministre"), a body ("société")
or a place ("province"), and which open a name though they are written small ("armée syrienne").
"""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache
from pathlib import Path

from authorities.model import fold
from indexer.lexicon import french

_GIVEN = Path(__file__).parent / "data" / "recogniser.given.txt"

# Words that open a name in small letters: "armée syrienne", "place de la République", "lac Tchad"
_HEADS = (
    "armée ministère gouvernement diocèse archidiocèse île îles aéroport hôpital association université autoroute "
    "académie observatoire fédération confédération commissariat boulevard mer gendarmerie église gare palais institut "
    "collège prison lycée stade comité conseil vallée mont quartier tribunal wilaya syndicat collectif rue avenue place "
    "parlement sénat assemblée chambre cour parquet préfecture mairie ambassade agence banque groupe société compagnie "
    "fondation parti front mouvement ligue union club golfe lac fleuve rivière océan détroit péninsule province région "
    "département archipel cathédrale mosquée musée théâtre école faculté centre festival fort château pont port route "
    "frontière chaîne radio journal quotidien hebdomadaire magazine marine aviation garde police brigade régiment "
    "bataillon milice office organisation bureau cabinet commission autorité désert cap massif plateau canal baie"
)
HEADS = frozenset(_HEADS.split())
# Words of a title or function, before or after a person's name
_PERSON_WORDS = (
    "m mm mme mmes mlle me dr pr mgr monsieur madame maître ministre président présidente premier première chef cheffe "
    "secrétaire directeur directrice général générale colonel colonelle commandant capitaine lieutenant amiral maréchal "
    "sergent roi reine prince princesse sultan émir cheikh imam pape cardinal archevêque évêque père abbé frère sœur "
    "chancelier chancelière ambassadeur ambassadrice envoyé envoyée émissaire conseiller conseillère porte-parole "
    "gouverneur gouverneure maire député députée sénateur sénatrice eurodéputé eurodéputée commissaire vice-président "
    "vice-présidente vice-ministre pdg patron patronne dirigeant dirigeante leader responsable représentant représentante "
    "délégué déléguée avocat avocate juge procureur procureure magistrat magistrate professeur professeure docteur "
    "chercheur chercheuse économiste analyste expert experte historien historienne politologue sociologue journaliste "
    "écrivain écrivaine romancier romancière auteur autrice poète cinéaste réalisateur réalisatrice acteur actrice "
    "comédien comédienne chanteur chanteuse musicien musicienne peintre sculpteur joueur joueuse attaquant défenseur "
    "gardien milieu sélectionneur entraîneur entraîneuse coureur coureuse cycliste sprinteur grimpeur champion championne "
    "médaillé médaillée tennisman athlète nageur nageuse pilote skieur skieuse judoka boxeur boxeuse homologue "
    "prédécesseur successeur candidat candidate militant militante opposant opposante fondateur fondatrice cofondateur "
    "cofondatrice propriétaire actionnaire milliardaire homme femme fils fille époux épouse mari veuve cousin oncle "
    "nommé surnommé dénommé selon déclaré estimé affirmé expliqué souligné ajouté indiqué assuré dit confié"
)
PERSON_WORDS = frozenset(_PERSON_WORDS.split())
# Words that announce a body
_BODY_WORDS = (
    "société groupe entreprise compagnie firme filiale holding start-up startup constructeur avionneur motoriste "
    "équipementier opérateur fournisseur distributeur géant laboratoire banque assureur fonds cabinet agence ong "
    "association fondation fédération confédération syndicat union ligue organisation mouvement parti coalition front "
    "milice rébellion groupuscule réseau club équipe formation institut université école académie centre observatoire "
    "ministère office bureau comité conseil commission autorité cour tribunal chaîne radio télévision journal quotidien "
    "hebdomadaire magazine revue éditeur maison studio orchestre compétiteur armée police gendarmerie brigade marque "
    "enseigne plateforme site application consortium coentreprise régie collectif plateau"
)
BODY_WORDS = frozenset(_BODY_WORDS.split())
# Words that announce a place
_PLACE_WORDS = (
    "à vers dans depuis ville village commune localité capitale banlieue quartier district canton comté province région "
    "département wilaya préfecture gouvernorat état république royaume pays île îles archipel presqu'île péninsule mont "
    "montagne montagnes massif col vallée lac fleuve rivière mer océan golfe détroit baie cap désert forêt parc plage "
    "port aéroport gare route autoroute rue avenue boulevard place pont stade rive nord sud est ouest frontière près "
    "station camp base"
)
PLACE_WORDS = frozenset(_PLACE_WORDS.split())
_TITLES = "m. mm. mme mmes mlle dr pr me mgr monsieur madame maître"
TITLES = frozenset(_TITLES.split())
# Names of one of these words alone say nothing out of their text: "le Tour", "l'Accord", "la Communauté"
_SORTS = (
    "tour pacte communauté direction développement opposition exposition système loi critérium accord accords coupe "
    "championnat championnats jeux traité charte zone euro défense état états forces service services plan projet programme "
    "sommet forum congrès salon prix fête journée grand grande nouveau nouvelle saint sainte santé affaires intérieur "
    "transports éducation environnement agriculture culture écologie énergie commerce budget logement recherche armées "
    "justice finances économie travail emploi édition série saison sport une rapport étude déclaration"
)
SORTS = frozenset(_SORTS.split()) | HEADS | BODY_WORDS | PLACE_WORDS | PERSON_WORDS
# Small words inside names: "Banque de France", "Médecins sans frontières", "al-Joulani"
_PARTICLES = (
    "de du des d' d’ la le les l' l’ van von der den di da do dos del della ben bin ibn bint al el ould of the y e &"
)
PARTICLES = frozenset(_PARTICLES.split())
_LINKS = "et en au aux à pour sur sous contre sans and for in ’ ' -"
FUNCTION_WORDS = PARTICLES | frozenset(_LINKS.split())
# What begins a sentence with a capital and is no name when a small letter follows
_STARTERS = (
    "le la les l' l’ un une des du de d' d’ ce cet cette ces il elle ils elles on nous vous je j' j’ c' c’ qu' qu’ qui que "
    "quoi dont où mais ou et donc or ni car si s' s’ n' n’ dans en à au aux par pour sur sous avec sans selon après avant "
    "depuis pendant lors alors ainsi aussi cependant toutefois néanmoins enfin puis ensuite plus moins très tout toute tous "
    "toutes son sa ses leur leurs mon ma mes notre nos votre vos quand comme lorsque lorsqu' lorsqu’ puisque parce entre "
    "vers chez contre malgré hier aujourd'hui demain ici là deux trois quatre cinq six sept huit neuf dix plusieurs chaque "
    "aucun aucune certains certaines autre autres même celui celle ceux celles"
)
STARTERS = frozenset(_STARTERS.split())
# Capitals of agencies and of the news that name nobody; "XIIe", "IVe"
_NO_NAMES = (
    "urgent alerte flash correction actualisation annulation attention lead encadré chronologie repères portrait papier "
    "covid-19 covid sras-cov-2 cop ii iii iv vi vii viii ix xi xii xiii xiv xv xvi xvii xviii xix xx xxi ier "
    "iie iiie ive ve vie viie viiie ixe xe xie xiie xiiie xive xve xvie xviie xviiie xixe xxe xxie lundi mardi mercredi "
    "jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août septembre octobre novembre décembre internet "
    "pib tva ttc ht pdg ceo gmt utc cet cest"
)
NO_NAMES = frozenset(_NO_NAMES.split()) - {"mars"}  # the planet is a place
# "al-Rashoudi", "el-Sissi" begin small and are capitals all the same
ARABIC_ARTICLE = re.compile(r"(?:al|el|ad|ar|as|at|an|az|ash|aš|ou|ben|abd|bin)-[A-ZÀ-Þ]")
# "(Xinhua/Van Pov)", "(Photo AFP / Jean Dupont)": who took the picture; "(Paris/Londres)" is lost with it
CREDIT = re.compile(r"\((?:[Pp]hotos?\b[ :.]*)?[A-ZÀ-Þ][\w.& -]{1,30}/[^()\n]{2,60}\)")

WORDS_KEPT = 50_000  # words whose shape is remembered: a month of dispatches, 10 MB

_WORD = re.compile(r"[^\W\d_]+")
SHOUTED = 4  # words from which a line in capitals is no mere heading or place
COMMON = 2e-6  # share of French text from which a shouted word is read as an ordinary one


@cache
def given_names() -> frozenset[str]:
    """Given names of many countries, folded (MIT; the file says where they come from)."""
    lines = _GIVEN.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def cased(text: str) -> str:
    """The text, lines all in capitals as they would stand in a sentence: "PARIS (AFP)" stays, length is kept."""
    lines = text.split("\n")
    if not any(map(str.isupper, lines)):
        return text
    return "\n".join([_spoken(line) if line.isupper() else line for line in lines])


def _spoken(line: str) -> str:
    if len(_WORD.findall(line)) < SHOUTED:
        return line
    frequency = french().frequency

    def spoken(match: re.Match[str]) -> str:
        word = match[0]
        small = word.lower()
        if len(small) != len(word) or not word.isupper() or len(word) == 1:
            return word
        if small in SPOKEN_SMALL or (frequency.get(small, 0.0) > COMMON and fold(small) not in given_names()):
            return small
        return small.capitalize() if len(small) > 4 or small in frequency else word

    return _WORD.sub(spoken, line)


SPOKEN_SMALL = STARTERS | PARTICLES | FUNCTION_WORDS


@lru_cache(WORDS_KEPT)
def shape(word: str) -> str:
    """How a word is written: "Paris" Xx, "ONU" XX, "J." X., "Al-Bab" Xx-Xx, "eBay" xX, "2016" d, "," itself."""
    if word.isupper():
        return "XX" if sum(map(str.isalpha, word)) > 1 else "X."
    if word.islower():
        return "x" if word.isalpha() else "x-"
    if word[0].isupper():
        if word.istitle():
            return "Xx" if word.isalpha() else "Xx-Xx" if "-" in word else "X'X"
        return "XxX" if word.isalpha() else "Xx-x"
    if word[0].isdigit():
        return "d" if word.isdigit() else "d-"
    return "xX" if word[0].isalnum() else word[:1]


@lru_cache(WORDS_KEPT)
def rank(lower: str) -> int:
    """How common a word is in French: 0 unknown, 1 (one in a billion) to 8 (one in ten)."""
    share = french().frequency.get(lower, 0.0)
    return max(1, min(8, int(math.log10(share) + 9))) if share else 0


def announces(lower: str) -> str:
    """What a word announces: P a person, O a body, L a place, "" nothing."""
    return ANNOUNCED.get(lower, "")


ANNOUNCED = {
    form: kind
    for kind, words in (("L", PLACE_WORDS), ("O", BODY_WORDS), ("P", PERSON_WORDS))
    for word in words
    for form in (word, f"{word}s", f"{word}.")
}
