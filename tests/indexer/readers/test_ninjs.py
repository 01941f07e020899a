"""ninjs of the three generations: the same item says the same."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from indexer.raw import RawDispatch, Rejection, Stated
from indexer.readers import jsonl, ninjs
from indexer.sources import Skipped

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "formats" / "ninjs.json"

FIRST = {
    "uri": "urn:exemple:1",
    "version": "3",
    "pubstatus": "usable",
    "urgency": 2,
    "versioncreated": "2024-03-05T15:12:00+01:00",
    "firstcreated": "2024-03-05T14:00:00+01:00",
    "headline": "Un titre",
    "body_text": "Un texte.\nSa suite.",
    "body_xhtml": "<p>Un texte.</p><p>Sa <b>suite</b>.</p><script>x</script>",
    "byline": "Jo Du",
    "located": "Nice",
    "slugline": "a-b",
    "language": "fr-FR",
    "infosource": [{"name": "Agence France-Presse"}],
    "subject": [
        {"scheme": "http://cv.iptc.org/newscodes/mediatopic/", "code": "20000441", "name": "nature"},
        {"name": "mer"},
    ],
    "usageterms": "Libre",
    "embargoed": "2024-03-05T17:00:00+01:00",
}
SECOND = {
    **{
        key: FIRST[key]
        for key in ("uri", "version", "pubstatus", "urgency", "versioncreated", "firstcreated", "located")
    },
    **{key: FIRST[key] for key in ("slugline", "language", "usageterms", "embargoed")},
    "headlines": [{"role": "short", "value": "Court"}, {"role": "main", "value": "Un titre"}],
    "bodies": [
        {"role": "text", "contenttype": "text/plain", "value": "Un texte.\nSa suite."},
        {"role": "html5", "contenttype": "text/html", "value": FIRST["body_xhtml"]},
    ],
    "by": "Jo Du",
    "infosources": [{"name": "Un journal"}, {"name": "AFP"}],
    "subjects": [{"uri": "http://cv.iptc.org/newscodes/mediatopic/20000441", "name": "nature"}, {"literal": "mer"}],
}
CAPITALS = {
    "versioncreated": "versionCreated",
    "firstcreated": "firstCreated",
    "pubstatus": "pubStatus",
    "usageterms": "usageTerms",
    "infosources": "infoSources",
}
THIRD = {CAPITALS.get(key, key): value for key, value in SECOND.items()} | {
    "bodies": [{"contentType": "application/xhtml+xml", "value": FIRST["body_xhtml"]}]
}
SAID = Stated(
    id="urn:exemple:1",
    version=3,
    title="Un titre",
    paragraphs=("Un texte.", "Sa suite."),
    published=datetime(2024, 3, 5, 13, tzinfo=UTC),
    updated=datetime(2024, 3, 5, 14, 12, tzinfo=UTC),
    agency="AFP",
    byline="Jo Du",
    dateline="Nice",
    credits=("Libre",),
    language="fr",
    subjects=("medtop:20000441", "mer"),
    slug="a-b",
    urgency=2,
    embargo=datetime(2024, 3, 5, 16, tzinfo=UTC),
)


def read(value: Any) -> RawDispatch | Rejection | Skipped:
    (item,) = ninjs.read(io.BytesIO(json.dumps(value).encode()), "n.json", None)
    return item


def stated(**keys: Any) -> Stated:
    item = read({"uri": "urn:exemple:1", "body_text": "Un texte."} | keys)
    assert isinstance(item, RawDispatch), item
    return item.stated


@pytest.mark.parametrize("value", [FIRST, SECOND, THIRD], ids=["1.x", "2.x", "3.x"])
def test_the_three_generations_say_the_same(value: dict[str, Any]) -> None:
    item = read(value)
    assert isinstance(item, RawDispatch)
    assert item.stated == SAID
    assert item.text == "Un texte.\nSa suite."
    assert item.source.format == "ninjs"
    assert item.raw == json.dumps(value).encode()


def test_the_sample() -> None:
    raw = SAMPLE.read_bytes()
    items = list(ninjs.read(io.BytesIO(raw), "ninjs.json", None))
    assert all(isinstance(item, RawDispatch) and item.raw in raw for item in items)
    told = [item.stated for item in items if isinstance(item, RawDispatch)]
    assert [one.agency for one in told] == ["AFP", "DPA", "ANSA", "ANSA"]
    assert [one.usage for one in told] == ["usable", "usable", "usable", "canceled"]
    assert [one.corrects for one in told] == [False, True, False, False]
    assert told[1].title == "Forêt-Noire: le plus vieux sapin d'une commune reçoit une adresse postale"
    assert (told[0].paragraphs is None, told[2].paragraphs is None) == (False, True)
    assert told[2].embargo == datetime(2024, 3, 5, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("keys", "field", "value"),
    [
        ({"version": 4}, "version", 4),
        ({"version": "1.2"}, "version", None),
        ({"pubstatus": "withheld"}, "usage", "withheld"),
        ({"versioncreated": "2024-03-05T15:12:00Z"}, "published", datetime(2024, 3, 5, 15, 12, tzinfo=UTC)),
        ({"versioncreated": "2024-03-05T15:12:00Z"}, "updated", None),
        ({"contentcreated": "2024-03-05T15:12:00Z"}, "published", datetime(2024, 3, 5, 15, 12, tzinfo=UTC)),
        ({"copyrightholder": "AFP"}, "agency", "AFP"),
        ({"copyrightholder": "Le Journal du Lac"}, "agency", "Le Journal du Lac"),
        ({"infosource": [{"name": "Le Journal du Lac"}], "copyrightholder": "AFP"}, "agency", "AFP"),
        ({"infosource": "AFP"}, "agency", None),
        ({"ednote": "CORRECTION du nom au 3e paragraphe"}, "corrects", True),
        ({"ednote": "Corrige l'âge"}, "corrects", True),
        ({"ednote": "Rien d'incorrect ici"}, "corrects", False),
        ({"genre": [{"name": "Rectificatif"}]}, "corrects", True),
        ({"headlines": [{"role": "seo", "value": "A"}, {"value": "B"}]}, "title", "B"),
        ({"headlines": [{"role": "seo", "value": "A"}]}, "title", "A"),
        ({"headlines": [3, {"value": 4}]}, "title", None),
        ({"title": "Nom interne"}, "title", "Nom interne"),
        ({"locations": [{"name": "Nice"}]}, "dateline", "Nice"),
        ({"locations": ["Nice"]}, "dateline", "Nice"),
        ({"subject": [{"code": "medtop:20000441"}]}, "subjects", ("medtop:20000441",)),
        ({"subject": [{"scheme": "http://exemple.fr/", "code": "20000441", "name": "x"}]}, "subjects", ("x",)),
        ({"subject": [{"name": "x"}, {"name": "x"}, "y", {}]}, "subjects", ("x",)),
        ({"uri": None, "altids": {"ref": "a-1"}}, "id", "a-1"),
        ({"uri": None, "altids": [{"role": "ref", "value": "a-1"}]}, "id", "a-1"),
        ({"body_nitf": "<nitf/>"}, "paragraphs", None),
        ({"body_xhtml": "<div></div>"}, "paragraphs", None),
        ({"headline": "T", "body_xhtml": "<h1>T</h1><p>a</p>"}, "paragraphs", ("a",)),
        ({"bodies": [{"value": "<p>a</p><p>b</p>"}]}, "paragraphs", ("a", "b")),
        ({"bodies": [{"contenttype": "application/xml", "value": "<nitf/>"}]}, "paragraphs", None),
    ],
)
def test_what_keys_say(keys: dict[str, Any], field: str, value: object) -> None:
    assert getattr(stated(**keys), field) == value


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ({"uri": "u", "headline": "Rien"}, "Élément ninjs sans « body_text », « body_xhtml » ni « bodies »"),
        ({"uri": "u", "body_text": 3}, "Valeurs incorrectes : « body_text » : un texte est attendu, et non un nombre."),
        (
            {"uri": "u", "body_text": "x", "urgency": 12},
            "Valeurs incorrectes : « urgency » : un nombre entier de 1 à 9",
        ),
        ({"uri": "u", "body_text": "x", "pubstatus": "off"}, "Valeurs incorrectes : « pubstatus » : usable, withheld"),
        ({"uri": "u", "body_text": "x", "versioncreated": "hier"}, "« versioncreated » : une date avec son année"),
        ({"uri": "u", "body_xhtml": "<div>" * 20_000 + "x"}, "HTML aux balises ouvertes sans fin"),
    ],
)
def test_refused_with_its_reason(value: dict[str, Any], detail: str) -> None:
    item = read(value)
    assert isinstance(item, Rejection)
    assert item.error.detail.startswith(detail)


@pytest.mark.parametrize(
    "value",
    [
        {"uri": "u", "type": "picture", "headline": "Une photo"},
        {"uri": "u", "type": "composite", "headline": "Un dossier", "associations": {"a": {"uri": "v"}}},
    ],
)
def test_what_is_no_dispatch_is_skipped_with_its_reason(value: dict[str, Any]) -> None:
    item = read(value)
    assert isinstance(item, Skipped)
    assert f"« {value['type']} »" in item.reason


def test_an_empty_composite_without_associations_is_rejected() -> None:
    assert isinstance(read({"uri": "u", "type": "composite", "headline": "Rien"}), Rejection)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ('{"uri": "u", "headline": "t"}', True),
        ('[{"uri": "u", "versionCreated": "t"}]', True),
        ('{"uri": "u", "body_xhtml": "' + "x" * 70_000, True),
        ('{"uri": "u", "text": "x"}', False),
        ('{"id": "u", "text": "x", "extra": {"uri": 1, "headline": 2}}', False),
        ('{"text": "\\"uri\\": 1, \\"headline\\": 2"}', False),
        ('{"a": 1}\n{"uri": "u", "headline": "t"}', False),
        ("[1]", False),
        ("uri headline", False),
    ],
)
def test_looks_like(text: str, known: bool) -> None:
    assert ninjs.looks_like(text.encode()[:65_536]) is known


def test_a_plain_dispatch_has_no_key_of_ninjs() -> None:
    assert not set(jsonl.KEYS) & ninjs.OWN_KEYS


@pytest.mark.parametrize(("date", "precision"), [("2022-08-08", "day"), ("2022-08-08T00:00:00Z", "minute")])
def test_a_day_alone_is_stated_as_one(date: str, precision: str) -> None:
    assert stated(firstcreated=date, versioncreated="2022-08-09").published_precision == precision
    assert stated(firstcreated=date, versioncreated="2022-08-09").updated_precision == "day"
