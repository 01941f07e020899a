"""Containers: .zip, .tar, .gz, .bz2, .xz, and .tar.gz and the like, opened member by member in flat memory.

    archive.zip              -> "archive.zip!/folder/member.txt"
    lot.zip in archive.tar   -> "archive.tar!/lot.zip!/member.txt", down to three levels
    depeches.txt.gz          -> "depeches.txt.gz!/depeches.txt"

What a member is called is said, never used: nothing is written under its name. A member that cannot be had is a
`Rejection` and the others are read. The directory of a zip and the headers of a tar are read here, one entry at a time:
Python's modules keep all of them (100,000 members: 70 and 150 MB) and take a tar's word for the length of a name.
"""

from __future__ import annotations

import bz2
import io
import lzma
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import BinaryIO, Protocol, cast

from engine.errors import BinaryInput, EmptyInput, InputRejected, InputTooLarge, UnreadableInput
from indexer import limits
from indexer.raw import Rejection
from indexer.sources import NOTES, Skipped

# Between a container and its member.
INSIDE = "!/"

Member = tuple[BinaryIO, str, datetime | None]
Entry = Member | Skipped | Rejection


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a container may hold: see `indexer.limits`."""

    ratio: int = limits.HIGHEST_RATIO
    ratio_from: int = limits.RATIO_FROM_BYTES
    member: int = limits.LARGEST_MEMBER
    total: int = limits.LARGEST_UNPACKED
    members: int = limits.MOST_MEMBERS
    depth: int = limits.DEEPEST_CONTAINER
    spool: int = limits.SPOOL_BYTES


DEFAULT_BOUNDS = Bounds()

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP = b"\x1f\x8b\x08"
_BZIP2 = b"BZh"
_XZ = b"\xfd7zXZ\x00"
# First members of documents that are zip files: Office, OpenDocument and EPUB, Java.
_DOCUMENTS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"ppt/", b"mimetype", b"META-INF/")


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` is a container we open; Office documents, which are zip files, are not."""
    return _kind(head) is not None


def _kind(head: bytes) -> str | None:
    if head.startswith(_ZIP):
        return None if head[30:].startswith(_DOCUMENTS) else "zip"
    if head.startswith(_GZIP):
        return "gz"
    if head.startswith(_BZIP2) and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bz2"
    if head.startswith(_XZ):
        return "xz"
    return "tar" if _is_tar(head) else None


def open_container(stream: BinaryIO, name: str, bounds: Bounds = DEFAULT_BOUNDS) -> Iterator[Entry]:
    """The members of a container: (seekable stream, name, when it was changed), in the container's order.

    A stream is good until the next one is asked for; large ones are in a temporary file. Hidden files and notes to people
    (see `indexer.sources`) are `Skipped`, folders are not named. A member that is a container is opened in its turn.
    """
    return _Opening(bounds).open(stream, name, 1)


class _Refused(Exception):
    """The rest of a container must not be read. The argument is the error to tell."""

    def __init__(self, error: InputRejected) -> None:
        super().__init__(error.detail)
        self.error = error


