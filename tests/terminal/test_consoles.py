"""A message is one line where a program reads it, and as wide as the terminal where eyes do."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SAYS = "from terminal.consoles import console; console().print('mot ' * 100)"


@pytest.mark.parametrize(("columns", "lines"), [(None, 1), ("40", 10)])
def test_a_message_in_a_pipe_is_one_line_unless_a_width_is_asked_for(columns: str | None, lines: int) -> None:
    own = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-c", SAYS],
        env=own | ({"COLUMNS": columns} if columns else {}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert len(done.stdout.splitlines()) == lines
