"""How much memory the readers take, and how fast they are: a large input against a small one of the same kind.

    python -m bench.readers [--small 50] [--large 500] [--kind jsonl --kind zip ...]

Inputs are made on the fly from `bench.corpus`, read in a process of their own, and removed. Peak is the process's (VmHWM), the
interpreter and its libraries included; the baseline is the small input: a reader is flat when the ratio is 1. MB/s are
of processor time.
Containers are measured by members (200 a megabyte asked for: --large 500 is 100,000 members), `tube` is JSON lines
through a pipe.
"""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import count, cycle
from pathlib import Path
from typing import IO

import click

from bench.corpus import Corpus

MEGABYTE = 1_000_000
# Different dispatches; each is numbered, so that no two of an input are the same.
POOL = 500
MEMBERS_A_MEGABYTE = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """An input of any length: what opens it, the items one after the other, what closes it."""

    item: Callable[[int, list[str]], str]
    opening: str = ""
    closing: str = ""


def _jsonl(number: int, lines: list[str]) -> str:
    return json.dumps({"id": f"b-{number}", "title": lines[0], "body": lines[1:]}, ensure_ascii=False) + "\n"


def _ninjs(number: int, lines: list[str]) -> str:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines[1:])
    value = {"uri": f"urn:b:{number}", "headline": lines[0], "body_xhtml": paragraphs, "versioncreated": "2022-08-08"}
    return (",\n" if number else "") + json.dumps(value, ensure_ascii=False, indent=1)


def _text(number: int, lines: list[str]) -> str:
    return "\n\n".join([f"{lines[0]} {number}", *lines[1:]]) + "\n--------\n"


def _row(number: int, lines: list[str]) -> str:
    cell = "\n".join(lines[1:]).replace('"', '""')
    return f'{number};{lines[0]};08/08/2022;"{cell}"\n'


def _mail(number: int, lines: list[str]) -> str:
    return (
        f"From a@exemple.fr Mon Aug  8 08:52:00 2022\nFrom: AFP <a@exemple.fr>\nDate: Mon, 8 Aug 2022 08:52:00 +0200\n"
        f"Subject: Depeche {number}\nContent-Type: text/plain; charset=utf-8\n\n" + "\n\n".join(lines) + "\n\n"
    )


def _rss(number: int, lines: list[str]) -> str:
    html = escape("".join(f"<p>{escape(line)}</p>" for line in lines[1:]))
    return f"<item><guid>b-{number}</guid><title>{escape(lines[0])}</title><description>{html}</description></item>\n"


def _g2(number: int, lines: list[str]) -> str:
    body = "".join(f"<p>{escape(line)}</p>" for line in lines[1:])
    return (
        f'<newsItem guid="urn:b:{number}" version="1"><itemMeta><versionCreated>2022-08-08T10:00:00Z</versionCreated>'
        f"</itemMeta><contentMeta><headline>{escape(lines[0])}</headline></contentMeta><contentSet><inlineXML>"
        f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html></inlineXML></contentSet></newsItem>\n'
    )


def _newsml(number: int, lines: list[str]) -> str:
    body = "".join(f"<p>{escape(line)}</p>" for line in lines[1:])
    return (
        f"<NewsItem><Identification><NewsIdentifier><ProviderId>exemple.fr</ProviderId><NewsItemId>{number}</NewsItemId>"
        f"</NewsIdentifier></Identification><NewsComponent><NewsLines><HeadLine>{escape(lines[0])}</HeadLine></NewsLines>"
        f"<ContentItem><DataContent>{body}</DataContent></ContentItem></NewsComponent></NewsItem>\n"
    )


KINDS = {
    "jsonl": Kind(_jsonl),
    "ninjs": Kind(_ninjs, "[", "]"),
    "texte": Kind(_text),
    "csv": Kind(_row, "id;titre;date;texte\n"),
    "mbox": Kind(_mail),
    "rss": Kind(_rss, '<rss version="2.0"><channel><title>AFP</title>\n', "</channel></rss>"),
    "newsml-g2": Kind(
        _g2, '<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>\n', "</itemSet></newsMessage>"
    ),
    "newsml-1.2": Kind(_newsml, "<NewsML>\n", "</NewsML>"),
}
CONTAINERS = ("zip", "tar.gz")
PIPE = "tube"


