"""Paging to the end of an archive larger than Elasticsearch's 10,000, while dispatches arrive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from authorities.model import Authorities
from engine.client import Engine
from mappings.dispatch import Dispatch, to_document
from mappings.lifecycle import Family
from search.cursor import Cursor
from search.request import Group, SearchRequest, Sort
from search.result import SearchResult
from search.service import Archive

COUNT = 10_400


def small(number: int) -> Dispatch:
    return Dispatch(
        id=f"d{number:06}",
        body=("Un texte.",),
        title="Titre",
        title_derived=False,
        lead="",
        raw=b"",
        raw_encoding="utf-8",
    )


def put(engine: Engine, family: Family, numbers: range) -> None:
    actions = (
        {"_op_type": "create", "_index": family.write, "_id": d.id, "_source": to_document(d)}
        for d in map(small, numbers)
    )
    assert all(outcome.done for outcome in engine.bulk(actions, chunk_size=2000))
    engine.refresh(family.write)


def test_to_the_end_and_nothing_twice_while_dispatches_arrive(
    engine: Engine, family: Family, authorities: Authorities
) -> None:
    put(engine, family, range(COUNT))
    archive = Archive(engine, family.read, authorities, "Europe/Paris")
    request = SearchRequest(q="texte", size=100, facets=(), highlight=False)
    result = archive.search(request)
    assert result.total == COUNT
    seen = [hit.id for hit in result.hits]
    while result.next:
        result = archive.search(replace(request, cursor=result.next))
        if len(seen) == 1000:
            # These sort before everything read so far: without a point in time they would shift the pages.
            put(engine, family, range(-50, 0))
        seen += [hit.id for hit in result.hits]
    assert seen == [f"d{number:06}" for number in range(COUNT)]


def test_a_point_in_time_that_is_gone_does_not_end_the_reading(
    engine: Engine, family: Family, authorities: Authorities
) -> None:
    put(engine, family, range(30))
    archive = Archive(engine, family.read, authorities, "Europe/Paris")
    request = SearchRequest(size=10, facets=())
    first = archive.search(request)
    second = archive.search(replace(request, cursor=first.next))
    assert second.next is not None
    cursor = Cursor.decode(second.next, request)
    assert cursor.point_in_time is not None
    engine.close_point_in_time(cursor.point_in_time)
    third = archive.search(replace(request, cursor=second.next))
    assert [hit.id for hit in third.hits] == [f"d{number:06}" for number in range(20, 30)]
    assert third.next is None


# -- both ways while dispatches arrive ---------------------------------------------------------------------------------


def worded(number: int, *, words: int) -> Dispatch:
    """A dispatch that is better for "texte" the more often it says it."""
    return replace(
        small(number),
        body=("texte " * words + "mot " * (60 - words),),
        story=f"s{number // 2:06}",
        published=datetime(2022, 8, 8, tzinfo=UTC) + timedelta(minutes=number),
        date_precision="minute",
    )


def arriving(number: int) -> list[Dispatch]:
    """Four more, among the best, the newest and the oldest: without a moment of one's own they shift every page."""
    return [
        replace(
            worded(1000 + 4 * number + place, words=40 + place),
            published=datetime(2020 if place % 2 else 2024, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        )
        for place in range(4)
    ]


@pytest.mark.parametrize("group", ["none", "story"])
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_forward_and_back_are_the_same_sequence(
    engine: Engine, family: Family, authorities: Authorities, sort: Sort, group: Group
) -> None:
    write(engine, family, (worded(number, words=1 + number % 37) for number in range(60)))
    archive = Archive(engine, family.read, authorities, "Europe/Paris")
    request = SearchRequest(q="texte", sort=sort, group=group, size=7, facets=(), highlight=False)
    result = archive.search(replace(request, cursor=archive.search(request).next))
    total, forward, arrivals = result.total, [ids(result)], 0
    assert total == 60
    while result.next:
        write(engine, family, arriving(arrivals))
        arrivals += 1
        result = archive.search(replace(request, cursor=result.next))
        assert result.total == total
        forward.append(ids(result))
    back = [ids(result)]
    while result.previous and len(back) < len(forward):
        write(engine, family, arriving(arrivals))
        arrivals += 1
        result = archive.search(replace(request, cursor=result.previous))
        assert result.total == total
        back.append(ids(result))
    assert back[::-1] == forward
    seen = [id for page in forward for id in page]
    assert len(seen) == len(set(seen)) == (53 if group == "none" else 23)


@pytest.mark.parametrize("lost", [False, True], ids=["first page", "point in time gone"])
@pytest.mark.parametrize("group", ["none", "story"])
def test_scores_that_shift_between_two_moments_repeat_and_skip_nothing(
    engine: Engine, family: Family, authorities: Authorities, group: Group, lost: bool
) -> None:
    """Dispatches that say a word make it worth less: every score falls, and a place told by its score is elsewhere."""
    write(engine, family, (worded(2 * number, words=1 + number) for number in range(40)))
    write(engine, family, (replace(small(500 + number), body=("Autre.",)) for number in range(400)))
    archive = Archive(engine, family.read, authorities, "Europe/Paris")
    request = SearchRequest(q="texte", group=group, size=10, facets=(), highlight=False)
    result = archive.search(request)
    seen = ids(result)
    if lost:
        result = archive.search(replace(request, cursor=result.next))
        seen += ids(result)
        assert result.next
        point_in_time = Cursor.decode(result.next, request).point_in_time
        assert point_in_time
        engine.close_point_in_time(point_in_time)
    # Said once among many words: they are last.
    write(
        engine,
        family,
        (replace(worded(2000 + number, words=1), body=("texte " + "mot " * 300,)) for number in range(300)),
    )
    while len(seen) < 40:
        assert result.next
        result = archive.search(replace(request, cursor=result.next))
        seen += ids(result)
    assert seen == [f"d{2 * number:06}" for number in reversed(range(40))]


def write(engine: Engine, family: Family, dispatches: Iterable[Dispatch]) -> None:
    actions = (
        {"_op_type": "create", "_index": family.write, "_id": d.id, "_source": to_document(d)} for d in dispatches
    )
    assert all(outcome.done for outcome in engine.bulk(actions, chunk_size=2000))
    engine.refresh(family.write)


def ids(result: SearchResult) -> list[str]:
    return [hit.id for hit in result.hits]
