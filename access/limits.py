"""How much one caller may ask in a minute, by what it costs the archive: so that a program gone wild takes it from nobody else.

Who is counted: a key, a portal's page with the reader behind it, a reader who is named, else an address. What may speak for many (a key
for all of a portal, an address for all of a house) may ask `FOR_MANY` times as much. Health and files are never counted, nor is
anything in local mode.

Wrong keys are counted by address and by the key they pretend to be: the next one there is not even looked at, while every
other key, and every reader whom the portal names, comes through the same address as before.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import structlog
from flask import Flask, Request, Response, g, request
from prometheus_client import Counter

from access.counting import Counts, Gathered, counts_of
from access.keys import KEY
from access.local import is_local
from access.portal import believed, peer
from access.scopes import Caller
from engine.config import Settings
from engine.errors import TooManyRequests

log = structlog.get_logger()

REFUSED = Counter("depeches_limited_total", "Requêtes refusées parce que trop nombreuses", ["kind", "by"])
FAILED = Counter("depeches_limits_failed_total", "Comptes des limites qui n'ont pas pu être tenus")

# What is counted together, as its refusal calls it. `engine.config.LIMITS` says how many.
KINDS = {
    "search": "recherches et lectures",
    "suggest": "propositions pendant la frappe",
    "export": "fichiers exportés",
    "push": "chargements",
    "feed": "lectures de fils",
    "save": "changements d’alertes",
    "token": "jetons demandés",
    "sign-in": "connexions",
    "wrong": "clés refusées",
}

SECONDS = 60

# A portal's server asks with one key for all its readers; a house goes out by one address.
FOR_MANY = 5

# Wrong keys of an address, whatever they pretend to be, for one that only one key may have: a portal holds a dozen.
WRONG_BY_ADDRESS = 10

# Seconds a store that failed is left alone: a machine that is away would cost every request its patience.
REST = 15

# Seconds between two lines of the log about who asks too much.
TELLING = 5

# Wrong keys a process remembers to be over; what comes then is counted and not remembered.
MOST_HELD = 10_000

# A house has 2^64 addresses of its own where an address is IPv6.
HOUSE = 64


@dataclass(frozen=True, slots=True)
class Who:
    """Who is counted. `by`: how they are known; `many`: whether they may speak for many."""

    by: str
    name: str

    @property
    def many(self) -> bool:
        return self.by != "user"


@dataclass(frozen=True, slots=True)
class Count:
    """What somebody asked so far of what they may; `seconds` until it begins anew."""

    kind: str
    most: int
    count: int
    seconds: int

    @property
    def over(self) -> bool:
        return self.count > self.most

    def headers(self) -> dict[str, str]:
        """As the IETF's draft "RateLimit header fields for HTTP" writes them (draft-ietf-httpapi-ratelimit-headers-10)."""
        return {
            "RateLimit-Policy": f'"{self.kind}";q={self.most};w={SECONDS}',
            "RateLimit": f'"{self.kind}";r={max(0, self.most - self.count)};t={self.seconds}',
        }


class Limits:
    """Counts and refuses. One per process; a store that fails refuses nobody."""

    def __init__(self, settings: Settings, counts: Counts | None = None) -> None:
        self.settings = settings
        self._most = dict(settings.limits)
        self._counts = Gathered(counts or counts_of(settings))
        self._told = 0.0
        self._resting = 0.0
        self._held: dict[str, float] = {}

    def count(self, kind: str, who: Who) -> Count | None:
        """One more of a kind; None: it is not limited, or cannot be counted."""
        found = self._counted(kind, f"{who.by}:{who.name}", self._most[kind] * (FOR_MANY if who.many else 1))
        if found and found.over:
            self._tell(found, who.by, who.name)
        return found

    def hold_back(self, request: Request) -> None:
        """Before a key is looked at. Raises: TooManyRequests: too many wrong ones pretended to be this one, from there."""
        if not self._held or not (handle := _handle(request)):
            return
        until = self._held.get(self._pretending(request, handle), 0.0)
        if (seconds := math.ceil(until - time.time())) > 0:
            REFUSED.labels("wrong", "key").inc()
            raise _too_wrong(seconds)

    def wrong(self, request: Request) -> None:
        """A key or a token that opened nothing. Raises: TooManyRequests: there were too many."""
        address = address_of(request, self.settings)
        most = self._most["wrong"]
        if handle := _handle(request):
            key = self._pretending(request, handle)
            found = self._counted("wrong", key, most)
            if found and found.over:
                self._tell(found, "key", handle)
                if len(self._held) >= MOST_HELD:
                    now = time.time()
                    self._held = {each: until for each, until in self._held.items() if until > now}
                if len(self._held) < MOST_HELD:
                    self._held[key] = time.time() + found.seconds
                raise _too_wrong(found.seconds)
        found = self._counted("wrong", f"address:{address}", most * WRONG_BY_ADDRESS)
        if found and found.over:
            self._tell(found, "address", address)
            raise _too_wrong(found.seconds)

    def _pretending(self, request: Request, handle: str) -> str:
        return f"key:{handle}:{address_of(request, self.settings)}"

    def _counted(self, kind: str, key: str, most: int) -> Count | None:
        if not most or time.monotonic() < self._resting:
            return None
        # Names are nobody's business there, and a store may not take every letter.
        digest = hashlib.blake2b(key.encode(errors="replace"), digest_size=16).hexdigest()
        try:
            count, ends = self._counts.count(f"depeches/{kind}/{digest}", SECONDS, most)
        except Exception as error:  # whatever a store raises: the archive answers without counting
            self._resting = time.monotonic() + REST
            FAILED.inc()
            log.warning("limites", detail="Les limites ne sont pas tenues pour l'instant.", cause=repr(error)[:300])
            return None
        return Count(kind, most, count, max(1, min(SECONDS, math.ceil(ends - time.time()))))

    def _tell(self, found: Count, by: str, name: str) -> None:
        REFUSED.labels(found.kind, by).inc()
        if (now := time.monotonic()) - self._told > TELLING:
            self._told = now
            log.warning("limite", kind=found.kind, by=by, name=name[:200], most=found.most)


