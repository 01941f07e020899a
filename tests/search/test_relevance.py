"""What comes first, on the real engine: the words as typed, neighbours, titles; a date only between equals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from authorities.model import Authorities
from engine.client import Engine
from mappings.dispatch import Dispatch
from search.request import SearchRequest
from search.service import Archive
from tests.search.writing import archive_of

BASE = Dispatch("", (), "Sans titre", False, "", b"", "utf-8", published=datetime(2022, 8, 8, tzinfo=UTC))
LATER = datetime(2024, 1, 1, tzinfo=UTC)

DISPATCHES = (
    replace(BASE, id="pluriel", body=("Les élections municipales ont lieu demain.",)),
    replace(BASE, id="singulier", body=("L’élection municipale aura lieu demain.",), published=LATER),
    replace(BASE, id="voisins", body=("Le sommet du consensus de Phnom Penh finit, la mer monte.",)),
    replace(BASE, id="loin", body=("Le consensus est loin, la mer monte vite, et le sommet finit.",), published=LATER),
    replace(BASE, id="titre", title="Le nickel calédonien", body=("Il fait beau dans le nord de l’île.",)),
    replace(BASE, id="texte", body=("Le nickel calédonien fait beau dans le nord.",), published=LATER),
    replace(BASE, id="avant", body=("Un ballon rouge.",)),
    replace(BASE, id="après", body=("Un ballon rouge.",), published=LATER),
    replace(BASE, id="élire", body=("Ils élisent un maire, et la gare est fermée.",)),
    replace(BASE, id="fermer", body=("Ils ont un maire, et la gare est fermée au nord.",), published=LATER),
)


@pytest.fixture(scope="module")
def archive(engine: Engine, index_prefix: str, authorities: Authorities) -> Iterator[Archive]:
    with archive_of(engine, index_prefix, authorities, DISPATCHES) as filled:
        yield filled


def found(archive: Archive, q: str) -> list[str]:
    return [hit.source["id"] for hit in archive.search(SearchRequest(q=q, facets=())).hits]


@pytest.mark.parametrize(
    ("q", "ids"),
    [
        ("élections municipales", ["pluriel", "singulier"]),  # as typed, though the other is newer
        ("élection municipale", ["singulier", "pluriel"]),
        ("sommet consensus", ["voisins", "loin"]),  # neighbours
        ("nickel calédonien", ["titre", "texte"]),  # in the title
        ("ballon rouge", ["après", "avant"]),  # as good: the newer
        ("Où un élisant a-t-il une gare fermée ?", ["élire", "fermer"]),  # a word of the same root
    ],
)
def test_what_comes_first(archive: Archive, q: str, ids: list[str]) -> None:
    assert found(archive, q)[:2] == ids


@pytest.mark.parametrize(
    "typed", ["L'ÉLECTION MUNICIPALE", "l’election municipale", "L‘Élection   municipale", "l'élection municipale"]
)
def test_case_accents_and_apostrophes_change_nothing(archive: Archive, typed: str) -> None:
    assert found(archive, typed) == ["singulier", "pluriel"]
