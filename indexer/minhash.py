"""What of a text is the same in its near-duplicates: words worn down, shingles, bands to search by, overlap to check.

    text -> words (consonants and digits) -> shingles (runs of words, hashed) -> bands (minima of passages)

A dispatch and its update share passages, not the whole: an urgent of one sentence and the paper that begins with it
have one tenth in common. So minima are taken passage by passage (a window of shingles that moves along the text:
winnowing, Schleimer, Wilkerson and Aiken, SIGMOD 2003), and each is a band of one row. Any run of words two texts
share that is as long as a window gives them a band in common, wherever it stands in either. Figures, also of bands
over the whole text, are in `docs/decisions/0004-near-duplicates.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

# Words of a shingle. Along the text, bands want runs that are rare: 5, with three fifths of the candidates of 4 and the
# same recall where 0.3 of a text is kept.
# Overlap wants runs that survive a change of wording in the next clause: 3.
SHINGLE = 5
OVERLAP_SHINGLE = 3
# Shingles of a passage: an update that keeps a run of 28 words keeps a band, 12 bands a KB.
WINDOW = 24
# The lead is where an urgent of one sentence comes back, reworded, in the paper that follows it: there, shingles and
# passages are short, so that 7 words kept are enough. Without these bands a third of the urgents of bench/stories are
# missed, and two of the six in the samples.
LEAD_WORDS = 48
LEAD_SHINGLE = 4
LEAD_WINDOW = 4

_CONSONANTS = "bdfghjklmnpqrstvwxz"
# Letters that bear accents in French, and what a lost letter becomes, leave no trace; neither do apostrophes, which get
# lost too: "chaînes", "CHAINES" and "cha?nes" are all "hns", "l’État" and "l?Etat" are "ltt".
_DROPPED = "aeiouyc" + "AEIOUYC" + "àâäáãåæçéèêëîïíìôöòóõøœùûüúÿý" + "ÀÂÄÁÃÅÆÇÉÈÊËÎÏÍÌÔÖÒÓÕØŒÙÛÜÚŸÝ" + "?'’‘\u00ad"
# Foreign letters cp1252 holds, as the consonant they are read as; those it does not hold are lost letters.
_READ_AS = {"ñ": "n", "Ñ": "n", "š": "s", "Š": "s", "ß": "s", "ž": "z", "Ž": "z"}


def _table() -> bytes:
    table = bytearray(b" " * 256)
    for letter in _CONSONANTS:
        table[ord(letter)] = table[ord(letter.upper())] = ord(letter)
    for digit in b"0123456789":
        table[digit] = digit
    for letter, read in _READ_AS.items():
        table[letter.encode("cp1252")[0]] = ord(read)
    return bytes(table)


_TABLE = _table()
_YEAR = re.compile(rb"(?:19|20)\d\d")
_DELETED = _DROPPED.encode("cp1252")


def words(text: str) -> list[bytes]:
    """The words of a text, each worn down to what no agency, encoding or style of capitals changes.

    "L’ÉTAT de Guinée" -> [b"ltt", b"d", b"gn"]; words of vowels only ("à", "où", "eau") are gone.
    Text in another script has no words.
    """
    return text.encode("cp1252", "replace").translate(_TABLE, _DELETED).split()


def shingles(found: Sequence[bytes], size: int) -> list[int]:
    """Every run of `size` words, as 32 bits; a text of fewer words is one run. CRC-32: the same on every machine."""
    if not found:
        return []
    joined = b" ".join(found)
    if len(found) <= size:
        return [crc32(joined)]
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for word in found:
        starts.append(at)
        at += len(word)
        ends.append(at)
        at += 1
    # 0.15 ms for 3 KB; hashing the words one by one and mixing in Python takes twice that.
    return [crc32(joined[start:end]) for start, end in zip(starts, ends[size - 1 :], strict=False)]


def minima(hashes: Sequence[int], window: int) -> set[int]:
    """The smallest of every `window` neighbours. Minima of a wide window are among those of a narrower one."""
    if len(hashes) <= window:
        return {min(hashes)} if hashes else set()
    least = min(hashes[:window])
    kept = {least}
    for at in range(window, len(hashes)):
        if hashes[at] <= least:
            least = hashes[at]
        elif hashes[at - window] == least:
            least = min(hashes[at - window + 1 : at + 1])
        else:
            continue
        kept.add(least)
    return kept


def bands(text: str) -> tuple[str, ...]:
    """The keywords to find near-duplicates by, sorted; two texts that share none are taken for none.

    About 18 for the lead and 12 a KB: a dispatch of 3 KB has about 50, of at most 9 characters.
    """
    return bands_of(words(text))


def bands_of(found: Sequence[bytes]) -> tuple[str, ...]:
    """The bands of a text by its words."""
    lead = minima(shingles(found[:LEAD_WORDS], LEAD_SHINGLE), LEAD_WINDOW)
    body = minima(shingles(found, SHINGLE), WINDOW)
    return tuple(sorted([f"l{value:x}" for value in lead] + [f"p{value:x}" for value in body]))


@dataclass(frozen=True)
class Shingles:
    """A text as overlap sees it: its runs of three words, counted when first asked for; most texts have no neighbour."""

    words: tuple[bytes, ...]

    @cached_property
    def all(self) -> frozenset[int]:
        return frozenset(shingles(self.words, OVERLAP_SHINGLE))

    @cached_property
    def numbers(self) -> frozenset[bytes]:
        """The numbers it gives, those that look like a year left out."""
        return frozenset(word for word in self.words if not word.isalpha() and not _YEAR.fullmatch(word))

    @cached_property
    def lead(self) -> frozenset[int]:
        """Those of its beginning."""
        return frozenset(shingles(self.words[:LEAD_WORDS], OVERLAP_SHINGLE))


def shingled(text: str) -> Shingles:
    """The runs of three words of a text."""
    return Shingles(tuple(words(text)))


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two texts share, the same whichever comes first.

    Args:
        shared: runs of three words found in both.
        contained: their part of the shorter text, 0..1.
        jaccard: their part of both texts together, 0..1.
        lead: part of the shorter lead that is in the lead of the other, 0..1.
    """

    shared: int
    contained: float
    jaccard: float
    lead: float


def overlap(a: Shingles, b: Shingles) -> Overlap:
    """Real overlap: what candidates found by bands are checked by. Empty texts share nothing."""
    shared = len(a.all & b.all)
    if not shared:
        return Overlap(0, 0.0, 0.0, 0.0)
    return Overlap(
        shared,
        shared / min(len(a.all), len(b.all)),
        shared / (len(a.all) + len(b.all) - shared),
        len(a.lead & b.lead) / min(len(a.lead), len(b.lead)),
    )


def text_of(paragraphs: Iterable[str]) -> str:
    """Paragraphs as the one text the functions above take; how a source cuts them makes no difference."""
    return "\n".join(paragraphs)
