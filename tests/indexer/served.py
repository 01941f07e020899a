"""The service as it runs: gunicorn with its workers and threads, on a port and an archive of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cli import serving
from engine.config import Settings

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def served(settings: Settings, engine_url: str, *, workers: int = 2, timeout: int = 30) -> Iterator[int]:
    """The port where it answers. `timeout`: seconds after which gunicorn takes a silent worker for dead."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "ELASTICSEARCH_URL": engine_url,
        "DEPECHES_INDEX_PREFIX": settings.index_prefix,
        "DEPECHES_DATA_DIR": str(settings.data_dir),
        "DEPECHES_PUSH_MAX_MB": f"{settings.push_max_mb:g}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    command = serving(replace(settings, host="127.0.0.1", port=port, workers=workers), timeout=timeout)
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert server.poll() is None
                assert time.monotonic() < deadline
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
