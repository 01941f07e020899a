"""Names the authorities do not know: shown with their contexts, accepted or put aside, applied to the archive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from authorities.loader import load_authorities
from engine.client import Engine
from engine.errors import AuthorityError, BadParameter
from indexer.build import Builder
from indexer.candidates import accept, candidates, reject
from indexer.ingest import Ingest
from indexer.raw import RawDispatch
from indexer.reparse import Reenrich
from mappings import lifecycle
from mappings.dispatch import Mention, Source
from mappings.lifecycle import Family
from tests.indexer.test_ingest import dispatches

TEXT = "PARIS, 8 août 2022 (AFP) - Jeanne Kermarec a visité l'usine de Roubaix. Elle a salué l'ONU."


@pytest.fixture
def archive(engine: Engine, family: Family, builder: Builder, tmp_path: Path) -> Family:
    """Two dispatches that name somebody nobody knows, as a finder of names would have it."""
    for number in range(2):
        text = f"{TEXT} Étape {number}."
        made = builder.build(RawDispatch(text.encode(), text, "utf-8", Source()))
        start = made.body[0].index("Jeanne")
        mention = Mention("Jeanne Kermarec", "person", 0, start, start + 15, "Jeanne Kermarec", "introduced")
        actors = ("Jeanne Kermarec", "ONU")
        Ingest(engine, family, tmp_path / "lock").enter([replace(made, actors=actors, mentions=(mention,))])
    return family


def test_candidates_come_with_counts_and_contexts(engine: Engine, archive: Family) -> None:
    (found,) = candidates(engine, archive.read, load_authorities(), least=2)
    assert (found.name, found.kind, found.count) == ("Jeanne Kermarec", "person", 2)
    assert "(AFP) - «Jeanne Kermarec» a visité" in found.contexts[0]
    assert list(candidates(engine, archive.read, load_authorities(), least=3)) == []


def test_what_is_accepted_or_put_aside_is_no_candidate_any_more(
    engine: Engine, archive: Family, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    path = accept(own, "Jeanne Kermarec", "person", {"role": "ingénieure", "country": "France", "surname": "Kermarec"})
    known = load_authorities(own=own)
    assert path == own / "persons.tsv"
    assert known.persons["Jeanne Kermarec"].role == "ingénieure"
    assert list(candidates(engine, archive.read, known)) == []
    aside = tmp_path / "aside"
    reject(aside, "Jeanne Kermarec", "faute de frappe")
    assert list(candidates(engine, archive.read, load_authorities(own=aside))) == []


def test_accepting_names_the_mistake_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(AuthorityError, match="Atlantide"):
        accept(tmp_path, "Jeanne Kermarec", "person", {"country": "Atlantide", "surname": "Kermarec"})
    assert not (tmp_path / "persons.tsv").exists()
    accept(tmp_path, "Jeanne Kermarec", "person", {"country": "France", "surname": "Kermarec"})
    before = (tmp_path / "persons.tsv").read_bytes()
    with pytest.raises(AuthorityError, match="déjà"):
        accept(tmp_path, "Jeanne Kermarec", "person", {"country": "France", "surname": "Kermarec"})
    assert (tmp_path / "persons.tsv").read_bytes() == before
    with pytest.raises(BadParameter, match="person ou organisation"):
        accept(tmp_path, "Jeanne Kermarec", "ville", {})


def test_rebuilding_applies_what_was_decided(engine: Engine, archive: Family, tmp_path: Path) -> None:
    own = tmp_path / "own"
    accept(
        own,
        "Jeanne Kermarec-Le Goff",
        "person",
        {"country": "France", "aliases": "Jeanne Kermarec", "surname": "Kermarec"},
    )
    before = {each.id: each for each in dispatches(engine, archive)}
    remake = Reenrich(engine, archive, Builder(load_authorities(own=own)), tmp_path / "reenrich")
    lifecycle.rebuild(engine, archive, lambda what, done, total: None, remake)
    for each in dispatches(engine, archive):
        assert "Jeanne Kermarec-Le Goff" in each.actors
        assert "Jeanne Kermarec" not in each.actors
        same = {"actors", "mentions", "venues", "places", "topics"}
        assert replace(each, **{name: getattr(before[each.id], name) for name in same}) == before[each.id]
