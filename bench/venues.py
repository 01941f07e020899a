"""Where, who and what is only mentioned: `python -m bench.venues [--half réserve|réglage] [--errors] [--cut N]`.

On the annotated dispatches of tests/gold/venues.txt, each half, by the rules of before (`bench/venues_before.py`) and
those of today, read as the loader reads them (repair, parse, enrich):

    venues      share of dispatches whose venues are exactly those of the gold
    country     share whose venues lie in the same countries (regions and seas count as countries)
    actors      precision and recall over all names
    places      the same for places, venues among them

Then the speed of both on generated dispatches of 3 KB, one after the other in turns, without what topics take; and
the time of inputs made to be slow, at 250 KB and 1 MB: linear is four times.

`--errors` prints what is wrong of the half the rules were written with, never of the other. The half held out was
written first, before any rule of today, and is looked at as totals only.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from authorities.loader import load_authorities
from authorities.model import PATH_SEPARATOR, Authorities
from bench.corpus import Corpus
from bench.venues_before import EnricherBefore
from indexer.build import normalise
from indexer.enrich import Enricher
from indexer.parse import Parsed, parse
from indexer.repair import Repairer

GOLD = Path(__file__).resolve().parent.parent / "tests" / "gold" / "venues.txt"
TUNING, HELD_OUT = "réglage", "réserve"
VALUES = " ; "
SPEED_DISPATCHES = 600
ROUNDS = 3  # of each in turns; the best counts, since others use the machine
HOSTILE_SIZES = (250_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Annotated:
    """A dispatch of the gold."""

    id: str
    half: str
    style: str
    title: str
    paragraphs: tuple[str, ...]
    venues: frozenset[str]
    actors: frozenset[str]
    mentioned: frozenset[str]

    @property
    def places(self) -> frozenset[str]:
        """Every place: the last parts of the venues, and those only mentioned."""
        return self.mentioned | {path.split(PATH_SEPARATOR)[-1] for path in self.venues}


def read_gold(path: Path = GOLD) -> list[Annotated]:
    """The annotated dispatches. ValueError, with the id, for one without its lines."""
    dispatches = []
    for block in ("\n" + path.read_text("utf-8")).split("\n=== ")[1:]:
        head, *lines = block.strip().split("\n")
        id_, half, style = head.split(" ", 2)
        fields = {"lieux": "", "acteurs": "", "cités": "", "titre": ""}
        paragraphs = []
        for line in lines:
            name, colon, value = line.partition(":")
            if colon and name in fields:
                fields[name] = value.strip()
            elif line.strip():
                paragraphs.append(line)
        if half not in (TUNING, HELD_OUT) or not paragraphs or not fields["acteurs"]:
            raise ValueError(f"dépêche annotée {id_} : moitié inconnue, sans texte ou sans acteurs")
        sets = {name: frozenset(filter(None, fields[name].split(VALUES))) for name in ("lieux", "acteurs", "cités")}
        dispatches.append(
            Annotated(
                id_, half, style, fields["titre"], tuple(paragraphs), sets["lieux"], sets["acteurs"], sets["cités"]
            )
        )
    return dispatches


class _Facets(Protocol):
    @property
    def actors(self) -> tuple[str, ...]: ...
    @property
    def venues(self) -> tuple[str, ...]: ...
    @property
    def places(self) -> tuple[str, ...]: ...


class _Reads(Protocol):
    def enrich(
        self,
        title: str,
        title_derived: bool,
        body: Sequence[str],
        *,
        dateline_place: str | None = None,
        agency: str | None = None,
    ) -> _Facets: ...


@dataclass(slots=True)
class Counted:
    """What agrees over the dispatches of a half; names as (right, found, expected)."""

    dispatches: int = 0
    venues: int = 0
    country: int = 0
    names: dict[str, list[int]] = field(default_factory=lambda: {"actors": [0, 0, 0], "places": [0, 0, 0]})

    def add(self, gold: Annotated, found: _Facets) -> None:
        self.dispatches += 1
        self.venues += gold.venues == set(found.venues)
        self.country += set(map(country, gold.venues)) == set(map(country, found.venues))
        for what, expected, given in (
            ("actors", gold.actors, set(found.actors)),
            ("places", gold.places, set(found.places)),
        ):
            right = self.names[what]
            right[0] += len(expected & given)
            right[1] += len(given)
            right[2] += len(expected)

    def line(self) -> str:
        parts = [f"venues {self.venues / self.dispatches:.3f}", f"country {self.country / self.dispatches:.3f}"]
        for what, (right, found, expected) in self.names.items():
            parts.append(f"{what} P {right / max(1, found):.3f} R {right / max(1, expected):.3f}")
        return "   ".join(parts)


def country(path: str) -> str:
    """The first two levels: "Asie du Sud-Est > Cambodge > Phnom Penh" -> "Asie du Sud-Est > Cambodge"."""
    return PATH_SEPARATOR.join(path.split(PATH_SEPARATOR)[:2])


class Reading:
    """From the text as received to what the rules are given."""

    def __init__(self, authorities: Authorities) -> None:
        self._repairer = Repairer(
            name for person in authorities.persons.values() for name in (person.label, *person.aliases)
        )

    def parsed(self, text: str) -> Parsed:
        return parse(self._repairer.repair(normalise(text)).text)

    def facets(self, gold: Annotated, rules: _Reads) -> _Facets:
        parsed = self.parsed("\n".join(gold.paragraphs))
        title, derived = (gold.title, False) if gold.title else (parsed.title, parsed.title_derived)
        return rules.enrich(title, derived, parsed.body, dateline_place=parsed.dateline_place, agency=parsed.agency)


def errors_of(gold: Annotated, found: _Facets) -> list[str]:
    """What is missing (-) and too much (+)."""
    lines = []
    for what, expected, given in (
        ("venues", gold.venues, set(found.venues)),
        ("actors", gold.actors, set(found.actors)),
        ("places", gold.places, set(found.places)),
    ):
        wrong = [f"-{name}" for name in sorted(expected - given)] + [f"+{name}" for name in sorted(given - expected)]
        if wrong:
            lines.append(f"  {gold.id} {what}: {'  '.join(wrong)}")
    return lines


def speeds(rules: dict[str, Callable[[Parsed], object]], parsed: Sequence[Parsed]) -> dict[str, float]:
    """Dispatches a second of processor time, the best of some rounds in turns."""
    best = dict.fromkeys(rules, 0.0)
    for _ in range(ROUNDS):
        for name, apply in rules.items():
            start = time.process_time()
            for each in parsed:
                apply(each)
            best[name] = max(best[name], len(parsed) / (time.process_time() - start))
    return best


# Texts made to be slow: what patterns look for, again and again, and never the end they wait for.
HOSTILE = {
    "ministers": "le ministre de la Défense de la ",
    "capitals": "Paris Jean ",
    "one word": "A",
    "at places": "à Paris, ",
    "datelines": "PARIS - à ",
    "commas": ", maire de Nice",
    "quotes": "M. «",
    "hyphens": "Paris-Dakar-",
    "between": "entre la Chine et ",
    "surnames": "Wang Yi Wang M. Wang ",
    "blanks": "à   \t ",
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--half", choices=(TUNING, HELD_OUT), help="only this half")
    arguments.add_argument("--errors", action="store_true", help="what is wrong in the half of tuning")
    arguments.add_argument("--no-speed", action="store_true")
    options = arguments.parse_args()
    authorities = load_authorities()
    rules: dict[str, _Reads] = {"before": EnricherBefore(authorities), "today": Enricher(authorities)}
    reading = Reading(authorities)
    gold = [each for each in read_gold() if options.half in (None, each.half)]
    for half in (TUNING, HELD_OUT):
        chosen = [each for each in gold if each.half == half]
        for name, rule in rules.items():
            counted = Counted()
            for each in chosen:
                found = reading.facets(each, rule)
                counted.add(each, found)
                if options.errors and half == TUNING and name == "today":
                    print("\n".join(errors_of(each, found)) or f"  {each.id} .")
            if chosen:
                print(f"{half:8} {len(chosen):3}  {name:7} {counted.line()}")
    if not options.no_speed:
        print_speeds(authorities, reading)


def print_speeds(authorities: Authorities, reading: Reading) -> None:
    """Both rules on generated dispatches, then today's on texts made to be slow."""
    parsed = [reading.parsed(text) for text in Corpus().dispatches(SPEED_DISPATCHES)]
    before, today = EnricherBefore(authorities), Enricher(authorities)
    measured = speeds(
        {
            "before": lambda each: before.enrich("", True, each.body, dateline_place=each.dateline_place),
            "today": lambda each: today.without_topics("", True, each.body, dateline_place=each.dateline_place),
        },
        parsed,
    )
    print("dispatches/s  " + "   ".join(f"{name} {rate:,.0f}" for name, rate in measured.items()), end="   ")
    print(f"ratio {measured['today'] / measured['before']:.2f}")
    for name, piece in HOSTILE.items():
        times = []
        for size in HOSTILE_SIZES:
            text = (piece * (size // len(piece) + 1))[:size]
            start = time.process_time()
            today.without_topics("", True, (text,))
            times.append(time.process_time() - start)
        print(f"hostile {name:10} {times[0]:.2f} s, {times[1]:.2f} s, {times[1] / max(times[0], 1e-9):.1f} times")


if __name__ == "__main__":
    main()
