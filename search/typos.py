"""Words no dispatch has are read as the nearest ones the archive has: "lavorv" as "lavrov".

    words -> `asked` (a body) -> `near` (the archive's words nearest to each) -> `held` (a body) -> `unknown`

Only what no dispatch holds in any form is a typing error for certain, so nothing that finds something is ever read
otherwise; nor is what stands in quotation marks, is left out (SAUF), or holds a figure: 2031 is no slip for 2021.
The engine measures nearness on the words as written (`.exact`), folded: accents and capitals are no errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from search.clauses import DOCUMENT, EXACT, form_of

Body = dict[str, Any]
Ask = Callable[[Body], Body]

# Shorter words have too many neighbours.
SHORTEST = 4

# Letters wrong in a word, at most, by its length, as Elasticsearch's AUTO: two from six letters on.
TWO_EDITS_FROM = 6

# Nearest words kept of each: the rest of the query chooses between them.
MOST_NEAR = 3

# Where the archive's own words are looked up.
LOOKED_UP = (f"body{EXACT}", f"title{EXACT}")


def nearest_words(ask: Ask, words: Iterable[str]) -> dict[str, str]:
    """Of the words no dispatch has, those that are near one it has, each with the nearest, the most frequent first.

    Args:
        ask: sends a body to the archive, gives back the answer.
        words: as typed; "l'avocta" gives "l'avocat".
    """
    return {word: near[0] for word, near in near_words(ask, words).items()}


def near_words(ask: Ask, words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The same, with up to `MOST_NEAR` words for each, nearest first, all as near as the first.

    One request, and a second one where something was found.
    """
    typed = [word for word in dict.fromkeys(words) if may_be_wrong(word)]
    if not typed:
        return {}
    found = near(ask(asked(typed)), typed)
    if not found:
        return {}
    missing = unknown(ask(held(list(found))), list(found))
    return {word: found[word] for word in missing}


# -- pure ------------------------------------------------------------------------------------------


def may_be_wrong(word: str) -> bool:
    """Whether a word is one a hand may have slipped on: letters enough, no figure."""
    return sum(map(str.isalpha, word)) >= SHORTEST and not any(map(str.isdigit, word)) and max(word) <= "\uffff"


def asked(words: Sequence[str]) -> Body:
    """The body that asks for the archive's words near each of these, field by field."""
    return {
        "size": 0,
        "track_total_hits": False,
        "suggest": {
            f"{number} {field}": {"text": word, "term": _term(field, word)}
            for number, word in enumerate(words)
            for field in LOOKED_UP
        },
    }


def _term(field: str, word: str) -> Body:
    return {
        "field": field,
        "suggest_mode": "missing",
        "max_edits": 2 if len(word) >= TWO_EDITS_FROM else 1,
        "prefix_length": 1,  # the first letter is the one typed right
        "min_word_length": SHORTEST,
        "size": MOST_NEAR,
        "shard_size": 5 * MOST_NEAR,
    }


def near(answer: Body, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The nearest words of each that has some, read from the answer to `asked`; all as near as the nearest.

    A word of several parts ("Etats-Unsi") has each part that is near another in its place.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, word in enumerate(words):
        parts: dict[tuple[int, int], dict[str, tuple[float, int]]] = {}
        for field in LOOKED_UP:
            for entry in answer["suggest"][f"{number} {field}"]:
                best = parts.setdefault((entry["offset"], entry["length"]), {})
                for option in entry["options"]:
                    score, count = best.get(option["text"], (0.0, 0))
                    best[option["text"]] = (max(score, option["score"]), count + option["freq"])
        spellings = _spelled(word, {place: _nearest(options) for place, options in parts.items() if options})
        if spellings:
            found[word] = spellings
    return found


def _nearest(options: Mapping[str, tuple[float, int]]) -> list[str]:
    """Those of the highest likeness, the most frequent first."""
    likeness = max(score for score, _ in options.values())
    equal = [text for text, (score, _) in options.items() if score == likeness]
    return sorted(equal, key=lambda text: (-options[text][1], text))[:MOST_NEAR]


def _spelled(word: str, parts: Mapping[tuple[int, int], Sequence[str]]) -> tuple[str, ...]:
    """The word with its wrong parts put right; where more than one is wrong, each by its best."""
    spellings: list[str] = []
    for rank in range(max(map(len, parts.values()), default=0)):
        spelling = word
        for (start, length), options in sorted(parts.items(), reverse=True):
            spelling = spelling[:start] + options[min(rank, len(options) - 1)] + spelling[start + length :]
        spellings.append(spelling)
    return tuple(dict.fromkeys(spellings))


def held(words: Sequence[str]) -> Body:
    """The body that counts the dispatches that have each word, in any form."""
    filters = {str(number): DOCUMENT.words(word, form_of(word)) for number, word in enumerate(words)}
    return {"size": 0, "track_total_hits": False, "aggs": {"held": {"filters": {"filters": filters}}}}


def unknown(answer: Body, words: Sequence[str]) -> list[str]:
    """The words no dispatch has, read from the answer to `held`."""
    buckets = answer["aggregations"]["held"]["buckets"]
    return [word for number, word in enumerate(words) if not buckets[str(number)]["doc_count"]]
