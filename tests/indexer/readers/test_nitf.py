"""NITF: what is read from which element."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.errors import NoTextInput
from indexer.raw import RawDispatch, Rejection
from indexer.readers import nitf
from indexer.sources import Skipped

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "formats" / "nitf.xml"


def read(raw: str) -> RawDispatch | Rejection | Skipped:
    (found,) = nitf.read(io.BytesIO(raw.encode()), "f.xml", None)
    return found


def one(
    docdata: str = "", head: str = "", content: str = "<p>Un texte.</p>", status: str = "usable", about: str = ""
) -> RawDispatch:
    found = read(
        f'<nitf><head>{about}<docdata management-status="{status}">{docdata}</docdata></head>'
        f"<body><body.head>{head}</body.head><body.content>{content}</body.content></body></nitf>"
    )
    assert isinstance(found, RawDispatch), found
    return found


def test_the_sample_is_read_whole() -> None:
    raw = SAMPLE.read_bytes()
    (found,) = nitf.read(io.BytesIO(raw), "nitf.xml", None)
    assert isinstance(found, RawDispatch)
    assert found.raw == raw
    assert found.raw.decode(found.encoding).startswith("<?xml")
    said = found.stated
    assert (said.id, said.version, said.urgency) == ("PC-2024-04-02-0193", 2, 5)
    assert said.title == "Gaspésie: les premiers fous de Bassan sont revenus"
    assert said.paragraphs == (
        "La colonie a été observée neuf jours plus tôt que d'habitude",
        "PERCÉ, Québec — Les premiers fous de Bassan de l'année ont été observés lundi au-dessus de l'île Bonaventure, "
        "ont rapporté des naturalistes.",
        "On les reconnaît à leur tête couleur de miel.",
        "Année | Premier retour",
        "2022 | 12 avril",
        "2024 | 1er avril",
        "Un fou de Bassan, vu de la falaise.",
        "La Presse canadienne n'a rien diffusé de tel\xa0: cette dépêche est inventée.",
        "Avec un texte du bureau de Québec",
    )
    assert said.published == datetime(2024, 4, 2, 14, 15, tzinfo=UTC)
    assert said.updated == datetime(2024, 4, 2, 14, 32, tzinfo=UTC)
    assert said.embargo is None
    assert (said.agency, said.byline, said.dateline) == ("La Presse canadienne", "Marjolaine Thériault-Roy", "PERCÉ")
    assert (said.language, said.slug, said.credits) == ("fr", "Gaspesie-oiseaux", ("Photo Théo Lepage",))
    assert said.subjects == ("subj:06003000",)
    assert not said.corrects


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<nitf>", True),
        ('<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "nitf-3-4.dtd"><nitf version="3.4"><head>', True),
        ('<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/">', True),
        ('<!DOCTYPE nitf [<!ENTITY a "b">]>', True),
        ("<NewsML><nitf>", False),
        ("<html>", False),
        ("NITF02.10", False),
    ],
)
def test_it_knows_its_own(head: str, expected: bool) -> None:
    assert nitf.looks_like(head.encode()) is expected


DAY = datetime(2022, 8, 8, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("docdata", "field", "expected"),
    [
        ('<doc-id id-string="12" regsrc="AFP"/>', "id", "12"),
        ('<doc-id id-string="12" regsrc="AFP"/>', "agency", "AFP"),
        ('<doc.copyright holder="Agencia EFE"/>', "agency", "Agencia EFE"),
        ('<urgency ed-urg="1"/>', "urgency", 1),
        ('<date.issue norm="20220808T100000Z"/>', "published", DAY),
        ('<date.issue norm="20220808"/>', "published", datetime(2022, 8, 8, tzinfo=UTC)),
        ('<date.issue norm="20220808T080000Z"/><date.release norm="20220808T100000Z"/>', "embargo", DAY),
        ('<date.issue norm="20220808T100000Z"/><date.release norm="20220808T100000Z"/>', "embargo", None),
        ('<date.release norm="20220808T100000Z"/>', "published", DAY),
        ('<correction info="12 et non 21"/>', "corrects", True),
        ('<ed-msg info="CORRECTION du titre"/>', "corrects", True),
        ('<ed-msg info="Photos disponibles"/>', "corrects", False),
        ('<du-key key="Anvers-port" version="4"/>', "slug", "Anvers-port"),
        ('<du-key key="Anvers-port" version="4"/>', "version", 4),
        ('<key-list><keyword key="port"/><keyword key="Anvers"/></key-list>', "slug", "port-Anvers"),
        ('<fixture fix-id="agenda"/>', "slug", "agenda"),
    ],
)
def test_what_docdata_says(docdata: str, field: str, expected: Any) -> None:
    assert getattr(one(docdata).stated, field) == expected


@pytest.mark.parametrize(
    ("head", "field", "expected"),
    [
        ("<hedline><hl1>Titre</hl1></hedline>", "title", "Titre"),
        ("<hedline><hl2>Seul</hl2></hedline>", "title", "Seul"),
        ("<hedline><hl1>Titre</hl1><hl2>TITRE</hl2></hedline>", "paragraphs", ("Un texte.",)),
        ("<hedline><hl1>Titre</hl1><hl2>Plus bas</hl2></hedline>", "paragraphs", ("Plus bas", "Un texte.")),
        ("<abstract><p>Résumé</p></abstract>", "paragraphs", ("Résumé", "Un texte.")),
        ("<abstract><p>un texte</p></abstract>", "paragraphs", ("Un texte.",)),
        ("<byline>Par Jean Dupont<byttl>Envoyé spécial</byttl></byline>", "byline", "Jean Dupont"),
        ("<byline>A</byline><byline>B</byline>", "byline", "A, B"),
        ("<dateline><location>NEW YORK</location></dateline>", "dateline", "NEW YORK"),
        ("<dateline><location><city>Nice</city><country>France</country></location></dateline>", "dateline", "Nice"),
        ('<dateline>Nice, <story.date norm="20220808T100000Z">8 août</story.date></dateline>', "dateline", "Nice"),
        ('<dateline>Nice, <story.date norm="20220808T100000Z">8 août</story.date></dateline>', "published", DAY),
        ("<distributor>Agence France-Presse</distributor>", "agency", "AFP"),
    ],
)
def test_what_the_head_of_the_body_says(head: str, field: str, expected: Any) -> None:
    assert getattr(one(head=head).stated, field) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ('tobject.subject.refnum="11006005" tobject.subject.ipr="IPTC"', ("subj:11006005",)),
        ('tobject.subject.refnum="20000065"', ("medtop:20000065",)),
        (
            'tobject.subject.refnum="F01001000" tobject.subject.ipr="EFE" tobject.subject.type="Politique"',
            ("Politique",),
        ),
        ('tobject.subject.type="Politique" tobject.subject.matter="Élections"', ("Élections",)),
    ],
)
def test_subjects(subject: str, expected: tuple[str, ...]) -> None:
    assert one(about=f"<tobject><tobject.subject {subject}/></tobject>").stated.subjects == expected


@pytest.mark.parametrize(
    ("status", "docdata", "usage", "embargo"),
    [
        ("canceled", "", "canceled", None),
        ("withheld", "", "withheld", None),
        ("embargoed", '<date.release norm="20220808T100000Z"/>', "usable", DAY),
        ("embargoed", "", "withheld", None),
    ],
)
def test_the_status(status: str, docdata: str, usage: str, embargo: datetime | None) -> None:
    said = one(docdata, status=status).stated
    assert (said.usage, said.embargo) == (usage, embargo)


def test_a_table_a_quotation_and_the_end_are_text() -> None:
    found = read(
        "<nitf><body><body.content><p>Un</p><bq><block><p>Deux</p></block></bq>"
        "<table><tr><td>3</td><td>4</td></tr></table></body.content><body.end><tagline>ab/cd</tagline></body.end></body></nitf>"
    )
    assert isinstance(found, RawDispatch)
    assert found.text == "Un\nDeux\n3 | 4\nab/cd"


def test_a_body_without_body_content_is_read_without_its_head() -> None:
    found = read("<nitf><body><body.head><hedline><hl1>Titre</hl1></hedline></body.head><p>Un</p></body></nitf>")
    assert isinstance(found, RawDispatch)
    assert (found.stated.title, found.text) == ("Titre", "Un")


def test_a_document_without_text_is_rejected() -> None:
    found = read("<nitf><body><body.content><p> </p></body.content></body></nitf>")
    assert isinstance(found, Rejection)
    assert isinstance(found.error, NoTextInput)


def test_a_withdrawal_may_only_say_so() -> None:
    found = one('<doc-id id-string="12"/><ed-msg info="Ne plus utiliser"/>', content="", status="canceled")
    assert (found.text, found.stated.id, found.stated.usage) == ("Ne plus utiliser", "12", "canceled")


@pytest.mark.parametrize(("norm", "precision"), [("20220808", "day"), ("20220808T000000Z", "minute")])
def test_a_day_alone_is_stated_as_one(norm: str, precision: str) -> None:
    assert one(f'<date.issue norm="{norm}"/>').stated.published_precision == precision
