"""The text of one dispatch, decoded and repaired, becomes its parts: title, paragraphs, credits, dateline, stamps.

    lines -> furniture set aside (stamps, credits, bylines, slugs, signatures) -> paragraphs -> title -> lead

Nothing is lost: what is not in the body or the title is in `credits`, `author`, `furniture`, or under a stamp.
Paragraphs keep their place in the text, character for character (`origin`), so that what is known of the text
(repairs) can be carried over to them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice

from indexer.dates import (
    DASH,
    Stamp,
    before_dash,
    dateline_stamp,
    is_place,
    leading_stamp,
    place_before,
    read_moment,
    stamps_of_line,
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The parts of a dispatch.

    Args:
        title_derived: True when the dispatch has no title and one was cut from the lead.
        lead: the first paragraph that tells, without its dateline.
        body: paragraphs, the dateline kept in its own; no title, stamps, credits.
        origin: of each paragraph, the offset of its first character in the text, and its length.
        title_origin: the same of the title, where the text has one.
        credits: "(Xinhua/Van Pov)" without its parentheses, "vd/jpn/eg", in the order of the text.
        agency: its usual name ("Belga" for "BELGA"), when the dispatch says it; never guessed from initials.
        author: of a byline, without "Par". dateline_place: as written, without what stands in parentheses after it.
        stamps: with offsets in the text. furniture: every other piece set aside, as received.
    """

    title: str
    title_derived: bool
    lead: str
    body: tuple[str, ...]
    origin: tuple[tuple[int, int], ...]
    title_origin: tuple[int, int] | None
    credits: tuple[str, ...]
    agency: str | None
    author: str | None
    dateline_place: str | None
    stamps: tuple[Stamp, ...]
    furniture: tuple[str, ...]


# --- several dispatches in one text --------------------------------------------------------------------------------

SEPARATOR_SIGNS = "-=*_"
SHORTEST_SEPARATOR = 4
# Form feed, and the ends of wire messages: ETX, EOT
BREAKS = "\x0c\x03\x04"


def is_separator(line: str) -> bool:
    """Whether a line only parts two dispatches.

    Takes "----", "========", a form feed, "NNNN" (end of a wire message), ETX; leaves "---", "* * *", "-- ", "NNNN ok".
    """
    bare = line.strip()
    if not bare:
        return any(sign in line for sign in BREAKS)
    if bare[0] in SEPARATOR_SIGNS:
        return len(bare) >= SHORTEST_SEPARATOR and not bare.strip(bare[0])
    if len(bare) > 16:
        return False
    bare = bare.strip(BREAKS + "\x01\x02 ")
    return not bare or bare == "NNNN"


# --- agencies ------------------------------------------------------------------------------------------------------

# As written, lower case -> its usual name.
AGENCIES: dict[str, str] = {
    **dict.fromkeys(("afp", "agence france-presse", "agence france presse", "afp.com"), "AFP"),
    **dict.fromkeys(("xinhua", "chine nouvelle", "agence xinhua", "xinhuanet"), "Xinhua"),
    **dict.fromkeys(("reuters", "thomson reuters"), "Reuters"),
    **dict.fromkeys(("ap", "associated press"), "AP"),
    **dict.fromkeys(("belga", "agence belga"), "Belga"),
    **dict.fromkeys(("ats", "keystone-ats", "keystone ats", "ats-keystone"), "ATS"),
    **dict.fromkeys(("tass", "itar-tass", "agence tass"), "TASS"),
    **dict.fromkeys(("aps", "algérie presse service"), "APS"),
    **dict.fromkeys(("map", "maghreb arabe presse"), "MAP"),
    **dict.fromkeys(("la presse canadienne", "presse canadienne"), "La Presse canadienne"),
    **dict.fromkeys(("anadolu", "agence anadolu"), "Anadolu"),
    **{name.lower(): name for name in ("ACP", "ANI", "ANP", "ANSA", "APA", "APO", "AWP", "BTA", "DPA", "EFE", "IRNA")},
    **{
        name.lower(): name
        for name in ("KCNA", "Kyodo", "MENA", "NNA", "PANA", "QNA", "SPA", "TAP", "UPI", "VNA", "WAM")
    },
    **{name.lower(): name for name in ("Sputnik", "Yonhap", "Interfax", "Ukrinform", "Agerpres", "Lusa", "Bloomberg")},
}
_LONGEST_AGENCY = max(map(len, AGENCIES))


