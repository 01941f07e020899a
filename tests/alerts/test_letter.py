"""What a letter says, and what no letter can be made to say."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from alerts.letter import SHOWN, letter
from alerts.links import Links, genuine
from alerts.models import Channel, Hit, Kind, SavedSearch
from alerts.outbox import Claim, Part
from alerts.parcel import Parcel
from search.formats.place import Place
from tests.alerts.rows import NOW

KEY = b"k" * 32
LINKS = Links(Place("https://depeches.example", "Europe/Paris"), KEY)
SENDER = "Dépêches <alertes@exemple.fr>"


def source(id: str, **fields: Any) -> dict[str, Any]:
    told = {
        "id": id,
        "title": f"Titre de {id}",
        "status": "current",
        "lead": "PHNOM PENH – Le ministre a parlé.",
        "published": "2022-08-08T06:52:00+00:00",
        "title_derived": False,
        "date_precision": "minute",
        "date_basis": "stated",
        "agency": "AFP",
    }
    return told | fields


def parcel(groups: dict[str, list[tuple[str, Kind]]], target: str = "m.durand@example.org", **fields: Any) -> Parcel:
    """By the name of a saved search, its hits: dispatch and kind."""
    parts, number = [], 0
    for place, (name, found) in enumerate(groups.items()):
        channel = Channel(id=f"c{place}", saved_search_id=f"r{place}", type="email", target=target)
        channel.saved_search = SavedSearch(id=f"r{place}", name=name, params={})
        for dispatch, kind in found:
            number += 1
            hit = Hit(id=number, saved_search_id=f"r{place}", dispatch=dispatch, version=1, kind=kind, matched_at=NOW)
            parts.append(Part("m1", channel, hit))
    sources = {part.hit.dispatch: source(part.hit.dispatch, **fields) for part in parts}
    return Parcel(Claim("m1", 1, "email", target, 1, NOW, "w"), tuple(parts), sources)


def new(count: int, letter: str = "d") -> list[tuple[str, Kind]]:
    return [(f"{letter}{number}", "new") for number in range(count)]


def sent(given: Parcel) -> EmailMessage:
    """The letter as its reader's program has it."""
    return message_from_bytes(letter(given, LINKS, SENDER, NOW).as_bytes(), policy=policy.default)


