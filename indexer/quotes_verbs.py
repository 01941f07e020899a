"""Which words say that somebody speaks: verbs of speech with the forms they take, prepositions, and where they stand.

Only these words are looked at; all else of a dispatch is passed over, which is what makes finding quotes cheap.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

# Verbs in -er, which conjugate themselves. After the colon, what may follow, and so what is said:
#   q  "que" and a clause               a indiqué que [la route rouvrirait]
#   i  an infinitive                    affirme [avoir reçu des garanties]
#   a  "à", with or without an object   a appelé [les parties à la retenue]
#   d  "de", the same                   propose [de créer un fonds]; accuse [Rome de protectionnisme]
#   c  "contre", "pour", "sur"          plaide [pour une baisse]
#   f  a fragment in quotation marks    a dénoncé « [une mascarade] »
#   r  only with "se"                   s'emporte, s'est étonné
# After a quotation or a clause and a comma, each of them takes its subject: « ... », a dénoncé X.
REGULAR = """
    accuser:df affirmer:qif ajouter:q annoncer:q appeler:a approuver:f asséner:q assurer:qif attester:q avancer:qf
    avouer:qif balayer:f clamer:qf commenter: concéder:qif condamner:f confesser:qf confier:q confirmer:q considérer:qif
    constater:qf contester:qf critiquer:f déclarer:qif décréter:q dénoncer:qf déplorer:qf détailler:q dévoiler: douter:qd
    espérer:qi estimer:qif évoquer:f exiger:q exhorter:a expliquer:qf exprimer:f exulter: fustiger:f glisser:q
    indiquer:q insister: inviter:a invoquer:f ironiser: jubiler: juger:qif jurer:qid justifier: lancer:qf lâcher:q louer:f
    marteler:q moquer:f murmurer:q narrer: nier:qif noter:q nuancer: objecter:q observer:q opposer:f penser:qi plaider:qcf
    plaisanter: pointer:f préciser:q préconiser:df proclamer:qf prôner:f pronostiquer:q proposer:df protester: qualifier:f
    raconter:q railler:f rappeler:q rapporter:q rassurer: réaffirmer:qf récuser:f redouter:qdf regretter:qdf réitérer:q
    rejeter:f relater:q relativiser: relever:q remarquer:q répéter:q répliquer:q reprocher:df résumer: rétorquer:q
    révéler:q saluer:f signaler:q signifier:q sommer:d souhaiter:qi souligner:qf soupirer: suggérer:qd supplier:d
    supposer:q tabler:c témoigner:q tempérer: tonner: trancher: vanter:f enchaîner: épingler:f insinuer:q
    parler:f menacer:d demander:qd trouver:f renchérir:q
    étonner:rqdf emporter:r inquiéter:rqdf indigner:rqdf alarmer:rqdf agacer:r amuser:r interroger:r enthousiasmer:r
    engager:ra émerveiller:r exclamer:r exaspérer:r impatienter:r énerver:r lamenter:rf féliciter:rqdf targuer:rdf
    désoler:rqf défausser:r insurger:rf
"""
# The others: infinitive : what may follow | participles | present and imperfect | "-ant"
IRREGULAR = """
    admettre:qif     | admis, admise, admises    | admet, admettent           | admettant
    avertir:q        | averti, avertie, avertis  | avertit, avertissent       | avertissant
    conclure:q       | conclu                    | conclut, concluent         | concluant
    convenir:q       | convenu, convenue         | convient, conviennent      | convenant
    craindre:qi      | craint                    | craint, craignent          | craignant
    croire:qi        |                           | croit, croient             | croyant
    croire:          | voulu croire              | veut croire, veulent croire | voulant croire
    défendre:f       | défendu                   | défend, défendent          | défendant
    démentir:qif     | démenti                   | dément, démentent          | démentant
    dire:qif         | dit, dite, dits, dites    | dit, disent, disait        | disant
    faire:q          | fait savoir, fait observer, fait remarquer, fait valoir | fait savoir, fait observer, fait remarquer, \
fait valoir, font savoir, font observer, font remarquer, font valoir | faisant savoir, faisant observer, faisant valoir
    faire part:f     | fait part                 | fait part, font part       | faisant part
    garantir:q       | garanti                   | garantit, garantissent     | garantissant
    maintenir:q      | maintenu                  | maintient, maintiennent    |
    mettre en garde:cq | mis en garde            | met en garde, mettent en garde | mettant en garde
    plaindre:rqd     | plaint, plainte, plaints  | plaint, plaignent          | plaignant
    poursuivre:      | poursuivi                 | poursuit, poursuivent      |
    prédire:qf       | prédit                    | prédit, prédisent          | prédisant
    prétendre:qi     | prétendu                  | prétend, prétendent        | prétendant
    prévenir:q       | prévenu                   | prévient, préviennent      | prévenant
    promettre:qdf    | promis                    | promet, promettent         | promettant
    réagir:          | réagi                     | réagit, réagissent         |
    reconnaître:qif  | reconnu                   | reconnaît, reconnaissent, reconnait | reconnaissant
    redire:q         | redit                     | redit, redisent            | redisant
    réjouir:rqdf     | réjoui, réjouie, réjouis  | réjouit, réjouissent       | réjouissant
    renchérir:q      | renchéri                  | renchérit, renchérissent   | renchérissant
    répondre:q       | répondu                   | répond, répondent          | répondant
    reprendre:       | repris                    | reprend                    |
    rire:            |                           | rit, rient                 |
    souhaiter:       |                           | souhaitait                 |
    sourire:         | souri                     | sourit, sourient           |
    souvenir:rqf     | souvenu, souvenue         | souvient                   |
    soutenir:q       |                           | soutient, soutiennent      |
    surenchérir:q    | surenchéri                | surenchérit                |
    écrier:r         | écrié, écriée             | écrie                      |
