"""What is opened, to whom: the real application, asked by each kind of caller; and under gunicorn, by real sockets."""

from __future__ import annotations

import ipaddress
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from access import keys, users
from access.scopes import needed
from app import create_app
from engine.client import Address, Engine
from engine.config import Settings
from engine.database import Database
from indexer.load import Tally
from tests.ports import free_port

ROOT = Path(__file__).parent.parent.parent
SEARCH, PUSH = "/api/v1/dispatches", "/api/v1/dispatches"
BEYOND: dict[str, Any] = {"host": "0.0.0.0"}
PORTAL: dict[str, Any] = {"user_header": "Remote-User", "trusted_proxies": (ipaddress.ip_network("10.1.0.0/16"),)}
FROM_PORTAL = {"environ_overrides": {"REMOTE_ADDR": "10.1.2.3"}}


@pytest.fixture
def own(settings: Settings, samples: Tally, tmp_path: Path) -> Settings:
    """The archive of samples, a database of this test's own."""
    return replace(settings, database_url=f"sqlite:///{tmp_path / 'base.sqlite3'}")


def opened(settings: Settings, engine: Engine, **changes: Any) -> FlaskClient:
    return create_app(replace(settings, **changes), engine).test_client()


def key(settings: Settings, *scopes: str) -> dict[str, str]:
    """The header that shows a new key."""
    database = Database.from_settings(settings)
    with database.writing() as session:
        now = database.now(session)
        text = keys.create(session, users.find_or_make(session, "programme", now), "x", scopes, now=now)[1]
    return {"Authorization": f"Bearer {text}"}


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_in_local_mode_everything_is_open(own: Settings, engine: Engine) -> None:
    client = opened(own, engine)
    assert client.get(SEARCH).status_code == 200
    assert client.get("/").status_code == 200
    assert client.get("/metrics").status_code == 200
    assert outcome(client.post(PUSH, data=b"", content_type="application/x-ndjson"))[0] == 422


@pytest.mark.parametrize("path", [SEARCH, "/metrics", "/api/v1/openapi.json", "/api/v1/suggest?q=a"])
def test_beyond_the_machine_nothing_is_open(own: Settings, engine: Engine, path: str) -> None:
    answer = opened(own, engine, **BEYOND).get(path)
    assert (outcome(answer), answer.content_type) == ((401, "non-identifie"), "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "depeches keys create" in answer.get_json()["detail"]


def test_health_and_the_style_of_pages_are_for_all(own: Settings, engine: Engine) -> None:
    client = opened(own, engine, **BEYOND)
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200
    page = client.get("/")
    assert (page.status_code, page.mimetype) == (401, "text/html")
    style = page.text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    assert client.get(style).status_code == 200


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [
        (["search"], (200, 403)),
        (["ingest"], (403, 422)),
        (["search", "ingest"], (200, 422)),
        (["alerts"], (403, 403)),
    ],
)
def test_a_key_opens_its_scopes_alone(
    own: Settings, engine: Engine, scopes: list[str], statuses: tuple[int, int]
) -> None:
    client, shown = opened(own, engine, **BEYOND), key(own, *scopes)
    read = client.get(SEARCH, headers=shown)
    pushed = client.post(PUSH, data=b"", content_type="application/x-ndjson", headers=shown)
    assert (read.status_code, pushed.status_code) == statuses
    if pushed.status_code == 403:
        assert "ingest" in pushed.get_json()["detail"]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_wrong_key_opens_nothing_even_here(own: Settings, engine: Engine, host: str) -> None:
    client = opened(own, engine, host=host)
    answer = client.get(SEARCH, headers={"Authorization": f"Bearer dep_aaaaaaaa_{'a' * 43}"})
    assert outcome(answer) == (401, "non-identifie")


def test_a_key_pushes_from_anywhere(own: Settings, engine: Engine) -> None:
    shown = key(own, "ingest") | {"Origin": "https://ailleurs.example", "X-Forwarded-For": "192.0.2.7"}
    answer = opened(own, engine, **BEYOND).post(PUSH, data=b"", content_type="application/x-ndjson", headers=shown)
    assert answer.status_code == 422


