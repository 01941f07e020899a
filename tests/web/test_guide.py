"""The guide to writing a query as a page: every example runs, and it is found where help is needed."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.search.test_guide import READ, READ_IN_ENGLISH, REFUSED, REFUSED_IN_ENGLISH, SAME
from tests.web.test_pages import page, select, texts
from web.guide import guide
from web.texts import COOKIE

GUIDE = "/aide/requete"

_, TEXT = guide("/", "fr")


def links(client: FlaskClient) -> dict[str, str]:
    """The examples that are links: what is written, and where it leads."""
    found = select(page(client, GUIDE), "//main//a[code]")
    return {link.text_content(): link.get("href") for link in found}


def test_every_example_is_a_link_to_itself(client: FlaskClient) -> None:
    led = links(client)
    sound = [*READ, *(query for pair in SAME[:4] for query in pair), *(row[2] for row in REFUSED)]
    assert set(sound) <= set(led)
    assert {query: parse_qs(urlsplit(href).query) for query, href in led.items()} == {
        query: {"q": [query]} for query in led
    }
    assert {row[0] for row in REFUSED} & set(led) == set()


@pytest.mark.parametrize("query", sorted({*READ, *(row[2] for row in REFUSED)}))
def test_an_example_runs(client: FlaskClient, query: str) -> None:
    page(client, links(client)[query])


def test_in_english_it_has_its_own_examples_which_run_and_says_what_the_page_says(client: FlaskClient) -> None:
    client.set_cookie(COOKIE, "en")
    led = links(client)
    sound = [*READ_IN_ENGLISH, *(query for pair in SAME[4:] for query in pair), *(row[2] for row in REFUSED_IN_ENGLISH)]
    assert set(sound) <= set(led)
    for query in {*sound} - {*READ}:
        page(client, led[query])
    for typed, said, _instead in REFUSED_IN_ENGLISH:
        assert typed not in led
        shown = page(client, f"/?{urlencode({'q': typed})}", status=400)
        assert texts(shown, "//main//*[@role='alert']")[0].startswith(said)


@pytest.mark.parametrize("address", ["/", "/?q=lavrov", "/?q=(lavrov", "/?size=0", "/nulle-part", GUIDE])
def test_help_is_beside_the_search_box(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert f'<a href="{GUIDE}">' in answer.text and "Aide à la recherche" in answer.text


def test_a_query_that_cannot_be_read_leads_to_the_guide(client: FlaskClient) -> None:
    assert GUIDE in select(page(client, "/?q=(lavrov", status=400), "//main//ul[@class='ways']//a/@href")


def test_it_is_a_page_like_others(client: FlaskClient) -> None:
    found = page(client, GUIDE)
    assert texts(found, "//h1") == ["Écrire une recherche"]
    assert len(select(found, "//main//table")) >= 5
    assert len(select(found, "//main//h2/@id")) == len(select(found, "//main//h2")) >= 4
    assert select(found, "//input[@name='q']")


def test_links_go_where_the_archive_is_served() -> None:
    assert 'href="/presse/?q=Lavrov+ASEAN"' in guide("/presse/", "fr")[1]


def test_nothing_in_it_leads_out_of_the_pages() -> None:
    assert ".md" not in TEXT and "<script" not in TEXT
