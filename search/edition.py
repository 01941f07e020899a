"""Which program, knowing which names, answers: two that differ in it may answer the same request differently."""

from __future__ import annotations

import hashlib
from pathlib import Path

from authorities.model import Authorities

# The rooms whose code makes an answer what it is.
ROOMS = ("authorities", "engine", "mappings", "search")


def edition(authorities: Authorities) -> str:
    """A digest of the code of these rooms and of every entry of the authorities.

    A version number would not do: a running archive is changed by its documentalists, and by us between two versions.
    """
    house = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(path for room in ROOMS for path in (house / room).rglob("*.py")):
        digest.update(path.read_bytes())
    tables = (
        *(authorities.states, authorities.regions, authorities.cities),
        *(authorities.persons, authorities.organisations, authorities.topics),
    )
    digest.update(repr((tables, sorted(authorities.rejected))).encode())
    return digest.hexdigest()
