"""A backup made, or brought back, in a process of its own, to be killed."""

from __future__ import annotations

from backup.create import create as make
from backup.restore import restore as bring_back
from engine.client import Address, Engine
from engine.config import Settings


def _engine(settings: Settings) -> Engine:
    return Engine(Address(str(settings.elasticsearch_url)), timeout=30)


def _silent(what: str, done: int, total: int) -> None:
    pass


def create(settings: Settings) -> None:
    make(settings, _engine(settings), _silent)


def restore(settings: Settings, name: str) -> None:
    bring_back(settings, _engine(settings), name, (), force=True, progress=_silent)
