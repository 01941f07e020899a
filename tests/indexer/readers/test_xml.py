"""What XML files from anywhere may not do, and the paragraphs that come out of their markup."""

from __future__ import annotations

import errno
import io
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from engine.errors import InputRejected, InputTooLarge, NoTextInput, UndecodableInput
from indexer.dates import Dated
from indexer.raw import Item, RawDispatch, Rejection, Stated
from indexer.readers.xml import (
    agency_of,
    author,
    instant,
    iptc_code,
    number,
    paragraphs,
    place_of,
    read_items,
    root_name,
    unrepeated,
    usage_of,
)
from indexer.sources import Skipped
from mappings.dispatch import pack_raw, unpack_raw


def understand(element: etree._Element) -> list[tuple[str, Stated]]:
    body = paragraphs(element)
    if not body:
        raise NoTextInput("Vide.")
    return [("\n".join(body), Stated(paragraphs=body))]


def read(raw: bytes) -> list[Item | Skipped]:
    return [*read_items(io.BytesIO(raw), "f.xml", None, form="essai", tags=("{*}i",), understand=understand)]


def texts(raw: bytes) -> list[str]:
    return [item.text for item in read(raw) if isinstance(item, RawDispatch)]


# --- what is refused -----------------------------------------------------------------------------------------------

LAUGHS = b'<!ENTITY a0 "ha">' + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))


