"""The pages of actors, places and subjects, as a reader without scripts uses them."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from tests.web.test_pages import asked, page, select, texts, total


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/acteurs/serguei lavrov", "/acteurs/Sergueï Lavrov"),
        ("/acteurs/Nations unies", "/acteurs/ONU"),
        ("/lieux/phnom-penh", "/lieux/Asie du Sud-Est/Cambodge/Phnom Penh"),
        ("/lieux/asie du sud-est/cambodge/", "/lieux/Asie du Sud-Est/Cambodge"),
        ("/sujets/diplomatie", "/sujets/Politique/Relations internationales/Diplomatie"),
        # Known from texts alone.
        ("/acteurs/SOK VANNARITH", "/acteurs/Sok Vannarith"),
    ],
)
def test_any_name_leads_to_one_page(client: FlaskClient, address: str, canonical: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, unquote(answer.headers["Location"])) == (302, canonical)
    found = page(client, answer.headers["Location"])
    assert texts(found, "//h1") == [canonical.rpartition("/")[2]]
    assert unquote(select(found, "//link[@rel='canonical']/@href")[0]) == canonical


def test_an_actor_is_told_since_when_and_with_whom(client: FlaskClient) -> None:
    found = page(client, "/acteurs/Wang Yi")
    assert texts(found, "//p[@class='kind']") == ["ministre chinois des Affaires étrangères (2013-2022 et 2023-)"]
    (every,) = select(found, "//header//p[@class='do']/a[contains(., 'dépêches')]")
    count = int(every.text_content().split()[0])
    assert total(page(client, every.get("href"))) == count > 5
    bars = select(found, "//section[@class='timeline']//a/@href")
    assert sum(total(page(client, href)) for href in bars) == count
    # What stands beside says how many there are together, and leads to them.
    sections = select(found, "//aside/section[h3='Souvent avec' or h3='Lieux' or h3='Sujets']")
    assert len(sections) == 3
    for section in sections:
        row = select(section, ".//li")[0]
        assert total(page(client, select(row, "a/@href")[0])) == int(row.find("span").text)


def test_every_name_beside_has_a_page(client: FlaskClient) -> None:
    found = page(client, "/sujets/Politique/Relations internationales")
    hrefs = select(found, "//a[contains(@class, 'whole-page')]/@href")
    assert {href.split("/")[1] for href in hrefs} == {"acteurs", "lieux", "sujets"}
    for href in hrefs:
        assert client.get(href).status_code == 200, unquote(href)


def test_what_was_said_leads_to_where_it_was_said(client: FlaskClient) -> None:
    found = page(client, "/lieux/Asie du Sud-Est/Cambodge")
    figures = select(found, "//section[@class='sayings']/figure")
    assert len(figures) > 3
    for figure in figures:
        (words,) = texts(figure, "blockquote/p")
        (href,) = select(figure, "figcaption//a[contains(@href, '#')]/@href")
        address, _, anchor = href.partition("#")
        (said,) = texts(page(client, address), f"//span[@class='said'][@id='{anchor}']")
        assert words.strip("«»… \u00a0") == said
        (speaker,) = select(figure, "figcaption/span[@class='agency']/a/@href")
        assert client.get(speaker).status_code == 200


def test_it_can_be_followed(client: FlaskClient) -> None:
    found = page(client, "/acteurs/Wang Yi")
    (alert,) = select(found, "//a[contains(., 'Créer une alerte')]/@href")
    assert alert.startswith("/alertes/nouvelle?") and asked(alert) == {"actor": ["Wang Yi"]}
    (feed,) = select(found, "//link[@rel='alternate'][@type='application/atom+xml']/@href")
    assert client.get(feed).mimetype == "application/atom+xml"


def test_a_dispatch_leads_to_the_pages_of_its_names(client: FlaskClient) -> None:
    hit = client.get("/api/v1/dispatches?actor=Wang Yi&size=1").get_json()["results"][0]
    hrefs = select(page(client, f"/depeches/{hit['id']}"), "//aside//a[@class='whole-page']/@href")
    assert "/acteurs/Wang%20Yi" in hrefs
    assert all(client.get(href).status_code == 200 for href in hrefs)


def test_who_is_known_and_in_no_dispatch_has_a_page(client: FlaskClient) -> None:
    found = page(client, "/acteurs/Valéry Giscard d'Estaing")
    assert texts(found, "//main/p[@class='nothing']") and not select(found, "//section[@class='timeline']")


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("/acteurs/lavrov", "Sergueï Lavrov"),
        ("/acteurs/lavorv", "Sergueï Lavrov"),
        ("/lieux/Europe/phnom", "Phnom Penh"),
        ("/sujets/diplo", "Diplomatie"),
    ],
)
def test_an_unknown_name_proposes_those_near(client: FlaskClient, address: str, near: str) -> None:
    links = select(page(client, address, 404), "//ul[@class='ways']/li/a")
    (href,) = [link.get("href") for link in links if link.text == near]
    assert client.get(href).status_code == 200


def test_an_unknown_name_is_text(client: FlaskClient) -> None:
    answer = client.get("/acteurs/<script>alert(1)</script>")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text and "&lt;script&gt;alert" in answer.text
