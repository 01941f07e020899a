"""French: what index and search make of a text. Data and small functions; no Elasticsearch call in it.

    text -> characters (fr_characters) -> letters that count for nothing (fr_drop) -> words (standard tokenizer)
         -> marks in a word (fr_marks) -> leftover punctuation (fr_split) -> lower case -> ASCII       = fr_exact
         -> stop words (fr_stop) -> irregular words (fr_irregular) -> gender and number (fr_inflection)     = fr
    text -> words -> elided articles -> lower case -> ASCII -> stop words -> the first five letters         = fr_root

Everything after folding works on folded words, so that `evenement`, `ÉVÉNEMENT` and `événements` are one term;
so the stop list and the irregular words are written folded. Offsets always mark the word in the text as it is
stored: the char filters only replace one character by one, or drop characters before a word or inside it;
`tests/mappings/` holds a test for each trap. Figures and alternatives: docs/decisions/0002-french-analysis.md.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

# -- characters ------------------------------------------------------------------------------------

# Whatever a keyboard, a word processor or a bad conversion puts for the apostrophe: ’ ʼ ‘ ‛ ` ´ ′ ʹ ʻ ʽ ＇
APOSTROPHES = "\u2019\u02bc\u2018\u201b`\u00b4\u2032\u02b9\u02bb\u02bd\uff07"

# Seen by nobody: soft hyphen, zero width space and joiners, direction marks, word joiner, byte order mark.
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"

# Non-breaking, figure, thin and narrow spaces. The tokenizer knows them; thousands ("30 000") need them
# plain.
SPACES = "\u00a0\u2007\u2009\u202f"

# Hyphens that are not "-". The tokenizer knows them; "F‑16" needs them plain.
HYPHENS = "\u2010\u2011"

_CHARACTERS: dict[str, str] = {
    **dict.fromkeys(APOSTROPHES, "'"),
    **dict.fromkeys(INVISIBLE, ""),
    **dict.fromkeys(SPACES, " "),
    **dict.fromkeys(HYPHENS, "-"),
    ":": " ",  # "Syrie:l'ONU": to the tokenizer, a colon between letters is part of the word
    "\u00ba": " ",  # "nº5", as "n°5"
    "\u1d49": "e",  # 1ᵉʳ: folding leaves superscript letters
    "\u02b3": "r",
    "COVID1": "COVID 1",  # COVID19 = COVID-19, and "covid" finds it; up to the 1, so that offsets stay right
    "Covid1": "Covid 1",
    "covid1": "covid 1",
}


def _mapping_rule(source: str, target: str) -> str:
    """A rule of Elasticsearch's `mapping` char filter, in escapes: it trims blanks and eats backslashes."""

    def escaped(text: str) -> str:
        return "".join(c if c.isascii() and c.isalnum() else f"\\u{ord(c):04x}" for c in text)

    return f"{escaped(source)}=>{escaped(target)}"


# -- elision and other letters that count for nothing ----------------------------------------------

# The patterns below start with the rare character they are about and look back from there, by fixed lengths
# where they can: written the natural way round, for 1.2 KB of text, these took 80 us instead of 42, and
# `WORD_MARKS` 68 instead of 9 (java.util.regex, JDK 17).

# "l'Asie" -> "'Asie", "jusqu'à" -> "'à"; the letters are dropped before the tokenizer, so that a highlight
# marks "Asie" alone (the `elision` token filter keeps the offsets of the whole "l'Asie") and no position is
# lost.
# - Not inside a word: "aujourd'hui", "prud'homme", "quelqu'un", "entr'ouvert", "Israel's", "rock'n'roll"
#   stay.
# - n' and m' elide before a vowel or h only: "N'Djamena", "M'Bow", "M'Bappé" are names.
# - "presqu'île" is a word, "presqu'à" is two.
_CONSONANTS = "bcdfgjklmnpqrstvwxzBCDFGJKLMNPQRSTVWXZ"
_ELISION = (
    r"[cdjlmnstCDJLMNST](?=')(?<![\p{L}\p{N}].)(?<![\p{L}\p{N}]'.)"
    rf"(?<![mnMN](?='[{_CONSONANTS}]))"
    r"|[jlpqJLPQ](?:[uU]|(?:[uo][osri]|[UO][OSRI]|re|RE)\p{L}{1,2}[uU])(?=')"
    r"(?<=(?:^|[^\p{L}\p{N}']|(?:^|[^\p{L}\p{N}])')(?i:(?:jus|lors|puis|quoi)?qu|presqu(?!'[iîÎ])))"
)

