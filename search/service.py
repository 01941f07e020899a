"""One search, from request to result: the only part of this room that speaks to the engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import unescape
from typing import Any, Literal

from markupsafe import escape

from authorities.model import Authorities
from engine.client import Engine
from engine.errors import BadCursor, DispatchNotFound, EngineRefused, PointInTimeGone
from mappings.dispatch import Dispatch, from_document
from search import folding
from search.compile import BODY_AND_READINGS, Body, compile_request, highlight, order
from search.cursor import Cursor, digest_of
from search.facets import read_facets, read_timeline, read_undated
from search.history import History, read_history
from search.language import Query, parse
from search.names import Names
from search.request import SearchRequest
from search.result import Folded, Hit, SearchResult

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
        moment = _Moment(self.engine, self.index, cursor)
        read = self._read_stories if request.group == "story" else self._read_dispatches
        page = read(request, query, body, cursor, moment)
        beside = _Beside(digest_of(request), moment.point_in_time)
        answer = page.answer
        return SearchResult(
            text=request.q,
            understood=str(query),
            warnings=query.warnings,
            total=answer["hits"]["total"]["value"],
            stories=folding.read_stories(answer) if request.group == "story" else None,
            undated=read_undated(answer["aggregations"]) if request.facets else None,
            hits=page.hits,
            facets=read_facets(request, answer["aggregations"]) if request.facets else (),
            timeline=read_timeline(answer["aggregations"], self.timezone) if request.facets else None,
            did_you_mean=None,
            filters=(),
            size=request.size,
            next=beside.cursor(page.end, "next"),
            previous=beside.cursor(page.start, "previous"),
            took_ms=page.took_ms,
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

    def history(self, id: str, *, compare: bool) -> tuple[Dispatch, History]:
        """A dispatch and where it stands in its story; with `compare`, what changed from version to version.

        Raises:
            DispatchNotFound: no dispatch has that id.
        """
        dispatch = self.get(id)
        return dispatch, read_history(self._ask, dispatch, compare=compare)

    def _ask(self, body: Body) -> Body:
        return self.engine.search(body, index=self.index)

    def marked(self, dispatch: Dispatch, q: str) -> tuple[str | None, tuple[str, ...]]:
        """The title and every paragraph of a dispatch as HTML, the words of `q` marked; (None, ()) where none is found."""
        query = parse(q)
        if not query.nodes:
            return None, ()
        whole = highlight(query)
        whole["fields"]["body"] = {"matched_fields": BODY_AND_READINGS, "number_of_fragments": 0}
        body = {"query": {"term": {"id": dispatch.id}}, "_source": False, "highlight": whole}
        hits = self.engine.search(body, index=self.index)["hits"]["hits"]
        marks = hits[0].get("highlight", {}) if hits else {}
        if not marks:
            return None, ()
        # Elasticsearch gives back the paragraphs that have a hit; the others are shown as they are.
        found = {_plain(paragraph): paragraph for paragraph in marks.get("body", ())}
        paragraphs = tuple(found.get(paragraph, str(escape(paragraph))) for paragraph in dispatch.body)
        return next(iter(marks.get("title", ())), None), paragraphs

    def _read_dispatches(
        self, request: SearchRequest, query: Query, body: Body, cursor: Cursor | None, moment: _Moment
    ) -> _Page:
        backward = cursor is not None and cursor.direction == "previous"
        if cursor:
            body |= {"search_after": list(cursor.after), "sort": order(request.order, backward=backward)}
        answer = moment.ask(body)
        found = answer["hits"]["hits"]
        more = len(found) > request.size
        found = found[: request.size]
        if backward:
            found.reverse()
        return _Page(
            hits=tuple(_hit(hit) for hit in found),
            answer=answer,
            start=tuple(found[0]["sort"]) if found and (more if backward else cursor) else None,
            end=tuple(found[-1]["sort"]) if found and (more or backward) else None,
            took_ms=answer["took"],
        )

    def _read_stories(
        self, request: SearchRequest, query: Query, body: Body, cursor: Cursor | None, moment: _Moment
    ) -> _Page:
        bare = compile_request(replace(request, facets=()), query, self.timezone)
        if cursor is None:
            page = folding.first_page(moment.ask, request, body)
        else:
            backward = cursor.direction == "previous"
            page = folding.page_beside(moment.ask, request, body, bare, cursor.after, backward=backward)
        hits: tuple[Hit, ...] = ()
        took = page.took_ms
        if page.places:
            answer = moment.ask(folding.shown(request, bare, [place.story for place in page.places]))
            folded = folding.read_folded(answer)
            newest = {hit["_source"]["story"]: hit for hit in answer["hits"]["hits"]}
            # A story whose dispatches were changed since the first page was counted may be gone.
            stories = [place.story for place in page.places if place.story in newest]
            hits = tuple(_hit(newest[story], folded.get(story)) for story in stories)
            took += answer["took"]
        return _Page(hits, page.answer, page.start, page.end, took)


@dataclass(frozen=True, slots=True)
class _Page:
    """Hits to show; the answer that counts; the sort values to go on from in either direction, None at an end."""

    hits: tuple[Hit, ...]
    answer: Body
    start: tuple[Any, ...] | None
    end: tuple[Any, ...] | None
    took_ms: int


class _Moment:
    """The archive as a reader sees it while turning pages.

    The first page is read from the index as it is; from the second on, all is read at one point in time.
    """

    def __init__(self, engine: Engine, index: str, cursor: Cursor | None) -> None:
        self._engine = engine
        self._index = index
        self._turning = cursor is not None
        self.point_in_time = cursor.point_in_time if cursor else None

    def ask(self, body: Body) -> Body:
        if not self._turning:
            return self._engine.search(body, index=self._index)
        try:
            if self.point_in_time:
                try:
                    return self._ask_at(body, self.point_in_time)
                except PointInTimeGone:
                    pass  # expired, or the engine restarted: the sort values still say where we are
            return self._ask_at(body, self._engine.open_point_in_time(self._index, KEEP_ALIVE))
        except EngineRefused as error:
            raise BadCursor("Ce curseur n'est plus valable : relancez la recherche depuis la première page.") from error

    def _ask_at(self, body: Body, point_in_time: str) -> Body:
        answer = self._engine.search(body | {"pit": {"id": point_in_time, "keep_alive": KEEP_ALIVE}})
        self.point_in_time = str(answer["pit_id"])
        return answer


@dataclass(frozen=True, slots=True)
class _Beside:
    """Makes the cursors beside a page."""

    digest: str
    point_in_time: str | None

    def cursor(self, after: tuple[Any, ...] | None, direction: Literal["next", "previous"]) -> str | None:
        return None if after is None else Cursor(after, direction, self.digest, self.point_in_time).encode()


def _plain(marked: str) -> str:
    """A highlighted text without its marks, as it was."""
    return unescape(marked.replace("<mark>", "").replace("</mark>", ""))


def _hit(hit: Body, folded: Folded | None = None) -> Hit:
    marks = hit.get("highlight", {})
    return Hit(
        source=hit["_source"],
        score=hit["_score"],
        title_highlight=next(iter(marks.get("title", ())), None),
        body_highlights=tuple(marks.get("body", ())),
        folded=folded,
    )
