"""A letter: what saved searches found, in French, as text and as HTML. Pure: the same parcel gives the same letter.

What was withdrawn or corrected is told first. A letter shows so many dispatches at most, shared between its searches; of
the others it says how many, with an address that shows exactly these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import parseaddr
from typing import Any

from jinja2 import Environment, PackageLoader

from alerts.links import Links
from alerts.models import Hit, Kind, SavedSearch
from alerts.parcel import Parcel, in_order, rank
from search.moments import NBSP, dated, is_uncertain

# Dispatches a letter shows. More is not read, and past 100 KB mail readers cut the end off, unsubscribing included.
SHOWN = 30

# Characters of a lead: four lines.
LONGEST_LEAD = 300

# Names in a subject, and characters of each; mail readers show 40 to 70 in all.
MOST_NAMES, LONGEST_NAME = 3, 60

LABELS: dict[Kind, str] = {
    "withdrawal": "Annulée par l’agence, à ne pas reprendre",
    "correction": "Corrige une version déjà annoncée",
    "new": "",
}
_COUNTED: tuple[tuple[Kind, str], ...] = (
    ("withdrawal", "annulation"),
    ("correction", "correction"),
    ("new", "dépêche"),
)

GONE = "Cette dépêche n’est plus dans l’archive."


@dataclass(frozen=True, slots=True)
class Item:
    """One dispatch told. `label`: what to know before reading it; blank for a new one."""

    label: str
    title: str
    source: str
    lead: str
    link: str


@dataclass(frozen=True, slots=True)
class Section:
    """What one saved search found. `rest`: what is said of those not shown, blank for none, with its address."""

    name: str
    count: str
    items: tuple[Item, ...]
    rest: str
    rest_link: str
    search_link: str
    stop_link: str


def letter(parcel: Parcel, links: Links, sender: str, now: datetime) -> EmailMessage:
    """The message of a parcel, for its claim's target.

    Args:
        sender: as `DEPECHES_MAIL_FROM` has it.
        now: the moment of this attempt, aware; all else is the same at every attempt.
    """
    groups = [(saved, in_order(part.hit for part in parts)) for saved, parts in parcel.by_search()]
    groups.sort(key=lambda group: rank(group[1][0]))
    shares = _shares([len(hits) for _, hits in groups])
    channels = {part.channel.saved_search_id: part.channel.id for part in parcel.parts}
    sections = [
        _section(saved, hits, share, channels[saved.id], parcel, links)
        for (saved, hits), share in zip(groups, shares, strict=True)
    ]
    stop = links.stop_delivery(parcel.claim.id)
    told = {"sections": sections, "subject": subject(groups), "stop_link": stop}
    name, address = parseaddr(sender)
    message = EmailMessage(_POLICY)
    message["Subject"] = told["subject"]
    message["From"] = Address(_line(name), addr_spec=address)
    message["To"] = parcel.claim.target
    message["Date"] = now
    message["Message-ID"] = f"<{parcel.claim.id}@{address.rpartition('@')[2]}>"
    message["List-Unsubscribe"] = f"<{stop}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_TEXT.get_template("letter.txt").render(told), cte="quoted-printable")
    message.add_alternative(_HTML.get_template("letter.html").render(told), subtype="html", cte="quoted-printable")
    return message


def subject(groups: Sequence[tuple[SavedSearch, Sequence[Hit]]]) -> str:
    """ "3 dépêches : Lavrov", "1 annulation, 2 dépêches : Lavrov, Cambodge"; a dispatch of two searches counts once."""
    kinds = Counter(kind for kind, _ in {(hit.kind, hit.dispatch) for _, hits in groups for hit in hits})
    counts = ", ".join(_counted(kinds[kind], word) for kind, word in _COUNTED if kinds[kind])
    names = [_cut(_line(saved.name), LONGEST_NAME) for saved, _ in groups]
    more = len(names) - MOST_NAMES
    listed = ", ".join(names[:MOST_NAMES])
    others = f" et {_counted(more, 'autre')}" if more > 0 else ""
    return f"{counts}{NBSP}: {listed}{others}"


def _shares(counts: Sequence[int]) -> list[int]:
    """How many each section shows: all alike, until it has no more or the letter is full. [2, 90] of 30 -> [2, 28]."""
    shares, left = [0] * len(counts), SHOWN
    while left:
        wanting = [place for place, count in enumerate(counts) if shares[place] < count][:left]
        if not wanting:
            break
        for place in wanting:
            shares[place] += 1
        left -= len(wanting)
    return shares


def _section(
    saved: SavedSearch, hits: Sequence[Hit], share: int, channel: str, parcel: Parcel, links: Links
) -> Section:
    left = len(hits) - share
    return Section(
        name=_line(saved.name),
        count=_counted(len(hits), "dépêche"),
        items=tuple(_item(hit, parcel, links) for hit in hits[:share]),
        rest=_rest(left, share) if left else "",
        rest_link=links.announced(parcel.claim.id, saved.id, share),
        search_link=f"{links.place.address}/alertes/{saved.id}",
        stop_link=links.stop_channel(channel),
    )


def _rest(left: int, shown: int) -> str:
    if not shown:
        return f"Voir {_counted(left, 'dépêche')}"
    return f"et {_counted(left, 'autre')}" if left > 1 else "et une autre"


def _item(hit: Hit, parcel: Parcel, links: Links) -> Item:
    link = links.place.link(hit.dispatch)
    source = parcel.sources.get(hit.dispatch)
    if not source:
        return Item(LABELS[hit.kind], f"Dépêche {hit.dispatch}", "", GONE, link)
    published = datetime.fromisoformat(source["published"]) if source.get("published") else None
    when = dated(published, source["date_precision"], source.get("date_text"), links.place.timezone)
    return Item(
        label=LABELS[hit.kind],
        title=_line(source["title"]),
        source=", ".join(each for each in (source.get("agency"), when, *_doubts(source, published)) if each),
        lead=_cut(_line(source.get("lead") or ""), LONGEST_LEAD),
        link=link,
    )


def _doubts(source: Mapping[str, Any], published: datetime | None) -> Iterator[str]:
    """What a reader must know before quoting, as the pages say it."""
    if source["title_derived"]:
        yield "titre reconstitué"
    if is_uncertain(published, source["date_precision"], source["date_basis"]):
        yield "date incertaine"


def _counted(value: int, word: str) -> str:
    number = f"{value:,}".replace(",", "\u202f")
    return f"{number}{NBSP}{word}{'s' if value > 1 else ''}"


def _cut(text: str, longest: int) -> str:
    """At most so many characters, ended between words where there is a space."""
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    return f"{head.rpartition(' ')[0] or head}…"


def _line(text: str) -> str:
    """On one line, without what moves a cursor or ends a header; no-break spaces stay."""
    return "".join(char if char.isprintable() or char in "\u00a0\u202f" else " " for char in text).strip()


class _Whole(UnstructuredHeader):
    """A header as it is told. In what it is given, Python's own decode what looks encoded ("=?utf-8?q?x=0D=0ABcc:_a?="), and write
    what they decoded: lines of whoever chose a name. And it is not cut into lines: an address longer than one would be
    encoded, which no reader of it undoes."""

    name: str

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"], kwds["decoded"] = None, value

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Encoded(_Whole):
    """A header of any characters, encoded (RFC 2047). Python's own lose the space between two encoded words."""

    def fold(self, *, policy: Policy) -> str:
        text = Header(str(self), "utf-8", header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {text}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Whole)  # type: ignore[arg-type]
_HEADERS.map_to_type("to", _Whole)  # type: ignore[arg-type]
_HEADERS.map_to_type("subject", _Encoded)  # type: ignore[arg-type]
_POLICY = SMTP.clone(header_factory=_HEADERS)

_LOADER = PackageLoader("alerts")
_TEXT = Environment(loader=_LOADER, trim_blocks=True, lstrip_blocks=True, autoescape=False)
_HTML = Environment(loader=_LOADER, trim_blocks=True, lstrip_blocks=True, autoescape=True)
