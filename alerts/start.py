"""From where on a saved search hears: of every dispatch it could not find yet when it was saved, resumed or changed.

The dispatches of one batch share the time of their entry and follow each other by number, and any of them may become
visible first: past the highest number that can be seen there may be nothing left to come, or most of a batch before it.
So a search begins before the newest batch, and what it finds of that batch already is written down: that is not new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.params import request_of
from engine.errors import EngineRefused, RequestError
from search.service import Archive

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Start:
    """`seq`: the `ingest_seq` after which all is new, but for `had`: the ids of what could be found all the same."""

    seq: int
    had: tuple[str, ...] = ()


BEGINNING = Start(0)


def start(archive: Archive, params: Mapping[str, Sequence[str]]) -> Start:
    """Where a search with these parameters begins, asked before it is saved.

    Raises:
        EngineError: the engine is away.
    """
    newest = _newest(archive, {"match_all": {}})
    if newest is None:
        return BEGINNING
    if "ingested_at" not in newest:
        return Start(newest["ingest_seq"])
    # What became visible since that look is newer than it, whatever its batch.
    of_a_batch_before = {
        "bool": {
            "filter": [{"range": {"ingest_seq": {"lt": newest["ingest_seq"]}}}],
            "must_not": [{"term": {"ingested_at": newest["ingested_at"]}}],
        }
    }
    before = _newest(archive, of_a_batch_before)
    seq = before["ingest_seq"] if before else 0
    try:
        asked = archive.criteria(request_of(params))
        newer = [{"range": {name: {"gt": seq}}} for name in ("ingest_seq", "status_seq")]
        later = {"bool": {"filter": [{"bool": {"should": newer}}, asked]}}
        found = archive.engine.scan(later, index=archive.index, source=["id"])
        return Start(seq, tuple(hit["_source"]["id"] for hit in found))
    except (RequestError, EngineRefused):
        return Start(seq)  # one that cannot be asked, and is resumed: it finds nothing


def _newest(archive: Archive, query: Body) -> Body | None:
    body = {
        "query": query,
        "sort": [{"ingest_seq": "desc"}],
        "size": 1,
        "track_total_hits": False,
        "_source": ["ingest_seq", "ingested_at"],
    }
    hits = archive.engine.search(body, index=archive.index)["hits"]["hits"]
    return dict(hits[0]["_source"]) if hits else None
