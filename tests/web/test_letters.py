"""Where the addresses of a letter lead, for whoever holds it: stopping it, and exactly the dispatches it did not show."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from access.models import User
from alerts import signing
from alerts.links import Links
from alerts.models import Channel, Delivery
from alerts.place import place_of
from alerts.saved import WantedChannel
from app import create_app
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from mappings.lifecycle import Family
from tests.alerts.archive import dispatch, put
from tests.alerts.rows import MAIL, NOW, found, record, save, user

# Nobody signs in: the service is open to other machines, and this is one of them.
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def links(database: Database, settings: Settings) -> Links:
    return Links(place_of(replace(settings, public_url="http://localhost")), signing.key(database))


@pytest.fixture
def reader(settings: Settings, engine: Engine, family: Family, database: Database) -> FlaskClient:
    at = replace(settings, index_prefix=family.read, host="0.0.0.0", anonymous_scopes=("search",))
    return create_app(at, engine, database).test_client()


def get(reader: FlaskClient, address: str) -> TestResponse:
    return reader.get(address, environ_overrides=ELSEWHERE)


def words(answer: TestResponse) -> str:
    return " ".join(re.sub("<[^>]+>", " ", answer.text).replace("&nbsp;", " ").split())


def channels(database: Database) -> dict[str, str | None]:
    """By id, why it is closed."""
    with database.reading() as session:
        return {each.id: each.disabled_reason for each in session.scalars(select(Channel))}


def delivery(database: Database) -> str:
    with database.reading() as session:
        return session.scalars(select(Delivery.id)).one()


def test_a_look_stops_nothing_and_the_button_does(reader: FlaskClient, database: Database, links: Links) -> None:
    save(database, user(database), MAIL)
    [id] = channels(database)
    address = links.stop_channel(id)
    page = get(reader, address)
    assert (page.status_code, "Ne plus recevoir" in words(page), "Lavrov" in words(page)) == (200, True, True)
    assert channels(database) == {id: None}
    action = re.findall(r'action="([^"]+)"', page.text)[0].replace("&amp;", "&")
    done = reader.post(action, environ_overrides=ELSEWHERE)
    assert (done.status_code, "C’est fait" in words(done)) == (200, True)
    assert channels(database) == {id: "Désabonné par le lien d'un courrier."}
    assert "C’est fait" in words(get(reader, address))


def test_one_click_stops_all_a_letter_was_about_and_nothing_else(
    reader: FlaskClient, database: Database, links: Links
) -> None:
    owner, daily = user(database), replace(MAIL, frequency="daily")
    about = [save(database, owner, daily, name=name) for name in ("Lavrov", "ASEAN")]
    other = save(database, owner, WantedChannel("email", "autre@example.org"))
    for id in about:
        record(database, found(id, 1))
    body = {"List-Unsubscribe": "One-Click"}  # RFC 8058, section 3.1
    headers = {"Origin": "https://mail.example"}
    answer = reader.post(
        links.stop_delivery(delivery(database)), data=body, headers=headers, environ_overrides=ELSEWHERE
    )
    assert answer.status_code == 200
    with database.reading() as session:
        rows = session.execute(select(Channel.saved_search_id, Channel.disabled)).all()
    assert {row[0]: row[1] is not None for row in rows} == {about[0]: True, about[1]: True, other: False}


FALSE = ["", "?s=", "?s=AAAAAAAAAAAAAAAAAAAAAA", "?s=é%00"]


@pytest.mark.parametrize("signed", FALSE)
@pytest.mark.parametrize("path", ["/alertes/arret/canal/{}", "/alertes/arret/envoi/{}", "/alertes/envois/{}/x"])
def test_an_address_that_is_not_ours_opens_and_stops_nothing(
    reader: FlaskClient, database: Database, path: str, signed: str
) -> None:
    save(database, user(database), MAIL)
    [id] = channels(database)
    address = path.format(id) + signed
    assert get(reader, address).status_code == 404
    assert reader.post(address, environ_overrides=ELSEWHERE).status_code in (401, 404, 405)
    assert channels(database) == {id: None}


def test_the_signature_of_one_thing_opens_no_other(reader: FlaskClient, database: Database, links: Links) -> None:
    save(database, user(database), MAIL)
    [id] = channels(database)
    assert get(reader, links.stop_delivery(id).replace("envoi", "canal")).status_code == 404
    assert get(reader, links.stop_channel(id).replace(id, f"{id}x")).status_code == 404


def test_what_is_gone_says_so(reader: FlaskClient, links: Links) -> None:
    answer = get(reader, links.stop_channel("parti"))
    assert (answer.status_code, "plus rien n" in words(answer)) == (404, True)


def test_the_rest_of_a_letter_is_exactly_what_it_did_not_show(
    reader: FlaskClient, database: Database, links: Links, engine: Engine, family: Family
) -> None:
    put(engine, family, *(dispatch(f"depeche-{number:05}", number, f"Titre {number:03}.") for number in range(173)))
    id = save(database, user(database), replace(MAIL, frequency="daily"))
    record(database, found(id, 173))
    record(database, found(id, 5, 173), NOW.replace(day=28))  # of another day, in another letter
    with database.reading() as session:
        first = session.scalars(select(Delivery.id).order_by(Delivery.due)).first()
    address: str | None = links.announced(str(first), id, 30)
    told: list[str] = []
    while address:
        page = get(reader, address)
        assert page.status_code == 200
        told += re.findall(r"Titre (\d{3})", page.text)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = following[1].replace("&amp;", "&") if following else None
    assert told == [f"{number:03}" for number in reversed(range(143))]
    assert len(told) == 143


def test_who_is_disabled_reads_no_more_of_a_letter_and_can_still_stop_it(
    reader: FlaskClient, database: Database, links: Links
) -> None:
    id = save(database, user(database), MAIL)
    record(database, found(id, 40))
    rest, stop = links.announced(delivery(database), id, 30), links.stop_delivery(delivery(database))
    assert get(reader, rest).status_code == 200
    with database.writing() as session:
        session.execute(update(User).values(disabled=NOW))
    assert get(reader, rest).status_code == 404
    assert reader.post(stop, environ_overrides=ELSEWHERE).status_code == 200
