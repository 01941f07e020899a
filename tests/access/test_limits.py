"""How much one may ask: who is counted with whom, what is said to who asks too much, and that no store's failure stops anything."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Request
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from access.counting import PATIENCE, Elsewhere, InFile, counts_of
from access.limits import KINDS, REST, WRONG_BY_ADDRESS, Limits, Who, address_of, limits_of
from access.tokens import issue
from app import LIMITED, UNLIMITED, create_app
from engine.client import Engine
from engine.config import LIMITS, Settings
from engine.database import Database
from engine.errors import ConfigurationError, TooManyRequests
from indexer.load import Tally
from tests.access.test_gate import BEYOND, FROM_PORTAL, PORTAL, key, outcome
from tests.ports import free_port
from tests.postgresql import _end_with_us

SEARCH, SUGGEST = "/api/v1/dispatches?size=1&facets=none", "/api/v1/suggest?q=lav"
INTRANET = "https://intranet.exemple.fr"


@pytest.fixture
def own(settings: Settings, samples: Tally, tmp_path: Path) -> Settings:
    """The archive of samples, with counts and a database of this test's own."""
    return replace(settings, data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'base.sqlite3'}")


def opened(own: Settings, engine: Engine, *, most: dict[str, int], **changes: Any) -> FlaskClient:
    limits = tuple((LIMITS | most).items())
    return create_app(replace(own, limits=limits, **changes), engine).test_client()


def statuses(client: FlaskClient, times: int, path: str = SEARCH, **how: Any) -> list[int]:
    return [client.get(path, **how).status_code for _ in range(times)]


# -- what is said ----------------------------------------------------------------------------------------------------


def test_who_asks_too_much_is_told_when_to_come_back(own: Settings, engine: Engine) -> None:
    client = opened(own, engine, most={"search": 2}, **PORTAL)
    named: dict[str, Any] = {"headers": {"Remote-User": "m.durand"}, **FROM_PORTAL}
    first = client.get(SEARCH, **named)
    assert (first.headers["RateLimit-Policy"], first.headers["RateLimit"]) == (
        '"search";q=2;w=60',
        '"search";r=1;t=60',
    )
    assert "Retry-After" not in first.headers
    assert client.get(SEARCH, **named).status_code == 200
    refused = client.get(SEARCH, **named)
    seconds = int(refused.headers["Retry-After"])
    assert (outcome(refused), refused.content_type) == ((429, "trop-de-requetes"), "application/problem+json")
    assert 55 < seconds <= 60
    assert refused.get_json()["detail"] == (
        f"Trop de demandes en une minute (recherches et lectures : 2 au plus) ; réessayez dans {seconds} s."
    )
    assert refused.headers["RateLimit"] == f'"search";r=0;t={seconds}'
    page = client.get("/?q=lavrov", **named)
    assert (page.status_code, page.mimetype) == (429, "text/html")
    assert "réessayez dans" in page.text and "Patientez" in page.text and int(page.headers["Retry-After"]) > 50
    part = client.get("/?q=lavrov", headers={"Remote-User": "m.durand", "HX-Request": "true"}, **FROM_PORTAL)
    assert (part.status_code, part.headers["HX-Retarget"]) == (429, "#ennui")
    client.set_cookie("depeches-langue", "en")
    assert "Too many requests in one minute (searches and readings: 2 at most)" in client.get("/", **named).text
    frame = client.get("/portail/cadre?q=lavrov", **named)
    assert frame.status_code == 429 and int(frame.headers["Retry-After"]) > 50
    # Someone else, another kind, and what nobody counts.
    assert client.get(SEARCH, headers={"Remote-User": "zoé"}, **FROM_PORTAL).status_code == 200
    assert client.get(SUGGEST, **named).status_code == 200
    assert {client.get(path, **named).status_code for path in ("/healthz", "/opensearch.xml")} == {200}
    counted = client.get("/metrics", **named).text
    assert 'depeches_limited_total{by="user",kind="search"}' in counted


