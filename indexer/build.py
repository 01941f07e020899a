"""A raw dispatch becomes a dispatch: repair -> parse -> date -> enrich. Pure: same input, same dispatch, same id."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

from authorities.model import Authorities
from engine.errors import NoTextInput
from indexer.dates import UNKNOWN, Dated, resolve, zone_of
from indexer.enrich import Enricher
from indexer.parse import Parsed, parse
from indexer.raw import RawDispatch
from indexer.repair import Repairer, TextRepair
from mappings.dispatch import Dispatch, Repair


class Builder:
    """Builds dispatches; made once, it holds the tables of repair and enrichment.

    Args:
        timezone: the archive's, for dates that state no other.
        reference: the day the input was received, for dates without a year.
    """

    def __init__(
        self, authorities: Authorities, *, timezone: str = "Europe/Paris", reference: date | None = None
    ) -> None:
        self._repairer = Repairer(
            name for person in authorities.persons.values() for name in (person.label, *person.aliases)
        )
        self._enricher = Enricher(authorities)
        self._timezone = timezone
        self._reference = reference

    def build(self, item: RawDispatch, neighbours: Sequence[datetime] = ()) -> Dispatch:
        """The dispatch. `neighbours` are moments known in the same batch, for a date without a year.

        Raises:
            NoTextInput: nothing is left of it but dates and signatures.
        """
        repaired = self._repairer.repair(normalise(item.text))
        parsed = parse(repaired.text)
        if not any(char.isalpha() for paragraph in parsed.body for char in paragraph):
            raise NoTextInput("Aucun texte de dépêche : seulement une date, une signature ou des signes.")
        published, updated = self._date(item, parsed, neighbours)
        enriched = self._enricher.enrich(
            parsed.title,
            parsed.title_derived,
            parsed.body,
            dateline_place=parsed.dateline_place,
            agency=parsed.agency,
        )
        return Dispatch(
            id=content_id(item.text),
            title=parsed.title,
            title_derived=parsed.title_derived,
            lead=parsed.lead,
            body=parsed.body,
            raw=item.raw,
            raw_encoding=item.encoding,
            source=item.source,
            agency=parsed.agency,
            author=parsed.author,
            credits=parsed.credits,
            published=published.moment,
            updated=updated.moment,
            date_precision=published.precision,
            date_basis=published.basis,
            actors=enriched.actors,
            venues=enriched.venues,
            places=enriched.places,
            topics=enriched.topics,
            mentions=enriched.mentions,
            repairs=_place(repaired.repairs, parsed),
        )

    def _date(self, item: RawDispatch, parsed: Parsed, neighbours: Sequence[datetime]) -> tuple[Dated, Dated]:
        """When it was published and last updated. A dispatch that only says when it was updated was published then."""
        resolved = {
            stamp.kind: resolve(
                stamp,
                zone=zone_of(parsed.agency, self._timezone),
                reference=self._reference,
                neighbours=neighbours,
                file_time=item.file_time,
            )
            for stamp in reversed(parsed.stamps)  # the first of a kind has the last word
        }
        updated = resolved.get("updated", UNKNOWN)
        known = (resolved[kind] for kind in ("published", "dateline", "updated") if kind in resolved)
        return next((dated for dated in known if dated.moment), UNKNOWN), updated


def normalise(text: str) -> str:
    """Line ends as \\n, composed accents (NFC), no byte order mark: what every later step may count on."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff"))


def content_id(text: str) -> str:
    """The id of a dispatch that brings none: 20 hex digits of its text, blanks and line ends made alike.

    The same dispatch saved in another encoding or with other line ends is the same dispatch.
    """
    return hashlib.sha256(" ".join(normalise(text).split()).encode()).hexdigest()[:20]


def _place(repairs: tuple[TextRepair, ...], parsed: Parsed) -> tuple[Repair, ...]:
    """Repairs by paragraph; those in parts that are no paragraph (a credit, a timestamp) have none to be shown in."""
    placed = []
    for repair in repairs:
        for number, (start, length) in enumerate(parsed.origin):
            if start <= repair.offset < start + length:
                placed.append(
                    Repair(number, repair.offset - start, repair.lost, repair.restored, repair.confidence, repair.rule)
                )
                break
    return tuple(placed)
