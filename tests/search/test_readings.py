"""A damaged word that was left as it came is found by what it may have been, and marked where it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from authorities.model import Authorities
from engine.client import Engine
from indexer.build import Builder
from indexer.ingest import Ingest
from indexer.raw import RawDispatch
from mappings.dispatch import Doubt, Source
from mappings.lifecycle import Family
from search.request import SearchRequest
from search.service import Archive

BODY = ("Une équipe de savants est partie lundi.", "Elle veut atteindre le p?le Nord en deux mois, dit-elle.")
DOUBT = Doubt(1, BODY[1].index("p?le"), BODY[1].index("p?le") + 4, ("pôle", "pâle"))


@pytest.fixture
def archive(engine: Engine, family: Family, builder: Builder, authorities: Authorities, tmp_path: Path) -> Archive:
    text = "\n\n".join(BODY)
    built = builder.build(RawDispatch(text.encode(), text, "utf-8", Source()))
    Ingest(engine, family, tmp_path / "lock").enter([replace(built, body=BODY, doubts=(DOUBT,), repairs=())])
    return Archive(engine, family.read, authorities, "Europe/Paris")


@pytest.mark.parametrize(
    "q", ["pôle", "pole nord", "pâle", '"pôle Nord"', '"le pâle Nord"', "pôles deux mois", "savants pôle"]
)
def test_any_reading_finds_the_word_and_marks_it_as_it_stands(archive: Archive, q: str) -> None:
    (hit,) = archive.search(SearchRequest(q=q)).hits
    assert any(re.search(r"<mark>[^<]*p\?le", passage) for passage in hit.body_highlights)
    _, marked = archive.marked(archive.get(hit.id), q)
    assert "p?le" in marked[1].html()
    assert marked[1].found


def test_a_damaged_word_of_the_title_is_found_too(
    engine: Engine, family: Family, builder: Builder, authorities: Authorities, tmp_path: Path
) -> None:
    built = builder.build(RawDispatch(b"Un texte sans rien d'utile.", "Un texte sans rien d'utile.", "utf-8", Source()))
    titled = replace(built, title="Le p?le fond", title_derived=False, doubts=(Doubt(-1, 3, 7, ("pôle", "pâle")),))
    Ingest(engine, family, tmp_path / "lock").enter([titled])
    archive = Archive(engine, family.read, authorities, "Europe/Paris")
    assert [archive.search(SearchRequest(q=q)).total for q in ("pôle", '"pâle fond"', "pile")] == [1, 1, 0]


@pytest.mark.parametrize("q", ["pile", '"pôle Sud"', "paule"])
def test_other_words_do_not(archive: Archive, q: str) -> None:
    assert archive.search(SearchRequest(q=q)).hits == ()
