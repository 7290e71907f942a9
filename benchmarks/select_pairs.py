"""Choose training pairs from a folder of en-LANGUAGE.tsv.zst files (columns src_lang, src, tgt_lang, tgt, source).

    python benchmarks/select_pairs.py FOLDER OUT.tsv --each 6000

Up to `each` pairs a language, drawn at random by a fixed seed, four fifths of them natural sentences (spoken, news, captions) where
there are enough, the rest documentation and interface text.
"""

import argparse
import io
import random
from collections.abc import Iterator
from pathlib import Path

import zstandard

LANGUAGES = [
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "pl",
    "cs",
    "ru",
    "uk",
    "tr",
    "ar",
    "fa",
    "he",
    "hi",
    "zh",
    "ja",
    "ko",
    "vi",
    "id",
    "fi",
    "sv",
    "da",
    "el",
    "hu",
    "ro",
    "bg",
    "sw",
    "ta",
    "te",
    "ka",
    "am",
]
NATURAL = {"tatoeba", "tatoeba-anki", "wmt", "multi30k", "tanaka-enja", "tico19-dev", "lafand-mt", "indian-parallel", "wikipedia"}


def rows(file: Path) -> Iterator[list[str]]:
    with file.open("rb") as raw:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), encoding="utf-8"):
            row = line.rstrip("\n").split("\t")
            if row[0] != "src_lang" and len(row[1]) < 300:
                yield row


def select(folder: Path, out: Path, each: int) -> int:
    chosen = 0
    with out.open("w", encoding="utf-8") as stream:
        stream.write("source\ttarget\ttarget_language\n")
        for language in LANGUAGES:
            dice = random.Random(language)
            pairs = list(rows(folder / f"en-{language}.tsv.zst"))
            natural, other = [r for r in pairs if r[4] in NATURAL], [r for r in pairs if r[4] not in NATURAL]
            dice.shuffle(natural)
            dice.shuffle(other)
            kept = natural[: each * 4 // 5]
            kept += other[: each - len(kept)]
            stream.writelines(f"{row[1]}\t{row[3]}\t{language}\n" for row in kept)
            chosen += len(kept)
    return chosen


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--each", type=int, default=6000)
    arguments = parser.parse_args()
    print(f"{select(arguments.folder, arguments.out, arguments.each):,} pairs: {arguments.out}")
