"""The doors to the readers: files, bytes, streams, attachments; and the raw of a dispatch, read again."""

from __future__ import annotations

import gzip
import io
import os
import threading
import tracemalloc
import zipfile
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

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
FILES = sorted(path for path in SAMPLES.rglob("*") if path.is_file() and path.name != "README.md")
TEXT = "PARIS, 8 août 2022 (AFP) - L'été est là, où ça.\n"


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
    line = (TEXT + "--------\n").encode()
    stream = piped(line * (60_000_000 // len(line)))
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_stream(stream, "x")) == 60_000_000 // len(line)
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

NITF = b"<nitf><body><body.content><p>En NITF.</p></body.content></body></nitf>"
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(100)


def message(*files: tuple[str, str, bytes], text: str = "") -> bytes:
    """A message with files: their media type, name and content."""
    whole = EmailMessage()
    whole["From"], whole["Date"], whole["Subject"] = "AFP <a@afp.com>", "Mon, 8 Aug 2022 08:52:00 +0200", "Envoi"
    whole.set_content(text)
    for kind, name, content in files:
        main, _, sub = kind.partition("/")
        if kind == "message/rfc822":
            inner = EmailMessage()
            inner["Subject"] = name
            inner.set_content(content.decode())
            whole.add_attachment(inner)
        else:
            whole.add_attachment(content, maintype=main, subtype=sub, filename=name)
    raw: bytes = whole.as_bytes()
    return raw


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


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

G2 = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:{0}" version="3"><itemMeta><provider '
    'qcode="nprov:AFP"/><firstCreated>2022-08-08</firstCreated></itemMeta><contentMeta><headline>Été {0}</headline>'
    "</contentMeta><contentSet><inlineXML><html><body><p>Où ça, {0}.</p></body></html></inlineXML></contentSet></newsItem>"
)
NEWSML = (
    "<NewsItem><Identification><NewsIdentifier><ProviderId>afp.com</ProviderId><NewsItemId>{0}</NewsItemId>"
    "</NewsIdentifier></Identification><NewsComponent><NewsLines><HeadLine>Été {0}</HeadLine></NewsLines><ContentItem>"
    "<DataContent><nitf><body><body.content><p>&Eacute;t&eacute; {0}.</p></body.content></body></nitf></DataContent>"
    "</ContentItem></NewsComponent></NewsItem>"
)
LANGUAGES = (
    "<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>belga.be</ProviderId><NewsItemId>1</NewsItemId>"
    "</NewsIdentifier></Identification><NewsComponent>{}</NewsComponent></NewsItem></NewsML>"
).format(
    "".join(
        f'<NewsComponent xml:lang="{tag}"><ContentItem><DataContent><p>{words}</p></DataContent></ContentItem>'
        "</NewsComponent>"
        for tag, words in (("fr", "Un été."), ("nl", "Een zomer."))
    )
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>AFP</title>'
    "<entry><id>urn:1</id><title>Un</title><updated>2022-08-08T08:00:00Z</updated><content>Été un.</content></entry>"
    '<entry><id>urn:2</id><title>Deux</title><category term="mer"/><summary type="html">&lt;p&gt;Été deux.&lt;/p&gt;'
    "</summary></entry></feed>"
)
RDF = (
    '<!DOCTYPE rdf:RDF SYSTEM "x.dtd"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="u"><title>AFP'
    '</title></channel><item rdf:about="http://e.fr/1"><title>Un</title><description>Été un.</description><dc:date>'
    '2022-08-08</dc:date></item><item rdf:about="http://e.fr/2"><title>Deux</title><link>http://e.fr/2</link>'
    "<description>Été deux.</description></item></rdf:RDF>"
)
RSS = (
    '<rss version="2.0"><channel><title>AFP - Monde</title><language>fr</language><item><title>Un</title><description>Été'
    " un.</description><pubDate>Mon, 08 Aug 2022 08:00:00 GMT</pubDate></item><item><guid>2</guid><description>&lt;p&gt;"
    "Été deux.&lt;/p&gt;</description></item></channel></rss>"
)
JSON = '[{"id": "1", "x": {"y": 1}\n,\n"text": "Été un."},\n {"text": "Forêt, où ça.", "published": "8 août 2022"}]'
LINES = '{"id": "1", "text": "Été un."}\n{"text": "Forêt, où ça.", "published": "2022-08"}\n'
TABLE = "sep=;\nTitre;Texte;Date\nÉté;L'été à Nîmes;08/08/2022\nHiver;Forêt;8 août 2022 8h\n"
LOT = f"{TEXT}--------\nForêt, où ça ?\n========\nASCII.\n"
BOX = "".join(
    f"From a@exemple.fr Mon Aug  8 08:52:0{n} 2022\nFrom: AFP <a@afp.com>\nDate: Mon, 8 Aug 2022 08:52:00 +0200\n"
    f"Subject: Sujet {n}\nContent-Type: text/plain; charset=utf-8\n\nÉté {n}.\n\n>From Nice.\n\n"
    for n in range(3)
)
PAGE = (
    '<!doctype html><html lang="fr"><head><title>Été</title></head><body><article><h1>Été</h1><p>Publié le 8 août 2022</p>'
    "<p>Un long texte.</p></article></body></html>"
)
DOCTYPE = '<!DOCTYPE NewsML SYSTEM "n.dtd" [<!ENTITY % nitf SYSTEM "nitf.dtd"> %nitf;]>'
NAR = 'xmlns="http://iptc.org/std/nar/2006-10-01/"'

FIXTURES: dict[str, bytes] = {
    "g2": G2.format(1).encode(),
    "g2 message": f"<newsMessage {NAR}><itemSet>{G2.format(1)}{G2.format(2)}</itemSet></newsMessage>".encode(),
    "newsml": f"{DOCTYPE}<NewsML>{NEWSML.format(1)}</NewsML>".encode(),
    "newsml, several": f"{DOCTYPE}<NewsML>{NEWSML.format(1)}{NEWSML.format(2)}</NewsML>".encode(),
    "newsml, languages": LANGUAGES.encode(),
    "nitf": '<?xml version="1.0" encoding="iso-8859-1"?><nitf><body><body.content><p>Été</p></body.content></body></nitf>'.encode(
        "cp1252"
    ),
    "atom": ATOM.encode(),
    "rdf": RDF.encode(),
    "rss": RSS.encode(),
    "mailbox": BOX.encode(),
    "mailbox, cp1252": BOX.replace("utf-8", "windows-1252").encode("cp1252"),
    "message": message(("text/plain", "a.txt", b"Un autre."), ("text/csv", "t.csv", TABLE.encode()), text="Été.\n"),
    "page": PAGE.encode(),
    "page, declared": PAGE.replace("<head>", '<head><meta charset="gbk">')
    .replace("Été", "été")
    .replace("août", "septembre")
    .encode("gbk"),
    **{f"json, {table}": JSON.encode(table) for table in ("utf-8", "utf-16", "utf-32", "cp1252")},
    **{f"lines, {table}": LINES.encode(table) for table in ("utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman")},
    **{f"table, {table}": TABLE.encode(table) for table in ("utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman")},
    **{f"lot, {table}": LOT.encode(table) for table in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "cp850")},
} | {str(path.relative_to(SAMPLES)): path.read_bytes() for path in FILES}


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
