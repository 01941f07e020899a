"""Dispatches on the same matter: which, by which words, and none where none is near."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from authorities.model import Authorities
from engine.client import Engine
from engine.errors import DispatchNotFound
from mappings.dispatch import Dispatch
from search.service import Archive
from search.significant import Significant, significant, whole_text, written
from tests.search.writing import archive_of

STRAIT = (
    "La Chine a commencé des exercices militaires autour de Taïwan, de part et d'autre du détroit.",
    "Les exercices dureront quatre jours, a dit le porte-parole à Phnom Penh. Le détroit reste ouvert à Phnom Penh aussi.",
)
BASE = Dispatch(
    id="asked",
    story="strait",
    cluster="c1",
    title="Exercices dans le détroit de Taïwan",
    title_derived=False,
    lead="",
    body=STRAIT,
    raw=b"",
    raw_encoding="utf-8",
    published=datetime(2022, 8, 8, tzinfo=UTC),
    actors=("Chine",),
    venues=("Asie de l'Est > Taïwan",),
)
NEAR = replace(
    BASE,
    id="near",
    story="other",
    cluster="c2",
    title="Taïwan riposte",
    body=("Taïwan répond aux exercices militaires par les siens, dans le détroit, a dit Phnom Penh.",),
)
SHELF = [
    BASE,
    replace(BASE, id="version", version=2, status="superseded"),
    replace(BASE, id="resent", story="resent", cluster="c1"),
    NEAR,
    replace(NEAR, id="near-again", cluster="c3", body=(NEAR.body[0] + " Rien d'autre n'a été dit du reste.",)),
    replace(NEAR, id="gone", story="gone", cluster="c4", status="withdrawn"),
    replace(NEAR, id="bees", story="bees", cluster="c5", actors=(), venues=(), title="Miel",
            body=("Les ruches ont donné trente kilos de miel militaire, a dit un apiculteur.",)),
    replace(NEAR, id="alone", story="alone", cluster="c6", actors=(), venues=(), title="Zzz", body=("Xylographie.",)),
    replace(NEAR, id="blank", story="blank", cluster="c7", actors=(), venues=(), title="...", body=("... 12 12",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def archive(engine: Engine, index_prefix: str, authorities: Authorities) -> Iterator[Archive]:
    filler = [
        replace(BASE, id=f"f{n}", story=f"f{n}", cluster=f"f{n}", actors=(), venues=(), title=f"Titre {n}",
                body=(f"Une dépêche numéro {n} sur tout autre chose, a dit hier un maire, et le reste aussi.",))
        for n in range(30)
    ]  # fmt: skip
    with archive_of(engine, index_prefix, authorities, [*SHELF, *filler]) as filled:
        yield filled


def test_one_of_each_other_story_in_force_that_is_near(archive: Archive) -> None:
    (found,) = archive.similar(BASE)
    assert found.hit.id in ("near", "near-again")
    assert 0.15 <= found.nearness < 1


def test_it_says_by_which_words_as_they_are_written(archive: Archive) -> None:
    (found,) = archive.similar(BASE)
    assert {"exercices", "détroit", "Taïwan", "militaires", "Phnom Penh"} == set(found.words)
    assert found.shared == {"actors": ("Chine",), "venues": ("Asie de l'Est > Taïwan",), "topics": ()}


@pytest.mark.parametrize("id", ["alone", "blank", "bees"])
def test_none_where_none_is_near(archive: Archive, id: str) -> None:
    assert archive.similar(archive.get(id)) == ()


def test_a_dispatch_that_cannot_be_searched_yet_has_none(archive: Archive) -> None:
    assert archive.similar(replace(BASE, id="unknown")) == ()
    with pytest.raises(DispatchNotFound):
        archive.get("unknown")


# -- words -------------------------------------------------------------------------------------------


def vectors(engine: Engine, archive: Archive, text: str, held: int = 2) -> dict[str, Any]:
    """What the engine would answer for a body, every word held by so many of a thousand dispatches."""
    terms: dict[str, Any] = {}
    for token in engine.analyze(archive.index, "fr", text):
        told = terms.setdefault(token["token"], {"term_freq": 0, "doc_freq": held, "tokens": []})
        told["term_freq"] += 1
        told["tokens"].append({key: token[key] for key in ("position", "start_offset", "end_offset")})
    return {"field_statistics": {"doc_count": 1000}, "terms": terms}


def words(engine: Engine, archive: Archive, text: str) -> list[str]:
    return written(significant(vectors(engine, archive, text), text), text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Phnom Penh, puis Phnom Penh.", {"Phnom Penh", "puis"}),
        ("Des Etats-Unis aux États-Unis, les États-Unis.", {"États-Unis"}),
        ("Exercices ici. Des exercices là.", {"exercices", "ici"}),
        ("Chine, Taïwan.", {"Chine", "Taïwan"}),
        ("L’avocat de l’\U0001f600 ambassade \U00020000 détroit", {"avocat", "ambassade", "détroit"}),
        ("Un rendez-vous", {"rendez-vous"}),
        ("Lundi 8 août 2022 à 12h45 (AFP), 30 000", set()),
        ("", set()),
    ],
)
def test_words_as_a_dispatch_writes_them(engine: Engine, archive: Archive, text: str, told: set[str]) -> None:
    assert set(words(engine, archive, text)) - {"\U0001f600"} == told


def test_said_often_here_and_seldom_elsewhere_comes_first(engine: Engine, archive: Archive) -> None:
    text = "miel miel ruche maire seul"
    told = vectors(engine, archive, text)
    told["terms"]["mair"]["doc_freq"], told["terms"]["seul"]["doc_freq"] = 900, 1
    assert [word.term for word in significant(told, text)] == ["miel", "ruche", "mair"]
    assert [word.often > 1 for word in significant(told, text, most=2)] == [True, False]


def test_no_terms_no_words() -> None:
    assert significant({}, "") == []
    assert written([], "") == []
    assert whole_text(("a", "b")) == "a\nb"
    assert Significant("a", 1.0, ()).places == ()


# -- HTTP --------------------------------------------------------------------------------------------


def seed(client: FlaskClient) -> dict[str, Any]:
    found = client.get("/api/v1/dispatches?q=lavrov+asean+brics&from=2022-08-08&to=2022-08-08").get_json()
    hit: dict[str, Any] = found["results"][0]
    return hit


def test_the_api_lists_them_with_their_words(client: FlaskClient) -> None:
    hit = seed(client)
    response = client.get(f"{hit['links']['self']}/similar?size=3")
    assert response.status_code == 200
    results = response.get_json()["results"]
    assert 0 < len(results) <= 3
    assert [each["nearness"] for each in results] == sorted((each["nearness"] for each in results), reverse=True)
    assert all(each["story"] != hit["story"] and each["status"] == "current" for each in results)
    assert all(each["words"] for each in results)
    assert len({each["story"] for each in results}) == len(results)
    assert any("ASEAN" in each["words"] or "ASEAN" in each["shared"]["actors"] for each in results)


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/v1/dispatches/inconnue/similar", 404, "depeche-introuvable"),
        ("{}/similar?size=0", 400, "parametre-invalide"),
        ("{}/similar?size=21", 400, "parametre-invalide"),
        ("{}/similar?taille=2", 400, "parametre-inconnu"),
    ],
)
def test_errors(client: FlaskClient, address: str, status: int, code: str) -> None:
    response = client.get(address.format(seed(client)["links"]["self"]))
    assert (response.status_code, response.get_json()["code"]) == (status, code)


def test_the_page_lists_them(client: FlaskClient) -> None:
    page = client.get(seed(client)["links"]["html"]).get_data(as_text=True)
    assert "Sur le même sujet" in page
    alone = client.get("/api/v1/dispatches?q=mouettes&size=1").get_json()["results"]
    assert all("Sur le même sujet" not in client.get(each["links"]["html"]).get_data(as_text=True) for each in alone)
