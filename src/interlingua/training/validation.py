"""What a multilingual student knows so far: the loss on held-out pairs, translation retrieval per language, and whether it collapses."""

from collections.abc import Sequence

import numpy as np

from interlingua.evaluation.geometry import effective_rank, mean_cosine
from interlingua.evaluation.tatoeba import retrieval_accuracy
from interlingua.progress import log
from interlingua.types import Embeddings, Encode, Example

COLLAPSED = 0.5
"""A student has collapsed when its texts are this much closer to each other (mean cosine) than the teacher finds them."""


def by_language(examples: Sequence[Example]) -> dict[str, list[int]]:
    """The rows of each target language, in alphabetical order of the languages."""
    rows: dict[str, list[int]] = {}
    for row, example in enumerate(examples):
        rows.setdefault(example.languages[1], []).append(row)
    return dict(sorted(rows.items()))


def translation_accuracy(source: Embeddings, target: Embeddings, examples: Sequence[Example]) -> dict[str, float]:
    """Top-1 retrieval accuracy (0 to 100, mean of both directions) per target language; rows that repeat a source text are left out."""
    accuracy: dict[str, float] = {}
    for language, rows in by_language(examples).items():
        first = list({examples[row].texts[0]: row for row in reversed(rows)}.values())
        accuracy[language] = round(retrieval_accuracy(source[first], target[first]), 2)
    return accuracy


def watch(student: Embeddings, teacher: Embeddings, warn: bool = True) -> dict[str, float]:
    """Effective rank and mean cosine of the student's vectors of translations; with `warn` it says so when they collapse."""
    found = {"effective_rank": round(effective_rank(student), 2), "mean_cosine": round(mean_cosine(student), 4)}
    reference = mean_cosine(teacher)
    if warn and found["mean_cosine"] - reference > COLLAPSED * (1 - reference):
        log(
            f"collapse: any two texts have cosine {found['mean_cosine']:.2f} on average, the teacher's {reference:.2f} (effective rank "
            f"{found['effective_rank']:.0f} against {effective_rank(teacher):.0f}). If it lasts: keep --target-scale automatic, lower the "
            "learning rate, or look whether the pairs really are translations (interlingua evaluate tatoeba)"
        )
    return found


def embed_pairs(encode: Encode, examples: Sequence[Example]) -> tuple[Embeddings, Embeddings]:
    """Embeddings of both sides, (N, D) each; a text that occurs several times is encoded once."""
    n = len(examples)
    vectors = encode([example.texts[side] for side in (0, 1) for example in examples])
    return vectors[:n], np.ascontiguousarray(vectors[n:])
