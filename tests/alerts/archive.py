"""A small archive to match against: dispatches put in as an agency's feed would bring them, and saved searches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from alerts import saved
from alerts.models import Hit
from alerts.saved import Wanted, WantedChannel
from alerts.start import Start
from engine.client import Engine
from engine.database import Database
from mappings.dispatch import Dispatch
from mappings.lifecycle import Family
from tests.alerts.rows import NOW
from tests.search import writing

PEACE = "Le ministre parle de la paix à Phnom Penh."
WAR = "La guerre pèse sur les chaînes industrielles."

BASE = Dispatch("", (), "", False, "", b"", "utf-8", published=datetime(2026, 11, 26, 9, tzinfo=UTC))


def dispatch(id: str, seq: int, *body: str, **fields: Any) -> Dispatch:
    """A dispatch that is a story of its own, unless told."""
    made = replace(BASE, id=id, story=id, ingest_seq=seq, title=body[0][:40] if body else id, body=body)
    return replace(made, **fields)


def put(engine: Engine, family: Family, *dispatches: Dispatch) -> None:
    """As if they had just been loaded: visible to a search."""
    writing.put(engine, family, dispatches)


def ask(
    database: Database,
    owner: int,
    params: Mapping[str, Sequence[str]] | str,
    *channels: WantedChannel,
    after_seq: int = 0,
    back_loads: bool = False,
) -> str:
    """The id of a saved search with these parameters, or with this query."""
    given = {"q": [params]} if isinstance(params, str) else {name: list(values) for name, values in params.items()}
    with database.writing() as session:
        wanted = Wanted(str(params)[:80], given, channels, back_loads=back_loads)
        return saved.create(session, owner, wanted, start=Start(after_seq), now=NOW).id


def told(database: Database) -> set[tuple[str, str, str]]:
    """Every hit: saved search, dispatch, kind."""
    with database.reading() as session:
        rows = session.execute(select(Hit.saved_search_id, Hit.dispatch, Hit.kind)).all()
    hits = [(row[0], row[1], row[2]) for row in rows]
    assert len(hits) == len(set(hits))
    return set(hits)
