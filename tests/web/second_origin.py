"""A portal: another server, of another host name and port than the archive's, whose pages embed it; and its archive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

# What is answered to a path: a page, or what makes its bytes when it is asked.
Answer = str | Callable[[], bytes]


@dataclass
class Portal:
    """A portal's own server.

    Args:
        policy: the Content-Security-Policy of its pages.
    """

    origin: str
    pages: dict[str, Answer] = field(default_factory=dict)
    policy: str | None = None

    def page(self, body: str, *, path: str = "/") -> str:
        """The address of a page with this body."""
        head = '<meta charset="utf-8"><title>Intranet</title><meta name="viewport" content="width=device-width">'
        self.pages[path] = f'<!doctype html><html lang="fr"><head>{head}</head><body>{body}</body></html>'
        return self.origin + path


@contextmanager
def portal(host: str = "localhost") -> Iterator[Portal]:
    """A portal on a port of its own, under a name that is not the archive's."""
    made: list[Portal] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = made[0].pages.get(self.path.partition("?")[0])
            body = found() if callable(found) else (found or "").encode()
            self.send_response(200 if found else 404)
            page = isinstance(found, str)
            self.send_header("Content-Type", "text/html; charset=utf-8" if page else "application/json")
            if page and made[0].policy:
                self.send_header("Content-Security-Policy", made[0].policy)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.append(Portal(f"http://{host}:{server.server_port}"))
    with _serving(server):
        yield made[0]


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """The address where the archive answers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with _serving(server):
        yield f"http://127.0.0.1:{server.server_port}"


@contextmanager
def _serving(server: BaseServer) -> Iterator[None]:
    """Answers in a thread of its own until it is left."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
