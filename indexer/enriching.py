"""Facets of many dispatches on several cores: other processes make them while this one reads, enters and helps.

    read dispatches, in order -> pieces for processes that are idle, single ones for this one -> the same, with facets, in order

Only facets are made elsewhere: they are nine tenths of the work and a function of one dispatch alone. Files, neighbours,
stories and the engine stay in one process, so that nothing of what loading promises depends on how many there are.

A process that dies (out of memory, killed) loses nothing: what it had is made again by the others, and this is said. The
processes end with this one, however it ends: what they read from is closed then. They mind no signal; this one does.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any

from engine.errors import InputRejected
from indexer.facets import Asked, Facets, Made
from indexer.raw import RawDispatch
from mappings.dispatch import Dispatch, Mention, Quote

Read = tuple[RawDispatch, Dispatch | InputRejected]

# A process takes 2 s of a core to begin, as long as 600 dispatches: with fewer than these it would come too late.
FEWEST = 1000
# Dispatches a process is given at once: 50 ms of work, against 3 ms until this one looks up again.
PIECE = 16
# Dispatches on their way for each process, and the bytes all may weigh: memory stays flat whatever comes.
WINDOW = 64
WINDOW_BYTES = 8 * 1024 * 1024
# Seconds a process has to end by itself.
GRACE = 5.0

# A process is begun anew from the program, not forked: this one has threads.
_CONTEXT = multiprocessing.get_context("spawn")
_FAILED = "failed"


@dataclass(slots=True)
class _Slot:
    """A dispatch on its way: `made` once it may go on."""

    item: RawDispatch
    read: Dispatch | InputRejected
    made: Dispatch | InputRejected | None = None


@dataclass(slots=True)
class _Worker:
    """A process and what it works on."""

    process: BaseProcess
    connection: Connection
    idle: bool = False  # until it says that it is ready
    slots: list[_Slot] = field(default_factory=list)


class Enriching:
    """Makes facets for one loader.

    Args:
        processes: how many work in all, this one among them; with 1 all is done here.
        lost: hears, in French, when a process died.
    """

    def __init__(self, facets: Facets, processes: int, lost: Callable[[str], None]) -> None:
        self._facets = facets
        self._most = processes - 1
        self._lost = lost
        self._met = 0
        self._workers: list[_Worker] = []
        self._begun = False

    def enriched(self, read: Iterable[Read]) -> Iterator[Read]:
        """Each dispatch with its facets, in the same order; rejections pass as they are."""
        if self._most < 1:
            for item, dispatch in read:
                yield item, dispatch if isinstance(dispatch, InputRejected) else self._facets.of(dispatch)
            return
        try:
            yield from self._on_many_cores(iter(read))
        finally:
            if any(worker.slots for worker in self._workers):  # the load was broken off
                self.close()

    def close(self) -> None:
        """End the processes; they are begun anew when there is work for them."""
        workers, self._workers, self._met, self._begun = self._workers, [], 0, False
        for worker in workers:
            worker.connection.close()
        for worker in workers:
            worker.process.join(0 if worker.slots else GRACE)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def _on_many_cores(self, source: Iterator[Read]) -> Iterator[Read]:
        window: deque[_Slot] = deque()  # in order, as they will be given
        ahead: deque[_Slot] = deque()  # those of them that nobody works on
        weight, ended = 0, False
        while True:
            taken = 0
            while not ended and taken < PIECE and len(window) < WINDOW * (self._most + 1) and weight < WINDOW_BYTES:
                read = next(source, None)
                if read is None:
                    ended = True
                    break
                slot = _Slot(*read)
                window.append(slot)
                weight += len(slot.item.raw)
                taken += 1
                if isinstance(slot.read, InputRejected):
                    slot.made = slot.read
                else:
                    ahead.append(slot)
                    self._met += 1
            self._begin()
            self._hand_out(ahead, ended)
            self._take_in(ahead, 0)
            while window and (made := window[0].made) is not None:
                weight -= len(window[0].item.raw)
                yield window.popleft().item, made
            if ended and not window:
                return
            if taken < PIECE and window:  # as many are on their way as may be: help
                if ahead:
                    self._make(ahead.popleft())
                else:
                    self._take_in(ahead, None)

    def _make(self, slot: _Slot) -> None:
        assert isinstance(slot.read, Dispatch)
        slot.made = self._facets.of(slot.read)

    def _begin(self) -> None:
        """Begin the processes, once there is work enough for them."""
        if self._begun or self._met < FEWEST:
            return
        self._begun = True
        # What is blocked here while it begins stays blocked there: Ctrl-C and SIGTERM are for this process to mind.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            for _ in range(self._most):
                ours, theirs = _CONTEXT.Pipe()
                process = _CONTEXT.Process(target=work, args=(theirs,), daemon=True)
                try:
                    process.start()
                finally:
                    theirs.close()
                self._workers.append(_Worker(process, ours))
        except OSError as error:
            self._lost(
                f"Un processus de chargement ne peut pas démarrer ({error.strerror}) : les autres font son travail."
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        # Not an argument of the process: of one that dies before it has read its arguments, both ends of their pipe are ours,
        # and what does not fit into it is written for ever.
        authorities = ForkingPickler.dumps(self._facets.authorities)
        for worker in list(self._workers):
            try:
                worker.connection.send_bytes(authorities)
            except OSError:
                self._bury(worker, deque())

    def _hand_out(self, ahead: deque[_Slot], ended: bool) -> None:
        """Give each idle process a piece; towards the end smaller ones, so that all end together."""
        for worker in [each for each in self._workers if each.idle]:
            size = min(PIECE, 1 + len(ahead) // (2 * (self._most + 1))) if ended else PIECE
            worker.slots = [ahead.popleft() for _ in range(min(size, len(ahead)))]
            if not worker.slots:
                return
            worker.idle = False
            try:
                worker.connection.send([Asked.of(slot.read) for slot in worker.slots])  # type: ignore[arg-type]
            except OSError:
                self._bury(worker, ahead)

    def _take_in(self, ahead: deque[_Slot], timeout: float | None) -> None:
        """What the processes have made so far; without a timeout, as soon as one has something to say."""
        by_connection = {worker.connection: worker for worker in self._workers}
        for connection in wait(list(by_connection), timeout) if by_connection else ():
            worker = by_connection[connection]  # type: ignore[index]
            try:
                answer = worker.connection.recv()
            except (EOFError, OSError):
                self._bury(worker, ahead)
                continue
            slots, worker.slots, worker.idle = worker.slots, [], True
            if answer == _FAILED:
                for slot in slots:  # where it went wrong there it goes wrong here, and is told as it always was
                    self._make(slot)
                continue
            for slot, plain in zip(slots, answer, strict=True):
                assert isinstance(slot.read, Dispatch)
                slot.made = _made(plain).on(slot.read)

    def _bury(self, worker: _Worker, ahead: deque[_Slot]) -> None:
        """A process has died: what it had goes to the others."""
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.join(GRACE)
        ahead.extendleft(reversed(worker.slots))
        code = worker.process.exitcode
        how = f"signal {-code}, souvent faute de mémoire" if code and code < 0 else f"code {code}"
        self._lost(
            f"Un processus de chargement s'est arrêté ({how}) : ses {len(worker.slots)} dépêches sont reprises ici, "
            "rien n'est perdu. DEPECHES_LOAD_PROCESSES=1 n'en lance aucun."
        )


# --- the other processes -------------------------------------------------------------------------------------------


def work(connection: Connection) -> None:
    """Make the facets asked for until nobody asks any more, by the authorities it is sent first; says when ready to begin."""
    try:
        facets = Facets(connection.recv())
        connection.send([])
        while True:
            asked: Sequence[Asked] = connection.recv()
            connection.send(_answer(facets, asked))
    except (EOFError, OSError):
        return


def _answer(facets: Facets, asked: Sequence[Asked]) -> list[tuple[Any, ...]] | str:
    try:
        return [_plain(facets.made(each)) for each in asked]
    except Exception:
        return _FAILED


def _plain(made: Made) -> tuple[Any, ...]:
    """As plain values: dataclasses take four times as long to pass on."""
    return (
        *made[:4],
        [(m.label, m.kind, m.paragraph, m.start, m.end, m.surface, m.rule) for m in made.mentions],
        [(q.speaker, q.paragraph, q.start, q.end, q.direct) for q in made.quotes],
    )


def _made(plain: tuple[Any, ...]) -> Made:
    actors, venues, places, topics, mentions, quotes = plain
    said = tuple([Quote(*each) for each in quotes])
    return Made(actors, venues, places, topics, tuple([Mention(*each) for each in mentions]), said)
