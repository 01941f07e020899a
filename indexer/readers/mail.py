"""Messages: one .eml file, or a mailbox (mbox) of them; one dispatch a message.

The subject is the title, the first text part the text: plain text, else HTML. Parts of a mixed message that are text and
no attachment follow one another. The sender names the agency where its name or its address is a known one; it is taken
neither for the author nor the Message-ID for the dispatch's id: the same dispatch sent twice is one dispatch.
Attachments are given as they are (`Letter`), forwarded messages among them, for `indexer.readers` to read each by its
own format; of a message that only carries them, a signature is no text.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr, parsedate_to_datetime
from typing import BinaryIO

from engine.errors import BinaryInput, InputRejected, InputTooLarge, MalformedInput, NoTextInput
from indexer.decode import sniff
from indexer.limits import LARGEST_ITEM, LONGEST_VALUE, MOST_ATTACHED, MOST_HEADER_BYTES
from indexer.parse import agency_named
from indexer.raw import Attached, Item, Letter, RawDispatch, Rejection, Stated
from indexer.readers.html_page import encoding_of, paragraphs_of
from indexer.readers.jsonl import FIRST_YEAR, LAST_YEAR, check_text, language_of
from mappings.dispatch import Source

FORMAT = "mail"

# The line that opens each message of a mailbox: "From afp@exemple.fr Fri Aug  5 10:00:00 2022" (RFC 4155)
_ENVELOPE = re.compile(
    rb"From \S{1,320} +[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]?\d \d\d:\d\d(?::\d\d)?(?: \S{1,6}){0,2} \d{4}(?: [+-]\d{4})?\s{0,2}"
)
_HEADER = re.compile(rb"([!-9;-~]{1,80}):")
# Headers that messages have and other texts have not: one is needed beside any other header of a message.
_SURE = frozenset((b"received", b"return-path", b"message-id", b"mime-version", b"delivered-to", b"x-mailer"))
_USUAL = _SURE | frozenset(
    (
        b"from",
        b"to",
        b"subject",
        b"date",
        b"cc",
        b"bcc",
        b"reply-to",
        b"sender",
        b"content-type",
        b"content-transfer-encoding",
    )
)

# Whose address ends so.
DOMAINS: dict[str, str] = {
    "afp.com": "AFP",
    "ansa.it": "ANSA",
    "ap.org": "AP",
    "aps.dz": "APS",
    "ats.ch": "ATS",
    "keystone-ats.ch": "ATS",
    "belga.be": "Belga",
    "belganewsagency.eu": "Belga",
    "dpa.com": "DPA",
    "efe.com": "EFE",
    "map.ma": "MAP",
    "mapnews.ma": "MAP",
    "reuters.com": "Reuters",
    "thomsonreuters.com": "Reuters",
    "tap.info.tn": "TAP",
    "tass.ru": "TASS",
    "tass.com": "TASS",
    "xinhua.org": "Xinhua",
    "xinhuanet.com": "Xinhua",
    "news.cn": "Xinhua",
}
LONGEST_FILE_NAME = 120
# Parts inside parts; a bulletin has 2 or 3.
DEEPEST_PARTS = 10
# The parser asks of every line whether it ends each part that is open: 1,000,000 lines with 30 open take 10 s.
MOST_PARTS = 30
MOST_LINES = 1_000_000
_MULTIPART = re.compile(rb"multipart/", re.IGNORECASE)


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` is a message or a mailbox: its first lines are headers of one."""
    envelope = _ENVELOPE.match(head)
    names: set[bytes] = set()
    for line in head[envelope.end() if envelope else 0 :].split(b"\n", 200):
        if not line.strip():
            break
        if line[:1] in b" \t" and names:
            continue
        header = _HEADER.match(line)
        if not header:
            return False
        names.add(header[1].lower())
    return (
        bool(names & _USUAL)
        if envelope
        else len(names & _USUAL) > 1 and bool(names & _SURE or {b"from", b"date"} <= names)
    )


def read(stream: BinaryIO, name: str, changed: datetime | None) -> Iterator[Item | Letter]:
    """The dispatches of one message or mailbox (see `indexer.readers`). `raw` is the message, without its envelope line.

    In a mailbox, a line of the text that begins with "From " is written ">From "; `raw` keeps it so.
    """
    for found, message in enumerate(_messages(stream)):
        if isinstance(message, InputRejected):
            yield Rejection(name, message, position=found)
        else:
            yield _item(message, name, changed, found)


