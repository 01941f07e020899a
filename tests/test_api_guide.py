"""The guides' `curl` commands, by the real curl against the service as it runs over the samples; and what they promise."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.client import Engine
from engine.config import Settings
from indexer.load import Tally
from search.schemas import InsideArguments
from tests.indexer.served import ROOT, served

GUIDES = ("api.md", "requete.md", "exports.md", "alertes.md", "portail.md")
PARAMETERS = {field.data_key or name for name, field in InsideArguments().load_fields.items()}

# In the seed: a dispatch with a damaged text, repairs, quotes and no title of its own.
SOUGHT = "/api/v1/dispatches?q=lavrov+asean&size=1"


@dataclass(frozen=True, slots=True)
class Example:
    """A command of a guide, under the heading it stands under, with all that is said there."""

    guide: str
    heading: str
    command: str
    said: str


def examples() -> Iterator[Example]:
    for guide in GUIDES:
        path = ROOT / "docs" / guide
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for section in re.split(r"^(?=#+ )", text, flags=re.MULTILINE):
            heading, _, said = section.partition("\n")
            for block in re.findall(r"```sh\n(.*?)```", said, re.DOTALL):
                for command in block.replace("\\\n", " ").splitlines():
                    if command.startswith("curl "):
                        yield Example(guide, heading.strip("# "), command, said)


EXAMPLES = tuple(examples())


@pytest.fixture(scope="module")
def port(engine: Engine, settings: Settings, samples: Tally, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    own = replace(settings, data_dir=tmp_path_factory.mktemp("data"))
    with served(own, engine.address.url, workers=1) as number:
        yield number


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    kind: str  # of content
    body: bytes

    @property
    def answer(self) -> Any:
        return json.loads(self.body) if self.body and self.kind.startswith("application/json") else None


@cache
def run(command: str, port: int, folder: Path) -> Said:
    """What a reader sees who types the command, a real id in the place of IDENTIFIANT."""
    if "IDENTIFIANT" in command:
        (found,) = run(f"curl 'http://127.0.0.1:8000{SOUGHT}'", port, folder).answer["results"]
        command = command.replace("IDENTIFIANT", found["id"])
    typed = command.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    typed = typed.replace("curl ", "curl -sS -w '%{stderr}%{http_code} %{content_type}' ", 1)
    done = subprocess.run(["bash", "-c", typed], cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 0, (typed, done.stderr)
    status, _, kind = done.stderr.decode().partition(" ")
    return Said(int(status), kind, done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reader")


def held(answer: Any, path: str) -> bool:
    """Whether an answer has, at any depth, what a guide calls so: `page.next`, `versions[].changes`, `folded.count`."""
    if isinstance(answer, list):
        return any(held(each, path) for each in answer)
    if not isinstance(answer, dict):
        return False
    first, _, rest = path.replace("[]", "").partition(".")
    if first in answer and (not rest or held(answer[first], rest)):
        return True
    return any(held(each, path) for each in answer.values())


def keys(answer: Any) -> set[str]:
    """Every key, however deep."""
    if isinstance(answer, list):
        return set().union(*map(keys, answer))
    return set(answer).union(*map(keys, answer.values())) if isinstance(answer, dict) else set()


def test_the_examples_are_found() -> None:
    assert len(EXAMPLES) >= 6 and any("IDENTIFIANT" in example.command for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.guide}: {example.command}")
def test_an_example_is_answered(example: Example, port: int, folder: Path) -> None:
    said = run(example.command, port, folder)
    assert said.status in (200, 201), said.body
    if isinstance(said.answer, dict) and "total" in said.answer:
        assert said.answer["total"]["value"] >= 1


# `total.value`, `versions[].changes`: what an answer holds, unless it is a parameter (`actor.not`) or a file.
DOTTED = re.compile(r"`([a-z_]+(?:\[\])?(?:\.[a-z_]+(?:\[\])?)+)`")


def told() -> list[tuple[str, str]]:
    found = []
    for guide in dict.fromkeys(example.guide for example in EXAMPLES):
        for name in DOTTED.findall((ROOT / "docs" / guide).read_text(encoding="utf-8")):
            if name not in PARAMETERS and not name.endswith((".json", ".md", ".csv", ".xml", ".atom")):
                found.append((guide, name))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(("guide", "name"), told())
def test_what_a_guide_names_is_in_some_answer(guide: str, name: str, port: int, folder: Path) -> None:
    answers = [run(example.command, port, folder).answer for example in EXAMPLES if example.guide == guide]
    assert any(held(answer, name) for answer in answers)


# "- `children` : le niveau suivant existe." under an example: the answer's own key, unless a parameter.
LISTED = re.compile(r"^- `([a-z_]+)`", re.MULTILINE)


@pytest.mark.parametrize(
    ("example", "name"),
    [(e, name) for e in EXAMPLES for name in dict.fromkeys(LISTED.findall(e.said)) if name not in PARAMETERS],
    ids=lambda value: value if isinstance(value, str) else value.heading,
)
def test_a_list_under_an_example_names_what_it_answers(example: Example, name: str, port: int, folder: Path) -> None:
    same = [run(each.command, port, folder).answer for each in EXAMPLES if each.heading == example.heading]
    assert name in set().union(*map(keys, same))
