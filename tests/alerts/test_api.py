"""`/api/v1/saved-searches` on the samples: saved, read, changed, paused, deleted, by its owner; and each refusal."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sqlalchemy import select

from alerts import hits, saved
from alerts.hits import Found
from alerts.models import Delivery, Kind
from app import create_app
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from indexer.load import Tally
from mappings.lifecycle import Family
from tests.alerts.rows import NOW, PARIS
from tests.here import from_here

URL = "/api/v1/saved-searches"
LAVROV: dict[str, Any] = {"name": "Lavrov", "params": {"q": "lavrov", "actor": ["Sergueï Lavrov"]}}


@pytest.fixture
def here(settings: Settings, engine: Engine, samples: Tally, database: Database) -> FlaskClient:
    """In local mode, the archive of samples, on each database."""
    return create_app(settings, engine, database).test_client()


Reader = Callable[[str], dict[str, Any]]


@pytest.fixture
def portal(settings: Settings, engine: Engine, samples: Tally, tmp_path: Path) -> tuple[FlaskClient, Reader]:
    """Behind a portal: the client, and what makes a request one of a reader's."""
    networks = (ipaddress.ip_network("10.1.0.0/16"),)
    changed = replace(
        settings, user_header="Remote-User", trusted_proxies=networks, database_url=f"sqlite:///{tmp_path / 'b'}"
    )
    client = create_app(changed, engine).test_client()
    return client, lambda name: {
        "headers": {"Remote-User": name},
        "environ_overrides": {"REMOTE_ADDR": "10.1.2.3"},
    }


