"""How well updates without ids are recognised: `python bench/stories.py [--data FOLDER] [--show N]`.

Near-duplicates are made from real articles: 20 to 100 % of their paragraphs replaced by those of another article of
the same topic, reworded, taken out or followed by new ones; then some moved; one update in four loses every accent.
What was kept is counted in words while they are made. Against them, pairs that must stay apart: every two articles, an
article and another that quotes one paragraph of it (a quarter of the shorter at most), an article or its urgent and a
review of the day, an article and the same form filled in with other numbers and names (results, draws, prices). All are
taken as of the same day: what dates keep apart is not counted in favour.

    recall      pairs linked, of those that keep that share of the shorter text's words
    precision   pairs linked that keep half or more, or are an urgent and its paper, of all linked but those that keep
                20 to 50 % (a matter of taste: they are only shown)
    searched    pairs that share a band, whatever overlap then says; beside it the usual bands: MinHash over the
                whole text, 32 bands of 2 rows

Thresholds were chosen on the even articles of WiNER-fr; the odd ones are only reported.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from indexer.minhash import SHINGLE, bands, overlap, shingled, shingles, words
from indexer.stories import Candidate, arrange, candidate, link

DEFAULT_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
DAY = datetime(2016, 6, 1, 12, tzinfo=UTC)
SENTENCE_END = re.compile(r"(?<=[.!?»])\s+(?=[A-ZÀÉÈÊ«\"])")
SHORTEST = 40  # words of an article
VARIANTS = 6  # updates made of each
QUOTED = 0.25  # part of the shorter text another article may quote
REVIEWED = 6  # articles in a review of the day
SERIAL_NUMBERS = 4  # numbers a text has at least to be a form filled in
NUMBER_OR_NAME = re.compile(r"\d+|(?<=[a-zà-ÿ,] )[A-ZÉÈ][\w-]{3,}")
WORDS_OF_DISPATCH = 500  # about 3 KB

Paragraphs = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts and what they have in common: `kept` is the share of the shorter one's words, counted when made."""

    sort: str  # update, urgent, quoted, review, serial
    first: Paragraphs
    second: Paragraphs
    kept: float

    @property
    def near(self) -> bool | None:
        """Whether the two are near-duplicates; None where that is a matter of taste."""
        if self.sort != "update":
            return self.sort == "urgent"
        return True if self.kept >= 0.5 else (False if self.kept < 0.2 else None)


def size(paragraphs: Iterable[str]) -> int:
    return sum(len(paragraph.split()) for paragraph in paragraphs)


def articles(folder: Path) -> list[tuple[datetime, Paragraphs]]:
    """WiNER-fr's articles with their days, without title and dateline, in paragraphs of one or two sentences.

    Sentences that stand in three articles or more are links and forms of the site ("Partager cet article"): left out.
    """
    read = [json.loads(line) for line in (folder / "winer-fr-2016" / "winer_fr_2016.jsonl").open(encoding="utf-8")]
    told = [
        [
            sentence
            for part in article["text"].split("\n")[1:]
            for sentence in SENTENCE_END.split(part.strip())
            if sentence and not sentence.endswith("–")
        ]
        for article in read
    ]
    standing = Counter(sentence for sentences in told for sentence in set(sentences))
    found = []
    for article, sentences in zip(read, told, strict=True):
        own = [sentence for sentence in sentences if standing[sentence] < 3]
        day = datetime.fromisoformat(article["date"]).replace(tzinfo=UTC)
        found.append((day, tuple(" ".join(own[at : at + 2]) for at in range(0, len(own), 2))))
    return found


