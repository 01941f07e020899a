"""Stories in the index: whatever the order, the batches and the interruptions, the same archive."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from authorities.model import Authorities
from cli import SAMPLES, SAMPLES_RECEIVED
from engine.client import BulkOutcome, Engine
from engine.errors import EngineUnavailable
from indexer import ingest as ingest_module
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.ingest import Fate, Ingest
from indexer.load import Loader
from indexer.placing import candidate_of
from indexer.raw import RawDispatch, Stated
from indexer.readers import read_file
from indexer.stories import arrange
from mappings import lifecycle
from mappings.dispatch import Dispatch, Source, from_document
from mappings.lifecycle import Family

FIRST = (
    "PARIS, 8 août 2022 (AFP) - Le ministre a visité l'usine de Roubaix et salué l'effort des équipes de nuit, "
    "qui ont remis en marche trois lignes arrêtées depuis le printemps.\n\n"
    "La direction annonce soixante embauches avant la fin de l'année, dont vingt apprentis."
)
SECOND = FIRST + "\n\nLes syndicats demandent des garanties écrites et une prime de reprise."
OTHER = "PARIS, 8 août 2022 (AFP) - Une autruche échappée de son élevage a parcouru dix-sept kilomètres dans la plaine."


def raw(text: str, **stated: Any) -> RawDispatch:
    return RawDispatch(text.encode(), text, "utf-8", Source(), stated=Stated(**stated))


def places(engine: Engine, family: Family) -> dict[str, tuple[str, int, str, str, bool]]:
    """Of every dispatch, all that must not depend on the order."""
    return {
        each.id: (each.story, each.version, each.status, each.cluster, each.settled)
        for each in dispatches(engine, family)
    }


def dispatches(engine: Engine, family: Family) -> Iterator[Dispatch]:
    engine.refresh(family.read)
    for hit in engine.scan({"match_all": {}}, index=family.read):
        yield from_document(hit["_source"])


def timeless(dispatch: Dispatch) -> Dispatch:
    return replace(dispatch, ingested_at=None, ingest_seq=0, status_seq=0)


def expected(found: Iterable[Dispatch]) -> dict[str, tuple[str, int, str, str, bool]]:
    placements = arrange(candidate_of(each) for each in found)
    return {each.id: (each.story, each.version, each.status, each.cluster, True) for each in placements}


@pytest.fixture
def entering(engine: Engine, family: Family, tmp_path: Path) -> Ingest:
    return Ingest(engine, family, tmp_path / "lock", patience=5)


def test_an_update_supersedes_in_whatever_order_they_come(
    entering: Ingest, engine: Engine, family: Family, builder: Builder
) -> None:
    first, second, other = (builder.build(raw(text)) for text in (FIRST, SECOND, OTHER))
    for each in (second, other, first):
        assert entering.enter([each]) == {each.id: Fate("loaded")}
    found = places(engine, family)
    cluster = min(first.id, second.id)
    assert found[first.id] == (first.id, 1, "superseded", cluster, True)
    assert found[second.id] == (first.id, 2, "current", cluster, True)
    assert found[other.id] == (other.id, 1, "current", other.id, True)
    assert entering.enter([first, second]) == {first.id: Fate("unchanged"), second.id: Fate("unchanged")}


def test_a_dispatch_says_which_arrival_changed_its_status(
    entering: Ingest, engine: Engine, family: Family, builder: Builder
) -> None:
    first, second, other = (builder.build(raw(text)) for text in (FIRST, SECOND, OTHER))
    third = builder.build(raw(SECOND + "\n\nLa préfecture attend un accord dans la semaine.", agency="Belga"))
    for each in (first, other, second, third):
        entering.enter([each])
    found = {each.id: each for each in dispatches(engine, family)}
    assert {id: each.status_seq for id, each in found.items() if each.status_seq} == {
        first.id: found[second.id].ingest_seq
    }


@pytest.mark.parametrize("usage", ["canceled", "withheld"])
def test_what_an_agency_cancels_or_withholds_is_withdrawn(
    entering: Ingest, engine: Engine, family: Family, builder: Builder, usage: Any
) -> None:
    kept = builder.build(raw(FIRST, id="afp-1", version=1))
    dead = builder.build(raw(SECOND, id="afp-1", version=2, usage=usage))
    entering.enter([kept])
    entering.enter([dead])
    assert {id: place[2] for id, place in places(engine, family).items()} == {
        kept.id: "withdrawn",
        dead.id: "withdrawn",
    }


def test_the_versions_of_one_id_are_a_chain_however_far_apart(
    entering: Ingest, engine: Engine, family: Family, builder: Builder
) -> None:
    late = builder.build(raw(OTHER.replace("8 août", "8 mars"), id="x", version=7, agency="AFP"))
    early = builder.build(raw(FIRST, id="x", version=2, agency="AFP"))
    entering.enter([late])
    entering.enter([early])
    found = places(engine, family)
    assert found[early.id][:3] == (early.id, 2, "superseded")
    assert found[late.id][:3] == (early.id, 7, "current")


@pytest.fixture(scope="module")
def samples_built(authorities: Authorities) -> list[Dispatch]:
    """All of `samples/`, built; each once."""
    builder = Builder(authorities, reference=SAMPLES_RECEIVED)
    found = [
        builder.build(item)
        for path in sorted(SAMPLES.rglob("*"))
        if path.is_file() and path.name != "README.md"
        for item in read_file(path, path.name)
        if isinstance(item, RawDispatch)
    ]
    return list({each.id: each for each in found}.values())


@pytest.mark.parametrize("seed", range(6))
def test_any_shuffle_in_any_batches_ends_in_the_same_archive(
    entering: Ingest, engine: Engine, family: Family, samples_built: list[Dispatch], seed: int
) -> None:
    chance = random.Random(seed)
    shuffled = chance.sample(samples_built, len(samples_built))
    while shuffled:
        size = chance.choice((1, 3, 20, 100))
        entering.enter(shuffled[:size])
        shuffled = shuffled[size:]
    assert places(engine, family) == expected(samples_built)


def test_any_shuffle_of_the_same_files_ends_in_the_same_archive(
    engine: Engine, authorities: Authorities, index_prefix: str, tmp_path: Path
) -> None:
    """The whole documents, but for when they came in; some files twice under other names, with other neighbours."""
    files = [path for path in sorted(SAMPLES.rglob("*")) if path.is_file() and path.name != "README.md"]
    double = tmp_path / "reprises.txt"
    undated = "PARIS, 8 août (AFP) - Le ministre a visité l'usine de Roubaix et salué ses équipes."
    double.write_text(f"PARIS, 9 août 2019 (AFP) - Une dépêche datée.\n--------\n{undated}\n")
    alone = tmp_path / "seule.txt"
    alone.write_text(undated)
    files += [double, alone]
    archives: list[dict[str, Dispatch]] = []
    for order in (files, *(random.Random(seed).sample(files, len(files)) for seed in range(3))):
        family = Family(f"{index_prefix}-shuffle-{len(archives)}")
        lifecycle.create(engine, family)
        builder = Builder(authorities, reference=SAMPLES_RECEIVED)
        loader = Loader(engine, family, builder, DeadLetters(tmp_path / f"{len(archives)}.jsonl"))
        for start in range(0, len(order), 7):
            loader.load_paths(order[start : start + 7])
        archives.append({each.id: timeless(each) for each in dispatches(engine, family)})
        engine.delete_index(lifecycle.current(engine, family).name)
    for shuffled in archives[1:]:
        assert shuffled == archives[0]


class Killed(Exception):
    """Stands for the kill of a writer between two calls to the engine."""


@pytest.mark.parametrize("survived", range(5))
def test_a_writer_killed_between_two_writes_leaves_nothing_the_next_does_not_finish(
    engine: Engine,
    family: Family,
    builder: Builder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    survived: int,
) -> None:
    """`survived`: how many bulk requests go through before the kill."""
    first, second, third = (
        builder.build(raw(text)) for text in (FIRST, SECOND, SECOND + "\n\nUne réunion est prévue jeudi.")
    )
    Ingest(engine, family, tmp_path / "lock").enter([third])
    sent = 0
    through = engine.bulk

    def killed(actions: Iterable[Any], **options: Any) -> Iterator[BulkOutcome]:
        nonlocal sent
        if sent == survived:
            raise Killed
        sent += 1
        return through(actions, **options)

    monkeypatch.setattr(engine, "bulk", killed)
    try:
        Ingest(engine, family, tmp_path / "lock").enter([second, first])
        assert survived >= 3
    except Killed:
        assert survived < 3
    monkeypatch.undo()
    Ingest(engine, family, tmp_path / "lock").enter([first, second])
    assert places(engine, family) == expected([first, second, third])


def test_a_dispatch_the_engine_refuses_changes_no_other(
    entering: Ingest, engine: Engine, family: Family, builder: Builder
) -> None:
    first, second = builder.build(raw(FIRST)), builder.build(raw(SECOND))
    entering.enter([first])
    broken = replace(second, urgency=10**9)  # no byte
    fates = entering.enter([broken])
    assert fates[second.id].kind == "refused"
    assert "urgency" in fates[second.id].error
    assert places(engine, family) == expected([first])
    assert entering.enter([second]) == {second.id: Fate("loaded")}


def test_an_archive_that_knew_no_stories_learns_them(
    engine: Engine, family: Family, builder: Builder, tmp_path: Path
) -> None:
    found = [builder.build(raw(text)) for text in (FIRST, SECOND, OTHER)]
    old = [
        {
            "_op_type": "index",
            "_index": family.write,
            "_id": each.id,
            "_source": {"id": each.id, "title": each.title, "lead": each.lead, "body": list(each.body), "agency": "AFP"}
            | {"published": "2022-08-07T22:00:00.000Z", "date_precision": "day"},
        }
        for each in found
    ]
    assert all(outcome.done for outcome in engine.bulk(old))
    assert Ingest(engine, family, tmp_path / "lock").recover() == 3
    assert places(engine, family) == expected(found)


def test_writers_of_one_machine_take_turns(
    engine: Engine, family: Family, samples_built: Sequence[Dispatch], tmp_path: Path
) -> None:
    shuffled = [random.Random(seed).sample(list(samples_built), len(samples_built)) for seed in range(3)]
    fates: list[Fate] = []

    def write(mine: list[Dispatch]) -> None:
        own = Ingest(engine, family, tmp_path / "lock")
        for start in range(0, len(mine), 10):
            fates.extend(own.enter(mine[start : start + 10]).values())

    writers = [threading.Thread(target=write, args=(mine,)) for mine in shuffled]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert sum(fate.kind == "loaded" for fate in fates) == len(samples_built)
    assert len(fates) == 3 * len(samples_built)
    assert places(engine, family) == expected(samples_built)


def test_neighbours_are_read_to_the_end(
    engine: Engine, family: Family, builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups of three, clusters fetched one by one, the most alike asked for each: the same archive."""
    monkeypatch.setattr("indexer.placing.GROUP", 3)
    monkeypatch.setattr("indexer.placing.FETCHED", 1)
    monkeypatch.setattr("indexer.placing.MOST_CLUSTERS", 0)
    monkeypatch.setattr(ingest_module, "RECOVERED", 2)
    found = [builder.build(raw(f"{FIRST}\n\nÉtape numéro {n}.", agency="AFP" if n % 2 else "Belga")) for n in range(9)]
    entering = Ingest(engine, family, tmp_path / "lock")
    for start in (6, 3, 0):
        entering.enter(found[start : start + 3])
    assert places(engine, family) == expected(found)


def test_a_form_sent_by_the_thousand_makes_stories_of_bounded_size(
    engine: Engine, family: Family, builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.placing.LARGEST_CLUSTER", 10)
    found = [builder.build(raw(f"{FIRST}\n\nÉtape numéro {n}.")) for n in range(60)]
    entering = Ingest(engine, family, tmp_path / "lock")
    for start in range(0, 60, 6):
        entering.enter(found[start : start + 6])
    clusters = Counter(place[3] for place in places(engine, family).values())
    assert sum(clusters.values()) == 60
    assert max(clusters.values()) < 10 + 6
    assert len(clusters) >= 4


def test_an_engine_that_stays_away_is_said_so(engine: Engine, family: Family, builder: Builder, tmp_path: Path) -> None:
    away = Engine(replace(engine.address, url="http://127.0.0.1:9"), timeout=1)
    heard: list[str] = []
    entering = Ingest(away, family, tmp_path / "lock", patience=0.1, waiting=lambda error: heard.append(error.code))
    with pytest.raises(EngineUnavailable):
        entering.enter([builder.build(raw(FIRST))])
    assert heard
