"""Translations hidden in two piles of texts: nearest neighbours both ways, margin scores, one of four ways to choose (1811.01136)."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

import numpy as np
from jaxtyping import Float, Float32, Int64

from interlingua.errors import DataError, UnknownName
from interlingua.evaluation.geometry import unit
from interlingua.mining.margin import Margin, margin_scores
from interlingua.search.knn import neighbours
from interlingua.types import Embeddings, Encode, Pair


class Retrieval(StrEnum):
    """Which pairs of neighbours are kept."""

    forward = "forward"
    """For each source its best target."""
    backward = "backward"
    """For each target its best source."""
    intersection = "intersection"
    """The pairs that are both."""
    max = "max"
    """The pairs that are either, best first, each text used once."""


def mine(
    source: Float[np.ndarray, "N D"],
    target: Float[np.ndarray, "M _"],
    margin: str = "ratio",
    retrieval: str = "max",
    k: int = 4,
    threshold: float | None = None,
) -> list[Pair]:
    """Pairs of rows of `source` (N, D) and `target` (M, D) that are likely translations, best first.

    Arrays may be memory-mapped and need not be of unit length; a row of zeros is never paired. A pair's score is its margin over
    the `k` nearest neighbours of both its texts; only scores above `threshold` are kept. Equal scores are ordered by row numbers.
    Raises DataError for a row that is not finite, UnknownName for an unknown margin or retrieval, ConfigError for widths that differ.
    """
    how, choice = _named(Margin, margin, "margin"), _named(Retrieval, retrieval, "retrieval")
    source, target = _checked(source, "source"), _checked(target, "target")
    if len(source) == 0 or len(target) == 0:
        return []
    forward_cosines, forward_rows = neighbours(source, target, k)
    backward_cosines, backward_rows = neighbours(target, source, k)
    source_mean, target_mean = forward_cosines.mean(axis=1), backward_cosines.mean(axis=1)
    targets, forward = _best(margin_scores(forward_cosines, source_mean[:, None], target_mean[forward_rows], how), forward_rows)
    sources, backward = _best(margin_scores(backward_cosines, source_mean[backward_rows], target_mean[:, None], how), backward_rows)
    every_source, every_target = np.arange(len(source)), np.arange(len(target))
    match choice:
        case Retrieval.forward:
            s, t, scores = every_source, targets, forward
        case Retrieval.backward:
            s, t, scores = sources, every_target, backward
        case Retrieval.intersection:
            both = sources[targets] == every_source
            s, t, scores = every_source[both], targets[both], forward[both]
        case Retrieval.max:
            s, t, scores = np.r_[every_source, sources], np.r_[targets, every_target], np.r_[forward, backward]
    kept = np.isfinite(scores) & (np.abs(source).max(axis=1)[s] > 0) & (np.abs(target).max(axis=1)[t] > 0)
    if threshold is not None:
        kept &= scores > threshold
    s, t, scores = s[kept], t[kept], scores[kept]
    order = np.lexsort((t, s, -scores))
    found = [Pair(*pair) for pair in zip(s[order].tolist(), t[order].tolist(), scores[order].tolist(), strict=True)]
    return _each_once(found) if choice is Retrieval.max else found


def mine_texts(
    source: Sequence[str],
    target: Sequence[str],
    encode: Encode,
    *,
    source_language: str = "und",
    target_language: str = "und",
    margin: str = "ratio",
    retrieval: str = "max",
    k: int = 4,
    threshold: float | None = None,
) -> list[Pair]:
    """`mine` over texts: pairs of positions in `source` and `target`. A text that occurs again is left to its first occurrence."""
    first = [list({text: row for row, text in reversed(list(enumerate(texts)))}.values())[::-1] for texts in (source, target)]
    vectors = [
        encode([texts[row] for row in rows], language)
        for texts, rows, language in ((source, first[0], source_language), (target, first[1], target_language))
    ]
    pairs = mine(vectors[0], vectors[1], margin, retrieval, k, threshold)
    return [Pair(first[0][pair.source], first[1][pair.target], pair.score) for pair in pairs]


def _checked(embeddings: Float[np.ndarray, "N D"], side: str) -> Embeddings:
    """Unit rows in float32."""
    embeddings = np.asarray(embeddings, np.float32)
    if embeddings.ndim != 2:
        raise DataError(f"the {side} embeddings have {embeddings.ndim} axes, two are expected: (texts, width)")
    bad = np.flatnonzero(~np.isfinite(embeddings).all(axis=1))
    if len(bad):
        raise DataError(f"row {bad[0]} of the {side} embeddings is not finite")
    return unit(embeddings)


def _best(scores: Float32[np.ndarray, "N K"], rows: Int64[np.ndarray, "N K"]) -> tuple[Int64[np.ndarray, " N"], Float32[np.ndarray, " N"]]:
    """Of each row's candidates the one of the highest score, of equals the lower row number."""
    highest = scores.max(axis=1, keepdims=True)
    chosen = np.where(scores == highest, rows, np.iinfo(np.int64).max).min(axis=1)
    return chosen, highest[:, 0]


def _each_once(pairs: list[Pair]) -> list[Pair]:
    """Best first, each source and each target once."""
    sources, targets, kept = set[int](), set[int](), list[Pair]()
    for pair in pairs:
        if pair.source not in sources and pair.target not in targets:
            sources.add(pair.source)
            targets.add(pair.target)
            kept.append(pair)
    return kept


_Name = TypeVar("_Name", bound=StrEnum)


def _named(kind: type[_Name], name: str, what: str) -> _Name:
    try:
        return kind(name)
    except ValueError as error:
        raise UnknownName(what, name, list(kind)) from error
