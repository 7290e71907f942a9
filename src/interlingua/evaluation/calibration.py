"""Whether a classifier's probabilities mean what they say. Guo et al. 2017, arXiv:1706.04599."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Predictions made with about the same confidence."""

    confidence: float
    """Their mean confidence; 0 for an empty bin."""
    right: float
    """Share of them that is right; 0 for an empty bin."""
    count: int


def by_confidence(confidence: Float[np.ndarray, " N"], right: Bool[np.ndarray, " N"], bins: int = BINS) -> list[Bin]:
    """Predictions in `bins` equally wide intervals of confidence between 0 and 1, closed at the upper end."""
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    members = [place == each for each in range(bins)]
    return [
        Bin(float(confidence[some].mean()), float(right[some].mean()), int(some.sum()))
        if some.any()
        else Bin(0.0, 0.0, 0)
        for some in members
    ]


def calibration_error(confidence: Float[np.ndarray, " N"], right: Bool[np.ndarray, " N"], bins: int = BINS) -> float:
    """Expected calibration error: the mean of |confidence - share that is right| over the bins, weighted by their
    size; 0 to 1.
    """
    return sum(each.count * abs(each.confidence - each.right) for each in by_confidence(confidence, right, bins)) / len(
        confidence
    )
