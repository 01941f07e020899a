"""Loading on a real server: everything read ends loaded, unchanged or rejected, however often and wherever it stops."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.client import Engine
from indexer import sources
from indexer.build import Builder
from indexer.deadletters import DeadLetters
from indexer.load import Loader, Tally
from indexer.raw import RawDispatch, Rejection
from indexer.replay import replay
from mappings import lifecycle
from mappings.dispatch import Source, from_document, to_document
from mappings.lifecycle import Family

GOOD = "PARIS, 8 août 2022 (AFP) - Le ministre a visité l'usine de Roubaix et salué « l'effort » des équipes.\n"


def accounted(tally: Tally) -> bool:
    return tally.read == tally.loaded + tally.unchanged + tally.rejected


def text_of(engine: Engine, family: Family) -> list[str]:
    hits = engine.search({"query": {"match_all": {}}, "size": 100}, index=family.read)["hits"]["hits"]
    return sorted(from_document(hit["_source"]).raw.decode() for hit in hits)


def test_loading_twice_changes_nothing(loader: Loader, engine: Engine, family: Family, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(GOOD)
    (tmp_path / "in" / "b.txt").write_text("\n--------\n".join(f"{GOOD} Numéro {n}.\n" for n in range(5)))
    first = loader.load_paths([tmp_path / "in"])
    again = loader.load_paths([tmp_path / "in"])
    assert (first.read, first.loaded, first.unchanged, first.rejected) == (6, 6, 0, 0)
    assert (again.read, again.loaded, again.unchanged, again.rejected) == (6, 0, 6, 0)
    assert engine.count(family.read) == 6


def test_the_same_text_in_another_encoding_is_the_same_dispatch(loader: Loader, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(GOOD.encode())
    (tmp_path / "b.txt").write_bytes(GOOD.replace("\n", "\r\n").encode("cp1252"))
    (tmp_path / "c.txt").write_bytes(GOOD.encode("utf-16"))
    tally = loader.load_paths([tmp_path / name for name in ("a.txt", "b.txt", "c.txt")])
    assert (tally.loaded, tally.unchanged) == (1, 2)


BAD: dict[str, tuple[bytes, str]] = {
    "vide.txt": (b"", "vide"),
    "blancs.txt": (b" \n\t\n", "sans-texte"),
    "image.txt": (b"\x89PNG\r\n\x1a\n" + bytes(200), "binaire"),
    "octets.txt": (bytes(range(256)) * 40, "binaire"),
    "utf8.txt": ("élève, été, déjà, où, ça, là, hélas, forêt".encode() + b"\xc3 et la suite", "encodage"),
    "ligne.txt": (b"mot " * 13_000_000, "trop-gros"),
    "date.txt": ("Dernière mise à jour à 08h52 le 08/08\n".encode(), "sans-texte"),
}


def test_bad_files_are_rejected_with_their_reason_and_the_rest_is_loaded(
    loader: Loader, engine: Engine, family: Family, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, (content, _) in BAD.items():
        (folder / name).write_bytes(content)
    (folder / "bon.txt").write_text(GOOD)
    (folder / "rompu").symlink_to(tmp_path / "nulle-part")
    (folder / "README.md").write_text("Une note.")
    # Agencies send pictures beside their texts: one that says it is one is no dispatch gone wrong; a text of that name is.
    (folder / "photo.PNG").write_bytes(BAD["image.txt"][0])
    (folder / "legende.jpg").write_text(GOOD + "Une légende.")
    tally = loader.load_paths([folder, tmp_path / "absent.txt"])
    assert accounted(tally)
    assert (tally.loaded, tally.rejected, tally.skipped) == (2, len(BAD) + 2, 2)
    letters = {Path(letter.where).name: letter.code for letter in loader.dead_letters.all()}
    assert letters == {name: code for name, (_, code) in BAD.items()} | {
        "rompu": "illisible",
        "absent.txt": "illisible",
    }
    assert sorted(text_of(engine, family)) == [GOOD, GOOD + "Une légende."]


def test_a_huge_line_beside_good_dispatches_in_one_file(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "lot.txt"
    path.write_text(GOOD + "\n--------\n" + "x" * 5_000_000 + "\n--------\n" + GOOD + "Encore.\n")
    tally = loader.load_paths([path])
    assert (tally.read, tally.loaded, tally.rejected) == (3, 2, 1)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root reads everything: for the block, be nobody."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_an_unreadable_folder_and_what_is_under_one(data_dir: Path) -> None:
    closed = data_dir / "fermé"
    (closed / "dedans").mkdir(parents=True)
    closed.chmod(0)
    try:
        with unprivileged():
            found = list(sources.find([closed, closed / "dedans"]))
    finally:
        closed.chmod(0o700)
    assert [item.error.code for item in found if isinstance(item, Rejection)] == ["illisible", "illisible"]
    assert len(found) == 2


def test_a_document_elasticsearch_refuses_is_a_dead_letter_and_replay_loads_it(
    engine: Engine, index_prefix: str, builder: Builder, tmp_path: Path
) -> None:
    family = Family(f"{index_prefix}-narrow")
    narrow = f"{family.prefix}-00000000-1"
    mapping = {"dynamic": "strict", "properties": {"id": {"type": "keyword"}, "ingest_seq": {"type": "long"}}}
    engine.create_index(narrow, {}, mapping)
    engine.update_aliases([{"add": {"index": narrow, "alias": alias}} for alias in (family.read, family.write)])
    (tmp_path / "a.txt").write_text(GOOD)
    loader = Loader(engine, family, builder, DeadLetters(tmp_path / "letters.jsonl"))
    tally = loader.load_paths([tmp_path / "a.txt"])
    assert (tally.read, tally.loaded, tally.rejected) == (1, 0, 1)
    (letter,) = loader.dead_letters.all()
    assert (letter.code, letter.raw) == ("refus-du-moteur", GOOD.encode())
    assert "strict" in letter.reason
    engine.delete_index(narrow)
    (tmp_path / "a.txt").unlink()  # the bytes were kept
    lifecycle.create(engine, family)
    again = replay(loader)
    assert (again.read, again.loaded) == (1, 1)
    assert loader.dead_letters.all() == []


def test_replay_reads_as_it_was_told_to_the_first_time(loader: Loader, tmp_path: Path) -> None:
    lines = "Accroche;Corps de l'article\nUn titre;\nUn autre titre;Le ministre a visité l'usine.\n"
    (tmp_path / "export.txt").write_text(lines)
    columns = {"Accroche": "title", "Corps de l'article": "text"}
    first = loader.load_paths([tmp_path / "export.txt"], "csv", columns)
    assert (first.loaded, first.rejected) == (1, 1)
    (letter,) = loader.dead_letters.all()
    assert (letter.format, letter.columns) == ("csv", columns)
    again = replay(loader)
    assert (again.read, again.loaded, again.reasons) == (1, 0, first.reasons)


def test_replay_loads_what_was_mended_and_forgets_it(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"")
    (tmp_path / "b.txt").write_bytes(b"\x00\x01")
    loader.load_paths([path, tmp_path / "b.txt"])
    path.write_text(GOOD)
    tally = replay(loader)
    assert (tally.read, tally.loaded, tally.rejected) == (2, 1, 1)
    assert [Path(letter.where).name for letter in loader.dead_letters.all()] == ["b.txt"]


def test_rejecting_the_same_file_twice_leaves_one_letter(loader: Loader, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    loader.load_paths([tmp_path / "a.txt"])
    loader.load_paths([tmp_path / "a.txt"])
    assert len(loader.dead_letters.all()) == 1


def test_half_a_dead_letter_of_a_killed_loader_harms_nothing(tmp_path: Path, loader: Loader) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    loader.dead_letters.path.parent.mkdir(parents=True, exist_ok=True)
    loader.dead_letters.path.write_text('{"key": "ab')
    loader.load_paths([tmp_path / "a.txt"])
    assert [letter.code for letter in DeadLetters(loader.dead_letters.path).all()] == ["vide"]


def test_two_loaders_at_once_load_each_dispatch_once(
    loader: Loader, engine: Engine, family: Family, tmp_path: Path
) -> None:
    path = tmp_path / "lot.txt"
    path.write_text("\n--------\n".join(f"{GOOD} Numéro {n}.\n" for n in range(300)))
    tallies: list[Tally] = []

    def load() -> None:
        own = Loader(engine, family, loader.builder, DeadLetters(tmp_path / "letters.jsonl"))
        tallies.append(own.load_paths([path]))

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sum(tally.loaded for tally in tallies) == 300
    assert sum(tally.unchanged for tally in tallies) == 300
    assert engine.count(family.read) == 300


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be"])
def test_the_bytes_received_come_back(
    loader: Loader, engine: Engine, family: Family, tmp_path: Path, encoding: str
) -> None:
    received = GOOD.replace("\n", "\r\n").encode(encoding)
    if encoding == "utf-16-be":
        received = b"\xfe\xff" + received
    (tmp_path / "a.txt").write_bytes(received)
    assert loader.load_paths([tmp_path / "a.txt"]).loaded == 1
    (hit,) = engine.search({"query": {"match_all": {}}}, index=family.read)["hits"]["hits"]
    assert from_document(hit["_source"]).raw == received


def test_entries_are_numbered_in_order_and_above_the_last(
    loader: Loader, engine: Engine, family: Family, builder: Builder
) -> None:
    future = 4_000_000_000_000_000
    last = replace(builder.build(raw(GOOD)), ingest_seq=future, cluster="x")
    action = {"_op_type": "index", "_index": family.write, "_id": last.id, "_source": to_document(last)}
    assert all(outcome.done for outcome in engine.bulk([action]))
    engine.refresh(family.write)
    loader.load_items([raw(f"{GOOD} {n}") for n in range(3)])
    body = {"query": {"match_all": {}}, "sort": ["ingest_seq"], "_source": ["ingest_seq"]}
    numbers = [hit["_source"]["ingest_seq"] for hit in engine.search(body, index=family.read)["hits"]["hits"]]
    assert numbers == [future, future + 1, future + 2, future + 3]


def raw(text: str, file: str | None = None) -> RawDispatch:
    return RawDispatch(text.encode(), text, "utf-8", Source(file))


@pytest.mark.parametrize(
    ("years", "basis"),
    [
        ((" 2019", "", ""), ["stated", "neighbour", "neighbour"]),
        (("", "", " 2019"), ["neighbour", "neighbour", "stated"]),
        (("", "", ""), ["unknown", "unknown", "unknown"]),
    ],
)
def test_a_missing_year_is_that_of_a_neighbour_in_the_file_before_or_after(
    loader: Loader, engine: Engine, family: Family, years: tuple[str, ...], basis: list[str]
) -> None:
    lot = [raw(f"PARIS, 1{n} mars{year} (AFP) - Dépêche numéro {n}.", "lot.txt") for n, year in enumerate(years)]
    loader.load_items(lot)
    hits = engine.search({"query": {"match_all": {}}, "sort": ["ingest_seq"]}, index=family.read)["hits"]["hits"]
    found = [from_document(hit["_source"]) for hit in hits]
    assert [each.date_basis for each in found] == basis
    assert [each.date_text for each in found] == [None if year else f"1{n} mars" for n, year in enumerate(years)]


def test_of_the_same_dispatch_in_two_files_the_surest_date_stays(
    loader: Loader, engine: Engine, family: Family
) -> None:
    text = "PARIS, 8 août (AFP) - Le ministre a visité l'usine de Roubaix et salué ses équipes."
    sure = [raw("PARIS, 7 août 2019 (AFP) - Une autre dépêche.", "b.txt"), raw(text, "b.txt")]
    for lots in ([[raw(text, "a.txt")], sure], [sure, [raw(text, "a.txt")]]):
        tallies = [loader.load_items(lot) for lot in lots]
        assert accounted(tallies[0])
        (hit,) = engine.search(
            {"query": {"term": {"source.file": "b.txt"}}, "sort": ["published"], "from": 1}, index=family.read
        )["hits"]["hits"]
        found = from_document(hit["_source"])
        assert (found.date_basis, found.published) == ("neighbour", datetime(2019, 8, 7, 22, tzinfo=UTC))
        assert engine.count(family.read) == 2
