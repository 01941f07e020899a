"""Long lists a handful at a time: as many rows as a statement takes, as many queries as a search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def handfuls(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` values, the last one of what is left; none of no values. Values are taken as lists are asked for."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
