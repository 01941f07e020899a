"""Free ports for servers that take some seconds to begin.

Below the ports that the system gives to clients (32,768 and up on Linux): of those, any client of the machine may be given
the very one between the moment it is found free and the moment its server takes it.
"""

from __future__ import annotations

import random
import socket

# Of its own: a test that seeds the usual one would be given the ports of its twin in the other process.
_CHANCE = random.SystemRandom()


def free_port() -> int:
    while True:
        port = _CHANCE.randrange(20_000, 30_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
