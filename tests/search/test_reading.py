"""What a real archive answers about dates it does not know, and about damaged words left as they came."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from authorities.model import Authorities
from engine.client import Engine
from mappings.dispatch import Dispatch, Doubt, to_document
from mappings.lifecycle import Family
from search.request import SearchRequest, Sort
from search.service import Archive

START = datetime(2022, 8, 5, tzinfo=UTC)


def dispatch(id: str, day: int | None, text: str = "Un texte.") -> Dispatch:
    return Dispatch(
        id=id,
        body=(text,),
        title="Titre",
        title_derived=False,
        lead="",
        raw=b"",
        raw_encoding="utf-8",
        published=None if day is None else START + timedelta(days=day),
        date_text="08h52 le 08/08" if day is None else None,
    )


@pytest.fixture
def archive(engine: Engine, family: Family, authorities: Authorities) -> Archive:
    """Two dispatches with a date between two without; one of these has a word that may have been another."""
    told = [
        dispatch("a", None),
        dispatch("b", 1),
        dispatch("c", 2),
        replace(dispatch("d", None, "La c?te bretonne."), doubts=(Doubt(0, 3, 7, ("côte", "cote")),)),
    ]
    actions = [{"_op_type": "index", "_index": family.write, "_id": d.id, "_source": to_document(d)} for d in told]
    assert all(outcome.done for outcome in engine.bulk(actions))
    engine.refresh(family.write)
    return Archive(engine, family.read, authorities, "Europe/Paris")


@pytest.mark.parametrize(
    ("sort", "expected"), [("newest", "cbad"), ("oldest", "bcad"), ("relevance", "cbad")]
)  # without words, all are as relevant
@pytest.mark.parametrize("group", ["none", "story"])
def test_unknown_dates_come_last_in_every_order_both_ways(
    archive: Archive, sort: Sort, expected: str, group: str
) -> None:
    request = SearchRequest(sort=sort, size=1, group="story" if group == "story" else "none")
    result = archive.search(request)
    forward = [hit.id for hit in result.hits]
    while result.next:
        result = archive.search(replace(request, cursor=result.next))
        forward += [hit.id for hit in result.hits]
    assert "".join(forward) == expected
    back = [hit.id for hit in result.hits]
    while result.previous:
        result = archive.search(replace(request, cursor=result.previous))
        back += [hit.id for hit in result.hits]
    assert "".join(reversed(back)) == expected


def test_dispatches_without_a_date_can_be_asked_for_and_left_out(archive: Archive) -> None:
    everything = archive.search(SearchRequest())
    assert (everything.total, everything.undated) == (4, 2)
    without = archive.search(SearchRequest(dated="no"))
    assert ([hit.id for hit in without.hits], without.undated, without.timeline) == (["a", "d"], 2, None)
    assert without.hits[0].source["date_text"] == "08h52 le 08/08"
    known = archive.search(SearchRequest(dated="yes"))
    assert ([hit.id for hit in known.hits], known.undated) == (["c", "b"], 0)
    assert archive.search(SearchRequest(facets=())).undated is None


@pytest.mark.parametrize(("q", "mark"), [("côtes", "<mark>c?te</mark>"), ("« la côte »", "<mark>La c?te</mark>")])
def test_what_a_damaged_word_may_have_been_finds_it_and_marks_it(archive: Archive, q: str, mark: str) -> None:
    (hit,) = archive.search(SearchRequest(q=q)).hits
    assert hit.id == "d"
    assert mark in hit.body_highlights[0]
    _, (paragraph,) = archive.marked(archive.get("d"), q)
    assert mark in paragraph.html()


def test_nothing_an_answer_lists_is_bookkeeping(archive: Archive) -> None:
    names = {name for hit in archive.search(SearchRequest()).hits for name in hit.source}
    kept_back = {"raw", "body", "received", "cluster", "bands", "settled", "doubts", "readings_1", "venue_levels"}
    assert names & kept_back == set()
