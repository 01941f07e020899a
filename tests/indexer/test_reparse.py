"""The archive read anew from what was received: the same archive when nothing changed, a better one when code did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from authorities.model import Authorities
from cli import SAMPLES, SAMPLES_RECEIVED
from engine.client import Engine
from engine.errors import InputRejected
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.load import Loader
from indexer.parse import parse
from indexer.raw import RawDispatch
from indexer.reparse import Reparse
from mappings import lifecycle
from mappings.dispatch import Dispatch, Source
from mappings.lifecycle import Family
from tests.indexer.test_ingest import dispatches

TEXT = "PARIS, 8 août 2022 (AFP) - Le ministre a visité l'usine de Roubaix et salué l'effort des équipes."


def quiet(what: str, done: int, total: int) -> None:
    """A progress nobody looks at."""


@pytest.fixture
def rebuilt(engine: Engine, family: Family, builder: Builder, tmp_path: Path) -> Callable[..., dict[str, Dispatch]]:
    """Rebuilds the archive by reading it anew; what is in it then, by id."""

    def rebuild(**options: Any) -> dict[str, Dispatch]:
        lifecycle.rebuild(engine, family, quiet, Reparse(engine, family, builder, tmp_path / "reparse", **options))
        return {each.id: each for each in dispatches(engine, family)}

    return rebuild


def test_reading_all_the_samples_anew_changes_nothing(
    engine: Engine,
    family: Family,
    authorities: Authorities,
    tmp_path: Path,
    rebuilt: Callable[..., dict[str, Dispatch]],
) -> None:
    """Ids, times of entry, dates found by reference or by neighbours, stories: all in every format."""
    received = Builder(authorities, reference=SAMPLES_RECEIVED)
    tally = Loader(engine, family, received, DeadLetters(tmp_path / "dead.jsonl")).load_paths([SAMPLES])
    before = {each.id: each for each in dispatches(engine, family)}
    refused: list[tuple[str | None, str]] = []
    after = rebuilt(kept=lambda dispatch, error: refused.append((dispatch.source.file, error.detail)))
    assert refused == []
    assert len(before) == tally.loaded
    assert after == before


def test_a_table_whose_columns_were_named_is_read_anew_by_the_same_names(
    loader: Loader,
    engine: Engine,
    family: Family,
    tmp_path: Path,
    rebuilt: Callable[..., dict[str, Dispatch]],
) -> None:
    (tmp_path / "export.csv").write_text("Accroche;Corps de l'article\nUn titre;Le ministre a visité l'usine.\n")
    columns = {"Accroche": "title", "Corps de l'article": "text"}
    assert loader.load_paths([tmp_path / "export.csv"], columns=columns).loaded == 1
    (before,) = dispatches(engine, family)
    refused: list[str] = []
    assert rebuilt(kept=lambda dispatch, error: refused.append(error.detail)) == {before.id: before}
    assert refused == []


def test_what_code_now_does_better_is_done(
    loader: Loader,
    engine: Engine,
    family: Family,
    monkeypatch: pytest.MonkeyPatch,
    rebuilt: Callable[..., dict[str, Dispatch]],
) -> None:
    loader.load_items([RawDispatch(TEXT.encode(), TEXT, "utf-8", Source("a.txt"))])
    (before,) = dispatches(engine, family)
    monkeypatch.setattr("indexer.build.parse", lambda text: replace(parse(text), author="Jeanne Martin"))
    (after,) = rebuilt().values()
    assert (before.author, after.author) == (None, "Jeanne Martin")
    assert replace(after, author=None) == before


def test_a_text_that_can_no_longer_be_read_stays_and_is_named(
    loader: Loader,
    engine: Engine,
    family: Family,
    monkeypatch: pytest.MonkeyPatch,
    rebuilt: Callable[..., dict[str, Dispatch]],
) -> None:
    loader.load_items([RawDispatch(TEXT.encode(), TEXT, "utf-8", Source("a.txt"))])
    (before,) = dispatches(engine, family)

    def refuse(self: Builder, item: RawDispatch, around: object) -> Dispatch:
        raise InputRejected("Illisible.")

    monkeypatch.setattr(Builder, "build_under", refuse)
    named: list[str] = []
    assert list(rebuilt(kept=lambda dispatch, error: named.append(dispatch.id)).values()) == [before]
    assert named == [before.id]


def test_what_is_loaded_while_the_archive_is_read_anew_is_not_lost(
    engine: Engine, family: Family, builder: Builder, loader: Loader, tmp_path: Path
) -> None:
    """One more dispatch is loaded each time the rebuild tells of its progress, an update of the first among them."""
    loader.load_items([raw(f"{TEXT} Étape {n}.") for n in range(3)])
    loaded = 3

    def load_more(what: str, done: int, total: int) -> None:
        nonlocal loaded
        if what == "Recopie":
            loader.load_items([raw(f"{TEXT} Étape {loaded}.")])
            loaded += 1

    lifecycle.rebuild(engine, family, load_more, Reparse(engine, family, builder, tmp_path / "reparse"))
    found = list(dispatches(engine, family))
    assert loaded > 3
    assert len(found) == loaded
    assert len({each.story for each in found}) == 1
    assert sorted(each.version for each in found) == list(range(1, loaded + 1))


def raw(text: str) -> RawDispatch:
    return RawDispatch(text.encode(), text, "utf-8", Source("a.txt"))
