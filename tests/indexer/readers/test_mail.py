"""Messages and mailboxes."""

from __future__ import annotations

import io
import tracemalloc
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from engine.errors import InputRejected, InputTooLarge, NoTextInput
from indexer.raw import Letter, RawDispatch, Rejection, Stated
from indexer.readers import mail

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "formats"


def read(raw: bytes) -> list[RawDispatch | Rejection]:
    """What each message says itself."""
    items = mail.read(io.BytesIO(raw), "m.eml", None)
    return [item.own if isinstance(item, Letter) else item for item in items]


def attached(raw: bytes) -> list[tuple[str, bytes, bool]]:
    """The name, the content, and whether it is text, of each attachment of a message."""
    (item,) = mail.read(io.BytesIO(raw), "m.eml", None)
    return [(one.name, one.raw, one.textual) for one in item.attached] if isinstance(item, Letter) else []


def told(raw: bytes) -> list[str]:
    return [item.text if isinstance(item, RawDispatch) else type(item.error).__name__ for item in read(raw)]


def message(headers: str = "", body: str | bytes = "Un texte.\n") -> bytes:
    text = body.encode() if isinstance(body, str) else body
    return f"From: a@exemple.fr\nDate: Mon, 8 Aug 2022 08:52:00 +0200\n{headers}\n".encode() + text


def stated(headers: str) -> Stated:
    (item,) = read(message(headers))
    assert isinstance(item, RawDispatch)
    return item.stated


def test_the_sample_message() -> None:
    raw = (SAMPLES / "courrier.eml").read_bytes()
    (item,) = read(raw)
    assert isinstance(item, RawDispatch)
    assert item.raw == raw
    assert item.stated.title == "Annecy: les cygnes du lac ont désormais leur passage piéton"
    assert (item.stated.agency, item.stated.language, item.stated.id) == ("AFP", "fr", None)
    assert item.stated.published == datetime(2024, 4, 18, 7, 2, tzinfo=UTC)
    assert item.stated.paragraphs is None
    assert item.text.startswith(
        "ANNECY, 18 avr 2024 (AFP) - La ville d'Annecy a peint jeudi un passage piéton à l'usage"
    )
    assert item.text.endswith("tgr/hc/mv")


def test_the_sample_mailbox() -> None:
    raw = (SAMPLES / "boite.mbox").read_bytes()
    items = read(raw)
    assert all(isinstance(item, RawDispatch) and item.raw in raw for item in items)
    one, two = (item for item in items if isinstance(item, RawDispatch))
    assert (one.stated.title, one.stated.agency) == ("Namur: la Médiathèque prête des silences", "Belga")
    assert "\n\nFrom the Silence, un disque" in one.text
    assert two.stated.agency == "Xinhua"
    assert two.stated.paragraphs is not None
    assert len(two.stated.paragraphs) == 2
    assert [told(item.raw) for item in items] == [[one.text], [two.text]]


# --- headers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "title"),
    [
        ("Subject: Un titre\n", "Un titre"),
        ("Subject: Un titre\n sur deux lignes\n", "Un titre sur deux lignes"),
        ("Subject: =?utf-8?B?w4l0w6k=?=\n", "Été"),
        ("Subject: =?iso-8859-1?q?=C9t=E9?= =?utf-8?q?_=C3=A0?= N\n", "Été à N"),
        ("Subject: =?inconnu?q?=C3=89t=C3=A9?=\n", "Été"),
        ("Subject: =?unicode_escape?q?=5Cud800?=\n", "\\ud800"),
        ("Subject: =?zlib_codec?q?x?=\n", "x"),
        ("Subject: =?utf-8?B?mal?=\n", "=?utf-8?B?mal?="),
        ("Subject: Été\n", "Été"),  # eight bits, as many programs write them
        ("Subject:\n", None),
        ("", None),
    ],
)
def test_the_subject_is_the_title(headers: str, title: str | None) -> None:
    found = stated(headers).title
    assert found == title or (title is not None and title.startswith("=?") and found is not None)


def test_a_subject_in_another_table() -> None:
    (item,) = read("From: a@b.fr\nDate: x\nSubject: Été à Nîmes\n\nUn texte.\n".encode("cp1252"))
    assert isinstance(item, RawDispatch)
    assert (item.stated.title, item.stated.published, item.encoding) == ("Été à Nîmes", None, "latin-1")


