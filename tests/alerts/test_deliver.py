"""Delivery on both databases, to real receivers: everything arrives, whatever fails, and nothing twice under another id."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from alerts import outbox, saved
from alerts.deliver import Deliverer, Tally
from alerts.models import Channel, Delivery
from alerts.saved import WantedChannel
from engine.client import Address, Engine
from engine.config import Settings
from engine.database import Database
from engine.errors import DatabaseBusy, EngineUnavailable
from mappings.lifecycle import Family
from tests.alerts.archive import dispatch, put
from tests.alerts.receivers import Answer, Call, receiver
from tests.alerts.rows import found, held, later, record, save, user


@pytest.fixture
def local(settings: Settings) -> Settings:
    return replace(settings, host="127.0.0.1", user_header=None, trusted_proxies=())


@contextmanager
def deliverer(
    engine: Engine, family: Family, database: Database, settings: Settings, timeout: float = 5.0
) -> Iterator[Deliverer]:
    made = Deliverer(engine, family.read, database, settings, timeout=timeout)
    yield made
    made.close()


def hasten(database: Database) -> int:
    """The delays before another attempt pass. How many messages wait."""
    with database.writing() as session:
        waiting = session.scalars(select(Delivery.id).where(Delivery.state == "pending")).all()
        session.execute(update(Delivery).where(Delivery.state == "pending").values(due=later(days=-30)))
    return len(waiting)


def rows(database: Database) -> list[Delivery]:
    with database.reading() as session:
        return list(session.scalars(select(Delivery)))


def waiting(database: Database, owner: int, url: str, count: int, first: int = 0) -> str:
    """A saved search with so many messages to send there."""
    id = save(database, owner, WantedChannel("webhook", url))
    record(database, found(id, count, first))
    return id


def test_to_a_receiver_that_fails_half_the_time_all_arrives_and_repeats_have_the_same_id(
    engine: Engine, family: Family, database: Database, local: Settings
) -> None:
    put(engine, family, *(dispatch(f"depeche-{number:05}", number, "Lavrov") for number in range(40)))
    chance = random.Random(7)

    def moody(call: Call) -> Answer:
        """Half the time it fails: sometimes after it took the message."""
        kind = chance.choice(("well", "well", "error", "cut"))
        if kind == "well":
            accepted.append(call.id)
        return Answer({"well": 200, "error": 500, "cut": 0}[kind])

    accepted: list[str] = []
    with receiver(moody) as there, deliverer(engine, family, database, local) as ours:
        waiting(database, user(database), there.url, 40)
        for _ in range(10):
            ours.once()
            if not hasten(database):
                break
    ids = {row.id for row in rows(database)}
    assert (len(ids), set(accepted), len(accepted)) == (40, ids, 40)
    assert set(there.ids) == ids
    dispatches = {(call.id, call.json["hit"]["dispatch"]["id"]) for call in there.calls}
    assert len(dispatches) == 40
    assert {row.state for row in rows(database)} == {"done"}
    assert there.most == 1
    repeated = [id for id, count in Counter(there.ids).items() if count > 1]
    assert repeated


def test_a_receiver_that_hangs_delays_no_other_and_is_left_alone(
    engine: Engine, family: Family, database: Database, local: Settings
) -> None:
    over, served = threading.Event(), threading.Event()

    def well(_: Call) -> Answer:
        if len(quick.calls) == 20:
            served.set()
        return Answer()

    with (
        receiver(lambda _: Answer(before=over.wait)) as slow,
        receiver(well) as quick,
        deliverer(engine, family, database, local, timeout=30.0) as ours,
    ):
        owner = user(database)
        waiting(database, owner, slow.url, 60)
        waiting(database, owner, quick.url, 20, 60)
        for _ in range(100):
            ours.step(0.2)
            if served.is_set():
                break
        # The slow one was due first, and has its first message still.
        assert (len(slow.calls), served.is_set()) == (1, True)
        over.set()


def test_who_does_not_answer_is_left_alone_and_the_rest_is_given_back_untried(
    engine: Engine, family: Family, database: Database, local: Settings
) -> None:
    over = threading.Event()
    with (
        receiver(lambda _: Answer(before=over.wait)) as slow,
        deliverer(engine, family, database, local, timeout=0.3) as ours,
    ):
        waiting(database, user(database), slow.url, 5)
        assert ours.once() == Tally(retry=1)
        over.set()
    assert len(slow.calls) == 1
    assert sorted((row.state, row.attempts) for row in rows(database)) == [("pending", 0)] * 4 + [("pending", 1)]


def test_gone_is_disabled_with_the_reason_and_what_waited_is_given_up(
    engine: Engine, family: Family, database: Database, local: Settings
) -> None:
    with (
        receiver(lambda _: Answer(410)) as gone,
        receiver() as well,
        deliverer(engine, family, database, local) as ours,
    ):
        owner = user(database)
        id = waiting(database, owner, gone.url, 3)
        waiting(database, owner, well.url, 1)
        ours.once()
    with database.reading() as session:
        [channel] = session.scalars(select(Channel).where(Channel.saved_search_id == id))
    assert "410" in (channel.disabled_reason or "")
    assert len(gone.calls) == 1
    assert Counter(row.state for row in rows(database)) == {"dead": 3, "done": 1}
    assert all("410" in (row.error or "") for row in rows(database) if row.state == "dead")


def test_what_a_receiver_asks_is_respected(engine: Engine, family: Family, database: Database, local: Settings) -> None:
    with (
        receiver(lambda _: Answer(503, {"Retry-After": "7200"})) as busy,
        deliverer(engine, family, database, local) as ours,
    ):
        waiting(database, user(database), busy.url, 1)
        assert ours.once() == Tally(retry=1)
        with database.reading() as session:
            now = database.now(session)
    [row] = rows(database)
    assert row.due
    assert 7_100 < (row.due - now).total_seconds() <= 7_200


def test_a_private_address_is_refused_and_the_owner_can_see_why(
    engine: Engine, family: Family, database: Database, local: Settings
) -> None:
    with (
        receiver() as there,
        deliverer(engine, family, database, replace(local, host="0.0.0.0")) as ours,
    ):
        waiting(database, user(database), there.url.replace("http:", "https:"), 1)
        assert ours.once() == Tally(retry=1)
    [row] = rows(database)
    assert there.calls == []
    assert "adresse privée" in (row.error or "")


def test_a_worker_that_stops_gives_back_what_it_has_not_begun(
    engine: Engine, family: Family, database: Database, local: Settings
) -> None:
    over, begun = threading.Event(), threading.Event()

    def slow(_: Call) -> Answer:
        begun.set()
        return Answer(before=over.wait)

    with receiver(slow) as there:
        waiting(database, user(database), there.url, 10)
        ours = Deliverer(engine, family.read, database, local, timeout=30.0)
        ours.step(0.0)
        assert begun.wait(10)
        over.set()
        assert ours.close() == Tally(done=1)
    states = Counter((row.state, row.attempts) for row in rows(database))
    assert states == {("done", 1): 1, ("pending", 0): 9}


def test_what_a_dead_worker_had_is_sent_by_another_when_its_claim_has_ended(
    engine: Engine, family: Family, database: Database, local: Settings
) -> None:
    with receiver() as there, deliverer(engine, family, database, local) as ours:
        waiting(database, user(database), there.url, 3)
        with database.writing() as session:
            claims = outbox.claim(session, "dead", database.now(session))
        assert (len(claims), ours.once()) == (3, Tally())
        with database.writing() as session:
            session.execute(update(Delivery).values(due=later(days=-30)))
        assert ours.once() == Tally(done=3)
    assert {row.attempts for row in rows(database)} == {2}


def test_without_the_engine_nothing_is_sent_and_no_attempt_counted(
    family: Family, database: Database, local: Settings
) -> None:
    away = Engine(Address("http://127.0.0.1:9"), timeout=2)
    with receiver() as there, deliverer(away, family, database, local) as ours:
        waiting(database, user(database), there.url, 3)
        with pytest.raises(EngineUnavailable):
            ours.once()
    assert there.calls == []
    assert {(row.state, row.attempts) for row in rows(database)} == {("pending", 0)}


def test_a_message_whose_channel_was_closed_meanwhile_is_over(
    engine: Engine, family: Family, database: Database, local: Settings
) -> None:
    with receiver() as there, deliverer(engine, family, database, local) as ours:
        id = waiting(database, user(database), there.url, 2)
        with database.writing() as session:
            session.execute(update(Channel).values(disabled=later(), disabled_reason="x"))
            assert saved.active(session)[0].id == id
        ours.once()
    assert (there.calls, {row.state for row in rows(database)}) == ([], {"done"})


def test_an_answer_that_came_while_the_database_was_away_is_not_asked_for_again(
    engine: Engine, family: Family, database: Database, local: Settings
) -> None:
    """Even when it was away for longer than a claim lasts."""
    lease, impatient = timedelta(seconds=0.5), Database(database.url.render_as_string(hide_password=False), timeout=1)
    with receiver() as there:
        waiting(database, user(database), there.url, 1)
        ours = Deliverer(engine, family.read, impatient, local, lease=lease)
        ours.step(0.0)
        with held(database):
            taken = time.monotonic()
            while time.monotonic() < taken + lease.total_seconds():
                with pytest.raises(DatabaseBusy):
                    ours.step(0.2)
        assert ours.once() + ours.close() == Tally(done=1)
    assert (len(there.calls), {row.state for row in rows(database)}) == (1, {"done"})
    impatient.close()
