"""Paging to the end of an archive larger than Elasticsearch's 10,000, while dispatches arrive."""

from __future__ import annotations

from dataclasses import replace

from authorities.model import Authorities
from engine.client import Engine
from mappings.dispatch import Dispatch, to_document
from mappings.lifecycle import Family
from search.request import SearchRequest
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
    from search.cursor import Cursor

    assert second.next is not None
    cursor = Cursor.decode(second.next, request)
    assert cursor.point_in_time is not None
    engine.close_point_in_time(cursor.point_in_time)
    third = archive.search(replace(request, cursor=second.next))
    assert [hit.id for hit in third.hits] == [f"d{number:06}" for number in range(20, 30)]
    assert third.next is None
