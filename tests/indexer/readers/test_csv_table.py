"""Tables: headers, delimiters, quotation marks kept and lost, and exact bytes."""

from __future__ import annotations

import io
import re
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import BadParameter, InputTooLarge, NoTextInput, UndecodableInput, UnknownColumns
from indexer.raw import RawDispatch, Rejection
from indexer.readers import csv_table, jsonl, read_bytes

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "formats" / "tableau.csv"


def read(table: str | bytes, columns: dict[str, str] | None = None) -> list[RawDispatch | Rejection]:
    raw = table if isinstance(table, bytes) else table.encode()
    return list(csv_table.Table(columns or {}).read(io.BytesIO(raw), "t.csv", None))


def told(table: str | bytes) -> list[str]:
    return [item.text if isinstance(item, RawDispatch) else type(item.error).__name__ for item in read(table)]


def test_the_sample() -> None:
    raw = SAMPLE.read_bytes()
    items = read(raw)
    assert all(isinstance(item, RawDispatch) and item.encoding == "cp1252" for item in items)
    header = raw[: raw.index(b"\n") + 1]
    assert header + b"".join(item.raw.removeprefix(header) for item in items) == raw
    ferry = items[1]
    assert isinstance(ferry, RawDispatch)
    assert ferry.stated.title == "Un ferry se trompe d’île et reste pour le déjeuner"
    assert ferry.stated.published == datetime(2023, 7, 2, 14, 5, tzinfo=UTC)
    assert (ferry.stated.agency, ferry.stated.byline, ferry.stated.urgency) == ("AFP", "Ronan Le Guillou", 4)
    assert ferry.stated.subjects == ("transport", "mer")
    assert ferry.text.endswith("Coût du détour: 340 €, selon la compagnie.")


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, end: str) -> None:
    rows = [("Titre", "Texte"), ("A", f'"un{delimiter} ""deux""{end}trois"'), ("B", "quatre")]
    table = end.join(delimiter.join(row) for row in rows)
    assert told(table) == [f'un{delimiter} "deux"{end}trois', "quatre"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "mac-roman"])
def test_encodings_and_rows_that_can_be_read_again_by_themselves(encoding: str) -> None:
    items = read("Titre;Texte\nÉté;L'été à Nîmes, où ça\nHiver;Forêt\n".encode(encoding))
    assert [item.text for item in items if isinstance(item, RawDispatch)] == ["L'été à Nîmes, où ça", "Forêt"]
    assert [told(item.raw) for item in items] == [["L'été à Nîmes, où ça"], ["Forêt"]]


HEADERS = [
    ("titre;texte", {"title", "text"}),
    ("TITLE,BODY,DATE", {"title", "text", "published"}),
    ("Date de publication;Dépêche;Mots-clés", {"published", "text", "slug"}),
    ("published_at,content,author,language", {"published", "text", "author", "language"}),
    ('"Titre","Texte"', {"title", "text"}),
    (" Titre : ; Texte ", {"title", "text"}),
    ("n°;texte;colonne à nous", {"text"}),
    ("titre;texte;contenu", {"title", "text"}),
]


@pytest.mark.parametrize(("header", "keys"), HEADERS)
def test_usual_names_of_columns(header: str, keys: set[str]) -> None:
    lines = csv_table._Lines(io.StringIO(header + "\n"))
    assert set(filter(None, csv_table._find_header(lines, {}).keys)) == keys


def test_every_name_is_that_of_a_key() -> None:
    assert set(csv_table.NAMES.values()) <= set(jsonl.KEYS)


def test_columns_may_be_named() -> None:
    (item,) = read("ref_interne;papier\n7;Un texte.\n", {"ref_interne": "id", "papier": "text"})
    assert isinstance(item, RawDispatch)
    assert (item.stated.id, item.text) == ("7", "Un texte.")


def test_a_column_that_was_told_stands_alone_for_its_field() -> None:
    (item,) = read("Titre;Titre de l'article;Texte\nRubrique;Le vrai;Un texte.\n", {"Titre de l'article": "title"})
    assert isinstance(item, RawDispatch)
    assert item.stated.title == "Le vrai"


