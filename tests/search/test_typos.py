"""Words no dispatch has, and the nearest the archive has, on the real engine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from engine.client import Engine
from mappings import lifecycle
from mappings.dispatch import Dispatch, to_document
from mappings.lifecycle import Family
from search.typos import Ask, may_be_wrong, near_words, nearest_words

TEXTS = {
    "1": ("Lavrov rencontre un avocat", "Le ministre Lavrov parle des États-Unis, d’énergie et du cortège."),
    "2": ("Un autre titre, Bucarest", "Lavrov encore, et des avocats ; le marchand, la marchande, le Laurov."),
    "3": ("En 2021", "Une carte, des cartes."),
}


@pytest.fixture(scope="module")
def ask(engine: Engine, index_prefix: str) -> Iterator[Ask]:
    family = Family(f"{index_prefix}-{uuid.uuid4().hex[:6]}")
    lifecycle.create(engine, family)
    actions = [
        {
            "_op_type": "create",
            "_index": family.write,
            "_id": id,
            "_source": to_document(Dispatch(id, (body,), title, False, "", b"", "utf-8")),
        }
        for id, (title, body) in TEXTS.items()
    ]
    assert all(outcome.done for outcome in engine.bulk(actions))
    engine.refresh(family.write)
    yield lambda body: engine.search(body, index=family.read)
    for name in engine.indices(family.pattern):
        engine.delete_index(name)


@pytest.mark.parametrize(
    ("word", "read"),
    [
        ("lavorv", "lavrov"),  # two letters exchanged
        ("Lavrv", "lavrov"),  # one left out
        ("LAVROOV", "lavrov"),  # one too many
        ("lavrof", "lavrov"),  # one wrong
        ("énerige", "energie"),
        ("l’avocta", "l’avocat"),  # the elision stays
        ("Etats-Unsi", "Etats-unis"),  # of its parts the wrong one
        ("(bucaerst),", "(bucarest),"),  # in a title alone, signs left alone
    ],
)
def test_a_word_no_dispatch_has_is_near_one_it_has(ask: Ask, word: str, read: str) -> None:
    assert nearest_words(ask, [word]) == {word: read}


@pytest.mark.parametrize(
    "word",
    [
        "lavrov",
        "LAVROV",
        "marchands",  # another form of a word that is there
        "ministres",
        "rencontrer",
        "xylophone",  # near nothing
        "2031",  # a figure is no slip
        "F16a",
        "ave",  # too short
        "zavrov",  # the first letter
        "?!",
        "",
    ],
)
def test_what_is_left_as_typed(ask: Ask, word: str) -> None:
    assert nearest_words(ask, [word]) == {}


def test_several_words_as_near_are_all_given_the_most_frequent_first(ask: Ask) -> None:
    assert near_words(ask, ["lavvov", "ministre"]) == {"lavvov": ("lavrov",)}
    assert near_words(ask, ["laxrov"]) == {"laxrov": ("lavrov", "laurov")}


@pytest.mark.parametrize(("word", "may"), [("lavorv", True), ("été", False), ("G20x", False), ("l'été", True)])
def test_what_may_be_a_slip(word: str, may: bool) -> None:
    assert may_be_wrong(word) is may
