"""Paths open level by level: the top level first, then what is below the levels a reader opened or selected. Pure.

A level is opened by `venue.under=`, or because a selected value is on it or below it. Each is counted by itself, so
that `other` and `missing` are those of one level, and a level of ten cities never pushes out a continent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from authorities.model import PATH_SEPARATOR
from mappings.dispatch import path_levels
from mappings.fields import Facet
from search.request import LARGEST_FACET_SIZE, MOST_OPEN, FacetFilter, SearchRequest
from search.result import FacetValue, Level
from search.spelling import ONE_LEVEL

Body = dict[str, Any]

# What means something there; the rest of a path is taken as it is.
SPECIAL = re.compile(r'([.?+*|{}\[\]()"\\#@&<>~^$/-])')


class Branches(NamedTuple):
    """`opened`: levels whose next level is listed; `named`: levels listed whatever their count."""

    opened: tuple[str, ...]
    named: tuple[str, ...]


def branches(request: SearchRequest, facet: Facet) -> Branches:
    """What is open: the levels asked for and the selected ones, with all above them."""
    wanted = request.filters.get(facet.name, FacetFilter())
    open_paths = (*request.under.get(facet.name, ()), *wanted.any, *wanted.all)
    opened = list(dict.fromkeys(level for path in open_paths for level in path_levels(path)))
    # An excluded value is seen among its brothers; nothing of it is left to open.
    opened += [level for path in wanted.none for level in path_levels(path)[:-1] if level not in opened]
    return Branches(tuple(opened[:MOST_OPEN]), tuple(dict.fromkeys((*opened, *wanted.values))))


def level_counts(request: SearchRequest, facet: Facet) -> Body:
    """The aggregations that count the top level and every opened one."""
    opened, named = branches(request, facet)
    counts: Body = {}
    for name, above in [("values", None), *((f"under_{number}", path) for number, path in enumerate(opened))]:
        include = ONE_LEVEL if above is None else f"{_literal(above + PATH_SEPARATOR)}{ONE_LEVEL}"
        order = [{"_count": "desc"}, {"_key": "asc"}]
        counts[name] = {
            "terms": {"field": facet.levels, "size": request.facet_size, "include": include, "order": order}
        }
        # Which of them can be opened: the most frequent ones of a level are not those that most often go on.
        counts[f"{name}_inner"] = {
            "terms": {"field": facet.inner, "size": LARGEST_FACET_SIZE, "include": include, "order": order}
        }
    if named:
        counts["named"] = {"filters": {"filters": {path: {"term": {facet.levels: path}} for path in named}}}
        counts["named_inner"] = {"filters": {"filters": {path: {"term": {facet.inner: path}} for path in named}}}
    return counts


def read_levels(request: SearchRequest, facet: Facet, counts: Mapping[str, Any]) -> tuple[tuple[FacetValue, ...], int]:
    """The values of a facet as a tree is read, children under their parents, brothers by count; and the top's `other`."""
    opened, _ = branches(request, facet)
    named, selected = _filtered(counts, "named"), _filtered(counts, "selected")
    listed: dict[str, int] = {}
    inner = {path: count for path, count in _filtered(counts, "named_inner").items() if count}
    others: dict[str | None, int] = {}
    for name, above in [("values", None), *((f"under_{number}", path) for number, path in enumerate(opened))]:
        values = {bucket["key"]: bucket["doc_count"] for bucket in counts[name]["buckets"]}
        besides = sum(count for path, count in named.items() if _parent(path) == above and path not in values)
        others[above] = max(counts[name]["sum_other_doc_count"] - besides, 0)
        listed |= values
        inner |= {bucket["key"]: bucket["doc_count"] for bucket in counts[f"{name}_inner"]["buckets"]}
    # A selected value that is no path of ours ("Battambang") is counted by its name; levels above none are not listed.
    listed |= {path: count for path, count in named.items() if path not in listed and (count or path in opened)}
    listed |= {path: count for path, count in selected.items() if not listed.get(path)}

    def value(path: str) -> FacetValue:
        parts = path.split(PATH_SEPARATOR)
        count = listed[path]
        is_open = path in opened and path in inner
        return FacetValue(
            path,
            parts[-1],
            count,
            path in selected,
            depth=len(parts) - 1,
            children=path in inner,
            inside=Level(others[path], count - inner[path]) if is_open else None,
        )

    return tuple(value(path) for path in as_tree(listed, listed)), others[None]


def as_tree(paths: Iterable[str], counts: Mapping[str, int]) -> list[str]:
    """Paths in the order a tree is read in: children right under their parents, brothers by count."""

    def place(path: str) -> list[tuple[int, str]]:
        return [(-counts.get(level, counts[path]), level) for level in path_levels(path)]

    return sorted(paths, key=place)


def _filtered(counts: Mapping[str, Any], name: str) -> dict[str, int]:
    return {path: bucket["doc_count"] for path, bucket in counts.get(name, {}).get("buckets", {}).items()}


def _parent(path: str) -> str | None:
    above, separator, _ = path.rpartition(PATH_SEPARATOR)
    return above if separator else None


def _literal(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text)
