"""Estimated lower bounds of the scores of a row's k nearest neighbours, from before the search.

Inner products with unrelated vectors are about normal, and their mean and variance follow from the other side's mean
and covariance. The guess is a score that a few times k of them should exceed. It spares a search most of what it would
look at before it has found good neighbours. It need not be right: a row whose k nearest fall short of it is searched
again without it.
"""

from statistics import NormalDist

import numpy as np
from jaxtyping import Float32

from interlingua.search.coding import sample

AT_ONCE = 4096
RAREST = 0.02
"""Where more than this share of the other side is wanted, there is nothing to guess."""


def lower_bounds(
    rows: Float32[np.ndarray, "N D"], others: Float32[np.ndarray, "M D"], k: int
) -> Float32[np.ndarray, " N"]:
    """For each row a score that its k nearest of `others` most likely reach; -inf where `others` are few."""
    lowest = np.full(len(rows), -np.inf, np.float32)
    wanted = (3 * k + 12) / max(1, len(others))
    if wanted > RAREST:
        return lowest
    some = sample(others)
    mean, away = some.mean(axis=0), NormalDist().inv_cdf(1 - wanted)
    some -= mean
    covariance = some.T @ some / np.float32(len(some))
    for start in range(0, len(rows), AT_ONCE):
        block = rows[start : start + AT_ONCE]
        with np.errstate(invalid="ignore", over="ignore"):  # rows that are not finite are somebody else's to name
            variance = np.vecdot(block @ covariance, block)
            lowest[start : start + AT_ONCE] = block @ mean + np.float32(away) * np.sqrt(np.maximum(variance, 0))
    return lowest