def agency_named(words: str) -> str | None:
    """The agency that a credit or signature opens with: "Xinhua/Van Pov" -> "Xinhua", "ats/belga" -> "ATS"."""
    for part in (words, words.split("/")[0]):
        if len(part) <= _LONGEST_AGENCY + 2 and (name := AGENCIES.get(part.strip(" .").casefold())):
            return name
    return None


# --- patterns: each with what it takes and what it leaves ----------------------------------------------------------

_NAME_WORD = r"(?:[^\W\d_a-zà-ÿ][\w.'’-]{0,24})"
_PARTICLE = r"(?:de|du|des|d['’]|la|le|van|von|der|den|el|al|ben|bin|et|&|avec)"
_NAMES = rf"{_NAME_WORD}(?:,?\s(?:{_PARTICLE}\s){{0,2}}{_NAME_WORD}){{1,7}}"
# "Par Jean Dupont", "Par Jean DUPONT et Marie Martin (avec AFP)", "Par Li Wei, à Pékin"; leaves "Par ailleurs, M. Wang"
BYLINE = re.compile(rf"(?:Par|PAR|par|By)\s?:?\s(?P<author>{_NAMES})(?P<rest>(?:,\s|\s?\()[^\n.]{{2,60}})?")
# "De notre correspondant à Pékin, Jean Dupont", "De notre envoyée spéciale"; leaves "De notre point de vue"
CORRESPONDENT = re.compile(
    r"[Dd]e (?:notre|nos) (?:correspondante?s?|envoyé(?:e|s|es)?)(?! a | ont )[^\n.]{0,80}?(?:[,:]\s(?P<author>"
    + _NAMES
    + r"))?"
)
# "(Reportage Jonas Effenberg, version française Théo Vasseur)": the first name is the author's
REPORTED_BY = re.compile(rf"(?:[Rr]eportage|[Rr]édigé|[Aa]vec)\s(?:de\s|par\s)?(?P<author>{_NAMES})")
# Lines in parentheses that are credits: "(Xinhua/Van Pov)", "(Photo : DR)", "(avec AFP)"; leaves "(suite page 2)"
CREDIT_WORD = re.compile(
    r"(?:photos?|crédits?|source|avec (?:agences|afp|ap|reuters|ats|belga)|reportage|rédaction|rédigé|édité|"
    r"version française|traduit|traduction|infographie|illustration|xinhua|reuters)\b",
    re.IGNORECASE,
)
# "Xinhua/Van Pov", "AFP/Archives", "POOL/Jean Dupont"; leaves "km/h", "et/ou"
CREDIT_SLASH = re.compile(
    rf"{_NAME_WORD}(?:\s{_NAME_WORD}){{0,3}}\s?/\s?{_NAME_WORD}(?:[\s/]{{1,3}}[\w.'’-]{{1,24}}){{0,5}}"
)
# Whole lines: "© Xinhua/Van Pov", "Photo : AFP", "Crédit photo : AFP/Jean Dupont"; leaves "Photo de famille du sommet."
CREDIT_LINE = re.compile(r"(?:©|\([cC]\)|[Pp]hotos?\s?[:/]|[Cc]rédits?(?: photos?)?\s?:)\s?[^\n.]{2,80}")
# "vd/jpn/eg", "pcl-mbr/uh/lth", "APS/nsd", "Belga/afp/mld"; leaves "et", "km/h " inside a sentence
SIGNATURE = re.compile(r"[^\W\d_]{1,10}(?:-[^\W\d_]{1,6}){0,3}(?:/[^\W\d_]{1,6}(?:-[^\W\d_]{1,6}){0,3}){1,5}\.?")
# "FIN", "(FIN)", "/suite/", "(A SUIVRE)", "NNNN", "###", "-30-", ".../..."; leaves "Fin de partie"
END_MARK = re.compile(
    r"[(/=*.\s-]{0,4}(?:fin|suite|[àa] suivre|end|nnnn|###?#?|30|fin de (?:la )?transmission|more|\.{2,3}/\.{2,3})"
    r"[)/=*.\s-]{0,4}",
    re.IGNORECASE,
)
# The same after the last sentence of the last paragraph: 'Mme Lin. Fin' -> " Fin"; leaves "La fin", "c'est la Fin"
END_AFTER = re.compile(r"(?<=[.!?…»”\")])\s(?:F(?:in|IN)|\(F(?:in|IN)\)|/suite/|\([AÀ] SUIVRE\)|NNNN|###?)\.?$")
# "(Xinhua/Van Pov)" after the last sentence of a paragraph; leaves "l'Agence France-Presse (AFP)"
CREDIT_AFTER = re.compile(r"(?<=[.!?…»”\"])\s(?P<credit>\([^()\n]{2,100}\))$")
# "© 2022 AFP. Tous droits réservés.", "Copyright", "Reproduction interdite"
COPYRIGHT = re.compile(
    r"(?:©|\([cC]\)\s|copyright\b|tous droits|reproduction (?:et|interdite))[^\n]{0,180}", re.IGNORECASE
)
# "URGENT", "ALERTE", "2EME LEAD", "FLASH -"; leaves "URGENT - Climat: la COP26 s'ouvre" (a title), "Urgent"
SLUG = re.compile(
    r"[\s(/*=-]{0,4}(?:\d{1,2}\s?(?:ER|ERE|ÈRE|EME|ÈME|E|e|er|ème)?\s)?(?:ALERTE|URGENT|FLASH|BULLETIN|PRIORITAIRE|LEAD|"
    r"BREF|SYNTH[EÈ]SE|ENCADR[EÉ]|REPORTAGE|PAPIER G[EÉ]N[EÉ]RAL|PAPIER D['’]ANGLE)(?:\s(?:LEAD|GENERAL|\d{1,2}))?"
    r"[\s)/*=:.!-]{0,4}"
)
# "chine-russie-diplomatie-Asean"; leaves "Rendez-vous", "Est-ce"
KEYWORD_SLUG = re.compile(r"[^\W\d_A-Z][\w'’]{1,24}(?:[-,][\w'’]{2,24}){2,8}")
# "ZCZC FRA123", "FRA0123 4 I 0456 FRA /AFP-XX12"; leaves "COP27", "G20 A OSAKA"
WIRE_HEADER = re.compile(r"ZCZC\b[^\n]{0,60}|[A-Z]{2,4}\d{3,5}(?:\s[A-Z0-9/.=+-]{1,12}){0,10}")
# "(Xinhua)", "/TASS/" in the head of a paragraph
AGENCY_MARK = re.compile(r"\((?P<round>[^()\n]{2,40})\)|/(?P<slashed>[^\W\d_][\w-]{1,14})/")
# After it: " --", " - ", ". ", " : "; what follows is the text
AFTER_MARK = re.compile(r"(?:\s?\.?\s?[-–—]{1,3}|\s?:|\.)?\s*")
# "CORRECTION de la magnitude", "ATTENTION - Bien lire": what a correction puts before its text
NOTICE = re.compile(
    r"\(?(?:CORRECTION|ATTENTION|RECTIFICATIF|RÉPÉTITION|REPETITION|ACTUALISE|ANNULE|Voici|Bien lire)\b"
)