def _item(raw: bytes, name: str, changed: datetime | None, position: int) -> Item | Letter:
    attached: tuple[Attached, ...] = ()
    own: Item
    try:
        message = _parsed(raw)
        attached = _attached(message)
        text, stated = said(message)
        if attached and _only_signed(text):
            raise NoTextInput("Message sans autre texte que sa signature.")
        source = Source(file=name, format=FORMAT, checksum=hashlib.sha256(raw).hexdigest())
        own = RawDispatch(raw, text, _encoding(raw), source, position, changed, stated)
    except InputRejected as error:
        own = Rejection(name, error, raw, position)
    return Letter(own, attached) if attached else own


def _messages(stream: BinaryIO) -> Iterator[bytes | InputRejected]:
    """The messages of a file, one held at a time."""
    first = stream.readline(MOST_HEADER_BYTES)
    boxed = bool(_ENVELOPE.fullmatch(first))
    kept: list[bytes] = [] if boxed else [first]
    size = sum(map(len, kept))
    blank = False
    while line := stream.readline(LARGEST_ITEM):
        # An envelope follows an empty line; "From " in the middle of a paragraph is text.
        if boxed and blank and line.startswith(b"From ") and _ENVELOPE.fullmatch(line):
            yield _whole(kept, size)
            kept, size, blank = [], 0, False
            continue
        blank = not line.strip(b"\r\n")
        size += len(line)
        if size <= LARGEST_ITEM:
            kept.append(line)
        else:
            kept.clear()
    yield _whole(kept, size)


def _whole(kept: list[bytes], size: int) -> bytes | InputRejected:
    if size > LARGEST_ITEM:
        return InputTooLarge(f"Message de plus de {LARGEST_ITEM / 1e6:g} Mo : renvoyez-le sans ses pièces jointes.")
    return b"".join(kept)


def _encoding(raw: bytes) -> str:
    """Under which table the message is kept as readable text; what it says is decoded part by part."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"  # holds every byte: the parts may be in several tables
    return "utf-8"


# --- one message ---------------------------------------------------------------------------------------------------


def _parsed(raw: bytes) -> Message:
    """The message; MalformedInput or InputTooLarge for what is none, or would take the parser minutes."""
    headers = re.split(rb"\r?\n\r?\n", raw[: MOST_HEADER_BYTES + 1], maxsplit=1)[0]
    if len(headers) > MOST_HEADER_BYTES:
        raise MalformedInput("En-têtes démesurés : ce n'est pas un message.")
    if raw.count(b"\n") > MOST_LINES or sum(1 for _ in _MULTIPART.finditer(raw)) > MOST_PARTS:
        raise InputTooLarge(f"Message de plus de {MOST_PARTS} groupes de parties ou d'un million de lignes.")
    try:
        return message_from_bytes(raw, policy=compat32)
    except (MessageError, RecursionError, ValueError, AssertionError):
        raise MalformedInput("Message abîmé : ses parties ne se laissent pas séparer.") from None


def said(message: Message) -> tuple[str, Stated]:
    """(text, what is stated) of one message.

    Raises:
        NoTextInput: it has no text part; UndecodableInput: its text is in no table we accept; MalformedInput.
    """
    try:
        texts = list(_texts(message, 0))
    except (MessageError, RecursionError, ValueError, AssertionError):
        raise MalformedInput("Message abîmé : ses parties ne se laissent pas séparer.") from None
    paragraphs: tuple[str, ...] | None = None
    if texts and all(is_html for is_html, _ in texts):
        paragraphs = tuple(one for _, html in texts for one in paragraphs_of(html))
        text = "\n".join(paragraphs)
    else:
        text = "\n\n".join("\n\n".join(paragraphs_of(words)) if is_html else words for is_html, words in texts)
    check_text(text, "Message sans texte.")
    return text, Stated(
        title=_header(message, "Subject"),
        paragraphs=paragraphs,
        published=_date(message),
        agency=_agency(message),
        language=language_of(_header(message, "Content-Language")),
    )


def _texts(part: Message, depth: int) -> Iterator[tuple[bool, str]]:
    """(is it HTML, its text) of the parts that are the message's text, in order."""
    if depth > DEEPEST_PARTS:
        raise MalformedInput(f"Message aux parties imbriquées sur plus de {DEEPEST_PARTS} niveaux.")
    if part.get_content_disposition() == "attachment":
        return
    kind = part.get_content_type()
    children = part.get_payload()
    if part.get_content_maintype() == "multipart" and isinstance(children, list):
        if kind == "multipart/alternative":
            # The same text several times: plain text says it without markup.
            versions = [list(_texts(child, depth + 1)) for child in children if isinstance(child, Message)]
            told = [version for version in versions if any(words.strip() for _, words in version)]
            plain = [version for version in told if not any(is_html for is_html, _ in version)]
            yield from (plain or told or [[]])[0]
        else:
            for child in children:
                if isinstance(child, Message):
                    yield from _texts(child, depth + 1)
    elif kind in ("text/plain", "text/html") and not part.get_filename():
        is_html = kind == "text/html"
        words = _decoded(part, is_html).strip("\r\n")
        if words:
            yield is_html, words


