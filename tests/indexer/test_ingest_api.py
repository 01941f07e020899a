"""`POST /api/v1/dispatches` on a real server: every item is accounted for, and nothing is lost when the engine goes."""

from __future__ import annotations

import gzip
import io
import json
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from werkzeug.test import TestResponse

import indexer.intake
import indexer.upload
from app import create_app
from cli import SAMPLES
from engine.client import Address, Engine
from engine.config import Settings
from indexer import api
from indexer.build import Builder
from indexer.intake import PATIENCE, Intake
from indexer.upload import MEDIA_TYPES, clean_name
from mappings.dispatch import from_document
from mappings.lifecycle import Family
from tests.here import from_here
from tests.indexer.cutting_proxy import cutting_proxy

URL = "/api/v1/dispatches"
NDJSON = "application/x-ndjson"


def text(number: int) -> str:
    """Texts that begin alike and are no near-duplicates."""
    words = " ".join(f"{number * 31 + place:x}o" for place in range(30))
    return f"PARIS, 8 août 2022 (AFP) - Le ministre a visité l'usine de Roubaix. {words}."


@pytest.fixture
def here(settings: Settings, family: Family, tmp_path: Path) -> Settings:
    return replace(settings, index_prefix=family.prefix, data_dir=tmp_path, host="127.0.0.1")


def opened(settings: Settings, engine: Engine, builder: Builder, patience: float = PATIENCE) -> FlaskClient:
    """The application, its builder made already."""
    app = create_app(settings, engine)
    intake = Intake(engine, Family(settings.index_prefix), settings, builder=builder, patience=patience)
    app.extensions[api.EXTENSION] = intake
    return app.test_client()


@pytest.fixture
def pushing(here: Settings, engine: Engine, builder: Builder) -> FlaskClient:
    """The application on a fresh archive."""
    return opened(here, engine, builder)


def lines(dispatches: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(dispatch, ensure_ascii=False) + "\n" for dispatch in dispatches)


def numbered(count: int) -> str:
    return lines({"id": f"n-{n}", "text": text(n)} for n in range(count))


def push(client: FlaskClient, body: str | bytes, media: str = NDJSON, **headers: str) -> TestResponse:
    return client.post(URL, data=body, content_type=media, headers=headers)


def counts(answer: TestResponse) -> tuple[int, int, int, int]:
    body = answer.get_json()
    return body["read"], body["loaded"], body["unchanged"], len(body["rejected"])


def test_pushed_lines_are_searchable_when_the_answer_comes(pushing: FlaskClient) -> None:
    answer = push(pushing, numbered(3))
    assert (answer.status_code, counts(answer)) == (200, (3, 3, 0, 0))
    found = pushing.get(f"{URL}?q=roubaix").get_json()
    assert found["total"]["value"] == 3


def test_pushing_again_changes_nothing(pushing: FlaskClient) -> None:
    push(pushing, numbered(3))
    again = push(pushing, numbered(4))
    assert (again.status_code, counts(again)) == (200, (4, 1, 3, 0))


def test_every_item_is_accounted_for_by_its_place_and_reason(pushing: FlaskClient) -> None:
    body = numbered(2) + "oups\n\n" + lines([{"title": "Sans texte"}, {"text": "PARIS - Un.", "urgency": "haute"}])
    answer = push(pushing, body)
    assert (answer.status_code, counts(answer)) == (200, (5, 2, 0, 3))
    rejected = answer.get_json()["rejected"]
    assert [(item["file"], item["position"]) for item in rejected] == [("envoi", 3), ("envoi", 4), ("envoi", 5)]
    assert [item["item"] for item in rejected][:1] == ["envoi, n° 3"]
    assert "JSON" in rejected[0]["reason"]
    assert rejected[1]["code"] == "sans-texte"
    assert "urgency" in rejected[2]["reason"]


