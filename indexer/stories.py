"""Which dispatches tell the same story, which is a version of which, and which is the one to show. Pure.

    candidates -> links (by agency id, by a notice that names, by text) -> stories -> chains, one an agency -> placements

Order does not matter: a placement depends on which dispatches there are, never on which came first. Two things see
to that. A link is a property of a pair (it asks for a band in common, which is what the index finds by), and a
cluster, all that links reach, is arranged as a whole whenever something joins it (`absorb`).

- **Story.** Members are taken in order of time; one joins the story with whose newest text it shares most, the newest
  of each agency counting. So a story cannot drift away over an old urgent that many texts quote. Its id is that of
  the member that opened it.
- **Chain.** In a story, each agency's dispatches are versions of one another, and only those: an agency's copy of
  another's dispatch stands beside it. Those of no known agency are a chain.
- **Status.** `current`: the newest of the chain. `superseded`: those before it. `corrected`: the one a correction
  follows, wrong rather than old. `withdrawn`: what a kill notice refers to. What is older than something
  withdrawn does not come back; the notice is then what there is to show.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from zlib import crc32

from indexer.minhash import Shingles, bands_of, overlap, shingled, text_of, words
from indexer.raw import Usage
from mappings.dispatch import Precision, Status

Kind = Literal["urgent", "plain", "update", "correction", "kill"]

# Neighbours in a story are this near. Agencies update within hours; a correction may come after a weekend.
WINDOW = timedelta(days=3)
# Part of the shorter text that must be in the longer; chosen with the next two on the tuning half of bench/stories.
CONTAINED = 0.38
# A text that holds another and much more is its update when it begins with it, else a review of the day, which
# supersedes nothing: below this likeness, that part of the leads must be shared. With 0.15 a sixth of the reviews
# were taken for updates, with 0.25 recall fell to 0.95.
JACCARD = 0.22
LEAD = 0.5
# Runs of three words two texts share at least: fewer is a name and a title.
SHARED = 8
# Where a date is not known to the day, "the same days" cannot be asked, and more is asked of the text. The samples'
# near-doubles without a date share 0.82 and 0.92 of the shorter.
UNDATED_CONTAINED = 0.6
UNDATED_JACCARD = 0.4
# Results, draws and prices are sent in one form with other numbers: when a text gives three numbers or more and keeps
# less than half as many of them as of its words, it tells of something else. On the tuning half 21 % of such forms
# are still linked instead of all, for 0.006 of recall.
FEWEST_NUMBERS = 3
NUMBERS_KEPT = 0.5
# Links of a text are looked for among those before it, the latest first, until there are so many: a form sent a
# thousand times would have half a million. A story is joined by its newest text, which is among them.
MOST_LINKS = 64
# Shorter titles and quotations ("Météo", "Bourse de Paris") name nothing.
NAMING_WORDS = 3
# Stated versions above are moments, not counts ("20220804112233").
LARGEST_VERSION = 999

# --- what a dispatch says of itself --------------------------------------------------------------------------------

# Labels are in capitals, as agencies write them, with or without accents, or with a lost letter.
_E = "[EÉÈ?]"
_KILL = (
    rf"ANNULATION|ANNUL{_E}E?S?|[AÀ?]\sANNULER|NE\s(?:PAS|PLUS)\s(?:UTILISER|DIFFUSER|PUBLIER)|KILL|"
    rf"D{_E}P[EÊ?]CHE\s(?:ANNUL|RETIR){_E}E"
)
_REPLACES = rf"ANNUL{_E}E?\s(?:ET|&)\sREMPLACE"
_CORRECTION = rf"CORRECTI(?:ON|F)S?|CORRIG{_E}E?|RECTIFICATI(?:ON|F)|BIEN\sLIRE"
_UPDATE = (
    rf"ACTUALISATION|ACTUALIS{_E}E?|MISE\s[AÀ?]\sJOUR|D{_E}VELOPPEMENT|COMPLET|(?:\d{{1,2}}\s?\w{{0,3}}\s)?LEAD|"
    r"SYNTH[EÈ?]SE"
)
_URGENT = r"URGENT|ALERTE|FLASH"
_NEUTRAL = r"ATTENTION|PAPIER\sG[EÉ?]N[EÉ?]RAL|ENCADR[EÉ?]|R[EÉ?]P[EÉ?]TITION|DIRECT"
# "ANNULATION - Zone euro", "URGENT: Séisme"; leaves "ANNULATION DU SOMMET", "Annulation - trois vols", "URGENTISTE"
_LEADING = re.compile(
    rf"[\s(/*=]*(?P<label>{_REPLACES}|{_KILL}|{_CORRECTION}|{_UPDATE}|{_URGENT}|{_NEUTRAL})"
    r"\s*[)/*=]*\s*(?:[-–—:!.]+\s*|$)"
)
# The two that are sentences: "ANNULE ET REMPLACE la dépêche", "NE PAS UTILISER la dépêche de 09H12"
_LEADING_SENTENCE = re.compile(
    rf"[\s(/*=]*(?P<label>{_REPLACES}|NE\s(?:PAS|PLUS)\s(?:UTILISER|DIFFUSER|PUBLIER))\b[\s:]*"
)
# "Zone euro (CORRECTION)", "Ukraine (ACTUALISATION AVEC DETAILS)", "Zone euro - ANNULÉ"; leaves "Tour (FRA)"
_TRAILING = re.compile(
    rf"\s*(?:[(/*]|[-–—]\s)\s*(?P<label>{_REPLACES}|{_KILL}|{_CORRECTION}|{_UPDATE}|{_URGENT}|{_NEUTRAL})"
    r"(?:[\s,-][A-ZÀ-Ý\d]+)*\s*[)/*]?\s*$"
)
# First words of a notice: "Prière d'annuler la dépêche", "Merci de ne pas utiliser"; leaves "Prière de ne pas fumer"
_KILL_SENTENCE = re.compile(
    r"(?:Pri[èe?]re|Merci|Veuillez|Bien vouloir|Nous vous (?:prions|demandons))\s(?:de bien vouloir\s)?"
    r"(?:d['’?]annuler|annuler|(?:de\s)?ne (?:pas|plus) (?:utiliser|diffuser|publier|tenir compte))\b"
)
# "Bien lire au 2e paragraphe", "Voici une version corrigée"; leaves "le Sénat a voté une version corrigée du texte"
_CORRECTION_SENTENCE = re.compile(
    r"Bien lire\b|Voici (?:une|la) (?:nouvelle )?version corrig[ée?]e|Dans notre d[ée?]p[êe?]che\b.{0,200}\blire\b"
)
# "CORRECTION de la magnitude", "RECTIFICATIF au 3e paragraphe"
_CORRECTION_START = re.compile(rf"(?:{_CORRECTION})\b")
_QUOTED = re.compile(r"\"([^\"\n]{8,200})\"|«\s?([^»\n]{8,200}?)\s?»|“([^”\n]{8,200})”")
# A notice is announced before its text.
_NOTICE_PARAGRAPHS = 2
_NOTICE_LENGTH = 400  # characters

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("kill", re.compile(rf"{_REPLACES}|{_KILL}")),
    ("correction", re.compile(_CORRECTION)),
    ("update", re.compile(_UPDATE)),
    ("urgent", re.compile(_URGENT)),
)
# Dispatches of the same moment (often the same day, where that is all that is known) follow one another so.
_STAGE: dict[Kind, int] = {"urgent": 0, "plain": 1, "update": 2, "correction": 3, "kill": 4}


def bare_title(title: str) -> tuple[str, tuple[Kind, ...]]:
    """A title without what an agency hangs on it, and what that says of the dispatch.

    "ANNULATION - Zone euro: un indicateur" -> ("Zone euro: un indicateur", ("kill",)).
    """
    title, kinds = _without_leading(title)
    while found := _TRAILING.search(title):
        kinds.extend(_kinds_of(found["label"]))
        title = title[: found.start()]
    return title.strip(), tuple(kinds)


def _without_leading(text: str) -> tuple[str, list[Kind]]:
    kinds: list[Kind] = []
    while found := _LEADING.match(text) or _LEADING_SENTENCE.match(text):
        kinds.extend(_kinds_of(found["label"]))
        text = text[found.end() :]
    return text, kinds


def _kinds_of(label: str) -> Iterator[Kind]:
    yield from (kind for kind, pattern in _KINDS if pattern.fullmatch(label))


def kind_of(title: str, paragraphs: Sequence[str]) -> Kind:
    """What a dispatch says it is, by its labels and first sentences; the gravest when it says several things."""
    kinds = list(bare_title(title)[1])
    for paragraph in paragraphs[:_NOTICE_PARAGRAPHS]:
        kinds += _without_leading(paragraph[:_NOTICE_LENGTH])[1]
        if _KILL_SENTENCE.match(paragraph):
            kinds.append("kill")
        if _CORRECTION_SENTENCE.search(paragraph, 0, _NOTICE_LENGTH) or _CORRECTION_START.match(paragraph):
            kinds.append("correction")
    return max(kinds, key=_STAGE.__getitem__, default="plain")


def title_key(title: str) -> str | None:
    """The keyword of a title, labels taken off; None when it is too short to name a dispatch."""
    found = words(bare_title(title)[0])
    return f"t{crc32(b' '.join(found)):x}" if len(found) >= NAMING_WORDS else None


def _named(title: str, paragraphs: Sequence[str]) -> frozenset[str]:
    """What a notice refers to: the title it bears under its label, and those it quotes."""
    quoted = [next(filter(None, found)) for text in paragraphs[:_NOTICE_PARAGRAPHS] for found in _QUOTED.findall(text)]
    quoted += [next(filter(None, found)) for found in _QUOTED.findall(title)]
    return frozenset(filter(None, map(title_key, (title, *quoted))))


# --- the values decisions are made on ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dispatch as far as stories go; made by `candidate`.

    Args:
        agency_id, version: as the agency states them; the same id for all versions of a dispatch.
        published: when this version was (aware); None when it is not known to the day.
        whole_day: only the day is known, `published` is its beginning.
        bands: keywords to find near-duplicates by, that of the title and those of the titles a notice names included.
        named: of these, the titles a notice refers to.
        dead: the agency cancelled or withheld this very item: it is no notice to read, and not to be shown.
    """

    id: str
    agency: str | None
    agency_id: str | None
    version: int | None
    published: datetime | None
    whole_day: bool
    text: Shingles
    bands: frozenset[str]
    title: str | None
    kind: Kind
    named: frozenset[str] = frozenset()
    dead: bool = False


