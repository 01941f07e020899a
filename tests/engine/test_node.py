"""The local node: started, shared, stopped; with security on; and each reason why it cannot start."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backup import repository
from engine import node as node_module
from engine.client import Engine
from engine.config import Settings
from engine.errors import DiskFull, NodeError, NodeStartFailed, PortTaken, RepositoryMissing
from engine.node import Node, engine_for
from tests.test_kills import wait_for

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="depeches-node-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def own(folder: Path) -> Iterator[Settings]:
    """Settings of a node of this test's own; it is stopped at the end whatever happened."""
    settings = replace(Settings.from_env(), elasticsearch_url=None, data_dir=folder, node_heap="512m", node_port=0)
    yield settings
    Node(settings).stop()


def test_two_commands_at_once_share_one_node_and_the_last_to_leave_stops_it(own: Settings) -> None:
    program = (
        "import sys; from engine.config import Settings; from engine.node import Node\n"
        "with Node(Settings.from_env()).use() as state:\n"
        "    print(state.pid, flush=True); sys.stdin.readline()\n"
    )
    environment = os.environ | {
        "DEPECHES_DATA_DIR": str(own.data_dir),
        "DEPECHES_NODE_HEAP": "512m",
        "ELASTICSEARCH_URL": "",
    }
    commands = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    pids = []
    for command in commands:
        assert command.stdout is not None
        pids.append(command.stdout.readline())
    assert pids[0] == pids[1] != ""
    commands[0].communicate("\n", timeout=60)
    state = Node(own).running()
    assert state is not None
    assert Engine(state.address()).ready()
    commands[1].communicate("\n", timeout=60)
    assert Node(own).running() is None


class Bare(Node):
    """A node as an operator may have it: without a folder for snapshots."""

    def _configure(self, home: Path, java: Path, password: str | None, backups: Path | None) -> Path | None:
        trusted = super()._configure(home, java, password, backups)
        file = self.folder / "config" / "elasticsearch.yml"
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not line.startswith("path.repo")), encoding="utf-8")
        return trusted


def test_a_node_whose_launcher_was_killed_starts_again_at_the_same_port_with_its_data(own: Settings) -> None:
    """Its server lives on for a while, and holds both. (`test_kills.py` kills the two of them.) Nobody named the port: those who
    were served by it look for it there all the same.

    And, while two nodes are started: the first has no place for snapshots, the other has it beside the backups.
    """
    with Bare(own).use() as first:
        engine = Engine(first.address())
        with pytest.raises(RepositoryMissing, match=r"path\.repo dans elasticsearch\.yml"):
            repository.of_archive(engine, own)
        engine.create_index("left", {}, {})
        os.kill(first.pid, signal.SIGKILL)
        wait_for(lambda: Node(own).running() is None)
    with engine_for(own) as again:
        assert again.address.url == first.url
        assert "left" in again.indices("left")
        assert repository.of_archive(again, own).location == str(own.backup_dir / "index" / own.index_prefix)


def test_who_was_killed_and_is_not_buried_is_not_waited_for(own: Settings) -> None:
    """In a container without an init, the dead stay in the table of processes."""
    node = Node(own)
    dead = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    os.killpg(dead.pid, 0)  # a zombie still answers
    assert not node._group_alive(dead.pid)
    dead.wait(10)


def test_the_port_asked_for_is_taken(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_module, "PORT_TIMEOUT", 0.1)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTaken, match="DEPECHES_NODE_PORT"):
            Node(replace(own, node_port=other.getsockname()[1])).start(keep=False)


def test_no_room_for_data(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_module, "NEEDED_BYTES", shutil.disk_usage("/").total * 1000)
    with pytest.raises(DiskFull, match="DEPECHES_DATA_DIR"):
        Node(own).start(keep=False)


def test_a_node_that_dies_says_where_to_look(own: Settings) -> None:
    with pytest.raises(NodeStartFailed, match=r"console\.log") as error:
        Node(replace(own, node_heap="1m")).start(keep=False)
    assert "heap" in error.value.detail.lower() or "memory" in error.value.detail.lower()
    assert Node(own).running() is None


def test_a_folder_the_node_account_cannot_enter(own: Settings, folder: Path) -> None:
    if os.geteuid() != 0:
        return  # only root hands the node over to another account
    folder.chmod(0o700)
    with pytest.raises(NodeError, match="chmod"):
        Node(own).start(keep=False)


def test_a_data_dir_that_is_a_file(own: Settings, folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(NodeError, match="DEPECHES_DATA_DIR"):
        Node(replace(own, data_dir=folder / "file")).start(keep=False)


def test_stop_without_a_node(own: Settings) -> None:
    assert Node(own).stop() is False
