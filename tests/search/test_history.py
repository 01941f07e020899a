"""The history of a dispatch over HTTP, on a real archive: its chain, the differences, the other agencies, the bounds."""

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
from search import history
from search.history import MOST_AFTER, MOST_BEFORE, MOST_OTHERS

START = datetime(2022, 8, 5, 6, 12, tzinfo=UTC)

Put = Callable[..., None]


def dispatch(id: str, **more: Any) -> Dispatch:
    plain = Dispatch(
        id=id,
        story="h",
        body=("Un texte.",),
        title="Titre",
        title_derived=False,
        lead="",
        raw=b"Un texte.",
        raw_encoding="utf-8",
        agency="AFP",
        published=START,
        date_precision="minute",
        date_basis="stated",
    )
    return replace(plain, **more)


@pytest.fixture
def put(engine: Engine, family: Family) -> Put:
    def each(*dispatches: Dispatch) -> None:
        actions = (
            {"_op_type": "index", "_index": family.write, "_id": d.id, "_source": to_document(d)} for d in dispatches
        )
        assert all(outcome.done for outcome in engine.bulk(actions, chunk_size=2000))
        engine.refresh(family.write)

    return each


@pytest.fixture
def client(settings: Settings, engine: Engine, family: Family) -> FlaskClient:
    return create_app(replace(settings, index_prefix=family.prefix), engine).test_client()