def candidate(
    *,
    id: str,
    title: str,
    body: Sequence[str],
    lead: str = "",
    agency: str | None = None,
    agency_id: str | None = None,
    version: int | None = None,
    published: datetime | None = None,
    updated: datetime | None = None,
    precision: Precision = "minute",
    usage: Usage = "usable",
    corrects: bool = False,
) -> Candidate:
    """What stories need of a dispatch, from its fields and from what its format states.

    Args:
        lead: as parsed; where it is the end of an early paragraph, the dateline before it is left out of the text.
        updated: when this version was made, if that is not when the first was published.
        precision: of the instants; those less precise than a day count as unknown.
    """
    paragraphs = _without_dateline(body, lead)
    kind = kind_of(title, paragraphs)
    dead = usage != "usable" and kind != "kill"
    if usage != "usable":
        kind = "kill"
    elif corrects and kind != "kill":
        kind = "correction"
    text = shingled(text_of(paragraphs))
    key = title_key(title)
    named = _named(title, paragraphs) if kind in ("kill", "correction") else frozenset()
    return Candidate(
        id=id,
        agency=agency,
        agency_id=agency_id,
        version=version,
        published=updated or (published if precision in ("minute", "day") else None),
        whole_day=precision == "day" and not updated,
        text=text,
        bands=frozenset((*bands_of(text.words), *named, *([key] if key else ()))),
        title=key,
        kind=kind,
        named=named,
        dead=dead,
    )


