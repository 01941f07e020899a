"""Whether a state acts where it is named: as a subject, an agent, by its capital, by what acts for it. Pure.

    "la Chine est prête", "par la Russie", "selon Séoul", "Pékin dit avoir agi", "les troupes russes"

A name that is only a complement ("en Chine", "vers la Russie", "de la Chine") does not act.
"""

from __future__ import annotations

import re

from authorities.model import fold

# --- verbs ---------------------------------------------------------------------------------------------------------

# Verbs a state is the subject of, in -er; third person of every tense is made from them.
_REGULAR = """
    abandonner accentuer accepter accorder accuser adopter adresser affirmer afficher affronter aider ajouter alerter
    ambitionner annexer annoncer annuler appliquer approuver armer arrêter assurer attaquer attribuer augmenter
    autoriser avancer avertir baisser battre bloquer bombarder boycotter cesser chercher commander commencer compter
    concéder condamner confirmer considérer conserver continuer contester contrôler convoquer créer critiquer décider
    déclarer décréter décliner demander demeurer démarrer dénoncer déployer déplorer dépêcher devancer dicter diffuser
    dominer donner douter durcir écarter échouer éliminer élever emporter encourager engager envisager envoyer espérer
    estimer évacuer évoquer examiner exclure exiger exhorter exporter expulser extrader fermer figurer financer fixer
    fournir garantir geler hériter hésiter ignorer imposer importer imputer incarner inviter insister intercepter
    interroger intervenir invoquer juger justifier laisser lancer lever libérer limiter limoger livrer maintenir
    manifester menacer mener miser mobiliser modifier montrer multiplier nationaliser négocier nier nommer noter
    occuper offrir opposer organiser oublier parler participer partager parvenir payer penser perdre plaider planifier
    porter poser posséder pousser préciser préférer préparer présenter présider presser prévenir prier proclamer
    projeter promulguer prolonger proposer protester publier qualifier quitter raconter rappeler ratifier réaffirmer
    réagir réaliser réclamer récuser redouter réduire refuser regretter rejeter relancer relever remercier remporter
    renforcer renoncer renouveler rencontrer reporter représenter reprocher réserver résister respecter rester
    retarder retirer retrouver révéler riposter saluer sanctionner saper signaler signer sommer souffrir souhaiter
    souligner subventionner supprimer surveiller suspendre taxer tenter terminer tester tirer tomber torpiller
    travailler trouver user utiliser vaincre valider verser violer viser voter affaiblir célébrer discuter dialoguer
    coopérer rivaliser commercer échanger
"""
_IRREGULAR = """
    a ont avait avaient aura auront aurait auraient eut est sont était étaient sera seront serait seraient fut furent
    va vont allait ira iront irait iraient doit doivent devait devaient devra devront devrait devraient peut peuvent
    pouvait pourra pourront pourrait pourraient veut veulent voulait voudra voudrait voudraient fait font faisait fera
    feront ferait dit disent disait dira sait savent savait prend prennent prenait prendra prendront prendrait met
    mettent mettait mettra mettrait tient tiennent tenait tiendra tiendrait vient viennent venait viendra devient
    deviennent soutient soutiennent soutenait maintient maintiennent obtient obtiennent obtenait intervient
    interviennent parvient voit voient voyait verra reçoit reçoivent recevait recevra rend rendent rendait rendra vend
    vendent perd perdent perdait perdra attend attendent attendait entend entendent entendait étend défend défendent
    défendait répond répondent répondait répondra suspend suspendent dépend dépendent bat battent battait combat
    combattent permet permettent promet promettent promettait admet admettent admettait croit croient croyait connaît
    connaissent reconnaît reconnaissent reconnaissait disparaît paraît produit produisent produisait réduit réduisent
    conduit conduisent construit construisent poursuit poursuivent poursuivait poursuivra subit subissent choisit
    choisissent réagit réagissent agit agissent fournit fournissent durcit durcissent garantit garantissent avertit
    avertissent investit investissent unit unissent convient conviennent craint craignent craignait rejoint rejoignent
    joue jouent jouait jouera ouvre ouvrent ouvrait ouvrira offre offrent offrait souffre souffrent accueille
    accueillent accueillait accueillera appelle appellent appelait appellera appelleront rappelle rappellent rejette
    rejettent projette projettent renouvelle renouvellent achète achètent achetait achètera achèteront lève lèvent
    gèle gèlent mène mènent mènera relève enlève pèse pèsent cède cèdent possède possèdent espère espèrent espérait
    préfère suggère suggèrent considère considèrent envoie envoient enverra enverront emploie emploient déploie
    déploient essaie essaient paie paient accroît accroissent exclut excluent conclut concluent inclut dispose
    disposent disposait jouit vit vivent suit suivent compte voulu quittera s'apprête vainc élit élisent célèbre
    célèbrent sert servent revient reviennent reviendra revendique revendiquent revendiquait appuie appuient plonge
    sort sortent sortira pleure pleurent abrite abritent affiche ferme riposte ayant étant rompt rompent dément
    démentent démentait consent ressort écrase écrasent étrille domine gagne gagnent gagnait gagnera remporte traverse
    connaîtra subira ralentit progresse détient détiennent détenait cible ciblent frappe frappent
"""


