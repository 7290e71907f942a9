"""Vectors in numpy: what comes from outside held against what it must be, unit length, cosines.

Cosines, and all scores that rank or are held against a threshold, stand on a grid: what differs by rounding alone is a
tie (decision 0052).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from interlingua.errors import DataError, InputTypeError
from interlingua.shapes import Float, Float32, Float64
from interlingua.types import Embeddings, Encode

BLOCK = 8192
"""Rows looked at together: a mapped file of vectors is not read into memory as a whole."""


def verified(encode: Encode) -> Encode:
    """Any `encode` from outside, with everything that it gives held against its texts. Public functions call no other.

    A call raises DataError where vectors and texts are not equally many, for a vector that is not finite, and for
    another width than before; InputTypeError for what is no vectors.
    """
    return encode if isinstance(encode, _Verified) else _Verified(encode)


class _Verified:
    def __init__(self, encode: Encode) -> None:
        self._encode, self._width = encode, 0

    def __call__(self, texts: Sequence[str], language: str = "und") -> Embeddings:
        given = self._encode(texts) if language == "und" else self._encode(texts, language)
        if len(texts) == 0:
            return np.asarray(given, np.float32).reshape(0, self._width or np.shape(given)[-1])
        vectors = vectors_of(given, "the vectors that encode gave")
        if len(vectors) != len(texts):
            raise DataError(f"encode gave {len(vectors):,} rows for {len(texts):,} texts; it must give one a text")
        if self._width not in (0, vectors.shape[1]):
            raise DataError(f"encode gave vectors of width {vectors.shape[1]}, before of width {self._width}")
        require_finite(vectors, texts)
        self._width = vectors.shape[1]
        return vectors


def vectors_of(given: Any, what: str = "the vectors") -> Embeddings:
    """Vectors (N, D) in float32, of any array or nested list of real numbers. Float32 is not copied.

    Raises InputTypeError for what is no numbers, DataError for another number of axes.
    """
    try:
        vectors = np.asarray(given)
    except Exception as error:  # of rows of several widths, tensors of a GPU: whatever numpy says
        raise InputTypeError(f"{what} are no array of numbers: {' '.join(str(error).split())}") from error
    if vectors.ndim != 2:
        raise DataError(f"{what} have {vectors.ndim} axes, two are expected: (texts, width)")
    if vectors.dtype.kind not in "fiu":
        raise InputTypeError(f"{what} are {vectors.dtype}, real numbers are expected")
    with np.errstate(over="ignore"):  # an infinity is found by whoever asks for finite ones
        return vectors.astype(np.float32, copy=False)


def require_finite(vectors: Embeddings, texts: Sequence[str]) -> None:
    """Raise DataError, which names the text, where the embedding of one is not finite."""
    row = first_not_finite(vectors)
    if row is not None:
        raise DataError(
            f"the model's embedding of {texts[row][:80]!r} is not finite (nan or infinity); the model is damaged, or "
            "its arithmetic too coarse"
        )


def first_not_finite(vectors: Embeddings) -> int | None:
    """The first row with a number that is not finite, or a length that is not."""
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK]
        with np.errstate(over="ignore", invalid="ignore"):
            bad = ~np.isfinite(np.vecdot(block, block))
        if bad.any():
            return start + int(bad.argmax())
    return None


DECIMALS = 6
"""Of a cosine. float32 embeddings of one text differ in the seventh from batch to batch and from machine to machine."""
GRID = 10.0**-DECIMALS


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
