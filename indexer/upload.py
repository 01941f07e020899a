"""A request's body becomes files on disk, each with a name and, where the media type tells, a format.

The body goes to disk as it comes, in flat memory: multipart is taken apart on the way. What arrives is counted and timed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, RequestTimeout
from werkzeug.sansio.multipart import NEED_DATA, Data, Epilogue, Field, File, MultipartDecoder

from engine.errors import InputRejected, InputTooLarge, RequestError
from engine.unread import hanging_up
from indexer.limits import SAMPLE_BYTES
from indexer.readers import FORMATS

# What each media type may hold, keys of `FORMATS`; empty: whatever is found by content. A body that says it is JSON and
# is not must be refused, where a file of a folder would be taken for plain text.
MEDIA_TYPES: dict[str, tuple[str, ...]] = {
    "application/x-ndjson": ("jsonl",),
    "application/json": ("ninjs", "jsonl"),
    "application/xml": ("newsml-g2", "newsml-1.2", "nitf", "feed"),
    "text/xml": ("newsml-g2", "newsml-1.2", "nitf", "feed"),
    "application/rss+xml": ("feed",),
    "application/atom+xml": ("feed",),
    "text/html": ("html",),
    "text/csv": ("csv",),
    "message/rfc822": ("mail",),
    "application/mbox": ("mail",),
    "text/plain": ("text",),
    "application/zip": (),
    "application/gzip": (),
    "application/x-tar": (),
}
MULTIPART = "multipart/form-data"

# What a body without a name is called, in the account and in `source.file`.
UNNAMED = "envoi"
LONGEST_NAME = 255

# Files of one multipart body; with more, a zip is quicker for both sides.
MOST_FILES = 1_000

# Bytes the decoder may hold: a part's headers, or what stands before the first part.
_DECODER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """A file received: where it is, how it was called, its format when that is settled, and why it is refused unread."""

    path: Path
    name: str
    format: str | None
    refused: InputRejected | None = None


def receive(request: Request, folder: Path, *, limit: int, deadline: float, format: str | None) -> list[Received]:
    """The files of a request, written into `folder`. The media type must be one of `MEDIA_TYPES` or multipart.

    Args:
        limit: bytes of the body; deadline: on the monotonic clock, when it must be there; format: forces that of all.

    Raises:
        InputTooLarge: more bytes or files than that. RequestError: a body that is no multipart. RequestTimeout.
    """
    request.max_content_length = limit
    try:
        with hanging_up(request.environ, max(deadline - time.monotonic(), 0.0)):
            blocks = _blocks(request.stream, request.content_length, deadline)
            if request.mimetype == MULTIPART:
                return _parts(blocks, request.mimetype_params.get("boundary", ""), folder, format)
            path = folder / "0"
            with path.open("wb") as file:
                for block in blocks:
                    file.write(block)
            return [_alone(path, MEDIA_TYPES[request.mimetype], format)]
    except RequestEntityTooLarge:
        raise InputTooLarge(
            f"La requête dépasse {limit / 1e6:g} Mo ; rien n'en a été chargé. Coupez le lot en plusieurs envois, "
            "ou utilisez depeches load."
        ) from None
    except ClientDisconnected:
        if time.monotonic() >= deadline:
            raise _late() from None
        raise


def _late() -> RequestTimeout:
    return RequestTimeout("La requête a mis trop longtemps à arriver ; rien n'en a été chargé. Coupez le lot.")


def _blocks(stream: IO[bytes], announced: int | None, deadline: float) -> Iterator[bytes]:
    """A body's bytes, all of them: half a text of a sender that went away would make a dispatch like any other."""
    arrived = 0
    while block := stream.read(SAMPLE_BYTES):
        arrived += len(block)
        yield block
        if time.monotonic() > deadline:
            raise _late()
    if announced is not None and arrived < announced:
        if time.monotonic() > deadline:
            raise _late()
        raise RequestError(f"La requête s'arrête à l'octet {arrived} de {announced} ; rien n'en a été chargé.")


def _alone(path: Path, allowed: Sequence[str], format: str | None) -> Received:
    """A body that is one file: its format is one that its media type allows."""
    if format or len(allowed) <= 1:
        return Received(path, UNNAMED, format or next(iter(allowed), None))
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    found = next((name for name in allowed if FORMATS[name].looks_like(head)), None)
    if found or "jsonl" in allowed:  # whose reader says what is wrong with JSON, and where
        return Received(path, UNNAMED, found or "jsonl")
    refused = InputRejected(f"Ce corps n'est d'aucun format lu sous ce type : {', '.join(allowed)}.")
    return Received(path, UNNAMED, None, refused)


def _parts(blocks: Iterator[bytes], boundary: str, folder: Path, format: str | None) -> list[Received]:
    """The files of a multipart body (RFC 7578)."""
    if not boundary:
        raise RequestError("Multipart sans boundary dans Content-Type ; laissez votre client HTTP l'écrire.")
    decoder = MultipartDecoder(boundary.encode(), max_form_memory_size=_DECODER_BYTES)
    received: list[Received] = []
    with ExitStack() as closing:
        target: BinaryIO | None = None
        for block in _then_end(blocks):
            try:
                decoder.receive_data(block)
                events = list(_events(decoder))
            except (ValueError, RequestEntityTooLarge) as error:
                raise RequestError("Corps multipart illisible : il est mal formé ou coupé.") from error
            for event in events:
                if isinstance(event, Field):
                    raise RequestError(
                        f"Le champ « {(event.name or '')[:80]} » n'est pas un fichier ; n'envoyez que des fichiers "
                        "(curl -F fichier=@depeche.txt)."
                    )
                if isinstance(event, File):
                    if len(received) == MOST_FILES:
                        raise InputTooLarge(
                            f"Plus de {MOST_FILES} fichiers ; rien n'en a été chargé. Mettez-les dans un .zip, ou coupez le lot."
                        )
                    closing.close()
                    path = folder / str(len(received))
                    target = closing.enter_context(path.open("wb"))
                    received.append(Received(path, clean_name(event.filename), format))
                elif isinstance(event, Data) and target:
                    target.write(event.data)
    if not received:
        raise RequestError("Aucun fichier dans ce multipart (curl -F fichier=@depeche.txt).")
    return received


def _then_end(blocks: Iterator[bytes]) -> Iterator[bytes | None]:
    yield from blocks
    yield None


def _events(decoder: MultipartDecoder) -> Iterator[object]:
    """The events that are complete."""
    while (event := decoder.next_event()) is not NEED_DATA:
        yield event
        if isinstance(event, Epilogue):
            return


def clean_name(name: str) -> str:
    """A client's file name as a label: printable, of bounded length, without leading folders up.

    r"..\\lots\\a.txt" -> "lots/a.txt"; "" -> "envoi".
    """
    printable = "".join(char if char.isprintable() else "?" for char in name.replace("\\", "/"))
    kept = "/".join(part for part in printable.split("/") if part not in ("", ".", ".."))
    return kept.encode("utf-8", "replace").decode()[-LONGEST_NAME:] or UNNAMED
