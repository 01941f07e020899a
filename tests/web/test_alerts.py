"""The pages of alerts, as a reader without scripts uses them: made of a search, seen, changed, paused, deleted."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement
from sqlalchemy import select as rows_of
from sqlalchemy.orm import Session

from alerts import hits, outbox, saved
from alerts.hits import Found
from alerts.models import Kind, SavedSearch
from app import create_app
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from indexer.load import Tally
from tests.alerts.rows import PARIS
from tests.web.test_pages import page, select, texts
from web.csrf import COOKIE

ASKED = "/alertes/nouvelle?q=lavrov&actor=Sergue%C3%AF+Lavrov"

sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def here(settings: Settings, engine: Engine, samples: Tally, database: Database) -> FlaskClient:
    return create_app(settings, engine, database).test_client()


def said(found: HtmlElement) -> str:
    return " ".join(texts(found, "//main") + texts(found, "//aside"))


def filled(client: FlaskClient, address: str, status: int = 200) -> dict[str, Any]:
    """What a browser would send of the page's form as it stands."""
    found = page(client, address, status)
    (form,) = select(found, "//main//form")
    fields: dict[str, Any] = {}
    for name, value in form.form_values():
        fields[name] = [*fields.get(name, []), value]
    return fields


def make(client: FlaskClient, address: str = ASKED, **changes: Any) -> str:
    """The address of the page of an alert made of a search."""
    answer = client.post("/alertes/nouvelle", data=filled(client, address) | changes)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def press(client: FlaskClient, address: str, action: str) -> None:
    """Send the form of a page that goes to an address."""
    found = page(client, address)
    (form,) = [form for form in select(found, "//form") if str(form.get("action", "")).endswith(action)]
    assert client.post(form.get("action"), data=dict(form.form_values())).status_code == 303


def only(database: Database) -> SavedSearch:
    with database.reading() as session:
        return session.scalars(rows_of(SavedSearch)).one()


def announce(database: Database, *dispatches: str, kind: Kind = "new") -> None:
    with database.writing() as session:
        found = [Found(_id(session), each, 1, kind) for each in dispatches]
        hits.record(session, found, database.now(session), PARIS)


def _id(session: Session) -> str:
    return session.scalars(rows_of(SavedSearch.id)).one()


# -- making one ------------------------------------------------------------------------------------------------------


@sqlite
def test_the_results_lead_to_an_alert_with_the_very_parameters(here: FlaskClient) -> None:
    asked = {"q": "lavrov", "actor": "Sergueï Lavrov", "venue.not": "Laos", "from": "2022-08-01", "versions": "all"}
    found = page(here, f"/?{urlencode(asked | {'sort': 'newest', 'size': '5', 'group': 'story'})}")
    (link,) = select(found, "//a[text()='Créer une alerte']/@href")
    make(here, str(link))
    assert only(here.application.extensions["depeches-alerts"].database).params.keys() == asked.keys()


@sqlite
def test_nothing_asked_leads_to_no_alert(here: FlaskClient) -> None:
    assert texts(page(here, "/"), "//a[text()='Créer une alerte']") == []
    assert len(texts(page(here, "/?q=xyzzyxyzzy"), "//a[text()='Créer une alerte']")) == 1


@sqlite
def test_the_form_shows_what_it_would_bring(here: FlaskClient) -> None:
    found = page(here, ASKED)
    assert "Aucune dépêche ces 30 derniers jours" in said(found)  # the samples are older
    assert len(texts(found, "//ol[@class='latest']/li")) == 5
    assert select(found, "//input[@name='name']/@value") == ["lavrov, Sergueï Lavrov"]


