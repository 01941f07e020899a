"""Help while typing: what the end of a query may become, the most frequent first. A pure function of a snapshot.

Every suggestion is a whole query that can be read, whatever was typed before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from authorities.model import PATH_SEPARATOR, fold
from engine.errors import QuerySyntaxError
from mappings.fields import FACETS
from search.language import parse
from search.request import LONGEST_QUERY
from search.suggest_snapshot import Found, Snapshot
from search.suggest_typed import Name, Typed, typed
from search.tokens import tokens
from search.tree import PREFIX_OF, quoted

# What a suggestion may be.
KINDS = ("word", "saved", "actor", "venue", "topic", "agency", "speaker")

# The facets proposed where a word is typed; the others only behind their own field prefix.
FACETS_OF_WORDS = ("actor", "venue", "topic")

# Suggestions: a screenful under a search box.
DEFAULT_SUGGESTIONS, MOST_SUGGESTIONS = 8, 20

_PREFIXES = {**PREFIX_OF, "speaker": "parole"}


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search of the reader's: its name, and the parameters of `GET /api/v1/dispatches` it stands for."""

    name: str
    params: Mapping[str, Sequence[str]]
    count: int | None = None


# Gives the saved searches of the reader whose request is in hand; `app.extensions` holds it under this name.
SavedSearches = Callable[[], Sequence[Saved]]
SAVED_EXTENSION = "depeches-suggest-saved"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the end of the query may become.

    Args:
        text: the word or name itself; `label` is what a reader sees: "ONU (Nations unies)".
        count: the dispatches that have it; None where nobody counted.
        exact: the count is no estimate.
        q, params: the search it leads to, and the filters to add to those in force.
        spelled: the same search as query text alone, without filters.
    """

    kind: str
    text: str
    label: str
    count: int | None
    exact: bool
    q: str
    spelled: str
    params: Mapping[str, Sequence[str]] = field(default_factory=dict)


def suggest(
    q: str, snapshot: Snapshot, size: int = DEFAULT_SUGGESTIONS, saved: Sequence[Saved] = ()
) -> tuple[Suggestion, ...]:
    """What the end of `q` may become, at most `size` suggestions: several words of a name first, then kind by kind.

    Nothing for fewer than two letters, but behind a field prefix: "acteur:" proposes the most frequent actors.
    """
    if len(q) > LONGEST_QUERY:
        return ()
    meant = typed(q)
    if meant.facet:
        (name,) = meant.names
        found = snapshot.values(meant.facet, name.words, size)
        if found or not meant.otherwise:
            return tuple(_sound(_in_field(q, meant, name, each) for each in found))
        meant = meant.otherwise  # "parole:lavrov guer": the value is whole
    whole: list[Suggestion] = []
    kinds: dict[str, list[Suggestion]] = {
        "word": _sound(_words(q, meant, snapshot, size)),
        "saved": _saved(q, saved) if meant.names else [],
    }
    for name in meant.names:
        for facet in FACETS_OF_WORDS:
            found = snapshot.values(facet, name.words, size)
            of_facet = _sound(_named(q, meant, name, facet, each) for each in found)
            (whole if len(name.words) > 1 else kinds.setdefault(facet, [])).extend(of_facet)
    whole = _once(sorted(whole, key=lambda each: -(each.count or 0)))[:size]
    seen = {(each.kind, each.text) for each in whole}
    rest = [[each for each in _once(of_kind) if (each.kind, each.text) not in seen] for of_kind in kinds.values()]
    return (*whole, *_shared(rest, size - len(whole)))


def _words(q: str, meant: Typed, snapshot: Snapshot, size: int) -> Iterable[Suggestion]:
    found: dict[str, tuple[int, Found]] = {}
    for start, beginning in meant.words:
        for each in snapshot.words(beginning, size):
            found.setdefault(each.value, (start, each))
    for start, each in sorted(found.values(), key=lambda pair: (-pair[1].count, pair[1].value)):
        completed = q[:start] + each.value + meant.closing
        yield Suggestion("word", each.value, each.value, each.count, snapshot.exact_words, completed, completed)


def _in_field(q: str, meant: Typed, name: Name, found: Found) -> Suggestion:
    facet = meant.facet
    assert facet
    completed = q[: name.start] + _clause(facet, found.value) + meant.closing
    return Suggestion(
        facet,
        _last(facet, found.value),
        _label(facet, found),
        found.count,
        True,
        completed,
        completed,
    )


def _named(q: str, meant: Typed, name: Name, facet: str, found: Found) -> Suggestion:
    """A name where words are typed: a filter where it can be one, else the clause that says the same."""
    spelled = q[: name.start] + _clause(facet, found.value) + meant.closing
    rest, params = (_before(q, name.start), {facet: (found.value,)}) if name.alone else (spelled, {})
    return Suggestion(
        facet,
        _last(facet, found.value),
        _label(facet, found),
        found.count,
        True,
        rest,
        spelled,
        params,
    )


def _saved(q: str, saved: Sequence[Saved]) -> list[Suggestion]:
    """The saved searches the name of which begins as the whole query does."""
    words = fold(q).split()
    found = []
    for each in saved:
        own = fold(each.name).split()
        if words and all(any(word.startswith(begins) for word in own) for begins in words):
            text = next(iter(each.params.get("q", ())), "")
            params = {name: tuple(values) for name, values in each.params.items() if name != "q"}
            found.append(Suggestion("saved", each.name, each.name, each.count, True, text, text, params))
    return sorted(found, key=lambda each: (-(each.count or 0), each.text))


def _clause(facet: str, value: str) -> str:
    return f"{_PREFIXES[facet]}:{quoted(_last(facet, value))}"


def _last(facet: str, value: str) -> str:
    return value.split(PATH_SEPARATOR)[-1] if FACETS[facet].hierarchical else value


def _label(facet: str, found: Found) -> str:
    """What a reader sees: "ONU (Nations unies)" when found by another name, "Phnom Penh (Cambodge)" in a path."""
    name = _last(facet, found.value)
    if found.alias:
        return f"{name} ({found.alias})"
    above = found.value.split(PATH_SEPARATOR)[-2:-1] if FACETS[facet].hierarchical else []
    return f"{name} ({above[0]})" if above else name


def _before(q: str, start: int) -> str:
    """The query up to there, without the operator that would be left alone: "lavrov ET " -> "lavrov"."""
    kept = q[:start]
    read = list(tokens(kept))
    if read and read[-1].kind == "and":
        kept = kept[: read[-1].start]
    return kept.strip()


def _sound(found: Iterable[Suggestion]) -> list[Suggestion]:
    """Those that can be read: nothing we propose breaks a query."""
    return [each for each in found if _reads(each.q) and (each.spelled == each.q or _reads(each.spelled))]


def _reads(q: str) -> bool:
    try:
        parse(q)
    except QuerySyntaxError:
        return False
    return True


def _once(found: Iterable[Suggestion]) -> list[Suggestion]:
    return list({(each.kind, each.text, each.label): each for each in reversed(list(found))}.values())[::-1]


def _shared(kinds: Sequence[list[Suggestion]], size: int) -> list[Suggestion]:
    """The first of each kind in turn until there are enough, kind by kind again."""
    taken = [0] * len(kinds)
    left = size
    while left > 0 and any(taken[at] < len(found) for at, found in enumerate(kinds)):
        for at, found in enumerate(kinds):
            if left > 0 and taken[at] < len(found):
                taken[at] += 1
                left -= 1
    return [each for at, found in enumerate(kinds) for each in found[: taken[at]]]
