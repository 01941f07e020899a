"""A webhook call: signed, bounded, judged by its answer; and never where it must not go."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from alerts.models import Channel, Hit, SavedSearch
from alerts.outbox import Claim, Part
from alerts.outcome import ACCEPTED
from alerts.parcel import Parcel
from alerts.targets import webhook
from alerts.webhook import judge, payload, post, send
from engine.config import Settings
from search.formats.place import Place
from tests.alerts.receivers import Answer, receiver
from tests.alerts.rows import NOW
from tests.ports import free_port

PLACE = Place("https://depeches.example", "Europe/Paris")
SECRET, OLD = "whsec_" + "A" * 43 + "=", "whsec_" + "B" * 43 + "="
SOURCE: dict[str, Any] = {
    "id": "d1",
    "story": "s1",
    "version": 1,
    "status": "current",
    "title": "Lavrov à Phnom Penh",
    "title_derived": False,
    "repaired": False,
    "lead": "PHNOM PENH – Le ministre…",
    "published": "2022-08-08T06:52:00+00:00",
    "date_precision": "minute",
    "date_basis": "stated",
    "agency": "AFP",
    "actors": ["Sergueï Lavrov"],
}


@pytest.fixture
def local() -> Settings:
    return replace(Settings.from_env(), host="127.0.0.1", user_header=None, trusted_proxies=())


def parcel(target: str, *dispatches: str, **channel: Any) -> Parcel:
    saved = SavedSearch(id="r1", name="Lavrov", params={"q": ["lavrov"]})
    asked = Channel(id="c1", saved_search_id="r1", type="webhook", target=target, secret=SECRET, **channel)
    asked.saved_search = saved
    parts = [
        Part("m1", asked, Hit(id=place, saved_search_id="r1", dispatch=id, version=1, kind="new", matched_at=NOW))
        for place, id in enumerate(dispatches or ("d1",))
    ]
    claim = Claim("m1", 1, "webhook", target, 1, NOW + timedelta(minutes=5), "w")
    return Parcel(claim, tuple(parts), {"d1": SOURCE})


def test_what_is_posted_is_signed_as_the_standard_says(local: Settings) -> None:
    with receiver() as found:
        assert send(parcel(found.url), PLACE, local) == ACCEPTED
    [call] = found.calls
    assert Webhook(SECRET).verify(call.body, call.headers) == call.json
    assert (call.id, call.path, call.headers["content-type"]) == ("m1", "/depeches", "application/json")


@pytest.mark.parametrize(("left", "signers"), [(timedelta(hours=1), [SECRET, OLD]), (timedelta(hours=-1), [SECRET])])
def test_the_secret_before_signs_too_while_keys_are_changed(
    local: Settings, left: timedelta, signers: list[str]
) -> None:
    until = datetime.now(UTC) + left
    with receiver() as found:
        send(parcel(found.url, old_secret=OLD, old_secret_until=until), PLACE, local)
    [call] = found.calls
    assert len(call.headers["webhook-signature"].split()) == len(signers)
    for each in signers:
        Webhook(each).verify(call.body, call.headers)


def test_it_tells_the_search_and_the_dispatch_as_the_api_does_with_whole_addresses() -> None:
    told = payload(parcel("https://example.org"), PLACE)
    assert told == {
        "type": "dispatch.matched",
        "saved_search": {
            "id": "r1",
            "name": "Lavrov",
            "links": {
                "self": "https://depeches.example/api/v1/saved-searches/r1",
                "html": "https://depeches.example/?q=lavrov",
                "page": "https://depeches.example/alertes/r1",
                "hits": "https://depeches.example/api/v1/saved-searches/r1/hits",
            },
        },
        "hit": {
            "kind": "new",
            "version": 1,
            "matched_at": "2026-11-26T09:30:00.000Z",
            "dispatch": {name: SOURCE.get(name) for name in ("date_text", *SOURCE)}
            | {"venues": [], "topics": []}
            | {
                "links": {
                    "self": "https://depeches.example/api/v1/dispatches/d1",
                    "html": "https://depeches.example/depeches/d1",
                }
            },
        },
    }


def test_a_digest_tells_all_its_hits_also_of_what_has_left_the_archive() -> None:
    told = payload(parcel("https://example.org", "d1", "d2"), PLACE)
    assert told["type"] == "dispatches.matched"
    assert [(hit["dispatch"]["id"], hit["dispatch"].get("title")) for hit in told["hits"]] == [
        ("d1", "Lavrov à Phnom Penh"),
        ("d2", None),
    ]


ANSWERS = [
    ("HTTP/1.1 200 OK\r\n\r\n", "done", "", None),
    ("HTTP/1.0 204\r\n\r\n", "done", "", None),
    ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n", "done", "", None),
    ("HTTP/1.1 410 Gone\r\n\r\n", "disable", "410", None),
    ("HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\n\r\n", "retry", "redirection", None),
    ("HTTP/1.1 404 Not Found\r\n\r\nrien\x1b[2J ici", "retry", "répondu 404 : rien[2J ici.", None),
    ("HTTP/1.1 503 Later\r\nRetry-After: 120\r\n\r\n", "retry", "503", timedelta(seconds=120)),
    ("HTTP/1.1 429 Slow\r\nretry-after:  7 \r\nX: y\r\n\r\n", "retry", "429", timedelta(seconds=7)),
    ("HTTP/1.1 503 x\r\nRetry-After: Thu, 26 Nov 2026 09:40:00 GMT\r\n\r\n", "retry", "", timedelta(minutes=10)),
    ("HTTP/1.1 503 x\r\nRetry-After: 99999999999999\r\n\r\n", "retry", "", timedelta(days=1)),
    ("HTTP/1.1 503 x\r\nRetry-After: bientôt\r\n\r\n", "retry", "", None),
    ("HTTP/1.1 500 x\r\nRetry-After: 120\r\n\r\n", "retry", "500", None),
    ("HTTP/1.1 503 x\r\n\r\nRetry-After: 120", "retry", "", None),
    ("", "retry", "comme un serveur HTTP", None),
    ("220 smtp.example.org ESMTP\r\n", "retry", "comme un serveur HTTP", None),
]


@pytest.mark.parametrize(("answer", "then", "why", "after"), ANSWERS)
def test_answers(answer: str, then: str, why: str, after: timedelta | None) -> None:
    outcome = judge(answer.encode(), "example.org", now=NOW)
    assert (outcome.then, outcome.after, outcome.away) == (then, after, False)
    assert why in outcome.why


def test_an_answer_without_end_is_read_no_further_than_needed(local: Settings) -> None:
    gone = threading.Event()
    endless = Answer(500, {"Content-Length": "99999999"}, b"x" * 1_000_000, gone.wait)
    with receiver(lambda _: endless) as found:
        gone.set()
        outcome = post(webhook(found.url, local), b"{}", {}, timeout=5)
    assert (outcome.then, len(outcome.why) < 300) == ("retry", True)


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that answers a byte at a time and never ends."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 ")
                while not stop.wait(0.02):
                    try:
                        connection.sendall(b"2")
                    except OSError:
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        stop.set()
        thread.join()


def test_who_answers_a_byte_at_a_time_gains_nothing(local: Settings, dripping: str) -> None:
    outcome = post(webhook(dripping, local), b"{}", {}, timeout=0.3)
    assert (outcome.then, outcome.away) == ("retry", True)
    assert "n'a pas répondu en 0.3 s" in outcome.why


def test_who_answers_and_hangs_up_before_having_read_all_is_heard(local: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1)
                connection.sendall(b"HTTP/1.1 413 Content Too Large\r\n\r\nUn Mo au plus.")

        thread = threading.Thread(target=refuse)
        thread.start()
        body = b"x" * 20_000_000
        outcome = post(webhook(f"http://127.0.0.1:{server.getsockname()[1]}/", local), body, {}, timeout=10)
        thread.join()
    assert (outcome.then, outcome.away, "413 : Un Mo au plus" in outcome.why) == ("retry", False, True)


def test_nobody_there(local: Settings) -> None:
    outcome = send(parcel(f"http://127.0.0.1:{free_port()}/"), PLACE, local)
    assert (outcome.then, outcome.away) == ("retry", True)


def test_a_private_address_is_not_called_by_a_service_that_is_not_local(local: Settings) -> None:
    open_ = replace(local, host="0.0.0.0")
    with receiver() as found:
        outcome = send(parcel(found.url.replace("http:", "https:")), PLACE, open_)
        assert (outcome.then, "adresse privée" in outcome.why) == ("retry", True)
        outcome = send(parcel(found.url), PLACE, open_)
        assert (outcome.then, "https" in outcome.why) == ("retry", True)
    assert found.calls == []


def test_a_certificate_of_nobody_we_know_is_refused(local: Settings) -> None:
    with receiver() as found:  # speaks no TLS at all
        outcome = send(parcel(found.url.replace("http:", "https:")), PLACE, local)
    assert (outcome.then, outcome.away) == ("retry", True)
    assert found.calls == []
