"""Signing in at the house's identity provider: OpenID Connect, by the authorization code with PKCE (authlib speaks it).

What authlib leaves to whoever calls it is held here: the issuer found is the one configured, the identity is for us (`aud`), signed by a
key only the provider has, and what the provider adds (userinfo) is of the same person.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from access.sessions import Attempt
from access.users import known_as
from engine.config import Settings
from engine.errors import BadParameter, ConfigurationError, ProviderAway, SignInFailed

if TYPE_CHECKING:
    from authlib.integrations.flask_client import FlaskOAuth2App

# Seconds the provider has to answer each of our questions.
TIMEOUT = 10.0

# Signatures that only the provider can make; HS256 would be made with a secret we hold too, "none" by anybody.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")

# What a logout token is about, the seconds after which it is none, and those by which clocks may differ.
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_TOLD, LEEWAY = 600, 120

AGAIN = "Recommencez ; si cela persiste, prévenez l'exploitant de l'archive."


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says signed in: a name as `access.users` spells it, and all their groups.

    `subject` and `sid` are what it will call them, and its own session, when it says that they are over.
    """

    name: str
    groups: tuple[str, ...]
    subject: str = ""
    sid: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """What the provider says is over: a session of its own, or all of a person's; blank where it does not say."""

    subject: str
    sid: str


