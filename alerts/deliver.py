"""What waits in the outbox goes out: several receivers at a time, each one message after the other.

    outbox -> claims -> a queue a receiver -> a thread that sends -> outcome -> outbox

One receiver has one message in flight, so that one that hangs keeps one thread and no other receiver waiting. One that does
not answer is left alone for a while, and what was in hand for it is given back untried. Only the thread that calls
`step` speaks to the database. Letters are handed over one after the other in one conversation, as many as are in hand.
"""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy.orm import Session

from alerts import mail, outbox, signing, webhook
from alerts.links import Links
from alerts.models import ChannelType
from alerts.outbox import BATCH, LEASE, Claim
from alerts.outcome import Outcome
from alerts.parcel import FIELDS, Parcel
from alerts.place import place_of
from alerts.schedule import DELAYS
from engine.client import Engine
from engine.config import Settings
from engine.database import Database

log = structlog.get_logger()

# Receivers at a time. A thread only waits for the network: sixteen that hang at once are needed to hold up the others.
THREADS = 16

# With so many messages in hand for a receiver, no more are taken for it: what it is slow to take fills no batch.
IN_HAND = 8

# Seconds a receiver that did not answer is left alone, so that its timeouts take a sixth of a thread.
REST = 60.0

# Seconds before the end of a claim when nothing new is begun on it: the longest a message takes to send.
MARGIN = 60.0

