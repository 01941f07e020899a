"""Each format of a file, read as its programs read it: a spreadsheet, a reference manager, a person."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mappings.dispatch import Dispatch, Mention, Precision, Quote, Repair, Source, to_document
from search.formats import FORMATS, csv_rows
from search.formats.citations import inner
from search.formats.place import Place
from search.schemas import DispatchAnswer, dispatch_json

PLACE = Place("https://depeches.example", "Europe/Paris")

DISPATCH = Dispatch(
    id="d1",
    story="s1",
    body=("Premier paragraphe ; avec un point-virgule.", 'Le second, "cité".'),
    title="Le ministre dit « non » à l'accord",
    title_derived=False,
    lead="Premier paragraphe.",
    raw=b"",
    raw_encoding="utf-8",
    agency="AFP",
    author="Jeanne Dupont",
    published=datetime(2022, 8, 8, 6, 52, tzinfo=UTC),
    date_precision="minute",
    actors=("ONU", "Wang Yi"),
    venues=("Asie du Sud-Est > Cambodge > Phnom Penh",),
    topics=("Politique > Diplomatie",),
)
UNDATED = replace(DISPATCH, published=None, date_precision="unknown", date_text="08h52 le 08/08")


def written(name: str, *dispatches: Dispatch) -> str:
    form = FORMATS[name]
    return form.head + "".join(form.row(dispatch, PLACE) for dispatch in dispatches)


def table(*dispatches: Dispatch) -> list[dict[str, str]]:
    text = written("csv", *dispatches)
    assert text[0] == "\ufeff"
    return list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=";"))


def ris(dispatch: Dispatch) -> list[tuple[str, str]]:
    lines = written("ris", dispatch).split("\r\n")
    return [(line[:2], line[6:]) for line in lines if line]


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.name)
def test_a_row_is_made_of_the_fields_it_asks_for_and_no_others(form: Any) -> None:
    from mappings.dispatch import from_document

    document = to_document(DISPATCH)
    asked = from_document({name: value for name, value in document.items() if name in form.fields})
    assert form.row(asked, PLACE) == form.row(DISPATCH, PLACE)


# -- CSV -------------------------------------------------------------------------------------------------------------


def test_a_table_has_a_row_a_dispatch_and_a_cell_a_value() -> None:
    (row,) = table(DISPATCH)
    assert list(row) == list(csv_rows.COLUMNS)
    assert (row["date"], row["heure"]) == ("2022-08-08", "08:52")
    assert row["texte"] == "\n".join(DISPATCH.body)
    assert row["acteurs"] == "ONU | Wang Yi"
    assert row["adresse"] == "https://depeches.example/depeches/d1"


def test_every_cell_is_quoted_and_lines_end_as_spreadsheets_want() -> None:
    head, rest = written("csv", DISPATCH)[1:].split("\r\n", 1)
    assert head.startswith('"identifiant";"titre"')
    assert rest.endswith('"\r\n')


@pytest.mark.parametrize(
    ("precision", "date", "hour"),
    [("minute", "2022-08-08", "08:52"), ("day", "2022-08-08", ""), ("month", "", ""), ("year", "", "")],
)
def test_a_date_is_told_no_more_exactly_than_it_is_known(precision: Precision, date: str, hour: str) -> None:
    (row,) = table(replace(DISPATCH, date_precision=precision))
    assert (row["date"], row["heure"]) == (date, hour)


def test_a_date_without_a_year_is_told_in_words() -> None:
    (row,) = table(UNDATED)
    assert (row["date"], row["date en toutes lettres"]) == ("", "08h52 le 08/08, année inconnue")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+33 1 23", "'+33 1 23"),
        ("-5 degrés", "'-5 degrés"),
        ("@SUM(1)", "'@SUM(1)"),
        ("＝1+1", "'＝1+1"),
        ("\t=1", "' =1"),
        ("\r=1", "' =1"),
        ("\n=1", "'\n=1"),
        ("a=b", "a=b"),
        ("– tiret", "– tiret"),
        ("nul\x00 et cloche\x07", "nul  et cloche "),
    ],
)
def test_no_cell_is_a_formula(text: str, cell: str) -> None:
    (row,) = table(replace(DISPATCH, title=text))
    assert row["titre"] == cell


def test_a_text_longer_than_a_cell_says_where_its_end_is() -> None:
    (row,) = table(replace(DISPATCH, body=("x" * 40_000,)))
    assert len(row["texte"]) == csv_rows.LONGEST_CELL
    assert row["texte"].endswith("La suite : https://depeches.example/depeches/d1")


# -- JSON lines ------------------------------------------------------------------------------------------------------


def test_a_line_is_what_the_api_answers() -> None:
    line = written("jsonl", DISPATCH)
    assert line.count("\n") == 1
    assert json.loads(line) == dispatch_json(DISPATCH)


def test_what_the_api_answers_is_what_its_schema_says() -> None:
    dispatch = replace(
        DISPATCH,
        mentions=(Mention("ONU", "organisation", 0, 0, 3, "Pre", "label"),),
        quotes=(Quote("Wang Yi", 1, 0, 4, True),),
        repairs=(Repair(0, 1, "?", "é", 0.9, "mot"),),
        source=Source("f.txt", "text", "abc", None),
        subjects=("iptc:11",),
    )
    answer = dispatch_json(dispatch)
    told = DispatchAnswer().dump(dispatch)
    instants = {"published", "updated", "embargo", "ingested_at", "links"}
    assert list(answer) == list(DispatchAnswer().fields)
    assert {name: value for name, value in answer.items() if name not in instants} == {
        name: value for name, value in told.items() if name not in instants
    }
    assert answer["published"] == "2022-08-08T06:52:00.000Z"


# -- RIS -------------------------------------------------------------------------------------------------------------


def test_a_record_begins_ends_and_holds_what_reference_managers_read() -> None:
    record = ris(DISPATCH)
    assert record[0] == ("TY", "NEWS")
    assert record[-1] == ("ER", "")
    assert {
        ("TI", DISPATCH.title),
        ("AU", "Jeanne Dupont"),
        ("PB", "AFP"),
        ("DA", "2022/08/08/08:52"),
        ("PY", "2022"),
        ("UR", "https://depeches.example/depeches/d1"),
        ("ID", "d1"),
        ("LA", "fr"),
        ("KW", "Wang Yi"),
        ("KW", "Phnom Penh"),
        ("KW", "Diplomatie"),
    } <= set(record)


@pytest.mark.parametrize(
    ("precision", "date"), [("day", "2022/08/08/"), ("month", "2022/08//"), ("year", "2022///"), ("unknown", None)]
)
def test_the_unknown_parts_of_a_date_are_left_out(precision: Precision, date: str | None) -> None:
    assert dict(ris(replace(DISPATCH, date_precision=precision))).get("DA") == date


def test_an_unknown_date_is_a_note() -> None:
    record = dict(ris(UNDATED))
    assert record.keys().isdisjoint({"DA", "PY"})
    assert record["N1"] == "Date inconnue : 08h52 le 08/08"


def test_no_value_breaks_a_line() -> None:
    assert ("TI", "Un titre ER  - faux") in ris(replace(DISPATCH, title="Un titre\r\nER  - faux"))


# -- citations -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dispatch", "citation"),
    [
        (
            DISPATCH,
            "AFP, Jeanne Dupont, «\xa0Le ministre dit “non” à l'accord\xa0», dépêche, lundi 8\xa0août 2022 à 8\xa0h\xa052, "
            "identifiant d1, https://depeches.example/depeches/d1\n",
        ),
        (
            replace(UNDATED, author=None, title="Titre"),
            "AFP, «\xa0Titre\xa0», dépêche, date inconnue, 08h52 le 08/08, identifiant d1, "
            "https://depeches.example/depeches/d1\n",
        ),
        (
            replace(UNDATED, author=None, agency=None, title="Titre", date_text=None, status="withdrawn"),
            "«\xa0Titre\xa0», dépêche, date inconnue, [annulée par l'agence], identifiant d1, "
            "https://depeches.example/depeches/d1\n",
        ),
    ],
    ids=["dated", "without a year", "withdrawn"],
)
def test_a_citation(dispatch: Dispatch, citation: str) -> None:
    assert written("txt", dispatch) == citation


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Il dit «\xa0non\xa0»", "Il dit “non”"), ("«Oui»", "“Oui”"), ("Rien", "Rien")],
)
def test_guillemets_within_guillemets(title: str, expected: str) -> None:
    assert inner(title) == expected
