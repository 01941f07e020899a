"""Inputs of every format, in many encodings, for tests of all readers at once."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
FILES = sorted(path for path in SAMPLES.rglob("*") if path.is_file() and path.name != "README.md")
TEXT = "PARIS, 8 août 2022 (AFP) - L'été est là, où ça.\n"


NITF = b"<nitf><body><body.content><p>En NITF.</p></body.content></body></nitf>"
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(100)


def message(*files: tuple[str, str, bytes], text: str = "") -> bytes:
    """A message with files: their media type, name and content."""
    whole = EmailMessage()
    whole["From"], whole["Date"], whole["Subject"] = "AFP <a@afp.com>", "Mon, 8 Aug 2022 08:52:00 +0200", "Envoi"
    whole.set_content(text)
    for kind, name, content in files:
        main, _, sub = kind.partition("/")
        if kind == "message/rfc822":
            inner = EmailMessage()
            inner["Subject"] = name
            inner.set_content(content.decode())
            whole.add_attachment(inner)
        else:
            whole.add_attachment(content, maintype=main, subtype=sub, filename=name)
    raw: bytes = whole.as_bytes()
    return raw


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


G2 = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:{0}" version="3"><itemMeta><provider '
    'qcode="nprov:AFP"/><firstCreated>2022-08-08</firstCreated></itemMeta><contentMeta><headline>Été {0}</headline>'
    "</contentMeta><contentSet><inlineXML><html><body><p>Où ça, {0}.</p></body></html></inlineXML></contentSet></newsItem>"
)
NEWSML = (
    "<NewsItem><Identification><NewsIdentifier><ProviderId>afp.com</ProviderId><NewsItemId>{0}</NewsItemId>"
    "</NewsIdentifier></Identification><NewsComponent><NewsLines><HeadLine>Été {0}</HeadLine></NewsLines><ContentItem>"
    "<DataContent><nitf><body><body.content><p>&Eacute;t&eacute; {0}.</p></body.content></body></nitf></DataContent>"
    "</ContentItem></NewsComponent></NewsItem>"
)
LANGUAGES = (
    "<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>belga.be</ProviderId><NewsItemId>1</NewsItemId>"
    "</NewsIdentifier></Identification><NewsComponent>{}</NewsComponent></NewsItem></NewsML>"
).format(
    "".join(
        f'<NewsComponent xml:lang="{tag}"><ContentItem><DataContent><p>{words}</p></DataContent></ContentItem>'
        "</NewsComponent>"
        for tag, words in (("fr", "Un été."), ("nl", "Een zomer."))
    )
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>AFP</title>'
    "<entry><id>urn:1</id><title>Un</title><updated>2022-08-08T08:00:00Z</updated><content>Été un.</content></entry>"
    '<entry><id>urn:2</id><title>Deux</title><category term="mer"/><summary type="html">&lt;p&gt;Été deux.&lt;/p&gt;'
    "</summary></entry></feed>"
)
RDF = (
    '<!DOCTYPE rdf:RDF SYSTEM "x.dtd"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="u"><title>AFP'
    '</title></channel><item rdf:about="http://e.fr/1"><title>Un</title><description>Été un.</description><dc:date>'
    '2022-08-08</dc:date></item><item rdf:about="http://e.fr/2"><title>Deux</title><link>http://e.fr/2</link>'
    "<description>Été deux.</description></item></rdf:RDF>"
)
RSS = (
    '<rss version="2.0"><channel><title>AFP - Monde</title><language>fr</language><item><title>Un</title><description>Été'
    " un.</description><pubDate>Mon, 08 Aug 2022 08:00:00 GMT</pubDate></item><item><guid>2</guid><description>&lt;p&gt;"
    "Été deux.&lt;/p&gt;</description></item></channel></rss>"
)
JSON = '[{"id": "1", "x": {"y": 1}\n,\n"text": "Été un."},\n {"text": "Forêt, où ça.", "published": "8 août 2022"}]'
LINES = '{"id": "1", "text": "Été un."}\n{"text": "Forêt, où ça.", "published": "2022-08"}\n'
TABLE = "sep=;\nTitre;Texte;Date\nÉté;L'été à Nîmes;08/08/2022\nHiver;Forêt;8 août 2022 8h\n"
LOT = f"{TEXT}--------\nForêt, où ça ?\n========\nASCII.\n"
BOX = "".join(
    f"From a@exemple.fr Mon Aug  8 08:52:0{n} 2022\nFrom: AFP <a@afp.com>\nDate: Mon, 8 Aug 2022 08:52:00 +0200\n"
    f"Subject: Sujet {n}\nContent-Type: text/plain; charset=utf-8\n\nÉté {n}.\n\n>From Nice.\n\n"
    for n in range(3)
)
PAGE = (
    '<!doctype html><html lang="fr"><head><title>Été</title></head><body><article><h1>Été</h1><p>Publié le 8 août 2022</p>'
    "<p>Un long texte.</p></article></body></html>"
)
DOCTYPE = '<!DOCTYPE NewsML SYSTEM "n.dtd" [<!ENTITY % nitf SYSTEM "nitf.dtd"> %nitf;]>'
NAR = 'xmlns="http://iptc.org/std/nar/2006-10-01/"'

FIXTURES: dict[str, bytes] = {
    "g2": G2.format(1).encode(),
    "g2 message": f"<newsMessage {NAR}><itemSet>{G2.format(1)}{G2.format(2)}</itemSet></newsMessage>".encode(),
    "newsml": f"{DOCTYPE}<NewsML>{NEWSML.format(1)}</NewsML>".encode(),
    "newsml, several": f"{DOCTYPE}<NewsML>{NEWSML.format(1)}{NEWSML.format(2)}</NewsML>".encode(),
    "newsml, languages": LANGUAGES.encode(),
    "nitf": '<?xml version="1.0" encoding="iso-8859-1"?><nitf><body><body.content><p>Été</p></body.content></body></nitf>'.encode(
        "cp1252"
    ),
    "atom": ATOM.encode(),
    "rdf": RDF.encode(),
    "rss": RSS.encode(),
    "mailbox": BOX.encode(),
    "mailbox, cp1252": BOX.replace("utf-8", "windows-1252").encode("cp1252"),
    "message": message(("text/plain", "a.txt", b"Un autre."), ("text/csv", "t.csv", TABLE.encode()), text="Été.\n"),
    "page": PAGE.encode(),
    "page, declared": PAGE.replace("<head>", '<head><meta charset="gbk">')
    .replace("Été", "été")
    .replace("août", "septembre")
    .encode("gbk"),
    **{f"json, {table}": JSON.encode(table) for table in ("utf-8", "utf-16", "utf-32", "cp1252")},
    **{f"lines, {table}": LINES.encode(table) for table in ("utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman")},
    **{f"table, {table}": TABLE.encode(table) for table in ("utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman")},
    **{f"lot, {table}": LOT.encode(table) for table in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "cp850")},
} | {str(path.relative_to(SAMPLES)): path.read_bytes() for path in FILES}
