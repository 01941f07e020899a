"""New dispatches meet saved searches, on a real engine and both databases: all that a search finds, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from alerts import saved
from alerts.match import OVERLAP, Matcher, Round
from alerts.models import SavedSearch
from alerts.params import request_of
from alerts.start import Start
from engine.client import Engine
from engine.database import Database
from engine.errors import EngineUnavailable
from mappings.dispatch import Quote
from mappings.lifecycle import Family
from search.request import SearchRequest
from search.service import Archive
from tests.alerts.archive import PEACE, WAR, ask, dispatch, put, told
from tests.alerts.rows import NOW


def paused(database: Database, id: str) -> str | None:
    with database.reading() as session:
        return session.get_one(SavedSearch, id).pause_reason


def test_what_is_new_is_told_once_and_only_to_whom_it_concerns(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    peace, war = ask(database, owner, "paix"), ask(database, owner, "guerre")
    put(engine, family, dispatch("a", 1, PEACE), dispatch("b", 2, WAR), dispatch("c", 3, PEACE, WAR))
    assert matcher.once() == Round(dispatches=3, asked=0, hits=4)
    assert told(database) == {(peace, "a", "new"), (war, "b", "new"), (peace, "c", "new"), (war, "c", "new")}
    assert matcher.once() == Round(0, 0, 0)


def test_a_worker_that_restarts_finds_the_same_and_tells_nothing_twice(
    matcher: Matcher, engine: Engine, archive: Archive, family: Family, database: Database, owner: int
) -> None:
    ask(database, owner, "paix")
    put(engine, family, dispatch("a", 1, PEACE))
    matcher.once()
    again = Matcher(engine, archive, database).once()
    assert (again.dispatches, again.hits) == (1, 0)


def test_what_becomes_visible_late_is_told(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    peace = ask(database, owner, "paix")
    put(engine, family, dispatch("late", 2, PEACE), dispatch("last", 3 + OVERLAP // 2, PEACE))
    engine_hides = dispatch("hidden", 1 + OVERLAP // 2, PEACE)
    assert matcher.once().hits == 2
    put(engine, family, engine_hides)
    assert matcher.once().hits == 1
    assert (peace, "hidden", "new") in told(database)


def test_what_was_there_when_it_was_saved_is_not_told(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    peace = ask(database, owner, "paix", after_seq=2)
    put(engine, family, dispatch("before", 2, PEACE), dispatch("after", 3, PEACE))
    matcher.once()
    assert told(database) == {(peace, "after", "new")}


def test_an_archive_from_before_the_first_search_is_not_matched(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    put(engine, family, dispatch("old", 2 * OVERLAP, PEACE))
    matcher.once()
    ask(database, owner, "paix", after_seq=2 * OVERLAP)
    put(engine, family, dispatch("new", 2 * OVERLAP + 1, PEACE))
    assert (matcher.once().hits, {id for _, id, _ in told(database)}) == (1, {"new"})


def test_old_files_loaded_late_are_told_to_those_who_asked(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    ask(database, owner, "paix")
    all_files = ask(database, owner, "paix", back_loads=True)
    put(engine, family, dispatch("old", 1, PEACE, back_load=True))
    matcher.once()
    assert told(database) == {(all_files, "old", "new")}


def test_a_change_a_pause_and_a_new_search_are_seen_by_a_worker_that_runs(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    changed, stopped = ask(database, owner, "paix"), ask(database, owner, "paix")
    put(engine, family, dispatch("a", 1, PEACE))
    matcher.once()
    with database.writing() as session:
        wanted = replace(saved.wanted_of(saved.read(session, owner, changed)), params={"q": ["guerre"]})
        saved.change(session, owner, changed, wanted, start=Start(1), now=NOW)
        saved.pause(session, owner, stopped, now=NOW)
    added = ask(database, owner, "paix", after_seq=1)
    put(engine, family, dispatch("b", 2, PEACE), dispatch("c", 3, WAR))
    matcher.once()
    assert told(database) == {
        (changed, "a", "new"),
        (stopped, "a", "new"),
        (changed, "c", "new"),
        (added, "b", "new"),
    }


def test_a_correction_is_told_to_those_who_had_the_first_even_if_it_no_longer_meets_their_search(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    peace = ask(database, owner, "paix")
    first = dispatch("v1", 1, PEACE, agency="AFP")
    put(engine, family, first)
    matcher.once()
    second = dispatch("v2", 2, WAR, agency="AFP", story="v1", version=2)
    put(engine, family, replace(first, status="corrected"), second)
    matcher.once()
    assert told(database) == {(peace, "v1", "new"), (peace, "v2", "correction")}


def test_a_withdrawal_is_told_to_those_who_had_it_and_to_nobody_else(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    peace, notice = ask(database, owner, "paix"), ask(database, owner, "annulation")
    first = dispatch("v1", 1, PEACE, agency="AFP")
    put(engine, family, first)
    matcher.once()
    kill = dispatch("kill", 2, "Annulation de notre dépêche.", agency="AFP", story="v1", version=2)
    put(engine, family, replace(first, status="withdrawn"), kill)
    matcher.once()
    assert told(database) == {(peace, "v1", "new"), (peace, "v1", "withdrawal"), (notice, "kill", "new")}


def test_who_asks_for_a_state_hears_of_what_comes_into_it_later(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    when = 2 * OVERLAP
    asking = [{"status": ["withdrawn"]}, {"status.not": ["current"]}, {"status": ["superseded"]}, {"versions": ["all"]}]
    withdrawn, past, superseded, every = (ask(database, owner, {"q": ["paix"], **each}) for each in asking)
    old_files = ask(database, owner, {"q": ["paix"], "status": ["superseded"]}, back_loads=True)
    after = ask(database, owner, {"q": ["paix"], "status": ["withdrawn"]}, after_seq=when)
    first, other = dispatch("v1", 1, PEACE, agency="AFP"), dispatch("x1", 1, PEACE)
    put(engine, family, first, other, dispatch("war", 1, WAR))
    matcher.once()
    assert told(database) == {(every, "v1", "new"), (every, "x1", "new")}
    kill = dispatch("kill", when, "Annulation.", agency="AFP", story="v1", version=2)
    put(engine, family, replace(first, status="withdrawn", status_seq=when), kill)
    put(engine, family, replace(other, status="superseded", status_seq=when + 1))
    put(engine, family, dispatch("x2", when + 1, WAR, story="x1", version=2, back_load=True))
    put(engine, family, dispatch("war", 1, WAR, status="withdrawn", status_seq=when))
    matcher.once()
    expected = {
        (every, "v1", "new"),
        (every, "x1", "new"),
        (every, "v1", "withdrawal"),
        (withdrawn, "v1", "withdrawal"),
        (past, "v1", "withdrawal"),
        (old_files, "x1", "new"),
    }
    assert told(database) == expected
    # A member that changes nothing, and all that is read again, tell nobody anything.
    put(engine, family, dispatch("late", when + 2, WAR, agency="AFP", story="v1", version=3))
    matcher.forget()
    assert (matcher.once().hits, told(database)) == (0, expected)
    assert {superseded, after}.isdisjoint(search for search, _, _ in expected)


def test_a_search_that_can_no_longer_be_read_is_paused_and_the_others_go_on(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    broken, peace = ask(database, owner, {"q": ["paix"], "acteur": ["x"]}), ask(database, owner, "paix")
    put(engine, family, dispatch("a", 1, PEACE))
    matcher.once()
    assert told(database) == {(peace, "a", "new")}
    assert "acteur" in (paused(database, broken) or "")


def test_a_search_the_engine_refuses_is_found_among_the_others_and_paused(
    matcher: Matcher,
    engine: Engine,
    archive: Archive,
    family: Family,
    database: Database,
    owner: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = [ask(database, owner, "paix") for _ in range(9)]
    good.append(ask(database, owner, "paix PRES/9 (parle OU guerre)"))
    bad = ask(database, owner, '"paix ministre"~9')
    put(engine, family, dispatch("a", 1, PEACE))
    understood = archive.criteria

    def refused(request: SearchRequest) -> dict[str, Any]:
        # The engine is a real one, and really refuses this: a script it does not know.
        clause: dict[str, Any] = understood(request)
        broken = {"script": {"script": {"source": "no such language"}}}
        return {"bool": {"filter": [*clause["bool"]["filter"], broken]}} if "ministre" in request.q else clause

    monkeypatch.setattr(archive, "criteria", refused)
    matcher.once()
    assert told(database) == {(id, "a", "new") for id in good}
    assert "Le moteur ne peut pas répondre" in (paused(database, bad) or "")


def test_while_the_engine_is_away_nothing_is_paused_and_nothing_lost(
    matcher: Matcher,
    engine: Engine,
    family: Family,
    database: Database,
    owner: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    peace = ask(database, owner, "paix")
    put(engine, family, dispatch("a", 1, PEACE))
    with monkeypatch.context() as cut:
        cut.setattr(engine, "search", _away)
        with pytest.raises(EngineUnavailable):
            matcher.once()
    assert paused(database, peace) is None
    matcher.once()
    assert told(database) == {(peace, "a", "new")}


def _away(*_: object, **__: object) -> None:
    raise EngineUnavailable("coupé")


def test_what_a_search_requires_is_worked_out_again_when_the_analysis_changes(
    matcher: Matcher, engine: Engine, archive: Archive, family: Family, database: Database, owner: int
) -> None:
    peace = ask(database, owner, "paix")
    matcher.library.refresh()
    with database.writing() as session:
        session.execute(update(SavedSearch).values(analysis="d'hier", required=[["fr=autrefois"]]))
    put(engine, family, dispatch("a", 1, PEACE))
    Matcher(engine, archive, database).once()
    assert told(database) == {(peace, "a", "new")}


# -- alert hits are search results, exactly ----------------------------------------------------------

WORDS = (
    "paix",
    "guerre",
    "ministre",
    "chaînes",
    "énergie",
    "l’accord",
    "Pékin",
    "ONU",
    "à la une",
    "30 000",
    "Etats-Unis",
)
ACTORS = ("Wang Yi", "Sergueï Lavrov", "ONU", "États-Unis")
VENUES = ("Asie du Sud-Est > Cambodge > Phnom Penh", "Europe > France > Paris")
SENTENCES = (
    "Le ministre parle de la paix et de l’énergie.",
    "Les chaînes industrielles restent ouvertes, dit Wang Yi.",
    "Les Nations unies condamnent la guerre.",
    "À la une : 30 000 manifestants à Paris.",
    "Les États-Unis et Pékin signent l'accord.",
    "Aujourd’hui, rien de nouveau en Chine.",
)


def query(chance: random.Random, depth: int = 2) -> str:
    """Any query: every operator and field, names that are widened, words that nothing has."""
    word: Callable[[], str] = lambda: chance.choice(WORDS)  # noqa: E731
    simple: list[Callable[[], str]] = [
        word,
        lambda: f"{word()} {word()}",
        lambda: f"qui parle de {word()} et de {word()} ?",
        lambda: f'"{word()}"',
        lambda: f'"{word()} {word()}"~{chance.randint(1, 6)}',
        lambda: f"{chance.choice(('indus', 'mini', 'cha', 'sign'))}*",
        lambda: f"{chance.choice(('paix', 'guerre'))} PRES/{chance.randint(1, 9)} énergie",
        lambda: "ministre PARA paix",
        lambda: f"titre:{chance.choice(('paix', 'chaînes', 'accord'))}",
        lambda: f'acteur:"{chance.choice((*ACTORS, "Lavrov", "Wang"))}"',
        lambda: f"lieu:{chance.choice(('Cambodge', 'Paris', 'Europe'))}",
        lambda: f"parole:Wang {chance.choice(('', 'industrielles', 'paix'))}".strip(),
        lambda: f"date:{chance.choice(('2026', '7j', '2020', 'hier'))}",
    ]
    if depth == 0 or chance.random() < 0.5:
        return chance.choice(simple)()
    left, right = query(chance, depth - 1), query(chance, depth - 1)
    return chance.choice((f"({left}) OU ({right})", f"({left}) ET ({right})", f"({left}) SAUF ({right})"))


def filters(chance: random.Random) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    if chance.random() < 0.3:
        given["actor" + chance.choice(("", ".all", ".not"))] = chance.sample(ACTORS, chance.randint(1, 2))
    if chance.random() < 0.2:
        given["venue"] = [chance.choice((*VENUES, "Cambodge", "Europe"))]
    if chance.random() < 0.1:
        given["versions"] = ["all"]
    return given


@pytest.mark.parametrize("seed", [1])
def test_hits_are_the_results_of_the_same_searches(
    seed: int, engine: Engine, archive: Archive, family: Family, database: Database, owner: int
) -> None:
    chance = random.Random(seed)
    dispatches = []
    for number in range(60):
        body = tuple(chance.sample(SENTENCES, chance.randint(1, 4)))
        quotes = tuple(
            Quote("Wang Yi", at, 0, text.index(","), direct=False) for at, text in enumerate(body) if "Wang Yi" in text
        )
        actors, venues = chance.sample(ACTORS, chance.randint(0, 3)), chance.sample(VENUES, chance.randint(0, 1))
        status = chance.choice(("current", "current", "superseded"))
        fields = {"actors": tuple(actors), "venues": tuple(venues), "quotes": quotes, "status": status}
        dispatches.append(dispatch(f"d{number:02}", number + 1, *body, **fields))
    questions = [{"q": [query(chance)], **filters(chance)} for _ in range(120)]
    saved_as = {ask(database, owner, params): params for params in questions}
    left = list(dispatches)
    while left:
        size = chance.randint(5, 30)
        put(engine, family, *left[:size])
        left = left[size:]
        Matcher(engine, archive, database, window=chance.randint(3, 40), named=chance.randint(5, 90)).once()
    expected = {
        (id, hit.id, "new")
        for id, params in saved_as.items()
        for hit in archive.search(replace(request_of(params), size=100, facets=(), highlight=False)).hits
    }
    assert len(expected) > 300
    assert told(database) == expected