def test_a_table_whose_columns_were_told_is_known_by_one_of_them() -> None:
    table = csv_table.Table({"Papier": "text"})
    assert table.looks_like("Réf. interne;Papier\n7;Un texte.\n".encode())
    assert not table.looks_like("Réf. interne;Autre\n7;Un texte.\n".encode())
    assert not csv_table.looks_like("Réf. interne;Papier\n7;Un texte.\n".encode())


@pytest.mark.parametrize(
    ("told", "columns"),
    [
        (["Titre de l'article=title", "Corps = text"], {"Titre de l'article": "title", "Corps": "text"}),
        (["Objet=Titre", "Parution=date de publication"], {"Objet": "title", "Parution": "published"}),
        (["a=b=text"], {"a=b": "text"}),
        ([], {}),
    ],
)
def test_columns_told_on_a_command_line(told: list[str], columns: dict[str, str]) -> None:
    assert csv_table.columns_of(told) == columns


@pytest.mark.parametrize(
    ("told", "detail"),
    [
        ("Corps", "« Corps » : « titre de la colonne=champ » est attendu"),
        ("=text", "« =text » : « titre de la colonne=champ » est attendu"),
        ("Corps=papier", "Champ inconnu : papier. Une colonne peut être lue comme id, version, title, body, text, "),
    ],
)
def test_columns_told_wrongly(told: str, detail: str) -> None:
    with pytest.raises(BadParameter) as refused:
        csv_table.columns_of([told])
    assert refused.value.detail.startswith(detail)


def test_a_column_told_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UnknownColumns) as refused:
        read("Titre;Papier\nA;Un texte.\n", {"Titre de l'article": "title", "Papier": "text"})
    assert refused.value.detail == (
        "Pas de colonne « Titre de l'article » dans ce tableau ; il a « Titre », « Papier »."
    )


@pytest.mark.parametrize("header", ["Titre;Date", "Objet\tParution"])
def test_a_table_without_text_names_its_columns(header: str) -> None:
    one, two = re.split(r"[;\t]", header)
    with pytest.raises(UnknownColumns, match=f"« {one} », « {two} »"):
        read(f"{header}\nA;2022\n")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("export.csv", "Clé;Chapô;Papier\n1;Un pont a rouvert.;AFP\n", "« Clé », « Chapô », « Papier »"),
        ("EXPORT.TSV", "Corps\tQuand\nUn pont a rouvert.\t2022\n", None),  # one known column is enough, by that name
        ("export.txt", "Clé;Chapô;Papier\n1;Un pont a rouvert.;AFP\n", None),
        (
            "depeche.csv",
            "PARIS, 8 août 2022 (AFP) - Le pont de Roubaix, fermé trois ans, a rouvert lundi matin.\nUn, deux.",
            None,
        ),
    ],
)
def test_a_table_of_which_no_column_is_known_is_no_text(name: str, content: str, told: str | None) -> None:
    (item,) = read_bytes(content.encode(), name)
    if told:
        assert isinstance(item, Rejection)
        assert told in item.error.detail
        assert "--column" in item.error.detail
    else:
        assert isinstance(item, RawDispatch)
    assert isinstance(next(read_bytes(content.encode(), name, "text")), RawDispatch)


def test_the_separator_line_of_excel() -> None:
    assert told("sep=,\nTitre,Texte\nA,un\n") == ["un"]


def test_a_header_alone() -> None:
    with pytest.raises(NoTextInput):
        read("Titre;Texte\n\n;;\n")


