"""What was looked up is known for a while: under load, a look-up after every search waits its turn behind other searches."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by key, each for so many seconds from when it was looked up; at most so many, the oldest forgotten first.

    Safe to share between threads: two that miss the same key at once look it up twice.
    """

    def __init__(self, seconds: float, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._most, self._now = seconds, most, now
        self._held: dict[K, tuple[float, V]] = {}

    def get(self, keys: Iterable[K], look_up: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of these keys; `look_up` is asked for all those not known, at once, or not at all.

        A key that `look_up` leaves out is left out here, and asked for again next time.
        """
        now = self._now()
        found: dict[K, V] = {}
        missing: list[K] = []
        for key in dict.fromkeys(keys):
            held = self._held.get(key)
            if held and now - held[0] < self._seconds:
                found[key] = held[1]
            else:
                missing.append(key)
        if missing:
            for key, value in look_up(missing).items():
                self._held.pop(key, None)  # to the end of the line
                self._held[key] = now, value
                found[key] = value
            self._forget()
        return found

    def _forget(self) -> None:
        while len(self._held) > self._most:
            try:
                self._held.pop(next(iter(self._held)), None)
            except (StopIteration, RuntimeError):  # another thread is at it
                return
