"""Choose training pairs from a folder of en-LANGUAGE.tsv.zst files (columns src_lang, src, tgt_lang, tgt, source).

    python benchmarks/quality/select_pairs.py FOLDER OUT.tsv --many 10000 --few 3000

Natural sentences (spoken, news, captions) of at most 25 English words, drawn at random by a fixed seed: `many` of each
of the languages of the STS-B test and Czech, half of them captions where there are captions, and `few` of each of the
others, so that they do not drift. Where natural sentences run out, documentation and interface text fill up.
"""

import argparse
import random
from pathlib import Path

from interlingua.formats import read_rows

MANY = "de fr es it pt nl pl cs ru zh ja".split()  # noqa: SIM905
FEW = "uk tr ar fa he hi ko vi id fi sv da el hu ro bg sw ta te ka am".split()  # noqa: SIM905
NATURAL = {
    "tatoeba",
    "tatoeba-anki",
    "wmt",
    "multi30k",
    "tanaka-enja",
    "tico19-dev",
    "lafand-mt",
    "indian-parallel",
    "wikipedia",
}


def select(folder: Path, out: Path, many: int, few: int) -> int:
    chosen = 0
    with out.open("w", encoding="utf-8") as stream:
        stream.write("source\ttarget\ttarget_language\n")
        for language in MANY + FEW:
            each, dice = many if language in MANY else few, random.Random(language)
            rows = (row.columns for row in read_rows(folder / f"en-{language}.tsv.zst"))
            pairs = [row for row in rows if len(row["src"].split()) <= 25]
            dice.shuffle(pairs)
            captions = [pair for pair in pairs if pair["source"] == "multi30k"][: each // 2]
            natural = [pair for pair in pairs if pair["source"] in NATURAL - {"multi30k"}]
            other = [pair for pair in pairs if pair["source"] not in NATURAL]
            kept = (captions + natural + other)[:each]
            stream.writelines(f"{row['src']}\t{row['tgt']}\t{language}\n" for row in kept)
            chosen += len(kept)
    return chosen


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--few", type=int, default=3_000)
    arguments = parser.parse_args()
    print(f"{select(arguments.folder, arguments.out, arguments.many, arguments.few):,} pairs: {arguments.out}")
