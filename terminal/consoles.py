"""Where commands write: to eyes, lines as wide as their terminal; to a journal, a file or a pipe, each message on one line."""

from __future__ import annotations

import os
import sys

from rich.console import Console

# Columns where no eyes are: rich takes 80, and cuts messages that `grep` and a journal are to find whole.
WIDE = 4000


def console(*, stderr: bool = False) -> Console:
    """One that writes to the standard output, or to that of errors."""
    stream = sys.stderr if stderr else sys.stdout
    eyes = stream.isatty() or bool(os.environ.get("COLUMNS"))
    return Console(stderr=stderr, highlight=False, width=None if eyes else WIDE)