class _Opening:
    """One container and those inside it: what came out of them so far, and what of it was no bomb."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.total = 0
        self.members = 0
        self.packed = 0
        self.given = 0

    def open(self, stream: BinaryIO, name: str, depth: int) -> Iterator[Entry]:
        if depth == 1:
            self.packed = stream.seek(0, io.SEEK_END)
            stream.seek(0)
        head = stream.read(1024)
        stream.seek(0)
        try:
            kind = _kind(head)
            if kind == "zip":
                yield from self._zip(stream, name, depth)
            elif kind == "tar":
                yield from self._tar(_Flow(iter(lambda: stream.read(limits.BLOCK_BYTES), b""), self), name, depth)
            elif kind is not None:
                yield from self._compressed(stream, kind, name, depth)
            else:
                yield Rejection(name, BinaryInput("Ce n'est pas une archive que l'on sache ouvrir."))
        except _Refused as refused:
            if depth > 1:  # it is the outermost container that has given enough
                raise
            yield Rejection(name, refused.error)
        except OSError as error:
            yield Rejection(name, UnreadableInput(f"Archive illisible : {error.strerror or 'elle est abîmée'}."))

    # --- what every kind does ---

    def count_member(self) -> None:
        self.members += 1
        if self.members > self.bounds.members:
            raise _Refused(
                InputTooLarge(f"Plus de {self.bounds.members} fichiers dans une archive : la suite n'est pas lue.")
            )

    def count_bytes(self, size: int) -> None:
        self.total += size
        if self.total > self.bounds.total:
            raise _Refused(
                InputTooLarge(
                    f"Archive de plus de {self.bounds.total / 1e9:g} Go décompressée : la suite n'est pas lue."
                )
            )

    def count_given(self, size: int) -> None:
        """Many small members made of the same bytes are each below the limit of one."""
        self.given += size
        try:
            self.check_ratio(self.given, self.packed)
        except InputTooLarge as error:
            raise _Refused(error) from None

    def check_ratio(self, unpacked: int, packed: int) -> None:
        if unpacked > self.bounds.ratio_from and unpacked > self.bounds.ratio * max(packed, 1):
            raise InputTooLarge(
                f"Compressé plus de {self.bounds.ratio} fois : ce n'est pas du texte de dépêches (bombe de décompression ?)."
            )

    def _member(self, blocks: Iterator[bytes], name: str, changed: datetime | None, depth: int) -> Iterator[Entry]:
        """One member from its bytes: as it is, or opened when it is a container itself."""
        with tempfile.SpooledTemporaryFile(max_size=self.bounds.spool) as spooled:
            held = cast(BinaryIO, spooled)
            size = 0
            try:
                for block in blocks:
                    size += len(block)
                    if size > self.bounds.member:
                        raise InputTooLarge(f"Fichier de plus de {self.bounds.member / 1e9:g} Go.")
                    self.count_bytes(len(block))
                    held.write(block)
            except InputRejected as error:
                yield Rejection(name, error)
                return
            except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, struct.error) as error:
                yield Rejection(name, UnreadableInput(f"Fichier abîmé dans son archive ({_reason(error)})."))
                return
            except OSError as error:
                if error.errno:  # the disk; bz2 has no number for its own
                    raise
                yield Rejection(name, UnreadableInput(f"Fichier abîmé dans son archive ({_reason(error)})."))
                return
            self.count_given(size)
            held.seek(0)
            head = held.read(1024)
            held.seek(0)
            if not head:
                yield Rejection(name, EmptyInput("Fichier vide."))
            elif _kind(head) is None:
                yield held, name, changed
            elif depth >= self.bounds.depth:
                yield Rejection(name, InputTooLarge(f"Archives imbriquées sur plus de {self.bounds.depth} niveaux."))
            else:
                yield from self.open(held, name, depth + 1)

    def _refusal(self, member: str, where: str, mode: int = 0) -> Skipped | Rejection | None:
        """Why a member is not to be read by its name or its kind; None when it is."""
        wrong = None
        parts = member.replace("\\", "/").split("/")
        if mode and stat.S_ISLNK(mode):
            wrong = "C'est un lien et non un fichier."
        elif mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            wrong = "C'est un périphérique, un tube ou un fichier d'un autre genre."
        elif not member or len(member.encode("utf-8", "replace")) > limits.LONGEST_MEMBER_NAME:
            wrong = "Nom vide ou démesuré."
        elif parts[0] == "" or parts[0][1:2] == ":":
            wrong = "Nom absolu : il désigne un endroit du disque et non de l'archive."
        elif ".." in parts:
            wrong = "Nom qui sort de l'archive (« .. »)."
        elif "\x00" in member:
            wrong = "Nom avec un caractère nul."
        if wrong:
            return Rejection(where, UnreadableInput(wrong))
        hidden = any(part.startswith(".") and part != "." for part in parts) or parts[0] == "__MACOSX"
        return Skipped(where) if hidden or PurePosixPath(parts[-1]).stem.lower() in NOTES else None

    # --- gzip, bzip2, xz ---

    def _compressed(self, stream: BinaryIO, kind: str, name: str, depth: int) -> Iterator[Entry]:
        """A compressed tar is one container; anything else compressed is one member."""
        changed = _gzip_time(stream) if kind == "gz" else None
        flow = _Flow(_inflated(stream, kind), self, packed=stream.tell)
        inner = name + INSIDE + _stem(name, kind)
        try:
            is_tar = _is_tar(flow.peek(tarfile.BLOCKSIZE))
        except (EOFError, zlib.error, lzma.LZMAError) as error:
            yield Rejection(inner, UnreadableInput(f"Archive abîmée ({_reason(error)})."))
            return
        if is_tar:
            yield from self._tar(flow, name, depth)
        else:
            self.count_member()
            yield from self._member(flow.blocks(None), inner, changed, depth)

    # --- tar ---

    def _tar(self, flow: _Flow, name: str, depth: int) -> Iterator[Entry]:
        try:
            for entry in _tar_entries(flow):
                where = f"{name}{INSIDE}{_shown(entry.name)}"
                if entry.info.isdir():
                    flow.skip(entry.blocks)
                    continue
                self.count_member()
                refusal = self._refusal(entry.name, where, _mode(entry.info))
                if refusal is None and entry.sparse:
                    refusal = Rejection(where, UnreadableInput("Fichier à trous (sparse) : ce genre n'est pas lu."))
                if refusal is not None:
                    yield refusal
                    flow.skip(entry.blocks)
                    continue
                left = flow.position + entry.blocks
                yield from self._member(flow.blocks(entry.size), where, entry.changed, depth)
                flow.skip(left - flow.position)
        except (EOFError, zlib.error, lzma.LZMAError, tarfile.TarError) as error:
            yield Rejection(name, UnreadableInput(f"Archive abîmée : la suite n'est pas lue ({_reason(error)})."))
        except InputRejected as error:
            yield Rejection(name, error)

    # --- zip ---

    def _zip(self, stream: BinaryIO, name: str, depth: int) -> Iterator[Entry]:
        try:
            for entry in _zip_entries(stream):
                where = f"{name}{INSIDE}{_shown(entry.filename)}"
                mode = entry.external_attr >> 16
                if stat.S_ISDIR(mode) or (entry.filename.endswith(("/", "\\")) and not stat.S_ISLNK(mode)):
                    continue
                self.count_member()
                refusal = self._refusal(entry.filename, where, mode)
                if refusal is None and entry.flag_bits & 0x41:  # encrypted, strongly encrypted
                    refusal = Rejection(
                        where, UnreadableInput("Fichier chiffré : déchiffrez l'archive avant de la charger.")
                    )
                if refusal is None and entry.compress_type not in _ZIP_METHODS:
                    refusal = Rejection(
                        where, UnreadableInput(f"Compression zip n° {entry.compress_type} : elle n'est pas lue.")
                    )
                if refusal is not None:
                    yield refusal
                else:
                    yield from self._member(self._unzipped(stream, entry), where, _zip_time(entry), depth)
        except (zipfile.BadZipFile, struct.error) as error:
            yield Rejection(name, UnreadableInput(f"Archive zip abîmée : la suite n'est pas lue ({_reason(error)})."))

    def _unzipped(self, stream: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        stream.seek(entry.header_offset)
        local = stream.read(_LOCAL.size)
        if len(local) < _LOCAL.size or not local.startswith(b"PK\x03\x04"):
            raise zipfile.BadZipFile("fichier introuvable à sa place")
        name_length, extra_length = _LOCAL.unpack(local)
        stream.seek(name_length + extra_length, io.SEEK_CUR)
        unpacked = 0
        with closing(zipfile.ZipExtFile(stream, "r", entry)) as member:
            while block := member.read(limits.BLOCK_BYTES):
                unpacked += len(block)
                self.check_ratio(unpacked, entry.compress_size)
                yield block


# --- flows of bytes ------------------------------------------------------------------------------------------------


class _Flow:
    """Bytes read forward only, in pieces as asked for.

    Args:
        packed: how many compressed bytes were read so far, for what is decompressed.
    """

    def __init__(self, source: Iterator[bytes], opening: _Opening, packed: Callable[[], int] | None = None) -> None:
        self._source = source
        self._opening = opening
        self._packed = packed
        self._held = b""
        self._at = 0  # where in it the next byte is: to cut it at each read would copy it each time
        self._unpacked = 0
        self.position = 0

    def _more(self) -> bool:
        block = next(self._source, b"")
        self._unpacked += len(block)
        if self._packed:
            self._opening.check_ratio(self._unpacked, self._packed())
        self._held = self._held[self._at :] + block
        self._at = 0
        return bool(block)

    def peek(self, size: int) -> bytes:
        while len(self._held) - self._at < size and self._more():
            pass
        return self._held[self._at : self._at + size]

    def read(self, size: int) -> bytes:
        """`size` bytes (a header: no more than a block), fewer at the end."""
        found = self.peek(size)
        self._at += len(found)
        self.position += len(found)
        return found

    def blocks(self, size: int | None) -> Iterator[bytes]:
        """The next `size` bytes (None: all). EOFError when there are fewer."""
        left = size
        while left is None or left:
            if self._at == len(self._held) and not self._more():
                if left is None:
                    return
                raise EOFError
            block = self._held[self._at :] if left is None else self._held[self._at : self._at + left]
            self._at += len(block)
            self.position += len(block)
            left = None if left is None else left - len(block)
            yield block

    def skip(self, size: int) -> None:
        for block in self.blocks(size):
            self._opening.count_bytes(len(block))


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...


class _Gunzip:
    """zlib's decompressor with the manners of those of bz2 and lzma."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)  # with gzip's header and check
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        found = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self.needs_input = not self._zlib.unconsumed_tail and len(found) < max_length
        return found