def _without_dateline(body: Sequence[str], lead: str) -> list[str]:
    """Two agencies, or two days, give the same sentence different datelines."""
    paragraphs = list(body)
    for at, paragraph in enumerate(paragraphs[: _NOTICE_PARAGRAPHS + 2]):
        if lead and paragraph.endswith(lead):
            paragraphs[at] = lead
            break
    return paragraphs


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a dispatch stands. `cluster` is the least id of all that links reach from it: arranged together."""

    id: str
    story: str
    version: int
    status: Status
    cluster: str


# --- links ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """Why two dispatches are of one story; the greater link is the stronger.

    Args:
        rank: 3 the same agency id, 2 a notice that names the other, 1 text alone.
        shared: runs of three words in common; 0 when too few for near-duplicates.
    """

    rank: int
    shared: int


_BY_TEXT, _BY_NAME, _BY_ID = 1, 2, 3


def link(a: Candidate, b: Candidate) -> Link | None:
    """What links a pair, whichever comes first; None when nothing does."""
    same_id = a.agency_id is not None and (a.agency, a.agency_id) == (b.agency, b.agency_id)
    if not same_id and (_far(a, b) or a.bands.isdisjoint(b.bands)):
        return None
    shared = _text_shared(a, b)
    if same_id:
        return Link(_BY_ID, shared)
    if _names(a, b) or _names(b, a):
        return Link(_BY_NAME, shared)
    return Link(_BY_TEXT, shared) if shared else None


def _far(a: Candidate, b: Candidate) -> bool:
    return a.published is not None and b.published is not None and abs(a.published - b.published) > WINDOW


def _names(notice: Candidate, other: Candidate) -> bool:
    return notice.agency == other.agency and other.title in notice.named


def _text_shared(a: Candidate, b: Candidate) -> int:
    """How many runs of words two texts share; 0 when that is too little for near-duplicates."""
    if len(a.text.all) < SHARED or len(b.text.all) < SHARED:
        return 0
    found = overlap(a.text, b.text)
    if found.shared < SHARED or found.contained < CONTAINED:
        return 0
    undated = a.published is None or b.published is None
    if undated and (found.contained < UNDATED_CONTAINED or found.jaccard < UNDATED_JACCARD):
        return 0
    if found.jaccard < JACCARD and found.lead < LEAD:
        return 0
    return 0 if _other_numbers(a.text.numbers, b.text.numbers, found.contained) else found.shared


def _other_numbers(a: frozenset[bytes], b: frozenset[bytes], contained: float) -> bool:
    fewer = min(len(a), len(b))
    return fewer >= FEWEST_NUMBERS and len(a & b) < NUMBERS_KEPT * contained * fewer


def same_story(a: Candidate, b: Candidate) -> bool:
    """Whether two dispatches belong to one story, as far as the two can tell."""
    return link(a, b) is not None


# --- order ---------------------------------------------------------------------------------------------------------

# Undated ones before all (what has a date is current), undated notices after all (they follow something).
_FIRST, _DATED, _LAST = 0, 1, 2
_Moment = tuple[int, datetime, int]
# moment, stated version, size, id
_Place = tuple[_Moment, int, int, str]
_DAY_END = timedelta(days=1) - timedelta(seconds=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


def _moment(member: Candidate) -> _Moment:
    """When, and at which stage. A notice of which only the day is known closes it: it follows something of that day."""
    notice = member.kind in ("correction", "kill")
    if member.published is None:
        return (_LAST if notice else _FIRST, _NEVER, _STAGE[member.kind])
    shift = _DAY_END if notice and member.whole_day else timedelta()
    return (_DATED, member.published + shift, _STAGE[member.kind])


def _places(members: Iterable[Candidate]) -> dict[str, _Place]:
    """The place of each in time, by id: moment, then stated version, then length, then id.

    Versions of one agency id follow their number whatever their moments say: one dated before its predecessor takes
    the predecessor's moment, so that the order stays one order for all.
    """
    groups: dict[tuple[str | None, str], list[Candidate]] = defaultdict(list)
    places: dict[str, _Place] = {}
    for member in members:
        if member.agency_id is None:
            places[member.id] = (_moment(member), 0, len(member.text.words), member.id)
        else:
            groups[member.agency, member.agency_id].append(member)
    for group in groups.values():
        latest: _Moment | None = None
        for member in sorted(group, key=lambda each: (each.version or 0, _moment(each), each.id)):
            moment = _moment(member)
            latest = moment if latest is None else max(latest, moment)
            places[member.id] = (latest, member.version or 0, len(member.text.words), member.id)
    return places


# --- stories -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Story:
    """A story while it is put together. `heads`: positions of the newest text of each agency."""

    id: str
    members: list[int] = field(default_factory=list)
    heads: dict[str | None, int] = field(default_factory=dict)


# Of each position, the positions it is linked to.
_Links = list[dict[int, Link]]


def arrange(members: Iterable[Candidate]) -> tuple[Placement, ...]:
    """The placements of all members, by id; two of the same id are one. The same for any order of `members`.

    They need not be of one story; to come out as they would in the whole archive they must be whole clusters.
    """
    unique = {member.id: member for member in members}
    places = _places(unique.values())
    # Those without a date last: they join a story and never bridge two.
    ordered = sorted(unique.values(), key=lambda each: (places[each.id][0][0] != _DATED, places[each.id]))
    links = _links(ordered)
    clusters = _clusters(ordered, links)
    placed: list[Placement] = []
    for story in _stories(ordered, links):
        chains: dict[str | None, list[int]] = defaultdict(list)
        for at in sorted(story.members, key=lambda at: places[ordered[at].id]):
            chains[ordered[at].agency].append(at)
        for chain in chains.values():
            versions = _versions([ordered[at].version for at in chain])
            statuses = _statuses(chain, ordered, links)
            for at, version, status in zip(chain, versions, statuses, strict=True):
                placed.append(Placement(ordered[at].id, story.id, version, status, clusters[at]))
    return tuple(sorted(placed, key=lambda each: each.id))


def absorb(
    existing: Iterable[tuple[Candidate, Placement]], new: Iterable[Candidate], replaced: Collection[str] = ()
) -> tuple[Placement, ...]:
    """The placements of new members and of all they touch, by id; every other stays as it was.

    Args:
        existing: what is in the archive; at least the whole cluster of every dispatch a new one is linked to.
            A dispatch that is there already is unchanged.
        replaced: ids of `existing` that `new` holds as they are from now on; their whole clusters are touched.
    """
    clusters: dict[str, list[Candidate]] = defaultdict(list)
    touched: set[str] = set()
    there: set[str] = set()
    for member, placement in existing:
        if member.id in replaced:
            touched.add(placement.cluster)
            continue
        clusters[placement.cluster].append(member)
        there.add(member.id)
    arrived = _Index()
    for member in new:
        if member.id not in there:
            arrived.add(member)
    for cluster, members in clusters.items():
        if any(arrived.linked(member, most=1) for member in members):
            touched.add(cluster)
    return arrange([*arrived.members, *(member for cluster in touched for member in clusters[cluster])])


# Above, asking every member is cheaper than gathering those who hold a key in common.
_FEW_HOLDERS = 1024


class _Index:
    """Finds what a member is linked to without comparing it with all: bands and agency ids, as the archive does."""

    def __init__(self) -> None:
        self.members: list[Candidate] = []
        self._by_key: dict[str | tuple[str | None, str], list[int]] = defaultdict(list)

    def add(self, member: Candidate) -> None:
        for key in self._keys(member):
            self._by_key[key].append(len(self.members))
        self.members.append(member)

    def linked(self, member: Candidate, most: int) -> dict[int, Link]:
        """Positions, in the order of `add`, of what is linked to a member: the `most` that were added last."""
        holders = [self._by_key[key] for key in self._keys(member) if key in self._by_key]
        near: Iterable[int]
        if sum(map(len, holders)) <= _FEW_HOLDERS:
            near = sorted(set().union(*holders), reverse=True)
        else:
            near = range(len(self.members) - 1, -1, -1)
        found: dict[int, Link] = {}
        for at in near:
            each = link(member, self.members[at])
            if each:
                found[at] = each
                if len(found) == most:
                    break
        return found

    @staticmethod
    def _keys(member: Candidate) -> Iterator[str | tuple[str | None, str]]:
        yield from member.bands
        if member.agency_id is not None:
            yield member.agency, member.agency_id


def _links(ordered: Sequence[Candidate]) -> _Links:
    found = _Index()
    links: _Links = []
    for at, member in enumerate(ordered):
        before = found.linked(member, MOST_LINKS)
        found.add(member)
        links.append(before)
        for other, each in before.items():
            links[other][at] = each
    return links


def _clusters(ordered: Sequence[Candidate], links: _Links) -> list[str]:
    """Of each position, the least id of all that can be reached from it."""
    least = [""] * len(ordered)
    for start in sorted(range(len(ordered)), key=lambda at: ordered[at].id):
        reached = [start]
        while reached:
            at = reached.pop()
            if not least[at]:
                least[at] = ordered[start].id
                reached.extend(links[at])
    return least


def _stories(ordered: Sequence[Candidate], links: _Links) -> list[_Story]:
    stories: list[_Story] = []
    story_of: list[_Story] = []
    for at, member in enumerate(ordered):
        joins = [
            (found, other)
            for other, found in links[at].items()
            if other < at and _may_join(member, ordered[other], found, story_of[other].heads.values(), other)
        ]
        found, other = max(joins, default=(None, at))
        if found is None:
            stories.append(_Story(member.id))
        story = stories[-1] if found is None else story_of[other]
        story_of.append(story)
        story.members.append(at)
        # A notice that holds no text of the story is not what the next version will resemble.
        text = found.shared > 0 if found else member.kind != "kill"
        if text or member.kind not in ("correction", "kill"):
            story.heads[member.agency] = at
    return stories


def _may_join(member: Candidate, other: Candidate, found: Link, heads: Iterable[int], at: int) -> bool:
    """By text, only what is newest in a story is joined; a notice names what went before, not what follows it."""
    if found.rank == _BY_NAME and _names(member, other):
        return True
    return found.rank == _BY_ID or (found.shared > 0 and at in heads)


# --- chains --------------------------------------------------------------------------------------------------------


def _versions(stated: Sequence[int | None]) -> list[int]:
    """Numbers that rise: what the agency states where it can be kept, else one more than the last."""
    numbers: list[int] = []
    for version in stated:
        following = numbers[-1] + 1 if numbers else 1
        numbers.append(max(following, version) if version and version <= LARGEST_VERSION else following)
    return numbers


def _statuses(chain: Sequence[int], ordered: Sequence[Candidate], links: _Links) -> list[Status]:
    """Of each dispatch of one agency's chain, oldest first."""
    members = [ordered[at] for at in chain]
    notices = {
        number
        for number, at in enumerate(chain)
        if members[number].kind == "kill" and not any(_shares(links, at, other) for other in chain[:number])
    }
    withdrawn = {number for number, member in enumerate(members) if member.dead}
    for number, member in enumerate(members):
        if member.kind == "kill":
            withdrawn.update(_killed(number, members, chain, links))
    corrected = set()
    for number, member in enumerate(members):
        if member.kind == "correction":
            earlier = [at for at in range(number) if at not in notices and at not in withdrawn]
            same_id = [at for at in earlier if member.agency_id and members[at].agency_id == member.agency_id]
            corrected.update((same_id or earlier)[-1:])
    # What is older than something withdrawn was superseded by it, and does not come back.
    newest = [at for at in range(max(withdrawn, default=-1) + 1, len(chain)) if at not in notices]
    standing = newest or sorted(notices - withdrawn)
    statuses: list[Status] = ["superseded"] * len(chain)
    for number in corrected:
        statuses[number] = "corrected"
    for number in withdrawn:
        statuses[number] = "withdrawn"
    if standing:
        statuses[standing[-1]] = "current"
    return statuses


def _shares(links: _Links, at: int, other: int) -> bool:
    found = links[at].get(other)
    return found is not None and found.shared > 0


def _killed(number: int, members: Sequence[Candidate], chain: Sequence[int], links: _Links) -> list[int]:
    """What a kill notice refers to, of what precedes it: by the agency's id, else by title, else the last like it."""
    notice = members[number]
    earlier = [at for at in range(number) if members[at].kind != "kill"]
    if notice.agency_id is not None:
        same_id = [at for at in earlier if members[at].agency_id == notice.agency_id]
        if same_id:
            return same_id
        # A notice that states an id does not mean dispatches of another id.
        earlier = [at for at in earlier if members[at].agency_id is None]
    named = [at for at in earlier if members[at].title in notice.named]
    return named or [at for at in earlier if _shares(links, chain[number], chain[at])][-1:]
