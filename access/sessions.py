"""Who signed in here, remembered by their browser: a cookie we sign, that scripts cannot read, good for some hours.

Only for a service that signs readers in itself (access/oidc.py). Two cookies: the session, and the attempts to sign in that are
under way, each with what its answer will be held against. Both are signed by a secret of the database, each for its purpose
and for one provider: a session of another one, or of before the secret was changed, is none. Nor is one that was ended, by its
reader, an operator or the provider, whoever may have its cookie: each is a row (access/signed_in.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from access import signed_in, users
from access.signing import secret
from engine.config import Settings
from engine.database import Database

if TYPE_CHECKING:
    from access.oidc import Identity

SECRET = "sessions"

SESSION, ATTEMPTS = "depeches-session", "depeches-connexion"

# Seconds a reader may take at the provider's form, and attempts remembered: one a tab that was opened at once.
PATIENCE, MOST = 15 * 60, 4


@dataclass(frozen=True, slots=True)
class Signed:
    """A reader who signed in: their name as we know them, those of their groups that open something, and which session it is."""

    name: str
    groups: tuple[str, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the provider's answer is held against, and the page the reader came from.

    Args:
        state: ties the answer to this browser.
        nonce: ties the identity to this attempt.
        verifier: proves to the provider that who takes the answer is who asked (PKCE, RFC 7636).
    """

    state: str
    nonce: str
    verifier: str
    back: str


class Sessions:
    """Reads and writes both cookies. One per process, shared by its threads."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._signers: dict[str, URLSafeTimedSerializer] = {}

    def reader(self, request: Request) -> Signed | None:
        """Who is signed in. Raises: DatabaseError: whether the session was ended cannot be known."""
        told = self._read(request, SESSION, int(self._settings.session_hours * 3600))
        if not told:
            return None
        with self._database.reading() as session:
            found = signed_in.find(session, told["held"])
        return Signed(found.user.name, tuple(told["groups"]), found.id) if found else None

    def open(self, request: Request, response: Response, found: Identity, groups: Iterable[str]) -> None:
        """A session of who signed in; the one this browser had ends.

        Raises:
            NotAllowed: they are disabled. DatabaseError.
        """
        hours = timedelta(hours=self._settings.session_hours)
        before = self._read(request, SESSION, int(hours.total_seconds()))
        with self._database.writing() as session:
            now = self._database.now(session)
            if before:
                signed_in.end(session, before["held"])
            user = users.find_or_make(session, found.name, now)
            held = signed_in.begin(
                session, user, now=now, expires=now + hours, browser=request.headers.get("User-Agent", ""),
                subject=found.subject, sid=found.sid,
            )  # fmt: skip
        self._write(response, SESSION, {"held": held, "groups": list(groups)}, int(hours.total_seconds()))

    def close(self, request: Request, response: Response) -> None:
        """The session of this browser is over, here and wherever its cookie went. Raises: DatabaseError: it is not."""
        if told := self._read(request, SESSION, int(self._settings.session_hours * 3600)):
            with self._database.writing() as session:
                signed_in.end(session, told["held"])
        self._forget(response, SESSION)

    def attempts(self, request: Request) -> dict[str, Attempt]:
        """The attempts under way, by their state, the oldest first."""
        told = self._read(request, ATTEMPTS, PATIENCE) or []
        return {each["state"]: Attempt(**each) for each in told}

    def begin(self, request: Request, response: Response, attempt: Attempt) -> None:
        kept = [*self.attempts(request).values(), attempt][-MOST:]
        told = [{name: getattr(each, name) for name in Attempt.__slots__} for each in kept]
        self._write(response, ATTEMPTS, told, PATIENCE)

    def end_attempts(self, response: Response) -> None:
        self._forget(response, ATTEMPTS)

    def _read(self, request: Request, name: str, seconds: int) -> Any:
        cookie = request.cookies.get(self._named(name))
        if not cookie:
            return None
        try:
            return self._signer(name).loads(cookie, max_age=seconds)
        except BadData:  # forged, too old, or of a secret that was changed
            return None

    def _write(self, response: Response, name: str, told: Any, seconds: int) -> None:
        response.set_cookie(
            self._named(name), str(self._signer(name).dumps(told)), max_age=seconds, path="/", secure=self._secure,
            httponly=True, samesite="Lax",
        )  # fmt: skip

    def _forget(self, response: Response, name: str) -> None:
        response.delete_cookie(self._named(name), path="/", secure=self._secure, httponly=True, samesite="Lax")

    def _signer(self, name: str) -> URLSafeTimedSerializer:
        if name not in self._signers:
            salt = "\n".join((name, self._settings.oidc_issuer, self._settings.oidc_client_id))
            self._signers[name] = URLSafeTimedSerializer(
                secret(self._database, SECRET), salt=salt, signer_kwargs={"digest_method": hashlib.sha256}
            )
        return self._signers[name]

    @property
    def _secure(self) -> bool:
        return self._settings.public_url.startswith("https:")

    def _named(self, name: str) -> str:
        # With this prefix, browsers take the cookie from this very host over TLS and from no neighbour.
        return f"__Host-{name}" if self._secure else name
