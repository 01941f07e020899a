"""The index family: create, list, rebuild, roll back, prune, always behind two aliases.

`<prefix>` is read, `<prefix>-write` is written; both point to one generation `<prefix>-<hash>-<n>`, where the hash is
that of settings and mapping. Changing a generation:

    copy everything -> block writes on the old one -> copy what changed meanwhile -> swap both aliases in one call -> unblock

Loaders see the block as "try again" (`Engine.bulk` does), so nothing written meanwhile is lost; readers see the old
generation until the swap. What changed meanwhile is found by `_seq_no`, which Elasticsearch raises at every write, so
updates count as much as new dispatches.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.client import Engine
from engine.errors import EngineError, EngineRefused, EngineUnavailable, IndexNotReady
from mappings.fields import mapping
from mappings.french import ANALYSIS

Progress = Callable[[str, int, int], None]  # (what, done, total)

# Copies what meets a query from one index to another: (source, target, query, report of (done, total)).
Copy = Callable[[str, str, dict[str, Any], Callable[[int, int], None]], object]


def settings() -> dict[str, Any]:
    """The index's settings. One shard holds tens of millions of dispatches and gives exact counts and scores."""
    return {
        "index": {
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
            "refresh_interval": "1s",  # a pushed dispatch is searchable within 2 s
            "analysis": {"char_filter": {}, **ANALYSIS},
        }
    }