# "30 000", "30.000" and the Swiss "30'000" are 30000; "en 2016 300 morts" and "A320 200" stay apart.
_THOUSANDS = r"(?<=[\d][ .'])(?=\d{3}(?!\d))(?<=(?:^|[^\p{L}\p{N}.,'])\d{1,3}.|[ .']\d{3}.)"

# "F-16" is F16, "G-20" and "G 20" are G20, "MH-17" is MH17; "mai-68" and "Covid-19" stay two words each.
_DESIGNATION = (
    r"(?<=-)(?=\d{1,3}(?!\d))(?<=(?:^|[^\p{L}\p{N}\-])\p{L}{1,2}.)"
    r"|(?<=[gG] )(?=(?:7|8|20|77)(?!\d))(?<=(?:^|[^\p{L}\p{N}])..)"
)

DROPPED = rf"{_ELISION}|[ .'\-](?=\d)(?:{_THOUSANDS}|{_DESIGNATION})"

# -- inside a word ---------------------------------------------------------------------------------

# What the tokenizer leaves in a word and a reader does not see as part of it.
WORD_MARKS = (
    r"['.·\p{M}](?:"
    r"(?<=')(?:[sS]$)?"  # "aujourd'hui" -> "aujourdhui", "Israel's" -> "Israel"
    r"|(?<=\p{M})"  # combining accents of decomposed text
    r"|(?<=(?:^|\.)\p{L}\.)(?=\p{L}(?:\.|$))"  # "O.N.U" -> "ONU"; "M.Wang" and "fin.Le" are for fr_split
    r"|(?<=·).*$"  # "étudiant·e·s" -> "étudiant"
    r"|(?<=\p{Ll}{2}\.)e(?:\.?s)?$"  # "élu.e.s" -> "élu"
    r")"
)

# -- stop words ------------------------------------------------------------------------------------

# Folded ("a" is à and a). A word stays searchable when
# - press uses it for a thing: été, or, car, son is a loss, sommes, avions, plus (Canal Plus), fait;
# - it makes compounds, which are split at the hyphen: sous (sous-marin), sans (sans-abri), contre, avant,
#   après, hors, non, entre, outre, mi, tout;
# - it is a single letter other than a and y: hépatite C, plan B, jour J. (« hépatite A » needs quotation
#   marks.)
# "est" is the verb in nearly every dispatch: as a word that must be met it would choose nothing, so the
# cardinal point is lost too ("Asie de l'Est" finds Asie; in quotation marks it finds itself).
STOP_WORDS: frozenset[str] = frozenset(
    [
        "le",
        "la",
        "les",
        "un",
        "une",
        "du",
        "de",
        "des",
        "au",
        "aux",
        "ce",
        "cet",
        "cette",
        "ces",
        "mon",
        "ma",
        "mes",
        "ton",
        "ta",
        "tes",
        "son",
        "sa",
        "ses",
        "notre",
        "nos",
        "votre",
        "vos",
        "leur",
        "leurs",
        "quel",
        "quelle",
        "quels",
        "quelles",
        "quelque",
        "quelques",
        "chaque",
        "plusieurs",
        "je",
        "tu",
        "il",
        "elle",
        "on",
        "nous",
        "vous",
        "ils",
        "elles",
        "me",
        "te",
        "se",
        "moi",
        "toi",
        "soi",
        "lui",
        "eux",
        "y",
        "en",
        "ceci",
        "cela",
        "ca",
        "celui",
        "celle",
        "ceux",
        "celles",
        "qui",
        "que",
        "quoi",
        "dont",
        "ou",
        "lequel",
        "laquelle",
        "lesquels",
        "lesquelles",
        "auquel",
        "auxquels",
        "auxquelles",
        "duquel",
        "desquels",
        "desquelles",
        "qu",
        "jusqu",
        "lorsqu",
        "puisqu",
        "quoiqu",
        "a",
        "dans",
        "par",
        "pour",
        "sur",
        "avec",
        "chez",
        "vers",
        "depuis",
        "pendant",
        "lors",
        "parmi",
        "et",
        "ni",
        "mais",
        "donc",
        "si",
        "comme",
        "lorsque",
        "puisque",
        "quand",
        "quoique",
        "ainsi",
        "alors",
        "aussi",
        "ne",
        "pas",
        "tres",
        "est",
        "sont",
        "etait",
        "etaient",
        "sera",
        "seront",
        "serait",
        "seraient",
        "soit",
        "soient",
        "fut",
        "furent",
        "etant",
        "ont",
        "avait",
        "avaient",
        "aura",
        "auront",
        "aurait",
        "auraient",
        "ait",
        "aient",
        "eu",
        "ayant",
    ]
)

