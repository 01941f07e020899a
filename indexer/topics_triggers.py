"""How a topic's trigger may stand in a text: "médical" -> médicale, médicales, médicaux; and where it is no trigger.

Forms are made, not looked up: those that do not exist in French cost nothing, they are never met. Those that are
another word cost a wrong topic ("rein" -> "reine", "foi" -> "fois", "marché" -> "marche"): a feminine is made only of
endings that have one, a plural that is another word is listed, and an accent is left off only in capitals when the
word without it is one too.
"""

from __future__ import annotations

from indexer.lexicon import french
from indexer.names import comparable, without_accents

# Ending -> that of the feminine. The first that fits is taken.
FEMININES = (
    ("teur", "trice"),  # acteur -> actrice
    ("eur", "euse"),  # chanteur -> chanteuse; "coeur" -> "coeuse", never met
    ("ier", "ière"),  # infirmier -> infirmière
    ("ien", "ienne"),  # musicien -> musicienne
    ("if", "ive"),  # administratif -> administrative
    ("eux", "euse"),  # infectieux -> infectieuse
    ("el", "elle"),  # culturel -> culturelle
    ("al", "ale"),  # médical -> médicale
    ("ain", "aine"),  # républicain -> républicaine
    ("ais", "aise"),
    ("ois", "oise"),
    ("ant", "ante"),  # étudiant -> étudiante
    ("at", "ate"),  # avocat -> avocate
    ("ent", "ente"),  # patient -> patiente; "événemente" is never met
    ("é", "ée"),  # vacciné -> vaccinée
    ("u", "ue"),  # élu -> élue
)
# Words whose feminine is another: "capital" -> "capitale" (the town), "navigateur" -> "navigatrice" (at sea).
NO_FEMININE = frozenset({"capital", "navigateur", "général", "commerçant", "parlement", "médecin", "charnier"})
SHORTEST_FEMININE = 5  # letters: "train" keeps off "traîne", "port" off "porte"; "élu" has its feminine written out
# Plurals that are another word, and words of which no form but their own is meant.
NO_PLURAL = frozenset({"foi", "cour", "pari", "ver", "lit", "mode", "pac", "people", "ter", "un", "la"})
PLAIN_PLURAL = frozenset({"festival", "carnaval", "récital", "chacal", "bal", "régal", "naval"})
# Another word without its accent; those that end in é are told by how frequent they are.
OTHER_WITHOUT_ACCENT = frozenset({"maïs", "pêche", "pêches", "côte", "côtes", "jeûne", "jeûnes", "tâche", "tâches"})
# A word as frequent without its accent as a tenth of it with is one of its own: "marche", not "hopital".
OWN_WORD = 0.1

# Expressions in which the word means something else, whatever the topic. Longest first, they hide what they hold.
IDIOMS = (
    "à l'école de",
    "au chevet de",
    "bras de fer",
    "bras droit",
    "coup d'accélérateur",
    "coup d'envoi",
    "coup de froid",
    "coup de grâce",
    "coup de théâtre",
    "course contre la montre",
    "course à la",
    "dans la balance",
    "dans la course",
    "dans le collimateur",
    "de concert",
    "de guerre lasse",
    "donner le ton",
    "en roue libre",
    "en toute première ligne",
    "entrer en scène",
    "feu de paille",
    "feu vert",
    "feux de la rampe",
    "fumer le calumet",
    "guerre d'usure",
    "guerre des mots",
    "guerre des nerfs",
    "guerre des prix",
    "guerre ouverte entre",
    "jeter l'éponge",
    "jeter un froid",
    "jouer la montre",
    "la balle est dans le camp",
    "le feu aux poudres",
    "le fer de lance",
    "le vent en poupe",
    "levée de boucliers",
    "marathon budgétaire",
    "marathon de négociations",
    "marathon électoral",
    "marquer un but contre son camp",
    "marquer des points",
    "match à distance",
    "mettre en musique",
    "mettre les voiles",
    "monter au créneau",
    "monter au filet",
    "nerf de la guerre",
    "onde de choc",
    "partie de ping-pong",
    "pilote automatique",
    "plein régime",
    "pomme de discorde",
    "premier de cordée",
    "prendre le train en marche",
    "roi de la",
    "salle des pas perdus",
    "sortie de crise",
    "sortie de route budgétaire",
    "sur le banc des accusés",
    "sur le terrain de",
    "sur tous les fronts",
    "tête de pont",
    "tête de proue",
    "tirer la sonnette d'alarme",
    "tir groupé",
    "tour de vis",
    "traversée du désert",
    "vent debout",
    "vent de panique",
    "vitesse de croisière",
)


def forms(phrase: str) -> set[str]:
    """The phrase with its regular plurals and feminines: "accord signé" -> "accords signés"; "vaccin" -> "vaccins"."""
    words = phrase.split(" ")
    if phrase.isupper():  # "CHU" has no plural
        return {phrase}
    if len(words) == 1:
        return _word_forms(phrase)
    plural = " ".join(_plural(word) if len(word) >= 4 else word for word in words)
    first = " ".join([_plural(words[0]), *words[1:]])
    last = " ".join([*words[:-1], _plural(words[-1])])
    feminine = _feminine(words[-1])  # "pirate informatique" has none; "élève handicapé" has
    alone = {phrase, plural, first, last}
    if feminine and len(words) == 2:
        alone |= {f"{words[0]} {feminine}", f"{_plural(words[0])} {_plural(feminine)}"}
    return alone


def spelled(form: str) -> tuple[set[str], set[str]]:
    """How a form stands in a text compared in lower case: (in any case, in capitals only).

    "états" -> ({"états", "etats"}, set()): "etats" is no word; "marché" -> ({"marché"}, {"marche"}). What topics.tsv
    writes in capitals is met in capitals only.
    """
    exact = comparable(form).strip()
    if form.isupper():  # "JO": not Jo
        return set(), {exact}
    ligatures = exact.replace("œ", "oe").replace("æ", "ae")
    plain = without_accents(exact)
    anyhow = {exact, ligatures}
    if plain in anyhow:
        return anyhow, set()
    return (anyhow, {plain}) if _is_own_word(exact, plain) else (anyhow | {plain}, set())


def family(phrase: str) -> str:
    """What two forms of one idea share: agriculture, agriculteur -> "agric". Support asks for two families."""
    return without_accents(comparable(phrase))[:5]


def _is_own_word(exact: str, plain: str) -> bool:
    """Whether a word without its accents is one too. A phrase is not: its other words say which is meant."""
    if exact in OTHER_WITHOUT_ACCENT:
        return True
    frequency = french().frequency
    ends = exact.endswith(("é", "és", "ée", "ées"))  # "condamné" -> "condamne"; "santé" -> "sante" is none
    return ends and " " not in exact and frequency.get(plain, 0.0) > OWN_WORD * frequency.get(exact, 0.0)


def _word_forms(word: str) -> set[str]:
    alone = {word, _plural(word)}
    feminine = _feminine(word)
    return alone | {feminine, feminine + "s"} if feminine else alone


def _plural(word: str) -> str:
    if word in NO_PLURAL or word.endswith(("s", "x", "z")):
        return word
    if word.endswith("al"):
        return word + "s" if word in PLAIN_PLURAL else word[:-1] + "ux"
    if word.endswith(("eau", "eu")):
        return word + "x"
    return word + "s"


def _feminine(word: str) -> str | None:
    if len(word) < SHORTEST_FEMININE or word in NO_FEMININE:
        return None
    return next((word[: -len(ending)] + other for ending, other in FEMININES if word.endswith(ending)), None)
