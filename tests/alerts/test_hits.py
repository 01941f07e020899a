"""Hits in both databases: each once, whoever finds it again, and with it what must be sent."""

from __future__ import annotations

from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from alerts import hits, outbox, saved
from alerts.hits import Found
from alerts.models import Delivery, DeliveryHit, Hit
from alerts.saved import WantedChannel
from engine.database import Database
from tests.alerts.rows import MAIL, NOW, PARIS, WEBHOOK, found, later, record, save, user


def deliveries(database: Database) -> list[Delivery]:
    with database.reading() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.due, Delivery.target)))


def carried(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(DeliveryHit)).one()


def test_found_again_is_kept_once_and_sent_once(database: Database) -> None:
    id = save(database, user(database), WEBHOOK)
    assert len(record(database, found(id, 3))) == 3
    assert len(record(database, [*found(id, 4), *found(id, 4)])) == 1
    assert (len(deliveries(database)), carried(database)) == (4, 4)


def test_a_version_that_changes_its_number_is_no_new_hit(database: Database) -> None:
    id = save(database, user(database))
    assert record(database, [Found(id, "d", 1)])
    assert not record(database, [Found(id, "d", 2)])
    assert not record(database, [Found(id, "d", 1, "correction")])


def test_a_withdrawal_is_told_once_more_and_once(database: Database) -> None:
    id = save(database, user(database))
    record(database, [Found(id, "d", 1)])
    assert len(record(database, [Found(id, "d", 1, "withdrawal")])) == 1
    assert not record(database, [Found(id, "d", 1, "withdrawal")])
    with database.reading() as session:
        assert [hit.kind for hit in hits.newest(session, id, limit=9)] == ["withdrawal", "new"]


