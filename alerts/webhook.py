"""A message is posted to a webhook, signed as Standard Webhooks says (https://www.standardwebhooks.com, version 1).

The name is looked up and judged at every call (`alerts/targets.py`), and the call goes to an address that was judged, so a
name that changes in between leads nowhere. The whole call has one deadline: who answers a byte at a time gains nothing.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from alerts.models import Channel
from alerts.outbox import Part
from alerts.outcome import ACCEPTED, Outcome
from alerts.parcel import Parcel
from alerts.schemas import NOT_ANNOUNCED, saved_links
from alerts.targets import Address, Endpoint, webhook
from engine.config import Settings
from engine.errors import BadParameter
from mappings.dispatch import instant
from search.formats.place import Place
from search.schemas import addresses, hit_json

# Seconds for all of a call: Standard Webhooks advises 15 to 30 at most; a receiver answers first and works later.
TIMEOUT = 10.0

# Of an answer only its status line and headers matter; a receiver's error is told in the first words of its body.
LONGEST_ANSWER = 16 * 1024
LONGEST_WORDS = 200

# Nobody is left alone longer than this, whatever they ask.
LONGEST_AFTER = timedelta(days=1)

USER_AGENT = "Depeches"

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: [^\r\n]*)?\r?\n")
_END = re.compile(rb"\r?\n\r?\n")

# Statuses by which a receiver says when to come back (RFC 9110, section 10.2.3).
_LATER = (429, 503)


# -- what is told ------------------------------------------------------------------------------------------------


def payload(parcel: Parcel, place: Place) -> dict[str, Any]:
    """The body: one hit as `dispatch.matched`, those of a digest as `dispatches.matched`."""
    saved = parcel.parts[0].channel.saved_search
    search = {"id": saved.id, "name": saved.name, "links": _absolute(saved_links(saved), place)}
    found = [_hit(part, parcel, place) for part in parcel.parts]
    if len(found) == 1:
        return {"type": "dispatch.matched", "saved_search": search, "hit": found[0]}
    return {"type": "dispatches.matched", "saved_search": search, "hits": found}


def _hit(part: Part, parcel: Parcel, place: Place) -> dict[str, Any]:
    id = part.hit.dispatch
    result = parcel.result(id)
    told = hit_json(result) if result else {"id": id}
    dispatch = {name: value for name, value in told.items() if name not in NOT_ANNOUNCED}
    return {
        "kind": part.hit.kind,
        "version": part.hit.version,
        "matched_at": instant(part.hit.matched_at),
        "dispatch": dispatch | {"links": _absolute(addresses(id), place)},
    }


def _absolute(found: Mapping[str, str], place: Place) -> dict[str, str]:
    return {name: place.address + address for name, address in found.items()}


def signatures(channel: Channel, id: str, moment: datetime, body: str) -> str:
    """The signature by the channel's secret, and while keys are changed by the one before too."""
    secrets = [channel.secret]
    if channel.old_secret_until and channel.old_secret_until > moment:
        secrets.append(channel.old_secret)
    return " ".join(Webhook(secret).sign(id, moment, body) for secret in secrets if secret)


# -- the call ----------------------------------------------------------------------------------------------------


def send(parcel: Parcel, place: Place, settings: Settings, *, timeout: float = TIMEOUT) -> Outcome:
    """Post a message; never raises what the other side or the network does."""
    channel = parcel.parts[0].channel
    try:
        endpoint = webhook(parcel.claim.target, settings)
    except BadParameter as error:
        return Outcome("retry", error.detail)
    body = json.dumps(payload(parcel, place), ensure_ascii=False, separators=(",", ":"))
    moment = datetime.now(UTC)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": parcel.claim.id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signatures(channel, parcel.claim.id, moment, body),
    }
    return post(endpoint, body.encode(), headers, timeout=timeout)


def post(endpoint: Endpoint, body: bytes, headers: Mapping[str, str], *, timeout: float = TIMEOUT) -> Outcome:
    """One POST to an endpoint that was judged, at one of its addresses.

    Args:
        timeout: seconds for all of it.
    """
    deadline = time.monotonic() + timeout
    try:
        with _connect(endpoint, deadline) as connection:
            answer = _exchange(connection, _request(endpoint, body, headers), deadline)
    except TimeoutError:
        return Outcome("retry", f"{endpoint.host} n'a pas répondu en {timeout:g} s.", away=True)
    except ssl.SSLError as error:
        return Outcome("retry", f"La connexion chiffrée à {endpoint.host} a échoué : {error.reason}.", away=True)
    except OSError as error:
        return Outcome("retry", f"{endpoint.host} ne répond pas : {error.strerror or error}.", away=True)
    return judge(answer, endpoint.host)


