"""Facets made by several processes are those made by one, in order, whatever becomes of the processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.corpus import Corpus
from engine.errors import NoTextInput
from indexer import enriching
from indexer.build import Builder
from indexer.enriching import PIECE, WINDOW, Enriching, Read
from indexer.raw import RawDispatch
from mappings.dispatch import Dispatch, Source


@pytest.fixture(scope="module")
def read(builder: Builder) -> list[Read]:
    """Dispatches as they are read, and one that is none."""
    items = [
        RawDispatch(raw=text.encode(), text=text, encoding="utf-8", source=Source(file=f"{number}.txt"))
        for number, text in enumerate(Corpus(seed=9).dispatches(300))
    ]
    found: list[Read] = [(item, builder.read(item)) for item in items]
    found.insert(70, (items[0], NoTextInput("Rien.")))
    return found


@pytest.fixture(scope="module")
def expected(builder: Builder, read: list[Read]) -> list[Read]:
    return [(item, each if isinstance(each, NoTextInput) else builder.facets.of(each)) for item, each in read]  # type: ignore[arg-type]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def several(builder: Builder, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Enriching]:
    monkeypatch.setattr(enriching, "FEWEST", 1)
    made = Enriching(builder.facets, 3, said.append)
    yield made
    made.close()


def pids(several: Enriching) -> list[int]:
    return [worker.process.pid for worker in several._workers if worker.process.pid]


def test_as_one_process_makes_them_and_in_order(several: Enriching, read: list[Read], expected: list[Read]) -> None:
    for _ in range(3):  # the first time while the others begin
        assert list(several.enriched(read)) == expected
    assert len(pids(several)) == 2


def test_those_that_die_are_told_of_and_what_they_had_is_made_by_the_others(
    several: Enriching, read: list[Read], expected: list[Read], said: list[str]
) -> None:
    found: list[Read] = []
    for each in several.enriched(read):
        if not found:
            for pid in pids(several):
                os.kill(pid, signal.SIGKILL)
        found.append(each)
    assert found == expected
    assert [message.partition(" : ")[0] for message in said] == [
        "Un processus de chargement s'est arrêté (signal 9, souvent faute de mémoire)"
    ] * 2


def test_ctrl_c_and_sigterm_are_for_the_loader_to_mind(
    several: Enriching, read: list[Read], expected: list[Read]
) -> None:
    assert list(several.enriched(read))
    for pid in pids(several):
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)
    assert list(several.enriched(read)) == expected


def test_what_goes_wrong_elsewhere_goes_wrong_here(several: Enriching, read: list[Read]) -> None:
    broken = [(item, replace(each, body=(None,)) if isinstance(each, Dispatch) else each) for item, each in read]  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        list(several.enriched(broken))


def test_no_more_is_read_than_is_on_its_way(several: Enriching, read: list[Read]) -> None:
    taken = 0

    def reading() -> Iterator[Read]:
        nonlocal taken
        for each in read * 3:
            taken += 1
            yield each

    for number, _ in enumerate(several.enriched(reading())):
        assert taken - number <= 3 * WINDOW + PIECE


def test_a_small_load_begins_no_process(builder: Builder, read: list[Read], expected: list[Read]) -> None:
    made = Enriching(builder.facets, 3, print)
    assert list(made.enriched(read[:100])) == expected[:100]
    assert pids(made) == []
