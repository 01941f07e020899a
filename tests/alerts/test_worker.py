"""Work that goes on: what fails is said once and tried again, and no work waits for another."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from alerts.worker import keep_on
from engine.errors import DatabaseUnavailable


def worked(work: Callable[[int], bool], times: int) -> list[str]:
    """What was reported while a work was done so often; it is given how often it was before."""
    stop, lines, done = threading.Event(), list[str](), list[int]()

    def counted() -> bool:
        done.append(len(done))
        if len(done) == times:
            stop.set()
        return work(done[-1])

    keep_on({"envois": counted}, stop, lines.append, pause=0.001)
    return lines


def failing(error: Exception, *times: int) -> Callable[[int], bool]:
    def work(time: int) -> bool:
        if time in times:
            raise error
        return False

    return work


def test_what_is_away_is_said_once_and_that_it_is_back() -> None:
    away, back = worked(failing(DatabaseUnavailable("PostgreSQL ne répond pas."), 1, 2, 3), 6)
    assert away.startswith("envois : PostgreSQL ne répond pas.")
    assert back == "envois : de nouveau en marche."


def test_our_own_mistake_does_not_stop_it(capsys: pytest.CaptureFixture[str]) -> None:
    first, _ = worked(failing(ValueError("x"), 0), 3)
    assert "ValueError" in first


def test_nothing_is_said_when_nothing_is_wrong() -> None:
    assert worked(lambda _: True, 5) == []


def test_one_work_does_not_wait_for_another() -> None:
    stop, held = threading.Event(), threading.Event()
    done: list[int] = []

    def slow() -> bool:
        return held.wait()

    def quick() -> bool:
        done.append(1)
        if len(done) == 3:
            stop.set()
            held.set()
        return False

    keep_on({"lent": slow, "vif": quick}, stop, done.append, pause=0.001)  # type: ignore[arg-type]
    assert len(done) >= 3
