"""The FIELDS table against `Dispatch`, against `to_document`, and against the live index."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from engine.client import Engine
from engine.errors import EngineRefused
from mappings.dispatch import (
    Dispatch,
    Doubt,
    Mention,
    Quote,
    Repair,
    Source,
    from_document,
    pack_raw,
    path_levels,
    to_document,
    unpack_raw,
)
from mappings.fields import FACETS, FIELDS, mapping
from mappings.lifecycle import Family

FULL = Dispatch(
    id="abc",
    body=("Premier.", "Second?."),
    title="Titre",
    title_derived=True,
    lead="Premier.",
    raw="Premier.\r\nSecond. é".encode("cp1252"),
    raw_encoding="cp1252",
    source=Source("a.txt", "text", "00", "https://exemple.fr"),
    story="abc",
    version=2,
    status="corrected",
    agency="AFP",
    agency_id="urn:newsml:afp.com:20220808:x",
    slug="diplomatie-Asean",
    urgency=3,
    embargo=datetime(2022, 8, 8, 8, 0, tzinfo=UTC),
    subjects=("medtop:11000000",),
    author="Jeanne Dupont",
    credits=("AFP/X",),
    published=datetime(2022, 8, 8, 6, 52, tzinfo=UTC),
    updated=datetime(2022, 8, 8, 7, 0, tzinfo=UTC),
    date_precision="minute",
    date_basis="stated",
    ingested_at=datetime(2022, 8, 9, tzinfo=UTC),
    ingest_seq=7,
    actors=("ONU", "Wang Yi", "Chine"),
    venues=("Asie du Sud-Est > Cambodge > Phnom Penh",),
    topics=("politique > diplomatie",),
    places=("Cambodge", "Phnom Penh", "Asie"),
    mentions=(
        Mention("ONU", "organisation", 0, 0, 3, "ONU", "acronym"),
        Mention("Wang Yi", "person", 0, 0, 7, "Wang Yi", "label"),
        Mention("Chine", "state", 0, 0, 5, "Chine", "label"),
        Mention("Cambodge", "state", 0, 0, 8, "Cambodge", "label"),
        Mention("Phnom Penh", "city", 0, 0, 10, "Phnom Penh", "label"),
        Mention("Asie", "region", 0, 0, 4, "Asie", "label"),
    ),
    quotes=(Quote("ONU", 1, 0, 6, True), Quote("Wang Yi", 0, 0, 7, False), Quote("Chine", 0, 0, 3, False)),
    repairs=(Repair(1, 2, "?", "c", 0.9, "word"),),
    doubts=(Doubt(1, 0, 7, ("Seconde", "Seconds", "Secondé")), Doubt(-1, 0, 5, ("Titré", "Titra"))),
    date_text="le 08/08",
    received={"stated": {"version": 2}},
    cluster="abc",
    bands=("l1", "p2"),
    status_seq=9,
    settled=False,
    back_load=True,
)


def test_the_table_is_the_dispatch_and_what_is_derived_from_it() -> None:
    declared = {field.name for field in FIELDS if not field.derived}
    # raw_encoding lives inside `raw`.
    assert declared == {field.name for field in fields(Dispatch)} - {"raw_encoding"}


def test_a_full_document_fills_the_whole_table() -> None:
    assert set(to_document(FULL)) == {field.name for field in FIELDS}


def test_round_trip() -> None:
    assert from_document(to_document(FULL)) == FULL


def test_the_live_index_is_the_table(engine: Engine, family: Family) -> None:
    (entry,) = engine.indices(family.pattern).values()
    live = entry["mappings"]
    assert live["dynamic"] == "strict"
    assert set(live["properties"]) == {field.name for field in FIELDS}
    for field in FIELDS:
        wanted = field.mapping.get("type", "object")
        assert live["properties"][field.name].get("type", "object") == wanted


def test_facets_count_on_fields_that_exist() -> None:
    known = mapping()["properties"]
    for facet in FACETS.values():
        assert {facet.levels, *(facet.of_kind(kind) for kind in facet.told_apart)} <= set(known)
        assert (facet.inner in known) is facet.hierarchical
        root, _, sub = facet.folded.partition(".")
        assert sub in known[root].get("fields", {}) if sub else root in known


def test_an_undeclared_field_is_refused(engine: Engine, family: Family) -> None:
    action = {"_op_type": "index", "_index": family.write, "_id": "x", "_source": {"id": "x", "surprise": 1}}
    (outcome,) = engine.bulk([action])
    assert not outcome.done
    assert "strict" in (outcome.error or "")


def test_a_body_elasticsearch_refuses_is_our_error(engine: Engine, family: Family) -> None:
    with pytest.raises(EngineRefused):
        engine.search({"query": {"no_such_query": {}}}, index=family.read)


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("é\r\n".encode(), "utf-8"),
        ("\ufeffé".encode(), "utf-8"),
        ("é".encode("cp1252"), "cp1252"),
        (b"\xff\xfe\xe9\x00", "utf-16-le"),
        (b"\xe9\xff\x00", "utf-8"),
        (b"abc", "no-such-encoding"),
    ],
)
def test_raw_bytes_come_back_exactly(raw: bytes, encoding: str) -> None:
    assert unpack_raw(pack_raw(raw, encoding)) == raw


def test_readings_stand_where_the_damaged_word_stands() -> None:
    document = to_document(FULL)
    assert document["readings_1"] == ["        ", "Seconde."]
    assert document["readings_3"] == ["        ", "Secondé."]
    assert document["title_readings"] == ["Titré", "Titra"]


def test_the_rank_of_every_facet_is_its_own() -> None:
    assert len({facet.rank for facet in FACETS.values()}) == len(FACETS)


def test_actors_are_told_apart_by_what_their_mentions_say_most() -> None:
    mentions = [
        Mention("Wagner", kind, 0, 0, 6, "Wagner", "new") for kind in ("person", "organisation", "organisation")
    ]
    dispatch = replace(FULL, actors=("Wagner", "Personne n'en parle"), mentions=tuple(mentions))
    document = to_document(dispatch)
    assert document["actors_organisation"] == ["Wagner"]
    assert "actors_person" not in document
    assert document["actors"] == ["Wagner", "Personne n'en parle"]


def test_levels_to_open_are_those_with_another_below() -> None:
    document = to_document(replace(FULL, venues=("Asie > Cambodge > Phnom Penh", "Asie", "Europe")))
    assert document["venue_inner"] == ["Asie", "Asie > Cambodge"]


def test_levels_of_a_path() -> None:
    assert path_levels("A > B > C") == ["A", "A > B", "A > B > C"]
