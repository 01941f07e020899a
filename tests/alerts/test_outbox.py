"""The outbox in both databases: claimed by one, done once, retried, given up, tried again; and workers that die."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from access import users
from alerts import outbox, saved
from alerts.models import Delivery
from alerts.outbox import CRASHED, LEASE, Claim
from alerts.schedule import DELAYS, JITTER, MOST_ATTEMPTS
from engine.database import Database
from tests.alerts.rows import MAIL, NOW, WEBHOOK, found, later, record, save, user

ROOT = Path(__file__).parent.parent.parent


def filled(database: Database, count: int) -> str:
    """A saved search, its webhook with so many messages to send."""
    id = save(database, user(database), WEBHOOK)
    record(database, found(id, count))
    return id


def claim(database: Database, worker: str = "w", after: timedelta = timedelta(0), limit: int = 50) -> list[Claim]:
    with database.writing() as session:
        return outbox.claim(session, worker, NOW + after, limit=limit)


def only(database: Database) -> Delivery:
    with database.reading() as session:
        return session.scalars(select(Delivery)).one()


# A worker as it will be: it claims, says what it sends, and is done; the test may kill it anywhere. With its first batch in
# hand it waits for the others.
WORKER = """
import sys
from alerts import outbox
from engine.database import Database
from tests.alerts.rows import NOW
database, worker, batch = Database(sys.argv[1]), sys.argv[2], int(sys.argv[3])
waited = False
while True:
    with database.writing() as session:
        claims = outbox.claim(session, worker, NOW, limit=batch)
    if not claims:
        break
    for each in claims:
        print(each.id, flush=True)
    waited = waited or bool(sys.stdin.readline())
    with database.writing() as session:
        outbox.finish(session, claims, NOW)
