"""Under a path of a portal: every link of every page and answer stays under it, and is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import etree

from app import create_app
from engine.client import Engine
from engine.config import Settings
from indexer.load import Tally
from search.formats.place import Place

PATH = "/presse/depeches"
ROOT = f"http://localhost{PATH}"
API = f"{PATH}/api/v1"


@pytest.fixture(scope="module")
def mounted(
    settings: Settings, engine: Engine, samples: Tally, tmp_path_factory: pytest.TempPathFactory
) -> FlaskClient:
    base = tmp_path_factory.mktemp("mount") / "base.sqlite3"
    return create_app(replace(settings, public_url=ROOT, database_url=f"sqlite:///{base}"), engine).test_client()


@pytest.fixture(scope="module")
def saved(mounted: FlaskClient) -> dict[str, str]:
    """The links of a saved search."""
    channels = [{"type": "feed"}]
    body = {"name": "Lavrov", "params": {"q": ["lavrov"]}, "channels": channels}
    made = mounted.post(f"{API}/saved-searches", json=body)
    assert made.status_code == 201, made.text
    links: dict[str, str] = made.get_json()["links"]
    assert made.headers["Location"] == links["self"]
    return links


# What a reader who is there can send, and what a program reads, besides links: data-suggest, hx-get.
ADDRESS = re.compile(r"""\s(?:href|src|action|formaction|data-suggest|hx-[a-z]+)="([^"]+)""")


def addresses(page: str) -> Iterator[str]:
    """The addresses of a page that are on this server."""
    for found in ADDRESS.findall(page):
        address = unescape(found).partition("#")[0]
        if address.startswith(ROOT):
            yield address.removeprefix("http://localhost")
        elif address.startswith("/"):
            yield address


def test_every_page_that_can_be_reached_is_under_the_path(mounted: FlaskClient, saved: dict[str, str]) -> None:
    waiting, seen = [f"{PATH}/", f"{PATH}/?q=lavrov&size=2", saved["page"], f"{PATH}/nulle-part"], set[str]()
    while waiting:
        address = waiting.pop()
        answer = mounted.get(address)
        assert answer.status_code < 400 or address == f"{PATH}/nulle-part" or answer.status_code == 405, address
        if answer.mimetype != "text/html":
            continue
        for found in addresses(answer.text):
            assert found.startswith(f"{PATH}/"), f"{address}: {found}"
            # One of each kind: an address without what tells one dispatch or search from another.
            kind = re.sub(
                r"[0-9a-f]{20}|(?<=alertes/)[\w-]+|(?<=/acteurs/|./sujets/|../lieux/).+", "*", urlsplit(found).path
            )
            if kind not in seen:
                seen.add(kind)
                waiting.append(found)
    assert {f"{PATH}/depeches/*", f"{PATH}/alertes/*", f"{API}/suggest", f"{API}/export.csv"} <= seen
    assert any(kind.startswith(f"{PATH}/static/") for kind in seen)


def test_links_of_the_api_are_under_the_path(mounted: FlaskClient, saved: dict[str, str]) -> None:
    hit = mounted.get(f"{API}/dispatches?q=lavrov&size=1").get_json()["results"][0]
    for link in (*hit["links"].values(), *saved.values()):
        assert link.startswith(f"{PATH}/")
        assert mounted.get(link).status_code == 200, link
    document = mounted.get(f"{API}/openapi.json").get_json()
    assert document["servers"] == [{"url": f"{PATH}/"}]


@pytest.mark.parametrize("name", ["export.atom?q=lavrov", "export.csv?q=lavrov", "export.ris?q=lavrov"])
def test_what_leaves_the_archive_says_the_whole_address_once(mounted: FlaskClient, name: str) -> None:
    told = mounted.get(f"{API}/{name}").text
    assert f"{ROOT}/depeches/" in told
    assert f"{PATH}{PATH}" not in told
    assert set(re.findall(r"http://localhost(?!/presse/depeches/)\S*", told)) == set()


def test_the_description_of_the_search_leads_here(mounted: FlaskClient) -> None:
    description = mounted.get(f"{PATH}/opensearch.xml")
    icon = etree.fromstring(description.data).findtext("{*}Image")
    assert icon and mounted.get(icon.removeprefix("http://localhost")).status_code == 200
    assert description.text.count(f'template="{ROOT}/') == 4


def test_the_language_is_chosen_on_the_page_one_is_on(mounted: FlaskClient) -> None:
    page = mounted.get(f"{PATH}/?q=lavrov").text
    told = re.search(r'name="page" value="([^"]+)"', page)
    assert told
    chosen = mounted.post(f"{PATH}/langue", data={"page": unescape(told[1]), "langue": "fr"})
    assert (chosen.status_code, chosen.headers["Location"]) == (303, f"{PATH}/?q=lavrov")


@pytest.mark.parametrize("address", ["/", "/api/v1/dispatches", "/presse/depechesX/", "/presse"])
def test_what_is_not_under_the_path_is_told_where_it_is(mounted: FlaskClient, address: str) -> None:
    answer = mounted.get(address)
    assert answer.status_code == 404
    assert "DEPECHES_PUBLIC_URL" in answer.get_json()["detail"]


@pytest.mark.parametrize("address", ["/healthz", "/readyz", f"{PATH}/readyz", PATH])
def test_what_watches_needs_no_path_and_the_path_no_slash(mounted: FlaskClient, address: str) -> None:
    assert mounted.get(address).status_code == 200


def test_what_the_worker_sends_leads_under_the_path() -> None:
    assert Place(ROOT, "Europe/Paris").link("abc") == f"{ROOT}/depeches/abc"
