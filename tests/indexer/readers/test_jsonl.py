"""JSON lines, arrays, and one value strictly: what is read, what is refused, and that the rest goes on."""

from __future__ import annotations

import io
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BinaryInput, InputTooLarge, NoTextInput, UndecodableInput
from indexer.dates import Dated
from indexer.limits import LARGEST_ITEM, LONGEST_DISPATCH
from indexer.raw import RawDispatch, Rejection, Stated
from indexer.readers import jsonl
from indexer.sources import Skipped

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "formats" / "dispatches.jsonl"


def read(raw: bytes) -> list[RawDispatch | Rejection]:
    items = list(jsonl.read(io.BytesIO(raw), "fil.jsonl", None))
    return [item for item in items if not isinstance(item, Skipped)]


def told(raw: bytes) -> list[str]:
    """The text of each dispatch, the class of each error."""
    return [item.text if isinstance(item, RawDispatch) else type(item.error).__name__ for item in read(raw)]


def reason(raw: bytes) -> str:
    (item,) = read(raw)
    assert isinstance(item, Rejection)
    return item.error.detail


def stated(**keys: object) -> Stated:
    (item,) = read(json.dumps({"text": "Un texte."} | keys).encode())
    assert isinstance(item, RawDispatch), item
    return item.stated


# --- the sample ----------------------------------------------------------------------------------------------------


def test_the_sample() -> None:
    items = read(SAMPLE.read_bytes())
    lines = SAMPLE.read_bytes().splitlines()
    assert [item.raw for item in items] == lines
    assert [item.position for item in items] == [0, 1, 2, 3, 4]
    first, third = items[0], items[2]
    assert isinstance(first, RawDispatch)
    assert isinstance(third, RawDispatch)
    assert first.stated.paragraphs is not None
    assert first.text == "\n".join(first.stated.paragraphs)
    assert (first.stated.agency, first.stated.byline, first.stated.urgency) == ("AFP", "Hermine Castagnol", 5)
    assert first.stated.published == datetime(2023, 9, 12, 16, 4, tzinfo=UTC)
    assert first.source.format == "jsonl"
    assert (third.stated.version, third.stated.corrects, third.stated.paragraphs) == (2, True, None)
    assert third.text.endswith("\n\nats/lbz/mro")


# --- cutting -------------------------------------------------------------------------------------------------------

A, B = '{"text": "un {[ \\" ]}"}', '{"text": "deux, ç"}'
CUTS = [
    (f"{A}\n{B}\n", [A, B]),
    (f"{A}\r\n\r\n  \n{B}", [A, B]),
    (f"\x1e{A}\n\x1e{B}\n", ["\x1e" + A, "\x1e" + B]),  # RFC 7464
    (f"[{A},{B}]", [A, B]),
    (f"[\n  {A},\n  {B}\n]\n", [A, B]),
    (f"[{A}]\n[{B}]", [A, B]),
    ('[\n{\n "text":\n "un"\n}\n, ' + B + "]", ['{\n "text":\n "un"\n}', B]),
    ('{\n "text": "un"\n}\n{\n "text": "deux"\n}\n', ['{\n "text": "un"\n}', '{\n "text": "deux"\n}']),
    ('{ "text": "un",\n "a": {"b": [1]}}', ['{ "text": "un",\n "a": {"b": [1]}}']),
]


@pytest.mark.parametrize(("text", "values"), CUTS)
def test_values_are_cut_by_their_exact_bytes(text: str, values: list[str]) -> None:
    items = read(text.encode())
    assert [item.raw.decode() for item in items] == values
    assert all(isinstance(item, RawDispatch) for item in items)


