"""How many lost letters are given back, channel by channel: `python -m bench.repair [--data FOLDER]`.

Clean French text is passed through each channel and repaired; what comes back is compared with what was
there, letter by letter. Beside it the naive way: the most frequent fitting word of the French list, whatever
stands around. Rules and counts are tuned on the even documents of WiNER-fr, on PIAF, on
AfriQA train and on Sequoia train; the other halves are only reported.

    words     words that lost a small letter of French, restored exactly, in %
    names     words that lost a letter French does not have (Løvset, Kavtičnik), likewise
    found     words of both kinds that a search finds, accents aside: in the text or among the readings, in %
    marks     guillemets, apostrophes, dashes, ellipses and accented capitals restored exactly, in %
    wrong     places changed into something that was not there, per 1,000 lost
    genuine   genuine question marks changed, of how many
    per s     dispatches of 3 KB a second of one core

The repairer knows the names of `authorities/`, as in the product. `--names none` takes them away; `--names
annotated` gives those annotated in WiNER-fr instead, the reported half included: what a complete list would bring.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from authorities.loader import load_authorities
from authorities.model import fold
from indexer.lexicon import french
from indexer.repair import Doubt, Repairer

DEFAULT_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
FRENCH = set("àâæçéèêëîïôœùûüÿ")
MARKS = set("«»’–—…“”‘")
CHUNK = re.compile(r"[^\W\d_]*(?:[?\ufffd][^\W\d_]*)+")
WORD = re.compile(r"[^\W\d_]+")
SENTENCE = re.compile(r"[A-ZÀÉÈÊÎÔ][^.!?…\n]{25,160}[^\W\d_](?= ?\.)")
DISPATCH = 3000  # characters
GENUINE = 5000
WARM, TIMED, ROUNDS = 400, 150, 3  # dispatches read before the clock starts, and after


def through(codec: str) -> Callable[[str], str]:
    """Passage through an encoding that replaces what it lacks by `?`."""
    return lambda text: text.encode(codec, "replace").decode(codec)


def undecodable(text: str) -> str:
    """Latin-1 bytes read as UTF-8: U+FFFD for every letter outside ASCII."""
    return "".join(char if char.isascii() else "\ufffd" for char in text)


def mojibake(text: str) -> str:
    """UTF-8 read as cp1252, as browsers do (undefined bytes pass as control characters)."""
    return "".join(
        bytes([byte]).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
        for byte in text.encode("utf-8")
    )


def mixed(text: str) -> str:
    """Every second paragraph through GBK, the others whole."""
    lines = text.split("\n")
    return "\n".join(through("gbk")(line) if at % 2 else line for at, line in enumerate(lines))


CHANNELS: dict[str, Callable[[str], str]] = {
    "gbk": through("gbk"),
    "gb2312": through("gb2312"),
    "ascii": through("ascii"),
    "latin-1": through("latin-1"),
    "cp1252": through("cp1252"),
    "U+FFFD": undecodable,
    "mojibake": mojibake,
    "mixed": mixed,
}


def untouched(text: str) -> str:
    """No damage at all."""
    return text


Mended = tuple[str, tuple[Doubt, ...]]  # a text repaired, and its damaged words left alone


@dataclass(slots=True)
class Score:
    """Counts over a corpus: (right, all) pairs, wrong changes, and the failures for those who tune."""

    words: list[int] = field(default_factory=lambda: [0, 0])
    found: list[int] = field(default_factory=lambda: [0, 0])
    names: list[int] = field(default_factory=lambda: [0, 0])
    marks: list[int] = field(default_factory=lambda: [0, 0])
    genuine: list[int] = field(default_factory=lambda: [0, 0])
    lost: int = 0
    wrong: int = 0
    failures: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def count(self, clean: str, damaged: str, mended: Mended) -> None:
        """Compare three texts of one length. Others (a mojibake not mended) fail whole."""
        repaired, doubts = mended
        if len(clean) != len(repaired):
            repaired = repaired.ljust(len(clean))[: len(clean)]
        if len(clean) != len(damaged):
            damaged = "".join(c if c.isascii() else "?" for c in clean)
        touched = [at for at, (c, d) in enumerate(zip(clean, damaged, strict=True)) if c != d]
        self.lost += len(touched)
        for at, (c, d) in enumerate(zip(clean, damaged, strict=True)):
            if c == d == "?":
                self.genuine[1] += 1
                if repaired[at] != "?":
                    self.genuine[0] += 1
                    self._note("genuine", clean, repaired, at, at + 1)
        harmed = set(touched)
        self.wrong += sum(repaired[at] not in (clean[at], damaged[at]) for at in touched)
        for word in WORD.finditer(clean):
            lost = [at for at in range(*word.span()) if at in harmed]
            if any(clean[at].islower() for at in lost):
                right = repaired[slice(*word.span())] == word.group()
                french = all(clean[at].lower() in FRENCH for at in lost)
                kept = self.words if french else self.names
                kept[0] += right
                kept[1] += 1
                self.found[0] += searchable(word.group(), repaired, word.span(), doubts)
                self.found[1] += 1
                if not right:
                    self._note("word" if french else "name", clean, repaired, *word.span())
        for at in touched:
            if clean[at] in MARKS or clean[at].isupper():
                right = repaired[at] == clean[at]
                self.marks[0] += right
                self.marks[1] += 1
                if not right:
                    self._note("mark", clean, repaired, at, at + 1)

    def _note(self, kind: str, clean: str, repaired: str, start: int, end: int) -> None:
        around = slice(max(0, start - 30), end + 30)
        self.failures[(kind, clean[start:end] + " -> " + repaired[start:end], clean[around])] += 1


def searchable(word: str, repaired: str, span: tuple[int, int], doubts: tuple[Doubt, ...]) -> bool:
    """Whether a search for a word, which sees no accents, finds it in the text or among its readings."""
    start, end = span
    if fold(repaired[start:end]) == fold(word):
        return True
    within = ((d, slice(start - d.start, end - d.start)) for d in doubts if d.start <= start and end <= d.end)
    return any(fold(reading[part]) == fold(word) for doubt, part in within for reading in doubt.readings)


def percent(pair: list[int]) -> str:
    right, total = pair
    return f"{100 * right / total:6.2f} ({total})" if total else "     -"


def naive(text: str) -> Mended:
    """The most frequent word of the list that fits each damaged word; what stands alone stays."""
    lexicon = french()

    def best(match: re.Match[str]) -> str:
        chunk = match.group()
        fitting = lexicon.fits(chunk.lower().replace("\ufffd", "?"))
        if not fitting:
            return chunk
        word = max(fitting, key=lexicon.frequency.__getitem__)
        cased = word.upper() if chunk.isupper() and len(chunk) > 2 else word
        return "".join(w if c in "?\ufffd" else c for c, w in zip(chunk, cased, strict=True))

    return CHUNK.sub(best, text), ()


def winer(folder: Path) -> list[str]:
    """WiNER-fr: one article a line of JSON."""
    lines = (folder / "winer-fr-2016" / "winer_fr_2016.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def sequoia(folder: Path, part: str) -> list[str]:
    """UD French Sequoia: its sentences, twenty to a document."""
    path = folder / "ud-fr-sequoia" / f"fr_sequoia-ud-{part}.conllu"
    mark = "# text = "
    sentences = [line[len(mark) :] for line in path.read_text("utf-8").splitlines() if line.startswith(mark)]
    return ["\n".join(sentences[at : at + 20]) for at in range(0, len(sentences), 20)]


def halves(folder: Path) -> dict[str, list[str]]:
    """The corpora, each labelled as tuned on or only reported."""
    articles = winer(folder)
    return {
        "tuning: winer even": articles[0::2],
        "tuning: sequoia train": sequoia(folder, "train"),
        "tuning: piaf": passages(folder),
        "TEST: winer odd": articles[1::2],
        "TEST: sequoia dev": sequoia(folder, "dev"),
    }


def passages(folder: Path) -> list[str]:
    """PIAF's passages of French Wikipedia, an article to a document."""
    articles = json.loads((folder / "piaf" / "piaf_dev.json").read_text("utf-8"))["data"]
    return ["\n".join(dict.fromkeys(passage["context"] for passage in a["paragraphs"])) for a in articles]


