"""One real Elasticsearch for each process of the run, an index prefix of its own, and the archive of samples.

`ELASTICSEARCH_URL` makes the run use a server that is there; otherwise a node is started in a folder of its own and
stopped at the end. A server that cannot be had fails the tests that need it: it is never skipped.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import expect

# schemathesis reads this only when it is needed; pytest rewrites it then, and Python 3.11 cannot while another thread
# compiles something too ("AST constructor recursion depth mismatch").
from schemathesis.specs.openapi import schemas as _schemas  # noqa: F401

from app import create_app
from authorities.loader import load_authorities
from authorities.model import Authorities
from cli import SAMPLES, SAMPLES_RECEIVED
from engine.client import Engine
from engine.config import Settings
from engine.node import engine_for
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.load import Loader, Tally
from mappings import lifecycle
from mappings.lifecycle import Family
from tests import leftovers
from tests.databases import database, database_url, postgresql_model, postgresql_server

# How long an example takes is the machine's affair.
hypothesis.settings.register_profile("depeches", deadline=None)
hypothesis.settings.load_profile("depeches")

# It holds for the whole process, whichever file comes first; five seconds are short for a browser on a busy machine.
expect.set_options(timeout=30_000)

if "PYTEST_XDIST_WORKER" not in os.environ:  # the processes of `-n` share the folder of the one that began them
    leftovers.begin()

# Nodes of tests live for minutes: compiled once, quickly, they start in 13 s of processor instead of 20.
os.environ.setdefault("DEPECHES_NODE_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")

__all__ = ["database", "database_url", "postgresql_model", "postgresql_server"]


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """A folder the node's account can enter: pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="depeches-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def index_prefix() -> str:
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def settings(data_dir: Path, index_prefix: str) -> Settings:
    # Two minutes: on a machine with other work, one slow answer must not fail the hundreds of tests that share an archive.
    return replace(Settings.from_env(), data_dir=data_dir, index_prefix=index_prefix, elasticsearch_timeout=120.0)


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    with engine_for(settings) as found:
        yield found
        for name in found.indices(f"{settings.index_prefix}*"):
            found.delete_index(name)


@pytest.fixture(scope="session")
def authorities() -> Authorities:
    return load_authorities()


@pytest.fixture(scope="session")
def builder(authorities: Authorities) -> Builder:
    return Builder(authorities)


@pytest.fixture
def family(engine: Engine, index_prefix: str) -> Iterator[Family]:
    """A fresh, empty archive."""
    fresh = Family(f"{index_prefix}-{uuid.uuid4().hex[:6]}")
    lifecycle.create(engine, fresh)
    yield fresh
    for name in engine.indices(fresh.pattern):
        engine.delete_index(name)


@pytest.fixture
def loader(engine: Engine, family: Family, builder: Builder, tmp_path: Path) -> Loader:
    return Loader(engine, family, builder, DeadLetters(tmp_path / "dead-letters.jsonl"))


@pytest.fixture(scope="session")
def samples(engine: Engine, index_prefix: str, authorities: Authorities, data_dir: Path) -> Tally:
    """The archive of `samples/`, loaded once; read it, do not write to it."""
    family = Family(index_prefix)
    lifecycle.create(engine, family)
    builder = Builder(authorities, reference=SAMPLES_RECEIVED)
    return Loader(engine, family, builder, DeadLetters(data_dir / "samples.jsonl")).load_paths([SAMPLES])


@pytest.fixture(scope="session")
def app(settings: Settings, engine: Engine, samples: Tally) -> Flask:
    return create_app(settings, engine)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


# Files that take half a minute or more, the longest first: begun before the others, none is left at the end for one process alone.
LONG = (
    "test_kills.py",
    "test_backup.py",
    "test_parity.py",
    "test_readme.py",
    "test_oidc.py",
    "test_nginx.py",
    "test_accessible.py",
    "test_english.py",
    "test_journeys.py",
    "test_page_browser.py",
    "test_portal_guide.py",
    "test_deliver.py",
    "test_watch.py",
    "test_node.py",
    "test_ingest.py",
    "test_ingest_api.py",
    "test_cli.py",
    "test_serve.py",
    "test_folding.py",
    "test_security.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONG)))


def pytest_report_header() -> str:
    return f"Elasticsearch : {os.environ.get('ELASTICSEARCH_URL') or 'nœud local de ces tests'}"
