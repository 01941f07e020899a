"""A process beside this one that is there as long as this one is: started again when it ends, ended when this one is killed."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence

# Seconds before a process that ended is started again: what cannot start does not take the whole machine to fail.
PAUSE = 5.0

# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1
_C = ctypes.CDLL(None) if sys.platform == "linux" else None


def ending_with_us() -> Callable[[], None]:
    """For `preexec_fn`: SIGTERM when the thread that starts the process is gone, were it by SIGKILL. Where Linux is."""
    us = os.getpid()

    def ask() -> None:
        if _C is not None:
            _C.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != us:  # gone before it was asked
                os.kill(os.getpid(), signal.SIGTERM)

    return ask


class Staying:
    """A command that runs until it is stopped.

    Args:
        ended: told the status with which it ended unasked, a negative one for a signal.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        ended: Callable[[int], object],
        pause: float = PAUSE,
    ) -> None:
        self._command = command
        self._environment = environment
        self._ended = ended
        self._pause = pause
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="staying", daemon=True)

    def start(self) -> None:
        """Start it; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end, for good; returns at once, also from within a signal's handler."""
        self._stopping.set()
        if self._process:
            self._process.terminate()

    def join(self) -> None:
        """Wait until it has ended."""
        if self._thread.ident:
            self._thread.join()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            self._process = subprocess.Popen(self._command, env=self._environment, preexec_fn=ending_with_us())
            if self._stopping.is_set():  # asked while it started
                self._process.terminate()
            status = self._process.wait()
            # Ctrl-C reaches the whole group: it may end a moment before this one knows.
            if not self._stopping.wait(1):
                self._ended(status)
                self._stopping.wait(self._pause)