# The same with parameter entities, each of which declares the next ones twenty times.
PARAMETER_LAUGHS = (
    b"<!DOCTYPE i [<!ENTITY % p0 \"<!ENTITY a 'ha'>\">"
    + b"".join(b'<!ENTITY %% p%d "%s">' % (n, b"&#37;p%d;" % (n - 1) * 20) for n in range(1, 12))
    + b"%p11;]><i>&a;</i>"
)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'<!DOCTYPE i [<!ENTITY a "b">]><i>c</i>', "DOCTYPE"),
        (b"<!DOCTYPE i [" + LAUGHS + b"]><i>&a11;</i>", "DOCTYPE"),
        (b"<!DOCTYPE i [" + LAUGHS + b']><i x="&a11;">c</i>', "démesuré"),
        (b'<!DOCTYPE i [<!ENTITY a SYSTEM "file:///etc/hostname">]><i>&a;</i>', "entité externe"),
        (b'<!DOCTYPE i [<!ENTITY a SYSTEM "file:///etc/hostname">]><i x="&a;">c</i>', "XML mal formé"),
        (
            b'<!DOCTYPE r [<!ENTITY a PUBLIC "p" "http://exemple.invalid/a">]><r><i><b>&a;</b></i></r>',
            "externe",
        ),
        (b'<!DOCTYPE i [<!ENTITY % n SYSTEM "n.dtd"> %n; <!ENTITY a "b">]><i>&a;</i>', "DOCTYPE"),
        (b"<!DOCTYPE i [<!ENTITY % p \"<!ENTITY a 'b'>\"> %p;]><i>&a;</i>", "DOCTYPE"),
        (b'<!DOCTYPE i [<!ENTITY % p "q">]><i>c</i>', "DOCTYPE"),
        (b'<!DOCTYPE i [<!ENTITY % n SYSTEM "n.dtd"><!ATTLIST i x CDATA "y">]><i>c</i>', "DOCTYPE"),
        (b'<!DOCTYPE i [<!-- ]> --><!ENTITY a "b">]><i>c</i>', "DOCTYPE"),
        (b'<!-- <!DOCTYPE i [\n]> --><!DOCTYPE i [<!ENTITY a "b">]><i>c</i>', "DOCTYPE"),
        (b'<!DOCTYPE i [<!ENTITY a "' + b"x" * 30_000 + b'">]><i>' + b"&a;" * 30_000 + b"</i>", "DOCTYPE"),
        (b'<!DOCTYPE j [<!ENTITY a "b">]><i>c</i>', "DOCTYPE"),
        (b'<!DOCTYPE j [<!ATTLIST i x CDATA "y">]><i>c</i>', "DOCTYPE"),
        (PARAMETER_LAUGHS, "DOCTYPE|démesuré|mal formé"),
        (b'<!DOCTYPE i [<!ATTLIST i x CDATA "y">]><i>c</i>', "DOCTYPE"),
        (b"<!DOCTYPE i [<!ELEMENT i ANY>]><i>c</i>", "DOCTYPE"),
        (b'<!-- <!DOCTYPE i> --><!DOCTYPE i [<!ENTITY a "b">]><i>&a;</i>', "DOCTYPE"),
        (b"<i>" + b"<b>" * 100_000, "imbriqués"),
        (b"<i>" + b"<b>" * 300 + b"a" + b"</b>" * 300 + b"</i>", "imbriqués"),
        (b"<i>a&nbsp;b</i>", "ligne 1, colonne 11 : entité"),
        (b"<i>\n\nLemoine & fils</i>", "ligne 3"),
        (b"<i>\n</j>", "ligne 2"),
        (b"<i>a\x1ab</i>", "caractère interdit"),
        (b"\n\n <i>\n</j>", "ligne 4"),
        (b"Un texte.", "pas du XML"),
        (b"<!--" + b"x" * 70_000 + b"--><i>a</i>", "aucun élément"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_refused_with_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(InputRejected, match=reason):
        read(raw)


@pytest.mark.parametrize(
    "raw",
    [
        '<?xml version="1.0" encoding="utf-8"?><i>été</i>'.encode("cp1252"),
        b'<?xml version="1.0" encoding="bidule"?><i>a</i>',
    ],
)
def test_bytes_of_another_encoding_are_told_from_broken_markup(raw: bytes) -> None:
    with pytest.raises(UndecodableInput, match="ligne 1"):
        read(raw)


@pytest.mark.parametrize(
    "declarations",
    [
        '<!ENTITY % n SYSTEM "n.dtd"> %n;',
        '<!ENTITY % n PUBLIC "-//IPTC//DTD NITF 3.2//EN" "http://www.iptc.org/nitf.dtd">\n%n;',
        "<!ENTITY % n SYSTEM 'n\"2.dtd'><?pi [?> <!-- ]> -->",
        '<!NOTATION gif PUBLIC "gif"><!ENTITY logo SYSTEM "logo.gif" NDATA gif>',
        '<!ENTITY inutile SYSTEM "file:///etc/passwd">',
        "",
    ],
)
def test_a_doctype_may_name_files_that_are_never_used(declarations: str) -> None:
    assert texts(f'<!DOCTYPE i SYSTEM "i.dtd" [{declarations}]><i>a &eacute;</i>'.encode()) == ["a é"]


def test_a_doctype_may_have_a_prefix() -> None:
    raw = (
        '<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE r:r SYSTEM "http://e.fr/r.dtd">\n<r:r xmlns:r="u"><i>a</i></r:r>'
    )
    assert texts(raw.encode()) == texts(raw.encode("utf-16")) == ["a"]


# %(url)s is to be opened; were it, the parser would hang on a pipe that nobody writes to, or the socket would know.
TRAPS = [
    '<!DOCTYPE i SYSTEM "%(url)s"><i>a</i>',
    '<!DOCTYPE i PUBLIC "-//IPTC//DTD NITF 3.4//EN" "%(url)s"><i>a &bidule;</i>',
    '<!DOCTYPE i [<!ENTITY %% n SYSTEM "%(url)s"> %%n; ]><i>a</i>',
    '<!DOCTYPE i [<!ENTITY %% n SYSTEM "%(url)s"> %%n; %%n; ]><i>a &b;</i>',
    '<!DOCTYPE i [<!ENTITY %% n PUBLIC "p" "%(url)s"><!ENTITY %% m SYSTEM "%(url)s"> %%m; %%n;]><i>a</i>',
    '<!DOCTYPE i [<!ENTITY a SYSTEM "%(url)s">]><i>&a;</i>',
    '<!DOCTYPE i [<!ENTITY a SYSTEM "%(url)s">]><i x="&a;">a</i>',
    '<!DOCTYPE i [<!ENTITY %% f SYSTEM "%(url)s"><!ENTITY %% e "<!ENTITY s SYSTEM \'%(url)s?%%f;\'>">%%e;]><i>&s;</i>',
    '<!DOCTYPE i [<!ENTITY a SYSTEM "%(url)s" NDATA g><!NOTATION g SYSTEM "%(url)s">]><i>a</i>',
    '<?xml-stylesheet href="%(url)s" type="text/xsl"?><i>a</i>',
    '<i xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="%(url)s" parse="text"/>a</i>',
    '<i xmlns:s="http://www.w3.org/2001/XMLSchema-instance" s:schemaLocation="u %(url)s">a</i>',
]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("trap", TRAPS)
def test_nothing_a_file_names_is_ever_opened(trap: str, tmp_path: Path) -> None:
    pipe = tmp_path / "tube"
    os.mkfifo(pipe)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        for url in (str(pipe), pipe.as_uri(), f"http://127.0.0.1:{server.getsockname()[1]}/a"):
            items: list[Item | Skipped] = []
            with suppress(InputRejected):
                items = read((trap % {"url": url}).encode())
            assert all(isinstance(item, RawDispatch) and item.text.startswith("a") for item in items)
            with pytest.raises(BlockingIOError):
                server.accept()
            # Somebody who had the pipe open to read would let us open it to write.
            with pytest.raises(OSError) as nobody:
                os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            assert nobody.value.errno == errno.ENXIO


def test_several_items_are_kept_without_the_doctype_that_their_entities_need() -> None:
    found = read(
        b'<!DOCTYPE r SYSTEM "r.dtd"><r><i>&Eacute;t&eacute; &bidule; &amp;</i><i>b<b/>&eacute;t&eacute;</i></r>'
    )
    assert [item.text for item in found if isinstance(item, RawDispatch)] == ["Été &bidule; &", "bété"]
    for item in found:
        assert isinstance(item, RawDispatch)
        assert texts(item.raw) == [item.text]


def test_an_external_doctype_is_accepted_and_html_entities_are_read() -> None:
    raw = (
        b'<!DOCTYPE i PUBLIC "-//IPTC//DTD NITF 3.4//EN" "nitf-3-4.dtd"><i>&Eacute;t&eacute;&nbsp;: &euro; &amp;lt;</i>'
    )
    assert texts(raw) == ["Été\xa0: € &lt;"]


@pytest.mark.timeout(60)
def test_a_million_entities_cost_no_more_than_their_letters() -> None:
    raw = b'<!DOCTYPE i SYSTEM "i.dtd"><i>' + b"&eacute;" * 500_000 + b"<b/>" + b"&eacute;<b/>" * 100_000 + b"</i>"
    assert texts(raw) == ["é" * 600_000]


# --- several items -------------------------------------------------------------------------------------------------


def test_the_items_before_the_break_are_given_then_a_rejection_names_the_line() -> None:
    found = read(b"<r>\n<i>un</i>\n<i>deux</i>\n<i>trois</j></r>")
    assert [item.text for item in found if isinstance(item, RawDispatch)] == ["un", "deux"]
    last = found[-1]
    assert isinstance(last, Rejection)
    assert last.position == 2
    assert "ligne 4" in last.error.detail
    assert last.where == "f.xml"


def test_a_file_cut_short_gives_what_is_whole() -> None:
    found = read(b"<r><i>un</i>\n<i>deu")
    assert [item.text for item in found if isinstance(item, RawDispatch)] == ["un"]
    assert isinstance(found[-1], Rejection)
    assert "avant sa fin" in found[-1].error.detail


def test_an_item_without_text_is_a_rejection_among_the_others() -> None:
    found = read(b"<r><i>un</i>\n\n<i/>\n<i>trois</i></r>")
    assert [type(item) for item in found] == [RawDispatch, Rejection, RawDispatch]
    assert isinstance(found[1], Rejection)
    assert isinstance(found[1].error, NoTextInput)
    assert found[1].error.detail == "Vide (élément i, ligne 3)."
    assert found[1].raw.endswith(b"<i/>")
    assert [item.position for item in found] == [0, 1, 2]


def test_a_file_without_any_item_says_what_was_looked_for() -> None:
    with pytest.raises(NoTextInput, match="aucun élément i"):
        read(b"<r/>")


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("ISO-8859-15", "iso8859-15"),
        ("windows-1252", "cp1252"),
        ("GBK", "gbk"),
    ],
)
def test_one_item_keeps_the_bytes_of_its_file(declared: str, codec: str) -> None:
    raw = f'<?xml version="1.0" encoding="{declared}"?>\n<r>\n <i>été à Pékin</i>\n</r>\n'.encode(codec)
    (found,) = read(raw)
    assert isinstance(found, RawDispatch)
    assert found.text == "été à Pékin"
    assert found.raw == raw
    assert unpack_raw(pack_raw(found.raw, found.encoding)) == raw


