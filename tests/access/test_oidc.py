"""Signing in at a real, certified provider; and at one that lies, which is never believed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask, Request, Response
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, TestResponse

from access import signed_in as open_sessions
from access import users
from access.oidc import LOGOUT, Identity, identity
from access.sessions import ATTEMPTS, SESSION, Sessions
from app import create_app
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from engine.errors import SignInFailed
from indexer.load import Tally
from tests.access.provider_server import CLIENT, SECRET, Liar, liar, provider

HERE = "http://localhost"
CALLBACK = f"{HERE}/connexion/retour"
SEARCH, PUSH = "/api/v1/dispatches", "/api/v1/dispatches"
SIGNED_IN = re.compile(r'<a class="who"[^>]*>([^<]+)</a>')
LINE: dict[str, Any] = {"data": b"", "content_type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider(CALLBACK, f"{HERE}/deconnexion") as found:
        yield found


@pytest.fixture(scope="module")
def own(settings: Settings, samples: Tally, issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return replace(
        settings,
        database_url=f"sqlite:///{tmp_path_factory.mktemp('oidc') / 'base.sqlite3'}",
        public_url=HERE,
        oidc_issuer=issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_scopes=("openid", "profile", "email", "groups"),
        group_scopes=(("documentation", ("ingest",)),),
    )


APPS: dict[str, Flask] = {}


def opened(own: Settings, engine: Engine, **changes: Any) -> FlaskClient:
    """A browser without cookies, before the application of these settings."""
    changed = replace(own, **changes)
    if repr(changed) not in APPS:
        APPS[repr(changed)] = create_app(changed, engine)
    client = APPS[repr(changed)].test_client()
    client.environ_base["HTTP_ACCEPT"] = "text/html,*/*;q=0.8"
    return client


@pytest.fixture
def client(own: Settings, engine: Engine) -> FlaskClient:
    return opened(own, engine)


def cookies(answer: TestResponse) -> dict[str, str]:
    """Set-Cookie lines by name."""
    return {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}


def begun(client: FlaskClient, page: str = "/?q=lavrov") -> str:
    """The provider's address that a reader without a session is led to from a page."""
    first = client.get(page)
    assert first.status_code == 302, first.text
    second = client.get(first.headers["Location"])
    assert second.status_code == 302, second.text
    assert "HttpOnly" in cookies(second)[ATTEMPTS] and "SameSite=Lax" in cookies(second)[ATTEMPTS]
    return second.headers["Location"]


def at_the_provider(url: str, account: str, browser: requests.Session | None = None) -> str:
    """The path with which the provider sends the reader back, its forms filled in as `account`."""
    browser = browser or requests.Session()
    answer = browser.get(url, allow_redirects=False, timeout=30)
    while True:
        if answer.is_redirect:
            location = requests.compat.urljoin(answer.url, answer.headers["Location"])  # type: ignore[attr-defined]
            if location.startswith(CALLBACK):
                return location.removeprefix(HERE)
            answer = browser.get(location, allow_redirects=False, timeout=30)
            continue
        form = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        assert form and prompt, answer.text
        filled = {"prompt": prompt[1], "login": account, "password": "x"}
        answer = browser.post(unescape(form[1]), data=filled, allow_redirects=False, timeout=30)


def signed_in(client: FlaskClient, account: str, page: str = "/?q=lavrov") -> TestResponse:
    return client.get(at_the_provider(begun(client, page), account))


