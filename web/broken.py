"""A search of which something cannot be read: what was wrong, and what is left of it. Pure.

A link that was cut in a letter, a parameter of another archive, a period the wrong way round: the page says so, and shows
the rest of the search that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from engine.errors import BadCursor, QuerySyntaxError, RequestError
from search.schemas import SOUGHT, load_request
from web import urls, wording
from web.refine import Link
from web.texts import gettext as _
from web.texts import noted
from web.urls import Pairs

# What is wrong and no parameter of the search.
INSIDE = "prefix"

PARAMETER_WORDS = {
    "q": noted("les mots"),
    "from": noted("la date de début"),
    "to": noted("la date de fin"),
    "sort": noted("l’ordre"),
    "size": noted("le nombre par page"),
    "cursor": noted("la page"),
    "versions": noted("le choix des versions"),
    "group": noted("le regroupement par histoire"),
    "dated": noted("le choix des dates connues"),
    INSIDE: noted("ce qui est cherché dans une facette"),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """What was wrong, in `details`, each with the letter of the words it is about, and the `ways` on.
    `typed`: the words as typed, to be corrected.

    `kept` is what of the search can be read, and `rest` the same where it is worth showing: of words alone that cannot be
    read, nothing is left. `without` says what `rest` leaves out.
    """

    error: RequestError
    details: tuple[tuple[str, int | None], ...]
    ways: tuple[Link, ...]
    typed: str
    kept: Pairs
    rest: Pairs | None
    without: str


def mended(pairs: Pairs, error: RequestError, home: Callable[[Pairs], str]) -> Refused:
    """What can be made of a search that was refused with this error."""
    typed = dict(pairs).get("q", "")
    wrong = {"q": error} if isinstance(error, QuerySyntaxError) else dict(_wrong(pairs))
    together = not wrong
    if isinstance(error, BadCursor):
        cures = [("cursor", urls.without(pairs))]
    elif together:
        # The pairs can be read: it is what is looked for in a facet, and no part of the search.
        cures = list(_cures(pairs)) if _unreadable(pairs) else [(INSIDE, pairs)]
    else:
        cures = [(name, urls.without(pairs, name)) for name in wrong] if len(wrong) == 1 else []
    left = [name for name, _rest in cures] or list(wrong)
    kept = urls.without(pairs, *left)
    ways = [Link(_("Chercher sans %(what)s") % {"what": _words(name)}, home(rest)) for name, rest in cures]
    if len(left) > 1 and not together:
        ways = [Link(_("Chercher sans %(what)s") % {"what": _listed(left)}, home(kept))]
    if isinstance(error, QuerySyntaxError) and error.suggestion:
        ways.insert(
            0,
            Link(
                _("Chercher %(query)s") % {"query": wording.quoted(error.suggestion)},
                home(urls.changed(pairs, {"q": error.suggestion})),
            ),
        )
    found = [error, *(other for other in wrong.values() if other.detail != error.detail)]
    return Refused(
        error=error,
        details=tuple((each.detail, each.at) for each in found),
        ways=tuple(ways),
        typed=typed,
        kept=kept,
        # Words that cannot be read, and nothing else asked: the newest dispatches are no answer to them.
        rest=kept if "q" not in left or any(name in SOUGHT for name, _value in kept) else None,
        without=_listed(left) if left else "",
    )


def _wrong(pairs: Pairs) -> Iterator[tuple[str, RequestError]]:
    """The parameters that cannot be read even by themselves, each with why."""
    for name in dict.fromkeys(name for name, _value in pairs):
        if error := _unreadable(tuple(pair for pair in pairs if pair[0] == name)):
            yield name, error


def _cures(pairs: Pairs) -> Iterator[tuple[str, Pairs]]:
    """The parameters without which the others can be read together, each with what remains."""
    for name in dict.fromkeys(name for name, _value in pairs):
        kept = urls.without(pairs, name)
        if not _unreadable(kept):
            yield name, kept


def _unreadable(pairs: Pairs) -> RequestError | None:
    """Why these cannot be read; None where they can."""
    try:
        load_request(MultiDict(pairs))
    except RequestError as error:
        return error
    return None


def _words(name: str) -> str:
    known = PARAMETER_WORDS.get(name)
    return _(known) if known else wording.quoted(name[:80])


def _listed(names: list[str]) -> str:
    """ "la date de début", "la date de début ni la date de fin"."""
    return _(" ni ").join(_words(name) for name in names)
