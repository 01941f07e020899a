"""A real PostgreSQL for one run of the tests, from Debian's package: on a socket in a folder of its own, stopped at the end."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

ACCOUNTS = ("postgres", "nobody")

PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `folder` holds its socket; `user` may do anything there."""

    folder: Path
    user: str

    def url(self, name: str) -> str:
        return f"postgresql://{self.user}@/{name}?host={self.folder}"

    def create(self, *, like: str = "template0") -> str:
        """A database of its own, as `like` is; its name."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.do(f"CREATE DATABASE {name} TEMPLATE {like}")
        return name

    def drop(self, name: str) -> None:
        self.do(f"DROP DATABASE {name} WITH (FORCE)")

    def do(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


def programs() -> Path:
    """The folder of PostgreSQL's programs: the newest version the machine has."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise FileNotFoundError(
            "Les tests ont besoin de PostgreSQL : apt-get install postgresql (scripts/setup tests)."
        )
    return (found[-1] if found else Path(str(on_path))).parent


def account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses root: whom to run it as, None for ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in ACCOUNTS if name in known)


@contextmanager
def server(*, durable: bool = False) -> Iterator[Server]:
    """A server for the length of the block.

    Args:
        durable: write to the disk as a real one does; tests of this run alone need it not.
    """
    folder = Path(tempfile.mkdtemp(prefix="depeches-pg-"))
    runs_as = account()
    if runs_as:
        os.chown(folder, runs_as.pw_uid, runs_as.pw_gid)
    folder.chmod(0o755)
    data, user = folder / "data", runs_as.pw_name if runs_as else pwd.getpwuid(os.getuid()).pw_name
    as_account = {"user": runs_as.pw_uid, "group": runs_as.pw_gid, "extra_groups": [], "cwd": folder} if runs_as else {}
    try:
        made = [str(programs() / "initdb"), "-D", str(data), "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(made, check=True, capture_output=True, timeout=120, **as_account)  # type: ignore[call-overload]
        options = {"listen_addresses": "", "unix_socket_directories": folder, "max_connections": 60}
        if not durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [str(programs() / "postgres"), "-D", str(data)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(  # type: ignore[call-overload]
                command, stdout=log, stderr=log, start_new_session=True, preexec_fn=_end_with_us, **as_account
            )
        try:
            found = Server(folder, user)
            _wait(found, process)
            yield found
        finally:
            process.send_signal(signal.SIGINT)  # "fast": sessions are cut, the data is left whole
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end_with_us() -> None:
    """Run in the server's process: a run of tests that is killed has no end of its own to stop it in."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _wait(found: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            found.do("SELECT 1")
            return
        except psycopg.OperationalError:
            log = (found.folder / "log").read_text(errors="replace")
            assert process.poll() is None, log
            assert time.monotonic() < deadline, log
            time.sleep(0.05)