def test_who_signs_in_sees_the_page_they_asked_for_and_is_named(client: FlaskClient) -> None:
    asked = begun(client)
    parameters = parse_qs(urlsplit(asked).query)
    assert parameters["code_challenge_method"] == ["S256"] and parameters["redirect_uri"] == [CALLBACK]
    assert len(parameters["state"][0]) > 20 and len(parameters["nonce"][0]) >= 20
    back = client.get(at_the_provider(asked, "u-1"))
    assert (back.status_code, back.headers["Location"]) == (302, "/?q=lavrov")
    for name, line in cookies(back).items():
        assert "HttpOnly" in line and "SameSite=Lax" in line and "Path=/" in line, name
    assert "Max-Age=43200" in cookies(back)[SESSION] and "Max-Age=0" in cookies(back)[ATTEMPTS]
    page = client.get("/?q=lavrov")
    assert (page.status_code, SIGNED_IN.findall(page.text)) == (200, ["m.durand"])
    assert '<a href="/deconnexion">' in page.text
    assert client.get(SEARCH).status_code == 200
    assert not cookies(client.get("/"))  # a session ends when it was to


def test_groups_open_what_the_table_says(client: FlaskClient, own: Settings, engine: Engine) -> None:
    signed_in(client, "u-1")
    assert client.post(PUSH, **LINE).status_code == 422  # in « Documentation »: there is only nothing to load
    other = opened(own, engine)
    signed_in(other, "u-2")
    refused = other.post(PUSH, **LINE)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "non-autorise")
    assert "Aucun groupe du compte « zoé »" in refused.get_json()["detail"]
    page = opened(own, engine, group_required=True)
    page.set_cookie(SESSION, other.get_cookie(SESSION).value)  # type: ignore[union-attr]
    assert page.get("/").status_code == 403  # and not led round and round