def fingerprint() -> str:
    """Eight hex digits that change when settings or mapping do."""
    text = json.dumps([settings(), mapping()], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Generation:
    """One index of the family. `current`: the aliases point to it; `matches`: it has today's mapping."""

    name: str
    number: int
    created: datetime
    documents: int
    bytes: int
    current: bool
    matches: bool


@dataclass(frozen=True, slots=True)
class Family:
    """The names of one archive's indices and aliases."""

    prefix: str

    @property
    def read(self) -> str:
        return self.prefix

    @property
    def write(self) -> str:
        return f"{self.prefix}-write"

    @property
    def pattern(self) -> str:
        return f"{self.prefix}-*"

    def name(self, number: int) -> str:
        return f"{self.prefix}-{fingerprint()}-{number}"

    def number(self, index: str) -> int | None:
        """The generation's number, or None when the index is not of this family."""
        parts = index.removeprefix(f"{self.prefix}-").split("-")
        fits = index.startswith(f"{self.prefix}-") and len(parts) == 2 and len(parts[0]) == 8 and parts[1].isdigit()
        return int(parts[1]) if fits else None


def generations(engine: Engine, family: Family) -> list[Generation]:
    """Every generation, oldest first."""
    sizes = engine.index_sizes(family.pattern)
    found = []
    for name, entry in engine.indices(family.pattern).items():
        number = family.number(name)
        if number is None:
            continue
        found.append(
            Generation(
                name=name,
                number=number,
                created=datetime.fromtimestamp(int(entry["settings"]["index"]["creation_date"]) / 1000, UTC),
                documents=_documents(engine, name, entry),
                bytes=sizes.get(name, 0),
                current=family.read in entry["aliases"],
                matches=name == family.name(number),
            )
        )
    return sorted(found, key=lambda generation: generation.number)


def _documents(engine: Engine, name: str, entry: dict[str, Any]) -> int:
    """How many a generation holds; 0 while one that nobody reads is being brought back from a backup."""
    try:
        return engine.count(name)
    except EngineUnavailable:
        if entry["aliases"]:
            raise
        return 0


def current(engine: Engine, family: Family) -> Generation:
    """The generation in use.

    Raises:
        IndexNotReady: there is none yet.
    """
    for generation in generations(engine, family):
        if generation.current:
            return generation
    raise IndexNotReady("L'index des dépêches n'existe pas encore : depeches index create, puis depeches load.")


def in_use(engine: Engine, alias: str) -> str:
    """The index behind an alias; who asks several questions of it asks the same generation. An index is its own."""
    return next(iter(engine.aliases(alias).get(alias, ())), alias)


def made_as(index: str) -> str:
    """What two generations have in common that have the same settings and mapping."""
    return index.rpartition("-")[0]


def create(engine: Engine, family: Family) -> tuple[str, bool]:
    """Make the first generation and its aliases when there is none; (index in use, whether it was made now).

    Also lifts a write block that a killed rebuild left behind, and adds to a generation of an earlier version the fields it
    lacks: what arrives is written before anyone has found the time to rebuild.
    """
    for generation in generations(engine, family):
        if generation.current:
            if _abandoned(engine, generation.name):
                engine.unblock_writes(generation.name)
            if not generation.matches:
                _add_fields(engine, generation.name)
            return generation.name, False
    name = family.name(_next_number(engine, family))
    made = engine.create_index(name, settings(), mapping())
    _point_aliases(engine, family, name)
    return name, made


def rebuild(engine: Engine, family: Family, progress: Progress, copy: Copy | None = None) -> str:
    """Fill a new generation from the current one and swap; the old one stays for `rollback`.

    Args:
        copy: fills it; inside the engine, as they are, when left out. It is called twice: for all there is, then for
            what was written meanwhile.
    """
    old = current(engine, family)
    name = family.name(_next_number(engine, family))
    if not engine.create_index(name, settings(), mapping()):
        raise EngineError(
            f"{name} existe déjà : une autre reconstruction est-elle en cours ? Sinon : depeches index prune."
        )
    try:
        _move(engine, family, old.name, name, progress, since=-1, copy=copy)
    except BaseException:
        engine.delete_index(name)
        raise
    return name


def rollback(engine: Engine, family: Family, progress: Progress) -> str:
    """Go back to the generation before the current one, taking along what was written since the swap."""
    now = current(engine, family)
    earlier = [generation for generation in generations(engine, family) if generation.number < now.number]
    if not earlier:
        raise EngineError("Aucune génération antérieure à reprendre (voir depeches index list).")
    target = earlier[-1].name
    meta = _notes(engine, now.name)
    if meta.get("came_from") != target:
        raise EngineError(
            f"{now.name} n'est pas issu de {target} : un retour perdrait des dépêches. Reconstruisez plutôt l'index."
        )
    engine.unblock_writes(target)
    _add_fields(engine, target)
    _move(engine, family, now.name, target, progress, since=int(meta["seq_no"]))
    return target


def name_for(engine: Engine, family: Family, index: str) -> str:
    """What a generation is to be called here that is made elsewhere as `index` was, whatever the archive was called there."""
    made = made_as(index).rpartition("-")[2]
    return f"{family.prefix}-{made}-{_next_number(engine, family)}"


def adopt(engine: Engine, family: Family, name: str) -> str | None:
    """Put a generation that was brought from elsewhere in service; the one that was, if any, stays for `rollback`.

    Nothing is copied: what was in service has its own dispatches, and `rollback` takes along what was written since.

    Returns:
        the generation that was in service.
    """
    # What its mapping says of another generation was true where it comes from.
    engine.put_meta(name, {})
    engine.put_settings(name, {"index.allocation.max_retries": None})
    old = next((each.name for each in generations(engine, family) if each.current), None)
    if old is None:
        _point_aliases(engine, family, name)
        return None
    _note(engine, old, blocked_at=time.time())
    engine.block_writes(old)
    try:
        _note(engine, name, came_from=old, seq_no=engine.last_seq_no(name))
        _point_aliases(engine, family, name)
    except BaseException:
        engine.unblock_writes(old)
        raise
    return old


def prune(engine: Engine, family: Family, *, keep: int = 1) -> list[str]:
    """Delete the generations not in use, but for the `keep` newest of them; the names deleted."""
    spare = [generation for generation in generations(engine, family) if not generation.current]
    doomed = spare[: len(spare) - keep] if keep else spare
    for generation in doomed:
        engine.delete_index(generation.name)
    return [generation.name for generation in doomed]


def _add_fields(engine: Engine, name: str) -> None:
    """Give a generation the fields that an earlier version did not know. What else differs waits for `rebuild`."""
    known = engine.indices(name)[name]["mappings"].get("properties", {})
    for field, kind in mapping()["properties"].items():
        if field not in known:
            with suppress(EngineRefused):  # it needs an analysis that this one has not
                engine.add_field(name, field, kind)


def _next_number(engine: Engine, family: Family) -> int:
    return max((generation.number for generation in generations(engine, family)), default=0) + 1


def _point_aliases(engine: Engine, family: Family, name: str) -> None:
    aliases = engine.aliases(f"{family.read},{family.write}")
    actions: list[dict[str, Any]] = [
        {"remove": {"index": index, "alias": alias}}
        for alias, indices in aliases.items()
        for index in indices
        if index != name
    ]
    actions += [
        {"add": {"index": name, "alias": family.read}},
        {"add": {"index": name, "alias": family.write, "is_write_index": True}},
    ]
    engine.update_aliases(actions)


def _move(
    engine: Engine,
    family: Family,
    source: str,
    target: str,
    progress: Progress,
    *,
    since: int,
    copy: Copy | None = None,
) -> None:
    """Copy from `source` to `target` what was written after sequence number `since`, then swap the aliases."""
    reached = engine.last_seq_no(source)
    engine.put_settings(target, {"index.refresh_interval": "-1"})
    engine.refresh(source)
    copy = copy or engine.reindex
    copy(source, target, _after(since), lambda done, total: progress("Recopie", done, total))
    _note(engine, source, blocked_at=time.time())
    engine.block_writes(source)
    try:
        engine.refresh(source)
        copy(source, target, _after(reached), lambda done, total: progress("Écritures récentes", done, total))
        engine.put_settings(target, {"index.refresh_interval": settings()["index"]["refresh_interval"]})
        engine.refresh(target)
        missing = engine.count(source) - engine.count(target)
        if missing > 0:
            raise EngineError(f"{missing} dépêches manquent dans {target} : l'index en service n'a pas changé.")
        _note(engine, target, came_from=source, seq_no=engine.last_seq_no(target))
        _point_aliases(engine, family, target)
    except BaseException:
        engine.unblock_writes(source)
        raise
    # The old generation stays blocked: a write that was on its way when the aliases moved is refused and tried
    # again on the new one, instead of landing where nobody reads.


def _after(seq_no: int) -> dict[str, Any]:
    return {"range": {"_seq_no": {"gt": seq_no}}}


# A block this old was left by a rebuild that died: copying what changed during a copy takes seconds.
STALE_BLOCK = 900.0


def _abandoned(engine: Engine, name: str) -> bool:
    entry = engine.indices(name)[name]
    blocked = entry["settings"]["index"].get("blocks", {}).get("write") in ("true", True)
    return blocked and time.time() - float(_notes(engine, name).get("blocked_at", 0.0)) > STALE_BLOCK


def _notes(engine: Engine, name: str) -> dict[str, Any]:
    """What we wrote beside an index's mapping: `came_from`, `seq_no` (after the move), `blocked_at` (epoch seconds)."""
    return dict(engine.indices(name)[name]["mappings"].get("_meta", {}))


def _note(engine: Engine, name: str, **values: Any) -> None:
    engine.put_meta(name, _notes(engine, name) | values)