def test_what_is_rejected_is_told_and_not_kept(pushing: FlaskClient, tmp_path: Path) -> None:
    assert push(pushing, numbered(1) + "oups\n").status_code == 200
    assert list(tmp_path.rglob("*.jsonl")) == []


def test_nothing_taken_is_a_422_with_the_account(pushing: FlaskClient) -> None:
    answer = push(pushing, "oups\n" + lines([{"title": "Sans texte"}]))
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.get_json()["code"] == "tout-rejete"
    assert counts(answer) == (2, 0, 0, 2)


def test_files_of_every_format_in_one_multipart(pushing: FlaskClient) -> None:
    folder = SAMPLES / "formats"
    files = sorted(path for path in folder.iterdir() if path.is_file())
    data = {"file": [(io.BytesIO(path.read_bytes()), path.name) for path in files]}
    answer = pushing.post(URL, data=data)
    body = answer.get_json()
    assert answer.status_code == 200
    assert body["rejected"] == []
    assert body["read"] == body["loaded"] + body["unchanged"] >= len(files)
    again = pushing.post(URL, data={"file": [(io.BytesIO(path.read_bytes()), path.name) for path in files]})
    assert counts(again)[1:] == (0, body["read"], 0)


def test_a_file_of_several_is_named_in_the_account(pushing: FlaskClient) -> None:
    good = io.BytesIO(text(1).encode())
    answer = pushing.post(URL, data={"a": (good, "bon.txt"), "b": (io.BytesIO(b""), "../lots/vide.txt")})
    assert (answer.status_code, counts(answer)) == (200, (2, 1, 0, 1))
    assert answer.get_json()["rejected"][0]["item"] == "lots/vide.txt, n° 1"


BODIES = {
    "text/plain": "depeches/2019-07-06_belga_tour-bruxelles.txt",
    "application/json": "formats/ninjs.json",
    "application/xml": "formats/newsml-g2_message.xml",
    "text/xml": "formats/nitf.xml",
    "application/rss+xml": "formats/rss.xml",
    "application/atom+xml": "formats/atom.xml",
    "text/html": "formats/page.html",
    "text/csv": "formats/tableau.csv",
    "message/rfc822": "formats/courrier.eml",
    "application/mbox": "formats/boite.mbox",
    "application/zip": "formats/archive.zip",
    "application/gzip": "formats/archive.tar.gz",
    NDJSON: "formats/dispatches.jsonl",
}


@pytest.mark.parametrize("media", sorted(MEDIA_TYPES.keys() - {"application/x-tar"}))
def test_one_body_of_each_media_type(pushing: FlaskClient, media: str) -> None:
    answer = push(pushing, (SAMPLES / BODIES[media]).read_bytes(), f"{media}; charset=utf-8")
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["loaded"] >= 1
    assert answer.get_json()["rejected"] == []


def test_a_tar(pushing: FlaskClient) -> None:
    body = gzip.decompress((SAMPLES / "formats/archive.tar.gz").read_bytes())
    assert push(pushing, body, "application/x-tar").get_json()["loaded"] >= 1


@pytest.mark.parametrize("media", [NDJSON, "application/json", "application/xml"])
def test_a_body_that_is_not_what_it_says_is_no_plain_text(pushing: FlaskClient, media: str) -> None:
    answer = push(pushing, text(1), media)
    assert (answer.status_code, counts(answer)) == (422, (1, 0, 0, 1))


def test_a_body_without_a_name_is_of_no_file(pushing: FlaskClient, engine: Engine, family: Family) -> None:
    push(pushing, text(1), "text/plain")
    (hit,) = engine.search({"query": {"match_all": {}}}, index=family.read)["hits"]["hits"]
    dispatch = from_document(hit["_source"])
    assert (dispatch.source.file, dispatch.source.format, dispatch.raw) == (None, "text", text(1).encode())


