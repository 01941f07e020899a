"""The French analyzers on a real index: what meets, what does not, what a highlight marks."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator

import pytest

from engine.client import Body, Engine
from mappings.french import ANALYSIS, INFLECTION, IRREGULAR, STOP_WORDS, fold, only_stop_words
from tests.mappings.french_pairs import (
    APART,
    EXACT_APART,
    EXACT_MEET,
    MEET,
    Pair,
    Words,
    analysed,
    meets,
)

TEXT = {
    "type": "text",
    "analyzer": "fr",
    "index_options": "offsets",
    "fields": {"exact": {"type": "text", "analyzer": "fr_exact", "index_options": "offsets"}},
}


@pytest.fixture(scope="module")
def index(engine: Engine, index_prefix: str) -> Iterator[str]:
    name = f"{index_prefix}-french"
    engine.create_index(
        name,
        {"number_of_shards": 1, "number_of_replicas": 0, "analysis": ANALYSIS},
        {"properties": {"text": TEXT, "label": {"type": "keyword", "normalizer": "fr_fold"}}},
    )
    yield name
    engine.delete_index(name)


@pytest.fixture(scope="module")
def words(engine: Engine, index: str) -> dict[str, dict[str, Words]]:
    """By analyzer, the words of every text of the tables."""
    tables = {"fr": (*MEET, *APART), "fr_exact": (*EXACT_MEET, *EXACT_APART)}
    return {
        analyzer: analysed(engine, index, analyzer, sorted({text for pair in pairs for text in pair}))
        for analyzer, pairs in tables.items()
    }


@pytest.mark.parametrize("pair", MEET, ids=" = ".join)
def test_meet(words: dict[str, dict[str, Words]], pair: Pair) -> None:
    query, text = (words["fr"][side] for side in pair)
    assert meets(query, text), f"{query} {text}"


@pytest.mark.parametrize("pair", APART, ids=" # ".join)
def test_apart(words: dict[str, dict[str, Words]], pair: Pair) -> None:
    query, text = (words["fr"][side] for side in pair)
    assert query, "the query is empty"
    assert not meets(query, text), f"{query} {text}"


@pytest.mark.parametrize("pair", EXACT_MEET, ids=" = ".join)
def test_exact_meet(words: dict[str, dict[str, Words]], pair: Pair) -> None:
    query, text = (words["fr_exact"][side] for side in pair)
    assert meets(query, text), f"{query} {text}"


@pytest.mark.parametrize("pair", EXACT_APART, ids=" # ".join)
def test_exact_apart(words: dict[str, dict[str, Words]], pair: Pair) -> None:
    query, text = (words["fr_exact"][side] for side in pair)
    assert query, "the query is empty"
    assert not meets(query, text), f"{query} {text}"


# -- highlighting ----------------------------------------------------------------------------------

# (query, text as stored, what is marked), by the stemmed field
MARKED: tuple[tuple[str, str, str], ...] = (
    ("ASEAN", "Le rôle de l’ASEAN en Asie", "Le rôle de l’[ASEAN] en Asie"),
    ("asean", "L'ASEAN, elle", "L'[ASEAN], elle"),
    ("l'asean", "Le rôle de lʼASEAN", "Le rôle de lʼ[ASEAN]"),
    ("aujourd'hui", "dit aujourd’hui à", "dit [aujourd’hui] à"),
    ("presqu'île", "la presqu’île de", "la [presqu’île] de"),
    ("n'djamena", "de N’Djamena hier", "de [N’Djamena] hier"),
    ("ivoire", "la Côte d’Ivoire, dit", "la Côte d’[Ivoire], dit"),
    ("Obama", "lorsqu’Obama et jusqu’à Obama", "lorsqu’[Obama] et jusqu’à [Obama]"),
    ("ministre", "les ministres réunis", "les [ministres] réunis"),
    ("travail", "les travaux.", "les [travaux]."),
    ("directeur", "La directrice, elle", "La [directrice], elle"),
    ("onu", "À l’O.N.U., dit", "À l’[O.N.U]., dit"),
    ("evenement", "un e\u0301ve\u0301nement grave", "un [e\u0301ve\u0301nement] grave"),
    ("sante", "la sante\u0301 publique", "la [sante\u0301] publique"),
    ("cooperation", "la coopé\u00adration, dit", "la [coopé\u00adration], dit"),
    ("officiel", "un oﬃciel dit", "un [oﬃciel] dit"),
    ("coeur", "le cœur de", "le [cœur] de"),
    ("30000", "les 30 000 hommes", "les [30 000] hommes"),
    ("1200000", "les 1\u202f200\u202f000 hommes", "les [1\u202f200\u202f000] hommes"),
    ("f16", "des F-16 russes", "des [F-16] russes"),
    ("g20", "au G 20, dit", "au [G 20], dit"),
    ("covid-19", "la Covid19, dit", "la [Covid][19], dit"),
    ("wang", "dit M.Wang hier", "dit M.[Wang] hier"),
    ("fin", "à la fin.Le ministre", "à la [fin].Le ministre"),
    ("Israel", "on Israel’s border", "on [Israel’s] border"),
    ("Etats", "les États-Unis", "les [États]-Unis"),
    ("chine", "l’ami 🇨🇳 de la Chine 👍 dit-il à l’Onu", "l’ami 🇨🇳 de la [Chine] 👍 dit-il à l’Onu"),
    # after everything that shortens the text before the analyzer sees it, a mark is still in its place
    (
        "russie",
        "l’un\u00ad, l’autre : 10 000 F-16 qu’à l’ONU.O.N.U. Russie",
        "l’un\u00ad, l’autre : 10 000 F-16 qu’à l’ONU.O.N.U. [Russie]",
    ),
)


def indexed(engine: Engine, index: str, texts: list[str], query: dict[str, object]) -> list[Body]:
    """Index the texts; those that meet the query, highlighted."""
    actions: list[Body] = [
        {"_op_type": "index", "_index": index, "_id": str(number), "_source": {"text": text, "label": text}}
        for number, text in enumerate(texts)
    ]
    assert [outcome.error for outcome in engine.bulk(actions) if not outcome.done] == []
    engine.refresh(index)
    these = {"ids": {"values": [action["_id"] for action in actions]}}
    body = {
        "size": len(texts),
        "query": {"bool": {"must": query, "filter": these}},
        "highlight": {
            "type": "unified",
            "number_of_fragments": 0,
            "pre_tags": ["["],
            "post_tags": ["]"],
            "fields": {"text": {"matched_fields": ["text", "text.exact"]}},
        },
    }
    return list(engine.search(body, index=index)["hits"]["hits"])


def marked(engine: Engine, index: str, text: str, query: dict[str, object]) -> str:
    (hit,) = indexed(engine, index, [text], query)
    return str(hit["highlight"]["text"][0])


@pytest.mark.parametrize(("query", "text", "expected"), MARKED, ids=[row[1] for row in MARKED])
def test_the_highlight_marks_the_word(engine: Engine, index: str, query: str, text: str, expected: str) -> None:
    assert marked(engine, index, text, {"match": {"text": query}}) == expected


# (quotation, text as stored, what is marked), by the exact field: one mark, from the first word to the last
QUOTED: tuple[tuple[str, str, str], ...] = (
    ("Côte d'Ivoire", "la Côte d’Ivoire, elle", "la [Côte d’Ivoire], elle"),
    (
        "la Ceinture et la Route",
        "l’Initiative la Ceinture et la Route (ICR)",
        "l’Initiative [la Ceinture et la Route] (ICR)",
    ),
    ("l'ordre international", "que l’ordre international", "que l’[ordre international]"),
    ("droits de l'homme", "les droits de l’homme.", "les [droits de l’homme]."),
)


@pytest.mark.parametrize(("query", "text", "expected"), QUOTED, ids=[row[0] for row in QUOTED])
def test_the_highlight_marks_the_quotation(engine: Engine, index: str, query: str, text: str, expected: str) -> None:
    assert marked(engine, index, text, {"match_phrase": {"text.exact": query}}) == expected


# What real files hold, glued together anyhow.
WORDS_AND_SCRAPS = """
    l’ qu’ lorsqu' O.N.U. U.S.Army fin.Le M.Wang 30 000 1.200.000 F-16 G 20 COVID19 é ﬁ œ ’ ' ·e·s .e.s _ - . , : 1 3.5
    12,5 🇨🇳 👍 中国 الصين Chine ministres aujourd’hui prud'homme Israel’s 's N'D ʼ a ß İ 𝓐
