"""Where the service listens: an address and a port, or a socket that is a file (`HOST=unix:/run/depeches/depeches.sock`).

A file is opened by whoever the file system lets in, and by nobody of the network: the quietest place behind a proxy of the
same machine.
"""

from __future__ import annotations

import errno
import http.client
import json
import socket
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from engine.config import Settings
from engine.errors import ConfigurationError

# The socket file is for the service's account and its group, of which the proxy is: whoever opens it may name any reader.
UMASK = 0o007

# The system says it in English.
REASONS = {
    errno.EADDRINUSE: "un autre programme y écoute",
    errno.EACCES: "réservé à root : les ports sous 1024",
    errno.EADDRNOTAVAIL: "cette machine n'a pas cette adresse",
}


@dataclass(frozen=True, slots=True)
class Listening:
    """`file`: the socket, where it is one; else `host` and `port`."""

    file: Path | None
    host: str
    port: int

    @classmethod
    def of(cls, settings: Settings) -> Listening:
        kind, _, path = settings.host.partition("unix:")
        return cls(Path(path) if path and not kind else None, settings.host, settings.port)

    def __str__(self) -> str:
        """As gunicorn takes it: "127.0.0.1:8000", "[::1]:8000", "unix:/run/depeches/depeches.sock"."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"unix:{self.file}" if self.file else f"{host}:{self.port}"

    def check_free(self) -> None:
        """Raises: ConfigurationError: another program listens there, or we may not."""
        if self.file:
            if self.answers():
                raise ConfigurationError(f"Un autre programme écoute déjà sur {self.file} (HOST).")
            if not self.file.parent.is_dir():
                raise ConfigurationError(f"Le dossier {self.file.parent} de la socket n'existe pas (HOST).")
            return
        try:
            with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((self.host, self.port))
        except OSError as error:
            instead = f"choisissez un autre port : make run PORT={self.port + 1}."
            if error.errno == errno.EADDRINUSE and self._ours():
                said = f"Dépêches répond déjà sur {self} : arrêtez-le, ou {instead}"
            else:
                why = REASONS.get(error.errno or 0, error.strerror)
                said = f"Impossible d'écouter sur {self} ({why}) : {instead}"
            raise ConfigurationError(said) from error

    def _ours(self) -> bool:
        """Whether it is this service that answers there, forgotten in another window or left by one that was killed."""
        try:
            with closing(http.client.HTTPConnection(self.host, self.port, timeout=2)) as connection:
                connection.request("GET", "/healthz")
                return bool(json.loads(connection.getresponse().read(200)) == {"status": "ok"})
        except (OSError, http.client.HTTPException, ValueError):
            return False

    def answers(self) -> bool:
        """Whether somebody takes connections there."""
        try:
            if self.file:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.settimeout(1)
                    probe.connect(str(self.file))
            else:
                socket.create_connection((self.host, self.port), timeout=1).close()
        except OSError:
            return False
        return True