def test_the_format_can_be_forced(pushing: FlaskClient) -> None:
    answer = pushing.post(f"{URL}?format=text", data=numbered(1), content_type="application/json")
    assert answer.status_code == 200
    wrong = pushing.post(f"{URL}?format=pdf", data=numbered(1), content_type="application/json")
    assert (wrong.status_code, wrong.get_json()["code"]) == (400, "parametre-invalide")


@pytest.mark.parametrize(
    ("media", "body", "status"),
    [
        ("image/png", b"\x89PNG", 415),
        ("", b"x", 415),
        ("application/x-www-form-urlencoded", b"text=x", 415),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=a", b"", 400),
        ("multipart/form-data; boundary=a", b"--a\r\n\r\n", 400),
        ("multipart/form-data; boundary=a", b"--a--\r\n", 400),
        (
            "multipart/form-data; boundary=a",
            b'--a\r\nContent-Disposition: form-data; name="x"\r\n\r\nmot\r\n--a--',
            400,
        ),
        ("multipart/form-data; boundary=a", b'--a\r\nContent-Disposition: form-data; filename="x"\r\n\r\ncoup', 400),
        ("multipart/form-data; boundary=a", b"--a\r\nContent-Disposition: \xff\r\n\r\nx\r\n--a--", 400),
        ("multipart/form-data; boundary=a", b"x" * 3_000_000, 400),
        (NDJSON, b"", 422),
    ],
)
def test_bad_bodies_are_problems(pushing: FlaskClient, media: str, body: bytes, status: int) -> None:
    answer = push(pushing, body, media)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.get_json()["detail"]


def test_the_idempotency_key_comes_back(pushing: FlaskClient) -> None:
    assert push(pushing, numbered(1), **{"Idempotency-Key": "lot-7"}).headers["Idempotency-Key"] == "lot-7"
    assert push(pushing, "", **{"Idempotency-Key": "lot-8"}).headers["Idempotency-Key"] == "lot-8"


def test_the_way_in_is_checked_before_the_body_is_read(pushing: FlaskClient, engine: Engine, family: Family) -> None:
    answer = push(pushing, numbered(1), Origin="https://example.org")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "non-autorise")
    engine.refresh(family.write)
    assert engine.count(family.read) == 0


# -- limits ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def small(here: Settings, engine: Engine, builder: Builder) -> FlaskClient:
    return opened(replace(here, push_max_mb=0.002), engine, builder)


def test_a_body_over_the_limit_is_refused_with_the_limit(small: FlaskClient) -> None:
    answer = push(small, numbered(100))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "trop-gros")
    assert "0.002 Mo" in answer.get_json()["detail"]
    assert push(small, numbered(2)).status_code == 200


def test_a_body_of_unknown_length_is_counted_as_it_comes(small: FlaskClient, engine: Engine, family: Family) -> None:
    body = io.BytesIO(numbered(100).encode())
    answer = small.post(URL, input_stream=body, content_type=NDJSON, environ_overrides={"wsgi.input_terminated": True})
    assert answer.status_code == 413
    engine.refresh(family.write)
    assert engine.count(family.read) == 0


def test_more_items_than_the_limit_are_cut_and_the_account_says_what_went_in(
    pushing: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer.intake, "MOST_ITEMS", 5)
    answer = push(pushing, numbered(7))
    assert (answer.status_code, answer.get_json()["code"], counts(answer)) == (413, "lot-trop-grand", (5, 5, 0, 0))
    assert counts(push(pushing, numbered(5))) == (5, 0, 5, 0)


def test_more_files_than_the_limit_are_refused(pushing: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer.upload, "MOST_FILES", 2)
    files = [(io.BytesIO(text(n).encode()), f"{n}.txt") for n in range(3)]
    answer = pushing.post(URL, data={"file": files})
    assert (answer.status_code, answer.get_json()["code"]) == (413, "trop-gros")