def test_two_matchers_at_once_keep_each_hit_once(database: Database) -> None:
    ids = [save(database, user(database, f"u{n}"), WEBHOOK, MAIL) for n in range(5)]
    what = [each for id in ids for each in found(id, 100)]
    together = Barrier(2)
    kept: list[int] = []

    def match(share: list[Found]) -> None:
        together.wait()
        for start in range(0, len(share), 50):
            kept.extend(record(database, share[start : start + 50]))

    threads = [Thread(target=match, args=(share,)) for share in (what, what[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == len(set(kept)) == len(what)
    assert carried(database) == 2 * len(what)


def test_what_is_lost_midway_is_lost_whole_and_found_again(database: Database) -> None:
    id = save(database, user(database), WEBHOOK)

    def killed() -> None:
        with database.writing() as session:
            hits.record(session, found(id, 3), NOW, PARIS)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert (deliveries(database), carried(database)) == ([], 0)
    assert len(record(database, found(id, 3))) == 3
    assert len(deliveries(database)) == 3


def test_paused_deleted_and_unknown_searches_have_no_hits(database: Database) -> None:
    owner = user(database)
    paused, deleted, active = (save(database, owner, WEBHOOK) for _ in range(3))
    with database.writing() as session:
        saved.pause(session, owner, paused, now=NOW)
        saved.delete(session, owner, deleted)
    kept = record(database, [Found(id, "d", 1) for id in (paused, deleted, "inconnue", active)])
    assert len(kept) == 1
    with database.reading() as session:
        assert session.get_one(Hit, kept[0]).saved_search_id == active


def test_a_feed_and_a_disabled_channel_need_no_message(database: Database) -> None:
    owner = user(database)
    id = save(database, owner, WantedChannel("feed"), MAIL)
    with database.writing() as session:
        outbox.disable(session, saved.read(session, owner, id).channels[1].id, "désabonné", NOW)
    assert len(record(database, found(id, 2))) == 2
    assert deliveries(database) == []


def test_a_webhook_gets_a_message_a_hit_and_a_mail_tells_all_that_was_found_at_once(database: Database) -> None:
    owner = user(database)
    one, other = save(database, owner, WEBHOOK, MAIL), save(database, owner, MAIL)
    record(database, [*found(one, 3), *found(other, 2)])
    assert [each.type for each in deliveries(database)].count("webhook") == 3
    mail = [each for each in deliveries(database) if each.type == "email"]
    with database.writing() as session:
        claims = outbox.claim(session, "w", NOW, types=("email",))
        parts = outbox.contents(session, claims)
    assert [each.id for each in mail] == list(parts)
    assert [part.hit.saved_search_id for part in parts[mail[0].id]] == sorted([one] * 3 + [other] * 2)


def test_a_daily_mail_gathers_all_of_its_day_and_of_its_reader(database: Database) -> None:
    owner, daily = user(database), replace(MAIL, frequency="daily", hour=18)
    one, other = save(database, owner, daily), save(database, owner, daily)
    elsewhere = save(database, user(database, "a.martin"), daily)
    record(database, found(one, 2))
    record(database, found(other, 2), later(hours=3))
    record(database, found(elsewhere, 1))
    record(database, found(one, 1, first=9), later(hours=9))  # 18:30 UTC, 19:30 in Paris: tomorrow's
    today, others, tomorrow = deliveries(database)
    if today.owner_id != owner:
        today, others = others, today
    assert today.due == others.due == later(hours=7, minutes=30)
    assert tomorrow.due == later(days=1, hours=7, minutes=30)
    with database.reading() as session:
        counts = session.execute(select(DeliveryHit.delivery_id, func.count()).group_by(DeliveryHit.delivery_id))
        assert {row[0]: row[1] for row in counts} == {today.id: 4, others.id: 1, tomorrow.id: 1}


def test_what_comes_while_a_mail_is_being_sent_goes_with_the_next(database: Database) -> None:
    hourly = replace(MAIL, frequency="hourly")
    id = save(database, user(database), hourly)
    record(database, found(id, 1))
    with database.writing() as session:
        assert outbox.claim(session, "w", later(minutes=30))
    # A matcher whose clock is a little behind still counts on ten o'clock's.
    assert len(record(database, found(id, 1, first=1), later(minutes=29))) == 1
    assert [each.state for each in deliveries(database)] == ["claimed", "pending"]
    assert carried(database) == 2


def test_a_digest_for_a_webhook_is_as_many_calls_as_its_hits_need(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hits, "MOST_TOGETHER", 5)
    owner = user(database)
    id = save(database, owner, replace(WEBHOOK, frequency="daily"), replace(MAIL, frequency="daily"))
    for first, count in ((0, 3), (3, 9), (12, 1)):
        record(database, found(id, count, first), later(minutes=first))
    with database.writing() as session:
        claims = outbox.claim(session, "w", later(days=2))
        parts = outbox.contents(session, claims)
    sizes = sorted((claim.type, len(parts[claim.id])) for claim in claims)
    assert sizes == [("email", 13), ("webhook", 3), ("webhook", 5), ("webhook", 5)]
    assert {part.hit.id for claim in claims if claim.type == "webhook" for part in parts[claim.id]} == {
        part.hit.id for claim in claims if claim.type == "email" for part in parts[claim.id]
    }


def test_pages_of_hits(database: Database) -> None:
    id = save(database, user(database))
    ids = record(database, found(id, 5))
    with database.reading() as session:
        page = [hit.id for hit in hits.newest(session, id, limit=2)]
        rest = [hit.id for hit in hits.newest(session, id, limit=9, before=page[-1])]
    assert page + rest == sorted(ids, reverse=True)


def test_who_was_told_of_a_dispatch(database: Database) -> None:
    owner = user(database)
    one, other = sorted((save(database, owner), save(database, owner)))
    record(database, [Found(one, "a", 1), Found(other, "a", 1), Found(one, "b", 1), Found(one, "b", 1, "withdrawal")])
    with database.reading() as session:
        assert hits.announced(session, ["a", "b", "c"]) == {"a": [one, other], "b": [one]}


def test_more_than_a_statement_holds(database: Database) -> None:
    id = save(database, user(database), WEBHOOK)
    assert len(record(database, found(id, 2_500))) == 2_500
    assert carried(database) == 2_500
