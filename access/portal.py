"""The portal's reverse proxy signs readers in and names them in a header. It is believed from its own networks only.

The peer is the other end of the socket. What stands in the environment as REMOTE_ADDR may be what a header said: werkzeug's
ProxyFix and gunicorn's PROXY protocol put there what they were told.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Any

from flask import Request

from access.groups import in_header
from access.users import known_as
from engine.config import Network, Settings, UnixPeer
from engine.errors import BadParameter, NotAuthenticated


def named_by_portal(request: Request, settings: Settings) -> str | None:
    """The reader the portal names; None when the request does not come through it.

    Raises:
        NotAuthenticated: it does, and names nobody, or more than one.
    """
    if not settings.user_header or not believed(peer(request.environ), settings.trusted_proxies):
        return None
    told = _header(request, settings.user_header)
    if not told:
        raise NotAuthenticated(
            f"Le portail n'a nommé personne (en-tête {settings.user_header}) : connectez-vous au portail."
        )
    # A header sent twice arrives joined by a comma: a proxy that adds its own without dropping the reader's.
    if "," in told:
        raise NotAuthenticated(
            f"L'en-tête {settings.user_header} est en double : le portail doit remplacer celui du lecteur, et non en ajouter un."
        )
    try:
        return known_as(told)
    except BadParameter as error:
        raise NotAuthenticated(f"L'en-tête {settings.user_header} ne nomme personne. {error.detail}") from error


def groups_by_portal(request: Request, settings: Settings) -> tuple[str, ...]:
    """The groups of the reader whom the portal names; ask only for a request that `named_by_portal` believes."""
    return in_header(_header(request, settings.groups_header)) if settings.groups_header else ()


def _header(request: Request, name: str) -> str:
    """A header's text. Servers hand it over as Latin-1 whatever it is; portals write UTF-8: "ZoÃ©" is « Zoé »."""
    told = request.headers.get(name, "").strip()
    try:
        return told.encode("latin-1").decode()
    except UnicodeError:
        return told


def peer(environ: dict[str, Any]) -> str:
    """The address at the other end of the socket; `unix` for a socket that is a file; blank when unknown."""
    socket = environ.get("gunicorn.socket")
    if socket is not None:
        try:
            address = socket.getpeername()
        except OSError:
            return ""
        return str(address[0]) if isinstance(address, tuple) else "unix"
    before = environ.get("werkzeug.proxy_fix.orig") or environ
    return str(before.get("REMOTE_ADDR") or "")


def believed(address: str, networks: Collection[Network | UnixPeer]) -> bool:
    """Whether this peer is of these networks: the portal's, a proxy's."""
    if address == "unix":
        return "unix" in networks
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    found = mapped or found
    return any(found in network for network in networks if network != "unix")