@sqlite
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("q=", "ajoutez un mot"),
        ("from=2022-08-01", "ajoutez un mot"),
        ("actor.not=ONU", "ajoutez un mot"),
        ("q=lavrov+ET+(wang", "(Caractère 11.)"),
        ("nom=x", "« nom »"),
        ("q=lavrov&from=hier", "from"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(here: FlaskClient, asked: str, told: str) -> None:
    address = f"/alertes/nouvelle?{asked}"
    found = page(here, address, 400)
    (message,) = texts(found, "//p[@role='alert']")
    assert told in message
    answer = here.post("/alertes/nouvelle", data=filled(here, address, 400) | {"name": "x"})
    assert answer.status_code == 400
    assert select(page(here, "/alertes"), "//main//h2") == []


@sqlite
def test_another_question_is_looked_at_before_it_is_saved(here: FlaskClient) -> None:
    answer = here.post("/alertes/nouvelle", data=filled(here, ASKED) | {"q": "taiwan", "filter": [], "preview": "1"})
    found = html.document_fromstring(answer.text)
    assert select(found, "//main//input[@name='q']/@value") == ["taiwan"]
    assert select(found, "//input[@type='checkbox'][@name='filter']") == []
    assert select(page(here, "/alertes"), "//main//h2") == []


@sqlite
@pytest.mark.parametrize(
    ("target", "told"),
    [({"target-0": "durand"}, "adresse électronique"), ({"target-1": "ftp://x/y"}, "https")],
)
def test_a_channel_that_cannot_be_reached_keeps_what_was_filled_in(
    here: FlaskClient, target: dict[str, str], told: str
) -> None:
    answer = here.post("/alertes/nouvelle", data=filled(here, ASKED) | target | {"name": "Mon nom"})
    found = html.document_fromstring(answer.text)
    assert answer.status_code == 400
    assert told in texts(found, "//p[@role='alert']")[0]
    assert select(found, "//input[@name='name']/@value") == ["Mon nom"]
    ((name, value),) = target.items()
    assert value in select(found, "//input[starts-with(@name, 'target-')]/@value")


def test_channels_are_saved_with_their_hours(here: FlaskClient, database: Database) -> None:
    make(
        here, **{"target-0": "a@example.org", "frequency-0": "weekly", "hour-0": "18", "weekday-0": "4"},
        **{"target-1": "http://127.0.0.1:9/x"},
    )  # fmt: skip
    channels = [(each.type, each.target, each.frequency, each.hour, each.weekday) for each in only(database).channels]
    assert channels == [
        ("feed", "", "immediate", 7, 0),
        ("email", "a@example.org", "weekly", 18, 4),
        ("webhook", "http://127.0.0.1:9/x", "immediate", 7, 0),
    ]
    found = page(here, f"/alertes/{only(database).id}")
    assert "le vendredi à 18 h" in said(found)
    assert only(database).channels[2].secret in select(found, "//input/@value")  # signs what the webhook gets


# -- seeing them -----------------------------------------------------------------------------------------------------


def test_it_shows_exactly_what_was_announced_the_newest_first(here: FlaskClient, database: Database) -> None:
    address = make(here)
    ids = [each["id"] for each in here.get("/api/v1/dispatches?q=lavrov&size=3").get_json()["results"]]
    announce(database, *ids[:1])
    announce(database, ids[1])
    announce(database, ids[0], kind="withdrawal")
    found = page(here, address)
    links = [str(link).partition("?")[0] for link in select(found, "//article//h3/a/@href")]
    assert links == [f"/depeches/{id}" for id in (ids[0], ids[1], ids[0])]
    assert [told.split()[0] for told in texts(found, "//p[@class='told']")] == ["Annulation,", "Trouvée", "Trouvée"]
    assert select(found, "//article//mark")


def test_pages_of_announcements_lead_to_the_end(here: FlaskClient, database: Database) -> None:
    address = make(here)
    for number in range(45):
        announce(database, f"d{number:02}")
    seen, pages = [], 0
    while True:
        found = page(here, address)
        seen += [text.split()[2] for text in texts(found, "//ol[@class='results']//p[@class='note']")]
        pages += 1
        further = select(found, "//a[@rel='next']/@href")
        if not further:
            break
        address = str(further[0])
    assert (seen, pages) == ([f"d{number:02}" for number in reversed(range(45))], 3)


@sqlite
def test_all_that_one_message_announced(here: FlaskClient, database: Database) -> None:
    address = make(here, **{"target-0": "a@example.org"})
    announce(database, "d1", "d2")
    announce(database, "d3")
    with database.writing() as session:
        (first, _) = outbox.claim(session, "worker", database.now(session) + timedelta(minutes=1))
    found = page(here, f"{address}?envoi={first.id}")
    assert [text.split()[2] for text in texts(found, "//ol[@class='results']//p[@class='note']")] == ["d2", "d1"]


def test_the_list_tells_how_each_fares(here: FlaskClient, database: Database) -> None:
    make(here, **{"target-0": "a@example.org"})
    assert "Active · 0 dépêche en 30 jours" in _list(here)
    announce(database, "d1", "d2")
    assert "2 dépêches en 30 jours · dernière le" in _list(here)
    with database.writing() as session:
        now = database.now(session) + timedelta(minutes=1)
        (claim,) = outbox.claim(session, "worker", now)
        outbox.bury(session, claim, "Boîte inconnue.", now)
    assert "1 envoi abandonné" in _list(here)
    assert "Boîte inconnue." in said(page(here, f"/alertes/{only(database).id}"))
    with database.writing() as session:
        saved.pause_broken(session, _id(session), "Illisible.", now=now)
    assert "En pause" in _list(here) and "Illisible." in _list(here)


@sqlite
def test_what_was_given_up_is_sent_again_and_the_hour_of_the_next_letter_is_told(
    here: FlaskClient, database: Database
) -> None:
    address = make(here, **{"target-0": "a@example.org"})
    announce(database, "d1")
    with database.writing() as session:
        (claim,) = outbox.claim(session, "worker", later := database.now(session) + timedelta(minutes=1))
        outbox.bury(session, claim, "Boîte inconnue.", later)
    press(here, address, "/envois/reprise")
    assert "Prochain envoi dans un instant." in said(found := page(here, address))
    assert not select(found, "//form[contains(@action, 'reprise')]")
    daily = filled(here, f"{address}/modifier") | {"frequency-0": "daily", "hour-0": "18"}
    assert here.post(f"{address}/modifier", data=daily).status_code == 303
    with database.writing() as session:
        outbox.finish(session, [claim], later)
    assert "à 18 h, s’il y a du nouveau." in " ".join(said(page(here, address)).split())


def _list(client: FlaskClient) -> str:
    found = page(client, "/alertes")
    for span in select(found, "//p[@class='about']/span[position() > 1]"):
        span.text = f" · {span.text}"
    return said(found)


# -- changing them ---------------------------------------------------------------------------------------------------


def test_what_is_changed_is_changed_and_the_rest_stays(here: FlaskClient, database: Database) -> None:
    address = make(here, **{"target-0": "a@example.org", "frequency-0": "daily"})
    before = only(database)
    changes = {"name": "Chef de la diplomatie", "filter": []}
    answer = here.post(f"{address}/modifier", data=filled(here, f"{address}/modifier") | changes)
    assert answer.status_code == 303, answer.text
    after = only(database)
    assert (after.name, after.params) == ("Chef de la diplomatie", {"q": ["lavrov"]})
    assert [each.id for each in after.channels] == [each.id for each in before.channels]
    emptied = filled(here, f"{address}/modifier") | {"target-0": ""}
    assert here.post(f"{address}/modifier", data=emptied).status_code == 303
    assert [each.type for each in only(database).channels] == ["feed"]


@sqlite
def test_another_name_opens_no_channel_that_was_closed(here: FlaskClient, database: Database) -> None:
    address = make(here, **{"target-0": "a@example.org"})
    with database.writing() as session:
        outbox.disable(session, only(database).channels[1].id, "Désabonné.", database.now(session))
    assert "Fermé : Désabonné." in said(page(here, address)) and "1 canal fermé" in _list(here)
    form = filled(here, f"{address}/modifier")
    assert here.post(f"{address}/modifier", data=form | {"name": "x"}).status_code == 303
    assert only(database).channels[1].disabled
    form = filled(here, f"{address}/modifier") | {"target-1": "b@example.org"}
    assert here.post(f"{address}/modifier", data=form).status_code == 303
    assert [bool(each.disabled) for each in only(database).channels] == [False, True, False]
    press(here, address, "/ouverture")
    assert not any(each.disabled for each in only(database).channels)


@pytest.mark.parametrize("query", ["envoi=%00", "envoi=x", "avant=x", "avant=99999999999999999999", "avant=-1"])
def test_an_address_that_means_nothing_is_no_failure(here: FlaskClient, query: str) -> None:
    assert here.get(f"{make(here)}?{query}").status_code == 200


def test_characters_that_no_database_holds_are_refused(here: FlaskClient) -> None:
    for changes in (
        {"name": "a\x00b"},
        {"q": "a\x00b"},
        {"target-0": "a\x00b@example.org"},
        {"filter": "actor=a\x00b"},
    ):
        assert here.post("/alertes/nouvelle", data=filled(here, ASKED) | changes).status_code == 400


@sqlite
def test_of_two_windows_the_later_is_told(here: FlaskClient, database: Database) -> None:
    address = f"{make(here)}/modifier"
    first, second = filled(here, address), filled(here, address)
    assert here.post(address, data=first | {"name": "un"}).status_code == 303
    late = here.post(address, data=second | {"name": "deux"})
    assert late.status_code == 412 and "a été modifiée" in late.text
    assert only(database).name == "un"


def test_paused_resumed_renewed_and_deleted(here: FlaskClient, database: Database) -> None:
    address = make(here)
    press(here, address, "/pause")
    assert only(database).paused
    press(here, "/alertes", "/reprise")
    assert not only(database).paused
    token = only(database).feed_token
    press(here, address, "/fil")
    assert only(database).feed_token != token
    (form,) = select(page(here, f"{address}/supprimer"), "//main//form")
    assert here.post(f"{address}/supprimer", data=dict(form.form_values())).status_code == 303
    assert "Vous n’avez pas d’alerte" in said(page(here, "/alertes"))
    assert here.get(address).status_code == 404


@sqlite
def test_the_feed_shown_is_the_feed(here: FlaskClient) -> None:
    (address,) = select(page(here, make(here)), "//input[@id='fil']/@value")
    assert here.get(str(address)).mimetype == "application/atom+xml"


# -- trust -----------------------------------------------------------------------------------------------------------

CHANGING = [
    "/alertes/nouvelle",
    *(f"/alertes/ID/{each}" for each in ("modifier", "pause", "reprise", "fil", "supprimer")),
]


@sqlite
@pytest.mark.parametrize("path", CHANGING)
@pytest.mark.parametrize("forged", [{}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}])
def test_a_form_that_is_not_ours_changes_nothing(
    here: FlaskClient, database: Database, path: str, forged: dict[str, str]
) -> None:
    address = make(here)
    fields = filled(here, f"{address}/modifier") | {"name": "forged"}
    del fields["csrf"]
    id = only(database).id
    before = (only(database).revision, only(database).name)
    assert here.post(path.replace("ID", id), data=fields | forged).status_code == 403
    assert (only(database).revision, only(database).name) == before