def test_a_page_of_another_site_changes_nothing_in_a_readers_name(client: FlaskClient) -> None:
    signed_in(client, "u-1")
    assert client.post(PUSH, **LINE, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(PUSH, **LINE, headers={"Origin": "https://exemple.fr"}).status_code == 403


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (SEARCH, {}),
        ("/", {"Sec-Fetch-Mode": "cors"}),
        ("/", {"HX-Request": "true"}),
        ("/", {"Accept": "application/json"}),
    ],
)
def test_programs_and_parts_of_pages_are_told_not_led(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    assert client.get(path, headers=headers).status_code == 401


def test_where_all_may_read_one_may_sign_in(own: Settings, engine: Engine) -> None:
    client = opened(own, engine, anonymous_scopes=("search",))
    page = client.get("/?q=lavrov")
    assert (page.status_code, SIGNED_IN.findall(page.text)) == (200, [])
    assert '<a href="/connexion?suite=/?q%3Dlavrov">' in page.text
    assert client.get("/alertes").status_code == 302


@pytest.mark.parametrize(
    ("account", "changes", "said"),
    [
        ("u-3", {}, "preferred_username"),
        ("u-2", {"oidc_name_claim": "email"}, "pas vérifié"),
        ("u-1", {"oidc_scopes": ("openid",)}, "preferred_username"),
    ],
)
def test_who_is_not_named_is_not_let_in(
    own: Settings, engine: Engine, account: str, changes: dict[str, Any], said: str
) -> None:
    client = opened(own, engine, **changes)
    page = signed_in(client, account)
    assert (page.status_code, page.mimetype) == (403, "text/html")
    assert said in page.text
    assert SESSION not in cookies(page)


def test_a_verified_address_may_be_the_name(own: Settings, engine: Engine) -> None:
    client = opened(own, engine, oidc_name_claim="email")
    assert signed_in(client, "u-1").status_code == 302
    assert SIGNED_IN.findall(client.get("/").text) == ["m.durand@exemple.fr"]


def refused(answer: TestResponse) -> bool:
    return answer.status_code == 403 and SESSION not in cookies(answer) and "Connexion impossible" in answer.text


def test_an_answer_serves_once_and_in_the_browser_that_asked(
    client: FlaskClient, own: Settings, engine: Engine
) -> None:
    answer = at_the_provider(begun(client), "u-1")
    assert refused(opened(own, engine).get(answer))
    assert refused(client.get(re.sub(r"state=[^&]+", "state=autre", answer)))
    assert refused(client.get(re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fexemple.fr", answer)))
    assert client.get(answer).status_code == 302
    # Again, by the back button: they are signed in. In another's browser with the first one's attempts: the code is used.
    assert client.get(answer).headers["Location"] == "/"


def test_a_code_of_another_attempt_is_refused(client: FlaskClient) -> None:
    """Someone else's code put into one's own answer: PKCE tells."""
    mine, theirs = at_the_provider(begun(client), "u-1"), at_the_provider(begun(client), "u-2")
    code = re.search(r"code=([^&]+)", theirs)
    assert code
    assert refused(client.get(re.sub(r"code=[^&]+", f"code={code[1]}", mine)))


def test_two_tabs_may_sign_in_at_once(client: FlaskClient) -> None:
    first, second = begun(client, "/?q=un"), begun(client, "/?q=deux")
    assert client.get(at_the_provider(first, "u-1")).headers["Location"] == "/?q=un"
    assert client.get(at_the_provider(second, "u-1")).headers["Location"] == "/"


def test_what_the_provider_refuses_is_told(client: FlaskClient) -> None:
    state = parse_qs(urlsplit(begun(client)).query)["state"][0]
    page = client.get("/connexion/retour", query_string={"state": state, "error": "access_denied"})
    assert refused(page)
    assert "access_denied" in page.text


@pytest.mark.parametrize(
    "away",
    ["//exemple.fr/", "https://exemple.fr", "/\\exemple.fr", "\\\\exemple.fr", "", "/" + "x" * 2000, "javascript:1"],
)
def test_signing_in_leads_to_our_pages_alone(client: FlaskClient, away: str) -> None:
    first = client.get("/connexion", query_string={"suite": away})
    back = client.get(at_the_provider(first.headers["Location"], "u-1"))
    assert back.headers["Location"] == "/"


def test_signing_out_ends_the_session_here_and_leads_to_end_the_other(client: FlaskClient) -> None:
    signed_in(client, "u-1")
    asking = client.get("/deconnexion", headers={"Sec-Fetch-Site": "cross-site"})
    assert SESSION not in cookies(asking) and "Rester connecté" in asking.text
    page = client.get("/deconnexion", headers={"Sec-Fetch-Site": "same-origin"})
    assert "Max-Age=0" in cookies(page)[SESSION]
    assert SIGNED_IN.findall(page.text) == []
    end = re.search(r'href="(http://127[^"]+)"', page.text)
    assert end
    there = requests.get(unescape(end[1]), timeout=30)
    assert (there.status_code, "<form" in there.text) == (200, True)
    assert client.get("/").status_code == 302


def copied(client: FlaskClient, own: Settings, engine: Engine) -> FlaskClient:
    """Another browser with this one's session: its cookie was stolen."""
    thief = opened(own, engine)
    thief.set_cookie(SESSION, client.get_cookie(SESSION).value)  # type: ignore[union-attr]
    assert thief.get("/").status_code == 200
    return thief


def test_a_cookie_stolen_before_signing_out_opens_nothing_after(
    client: FlaskClient, own: Settings, engine: Engine
) -> None:
    signed_in(client, "u-1")
    thief = copied(client, own, engine)
    client.get("/deconnexion", headers={"Sec-Fetch-Site": "same-origin"})
    assert thief.get("/").status_code == 302
    assert thief.get(SEARCH).status_code == 401
    # Who signed out at the provider, which sends them back, is told so and not asked.
    back = client.get("/deconnexion", headers={"Sec-Fetch-Site": "cross-site"})
    assert "Vous êtes déconnecté" in back.text


def test_signing_in_again_ends_the_session_before(client: FlaskClient, own: Settings, engine: Engine) -> None:
    signed_in(client, "u-1")
    thief = copied(client, own, engine)
    first = client.get("/connexion")
    assert client.get(at_the_provider(first.headers["Location"], "u-1")).status_code == 302
    assert (client.get("/").status_code, thief.get("/").status_code) == (200, 302)


def test_a_reader_sees_where_they_are_signed_in_and_ends_it(client: FlaskClient, own: Settings, engine: Engine) -> None:
    database = Database.from_settings(own)
    with database.writing() as session:
        for name in ("m.durand", "zoé"):  # other tests' own
            open_sessions.end_of(session, name)
    other, third, stranger = (opened(own, engine) for _ in range(3))
    for each, account in ((client, "u-1"), (other, "u-1"), (third, "u-1"), (stranger, "u-2")):
        each.environ_base["HTTP_USER_AGENT"] = f"Navigateur <{account}>"
        signed_in(each, account)
    page = client.get("/connexions")
    assert page.headers["Cache-Control"] == "no-store"
    assert (page.text.count("Navigateur &lt;u-1&gt;"), "u-2" in page.text) == (3, False)
    numbers = re.findall(r'name="numero" value="(\d+)"', page.text)
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert len(numbers) == 2 and token
    assert client.post("/connexions", data={"numero": numbers[0]}).status_code == 403  # without proof
    closed = client.post("/connexions", data={"numero": numbers[0], "csrf": token[1]})
    assert (closed.status_code, closed.headers["Location"]) == (303, "/connexions")
    assert sorted((other.get("/").status_code, third.get("/").status_code)) == [200, 302]
    # Another's is not theirs to end.
    with database.reading() as session:
        (theirs,) = open_sessions.every(session, "zoé", database.now(session))
    client.post("/connexions", data={"numero": str(theirs.id), "csrf": token[1]})
    assert stranger.get("/").status_code == 200
    client.post("/connexions", data={"csrf": token[1]})
    assert [each.get("/").status_code for each in (client, other, third, stranger)] == [200, 302, 302, 200]


def test_an_account_that_is_closed_is_out_and_comes_in_no_more(
    client: FlaskClient, own: Settings, engine: Engine
) -> None:
    database = Database.from_settings(own)
    signed_in(client, "u-2")
    with database.writing() as session:
        users.disable(session, "zoé", database.now(session))
    try:
        assert client.get("/").status_code == 302
        again = signed_in(client, "u-2")
        assert (again.status_code, SESSION in cookies(again)) == (403, False)
        assert "est fermé" in again.text
    finally:
        with database.writing() as session:
            users.enable(session, "zoé")


# -- the cookie ------------------------------------------------------------------------------------------------------


def sessions(own: Settings, **changes: Any) -> Sessions:
    changed = replace(own, **changes)
    return Sessions(changed, Database.from_settings(changed))


def written(found: Sessions) -> str:
    response = Response()
    found.open(showing(""), response, Identity("m.durand", ()), ("documentation",))
    return response.headers["Set-Cookie"]


def read(found: Sessions, line: str) -> tuple[str, tuple[str, ...]] | None:
    signed = found.reader(showing(line))
    return (signed.name, signed.groups) if signed else None


def showing(cookie: str) -> Request:
    return Request(EnvironBuilder("/", headers=Headers({"Cookie": cookie.partition(";")[0]})).get_environ())


def test_over_tls_the_cookie_is_of_this_host_alone(own: Settings) -> None:
    secured = sessions(own, public_url="https://depeches.exemple.fr")
    line = written(secured)
    assert line.startswith("__Host-") and "Secure" in line and "Domain" not in line
    assert read(secured, line) == ("m.durand", ("documentation",))
    assert sessions(own).reader(showing(line)) is None


def test_a_session_ends_and_cannot_be_made_up(own: Settings) -> None:
    line = written(sessions(own))
    assert read(sessions(own), line) == ("m.durand", ("documentation",))
    assert sessions(own, session_hours=-1).reader(showing(line)) is None
    name, _, value = line.partition(";")[0].partition("=")
    for forged in (
        value[:-9] + ("A" if value[-9] != "A" else "B") + value[-8:],
        value[1:],
        "x",
        "",
        value.replace(".", "", 1),
    ):
        assert sessions(own).reader(showing(f"{name}={forged}")) is None
    # Of another provider, of another client, or the attempts' cookie under the session's name.
    assert sessions(own, oidc_issuer="https://autre.exemple.fr").reader(showing(line)) is None
    assert sessions(own, oidc_client_id="autre").reader(showing(line)) is None
    assert not sessions(own).attempts(showing(line.replace(SESSION, ATTEMPTS, 1)))


# -- a provider that lies, or is away --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lying() -> Iterator[Liar]:
    with liar() as found:
        yield found


def answered(own: Settings, engine: Engine, lying: Liar, **said: Any) -> TestResponse:
    """Back from the liar, who was told to say this; the nonce is right unless it says another."""
    client = opened(own, engine, oidc_issuer=lying.url)
    asked = parse_qs(urlsplit(begun(client)).query)
    fresh = Liar(url=lying.url, own=lying.own)
    for name, value in vars(fresh).items():
        setattr(lying, name, said.get(name, value))
    named = {"nonce": asked["nonce"][0], "preferred_username": "m.durand", "groups": []}
    lying.claims = named | said.get("claims", {})
    return client.get("/connexion/retour", query_string={"state": asked["state"][0], "code": "x"})


def test_the_same_provider_telling_the_truth_is_believed(own: Settings, engine: Engine, lying: Liar) -> None:
    assert answered(own, engine, lying).status_code == 302


@pytest.mark.parametrize(
    "said",
    [
        {"claims": {"aud": "autre"}},
        {"claims": {"aud": ["autre"], "azp": CLIENT}},  # what authlib alone believes
        {"claims": {"aud": [CLIENT, "autre"]}},
        {"claims": {"aud": None}},
        {"claims": {"iss": "https://exemple.fr"}},
        {"claims": {"nonce": "autre"}},
        {"claims": {"nonce": None}},
        {"claims": {"exp": 1_600_000_000}},
        {"claims": {"exp": None}},
        {"claims": {"sub": None}},
        {"algorithm": "none"},
        {"algorithm": "HS256"},  # signed with the secret that both know
        {"signs_with": RSAKey.generate_key(2048, {"kid": "1"})},
        {"silent": True},
        {"claims": {"preferred_username": None}, "userinfo": {"sub": "u-2", "preferred_username": "zoé"}},
        {"claims": {"preferred_username": "a\nb"}},
        {"claims": {"preferred_username": ["a"]}},
    ],
    ids=lambda lie: "+".join(lie) if "signs_with" in lie else str(lie),  # a key has no two names alike
)
def test_what_cannot_be_believed_is_not(own: Settings, engine: Engine, lying: Liar, said: dict[str, Any]) -> None:
    assert refused(answered(own, engine, lying, **said))


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [("http://127.0.0.1:9", 503, "ne répond pas"), ("localhost", 403, "DEPECHES_OIDC_ISSUER")],
)
def test_a_provider_that_is_away_or_another_is_told_and_searching_by_key_goes_on(
    own: Settings, engine: Engine, changed: str, status: int, said: str
) -> None:
    wrong = own.oidc_issuer.replace("127.0.0.1", changed) if changed == "localhost" else changed
    client = opened(own, engine, oidc_issuer=wrong)
    page = client.get("/connexion")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert said in page.text
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("claim", "claims", "groups"),
    [
        ("groups", {"groups": ["a", "b", 3]}, ("a", "b")),
        ("groups", {"groups": "a"}, ("a",)),
        ("groups", {}, ()),
        ("groups", {"groups": {"a": 1}}, ()),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}, ("a",)),
        ("realm_access.roles", {"realm_access": ["roles"]}, ()),
        ("https://exemple.fr/groups", {"https://exemple.fr/groups": ["a"]}, ("a",)),
    ],
)
def test_groups_are_found_where_providers_put_them(
    own: Settings, claim: str, claims: dict[str, Any], groups: tuple[str, ...]
) -> None:
    found = identity({"preferred_username": "Zoé", **claims}, replace(own, oidc_groups_claim=claim))
    assert (found.name, found.groups) == ("zoé", groups)