def _forms() -> frozenset[str]:
    forms = set(_IRREGULAR.split())
    for verb in _REGULAR.split():
        if not verb.endswith("er"):
            continue
        stem = verb[:-2]
        soft = {"g": stem + "e", "c": stem[:-1] + "ç"}.get(stem[-1], stem)
        forms |= {stem + end for end in ("e", "ent", "era", "eront", "erait", "eraient", "èrent")}
        forms |= {soft + end for end in ("ait", "aient", "a")}
    return frozenset(forms)


VERBS = _forms()

# "la Chine [ne se] veut", "l'Iran [n'en] dispose"
NEXT_WORD = re.compile(
    r"(?:\s(?:ne|se|y|en|lui|leur|le|la|les|aussi|également|déjà|toutefois|désormais|cependant)(?=\s)|\s(?:[nsld]['’]\s?)(?=\w)|"
    r"(?<=['’])(?:en|y)(?=\s)){0,4}\s?([\w-]+)"
)
# What may stand between a subject and its verb: other subjects, an aside.
OTHER_SUBJECT = re.compile(
    r"(?:,|\s(?:et|ou|comme|puis|ainsi que))\s(?:la\s|les?\s|l['’])?(?:[^\W\d_a-zà-ÿ][\w-]*)"
    r"(?:\s(?:(?:du|de|d['’])\s?)?[^\W\d_a-zà-ÿ][\w-]*){0,3}"
)
ASIDE = re.compile(r",\s[^,.;:\n]{1,120},|\s\([^()\n]{1,60}\)")
MOST_SUBJECTS = 4

# --- what stands before a name -------------------------------------------------------------------------------------

