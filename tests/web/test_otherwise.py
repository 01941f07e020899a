"""What the search page says of names, and offers where nothing is found: every link leads to what it announces."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

LINK = re.compile(r'<a href="([^"]*)">([^<]*)</a>(?:\xa0: ([^<]*)</li>)?')
COUNT = re.compile(r"(\d+)\xa0dépêches?")


def read(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def part(page: str, start: str, end: str = "</p>") -> str:
    """From a text of a page to the end of its paragraph."""
    found = re.search(re.escape(start) + ".*?" + end, page, re.DOTALL)
    assert found, start
    return found[0]


def links(text: str) -> list[tuple[str, str]]:
    """Address and words, with what stands behind, of each link."""
    return [(html.unescape(at), html.unescape(f"{words} {behind}")) for at, words, behind in LINK.findall(text)]


def total(page: str) -> int:
    return int(re.search(r"<h1[^>]*><strong>(\d+)\xa0", page)[1])  # type: ignore[index]


def test_other_names_are_told_with_the_way_back(client: FlaskClient) -> None:
    page = read(client, "/?q=ONU")
    line = part(page, "Compris comme")
    assert "ONU</span> = " in line and "Nations unies, Organisation des Nations unies" in line
    ((address, _),) = links(line)
    assert address == "/?q=%22ONU%22"
    narrowed = read(client, address)
    assert "Compris comme" not in narrowed
    assert 0 < total(narrowed) <= total(page)


def test_what_else_was_understood_is_told_apart(client: FlaskClient) -> None:
    page = read(client, '/?q=onu+acteur:"nations unies"')
    assert page.count("Compris comme") == 2
    assert read(client, "/?q=onu").count("Compris comme") == 1


@pytest.mark.parametrize("q", ["wang yi", "Lavrov Phnom Penh", "chine"])
def test_a_proposed_facet_leads_to_as_many_dispatches(client: FlaskClient, q: str) -> None:
    proposed = links(part(read(client, f"/?q={q}"), "Ou bien"))
    assert proposed
    for address, words in proposed:
        assert total(read(client, address)) == int(COUNT.search(words)[1])  # type: ignore[index]


def test_a_proposal_is_said_as_one_says_it(client: FlaskClient) -> None:
    assert "Acteur\xa0: Wang Yi, " in part(read(client, "/?q=wang+yi"), "Ou bien")


@pytest.mark.parametrize(
    "query",
    [
        "q=lavorv",
        "q=lavrov&actor=Wang+Yi&venue=Paris",
        "q=lavrov&from=1999-01-01&to=1999-02-01&group=story",
        "q=lavrov+zzyzx&sort=oldest",
        "q=%22lavrov+ministre+cambodge%22",
        "actor=Wang+Yi&venue=Paris",
    ],
)
def test_where_nothing_is_found_each_other_search_finds_what_it_says(client: FlaskClient, query: str) -> None:
    page = read(client, f"/?{query}")
    ways = [each for each in links(part(page, "Aucune dépêche", "</ul>")) if COUNT.search(each[1])]
    assert total(page) == 0 and ways
    for address, words in ways:
        assert total(read(client, address)) == int(COUNT.search(words)[1])  # type: ignore[index]


def test_how_results_are_shown_is_kept(client: FlaskClient) -> None:
    ways = links(part(read(client, "/?q=lavorv&group=story&sort=oldest"), "Aucune dépêche", "</ul>"))
    assert ways[0][0] == "/?q=lavrov&sort=oldest&group=story"
    assert ways[0][1].startswith("Chercher «\xa0lavrov\xa0»")
