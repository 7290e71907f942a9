"""Exact nearest neighbours by inner product, in bounded memory."""

import numpy as np
from jaxtyping import Float, Float32, Int64

from interlingua.errors import ConfigError

QUERY_BLOCK = 65_536
"""Queries searched together."""


def neighbours(
    queries: Float[np.ndarray, "N D"], keys: Float[np.ndarray, "M _"], k: int
) -> tuple[Float32[np.ndarray, "N K"], Int64[np.ndarray, "N K"]]:
    """The `k` keys (M, D) of highest inner product with each query (N, D): scores, highest first, and row numbers.

    K is the smaller of `k` and M. Of keys with equal scores the lower row number comes first. Arrays may be memory-mapped.
    Raises ConfigError where widths differ or `k` is below 1.
    """
    import faiss

    if queries.shape[1] != keys.shape[1]:
        raise ConfigError(f"embeddings of width {queries.shape[1]} cannot be compared with embeddings of width {keys.shape[1]}")
    if k < 1:
        raise ConfigError(f"k must be at least 1, not {k}")
    k = min(k, len(keys))
    scores = np.empty((len(queries), k), np.float32)
    rows = np.empty((len(queries), k), np.int64)
    if k == 0:
        return scores, rows
    found = min(k + 1, len(keys))  # one more, to see whether the last place is tied
    keys = np.ascontiguousarray(keys, np.float32)
    for start in range(0, len(queries), QUERY_BLOCK):
        block = np.ascontiguousarray(queries[start : start + QUERY_BLOCK], np.float32)
        s, r = faiss.knn(block, keys, found, metric=faiss.METRIC_INNER_PRODUCT)
        s, r = _lower_rows_first(block, keys, s, r.astype(np.int64), k)
        scores[start : start + len(block)], rows[start : start + len(block)] = s, r
    return scores, rows


def _lower_rows_first(
    queries: Float32[np.ndarray, "N D"],
    keys: Float32[np.ndarray, "M D"],
    scores: Float32[np.ndarray, "N F"],
    rows: Int64[np.ndarray, "N F"],
    k: int,
) -> tuple[Float32[np.ndarray, "N K"], Int64[np.ndarray, "N K"]]:
    """Order ties by row number; where a tie crosses the last place, look at every key of that score."""
    order = np.lexsort((rows, -scores), axis=1)
    scores, rows = np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)
    if scores.shape[1] > k:
        for row in np.flatnonzero(scores[:, k - 1] == scores[:, k]):
            every = keys @ queries[row]
            lowest = scores[row, k - 1]
            tied = np.flatnonzero(np.isclose(every, lowest, rtol=1e-6, atol=1e-7))
            above = rows[row][scores[row] > lowest]
            chosen = np.setdiff1d(tied, above)[: k - len(above)]
            rows[row, len(above) : k] = chosen
    return scores[:, :k], rows[:, :k]
