"""What a reader's groups open: those the portal or the identity provider names, by the table in `DEPECHES_GROUP_SCOPES`.

Whoever is named reads, and has alerts; their groups add to it. With `DEPECHES_GROUP_REQUIRED` their groups alone open anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import cast

from access.scopes import OF_READERS, Scope
from engine.config import Settings

# How portals write several in one header: "a,b" (Authelia, oauth2-proxy), "a;b" (mod_auth_mellon), "a|b" (authentik).
SEPARATORS = re.compile(r"[,;|]")


def scopes_of(groups: Iterable[str], settings: Settings) -> frozenset[Scope]:
    """What a reader of these groups may do."""
    theirs = {_spelled(group) for group in groups}
    found: set[str] = set() if settings.group_required else set(OF_READERS)
    for group, scopes in settings.group_scopes:
        if _spelled(group) in theirs:
            found.update(scopes)
    return frozenset(cast("set[Scope]", found))


def known_among(groups: Iterable[str], settings: Settings) -> tuple[str, ...]:
    """The groups the table speaks of, as it spells them: all that is worth remembering of someone's hundreds."""
    theirs = {_spelled(group) for group in groups}
    return tuple(group for group, _ in settings.group_scopes if _spelled(group) in theirs)


def in_header(told: str) -> tuple[str, ...]:
    """The groups of a header."""
    return tuple(found for each in SEPARATORS.split(told) if (found := each.strip()))


def _spelled(group: str) -> str:
    """Directories do not tell « Documentation » from « documentation »."""
    return unicodedata.normalize("NFC", group).strip().casefold()
