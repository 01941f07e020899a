"""What can be documented is: settings, commands, parameters, rooms."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from cli import main
from search.schemas import SearchArguments

ROOT = Path(__file__).parent.parent


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def variables() -> list[str]:
    code = "".join(read(f"engine/{name}.py") for name in ("config", "java")) + read("app.py")
    return sorted(
        set(re.findall(r'"((?:ELASTICSEARCH|DATABASE|DEPECHES|ES|JAVA|PROMETHEUS)_[A-Z_]+|HOST|PORT)"', code))
    )


@pytest.mark.parametrize("name", variables())
def test_every_variable_has_a_line(name: str) -> None:
    assert f"`{name}`" in read("docs/configuration.md")


@pytest.mark.parametrize("name", sorted(re.findall(r"^\| `([A-Z_]+)`", read("docs/configuration.md"), re.MULTILINE)))
def test_no_line_is_about_nothing(name: str) -> None:
    assert name in variables()


def commands(group: click.Group = main, prefix: str = "") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, f"{prefix}{name} ")
        found.append((prefix + name, command))
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_says_what_it_does(name: str, command: click.Command) -> None:
    assert command.help
    assert command.help[0].isupper()


@pytest.mark.parametrize("name", [field.data_key or key for key, field in SearchArguments().load_fields.items()])
def test_every_parameter_is_in_the_guide(name: str) -> None:
    assert f"`{name.partition('.')[0]}`" in read("docs/api.md") or f"`{name}" in read("docs/api.md")


def test_the_readme_maps_every_room() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert {room for room in rooms if f"[`{room}/`]({room})" not in read("README.md")} == set()
