"""Pushing to the service as it runs, over real connections: the guide's commands, large bodies, senders that stop."""

from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Request
from werkzeug.exceptions import RequestTimeout
from werkzeug.test import EnvironBuilder

from engine.client import Engine
from engine.config import Settings
from indexer.upload import receive
from mappings import lifecycle
from mappings.lifecycle import Family
from tests.indexer.served import ROOT, served

URL = "/api/v1/dispatches"


@pytest.fixture(scope="module")
def archive(engine: Engine, index_prefix: str) -> Iterator[Family]:
    family = Family(f"{index_prefix}-served")
    lifecycle.create(engine, family)
    yield family
    for name in engine.indices(family.pattern):
        engine.delete_index(name)


@pytest.fixture(scope="module")
def port(
    engine: Engine, archive: Family, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    data = tmp_path_factory.mktemp("data")
    own = replace(settings, index_prefix=archive.prefix, data_dir=data, push_max_mb=3.0)
    with served(own, engine.address.url, workers=1) as number:
        yield number


def commands() -> list[str]:
    guide = (ROOT / "docs" / "chargement.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", guide, re.DOTALL)
    joined = [re.sub(r"(\\|\|)\n\s+", lambda cut: cut[1].replace("\\", "") + " ", block) for block in blocks]
    return [line for block in joined for line in block.splitlines() if "curl" in line]


@pytest.mark.parametrize("command", commands())
def test_the_guides_commands(command: str, port: int) -> None:
    for expected in ("loaded", "unchanged"):
        done = subprocess.run(
            ["bash", "-c", command.replace(":8000", f":{port}").replace("curl ", "curl -sS --fail-with-body ")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, (done.stdout, done.stderr)
        account = json.loads(done.stdout)
        assert account["read"] == account["loaded"] + account["unchanged"] >= 1
        # Some hold the same dispatch twice, or one that an earlier command pushed.
        assert account[expected] >= 1 or expected == "loaded"


def test_the_guide_has_commands() -> None:
    assert len(commands()) >= 4


def test_a_sender_of_too_much_is_told_so(port: int, tmp_path: Path) -> None:
    (tmp_path / "gros").write_bytes(b"x" * 20_000_000)
    for length in ((), ("-H", "Transfer-Encoding: chunked")):
        done = subprocess.run(
            [
                *("curl", "-sS", "-w", "\n%{http_code}", "-H", "Content-Type: text/plain", *length),
                *("--data-binary", f"@{tmp_path / 'gros'}", f"http://127.0.0.1:{port}{URL}"),
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
        body, _, status = done.stdout.rpartition("\n")
        assert (done.returncode, status) == (0, "413"), done.stderr
        assert "3 Mo" in json.loads(body)["detail"]


@pytest.mark.parametrize(("length", "size"), [("Content-Length: 5000", ""), ("Transfer-Encoding: chunked", "1388\r\n")])
def test_a_sender_that_goes_away_midway_leaves_nothing(
    port: int, engine: Engine, archive: Family, length: str, size: str
) -> None:
    engine.refresh(archive.read)
    before = engine.count(archive.read)
    head = f"POST {URL} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n{length}\r\n\r\n{size}"
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.sendall(f"{head}PARIS, 8 août 2022 (AFP) - Une dépêche coup".encode())
        sender.shutdown(socket.SHUT_WR)
        assert sender.recv(65536).startswith(b"HTTP/1.1 400 ")
    engine.refresh(archive.read)
    assert engine.count(archive.read) == before


def test_one_connection_serves_several_pushes(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in range(3):
        body = json.dumps({"text": f"PARIS, 8 août 2022 (AFP) - Une dépêche numéro {number}."})
        connection.request("POST", URL, body.encode(), {"Content-Type": "application/x-ndjson"})
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["read"]) == (200, 1)
    connection.close()


@pytest.mark.parametrize("length", [{"CONTENT_LENGTH": "5000"}, {"wsgi.input_terminated": True}])
def test_a_sender_that_stops_is_not_waited_for_beyond_the_deadline(tmp_path: Path, length: dict[str, object]) -> None:
    sender, receiver = socket.socketpair()
    environ = EnvironBuilder("/", method="POST", content_type="text/plain").get_environ()
    with sender, receiver, receiver.makefile("rb") as body:
        sender.sendall(b"PARIS - Une d")
        environ.update({"wsgi.input": body, "gunicorn.socket": receiver, **length})
        with pytest.raises(RequestTimeout):
            receive(Request(environ), tmp_path, limit=10_000, deadline=time.monotonic() + 0.2, format=None)
