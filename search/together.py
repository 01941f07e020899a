"""Often with: values of a facet that go with the dispatches found more than with the others of the archive. Pure.

Elasticsearch's `significant_terms` looks up the frequency of every value it meets, 64,000 actors in 100,000 dispatches:
more than the whole page costs. Here the most frequent values of what was found are compared with the archive, each by
one look-up, and ranked by the same measure (JLH: how much more, times how many times more).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import sqrt
from typing import Any

from mappings.fields import Facet

Body = dict[str, Any]

# "Often" is among the most frequent: what comes after so many is in a few dispatches of a thousand.
MOST_CANDIDATES = 200
LEAST_TOGETHER = 2
MOST_SHOWN = 8

# How far above what chance would give, in standard deviations: of 200 candidates chance brings less than one that far.
DEVIATIONS = 3.0


def candidates(facet: Facet, filters: Sequence[Body]) -> Body:
    """The aggregation that counts the most frequent values of the dispatches found."""
    frequent = {"field": facet.levels, "size": MOST_CANDIDATES}
    return {"filter": {"bool": {"filter": list(filters)}}, "aggs": {"values": {"terms": frequent}}}


def read_candidates(answer: Mapping[str, Any]) -> dict[str, int]:
    """The values counted, but for those that are with one dispatch alone."""
    buckets = answer["values"]["buckets"]
    return {bucket["key"]: bucket["doc_count"] for bucket in buckets if bucket["doc_count"] >= LEAST_TOGETHER}


def in_archive(facet: Facet, values: Collection[str]) -> Body:
    """The aggregation that counts these values in the whole archive: a look-up each, no dispatch is read."""
    return {"filters": {"filters": {value: {"term": {facet.levels: value}} for value in values}}}


def telling(found: Mapping[str, int], found_total: int, archive: Mapping[str, int], archive_total: int) -> list[str]:
    """The values whose share of the dispatches found is well above their share of the archive, the most telling first.

    Args:
        found, archive: dispatches by value; totals: dispatches in all.
    """
    scores: dict[str, float] = {}
    for value, count in found.items():
        common = archive.get(value, 0)
        expected = found_total * common / archive_total if archive_total else 0.0
        if expected and count > expected + DEVIATIONS * sqrt(expected):
            share, usual = count / found_total, common / archive_total
            scores[value] = (share - usual) * share / usual
    return sorted(scores, key=lambda value: (-scores[value], value))[:MOST_SHOWN]