BROKEN = [
    (f"{A}\nn'importe quoi\n{B}", ['un {[ " ]}', "MalformedInput", "deux, ç"]),
    ('{"text": "coup\n' + B, ["MalformedInput", "deux, ç"]),
    (A + '\n{"text": "coup', ['un {[ " ]}', "MalformedInput"]),
    (f"{A}\n[]\n42\nnull\n{B}", ['un {[ " ]}', "MalformedInput", "MalformedInput", "MalformedInput", "deux, ç"]),
    (f'[{A}, {{"text": "sans fin}},\n{B}]', ['un {[ " ]}', "MalformedInput"]),
    ('[{"text": [1}, ' + B + "]", ["MalformedInput", "deux, ç"]),
    ('[{"text": 1]}, ' + B + "]", ["MalformedInput", "deux, ç"]),
    (f"[{A}, 42, {B}]", ['un {[ " ]}', "MalformedInput", "deux, ç"]),
    (f"[{A}, [1], {B}]", ['un {[ " ]}', "MalformedInput", "deux, ç"]),
    (f"[{A}, " + '{"text": "la fin manq', ['un {[ " ]}', "MalformedInput"]),
    (f"[{A}]]{B}", ['un {[ " ]}', "MalformedInput", "deux, ç"]),
]


@pytest.mark.parametrize(("text", "outcome"), BROKEN)
def test_a_broken_value_does_not_take_the_others_with_it(text: str, outcome: list[str]) -> None:
    assert told(text.encode()) == outcome


def test_what_is_rejected_keeps_its_bytes() -> None:
    items = read(f"{A}\ncassé\n".encode())
    assert (items[1].raw, items[1].position) == ("cassé".encode(), 1)


@given(st.lists(st.dictionaries(st.text(), st.text()), min_size=1, max_size=5), st.sampled_from([None, 2]))
def test_any_array_is_cut_where_json_cuts_it(values: list[dict[str, str]], indent: int | None) -> None:
    written = [json.dumps(value | {"text": "x"}, indent=indent, ensure_ascii=False) for value in values]
    raw = ("[" + ",\n".join(written) + "]").encode("utf-8", "surrogatepass")
    assert [item.raw for item in read(raw)] == [one.encode("utf-8", "surrogatepass") for one in written]


def test_strings_may_end_anywhere_between_two_reads() -> None:
    for size in range(jsonl.SLICE - 12, jsonl.SLICE + 4):
        values = ['{"text": "' + "x" * size + '\\"]}\\\\"}', B]
        assert [item.raw.decode() for item in read(("[" + ",".join(values) + "]").encode())] == values


# --- encodings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-32"])
@pytest.mark.parametrize("shape", ["{0}\n{1}\n", "[{0},\n{1}]"])
def test_encodings(encoding: str, shape: str) -> None:
    text = shape.format('{"text": "L\'été à Nîmes"}', '{"text": "Où ça, François ?"}')
    assert told(text.encode(encoding)) == ["L'été à Nîmes", "Où ça, François ?"]


def test_a_utf16_value_can_be_read_again_by_itself() -> None:
    items = read('{"text": "été"}\n{"text": "hiver"}'.encode("utf-16"))
    assert [told(item.raw) for item in items] == [["été"], ["hiver"]]


def test_one_line_in_another_table_is_the_only_one_refused() -> None:
    good = '{"text": "été, hiver, forêt"}\n'.encode() * 3
    assert told(good + '{"text": "été"}\n'.encode("cp1252") + good)[2:5] == [
        "été, hiver, forêt",
        "UndecodableInput",
    ] + ["été, hiver, forêt"]


def test_lines_of_two_tables_are_each_read_in_theirs() -> None:
    raw = '{"text": "été"}\n'.encode("cp1252") * 3 + '{"text": "forêt"}\n'.encode()
    assert told(raw) == ["été", "été", "été", "forêt"]


def test_a_broken_utf16_file_is_refused_whole() -> None:
    with pytest.raises(UndecodableInput):
        read('{"text": "été"}'.encode("utf-16") + b"\x00")


def test_binary_is_refused_whole() -> None:
    with pytest.raises(BinaryInput):
        read(b"%PDF-1.7")


# --- one value, strictly -------------------------------------------------------------------------------------------