class Maker:
    """Makes pairs of one half of the articles."""

    def __init__(self, texts: Sequence[Paragraphs], seed: int) -> None:
        self._random = random.Random(seed)
        self._texts = [text for text in texts if size(text) >= SHORTEST]
        self._names = [{w for p in text for w in p.split() if w[:1].isupper() and len(w) > 4} for text in self._texts]
        self._words = [word for text in self._texts for paragraph in text for word in paragraph.split()]

    def pairs(self) -> Iterator[Pair]:
        for number, text in enumerate(self._texts):
            for variant in range(VARIANTS):
                yield self._update(number, text, changed=0.2 + 0.8 * variant / (VARIANTS - 1))
            yield from self._urgent(text)
            yield from self._quoted(number, text)
            yield from self._serial(text)
        for at in range(0, len(self._texts) - REVIEWED, REVIEWED):
            yield from self._review(self._texts[at : at + REVIEWED])

    def _of_topic(self, number: int) -> Paragraphs:
        """Another article, of the five that share most names."""
        others = [at for at in range(len(self._texts)) if at != number]
        others.sort(key=lambda at: -len(self._names[at] & self._names[number]))
        return self._texts[self._random.choice(others[:5])]

    def _reworded(self, paragraph: str) -> tuple[str, int]:
        """A paragraph with one word in five replaced, one sentence's halves turned round; how many words are kept."""
        kept, out = 0, []
        for word in paragraph.split():
            if self._random.random() < 0.2:
                out.append(self._random.choice(self._words))
            else:
                out.append(word)
                kept += 1
        middle = len(out) // 2
        return " ".join(out[middle:] + out[:middle] if self._random.random() < 0.3 else out), kept

    def _update(self, number: int, text: Paragraphs, changed: float) -> Pair:
        other = self._of_topic(number)
        touched = set(self._random.sample(range(len(text)), round(changed * len(text))))
        made: list[str] = []
        kept = 0
        for at, paragraph in enumerate(text):
            way = self._random.choice(["replace", "reword", "add", "remove", "replace"]) if at in touched else "keep"
            if way == "reword":
                paragraph, same = self._reworded(paragraph)
                kept += same
            elif way in ("keep", "add"):
                kept += len(paragraph.split())
            if way in ("keep", "reword", "add"):
                made.append(paragraph)
            if way in ("replace", "add"):
                made.append(self._random.choice(other))
        if touched and self._random.random() < 0.4:
            self._random.shuffle(made)
        if self._random.random() < 0.25:
            made = [paragraph.encode("ascii", "replace").decode() for paragraph in made]
        return Pair("update", text, tuple(made), kept / max(1, min(size(text), size(made))))

    def _urgent(self, text: Paragraphs) -> Iterator[Pair]:
        """The first sentence alone, in the paper cut short, lengthened or taken as it is."""
        urgent = SENTENCE_END.split(text[0])[0]
        if len(urgent.split()) < 12:
            return
        lead = text[0]
        if self._random.random() < 0.5:  # a clause comes in before its end
            middle = 2 * len(urgent.split()) // 3
            inserted = self._random.choice(self._random.choice(self._texts)).split()[:8]
            told = urgent.split()
            lead = " ".join([*told[:middle], *inserted, *told[middle:]]) + text[0][len(urgent) :]
        yield Pair("urgent", (urgent,), (lead, *text[1:]), 1.0)

    def _quoted(self, number: int, text: Paragraphs) -> Iterator[Pair]:
        """Another article of the topic that gives one paragraph of this one as background."""
        other = self._of_topic(number)
        background = min(text[1:] or text, key=size)
        share = len(background.split()) / min(size(text), size(other) + len(background.split()))
        if share <= QUOTED:
            yield Pair("quoted", text, (*other, background), share)

    def _serial(self, text: Paragraphs) -> Iterator[Pair]:
        """The same form filled in otherwise: every number another, years but for one in two, half of the names."""
        if sum(any(map(str.isdigit, word)) for word in " ".join(text).split()) < SERIAL_NUMBERS:
            return

        def other(word: re.Match[str]) -> str:
            if word[0].isdigit():
                year = len(word[0]) == 4 and word[0][:2] in ("19", "20")
                keep = year and self._random.random() < 0.5
                return word[0] if keep else str(self._random.randrange(10 ** max(1, len(word[0]))))
            return self._random.choice(self._words) if self._random.random() < 0.5 else word[0]

        yield Pair("serial", text, tuple(NUMBER_OR_NAME.sub(other, paragraph) for paragraph in text), 1.0)

    def _review(self, texts: Sequence[Paragraphs]) -> Iterator[Pair]:
        """The first paragraphs of several articles, one after the other. What it opens with is passed over."""
        review = tuple(text[0] for text in texts)
        for text in texts[1:]:
            yield Pair("review", (SENTENCE_END.split(text[0])[0],), review, 1.0)
            if text[0] != " ".join(text):
                yield Pair("review", text, review, size(text[:1]) / size(text))


