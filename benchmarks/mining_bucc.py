"""A BUCC-style task made of evaluation data: translations hidden among distractors, mined with a tuned and with a calibrated threshold.

    python benchmarks/mining_bucc.py DATA --model MODEL --work FOLDER

DATA holds eval/tatoeba/LANGUAGE-eng.tsv (the hidden pairs) and train/parallel/en-LANGUAGE.tsv.zst (the distractors: English sides of
some rows, other sides of others; of the latter those are left out that any chain of known translations joins to an English text that is
there, for the sources translate many sentences more than once). The first half of each language is for
tuning the threshold, the second is measured. Writes benchmarks/results/mining_bucc.json. FOLDER keeps the embeddings between runs.
"""

import io
import random
from collections.abc import Iterator
from pathlib import Path

import zstandard

LANGUAGES = {"de": "deu", "fr": "fra", "ru": "rus", "zh": "cmn", "tr": "tur"}
HIDDEN = 500
DISTRACTORS = {"tatoeba": 1800, "wmt": 700}
"""A half has at most this many of each origin on each side."""
HALVES = ("training", "test")


def rows(data: Path, language: str) -> Iterator[tuple[str, str, str]]:
    """English, the other language, origin."""
    with (data / "train" / "parallel" / f"en-{language}.tsv.zst").open("rb") as raw:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), encoding="utf-8"):
            fields = line.rstrip("\n").split("\t")
            if fields[0] != "src_lang":
                yield fields[1], fields[3], fields[4]


def plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def groups(pairs: list[tuple[str, str]]) -> dict[tuple[int, str], tuple[int, str]]:
    """For each text (side, plain form) a representative of all that chains of translations join it to."""
    parent: dict[tuple[int, str], tuple[int, str]] = {}

    def root(text: tuple[int, str]) -> tuple[int, str]:
        parent.setdefault(text, text)
        while parent[text] != text:
            parent[text] = text = parent[parent[text]]
        return text

    for english, other in pairs:
        parent[root((0, plain(english)))] = root((1, plain(other)))
    return {text: root(text) for text in list(parent)}


def halves(data: Path, language: str) -> dict[str, tuple[list[str], list[str], set[tuple[int, int]]]]:
    """For each half: English texts, texts of the language, and which are translations."""
    dice = random.Random(language)
    lines = (data / "eval" / "tatoeba" / f"{LANGUAGES[language]}-eng.tsv").read_text(encoding="utf-8").splitlines()[1:]
    hidden = [tuple(line.split("\t")) for line in lines]
    dice.shuffle(hidden)
    pools = {origin: [row[:2] for row in rows(data, language) if row[2] == origin and len(row[0]) < 200] for origin in DISTRACTORS}
    quarter = {origin: min(count, len(pools[origin]) // 4) for origin, count in DISTRACTORS.items()}
    found = {}
    for half, name in enumerate(HALVES):
        pairs = [(english, other) for other, english in hidden[half * HIDDEN : (half + 1) * HIDDEN]]
        sides: tuple[list[str], list[str]] = ([pair[0] for pair in pairs], [pair[1] for pair in pairs])
        for origin, count in quarter.items():
            dice.shuffle(pools[origin])
            for side in (0, 1):
                taken, pools[origin] = pools[origin][:count], pools[origin][count:]
                sides[side].extend(row[side] for row in taken)
        group = groups(pairs + [row[:2] for row in rows(data, language)])
        present, gold = {group[0, plain(text)] for text in sides[0]}, {pair[1] for pair in pairs}
        unique = [list(dict.fromkeys(side)) for side in sides]
        for side in unique:
            dice.shuffle(side)
        unique[1] = [text for text in unique[1] if text in gold or group[1, plain(text)] not in present]
        place = [{text: row for row, text in enumerate(side)} for side in unique]
        found[name] = (unique[0], unique[1], {(place[0][english], place[1][other]) for english, other in pairs})
    return found