# A title is one line, two at most; the longest of the samples has 104 characters.
LONGEST_TITLE = 140
LONGEST_DERIVED = 120
# A cut nearer the start says too little of the lead.
SHORTEST_DERIVED = 60
# Lines looked at for headers and for signatures.
HEADER_LINES, FOOTER_LINES = 12, 8
# Lines inside the text that may be a credit; a text with more is none of ours, and must not take long.
MARKED_LINES = 500
# Furniture is short.
LONGEST_FURNITURE = 200
# Wrapped texts: typewriters and telexes had 60 to 80 columns, some mail 98.
NARROWEST, WIDEST = 30, 100
# Lines measured; the rest of a text is wrapped like its beginning.
MEASURED_LINES = 2000
WRAPPED_SHARE = 0.8
# Paragraphs that may precede the one with the dateline.
DATELINE_PARAGRAPHS = 4

_CONTROLS = dict.fromkeys(map(ord, "\n\r\t\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029"), " ")
_SENTENCE_END = '.!?…:»”"'


# --- lines ---------------------------------------------------------------------------------------------------------


# Start and end in the text. Plain tuples: half a million lines of one letter are read in 0.3 s, in 0.8 s with objects.
Span = tuple[int, int]


@dataclass(slots=True)
class _Aside:
    """What is set aside while a text is read."""

    credits: list[tuple[int, str]] = field(default_factory=list)
    furniture: list[tuple[int, str]] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    author: str | None = None
    agency: str | None = None  # by a line of its own
    signed: str | None = None  # by a signature at the end
    credited: str | None = None  # by a photo credit: the weakest


