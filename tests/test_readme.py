"""The README's commands, run as a newcomer would: a copy of the checkout, an empty data folder, the terminal."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).parent.parent

# Seconds from the command to the first answer, once the engine is in the cache; the promise is 60 s after download.
PATIENCE = 240


@pytest.fixture(scope="module")
def copy() -> Iterator[Path]:
    """The files git knows or would add, and nothing else: no environment, no cache."""
    folder = Path(tempfile.mkdtemp(prefix="depeches-readme-"))
    folder.chmod(0o755)
    checkout = folder / "depeches"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).exists():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name)
    yield checkout
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def environment(copy: Path) -> dict[str, str]:
    """A newcomer's: no cluster, a data folder of their own; the download is kept in the usual cache."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("DEPECHES_", "ELASTICSEARCH_"))}
    kept = {name: os.environ[name] for name in ("DEPECHES_CACHE_DIR", "ELASTICSEARCH_HOME") if name in os.environ}
    bare.pop("VIRTUAL_ENV", None)
    return bare | kept | {"DEPECHES_DATA_DIR": str(copy.parent / "data"), "DEPECHES_NODE_HEAP": "512m"}


@pytest.fixture(scope="module")
def served(copy: Path, environment: dict[str, str]) -> Iterator[int]:
    """`make run`, up to the first answer; its port."""
    port = free_port()
    log = (copy.parent / "run.log").open("w")
    run = subprocess.Popen(
        ["make", "run", f"PORT={port}"],
        cwd=copy,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2)
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                said = (copy.parent / "run.log").read_text()
                assert run.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.2)
        yield port
    finally:
        os.killpg(run.pid, signal.SIGINT)
        run.wait(60)
        log.close()
    # What it started and was not asked to keep, it stops.
    assert not (copy.parent / "data" / "node" / "node.json").exists()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


@pytest.mark.timeout(600)
def test_make_run_then_a_click_finds_lavrov_in_phnom_penh(served: int) -> None:
    page = get(f"http://127.0.0.1:{served}/?q=lavrov+phnom+penh")
    assert "Wang Yi" in page
    assert "Phnom Penh" in page


@pytest.mark.timeout(600)
def test_the_readmes_other_commands(served: int, copy: Path, environment: dict[str, str]) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (copy / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]
    assert any(line.startswith("make run") for line in lines)
    assert any(line.startswith("make test") for line in lines)
    others = [line for line in lines if not line.startswith("make ")]
    assert len(others) >= 3
    for line in others:
        command = line.replace("127.0.0.1:8000", f"127.0.0.1:{served}").replace("/mes/depeches", "samples/depeches")
        # As in a reader's terminal: a failing curl fails.
        done = subprocess.run(
            ["bash", "-c", command.replace("curl ", "curl --fail --silent --show-error ")],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        if line.startswith("curl"):
            found = json.loads(done.stdout)
            assert found["total"]["value"] >= 1
            assert found["facets"]["venue"]["values"]
        elif " load " in line:
            assert "chargées 0 " in done.stdout
            assert "rejetées 0 " in done.stdout
        else:
            assert "Cambodge" in done.stdout
