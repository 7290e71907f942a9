"""A multilingual encoder cut to 2 and to 8 languages: size, identical vectors, translation retrieval.

    python benchmarks/trim.py MODEL TRAIN TATOEBA [--out benchmarks/results/trim.json]

TRAIN holds en-LANGUAGE.tsv.zst (columns src, tgt), of which the vocabulary's text is taken; TATOEBA holds LASER's test sets as
deu-eng.tsv and so on, columns source and target or none. A test text that occurs in the text for the vocabulary is left out of the test.
"""

import argparse
import csv
import io
import json
import shlex
import sys
from pathlib import Path
from typing import Any

import numpy as np
import zstandard

from interlingua import printing
from interlingua.encoders.start import trainable
from interlingua.encoders.trim import pieces_of_scripts, pieces_of_texts, trim
from interlingua.evaluation.tatoeba import retrieval_accuracy

LANGUAGES = {"de": "deu", "fr": "fra", "es": "spa", "it": "ita", "pl": "pol", "ru": "rus", "zh": "cmn", "ar": "ara"}
TEXTS, TEST = 20_000, 150


def text_of(train: Path, language: str) -> list[str]:
    with (train / f"en-{language}.tsv.zst").open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
        table = csv.DictReader(io.TextIOWrapper(stream, "utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row[side] for row, _ in zip(table, range(TEXTS), strict=False) for side in ("src", "tgt")]


def test_of(tatoeba: Path, code: str, seen: set[str]) -> list[list[str]]:
    lines = (tatoeba / f"{code}-eng.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    texts = [row[-2:] for row in rows if not seen & set(row)]
    return texts[1 : TEST + 1]


def megabytes(encoder: Any) -> float:
    return round(sum(tensor.numel() * tensor.element_size() for tensor in encoder.state_dict().values()) / 1e6, 1)


def measure(whole: Any, languages: list[str], train: Path, tatoeba: Path, by_text: bool) -> dict[str, Any]:
    texts = [text for language in languages for text in text_of(train, language)]
    kept = [*languages, "en"]
    pieces = pieces_of_texts(whole.tokenizer, texts, kept) if by_text else pieces_of_scripts(whole.tokenizer, kept)
    smaller = trim(whole, pieces, kept)
    seen = set(texts)
    scores, same, covered, both, of_covered = {}, [], [], {"before": [], "after": []}, []
    for language in languages:
        rows = test_of(tatoeba, LANGUAGES[language], seen)
        sides = [[row[side] for row in rows] for side in (0, 1)]
        vectors = {name: [one.encode(side) for side in sides] for name, one in (("before", whole), ("after", smaller))}
        for name, found in vectors.items():
            both[name].append(retrieval_accuracy(*found))
        scores[language] = {name: round(both[name][-1], 2) for name in both}
        for side, before, after in zip(sides, vectors["before"], vectors["after"], strict=True):
            equal = (before == after).all(axis=1)
            known = np.array([all(int(number) in pieces for number in ids) for ids in whole.tokenizer.ids(side)])
            same.append(equal)
            covered.append(known)
            of_covered.append(equal[known])
    return {
        "rule": "text" if by_text else "scripts", "languages": kept,
        "pieces": smaller.tokenizer.vocabulary_size, "megabytes": megabytes(smaller),
        "test_texts": sum(map(len, same)), "covered": round(100 * float(np.concatenate(covered).mean()), 2),
        "identical": round(100 * float(np.concatenate(same).mean()), 2),
        "identical_of_covered": round(100 * float(np.concatenate(of_covered).mean()), 2),
        "tatoeba": {name: round(float(np.mean(values)), 2) for name, values in both.items()}, "by_language": scores,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "train", "tatoeba"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/trim.json"))
    config = parser.parse_args()
    whole = trainable(str(config.model))
    result: dict[str, Any] = {
        "command": f"python benchmarks/trim.py {shlex.join(sys.argv[1:])}",
        "versions": printing.versions(),
        "whole": {"pieces": whole.body.word_embeddings.num_embeddings, "megabytes": megabytes(whole)},
        "trimmed": [],
    }
    for languages in (["de", "fr"], list(LANGUAGES)):
        for by_text in (True, False):
            result["trimmed"].append(measure(whole, languages, config.train, config.tatoeba, by_text))
            print(result["trimmed"][-1], flush=True)
            config.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
