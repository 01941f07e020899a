"""The terminal door: what commands print and how they end."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from cli import SAMPLES, main
from engine.client import Engine
from indexer.load import Tally
from tests.indexer.cutting_proxy import cutting_proxy

SEED = SAMPLES / "seed"


class Terminal:
    """Runs commands against one archive of its own."""

    def __init__(self, prefix: str, environment: dict[str, str]) -> None:
        self.prefix = prefix
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
    yield Terminal(prefix, environment)
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
    assert re.search(r"8\s+août\s+20\d\d", found.output)
    answer = json.loads(terminal("search", "lavrov", "--json", "--facets", "actor").output)
    assert [hit["venues"] for hit in answer["results"]] == [["Asie du Sud-Est > Cambodge > Phnom Penh"]]


def test_json_is_the_apis_answer(terminal: Terminal, client: FlaskClient, index_prefix: str) -> None:
    samples = Terminal(index_prefix, terminal.environment | {"DEPECHES_INDEX_PREFIX": index_prefix})
    for words, address in (
        (("tour", "--size", "3", "--actor-not", "ONU"), "?q=tour&size=3&actor.not=ONU"),
        (("--venue", "Cambodge", "--group", "story"), "?venue=Cambodge&group=story"),
        (("(tour",), "?q=(tour"),
        (("tour", "--size", "0"), "?q=tour&size=0"),
    ):
        printed = samples("search", "--json", *words)
        told, answer = json.loads(printed.stdout), client.get(f"/api/v1/dispatches{address}")
        assert (printed.exit_code == 0) == (answer.status_code == 200)
        assert {**told, "took_ms": 0} == {**answer.get_json(), "took_ms": 0}
        assert list(told) == list(json.loads(answer.data))


GUIDE = (SAMPLES.parent / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", re.findall(r"^depeches (search .+)$", GUIDE, re.MULTILINE))
def test_the_guides_commands(terminal: Terminal, index_prefix: str, samples: Tally, command: str) -> None:
    archive = Terminal(index_prefix, terminal.environment | {"DEPECHES_INDEX_PREFIX": index_prefix})
    found = archive(*shlex.split(command))
    assert found.exit_code == 0
    assert not found.output.startswith("0 ")


def test_facets_and_timeline_are_shown_when_asked_for(terminal: Terminal) -> None:
    terminal("load", str(SEED))
    bare, full = terminal("search", "lavrov").output, terminal("search", "lavrov", "--facets").output
    assert "Chronologie" not in bare and "Acteurs" not in bare
    assert re.search(r"^Acteurs ", full, re.MULTILINE) and re.search(r"Sergueï Lavrov +1\b", full)
    assert re.search(r"^█▏\n8\s+août 20\d\d de .+, par heure$", full, re.MULTILINE)
    assert "Lieux" not in terminal("search", "lavrov", "--facets", "actor").output


def test_the_next_page_is_a_command_to_type(terminal: Terminal, index_prefix: str, samples: Tally) -> None:
    archive = Terminal(index_prefix, terminal.environment | {"DEPECHES_INDEX_PREFIX": index_prefix})
    seen: list[str] = []
    words = ["search", "l'eau", "--size", "2"]
    for _ in range(3):
        said = archive(*words)
        assert said.exit_code == 0
        seen += re.findall(r"\b[0-9a-f]{20}\b", said.output.partition("La suite")[0])
        command = re.search(r"^La suite : depeches (.*)$", said.output, re.MULTILINE)
        assert command
        words = shlex.split(command[1])
    assert len(seen) == len(set(seen)) == 6


def test_a_query_that_cannot_be_read_is_shown_with_its_place_and_a_cure(terminal: Terminal) -> None:
    result = terminal("search", "東京 (guerre", "--size", "2")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "Erreur Parenthèse ouverte jamais fermée.",
        "  東京 (guerre",
        "       ^",
        "À la place : depeches search --size 2 '東京 (guerre)'",
    ]


@pytest.mark.parametrize(
    ("eyes", "no_color", "coloured"), [("terminal", "", True), ("terminal", "1", False), ("pipe", "", False)]
)
def test_colours_are_for_eyes(terminal: Terminal, eyes: str, no_color: str, coloured: bool) -> None:
    terminal("load", str(SEED))
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    environment |= terminal.environment | {"TERM": "xterm-256color"} | ({"NO_COLOR": no_color} if no_color else {})
    command = [sys.executable, "-m", "cli", "search", "lavrov"]
    ours, theirs = pty.openpty() if eyes == "terminal" else os.pipe()
    run = subprocess.Popen(command, env=environment, cwd=SAMPLES.parent, stdout=theirs, stderr=subprocess.DEVNULL)
    os.close(theirs)
    said = b""
    with suppress(OSError):  # a terminal whose program has ended
        while piece := os.read(ours, 65536):
            said += piece
    os.close(ours)
    assert run.wait(60) == 0
    text = said.decode()
    assert "Lavrov" in text
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]", text)) is coloured  # colours; NO_COLOR leaves bold alone
    assert ("\x1b" in text) is (eyes == "terminal")


def test_explain_tells_the_words_behind_each_facet(terminal: Terminal) -> None:
    terminal("load", str(SEED))
    (hit,) = json.loads(terminal("search", "phnom penh ASEAN", "--json").output)["results"]
    told = terminal("explain", hit["id"]).output
    assert re.search(r"Wang Yi : .*Wang Yi", told)
    assert re.search(r"Question de Taïwan \d+\.\d : .*question de Taiwan \(\+\d", told)
    assert terminal("explain", "inconnu").exit_code == 1


def test_names_are_accepted_and_put_aside_from_the_terminal(terminal: Terminal) -> None:
    assert terminal("authorities", "candidates").exit_code == 0
    accepted = terminal("authorities", "accept", "Prak Test", "--country", "Cambodge", "--role", "ministre")
    assert accepted.exit_code == 0
    assert "--reenrich" in accepted.output
    assert terminal("authorities", "reject", "Machin Chose").exit_code == 0
    wrong = terminal("authorities", "accept", "Autre Nom", "--country", "Atlantide")
    assert wrong.exit_code == 1
    assert "Atlantide" in wrong.output


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


def test_doctor_tells_what_is_wrong_and_how_to_mend_it(terminal: Terminal, tmp_path: Path) -> None:
    terminal("load", str(SEED))
    well = terminal("doctor")
    assert (well.exit_code, "mal" in well.output) == (0, False)
    (tmp_path / "vide.txt").write_bytes(b"")
    terminal("load", str(tmp_path / "vide.txt"))
    ill = terminal("doctor")
    assert ill.exit_code == 1
    assert "depeches replay" in ill.output
    assert terminal("replay", "--discard", "*.pdf").output == "Aucun rejet n'y répond.\n"
    assert "1 rejets écartés" in terminal("replay", "--discard", "*/vide.*").output
    assert terminal("doctor").exit_code == 0
    terminal("load", str(tmp_path / "vide.txt"))
    assert terminal("doctor").exit_code == 1, "put aside, and rejected again: it is told again"
    away = CliRunner().invoke(main, ["doctor"], env=terminal.environment | {"ELASTICSEARCH_URL": "http://127.0.0.1:9"})
    assert away.exit_code == 1
    assert "ne répond pas" in away.output


def test_doctor_names_what_is_misspelt_closed_or_no_elasticsearch(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("ce n'est pas un dossier")
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        wrong = {
            "DEPECHES_WROKERS": "3",
            "DEPECHES_DATA_DIR": str(tmp_path / "fichier" / "dessous"),
            "ELASTICSEARCH_URL": f"http://127.0.0.1:{other.server_port}",
        }
        said = " ".join(CliRunner().invoke(main, ["doctor"], env=terminal.environment | wrong).output.split())
        other.shutdown()
    assert "DEPECHES_WROKERS n'est pas un réglage : vouliez-vous dire DEPECHES_WORKERS ?" in said
    assert "On ne peut pas écrire dans" in said
    assert "n'est pas un Elasticsearch : vérifiez ELASTICSEARCH_URL" in said
    assert "mal disque" not in said, "one that fails does not hide the others"


def test_doctor_names_stories_a_killed_loader_left_and_replay_finishes_them(terminal: Terminal, engine: Engine) -> None:
    terminal("load", str(SEED))
    hit = engine.search({"query": {"match_all": {}}}, index=terminal.prefix)["hits"]["hits"][0]
    action = {"_op_type": "update", "_index": f"{terminal.prefix}-write", "_id": hit["_id"], "doc": {"settled": False}}
    assert all(outcome.done for outcome in engine.bulk([action]))
    engine.refresh(terminal.prefix)
    ill = terminal("doctor")
    assert ill.exit_code == 1
    assert "n'ont pas rejoint leur histoire (1)" in ill.output
    terminal("replay")
    assert "toutes établies" in terminal("doctor").output


def test_repair_shows_what_loading_would_mend(terminal: Terminal) -> None:
    shown = terminal("repair", str(SEED / "000_xinhua_phnom_penh.txt"), "--explain")
    assert shown.exit_code == 0
    assert "canal gbk, 3 réparations" in shown.output
    assert "Sergue?ï Lavrov" in shown.output
    assert "plutôt : ? → ô" in shown.output


def test_a_wrong_variable_stops_the_command(terminal: Terminal) -> None:
    result = CliRunner().invoke(main, ["index", "list"], env=terminal.environment | {"PORT": "abc"})
    assert result.exit_code == 1
    assert "PORT" in result.output


def test_a_loader_killed_midway_then_run_again_loads_each_dispatch_once(
    terminal: Terminal, engine: Engine, tmp_path: Path
) -> None:
    count = 1200
    text = "PARIS, 8 août 2022 (AFP) - Le ministre a visité l'usine de Roubaix. Numéro {}.\n"
    (tmp_path / "lot.txt").write_text("\n--------\n".join(text.format(n) for n in range(count)))
    environment = os.environ | terminal.environment | {"DEPECHES_INDEX_PREFIX": f"{terminal.prefix}-kill"}
    command = [sys.executable, "-m", "indexer", str(tmp_path / "lot.txt")]
    archive = environment["DEPECHES_INDEX_PREFIX"]
    with cutting_proxy(engine.address.url) as proxy:
        proxy.keep_bulk(2)
        first = subprocess.Popen(
            command,
            env=environment | {"ELASTICSEARCH_URL": proxy.url},
            cwd=SAMPLES.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert proxy.kept.wait(120)
        first.kill()
        first.wait(10)
    engine.refresh(archive)
    reached = engine.count(archive)
    assert 0 < reached < count
    again = subprocess.run(command, env=environment, cwd=SAMPLES.parent, capture_output=True, text=True, timeout=120)
    assert again.returncode == 0
    told = re.search(r"lues (\d+) = chargées (\d+) \+ inchangées (\d+) \+ rejetées 0", again.stdout)
    assert told
    read, loaded, unchanged = map(int, told.groups())
    # What was on its way when the loader died may still have arrived after the count.
    assert (read, loaded + unchanged) == (count, count)
    assert reached <= unchanged < count
    assert engine.count(archive) == count


def test_an_engine_that_is_away(terminal: Terminal) -> None:
    away = terminal.environment | {"ELASTICSEARCH_URL": "http://127.0.0.1:9"}
    result = CliRunner().invoke(main, ["search", "x"], env=away)
    assert result.exit_code == 1
    assert "ne répond pas" in result.output
