"""Small dispatches to search, written straight into an index: as many as a test wants, of any length."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from authorities.model import Authorities
from engine.client import Engine
from mappings import lifecycle
from mappings.dispatch import Dispatch, to_document
from mappings.lifecycle import Family
from search.service import Archive

FIRST = datetime(2022, 8, 8, 6, 52, tzinfo=UTC)


def small(number: int, *, text: str = "Un texte.", status: str = "current") -> Dispatch:
    """The `number`-th dispatch, a minute after the one before."""
    dispatch = Dispatch(
        id=f"d{number:06}",
        body=(text,),
        title=f"Titre {number}",
        title_derived=False,
        lead="Un texte.",
        raw=b"",
        raw_encoding="utf-8",
        agency="AFP",
        published=FIRST + timedelta(minutes=number),
        date_precision="minute",
        ingested_at=FIRST + timedelta(days=1, seconds=number),
    )
    return replace(dispatch, status=status)  # type: ignore[arg-type]


def put(engine: Engine, family: Family, dispatches: Iterable[Dispatch], *, refresh: bool = True) -> None:
    """Index them, over those of the same id."""
    actions = (
        {"_op_type": "index", "_index": family.write, "_id": each.id, "_source": to_document(each)}
        for each in dispatches
    )
    assert all(outcome.done for outcome in engine.bulk(actions, chunk_size=2000))
    if refresh:
        engine.refresh(family.write)


@contextmanager
def archive_of(
    engine: Engine, index_prefix: str, authorities: Authorities, dispatches: Sequence[Dispatch]
) -> Iterator[Archive]:
    """An archive of these dispatches, for the length of the block."""
    assert len({each.id for each in dispatches}) == len(dispatches)
    family = Family(f"{index_prefix}-{uuid.uuid4().hex[:6]}")
    lifecycle.create(engine, family)
    put(engine, family, dispatches)
    yield Archive(engine, family.read, authorities, "Europe/Paris")
    for name in engine.indices(family.pattern):
        engine.delete_index(name)


def points_in_time(engine: Engine, family: Family) -> int:
    """How many are open on the archive's index."""
    with urllib.request.urlopen(f"{engine.address.url}/{family.read}/_stats/search") as answer:
        return int(json.load(answer)["_all"]["total"]["search"]["open_contexts"])
