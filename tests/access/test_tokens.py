"""Tokens of a portal's pages: what they open, to whom, how long, and what a page of which origin may read."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from access import keys, tokens, users
from access.signing import secret
from access.tokens import Token
from app import EMBEDDED, create_app
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from engine.errors import NotAuthenticated, TokenExpired
from indexer.load import Tally

INTRANET, OTHER, UNKNOWN = "https://intranet.exemple.fr", "http://localhost:8080", "https://ailleurs.exemple"
SEARCH, TOKENS = "/api/v1/dispatches", "/api/v1/portal-tokens"


@pytest.fixture(scope="module")
def own(settings: Settings, samples: Tally, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The archive of samples beyond the machine, two portals, a database of these tests' own."""
    base = f"sqlite:///{tmp_path_factory.mktemp('base') / 'base.sqlite3'}"
    return replace(settings, database_url=base, host="0.0.0.0", portal_origins=(INTRANET, OTHER))


@pytest.fixture(scope="module")
def client(own: Settings, engine: Engine) -> FlaskClient:
    return create_app(own, engine).test_client()


def new_key(settings: Settings, *scopes: str, name: str = "portail") -> str:
    database = Database.from_settings(settings)
    with database.writing() as session:
        now = database.now(session)
        return keys.create(session, users.find_or_make(session, name, now), "x", scopes, now=now)[1]


def bearer(shown: str, origin: str = "") -> dict[str, str]:
    return {"Authorization": f"Bearer {shown}"} | ({"Origin": origin} if origin else {})


def asked(client: FlaskClient, key: str, origin: str = INTRANET, **more: Any) -> Any:
    return client.post(TOKENS, json={"origin": origin, **more}, headers=bearer(key))


def token_of(client: FlaskClient, settings: Settings, origin: str = INTRANET) -> str:
    text: str = asked(client, new_key(settings, "search"), origin).get_json()["token"]
    return text


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_server_asks_and_its_pages_search(client: FlaskClient, own: Settings) -> None:
    answer = asked(client, new_key(own, "search"), minutes=5)
    said = answer.get_json()
    assert (answer.status_code, said["origin"], said["expires_in"]) == (201, INTRANET, 300)
    assert answer.headers["Cache-Control"] == "no-store"
    left = datetime.fromisoformat(said["expires"]) - datetime.now(UTC)
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)
    found = client.get(f"{SEARCH}?q=lavrov", headers=bearer(said["token"], INTRANET))
    assert found.status_code == 200 and found.get_json()["total"]["value"] > 0


@pytest.mark.parametrize("origin", ["", OTHER, UNKNOWN, "null", INTRANET.upper(), f"{INTRANET}:8443", f"{INTRANET}."])
def test_it_is_for_the_pages_of_its_origin_alone(client: FlaskClient, own: Settings, origin: str) -> None:
    answer = client.get(SEARCH, headers=bearer(token_of(client, own), origin))
    assert outcome(answer) == (401, "non-identifie")
    assert INTRANET in answer.get_json()["detail"]


def test_it_opens_nothing_but_what_portals_show(client: FlaskClient, own: Settings) -> None:
    shown = bearer(token_of(client, own), INTRANET)
    opened = set()
    for rule in client.application.url_map.iter_rules():
        path = rule.rule.replace("<facet>", "actor")
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            status = client.open(path, method=method, headers=shown).status_code
            if rule.endpoint in EMBEDDED:
                assert status in (200, 404)
                opened.add(rule.endpoint)
            elif client.open(path, method=method).status_code in (401, 403):  # what is closed to all
                assert status == 403, f"{method} {rule}"
    assert opened == set(EMBEDDED)


def test_a_token_asks_for_no_other_token(client: FlaskClient, own: Settings) -> None:
    shown = bearer(token_of(client, own), INTRANET)
    assert outcome(client.post(TOKENS, json={"origin": INTRANET}, headers=shown)) == (403, "non-autorise")


def test_every_change_of_a_letter_closes_it(client: FlaskClient, own: Settings) -> None:
    token = token_of(client, own)
    database = Database.from_settings(own)
    assert tokens.verify(database, token, INTRANET).origin == INTRANET
    for place, letter in enumerate(token[len(tokens.PREFIX) :], len(tokens.PREFIX)):
        altered = f"{token[:place]}{'A' if letter != 'A' else 'B'}{token[place + 1 :]}"
        with pytest.raises(NotAuthenticated, match="n'ouvre rien"):
            tokens.verify(database, altered, INTRANET)


def test_a_token_signed_by_another_is_refused(client: FlaskClient, own: Settings) -> None:
    _, handle, expires = json.loads(base64.urlsafe_b64decode(token_of(client, own).split(".")[0][4:] + "=="))
    forged = Token(INTRANET, handle, datetime.fromtimestamp(expires, UTC))
    assert outcome(client.get(SEARCH, headers=bearer(forged.signed(b"x" * 32), INTRANET))) == (401, "non-identifie")


@pytest.mark.parametrize("shown", ["dpt_", "dpt_.", "dpt_é.é", "dpt_AA.AA", "dpt_" + "A" * 5000, "dpt_a.b.c"])
def test_what_is_no_token_is_refused(client: FlaskClient, own: Settings, shown: str) -> None:
    answer = client.get(
        SEARCH, headers={"Authorization": f"Bearer {shown}".encode().decode("latin-1"), "Origin": INTRANET}
    )
    assert outcome(answer) == (401, "non-identifie")