@pytest.mark.parametrize(
    ("sender", "agency"),
    [
        ("AFP <x@y.fr>", "AFP"),
        ("=?utf-8?q?Agence_France-Presse?= <x@y.fr>", "AFP"),
        ("Desk <desk@mail.afp.com>", "AFP"),
        ("x@AP.ORG", "AP"),
        ("x@faux-afp.com", None),
        ("x@afp.com.exemple.fr", None),
        ("Jo Du <jo@exemple.fr>", None),
        ("", None),
    ],
)
def test_the_sender_names_the_agency(sender: str, agency: str | None) -> None:
    (item,) = read(f"From: {sender}\nMessage-ID: <1@x>\nSubject: x\n\nUn texte.\n".encode())
    assert isinstance(item, RawDispatch)
    assert (item.stated.agency, item.stated.byline) == (agency, None)


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Mon, 8 Aug 2022 08:52:00 +0200", datetime(2022, 8, 8, 6, 52, tzinfo=UTC)),
        ("8 Aug 2022 06:52:00 GMT", datetime(2022, 8, 8, 6, 52, tzinfo=UTC)),
        ("Mon, 8 Aug 2022 06:52:00 -0000", datetime(2022, 8, 8, 6, 52, tzinfo=UTC)),
        ("hier", None),
        ("Mon, 8 Aug 1222 06:52:00 +0000", None),
        ("Mon, 38 Aug 2022 06:52:00 +0000", None),
        ("", None),
    ],
)
def test_dates(date: str, moment: datetime | None) -> None:
    (item,) = read(f"From: a@b.fr\nDate: {date}\n\nUn texte.\n".encode())
    assert isinstance(item, RawDispatch)
    assert item.stated.published == moment


# --- parts ---------------------------------------------------------------------------------------------------------


def parts(*built: tuple[str, str, dict[str, str]], kind: str = "mixed") -> bytes:
    whole = EmailMessage()
    whole["From"], whole["Date"] = "a@exemple.fr", "Mon, 8 Aug 2022 08:52:00 +0200"
    (whole.make_mixed if kind == "mixed" else whole.make_alternative)()
    for text, subtype, options in built:
        (whole.add_attachment if options else whole.add_alternative if kind != "mixed" else whole.add_attachment)(
            text, subtype=subtype, disposition=options.get("disposition", "inline"), filename=options.get("filename")
        )
    return whole.as_bytes()


PLAIN: tuple[str, str, dict[str, str]] = ("été\n", "plain", {})
HTML: tuple[str, str, dict[str, str]] = ("<p>hiver</p><p>neige</p>", "html", {})
ATTACHED = ("secret\n", "plain", {"disposition": "attachment", "filename": "a.txt"})
NAMED = ("secret\n", "plain", {"filename": "a.txt"})


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (parts(PLAIN, HTML, kind="alternative"), "été"),
        (parts(HTML, PLAIN, kind="alternative"), "été"),
        (parts(("", "plain", {}), HTML, kind="alternative"), "hiver\nneige"),
        (parts(PLAIN, ATTACHED), "été"),
        (parts(ATTACHED, NAMED, PLAIN), "été"),
        (parts(PLAIN, PLAIN), "été\n\nété"),
        (parts(PLAIN, HTML), "été\n\nhiver\n\nneige"),
        (parts(HTML), "hiver\nneige"),
    ],
)
def test_the_parts_that_are_the_text(raw: bytes, text: str) -> None:
    assert told(raw) == [text]


