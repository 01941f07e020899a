"""What other sites take in, as it is served: the element's file, the frame, the cards of dispatches."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from app import create_app
from cli import main
from engine.client import Engine
from engine.config import Settings
from indexer.load import Loader, Tally
from mappings.lifecycle import Family
from web.oembed import dispatch_of
from web.portal import FILE, element_file

INTRANET = "https://intranet.exemple.fr"
ELEMENT, FRAME = "/portail/depeches-recherche.js", "/portail/cadre"


@pytest.fixture(scope="module")
def open_to_all(settings: Settings, engine: Engine, samples: Tally) -> FlaskClient:
    """The archive, read by everyone, shown by one portal."""
    own = replace(
        settings, host="0.0.0.0", anonymous_scopes=("search",), public_url="https://depeches.exemple.fr",
        portal_origins=(INTRANET,), frame_ancestors=("self", INTRANET, "https://*.exemple.org"),
    )  # fmt: skip
    return create_app(own, engine).test_client()


@pytest.fixture(scope="module")
def closed(settings: Settings, engine: Engine, samples: Tally) -> FlaskClient:
    """The archive, to nobody that it does not know, and shown by no other site."""
    return create_app(replace(settings, host="0.0.0.0"), engine).test_client()


def test_the_file_is_for_everyone_and_read_by_the_portals_named(open_to_all: FlaskClient, closed: FlaskClient) -> None:
    served = closed.get(ELEMENT, headers={"Origin": INTRANET})
    assert (served.status_code, served.content_type) == (200, "text/javascript; charset=utf-8")
    assert "Access-Control-Allow-Origin" not in served.headers
    served = open_to_all.get(ELEMENT, headers={"Origin": INTRANET})
    assert served.headers["Access-Control-Allow-Origin"] == INTRANET and "Origin" in served.vary
    assert "Origin" in open_to_all.get(ELEMENT).vary
    asked = {"Origin": INTRANET, "Accept-Encoding": "gzip"}
    packed = open_to_all.get(ELEMENT, headers=asked)
    again = open_to_all.get(ELEMENT, headers=asked | {"If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == INTRANET
    assert served.data == FILE.read_bytes()


def test_the_command_shows_what_to_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHES_PUBLIC_URL", "https://depeches.exemple.fr")
    shown = CliRunner().invoke(main, ["portal"], catch_exceptions=False).stdout
    digest = base64.b64encode(hashlib.sha384(FILE.read_bytes()).digest()).decode()
    assert f'integrity="sha384-{digest}"' in shown and element_file().integrity in shown
    assert f'src="https://depeches.exemple.fr{ELEMENT}"' in shown


def test_the_element_holds_no_markup_of_others() -> None:
    """Text goes in as text: nothing in the file reads HTML."""
    source = FILE.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|\beval\b", source)


# -- the frame ---------------------------------------------------------------------------------------------------------


def ancestors(answer: Any) -> str:
    policy: str = answer.headers["Content-Security-Policy"]
    return policy.partition("frame-ancestors ")[2]


@pytest.mark.parametrize("query", ["q=lavrov", "q=(lavrov", "couleur=bleu", "cursor=x"])
def test_who_may_show_the_frame_and_its_errors(open_to_all: FlaskClient, closed: FlaskClient, query: str) -> None:
    found = open_to_all.get(f"{FRAME}?{query}")
    assert found.status_code == (200 if query == "q=lavrov" else 400)
    assert ancestors(found) == f"'self' {INTRANET} https://*.exemple.org"
    assert "script-src" not in found.headers["Content-Security-Policy"] and "<script" not in found.text
    assert "Set-Cookie" not in found.headers
    refused = closed.get(f"{FRAME}?{query}")
    assert (refused.status_code, ancestors(refused)) == (401, "'none'")
    assert "<form" in refused.text and "Set-Cookie" not in refused.headers


@pytest.mark.parametrize("path", ["/", "/aide/requete", "/rien", "/api/v1/dispatches"])
def test_no_other_page_may_be_shown_elsewhere(open_to_all: FlaskClient, path: str) -> None:
    assert ancestors(open_to_all.get(path)) == "'none'"


# -- cards -------------------------------------------------------------------------------------------------------------


def card(client: FlaskClient, **asked: str | int) -> Any:
    return client.get(f"/oembed?{urlencode(asked)}")


@pytest.fixture
def address(open_to_all: FlaskClient) -> str:
    (hit,) = open_to_all.get("/api/v1/dispatches?q=lavrov&size=1&facets=none").get_json()["results"]
    return f"https://depeches.exemple.fr{hit['links']['html']}"


def test_a_card_as_oembed_asks(open_to_all: FlaskClient, address: str) -> None:
    answer = card(open_to_all, url=f"{address}?q=lavrov#hit-1")
    said = answer.get_json()
    assert (answer.status_code, said["type"], said["version"], said["provider_name"]) == (
        200,
        "rich",
        "1.0",
        "Dépêches",
    )
    assert said["author_name"] and said["title"] and (said["width"], said["height"]) == (550, 260)
    html = LexborHTMLParser(said["html"])
    link = html.css_first("blockquote a")
    assert link and link.attributes["href"] == address and link.text() == said["title"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [({"maxwidth": 300, "maxheight": 120}, (300, 120)), ({"maxwidth": 9000}, (550, 260)), ({"maxwidth": 1}, (1, 260))],
)
def test_a_card_keeps_to_the_room_it_is_given(
    open_to_all: FlaskClient, address: str, asked: dict[str, int], given: tuple[int, int]
) -> None:
    said = card(open_to_all, url=address, **asked).get_json()
    assert (said["width"], said["height"]) == given
    assert f"max-width:{given[0]}px" in said["html"] and f"max-height:{given[1]}px" in said["html"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [({}, 404), ({"url": "https://ailleurs.exemple/depeches/abc"}, 404), ({"url": "https://depeches.exemple.fr/"}, 404),
     ({"url": "https://depeches.exemple.fr/depeches/rien"}, 404), ({"url": "javascript:alert(1)"}, 404),
     ({"url": "http://[/"}, 404), ({"format": "xml"}, 501), ({"maxwidth": "-1"}, 400), ({"maxheight": "beaucoup"}, 400)],
)  # fmt: skip
def test_what_has_no_card_says_why(open_to_all: FlaskClient, asked: dict[str, str], status: int) -> None:
    answer = card(open_to_all, **asked)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("url", "id"),
    [("https://a.fr/presse/depeches/x%20y", "x y"), ("http://A.fr/presse/depeches/x/versions?q=1", "x"),
     ("https://a.fr/depeches/x", None), ("https://a.fr/presse/depeches/", None), ("https://a.fr.b/presse/depeches/x", None),
     ("ftp://a.fr/presse/depeches/x", None)],
)  # fmt: skip
def test_an_address_under_a_path(url: str, id: str | None) -> None:
    assert dispatch_of(url, "https://a.fr/presse") == id


def test_a_card_is_for_who_may_read(closed: FlaskClient, address: str) -> None:
    assert card(closed, url=address).status_code == 401


def test_the_page_says_where_its_card_is_and_what_chats_show(open_to_all: FlaskClient, address: str) -> None:
    page = LexborHTMLParser(open_to_all.get(address.removeprefix("https://depeches.exemple.fr")).text)
    link = page.css_first('link[type="application/json+oembed"]')
    assert link
    found = open_to_all.get(str(link.attributes["href"]).removeprefix("https://depeches.exemple.fr")).get_json()
    told = {meta.attributes["property"]: meta.attributes["content"] for meta in page.css("meta[property]")}
    assert (told["og:title"], told["og:url"], told["og:type"]) == (found["title"], address, "article")
    assert found["author_name"] in str(told["og:description"])


def test_markup_in_a_dispatch_is_text_in_its_card(
    settings: Settings, engine: Engine, family: Family, loader: Loader, tmp_path: Any
) -> None:
    hostile = '<script>alert(1)</script> & "Tom" <b>x</b>'
    (tmp_path / "a.txt").write_text(
        f"{hostile}\n\nPARIS, 8 août 2022 (AFP) - {hostile} est ce que le ministre a dit de la réunion de vendredi soir.",
        encoding="utf-8",
    )
    loader.load_paths([tmp_path / "a.txt"])
    engine.refresh(family.read)
    client = create_app(
        replace(settings, index_prefix=family.prefix, host="0.0.0.0", anonymous_scopes=("search",)), engine
    ).test_client()
    (hit,) = client.get("/api/v1/dispatches?size=1").get_json()["results"]
    said = card(client, url=f"http://localhost{hit['links']['html']}").get_json()
    assert "<script>" in said["title"] and "<script" not in said["html"] and "<b>" not in said["html"]
    assert "<script>alert(1)</script>" in unescape(said["html"])
    page = LexborHTMLParser(client.get(hit["links"]["html"]).text)
    assert not [script for script in page.css("script") if "alert" in script.text()]
    (title,) = page.css('meta[property="og:title"]')
    assert title.attributes["content"] == said["title"]
