"""What saved searches ask of the engine, in the engine's words: worked out once a day each, and kept as it is sent.

Reading parameters and a query, and compiling them, takes 0.3 ms; a worker that did it anew for each handful of dispatches
would spend more on that than the engine on its answer. A day and no longer, since `date:7j` means something else tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import orjson

from alerts.library import Asked
from search.service import Archive

# How many are kept, of some 700 bytes: those asked last.
MOST = 50_000


class Clauses:
    """The clauses of saved searches, each named by its id. Of one thread."""

    def __init__(self, archive: Archive, today: Callable[[], date], most: int = MOST) -> None:
        self._archive, self._today, self._most = archive, today, most
        self._day: date | None = None
        self._kept: dict[str, tuple[int, bytes]] = {}

    def of(self, asked: Asked) -> orjson.Fragment:
        """The clause that a dispatch meets exactly when the search finds it, today.

        Raises:
            RequestError: this version does not take its parameters.
        """
        if self._day != (today := self._today()):
            self._day = today
            self._kept.clear()
        revision, clause = self._kept.pop(asked.id, (0, b""))
        if revision != asked.revision:
            met = self._archive.criteria(asked.request)
            clause = orjson.dumps({"bool": {**met["bool"], "_name": asked.id}})
        self._kept[asked.id] = asked.revision, clause
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        return orjson.Fragment(clause)
