"""What a multilingual student knows so far: the loss on held-out pairs, translation retrieval per language, and
whether it collapses.
"""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from interlingua.evaluation.tasks.geometry import effective_rank
from interlingua.evaluation.tasks.tatoeba import retrieval_accuracy
from interlingua.progress import log
from interlingua.types import Embeddings, Encode, Example
from interlingua.vectors import mean_cosine, verified

COLLAPSED = 0.5
"""A student has collapsed when its texts are closer to each other (mean cosine) than the teacher does by this share
of the rest."""


def by_language(languages: Sequence[str]) -> dict[str, list[int]]:
    """The rows of each language, in alphabetical order of the languages."""
    rows: dict[str, list[int]] = {}
    for row, language in enumerate(languages):
        rows.setdefault(language, []).append(row)
    return dict(sorted(rows.items()))


def translations(encode: Encode, examples: Sequence[Example]) -> dict[str, Any]:
    """How many held-out translations are found at the first try (0 to 100), per language and on average."""
    return found_translations(*embed_pairs(encode, examples), examples)


def found_translations(source: Embeddings, target: Embeddings, examples: Sequence[Example]) -> dict[str, Any]:
    """The same from embeddings of both sides, (N, D) each."""
    languages, texts = [e.languages[1] for e in examples], [e.texts[0] for e in examples]
    return _by_language(source, target, languages, texts)


def nearest_targets(encode: Encode, examples: Sequence[Example]) -> dict[str, Any]:
    """How many held-out texts find their own target among all of their language at the first try: how much of the
    target's space is shared.
    """
    encode = verified(encode)
    targets = np.stack([np.asarray(e.target, np.float32) for e in examples])
    languages = [e.languages[0] for e in examples]
    embeddings = np.empty_like(targets)
    for language, rows in by_language(languages).items():
        embeddings[rows] = encode([examples[row].texts[0] for row in rows], language)
    return _by_language(targets, embeddings, languages, [target.tobytes() for target in targets])


def _by_language(
    source: Embeddings, target: Embeddings, languages: Sequence[str], sources: Sequence[Hashable]
) -> dict[str, Any]:
    """Top-1 retrieval accuracy, mean of both directions, per language; of rows with the same source the first
    counts.
    """
    accuracy: dict[str, float] = {}
    for language, rows in by_language(languages).items():
        first = list({sources[row]: row for row in reversed(rows)}.values())
        accuracy[language] = round(retrieval_accuracy(source[first], target[first]), 2)
    return {"translation_accuracy": round(sum(accuracy.values()) / len(accuracy), 2), "accuracy": accuracy}


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
    encode = verified(encode)
    n = len(examples)
    vectors = encode([example.texts[side] for side in (0, 1) for example in examples])
    return vectors[:n], np.ascontiguousarray(vectors[n:])
