"""The archive made anew: from what was received (`Reparse`), or from its text (`Reenrich`), as code and names are today.

    document -> raw and what came with it (indexer/received.py) -> reader -> build -> ingest into the new index

Its id, the time and the number of its entry stay: links to it hold, and alerts do not ring. A text that can no longer be
read stays as it was, and is named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.client import Engine
from engine.errors import InputRejected
from indexer.build import Builder
from indexer.ingest import Ingest
from indexer.raw import Rejection
from indexer.readers import read_again
from indexer.received import circumstances_of, reread, stated_of
from mappings.dispatch import Dispatch, from_document
from mappings.lifecycle import Family

# Dispatches made and entered at once.
CHUNK = 500


class _Remake:
    """Copies an index by making every dispatch anew (`mappings.lifecycle.Copy`).

    Args:
        lock: of those who write to the new index: nobody else does.
        kept: hears of each dispatch that stays as it was, and why.
    """

    def __init__(
        self,
        engine: Engine,
        family: Family,
        builder: Builder,
        lock: Path,
        kept: Callable[[Dispatch, InputRejected], None] = lambda dispatch, error: None,
    ) -> None:
        self._engine = engine
        self._family = family
        self._builder = builder
        self._lock = lock
        self._kept = kept

    def __call__(self, source: str, target: str, query: dict[str, Any], report: Callable[[int, int], None]) -> None:
        """Enter into `target` what meets `query` in `source`."""
        ingest = Ingest(self._engine, self._family, self._lock, index=target)
        total = self._engine.count(source, query)
        done = 0
        chunk: list[Dispatch] = []
        report(0, total)
        for hit in self._engine.scan(query, index=source, page=CHUNK):
            chunk.append(self.again(from_document(hit["_source"])))
            if len(chunk) == CHUNK:
                ingest.enter(chunk)
                done += len(chunk)
                chunk = []
                report(done, max(done, total))
        if chunk:
            ingest.enter(chunk)
            report(done + len(chunk), max(done + len(chunk), total))

    def again(self, dispatch: Dispatch) -> Dispatch:
        """The dispatch as it is made today."""
        raise NotImplementedError


class Reenrich(_Remake):
    """Makes the facets anew; repair, dates and text stay."""

    def again(self, dispatch: Dispatch) -> Dispatch:
        """The dispatch with the facets its text has today."""
        return self._builder.enriched(dispatch)


class Reparse(_Remake):
    """Makes all anew, from the bytes received."""

    def again(self, dispatch: Dispatch) -> Dispatch:
        """The dispatch as it is made today; as it was, when it no longer can be."""
        stated = stated_of(dispatch.received)
        read = read_again(
            dispatch.raw,
            dispatch.source.file or "",
            dispatch.source.format,
            encoding=dispatch.raw_encoding,
            id=stated.id,
            language=stated.language,
            columns=dispatch.received.get("columns"),
        )
        if isinstance(read, Rejection):
            self._kept(dispatch, read.error)
            return dispatch
        try:
            built = self._builder.build_under(reread(dispatch, read), circumstances_of(dispatch.received))
        except InputRejected as error:
            self._kept(dispatch, error)
            return dispatch
        return replace(
            built,
            id=dispatch.id,
            ingested_at=dispatch.ingested_at,
            ingest_seq=dispatch.ingest_seq,
            back_load=dispatch.back_load,
            status_seq=dispatch.status_seq,
        )
