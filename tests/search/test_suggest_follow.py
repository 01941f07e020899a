"""Following an archive, in a real Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from authorities.model import Authorities
from engine.client import Engine
from engine.config import Settings
from mappings.dispatch import Dispatch
from mappings.lifecycle import Family
from search import suggest_api, suggest_follow
from search.suggest import SAVED_EXTENSION, Saved, suggest
from search.suggest_aliases import Aliases
from search.suggest_follow import Follower
from search.suggest_kept import Kept
from tests.search.writing import put
from tests.test_kills import wait_for

BASE = Dispatch(
    "", ("Un évènement rarissime.",), "Titre", False, "", b"", "utf-8", actors=("Wang Yi",), agency="AFP",
    venues=("Asie du Sud-Est > Cambodge",),
)  # fmt: skip


def some(count: int, first: int = 1, **changes: object) -> list[Dispatch]:
    return [
        replace(BASE, id=f"d{number}", ingest_seq=number, **changes)  # type: ignore[arg-type]
        for number in range(first, first + count)
    ]


@pytest.fixture
def follower(engine: Engine, family: Family, authorities: Authorities) -> Follower:
    return Follower(engine, family.read, Aliases(authorities).of)


def found(follower: Follower, q: str) -> dict[str, int | None]:
    return {f"{each.kind} {each.text}": each.count for each in suggest(q, follower.snapshot, 20)}


def test_values_and_words_are_counted_as_a_search_shows_them(
    engine: Engine, family: Family, follower: Follower
) -> None:
    put(engine, family, [*some(3), *some(2, first=4, status="superseded")])
    follower.refresh()
    assert found(follower, "wang") == {"actor Wang Yi": 3}
    assert found(follower, "even") == {"word évènement": 3}
    assert found(follower, "camb") == {"venue Cambodge": 3}
    assert found(follower, "agence:a") == {"agency AFP": 3}


def test_what_comes_is_taken_in(engine: Engine, family: Family, follower: Follower) -> None:
    put(engine, family, some(3))
    follower.refresh()
    put(engine, family, some(1, first=4, actors=("Wang Wei",), body=("Un EVENEMENT rarissime, un wagon.",)))
    follower.refresh()
    assert found(follower, "wa") == {"actor Wang Yi": 3, "actor Wang Wei": 1, "word wagon": 1}
    assert found(follower, "even") == {"word évènement": 4}
    put(engine, family, some(1, first=5))
    follower.refresh()
    assert found(follower, "wang") == {"actor Wang Yi": 4, "actor Wang Wei": 1}


def test_a_bulk_load_is_counted_anew(
    engine: Engine, family: Family, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggest_follow, "MOST_RECENT", 5)
    monkeypatch.setattr(suggest_follow, "COUNT_AGAIN_TIMES", 0)
    put(engine, family, some(3))
    follower.refresh()
    put(engine, family, some(10, first=4))
    follower.refresh()
    assert follower.snapshot.recent.shelves == {}
    assert found(follower, "wang") == {"actor Wang Yi": 13}


def test_what_was_replaced_is_no_longer_counted_in_the_end(
    engine: Engine, family: Family, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, family, some(3))
    follower.refresh()
    put(engine, family, [*some(1, status="superseded"), *some(1, first=4)])
    follower.refresh()
    assert found(follower, "wang") == {"actor Wang Yi": 4}
    monkeypatch.setattr(suggest_follow, "COUNT_AGAIN_AFTER", 0)
    monkeypatch.setattr(suggest_follow, "COUNT_AGAIN_TIMES", 0)
    follower.refresh()
    assert found(follower, "wang") == {"actor Wang Yi": 3}


def test_in_a_large_archive_words_are_counted_in_a_sample(
    engine: Engine, family: Family, authorities: Authorities
) -> None:
    put(engine, family, some(40))
    follower = Follower(engine, family.read, Aliases(authorities).of, sample=10)
    follower.refresh()
    (word,) = suggest("even", follower.snapshot)
    assert word.exact is False
    assert word.count == 40
    assert found(follower, "wang") == {"actor Wang Yi": 40}


def test_without_an_archive_nothing_is_proposed_and_nothing_breaks(
    engine: Engine, authorities: Authorities, settings: Settings
) -> None:
    client = create_app(replace(settings, index_prefix="nulle-part"), engine).test_client()
    answer = client.get("/api/v1/suggest?q=lavr")
    assert (answer.status_code, answer.get_json()) == (200, {"q": "lavr", "suggestions": []})


def test_it_ends_with_its_engine_and_says_nothing_of_it(
    engine: Engine,
    family: Family,
    authorities: Authorities,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for pause in ("LOOK_EVERY", "LOOK_SOON"):
        monkeypatch.setattr(suggest_follow, pause, 0.01)
    own = Engine(engine.address)
    follower = Follower(own, family.read, Aliases(authorities).of)
    follower.wake()
    wait_for(lambda: follower._base is not None)
    own.close()
    wait_for(lambda: not (follower._thread and follower._thread.is_alive()))
    assert capsys.readouterr().out == ""


# -- over HTTP, on the samples -----------------------------------------------------------------------


@pytest.fixture
def ready(client: FlaskClient) -> FlaskClient:
    follower: Follower = client.application.extensions[suggest_api.EXTENSION]
    follower.refresh()
    return client


def test_the_answer(ready: FlaskClient) -> None:
    answer = ready.get("/api/v1/suggest", query_string={"q": "lavrov phnom p", "size": 1})
    (suggestion,) = answer.get_json()["suggestions"]
    count = ready.get("/api/v1/dispatches?venue=Phnom+Penh&size=1").get_json()["total"]["value"]
    assert suggestion == {
        "kind": "venue",
        "text": "Phnom Penh",
        "label": "Phnom Penh (Cambodge)",
        "count": count,
        "exact": True,
        "q": "lavrov",
        "params": {"venue": ["Asie du Sud-Est > Cambodge > Phnom Penh"]},
        "spelled": 'lavrov lieu:"Phnom Penh"',
    }
    assert answer.headers["Cache-Control"] == "private, max-age=30"
    assert {"Authorization", "Cookie"} <= set(answer.vary)


def test_a_suggestion_leads_where_it_says(ready: FlaskClient) -> None:
    for q in ("nations un", "lavr", "phnom", "minist"):
        for each in ready.get("/api/v1/suggest", query_string={"q": q}).get_json()["suggestions"]:
            asked = {"q": each["q"], "size": 1, **each["params"]}
            total = ready.get("/api/v1/dispatches", query_string=asked).get_json()["total"]["value"]
            spelled = ready.get("/api/v1/dispatches", query_string={"q": each["spelled"], "size": 1}).get_json()
            assert total == spelled["total"]["value"]
            if each["params"] and not each["q"]:
                assert total == each["count"]
            elif each["q"] == each["text"]:  # a word finds its other forms too
                assert total >= each["count"]


@pytest.mark.parametrize(("params", "said"), [("q=" + "a" * 1001, "1000"), ("size=21", "20"), ("query=a", "q")])
def test_a_wrong_request_says_what_to_do(client: FlaskClient, params: str, said: str) -> None:
    answer = client.get(f"/api/v1/suggest?{params}")
    assert answer.status_code == 400
    assert said in answer.get_json()["detail"]


def test_saved_searches_come_from_whoever_keeps_them(ready: FlaskClient) -> None:
    ready.application.extensions[SAVED_EXTENSION] = lambda: [Saved("Zones grises", {"q": ["zone grise"]}, 2)]
    try:
        found = ready.get("/api/v1/suggest?q=zones+gr").get_json()["suggestions"]
    finally:
        del ready.application.extensions[SAVED_EXTENSION]
    (saved,) = (each for each in found if each["kind"] == "saved")
    assert (saved["label"], saved["q"], saved["count"]) == ("Zones grises", "zone grise", 2)


# -- processes that share what one of them counted ---------------------------------------------------


Starting = Callable[[], Follower]


@pytest.fixture
def starting(engine: Engine, family: Family, authorities: Authorities, tmp_path: Path) -> Starting:
    """Another process of the machine starts to serve the archive."""
    path = tmp_path / "suggest" / "archive.jsonl"
    return lambda: Follower(engine, family.read, Aliases(authorities).of, Kept(path))


def never_counting(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> Follower:
    monkeypatch.setattr(follower, "_count", lambda pause: pytest.fail("counted again"))
    return follower


def test_a_process_that_starts_knows_what_another_counted_and_what_came_since(
    engine: Engine, family: Family, starting: Starting, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, family, some(3))
    first = starting()
    first.refresh()
    put(engine, family, some(1, first=4, actors=("Wang Wei",), body=("Un EVENEMENT rarissime, un wagon.",)))
    later = never_counting(starting(), monkeypatch)
    later.refresh()
    assert found(later, "wa") == {"actor Wang Yi": 3, "actor Wang Wei": 1, "word wagon": 1}
    assert found(later, "even") == {"word évènement": 4}
    first.refresh()
    for typed in ("wa", "even", "camb", "agence:a"):
        assert suggest(typed, later.snapshot) == suggest(typed, first.snapshot)


def test_of_two_processes_one_counts_and_the_other_has_the_names_meanwhile(
    engine: Engine, family: Family, starting: Starting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggest_follow, "PAGE", 2)
    put(engine, family, some(3))
    first, second = starting(), never_counting(starting(), monkeypatch)
    first.refresh(pause=lambda seconds: second.refresh())
    assert found(second, "wang") == {"actor Wang Yi": 3}
    assert found(second, "even") == {}
    second.refresh()
    assert found(second, "even") == {"word évènement": 3}


def test_what_is_due_is_counted_by_one_and_taken_over_by_the_other(
    engine: Engine, family: Family, starting: Starting, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, family, some(3))
    first, second = starting(), starting()
    first.refresh()
    second.refresh()
    put(engine, family, [*some(1, status="superseded"), *some(1, first=4)])
    monkeypatch.setattr(suggest_follow, "COUNT_AGAIN_AFTER", 0)
    monkeypatch.setattr(suggest_follow, "COUNT_AGAIN_TIMES", 0)
    first.refresh()
    never_counting(second, monkeypatch).refresh()
    assert found(second, "wang") == found(first, "wang") == {"actor Wang Yi": 3}


@pytest.mark.parametrize("harm", ["cut", "another program", "not a file of ours", "no access", "older archive"])
def test_what_cannot_be_taken_over_is_counted(
    engine: Engine, family: Family, authorities: Authorities, starting: Starting, tmp_path: Path, harm: str
) -> None:
    put(engine, family, some(3))
    starting().refresh()
    file = tmp_path / "suggest" / "archive.jsonl"
    follower = starting()
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-20])
    elif harm == "another program":
        follower = Follower(engine, family.read, Aliases(authorities).of, Kept(file), edition=lambda: "another")
    elif harm == "not a file of ours":
        file.write_text('["a"]\n')
    elif harm == "no access":
        file.unlink()
        file.parent.rename(tmp_path / "elsewhere")
        file.parent.write_text("a file where the folder should be")
    else:  # its dispatches were deleted, and their ranks are given anew
        file.write_text(file.read_text().replace('"last": 3', '"last": 300'))
    follower.refresh()
    assert found(follower, "wang") == {"actor Wang Yi": 3}
    assert found(follower, "even") == {"word évènement": 3}


def test_what_is_kept_is_for_the_service_alone(
    engine: Engine, family: Family, starting: Starting, tmp_path: Path
) -> None:
    put(engine, family, some(1))
    starting().refresh()
    assert [file.stat().st_mode & 0o077 for file in (tmp_path / "suggest").iterdir()] == [0, 0]
