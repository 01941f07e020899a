"""Names in a dispatch as links to what else the archive has on them, and why it has the facets it has.

mentions -> the facet value each stands for -> links in the text; words by facet value
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from authorities.model import PATH_SEPARATOR
from mappings.dispatch import Dispatch, Mention, path_levels
from mappings.fields import FACET_FIELDS, FACETS, KIND_LABELS
from web.jump import Found
from web.texts import KINDS, noted, pgettext
from web.texts import gettext as _

# Where an application may put a function that tells more of a dispatch: facet name, value, the words that led to it.
EXTENSION = "depeches-evidence"
Further = Callable[[Dispatch], Iterable[tuple[str, str, Sequence[str]]]]

# How a name was recognised, after "reconnu par"; rules without words of ours are not told.
RULE_WORDS: dict[str, str] = {
    "label": noted("son nom"),
    "alias": noted("un autre nom"),
    "acronym": noted("son sigle"),
    "surname": noted("son nom de famille"),
    "demonym": noted("l’adjectif"),
    "metonym": noted("le siège du pouvoir"),
    "subject": noted("sa place dans la phrase"),
    "function": noted("sa fonction"),
    "courtesy": noted("«\u00a0M.\u00a0» ou «\u00a0Mme\u00a0»"),
    "title": noted("son titre"),
    "apposition": noted("ce qui la présente"),
    "nationality": noted("sa nationalité"),
    "given-name": noted("son prénom"),
    "kin": noted("son lien de parenté"),
    "named": noted("la forme de son nom"),
    "short": noted("son nom, déjà dit en entier"),
    "repeated": noted("son nom de famille, déjà cité"),
}

# Adjectives are evidence, but a text in which every "chinois" is a link is hard to read.
NOT_LINKED = frozenset({"demonym"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """A value of a facet and the words that led to it, each with how often it stands there."""

    facet: str
    value: str
    words: tuple[tuple[str, int], ...]


def meaning(dispatch: Dispatch, mention: Mention) -> tuple[str, str] | None:
    """The facet and the value of the dispatch that a mention stands for; None where it led to none."""
    for facet in FACETS.values():
        if mention.kind not in facet.kinds:
            continue
        for value in getattr(dispatch, FACET_FIELDS[facet.name]):
            for level in path_levels(value) if facet.hierarchical else [value]:
                if level.split(PATH_SEPARATOR)[-1] == mention.label if facet.hierarchical else level == mention.label:
                    return facet.name, level
    return None


def linked(text: str, found: Found, links: Iterable[tuple[int, int, str, str]]) -> Markup:
    """A text as HTML, its names as links, the words found marked and numbered.

    Args:
        links: start, end, address and title of each name; of two that overlap, the first is kept.
    """
    written: list[str] = []
    at = 0
    for start, end, href, title in sorted(links):
        if start < at or not start < end <= len(text):
            continue
        written.append(_piece(text, at, start, found))
        # Anchors hold links: they stand before the name, not in it.
        written += (found.anchor(place) for place, span in enumerate(found.spans) if start <= span[0] < end)
        inner = _piece(text, start, end, found, anchors=False)
        written.append(f'<a class="mention" href="{escape(href)}" title="{escape(title)}">{inner}</a>')
        at = end
    written.append(_piece(text, at, len(text), found))
    return Markup("".join(written))


def _piece(text: str, start: int, end: int, found: Found, *, anchors: bool = True) -> str:
    written: list[str] = []
    at = start
    for place, (begins, stops) in enumerate(found.spans):
        begin, stop = max(begins, at), min(stops, end)
        if begin < stop:
            anchor = found.anchor(place) if anchors and begin == begins else ""
            written += [escape(text[at:begin]), anchor, "<mark>", escape(text[begin:stop]), "</mark>"]
            at = stop
    return "".join([*written, escape(text[at:end])])


def body(dispatch: Dispatch, found: Sequence[Found], href: Callable[[str, str], str]) -> list[Markup]:
    """Every paragraph as HTML with its names as links.

    Args:
        found: what was found in every paragraph, or nothing at all.
        href: of a facet and a value, where its link leads.
    """
    links: dict[int, list[tuple[int, int, str, str]]] = {}
    for mention in dispatch.mentions:
        meant = meaning(dispatch, mention)
        if meant and mention.rule not in NOT_LINKED:
            place = (mention.start, mention.end, href(*meant), said(mention))
            links.setdefault(mention.paragraph, []).append(place)
    return [
        linked(text, found[number] if found else Found(), links.get(number, ()))
        for number, text in enumerate(dispatch.body)
    ]


def said(mention: Mention) -> str:
    """What a mention is, to readers: "Sergueï Lavrov, personne, reconnu par son nom de famille"."""
    parts = [mention.label, pgettext(KINDS, KIND_LABELS[mention.kind][0]) if mention.kind in KIND_LABELS else ""]
    if mention.rule in RULE_WORDS:
        parts.append(_("reconnu par %(rule)s", rule=_(RULE_WORDS[mention.rule])))
    return ", ".join(part for part in parts if part)


def evidence(dispatch: Dispatch, further: Iterable[tuple[str, str, Sequence[str]]] = ()) -> list[Evidence]:
    """Why a dispatch has its facets: every value with the words that led to it, as its mentions and `further` tell.

    A value of which nothing is told comes from what the agency or the file says of the dispatch.
    """
    told: dict[tuple[str, str], Counter[str]] = {}
    for mention in dispatch.mentions:
        for facet, value in _led_to(dispatch, mention):
            told.setdefault((facet, value), Counter())[mention.surface] += 1
    for facet, value, words in further:
        told.setdefault((facet, value), Counter()).update(words)
    return [
        Evidence(_(FACETS[name].label), value, tuple(told[name, value].most_common()) if (name, value) in told else ())
        for name, field in FACET_FIELDS.items()
        if FACETS[name].kinds
        for value in getattr(dispatch, field)
    ]


def _led_to(dispatch: Dispatch, mention: Mention) -> Iterator[tuple[str, str]]:
    """Every value of the dispatch that a mention led to: a state may be an actor and a place."""
    for facet in FACETS.values():
        if mention.kind in facet.kinds:
            for value in getattr(dispatch, FACET_FIELDS[facet.name]):
                if mention.label in (value, value.split(PATH_SEPARATOR)[-1] if facet.hierarchical else value):
                    yield facet.name, value
