"""An empty archive whose new dispatches are matched, and a user who saves searches."""

from __future__ import annotations

import pytest

from alerts.match import Matcher
from authorities.model import Authorities
from engine.client import Engine
from engine.database import Database
from mappings.lifecycle import Family
from search.service import Archive
from tests.alerts.rows import user


@pytest.fixture
def archive(engine: Engine, family: Family, authorities: Authorities) -> Archive:
    return Archive(engine, family.read, authorities, "Europe/Paris")


@pytest.fixture
def matcher(engine: Engine, archive: Archive, database: Database) -> Matcher:
    return Matcher(engine, archive, database)


@pytest.fixture
def owner(database: Database) -> int:
    return user(database)
