"""Makes `indexer/data/marks.tsv`: what stands around guillemets, dashes, « à » and the ends of sentences.

`python -m bench.learn_marks [--data FOLDER]` counts the features of `indexer/repair_marks.py` in the even
documents of WiNER-fr 2016 (CC BY 4.0), those the rules are tuned on. The ends of sentences stand for genuine
question marks.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.repair import DEFAULT_DATA, through, winer
from indexer.repair_marks import GENUINE, LEARNT, features

TARGET = Path(__file__).resolve().parent.parent / "indexer" / "data" / "marks.tsv"
FEATURES = 6  # of each mark
RARE = 2  # features seen less often say nothing
RARE_GENUINE = 6  # nor those seen only at the end of a few sentences
GENUINE_PRIOR = 100  # sentences that ask, against 1,300 « à »: over their share, to be safe
ALONE = re.compile(r"(?<!\w)[àÀ](?!\w)|[«»–—]")
SENTENCE = re.compile(r"(?<=[^\W\d_])( ?)\.(?= [A-ZÀÉ?]|$)", re.MULTILINE)


def collect(texts: list[str]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """How often each kind stands alone, and its features as they look after the ASCII and the GBK channel."""
    kinds: Counter[str] = Counter()
    seen: dict[str, Counter[str]] = {kind: Counter() for kind in LEARNT}
    for text in texts:
        for clean in text.split("\n"):
            kinds.update(match.group() for match in ALONE.finditer(clean))
            for codec in ("ascii", "gbk"):
                damaged = _marks_lost(clean, through(codec))
                for match in ALONE.finditer(clean):
                    if damaged[match.start()] == GENUINE:
                        seen[match.group()].update(features(damaged, match.start()))
                for match in SENTENCE.finditer(damaged):
                    for asked in (" ?", "?"):
                        line = damaged[: match.start()] + asked + damaged[match.end() :]
                        seen[GENUINE].update(features(line, match.start() + len(asked) - 1))
    kinds[GENUINE] = GENUINE_PRIOR
    return kinds, seen


def _marks_lost(clean: str, damage: Callable[[str], str]) -> str:
    """The line as the marks pass sees it: letters given back, marks that stand alone still lost."""
    alone = {match.start() for match in ALONE.finditer(clean)}
    return "".join(c if c.isalpha() and at not in alone else damage(c) for at, c in enumerate(clean))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    kinds, seen = collect(winer(parser.parse_args().data)[0::2])
    names = sorted({name for counts in seen.values() for name in counts})
    lines = [
        "# Around lost marks: counts made by bench/learn_marks.py from WiNER-fr 2016 (CC BY 4.0).",
        "# feature\t" + "\t".join(LEARNT),
        "prior\t" + "\t".join(str(kinds[kind]) for kind in LEARNT),
        "total\t" + "\t".join(str(sum(seen[kind].values()) // FEATURES) for kind in LEARNT),
    ]
    for name in names:
        row = [seen[kind][name] for kind in LEARNT]
        if sum(row[:-1]) >= RARE or sum(row) >= RARE_GENUINE:
            lines.append(name + "\t" + "\t".join(map(str, row)))
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(lines) - 4} features, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
