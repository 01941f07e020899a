"""What a search sees of the archive at a moment, as a short text that changes when any answer could.

The engine has no such text. It is made of the sequence numbers of the documents that are visible to a search: a write
gives its document a higher one, and a refresh makes it visible, so that of one index the count and the sum say which
writes are visible. (Where two states have equal counts, as many documents came as went, and each that came is numbered
higher than any that went: the sum is greater. A document written and not yet refreshed is in neither.) The index's name
tells generations apart, the latest entry an index that was deleted and filled again under the same name.

It costs next to nothing: a search without hits is answered from the engine's request cache until a refresh changes
the index (docs/decisions/0017-etags.md has the figures).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from search.clauses import Body

STATE: Body = {
    "size": 0,
    "track_total_hits": False,
    "aggs": {
        "index": {
            "terms": {"field": "_index"},
            "aggs": {"writes": {"stats": {"field": "_seq_no"}}, "entered": {"max": {"field": "ingested_at"}}},
        }
    },
}

# Seconds for which a state serves answers that are given whole. Any number is right (see `lately`); this is how often
# the index is refreshed.
RECENT = 1.0


class Visible:
    """Reads the state of an archive (`ask`: a body, answered). Safe to share between threads."""

    def __init__(self, ask: Callable[[Body], Body]) -> None:
        self._ask = ask
        self._last: tuple[float, str] | None = None

    def now(self) -> str:
        """The state as it is: what an answer made later than this may be compared by."""
        started = time.monotonic()
        buckets = self._ask(STATE)["aggregations"]["index"]["buckets"]
        state = repr(
            [
                (bucket["key"], bucket["doc_count"], bucket["writes"]["sum"], bucket["entered"]["value"])
                for bucket in sorted(buckets, key=lambda bucket: str(bucket["key"]))
            ]
        )
        self._last = started, state
        return state

    def lately(self) -> str:
        """A state at most `RECENT` old, to mark an answer that is made after it.

        An answer newer than its mark costs its reader one whole answer more; it is never taken for another, since a
        state that has passed does not come back.
        """
        last = self._last
        if last and time.monotonic() - last[0] < RECENT:
            return last[1]
        return self.now()
