"""What people are called by what they do: the words that lead to a name, masculine and feminine.

    "le ministre cambodgien des Affaires étrangères Prak Sokhonn", "la patronne du FMI, Kristalina Georgieva"

`FUNCTIONS` is the table; a function is known by its masculine. Those of `OF_STATE` act for their state when nobody is
named: "le président russe", "un responsable américain".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from indexer.names import Pattern

Gender = Literal["m", "f"]

# One a word or several joined by "_"; masculine/feminine where they differ.
_OF_STATE = """
    ambassadeur/ambassadrice chancelier/chancelière chargé_d'affaires/chargée_d'affaires chef_d'État/cheffe_d'État
    chef_de_l'État/cheffe_de_l'État chef_de_la_diplomatie/cheffe_de_la_diplomatie
    chef_du_gouvernement/cheffe_du_gouvernement consul/consule conseiller_d'État/conseillère_d'État dictateur
    dirigeant/dirigeante diplomate émir/émira émissaire empereur/impératrice ministre monarque
    négociateur/négociatrice porte-parole Premier_ministre/Première_ministre président/présidente responsable
    roi/reine secrétaire_d'État sultan vice-ministre vice-président/vice-présidente vice-Premier_ministre
    vice-chancelier/vice-chancelière
"""
_OTHERS = """
    abbé académicien/académicienne acteur/actrice adjoint/adjointe adjudant administrateur/administratrice
    agriculteur/agricultrice amiral analyste animateur/animatrice anthropologue apiculteur/apicultrice arbitre
    archéologue archevêque architecte artiste assistant/assistante astronaute astronome
    astrophysicien/astrophysicienne attaquant/attaquante auteur/autrice avant-centre avocat/avocate ayatollah
    banquier/banquière basketteur/basketteuse bâtonnier/bâtonnière biathlète biologiste bourgmestre boxeur/boxeuse
    brigadier candidat/candidate capitaine cardinal champion/championne chanoine chanteur/chanteuse chef/cheffe
    chercheur/chercheuse cheikh cinéaste climatologue coach cofondateur/cofondatrice collègue colonel
    commandant/commandante commissaire compositeur/compositrice comédien/comédienne confrère/consœur
    conseiller/conseillère conservateur/conservatrice coordinateur/coordinatrice coordonnateur/coordonnatrice
    coprésident/coprésidente coureur/coureuse créateur/créatrice curé cycliste danseur/danseuse défenseur/défenseuse
    délégué/déléguée démographe député/députée designer directeur/directrice docteur/docteure doyen/doyenne dramaturge
    échevin/échevine écologue économiste écrivain/écrivaine éditorialiste élu/élue enquêteur/enquêtrice
    enseignant/enseignante entraîneur/entraîneuse entrepreneur/entrepreneuse envoyé_spécial/envoyée_spéciale
    épidémiologiste escrimeur/escrimeuse essayiste ethnologue évêque expert/experte explorateur/exploratrice épouse
    époux footballeur/footballeuse fondateur/fondatrice gardien/gardienne généticien/généticienne général/générale
    géographe géologue géophysicien/géophysicienne gouverneur/gouverneure greffier/greffière guitariste gymnaste
    héritier/héritière historien/historienne homologue humoriste hydrologue imam infirmier/infirmière infectiologue
    ingénieur/ingénieure inspecteur/inspectrice instituteur/institutrice joueur/joueuse journaliste juge juriste
    judoka lauréat/lauréate leader lieutenant lieutenant-colonel linguiste maire maître major maréchal
    mathématicien/mathématicienne médecin médiateur/médiatrice metteur_en_scène/metteuse_en_scène militant/militante
    milliardaire monseigneur musicien/musicienne nageur/nageuse navigateur/navigatrice neurologue nonce notaire
    numéro_deux numéro_un océanographe officier/officière opposant/opposante otage ouvrier/ouvrière paléontologue pape
    pasteur/pasteure patriarche patron/patronne pédiatre peintre père perchiste philosophe photographe
    physicien/physicienne pianiste pilote plasticien/plasticienne plongeur/plongeuse poète/poétesse politologue
    pompier/pompière pompier_volontaire/pompière_volontaire préfet/préfète prêtre prince/princesse
    procureur/procureure producteur/productrice professeur/professeure propriétaire prévenu/prévenue psychiatre
    psychologue puîné rabbin rameur/rameuse rappeur/rappeuse rapporteur/rapporteure réalisateur/réalisatrice
    recteur/rectrice rédacteur_en_chef/rédactrice_en_chef régisseur/régisseuse représentant/représentante rival/rivale
    romancier/romancière scénariste sculpteur/sculptrice secrétaire sélectionneur/sélectionneuse sénateur/sénatrice
    sergent shérif sismologue skieur/skieuse sociologue soprano soldat/soldate sous-préfet/sous-préfète spationaute
    sportif/sportive sprinteur/sprinteuse stratégiste styliste successeur surfeur/surfeuse syndicaliste
    tennisman/tenniswoman ténor théologien/théologienne trésorier/trésorière triathlète tueur/tueuse urbaniste
    urgentiste vainqueur/vainqueure vétérinaire veuve veuf vice-amiral vice-gouverneur/vice-gouverneure
    vigneron/vigneronne violoniste virologue volcanologue père/mère frère/sœur fils/fille mari/femme
    compagnon/compagne oncle/tante cousin/cousine neveu/nièce PDG
"""


class Function(NamedTuple):
    """What meeting a word of the table means: the function by its masculine, and the gender the word shows."""

    masculine: str
    gender: Gender | None
    of_state: bool


def _read(table: str, of_state: bool) -> Iterable[tuple[str, Function]]:
    for entry in table.split():
        masculine, _, feminine = entry.replace("_", " ").partition("/")
        yield masculine, Function(masculine, "m" if feminine else None, of_state)
        if feminine:
            yield feminine, Function(masculine, "f", of_state)


FUNCTIONS: dict[str, Function] = dict([*_read(_OTHERS, False), *_read(_OF_STATE, True)])
FUNCTION_LAYER = 2


def function_patterns() -> Iterable[Pattern]:
    for words, function in FUNCTIONS.items():
        yield Pattern(words, function, proper=False, layer=FUNCTION_LAYER)