def _unxz() -> _Decompressor:
    # The largest preset (-9) needs 65 MiB; a file may ask for 1.5 GiB.
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=128 << 20)


_DECOMPRESSORS: dict[str, Callable[[], _Decompressor]] = {"gz": _Gunzip, "bz2": bz2.BZ2Decompressor, "xz": _unxz}


def _inflated(stream: BinaryIO, kind: str) -> Iterator[bytes]:
    """A compressed file's bytes, in blocks; several files one after the other are one.

    Raises:
        EOFError, zlib.error, lzma.LZMAError, OSError: it is cut short or damaged.
    """
    make = _DECOMPRESSORS[kind]
    machine, data = make(), b""
    while True:
        if not data and machine.needs_input and not (data := stream.read(limits.SAMPLE_BYTES)):
            raise EOFError
        if block := machine.decompress(data, limits.BLOCK_BYTES):
            yield block
        data = b""
        if machine.eof:
            data = machine.unused_data.lstrip(b"\x00")
            while not data and (more := stream.read(limits.SAMPLE_BYTES)):
                data = more.lstrip(b"\x00")
            if not data:
                return
            machine = make()


def _gzip_time(stream: BinaryIO) -> datetime | None:
    """The time in gzip's header (RFC 1952, section 2.3); 0 says none."""
    header = stream.read(8)
    stream.seek(0)
    seconds = int.from_bytes(header[4:8], "little")
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _stem(name: str, kind: str) -> str:
    """What a compressed file is called inside: "a/depeches.txt.gz" -> "depeches.txt"."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return last[: -len(kind) - 1] if last.lower().endswith(f".{kind}") and len(last) > len(kind) + 1 else last


def _reason(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "la fin manque"
    if isinstance(error, lzma.LZMAError) and "emory" in str(error):
        return "il faudrait trop de mémoire"
    return "des octets sont altérés"


def _shown(name: str) -> str:
    """A member's name as messages give it: short, on one line, in characters any screen can hold."""
    clean = "".join(char if char.isprintable() else "?" for char in name[:300])
    return clean.encode("utf-8", "replace").decode("utf-8").replace("\\", "/")


