"""A file written on its way in: whole under its name, or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO


def save(chunks: Iterable[bytes], output: Path | None, stdout: BinaryIO) -> None:
    """Write to a file, or to `stdout` when there is none.

    A file takes its name when it is whole; until then, and when that fails, it is beside it under `NAME.part`.

    Raises:
        OSError: it cannot be written.
    """
    if output is None:
        stdout.writelines(chunks)
        stdout.flush()
        return
    partial = output.with_name(f"{output.name}.part")
    with partial.open("wb") as file:
        file.writelines(chunks)
    os.replace(partial, output)
