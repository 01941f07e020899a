"""What was looked up is not looked up again, for a while."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from authorities.model import Authorities
from engine.client import Engine
from indexer.load import Tally
from search.beside import KNOWN_FOR, Beside, Body
from search.remembered import Remembered
from search.request import SearchRequest
from search.service import Archive


class Asked:
    """A look-up that remembers what it was asked: lengths of words, but for blanks."""

    def __init__(self) -> None:
        self.keys: list[list[str]] = []

    def __call__(self, keys: list[str]) -> Mapping[str, int]:
        self.keys.append(keys)
        return {key: len(key) for key in keys if key.strip()}


def test_only_what_is_missing_is_looked_up() -> None:
    asked, known = Asked(), Remembered[str, int](10, 100, lambda: 0)
    assert known.get(["a", "bb", "a"], asked) == {"a": 1, "bb": 2}
    assert known.get(["bb", "ccc"], asked) == {"bb": 2, "ccc": 3}
    assert known.get(["a", "ccc"], asked) == {"a": 1, "ccc": 3}
    assert known.get([], asked) == {}
    assert asked.keys == [["a", "bb"], ["ccc"]]


def test_what_has_no_answer_is_asked_for_again() -> None:
    asked, known = Asked(), Remembered[str, int](10, 100, lambda: 0)
    assert known.get([" ", "a"], asked) == known.get(["a", " "], asked) == {"a": 1}
    assert asked.keys == [[" ", "a"], [" "]]


def test_it_is_looked_up_again_when_it_is_old() -> None:
    moments = iter((0.0, 9.9, 10.0, 19.9))
    asked, known = Asked(), Remembered[str, int](10, 100, lambda: next(moments))
    for _ in range(4):
        known.get(["a"], asked)
    assert asked.keys == [["a"], ["a"]]


def test_the_oldest_are_forgotten_first() -> None:
    asked, known = Asked(), Remembered[str, int](10, 2, lambda: 0)
    for key in ("a", "b", "c", "b", "c", "a"):
        known.get([key], asked)
    assert asked.keys == [["a"], ["b"], ["c"], ["a"]]


def test_threads_may_share_it() -> None:
    known = Remembered[str, int](10, 5, lambda: 0)

    def many(start: int) -> bool:
        return all(
            known.get([str(n), str(n + 1)], lambda keys: {key: int(key) for key in keys})
            == {str(n): n, str(n + 1): n + 1}
            for n in range(start, start + 2000)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(many, range(0, 80, 10)))


def test_what_a_name_is_is_asked_of_the_engine_once(
    engine: Engine, index_prefix: str, samples: Tally, authorities: Authorities
) -> None:
    asked: list[Body] = []
    moment = 0.0

    def ask(body: Body) -> Body:
        asked.append(body)
        return engine.search(body, index=index_prefix)

    archive = Archive(engine, index_prefix, authorities, "Europe/Paris")
    facets = archive.search(SearchRequest(facets=("actor",), facet_size=500)).facets
    beside = Beside(ask, archive.names, lambda: moment)
    bare = tuple(replace(facet, values=tuple(replace(value, kind=None) for value in facet.values)) for facet in facets)
    for _ in range(3):
        assert beside.facets_with_kinds(bare) == facets
    assert len(asked) == 1
    moment = KNOWN_FOR
    assert beside.facets_with_kinds(bare) == facets
    assert len(asked) == 2
