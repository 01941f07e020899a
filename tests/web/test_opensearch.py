"""The OpenSearch description and suggestions: what a browser or a portal reads."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from lxml import etree, html

from app import create_app
from engine.client import Engine
from engine.config import Settings
from engine.errors import ConfigurationError
from indexer.load import Tally
from search.suggest_api import EXTENSION
from search.suggest_follow import Follower
from tests.web.test_pages import select
from web.opensearch import DESCRIPTION, NAMESPACE, SUGGESTIONS


def described(client: FlaskClient, mount: str = "", **headers: str) -> etree._Element:
    answer = client.get(f"{mount}/opensearch.xml", headers=headers)
    assert (answer.status_code, answer.content_type) == (200, DESCRIPTION)
    return etree.fromstring(answer.data)


def templates(document: etree._Element) -> dict[str, str]:
    return {url.get("type", ""): url.get("template", "") for url in document.iter(f"{{{NAMESPACE}}}Url")}


def test_it_says_what_the_specification_asks_for(client: FlaskClient) -> None:
    document = described(client)
    said = {etree.QName(child).localname: (child.text or "").strip() for child in document}
    assert document.tag == f"{{{NAMESPACE}}}OpenSearchDescription"
    assert 0 < len(said["ShortName"]) <= 16 and 0 < len(said["LongName"]) <= 48
    assert 0 < len(said["Description"]) <= 1024 and len(said["Tags"]) <= 256
    assert said["SyndicationRight"] in ("open", "limited", "private", "closed")
    assert (said["InputEncoding"], said["OutputEncoding"], said["Language"]) == ("UTF-8", "UTF-8", "fr")
    (example,) = document.iter(f"{{{NAMESPACE}}}Query")
    assert example.get("role") == "example" and example.get("searchTerms")


def test_every_address_it_gives_is_answered(client: FlaskClient) -> None:
    document = described(client)
    found = templates(document)
    assert set(found) == {"text/html", "application/atom+xml", SUGGESTIONS, DESCRIPTION}
    for kind, template in found.items():
        address = template.replace("{searchTerms}", quote("lavrov « chaînes »"))
        assert address.startswith("http://localhost/")
        answer = client.get(address.removeprefix("http://localhost"))
        assert (answer.status_code, answer.mimetype) == (200, kind)
    (image,) = document.iter(f"{{{NAMESPACE}}}Image")
    assert client.get((image.text or "").removeprefix("http://localhost")).mimetype == image.get("type")


@pytest.mark.parametrize("public", ["https://presse.exemple.fr", "https://presse.exemple.fr/depeches/"])
def test_behind_a_proxy_addresses_are_those_readers_know(
    public: str, settings: Settings, engine: Engine, samples: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPECHES_PUBLIC_URL", public)
    given = replace(settings, public_url=Settings.from_env().public_url)
    client = create_app(given, engine).test_client()
    root = public.rstrip("/")
    for template in templates(described(client, given.mount, Host="127.0.0.1:8999")).values():
        assert template.startswith(f"{root}/") and "//" not in template.removeprefix("https://")
    assert f"{root}/" in client.get(f"{given.mount}/api/v1/export.atom?q=lavrov").text


def test_a_public_address_is_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHES_PUBLIC_URL", "presse.exemple.fr")
    with pytest.raises(ConfigurationError, match="DEPECHES_PUBLIC_URL"):
        Settings.from_env()


def test_how_to_search_is_told_to_whoever_asks_and_what_is_found_is_not(client: FlaskClient) -> None:
    assert client.get("/opensearch.xml", headers={"Host": "depeches.exemple.fr"}).status_code == 200
    assert client.get("/opensearch/propositions?q=la", headers={"Host": "depeches.exemple.fr"}).status_code == 401
    assert client.get("/api/v1/suggest?q=la", headers={"Host": "depeches.exemple.fr"}).status_code == 401


@pytest.mark.parametrize("address", ["/", "/?q=lavrov", "/depeches/inconnue"])
def test_pages_announce_it(client: FlaskClient, address: str) -> None:
    page = html.document_fromstring(client.get(address).text)
    (link,) = select(page, "//head/link[@rel='search']")
    assert (link.get("type"), link.get("href"), bool(link.get("title"))) == (DESCRIPTION, "/opensearch.xml", True)


def test_suggestions_are_what_browsers_read(client: FlaskClient) -> None:
    follower: Follower = client.application.extensions[EXTENSION]
    follower.refresh()
    q, texts, told, addresses = client.get("/opensearch/propositions?q=lavrov+phnom+p").get_json(force=True)
    assert q == "lavrov phnom p"
    assert texts[0] == 'lavrov lieu:"Phnom Penh"'
    assert told[0].replace("\xa0", " ").startswith("Phnom Penh (Cambodge), lieu, ")
    assert client.get(addresses[0].removeprefix("http://localhost")).status_code == 200
    assert len(texts) == len(told) == len(addresses)
    assert client.get("/opensearch/propositions").get_json(force=True) == ["", [], [], []]
