"""The pages, as a reader without scripts uses them: what is shown, and where the links lead."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement
from werkzeug.test import TestResponse

from engine.errors import (
    AlertsStuck,
    DatabaseBusy,
    DatabaseUnavailable,
    DepechesError,
    EngineTimeout,
    EngineUnavailable,
    ExportsBusy,
    http_status,
)
from web.mentions import EXTENSION
from web.pages import error_page


def page(client: FlaskClient, address: str, status: int = 200) -> HtmlElement:
    """The page at an address, which must answer with `status`."""
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.content_type == "text/html; charset=utf-8"
    return html.document_fromstring(answer.text)


def select(found: HtmlElement, path: str) -> list[Any]:
    """Elements, or texts where the path asks for attributes or text."""
    return cast("list[Any]", found.xpath(path))


def texts(found: HtmlElement, path: str) -> list[str]:
    return [" ".join(element.text_content().split()) for element in select(found, path)]


def total(found: HtmlElement) -> int:
    (said,) = texts(found, "//h1/strong")
    return int("".join(char for char in said if char.isdigit()))


def asked(href: str) -> dict[str, list[str]]:
    """The parameters of a link."""
    return parse_qs(urlsplit(href).query)


def facet_values(found: HtmlElement, facet: str) -> list[HtmlElement]:
    return list(select(found, f"//section[@id='facette-{facet}']//li"))


def value_link(row: HtmlElement) -> HtmlElement:
    (link,) = select(row, "a[contains(@class, 'value')]")
    return link


def count(row: HtmlElement) -> int:
    (said,) = select(row, ".//span[@class='count']/text()")
    return int("".join(char for char in said if char.isdigit()))


EVERY_PAGE = ["/", "/?q=lavrov", "/?q=xyzzyxyzzy", "/?size=0", "/depeches/inconnue", "/nulle-part"]


@pytest.mark.parametrize("address", EVERY_PAGE)
def test_every_page_has_a_language_one_title_and_a_search_box(client: FlaskClient, address: str) -> None:
    found = html.document_fromstring(client.get(address).text)
    assert found.get("lang") == "fr"
    assert len(select(found, "//h1")) == 1
    assert len(select(found, "//main")) == 1
    (box,) = select(found, "//form//input[@name='q'][@type='search']")
    assert select(found, f"//label[@for='{box.get('id')}']")


@pytest.mark.parametrize("address", EVERY_PAGE)
def test_nothing_inline_is_script_or_style(client: FlaskClient, address: str) -> None:
    found = html.document_fromstring(client.get(address).text)
    assert not select(
        found, "//script[not(@src)] | //script[text()] | //style | //@style | //@*[starts-with(name(), 'on')]"
    )


@pytest.mark.parametrize("address", ["/", "/?q=lavrov&actor=ONU"])
def test_labels_and_anchors_have_their_targets(client: FlaskClient, address: str) -> None:
    found = page(client, address)
    ids = select(found, "//@id")
    assert len(ids) == len(set(ids))
    pointed = [
        *select(found, "//label/@for"),
        *(href[1:] for href in select(found, "//a/@href") if href.startswith("#")),
        *select(found, "//@aria-labelledby"),
    ]
    assert set(pointed) <= set(ids)


def test_the_first_page_shows_the_newest_dispatches(client: FlaskClient) -> None:
    found = page(client, "/")
    assert total(found) > 100
    assert len(select(found, "//ol[@class='results']/li")) == 20
    stamps = [stamp[:10] for stamp in select(found, "//ol[@class='results']//time/@datetime")]
    assert stamps == sorted(stamps, reverse=True)


def test_blank_fields_of_the_form_are_no_filters(client: FlaskClient) -> None:
    assert total(page(client, "/?q=&from=&to=&sort=")) == total(page(client, "/"))


def test_words_found_are_marked(client: FlaskClient) -> None:
    found = page(client, "/?q=Lavrov")
    assert {text.lower() for text in texts(found, "//ol//mark")} == {"lavrov"}
    (box,) = select(found, "//input[@name='q'][@type='search']")
    assert box.get("value") == "Lavrov"


def test_ticking_a_value_filters_and_ticking_it_again_does_not(client: FlaskClient) -> None:
    before = page(client, "/?q=ministre")
    row = facet_values(before, "agency")[0]
    after = page(client, value_link(row).get("href"))
    assert total(after) == count(row) < total(before)
    (ticked,) = [row for row in facet_values(after, "agency") if value_link(row).get("aria-current")]
    assert count(ticked) == count(row)
    assert asked(value_link(ticked).get("href")) == {"q": ["ministre"]}


def test_a_level_of_a_path_narrows_its_parent(client: FlaskClient) -> None:
    parent = facet_values(page(client, "/"), "venue")[0]
    after = page(client, value_link(parent).get("href"))
    (child, *_) = [row for row in facet_values(after, "venue") if "depth-1" in row.get("class")]
    narrowed = asked(value_link(child).get("href"))["venue"]
    assert len(narrowed) == 1
    assert narrowed[0].startswith(f"{asked(value_link(parent).get('href'))['venue'][0]} > ")


def test_a_level_opens_and_closes(client: FlaskClient) -> None:
    closed = page(client, "/?q=ministre")
    (way, *_) = select(closed, "//section[@id='facette-venue']//a[@aria-expanded='false']")
    opened = page(client, way.get("href"))
    assert total(opened) == total(closed)
    children = [row for row in facet_values(opened, "venue") if "depth-1" in row.get("class")]
    assert children
    (back,) = select(opened, "//section[@id='facette-venue']//a[@aria-expanded='true']/@href")
    assert asked(back) == {"q": ["ministre"]}


def test_one_kind_of_actors_can_be_listed(client: FlaskClient) -> None:
    before = page(client, "/?q=Lavrov")
    assert {"pers.", "org.", "État"} >= set(texts(before, "//section[@id='facette-actor']//span[@class='mark']"))
    (way,) = select(before, "//section[@id='facette-actor']//p[@class='kinds']/a[.='personnes']/@href")
    after = page(client, way)
    assert total(after) == total(before)
    names = texts(after, "//section[@id='facette-actor']//span[@class='label']")
    assert "Wang Yi" in names
    assert "ASEAN" not in names


def test_a_facet_is_searched_and_its_values_tick(client: FlaskClient) -> None:
    before = page(client, "/?q=Lavrov&agency=Xinhua")
    (form,) = select(before, "//section[@id='facette-actor']/form")
    assert {field.get("name"): field.get("value") for field in select(form, "input[@type='hidden']")} == {
        "q": "Lavrov",
        "agency": "Xinhua",
    }
    after = page(client, "/?q=Lavrov&agency=Xinhua&actor.prefix=wang")
    rows = facet_values(after, "actor")
    assert "Wang Yi" in texts(rows[0], ".//span[@class='label']")
    assert asked(value_link(rows[0]).get("href")) == {"q": ["Lavrov"], "agency": ["Xinhua"], "actor": ["Wang Yi"]}
    (clear,) = select(after, "//section[@id='facette-actor']//a[starts-with(., 'toutes les valeurs')]/@href")
    assert asked(clear) == {"q": ["Lavrov"], "agency": ["Xinhua"]}


def test_looking_for_what_is_not_there_says_so(client: FlaskClient) -> None:
    found = page(client, "/?q=Lavrov&actor.prefix=zzzz")
    assert not facet_values(found, "actor")
    assert "Aucune valeur ne commence ainsi." in texts(found, "//section[@id='facette-actor']//p")
    assert page(client, "/?actor.prefix=" + "a" * 101, 400) is not None


def test_often_with_narrows(client: FlaskClient) -> None:
    rows = select(page(client, "/?q=Lavrov&actor=Wang Yi"), "//section[@class='with']//li")
    assert rows
    for row in rows:
        (href,) = select(row, "a/@href")
        assert asked(href)["actor"] == ["Wang Yi"]
        assert total(page(client, href)) == count(row)
    assert not select(page(client, "/"), "//section[@class='with']")


def test_except_excludes_and_says_so(client: FlaskClient) -> None:
    before = page(client, "/")
    row = facet_values(before, "agency")[0]
    (link,) = select(row, "a[@class='except']")
    after = page(client, link.get("href"))
    assert total(after) == total(before) - count(row)
    (struck,) = select(after, "//section[@id='facette-agency']//s")
    label = struck.text_content()
    assert asked(link.get("href")) == {"agency.not": [label]}
    (back,) = select(after, "//section[@id='facette-agency']//a[s]/@href")
    assert asked(back) == {}


def test_several_ticked_values_can_all_be_required(client: FlaskClient) -> None:
    one_of = page(client, "/?actor=Sergueï Lavrov&actor=Wang Yi")
    (link,) = select(one_of, "//section[@id='facette-actor']//p[@class='rest']/a[contains(., 'Exiger')]/@href")
    assert asked(link) == {"actor.all": ["Sergueï Lavrov", "Wang Yi"]}
    assert 0 < total(page(client, link)) <= total(one_of)


def test_what_is_asked_for_leads_to_its_own_page(client: FlaskClient) -> None:
    found = page(client, "/?actor=Sergue%C3%AF+Lavrov&venue=Cambodge&topic.not=Diplomatie&agency=AFP")
    there = {link.text: link.get("href") for link in select(found, "//div[@class='filters']/p/a")}
    assert list(there) == ["Sergueï Lavrov", "Cambodge"]
    assert all(client.get(href).status_code == 200 for href in there.values())


def test_each_chip_removes_only_itself(client: FlaskClient) -> None:
    address = "/?q=ministre&actor=Wang Yi&agency.not=AFP&from=2021-01-01&to=2023-12-31"
    chips = select(page(client, address), "//ul[@class='chips']/li[not(@class)]/a/@href")
    everything = asked(address)
    left = [set(everything) - set(asked(chip)) for chip in chips]
    assert left == [{"actor"}, {"agency.not"}, {"from", "to"}]
    assert all(asked(chip).items() <= everything.items() for chip in chips)


def test_a_name_as_readers_write_it_is_the_value_the_facet_lists(client: FlaskClient) -> None:
    found = page(client, "/?actor=Nations unies")
    ticked = [row for row in facet_values(found, "actor") if value_link(row).get("aria-current")]
    assert texts(ticked[0], ".//span[@class='label']") == ["ONU"]


def test_the_timeline_zooms_in_and_out(client: FlaskClient) -> None:
    address, seen = "/?q=lavrov&from=2022-01-01&to=2022-12-31", []
    for _ in range(3):
        found = page(client, address)
        seen.append(texts(found, "//section[@class='timeline']//h2/span")[0].split(",")[0])
        # The highest bar: a year's busiest month, its busiest day, its busiest hour.
        highest = max(select(found, "//section[@class='timeline']//svg/a"), key=height)
        address = highest.get("href")
    assert seen == ["par mois", "par jour", "par heure"]
    wider = []
    while out := select(page(client, address), "//a[starts-with(., 'Dézoomer')]"):
        wider.append(out[0].text.replace("\xa0", " ").removeprefix("Dézoomer : "))
        address = out[0].get("href")
    assert [len(each.split()) for each in wider] == [3, 2, 1, 3]  # "8 août 2022", "août 2022", "2022"
    assert wider[2:] == ["2022", "toute la période"]
    assert address == "/?q=lavrov"


def height(bar: html.HtmlElement) -> float:
    return float(bar.xpath("rect[@class='bar']/@height")[0])


def test_the_form_keeps_an_hour(client: FlaskClient) -> None:
    found = page(client, "/?q=lavrov&from=2022-08-08T12:00Z&to=2022-08-08")
    assert select(found, "//input[@id='from']/@type")[0] == "datetime-local"
    assert select(found, "//input[@id='from']/@value")[0] == "2022-08-08T14:00"
    assert select(found, "//input[@id='to']/@type")[0] == "date"


def test_a_bar_of_the_timeline_finds_what_it_counts(client: FlaskClient) -> None:
    bars = select(page(client, "/"), "//section[@class='timeline']//svg/a")
    tallest = max(bars, key=lambda bar: float(select(bar, "rect[@class='bar']/@height")[0]))
    (title,) = texts(tallest, "title")
    after = page(client, tallest.get("href"))
    assert f": {total(after)} dépêche" in title.replace("\u202f", "")
    assert set(asked(tallest.get("href"))) == {"from", "to"}


def test_empty_periods_are_seen_and_lead_nowhere(client: FlaskClient) -> None:
    empty = select(page(client, "/?q=Lavrov"), "//section[@class='timeline']//g[@class='empty']")
    assert all("aucune dépêche" in text for group in empty for text in texts(group, "title"))
    assert not any(select(group, ".//a") for group in empty)


def test_pages_follow_one_another_and_lead_back(client: FlaskClient) -> None:
    first = page(client, "/?size=10")
    (forward,) = select(first, "//nav[@aria-label='Pages de résultats']/a[@rel='next']/@href")
    second = page(client, forward)
    assert not set(titles(first)) & set(titles(second))
    (backward,) = select(second, "//nav[@aria-label='Pages de résultats']/a[@rel='prev']/@href")
    assert titles(page(client, backward)) == titles(first)


def titles(found: HtmlElement) -> list[str]:
    """Where the results lead, without the search they carry."""
    return [urlsplit(href).path for href in select(found, "//ol[@class='results']//h3/a/@href")]


def test_every_link_to_another_search_forgets_the_cursor(client: FlaskClient) -> None:
    (forward,) = select(page(client, "/?size=10"), "//link[@rel='next']/@href")
    second = page(client, forward)
    links = select(second, "//aside//a/@href | //section[@class='timeline']//a/@href")
    assert links
    assert not any("cursor" in asked(link) for link in links)


def test_the_form_keeps_filters_and_forgets_the_page(client: FlaskClient) -> None:
    (forward,) = select(page(client, "/?size=10&agency=AFP"), "//link[@rel='next']/@href")
    hidden = select(page(client, forward), "//input[@form='recherche'][@type='hidden']")
    assert {field.get("name"): field.get("value") for field in hidden} == {"agency": "AFP", "size": "10"}


def test_nothing_found_helps(client: FlaskClient) -> None:
    found = page(client, "/?q=xyzzyxyzzy&agency=AFP")
    assert "Aucune dépêche ne correspond." in texts(found, "//div[@class='nothing']/p")
    ways = [asked(href) for href in select(found, "//div[@class='nothing']//a/@href")]
    assert ways == [{"q": ["xyzzyxyzzy"]}, {"q": ["xyzzyxyzzy"]}, {}]


def test_what_a_reader_types_is_shown_and_never_obeyed(client: FlaskClient) -> None:
    attack = "<script>alert(1)</script>"
    found = page(client, f"/?q={attack}&actor={attack}")
    assert not select(found, "//script[not(@src)]")
    assert attack in texts(found, "//h1/q")
    assert attack in texts(found, "//ul[@class='chips']//span[not(@class)]")


@pytest.mark.parametrize(
    ("query", "said", "way"),
    [
        ("from=2022-13-01&q=Lavrov", "AAAA-MM-JJ", {"q": ["Lavrov"]}),
        ("size=0&q=Lavrov", "de 1 à 100", {"q": ["Lavrov"]}),
        ("acteur=ONU&q=Lavrov", "n’existe pas", {"q": ["Lavrov"]}),
        ("cursor=nimporte&q=Lavrov", "curseur", {"q": ["Lavrov"]}),
    ],
)
def test_a_bad_parameter_is_explained_and_can_be_left_out(
    client: FlaskClient, query: str, said: str, way: dict[str, list[str]]
) -> None:
    found = page(client, f"/?{query}", 400)
    (message,) = texts(found, "//main/p[@role='alert']")
    assert said in message
    (box,) = select(found, "//form//input[@name='q'][@type='search']")
    assert box.get("value") == "Lavrov"
    assert asked(select(found, "//ul[@class='ways']//a/@href")[0]) == way


def test_a_period_the_wrong_way_round_can_be_mended_from_both_ends(client: FlaskClient) -> None:
    found = page(client, "/?from=2023-01-01&to=2022-01-01", 400)
    ways = [set(asked(href)) for href in select(found, "//ul[@class='ways']//a/@href")]
    assert ways == [{"to"}, {"from"}, set()]


def test_what_to_know_before_quoting_is_told_beside_each_result(client: FlaskClient) -> None:
    found = page(client, "/?q=« Phnom Penh » Lavrov ministre&from=2022-08-01&to=2022-08-31")
    flags = [set(texts(row, ".//span[@class='flag']")) for row in select(found, "//ol[@class='results']/li")]
    assert any({"titre reconstitué", "texte réparé", "date incertaine"} <= each for each in flags)
    assert set() in flags


def part(client: FlaskClient, address: str, target: str = "page", **headers: str) -> TestResponse:
    """What htmx gets to put in the place of `target`."""
    return client.get(address, headers={"HX-Request": "true", "HX-Target": target, **headers})


@pytest.mark.parametrize("address", ["/?q=lavrov", "/?q=(lavrov", "/?q=lavrov&size=0"])
def test_a_part_is_what_differs_and_no_cache_gives_it_for_the_whole(client: FlaskClient, address: str) -> None:
    whole, changed = client.get(address), part(client, address)
    assert whole.status_code == changed.status_code
    assert whole.text.startswith("<!doctype html>") and changed.text.startswith("<title>")
    assert changed.text.split("</title>")[1].strip() in whole.text
    for answer in (whole, changed):
        assert {"HX-Request", "HX-Target"} <= set(answer.vary)
    # Back in history, htmx wants the whole page.
    assert part(client, address, **{"HX-History-Restore-Request": "true"}).text.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("asked_for", "told"),
    [
        ("/?sort=&q=+lavrov+&from=&actor=russie", "/?q=lavrov&actor=Russie"),
        ("/?size=0&q=lavrov", "/?size=0&q=lavrov"),
        ("/?q=é", "/?q=%C3%A9"),
    ],
)
def test_the_address_of_what_is_shown_is_the_shortest(client: FlaskClient, asked_for: str, told: str) -> None:
    assert part(client, asked_for).headers["HX-Push-Url"] == told


def test_a_facet_alone_is_asked_for_in_its_own_place(client: FlaskClient) -> None:
    answer = part(client, "/?q=Lavrov&actor.prefix=wang", "valeurs-actor")
    found = html.fragment_fromstring(answer.text, create_parent=True)
    assert answer.headers["HX-Replace-Url"] == "/?q=Lavrov&actor.prefix=wang"
    assert "Wang Yi" in texts(found, ".//span[@class='label']")
    assert not select(found, ".//article")
    every = html.fragment_fromstring(part(client, "/?q=Lavrov", "valeurs-actor").text, create_parent=True)
    whole = page(client, "/?q=Lavrov")
    assert texts(every, ".//span[@class='label']") == texts(whole, "//div[@id='valeurs-actor']//span[@class='label']")


def test_an_error_is_told_in_few_lines_above_what_was_shown(app: Flask) -> None:
    with app.test_request_context("/?q=a&actor=b", headers={"HX-Request": "true"}):
        answer = error_page(503, "", "La base de données est fermée.", DatabaseUnavailable(""))
    assert {name: answer.headers[name] for name in ("HX-Retarget", "HX-Push-Url")} == {
        "HX-Retarget": "#ennui",
        "HX-Push-Url": "false",
    }
    found = html.fragment_fromstring(answer.get_data(as_text=True))
    assert texts(found, ".//strong") == ["La base de données ne répond pas"]
    assert select(found, ".//a[@class='again']/@href") == ["/?q=a&actor=b"]


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (EngineUnavailable(""), "Le moteur de recherche ne répond pas"),
        (EngineTimeout(""), "Le moteur met trop de temps à répondre"),
        (DatabaseBusy(""), "La base de données ne répond pas"),
        (ExportsBusy(""), "Trop de fichiers en préparation"),
        (AlertsStuck(""), "Archive momentanément indisponible"),
    ],
)
def test_an_error_says_who_does_not_answer(app: Flask, error: DepechesError, title: str) -> None:
    with app.test_request_context("/"):
        answer = error_page(http_status(error), "", "", error)
    assert texts(html.document_fromstring(answer.get_data(as_text=True)), "//h1") == [title]


@pytest.mark.parametrize("address", ["/?q=lavrov", "/static/web/style.css", "/static/web/vendor/htmx-2.0.11.min.js"])
@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_what_a_browser_loads_is_compressed(client: FlaskClient, address: str, coding: str) -> None:
    with client.get(address) as plain, client.get(address, headers={"Accept-Encoding": coding}) as packed:
        assert packed.headers["Content-Encoding"] == coding
        assert len(packed.data) < len(plain.data) / 2
        assert "Accept-Encoding" in packed.vary


@pytest.mark.parametrize(
    ("query", "shown", "without"),
    [
        ("q=Lavrov&from=2022-13-01", "/?q=Lavrov", "la date de début"),
        ("q=Lavrov&from=2022-13-01&size=0&nimporte=1", "/?q=Lavrov", "la date de début ni"),
        ("q=(Lavrov&agency=AFP", "/?agency=AFP", "les mots"),
        ("agency=AFP&from=2023-01-01&to=2022-01-01", "/?agency=AFP", "la date de début ni la date de fin"),
        ("q=Lavrov&actor.prefix=" + "a" * 101, "/?q=Lavrov", "ce qui est cherché dans une facette"),
    ],
)
def test_of_a_broken_address_the_rest_is_shown(client: FlaskClient, query: str, shown: str, without: str) -> None:
    found, rest = page(client, f"/?{query}", 400), page(client, shown)
    assert total(found) == total(rest) and titles(found) == titles(rest)
    assert texts(found, "//main/p[@role='alert']")
    assert without in " ".join(texts(found, "//main/p[@class='note']"))
    typed = select(found, "//form//input[@name='q'][@type='search']/@value")[0]
    assert typed == asked(f"/?{query}").get("q", [""])[0]


def test_words_alone_that_cannot_be_read_show_no_results(client: FlaskClient) -> None:
    found = page(client, "/?q=(Lavrov&size=50", 400)
    assert not select(found, "//article")
    assert asked(select(found, "//ul[@class='ways']//a/@href")[0]) == {"q": ["(Lavrov)"], "size": ["50"]}


def seed_address(client: FlaskClient) -> str:
    """Where the real dispatch of the samples is read, found by its words."""
    found = page(client, "/?q=« chaînes industrielles » Lavrov&from=2022-08-01&to=2022-08-31")
    address: str = select(found, "//ol[@class='results']//h3/a/@href")[0]
    return address


def test_a_dispatch_is_read_whole_with_the_words_marked(client: FlaskClient) -> None:
    found = page(client, seed_address(client))
    paragraphs = texts(found, "//div[@class='body']/p")
    assert len(paragraphs) > 8
    assert any(text.startswith("Les deux parties ont également échangé") for text in paragraphs)
    assert {"Lavrov", "chaînes"} <= {word for mark in texts(found, "//article//mark") for word in mark.split()}
    assert "titre reconstitué" in texts(found, "//article//span[@class='flag']")


def test_a_dispatch_without_a_question_has_no_marks(client: FlaskClient) -> None:
    address = urlsplit(seed_address(client)).path
    assert not select(page(client, address), "//mark")


def test_a_dispatch_leads_back_to_its_search_and_on_to_others(client: FlaskClient) -> None:
    address = seed_address(client)
    found = page(client, address)
    (back,) = select(found, "//p[@class='back']/a/@href")
    assert asked(back) == asked(address)
    actors = select(found, "//aside//section[h3='Acteurs']//a/@href")
    assert {"actor": ["Wang Yi"]} in [asked(href) for href in actors]
    assert total(page(client, actors[0])) > 0


def test_names_in_a_dispatch_lead_to_what_else_there_is(client: FlaskClient) -> None:
    found = page(client, seed_address(client))
    names = {
        " ".join(link.text_content().split()): asked(link.get("href"))
        for link in select(found, "//div[@class='body']//a[@class='mention']")
    }
    assert names["Wang Yi"] == {"actor": ["Wang Yi"]}
    assert names["Phnom Penh"] == {"venue": ["Asie du Sud-Est > Cambodge > Phnom Penh"]}
    # A word can be found and be a name.
    assert select(found, "//a[@class='mention']//mark")


def test_a_dispatch_says_why_it_has_its_facets(client: FlaskClient) -> None:
    found = page(client, seed_address(client))
    (fold,) = select(found, "//details[@class='evidence']")
    terms = texts(fold, ".//dt")
    words = dict(zip(terms, texts(fold, ".//dd"), strict=True))
    assert "« Wang »" in words["Wang Yi"]
    assert "« Phnom Penh »" in words["Asie du Sud-Est › Cambodge › Phnom Penh"]


def test_what_led_to_topics_is_told_where_an_application_tells_it(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = seed_address(client)
    told = lambda dispatch: [("topic", topic, ["ce mot"]) for topic in dispatch.topics]  # noqa: E731
    monkeypatch.setitem(app.extensions, EXTENSION, told)
    (fold,) = select(page(client, address), "//details[@class='evidence']")
    assert "Sujets" in texts(fold, "h4")
    assert "« ce mot »" in texts(fold, ".//dd")


def test_who_is_often_with_the_first_of_a_dispatch(client: FlaskClient) -> None:
    found = page(client, seed_address(client))
    (section,) = select(found, "//aside/section[starts-with(h3, 'Souvent avec')]")
    (first,) = select(section, "h3/span/text()")
    for row in select(section, ".//li"):
        (href,) = select(row, "a/@href")
        assert asked(href)["actor"] == [first]
        assert total(page(client, href)) == count(row)


def test_an_unknown_dispatch_is_a_page(client: FlaskClient) -> None:
    found = page(client, "/depeches/inconnue", 404)
    assert texts(found, "//h1") == ["Dépêche introuvable"]
    assert "inconnue" in texts(found, "//main/p[@class='message']")[0]


def test_an_unknown_address_is_a_page(client: FlaskClient) -> None:
    assert texts(page(client, "/nulle-part", 404), "//h1") == ["Page introuvable"]


@pytest.mark.parametrize(
    ("name", "kind"), [("style.css", "text/css"), ("reading.css", "text/css"), ("favicon.svg", "image/svg+xml")]
)
def test_static_files_are_served(client: FlaskClient, name: str, kind: str) -> None:
    with client.get(f"/static/web/{name}") as answer:
        assert (answer.status_code, answer.mimetype) == (200, kind)