H = "id;titre;texte\n"
ROWS = [
    ("1;A;un\n\n;;\n2;B;deux\n", ["un", "deux"]),
    ("1;A;un;;\n", ["un"]),  # empty cells beyond the header
    ("1;A;un;deux\n2;B;trois\n", ["MalformedInput", "trois"]),
    ("1;A\n2;B;trois\n", ["MalformedInput", "trois"]),
    ("1;A;\n2;B;trois\n", ["NoTextInput", "trois"]),
    ('1;A;il a dit "oui"\n2;B;trois\n', ['il a dit "oui"', "trois"]),
    ('1;A;"il a dit "oui" hier"\n2;B;trois\n', ['il a dit oui" hier"', "trois"]),
    ('1;A;"sans fin\n2;B;deux\n3;C;trois\n', ["MalformedInput", "deux", "trois"]),
    (
        '1;A;"sans fin\n2;B;deux\n3;C;il a dit "oui"\n4;D;quatre\n',
        ["MalformedInput", "deux", 'il a dit "oui"', "quatre"],
    ),
    ('1;A;"sans fin\n2;"B";deux\n3;"C";"trois\n\nfin"\n', ["MalformedInput", "deux", "trois\n\nfin"]),
    ('1;A;un\n2;B;"sans fin', ["un", "MalformedInput"]),
]


@pytest.mark.parametrize(("rows", "outcome"), ROWS)
def test_a_wrong_row_does_not_take_the_others_with_it(rows: str, outcome: list[str]) -> None:
    assert told(H + rows) == outcome


def test_a_rejected_row_is_kept_with_its_header() -> None:
    (item,) = read(H + "1;A;un;deux\n")
    assert item.raw.decode() == H + "1;A;un;deux\n"


def test_wrong_values_are_told_by_the_name_of_their_column() -> None:
    (item,) = read("Texte;Parution;Urgence\nun;bientôt;4\n".replace("Parution", "Date"))
    assert isinstance(item, Rejection)
    assert item.error.detail.startswith("« Date » : une date avec son année est attendue")
    (item,) = read("Texte;Urgence\nun;haute\n")
    assert isinstance(item, Rejection)
    assert item.error.detail.startswith("Valeurs incorrectes : « Urgence » : un nombre entier de 1 à 9")


def test_a_language_may_be_named() -> None:
    (item,) = read("Texte;Langue\nun;Français\n")
    assert isinstance(item, RawDispatch)
    assert item.stated.language == "fr"


def test_a_line_of_50_mb_is_refused_and_the_rest_is_read() -> None:
    assert told(H + "1;A;" + "x" * 50_000_000 + "\n2;B;deux\n") == ["InputTooLarge", "deux"]


def test_lost_quotation_marks_cost_no_more_than_the_file() -> None:
    rows = '1;a"b;"c\n' * 100_000
    outcome = told(H + rows + "2;B;deux\n")
    assert outcome[0] == "MalformedInput"
    assert outcome[-1] == "deux"


def test_a_broken_file_is_refused_whole() -> None:
    with pytest.raises(UndecodableInput):
        read((H + "1;A;été, forêt, où\n").encode() + b"2;B;\xe9t\n")


def test_a_header_without_end_is_refused() -> None:
    with pytest.raises(InputTooLarge):
        read("texte;titre" * 3_000_000)


def test_memory_is_flat() -> None:
    stream = io.BytesIO((H + ("1;A;" + "dépêche " * 400 + "\n") * 6_000).encode())
    tracemalloc.start()
    try:
        assert sum(1 for _ in csv_table.read(stream, "grand", None)) == 6_000
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (b"Titre;Texte\nA;un\n", True),
        ("\ufeffTitre;Texte\n".encode(), True),
        ("Titre;Texte\n".encode("utf-16"), True),
        (b"sep=;\r\nTitre;Texte\r\n", True),
        (b"Texte\nun\n", False),
        (b"Titre;Date\nA;2022\n", False),
        (b"PARIS, 8 ao\xfbt (AFP) - Un texte, un autre\n", False),
        (b"Le texte, la date\n", False),
        (b"Titre du jour\n\nUn texte ; le titre.\n", False),
        (b"", False),
        (b'{"titre": 1, "texte": 2}', False),
    ],
)
def test_looks_like(head: bytes, known: bool) -> None:
    assert csv_table.looks_like(head) is known


@pytest.mark.parametrize(
    ("date", "precision"), [("08/08/2022", "day"), ("08/08/2022 0:00", "minute"), ("2022", "year")]
)
def test_how_much_of_a_date_is_said(date: str, precision: str) -> None:
    (item,) = read(f"Texte;Date\nUn texte.;{date}\n")
    assert isinstance(item, RawDispatch)
    assert item.stated.published_precision == precision