"""
BLANKS = (" ", "\n", "\u00a0", "\u202f", "\u00ad", "\u200b", "\u2011", "\ufeff", "\u0301")


def test_no_mixture_of_traps_is_refused(engine: Engine, index: str) -> None:
    # Elasticsearch refuses a document whose offsets run backwards, and a highlight of wrong ones tears the text.
    pick = random.Random(5)
    pieces = [*WORDS_AND_SCRAPS.split(), *BLANKS]
    texts = ["".join(pick.choices(pieces, k=pick.randint(1, 40))) for _ in range(400)]
    hits = indexed(engine, index, texts, {"match": {"text": "Chine Wang ONU"}})
    assert len(hits) > 100
    for hit in hits:
        assert re.sub(r"[\[\]]", "", hit["highlight"]["text"][0]) == hit["_source"]["text"]


# -- folding ---------------------------------------------------------------------------------------

FOLDED: tuple[tuple[str, str], ...] = (
    ("États-Unis", "etats unis"),
    ("L’Œuvre d’Éluard", "l'oeuvre d'eluard"),
    ("Sergue\u0308i\u00a0Lavrov", "serguei lavrov"),
    ("Asie du Sud\u2011Est > Cambodge", "asie du sud est > cambodge"),
    ("  Phnom   Penh ", "phnom penh"),
    ("coopé\u00adration", "cooperation"),
    ("ﬁn Straße Łódź", "fin strasse lodz"),
    ("N'Djamena", "n'djamena"),
)


@pytest.mark.parametrize(("text", "expected"), FOLDED)
def test_the_normalizer_folds(engine: Engine, index: str, text: str, expected: str) -> None:
    (hit,) = indexed(engine, index, [text], {"term": {"label": text}})
    answer = engine.search(
        {"query": {"ids": {"values": [hit["_id"]]}}, "aggs": {"labels": {"terms": {"field": "label"}}}}, index=index
    )
    assert [bucket["key"] for bucket in answer["aggregations"]["labels"]["buckets"]] == [expected]


@pytest.mark.parametrize(("text", "expected"), FOLDED)
def test_fold_is_the_normalizer(text: str, expected: str) -> None:
    assert fold(text) == expected


# -- data ------------------------------------------------------------------------------------------


def test_the_tables_are_as_large_as_promised() -> None:
    assert len(MEET) >= 180
    assert len(APART) >= 70
    for table in (MEET, APART, EXACT_MEET, EXACT_APART):
        assert len(set(table)) == len(table)


def test_no_word_is_irregular_twice() -> None:
    forms = [form for group in IRREGULAR for form in group.split()]
    assert sorted(set(forms)) == sorted(forms)


def test_words_of_the_analysis_are_folded() -> None:
    words = STOP_WORDS | {form for group in IRREGULAR for form in group.split()}
    # accents and capitals never reach the filters that know these words
    assert [word for word in sorted(words) if not re.fullmatch(r"[a-z]+", word)] == []


def test_no_irregular_word_is_a_stop_word() -> None:
    assert STOP_WORDS & {form for group in IRREGULAR for form in group.split()} == set()


@pytest.mark.parametrize(
    "word", ["ete", "or", "est", "car", "son", "plus", "sous", "sans", "contre", "c", "d", "j", "b"]
)
def test_what_press_uses_for_things_is_no_stop_word(word: str) -> None:
    known_losses = {"est", "son"}
    assert (word in STOP_WORDS) == (word in known_losses)


def test_no_rule_of_gender_and_number_is_given_twice() -> None:
    rules = [(kept, ending) for row, endings in INFLECTION for kept in row.split() for ending in endings.split()]
    assert len(set(rules)) == len(rules)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("à la une", True),
        ("c’est", True),
        ("qu'il y a", True),
        ("lorsqu’il", True),
        ("", True),
        ("aujourd'hui", False),
        ("la Chine", False),
        ("l'ONU", False),
        ("hépatite A", False),
    ],
)
def test_only_stop_words(engine: Engine, index: str, text: str, expected: bool) -> None:
    assert only_stop_words(text) is expected
    assert (engine.analyze(index, "fr", text) == []) is expected


def test_the_settings_are_plain_data() -> None:
    assert json.loads(json.dumps(ANALYSIS)) == ANALYSIS