# -- gender and number -----------------------------------------------------------------------------

# Words the rules below would miss or confuse; a group is one term, named by its first word and an underscore
# (which no other term has, so the rules leave it alone).
IRREGULAR: tuple[str, ...] = (
    # plurals and genders of their own
    "oeil yeux",
    "ciel cieux",
    "aieul aieux aieuls aieule aieules",
    "travail travaux",
    "bail baux",
    "corail coraux",
    "email emaux emails",
    "vitrail vitraux",
    "soupirail soupiraux",
    "mal maux",
    "val vaux vals",
    "egal egaux egale egales",
    "ideal ideaux ideale ideales ideals",
    "metal metaux",
    "an ans",
    "tout tous toute toutes",
    "monsieur messieurs",
    "madame mesdames",
    "nouveau nouveaux nouvel nouvelle nouvelles",
    "beau beaux bel belle belles",
    "vieux vieil vieille vieilles",
    "fou fous fol folle folles",
    "mou mous mol molle molles",
    "jumeau jumeaux jumelle jumelles",
    "blanc blancs blanche blanches",
    "franc francs franche franches",
    "sec secs seche seches",
    "public publics publique publiques",
    "grec grecs grecque grecques",
    "turc turcs turque turques",
    "laic laics laique laiques",
    "caduc caducs caduque caduques",
    "long longs longue longues",
    "oblong oblongs oblongue oblongues",
    "bref brefs breve breves",
    "vif vifs vive vives",
    "neuf neufs neuve neuves",
    "veuf veufs veuve veuves",
    "juif juifs juive juives",
    "doux douce douces",
    "roux rousse rousses",
    "faux fausse fausses",
    "gros grosse grosses",
    "gras grasse grasses",
    "bas basse basses",
    "las lasse lasses",
    "epais epaisse epaisses",
    "frais fraiche fraiches",
    "gentil gentils gentille gentilles",
    "nul nuls nulle nulles",
    "pareil pareils pareille pareilles",
    "net nets nette nettes",
    "muet muets muette muettes",
    "cadet cadets cadette cadettes",
    "sot sots sotte sottes",
    "cher chers chere cheres",
    "amer amers amere ameres",
    "aigu aigus aigue aigues",
    "favori favoris favorite favorites",
    "paysan paysans paysanne paysannes",
    "maitre maitres maitresse maitresses",
    "hote hotes hotesse hotesses",
    "prince princes princesse princesses",
    "ambassadeur ambassadeurs ambassadrice ambassadrices",
    "chanteur chanteurs chanteuse chanteuses",
    "acheteur acheteurs acheteuse acheteuses",
    "lutteur lutteurs lutteuse lutteuses",
    "menteur menteurs menteuse menteuses",
    "porteur porteurs porteuse porteuses",
    "prometteur prometteurs prometteuse prometteuses",
    "visiteur visiteurs visiteuse visiteuses",
    "toiletteur toiletteurs toiletteuse toiletteuses",
    "etranger etrangers etrangere etrangeres",
    "divers diverse diverses",
    "obscur obscurs obscure obscures",
    "dur durs dure dures",
    "pur purs pure pures",
    "fier fiers fiere fieres",
    "lie lies liee liees lier",
    "pris prise prises",
    "age ages agee agees",
    "chef chefs cheffe cheffes",
    "match matchs matches",
    "sandwich sandwichs sandwiches",
    "taux",
    "chaux",
    # words the rules would take for a form of another word (in brackets)
    "armee armees",  # arme
    "annee annees",  # Anne
    "musee musees",  # muse
    "portee portees",  # port, porte
    "porte portes",  # port
    "droite droites",  # le droit
    "retraite retraites",  # le retrait
    "traite traites",  # le trait
    "partie parties",  # le parti
    "crise crises",  # le cri
    "devise devises",  # le devis
    "franchise franchises",  # franchir
    "marine marines",  # marin
    "medecine",  # médecin
    "mine mines",  # min
    "pointe pointes",  # le point
    "vente ventes",  # le vent
    "colonne colonnes",  # le colon
    "assemblee assemblees",  # assembler
    "donnee donnees",  # donner, don
    "entree entrees",  # entre
    "cheminee cheminees",  # chemin
    "crue crues",  # cru
    "faute fautes",  # faut
    "boite boites",  # il boit
    "tante tantes",  # tant
    "moine moines",  # moins
    "foie foies",  # foi, fois
    "colere coleres",  # col
    "comment",  # commenter
    "train trains",  # traîner
    "mont monts",  # monter
    "port ports",  # porter
    "don dons",  # donner
    "manif manifs",  # manie
    "arriere arrieres",  # arriver
    "univers",  # uni
    "revers",  # rêve
    "danger dangers",
    "berger bergers bergere bergeres",  # la berge
    "messager messagers messagere messageres",  # le message
    "usager usagers",  # l'usage
    "supporter supporters",  # le support
    "passager passagers passagere passageres",  # le passage
    "boucher bouchers bouchere boucheres",  # la bouche
    "rocher rochers",  # la roche
    "plancher planchers",  # la planche
    "poster posters",  # la poste
    "balise balises",  # Bali
    "fils",  # le fil
    "fonds",  # le fond
    "cours",  # la cour
    "mer mers",
    "mere meres",  # la mer
    "pere peres",
    "frere freres",
    # names
    "paris",  # le pari
    "cannes",
    "vannes",
    "rennes",
    "angers",
    "troyes",
    "nimes",
    "lens",
    "mans",
    "mons",
    "reims",
    "bordes",
    "athenes",
    "londres",
    "naples",
    "damas",
    "hamas",
    "laos",
    "valls",
    "landes",
    "galles",
    "marie",  # le mari
    "vienne",  # viens
    "seine",  # le sein
    "attal",
    "lagardere",  # Lagarde
    "sanders",
    "miller",
    "news",
    "laval",
    "alger",
    "niger",
    "tanger",
)