# The one receiver of all mail, and letters of one conversation with it: some servers take twenty, many a hundred.
MAIL = "smtp"
LETTERS = 50


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the messages that were sent or tried."""

    done: int = 0
    retry: int = 0
    dead: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.done + other.done, self.retry + other.retry, self.dead + other.dead)

    def __bool__(self) -> bool:
        return bool(self.done or self.retry or self.dead)


@dataclass(slots=True)
class _Receiver:
    """One receiver: what is in hand for it. `until`: left alone until then (monotonic seconds)."""

    waiting: deque[tuple[Parcel, float]] = field(default_factory=deque)
    flying: int = 0
    until: float = 0.0
    targets: set[str] = field(default_factory=set)

    @property
    def in_hand(self) -> int:
        return len(self.waiting) + self.flying


class Deliverer:
    """Delivers what is due. `step` and `close` of one thread; several deliverers may run, in one process or many.

    Args:
        timeout: seconds for a call to a webhook. rest: seconds who does not answer is left alone.
        lease: how long a message stays ours when we die. delays: seconds from each attempt to the next.
        letters: how many are handed over in one conversation.
    """

    def __init__(
        self,
        engine: Engine,
        index: str,
        database: Database,
        settings: Settings,
        *,
        threads: int = THREADS,
        timeout: float = webhook.TIMEOUT,
        rest: float = REST,
        lease: timedelta = LEASE,
        delays: Sequence[float] = DELAYS,
        letters: int = LETTERS,
    ) -> None:
        self.worker = f"{socket.gethostname()[:100]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._engine, self._index, self._database, self._settings = engine, index, database, settings
        self._place = place_of(settings)
        self._links: Links | None = None
        self._timeout, self._rest, self._lease, self._delays = timeout, rest, lease, tuple(delays)
        self._letters = letters
        self.stopping = threading.Event()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="send")
        self._receivers: dict[str, _Receiver] = {}
        # None: what was not tried.
        self._outcomes: queue.SimpleQueue[tuple[str, Parcel, Outcome | None]] = queue.SimpleQueue()
        # Answers and claims that the database has not heard of yet: it may be away when they come.
        self._answered: list[tuple[Claim, Outcome, str]] = []
        self._untried: list[Claim] = []
        self._empty: list[Claim] = []

    def once(self) -> Tally:
        """Send all that is due, those left alone apart.

        Raises:
            EngineError, DatabaseError: one is away; what was in hand is kept, and given back by `close`.
        """
        total = Tally()
        while True:
            tally, busy = self.step(0.2)
            total += tally
            if not busy:
                return total

    def step(self, wait: float) -> tuple[Tally, bool]:
        """Take what is due, begin to send, and settle what was answered.

        Args:
            wait: seconds to wait for an answer when messages are in flight.

        Returns:
            what was settled, and whether there may be more to do at once.

        Raises:
            EngineError, DatabaseError.
        """
        # First what was answered: the claim may have ended while the database was away, and would be taken once more.
        self._collect(0.0)
        tally = self._settle()
        taken = self._take()
        self._start()
        flying = any(each.flying for each in self._receivers.values())
        self._collect(wait if flying else 0.0)
        self._start()
        tally += self._settle()
        return tally, bool(taken) or any(each.in_hand for each in self._receivers.values())

    def close(self) -> Tally:
        """Let what is in flight end, and give back the rest."""
        self.stopping.set()
        for receiver in self._receivers.values():
            self._give_back(receiver)
        self._threads.shutdown(wait=True)
        self._collect(0.0)
        return self._settle()

    # -- from the outbox ---------------------------------------------------------------------------------------

    def _take(self) -> int:
        """How many messages came into our hands. What they tell is read before anything is sent."""
        types: list[ChannelType] = ["webhook"]
        if mail.configured(self._settings) and not self._full(MAIL):
            self._links = self._links or Links(self._place, signing.key(self._database))
            types.append("email")
        left = [target for name, each in self._receivers.items() if self._full(name) for target in each.targets]
        with self._database.writing() as session:
            now = self._database.now(session)
            # A mail's target says nothing of its receiver: all go to one server.
            claims = outbox.claim(
                session,
                self.worker,
                now,
                limit=BATCH,
                lease=self._lease,
                types=types,
                but=left,
                most=len(self._delays) + 1,
            )
        if not claims:
            return 0
        lease = self._lease.total_seconds()
        end = time.monotonic() + lease - min(MARGIN, lease / 2)
        try:
            parcels = self._parcels(claims)
        except BaseException:
            self._untried += claims
            self._settle_quietly()
            raise
        for parcel in parcels:
            self._queue(parcel, end)
        return len(claims)

    def _parcels(self, claims: list[Claim]) -> list[Parcel]:
        with self._database.reading() as session:
            contents = outbox.contents(session, claims)
        ids = sorted({part.hit.dispatch for parts in contents.values() for part in parts})
        sources: dict[str, Mapping[str, Any]] = {}
        for first in range(0, len(ids), 500):
            sources |= self._engine.get_many(self._index, ids[first : first + 500], source=FIELDS)
        # A message whose every channel was closed meanwhile has nothing left to tell anybody.
        self._empty += [each for each in claims if each.id not in contents]
        found = [Parcel(each, tuple(contents[each.id]), sources) for each in claims if each.id in contents]
        return sorted(found, key=lambda parcel: parcel.parts[0].hit.id)

    def _queue(self, parcel: Parcel, end: float) -> None:
        name = _receiver_of(parcel.claim)
        receiver = self._receivers.setdefault(name, _Receiver())
        if name != MAIL:
            receiver.targets.add(parcel.claim.target)
        receiver.waiting.append((parcel, end))

    def _full(self, name: str) -> bool:
        """Whether nothing more is to be taken for a receiver now."""
        receiver = self._receivers.get(name)
        return receiver is not None and (receiver.in_hand >= IN_HAND or receiver.until > time.monotonic())

    # -- out ---------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        now = time.monotonic()
        for name, receiver in list(self._receivers.items()):
            if receiver.until > now:
                self._give_back(receiver)
            while receiver.waiting and not receiver.flying:
                if name == MAIL:
                    receiver.flying = min(len(receiver.waiting), self._letters)
                    letters = [receiver.waiting.popleft() for _ in range(receiver.flying)]
                    self._threads.submit(self._send_letters, letters)
                    continue
                parcel, end = receiver.waiting.popleft()
                if end < now:
                    self._untried.append(parcel.claim)
                    continue
                receiver.flying = 1
                self._threads.submit(self._send, name, parcel)
            if not receiver.in_hand and receiver.until <= now:
                del self._receivers[name]

    def _send(self, name: str, parcel: Parcel) -> None:
        """In a thread of its own. Whatever happens, an outcome comes back."""
        outcome = _outcome_of(parcel, lambda: webhook.send(parcel, self._place, self._settings, timeout=self._timeout))
        self._outcomes.put((name, parcel, outcome))

    def _send_letters(self, letters: Sequence[tuple[Parcel, float]]) -> None:
        """In one conversation, in a thread of its own; of each letter an outcome comes back, or that it was not tried."""
        assert self._links
        conversation, away = mail.Conversation(self._links, self._settings), False
        for parcel, end in letters:
            outcome = None
            if not (away or self.stopping.is_set() or end < time.monotonic()):
                outcome = _outcome_of(parcel, partial(conversation.send, parcel))
                away = outcome.away
            if parcel is letters[-1][0]:
                conversation.close()
            self._outcomes.put((MAIL, parcel, outcome))

    def _give_back(self, receiver: _Receiver) -> None:
        self._untried += [parcel.claim for parcel, _ in receiver.waiting]
        receiver.waiting.clear()

    # -- back into the outbox ----------------------------------------------------------------------------------

    def _collect(self, wait: float) -> None:
        """The outcomes that are there; waits for the first."""
        while True:
            try:
                name, parcel, outcome = self._outcomes.get(timeout=wait) if wait else self._outcomes.get_nowait()
            except queue.Empty:
                return
            wait = 0.0
            receiver = self._receivers[name]
            receiver.flying -= 1
            if outcome is None:
                self._untried.append(parcel.claim)
                continue
            if outcome.away:
                receiver.until = time.monotonic() + self._rest
            if outcome.then == "disable":
                self._give_back(receiver)  # what of it was for the same channel is given up when this is settled
            self._answered.append((parcel.claim, outcome, parcel.parts[0].channel.id))

    def _settle(self) -> Tally:
        """Write what is known; kept for the next time when the database is away."""
        if not (self._answered or self._untried or self._empty):
            return Tally()
        with self._database.writing() as session:
            now = self._database.now(session)
            outbox.release(session, self._untried, now)
            outbox.finish(session, [*self._empty, *_done(self._answered)], now)
            states = Counter(
                self._not_done(session, claim, outcome, channel, now)
                for claim, outcome, channel in self._answered
                if outcome.then != "done"
            )
        tally = Tally(len(_done(self._answered)), states["pending"], states["dead"])
        self._answered, self._untried, self._empty = [], [], []
        return tally

    def _not_done(self, session: Session, claim: Claim, outcome: Outcome, channel: str, now: datetime) -> str | None:
        if outcome.then == "retry":
            return outbox.fail(session, claim, outcome.why, now, retry_after=outcome.after, delays=self._delays)
        if outcome.then == "disable":
            outbox.disable(session, channel, outcome.why, now)
        return outbox.bury(session, claim, outcome.why, now)

    def _settle_quietly(self) -> None:
        """As `_settle`, while another error is on its way: a claim not given back ends by itself."""
        try:
            self._settle()
        except Exception as error:
            log.warning("envois non rendus", cause=str(error))


def _outcome_of(parcel: Parcel, send: Callable[[], Outcome]) -> Outcome:
    try:
        return send()
    except Exception as error:
        log.exception("envoi", delivery=parcel.claim.id)
        return Outcome("retry", f"Erreur de l'archive ({type(error).__name__}) ; voyez son journal.")


def _done(answered: Iterable[tuple[Claim, Outcome, str]]) -> list[Claim]:
    return [claim for claim, outcome, _ in answered if outcome.then == "done"]


def _receiver_of(claim: Claim) -> str:
    """Who gets it: the server of a webhook; for all mail, ours."""
    return MAIL if claim.type == "email" else urlsplit(claim.target).netloc.lower()
