"""Everything that may differ from one machine to another, read once from the environment into one frozen value.

The table in `docs/configuration.md` is compared with `Settings` by `tests/test_docs.py`: a variable without a line
there fails the build.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from environs import Env, EnvError

from engine.errors import ConfigurationError

Network = IPv4Network | IPv6Network
UnixPeer = Literal["unix"]


# What a group may open: the scopes of `access.scopes`, which this room does not know; a test compares the two.
SCOPES_OF_GROUPS = ("search", "alerts", "ingest", "admin")

# What one caller may ask in a minute, by kind; `access.limits` says of each what it is. A person never comes near.
LIMITS = {
    "search": 600,
    "suggest": 1200,
    "export": 30,
    "push": 1200,
    "feed": 300,
    "save": 60,
    "token": 600,
    "sign-in": 60,
    "wrong": 30,
}


def _default_home(kind: str, system: str) -> Path:
    """Where data (`share`) or downloads (`cache`) go when nobody said.

    Root keeps them under /var: Elasticsearch runs there as an unprivileged account, which cannot enter /root.
    """
    if os.geteuid() == 0:
        return Path(system)
    xdg = os.environ.get("XDG_DATA_HOME" if kind == "share" else "XDG_CACHE_HOME")
    base = Path(xdg) if xdg else Path.home() / (".local/share" if kind == "share" else ".cache")
    return base / "depeches"


@dataclass(frozen=True, slots=True)
class Settings:
    """One machine's settings. Every field is an environment variable, named in `from_env`."""

    elasticsearch_url: str | None
    elasticsearch_api_key: str | None
    elasticsearch_ca_certs: Path | None
    elasticsearch_timeout: float
    elasticsearch_home: Path | None
    database_url: str | None
    database_timeout: float
    index_prefix: str
    data_dir: Path
    cache_dir: Path
    authorities_dir: Path
    backup_folder: Path | None
    backup_repository: str | None
    backup_days: float
    node_port: int
    node_heap: str
    node_java_options: str
    node_security: bool
    node_start_timeout: float
    timezone: str
    host: str
    port: int
    public_url: str
    workers: int
    user_header: str | None
    trusted_proxies: tuple[Network | UnixPeer, ...]
    groups_header: str | None
    group_scopes: tuple[tuple[str, tuple[str, ...]], ...]
    group_required: bool
    sign_out_url: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str = field(repr=False)
    oidc_scopes: tuple[str, ...]
    oidc_name_claim: str
    oidc_groups_claim: str
    session_hours: float
    anonymous_scopes: tuple[str, ...]
    portal_origins: tuple[str, ...]
    frame_ancestors: tuple[str, ...]
    limits: tuple[tuple[str, int], ...]
    limits_store: str = field(repr=False)
    forwarding_proxies: tuple[Network | UnixPeer, ...]
    webhook_networks: tuple[Network, ...]
    smtp_host: str | None
    smtp_port: int
    smtp_security: str
    smtp_user: str | None
    smtp_password: str | None = field(repr=False)
    mail_from: str | None
    alerts_keep_days: int
    load_processes: int
    push_max_mb: float
    export_max: int
    log_format: str

    @property
    def backup_dir(self) -> Path:
        """Where backups are."""
        return self.backup_folder or self.data_dir / "backups"

    @property
    def backup_index_dir(self) -> Path:
        """Where a local node keeps the snapshots of backups: beside the rest, so that one folder holds all."""
        return self.backup_dir / "index"

    @property
    def mount(self) -> str:
        """The path of `public_url`, under which the archive is, without a slash at its end; blank at the root."""
        return urlsplit(self.public_url).path

    @classmethod
    def from_env(cls) -> Settings:
        """Read the environment.

        Raises:
            ConfigurationError: a value is malformed or two contradict each other; names the variable and the cure.
        """
        read = _Reader()
        data_dir = read.path("DEPECHES_DATA_DIR") or _default_home("share", "/var/lib/depeches")
        settings = cls(
            elasticsearch_url=read.text("ELASTICSEARCH_URL"),
            elasticsearch_api_key=read.text("ELASTICSEARCH_API_KEY"),
            elasticsearch_ca_certs=read.path("ELASTICSEARCH_CA_CERTS"),
            elasticsearch_timeout=read.number("ELASTICSEARCH_TIMEOUT", 30.0, low=0.1, high=600),
            elasticsearch_home=read.path("ELASTICSEARCH_HOME"),
            database_url=read.text("DATABASE_URL"),
            database_timeout=read.number("DATABASE_TIMEOUT", 10.0, low=0.1, high=600),
            index_prefix=read.text("DEPECHES_INDEX_PREFIX") or "depeches",
            data_dir=data_dir,
            cache_dir=read.path("DEPECHES_CACHE_DIR") or _default_home("cache", "/var/cache/depeches"),
            authorities_dir=read.path("DEPECHES_AUTHORITIES_DIR") or data_dir / "authorities",
            backup_folder=read.path("DEPECHES_BACKUP_DIR"),
            backup_repository=read.text("DEPECHES_BACKUP_REPOSITORY"),
            # Every night, and one night that fails.
            backup_days=read.number("DEPECHES_BACKUP_DAYS", 2.0, low=0, high=3650),
            node_port=int(read.number("DEPECHES_NODE_PORT", 0, low=0, high=65535)),
            node_heap=read.text("DEPECHES_NODE_HEAP") or "1g",
            node_java_options=read.text("DEPECHES_NODE_JAVA_OPTIONS") or "",
            node_security=read.flag("DEPECHES_NODE_SECURITY"),
            node_start_timeout=read.number("DEPECHES_NODE_START_TIMEOUT", 180.0, low=1, high=3600),
            timezone=read.text("DEPECHES_TIMEZONE") or "Europe/Paris",
            host=read.text("HOST") or "127.0.0.1",
            port=int(read.number("PORT", 8000, low=1, high=65535)),
            public_url=(read.text("DEPECHES_PUBLIC_URL") or "").rstrip("/"),
            workers=int(read.number("DEPECHES_WORKERS", 2, low=1, high=64)),
            user_header=read.text("DEPECHES_USER_HEADER"),
            trusted_proxies=read.networks("DEPECHES_TRUSTED_PROXIES"),
            groups_header=read.text("DEPECHES_GROUPS_HEADER"),
            group_scopes=read.group_scopes("DEPECHES_GROUP_SCOPES"),
            group_required=read.flag("DEPECHES_GROUP_REQUIRED"),
            sign_out_url=read.text("DEPECHES_SIGN_OUT_URL") or "",
            oidc_issuer=read.text("DEPECHES_OIDC_ISSUER") or "",
            oidc_client_id=read.text("DEPECHES_OIDC_CLIENT_ID") or "",
            oidc_client_secret=read.text("DEPECHES_OIDC_CLIENT_SECRET") or "",
            oidc_scopes=read.words("DEPECHES_OIDC_SCOPES") or ("openid", "profile", "email"),
            oidc_name_claim=read.text("DEPECHES_OIDC_NAME_CLAIM") or "preferred_username",
            oidc_groups_claim=read.text("DEPECHES_OIDC_GROUPS_CLAIM") or "groups",
            # A day's work; who left the house is out the next morning.
            session_hours=read.number("DEPECHES_SESSION_HOURS", 12.0, low=0.1, high=24 * 31),
            webhook_networks=tuple(each for each in read.networks("DEPECHES_WEBHOOK_NETWORKS") if each != "unix"),
            smtp_host=read.text("DEPECHES_SMTP_HOST"),
            smtp_port=int(read.number("DEPECHES_SMTP_PORT", 0, low=0, high=65535)),
            smtp_security=read.text("DEPECHES_SMTP_SECURITY") or "starttls",
            smtp_user=read.text("DEPECHES_SMTP_USER"),
            smtp_password=read.text("DEPECHES_SMTP_PASSWORD"),
            mail_from=read.text("DEPECHES_MAIL_FROM"),
            # Corrections of a dispatch come within days; a year also answers "what did I get last autumn?".
            alerts_keep_days=int(read.number("DEPECHES_ALERTS_KEEP_DAYS", 365, low=0, high=36_500)),
            anonymous_scopes=read.words("DEPECHES_ANONYMOUS_SCOPES"),
            portal_origins=read.words("DEPECHES_PORTAL_ORIGINS"),
            frame_ancestors=read.words("DEPECHES_FRAME_ANCESTORS"),
            limits=read.limits("DEPECHES_LIMITS"),
            limits_store=read.text("DEPECHES_LIMITS_STORE") or "",
            forwarding_proxies=read.networks("DEPECHES_FORWARDING_PROXIES"),
            load_processes=int(read.number("DEPECHES_LOAD_PROCESSES", 1, low=1, high=64)),
            push_max_mb=read.number("DEPECHES_PUSH_MAX_MB", 64.0, low=0.001, high=4096),
            # What a spreadsheet holds: 1,048,576 rows.
            export_max=int(read.number("DEPECHES_EXPORT_MAX", 1_000_000, low=0, high=1e9)),
            log_format=read.text("DEPECHES_LOG_FORMAT") or "console",
        )
        settings._check()
        return settings

    def _check(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ConfigurationError(
                f"DEPECHES_TIMEZONE={self.timezone!r} n'est pas un fuseau horaire connu ; "
                "donnez un nom IANA, par exemple Europe/Paris."
            ) from error
        if not self.index_prefix.replace("-", "").isalnum() or self.index_prefix != self.index_prefix.lower():
            raise ConfigurationError(
                f"DEPECHES_INDEX_PREFIX={self.index_prefix!r} : minuscules, chiffres et tirets seulement."
            )
        if self.elasticsearch_url and not self.elasticsearch_url.startswith(("http://", "https://")):
            raise ConfigurationError(
                f"ELASTICSEARCH_URL={self.elasticsearch_url!r} doit commencer par http:// ou https://."
            )
        if self.public_url and not _PUBLIC_URL.fullmatch(self.public_url):
            raise ConfigurationError(
                f"DEPECHES_PUBLIC_URL={self.public_url!r} n'est pas l'adresse d'un site : http:// ou https://, un nom, et s'il "
                "le faut un chemin, par exemple https://portail.exemple.fr/depeches."
            )
        if self.host.startswith("unix:") and not self.public_url:
            raise ConfigurationError(
                "HOST=unix:… demande DEPECHES_PUBLIC_URL : l'adresse que connaissent les lecteurs, que la socket ne dit pas."
            )
        if self.host.startswith("unix:") and not self.host.startswith("unix:/"):
            raise ConfigurationError(
                f"HOST={self.host!r} : le chemin entier d'une socket, par exemple unix:/run/depeches/depeches.sock."
            )
        if self.elasticsearch_ca_certs and not self.elasticsearch_ca_certs.is_file():
            raise ConfigurationError(f"ELASTICSEARCH_CA_CERTS : le fichier {self.elasticsearch_ca_certs} n'existe pas.")
        if self.node_heap[-1:].lower() not in ("m", "g") or not self.node_heap[:-1].isdigit():
            raise ConfigurationError(
                f"DEPECHES_NODE_HEAP={self.node_heap!r} : un nombre suivi de m ou g, par exemple 1g."
            )
        if self.user_header and not re.fullmatch(r"[A-Za-z0-9-]+", self.user_header):
            raise ConfigurationError(
                f"DEPECHES_USER_HEADER={self.user_header!r} n'est pas un nom d'en-tête, par exemple Remote-User."
            )
        if bool(self.user_header) != bool(self.trusted_proxies):
            raise ConfigurationError(
                "DEPECHES_USER_HEADER et DEPECHES_TRUSTED_PROXIES vont ensemble : l'en-tête qui nomme le lecteur, et les "
                "réseaux du portail dont il est cru."
            )
        if self.sign_out_url and not self.sign_out_url.startswith(("/", "https://", "http://")):
            raise ConfigurationError(
                f"DEPECHES_SIGN_OUT_URL={self.sign_out_url!r} : l'adresse où le portail déconnecte, https://… ou /…"
            )
        self._check_groups()
        self._check_oidc()
        if set(self.anonymous_scopes) - {"search"}:
            raise ConfigurationError("DEPECHES_ANONYMOUS_SCOPES : « search » (chercher et lire) ou rien.")
        self._check_origins()
        if self.limits_store and not _LIMITS_STORE.fullmatch(self.limits_store):
            raise ConfigurationError(
                "DEPECHES_LIMITS_STORE : redis://serveur:6379, rediss://… (TLS) ou memcached://serveur:11211."
            )
        self._check_mail()
        if self.log_format not in ("console", "json"):
            raise ConfigurationError(f"DEPECHES_LOG_FORMAT={self.log_format!r} : console ou json.")

    def _check_groups(self) -> None:
        if self.groups_header and not re.fullmatch(r"[A-Za-z0-9-]+", self.groups_header):
            raise ConfigurationError(
                f"DEPECHES_GROUPS_HEADER={self.groups_header!r} n'est pas un nom d'en-tête, par exemple Remote-Groups."
            )
        if self.groups_header and (not self.user_header or self.groups_header.lower() == self.user_header.lower()):
            raise ConfigurationError(
                "DEPECHES_GROUPS_HEADER complète DEPECHES_USER_HEADER : un en-tête nomme le lecteur, un autre ses groupes."
            )
        if self.groups_header and not self.group_scopes:
            raise ConfigurationError(
                "DEPECHES_GROUPS_HEADER ne sert à rien sans DEPECHES_GROUP_SCOPES, qui dit ce que chaque groupe ouvre."
            )
        if self.group_scopes and not (self.groups_header or self.oidc_issuer):
            raise ConfigurationError(
                "DEPECHES_GROUP_SCOPES demande d'où viennent les groupes : DEPECHES_GROUPS_HEADER, ou DEPECHES_OIDC_ISSUER."
            )
        if self.group_required and not self.group_scopes:
            raise ConfigurationError(
                "DEPECHES_GROUP_REQUIRED n'ouvrirait l'archive à personne : dites quels groupes l'ouvrent dans DEPECHES_GROUP_SCOPES."
            )

    def _check_origins(self) -> None:
        for origin in self.portal_origins:
            _check_origin("DEPECHES_PORTAL_ORIGINS", origin)
        for ancestor in self.frame_ancestors:
            if ancestor != "self":
                # A star stands for the names under a domain, as a browser reads it; of all the world, none.
                scheme, _, rest = ancestor.partition("://")
                _check_origin("DEPECHES_FRAME_ANCESTORS", f"{scheme}://{rest.removeprefix('*.')}", ancestor)

    def _check_oidc(self) -> None:
        given = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(given) and not all(given):
            raise ConfigurationError(
                "DEPECHES_OIDC_ISSUER, DEPECHES_OIDC_CLIENT_ID et DEPECHES_OIDC_CLIENT_SECRET vont ensemble : le fournisseur "
                "d'identité, et ce sous quoi il connaît cette archive."
            )
        if not self.oidc_issuer:
            return
        if not _ISSUER.fullmatch(self.oidc_issuer):
            raise ConfigurationError(
                f"DEPECHES_OIDC_ISSUER={self.oidc_issuer!r} : l'adresse du fournisseur, en https, sans « /.well-known/… », par "
                "exemple https://sso.exemple.fr/realms/presse."
            )
        if self.user_header:
            raise ConfigurationError(
                "DEPECHES_OIDC_ISSUER et DEPECHES_USER_HEADER : l'un ou l'autre dit qui lit, pas les deux."
            )
        if not self.public_url:
            raise ConfigurationError(
                "DEPECHES_OIDC_ISSUER demande DEPECHES_PUBLIC_URL : l'adresse où le fournisseur renvoie les lecteurs."
            )
        if "openid" not in self.oidc_scopes:
            raise ConfigurationError("DEPECHES_OIDC_SCOPES commence par openid, par exemple : openid profile groups.")

    def _check_mail(self) -> None:
        if bool(self.smtp_host) != bool(self.mail_from):
            raise ConfigurationError(
                "DEPECHES_SMTP_HOST et DEPECHES_MAIL_FROM vont ensemble : le serveur qui prend les courriers, et l'adresse "
                "qui les envoie."
            )
        if self.smtp_security not in ("starttls", "tls", "none"):
            raise ConfigurationError(f"DEPECHES_SMTP_SECURITY={self.smtp_security!r} : starttls, tls ou none.")
        if bool(self.smtp_user) != bool(self.smtp_password):
            raise ConfigurationError("DEPECHES_SMTP_USER et DEPECHES_SMTP_PASSWORD vont ensemble.")
        if self.smtp_user and self.smtp_security == "none":
            raise ConfigurationError(
                "DEPECHES_SMTP_PASSWORD passerait en clair : DEPECHES_SMTP_SECURITY=starttls ou tls."
            )
        if self.mail_from and not _SENDER.fullmatch(self.mail_from):
            raise ConfigurationError(
                f"DEPECHES_MAIL_FROM={self.mail_from!r} n'est pas une adresse ; par exemple "
                "Dépêches <alertes@exemple.fr>."
            )


# "https://depeches.exemple.fr", "http://127.0.0.1:8000", "https://portail.exemple.fr/presse/depeches"; no query, no account.
_PUBLIC_URL = re.compile(r"https?://[^\s/?#@]+(?:/[A-Za-z0-9._~-]+)*")

# "https://intranet.exemple.fr", "http://localhost:8080", "http://[::1]:8080", as a browser writes it in `Origin`.
_ORIGIN = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def _check_origin(variable: str, origin: str, told: str = "") -> None:
    """Raises: ConfigurationError: a browser would never call a page's origin so.

    Args:
        told: the word as the operator wrote it, when it is not the origin itself.
    """
    found = _ORIGIN.fullmatch(origin)
    if not found:
        raise ConfigurationError(
            f"{variable} : « {told or origin} » n'est pas l'origine d'une page ; par exemple https://intranet.exemple.fr ou "
            "http://localhost:8080 : en minuscules, sans chemin ni barre à la fin."
        )
    if found[3] == _DEFAULT_PORTS[found[1]]:
        raise ConfigurationError(
            f"{variable} : « {told or origin} » : les navigateurs ne disent pas le port {found[3]} ; ôtez « :{found[3]} »."
        )


# "redis://:motdepasse@serveur:6379/0", "rediss://serveur:6379", "memcached://a:11211,b:11211".
_LIMITS_STORE = re.compile(r"(?:rediss?|memcached)://[^\s]+")

# "https://sso.exemple.fr/realms/presse"; without TLS only on this machine, for trying.
_ISSUER = re.compile(r"(?:https://[^\s/?#@]+|http://(?:localhost|127\.0\.0\.1)(?::\d+)?)(?:/(?!\.well-known)[^\s?#]*)?")

# "Dépêches <alertes@exemple.fr>", "alertes@exemple.fr".
_MAILBOX = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+"
_SENDER = re.compile(rf"{_MAILBOX}|[^\"\\()<>@,;:\[\]\x00-\x1f]+<{_MAILBOX}>")


# The variables that were read, and those that only deploy/compose.yaml and the programs of a portal read.
_READ: set[str] = set()
_OF_OTHERS = {f"DEPECHES_{name}" for name in ("VERSION", "SPOOL", "BACKUPS", "KEY")}


def unknown_variables() -> dict[str, str | None]:
    """The variables that look like ours and are none, each with the one that was meant; once settings were read.

    DEPECHES_WROKERS -> DEPECHES_WORKERS
    """
    ours = {name for name in os.environ if name.startswith("DEPECHES_")} - _READ - _OF_OTHERS
    return {name: next(iter(get_close_matches(name, _READ, n=1, cutoff=0.8)), None) for name in sorted(ours)}


class _Reader:
    """Typed reads of the environment through environs; its errors are said in French and name the variable.

    An empty variable is an unset one: `ELASTICSEARCH_URL= make run` means "no cluster".
    """

    def __init__(self) -> None:
        self._env = Env()

    def text(self, name: str) -> str | None:
        _READ.add(name)
        return self._env.str(name, "").strip() or None

    def path(self, name: str) -> Path | None:
        value = self.text(name)
        return Path(value).expanduser().absolute() if value else None

    def words(self, name: str) -> tuple[str, ...]:
        return tuple((self.text(name) or "").replace(",", " ").split())

    def networks(self, name: str) -> tuple[Network | UnixPeer, ...]:
        """Networks (10.0.0.0/8), addresses, and `unix` for whoever has the socket's file."""
        found: list[Network | UnixPeer] = []
        for word in self.words(name):
            try:
                found.append("unix" if word == "unix" else ip_network(word))
            except ValueError as error:
                raise ConfigurationError(
                    f"{name} : « {word} » n'est pas un réseau ; par exemple 10.1.2.3 ou 10.1.0.0/16, ou unix pour une socket Unix."
                ) from error
        return tuple(found)

    def group_scopes(self, name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What groups open: "documentation=search,alerts,ingest; admins=admin". A name may hold "=": the last one counts."""
        found: dict[str, tuple[str, ...]] = {}
        for part in (self.text(name) or "").split(";"):
            if not part.strip():
                continue
            group, _, told = part.rpartition("=")
            scopes = tuple(told.replace(",", " ").split())
            wrong = [scope for scope in scopes if scope not in SCOPES_OF_GROUPS]
            if not group.strip() or not scopes or wrong:
                why = f"« {wrong[0]} » n'est pas une portée" if group.strip() and wrong else "groupe=portée,portée"
                raise ConfigurationError(
                    f"{name} : « {part.strip()} » ne se lit pas ({why}). Écrivez par exemple "
                    f"documentation=search,alerts,ingest;admins=admin ; les portées sont {', '.join(SCOPES_OF_GROUPS)}."
                )
            if group.strip() in found:
                raise ConfigurationError(f"{name} : le groupe « {group.strip()} » y est deux fois.")
            found[group.strip()] = scopes
        return tuple(found.items())

    def limits(self, name: str) -> tuple[tuple[str, int], ...]:
        """What a caller may ask in a minute: "search=1000,export=0" changes those, 0 takes one away, "none" all."""
        found = dict(LIMITS)
        words = self.words(name)
        if words == ("none",):
            return tuple((kind, 0) for kind in found)
        for word in words:
            kind, _, told = word.partition("=")
            if kind not in found or not told.isascii() or not told.isdigit() or len(told) > 7:
                raise ConfigurationError(
                    f"{name} : « {word} » ne se lit pas. Écrivez par exemple search=1000,export=0 (0 : sans limite), ou none "
                    f"pour aucune limite ; ce qui est compté : {', '.join(found)}."
                )
            found[kind] = int(told)
        return tuple(found.items())

    def flag(self, name: str) -> bool:
        if self.text(name) is None:
            return False
        try:
            return self._env.bool(name)
        except EnvError as error:
            raise ConfigurationError(f"{name}={self.text(name)!r} : répondez par true ou false.") from error

    def number(self, name: str, default: float, *, low: float, high: float) -> float:
        if self.text(name) is None:
            return default
        try:
            value = self._env.float(name)
        except EnvError as error:
            raise ConfigurationError(f"{name}={self.text(name)!r} n'est pas un nombre.") from error
        if not low <= value <= high:
            raise ConfigurationError(f"{name}={value:g} doit être compris entre {low:g} et {high:g}.")
        return value