def asked_in_piaf(folder: Path) -> list[str]:
    """PIAF's questions, without their mark."""
    articles = json.loads((folder / "piaf" / "piaf_dev.json").read_text("utf-8"))["data"]
    passages = (passage for article in articles for passage in article["paragraphs"])
    return [question["question"] for passage in passages for question in passage["qas"]]


def _afriqa(folder: Path, part: str) -> list[dict[str, str]]:
    path = folder / "afriqa-fr" / f"gold_span_passages.fon.fr.{part}.json"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def asked_in_afriqa(folder: Path, part: str) -> list[str]:
    """AfriQA's questions in French."""
    return [entry["question_translated"] for entry in _afriqa(folder, part)]


def passages_of_afriqa(folder: Path) -> list[str]:
    """AfriQA's passages of French Wikipedia, those of its part for training, five to a document."""
    found = list(dict.fromkeys(entry["context"] for entry in _afriqa(folder, "train") if entry["context"]))
    return ["\n".join(found[at : at + 5]) for at in range(0, len(found), 5)]


def questions(asked: list[str], articles: list[str], seed: int, most: int = GENUINE) -> list[str]:
    """Documents of ten sentences with `most` genuine question marks, of every kind."""
    rng = random.Random(seed)
    asked = [question.strip().rstrip("? \u00a0") for question in asked]
    asked = [question for question in asked if question and "?" not in question]
    said = [m.group().strip() for text in articles for m in SENTENCE.finditer(text) if "(" not in m.group()]
    kinds: list[Callable[[str, str], str]] = [
        lambda q, s: f"{q} ?",
        lambda q, s: f"{q}?",
        lambda q, s: f"{s} ?",
        lambda q, s: f"{s}?",
        lambda q, s: f"{s} ??",
        lambda q, s: f"{q}??",
        lambda q, s: f"{q} ?!",
        lambda q, s: f"{s}?!",
        lambda q, s: f"{s} (?).",
        lambda q, s: f"Il demande : « {q} ? »",
        lambda q, s: f"« {q} ? », demande-t-il.",
        lambda q, s: f'"{q}?" a-t-il dit.',
        lambda q, s: f"{s} (http://x.fr/a?b=c).",
        lambda q, s: f"{s}, voir https://www.exemple.fr/page.php?id={len(s)}&p=2.",
        lambda q, s: "Les blancs jouent e4? puis Cf3?! et les noirs Dd8?? avant 12. Txe5?.",
        lambda q, s: f"Qui ? Quoi ? {q} ?",
        lambda q, s: f"{q} ? {s}.",
        lambda q, s: f"{q}? {s}.",
        lambda q, s: f"– {q} ?",
    ]
    texts: list[str] = []
    marks = 0
    while marks < most:
        lines = [rng.choice(kinds)(rng.choice(asked), rng.choice(said)) for _ in range(5)]
        lines += [rng.choice(said) + "." for _ in range(5)]
        rng.shuffle(lines)
        texts.append("\n".join(lines))
        marks += texts[-1].count("?")
    return texts


