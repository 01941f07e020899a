"""Facets as journalists use them, on the samples: kinds, levels, searching inside, what is often with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from authorities.model import Authorities
from engine.client import Engine
from mappings.dispatch import Dispatch, Mention, to_document
from mappings.fields import FACETS
from mappings.lifecycle import Family
from search.request import SearchRequest
from search.service import Archive


def get(client: FlaskClient, address: str, **params: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/{address}", query_string={key.replace("__", "."): v for key, v in params.items()})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def listed(client: FlaskClient, facet: str, **params: Any) -> dict[str, dict[str, Any]]:
    answer = get(client, "dispatches", facets=facet, size=1, **params)
    return {value["value"]: value for value in answer["facets"][facet]["values"]}


# -- kinds -------------------------------------------------------------------------------------------


def test_values_say_what_they_are(client: FlaskClient) -> None:
    actors = listed(client, "actor", q="Lavrov", facet_size=100)
    assert [actors[name]["kind"] for name in ("Wang Yi", "ASEAN", "Russie")] == ["person", "organisation", "state"]
    assert listed(client, "place", q="Lavrov", facet_size=100)["Phnom Penh"]["kind"] == "city"
    assert {value["kind"] for value in listed(client, "agency").values()} == {None}


def test_one_kind_can_be_listed_alone(client: FlaskClient) -> None:
    everyone = get(client, "dispatches", q="Lavrov", facets="actor", facet_size=500)
    persons = get(client, "dispatches", q="Lavrov", facets="actor", facet_size=500, actor__kind="person")
    assert persons["total"] == everyone["total"]
    assert persons["facets"]["actor"]["values"] == [
        value for value in everyone["facets"]["actor"]["values"] if value["kind"] == "person"
    ]
    assert persons["facets"]["actor"]["missing"] >= everyone["facets"]["actor"]["missing"]


# -- levels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facet", [name for name, facet in FACETS.items() if facet.hierarchical])
def test_the_top_level_comes_first_and_opens(client: FlaskClient, facet: str) -> None:
    top = listed(client, facet, facet_size=500)
    assert {value["depth"] for value in top.values()} == {0}
    parent = next(value for value in top.values() if value["children"])
    opened = listed(client, facet, facet_size=500, **{f"{facet}__under": parent["value"]})
    children = [value for value in opened.values() if value["depth"] == 1]
    assert [value["value"].startswith(f"{parent['value']} > ") for value in children] == [True] * len(children) != []
    assert all(value["count"] <= parent["count"] for value in children)
    # Every dispatch of the parent is under a child or told no further.
    inside = opened[parent["value"]]["inside"]
    assert inside["other"] == 0
    assert sum(value["count"] for value in children) + inside["missing"] >= parent["count"]
    assert {name: value["count"] for name, value in opened.items() if value["depth"] == 0} == {
        name: value["count"] for name, value in top.items()
    }


def test_a_level_cut_short_says_how_much_is_left(client: FlaskClient) -> None:
    under = {"venue__under": "Asie du Sud-Est"}
    whole, cut = (listed(client, "venue", facet_size=size, **under) for size in (500, 1))
    left = [v["count"] for v in whole.values() if v["depth"] == 1 and v["value"] not in cut]
    assert cut["Asie du Sud-Est"]["inside"] == {"other": sum(left), "missing": 0}
    assert left


def test_a_selected_branch_is_open(client: FlaskClient) -> None:
    values = listed(client, "venue", venue="Cambodge")
    assert values["Asie du Sud-Est > Cambodge"]["selected"]
    assert "Asie du Sud-Est > Cambodge > Phnom Penh" in values
    assert [value["value"] for value in values.values()].index("Asie du Sud-Est > Cambodge") > 0


# -- searching inside --------------------------------------------------------------------------------


def found(client: FlaskClient, facet: str, prefix: str, **params: Any) -> list[str]:
    return [value["value"] for value in get(client, f"facets/{facet}", prefix=prefix, **params)["values"]]


@pytest.mark.parametrize(
    ("facet", "prefix", "value"),
    [
        ("actor", "lavr", "Sergueï Lavrov"),
        ("actor", "serg", "Sergueï Lavrov"),
        ("actor", "SERGUEI", "Sergueï Lavrov"),
        ("actor", "lavrov sergu", "Sergueï Lavrov"),
        ("actor", "nations unies", "ONU"),
        ("place", "etats unis", "États-Unis"),
        ("place", "ÉTATS-U", "États-Unis"),
        ("venue", "phn", "Asie du Sud-Est > Cambodge > Phnom Penh"),
        ("venue", "sud est", "Asie du Sud-Est"),
        ("agency", "xin", "Xinhua"),
        ("status", "rempl", "superseded"),
    ],
)
def test_a_value_is_found_by_the_beginnings_of_its_words(
    client: FlaskClient, facet: str, prefix: str, value: str
) -> None:
    assert value in found(client, facet, prefix)


@pytest.mark.parametrize(("facet", "prefix"), [("actor", "avrov"), ("venue", "cambodge phnom"), ("actor", "lavr wang")])
def test_other_parts_are_no_beginnings(client: FlaskClient, facet: str, prefix: str) -> None:
    assert found(client, facet, prefix) == []


@pytest.mark.parametrize("facet", list(FACETS))
def test_every_facet_can_be_searched_and_lists_its_most_frequent_values_first(client: FlaskClient, facet: str) -> None:
    answer = get(client, f"facets/{facet}", facet_size=3)
    counts = [value["count"] for value in answer["values"]]
    assert 0 < len(counts) <= 3
    assert counts == sorted(counts, reverse=True)
    assert answer["label"] == FACETS[facet].label


def test_counts_are_those_of_the_facet_under_the_same_search(client: FlaskClient) -> None:
    params = {"q": "ministre", "agency": "Xinhua", "actor": "Wang Yi"}
    (lavrov,) = get(client, "facets/actor", prefix="lavr", **params)["values"]
    assert lavrov == listed(client, "actor", facet_size=500, **params)["Sergueï Lavrov"]
    (wang,) = get(client, "facets/actor", prefix="wang yi", **params)["values"]
    assert wang["selected"]


def test_one_kind_can_be_searched_alone(client: FlaskClient) -> None:
    values = get(client, "facets/actor", prefix="a", actor__kind="state")["values"]
    assert {value["kind"] for value in values} == {"state"}


@pytest.mark.parametrize(
    "prefix",
    [
        *(".*", "[a-z]+", "a&b", "@", "#", '"', "\\", "<1-9>", "~a", "(", "a|b", "\u0000", "\U0001f600", "\u202e"),
        *("a" * 100, "a a a a a a", "é" * 50 + " " + "è" * 49, "oe" * 50, "œ" * 100, " ".join("abcdefghij" * 5)),
        *("лавров", "ß", "ﬁ", "İ", "Ωμέγα"),
    ],
)
def test_no_prefix_does_harm(client: FlaskClient, prefix: str) -> None:
    for facet in ("actor", "venue"):
        assert get(client, f"facets/{facet}", prefix=prefix)["prefix"] == prefix


@pytest.mark.parametrize("value", ["[x]>y", '"@&<#~^$/-\\', ".*", "a > > b", " > ", "\u0000", "(" * 200])
def test_no_value_or_level_does_harm(client: FlaskClient, value: str) -> None:
    answer = get(client, "dispatches", venue__under=value, venue=value, actor=value, actor__not=f"{value}x"[:200])
    assert answer["total"]["value"] == 0


def test_signs_alone_find_nothing(client: FlaskClient) -> None:
    assert found(client, "actor", ".*") == []


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("facets/acteurs", "parametre-invalide", "actor, venue"),
        ("facets/actor?prefix=" + "a" * 101, "parametre-invalide", "100"),
        ("facets/actor?prefixe=a", "parametre-inconnu", "prefix"),
        ("facets/actor?facet_size=0", "parametre-invalide", "de 1 à"),
        ("dispatches?actor.kind=city", "parametre-invalide", "person"),
        ("dispatches?agency.kind=person", "parametre-inconnu", "agency"),
        ("dispatches?often_with=venue", "parametre-invalide", "actor"),
        ("dispatches?actor.under=ONU", "parametre-inconnu", "actor"),
        ("dispatches?" + "&".join(f"venue.under=v{n}" for n in range(21)), "parametre-invalide", "20"),
    ],
)
def test_a_wrong_request_says_what_to_do(client: FlaskClient, address: str, code: str, said: str) -> None:
    answer = client.get(f"/api/v1/{address}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)
    assert said in answer.get_json()["detail"]


# -- often with --------------------------------------------------------------------------------------


def test_what_is_often_with_a_search(client: FlaskClient) -> None:
    answer = get(client, "dispatches", q="Lavrov", often_with="actor", facets="none")
    names = [value["value"] for value in answer["often_with"]["values"]]
    assert {"Wang Yi", "ASEAN"} <= set(names)
    assert "Sergueï Lavrov" not in names
    wang = next(value for value in answer["often_with"]["values"] if value["value"] == "Wang Yi")
    assert wang["kind"] == "person"
    assert wang["count"] == get(client, "dispatches", q="Lavrov", actor__all="Wang Yi")["total"]["value"]


@pytest.mark.parametrize("params", [{}, {"agency": "Xinhua"}, {"facet_size": "3"}, {"actor__kind": "person"}])
def test_what_is_often_with_changes_no_count_and_depends_on_none(client: FlaskClient, params: dict[str, str]) -> None:
    asked = {"q": "Lavrov", "often_with": "actor", **params}
    both = get(client, "dispatches", facets="actor", **asked)
    assert both["facets"] == get(client, "dispatches", facets="actor", q="Lavrov", **params)["facets"]
    assert both["often_with"] == get(client, "dispatches", facets="none", **asked)["often_with"]


def test_what_is_filtered_by_is_not_often_with_it(client: FlaskClient) -> None:
    answer = get(client, "dispatches", actor="Nations unies", often_with="actor")
    assert "ONU" not in [value["value"] for value in answer["often_with"]["values"]]


def test_nothing_is_often_with_everything(client: FlaskClient) -> None:
    assert get(client, "dispatches", often_with="actor")["often_with"] is None
    assert get(client, "dispatches", q="Lavrov")["often_with"] is None


# -- names the authorities do not know ---------------------------------------------------------------

MENTIONED = ("person", "person", "organisation")


@pytest.fixture
def archive(engine: Engine, family: Family, authorities: Authorities) -> Archive:
    base = Dispatch("", ("Texte.",), "Titre", False, "", b"", "utf-8", actors=("Prak Zzyxin",))
    actions = []
    for number, kind in enumerate(MENTIONED):
        mention = Mention("Prak Zzyxin", kind, 0, 0, 5, "Texte", "new")
        dispatch = replace(base, id=f"d{number}", mentions=(mention,))
        actions.append(
            {"_op_type": "create", "_index": family.write, "_id": dispatch.id, "_source": to_document(dispatch)}
        )
    assert all(outcome.done for outcome in engine.bulk(actions))
    engine.refresh(family.write)
    return Archive(engine, family.read, authorities, "Europe/Paris")


def test_a_name_of_the_dispatches_alone_is_what_most_of_them_say(archive: Archive) -> None:
    (actor,) = archive.search(SearchRequest(facets=("actor",))).facets[0].values
    assert (actor.value, actor.count, actor.kind) == ("Prak Zzyxin", 3, "person")
    (inside,) = archive.inside(SearchRequest(), "actor", "zzy").values
    assert inside == actor
    (body,) = archive.search(SearchRequest(facets=("actor",), kinds={"actor": "organisation"})).facets[0].values
    assert body.count == 1