def _lines(text: str) -> list[Span]:
    """The lines that are not blank, without the blanks around them."""
    lines: list[Span] = []
    at = 0
    for raw in text.split("\n"):
        bare = raw.strip()
        if bare:
            start = at if raw[0] == bare[0] else at + len(raw) - len(raw.lstrip())
            lines.append((start, start + len(bare)))
        at += len(raw) + 1
    return lines


def _touch(text: str, line: Span, following: Span) -> bool:
    """Whether nothing but one line end parts two lines: no blank line, no line set aside."""
    between = text[line[1] : following[0]]
    return between == "\n" or (between.count("\n") == 1 and not between.strip())


def _indent(text: str, line: Span) -> int:
    return line[0] - text.rfind("\n", 0, line[0]) - 1


def _set_aside(text: str, lines: list[Span], aside: _Aside) -> list[Span]:
    """The lines of the body; headers, credits and signatures go to `aside`."""
    gone: set[int] = set()
    before = 0  # lines of text just above, without a blank line
    for number, line in enumerate(lines[:HEADER_LINES]):
        if number and not _touch(text, lines[number - 1], line):
            before = 0
        inside = before > 1 and text[lines[number - 1][1] - 1] not in _SENTENCE_END
        if _header(text, line, aside, inside=inside, first=len(gone) == number):
            gone.add(number)
            before = 0
        else:
            before += 1
    for number in range(len(lines) - 1, max(-1, len(lines) - 1 - FOOTER_LINES), -1):
        if number in gone:
            continue
        if not _footer(text, lines[number], aside):
            break
        gone.add(number)
    marked = (number for number, line in enumerate(lines) if text[line[0]] in "(/©" and number not in gone)
    gone.update(number for number in islice(marked, MARKED_LINES) if _in_middle(text, lines[number], aside))
    return [line for number, line in enumerate(lines) if number not in gone] if gone else lines


def _header(text: str, line: Span, aside: _Aside, *, inside: bool, first: bool) -> bool:
    """Whether a line near the top is no text; `inside`: a sentence goes on in it; `first`: only headers are above."""
    start, end = line
    if end - start > LONGEST_FURNITURE:
        return False
    words = text[start:end]
    if _stamped(words, start, aside, labelled_only=inside):
        return True
    if inside:
        return False
    if SLUG.fullmatch(words) or (first and (KEYWORD_SLUG.fullmatch(words) or WIRE_HEADER.fullmatch(words))):
        aside.furniture.append((start, words))
        return True
    return _byline(words, start, aside) or _credit(words, start, aside)


def _stamped(words: str, at: int, aside: _Aside, *, labelled_only: bool = False) -> bool:
    stamps = stamps_of_line(words, at)
    if not stamps or (labelled_only and stamps[0].kind != "updated"):
        return False
    aside.stamps.extend(stamps)
    position = 0
    for stamp in stamps:
        _leftover(words[position : stamp.start - at], at + position, aside)
        position = stamp.end - at
    _leftover(words[position:], at + position, aside)
    return True


def _leftover(words: str, at: int, aside: _Aside) -> None:
    """What stands beside a stamp on its line: "(AFP) - ", "ats/clg/sbn - ", " par Jean Dupont"."""
    bare = words.strip()
    if not bare:
        return
    named = bare.strip(" -–—|•·,;:()")
    if SIGNATURE.fullmatch(named):
        aside.signed = aside.signed or agency_named(named)
        aside.credits.append((at, named))
        rest = bare.replace(named, "", 1).strip()
        if rest:
            aside.furniture.append((at, rest))
        return
    aside.furniture.append((at, bare))
    byline = BYLINE.search(bare)
    if byline:
        aside.author = aside.author or byline["author"]
    aside.agency = aside.agency or agency_named(named)


def _byline(words: str, at: int, aside: _Aside) -> bool:
    found = BYLINE.fullmatch(words)
    if found:
        aside.author = aside.author or found["author"]
    else:
        found = CORRESPONDENT.fullmatch(words)
        if found is None:
            return False
        aside.author = aside.author or found["author"] or words
    aside.furniture.append((at, words))
    return True


