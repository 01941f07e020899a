"""The HTTP contract, on the samples in a real Elasticsearch: what journalists ask, and everything that can go wrong."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mappings.fields import FACETS
from search.api import EXTENSION
from search.service import Archive

SEED_TITLE = "Le conseiller d'Etat chinois et ministre des Affaires étrangères Wang Yi"


def ask(client: FlaskClient, **params: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/dispatches", query_string={key.replace("__", "."): v for key, v in params.items()})
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert isinstance(body, dict)
    return body


def seed(client: FlaskClient) -> dict[str, Any]:
    hit: dict[str, Any]
    (hit,) = ask(client, q="chaines industrielles ASEAN BRICS", size=100)["results"]
    assert hit["title"].startswith(SEED_TITLE)
    return hit


def values(answer: dict[str, Any], facet: str) -> dict[str, int]:
    return {value["value"]: value["count"] for value in answer["facets"][facet]["values"]}


# -- the main job ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "q", ["lavrov", "Phnom Penh", "chaines industrielles", "l'ASEAN", "l’asean", "LAVROV PHNOM-PENH"]
)
def test_the_seed_is_found(client: FlaskClient, q: str) -> None:
    results = ask(client, q=q, size=100)["results"]
    assert any(hit["title"].startswith(SEED_TITLE) for hit in results)


def test_the_seed_has_its_actors_venue_and_topics(client: FlaskClient) -> None:
    hit = seed(client)
    assert {"Wang Yi", "Sergueï Lavrov", "ASEAN", "ONU", "Chine", "Russie"} <= set(hit["actors"])
    assert hit["venues"] == ["Asie du Sud-Est > Cambodge > Phnom Penh"]
    assert any("diplomatie" in topic.lower() or "relations" in topic.lower() for topic in hit["topics"])
    assert any("Taïwan" in topic for topic in hit["topics"])
    assert hit["title_derived"] is True
    assert hit["repaired"] is True
    assert hit["agency"] == "Xinhua"


def test_the_seed_read_whole(client: FlaskClient) -> None:
    dispatch = client.get(seed(client)["links"]["self"]).get_json()
    body = "\n".join(dispatch["body"])
    assert "Sergueï Lavrov" in body
    assert "chaînes industrielles" in body
    assert "plutôt que" in body
    assert "(Xinhua/Van Pov)" not in body
    assert dispatch["credits"] == ["Xinhua/Van Pov"]
    assert {repair["to"] for repair in dispatch["repairs"]} == {"ï", "î", "ô"}
    for repair in dispatch["repairs"]:
        assert dispatch["body"][repair["paragraph"]][repair["offset"]] == repair["to"]
    for mention in dispatch["mentions"]:
        if mention["paragraph"] >= 0:
            text = dispatch["body"][mention["paragraph"]]
            assert text[mention["start"] : mention["end"]] == mention["surface"]
    assert {m["surface"] for m in dispatch["mentions"] if m["label"] == "Wang Yi"} >= {"Wang Yi", "Wang"}


def test_highlights_mark_the_words_and_escape_the_rest(client: FlaskClient) -> None:
    (hit,) = [h for h in ask(client, q="l'ASEAN chaines")["results"] if h["title"].startswith(SEED_TITLE)]
    passages = " ".join(hit["highlights"]["body"])
    assert "<mark>ASEAN</mark>" in passages
    assert "<mark>chaînes</mark>" in passages


# -- quotations --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ('"la Ceinture et la Route"', True),
        ("« Ceinture et la Route »", True),
        ('"la Ceinture ou la Route"', False),
        ('"Charte des Nations Unies"', True),
        ('"Nations Unies Charte"', False),
        ('"chaîne industrielle"', False),  # a quotation keeps its forms
        ("chaîne industrielle", True),
        ('"ASIE DE L’EST"', True),
    ],
)
def test_quotations(client: FlaskClient, q: str, found: bool) -> None:
    hits = ask(client, q=f"{q} Lavrov BRICS")["results"]
    assert any(hit["title"].startswith(SEED_TITLE) for hit in hits) is found


# -- facets ------------------------------------------------------------------------------------------


def test_a_filter_narrows_and_its_facet_still_shows_the_others(client: FlaskClient) -> None:
    every = ask(client, facet_size=500)
    actor, count = next(iter(values(every, "actor").items()))
    narrowed = ask(client, actor=actor, facet_size=500)
    assert narrowed["total"]["value"] == count
    assert values(narrowed, "actor") == values(every, "actor")
    assert all(actor in hit["actors"] for hit in narrowed["results"])
    assert [v["value"] for v in narrowed["facets"]["actor"]["values"] if v["selected"]] == [actor]


def test_any_all_not(client: FlaskClient) -> None:
    def total(**params: Any) -> int:
        return int(ask(client, **params)["total"]["value"])

    wang, lavrov = total(actor="Wang Yi"), total(actor="Sergueï Lavrov")
    both = total(actor__all=["Wang Yi", "Sergueï Lavrov"])
    either = total(actor=["Wang Yi", "Sergueï Lavrov"])
    assert 0 < both < either == wang + lavrov - both
    assert total(actor="Wang Yi", actor__not="Sergueï Lavrov") == wang - both


@pytest.mark.parametrize(
    "venue", ["Cambodge", "cambodge", "Asie du Sud-Est > Cambodge", "Phnom Penh", "Asie du Sud-Est"]
)
def test_a_venue_by_any_level_or_its_last_part(client: FlaskClient, venue: str) -> None:
    hits = ask(client, venue=venue, q="Lavrov", size=100)["results"]
    assert any(hit["title"].startswith(SEED_TITLE) for hit in hits)
    assert all(any("Asie du Sud-Est" in path for path in hit["venues"]) for hit in hits)


def test_an_actor_by_another_of_its_names(client: FlaskClient) -> None:
    answer = ask(client, actor="Nations unies")
    assert answer["total"]["value"] == ask(client, actor="ONU")["total"]["value"] > 0
    assert [v["value"] for v in answer["facets"]["actor"]["values"] if v["selected"]] == ["ONU"]


def test_a_selected_value_is_listed_at_zero(client: FlaskClient) -> None:
    answer = ask(client, q="Tour de France", actor="Sergueï Lavrov")
    selected = [v for v in answer["facets"]["actor"]["values"] if v["selected"]]
    assert [(v["value"], v["count"]) for v in selected] == [("Sergueï Lavrov", 0)]
    assert answer["total"]["value"] == 0


def test_every_facet_adds_up(client: FlaskClient) -> None:
    answer = ask(client, facet_size=500)
    total = answer["total"]["value"]
    assert list(answer["facets"]) == list(FACETS)
    agency = answer["facets"]["agency"]
    assert sum(v["count"] for v in agency["values"]) + agency["other"] + agency["missing"] == total


def test_facets_can_be_chosen_or_left_out(client: FlaskClient) -> None:
    assert list(ask(client, facets="venue,actor")["facets"]) == ["venue", "actor"]
    bare = ask(client, facets="none")
    assert (bare["facets"], bare["timeline"]) == ({}, None)
    assert bare["total"] == ask(client)["total"] | {"undated": None}


# -- dates and order ---------------------------------------------------------------------------------


def test_a_period_is_inclusive_and_the_timeline_counts_it(client: FlaskClient) -> None:
    answer = ask(client, **{"from": "2022-01-01", "to": "2022-12-31"}, size=100)
    assert all(hit["published"][:4] in ("2021", "2022") for hit in answer["results"])
    assert sum(bucket["count"] for bucket in answer["timeline"]["buckets"]) == answer["total"]["value"] > 0
    bucket = next(bucket for bucket in answer["timeline"]["buckets"] if bucket["count"])
    assert ask(client, **{"from": bucket["from"], "to": bucket["to"]})["total"]["value"] == bucket["count"]


def test_sorts(client: FlaskClient) -> None:
    newest = [hit["published"] for hit in ask(client, sort="newest", size=100)["results"]]
    oldest = [hit["published"] for hit in ask(client, sort="oldest", size=100)["results"]]
    dated = [date for date in newest if date]
    assert dated == sorted(dated, reverse=True)
    assert [date for date in oldest if date] == sorted(date for date in oldest if date)
    # An unknown date sorts last, whichever way.
    assert newest[: len(dated)] == dated
    scores = [hit["score"] for hit in ask(client, q="ministre", size=100)["results"]]
    assert scores == sorted(scores, reverse=True)


# -- pages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_pages_forward_then_back_give_every_dispatch_once(client: FlaskClient, sort: str) -> None:
    params = {"q": "ministre", "sort": sort} if sort == "relevance" else {"sort": sort}
    whole = [hit["id"] for hit in ask(client, **params, size=100, versions="all")["results"]][:40]
    pages: list[list[str]] = []
    answer = ask(client, **params, size=7, versions="all")
    assert answer["page"]["previous"] is None
    while True:
        pages.append([hit["id"] for hit in answer["results"]])
        if not answer["page"]["next"] or len(pages) > 30:
            break
        answer = ask(client, **params, size=7, versions="all", cursor=answer["page"]["next"])
    forward = [id for page in pages for id in page]
    assert forward[:40] == whole
    assert len(forward) == len(set(forward)) == answer["total"]["value"]
    back = [pages[-1]]
    while answer["page"]["previous"]:
        answer = ask(client, **params, size=7, versions="all", cursor=answer["page"]["previous"])
        back.insert(0, [hit["id"] for hit in answer["results"]])
    assert back == pages


# -- what can go wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "code", "said"),
    [
        ("acteur=ONU", "parametre-inconnu", "« actor »"),
        ("szie=3", "parametre-inconnu", "« size »"),
        ("size=0", "parametre-invalide", "de 1 à 100"),
        ("size=abc", "parametre-invalide", "de 1 à 100"),
        ("size=101", "parametre-invalide", "de 1 à 100"),
        ("sort=date", "parametre-invalide", "newest"),
        ("from=hier", "parametre-invalide", "AAAA-MM-JJ"),
        ("from=2022-02-30", "parametre-invalide", "AAAA-MM-JJ"),
        ("from=2022-08-02&to=2022-08-01", "parametre-invalide", "échangez"),
        ("facets=acteurs", "parametre-invalide", "actor"),
        ("facets=", "parametre-invalide", "none"),
        ("versions=old", "parametre-invalide", "current"),
        ("highlight=peut-être", "parametre-invalide", "true ou false"),
        ("q=" + "a" * 1001, "parametre-invalide", "1000"),
        ("cursor=abc", "curseur-invalide", "tel quel"),
        ("actor=", "parametre-invalide", "Acteurs"),
    ],
)
def test_a_wrong_request_says_what_to_do(client: FlaskClient, query: str, code: str, said: str) -> None:
    answer = client.get(f"/api/v1/dispatches?{query}")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert (problem["status"], problem["code"]) == (400, code)
    assert said in problem["detail"]


def test_a_cursor_of_another_search(client: FlaskClient) -> None:
    cursor = ask(client, size=1)["page"]["next"]
    answer = client.get("/api/v1/dispatches", query_string={"q": "autre", "cursor": cursor})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "curseur-invalide")


def test_an_unknown_dispatch(client: FlaskClient) -> None:
    answer = client.get("/api/v1/dispatches/nexiste-pas")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "depeche-introuvable")


def test_an_unknown_address_and_method(client: FlaskClient) -> None:
    assert client.get("/api/v1/depeches").get_json()["code"] == "introuvable"
    refused = client.delete("/api/v1/dispatches")
    assert (refused.status_code, refused.content_type) == (405, "application/problem+json")
    assert "GET" in refused.headers["Allow"]


@pytest.mark.parametrize(
    "q",
    [
        "*",
        "?",
        "a:b",
        "/x/",
        "\\",
        '"',
        "\u202e\u0000",
        "😀",
        "<script>",
        "lavrov~2",
        "[1 TO 2]",
        "le la les",
        "à",
    ],
)
def test_hostile_text_is_only_text(client: FlaskClient, q: str) -> None:
    assert ask(client, q=q)["query"]["text"] == q


@pytest.mark.parametrize(
    ("q", "position", "suggestion"),
    [
        ("(", 0, None),
        ("Lavrov)", 6, "Lavrov"),
        ("AND OR NOT", 0, "not"),
        ("Wang ab*", 5, "Wang ab"),
        ("(" * 1000, 12, None),
    ],
)
def test_a_query_that_cannot_be_read_says_where_and_what_to_type(
    client: FlaskClient, q: str, position: int, suggestion: str | None
) -> None:
    answer = client.get("/api/v1/dispatches", query_string={"q": q})
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (400, "syntaxe")
    assert (problem["position"], problem.get("suggestion")) == (position, suggestion)


def test_the_page_says_where_and_offers_what_to_type(client: FlaskClient) -> None:
    answer = client.get("/", query_string={"q": "(Lavrov"})
    assert answer.status_code == 400
    assert "Parenthèse ouverte jamais fermée" in answer.text
    assert "q=%28Lavrov%29" in answer.text


def test_no_answer_of_the_engine_leaks(client: FlaskClient) -> None:
    body = client.get("/api/v1/dispatches?cursor=eJwDAAAAAAE").get_json()
    assert "elastic" not in str(body).lower()


def test_marks_in_a_whole_dispatch_keep_every_paragraph(app: Flask, client: FlaskClient) -> None:
    archive: Archive = app.extensions[EXTENSION]
    dispatch = archive.get(seed(client)["id"])
    _, paragraphs = archive.marked(dispatch, "BRICS")
    assert len(paragraphs) == len(dispatch.body)
    assert [number for number, paragraph in enumerate(paragraphs) if paragraph.found] == [len(dispatch.body) - 1]
    assert archive.marked(dispatch, "introuvable") == (None, ())