def test_in_local_mode_nothing_is_counted(own: Settings, engine: Engine) -> None:
    client = opened(own, engine, most={"search": 1})
    assert statuses(client, 3) == [200] * 3
    assert "RateLimit" not in client.get(SEARCH).headers
    assert not (own.data_dir / "limits.sqlite3").exists()


def test_no_limit_where_none_is_wanted(own: Settings, engine: Engine) -> None:
    assert statuses(opened(own, engine, most={"search": 0}, anonymous_scopes=("search",), **BEYOND), 3) == [200] * 3
    assert limits_of(replace(own, limits=tuple((kind, 0) for kind in LIMITS), **BEYOND)) is None


# -- who is counted --------------------------------------------------------------------------------------------------


def test_a_key_may_ask_for_many_and_its_address_is_nobodys_concern(own: Settings, engine: Engine) -> None:
    client = opened(own, engine, most={"search": 1}, anonymous_scopes=("search",), **BEYOND)
    mine, theirs = key(own, "search"), key(own, "search")
    assert statuses(client, 6, headers=mine) == [200] * 5 + [429]
    assert statuses(client, 6) == [200] * 5 + [429]  # who is nobody, at the same address
    assert client.get(SEARCH, headers=theirs).status_code == 200


def test_readers_of_a_portals_page_are_each_counted(own: Settings, engine: Engine) -> None:
    client = opened(own, engine, most={"search": 1}, portal_origins=(INTRANET,), **BEYOND)
    shown = key(own, "search")["Authorization"].removeprefix("Bearer ")
    token = issue(Database.from_settings(own), INTRANET, shown, 5).text
    headers = {"Authorization": f"Bearer {token}", "Origin": INTRANET}
    one: dict[str, Any] = {"headers": headers, "environ_overrides": {"REMOTE_ADDR": "192.0.2.1"}}
    assert statuses(client, 6, **one) == [200] * 5 + [429]
    refused = client.get(SEARCH, **one)
    # What the page may read of it, to wait and ask again.
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
    assert refused.headers["Access-Control-Allow-Origin"] == INTRANET
    assert client.get(SEARCH, headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.2"}).status_code == 200


def test_a_push_refused_is_a_push_not_begun(own: Settings, engine: Engine) -> None:
    client, shown = opened(own, engine, most={"push": 1}, **BEYOND), key(own, "ingest")
    pushed = [
        client.post("/api/v1/dispatches", data=b"", content_type="application/x-ndjson", headers=shown)
        for _ in range(6)
    ]
    assert [each.status_code for each in pushed] == [422] * 5 + [429]
    assert int(pushed[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("peer", "told", "found"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),  # anybody may say so
        ("10.1.2.3", ["198.51.100.7"], "198.51.100.7"),
        ("10.1.2.3", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),  # what was there before it came
        ("10.1.2.3", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),  # the header twice
        ("10.1.2.3", ["198.51.100.7, 10.1.9.9"], "198.51.100.7"),  # two proxies
        ("10.1.2.3", ["unknown"], "10.1.2.3"),
        ("10.1.2.3", [""], "10.1.2.3"),
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),  # a proxy of this machine
        ("::ffff:10.1.2.3", ["::ffff:198.51.100.7"], "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),  # a house has them all
    ],
)
def test_whose_address_it_is(own: Settings, peer: str, told: list[str], found: str) -> None:
    headers = Headers([("X-Forwarded-For", each) for each in told])
    asked = Request(EnvironBuilder("/", headers=headers, environ_overrides={"REMOTE_ADDR": peer}).get_environ())
    assert address_of(asked, replace(own, forwarding_proxies=(ip_network("10.1.0.0/16"),))) == found


# -- wrong keys ------------------------------------------------------------------------------------------------------


def guess(handle: str, letter: str = "a") -> Headers:
    return Headers({"Authorization": f"Bearer dep_{handle}_{letter * 43}"})


def test_guessing_a_key_is_slowed_down_and_locks_nobody_out(own: Settings, engine: Engine) -> None:
    client = opened(own, engine, most={"wrong": 3}, **PORTAL)
    attacked, other = key(own, "search"), key(own, "search")
    handle = attacked["Authorization"].split("_")[1]
    attack: dict[str, Any] = {"headers": guess(handle), **FROM_PORTAL}
    assert statuses(client, 5, **attack) == [401] * 3 + [429] * 2
    assert int(client.get(SEARCH, **attack).headers["Retry-After"]) > 50
    # Now even the right one waits there: nobody learns that they found it.
    assert client.get(SEARCH, headers=attacked, **FROM_PORTAL).status_code == 429
    # From the same address: another key, and whom the portal names. From another address: the key itself.
    assert client.get(SEARCH, headers=other, **FROM_PORTAL).status_code == 200
    assert client.get(SEARCH, headers={"Remote-User": "m.durand"}, **FROM_PORTAL).status_code == 200
    assert client.get(SEARCH, headers=attacked).status_code == 200


def test_guessing_all_keys_is_slowed_down(own: Settings, engine: Engine) -> None:
    client, right = opened(own, engine, most={"wrong": 1}, **BEYOND), key(own, "search")
    forged = [guess(f"a{number:07}") for number in range(WRONG_BY_ADDRESS)] + [Headers({"Authorization": "Bearer x"})]
    assert [client.get(SEARCH, headers=each).status_code for each in forged] == [401] * WRONG_BY_ADDRESS + [429]
    assert client.get(SEARCH, headers={"Authorization": "Bearer dpt_x.y"}).status_code == 429
    assert client.get(SEARCH).status_code == 401  # who shows nothing guesses nothing
    assert client.get(SEARCH, headers=right).status_code == 200


# -- where counts are ------------------------------------------------------------------------------------------------

COUNTING = """
import sys
from pathlib import Path
from access.counting import InFile
counts = InFile(Path(sys.argv[1]))
print(max(counts.count("x", 60)[0] for _ in range(200)))
"""


def test_processes_count_together(tmp_path: Path) -> None:
    command = [sys.executable, "-c", COUNTING, str(tmp_path / "counts")]
    working = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    told = [int(each.communicate(timeout=60)[0]) for each in working]
    assert max(told) == 600
    assert InFile(tmp_path / "counts").count("x", 60)[0] == 601


def test_a_store_hears_of_most_requests_together_and_lets_few_too_many_pass(own: Settings, tmp_path: Path) -> None:
    counts, who = InFile(tmp_path / "counts"), Who("user", "m.durand")
    one, other = (Limits(replace(own, **BEYOND), counts) for _ in range(2))
    passed = [not found.over for _ in range(500) for each in (one, other) if (found := each.count("search", who))]
    assert LIMITS["search"] <= sum(passed) <= LIMITS["search"] * 1.05
    assert sum(passed[:600]) > 570  # and none is refused long before the others
    # What a few may: exactly.
    exported = [not found.over for _ in range(30) for each in (one, other) if (found := each.count("export", who))]
    assert sum(exported) == LIMITS["export"]


def test_a_count_ends_and_begins_anew(tmp_path: Path) -> None:
    counts = InFile(tmp_path / "counts")
    assert [counts.count("x", 0)[0] for _ in range(3)] == [1, 1, 1]
    count, ends = counts.count("x", 60)
    assert count == 1 and 59 < ends - time.time() <= 60
    assert counts.count("x", 60) == (2, ends)
    assert (tmp_path / "counts").stat().st_mode & 0o077 == 0


def test_a_file_that_broke_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "counts"
    file.write_bytes(b"nothing that SQLite wrote, and long enough to be looked at" * 20)
    with pytest.raises(Exception, match="not a database"):
        InFile(file).count("x", 60)
    assert InFile(file).count("x", 60)[0] == 1


@contextmanager
def store(kind: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A real Redis or memcached; its address, and its process."""
    port = free_port()
    program = shutil.which("redis-server" if kind == "redis" else "memcached")
    assert program, "Les tests ont besoin de redis-server et de memcached : scripts/setup tests."
    options = ["--save", "", "--bind", "127.0.0.1"] if kind == "redis" else ["-l", "127.0.0.1", "-u", "nobody"]
    command = [program, "--port" if kind == "redis" else "-p", str(port), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=_end_with_us)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline
        yield f"{kind}://127.0.0.1:{port}", process
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait(10)


@pytest.mark.parametrize("kind", ["redis", "memcached"])
def test_machines_count_together_and_go_on_without_their_store(own: Settings, kind: str) -> None:
    with store(kind) as (address, process):
        shared = replace(own, limits_store=address, limits=tuple((LIMITS | {"search": 3}).items()), **BEYOND)
        here, there = Limits(shared), Limits(shared)
        who = Who("user", "m.durand")
        counted = [each.count("search", who) for each in (here, there, here, there)]
        assert [found and (found.count, found.over) for found in counted] == [
            (1, False),
            (2, False),
            (3, False),
            (4, True),
        ]
        assert counted[3] and 0 < counted[3].seconds <= 60
        # It hangs: one request waits for it, the next do not.
        process.send_signal(signal.SIGSTOP)
        before = time.monotonic()
        assert [here.count("search", who) for _ in range(50)] == [None] * 50
        assert time.monotonic() - before < max(4 * PATIENCE, REST / 2)


def test_a_store_that_cannot_be_is_told_at_the_start(own: Settings) -> None:
    with pytest.raises(ConfigurationError, match="DEPECHES_LIMITS_STORE"):
        Elsewhere("nosuch://x")
    assert isinstance(counts_of(own), InFile)


class Broken:
    def count(self, key: str, seconds: int, more: int = 1) -> tuple[int, float]:
        raise OSError("no room")


def test_a_store_that_fails_refuses_nobody(own: Settings, engine: Engine) -> None:
    limits = Limits(replace(own, limits=tuple((LIMITS | {"search": 1, "wrong": 1}).items()), **BEYOND), Broken())
    assert [limits.count("search", Who("user", "a")) for _ in range(3)] == [None] * 3
    asked = Request(EnvironBuilder("/", headers=guess("aaaaaaaa")).get_environ())
    for _ in range(20):
        limits.wrong(asked)
        limits.hold_back(asked)
    (own.data_dir / "limits.sqlite3").mkdir()
    assert statuses(opened(own, engine, most={"search": 1}, anonymous_scopes=("search",), **BEYOND), 7) == [200] * 7


def test_who_holds_back_holds_back_no_longer_than_it_says(own: Settings) -> None:
    limits = Limits(replace(own, limits=tuple((LIMITS | {"wrong": 1}).items()), **BEYOND))
    asked = Request(EnvironBuilder("/", headers=guess("aaaaaaaa")).get_environ())
    limits.hold_back(asked)
    limits.wrong(asked)
    with pytest.raises(TooManyRequests):
        limits.wrong(asked)
    with pytest.raises(TooManyRequests) as refused:
        limits.hold_back(asked)
    assert 55 < refused.value.retry_after <= 60


# -- the tables ------------------------------------------------------------------------------------------------------


def test_every_kind_has_a_number_and_every_name_is_an_endpoints(app: Flask) -> None:
    assert set(KINDS) == set(LIMITS)
    assert set(LIMITED.values()) <= set(KINDS)
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert (set(LIMITED) | set(UNLIMITED)) - endpoints == set()


def test_the_setting_changes_what_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHES_LIMITS", "search=1000, export=0")
    assert dict(Settings.from_env().limits) == LIMITS | {"search": 1000, "export": 0}
    monkeypatch.setenv("DEPECHES_LIMITS", "none")
    assert set(dict(Settings.from_env().limits).values()) == {0}
    for wrong in ("serach=1", "search", "search=-1", "search=beaucoup"):
        monkeypatch.setenv("DEPECHES_LIMITS", wrong)
        with pytest.raises(ConfigurationError, match="DEPECHES_LIMITS"):
            Settings.from_env()
