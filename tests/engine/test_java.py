"""Which JDK is taken: the first full one, 21 or newer."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import java
from engine.errors import JavaNotFound


def make_jdk(home: Path, version: str, modules: str = "java.base jdk.jdi") -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").write_text("#!/bin/sh\n")
    (home / "release").write_text(f'JAVA_VERSION="{version}"\nMODULES="{modules}"\n')
    return home


@pytest.fixture
def jvms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose only JVM folder is this one."""
    folder = tmp_path / "jvm"
    folder.mkdir()
    monkeypatch.setattr(java, "JVM_FOLDERS", (str(folder),))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv("ES_JAVA_HOME", raising=False)
    return folder


def test_the_newest_of_a_folder(jvms: Path) -> None:
    make_jdk(jvms / "java-17", "17.0.1")
    make_jdk(jvms / "a-21", "21.0.2")
    newest = make_jdk(jvms / "b-25", "25.0.1+9")
    assert java.find_jdk() == newest


def test_the_variable_first(jvms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_jdk(jvms / "java-25", "25")
    mine = make_jdk(tmp_path / "mine", "21.0.2")
    monkeypatch.setenv("ES_JAVA_HOME", str(mine))
    assert java.find_jdk() == mine


def test_a_variable_that_points_to_an_old_one_is_passed_over(
    jvms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = make_jdk(jvms / "java-21", "21-ea")
    monkeypatch.setenv("JAVA_HOME", str(make_jdk(tmp_path / "old", "17.0.1")))
    assert java.find_jdk() == good


@pytest.mark.parametrize(
    ("version", "modules"), [("17.0.15", "java.base jdk.jdi"), ("25", "java.base"), ("1.8.0_292", "")]
)
def test_none_fits_and_the_message_says_what_was_found(jvms: Path, version: str, modules: str) -> None:
    make_jdk(jvms / "the-one", version, modules)
    with pytest.raises(JavaNotFound, match="the-one") as error:
        java.find_jdk()
    assert "ES_JAVA_HOME" in error.value.detail


def test_nothing_at_all(jvms: Path) -> None:
    with pytest.raises(JavaNotFound, match="JDK complet"):
        java.find_jdk()