REFUSED = [
    ('{"text": "x", "text": "y"}', "La clé « text » est donnée deux fois."),
    ('{"text": "x", "a": {"b": 1, "b": 2}}', "La clé « b » est donnée deux fois."),
    ('{"text": "x", "version": NaN}', "NaN n'est pas une valeur JSON."),
    ('{"text": "x", "version": -Infinity}', "-Infinity n'est pas une valeur JSON."),
    ('{"text": "x", "version": 1e999}', "Nombre démesuré : 1e999."),
    ('{"text": "x", "a": ' + "9" * 5000 + "}", f"Nombre démesuré : {'9' * 39}…."),
    (
        '{"text": "a\\ud83d"}',
        "Moitié de caractère sans l'autre (\\ud83d) dans un texte.",
    ),
    ('{"text": "x", "a": ' + "[" * 70 + "]" * 70 + "}", "JSON imbriqué sur plus de 64 niveaux."),
    ('{"text": "x", "a": ' + "[" * 5000 + "]" * 5000 + "}", "JSON imbriqué sur plus de 64 niveaux."),
    ("{'text': 'x'}", "JSON invalide au caractère 2, au signe ▸ de « {▸'text': 'x'} »."),
    ('{"text": "x",}', 'JSON invalide au caractère 14, au signe ▸ de « {"text": "x",▸} ».'),
    ('{"text": "a\tb"}', 'JSON invalide au caractère 12, au signe ▸ de « {"text": "a▸ b"} ».'),
    ("[[1]]", "Une dépêche s'écrit comme un objet JSON {...}, et non comme une liste."),
]


@pytest.mark.parametrize(("text", "detail"), REFUSED)
def test_no_json_but_the_standards(text: str, detail: str) -> None:
    assert reason(text.encode()).replace("\t", " ") == detail


def test_a_whole_character_written_as_two_halves_is_one() -> None:
    assert told(b'{"text": "\\ud83d\\ude80 x"}') == ["\U0001f680 x"]


# --- keys ----------------------------------------------------------------------------------------------------------

WRONG = [
    ({"title": 3}, "« title » : un texte est attendu, et non un nombre"),
    ({"title": ["a"]}, "« title » : un texte est attendu, et non une liste"),
    ({"title": "x" * 10_001}, "« title » : 10001 caractères, 10000 au plus"),
    ({"id": True}, "« id » : un texte ou un nombre entier est attendu, et non vrai ou faux"),
    ({"id": "é" * 300}, "« id » : 512 octets au plus"),
    ({"body": [1]}, "« body » : une liste de paragraphes (textes) ou un texte est attendu"),
    ({"text": {}}, "« text » : un texte est attendu, et non un objet"),
    ({"version": "2"}, "« version » : un nombre entier de 0 à 2147483647 est attendu, et non « 2 »"),
    ({"version": True}, "« version » : un nombre entier de 0 à 2147483647 est attendu, et non vrai ou faux"),
    ({"urgency": 0}, "« urgency » : un nombre entier de 1 à 9 est attendu, et non « 0 »"),
    ({"urgency": 4.5}, "« urgency » : un nombre entier de 1 à 9 est attendu, et non « 4.5 »"),
    ({"language": "français"}, "« language » : un code de langue (« fr ») est attendu, et non « français »"),
    ({"url": "javascript:alert(1)"}, "« url » : une adresse http(s) est attendu, et non « javascript:alert(1) »"),
    ({"status": "parti"}, "« status » : usable, withheld ou canceled est attendu, et non « parti »"),
    ({"subjects": [["a"]]}, "« subjects » : une liste de textes est attendu, et non « autre chose »"),
    ({"subjects": ["a"] * 1001}, "« subjects » : 1001 valeurs, 1000 au plus"),
    ({"corrects": "oui"}, "« corrects » : true ou false est attendu, et non « oui »"),
]


@pytest.mark.parametrize(("keys", "detail"), WRONG)
def test_a_wrong_value_names_its_key_and_what_it_takes(keys: dict[str, object], detail: str) -> None:
    assert reason(json.dumps({"text": "x"} | keys).encode()) == f"Valeurs incorrectes : {detail}."


def test_every_wrong_key_is_named_at_once() -> None:
    detail = reason(b'{"text": "x", "title": 1, "urgency": "haute"}')
    assert "« title »" in detail
    assert "« urgency »" in detail


