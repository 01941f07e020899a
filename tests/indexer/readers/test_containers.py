"""Archives: every member that can be had, and for every other one its reason."""

from __future__ import annotations

import bz2
import gc
import gzip
import io
import lzma
import random
import stat
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.raw import Rejection
from indexer.readers import containers
from indexer.readers.containers import Bounds, open_container
from indexer.sources import Skipped

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "formats"
STAMP = 1_699_520_400  # 9 November 2023, 9:00 UTC

Members = list[tuple[str, bytes]]


def read(raw: bytes, bounds: Bounds = containers.DEFAULT_BOUNDS, name: str = "a") -> list[tuple[str, bytes | str]]:
    """(name, content) of each member, (name, reason) of each that is refused."""
    found: list[tuple[str, bytes | str]] = []
    for entry in open_container(io.BytesIO(raw), name, bounds):
        if isinstance(entry, Rejection):
            found.append((entry.where, entry.error.detail))
        elif isinstance(entry, Skipped):
            found.append((entry.name, "passé"))
        else:
            assert entry[0].seekable()
            assert entry[0].tell() == 0
            found.append((entry[1], entry[0].read()))
    return found


def zipped(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, (2023, 11, 9, 9, 0, 0))
            info.compress_type = method
            archive.writestr(info, content)
    return target.getvalue()


def tarred(members: Members, form: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), STAMP
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def gzipped(content: bytes) -> bytes:
    """With a time of its own, so that tests have the same names in every process."""
    return gzip.compress(content, mtime=STAMP)


LONG_NAME = "dossier/" * 30 + "é" * 40 + ".txt"
MEMBERS = [("un.txt", b"un"), ("d/deux.txt", b"deux" * 5_000), (LONG_NAME, b"trois")]
PACK: dict[str, Callable[[Members], bytes]] = {
    "zip": zipped,
    "zip stored": lambda members: zipped(members, zipfile.ZIP_STORED),
    "zip bzip2": lambda members: zipped(members, zipfile.ZIP_BZIP2),
    "tar pax": tarred,
    "tar gnu": lambda members: tarred(members, tarfile.GNU_FORMAT),
    "tar.gz": lambda members: gzipped(tarred(members)),
    "tar.bz2": lambda members: bz2.compress(tarred(members)),
    "tar.xz": lambda members: lzma.compress(tarred(members)),
}


@pytest.mark.parametrize("kind", PACK)
def test_every_member_of_every_kind(kind: str) -> None:
    raw = PACK[kind](MEMBERS)
    assert containers.looks_like(raw[:65_536])
    # Names in messages are cut at 300 characters.
    assert read(raw) == [(f"a!/{name[:300]}", content) for name, content in MEMBERS]


@pytest.mark.parametrize("kind", ["zip", "tar pax", "tar.gz"])
def test_when_a_member_was_changed(kind: str) -> None:
    (entry,) = open_container(io.BytesIO(PACK[kind]([("un.txt", b"un")])), "a")
    assert isinstance(entry, tuple)
    assert entry[2] == datetime.fromtimestamp(STAMP, UTC)


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (gzipped(b"texte"), b"texte"),
        (gzipped(b"") + gzipped(b"te") + gzipped(b"xte") + b"\0\0", b"texte"),
        (bz2.compress(b"te") + bz2.compress(b"xte"), b"texte"),
        (lzma.compress(b"texte" * 1000), b"texte" * 1000),
    ],
)
def test_a_compressed_file_is_one_member(raw: bytes, content: bytes) -> None:
    kind = containers._kind(raw)
    assert read(raw, name=f"b/depeches.txt.{kind}") == [(f"b/depeches.txt.{kind}!/depeches.txt", content)]
    assert read(raw, name="b/depeches") == [("b/depeches!/depeches", content)]


def test_the_samples() -> None:
    names = [name for name, _ in read((SAMPLES / "archive.zip").read_bytes(), name="archive.zip")]
    assert names == [
        "archive.zip!/octobre/2023-10-03_afp_berger.txt",
        "archive.zip!/octobre/2023-10-21_belga_carillon.txt",
    ]
    members = read((SAMPLES / "archive.tar.gz").read_bytes(), name="archive.tar.gz")
    assert [name for name, _ in members] == [
        "archive.tar.gz!/novembre/depeches.jsonl",
        "archive.tar.gz!/novembre/2023-11-08_aps_fontaine.txt.gz!/2023-11-08_aps_fontaine.txt",
    ]
    assert all(isinstance(content, bytes) for _, content in members)


def test_folders_are_no_members_and_hidden_files_are_passed_over() -> None:
    members = [("d/", b""), (".git/x", b"x"), ("__MACOSX/._un", b"x"), ("d/LISEZMOI.txt", b"x"), ("./d/un.txt", b"un")]
    expected = [
        ("a!/.git/x", "passé"),
        ("a!/__MACOSX/._un", "passé"),
        ("a!/d/LISEZMOI.txt", "passé"),
        ("a!/./d/un.txt", b"un"),
    ]
    assert read(zipped(members)) == expected
    assert read(tarred(members[1:])) == expected