# --- attachments ---------------------------------------------------------------------------------------------------

# Text that is no dispatch: signatures, addresses, appointments, style sheets.
_NO_DISPATCH = re.compile(r"text/(?:calendar|css|directory|(?:x-)?vcard|x-amp-html|rfc822-headers|enriched|rtf)")
# Names of files that are text, whatever the program that sent them says they are; leaves "communique.pdf"
_TEXT_NAME = re.compile(r".+\.(?:txt|text|html?|xml|json|jsonl|ndjson|csv|tsv|eml|mbox|rss|atom)", re.IGNORECASE)
_PATH = re.compile(r"[/\\]")


def _attached(message: Message) -> tuple[Attached, ...]:
    """The files that a message carries, in their order, as the parser gives them; no two of one name.

    A forwarded message is written out again by the email package.
    """
    found: dict[str, Attached] = {}
    sent = _date(message)
    try:
        for number, part in enumerate(_carried(message, 0), 1):
            if len(found) >= MOST_ATTACHED:
                raise InputTooLarge(f"Message de plus de {MOST_ATTACHED} pièces jointes.")
            one = _attachment(part, number, sent)
            if one.name in found:
                one = replace(one, name=f"{number}-{one.name}")
            found[one.name] = one
    except (MessageError, RecursionError, ValueError, AssertionError, LookupError):
        raise MalformedInput("Message abîmé : ses pièces jointes ne se laissent pas séparer.") from None
    return tuple(found.values())


def _carried(part: Message, depth: int) -> Iterator[Message]:
    """The parts of a message that are no text of its own."""
    if depth > DEEPEST_PARTS:
        return
    kind = part.get_content_type()
    children = part.get_payload()
    if part.get_content_maintype() == "multipart" and isinstance(children, list):
        # Of an alternative, the first that is text is the message's; the others say the same.
        for child in children:
            if isinstance(child, Message) and (kind != "multipart/alternative" or child.is_multipart()):
                yield from _carried(child, depth + 1)
    elif (
        part.get_content_disposition() == "attachment"
        or part.get_filename()
        or kind not in ("text/plain", "text/html", "multipart/alternative")
    ):
        yield part


def _attachment(part: Message, number: int, sent: datetime | None) -> Attached:
    kind = part.get_content_type()
    inside = part.get_payload()
    if kind == "message/rfc822" and isinstance(inside, list) and inside and isinstance(inside[0], Message):
        name = _header(inside[0], "Subject") or f"message {number}"
        return Attached(_file_name(part.get_filename() or f"{name}.eml", number), inside[0].as_bytes(), True, sent)
    payload = part.get_payload(decode=True)
    name = _file_name(part.get_filename(), number)
    textual = kind in ("text/plain", "text/html") or bool(_TEXT_NAME.fullmatch(name))
    textual = textual and not _NO_DISPATCH.fullmatch(kind)
    return Attached(name, payload if isinstance(payload, bytes) else b"", textual, sent)


def _file_name(written: object, number: int) -> str:
    """The last part of a file's name, decoded, on one line; never used but in messages."""
    words = "".join(_header_part(piece, table) for piece, table in decode_header(str(written or "")))
    last = _PATH.split(" ".join(words.split()))[-1][:LONGEST_FILE_NAME]
    clean = "".join(char if char.isprintable() else "?" for char in last).encode("utf-8", "replace").decode()
    return clean.strip(". ") or f"pièce {number}"