def _credit(words: str, at: int, aside: _Aside) -> bool:
    """Whether a line is a credit and nothing else; its outer parentheses are taken off."""
    if words[0] == "(" and words[-1] == ")" and ")" not in words[1:-1]:
        inner = words[1:-1].strip()
        if not (agency_named(inner) or CREDIT_WORD.match(inner) or CREDIT_SLASH.fullmatch(inner)):
            return False
    elif CREDIT_LINE.fullmatch(words) or (agency_named(words) and CREDIT_SLASH.fullmatch(words)):
        inner = words
    else:
        return False
    if not inner:
        return False
    aside.credits.append((at, inner))
    aside.credited = aside.credited or agency_named(inner)
    reported = REPORTED_BY.match(inner)
    if reported:
        aside.author = aside.author or reported["author"]
    return True


def _footer(text: str, line: Span, aside: _Aside) -> bool:
    start, end = line
    if end - start > LONGEST_FURNITURE:
        return False
    words = text[start:end]
    if END_MARK.fullmatch(words) or COPYRIGHT.fullmatch(words):
        aside.furniture.append((start, words))
        return True
    if AGENCIES.get(words.strip(" .").casefold()) or SIGNATURE.fullmatch(words):
        aside.signed = aside.signed or agency_named(words)
        aside.credits.append((start, words))
        return True
    return _credit(words, start, aside) or _byline(words, start, aside) or _stamped(words, start, aside)


def _in_middle(text: str, line: Span, aside: _Aside) -> bool:
    start, end = line
    if end - start > LONGEST_FURNITURE:
        return False
    words = text[start:end]
    if END_MARK.fullmatch(words):
        aside.furniture.append((start, words))
        return True
    return _credit(words, start, aside)


# --- paragraphs ----------------------------------------------------------------------------------------------------


def _paragraphs(text: str, lines: list[Span]) -> list[Span]:
    """The spans of paragraphs: a line each, or, where lines were broken at a fixed width, the lines of each block."""
    width = _wrap_width(text, lines)
    if width is None:
        return lines
    spans: list[Span] = []
    for number, line in enumerate(lines):
        if number and _goes_on(text, lines[number - 1], line, width):
            spans[-1] = (spans[-1][0], line[1])
        else:
            spans.append(line)
    return spans


def _full(text: str, line: Span, following: Span, width: int) -> bool:
    """Whether the first word of the next line had no room on this one."""
    word = text[following[0] : min(following[1], following[0] + WIDEST)].split(maxsplit=1)[0]
    return _indent(text, line) + line[1] - line[0] + 1 + len(word) > width


def _wrap_width(text: str, lines: list[Span]) -> int | None:
    """The width lines were broken at, or None: a line is a paragraph.

    Between touching lines, nearly every one that ends no sentence must be full, and half of all: that is what breaking
    at a width does, and what paragraphs, lists and verses of any length do not.
    """
    measured = lines[:MEASURED_LINES]
    pairs = [pair for pair in zip(measured, measured[1:], strict=False) if _touch(text, *pair)]
    if not pairs:
        return None
    lengths = sorted(_indent(text, line) + line[1] - line[0] for line, _ in pairs)
    width = lengths[min(len(lengths) - 1, int(len(lengths) * 0.95))]
    if not NARROWEST <= width <= WIDEST:
        return None
    full = [_full(text, line, following, width) for line, following in pairs]
    going_on = [each for each, (line, _) in zip(full, pairs, strict=True) if text[line[1] - 1] not in _SENTENCE_END]
    if going_on and sum(going_on) >= WRAPPED_SHARE * len(going_on) and 2 * sum(full) >= len(full):
        return width
    return None


def _goes_on(text: str, line: Span, following: Span, width: int) -> bool:
    if not _touch(text, line, following):
        return False
    if _indent(text, following) >= _indent(text, line) + 2:
        return False  # an indent opens a paragraph
    return _full(text, line, following, width) or text[line[1] - 1] not in _SENTENCE_END


def _trim(text: str, spans: list[Span], aside: _Aside) -> list[Span]:
    """Paragraphs without the credit or end mark that follows their last sentence, or the stamp that opens the first."""
    trimmed: list[Span] = []
    for number, (start, end) in enumerate(spans):
        if number == 0 and (stamp := leading_stamp(text[start : min(end, start + LONGEST_FURNITURE)], start)):
            aside.stamps.append(stamp)
            start = _past_blanks(text, stamp.end, end)
        if number == len(spans) - 1 and (mark := END_AFTER.search(text, max(start, end - 24), end)):
            aside.furniture.append((mark.start(), mark[0].strip()))
            end = mark.start()
        found = CREDIT_AFTER.search(text, max(start, end - 104), end) if text[end - 1 : end] == ")" else None
        if found and _credit(found["credit"], found.start("credit"), aside):
            end = found.start()
        if start < end:
            trimmed.append((start, end))
    return trimmed