# The longest ending that fits is dropped, once. A rule: after one of these endings, drop one of those. In the
# first column a dot is a letter that must be there, and [..] a choice of letters. On folded words.
_FEMININE = "e es ee ees er ers ere eres"  # mute e, -é and -ée, -er and -ère: chanté, chantées, chanter are one term


def _prefixed(letter: str) -> str:
    return " ".join(letter + ending for ending in _FEMININE.split())


# After these endings an e is a mark of gender; after others it stays: "arme", "monde", "russe" are no
# feminines.
_MASCULINE = (
    ".[ai]n .ein .un .eul .[aeio]nt .[aeou]rt .it .[aeu]t "
    ".ect .ict .[ao]nd .[ao]rd .ourd .aud .[io]l .[ao]ir .[^gq]u ..i"
)

INFLECTION: tuple[tuple[str, str], ...] = (
    (".tr", "ice ices"),  # directrice; directeur has a pattern of its own below
    ("..a", "l ls le les"),  # national, nationale
    (".[^e]a", "ux"),  # nationaux
    (".eu", "x"),  # heureux, jeux
    ("..eu", "re res se ses"),  # meilleure, heureuse, vendeuse
    (".[^t]eu", "r rs"),  # meilleur, vendeur
    (".ou", "x se ses"),  # bijoux; époux, épouse
    ("eau", "x"),  # châteaux
    (".[ao]i", "se ses"),  # française, chinoise: the s of français, chinois falls by the last rule
    ("...i", "f fs ve ves vee vees ver vers"),  # actif, active
    ("...i ...[^aeo]u", _prefixed("s")),  # soumis, soumise; inclus, incluse
    (".[eo]n", _prefixed("n")),  # cambodgien, cambodgienne; breton, bretonne
    (".el", _prefixed("l")),  # industriel, industrielle
    (_MASCULINE, _FEMININE),  # américaine, grande, élue, alliée, première
    ("..i", "s"),  # amis
    ("..ge ..lle ..che", "re res"),  # conseillère, bergère
    ("...e", "e es r rs s"),  # rencontrée, rencontrer, ministres
    ("..[^s]", "s"),  # any other plural
)


def _reversed(ending: str) -> str:
    return "".join(reversed(re.findall(r"\[[^\]]+\]|.", ending)))


def inflection_pattern() -> str:
    """`INFLECTION` as one pattern for reversed words, to be replaced by `$1`.

    Reversed, because a pattern anchored at the start looks at each word once: with the same rules in reading
    order, every letter is tried as the beginning of an ending (for 1.2 KB of text, 190 us instead of 22).
    """
    tree: dict[str, Any] = {}
    for kept, dropped in INFLECTION:
        for ending in dropped.split():
            node = tree
            for letter in reversed(ending):
                node = node.setdefault(letter, {})
            node.setdefault("", []).extend(_reversed(one) for one in kept.split())
    # directeur -> directr, as directrice: the eu falls, the r stays. Not after other letters: "meilleure".
    return rf"^(?:s?(r)ue(?=t.)|{_branches(tree)})"


def _branches(node: dict[str, Any]) -> str:
    """Longer endings first, then what must stand before this one."""
    options = [letter + _branches(child) for letter, child in node.items() if letter]
    if "" in node:
        options.append(f"(?={'|'.join(node[''])})")
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


