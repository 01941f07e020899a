"""Receivers of webhooks that the tests run on this machine: real servers, as kind or unkind as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Call:
    """One request: its headers, names in lower case, and its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Answer:
    """`before`: called before it is sent. `cut`: nothing is sent, the connection ends."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    before: Callable[[], object] = lambda: None
    cut: bool = False


@dataclass(slots=True)
class Receiver:
    """A server; `calls` are those it was asked, in order, and `most` how many of them at a time."""

    url: str
    calls: list[Call] = field(default_factory=list)
    most: int = 0

    @property
    def ids(self) -> list[str]:
        return [call.id for call in self.calls]


@contextmanager
def receiver(answer: Callable[[Call], Answer] = lambda _: Answer()) -> Iterator[Receiver]:
    """A receiver that answers so, for the length of the block."""
    lock = threading.Lock()
    now = 0

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            nonlocal now
            body = self.rfile.read(int(self.headers["Content-Length"]))
            call = Call(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            with lock:
                now += 1
                found.calls.append(call)
                found.most = max(found.most, now)
            try:
                told = answer(call)
                told.before()
            finally:
                # Before the answer: whoever has it may send the next.
                with lock:
                    now -= 1
            if told.cut:
                return
            try:
                self.send_response(told.status)
                for name, value in {"Content-Length": str(len(told.body)), **told.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(told.body)
            except OSError:
                pass  # the caller has gone: some answers take longer than it waits

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Receiver(f"http://127.0.0.1:{server.server_address[1]}/depeches")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
