"""Stories as results, on a real archive: each once, in its place, whichever way pages are turned."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from authorities.model import Authorities
from engine.client import Engine
from engine.errors import BadCursor
from mappings.dispatch import Dispatch, to_document
from mappings.lifecycle import Family
from search import folding
from search.compile import compile_request
from search.cursor import Cursor, digest_of
from search.folding import page_beside
from search.language import parse
from search.request import FacetFilter, SearchRequest, Sort
from search.result import SearchResult
from search.service import Archive

STORIES = 300
AGENCIES = ("AFP", "Reuters", "Xinhua", None)
START = datetime(2022, 8, 1, tzinfo=UTC)


def dispatch(id: str, story: str, chance: random.Random, **more: Any) -> Dispatch:
    """A dispatch with the word "texte" somewhere among others, so that scores differ, and seldom without a date."""
    words = ["texte"] * chance.randint(1, 4) + ["autre"] * chance.randint(0, 30)
    moment = START + timedelta(minutes=chance.randint(0, 60 * 24 * 30))
    return replace(
        Dispatch(
            id=id,
            story=story,
            body=(" ".join(words),),
            title="Titre",
            title_derived=False,
            lead="",
            raw=b"",
            raw_encoding="utf-8",
            agency=chance.choice(AGENCIES),
            published=None if chance.random() < 0.1 else moment,
        ),
        **more,
    )


def put(engine: Engine, family: Family, dispatches: Sequence[Dispatch]) -> None:
    actions = (
        {"_op_type": "index", "_index": family.write, "_id": d.id, "_source": to_document(d)} for d in dispatches
    )
    assert all(outcome.done for outcome in engine.bulk(actions, chunk_size=2000))
    engine.refresh(family.write)


def stories_of_all_sizes(chance: random.Random) -> list[Dispatch]:
    """Most stories have a few dispatches, some dozens; two in five dispatches were replaced."""
    found = []
    for number in range(STORIES):
        for member in range(chance.choice([1, 1, 1, 2, 3, 5, 8, 40])):
            status = chance.choice(["current", "current", "current", "superseded", "superseded"])
            found.append(
                dispatch(f"d{number:03}-{member:02}", f"h{number:03}", chance, status=status, version=member + 1)
            )
    chance.shuffle(found)
    return found


@pytest.fixture
def archive(engine: Engine, family: Family, authorities: Authorities) -> Archive:
    return Archive(engine, family.read, authorities, "Europe/Paris")


def every(archive: Archive, request: SearchRequest) -> list[str]:
    """Ids of all dispatches found, in order, not folded."""
    request = replace(request, group="none", size=100, facets=(), highlight=False)
    result = archive.search(request)
    ids = [hit.id for hit in result.hits]
    while result.next:
        result = archive.search(replace(request, cursor=result.next))
        ids += [hit.id for hit in result.hits]
    return ids


def in_order(found: Sequence[str]) -> list[str]:
    """The stories of dispatches (`d012-03` -> `h012`), each where it first appears."""
    return list(dict.fromkeys(f"h{id[1:4]}" for id in found))


def stories(result: SearchResult) -> list[str]:
    return [hit.source["story"] for hit in result.hits]


@pytest.mark.parametrize(
    ("request_", "size"),
    [
        (SearchRequest(q="texte"), 7),
        (SearchRequest(q="texte", versions="all"), 20),
        (SearchRequest(q="texte", sort="newest", versions="all"), 100),
        (SearchRequest(sort="newest"), 1),
        (SearchRequest(sort="oldest", versions="all"), 13),
        (SearchRequest(q="texte", filters={"agency": FacetFilter(any=("AFP",))}), 9),
        (SearchRequest(q="texte", filters={"agency": FacetFilter(none=("AFP",))}, facets=()), 30),
        (SearchRequest(dated="no", versions="all"), 4),
    ],
)
def test_pages_forward_and_back_give_every_story_once_while_dispatches_arrive(
    engine: Engine, family: Family, archive: Archive, request_: SearchRequest, size: int
) -> None:
    chance = random.Random(size)
    put(engine, family, stories_of_all_sizes(chance))
    expected = in_order(every(archive, request_))
    request = replace(request_, group="story", size=size)
    result = archive.search(request)
    assert result.stories == len(expected)
    assert result.previous is None
    pages = [stories(result)]
    while result.next:
        result = archive.search(replace(request, cursor=result.next))
        pages.append(stories(result))
        if len(pages) in (2, 5):
            # New dispatches of old stories and of new ones, which would stand before, between and after what was read.
            put(engine, family, [dispatch(f"n{len(pages)}{n}", f"h{n:03}", chance) for n in range(0, 400, 9)])
    assert [story for page in pages for story in page] == expected
    assert all(len(page) == size for page in pages[:-1])
    back = [pages[-1]]
    while result.previous:
        result = archive.search(replace(request, cursor=result.previous))
        back.insert(0, stories(result))
    assert back == pages


@pytest.mark.parametrize("after", [(), (1.5,), ("2022-08-08", "d"), (1, 2), (1.5, "x", "d"), ("a", 1, "d")], ids=repr)
@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_a_forged_cursor_is_refused(archive: Archive, after: tuple[Any, ...], sort: Sort) -> None:
    request = SearchRequest(sort=sort, group="story")
    forged = Cursor(after, "next", digest_of(request)).encode()
    with pytest.raises(BadCursor):
        archive.search(replace(request, cursor=forged))


def test_shown_is_the_newest_found_with_its_words_marked(engine: Engine, family: Family, archive: Archive) -> None:
    chance = random.Random(1)
    told: list[dict[str, Any]] = [
        {"published": START, "version": 1, "status": "superseded", "agency": "AFP", "body": ("texte texte texte",)},
        {
            "published": START + timedelta(hours=2),
            "version": 2,
            "agency": "AFP",
            "body": ("texte et bien d'autres mots",),
        },
        {"published": START + timedelta(hours=1), "version": 1, "agency": "Xinhua", "body": ("texte",)},
        {"published": START + timedelta(hours=9), "version": 3, "agency": "AFP", "body": ("sans le mot",)},
        {"published": None, "version": 1, "agency": None, "body": ("texte",)},
    ]
    put(engine, family, [dispatch(f"d{n}", "h", chance, **more) for n, more in enumerate(told)])
    result = archive.search(SearchRequest(q="texte", group="story", versions="all"))
    assert (result.total, result.stories) == (4, 1)
    (hit,) = result.hits
    assert hit.id == "d1"
    assert hit.body_highlights == ("<mark>texte</mark> et bien d'autres mots",)
    assert hit.folded is not None
    assert (hit.folded.count, hit.folded.agencies) == (4, ("AFP", "Xinhua"))
    current = archive.search(SearchRequest(q="texte", group="story")).hits[0].folded
    assert current is not None
    assert current.count == 3


def test_of_one_day_the_highest_version_is_the_newest(engine: Engine, family: Family, archive: Archive) -> None:
    chance = random.Random(1)
    put(engine, family, [dispatch(f"d{n}", "h", chance, published=START, version=n) for n in (1, 3, 2)])
    assert [hit.id for hit in archive.search(SearchRequest(group="story")).hits] == ["d3"]


def test_a_story_of_thousands_costs_one_round_more(engine: Engine, family: Family, archive: Archive) -> None:
    chance = random.Random(1)
    giant = [dispatch(f"g{n:04}", "giant", chance, published=START + timedelta(seconds=n)) for n in range(3000)]
    around = [
        dispatch(f"d{n:03}-00", f"h{n:03}", chance, published=START + timedelta(seconds=10_000 if n < 5 else -n))
        for n in range(10)
    ]
    put(engine, family, giant + around)
    request = SearchRequest(sort="newest", group="story", size=4)
    first = archive.search(request)
    assert stories(first) == ["h000", "h001", "h002", "h003"]
    assert first.next is not None
    body = compile_request(replace(request, facets=()), parse(""), "Europe/Paris")
    asked: list[dict[str, Any]] = []

    def ask(body: dict[str, Any]) -> dict[str, Any]:
        asked.append(body)
        return engine.search(body, index=family.read)

    after = Cursor.decode(first.next, request).after
    page = page_beside(ask, request, body, body, after, backward=False)
    assert [place.story for place in page.places] == ["h004", "giant", "h005", "h006"]
    # The second round leaves the giant out; each round asks for dispatches, and for the first of their stories.
    assert len(asked) == 4


def test_short_pages_lose_nothing_and_lead_on(
    engine: Engine, family: Family, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "MOST_ROUNDS", 1)
    monkeypatch.setattr(folding, "READ_PER_RESULT", 1)
    put(engine, family, stories_of_all_sizes(random.Random(3)))
    request = SearchRequest(q="texte", group="story", size=5)
    result = archive.search(request)
    pages = [stories(result)]
    while result.next:
        result = archive.search(replace(request, cursor=result.next))
        pages.append(stories(result))
    expected = in_order(every(archive, request))
    assert [story for page in pages for story in page] == expected
    assert [] in pages  # nothing but stories already seen in one round
    back = [pages[-1]]
    while result.previous:
        result = archive.search(replace(request, cursor=result.previous))
        back.insert(0, stories(result))
    assert [story for page in back for story in page] == expected
