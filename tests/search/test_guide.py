"""The guides to writing a query say what is so: every example of `docs/requete.md` and `docs/query.md` is read as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.errors import QuerySyntaxError
from search.language import DEEPEST, FARTHEST, MOST_CLAUSES, parse
from search.request import LONGEST_QUERY
from search.tokens import OPERATORS
from search.tree import FACET_PREFIXES

DOCS = Path(__file__).parents[2] / "docs"
FRENCH, ENGLISH = ((DOCS / name).read_text(encoding="utf-8") for name in ("requete.md", "query.md"))

Rows = list[list[str]]


def rows(guide: str, cells: int, *, same: bool = False) -> Rows:
    """The rows of examples: | `typed` | said |, | `typed` | `the same` |, | `typed` | error | `instead` |."""
    found = [re.findall(r"(?<=\| ).*?(?= \|)", line) for line in guide.splitlines() if line.startswith("| `")]
    kept = [row for row in found if len(row) == cells and (not same or row[1].startswith("`"))]
    return [[cell.strip("`") for cell in row] for row in kept]


REFUSED, REFUSED_IN_ENGLISH = rows(FRENCH, 3), rows(ENGLISH, 3)
SAME = [*rows(FRENCH, 2, same=True), *rows(ENGLISH, 2, same=True)]
READ, READ_IN_ENGLISH = ([row[0] for row in rows(guide, 2)] for guide in (FRENCH, ENGLISH))


def test_the_examples_are_found() -> None:
    assert len(READ) > 30 and len(SAME) == 8 and len(REFUSED) == 6


def test_both_guides_have_the_same_examples() -> None:
    def meant(queries: list[str]) -> list[str]:
        return sorted(str(parse(query)) for query in queries)

    assert meant(READ) == meant(READ_IN_ENGLISH)
    assert [row[2] for row in REFUSED] == [row[2].replace("OR", "OU") for row in REFUSED_IN_ENGLISH]


@pytest.mark.parametrize("typed", sorted({*READ, *READ_IN_ENGLISH}))
def test_an_example_is_read_without_a_warning(typed: str) -> None:
    query = parse(typed)
    assert query.nodes and not query.warnings


@pytest.mark.parametrize(("typed", "same"), SAME)
def test_what_binds_most(typed: str, same: str) -> None:
    assert str(parse(typed)) == str(parse(same))


@pytest.mark.parametrize(("typed", "detail", "instead"), REFUSED)
def test_what_is_refused(typed: str, detail: str, instead: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(typed)
    assert caught.value.detail.startswith(detail)
    assert caught.value.suggestion == instead


@pytest.mark.parametrize("word", [*OPERATORS, *(f"{name}:" for name in ("titre", "parole", "date", *FACET_PREFIXES))])
def test_every_operator_and_field_is_told(word: str) -> None:
    assert word in FRENCH and word in ENGLISH


@pytest.mark.parametrize("limit", [LONGEST_QUERY, DEEPEST, MOST_CLAUSES, FARTHEST])
def test_every_limit_is_told(limit: int) -> None:
    for guide, written in ((FRENCH, f"{limit:,}".replace(",", " ")), (ENGLISH, f"{limit:,}")):
        assert f"{written} " in guide or f"/{written}`" in guide
