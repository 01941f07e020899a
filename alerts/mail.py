"""A message goes out by mail."""

from __future__ import annotations

from alerts.outcome import Outcome
from alerts.parcel import Parcel
from engine.config import Settings
from search.formats.place import Place

MISSING = "réglez DEPECHES_SMTP_HOST et DEPECHES_MAIL_FROM."


def configured(settings: Settings) -> bool:
    """Whether mail can be sent from here; until then it waits."""
    return False


def send(parcel: Parcel, place: Place, settings: Settings) -> Outcome:
    return Outcome("retry", "Aucun serveur de courrier n'est réglé.")