def dispatches(texts: list[str]) -> list[str]:
    """The texts cut anew into dispatches of about 3 KB."""
    whole = "\n".join(texts)
    return [whole[at : at + DISPATCH] for at in range(0, len(whole) - DISPATCH, DISPATCH)]


def speed(mend: Callable[[str], object], warm: list[str], texts: list[str]) -> float:
    """Dispatches a second of processor time (other work on the machine aside), best of three rounds.

    Each round reads texts never seen before, after `warm`: what is remembered is what other dispatches left.
    """
    for text in warm:
        mend(text)
    fastest = 0.0
    for at in range(ROUNDS):
        unseen = texts[at::ROUNDS]
        started = time.process_time()
        for text in unseen:
            mend(text)
        fastest = max(fastest, len(unseen) / (time.process_time() - started))
    return fastest


def ours(repairer: Repairer) -> Callable[[str], Mended]:
    """The way measured."""

    def mend(damaged: str) -> Mended:
        repaired = repairer.repair(damaged)
        return repaired.text, repaired.doubts

    return mend


def measure(texts: list[str], damage: Callable[[str], str], mend: Callable[[str], Mended]) -> Score:
    score = Score()
    for clean in texts:
        damaged = damage(clean)
        score.count(clean, damaged, mend(damaged))
    return score


HEADER = (
    "channel",
    "words %",
    "naive",
    "names %",
    "found %",
    "marks %",
    "naive",
    "wrong ‰",
    "genuine",
    "naive",
    "per s",
    "naive",
)
ROW = "{:9} {:>14} {:>7} {:>12} {:>7} {:>14} {:>7} {:>8} {:>9} {:>6} {:>6} {:>6}"