def test_html_has_paragraphs_and_plain_text_has_not() -> None:
    (item,) = read(parts(HTML))
    assert isinstance(item, RawDispatch)
    assert item.stated.paragraphs == ("hiver", "neige")


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        ("Content-Type: text/plain; charset=iso-8859-1\n", "été à Nîmes".encode("cp1252"), "été à Nîmes"),
        ("Content-Type: text/plain; charset=us-ascii\n", "été à Nîmes".encode(), "été à Nîmes"),
        ("Content-Type: text/plain; charset=inconnu\n", "été à Nîmes".encode(), "été à Nîmes"),
        ("Content-Type: text/plain; charset=utf-8\n", "été à Nîmes".encode("cp1252"), "été à Nîmes"),
        ("Content-Type: text/plain; charset=unicode_escape\n", b"\\ud800 x", "\\ud800 x"),
        ("Content-Type: text/plain; charset=gb2312\n", "à Pékin 中国".encode("gbk"), "à Pékin 中国"),
        ("Content-Transfer-Encoding: quoted-printable\n", b"=C3=A9t=C3=A9 et=\n hiver", "été et hiver"),
        ("Content-Transfer-Encoding: base64\n", b"w6l0w6k=", "été"),
        ("Content-Type: text/plain; format=flowed\n", b"Un long \ntexte.\n Un autre.\n", "Un long texte.\nUn autre."),
        ("Content-Type: text/plain; format=flowed; delsp=yes\n", b"Un lo \nng texte.", "Un long texte."),
        ("", b"Un\r\ntexte\r\n", "Un\ntexte"),
    ],
)
def test_how_a_part_is_decoded(headers: str, body: bytes, text: str) -> None:
    assert told(message(headers, body)) == [text]


@pytest.mark.parametrize(
    "raw",
    [
        message("", ""),
        message("Content-Type: image/png\n", "x"),
        parts(ATTACHED),
        message("Content-Type: text/plain\n", b"a\x00b"),
        message("Content-Type: multipart/mixed; boundary=x\n", "rien"),
    ],
)
def test_a_message_without_text(raw: bytes) -> None:
    (item,) = read(raw)
    assert isinstance(item, Rejection)
    assert isinstance(item.error, NoTextInput)
    assert item.raw == raw


# --- attachments ---------------------------------------------------------------------------------------------------


def carrying(*built: tuple[str, str, bytes, str], text: str = "Un texte.") -> bytes:
    """A message with attachments: media type, subtype, content, name."""
    whole = EmailMessage()
    whole["From"], whole["Date"], whole["Subject"] = "a@exemple.fr", "Mon, 8 Aug 2022 08:52:00 +0200", "Sujet"
    whole.set_content(text)
    for main, subtype, content, name in built:
        whole.add_attachment(content, maintype=main, subtype=subtype, filename=name)
    raw: bytes = whole.as_bytes()
    return raw


def test_what_a_message_carries() -> None:
    forwarded = EmailMessage()
    forwarded["Subject"] = "Tr: dépêche"
    forwarded.set_content("Transféré.")
    whole = EmailMessage()
    whole["From"], whole["Date"] = "a@exemple.fr", "Mon, 8 Aug 2022 08:52:00 +0200"
    whole.set_content("Un texte.")
    whole.add_alternative("<p>Un texte.</p>", subtype="html")
    whole.add_attachment(forwarded)
    whole.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="/etc/../été.pdf")
    whole.add_attachment("a;b", subtype="csv", filename="t.csv")
    whole.add_attachment("BEGIN:VCARD", subtype="vcard", filename="jo.vcf")
    found = attached(whole.as_bytes())
    assert [(name, textual) for name, _, textual in found] == [
        ("Tr: dépêche.eml", True),
        ("été.pdf", False),
        ("t.csv", True),
        ("jo.vcf", False),
    ]
    assert found[0][1].endswith("Transféré.\n".encode()) or b"Transf=C3=A9r=C3=A9" in found[0][1]
    assert found[1][1] == b"%PDF-1.7"
    assert told(whole.as_bytes()) == ["Un texte."]


def test_two_attachments_of_one_name_are_both_given() -> None:
    raw = carrying(("text", "plain", b"un", "a.txt"), ("text", "plain", b"deux", "a.txt"), ("text", "plain", b"3", ""))
    assert [(name, content) for name, content, _ in attached(raw)] == [
        ("a.txt", b"un"),
        ("2-a.txt", b"deux"),
        ("pièce 3", b"3"),
    ]


def test_an_attachment_keeps_its_bytes() -> None:
    content = "été\r\nà Nîmes\n\n".encode("cp1252")
    ((_, kept, _),) = attached(carrying(("text", "plain", content, "a.txt")))
    assert kept == content


