"""What groups open: the table of the settings, however a portal writes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from access.groups import in_header, known_among, scopes_of
from access.scopes import SCOPES
from engine.config import SCOPES_OF_GROUPS, Settings

TABLE = "documentation=search,alerts,ingest; Rédaction en chef = alerts admin ;ou=agences=ingest"


def settings(monkeypatch: pytest.MonkeyPatch, *, required: bool = False) -> Settings:
    for name, value in (
        ("DEPECHES_USER_HEADER", "Remote-User"),
        ("DEPECHES_TRUSTED_PROXIES", "10.1.2.3"),
        ("DEPECHES_GROUPS_HEADER", "Remote-Groups"),
        ("DEPECHES_GROUP_SCOPES", TABLE),
        ("DEPECHES_GROUP_REQUIRED", str(required).lower()),
    ):
        monkeypatch.setenv(name, value)
    return Settings.from_env()


@pytest.mark.parametrize(
    ("told", "added", "alone"),
    [
        ("documentation", {"ingest"}, {"search", "alerts", "ingest"}),
        ("DOCUMENTATION", {"ingest"}, {"search", "alerts", "ingest"}),
        ("redaction, documentation", {"ingest"}, {"search", "alerts", "ingest"}),
        ("re\u0301daction en chef", {"admin"}, {"alerts", "admin"}),  # é in two characters
        ("documentation;rédaction en chef", {"ingest", "admin"}, {"search", "alerts", "ingest", "admin"}),
        ("a|ou=agences|b", {"ingest"}, {"ingest"}),
        ("redaction", set(), set()),
        ("documentation2", set(), set()),
        ("sous-documentation", set(), set()),
        (" , ;|", set(), set()),
        ("", set(), set()),
    ],
)
def test_what_groups_open(monkeypatch: pytest.MonkeyPatch, told: str, added: set[str], alone: set[str]) -> None:
    groups = in_header(told)
    assert scopes_of(groups, settings(monkeypatch)) == {"search", "alerts"} | added
    assert scopes_of(groups, settings(monkeypatch, required=True)) == alone


def test_only_the_groups_of_the_table_are_worth_remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    told = ("tous", "DOCUMENTATION", "paris", "documentation")
    assert known_among(told, settings(monkeypatch)) == ("documentation",)


def test_without_a_table_every_reader_reads() -> None:
    assert scopes_of(("admins",), replace(Settings.from_env(), group_scopes=())) == {"search", "alerts"}


def test_a_group_may_open_any_scope() -> None:
    assert set(SCOPES_OF_GROUPS) == set(SCOPES)
