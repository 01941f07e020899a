"""Which channel a text came through: what each encoding holds, and what it turns into `?`.

A channel keeps the characters its encoding holds and loses the others, always. So one surviving « ç » says
that the text never passed through GBK, and a long text with « é » but no « ç » nor « ô » says that it did.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

ChannelName = Literal["intact", "gbk", "gb2312", "ascii", "latin-1", "cp1252", "mojibake", "mixed"]
Codec = Literal["ascii", "gb2312", "gbk", "latin-1", "cp1252"]

# From the one that loses most to the one that loses least.
BY_LOSS: tuple[Codec, ...] = ("ascii", "gb2312", "gbk", "latin-1", "cp1252")

# Microsoft's cp936, the GBK of practice, has € at 0x80; Python's codec does not.
HELD_BESIDES: dict[str, str] = {"gbk": "€"}

# Marks of French typography that at least one channel loses.
MARKS = "«»‹›’‘“”–—…€•\u00a0\u202f"


@lru_cache(maxsize=8192)
def holds(channel: Codec, char: str) -> bool:
    """Whether `char` passes through `channel` unharmed."""
    if char in HELD_BESIDES.get(channel, ""):
        return True
    try:
        char.encode(channel)
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=8192)
def _is_witness(char: str) -> bool:
    """Latin letters and French marks tell of the channel; a stray Chinese character or emoji does not."""
    return char in MARKS or (char.isalpha() and char < "\u0250")


def witnesses(text: str) -> frozenset[str]:
    """The non-ASCII characters of `text` that tell which channel it came through."""
    if text.isascii():
        return frozenset()
    return frozenset(char for char in set(text) if char > "\x7f" and _is_witness(char))


@lru_cache(maxsize=4096)
def widest(survivors: frozenset[str]) -> Codec | None:
    """The channel that loses most among those that hold every survivor; None when none does."""
    for channel in BY_LOSS:
        if all(holds(channel, char) for char in survivors):
            return channel
    return None


@lru_cache(maxsize=4096)
def narrowest(survivors: frozenset[str], restored: frozenset[str]) -> Codec | None:
    """The channel that loses least among those that hold every survivor and lose everything restored."""
    for channel in reversed(BY_LOSS):
        if all(holds(channel, char) for char in survivors) and not any(holds(channel, char) for char in restored):
            return channel
    return None
