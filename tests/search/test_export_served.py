"""Files by the service as it runs, gunicorn and all: long ones, slow readers, readers who leave, an engine that goes."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.client import Engine
from engine.config import Settings
from mappings import lifecycle
from mappings.lifecycle import Family
from search.export_api import TOTAL
from search.exports import AT_ONCE
from tests.indexer.cutting_proxy import CuttingProxy, cutting_proxy
from tests.indexer.served import served
from tests.search.writing import points_in_time, put, small

# 24 MB: more than the buffers between a server and a client that does not read hold.
COUNT, LENGTH = 1200, 20_000

# Seconds after which gunicorn takes a worker that gives no sign of life for dead.
WORKER_TIMEOUT = 5

# As long as a condition is waited for.
PATIENCE = 30.0


@pytest.fixture(scope="module")
def filled(engine: Engine, index_prefix: str) -> Iterator[Family]:
    family = Family(f"{index_prefix}-long")
    lifecycle.create(engine, family)
    put(engine, family, (small(number, text="mot " * (LENGTH // 4)) for number in range(COUNT)))
    yield family
    for name in engine.indices(family.pattern):
        engine.delete_index(name)


@pytest.fixture(scope="module")
def wire(engine: Engine) -> Iterator[CuttingProxy]:
    with cutting_proxy(engine.address.url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def port(
    settings: Settings, filled: Family, wire: CuttingProxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    own = replace(settings, index_prefix=filled.prefix, data_dir=tmp_path_factory.mktemp("data"))
    with served(own, wire.url, workers=1, timeout=WORKER_TIMEOUT) as number:
        yield number


@pytest.fixture(autouse=True)
def mended(wire: CuttingProxy) -> Iterator[None]:
    yield
    wire.mend()


def begun(port: int, name: str = "jsonl") -> http.client.HTTPResponse:
    """A file of which nothing but the head has been read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", f"/api/v1/export.{name}")
    answer = connection.getresponse()
    assert answer.status == 200
    return answer


def searched(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/api/v1/dispatches?size=1&facets=none")
    return connection.getresponse().status


def until_closed(engine: Engine, filled: Family) -> None:
    deadline = time.monotonic() + PATIENCE
    while points_in_time(engine, filled):
        assert time.monotonic() < deadline


def test_a_slow_reader_gets_the_whole_and_others_are_served_meanwhile(port: int) -> None:
    answer = begun(port)
    # Longer than a worker may be silent: one that sends a file is not.
    until = time.monotonic() + 1.2 * WORKER_TIMEOUT
    asked = 0
    while time.monotonic() < until:
        assert searched(port) == 200
        asked += 1
    assert asked > 1
    assert answer.read().count(b"\n") == COUNT == int(answer.headers[TOTAL])


def test_readers_who_stop_reading_leave_room_for_searches(port: int, engine: Engine, filled: Family) -> None:
    begun_ones = [begun(port) for _ in range(AT_ONCE)]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/api/v1/export.jsonl")
    refused = connection.getresponse()
    assert (refused.status, json.load(refused)["code"]) == (503, "exports-en-cours")
    assert refused.headers["Retry-After"]
    assert searched(port) == 200
    for answer in begun_ones:
        answer.close()
    until_closed(engine, filled)
    assert begun(port).read().count(b"\n") == COUNT


def test_a_reader_who_leaves_leaves_nothing_open(port: int, engine: Engine, filled: Family) -> None:
    answer = begun(port, "csv")
    answer.read(1000)
    assert points_in_time(engine, filled) == 1
    answer.close()
    until_closed(engine, filled)


def test_a_file_whose_engine_goes_away_is_not_taken_for_whole(port: int, wire: CuttingProxy, tmp_path: Path) -> None:
    curl = subprocess.Popen(
        ["curl", "-sS", f"http://127.0.0.1:{port}/api/v1/export.csv"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert curl.stdout and curl.stderr
    assert curl.stdout.read(1000)
    wire.cut()
    rest = curl.stdout.read()
    assert len(rest) < COUNT * LENGTH
    assert curl.wait(PATIENCE) != 0, curl.stderr.read()


def test_an_engine_that_is_away_is_said_before_the_first_byte(port: int, wire: CuttingProxy) -> None:
    wire.cut()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/api/v1/export.csv")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (503, "application/problem+json")