def test_names_of_old_windows_archives() -> None:
    raw = zipped([("xxx.txt", b"un")]).replace(b"xxx.txt", "été.txt".encode("cp850"))
    assert read(raw) == [("a!/été.txt", b"un")]


# --- what is refused -----------------------------------------------------------------------------------------------

OUT = "Nom qui sort de l'archive (« .. »)."
ABSOLUTE = "Nom absolu : il désigne un endroit du disque et non de l'archive."
LINK = "C'est un lien et non un fichier."
DEVICE = "C'est un périphérique, un tube ou un fichier d'un autre genre."
EMPTY = "Fichier vide."


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../x.txt", OUT),
        ("d/../../x.txt", OUT),
        ("d\\..\\x.txt", OUT),
        ("/etc/x.txt", ABSOLUTE),
        ("\\\\serveur\\x.txt", ABSOLUTE),
        ("C:\\x.txt", ABSOLUTE),
        ("x" * 5_000, "Nom vide ou démesuré."),
    ],
)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_names_that_lead_elsewhere(pack: Callable[[Members], bytes], name: str, reason: str) -> None:
    found = read(pack([(name, b"x"), ("bon.txt", b"bon")]))
    assert found[0][1] == reason
    assert found[1:] == [("a!/bon.txt", b"bon")]


def test_links_and_devices_of_a_tar() -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            info = tarfile.TarInfo("x")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("vide.txt"))
    assert [reason for _, reason in read(target.getvalue())] == [LINK, LINK, DEVICE, DEVICE, EMPTY]


def test_links_and_devices_of_a_zip() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for mode in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR, stat.S_IFREG):
            info = zipfile.ZipInfo(f"x{mode}")
            info.external_attr = mode << 16
            archive.writestr(info, "/etc/passwd")
    assert [reason for _, reason in read(target.getvalue())] == [LINK, DEVICE, DEVICE, b"/etc/passwd"]


def test_encrypted_members_and_unknown_methods() -> None:
    # Flags and method stand at 8 and 10 of an entry of the directory (APPNOTE 4.3.12).
    raw = bytearray(zipped([("a.txt", b"un"), ("b.txt", b"deux"), ("c.txt", b"trois")]))
    first = raw.index(b"PK\x01\x02")
    second = raw.index(b"PK\x01\x02", first + 1)
    raw[first + 8] |= 1
    raw[second + 10 : second + 12] = struct.pack("<H", 93)
    assert read(bytes(raw)) == [
        ("a!/a.txt", "Fichier chiffré : déchiffrez l'archive avant de la charger."),
        ("a!/b.txt", "Compression zip n° 93 : elle n'est pas lue."),
        ("a!/c.txt", b"trois"),
    ]


DAMAGED = "Fichier abîmé dans son archive (des octets sont altérés)."


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_damaged_member_does_not_take_the_others_with_it(method: int) -> None:
    content = random.Random(7).randbytes(2_000)
    raw = bytearray(zipped([("a.txt", content), ("b.txt", b"bon")], method))
    raw[900] ^= 0xFF
    assert read(bytes(raw)) == [("a!/a.txt", DAMAGED), ("a!/b.txt", b"bon")]


CUT = "la suite n'est pas lue (la fin manque)"


@pytest.mark.parametrize(
    ("raw", "reasons"),
    [
        (tarred(MEMBERS)[:3_000], [b"un", "Fichier abîmé dans son archive (la fin manque).", CUT]),
        (tarred(MEMBERS[:1])[:1_024] + b"x" * 2_000, [b"un", "des octets sont altérés"]),
        (gzipped(b"texte" * 100)[:-12], ["la fin manque"]),
        (gzipped(b"texte") + b"reste", ["des octets sont altérés"]),
        (bz2.compress(b"texte" * 100)[:-12], ["la fin manque"]),
        (lzma.compress(b"texte" * 100)[:-20], ["la fin manque"]),
        (zipped(MEMBERS)[:-40], ["Archive zip abîmée"]),
        (b"PK\x03\x04" + b"x" * 100, ["Archive zip abîmée"]),
        (b"texte", ["Ce n'est pas une archive que l'on sache ouvrir."]),
    ],
)
def test_cut_archives(raw: bytes, reasons: list[bytes | str]) -> None:
    found = [content for _, content in read(raw)]
    assert len(found) == len(reasons)
    for content, reason in zip(found, reasons, strict=True):
        assert content == reason or (isinstance(content, str) and isinstance(reason, str) and reason in content)


# --- bombs ---------------------------------------------------------------------------------------------------------

BOMB = "Compressé plus de 200 fois : ce n'est pas du texte de dépêches (bombe de décompression ?)."
ZEROS = bytes(30_000_000)


def test_a_bomb_in_a_zip_is_refused_and_the_rest_is_read() -> None:
    raw = zipped([("a.txt", ZEROS), ("b.txt", b"bon"), ("c.txt", ZEROS), ("d.txt", b"bon")])
    assert [content for _, content in read(raw)] == [BOMB, b"bon", BOMB, b"bon"]


