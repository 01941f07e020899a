"""Whatever comes, every reader ends: with dispatches, with rejections that say why, and with no other exception."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.raw import Item, RawDispatch, Rejection
from indexer.readers import FORMATS, read_bytes
from indexer.sources import Skipped
from tests.indexer.readers.inputs import FIXTURES, NITF, message, zipped

# Of every kind of input one, as every reader, container and attachment has it.
SEEDS: dict[str, bytes] = FIXTURES | {
    "zip": zipped(
        {"a.txt": "Été.".encode(), "b/c.xml": NITF, "d.eml": message(("text/plain", "e.txt", b"x"), text="f")}
    ),
    "gz": gzip.compress(b'{"text": "a"}\n' * 20, mtime=0),
    "letter": message(
        ("message/rfc822", "a", b"b"),
        ("application/zip", "c.zip", zipped({"d.txt": b"e"})),
        ("text/html", "f.html", b"<html><p>g</p></html>"),
        text="-- \nh",
    ),
}
ALONE = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def ends(items: Iterator[Item | Skipped]) -> None:
    """Each item is a dispatch that can be indexed, or says why it is none."""
    for item in items:
        if isinstance(item, RawDispatch):
            assert any(map(str.isalnum, item.text)) or item.stated.usage == "canceled"
            item.text.encode()
            for told in (
                item.stated.title,
                item.stated.id,
                item.stated.agency,
                item.stated.byline,
                *item.stated.subjects,
            ):
                (told or "").encode()
            for moment in (item.stated.published, item.stated.updated, item.stated.embargo):
                assert moment is None or moment.tzinfo is not None
        elif isinstance(item, Rejection):
            assert item.error.detail.endswith((".", "?"))
            item.error.detail.encode()
        else:
            assert item.reason


@pytest.mark.timeout(60)
@pytest.mark.parametrize("format", [None, *FORMATS])
@given(raw=st.binary(max_size=300))
@ALONE
def test_any_bytes(format: str | None, raw: bytes) -> None:
    ends(read_bytes(raw, "f", format))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", SEEDS)
@given(data=st.data())
@ALONE
def test_an_input_cut_short(name: str, data: st.DataObject) -> None:
    raw = SEEDS[name]
    ends(read_bytes(raw[: data.draw(st.integers(0, len(raw)))], "f"))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", SEEDS)
@given(data=st.data())
@ALONE
def test_an_input_with_a_byte_that_is_another(name: str, data: st.DataObject) -> None:
    raw = bytearray(SEEDS[name])
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    ends(read_bytes(bytes(raw), "f"))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("format", FORMATS)
@given(data=st.data())
@ALONE
def test_an_input_of_another_format_than_the_one_that_is_forced(format: str, data: st.DataObject) -> None:
    raw = SEEDS[data.draw(st.sampled_from(sorted(SEEDS)))]
    start = data.draw(st.integers(0, len(raw)))
    ends(read_bytes(raw[start : start + data.draw(st.integers(0, len(raw)))], "f", format))


# What formats are made of, put together in any order: nearer to a file than any bytes are.
SCRAPS: dict[str, list[str]] = {
    "xml": [
        *("<", ">", "/", "&", ";", '"', "'", "]]>", "<![CDATA[", "<!--", "-->", "<?xml version='1.0'?>", "<!DOCTYPE "),
        *(
            "[",
            "]>",
            "<!ENTITY ",
            "% ",
            "a ",
            "SYSTEM ",
            '"b"',
            "&a;",
            "%a;",
            "&eacute;",
            "NITF",
            "nitf",
            "NewsML",
            "\n",
        ),
        *(
            "<nitf>",
            "</nitf>",
            "<NewsML>",
            "<NewsItem>",
            "</NewsItem>",
            "<p>",
            "</p>",
            "é",
            "\x00",
            "xmlns='u'",
            "<rss>",
        ),
        *("<item>", "</item>", "<body>", "<body.content>", "Un texte.", "<description>", "</description>", "</rss>"),
    ],
    "json": [
        *(
            '{"',
            '"',
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\\",
            "\\u",
            "d800",
            "1e999",
            "NaN",
            "text",
            "body",
            "é",
            "\n",
            " ",
            "id",
        )
    ],
    "csv": [*("titre", "texte", "date", ";", ",", "\t", '"', '""', "\n", "\r\n", "é", "sep=", "2022", " ", "\x00")],
    "mail": [
        *(
            "From: ",
            "a@b.fr",
            "\n",
            "\n\n",
            "Date: ",
            "x",
            "Subject: ",
            "=?utf-8?q?",
            "=C3=A9",
            "?=",
            "--m",
            "--m--",
            "é",
        ),
        *(
            "Content-Type: ",
            "multipart/mixed; boundary=m",
            "message/rfc822",
            "text/plain",
            "text/html; charset=",
            "utf-16",
        ),
        *("Content-Disposition: attachment; filename=", "a.txt", '"', "Content-Transfer-Encoding: ", "base64", "w6k="),
        *(
            "quoted-printable",
            "From a@b.fr Mon Aug  8 08:52:00 2022\n",
            "filename*=utf-8''%E9",
            "rfc2231'",
            "MIME-Version: 1",
        ),
    ],
    "html": [
        *(
            "<html>",
            "<p>",
            "</p>",
            "<b>",
            "<script>",
            "é",
            "<!--",
            "&nbsp;",
            "<meta charset=",
            "utf-7",
            "<br>",
            "\x00",
            "a",
            ">",
        )
    ],
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("family", SCRAPS)
@given(data=st.data())
@settings(ALONE, max_examples=300)
def test_scraps_of_a_format_in_any_order(family: str, data: st.DataObject) -> None:
    written = "".join(data.draw(st.lists(st.sampled_from(SCRAPS[family]), max_size=40)))
    table = data.draw(st.sampled_from(["utf-8", "utf-8", "cp1252", "utf-16"]))
    ends(read_bytes(written.encode(table), "f"))