def test_time_is_limited_and_the_account_says_what_went_in(
    pushing: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "LONGEST_SECONDS", 0.0)
    answer = push(pushing, numbered(3))
    assert answer.status_code in (408, 413)  # at once: while it arrives, or before the first is read
    monkeypatch.undo()
    assert push(pushing, numbered(3)).status_code == 200


# -- the engine goes -------------------------------------------------------------------------------------------------


def test_an_engine_that_is_away_is_a_503_that_says_when_to_come_back(here: Settings, builder: Builder) -> None:
    away = opened(here, Engine(Address("http://127.0.0.1:9"), timeout=1), builder, patience=0.0)
    answer = push(away, numbered(1))
    assert (answer.status_code, answer.get_json()["code"]) == (503, "moteur-injoignable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "Rien n'est perdu" in answer.get_json()["detail"]


def test_an_archive_that_is_not_there_is_a_503_and_no_index_is_made_by_chance(
    here: Settings, engine: Engine, builder: Builder
) -> None:
    absent = f"{here.index_prefix}-absent"
    answer = push(opened(replace(here, index_prefix=absent), engine, builder), numbered(1))
    assert (answer.status_code, answer.get_json()["code"]) == (503, "index-absent")
    assert engine.indices(f"{absent}*") == {}


def test_the_engine_goes_midway_then_the_same_batch_is_sent_again(
    here: Settings, engine: Engine, family: Family, builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.load.CHUNK", 100)
    count = 400
    with cutting_proxy(engine.address.url) as proxy:
        client = opened(here, Engine(Address(proxy.url), timeout=10), builder, patience=0.0)
        proxy.cut_at_bulk(4)
        answer = push(client, numbered(count))
        assert (answer.status_code, answer.get_json()["code"]) == (503, "moteur-injoignable")
        engine.refresh(family.write)
        entered = engine.count(family.read)
        assert 0 < entered < count
        proxy.mend()
        again = push(client, numbered(count))
    read, loaded, unchanged, rejected = counts(again)
    assert (again.status_code, read, loaded + unchanged, rejected) == (200, count, count, 0)
    assert unchanged >= entered  # the engine may have ended the request that was cut
    assert engine.count(family.read) == count


def test_many_senders_at_once(pushing: FlaskClient, engine: Engine, family: Family) -> None:
    answers: list[tuple[int, int, int, int]] = []
    app = pushing.application

    def send(own: int) -> None:
        body = numbered(40) + lines({"id": f"{own}-{n}", "text": text(1000 + own * 100 + n)} for n in range(20))
        answers.append(counts(push(app.test_client(), body)))

    threads = [threading.Thread(target=send, args=(own,)) for own in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [(read, rejected) for read, _, _, rejected in answers] == [(60, 0)] * 8
    assert sum(loaded for _, loaded, _, _ in answers) == 40 + 8 * 20
    assert engine.count(family.read) == 40 + 8 * 20


# -- the document ----------------------------------------------------------------------------------------------------


def test_the_answers_keep_the_documents_promises(pushing: FlaskClient) -> None:
    """Bodies made from the document, right and wrong ones: no 5xx, answers of the documented status and shape."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", from_here(pushing.application))

    @given(case=schema[URL]["POST"].as_strategy())
    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def check(case: Any) -> None:
        # Whether a text is a dispatch is for the readers to say, not for the document.
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    check()


@pytest.mark.parametrize(
    ("given_name", "label"),
    [
        ("a.txt", "a.txt"),
        ("..\\lots\\a.txt", "lots/a.txt"),
        ("/etc/../passwd", "etc/passwd"),
        ("", "envoi"),
        ("..", "envoi"),
        ("a\nb\x00.txt", "a?b?.txt"),
        ("\udc80.txt", "?.txt"),
        ("é" * 300, "é" * 255),
    ],
)
def test_file_names_are_labels(given_name: str, label: str) -> None:
    assert clean_name(given_name) == label
