"""Where this archive is, for messages that leave it."""

from __future__ import annotations

from engine.config import Settings
from engine.listening import Listening
from search.formats.place import Place


def place_of(settings: Settings) -> Place:
    """Its address as readers know it (`DEPECHES_PUBLIC_URL`), else where it listens."""
    return Place(settings.public_url or f"http://{Listening.of(settings)}", settings.timezone)
