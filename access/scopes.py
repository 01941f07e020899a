"""What may be opened, and to whom it is: scopes, and the caller of a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

Scope = Literal["search", "alerts", "ingest", "admin"]

# What each opens, for people.
SCOPES: dict[Scope, str] = {
    "search": "chercher et lire les dépêches",
    "alerts": "enregistrer des recherches et recevoir des alertes",
    "ingest": "charger des dépêches",
    "admin": "administrer l'archive",
}

EVERYTHING: frozenset[Scope] = frozenset(SCOPES)

# Who the portal names may read, and have alerts of their own.
OF_READERS: frozenset[Scope] = frozenset(("search", "alerts"))

By = Literal["local", "key", "token", "portal", "session", "anonymous"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what they may do.

    Args:
        name: of the user; blank when nobody is named.
        by: how we know: at this machine, by a key, by a token of a portal's page, by the portal's word, or not at all.
        key: the handle of the key that is shown, or that the token was asked with; blank without one.
    """

    name: str
    scopes: frozenset[Scope]
    by: By
    key: str = ""

    @property
    def shows_key(self) -> bool:
        """Whether it proves itself at every request; a browser does the rest unasked, for any page."""
        return self.by in ("key", "token")


# An address that says nothing of itself needs this to be read, and this to change anything.
READING: Scope = "search"
CHANGING: Scope = "admin"

_MARK = "depeches_scope"

View = TypeVar("View", bound=Callable[..., Any])


def needs(scope: Scope | Literal["nothing"]) -> Callable[[View], View]:
    """Decorates a view: it is opened by this scope, or, with "nothing", to everyone."""

    def mark(view: View) -> View:
        setattr(view, _MARK, scope)
        return view

    return mark


def needed(view: Callable[..., Any], method: str) -> Scope | None:
    """The scope a view asks for; None: it is open to everyone."""
    of_class = getattr(view, "view_class", None)  # a class of views is marked on its methods
    marked = getattr(getattr(of_class, method.lower(), None), _MARK, None) or getattr(view, _MARK, None)
    default = READING if method in ("GET", "HEAD", "OPTIONS") else CHANGING
    scope = cast(Scope | Literal["nothing"], marked or default)
    return None if scope == "nothing" else scope
