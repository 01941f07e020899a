"""Behind a real nginx, configured as `deploy/nginx.conf` says: who gets in, as whom, and what passes whole."""

from __future__ import annotations

import base64
import contextlib
import gzip
import http.client
import json
import os
import re
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from access import keys, users
from access.scopes import Scope
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from mappings import lifecycle
from mappings.lifecycle import Family
from tests.access.nginx import EXAMPLE, NAME, Running, nginx
from tests.indexer.cutting_proxy import CuttingProxy, cutting_proxy
from tests.indexer.served import served
from tests.search.writing import put, small

SEARCH = "/api/v1/dispatches?facets=none&size=1"
PUSH = "/api/v1/dispatches"
NDJSON = ("Content-Type", "application/x-ndjson")
PASSWORDS = {"M.Durand": "un: mot de passe é", "zoé": "x", "archiviste": "x"}
GROUPS = '    "archiviste" "documentation,chefs";\n'

# 24 MB: more than the buffers between an engine and a reader who does not read hold.
COUNT, LENGTH = 1200, 20_000

# What the top of deploy/nginx.conf tells an operator to set.
TOLD = dict(re.findall(r"^#   (DEPECHES_\w+)=(\S+)", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def basic(name: str, password: str | None = None) -> dict[str, str]:
    told = f"{name}:{PASSWORDS[name] if password is None else password}"
    return {"Authorization": f"Basic {base64.b64encode(told.encode()).decode()}"}


def asked(
    front: Running,
    path: str,
    *headers: tuple[str, str],
    method: str = "GET",
    body: bytes | None = None,
    signed: dict[str, str] | None = None,
) -> Answer:
    """One request through nginx; `headers` are sent as they come, also twice."""
    connection = http.client.HTTPSConnection("localhost", front.port, context=front.tls, timeout=120)
    with contextlib.closing(connection):
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in (("Host", NAME), *(signed or {}).items(), *headers):
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


@pytest.fixture(scope="module")
def own(settings: Settings, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An archive of long dispatches, a data folder and a database of these tests' own."""
    folder, family = tmp_path_factory.mktemp("nginx"), Family(f"{settings.index_prefix}-nginx")
    lifecycle.create(engine, family)
    put(engine, family, (small(number, text="mot " * (LENGTH // 4)) for number in range(COUNT)))
    base = f"sqlite:///{folder / 'base.sqlite3'}"
    yield replace(settings, index_prefix=family.prefix, data_dir=folder, database_url=base)
    for name in engine.indices(family.pattern):
        engine.delete_index(name)


@pytest.fixture(scope="module")
def wire(engine: Engine) -> Iterator[CuttingProxy]:
    with cutting_proxy(engine.address.url) as proxy:
        yield proxy


def environment(own: Settings, **more: str) -> dict[str, str]:
    return TOLD | {"DATABASE_URL": str(own.database_url), "DEPECHES_SIGN_OUT_URL": "/portail/sortie"} | more


@pytest.fixture(scope="module")
def service(own: Settings, wire: CuttingProxy) -> Iterator[int]:
    with served(own, wire.url, workers=1, environment=environment(own)) as port:
        yield port


@pytest.fixture(scope="module")
def front(service: int) -> Iterator[Running]:
    with nginx(f"127.0.0.1:{service}", PASSWORDS, groups=GROUPS) as running:
        yield running


def key(own: Settings, *scopes: Scope) -> dict[str, str]:
    """The header that shows a new key."""
    with Database.opened(own) as database, database.writing() as session:
        now = database.now(session)
        text = keys.create(session, users.find_or_make(session, "agrégateur", now), "x", scopes, now=now)[1]
    return {"Authorization": f"Bearer {text}"}


# What the page says of who is signed in.
SIGNED_IN = re.compile(r'<span class="who"[^>]*>([^<]+)</span>')


@pytest.mark.parametrize(("name", "shown"), [("M.Durand", "m.durand"), ("zoé", "zoé")])
def test_a_reader_who_signed_in_gets_in_and_is_named(front: Running, name: str, shown: str) -> None:
    page = asked(front, "/", signed=basic(name))
    assert page.status == 200
    assert SIGNED_IN.findall(page.text) == [shown]
    assert '<a href="/portail/sortie">' in page.text
    assert page.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("signed", [{}, basic("M.Durand", "faux"), basic("M.Durand", ""), basic("zoé", "zoé")])
def test_nginx_itself_refuses_a_wrong_password(front: Running, signed: dict[str, str]) -> None:
    answer = asked(front, SEARCH, signed=signed)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert b"nginx" in answer.body


@pytest.mark.parametrize(
    "forged",
    [
        [("Remote-User", "archiviste")],
        [("remote-user", "archiviste"), ("Remote-User", "archiviste")],
        [("Remote_User", "archiviste"), ("REMOTE-USER", "archiviste")],
        [("Remote-Groups", "documentation")],
        [("Remote-User", "archiviste"), ("Remote-Groups", "documentation")],
        [("Remote-Groups", "documentation"), ("Remote-Groups", "admins")],
    ],
)
def test_what_a_reader_says_of_themselves_through_nginx_is_lost(front: Running, forged: list[tuple[str, str]]) -> None:
    page = asked(front, "/", *forged, signed=basic("zoé"))
    assert SIGNED_IN.findall(page.text) == ["zoé"]
    pushed = asked(front, PUSH, *forged, NDJSON, method="POST", body=b"", signed=basic("zoé"))
    assert (pushed.status, json.loads(pushed.body)["code"]) == (403, "non-autorise")
    # Nor is it heard where nginx asks for no password.
    assert asked(front, SEARCH, *forged, ("Authorization", "Bearer dep_faux")).status == 401


@pytest.mark.parametrize(
    "path",
    [
        "/static/../api/v1/dispatches",
        "/static/%2e%2e/api/v1/dispatches",
        "/api/v1/dispatches?x=/static/",
        "/api/v1/dispatches/../dispatches/static/",
        "/healthz/../api/v1/dispatches",
        "/alertes/arret/../../api/v1/dispatches",
    ],
)
def test_an_address_that_pretends_to_be_open_opens_nothing(front: Running, path: str) -> None:
    for headers in ([], [("Remote-User", "archiviste")], list(basic("archiviste", "faux").items())):
        assert asked(front, path, *headers).status in (400, 401, 404)


def test_a_name_without_its_password_is_none_where_nginx_asks_for_no_password(front: Running) -> None:
    """`$remote_user` is what the request says, checked or not."""
    twice = [("Authorization", "Bearer dep_faux"), *basic("archiviste", "faux").items()]
    for headers in (twice, twice[::-1]):
        assert asked(front, SEARCH, *headers).status in (400, 401)
    page = asked(front, "/alertes/arret/canal/x?s=faux", *basic("archiviste", "faux").items())
    assert page.status == 404
    assert SIGNED_IN.findall(page.text) == []


def test_what_needs_no_password_is_open_and_the_rest_of_the_page_is_not(front: Running) -> None:
    page = asked(front, "/", signed=basic("zoé")).text
    styles = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert styles and all(asked(front, address).status == 200 for address in styles)
    assert asked(front, "/healthz").status == asked(front, "/readyz").status == 200
    assert asked(front, "/opensearch.xml").status == 200
    feed = asked(front, "/api/v1/saved-searches/inconnue/feed.atom?token=faux")
    assert (feed.status, json.loads(feed.body)["code"]) == (404, "recherche-introuvable")


def test_groups_open_what_the_table_says(front: Running) -> None:
    statuses = {
        name: asked(front, PUSH, NDJSON, method="POST", body=b"", signed=basic(name)).status for name in PASSWORDS
    }
    # 422: there is nothing in it to load. "M.Durand" is in the example's own line.
    assert statuses == {"M.Durand": 422, "archiviste": 422, "zoé": 403}


def test_sent_straight_to_the_service_a_header_is_believed_of_the_proxy_alone(service: int) -> None:
    def straight(source: str, *names: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", service, timeout=60, source_address=(source, 0))
        with contextlib.closing(connection):
            connection.putrequest("GET", SEARCH)
            for name in names:
                connection.putheader("Remote-User", name)
            connection.putheader("X-Forwarded-For", "127.0.0.1")
            connection.endheaders()
            return connection.getresponse().status

    assert straight("127.0.0.1", "m.durand") == 200  # where the proxy is
    assert straight("127.0.0.1", "m.durand", "zoe") == 401
    assert straight("127.0.0.2", "m.durand") == 401
    assert straight("127.0.0.2", "m.durand", "zoe") == 401


def test_by_a_socket_that_is_a_file_under_a_path(own: Settings, engine: Engine) -> None:
    with tempfile.TemporaryDirectory(prefix="depeches-socket-") as name:
        os.chmod(name, 0o755)
        file = Path(name) / "depeches.sock"
        told = environment(
            own,
            HOST=f"unix:{file}",
            DEPECHES_TRUSTED_PROXIES="unix",
            DEPECHES_PUBLIC_URL=f"https://{NAME}/presse",
        )
        with served(own, engine.address.url, workers=1, environment=told):
            assert file.stat().st_mode & 0o777 == 0o770
            file.chmod(0o777)  # nginx is of the service's group in production; here it is nobody
            with nginx(f"unix:{file}", PASSWORDS) as front:
                page = asked(front, "/presse/", ("Remote-User", "archiviste"), signed=basic("zoé"))
                assert SIGNED_IN.findall(page.text) == ["zoé"]
                style = re.search(r'href="(/presse/static/[^"]+\.css)"', page.text)
                assert style and asked(front, style[1]).status == 200
                assert asked(front, "/presse/").status == 401
                assert asked(front, "/", signed=basic("zoé")).status == 404
                assert asked(front, "/presse/", ("SCRIPT_NAME", "/x"), signed=basic("zoé")).status == 200


def test_forms_work_behind_tls_and_another_sites_do_not(front: Running) -> None:
    """As an old browser sends them: an Origin and no Sec-Fetch-Site."""
    page = asked(front, "/alertes/nouvelle?q=mot", signed=basic("zoé"))
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    cookie = str(page.headers["Set-Cookie"]).partition(";")
    assert token and cookie[0].startswith("__Host-") and "Secure" in cookie[2]
    form = f"csrf={token[1]}&name=Lavrov&q=mot&feed=1".encode()
    sent = [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookie[0])]
    for origin, status in ((f"https://{NAME}", 303), ("https://exemple.fr", 403)):
        headers = (*sent, ("Origin", origin))
        answer = asked(front, "/alertes/nouvelle?q=mot", *headers, method="POST", body=form, signed=basic("zoé"))
        assert answer.status == status, (origin, answer.text[:2000])


def test_a_page_is_compressed_and_not_sent_twice(front: Running) -> None:
    whole = asked(front, "/?q=mot", signed=basic("zoé"))
    small_one = asked(front, "/?q=mot", ("Accept-Encoding", "gzip"), signed=basic("zoé"))
    assert small_one.headers["Content-Encoding"] == "gzip"
    assert len(small_one.body) < len(whole.body) / 3
    assert gzip.decompress(small_one.body).rstrip().endswith(b"</html>")
    answer = asked(front, f"{SEARCH}&q=mot", ("Accept-Encoding", "gzip"), signed=basic("zoé"))
    known = ("If-None-Match", answer.headers["ETag"])
    again = asked(front, f"{SEARCH}&q=mot", ("Accept-Encoding", "gzip"), known, signed=basic("zoé"))
    assert (again.status, again.body) == (304, b"")


def test_plain_http_is_sent_to_tls(front: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front.plain, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", "/?q=a", headers={"Host": NAME})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/?q=a")


# -- what passes whole -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("http_1_1", [True, False])
def test_an_export_that_is_cut_does_not_look_whole(service: int, wire: CuttingProxy, http_1_1: bool) -> None:
    """And would, if nginx spoke HTTP/1.0 to the service: why the example says what it says."""
    example = EXAMPLE.read_text(encoding="utf-8")
    if not http_1_1:
        example = example.replace("proxy_http_version 1.1;", "").replace('proxy_set_header Connection "";', "")
    # Without a buffer nginx reads no faster than the reader: the engine goes while most is still to come.
    example = example.replace("location / {", "location / {\n        proxy_buffering off;")
    with nginx(f"127.0.0.1:{service}", PASSWORDS, example=example) as front:
        if http_1_1:
            whole = asked(front, "/api/v1/export.jsonl", signed=basic("zoé"))
            assert whole.body.count(b"\n") == COUNT == int(whole.headers["X-Total-Count"])
        connection = http.client.HTTPSConnection("localhost", front.port, context=front.tls, timeout=120)
        with contextlib.closing(connection):
            connection.request("GET", "/api/v1/export.jsonl", headers=basic("zoé"))
            answer = connection.getresponse()
            answer.read(1000)
            wire.cut()
            try:
                rest = answer.read()
                cut = False
            except (http.client.IncompleteRead, ssl.SSLError):
                rest, cut = b"", True
            finally:
                wire.mend()
    assert len(rest) < COUNT * LENGTH
    assert cut is http_1_1


def test_a_large_push_passes_and_one_too_large_is_refused_by_the_service(front: Running, own: Settings) -> None:
    shown = key(own, "ingest")
    line = json.dumps({"id": "grand", "text": "PARIS - Le ministre a visité l'usine de Roubaix jeudi matin."}).encode()
    pushed = asked(front, PUSH, NDJSON, method="POST", body=line + (b" " * 999_999 + b"\n") * 60, signed=shown)
    assert (pushed.status, json.loads(pushed.body)["loaded"]) == (200, 1), pushed.text
    # Refused before it is read, and the reason is read by a sender who was not done sending.
    large, forged = b" " * 65_000_000, {"Authorization": "Bearer dep_inconnue"}
    for signed, status, code in ((shown, 413, "trop-gros"), (forged, 401, "non-identifie")):
        refused = asked(front, PUSH, NDJSON, method="POST", body=large, signed=signed)
        assert (refused.status, json.loads(refused.body)["code"]) == (status, code), refused.text
