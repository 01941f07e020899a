"""A raw dispatch becomes a dispatch: repair -> parse -> date -> enrich. Pure: same input, same dispatch, same id."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from authorities.model import Authorities
from engine.errors import NoTextInput
from indexer.dates import UNKNOWN, Dated, resolve, zone_of
from indexer.facets import Facets
from indexer.parse import Parsed, parse
from indexer.raw import RawDispatch
from indexer.received import Circumstances, keep
from indexer.repair import Repaired, Repairer
from mappings.dispatch import MOST_READINGS, Dispatch, Doubt, Repair


class Builder:
    """Builds dispatches; made once, it holds the tables of repair and enrichment.

    Args:
        timezone: the archive's, for dates that state no other.
        reference: the day the input was received, for dates without a year.
    """

    def __init__(
        self, authorities: Authorities, *, timezone: str = "Europe/Paris", reference: date | None = None
    ) -> None:
        self.repairer = Repairer(name.text for name in authorities.names())
        self.facets = Facets(authorities)
        self._timezone = timezone
        self._reference = reference

    def build(self, item: RawDispatch, neighbours: Sequence[datetime] = ()) -> Dispatch:
        """The dispatch. `neighbours` are moments known in the same batch, for a date without a year.

        Its story is its own until `indexer/placing.py` knows better.

        Raises:
            NoTextInput: nothing is left of it but dates and signatures.
        """
        return self.enriched(self.read(item, neighbours))

    def build_under(self, item: RawDispatch, around: Circumstances) -> Dispatch:
        """The same, under circumstances that are not this builder's: those of a dispatch that is read anew."""
        return self.enriched(self._read(item, around))

    def read(self, item: RawDispatch, neighbours: Sequence[datetime] = ()) -> Dispatch:
        """The dispatch without its facets (`enriched`): a twentieth of the work, and all that neighbours matter to.

        Raises:
            NoTextInput: as `build`.
        """
        return self._read(item, Circumstances(self._reference, tuple(neighbours)))

    def _read(self, item: RawDispatch, around: Circumstances) -> Dispatch:
        stated = item.stated
        repaired = self.repairer.repair(normalise(item.text))
        parsed = parse(repaired.text)
        if stated.title:
            parsed = _beside(stated.title, parsed)
        if not any(char.isalpha() for paragraph in parsed.body for char in paragraph):
            raise NoTextInput("Aucun texte de dépêche : seulement une date, une signature ou des signes.")
        titled = self.repairer.repair(stated.title) if stated.title else None
        title = titled.text if titled else parsed.title
        derived = parsed.title_derived and not stated.title
        agency = stated.agency or parsed.agency
        published, updated = self._date(item, parsed, around)
        dateline = stated.dateline or parsed.dateline_place
        return Dispatch(
            id=content_id(item),
            title=title,
            title_derived=derived,
            lead=parsed.lead,
            body=parsed.body,
            raw=item.raw,
            raw_encoding=item.encoding,
            source=item.source,
            version=stated.version or 1,
            status="current" if stated.usage == "usable" else "withdrawn",
            agency=agency,
            agency_id=stated.id,
            slug=stated.slug,
            urgency=stated.urgency,
            embargo=stated.embargo,
            subjects=stated.subjects,
            author=stated.byline or parsed.author,
            credits=tuple(dict.fromkeys((*stated.credits, *parsed.credits))),
            language=stated.language or "fr",
            published=published.moment,
            updated=updated.moment,
            date_precision=published.precision,
            date_basis=published.basis,
            date_text=None if item.stated.published else _yearless(repaired.text, parsed, published),
            repairs=_repairs(repaired, parsed, titled),
            doubts=_doubts(repaired, parsed, titled),
            received=keep(item, around, dateline),
        )

    def enriched(self, dispatch: Dispatch) -> Dispatch:
        """The dispatch with its facets made from its text, as the authorities are now."""
        return self.facets.of(dispatch)

    def _date(self, item: RawDispatch, parsed: Parsed, around: Circumstances) -> tuple[Dated, Dated]:
        """When it was published and last updated: as the format states it, else as the text says.

        A dispatch that only says when it was updated was published then.
        """
        resolved = {
            stamp.kind: resolve(
                stamp,
                zone=zone_of(parsed.agency, self._timezone),
                reference=around.reference,
                neighbours=around.neighbours,
                file_time=item.file_time,
            )
            for stamp in reversed(parsed.stamps)  # the first of a kind has the last word
        }
        stated_published, stated_updated = item.stated.dates
        updated = stated_updated or resolved.get("updated", UNKNOWN)
        known = (resolved[kind] for kind in ("published", "dateline", "updated") if kind in resolved)
        told = next((dated for dated in known if dated.moment), UNKNOWN)
        # "8 août" of a dispatch from Beijing is the reader's 8 August, though it began in Beijing six hours before.
        return (stated_published or told).on_calendar(self._timezone), updated.on_calendar(self._timezone)