def save(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    answer = client.post(URL, json=LAVROV | changes)
    assert answer.status_code == 201, answer.get_json()
    body: dict[str, Any] = answer.get_json()
    return body


def announce(database: Database, saved_search: str, *dispatches: str, kind: Kind = "new") -> None:
    with database.writing() as session:
        hits.record(session, [Found(saved_search, each, 1, kind) for each in dispatches], NOW, PARIS)


def test_saved_read_listed_and_deleted(here: FlaskClient) -> None:
    made = here.post(URL, json=LAVROV | {"channels": [{"type": "feed"}, {"type": "email", "target": "a@example.org"}]})
    assert made.status_code == 201
    body = made.get_json()
    assert body["params"] == {"actor": ["Sergueï Lavrov"], "q": ["lavrov"]}
    assert [(each["type"], each["frequency"]) for each in body["channels"]] == [
        ("feed", "immediate"),
        ("email", "immediate"),
    ]
    read = here.get(made.headers["Location"])
    assert (read.get_json(), read.headers["ETag"]) == (body, '"1"')
    assert here.get(URL).get_json()["saved_searches"] == [body]
    assert here.delete(body["links"]["self"]).status_code == 204
    assert here.get(body["links"]["self"]).status_code == 404


def test_its_page_shows_the_same_search(here: FlaskClient) -> None:
    page = here.get(save(here)["links"]["html"])
    assert page.status_code == 200
    assert "Lavrov" in page.text


def test_what_is_given_changes_and_the_rest_stays(here: FlaskClient) -> None:
    body = save(here, channels=[{"type": "email", "target": "a@example.org", "frequency": "daily", "hour": 18}])
    changed = here.patch(body["links"]["self"], json={"name": "  Chef de   la diplomatie "}).get_json()
    assert changed["name"] == "Chef de la diplomatie"
    assert (changed["params"], changed["channels"], changed["revision"]) == (body["params"], body["channels"], 2)
    assert here.patch(body["links"]["self"], json={"channels": []}).get_json()["channels"] == []


def test_a_change_of_an_older_revision_is_refused(here: FlaskClient) -> None:
    link = save(here)["links"]["self"]
    assert here.patch(link, json={"name": "b"}, headers={"If-Match": '"1"'}).status_code == 200
    late = here.patch(link, json={"name": "c"}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.get_json()["code"]) == (412, "modifie-entre-temps")
    assert here.delete(link, headers={"If-Match": '"1"'}).status_code == 412
    assert here.patch(link, json={"name": "c"}, headers={"If-Match": "x"}).status_code == 400
    assert here.delete(link, headers={"If-Match": '"2"'}).status_code == 204


def test_paused_and_resumed(here: FlaskClient) -> None:
    link = save(here)["links"]["self"]
    assert here.post(f"{link}/pause").get_json()["paused"]
    assert here.get(link).get_json()["paused"]
    assert here.post(f"{link}/resume").get_json()["paused"] is None


def test_it_is_asked_of_what_comes_after_it_was_saved(
    here: FlaskClient, database: Database, engine: Engine, index_prefix: str
) -> None:
    save(here)
    with database.reading() as session:
        [row] = saved.active(session)
    found = here.get("/api/v1/dispatches", query_string=LAVROV["params"] | {"facets": "none"}).get_json()["results"]
    # It begins before the newest batch of the samples, without what it finds there.
    entered = {hit["_id"]: hit["_source"]["ingest_seq"] for hit in engine.scan({"match_all": {}}, index=index_prefix)}
    assert found and row.after_seq < max(entered.values())
    assert row.had == sorted(each["id"] for each in found if entered[each["id"]] > row.after_seq)


def test_another_reader_sees_nothing_of_it(portal: tuple[FlaskClient, Reader]) -> None:
    client, reader = portal
    made = client.post(URL, json=LAVROV, **reader("m.durand"))
    link = made.get_json()["links"]["self"]
    assert client.get(link, **reader("M.DURAND")).status_code == 200
    for ask, path, more in (
        (client.get, link, {}), (client.patch, link, {"json": {"name": "x"}}), (client.delete, link, {}),
        (client.post, f"{link}/pause", {}), (client.post, f"{link}/resume", {}), (client.get, f"{link}/preview", {}),
        (client.get, f"{link}/hits", {}), (client.post, f"{link}/feed-token", {}),
    ):  # fmt: skip
        answer = ask(path, **more, **reader("a.martin"))
        assert (answer.status_code, answer.get_json()["code"]) == (404, "recherche-introuvable"), path
    assert client.get(URL, **reader("a.martin")).get_json()["saved_searches"] == []
    assert client.get(link, environ_overrides={"REMOTE_ADDR": "10.1.2.3"}).status_code == 401


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"params": {}}, "parametre-invalide", "toutes les nouvelles dépêches"),
        ({"params": {"q": "date:7j"}}, "parametre-invalide", "un mot"),
        ({"params": {"acteur": "ONU"}}, "parametre-inconnu", "acteur"),
        ({"params": {"q": {"mot": "x"}}}, "parametre-invalide", "params.q"),
        ({"params": "lavrov"}, "parametre-invalide", "params"),
        ({"name": ""}, "parametre-invalide", "name"),
        ({"name": " "}, "parametre-invalide", "name"),
        ({"nom": "x"}, "parametre-inconnu", "nom"),
        ({"channels": [{"type": "feed"}, {"type": "sms"}]}, "parametre-invalide", "channels[1].type"),
        ({"channels": [{"type": "feed", "port": 3}]}, "parametre-inconnu", "channels[0].port"),
        ({"channels": [{"type": "email", "target": "durand"}]}, "parametre-invalide", "channels[0].target"),
        (
            {"channels": [{"type": "email", "target": "a@example.org", "hour": 24}]},
            "parametre-invalide",
            "channels[0].hour",
        ),
        ({"channels": [{"type": "webhook", "target": "ftp://x"}]}, "parametre-invalide", "https"),
        ({"channels": [{"type": "feed", "target": "x"}]}, "parametre-invalide", "feed"),
        ({"channels": [{"type": "feed"}] * 11}, "parametre-invalide", "channels"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_refusal_says_which_part_and_why(here: FlaskClient, changes: dict[str, Any], code: str, said: str) -> None:
    answer = here.post(URL, json=LAVROV | changes)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert answer.get_json()["code"] == code
    assert said in answer.get_json()["detail"]
    assert here.get(URL).get_json()["saved_searches"] == []


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_characters_that_no_database_holds_are_refused(here: FlaskClient, text: str) -> None:
    email = [{"type": "email", "target": f"{text}@example.org"}]
    for changes in ({"name": text}, {"params": {"q": text}}, {"params": {"actor": [text]}}, {"channels": email}):
        answer = here.post(URL, json=LAVROV | changes)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "parametre-invalide")
    assert here.get(f"{URL}/a%00b").status_code == 404


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_query_that_cannot_be_read_is_told_with_its_place(here: FlaskClient) -> None:
    problem = here.post(URL, json=LAVROV | {"params": {"q": "lavrov ET (wang"}}).get_json()
    assert (problem["code"], problem["position"]) == ("syntaxe", 10)
    assert problem["suggestion"]
    broken = here.post(URL, data="{", content_type="application/json")
    assert (broken.status_code, "JSON" in broken.get_json()["detail"]) == (400, True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_preview_tells_the_latest_and_thirty_days(here: FlaskClient) -> None:
    body = here.post(f"{URL}/preview", json={"params": {"q": "lavrov"}}).get_json()
    found = here.get("/api/v1/dispatches?q=lavrov&sort=newest&size=5").get_json()
    assert [each["id"] for each in body["latest"]] == [each["id"] for each in found["results"]] != []
    assert (len(body["days"]), body["count"], body["per_day"]) == (30, 0, 0)  # the samples are older
    same = here.get(f"{save(here, params={'q': 'lavrov'})['links']['self']}/preview")
    assert same.get_json()["latest"] == body["latest"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_preview_counts_each_of_the_last_days(
    settings: Settings, engine: Engine, database: Database, family: Family
) -> None:
    client = create_app(replace(settings, index_prefix=family.prefix), engine, database).test_client()
    now = datetime.now(ZoneInfo(settings.timezone))
    # Not the 30th day itself: a day more may have begun when they are counted.
    days_ago = {"a": 0, "b": 3, "c": 3, "d": 28, "e": 30}
    lines = [
        {
            "id": id,
            "text": f"Le ministre Lavrov a parlé à {id * 9}.",
            "published": (now - timedelta(days=ago)).isoformat(),
        }
        for id, ago in days_ago.items()
    ]
    pushed = client.post("/api/v1/dispatches", json=lines).get_json()
    assert pushed["loaded"] == 5
    body = client.post(f"{URL}/preview", json={"params": {"q": "lavrov"}}).get_json()
    counts = {each["day"]: each["count"] for each in body["days"] if each["count"]}
    told = {ago: f"{(now - timedelta(days=ago)).date()}" for ago in (0, 1, 3, 9, 28)}
    assert (len(body["days"]), counts, body["count"]) == (30, {told[0]: 1, told[3]: 2, told[28]: 1}, 4)
    assert len(body["latest"]) == 5
    bounded = {"q": "lavrov", "from": told[9], "to": told[1]}
    assert client.post(f"{URL}/preview", json={"params": bounded}).get_json()["count"] == 2


def test_hits_in_pages(here: FlaskClient, database: Database) -> None:
    body = save(here)
    with database.writing() as session:
        hits.record(session, [Found(body["id"], f"d{number}", 1) for number in range(3)], NOW, PARIS)
    first = here.get(f"{body['links']['hits']}?size=2").get_json()
    rest = here.get(f"{body['links']['hits']}?size=2&before={first['page']['next']}").get_json()
    assert [each["dispatch"] for each in first["hits"] + rest["hits"]] == ["d2", "d1", "d0"]
    assert rest["page"]["next"] is None
    assert {each["result"] for each in first["hits"]} == {None}  # the archive has none of these
    assert here.get(f"{body['links']['hits']}?before={2**63}").status_code == 400


def test_the_place_in_the_pages_stays_while_new_hits_come(here: FlaskClient, database: Database) -> None:
    body = save(here)
    announce(database, body["id"], "d0", "d1", "d2")
    first = here.get(f"{body['links']['hits']}?size=2").get_json()
    announce(database, body["id"], "d3", "d4")
    rest = here.get(f"{body['links']['hits']}?size=2&before={first['page']['next']}").get_json()
    assert [each["dispatch"] for each in rest["hits"]] == ["d0"]


def test_a_webhook_gets_another_secret(here: FlaskClient) -> None:
    body = save(here, channels=[{"type": "feed"}, {"type": "webhook", "target": "http://127.0.0.1:9/x"}])
    feed, webhook = body["channels"]
    link = f"{body['links']['self']}/channels"
    changed = here.post(f"{link}/{webhook['id']}/secret").get_json()
    assert changed["channels"][1]["secret"] != webhook["secret"]
    assert changed["channels"][1]["id"] == webhook["id"]
    for other in (feed["id"], "x", "a%00b"):
        assert here.post(f"{link}/{other}/secret").status_code == 404


def test_a_hit_is_told_as_a_search_tells_it_with_its_passages(here: FlaskClient, database: Database) -> None:
    body = save(here, params={"q": "lavrov"})
    found = here.get("/api/v1/dispatches?q=lavrov&size=1").get_json()["results"][0]
    announce(database, body["id"], found["id"])
    (hit,) = here.get(body["links"]["hits"]).get_json()["hits"]
    assert "<mark>" in "".join(hit["highlights"]["body"])
    assert hit["highlights"]["body"] == found["highlights"]["body"]
    assert hit["result"] == {name: found[name] for name in hit["result"]}
    assert hit["links"] == found["links"]


def test_the_hits_that_one_message_carried(here: FlaskClient, database: Database) -> None:
    body = save(here, channels=[{"type": "email", "target": "a@example.org"}])
    for one in (["d0", "d1"], ["d2"]):
        announce(database, body["id"], *one)
    with database.reading() as session:
        deliveries = session.scalars(select(Delivery).order_by(Delivery.created, Delivery.id)).all()
        carried = {
            tuple(each["dispatch"] for each in hits_of(here, body, delivery.id)["hits"]) for delivery in deliveries
        }
    assert carried == {("d1", "d0"), ("d2",)}
    assert hits_of(here, body, "0")["hits"] == []


def hits_of(client: FlaskClient, body: dict[str, Any], delivery: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(body["links"]["hits"], query_string={"delivery": delivery}).get_json()
    return answer


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("path", "method"),
    [("", "POST"), ("/preview", "POST"), ("/{id}", "PATCH"), ("/{id}/hits", "GET"), ("/{id}/feed.atom", "GET")],
)
def test_the_answers_keep_the_documents_promises(here: FlaskClient, path: str, method: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", from_here(here.application))

    @given(case=schema[URL + path][method].as_strategy())
    @hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    def check(case: Any) -> None:
        # Whether parameters ask for something is for the query language to say, not for the document.
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    check()
