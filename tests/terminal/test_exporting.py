"""`depeches export`: the API's files, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import feedparser  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner, Result

from cli import main
from engine.client import Engine
from engine.config import Settings
from indexer.load import Tally
from terminal.saving import save

Export = Callable[..., Result]


@pytest.fixture
def export(engine: Engine, settings: Settings, samples: Tally, tmp_path: Path) -> Export:
    environment = {
        "ELASTICSEARCH_URL": engine.address.url,
        "DEPECHES_INDEX_PREFIX": settings.index_prefix,
        "DEPECHES_DATA_DIR": str(tmp_path),
    }

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, ["export", *words], env=environment, catch_exceptions=False)

    return run


def test_standard_output_is_the_file_and_nothing_else(export: Export) -> None:
    result = export("jsonl", "lavrov", "--from", "2022-08-01")
    assert result.exit_code == 0
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert found and all(each["published"] >= "2022-07-31" for each in found)


def test_a_named_file_is_written(export: Export, tmp_path: Path) -> None:
    output = tmp_path / "lavrov.csv"
    assert export("csv", "lavrov", "--size", "3", "--output", str(output)).stdout == ""
    assert output.read_bytes().startswith(b'\xef\xbb\xbf"identifiant";')
    assert not list(tmp_path.glob("*.part"))


def test_links_lead_to_the_site(export: Export) -> None:
    feed = feedparser.parse(export("atom", "lavrov", "--size", "2", "--site", "https://depeches.example/").stdout)
    assert feed.feed.link == "https://depeches.example/?q=lavrov"
    assert [entry.link.startswith("https://depeches.example/depeches/") for entry in feed.entries] == [True, True]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pdf", "x"), "les formats sont csv, jsonl, ris, txt, atom, rss"),
        (("csv", "(a"), "Parenthèse ouverte jamais fermée"),
        (("csv", "a", "--output", "/nulle/part"), "Impossible d'écrire /nulle/part"),
        (("atom", "a", "--size", "501"), "de 1 à 500"),
    ],
)
def test_what_is_wrong_is_said(export: Export, words: tuple[str, ...], said: str) -> None:
    result = export(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in " ".join(result.stderr.split())


def broken() -> Iterator[bytes]:
    yield b"le debut"
    raise ConnectionError


def test_a_file_that_is_not_whole_does_not_take_its_name(tmp_path: Path) -> None:
    output = tmp_path / "f.csv"
    output.write_bytes(b"celui d'hier")
    with pytest.raises(ConnectionError), (tmp_path / "rien").open("wb") as stdout:
        save(broken(), output, stdout)
    assert output.read_bytes() == b"celui d'hier"