def _past_blanks(text: str, at: int, end: int) -> int:
    while at < end and text[at].isspace():
        at += 1
    return at


# --- dateline ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dateline:
    """`end` is where the text begins; `stamp` has offsets in the paragraph."""

    place: str | None
    agency: str | None
    stamp: Stamp | None
    end: int


@lru_cache(maxsize=64)  # the same paragraph is asked about for its title, then for its lead
def read_dateline(paragraph: str) -> Dateline | None:
    """The dateline a paragraph opens with.

    Takes "PÉKIN, 8 août (Xinhua) -- La", "MOSCOU, 3 mars 2021. /TASS/. Le", "Berne (ats) Le", "(BELGA) Une",
    "PARIS, 12 janv 2021 - Le"; leaves "L'agence Chine nouvelle (Xinhua) a annoncé", "La Banque centrale (BCE) a".
    """
    head = paragraph[:160]
    dated = dateline_stamp(head)
    place, stamp = dated if dated else (None, None)
    for mark in AGENCY_MARK.finditer(head, stamp.end if stamp else 0):
        words = mark["round"] or mark["slashed"]
        agency = agency_named(words)
        if stamp:
            if head[stamp.end : mark.start()].strip(" .,"):
                break
            agency = agency or (words if words[0].isupper() else None)
            return Dateline(_bare_place(place), agency, stamp, _text_after(paragraph, mark.end()))
        if agency is None:
            continue
        before = head[: mark.start()].strip()
        end = _text_after(paragraph, mark.end())
        if paragraph[end : end + 1].islower() and end - mark.end() < 2:
            return None
        if not before:
            moment = read_moment(before_dash(head, mark.end() + 3), mark.end())
            if moment and moment.day and DASH.match(head, moment.end):
                return Dateline(None, agency, moment, _text_after(paragraph, moment.end))
            return Dateline(None, agency, None, end)
        if is_place(before) and len(before) <= 60:
            return Dateline(_bare_place(before), agency, None, end)
        alone = read_moment(head[: mark.start()])
        if alone and alone.day and alone.start == 0 and not head[alone.end : mark.start()].strip(" .,"):
            return Dateline(None, agency, alone, end)
        return None
    return Dateline(_bare_place(place), None, stamp, _text_after(paragraph, stamp.end)) if stamp else None


def _text_after(paragraph: str, at: int) -> int:
    found = AFTER_MARK.match(paragraph, at)
    return found.end() if found else at


def _bare_place(place: str | None) -> str | None:
    """ "MENDE (Lozère)" -> "MENDE", "PARIS/LONDRES" -> "PARIS": one place, that the list of venues may know."""
    return re.split(r"\s*[(/]", place)[0].strip() or None if place else None


# --- title ---------------------------------------------------------------------------------------------------------


def _is_title(words: str, following: str) -> bool:
    if len(words) > LONGEST_TITLE or not any(char.isalpha() for char in words):
        return False
    if (words[-1] == "." and not words.endswith("...")) or words[-1] in ",;" or read_dateline(words):
        return False
    if sum(char.isalpha() for char in words) > 3 and words == words.upper():
        return True
    return len(following) > len(words) or read_dateline(following) is not None


# Words a title does not end on: they announce what was cut.
_ANNOUNCING = """
    à a au aux avec ce ces cette chez comme contre d dans de depuis des dont du elle en entre est et il ils l la le les leur
    leurs lors mais ne notre on ont ou où par pas plus pour pendant qu que qui s sa sans se selon ses si son sont sous sur un
    une vers été très afin ainsi après avant m mm mme
"""
_OPEN_WORDS = frozenset(_ANNOUNCING.split())
# "a dit M. Wang. La Chine", "Pourquoi ? La"; leaves "M. Wang", "J. P. Morgan", "Sergue? Lavrov" (a lost letter)
_SENTENCE = re.compile(
    r"(?:(?<![\s.'’(][A-Z])(?<!^[A-Z])(?<!\bMM)(?<!\bMme)(?<!\bDr)(?<!\bSt)\.|(?<=\s)[!?]|…)(?=\s[«\"“]?\s?[A-ZÀ-ÖØ-ÞŒ])"
)


