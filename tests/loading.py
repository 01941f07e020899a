"""A loader in a process of its own, to be killed: what it needs is made once, before the first is forked."""

from __future__ import annotations

from pathlib import Path

import indexer.enriching
import indexer.load
from authorities.loader import load_authorities
from engine.client import Address, Engine
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.load import Loader
from mappings import lifecycle
from mappings.lifecycle import Family

# Small chunks: many moments at which to die.
indexer.load.CHUNK = 15
BUILDER = Builder(load_authorities())
BUILDER.repairer.repair("cha?nes")  # reads the tables of French


def load(url: str, prefix: str, folder: str, dead_letters: str, processes: int = 1) -> None:
    """Load a folder, as `depeches load` does."""
    indexer.enriching.FEWEST = 1
    engine = Engine(Address(url), timeout=10)
    family = Family(prefix)
    lifecycle.create(engine, family)
    loader = Loader(engine, family, BUILDER, DeadLetters(Path(dead_letters)), processes=processes)
    loader.load_paths([Path(folder)])
    loader.rest()