def judge(answer: bytes, host: str, *, now: datetime | None = None) -> Outcome:
    """What an answer means: its status, and when to come back."""
    while (status := _STATUS.match(answer)) and status[1].startswith(b"1") and (end := _END.search(answer)):
        answer = answer[end.end() :]  # an interim answer; the real one follows
    if not status:
        return Outcome("retry", f"{host} n'a pas répondu comme un serveur HTTP.")
    code = int(status[1])
    if 200 <= code < 300:
        return ACCEPTED
    if code == 410:
        return Outcome("disable", f"{host} a répondu 410 : ce webhook n'existe plus.")
    if 300 <= code < 400:
        return Outcome("retry", f"{host} a répondu {code}, une redirection : elles ne sont pas suivies.")
    head, _, rest = answer.replace(b"\r\n", b"\n").partition(b"\n\n")
    after = _retry_after(head, now or datetime.now(UTC)) if code in _LATER else None
    words = " ".join(rest.decode("utf-8", "replace").split())
    said = "".join(char for char in words if char.isprintable())[:LONGEST_WORDS]
    return Outcome("retry", f"{host} a répondu {code}{f' : {said}' if said else ''}.", after=after)


def _retry_after(head: bytes, now: datetime) -> timedelta | None:
    """Retry-After, in seconds or as a date; None where there is none that can be read."""
    told = re.search(rb"(?im)^retry-after[ \t]*:[ \t]*([^\n]*?)[ \t]*$", head)
    if not told:
        return None
    text = told[1].decode("latin-1")
    try:
        if text.isascii() and text.isdigit():
            wait = timedelta(seconds=min(int(text), int(LONGEST_AFTER.total_seconds())))
        else:
            moment = parsedate_to_datetime(text)
            wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), LONGEST_AFTER)


def _request(endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(endpoint.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fixed = {"Host": parts.netloc, "Connection": "close", "Content-Length": str(len(body))}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**fixed, **headers}.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii") + body


def _connect(endpoint: Endpoint, deadline: float) -> socket.socket:
    """A connection to the first of its addresses that takes one."""
    failed: OSError | None = None
    for address in endpoint.addresses:
        try:
            connection = _open(address, endpoint.port, deadline)
            break
        except OSError as error:
            failed = error
    else:
        raise failed or OSError("aucune adresse")
    if urlsplit(endpoint.url).scheme != "https":
        return connection
    try:
        connection.settimeout(_left(deadline))
        return ssl.create_default_context().wrap_socket(connection, server_hostname=endpoint.host)
    except BaseException:
        connection.close()
        raise


def _open(address: Address, port: int, deadline: float) -> socket.socket:
    connection = socket.create_connection((str(address), port), timeout=_left(deadline))
    connection.settimeout(_left(deadline))
    return connection


def _exchange(connection: socket.socket, request: bytes, deadline: float) -> bytes:
    """The answer to a request; also of who answers and hangs up before having read it all (413, 401)."""
    try:
        connection.sendall(request)
    except TimeoutError:
        raise
    except OSError:
        answer = b""
        with suppress(OSError):
            answer = _answer(connection, deadline)
        if not answer:
            raise
        return answer
    return _answer(connection, deadline)


def _answer(connection: socket.socket, deadline: float) -> bytes:
    """What is answered, until it ends, is long enough, or can change nothing any more."""
    received = b""
    while len(received) < LONGEST_ANSWER:
        connection.settimeout(_left(deadline))
        try:
            chunk = connection.recv(4096)
        except TimeoutError:
            if _END.search(received):
                break  # its head is here; it only keeps us waiting for the rest
            raise
        except OSError:
            if _END.search(received):
                break  # it hung up on what it had not read of ours
            raise
        if not chunk:
            break
        received += chunk
        status = _STATUS.match(received)
        if status and status[1].startswith((b"2", b"410")) and _END.search(received):
            break
    return received


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