def versions(client: FlaskClient, id: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/dispatches/{id}/versions")
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert isinstance(body, dict)
    return body


def chain() -> list[Dispatch]:
    """An urgent, its paper, its correction."""
    return [
        dispatch("a", version=1, status="superseded", title="Wang à Phnom Penh", body=("Wang Yi est à Phnom Penh.",)),
        dispatch(
            "b",
            version=2,
            status="corrected",
            title="Wang et Lavrov à Phnom Penh",
            body=("Wang Yi est à Phnom Penh.", "Il a vu M. Lavrov vendredi matin.", "M. Blinken est absent."),
            published=START + timedelta(hours=1),
        ),
        dispatch(
            "c",
            version=3,
            title="Wang et Lavrov à Phnom Penh",
            body=("M. Blinken est absent.", "Wang Yi est à Phnom Penh.", "Il a vu M. Lavrov samedi matin."),
            published=START + timedelta(hours=2),
        ),
    ]


def test_the_chain_is_told_oldest_first_with_what_changed(client: FlaskClient, put: Put) -> None:
    put(*chain())
    answer = versions(client, "b")
    assert (answer["id"], answer["story"], answer["in_force"]) == ("b", "h", "c")
    told = answer["versions"]
    assert [(v["id"], v["version"], v["status"], v["current"]) for v in told] == [
        ("a", 1, "superseded", False),
        ("b", 2, "corrected", True),
        ("c", 3, "current", False),
    ]
    assert told[0]["changes"] is None
    assert told[0]["published"] == "2022-08-05T06:12:00.000Z"
    assert told[0]["links"] == {"self": "/api/v1/dispatches/a", "html": "/depeches/a"}
    assert [(c["op"], c["before"], c["after"]) for c in told[1]["changes"]] == [
        ("equal", ["Wang Yi est à Phnom Penh."], ["Wang Yi est à Phnom Penh."]),
        ("insert", [], ["Il a vu M. Lavrov vendredi matin.", "M. Blinken est absent."]),
    ]
    assert told[1]["title_words"] == [
        {"op": "equal", "text": "Wang "},
        {"op": "insert", "text": "et Lavrov "},
        {"op": "equal", "text": "à Phnom Penh"},
    ]
    assert [(c["op"], c["moved"]) for c in told[2]["changes"]] == [
        ("insert", True),
        ("equal", False),
        ("replace", False),
        ("delete", True),
    ]
    assert told[2]["changes"][2]["words"] == [
        {"op": "equal", "text": "Il a vu M. Lavrov "},
        {"op": "delete", "text": "vendredi "},
        {"op": "insert", "text": "samedi "},
        {"op": "equal", "text": "matin."},
    ]
    assert told[2]["title_words"] is None
    assert answer["left_out"] == {"earlier": 0, "later": 0, "others": 0}


def test_others_are_of_the_story_and_of_other_agencies(client: FlaskClient, put: Put) -> None:
    put(
        *chain(),
        dispatch("x1", agency="Xinhua", version=1, status="superseded"),
        dispatch("x2", agency="Xinhua", version=2, published=START + timedelta(hours=3)),
        dispatch("r1", agency="Reuters", status="withdrawn", published=START + timedelta(hours=4)),
        dispatch("n1", agency=None, published=None, date_precision="unknown"),
        dispatch("z", agency="Xinhua", story="autre"),
    )
    assert [(o["id"], o["status"]) for o in versions(client, "c")["others"]] == [
        ("r1", "withdrawn"),
        ("x2", "current"),
        ("n1", "current"),
    ]


def test_dispatches_of_no_agency_are_a_chain(client: FlaskClient, put: Put) -> None:
    put(*chain(), dispatch("n1", agency=None, version=1, status="superseded"), dispatch("n2", agency=None, version=2))
    answer = versions(client, "n1")
    assert [version["id"] for version in answer["versions"]] == ["n1", "n2"]
    assert [other["id"] for other in answer["others"]] == ["c", "b"]


def test_when_all_was_withdrawn_nothing_is_in_force(client: FlaskClient, put: Put) -> None:
    put(dispatch("a", status="withdrawn"))
    assert versions(client, "a")["in_force"] is None


def test_a_dispatch_alone_is_its_only_version(client: FlaskClient, put: Put) -> None:
    put(dispatch("a"))
    answer = versions(client, "a")
    assert [version["id"] for version in answer["versions"]] == ["a"]
    assert answer["others"] == []


@pytest.mark.parametrize(
    ("asked", "listed", "earlier", "later"),
    [
        (0, range(MOST_AFTER + 1), 0, 9_000 - 1 - MOST_AFTER),
        (100, range(100 - MOST_BEFORE, 101 + MOST_AFTER), 100 - MOST_BEFORE, 9_000 - 101 - MOST_AFTER),
        (8_999, range(8_999 - MOST_BEFORE, 9_000), 8_999 - MOST_BEFORE, 0),
    ],
)
def test_a_story_of_ten_thousand_says_what_is_left_out(
    client: FlaskClient, put: Put, asked: int, listed: range, earlier: int, later: int
) -> None:
    put(
        # All of one version, as before a story is settled: ids tell them apart.
        *(dispatch(f"v{n:04}", status="superseded" if n < 8_999 else "current") for n in range(9_000)),
        *(dispatch(f"x{n:04}", agency="Xinhua") for n in range(1_000)),
    )
    answer = versions(client, f"v{asked:04}")
    assert [version["id"] for version in answer["versions"]] == [f"v{n:04}" for n in listed]
    assert [v["id"] for v in answer["versions"] if v["current"]] == [f"v{asked:04}"]
    assert answer["versions"][0]["changes"] == (
        None
        if asked == 0
        else [
            {
                "op": "equal",
                "before": ["Un texte."],
                "after": ["Un texte."],
                "words": [],
                "moved": False,
            }
        ]
    )
    assert answer["in_force"] == "v8999"
    assert len(answer["others"]) == MOST_OTHERS
    assert answer["left_out"] == {"earlier": earlier, "later": later, "others": 1_000 - MOST_OTHERS}


def test_texts_too_long_together_are_not_compared(
    client: FlaskClient, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_COMPARED", 120)
    put(*chain())
    told = versions(client, "a")["versions"]
    assert [(v["too_long"], v["changes"] is None) for v in told] == [(False, True), (False, False), (True, True)]


def test_an_unknown_dispatch(client: FlaskClient) -> None:
    for part in ("versions", "raw"):
        answer = client.get(f"/api/v1/dispatches/inconnue/{part}")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "depeche-introuvable")


# -- bytes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "encoding", "kind", "way"),
    [
        ("Né à Pékin\r\n".encode(), "utf-8", "text/plain; charset=utf-8", "inline"),
        ("Né à Pékin …".encode("cp1252"), "cp1252", "text/plain; charset=windows-1252", "inline"),
        ("Né".encode("mac-roman"), "mac-roman", "text/plain; charset=macintosh", "inline"),
        ("Né".encode("utf-16-le"), "utf-16-le", "text/plain; charset=utf-16-le", "inline"),
        (b"<script>alert(1)</script>", "utf-8", "text/plain; charset=utf-8", "inline"),
        (b"\xff\xfe\x00 N\xe9", "utf-8", "application/octet-stream", "attachment"),
        (b"texte", "inconnu", "application/octet-stream", "attachment"),
        (b"", "utf-8", "text/plain; charset=utf-8", "inline"),
    ],
)  # fmt: skip
def test_what_was_received_comes_back_byte_for_byte(
    client: FlaskClient, put: Put, raw: bytes, encoding: str, kind: str, way: str
) -> None:
    put(dispatch('a"b é', raw=raw, raw_encoding=encoding))
    answer = client.get('/api/v1/dispatches/a"b é/raw')
    assert answer.status_code == 200
    assert answer.data == raw
    assert answer.content_type == kind
    assert answer.headers["Content-Disposition"].startswith(f'{way}; filename="a_b__')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
