"""Addresses in a letter that open one thing without signing in: signed, so that nobody makes up another. Pure.

    /alertes/arret/canal/{channel}                stop one saved search's letters to an address
    /alertes/arret/envoi/{delivery}               stop all that one letter was about (List-Unsubscribe, RFC 8058)
    /alertes/envois/{delivery}/{saved search}     the dispatches one letter announced

They do not expire: a letter is opened when its reader finds the time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlencode

from search.formats.place import Place

# Bytes of a signature: 128 bits cannot be guessed, and the address stays short enough for one line of a letter.
SIGNED = 16


def signature(key: bytes, *words: str) -> str:
    """What proves that we wrote these words together: 22 letters that need no escape in a URL."""
    digest = hmac.new(key, "\n".join(words).encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:SIGNED]).decode().rstrip("=")


def genuine(key: bytes, given: str, *words: str) -> bool:
    """Whether a signature is ours."""
    return hmac.compare_digest(signature(key, *words).encode(), given.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Links:
    """`key`: this archive's secret (`alerts/signing.py`)."""

    place: Place
    key: bytes

    def stop_channel(self, channel: str) -> str:
        return self._signed("arret/canal", "canal", channel)

    def stop_delivery(self, delivery: str) -> str:
        return self._signed("arret/envoi", "envoi", delivery)

    def announced(self, delivery: str, saved_search: str, after: int) -> str:
        """The dispatches of a letter about a saved search, after the first so many."""
        return self._signed("envois", "voir", delivery, saved_search, after=after)

    def _signed(self, path: str, purpose: str, *ids: str, **more: object) -> str:
        query = urlencode({**more, "s": signature(self.key, purpose, *ids)})
        return f"{self.place.address}/alertes/{path}/{'/'.join(ids)}?{query}"
