"""The feed of a saved search: valid Atom behind a secret address, one entry an announcement, 304 while nothing is new."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import feedparser  # type: ignore[import-untyped]
import pytest
from flask.testing import FlaskClient
from lxml import etree

from alerts import hits
from alerts.hits import Found
from alerts.models import Kind
from app import create_app
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from indexer.load import Tally
from search.feeds import ATOM
from tests.alerts.rows import NOW, PARIS

URL = "/api/v1/saved-searches"
SAVED = {"name": "Lavrov & <Wang>", "params": {"q": "lavrov"}}


@pytest.fixture
def here(settings: Settings, engine: Engine, samples: Tally, database: Database) -> FlaskClient:
    return create_app(settings, engine, database).test_client()


def save(client: FlaskClient) -> tuple[str, str]:
    """The id of a saved search, and the address of its feed."""
    body = client.post(URL, json=SAVED).get_json()
    return body["id"], body["links"]["feed"]


def found(client: FlaskClient, size: int) -> list[str]:
    answer = client.get("/api/v1/dispatches", query_string={"q": "lavrov", "size": size}).get_json()
    ids = [each["id"] for each in answer["results"]]
    assert len(ids) == size
    return ids


def announce(database: Database, saved: str, *dispatches: str, kind: Kind = "new", minutes: int = 0) -> None:
    with database.writing() as session:
        moment = NOW + timedelta(minutes=minutes)
        hits.record(session, [Found(saved, each, 1, kind) for each in dispatches], moment, PARIS)


def test_the_newest_announced_first_each_with_its_page(here: FlaskClient, database: Database) -> None:
    saved, address = save(here)
    first, second = found(here, 2)
    announce(database, saved, first)
    announce(database, saved, second, minutes=5)
    answer = here.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    feed = feedparser.parse(answer.data)
    assert not feed.bozo
    assert feed.feed.title == "Alerte : Lavrov & <Wang>"
    assert [urlsplit(entry.link).path for entry in feed.entries] == [f"/depeches/{second}", f"/depeches/{first}"]
    assert feed.entries[0].updated == "2026-11-26T09:35:00Z"
    assert feed.feed.updated == feed.entries[0].updated
    assert all(entry.summary and entry.title for entry in feed.entries)


def test_corrections_and_withdrawals_are_entries_of_their_own(here: FlaskClient, database: Database) -> None:
    saved, address = save(here)
    dispatch, corrected = found(here, 2)
    announce(database, saved, dispatch)
    announce(database, saved, corrected, kind="correction", minutes=1)
    announce(database, saved, dispatch, kind="withdrawal", minutes=2)
    entries = feedparser.parse(here.get(address).data).entries
    assert [entry.title.partition(" : ")[0] for entry in entries[:2]] == ["Annulation", "Correction"]
    assert len({entry.id for entry in entries}) == 3


def test_a_dispatch_that_is_gone_is_told_all_the_same(here: FlaskClient, database: Database) -> None:
    saved, address = save(here)
    announce(database, saved, "gone")
    (entry,) = feedparser.parse(here.get(address).data).entries
    assert (entry.title, entry.summary) == ("dépêche gone", "Cette dépêche n’est plus dans l’archive.")


def test_it_holds_what_atom_asks_for(here: FlaskClient, database: Database) -> None:
    """RFC 4287, 4.1.1 and 4.1.2: what a feed and an entry must have, once."""
    saved, address = save(here)
    announce(database, saved, *found(here, 3))
    root = etree.fromstring(here.get(address).data)
    nodes = [root, *root.findall(f"{{{ATOM}}}entry")]
    assert len(nodes) == 4
    for node in nodes:
        assert {name: len(node.findall(f"{{{ATOM}}}{name}")) for name in ("id", "title", "updated", "author")} == {
            "id": 1, "title": 1, "updated": 1, "author": 1,
        }  # fmt: skip
    own = root.find(f"{{{ATOM}}}link[@rel='self']")
    assert own is not None and own.get("href", "").endswith(address)


def test_nothing_new_is_not_sent_again(here: FlaskClient, database: Database) -> None:
    saved, address = save(here)
    first, second = found(here, 2)
    announce(database, saved, first)
    etag = here.get(address).headers["ETag"]
    again = here.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    announce(database, saved, second)
    assert here.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_an_empty_feed_is_valid_and_stays_the_same(here: FlaskClient) -> None:
    _, address = save(here)
    answer = here.get(address)
    assert not feedparser.parse(answer.data).bozo
    assert here.get(address).headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize("token", ["", "x", "é", "\x00", "A" * 43])
def test_another_secret_opens_nothing(here: FlaskClient, token: str) -> None:
    saved, _ = save(here)
    for id in (saved, "unknown"):
        answer = here.get(f"{URL}/{id}/feed.atom", query_string={"token": token})
        assert (answer.status_code, answer.get_json()["code"]) == (404, "recherche-introuvable")
    other, _ = save(here)
    mine = here.get(f"{URL}/{saved}").get_json()["links"]["feed"]
    assert here.get(mine.replace(saved, other)).status_code == 404


def test_renewed_the_old_address_opens_nothing(here: FlaskClient) -> None:
    saved, old = save(here)
    new = here.post(f"{URL}/{saved}/feed-token").get_json()["links"]["feed"]
    assert new != old
    assert (here.get(old).status_code, here.get(new).status_code) == (404, 200)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_opens_without_signing_in(
    settings: Settings, engine: Engine, samples: Tally, database: Database, tmp_path: Path
) -> None:
    behind = replace(
        settings, user_header="Remote-User", trusted_proxies=(ipaddress.ip_network("10.1.0.0/16"),), anonymous_scopes=()
    )
    client = create_app(behind, engine, database).test_client()
    made = client.post(
        URL, json=SAVED, headers={"Remote-User": "m.durand"}, environ_overrides={"REMOTE_ADDR": "10.1.2.3"}
    )
    links = made.get_json()["links"]
    assert client.get(links["self"]).status_code == 401
    assert client.get(links["feed"]).status_code == 200
