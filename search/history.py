"""The versions of a dispatch, and what other agencies sent of the same story: which are read, and what is left out.

A chain is the dispatches of one story and one agency, oldest first. Those of no known agency are one chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mappings.dispatch import Dispatch, from_document
from search.compile import NOT_LISTED, Body
from search.facets import CURRENT_STATUSES
from search.folding import NEWEST
from search.versions import Change, Span, changes, word_changes

Ask = Callable[[Body], Body]

# Versions listed before and after the one asked for, and dispatches of other agencies: more than stories have (an
# agency seldom sends ten versions), and a bound where thousands were taken for one.
MOST_BEFORE, MOST_AFTER, MOST_OTHERS = 20, 20, 50

# Characters compared in one answer, both sides counted: 600,000 take 0.3 s, ten versions of an ordinary dispatch 5 ms.
MOST_COMPARED = 2_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """From one version to the next: what changed in the body, and in the title (empty: nothing)."""

    body: tuple[Change, ...]
    title: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a chain; `asked`: the one the history is of.

    `step` is None for the first version, and where texts were not compared. `too_long` says that they were to be, and
    that there was too much of them.
    """

    dispatch: Dispatch
    asked: bool
    step: Step | None = None
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """Where a dispatch stands in its story. Dispatches are without `raw`, and without body unless compared.

    Args:
        chain: its versions, oldest first.
        in_force: the version that stands; None where the agency withdrew all.
        others: what other agencies sent, the newest first, without what they have replaced since.
        earlier, later, further: how many versions before and after, and others, are left out.
    """

    chain: tuple[Version, ...]
    in_force: Dispatch | None
    others: tuple[Dispatch, ...]
    earlier: int
    later: int
    further: int


def read_history(ask: Ask, dispatch: Dispatch, *, compare: bool) -> History:
    """The history of a dispatch; with `compare`, each version against the one before it."""
    before, count_before = _read(ask, _side(dispatch, "lt"), _order("desc"), MOST_BEFORE + 1, body=compare)
    after, count_after = _read(ask, _side(dispatch, "gt"), _order("asc"), MOST_AFTER, body=compare)
    others, count_others = _read(ask, _others(dispatch), NEWEST, MOST_OTHERS, body=False)
    members = [*reversed(before), dispatch, *after]
    chain = list(_compared(members, dispatch.id)) if compare else [Version(each, each is dispatch) for each in members]
    # One more was read before the first listed: it is what the first is compared with.
    chain = chain[max(0, len(before) - MOST_BEFORE) :]
    earlier, later = max(0, count_before - MOST_BEFORE), count_after - len(after)
    standing = [each.dispatch for each in chain if each.dispatch.status in CURRENT_STATUSES]
    if not standing and (earlier or later):
        standing, _ = _read(ask, _standing(dispatch), _order("desc"), 1, body=False)
    return History(
        chain=tuple(chain),
        in_force=standing[-1] if standing else None,
        others=tuple(others),
        earlier=earlier,
        later=later,
        further=count_others - len(others),
    )


def _compared(members: Sequence[Dispatch], asked: str) -> Iterator[Version]:
    left = MOST_COMPARED
    yield Version(members[0], members[0].id == asked)
    for previous, member in pairwise(members):
        left -= sum(len(paragraph) for each in (previous, member) for paragraph in each.body)
        step = _step(previous, member) if left >= 0 else None
        yield Version(member, member.id == asked, step, too_long=step is None)


def _step(previous: Dispatch, member: Dispatch) -> Step:
    title = word_changes(previous.title, member.title) if previous.title != member.title else ()
    return Step(changes(previous.body, member.body), title)


def _read(ask: Ask, query: Body, order: list[Body], size: int, *, body: bool) -> tuple[list[Dispatch], int]:
    """Dispatches, and how many there are in all."""
    excluded = [name for name in NOT_LISTED if not (body and name == "body")]
    answer = ask(
        {"query": query, "sort": order, "size": size, "track_total_hits": True, "_source": {"excludes": excluded}}
    )
    hits = answer["hits"]
    return [from_document(hit["_source"]) for hit in hits["hits"]], hits["total"]["value"]


def _order(way: str) -> list[Body]:
    """By version; two of one number are told apart by their ids (a story that is not settled yet)."""
    return [{"version": {"order": way}}, {"id": {"order": way}}]


def _story(dispatch: Dispatch) -> Body:
    return {"term": {"story": dispatch.story}}


def _agency(dispatch: Dispatch) -> Body:
    if dispatch.agency is None:
        return {"bool": {"must_not": [{"exists": {"field": "agency"}}]}}
    return {"term": {"agency": dispatch.agency}}


def _side(dispatch: Dispatch, way: str) -> Body:
    """The chain before (`lt`) or after (`gt`) a dispatch."""
    same = {"bool": {"filter": [{"term": {"version": dispatch.version}}, {"range": {"id": {way: dispatch.id}}}]}}
    beside: Body = {"bool": {"should": [{"range": {"version": {way: dispatch.version}}}, same]}}
    return _all(_story(dispatch), _agency(dispatch), beside)


def _standing(dispatch: Dispatch) -> Body:
    return _all(_story(dispatch), _agency(dispatch), {"terms": {"status": list(CURRENT_STATUSES)}})


def _others(dispatch: Dispatch) -> Body:
    replaced = {"term": {"status": "superseded"}}
    return {"bool": {"filter": [_story(dispatch)], "must_not": [_agency(dispatch), replaced]}}


def _all(*filters: dict[str, Any]) -> Body:
    return {"bool": {"filter": list(filters)}}
