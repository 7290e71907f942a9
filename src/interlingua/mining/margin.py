"""The margin score, in its only copy (Artetxe & Schwenk 2019, "Margin-based Parallel Corpus Mining", section 3)."""

from enum import StrEnum

import numpy as np
from jaxtyping import Float, Float32


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
    neighbours on the other side; they broadcast against `cosine`. A ratio over a mean of 0 or less says nothing and
    scores -inf.
    """
    around = ((source_mean + target_mean) / 2).astype(np.float32)
    match margin:
        case Margin.absolute:
            return cosine + 0 * around
        case Margin.distance:
            return cosine - around
        case Margin.ratio:
            spread = np.broadcast_arrays(cosine, around)
            return np.divide(*spread, out=np.full(spread[0].shape, -np.inf, np.float32), where=spread[1] > 0)
