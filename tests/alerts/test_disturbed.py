"""Matching while the ground moves: another generation of the index, a writer that dies midway, a clock that is set."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from alerts import saved
from alerts.match import OVERLAP, Matcher
from alerts.saved import Wanted
from alerts.start import Start
from engine.client import Engine
from engine.database import Database
from engine.errors import DatabaseBusy
from mappings import lifecycle
from mappings.fields import mapping
from mappings.lifecycle import Family
from search.service import Archive
from tests.alerts.archive import PEACE, WAR, ask, dispatch, put, told
from tests.alerts.rows import held


def quiet(_what: str, _done: int, _total: int) -> None:
    pass


def test_a_generation_that_is_analysed_otherwise_is_asked_in_its_own_words(
    matcher: Matcher, engine: Engine, family: Family, database: Database, owner: int
) -> None:
    chains = ask(database, owner, "chaînes")
    put(engine, family, dispatch("a", 1, WAR))
    matcher.once()
    settings = copy.deepcopy(lifecycle.settings())
    analyzer = settings["index"]["analysis"]["analyzer"]["fr"]
    analyzer["filter"] = [each for each in analyzer["filter"] if each not in ("fr_inflection", "fr_irregular")]
    plain = f"{family.prefix}-0ther000-2"
    engine.create_index(plain, settings, mapping())
    before = lifecycle.current(engine, family).name
    engine.reindex(before, plain, {"match_all": {}}, lambda done, total: None)
    actions = [{"remove": {"index": before, "alias": alias}} for alias in (family.read, family.write)]
    actions += [{"add": {"index": plain, "alias": family.read}}, {"add": {"index": plain, "alias": family.write}}]
    engine.update_aliases(actions)
    put(engine, family, dispatch("b", 2, WAR))
    matcher.once()
    assert told(database) == {(chains, "a", "new"), (chains, "b", "new")}


def test_a_rebuild_and_a_rollback_ring_nothing_and_hide_nothing(
    matcher: Matcher, engine: Engine, archive: Archive, family: Family, database: Database, owner: int
) -> None:
    peace = ask(database, owner, "paix")
    put(engine, family, dispatch("a", 1, PEACE))
    matcher.once()
    put(engine, family, dispatch("b", 2, PEACE))
    lifecycle.rebuild(engine, family, quiet)
    put(engine, family, dispatch("c", 3, PEACE))
    assert matcher.once().hits == 2
    put(engine, family, dispatch("d", 4, PEACE))
    lifecycle.rollback(engine, family, quiet)
    put(engine, family, dispatch("e", 5, PEACE))
    assert matcher.once().hits == 2
    assert Matcher(engine, archive, database).once().hits == 0
    assert told(database) == {(peace, id, "new") for id in "abcde"}


@pytest.mark.parametrize(("restarted", "late"), [(False, False), (True, True)])
def test_a_withdrawal_whose_writer_died_before_saying_so_is_told_when_another_has(
    restarted: bool,
    late: bool,
    matcher: Matcher,
    engine: Engine,
    archive: Archive,
    family: Family,
    database: Database,
    owner: int,
) -> None:
    """A notice can be found a moment before what it withdraws is marked; days before, if its writer is killed there."""
    peace = ask(database, owner, "paix")
    first = dispatch("v1", 1, PEACE, agency="AFP")
    put(engine, family, first)
    matcher.once()
    kill = dispatch("kill", 2, "Annulation.", agency="AFP", story="v1", version=2, settled=False)
    after = dispatch("after", 3 + 5 * OVERLAP, WAR)
    put(engine, family, kill, *([after] if late else []))
    matcher.once()
    assert told(database) == {(peace, "v1", "new")}
    # The next writer finishes that first, then brings what is long after.
    put(engine, family, replace(first, status="withdrawn"), replace(kill, settled=True))
    put(engine, family, after)
    (Matcher(engine, archive, database) if restarted else matcher).once()
    assert told(database) == {(peace, "v1", "new"), (peace, "v1", "withdrawal")}


def test_two_matchers_at_once_find_everything_once(
    matcher: Matcher, engine: Engine, archive: Archive, family: Family, database: Database, owner: int
) -> None:
    peace = ask(database, owner, "paix")
    other = Matcher(engine, archive, database)
    for number in range(1, 5):
        put(engine, family, dispatch(f"d{number}", number, PEACE))
        assert (matcher.once().hits, other.once().hits) == (1, 0)
        matcher, other = other, matcher
    assert told(database) == {(peace, f"d{number}", "new") for number in range(1, 5)}


def test_what_arrives_withdrawn_or_corrected_is_told_alike_in_one_look_or_in_two(
    matcher: Matcher, engine: Engine, archive: Archive, family: Family, database: Database, owner: int
) -> None:
    every = ask(database, owner, {"q": ["paix"], "versions": ["all"]})
    dead = dispatch("dead", 1, PEACE, agency="AFP", status="withdrawn")
    wrong = dispatch("wrong", 2, PEACE, agency="AFP", status="corrected")
    put(engine, family, dead, wrong, dispatch("right", 3, WAR, agency="AFP", story="wrong", version=2))
    for each in (matcher, Matcher(engine, archive, database)):
        each.once()
        assert told(database) == {
            (every, "dead", "withdrawal"),
            (every, "wrong", "new"),
            (every, "right", "correction"),
        }


def test_a_database_that_is_away_costs_no_alert(
    matcher: Matcher, engine: Engine, archive: Archive, family: Family, database: Database, owner: int
) -> None:
    peace = ask(database, owner, "paix")
    put(engine, family, dispatch("a", 1, PEACE))
    impatient = Database(database.url.render_as_string(hide_password=False), timeout=1)
    ours = Matcher(engine, archive, impatient)
    with held(database), pytest.raises(DatabaseBusy):
        ours.once()
    assert told(database) == set()
    ours.once()
    assert told(database) == {(peace, "a", "new")}
    impatient.close()


@pytest.mark.parametrize(("name", "q", "heard"), [("Guerre", "guerre", set()), ("La paix", "paix", {"a"})])
def test_a_question_that_is_changed_while_it_is_asked_is_answered_as_it_is_now(
    name: str,
    q: str,
    heard: set[str],
    matcher: Matcher,
    engine: Engine,
    family: Family,
    database: Database,
    owner: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    id = ask(database, owner, "paix")
    put(engine, family, dispatch("a", 1, PEACE))
    terms_of, wanted = engine.terms_of, [Wanted(name, {"q": [q]})]

    def changed_meanwhile(*of: Any, **how: Any) -> Any:
        answer = terms_of(*of, **how)
        if wanted:
            with database.writing() as session:
                saved.change(session, owner, id, wanted.pop(), start=Start(1), now=database.now(session))
        return answer

    monkeypatch.setattr(engine, "terms_of", changed_meanwhile)
    matcher.once()
    assert not wanted
    assert told(database) == {(id, each, "new") for each in heard}
