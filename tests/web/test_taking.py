from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from web.taking import taking
from web.urls import Pairs

PAIRS: Pairs = (("q", "lavrov"), ("actor", "ONU"), ("sort", "oldest"), ("versions", "all"))
SHOWN: Pairs = (
    *(("size", "50"), ("group", "story"), ("facets", "actor"), ("venue.under", "Asie"), ("actor.kind", "person")),
    *(("highlight", "false"), ("often_with", "actor"), ("facet_size", "20"), ("cursor", "x")),
)


def test_the_files_of_a_search_are_those_of_all_it_finds() -> None:
    found = taking((*PAIRS, *SHOWN), 1234, 0)
    assert found.announced == "Exporter les 1\u202f234\xa0dépêches"
    assert [file.text for file in found.files] == ["CSV", "JSON", "RIS", "citations"]
    assert found.files[0].href == "/api/v1/export.csv?q=lavrov&actor=ONU&sort=oldest&versions=all"


def test_the_feeds_of_a_search_have_an_order_of_their_own() -> None:
    found = taking((*PAIRS, *SHOWN), 1234, 0)
    assert [feed.text for feed in found.feeds] == ["Atom", "RSS"]
    assert found.feed.href == "/api/v1/export.atom?q=lavrov&actor=ONU&versions=all"


@pytest.mark.parametrize(
    ("total", "announced", "files"),
    [
        (1, "Exporter la dépêche", 4),
        (10, "Exporter les 10\xa0dépêches", 4),
        (11, "Un fichier contient au plus 10\xa0dépêches\xa0: affinez la recherche", 0),
    ],
)
def test_the_limit_is_announced(total: int, announced: str, files: int) -> None:
    found = taking(PAIRS, total, 10)
    assert (found.announced, len(found.files), len(found.feeds)) == (announced, files, 2)


@pytest.mark.parametrize(
    "address", ["/?q=lavrov", "/?q=lavrov&size=2&group=story&facets=none&sort=oldest", "/?actor=ONU"]
)
def test_every_way_out_of_a_page_leads_somewhere(client: FlaskClient, address: str) -> None:
    page = client.get(address).text
    ways = {unescape(way) for way in re.findall(r'href="(/api/v1/export\.[^"]+)"', page)}
    assert len(ways) == 6
    for way in ways:
        assert client.head(way).status_code == 200


def test_a_page_announces_what_the_file_holds(client: FlaskClient) -> None:
    page = client.get("/?q=lavrov&size=2").text
    count = client.head("/api/v1/export.csv?q=lavrov").headers["X-Total-Count"]
    assert f"Exporter les {count}\xa0dépêches" in page


def test_a_reader_of_feeds_finds_the_feed(client: FlaskClient) -> None:
    page = client.get("/?q=lavrov").text
    assert '<link rel="alternate" type="application/atom+xml" title="Dépêches\xa0: lavrov"' in page
