"""Saved searches in both databases: whose they are, how many, who changed them last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy.orm import Session

from alerts import saved
from alerts.models import SavedSearch
from alerts.saved import MOST_SAVED, Wanted, WantedChannel
from alerts.start import Start
from engine.database import Database
from engine.errors import ChangedMeanwhile, LimitReached, SavedSearchNotFound
from tests.alerts.rows import MAIL, NOW, WEBHOOK, later, save, user

FEED = WantedChannel("feed")


def read(database: Database, owner: int, id: str) -> SavedSearch:
    with database.reading() as session:
        return saved.read(session, owner, id)


def change(database: Database, owner: int, id: str, **changes: object) -> SavedSearch:
    """Change a part of it, an hour later, when the archive has come to 9."""
    with database.writing() as session:
        wanted = replace(saved.wanted_of(saved.read(session, owner, id)), **changes)  # type: ignore[arg-type]
        return saved.change(session, owner, id, wanted, start=Start(9), now=later(hours=1))


def test_what_is_saved_is_read_back(database: Database) -> None:
    owner = user(database)
    with database.writing() as session:
        params = {"actor": ["Sergueï Lavrov", "ONU"], "q": [" « Ceinture  et la Route »~3 "]}
        id = saved.create(session, owner, Wanted("Chine", params, (FEED, MAIL, WEBHOOK)), start=Start(7), now=NOW).id
    found = read(database, owner, id)
    assert (found.name, found.params, found.after_seq, found.revision) == ("Chine", params, 7, 1)
    assert (found.created, found.updated, found.paused) == (NOW, NOW, None)
    assert [channel.type for channel in found.channels] == ["feed", "email", "webhook"]
    assert [bool(channel.secret) for channel in found.channels] == [False, False, True]
    assert len(found.feed_token) == 43


@pytest.mark.parametrize(
    "asked",
    [
        lambda session, owner, id: saved.read(session, owner, id),
        lambda session, owner, id: saved.change(session, owner, id, Wanted("x", {}), start=Start(0), now=NOW),
        lambda session, owner, id: saved.delete(session, owner, id),
        lambda session, owner, id: saved.pause(session, owner, id, now=NOW),
        lambda session, owner, id: saved.resume(session, owner, id, start=Start(0), now=NOW),
        lambda session, owner, id: saved.rotate_secret(session, owner, id, "x", now=NOW),
    ],
)
def test_anothers_is_not_there(database: Database, asked: Callable[[Session, int, str], object]) -> None:
    mine = save(database, user(database))
    other = user(database, "a.martin")
    with pytest.raises(SavedSearchNotFound), database.writing() as session:
        asked(session, other, mine)


def test_each_sees_their_own_the_latest_first(database: Database) -> None:
    one, other = user(database), user(database, "a.martin")
    first = save(database, one)
    save(database, other)
    with database.writing() as session:
        second = saved.create(session, one, Wanted("b", {"q": ["b"]}), start=Start(0), now=later(minutes=1)).id
    with database.reading() as session:
        assert [each.id for each in saved.every(session, one)] == [second, first]


def test_a_new_question_is_asked_of_what_comes_from_now_on(database: Database) -> None:
    owner = user(database)
    id = save(database, owner)
    same = change(database, owner, id, name="Autre nom")
    assert (same.after_seq, same.revision, same.updated) == (0, 2, later(hours=1))
    assert change(database, owner, id, params={"q": ["wang"]}).after_seq == 9


def test_a_change_of_what_another_window_changed_is_refused(database: Database) -> None:
    owner = user(database)
    id = save(database, owner)
    change(database, owner, id, name="Le premier")
    with pytest.raises(ChangedMeanwhile, match="révision 2"), database.writing() as session:
        saved.change(session, owner, id, Wanted("Le second", {}), start=Start(0), now=NOW, revision=1)
    with pytest.raises(ChangedMeanwhile), database.writing() as session:
        saved.delete(session, owner, id, revision=1)
    assert read(database, owner, id).name == "Le premier"


def test_a_channel_that_stays_keeps_its_secret_and_its_id(database: Database) -> None:
    owner = user(database)
    id = save(database, owner, WEBHOOK, MAIL)
    before = read(database, owner, id).channels[0]
    after = change(database, owner, id, channels=(FEED, replace(WEBHOOK, frequency="daily"))).channels
    assert [channel.type for channel in after] == ["feed", "webhook"]
    assert (after[1].id, after[1].secret, after[1].frequency) == (before.id, before.secret, "daily")


def test_one_target_asked_for_twice_is_one_channel(database: Database) -> None:
    owner = user(database)
    found = read(database, owner, save(database, owner, MAIL, replace(MAIL, frequency="weekly")))
    assert [channel.frequency for channel in found.channels] == ["weekly"]


def test_a_disabled_channel_is_enabled_by_asking_for_it_again_and_not_by_another_change(database: Database) -> None:
    owner = user(database)
    id = save(database, owner, MAIL)
    with database.writing() as session:
        saved.read(session, owner, id).channels[0].disabled = NOW
    assert change(database, owner, id, name="Autre").channels[0].disabled
    assert not change(database, owner, id, channels=(MAIL,)).channels[0].disabled


def test_a_new_secret_leaves_the_old_one_a_day(database: Database) -> None:
    owner = user(database)
    id = save(database, owner, WEBHOOK)
    before = read(database, owner, id).channels[0]
    with database.writing() as session:
        after = saved.rotate_secret(session, owner, id, before.id, now=NOW)
    assert after.secret != after.old_secret == before.secret
    assert after.old_secret_until == later(days=1)


def test_paused_by_its_owner_or_by_the_matcher_and_resumed(database: Database) -> None:
    owner = user(database)
    id = save(database, owner)

    def active() -> list[str]:
        with database.reading() as session:
            return [each.id for each in saved.active(session)]

    with database.writing() as session:
        saved.pause(session, owner, id, now=NOW)
    assert active() == []
    with database.writing() as session:
        assert not saved.pause_broken(session, id, "trop de clauses", now=NOW)
        saved.resume(session, owner, id, start=Start(5), now=NOW)
        assert saved.pause_broken(session, id, "trop de clauses", now=NOW)
    broken = read(database, owner, id)
    assert (bool(broken.paused), broken.pause_reason, broken.after_seq) == (True, "trop de clauses", 5)
    assert change(database, owner, id, params={"q": ["wang"]}).paused is None
    assert active() == [id]


def test_those_to_ask_come_in_pages(database: Database) -> None:
    owner = user(database)
    ids = {save(database, owner) for _ in range(7)}
    seen: list[str] = []
    with database.reading() as session:
        while page := saved.active(session, after=seen[-1] if seen else "", limit=3):
            seen += [each.id for each in page]
    assert (len(seen), set(seen)) == (7, ids)


def test_the_last_place_is_taken_once(database: Database) -> None:
    owner = user(database)
    with database.writing() as session:
        for number in range(MOST_SAVED - 1):
            session.add(
                SavedSearch(
                    id=f"{number}", owner_id=owner, name="x", params={}, created=NOW, updated=NOW, revision=1,
                    back_loads=False, feed_token=f"{number}", after_seq=0,
                )
            )  # fmt: skip
    together = Barrier(4)
    ends: list[str] = []

    def attempt() -> None:
        together.wait()
        try:
            save(database, owner)
            ends.append("saved")
        except LimitReached:
            ends.append("refused")

    threads = [Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["refused"] * 3 + ["saved"]


def test_deleting_a_user_deletes_what_was_theirs(database: Database) -> None:
    from access.models import User

    owner = user(database)
    save(database, owner, MAIL)
    with database.writing() as session:
        session.delete(session.get_one(User, owner))
    with database.reading() as session:
        assert not saved.active(session)
