"""The page of a dispatch: what was received beside what is read, who speaks where, how it is quoted and taken away."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from search.formats import FORMATS
from tests.web.test_pages import page, select, texts


@pytest.fixture
def damaged(client: FlaskClient) -> str:
    """Where the dispatch is whose letters were lost on the way."""
    found = client.get(f"/api/v1/dispatches?q={quote('« M. Wang » chaînes industrielles')}&size=1").get_json()
    return f"/depeches/{found['results'][0]['id']}"


def test_what_was_received_is_told_on_demand_beside_what_is_read(client: FlaskClient, damaged: str) -> None:
    found = page(client, damaged)
    (fold,) = select(found, "//article//details[@class='repairs']")
    assert fold.get("open") is None
    rows = {
        " ".join(row.findtext("td/a").split()): (
            row.findtext("td/code"),
            row.find("td/a").get("href"),
            texts(row, "td")[2:],
        )
        for row in select(fold, ".//tbody/tr")
    }
    received, href, (sure, why) = rows["Sergueï"]
    assert (received, sure, why) == ("Sergue?", "plus de 99 %", "nom connu de l’archive")
    (note,) = select(found, f"//article//span[@id='{href[1:]}']")
    assert " ".join(note.text_content().split()) == "[reçu : Sergue?]"
    assert note.xpath("string(preceding::text()[1])").endswith("Sergueï")
    # Beside every word told of there is a note, and what it tells is in the bytes received.
    raw = client.get(f"/api/v1{damaged.replace('depeches', 'dispatches')}/raw").text
    assert all(received in raw for received, _, _ in rows.values())


def test_a_dispatch_that_lost_nothing_says_nothing_of_repairs(client: FlaskClient) -> None:
    found = client.get("/api/v1/dispatches?q=truffe&size=1").get_json()
    assert not select(
        page(client, f"/depeches/{found['results'][0]['id']}"), "//*[@class='repairs' or @class='received']"
    )


def test_whoever_speaks_is_found_in_the_text(client: FlaskClient, damaged: str) -> None:
    found = page(client, damaged)
    (section,) = select(found, "//aside/section[h3='Parole de']")
    links = select(section, ".//span[@class='passages']/a")
    assert links and [link.text for link in links][0] == "1"
    for link in links:
        (said,) = select(found, f"//div[@class='body']//span[@id='{link.get('href')[1:]}']")
        assert len(said.text_content().split()) > 2


def test_subjects_of_one_field_name_it_once(client: FlaskClient, damaged: str) -> None:
    found = page(client, damaged)
    (section,) = select(found, "//aside/section[h3='Sujets']")
    said = [link.text for link in select(section, ".//li/a[not(@class)]")]
    assert said.count("Relations internationales") == 1 and "Question de Taïwan" in said
    # Whose the hour is.
    assert "à 2 h 52 (heure de Paris)" in texts(found, "//article/header/p[@class='about'][1]")[0].replace("\xa0", " ")


def test_a_reference_to_quote_stands_on_the_page(client: FlaskClient, damaged: str) -> None:
    found = page(client, damaged)
    (told,) = texts(found, "//p[@id='reference']")
    assert told.startswith("Xinhua, « Le conseiller d'Etat chinois et ministre des Affaires étrangères Wang Yi")
    assert "dépêche, lundi 8 août 2022 à 2 h 52" in told
    assert told.endswith(f"http://localhost{damaged}")
    assert select(found, "//link[@rel='canonical']/@href") == [damaged]
    # A button that no script brings to life is none.
    assert all(button.get("hidden") is not None for button in select(found, "//section[@class='cite']//button"))


def test_a_dispatch_is_taken_away_alone(client: FlaskClient, damaged: str) -> None:
    hrefs = select(page(client, damaged), "//section[@class='cite']//a[@download]/@href")
    assert [href.rpartition(".")[2] for href in hrefs] == ["ris", "csv", "jsonl"]
    for href in hrefs:
        answer = client.get(href)
        form = FORMATS[href.rpartition(".")[2]]
        assert (answer.status_code, answer.content_type) == (200, form.media_type)
        assert "Wang Yi" in answer.text and damaged.rpartition("/")[2] in answer.text
        assert client.get(href, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    refused = client.get("/api/v1/dispatches/inconnue/export.ris")
    assert (refused.status_code, refused.get_json()["code"]) == (404, "depeche-introuvable")