ARTICLE = r"(?:\b[Ll][ae]\s|\b[Ll]es\s|\b[LlDd]['’]\s?)?"
# All but COMPLEMENTS are asked of small letters: a pattern that minds no case is three times as slow.
# The word that leads a name, its article aside: "avec la Chine" -> avec; "des Etats-Unis" -> des.
LEADING = re.compile(
    r"\b(par|de|à|dans|vers|pour|sur|contre|avec|sans|entre|chez|depuis|en|au|aux|du|des|d|selon|d'après|et|ou|via|sous|hors)"
    r"['’\s]\s?(?:la\s|les?\s|l['’]\s?)?$"
)
# Agents: "soutenu par la Russie", "selon Séoul", "de la part de l'Iran", "aux côtés de la France"
AGENT = re.compile(
    r"\b(?:par|selon|d['’]après|pour\sle\scompte\sd[eu]s?|de\sla\spart\sd[eu]s?|aux\scôtés\sd[eu]s?)\s(?:la\s|les?\s|l['’])?$"
)
AGENT_OF = re.compile(r"\b(?:de la part|aux côtés|pour le compte)\sd['’]$")
# "la décision des Etats-Unis", "les politiques hégémoniques de Washington": what is willed or done, and by whom.
WILL = (
    r"décisions?|positions?|réponses?|refus|soutien|appui|feu vert|menaces?|politiques?|vetos?|ambitions?|accusations?|promesses?|"
    r"volonté|intentions?|engagements?|autorisation|accord préalable|initiatives?|représailles|ripostes?|provocations?|ingérences?|appels?|"
    r"pressions?|réaction|man[oœ]e?uvres militaires|propositions?|médiation|concessions?|exigences?|demandes?|"
    r"offensive|agression|sanctions|"
    r"délégations?|"
    r"silence|alliés?|annonce|diplomatie|armée|gouvernement|forces armées|président|émir|roi|dirigeants?|autorités|responsables?"
)
OF_ITS_WILL = re.compile(
    rf"\b(?:{WILL})(?:\s[a-zà-ÿ-]{{3,24}})?(?:\s[a-zà-ÿ-]{{3,24}})?\s(?:de\s(?:la\s|l['’])?|du\s|des\s|d['’])$"
)
# "a accusé Kigali", "a battu le Brésil", "oblige Moscou": objects that are spoken of as somebody.
AS_SOMEBODY = re.compile(
    r"\b(?:accus(?:é|e|ent|er|ant|ait)|appel(?:é|le|lent|er|ait|ant)|press(?:é|e|er|ant)|exhort(?:é|e|er|ant)|invit(?:é|e|er|ant)|"
    r"oblig(?:é|e|ent|er|eant)|somm(?:é|e|er|ant)|menac(?:é|e|er|ant)|soupçonn(?:é|e|ent|er|ant)|avert(?:i|it|ir)|"
    r"pouss(?:é|e|ent|er|ant)|contraint|forc(?:é|e|er)|convainc(?:u|re)|persuad(?:é|e|er)|remerci(?:é|e|er)|"
    r"battu|dominé|éliminé|vaincu|défie|défié|affront(?:é|e|er|era|eront)|face\s(?:à|au|aux))\s(?:la\s|les?\s|l['’])?$"
)
# "a perdu 2-1 contre l'Allemagne": in a game, both play
AGAINST = re.compile(
    r"\b(?:perdu|gagné|match|victoire|défaite|nul|finale|demi-finale|inclinée?s?|imposée?s?|imposent?|inclinent?|qualifiée?s?)\b[^.;:\n]{0,40}"
    r"\bcontre\s(?:la\s|les?\s|l['’])?$"
)
# "a demandé à Ankara de", "reproche à Alger d'": somebody again, not a place
ADDRESSED = re.compile(
    r"\b(?:demand(?:é|e|ent|er|ait|ant)|reproch(?:é|e|ent|er|ait|ant)|impos(?:é|e|er|ant)|ordonn(?:é|e|er|ant)|enjoint|rappel(?:é|le|er|ant)|"
    r"propos(?:é|e|er|ant)|promis|promet|permis|permet(?:tre)?|interdit|conseill(?:é|e|er)|suggér(?:é|e|er)|suggère)\sà\s(?:la\s|l['’])?$"
)
ASKED = re.compile(r"\s(?:de\s|d['’]|que\s|qu['’])")
# "un accord entre la France et l'Ukraine", "relations entre Paris et Alger", "la guerre entre X et Y"
BETWEEN = re.compile(
    r"\b(?:accords?|relations?|négociations?|pourparlers|discussions?|dialogue|guerre|conflit|tensions?|crise|rencontre|sommet|trêve|"
    r"rapprochement|différend|traité|alliance|coopération|échanges?|combats?|affrontements?|match|finale|partenariat|contentieux|rupture|"
    r"bras de fer|contacts?)(?:\s[a-zà-ÿ'’-]{2,20}){0,5}\sentre\s(?:[^.;:\n]{2,60}\set\s)?(?:la\s|les?\s|l['’])?$"
)

COMPLEMENTS = re.compile(
    r"(?:\b(?:de|à|par|pour|vers|en|avec|contre|entre)\s(?:la\s|l['’])?|\bdu\s|\bdes\s|\bd['’])[^\W\d_a-zà-ÿ][\w-]*"
    r"(?:,\s(?:(?:de|à|en)\s)?[^\W\d_a-zà-ÿ][\w-]*){0,3}\s(?:et|ou)\s"
    r"(?:la\s|les?\s|l['’])?$"
)

# --- what acts for a state -----------------------------------------------------------------------------------------

# Before its adjective: "les autorités chinoises", "un missile iranien", "la diplomatie russe". Not "l'économie", "un touriste".
_ORGANS = """
    gouvernement gouvernements cabinet exécutif autorités autorité diplomatie armée armées troupes troupe forces force
    soldats soldat militaires militaire marine aviation artillerie police policiers policier gendarmes douanes
    douaniers justice régime pouvoir présidence administration état chancellerie délégation parlement sénat congrès
    services renseignement renseignements ministère ministères département garde-côtes gardes-frontières parquet
    tribunal tribunaux cour frappe frappes bombardement bombardements raid raids tir tirs missile missiles drone
    drones offensive offensives invasion incursion agression attaque attaques blocus veto sanctions représailles
    vedettes navires avions chasseurs hélicoptères roquettes obus chars sous-marin contingent casques négociateurs
    dirigeants responsables officiels diplomates occupation réponse riposte décision position médiation initiative
    aide soutien proposition sélection équipe
"""
ORGANS = frozenset(fold(word).replace(" ", "-") for word in _ORGANS.split())
BEFORE_ADJECTIVE = re.compile(r"(?<![\w-])([\w-]+)(?:\s([\w-]+))?(?:\s(et|ou))?\s$")
LONGEST_BEFORE = 60
# Of these, the last that one word and its article may take: "soupçonnent les", "convention de la"
NEAR = 24


