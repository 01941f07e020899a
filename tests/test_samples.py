"""The dispatches of `samples/` are as their README says: how many, how encoded, how damaged, none twice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.raw import RawDispatch
from indexer.readers import read_file

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
README = (SAMPLES / "README.md").read_text("utf-8")
SEPARATOR = "--------"

# The encoding the README gives for each folder. "utf-8-sig" and "utf-16" take the BOM away.
FOLDERS = {
    "seed": "utf-8",
    "depeches": "utf-8",
    "lots": "utf-8",
    "cp1252": "cp1252",
    "utf8-bom": "utf-8-sig",
    "utf16": "utf-16",
    "perdu-gbk": "utf-8",
    "perdu-ascii": "ascii",
    "mojibake": "utf-8",
}
FILES = sorted(SAMPLES.glob("*/*.txt"))
# Files of `formats/` and the dispatches in each, as the README says.
FORMATS = {
    name: int(count) for name, count in re.findall(r"^\| `([\w.-]+)` \| [^|\n]+ \| (\d+) \|$", README, re.MULTILINE)
}
SEED_SHA256 = "62ff6b3a5f44e7ac4cb2a2ff26c9c7a650096c1da1f9bfe53d7bd5951bcd10cb"
LOST_LETTER = re.compile(r"\w\?\w|\?\w")  # "cha?nes", "?tat"; a question mark that ends a sentence is neither


def _text(path: Path) -> str:
    return path.read_bytes().decode(FOLDERS[path.parent.name]).replace("\r\n", "\n")


def _pieces(path: Path) -> list[str]:
    return [piece.strip() for piece in _text(path).split(f"\n{SEPARATOR}\n")]


def _repaired_twice(raw: bytes) -> str:
    return raw.decode("utf-8").encode("cp1252").decode("utf-8")


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def test_the_seed_is_the_real_dispatch_byte_for_byte() -> None:
    raw = (SAMPLES / "seed" / "000_xinhua_phnom_penh.txt").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == SEED_SHA256


def test_there_are_as_many_invented_dispatches_as_the_readme_says() -> None:
    said = re.search(r"Les (\d+) autres sont INVENTÉES", README)
    assert said is not None
    texts = sum(len(_pieces(path)) for path in FILES if path.parent.name != "seed")
    invented = texts + sum(FORMATS.values())
    assert invented == int(said[1])
    assert invented >= 90


def test_every_file_is_a_text_in_a_folder_we_describe() -> None:
    found = {
        path.relative_to(SAMPLES)
        for path in SAMPLES.rglob("*")
        if path.is_file() and path.parent != SAMPLES / "formats"
    }
    assert found - {path.relative_to(SAMPLES) for path in FILES} == {Path("README.md")}
    assert {path.parent.name for path in FILES} == set(FOLDERS)


def test_the_readme_lists_the_files_of_formats() -> None:
    assert sorted(FORMATS) == sorted(path.name for path in (SAMPLES / "formats").iterdir())


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_formats_holds_the_dispatches_the_readme_says(name: str) -> None:
    found = [*read_file(SAMPLES / "formats" / name, name)]
    assert [item for item in found if not isinstance(item, RawDispatch)] == []
    assert len(found) == FORMATS[name]


@pytest.mark.parametrize("folder", [*FOLDERS, "formats"])
def test_the_readme_describes_the_folder(folder: str) -> None:
    assert f"| `{folder}/` |" in README


@pytest.mark.parametrize("stem", sorted(set(re.findall(r"`(20\d\d-\d\d-\d\d_[\w-]+)`", README))))
def test_a_file_the_readme_names_is_there(stem: str) -> None:
    assert (SAMPLES / "depeches" / f"{stem}.txt").is_file()


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_file_decodes_under_the_encoding_of_its_folder(path: Path) -> None:
    text = _text(path)
    assert not set(text) & {"\ufffd", "\ufeff", "\x00"}
    assert all(char.isprintable() or char in "\n\u00a0\u202f" for char in text)


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name not in ("mojibake", "perdu-ascii")], ids=_name)
def test_a_file_not_said_to_be_mojibake_reads_as_french(path: Path) -> None:
    text = _text(path)
    assert "é" in text
    assert not re.search(r"Ã[\x80-\xbf©¨ª]|â€", text)


def _is_cp1252_only(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        # bytes 80 to 9F: the letters and signs that tell Windows-1252 from Latin-1
        return any(0x80 <= byte <= 0x9F for byte in raw) and b"\r\n" in raw
    return False


def _lost_in_gbk(raw: bytes) -> bool:
    text = raw.decode("utf-8")
    return bool(LOST_LETTER.search(text)) and text.encode("gbk").decode("gbk") == text


def _lost_in_ascii(raw: bytes) -> bool:
    return raw.isascii() and bool(LOST_LETTER.search(raw.decode("ascii")))


def _is_encoded_twice(raw: bytes) -> bool:
    return "Ã©" in raw.decode("utf-8") and "é" in _repaired_twice(raw)


DAMAGE: dict[str, Callable[[bytes], bool]] = {
    "cp1252": _is_cp1252_only,
    "utf8-bom": lambda raw: raw.startswith(b"\xef\xbb\xbf"),
    "utf16": lambda raw: raw.startswith(b"\xff\xfe") and b"\r\x00\n\x00" in raw,
    "seed": _lost_in_gbk,
    "perdu-gbk": _lost_in_gbk,
    "perdu-ascii": _lost_in_ascii,
    "mojibake": _is_encoded_twice,
}


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name in DAMAGE], ids=_name)
def test_a_file_is_damaged_as_its_folder_says(path: Path) -> None:
    assert DAMAGE[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name in ("depeches", "lots")], ids=_name)
def test_a_sound_file_has_lost_no_letter(path: Path) -> None:
    assert not LOST_LETTER.search(_text(path))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_only_batches_hold_several_dispatches(path: Path) -> None:
    pieces = _pieces(path)
    assert (len(pieces) > 1) == (path.parent.name == "lots")
    assert all(len(piece) > 200 and SEPARATOR not in piece for piece in pieces)


def test_no_two_dispatches_have_the_same_text() -> None:
    seen: dict[str, str] = {}
    twice = []
    for path in FILES:
        for piece in _pieces(path):
            key = " ".join(piece.split())
            if key in seen:
                twice.append((seen[key], _name(path)))
            seen[key] = _name(path)
    assert twice == []


@pytest.mark.parametrize(
    "name",
    [
        "depeches/2019-10-18_afp_culture-troyes-manuscrit",
        "depeches/2020-02-04_tass_baikal",
        "depeches/2021-03-04_aps_algerie-mali",
        "depeches/2022-07-04_ats_ukraine-lugano",
        "depeches/2023-06-19_afp_diplomatie-paris-finance",
        "lots/afp_ameriques_2019-2024",
    ],
)
def test_a_wrapped_file_keeps_to_72_columns(name: str) -> None:
    lines = _text(SAMPLES / f"{name}.txt").splitlines()
    assert max(map(len, lines)) <= 72
    assert name.split("/")[1] in README


@pytest.mark.parametrize("agency", ["Xinhua", "AFP", "Reuters", "BELGA", "ats", "TASS", "APS", "MAP"])
def test_every_agency_signs_a_dispatch(agency: str) -> None:
    assert any(re.search(rf"[(/]{agency}[)/]", piece) for path in FILES for piece in _pieces(path))
