"""What a stranger tries with an address, a header or a cookie; each was tried by hand on a running service first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from engine.client import Engine
from engine.config import Settings
from indexer.load import Tally
from tests.access.test_gate import FROM_PORTAL, PORTAL
from web.back import ours

POISON = {
    "Host": "piege.exemple",
    "X-Forwarded-Host": "piege.exemple",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Prefix": "/piege",
    "X-Script-Name": "/piege",
    "Forwarded": "host=piege.exemple;proto=gopher",
}


@pytest.fixture(scope="module")
def client(settings: Settings, engine: Engine, samples: Tally, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Behind a portal, under a path of it, with alerts."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    own = replace(
        settings,
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'base.sqlite3'}",
        public_url="https://portail.exemple.fr/depeches",
        **PORTAL,
    )
    return create_app(own, engine).test_client()


def named(**headers: str) -> dict[str, Any]:
    return {"headers": {"Remote-User": "m.durand"} | headers, **FROM_PORTAL}


@pytest.mark.parametrize("path", ["/static/web//style.css", "/api//v1/dispatches", "/depeches//x", "/alertes/", "//x"])
def test_a_slash_too_many_leads_to_no_other_host(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/depeches{path}", **named(**POISON))
    assert (answer.status_code, "Location" in answer.headers) == (404, False)
    assert "piege" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["/", "/?q=lavrov", "/nulle-part", "/alertes", "/aide/requete", "/opensearch.xml", "/api/v1/export.atom?q=lavrov"],
)
def test_no_header_moves_our_links(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/depeches{path}", **named(**POISON))
    assert "piege" not in answer.text and "gopher" not in answer.text
    assert "piege" not in str(answer.headers)


@pytest.mark.parametrize(
    ("path", "caching"),
    [
        ("/depeches/nulle-part", "private, no-cache"),
        ("/depeches/aide/requete", "private, no-cache"),
        ("/depeches/acteurs/Wang%20Yi", "private, no-cache"),
        ("/depeches/alertes/x", "private, no-cache"),
        ("/depeches/alertes", "no-store"),
        ("/depeches/api/v1/saved-searches", "no-store"),
        ("/depeches/api/v1/openapi.json", "private, no-cache"),
        ("/ailleurs", "private, no-cache"),
    ],
)
def test_no_cache_between_keeps_what_names_its_reader(client: FlaskClient, path: str, caching: str) -> None:
    answer = client.get(path, **named())
    assert answer.headers["Cache-Control"] == caching
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("told", ['a"><script>', "a b", "é", "x" * 65, "a\tb"])
def test_a_requests_name_is_one(client: FlaskClient, told: str) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "7f3a-01"}).headers["X-Request-Id"] == "7f3a-01"
    assert client.get("/healthz", headers={"X-Request-Id": told}).headers["X-Request-Id"] != told


def test_the_language_is_kept_over_tls_alone(client: FlaskClient) -> None:
    answer = client.post("/depeches/langue", data={"langue": "en", "page": "/?q=lavrov"}, **named())
    assert answer.headers["Location"] == "/depeches/?q=lavrov"
    assert "; Secure" in answer.headers["Set-Cookie"] and "HttpOnly" in answer.headers["Set-Cookie"]
    client.delete_cookie("depeches-langue")


@pytest.mark.parametrize("page", ["/../autre", "/..", "/%2e%2e/autre", "/a/.%2E/../autre", "/%252e/x/%2E%2E/", "/a//b"])
def test_nobody_is_led_out_of_the_archive(client: FlaskClient, page: str) -> None:
    answer = client.post("/depeches/langue", data={"langue": "fr", "page": page}, **named())
    assert answer.headers["Location"] == "/depeches/"


@pytest.mark.parametrize(
    ("page", "mount", "led"),
    [
        ("/", "", True),
        ("/?q=a//b/../c", "", True),  # what is asked is no path
        ("/depeches/lieux/Asie/..%C3%A9", "/depeches", True),
        ("/depeches/x", "/depeches", True),
        ("/depeches", "/depeches", False),
        ("/depechesx/", "/depeches", False),
        ("//exemple.fr/", "", False),
        ("/\\exemple.fr", "", False),
        ("/\texemple.fr", "", False),
        ("https://exemple.fr/", "", False),
        ("/depeches/..", "/depeches", False),
        ("/depeches/.%2e/x", "/depeches", False),
        ("/depeches/..#x", "/depeches", False),
    ],
)
def test_a_page_to_come_back_to_is_ours(page: str, mount: str, led: bool) -> None:
    assert ours(page, mount) is led
