"""What a multilingual student knows so far: the loss on held-out pairs, translation retrieval per language, and
whether it collapses.
"""

from collections.abc import Sequence

import numpy as np

from interlingua.evaluation.tasks.geometry import effective_rank
from interlingua.evaluation.tasks.tatoeba import retrieval_accuracy
from interlingua.progress import log
from interlingua.types import Embeddings, Encode, Example
from interlingua.vectors import mean_cosine

COLLAPSED = 0.5
"""A student has collapsed when its texts are closer to each other (mean cosine) than the teacher does by this share
of the rest."""


def by_language(examples: Sequence[Example]) -> dict[str, list[int]]:
    """The rows of each target language, in alphabetical order of the languages."""
    rows: dict[str, list[int]] = {}
    for row, example in enumerate(examples):
        rows.setdefault(example.languages[1], []).append(row)
    return dict(sorted(rows.items()))


def translation_accuracy(source: Embeddings, target: Embeddings, examples: Sequence[Example]) -> dict[str, float]:
    """Top-1 retrieval accuracy (0 to 100, mean of both directions) per target language; rows that repeat a source
    text are left out.
    """
    accuracy: dict[str, float] = {}
    for language, rows in by_language(examples).items():
        first = list({examples[row].texts[0]: row for row in reversed(rows)}.values())
        accuracy[language] = round(retrieval_accuracy(source[first], target[first]), 2)
    return accuracy


class CollapseWatch:
    """Remembers whether the student was collapsed at the validation before: many a student passes through collapse, few
    should stay.

    The first look is at a student that has learned nothing yet, which says nothing.
    """

    def __init__(self) -> None:
        self._looked = self._before = False

    def look(self, student: Embeddings, teacher: Embeddings) -> dict[str, float | bool]:
        """Effective rank and mean cosine of the student's vectors (N, D) of translations; says so when they are
        collapsed a second time.
        """
        rank, cosine, reference = effective_rank(student), mean_cosine(student), mean_cosine(teacher)
        collapsed = cosine - reference > COLLAPSED * (1 - reference)
        if collapsed and self._before:
            log(
                f"collapse: any two texts have cosine {cosine:.2f} on average, the teacher's {reference:.2f} "
                f"(effective rank {rank:.0f} "
                f"against {effective_rank(teacher):.0f}). If it lasts: keep --target-scale automatic, lower the "
                "learning rate, and look "
                "whether the pairs really are translations"
            )
        self._looked, self._before = True, collapsed and self._looked
        return {"effective_rank": round(rank, 2), "mean_cosine": round(cosine, 4), "collapsed": collapsed}


def embed_pairs(encode: Encode, examples: Sequence[Example]) -> tuple[Embeddings, Embeddings]:
    """Embeddings of both sides, (N, D) each; a text that occurs several times is encoded once."""
    n = len(examples)
    vectors = encode([example.texts[side] for side in (0, 1) for example in examples])
    return vectors[:n], np.ascontiguousarray(vectors[n:])
