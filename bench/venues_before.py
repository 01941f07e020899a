"""The rules for actors, venues and places that stood before decision 0008: the baseline of `bench.venues`.

A name acts when it is a person's or a body's; a state when it stands like a subject; it happens at the dateline, else at the
first place of the lead after "à", "en", "au".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from authorities.model import Authorities, fold
from indexer.names import Found, NameFinder, Pattern, comparable
from indexer.running import RunningText
from mappings.dispatch import Mention

# Verbs of a subject that acts, third person; what stands right after the name ("la Chine et la Russie doivent").
ACTING = (
    r"a|ont|est|sont|avait|avaient|était|étaient|sera|seront|fut|doit|doivent|devra|devront|devrait|devraient|va|vont|veut|"
    r"veulent|peut|peuvent|souhaite|souhaitent|appelle|appellent|demande|demandent|refuse|refusent|condamne|condamnent|"
    r"annonce|annoncent|dénonce|dénoncent|estime|estiment|affirme|affirment|accuse|accusent|propose|proposent|soutient|"
    r"soutiennent|rejette|rejettent|exige|exigent|menace|menacent|compte|comptent|entend|entendent|reste|restent|"
    r"continue|continuent|participe|participent|accueille|accueillent|s'engage|s'engagent|s'oppose|s'opposent"
)
FOLLOWED_BY_VERB = re.compile(
    rf"\s+(?:et\s+(?:la |le |les |l')?[\w'-]+(?:\s[\w'-]+)?\s+)?(?:ne |n'|se |s'|y |en )*(?:{ACTING})\b", re.IGNORECASE
)
# "(par|de|à...) la Chine": which word leads the name. An article alone is a subject's; "par" is an agent's.
LEADING = re.compile(
    r"(?:\b(par|de|à|dans|vers|pour|sur|contre|avec|entre|chez|depuis|en|au|aux|du|des|d)['\s]+)?(?:\b(?:la|le|les|l)['\s]+)?$",
    re.IGNORECASE,
)
AT_PLACE = re.compile(r"\b(?:à|À|a|en|En|au|aux)\s+(?:la\s+|l')?$")
COURTESY = re.compile(r"\b(?:M\.|MM\.|Mme|Mmes|Mlle|Me|Dr|Mgr)\s+$")

# Meanings that are people or bodies; the first of them found under a name is taken.
ACTOR_KINDS = ("person", "organisation")
PLACE_KINDS = ("state", "region", "city")


class _Name(NamedTuple):
    """An authority's name as a pattern's meaning."""

    label: str
    kind: str  # person | organisation | state | region | city
    role: str  # label | alias | acronym | demonym | metonym | surname


@dataclass(frozen=True, slots=True)
class Enriched:
    """Facets and the mentions they rest on."""

    mentions: tuple[Mention, ...]
    actors: tuple[str, ...]
    venues: tuple[str, ...]
    places: tuple[str, ...]


class EnricherBefore:
    """Finds mentions and facets; built once from the authorities, then a function of the dispatch alone."""

    def __init__(self, authorities: Authorities) -> None:
        self._authorities = authorities
        self._finder = NameFinder(_name_patterns(authorities))
        self._surnames = {person.label: person.surname for person in authorities.persons.values()}
        self._places: dict[str, str] = {}
        for name in authorities.names():
            if name.kind in PLACE_KINDS and name.role in ("label", "alias"):
                self._places.setdefault(fold(name.text), name.label)

    def enrich(
        self,
        title: str,
        title_derived: bool,
        body: Sequence[str],
        *,
        dateline_place: str | None = None,
        agency: str | None = None,
    ) -> Enriched:
        """The facets of a dispatch.

        A derived title repeats the lead, so nothing is looked for in it; the agency signs and does not act.
        """
        text = RunningText.of("" if title_derived else title, body)
        hits = self._finder.find(text.text, comparable(text.text))
        in_full = self._named_in_full(hits)
        names: list[tuple[Found, _Name]] = []
        for found in hits:
            chosen = self._choose(text.text, found, in_full)
            if chosen:
                names.append((found, chosen))
        signs = (agency or "").casefold()
        acting = [name.label for found, name in names if self._acts(text.text, found, name)]
        places = [name.label for _, name in names if name.kind in PLACE_KINDS and name.role in ("label", "alias")]
        mentions = tuple([_mention(text, found, name) for found, name in names])
        return Enriched(
            mentions=mentions,
            actors=_by_frequency(label for label in acting if label.casefold() != signs),
            venues=self._venues(text, names, dateline_place),
            places=_by_frequency(places),
        )

    def _named_in_full(self, hits: Iterable[Found]) -> set[str]:
        """The people a surname alone may mean: named in full in this dispatch, and the only ones of that surname there."""
        bearers: dict[str, set[str]] = {}
        for found in hits:
            for name in found.meanings:
                if isinstance(name, _Name) and name.kind == "person" and name.role != "surname":
                    bearers.setdefault(self._surnames[name.label], set()).add(name.label)
        return {label for labels in bearers.values() if len(labels) == 1 for label in labels}

    def _choose(self, text: str, found: Found, in_full: set[str]) -> _Name | None:
        """The one meaning of a name, among a person, a body, a state, a town, a government called by its town."""
        names = [meaning for meaning in found.meanings if isinstance(meaning, _Name)]
        full = []
        for name in names:
            if name.role != "surname":
                full.append(name)
            elif name.label in in_full:  # "M. Wang" where the dispatch has named Wang Yi
                rule = "courtesy" if COURTESY.search(text[max(0, found.start - 6) : found.start]) else "surname"
                return _Name(name.label, "person", rule)
        if not full:
            return None
        if len(full) == 1:
            return full[0]
        for kind in ACTOR_KINDS:
            for name in full:
                if name.kind == kind:
                    return name
        metonyms = [name for name in full if name.role == "metonym"]
        towns = [name for name in full if name.role in ("label", "alias")]
        if metonyms and (not towns or _is_subject(text, found)):
            return metonyms[0]
        if towns:
            # "à Luxembourg" is the town, "le Luxembourg" the state.
            at_town = re.search(r"\b[àÀ]\s+$", text[max(0, found.start - 4) : found.start])
            order = ("city", "state", "region") if at_town else ("state", "region", "city")
            return min(towns, key=lambda name: order.index(name.kind))
        return full[0]

    def _acts(self, text: str, found: Found, name: _Name) -> bool:
        if name.kind in ACTOR_KINDS:
            return True
        if name.role == "metonym":
            return True
        return name.kind == "state" and name.role in ("label", "alias") and _is_subject(text, found)

    def _venues(
        self, text: RunningText, names: list[tuple[Found, _Name]], dateline_place: str | None
    ) -> tuple[str, ...]:
        if dateline_place:
            label = self._places.get(fold(dateline_place))
            path = self._authorities.venue_path(label) if label else None
            if path:
                return (path,)
        in_lead = [
            name
            for found, name in names
            if name.kind in PLACE_KINDS
            and name.role in ("label", "alias")
            and text.paragraph(found.start)[0] in (-1, 0)
            and AT_PLACE.search(text.text[max(0, found.start - 12) : found.start])
        ]
        for kind in ("city", "state", "region"):
            for name in in_lead:
                path = self._authorities.venue_path(name.label, name.kind) if name.kind == kind else None
                if path:
                    return (path,)
        return ()


def _is_subject(text: str, found: Found) -> bool:
    """Whether a name stands like a subject that acts, or like an agent ("par la Russie")."""
    leading = LEADING.search(text[max(0, found.start - 16) : found.start])
    preposition = leading[1].lower() if leading and leading[1] else None
    if preposition == "par":
        return True
    return preposition is None and FOLLOWED_BY_VERB.match(text, found.end) is not None


def _mention(text: RunningText, found: Found, name: _Name) -> Mention:
    paragraph, start = text.paragraph(found.start)
    surface = text.text[found.start : found.end]
    return Mention(name.label, name.kind, paragraph, start, start + len(surface), surface, name.role)


def _by_frequency(labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(label for label, _ in Counter(labels).most_common())


def _name_patterns(authorities: Authorities) -> Iterable[Pattern]:
    for name in authorities.names():
        yield Pattern(
            name.text,
            _Name(name.label, name.kind, name.role),
            proper=name.role != "demonym",
            acronym=name.role == "acronym",
        )
