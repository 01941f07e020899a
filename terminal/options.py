"""The options of `depeches search`: one for every parameter of the API, from the API's own schema.

A parameter is an option of the same name, with hyphens for its dots and underscores; the API's spelling is taken too:
`--actor-not ONU` and `--actor.not ONU` are `actor.not=ONU`.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click
from marshmallow import fields
from werkzeug.datastructures import MultiDict

from mappings.fields import FACETS
from search.schemas import SearchArguments

Pairs = list[tuple[str, str]]

# A variable of Python has no dots.
DOT = "__"

# What `--facets` alone stands for.
ALL_FACETS = ",".join(FACETS)


def option(parameter: str) -> str:
    """`actor.not` -> `--actor-not`."""
    return "--" + _hyphens(parameter)


def _hyphens(name: str) -> str:
    return name.replace(".", "-").replace("_", "-")


# click's settings of a command that takes the API's spelling of an option as well.
AS_THE_API_SPELLS = {"token_normalize_func": _hyphens}


def parameters() -> dict[str, fields.Field[Any]]:
    """The parameters of the API that are options, in its order: all but the words themselves."""
    found = {field.data_key or name: field for name, field in SearchArguments().load_fields.items()}
    del found["q"]
    return found


def search_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator: one option per parameter."""
    for name, field in reversed(parameters().items()):
        alone: dict[str, Any] = {"is_flag": False, "flag_value": ALL_FACETS} if name == "facets" else {}
        command = click.option(
            option(name),
            name.replace(".", DOT),
            multiple=isinstance(field, fields.List),
            help=field.metadata["description"],
            metavar="TEXTE",
            **alone,
        )(command)
    return command


def pairs(q: str, given: Mapping[str, str | tuple[str, ...] | None]) -> Pairs:
    """What was typed, as the parameters of the API."""
    found = [("q", q)] if q else []
    for name, value in given.items():
        for item in value if isinstance(value, tuple) else (value,):
            if item is not None:
                found.append((name.replace(DOT, "."), item))
    # Bytes that are no text in this terminal's encoding come as half characters, which JSON cannot hold.
    return [(name, value.encode(errors="replace").decode()) for name, value in found]


def arguments(typed: Pairs) -> MultiDict[str, str]:
    """Parameters as the API's schema reads them."""
    return MultiDict(typed)


def command_line(typed: Iterable[tuple[str, str]], **changed: str) -> str:
    """The command that asks for this, with these parameters instead, each as a shell takes it."""
    kept = [pair for pair in typed if pair[0] not in (*changed, "cursor")] + [
        pair for pair in changed.items() if pair[1]
    ]
    words = [value for name, value in kept if name == "q"]
    options = [word for name, value in kept if name != "q" for word in (option(name), value)]
    # Words that begin with a hyphen are no option.
    return shlex.join(["depeches", "search", *options, *(["--"] if words and words[0].startswith("-") else []), *words])