# The line before a signature (RFC 3676, section 4.3), and what telephones write
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_SENT_FROM = re.compile(r"(?:envoyé (?:de|depuis)|sent from|get outlook for)\b.{0,80}", re.IGNORECASE)


def _only_signed(text: str) -> bool:
    """Whether a text is nothing but a signature: "-- \\nLe desk Afrique", "Envoyé de mon iPhone"."""
    signature = _SIGNATURE.search(text)
    lines = (line.strip() for line in text[: signature.start() if signature else None].splitlines())
    return not any(any(map(str.isalnum, line)) and not _SENT_FROM.fullmatch(line) for line in lines)


def _decoded(part: Message, is_html: bool) -> str:
    """The text of a part, by the table it declares, else as any text is read."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or not payload:
        return ""
    words = _by_table(payload, part.get_content_charset())
    if words is None:
        try:
            words = payload.decode(encoding_of(payload) if is_html else sniff(io.BytesIO(payload))[0])
        except BinaryInput:
            raise NoTextInput("La partie « texte » de ce message n'est pas du texte.") from None
    words = words.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if not is_html and str(part.get_param("format", "")).lower() == "flowed":
        return _unfolded(words, str(part.get_param("delsp", "")).lower() == "yes")
    return words


def _by_table(payload: bytes, declared: str | None) -> str | None:
    """The text by its declared table, None where that is unknown, wrong, or no more than a default."""
    # Programs write these for whatever they send: what the bytes themselves say is surer, and cp1252 holds them all.
    if declared in (None, "us-ascii", "ascii", "iso-8859-1", "unknown-8bit"):
        return None
    return _read_as(payload, declared)


def _read_as(raw: bytes, table: str) -> str | None:
    """The bytes by a table that a message names: None when it is none, or makes halves of characters ("unicode_escape")."""
    try:
        words = raw.decode(table)
        words.encode()
    except (LookupError, ValueError):  # UnicodeError is a ValueError
        return None
    return words


def _unfolded(words: str, delete_blank: bool) -> str:
    """Paragraphs of format=flowed (RFC 3676, section 4): a line that ends with a blank goes on in the next one."""
    lines: list[str] = []
    flowing = False
    for line in words.split("\n"):
        bare = line[1:] if line.startswith(" ") else line  # section 4.4, space-stuffing
        if flowing:
            lines[-1] += bare
        else:
            lines.append(bare)
        flowing = bare.endswith(" ") and bare != "-- "
        if flowing and delete_blank:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def _header(message: Message, name: str) -> str | None:
    """A header as text, MIME decoded (RFC 2047), on one line; None without one."""
    value = message.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        value = value[:MOST_HEADER_BYTES]
    try:
        parts = decode_header(value)
    except (MessageError, ValueError):
        parts = [(str(value), None)]
    words = "".join(_header_part(piece, table) for piece, table in parts)
    return " ".join(words.split())[:LONGEST_VALUE] or None


def _header_part(piece: bytes | str, table: str | None) -> str:
    if isinstance(piece, str):
        return piece
    read = (_read_as(piece, candidate) for candidate in (table or "ascii", "utf-8", "cp1252", "latin-1"))
    return next(words for words in read if words is not None)


def _date(message: Message) -> datetime | None:
    """When it was sent; None when it does not say, or says what is no date."""
    try:
        sent = parsedate_to_datetime(str(message.get("Date", "")))
        # "-0000" is a time in UTC whose zone is not known (RFC 5322, section 3.3).
        moment = sent.replace(tzinfo=UTC) if sent.tzinfo is None else sent.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None


def _agency(message: Message) -> str | None:
    """The agency that sent it: by its name, else by the end of its address."""
    for name in ("From", "Sender", "Reply-To"):
        shown, address = parseaddr(_header(message, name) or "")
        domain = address.rpartition("@")[2].lower()
        last = domain.split(".")[-4:]
        ends = (".".join(last[level:]) for level in range(len(last)))
        if known := agency_named(shown) or next((DOMAINS[end] for end in ends if end in DOMAINS), None):
            return known
    return None
