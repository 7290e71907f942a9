"""A BUCC-style task made of evaluation data: translations hidden among distractors, mined with a tuned and with a
calibrated threshold.

    python benchmarks/quality/mining_bucc.py DATA --model MODEL --work FILE

DATA holds eval/tatoeba/LANGUAGE-eng.tsv (the hidden pairs) and train/parallel/en-LANGUAGE.tsv.zst (the distractors:
English sides of some rows, other sides of others; of the latter those are left out that any chain of known translations
joins to an English text that is there, for the sources translate many sentences more than once). The first half of each
language is for tuning the threshold, the second is measured. Adds its languages to benchmarks/results/mining_bucc.json
(or --out). FILE (SQLite) keeps the embeddings between runs.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import interlingua
from interlingua.encoding.cache import remembering
from interlingua.errors import InterlinguaError
from interlingua.evaluation.tasks.bucc import best_threshold, precision_recall_f1
from interlingua.formats import read_rows
from interlingua.mining.calibration import Calibration, Side, calibrate
from interlingua.mining.margin import Margin
from interlingua.mining.selection import Candidates, Retrieval, best, choose, mean_cosine
from interlingua.search.knn import neighbours_both_ways
from interlingua.vectors import unit

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, known, write

LANGUAGES = {"de": "deu", "fr": "fra", "ru": "rus", "zh": "cmn", "tr": "tur"}
HIDDEN = 500
DISTRACTORS = {"tatoeba": 1800, "wmt": 700}
"""A half has at most this many of each origin on each side."""
HALVES = ("training", "test")


def rows(data: Path, language: str) -> Iterator[tuple[str, str, str]]:
    """English, the other language, origin."""
    for row in read_rows(data / f"train/parallel/en-{language}.tsv.zst"):
        yield row.columns["src"], row.columns["tgt"], row.columns["source"]


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
    pools = {
        origin: [row[:2] for row in rows(data, language) if row[2] == origin and len(row[0]) < 200]
        for origin in DISTRACTORS
    }
    found = {}
    for half, name in enumerate(HALVES):
        pairs = [(english, other) for other, english in hidden[half * HIDDEN : (half + 1) * HIDDEN]]
        sides: tuple[list[str], list[str]] = ([pair[0] for pair in pairs], [pair[1] for pair in pairs])
        for origin, count in DISTRACTORS.items():
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


def mined(
    encode: Any, texts: tuple[list[str], list[str]], languages: tuple[str, str], k: int = 4
) -> tuple[Candidates, Calibration]:
    """All candidates without a threshold, best first, and their calibration."""
    sides = [unit(encode(side, language)) for side, language in zip(texts, languages, strict=True)]
    found = neighbours_both_ways(*sides, k + 1)
    means = [mean_cosine(cosines[:, :k]) for cosines, _ in found]
    bests = [best(found[s][0][:, :k], found[s][1][:, :k], means[s], means[1 - s], Margin.ratio) for s in (0, 1)]
    pairs = choose(bests[0], bests[1], Retrieval.max)
    known = [
        Side(len(rows), lambda rows, found=cosines_and_rows: (found[0][rows], found[1][rows]), mean)
        for rows, cosines_and_rows, mean in zip(sides, found, means, strict=True)
    ]
    return pairs, calibrate(pairs, known[0], known[1], Margin.ratio, Retrieval.max)


def judged(pairs: Candidates, gold: set[tuple[int, int]], threshold: float) -> dict[str, float]:
    kept = pairs.part(pairs.score > threshold)
    found = set(zip(kept.source.tolist(), kept.target.tolist(), strict=True))
    precision, recall, f1 = precision_recall_f1(found, gold)
    values = {"precision": 100 * precision, "recall": 100 * recall, "f1": 100 * f1}
    return {name: round(value, 2) for name, value in values.items()} | {
        "threshold": round(threshold, 4),
        "pairs": len(kept),
    }


def measure(encode: Any, data: Path, language: str) -> dict[str, Any]:
    parts = halves(data, language)
    training, _ = mined(encode, parts["training"][:2], ("en", language))
    gold = parts["training"][2]
    scored = [
        (score, (s, t) in gold)
        for s, t, score in zip(training.source.tolist(), training.target.tolist(), training.score.tolist(), strict=True)
    ]
    threshold, _ = best_threshold(scored, len(gold))
    source, target, gold = parts["test"]
    pairs, estimate = mined(encode, (source, target), ("en", language))
    right = np.array([pair in gold for pair in zip(pairs.source.tolist(), pairs.target.tolist(), strict=True)])
    actual = np.cumsum(right) / np.arange(1, len(right) + 1)
    relevant = (estimate.precision >= 0.5) & (np.arange(len(right)) >= 50)
    result: dict[str, Any] = {
        "texts": [len(source), len(target)], "gold": len(gold),
        "tuned on the other half": judged(pairs, gold, threshold),
        "estimated translations": round(estimate.right),
        "calibration error (points)": round(100 * float(np.abs(estimate.precision - actual)[relevant].mean()), 2),
    }  # fmt: skip
    for asked in (0.8, 0.9, 0.95):
        try:
            result[f"calibrated, --precision {asked}"] = judged(pairs, gold, estimate.threshold(asked))
        except InterlinguaError as error:
            result[f"calibrated, --precision {asked}"] = str(error)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--languages", nargs="+", default=list(LANGUAGES))
    parser.add_argument("--out", type=Path, default=RESULTS / "mining_bucc.json")
    arguments = parser.parse_args()
    encode = remembering(interlingua.load(arguments.model).encode, arguments.work)
    found = known(arguments.out).get("languages", {})
    found |= {language: measure(encode, arguments.data, language) for language in arguments.languages}
    model = Path(arguments.model).name
    result = about(f"quality/mining_bucc.py DATA --model {model} --work FILE --languages {' '.join(found)}") | {
        "model": model,
        "definition": "ratio margin, k = 4, max retrieval; test half: 500 hidden pairs among distractors that are no known "  # noqa: E501
        "translations",
        "calibration error": "mean |estimated - true precision| over the scores where the estimate is above 50 %, "
        "the first 50 aside",
        "languages": found,
    }  # fmt: skip
    write(arguments.out, result)
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
