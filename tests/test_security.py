"""A secured Elasticsearch: TLS, and keys with just the rights that docs/configuration.md names for each job."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from cli import SAMPLES
from engine.client import Address, Engine
from engine.config import Settings
from engine.errors import EngineDenied, EngineUnavailable
from engine.node import Node, NodeState
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.load import Loader
from mappings import lifecycle
from mappings.lifecycle import Family

CONFIGURATION = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
FAMILY = Family("depeches")


def documented_rights(job: str) -> dict[str, object]:
    """The rights the documentation gives for a job, as a role."""
    row = re.search(rf"^\| {job} \| (.+?) \| (.+?) \|$", CONFIGURATION, re.MULTILINE)
    assert row
    cluster, indices = (re.findall(r"`([a-z_]+)`", cell) for cell in row.groups())
    return {"cluster": cluster, "indices": [{"names": ["depeches*"], "privileges": indices}]}


@pytest.fixture(scope="module")
def secured() -> Iterator[NodeState]:
    folder = Path(tempfile.mkdtemp(prefix="depeches-secured-"))
    folder.chmod(0o755)
    settings = replace(
        Settings.from_env(), elasticsearch_url=None, data_dir=folder, node_heap="512m", node_port=0, node_security=True
    )
    with Node(settings).use() as state:
        yield state
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def admin(secured: NodeState) -> Engine:
    return Engine(secured.address())


def keyed(secured: NodeState, admin: Engine, job: str) -> Engine:
    key = admin.create_api_key(job, documented_rights(job))
    return Engine(Address(secured.url, api_key=key, ca_certs=Path(secured.ca_certs or "")))


def test_the_key_to_load_loads_and_rebuilds(
    secured: NodeState, admin: Engine, builder: Builder, tmp_path: Path
) -> None:
    engine = keyed(secured, admin, "charger, reconstruire")
    lifecycle.create(engine, FAMILY)
    tally = Loader(engine, FAMILY, builder, DeadLetters(tmp_path / "letters")).load_paths([SAMPLES / "seed"])
    assert tally.loaded == 1
    lifecycle.rebuild(engine, FAMILY, lambda what, done, total: None)
    lifecycle.prune(engine, FAMILY, keep=0)
    with pytest.raises(EngineDenied):
        lifecycle.create(engine, Family("autre"))


def test_the_key_to_serve_serves_and_cannot_write(secured: NodeState, admin: Engine) -> None:
    lifecycle.create(admin, FAMILY)
    engine = keyed(secured, admin, "servir")
    client = create_app(replace(Settings.from_env(), index_prefix=FAMILY.prefix), engine).test_client()
    assert client.get("/readyz").status_code == 200
    first = client.get("/api/v1/dispatches?size=1")
    assert first.status_code == 200
    if cursor := first.get_json()["page"]["next"]:
        assert client.get("/api/v1/dispatches", query_string={"size": 1, "cursor": cursor}).status_code == 200
    with pytest.raises(EngineDenied):
        list(engine.bulk([{"_op_type": "create", "_index": FAMILY.write, "_id": "x", "_source": {"id": "x"}}]))


def test_the_key_to_serve_and_to_load_over_http_does_both(secured: NodeState, admin: Engine, tmp_path: Path) -> None:
    lifecycle.create(admin, FAMILY)
    engine = keyed(secured, admin, "servir et charger par HTTP")
    settings = replace(Settings.from_env(), index_prefix=FAMILY.prefix, data_dir=tmp_path)
    client = create_app(settings, engine).test_client()
    text = "PARIS, 8 août 2022 (AFP) - Le ministre a visité l'usine de Roubaix et salué l'effort des équipes de nuit."
    for body in (text, f"{text}\n\nUne réunion est prévue jeudi."):  # the second tells the first that it is replaced
        pushed = client.post("/api/v1/dispatches", data=body.encode(), content_type="text/plain; charset=utf-8")
        assert (pushed.status_code, pushed.get_json()["loaded"]) == (200, 1)
    found = client.get("/api/v1/dispatches", query_string={"q": "roubaix", "versions": "all"}).get_json()
    assert sorted(hit["status"] for hit in found["results"]) == ["current", "superseded"]


def test_a_wrong_key_and_an_unknown_authority_say_so(secured: NodeState) -> None:
    authority = Path(secured.ca_certs or "")
    with pytest.raises(EngineDenied, match="ELASTICSEARCH_API_KEY"):
        Engine(Address(secured.url, api_key="faux", ca_certs=authority)).info()
    with pytest.raises(EngineUnavailable, match="ELASTICSEARCH_CA_CERTS"):
        Engine(Address(secured.url, api_key="faux")).info()