# --- entries of a tar ----------------------------------------------------------------------------------------------


def _is_tar(head: bytes) -> bool:
    """Whether this begins with the header of a member: its checksum says so, for tars of every age."""
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "replace")
    except (tarfile.TarError, ValueError):
        return False
    return len(head) >= tarfile.BLOCKSIZE


@dataclass(frozen=True, slots=True)
class _TarEntry:
    """A member of a tar: `size` bytes of content, in `blocks` bytes of the file."""

    info: tarfile.TarInfo
    name: str
    size: int
    changed: datetime | None
    sparse: bool

    @property
    def blocks(self) -> int:
        return -(-self.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


def _tar_entries(flow: _Flow) -> Iterator[_TarEntry]:
    """The members of a tar: old, POSIX (pax) and GNU. The caller reads or skips the content of one before the next.

    Raises:
        tarfile.TarError, EOFError: a header that is none; the file is cut. InputRejected: a name of megabytes.
    """
    long_name: str | None = None
    pax: dict[str, str] = {}
    every: dict[str, str] = {}
    while True:
        header = flow.read(tarfile.BLOCKSIZE)
        if not header or not header.strip(b"\x00"):
            return
        info = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        if info.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, b"x", b"X", b"g"):
            if not 0 <= info.size <= limits.LARGEST_TAR_HEADER:
                raise InputTooLarge("Archive tar aux noms démesurés : la suite n'est pas lue.")
            content = b"".join(flow.blocks(-(-info.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE))[: info.size]
            if info.type == tarfile.GNUTYPE_LONGNAME:
                long_name = content.rstrip(b"\x00").decode("utf-8", "surrogateescape")
            elif info.type == b"g":
                every |= _pax_records(content)
            elif info.type != tarfile.GNUTYPE_LONGLINK:
                pax = _pax_records(content)
            continue
        said = every | pax
        size = int(said["size"]) if said.get("size", "").isdecimal() else info.size
        if size < 0:
            raise tarfile.ReadError("taille négative")
        sparse = info.type == tarfile.GNUTYPE_SPARSE or any(key.startswith("GNU.sparse.") for key in said)
        if info.type == tarfile.GNUTYPE_SPARSE:
            more = header[482]
            while more:
                more = (flow.read(tarfile.BLOCKSIZE) or bytes(tarfile.BLOCKSIZE))[504]
        # Links, devices and folders have no content, whatever their header says (POSIX, pax, "size").
        holds = (
            info.type in (*tarfile.REGULAR_TYPES, tarfile.GNUTYPE_SPARSE) or info.type not in tarfile.SUPPORTED_TYPES
        )
        name = said.get("path") or long_name or info.name
        yield _TarEntry(info, name, size if holds else 0, _tar_time(said.get("mtime"), info.mtime), sparse)
        long_name, pax = None, {}


def _pax_records(content: bytes) -> dict[str, str]:
    """Records "25 path=folder/name\\n", of the length they begin with; the ones that are not so are passed over."""
    found: dict[str, str] = {}
    at = 0
    while at < len(content):
        length, blank, _ = content[at : at + 12].partition(b" ")
        if not blank or not length.isdigit() or not int(length):
            break
        record = content[at + len(length) + 1 : at + int(length)]
        key, equals, value = record.rstrip(b"\n").partition(b"=")
        if equals:
            found[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        at += int(length)
    return found


def _tar_time(written: str | None, seconds: float) -> datetime | None:
    try:
        moment = float(written) if written else seconds
        return datetime.fromtimestamp(moment, UTC) if moment else None
    except (ValueError, OverflowError, OSError):
        return None


def _mode(info: tarfile.TarInfo) -> int:
    """A member's kind as the system writes it, for one that is no plain file; else 0."""
    if info.issym() or info.islnk():
        return stat.S_IFLNK
    return 0 if info.isreg() or info.type == tarfile.GNUTYPE_SPARSE else stat.S_IFCHR


# --- entries of a zip ----------------------------------------------------------------------------------------------
# APPNOTE.TXT of PKWARE, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (its end).

_LOCAL = struct.Struct("<26xHH")
_CENTRAL = struct.Struct("<4xHHHHHHLLLHHHHHLL")
_END = struct.Struct("<4xHHHHLLH")
_END64_LOCATOR = struct.Struct("<4xLQL")
_END64 = struct.Struct("<4xQ2H2L4Q")
# Not LZMA: zipfile lets a member ask for 4 GB of memory.
_ZIP_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
_FULL = 0xFFFFFFFF
_LONGEST_COMMENT = 0xFFFF


def _zip_entries(stream: BinaryIO) -> Iterator[zipfile.ZipInfo]:
    """The entries of a zip's directory, read one by one; the caller may move the stream in between.

    Raises:
        zipfile.BadZipFile, struct.error: there is no directory, or it is damaged.
    """
    start, end, shift = _zip_directory(stream)
    at = start
    while at < end:
        stream.seek(at)
        header = stream.read(_CENTRAL.size)
        if not header.startswith(b"PK\x01\x02"):
            raise zipfile.BadZipFile("entrée abîmée")
        fields = _CENTRAL.unpack(header)
        _, _, flags, method, clock, day, check, packed, size, name_length, extra_length, comment_length = fields[:12]
        attributes, offset = fields[14:]
        name = stream.read(name_length)
        extra = stream.read(extra_length)
        at += _CENTRAL.size + name_length + extra_length + comment_length
        size, packed, offset = _zip64(extra, size, packed, offset)
        # zipfile makes names end at a NUL; here such a name is seen and refused.
        entry = zipfile.ZipInfo("", _dos_time(day, clock))
        entry.filename = _zip_name(name, flags)
        entry.flag_bits, entry.compress_type, entry.CRC = flags, method, check
        entry.compress_size, entry.file_size = packed, size
        entry.external_attr, entry.header_offset = attributes, offset + shift
        yield entry


def _zip_directory(stream: BinaryIO) -> tuple[int, int, int]:
    """(where the directory begins, where it ends, how many bytes stand before the archive)."""
    length = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, length - _END.size - _LONGEST_COMMENT))
    tail = stream.read()
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        raise zipfile.BadZipFile("pas de table des fichiers")
    at = length - len(tail) + found
    disk, first_disk, _, _, size, offset, _ = _END.unpack(tail[found : found + _END.size])
    if at >= _END64_LOCATOR.size + _END64.size:
        stream.seek(at - _END64_LOCATOR.size)
        locator = stream.read(_END64_LOCATOR.size)
        if locator.startswith(b"PK\x06\x07"):
            stream.seek(at - _END64_LOCATOR.size - _END64.size)
            record = stream.read(_END64.size)
            if not record.startswith(b"PK\x06\x06"):
                raise zipfile.BadZipFile("table des fichiers abîmée")
            _, _, _, disk, first_disk, _, _, size, offset = _END64.unpack(record)
            at -= _END64_LOCATOR.size + _END64.size
    start = at - size
    if disk or first_disk or start < 0 or start < offset:
        raise zipfile.BadZipFile("archive en plusieurs volumes, ou coupée")
    return start, at, start - offset


def _zip64(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Sizes and offset of more than 4 GB, from the extra field 1 (section 4.5.3)."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            values = iter(struct.unpack_from(f"<{min(length // 8, 3)}Q", extra, at + 4))
            size = next(values, size) if size == _FULL else size
            packed = next(values, packed) if packed == _FULL else packed
            offset = next(values, offset) if offset == _FULL else offset
        at += 4 + length
    return size, packed, offset


def _zip_name(name: bytes, flags: int) -> str:
    """A name in UTF-8 where it says so or is so; else in the table of French DOS and Windows Explorer."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("utf-8", "replace") if flags & 0x800 else name.decode("cp850")


def _dos_time(day: int, clock: int) -> tuple[int, int, int, int, int, int]:
    return (
        (day >> 9) + 1980,
        (day >> 5) & 15,
        day & 31,
        clock >> 11,
        (clock >> 5) & 63,
        (clock & 31) * 2,
    )


def _zip_time(entry: zipfile.ZipInfo) -> datetime | None:
    """When a member was changed. Zip has no zone: read as UTC, a few hours beside the truth. 1 January 1980 says none."""
    try:
        moment = datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        return None
    return moment if moment.year > 1980 else None
