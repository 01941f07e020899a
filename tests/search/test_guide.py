"""The guide to writing a query says what is so: every example of `docs/requete.md` is read as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.errors import QuerySyntaxError
from search.language import DEEPEST, FARTHEST, MOST_CLAUSES, parse
from search.request import LONGEST_QUERY
from search.tokens import OPERATORS
from search.tree import FACET_PREFIXES

GUIDE = (Path(__file__).parents[2] / "docs/requete.md").read_text(encoding="utf-8")

# | `typed` | said | or | `typed` | `the same` | or | `typed` | error | `instead` |
ROWS = [re.findall(r"(?<=\| ).*?(?= \|)", line) for line in GUIDE.splitlines() if line.startswith("| `")]
REFUSED = [tuple(cell.strip("`") for cell in row) for row in ROWS if len(row) == 3]
SAME = [tuple(cell.strip("`") for cell in row) for row in ROWS if len(row) == 2 and row[1].startswith("`")]
READ = [row[0].strip("`") for row in ROWS if len(row) == 2]


def test_the_examples_are_found() -> None:
    assert len(READ) > 30 and len(SAME) == 4 and len(REFUSED) == 6


@pytest.mark.parametrize("typed", READ)
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
    assert word in GUIDE


@pytest.mark.parametrize("limit", [f"{LONGEST_QUERY:,}".replace(",", " "), DEEPEST, MOST_CLAUSES, FARTHEST])
def test_every_limit_is_told(limit: object) -> None:
    assert f"{limit} " in GUIDE or f"/{limit}`" in GUIDE