def who_asks(caller: Caller | None, request: Request, settings: Settings) -> Who:
    """Who is counted for a request that was let in."""
    if caller is None or caller.by == "anonymous":
        return Who("address", address_of(request, settings))
    if caller.by == "key":
        return Who("key", caller.key)
    if caller.by == "token":  # of the portal's, the reader's own share
        origin = request.headers.get("Origin", "")
        return Who("token", f"{caller.key} {origin} {address_of(request, settings)}")
    return Who("user", caller.name)


def address_of(request: Request, settings: Settings) -> str:
    """The address a request comes from, behind the proxies that are believed to say it; for counting, and for nothing else.

    Believed: the portal's, those of `DEPECHES_FORWARDING_PROXIES`, and one on this machine itself. Each adds whom it heard to the end
    of `X-Forwarded-For`; what stands before the first that is not believed was written by anybody.
    """
    proxies = settings.trusted_proxies + settings.forwarding_proxies
    told = [each.strip() for line in request.headers.getlist("X-Forwarded-For") for each in line.split(",")]
    at = peer(request.environ)
    while told and (believed(at, proxies) or at == "unix" or _is_here(at)):
        before = told.pop()
        if _address(before) is None:
            break
        at = before
    found = _address(at)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, HOUSE), strict=False))
    return str(found or at)


def limits_of(settings: Settings) -> Limits | None:
    """None in local mode, and where nothing is limited. Raises: ConfigurationError."""
    return None if is_local(settings) or not any(most for _, most in settings.limits) else Limits(settings)


def install(app: Flask, limits: Limits, kinds: Mapping[str, str], free: Collection[str]) -> None:
    """Count what is asked of this application, after the gate, which counts wrong keys itself.

    Args:
        kinds: of endpoints; "search" for those it does not name.
        free: endpoints that are never counted.
    """

    @app.before_request
    def count() -> None:
        endpoint = request.endpoint
        if endpoint is None or endpoint in free or request.method == "OPTIONS":
            return
        who = who_asks(g.get("caller"), request, limits.settings)
        g.limited = found = limits.count(kinds.get(endpoint, "search"), who)
        if found and found.over:
            raise TooManyRequests(
                f"Trop de demandes en une minute ({KINDS[found.kind]} : {found.most} au plus) ; réessayez dans {found.seconds} s.",
                retry_after=found.seconds,
            )

    @app.after_request
    def tell(response: Response) -> Response:
        if found := g.get("limited"):
            response.headers.update(found.headers())
        return response


def _too_wrong(seconds: int) -> TooManyRequests:
    return TooManyRequests(
        f"Trop de clés refusées depuis cette adresse ; réessayez dans {seconds} s, avec une clé qui ouvre.",
        retry_after=seconds,
    )


def _handle(request: Request) -> str | None:
    """What names the key that is shown; None: it has no key's form."""
    found = KEY.fullmatch(request.headers.get("Authorization", "").partition(" ")[2].strip())
    return found[1] if found else None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def _is_here(at: str) -> bool:
    found = _address(at)
    return found is not None and found.is_loopback