def test_unknown_keys_and_nulls_are_passed_over() -> None:
    assert stated(**dict.fromkeys(jsonl.KEYS) | {"text": "x", "inconnue": [1]}) == Stated()


@pytest.mark.parametrize(
    ("keys", "field", "value"),
    [
        ({"id": 42}, "id", "42"),
        ({"id": "  a "}, "id", "a"),
        ({"title": "  "}, "title", None),
        ({"language": "FR-be"}, "language", "fr"),
        ({"agency": "agence france-presse"}, "agency", "AFP"),
        ({"agency": "Agence du Lac"}, "agency", "Agence du Lac"),
        ({"subjects": "mer"}, "subjects", ("mer",)),
        ({"subjects": ["mer", " "]}, "subjects", ("mer",)),
        ({"status": "withheld"}, "usage", "withheld"),
        ({"status": "withdrawn"}, "usage", "canceled"),
        ({"status": "current"}, "usage", "usable"),
        ({"author": "Jo"}, "byline", "Jo"),
        ({"body": ["a", " ", "b "]}, "paragraphs", ("a", "b")),
        ({"body": "un texte"}, "paragraphs", None),
        ({"body": []}, "paragraphs", None),
    ],
)
def test_values_are_read(keys: dict[str, object], field: str, value: object) -> None:
    assert getattr(stated(**keys), field) == value


INSTANTS = [
    ("2022-08-08T08:52:00+02:00", datetime(2022, 8, 8, 6, 52, tzinfo=UTC)),
    ("2022-08-08T08:52:00Z", datetime(2022, 8, 8, 8, 52, tzinfo=UTC)),
    ("20220808T085200+0200", datetime(2022, 8, 8, 6, 52, tzinfo=UTC)),
    ("2022-08-08T08:52:00", datetime(2022, 8, 8, 6, 52, tzinfo=UTC)),
    ("2022-08-08", datetime(2022, 8, 8, tzinfo=UTC)),
    ("08/08/2022 08:52", datetime(2022, 8, 8, 6, 52, tzinfo=UTC)),
    ("8 août 2022 à 8h52", datetime(2022, 8, 8, 6, 52, tzinfo=UTC)),
    ("Mon, 08 Aug 2022 08:52:00 +0200", datetime(2022, 8, 8, 6, 52, tzinfo=UTC)),
    ("08/08 08:52", None),  # no year: that is for the dates of texts
    ("2022-02-30", None),
    ("2022-08", datetime(2022, 8, 1, tzinfo=UTC)),
    ("2022", datetime(2022, 1, 1, tzinfo=UTC)),
    ("2022-13", None),
    ("0008", None),
    ("1600", None),
    ("2022-08-08T25:00:00Z", None),
    ("9999-12-31T23:59:59-12:00", None),
    ("0001-01-01T00:00:00+14:00", None),
    ("1659920000", None),
    ("hier", None),
    ("le 8 août 2022 ou le 9", None),
]


@pytest.mark.parametrize(("words", "moment"), INSTANTS)
def test_instants(words: str, moment: datetime | None) -> None:
    found = jsonl.read_dated(words, "Europe/Paris")
    assert (found.moment if found else None) == moment


@pytest.mark.parametrize(
    ("words", "precision"),
    [
        ("2022-08-08T00:00:00", "minute"),
        ("2022-08-08 00:00", "minute"),
        ("2022-08-08", "day"),
        ("20220808", "day"),
        ("08/08/2022", "day"),
        ("8 août 2022", "day"),
        ("08/08/2022 00:00", "minute"),
        ("août 2022", "month"),
        ("2022-08", "month"),
        ("2022", "year"),
    ],
)
def test_how_much_of_a_moment_is_said(words: str, precision: str) -> None:
    found = jsonl.read_dated(words, "Europe/Paris")
    assert found is not None and (found.precision, found.basis) == (precision, "stated")