def test_one_of_several_items_is_a_document_by_itself() -> None:
    found = read(b'<r xmlns="urn:a" xmlns:b="urn:b"><i>un</i><i b:c="d">d\xc3\xa9ux</i></r>')
    assert isinstance(found[1], RawDispatch)
    assert found[1].encoding == "utf-8"
    again = etree.fromstring(found[1].raw)
    assert again.tag == "{urn:a}i"
    assert again.get("{urn:b}c") == "d"
    assert again.text == "déux"


class Endless(io.RawIOBase):
    """A document of `count` items of 3 KB, made as it is read."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.seek(0)

    def seek(self, offset: int, whence: int = 0) -> int:
        assert offset == whence == 0
        self.pieces = self._pieces()
        self.rest = b""
        return 0

    def _pieces(self) -> Iterator[bytes]:
        yield b"<r>"
        for place in range(self.count):
            yield b"<i><p>d\xc3\xa9p\xc3\xaache %d</p>%s</i>\n" % (place, b"<p>mot</p>" * 300)
        yield b"</r>"

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while len(self.rest) < len(view) and (piece := next(self.pieces, None)) is not None:
            self.rest += piece
        taken, self.rest = self.rest[: len(view)], self.rest[len(view) :]
        view[: len(taken)] = taken
        return len(taken)


def test_a_message_of_many_items_is_read_in_flat_memory() -> None:
    """What was read is let go: of 2,000 items only those of the block being parsed are there at once."""
    kept: list[int] = []

    def count(element: etree._Element) -> list[tuple[str, Stated]]:
        parent = element.getparent()
        assert parent is not None
        kept.append(sum(1 for _ in parent.iter()))
        return understand(element)

    stream = io.BufferedReader(Endless(2_000))
    found = read_items(stream, "f.xml", None, form="essai", tags=("{*}i",), understand=count)
    assert sum(1 for _ in found) == 2_000
    assert max(kept) < 24 * 302  # elements: 22 items of a block, one begun, one emptied


def test_an_item_that_does_not_end_is_too_large() -> None:
    with pytest.raises(InputTooLarge, match="16 Mo"):
        read(b"<r><i>" + (b"<p>" + b"mot " * 20_000 + b"</p>") * 250)


# --- paragraphs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>L'<b>ONU</b> a\n\t réuni</p>", ["L'ONU a réuni"]),
        ("<p>un</p>deux<p>trois</p>", ["un", "deux", "trois"]),
        ("<div>a<p>b</p>c</div>d", ["a", "b", "c", "d"]),
        ("<h2>Titre</h2><p>a</p>", ["Titre", "a"]),
        ("<ul><li>a</li><li><p>b</p></li></ul>", ["a", "b"]),
        ("<blockquote><p>a</p></blockquote><bq><block><p>b</p></block></bq>", ["a", "b"]),
        ("<table><tr><th>Nice</th><td>12</td></tr><tr><td>Metz</td><td>9</td></tr></table>", ["Nice | 12", "Metz | 9"]),
        ("<table><tr><td><p>a</p></td><td><p>b</p><p>c</p></td></tr></table>", ["a | b c"]),
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", ["a", "b"]),
        ("<p>a<br/>b<br/><br/>c</p>", ["a b", "c"]),
        ("<pre>a\nb\n\nc</pre>", ["a b", "c"]),
        ("<p>a<script>x()</script>b<style>y</style></p>", ["ab"]),
        ("<p>a<!-- x -->b<?y z?>c</p>", ["abc"]),
        ("<p>12\u00a0%\u202f!</p>", ["12\u00a0%\u202f!"]),
        ("<p> </p><p/><p>\u200b</p>", []),
        ("<p><![CDATA[3 < 4 & 5]]></p>", ["3 < 4 & 5"]),
        ('<x:p xmlns:x="urn:x">a</x:p>b', ["a", "b"]),
        ("<bidule>a</bidule> <machin>b</machin>", ["a b"]),
    ],
)
def test_paragraphs(markup: str, expected: list[str]) -> None:
    assert [*paragraphs(etree.fromstring(f"<i>{markup}</i>"))] == expected


def test_no_text_is_lost_however_deep_it_lies() -> None:
    markup = "".join(f"<div>a{n}<em>b{n}</em>" for n in range(200)) + "".join(f"</div>c{n}" for n in range(200))
    said = " ".join(paragraphs(etree.fromstring(f"<i>{markup}</i>")))
    assert said.split() == [*(f"a{n}b{n}" for n in range(200)), *(f"c{n}" for n in range(200))]


def test_an_element_left_out_leaves_what_follows_it() -> None:
    tree = etree.fromstring("<i>a<q>b</q>c</i>")
    assert paragraphs(tree, [tree[0]]) == ("ac",)


def test_lines_that_repeat_are_left_out() -> None:
    body = ("Le port d'Anvers teste un remorqueur.",)
    assert unrepeated(["le port d'anvers teste", "Titre", "Un sous-titre"], body, "TITRE") == ("Un sous-titre",)


# --- what formats say alike ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"<nitf/>", ("", "nitf")),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- a --><nitf>", ("", "nitf")),
        ("<?xml version='1.0' encoding='utf-16'?><n:a xmlns:n='urn:b'>".encode("utf-16"), ("urn:b", "a")),
        (b"\n <?xml version='1.0'?><nitf>", ("", "nitf")),
        (b"<a><broken", ("", "a")),
        (b"<!DOCTYPE nitf [" + LAUGHS + b']><nitf x="&a11;">', ("", "nitf")),
        (b"Paris, le 3 mai", ("", "")),
        (b'{"a": "<nitf/>"}', ("", "")),
        (b"", ("", "")),
    ],
    ids=range(9),
)
def test_the_root_of_a_file(raw: bytes, expected: tuple[str, str]) -> None:
    assert root_name(raw) == expected


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (["nprov:AFP"], "AFP"),
        (["nprov:dpa", "Deutsche Presse-Agentur"], "DPA"),
        (["reuters.com"], "Reuters"),
        (["www.itar-tass.com"], "TASS"),
        (["Gazette des Alpes", "ats"], "ATS"),
        (["Gazette des Alpes"], "Gazette des Alpes"),
        (["https://exemple.invalid/about"], None),
        ([None, ""], None),
    ],
)
def test_the_agency(candidates: list[str | None], expected: str | None) -> None:
    assert agency_of(candidates) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("20190121T104233Z", datetime(2019, 1, 21, 10, 42, 33, tzinfo=UTC)),
        ("20190121T104233+0200", datetime(2019, 1, 21, 8, 42, 33, tzinfo=UTC)),
        ("2016-01-02T19:03:39.000Z", datetime(2016, 1, 2, 19, 3, 39, tzinfo=UTC)),
        ("20190129T133356", datetime(2019, 1, 29, 12, 33, 56, tzinfo=UTC)),  # no zone: Paris
        ("2022-11-08", datetime(2022, 11, 8, tzinfo=UTC)),
        ("demain", None),
        ("", None),
        (None, None),
    ],
)
def test_instants(said: str | None, expected: datetime | None) -> None:
    found = instant(said, None)
    assert (found.moment if found else None) == expected


def test_an_instant_without_a_zone_is_in_its_agencys() -> None:
    found = instant("20190121T102708", "TASS")
    assert found == Dated(datetime(2019, 1, 21, 7, 27, 8, tzinfo=UTC), "minute", "stated")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("medtop:20000065", "medtop:20000065"),
        ("http://cv.iptc.org/newscodes/mediatopic/20000065", "medtop:20000065"),
        ("subj:11017000", "subj:11017000"),
        ("20000065", "medtop:20000065"),
        ("02008000", "subj:02008000"),
        ("dpacat:pl", None),
        ("8000", None),
        (None, None),
    ],
)
def test_codes_of_iptc(code: str | None, expected: str | None) -> None:
    assert iptc_code(code) == expected


@pytest.mark.parametrize(
    ("dateline", "expected"),
    [
        ("Paris, 21 jan 2019 (AFP) -", "Paris"),
        ("Athènes (dpa) - ", "Athènes"),
        ("NEW YORK", "NEW YORK"),
        ("Landquart GR", "Landquart GR"),
        ("Charm el-Cheikh 12 nov - ", "Charm el-Cheikh"),
        ("21 janvier", None),
        ("", None),
        (None, None),
    ],
)
def test_the_place_of_a_dateline(dateline: str | None, expected: str | None) -> None:
    assert place_of(dateline) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("stat:canceled", "canceled"),
        ("http://cv.iptc.org/newscodes/pubstatusg2/withheld", "withheld"),
        ("Canceled", "canceled"),
        ("USABLE", "usable"),
        (None, "usable"),
    ],
)
def test_the_usage(status: str | None, expected: str) -> None:
    assert usage_of(status) == expected


@pytest.mark.parametrize(
    ("said", "expected"), [("3", 3), (" 9 ", 9), ("0", None), ("10", None), ("²", None), ("", None)]
)
def test_numbers(said: str, expected: int | None) -> None:
    assert number(said, 1, 9) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [("Par Jean Dupont", "Jean Dupont"), ("By Ann Lee", "Ann Lee"), ("Parisot", "Parisot"), ("", ""), (None, None)],
)
def test_the_author_of_a_byline(said: str | None, expected: str | None) -> None:
    assert author(said) == expected
