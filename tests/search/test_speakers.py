"""What somebody said: the facet "Parole de", and `parole:` inside one quote of a speaker."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from search.language import parse
from search.marks import Marked
from search.spoken import spoken


def titles(client: FlaskClient, **asked: str) -> list[str]:
    answer = client.get("/api/v1/dispatches", query_string={"size": "100", "versions": "all"} | asked)
    assert answer.status_code == 200, answer.get_json()
    return [hit["title"] for hit in answer.get_json()["results"]]


def test_the_facet_counts_who_is_quoted(client: FlaskClient) -> None:
    found = client.get("/api/v1/dispatches?q=chaines+industrielles&facets=speaker").get_json()
    counts = {value["value"]: value["count"] for value in found["facets"]["speaker"]["values"]}
    assert {"Wang Yi", "Sergueï Lavrov"} <= set(counts)
    assert found["facets"]["speaker"]["label"] == "Parole de"
    assert len(titles(client, speaker="Sergueï Lavrov", q="chaines industrielles")) == 1


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("parole:Lavrov consensus", True),
        ("parole:Lavrov hégémonique", True),
        ("parole:wang hégémonique", False),  # Lavrov said that
        ('parole:"Wang Yi" "chaînes industrielles"', True),
        ("parole:Wang", True),
        ("parole:Macron consensus", False),
    ],
)
def test_words_of_one_speaker_are_found_as_that_speakers_only(client: FlaskClient, q: str, found: bool) -> None:
    seed = [title for title in titles(client, q=q) if title.startswith("Le conseiller d'Etat chinois")]
    assert bool(seed) is found


def test_words_found_are_marked_and_the_query_is_understood(client: FlaskClient) -> None:
    answer = client.get("/api/v1/dispatches", query_string={"q": "parole:lavrov hégémonique"}).get_json()
    assert answer["query"]["understood"] == 'parole:"lavrov" hégémonique'
    assert any("<mark>" in passage for hit in answer["results"] for passage in hit["highlights"]["body"])


def test_the_same_words_said_by_others_are_not_marked() -> None:
    query = parse("parole:lavrov paix")
    title, body = Marked("La paix", ((3, 7),)), [Marked("« La paix », dit-il. La paix.", ((5, 9), (24, 28)))]
    quotes = [("Sergueï Lavrov", "La paix"), ("Wang Yi", "La guerre")]
    assert spoken(query, title, body, quotes) == (None, [Marked(body[0].text, ((5, 9),))])
    assert spoken(query, title, body, [("Wang Yi", "La paix")]) == (None, [])
    assert spoken(parse("paix"), title, body, quotes) == (title, body)
    assert spoken(parse("parole:lavrov titre:paix"), title, body, quotes)[0] == title
