"""The one place where a request is let in: who asks, what the address needs, and a French reason when they do not meet.

Known by, in this order: the key shown (`Authorization: Bearer dep_...`) or the token of a portal's page (`dpt_...`), the
portal's header, the session of who signed in at the identity provider, being at this machine in local mode, and nobody, who
may do what `DEPECHES_ANONYMOUS_SCOPES` says.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress
from typing import cast

from flask import Flask, Request, current_app, g, request

from access import keys, tokens, users
from access.groups import scopes_of
from access.limits import Limits
from access.local import SAFE_METHODS, at_this_machine, from_our_pages
from access.oidc import Provider
from access.portal import groups_by_portal, named_by_portal
from access.scopes import EVERYTHING, READING, SCOPES, Caller, Scope, needed
from access.sessions import Sessions
from engine.config import Settings
from engine.database import Database
from engine.errors import DatabaseError, NotAllowed, NotAuthenticated, TokenExpired

EXTENSION = "depeches-gate"

# Seconds after which a closed account has nothing any more.
CLOSED_AGE = 5.0

HOW = (
    "Présentez une clé (en-tête « Authorization: Bearer dep_… »), que l'exploitant crée par « depeches keys create », "
    "ou passez par le portail."
)


class Gate:
    """Lets requests in. One per process, shared by its threads."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.sessions = Sessions(settings, database)
        self.provider = Provider(settings) if settings.oidc_issuer else None
        self._closed: frozenset[str] = frozenset()
        self._closed_until = 0.0

    def caller(self, request: Request) -> Caller:
        """Who asks.

        Raises:
            NotAuthenticated: nobody we know, with why and what to do.
            DatabaseError: a key is shown and the database that would know it is away.
        """
        if shown := _shown(request):
            return self._by_token(shown, request) if tokens.is_token(shown) else self._by_key(shown)
        if name := named_by_portal(request, self.settings):
            self._check_open(name)
            return Caller(name, scopes_of(groups_by_portal(request, self.settings), self.settings), "portal")
        if self.provider and (signed := self.sessions.reader(request)):
            return Caller(signed.name, scopes_of(signed.groups, self.settings), "session")
        here = at_this_machine(request, self.settings)
        if here:
            return Caller(users.LOCAL, EVERYTHING, "local")
        if self.settings.anonymous_scopes:
            return Caller("", frozenset(cast("tuple[Scope, ...]", self.settings.anonymous_scopes)), "anonymous")
        raise NotAuthenticated(f"Cette archive ne s'ouvre pas sans savoir qui demande. {here.why} {HOW}")

    def _check_open(self, name: str) -> None:
        """Raises: NotAllowed: the operator closed the account of whom the portal names.

        The closed ones are looked up once in `CLOSED_AGE` seconds, and without the database they are who they were: the portal's
        readers search on.
        """
        now = time.monotonic()
        if now >= self._closed_until:
            self._closed_until = now + CLOSED_AGE
            with suppress(DatabaseError), self.database.reading() as session:
                self._closed = users.disabled(session)
        if name in self._closed:
            raise users.closed(name)

    def check(self, request: Request, scope: Scope, *, embedded: bool = False) -> Caller:
        """Who asks, if this is theirs to do.

        Args:
            embedded: what is asked for is what a portal's pages may show: the only addresses a token opens.

        Raises:
            NotAuthenticated, NotAllowed: with why and what to do.
        """
        caller = self.caller(request)
        if caller.by == "token" and not (embedded and scope == READING and request.method in SAFE_METHODS):
            raise NotAllowed("Le jeton d'un portail ne permet que de chercher et de lire par l'API, et rien d'autre.")
        if not caller.shows_key and not (ours := from_our_pages(request, self.settings.public_url)):
            raise NotAllowed(f"{ours.why} Un programme présente une clé ; un lecteur passe par les pages de l'archive.")
        if scope in caller.scopes:
            return caller
        if caller.by == "anonymous":
            raise NotAuthenticated(f"Pour {SCOPES[scope]}, cette archive doit savoir qui demande. {HOW}")
        if caller.by in ("portal", "session") and self.settings.group_scopes:
            raise NotAllowed(
                f"Aucun groupe du compte « {caller.name} » ne permet de {SCOPES[scope]} (portée « {scope} ») ; adressez-vous à "
                "l'exploitant de l'archive (DEPECHES_GROUP_SCOPES)."
            )
        whose = "Cette clé" if caller.by == "key" else f"Le compte « {caller.name} »"
        raise NotAllowed(
            f"{whose} ne permet pas de {SCOPES[scope]} (portée « {scope} ») ; demandez une clé qui l'a "
            f"(depeches keys create --scope {scope})."
        )

    def user_id(self, caller: Caller) -> int:
        """The row of whoever asks, made when they are first seen.

        Raises:
            NotAuthenticated: nobody is named. NotAllowed: they are disabled.
        """
        if not caller.name:
            raise NotAuthenticated(f"Cette archive doit savoir qui demande. {HOW}")
        with self.database.reading() as session:
            user = users.find(session, caller.name)
            if user and not user.disabled:
                return user.id
        with self.database.writing() as session:
            return users.find_or_make(session, caller.name, self.database.now(session)).id

    def _by_key(self, shown: str) -> Caller:
        with self.database.reading() as session:
            now = self.database.now(session)
            found = keys.verify(session, shown, now)
        if found.stale:
            with suppress(DatabaseError), self.database.writing() as session:  # no reason to refuse anybody
                keys.used(session, found.id, now)
        return Caller(found.user, found.scopes, "key", found.handle)

    def _by_token(self, shown: str, request: Request) -> Caller:
        token = tokens.verify(self.database, shown, request.headers.get("Origin", ""))
        origin = token.origin
        if origin not in self.settings.portal_origins:
            raise NotAuthenticated(
                f"Les pages de {origin} ne sont pas de celles de cette archive (DEPECHES_PORTAL_ORIGINS)."
            )
        return Caller("", frozenset((READING,)), "token", token.handle)  # whoever reads the page: nobody in particular


def install(
    app: Flask,
    gate: Gate,
    *,
    public: tuple[str, ...] = (),
    embedded: Collection[str] = (),
    limits: Limits | None = None,
) -> None:
    """Ask the gate before every view. What has no view (404) needs no key.

    Args:
        public: endpoints that are for everyone.
        embedded: endpoints whose answers a portal's pages may show.
        limits: of wrong keys; None: they are not counted.
    """
    app.extensions[EXTENSION] = gate

    @app.before_request
    def let_in() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if view is None or request.endpoint in public:
            return
        if request.method == "OPTIONS" and request.endpoint in embedded:
            return  # what a browser asks first, without its token: which methods there are, and of which origins
        scope = needed(view, request.method)
        if not scope:
            return
        if limits:
            limits.hold_back(request)
        try:
            g.caller = gate.check(request, scope, embedded=request.endpoint in embedded)
        except NotAuthenticated as error:
            if limits and _shown(request) and not isinstance(error, TokenExpired):
                limits.wrong(request)
            raise


def _shown(request: Request) -> str:
    """The key or token a request shows; blank for none."""
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    return shown.strip() or "?" if kind.lower() == "bearer" else ""


def gate() -> Gate:
    """The gate of the running application."""
    return cast(Gate, current_app.extensions[EXTENSION])


def caller() -> Caller:
    """Whoever makes the request in hand, let in already."""
    return cast(Caller, g.caller)


def user_id() -> int:
    """The row of whoever makes the request in hand."""
    return gate().user_id(caller())