@pytest.mark.parametrize(
    "text",
    ["-- \nLe desk Afrique\n+33 1 23", "Envoyé de mon iPhone", "\n\nSent from my phone\n-- \nJo", "", "--\nJo", " \n"],
)
def test_a_signature_is_no_text_beside_attachments(text: str) -> None:
    assert told(carrying(("text", "plain", b"Une d\xc3\xa9p\xc3\xaache.", "a.txt"), text=text)) == ["NoTextInput"]


@pytest.mark.parametrize("text", ["Ci-joint.\n-- \nJo", "L'auteur a envoyé de mon iPhone une lettre", "a -- b"])
def test_a_text_is_more_than_a_signature(text: str) -> None:
    assert told(carrying(("text", "plain", b"x", "a.txt"), text=text)) == [text]


def test_a_signature_alone_is_the_text_of_a_message_without_attachments() -> None:
    assert told(message("", "-- \nLe desk Afrique\n")) == ["-- \nLe desk Afrique"]


def test_a_thousand_attachments_and_no_more() -> None:
    mark = b"Content-Disposition: attachment\n\nx\n"
    raw = message("Content-Type: multipart/mixed; boundary=m\n", b"--m\n" + (mark + b"--m\n") * 1_100 + b"--m--\n")
    (own,) = read(raw)
    assert isinstance(own, Rejection)
    assert isinstance(own.error, InputTooLarge)


# --- mailboxes and sizes -------------------------------------------------------------------------------------------

ENVELOPE = b"From a@exemple.fr Mon Aug  8 08:52:00 2022\n"


def box(*messages: bytes) -> bytes:
    return b"".join(ENVELOPE + one + b"\n" for one in messages)


def test_a_wrong_message_does_not_take_the_others_with_it() -> None:
    large = message("", "x" * 20_000_000 + "\n")
    items = told(box(message("", "un\n"), large, message("", "\n"), message("", "deux\n")))
    assert items == ["un", "InputTooLarge", "NoTextInput", "deux"]


def test_a_line_that_begins_with_from_is_text() -> None:
    text = "From Paris\n\nFrom Lyon, une dépêche de 2022 arrive\n\n>From Nice"
    assert told(box(message("", text + "\n"))) == [text]


def nested(depth: int) -> bytes:
    raw = b"Content-Type: text/plain\n\nfond\n"
    for level in range(depth):
        mark = b"m%d" % level
        raw = (
            b"Content-Type: multipart/mixed; boundary="
            + mark
            + b"\n\n--"
            + mark
            + b"\n"
            + raw
            + b"\n--"
            + mark
            + b"--\n"
        )
    return b"From: a@b.fr\nDate: x\n" + raw


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (nested(3), "fond"),
        (nested(12), "MalformedInput"),
        (nested(2_000), "InputTooLarge"),
        (message("X-A: " + "x" * 300_000 + "\n"), "MalformedInput"),
        (message("", "x\n" * 1_100_000), "InputTooLarge"),
        (message("", "x" * 3_000_000), "InputTooLarge"),
    ],
)
@pytest.mark.timeout(20)
def test_monsters_are_refused(raw: bytes, outcome: str) -> None:
    assert told(raw) == [outcome]
    assert issubclass(InputTooLarge, InputRejected)


def test_memory_is_flat() -> None:
    stream = io.BytesIO(box(*[message("", "dépêche " * 400 + "\n")] * 4_000))
    tracemalloc.start()
    try:
        assert sum(1 for _ in mail.read(stream, "grand", None)) == 4_000
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


# --- recognised by content -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (message(), True),
        (b"Received: x\r\n\ty\r\nSubject: z\r\n\r\n", True),
        (ENVELOPE + message(), True),
        (ENVELOPE + b"pas un en-t\xc3\xaate\n", False),
        (b"Date: 8 ao\xc3\xbbt\nTitre: x\n\nUn texte.", False),
        (b"From: AFP\nTitre: x\n\nUn texte.", False),
        (b"PARIS, 8 ao\xc3\xbbt (AFP) - Un texte : le voici.\n", False),
        (b"From Paris, un texte\n", False),
        (b"", False),
    ],
)
def test_looks_like(head: bytes, known: bool) -> None:
    assert mail.looks_like(head) is known
