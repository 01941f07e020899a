"""One search, from request to result: the only part of this room that speaks to the engine."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any

from markupsafe import escape

from authorities.model import Authorities
from engine.client import Engine
from engine.errors import BadCursor, DispatchNotFound, EngineRefused, PointInTimeGone
from mappings.dispatch import Dispatch, from_document
from search.compile import compile_request, highlight, order
from search.cursor import Cursor, digest_of
from search.facets import read_facets, read_timeline
from search.language import parse
from search.names import Names
from search.request import SearchRequest
from search.result import Hit, SearchResult

# How long a point in time outlives the page read last.
KEEP_ALIVE = "5m"


class Archive:
    """The dispatches to search: an engine, an alias, the authorities and the archive's time zone."""

    def __init__(self, engine: Engine, index: str, authorities: Authorities, timezone: str) -> None:
        self.engine = engine
        self.index = index
        self.names = Names(authorities)
        self.timezone = timezone

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a request.

        Raises:
            RequestError: the request cannot be answered as it stands.
            EngineError: the engine is away, or its index is.
        """
        request = replace(request, filters=self.names.canonical_filters(request.filters))
        query = parse(request.q)
        body = compile_request(request, query, self.timezone)
        cursor = Cursor.decode(request.cursor, request) if request.cursor else None
        answer, point_in_time = self._fetch(body, request, cursor)
        backward = cursor is not None and cursor.direction == "previous"
        found = answer["hits"]["hits"]
        more = len(found) > request.size
        found = found[: request.size]
        if backward:
            found.reverse()
        beside = _Beside(request, found, point_in_time)
        return SearchResult(
            text=request.q,
            understood=str(query),
            warnings=query.warnings,
            total=answer["hits"]["total"]["value"],
            hits=tuple(_hit(hit) for hit in found),
            facets=read_facets(request, answer["aggregations"]) if request.facets else (),
            timeline=read_timeline(answer["aggregations"], self.timezone) if request.facets else None,
            did_you_mean=None,
            filters=(),
            size=request.size,
            next=beside.next() if more or backward else None,
            previous=beside.previous() if (more if backward else cursor is not None) else None,
            took_ms=answer["took"],
        )

    def get(self, id: str) -> Dispatch:
        """One dispatch, whole.

        Raises:
            DispatchNotFound: no dispatch has that id.
        """
        document = self.engine.get(self.index, id)
        if document is None:
            raise DispatchNotFound(f"Aucune dépêche n'a l'identifiant « {id[:80]} ».")
        return from_document(document)

    def marked(self, dispatch: Dispatch, q: str) -> tuple[str | None, tuple[str, ...]]:
        """The title and every paragraph of a dispatch as HTML, the words of `q` marked; (None, ()) where none is found."""
        query = parse(q)
        if not query.nodes:
            return None, ()
        whole = highlight(query)
        whole["fields"]["body"] = {"matched_fields": ["body", "body.exact"], "number_of_fragments": 0}
        body = {"query": {"term": {"id": dispatch.id}}, "_source": False, "highlight": whole}
        hits = self.engine.search(body, index=self.index)["hits"]["hits"]
        marks = hits[0].get("highlight", {}) if hits else {}
        if not marks:
            return None, ()
        # Elasticsearch gives back the paragraphs that have a hit; the others are shown as they are.
        found = {_plain(paragraph): paragraph for paragraph in marks.get("body", ())}
        paragraphs = tuple(found.get(paragraph, str(escape(paragraph))) for paragraph in dispatch.body)
        return next(iter(marks.get("title", ())), None), paragraphs

    def _fetch(
        self, body: dict[str, Any], request: SearchRequest, cursor: Cursor | None
    ) -> tuple[dict[str, Any], str | None]:
        """Elasticsearch's answer, and the point in time it was read in (none for a first page)."""
        if cursor is None:
            return self.engine.search(body, index=self.index), None
        body |= {
            "search_after": list(cursor.after),
            "sort": order(request.order, backward=cursor.direction == "previous"),
        }
        try:
            if cursor.point_in_time:
                try:
                    return self._read_at(body, cursor.point_in_time)
                except PointInTimeGone:
                    pass  # expired, or the engine restarted: the sort values still say where we are
            return self._read_at(body, self.engine.open_point_in_time(self.index, KEEP_ALIVE))
        except EngineRefused as error:
            raise BadCursor("Ce curseur n'est plus valable : relancez la recherche depuis la première page.") from error

    def _read_at(self, body: dict[str, Any], point_in_time: str) -> tuple[dict[str, Any], str]:
        answer = self.engine.search(body | {"pit": {"id": point_in_time, "keep_alive": KEEP_ALIVE}})
        return answer, str(answer["pit_id"])


class _Beside:
    """Cursors beside the first and the last hit of a page."""

    def __init__(self, request: SearchRequest, found: list[dict[str, Any]], point_in_time: str | None) -> None:
        self.digest = digest_of(request)
        self.found = found
        self.point_in_time = point_in_time

    def next(self) -> str | None:
        if not self.found:
            return None
        return Cursor(tuple(self.found[-1]["sort"]), "next", self.digest, self.point_in_time).encode()

    def previous(self) -> str | None:
        if not self.found:
            return None
        return Cursor(tuple(self.found[0]["sort"]), "previous", self.digest, self.point_in_time).encode()


def _plain(marked: str) -> str:
    """A highlighted text without its marks, as it was."""
    return unescape(marked.replace("<mark>", "").replace("</mark>", ""))


def _hit(hit: dict[str, Any]) -> Hit:
    marks = hit.get("highlight", {})
    return Hit(
        source=hit["_source"],
        score=hit["_score"],
        title_highlight=next(iter(marks.get("title", ())), None),
        body_highlights=tuple(marks.get("body", ())),
    )