def _irregular_rules() -> list[str]:
    return [f"{', '.join(group.split())} => {group.split()[0]}_" for group in IRREGULAR]


# -- for others who compare words ------------------------------------------------------------------

# Letters without a decomposition in Unicode, as the `asciifolding` filter writes them.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})

_PLAIN = str.maketrans({**dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(INVISIBLE, "")})


def fold(text: str) -> str:
    """A text as the normalizer `fr_fold` writes it: lower case, no accents, plain ', hyphens as blanks.

    `fold("L’Œuvre d’Éluard")` is `"l'oeuvre d'eluard"`.
    """
    if text.isascii():
        return " ".join(text.lower().translate(_PLAIN).replace("-", " ").split())
    text = unicodedata.normalize("NFKD", text.translate(_PLAIN).lower().translate(_LETTERS))
    text = "".join(char for char in text if not unicodedata.combining(char))
    return " ".join(text.replace("-", " ").replace("\u2010", " ").split())


_ELIDED = re.compile(r"\b(?:[cdjlmnst]|(?:jus|lors|puis|quoi|pres)?qu)'")


def only_stop_words(text: str) -> bool:
    """True when the analyzer `fr` finds nothing in the text: "à la une", "c'est", "qu'il y a"."""
    words = re.findall(r"\w+", _ELIDED.sub(" ", fold(text)))
    return all(word in STOP_WORDS for word in words)


# -- the index's settings --------------------------------------------------------------------------

# Of four letters, "parlement" would be "parler"; four, five and six rank alike (PIAF, beside `fr`: 0.792, 0.790, 0.788).
ROOT_LETTERS = 5

# What `fr_root` takes from before a word. Its offsets mark nothing, so the plain filter will do, at a third of the cost of
# our characters.
_ELIDED_ARTICLES = [*"cdjlmnst", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"]

_CHAR_FILTERS = ["fr_characters", "fr_drop"]
_EXACT_FILTERS = ["fr_marks", "fr_split", "lowercase", "asciifolding"]

ANALYSIS: dict[str, Any] = {
    "char_filter": {
        "fr_characters": {
            "type": "mapping",
            "mappings": [_mapping_rule(source, target) for source, target in _CHARACTERS.items()],
        },
        "fr_drop": {"type": "pattern_replace", "pattern": DROPPED, "replacement": ""},
        "fr_hyphens": {"type": "mapping", "mappings": [_mapping_rule(char, " ") for char in f"-{HYPHENS}"]},
    },
    "filter": {
        "fr_marks": {"type": "pattern_replace", "pattern": WORD_MARKS, "replacement": ""},
        # "fin.Le", "M.Wang", "mot_mot"; a comma stays: "14,2" is one number. Digits are not split from
        # letters: "G20".
        "fr_split": {
            "type": "word_delimiter_graph",
            "split_on_case_change": False,
            "split_on_numerics": False,
            "stem_english_possessive": False,
            "type_table": [", => DIGIT"],
        },
        "fr_elision": {"type": "elision", "articles": _ELIDED_ARTICLES, "articles_case": True},
        "fr_five": {"type": "truncate", "length": ROOT_LETTERS},
        "fr_stop": {"type": "stop", "stopwords": sorted(STOP_WORDS)},
        "fr_irregular": {"type": "stemmer_override", "rules": _irregular_rules()},
        "fr_inflection": {
            "type": "pattern_replace",
            "pattern": inflection_pattern(),
            "replacement": "$1",
            "all": False,
        },
        "fr_combining": {"type": "pattern_replace", "pattern": r"\p{M}", "replacement": ""},
        "fr_blanks": {"type": "pattern_replace", "pattern": r" {2,}", "replacement": " "},
    },
    "normalizer": {
        "fr_fold": {
            "type": "custom",
            "char_filter": ["fr_characters", "fr_hyphens"],
            "filter": ["fr_combining", "lowercase", "asciifolding", "fr_blanks", "trim"],
        }
    },
    "analyzer": {
        "fr": {
            "type": "custom",
            "char_filter": _CHAR_FILTERS,
            "tokenizer": "standard",
            "filter": [*_EXACT_FILTERS, "fr_stop", "fr_irregular", "reverse", "fr_inflection", "reverse"],
        },
        "fr_exact": {
            "type": "custom",
            "char_filter": _CHAR_FILTERS,
            "tokenizer": "standard",
            "filter": _EXACT_FILTERS,
        },
        "fr_root": {
            "type": "custom",
            "tokenizer": "standard",
            "filter": ["fr_elision", "lowercase", "asciifolding", "fr_stop", "fr_five"],
        },
    },
}
