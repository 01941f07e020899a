"""Where alerts may be sent: an e-mail address that is one, a webhook that is no way into the house's own network.

A webhook's name is looked up once, and every address it has must do; who sends keeps to these addresses, so that a name
that changes its mind between the look and the call gains nothing (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from access.local import is_local
from engine.config import Settings
from engine.errors import BadParameter

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST_TARGET = 1_000

# Seconds a name may take to be looked up.
LOOKUP = 5.0

# What browsers take for an address (HTML standard, "valid email address"), its name ending in letters.
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")

# Look-ups that hang are left behind; more than so many at once wait.
_LOOKUPS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="lookup")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook that may be called: its URL in ASCII, and the only addresses to call it at."""

    url: str
    host: str
    port: int
    addresses: tuple[Address, ...]


def email(text: str) -> str:
    """An address as we keep it. Raises: BadParameter: it is none; says which part."""
    mailbox, at, domain = text.strip().rpartition("@")
    if not at or len(text) > 254:
        raise BadParameter(f"« {text[:80]} » n'est pas une adresse électronique : il y faut un nom, @ et un domaine.")
    if not _MAILBOX.fullmatch(mailbox) or mailbox.startswith(".") or mailbox.endswith(".") or ".." in mailbox:
        raise BadParameter(f"« {mailbox[:80]} », avant le @, n'est pas un nom de boîte.")
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError:
        ascii_domain = ""
    labels = ascii_domain.split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise BadParameter(f"« {domain[:80]} », après le @, n'est pas un domaine.")
    return f"{mailbox}@{ascii_domain.lower()}"


def webhook(text: str, settings: Settings) -> Endpoint:
    """An endpoint that may be called from here.

    Raises:
        BadParameter: it is no URL, not https, unknown to the network, or leads into it; says which and what to do.
    """
    parts = _parts(text)
    local = is_local(settings)
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise BadParameter(f"Un webhook s'appelle en https ; « {text[:80]} » commence par {parts.scheme or 'rien'}.")
    host = _ascii(str(parts.hostname))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = _look_up(host, port)
    for address in addresses:
        if not (local or _public(address) or any(address in network for network in settings.webhook_networks)):
            raise BadParameter(
                f"« {host} » mène à {address}, une adresse privée ou réservée : un webhook appelle une adresse publique. "
                "L'exploitant peut ouvrir un réseau de la maison par DEPECHES_WEBHOOK_NETWORKS."
            )
    shown = f"[{host}]" if ":" in host else host
    url = parts._replace(netloc=shown + (f":{parts.port}" if parts.port else ""), fragment="").geturl()
    return Endpoint(url, host, port, addresses)


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text.strip())
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or len(text) > LONGEST_TARGET or not text.isascii() or not re.fullmatch(r"[!-~]+", text.strip()):
        raise BadParameter(
            f"« {text[:80]} » n'est pas une adresse de webhook : https://serveur/chemin, sans espace ni accent, au plus "
            f"{LONGEST_TARGET} caractères."
        )
    if parts.username is not None or parts.password is not None:
        raise BadParameter("Une adresse de webhook ne porte ni nom ni mot de passe : chaque envoi est signé.")
    return parts


def _ascii(host: str) -> str:
    return host.rstrip(".").lower()


def _look_up(host: str, port: int) -> tuple[Address, ...]:
    try:
        found = _LOOKUPS.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(LOOKUP)
    except NoAnswer:
        raise BadParameter(f"Le nom « {host} » n'a pas été trouvé en {LOOKUP:g} s ; réessayez.") from None
    except (OSError, UnicodeError) as error:
        raise BadParameter(f"Le nom « {host} » est inconnu du réseau ; vérifiez l'adresse du webhook.") from error
    addresses = dict.fromkeys(ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found)
    return tuple(addresses)


def _public(address: Address) -> bool:
    """Whether it is out in the world. An address that carries another inside is judged by that one too."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, (address.teredo or (None, None))[1]]
        if address in _NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(each and not _public(each) for each in inner):
            return False
        if address.ipv4_mapped:
            return True
    if any(address in network for network in _NOBODYS):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


# Set apart or given up, and called global by the Pythons we run on: IETF protocols, 6to4 relays, site-local, documentation.
_NOBODYS = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20")))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
