"""The portal's header: believed from its own networks, by the socket's peer, and only when it names one reader."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Any

import pytest
from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from access.portal import named_by_portal
from engine.config import Settings
from engine.errors import NotAuthenticated

PORTAL = "10.1.2.3"


def settings(*networks: str) -> Settings:
    trusted = tuple("unix" if each == "unix" else ipaddress.ip_network(each) for each in networks)
    return replace(Settings.from_env(), user_header="Remote-User", trusted_proxies=trusted)  # type: ignore[arg-type]


def request(peer: str | None, *names: str, **environ: Any) -> Request:
    headers = Headers([("Remote-User", name) for name in names])
    made = EnvironBuilder("/", headers=headers).get_environ() | environ
    made.pop("REMOTE_ADDR", None)
    return Request(made | ({"REMOTE_ADDR": peer} if peer else {}))


class Socket:
    """The other end of a connection, as gunicorn hands it over."""

    def __init__(self, peer: object) -> None:
        self.peer = peer

    def getpeername(self) -> object:
        return self.peer


@pytest.mark.parametrize(
    ("asked", "networks", "name"),
    [
        (request(PORTAL, "M.Durand"), ["10.1.0.0/16"], "m.durand"),
        (request(PORTAL, "M.Durand"), ["192.0.2.0/24", PORTAL], "m.durand"),
        (request("::ffff:10.1.2.3", "a"), ["10.1.0.0/16"], "a"),  # IPv4 on a socket that speaks both
        (request("fd00::1%eth0", "a"), ["fd00::/8"], "a"),
        (request("10.2.0.1", "a"), ["10.1.0.0/16"], None),
        (request("127.0.0.1", "a"), ["10.1.0.0/16"], None),
        (request(None, "a"), ["0.0.0.0/0", "::/0"], None),
        # A socket that is a file: who may open it is the file system's to say.
        (request(None, "a", **{"gunicorn.socket": Socket("")}), ["unix"], "a"),
        (request(None, "a", **{"gunicorn.socket": Socket("")}), ["10.0.0.0/8"], None),
        # REMOTE_ADDR as a header told it; the socket knows better.
        (request(PORTAL, "a", **{"gunicorn.socket": Socket(("192.0.2.7", 5))}), ["10.1.0.0/16"], None),
        (request(PORTAL, "a", **{"werkzeug.proxy_fix.orig": {"REMOTE_ADDR": "192.0.2.7"}}), ["10.1.0.0/16"], None),
        (request("192.0.2.7", "a", **{"werkzeug.proxy_fix.orig": {"REMOTE_ADDR": PORTAL}}), ["10.1.0.0/16"], "a"),
    ],
)
def test_who_is_believed(asked: Request, networks: list[str], name: str | None) -> None:
    assert named_by_portal(asked, settings(*networks)) == name


@pytest.mark.parametrize("names", [(), ("",), ("a", "b"), ("a,b",), ("x" * 201,)])
def test_the_portal_that_names_nobody_or_two_lets_nobody_in(names: tuple[str, ...]) -> None:
    with pytest.raises(NotAuthenticated):
        named_by_portal(request(PORTAL, *names), settings(PORTAL))


def test_without_a_header_configured_nobody_is_believed() -> None:
    assert named_by_portal(request(PORTAL, "a"), Settings.from_env()) is None
