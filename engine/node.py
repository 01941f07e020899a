"""A real Elasticsearch on this machine, for who has no cluster: start, reuse, stop.

State lives under `data_dir/node`: `config/`, `data/`, `logs/`, `snapshots/`, `node.json` (pid, address, who keeps it) and two
lock files. `start.lock` is held while a node is being started or stopped, so two commands never fight. `users.lock` is
held *shared* by every command that uses the node; who leaves last stops it, unless someone asked to keep it
(`depeches node start`). The kernel frees both locks when their holder dies, so no crash leaves them behind.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from engine.client import Address, Engine
from engine.config import Settings
from engine.distribution import Report, elasticsearch_home, exclusive, silent
from engine.errors import DiskFull, NodeError, NodeStartFailed, PortTaken
from engine.java import find_jdk

# Lucene merges need room beside the data; below this a node starts and then dies under load.
NEEDED_BYTES = 500_000_000

# A node that was killed has lost its memory, and so its name, some moments before the kernel frees its port.
PORT_TIMEOUT = 5.0  # seconds

STOP_TIMEOUT = 30.0  # seconds; Elasticsearch closes its shards in 1 to 3

# Elasticsearch refuses root; the first of these accounts that exists runs it instead.
ACCOUNTS = ("elasticsearch", "depeches", "nobody")

ADMIN = "depeches"

COMPLAINT = re.compile(r"ERROR|FATAL|[Ee]xception|Error occurred|error:")


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node that was started: what `node.json` holds. `password` only with security on."""

    pid: int
    url: str
    started_at: float
    keep: bool
    password: str | None = None
    ca_certs: str | None = None

    def address(self) -> Address:
        return Address(
            self.url,
            basic_auth=(ADMIN, self.password) if self.password else None,
            ca_certs=Path(self.ca_certs) if self.ca_certs else None,
        )


