"""What a run of tests leaves behind, however it ends: nothing.

All that a run makes outside pytest's own folders lies in one folder, and all it starts names that folder in its command
or its environment. A watchman holds the other end of a pipe: when the run is over, killed (-9) too, the pipe ends, and
the watchman kills what still runs there (an engine, a database, a browser) and removes the folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path


def begin() -> None:
    """To be called once in a run, before its first temporary folder and its first process."""
    folder = Path(tempfile.mkdtemp(prefix="depeches-run-"))
    folder.chmod(0o755)  # Elasticsearch and PostgreSQL run under accounts of their own
    # pytest keeps the folders of its last runs to be looked at.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    reading, writing = os.pipe()  # `writing` is closed by nobody but the kernel, and inherited by no other program
    command = [sys.executable, "-S", "-E", __file__, str(folder)]
    watchman = subprocess.Popen(command, stdin=reading, start_new_session=True)
    watchman.returncode = 0  # it ends after us: nobody waits for it
    os.close(reading)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def clear(folder: str) -> None:
    """End what runs in a folder, and remove it."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is another's
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            if folder.encode() in told and int(process.name) != os.getpid():
                os.kill(int(process.name), signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.stdin.read()
    clear(sys.argv[1])
