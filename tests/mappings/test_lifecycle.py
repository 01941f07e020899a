"""Generations of an index: created once, rebuilt while being written, rolled back, pruned; readers never notice."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from engine.client import Engine
from engine.errors import EngineError, IndexNotReady
from mappings import lifecycle
from mappings.fields import mapping
from mappings.lifecycle import Family


def quiet(what: str, done: int, total: int) -> None:
    """A progress nobody looks at."""


def action(family: Family, id: str, **fields: Any) -> dict[str, Any]:
    return {"_op_type": "index", "_index": family.write, "_id": id, "_source": {"id": id, **fields}}


def put(engine: Engine, family: Family, *ids: str) -> None:
    assert all(outcome.done for outcome in engine.bulk(action(family, id) for id in ids))


def test_create_is_harmless_when_repeated(engine: Engine, family: Family) -> None:
    name, made = lifecycle.create(engine, family)
    assert not made
    assert engine.aliases(f"{family.read},{family.write}") == {family.read: [name], family.write: [name]}


def test_no_index_yet(engine: Engine, index_prefix: str) -> None:
    with pytest.raises(IndexNotReady, match="index create"):
        lifecycle.current(engine, Family(f"{index_prefix}-none"))


def test_a_family_does_not_see_its_neighbours(engine: Engine, family: Family) -> None:
    neighbour = Family(f"{family.prefix}-x")
    lifecycle.create(engine, neighbour)
    assert [generation.name for generation in lifecycle.generations(engine, family)] == [family.name(1)]


def test_rebuild_swaps_both_aliases_and_keeps_the_old_one_read_only(engine: Engine, family: Family) -> None:
    put(engine, family, "a", "b")
    name = lifecycle.rebuild(engine, family, quiet)
    assert name == family.name(2)
    assert engine.aliases(f"{family.read},{family.write}") == {family.read: [name], family.write: [name]}
    assert engine.count(family.read) == 2
    stale = [{"_op_type": "index", "_index": family.name(1), "_id": "late", "_source": {"id": "late"}}]
    (outcome,) = engine.bulk(stale, patience=0)
    assert outcome.blocked


def test_writes_during_a_rebuild_are_not_lost(engine: Engine, family: Family) -> None:
    put(engine, family, *(f"before-{n}" for n in range(2000)))
    stop = threading.Event()
    written: list[str] = []

    def keep_writing() -> None:
        number = 0
        while not stop.is_set():
            ids = [f"during-{number + n}" for n in range(20)]
            put(engine, family, *ids)
            # An update of something copied already must arrive too.
            assert all(o.done for o in engine.bulk([action(family, "before-0", title=f"n° {number}")]))
            written.extend(ids)
            number += 20

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        lifecycle.rebuild(engine, family, quiet)
        lifecycle.rebuild(engine, family, quiet)
    finally:
        stop.set()
        writer.join(60)
    engine.refresh(family.read)
    assert len(written) > 20
    assert engine.count(family.read) == 2000 + len(written)
    document = engine.get(family.read, "before-0")
    assert document is not None
    assert document["title"] == f"n° {len(written) - 20}"


def test_rollback_takes_along_what_came_since(engine: Engine, family: Family) -> None:
    put(engine, family, "a")
    lifecycle.rebuild(engine, family, quiet)
    put(engine, family, "b")
    assert lifecycle.rollback(engine, family, quiet) == family.name(1)
    assert engine.count(family.read) == 2
    put(engine, family, "c")


def test_rollback_with_nothing_before(engine: Engine, family: Family) -> None:
    with pytest.raises(EngineError, match="antérieure"):
        lifecycle.rollback(engine, family, quiet)


def test_prune_keeps_the_current_one_and_the_newest_spare(engine: Engine, family: Family) -> None:
    put(engine, family, "a")
    for _ in range(3):
        lifecycle.rebuild(engine, family, quiet)
    assert lifecycle.prune(engine, family, keep=1) == [family.name(1), family.name(2)]
    assert [generation.number for generation in lifecycle.generations(engine, family)] == [3, 4]
    assert engine.count(family.read) == 1


def test_a_rebuild_that_fails_leaves_the_archive_as_it_was(
    engine: Engine, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, family, "a")

    def fail(what: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lifecycle.rebuild(engine, family, fail)
    assert [generation.name for generation in lifecycle.generations(engine, family)] == [family.name(1)]
    put(engine, family, "b")


def test_a_block_left_by_a_killed_rebuild_is_lifted(
    engine: Engine, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = lifecycle.current(engine, family).name
    lifecycle._note(engine, name, blocked_at=0.0)
    engine.block_writes(name)
    lifecycle.create(engine, family)
    put(engine, family, "a")


def test_a_changed_mapping_changes_the_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = lifecycle.fingerprint()
    monkeypatch.setattr(lifecycle, "mapping", lambda: {"dynamic": "strict", "properties": {}})
    assert lifecycle.fingerprint() != before


def test_a_generation_of_an_earlier_version_takes_the_fields_of_this_one(
    engine: Engine, index_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anyone has rebuilt it, and when it is gone back to."""
    family, now = Family(f"{index_prefix}-earlier"), mapping()
    lacking = {name: kind for name, kind in now["properties"].items() if name != "status_seq"}
    with monkeypatch.context() as earlier:
        earlier.setattr(lifecycle, "mapping", lambda: now | {"properties": lacking})
        old, _ = lifecycle.create(engine, family)
    (refused,) = engine.bulk([action(family, "a", status_seq=1)])
    assert not refused.done
    assert lifecycle.create(engine, family) == (old, False)
    assert all(each.done for each in engine.bulk([action(family, "a", status_seq=1)]))
    assert not lifecycle.current(engine, family).matches, "and it is still to be rebuilt"
    assert lifecycle.rebuild(engine, family, quiet) == family.name(2)
    assert all(each.done for each in engine.bulk([action(family, "b", status_seq=2)]))
    assert lifecycle.rollback(engine, family, quiet) == old
    assert engine.count(family.read) == 2
