"""How an attempt to send ended: accepted, or why not and what follows. Messages are French: the owner reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Then = Literal["done", "retry", "bury", "disable"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message.

    Args:
        then: "done": the other side accepted. "retry": later. "bury": this message never. "disable": nothing more on its
            channel.
        why: what went wrong, in French; blank when it went well.
        after: how long the other side asks to be left alone.
        away: nobody answered there, or too slowly: the next message would end no better.
    """

    then: Then
    why: str = ""
    after: timedelta | None = None
    away: bool = False


ACCEPTED = Outcome("done")
