"""Of words looked for beside `parole:`, those that the speaker says: the same words said by others are not marked. Pure.

The engine finds them within one quote, but marks them wherever they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from authorities.model import fold
from search.marks import Marked, Span
from search.tree import InTitle, Query, Speaker, within

# A speaker and what is said.
Said = tuple[str, str]


def spoken(
    query: Query, title: Marked | None, body: Sequence[Marked], quotes: Iterable[Said]
) -> tuple[Marked | None, list[Marked]]:
    """What was found, less what the speaker of the query does not say; all of it for a query without a speaker."""
    speaker = next((node for node in query.nodes if isinstance(node, Speaker)), None)
    if speaker is None:
        return title, list(body)
    said = [text for label, text in quotes if _is(speaker, label)]
    kept = [replace(paragraph, found=_within(paragraph, said)) for paragraph in body]
    of_title = any(isinstance(each, InTitle) for node in query.nodes for each in within(node))
    return (title if of_title else None), [paragraph for paragraph in kept if paragraph.found]


def _is(speaker: Speaker, label: str) -> bool:
    """As `search/clauses.py` asks the engine: the name, one of those it means, or a part of the label."""
    name, own = fold(speaker.text), fold(label)
    return own in {name, *map(fold, speaker.means)} or f" {name} " in f" {own} "


def _within(paragraph: Marked, said: Iterable[str]) -> tuple[Span, ...]:
    spans = [(at, at + len(text)) for text in said if (at := paragraph.text.find(text)) >= 0]
    return tuple(
        found for found in paragraph.found if any(start <= found[0] and found[1] <= end for start, end in spans)
    )
