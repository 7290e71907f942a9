"""Choose training pairs from a folder of en-LANGUAGE.tsv.zst files (columns src_lang, src, tgt_lang, tgt, source).

    python benchmarks/quality/select_pairs.py FOLDER OUT.tsv --many 10000 --few 3000

Natural sentences (spoken, news, captions) of at most 25 English words, drawn at random by a fixed seed: `many` of each
of the languages of the STS-B test and Czech, half of them captions where there are captions, and `few` of each of the
others, so that they do not drift. Where natural sentences run out, documentation and interface text fill up.
"""

import argparse
import io
import random
from collections.abc import Iterator
from pathlib import Path

import zstandard

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


def rows(file: Path) -> Iterator[list[str]]:
    with file.open("rb") as raw:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), encoding="utf-8"):
            row = line.rstrip("\n").split("\t")
            if row[0] != "src_lang" and len(row[1].split()) <= 25:
                yield row


def select(folder: Path, out: Path, many: int, few: int) -> int:
    chosen = 0
    with out.open("w", encoding="utf-8") as stream:
        stream.write("source\ttarget\ttarget_language\n")
        for language in MANY + FEW:
            each, dice = many if language in MANY else few, random.Random(language)
            pairs = list(rows(folder / f"en-{language}.tsv.zst"))
            dice.shuffle(pairs)
            captions = [pair for pair in pairs if pair[4] == "multi30k"][: each // 2]
            natural = [pair for pair in pairs if pair[4] in NATURAL and pair[4] != "multi30k"]
            other = [pair for pair in pairs if pair[4] not in NATURAL]
            kept = (captions + natural + other)[:each]
            stream.writelines(f"{row[1]}\t{row[3]}\t{language}\n" for row in kept)
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
