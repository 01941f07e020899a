"""Tokens of a portal's pages: what an element embedded there shows in the place of a key.

A token is `dpt_<what it says>.<signature>`: the origin of the page it is for, the key it was asked with, and its end. It is not
kept: it is believed because it is signed, and for as long as its key holds. It opens the search and nothing else, and only to
a browser that says (`Origin`) that the page asking is of that origin. A page can read it, and so can whoever reads the page;
what they gain is a search from that origin for a few minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from access import keys
from access.signing import secret
from engine.database import Database
from engine.errors import NotAuthenticated, NotFoundError, TokenExpired

PREFIX = "dpt_"

# The secret tokens are signed with.
SECRET = "portal"

# Minutes a token is good for: enough to read a page of results, too few to be worth stealing. An element asks for another.
DEFAULT_MINUTES = 15
LONGEST_MINUTES = 60

# Letters of a token: an origin has 264 at most.
LONGEST = 1024

_WRONG = (
    "Ce jeton n'ouvre rien : il n'est pas de cette archive, il a été modifié, ou la clé qui l'a demandé est fermée."
)


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says.

    Args:
        origin: of the pages it is for ("https://intranet.exemple.fr").
        handle: of the key it was asked with.
        expires: its end, to the second.
    """

    origin: str
    handle: str
    expires: datetime

    def signed(self, with_secret: bytes) -> str:
        """The token as it is shown."""
        said = json.dumps([self.origin, self.handle, int(self.expires.timestamp())], separators=(",", ":"))
        payload = _letters(said.encode())
        return f"{PREFIX}{payload}.{_signature(with_secret, payload)}"


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as it is shown, and its end."""

    text: str
    expires: datetime


def issue(database: Database, origin: str, key: str, minutes: int) -> Issued:
    """A token for the pages of an origin, in the name of a key given by its handle.

    Raises:
        NotFoundError: no such key, or it does not open the search (any more). DatabaseError.
    """
    handle = keys.handle_of(key)
    with database.reading() as session:
        now = database.now(session)
        if not keys.holds(session, handle, "search", now):
            raise NotFoundError(
                f"Aucune clé ouverte, de portée « search », ne commence par « dep_{handle[:20]} » : depeches keys list."
            )
    expires = (now + timedelta(minutes=minutes)).replace(microsecond=0)
    return Issued(Token(origin, handle, expires).signed(secret(database, SECRET)), expires)


def is_token(shown: str) -> bool:
    """Whether what is shown is meant for a token, not a key."""
    return shown.startswith(PREFIX)


def verify(database: Database, shown: str, origin: str) -> Token:
    """What a token says, if it holds here and now.

    Args:
        origin: the page's, as the browser says it; blank when it says none.

    Raises:
        TokenExpired: it was ours, and is over. NotAuthenticated: anything else is wrong with it. DatabaseError.
    """
    token = _read(shown, secret(database, SECRET))
    if token is None:
        raise NotAuthenticated(_WRONG)
    with database.reading() as session:
        now = database.now(session)
        if not keys.holds(session, token.handle, "search", now):
            raise NotAuthenticated(_WRONG)
    # A genuine token's holder knows what it says: telling them what is wrong helps no one who guesses.
    if token.origin != origin:
        raise NotAuthenticated(
            f"Ce jeton est pour les pages de {token.origin} ; "
            + (
                f"celle-ci est de {origin[:200]}."
                if origin
                else "la requête ne vient d'aucune page (sans en-tête Origin)."
            )
        )
    if token.expires <= now:
        raise TokenExpired("Ce jeton a expiré ; le portail en demande un autre.")
    return token


def _read(shown: str, with_secret: bytes) -> Token | None:
    payload, _, signature = shown.removeprefix(PREFIX).partition(".")
    right = hmac.compare_digest(_signature(with_secret, payload).encode(), signature.encode("utf-8", "surrogatepass"))
    if not right or len(shown) > LONGEST:
        return None
    origin, handle, expires = _said(payload)  # signed: it is as we wrote it
    return Token(origin, handle, datetime.fromtimestamp(expires, UTC))


def _said(payload: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def _signature(with_secret: bytes, payload: str) -> str:
    return _letters(hmac.new(with_secret, payload.encode("utf-8", "surrogatepass"), hashlib.sha256).digest())


def _letters(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
