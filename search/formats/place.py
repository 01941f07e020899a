"""Where an archive is, for files that leave it: its address and its time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from search.schemas import addresses


@dataclass(frozen=True, slots=True)
class Place:
    """`address`: that of the pages, without a slash at its end ("https://depeches.example"); `timezone`: an IANA name."""

    address: str
    timezone: str

    def link(self, id: str) -> str:
        """The absolute address of a dispatch's page."""
        return self.address + quote(addresses(id)["html"])

    def local(self, moment: datetime) -> datetime:
        """An instant as the archive's clocks show it."""
        return moment.astimezone(ZoneInfo(self.timezone))
