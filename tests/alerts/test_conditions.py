"""What is decided of a dispatch by what the index holds of it is what the engine finds: thousands of pairs, each asked of both."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alerts.match import Matcher
from alerts.models import SavedSearch
from alerts.params import request_of
from alerts.saved import MOST_SAVED
from alerts.window import WAYS
from engine.client import Engine
from engine.database import Database
from engine.errors import RequestError
from mappings.dispatch import Dispatch, Doubt, Quote
from mappings.fields import FACETS
from mappings.lifecycle import Family
from search.service import Archive
from tests.alerts.archive import ask, dispatch, put
from tests.alerts.rows import user


def _each(texts: str) -> tuple[str, ...]:
    return tuple(texts.split("|"))


# Whatever is hard to tell: small words alone, elisions, accents and their absence, hyphens, figures, dots, ligatures, other
# alphabets, signs that are no words, a word too long for the index.
HARD = (
    *_each(
        "à la une|de la|qu'il y a|l’accord|d’accord|accord|accords|aujourd’hui|presqu’île|prud'homme|Etats-Unis|"
        "États-Unis|etats unis|ÉTATS-UNIS|O.N.U.|ONU|onu|Nations unies|U.E|G20|G-20|30 000|30.000|30000|14,2|14|F-16|"
        "F16|nº5|n° 5|1ᵉʳ|fin.Le|M.Wang|mot_mot|mai-68|étudiant·e·s|élu.e.s|élus|cœur|coeur|Œuvre|œuvres|Israel’s|"
        "N'Djamena|rock'n'roll|C++|Москва|東京|ﬁnance|e\u0301te\u0301|été|est|son|Straße|ŀorem|x²|paix|la paix|guerre|"
        "ministre|ministres|national|nationaux|Nationale|chaînes|cha?nes|Pékin|pekin|& co|…|-|Wang Yi|M. Wang|Lavrov|"
        "Phnom Penh|2026|26/11|10h30|100 %|soft\u00adword"
    ),
    "a" * 300,
    "a" * 255,
)
BEGINNINGS = _each("min|nation|étud|œuv|ŀor|Мос|États-Un|l'acc|prud'ho|30 0|cha|xxx|mot_m|aaaa")
ACTORS = _each("Sergueï Lavrov|Lavrovski Igor|ONU|États-Unis|L’Oréal|Le–Grand|O'Neil|Wang Yi|Ça ira *|Saint-Étienne")
PARTS = _each("lavrov|Lavro|neil|oréal|grand|Wang|ira *|saint|etienne|états|Nations unies|igor?")
VENUES = (
    "Asie du Sud-Est > Cambodge > Phnom Penh",
    "Europe > France > Paris",
    "Europe > France",
    "Ailleurs > Nulle-Part",
)
AGENCIES = ("afp", "AFP", "agence d'état")
TOPICS = ("Politique > Élections", "Économie > Énergie > Pétrole", "Sport")


Params = dict[str, list[str]]


def some(chance: random.Random, most: int = 3) -> str:
    return " ".join(chance.choices(HARD, k=chance.randint(1, most)))


def dispatches(chance: random.Random, count: int) -> list[Dispatch]:
    """Hard words in every field of their own, side by side, across fields and paragraphs, and as letters were lost."""
    made = []
    for number in range(count):
        body = [", ".join(chance.choices(HARD, k=chance.choice((0, 1, 2, 5, 12)))) for _ in range(chance.randint(1, 4))]
        if chance.random() < 0.1:
            body[-1] += " mot" * 1_200 + " " + some(chance)
        if chance.random() < 0.5:
            body.append(f"« {some(chance)} », a dit Wang Yi.")
        quotes = [
            Quote("Wang Yi", at, 2, text.index(" »"), True) for at, text in enumerate(body) if text.startswith("«")
        ]
        title = some(chance)
        doubts = [
            Doubt(
                at,
                text.index("cha?nes"),
                text.index("cha?nes") + 7,
                ("chaînes", "chatnes", "charnes")[: chance.randint(1, 3)],
            )
            for at, text in enumerate([*body, title])
            if "cha?nes" in text
        ]
        doubts = [replace(each, paragraph=-1) if each.paragraph == len(body) else each for each in doubts]
        day = datetime(2026, 11, 26, tzinfo=UTC) - timedelta(
            minutes=chance.choice((0, 1, 59, 60, 61, 1439, 1440, 300_000))
        )
        made.append(
            dispatch(
                f"d{number:03}",
                number + 1,
                *body,
                title=title,
                lead=some(chance, 6),
                quotes=tuple(quotes),
                doubts=tuple(doubts),
                published=chance.choice((day, day, day, None)),
                status=chance.choice(("current", "current", "superseded", "corrected", "withdrawn")),
                agency=chance.choice((None, "AFP", "Agence d’État")),
                actors=tuple(chance.sample(ACTORS, chance.randint(0, 4))),
                venues=tuple(chance.sample(VENUES, chance.randint(0, 2))),
                topics=tuple(chance.sample(TOPICS, chance.randint(0, 2))),
                places=tuple(chance.sample(("Paris", "Saint-Étienne", "Asie du Sud-Est"), chance.randint(0, 2))),
            )
        )
    return made


def query(chance: random.Random, depth: int = 2) -> str:
    """Every operator and field about hard words."""
    one: Callable[[], str] = lambda: chance.choice(HARD)  # noqa: E731
    shapes: tuple[Callable[[], str], ...] = (
        one,
        lambda: some(chance),
        lambda: some(chance, 7),
        lambda: f"qui parle de {some(chance)} ?",
        lambda: f'"{some(chance)}"',
        lambda: f'"{one()}, {one()}"',
        lambda: f'"{some(chance)}"~{chance.randint(1, 9)}',
        lambda: f"{chance.choice(BEGINNINGS)}*",
        lambda: f"({one()}) PRES/{chance.choice((0, 1, 3, 20))} ({one()})",
        lambda: f"{one().split()[0]} PARA {one().split()[0]}",
        lambda: f'"{one()}" PRES/4 (paix OU {one().split()[0]} OU {chance.choice(BEGINNINGS)}*)',
        lambda: f'titre:"{one()}"',
        lambda: f"titre:({some(chance)})",
        lambda: f"titre:{chance.choice(BEGINNINGS)}* titre:(paix PRES/9 guerre)",
        lambda: f'acteur:"{chance.choice((*ACTORS, *PARTS))}"',
        lambda: f'lieu:"{chance.choice((*VENUES, "Cambodge", "europe", "phnom penh", "nulle part"))}"',
        lambda: f'sujet:"{chance.choice((*TOPICS, "petrole", "Élections"))}"',
        lambda: f'agence:"{chance.choice(AGENCIES)}"',
        lambda: f'parole:"{chance.choice(("Wang", "Wang Yi", "wan"))}" {chance.choice(("", one()))}',
        lambda: (
            f"date:{chance.choice(('2026', '7j', 'hier', '2026-11-25', '..2026-11-25', '2026-11-26..', '2026-05'))}"
        ),
    )
    if depth == 0 or chance.random() < 0.5:
        return chance.choice(shapes)()
    left, right = query(chance, depth - 1), query(chance, depth - 1)
    return f"({left}) {chance.choice(('OU', 'ET', 'SAUF', ''))} ({right})"


def params(chance: random.Random) -> Params:
    given: Params = {}
    if chance.random() < 0.9:
        given["q"] = [query(chance)]
    values = {
        "actor": (*ACTORS, *PARTS),
        "venue": (*VENUES, "Cambodge"),
        "topic": (*TOPICS, "pétrole"),
        "speaker": ("Wang Yi",),
    }
    values |= {"place": ("paris", "Saint Etienne"), "agency": AGENCIES, "status": ("current", "corrected")}
    for name in chance.sample(tuple(FACETS), chance.choice((0, 0, 1, 2)) if given else 2):
        given[name + chance.choice(("", "", ".all", ".not"))] = chance.choices(values[name], k=chance.randint(1, 3))
    if chance.random() < 0.2:
        given["from"] = [chance.choice(("2026-11-25", "2026-11-26", "2026-11-26T00:00+01:00", "2026-11-25T23:01Z"))]
    if chance.random() < 0.2:
        given["to"] = [chance.choice(("2026-11-26", "2026-11-26T00:59+01:00", "2026-11-27T10:00"))]
    if chance.random() < 0.6:
        given["versions"] = ["all"]
    if chance.random() < 0.1:
        given["dated"] = [chance.choice(("yes", "no"))]
    return given


def saved_searches(chance: random.Random, archive: Archive, database: Database, count: int) -> dict[str, Params]:
    """So many that can be read, by id, each with its parameters."""
    owners = [user(database, f"lecteur{number}") for number in range(1 + count // MOST_SAVED)]
    found: dict[str, Params] = {}
    while len(found) < count:
        given = params(chance)
        try:
            archive.criteria(request_of(given))
        except RequestError:
            continue
        found[ask(database, owners[len(found) % len(owners)], given)] = given
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_decided_here_is_what_the_engine_finds(
    matcher: Matcher, engine: Engine, archive: Archive, family: Family, database: Database
) -> None:
    chance = random.Random(20261126)
    put(engine, family, *dispatches(chance, 120))
    of_id = saved_searches(chance, archive, database, 700)
    matcher.library.refresh()
    window = matcher.window_of([each for page in matcher.since(0) for each in page])
    names = [each.id for each in window.dispatches]
    told = {each.id: (sure, may) for asking, sure, may in matcher.library.may_meet(window) for each in asking}
    decided = found = 0
    for id, given in of_id.items():
        body = {"query": archive.criteria(request_of(given)), "size": len(names), "_source": False}
        meet = sum(window.bit_of[hit["_id"]] for hit in engine.search(body, index=family.read)["hits"]["hits"])
        sure, may = told.get(id, (0, 0))
        assert sure & ~meet == 0, (given, window.members(sure & ~meet)[0].id)
        assert meet & ~may == 0, (given, window.members(meet & ~may)[0].id)
        decided += sure.bit_count()
        found += meet.bit_count()
    assert found > 4_000
    assert decided > 0.8 * found
    with database.reading() as session:
        conditions = session.scalars(select(SavedSearch.required)).all()
    assert {way for each in conditions for way in ways(each)} == set(WAYS)


def ways(condition: Any) -> Iterator[str]:
    """The ways in which a condition and those in it are meant."""
    if isinstance(condition, list):
        yield condition[0]
        for part in condition[1:]:
            yield from ways(part)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_dispatch_that_changes_while_it_is_read_is_for_the_engine_to_judge(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    ask(database, owner, {"q": ["paix"], "actor": ["ONU"]})
    matcher.library.refresh()
    put(engine, family, dispatch("a", 1, "La paix.", actors=("ONU",)), dispatch("b", 2, "La paix.", actors=("ONU",)))
    (read,) = matcher.since(0)
    put(engine, family, dispatch("a", 1, "La paix revient."))
    ((_, sure, may),) = matcher.library.may_meet(matcher.window_of(read))
    assert (sure, may) == (0b10, 0b11)
