"""The form of an alert: what is written in it, and what that asks for.

A filter is one box, its value a parameter as in a query string (`actor=Wang Yi`): unticked, it is asked no more. Channels
are rows; a row without a target is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from alerts.models import FREQUENCIES, ChannelType, Frequency, SavedSearch
from alerts.params import Params, canonical
from alerts.saved import MOST_CHANNELS, WantedChannel
from engine.errors import BadParameter
from mappings.fields import FACETS, STATUS_LABELS
from search.bounds import read_bound
from web import wording
from web.texts import gettext as _
from web.texts import noted
from web.urls import SUFFIXES, Pairs

FREQUENCY_WORDS: dict[Frequency, str] = {
    "immediate": noted("aussitôt"),
    "hourly": noted("chaque heure"),
    "daily": noted("chaque jour"),
    "weekly": noted("chaque semaine"),
}

# Monday first.
WEEKDAYS = (
    noted("lundi"),
    noted("mardi"),
    noted("mercredi"),
    noted("jeudi"),
    noted("vendredi"),
    noted("samedi"),
    noted("dimanche"),
)

# Channels with a target, as the form offers them.
TYPES: tuple[ChannelType, ...] = ("email", "webhook")

_SUFFIX_WORDS = {
    SUFFIXES["any"]: noted("%(label)s\u00a0: %(value)s"),
    SUFFIXES["all"]: noted("%(label)s\u00a0: %(value)s"),
    SUFFIXES["none"]: noted("%(label)s\u00a0: sauf %(value)s"),
}

_OTHERS = {
    ("dated", "yes"): noted("Dates\u00a0: connues"),
    ("dated", "no"): noted("Dates\u00a0: inconnues"),
    ("versions", "all"): noted("Versions remplacées et annulées aussi"),
}


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it is filled in. `filters`: every parameter but `q`. `revision`: of what is changed, when it was read.

    `rows`: the channels, those without a target among them.
    """

    name: str
    q: str
    filters: Pairs
    rows: tuple[WantedChannel, ...]
    back_loads: bool = False
    revision: int | None = None

    @property
    def params(self) -> dict[str, list[str]]:
        return canonical((("q", self.q.strip()), *self.filters) if self.q.strip() else self.filters)

    @property
    def boxes(self) -> list[tuple[str, str]]:
        """The filters a reader may untick: the value of each box, and what it says."""
        return [(f"{name}={value}", said) for name, value in self.filters if (said := filter_words(name, value))]

    @property
    def carried(self) -> list[str]:
        """The parameters that change nothing of what is found."""
        return [f"{name}={value}" for name, value in self.filters if not filter_words(name, value)]

    @property
    def channels(self) -> tuple[WantedChannel, ...]:
        """The feed, which is always there, and every row that has a target."""
        return (WantedChannel("feed"), *(row for row in self.rows if row.target))

    @property
    def offered(self) -> tuple[WantedChannel, ...]:
        """The rows to show: those filled in, and an empty one of each type."""
        filled = tuple(row for row in self.rows if row.target)
        empty = (row for row in self.rows if not row.target)
        spare = {row.type: row for row in empty}
        return (*filled, *(spare.get(type, WantedChannel(type)) for type in TYPES))


def new(name: str, params: Params) -> Filled:
    return Filled(name, _q(params), _others(params), ())


def of_saved(saved: SavedSearch) -> Filled:
    rows = tuple(
        WantedChannel(each.type, each.target, each.frequency, each.hour, each.weekday)
        for each in saved.channels
        if each.type in TYPES
    )
    return Filled(saved.name, _q(saved.params), _others(saved.params), rows, saved.back_loads, saved.revision)


def sent(form: MultiDict[str, str]) -> Filled:
    """The form as it was sent. Raises: BadParameter: a field that only another program can have filled so."""
    filters = [value.partition("=") for value in form.getlist("filter")]
    count = _number(form, "rows", 0, MOST_CHANNELS + len(TYPES))
    revision = form.get("revision", "")
    return Filled(
        name=form.get("name", ""),
        q=form.get("q", ""),
        filters=tuple((name, value) for name, _is, value in filters if value),
        rows=tuple(_row(form, place) for place in range(count)),
        back_loads="back_loads" in form,
        revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else None,
    )


def filter_words(name: str, value: str) -> str | None:
    """A parameter as a box says it ("Acteurs : sauf Wang Yi"); None: it changes nothing of what is found."""
    if other := _OTHERS.get((name, value)):
        return _(other)
    if name in ("from", "to"):
        try:
            bound = read_bound(value, last=name == "to")
        except ValueError:
            return _("%(label)s\u00a0: %(value)s", label=_("Dates"), value=value)
        words = wording.period(bound, None) if name == "from" else wording.period(None, bound)
        return _("%(label)s\u00a0: %(value)s", label=_("Dates"), value=words)
    facet, dot, rest = name.partition(".")
    if facet in FACETS and (suffix := dot + rest) in _SUFFIX_WORDS:
        told = _(STATUS_LABELS[value]) if facet == "status" and value in STATUS_LABELS else value
        return _(_SUFFIX_WORDS[suffix], label=_(FACETS[facet].label), value=told)
    return None


def when_words(frequency: Frequency, hour: int, weekday: int) -> str:
    """ "chaque jour à 7 h", "le lundi à 7 h", "aussitôt"."""
    if frequency == "daily":
        return _("chaque jour à %(hour)s", hour=wording.clock(hour))
    if frequency == "weekly":
        return _("le %(weekday)s à %(hour)s", weekday=_(WEEKDAYS[weekday]), hour=wording.clock(hour))
    return _(FREQUENCY_WORDS[frequency])


def _q(params: Params) -> str:
    return next(iter(params.get("q", ())), "")


def _others(params: Params) -> Pairs:
    return tuple((name, value) for name, values in params.items() if name != "q" for value in values)


def _row(form: Mapping[str, str], place: int) -> WantedChannel:
    type, frequency = form.get(f"type-{place}", ""), form.get(f"frequency-{place}", "immediate")
    known = next((each for each in TYPES if each == type), None)
    often = next((each for each in FREQUENCIES if each == frequency), None)
    if known is None or often is None:
        raise BadParameter("Ce formulaire n'est pas de cette archive : rechargez la page.")
    hour, weekday = _number(form, f"hour-{place}", 7, 23), _number(form, f"weekday-{place}", 0, 6)
    return WantedChannel(known, form.get(f"target-{place}", "").strip(), often, hour, weekday)


def _number(form: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = form.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= most):
        raise BadParameter("Ce formulaire n'est pas de cette archive : rechargez la page.")
    return int(text)
