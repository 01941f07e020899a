"""The service as it runs: gunicorn with its workers and threads, on a port or a socket and an archive of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cli import serving
from engine.config import Settings
from engine.listening import Listening
from tests.ports import free_port

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def served(
    settings: Settings,
    engine_url: str,
    *,
    workers: int = 2,
    timeout: int = 30,
    environment: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """The port where it answers, 0 for a socket that is a file.

    Args:
        timeout: seconds after which gunicorn takes a silent worker for dead.
        environment: more of its settings; `HOST` makes it listen elsewhere than on a port of its own.
    """
    port = free_port()
    whole = {
        "ELASTICSEARCH_URL": engine_url,
        "DEPECHES_INDEX_PREFIX": settings.index_prefix,
        "DEPECHES_DATA_DIR": str(settings.data_dir),
        "DEPECHES_PUSH_MAX_MB": f"{settings.push_max_mb:g}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    } | dict(environment or {})
    placed = replace(settings, host=whole["HOST"], port=port, workers=workers)
    server = subprocess.Popen(
        serving(placed, timeout=timeout), env=os.environ | whole, stderr=subprocess.DEVNULL, start_new_session=True
    )
    listening = Listening.of(placed)
    try:
        # Where `timeout` is short, a worker that a busy machine begins slowly is taken for dead, and another begun.
        deadline = time.monotonic() + 120
        while not listening.answers():
            assert server.poll() is None
            assert time.monotonic() < deadline
        yield 0 if listening.file else port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