def normalise(text: str) -> str:
    """Line ends as \\n, composed accents (NFC), no byte order mark: what every later step may count on."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff"))


def content_id(item: RawDispatch) -> str:
    """The id of a dispatch: 20 hex digits of its text, and of what the agency calls it where it says so.

    Blanks and line ends are made alike: the same dispatch saved in another encoding or with other line ends is the
    same dispatch.
    """
    stated = (item.stated.id or "", str(item.stated.version or ""), item.stated.title or "", item.stated.usage)
    parts = ["\0".join(stated)] if any(stated[:3]) or stated[3] != "usable" else []
    if item.stated.published:  # the same words on another day are another dispatch: an agenda, a weather report
        parts.append(item.stated.published.astimezone(UTC).date().isoformat())
    return hashlib.sha256(" ".join([*parts, *normalise(item.text).split()]).encode()).hexdigest()[:20]


def _yearless(text: str, parsed: Parsed, published: Dated) -> str | None:
    """The date as written, where it names no year and so had to be placed, or could not be."""
    if published.basis == "stated" or any(stamp.year for stamp in parsed.stamps):
        return None
    told = [stamp for stamp in parsed.stamps if stamp.day and stamp.month]
    return " ".join(text[told[0].start : told[0].end].split()) if told else None


def _beside(title: str, parsed: Parsed) -> Parsed:
    """A text beside a title that its format states: what looks like another title is its first paragraph."""
    if parsed.title_origin is None or parsed.title.casefold().split() == title.casefold().split():
        return parsed
    return replace(parsed, body=(parsed.title, *parsed.body), origin=(parsed.title_origin, *parsed.origin))


# Where a repair or a doubt stands when it is in no paragraph: see `mappings.dispatch.Repair`.
_TITLE, _ELSEWHERE = -1, -2


def _repairs(repaired: Repaired, parsed: Parsed, titled: Repaired | None) -> tuple[Repair, ...]:
    """Every repair, by its place: those of a title the format states, then those of the text."""
    found = [(_TITLE, each.offset, each) for each in titled.repairs] if titled else []
    found += [(*_place(each.offset, parsed, titled), each) for each in repaired.repairs]
    return tuple(
        Repair(paragraph, offset, each.lost, each.restored, each.confidence, each.rule)
        for paragraph, offset, each in found
    )


def _doubts(repaired: Repaired, parsed: Parsed, titled: Repaired | None) -> tuple[Doubt, ...]:
    """Damaged words left alone in title and body, with the readings that fit in their place."""
    found = [(_TITLE, each.start, each) for each in titled.doubts] if titled else []
    found += [(*_place(each.start, parsed, titled), each) for each in repaired.doubts]
    return tuple(
        Doubt(paragraph, start, start + each.end - each.start, readings)
        for paragraph, start, each in found
        if paragraph != _ELSEWHERE
        and (readings := tuple(r for r in each.readings if len(r) == each.end - each.start)[:MOST_READINGS])
    )


def _place(offset: int, parsed: Parsed, titled: Repaired | None) -> tuple[int, int]:
    """The paragraph an offset of the text is in, and where in it; beside a stated title, none is the title."""
    places = list(enumerate(parsed.origin))
    if parsed.title_origin and not titled:
        places.append((_TITLE, parsed.title_origin))
    for number, (start, length) in places:
        if start <= offset < start + length:
            return number, offset - start
    return _ELSEWHERE, offset