def test_what_is_opened_to_all_is_open_and_the_rest_is_not(own: Settings, engine: Engine) -> None:
    client = opened(own, engine, **BEYOND, anonymous_scopes=("search",))
    assert client.get(SEARCH).status_code == 200
    assert outcome(client.post(PUSH, data=b"", content_type="application/x-ndjson")) == (401, "non-identifie")


def test_a_reader_of_the_portal_reads_and_does_not_load(own: Settings, engine: Engine) -> None:
    client = opened(own, engine, **PORTAL)
    named = {"Remote-User": "M.Durand"}
    assert client.get("/", headers=named, **FROM_PORTAL).status_code == 200
    assert client.get("/", headers=named).status_code == 401
    pushed = client.post(PUSH, data=b"", content_type="application/x-ndjson", headers=named, **FROM_PORTAL)
    assert outcome(pushed) == (403, "non-autorise")
    assert "m.durand" in pushed.get_json()["detail"]


def test_an_account_that_is_closed_has_nothing_by_the_portal_either(
    own: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("access.gate.CLOSED_AGE", 0.0)
    client, database = opened(own, engine, **PORTAL), Database.from_settings(own)
    named: dict[str, Any] = {"headers": {"Remote-User": "m.durand"}, **FROM_PORTAL}
    assert client.get(SEARCH, **named).status_code == 200
    with database.writing() as session:
        users.find_or_make(session, "m.durand", database.now(session))
        users.disable(session, "m.durand", database.now(session))
    refused = client.get(SEARCH, **named)
    assert outcome(refused) == (403, "non-autorise") and "est fermé" in refused.get_json()["detail"]
    assert client.get("/", **named).status_code == 403
    assert client.get(SEARCH, headers={"Remote-User": "zoé"}, **FROM_PORTAL).status_code == 200


def test_the_portals_readers_search_while_the_database_is_away(own: Settings, engine: Engine) -> None:
    away = create_app(replace(own, **PORTAL), engine, Database("postgresql://x@127.0.0.1:9/x", timeout=1))
    assert away.test_client().get(SEARCH, headers={"Remote-User": "a"}, **FROM_PORTAL).status_code == 200


def test_a_readers_groups_open_more_and_are_believed_as_the_name_is(own: Settings, engine: Engine) -> None:
    table = (("documentation", ("search", "ingest")),)
    client = opened(own, engine, **PORTAL, groups_header="Remote-Groups", group_scopes=table)
    named = {"Remote-User": "m.durand", "Remote-Groups": "redaction,documentation"}
    request: dict[str, Any] = {"data": b"", "content_type": "application/x-ndjson"}
    assert client.post(PUSH, headers=named, **request, **FROM_PORTAL).status_code == 422
    assert client.post(PUSH, headers=named, **request).status_code == 401
    refused = client.post(PUSH, headers=named | {"Remote-Groups": "redaction"}, **request, **FROM_PORTAL)
    assert outcome(refused) == (403, "non-autorise")
    assert "Aucun groupe du compte « m.durand »" in refused.get_json()["detail"]


def test_where_a_group_is_required_the_others_are_told(own: Settings, engine: Engine) -> None:
    changes = PORTAL | {"groups_header": "Remote-Groups", "group_scopes": (("presse", ("search",)),)}
    client = opened(own, engine, **changes, group_required=True)
    assert client.get("/", headers={"Remote-User": "a", "Remote-Groups": "presse"}, **FROM_PORTAL).status_code == 200
    page = client.get("/", headers={"Remote-User": "a"}, **FROM_PORTAL)
    assert page.status_code == 403
    assert "Aucun groupe du compte" in page.text


def test_a_page_of_another_site_changes_nothing_in_a_readers_name(own: Settings, engine: Engine) -> None:
    client = opened(own, engine, **PORTAL)
    headers = {"Remote-User": "a", "Sec-Fetch-Site": "cross-site"}
    answer = client.post(PUSH, data=b"", content_type="text/plain", headers=headers, **FROM_PORTAL)
    assert outcome(answer) == (403, "non-autorise")
    assert "autre site" in answer.get_json()["detail"]


def test_a_key_while_the_database_is_away_is_a_503(own: Settings, engine: Engine) -> None:
    shown = key(own, "search")
    away = create_app(own, engine, Database("postgresql://x@127.0.0.1:9/x", timeout=1)).test_client()
    assert outcome(away.get(SEARCH, headers=shown)) == (503, "base-injoignable")


# Who asks is known by an address signed for them: one click in a letter stops it. A language is a cookie of the browser alone.
# What the identity provider says is signed by it.
OPEN = ("letters.stop", "web.choose_language", "web.provider_ends")

# What changes nothing of the archive: a token to read it with, one's own sessions.
FOR_READING = ("access.make_token", "web.end_sessions")


def test_what_changes_something_says_by_which_scope(own: Settings, engine: Engine) -> None:
    app = create_app(own, engine)
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint in OPEN:
            continue
        if rule.endpoint in FOR_READING:
            assert needed(app.view_functions[rule.endpoint], "POST") == "search"
            continue
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            assert needed(view, method) in ("ingest", "alerts"), f"{method} {rule}: access.scopes.needs"


# -- by real sockets -------------------------------------------------------------------------------------------------


@pytest.fixture
def behind_portal(own: Settings, engine: Engine, request: pytest.FixtureRequest) -> Iterator[str]:
    """The service under gunicorn, which believes `request.param`; its address."""
    port = free_port()
    environment = os.environ | {
        "ELASTICSEARCH_URL": engine.address.url,
        "DEPECHES_INDEX_PREFIX": own.index_prefix,
        "DEPECHES_DATA_DIR": str(own.data_dir),
        "DATABASE_URL": str(own.database_url),
        "DEPECHES_USER_HEADER": "Remote-User",
        "DEPECHES_TRUSTED_PROXIES": request.param,
        # What would make gunicorn believe anybody.
        "FORWARDED_ALLOW_IPS": "*",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "app:create_app()",
        "--chdir",
        str(ROOT),
        "--bind",
        f"127.0.0.1:{port}",
    ]
    command += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while get(f"http://127.0.0.1:{port}/healthz")[0] != 200:
            assert server.poll() is None and time.monotonic() < deadline
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def get(url: str, **headers: str) -> tuple[int, str]:
    asked = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


@pytest.mark.parametrize("behind_portal", ["10.1.0.0/16"], indirect=True)
def test_no_header_makes_a_peer_the_portal(behind_portal: str) -> None:
    url = f"{behind_portal}{SEARCH}"
    for headers in (
        {"Remote-User": "a"},
        {"Remote-User": "a", "X-Forwarded-For": "10.1.2.3"},
        {"Remote-User": "a", "Forwarded": "for=10.1.2.3", "X-Real-IP": "10.1.2.3"},
        {"REMOTE_USER": "a", "REMOTE_ADDR": "10.1.2.3"},
        {"REMOTE_ADDR": "127.0.0.1"},
    ):
        status, body = get(url, **headers)
        assert (status, json.loads(body)["code"]) == (401, "non-identifie")


@pytest.mark.parametrize("behind_portal", ["127.0.0.1"], indirect=True)
def test_the_portal_names_its_reader_and_an_underscore_does_not(behind_portal: str) -> None:
    url = f"{behind_portal}{SEARCH}"
    assert get(url, **{"Remote-User": "a"})[0] == 200
    assert get(url, **{"Remote_User": "a"})[0] == 401
    assert get(url)[0] == 401


def test_who_cannot_mend_the_engine_is_not_told_where_it_is(own: Settings) -> None:
    away, shown = Engine(Address("http://127.0.0.1:9"), timeout=1), key(own, "search")
    beyond, here = (create_app(each, away).test_client() for each in (replace(own, **BEYOND), own))
    for path in ("/", SEARCH):
        there, ours = beyond.get(path, headers=shown), here.get(path)
        assert there.status_code == ours.status_code == 503
        assert "127.0.0.1:9" in ours.text and "127.0.0.1" not in there.text
        assert "réessayez dans une minute" in there.text and "ELASTICSEARCH_URL" not in there.text
