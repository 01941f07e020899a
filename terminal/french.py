"""click speaks English: here is the French of what a reader of this terminal may see of it, and its lists not cut short.

`click` looks its texts up by gettext, in a catalogue of the system that the program does not own and the language of the
machine chooses; ours are French whatever the machine. The table is held against click's own sources by a test.
"""

from __future__ import annotations

import re
from typing import Any

import click
import click.core
import click.decorators
import click.exceptions
import click.formatting
import click.parser
import click.termui
import click.types

# (click's text, ours); the test names those that are missing.
TEXTS = {
    "Usage:": "Emploi :",
    "Options": "Options",
    "Commands": "Commandes",
    "Positional arguments": "Arguments",
    "Show this message and exit.": "Montre cette aide.",
    "Show the version and exit.": "Montre la version.",
    "required": "obligatoire",
    "default: {default}": "par défaut : {default}",
    "env var: {var}": "variable : {var}",
    "(dynamic)": "(calculé)",
    "deprecated": "abandonné",
    "path": "chemin",
    "file": "fichier",
    "directory": "dossier",
    "Error: {message}": "Erreur {message}",
    "Aborted!": "Interrompu.",
    "unknown error": "erreur inconnue",
    "Try '{command} {option}' for help.": "Pour l'aide : {command} {option}",
    "Missing command.": "Il manque la commande.",
    "Missing argument": "Il manque l'argument",
    "Missing option": "Il manque l'option",
    "Missing parameter": "Il manque le paramètre",
    "Missing parameter: {param_name}": "Il manque le paramètre {param_name}",
    "Missing {param_type}": "Il manque {param_type}",
    "No such command {name!r}.": "La commande {name!r} n'existe pas.",
    "No such option {name!r}.": "L'option {name!r} n'existe pas.",
    "Did you mean {possibility}?": "Vouliez-vous dire {possibility} ?",
    "(Did you mean one of: {possibilities}?)": "(Vouliez-vous dire l'une de : {possibilities} ?)",
    "Invalid value: {message}": "Valeur refusée : {message}",
    "Invalid value for {param_hint}: {message}": "Valeur refusée pour {param_hint} : {message}",
    "Got unexpected extra argument ({args})": "Argument de trop ({args})",
    "Got unexpected extra arguments ({args})": "Arguments de trop ({args})",
    "Takes {nargs} values but 1 was given.": "Il faut {nargs} valeurs, et une est donnée.",
    "Takes {nargs} values but {len} were given.": "Il faut {nargs} valeurs, et {len} sont données.",
    "Argument {name!r} takes {nargs} values.": "L'argument {name!r} prend {nargs} valeurs.",
    "Option {name!r} does not take a value.": "L'option {name!r} ne prend pas de valeur.",
    "Option {name!r} requires an argument.": "L'option {name!r} demande une valeur.",
    "Option {name!r} requires {nargs} arguments.": "L'option {name!r} demande {nargs} valeurs.",
    "Could not open file {filename!r}: {message}": "Le fichier {filename!r} ne s'ouvre pas : {message}",
    "Choose from:\n\t{choices}": "À choisir parmi :\n\t{choices}",
    "Choice({choices})": "Choix ({choices})",
    "{value!r} is not {choice}.": "{value!r} n'est pas {choice}.",
    "{value!r} is not one of {choices}.": "{value!r} n'est pas l'un de {choices}.",
    "{value!r} does not match the format {format}.": "{value!r} n'est pas un jour écrit AAAA-MM-JJ.",
    "{value!r} does not match the formats {formats}.": "{value!r} n'est d'aucune des formes {formats}.",
    "{value} is not in the range {range}.": "{value} n'est pas dans les bornes {range}.",
    "{value!r} is not a valid {number_type}.": "{value!r} n'est pas un nombre.",
    "{value!r} is not a valid boolean. Recognized values: {states}": "{value!r} : répondre par l'un de {states}.",
    "{len_type} values are required, but {len_value} was given.": "Il faut {len_type} valeurs, et {len_value} est donnée.",
    "{len_type} values are required, but {len_value} were given.": "Il faut {len_type} valeurs, et {len_value} sont données.",
    "{name} {filename!r} does not exist.": "Le {name} {filename!r} n'existe pas.",
    "{name} {filename!r} is a file.": "Le {name} {filename!r} est un fichier.",
    "{name} {filename!r} is a directory.": "Le {name} {filename!r} est un dossier.",
    "{name} {filename!r} is not readable.": "Le {name} {filename!r} ne peut être lu.",
    "{name} {filename!r} is not writable.": "Le {name} {filename!r} ne peut être écrit.",
    "{name} {filename!r} is not executable.": "Le {name} {filename!r} ne peut être exécuté.",
}

# What stands for a value: "--days NOMBRE".
_VALUES = {
    click.types.StringParamType: "texte",
    click.types.IntParamType: "nombre",
    click.types.IntRange: "nombre",
    click.types.FloatParamType: "nombre",
    click.types.FloatRange: "nombre",
}

_MODULES = (
    *(click.core, click.decorators, click.exceptions, click.formatting),
    *(click.parser, click.termui, click.types),
)

# Where a line must not be broken: "« A > B »", "fin :".
_NO_BREAK = re.compile(r"(?<=«) | (?=[»:;?!])")


def said(text: str) -> str:
    """A text of click in French; as it is where nobody here reads it."""
    return TEXTS.get(text, text)


def said_of(one: str, several: str, count: int) -> str:
    """The same of a text that depends on a number, as click counts: one is one."""
    return said(one if count == 1 else several)


def speak_french() -> None:
    """From now on click's texts are ours. Before the commands are defined: some are looked up then."""
    for module in _MODULES:
        for name, ours in (("_", said), ("ngettext", said_of)):
            if hasattr(module, name):
                setattr(module, name, ours)
    for kind, name in _VALUES.items():
        kind.name = name


class Group(click.Group):
    """A group of commands, each with the whole of its sentence: cut at 80 columns, half of them said nothing."""

    group_class = type

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"subcommand_metavar": "COMMANDE [ARGUMENTS]..."} | kwargs)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        found = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        rows = [
            (name, unbroken(command.get_short_help_str(limit=1000)))
            for name, command in found.items()
            if command and not command.hidden
        ]
        if rows:
            with formatter.section(said("Commands")):
                formatter.write_dl(rows)


class _Formatter(click.HelpFormatter):
    """No line is broken where French is not."""

    def write_text(self, text: str) -> None:
        super().write_text(unbroken(text))

    def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(first, unbroken(second)) for first, second in rows], col_max, col_spacing)


click.Context.formatter_class = _Formatter


def unbroken(text: str) -> str:
    """With no-break spaces where French has them."""
    return _NO_BREAK.sub("\N{NO-BREAK SPACE}", text)


speak_french()
