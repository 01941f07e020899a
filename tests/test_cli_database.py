"""`depeches database`: what is said of the tables, before, after, and when nobody answers."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from access import signed_in, tokens, users
from access.keys import KEY
from cli import main
from engine.database import Database
from tests.postgresql import Server


def run(url: str, folder: Path, *words: str) -> Result:
    environment = {"DATABASE_URL": url, "DEPECHES_DATA_DIR": str(folder), "COLUMNS": "300"}
    return CliRunner().invoke(main, words, env=environment, catch_exceptions=False)


def test_status_upgrade_status(database_url: str, tmp_path: Path) -> None:
    before = run(database_url, tmp_path, "database", "status")
    assert (before.exit_code, "depeches database upgrade" in before.output) == (1, True)
    made = run(database_url, tmp_path, "database", "upgrade")
    assert (made.exit_code, "étape aucune → 0" in made.output) == (0, True)
    assert "déjà à jour" in run(database_url, tmp_path, "database", "upgrade").output
    assert run(database_url, tmp_path, "database", "status").exit_code == 0


def test_doctor_speaks_of_the_database(postgresql_server: Server, tmp_path: Path) -> None:
    name = postgresql_server.create()
    url = postgresql_server.url(name)
    assert "depeches database upgrade" in run(url, tmp_path, "doctor").output
    run(url, tmp_path, "database", "upgrade")
    assert "étape 0" in run(url, tmp_path, "doctor").output
    postgresql_server.drop(name)


def test_nobody_answers(tmp_path: Path) -> None:
    result = run("postgresql://x@127.0.0.1:9/x", tmp_path, "database", "upgrade")
    assert (result.exit_code, "DATABASE_URL" in result.output) == (1, True)


def test_a_key_is_created_shown_once_listed_and_revoked(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'base.sqlite3'}"
    made = run(url, tmp_path, "keys", "create", "Portail", "--scope", "search", "--scope", "ingest", "--days", "30")
    text = made.stdout.strip()
    assert KEY.fullmatch(text)
    listed = run(url, tmp_path, "keys", "list").output
    assert text[:12] in listed
    assert "ouverte" in listed
    assert text[13:] not in listed
    assert run(url, tmp_path, "keys", "revoke", text[:12]).exit_code == 0
    assert "révoquée" in run(url, tmp_path, "keys", "list").output


def test_an_account_is_listed_closed_and_opened_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'base.sqlite3'}"
    run(url, tmp_path, "keys", "create", "Portail", "--scope", "search", "--user", "M.Durand")
    row = r"m\.durand\W+\d\d/\d\d/\d{4}\W+{keys}\W+0\W+{state}"
    assert re.search(
        row.replace("{keys}", "1").replace("{state}", "ouvert"), run(url, tmp_path, "users", "list").output
    )
    assert "compte fermé" in run(url, tmp_path, "users", "disable", "m.durand").output
    assert "déjà fermé" in run(url, tmp_path, "users", "disable", "M.DURAND").output
    assert re.search(
        row.replace("{keys}", "0").replace("{state}", "fermé le"), run(url, tmp_path, "users", "list").output
    )
    assert "compte rouvert" in run(url, tmp_path, "users", "enable", "m.durand").output
    nobody = run(url, tmp_path, "users", "disable", "personne")
    assert (nobody.exit_code, "depeches users list" in nobody.output) == (1, True)


def test_a_users_sessions_are_listed_and_ended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'base.sqlite3'}"
    database = Database(url)
    with database.writing() as session:
        now = database.now(session)
        user = users.find_or_make(session, "m.durand", now)
        held = [
            signed_in.begin(session, user, now=now, expires=now + timedelta(hours=1), browser=f"Navigateur {number}")
            for number in range(3)
        ]
    listed = run(url, tmp_path, "users", "sessions", "M.Durand").output
    assert [f"Navigateur {number}" in listed for number in range(3)] == [True] * 3
    with database.reading() as session:
        first = signed_in.find(session, held[0])
        assert first
    assert (
        "1 connexion fermée." in run(url, tmp_path, "users", "sign-out", "m.durand", "--session", str(first.id)).output
    )
    with database.reading() as session:
        assert [bool(signed_in.find(session, each)) for each in held] == [False, True, True]
    assert "2 connexions fermées." in run(url, tmp_path, "users", "sign-out", "m.durand").output
    assert "Navigateur" not in run(url, tmp_path, "users", "sessions", "m.durand").output
    database.close()


def test_wrong_keys_say_what_to_do(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'base.sqlite3'}"
    wrong = run(url, tmp_path, "keys", "create", "x", "--scope", "lire")
    assert (wrong.exit_code, "search, alerts, ingest, admin" in wrong.output) == (1, True)
    assert "depeches keys list" in run(url, tmp_path, "keys", "revoke", "dep_zzzzzzzz").output


def test_a_token_is_shown_for_the_pages_of_a_portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'base.sqlite3'}"
    monkeypatch.setenv("DEPECHES_PORTAL_ORIGINS", "https://intranet.exemple.fr")
    key = run(url, tmp_path, "keys", "create", "Portail", "--scope", "search").stdout.strip()[:12]
    shown = run(url, tmp_path, "keys", "token", key, "--origin", "https://intranet.exemple.fr").stdout.strip()
    found = Database(url)
    assert tokens.verify(found, shown, "https://intranet.exemple.fr").handle == key[4:]
    found.close()
    elsewhere = run(url, tmp_path, "keys", "token", key, "--origin", "https://ailleurs.exemple")
    assert (elsewhere.exit_code, "DEPECHES_PORTAL_ORIGINS" in elsewhere.output) == (1, True)
    run(url, tmp_path, "keys", "revoke", key)
    closed = run(url, tmp_path, "keys", "token", key, "--origin", "https://intranet.exemple.fr")
    assert (closed.exit_code, "depeches keys list" in closed.output) == (1, True)
