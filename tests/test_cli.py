"""The terminal door: what commands print and how they end."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import SAMPLES, main
from engine.client import Engine

SEED = SAMPLES / "seed"


class Terminal:
    """Runs commands against one archive of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(main, words, env=self.environment | {"COLUMNS": "200"}, catch_exceptions=False)


@pytest.fixture(scope="module")
def terminal(engine: Engine, index_prefix: str, data_dir: Path) -> Iterator[Terminal]:
    prefix = f"{index_prefix}-cli{uuid.uuid4().hex[:4]}"
    environment = {
        "ELASTICSEARCH_URL": engine.address.url,
        "DEPECHES_INDEX_PREFIX": prefix,
        "DEPECHES_DATA_DIR": str(data_dir / "cli"),
    }
    yield Terminal(environment)
    for name in engine.indices(f"{prefix}-*"):
        engine.delete_index(name)


def test_load_says_the_account_and_twice_changes_nothing(terminal: Terminal) -> None:
    first, again = terminal("load", str(SEED)), terminal("load", str(SEED))
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "lues 1 = chargées 1 + inchangées 0 + rejetées 0 (fichiers : 1)" in first.output
    assert "lues 1 = chargées 0 + inchangées 1 + rejetées 0" in again.output


def test_a_rejection_is_told_and_the_status_says_so(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "vide.txt").write_bytes(b"")
    result = terminal("load", str(tmp_path / "vide.txt"), str(SEED))
    assert result.exit_code == 1
    assert "lues 2 = chargées 0 + inchangées 1 + rejetées 1" in result.output
    assert "depeches replay" in result.output
    assert "Fichier vide" in terminal("replay", "--list").output
    (tmp_path / "vide.txt").write_text("PARIS, 3 mai 2022 (AFP) - Un texte enfin arrivé.\n")
    assert terminal("replay").exit_code == 0
    assert terminal("replay", "--list").output == ""


def test_search_takes_the_apis_parameters(terminal: Terminal) -> None:
    terminal("load", str(SEED))
    found = terminal("search", "l'ASEAN", "--venue", "Cambodge", "--actor.not", "Otan")
    assert found.exit_code == 0
    assert found.output.startswith("1 dépêche\n")
    assert "Phnom Penh" in found.output
    answer = json.loads(terminal("search", "lavrov", "--json", "--facets", "actor").output)
    assert [hit["venues"] for hit in answer["results"]] == [["Asie du Sud-Est > Cambodge > Phnom Penh"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("search", "lavrov", "--size", "0"), "de 1 à 100"),
        (("search", "lavrov", "--from", "hier"), "AAAA-MM-JJ"),
        (("index", "rollback"), "antérieure"),
    ],
)
def test_an_error_is_one_clear_line_and_status_1(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    terminal("index", "create")
    result = terminal(*words)
    assert result.exit_code == 1
    last = result.output.strip().splitlines()[-1]
    assert last.startswith("Erreur ")
    assert said in last


def test_generations_from_the_terminal(terminal: Terminal) -> None:
    terminal("load", str(SEED))
    assert terminal("index", "rebuild").exit_code == 0
    assert "en service" in terminal("index", "list").output
    assert "Supprimé" in terminal("index", "prune", "--keep", "0").output
    assert terminal("index", "prune").output == "Rien à supprimer.\n"


def test_a_wrong_variable_stops_the_command(terminal: Terminal) -> None:
    result = CliRunner().invoke(main, ["index", "list"], env=terminal.environment | {"PORT": "abc"})
    assert result.exit_code == 1
    assert "PORT" in result.output


def test_an_engine_that_is_away(terminal: Terminal) -> None:
    away = terminal.environment | {"ELASTICSEARCH_URL": "http://127.0.0.1:9"}
    result = CliRunner().invoke(main, ["search", "x"], env=away)
    assert result.exit_code == 1
    assert "ne répond pas" in result.output