def as_candidate(name: str, text: Paragraphs, day: datetime = DAY) -> Candidate:
    return candidate(id=name, title="", body=text, lead=text[0] if text else "", agency="AFP", published=day)


def whole_text_bands(text: str, count: int = 32, rows: int = 2) -> set[str]:
    """The usual way: MinHash over the whole text by one permutation, empty bins filled from the next; rows to bands."""
    bins: list[int | None] = [None] * (count * rows)
    for value in set(shingles(words(text), SHINGLE)):
        at, rest = value % len(bins), value // len(bins)
        held = bins[at]
        bins[at] = rest if held is None else min(held, rest)
    if all(each is None for each in bins):
        return set()
    for at in range(len(bins)):
        step = 0
        while (held := bins[(at + step) % len(bins)]) is None:
            step += 1
        bins[at] = held
    return {f"{at}-{bins[at]}-{bins[at + 1]}" for at in range(0, len(bins), rows)}


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:6.2f} ({part}/{whole})" if whole else "-"


def quality(pairs: Sequence[Pair], dated: Sequence[tuple[datetime, Paragraphs]], show: int) -> Iterator[str]:
    """The tables of one half."""
    steps: dict[str, Counter[str]] = defaultdict(Counter)
    linked = right = forms = 0
    wrong: list[tuple[str, str, str]] = []
    for pair in pairs:
        a, b = as_candidate("a", pair.first), as_candidate("b", pair.second)
        found = link(a, b) is not None
        low = min(int(10 * pair.kept), 9) / 10
        step = f"{low:.1f} to {low + 0.1:.1f} kept" if pair.sort == "update" else pair.sort
        counts = steps[step]
        counts["all"] += 1
        counts["linked"] += found
        counts["searched"] += not a.bands.isdisjoint(b.bands)
        counts["usual"] += bool(whole_text_bands("\n".join(pair.first)) & whole_text_bands("\n".join(pair.second)))
        forms += found and pair.sort == "serial"
        if pair.near is not None:
            linked += found
            right += found and pair.near
            if found != pair.near:
                measured = overlap(a.text, b.text)
                figures = (
                    measured.shared,
                    *(round(v, 2) for v in (measured.contained, measured.jaccard, measured.lead)),
                )
                wrong.append((step, f"{pair.kept:.2f} {figures}", pair.second[0][:70] if pair.second else ""))
    yield f"{'':16} {'linked %':>20} {'searched %':>20} {'usual bands %':>20}"
    for step in sorted(steps):
        counts = steps[step]
        yield f"{step:16} " + " ".join(
            f"{percent(counts[of], counts['all']):>20}" for of in ("linked", "searched", "usual")
        )
    near = [pair for pair in pairs if pair.near and pair.sort == "update"]
    of_near = sum(counts["linked"] for step, counts in steps.items() if step >= "0.5" and "kept" in step)
    apart = len(dated) * (len(dated) - 1) // 2
    shared, false = strangers([(DAY, text) for _, text in dated])
    _, false_dated = strangers(dated)
    yield f"recall, half or more kept     {percent(of_near, len(near))}"
    yield f"precision, with every form    {percent(right, linked)}"
    linked -= forms
    yield f"precision, other made pairs   {percent(right, linked)}"
    yield f"articles linked to another    {len(false)} of {apart} pairs; {len(false_dated)} with their own dates"
    yield f"precision, with these         {percent(right, linked + len(false))}"
    yield f"the same, own dates           {percent(right, linked + len(false_dated))}"
    yield f"candidates of an article      {2 * shared / len(dated):.2f} in {len(dated)} of one day"
    for step, figures_, start in wrong[:show]:
        yield f"    {step:16} {figures_:36} {start}"
    for first, second in false[:show]:
        yield f"    {first[0][:90]} | {second[0][:90]}"