def is_followed_by_verb(text: str, end: int) -> bool:
    """Whether the verb of a subject follows: "la Chine [et la Russie] [, alliée de l'Iran,] [ne se] sont"."""
    for _ in range(MOST_SUBJECTS):
        word = NEXT_WORD.match(text, end, end + 60)
        if word and word[1].lower() in VERBS:
            return True
        more = OTHER_SUBJECT.match(text, end, end + 90) or ASIDE.match(text, end, end + 130)
        if more is None:
            return False
        end = more.end()
    return False


def before(text: str, start: int) -> str:
    """The words before a place in the text, of the same paragraph."""
    window = text[max(0, start - LONGEST_BEFORE) : start]
    return window[window.rfind("\n") + 1 :]


def leading(text: str, start: int) -> str | None:
    """The preposition that leads a name, or "et"; None when it stands like a subject."""
    words = before(text, start).lower()
    found = LEADING.search(words, max(0, len(words) - NEAR))
    return found[1] if found else None


def state_acts(text: str, start: int, end: int) -> bool:
    """Whether a state called by its name or by its capital acts there."""
    cased = before(text, start)
    words = cased.lower()
    near = max(0, len(words) - NEAR)
    found = LEADING.search(words, near)
    if found is None:
        return is_followed_by_verb(text, end) or AS_SOMEBODY.search(words, near) is not None
    lead = found[1]
    if lead in ("par", "selon", "d'après"):
        return True
    if lead in ("et", "ou"):
        # "la Chine et la Russie doivent"; "entre la France et l'Ukraine"
        if COMPLEMENTS.search(cased):  # "des étudiants de Liège et Dakar ont"
            return BETWEEN.search(text[max(0, start - 110) : start].lower()) is not None
        return is_followed_by_verb(text, end) or BETWEEN.search(text[max(0, start - 110) : start].lower()) is not None
    if lead in ("de", "du", "des", "d"):
        return (
            OF_ITS_WILL.search(words) is not None
            or AGENT.search(words) is not None
            or AGENT_OF.search(words) is not None
        )
    if lead in ("à", "au", "aux"):
        if AS_SOMEBODY.search(words, near):
            return True
        return ADDRESSED.search(words) is not None and ASKED.match(text, end) is not None
    if lead == "contre":
        return AGAINST.search(text[max(0, start - 80) : start].lower()) is not None
    if lead == "entre":
        return BETWEEN.search(text[max(0, start - 110) : start].lower()) is not None
    return False


def acts_for_state(text: str, start: int) -> bool:
    """Whether what an adjective of nationality qualifies acts for the state: "les troupes russes"."""
    found = BEFORE_ADJECTIVE.search(before(text, start))
    if found is None:
        return False
    first, second, _ = found.groups()
    return any(fold(word).replace(" ", "-") in ORGANS for word in (first, second) if word)


# --- bodies --------------------------------------------------------------------------------------------------------

# "un Airbus A320", "deux Boeing 737", "une Renault": a thing it makes
MADE = re.compile(
    r"\b(?:une?|des|deux|trois|quatre|cinq|six|dix|vingt|cent|\d+|en|premiers?|modèles?|vieille|vieux)\s$"
)
# "la Charte des Nations unies", "le siège de l'ONU", "un stade": a text, a building
ITS_THING = re.compile(
    r"\b(?:charte|siège|locaux|tribune|drapeau|bâtiment|immeuble|tour|rue|place|avenue|boulevard|gare|station|stade|parking|magasin|rayons?|"
    r"marque|enseigne|convention|traité)\s(?:de\s(?:la\s|l['’])?|du\s|des\s|d['’]|la\s|les?\s|l['’])?$"
)
# "à l'Elysée", "au Kremlin": where it sits
AT_SEAT = re.compile(r"\b(?:à|au|aux|dans)\s(?:la\s|l['’]|le\s)?$")
# "sur Facebook", "via YouTube": by means of it; "a-t-il dit au Monde", "à l'AFP": to it
ON_AIR = re.compile(r"\b(?:sur|via)\s(?:la\s|l['’]|le\s)?$")
SEATS = frozenset({"Élysée", "Matignon", "Bourse de New York", "Buckingham"})


def body_acts(text: str, start: int, label: str, kind: str) -> bool:
    """Whether a body acts where it is named; `kind` is that of organisations.tsv. What it makes or where it sits does not."""
    words = before(text, start).lower()
    near = max(0, len(words) - NEAR)
    if kind == "company" and MADE.search(words, near):
        return False
    if kind in ("media", "company") and ON_AIR.search(words, near):
        return False
    if kind == "media" and AT_SEAT.search(words, near):
        return False
    if label in SEATS and AT_SEAT.search(words, near):
        return False
    return ITS_THING.search(words, near) is None
