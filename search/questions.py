"""Which runs of plain words ask for all of their words, which for some. Pure; nothing but texts.

Side by side, words are all asked for. Nobody who types a whole question, or a headline half remembered, has the words of
the dispatch: of the questions of PIAF, the passage that answers has all the words of 13 in 100, of WiNER's titles, the
article of 20 in 100 (bench/relevance, decision 0011). So, where nothing but words is typed:

- "Qui dirige la diplomatie russe ?" is a question: a third of its words is asked for;
- five words or more are half remembered: half of them is asked for.

Words that tell nothing (stop words, "combien") are not counted and not asked for. The best come first; an operator, a
quotation or a field anywhere, and all is asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from mappings.french import fold, only_stop_words

Asks = Literal["all", "half", "third"]

# A third of a question is enough, rounded down: PIAF MRR 0.796; one word of any number 0.800, half 0.742, all 0.132. One word
# of seven finds half as much again (median 31 of 344 passages; a third: 22): counts and facets of that say nothing.

# Words from which half is enough. Titles of five words, MRR: all asked for 0.26, half 0.86 (four words: 0.21, 0.85). Most
# keyword searches are shorter, and mean every word.
LONG = 5

# Around a word, no part of it.
SIGNS = '?!.,;:…«»"()'

# Words that ask and that the index keeps (mappings/french.py); the others that ask are stop words. "a t il" is typed too.
ASKING = frozenset(("combien", "comment", "pourquoi", "t"))

# What a question begins with, alone or behind a preposition: "dans quelle ville", "à qui".
_FIRST = "qui que quoi quel quelle quels quelles quand ou lequel laquelle lesquels lesquelles combien comment pourquoi"
FIRST = frozenset(_FIRST.split())
_BEFORE = "a de dans sur par pour en depuis vers avec chez selon contre entre sous jusqu'a d'apres au"
BEFORE = frozenset(_BEFORE.split())

# What inversion adds behind the verb: "a-t-il", "s'étend-elle", "peut-on"
INVERTED = re.compile(r"-(?:t-)?(?:ils?|elles?|on|ce)$", re.IGNORECASE)


def asks_of(words: Sequence[str], *, mark: bool = False) -> Asks:
    """How much of the words is asked for.

    Args:
        words: as typed, in their order.
        mark: a question mark follows them.
    """
    counted = len(telling(words))
    if len(words) < 2 or not counted:
        return "all"
    if mark or is_question(words):
        return "third"
    return "half" if counted >= LONG else "all"


def least_of(counted: int, asks: Asks) -> int:
    """How many of the words that count must be met: all, half of them or more, a third or less but one at least."""
    if asks == "half":
        return (counted + 1) // 2
    return max(1, counted // 3) if asks == "third" else counted


def telling(words: Sequence[str]) -> tuple[str, ...]:
    """The words that say what is looked for, each once, without what inversion adds.

    "Où la frontière s'étend-elle ?" -> "frontière", "s'étend".
    """
    found: dict[str, str] = {}
    for word in words:
        bare = INVERTED.sub("", word.strip(SIGNS))
        folded = fold(bare)
        if folded not in ASKING and not only_stop_words(folded):
            found.setdefault(folded, bare)
    return tuple(found.values())


def is_question(words: Sequence[str]) -> bool:
    """Whether the words begin or end as a question does."""
    if words[-1].endswith("?"):
        return True
    first, second = fold(words[0]), fold(words[1])
    return first in FIRST or first.startswith(("qu'", "est ce")) or (first in BEFORE and second in FIRST)