def strangers(dated: Sequence[tuple[datetime, Paragraphs]]) -> tuple[int, list[tuple[Paragraphs, Paragraphs]]]:
    """Of all pairs of articles: how many share a band, and those linked."""
    members = [as_candidate(str(at), text, day) for at, (day, text) in enumerate(dated)]
    shared, false = 0, []
    for (at, a), (other, b) in combinations(enumerate(members), 2):
        if not a.bands.isdisjoint(b.bands):
            shared += 1
            if link(a, b):
                false.append((dated[at][1], dated[other][1]))
    return shared, false


def a_second(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Texts a second, the best of three rounds."""
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        for text in texts:
            work(text)
        best = min(best, time.perf_counter() - started)
    return len(texts) / best


def cost(texts: Sequence[Paragraphs]) -> Iterator[str]:
    """What it costs, with dispatches of 3 KB cut from all articles."""
    told = " ".join(paragraph for text in texts for paragraph in text).split()
    cut = [" ".join(told[at : at + WORDS_OF_DISPATCH]) for at in range(0, len(told) - 500, WORDS_OF_DISPATCH)]
    numbers = [len(bands(text)) for text in cut]
    yield f"\n{len(cut)} dispatches of {sum(map(len, cut)) // len(cut)} characters"
    yield f"bands a dispatch              {sum(numbers) / len(numbers):.1f} ({min(numbers)} to {max(numbers)})"
    yield f"bands                         {a_second(bands, cut):7.0f} dispatches/s"
    yield f"the usual bands               {a_second(whole_text_bands, cut):7.0f} dispatches/s"
    yield f"shingles to check by          {a_second(lambda text: shingled(text).all, cut):7.0f} dispatches/s"
    yield f"candidate, all of it          {a_second(lambda text: as_candidate('a', (text,)), cut):7.0f} dispatches/s"
    pairs = [(shingled(first), shingled(second)) for first, second in zip(cut, cut[1:], strict=False)]
    assert all(first.all and first.lead and second.all and second.lead for first, second in pairs)
    started = time.perf_counter()
    for first, second in pairs:
        overlap(first, second)
    yield f"overlap                       {len(pairs) / (time.perf_counter() - started):7.0f} pairs/s"
    members = [as_candidate(str(at), text) for at, text in enumerate(texts)]
    started = time.perf_counter()
    arrange(members)
    yield f"arrange, {len(members)} of one day      {len(members) / (time.perf_counter() - started):7.0f} dispatches/s"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="the folder of winer-fr-2016")
    parser.add_argument("--show", type=int, default=0, help="that many mistakes of the tuning half")
    parser.add_argument("--tuning", action="store_true", help="only the tuning half")
    args = parser.parse_args()
    found = articles(args.data)
    for label, dated in (("tuning: even", found[0::2]), ("TEST: odd", found[1::2])):
        if args.tuning and label.startswith("TEST"):
            continue
        pairs = list(Maker([text for _, text in dated], seed=4).pairs())
        print(f"\n{label}: {len(dated)} articles, {len(pairs)} pairs", flush=True)
        for line in quality(pairs, dated, args.show if label.startswith("tuning") else 0):
            print(line, flush=True)
    for line in cost([text for _, text in found]):
        print(line, flush=True)


if __name__ == "__main__":
    main()
