"""Answers that need not be given again: the same tag while nothing changed, another as soon as an answer could be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

import search.service
from app import create_app
from authorities.model import Authorities
from engine.client import Engine
from engine.config import Settings
from mappings import lifecycle
from mappings.lifecycle import Family
from search.edition import edition
from search.visible import RECENT, Visible
from tests.search.writing import put, small

SEARCH = "/api/v1/dispatches?q=texte"
ADDRESSES = (
    SEARCH,
    "/api/v1/dispatches?group=story",
    "/api/v1/facets/agency?prefix=a",
    "/api/v1/export.atom?q=texte",
    "/api/v1/export.rss?q=texte",
)
WHOLE = pytest.mark.parametrize("address", [f"/api/v1/dispatches/d000001{end}" for end in ("", "/versions", "/raw")])


@pytest.fixture(scope="module")
def still(settings: Settings, engine: Engine, index_prefix: str) -> Iterator[FlaskClient]:
    """An archive of three dispatches that nothing happens to."""
    family = Family(f"{index_prefix}-still")
    lifecycle.create(engine, family)
    put(engine, family, map(small, range(3)))
    yield create_app(replace(settings, index_prefix=family.prefix), engine).test_client()
    for name in engine.indices(family.pattern):
        engine.delete_index(name)


@pytest.fixture
def filled(engine: Engine, family: Family) -> Family:
    """Three dispatches; nothing is refreshed but by the test."""
    (index,) = engine.aliases(family.read)[family.read]
    engine.put_settings(index, {"index.refresh_interval": "-1"})
    put(engine, family, map(small, range(3)))
    return family


@pytest.fixture
def archive(settings: Settings, engine: Engine, filled: Family) -> FlaskClient:
    return create_app(replace(settings, index_prefix=filled.prefix), engine).test_client()


def ask(client: FlaskClient, address: str, *tags: str) -> Any:
    return client.get(address, headers={"If-None-Match": ", ".join(tags)} if tags else {})


def settled(client: FlaskClient, address: str) -> str:
    """The tag of an answer made of the archive as it is."""
    return str(ask(client, address, '"none"').headers["ETag"])


# -- nothing changed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_changed(still: FlaskClient, address: str) -> None:
    first = still.get(address)
    assert first.headers["ETag"].startswith('W/"')
    again = ask(still, address, first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    for answer in (first, again):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in answer.headers["Vary"]


@WHOLE
def test_nothing_changed_in_a_dispatch(still: FlaskClient, address: str) -> None:
    first = still.get(address)
    assert first.status_code == 200
    again = ask(still, address, first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("{tag}", 304),
        ("{strong}", 304),  # compared weakly
        ('"a", {tag}', 304),
        ('W/"a", "b"', 200),
        ("*", 304),
        ("", 200),
        ("ceci n'est pas une étiquette".encode().decode("latin-1"), 200),
    ],
)
@pytest.mark.parametrize("address", [SEARCH, "/api/v1/dispatches/d000001"])
def test_what_a_reader_says_it_has(still: FlaskClient, address: str, given: str, status: int) -> None:
    tag = settled(still, address)
    answer = ask(still, address, given.format(tag=tag, strong=tag.removeprefix("W/")))
    assert answer.status_code == status


@pytest.mark.parametrize(("address", "status"), [("/api/v1/dispatches?q=(", 400), ("/api/v1/dispatches/rien", 404)])
def test_what_is_wrong_is_wrong_whatever_the_reader_has(still: FlaskClient, address: str, status: int) -> None:
    answer = ask(still, address, "*")
    assert answer.status_code == status
    assert "ETag" not in answer.headers


def test_a_page_further_on_has_no_tag(still: FlaskClient) -> None:
    first = still.get("/api/v1/dispatches?size=1").get_json()
    answer = ask(still, f"/api/v1/dispatches?size=1&cursor={first['page']['next']}", "*")
    assert answer.status_code == 200
    assert "ETag" not in answer.headers


# -- something did ---------------------------------------------------------------------------------------------------


def insert(engine: Engine, family: Family) -> None:
    put(engine, family, [small(7)], refresh=False)


def change(engine: Engine, family: Family) -> None:
    put(engine, family, [small(1, text="Un autre texte.")], refresh=False)


def withdraw(engine: Engine, family: Family) -> None:
    put(engine, family, [small(1, status="withdrawn")], refresh=False)


def delete(engine: Engine, family: Family) -> None:
    assert all(out.done for out in engine.bulk([{"_op_type": "delete", "_index": family.write, "_id": "d000001"}]))


def swap(engine: Engine, family: Family) -> None:
    """As many come as go."""
    delete(engine, family)
    insert(engine, family)


@pytest.mark.parametrize("write", [insert, change, withdraw, delete, swap])
def test_a_change_is_another_tag_once_it_is_refreshed(
    archive: FlaskClient, engine: Engine, filled: Family, write: Any
) -> None:
    before = {address: settled(archive, address) for address in ADDRESSES}
    write(engine, filled)
    # Written and not yet visible: the answer would be the same.
    assert [ask(archive, address, tag).status_code for address, tag in before.items()] == [304] * len(ADDRESSES)
    engine.refresh(filled.write)
    after = {address: ask(archive, address, tag) for address, tag in before.items()}
    assert [answer.status_code for answer in after.values()] == [200] * len(ADDRESSES)
    again = [ask(archive, address, answer.headers["ETag"]).status_code for address, answer in after.items()]
    assert again == [304] * len(ADDRESSES)


def test_a_refresh_of_nothing_changes_no_tag(archive: FlaskClient, engine: Engine, filled: Family) -> None:
    before = settled(archive, SEARCH)
    engine.refresh(filled.write)
    assert ask(archive, SEARCH, before).status_code == 304


def test_an_answer_newer_than_its_tag_is_asked_for_once_more(
    archive: FlaskClient, engine: Engine, filled: Family
) -> None:
    """The state is read, then a refresh comes, then the search: its tag must not outlive what it is older than."""
    settled(archive, SEARCH)  # the state that serves the next answers, for `RECENT` seconds
    put(engine, filled, [small(7)])
    newer = archive.get(SEARCH)
    assert newer.get_json()["total"]["value"] == 4
    put(engine, filled, [small(8)])
    assert ask(archive, SEARCH, newer.headers["ETag"]).status_code == 200


def test_a_dispatch_that_changed(archive: FlaskClient, engine: Engine, filled: Family) -> None:
    before = archive.get("/api/v1/dispatches/d000001").headers["ETag"]
    insert(engine, filled)
    assert ask(archive, "/api/v1/dispatches/d000001", before).status_code == 304
    change(engine, filled)
    assert ask(archive, "/api/v1/dispatches/d000001", before).status_code == 200


def test_another_generation_of_the_index_is_another_tag(archive: FlaskClient, engine: Engine, filled: Family) -> None:
    before = settled(archive, SEARCH)
    lifecycle.rebuild(engine, filled, lambda what, done, total: None)
    assert ask(archive, SEARCH, before).status_code == 200


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/api/v1/dispatches?q=texte", "/api/v1/dispatches?q=textes"),
        ("/api/v1/dispatches?q=texte", "/api/v1/dispatches?q=texte&size=5"),
        ("/api/v1/dispatches?q=texte", "/api/v1/dispatches?q=texte&facets=none"),
        ("/api/v1/dispatches?actor=ONU", "/api/v1/dispatches?actor.not=ONU"),
        ("/api/v1/dispatches", "/api/v1/export.atom"),
        ("/api/v1/facets/agency?prefix=a", "/api/v1/facets/agency?prefix=af"),
        ("/api/v1/facets/agency", "/api/v1/facets/actor"),
        ("/api/v1/export.atom", "/api/v1/export.rss"),
    ],
)
def test_another_request_is_another_tag(still: FlaskClient, one: str, other: str) -> None:
    assert settled(still, one) != settled(still, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/api/v1/dispatches?size=20&q=texte", "/api/v1/dispatches?q=texte"),
        ("/api/v1/dispatches?actor=Nations+unies", "/api/v1/dispatches?actor=ONU"),
        ("/api/v1/dispatches?from=2022-08-01&agency=AFP", "/api/v1/dispatches?agency=AFP&from=2022-08-01"),
    ],
)
def test_the_same_request_otherwise_written_is_the_same_tag(still: FlaskClient, one: str, other: str) -> None:
    assert settled(still, one) == settled(still, other)


class Tomorrow(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz or UTC) + timedelta(days=1)


@pytest.mark.parametrize(("q", "status"), [("date:7j", 200), ("date:hier", 200), ("date:2022-08", 304)])
def test_days_told_from_today_are_others_tomorrow(
    still: FlaskClient, monkeypatch: pytest.MonkeyPatch, q: str, status: int
) -> None:
    address = f"/api/v1/dispatches?q={q}"
    today = settled(still, address)
    assert ask(still, address, today).status_code == 304
    monkeypatch.setattr(search.service, "datetime", Tomorrow)
    assert ask(still, address, today).status_code == status


# -- what tells one program, and one state, from another -------------------------------------------------------------


def test_other_authorities_are_another_edition(authorities: Authorities) -> None:
    assert edition(authorities) == edition(authorities)
    assert edition(authorities) != edition(replace(authorities, rejected=frozenset({"untel"})))
    renamed = {label: replace(person, aliases=()) for label, person in authorities.persons.items()}
    assert edition(authorities) != edition(replace(authorities, persons=renamed))


def test_a_state_serves_for_a_moment_and_is_read_anew_when_it_must_be(
    engine: Engine, filled: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 0

    def ask(body: Any) -> Any:
        nonlocal count
        count += 1
        return engine.search(body, index=filled.read)

    visible = Visible(ask)
    assert visible.lately() == visible.lately() == visible.now()
    assert count == 2
    monkeypatch.setattr("search.visible.time.monotonic", lambda: 10.0**9 + RECENT)
    visible.lately()
    assert count == 3
