"""Who said what: sentences annotated as in `tests/gold/quotes.txt`, {{Who: words}} in marks and [[Who: clause]] reported."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authorities.model import Authorities
from bench.quotes import GOLD, Annotated, measure, nearest_name, read_annotated, read_gold, with_names
from cli import SAMPLES
from indexer.build import Builder
from indexer.enrich import Enricher
from indexer.quotes import MOST_QUOTES, find_quotes
from indexer.quotes_marks import marked, sentences
from indexer.quotes_verbs import conjugated, listener
from indexer.raw import RawDispatch
from indexer.readers import read_file
from mappings.dispatch import Mention, Quote

# What stands in the sentences below, and the mention it is.
KNOWN: dict[str, tuple[str, str, str]] = {
    "Ana Berg": ("Ana Berg", "person", "label"),
    "Berg": ("Ana Berg", "person", "surname"),
    "Paul Roy": ("Paul Roy", "person", "label"),
    "Roy": ("Paul Roy", "person", "surname"),
    "Luc Sand": ("Luc Sand", "person", "label"),
    "OMS": ("OMS", "organisation", "acronym"),
    "Orsinia": ("Orsinia", "organisation", "label"),
    "Chine": ("Chine", "state", "label"),
    "Pékin": ("Chine", "state", "metonym"),
    "Etats-Unis": ("États-Unis", "state", "label"),
    "russe": ("Russie", "state", "demonym"),
    "croate": ("Croatie", "state", "demonym"),
}
KNOWN_NAME = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(KNOWN, key=len, reverse=True)))


def named(body: Sequence[str]) -> list[Mention]:
    found = []
    for number, text in enumerate(body):
        for match in KNOWN_NAME.finditer(text):
            label, kind, rule = KNOWN[match[0]]
            found.append(Mention(label, kind, number, match.start(), match.end(), match[0], rule))
    return found


def told(body: Sequence[str], quotes: Sequence[Quote]) -> list[tuple[str, bool, str]]:
    return [(q.speaker, q.direct, body[q.paragraph][q.start : q.end]) for q in quotes]


MARKS = [
    "« {{Ana Berg: Nous partons}} », a déclaré Ana Berg.",
    "«{{Ana Berg: Nous partons}}», a déclaré Ana Berg.",
    "«\u202f{{Ana Berg: Nous partons}}\u202f», a déclaré Ana Berg.",
    "«\u00a0{{Ana Berg: Nous partons}}\u00a0» a déclaré Ana Berg.",
    '"{{Ana Berg: Nous partons}}", a déclaré Ana Berg.',
    '" {{Ana Berg: Nous partons}} ", a déclaré Ana Berg.',
    "“{{Ana Berg: Nous partons}}”, a déclaré Ana Berg.",
    "?{{Ana Berg: Nous partons}}?, a déclaré Ana Berg.",  # lost and not given back
    "[[Ana Berg: Qui paiera ?]], demande Ana Berg.",  # a question and no pair
]
INVERTED = [
    "« {{Ana Berg: Oui}} », a dit lundi à la presse la ministre croate de la Santé, Ana Berg.",
    "« {{Ana Berg: Oui}} », s'est félicitée la cheffe de mission, Ana Berg, « {{Ana Berg: à la seconde près}} ».",
    "« {{Ana Berg: Oui}} », explique à l'AFP Ana Berg. « {{Ana Berg: Et non.}} »",
    "« {{Ana Berg: Oui, a dit Ana Berg, nous partons}} ».",
    "« {{Ana Berg: Oui}}, a dit Ana Berg. {{Ana Berg: Nous partons}} ».",
    "[[Ana Berg: La Chine est prête à partir]], a assuré Mme Ana Berg.",
    "[[Ana Berg: La Chine, a assuré Ana Berg, est prête à quitter la conférence]].",
    "« {{Ana Berg: Un bateau ne doit pas revenir triste}} », badine la capitaine Ana Berg.",  # a verb of no table
    "« Les Cendres bleues », contre Ana Berg.",
    "« Oui », a dit une habitante de la ville.",
    "« Oui », a dit l'avocat d'Ana Berg.",
    "« {{OMS: Oui}} », a prévenu un porte-parole de l'OMS.",
    "« Oui », a dit un responsable de l'OMS.",
]
IN_ORDER = [
    "Ana Berg a indiqué que [[Ana Berg: la route rouvrirait]].",
    "Ana Berg, ministre de la Santé, a indiqué, à ce propos, que [[Ana Berg: la route rouvrirait]].",
    "De son côté, Mme Berg a fait savoir lundi qu'[[Ana Berg: elle partirait]].",
    "Ana Berg juge que « {{Ana Berg: le plus dur est fait}} » et s'en va.",
    "Ana Berg a répondu : « {{Ana Berg: Non.}} »",
    "Ana Berg (entraîneuse de Brest): «{{Ana Berg: On a bien joué.}}»",
    "Ana Berg a dénoncé « {{Ana Berg: une mascarade}} », mais nié « {{Ana Berg: toute rupture}} ».",
    "Ana Berg s'est dite, quant à elle, [[Ana Berg: prête à négocier]].",
    "Orsinia affirme [[Orsinia: avoir reçu 84 commandes]].",
    "La Chine a appelé [[Chine: les parties à la retenue]].",
    "Les Etats-Unis ont estimé que [[États-Unis: rien n'était prêt]].",
    "Pékin a accusé [[Chine: l'Europe de protectionnisme]].",
    "Ana Berg a promis [[Ana Berg: d'aller vite]], ajoutant que [[Ana Berg: la loi était prête]].",
    "Ana Berg a indiqué que [[Ana Berg: la loi était prête]], tandis que Paul Roy a souligné que [[Paul Roy: rien ne pressait]].",
    "Ana Berg a indiqué que [[Ana Berg: le maire avait annoncé que la loi était prête]].",
    # No speech: a noun for what is said, a denial of having said, somebody else's subject.
    "Ana Berg a annoncé la mort de deux soldats.",
    "Ana Berg a salué l'accord.",
    "Ana Berg aurait déclaré que la route rouvrirait.",
    "Ana Berg n'a pas précisé que la route rouvrirait.",
    "Ana Berg espère l'ouverture d'une enquête.",
    "Le chef de mission de l'OMS pour la Chine qui considère que tout va bien est parti.",
    "Ana Berg et Paul Roy ont déclaré que la loi était prête.",
    "Le comité Berg a indiqué que la loi était prête.",
    "Une source proche d'Ana Berg a indiqué que la loi était prête.",
]
NAMED = [
    "Selon Ana Berg, [[Ana Berg: la loi est prête]].",
    "Selon la ministre Ana Berg, « {{Ana Berg: la loi est prête}} ».",
    "[[OMS: Les écoles rouvriront lundi]], selon l'OMS.",
    "D'après un porte-parole de l'OMS, [[OMS: les écoles rouvriront]].",
    "Pour Ana Berg, économiste à Brest, [[Ana Berg: la loi arrive tard]].",
    "Pour l'OMS, [[OMS: ces mesures « n'ont rien de surprenant »]].",
    "Pour Ana Berg, la course s'arrête là.",
    "Pour la Chine, la « zone grise » est un mythe.",
    "Selon la loi, les écoles rouvriront. Selon les estimations, elles sont dix. Selon un rapport, Ana Berg le savait.",
    "La commune a 209 habitants et, selon l'OMS, 31 coqs.",
    "De source policière, Ana Berg est partie. Selon des témoins, elle courait.",
]
NOT_SAID = [
    "Ana Berg a lu « Les Cendres bleues ».",
    "Ana Berg, dite « le Sphinx », est partie.",
    "Ana Berg a évoqué le film « Les Cendres bleues ».",
    "La « zone grise » inquiète la Chine.",
    "Ana Berg portait une pancarte : « Non à la loi ».",
]
MEANT = [
    "Ana Berg a dénoncé « {{Ana Berg: une mascarade}} ». « {{Ana Berg: Non}} », a-t-elle ajouté.",
    "Le ministre Paul Roy a rencontré Ana Berg. Il a indiqué que [[Paul Roy: tout allait bien]].",
    "La ministre Ana Berg a rencontré Paul Roy. Ce dernier a indiqué que [[Paul Roy: tout allait bien]].",
    "La ministre Ana Berg a reçu le maire Paul Roy. « {{Paul Roy: Oui}} », a dit le maire. « {{Ana Berg: Non}} », a répondu la ministre.",
    "Le ministre russe Luc Sand a reçu le ministre croate Paul Roy. Le ministre croate a dit que [[Paul Roy: tout allait bien]].",
    "Luc Sand et Paul Roy sont arrivés. « Oui », a dit le ministre.",
    "L'OMS a réuni ses experts. L'organisation a averti que [[OMS: le virus revenait]].",
    "« {{Ana Berg: Oui}} », a confié Ana Berg. « {{Ana Berg: Demain aussi}} », a prévenu la coureuse de 23 ans.",
    "« {{Ana Berg: Oui}} », a dit la ministre Ana Berg. « Non », a lancé le maire.",
    "L'OMS a dénoncé « {{OMS: une attaque}} ». L'imam de la ville est parti. Il ajoute que tout va bien.",
]


@pytest.mark.parametrize("line", [*MARKS, *INVERTED, *IN_ORDER, *NAMED, *NOT_SAID, *MEANT])
def test_sentences(line: str) -> None:
    body, expected = read_annotated([line])
    assert told(body, find_quotes(body, named(body))) == told(body, expected)


def test_a_quotation_of_several_paragraphs_is_one_speakers() -> None:
    body, expected = read_annotated(
        [
            "Ana Berg est arrivée.",
            "« {{Ana Berg: Il reste neuf réformes.}}",
            "« {{Ana Berg: La première est la plus dure}} », a-t-elle prévenu.",
            "« Fini », titre la presse.",
        ]
    )
    assert find_quotes(body, named(body)) == expected


def test_of_marks_inside_marks_the_outer_ones_count() -> None:
    body, expected = read_annotated(['"{{Ana Berg: Il m\'a dit: "Signez." J\'ai refusé}}", a affirmé Ana Berg.'])
    assert find_quotes(body, named(body)) == expected


def test_a_stray_mark_hides_nothing() -> None:
    body, expected = read_annotated(['Le 5" est mort. « {{Ana Berg: Oui}} », a dit Ana Berg. Un « reste.'])
    assert find_quotes(body, named(body)) == expected


def test_without_speakers_nobody_says_anything() -> None:
    assert find_quotes(["« Oui », a dit Ana Berg."], []) == ()


@pytest.mark.parametrize(
    ("verb", "form", "word"),
    [
        ("rappeler", "present", "rappelle"),
        ("espérer", "present", "espère"),
        ("appuyer", "present", "appuie"),
        ("annoncer", "gerund", "annonçant"),
        ("juger", "gerund", "jugeant"),
        ("déclarer", "participle", "déclarées"),
    ],
)
def test_verbs_conjugate(verb: str, form: str, word: str) -> None:
    assert word in conjugated(verb)[form]  # type: ignore[index]


def test_triggers_are_whole_words() -> None:
    text = "Il redéclaré, a fait savoir. SELON elle, diton dit"
    assert [text[h.start : h.end] for h in listener().heard(text)] == ["fait savoir", "SELON", "dit"]


def test_sentences_end_where_marks_and_abbreviations_let_them() -> None:
    text = "M. Wang est là le 3 janv. 2021. « Fini. Partons. » Il part. Voilà."
    cut = [text[start:end].strip() for start, end in sentences(text, marked(text))]
    assert cut == ["M. Wang est là le 3 janv. 2021.", "« Fini. Partons. »", "Il part.", "Voilà."]


# --- the gold ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gold() -> list[Annotated]:
    return read_gold(GOLD.read_text("utf-8"))


@pytest.fixture(scope="module")
def enricher(authorities: Authorities, gold: list[Annotated]) -> Enricher:
    return Enricher(with_names(authorities, gold))


def test_the_gold_is_what_it_says_it_is(gold: list[Annotated]) -> None:
    assert len({dispatch.name for dispatch in gold}) == len(gold) == 64
    assert sum(dispatch.held_out for dispatch in gold) == 32
    assert all(quote.start < quote.end for dispatch in gold for quote in dispatch.quotes)


@pytest.mark.parametrize("held_out", [False, True])
def test_the_gold_is_found(gold: list[Annotated], enricher: Enricher, held_out: bool) -> None:
    half = [dispatch for dispatch in gold if dispatch.held_out == held_out]
    *_, (_, _, _, score) = measure(enricher, half, find_quotes)
    assert score.precision >= 0.90 and score.recall >= 0.75
    *_, (_, _, _, baseline) = measure(enricher, half, nearest_name)
    assert baseline.precision < score.precision and baseline.recall < score.recall


def test_the_seed_tells_what_wang_yi_and_lavrov_said(builder: Builder, authorities: Authorities) -> None:
    path = SAMPLES / "seed" / "000_xinhua_phnom_penh.txt"
    (item,) = read_file(path, path.name)
    assert isinstance(item, RawDispatch)
    built = Builder(authorities, reference=date(2022, 8, 9)).build(item)
    found = told(built.body, find_quotes(built.body, built.mentions))
    assert [(speaker, words.split(" ")[0]) for speaker, _, words in found] == [
        ("Wang Yi", "La"),
        ("Wang Yi", "dans"),
        ("Wang Yi", "à"),
        ("Wang Yi", "La"),
        ("Wang Yi", "Il"),
        ("Sergueï Lavrov", "les"),
        ("Sergueï Lavrov", "les"),
        ("Sergueï Lavrov", "La"),
    ]


# --- whatever comes ------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        "« ",
        " »",
        '"',
        "“",
        "”",
        "?",
        ". ",
        ", ",
        ": ",
        "Ana Berg ",
        "la ministre ",
        "il ",
        "a dit ",
        "que ",
        "a-t-il ajouté",
        "selon ",
    ]
    + [
        "l'OMS ",
        "pour ",
        "et ",
        "ajoutant ",
        "s'est dit ",
        "qui ",
        "Chine ",
        "de ",
        "à ",
        "x",
        "\u00a0",
        "\n",
        "İ",
        "M. ",
        "(",
        "'",
        "𝒳",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=60)), max_size=6))
def test_offsets_are_valid_whatever_comes(body: list[str]) -> None:
    found = find_quotes(body, named(body))
    for quote in found:
        text = body[quote.paragraph]
        assert 0 <= quote.start < quote.end <= len(text)
        assert quote.speaker
    ordered = [(quote.paragraph, quote.start, quote.end) for quote in found]
    assert ordered == sorted(ordered)
    assert all(a[0] < b[0] or a[2] <= b[1] for a, b in zip(ordered, ordered[1:], strict=False))


@pytest.mark.parametrize(
    "unit", ['"', "« ", "« a », a dit Ana Berg. ", "selon Ana Berg, ", ".", "? ", "Ana Berg a dit que "]
)
def test_a_megabyte_of_anything_ends(unit: str) -> None:
    """Linear: a rule that were not would take hours, and the run's own time limit would end it."""
    body = [unit * (1_000_000 // len(unit))]
    assert len(find_quotes(body, named(body))) <= MOST_QUOTES