def blocks(kind: Kind, size: int) -> Iterator[bytes]:
    """An input of about `size` bytes, in pieces of a few hundred kilobytes."""
    pool = cycle([[line for line in text.split("\n") if line] for text in Corpus().dispatches(POOL)])
    held = [kind.opening]
    given = kept = 0
    for number in count():
        piece = kind.item(number, next(pool))
        held.append(piece)
        kept += len(piece)
        if kept > 300_000:
            block = "".join(held).encode()
            given += len(block)
            held, kept = [], 0
            yield block
            if given >= size:
                break
    yield ("".join(held) + kind.closing).encode()


def write_container(path: Path, kind: str, members: int) -> None:
    pool = cycle(list(Corpus().dispatches(POOL)))
    named = ((f"lot/{number:06}.txt", f"{next(pool)}{number}\n".encode()) for number in range(members))
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in named:
                archive.writestr(name, content)
        return
    with gzip.open(path, "wb", compresslevel=1) as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        for name, content in named:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
            tar.members = []  # type: ignore[attr-defined]  # it keeps every one


def read_one(path: str) -> None:
    """In a process of its own: reads a file, or standard input for "-", and prints what it took."""
    from indexer.raw import RawDispatch
    from indexer.readers import read_file, read_stream

    started = time.process_time()  # the processor's: what else the machine does slows nothing down
    items = read_stream(sys.stdin.buffer, "tube") if path == "-" else read_file(Path(path), Path(path).name)
    found = wrong = size = 0
    for item in items:
        if isinstance(item, RawDispatch):
            found += 1
            size += len(item.raw)
        else:
            wrong += 1
            print(item, file=sys.stderr)
    seconds = time.process_time() - started
    # Not ru_maxrss: it remembers the parent's memory through the fork.
    status = Path("/proc/self/status").read_text()
    peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"found": found, "wrong": wrong, "size": size, "seconds": seconds, "peak": int(peak) * 1024}))


@dataclass(frozen=True, slots=True)
class Measured:
    found: int
    size: int
    seconds: float
    peak: int


def measure(kind: str, megabytes: int, folder: Path) -> Measured:
    """The reading of one input. `size`: of its dispatches as received, unpacked; `seconds` of processor time."""
    path = folder / f"entree.{kind}"
    if kind == PIPE:
        process = subprocess.Popen(_command("-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin
        _pour(blocks(KINDS["jsonl"], megabytes * MEGABYTE), process.stdin)
        process.stdin = None  # closed
        told, _ = process.communicate()
    else:
        if kind in CONTAINERS:
            write_container(path, kind, megabytes * MEMBERS_A_MEGABYTE)
        else:
            with path.open("wb") as stream:
                stream.writelines(blocks(KINDS[kind], megabytes * MEGABYTE))
        told = subprocess.run(_command(str(path)), stdout=subprocess.PIPE, check=True).stdout
        path.unlink()
    read = json.loads(told)
    assert read["wrong"] == 0, read
    return Measured(read["found"], read["size"], read["seconds"], read["peak"])


def _command(path: str) -> list[str]:
    return [sys.executable, "-m", "bench.readers", "--read", path]


def _pour(pieces: Iterator[bytes], pipe: IO[bytes]) -> None:
    with pipe:
        pipe.writelines(pieces)


@click.command()
@click.option("--small", default=50, show_default=True, help="Mo de la petite entrée")
@click.option("--large", default=500, show_default=True, help="Mo de la grande")
@click.option("--kind", "kinds", multiple=True, type=click.Choice([*KINDS, *CONTAINERS, PIPE]))
@click.option("--read", "path", hidden=True)
def main(small: int, large: int, kinds: tuple[str, ...], path: str | None) -> None:
    if path:
        read_one(path)
        return
    print(f"{'entrée':<12}{'dépêches':>10}{'Mo':>8}{'Mo/s':>8}{'pic petit':>11}{'pic grand':>11}{'rapport':>9}")
    worst = 0.0
    with tempfile.TemporaryDirectory() as temporary:
        for kind in kinds or (*KINDS, *CONTAINERS, PIPE):
            first, second = (measure(kind, size, Path(temporary)) for size in (small, large))
            ratio = second.peak / first.peak
            worst = max(worst, ratio)
            print(
                f"{kind:<12}{second.found:>10}{second.size / MEGABYTE:>8.0f}"
                f"{second.size / MEGABYTE / second.seconds:>8.1f}{first.peak / MEGABYTE:>11.0f}"
                f"{second.peak / MEGABYTE:>11.0f}{ratio:>9.2f}",
                flush=True,
            )
    print(f"pire rapport {worst:.2f} (visé : 1,1)")


if __name__ == "__main__":
    main()