def test_a_day_alone_is_stated_as_one() -> None:
    said = stated(published="2022-08-08", updated="2022-08-09T10:00:00Z")
    assert (said.published_precision, said.updated_precision) == ("day", "minute")
    published, updated = said.dates
    assert published == Dated(datetime(2022, 8, 8, tzinfo=UTC), "day", "stated")
    assert updated == Dated(datetime(2022, 8, 9, 10, tzinfo=UTC), "minute", "stated")
    assert stated().dates == (None, None)


def test_an_object_over_several_lines_whose_first_ends_with_a_bracket() -> None:
    assert told(b'[{"x": {"y": 1}\n,"text": "un"}, {"text": "deux"}]') == ["un", "deux"]
    assert told(b'{"x": {"y": 1}\n,"text": "un"}\n{"text": "deux"}') == ["un", "deux"]
    assert told(b'{"x":\n{"y": 1}\n,"text": "un"}\n{"text": "deux"}') == ["un", "deux"]


def test_a_moment_without_zone_is_in_that_of_its_agency() -> None:
    assert stated(agency="Xinhua", published="2022-08-08T08:52:00").published == datetime(2022, 8, 8, 0, 52, tzinfo=UTC)


def test_a_date_that_is_none_is_refused_with_what_is_taken() -> None:
    detail = reason(b'{"text": "x", "published": "bient\\u00f4t"}')
    assert detail.startswith("« published » : une date avec son année est attendue")
    assert detail.endswith("et non « bientôt ».")


@pytest.mark.parametrize("keys", [{}, {"text": " \n"}, {"body": []}, {"body": ["--", "…"]}, {"title": "Sans texte"}])
def test_no_text(keys: dict[str, object]) -> None:
    (item,) = read(json.dumps(keys or {"id": 1}).encode())
    assert isinstance(item, Rejection)
    assert isinstance(item.error, NoTextInput)


@pytest.mark.parametrize("raw", [b"[]", b"[ ]\n", b"[\n\n]"])
def test_an_empty_array_is_a_file_without_dispatches(raw: bytes) -> None:
    with pytest.raises(NoTextInput):
        read(raw)


# --- sizes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [b"%s\n%s\n%s\n", b"[%s,\n%s,\n%s]"])
def test_a_value_of_50_mb_is_refused_and_the_rest_is_read(shape: bytes) -> None:
    large = b'{"text": "' + b"x" * 50_000_000 + b'"}'
    assert told(shape % (A.encode(), large, B.encode())) == ['un {[ " ]}', "InputTooLarge", "deux, ç"]


def test_a_text_longer_than_any_dispatch_is_refused() -> None:
    (item,) = read(json.dumps({"text": "x" * (LONGEST_DISPATCH + 1)}).encode())
    assert isinstance(item.error if isinstance(item, Rejection) else None, InputTooLarge)


def test_brackets_without_end_are_refused() -> None:
    with pytest.raises(InputTooLarge):
        read(b"[" * 1_000_000)


@pytest.mark.parametrize("shape", ["lines", "array"])
def test_memory_is_flat(shape: str) -> None:
    one = json.dumps({"text": "dépêche " * 400}).encode()
    raw = b"\n".join([one] * 6_000) if shape == "lines" else b"[" + b",\n".join([one] * 6_000) + b"]"
    assert len(raw) > LARGEST_ITEM
    stream = io.BytesIO(raw)
    tracemalloc.start()
    try:
        assert sum(1 for _ in jsonl.read(stream, "grand", None)) == 6_000
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


# --- recognised by content -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (b'{"text": "x"}', True),
        (b'\xef\xbb\xbf{"text": "x"}', True),
        ('{"text": "x"}'.encode("utf-16"), True),
        (b'  [\n {\n  "text"', True),
        (b"[]", True),
        (b"[", True),
        (b"{}", True),
        (b"{\\rtf1\\ansi}", False),
        (b"[AFP] Un texte", False),
        (b"{{modele}}", False),
        (b"Un texte {", False),
        (b"", False),
        (b"<html>", False),
    ],
)
def test_looks_like(head: bytes, known: bool) -> None:
    assert jsonl.looks_like(head) is known
