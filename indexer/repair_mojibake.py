"""UTF-8 that was read in another encoding ("Ã©", "â€™"), given back by ftfy; nothing else changes."""

from __future__ import annotations

import re

import ftfy

# What mojibake cannot do without: "Ã©", "Â«", "â€™", "Å“", and C1 controls (cp1252 read as Latin-1).
MOJIBAKE_SIGNS = re.compile("[ÃÂÅ]|â[€\u0080]|[\u0080-\u009f]")
# Only encodings are mended: an intact ligature, width, quote or line end is the agency's own.
ENCODING_ONLY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    replace_lossy_sequences=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
)
NON_ASCII_RUN = re.compile(r"[^\x00-\x7f]+")

Change = tuple[int, str, str]  # offset after the repair, text before it, text after it


def unmojibake(text: str) -> tuple[str, list[Change]]:
    """`text` with UTF-8 given back, and what changed; `text` itself where there is nothing to give back."""
    if not MOJIBAKE_SIGNS.search(text):
        return text, []
    try:  # the usual case, five times as fast: the whole text is UTF-8 read as cp1252
        mended = text.encode("sloppy-windows-1252").decode("utf-8")
    except UnicodeError:
        mended = ftfy.fix_text(text, ENCODING_ONLY)
    if MOJIBAKE_SIGNS.search(mended):
        mended = ftfy.fix_text(mended, ENCODING_ONLY)
    if mended == text or mended.count("\n") != text.count("\n"):
        return text, []
    before, after = NON_ASCII_RUN.findall(text), list(NON_ASCII_RUN.finditer(mended))
    if NON_ASCII_RUN.split(text) == NON_ASCII_RUN.split(mended):
        pairs = zip(before, after, strict=True)
        return mended, [(m.start(), old, m.group()) for old, m in pairs if old != m.group()]
    return mended, [_whole_change(text, mended)]


def _whole_change(before: str, after: str) -> Change:
    """The change between texts that differ in more than non-ASCII runs: one span from first to last."""
    shorter = min(len(before), len(after))
    head = tail = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return head, before[head : len(before) - tail], after[head : len(after) - tail]
