"""Names by the beginnings of their words, whatever their case, accents and hyphens. Pure.

`meets` is what is meant. `expression` is the same for Elasticsearch, as near as it can be: what it lets through is to be
checked by `meets`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from authorities.model import PATH_SEPARATOR, fold

# The engine is asked for this much of the two longest words typed: it makes a table of all ways to read an expression,
# and refuses when it grows too large (two words of 24 letters each).
EXPRESSED_WORDS, EXPRESSED_LETTERS = 2, 12

# The name of one level of a path.
ONE_LEVEL = "[^>]+"

_WORD = re.compile(r"[^\W_]+")


def name_words(name: str) -> list[str]:
    """The words of a name, folded: "L'Oréal" -> ["l", "oreal"]."""
    return _WORD.findall(fold(name))


def typed_words(prefix: str) -> tuple[str, ...]:
    """The words of what was typed, folded, each once: "  Saint-É" -> ("saint", "e")."""
    return tuple(dict.fromkeys(name_words(prefix)))


def meets(words: Sequence[str], name: str) -> bool:
    """Whether every word begins a word of the name: ("lavr",) meets "Sergueï Lavrov"."""
    own = name_words(name)
    return all(any(each.startswith(word) for each in own) for word in words)


def expression(words: Sequence[str], *, path: bool) -> str:
    """Elasticsearch's regular expression for the names that may be meant; in a path, by the name of its last level."""
    longest = sorted(words, key=len, reverse=True)[:EXPRESSED_WORDS]
    text, above = ("[^>]*", f"(.*{PATH_SEPARATOR.replace('>', '[>]')})?") if path else (".*", "")
    return "&".join(f"{above}({text}{NO_LETTER})?{_any_spelling(word[:EXPRESSED_LETTERS])}{text}" for word in longest)


def is_whole(words: Sequence[str]) -> bool:
    """Whether `expression` asks for all that was typed."""
    return len(words) <= EXPRESSED_WORDS and all(len(word) <= EXPRESSED_LETTERS for word in words)


# Latin letters with their marks, by what folding makes of them: "e" -> "éèêë...", "oe" -> "œŒ".
_SPELLINGS: dict[str, str] = {}
for _char in map(chr, range(0x00C0, 0x0180)):
    _SPELLINGS[fold(_char)] = _SPELLINGS.get(fold(_char), "") + _char

# What stands before a word: a blank, a hyphen, an apostrophe...
NO_LETTER = "[^0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u03ff\u0400-\u04ff]"


def _any_spelling(word: str) -> str:
    """A folded word with every letter in any case, with any mark. Only letters and digits come in: none is special."""
    parts: list[str] = []
    at = 0
    while at < len(word):
        pair, char = word[at : at + 2], word[at]
        if len(pair) == 2 and pair in _SPELLINGS:
            parts.append(f"({_any_letter(pair[0])}{_any_letter(pair[1])}|[{_SPELLINGS[pair]}])")
            at += 2
        else:
            parts.append(_any_letter(char))
            at += 1
    return "".join(parts)


def _any_letter(char: str) -> str:
    spellings = dict.fromkeys((char, char.upper(), *_SPELLINGS.get(char, "")))
    return f"[{''.join(each for each in spellings if len(each) == 1)}]"