class Provider:
    """The identity provider of `DEPECHES_OIDC_ISSUER`. One per process; asks it nothing before somebody signs in.

    Raises:
        ConfigurationError: authlib is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._client = _client(settings)
        self._known: dict[str, Any] | None = None

    def begin(self, redirect_uri: str, back: str) -> tuple[str, Attempt]:
        """Where the reader signs in, and what to hold the answer against. Raises: ProviderAway."""
        self.metadata()
        made = _asking(lambda: self._client.create_authorization_url(redirect_uri))
        return made["url"], Attempt(made["state"], made["nonce"], made["code_verifier"], back)

    def finish(self, answer: Mapping[str, str], attempt: Attempt, redirect_uri: str) -> Identity:
        """Who signed in, from the parameters the provider sent the reader back with.

        Raises:
            SignInFailed: it refused, or what it says cannot be believed. ProviderAway.
        """
        metadata = self.metadata()
        # RFC 9207: an answer of another provider than the one that was asked.
        if answer.get("iss", metadata["issuer"]) != metadata["issuer"]:
            raise SignInFailed(
                f"La réponse vient d'un autre fournisseur d'identité que {self._settings.oidc_issuer}. {AGAIN}"
            )
        if error := answer.get("error"):
            raise SignInFailed(f"Le fournisseur d'identité a refusé ({error[:100]}). {AGAIN}")
        token = _asking(
            lambda: self._client.fetch_access_token(
                redirect_uri, code=answer.get("code", ""), code_verifier=attempt.verifier
            )
        )
        if not token.get("id_token"):
            raise SignInFailed(f"Le fournisseur d'identité ne dit pas qui s'est connecté (pas d'id_token). {AGAIN}")
        ours = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": self._settings.oidc_client_id},
        }
        claims = dict(_asking(lambda: self._client.parse_id_token(token, nonce=attempt.nonce, claims_options=ours)))
        return identity(claims | self._more(claims, token, metadata), self._settings)

    def ended(self, logout_token: str) -> Ended:
        """What the provider says is over. Raises: SignInFailed: it is not the provider that says so. ProviderAway."""
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        metadata = self.metadata()
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)

        def claims(force: bool = False) -> dict[str, Any]:
            keys = KeySet.import_key_set(self._client.fetch_jwk_set(force=force))
            return dict(jwt.decode(logout_token, keys, registry=registry).claims)

        def told() -> dict[str, Any]:
            try:
                return claims()
            except InvalidKeyIdError:  # its keys were changed since
                return claims(force=True)

        return ended(_asking(told), metadata["issuer"], self._settings.oidc_client_id, time.time())

    def end_url(self, back: str) -> str | None:
        """Where the reader signs out of the provider too, which then sends them to `back`; None: nowhere."""
        if not self.metadata().get("end_session_endpoint"):
            return None
        made = self._client.create_logout_url(back, client_id=self._settings.oidc_client_id, state="fin")
        return str(made["url"])

    def metadata(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery). Raises: ProviderAway; SignInFailed: it is another."""
        with self._lock:
            if self._known is None:
                self._known = self._discovered()
            return self._known

    def _discovered(self) -> dict[str, Any]:
        found: dict[str, Any] = _asking(self._client.load_server_metadata)
        wanted = self._settings.oidc_issuer
        if str(found.get("issuer", "")).rstrip("/") != wanted.rstrip("/"):
            self._client.server_metadata.clear()
            raise SignInFailed(f"{wanted} dit être {found.get('issuer')!r} : corrigez DEPECHES_OIDC_ISSUER.")
        offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
        found["id_token_signing_alg_values_supported"] = [each for each in offered if each in ALGORITHMS]
        methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" not in methods and "client_secret_post" in methods:
            found["token_endpoint_auth_method"] = "client_secret_post"
        return found

    def _more(self, claims: Mapping[str, Any], token: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
        """What the identity leaves out and the provider tells when asked: many keep names and groups for that."""
        wanted = [
            self._settings.oidc_name_claim,
            *([self._settings.oidc_groups_claim] if self._settings.group_scopes else []),
        ]
        if all(_claim(claims, name) is not None for name in wanted) or not metadata.get("userinfo_endpoint"):
            return {}
        told = dict(_asking(lambda: self._client.userinfo(token=token)))
        if told.get("sub") != claims.get("sub"):  # OpenID Connect Core 5.3.2
            raise SignInFailed(f"Le fournisseur d'identité répond pour quelqu'un d'autre (sub). {AGAIN}")
        return told


def identity(claims: Mapping[str, Any], settings: Settings) -> Identity:
    """Who these claims name. Pure. Raises: SignInFailed: nobody, or by an address that was not verified."""
    claim = settings.oidc_name_claim
    told = _claim(claims, claim)
    if not isinstance(told, str):
        raise SignInFailed(f"Le fournisseur d'identité ne donne pas « {claim} » (DEPECHES_OIDC_NAME_CLAIM). {AGAIN}")
    if claim == "email" and str(claims.get("email_verified", True)).lower() == "false":
        raise SignInFailed(f"Le fournisseur d'identité n'a pas vérifié l'adresse {told[:200]}.")
    try:
        name = known_as(told)
    except BadParameter as error:
        raise SignInFailed(f"« {claim} » ne nomme personne. {error.detail}") from error
    groups = _claim(claims, settings.oidc_groups_claim)
    listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    subject, sid = (_named(claims.get(each)) for each in ("sub", "sid"))
    return Identity(name, tuple(each for each in listed if isinstance(each, str)), subject, sid)


def ended(claims: Mapping[str, Any], issuer: str, client: str, now: float) -> Ended:
    """What a logout token says, whose signature holds (OpenID Connect Back-Channel Logout 1.0, 2.6). Pure. Raises: SignInFailed.

    One that is played again ends what is ended already; its age keeps it from ending what was opened since.
    """
    audience = claims.get("aud")
    events = claims.get("events")
    issued, until = claims.get("iat"), claims.get("exp", now)
    found = Ended(_named(claims.get("sub")), _named(claims.get("sid")))
    believed = (
        claims.get("iss") == issuer
        and client in (audience if isinstance(audience, list) else [audience])
        and isinstance(issued, int | float)
        and abs(now - issued) <= LONGEST_TOLD
        and isinstance(until, int | float)
        and until >= now - LEEWAY
        and isinstance(events, Mapping)
        and LOGOUT in events
        and "nonce" not in claims  # else it is an identity
        and (found.subject or found.sid)
    )
    if not believed:
        raise SignInFailed("Ce jeton de fin de session n'est pas recevable.")
    return found


def _named(told: Any) -> str:
    return told if isinstance(told, str) and len(told) <= 255 else ""


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or inside others: "groups", "https://exemple.fr/groups", "realm_access.roles"."""
    if path in claims:
        return claims[path]
    first, _, rest = path.partition(".")
    inner = claims.get(first)
    return _claim(inner, rest) if rest and isinstance(inner, Mapping) else None


def _client(settings: Settings) -> FlaskOAuth2App:
    try:
        from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
    except ImportError as error:
        raise ConfigurationError(
            "DEPECHES_OIDC_ISSUER demande authlib, qui n'est pas installé : scripts/setup oidc (pip install 'depeches[oidc]')."
        ) from error
    return FlaskOAuth2App(
        FlaskIntegration("depeches"),
        "depeches",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": " ".join(settings.oidc_scopes),
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
        },
    )


def _asking(question: Any) -> Any:
    """What the provider answers, its failures in our words."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    try:
        return question()
    except RequestException as error:
        raise ProviderAway(
            f"Le fournisseur d'identité ne répond pas comme il faut ({type(error).__name__}) ; réessayez dans un instant."
        ) from error
    except (AuthlibBaseError, JoseError) as error:
        said = getattr(error, "error", "") or type(error).__name__
        raise SignInFailed(f"La réponse du fournisseur d'identité n'est pas recevable ({said}). {AGAIN}") from error
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise SignInFailed(f"La réponse du fournisseur d'identité ne se lit pas. {AGAIN}") from error
