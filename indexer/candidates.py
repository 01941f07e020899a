"""Names of the archive that the authorities do not know, for documentalists to accept or to put aside.

Nothing is kept beside the index: candidates are the actors of dispatches that are no authority's label, with how many
dispatches name them and what stands around. Decisions are lines of files in the archive's own folder of authorities
(`DEPECHES_AUTHORITIES_DIR`), which people can correct; `depeches index rebuild --reenrich` applies them to the archive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from authorities.loader import REJECTED_FILE, load_authorities
from authorities.model import Authorities, Organisation, Person, Rejected, fold
from engine.client import Engine
from engine.errors import AuthorityError, BadParameter
from mappings.dispatch import from_document

# Actors looked through, the most frequent first: Elasticsearch counts so many values in one go.
MOST_ACTORS = 50_000
CONTEXTS = 3
# Characters shown on each side of a name.
AROUND = 70

_FILES: dict[str, tuple[str, type[object]]] = {
    "person": ("persons.tsv", Person),
    "organisation": ("organisations.tsv", Organisation),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name found. `contexts`: passages it stands in, the name between « »; `kind`: as texts have it."""

    name: str
    kind: str
    count: int
    contexts: tuple[str, ...]


def candidates(
    engine: Engine, index: str, authorities: Authorities, *, least: int = 1, most: int = 50
) -> Iterator[Candidate]:
    """Names of actors that are no authority's, named by at least so many dispatches, the most frequent first."""
    counted = {"terms": {"field": "actors", "size": MOST_ACTORS, "min_doc_count": least}}
    answer = engine.search({"size": 0, "aggs": {"actors": counted}}, index=index)
    given = 0
    for bucket in answer["aggregations"]["actors"]["buckets"]:
        name = str(bucket["key"])
        if authorities.kind(name) is None and fold(name) not in authorities.rejected:
            kind, contexts = _contexts(engine, index, name)
            yield Candidate(name, kind, bucket["doc_count"], contexts)
            given += 1
            if given == most:
                return


def _contexts(engine: Engine, index: str, name: str) -> tuple[str, tuple[str, ...]]:
    body: dict[str, Any] = {
        "query": {"term": {"actors": name}},
        "size": CONTEXTS,
        "sort": [{"ingest_seq": "desc"}],
        "_source": ["id", "title", "body", "mentions"],
    }
    kind, contexts = "", []
    for hit in engine.search(body, index=index)["hits"]["hits"]:
        dispatch = from_document(hit["_source"])
        mention = next((each for each in dispatch.mentions if each.label == name), None)
        if mention:
            kind = kind or mention.kind
            text = dispatch.title if mention.paragraph < 0 else dispatch.body[mention.paragraph]
            before, after = text[: mention.start][-AROUND:], text[mention.end :][:AROUND]
            contexts.append(f"{before}«{mention.surface}»{after}".replace("\n", " "))
    return kind or "person", tuple(contexts)


def accept(folder: Path, name: str, kind: str, values: dict[str, str]) -> Path:
    """Write a name into the archive's own authorities; the file it is in.

    Args:
        values: other columns of that file (`authorities/data/README.md`), as they are written there.

    Raises:
        BadParameter: no such kind. AuthorityError: the line would be wrong; nothing is written then.
    """
    if kind not in _FILES:
        raise BadParameter(f"Genre « {kind} » inconnu : {' ou '.join(_FILES)}.")
    file, entry = _FILES[kind]
    return _append(folder, file, entry, {"label": name} | values)


def reject(folder: Path, name: str, notes: str = "") -> Path:
    """Write that a name is none; the file it is in."""
    return _append(folder, REJECTED_FILE, Rejected, {"label": name, "notes": notes})


def _append(folder: Path, file: str, entry: type[object], values: dict[str, str]) -> Path:
    columns = [column.name for column in fields(entry) if column.name != "line"]  # type: ignore[arg-type]
    cells = [" ".join(values.get(column, "").split()) for column in columns]
    path = folder / file
    before = path.read_text(encoding="utf-8") if path.exists() else "\t".join(columns) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(before + ("" if before.endswith("\n") else "\n") + "\t".join(cells) + "\n", encoding="utf-8")
    kept = path.read_bytes() if path.exists() else None
    draft.replace(path)
    try:
        # The whole of it is read as the next start will read it.
        load_authorities(own=folder, fresh=True)
    except AuthorityError:
        if kept is None:
            path.unlink()
        else:
            path.write_bytes(kept)
        raise
    return path
