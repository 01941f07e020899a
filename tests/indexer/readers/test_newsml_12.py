"""NewsML 1.2: what is read from which element, in the ways agencies write it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.errors import NoTextInput
from indexer.raw import Item, RawDispatch, Rejection
from indexer.readers import newsml_12
from indexer.sources import Skipped

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "formats" / "newsml-1.2.xml"
TEXT = "<ContentItem><DataContent><p>Un texte.</p></DataContent></ContentItem>"


def read(raw: str) -> list[Item | Skipped]:
    return [*newsml_12.read(io.BytesIO(raw.encode()), "f.xml", None)]


def one(identification: str = "", management: str = "", component: str = TEXT, attributes: str = "") -> RawDispatch:
    (found,) = read(
        "<NewsML><NewsEnvelope><DateAndTime>20220101T000000Z</DateAndTime></NewsEnvelope>"
        f"<NewsItem><Identification>{identification}</Identification><NewsManagement>{management}</NewsManagement>"
        f"<NewsComponent {attributes}>{component}</NewsComponent></NewsItem></NewsML>"
    )
    assert isinstance(found, RawDispatch), found
    return found


def test_the_sample_is_read_whole() -> None:
    raw = SAMPLE.read_bytes()
    (found,) = newsml_12.read(io.BytesIO(raw), "f.xml", None)
    assert isinstance(found, RawDispatch)
    assert found.raw == raw
    assert found.encoding == "iso8859-15"
    said = found.stated
    assert said.id == "urn:newsml:exemple.afp.invalid:20220614T143009Z:TX-PAR-OBD77"
    assert (said.version, said.urgency, said.language, said.agency) == (1, 5, "fr", "AFP")
    assert said.title == "Liège: un carillon de quarante-sept cloches sonnera de nouveau"
    assert said.paragraphs is not None
    assert len(said.paragraphs) == 4
    assert "L'œuvre a coûté 310.000 €" in said.paragraphs[1]
    assert said.published == datetime(2022, 6, 14, 14, 30, 9, tzinfo=UTC)
    assert (said.byline, said.dateline) == ("Odile Vanderlinck", "Liège")
    assert (said.slug, said.subjects) == ("Belgique-patrimoine-musique", ("subj:01011000",))


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<NewsML>", True),
        (
            '<?xml version="1.0"?><!DOCTYPE NewsML PUBLIC "urn:newsml:iptc.org:20031010:NewsMLv1.2.dtd:1" "a"><NewsML>',
            True,
        ),
        ('<!DOCTYPE NewsML SYSTEM "a" [<!ENTITY % nitf SYSTEM "nitf-3-0.dtd"> %nitf; ]><NewsML>', True),
        ("<newsItem>", False),
        ("<nitf>", False),
        ("NewsML", False),
    ],
)
def test_it_knows_its_own(head: str, expected: bool) -> None:
    assert newsml_12.looks_like(head.encode()) is expected


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        (
            "<ProviderId>belga.be</ProviderId><DateId>20190129</DateId><NewsItemId>98</NewsItemId><RevisionId>4</RevisionId>"
            "<PublicIdentifier>urn:newsml:www.belga.be</PublicIdentifier>",
            "urn:newsml:belga.be:20190129:98",
        ),
        (
            "<PublicIdentifier>urn:newsml:ats.ch:20190603:bsf153:1N</PublicIdentifier>",
            "urn:newsml:ats.ch:20190603:bsf153",
        ),
        ("<ProviderId>itar-tass.com</ProviderId>", None),
        ("<PublicIdentifier>urn:newsml:www.belga.be</PublicIdentifier>", None),
    ],
)
def test_the_id_is_the_same_for_every_revision(identifier: str, expected: str | None) -> None:
    assert one(f"<NewsIdentifier>{identifier}</NewsIdentifier>").stated.id == expected


DAY = datetime(2022, 8, 8, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("management", "field", "expected"),
    [
        ('<Status FormalName="Canceled"/>', "usage", "canceled"),
        ('<Status FormalName="Withheld"/>', "usage", "withheld"),
        ('<Status FormalName="USABLE"/>', "usage", "usable"),
        ('<Status FormalName="Embargoed"/>', "usage", "withheld"),
        (
            '<Status FormalName="Embargoed"/><StatusWillChange><FutureStatus FormalName="Usable"/>'
            "<DateAndTime>20220808T100000Z</DateAndTime></StatusWillChange>",
            "embargo",
            DAY,
        ),
        (
            '<Status FormalName="Usable"/><StatusWillChange><FutureStatus FormalName="Canceled"/>'
            "<DateAndTime>20220808T100000Z</DateAndTime></StatusWillChange>",
            "embargo",
            None,
        ),
        ('<Urgency FormalName="1"/>', "urgency", 1),
        ("<Urgency>2</Urgency>", "urgency", 2),
        ("<FirstCreated>20220808T120000+0200</FirstCreated>", "published", DAY),
        ("<ThisRevisionCreated>20220808T100000Z</ThisRevisionCreated>", "published", DAY),
        ("", "published", datetime(2022, 1, 1, tzinfo=UTC)),
        (
            "<FirstCreated>20220808T080000Z</FirstCreated><ThisRevisionCreated>20220808T100000Z</ThisRevisionCreated>",
            "updated",
            DAY,
        ),
        ('<Instruction FormalName="Correction"/>', "corrects", True),
        ('<Instruction FormalName="Update"/>', "corrects", False),
    ],
)
def test_what_management_says(management: str, field: str, expected: Any) -> None:
    assert getattr(one(management=management).stated, field) == expected


@pytest.mark.parametrize(
    ("component", "field", "expected"),
    [
        ("<NewsLines><HeadLine>Titre</HeadLine></NewsLines>", "title", "Titre"),
        (
            "<NewsLines><HeadLine>T</HeadLine><SubHeadLine>Plus bas</SubHeadLine></NewsLines>",
            "paragraphs",
            ("Plus bas", "Un texte."),
        ),
        ("<NewsLines><ByLine>Par Jean Dupont</ByLine></NewsLines>", "byline", "Jean Dupont"),
        ("<NewsLines><DateLine>Nice, 8 août 2022 (AFP) -</DateLine></NewsLines>", "dateline", "Nice"),
        ("<NewsLines><SlugLine>a-b</SlugLine></NewsLines>", "slug", "a-b"),
        ("<NewsLines><KeywordLine>A</KeywordLine><KeywordLine>B</KeywordLine></NewsLines>", "slug", "A-B"),
        ("<NewsLines><CreditLine>BELGA</CreditLine></NewsLines>", "agency", "Belga"),
        ("<NewsLines><CopyrightLine>© 2022</CopyrightLine></NewsLines>", "credits", ("© 2022",)),
        ("<NewsLines><NewsLine><NewsLineText>(RECTIFICATIF)</NewsLineText></NewsLine></NewsLines>", "corrects", True),
        (
            '<AdministrativeMetadata><Provider><Party FormalName=""/></Provider><Source><Party FormalName="BELGA"/></Source>'
            "</AdministrativeMetadata>",
            "agency",
            "Belga",
        ),
        (
            '<AdministrativeMetadata><Property FormalName="author" Value="lm"/><Property FormalName="author" Value="me"/>'
            "</AdministrativeMetadata>",
            "byline",
            "lm, me",
        ),
        ('<DescriptiveMetadata><Language FormalName="FR"/></DescriptiveMetadata>', "language", "fr"),
        (
            '<DescriptiveMetadata><SubjectCode><Subject FormalName="08000000"/><SubjectDetail FormalName="04007005"/>'
            '</SubjectCode><SubjectCode><SubjectMatter FormalName="04001000"/></SubjectCode></DescriptiveMetadata>',
            "subjects",
            ("subj:08000000", "subj:04007005", "subj:04001000"),
        ),
        (
            '<DescriptiveMetadata><Location HowPresent="Origin"><Property FormalName="City" Value="Metz"/></Location>'
            "</DescriptiveMetadata>",
            "dateline",
            "Metz",
        ),
    ],
)
def test_what_a_component_says(component: str, field: str, expected: Any) -> None:
    assert getattr(one(component=component + TEXT).stated, field) == expected


def test_what_inner_components_say_is_found() -> None:
    said = one(
        component="<NewsLines><CopyrightLine>©</CopyrightLine></NewsLines><NewsComponent><NewsComponent xml:lang='fr'>"
        f"<NewsLines><HeadLine>Titre</HeadLine></NewsLines>{TEXT}</NewsComponent></NewsComponent>"
    ).stated
    assert (said.title, said.language, said.credits) == ("Titre", "fr", ("©",))


@pytest.mark.parametrize(
    ("content", "paragraphs", "text"),
    [
        ("<nitf><body><body.content><p>Un</p><p>Deux</p></body.content></body></nitf>", ("Un", "Deux"), "Un\nDeux"),
        ("<html><head><title>T</title></head><body><p>Un</p><p>Deux</p></body></html>", ("Un", "Deux"), "Un\nDeux"),
        ("<p>Un</p><p>Deux</p>", ("Un", "Deux"), "Un\nDeux"),
        ("<![CDATA[<p>Un</p><p>D&eacute;ux</p>]]>", ("Un", "Déux"), "Un\nDéux"),
        ("&lt;b&gt;Un&lt;/b&gt;\nDeux", ("Un", "Deux"), "Un\nDeux"),
        ("\n Un\n\n Deux : 3 &lt; 4\n", None, "Un\n\n Deux : 3 < 4"),
    ],
)
def test_the_content(content: str, paragraphs: tuple[str, ...] | None, text: str) -> None:
    found = one(component=f"<ContentItem><DataContent>{content}</DataContent></ContentItem>")
    assert (found.stated.paragraphs, found.text) == (paragraphs, text)


def part(role: str, text: str) -> str:
    return (
        f'<NewsComponent><Role FormalName="{role}"/><ContentItem><DataContent>{text}</DataContent></ContentItem>'
        "</NewsComponent>"
    )


def test_roles_say_which_component_is_what() -> None:
    found = one(component=part("Title", "Titre") + part("Lead", "Le chapeau.") + part("Body", "Le corps.\n\nLa fin."))
    assert found.stated.title == "Titre"
    assert found.stated.paragraphs == ("Le chapeau.", "Le corps.", "La fin.")


def test_a_lead_that_the_body_repeats_is_there_once() -> None:
    found = one(component=part("Lead", "Le chapeau.") + part("Body", "Le chapeau.\n\nLa fin."))
    assert found.stated.paragraphs == ("Le chapeau.", "La fin.")


def test_of_equivalents_the_fullest_is_read() -> None:
    found = one(
        component=part("Main", "Court") + part("Main", "<p>Bien plus long</p>"), attributes='EquivalentsList="yes"'
    )
    assert found.text == "Bien plus long"


def test_a_caption_is_no_text_of_the_dispatch() -> None:
    assert one(component=part("Caption", "Une photo") + part("Main", "Le texte")).text == "Le texte"


def test_a_news_item_in_two_languages_is_two_dispatches() -> None:
    first, second = read(
        "<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>belga.be</ProviderId><DateId>20190129</DateId>"
        "<NewsItemId>98</NewsItemId></NewsIdentifier></Identification><NewsComponent>"
        f'<NewsComponent xml:lang="nl"><NewsLines><HeadLine>Titel</HeadLine></NewsLines>{part("Body", "Tekst")}</NewsComponent>'
        f'<NewsComponent xml:lang="fr"><NewsLines><HeadLine>Titre</HeadLine></NewsLines>{part("Body", "Texte")}</NewsComponent>'
        "</NewsComponent></NewsItem></NewsML>"
    )
    assert isinstance(first, RawDispatch)
    assert isinstance(second, RawDispatch)
    assert (first.text, first.stated.language, first.stated.title) == ("Tekst", "nl", "Titel")
    assert (second.text, second.stated.language, second.stated.title) == ("Texte", "fr", "Titre")
    assert [item.stated.id for item in (first, second)] == [
        "urn:newsml:belga.be:20190129:98#nl",
        "urn:newsml:belga.be:20190129:98#fr",
    ]
    assert [item.position for item in (first, second)] == [0, 1]


def test_a_news_item_inside_another_is_a_dispatch_of_its_own() -> None:
    found = read(
        f"<NewsML><NewsItem><NewsComponent>{part('Main', 'Dehors')}<NewsItem><NewsComponent>{part('Main', 'Dedans')}"
        "</NewsComponent></NewsItem></NewsComponent></NewsItem></NewsML>"
    )
    assert [item.text for item in found if isinstance(item, RawDispatch)] == ["Dedans", "Dehors"]


@pytest.mark.parametrize(
    ("component", "reason"),
    [
        ("", "NewsComponent"),
        ("<NewsComponent/>", "DataContent"),
        ("<NewsComponent><ContentItem><DataContent> </DataContent></ContentItem></NewsComponent>", "DataContent"),
    ],
)
def test_a_news_item_without_text_is_rejected_with_its_reason(component: str, reason: str) -> None:
    (found,) = read(f"<NewsML><NewsItem>{component}</NewsItem></NewsML>")
    assert isinstance(found, Rejection)
    assert isinstance(found.error, NoTextInput)
    assert reason in found.error.detail


@pytest.mark.parametrize(
    ("component", "reason"),
    [
        ('<ContentItem Href="a.jpg"><MediaType FormalName="Photo"/></ContentItem>', "Contenu de type Photo"),
        ('<NewsComponent><NewsItemRef NewsItem="urn:x"/></NewsComponent>', "ne fait que renvoyer à d'autres"),
    ],
)
@pytest.mark.parametrize("status", ["Usable", "Canceled"])
def test_a_news_item_that_is_no_dispatch_is_skipped_with_its_reason(component: str, reason: str, status: str) -> None:
    (found,) = read(
        f'<NewsML><NewsItem><NewsManagement><Status FormalName="{status}"/></NewsManagement>'
        f"<NewsComponent>{component}</NewsComponent></NewsItem></NewsML>"
    )
    assert isinstance(found, Skipped)
    assert reason in found.reason
    assert "ligne 1" in found.reason


def test_a_day_alone_is_stated_as_one() -> None:
    (found,) = read(
        "<NewsML><NewsItem><Identification><NewsIdentifier><DateId>20220808</DateId></NewsIdentifier></Identification>"
        f"<NewsComponent>{TEXT}</NewsComponent></NewsItem></NewsML>"
    )
    assert isinstance(found, RawDispatch)
    assert (found.stated.published, found.stated.published_precision) == (
        datetime(2022, 8, 8, tzinfo=UTC),
        "day",
    )


# As the ATS writes it.
ATS = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE NewsML PUBLIC "urn:newsml:iptc.org:20021018:NewsMLv1.2:1" "http://www.iptc.org/NewsML_1.2.dtd" [
<!-- le contenu est en NITF -->
<!ENTITY % nitf SYSTEM "http://www.iptc.org/nitf-3-2.dtd">
%nitf;
]>
<NewsML><NewsItem><NewsComponent><ContentItem><DataContent><nitf><body><body.content>
<p>L'&eacute;t&eacute;.</p></body.content></body></nitf></DataContent></ContentItem></NewsComponent></NewsItem></NewsML>
"""


def test_the_doctype_of_the_ats_names_another_dtd() -> None:
    (found,) = read(ATS)
    assert isinstance(found, RawDispatch), found
    assert found.text == "L'été."
    assert found.raw == ATS.encode()


def test_a_withdrawal_may_only_have_a_title() -> None:
    found = one(
        management='<Status FormalName="Canceled"/>', component="<NewsLines><HeadLine>ANNULATION</HeadLine></NewsLines>"
    )
    assert (found.text, found.stated.usage) == ("ANNULATION", "canceled")
