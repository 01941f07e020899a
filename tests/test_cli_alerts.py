"""`depeches alerts` as an operator uses it: a dispatch arrives, is matched, is delivered; what is wrong is seen and mended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerts import saved
from alerts.saved import WantedChannel
from cli import main
from engine.client import Engine
from engine.database import Database
from mappings.lifecycle import Family
from tests.alerts.archive import ask, dispatch, put
from tests.alerts.receivers import Answer, Call, receiver
from tests.alerts.rows import MAIL, found, record, save, user

ROOT = Path(__file__).parent.parent

Terminal = Callable[..., str]


@pytest.fixture
def environment(engine: Engine, family: Family, database: Database, tmp_path: Path) -> dict[str, str]:
    return {
        "ELASTICSEARCH_URL": engine.address.url,
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
        "DEPECHES_DATA_DIR": str(tmp_path),
        "DEPECHES_INDEX_PREFIX": family.read,
        "COLUMNS": "300",
    }


@pytest.fixture
def terminal(environment: dict[str, str]) -> Terminal:
    def run(*words: str, status: int = 0) -> str:
        result = CliRunner().invoke(main, ["alerts", *words], env=environment, catch_exceptions=False)
        assert result.exit_code == status, result.output
        return result.output.replace("\u00a0", " ")

    return run


def test_matched_then_delivered_by_steps(
    terminal: Terminal, engine: Engine, family: Family, database: Database
) -> None:
    with receiver() as there:
        ask(database, user(database), "paix", WantedChannel("webhook", there.url))
        put(engine, family, dispatch("a", 1, "La paix."), dispatch("b", 2, "La guerre."))
        assert "1 alerte" in terminal("match", "--once")
        assert there.calls == []
        assert "1 en attente" in terminal("status")
        assert "1 envoi fait" in terminal("deliver", "--once")
    assert [call.json["hit"]["dispatch"]["id"] for call in there.calls] == ["a"]
    said = terminal("status")
    assert "1 recherche enregistrée" in said
    assert "1 fait," in said
    assert "Retard des recherches : aucun" in said


def test_what_is_given_up_is_seen_with_its_reason_and_replayed(
    terminal: Terminal, database: Database, environment: dict[str, str]
) -> None:
    with receiver(lambda _: Answer(410)) as gone:
        owner = user(database)
        alert = save(database, owner, WantedChannel("webhook", gone.url))
        record(database, found(alert, 1))
        assert "1 abandonné." in terminal("deliver", "--once")
    said = terminal("status")
    assert f"fermé     {gone.url} : 127.0.0.1 a répondu 410" in said
    assert "1 envoi abandonné : depeches alerts status dit pourquoi" in said
    doctor = CliRunner().invoke(main, ["doctor"], env=environment).output.replace("\u00a0", " ")
    assert "mal   alertes    1 envoi abandonné" in doctor
    # The receiver asked for no more: what only a closed channel carries waits for its owner to open it again.
    assert "0 envoi de nouveau en attente" in terminal("replay")
    with database.writing() as session:
        [channel] = saved.read(session, owner, alert).channels
        saved.reopen(session, owner, alert, channel.id, now=database.now(session))
    assert "1 envoi de nouveau en attente" in terminal("replay")


def test_mail_without_a_server_waits_and_says_so(terminal: Terminal, database: Database) -> None:
    record(database, found(save(database, user(database), MAIL), 2))
    assert "DEPECHES_SMTP_HOST" in terminal("deliver", "--once")
    assert "1 en attente" in terminal("status")


def test_the_worker_tells_within_its_pause_and_stops_at_once(
    engine: Engine, family: Family, database: Database, environment: dict[str, str]
) -> None:
    told = threading.Event()

    def well(_: Call) -> Answer:
        told.set()
        return Answer()

    with receiver(well) as there:
        ask(database, user(database), "paix", WantedChannel("webhook", there.url))
        command = [sys.executable, str(ROOT / "cli.py"), "alerts", "run"]
        worker = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.PIPE, text=True)
        put(engine, family, dispatch("a", 1, "La paix."))
        assert told.wait(60)
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=60)
    assert worker.returncode == 0
    assert "1 alerte" in said.replace("\u00a0", " ")
    assert len(there.calls) == 1


def test_the_worker_waits_for_an_engine_that_is_away(database: Database, environment: dict[str, str]) -> None:
    away = os.environ | environment | {"ELASTICSEARCH_URL": "http://127.0.0.1:9", "ELASTICSEARCH_TIMEOUT": "2"}
    record(database, found(save(database, user(database), WantedChannel("webhook", "http://127.0.0.1:9/")), 1))
    command = [sys.executable, str(ROOT / "cli.py"), "alerts", "run"]
    with subprocess.Popen(command, env=away, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr
        lines = {worker.stderr.readline().partition(" : ")[0] for _ in range(2)}
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
    assert lines == {"recherches", "envois"}
