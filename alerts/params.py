"""The question of a saved search: the parameters of `GET /api/v1/dispatches`, kept as they were given.

It is read by the very function that reads a search's, so the meaning of an alert is the meaning of a search. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from werkzeug.datastructures import MultiDict

from engine.errors import BadParameter
from mappings.fields import FACETS
from search.language import parse
from search.request import SearchRequest
from search.schemas import load_request
from search.tree import Ago, And, Node, Not, Or, Period

Params = Mapping[str, Sequence[str]]

# Where a reader was among the results: of no use to a question asked for years.
MOMENTARY = ("cursor",)

# Of these facets nearly every new dispatch has the same value.
COMMONPLACE = ("status",)


def canonical(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The parameters in one spelling: names sorted, values of each in the order given; nothing that passes with a page.

    `q` stays as it was typed, so that relative dates and names keep meaning what they mean on the day.
    """
    params: dict[str, list[str]] = {}
    for name, value in sorted(pairs, key=lambda pair: pair[0]):
        if name not in MOMENTARY and value not in params.setdefault(name, []):
            params[name].append(value)
    return {name: values for name, values in params.items() if values and values != [""]}


def request_of(params: Params) -> SearchRequest:
    """The search these parameters mean.

    Raises:
        RequestError: as the search itself would: an unknown parameter, a value it does not take, and for `q`
            (QuerySyntaxError) the place.
    """
    return load_request(MultiDict([(name, value) for name, values in params.items() for value in values]))


def check(params: Params) -> SearchRequest:
    """The search these parameters mean, if new dispatches can be told apart by it.

    Raises:
        RequestError: it cannot be read (see `request_of`), or would meet everything: says what is missing.
    """
    request = request_of(params)
    positive = any(wanted.any or wanted.all for name, wanted in request.filters.items() if name not in COMMONPLACE)
    query = parse(request.q)
    if positive or any(_selects(node) for node in query.nodes):
        return request
    given = ", ".join(f"« {name} »" for name in params) or "aucun paramètre"
    raise BadParameter(
        f"Cette recherche répondrait à toutes les nouvelles dépêches, ou presque ({given}) : ajoutez dans « q » un mot "
        f"à trouver, ou une valeur d'une facette ({', '.join(name for name in FACETS if name not in COMMONPLACE)}). "
        "Une période, une exclusion ou un état ne suffisent pas."
    )


def _selects(node: Node) -> bool:
    """Whether a dispatch must have something to meet this: not only be of some days, or lack something."""
    if isinstance(node, And):
        return any(_selects(each) for each in node.nodes)
    if isinstance(node, Or):
        return all(_selects(each) for each in node.nodes)
    return not isinstance(node, (Not, Period, Ago))