def row(name: str, texts: list[str], others: list[str], repairer: Repairer) -> tuple[str, Score]:
    """One channel over one corpus; `others` are read before the clock starts."""
    damage = CHANNELS[name]
    warm = [damage(text) for text in dispatches(others)[:WARM]]
    harmed = [damage(text) for text in dispatches(texts)[:TIMED]]
    rates = speed(repairer.repair, warm, harmed), speed(naive, warm, harmed)
    score = measure(texts, damage, ours(repairer))
    baseline = measure(texts, damage, naive)
    line = ROW.format(
        name,
        percent(score.words),
        percent(baseline.words).partition(" (")[0].strip()[:7],
        percent(score.names),
        percent(score.found).strip().partition(" ")[0],
        percent(score.marks),
        percent(baseline.marks).strip().partition(" ")[0],
        f"{1000 * score.wrong / max(score.lost, 1):.1f}",
        f"{score.genuine[0]}/{score.genuine[1]}",
        baseline.genuine[0],
        round(rates[0]),
        round(rates[1]),
    )
    return line, score


def report(folder: Path, only: list[str], show: int, repairer: Repairer) -> Iterator[str]:
    """The tables, line by line; failures only of the halves that may be looked at."""
    corpora = halves(folder)
    for label, texts in corpora.items():
        yield f"\n{label}: {len(texts)} documents, {sum(map(len, texts)) // 1000} kB"
        yield ROW.format(*HEADER)
        others = [
            text for other, found in corpora.items() if other.startswith("tuning") and other != label for text in found
        ]
        for name in only or CHANNELS:
            line, score = row(name, texts, others, repairer)
            yield line
            if label.startswith("tuning"):
                yield from failures(score, show)
    sources = (
        ("tuning: winer even", "piaf, afriqa train", asked_in_piaf(folder) + asked_in_afriqa(folder, "train")),
        ("TEST: winer odd", "afriqa dev", asked_in_afriqa(folder, "dev")),
    )
    for seed, (label, source, asked) in enumerate(sources, 1):
        texts = questions(asked, corpora[label], seed)
        yield f"\n{label}, {source}: genuine question marks changed"
        for name, damage in {"intact": untouched, **CHANNELS}.items():
            if (only and name not in only) or name in ("U+FFFD", "mojibake"):
                continue
            score = measure(texts, damage, ours(repairer))
            changed = measure(texts, damage, naive).genuine[0]
            yield f"{name:9} {score.genuine[0]:4} of {score.genuine[1]}   naive {changed}"
            if label.startswith("tuning"):
                yield from failures(score, show, "genuine")


def failures(score: Score, show: int, only: str = "") -> Iterator[str]:
    """The most frequent failures, with what stood around."""
    chosen = [entry for entry in score.failures.most_common() if not only or entry[0][0] == only]
    for (kind, what, around), times in chosen[:show]:
        yield f"    {kind:8} {times:3} {what:40} | {around!r}"


def annotated_names(folder: Path) -> list[str]:
    """Persons, places, organisations and products annotated in WiNER-fr."""
    lines = (folder / "winer-fr-2016" / "winer_fr_2016.jsonl").read_text("utf-8").splitlines()
    kinds = ("Person", "Location", "Organization", "Product")
    return [e["text"] for line in lines for e in json.loads(line)["entities"] if e["type"] in kinds]


def known_names(which: str, folder: Path) -> list[str]:
    """The names the repairer is given."""
    if which == "annotated":
        return annotated_names(folder)
    return [name.text for name in load_authorities().names()] if which == "shipped" else []


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="winer-fr-2016, ud-fr-sequoia, piaf")
    parser.add_argument("--channel", action="append", default=[], help="only this channel (may be repeated)")
    parser.add_argument("--show", type=int, default=0, help="that many failures of the tuning halves")
    parser.add_argument("--names", choices=("shipped", "none", "annotated"), default="shipped")
    args = parser.parse_args()
    started = time.perf_counter()
    repairer = Repairer(known_names(args.names, args.data))
    repairer.repair("cha?nes et Zol?tar")
    print(f"tables built in {time.perf_counter() - started:.2f} s")
    for line in report(args.data, args.channel, args.show, repairer):
        print(line, flush=True)


if __name__ == "__main__":
    main()
