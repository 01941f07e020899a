"""One search, from request to result: the only part of this room that speaks to the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

from authorities.model import PATH_SEPARATOR, Authorities
from engine.client import Engine
from engine.errors import BadCursor, DispatchNotFound, EngineRefused, PointInTimeGone, QuerySyntaxError
from mappings.dispatch import Dispatch, from_document
from mappings.fields import FACETS
from search import folding, portrait
from search.beside import Beside
from search.compile import NOT_LISTED, ORDERS, Body, compile_inside, compile_request, compile_timeline, matching, order
from search.cursor import Cursor, digest_of
from search.edition import edition
from search.exporting import Reading
from search.facets import read_facets, read_often_with
from search.history import History, read_history
from search.inside import LONGEST_PREFIX, Inside
from search.known import known
from search.language import Query, parse
from search.marking import highlight
from search.marks import Marked, read_all
from search.meaning import settle
from search.names import Names
from search.otherwise import Otherwise
from search.passages import passages
from search.portrait import Portrait
from search.request import FacetFilter, SearchRequest
from search.result import FacetValue, Folded, Hit, InsideResult, OftenWith, SearchResult, Timeline
from search.significant import significant, whole_text
from search.similar import DEFAULT_SIZE, Similar, itself, others, read_similar
from search.spoken import Said, spoken
from search.timeline import Chronology, read_undated
from search.together import read_candidates
from search.typos import nearest_words
from search.visible import Visible
from search.widening import narrowed, widened

# How long a point in time outlives the page read last.
KEEP_ALIVE = "5m"

# Which of the sort values of a list by relevance is the id.
SCORE_ID = next(place for place, clause in enumerate(ORDERS["relevance"]) if "id" in clause)


class Archive:
    """The dispatches to search: an engine, an alias, the authorities and the archive's time zone."""

    def __init__(self, engine: Engine, index: str, authorities: Authorities, timezone: str) -> None:
        self.engine = engine
        self.index = index
        self.authorities = authorities
        self.names = Names(authorities)
        self.timezone = timezone
        # Of several copies of the index one may be refreshed before another: whoever asks twice asks the same.
        self._copy = uuid4().hex
        self.visible = Visible(self._ask)
        self._beside = Beside(self._ask, self.names)
        self._otherwise = Otherwise(self._ask, self.names, self._settled, timezone)

    @cached_property
    def edition(self) -> str:
        """What tells the answers of this program, with these authorities, from those of another."""
        return edition(self.authorities)

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a request.

        Raises:
            RequestError: the request cannot be answered as it stands; QuerySyntaxError: `q` cannot be read.
            EngineError: the engine is away, or its index is.
        """
        request = self.canonical(request)
        typed = parse(request.q)
        query = self._settled(typed)
        body = compile_request(request, query, self.timezone)
        cursor = Cursor.decode(request.cursor, request) if request.cursor else None
        read = self._read_stories if request.group == "story" else self._read_dispatches
        try:
            moment, cursor = self._moment(request, body, cursor)
            page = read(request, query, dict(body), cursor, moment)
        except PointInTimeGone:
            # It expired, or the engine restarted: the reading goes on from the same place at another moment.
            assert cursor
            moment, cursor = self._moment(request, body, replace(cursor, point_in_time=None))
            page = read(request, query, dict(body), cursor, moment)
        edges = _Edges(digest_of(request), moment.point_in_time)
        answer = page.answer
        total = answer["hits"]["total"]["value"]
        counted = answer.get("aggregations", {})
        facets = self._beside.facets_with_kinds(read_facets(request, counted))
        often_with = (
            self._beside.often_with(request, query, read_often_with(request, counted), total)
            if request.often_with
            else None
        )
        offered = self._otherwise.offered(request, typed, total, facets)
        names = widened(query)
        return SearchResult(
            text=request.q,
            understood=str(query),
            widened=names,
            as_typed=str(narrowed(self.names.widening.widen(typed))) if names else None,
            warnings=query.warnings,
            total=total,
            stories=folding.read_stories(answer) if request.group == "story" else None,
            undated=read_undated(counted) if request.facets else None,
            hits=page.hits,
            facets=facets,
            timeline=self._timeline(request, query, counted["timeline"]) if request.facets else None,
            often_with=often_with,
            did_you_mean=offered.did_you_mean,
            filters=offered.filters,
            instead=offered.instead,
            size=request.size,
            next=edges.cursor(page.end, "next"),
            previous=edges.cursor(page.start, "previous"),
            took_ms=page.took_ms,
        )

    def _timeline(self, request: SearchRequest, query: Query, counted: Body) -> Timeline | None:
        """The timeline of what was found; counted once more where what was found calls for shorter periods."""
        found = Chronology.of(request, self.timezone).read(counted)
        if isinstance(found, Chronology):
            answer = self._ask(compile_timeline(request, query, self.timezone, found))
            found = found.read(answer["aggregations"]["timeline"])
        # What comes between the two calls cannot make periods shorter still.
        return found if isinstance(found, Timeline) else None

    def _moment(self, request: SearchRequest, body: Body, cursor: Cursor | None) -> tuple[_Moment, Cursor | None]:
        """Where a page is read, and from which place on there."""
        if cursor is None:
            return _Moment(self._ask, None), None
        at = _PointInTime(self.engine, cursor.point_in_time or self.engine.open_point_in_time(self.index, KEEP_ALIVE))
        if cursor.point_in_time is None and request.order == "relevance" and len(cursor.after) > SCORE_ID:
            cursor = replace(cursor, after=at.place_of(cursor.after, body))
        return _Moment(at.ask, at), cursor

    def canonical(self, request: SearchRequest) -> SearchRequest:
        """The same request, every name of a facet's value as the archive has it, and nothing asked that has no answer."""
        bare = not (request.q.strip() or request.filters or request.date_from or request.date_to or request.dated)
        return replace(
            request,
            filters=self.names.canonical_filters(request.filters),
            under={name: self.names.canonical_values(name, levels) for name, levels in request.under.items()},
            # Nothing is with everything more than with the rest.
            often_with=None if bare else request.often_with,
        )

    def inside(self, request: SearchRequest, facet: str, prefix: str) -> InsideResult:
        """The values of a facet whose words begin as typed, `request.facet_size` of them, counted as the facet is.

        Raises:
            BadParameter: no such facet, or what was typed is too long.
        """
        request = self.canonical(request)
        inside = Inside.of(request, facet, prefix, self.names)
        body = compile_inside(request, self.understood(request.q), self.timezone, inside.facet, inside.counts())
        answer = self._ask(body)
        return inside.read(answer, lambda values: self._beside.with_kinds(inside.facet, values))

    def often_with(self, facet: str, value: str) -> OftenWith | None:
        """What goes with one value of a facet more than with the rest of the archive."""
        alone = {facet: FacetFilter(any=(value,))}
        return self.search(
            SearchRequest(filters=alone, facets=(), size=1, highlight=False, often_with=facet)
        ).often_with

    def portrait(self, facet: str, name: str) -> Portrait | None:
        """What the archive has of one actor, place or subject, under any of its names, in any case.

        None of a name that neither the authorities nor a dispatch knows: `called` proposes others.
        """
        declared = FACETS[facet]
        value = self.names.canonical(facet, name)
        request = portrait.request_of(facet, value)
        query = self.understood("")
        chronology = Chronology.of(request, self.timezone)
        answer = self._ask(
            {
                "query": matching(request, query, self.timezone),
                "size": request.size,
                "sort": order(request.order),
                "track_total_hits": True,
                "_source": {"excludes": [*NOT_LISTED, "quotes"]},
                "aggs": {"timeline": chronology.counts([]), **portrait.counts(facet, value)},
            }
        )
        total, counted = answer["hits"]["total"]["value"], answer["aggregations"]
        sources = tuple(hit["_source"] for hit in answer["hits"]["hits"])
        entry = known(self.authorities, declared, value)
        if not total and not entry:
            return None
        company = self._beside.often_with(request, query, read_candidates(counted["company"]), total)
        written = value if entry else portrait.as_written(declared, value, sources)
        (told,) = self._beside.with_kinds(declared, [FacetValue(written, written, total, selected=True)])
        return Portrait(
            facet=facet,
            value=written,
            kind=entry.kind if entry else told.kind,
            known=entry,
            total=total,
            undated=read_undated(counted),
            timeline=self._timeline(request, query, counted["timeline"]),
            company=company,
            counted=portrait.read_counted(counted, facet, written),
            said=portrait.read_sayings(counted, facet, written),
            latest=sources,
        )

    def called(self, facet: str, name: str, size: int) -> tuple[FacetValue, ...]:
        """Values of a facet that a name may have meant: those whose words begin so, else nearly so, else by its last word."""
        listed = SearchRequest(facets=(), facet_size=size)
        words = name.split(PATH_SEPARATOR)[-1][:LONGEST_PREFIX].split()
        near = nearest_words(self._ask, words)
        for meant in (words, [near.get(word, word) for word in words], words[-1:]):
            if meant and (found := self.inside(listed, facet, " ".join(meant)[:LONGEST_PREFIX]).values):
                return found
        return ()

    def count(self, request: SearchRequest) -> int:
        """How many dispatches a request finds.

        Raises:
            RequestError, EngineError: as `search`.
        """
        body = {"query": self._whole(request)["query"], "size": 0, "track_total_hits": True}
        return int(self._ask(body)["hits"]["total"]["value"])

    def criteria(self, request: SearchRequest) -> Body:
        """The clause that a dispatch meets exactly when the request finds it, today.

        Raises:
            RequestError: as `search`.
        """
        request = self.canonical(request)
        return matching(request, self.understood(request.q), self.timezone)

    def reading(self, request: SearchRequest, fields: Sequence[str], *, first: int | None = None) -> Reading:
        """Every dispatch a request finds, or the `first` of them, in its order: to be closed. Wherever its cursor is.

        Raises:
            RequestError, EngineError: as `search`.
        """
        return Reading(self.engine, self.index, self._whole(request), fields, first=first)

    def _whole(self, request: SearchRequest) -> Body:
        """The body of a request of which nothing is shown but the dispatches it finds."""
        request = self.canonical(replace(request, facets=(), highlight=False, often_with=None))
        return compile_request(request, self.understood(request.q), self.timezone)

    def understood(self, q: str) -> Query:
        """The query, its names and days as they are meant in this archive, today.

        Raises:
            QuerySyntaxError: it cannot be read.
        """
        return self._settled(parse(q))

    def _settled(self, typed: Query) -> Query:
        today = datetime.now(ZoneInfo(self.timezone)).date()
        return settle(typed, self.names, today, self.timezone)

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

    def similar(self, dispatch: Dispatch, size: int = DEFAULT_SIZE) -> tuple[Similar, ...]:
        """Dispatches on the same matter, of other stories, the nearest first; none where none is near enough."""
        vectors = self.engine.term_vectors(self.index, dispatch.id, "body")
        words = significant(vectors, whole_text(dispatch.body))
        if not words:
            return ()
        own, found = self.engine.search_all([itself(dispatch, words), others(dispatch, words, size)], index=self.index)
        return read_similar(found, own, dispatch, words)

    def _ask(self, body: Body) -> Body:
        return self.engine.search(body, index=self.index, preference=self._copy)

    def marked(self, dispatch: Dispatch, q: str) -> tuple[Marked | None, tuple[Marked, ...]]:
        """The title and every paragraph of a dispatch, with what of `q` is found in them; (None, ()) where nothing is.

        A dispatch is read whatever `q` is: one that cannot be read marks nothing.
        """
        try:
            query = self.understood(q)
        except QuerySyntaxError:
            return None, ()
        marks = highlight(query)
        if marks is None:
            return None, ()
        body = {"query": {"term": {"id": dispatch.id}}, "_source": False, "highlight": marks}
        hits = self._ask(body)["hits"]["hits"]
        quotes = [(quote.speaker, dispatch.body[quote.paragraph][quote.start : quote.end]) for quote in dispatch.quotes]
        title, body_marks = _marks(hits[0] if hits else {}, query, quotes)
        if not title and not body_marks:
            return None, ()
        # Elasticsearch gives back the paragraphs that have a hit; the others are shown as they are.
        found = {paragraph.text: paragraph for paragraph in body_marks}
        return title, tuple(found.get(text) or Marked(text) for text in dispatch.body)

    def listed(self, ids: Sequence[str], q: str = "") -> dict[str, Hit]:
        """The dispatches with these ids as a list of results shows them, whether or not they meet `q`; by id.

        A `q` that cannot be read marks nothing; an id that is gone is absent.
        """
        try:
            query = self.understood(q)
        except QuerySyntaxError:
            query = self.understood("")
        body: Body = {"query": {"terms": {"id": list(ids)}}, "size": len(ids), "_source": {"excludes": NOT_LISTED}}
        if marks := highlight(query):
            body["highlight"] = marks
        return {hit["_id"]: _hit(hit, query) for hit in self._ask(body)["hits"]["hits"]} if ids else {}

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
            hits=tuple(_hit(hit, query) for hit in found),
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
            hits = tuple(_hit(newest[story], query, folded.get(story)) for story in stories)
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


