"""NewsML-G2: what is read from which element."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.errors import NoTextInput
from indexer.raw import Item, RawDispatch, Rejection
from indexer.readers import newsml_g2
from indexer.sources import Skipped

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "formats" / "newsml-g2_message.xml"
NAR = 'xmlns="http://iptc.org/std/nar/2006-10-01/"'
XHTML = (
    '<contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml">'
    "<head><title>Titre de la page</title></head><body>{}</body></html></inlineXML></contentSet>"
)
TEXT = XHTML.format("<p>Un texte.</p>")


def read(raw: str) -> list[Item | Skipped]:
    return [*newsml_g2.read(io.BytesIO(raw.encode()), "f.xml", None)]


def one(meta: str = "", about: str = "", content: str = TEXT, attributes: str = "") -> RawDispatch:
    (found,) = read(
        f"<newsItem {NAR} {attributes}><itemMeta>{meta}</itemMeta><contentMeta>{about}</contentMeta>{content}</newsItem>"
    )
    assert isinstance(found, RawDispatch), found
    return found


def test_the_sample_is_read_whole() -> None:
    with SAMPLE.open("rb") as stream:
        first, second, third = newsml_g2.read(stream, "f.xml", None)
    assert isinstance(first, RawDispatch)
    assert isinstance(second, RawDispatch)
    assert isinstance(third, RawDispatch)
    said = first.stated
    assert said.id == "urn:newsml:exemple.afp.invalid:20230511:TX-PAR-QLM31"
    assert (said.version, said.urgency, said.language, said.agency) == (2, 4, "fr", "AFP")
    assert said.title == "Brest: une flotte de voiliers laboratoires part étudier le plancton"
    assert said.paragraphs is not None
    assert said.paragraphs[2:5] == (
        "De l’Islande aux Canaries",
        "Première étape\xa0: Reykjavik, en juin;",
        "dernière étape\xa0: Las Palmas, à la mi-août.",
    )
    assert first.text == "\n".join(said.paragraphs)
    assert said.title not in first.text
    assert said.published == datetime(2023, 5, 11, 14, 5, 47, tzinfo=UTC)
    assert said.updated == datetime(2023, 5, 11, 15, 39, 30, tzinfo=UTC)
    assert (said.byline, said.dateline, said.slug) == ("Katell Le Drévès", "Brest", "France-océans-recherche")
    assert said.subjects == ("medtop:20000441", "subj:06006002", "océans")
    assert said.corrects
    assert first.source.format == "newsml-g2"
    assert second.stated.embargo == datetime(2023, 5, 12, 4, 0, tzinfo=UTC)
    assert (second.stated.agency, second.stated.dateline, second.position) == ("ATS", "Sion", 1)
    assert second.text.endswith("ats/mcr")
    assert (third.stated.usage, third.stated.paragraphs) == ("canceled", None)
    assert third.text.startswith("Veuillez annuler")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (f"<newsItem {NAR}>", True),
        (f"<?xml version='1.0'?>\n<!-- a -->\n<newsMessage {NAR}><header>", True),
        (f"<packageItem {NAR}>", True),
        ('<n:newsItem xmlns:n="http://iptc.org/std/nar/2006-10-01/">', True),
        ("<newsItem>", False),
        ("<NewsML>", False),
        ("<nitf>", False),
        ("newsMessage", False),
    ],
)
def test_it_knows_its_own(head: str, expected: bool) -> None:
    assert newsml_g2.looks_like(head.encode()) is expected


@pytest.mark.parametrize(
    ("meta", "about", "field", "expected"),
    [
        ('<provider qcode="nprov:AFP"/>', "", "agency", "AFP"),
        ('<provider literal="reuters.com"/>', "", "agency", "Reuters"),
        ('<provider qcode="nprov:dpa"><name>Deutsche Presse-Agentur GmbH</name></provider>', "", "agency", "DPA"),
        ('<provider uri="http://cv.iptc.org/newscodes/newsprovider/BELGA"/>', "", "agency", "Belga"),
        ('<provider literal="Portail"/>', '<infoSource qcode="is:AP"/>', "agency", "AP"),
        ("", "<creditline>Keystone-ATS</creditline>", "agency", "ATS"),
        ('<provider literal="Gazette"/>', "", "agency", "Gazette"),
        ('<pubStatus qcode="stat:withheld"/>', "", "usage", "withheld"),
        ('<pubStatus qcode="stat:canceled"/>', "", "usage", "canceled"),
        ("<embargoed/>", "", "usage", "withheld"),
        ('<signal qcode="sig:correction"/>', "", "corrects", True),
        ('<signal uri="http://cv.iptc.org/newscodes/signal/correction"/>', "", "corrects", True),
        ('<signal qcode="sig:update"/>', "", "corrects", False),
        ("<edNote>RECTIFICATIF : 12 et non 21</edNote>", "", "corrects", True),
        ("<title>Titre</title>", "", "title", "Titre"),
        ("<title>Titre</title>", "<headline>Vedette</headline>", "title", "Vedette"),
        ("", '<headline xml:lang="en">A</headline><headline xml:lang="fr">B</headline>', "title", "B"),
        ("", '<headline rank="2">A</headline><headline rank="1">B</headline>', "title", "B"),
        ("", "<by>Par Jean Dupont</by><by>Li Wei</by>", "byline", "Jean Dupont, Li Wei"),
        ("", '<creator uri="u:1"><name>Ann Lee</name></creator>', "byline", "Ann Lee"),
        ('<provider qcode="nprov:AFP"/>', '<creator literal="AFP"/>', "byline", None),
        ("", "<dateline>Athènes (dpa) - </dateline>", "dateline", "Athènes"),
        ("", "<located><name>Athènes</name></located>", "dateline", "Athènes"),
        ("", "<urgency>1</urgency>", "urgency", 1),
        ("", "<urgency>12</urgency>", "urgency", None),
        ("", '<language tag="fr-CH"/>', "language", "fr"),
        ("", '<subject qcode="medtop:20000065"/>', "subjects", ("medtop:20000065",)),
        ("", '<subject uri="http://cv.iptc.org/newscodes/mediatopic/20000065"/>', "subjects", ("medtop:20000065",)),
        ("", '<subject qcode="x:1"><sameAs qcode="medtop:20000065"/></subject>', "subjects", ("medtop:20000065",)),
        ("", '<subject type="cpnat:person" qcode="x:1"><name>Ann Lee</name></subject>', "subjects", ()),
        ("", '<subject type="cpnat:abstract" qcode="x:1"><name>Voile</name></subject>', "subjects", ("Voile",)),
        (
            "<versionCreated>2022-08-08T10:00:00Z</versionCreated>",
            "",
            "published",
            datetime(2022, 8, 8, 10, 0, tzinfo=UTC),
        ),
        ("<versionCreated>2022-08-08T10:00:00Z</versionCreated>", "", "updated", None),
        (
            "<versionCreated>2022-08-08T10:00:00Z</versionCreated><firstCreated>2022-08-08T08:00:00Z</firstCreated>",
            "",
            "updated",
            datetime(2022, 8, 8, 10, 0, tzinfo=UTC),
        ),
    ],
)
def test_what_an_element_says(meta: str, about: str, field: str, expected: Any) -> None:
    assert getattr(one(meta, about, attributes='xml:lang="fr"').stated, field) == expected


def test_an_embargo_is_kept_beside_a_usable_dispatch() -> None:
    said = one("<embargoed>2022-08-08T10:00:00+02:00</embargoed>").stated
    assert (said.usage, said.embargo) == ("usable", datetime(2022, 8, 8, 8, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (XHTML.format("<p>Un</p><script>x()</script><p>L'<b>ONU</b></p>"), ("Un", "L'ONU")),
        (XHTML.format("<h1>Vedette</h1><p>Un</p>"), ("Un",)),
        (XHTML.format("<header><ul><li>Mots</li></ul><h1>Vedette</h1></header><p>Un</p>"), ("Un",)),
        (
            "<contentSet><inlineXML><nitf><body><body.head><hedline><hl1>Vedette</hl1><hl2>Plus bas</hl2></hedline>"
            "</body.head><body.content><p>Un</p></body.content></body></nitf></inlineXML></contentSet>",
            ("Plus bas", "Un"),
        ),
        (
            '<contentSet><inlineData contenttype="text/html">&lt;p&gt;Un&lt;/p&gt;&lt;p&gt;Deux&lt;/p&gt;</inlineData>'
            "</contentSet>",
            ("Un", "Deux"),
        ),
        (
            "<contentSet><inlineXML><p>Un</p></inlineXML><inlineXML><div><p>Un</p><p>Deux</p></div></inlineXML></contentSet>",
            ("Un", "Deux"),
        ),
        ('<contentSet><inlineData contenttype="text/plain">Un\n\nDeux</inlineData></contentSet>', None),
    ],
)
def test_the_content(content: str, expected: tuple[str, ...] | None) -> None:
    found = one(about="<headline>Vedette</headline>", content=content)
    assert found.stated.paragraphs == expected
    assert found.text == ("\n".join(expected) if expected else "Un\n\nDeux")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (f'<newsItem {NAR} guid="a"/>', "il n'y a pas de texte"),
        (
            f'<newsItem {NAR}><itemMeta><itemClass qcode="ninat:text"/></itemMeta><contentSet><remoteContent/>'
            "</contentSet></newsItem>",
            "remoteContent",
        ),
        (f"<newsItem {NAR}>{XHTML.format('<p> </p>')}</newsItem>", "il n'y a pas de texte"),
    ],
)
def test_an_item_without_text_is_rejected_with_its_reason(item: str, reason: str) -> None:
    (found,) = read(item)
    assert isinstance(found, Rejection)
    assert isinstance(found.error, NoTextInput)
    assert reason in found.error.detail
    assert "ligne 1" in found.error.detail
    assert found.raw == item.encode()


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (
            f"<packageItem {NAR}><groupSet><group><headline>Un dossier</headline></group></groupSet></packageItem>",
            "renvoyer",
        ),
        (f"<planningItem {NAR}/>", "planningItem"),
        (f"<conceptItem {NAR}/>", "conceptItem"),
        (f'<newsItem {NAR}><itemMeta><itemClass qcode="ninat:picture"/></itemMeta></newsItem>', "« picture »"),
        (
            f'<newsItem {NAR}><itemMeta><itemClass uri="http://cv.iptc.org/newscodes/ninature/video"/>'
            '<pubStatus qcode="stat:canceled"/><title>ANNULATION</title></itemMeta></newsItem>',
            "« video »",
        ),
        (f'<newsItem {NAR}><contentSet><remoteContent contenttype="image/jpeg"/></contentSet></newsItem>', "« image »"),
    ],
)
def test_an_item_that_is_no_dispatch_is_skipped_with_its_reason(item: str, reason: str) -> None:
    (found,) = read(item)
    assert isinstance(found, Skipped)
    assert reason in found.reason
    assert "ligne 1" in found.reason


def test_a_picture_with_a_text_is_a_dispatch() -> None:
    assert one('<itemClass qcode="ninat:picture"/>').text == "Un texte."


@pytest.mark.parametrize(
    ("created", "precision"), [("2022-08-08", "day"), ("2022-08-08T00:00:00+02:00", "minute"), ("", "minute")]
)
def test_a_day_alone_is_stated_as_one(created: str, precision: str) -> None:
    assert one(f"<firstCreated>{created}</firstCreated>").stated.published_precision == precision


def test_a_withdrawal_needs_no_text() -> None:
    status = '<pubStatus qcode="stat:canceled"/>'
    assert one(status + "<edNote>Ne plus utiliser.</edNote>", content="").text == "Ne plus utiliser."
    bare = one(status, content="", attributes='guid="urn:1" version="3"')
    assert (bare.text, bare.stated.id, bare.stated.version) == ("", "urn:1", 3)


def test_every_item_of_a_message_is_accounted_for() -> None:
    found = read(
        f"<newsMessage {NAR}><itemSet><packageItem guid='p'/><newsItem guid='a'>{TEXT}</newsItem>\n"
        f"<newsItem guid='b'/><newsItem guid='c'>{TEXT}</newsItem></itemSet></newsMessage>"
    )
    assert [type(item) for item in found] == [Skipped, RawDispatch, Rejection, RawDispatch]
    assert [item.position for item in found] == [0, 1, 2, 3]
    assert isinstance(found[3], RawDispatch)
    assert b'guid="c"' in found[3].raw


def test_an_id_no_index_could_hold_is_refused() -> None:
    (found,) = read(f'<newsItem {NAR} guid="{"x" * 600}">{TEXT}</newsItem>')
    assert isinstance(found, Rejection)
    assert "Identifiant" in found.error.detail
