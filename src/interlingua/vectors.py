"""Vectors in numpy: unit length and cosines.

Cosines, and all scores that rank or are held against a threshold, stand on a grid: what differs by rounding alone is a
tie (decision 0052).
"""

import numpy as np

from interlingua.errors import DataError
from interlingua.shapes import Float, Float32, Float64
from interlingua.types import Embeddings

DECIMALS = 6
"""Of a cosine. float32 embeddings of one text differ in the seventh from batch to batch and from machine to machine."""
GRID = 10.0**-DECIMALS
BLOCK = 8192


def on_grid(scores: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """Scores rounded to `DECIMALS`: those that differ by rounding alone are equal."""
    return np.round(scores.astype(np.float64), DECIMALS).astype(scores.dtype)


def unit(embeddings: Embeddings) -> Embeddings:
    """Rows at length 1; a row of zeros stays as it is. Raises DataError for a row that is not finite."""
    lengths = _lengths(embeddings)[:, None]
    return np.divide(embeddings, lengths, out=np.zeros_like(embeddings), where=lengths > 0, casting="same_kind")


def cosines(one: Embeddings, other: Embeddings) -> Float64[np.ndarray, " N"]:
    """The cosine of each row with the row of the same number, on the grid; 0 for rows of zeros.

    Summed in float64, so that equal rows have cosine 1. Raises DataError for a row that is not finite.
    """
    lengths, products = _lengths(one) * _lengths(other), np.zeros(len(one))
    for start in range(0, len(one), BLOCK):
        some = slice(start, start + BLOCK)
        products[some] = np.vecdot(one[some].astype(np.float64), other[some].astype(np.float64))
    return on_grid(np.divide(products, lengths, out=np.zeros(len(one)), where=lengths > 0))


def mean_cosine(embeddings: Embeddings) -> float:
    """Mean cosine of two different rows: near 0 where directions are spread, 1 where all texts look alike."""
    rows = unit(embeddings).astype(np.float64)
    n = len(rows)
    if n < 2:
        return 0.0
    total = rows.sum(axis=0)
    return float((total @ total - (rows * rows).sum()) / (n * (n - 1)))


def are_unit(embeddings: Embeddings) -> bool:
    """Whether rows have length 1, as far as the first thousand tell."""
    return bool(np.allclose(np.linalg.norm(embeddings[:1000], axis=1), 1, atol=1e-3))


def check_finite(embeddings: Float32[np.ndarray, "N _"], what: str = "the embeddings") -> None:
    """Raise DataError, with the row, where a number is nan or infinite."""
    bad = np.flatnonzero(~np.isfinite(embeddings).all(axis=1))
    if len(bad):
        raise DataError(f"row {bad[0]} of {what} is not finite (nan or infinity): the model is damaged")


def _lengths(embeddings: Embeddings) -> Float64[np.ndarray, " N"]:
    squares = np.einsum("nd,nd->n", embeddings, embeddings, dtype=np.float64)  # no square is too large or too small
    if not np.isfinite(squares).all():
        check_finite(embeddings)
    return np.sqrt(squares)
