"""A wire to Elasticsearch that can be cut: at once, or at the n-th bulk request, which then never arrives.

Or that request is kept, and whoever sent it waits for its answer: a moment at which to kill it, on any machine.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

BULK = b"/_bulk HTTP/1.1"


class CuttingProxy:
    """Passes bytes on to `upstream`. While it is cut, connections are taken and closed without an answer."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "127.0.0.1", parts.port or 9200)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._guard = threading.Lock()
        self._open: list[socket.socket] = []
        self._whole = True
        self._bulks_left: int | None = None
        self._keeps = False
        self.kept = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._guard:
            self._whole = False
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def cut_at_bulk(self, number: int) -> None:
        """Cut when the `number`-th bulk request from now, counted from 1, comes along."""
        self._bulks_left = number

    def keep_bulk(self, number: int) -> None:
        """Keep the `number`-th bulk request from now, and those after it; `kept` says that it came."""
        self.kept.clear()
        self._keeps, self._bulks_left = True, number

    def mend(self) -> None:
        self._bulks_left = None
        self._keeps = False
        self._whole = True

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self._whole:
                client.close()
                continue
            server = socket.create_connection(self._upstream)
            with self._guard:
                self._open += [client, server]
            threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, asking: bool) -> None:
        keeps = False  # all of a request, whose body comes in many blocks
        with suppress(OSError):
            while block := source.recv(65536):
                if keeps:
                    continue
                if asking and self._bulks_left is not None and BULK in block:
                    self._bulks_left -= 1
                    if self._bulks_left <= 0 and self._keeps:
                        keeps = True
                        self.kept.set()
                        continue
                    if self._bulks_left <= 0:
                        self.cut()
                        break
                target.sendall(block)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting_proxy(upstream: str) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()
