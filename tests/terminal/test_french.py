"""What click says is said in French, whatever the machine speaks."""

from __future__ import annotations

import ast
import inspect
import re

import click
import pytest
from click.testing import CliRunner

from cli import main
from terminal import french

# What only programmers of the commands, Windows or shells' completion see, and questions that no command asks.
NOT_SEEN = re.compile(
    r"Windows|completion|Deprecation|declar|defined twice|flag for true|editor|color|confirm|Confirm|entered|invalid input"
    r"|Press any|continue|iterable|UUID|standard stream|start character|%\(prog\)s|^d$"
)


def texts() -> set[str]:
    """Every text that click would have translated."""
    found = set()
    for module in french._MODULES:
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
                found |= {
                    arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                }
    return found


def test_every_text_that_is_seen_has_its_french_and_no_french_is_of_a_text_that_is_gone() -> None:
    seen = {text for text in texts() if not NOT_SEEN.search(text)}
    assert len(seen) > 40
    assert seen - set(french.TEXTS) == set()
    assert set(french.TEXTS) - seen == {"required"}  # looked up by a name


def test_a_text_and_its_french_take_the_same_values() -> None:
    def fields(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)", text))

    assert [text for text, ours in french.TEXTS.items() if not fields(ours) <= fields(text)] == []


def helps(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    under = command.commands if isinstance(command, click.Group) else {}
    return [path, *(each for name, child in under.items() for each in helps(child, (*path, name)))]


@pytest.mark.parametrize("path", helps(main), ids=" ".join)
def test_help_is_french_and_whole(path: tuple[str, ...]) -> None:
    said = CliRunner().invoke(main, [*path, "--help"], terminal_width=80).output
    assert (
        re.search(
            r"Usage|exit\.|Commands|default:|\b(TEXT|INTEGER|FLOAT|RANGE|PATHS?|NAME|COMMAND|ARGS)\b|required", said
        )
        is None
    )
    assert "..." not in re.sub(r"\[?[A-ZÉ]+\]?\.\.\.", "", said)
    assert re.search(r"«$|^\s*[»:;?!]", said, re.MULTILINE) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("serch", "La commande 'serch' n'existe pas. (Vouliez-vous dire l'une de : 'search'"),
        ("index rebuilt", "Vouliez-vous dire 'rebuild' ?"),
        ("load", "Il manque l'argument 'CHEMIN...'."),
        ("search --venu X", "L'option '--venu' n'existe pas."),
        ("load x --quiet y", "Valeur refusée pour '--quiet' : 'y' n'est pas un nombre."),
        ("load x --reference-date 8/8/2022", "'8/8/2022' n'est pas un jour écrit AAAA-MM-JJ."),
        ("keys create x --scope search --days 0", "0 n'est pas dans les bornes"),
    ],
)
def test_what_was_mistyped_is_told_in_french(typed: str, said: str) -> None:
    done = CliRunner().invoke(main, typed.split())
    assert done.exit_code == 2
    assert said in done.output
    assert "Pour l'aide : " in done.output
