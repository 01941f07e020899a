"""`GET /api/v1/export.*`: files and feeds of what a search finds, and all that is said before their first byte."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import feedparser  # type: ignore[import-untyped]
import pytest
from flask.testing import FlaskClient

from app import create_app
from engine.client import Engine
from engine.config import Settings
from engine.errors import EngineError, ExportsBusy
from mappings import lifecycle
from mappings.lifecycle import Family
from search.export_api import EXTENSION, TOTAL
from search.exporting import PAGE
from search.exports import Exports
from search.formats import FORMATS
from search.formats.place import Place
from search.request import SearchRequest
from tests.search.writing import points_in_time, put, small

FILES = pytest.mark.parametrize("name", FORMATS)
PLACE = Place("https://depeches.example", "Europe/Paris")

# Two whole pages and a part of one.
COUNT = 2 * PAGE + 10


@pytest.fixture(scope="module")
def filled(engine: Engine, index_prefix: str) -> Iterator[Family]:
    """An archive to read, not to write to."""
    family = Family(f"{index_prefix}-files")
    lifecycle.create(engine, family)
    put(engine, family, map(small, range(COUNT)))
    yield family
    for name in engine.indices(family.pattern):
        engine.delete_index(name)


@pytest.fixture(scope="module")
def archive(settings: Settings, engine: Engine, filled: Family) -> FlaskClient:
    return create_app(replace(settings, index_prefix=filled.prefix), engine).test_client()


@pytest.fixture
def fresh(settings: Settings, engine: Engine, family: Family) -> FlaskClient:
    """The same, to write to."""
    put(engine, family, map(small, range(COUNT)))
    return create_app(replace(settings, index_prefix=family.prefix), engine).test_client()


def export(client: FlaskClient, name: str, **parameters: Any) -> Any:
    return client.get(
        f"/api/v1/export.{name}", query_string={key.replace("__", "."): v for key, v in parameters.items()}
    )


def ids(answer: Any) -> list[str]:
    return [json.loads(line)["id"] for line in answer.text.splitlines()]


# -- what is in a file -----------------------------------------------------------------------------------------------


def test_a_file_has_every_dispatch_once_in_order_page_after_page(archive: FlaskClient) -> None:
    answer = export(archive, "jsonl")
    assert ids(answer) == [f"d{number:06}" for number in reversed(range(COUNT))]
    assert answer.headers[TOTAL] == str(COUNT)


@FILES
def test_each_format_has_them_all(archive: FlaskClient, name: str) -> None:
    text = export(archive, name).text
    assert [text.count(f"d{number:06}") > 0 for number in range(COUNT)] == [True] * COUNT


def test_a_table_is_read_back(archive: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(export(archive, "csv").text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["titre"] for row in rows] == [f"Titre {number}" for number in reversed(range(COUNT))]


def test_a_line_is_what_reading_the_dispatch_answers(client: FlaskClient) -> None:
    for line in export(client, "jsonl", q="lavrov").text.splitlines():
        found = json.loads(line)
        assert client.get(found["links"]["self"]).get_json() == found


@pytest.mark.parametrize(
    "parameters",
    [
        {"q": "lavrov"},
        {"actor": "Wang Yi", "agency__not": "Xinhua"},
        {"from": "2022-08-01", "to": "2022-08-31"},
        {"q": "lavrov", "sort": "oldest"},
        {"dated": "no"},
        {"q": "lavrov", "versions": "all"},
    ],
)
def test_a_file_holds_what_the_same_search_finds_in_the_same_order(
    client: FlaskClient, parameters: dict[str, str]
) -> None:
    query = {name.replace("__", "."): value for name, value in parameters.items()}
    found = client.get("/api/v1/dispatches", query_string={**query, "size": 100}).get_json()["results"]
    assert found
    assert ids(export(client, "jsonl", **parameters)) == [each["id"] for each in found]


@pytest.mark.parametrize(
    "parameters", [{"facets": "none"}, {"highlight": "false"}, {"group": "story"}, {"often_with": "actor"}]
)
def test_what_changes_only_how_results_are_shown_changes_no_file(
    client: FlaskClient, parameters: dict[str, str]
) -> None:
    assert ids(export(client, "jsonl", q="lavrov", **parameters)) == ids(export(client, "jsonl", q="lavrov"))


@pytest.mark.parametrize("size", [1, PAGE, PAGE + 1, COUNT + 1])
def test_the_first_of_them(archive: FlaskClient, size: int) -> None:
    answer = export(archive, "jsonl", size=size)
    expected = [f"d{number:06}" for number in reversed(range(COUNT))][:size]
    assert ids(answer) == expected
    assert answer.headers[TOTAL] == str(len(expected))


def test_a_file_is_of_one_moment(fresh: FlaskClient, engine: Engine, family: Family) -> None:
    answer = fresh.get("/api/v1/export.jsonl", buffered=False)
    put(engine, family, [small(0, status="withdrawn"), small(COUNT)])
    assert len(ids(answer)) == COUNT


# -- what is said before the first byte ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("jsonl", "application/x-ndjson"),
        ("ris", "application/x-research-info-systems; charset=utf-8"),
        ("txt", "text/plain; charset=utf-8"),
    ],
)
def test_head_announces_a_file(archive: FlaskClient, engine: Engine, filled: Family, name: str, kind: str) -> None:
    answer = archive.head(f"/api/v1/export.{name}?q=texte")
    assert (answer.status_code, answer.content_type, answer.data) == (200, kind, b"")
    assert answer.headers[TOTAL] == str(COUNT)
    assert "Content-Length" not in answer.headers
    assert points_in_time(engine, filled) == 0


@pytest.mark.parametrize(
    ("parameters", "plain", "encoded"),
    [
        ({}, "depeches.csv", "d%C3%A9p%C3%AAches.csv"),
        ({"q": "Wang Yi"}, "depeches Wang Yi.csv", "d%C3%A9p%C3%AAches%20Wang%20Yi.csv"),
        ({"q": '"a/b" été'}, "depeches a b ete.csv", "d%C3%A9p%C3%AAches%20a%20b%20%C3%A9t%C3%A9.csv"),
        (
            {"actor": "ONU", "venue.not": "Asie > Cambodge"},
            "depeches ONU, sauf Cambodge.csv",
            "d%C3%A9p%C3%AAches%20ONU%2C%20sauf%20Cambodge.csv",
        ),
        ({"q": "é" * 200}, f"depeches {'e' * 71}.csv", f"d%C3%A9p%C3%AAches%20{'%C3%A9' * 71}.csv"),
    ],
)
def test_a_file_is_named_by_its_search(
    client: FlaskClient, parameters: dict[str, str], plain: str, encoded: str
) -> None:
    disposition = client.head("/api/v1/export.csv", query_string=parameters).headers["Content-Disposition"]
    assert disposition == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_more_than_the_limit_is_refused_before_the_first_byte(
    settings: Settings, engine: Engine, filled: Family, method: str
) -> None:
    limited = create_app(replace(settings, index_prefix=filled.prefix, export_max=COUNT - 1), engine).test_client()
    answer = limited.open("/api/v1/export.csv", method=method)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert points_in_time(engine, filled) == 0
    if method == "GET":
        assert answer.get_json()["code"] == "export-trop-grand"
        assert f"{COUNT} dépêches" in answer.get_json()["detail"]
    assert limited.open(f"/api/v1/export.csv?size={COUNT - 1}", method=method).status_code == 200


@FILES
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("q=(a", "syntaxe"),
        ("cursor=x", "parametre-inconnu"),
        ("actr=x", "parametre-inconnu"),
        ("size=0", "parametre-invalide"),
    ],
)
def test_what_is_wrong_is_a_problem(client: FlaskClient, name: str, query: str, code: str) -> None:
    answer = client.get(f"/api/v1/export.{name}?{query}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)


# -- what a file holds open ------------------------------------------------------------------------------------------


def test_a_file_read_to_its_end_leaves_nothing_open(archive: FlaskClient, engine: Engine, filled: Family) -> None:
    export(archive, "csv").close()
    assert points_in_time(engine, filled) == 0


@pytest.mark.parametrize("chunks", [0, 1])
def test_a_reader_who_leaves_leaves_nothing_open(
    archive: FlaskClient, engine: Engine, filled: Family, chunks: int
) -> None:
    answer = archive.get("/api/v1/export.csv", buffered=False)
    assert points_in_time(engine, filled) == 1
    body = answer.iter_encoded()
    for _ in range(chunks):
        next(iter(body))
    answer.close()
    assert points_in_time(engine, filled) == 0


@pytest.fixture
def files(archive: FlaskClient) -> Exports:
    found: Exports = archive.application.extensions[EXTENSION]
    return found


def test_so_many_files_at_once_and_no_more(files: Exports) -> None:
    files = Exports(files.archive, 0, at_once=1)
    with files.open(FORMATS["csv"], SearchRequest(), PLACE), pytest.raises(ExportsBusy):
        files.open(FORMATS["csv"], SearchRequest(), PLACE)
    files.open(FORMATS["csv"], SearchRequest(), PLACE).close()


def test_a_file_that_loses_its_point_in_time_is_an_error_and_not_shorter(files: Exports, engine: Engine) -> None:
    reading = files.archive.reading(SearchRequest(), ["id", "title"])
    dispatches = iter(reading)
    next(dispatches)
    reading.close()
    with pytest.raises(EngineError):
        list(dispatches)


# -- feeds -----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["atom", "rss"])
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    return request.param  # type: ignore[no-any-return]


def feed(client: FlaskClient, kind: str, **parameters: Any) -> Any:
    answer = export(client, kind, **parameters)
    assert answer.status_code == 200, answer.text
    parsed = feedparser.parse(answer.data, response_headers={"content-type": answer.content_type})
    assert not parsed.bozo
    return parsed


def test_a_feed_has_the_newest(archive: FlaskClient, kind: str) -> None:
    entries = feed(archive, kind, q="texte", sort="oldest").entries
    assert [entry.title for entry in entries] == [f"Titre {number}" for number in range(COUNT - 1, COUNT - 51, -1)]
    assert entries[0].link == f"http://localhost/depeches/d{COUNT - 1:06}"
    assert entries[0].id == f"tag:depeches.invalid,2026:depeche/d{COUNT - 1:06}"


@pytest.mark.parametrize("size", [1, 500])
def test_a_feed_has_as_many_as_asked(archive: FlaskClient, kind: str, size: int) -> None:
    assert len(feed(archive, kind, size=size).entries) == size


def test_a_feed_has_no_more_than_its_most(client: FlaskClient, kind: str) -> None:
    assert export(client, kind, size=501).get_json()["code"] == "parametre-invalide"


def test_a_feed_says_what_was_withdrawn(fresh: FlaskClient, engine: Engine, family: Family, kind: str) -> None:
    put(engine, family, [small(COUNT, status="withdrawn"), small(COUNT + 1, status="superseded")])
    titles = [entry.title for entry in feed(fresh, kind, size=2).entries]
    assert titles == [f"[Annulée par l'agence] Titre {COUNT}", f"Titre {COUNT - 1}"]


def test_a_feed_asked_for_a_status_has_that_status(fresh: FlaskClient, engine: Engine, family: Family) -> None:
    put(engine, family, [small(COUNT, status="withdrawn")])
    assert feed(fresh, "atom", status="current", size=1).entries[0].title == f"Titre {COUNT - 1}"


def test_a_feed_knows_its_addresses(client: FlaskClient, kind: str) -> None:
    parsed = feed(client, kind, q="été", size=3)
    (own,) = (link.href for link in parsed.feed.links if link.rel == "self")
    assert own == f"http://localhost/api/v1/export.{kind}?q=%C3%A9t%C3%A9&size=3"
    assert parsed.feed.link == "http://localhost/?q=%C3%A9t%C3%A9"
    assert parsed.feed.title == "Dépêches : été"


def test_a_feed_is_the_same_feed_whatever_the_order_of_its_parameters(client: FlaskClient) -> None:
    one = feedparser.parse(client.get("/api/v1/export.atom?q=onu&actor=ONU").data).feed.id
    other = feedparser.parse(client.get("/api/v1/export.atom?actor=ONU&size=3&q=onu").data).feed.id
    assert one == other != feedparser.parse(client.get("/api/v1/export.atom?q=onu").data).feed.id


def test_a_reader_who_polls_is_told_that_nothing_is_new(
    fresh: FlaskClient, engine: Engine, family: Family, kind: str
) -> None:
    first = export(fresh, kind)
    again = fresh.get(f"/api/v1/export.{kind}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    put(engine, family, [small(COUNT)])
    news = fresh.get(f"/api/v1/export.{kind}", headers={"If-None-Match": first.headers["ETag"]})
    assert news.status_code == 200
    assert feedparser.parse(news.data).entries[0].title == f"Titre {COUNT}"
