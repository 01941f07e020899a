"""What pages tell of how saved searches fare."""

from __future__ import annotations

from dataclasses import replace

from alerts import outbox, saved, state
from alerts.state import Sent, Standing
from engine.database import Database
from tests.alerts.rows import MAIL, WEBHOOK, found, later, record, save, user


def test_what_was_found_of_late_and_when_the_last_came(database: Database) -> None:
    owner = user(database)
    one, other, none = save(database, owner), save(database, owner), save(database, owner)
    record(database, found(one, 3), later(days=-40))
    record(database, found(one, 2, first=3), later(hours=1))
    record(database, found(other, 1), later(days=-40))
    theirs = save(database, user(database, "a.martin"))
    record(database, found(theirs, 1))
    with database.reading() as session:
        told = state.standings(session, owner, later(days=-30))
        assert state.standings(session, owner, later(days=-30), only=other) == {other: told[other]}
    assert told == {one: Standing(2, later(hours=1)), other: Standing(0, later(days=-40))}
    assert none not in told


def test_each_message_counts_once_a_channel_whatever_it_carried(database: Database) -> None:
    owner = user(database)
    one = save(database, owner, MAIL, WEBHOOK)
    record(database, found(one, 3))
    with database.writing() as session:
        channels = {each.type: each.id for each in saved.read(session, owner, one).channels}
        claims = outbox.claim(session, "worker", later())
        hooks = [each for each in claims if each.type == "webhook"]
        mails = [each for each in claims if each.type == "email"]
        assert (len(hooks), len(mails)) == (3, 1)
        outbox.finish(session, hooks[:1], later())
        outbox.fail(session, hooks[1], "Rien à cette adresse.", later())
        outbox.bury(session, hooks[2], "Refusé.", later())
        told = state.sent(session, one)
        standing = state.standings(session, owner, later(days=-30))[one]
    assert told[channels["email"]] == Sent(waiting=1)
    again = told[channels["webhook"]].next
    assert again is not None and again > later()
    assert replace(told[channels["webhook"]], next=None) in (
        Sent(done=1, late=1, failed=1, error="Refusé."),
        Sent(done=1, late=1, failed=1, error="Rien à cette adresse."),
    )
    assert standing.failed == 1


def test_a_closed_channel_is_told(database: Database) -> None:
    owner = user(database)
    one = save(database, owner, WEBHOOK)
    with database.writing() as session:
        channel = saved.read(session, owner, one).channels[0].id
        outbox.disable(session, channel, "410", later())
        assert state.standings(session, owner, later(days=-30)) == {one: Standing(closed=1)}
