"""Versions and stories as a reader sees them: where the chain leads, how differences are told, how stories fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from engine.client import Engine
from engine.config import Settings
from mappings.dispatch import Dispatch, to_document
from mappings.lifecycle import Family
from tests.web.test_pages import asked, page, select, texts, total

START = datetime(2022, 8, 5, 6, 12, tzinfo=UTC)

Put = Callable[..., None]


def dispatch(id: str, **more: Any) -> Dispatch:
    plain = Dispatch(
        id=id,
        story="h",
        body=("Wang Yi est à Phnom Penh.",),
        title=f"Titre {id}",
        title_derived=False,
        lead="Wang Yi est à Phnom Penh.",
        raw=b"octets",
        raw_encoding="utf-8",
        agency="AFP",
        published=START,
        date_precision="minute",
        date_basis="stated",
    )
    return replace(plain, **more)


CHAIN = (
    dispatch("a", version=1, status="superseded", body=("Wang Yi est à Phnom Penh.", "M. Blinken est absent.")),
    dispatch(
        "b",
        version=2,
        status="corrected",
        published=START + timedelta(hours=1),
        body=("Wang Yi est à Phnom Penh.", "M. Blinken est absent.", "Il a vu M. Lavrov vendredi <matin>."),
    ),
    dispatch(
        "c",
        version=3,
        published=START + timedelta(hours=2),
        body=("M. Blinken est absent.", "Il a vu M. Lavrov samedi <matin>.", "Le sommet s'achève."),
    ),
)
OTHER = dispatch("x", agency="Xinhua", published=START + timedelta(hours=3))
YEARLESS = dispatch(
    "u", story="u", published=None, date_precision="unknown", date_basis="unknown", date_text="08h52 le 08/08"
)


@pytest.fixture
def put(engine: Engine, family: Family) -> Put:
    def each(*dispatches: Dispatch) -> None:
        actions = (
            {"_op_type": "index", "_index": family.write, "_id": d.id, "_source": to_document(d)} for d in dispatches
        )
        assert all(outcome.done for outcome in engine.bulk(actions))
        engine.refresh(family.write)

    return each


@pytest.fixture
def client(settings: Settings, engine: Engine, family: Family, put: Put) -> FlaskClient:
    put(*CHAIN, OTHER, YEARLESS)
    return create_app(replace(settings, index_prefix=family.prefix), engine).test_client()


# -- reading ---------------------------------------------------------------------------------------------------------


def test_the_chain_is_beside_the_dispatch_and_the_one_read_is_no_link(client: FlaskClient) -> None:
    found = page(client, "/depeches/b?q=Wang")
    rows = select(found, "//section[h3='Versions']//li")
    assert [" ".join(row.text_content().split()) for row in rows] == [
        "Version 1 vendredi 5 août 2022 à 8 h 12remplacée",
        "Version 2 (celle que vous lisez) vendredi 5 août 2022 à 9 h 12corrigée",
        "Version 3 vendredi 5 août 2022 à 10 h 12en vigueur",
    ]
    assert [row.get("aria-current") for row in rows] == [None, "true", None]
    assert [select(row, ".//a/@href") for row in rows] == [["/depeches/a?q=Wang"], [], ["/depeches/c?q=Wang"]]
    assert select(found, "//section[h3='Versions']/p/a/@href") == ["/depeches/b/versions?q=Wang#version-b"]
    assert texts(found, "//section[h3='Dans la même histoire']//li/a") == ["Titre x"]


@pytest.mark.parametrize(("id", "said"), [("a", "remplacée"), ("b", "corrigée")])
def test_an_old_version_leads_to_the_one_in_force(client: FlaskClient, id: str, said: str) -> None:
    found = page(client, f"/depeches/{id}")
    (banner,) = texts(found, "//main//p[@role='alert']")
    assert said in banner
    assert banner.endswith("Lire la version en vigueur (version 3, vendredi 5 août 2022 à 10 h 12).")
    assert select(found, "//main//p[@role='alert']/a/@href") == ["/depeches/c"]


def test_the_version_in_force_has_no_banner(client: FlaskClient) -> None:
    assert not select(page(client, "/depeches/c"), "//p[@role='alert']")


def test_a_withdrawn_dispatch_with_nothing_in_its_place_leads_nowhere(client: FlaskClient, put: Put) -> None:
    put(dispatch("k", story="k", status="withdrawn"))
    found = page(client, "/depeches/k")
    assert "annulée" in texts(found, "//p[@role='alert']")[0]
    assert not select(found, "//p[@role='alert']/a")


def test_a_dispatch_alone_says_nothing_of_versions(client: FlaskClient) -> None:
    assert not select(page(client, "/depeches/u"), "//section[contains(@class, 'story')]")


def test_what_was_received_is_one_link_away(client: FlaskClient) -> None:
    (address,) = select(page(client, "/depeches/a"), "//section[h3='Provenance']//a[.='octet pour octet']/@href")
    assert client.get(address).data == b"octets"


# -- differences -----------------------------------------------------------------------------------------------------


def test_each_step_says_what_it_changed_in_words(client: FlaskClient) -> None:
    found = page(client, "/depeches/b/versions?q=Wang")
    first, second, third = select(found, "//ol[@class='chain']/li")
    assert second.get("id") == "version-b"
    assert "Première version reçue." in texts(first, "p")
    assert texts(second, ".//summary") == ["2 paragraphes inchangés"]
    assert texts(second, ".//p[@class='what']") == ["Titre", "Ajouté"]
    assert texts(third, ".//p[@class='what']") == ["Titre", "Retiré", "Récrit", "Ajouté"]
    assert texts(third, "div[@class='change']/div[@class='texts']/p") == [
        "Il a vu M. Lavrov [retiré : vendredi] [ajouté : samedi] <matin>."
    ]
    assert texts(third, ".//div[contains(@class, 'whole')]//del") == ["Wang Yi est à Phnom Penh."]
    assert texts(third, ".//div[contains(@class, 'whole')]//ins") == ["Le sommet s'achève."]
    assert [li.get("aria-current") for li in (first, second, third)] == [None, "true", None]
    assert select(found, "//p[@class='back']/a/@href") == ["/depeches/b?q=Wang"]


def test_a_step_without_difference_says_so(client: FlaskClient, put: Put) -> None:
    put(dispatch("i1", story="i", title="T"), dispatch("i2", story="i", title="T", version=2))
    found = page(client, "/depeches/i1/versions")
    assert "Même titre, même texte que la version précédente." in texts(found, "//ol[@class='chain']/li/p")


def test_paragraphs_that_moved_are_told_as_moved(client: FlaskClient, put: Put) -> None:
    long = "M. Blinken est absent, " + "comme bien d'autres, " * 10
    both = ("Wang Yi est à Phnom Penh.", "Il a vu M. Lavrov.")
    put(
        dispatch("m1", story="m", title="T", body=(long, *both)),
        dispatch("m2", story="m", title="T", body=(*both, long), version=2),
    )
    found = page(client, "/depeches/m2/versions")
    assert texts(found, "//p[@class='what']") == ["Déplacé d’ici", "Déplacé ici"]
    (gone,) = texts(found, "//del")
    assert gone.endswith("…")
    assert len(gone) < len(long) / 2
    assert texts(found, "//ins") == [" ".join(long.split())]


def test_what_a_long_chain_leaves_out_is_a_link_away(client: FlaskClient, put: Put) -> None:
    put(*(dispatch(f"l{n:02}", story="l", version=n) for n in range(1, 61)))
    found = page(client, "/depeches/l30/versions")
    assert texts(found, "//main/p[@class='about']") == ["60 versionsAFP"]
    links = select(found, "//main/p[@class='note']/a")
    assert [" ".join(link.text_content().split()) for link in links] == [
        "9 versions plus anciennes",
        "10 versions plus récentes",
    ]
    assert [link.get("href") for link in links] == ["/depeches/l10/versions", "/depeches/l50/versions"]


def test_versions_of_an_unknown_dispatch_are_a_page(client: FlaskClient) -> None:
    assert texts(page(client, "/depeches/inconnue/versions", 404), "//h1") == ["Dépêche introuvable"]


@pytest.mark.parametrize("address", ["/depeches/b", "/depeches/b/versions", "/?group=story&versions=all"])
def test_pages_are_sound(client: FlaskClient, address: str) -> None:
    found = page(client, address)
    ids = select(found, "//@id")
    assert len(ids) == len(set(ids))
    assert set(select(found, "//@aria-labelledby")) <= set(ids)
    assert len(select(found, "//h1")) == 1
    assert not select(found, "//script[not(@src) or text()] | //style | //@style | //@*[starts-with(name(), 'on')]")


# -- lists -----------------------------------------------------------------------------------------------------------


def test_a_story_is_one_result_that_leads_to_its_versions(client: FlaskClient) -> None:
    found = page(client, "/?q=Wang&group=story&versions=all")
    assert texts(found, "//h1") == ["5 dépêches en 2 histoires pour Wang"]
    (folded,) = select(found, "//p[@class='folded']/a")
    assert folded.text_content().startswith("4\xa0dépêches dans cette histoire")
    assert folded.get("href").startswith("/depeches/x/versions?")
    (box,) = select(found, "//input[@name='group']")
    assert (box.get("value"), box.get("checked") is not None) == ("story", True)


def test_dispatches_one_by_one_tell_their_version(client: FlaskClient) -> None:
    found = page(client, "/?q=Lavrov&versions=all&sort=oldest")
    versions = select(found, "//ol[@class='results']//p[@class='about']//a")
    assert [link.text_content() for link in versions] == ["version\xa02", "version\xa03"]
    (box,) = select(found, "//input[@name='group']")
    assert box.get("checked") is None


def test_turning_pages_keeps_stories_folded(client: FlaskClient) -> None:
    first = page(client, "/?group=story&size=1")
    (forward,) = select(first, "//nav/a[@rel='next']/@href")
    assert asked(forward)["group"] == ["story"]
    assert texts(page(client, forward), "//ol[@class='results']//h3") == ["Titre u"]


# -- dates -----------------------------------------------------------------------------------------------------------


def test_a_date_without_its_year_is_shown_as_written(client: FlaskClient) -> None:
    said = "08h52 le 08/08, année inconnue"
    (result,) = select(page(client, "/?dated=no"), "//ol[@class='results']/li")
    assert said in result.text_content()
    assert said in texts(page(client, "/depeches/u"), "//article//p[@class='about']")[0]


def test_dispatches_without_a_date_are_a_link_away_and_a_chip_leads_back(client: FlaskClient) -> None:
    found = page(client, "/?q=Phnom")
    (link,) = select(found, "//a[contains(., 'sans date')]")
    assert link.text_content() == "1\xa0sans date"
    undated = page(client, link.get("href"))
    assert total(undated) == 1
    assert not select(undated, "//a[contains(., 'sans date')]")
    (chip,) = select(undated, "//ul[@class='chips']/li/a")
    assert "Dates" in chip.text_content() and "inconnues" in chip.text_content()
    assert asked(chip.get("href")) == {"q": ["Phnom"]}
    hidden = select(undated, "//input[@form='recherche'][@type='hidden']")
    assert [(field.get("name"), field.get("value")) for field in hidden] == [("dated", "no")]


@pytest.mark.parametrize(("query", "way"), [("group=histoire", {}), ("dated=oui", {})])
def test_a_bad_choice_is_explained(client: FlaskClient, query: str, way: dict[str, list[str]]) -> None:
    found = page(client, f"/?{query}", 400)
    assert asked(select(found, "//ul[@class='ways']//a/@href")[0]) == way