"""
# "s'est dit [prêt à négocier]", "se déclare [surpris]": what they say of themselves
OF_ONESELF = frozenset({"dire", "déclarer"})

# Whoever replies is not the one who spoke last: « A », dit X. « B », a rétorqué la ministre.
REPLIES = frozenset({"répondre", "rétorquer", "répliquer", "objecter", "tempérer", "nuancer", "démentir"})

# "selon X, ..." names who says it; "pour X, ..." often means something else ("pour X, la course s'arrête là").
PREPOSITIONS = ("selon", "d'après", "d’après", "à en croire", "pour")

Form = Literal["participle", "present", "gerund", "infinitive", "preposition"]


class Trigger(NamedTuple):
    """What a form may be. `takes` are the letters of the table above. A tuple: some are made for every dispatch."""

    verb: str
    form: Form
    takes: str


class Heard(NamedTuple):
    """`text[start:end]` is a form; "dit" is a participle and a present."""

    start: int
    end: int
    triggers: tuple[Trigger, ...]


def conjugated(verb: str) -> dict[Form, list[str]]:
    """The forms of a verb in -er that dispatches use.

    "rappeler" -> rappelé(e)(s), rappelle(nt), rappelant; "espérer" -> espère; "annoncer" -> annonçant.
    """
    stem = verb[:-2]
    stressed = stem
    if verb in ("appeler", "rappeler", "rejeter"):
        stressed = stem + stem[-1]
    elif verb == "marteler":
        stressed = "martèl"
    elif "é" in stem[-3:-1]:
        at = stem.rfind("é")
        stressed = stem[:at] + "è" + stem[at + 1 :]
    elif stem.endswith("y"):
        stressed = stem[:-1] + "i"
    before_a = stem[:-1] + "ç" if stem[-1] == "c" else stem + "e" if stem[-1] == "g" else stem
    return {
        "participle": [stem + ending for ending in ("é", "ée", "és", "ées")],
        "present": [stressed + "e", stressed + "ent"],
        "gerund": [before_a + "ant"],
        "infinitive": [verb],
    }


def triggers() -> Iterator[tuple[str, Trigger]]:
    """Every form, in lower case, and what it may be."""
    for entry in REGULAR.split():
        verb, takes = entry.split(":")
        if verb.endswith("er"):
            for form, words in conjugated(verb).items():
                for word in words:
                    yield word, Trigger(verb, form, takes)
    for line in filter(None, map(str.strip, IRREGULAR.splitlines())):
        head, *columns = line.split("|")
        verb, takes = head.strip().split(":")
        forms: tuple[Form, ...] = ("participle", "present", "gerund")
        for form, column in zip(forms, columns, strict=True):
            for word in filter(None, map(str.strip, column.split(","))):
                yield word, Trigger(verb, form, takes)
        if "q" in takes and " " not in verb:
            yield verb, Trigger(verb, "infinitive", takes)
    for preposition in PREPOSITIONS:
        yield preposition, Trigger(preposition, "preposition", "")


class Listener:
    """Finds the forms in texts; built once (`listener`)."""

    def __init__(self) -> None:
        meanings: dict[str, list[Trigger]] = {}
        for form, trigger in triggers():
            meanings.setdefault(form, []).append(trigger)
        self._meanings = [tuple(each) for each in meanings.values()]
        self._automaton = AhoCorasick(list(meanings), matchkind=MatchKind.LeftmostLongest)

    def heard(self, text: str) -> Iterator[Heard]:
        """Forms that are whole words. "Selon" is one, "redéclaré" none."""
        lowered = text.lower()
        if len(lowered) != len(text):  # "İ" becomes two characters
            lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
        for index, start, end in self._automaton.find_matches_as_indexes(lowered):
            if start and (lowered[start - 1].isalnum() or lowered[start - 1] == "-"):
                continue
            if end < len(lowered) and lowered[end].isalnum():
                continue
            yield Heard(start, end, self._meanings[index])


@cache
def listener() -> Listener:
    """The one listener of the process."""
    return Listener()
