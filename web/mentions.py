"""Names in a dispatch as links to what else the archive has on them, and why it has the facets it has.

mentions -> the facet value each stands for -> links in the text; words by facet value
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


def linked(
    text: str,
    found: Found,
    links: Iterable[tuple[int, int, str, str]],
    said: Iterable[tuple[int, int, str]] = (),
    notes: Mapping[int, str] | None = None,
) -> Markup:
    """A text as HTML, its names as links, the words found marked and numbered.

    Args:
        links: start, end, address and title of each name; of two that overlap, the first is kept.
        said: start, end and anchor of what is said by somebody; it begins and ends where no name is cut.
        notes: HTML that stands right after a place of the text.
    """
    written = _Written(text, found, _apart(links, len(text)), notes or {})
    pieces: list[str] = []
    at = 0
    for start, end, name in sorted(said):
        start, end = max(written.beyond(start), at), written.before(min(end, len(text)))
        if start < end:
            pieces += [written.html(at, start), f'<span class="said" id="{escape(name)}">']
            pieces += [written.html(start, end), "</span>"]
            at = end
    return Markup("".join([*pieces, written.html(at, len(text))]))


def _apart(links: Iterable[tuple[int, int, str, str]], length: int) -> list[tuple[int, int, str, str]]:
    kept: list[tuple[int, int, str, str]] = []
    for link in sorted(links):
        if (kept[-1][1] if kept else 0) <= link[0] < link[1] <= length:
            kept.append(link)
    return kept


@dataclass(frozen=True, slots=True)
class _Written:
    """A text of which any stretch that cuts no link can be had as HTML."""

    text: str
    found: Found
    links: list[tuple[int, int, str, str]]
    notes: Mapping[int, str]

    def beyond(self, at: int) -> int:
        """That place, or the end of the name it is in."""
        return next((end for start, end, *_rest in self.links if start < at < end), at)

    def before(self, at: int) -> int:
        """That place, or the beginning of the name it is in."""
        return next((start for start, end, *_rest in self.links if start < at < end), at)

    def html(self, start: int, end: int) -> str:
        written: list[str] = []
        for begins, ends, href, title in self.links:
            if not start <= begins < end:
                continue
            written.append(self._piece(start, begins))
            # Anchors hold links: they stand before the name, not in it.
            written += (
                self.found.anchor(place) for place, span in enumerate(self.found.spans) if begins <= span[0] < ends
            )
            inner = self._piece(begins, ends, anchors=False)
            written.append(f'<a class="mention" href="{escape(href)}" title="{escape(title)}">{inner}</a>')
            start = ends
        return "".join([*written, self._piece(start, end)])

    def _piece(self, start: int, end: int, *, anchors: bool = True) -> str:
        written: list[str] = []
        at = start
        for place, (begins, stops) in enumerate(self.found.spans):
            begin, stop = max(begins, at), min(stops, end)
            if begin < stop:
                anchor = self.found.anchor(place) if anchors and begin == begins else ""
                written += [self._plain(at, begin), anchor, "<mark>", self._plain(begin, stop), "</mark>"]
                at = stop
        return "".join([*written, self._plain(at, end)])

    def _plain(self, start: int, end: int) -> str:
        written: list[str] = []
        for at in sorted(place for place in self.notes if start < place <= end):
            written += [escape(self.text[start:at]), self.notes[at]]
            start = at
        return "".join([*written, escape(self.text[start:end])])


def body(
    dispatch: Dispatch,
    found: Sequence[Found],
    href: Callable[[str, str], str],
    notes: Mapping[int, Mapping[int, str]] | None = None,
) -> list[Markup]:
    """Every paragraph as HTML with its names as links, and what is said in it with an anchor of its own.

    Args:
        found: what was found in every paragraph, or nothing at all.
        href: of a facet and a value, where its link leads.
        notes: by paragraph, what stands right after a place of its text.
    """
    links: dict[int, list[tuple[int, int, str, str]]] = {}
    for mention in dispatch.mentions:
        meant = meaning(dispatch, mention)
        if meant and mention.rule not in NOT_LINKED:
            place = (mention.start, mention.end, href(*meant), said(mention))
            links.setdefault(mention.paragraph, []).append(place)
    quoted: dict[int, list[tuple[int, int, str]]] = {}
    for rank, quote in enumerate(dispatch.quotes):
        quoted.setdefault(quote.paragraph, []).append((quote.start, quote.end, quote_anchor(rank)))
    return [
        linked(
            text,
            found[number] if found else Found(),
            links.get(number, ()),
            quoted.get(number, ()),
            (notes or {}).get(number),
        )
        for number, text in enumerate(dispatch.body)
    ]


def quote_anchor(rank: int) -> str:
    """The name of the place of a quote, by its rank among those of the dispatch, from 0."""
    return f"parole-{rank + 1}"


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
