"""The doors to the readers: files, bytes, streams, attachments; and the raw of a dispatch, read again."""

from __future__ import annotations

import gzip
import io
import os
import threading
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import BinaryIO

import pytest

from engine.errors import BadParameter
from indexer import readers
from indexer.raw import Item, RawDispatch, Rejection, Stated
from indexer.readers import FORMATS, read_again, read_bytes, read_file, read_stream
from indexer.sources import Skipped
from tests.indexer.readers.inputs import FILES, FIXTURES, NITF, PHOTO, TEXT, message, zipped


class Pipe(io.RawIOBase):
    """A stream that cannot go back, and gives a few bytes at a time."""

    def __init__(self, raw: bytes) -> None:
        self._held = io.BytesIO(raw)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._held.read(min(size, 7_001) if size >= 0 else size)


def piped(raw: bytes) -> BinaryIO:
    return Pipe(raw)  # type: ignore[return-value]


def told(items: Iterable[Item | Skipped]) -> list[str]:
    """The text of each dispatch, the code of each error, the reason of what is skipped."""
    return [
        item.text if isinstance(item, RawDispatch) else item.error.code if isinstance(item, Rejection) else item.reason
        for item in items
    ]


def names(items: Iterable[Item | Skipped]) -> list[str | None]:
    return [
        item.source.file if isinstance(item, RawDispatch) else item.where if isinstance(item, Rejection) else item.name
        for item in items
    ]


# --- three doors to the same -----------------------------------------------------------------------------------------


def timeless(items: Iterable[Item | Skipped], path: Path) -> list[Item | Skipped]:
    """A file has a time, bytes and pipes have none; members of containers have their own."""
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return [
        replace(item, file_time=None) if isinstance(item, RawDispatch) and item.file_time == changed else item
        for item in items
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_bytes_and_a_pipe_give_the_same(path: Path) -> None:
    raw = path.read_bytes()
    expected = timeless(read_file(path, path.name), path)
    assert expected
    assert list(read_bytes(raw, path.name)) == expected
    assert list(read_stream(piped(raw), path.name)) == expected


def test_a_real_pipe() -> None:
    reading, writing = os.pipe()
    raw = (f"{TEXT}--------\n" * 20_000).encode()

    def write() -> None:
        with os.fdopen(writing, "wb") as stream:
            stream.write(raw)

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(reading, "rb") as stream:
        assert sum(1 for _ in read_stream(stream, "entrée standard")) == 20_000
    writer.join()


@pytest.mark.parametrize("open_it", [lambda raw: read_bytes(raw, "x"), lambda raw: read_stream(piped(raw), "x")])
@pytest.mark.parametrize(
    ("raw", "code"), [(b"", "vide"), (b"%PDF-1.7", "binaire"), (b" \n", "sans-texte"), (b"<nitf>\n</a>", "malforme")]
)
def test_what_is_refused_as_a_whole_is_kept(
    open_it: Callable[[bytes], Iterator[Item | Skipped]], raw: bytes, code: str
) -> None:
    (item,) = open_it(raw)
    assert isinstance(item, Rejection)
    assert (item.error.code, item.raw, item.where) == (code, raw, "x")


def test_a_stream_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "LARGEST_MEMBER", 10_000)
    assert told(read_stream(piped(b"x" * 10_000), "x")) == ["x" * 10_000]
    assert told(read_stream(piped(b"x" * 10_001), "x")) == ["trop-gros"]


def test_a_stream_that_breaks_is_explained() -> None:
    class Broken(Pipe):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError(104, "Connection reset by peer")

    (item,) = read_stream(Broken(b""), "x")  # type: ignore[arg-type]
    assert isinstance(item, Rejection)
    assert (item.error.code, item.raw) == ("illisible", b"")


def test_a_large_stream_is_in_a_file_and_not_in_memory() -> None:
    one = (TEXT + "Encore une phrase. " * 4_000 + "\n--------\n").encode()  # few and long: tracing is slow
    count = 60_000_000 // len(one)
    stream = piped(one * count)
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_stream(stream, "x")) == count
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


# --- formats and columns ---------------------------------------------------------------------------------------------


def test_a_forced_format_is_that_of_members_too(tmp_path: Path) -> None:
    raw = b'{"text": "Un texte."}\n'
    packed = gzip.compress(raw)
    (tmp_path / "a.gz").write_bytes(packed)
    for items in (
        read_file(tmp_path / "a.gz", "a.gz", "text"),
        read_bytes(packed, "a.gz", "text"),
        read_stream(piped(packed), "a.gz", "text"),
    ):
        assert told(items) == [raw.decode()]
    assert told(read_bytes(packed, "a.gz")) == ["Un texte."]


def test_a_format_that_is_none_names_those_that_are() -> None:
    with pytest.raises(BadParameter, match="« docx ».*newsml-g2"):
        list(read_bytes(b"x", "x", "docx"))
    assert set(FORMATS) == {
        *("newsml-g2", "newsml-1.2", "nitf", "feed", "ninjs", "jsonl", "mail", "html", "csv", "text"),
    }