def test_it_ends(client: FlaskClient, own: Settings) -> None:
    key, database = new_key(own, "search"), Database.from_settings(own)
    over = Token(INTRANET, keys.handle_of(key), datetime.now(UTC)).signed(secret(database, tokens.SECRET))
    with pytest.raises(TokenExpired):
        tokens.verify(database, over, INTRANET)
    answer = client.get(SEARCH, headers=bearer(over, INTRANET))
    assert outcome(answer) == (401, "jeton-expire")
    assert answer.headers["Access-Control-Allow-Origin"] == INTRANET  # so that the page learns that it is to ask again


def test_it_ends_with_its_key(client: FlaskClient, own: Settings) -> None:
    key, database = new_key(own, "search"), Database.from_settings(own)
    shown = bearer(asked(client, key).get_json()["token"], INTRANET)
    assert client.get(SEARCH, headers=shown).status_code == 200
    with database.writing() as session:
        keys.revoke(session, key, database.now(session))
    assert outcome(client.get(SEARCH, headers=shown)) == (401, "non-identifie")


def test_it_ends_with_its_portal(client: FlaskClient, own: Settings, engine: Engine) -> None:
    shown = bearer(token_of(client, own), INTRANET)
    without = create_app(replace(own, portal_origins=(OTHER,)), engine).test_client()
    assert outcome(without.get(SEARCH, headers=shown)) == (401, "non-identifie")


@pytest.mark.parametrize("scopes", [["alerts"], ["ingest", "admin"]])
def test_a_key_without_search_asks_for_none(client: FlaskClient, own: Settings, scopes: list[str]) -> None:
    assert outcome(asked(client, new_key(own, *scopes))) == (403, "non-autorise")


@pytest.mark.parametrize("changes", [{"host": "127.0.0.1"}, {"anonymous_scopes": ("search",)}])
def test_whoever_shows_no_key_asks_for_none(own: Settings, engine: Engine, changes: dict[str, Any]) -> None:
    answer = (
        create_app(replace(own, **changes), engine)
        .test_client()
        .post(TOKENS, json={"origin": INTRANET}, environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
    )
    assert outcome(answer) == (403, "non-autorise")


@pytest.mark.parametrize(
    "body",
    [{}, {"origin": UNKNOWN}, {"origin": f"{INTRANET}/"}, {"origin": "*"}, {"origin": INTRANET, "minutes": 61},
     {"origin": INTRANET, "minutes": 0}, {"origin": INTRANET, "minutes": "x"}, {"origin": INTRANET, "scope": "admin"}],
)  # fmt: skip
def test_what_it_cannot_be_for_is_refused(client: FlaskClient, own: Settings, body: dict[str, Any]) -> None:
    answer = client.post(TOKENS, json=body, headers=bearer(new_key(own, "search")))
    assert answer.status_code == 400 and answer.get_json()["detail"]


# -- what a browser lets a page read -----------------------------------------------------------------------------------


def shared(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name.startswith("Access-Control-")}


def preflight(client: FlaskClient, path: str, origin: str, method: str = "GET") -> Any:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization",
    }
    return client.options(path, headers=headers)


@pytest.mark.parametrize(
    "path", [SEARCH, f"{SEARCH}/x", f"{SEARCH}/x/versions", "/api/v1/facets/actor", "/api/v1/suggest"]
)
def test_a_portal_may_ask_and_read(client: FlaskClient, path: str) -> None:
    before = preflight(client, path, INTRANET)
    assert before.status_code == 200
    assert shared(before) == {
        "Access-Control-Allow-Origin": INTRANET,
        "Access-Control-Allow-Headers": "authorization",
        "Access-Control-Allow-Methods": "GET, HEAD",
        "Access-Control-Max-Age": "600",
        "Access-Control-Expose-Headers": "ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
    }
    assert client.get(path, headers={"Origin": INTRANET}).headers["Access-Control-Allow-Origin"] == INTRANET


@pytest.mark.parametrize("origin", ["", UNKNOWN, "null", f"{INTRANET}.evil.example", "https://intranetxexemple.fr"])
@pytest.mark.parametrize("path", [SEARCH, f"{SEARCH}/x"])
def test_any_other_page_may_not_and_caches_know(client: FlaskClient, path: str, origin: str) -> None:
    headers = {"Origin": origin} if origin else {}
    for answer in (client.get(path, headers=headers), preflight(client, path, origin)):
        assert not shared(answer)
        assert "Origin" in answer.vary


@pytest.mark.parametrize("path", ["/", "/metrics", TOKENS, "/api/v1/openapi.json", "/api/v1/saved-searches",
                                  "/api/v1/export.csv", f"{SEARCH}/x/raw", f"{SEARCH}/x/y", "/oembed", "/rien"])  # fmt: skip
def test_of_the_rest_a_portal_reads_nothing(client: FlaskClient, path: str) -> None:
    assert not shared(client.get(path, headers={"Origin": INTRANET}))
    assert not shared(preflight(client, path, INTRANET))


def test_without_portals_nothing_is_shared(own: Settings, engine: Engine) -> None:
    closed = create_app(replace(own, portal_origins=()), engine).test_client()
    assert preflight(closed, SEARCH, INTRANET).status_code == 401
    assert not shared(closed.get(SEARCH, headers={"Origin": INTRANET}))


def test_a_portal_changes_nothing_over_the_api(client: FlaskClient) -> None:
    assert "Access-Control-Allow-Methods" not in shared(preflight(client, SEARCH, INTRANET, method="POST"))
