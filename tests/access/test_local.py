"""Who is let in without a key in local mode: one row a way in, and what closes it."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Any

import pytest
from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from access.local import PROXY_HEADERS, Verdict, at_this_machine, from_our_pages
from engine.config import Settings

HERE = "http://127.0.0.1:8000"


def writing_allowed(asked: Request, settings: Settings) -> Verdict:
    return at_this_machine(asked, settings) and from_our_pages(asked)


def request(peer: str | None = "127.0.0.1", host: str = "127.0.0.1:8000", **headers: str) -> Request:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    environ = EnvironBuilder("/api/v1/dispatches", method="POST", headers=Headers({"Host": host} | names)).get_environ()
    environ.pop("REMOTE_ADDR", None)
    if peer is not None:
        environ["REMOTE_ADDR"] = peer
    return Request(environ)


@pytest.mark.parametrize(
    "asked",
    [
        request(),
        request(host="localhost"),
        request(host="LOCALHOST:8000"),
        request(peer="::1", host="[::1]:8000"),
        request(peer="127.0.0.2"),
        request(Sec_Fetch_Site="same-origin", Origin=HERE),
        request(Sec_Fetch_Site="none"),
    ],
)
def test_a_program_of_this_machine_and_our_own_page_may_write(asked: Request) -> None:
    assert writing_allowed(asked, Settings.from_env())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (request(peer="192.0.2.7"), "autre machine"),
        (request(peer=None), "autre machine"),  # a Unix socket: a proxy is at its other end
        (request(peer="unix:"), "autre machine"),
        (request(host="depeches.example.org"), "Host"),
        (request(host="localhost.example.org"), "Host"),
        (request(host="127.0.0.1.example.org:8000"), "Host"),
        (request(host="evil@127.0.0.1"), "Host"),
        (request(host=""), "Host"),
        (request(host="0.0.0.0:8000"), "Host"),
        (request(X_Forwarded_For="127.0.0.1"), "X-Forwarded-For"),
        (request(X_Forwarded_User="m.durand"), "X-Forwarded-User"),
        (request(Sec_Fetch_Site="cross-site"), "Sec-Fetch-Site"),
        (request(Sec_Fetch_Site="same-site"), "Sec-Fetch-Site"),
        (request(Origin="https://example.org"), "Origin"),
        (request(Origin="null"), "Origin"),
        (request(Origin="http://127.0.0.1:3000"), "Origin"),
        (request(Origin="https://127.0.0.1:8000"), "Origin"),
        (request(Origin=""), "Origin"),
        *((request(**{name.replace("-", "_"): "x"}), name) for name in PROXY_HEADERS),
    ],
)
def test_any_sign_of_elsewhere_closes_the_door(asked: Request, said: str) -> None:
    verdict = writing_allowed(asked, Settings.from_env())
    assert not verdict
    assert said in verdict.why


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://portail.exemple.fr", True),
        ("https://PORTAIL.exemple.fr", True),
        ("http://portail.exemple.fr", False),
        ("https://portail.exemple.fr.example.org", False),
        ("https://exemple.fr", False),
        ("null", False),
        ("://", False),
    ],
)
def test_an_old_browser_behind_a_proxy_that_speaks_tls_is_told_by_its_origin(origin: str, allowed: bool) -> None:
    asked = request(host="interne:8000", Origin=origin)
    assert bool(from_our_pages(asked, "https://portail.exemple.fr/depeches")) is allowed
    assert not from_our_pages(asked)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "depeches.example.org"])
def test_a_service_that_listens_beyond_the_machine_takes_nothing(host: str) -> None:
    verdict = writing_allowed(request(), replace(Settings.from_env(), host=host))
    assert not verdict
    assert "HOST" in verdict.why


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_from_elsewhere_may_be_followed(site: str) -> None:
    environ = EnvironBuilder("/", headers=Headers({"Host": "127.0.0.1", "Sec-Fetch-Site": site})).get_environ()
    assert from_our_pages(Request(environ))


@pytest.mark.parametrize(
    "portal", [{"user_header": "Remote-User"}, {"trusted_proxies": (ipaddress.ip_network("127.0.0.1"),)}]
)
def test_a_service_behind_a_portal_is_not_in_local_mode(portal: dict[str, Any]) -> None:
    verdict = writing_allowed(request(), replace(Settings.from_env(), **portal))
    assert not verdict
    assert "portail" in verdict.why