def text(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body
    return str(body.get_content()).replace("\u00a0", " ")


def test_what_a_reader_must_know_before_quoting_stands_by_the_source() -> None:
    doubtful: dict[str, Any] = {"title_derived": True, "date_basis": "reference"}
    assert "AFP, lundi 8 août 2022 à 8 h 52" in text(sent(parcel({"Lavrov": new(1)}))).splitlines()
    for kind in ("plain", "html"):
        told = text(sent(parcel({"Lavrov": new(1)}, **doubtful)), kind)
        assert "AFP, lundi 8 août 2022 à 8 h 52, titre reconstitué, date incertaine" in told


SUBJECTS: list[tuple[dict[str, list[tuple[str, Kind]]], str]] = [
    ({"Lavrov": new(1)}, "1 dépêche : Lavrov"),
    ({"Lavrov": new(3)}, "3 dépêches : Lavrov"),
    ({"Lavrov": new(1234)}, "1\u202f234 dépêches : Lavrov"),
    ({"Lavrov": [("a", "withdrawal"), *new(2)]}, "1 annulation, 2 dépêches : Lavrov"),
    ({"Lavrov": [("a", "correction"), ("b", "correction")]}, "2 corrections : Lavrov"),
    ({"Lavrov": new(2), "ASEAN": new(2)}, "2 dépêches : ASEAN, Lavrov"),
    ({name: new(1, name) for name in "EDCBA"}, "5 dépêches : A, B, C et 2 autres"),
    ({"x" * 200: new(1)}, "1 dépêche : " + "x" * 59 + "…"),
]


@pytest.mark.parametrize(("groups", "subject"), SUBJECTS, ids=[subject[:40] for _, subject in SUBJECTS])
def test_subjects(groups: dict[str, list[tuple[str, Kind]]], subject: str) -> None:
    assert str(sent(parcel(groups))["Subject"]).replace("\u00a0", " ") == subject


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_dispatch_is_told_with_its_date_in_words_and_its_whole_address(kind: str) -> None:
    told = text(sent(parcel({"Lavrov": new(1)})), kind)
    for expected in ("Titre de d0", "AFP, lundi 8 août 2022 à 8 h 52", "Le ministre a parlé."):
        assert expected in told
    assert "https://depeches.example/depeches/d0" in told


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_withdrawals_then_corrections_come_first_and_say_so(kind: str) -> None:
    found: list[tuple[str, Kind]] = [("a", "new"), ("b", "correction"), ("c", "withdrawal"), ("d", "new")]
    told = text(sent(parcel({"A": [("e", "new")], "B": found})), kind)
    order = re.findall(r"Titre de (\w)|(Annulée|Corrige)", told)
    assert [first or second for first, second in order] == ["Annulée", "c", "Corrige", "b", "d", "a", "e"]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_long_digest_says_how_many_others_and_where_they_are(kind: str) -> None:
    told = text(sent(parcel({"Lavrov": new(173)})), kind)
    assert told.count("Titre de") == SHOWN == 30
    assert "et 143 autres" in told
    [address] = re.findall(r"https://[^\s\"]*/alertes/envois/[^\s\"]*", told)
    parts = urlsplit(address.replace("&amp;", "&"))
    query = parse_qs(parts.query)
    assert (parts.path, query["after"]) == ("/alertes/envois/m1/r0", ["30"])
    assert genuine(KEY, query["s"][0], "voir", "m1", "r0")


def test_searches_share_a_long_letter() -> None:
    told = text(sent(parcel({"A": new(2, "a"), "B": new(90, "b")})))
    assert told.count("Titre de a") == 2
    assert told.count("Titre de b") == 28
    assert "et 62 autres" in told


def test_more_searches_than_dispatches_shown_lose_none() -> None:
    told = text(sent(parcel({f"r{number:02}": new(2, f"x{number}-") for number in range(40)})))
    assert told.count("Titre de") == 30
    assert (told.count("et une autre"), told.count("Voir 2 dépêches")) == (30, 10)


def test_it_can_be_stopped_at_once() -> None:
    message = sent(parcel({"A": new(1, "a"), "B": new(1, "b")}))
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(message["List-Unsubscribe"])
    assert link == f"<{LINKS.stop_delivery('m1')}>"
    for channel in ("c0", "c1"):
        assert LINKS.stop_channel(channel) in text(message)


def test_the_same_letter_at_every_attempt() -> None:
    first, second = (letter(parcel({"x": new(3)}), LINKS, SENDER, NOW + timedelta(hours=n)) for n in (0, 1))
    assert first["Message-ID"] == second["Message-ID"] == "<m1@exemple.fr>"
    assert text(first) == text(second)


def test_a_dispatch_that_has_left_the_archive_is_told_all_the_same() -> None:
    given = parcel({"x": new(2)})
    gone = Parcel(given.claim, given.parts, {"d0": given.sources["d0"]})
    assert "Dépêche d1" in text(sent(gone))


HEADERS = {
    *("Subject", "From", "To", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"),
    *("Auto-Submitted", "MIME-Version", "Content-Type"),
}


@pytest.mark.parametrize(
    "evil",
    [
        "x\r\nBcc: a@b.example",
        "x\nBcc: a@b.example\n\nCorps",
        "x\u2028Bcc: a@b",
        "\x00\x1b[2J",
        # What looks encoded, and says all that when it is decoded.
        "=?utf-8?q?x=0D=0ABcc:_a@b.example?=",
        "=?utf-8?q?=0D=0A=0D=0ACorps?=",
    ],
)
def test_no_name_or_title_adds_a_header(evil: str) -> None:
    message = sent(parcel({evil: new(1)}, title=evil, lead=evil, agency=evil))
    assert set(message.keys()) == HEADERS
    assert str(message["From"]).endswith("<alertes@exemple.fr>")


def test_what_looks_encoded_is_told_as_it_stands() -> None:
    name, target = "=?utf-8?q?x=0D=0ABcc:_a?= 🙂 =?utf-8?b?=?=", "=?utf-8?q?x=0D=0ABcc=3A_a?=@example.org"
    raw = letter(parcel({name: new(1)}, target=target), LINKS, SENDER, NOW).as_bytes()
    assert str(message_from_bytes(raw, policy=policy.default)["Subject"]).endswith(name)
    assert f"\r\nTo: {target}\r\n".encode() in raw


def test_html_is_escaped() -> None:
    told = text(sent(parcel({"<b>A</b>": new(1)}, title="<script>alert(1)</script>")), "html")
    assert "<script" not in told
    assert "<b>" not in told
