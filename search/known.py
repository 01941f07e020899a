"""What the authorities know of a value of a facet: what it is, its place in the world, its other names. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from authorities.model import PATH_SEPARATOR, Authorities, City, Organisation, Person, Region, State, fold
from mappings.fields import Facet


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of the authorities, as a reader is told of it; what its table does not have is blank.

    Args:
        kind: person, organisation, state, region, city or topic; `nature`: what sort of those ("armed_group", "sea").
        names: its other names, acronyms first.
        role, born: of a person. country: of a person, an organisation, a city. parent: of an organisation.
        capital: of a state. lat, lon: of a place, in degrees.
    """

    kind: str
    nature: str = ""
    names: tuple[str, ...] = ()
    role: str = ""
    born: str = ""
    country: tuple[str, ...] = ()
    parent: str = ""
    capital: str = ""
    lat: float | None = None
    lon: float | None = None


def known(authorities: Authorities, facet: Facet, value: str) -> Known | None:
    """What is known of a value; None of one the authorities do not have ("Sok Vannarith", found in a text).

    A path is known by its last part, if that is what the path leads to: "Luxembourg" is a state, and a city below it.
    """
    label = value.split(PATH_SEPARATOR)[-1] if facet.hierarchical else value
    for kind in facet.kinds:
        if facet.hierarchical and _path(authorities, label, kind) != value:
            continue
        if found := _known(authorities, label, kind):
            return found
    return None


def _path(authorities: Authorities, label: str, kind: str) -> str | None:
    if kind == "topic":
        return authorities.topic_path(label) if label in authorities.topics else None
    return authorities.venue_path(label, kind)


def _known(authorities: Authorities, label: str, kind: str) -> Known | None:
    table = {
        "person": authorities.persons,
        "organisation": authorities.organisations,
        "state": authorities.states,
        "region": authorities.regions,
        "city": authorities.cities,
        "topic": authorities.topics,
    }[kind]
    match table.get(label):
        case Person() as person:
            names = _others(label, person.aliases)
            return Known(kind, names=names, role=person.role, born=person.born or "", country=person.country)
        case Organisation() as body:
            names = _others(label, (*body.acronym, *body.aliases))
            return Known(kind, body.kind, names, country=body.country, parent=body.parent or "")
        case State() as state:
            names = _others(label, state.aliases)
            return Known(kind, state.kind, names, capital=state.capital or "", lat=state.lat, lon=state.lon)
        case Region() as region:
            return Known(kind, region.kind, _others(label, region.aliases), lat=region.lat, lon=region.lon)
        case City() as city:
            names = _others(label, city.aliases)
            return Known(kind, names=names, country=(city.country,), lat=city.lat, lon=city.lon)
        case None:
            return None
    return Known(kind)


def _others(label: str, names: Iterable[str]) -> tuple[str, ...]:
    """Names that differ from the label, and from one another, by more than case, accents or a hyphen."""
    told = {fold(label): label}
    for name in names:
        told.setdefault(fold(name), name)
    return tuple(told.values())[1:]
