"""What is left of a request's body is read before the answer goes out.

A request may be refused before its body is read: too large, no right to load, a type nobody knows. Closed with bytes still
on the way, the connection is reset, and a sender that is busy sending never reads why: behind nginx, a reader gets "502"
instead of "coupez le lot" (RFC 9112, section 9.6). gunicorn itself reads 64 KiB of what remains.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# How long a body nobody wants may take to arrive, as long as one that is wanted; then, or when it is
# four times what a push may weigh unless told otherwise, the connection is closed on it.
SECONDS = 55.0
BLOCK, BLOCKS = 1 << 18, 1_000


class Unread:
    """An application whose answers are read, whatever it left of the request."""

    def __init__(self, application: WSGIApplication, seconds: float = SECONDS) -> None:
        self._application = application
        self._seconds = seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._application(environ, start_response)
        told = environ.get("CONTENT_LENGTH", "0") not in ("", "0") or environ.get("HTTP_TRANSFER_ENCODING")
        # A server whose input has no end of its own, as werkzeug's, would be read until the sender hangs up.
        if told and environ.get("wsgi.input_terminated"):
            self._read(environ)
        return answer

    def _read(self, environ: WSGIEnvironment) -> None:
        # OSError: the sender went away, or what it sends is no body.
        with hanging_up(environ, self._seconds), suppress(OSError):
            for _ in range(BLOCKS):
                if not environ["wsgi.input"].read(BLOCK):
                    break


@contextmanager
def hanging_up(environ: WSGIEnvironment, seconds: float) -> Iterator[None]:
    """After so many seconds the body of a request ends, whoever reads it: a sender that stops, or sends drop by drop, would
    hold a thread for ever, since gunicorn puts no limit on a body."""
    end = threading.Timer(seconds, _hang_up, [environ.get("gunicorn.socket")])
    end.daemon = True
    end.start()
    try:
        yield
    finally:
        end.cancel()


def _hang_up(connection: socket.socket | None) -> None:
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RD)
