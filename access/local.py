"""Local mode: a service that listens on this machine alone lets everything be done by whoever is at it, and by nobody else.

Loopback alone is no proof. A proxy on this machine speaks for the whole world; a page of any site can post a form to
127.0.0.1 without asking (multipart and text/plain need no preflight); a name that first led elsewhere may lead here at the
second look (DNS rebinding). Each has a sign, and any sign closes the door.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Request

from engine.config import Settings


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is allowed; if not, why, for the person who reads the answer."""

    allowed: bool
    why: str = ""

    def __bool__(self) -> bool:
        return self.allowed


# "localhost:8000", "127.0.0.1", "[::1]:8000"; not "localhost.example.org".
_LOCAL_HOST = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?", re.IGNORECASE)

# What a proxy adds, or a portal that has signed its user in. So does every name that begins with X-Forwarded-.
PROXY_HEADERS = (
    "Forwarded",
    "Via",
    "X-Real-IP",
    "X-Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "Remote-User",
    "Auth-User",
    "X-Remote-User",
)

# Methods that change nothing: following a link to us from elsewhere is no harm.
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def is_local(settings: Settings) -> bool:
    """Whether this service is in local mode: on loopback, and no portal or provider that says who asks."""
    ours = not settings.user_header and not settings.trusted_proxies and not settings.oidc_issuer
    return is_loopback(settings.host) and ours


def at_this_machine(request: Request, settings: Settings) -> Verdict:
    """Whether a request to a service in local mode comes from this machine itself. Reads its headers only."""
    if not is_loopback(settings.host):
        return Verdict(False, f"Ce service écoute sur {settings.host} (HOST), au-delà de la machine.")
    if settings.oidc_issuer:
        return Verdict(False, "Ce service demande une connexion (DEPECHES_OIDC_ISSUER).")
    if not is_local(settings):
        return Verdict(False, "Ce service est derrière un portail (DEPECHES_USER_HEADER, DEPECHES_TRUSTED_PROXIES).")
    if not is_loopback(request.remote_addr or ""):
        return Verdict(False, "La requête vient d'une autre machine.")
    proxied = _proxy_header(request)
    if proxied:
        return Verdict(False, f"La requête est passée par un mandataire (en-tête {proxied}).")
    if not _LOCAL_HOST.fullmatch(request.headers.get("Host", "")):
        return Verdict(
            False, "L'en-tête Host n'est pas un nom de cette machine ; adressez-vous à 127.0.0.1 ou localhost."
        )
    return Verdict(True)


def from_our_pages(request: Request, public_url: str = "") -> Verdict:
    """Whether a request that changes something comes from a program or from our own pages, not from another site's.

    For whoever is let in without showing a key: a browser would send the same for any page it shows.

    Args:
        public_url: where readers know the archive; behind a proxy that speaks TLS, it is another address than ours.
    """
    if request.method in SAFE_METHODS:
        return Verdict(True)
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return Verdict(False, "La requête vient d'une page d'un autre site (Sec-Fetch-Site).")
    ours = f"{request.scheme}://{request.headers.get('Host', '')}".lower()
    known = "{0.scheme}://{0.netloc}".format(urlsplit(public_url)).lower() if public_url else ours
    # Sec-Fetch-Site is the browser's own word; one that does not say it (before 2023) says Origin.
    vouched = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if not vouched and request.headers.get("Origin", ours).lower() not in (ours, known):
        return Verdict(False, "La requête vient d'une page d'un autre site (Origin).")
    return Verdict(True)


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"


def _proxy_header(request: Request) -> str | None:
    names = (name for name, _ in request.headers)
    return next((name for name in names if name.title().startswith("X-Forwarded-")), None) or next(
        (name for name in PROXY_HEADERS if name in request.headers), None
    )