@dataclass(frozen=True, slots=True)
class _Moment:
    """The archive as a reader sees it while turning pages.

    The first page is read from the index as it is; from the second on, all is read at one point in time.
    """

    ask: Callable[[Body], Body]
    at: _PointInTime | None

    @property
    def point_in_time(self) -> str | None:
        return self.at.id if self.at else None


class _PointInTime:
    """Asks the engine of one moment."""

    def __init__(self, engine: Engine, id: str) -> None:
        self._engine = engine
        self.id = id

    def ask(self, body: Body) -> Body:
        try:
            answer = self._engine.search(body | {"pit": {"id": self.id, "keep_alive": KEEP_ALIVE}})
        except EngineRefused as error:
            raise BadCursor("Ce curseur n'est plus valable : relancez la recherche depuis la première page.") from error
        self.id = str(answer["pit_id"])
        return answer

    def place_of(self, after: tuple[Any, ...], body: Body) -> tuple[Any, ...]:
        """The sort values that the dispatch with these has at this moment.

        Every score falls when dispatches come that say the same words: a place that is told by its score of another
        moment may be pages away. Of a dispatch that is gone, the values stay.
        """
        asked = {"bool": {"must": [body["query"]], "filter": [{"term": {"id": str(after[SCORE_ID])}}]}}
        only = {"query": asked, "sort": body["sort"], "size": 1, "_source": False, "track_total_hits": False}
        hits = self.ask(only)["hits"]["hits"]
        return tuple(hits[0]["sort"]) if hits else after