def test_columns_are_told_to_tables_and_to_nothing_else() -> None:
    columns = {"Papier": "text", "Objet": "title"}
    (item,) = read_bytes(b"Objet;Papier\nA;Un texte.\n", "t.csv", None, columns)
    assert isinstance(item, RawDispatch)
    assert (item.text, item.stated.title) == ("Un texte.", "A")
    assert told(read_bytes(TEXT.encode(), "a.txt", None, columns)) == [TEXT]
    assert told(read_bytes(b"Objet;Corps\nA;Un texte.\n", "t.csv", None, columns)) == ["colonnes"]


# --- attachments -----------------------------------------------------------------------------------------------------


def test_attachments_are_read_each_by_its_own_format() -> None:
    raw = message(
        ("text/plain", "a.txt", "Été.".encode("cp1252")),
        ("application/octet-stream", "b.xml", NITF),
        ("text/html", "c.html", b"<html><body><p>En HTML.</p></body></html>"),
        ("message/rfc822", "Un sujet", b"Un message."),
        ("application/zip", "d.zip", zipped({"x.txt": b"Dans un zip.", "y.xml": NITF})),
        text="Le message.",
    )
    items = list(read_bytes(raw, "m.eml"))
    assert told(items) == ["Le message.", "Été.", "En NITF.", "En HTML.", "Un message.", "Dans un zip.", "En NITF."]
    assert names(items) == [
        "m.eml",
        "m.eml!/a.txt",
        "m.eml!/b.xml",
        "m.eml!/c.html",
        "m.eml!/Un sujet.eml",
        "m.eml!/d.zip!/x.txt",
        "m.eml!/d.zip!/y.xml",
    ]
    first = items[1]
    assert isinstance(first, RawDispatch)
    assert first.file_time == datetime(2022, 8, 8, 6, 52, tzinfo=UTC)
    assert first.raw == "Été.".encode("cp1252")


def test_in_a_mailbox_the_message_is_numbered() -> None:
    envelope = b"From a@exemple.fr Mon Aug  8 08:52:00 2022\n"
    one = message(("text/plain", "a.txt", b"Un."), text="Le message.")
    items = list(read_bytes(envelope + one + b"\n" + envelope + one, "b.mbox"))
    assert names(items) == ["b.mbox", "b.mbox!/a.txt", "b.mbox", "b.mbox!/2/a.txt"]


def test_what_is_no_text_is_skipped_and_named() -> None:
    raw = message(
        ("application/pdf", "communiqué.pdf", b"%PDF-1.7 x"),
        ("image/png", "logo.png", PHOTO),
        ("text/x-vcard", "jo.vcf", b"BEGIN:VCARD\nFN:Jo\nEND:VCARD\n"),
        ("text/calendar", "rdv.ics", b"BEGIN:VCALENDAR\nEND:VCALENDAR\n"),
        ("application/octet-stream", "vide.bin", b""),
        ("text/plain", "ATT00001.txt", b" \r\n\r\n"),
        text="Le message.",
    )
    items = list(read_bytes(raw, "m.eml"))
    assert told(items) == [
        "Le message.",
        "Pièce jointe qui n'est pas un texte de dépêche (PDF).",
        "Pièce jointe qui n'est pas un texte de dépêche (image PNG).",
        "Pièce jointe qui n'est pas un texte de dépêche.",
        "Pièce jointe qui n'est pas un texte de dépêche.",
        "Pièce jointe vide.",
        "Pièce jointe vide.",
    ]
    assert names(items)[1:3] == ["m.eml!/communiqué.pdf", "m.eml!/logo.png"]


@pytest.mark.parametrize("text", ["", "-- \nLe desk Afrique\n"])
def test_a_message_that_only_carries_dispatches(text: str) -> None:
    items = list(
        read_bytes(message(("text/plain", "a.txt", b"Un."), ("image/png", "b.png", PHOTO), text=text), "m.eml")
    )
    assert [type(item) for item in items] == [RawDispatch, Skipped, Skipped]


def test_a_message_whose_attachments_are_not_read_is_rejected_and_names_them() -> None:
    raw = message(("application/pdf", "a.pdf", b"%PDF-1.7"), ("image/png", "b.png", PHOTO))
    *skipped, own = read_bytes(raw, "m.eml")
    assert [type(item) for item in skipped] == [Skipped, Skipped]
    assert isinstance(own, Rejection)
    assert own.error.detail == (
        "Message sans texte : il n'a que des pièces jointes qui ne sont pas lues (« a.pdf », « b.png »)."
    )
    assert own.raw == raw


