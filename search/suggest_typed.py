"""What is being typed at the end of a query: a word, a name, the value of a field, or nothing. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from authorities.model import fold
from mappings.french import APOSTROPHES, STOP_WORDS
from search.spelling import name_words, typed_words
from search.suggest_words import ELIDED
from search.tokens import Token, tokens
from search.tree import CLOSING, FACET_PREFIXES

# The field prefixes whose values are completed, and the facet of each.
FIELDS = {**FACET_PREFIXES, "parole": "speaker"}

# "(acteur:", "-lieu:" at the end; with something behind it, `search.tokens` reads it
EMPTY_FIELD = re.compile(rf"(?:^|[\s(-])({'|'.join(FIELDS)}):$", re.IGNORECASE)

# The last words of a query that may be the beginning of one name, at most: "ministère des affaires étr".
MOST_WORDS = 5

# Letters of the last word: one begins too many words to say anything.
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Name:
    """The end of a query that may begin a name: where it starts, and its words, folded.

    `alone`: it must be met whatever else the query says, so that a filter would say the same.
    """

    start: int
    words: tuple[str, ...]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What is being typed.

    Args:
        words: where a word starts and its beginning, folded; several where more than one may be meant.
        names: the likeliest first.
        facet: the value of this facet, and nothing else, is typed; unless no value fits, and there is `otherwise`.
        closing: the signs that close what is open, quotation mark and parentheses.
    """

    words: tuple[tuple[int, str], ...] = ()
    names: tuple[Name, ...] = ()
    facet: str | None = None
    alone: bool = False
    closing: str = ""
    otherwise: Typed | None = None


def typed(q: str) -> Typed:
    """What is being typed at the end of a query."""
    read = list(tokens(q))
    closing = ")" * max(_depth(read), 0)
    empty = EMPTY_FIELD.search(q)
    if empty and not (read and read[-1].unclosed):
        return Typed(names=(Name(empty.start(1), ()),), facet=FIELDS[empty[1].lower()], closing=closing)
    if not read:
        return Typed()
    inside = _field(q, read)
    words = _of_words(q, read, closing)
    if inside is not None:
        return Typed(names=(inside[1],), facet=inside[0], closing=closing, otherwise=words)
    return words


def _of_words(q: str, read: list[Token], closing: str) -> Typed:
    """A word or a name."""
    last, behind = read[-1], q[read[-1].end :]
    if last.unclosed:
        mark = next(q[at] for at in range(last.start, last.end) if q[at] in CLOSING)
        return Typed(words=_words(q, last), closing=CLOSING[mark] + closing)
    if last.kind != "word" or behind.strip():
        return Typed()
    if _is_value(read, len(read) - 1):
        in_title = read[-2].text == "titre" and not behind
        return Typed(words=_words(q, last), closing=closing) if in_title else Typed()
    # After a blank, the words before it may begin a name all the same: "phnom ".
    return Typed(words=() if behind else _words(q, last, read), names=_names(read), closing=closing)


def _depth(read: list[Token]) -> int:
    """How many parentheses are open at the end."""
    return sum({"open": 1, "close": -1}.get(token.kind, 0) for token in read)


def _is_value(read: list[Token], at: int) -> bool:
    """Whether a token is the value of a field."""
    return at > 0 and read[at - 1].kind == "field" and read[at - 1].end == read[at].start


def _field(q: str, read: list[Token]) -> tuple[str, Name] | None:
    """The facet and the name, when a field's value is typed: 'acteur:lavr', 'lieu:"phnom pe', "lieu:phnom pe"."""
    at = len(read) - 1
    while at >= 0 and read[at].kind == "word":
        at -= 1
    if at >= 0 and read[at].kind == "phrase" and read[at].unclosed:
        at -= 1
    if at < 0 or at + 1 >= len(read) or read[at].kind != "field" or read[at].text not in FIELDS:
        return None
    value = read[at + 1]
    # A blank ends a value, unless what follows it goes on.
    if not _is_value(read, at + 1) or (q[-1:].isspace() and not value.unclosed):
        return None
    return FIELDS[read[at].text], Name(read[at].start, tuple(name_words(q[value.start :])))


def _words(q: str, last: Token, read: list[Token] | None = None) -> tuple[tuple[int, str], ...]:
    """The beginnings of words at the end of a token: "l'av" -> "av"; "etats u", "porte par" are one word each, perhaps."""
    text = q[last.start : last.end]
    run = re.search(rf"[^\W_](?:[^\W_]|['{APOSTROPHES}-](?=[^\W_]|$))*$", text)
    if not run:
        return ()
    start = last.start + run.start()
    straight = re.sub(f"[{APOSTROPHES}]", "'", run[0])
    found = [(start, straight)]
    elided = ELIDED.match(straight)
    if elided:
        found.insert(0, (start + elided.end(), straight[elided.end() :]))
    if read and len(read) > 1 and read[-2].kind == "word" and not _is_value(read, len(read) - 2):
        found.append((read[-2].start, f"{read[-2].text} {straight}"))
    folded = [(at, fold(word)) for at, word in found]
    return tuple((at, word) for at, word in folded if len(word.replace(" ", "").replace("'", "")) >= SHORTEST)


def _names(read: list[Token]) -> tuple[Name, ...]:
    """The last words, as many as may be one name, then fewer."""
    first = len(read)
    while first > 0 and len(read) - first < MOST_WORDS and read[first - 1].kind == "word":
        if _is_value(read, first - 1):
            break
        first -= 1
    side_by_side = not any(token.kind in ("or", "open", "close") for token in read)
    found = []
    for at in range(first, len(read)):
        words = typed_words(" ".join(token.text for token in read[at:]))
        if _says(words):
            bound = at > 0 and read[at - 1].kind in ("not", "near")
            found.append(Name(read[at].start, words, alone=side_by_side and not bound))
    return tuple(found)


def _says(words: tuple[str, ...]) -> bool:
    """Whether these words begin few names: one of two letters, or several, one of which says something."""
    if len(words) < 2:
        return bool(words) and len(words[0]) >= SHORTEST
    return any(len(word) >= SHORTEST and word not in STOP_WORDS for word in words)
