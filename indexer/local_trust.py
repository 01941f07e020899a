"""Who may write while there are no keys: a program of this machine, and no page of the web in its browser.

Loopback alone is no proof. A proxy on this machine speaks for the whole world; a page of any site can post a form to
127.0.0.1 without asking (multipart and text/plain need no preflight); a name that first led elsewhere may lead here at the
second look (DNS rebinding). Each has a sign, and any sign closes the door.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from flask import Request

from engine.config import Settings


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether writing is allowed; if not, why and what to do, for the person who reads the answer."""

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

_ELSEWHERE = "Charger par HTTP n'est ouvert qu'aux programmes de la machine du service, en mode local."


def writing_allowed(request: Request, settings: Settings) -> Verdict:
    """Whether this request may add dispatches. Reads its headers only, never its body."""
    if not is_loopback(settings.host):
        return _no(f"Ce service écoute sur {settings.host} (HOST), au-delà de la machine ; utilisez depeches load.")
    if not is_loopback(request.remote_addr or ""):
        return _no("La requête vient d'une autre machine ; utilisez depeches load.")
    proxied = _proxy_header(request)
    if proxied:
        return _no(f"La requête est passée par un mandataire (en-tête {proxied}).")
    host = request.headers.get("Host", "")
    if not _LOCAL_HOST.fullmatch(host):
        return _no("L'en-tête Host n'est pas un nom de cette machine ; adressez-vous à 127.0.0.1 ou localhost.")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return _no("La requête vient d'une page d'un autre site (Sec-Fetch-Site).")
    if request.headers.get("Origin", f"{request.scheme}://{host}").lower() != f"{request.scheme}://{host}".lower():
        return _no("La requête vient d'une page d'un autre site (Origin).")
    return Verdict(True)


def _no(cause: str) -> Verdict:
    return Verdict(False, f"{_ELSEWHERE} {cause}")


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