class Node:
    """The local node of one `data_dir`."""

    def __init__(self, settings: Settings, report: Report = silent) -> None:
        self.settings = settings
        self.report = report
        self.folder = settings.data_dir / "node"
        self._process: subprocess.Popen[bytes] | None = None
        self._http_port = 0

    # -- what others call ------------------------------------------------------------------------

    def running(self) -> NodeState | None:
        """The state of the node when its process lives, else None. Does not ask whether it answers."""
        state = self._remembered()
        return state if state and self._alive(state.pid) else None

    def start(self, *, keep: bool) -> NodeState:
        """Start the node, or reuse the one that runs; returns when it answers.

        Raises:
            NodeError: it cannot run here; the message says the cure.
        """
        self._prepare_folder()
        with exclusive(self.folder / "start.lock", self.report, "un autre processus démarre ou arrête le nœud", 600):
            state = self.running()
            if state is None:
                killed = self._remembered()
                self._clear_remains()
                state = self._launch(keep, killed)
            elif keep and not state.keep:
                state = replace(state, keep=True)
                self._remember(state)
            self._wait_until_ready(state)
            return state

    def stop(self) -> bool:
        """Stop the node whoever uses it; False when none runs."""
        if not self.folder.is_dir():
            return False
        with exclusive(self.folder / "start.lock", self.report, "un autre processus démarre ou arrête le nœud", 600):
            return self._stop_locked()

    @contextmanager
    def use(self) -> Iterator[NodeState]:
        """The running node for the length of a block; started if need be, stopped by the last who leaves."""
        self._prepare_folder()
        with (self.folder / "users.lock").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                yield self.start(keep=False)
            finally:
                self._leave(users.fileno())

    def logs(self) -> Path:
        return self.folder / "logs"

    # -- starting --------------------------------------------------------------------------------

    def _prepare_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NodeError(
                f"Impossible de créer {self.folder} : {error.strerror}. Changez DEPECHES_DATA_DIR ou les droits du dossier."
            ) from error

    def _launch(self, keep: bool, killed: NodeState | None) -> NodeState:
        java = find_jdk()
        home = elasticsearch_home(self.settings, self.report)
        free = shutil.disk_usage(self.folder).free
        if free < NEEDED_BYTES:
            raise DiskFull(
                f"Il reste {free / 1e6:.0f} Mo dans {self.folder} ; Elasticsearch en demande au moins {NEEDED_BYTES / 1e6:.0f}. "
                "Libérez de la place ou changez DEPECHES_DATA_DIR."
            )
        self._http_port = self._port(killed)
        account = _unprivileged()
        password = secrets.token_urlsafe(24) if self.settings.node_security else None
        backups = self._backups(account)
        ca_certs = self._configure(home, java, password, backups)
        if account:
            self._hand_over(account, home, java, backups)
        (self.folder / "logs" / "http.ports").unlink(missing_ok=True)
        self.report("Démarrage d'Elasticsearch", None)
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOSTNAME": socket.gethostname(),
            "ES_HOME": str(home),
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_TMPDIR": str(self.folder / "tmp"),
            "ES_DISTRIBUTION_TYPE": "zip",
            "ES_JAVA_HOME": str(java),
            "JAVA": str(java / "bin" / "java"),
            "JAVA_TYPE": "ES_JAVA_HOME",
            "ES_JAVA_OPTS": f"-Xms{self.settings.node_heap} -Xmx{self.settings.node_heap} {self.settings.node_java_options}".strip(),
            # The launcher is a JVM of its own that only passes signals on: keep it small.
            "CLI_JAVA_OPTS": "-Xms4m -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        }
        command = [
            str(java / "bin" / "java"),
            *environment["CLI_JAVA_OPTS"].split(),
            "-cp",
            f"{home}/lib/tools/server-launcher/*",
            "org.elasticsearch.server.launcher.ServerLauncher",
        ]
        with self._console().open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A session of its own: Ctrl-C in the terminal is for us, and stop() can signal the whole group.
                start_new_session=True,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )
        state = NodeState(self._process.pid, "", time.time(), keep, password, str(ca_certs) if ca_certs else None)
        try:
            state = replace(state, url=self._wait_for_port(state))
        except BaseException:
            self._kill(state.pid)
            raise
        self._remember(state)
        return state

    def _console(self) -> Path:
        return self.folder / "logs" / "console.log"

    def _backups(self, account: pwd.struct_passwd | None) -> Path | None:
        """The folder of snapshots beside the backups; None where the node's account could not reach it: then they go under
        the node's own folder."""
        folder = self.settings.backup_index_dir
        try:
            if not folder.parent.exists():
                folder.parent.mkdir(parents=True)
                folder.parent.chmod(0o711)  # others pass through to the snapshots; what lies beside them is ours alone
            folder.mkdir(exist_ok=True)
            if account:
                return folder if all(each.stat().st_mode & 0o001 for each in folder.parents) else None
            return folder if os.access(folder, os.W_OK) else None
        except OSError:
            return None

    def _port(self, killed: NodeState | None) -> int:
        """The port to open; 0 for any. A node that was killed comes back where those it served still look for it."""
        if self.settings.node_port:
            _check_port(self.settings.node_port)
            return self.settings.node_port
        former = urlsplit(killed.url).port if killed else None
        try:
            if former:
                _check_port(former)
        except PortTaken:
            return 0
        return former or 0

    def _configure(self, home: Path, java: Path, password: str | None, backups: Path | None) -> Path | None:
        """Write the node's configuration afresh; returns the CA to trust when security is on."""
        config = self.folder / "config"
        shutil.rmtree(config, ignore_errors=True)
        for name in ("config", "config/jvm.options.d", "data", "logs", "tmp", "snapshots"):
            (self.folder / name).mkdir(exist_ok=True)
        for name in ("jvm.options", "log4j2.properties", "role_mapping.yml", "roles.yml"):
            shutil.copyfile(home / "config" / name, config / name)
        # jvm.options of the distribution writes heap dumps and gc logs relative to ES_HOME, which is read-only here.
        (config / "jvm.options.d" / "depeches.options").write_text(
            f"-XX:HeapDumpPath={self.folder / 'logs'}\n-XX:ErrorFile={self.folder / 'logs' / 'hs_err_pid%p.log'}\n-Xlog:disable\n",
            encoding="utf-8",
        )
        lines: dict[str, object] = {
            "cluster.name": _cluster_name(self.settings.data_dir),
            "node.name": "depeches",
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            "http.port": str(self._http_port),
            "transport.port": "0",
            "node.portsfile": "true",
            "path.data": self.folder / "data",
            "path.logs": self.folder / "logs",
            "path.repo": [self.folder / "snapshots", *([backups] if backups else [])],
            # A laptop with a full disk may still search; the check above keeps us from starting on nothing.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "action.destructive_requires_name": "true",
            "xpack.security.enabled": "true" if password else "false",
        }
        ca_certs = None
        if password:
            ca_certs, store_password = _make_certificate(java, config)
            lines |= {
                "xpack.security.http.ssl.enabled": "true",
                "xpack.security.http.ssl.keystore.path": "node.p12",
                "xpack.security.http.ssl.keystore.password": store_password,
                "xpack.security.authc.password_hashing.algorithm": "pbkdf2",
            }
            (config / "users").write_text(f"{ADMIN}:{_pbkdf2(password)}\n", encoding="utf-8")
            (config / "users_roles").write_text(f"superuser:{ADMIN}\n", encoding="utf-8")
        yaml = "".join(
            f"{key}: {json.dumps([str(each) for each in value] if isinstance(value, list) else str(value))}\n"
            for key, value in lines.items()
        )
        (config / "elasticsearch.yml").write_text(yaml, encoding="utf-8")
        return ca_certs

    def _hand_over(self, account: pwd.struct_passwd, home: Path, java: Path, backups: Path | None) -> None:
        """Give the node's folders to the account it runs under, and check that it can reach the rest."""
        for path in (home, java, self.folder):
            blocked = next((parent for parent in [path, *path.parents] if not parent.stat().st_mode & 0o001), None)
            if blocked is not None and blocked != self.folder:
                raise NodeError(
                    f"Elasticsearch ne tourne pas sous root ; le compte {account.pw_name} doit pouvoir entrer dans {blocked}. "
                    f"Ouvrez ce dossier (chmod o+x {blocked}) ou placez les données ailleurs (DEPECHES_DATA_DIR, DEPECHES_CACHE_DIR)."
                )
        folders = [self.folder / name for name in ("config", "data", "logs", "tmp", "snapshots")]
        for folder in [*folders, *([backups] if backups else [])]:
            for path in [folder, *folder.rglob("*")]:
                if path.lstat().st_uid != account.pw_uid:
                    os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)

    def _wait_for_port(self, state: NodeState) -> str:
        """The node's URL, once it has written which port it listens on."""
        ports = self.folder / "logs" / "http.ports"
        scheme = "https" if state.password else "http"
        deadline = time.monotonic() + self.settings.node_start_timeout
        while time.monotonic() < deadline:
            self._fail_if_dead(state)
            if ports.exists():
                for line in ports.read_text(encoding="utf-8").splitlines():
                    found = re.fullmatch(r"127\.0\.0\.1:(\d+)", line.strip())
                    if found:
                        return f"{scheme}://127.0.0.1:{found[1]}"
            time.sleep(0.1)
        raise NodeStartFailed(self._why(f"n'a pas ouvert de port en {self.settings.node_start_timeout:.0f} s"))

    def _wait_until_ready(self, state: NodeState) -> None:
        engine = Engine(state.address(), timeout=5)
        try:
            deadline = time.monotonic() + self.settings.node_start_timeout
            while not engine.ready():
                self._fail_if_dead(state)
                if time.monotonic() > deadline:
                    raise NodeStartFailed(self._why(f"ne répond pas à {state.url}"))
                time.sleep(0.1)
        finally:
            engine.close()

    def _fail_if_dead(self, state: NodeState) -> None:
        if not self._alive(state.pid):
            code = self._process.poll() if self._process else None
            raise NodeStartFailed(self._why("s'est arrêté" + (f" (code {code})" if code is not None else "")))

    def _why(self, what: str) -> str:
        """A message with the last complaints of the node and where to read on."""
        try:
            text = self._console().read_text(encoding="utf-8", errors="replace")
        except OSError:
            text = ""
        if "BindHttpException" in text or "Address already in use" in text:
            raise PortTaken(
                f"Le port {self.settings.node_port} est déjà pris ; choisissez-en un autre par DEPECHES_NODE_PORT."
            )
        lines = text.splitlines()
        # A JVM that cannot start says so and gives the reason on the next line.
        telling = {i + more for i, line in enumerate(lines) if COMPLAINT.search(line) for more in (0, 1)}
        complaints = [lines[i].strip() for i in sorted(telling) if i < len(lines)]
        tail = "\n  ".join((complaints or lines)[:6])
        return f"Elasticsearch {what}. Journal : {self._console()}" + (f"\n  {tail}" if tail else "")

    # -- stopping --------------------------------------------------------------------------------

    def _leave(self, users: int) -> None:
        with exclusive(self.folder / "start.lock", self.report, "un autre processus démarre ou arrête le nœud", 600):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody else uses it; the last to leave stops it
            state = self.running()
            if state and not state.keep:
                self._stop_locked()

    def _stop_locked(self) -> bool:
        state = self.running()
        if state is None:
            return False
        self._kill(state.pid)
        (self.folder / "node.json").unlink(missing_ok=True)
        return True

    def _kill(self, pid: int) -> None:
        """End the launcher and the JVM under it: politely, then not."""
        for signum, patience in ((signal.SIGTERM, STOP_TIMEOUT), (signal.SIGKILL, 10.0)):
            try:
                os.killpg(pid, signum)
            except ProcessLookupError:
                break
            deadline = time.monotonic() + patience
            while self._group_alive(pid) and time.monotonic() < deadline:
                time.sleep(0.05)
            if not self._group_alive(pid):
                break

    def _group_alive(self, pid: int) -> bool:
        if self._process and self._process.pid == pid:
            self._process.poll()  # reap it, a zombie answers signals
        try:
            os.killpg(pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        # The dead stay zombies where nobody reaps them: in a container without an init, or beside the one who started them.
        processes = list(Path("/proc").glob("[0-9]*"))
        return not processes or any(_living_in(each) == pid for each in processes)

    def _alive(self, pid: int) -> bool:
        """Whether `pid` is a node of this folder: numbers are reused, so the environment decides where /proc has it."""
        if self._process and self._process.pid == pid and self._process.poll() is not None:
            return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        try:
            return b"server.launcher" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return not Path("/proc/self").exists()

    def _clear_remains(self) -> None:
        """End what is left of a node whose launcher was killed: its server holds the port and the data a while longer."""
        state = self._remembered()
        if state and any(_group_of(folder) == state.pid for folder in Path("/proc").glob("[0-9]*")):
            self._kill(state.pid)

    def _remembered(self) -> NodeState | None:
        try:
            return NodeState(**json.loads((self.folder / "node.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _remember(self, state: NodeState) -> None:
        """Write `node.json` in one step, readable by us alone: it may hold a password."""
        path = self.folder / "node.json"
        draft = path.with_suffix(".tmp")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(state)), encoding="utf-8")
        draft.replace(path)


@contextmanager
def engine_for(settings: Settings, report: Report = silent) -> Iterator[Engine]:
    """The engine to work with: the cluster of `ELASTICSEARCH_URL`, else the local node for the length of the block."""
    if settings.elasticsearch_url:
        engine = Engine.from_settings(settings)
        try:
            yield engine
        finally:
            engine.close()
        return
    with Node(settings, report).use() as state:
        engine = Engine(state.address(), timeout=settings.elasticsearch_timeout)
        try:
            yield engine
        finally:
            engine.close()


def _group_of(process: Path) -> int | None:
    """The process group of an Elasticsearch, by its folder under /proc; None for any other program."""
    try:
        return _living_in(process) if b"org.elasticsearch" in (process / "cmdline").read_bytes() else None
    except OSError:
        return None


def _living_in(process: Path) -> int | None:
    """The group in which a process lives, by its folder under /proc; None for a zombie, which holds no port and no data."""
    try:
        # "123 (java) S 1 456 ...": after the name, which may hold blanks, come its state, its parent and its group.
        state, _, group = (process / "stat").read_text().rpartition(")")[2].split()[:3]
    except (OSError, ValueError):
        return None
    return None if state in "ZX" else int(group)


def _unprivileged() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NodeError(
        "Elasticsearch refuse root, et aucun compte sans droits n'existe ici : useradd --system elasticsearch"
    )


def _check_port(port: int) -> None:
    deadline = time.monotonic() + PORT_TIMEOUT
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                return probe.bind(("127.0.0.1", port))
            except OSError as error:
                if time.monotonic() > deadline:
                    raise PortTaken(
                        f"Le port {port} est déjà pris par un autre programme ; choisissez-en un autre par "
                        "DEPECHES_NODE_PORT (0 : n'importe quel port libre)."
                    ) from error
        time.sleep(0.1)


def _cluster_name(data_dir: Path) -> str:
    return "depeches-" + hashlib.sha256(str(data_dir).encode()).hexdigest()[:8]


def _pbkdf2(password: str) -> str:
    """A password hash as Elasticsearch's file realm reads it (`Hasher.PBKDF2`: HMAC-SHA512, 32-byte salt and key)."""
    salt, rounds = secrets.token_bytes(32), 10_000
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds, dklen=32)
    return f"{{PBKDF2}}{rounds}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def _make_certificate(java: Path, config: Path) -> tuple[Path, str]:
    """A self-signed certificate for 127.0.0.1, made by the JDK's keytool: (the file to trust, the key store's password)."""
    store, trusted = config / "node.p12", config / "ca.crt"
    secret = secrets.token_hex(16)
    keytool = [str(java / "bin" / "keytool")]
    access = ["-alias", "node", "-storetype", "PKCS12", "-keystore", str(store), "-storepass", secret]
    generate = [
        "-genkeypair",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-validity",
        "3650",
        "-dname",
        "CN=depeches",
    ]
    extensions = ["-ext", "SAN=ip:127.0.0.1,dns:localhost", "-ext", "bc=ca:true"]
    for command in (generate + extensions, ["-exportcert", "-rfc", "-file", str(trusted)]):
        subprocess.run(keytool + command + access, check=True, capture_output=True, timeout=60)
    return trusted, secret
