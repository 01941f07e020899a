"""What is wrong with a request, where, and what to type instead."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from engine.errors import QuerySyntaxError, RequestError
from terminal.options import Pairs, command_line
from terminal.place import pointed

# Columns before the query.
MARGIN = 2


def refuse(console: Console, error: RequestError, typed: Pairs) -> None:
    """Print one clear line; of a query that cannot be read also the place, and the command that can be."""
    console.print(Text.assemble(("Erreur", "bold red"), " ", error.detail), soft_wrap=True)
    if not isinstance(error, QuerySyntaxError):
        return
    if error.at is not None:
        query, caret = pointed(dict(typed).get("q", ""), error.at, console.width - MARGIN)
        console.print(Text(" " * MARGIN + query), no_wrap=True, overflow="ignore", crop=False)
        console.print(Text(" " * MARGIN + caret, "bold red"), no_wrap=True, overflow="ignore", crop=False)
    if error.suggestion:
        command = (command_line(typed, q=error.suggestion), "bold")
        console.print(Text.assemble("À la place : ", command), soft_wrap=True)
