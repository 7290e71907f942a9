"""The margin score, in its only copy (Artetxe & Schwenk 2019, "Margin-based Parallel Corpus Mining", section 3)."""

from enum import StrEnum

import numpy as np
from jaxtyping import Float, Float32

from interlingua.progress import log
from interlingua.vectors import on_grid

LOWEST = 0.05
"""Mean cosine below which a ratio says nothing: there a hundredth more or less changes it by a fifth."""


class Margin(StrEnum):
    """How a pair's cosine is held against the cosines around it."""

    absolute = "absolute"
    """The cosine itself."""
    distance = "distance"
    """cosine - mean"""
    ratio = "ratio"
    """cosine / mean"""


def margin_scores(
    cosine: Float32[np.ndarray, "..."],
    source_mean: Float[np.ndarray, "..."],
    target_mean: Float[np.ndarray, "..."],
    margin: Margin,
) -> Float32[np.ndarray, "..."]:
    """The score of pairs: their cosine against the mean of two means.

    `source_mean` and `target_mean` are the mean cosines of the pair's source text and target text to their k nearest
    neighbours on the other side; they broadcast against `cosine`. A ratio over a mean below `LOWEST` says nothing and
    is -inf. Scores stand on the grid of `vectors.on_grid`.
    """
    around = ((source_mean + target_mean) / 2).astype(np.float32)
    match margin:
        case Margin.absolute:
            return on_grid(cosine + 0 * around)
        case Margin.distance:
            return on_grid(cosine - around)
        case Margin.ratio:
            spread = np.broadcast_arrays(cosine, around)
            ratios = np.divide(
                *spread,
                out=np.full(spread[0].shape, -np.inf, np.float32),
                where=on_grid(spread[1]) >= np.float32(LOWEST),
            )
            return on_grid(ratios)


def tell_unscored(count: int, zeros: int, what: str) -> None:
    """Say how many of `what` have no score, and how many of them because the embedding of a text is all zeros."""
    if zeros:
        log(f"{zeros:,} {what} have an embedding of zeros, which is nobody's translation")
    if count > zeros:
        log(
            f"{count - zeros:,} {what} have no ratio: the cosines around them are below {LOWEST:g} on average, or "
            "negative; --margin distance scores them"
        )