def derive_title(lead: str) -> str:
    """A title cut from the lead: its first sentence, else up to a clause, else up to a word, with "…" where cut."""
    words = " ".join(lead.split())
    sentence = _SENTENCE.search(words, 0, LONGEST_DERIVED + 1)
    if sentence and sentence.start() >= 20:
        return words[: sentence.start() + (words[sentence.start()] != ".")].rstrip()
    if len(words) <= LONGEST_DERIVED:
        return words[:-1] if words.endswith(".") and not words.endswith("..") else words
    room = words[:LONGEST_DERIVED]
    cut = max(room.rfind(sign) for sign in (", ", " ; ", "; ", " : ", ": ", " - ", " – ", " — ", " ("))
    if cut < SHORTEST_DERIVED:
        cut = room.rfind(" ") if not words[LONGEST_DERIVED - 1].isspace() else LONGEST_DERIVED - 1
        if cut <= 0:
            return room[:-1] + "…"
        cut = _closed(room, cut)
    return room[:cut].rstrip(" ,;:-–—(") + "…"


def _closed(words: str, cut: int) -> int:
    """The cut moved left of words that announce what follows ("à la demande de" -> "à la demande")."""
    at = cut
    while at > SHORTEST_DERIVED // 2:
        last = re.split(r"[\s'’]", words[:at].rstrip())[-1]
        if last.casefold().strip('«"(') not in _OPEN_WORDS:
            return at
        at = len(words[:at].rstrip()) - len(last)
        while at and words[at - 1] in " '’\u00a0":
            at -= 1
    return cut


# --- the whole -----------------------------------------------------------------------------------------------------


def parse(text: str) -> Parsed:
    """Takes the text of one dispatch apart. Never raises; an empty text gives empty parts."""
    aside = _Aside()
    lines = _set_aside(text, _lines(text), aside)
    spans = _trim(text, _paragraphs(text, lines), aside)
    title, title_span = "", None
    heads = [_clean(text, span) for span in spans[:DATELINE_PARAGRAPHS]]
    following = [head for head in heads[1:] if not NOTICE.match(head)] or heads[1:]
    if following and _is_title(heads[0], following[0]):
        title = heads[0]
        title_span = spans.pop(0)
    body = tuple(_clean(text, span) for span in spans)

    dateline, lead = None, body[0] if body else ""
    for number, paragraph in enumerate(body[:DATELINE_PARAGRAPHS]):
        dateline = read_dateline(paragraph)
        if dateline:
            told = paragraph[dateline.end :]
            lead = told or (body[number + 1] if number + 1 < len(body) else paragraph)
            break
        if not (NOTICE.match(paragraph) or len(paragraph) <= LONGEST_TITLE):
            break
    place = dateline.place if dateline else None
    if dateline and dateline.stamp:
        start, end = (spans[number][0] + at for at in (dateline.stamp.start, dateline.stamp.end))
        aside.stamps.append(replace(dateline.stamp, start=start, end=end, kind="dateline"))
    if place is None:
        place = _place_of_stamps(text, aside.stamps)
    derived = not title
    return Parsed(
        title=title or derive_title(lead),
        title_derived=derived,
        lead=lead,
        body=body,
        origin=tuple((start, end - start) for start, end in spans),
        title_origin=(title_span[0], title_span[1] - title_span[0]) if title_span else None,
        credits=_in_order(aside.credits),
        agency=(dateline.agency if dateline else None) or aside.agency or aside.signed or aside.credited,
        author=aside.author,
        dateline_place=place,
        stamps=tuple(sorted(aside.stamps, key=lambda stamp: stamp.start)),
        furniture=_in_order(aside.furniture),
    )


def _clean(text: str, span: Span) -> str:
    """A paragraph, character for character: line ends and other blanks that are no spaces become spaces."""
    words = text[span[0] : span[1]]
    return words if words.isprintable() else words.translate(_CONTROLS)


def _in_order(pieces: list[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(words for _, words in sorted(pieces))


def _place_of_stamps(text: str, stamps: list[Stamp]) -> str | None:
    """The place of a dateline that has its line for itself: "PÉKIN, 8 août (Xinhua) --"."""
    for stamp in stamps:
        if stamp.kind == "dateline":
            found = place_before(text, text.rfind("\n", 0, stamp.start) + 1)
            if found and found[1] <= stamp.start:
                return _bare_place(found[0])
    return None