@sqlite
def test_a_token_without_its_cookie_opens_nothing(here: FlaskClient) -> None:
    fields = filled(here, ASKED)
    cookie = here.get_cookie(COOKIE)
    assert cookie and cookie.http_only and cookie.same_site == "Strict"
    here.delete_cookie(COOKIE)
    assert here.post("/alertes/nouvelle", data=fields).status_code == 403


@sqlite
def test_another_reader_sees_and_changes_nothing(
    settings: Settings, engine: Engine, samples: Tally, database: Database
) -> None:
    behind = replace(settings, user_header="Remote-User", trusted_proxies=(ipaddress.ip_network("10.1.0.0/16"),))
    app = create_app(replace(behind, anonymous_scopes=("search",)), engine, database)
    mine, other = (_reader(app.test_client(), name) for name in ("m.durand", "a.martin"))
    address = make(mine)
    fields = filled(other, ASKED)
    for path in ("", "/modifier", "/supprimer"):
        assert other.get(f"{address}{path}").status_code == 404
    for path in ("modifier", "pause", "reprise", "fil", "supprimer"):
        assert other.post(f"{address}/{path}", data=fields).status_code == 404
    # The form of one reader is none of another's, whatever cookie a browser has.
    stolen = filled(mine, ASKED)
    cookie = mine.get_cookie(COOKIE)
    assert cookie
    other.set_cookie(COOKIE, cookie.value)
    assert other.post("/alertes/nouvelle", data=stolen).status_code == 403
    anonymous = app.test_client()
    found = page(anonymous, "/?q=lavrov")
    assert select(found, "//a[contains(., 'alerte')]") == []
    assert anonymous.get("/alertes").status_code == 401


