"""Letters to a real mail server, on both databases: all arrive, and what is refused for good is given up with the reason."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from alerts import signing
from alerts.deliver import Deliverer, Tally
from alerts.models import Delivery
from alerts.saved import WantedChannel
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from engine.errors import ConfigurationError
from mappings.lifecycle import Family
from tests.alerts.archive import dispatch, put
from tests.alerts.post_office import TAKEN, PostOffice, post_office
from tests.alerts.rows import MAIL, found, later, record, save, user
from tests.ports import free_port


@contextmanager
def deliverer(
    engine: Engine,
    family: Family,
    database: Database,
    settings: Settings,
    post: PostOffice | None,
    rest: float = 0.0,
) -> Iterator[Deliverer]:
    mail = {
        "smtp_host": "127.0.0.1" if post else None,
        "smtp_port": post.port if post else 0,
        "smtp_security": "none",
        "mail_from": "Dépêches <alertes@exemple.fr>",
    }
    made = Deliverer(engine, family.read, database, replace(settings, **mail), rest=rest)  # type: ignore[arg-type]
    yield made
    made.close()


def rows(database: Database) -> list[Delivery]:
    with database.reading() as session:
        return list(session.scalars(select(Delivery)))


def tried(database: Database) -> Counter[tuple[str, int]]:
    return Counter((row.state, row.attempts) for row in rows(database))


def hasten(database: Database) -> None:
    with database.writing() as session:
        session.execute(update(Delivery).where(Delivery.state == "pending").values(due=later(days=-30)))


def letters(database: Database, count: int) -> None:
    """So many letters to send, each of one dispatch and to an address of its own."""
    owner = user(database)
    for number in range(count):
        id = save(database, owner, WantedChannel("email", f"lecteur{number}@example.org"))
        record(database, found(id, 1, number))


def test_a_server_that_refuses_every_fifth_gets_them_all_once(
    engine: Engine, family: Family, database: Database, settings: Settings
) -> None:
    put(engine, family, *(dispatch(f"depeche-{number:05}", number, f"Titre {number}.") for number in range(12)))
    letters(database, 12)
    with (
        post_office(lambda number: TAKEN if number % 5 else "451 Later") as post,
        deliverer(engine, family, database, settings, post) as ours,
    ):
        for _ in range(3):
            ours.once()
            hasten(database)
    assert Counter(row.state for row in rows(database)) == {"done": 12}
    assert sorted(post.ids) == sorted(f"<{row.id}@exemple.fr>" for row in rows(database))
    assert post.asked == 14
    assert "Titre 0." in str(post.taken[0].get_body(("plain",)))


def test_letters_share_a_conversation_and_one_that_is_refused_disturbs_no_other(
    engine: Engine, family: Family, database: Database, settings: Settings
) -> None:
    letters(database, 8)
    refused = {"lecteur2@example.org": "550 No such user", "lecteur5@example.org": "450 Busy"}
    with (
        post_office(lambda number: "554 Spam" if number == 2 else TAKEN, lambda to: refused.get(to, TAKEN)) as post,
        deliverer(engine, family, database, settings, post) as ours,
    ):
        assert ours.once() == Tally(done=5, retry=1, dead=2)
    assert post.conversations == 1
    assert (
        {str(each["To"]) for each in post.taken}
        == {row.target for row in rows(database) if row.state == "done"}
        == {f"lecteur{number}@example.org" for number in (0, 3, 4, 6, 7)}
    )


@pytest.mark.parametrize("enough", [None, "421 Too many letters", "451 4.7.0 Begin anew"])
def test_a_server_that_takes_three_letters_a_conversation_gets_them_all_at_once(
    engine: Engine, family: Family, database: Database, settings: Settings, enough: str | None
) -> None:
    letters(database, 8)
    with (
        post_office(sender=lambda before: TAKEN if before < 3 else enough) as post,
        deliverer(engine, family, database, settings, post) as ours,
    ):
        assert ours.once() == Tally(done=8)
    assert post.conversations == 3
    assert sorted(post.ids) == sorted(f"<{row.id}@exemple.fr>" for row in rows(database))


def test_a_server_that_goes_away_midway_is_left_alone_and_the_rest_given_back_untried(
    engine: Engine, family: Family, database: Database, settings: Settings
) -> None:
    letters(database, 5)
    with (
        post_office(sender=lambda _: TAKEN if post.asked < 2 else None) as post,
        deliverer(engine, family, database, settings, post, rest=60.0) as ours,
    ):
        assert ours.once() == Tally(done=2, retry=1)
    assert tried(database) == {("done", 1): 2, ("pending", 1): 1, ("pending", 0): 2}


def test_a_worker_that_stops_ends_the_conversation_after_the_letter_in_hand(
    engine: Engine, family: Family, database: Database, settings: Settings
) -> None:
    letters(database, 5)
    begun = threading.Event()

    def answer(_: int) -> str:
        begun.set()
        return TAKEN if ours.stopping.wait(30) else "451 Not stopped"

    with post_office(answer) as post, deliverer(engine, family, database, settings, post) as ours:
        ours.step(0.0)
        assert begun.wait(30)
        assert ours.close() == Tally(done=1)
    assert tried(database) == {("done", 1): 1, ("pending", 0): 4}


@pytest.mark.parametrize(("said", "state"), [("550 No such user", "dead"), ("450 Busy", "pending")])
def test_an_address_refused_for_good_is_given_up_with_what_was_said(
    engine: Engine, family: Family, database: Database, settings: Settings, said: str, state: str
) -> None:
    letters(database, 1)
    with post_office(recipient=lambda _: said) as post, deliverer(engine, family, database, settings, post) as ours:
        ours.once()
    [row] = rows(database)
    assert (row.state, said in (row.error or "")) == (state, True)


def test_without_a_server_a_letter_waits_untried(
    engine: Engine, family: Family, database: Database, settings: Settings
) -> None:
    letters(database, 1)
    with deliverer(engine, family, database, settings, None) as ours:
        assert ours.once() == Tally()
    [row] = rows(database)
    assert (row.state, row.attempts) == ("pending", 0)


def test_a_server_that_is_away_loses_nothing(
    engine: Engine, family: Family, database: Database, settings: Settings
) -> None:
    letters(database, 1)
    with deliverer(engine, family, database, settings, PostOffice(free_port())) as ours:
        assert ours.once() == Tally(retry=1)
    assert "serveur de courrier" in (rows(database)[0].error or "")


def test_a_password_is_never_sent_in_the_clear_nor_shown(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DEPECHES_SMTP_HOST": "smtp.exemple.fr",
        "DEPECHES_MAIL_FROM": "alertes@exemple.fr",
        "DEPECHES_SMTP_USER": "alertes",
        "DEPECHES_SMTP_PASSWORD": "secret-du-compte",
    }.items():
        monkeypatch.setenv(name, value)
    assert "secret-du-compte" not in repr(Settings.from_env())
    monkeypatch.setenv("DEPECHES_SMTP_SECURITY", "none")
    with pytest.raises(ConfigurationError, match="en clair"):
        Settings.from_env()


@pytest.mark.parametrize("sender", ["personne", "a@b\nBcc: c@d", '"x" <a@b>', "x <a@b"])
def test_a_sender_that_is_no_address_is_refused(sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHES_SMTP_HOST", "smtp.exemple.fr")
    monkeypatch.setenv("DEPECHES_MAIL_FROM", sender)
    with pytest.raises(ConfigurationError, match="DEPECHES_MAIL_FROM"):
        Settings.from_env()


def test_one_secret_signs_for_all_processes(database: Database) -> None:
    assert signing.key(database) == signing.key(database)
    assert len(signing.key(database)) == 32


def test_a_digest_of_two_searches_is_one_letter(
    engine: Engine, family: Family, database: Database, settings: Settings
) -> None:
    owner = user(database)
    daily = replace(MAIL, frequency="daily")
    for name in ("Lavrov", "ASEAN"):
        record(database, found(save(database, owner, daily, name=name), 2))
    hasten(database)
    with post_office() as post, deliverer(engine, family, database, settings, post) as ours:
        assert ours.once() == Tally(done=1)
    assert str(post.taken[0]["Subject"]).replace("\u00a0", " ") == "2 dépêches : ASEAN, Lavrov"
