"""Where new dispatches stand among those of the archive: neighbours are looked up, `indexer/stories.py` decides.

    arrivals -> who shares a band or an agency's id (one search for a group) -> their whole clusters -> absorb

Nothing is written here. Lookups leave nobody out, for a neighbour left out would make the order of loading matter; only
forms sent by the thousand are bounded, so that they neither stop a load nor make one story of all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.client import Body, Engine
from indexer.received import stated_of
from indexer.stories import WINDOW, Candidate, Placement, absorb, candidate
from mappings.dispatch import Dispatch, from_document, instant

# Dispatches looked up together, with bands of 50 keywords each: 100 take one search of 5,000 terms, some 10 ms. Their
# days lie close, so that the search need not look at other years.
GROUP = 100
GROUP_SPAN = timedelta(days=10)

# Clusters that may hold neighbours of a group. Forms sent by the thousand (results town by town) share their set words
# and are no near-duplicates: beyond this many, each arrival asks for the ones most like it. A group of ordinary
# dispatches has some 70.
MOST_CLUSTERS = 500
MOST_ALIKE = 50
# A cluster this large is a form and no story: it takes nothing more. What would have joined it makes another.
LARGEST_CLUSTER = 300

# Clusters fetched at once; Elasticsearch takes 65,536 terms.
FETCHED = 2000

# What a candidate and its placement are made of; the rest of a document is not fetched.
_FIELDS = (
    *("id", "title", "title_derived", "lead", "body", "agency", "agency_id", "published", "updated", "date_precision"),
    *("received", "story", "version", "status", "cluster"),
)


def candidate_of(dispatch: Dispatch) -> Candidate:
    """What stories need of a dispatch, new or of the archive."""
    stated = stated_of(dispatch.received)
    return candidate(
        id=dispatch.id,
        title=dispatch.title,
        body=dispatch.body,
        lead=dispatch.lead,
        agency=dispatch.agency,
        agency_id=dispatch.agency_id,
        version=stated.version,
        published=dispatch.published,
        updated=dispatch.updated,
        precision=dispatch.date_precision,
        usage=stated.usage,
        corrects=stated.corrects,
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """Where arrivals stand, and what that changes for dispatches of the archive.

    Args:
        arrivals: placement by id. bands: of each arrival. others: of the archive, only where something is new.
        restated: ids of those of the archive whose status is another than it was.
        unsettled: ids of arrivals of which others of their clusters are still to be told.
    """

    arrivals: dict[str, Placement]
    bands: dict[str, tuple[str, ...]]
    others: dict[str, Placement]
    restated: frozenset[str]
    unsettled: frozenset[str]


class Placer:
    """Places dispatches among those of one index (a name or an alias)."""

    def __init__(self, engine: Engine, index: str) -> None:
        self._engine = engine
        self._index = index

    def place(self, arrivals: Sequence[Dispatch], replaced: Collection[str] = ()) -> Placed:
        """The placements of `arrivals` and of all they touch.

        Args:
            replaced: ids of arrivals that are in the archive and are from now on as they are here.
        """
        new = [candidate_of(dispatch) for dispatch in arrivals]
        mine = {member.id for member in new}
        existing = list(self._existing(new, replaced))
        before = {member.id: placement for member, placement in existing}
        placements = {placement.id: placement for placement in absorb(existing, new, replaced)}
        others = {id: each for id, each in placements.items() if id not in mine and each != before[id]}
        touched = {each.cluster for each in others.values()}
        return Placed(
            arrivals={id: placements[id] for id in mine},
            bands={member.id: tuple(sorted(member.bands)) for member in new},
            others=others,
            restated=frozenset(id for id, each in others.items() if each.status != before[id].status),
            unsettled=frozenset(id for id in mine if placements[id].cluster in touched),
        )

    def _existing(self, new: Sequence[Candidate], replaced: Collection[str]) -> Iterator[tuple[Candidate, Placement]]:
        """Every cluster of the archive that may hold a neighbour of `new`, and those of `replaced`, whole."""
        mine = self._engine.get_many(self._index, list(replaced), source=["cluster"])
        own = {source["cluster"] for source in mine.values() if source.get("cluster")}
        clusters = sorted(own | self._open(self._near(new) - own))
        # Dispatches of an archive that knew no stories yet have no cluster.
        alone = sorted(id for id, source in mine.items() if not source.get("cluster"))
        for name, values in (("cluster", clusters), ("id", alone)):
            for start in range(0, len(values), FETCHED):
                query = {"terms": {name: values[start : start + FETCHED]}}
                for hit in self._engine.scan(query, index=self._index, source=_FIELDS):
                    yield _member(hit["_source"])

    def _near(self, new: Sequence[Candidate]) -> set[str]:
        """The clusters that may hold what is linked to one of `new`."""
        found: set[str] = set()
        groups = list(_groups(new))
        counts = {"clusters": {"terms": {"field": "cluster", "size": MOST_CLUSTERS + 1}}}
        bodies: list[Body] = [
            {"query": _neighbours(group), "size": 0, "track_total_hits": False, "aggs": counts} for group in groups
        ]
        crowded: list[Candidate] = []
        for group, answer in zip(groups, self._engine.search_all(bodies, index=self._index), strict=True):
            buckets = answer["aggregations"]["clusters"]["buckets"]
            if len(buckets) > MOST_CLUSTERS:
                crowded += group
            else:
                found.update(bucket["key"] for bucket in buckets)
        return found | self._most_alike(crowded)

    def _most_alike(self, crowded: Sequence[Candidate]) -> set[str]:
        """The clusters of those that share most bands, the rare ones counting more, with each."""
        bodies: list[Body] = [
            {
                "query": {
                    "bool": {
                        "filter": [_neighbours([member])],
                        "should": [{"term": {"bands": band}} for band in sorted(member.bands)],
                    }
                },
                "size": MOST_ALIKE,
                "sort": ["_score", {"id": "asc"}],
                "_source": ["cluster"],
                "track_total_hits": False,
            }
            for member in crowded
        ]
        answers = self._engine.search_all(bodies, index=self._index)
        sources = [hit["_source"] for answer in answers for hit in answer["hits"]["hits"]]
        return {source["cluster"] for source in sources if source.get("cluster")}

    def _open(self, clusters: Collection[str]) -> set[str]:
        """Those that are not full."""
        some = sorted(clusters)
        full: set[str] = set()
        for start in range(0, len(some), FETCHED):
            asked = some[start : start + FETCHED]
            counts = {"terms": {"field": "cluster", "size": len(asked), "min_doc_count": LARGEST_CLUSTER}}
            body = {"query": {"terms": {"cluster": asked}}, "size": 0, "aggs": {"full": counts}}
            buckets = self._engine.search(body, index=self._index)["aggregations"]["full"]["buckets"]
            full.update(bucket["key"] for bucket in buckets)
        return set(some) - full


def _member(source: Mapping[str, Any]) -> tuple[Candidate, Placement]:
    dispatch = from_document(source)
    placement = Placement(
        dispatch.id, dispatch.story, dispatch.version, dispatch.status, dispatch.cluster or dispatch.id
    )
    return candidate_of(dispatch), placement


_NEVER = datetime.min.replace(tzinfo=UTC)


def _groups(new: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """Those of near days together; those without a day, who look in the whole archive, apart."""
    group: list[Candidate] = []
    start: datetime | None = None
    for member in sorted(new, key=lambda each: (each.published is not None, each.published or _NEVER, each.id)):
        apart = (
            len(group) == GROUP
            or (member.published is None) != (start is None)
            or (member.published is not None and start is not None and member.published - start > GROUP_SPAN)
        )
        if group and apart:
            yield group
            group = []
        if not group:
            start = member.published
        group.append(member)
    if group:
        yield group


def _neighbours(group: Sequence[Candidate]) -> Body:
    """The query for all that may be linked to one of a group: more than is, since `stories.link` has the last word."""
    bands = sorted({band for member in group for band in member.bands})
    alike: Body = {"bool": {"filter": [{"terms": {"bands": bands}}]}}
    moments = [member.published for member in group if member.published is not None]
    if moments:
        days = {"gte": instant(min(moments) - WINDOW), "lte": instant(max(moments) + WINDOW)}
        alike["bool"]["filter"].append(
            {
                "bool": {
                    "should": [
                        {"range": {"published": days}},
                        {"range": {"updated": days}},
                        {"bool": {"must_not": [{"exists": {"field": "published"}}]}},
                        {"terms": {"date_precision": ["month", "year"]}},
                    ]
                }
            }
        )
    ids = sorted({member.agency_id for member in group if member.agency_id is not None})
    return {"bool": {"should": [alike, *([{"terms": {"agency_id": ids}}] if ids else [])]}}