def _reader(client: FlaskClient, name: str) -> FlaskClient:
    client.environ_base |= {"REMOTE_ADDR": "10.1.2.3", "HTTP_REMOTE_USER": name}
    return client


@sqlite
def test_over_tls_the_cookie_is_of_this_host_alone(
    settings: Settings, engine: Engine, samples: Tally, database: Database
) -> None:
    client = create_app(replace(settings, public_url="https://depeches.example"), engine, database).test_client()
    told = client.get(ASKED).headers["Set-Cookie"]
    assert told.startswith(f"__Host-{COOKIE}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(told.split("; "))


@sqlite
def test_pages_keep_the_strict_policy_and_are_not_kept(here: FlaskClient) -> None:
    for address in ("/alertes", ASKED, make(here)):
        answer = here.get(address)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_saved_searches_are_proposed_while_typing(here: FlaskClient) -> None:
    make(here, name="Zones grises")
    found = here.get("/api/v1/suggest?q=zones").get_json()["suggestions"]
    assert [each["label"] for each in found if each["kind"] == "saved"] == ["Zones grises"]


def test_without_the_database_search_goes_on(settings: Settings, engine: Engine, samples: Tally) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none", timeout=1)
    client = create_app(settings, engine, away).test_client()
    assert client.get("/?q=lavrov").status_code == 200
    assert client.get("/api/v1/suggest?q=lav").status_code == 200
    answer = client.get("/alertes")
    assert answer.status_code == 503 and "Les alertes sont indisponibles" in answer.text