def test_a_name_is_a_name(own: Settings) -> None:
    with pytest.raises(SignInFailed):
        identity({"preferred_username": "x" * 201}, own)


def test_without_a_provider_there_is_no_signing_in(settings: Settings, engine: Engine, samples: Tally) -> None:
    client = create_app(settings, engine).test_client()
    assert client.get("/connexion").status_code == client.get("/deconnexion").status_code == 404


# -- the provider says that it is over (back-channel logout) ---------------------------------------------------------


def told(lying: Liar, client: FlaskClient, **claims: Any) -> TestResponse:
    """What the provider sends of itself; a claim that is None is left out."""
    usual: dict[str, Any] = {"nonce": None, "preferred_username": None, "jti": "1", "events": {LOGOUT: {}}}
    lying.claims = usual | claims
    return client.post("/connexion/fin", data={"logout_token": lying.id_token()})


def entered(own: Settings, engine: Engine, lying: Liar, **claims: Any) -> FlaskClient:
    client = opened(own, engine, oidc_issuer=lying.url)
    state = begun_at(client)
    lying.claims = {"nonce": state["nonce"][0], "preferred_username": "m.durand", "groups": []} | claims
    assert client.get("/connexion/retour", query_string={"state": state["state"][0], "code": "x"}).status_code == 302
    return client