@pytest.mark.parametrize("compress", [gzipped, bz2.compress, lzma.compress])
def test_a_compressed_bomb(compress: Callable[[bytes], bytes]) -> None:
    assert [content for _, content in read(compress(ZEROS))] == [BOMB]
    assert [content for _, content in read(compress(tarred([("a.txt", ZEROS)])))] == [BOMB, BOMB]


def test_a_small_text_may_be_as_repetitive_as_it_likes() -> None:
    assert read(gzipped(bytes(9_000_000)))[0][1] == bytes(9_000_000)


def test_many_members_made_of_the_same_bytes() -> None:
    """Entries of a directory that all point to one member: each is below the limit, together they are not."""
    one = zipped([("a.txt", bytes(9_000_000))])
    start, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    entries = one[start:end] * 50
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 50, 50, len(entries), start, 0)
    found = read(one[:start] + entries + tail)
    assert len(found) < 5
    assert found[-1] == ("a", BOMB)


def test_sizes_and_numbers_have_bounds() -> None:
    raw = zipped([(f"{number}.txt", random.Random(number).randbytes(1_000)) for number in range(5)])
    assert [type(content) for _, content in read(raw, Bounds(members=3))] == [bytes] * 3 + [str]
    assert [type(content) for _, content in read(raw, Bounds(total=2_500))] == [bytes] * 2 + [str]
    assert [type(content) for _, content in read(raw, Bounds(member=999))] == [str] * 5
    found = read(tarred([("a.zip", raw), ("b.zip", raw)]), Bounds(members=4))
    assert found[-1] == ("a", "Plus de 4 fichiers dans une archive : la suite n'est pas lue.")


def test_three_levels_and_no_more() -> None:
    raw = b"fond"
    for _ in range(3):
        raw = zipped([("x", raw)])
    assert read(raw) == [("a!/x!/x!/x", b"fond")]
    assert read(zipped([("x", raw)])) == [("a!/x!/x!/x", "Archives imbriquées sur plus de 3 niveaux.")]


def test_an_archive_that_holds_itself_ends() -> None:
    raw = gzipped(tarred([("a.zip", zipped([("b.tar", tarred([("c.txt", b"fond")]))]))]))
    assert read(raw) == [("a!/a.zip!/b.tar!/c.txt", b"fond")]


def test_a_name_of_megabytes_is_not_read_into_memory() -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 4_000_000_000
    raw = header.tobuf(tarfile.GNU_FORMAT) + bytes(2_000_000)
    assert read(raw) == [("a", "Archive tar aux noms démesurés : la suite n'est pas lue.")]


def test_xz_may_not_ask_for_all_memory() -> None:
    # The dictionary's size stands in the block header (xz file format, 5.3.1); 40 is 4 GiB.
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 16}]
    raw = bytearray(lzma.compress(b"texte" * 100, check=lzma.CHECK_CRC32, filters=filters))
    length = (raw[12] + 1) * 4
    at = raw.index(b"\x21\x01", 12) + 2
    raw[at] = 40
    raw[12 + length - 4 : 12 + length] = struct.pack("<L", zlib.crc32(raw[12 : 12 + length - 4]))
    assert [content for _, content in read(bytes(raw))] == ["Archive abîmée (il faudrait trop de mémoire)."]


# --- memory --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_memory_does_not_grow_with_the_number_of_members(kind: str) -> None:
    count = 20_000
    stream = io.BytesIO(PACK[kind]([(f"dossier/{number:06}.txt", b"texte %d" % number) for number in range(count)]))
    gc.collect()
    tracemalloc.start()
    try:
        assert sum(1 for _ in open_container(stream, "a")) == count
        # Blocks read ahead and what waits to be collected come to 3 to 8 MB; what is kept of a member would take 500 bytes.
        assert tracemalloc.get_traced_memory()[1] < 8_000_000 + 200 * count
    finally:
        tracemalloc.stop()


def test_a_large_member_is_in_a_file_and_not_in_memory() -> None:
    content = random.Random(1).randbytes(40_000_000)
    stream = io.BytesIO(zipped([("grand.txt", content)], zipfile.ZIP_STORED))
    tracemalloc.start()
    try:
        for entry in open_container(stream, "a"):
            assert isinstance(entry, tuple)
            assert sum(len(block) for block in iter(lambda: entry[0].read(65_536), b"")) == len(content)  # noqa: B023
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


# --- recognised by content -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (zipped([("a.txt", b"x")]), True),
        (zipped([]), True),
        (zipped([("[Content_Types].xml", b"x")]), False),
        (zipped([("mimetype", b"application/epub+zip")]), False),
        (tarred([("a.txt", b"x")]), True),
        (b"\x1f\x8b\x08\x00", True),
        (b"BZh91AY&SY", True),
        (b"BZh est un texte", False),
        (b"PK est un texte", False),
        (bytes(1024), False),
        (b"Un texte." * 100, False),
        (b"", False),
    ],
)
def test_looks_like(head: bytes, known: bool) -> None:
    assert containers.looks_like(head) is known
