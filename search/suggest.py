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
from search.suggest_typed import Typed, typed
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
            clause = _Frame.of(q, name.start, meant.closing, f'{_PREFIXES[meant.facet]}:"x"')
            return _short(clause.put(meant.facet, each) for each in found) if clause else ()
        meant = meant.otherwise  # "parole:lavrov guer": the value is whole
    whole: list[Suggestion] = []
    kinds: dict[str, list[Suggestion]] = {
        "word": _words(q, meant, snapshot, size),
        "saved": _saved(q, saved) if meant.names else [],
    }
    for name in meant.names:
        clause = _Frame.of(q, name.start, meant.closing, 'acteur:"x"', alone=name.alone)
        if clause:
            for facet in FACETS_OF_WORDS:
                named = [clause.put(facet, each) for each in snapshot.values(facet, name.words, size)]
                (whole if len(name.words) > 1 else kinds.setdefault(facet, [])).extend(named)
    whole = _once(sorted(whole, key=lambda each: -(each.count or 0)))[:size]
    seen = {(each.kind, each.text) for each in whole}
    rest = [[each for each in _once(of_kind) if (each.kind, each.text) not in seen] for of_kind in kinds.values()]
    return _short((*whole, *_shared(rest, size - len(whole))))


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands before and after what is put into a query; `rest`: the query without it, where a filter says it."""

    before: str
    after: str
    rest: str | None = None

    @classmethod
    def of(cls, q: str, start: int, after: str, sample: str, *, alone: bool = False) -> _Frame | None:
        """The frame of what is typed from `start` on; None where nothing like `sample` can be read there.

        Read once, not for each proposal: of 1,000 characters, each reading takes milliseconds.
        """
        frame = cls(q[:start], after, _without_operator(q[:start]) if alone else None)
        readable = _reads(frame.filled(sample)) and (frame.rest is None or _reads(frame.rest))
        return frame if readable else None

    def filled(self, text: str) -> str:
        return f"{self.before}{text}{self.after}"

    def put(self, facet: str, found: Found) -> Suggestion:
        """A value: a filter where it can be one, else the clause that says the same."""
        text, label = _last(facet, found.value), _label(facet, found)
        spelled = self.filled(f"{_PREFIXES[facet]}:{quoted(text)}")
        if self.rest is None:
            return Suggestion(facet, text, label, found.count, True, spelled, spelled)
        return Suggestion(facet, text, label, found.count, True, self.rest, spelled, {facet: (found.value,)})


def _words(q: str, meant: Typed, snapshot: Snapshot, size: int) -> list[Suggestion]:
    found: dict[str, Suggestion] = {}
    for start, beginning in meant.words:
        frame = _Frame.of(q, start, meant.closing, "mot")
        for each in snapshot.words(beginning, size) if frame else ():
            assert frame
            completed = frame.filled(each.value)
            word = Suggestion("word", each.value, each.value, each.count, snapshot.exact_words, completed, completed)
            found.setdefault(each.value, word)
    return sorted(found.values(), key=lambda each: (-(each.count or 0), each.text))


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


def _last(facet: str, value: str) -> str:
    return value.split(PATH_SEPARATOR)[-1] if FACETS[facet].hierarchical else value


def _label(facet: str, found: Found) -> str:
    """What a reader sees: "ONU (Nations unies)" when found by another name, "Phnom Penh (Cambodge)" in a path."""
    name = _last(facet, found.value)
    if found.alias:
        return f"{name} ({found.alias})"
    above = found.value.split(PATH_SEPARATOR)[-2:-1] if FACETS[facet].hierarchical else []
    return f"{name} ({above[0]})" if above else name


def _without_operator(before: str) -> str:
    """The query up to there, without the operator that would be left alone: "lavrov ET " -> "lavrov"."""
    read = list(tokens(before))
    if read and read[-1].kind == "and":
        before = before[: read[-1].start]
    return before.strip()


def _short(found: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    """Those that are not too long to be a query."""
    return tuple(each for each in found if max(len(each.q), len(each.spelled)) <= LONGEST_QUERY)


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
