"""Translations hidden in two piles of texts: nearest neighbours both ways, margin scores, one of four ways to choose
(1811.01136).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float

from interlingua.errors import UnknownName
from interlingua.folding import canonical
from interlingua.languages import require
from interlingua.mining.margin import Margin, tell_unscored
from interlingua.mining.selection import Retrieval, best, choose, mean_cosine
from interlingua.quantities import given
from interlingua.search.knn import neighbours_both_ways
from interlingua.texts import texts_of
from interlingua.types import Embeddings, Encode, Pair
from interlingua.vectors import check_finite, unit, vectors_of, verified


def mine(
    source: Float[np.ndarray, "N D"],
    target: Float[np.ndarray, "M _"],
    margin: str = "ratio",
    retrieval: str = "max",
    k: int = 4,
    threshold: float | None = None,
) -> list[Pair]:
    """Pairs of rows of `source` (N, D) and `target` (M, D) that are likely translations, best first.

    Arrays may be memory-mapped and need not be of unit length; a row of zeros is never paired, nor one without a ratio
    (`margin.LOWEST`): how many there are is said. A pair's score is its margin over the `k` nearest neighbours of both
    its texts; only scores above `threshold` are kept. Scores that differ by rounding alone are equal, and ordered by
    row numbers. Raises DataError for a row that is not finite, UnknownName for an unknown margin or
    retrieval, ConfigError for widths that differ and for numbers that `k` and `threshold` cannot be, InputTypeError for
    what is no number.
    """
    how, choice = _named(Margin, margin, "margin"), _named(Retrieval, retrieval, "retrieval")
    k, threshold = _numbers(k, threshold)
    source, target = _checked(source, "source"), _checked(target, "target")
    real = [np.flatnonzero(side.any(axis=1)) for side in (source, target)]
    counts = len(source), len(target)
    source, target = (
        rows if len(some) == len(rows) else rows[some] for rows, some in zip((source, target), real, strict=True)
    )
    if len(source) == 0 or len(target) == 0:
        if min(counts):
            tell_unscored(sum(counts) - sum(map(len, real)), sum(counts) - sum(map(len, real)), "texts")
        return []
    (cosines, targets), (back_cosines, sources) = neighbours_both_ways(source, target, k)
    means = mean_cosine(cosines), mean_cosine(back_cosines)
    forward = best(cosines, targets, means[0], means[1], how)
    backward = best(back_cosines, sources, means[1], means[0], how)
    for name, (_, scores), some, count in zip(("source", "target"), (forward, backward), real, counts, strict=True):
        zeros = count - len(some)
        tell_unscored(zeros + int(np.isneginf(scores).sum()), zeros, f"{name} texts")
    chosen = choose(forward, backward, choice, threshold)
    rows = real[0][chosen.source].tolist(), real[1][chosen.target].tolist()
    return [Pair(*pair) for pair in zip(*rows, chosen.score.tolist(), strict=True)]


def mine_texts(
    source: Iterable[str],
    target: Iterable[str],
    encode: Encode,
    *,
    source_language: str = "und",
    target_language: str = "und",
    margin: str = "ratio",
    retrieval: str = "max",
    k: int = 4,
    threshold: float | None = None,
) -> list[Pair]:
    """`mine` over texts: pairs of positions in `source` and `target`. A text that occurs again is left to its first
    occurrence. Raises InputTypeError for what is no text, DataError for what is no language, and whatever `verified`
    finds in the vectors.
    """
    require((source_language, target_language), ())
    k, threshold = _numbers(k, threshold)  # before anything is encoded
    source, target, encode = texts_of(source, "source"), texts_of(target, "target"), verified(encode)
    first = [
        sorted({canonical(text): row for row, text in reversed(list(enumerate(texts)))}.values())
        for texts in (source, target)
    ]
    vectors = [
        encode([texts[row] for row in rows], language)
        for texts, rows, language in ((source, first[0], source_language), (target, first[1], target_language))
    ]
    pairs = mine(vectors[0], vectors[1], margin, retrieval, k, threshold)
    return [Pair(first[0][pair.source], first[1][pair.target], pair.score) for pair in pairs]


def _checked(embeddings: Float[np.ndarray, "N D"], side: str) -> Embeddings:
    """Unit rows in float32."""
    embeddings = vectors_of(embeddings, f"the {side} embeddings")
    check_finite(embeddings, f"the {side} embeddings")
    squares = np.vecdot(embeddings, embeddings)
    if np.all((np.abs(squares - 1) < 1e-6) | (squares == 0)):
        return embeddings  # no second copy of what may be gigabytes
    return unit(embeddings)


def _numbers(k: Any, threshold: Any) -> tuple[int, float | None]:
    return given("k", k, int), None if threshold is None else given("threshold", threshold, float)


_Name = TypeVar("_Name", bound=StrEnum)


def _named(kind: type[_Name], name: str, what: str) -> _Name:
    try:
        return kind(name)
    except ValueError as error:
        raise UnknownName(what, name, list(kind)) from error
