"""A run of tests that is killed leaves no process and no folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.test_kills import lives, wait_for

ROOT = Path(__file__).parent.parent

KILLED = """
import os, signal, subprocess, tempfile
from tests import leftovers
leftovers.begin()
folder = tempfile.mkdtemp()
engine = subprocess.Popen(["sleep", "600"], env={"ES_PATH_CONF": folder}, start_new_session=True)
print(folder, engine.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_began_ends_and_its_folder_goes() -> None:
    run = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60)
    folder, engine = run.stdout.split()
    wait_for(lambda: not Path(folder).parent.exists())
    wait_for(lambda: not lives(int(engine)))
