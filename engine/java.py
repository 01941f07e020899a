"""Which Java the local Elasticsearch runs on: the first full JDK, 21 or newer, of the usual places.

A JRE will not do: Elasticsearch 9 loads `jdk.jdi`, which only a full JDK has.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from engine.errors import JavaNotFound

MINIMUM = 21

# Where Linux distributions, macOS and SDKMAN put their JDKs.
JVM_FOLDERS = (
    "/usr/lib/jvm",
    "/usr/java",
    "/opt/java",
    "/opt",
    "/Library/Java/JavaVirtualMachines",
    "~/.sdkman/candidates/java",
    "~/.jdks",
)


def _candidates() -> Iterator[Path]:
    for name in ("ES_JAVA_HOME", "JAVA_HOME"):
        if os.environ.get(name):
            yield Path(os.environ[name])
    for folder in JVM_FOLDERS:
        found = Path(folder).expanduser()
        if found.is_dir():
            # Newest first: "temurin-25" before "java-21"; the check below has the last word.
            for home in sorted(found.iterdir(), key=lambda path: _version(path) or 0, reverse=True):
                yield home
                yield home / "Contents" / "Home"
    java = shutil.which("java")
    if java:
        yield Path(java).resolve().parent.parent


def _version(home: Path) -> int | None:
    """The feature release of a JDK, from its `release` file (JEP 223); None when this is no JDK."""
    try:
        lines = (home / "release").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("JAVA_VERSION="):
            number = line.partition("=")[2].strip('"').split(".")[0].split("-")[0].split("+")[0]
            return int(number) if number.isdigit() else None
    return None


def _is_full(home: Path) -> bool:
    return (home / "jmods" / "jdk.jdi.jmod").exists() or "jdk.jdi" in _modules(home)


def _modules(home: Path) -> list[str]:
    # A JDK built without jmods (JEP 493, as Temurin 24+) names its modules in `release` all the same.
    try:
        text = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    for line in text.splitlines():
        if line.startswith("MODULES="):
            return line.partition("=")[2].strip('"').split()
    return []


def find_jdk() -> Path:
    """The home of the JDK to use.

    Raises:
        JavaNotFound: none of the usual places has a full JDK 21 or newer; names what was found instead.
    """
    seen: list[str] = []
    for home in _candidates():
        version = _version(home)
        if version is None or not (home / "bin" / "java").exists():
            continue
        if version >= MINIMUM and _is_full(home):
            return home
        seen.append(f"{home} (version {version}{'' if _is_full(home) else ', incomplet'})")
    found = " Trouvé seulement : " + ", ".join(dict.fromkeys(seen)) + "." if seen else ""
    raise JavaNotFound(
        f"Elasticsearch demande un JDK complet, version {MINIMUM} ou plus récente.{found} "
        "Installez-en un (par exemple « apt-get install openjdk-21-jdk » ou Temurin), "
        "ou indiquez le sien par ES_JAVA_HOME=/chemin/du/jdk."
    )
