"""Exact nearest neighbours by inner product, in bounded memory.

The score of two vectors is their inner product, summed in float64 and rounded to float32: the same whichever is the
query, and however the work is cut into blocks and threads. docs/decisions/0013-exact-neighbours.md says how it is
faster than a float32 product.
"""

import numpy as np
from jaxtyping import Float, Float32, Int64

from interlingua.errors import ConfigError
from interlingua.search import coding
from interlingua.search.both_ways import Side, search
from interlingua.search.nearest import Nearest
from interlingua.vectors import on_grid, unit

QUERY_BLOCK = 65_536
"""Queries searched together."""
SPARE = 8
"""Neighbours fetched beyond k, which ties may bring among the k."""
TIED_BLOCK = 64
KEY_BLOCK = 16_384
"""Queries and keys compared together where ties are more."""
BOTH_AT_MOST = 64
"""More neighbours than this are searched for one way at a time."""


def neighbours(
    queries: Float[np.ndarray, "N D"], keys: Float[np.ndarray, "M _"], k: int
) -> tuple[Float32[np.ndarray, "N K"], Int64[np.ndarray, "N K"]]:
    """The `k` keys (M, D) of highest inner product with each query (N, D): scores, highest first, and row numbers.

    K is the smaller of `k` and M. Of keys with equal scores the lower row number comes first. Arrays may be
    memory-mapped. Fastest where rows are of similar length. Raises ConfigError where widths differ or `k` is below 1,
    DataError for a row that is not finite.
    """
    _check(queries, keys, k)
    nearest = Nearest.empty(len(queries), min(k, len(keys)))
    if nearest.scores.size == 0:
        return nearest.scores, nearest.rows
    kept = _without_copies(keys, k)
    shared = coding.fit(queries, keys)
    target = _side(keys if kept is None else keys[kept])
    for start in range(0, len(queries), QUERY_BLOCK):
        block = slice(start, start + QUERY_BLOCK)
        search(shared, _side(queries[block], start), target, Nearest(nearest.scores[block], nearest.rows[block]), None)
    return nearest.scores, nearest.rows if kept is None else kept[nearest.rows]


def nearest(
    queries: Float32[np.ndarray, "N D"], keys: Float32[np.ndarray, "M _"], k: int
) -> tuple[Float32[np.ndarray, "N K"], Int64[np.ndarray, "N K"]]:
    """The `k` keys (M, D) of highest cosine with each query (N, D): cosines, highest first, and row numbers.

    Cosines stand on the grid of `vectors.on_grid`: of keys that rounding alone takes apart the lower row number comes
    first. A row of zeros is nobody's neighbour and has none: the places left over hold -inf and -1. Raises what
    `neighbours` raises.
    """
    asked, known = unit(queries), unit(keys)
    left, real = np.flatnonzero(asked.any(axis=1)), np.flatnonzero(known.any(axis=1))
    shape = len(queries), min(k, len(keys))
    scores, rows = np.full(shape, -np.inf, np.float32), np.full(shape, -1, np.int64)
    if len(left) == 0 or len(real) == 0:
        return scores, rows
    kept = min(k, len(real))
    found, where = neighbours(asked[left], known[real], k + SPARE)
    found = on_grid(found)
    unsure = np.flatnonzero(found[:, -1] == found[:, kept - 1]) if found.shape[1] < len(real) else np.array([], int)
    order = np.lexsort((where, -found), axis=1)[:, :kept]
    scores[left, :kept], rows[left, :kept] = (np.take_along_axis(part, order, 1) for part in (found, real[where]))
    for start in range(0, len(unsure), TIED_BLOCK):  # more ties than were fetched
        some = left[unsure[start : start + TIED_BLOCK]]
        scores[some, :kept], best = _with_all(asked[some], known[real], kept)
        rows[some, :kept] = real[best]
    return scores, rows


def _with_all(
    queries: Float32[np.ndarray, "N D"], keys: Float32[np.ndarray, "M _"], k: int
) -> tuple[Float32[np.ndarray, "N K"], Int64[np.ndarray, "N K"]]:
    """The same by comparing with every key, for queries with very many ties."""
    parts = (keys[start : start + KEY_BLOCK].astype(np.float64) for start in range(0, len(keys), KEY_BLOCK))
    every = on_grid(np.concatenate([queries.astype(np.float64) @ part.T for part in parts], axis=1).astype(np.float32))
    order = np.argsort(-every, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(every, order, 1), order


def neighbours_both_ways(
    source: Float[np.ndarray, "N D"], target: Float[np.ndarray, "M _"], k: int
) -> tuple[
    tuple[Float32[np.ndarray, "N K"], Int64[np.ndarray, "N K"]],
    tuple[Float32[np.ndarray, "M L"], Int64[np.ndarray, "M L"]],
]:
    """`neighbours(source, target, k)` and `neighbours(target, source, k)`, from one product. Raises what
    `neighbours` raises.
    """
    _check(source, target, k)
    alike = any(_without_copies(rows, k) is not None for rows in (source, target))
    if k > BOTH_AT_MOST or alike or len(source) == 0 or len(target) == 0:
        return neighbours(source, target, k), neighbours(target, source, k)
    forward, backward = Nearest.empty(len(source), min(k, len(target))), Nearest.empty(len(target), min(k, len(source)))
    shared = coding.fit(source, target)
    search(shared, _side(source), _side(target), forward, backward)
    return (forward.scores, forward.rows), (backward.scores, backward.rows)


def _check(queries: Float[np.ndarray, "N D"], keys: Float[np.ndarray, "M _"], k: int) -> None:
    if queries.shape[1] != keys.shape[1]:
        raise ConfigError(
            f"embeddings of width {queries.shape[1]} cannot be compared with embeddings of width {keys.shape[1]}"
        )
    if k < 1:
        raise ConfigError(f"k must be at least 1, not {k}")


def _side(rows: Float[np.ndarray, "N D"], first: int = 0) -> Side:
    return Side(np.ascontiguousarray(rows, np.float32), first)


def _without_copies(keys: Float[np.ndarray, "M D"], k: int) -> Int64[np.ndarray, " _"] | None:
    """The rows that can be among anyone's k nearest: of equal vectors the first k. None where these are all.

    Without this, thousands of equal vectors would all be computed exactly for every query that is near them.
    """
    if len(keys) <= k:
        return None
    mark = np.random.default_rng(0).standard_normal(keys.shape[1])
    blocks = (np.asarray(keys[start : start + 4096], np.float64) for start in range(0, len(keys), 4096))
    marks = np.concatenate([np.vecdot(block, mark) for block in blocks])
    order = np.argsort(marks, kind="stable")
    suspects = np.flatnonzero(marks[order[:-k]] == marks[order[k:]]) + k
    surplus = [
        place
        for place in suspects
        if all(np.array_equal(keys[order[place]], keys[order[place - back]]) for back in range(1, k + 1))
    ]
    if not surplus:
        return None
    return np.setdiff1d(np.arange(len(keys)), order[surplus])
