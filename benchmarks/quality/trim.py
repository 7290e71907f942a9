"""A multilingual encoder cut to 2 and to 8 languages: size, identical vectors, translation retrieval.

    python benchmarks/quality/trim.py MODEL TRAIN TATOEBA [--out benchmarks/results/trim.json]

TRAIN holds en-LANGUAGE.tsv.zst (columns src, tgt), of which the vocabulary's text is taken; TATOEBA holds LASER's test
sets as deu-eng.tsv and so on, columns source and target or none. A test text that occurs in the text for the vocabulary
is left out of the test.
"""

import argparse
import shlex
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.encoders.trim import pieces_of_scripts, pieces_of_texts, trim
from interlingua.evaluation.tasks.tatoeba import retrieval_accuracy
from interlingua.formats import read_rows
from interlingua.training.start import trainable

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, write

LANGUAGES = {"de": "deu", "fr": "fra", "es": "spa", "it": "ita", "pl": "pol", "ru": "rus", "zh": "cmn", "ar": "ara"}
TEXTS, TEST = 20_000, 100


def text_of(train: Path, language: str) -> list[str]:
    rows = islice(read_rows(train / f"en-{language}.tsv.zst"), TEXTS)
    return [row.columns[side] for row in rows for side in ("src", "tgt")]


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
    scores: dict[str, dict[str, float]] = {}
    tested: list[str] = []
    for language in languages:
        sides = list(zip(*test_of(tatoeba, LANGUAGES[language], seen), strict=True))
        tested += [text for side in sides for text in side]
        found = {
            name: retrieval_accuracy(*(one.encode(side) for side in sides))
            for name, one in (("before", whole), ("after", smaller))
        }
        scores[language] = {name: round(score, 2) for name, score in found.items()}
    # on their own: with other texts beside them, other shapes of products round differently, by some 1e-7
    covered = [
        text
        for text, ids in zip(tested, whole.tokenizer.ids(tested), strict=True)
        if all(int(number) in pieces for number in ids)
    ]
    same = (whole.encode(covered) == smaller.encode(covered)).all(axis=1)
    return {
        "rule": "text" if by_text else "scripts", "languages": kept,
        "pieces": smaller.tokenizer.vocabulary_size, "megabytes": megabytes(smaller),
        "test_texts": len(tested), "covered": round(100 * len(covered) / len(tested), 2),
        "identical_of_covered": round(100 * float(same.mean()), 2),
        "tatoeba": {
            name: round(float(np.mean([score[name] for score in scores.values()])), 2) for name in ("before", "after")
        },
        "by_language": scores,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "train", "tatoeba"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--out", type=Path, default=RESULTS / "trim.json")
    config = parser.parse_args()
    whole = trainable(str(config.model))
    result = about(f"quality/trim.py {shlex.join(sys.argv[1:])}") | {
        "whole": {"pieces": whole.body.word_embeddings.num_embeddings, "megabytes": megabytes(whole)},
        "trimmed": [],
    }
    for languages in (["de", "fr"], list(LANGUAGES)):
        for by_text in (True, False):
            result["trimmed"].append(measure(whole, languages, config.train, config.tatoeba, by_text))
            print(result["trimmed"][-1], flush=True)
            write(config.out, result)


if __name__ == "__main__":
    main()