def test_a_broken_attachment_is_rejected_with_its_bytes() -> None:
    own, broken = read_bytes(message(("text/xml", "a.xml", b"<nitf>\n</a>"), text="Le message."), "m.eml")
    assert isinstance(own, RawDispatch)
    assert isinstance(broken, Rejection)
    assert (broken.where, broken.raw, broken.error.code) == ("m.eml!/a.xml", b"<nitf>\n</a>", "malforme")


def test_messages_in_messages_and_no_end() -> None:
    raw = message(("text/plain", "fond.txt", b"Le fond."), text="Niveau 0.")
    for level in range(1, 6):
        outer = EmailMessage()
        outer["From"], outer["Date"] = "a@exemple.fr", "Mon, 8 Aug 2022 08:52:00 +0200"
        outer.set_content(f"Niveau {level}.")
        outer.add_attachment(raw, maintype="application", subtype="octet-stream", filename=f"{level}.eml")
        raw = outer.as_bytes()
    assert told(read_bytes(raw, "m.eml")) == ["Niveau 5.", "Niveau 4.", "Niveau 3.", "trop-gros"]


def test_a_bomb_attached_to_a_message() -> None:
    bomb = gzip.compress(bytes(30_000_000))
    assert told(read_bytes(message(("application/gzip", "a.gz", bomb), text="Le message."), "m.eml")) == [
        "Le message.",
        "trop-gros",
    ]


# --- the raw of a dispatch, read again -------------------------------------------------------------------------------

# What only a feed, a message or a file says of all its items.
ENVELOPE = frozenset(("agency", "language", "published", "published_precision", "byline"))


@pytest.mark.parametrize("name", FIXTURES)
def test_the_raw_of_every_dispatch_is_that_dispatch(name: str) -> None:
    items = [item for item in read_bytes(FIXTURES[name], "f") if not isinstance(item, Skipped)]
    assert items
    for item in items:
        assert isinstance(item, RawDispatch), item
        again = read_again(item.raw, "f", item.source.format, encoding=item.encoding, id=item.stated.id)
        assert isinstance(again, RawDispatch), again
        assert (again.text, again.raw, again.encoding) == (item.text, item.raw, item.encoding)
        assert again.source.checksum == item.source.checksum
        for field in Stated.__dataclass_fields__:
            before, after = getattr(item.stated, field), getattr(again.stated, field)
            assert after == before or (field in ENVELOPE and not after) or field == "published_precision", field
        # What came alone is all there is in its raw, for whoever opens that as a file.
        opened = list(read_bytes(item.raw, "f", item.source.format))
        if name not in ("newsml, languages", "message"):
            assert [one.text for one in opened if isinstance(one, RawDispatch)] == [item.text]


def test_a_short_piece_of_a_file_is_read_in_the_table_of_the_file() -> None:
    """ "Ã©" of a lot in cp1252 is UTF-8 when it stands alone."""
    lot = "Forêt, où ça, déjà.\n----\nIl écrit « Ã© ».\n".replace("«", "").replace("»", "").encode("cp1252")
    _, second = read_bytes(lot, "lot.txt")
    assert isinstance(second, RawDispatch)
    again = read_again(second.raw, "lot.txt", "text", encoding=second.encoding)
    assert isinstance(again, RawDispatch)
    assert (again.text, again.raw, again.encoding) == (second.text, second.raw, "cp1252")


def test_a_short_piece_with_signs_of_control_is_still_text() -> None:
    lot = f"{TEXT * 20}----\nFin\x0e.\n".encode()
    _, second = read_bytes(lot, "lot.txt")
    assert isinstance(second, RawDispatch)
    assert told([read_again(second.raw, "lot.txt", "text")]) == ["Fin\x0e.\n"]


def test_the_languages_of_an_item_without_id_are_told_apart() -> None:
    raw = FIXTURES["newsml, languages"].replace(b"<NewsItemId>1</NewsItemId>", b"")
    for item in read_bytes(raw, "f"):
        assert isinstance(item, RawDispatch)
        assert item.stated.id is None
        again = read_again(item.raw, "f", "newsml-1.2", language=item.stated.language)
        assert told([again]) == [item.text]


def test_columns_that_were_told_are_told_again() -> None:
    columns = {"Papier": "text"}
    (item,) = read_bytes("Réf. interne;Papier\n7;Un texte.\n".encode(), "t.csv", None, columns)
    assert isinstance(item, RawDispatch)
    again = read_again(item.raw, "t.csv", "csv", columns=columns)
    assert isinstance(again, RawDispatch)
    assert again.text == item.text
    refused = read_again(item.raw, "t.csv", "csv")
    assert isinstance(refused, Rejection)
    assert refused.error.code == "colonnes"


@pytest.mark.parametrize(("raw", "format"), [(b"", "text"), (b"{}", "jsonl"), (b"<a/>", "nitf"), (b"{", "ninjs")])
def test_a_raw_that_is_no_dispatch_is_explained(raw: bytes, format: str) -> None:
    assert isinstance(read_again(raw, "f", format), Rejection)