def begun_at(client: FlaskClient) -> dict[str, list[str]]:
    return parse_qs(urlsplit(begun(client)).query)


@pytest.fixture
def honest(lying: Liar) -> Liar:
    """The same provider, telling the truth."""
    for name, value in vars(Liar(url=lying.url, own=lying.own)).items():
        setattr(lying, name, value)
    return lying


def test_the_provider_ends_its_session_or_all_of_a_person(own: Settings, engine: Engine, honest: Liar) -> None:
    first, second = (entered(own, engine, honest, sid=sid) for sid in ("s-1", "s-2"))
    unnamed, other = entered(own, engine, honest), entered(own, engine, honest, sub="u-9")
    program = opened(own, engine, oidc_issuer=honest.url)

    def still() -> list[bool]:
        return [each.get("/").status_code == 200 for each in (first, second, unnamed, other)]

    assert still() == [True] * 4
    answer = told(honest, program, sid="s-1")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert still() == [False, True, True, True]
    assert told(honest, program, sid="s-0").status_code == 200  # of a session we gave no name: the person's
    assert still() == [False, True, False, True]
    assert told(honest, program).status_code == 200
    assert still() == [False, False, False, True]


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "x"},
        {"events": None},
        {"events": {"autre": {}}},
        {"events": LOGOUT},
        {"aud": "autre"},
        {"iss": "https://exemple.fr"},
        {"iat": 1_600_000_000},
        {"iat": None},
        {"exp": 1_600_000_000},
        {"sub": None},
        {"sub": ["u-1"]},
    ],
    ids=str,
)
def test_what_does_not_say_so_ends_nothing(own: Settings, engine: Engine, honest: Liar, wrong: dict[str, Any]) -> None:
    client = entered(own, engine, honest)
    answer = told(honest, opened(own, engine, oidc_issuer=honest.url), **wrong)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert client.get("/").status_code == 200


def test_nobody_else_ends_a_session(own: Settings, engine: Engine, honest: Liar) -> None:
    client = entered(own, engine, honest)
    program = opened(own, engine, oidc_issuer=honest.url)
    honest.signs_with = RSAKey.generate_key(2048, {"kid": "1"})
    assert told(honest, program).status_code == 400
    honest.signs_with, honest.algorithm = None, "HS256"
    assert told(honest, program).status_code == 400
    honest.algorithm = "none"
    assert told(honest, program).status_code == 400
    assert program.post("/connexion/fin", data={"logout_token": "x"}).status_code == 400
    assert program.post("/connexion/fin").status_code == 400
    assert client.get("/").status_code == 200