@dataclass(frozen=True, slots=True)
class _Edges:
    """Makes the cursors to what is before and after a page."""

    digest: str
    point_in_time: str | None

    def cursor(self, after: tuple[Any, ...] | None, direction: Literal["next", "previous"]) -> str | None:
        return None if after is None else Cursor(after, direction, self.digest, self.point_in_time).encode()


def _marks(hit: Body, query: Query, quotes: Sequence[Said]) -> tuple[Marked | None, list[Marked]]:
    """The title and the paragraphs in which something was found."""
    told = hit.get("highlight", {})
    title = next(iter(read_all(told.get("title", ()))), None)
    return spoken(query, title, read_all(told.get("body", ())), quotes)


def _hit(hit: Body, query: Query, folded: Folded | None = None) -> Hit:
    quotes = [(quote["speaker"], quote["text"]) for quote in hit["_source"].get("quotes", ())]
    title, body = _marks(hit, query, quotes)
    chosen = passages(body)
    before = len(title.found) if title else 0
    return Hit(
        source=hit["_source"],
        score=hit["_score"],
        title_highlight=title.html() if title else None,
        body_highlights=tuple(passage.html(body) for passage in chosen),
        folded=folded,
        body_places=tuple(before + passage.hit + 1 for passage in chosen),
    )
