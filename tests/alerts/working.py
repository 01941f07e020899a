"""What loads, matches and delivers in a process of its own, to be killed: made once, before the first is forked.

Each does what `depeches load` and `depeches alerts` do, with less patience, so that a test need not wait for hours.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from alerts.deliver import Deliverer
from alerts.match import Matcher
from alerts.worker import Work, keep_on
from authorities.loader import load_authorities
from engine.client import Address, Engine
from engine.config import Settings
from engine.database import Database
from indexer.ingest import Ingest
from mappings.dispatch import Dispatch
from mappings.lifecycle import Family
from search.service import Archive

AUTHORITIES = load_authorities()
TIMEZONE = "Europe/Paris"

# Of a message whose receiver fails half the time: sixty attempts at once rather than ten in three days.
DELAYS = (0.02,) * 60


def load(url: str, prefix: str, lock: Path, dispatches: Sequence[Dispatch], seed: float) -> None:
    """Enter them in random batches, as a feed brings them; what is there already is left as it is."""
    chance = random.Random(seed)
    ingest = Ingest(Engine(Address(url), timeout=30), Family(prefix), lock)
    left = list(dispatches)
    while left:
        size = chance.randint(1, 50)
        ingest.enter(left[:size])
        left = left[size:]


def match(url: str, index: str, database_url: str, seed: float) -> None:
    chance = random.Random(seed)
    engine, database = Engine(Address(url), timeout=30), Database(database_url)
    archive = Archive(engine, index, AUTHORITIES, TIMEZONE)
    matcher = Matcher(engine, archive, database, window=chance.randint(5, 200), named=chance.randint(20, 500))
    _for_ever(lambda: matcher.once().dispatches > 0)


def deliver(url: str, index: str, database_url: str, settings: Settings) -> None:
    engine, database = Engine(Address(url), timeout=30), Database(database_url)
    lease = timedelta(seconds=3)
    deliverer = Deliverer(engine, index, database, settings, timeout=0.5, rest=0.1, lease=lease, delays=DELAYS)
    _for_ever(lambda: deliverer.step(0.1)[1])


def _for_ever(work: Work) -> None:
    keep_on({"travail": work}, threading.Event(), lambda line: None, pause=0.05)
