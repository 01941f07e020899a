"""A real nginx for one run of the tests, from Debian's package: unprivileged, with `deploy/nginx.conf` as its site.

Only what differs from machine to machine is replaced in the example: ports, files, the address of the service.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port
from tests.postgresql import _end_with_us

EXAMPLE = Path(__file__).parent.parent.parent / "deploy" / "nginx.conf"

# The name in the example; its certificate is made for it.
NAME = "depeches.exemple.fr"

# What Debian's own nginx.conf does around a site, with every folder ours.
AROUND = """
daemon off;
worker_processes 2;
pid {folder}/pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ text/html html; }}
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Running:
    """`port` speaks TLS, `plain` sends there; `tls` trusts its certificate."""

    port: int
    plain: int
    tls: ssl.SSLContext
    folder: Path

    def log(self) -> str:
        return (self.folder / "error.log").read_text(errors="replace")


def program() -> str:
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise FileNotFoundError("Les tests ont besoin de nginx : apt-get install nginx (scripts/setup tests).")
    return found


@contextmanager
def nginx(upstream: str, passwords: Mapping[str, str], *, groups: str = "", example: str = "") -> Iterator[Running]:
    """nginx in front of a service, for the length of the block.

    Args:
        upstream: "127.0.0.1:8000", or "unix:/..." .
        passwords: of the readers.
        groups: more lines for the map of groups.
        example: another site than `deploy/nginx.conf`.
    """
    folder = Path(tempfile.mkdtemp(prefix="depeches-nginx-"))
    try:
        plain, port = free_port(), free_port()
        _certificate(folder)
        _passwords(folder, passwords)
        site = example or EXAMPLE.read_text(encoding="utf-8")
        for ours, theirs in (
            ("    listen [::]:80;\n", ""),
            ("    listen [::]:443 ssl http2;\n", ""),
            ("listen 80;", f"listen 127.0.0.1:{plain};"),
            ("listen 443 ", f"listen 127.0.0.1:{port} "),
            ("/etc/nginx/depeches.", f"{folder}/depeches."),
            ("server 127.0.0.1:8000;", f"server {upstream};"),
            ('    "m.durand" "documentation";\n', f'    "m.durand" "documentation";\n{groups}'),
        ):
            assert ours in site, f"deploy/nginx.conf: {ours!r}"
            site = site.replace(ours, theirs)
        (folder / "site.conf").write_text(site, encoding="utf-8")
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder), encoding="utf-8")
        with _process(folder) as process:
            found = Running(port, plain, ssl.create_default_context(cafile=str(folder / "depeches.crt")), folder)
            _wait(found, process)
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _process(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """As an account that may do nothing else: nothing here needs root."""
    as_account = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        as_account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    command = [program(), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    checked = subprocess.run([*command, "-t"], capture_output=True, timeout=60, **as_account)  # type: ignore[call-overload]
    assert checked.returncode == 0, checked.stderr.decode()
    assert b"[warn]" not in checked.stderr, checked.stderr.decode()
    process = subprocess.Popen(  # type: ignore[call-overload]
        command, stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_us, **as_account
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


def _certificate(folder: Path) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    made += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},DNS:localhost,IP:127.0.0.1"]
    made += ["-keyout", str(folder / "depeches.key"), "-out", str(folder / "depeches.crt")]
    subprocess.run(made, check=True, capture_output=True, timeout=60)


def _passwords(folder: Path, passwords: Mapping[str, str]) -> None:
    lines = []
    for name, password in passwords.items():
        hashed = ["openssl", "passwd", "-apr1", "-stdin"]
        answer = subprocess.run(hashed, input=password.encode(), check=True, capture_output=True, timeout=60)
        lines.append(f"{name}:{answer.stdout.decode().strip()}\n")
    (folder / "depeches.htpasswd").write_text("".join(lines), encoding="utf-8")


def _wait(found: Running, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", found.port), timeout=1).close()
            return
        except OSError:
            assert process.poll() is None, found.log()
            assert time.monotonic() < deadline, found.log()