"""


def worker(database: Database, name: str, batch: int) -> subprocess.Popen[str]:
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WORKER, url, name, str(batch)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str], lines: int | None = None) -> list[str]:
    """What a worker sent next: so many, or all until it ends."""
    assert process.stdout
    return process.stdout.read().split() if lines is None else [process.stdout.readline().strip() for _ in range(lines)]


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def test_two_processes_send_two_thousand_messages_without_a_repeat(database: Database) -> None:
    filled(database, 2_000)
    workers = [worker(database, f"w{number}", 20) for number in range(2)]
    shares = [said(each, 1) for each in workers]
    for each in workers:
        go(each)
    for share, each in zip(shares, workers, strict=True):
        share += said(each)
    assert [each.wait(60) for each in workers] == [0, 0]
    sent = Counter(id for share in shares for id in share)
    assert (len(sent), max(sent.values())) == (2_000, 1)
    assert min(map(len, shares)) >= 20
    with database.reading() as session:
        assert outbox.counts(session) == {"done": 2_000}


def test_a_worker_killed_midway_loses_nothing_and_repeats_only_what_it_had_in_hand(database: Database) -> None:
    filled(database, 300)
    victim = worker(database, "victim", 10)
    go(victim)
    sent = said(victim, 55)
    victim.send_signal(signal.SIGKILL)
    sent += said(victim)
    victim.wait(30)
    while claims := claim(database, "heir", LEASE + timedelta(seconds=1)):
        sent += [each.id for each in claims]
        with database.writing() as session:
            outbox.finish(session, claims, NOW)
    repeats = Counter(sent).most_common()
    assert len(repeats) == 300
    assert sum(count - 1 for _, count in repeats) <= 10
    with database.reading() as session:
        assert outbox.counts(session) == {"done": 300}


def test_a_claim_that_is_not_committed_takes_nothing(database: Database) -> None:
    filled(database, 3)

    def killed() -> None:
        with database.writing() as session:
            assert len(outbox.claim(session, "w", NOW)) == 3
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert [each.attempt for each in claim(database)] == [1, 1, 1]


def test_what_is_claimed_is_nobody_elses_until_the_claim_ends(database: Database) -> None:
    filled(database, 1)
    [first] = claim(database, "a")
    assert claim(database, "b", LEASE - timedelta(seconds=1)) == []
    [second] = claim(database, "b", LEASE)
    assert (second.id, second.attempt, second.worker) == (first.id, 2, "b")


def test_the_longest_due_go_first_and_nothing_before_its_time(database: Database) -> None:
    id = save(database, user(database), WEBHOOK)
    for minutes in (5, 1, 3):
        record(database, found(id, 1, first=minutes), later(minutes=minutes))
    claims = claim(database, after=timedelta(minutes=3))
    with database.reading() as session:
        parts = outbox.contents(session, claims)
    assert {part.hit.dispatch for each in parts.values() for part in each} == {"depeche-00001", "depeche-00003"}
    assert len(claim(database, after=timedelta(minutes=3))) == 0


def test_targets_in_hand_and_types_of_others_are_left_alone(database: Database) -> None:
    record(database, found(save(database, user(database), WEBHOOK, MAIL), 1))
    with database.writing() as session:
        assert outbox.claim(session, "w", NOW, types=("email",), but=[MAIL.target]) == []
        assert [each.type for each in outbox.claim(session, "w", NOW, but=[MAIL.target])] == ["webhook"]


def test_done_is_done(database: Database) -> None:
    filled(database, 1)
    claims = claim(database)
    with database.writing() as session:
        assert outbox.finish(session, claims, NOW) == 1
        assert outbox.finish(session, claims, NOW) == 0
        assert outbox.fail(session, claims[0], "trop tard", NOW) is None
    assert claim(database, after=timedelta(days=30)) == []
    assert (only(database).state, only(database).error) == ("done", None)


def test_an_answer_counts_after_the_claim_and_a_failure_does_not(database: Database) -> None:
    filled(database, 1)
    [slow] = claim(database, "lent")
    [fast] = claim(database, "vif", LEASE)
    with database.writing() as session:
        assert outbox.fail(session, slow, "trop lent", later(minutes=6)) is None
        assert outbox.finish(session, [slow], later(minutes=6)) == 1
        assert outbox.fail(session, fast, "refusé", later(minutes=7)) is None
    assert only(database).state == "done"


def test_a_failure_waits_longer_each_time_then_is_visible_and_replayable(database: Database) -> None:
    filled(database, 1)
    after, waits = timedelta(0), []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        [claimed] = claim(database, after=after)
        assert claimed.attempt == attempt
        with database.writing() as session:
            state = outbox.fail(session, claimed, f"HTTP 500, {attempt}", NOW + after)
        due = only(database).due
        if due:
            waits.append(due - NOW - after)
            after = due - NOW
    assert (state, only(database).state, only(database).error) == ("dead", "dead", f"HTTP 500, {MOST_ATTEMPTS}")
    assert all(wait >= timedelta(seconds=seconds * (1 - JITTER)) for wait, seconds in zip(waits, DELAYS, strict=True))
    assert claim(database, after=timedelta(days=365)) == []
    with database.writing() as session:
        assert outbox.replay(session, NOW) == 1
    assert [each.attempt for each in claim(database)] == [1]


def test_the_other_side_may_ask_for_a_longer_wait_not_a_shorter(database: Database) -> None:
    filled(database, 1)
    [claimed] = claim(database)
    with database.writing() as session:
        outbox.fail(session, claimed, "HTTP 429", NOW, retry_after=timedelta(hours=1))
    assert only(database).due == later(hours=1)
    [again] = claim(database, after=timedelta(hours=1))
    with database.writing() as session:
        outbox.fail(session, again, "HTTP 429", later(hours=1), retry_after=timedelta(seconds=1))
    due = only(database).due
    assert due and due > later(hours=1, minutes=3)


def test_a_message_that_kills_every_worker_is_given_up(database: Database) -> None:
    filled(database, 1)
    for attempt in range(MOST_ATTEMPTS):
        assert len(claim(database, after=LEASE * attempt)) == 1
    assert claim(database, after=LEASE * MOST_ATTEMPTS) == []
    assert (only(database).state, only(database).error) == ("dead", CRASHED)


def test_what_is_given_back_was_no_attempt(database: Database) -> None:
    filled(database, 2)
    claims = claim(database)
    with database.writing() as session:
        assert outbox.release(session, claims, NOW) == 2
    assert [each.attempt for each in claim(database)] == [1, 1]


def test_replay_of_ones_own_alone(database: Database) -> None:
    owners = [user(database), user(database, "a.martin")]
    for owner in owners:
        record(database, found(save(database, owner, WEBHOOK), 1))
    with database.writing() as session:
        for each in outbox.claim(session, "w", NOW):
            assert outbox.bury(session, each, "HTTP 404", NOW) == "dead"
        assert (
            outbox.replay(session, NOW, owner=owners[0], ids=[each.id for each in session.scalars(select(Delivery))])
            == 1
        )
        assert outbox.counts(session) == {"dead": 1, "pending": 1}


def test_disabling_a_webhook_gives_up_what_waits_for_it(database: Database) -> None:
    owner = user(database)
    id = save(database, owner, WEBHOOK, MAIL)
    record(database, found(id, 2))
    with database.writing() as session:
        channel = saved.read(session, owner, id).channels[0]
        assert outbox.disable(session, channel.id, "HTTP 410 : ce destinataire n'existe plus.", NOW) == 2
    with database.reading() as session:
        assert outbox.counts(session) == {"dead": 2, "pending": 1}


def test_a_mail_shared_with_a_disabled_channel_tells_the_rest(database: Database) -> None:
    owner = user(database)
    one, other = save(database, owner, MAIL), save(database, owner, MAIL)
    record(database, [*found(one, 1), *found(other, 1)])
    with database.writing() as session:
        assert outbox.disable(session, saved.read(session, owner, one).channels[0].id, "désabonné", NOW) == 0
        [claimed] = outbox.claim(session, "w", NOW)
        parts = outbox.contents(session, [claimed])
    assert [part.hit.saved_search_id for part in parts[claimed.id]] == [other]


def test_deleting_a_saved_search_leaves_an_empty_message_to_finish(database: Database) -> None:
    owner = user(database)
    id = save(database, owner, MAIL)
    record(database, found(id, 1))
    with database.writing() as session:
        saved.delete(session, owner, id)
        claims = outbox.claim(session, "w", NOW)
        assert outbox.contents(session, claims) == {}
        assert outbox.finish(session, claims, NOW) == 1


def test_what_is_for_a_closed_account_waits_and_nothing_more_is_found_for_it(database: Database) -> None:
    id = filled(database, 1)
    with database.writing() as session:
        users.disable(session, "m.durand", NOW)
    assert record(database, found(id, 1, first=1)) == []
    assert claim(database) == []
    with database.writing() as session:
        users.enable(session, "m.durand")
    assert [each.attempt for each in claim(database)] == [1]
