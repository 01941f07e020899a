"""`depeches serve` as it runs: what its processes share, and what is left when one of them is killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from engine.client import Engine
from engine.config import Settings
from indexer.load import Tally
from tests.ports import free_port

ROOT = Path(__file__).parent.parent
PATIENCE = 90


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Service:
    """A running service."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment = environment
        self.log = log
        with log.open("w") as handle:
            self.process = subprocess.Popen(
                self.command, env=environment, stdout=handle, stderr=handle, start_new_session=True
            )

    command = (sys.executable, str(ROOT / "cli.py"), "serve")

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.environment['PORT']}{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return bool(self.get("/healthz"))
        except OSError:
            return False

    def refuses(self) -> bool:
        try:
            self.get("/healthz")
        except OSError:
            return True
        return False

    def children(self, saying: str) -> list[int]:
        """The processes it started whose command says this."""
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        ).stdout
        return [int(line.split()[0]) for line in listed.splitlines() if saying in line]


def alive(pid: int) -> bool:
    try:
        return " Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:2]
    except OSError:
        return False


@pytest.fixture(scope="module")
def service(
    engine: Engine, settings: Settings, samples: Tally, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    port = free_port()
    folder = tmp_path_factory.mktemp("serve")
    own = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    running = Service(
        own
        | {
            "ELASTICSEARCH_URL": engine.address.url,
            "DEPECHES_INDEX_PREFIX": settings.index_prefix,
            "DEPECHES_DATA_DIR": str(folder),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "DEPECHES_LOG_FORMAT": "json",
        },
        folder / "log",
    )
    try:
        wait_for(running.answers)
        yield running
    finally:
        if running.process.poll() is None:
            os.killpg(running.process.pid, signal.SIGTERM)
            running.process.wait(60)


def test_the_measures_are_those_of_all_processes(service: Service) -> None:
    for _ in range(20):
        service.get("/healthz")
    counted = re.compile(r'depeches_http_requests_total\{method="GET",route="/healthz",status="200"\} (\S+)')
    seen = [float(counted.findall(service.get("/metrics"))[0]) for _ in range(10)]
    assert seen == sorted(seen)
    assert seen[0] >= 20


def test_a_query_as_long_as_is_allowed_fits_its_address(service: Service) -> None:
    assert '"total"' in service.get(f"/api/v1/dispatches?size=1&facets=none&q={quote('é' * 1000)}")


def test_the_journal_of_the_server_is_json(service: Service) -> None:
    said = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith(("{", "["))]
    assert any("Booting worker" in each["event"] for each in said)
    assert all({"event", "level", "timestamp"} <= set(each) for each in said)


def test_a_second_one_is_told_that_the_first_is_there(service: Service) -> None:
    second = subprocess.run(service.command, env=service.environment, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert "Dépêches répond déjà" in second.stderr


def test_the_work_of_alerts_goes_on_when_its_process_is_killed(service: Service) -> None:
    wait_for(lambda: bool(service.children("alerts run")))
    (first,) = service.children("alerts run")
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: any(pid != first for pid in service.children("alerts run")))
    wait_for(lambda: "signal 9" in service.log.read_text())


def test_killed_it_leaves_nothing_behind(service: Service) -> None:
    wait_for(lambda: bool(service.children("alerts run")))
    started = [*service.children("gunicorn"), *service.children("alerts run")]
    assert len(started) == 2
    service.process.kill()
    service.process.wait(10)
    wait_for(lambda: not any(alive(pid) for pid in started))
    wait_for(service.refuses)  # gunicorn's own processes too
