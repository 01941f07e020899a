"""Every parameter of the API is an option, and what a command says it asks for is what it asks for."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from click.testing import CliRunner

from mappings.fields import FACETS
from search.schemas import SearchArguments
from terminal.options import ALL_FACETS, AS_THE_API_SPELLS, Pairs, command_line, option, pairs, search_options

PARAMETERS = [field.data_key or name for name, field in SearchArguments().load_fields.items()]


def typed(*words: str) -> Pairs:
    """What a command line asks for."""
    found: list[Pairs] = []

    @click.command(context_settings=AS_THE_API_SPELLS)
    @click.argument("q", default="")
    @search_options
    def search(q: str, **given: str | tuple[str, ...] | None) -> None:
        found.append(pairs(q, given))

    result = CliRunner().invoke(search, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return found[0]


@pytest.mark.parametrize("name", [name for name in PARAMETERS if name != "q"])
@pytest.mark.parametrize("spelling", ["with hyphens", "as the API has it"])
def test_every_parameter_is_an_option(name: str, spelling: str) -> None:
    written = option(name) if spelling == "with hyphens" else f"--{name}"
    assert re.fullmatch(r"--[a-z][a-z-]*", option(name))
    assert typed(written, "x", "mots") == [("q", "mots"), (name, "x")]


def test_what_may_be_repeated_is() -> None:
    assert typed("--actor", "ONU", "--actor", "Otan") == [("actor", "ONU"), ("actor", "Otan")]


@pytest.mark.parametrize("words", [("x", "--facets"), ("--facets", "--size=3", "x")])
def test_facets_alone_are_all(words: tuple[str, ...]) -> None:
    assert ("facets", ALL_FACETS) in typed(*words)
    assert ALL_FACETS.split(",") == list(FACETS)


@pytest.mark.parametrize(
    "asked",
    [
        [("q", "l'ASEAN \"d'accord\" $HOME `x`")],
        [("q", "-guerre"), ("actor.not", "Côte d'Ivoire"), ("from", "2022-08-01")],
        [("q", "--json"), ("facet_size", "3")],
        [("venue.under", "Asie du Sud-Est > Cambodge")],
    ],
)
def test_a_command_asks_for_what_it_was_made_of(asked: Pairs) -> None:
    words = shlex.split(command_line(asked))
    assert words[:2] == ["depeches", "search"]
    assert sorted(typed(*words[2:])) == sorted(asked)


def test_a_command_with_something_changed() -> None:
    asked = [("q", "a"), ("size", "2"), ("cursor", "old")]
    assert typed(*shlex.split(command_line(asked, cursor="new"))[2:]) == [("q", "a"), ("size", "2"), ("cursor", "new")]
    assert typed(*shlex.split(command_line(asked, q="b"))[2:]) == [("q", "b"), ("size", "2")]
    assert typed(*shlex.split(command_line(asked, q=""))[2:]) == [("size", "2")]


def test_bytes_that_are_no_text_are_taken_as_unknown_characters() -> None:
    assert pairs("caf\udce9", {}) == [("q", "caf?")]
