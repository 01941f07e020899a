"""Two identity providers: a certified one (`provider/`, under Node), and one that says whatever a test has it say."""

from __future__ import annotations

import base64
import json
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.ports import free_port
from tests.postgresql import _end_with_us

FOLDER = Path(__file__).parent / "provider"
CLIENT, SECRET = "depeches", "un-secret-d-essai-assez-long-pour-tous"


@contextmanager
def provider(callback: str, out: str) -> Iterator[str]:
    """The issuer of a running provider that knows this archive by `callback` and, signed out, by `out`."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").is_dir():
        raise FileNotFoundError("Les tests ont besoin de Node et de oidc-provider : scripts/setup tests.")
    port = free_port()
    told = json.dumps({"port": port, "callback": callback, "out": out})
    process = subprocess.Popen(
        [node, "provider.mjs", told],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_end_with_us,
    )
    try:
        assert process.stdout and process.stderr
        ready = process.stdout.readline()
        assert ready == b"ready\n", process.stderr.read().decode()
        # What it warns of is read, or its pipe would fill and stop it.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@dataclass
class Liar:
    """A provider of one answer. What a test changes: the claims, the algorithm, the key, what userinfo says, or no token."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    userinfo: dict[str, Any] = field(default_factory=dict)
    silent: bool = False
    own: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    signs_with: Any = None

    def id_token(self) -> str:
        now = int(time.time())
        whole = {"iss": self.url, "sub": "u-1", "aud": CLIENT, "iat": now, "exp": now + 300} | self.claims
        told = {name: value for name, value in whole.items() if value is not None}
        if self.algorithm == "none":
            parts = (json.dumps({"alg": "none"}), json.dumps(told), "")
            return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
        key = self.signs_with or (OctKey.import_key(SECRET) if self.algorithm == "HS256" else self.own)
        registry = JWSRegistry(algorithms=["RS256", "HS256"])
        return jwt.encode({"alg": self.algorithm, "kid": "1"}, told, key, registry=registry)

    def answer(self, path: str) -> dict[str, Any]:
        if path.startswith("/.well-known/"):
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/auth",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/jwks",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        if path == "/jwks":
            return {"keys": [self.own.as_dict(private=False)]}
        if path == "/userinfo":
            return {"sub": "u-1"} | self.userinfo
        token = {"access_token": "x", "token_type": "Bearer", "expires_in": 60}
        return token if self.silent else token | {"id_token": self.id_token()}


@contextmanager
def liar() -> Iterator[Liar]:
    found = Liar()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(found.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
